//! Reads tables in workbooks of Office Open XML (ECMA-376), row by row and in bounded memory: a sheet
//! is unpacked into a file without a name, and only the texts that its cells share are held.

mod date;
mod package;
mod sheet;
mod style;
mod workbook;
mod xml;

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Seek};

use terrier_model::{Fault, Place, RawValue};

use self::sheet::{Cell, Sheet, SheetRow, letters};
use self::workbook::Workbook;
use crate::description::{Description, Extent};
use crate::format::Format;
use crate::header;
use crate::options::ReadOptions;
use crate::read_error::ReadError;
use crate::record::Record;
use crate::row::{Body, MAX_ROW_BYTES, Row};
use crate::source_file::{RowSource, Rows};
use crate::table::Table;

/// The most rows of a sheet, as the format has it.
pub const MAX_SHEET_ROWS: u32 = 1_048_576;

/// The most columns of a sheet, as the format has it.
pub const MAX_SHEET_COLUMNS: usize = 16_384;

/// The most bytes of a sheet, unpacked.
pub const MAX_SHEET_BYTES: u64 = 1024 * 1024 * 1024;

/// The most bytes of the texts that the sheets of a workbook share, unpacked. They are held.
pub const MAX_SHARED_TEXT_BYTES: u64 = 256 * 1024 * 1024;

/// The most bytes of any other part of a workbook, unpacked.
pub const MAX_PART_BYTES: u64 = 16 * 1024 * 1024;

/// The most styles of cells; the format knows 65,490.
pub const MAX_STYLES: usize = 65_536;

/// The most bytes of a workbook that does not come from a file.
pub const MAX_COPIED_BYTES: u64 = 1024 * 1024 * 1024;

/// Among so many first rows with values the names of the columns are looked for.
const HEADER_ROWS: usize = 20;

/// What is wrong with a workbook.
#[derive(Debug)]
enum Wrong {
    Part { found: String, expected: String },
    Whole(ReadError),
}

impl Wrong {
    fn new(found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::Part { found: found.into(), expected: expected.into() }
    }

    fn into_error(self, file: &str) -> ReadError {
        match self {
            Self::Whole(error) => error,
            Self::Part { found, expected } => {
                let (file, format) = (file.into(), Format::Xlsx);
                ReadError::Unsound { file, format, found, expected, source: None }
            }
        }
    }
}

impl From<ReadError> for Wrong {
    fn from(error: ReadError) -> Self {
        Self::Whole(error)
    }
}

/// A sheet of a workbook. Iterating gives the rows behind the row of names, under the numbers that the
/// sheet gives them; rows without values are left out.
pub(crate) struct XlsxFile {
    name: String,
    sheet: Sheet,
    /// Rows that were read to find the names.
    waiting: VecDeque<SheetRow>,
    table: Table,
    description: Description,
    rows: u64,
}

impl XlsxFile {
    /// Begins to read. What is read of the source is unpacked then, and the source not needed any
    /// more.
    ///
    /// # Errors
    /// When it cannot be read, or when something has to be said of it.
    pub(crate) fn open(
        name: String,
        source: &mut (impl Read + Seek),
        options: &ReadOptions,
    ) -> Result<Rows<Self>, ReadError> {
        let fail = |wrong: Wrong| wrong.into_error(&name);
        let mut workbook = Workbook::open(&name, source).map_err(fail)?;
        let place = chosen(&name, &mut workbook, options).map_err(fail)?;
        let mut sheet = workbook.sheet(place).map_err(fail)?;
        let sheets = &workbook.sheets;
        let hidden = sheets.iter().filter(|sheet| sheet.is_hidden);
        let mut description = Description {
            extent: Some(Extent::Bytes(sheet.bytes)),
            layer: Some(sheets[place].name.clone()),
            layers: sheets.iter().map(|sheet| sheet.name.clone()).collect(),
            hidden_layers: hidden.map(|sheet| sheet.name.clone()).collect(),
            decimal: options.decimal,
            ..Description::of(Format::Xlsx)
        };
        let (mut names, mut waiting) = names(&name, &mut sheet, options).map_err(fail)?;
        if waiting.front().is_some_and(|below| goes_on(&names, below)) {
            let below = waiting.pop_front().expect("it is there");
            let is_own = |cell: &(usize, Cell)| !below.cells.iter().any(|(at, _)| *at == cell.0);
            names.cells.retain(is_own);
            names.cells.extend(below.cells);
            names.cells.sort_by_key(|(column, _)| *column);
        }
        description.header_row = Some(names.number);
        description.is_guessed = options.header_row.is_none() && names.number > 1;
        let width = waiting.iter().chain([&names]).map(width).max().unwrap_or_default();
        let mut texts = vec![String::new(); width];
        for (column, cell) in &names.cells {
            texts[*column] = text(cell);
        }
        let columns = header::columns(texts.iter().map(String::as_str));
        let table = Table::new(&name, columns, options, &mut description)?;
        Ok(Rows::of(Self { name, sheet, waiting, table, description, rows: 0 }))
    }

    /// A copy of a workbook that does not come from a file, on the disk.
    ///
    /// # Errors
    /// When it cannot be read or copied, or is too large.
    pub(crate) fn copied(name: &str, read: impl Read) -> Result<File, ReadError> {
        let unpack = |source| ReadError::Unpack { file: name.into(), source };
        let mut copy = tempfile::tempfile().map_err(unpack)?;
        let count = std::io::copy(&mut read.take(MAX_COPIED_BYTES + 1), &mut copy);
        if count.map_err(unpack)? > MAX_COPIED_BYTES {
            let found = format!("more than {MAX_COPIED_BYTES} bytes that come from no file");
            return Err(Wrong::new(found, "a file").into_error(name));
        }
        Ok(copy)
    }

    fn next_row(&mut self) -> Result<Option<Row>, Wrong> {
        let row = match self.waiting.pop_front() {
            Some(row) => row,
            None => match self.sheet.next_row()? {
                Some(row) => row,
                None => return Ok(None),
            },
        };
        let (number, start) = (row.number.into(), self.rows);
        self.rows += 1;
        let (body, fault) = match self.record(row) {
            Ok(record) => (Body::Record(Box::new(record)), None),
            Err(fault) => (Body::Text(Box::default()), Some(fault)),
        };
        Ok(Some(Row { number, start, end: self.sheet.position(), body, fault }))
    }

    fn record(&self, row: SheetRow) -> Result<Record, Fault> {
        let names = self.table.columns.names();
        if row.bytes > MAX_ROW_BYTES {
            let found = format!("{} bytes", row.bytes);
            return Err(Fault::new(Place::Row, found, format!("at most {MAX_ROW_BYTES}")));
        }
        if let Some((column, _)) = row.cells.last().filter(|(column, _)| *column >= names.len()) {
            let found = format!("a value in column {}", letters(*column));
            let expected = "values in columns that have a name".to_owned();
            return Err(Fault::new(Place::Row, found, expected));
        }
        let (mut values, mut faults) = (vec![RawValue::Null; names.len()], Vec::new());
        for (column, cell) in row.cells {
            match cell {
                Cell::Value(value) => values[column] = value,
                Cell::Error(error) => {
                    let expected = "a value, which the spreadsheet could not compute";
                    faults.push(Fault::in_field(&names[column], &error, expected));
                }
            }
        }
        let mut record = self.table.record(values);
        record.faults = faults;
        Ok(record)
    }
}

/// The sheet that is meant: the one that is said, or else the only one with rows that is not hidden;
/// of a file that is only looked at, the first of these.
fn chosen(file: &str, workbook: &mut Workbook, options: &ReadOptions) -> Result<usize, Wrong> {
    let names = |places: &mut dyn Iterator<Item = &workbook::SheetName>| {
        let names: Vec<&str> = places.map(|sheet| &*sheet.name).collect();
        names.join(", ")
    };
    let refuse = |found: String, expected: &str| {
        Wrong::Whole(ReadError::option(file, Format::Xlsx, found, expected))
    };
    if let Some(said) = &options.sheet {
        let place = workbook.sheets.iter().position(|sheet| sheet.name == *said);
        let found = format!("sheets {}", names(&mut workbook.sheets.iter()));
        return place.ok_or_else(|| refuse(found, &format!("a sheet `{said}`")));
    }
    let mut with_rows = Vec::new();
    for place in 0..workbook.sheets.len() {
        if !workbook.sheets[place].is_hidden && workbook.sheet(place)?.next_row()?.is_some() {
            with_rows.push(place);
        }
    }
    match *with_rows {
        [only] => Ok(only),
        [first, ..] if options.only_look => Ok(first),
        [] => {
            let hidden = names(&mut workbook.sheets.iter().filter(|sheet| sheet.is_hidden));
            let hidden = if hidden.is_empty() { hidden } else { format!(", but hidden {hidden}") };
            Err(refuse(format!("no sheet with rows{hidden}"), "one"))
        }
        _ => {
            let found = names(&mut with_rows.iter().map(|place| &workbook.sheets[*place]));
            let expected = "to be told which: --sheet, or `sheet` in the mapping";
            Err(refuse(format!("several sheets with rows: {found}"), expected))
        }
    }
}

/// The row with the names of the columns, and the rows behind it that were read to find it.
fn names(
    file: &str,
    sheet: &mut Sheet,
    options: &ReadOptions,
) -> Result<(SheetRow, VecDeque<SheetRow>), Wrong> {
    let refuse = |found: &str, expected: String| {
        Wrong::Whole(ReadError::option(file, Format::Xlsx, found, expected))
    };
    if let Some(said) = options.header_row {
        while let Some(row) = sheet.next_row()? {
            if row.number == said {
                return Ok((row, sheet.next_row()?.into_iter().collect()));
            }
            if row.number > said {
                break;
            }
        }
        return Err(refuse("nothing", format!("the names of the columns in row {said}")));
    }
    let mut rows = VecDeque::new();
    while rows.len() < HEADER_ROWS
        && let Some(row) = sheet.next_row()?
    {
        rows.push_back(row);
    }
    let most = rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
    let Some(place) = rows.iter().position(|row| looks_like_names(row, most)) else {
        let expected = "to be told the row with the names of the columns: --header-row, or \
                        `header_row` in the mapping";
        return Err(refuse("no row that looks like names of columns", expected.into()));
    };
    let mut rest = rows.split_off(place);
    let names = rest.pop_front().expect("the place is one of them");
    Ok((names, rest))
}

/// Whether the cells of a row are mostly texts, each another, and not much fewer than those of the
/// fullest row, as those of a title are.
fn looks_like_names(row: &SheetRow, most: usize) -> bool {
    let mut texts: Vec<&str> = Vec::new();
    for (_, cell) in &row.cells {
        if let Cell::Value(RawValue::Text(text)) = cell {
            texts.push(text.trim());
        }
    }
    let count = texts.len();
    texts.sort_unstable();
    texts.dedup();
    texts.len() == count && count * 2 > row.cells.len() && row.cells.len() * 2 >= most
}

/// Whether a row goes on with the names above it: where a name spans several columns, such as `坐标`,
/// each of these has its own below it, while the first column has no second one.
fn goes_on(names: &SheetRow, below: &SheetRow) -> bool {
    let has = |row: &SheetRow, column: usize| row.cells.iter().any(|(other, _)| *other == column);
    let is_text = |(_, cell): &(usize, Cell)| matches!(cell, Cell::Value(RawValue::Text(_)));
    let is_beside = |(column, _): &(usize, Cell)| !has(names, *column);
    let first = names.cells.first().map_or(0, |(column, _)| *column);
    below.number == names.number + 1
        && below.cells.len() > 1
        && !has(below, first)
        && below.cells.iter().all(is_text)
        && below.cells.iter().any(is_beside)
}

/// As many columns as a row reaches.
fn width(row: &SheetRow) -> usize {
    row.cells.last().map_or(0, |(column, _)| column + 1)
}

/// The text of a cell that is a name.
fn text(cell: &Cell) -> String {
    match cell {
        Cell::Error(text) => text.to_string(),
        Cell::Value(RawValue::Text(text) | RawValue::Nested(text)) => text.clone(),
        Cell::Value(RawValue::Boolean(truth)) => truth.to_string(),
        Cell::Value(RawValue::Integer(number)) => number.to_string(),
        Cell::Value(RawValue::Number(number)) => number.to_string(),
        // No cell holds several values.
        Cell::Value(RawValue::Null | RawValue::List(_)) => String::new(),
    }
}

impl RowSource for XlsxFile {
    fn description(&self) -> &Description {
        &self.description
    }

    fn read_row(&mut self) -> Result<Option<Row>, ReadError> {
        self.next_row().map_err(|wrong| wrong.into_error(&self.name))
    }
}

#[cfg(test)]
mod tests;
