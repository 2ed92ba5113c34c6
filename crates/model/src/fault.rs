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
    /// What kind of fault it is.
    pub code: FaultCode,
}

/// A kind of fault, for programs.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum FaultCode {
    /// What was sent is not of the form that it should have.
    Form,
    /// What identifies the asset.
    Key,
    /// The class has no such field.
    UnknownField,
    /// The register itself computes the field, or counts it from events.
    ComputedField,
    /// The sender may not write the field, or there.
    NotAllowed,
    /// The field is given twice.
    Repeated,
    /// The value is of another kind than the field.
    Kind,
    /// The value is not in the code list, or retired from it.
    CodeList,
    /// The number is out of the range of the field.
    Range,
    /// The text is too long, or has characters that no text has.
    Text,
    /// Any other value that the field does not take.
    Value,
    /// Two values that are each right contradict each other.
    Contradiction,
    /// The moment since which something is true does not fit what is known.
    Period,
    /// The geometry is of a kind that the class does not have.
    GeometryKind,
    /// The geometry is not valid.
    Geometry,
}

impl FaultCode {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Form,
        Self::Key,
        Self::UnknownField,
        Self::ComputedField,
        Self::NotAllowed,
        Self::Repeated,
        Self::Kind,
        Self::CodeList,
        Self::Range,
        Self::Text,
        Self::Value,
        Self::Contradiction,
        Self::Period,
        Self::GeometryKind,
        Self::Geometry,
    ];

    /// The code as it is shown.
    pub fn code(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Key => "key",
            Self::UnknownField => "unknown_field",
            Self::ComputedField => "computed_field",
            Self::NotAllowed => "not_allowed",
            Self::Repeated => "repeated",
            Self::Kind => "kind",
            Self::CodeList => "code_list",
            Self::Range => "range",
            Self::Text => "text",
            Self::Value => "value",
            Self::Contradiction => "contradiction",
            Self::Period => "period",
            Self::GeometryKind => "geometry_kind",
            Self::Geometry => "geometry",
        }
    }
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
        let code = match &place {
            Place::Row => FaultCode::Form,
            Place::Key => FaultCode::Key,
            Place::Field(_) => FaultCode::Value,
            Place::Geometry { .. } => FaultCode::Geometry,
        };
        Self { place, found: shown, expected: expected.into(), code }
    }

    /// The same fault, of a kind that its place alone does not tell.
    #[must_use]
    pub fn of(self, code: FaultCode) -> Self {
        Self { code, ..self }
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
