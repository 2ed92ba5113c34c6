//! Which column of a survey table tells what, and which columns the rows have that come of it.

use std::collections::HashMap;
use std::sync::Arc;

use super::alias::{ALIASES, Told, compared};
use crate::header;
use crate::record::Columns;

/// What was found and what was expected.
pub(super) type Unclear = (String, String);

/// The places of the columns of one table, by what they tell.
pub(super) type Places = HashMap<Told, usize>;

/// The columns with the position at each end of a line, and what tells it at either.
const ENDS: [(Told, Told, Told); 3] = [
    (Told::Top, Told::TopStart, Told::TopEnd),
    (Told::Invert, Told::InvertStart, Told::InvertEnd),
    (Told::Depth, Told::DepthStart, Told::DepthEnd),
];

/// Finds the columns of a table, by the names that the mapping says and those that are usual. Of two
/// tables, one may be without a column that is said.
pub(super) fn find(
    columns: &Columns,
    said: &[(Told, Box<str>)],
    is_of_two: bool,
) -> Result<Places, Unclear> {
    let mut places = Places::new();
    for (told, name) in said {
        match columns.position(name) {
            Some(place) => drop(places.insert(*told, place)),
            None if is_of_two => {}
            None => {
                let expected = format!("a column `{name}`, as the mapping says");
                return Err((header::shown(columns), expected));
            }
        }
    }
    let names: Vec<String> = columns.names().iter().map(|name| compared(name)).collect();
    for alias in ALIASES.iter().filter(|alias| !said.iter().any(|(told, _)| *told == alias.told)) {
        let is_free = |place: &usize| !places.values().any(|other| other == place);
        let place_of = |called: &&str| names.iter().position(|name| name == called).filter(is_free);
        if let Some(place) = alias.called.iter().find_map(place_of) {
            places.insert(alias.told, place);
        }
    }
    Ok(places)
}

/// The places of the columns without which there is no survey.
#[derive(Clone, Copy, Debug)]
pub(super) struct Needs {
    pub(super) point: usize,
    pub(super) x: usize,
    pub(super) y: usize,
    /// In the table of lines, as is the next one.
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Needs {
    pub(super) fn find([points, lines]: [Table; 2], is_one: bool) -> Result<Self, Unclear> {
        Ok(Self {
            point: points.needed(Told::Point)?,
            x: points.needed(Told::X)?,
            y: points.needed(Told::Y)?,
            from: lines.needed(if is_one { Told::Point } else { Told::From })?,
            to: lines.needed(Told::To)?,
        })
    }

    /// Which columns they are, for whoever sends the tables.
    pub(super) fn shown(&self, [points, lines]: [Table; 2]) -> String {
        let [point, x, y] = [self.point, self.x, self.y].map(|at| &points.columns.names()[at]);
        let [from, to] = [self.from, self.to].map(|at| &lines.columns.names()[at]);
        format!(
            "points `{point}`, `{y}` to the east and `{x}` to the north, lines from `{from}` to `{to}`"
        )
    }
}

/// What a column of a row of points and lines says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum What {
    Part,
    /// What the point is called.
    Code,
    From,
    To,
    /// The value of a column, of a point and of a line.
    Value {
        point: Option<usize>,
        line: Option<usize>,
    },
    Diameter,
    Width,
    Height,
    /// How it flows, as seen from the end at which it was surveyed first.
    Flow,
    /// The least or the greatest value of a column in all rows of a point.
    Extreme {
        place: usize,
        is_greatest: bool,
    },
    /// The value at one end of a line: what its row says of the two ends, and otherwise what the row
    /// says that begins there.
    End {
        of_row: [Option<usize>; 2],
        of_end: Option<usize>,
        is_start: bool,
    },
}

/// The columns of the rows of points and lines.
pub(super) struct Layout {
    pub(super) columns: Arc<Columns>,
    pub(super) whats: Vec<What>,
    /// Columns whose values come again in others.
    pub(super) spare: Vec<Box<str>>,
}

/// A table with the places of its columns.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    pub(super) columns: &'a Columns,
    pub(super) places: &'a Places,
}

impl Table<'_> {
    /// The place of a column that a table must have.
    fn needed(&self, told: Told) -> Result<usize, Unclear> {
        let missing = || {
            let alias = told.alias();
            let expected = format!(
                "a column such as {}, or to be told which: `{}` in `columns` of `[table]` in the mapping",
                alias.called[0], alias.name
            );
            (header::shown(self.columns), expected)
        };
        self.places.get(&told).copied().ok_or_else(missing)
    }
}

impl Layout {
    /// The columns that come of a table of points and one of lines, which may be the same.
    pub(super) fn new([points, lines]: [Table; 2], is_one: bool) -> Result<Self, Unclear> {
        let mut found: Vec<(String, What)> = vec![("@part".into(), What::Part)];
        for alias in &ALIASES {
            let told = alias.told;
            let (point, line) = (points.places.get(&told), lines.places.get(&told));
            let (point, line) = (point.copied(), line.copied());
            let name = format!("@{}", alias.name);
            let value = |point: Option<usize>, line: Option<usize>| {
                (point.is_some() || line.is_some()).then_some(What::Value { point, line })
            };
            let what = match told {
                Told::Point => Some(What::Code),
                Told::From => Some(What::From),
                Told::To => Some(What::To),
                Told::X | Told::Y => None,
                Told::Feature | Told::Facility | Told::Ground | Told::WellDepth => {
                    value(point, None)
                }
                Told::Top | Told::Invert | Told::Depth if is_one => {
                    let is_greatest = told != Told::Invert;
                    point.map(|place| What::Extreme { place, is_greatest })
                }
                Told::Owner
                | Told::Installed
                | Told::Road
                | Told::Top
                | Told::Invert
                | Told::Depth => value(point, line),
                Told::Flow => line.map(|_| What::Flow),
                _ => end(told, lines.places, is_one).or_else(|| value(None, line)),
            };
            found.extend(what.map(|what| (name, what)));
            if told == Told::Size && line.is_some() {
                let parts = [
                    ("@diameter_mm", What::Diameter),
                    ("@width_mm", What::Width),
                    ("@height_mm", What::Height),
                ];
                found.extend(parts.map(|(name, what)| (name.to_owned(), what)));
            }
        }
        others(&mut found, points, lines, is_one);
        let names = found.iter().map(|(name, _)| name.as_str().into()).collect();
        let columns = Columns::try_new(names).map_err(|fault| (fault.found, fault.expected))?;
        let spare = ["@part", "@point", "@from", "@to", "@size", "@top_m", "@invert_m", "@depth_m"];
        let spare = spare.map(Into::into).to_vec();
        Ok(Self { columns, whats: found.into_iter().map(|(_, what)| what).collect(), spare })
    }
}

impl Layout {
    /// The columns of which a point has the least or the greatest value, and whether it is that.
    pub(super) fn extremes(&self) -> Vec<(usize, bool)> {
        let extreme = |what: &What| match *what {
            What::Extreme { place, is_greatest } => Some((place, is_greatest)),
            _ => None,
        };
        self.whats.iter().filter_map(extreme).collect()
    }
}

/// What tells something of one end of a line.
fn end(told: Told, places: &Places, is_one: bool) -> Option<What> {
    let (each, start, end) = ENDS.iter().find(|(_, start, end)| *start == told || *end == told)?;
    let of_end = places.get(each).copied().filter(|_| is_one);
    let of_row = [start, end].map(|told| places.get(told).copied());
    let is_start = *start == told;
    (of_end.is_some() || of_row.iter().any(Option::is_some)).then_some(What::End {
        of_row,
        of_end,
        is_start,
    })
}

/// Adds the columns of which nobody knows what they tell, under their own names.
fn others(found: &mut Vec<(String, What)>, points: Table, lines: Table, is_one: bool) {
    let unknown = |table: Table, place: &usize| !table.places.values().any(|other| other == place);
    for (place, name) in points.columns.names().iter().enumerate() {
        if unknown(points, &place) {
            let line = lines.columns.position(name).filter(|place| unknown(lines, place));
            let line = if is_one { Some(place) } else { line };
            found.push((name.to_string(), What::Value { point: Some(place), line }));
        }
    }
    for (place, name) in lines.columns.names().iter().enumerate().filter(|_| !is_one) {
        if unknown(lines, &place) && !found.iter().any(|(other, _)| **other == **name) {
            found.push((name.to_string(), What::Value { point: None, line: Some(place) }));
        }
    }
}
