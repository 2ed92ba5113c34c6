//! What is wrong with a draft: where, what was found, what was expected.

use std::fmt::{self, Write};

/// How much of an offending value is repeated to its sender.
const SHOWN_CHARS: usize = 80;

/// One thing that is wrong with a draft.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// The value as it was found, shortened.
    pub found: String,
    /// What would have been right.
    pub expected: String,
}

/// Where in a draft a fault lies.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// The row as a whole.
    Row,
    /// What identifies the asset.
    Key,
    /// A field of the class, or a name that the class does not have.
    Field(Box<str>),
    /// The geometry; the part (line or ring) and the vertex within it, counted from 0.
    Geometry {
        /// The line or ring; `None` when it is the whole.
        part: Option<usize>,
        /// The position in it; `None` when it is all of it.
        vertex: Option<usize>,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row => f.write_str("row"),
            Self::Key => f.write_str("key"),
            Self::Field(name) => f.write_str(name),
            Self::Geometry { part, vertex } => {
                f.write_str("geometry")?;
                part.map_or(Ok(()), |part| write!(f, " part {part}"))?;
                vertex.map_or(Ok(()), |vertex| write!(f, " vertex {vertex}"))
            }
        }
    }
}

impl Fault {
    /// A fault with the value shortened for show.
    pub fn new(place: Place, found: impl AsRef<str>, expected: impl Into<String>) -> Self {
        let mut shown: String = found.as_ref().chars().take(SHOWN_CHARS).collect();
        if shown.len() < found.as_ref().len() {
            shown.push('…');
        }
        Self { place, found: shown, expected: expected.into() }
    }

    /// A fault in a field.
    pub fn in_field(name: &str, found: impl AsRef<str>, expected: impl Into<String>) -> Self {
        Self::new(Place::Field(name.into()), found, expected)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Each fault is one line, and nothing that a file holds speaks to a terminal.
        let line = format!("{}: found `{}`, expected {}", self.place, self.found, self.expected);
        write_on_one_line(f, &line)
    }
}

/// Writes a text with its control characters escaped.
pub(crate) fn write_on_one_line(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    text.chars().try_for_each(|c| {
        if c.is_control() { write!(f, "{}", c.escape_default()) } else { f.write_char(c) }
    })
}
