//! `terrier due`

use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use jiff::civil::Date;
use terrier_catalog::{Collection, DueField, DueOf, FeatureQuery, due_fields};
use terrier_exchange::csv_text;
use terrier_model::{CoreField, Scope, ValueRef, core_position};
use terrier_store::{Judged, Ledger};

use crate::cli::Conditions;
use crate::cli::due::{DueFormat, DueOptions};
use crate::clock;
use crate::failure::Failure;
use crate::output::say;
use crate::question;
use crate::whole_file::WholeFile;

pub(crate) async fn run(folder: &Path, options: DueOptions) -> Result<ExitCode, Failure> {
    let ledger = Ledger::open(folder).await?;
    let today = clock::today(&ledger.time_zone().await?);
    let query = asked(&options.conditions, options.on, today)?;
    let count = match &options.output {
        None => write(&ledger, &query, options.format, std::io::stdout().lock()).await?,
        Some(path) => {
            let file = WholeFile::create(path)?;
            let count = write(&ledger, &query, options.format, file.file()).await?;
            file.finish()?;
            count
        }
    };
    ledger.close().await;
    let on = options.on.unwrap_or(today);
    say(format!("{count} pieces of work as of {on}"));
    if on < today {
        say("note: the assets as they are known today, with the events up to that day");
    }
    Ok(ExitCode::SUCCESS)
}

/// The question for the work that the conditions are about, as of a day.
pub(crate) fn asked(
    conditions: &Conditions,
    on: Option<Date>,
    today: Date,
) -> Result<FeatureQuery, Failure> {
    let on = on.map(|on| on.to_string());
    let mut pairs = question::pairs("`due`", conditions)?;
    pairs.extend(on.as_deref().map(|on| ("on", on)));
    FeatureQuery::parse(Collection::Due(today, DueOf::All), Scope::Everything, today, pairs)
        .map(|(query, _)| query)
        .map_err(|error| Failure::usage(error.to_string()))
}

/// Writes all of it, and answers how much there was.
async fn write(
    ledger: &Ledger,
    query: &FeatureQuery,
    format: DueFormat,
    out: impl Write,
) -> Result<u64, Failure> {
    let fault = |error| Failure::because("cannot write what falls due", error);
    let mut out = BufWriter::with_capacity(1 << 16, out);
    let (mut count, mut done, mut text) = (0, Ok(()), Vec::new());
    let (head, end) = match format {
        DueFormat::Table => (table_head(), ""),
        DueFormat::Csv => (csv_head(), ""),
        DueFormat::Geojson => (geojson_head(query), "\n]}\n"),
    };
    out.write_all(head.as_bytes()).map_err(fault)?;
    ledger
        .for_each_work(query, |work| {
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
        })
        .await?;
    done.and_then(|()| out.write_all(end.as_bytes())).and_then(|()| out.flush()).map_err(fault)?;
    Ok(count)
}

fn geojson_head(query: &FeatureQuery) -> String {
    let on = query.due().map(|day| format!(r#""on":"{}","#, day.on)).unwrap_or_default();
    format!(r#"{{"type":"FeatureCollection",{on}"features":["#)
}

fn table_head() -> String {
    format!(
        "{:<9} {:<8} {:<10} {:<3} {:<18} {:<14} {:>10}  {}\n",
        "state", "kind", "due_on", "pr.", "class", "code", "length_m", "why"
    )
}

fn table_line(work: &Judged<'_>, out: &mut Vec<u8>) {
    let shown = |position: usize| work.value(position).map_or("-".into(), |v| v.to_string());
    let due = |field: DueField| shown(field.position());
    let length = match work.value(core_position(CoreField::LengthM)) {
        Some(ValueRef::Number(length)) => format!("{length:.1}"),
        _ => "-".to_owned(),
    };
    let line = format!(
        "{:<9} {:<8} {:<10} {:<3} {:<18} {:<14} {length:>10}  {}\n",
        due(DueField::State),
        due(DueField::Kind),
        due(DueField::DueOn),
        due(DueField::Priority),
        work.asset().class.name(),
        shown(core_position(CoreField::Code)),
        work.why(Scope::Everything),
    );
    // A text may have line ends and tabs, which would break its line.
    let line = line.trim_end().replace(char::is_control, " ");
    out.extend(line.into_bytes());
    out.push(b'\n');
}

fn csv_head() -> String {
    let names = due_fields().iter().map(|field| &*field.name);
    let names: Vec<&str> = std::iter::once("id").chain(names).chain(["why"]).collect();
    format!("{}\r\n", names.join(","))
}

fn csv_line(work: &Judged<'_>, out: &mut Vec<u8>) {
    out.extend(work.id().to_string().into_bytes());
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
