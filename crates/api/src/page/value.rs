//! Values in words: codes by their titles, days as days, numbers in groups, addresses as links.

use jiff::tz::TimeZone;
use maud::{Markup, html};
use terrier_catalog::{DueField, EFFECTIVE_FROM, Language};
use terrier_model::{CoreField, Field, Kind, Scope, ValueRef, core_position};
use terrier_store::{Shown, Snapshot};

use super::Word;
use super::number::told;

/// Tells values to a reader.
#[derive(Clone, Copy)]
pub(crate) struct Teller<'a> {
    language: Language,
    scope: &'a Scope,
    snapshot: &'a Snapshot,
}

impl<'a> Teller<'a> {
    pub(crate) fn new(language: Language, scope: &'a Scope, snapshot: &'a Snapshot) -> Self {
        Self { language, scope, snapshot }
    }

    /// What a class is called; its name where it is none that is known.
    pub(crate) fn class(&self, name: &str) -> String {
        let class = self.snapshot.class(name, self.scope);
        class.map_or_else(|| name.to_owned(), |class| self.language.of(class.title()).to_owned())
    }

    /// A value of a field as a text.
    pub(crate) fn text(&self, field: &Field, value: ValueRef<'_>) -> String {
        match value {
            ValueRef::Text(text) => self.word_of(field, text).unwrap_or_else(|| text.to_owned()),
            ValueRef::Boolean(true) => Word::Yes.of(self.language).to_owned(),
            ValueRef::Boolean(false) => Word::No.of(self.language).to_owned(),
            ValueRef::Instant(time) => self.time(time),
            ValueRef::Integer(_) | ValueRef::Number(_) => told(&value.to_string()),
            ValueRef::Date(day) => day.to_string(),
            ValueRef::List(list) => {
                let texts = list.iter().map(|text| self.text(field, ValueRef::Text(text)));
                texts.collect::<Vec<_>>().join(", ")
            }
        }
    }

    /// The same, an address of the web as a link.
    pub(crate) fn markup(&self, field: &Field, value: ValueRef<'_>) -> Markup {
        let text = self.text(field, value);
        html! {
            @if is_address(&text) { a href=(text) rel="noopener noreferrer nofollow" { (text) } }
            @else { (text) }
        }
    }

    /// Why work is due: the reason of the rule that it names, and what was found; `None` of what is no work.
    pub(crate) fn why(&self, work: &Shown<'_>) -> Option<String> {
        let reasons = work.reasons();
        // What is no work has no fields of work.
        let first = reasons.first()?;
        let rule = work.value(DueField::Rule.position()).map(|rule| rule.to_string());
        let leading = reasons.iter().find(|reason| rule.as_ref() == Some(&reason.rule));
        let reason = leading.unwrap_or(first);
        let class = work.value(core_position(CoreField::Class)).map(|class| class.to_string());
        let class = class.and_then(|name| self.snapshot.class(&name, self.scope));
        let fields = class.map_or(&[][..], |class| class.fields());
        let facts: Vec<String> =
            reason.facts.iter().map(|(name, found)| self.fact(fields, name, found)).collect();
        let title = self.language.of(&reason.title);
        Some(match self.language {
            _ if facts.is_empty() => title.to_owned(),
            Language::English => format!("{title} ({})", facts.join("; ")),
            Language::Chinese => format!("{title}（{}）", facts.join("；")),
        })
    }

    /// What was found in a field, or of an event that a field shows; by its name where no field does.
    fn fact(&self, fields: &[Field], name: &str, found: &serde_json::Value) -> String {
        let shows = |field: &&Field| {
            &*field.name == name || field.event.is_some_and(|part| part.name() == name)
        };
        let field = fields.iter().find(shows);
        let called = match field {
            Some(field) => self.language.of(&field.title),
            None if name == EFFECTIVE_FROM => Word::InForceSince.of(self.language),
            None => name,
        };
        let told = match (found, field) {
            (serde_json::Value::Null, _) => Word::NotKnown.of(self.language).to_owned(),
            (serde_json::Value::Bool(true), _) => Word::Yes.of(self.language).to_owned(),
            (serde_json::Value::Bool(false), _) => Word::No.of(self.language).to_owned(),
            (serde_json::Value::String(text), Some(field)) => {
                self.text(field, ValueRef::Text(text))
            }
            (serde_json::Value::String(text), None) => text.clone(),
            (other, _) => told(&other.to_string()),
        };
        match self.language {
            Language::English => format!("{called}: {told}"),
            Language::Chinese => format!("{called}：{told}"),
        }
    }

    /// A moment in the time zone of the registry, to the minute.
    pub(crate) fn time(&self, time: jiff::Timestamp) -> String {
        let zone: &TimeZone = self.snapshot.time_zone();
        zone.to_datetime(time).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// What a code is called, or a class; `None` for any other text.
    fn word_of(&self, field: &Field, text: &str) -> Option<String> {
        match field.kind.codes() {
            Some(codes) => {
                let code = codes.iter().find(|code| *code.code == *text)?;
                Some(self.language.of(&code.title).to_owned())
            }
            None if field.core == Some(CoreField::Class) => Some(self.class(text)),
            None => None,
        }
    }
}

/// What a field is called, with its unit.
pub(crate) fn heading(field: &Field, language: Language) -> String {
    let title = language.of(&field.title);
    match (field.unit.as_deref(), language) {
        (None, _) => title.to_owned(),
        (Some(unit), Language::English) => format!("{title} ({})", told_unit(unit)),
        (Some(unit), Language::Chinese) => format!("{title}（{}）", told_unit(unit)),
    }
}

/// The unit as people write it.
pub(crate) fn told_unit(unit: &str) -> &str {
    match unit {
        "m2" => "m²",
        "m3" => "m³",
        other => other,
    }
}

/// Whether the values of a field stand at the right, one below the other.
pub(crate) fn is_number(field: &Field) -> bool {
    matches!(field.kind, Kind::Integer | Kind::Number)
}

/// Whether a text is the address of something on the web, and of nothing else that a browser would run.
fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn only_addresses_of_the_web_become_links() {
        for (text, expected) in [
            ("https://gis.example.cn/a?b=c", true),
            ("http://h", true),
            ("https://", false),
            ("http://a b", false),
            ("javascript:alert(1)", false),
            (" https://h", false),
            ("HTTPS://h", false),
            ("data:text/html,x", false),
            ("//h", false),
        ] {
            assert_eq!(is_address(text), expected, "{text}");
        }
    }
}
