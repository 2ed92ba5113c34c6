//! CQL2, the language of filters and of the conditions of rules: its text and its JSON to a condition
//! and back.
//!
//! Knows no fields: whether a condition fits a class is checked elsewhere.

mod error;
mod geometry;
mod json;
mod language;
mod lexer;
mod limit;
mod literal;
mod parser;
mod reader;
mod term;
#[cfg(test)]
mod tests;
mod word;
mod writer;

pub use error::{Cql2Error, Place};
pub use json::{parse_json, write_json};
pub use language::Language;
pub use limit::{
    MAX_FILTER_BYTES, MAX_FILTER_DEPTH, MAX_FILTER_JSON_BYTES, MAX_FILTER_LIST, MAX_FILTER_NODES,
    MAX_FILTER_VERTICES,
};
pub use parser::parse_text;
pub use writer::write_text;
