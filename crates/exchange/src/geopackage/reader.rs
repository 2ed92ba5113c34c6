//! Reads the rows of a layer, on a thread of its own, in bounded memory: one statement gives them one
//! after the other, and few of them wait.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::{iter, thread, vec};

use futures_util::TryStreamExt;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row as _, TypeInfo, ValueRef, query, query_scalar};
use tempfile::NamedTempFile;
use terrier_model::{Fault, Place, RawValue};
use terrier_spatial::Sketch;

use super::blob;
use super::file::{Database, MAX_STEPS, MAX_VIEW_ROWS, failed, unsound};
use super::statement::quoted;
use super::table::{Geometry, Table};
use super::wait::wait;
use crate::description::{Description, Extent};
use crate::format::Format;
use crate::header::{self, ID_COLUMN, Positions};
use crate::options::ReadOptions;
use crate::position::PositionColumns;
use crate::read_error::ReadError;
use crate::record::{Columns, Record};
use crate::row::{Body, MAX_ROW_BYTES, Row, excerpt};
use crate::source_file::Reader;

/// The most bytes of a value that is no geometry, twice what a text of an asset may have. Of a longer
/// one only the length is read, as of what is no text.
const MAX_VALUE_BYTES: usize = 16 * 1024;

/// So many rows go from the thread to the reader at once.
const ROWS_AT_ONCE: usize = 64;

/// A layer of a GeoPackage. Iterating gives its rows in the order of their primary key.
pub(crate) struct GeoPackageFile {
    description: Description,
    rows: vec::IntoIter<Row>,
    /// `None` at the end.
    thread: Option<(Receiver<Message>, JoinHandle<()>)>,
    /// The copy of a file that was in memory.
    copy: Option<NamedTempFile>,
}

/// What bounds the reading of a file that computes.
#[derive(Clone, Copy)]
struct Bounds {
    /// Steps of SQLite without a row.
    steps: u64,
    view_rows: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { steps: MAX_STEPS, view_rows: MAX_VIEW_ROWS }
    }
}

enum Message {
    Rows(Vec<Row>),
    End(Result<(), ReadError>),
}

impl GeoPackageFile {
    /// Begins to read.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, or something has to be said of it.
    pub(crate) fn open(
        name: String,
        path: &Path,
        options: &ReadOptions,
    ) -> Result<Self, ReadError> {
        Self::open_within(name, path, options, Bounds::default())
    }

    /// Begins to read a file that is in memory, from a copy on the disk.
    ///
    /// # Errors
    /// The same, and when it cannot be copied.
    pub(crate) fn from_bytes(
        name: String,
        bytes: &[u8],
        options: &ReadOptions,
    ) -> Result<Self, ReadError> {
        let copy = NamedTempFile::new().and_then(|mut copy| {
            std::io::Write::write_all(&mut copy, bytes)?;
            Ok(copy)
        });
        let copy = copy.map_err(|source| ReadError::Open { file: name.clone(), source })?;
        let mut file = Self::open(name, copy.path(), options)?;
        file.copy = Some(copy);
        Ok(file)
    }

    fn open_within(
        name: String,
        path: &Path,
        options: &ReadOptions,
        bounds: Bounds,
    ) -> Result<Self, ReadError> {
        let mut database = Database::open(name, path, bounds.steps)?;
        let table = Table::find(&mut database, options)?;
        let mut description = Description {
            layer: Some(table.name.clone()),
            layers: table.layers.clone(),
            columns: table.columns.names().to_vec(),
            spare_columns: table.key.iter().map(|at| table.columns.names()[*at].clone()).collect(),
            ..Description::of(Format::GeoPackage)
        };
        tell_positions(&database.name, &table, options, &mut description)?;
        if table.is_stored {
            let text = include_str!("sql/count_rows.sql");
            let text = AssertSqlSafe(text.replace("{table}", &quoted(&table.name)));
            database.steps.begin();
            let count = wait(query_scalar::<_, i64>(text).fetch_one(&mut database.connection));
            let count = count.map_err(|error| failed(&database.name, None, error))?;
            description.extent = Some(Extent::Rows(count.unsigned_abs()));
        }
        let statement = select_rows(&table, description.positions.as_ref());
        let decoder = Decoder::new(&table);
        let most = if table.is_stored { u64::MAX } else { bounds.view_rows };
        let (sender, receiver) = sync_channel(2);
        let thread = thread::spawn(move || {
            let end = read(database, statement, &decoder, most, &sender);
            // Nobody listens when the reader was let go before its end.
            let _ = sender.send(Message::End(end));
        });
        Ok(Self {
            description,
            rows: Vec::new().into_iter(),
            thread: Some((receiver, thread)),
            copy: None,
        })
    }
}

/// Tells where the positions stand and in which system: the geometry, or columns of a table without.
fn tell_positions(
    file: &str,
    table: &Table,
    options: &ReadOptions,
    description: &mut Description,
) -> Result<(), ReadError> {
    let said = options.positions.as_ref();
    let option = |(found, expected)| ReadError::Option {
        file: file.into(),
        format: Format::GeoPackage,
        found,
        expected,
    };
    if let Some(Geometry { crs, .. }) = &table.geometry {
        let positions = header::beside(&table.columns, said, crs.as_ref());
        description.positions = positions.map_err(option)?;
        description.crs.clone_from(crs);
    } else {
        match header::positions_or_none(&table.columns, options).map_err(option)? {
            Some(Positions { columns, crs }) => {
                (description.positions, description.crs) = (Some(columns), Some(crs));
            }
            None => description.crs.clone_from(&options.crs),
        }
    }
    description.decimal = options.decimal;
    Ok(())
}

/// Selects the geometry, or null, and the columns. A value that is too long is never loaded: in place
/// of a geometry stands its length, in place of another value a blob of the digits of its length.
fn select_rows(table: &Table, positions: Option<&PositionColumns>) -> AssertSqlSafe<String> {
    let geometry = table.geometry.as_ref().map_or("null".into(), |geometry| {
        let column = quoted(&geometry.column);
        format!(
            "iif({column} is null or typeof({column}) = 'blob' and octet_length({column}) <= \
             {MAX_ROW_BYTES}, {column}, octet_length({column}))"
        )
    });
    let values = table.columns.names().iter().map(|name| {
        let is_wkt = matches!(positions, Some(PositionColumns::Wkt(column)) if column == name);
        let most = if is_wkt { MAX_ROW_BYTES } else { MAX_VALUE_BYTES };
        let column = quoted(name);
        format!(
            "iif(typeof({column}) = 'blob' or octet_length({column}) > {most}, \
             cast(octet_length({column}) as blob), {column})"
        )
    });
    let values: Vec<String> = iter::once(geometry).chain(values).collect();
    let order = table.key.map_or_else(String::new, |place| {
        format!("order by {}", quoted(&table.columns.names()[place]))
    });
    let text = include_str!("sql/select_rows.sql")
        .replace("{order}", &order)
        .replace("{table}", &quoted(&table.name))
        .replace("{values}", &values.join(", "));
    AssertSqlSafe(text)
}

/// Reads all rows, until nobody wants more.
fn read(
    mut database: Database,
    statement: AssertSqlSafe<String>,
    decoder: &Decoder,
    most: u64,
    sender: &SyncSender<Message>,
) -> Result<(), ReadError> {
    let Database { name, connection, steps, .. } = &mut database;
    let mut found = query(statement).fetch(connection);
    let mut rows = Vec::with_capacity(ROWS_AT_ONCE);
    let mut count = 0;
    steps.begin();
    while let Some(row) =
        wait(found.try_next()).map_err(|error| failed(name, Some(count), error))?
    {
        steps.begin();
        if count == most {
            let found = format!("more than {most} rows of a view");
            return Err(unsound(name, found, "no more, or a table of them"));
        }
        count += 1;
        let body = Body::Record(Box::new(decoder.record(&row)));
        rows.push(Row { number: count, start: count - 1, end: count, body, fault: None });
        if rows.len() == ROWS_AT_ONCE
            && sender.send(Message::Rows(std::mem::take(&mut rows))).is_err()
        {
            return Ok(());
        }
    }
    let _ = sender.send(Message::Rows(rows));
    Ok(())
}

/// Makes records of the rows of a statement.
struct Decoder {
    columns: Arc<Columns>,
    is_boolean: Vec<bool>,
    /// The place of the column that is the id of a row.
    id: Option<usize>,
    srs_id: Option<i64>,
}

impl Decoder {
    fn new(table: &Table) -> Self {
        Self {
            columns: Arc::clone(&table.columns),
            is_boolean: table.is_boolean.clone(),
            id: table.columns.position(ID_COLUMN).or(table.key),
            srs_id: table.geometry.as_ref().map(|geometry| geometry.srs_id),
        }
    }

    fn record(&self, row: &SqliteRow) -> Record {
        let mut faults = Vec::new();
        let mut values = Vec::with_capacity(self.is_boolean.len());
        for (place, name) in self.columns.names().iter().enumerate() {
            values.push(self.value(row, place).unwrap_or_else(|found| {
                faults.push(Fault::in_field(name, &found, "text in UTF-8"));
                RawValue::Null
            }));
        }
        let id = self.id.map(|place| values[place].clone()).filter(|id| *id != RawValue::Null);
        let mut record = Record::new(Arc::clone(&self.columns), values);
        record.id = id;
        match self.geometry(row) {
            Ok((sketch, has_height)) => (record.sketch, record.has_height) = (sketch, has_height),
            Err(fault) => faults.push(fault),
        }
        faults.truncate(crate::MAX_FAULTS);
        record.faults = faults;
        record
    }

    fn geometry(&self, row: &SqliteRow) -> Result<(Sketch, bool), Fault> {
        let place = Place::Geometry { part: None, vertex: None };
        match storage(row, 0) {
            Storage::Null => Ok((Sketch::Missing, false)),
            Storage::Blob(bytes) => blob::read(bytes, self.srs_id),
            Storage::Integer(length) => {
                let expected = format!("a geometry in a blob of at most {MAX_ROW_BYTES} bytes");
                Err(Fault::new(place, format!("{length} bytes"), expected))
            }
            Storage::Real(_) | Storage::Text(_) => {
                Err(Fault::new(place, "no blob", "a geometry in a blob"))
            }
        }
    }

    /// # Errors
    /// With the beginning of a text that is none.
    fn value(&self, row: &SqliteRow, place: usize) -> Result<RawValue, String> {
        Ok(match storage(row, place + 1) {
            Storage::Null => RawValue::Null,
            Storage::Integer(whole @ (0 | 1)) if self.is_boolean[place] => {
                RawValue::Boolean(whole == 1)
            }
            Storage::Integer(whole) => RawValue::Integer(whole),
            Storage::Real(number) => RawValue::Number(number),
            // SQLite makes UTF-8 of texts that the file has in UTF-16.
            Storage::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => RawValue::Text(text.into()),
                Err(_) => return Err(excerpt(bytes)),
            },
            Storage::Blob(digits) => {
                // In a file in UTF-16, there is a zero beside each.
                let digits = digits.iter().filter(|byte| byte.is_ascii_digit());
                let digits: String = digits.map(|digit| char::from(*digit)).collect();
                RawValue::Nested(format!("{digits} bytes"))
            }
        })
    }
}

/// What SQLite holds in a place, whatever its column is said to hold.
enum Storage<'r> {
    Null,
    Integer(i64),
    Real(f64),
    Text(&'r [u8]),
    Blob(&'r [u8]),
}

fn storage(row: &SqliteRow, place: usize) -> Storage<'_> {
    const READ: &str = "a value is read as what it is";
    let value = row.try_get_raw(place).expect("a value for each column of the statement");
    let kind = value.type_info().into_owned();
    match kind.name() {
        "INTEGER" => Storage::Integer(row.try_get_unchecked(place).expect(READ)),
        "REAL" => Storage::Real(row.try_get_unchecked(place).expect(READ)),
        "TEXT" => Storage::Text(row.try_get_unchecked(place).expect(READ)),
        "BLOB" => Storage::Blob(row.try_get_unchecked(place).expect(READ)),
        _ => Storage::Null,
    }
}

impl Iterator for GeoPackageFile {
    type Item = Result<Row, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.rows.next() {
                return Some(Ok(row));
            }
            let (receiver, _) = self.thread.as_ref()?;
            match receiver.recv() {
                Ok(Message::Rows(rows)) => self.rows = rows.into_iter(),
                Ok(Message::End(end)) => {
                    self.stop();
                    return end.err().map(Err);
                }
                Err(_) => {
                    self.stop();
                    panic!("the thread of the reader says when it ends");
                }
            }
        }
    }
}

impl GeoPackageFile {
    /// Ends the thread, which may have more to say.
    fn stop(&mut self) {
        if let Some((receiver, thread)) = self.thread.take() {
            drop(receiver);
            let _ = thread.join();
        }
    }
}

impl Drop for GeoPackageFile {
    fn drop(&mut self) {
        // Before the copy that it reads goes away.
        self.stop();
        self.copy = None;
    }
}

impl Reader for GeoPackageFile {
    fn description(&self) -> &Description {
        &self.description
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
