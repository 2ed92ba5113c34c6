//! What a file is, as its reader found out, so that whoever sends it can see what is made of it.

use std::fmt;

use terrier_spatial::Crs;

use crate::format::Format;
use crate::position::PositionColumns;

/// How much there is to read, in the unit in which [`crate::Row::end`] counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Extent {
    /// So many bytes.
    Bytes(u64),
    /// So many rows.
    Rows(u64),
}

/// What a reader found out about its file. What the format does not have is `None` or empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// The format.
    pub format: Format,
    /// How much there is to read; `None` when nobody knows, as with a pipe.
    pub extent: Option<Extent>,
    /// The layer or sheet that is read.
    pub layer: Option<Box<str>>,
    /// All layers or sheets of the file, in its order.
    pub layers: Vec<Box<str>>,
    /// Those that the file hides.
    pub hidden_layers: Vec<Box<str>>,
    /// The row that holds the names of the columns, where that is not told by the format.
    pub header_row: Option<u32>,
    /// The encoding of texts, by its name in the WHATWG standard.
    pub encoding: Option<Box<str>>,
    /// What stands between two columns.
    pub delimiter: Option<char>,
    /// The decimal sign of numbers that are texts.
    pub decimal: Option<char>,
    /// The coordinate system of the positions; `None` when nobody has said it.
    pub crs: Option<Crs>,
    /// The columns that hold the positions, in a file without geometries.
    pub positions: Option<PositionColumns>,
    /// The names of the columns, in the order of the file.
    pub columns: Vec<Box<str>>,
    /// What was made of a table of points and lines.
    pub survey: Option<Box<str>>,
    /// Columns that nobody need take: the numbers that the file itself gives to its rows, and what
    /// other columns say too.
    pub spare_columns: Vec<Box<str>>,
    /// Whether the encoding, the delimiter, the decimal sign or the row of names was told from the content.
    pub is_guessed: bool,
}

impl Description {
    /// A file of which only the format is known.
    pub fn of(format: Format) -> Self {
        Self {
            format,
            extent: None,
            layer: None,
            layers: Vec::new(),
            hidden_layers: Vec::new(),
            header_row: None,
            encoding: None,
            delimiter: None,
            decimal: None,
            crs: None,
            positions: None,
            columns: Vec::new(),
            survey: None,
            spare_columns: Vec::new(),
            is_guessed: false,
        }
    }

    /// The column with the numbers that the file itself gives to its rows.
    pub(crate) fn number_column(&self) -> Option<&str> {
        let has_numbers = self.format == Format::GeoPackage;
        self.spare_columns.first().filter(|_| has_numbers).map(|name| &**name)
    }
}

/// One sentence without a full stop.
impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.format.name())?;
        if let Some(layer) = &self.layer {
            let word = if self.format == Format::Xlsx { "sheet" } else { "layer" };
            write!(f, ", {word} `{layer}`")?;
            if self.layers.len() > 1 {
                let names = self.layers.iter().map(|layer| {
                    let is_hidden = self.hidden_layers.contains(layer);
                    if is_hidden { format!("{layer} (hidden)") } else { layer.to_string() }
                });
                let names: Vec<String> = names.collect();
                write!(f, " of {}", names.join(", "))?;
            }
        }
        if let Some(row) = self.header_row {
            write!(f, ", names of columns in row {row}")?;
        }
        if let Some(encoding) = &self.encoding {
            write!(f, ", texts in {encoding}")?;
        }
        match self.delimiter {
            None => {}
            Some('\t') => f.write_str(", columns between tabs")?,
            Some(delimiter) => write!(f, ", columns between `{delimiter}`")?,
        }
        if let Some(decimal) = self.decimal {
            write!(f, ", decimal sign `{decimal}`")?;
        }
        let is_placed = self.positions != Some(PositionColumns::Unwanted);
        if let Some(crs) = self.crs.as_ref().filter(|_| is_placed) {
            write!(f, ", positions in {}", crs.code())?;
            if crs.approximate() {
                f.write_str(" (approximate)")?;
            }
        }
        if let Some(positions) = self.positions.as_ref().filter(|_| is_placed) {
            write!(f, ", from {positions}")?;
        }
        if let Some(survey) = &self.survey {
            write!(f, ", {survey}")?;
        }
        if !self.columns.is_empty() {
            write!(f, "; columns {}", self.columns.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(description: &Description, expected: &str) {
        assert_eq!(description.to_string(), expected);
    }

    #[test]
    fn a_description_tells_what_is_known() {
        let mut description = Description::of(Format::GeoJson);
        check(&description, "GeoJSON");
        description.crs = Some(Crs::crs84());
        check(&description, "GeoJSON, positions in OGC:CRS84");
        description.crs = Crs::find("GCJ-02").ok();
        check(&description, "GeoJSON, positions in GCJ-02 (approximate)");
        let table = Description {
            layer: Some("RQ".into()),
            layers: vec!["RQ".into(), "PS".into()],
            encoding: Some("gb18030".into()),
            delimiter: Some(';'),
            decimal: Some(','),
            crs: Crs::find("EPSG:4548").ok(),
            positions: Some(PositionColumns::Numbers { east: "Y".into(), north: "X".into() }),
            columns: vec!["管径".into(), "X".into()],
            is_guessed: true,
            ..Description::of(Format::Csv)
        };
        check(
            &table,
            "CSV, layer `RQ` of RQ, PS, texts in gb18030, columns between `;`, decimal sign `,`, \
             positions in EPSG:4548, from `Y` to the east and `X` to the north; columns 管径, X",
        );
        let sheet = Description {
            layer: Some("J".into()),
            layers: vec!["J".into(), "W".into()],
            hidden_layers: vec!["W".into()],
            header_row: Some(3),
            ..Description::of(Format::Xlsx)
        };
        check(&sheet, "XLSX, sheet `J` of J, W (hidden), names of columns in row 3");
        let tabs = Description { delimiter: Some('\t'), ..Description::of(Format::Csv) };
        check(&tabs, "CSV, columns between tabs");
    }
}
