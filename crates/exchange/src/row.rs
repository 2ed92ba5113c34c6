//! One row of a file.

use terrier_model::{Fault, Place};

use crate::feature::{self, Feature};
use crate::json::Syntax;
use crate::record::Record;

/// The most bytes that one row may have. A longer one is a fault, and is never held in memory.
pub const MAX_ROW_BYTES: usize = 8 * 1024 * 1024;

/// So much of a text is shown where something in it is wrong.
pub(crate) const EXCERPT_BYTES: usize = 32;

/// A row of a file: one feature, or what stands in the place of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Which row of the file it is, counted from 1.
    pub number: u64,
    /// The byte of the file at which it begins; in files that are no texts, the rows before it.
    pub start: u64,
    /// How much of the file has been read behind it, in the unit of [`crate::Extent`].
    pub end: u64,
    /// What it holds.
    pub body: Body,
    /// Why it could not be taken whole.
    pub fault: Option<Fault>,
}

/// What a row holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A text that should be a GeoJSON feature, untouched; only the beginning of whatever text it
    /// is when the row has a fault.
    Text(Box<[u8]>),
    /// Named values.
    Record(Box<Record>),
}

impl Row {
    /// The text, empty when it is none.
    pub fn text(&self) -> &[u8] {
        match &self.body {
            Body::Text(text) => text,
            Body::Record(_) => &[],
        }
    }

    /// What the row holds.
    ///
    /// # Errors
    /// Why it could not be taken whole, or that its text is no JSON.
    pub(crate) fn feature(&self) -> Result<Feature<'_>, Fault> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        match &self.body {
            Body::Record(record) => Ok(record.feature()),
            Body::Text(text) => feature::read(text).map_err(|error| self.syntax_fault(error)),
        }
    }

    /// The fault of a row whose text is no JSON.
    fn syntax_fault(&self, error: Syntax) -> Fault {
        let rest = self.text().get(error.at..).unwrap_or_default();
        let found = if rest.is_empty() { "the end of the row".into() } else { excerpt(rest) };
        let at = self.start + error.at as u64;
        Fault::new(Place::Row, found, format!("{} at byte {at}", error.expected))
    }
}

/// The beginning of a text that may be anything, as it is shown.
pub(crate) fn excerpt(text: &[u8]) -> String {
    let shown = &text[..text.len().min(EXCERPT_BYTES)];
    // The cut may go through a character.
    let valid = match std::str::from_utf8(shown) {
        Ok(valid) => valid,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&shown[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => "",
    };
    if valid.is_empty() || valid.chars().any(|c| c.is_control() && !c.is_ascii_whitespace()) {
        return shown.escape_ascii().to_string();
    }
    valid.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &[u8], expected: &str) {
        assert_eq!(excerpt(text), expected);
    }

    #[test]
    fn an_excerpt_is_short_and_always_text() {
        check(b"", "");
        check("路灯".as_bytes(), "路灯");
        check("路".repeat(20).as_bytes(), &"路".repeat(10));
        check(b"a\n  b", "a b");
        check(b"\xff\xfe[\0", r"\xff\xfe[\x00");
        check(b"ab\xffc", r"ab\xffc");
        check(b"\x1f\x8b\x08", r"\x1f\x8b\x08");
    }
}
