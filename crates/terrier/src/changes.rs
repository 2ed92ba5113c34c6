//! `terrier changes`

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::Value as Json;
use terrier_catalog::{ChangeQuery, Collection, edits_json, logged_change_json};
use terrier_model::{ChangeEffect, ChangeSet, LoggedChange, LoggedEdit, Scope};
use terrier_store::{EditPage, Ledger};

use crate::cli::changes::{ChangesCommand, ChangesListOptions, ChangesOptions, ChangesShowOptions};
use crate::failure::Failure;
use crate::output::{report, report_json};
use crate::table::Table;

/// So many edits are read and told at once.
const EDITS_AT_ONCE: u32 = 1_000;

pub(crate) async fn run(folder: &Path, options: ChangesOptions) -> Result<ExitCode, Failure> {
    match options.command {
        None => list(folder, &options.list).await?,
        Some(ChangesCommand::List(options)) => list(folder, &options).await?,
        Some(ChangesCommand::Show(options)) => show(folder, &options).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(folder: &Path, options: &ChangesListOptions) -> Result<(), Failure> {
    let ChangesListOptions { actor, collection, since, until, before, limit, json } = options;
    let ledger = Ledger::open(folder).await?;
    let time_zone = ledger.time_zone().await?;
    let value = |name: &str| match name {
        "since" => since.as_deref(),
        "until" => until.as_deref(),
        _ => None,
    };
    let read = ChangeQuery::parse(value, &time_zone);
    let read =
        read.map_err(|error| Failure::usage(format!("--{}: {}", error.parameter, error.detail)))?;
    if let Some(name) = collection
        && ledger.class_versions(name).await?.is_empty()
    {
        return Err(Failure::usage(format!("no class `{name}` in the registry")));
    }
    let query = ChangeQuery {
        actor: actor.clone(),
        classes: collection.as_deref().map(|name| vec![name.into()]),
        before: *before,
        ..read
    };
    let changes = ledger.changes(&query, *limit).await?;
    ledger.close().await;
    if *json {
        let told = changes.iter().map(|change| logged_change_json(change, &Scope::everything()));
        return report_json(&told.collect());
    }
    let heading = ["recorded", "actor", "verb", "what", "reason", "origin"];
    let heading = heading.map(|name| (name.to_owned(), false));
    let number = [("change".to_owned(), true)];
    let mut table = Table::new(number.into_iter().chain(heading).collect());
    for logged in &changes {
        let ChangeSet { sequence, recorded_at, actor, verb, reason, origin, source: _ } =
            &logged.change;
        table.push(vec![
            sequence.to_string(),
            recorded_at.to_string(),
            actor.clone(),
            verb.code().to_owned(),
            in_words(logged).join("; "),
            reason.clone(),
            origin.clone(),
        ]);
    }
    table.lines().into_iter().try_for_each(report)
}

/// What a change did to the assets of each class.
fn in_words(logged: &LoggedChange) -> Vec<String> {
    let of_class = |effect: &ChangeEffect| {
        let ChangeEffect { class, created, changed, retired, events, events_superseded } = effect;
        let counts = [
            (created, "new"),
            (changed, "changed"),
            (retired, "retired"),
            (events, "events"),
            (events_superseded, "events withdrawn"),
        ];
        let told = counts.into_iter().filter(|(count, _)| **count > 0);
        let told: Vec<String> = told.map(|(count, word)| format!("{count} {word}")).collect();
        format!("{class} {}", told.join(", "))
    };
    logged.effects.iter().map(of_class).collect()
}

async fn show(folder: &Path, options: &ChangesShowOptions) -> Result<(), Failure> {
    let ledger = Ledger::open(folder).await?;
    let logged = ledger.change(options.change, None).await?;
    let Some(logged) = logged else {
        ledger.close().await;
        return Err(Failure::new(format!("no change {} in the registry", options.change)));
    };
    if options.json {
        let mut told = logged_change_json(&logged, &Scope::everything());
        let mut all = Vec::new();
        for_each_page(&ledger, options.change, |page| {
            all.extend(told_edits(&page.edits));
            Ok(())
        })
        .await?;
        ledger.close().await;
        told["edits"] = all.into();
        return report_json(&told);
    }
    let ChangeSet { sequence, recorded_at, actor, verb, reason, origin, source } = &logged.change;
    let verb = verb.code();
    report(format!(
        "change {sequence} ({verb}) recorded {recorded_at} by {actor} through {origin}"
    ))?;
    let more = [("reason", Some(reason)), ("source", source.as_ref())];
    for (name, text) in more.into_iter().filter_map(|(name, text)| Some((name, text?))) {
        if !text.is_empty() {
            report(format!("{name}: {text}"))?;
        }
    }
    in_words(&logged).into_iter().try_for_each(report)?;
    let done = for_each_page(&ledger, options.change, |page| {
        told_edits(&page.edits).iter().try_for_each(tell_edit)
    });
    done.await?;
    ledger.close().await;
    Ok(())
}

async fn for_each_page(
    ledger: &Ledger,
    change: u64,
    mut take: impl FnMut(&EditPage) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let page = ledger.edits(change, None, after, EDITS_AT_ONCE).await?;
        take(&page)?;
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// The edits as JSON, with every field.
fn told_edits(edits: &[LoggedEdit]) -> Vec<Json> {
    let told = edits.iter().filter_map(|edit| {
        let collection = Collection::Class(Arc::clone(&edit.asset().class));
        let one = std::slice::from_ref(edit);
        edits_json(one, |_| Some(&collection), &Scope::everything()).as_array()?.first().cloned()
    });
    told.collect()
}

fn tell_edit(told: &Json) -> Result<(), Failure> {
    let text = |name: &str| told[name].as_str().unwrap_or_default();
    let (asset, collection) = (text("asset"), text("collection"));
    let what = match text("effect") {
        "created" => "new".to_owned(),
        "changed" => format!("version {} -> {}", told["former"], told["version"]),
        "event" => {
            let event = &told["event"];
            let part = |name: &str| event[name].as_str().unwrap_or_default();
            format!("event {}: {} {}", event["event"], part("kind"), part("on"))
        }
        other => other.to_owned(),
    };
    report(format!("{asset} of {collection}: {what}"))?;
    for difference in told["changed"].as_array().into_iter().flatten() {
        let field = difference["field"].as_str().unwrap_or_default();
        report(format!("  {field}: {} -> {}", difference["from"], difference["to"]))?;
    }
    Ok(())
}
