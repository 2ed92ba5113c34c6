//! `terrier conformance`: what a server over HTTP keeps of the standards, and what not.

use std::process::ExitCode;

use terrier_conformance::{Class, Fault, Judged, Report, Scope, Verdict, judge};

use crate::cli::conformance::ConformanceOptions;
use crate::document::{self, MAX_CERTIFICATES_BYTES};
use crate::failure::{FAILED, Failure};
use crate::output::{report, report_json};

pub(crate) async fn run(options: ConformanceOptions) -> Result<ExitCode, Failure> {
    let ConformanceOptions { url, collections, classes, edit, certificates, key, json } = options;
    let certificates = certificates.map(|file| document::read(&file, MAX_CERTIFICATES_BYTES));
    let certificates = certificates.transpose()?.map(String::into_bytes);
    let scope = Scope { collections, classes, edit, certificates, key };
    let judging = tokio::task::spawn_blocking(move || judge(&url, &scope));
    let found = judging.await.map_err(|error| Failure::because("the judge has stopped", error))?;
    let found = found.map_err(|error| Failure::usage(error.to_string()))?;
    if json {
        report_json(&found.json())?;
    } else {
        lines(&found).into_iter().try_for_each(report)?;
    }
    let is_kept = found.count("broken") == 0;
    Ok(if is_kept { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

/// The report for people: class by class, an assertion a line, and below it what was found.
fn lines(found: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    let of = |class: Class| {
        found.assertions.iter().filter(move |judged| judged.assertion.class == class)
    };
    let width = found.assertions.iter().map(|judged| judged.assertion.id.len()).max().unwrap_or(0);
    for class in Class::ALL.iter().filter(|class| of(**class).next().is_some()) {
        lines.push(class.title().to_owned());
        for judged in of(*class) {
            told(judged, width, &mut lines);
        }
        lines.push(String::new());
    }
    let Report { collections, left_out, requests, .. } = found;
    let counts = ["kept", "broken", "skipped"].map(|word| format!("{} {word}", found.count(word)));
    let of_them =
        if *left_out > 0 { format!(" ({left_out} others were not asked)") } else { String::new() };
    lines.push(format!(
        "{} assertions: {}; {requests} requests to {} collections{of_them}",
        found.assertions.len(),
        counts.join(", "),
        collections.len(),
    ));
    lines
}

fn told(judged: &Judged, width: usize, lines: &mut Vec<String>) {
    let Judged { assertion, verdict } = judged;
    let (word, id) = (verdict.word(), assertion.id);
    lines.push(format!("  {word:<8} {id:<width$}  {} [{}]", assertion.sentence, assertion.source));
    match verdict {
        Verdict::Kept { .. } => {}
        Verdict::Skipped { reason } => lines.push(format!("           {reason}")),
        Verdict::Broken { faults, more } => {
            for Fault { method, request, found, expected } in faults {
                lines.push(format!("           {method} {request}"));
                lines.push(format!("               found {found}, expected {expected}"));
            }
            if *more > 0 {
                lines.push(format!("           and {more} more"));
            }
        }
    }
}
