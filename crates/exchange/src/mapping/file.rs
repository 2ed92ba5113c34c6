//! What a mapping says of the file as such: its coordinate system, and how its text is written.

use toml::{Table, Value};

use super::document::{Entry, MappingError, show};
use crate::options::ReadOptions;
use crate::position::PositionColumns;

const FILE_KEYS: [&str; 6] = ["encoding", "delimiter", "decimal", "layer", "sheet", "header_row"];

impl Entry {
    /// Reads the keys `crs`, `[geometry]`, `[table]` and `[file]`.
    pub(super) fn options(&self, table: &Table) -> Result<ReadOptions, MappingError> {
        let mut options = ReadOptions::default();
        if let Some(value) = table.get("crs") {
            options.crs = Some(self.of("crs").crs(value)?);
        }
        if let Some(value) = table.get("geometry") {
            options.positions = Some(self.of("geometry").positions(value)?);
        }
        if let Some(value) = table.get("table") {
            options.survey = Some(self.of("table").survey(value)?);
        }
        let Some(value) = table.get("file") else { return Ok(options) };
        let here = self.of("file");
        let file = here.table(value)?;
        here.allow(file, &FILE_KEYS)?;
        options.encoding = here.optional_text(file, "encoding")?;
        options.layer = here.optional_text(file, "layer")?;
        options.sheet = here.optional_text(file, "sheet")?;
        options.delimiter = here.character(file, "delimiter", ReadOptions::parse_delimiter)?;
        options.decimal = here.character(file, "decimal", ReadOptions::parse_decimal)?;
        if let Some(value) = file.get("header_row") {
            let row = value.as_integer().and_then(|row| u32::try_from(row).ok());
            let place = here.of("header_row");
            let expected = "the number of a row, counted from 1";
            let row = row.filter(|row| *row > 0);
            options.header_row = Some(row.ok_or_else(|| place.refuse(show(value), expected))?);
        }
        Ok(options)
    }

    fn positions(&self, value: &Value) -> Result<PositionColumns, MappingError> {
        let table = self.table(value)?;
        let of = |key: &str| Ok(self.of(key).text(self.member(table, key)?)?.into());
        if table.contains_key("wkt") {
            self.allow(table, &["wkt"])?;
            return Ok(PositionColumns::Wkt(of("wkt")?));
        }
        // Surveyors call the northing X: whoever writes `northing` and `easting` cannot mean the
        // other one.
        let (east, north) =
            if table.contains_key("x") { ("x", "y") } else { ("easting", "northing") };
        if !table.contains_key(east) && !table.contains_key(north) {
            let expected = "`wkt`, or `x` (to the east) and `y`, or `northing` and `easting`";
            return Err(self.refuse(shown_keys(table), expected));
        }
        self.allow(table, &[east, north])?;
        let (east, north): (Box<str>, Box<str>) = (of(east)?, of(north)?);
        if east == north {
            return Err(self.refuse(&*east, "two columns"));
        }
        Ok(PositionColumns::Numbers { east, north })
    }

    fn optional_text(&self, table: &Table, key: &str) -> Result<Option<Box<str>>, MappingError> {
        table.get(key).map(|value| self.of(key).text(value).map(Into::into)).transpose()
    }

    fn character(
        &self,
        table: &Table,
        key: &str,
        parse: fn(&str) -> Result<char, &'static str>,
    ) -> Result<Option<char>, MappingError> {
        let Some(value) = table.get(key) else { return Ok(None) };
        let parsed = parse(value.as_str().unwrap_or_default());
        parsed.map(Some).map_err(|expected| self.of(key).refuse(shown(value), expected))
    }
}

fn shown_keys(table: &Table) -> String {
    let keys: Vec<&str> = table.keys().map(String::as_str).collect();
    if keys.is_empty() { "nothing".into() } else { keys.join(", ") }
}

fn shown(value: &Value) -> String {
    show(value).escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use super::super::Mapping;
    use super::super::tests::classes;
    use super::*;
    use terrier_spatial::Crs;

    fn document(lines: &str) -> String {
        format!("source = \"s\"\n{lines}\n[[collection]]\ninto = \"pipes\"\n")
    }

    fn check(lines: &str, expected: &str) {
        let answer = match Mapping::parse(&document(lines), &classes()) {
            Ok(mapping) => format!("{:?}", mapping.options()),
            Err(error) => error.to_string(),
        };
        assert_eq!(answer, expected);
    }

    #[test]
    fn a_mapping_says_how_its_file_is_written() {
        check(
            "[file]\nencoding = \"gbk\"\ndelimiter = \"\\t\"\ndecimal = \",\"\n\
             layer = \"RQ\"\nsheet = \"J\"\nheader_row = 3",
            "ReadOptions { crs: None, positions: None, encoding: Some(\"gbk\"), delimiter: \
             Some('\\t'), decimal: Some(','), layer: Some(\"RQ\"), sheet: Some(\"J\"), \
             header_row: Some(3), survey: None, \
             only_look: false }",
        );
        check(
            "file = { delimiter = \"tab\" }",
            "ReadOptions { crs: None, positions: None, encoding: None, delimiter: Some('\\t'), \
             decimal: None, layer: None, sheet: None, header_row: None, survey: None, \
             only_look: false }",
        );
    }

    #[test]
    fn a_mapping_says_where_the_positions_are_and_in_which_system() {
        let check = |lines: &str, expected: &str| {
            let mapping = Mapping::parse(&document(lines), &classes()).expect("a mapping");
            let ReadOptions { crs, positions, .. } = mapping.options();
            let crs = crs.as_ref().map_or("no system", Crs::code);
            let positions = positions.as_ref().map(ToString::to_string).unwrap_or_default();
            assert_eq!(format!("{crs}: {positions}"), expected);
        };
        check("crs = \"urn:ogc:def:crs:EPSG::4548\"", "EPSG:4548: ");
        check("geometry = { wkt = \"geom\" }", "no system: `geom`");
        let numbers = "no system: `b` to the east and `a` to the north";
        check("geometry = { x = \"b\", y = \"a\" }", numbers);
        check("[geometry]\nnorthing = \"a\"\neasting = \"b\"", numbers);
    }

    #[test]
    fn positions_are_in_one_column_or_in_two() {
        let check = |inner: &str, expected: &str| {
            let expected = format!("the mapping, `geometry`{expected}");
            check(&format!("geometry = {{ {inner} }}"), &expected);
        };
        let either = "expected `wkt`, or `x` (to the east) and `y`, or `northing` and `easting`";
        check("", &format!(": found `nothing`, {either}"));
        check("lon = \"a\"", &format!(": found `lon`, {either}"));
        check("x = \"a\"", ": found `nothing`, expected a key `y`");
        check("easting = \"a\", x = \"b\"", ": found `easting`, expected one of the keys x, y");
        check("wkt = \"a\", x = \"b\"", ": found `x`, expected one of the keys wkt");
        check("northing = \"a\", easting = \"a\"", ": found `a`, expected two columns");
    }

    #[test]
    fn what_says_nothing_of_a_file_is_refused() {
        check(
            "crs = 4548",
            "the mapping, `crs`: found `4548`, expected a text without control characters",
        );
        check("crs = \"EPSG:9999\"", "the mapping, `crs`: cannot take the coordinate system");
        check(
            "file = { separator = \";\" }",
            "the mapping, `file`: found `separator`, expected one of the keys encoding, delimiter, \
             decimal, layer, sheet, header_row",
        );
        let delimiter = "expected one of , ; | and tab";
        check(
            "file = { delimiter = \"::\" }",
            &format!("the mapping, `file`, `delimiter`: found `::`, {delimiter}"),
        );
        check(
            "file = { delimiter = 1 }",
            &format!("the mapping, `file`, `delimiter`: found `1`, {delimiter}"),
        );
        check(
            "file = { decimal = \"'\" }",
            "the mapping, `file`, `decimal`: found `\\'`, expected . or ,",
        );
        for row in ["0", "-1", "\"3\"", "4294967296"] {
            check(
                &format!("file = {{ header_row = {row} }}"),
                &format!(
                    "the mapping, `file`, `header_row`: found `{}`, expected the number of a row, \
                     counted from 1",
                    row.trim_matches('"')
                ),
            );
        }
    }
}
