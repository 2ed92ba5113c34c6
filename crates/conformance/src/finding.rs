//! What an assertion found while it looked.

use serde_json::Value as Json;

use crate::answer::{Answer, shown};
use crate::limits::MAX_TOLD_FAULTS;
use crate::report::Verdict;

/// Something that a server does not keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// How it was asked: `GET` and the like.
    pub method: &'static str,
    /// The address asked.
    pub request: String,
    /// What came.
    pub found: String,
    /// What should have come.
    pub expected: String,
}

/// Why there was nothing to look at.
pub(crate) struct Skip(pub(crate) String);

/// Whether an assertion could be looked at.
pub(crate) type Done = Result<(), Skip>;

/// There was nothing to look at.
pub(crate) fn skip(reason: impl Into<String>) -> Done {
    Err(Skip(reason.into()))
}

/// The faults that one assertion has found, and at how much it has looked.
#[derive(Default)]
pub(crate) struct Findings {
    looked: u64,
    faults: Vec<Fault>,
    more: u64,
}

impl Findings {
    /// Looks at something, which must be so.
    pub(crate) fn check(
        &mut self,
        is_so: bool,
        answer: &Answer,
        found: impl FnOnce() -> String,
        expected: &str,
    ) {
        self.looked += 1;
        if is_so {
            return;
        }
        if self.faults.len() == MAX_TOLD_FAULTS {
            self.more += 1;
            return;
        }
        // An answer that is none cannot be looked into.
        let found = if answer.failure.is_some() { answer.seen() } else { found() };
        let (method, request) = (answer.method, answer.address.clone());
        self.faults.push(Fault { method, request, found, expected: expected.to_owned() });
    }

    /// Looks at the status of an answer.
    pub(crate) fn status(&mut self, answer: &Answer, expected: u16) {
        self.check(answer.status == expected, answer, || answer.seen(), &expected.to_string());
    }

    /// Looks at a value of the document that an answer is.
    pub(crate) fn value(&mut self, is_so: bool, answer: &Answer, found: &Json, expected: &str) {
        self.check(is_so, answer, || shown(found), expected);
    }

    /// What is said of the assertion.
    pub(crate) fn verdict(self, done: Done) -> Verdict {
        let Self { looked, faults, more } = self;
        match done {
            _ if !faults.is_empty() => Verdict::Broken { faults, more },
            Err(Skip(reason)) if looked == 0 => Verdict::Skipped { reason },
            _ if looked == 0 => Verdict::Skipped { reason: "there is nothing to look at".into() },
            _ => Verdict::Kept { looked },
        }
    }
}
