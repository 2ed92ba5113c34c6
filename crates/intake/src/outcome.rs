//! What came of a file that was taken in, and how that is told to programs.

use serde_json::{Value as Json, json};
use terrier_exchange::{Description, Untaken};
use terrier_model::Fault;
use terrier_spatial::Crs;
use terrier_store::ChangeReport;

use crate::order::Purpose;

/// How many refused rows a report tells of.
pub const TOLD_MAX: usize = 20;

/// What came of a file.
#[derive(Debug, Default)]
pub struct Outcomes {
    /// Whether the rows tell what happened, and not what assets are.
    pub are_events: bool,
    /// Whether nothing was taken because a row was refused.
    pub stopped: bool,
    /// Rows that were read.
    pub rows: u64,
    /// Rows that were refused.
    pub refused: u64,
    /// Rows that no collection of the mapping takes.
    pub not_taken: u64,
    /// Refused rows that were kept in a file.
    pub kept: u64,
    /// The first rows that were refused, by their numbers, with all that is wrong with each.
    pub told: Vec<(u64, Vec<Fault>)>,
    /// What the change did.
    pub ledger: ChangeReport,
    /// What of the rows was not taken.
    pub untaken: Untaken,
}

/// The report for programs.
pub fn report_json(description: &Description, outcomes: &Outcomes, purpose: Purpose) -> Json {
    let Outcomes { stopped, rows, refused, not_taken, told, ledger, untaken, .. } = outcomes;
    let faults: Vec<Json> = told
        .iter()
        .map(|(row, faults)| {
            json!({ "row": row, "faults": faults.iter().map(fault_json).collect::<Vec<_>>() })
        })
        .collect();
    let properties: Vec<Json> = untaken
        .properties()
        .map(|(name, rows)| json!({ "property": name, "rows": rows }))
        .collect();
    json!({
        "file": {
            "format": description.format.name(),
            "layer": description.layer,
            "layers": description.layers,
            "header_row": description.header_row,
            "encoding": description.encoding,
            "delimiter": description.delimiter,
            "decimal": description.decimal,
            "crs": description.crs.as_ref().map(Crs::code),
            "columns": description.columns,
        },
        "change": ledger.sequence,
        "dry_run": purpose == Purpose::Rehearse,
        "stopped": stopped,
        "rows": rows,
        "created": ledger.created,
        "changed": ledger.changed,
        "unchanged": ledger.unchanged,
        "refused": refused,
        "not_taken": not_taken,
        "events": {
            "recorded": ledger.events.recorded,
            "known": ledger.events.known,
            "superseded": ledger.events.superseded,
        },
        // The first ones; the file of refused rows has all.
        "refused_rows": faults,
        "untaken_properties": properties,
        "untaken_values": untaken.unnamed(),
        "untaken_heights": untaken.heights(),
    })
}

fn fault_json(fault: &Fault) -> Json {
    json!({
        "place": fault.place.to_string(),
        "found": fault.found,
        "expected": fault.expected,
        "code": fault.code.code(),
    })
}
