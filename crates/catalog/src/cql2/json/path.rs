//! The way to a value of a JSON document, and what is said of the value there.

use super::super::lexer::shown;
use super::super::reader::SHOWN_CHARS;
use super::super::{Cql2Error, Place};
use super::tree::{Json, Members};

/// The way from the top to a value; it is written out only when something is wrong there.
#[derive(Clone, Copy)]
pub(super) struct Path<'p> {
    outer: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Top,
    Member(&'p str),
    Nth(usize),
}

impl<'p> Path<'p> {
    pub(super) const TOP: Self = Self { outer: None, step: Step::Top };

    pub(super) fn member(&'p self, name: &'p str) -> Self {
        Self { outer: Some(self), step: Step::Member(name) }
    }

    pub(super) fn nth(&'p self, place: usize) -> Self {
        Self { outer: Some(self), step: Step::Nth(place) }
    }

    fn pointer(&self) -> String {
        let mut pointer = self.outer.map_or_else(String::new, Path::pointer);
        match self.step {
            Step::Top => {}
            Step::Member(name) => {
                pointer.extend(["/", &name.replace('~', "~0").replace('/', "~1")]);
            }
            Step::Nth(place) => pointer.extend(["/", &place.to_string()]),
        }
        pointer
    }

    pub(super) fn fault(&self, found: impl Into<String>, expected: impl Into<String>) -> Cql2Error {
        let at = Place::Pointer(self.pointer());
        Cql2Error { at, found: found.into(), expected: expected.into() }
    }

    /// That a value is not what was expected.
    pub(super) fn unexpected(&self, found: &Json, expected: impl Into<String>) -> Cql2Error {
        self.fault(words(found), expected)
    }

    /// An error that was found on this way, which whoever found it did not know.
    pub(super) fn place(&self, error: Cql2Error) -> Cql2Error {
        self.fault(error.found, error.expected)
    }
}

impl<'j> Members<'j> {
    pub(super) fn expect(&self, name: &str, path: &Path<'_>) -> Result<&'j Json, Cql2Error> {
        let missing = || path.fault(format!("no `{name}`"), format!("`{name}` too"));
        self.get(name).ok_or_else(missing)
    }

    /// Refuses all members but some.
    pub(super) fn check_names(&self, known: &[&str], path: &Path<'_>) -> Result<(), Cql2Error> {
        match self.names().find(|name| !known.contains(name)) {
            None => Ok(()),
            Some(name) => {
                let known: Vec<String> = known.iter().map(|known| format!("`{known}`")).collect();
                let expected = format!("no other members than {}", known.join(" and "));
                Err(path.fault(format!("a member {}", shown(name, SHOWN_CHARS)), expected))
            }
        }
    }
}

/// A value, as it is repeated to its sender.
fn words(json: &Json) -> String {
    match json {
        Json::Null => "null".into(),
        Json::Boolean(holds) => format!("`{holds}`"),
        Json::Number(number) => format!("`{}`", number.as_ref()),
        Json::Text(text) => shown(&format!("\"{text}\""), SHOWN_CHARS),
        Json::List(_) => "a list".into(),
        Json::Object(members) => match members.first() {
            Some((name, _)) => format!("an object with {}", shown(name, SHOWN_CHARS)),
            None => "an empty object".into(),
        },
    }
}
