//! Writes features as rows of text in UTF-8 (RFC 4180): a first row of names, commas, quotes where
//! they are needed, rows that end with CR LF.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{BufWriter, Write};

use terrier_model::ValueRef;
use terrier_spatial::{Crs, Shape};

use crate::layer::{Layer, LayerFeature, LayerWriter, WriteError, list_text};
use crate::layout::BYTE_ORDER_MARK;
use crate::wkt_writer::write_wkt;

/// So much is written at a time.
const BUFFER_BYTES: usize = 1 << 20;

/// A spreadsheet takes a cell that begins with one of these for a formula.
const FORMULA_SIGNS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// How the shape of a feature stands in its row.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum CsvGeometry {
    /// As well-known text in the last column, `wkt`.
    #[default]
    Wkt,
    /// As numbers in the last two columns, `lon` and `lat`, or `x` and `y` in a plane; empty for what is
    /// no point.
    Positions,
    /// Not at all.
    None,
}

impl CsvGeometry {
    fn columns(self, crs: Option<&Crs>) -> &'static [&'static str] {
        match self {
            Self::Wkt => &["wkt"],
            Self::Positions if crs.is_some_and(Crs::is_projected) => &["x", "y"],
            Self::Positions => &["lon", "lat"],
            Self::None => &[],
        }
    }
}

/// What may be said of a file of rows.
#[derive(Clone, Copy, Debug, Default)]
pub struct CsvOptions {
    /// How shapes are written.
    pub geometry: CsvGeometry,
    /// Whether the file begins with a byte order mark, without which Excel takes UTF-8 for another
    /// encoding.
    pub byte_order_mark: bool,
    /// Whether texts stand as they are, even where a spreadsheet takes them for formulas.
    pub raw: bool,
}

/// Writes rows.
#[derive(Debug)]
pub struct CsvWriter<W: Write> {
    out: BufWriter<W>,
    options: CsvOptions,
    /// The row that is being made.
    row: String,
    cell: String,
}

impl<W: Write> CsvWriter<W> {
    /// Begins a file with the row of names: `id`, those of the fields, those of the geometry.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn new(out: W, layer: &Layer, options: CsvOptions) -> Result<Self, WriteError> {
        let out = BufWriter::with_capacity(BUFFER_BYTES, out);
        let mut writer = Self { out, options, row: String::new(), cell: String::new() };
        if options.byte_order_mark {
            writer.out.write_all(BYTE_ORDER_MARK).map_err(WriteError::out)?;
        }
        let fields = layer.fields.iter().map(|field| &*field.name);
        let geometry = options.geometry.columns(layer.crs.as_ref()).iter().copied();
        std::iter::once("id").chain(fields).chain(geometry).for_each(|name| writer.cell(name));
        writer.end_row()?;
        Ok(writer)
    }

    /// Adds a cell to the row.
    fn cell(&mut self, text: &str) {
        if !self.row.is_empty() {
            self.row.push(',');
        }
        push_cell(&mut self.row, text);
    }

    fn end_row(&mut self) -> Result<(), WriteError> {
        self.row.push_str("\r\n");
        self.out.write_all(self.row.as_bytes()).map_err(WriteError::out)?;
        self.row.clear();
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if self.options.raw { self.cell(text) } else { self.cell(&guarded(text)) }
    }

    fn value(&mut self, value: Option<ValueRef<'_>>) {
        match value {
            None => self.cell(""),
            Some(ValueRef::Text(text)) => self.text(text),
            Some(ValueRef::List(list)) => self.cell(&list_text(list)),
            // Adding zero takes the sign off a zero.
            Some(ValueRef::Number(number)) => self.other(number + 0.0),
            Some(value) => self.other(value),
        }
    }

    /// Adds what is no text, so that no spreadsheet takes it for a formula.
    fn other(&mut self, value: impl std::fmt::Display) {
        self.with_cell(|cell| {
            write!(cell, "{value}").expect("memory takes every write");
        });
    }

    /// Adds a cell that is made in the memory of the last.
    fn with_cell(&mut self, make: impl FnOnce(&mut String)) {
        let mut cell = std::mem::take(&mut self.cell);
        cell.clear();
        make(&mut cell);
        self.cell(&cell);
        self.cell = cell;
    }

    fn shape(&mut self, shape: Option<&Shape>) {
        match (self.options.geometry, shape) {
            (CsvGeometry::None, _) => {}
            (CsvGeometry::Wkt, Some(shape)) => self.with_cell(|cell| write_wkt(cell, shape)),
            (CsvGeometry::Wkt, None) => self.cell(""),
            (CsvGeometry::Positions, Some(Shape::Point([x, y]))) => {
                self.other(x + 0.0);
                self.other(y + 0.0);
            }
            (CsvGeometry::Positions, _) => {
                self.cell("");
                self.cell("");
            }
        }
    }
}

impl<W: Write> LayerWriter for CsvWriter<W> {
    fn put(&mut self, feature: &LayerFeature<'_>) -> Result<(), WriteError> {
        self.text(feature.id);
        feature.values.iter().for_each(|value| self.value(*value));
        self.shape(feature.shape);
        self.end_row()
    }

    fn finish(mut self: Box<Self>) -> Result<(), WriteError> {
        self.out.flush().map_err(WriteError::out)
    }
}

/// A text as a cell of CSV that no spreadsheet takes for a formula.
pub fn csv_text(text: &str) -> String {
    let mut cell = String::new();
    push_cell(&mut cell, &guarded(text));
    cell
}

/// Adds a cell, in quotation marks where it holds what parts cells or rows.
fn push_cell(row: &mut String, text: &str) {
    if !text.contains(['"', ',', '\r', '\n']) {
        row.push_str(text);
        return;
    }
    row.push('"');
    for part in text.split_inclusive('"') {
        row.push_str(part);
        if part.ends_with('"') {
            row.push('"');
        }
    }
    row.push('"');
}

/// The text as no spreadsheet takes it for a formula: with `'` before a sign that begins one. A text
/// that looks as if it had been guarded gets one more, so that [`unguarded`] gives every text back.
fn guarded(text: &str) -> Cow<'_, str> {
    if text.trim_start_matches('\'').starts_with(FORMULA_SIGNS) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text of a cell without the `'` that guards it; people write it for the same end.
pub(crate) fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(FORMULA_SIGNS) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(guarded(text), expected);
        assert_eq!(unguarded(expected), text);
    }

    #[test]
    fn a_text_that_looks_like_a_formula_is_guarded_and_comes_back() {
        check("", "");
        check("路灯", "路灯");
        check("A=1", "A=1");
        check("'quoted'", "'quoted'");
        check("'", "'");
        check("=1+1", "'=1+1");
        check("-5", "'-5");
        check("+86 22", "'+86 22");
        check("@SUM(A1)", "'@SUM(A1)");
        check("\t=1", "'\t=1");
        check("\r\n", "'\r\n");
        check("'=1", "''=1");
        check("''-", "'''-");
    }
}
