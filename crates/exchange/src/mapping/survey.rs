//! What a mapping says of a table of points and lines.

use toml::{Table, Value};

use super::document::{Entry, MappingError, show};
use crate::survey::{ALIASES, Survey, Told};

/// The only kind of table that has to be said.
const KIND: &str = "point_line";

impl Entry {
    /// Reads `[table]`.
    pub(super) fn survey(&self, value: &Value) -> Result<Survey, MappingError> {
        let table = self.table(value)?;
        self.allow(table, &["kind", "points", "lines", "columns"])?;
        let here = self.of("kind");
        let kind = here.text(self.member(table, "kind")?)?;
        if kind != KIND {
            return Err(here.refuse(kind, KIND));
        }
        let mut survey = Survey::default();
        if table.contains_key("points") || table.contains_key("lines") {
            let sheet = |key: &str| Ok(self.of(key).text(self.member(table, key)?)?.into());
            survey.sheets = Some([sheet("points")?, sheet("lines")?]);
        }
        let Some(value) = table.get("columns") else { return Ok(survey) };
        let here = self.of("columns");
        survey.columns = here.columns(here.table(value)?)?;
        Ok(survey)
    }

    fn columns(&self, table: &Table) -> Result<Vec<(Told, Box<str>)>, MappingError> {
        let mut columns: Vec<(Told, Box<str>)> = Vec::new();
        for (name, value) in table {
            let Some(told) = Told::find(name) else {
                let names: Vec<&str> = ALIASES.iter().map(|alias| alias.name).collect();
                return Err(self.refuse(name, format!("one of {}", names.join(", "))));
            };
            let column = self.of(name).text(value)?;
            if columns.iter().any(|(_, other)| **other == *column) {
                return Err(self.of(name).refuse(show(value), "another column for each"));
            }
            columns.push((told, column.into()));
        }
        Ok(columns)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Mapping;
    use super::super::tests::classes;

    fn check(lines: &str, expected: &str) {
        let document = format!("source = \"s\"\n{lines}\n[[collection]]\ninto = \"pipes\"\n");
        let answer = match Mapping::parse(&document, &classes()) {
            Ok(mapping) => format!("{:?}", mapping.options().survey),
            Err(error) => error.to_string(),
        };
        assert_eq!(answer, expected);
    }

    #[test]
    fn a_table_of_points_and_lines_is_said_to_be_one() {
        check("table = { kind = \"point_line\" }", "Some(Survey { sheets: None, columns: [] })");
        check(
            "[table]\nkind = \"point_line\"\npoints = \"P\"\nlines = \"L\"\ncolumns.to = \"去向\"",
            "Some(Survey { sheets: Some([\"P\", \"L\"]), columns: [(To, \"去向\")] })",
        );
        check("", "None");
    }

    #[test]
    fn what_says_nothing_of_such_a_table_is_refused() {
        let check = |inner: &str, expected: &str| {
            let line = format!("table = {{ {inner} }}");
            check(&line, &format!("the mapping, `table`{expected}"));
        };
        check("", ": found `nothing`, expected a key `kind`");
        check("kind = \"pivot\"", ", `kind`: found `pivot`, expected point_line");
        let kind = "kind = \"point_line\"";
        check(&format!("{kind}, points = \"P\""), ": found `nothing`, expected a key `lines`");
        check(
            &format!("{kind}, columns = {{ to = \"a\", from = \"a\" }}"),
            ", `columns`, `to`: found `a`, expected another column for each",
        );
        check(
            &format!("{kind}, columns = {{ colour = \"a\" }}"),
            ", `columns`: found `colour`, expected one of point, from, to, x, y, feature, facility, \
             ground_m, well_depth_m, top_m, invert_m, depth_m, top_start_m, top_end_m, \
             invert_start_m, invert_end_m, depth_start_m, depth_end_m, material, size, laying, flow, \
             pressure, voltage, cables, owner, installed, road",
        );
    }
}
