//! `terrier history`

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use terrier_catalog::{Collection, events_json, history_json};
use terrier_model::{ChangeSet, RecordedEvent, Scope, Version};
use terrier_store::Ledger;

use crate::cli::HistoryOptions;
use crate::failure::Failure;
use crate::output::{report, report_json};

pub(crate) async fn run(folder: &Path, options: &HistoryOptions) -> Result<ExitCode, Failure> {
    let ledger = Ledger::open(folder).await?;
    let versions = ledger.history(options.id, 0, u32::MAX).await?;
    let events = ledger.events(options.id, 0, u32::MAX).await?;
    ledger.close().await;
    let Some(first) = versions.first() else {
        return Err(Failure::new(format!("no asset `{}` in the registry", options.id)));
    };
    let class = &first.asset.class;
    let collection = Collection::Class(Arc::clone(class));
    let told_versions = history_json(&versions, (None, true), &collection, &Scope::everything());
    let told_events = events_json(&events, &collection, &Scope::everything());
    if options.json {
        report_json(&json!({
            "id": options.id.to_string(),
            "class": class.name(),
            "versions": told_versions,
            "events": told_events,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    report(format!("{} of {}", options.id, class.name()))?;
    for (version, told) in versions.iter().zip(told_versions.as_array().into_iter().flatten()) {
        tell_version(version, told)?;
    }
    for (event, told) in events.iter().zip(told_events.as_array().into_iter().flatten()) {
        tell_event(event, told)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn tell_version(version: &Version, told: &Json) -> Result<(), Failure> {
    let to = version.asset.valid_to.map_or(String::new(), |to| format!(" to {to}"));
    let until = match told["state"].as_str() {
        Some("corrected") => ", since corrected".to_owned(),
        Some("withdrawn") => ", since withdrawn".to_owned(),
        Some("retired") => to + ", no more since then",
        Some("ended") => to,
        _ => ", still valid".to_owned(),
    };
    report(format!("version {}: from {}{until}", version.asset.version, version.asset.valid_from))?;
    tell_change(&version.recorded)?;
    for difference in told["changed"].as_array().into_iter().flatten() {
        let field = difference["field"].as_str().unwrap_or_default();
        report(format!("  {field}: {} -> {}", difference["from"], difference["to"]))?;
    }
    Ok(())
}

fn tell_event(event: &RecordedEvent, told: &Json) -> Result<(), Failure> {
    let RecordedEvent { number, event, recorded, superseded } = event;
    let still = if superseded.is_some() { ", no longer held" } else { "" };
    report(format!("event {number}: {} {}{still}", event.kind.code(), event.on))?;
    tell_change(recorded)?;
    for name in ["result", "grade", "scheme", "next_on", "note"] {
        let detail = told.get(name).filter(|detail| !detail.is_null());
        detail.map_or(Ok(()), |detail| report(format!("  {name}: {detail}")))?;
    }
    superseded.as_ref().map_or(Ok(()), tell_change)
}

fn tell_change(change: &ChangeSet) -> Result<(), Failure> {
    let reason = if change.reason.is_empty() { "" } else { ": " };
    report(format!(
        "  change {} ({}) recorded {} by {} through {}{reason}{}",
        change.sequence,
        change.verb.code(),
        change.recorded_at,
        change.actor,
        change.origin,
        change.reason,
    ))
}
