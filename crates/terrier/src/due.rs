//! `terrier due`

use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use jiff::civil::Date;
use terrier_catalog::{Collection, DueField, DueId, FeatureQuery, due_fields};
use terrier_exchange::csv_text;
use terrier_model::{CoreField, Scope, ValueRef, WorkKind, core_fields, core_position};
use terrier_store::{Registry, Snapshot, Work};

use crate::cli::due::{DueFormat, DueOptions};
use crate::clock;
use crate::failure::Failure;
use crate::output::say;
use crate::question;
use crate::whole_file::WholeFile;

pub(crate) async fn run(folder: &Path, options: DueOptions) -> Result<ExitCode, Failure> {
    let today = clock::today();
    let query = asked(&options, today)?;
    let registry = Registry::open(folder).await?;
    let snapshot = registry.snapshot();
    let fault = |error| Failure::because("cannot write what falls due", error);
    let count = match &options.output {
        None => write(&snapshot, &query, options.format, std::io::stdout().lock()),
        Some(path) => {
            let file = WholeFile::create(path)?;
            let written = write(&snapshot, &query, options.format, file.file());
            if written.is_ok() {
                file.finish()?;
            }
            written
        }
    };
    let count = count.map_err(fault)?;
    registry.ledger().close().await;
    let on = options.on.unwrap_or(today);
    say(format!("{count} pieces of work as of {on}"));
    if on < today {
        say("note: the assets as they are known today, with the events up to that day");
    }
    Ok(ExitCode::SUCCESS)
}

fn asked(options: &DueOptions, today: Date) -> Result<FeatureQuery, Failure> {
    let on = options.on.map(|on| on.to_string());
    let mut pairs = question::pairs("`due`", &options.conditions)?;
    pairs.extend(on.as_deref().map(|on| ("on", on)));
    FeatureQuery::parse(Collection::Due(today), Scope::Everything, pairs)
        .map(|(query, _)| query)
        .map_err(|error| Failure::usage(error.to_string()))
}

/// Writes all of it, and answers how much there was.
fn write(
    snapshot: &Snapshot,
    query: &FeatureQuery,
    format: DueFormat,
    out: impl Write,
) -> std::io::Result<u64> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    let (mut count, mut done, mut text) = (0, Ok(()), Vec::new());
    let (head, end) = match format {
        DueFormat::Table => (table_head(), ""),
        DueFormat::Csv => (csv_head(), ""),
        DueFormat::Geojson => (geojson_head(query), "\n]}\n"),
    };
    out.write_all(head.as_bytes())?;
    snapshot.for_each_work(query, |work| {
        text.clear();
        match format {
            DueFormat::Table => table_line(work, &mut text),
            DueFormat::Csv => csv_line(work, &mut text),
            DueFormat::Geojson => {
                text.extend(if count == 0 { &b"\n"[..] } else { b",\n" });
                work.write_feature(query.scope(), &mut text);
            }
        }
        count += 1;
        done = out.write_all(&text);
        done.is_ok()
    });
    done?;
    out.write_all(end.as_bytes())?;
    out.flush()?;
    Ok(count)
}

fn geojson_head(query: &FeatureQuery) -> String {
    let on = query.due().map(|day| format!(r#""on":"{}","#, day.on)).unwrap_or_default();
    format!(r#"{{"type":"FeatureCollection",{on}"features":["#)
}

fn table_head() -> String {
    format!(
        "{:<9} {:<8} {:<10} {:<3} {:<18} {:>10}  {}\n",
        "state", "kind", "due_on", "pr.", "class", "length_m", "why"
    )
}

fn table_line(work: &Work, out: &mut Vec<u8>) {
    let shown = |position: usize| work.value(position).map_or("-".into(), |v| v.to_string());
    let due = |field: DueField| shown(position_of(field));
    let length = match work.value(core_position(CoreField::LengthM)) {
        Some(ValueRef::Number(length)) => format!("{length:.1}"),
        _ => "-".to_owned(),
    };
    let line = format!(
        "{:<9} {:<8} {:<10} {:<3} {:<18} {length:>10}  {}\n",
        due(DueField::State),
        due(DueField::Kind),
        due(DueField::DueOn),
        due(DueField::Priority),
        work.class().name(),
        work.why(Scope::Everything),
    );
    // A text may have line ends and tabs, which would break its line.
    let line = line.trim_end().replace(char::is_control, " ");
    out.extend(line.into_bytes());
    out.push(b'\n');
}

/// The place of a field of work among all fields of what falls due.
fn position_of(field: DueField) -> usize {
    let own = DueField::ALL.iter().position(|other| *other == field);
    core_fields().len() + own.expect("all fields are in the list of all")
}

fn csv_head() -> String {
    let names = due_fields().iter().map(|field| &*field.name);
    let names: Vec<&str> = std::iter::once("id").chain(names).chain(["why"]).collect();
    format!("{}\r\n", names.join(","))
}

fn csv_line(work: &Work, out: &mut Vec<u8>) {
    let kind = match work.value(position_of(DueField::Kind)) {
        Some(ValueRef::Text(code)) => WorkKind::from_code(code),
        _ => None,
    };
    let kind = kind.expect("work is of a kind");
    out.extend(DueId { asset: work.asset(), kind }.to_string().into_bytes());
    for position in 0..due_fields().len() {
        let text = work.value(position).map_or(String::new(), |value| value.to_string());
        let is_text = matches!(work.value(position), Some(ValueRef::Text(_)));
        out.push(b',');
        out.extend(if is_text { csv_text(&text) } else { text }.into_bytes());
    }
    out.push(b',');
    out.extend(csv_text(&work.why(Scope::Everything)).into_bytes());
    out.extend(b"\r\n");
}
