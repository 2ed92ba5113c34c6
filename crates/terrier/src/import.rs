//! `terrier import`

mod suggest;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use terrier_exchange::{Description, Extent, Mapping, ReadOptions, SourceFile};
use terrier_intake::{Order, Outcomes, Purpose, RefusedRows, report_json, take_in};
use terrier_model::{Classes, Scope, Verb};
use terrier_store::{Change, EventCounts, Ledger, LedgerError, Since};

use crate::cli::import::{ImportOptions, ReadingOptions};
use crate::failure::{Failure, REFUSED};
use crate::output::{self, report, say};
use crate::{clock, folder, progress};

pub(crate) async fn run(folder: &Path, options: ImportOptions) -> Result<ExitCode, Failure> {
    if options.suggest {
        return suggest::run(folder, &options).await;
    }
    let now = clock::now();
    if options.valid_from.is_some_and(|from| from > now) {
        return Err(Failure::usage("--valid-from lies in the future, expected a time until now"));
    }
    let known = if Ledger::exists(folder) { Some(Ledger::open(folder).await?) } else { None };
    let classes = match &known {
        Some(ledger) => ledger.classes().await?,
        None => folder::first_classes()?,
    };
    // What cannot be imported makes no registry either.
    let mapping = Arc::new(mapping(&options, &classes)?);
    if known.is_none() && mapping.is_of_events() {
        return Err(LedgerError::NoRegistry { folder: folder.into() }.into());
    }
    let file = open(&options, mapping.options())?;
    let description = file.description().clone();
    let (ledger, scratch) = match known {
        Some(ledger) => (ledger, None),
        None if options.dry_run => folder::rehearse(folder).await?,
        None => (folder::open_or_create(folder).await?, None),
    };
    let today = clock::today(&ledger.time_zone().await?);
    let change = change(&options, &mapping, now, today);
    let bar = match description.extent {
        Some(Extent::Rows(rows)) => progress::of_assets(rows, "importing"),
        Some(Extent::Bytes(bytes)) => progress::of_bytes(bytes, "importing"),
        None => progress::of_bytes(0, "importing"),
    };
    let order = Order {
        file,
        mapping,
        change,
        request: None,
        scope: Scope::everything(),
        purpose: if options.dry_run { Purpose::Rehearse } else { Purpose::Write },
        strict: options.strict,
        refused_rows: options.faults.clone().map(|path| RefusedRows { path, max_bytes: u64::MAX }),
    };
    let done = take_in(&ledger, order, clock::new_id, |_, end| bar.set_position(end)).await;
    bar.finish_and_clear();
    let outcomes = done?;
    ledger.close().await;
    drop(scratch);
    tell(&options, &description, &outcomes)?;
    Ok(if outcomes.refused > 0 { ExitCode::from(REFUSED) } else { ExitCode::SUCCESS })
}

fn mapping(options: &ImportOptions, classes: &Classes) -> Result<Mapping, Failure> {
    if let Some(path) = &options.mapping {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::because(format!("cannot read the mapping `{}`", path.display()), error)
        })?;
        return Ok(Mapping::parse(&text, classes)?);
    }
    let name = options.collection.as_deref().unwrap_or_default();
    let class = classes.get(name).ok_or_else(|| {
        let names: Vec<&str> = classes.iter().map(|class| class.name()).collect();
        let names = names.join(", ");
        Failure::usage(format!("no collection `{name}` to import into, expected one of {names}"))
    })?;
    Ok(Mapping::plain(&source(options), class))
}

/// Whose keys the rows carry where no mapping says it.
fn source(options: &ImportOptions) -> String {
    let stem = options.file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    options.source.clone().or(stem).unwrap_or_default()
}

/// Opens the file as the command line says, and otherwise as the other options say.
fn open(options: &ImportOptions, otherwise: &ReadOptions) -> Result<SourceFile, Failure> {
    let ReadingOptions { crs, layer, sheet, header_row, encoding, delimiter, decimal } =
        &options.reading;
    let said = ReadOptions {
        crs: crs.clone(),
        positions: None,
        encoding: encoding.clone(),
        delimiter: *delimiter,
        decimal: *decimal,
        layer: layer.clone(),
        sheet: sheet.clone(),
        header_row: *header_row,
        survey: None,
        only_look: false,
    };
    let file = SourceFile::open(&options.file, &said.clone().or(otherwise))?;
    let format = file.description().format;
    match said.foreign_to(format) {
        Some(option) => Err(Failure::usage(format!(
            "--{} says nothing about `{}`, which is {}",
            option.replace('_', "-"),
            options.file.display(),
            format.name()
        ))),
        None => Ok(file),
    }
}

fn change(options: &ImportOptions, mapping: &Mapping, now: Timestamp, today: Date) -> Change {
    let name = options.file.file_name().unwrap_or_default().to_string_lossy();
    Change {
        source: mapping.source().into(),
        verb: if options.correct { Verb::Correct } else { Verb::Update },
        since: options.valid_from.map_or(Since::Now, Since::At),
        recorded_at: now,
        today,
        actor: folder::actor(options.actor.as_ref()),
        reason: options.reason.clone(),
        origin: format!("import {name}"),
    }
}

fn tell(
    options: &ImportOptions,
    description: &Description,
    outcomes: &Outcomes,
) -> Result<(), Failure> {
    let Outcomes { are_events, stopped, rows, refused, not_taken, kept: _, told, ledger, untaken } =
        outcomes;
    if options.json {
        let purpose = if options.dry_run { Purpose::Rehearse } else { Purpose::Write };
        return output::report_json(&report_json(description, outcomes, purpose));
    }
    if options.dry_run || description.is_guessed {
        say(format!("`{}` is {description}", options.file.display()));
    }
    for (row, faults) in told {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        say(format!("row {row}: {}", faults.join("; ")));
    }
    if *refused > told.len() as u64 {
        say(format!("… and {} more refused rows", refused - told.len() as u64));
    }
    for (property, rows) in untaken.properties() {
        say(format!("property `{property}` not taken ({rows} rows)"));
    }
    if untaken.unnamed() > 0 {
        say(format!("{} values of further properties not taken", untaken.unnamed()));
    }
    if untaken.heights() > 0 {
        say(format!("heights of positions not taken ({} rows)", untaken.heights()));
    }
    if *stopped {
        say("a row was refused, so nothing was taken (--strict)");
    }
    let outcome = match ledger.sequence {
        _ if options.dry_run => "dry run, nothing was written".to_owned(),
        Some(sequence) => format!("change {sequence}"),
        None => "no change".to_owned(),
    };
    if *are_events {
        let taken = rows - refused - not_taken;
        let events = events_in_words(ledger.events);
        return report(format!(
            "{rows} rows: {taken} taken, {refused} refused, {not_taken} not taken{events} ({outcome})"
        ));
    }
    report(format!(
        "{rows} rows: {} new, {} changed, {} unchanged, {refused} refused, {not_taken} not taken\
         {} ({outcome})",
        ledger.created,
        ledger.changed,
        ledger.unchanged,
        events_in_words(ledger.events)
    ))
}

/// What came of events, behind what came of the rows; nothing when there were none.
fn events_in_words(counts: EventCounts) -> String {
    let EventCounts { recorded, superseded, known } = counts;
    if recorded + superseded + known == 0 {
        return String::new();
    }
    let all = recorded + known;
    format!("; {all} events: {recorded} new, {known} known, {superseded} corrected")
}
