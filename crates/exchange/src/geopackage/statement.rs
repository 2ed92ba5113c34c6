//! The statements that name the table of a layer and its columns.

use sqlx::AssertSqlSafe;
use terrier_model::{Field, Kind};
use terrier_spatial::GeometryKind;

use crate::layer::Layer;

/// SQLite binds so many values in one statement.
const MAX_BOUND: usize = 32_766;

/// So many rows are written by one statement, unless they have too many values.
// More rows were no faster.
const ROWS_A_STATEMENT: usize = 200;

/// Begin names that SQLite or the standard keeps for itself.
const RESERVED: [&str; 3] = ["sqlite_", "gpkg_", "rtree_"];

/// The names in the file of a layer.
#[derive(Clone, Debug)]
pub(super) struct Names {
    /// The table.
    pub(super) table: String,
    /// The column of the whole number by which SQLite and the index know a row.
    fid: String,
    /// The columns of the fields.
    fields: Vec<String>,
}

impl Names {
    pub(super) fn of(layer: &Layer) -> Self {
        let is_reserved = RESERVED.iter().any(|begin| layer.name.starts_with(begin));
        let table =
            if is_reserved { format!("layer_{}", layer.name) } else { layer.name.to_string() };
        let fields: Vec<String> = layer.fields.iter().map(|field| field.name.to_string()).collect();
        // No field is called `geometry` or `id`, but one may be called `fid`.
        let mut fid = "fid".to_owned();
        while fields.contains(&fid) {
            fid.push('_');
        }
        Self { table, fid, fields }
    }

    /// The statements with the names put in.
    fn put_into(&self, statement: &str) -> String {
        let rtree = format!("rtree_{}_geometry", self.table);
        let mut text = statement
            .replace("{table}", &quoted(&self.table))
            .replace("{fid}", &quoted(&self.fid))
            .replace("{rtree}", &quoted(&rtree));
        for end in ["insert", "update1", "update2", "update3", "update4", "delete"] {
            text = text.replace(&format!("{{rtree_{end}}}"), &quoted(&format!("{rtree}_{end}")));
        }
        text
    }

    /// Makes the table and its index.
    pub(super) fn create_layer(&self, layer: &Layer) -> AssertSqlSafe<String> {
        let columns = self.fields.iter().zip(&layer.fields);
        let columns =
            columns.map(|(name, field)| format!(",\n    {} {}", quoted(name), column_type(field)));
        let text = include_str!("sql/create_layer.sql")
            .replace("{kind}", geometry_type(layer.geometry))
            .replace("{fields}", &columns.collect::<String>());
        AssertSqlSafe(self.put_into(&text))
    }

    /// Makes the triggers that keep the index in step.
    pub(super) fn create_triggers(&self) -> AssertSqlSafe<String> {
        AssertSqlSafe(self.put_into(include_str!("sql/create_triggers.sql")))
    }

    /// How many features one statement inserts at the most.
    pub(super) fn rows_a_statement(&self) -> usize {
        ROWS_A_STATEMENT.min(MAX_BOUND / self.columns())
    }

    /// The number of columns of the table.
    fn columns(&self) -> usize {
        3 + self.fields.len()
    }

    /// Inserts so many features: number, geometry, id and fields of each.
    pub(super) fn insert_features(&self, rows: usize) -> AssertSqlSafe<String> {
        let names = [quoted(&self.fid), quoted("geometry"), quoted("id")];
        let columns: Vec<String> =
            names.into_iter().chain(self.fields.iter().map(|name| quoted(name))).collect();
        let text = include_str!("sql/insert_features.sql")
            .replace("{columns}", &columns.join(", "))
            .replace("{rows}", &places(rows, self.columns()));
        AssertSqlSafe(self.put_into(&text))
    }

    /// Inserts so many boxes into the index: number, west, east, south and north of each.
    pub(super) fn insert_boxes(&self, rows: usize) -> AssertSqlSafe<String> {
        let text = include_str!("sql/insert_boxes.sql").replace("{rows}", &places(rows, 5));
        AssertSqlSafe(self.put_into(&text))
    }
}

/// A name in a statement.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Places for values, so many in each row.
fn places(rows: usize, columns: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(", "));
    vec![row; rows].join(", ")
}

/// The standard's name of a kind of geometry.
pub(super) fn geometry_type(kind: Option<GeometryKind>) -> &'static str {
    match kind {
        None => "GEOMETRY",
        Some(GeometryKind::Point) => "POINT",
        Some(GeometryKind::Line) => "LINESTRING",
        Some(GeometryKind::MultiLine) => "MULTILINESTRING",
        Some(GeometryKind::MultiPolygon) => "MULTIPOLYGON",
    }
}

/// The standard's type for the values of a field.
fn column_type(field: &Field) -> &'static str {
    match field.kind {
        Kind::Text | Kind::Code(_) | Kind::List(_) => "TEXT",
        Kind::Integer => "INTEGER",
        Kind::Number => "REAL",
        Kind::Boolean => "BOOLEAN",
        Kind::Date => "DATE",
        Kind::Instant => "DATETIME",
    }
}

#[cfg(test)]
mod tests {
    use terrier_model::{Class, Sensitivity, Text};

    use super::*;

    fn check(class: &str, fields: &[&str], table: &str, fid: &str) {
        let text = Text::new("x", "x");
        let field = |name: &&str| Field {
            name: (*name).into(),
            kind: Kind::Text,
            unit: None,
            title: text.clone(),
            description: None,
            sensitivity: Sensitivity::Public,
            range: None,
            core: None,
            event: None,
            retired: false,
        };
        let own = fields.iter().map(field).collect();
        let kind = GeometryKind::Point;
        let class = Class::try_new(class, text.clone(), text.clone(), kind, own).expect("a class");
        let names = Names::of(&Layer {
            name: class.name().into(),
            title: text.clone(),
            description: text.clone(),
            geometry: Some(kind),
            crs: None,
            fields: class.own_fields().to_vec(),
        });
        assert_eq!((&*names.table, &*names.fid), (table, fid));
    }

    #[test]
    fn a_name_that_is_taken_gives_way() {
        check("benches", &["fod"], "benches", "fid");
        check("benches", &["fid_", "fid"], "benches", "fid__");
        check("gpkg_contents", &[], "layer_gpkg_contents", "fid");
        check("sqlite_sequence", &[], "layer_sqlite_sequence", "fid");
        check("rtree_x", &[], "layer_rtree_x", "fid");
    }

    #[test]
    fn a_statement_never_binds_more_values_than_sqlite_takes() {
        for fields in [0, 1, 41, 200, 32_763] {
            let names = Names {
                table: "benches".into(),
                fid: "fid".into(),
                fields: vec!["a".into(); fields],
            };
            let rows = names.rows_a_statement();
            assert!((1..=ROWS_A_STATEMENT).contains(&rows), "{fields}");
            assert!(rows * names.columns() <= MAX_BOUND, "{fields}");
        }
    }
}
