//! The report on a server.

use serde_json::{Value as Json, json};

use crate::{Assertion, Fault};

/// What came of an assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds everywhere.
    Kept {
        /// At how many things it was looked.
        looked: u64,
    },
    /// It does not hold.
    Broken {
        /// Where, up to [`crate::MAX_TOLD_FAULTS`].
        faults: Vec<Fault>,
        /// How many faults there are besides.
        more: u64,
    },
    /// It was not looked at.
    Skipped {
        /// Why.
        reason: String,
    },
}

impl Verdict {
    /// In one word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Kept { .. } => "kept",
            Self::Broken { .. } => "broken",
            Self::Skipped { .. } => "skipped",
        }
    }
}

/// An assertion and what came of it.
#[derive(Debug)]
pub struct Judged {
    /// What was asserted.
    pub assertion: &'static Assertion,
    /// What came of it.
    pub verdict: Verdict,
}

/// What was found out about a server.
#[derive(Debug)]
pub struct Report {
    /// The server.
    pub address: String,
    /// The conformance classes that it declares.
    pub declared: Vec<String>,
    /// The ids of the collections that were looked at.
    pub collections: Vec<String>,
    /// How many collections were not looked at.
    pub left_out: usize,
    /// How many requests were sent.
    pub requests: u64,
    /// Every assertion of the scope, class by class.
    pub assertions: Vec<Judged>,
}

impl Report {
    /// How many assertions have this verdict, in one word.
    pub fn count(&self, word: &str) -> usize {
        self.assertions.iter().filter(|judged| judged.verdict.word() == word).count()
    }

    /// The report for programs.
    pub fn json(&self) -> Json {
        let Self { address, declared, collections, left_out, requests, assertions } = self;
        json!({
            "address": address,
            "declared": declared,
            "collections": collections,
            "left_out": left_out,
            "requests": requests,
            "kept": self.count("kept"),
            "broken": self.count("broken"),
            "skipped": self.count("skipped"),
            "assertions": assertions.iter().map(of_one).collect::<Vec<Json>>(),
        })
    }
}

fn of_one(judged: &Judged) -> Json {
    let Judged { assertion, verdict } = judged;
    let mut out = json!({
        "id": assertion.id,
        "class": assertion.class.name(),
        "source": assertion.source,
        "sentence": assertion.sentence,
        "verdict": verdict.word(),
    });
    match verdict {
        Verdict::Kept { looked } => out["looked"] = json!(looked),
        Verdict::Skipped { reason } => out["reason"] = json!(reason),
        Verdict::Broken { faults, more } => {
            let fault = |fault: &Fault| {
                let Fault { method, request, found, expected } = fault;
                json!({ "method": method, "request": request, "found": found, "expected": expected })
            };
            out["faults"] = faults.iter().map(fault).collect();
            out["more_faults"] = json!(more);
        }
    }
    out
}
