//! How a file is to be read, where it does not say so itself.

use terrier_spatial::Crs;

use crate::format::Format;
use crate::position::PositionColumns;
use crate::survey::Survey;

/// What the sender says of a file, on the command line or in the mapping. What is not said, the
/// reader finds out, or refuses the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadOptions {
    /// The coordinate system of the positions. A file that states another one is refused.
    pub crs: Option<Crs>,
    /// The columns that hold the positions.
    pub positions: Option<PositionColumns>,
    /// The encoding of texts.
    pub encoding: Option<Box<str>>,
    /// What stands between two columns.
    pub delimiter: Option<char>,
    /// The decimal sign of numbers that are texts.
    pub decimal: Option<char>,
    /// The layer to read.
    pub layer: Option<Box<str>>,
    /// The sheet to read.
    pub sheet: Option<Box<str>>,
    /// The row that holds the names of the columns, counted from 1.
    pub header_row: Option<u32>,
    /// How a table of points and lines is read; a table of other rows without it.
    pub survey: Option<Survey>,
    /// Whether the file is only looked at. Then nobody need know where its positions stand and in
    /// which coordinate system, and of several layers the first is read.
    pub only_look: bool,
}

impl ReadOptions {
    /// These options, and of the others those that are not said here.
    #[must_use]
    pub fn or(self, others: &Self) -> Self {
        Self {
            crs: self.crs.or_else(|| others.crs.clone()),
            positions: self.positions.or_else(|| others.positions.clone()),
            encoding: self.encoding.or_else(|| others.encoding.clone()),
            delimiter: self.delimiter.or(others.delimiter),
            decimal: self.decimal.or(others.decimal),
            layer: self.layer.or_else(|| others.layer.clone()),
            sheet: self.sheet.or_else(|| others.sheet.clone()),
            header_row: self.header_row.or(others.header_row),
            survey: self.survey.or_else(|| others.survey.clone()),
            only_look: self.only_look || others.only_look,
        }
    }

    /// A delimiter by its character, or `tab`.
    ///
    /// # Errors
    /// With what was expected.
    pub fn parse_delimiter(text: &str) -> Result<char, &'static str> {
        match text {
            "," => Ok(','),
            ";" => Ok(';'),
            "|" => Ok('|'),
            "\t" | "tab" => Ok('\t'),
            _ => Err("one of , ; | and tab"),
        }
    }

    /// A decimal sign.
    ///
    /// # Errors
    /// With what was expected.
    pub fn parse_decimal(text: &str) -> Result<char, &'static str> {
        match text {
            "." => Ok('.'),
            "," => Ok(','),
            _ => Err(". or ,"),
        }
    }

    /// The name of the first option that says nothing about files of a format, if there is one.
    pub fn foreign_to(&self, format: Format) -> Option<&'static str> {
        use Format::{Csv, GeoPackage, Shapefile, Xlsx};
        let options: [(&str, bool, &[Format]); 6] = [
            ("encoding", self.encoding.is_some(), &[Csv, Shapefile]),
            ("delimiter", self.delimiter.is_some(), &[Csv]),
            ("decimal", self.decimal.is_some(), &[Csv, Xlsx]),
            ("layer", self.layer.is_some(), &[GeoPackage, Shapefile]),
            ("sheet", self.sheet.is_some(), &[Xlsx]),
            ("header_row", self.header_row.is_some(), &[Csv, Xlsx]),
        ];
        let mut foreign =
            options.iter().filter(|(_, is_said, of)| *is_said && !of.contains(&format));
        foreign.next().map(|(name, _, _)| *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_goes_before_what_others_say() {
        let layer = |name: &str| Some(name.into());
        let first = ReadOptions { layer: layer("a"), ..ReadOptions::default() };
        let second =
            ReadOptions { layer: layer("b"), delimiter: Some(';'), ..ReadOptions::default() };
        let both = ReadOptions { layer: layer("a"), ..second.clone() };
        assert_eq!(first.or(&second), both);
    }

    #[test]
    fn an_option_of_another_format_is_named() {
        let layer = ReadOptions { layer: Some("pipes".into()), ..ReadOptions::default() };
        assert_eq!(layer.foreign_to(Format::GeoPackage), None);
        assert_eq!(layer.foreign_to(Format::GeoJson), Some("layer"));
        let crs = ReadOptions { crs: Some(Crs::crs84()), ..ReadOptions::default() };
        assert_eq!(crs.foreign_to(Format::GeoJson), None);
    }
}
