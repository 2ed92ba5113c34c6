//! Reads FlatGeobuf, version 3, one feature after the other, in bounded memory: the index is passed
//! over.

use std::io::{BufReader, ErrorKind, Read};
use std::sync::Arc;

use terrier_model::{Fault, Place, RawValue};
use terrier_spatial::Sketch;

use super::buffer::{Damaged, Table};
use super::{geometry, place, tree};
use crate::crs;
use crate::description::{Description, Extent};
use crate::feature::MAX_PROPERTIES;
use crate::format::Format;
use crate::header::{self, ID_COLUMN};
use crate::options::ReadOptions;
use crate::read_error::ReadError;
use crate::record::{Columns, Record};
use crate::row::{Body, MAX_ROW_BYTES, Row, excerpt};
use crate::source_file::{RowSource, Rows};

/// The most bytes that the header may have.
const MAX_FILE_HEADER_BYTES: u32 = 4 * 1024 * 1024;

/// The most bytes that the name of a column may have.
const MAX_COLUMN_NAME_BYTES: usize = 1024;

/// The magic bytes and the size of the header.
const BEGIN_BYTES: usize = 12;

/// A FlatGeobuf file. Iterating gives its features in the order of the file.
pub(crate) struct FlatGeobufFile {
    name: String,
    read: BufReader<Box<dyn Read + Send>>,
    description: Description,
    columns: Arc<Columns>,
    /// The kind of value of each column.
    kinds: Vec<u8>,
    /// The place of the column that is the id of a row.
    id: Option<usize>,
    geometry_type: u8,
    /// How many features there are; `None` when the file does not say.
    count: Option<u64>,
    rows: u64,
    at: u64,
}

impl FlatGeobufFile {
    /// Begins to read.
    ///
    /// # Errors
    /// When the file cannot be read, its header is damaged, or something has to be said of it.
    pub(crate) fn new(
        name: String,
        read: Box<dyn Read + Send>,
        extent: Option<Extent>,
        options: &ReadOptions,
    ) -> Result<Rows<Self>, ReadError> {
        let mut file = Self {
            name,
            read: BufReader::with_capacity(super::BUFFER_BYTES, read),
            description: Description { extent, ..Description::of(Format::FlatGeobuf) },
            columns: Columns::try_new(Vec::new()).expect("no name is wrong"),
            kinds: Vec::new(),
            id: None,
            geometry_type: 0,
            count: None,
            rows: 0,
            at: 0,
        };
        let mut begin = [0; BEGIN_BYTES];
        file.fill_header(&mut begin)?;
        let size = u32::from_le_bytes([begin[8], begin[9], begin[10], begin[11]]);
        if size > MAX_FILE_HEADER_BYTES {
            let found = format!("a header of {size} bytes");
            return Err(file.unsound(found, format!("at most {MAX_FILE_HEADER_BYTES}")));
        }
        let mut header = vec![0; size as usize];
        file.fill_header(&mut header)?;
        let index_bytes = match file.read_header(&header, options) {
            Ok(bytes) => bytes?,
            Err(Damaged) => return Err(file.unsound("a header that is damaged", "a sound one")),
        };
        file.pass_over(index_bytes)?;
        Ok(Rows::of(file))
    }

    /// Takes what the header says; answers how long the index is.
    fn read_header(
        &mut self,
        header: &[u8],
        options: &ReadOptions,
    ) -> Result<Result<u64, ReadError>, Damaged> {
        let header = Table::root(header)?;
        let number = |bytes: Option<[u8; 8]>| bytes.map(u64::from_le_bytes).unwrap_or_default();
        let count = number(header.scalar(place::HEADER_FEATURES_COUNT)?);
        let node_size = header.scalar(place::HEADER_INDEX_NODE_SIZE)?;
        let node_size = node_size.map_or(tree::NODE_SIZE, u16::from_le_bytes);
        self.count = (count > 0).then_some(count);
        self.geometry_type = header.scalar(place::HEADER_GEOMETRY_TYPE)?.map_or(0, |[kind]| kind);
        let count_of_columns = header.list(place::HEADER_COLUMNS, 4)?.len() / 4;
        if count_of_columns > MAX_PROPERTIES {
            let found = format!("{count_of_columns} columns");
            return Ok(Err(self.unsound(found, format!("at most {MAX_PROPERTIES}"))));
        }
        let mut names: Vec<Box<str>> = Vec::new();
        for column in header.tables(place::HEADER_COLUMNS)? {
            // Names may lie over each other, so that few bytes could be many.
            let name = column.text(place::COLUMN_NAME)?;
            if name.len() > MAX_COLUMN_NAME_BYTES {
                let found = format!("a column whose name has {} bytes", name.len());
                return Ok(Err(self.unsound(found, format!("at most {MAX_COLUMN_NAME_BYTES}"))));
            }
            names.push(name.into());
            self.kinds.push(column.scalar(place::COLUMN_TYPE)?.map_or(0, |[kind]| kind));
        }
        let layer = header.text(place::HEADER_NAME)?;
        if !layer.is_empty() && !layer.chars().any(char::is_control) {
            self.description.layer = Some(layer.into());
            self.description.layers = vec![layer.into()];
        }
        let (mut code, mut definition) = (None, "");
        if let Some(crs) = header.table(place::HEADER_CRS)? {
            let organisation = match crs.text(place::CRS_ORGANISATION)? {
                "" => "EPSG",
                organisation => organisation,
            };
            let number = crs.scalar(place::CRS_CODE)?.map_or(0, i32::from_le_bytes);
            let text = crs.text(place::CRS_CODE_TEXT)?;
            definition = crs.text(place::CRS_WKT)?;
            code = match (number, text) {
                (0, "") => None,
                (0, text) => Some(format!("{organisation}:{text}")),
                (number, _) => Some(format!("{organisation}:{number}")),
            };
        }
        Ok(self.take_header(names, code, definition, options).and_then(|()| {
            let bytes = tree::bytes(count, node_size);
            bytes.ok_or_else(|| self.unsound("an index beyond all bounds", "a sound header"))
        }))
    }

    /// Takes the columns and the coordinate system.
    fn take_header(
        &mut self,
        names: Vec<Box<str>>,
        code: Option<String>,
        definition: &str,
        options: &ReadOptions,
    ) -> Result<(), ReadError> {
        self.columns = Columns::try_new(names).map_err(|Fault { found, expected, .. }| {
            self.unsound(format!("`{found}`"), expected)
        })?;
        self.id = self.columns.position(ID_COLUMN);
        self.description.columns = self.columns.names().to_vec();
        let said = options.crs.as_ref();
        let stated = match (code, definition) {
            (None, "") => None,
            (code, definition) => Some(crs::described(&self.name, code, definition, said)?),
        };
        let crs = crs::agreed(&self.name, stated, said)?;
        let option = |(found, expected)| ReadError::Option {
            file: self.name.clone(),
            format: Format::FlatGeobuf,
            found,
            expected,
        };
        if crs.is_none() && !options.only_look {
            let expected = "to be told it: --crs, or `crs` in the mapping";
            return Err(option(("a header without a coordinate system".into(), expected.into())));
        }
        let positions = header::beside(&self.columns, options.positions.as_ref(), crs.as_ref());
        self.description.positions = positions.map_err(option)?;
        self.description.crs = crs;
        Ok(())
    }

    fn next_row(&mut self) -> Result<Option<Row>, ReadError> {
        let start = self.at;
        let mut size = [0; 4];
        let taken = self.fill(&mut size)?;
        if taken == 0 {
            return self.end().map(|()| None);
        }
        let (number, size) = (self.rows + 1, u32::from_le_bytes(size));
        let ends = |file: &Self| ReadError::EndsInRow {
            file: file.name.clone(),
            at: file.at,
            row: number,
        };
        if taken < 4 {
            return Err(ends(self));
        }
        self.rows = number;
        let (body, fault) = if size as usize > MAX_ROW_BYTES {
            self.pass_over(size.into())?;
            faulty(format!("{size} bytes"), format!("at most {MAX_ROW_BYTES}"))
        } else {
            let mut feature = vec![0; size as usize];
            if self.fill(&mut feature)? < feature.len() {
                return Err(ends(self));
            }
            match self.record(&feature) {
                Ok(record) => (Body::Record(Box::new(record)), None),
                Err(Damaged) => {
                    faulty("bytes that lead elsewhere".into(), "a sound feature".into())
                }
            }
        };
        Ok(Some(Row { number, start, end: self.at, body, fault }))
    }

    fn end(&self) -> Result<(), ReadError> {
        match self.count {
            Some(count) if count != self.rows => {
                let found = format!("{} features", self.rows);
                Err(self.unsound(found, format!("{count}, as the header says")))
            }
            _ => Ok(()),
        }
    }

    fn record(&self, feature: &[u8]) -> Result<Record, Damaged> {
        let feature = Table::root(feature)?;
        // Columns of one feature alone would be no columns.
        if !feature.list(place::FEATURE_COLUMNS, 4)?.is_empty() {
            return Err(Damaged);
        }
        let properties = feature.list(place::FEATURE_PROPERTIES, 1)?;
        let (values, mut faults) = self.values(properties)?;
        let id = self.id.map(|place| values[place].clone()).filter(|id| *id != RawValue::Null);
        let mut record = Record::new(Arc::clone(&self.columns), values);
        record.id = id;
        if let Some(table) = feature.table(place::FEATURE_GEOMETRY)? {
            (record.sketch, record.has_height) = geometry::read(table, self.geometry_type)
                .unwrap_or_else(|fault| {
                    faults.push(fault);
                    (Sketch::Missing, false)
                });
        }
        faults.truncate(crate::MAX_FAULTS);
        record.faults = faults;
        Ok(record)
    }

    /// The values of a feature: each behind the number of its column.
    fn values(&self, mut bytes: &[u8]) -> Result<(Vec<RawValue>, Vec<Fault>), Damaged> {
        let mut values = vec![RawValue::Null; self.kinds.len()];
        let mut faults = Vec::new();
        while !bytes.is_empty() {
            let place = usize::from(u16::from_le_bytes(take(&mut bytes)?));
            let kind = *self.kinds.get(place).ok_or(Damaged)?;
            let read = value(kind, &mut bytes)?;
            values[place] = read.unwrap_or_else(|found| {
                let name = &self.columns.names()[place];
                faults.push(Fault::in_field(name, found, "text in UTF-8"));
                RawValue::Null
            });
        }
        Ok((values, faults))
    }

    /// Reads on until there are as many bytes, or none any more; answers how many.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<usize, ReadError> {
        let mut taken = 0;
        while taken < bytes.len() {
            match self.read.read(&mut bytes[taken..]) {
                Ok(0) => break,
                Ok(count) => {
                    taken += count;
                    self.at += count as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(source) => {
                    return Err(ReadError::Read { file: self.name.clone(), at: self.at, source });
                }
            }
        }
        Ok(taken)
    }

    fn fill_header(&mut self, bytes: &mut [u8]) -> Result<(), ReadError> {
        if self.fill(bytes)? == bytes.len() {
            return Ok(());
        }
        Err(self.unsound(format!("the end of the file after {} bytes", self.at), "its header"))
    }

    fn pass_over(&mut self, bytes: u64) -> Result<(), ReadError> {
        let passed = std::io::copy(&mut (&mut self.read).take(bytes), &mut std::io::sink());
        let passed = passed.map_err(|source| ReadError::Read {
            file: self.name.clone(),
            at: self.at,
            source,
        })?;
        self.at += passed;
        if passed == bytes {
            return Ok(());
        }
        Err(self.unsound(format!("the end of the file after {} bytes", self.at), "more of it"))
    }

    fn unsound(&self, found: impl Into<String>, expected: impl Into<String>) -> ReadError {
        ReadError::Unsound {
            file: self.name.clone(),
            format: Format::FlatGeobuf,
            found: found.into(),
            expected: expected.into(),
            source: None,
        }
    }
}

/// A row that could not be taken apart.
fn faulty(found: String, expected: String) -> (Body, Option<Fault>) {
    (Body::Text(Box::default()), Some(Fault::new(Place::Row, found, expected)))
}

/// Takes a value of a kind, and of a text that is none its beginning.
fn value(kind: u8, bytes: &mut &[u8]) -> Result<Result<RawValue, String>, Damaged> {
    Ok(Ok(match kind {
        0 => RawValue::Integer(i8::from_le_bytes(take(bytes)?).into()),
        1 => RawValue::Integer(u8::from_le_bytes(take(bytes)?).into()),
        2 => RawValue::Boolean(take::<1>(bytes)? != [0]),
        3 => RawValue::Integer(i16::from_le_bytes(take(bytes)?).into()),
        4 => RawValue::Integer(u16::from_le_bytes(take(bytes)?).into()),
        5 => RawValue::Integer(i32::from_le_bytes(take(bytes)?).into()),
        6 => RawValue::Integer(u32::from_le_bytes(take(bytes)?).into()),
        7 => RawValue::Integer(i64::from_le_bytes(take(bytes)?)),
        8 => {
            let number = u64::from_le_bytes(take(bytes)?);
            let whole = i64::try_from(number).map(RawValue::Integer);
            whole.unwrap_or_else(|_| RawValue::Text(number.to_string()))
        }
        9 => RawValue::Number(f32::from_le_bytes(take(bytes)?).into()),
        10 => RawValue::Number(f64::from_le_bytes(take(bytes)?)),
        11..=14 => {
            let length = u32::from_le_bytes(take(bytes)?) as usize;
            let (content, rest) = bytes.split_at_checked(length).ok_or(Damaged)?;
            *bytes = rest;
            if kind == 14 {
                return Ok(Ok(RawValue::Nested(format!("{length} bytes"))));
            }
            match std::str::from_utf8(content) {
                Ok(text) if kind == 12 => RawValue::Nested(text.into()),
                Ok(text) => RawValue::Text(text.into()),
                Err(_) => return Ok(Err(excerpt(content))),
            }
        }
        _ => return Err(Damaged),
    }))
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Damaged> {
    let (taken, rest) = bytes.split_first_chunk().ok_or(Damaged)?;
    *bytes = rest;
    Ok(*taken)
}

impl RowSource for FlatGeobufFile {
    fn description(&self) -> &Description {
        &self.description
    }

    fn read_row(&mut self) -> Result<Option<Row>, ReadError> {
        self.next_row()
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
