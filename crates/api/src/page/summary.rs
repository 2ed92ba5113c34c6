//! The page of a summary.

use axum::body::Body;
use axum::http::{HeaderMap, Response};
use maud::{Markup, html};
use terrier_catalog::{Amount, Figure, Group, Label, Measure, Summary, SummaryQuery};
use terrier_model::{Field, Text};
use terrier_store::Snapshot;

use super::document::trail;
use super::number::summed;
use super::value::{heading, told_unit};
use super::{Page, Reader, Word, answer};
use crate::Problem;
use crate::link::Link;
use crate::summary::OWN;

/// The page of a summary: a row for each group, which leads to its features where a filter can say them,
/// and all together.
pub(crate) fn summary_page(
    reader: &Reader<'_>,
    headers: &HeaderMap,
    snapshot: &Snapshot,
    query: &SummaryQuery,
    summary: &Summary,
    links: Vec<Link>,
) -> Result<Response<Body>, Problem> {
    let collection = query.features().collection();
    let (name, _) = collection.title_and_description();
    let table = Table { reader, snapshot, query, summary };
    let body = html! {
        (chooser(reader, query))
        section { (table.markup()) @if query.is_clipped() { p.note { (reader.say(Word::Clipped)) } } }
    };
    let title = format!("{}: {}", reader.language.of(&name), reader.say(Word::Summary));
    answer(reader, headers, &Page { title, trail: trail(reader, collection), links, body })
}

/// The form that groups and measures anew, under the same conditions.
fn chooser(reader: &Reader<'_>, query: &SummaryQuery) -> Markup {
    let collection = query.features().collection();
    let others = reader.parameters().iter();
    let others = others.filter(|(name, _)| !["group-by", "measure"].contains(name));
    let given = |name| reader.given(name).unwrap_or_default();
    let names = SummaryQuery::group_names(collection, reader.scope);
    let measures: Vec<&str> = Measure::seen(collection, reader.scope).map(Measure::name).collect();
    html! {
        section {
            form action=(reader.action()) method="get" {
                label {
                    span { (reader.say(Word::GroupBy)) }
                    input name="group-by" value=(given("group-by")) list="groups";
                }
                label {
                    span { (reader.say(Word::Measures)) }
                    input name="measure" value=(given("measure")) list="measures" placeholder="count";
                }
                @for (name, value) in others { input type="hidden" name=(name) value=(value); }
                button.wide type="submit" { (reader.say(Word::Ask)) }
                datalist id="groups" { @for name in &names { option value=(name) {} } }
                datalist id="measures" { @for name in &measures { option value=(name) {} } }
            }
        }
    }
}

struct Table<'a> {
    reader: &'a Reader<'a>,
    snapshot: &'a Snapshot,
    query: &'a SummaryQuery,
    summary: &'a Summary,
}

impl Table<'_> {
    fn markup(&self) -> Markup {
        let fields: Vec<&Field> = self.query.group_fields().collect();
        html! {
            table {
                thead {
                    tr {
                        @for field in &fields { th scope="col" { (heading(field, self.reader.language)) } }
                        @if fields.is_empty() { th scope="col" {} }
                        @for measure in self.query.measures() {
                            th.number scope="col" { (self.measure(measure)) }
                        }
                    }
                }
                tbody {
                    @for group in &self.summary.groups { (self.row(&fields, group)) }
                }
                tfoot {
                    tr {
                        th scope="row" colspan=(fields.len().max(1)) { (self.reader.say(Word::Total)) }
                        (self.figures(&self.summary.total))
                    }
                }
            }
        }
    }

    /// A group; its first label leads to its features.
    fn row(&self, fields: &[&Field], group: &Group) -> Markup {
        let address = self.items_of(group);
        html! {
            tr {
                @for (at, (label, field)) in group.labels.iter().zip(fields).enumerate() {
                    td {
                        @match address.as_deref().filter(|_| at == 0) {
                            Some(address) => a href=(address) { (self.label(label, field)) },
                            None => (self.label(label, field)),
                        }
                    }
                }
                (self.figures(&group.figures))
            }
        }
    }

    fn label(&self, label: &Label, field: &Field) -> String {
        let class_title = |name: &str| -> Option<Text> {
            self.snapshot.class(name, self.reader.scope).map(|class| class.title().clone())
        };
        match (label, label.title(field, class_title)) {
            // A code may say that something is not known, which is a value.
            (Label::Unknown, _) => self.reader.say(Word::NoValue).to_owned(),
            (_, Some(title)) => self.reader.language.of(&title).to_owned(),
            (Label::Text(text), None) => text.to_string(),
            (Label::Truth(truth), None) => truth.to_string(),
        }
    }

    fn measure(&self, measure: Measure) -> String {
        let title = measure.title();
        let title = self.reader.language.of(&title);
        match measure.unit() {
            Some(unit) => format!("{title} ({})", told_unit(unit)),
            None => title.to_owned(),
        }
    }

    /// The figures, each with how many features it leaves out where it leaves out some.
    fn figures(&self, figures: &[Figure]) -> Markup {
        html! {
            @for Figure { amount, missing } in figures {
                td.number {
                    @match amount {
                        Some(Amount::Whole(number)) => (summed(&number.to_string())),
                        Some(Amount::Decimal(number)) => (summed(&format!("{number:.3}"))),
                        None => "–",
                    }
                    @if *missing > 0 {
                        div.other { (self.reader.fill(Word::WithNone, &[&missing.to_string()])) }
                    }
                }
            }
        }
    }

    /// The address of the features of a group; `None` where no filter can say them.
    fn items_of(&self, group: &Group) -> Option<String> {
        let own = self.query.condition_of(group)?;
        let filter = match self.reader.given("filter") {
            None => own,
            Some(_)
                if self.reader.given("filter-lang").is_some_and(|lang| lang.ends_with("json")) =>
            {
                return None;
            }
            Some(given) => format!("({given}) AND {own}"),
        };
        let given = self.reader.parameters().iter().copied();
        let kept = given.filter(|(name, _)| !OWN.contains(name) && *name != "filter");
        let path = format!("/collections/{}/items", self.query.features().collection().name());
        Some(self.reader.ask(&path, kept.chain([("filter", &*filter)])))
    }
}
