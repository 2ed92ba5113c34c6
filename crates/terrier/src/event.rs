//! `terrier event`

use std::path::Path;
use std::process::ExitCode;

use jiff::civil::Date;
use serde_json::json;
use terrier_model::{Event, EventKind, Fault, Place, Verb};
use terrier_store::{
    Change, ChangeReport, ChangeSession, EventOutcome, Ledger, LedgerError, Name, Occurrence, Since,
};

use crate::cli::RecordingOptions;
use crate::cli::event::{AssetOptions, EventAddOptions, EventCommand, EventWithdrawOptions};
use crate::failure::Failure;
use crate::output::{report, report_json};
use crate::{clock, folder};

pub(crate) async fn run(folder: &Path, command: EventCommand) -> Result<ExitCode, Failure> {
    match command {
        EventCommand::Add(options) => add(folder, options).await?,
        EventCommand::Withdraw(options) => withdraw(folder, options).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn add(folder: &Path, options: EventAddOptions) -> Result<(), Failure> {
    let event = event(&options)?;
    let EventAddOptions { asset, correct, reason, recording, .. } = options;
    let verb = if correct { Verb::Correct } else { Verb::Update };
    let name = name(&asset);
    let ledger = Ledger::open(folder).await?;
    let today = clock::today(&ledger.time_zone().await?);
    let settings = settings(&asset, &recording, verb, reason, "event add", today);
    let mut session = ledger.begin_change(settings).await?;
    let occurrence = Occurrence { name, class: None, events: vec![event.clone()] };
    let outcome = session.put_events(vec![occurrence]).await?.pop().expect("one for one");
    let outcome = outcome.map_err(|faults| refused(&faults))?.pop().expect("one for one");
    let done = end(session, &recording).await?;
    ledger.close().await;
    let EventOutcome { id, number, is_new, superseded } = outcome;
    if recording.json {
        return report_json(&json!({
            "change": done.sequence,
            "dry_run": recording.dry_run,
            "id": id.to_string(),
            "event": number,
            "recorded": is_new,
            "superseded": superseded,
        }));
    }
    let known = if is_new { "" } else { "known as " };
    let numbers: Vec<String> = superseded.iter().map(ToString::to_string).collect();
    let place = if numbers.is_empty() { "" } else { ", in the place of event " };
    report(format!(
        "{} {}: {known}event {number} of {id}{place}{} ({})",
        event.kind.code(),
        event.on,
        numbers.join(", "),
        change_in_words(done, &recording)
    ))
}

async fn withdraw(folder: &Path, options: EventWithdrawOptions) -> Result<(), Failure> {
    let EventWithdrawOptions { asset, number, reason, recording } = options;
    let ledger = Ledger::open(folder).await?;
    let today = clock::today(&ledger.time_zone().await?);
    let (verb, origin) = (Verb::Correct, "event withdraw");
    let settings = settings(&asset, &recording, verb, reason.into(), origin, today);
    let mut session = ledger.begin_change(settings).await?;
    let withdrawn = session.withdraw_event(&name(&asset), number).await?;
    let (id, event) = withdrawn.map_err(|fault| refused(&[fault]))?;
    let done = end(session, &recording).await?;
    ledger.close().await;
    if recording.json {
        return report_json(&json!({
            "change": done.sequence,
            "dry_run": recording.dry_run,
            "id": id.to_string(),
            "event": number,
        }));
    }
    report(format!(
        "{} {}: event {number} of {id} withdrawn ({})",
        event.kind.code(),
        event.on,
        change_in_words(done, &recording)
    ))
}

/// The event that is described, when it can be one.
fn event(options: &EventAddOptions) -> Result<Event, Failure> {
    let EventAddOptions { kind, on, result, next_on, grade, scheme, note, .. } = options;
    // A file may not know what came of it; whoever records it by hand does.
    let wanted = match kind {
        EventKind::Assessed if result.is_none() => Some("result"),
        EventKind::Graded if grade.is_none() => Some("grade"),
        _ => None,
    };
    if let Some(wanted) = wanted {
        return Err(Failure::usage(format!("what was {} has a --{wanted}", kind.code())));
    }
    let event = Event {
        kind: *kind,
        on: *on,
        result: *result,
        next_on: *next_on,
        grade: grade.clone(),
        scheme: scheme.clone(),
        note: note.clone(),
    };
    match event.faults().first() {
        Some(fault) => Err(Failure::usage(fault.to_string())),
        None => Ok(event),
    }
}

fn name(asset: &AssetOptions) -> Name {
    match (asset.id, &asset.key) {
        (Some(id), _) => Name::Id(id),
        // The command line wants one of the two.
        (None, key) => Name::Key(key.clone().unwrap_or_default()),
    }
}

fn settings(
    asset: &AssetOptions,
    recording: &RecordingOptions,
    verb: Verb,
    reason: String,
    origin: &str,
    today: Date,
) -> Change {
    let now = clock::now();
    Change {
        source: asset.source.clone().unwrap_or_default(),
        verb,
        since: Since::Now,
        recorded_at: now,
        today,
        actor: folder::actor(recording.actor.as_ref()),
        reason,
        origin: origin.into(),
    }
}

async fn end(
    session: ChangeSession,
    recording: &RecordingOptions,
) -> Result<ChangeReport, LedgerError> {
    if recording.dry_run { session.abandon().await } else { session.commit().await }
}

fn refused(faults: &[Fault]) -> Failure {
    let text = |fault: &Fault| match fault.place {
        Place::Key => format!("no asset `{}` in the registry", fault.found),
        _ => fault.to_string(),
    };
    Failure::new(faults.iter().map(text).collect::<Vec<_>>().join("; "))
}

fn change_in_words(done: ChangeReport, recording: &RecordingOptions) -> String {
    match done.sequence {
        _ if recording.dry_run => "dry run, nothing was written".into(),
        Some(sequence) => format!("change {sequence}"),
        None => "no change".into(),
    }
}
