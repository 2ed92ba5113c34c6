//! `terrier import`

mod suggest;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use indicatif::ProgressBar;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value as Json, json};
use terrier_exchange::{
    Description, Extent, FaultFile, Happened, Mapper, Mapping, Outcome, ReadError, ReadOptions,
    Row, SourceFile, Untaken,
};
use terrier_model::{AssetId, Checked, Classes, Fault, Verb};
use terrier_spatial::Crs;
use terrier_store::{
    Arrival, Change, ChangeReport, ChangeSession, EventCounts, Ledger, LedgerError, Name,
    Occurrence, Since,
};
use tokio::sync::mpsc;

use crate::cli::import::{ImportOptions, ReadingOptions};
use crate::failure::{Failure, REFUSED};
use crate::output::{report, report_json, say};
use crate::{clock, folder, progress};

/// How many rows go to the ledger at once.
const BATCH_ROWS: usize = 500;

/// How many batches may wait for the ledger.
const BATCHES_WAITING: usize = 4;

/// How many refused rows a report tells of.
const TOLD_MAX: usize = 20;

/// Rows on their way from the file to the ledger.
#[derive(Default)]
struct Batch {
    /// Rows that have passed the check of their class.
    arrivals: Vec<(Row, Arrival)>,
    /// Rows that tell what happened to assets that are known.
    occurrences: Vec<(Row, Occurrence)>,
    refused: Vec<(Row, Vec<Fault>)>,
    not_taken: u64,
    /// How far the file has been read.
    end: u64,
}

/// What came of an import.
#[derive(Default)]
struct Outcomes {
    /// Whether the rows tell what happened, and not what assets are.
    are_events: bool,
    rows: u64,
    refused: u64,
    not_taken: u64,
    told: Vec<(u64, Vec<Fault>)>,
    ledger: ChangeReport,
    untaken: Untaken,
}

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
    let is_of_events = mapping.is_of_events();
    let file = open(&options, mapping.options())?;
    let description = file.description().clone();
    let (ledger, scratch) = match known {
        Some(ledger) => (ledger, None),
        None if options.dry_run => folder::rehearse(folder).await?,
        None => (folder::open_or_create(folder).await?, None),
    };
    let today = clock::today(&ledger.time_zone().await?);
    let settings = settings(&options, &mapping, now, today);
    let faults = options.faults.as_deref();
    let mut faults = faults.map(|path| FaultFile::create(path, &description)).transpose()?;
    let mut session = ledger.begin_change(settings).await?;
    let bar = match description.extent {
        Some(Extent::Rows(rows)) => progress::of_assets(rows, "importing"),
        Some(Extent::Bytes(bytes)) => progress::of_bytes(bytes, "importing"),
        None => progress::of_bytes(0, "importing"),
    };
    let (sender, receiver) = mpsc::channel(BATCHES_WAITING);
    let reading = tokio::task::spawn_blocking(move || read(file, mapping, &sender));
    let mut outcomes = Outcomes::default();
    let taken =
        take(&mut session, receiver, &mut faults, options.strict, &bar, &mut outcomes).await;
    bar.finish_and_clear();
    // When the ledger or the fault file fails, the reader ends by itself: nobody takes its batches.
    taken?;
    let read = reading.await.map_err(|error| Failure::because("cannot read the file", error))?;
    outcomes.untaken = read?;
    let stopped = options.strict && outcomes.refused > 0;
    // Before the commit, for a failure means that nothing was taken.
    if let Some(file) = faults {
        file.finish()?;
    }
    outcomes.ledger = if stopped {
        session.abandon().await?;
        ChangeReport::default()
    } else if options.dry_run {
        session.abandon().await?
    } else {
        session.commit().await?
    };
    ledger.close().await;
    drop(scratch);
    outcomes.are_events = is_of_events;
    tell(&options, &description, &outcomes, stopped)?;
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

fn settings(options: &ImportOptions, mapping: &Mapping, now: Timestamp, today: Date) -> Change {
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

/// Reads the file to its end, on a thread of its own.
fn read(
    file: SourceFile,
    mapping: Arc<Mapping>,
    sender: &mpsc::Sender<Batch>,
) -> Result<Untaken, ReadError> {
    let mut mapper = Mapper::new(mapping, file.description());
    let mut batch = Batch::default();
    for row in file {
        let row = row?;
        batch.end = row.end;
        match mapper.read(&row) {
            Outcome::NotTaken => batch.not_taken += 1,
            Outcome::Refused(faults) => batch.refused.push((row, faults)),
            Outcome::Happened(happened) => {
                let Happened { id, external_key, class, events } = happened;
                let class = class.map(|class| class.name().into());
                let occurrence = Occurrence { name: name(id, external_key), class, events };
                batch.occurrences.push((row, occurrence));
            }
            Outcome::Draft { class, draft } => match draft.check(&class) {
                Err(faults) => batch.refused.push((row, faults)),
                Ok(Checked { content, given, events }) => {
                    let name = name(draft.id, draft.external_key);
                    batch.arrivals.push((row, Arrival { class, name, content, given, events }));
                }
            },
        }
        if batch.arrivals.len() + batch.occurrences.len() + batch.refused.len() >= BATCH_ROWS
            && sender.blocking_send(std::mem::take(&mut batch)).is_err()
        {
            // Nobody wants the rest; why, they know.
            return Ok(mapper.into_untaken());
        }
    }
    let _ = sender.blocking_send(batch);
    Ok(mapper.into_untaken())
}

/// By what a row names its asset.
fn name(id: Option<AssetId>, external_key: Option<String>) -> Name {
    match (id, external_key) {
        (Some(id), _) => Name::Id(id),
        // The mapper refuses rows that have neither.
        (None, key) => Name::Key(key.unwrap_or_default()),
    }
}

/// Takes the rows into the import as they come.
async fn take(
    session: &mut ChangeSession,
    mut receiver: mpsc::Receiver<Batch>,
    faults: &mut Option<FaultFile>,
    strict: bool,
    bar: &ProgressBar,
    outcomes: &mut Outcomes,
) -> Result<(), Failure> {
    while let Some(Batch { arrivals, occurrences, mut refused, not_taken, end }) =
        receiver.recv().await
    {
        outcomes.rows += (arrivals.len() + occurrences.len() + refused.len()) as u64 + not_taken;
        outcomes.not_taken += not_taken;
        let (rows, arrivals): (Vec<Row>, Vec<Arrival>) = arrivals.into_iter().unzip();
        let refusals = session.put(arrivals, clock::new_id).await?;
        if !refusals.is_empty() {
            let mut rows: Vec<Option<Row>> = rows.into_iter().map(Some).collect();
            for refusal in refusals {
                refused.extend(rows[refusal.place].take().map(|row| (row, refusal.faults)));
            }
        }
        if !occurrences.is_empty() {
            let (rows, occurrences): (Vec<Row>, Vec<Occurrence>) = occurrences.into_iter().unzip();
            let taken = session.put_events(occurrences).await?;
            let wrong = rows.into_iter().zip(taken);
            refused.extend(wrong.filter_map(|(row, taken)| Some((row, taken.err()?))));
        }
        refused.sort_by_key(|(row, _)| row.number);
        for (row, found) in refused {
            if let Some(file) = faults {
                file.write(&row, &found)?;
            }
            outcomes.refused += 1;
            if outcomes.told.len() < TOLD_MAX {
                outcomes.told.push((row.number, found));
            }
        }
        bar.set_position(end);
        if strict && outcomes.refused > 0 {
            return Ok(());
        }
    }
    Ok(())
}

fn tell(
    options: &ImportOptions,
    description: &Description,
    outcomes: &Outcomes,
    stopped: bool,
) -> Result<(), Failure> {
    let Outcomes { are_events, rows, refused, not_taken, told, ledger, untaken } = outcomes;
    if options.json {
        return report_json(&as_json(options, description, outcomes, stopped));
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
    if stopped {
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

fn as_json(
    options: &ImportOptions,
    description: &Description,
    outcomes: &Outcomes,
    stopped: bool,
) -> Json {
    let Outcomes { are_events: _, rows, refused, not_taken, told, ledger, untaken } = outcomes;
    let fault = |fault: &Fault| {
        json!({
            "place": fault.place.to_string(),
            "found": fault.found,
            "expected": fault.expected,
        })
    };
    let faults: Vec<Json> = told
        .iter()
        .map(|(row, faults)| {
            json!({ "row": row, "faults": faults.iter().map(fault).collect::<Vec<_>>() })
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
        "dry_run": options.dry_run,
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
        // The first ones; the file of --faults has all.
        "refused_rows": faults,
        "untaken_properties": properties,
        "untaken_values": untaken.unnamed(),
        "untaken_heights": untaken.heights(),
    })
}
