//! What the names of the columns of a table tell: which columns they are, where the positions stand,
//! and in which coordinate system.

use std::sync::Arc;

use terrier_model::Fault;
use terrier_spatial::Crs;

use crate::listed::listed;
use crate::options::ReadOptions;
use crate::position::PositionColumns;
use crate::record::Columns;

/// The column that holds what a table itself calls its rows.
pub(crate) const ID_COLUMN: &str = "id";

/// Names of columns with longitude and latitude, which can only be on WGS 84 unless the sender says
/// something else.
const DEGREES: [(&str, &str); 4] =
    [("lon", "lat"), ("lng", "lat"), ("longitude", "latitude"), ("经度", "纬度")];

/// Names of columns whose axes cannot be mistaken.
const AXES: [(&str, &str); 1] = [("easting", "northing")];

/// What is expected of the sender of positions that may be in any system.
pub(crate) const CRS_EXPECTED: &str =
    "to be told their coordinate system: --crs, or `crs` in the mapping";

/// The column with geometries in well-known text, as this program and GDAL write it.
const WKT: &str = "wkt";

/// The columns of a table by the cells of its row of names. White space around and in a name is
/// made one space, and a column without a name is called `field_3` after its place, as GDAL calls it.
///
/// # Errors
/// The first name that cannot be one.
pub(crate) fn columns<'a>(cells: impl Iterator<Item = &'a str>) -> Result<Arc<Columns>, Fault> {
    let names = (1..).zip(cells).map(|(place, cell)| {
        let name = cell.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() { format!("field_{place}").into() } else { name.into() }
    });
    Columns::try_new(names.collect())
}

/// Where the positions of a table stand, and in which coordinate system.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Positions {
    pub(crate) columns: PositionColumns,
    pub(crate) crs: Crs,
}

/// Finds the positions of a table, of what its sender says and what its names tell; `None` where
/// nobody knows and the file is only looked at.
///
/// # Errors
/// What was found and what was expected, where something has to be said.
pub(crate) fn positions_or_none(
    columns: &Columns,
    options: &ReadOptions,
) -> Result<Option<Positions>, (String, String)> {
    match positions(columns, options.positions.as_ref(), options.crs.as_ref()) {
        Ok(found) => Ok(Some(found)),
        Err(_) if options.only_look => Ok(None),
        Err(unclear) => Err(unclear),
    }
}

/// Finds the positions of a table, of what its sender says and what its names tell.
///
/// # Errors
/// What was found and what was expected, where something has to be said.
pub(crate) fn positions(
    columns: &Columns,
    said: Option<&PositionColumns>,
    crs: Option<&Crs>,
) -> Result<Positions, (String, String)> {
    let found = match said {
        Some(said) => {
            if let Some(name) = said.names().find(|name| columns.position(name).is_none()) {
                let expected = format!("a column `{name}`, as the mapping says");
                return Err((shown(columns), expected));
            }
            said.clone()
        }
        None => told(columns)?,
    };
    let crs = match crs {
        Some(crs) => crs.clone(),
        None if is_degrees(&found) => Crs::crs84(),
        None => {
            return Err((format!("positions in {found}"), CRS_EXPECTED.into()));
        }
    };
    Ok(Positions { columns: found, crs })
}

/// The columns that hold positions in a file with geometries: those that its sender names, if any.
///
/// # Errors
/// What was found and what was expected, where there are no such columns.
pub(crate) fn beside(
    columns: &Columns,
    said: Option<&PositionColumns>,
    crs: Option<&Crs>,
) -> Result<Option<PositionColumns>, (String, String)> {
    let found = said.map(|said| positions(columns, Some(said), crs)).transpose()?;
    Ok(found.map(|found| found.columns))
}

/// The columns with positions, by their names alone.
fn told(columns: &Columns) -> Result<PositionColumns, (String, String)> {
    let of = |wanted: &str| {
        columns.names().iter().find(|name| name.eq_ignore_ascii_case(wanted)).cloned()
    };
    let pairs = DEGREES.iter().chain(&AXES).filter_map(|(east, north)| {
        Some(PositionColumns::Numbers { east: of(east)?, north: of(north)? })
    });
    let mut found: Vec<PositionColumns> = pairs.collect();
    found.extend(of(WKT).map(PositionColumns::Wkt));
    match &*found {
        [only] => Ok(only.clone()),
        [] => Err((
            shown(columns),
            "`lon` and `lat`, `easting` and `northing`, or `wkt`, or to be told where the positions \
             stand: `[geometry]` in the mapping"
                .into(),
        )),
        several => {
            let several: Vec<String> = several.iter().map(ToString::to_string).collect();
            let expected = "to be told where the positions stand: `[geometry]` in the mapping";
            Err((format!("positions in {}", several.join(" and in ")), expected.into()))
        }
    }
}

fn is_degrees(positions: &PositionColumns) -> bool {
    let (east, north) = match positions {
        PositionColumns::Numbers { east, north } => (east, north),
        PositionColumns::Wkt(_) => return false,
        // Of no positions nothing is to be asked.
        PositionColumns::Unwanted => return true,
    };
    let is = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
    DEGREES.iter().any(|(lon, lat)| is(east, lon) && is(north, lat))
}

/// The names of the columns, as many as may be shown.
pub(crate) fn shown(columns: &Columns) -> String {
    let names: Vec<&str> = columns.names().iter().map(|name| &**name).collect();
    listed("columns", "columns", &names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &str, said: Option<&PositionColumns>, crs: Option<&str>, expected: &str) {
        let columns = columns(names.split('|')).expect("names");
        let crs = crs.map(|name| Crs::find(name).expect("in the table"));
        let answer = match positions(&columns, said, crs.as_ref()) {
            Ok(Positions { columns, crs }) => format!("{columns} in {}", crs.code()),
            Err((found, expected)) => format!("found {found}, expected {expected}"),
        };
        assert_eq!(answer, expected);
    }

    #[test]
    fn names_are_made_of_one_line_and_never_empty() {
        let columns = columns(" 管线\n材料 ||\ta  b".split('|')).expect("names");
        assert_eq!(columns.names(), ["管线 材料".into(), "field_2".into(), Box::from("a b")]);
    }

    #[test]
    fn longitude_and_latitude_are_on_wgs_84_unless_it_is_said() {
        check("id|Lon|LAT", None, None, "`Lon` to the east and `LAT` to the north in OGC:CRS84");
        check("经度|纬度", None, None, "`经度` to the east and `纬度` to the north in OGC:CRS84");
        check(
            "lon|lat",
            None,
            Some("4490"),
            "`lon` to the east and `lat` to the north in EPSG:4490",
        );
        let said = PositionColumns::Numbers { east: "lon".into(), north: "lat".into() };
        check(
            "lon|lat",
            Some(&said),
            None,
            "`lon` to the east and `lat` to the north in OGC:CRS84",
        );
        let swapped = PositionColumns::Numbers { east: "lat".into(), north: "lon".into() };
        check(
            "lon|lat",
            Some(&swapped),
            None,
            "found positions in `lat` to the east and `lon` to the north, expected to be told their \
             coordinate system: --crs, or `crs` in the mapping",
        );
    }

    #[test]
    fn other_positions_want_a_coordinate_system() {
        let told = "expected to be told their coordinate system: --crs, or `crs` in the mapping";
        check("WKT|a", None, None, &format!("found positions in `WKT`, {told}"));
        check("WKT|a", None, Some("4548"), "`WKT` in EPSG:4548");
        check(
            "Easting|Northing",
            None,
            Some("4548"),
            "`Easting` to the east and `Northing` to the north in EPSG:4548",
        );
    }

    #[test]
    fn positions_that_cannot_be_found_are_asked_for() {
        check(
            "X|Y",
            None,
            Some("4548"),
            "found columns X, Y, expected `lon` and `lat`, `easting` and `northing`, or `wkt`, or to \
             be told where the positions stand: `[geometry]` in the mapping",
        );
        check(
            "wkt|lon|lat",
            None,
            None,
            "found positions in `lon` to the east and `lat` to the north and in `wkt`, expected to \
             be told where the positions stand: `[geometry]` in the mapping",
        );
        let said = PositionColumns::Wkt("geom".into());
        check(
            "a|b",
            Some(&said),
            None,
            "found columns a, b, expected a column `geom`, as the mapping says",
        );
    }
}
