//! The table of the features of a page: a column for each field that has something to tell.

use std::borrow::Cow;

use maud::{Markup, html};
use terrier_catalog::{Collection, DueField, FeatureQuery, SortBy, distance_field, why_field};
use terrier_model::{CoreField, Field, Kind, ValueRef, core_position};
use terrier_store::Shown;

use super::super::value::{heading, is_number};
use super::super::{Reader, Teller, Word};
use super::{FeatureList, PLACE, address_of, label_of, tells_codes};

/// Fields about the record rather than the asset, shown where somebody asks for them by name.
const OF_THE_RECORD: [CoreField; 6] = [
    CoreField::InstalledLatestOn,
    CoreField::InstalledPrecision,
    CoreField::InstalledSource,
    CoreField::InstalledWritten,
    CoreField::ValidFrom,
    CoreField::ValidTo,
];

/// Fields of work that say less than the line that tells why.
const SELDOM_READ: [DueField; 3] = [DueField::Rule, DueField::DueLatestOn, DueField::LeadFrom];

/// A column: the field, and its place in the collection; `None` where it tells why work is due.
struct Column<'a> {
    position: Option<usize>,
    field: Cow<'a, Field>,
}

/// A feature in the table.
struct Row {
    address: String,
    label: String,
    distance_m: Option<f64>,
    cells: Vec<Option<Markup>>,
    /// How the cell of its state is drawn, where it is work.
    state: Option<String>,
}

pub(super) struct Table<'a> {
    reader: &'a Reader<'a>,
    query: &'a FeatureQuery,
    columns: Vec<Column<'a>>,
    rows: Vec<Row>,
}

impl<'a> Table<'a> {
    /// The table of a page. Unless fields are asked for by name, a field without any value on it has no
    /// column.
    pub(super) fn new(reader: &'a Reader<'a>, list: &FeatureList<'a>, teller: Teller<'_>) -> Self {
        let query = list.query;
        let is_asked = reader.given("properties").is_some();
        let mut columns = columns(list, is_asked);
        let mut rows = rows(reader, list, teller, &columns);
        if !is_asked {
            let is_used: Vec<bool> = (0..columns.len())
                .map(|at| rows.iter().any(|row| row.cells[at].is_some()))
                .collect();
            keep(&mut columns, &is_used);
            rows.iter_mut().for_each(|row| keep(&mut row.cells, &is_used));
        }
        Self { reader, query, columns, rows }
    }

    pub(super) fn markup(&self) -> Markup {
        let has_distance = self.rows.iter().any(|row| row.distance_m.is_some());
        let position = core_position(CoreField::Code);
        let code = &self.query.collection().fields()[position];
        html! {
            table {
                thead {
                    tr {
                        @if tells_codes(self.query) { (self.head(code, Some(position))) }
                        @else { th scope="col" class="text" { (self.reader.say(Word::Id)) } }
                        @if has_distance { th.number scope="col" { (heading(&distance_field(), self.reader.language)) } }
                        @for column in &self.columns { (self.head(&column.field, column.position)) }
                    }
                }
                tbody {
                    @for row in &self.rows {
                        tr {
                            th.short scope="row" { a href=(row.address) { (row.label) } }
                            @if has_distance {
                                td.number { @if let Some(metres) = row.distance_m { (format!("{metres:.1}")) } }
                            }
                            @for (column, cell) in self.columns.iter().zip(&row.cells) {
                                td class=(self.class_of(column, row)) { @if let Some(told) = cell { (told) } }
                            }
                        }
                    }
                }
            }
        }
    }

    /// How a cell is drawn.
    fn class_of<'r>(&self, column: &Column<'_>, row: &'r Row) -> &'r str {
        let is_state = column.position == Some(DueField::State.position());
        match &row.state {
            _ if column.position.is_none() => "why",
            Some(state) if is_state && self.query.due().is_some() => state,
            _ if is_number(&column.field) => "number",
            // Sentences are broken into lines, names and days are not.
            _ if matches!(column.field.kind, Kind::Text | Kind::List(_)) => "text",
            _ => "short",
        }
    }

    /// The head of a column, which leads to the same features sorted by it.
    fn head(&self, field: &Field, position: Option<usize>) -> Markup {
        let title = heading(field, self.reader.language);
        let class = if is_number(field) { "number" } else { "text" };
        let has_order = self.query.near().is_none() && !field.kind.is_list();
        let Some(position) = position.filter(|_| has_order) else {
            return html! { th scope="col" class=(class) { (title) } };
        };
        let first = self.query.order().keys().first();
        let sorted = first.filter(|key| key.by == SortBy::Field(position));
        let (state, arrow) = match sorted.map(|key| key.descending) {
            None => (None, ""),
            Some(false) => (Some("ascending"), " ↑"),
            Some(true) => (Some("descending"), " ↓"),
        };
        let turned = sorted.is_some_and(|key| !key.descending);
        let wanted = format!("{}{}", if turned { "-" } else { "" }, field.name);
        let gone: Vec<&str> = PLACE.into_iter().chain(["sortby"]).collect();
        let address = self.reader.here(&gone, [("sortby", &*wanted)]);
        html! {
            th scope="col" class=(class) aria-sort=[state] { a href=(address) { (title) (arrow) } }
        }
    }
}

/// The columns that the table may have, those that tell of work before those of its asset. The code leads
/// each row and has no other column.
fn columns<'a>(list: &FeatureList<'a>, is_asked: bool) -> Vec<Column<'a>> {
    let collection = list.query.collection();
    let fields = collection.fields();
    let is_due = matches!(collection, Collection::Due(..));
    let is_left_out = |position: usize| {
        let core = fields[position].core;
        let of_work = DueField::at(position).filter(|_| is_due);
        core == Some(CoreField::Code)
            || !is_asked
                && (core.is_some_and(|core| OF_THE_RECORD.contains(&core))
                    || core == Some(CoreField::Class) && collection.class().is_some()
                    || of_work.is_some_and(|field| SELDOM_READ.contains(&field)))
    };
    let mut positions = list.shown.positions(collection, list.query.scope());
    positions.retain(|position| !is_left_out(*position));
    let is_work = |position: &usize| is_due && DueField::at(*position).is_some();
    let (of_work, of_asset): (Vec<usize>, Vec<usize>) = positions.into_iter().partition(is_work);
    let column = |position: usize| Column {
        position: Some(position),
        field: Cow::Borrowed(&fields[position]),
    };
    let why = (is_due && list.shown.has_why())
        .then(|| Column { position: None, field: Cow::Owned(why_field()) });
    let of_work = of_work.into_iter().map(column).chain(why);
    of_work.chain(of_asset.into_iter().map(column)).collect()
}

fn rows(
    reader: &Reader<'_>,
    list: &FeatureList<'_>,
    teller: Teller<'_>,
    columns: &[Column<'_>],
) -> Vec<Row> {
    let (mut rows, mut id) = (Vec::new(), String::new());
    let is_due = list.query.due().is_some();
    list.found.for_each(|feature| {
        let cell = |column: &Column<'_>| match column.position {
            Some(position) => {
                feature.value(position).map(|value| teller.markup(&column.field, value))
            }
            None => teller.why(feature).map(|why| html! { (why) }),
        };
        let state = is_due.then(|| feature.value(DueField::State.position())).flatten();
        let address = address_of(reader, list.query, feature, &mut id);
        rows.push(Row {
            label: label_of(list.query, feature, &id),
            address,
            distance_m: feature.distance_m(),
            cells: columns.iter().map(cell).collect(),
            state: state.map(|state| format!("short {state}")),
        });
    });
    rows
}

/// The text of a field that every feature has a place for.
pub(super) fn text_of<'f>(feature: &'f Shown<'_>, field: CoreField) -> Option<&'f str> {
    match feature.value(core_position(field)) {
        Some(ValueRef::Text(text)) => Some(text),
        _ => None,
    }
}

/// Keeps what stands where it is said to be kept.
fn keep<T>(all: &mut Vec<T>, is_kept: &[bool]) {
    let mut kept = is_kept.iter();
    all.retain(|_| kept.next().copied().unwrap_or(false));
}
