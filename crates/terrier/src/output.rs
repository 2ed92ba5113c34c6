//! What a command says: data and reports on stdout, everything else on stderr.

use std::fmt::Display;
use std::io::Write;

use serde_json::Value as Json;

use crate::failure::Failure;

/// Says something to the person at the terminal.
pub(crate) fn say(text: impl Display) {
    // Who closed stderr does not want to know.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Writes a line of a report.
pub(crate) fn report(text: impl Display) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "{text}").map_err(|error| Failure::because("cannot write", error))
}

/// Writes a text as it is.
pub(crate) fn report_text(text: &str) -> Result<(), Failure> {
    let written = std::io::stdout().write_all(text.as_bytes());
    written.map_err(|error| Failure::because("cannot write", error))
}

/// Writes a report as JSON.
pub(crate) fn report_json(report_body: &Json) -> Result<(), Failure> {
    report(serde_json::to_string_pretty(report_body).expect("a JSON value is JSON"))
}
