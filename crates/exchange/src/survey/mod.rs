//! Makes points and lines of the tables that survey teams deliver: a row is a point and one connection
//! of it, or points and lines have a table each.
//!
//! A point may come before or behind the lines that end there, so the rows are held, up to
//! [`MAX_SURVEY_ROWS`]; the file below reads them and knows nothing of what they mean.

mod alias;
mod layout;
mod lines;
mod reading;
mod size;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use terrier_model::{Fault, Place, RawValue};
use terrier_spatial::{Position, Sketch};

pub(crate) use self::alias::{ALIASES, Told};
use self::layout::{Layout, Needs, Table, Unclear, What, find};
use self::lines::Connection;
use self::reading::Reading;
use crate::description::{Description, Extent};
use crate::options::ReadOptions;
use crate::position::PositionColumns;
use crate::read_error::ReadError;
use crate::record::{Columns, Record};
use crate::row::{Body, Row};
use crate::source_file::Reader;

/// The most rows of a survey, of both its tables. They are held.
pub const MAX_SURVEY_ROWS: usize = 200_000;

/// The most bytes of the texts of a survey.
pub const MAX_SURVEY_BYTES: usize = 64 * 1024 * 1024;

/// How a table of points and lines is read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Survey {
    /// The sheets with points and with lines, where these have one each.
    pub(crate) sheets: Option<[Box<str>; 2]>,
    /// The columns that are called otherwise than usual.
    pub(crate) columns: Vec<(Told, Box<str>)>,
}

/// Whether columns of these names may be those of a survey of points and lines in one table.
pub(crate) fn may_be(names: &[Box<str>]) -> bool {
    let Ok(columns) = Columns::try_new(names.to_vec()) else { return false };
    let found = find(&columns, &[], false);
    let needed = [Told::Point, Told::To, Told::X, Told::Y];
    found.is_ok_and(|places| needed.iter().all(|told| places.contains_key(told)))
}

/// A row of a table below, without its names.
struct Held {
    number: u64,
    values: Vec<RawValue>,
    faults: Vec<Fault>,
}

/// What comes of a table: its rows as they are, or the points and lines that they tell of.
///
/// # Errors
/// As for [`SurveyFile::new`], and when points and lines shall have a sheet each.
pub(crate) fn of_table(
    file: &str,
    table: Box<dyn Reader>,
    options: &ReadOptions,
) -> Result<Box<dyn Reader>, ReadError> {
    match &options.survey {
        None => Ok(table),
        Some(Survey { sheets: None, .. }) => {
            Ok(Box::new(SurveyFile::new(file, table, None, options)?))
        }
        Some(Survey { sheets: Some([points, lines]), .. }) => {
            let expected = format!("a workbook with the sheets {points} and {lines}");
            Err(ReadError::option(file, table.description().format, "one table", expected))
        }
    }
}

/// What the rows say of a point.
struct Point {
    /// `None` when it is faulty.
    at: Option<Position>,
    /// The row that says it first.
    row: u64,
    /// For each column of ends, the value that is least or greatest.
    extremes: HashMap<usize, (f64, RawValue)>,
}

/// A row that comes of the survey, in the order of the tables.
enum Item {
    /// What is no record in the table below.
    Refused(Row),
    Point {
        row: usize,
        code: Box<str>,
        fault: Option<Fault>,
    },
    Line(usize),
}

/// The points and lines of a survey. Iterating gives them in the order of their rows.
pub(crate) struct SurveyFile {
    description: Description,
    layout: Layout,
    /// The rows of both tables, those of the points first.
    rows: Vec<Held>,
    points: HashMap<Box<str>, Point>,
    connections: Vec<Connection>,
    items: std::vec::IntoIter<Item>,
    count: u64,
}

impl SurveyFile {
    /// Reads the tables of a survey: one of points with their connections, or one of each.
    ///
    /// # Errors
    /// When they cannot be read, are too large, or when something has to be said of them.
    pub(crate) fn new(
        file: &str,
        points: Box<dyn Reader>,
        lines: Option<Box<dyn Reader>>,
        options: &ReadOptions,
    ) -> Result<Self, ReadError> {
        let mut description = points.description().clone();
        let option = |(found, expected): Unclear| {
            ReadError::option(file, points.description().format, found, expected)
        };
        let is_one = lines.is_none();
        let point_columns = columns(&*points);
        let line_columns =
            lines.as_ref().map_or_else(|| columns(&*points), |lines| columns(&**lines));
        let said = said(options).map_err(option)?;
        let of_points = find(&point_columns, &said, !is_one).map_err(option)?;
        let of_lines = find(&line_columns, &said, !is_one).map_err(option)?;
        let tables = [
            Table { columns: &point_columns, places: &of_points },
            Table { columns: &line_columns, places: &of_lines },
        ];
        let layout = Layout::new(tables, is_one).map_err(option)?;
        let needs = Needs::find(tables, is_one).map_err(option)?;
        description.columns = layout.columns.names().to_vec();
        description.spare_columns.clone_from(&layout.spare);
        let of_sheet = lines.as_ref().and_then(|lines| lines.description().layer.clone());
        let of_sheet = of_sheet.map(|name| format!(" of sheet `{name}`")).unwrap_or_default();
        description.survey = Some(format!("{}{of_sheet}", needs.shown(tables)).into());
        let mut reading = Reading {
            file,
            format: description.format,
            decimal: description.decimal,
            needs,
            x_and_y: [needs.x, needs.y].map(|place| point_columns.names()[place].clone()),
            extremes: layout.extremes(),
            rows: Vec::new(),
            bytes: 0,
            points: HashMap::new(),
            connections: Vec::new(),
            items: Vec::new(),
        };
        reading.points(points, is_one)?;
        if let Some(lines) = lines {
            reading.lines(lines)?;
        }
        let Reading { rows, points, mut connections, items, .. } = reading;
        lines::join(&mut connections, &rows, &of_lines);
        let is_merged =
            |item: &Item| matches!(item, Item::Line(place) if connections[*place].is_merged);
        let items: Vec<Item> = items.into_iter().filter(|item| !is_merged(item)).collect();
        description.extent = Some(Extent::Rows(items.len() as u64));
        let items = items.into_iter();
        Ok(Self { description, layout, rows, points, connections, items, count: 0 })
    }

    fn row(&self, item: Item) -> Row {
        let (row, record) = match item {
            Item::Refused(row) => return Row { start: self.count, end: self.count + 1, ..row },
            Item::Point { row, code, fault } => (row, self.point(row, code, fault)),
            Item::Line(place) => {
                let connection = &self.connections[place];
                (connection.row, self.line(connection))
            }
        };
        let (number, body) = (self.rows[row].number, Body::Record(Box::new(record)));
        Row { number, start: self.count, end: self.count + 1, body, fault: None }
    }

    fn point(&self, row: usize, code: Box<str>, fault: Option<Fault>) -> Record {
        let held = &self.rows[row];
        let point = self.points.get(&code);
        let id = Some(code).filter(|code| !code.is_empty()).map(|code| RawValue::Text(code.into()));
        let value = |what: &What| match *what {
            What::Part => RawValue::Text("point".into()),
            What::Code => id.clone().unwrap_or(RawValue::Null),
            What::Value { point: Some(place), .. } => held.values[place].clone(),
            What::Extreme { place, .. } => {
                let extreme = point.and_then(|point| point.extremes.get(&place));
                // What is no number is a fault of whoever takes it for one.
                extreme.map_or_else(|| held.values[place].clone(), |(_, value)| value.clone())
            }
            _ => RawValue::Null,
        };
        let values = self.layout.whats.iter().map(value).collect();
        let mut record = Record::new(self.layout.columns.clone(), values);
        record.faults = held.faults.iter().cloned().chain(fault).collect();
        record.sketch = match point.and_then(|point| point.at) {
            Some(at) if record.faults.is_empty() => Sketch::Point(at),
            _ => Sketch::Missing,
        };
        record.id = id;
        record
    }

    fn line(&self, connection: &Connection) -> Record {
        let own = &self.rows[connection.row];
        let other = connection.other.map(|row| &self.rows[row]);
        let value = |what: &What| lines::value(*what, connection, own, other);
        let values = self.layout.whats.iter().map(value).collect();
        let mut record = Record::new(self.layout.columns.clone(), values);
        record.id = Some(RawValue::Text(connection.id.to_string()));
        let others = other.iter().flat_map(|other| &other.faults);
        record.faults = own.faults.iter().chain(others).chain(&connection.fault).cloned().collect();
        let mut line = Vec::with_capacity(2);
        for (vertex, code) in (0..).zip(connection.ends()) {
            let point = self.points.get(code);
            if let Some(at) = point.and_then(|point| point.at) {
                line.push(at);
                continue;
            }
            let place = Place::Geometry { part: None, vertex: Some(vertex) };
            let expected = match point {
                None => "a point that is in the survey",
                Some(_) => "a point whose position is known",
            };
            record.faults.push(Fault::new(place, code, expected));
        }
        if line.len() == 2 {
            record.sketch = Sketch::Line(line);
        }
        record
    }
}

/// The columns of a table, whose reader has checked them.
fn columns(reader: &dyn Reader) -> Arc<Columns> {
    Columns::try_new(reader.description().columns.clone()).expect("its reader has checked them")
}

/// The columns that the sender names.
fn said(options: &ReadOptions) -> Result<Vec<(Told, Box<str>)>, Unclear> {
    let mut said = options.survey.clone().unwrap_or_default().columns;
    match &options.positions {
        None | Some(PositionColumns::Unwanted) => {}
        Some(PositionColumns::Numbers { east, north }) => {
            said.retain(|(told, _)| !matches!(told, Told::X | Told::Y));
            said.extend([(Told::X, north.clone()), (Told::Y, east.clone())]);
        }
        Some(PositionColumns::Wkt(name)) => {
            let expected = "two columns with northing and easting, for a table of points and lines";
            return Err((format!("positions in `{name}`"), expected.into()));
        }
    }
    Ok(said)
}

impl Iterator for SurveyFile {
    type Item = Result<Row, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = self.items.next()?;
        let row = self.row(item);
        self.count += 1;
        Some(Ok(row))
    }
}

impl Reader for SurveyFile {
    fn description(&self) -> &Description {
        &self.description
    }
}
