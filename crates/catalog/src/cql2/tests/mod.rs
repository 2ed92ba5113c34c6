//! CQL2 text and JSON to conditions and back.

mod examples;
mod json;
mod limit;
mod round_trip;
mod text;

use terrier_model::Clause;

use super::*;

fn text_of(clause: &Clause) -> String {
    write_text(clause, |name| name)
}

fn json_of(clause: &Clause) -> String {
    write_json(clause, |name| name)
}

/// What is read, as text, or what is said of it.
fn told(read: Result<Clause, Cql2Error>) -> String {
    match read {
        Ok(clause) => text_of(&clause),
        Err(error) => error.to_string(),
    }
}

/// Parses a text and compares how it is written back, or what is said of it.
fn check(text: &str, expected: &str) {
    assert_eq!(told(parse_text(text)), expected, "{text}");
}

/// The text is written back as it is, and as JSON says the same.
fn kept(text: &str) {
    check(text, text);
    let clause = parse_text(text).expect("a condition");
    let json = json_of(&clause);
    assert_eq!(parse_json(&json), Ok(clause), "{json}");
}
