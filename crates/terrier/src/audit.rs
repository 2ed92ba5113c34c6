//! `terrier audit`, and what is read by other commands.

use std::path::Path;
use std::process::ExitCode;

use terrier_catalog::{AuditQuery, Collection, audit_record_json};
use terrier_model::{AuditAbout, AuditKind, AuditRecord, Names, Read, ReadBy};
use terrier_store::{CollectionSetting, ErrorChain, Ledger};

use crate::cli::audit::AuditOptions;
use crate::failure::Failure;
use crate::output::{report, report_json, say};
use crate::table::Table;
use crate::{clock, folder};

/// The most characters that are kept of what was asked.
const MAX_ASKED_CHARS: usize = 200;

pub(crate) async fn run(folder: &Path, options: &AuditOptions) -> Result<ExitCode, Failure> {
    let AuditOptions { reads, kind, by, collection, since, until, before, limit, json } = options;
    let ledger = Ledger::open(folder).await?;
    let time_zone = ledger.time_zone().await?;
    let value = |name: &str| match name {
        "since" => since.as_deref(),
        "until" => until.as_deref(),
        "before" => before.as_deref(),
        _ => None,
    };
    let read = AuditQuery::parse(value, &time_zone);
    let read =
        read.map_err(|error| Failure::usage(format!("--{}: {}", error.parameter, error.detail)))?;
    let kind = if *reads { Some(AuditKind::Reads) } else { *kind };
    let query = AuditQuery { actor: by.clone(), collection: collection.clone(), kind, ..read };
    let records = ledger.audit(&query, *limit).await?;
    ledger.close().await;
    if *json {
        return report_json(&records.iter().map(audit_record_json).collect())
            .map(|()| ExitCode::SUCCESS);
    }
    let heading = ["when", "who", "as", "what", "asked"].map(|name| (name.to_owned(), false));
    let (entry, features) = (("entry".to_owned(), true), ("features".to_owned(), true));
    let mut table = Table::new([entry].into_iter().chain(heading).chain([features]).collect());
    records.iter().for_each(|record| table.push(row(record)));
    table.lines().into_iter().try_for_each(report)?;
    Ok(ExitCode::SUCCESS)
}

fn row(record: &AuditRecord) -> Vec<String> {
    let entry = record.entry.number.to_string();
    match &record.about {
        AuditAbout::Change(change) => vec![
            entry,
            change.recorded_at.to_string(),
            change.actor.clone(),
            String::new(),
            format!("change {} through {}", change.sequence, change.origin),
            change.reason.clone(),
            String::new(),
        ],
        AuditAbout::Read(read) => {
            let Read { at, reader, route, collection, window, conditions, as_of, features } = read;
            let ReadBy { actor, organisation, key, role } = reader;
            let joined = |texts: [&Option<Box<str>>; 3]| {
                let texts: Vec<&str> = texts.into_iter().filter_map(Option::as_deref).collect();
                texts.join(" ")
            };
            vec![
                entry,
                at.to_string(),
                actor.as_deref().unwrap_or("anybody").to_owned(),
                joined([organisation, role, key]),
                format!("read {collection} by {route}"),
                joined([window, conditions, as_of]),
                features.to_string(),
            ]
        }
    }
}

/// Writes into the audit what a command has told of a restricted collection; where that cannot be, it says
/// so.
pub(crate) async fn keep_read(
    ledger: &Ledger,
    command: &str,
    collection: &Collection,
    pairs: &[(&str, &str)],
    features: u64,
) -> Result<(), Failure> {
    if !is_restricted(ledger, collection).await? {
        return Ok(());
    }
    let asked = |is_wanted: &dyn Fn(&str) -> bool| {
        let wanted = pairs.iter().filter(|(name, _)| is_wanted(name));
        let texts: Vec<String> = wanted.map(|(name, value)| format!("{name}={value}")).collect();
        let text: String = texts.join("&").chars().take(MAX_ASKED_CHARS).collect();
        Some(text.into_boxed_str()).filter(|text| !text.is_empty())
    };
    let is_window = |name: &str| name.starts_with("bbox");
    let read = Read {
        at: clock::now(),
        reader: ReadBy { actor: Some(folder::user().into()), ..ReadBy::default() },
        route: command.into(),
        collection: collection.name().into(),
        window: asked(&is_window),
        conditions: asked(&|name| !is_window(name) && name != "on"),
        as_of: asked(&|name| name == "on"),
        features,
    };
    if let Err(error) = ledger.put_reads_at_once(&[read]).await {
        // The operator has read it already, and who reads does not wait for who writes.
        say(format!("what was read could not be written down: {}", ErrorChain(&error)));
    }
    Ok(())
}

async fn is_restricted(ledger: &Ledger, collection: &Collection) -> Result<bool, Failure> {
    let restricted = ledger.collections_of(CollectionSetting::Restricted).await?;
    let public = ledger.collections_of(CollectionSetting::Public).await?;
    let public = public.unwrap_or_else(Names::none);
    let is_it = |class: &str| match &restricted {
        Some(restricted) => restricted.has(class),
        None => !public.has(class),
    };
    if let Collection::Class(class) = collection {
        return Ok(is_it(class.name()));
    }
    Ok(ledger.classes().await?.iter().any(|class| is_it(class.name())))
}
