//! Why a text is no condition, and where in it.

use std::fmt;

/// Why a text is no condition.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("at {at}: found {found}, expected {expected}")]
pub struct Cql2Error {
    /// Where.
    pub at: Place,
    /// What stands there.
    pub found: String,
    /// What would have been right.
    pub expected: String,
}

/// A place in a text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Place {
    /// In bytes from the start.
    Byte(usize),
    /// In a JSON document: the way there from the top, as RFC 6901 writes it.
    Pointer(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Byte(at) => write!(f, "byte {at}"),
            Self::Pointer(way) if way.is_empty() => f.write_str("the top"),
            Self::Pointer(way) => write!(f, "`{way}`"),
        }
    }
}
