//! CQL2 JSON: the same conditions as CQL2 text, as a tree of operators and what they are given.

mod geometry;
mod parser;
mod path;
mod tree;
mod writer;

pub use parser::parse_json;
pub use writer::write_json;
