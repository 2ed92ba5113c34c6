//! `terrier organisation`, `person`, `role` and `key`: who may see and do what.

pub(crate) mod key;
pub(crate) mod organisation;
pub(crate) mod person;
pub(crate) mod role;
pub(crate) mod secret;

use std::path::Path;

use serde_json::{Value as Json, json};
use terrier_catalog::{MAX_AREA_BYTES, unknown_name};
use terrier_store::{Behind, ErrorChain, Ledger, LedgerError, Writing};

use crate::cli::access::ChangeOptions;
use crate::failure::Failure;
use crate::output::{report, report_json};
use crate::{clock, document, folder};

/// Who is behind a change that a command makes.
fn behind(options: &ChangeOptions, origin: impl Into<String>) -> Behind {
    Behind {
        recorded_at: clock::now(),
        actor: folder::actor(options.recording.actor.as_ref()),
        reason: options.reason.clone(),
        origin: origin.into(),
    }
}

fn writing(options: &ChangeOptions) -> Writing {
    if options.recording.dry_run { Writing::Rehearsed } else { Writing::Done }
}

/// Tells what came of a change, and what it was about.
fn tell(about: Json, sequence: Option<u64>, options: &ChangeOptions) -> Result<(), Failure> {
    let is_dry_run = options.recording.dry_run;
    if options.recording.json {
        let mut body = about;
        body["change"] = json!(sequence);
        body["dry_run"] = json!(is_dry_run);
        return report_json(&body);
    }
    report(outcome(sequence, is_dry_run))
}

/// What came of a change, in words.
fn outcome(sequence: Option<u64>, is_dry_run: bool) -> String {
    match sequence {
        _ if is_dry_run => "dry run, nothing was written".into(),
        Some(sequence) => format!("change {sequence}"),
        None => "no change".into(),
    }
}

/// A name that the ledger does not know is a mistake on the command line; it is told with the one that
/// it is like.
async fn refused(ledger: &Ledger, error: LedgerError) -> Failure {
    let (name, known) = match &error {
        LedgerError::NoOrganisation { name } => {
            let known = ledger.organisations().await.unwrap_or_default();
            let standing = known.into_iter().filter(|one| one.is_standing);
            (name, standing.map(|one| one.name).collect::<Vec<_>>())
        }
        LedgerError::NoPerson { name } => {
            let known = ledger.people().await.unwrap_or_default();
            let standing = known.into_iter().filter(|one| one.organisation.is_some());
            (name, standing.map(|one| one.name).collect())
        }
        LedgerError::NoRole { name } => {
            let known = ledger.role_documents().await.unwrap_or_default();
            let standing = known.into_iter().filter(|one| one.text.is_some());
            (name, standing.map(|one| one.name).collect())
        }
        LedgerError::NoClass { name } => {
            let known = ledger.class_documents().await.unwrap_or_default();
            (name, known.into_iter().map(|(name, _)| name).collect())
        }
        LedgerError::NoKey { .. } | LedgerError::TwoEdges { .. } | LedgerError::Role { .. } => {
            return Failure::usage(ErrorChain(&error).to_string());
        }
        _ => return error.into(),
    };
    let told = unknown_name(name, known.iter().map(String::as_str));
    Failure::usage(format!("{error}: {told}"))
}

/// The text of a file with an area in it; one that is too long is refused where it is read.
fn area_text(path: &Path) -> Result<String, Failure> {
    document::read(path, MAX_AREA_BYTES)
}
