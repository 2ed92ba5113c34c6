//! Reads tables of comma-separated values, whatever separates them and in whatever encoding, in
//! bounded memory.
//!
//! What a text does not say of itself is told from its beginning, shown in the [`Description`], and
//! refused where it may be two things.

mod cells;
mod dialect;

use std::fs::File;
use std::io::{Cursor, ErrorKind, Read, Seek, SeekFrom};
use std::sync::Arc;

use terrier_model::{Fault, Place, RawValue};

use self::cells::Cells;
use crate::csv_writer::unguarded;
use crate::description::{Description, Extent};
use crate::encoding::{self, Decoding, Unclear};
use crate::format::Format;
use crate::header;
use crate::input::Input;
use crate::options::ReadOptions;
use crate::read_error::ReadError;
use crate::record::{Columns, Record};
use crate::row::{Body, MAX_ROW_BYTES, Row, excerpt};
use crate::source_file::{RowSource, Rows};
use crate::table::Table;

/// So much of a text is looked at to tell what it is.
const SAMPLE_BYTES: usize = encoding::SAMPLE_BYTES;

/// So much is kept of a row that cannot be taken apart.
const KEPT_BYTES: usize = 2_000;

/// What stands in place of a sign that is none in its encoding.
const REPLACEMENT: char = '\u{fffd}';

type Text = Decoding<Box<dyn Read + Send>>;

/// A table in a text. Iterating gives its rows behind the row of names; lines with
/// nothing in their cells are counted and left out.
pub(crate) struct CsvFile {
    name: String,
    input: Input<Text>,
    cells: Cells,
    table: Table,
    description: Description,
    rows: u64,
}

impl CsvFile {
    /// Begins to read. `again` is the same file, where it can be read twice.
    ///
    /// # Errors
    /// When it cannot be read, or when something has to be said of it.
    pub(crate) fn new(
        name: String,
        mut read: Box<dyn Read + Send>,
        again: Option<File>,
        extent: Option<Extent>,
        options: &ReadOptions,
    ) -> Result<Rows<Self>, ReadError> {
        let fail =
            |at: usize, source| ReadError::Read { file: name.clone(), at: at as u64, source };
        let unclear =
            |Unclear { found, expected }| ReadError::option(&name, Format::Csv, found, expected);
        let mut head = Vec::new();
        read_up_to(&mut read, &mut head).map_err(|source| fail(head.len(), source))?;
        let sample = match head.iter().position(|byte| !byte.is_ascii()) {
            Some(start) => head[start..].to_vec(),
            None => match again {
                Some(file) => beyond_ascii(file, head.len()).map_err(|source| fail(0, source))?,
                None => Vec::new(),
            },
        };
        let found = encoding::find(&head, &sample, options.encoding.as_deref());
        let found = found.map_err(unclear)?;
        head.drain(..found.mark_bytes);
        let read: Box<dyn Read + Send> = Box::new(Cursor::new(head).chain(read));
        let mut input = Input::new(Decoding::new(read, found.encoding));
        while input.held().len() < SAMPLE_BYTES && input.more().map_err(|source| fail(0, source))? {
        }
        let sample = &input.held()[..input.held().len().min(SAMPLE_BYTES)];
        let is_whole = input.has_ended() && sample.len() == input.held().len();
        let mut description = Description {
            extent,
            encoding: Some(found.name().into()),
            is_guessed: found.is_guessed,
            ..Description::of(Format::Csv)
        };
        let delimiter = tell_signs(sample, is_whole, options, &mut description).map_err(unclear)?;
        let mut cells = Cells::new(delimiter);
        let columns = names(&name, &mut input, &mut cells, options)?;
        let table = Table::new(&name, columns, options, &mut description)?;
        Ok(Rows::of(Self { name, input, cells, table, description, rows: 0 }))
    }

    /// Collects the cells of the next row; false at the end of the text.
    fn next_cells(&mut self) -> Result<bool, ReadError> {
        next_cells(&self.name, &mut self.input, &mut self.cells, self.rows + 1)
    }

    fn next_row(&mut self) -> Result<Option<Row>, ReadError> {
        loop {
            let start = self.offset();
            if !self.next_cells()? {
                return Ok(None);
            }
            // Counted, so that the number of a row leads to it.
            self.rows += 1;
            if self.cells.is_blank() {
                continue;
            }
            let (number, end) = (self.rows, self.offset());
            return Ok(Some(match self.record() {
                Ok(record) => {
                    Row { number, start, end, body: Body::Record(Box::new(record)), fault: None }
                }
                Err(fault) => {
                    let body = Body::Text(self.cells.shown(KEPT_BYTES));
                    Row { number, start, end, body, fault: Some(fault) }
                }
            }));
        }
    }

    fn record(&self) -> Result<Record, Fault> {
        let fault = |found: String, expected: String| Fault::new(Place::Row, found, expected);
        let bytes = self.cells.bytes();
        if bytes > MAX_ROW_BYTES as u64 {
            return Err(fault(format!("{bytes} bytes"), format!("at most {MAX_ROW_BYTES}")));
        }
        if self.cells.quote_is_followed() {
            let expected = "a delimiter or the end of the row behind the closing quote of a cell";
            return Err(fault("text".into(), expected.into()));
        }
        let (count, wanted) = (self.cells.count(), self.table.columns.names().len());
        if count != wanted {
            let expected = format!("{wanted}, as many as there are names of columns");
            return Err(fault(format!("{count} cells"), expected));
        }
        let wrong = |text: &[u8]| {
            let encoding = self.description.encoding.as_deref().unwrap_or_default();
            fault(excerpt(text), format!("text in {encoding}"))
        };
        let texts = self.cells.texts().map_err(wrong)?;
        let is_turned = self.input.source().is_turning();
        let mut values = Vec::with_capacity(wanted);
        for text in texts {
            if is_turned && text.contains(REPLACEMENT) {
                return Err(wrong(text.as_bytes()));
            }
            values.push(match text {
                "" => RawValue::Null,
                text => RawValue::Text(unguarded(text).into()),
            });
        }
        Ok(self.table.record(values))
    }

    /// How many bytes of the file are behind what has been taken apart; in another encoding than
    /// UTF-8, what has been read of it.
    fn offset(&self) -> u64 {
        let source = self.input.source();
        if source.is_turning() {
            source.taken()
        } else {
            source.taken() - self.input.held().len() as u64
        }
    }
}

/// The columns of a table by its row of names.
fn names(
    file: &str,
    input: &mut Input<Text>,
    cells: &mut Cells,
    options: &ReadOptions,
) -> Result<Result<Arc<Columns>, Fault>, ReadError> {
    let header_row = options.header_row.unwrap_or(1);
    for _ in 1..header_row {
        next_cells(file, input, cells, 1)?;
    }
    let is_there = next_cells(file, input, cells, 1)?;
    if !is_there || cells.is_blank() {
        let expected = format!("the names of the columns in row {header_row}");
        return Err(ReadError::option(file, Format::Csv, "nothing", expected));
    }
    Ok(match cells.texts() {
        Ok(_) if cells.count() > cells.texts().map_or(0, Iterator::count) => {
            let found = format!("{} columns", cells.count());
            Err(Fault::new(Place::Row, found, format!("at most {}", crate::MAX_PROPERTIES)))
        }
        Ok(texts) => header::columns(texts),
        Err(text) => Err(Fault::new(Place::Row, excerpt(text), "names of columns in UTF-8")),
    })
}

/// Collects the cells of the next row, which has a number; false at the end of the text.
fn next_cells(
    file: &str,
    input: &mut Input<Text>,
    cells: &mut Cells,
    row: u64,
) -> Result<bool, ReadError> {
    cells.clear();
    loop {
        let held = input.held();
        if let Some(end) = cells.feed(held) {
            input.consume(end);
            return Ok(true);
        }
        input.consume(held.len());
        let at = input.source().taken();
        let more = input.more();
        if !more.map_err(|source| ReadError::Read { file: file.into(), at, source })? {
            if cells.bytes() == 0 {
                return Ok(false);
            }
            if !cells.end() {
                return Err(ReadError::EndsInRow { file: file.into(), at, row });
            }
            return Ok(true);
        }
    }
}

/// Tells the delimiter and the decimal sign of a text, where its sender does not say them.
fn tell_signs(
    sample: &[u8],
    is_whole: bool,
    options: &ReadOptions,
    description: &mut Description,
) -> Result<char, Unclear> {
    let header_row = options.header_row.unwrap_or(1);
    let delimiter = if let Some(delimiter) = options.delimiter {
        delimiter
    } else {
        description.is_guessed = true;
        dialect::delimiter(sample, is_whole, header_row)?
    };
    description.delimiter = Some(delimiter);
    description.decimal = options.decimal;
    if options.decimal.is_none() {
        description.decimal = dialect::decimal(sample, is_whole, header_row, delimiter)?;
        description.is_guessed |= description.decimal.is_some();
    }
    Ok(delimiter)
}

/// Reads on until there is a sample, or all.
fn read_up_to(read: &mut impl Read, head: &mut Vec<u8>) -> std::io::Result<()> {
    read.take(SAMPLE_BYTES as u64).read_to_end(head).map(|_| ())
}

/// A sample of a file from its first byte on that is not ASCII, beyond a place.
fn beyond_ascii(mut file: File, from: usize) -> std::io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(from as u64))?;
    let mut chunk = vec![0; SAMPLE_BYTES];
    loop {
        let count = match file.read(&mut chunk) {
            Ok(0) => return Ok(Vec::new()),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if let Some(start) = chunk[..count].iter().position(|byte| !byte.is_ascii()) {
            let mut sample = chunk[start..count].to_vec();
            read_up_to(&mut file, &mut sample)?;
            return Ok(sample);
        }
    }
}

impl RowSource for CsvFile {
    fn description(&self) -> &Description {
        &self.description
    }

    fn read_row(&mut self) -> Result<Option<Row>, ReadError> {
        self.next_row()
    }
}

#[cfg(test)]
mod tests;
