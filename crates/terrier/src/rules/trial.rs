//! `terrier rules try`: what a pack would change if it were put in force.

mod list;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value as Json, json};
use terrier_catalog::{
    Amount, Collection, DueOf, Figure, GROUP_BY, Group, Label, MEASURE, QueryError, Summary,
    SummaryQuery,
};
use terrier_model::{DueState, Scope, WorkKind};
use terrier_store::{Judged, Ledger, Retold, RulePutReport};

use super::{differences, read};
use crate::cli::rules::RulesTryOptions;
use crate::clock;
use crate::failure::Failure;
use crate::output::{report, report_json, say};
use crate::table::Table;
use list::List;

/// What is counted of the work before and after.
const CONDITIONS: [(&str, &str); 2] = [(GROUP_BY, "class,kind,state"), (MEASURE, "count,length_m")];

pub(super) async fn run(folder: &Path, options: &RulesTryOptions) -> Result<ExitCode, Failure> {
    let (pack, text) = read(&options.file)?;
    let ledger = Ledger::open(folder).await?;
    let today = clock::today(&ledger.time_zone().await?);
    let query = crate::due::asked(&options.conditions, options.on, today)?;
    let list = options.output.as_deref().map(|path| List::create(path, options.format));
    let mut list = list.transpose()?;
    let summary = SummaryQuery::parse(
        Collection::Due(today, DueOf::All),
        &Scope::everything(),
        today,
        CONDITIONS,
    );
    let summary = summary.map_err(refused)?;
    let (mut before, mut after) = (summary.tally(), summary.tally());
    let (mut found, mut done) = (Found::default(), Ok(()));
    let report = ledger
        .try_rules(&pack.name, &text, &query, |work| {
            let tallies = [(&mut before, &work.before), (&mut after, &work.after)];
            for (tally, side) in tallies {
                if let (Ok(()), Some(side)) = (&done, side) {
                    done = tally.add(&side.view()).map_err(refused);
                }
            }
            let change = Change::of(work);
            found.add(work, change);
            if let (Ok(()), Some(change), Some(list)) = (&done, change, &mut list) {
                done = list.put(work, change);
            }
            done.is_ok()
        })
        .await?;
    done?;
    ledger.close().await;
    list.map_or(Ok(()), List::finish)?;
    let finished = |summary: Result<Summary, QueryError>| summary.map_err(refused);
    let (before, after) = (finished(before.finish())?, finished(after.finish())?);
    let on = options.on.unwrap_or(today).to_string();
    let told = Told { pack: &pack.name, on: &on, report: &report, found: &found };
    let lines = lines(&before, &after);
    if options.json {
        report_json(&told.json(&lines))?;
    } else {
        told.tell(&lines)?;
    }
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
fn refused(error: QueryError) -> Failure {
    Failure::usage(error.to_string())
}

/// What becomes of a piece of work.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Change {
    /// It was not wanted.
    New,
    /// It is wanted no more.
    Gone,
    /// It has another state.
    State,
    /// It has the same state, and falls due or comes in sight on another day.
    Day,
    /// Only its rule or its priority is another.
    Rule,
}

impl Change {
    const ALL: [Self; 5] = [Self::New, Self::Gone, Self::State, Self::Day, Self::Rule];

    /// The word, and how it is said of a number of pieces.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::New => ("new", "new"),
            Self::Gone => ("gone", "gone"),
            Self::State => ("state", "in another state"),
            Self::Day => ("day", "on another day"),
            Self::Rule => ("rule", "by another rule or priority"),
        }
    }

    fn of(work: &Retold<'_>) -> Option<Self> {
        let (before, after) = match (&work.before, &work.after) {
            (None, _) => return Some(Self::New),
            (_, None) => return Some(Self::Gone),
            (Some(before), Some(after)) => (before, after),
        };
        let days = |work: &Judged<'_>| {
            let item = work.item();
            (item.due_on, item.due_latest_on, item.lead_from)
        };
        let basis = |work: &Judged<'_>| (work.rule().to_owned(), work.item().priority);
        if before.item().state != after.item().state {
            Some(Self::State)
        } else if days(before) != days(after) {
            Some(Self::Day)
        } else {
            (basis(before) != basis(after)).then_some(Self::Rule)
        }
    }
}

/// How many pieces of work come to what, by class and the place of the kind among all.
#[derive(Default)]
struct Found {
    counts: BTreeMap<(Box<str>, WorkKind), Counts>,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    changed: [u64; Change::ALL.len()],
    same: u64,
}

impl Found {
    fn add(&mut self, work: &Retold<'_>, change: Option<Change>) {
        let key = (work.asset.class.name().into(), work.kind);
        let counts = self.counts.entry(key).or_default();
        match change {
            Some(change) => counts.changed[change as usize] += 1,
            None => counts.same += 1,
        }
    }

    fn of(&self, line: &Line) -> Counts {
        let found = self
            .counts
            .iter()
            .find(|((class, kind), _)| **class == *line.class && kind.code() == &*line.kind);
        found.map_or(Counts::default(), |(_, counts)| *counts)
    }

    fn all(&self) -> Counts {
        self.counts.values().fold(Counts::default(), |mut all, counts| {
            for (sum, count) in all.changed.iter_mut().zip(counts.changed) {
                *sum += count;
            }
            all.same += counts.same;
            all
        })
    }
}

impl Counts {
    fn differ(&self) -> bool {
        self.changed.iter().any(|count| *count > 0)
    }

    fn json(&self) -> Json {
        let changed = Change::ALL.into_iter().zip(self.changed);
        let mut json: serde_json::Map<_, _> =
            changed.map(|(change, count)| (change.words().0.to_owned(), count.into())).collect();
        json.insert("same".into(), self.same.into());
        json.into()
    }
}

/// The figures of the work of a class, kind and state.
struct Line {
    class: Box<str>,
    kind: Box<str>,
    state: Box<str>,
    /// Count and length, as they are and as they would be.
    sides: [[Figure; 2]; 2],
}

/// The groups of both sides beside each other, by class, kind and state.
fn lines(before: &Summary, after: &Summary) -> Vec<Line> {
    let nothing = Figure { amount: Some(Amount::Whole(0)), missing: 0 };
    let mut lines = BTreeMap::new();
    for (side, summary) in [before, after].into_iter().enumerate() {
        for Group { labels, figures } in &summary.groups {
            let text = |place: usize| match &labels[place] {
                Label::Text(text) => Box::<str>::from(&**text),
                // Every piece of work has a class, a kind and a state.
                Label::Truth(_) | Label::Unknown => Box::from(""),
            };
            let (class, kind, state) = (text(0), text(1), text(2));
            let place = (class.clone(), WorkKind::from_code(&kind), DueState::from_code(&state));
            let line = lines.entry(place).or_insert_with(|| Line {
                class,
                kind,
                state,
                sides: [[nothing; 2]; 2],
            });
            line.sides[side] = [figures[0], figures[1]];
        }
    }
    lines.into_values().collect()
}

/// What is told of it all.
struct Told<'t> {
    pack: &'t str,
    on: &'t str,
    report: &'t RulePutReport,
    found: &'t Found,
}

impl Told<'_> {
    fn tell(&self, lines: &[Line]) -> Result<(), Failure> {
        differences(self.pack, self.report)?;
        let differing: Vec<&Line> =
            lines.iter().filter(|line| self.found.of(line).differ()).collect();
        if !differing.is_empty() {
            table(&differing).lines().into_iter().try_for_each(report)?;
        }
        let all = self.found.all();
        let changed = Change::ALL.into_iter().zip(all.changed);
        let changed = changed.map(|(change, count)| format!("{count} {}", change.words().1));
        let changed: Vec<String> = changed.collect();
        report(format!(
            "{} pieces of work as of {}: {}, {} as before",
            all.changed.iter().sum::<u64>() + all.same,
            self.on,
            changed.join(", "),
            all.same
        ))?;
        say("nothing was written");
        Ok(())
    }

    /// All classes and kinds, those in which nothing differs too.
    fn json(&self, lines: &[Line]) -> Json {
        let kinds = lines.chunk_by(|a, b| (&a.class, &a.kind) == (&b.class, &b.kind));
        let work = kinds.map(|lines| {
            let state = |line: &Line| {
                let [before, after] = line.sides.map(|[count, length]| {
                    json!({
                        "count": count.amount.map(Amount::json),
                        "length_m": length.amount.map(Amount::json),
                        "length_m_missing": length.missing,
                    })
                });
                json!({ "state": line.state, "before": before, "after": after })
            };
            json!({
                "class": lines[0].class,
                "kind": lines[0].kind,
                "changes": self.found.of(&lines[0]).json(),
                "states": lines.iter().map(state).collect::<Vec<_>>(),
            })
        });
        let RulePutReport { sequence: _, is_same: _, added, changed, removed } = self.report;
        json!({
            "pack": self.pack,
            "on": self.on,
            "added": added,
            "changed": changed,
            "removed": removed,
            "work": work.collect::<Vec<_>>(),
            "changes": self.found.all().json(),
        })
    }
}

fn table(lines: &[&Line]) -> Table {
    // A length that leaves some out says how many.
    let has_gaps = [0, 1].map(|side: usize| {
        lines.iter().any(|line| {
            let [_, length] = line.sides[side];
            length.missing > 0 && length.amount.is_some()
        })
    });
    let mut heading: Vec<(String, bool)> =
        ["class", "kind", "state"].map(|n| (n.into(), false)).into();
    heading.extend(["before", "after"].map(|name| (name.into(), true)));
    for (name, has_gaps) in ["before", "after"].into_iter().zip(has_gaps) {
        heading.push((format!("length_m {name}"), true));
        if has_gaps {
            heading.push(("no length_m".into(), true));
        }
    }
    let mut table = Table::new(heading);
    for line in lines {
        let mut cells = [&line.class, &line.kind, &line.state].map(ToString::to_string).to_vec();
        cells.extend(line.sides.map(|[count, _]| shown(count)));
        for ([_, length], has_gaps) in line.sides.into_iter().zip(has_gaps) {
            cells.push(shown(length));
            if has_gaps {
                cells.push(length.missing.to_string());
            }
        }
        table.push(cells);
    }
    table
}

fn shown(figure: Figure) -> String {
    match figure.amount {
        None => "-".into(),
        Some(Amount::Whole(number)) => number.to_string(),
        Some(Amount::Decimal(number)) => format!("{number:.1}"),
    }
}
