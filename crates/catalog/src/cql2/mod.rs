//! CQL2, the language of filters and of the conditions of rules: its text to a condition and back.
//!
//! Knows no fields: whether a condition fits a class is checked elsewhere.

mod lexer;
mod parser;
#[cfg(test)]
mod tests;
mod writer;

pub use parser::parse_text;
pub use writer::write_text;

/// The longest text, in bytes.
pub const MAX_FILTER_BYTES: usize = 8 * 1024;

/// How deep parentheses and NOT may stand within each other.
pub const MAX_FILTER_DEPTH: usize = 32;

/// The most tests and joints (AND, OR, NOT) of one text.
pub const MAX_FILTER_NODES: usize = 256;

/// The most values of one IN.
pub const MAX_FILTER_LIST: usize = 1000;

/// Why a text is no condition.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("at byte {at}: found {found}, expected {expected}")]
pub struct Cql2Error {
    /// Where, in bytes from the start of the text.
    pub at: usize,
    /// What stands there.
    pub found: String,
    /// What would have been right.
    pub expected: String,
}
