//! Finds the layer that is to be read in a GeoPackage: its table, its columns, its coordinate system.
//!
//! Names in the file may be anything; they are put into statements in quotes only, or bound.

use std::sync::Arc;

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection, query};
use terrier_spatial::{Crs, MAX_WKT_BYTES};

use super::file::{Database, failed};
use super::plain;
use super::wait::wait;
use crate::crs;
use crate::format::Format;
use crate::listed::listed;
use crate::options::ReadOptions;
use crate::read_error::ReadError;
use crate::record::Columns;

/// The most layers that a file may have.
const MAX_LAYERS: usize = 1_000;

/// A layer of a file.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Found {
    table: Box<str>,
    is_stored: bool,
    has_geometry: bool,
}

/// The table or view that is read.
pub(super) struct Table {
    pub(super) name: Box<str>,
    /// Its rows can be counted without making them.
    pub(super) is_stored: bool,
    pub(super) layers: Vec<Box<str>>,
    /// The columns without that of the geometry.
    pub(super) columns: Arc<Columns>,
    /// Of each column, whether it holds truth as 0 and 1.
    pub(super) is_boolean: Vec<bool>,
    /// The place of the whole number that is the primary key.
    pub(super) key: Option<usize>,
    pub(super) geometry: Option<Geometry>,
}

/// The column of the geometry.
pub(super) struct Geometry {
    pub(super) column: Box<str>,
    /// The number of the coordinate system in the file.
    pub(super) srs_id: i64,
    /// `None` when nobody has said it.
    pub(super) crs: Option<Crs>,
}

impl Table {
    /// # Errors
    /// When there is no such layer, or several and none is named; when its description is not sound.
    pub(super) fn find(database: &mut Database, options: &ReadOptions) -> Result<Self, ReadError> {
        plain::check(database, "gpkg_contents")?;
        let layers = layers(database)?;
        let layer = match choose(&database.name, &layers, options.layer.as_deref()) {
            Err(_) if options.only_look && options.layer.is_none() => first(&layers),
            chosen => chosen?,
        };
        let layer = layer.clone();
        plain::check(database, &layer.table)?;
        if layer.has_geometry {
            plain::check(database, "gpkg_geometry_columns")?;
            plain::check(database, "gpkg_spatial_ref_sys")?;
        }
        let geometry = if layer.has_geometry {
            Some(geometry(database, &layer.table, options)?)
        } else {
            None
        };
        let (mut names, mut is_boolean, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        let mut is_there = false;
        for Column { name, declared, in_key } in columns(database, &layer.table)? {
            if geometry.as_ref().is_some_and(|it| it.column.eq_ignore_ascii_case(&name)) {
                is_there = true;
                continue;
            }
            if in_key {
                keys.push((names.len(), &*declared == "INTEGER"));
            }
            names.push(name);
            is_boolean.push(&*declared == "BOOLEAN");
        }
        if let Some(Geometry { column, .. }) = geometry.as_ref().filter(|_| !is_there) {
            return Err(database.unsound(
                format!("no column `{}` in `{}`", column.escape_debug(), layer.table),
                "the column of its geometry",
            ));
        }
        let columns = Columns::try_new(names);
        let columns = columns
            .map_err(|fault| database.unsound(format!("`{}`", fault.found), fault.expected))?;
        Ok(Self {
            name: layer.table,
            is_stored: layer.is_stored,
            layers: layers.into_iter().map(|layer| layer.table).collect(),
            columns,
            is_boolean,
            key: match &*keys {
                [(place, true)] => Some(*place),
                _ => None,
            },
            geometry,
        })
    }
}

/// The rows of a statement with one bound text.
fn rows(
    database: &mut Database,
    statement: impl AsyncFnOnce(&mut SqliteConnection) -> Result<Vec<SqliteRow>, sqlx::Error>,
) -> Result<Vec<SqliteRow>, ReadError> {
    database.steps.begin();
    let rows = wait(statement(&mut database.connection));
    rows.map_err(|error| failed(&database.name, None, error))
}

/// A text of a row, empty when it is none.
fn text_at(row: &SqliteRow, place: usize) -> Box<str> {
    let bytes = row.try_get_unchecked::<Option<&[u8]>, _>(place).ok().flatten();
    std::str::from_utf8(bytes.unwrap_or_default()).unwrap_or_default().into()
}

fn is_true(row: &SqliteRow, place: usize) -> bool {
    row.try_get_unchecked::<i64, _>(place).is_ok_and(|number| number != 0)
}

fn layers(database: &mut Database) -> Result<Vec<Found>, ReadError> {
    let found = rows(database, async |connection| {
        let statement = query(include_str!("sql/select_layers.sql"));
        statement.bind(MAX_LAYERS as i64 + 1).fetch_all(connection).await
    })?;
    if found.len() > MAX_LAYERS {
        let found = format!("more than {MAX_LAYERS} layers");
        return Err(database.unsound(found, format!("at most {MAX_LAYERS}")));
    }
    let layers = found.iter().map(|row| Found {
        table: text_at(row, 0),
        is_stored: is_true(row, 1),
        has_geometry: is_true(row, 2),
    });
    // A name with other signs in it could not be shown, and nobody gives one in good faith.
    let is_sound =
        |layer: &Found| !layer.table.is_empty() && !layer.table.chars().any(char::is_control);
    let layers: Vec<Found> = layers.filter(is_sound).collect();
    if layers.is_empty() {
        return Err(database.unsound("no layer", "a table that `gpkg_contents` names"));
    }
    Ok(layers)
}

/// The layer that is named, otherwise the only one with geometries, otherwise the only one.
fn choose<'a>(file: &str, layers: &'a [Found], name: Option<&str>) -> Result<&'a Found, ReadError> {
    let option = |found: String, expected: String| ReadError::Option {
        file: file.into(),
        format: Format::GeoPackage,
        found,
        expected,
    };
    let shown = |layers: &[&Found]| {
        let names: Vec<&str> = layers.iter().map(|layer| &*layer.table).collect();
        listed("layer", "layers", &names)
    };
    if let Some(name) = name {
        let mut found = layers.iter().filter(|layer| layer.table.eq_ignore_ascii_case(name));
        let all: Vec<&Found> = layers.iter().collect();
        return found.next().ok_or_else(|| option(shown(&all), format!("a layer `{name}`")));
    }
    let mut candidates: Vec<&Found> = layers.iter().filter(|layer| layer.has_geometry).collect();
    if candidates.is_empty() {
        candidates = layers.iter().collect();
    }
    match &*candidates {
        [only] => Ok(only),
        several => {
            let expected = "to be told which: --layer, or `layer` in the mapping";
            Err(option(shown(several), expected.into()))
        }
    }
}

/// The first layer, of those with geometries where there are any.
fn first(layers: &[Found]) -> &Found {
    layers.iter().find(|layer| layer.has_geometry).unwrap_or(&layers[0])
}

struct Column {
    name: Box<str>,
    declared: Box<str>,
    in_key: bool,
}

fn columns(database: &mut Database, table: &str) -> Result<Vec<Column>, ReadError> {
    let rows = rows(database, async |connection| {
        query(include_str!("sql/select_columns.sql")).bind(table).fetch_all(connection).await
    })?;
    let column = |row: &SqliteRow| Column {
        name: text_at(row, 0),
        declared: text_at(row, 1),
        in_key: is_true(row, 2),
    };
    Ok(rows.iter().map(column).collect())
}

fn geometry(
    database: &mut Database,
    table: &str,
    options: &ReadOptions,
) -> Result<Geometry, ReadError> {
    let said = options.crs.as_ref();
    let rows = rows(database, async |connection| {
        let statement = query(include_str!("sql/select_geometry_column.sql"));
        statement.bind(table).bind(MAX_WKT_BYTES as i64 + 1).fetch_all(connection).await
    })?;
    let [row] = &*rows else {
        let count = if rows.is_empty() { "no column" } else { "several columns" };
        let found = format!("{count} of the geometry of `{table}` in `gpkg_geometry_columns`");
        return Err(database.unsound(found, "one"));
    };
    let number = |place: usize| row.try_get_unchecked::<Option<i64>, _>(place).ok().flatten();
    let srs_id = number(1).unwrap_or(-1);
    let (organization, definition) = (text_at(row, 2), text_at(row, 4));
    let stated = match srs_id {
        // The standard's numbers for a system that is not known.
        -1 | 0 => None,
        _ => {
            let code = number(3).map(|number| format!("{organization}:{number}"));
            let code = code.filter(|_| !organization.is_empty());
            let code = code.unwrap_or_else(|| format!("srs_id {srs_id}"));
            Some(crs::described(&database.name, Some(code), &definition, said)?)
        }
    };
    let crs = crs::agreed(&database.name, stated, said)?;
    if crs.is_none() && !options.only_look {
        return Err(ReadError::Option {
            file: database.name.clone(),
            format: Format::GeoPackage,
            found: format!("layer `{table}` in an undefined coordinate system (srs_id {srs_id})"),
            expected: "to be told it: --crs, or `crs` in the mapping".into(),
        });
    }
    Ok(Geometry { column: text_at(row, 0), srs_id, crs })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(layers: &[(&str, bool)], name: Option<&str>, expected: &str) {
        let found = |(table, has_geometry): &(&str, bool)| Found {
            table: (*table).into(),
            is_stored: true,
            has_geometry: *has_geometry,
        };
        let layers: Vec<Found> = layers.iter().map(found).collect();
        let answer = match choose("x", &layers, name) {
            Ok(layer) => layer.table.to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(answer, expected);
    }

    #[test]
    fn the_layer_is_named_or_the_only_one_with_geometries() {
        let several = [("pipes", true), ("RQ", true), ("layer_styles", false)];
        check(&several, Some("rq"), "RQ");
        check(&several, Some("layer_styles"), "layer_styles");
        check(&several[1..], None, "RQ");
        check(&several[2..], None, "layer_styles");
        check(
            &several,
            None,
            "`x`, read as GeoPackage: found layers pipes, RQ, expected to be told which: --layer, or \
             `layer` in the mapping",
        );
        check(
            &several[1..],
            Some("pipes"),
            "`x`, read as GeoPackage: found layers RQ, layer_styles, expected a layer `pipes`",
        );
    }
}
