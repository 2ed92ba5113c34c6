//! `terrier summary`

use std::path::Path;
use std::process::ExitCode;

use jiff::civil::Date;
use terrier_catalog::{
    Amount, CLIP, Collection, DueOf, Figure, GROUP_BY, Group, Label, MEASURE, QueryError, Summary,
    SummaryQuery, summary_json,
};
use terrier_exchange::summary_csv;
use terrier_model::{AssetView, Classes, Field, Scope, Text};
use terrier_store::Ledger;

use crate::cli::SummaryOptions;
use crate::clock;
use crate::failure::Failure;
use crate::output::{report, report_json, report_text};
use crate::question;
use crate::table::Table;

pub(crate) async fn run(folder: &Path, options: &SummaryOptions) -> Result<ExitCode, Failure> {
    let ledger = Ledger::open(folder).await?;
    let classes = ledger.classes().await?;
    let today = clock::today(&ledger.time_zone().await?);
    let query = asked(&classes, options, today)?;
    let summary = add_up(&ledger, &query).await?;
    ledger.close().await;
    let titles = Titles(&classes);
    if options.json {
        report_json(&summary_json(&query, &summary, |name| titles.of_class(name)))?;
        return Ok(ExitCode::SUCCESS);
    }
    if options.csv {
        report_text(&summary_csv(&query, &summary, |name| titles.of_class(name)))?;
        return Ok(ExitCode::SUCCESS);
    }
    titles.table(&query, &summary).lines().into_iter().try_for_each(report)?;
    Ok(ExitCode::SUCCESS)
}

fn asked(
    classes: &Classes,
    options: &SummaryOptions,
    today: Date,
) -> Result<SummaryQuery, Failure> {
    let collection = match DueOf::find(&options.collection) {
        Some(of) => Collection::Due(today, of),
        None => question::collection(&options.collection, classes)?,
    };
    let mut pairs = question::pairs("a summary", &options.conditions)?;
    let on = options.on.map(|on| on.to_string());
    pairs.extend(on.as_deref().map(|on| ("on", on)));
    pairs.extend(options.group_by.as_deref().map(|fields| (GROUP_BY, fields)));
    pairs.extend(options.measure.as_deref().map(|measures| (MEASURE, measures)));
    pairs.extend(options.clip.then_some((CLIP, "true")));
    SummaryQuery::parse(collection, &Scope::everything(), today, pairs).map_err(refused)
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
fn refused(error: QueryError) -> Failure {
    Failure::usage(error.to_string())
}

/// Reads the ledger, as an export does: nothing but the figures is held in memory.
async fn add_up(ledger: &Ledger, query: &SummaryQuery) -> Result<Summary, Failure> {
    let mut tally = query.tally();
    let mut added = Ok(());
    if query.features().due().is_some() {
        let work = ledger.for_each_work(query.features(), |work| {
            added = tally.add(&work.view());
            added.is_ok()
        });
        work.await?;
        return added.and_then(|()| tally.finish()).map_err(refused);
    }
    ledger
        .for_each_judged(query.features(), |asset, due_state| {
            added = tally.add(&AssetView {
                value: |position| asset.value(position),
                shape: || Some(asset.content.shape.clone()),
                due_state,
            });
            added.is_ok()
        })
        .await?;
    added.and_then(|()| tally.finish()).map_err(refused)
}

/// What people call things.
struct Titles<'a>(&'a Classes);

impl Titles<'_> {
    fn of_class(&self, name: &str) -> Option<Text> {
        self.0.get(name).map(|class| class.title().clone())
    }

    fn of(&self, label: &Label, field: &Field) -> Option<Text> {
        label.title(field, |name| self.of_class(name))
    }

    /// For people: the groups, then all together. How many assets a figure leaves out is shown
    /// where there are any; what the values mean stands last.
    fn table(&self, query: &SummaryQuery, summary: &Summary) -> Table {
        let rows = || summary.groups.iter().map(|group| &group.figures).chain([&summary.total]);
        let has_gaps: Vec<bool> = (0..summary.total.len())
            .map(|column| rows().any(|figures| figures[column].missing > 0))
            .collect();
        let fields: Vec<&Field> = query.group_fields().collect();
        let mut heading: Vec<(String, bool)> =
            fields.iter().map(|field| (field.name.to_string(), false)).collect();
        for (measure, has_gaps) in query.measures().zip(&has_gaps) {
            heading.push((measure.name().into(), true));
            if *has_gaps {
                heading.push((format!("no {}", measure.name()), true));
            }
        }
        heading.push((String::new(), false));
        let mut table = Table::new(heading);
        let numbers = |figures: &[Figure]| {
            let mut cells = Vec::new();
            for (figure, has_gaps) in figures.iter().zip(&has_gaps) {
                cells.push(figure.amount.map_or_else(|| "-".into(), shown));
                if *has_gaps {
                    cells.push(figure.missing.to_string());
                }
            }
            cells
        };
        for group in &summary.groups {
            let mut cells: Vec<String> = group.labels.iter().map(name).collect();
            cells.extend(numbers(&group.figures));
            cells.push(self.in_words(&fields, group));
            table.push(cells);
        }
        let mut cells = vec![String::new(); fields.len()];
        if let Some(first) = cells.first_mut() {
            *first = "total".into();
        }
        cells.extend(numbers(&summary.total));
        cells.push(String::new());
        table.push(cells);
        table
    }

    fn in_words(&self, fields: &[&Field], group: &Group) -> String {
        let labels = group.labels.iter().zip(fields).filter(|(label, _)| is_coded(label));
        let titles = labels.filter_map(|(label, field)| self.of(label, field));
        titles.map(|title| format!("{} {}", title.en, title.zh)).collect::<Vec<_>>().join(", ")
    }
}

fn is_coded(label: &Label) -> bool {
    matches!(label, Label::Text(_))
}

fn name(label: &Label) -> String {
    match label {
        Label::Text(text) => text.to_string(),
        Label::Truth(truth) => truth.to_string(),
        Label::Unknown => "unknown".into(),
    }
}

fn shown(amount: Amount) -> String {
    match amount {
        Amount::Whole(number) => number.to_string(),
        Amount::Decimal(number) => format!("{number:.3}"),
    }
}
