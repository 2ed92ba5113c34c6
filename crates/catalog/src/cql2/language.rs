//! The languages that a condition may be written in.

use terrier_model::Clause;

use super::{Cql2Error, parse_json, parse_text};

/// A form of CQL2.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Language {
    /// CQL2 text.
    #[default]
    Text,
    /// CQL2 JSON.
    Json,
}

impl Language {
    /// The names by which OGC API - Features knows them, the one that is taken when nobody says
    /// first; the last is another name of the first.
    pub const NAMES: [&str; 3] = ["cql2-text", "cql2-json", "cql-text"];

    /// The language of that name.
    pub fn find(name: &str) -> Option<Self> {
        match name {
            "cql2-text" | "cql-text" => Some(Self::Text),
            "cql2-json" => Some(Self::Json),
            _ => None,
        }
    }

    /// The condition that is written in it.
    ///
    /// # Errors
    /// As [`parse_text`] and [`parse_json`].
    pub fn parse(self, filter: &str) -> Result<Clause, Cql2Error> {
        match self {
            Self::Text => parse_text(filter),
            Self::Json => parse_json(filter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_that_of_a_language() {
        let found = Language::NAMES.map(Language::find);
        let expected = [Language::Text, Language::Json, Language::Text];
        assert_eq!(found, expected.map(Some));
        assert_eq!(Language::find("CQL2-TEXT"), None);
        assert_eq!(Language::default(), Language::Text);
    }
}
