//! `terrier due`

use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use jiff::civil::Date;
use terrier_catalog::{
    Collection, DueField, DueOf, FeatureQuery, FeatureWriter, Presentation, due_fields,
};
use terrier_exchange::{csv_text, write_named_crs};
use terrier_model::{CoreField, Scope, ValueRef, core_position};
use terrier_store::{Judged, Ledger};

use crate::audit;
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
    if options.crs.is_some() && options.format != DueFormat::Geojson {
        return Err(Failure::usage("--crs is for GeoJSON: the other forms have no positions"));
    }
    let shown = question::shown(query.collection(), options.crs.as_deref())?;
    let list = List { ledger: &ledger, query: &query, shown: &shown, format: options.format };
    let written = match &options.output {
        None => list.write(std::io::stdout().lock()).await?,
        Some(path) => {
            let file = WholeFile::create(path)?;
            let written = list.write(file.file()).await?;
            file.finish()?;
            written
        }
    };
    let day = options.on.map(|on| on.to_string());
    let mut pairs = question::pairs("`due`", &options.conditions)?;
    pairs.extend(day.as_deref().map(|on| ("on", on)));
    audit::keep_read(&ledger, "due", query.collection(), &pairs, written.pieces).await?;
    ledger.close().await;
    let on = options.on.unwrap_or(today);
    say(format!("{} pieces of work as of {on}", written.pieces));
    if written.elsewhere > 0 {
        say(question::elsewhere(written.elsewhere, &shown));
    }
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
    FeatureQuery::parse(Collection::Due(today, DueOf::All), &Scope::everything(), today, pairs)
        .map(|(query, _)| query)
        .map_err(|error| Failure::usage(error.to_string()))
}

/// What has been written.
#[derive(Clone, Copy, Debug, Default)]
struct Written {
    pieces: u64,
    /// How many of them have no position in the coordinate system, and so no geometry.
    elsewhere: u64,
}

/// What falls due, on its way out.
struct List<'a> {
    ledger: &'a Ledger,
    query: &'a FeatureQuery,
    shown: &'a Presentation,
    format: DueFormat,
}

impl List<'_> {
    /// Writes all of it, and answers how much there was.
    async fn write(&self, out: impl Write) -> Result<Written, Failure> {
        let fault = |error| Failure::because("cannot write what falls due", error);
        let mut out = BufWriter::with_capacity(1 << 16, out);
        let (mut written, mut done, mut text) = (Written::default(), Ok(()), Vec::new());
        let (head, end) = match self.format {
            DueFormat::Table => (table_head().into_bytes(), ""),
            DueFormat::Csv => (csv_head().into_bytes(), ""),
            DueFormat::Geojson => (self.geojson_head(), "\n]}\n"),
        };
        let scope = self.query.scope();
        let writer = FeatureWriter::new(self.shown, self.query.collection(), scope);
        let writer = writer.with_easting_first();
        out.write_all(&head).map_err(fault)?;
        self.ledger
            .for_each_work(self.query, |work| {
                text.clear();
                match self.format {
                    DueFormat::Table => table_line(work, &mut text),
                    DueFormat::Csv => csv_line(work, &mut text),
                    DueFormat::Geojson => {
                        text.extend(if written.pieces == 0 { &b"\n"[..] } else { b",\n" });
                        if self.shown.is_plain() {
                            work.write_feature(self.query.collection(), scope, &mut text);
                        } else {
                            work.write_shown(scope, &writer, &mut text);
                            let shape = self.shown.shape(&work.asset().content.shape);
                            written.elsewhere += u64::from(shape.is_none());
                        }
                    }
                }
                written.pieces += 1;
                done = out.write_all(&text);
                done.is_ok()
            })
            .await?;
        done.and_then(|()| out.write_all(end.as_bytes()))
            .and_then(|()| out.flush())
            .map_err(fault)?;
        Ok(written)
    }

    fn geojson_head(&self) -> Vec<u8> {
        let mut head = br#"{"type":"FeatureCollection","#.to_vec();
        if let Some(crs) = self.shown.crs() {
            write_named_crs(&mut head, crs);
        }
        if let Some(day) = self.query.due() {
            head.extend(format!(r#""on":"{}","#, day.on).as_bytes());
        }
        head.extend(br#""features":["#);
        head
    }
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
        work.why(&Scope::everything()),
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
    out.extend(csv_text(&work.why(&Scope::everything())).into_bytes());
    out.extend(b"\r\n");
}
