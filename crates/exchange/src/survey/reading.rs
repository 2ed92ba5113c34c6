//! Reads the rows of survey tables: which points there are, and what is connected.

use std::collections::HashMap;

use terrier_model::{Fault, Place, RawValue};
use terrier_spatial::Position;

use super::layout::Needs;
use super::lines::Connection;
use super::{Held, Item, MAX_SURVEY_BYTES, MAX_SURVEY_ROWS, Point};
use crate::format::Format;
use crate::mapping::text_of;
use crate::position;
use crate::read_error::ReadError;
use crate::record::json;
use crate::row::Body;
use crate::source_file::Reader;

/// What has been read so far.
pub(super) struct Reading<'a> {
    pub(super) file: &'a str,
    pub(super) format: Format,
    pub(super) decimal: Option<char>,
    pub(super) needs: Needs,
    /// The names of the columns with the northing and the easting.
    pub(super) x_and_y: [Box<str>; 2],
    pub(super) extremes: Vec<(usize, bool)>,
    pub(super) rows: Vec<Held>,
    pub(super) bytes: usize,
    pub(super) points: HashMap<Box<str>, Point>,
    pub(super) connections: Vec<Connection>,
    pub(super) items: Vec<Item>,
}

impl Reading<'_> {
    /// Reads the table of points, and their connections where it has them.
    pub(super) fn points(
        &mut self,
        reader: Box<dyn Reader>,
        is_one: bool,
    ) -> Result<(), ReadError> {
        let mut above: Box<str> = Box::default();
        for row in reader {
            let Some(place) = self.hold(row?)? else { continue };
            let said = self.text(place, self.needs.point);
            let is_above = said.is_empty();
            let code = if is_above { above.clone() } else { said };
            let to = if is_one { self.text(place, self.needs.to) } else { Box::default() };
            if code.is_empty() {
                let expected = "the name of a point, here or in a row above";
                let fault = Some(Fault::new(Place::Row, "nothing", expected));
                self.items.push(Item::Point { row: place, code, fault });
                continue;
            }
            let is_known = self.points.contains_key(&code);
            let fault = self.position(place, &code).err();
            self.notice(place, &code);
            // A point that comes again says nothing of itself, unless it says nothing else.
            if !is_known || fault.is_some() || (to.is_empty() && !is_above) {
                let (code, fault) = (code.clone(), fault.clone());
                self.items.push(Item::Point { row: place, code, fault });
            }
            if !to.is_empty() {
                // Of a point without a position, its lines tell by themselves.
                let fault = fault.filter(|_| is_known);
                self.connect(place, code.clone(), to, fault);
            }
            above = code;
        }
        Ok(())
    }

    /// Reads the table of lines.
    pub(super) fn lines(&mut self, reader: Box<dyn Reader>) -> Result<(), ReadError> {
        for row in reader {
            let Some(place) = self.hold(row?)? else { continue };
            let [from, to] = [self.needs.from, self.needs.to].map(|at| self.text(place, at));
            self.connect(place, from, to, None);
        }
        Ok(())
    }

    /// Keeps a row; `None` when it is no record, and refused as it is.
    fn hold(&mut self, row: crate::Row) -> Result<Option<usize>, ReadError> {
        let refuse = |found: String, expected: String| ReadError::Unsound {
            file: self.file.into(),
            format: self.format,
            found,
            expected,
            source: None,
        };
        let Body::Record(record) = row.body else {
            self.items.push(Item::Refused(row));
            return Ok(None);
        };
        if self.rows.len() == MAX_SURVEY_ROWS {
            let found = format!("a survey of more than {MAX_SURVEY_ROWS} rows");
            return Err(refuse(found, format!("at most {MAX_SURVEY_ROWS}")));
        }
        let faults = record.faults.clone();
        let values: Vec<RawValue> = record.into_values();
        for value in &values {
            if let RawValue::Text(text) = value {
                self.bytes += text.len();
            }
        }
        if self.bytes > MAX_SURVEY_BYTES {
            let found = format!("a survey of more than {MAX_SURVEY_BYTES} bytes of text");
            return Err(refuse(found, format!("at most {MAX_SURVEY_BYTES}")));
        }
        self.rows.push(Held { number: row.number, values, faults });
        Ok(Some(self.rows.len() - 1))
    }

    fn text(&self, row: usize, place: usize) -> Box<str> {
        let value = json(&self.rows[row].values[place]);
        text_of(&value).unwrap_or_default().into()
    }

    /// The number of a cell.
    fn number(&self, row: usize, place: usize, name: &str) -> Result<Option<f64>, Fault> {
        position::number(Some(&json(&self.rows[row].values[place])), name, self.decimal)
    }

    /// Takes the position that a row gives to a point; the first one stands, and another is a fault.
    fn position(&mut self, row: usize, code: &str) -> Result<(), Fault> {
        let number = self.rows[row].number;
        let [x, y] = [0, 1].map(|at| {
            let place = [self.needs.x, self.needs.y][at];
            self.number(row, place, &self.x_and_y[at])
        });
        let place = Place::Geometry { part: None, vertex: Some(0) };
        let at: Result<Option<Position>, Fault> = match (x, y) {
            (Err(fault), _) | (_, Err(fault)) => Err(fault),
            (Ok(Some(x)), Ok(Some(y))) => Ok(Some([y, x])),
            (Ok(None), Ok(None)) => Ok(None),
            (Ok(x), Ok(_)) => {
                let name = &self.x_and_y[usize::from(x.is_some())];
                Err(Fault::new(place.clone(), "nothing", format!("a number as `{name}`")))
            }
        };
        let Some(known) = self.points.get(code) else {
            let first = Point {
                at: at.as_ref().ok().copied().flatten(),
                row: number,
                extremes: HashMap::new(),
            };
            let is_missing = first.at.is_none();
            self.points.insert(code.into(), first);
            let [x, y] = &self.x_and_y;
            return match at {
                Err(fault) => Err(fault),
                Ok(_) if is_missing => {
                    Err(Fault::new(place, "nothing", format!("numbers as `{x}` and `{y}`")))
                }
                Ok(_) => Ok(()),
            };
        };
        match (at?, known.at) {
            (Some([y, x]), Some([known_y, known_x])) if [y, x] != [known_y, known_x] => {
                let expected =
                    format!("{known_x} and {known_y} as in row {}, or another name", known.row);
                Err(Fault::new(place, format!("{x} and {y} of `{code}`"), expected))
            }
            _ => Ok(()),
        }
    }

    /// Notices what a row says of the end of a line at a point.
    fn notice(&mut self, row: usize, code: &str) {
        for at in 0..self.extremes.len() {
            let (place, is_greatest) = self.extremes[at];
            let Ok(Some(number)) = self.number(row, place, "") else { continue };
            let value = &self.rows[row].values[place];
            let point = self.points.get_mut(code).expect("its position was taken before");
            let entry = point.extremes.entry(place).or_insert_with(|| (number, value.clone()));
            if number != entry.0 && (number > entry.0) == is_greatest {
                *entry = (number, value.clone());
            }
        }
    }

    fn connect(&mut self, row: usize, from: Box<str>, to: Box<str>, fault: Option<Fault>) {
        self.items.push(Item::Line(self.connections.len()));
        self.connections.push(Connection::new(row, from, to, fault));
    }
}
