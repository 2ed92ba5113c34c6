//! What a server answered to one request.

use std::cell::OnceCell;

use serde_json::Value as Json;

use crate::limits::MAX_FOUND_CHARS;

/// One answer, or what came instead of it.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// What was asked.
    pub(crate) method: &'static str,
    /// The address asked, before any redirect.
    pub(crate) address: String,
    /// The status; zero when there was no answer.
    pub(crate) status: u16,
    /// Whether the status line named HTTP/1.1.
    pub(crate) is_http_1_1: bool,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Why there was no answer.
    pub(crate) failure: Option<String>,
    pub(crate) json: OnceCell<Json>,
}

impl Answer {
    /// Why there was no answer.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// The first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    }

    /// The media type without its parameters, in lower case; empty when there is none.
    pub(crate) fn media_type(&self) -> String {
        essence(self.header("content-type").unwrap_or_default())
    }

    /// The body as JSON; null when it is none.
    pub(crate) fn json(&self) -> &Json {
        self.json.get_or_init(|| serde_json::from_slice(&self.body).unwrap_or(Json::Null))
    }

    /// The features of the page that the answer is.
    pub(crate) fn features(&self) -> &[Json] {
        self.json()["features"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Whether what was asked for was done.
    pub(crate) fn is_done(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// In a few words, with those of the server where it refuses.
    pub(crate) fn seen_with_reason(&self) -> String {
        match &self.json()["detail"] {
            Json::String(_) => format!("{}: {}", self.seen(), shown(&self.json()["detail"])),
            _ => self.seen(),
        }
    }

    /// In a few words, for somebody who wonders what came.
    pub(crate) fn seen(&self) -> String {
        match (&self.failure, self.header("content-type")) {
            (Some(reason), _) => format!("no answer ({reason})"),
            (None, Some(form)) => format!("{} {form}", self.status),
            (None, None) => format!("{} without a media type", self.status),
        }
    }
}

/// A media type without its parameters, in lower case.
pub(crate) fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A value as it is told, cut where it is long.
pub(crate) fn shown(json: &Json) -> String {
    let text = json.to_string();
    match text.char_indices().nth(MAX_FOUND_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The links of a document that have an address.
pub(crate) fn links(document: &Json) -> impl Iterator<Item = Link<'_>> + Clone {
    let links = document["links"].as_array().map_or(&[][..], Vec::as_slice);
    links.iter().filter_map(|link| {
        let text = |name: &str| link[name].as_str().unwrap_or_default();
        Some(Link { href: link["href"].as_str()?, rel: text("rel"), media_type: text("type") })
    })
}

/// A link; what it lacks is empty.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link<'a> {
    pub(crate) href: &'a str,
    pub(crate) rel: &'a str,
    pub(crate) media_type: &'a str,
}
