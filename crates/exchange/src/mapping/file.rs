//! What a mapping says of the file as such: its coordinate system, and how its text is written.

use toml::{Table, Value};

use super::document::{Entry, MappingError, show};
use crate::options::ReadOptions;

const FILE_KEYS: [&str; 6] = ["encoding", "delimiter", "decimal", "layer", "sheet", "header_row"];

impl Entry {
    /// Reads the keys `crs` and `[file]`.
    pub(super) fn options(&self, table: &Table) -> Result<ReadOptions, MappingError> {
        let mut options =
            ReadOptions { crs: self.optional_text(table, "crs")?, ..ReadOptions::default() };
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

fn shown(value: &Value) -> String {
    show(value).escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use super::super::Mapping;
    use super::super::tests::classes;

    fn check(lines: &str, expected: &str) {
        let text = format!("source = \"s\"\n{lines}\n[[collection]]\ninto = \"pipes\"\n");
        let answer = match Mapping::parse(&text, &classes()) {
            Ok(mapping) => format!("{:?}", mapping.options()),
            Err(error) => error.to_string(),
        };
        assert_eq!(answer, expected);
    }

    #[test]
    fn a_mapping_says_how_its_file_is_written() {
        check(
            "crs = \"EPSG:4548\"\n[file]\nencoding = \"gbk\"\ndelimiter = \"\\t\"\n\
             decimal = \",\"\nlayer = \"RQ\"\nsheet = \"J\"\nheader_row = 3",
            "ReadOptions { crs: Some(\"EPSG:4548\"), encoding: Some(\"gbk\"), delimiter: \
             Some('\\t'), decimal: Some(','), layer: Some(\"RQ\"), sheet: Some(\"J\"), \
             header_row: Some(3) }",
        );
        check(
            "file = { delimiter = \"tab\" }",
            "ReadOptions { crs: None, encoding: None, delimiter: Some('\\t'), decimal: None, \
             layer: None, sheet: None, header_row: None }",
        );
    }

    #[test]
    fn what_says_nothing_of_a_file_is_refused() {
        check(
            "crs = 4548",
            "the mapping, `crs`: found `4548`, expected a text without control characters",
        );
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
