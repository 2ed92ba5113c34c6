//! Who reads a page: where they are, how they asked, and in which language they read.

use axum::http::Uri;
use terrier_catalog::Language;
use terrier_model::Scope;

use super::Word;
use crate::Caller;
use crate::app::App;
use crate::language::LANG;
use crate::link::with_query;
use crate::query::Parameters;

/// The parameters that go with a reader from page to page.
const KEPT: [&str; 2] = ["f", LANG];

/// Who reads a page.
pub(crate) struct Reader<'a> {
    pub(crate) app: &'a App,
    caller: &'a Caller,
    /// How much they may see.
    pub(crate) scope: &'a Scope,
    /// Their own address on the server, without the query.
    path: &'a str,
    given: Vec<(&'a str, &'a str)>,
    pub(crate) language: Language,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(
        app: &'a App,
        caller: &'a Caller,
        uri: &'a Uri,
        parameters: &'a Parameters<'_>,
        language: Language,
    ) -> Self {
        let given = parameters.iter().collect();
        Self { app, caller, scope: caller.scope(), path: uri.path(), given, language }
    }

    /// Who they are, where they have said it, and what their role is called.
    pub(crate) fn who(&self) -> Option<(&'a str, &'a str)> {
        let title = self.caller.role().map_or("", |role| self.language.of(&role.title));
        self.caller.is_known().then(|| (self.caller.name(), title))
    }

    /// The word in the reader's language.
    pub(crate) fn say(&self, word: Word) -> &'static str {
        word.of(self.language)
    }

    /// The sentence with something in its places.
    pub(crate) fn fill(&self, word: Word, parts: &[&str]) -> String {
        let mut text = String::new();
        let mut rest = self.say(word);
        while let Some((before, behind)) = rest.split_once('{') {
            let (place, behind) = behind.split_once('}').unwrap_or(("", behind));
            let part = place.parse().ok().and_then(|place: usize| parts.get(place));
            text.push_str(before);
            text.push_str(part.copied().unwrap_or_default());
            rest = behind;
        }
        text + rest
    }

    /// The path of the page.
    pub(crate) fn path(&self) -> &str {
        self.path
    }

    /// The path of the page as the browser knows it, to which its form is sent by whatever name the host is
    /// known.
    pub(crate) fn action(&self) -> String {
        [self.app.settings().public_url.path(), self.path].concat()
    }

    /// The value of a parameter.
    pub(crate) fn given(&self, name: &str) -> Option<&'a str> {
        self.given.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// All parameters of the request.
    pub(crate) fn parameters(&self) -> &[(&'a str, &'a str)] {
        &self.given
    }

    /// The address of a page, in the form and language of this one.
    pub(crate) fn at(&self, path: &str) -> String {
        self.ask(path, [])
    }

    /// The address of a page that is asked for with some parameters.
    pub(crate) fn ask<'p>(
        &'p self,
        path: &str,
        parameters: impl IntoIterator<Item = (&'p str, &'p str)>,
    ) -> String {
        let kept = self.given.iter().copied().filter(|(name, _)| KEPT.contains(name));
        with_query(&self.app.at(path), parameters.into_iter().chain(kept))
    }

    /// The address of this page without some parameters, and with others.
    pub(crate) fn here<'p>(
        &'p self,
        without: &[&str],
        with: impl IntoIterator<Item = (&'p str, &'p str)>,
    ) -> String {
        let left = self.given.iter().copied().filter(|(name, _)| !without.contains(name));
        with_query(&self.app.at(self.path), left.chain(with))
    }
}
