//! Reads the rows of a GeoJSON file one after the other, in bounded memory whatever its size.
//!
//! A row is handed on as text. What is in it, [`crate::Mapper::read`] tells, so that one thread can
//! read the file and others what it holds.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use terrier_model::{Fault, Place};
use terrier_spatial::Crs;

use crate::collection::{Members, RowsOf};
use crate::crs;
use crate::description::{Description, Extent as FileExtent};
use crate::format::Format;
use crate::input::Input;
use crate::layout::{self, BYTE_ORDER_MARK, Extent, Layout, RECORD_SEPARATOR};
use crate::options::ReadOptions;
use crate::read_error::ReadError;
use crate::row::{Body, EXCERPT_BYTES, MAX_ROW_BYTES, Row, excerpt};
use crate::scan::{Scanned, Scanner, find_either, is_space};
use crate::source_file::Reader;

/// So much of a row that is too long is kept, to show which one it is.
const HEAD_BYTES: usize = 1024;

/// A GeoJSON file: a `FeatureCollection` with its members in any order, one feature on each line,
/// features behind record separators (RFC 8142), or a single feature. A geometry may stand in place
/// of a feature.
///
/// Iterating gives the rows; it ends with `None` when the file was read to its end and was sound as
/// a whole, and with one error when it was not.
#[derive(Debug)]
pub struct GeoJsonFile<R> {
    name: String,
    input: Input<R>,
    layout: Layout,
    rows: u64,
    pub(crate) members: Members,
    /// What the sender says of the file.
    options: ReadOptions,
    description: Description,
    is_done: bool,
}

impl GeoJsonFile<File> {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be opened, or its beginning is that of no GeoJSON.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let name = path.display().to_string();
        match File::open(path) {
            Ok(file) => Self::from_reader(name, file),
            Err(source) => Err(ReadError::Open { file: name, source }),
        }
    }
}

impl<R: Read> GeoJsonFile<R> {
    /// Reads from anything; the name is for messages. There is no need to buffer.
    ///
    /// # Errors
    /// When the beginning cannot be read, or is that of no GeoJSON.
    pub fn from_reader(name: impl Into<String>, read: R) -> Result<Self, ReadError> {
        Self::new(name.into(), read, None, &ReadOptions::default())
    }

    pub(crate) fn new(
        name: String,
        read: R,
        extent: Option<FileExtent>,
        options: &ReadOptions,
    ) -> Result<Self, ReadError> {
        let description = Description {
            extent,
            crs: Some(options.crs.clone().unwrap_or_else(Crs::crs84)),
            positions: options.positions.clone(),
            ..Description::of(Format::GeoJson)
        };
        let mut file = Self {
            name,
            input: Input::new(read),
            layout: Layout::Collection,
            rows: 0,
            members: Members::default(),
            options: options.clone(),
            description,
            is_done: false,
        };
        file.layout = file.find_layout()?;
        if file.layout == Layout::Collection {
            file.find_features()?;
        }
        Ok(file)
    }

    fn find_layout(&mut self) -> Result<Layout, ReadError> {
        while self.input.held().len() < BYTE_ORDER_MARK.len() && self.more()? {}
        if self.input.held().starts_with(BYTE_ORDER_MARK) {
            self.input.consume(BYTE_ORDER_MARK.len());
        }
        if self.peek()?.is_none() {
            return Err(ReadError::Empty { file: self.name.clone() });
        }
        loop {
            let extent = if self.input.has_ended() {
                Extent::Whole
            } else if self.input.held().len() > MAX_ROW_BYTES {
                Extent::Bounded
            } else {
                Extent::Part
            };
            match layout::of(self.input.held(), extent) {
                Ok(Some(layout)) => return Ok(layout),
                // Twice as much each time, so that looking again and again costs little.
                Ok(None) => {
                    let enough = 2 * self.input.held().len();
                    while self.input.held().len() < enough && self.more()? {}
                }
                Err(error) => {
                    self.input.consume(error.at);
                    return Err(self.malformed(error.expected));
                }
            }
        }
    }

    fn next_row(&mut self) -> Result<Option<Row>, ReadError> {
        match self.layout {
            Layout::Collection => self.next_in_collection(),
            Layout::Lines => self.next_between(b'\n'),
            Layout::Records => self.next_between(RECORD_SEPARATOR),
            Layout::One => self.next_of_one(),
        }
    }

    /// The next row of a file in which a byte that JSON does not use stands between rows.
    fn next_between(&mut self, separator: u8) -> Result<Option<Row>, ReadError> {
        let skipped = self.input.consume_while(|byte| is_space(byte) || byte == RECORD_SEPARATOR);
        skipped.map_err(|source| self.read_error(source))?;
        if self.peek()?.is_none() {
            return Ok(None);
        }
        let find = |chunk: &[u8]| {
            let end = find_either(chunk, separator, RECORD_SEPARATOR);
            end.map_or(Scanned::Open, Scanned::Ended)
        };
        let (mut row, _) = self.take_row(find)?;
        self.rows = row.number;
        let (text, length) = (row.text(), row.text().trim_ascii_end().len());
        if length < text.len() {
            row.body = Body::Text(text[..length].into());
        }
        Ok(Some(row))
    }

    fn next_of_one(&mut self) -> Result<Option<Row>, ReadError> {
        if self.rows > 0 {
            return match self.peek()? {
                None => Ok(None),
                Some(_) => Err(self.malformed("nothing after a feature that has several lines")),
            };
        }
        self.take_value().map(Some)
    }

    /// Takes a JSON value as the next row.
    pub(crate) fn take_value(&mut self) -> Result<Row, ReadError> {
        let mut scanner = Scanner::default();
        let (row, is_ended) = self.take_row(|chunk| scanner.feed(chunk))?;
        if !is_ended {
            return Err(self.ends_after_rows());
        }
        self.rows = row.number;
        Ok(row)
    }

    /// Takes the next row up to where `find` sees its end, or to the end of the file; says which.
    fn take_row(&mut self, find: impl FnMut(&[u8]) -> Scanned) -> Result<(Row, bool), ReadError> {
        let start = self.input.offset();
        let (text, is_ended) = self.take(MAX_ROW_BYTES, find)?;
        let end = self.input.offset();
        let length = end - start;
        let fault = (length > text.len() as u64).then(|| {
            let found = format!("{length} bytes from byte {start} on");
            Fault::new(Place::Row, found, format!("at most {MAX_ROW_BYTES}"))
        });
        // The last row may do without what separates rows, but not without its own end.
        if !is_ended && fault.is_none() && text.starts_with(b"{") && is_open(&text) {
            return Err(ReadError::EndsInRow {
                file: self.name.clone(),
                at: end,
                row: self.rows + 1,
            });
        }
        let body = Body::Text(text);
        Ok((Row { number: self.rows + 1, start, end, body, fault }, is_ended))
    }

    /// Takes bytes up to where `find` sees the end, or to the end of the file; says which. When
    /// there are more than `bound`, only the first are answered.
    pub(crate) fn take(
        &mut self,
        bound: usize,
        mut find: impl FnMut(&[u8]) -> Scanned,
    ) -> Result<(Box<[u8]>, bool), ReadError> {
        let mut first: Option<Box<[u8]>> = None;
        let beginning = |held: &[u8]| held[..held.len().min(bound).min(HEAD_BYTES)].into();
        let mut seen = 0;
        loop {
            let held = self.input.held();
            match find(&held[seen..]) {
                Scanned::Open => seen = held.len(),
                Scanned::Ended(at) => {
                    let end = seen + at;
                    let text = match first {
                        Some(first) => first,
                        None if end > bound => beginning(&held[..end]),
                        None => held[..end].into(),
                    };
                    self.input.consume(end);
                    return Ok((text, true));
                }
                Scanned::Mismatched(at) => {
                    self.input.consume(seen + at);
                    return Err(self.malformed("the bracket that closes the last one opened"));
                }
            }
            if seen > bound || first.is_some() {
                first.get_or_insert_with(|| beginning(held));
                self.input.consume(seen);
                seen = 0;
            }
            if !self.more()? {
                let text = first.unwrap_or_else(|| self.input.held().into());
                self.input.consume(seen);
                return Ok((text, false));
            }
        }
    }

    fn more(&mut self) -> Result<bool, ReadError> {
        self.input.more().map_err(|source| self.read_error(source))
    }

    /// The next byte that is no white space; `None` at the end of the file.
    pub(crate) fn peek(&mut self) -> Result<Option<u8>, ReadError> {
        let peeked = self.input.consume_while(is_space).and_then(|()| self.input.peek());
        peeked.map_err(|source| self.read_error(source))
    }

    fn read_error(&self, source: std::io::Error) -> ReadError {
        let at = self.input.offset() + self.input.held().len() as u64;
        ReadError::Read { file: self.name.clone(), at, source }
    }

    pub(crate) fn ends_after_rows(&self) -> ReadError {
        let at = self.input.offset();
        ReadError::EndsAfterRows { file: self.name.clone(), at, rows: self.rows }
    }

    /// What is wrong with the file at the place that has been reached.
    pub(crate) fn malformed(&mut self, expected: &str) -> ReadError {
        while self.input.held().len() < EXCERPT_BYTES && self.input.more().unwrap_or(false) {}
        let found = match self.input.held() {
            [] => "the end of the file".into(),
            held => excerpt(held),
        };
        self.malformed_at(self.input.offset(), found, expected)
    }

    pub(crate) fn malformed_at(
        &self,
        at: u64,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> ReadError {
        let (found, expected) = (found.into(), expected.into());
        ReadError::Malformed { file: self.name.clone(), at, rows: self.rows, found, expected }
    }

    /// Takes the coordinate system that the file states at a place, which may be behind its features.
    pub(crate) fn state_crs(
        &mut self,
        at: u64,
        name: &str,
        is_behind: bool,
    ) -> Result<(), ReadError> {
        let stated = crs::stated(&self.name, name, self.options.crs.as_ref())?;
        let taken = self.description.crs.replace(stated.clone());
        match taken {
            Some(taken) if is_behind && !crs::is_same(&taken, &stated) => {
                let expected =
                    format!("`crs` before the features, taken to be in {}", taken.code());
                Err(self.malformed_at(at, stated.code(), expected))
            }
            _ => Ok(()),
        }
    }

    /// Takes what the file says of the one from which its rows have come; its sender knows better.
    pub(crate) fn rows_come_from(&mut self, RowsOf { positions, decimal }: RowsOf) {
        self.description.positions = self.options.positions.clone().or(positions);
        self.description.decimal = self.options.decimal.or(decimal);
    }

    pub(crate) fn offset(&self) -> u64 {
        self.input.offset()
    }

    pub(crate) fn step_over(&mut self, count: usize) {
        self.input.consume(count);
    }
}

fn is_open(text: &[u8]) -> bool {
    Scanner::default().feed(text) == Scanned::Open
}

impl<R: Read> Iterator for GeoJsonFile<R> {
    type Item = Result<Row, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let next = self.next_row().transpose();
        self.is_done = !matches!(next, Some(Ok(_)));
        next
    }
}

impl<R: Read + Send> Reader for GeoJsonFile<R> {
    fn description(&self) -> &Description {
        &self.description
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
