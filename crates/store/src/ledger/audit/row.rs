//! The bytes of a row, of which digests are made: the same for a row that is about to be written and for
//! the one that the ledger then holds.

use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row, Sqlite, TypeInfo, ValueRef};

use crate::ledger::LedgerError;

/// A value as SQLite keeps it.
#[derive(Clone, Copy, Debug)]
pub(in crate::ledger) enum Cell<'a> {
    Null,
    Integer(i64),
    Real(f64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u32> for Cell<'_> {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<f64> for Cell<'_> {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Cell<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Appends a value: a letter that says of which kind it is, then the value, numbers with the highest byte
/// first, texts and bytes after their length. So rows of numbers that are not negative, and of bytes of
/// one length, lie in the order of SQLite.
pub(in crate::ledger) fn push(row: &mut Vec<u8>, cell: Cell<'_>) {
    let mut push_bytes = |kind: u8, bytes: &[u8]| {
        row.push(kind);
        row.extend((bytes.len() as u64).to_be_bytes());
        row.extend(bytes);
    };
    match cell {
        Cell::Null => row.push(b'-'),
        Cell::Integer(number) => {
            row.push(b'i');
            row.extend(number.to_be_bytes());
        }
        Cell::Real(number) => {
            row.push(b'r');
            // SQLite keeps the negative zero as the other one.
            row.extend((number + 0.0).to_bits().to_be_bytes());
        }
        Cell::Text(text) => push_bytes(b't', text.as_bytes()),
        Cell::Bytes(bytes) => push_bytes(b'x', bytes),
    }
}

/// The bytes of a row.
pub(in crate::ledger) fn row_of<const N: usize>(cells: [Cell<'_>; N]) -> Vec<u8> {
    let mut row = Vec::new();
    cells.into_iter().for_each(|cell| push(&mut row, cell));
    row
}

/// Appends the columns of a row that a statement gave, but for the first so many.
pub(super) fn push_columns(
    out: &mut Vec<u8>,
    row: &SqliteRow,
    first: usize,
) -> Result<(), LedgerError> {
    let fault = LedgerError::while_doing("read a row for the audit");
    for column in first..row.len() {
        let value = row.try_get_raw(column).map_err(&fault)?;
        if value.is_null() {
            push(out, Cell::Null);
            continue;
        }
        let broken =
            |error| fault(sqlx::Error::ColumnDecode { index: column.to_string(), source: error });
        let kind = value.type_info().name().to_owned();
        match &*kind {
            "INTEGER" => {
                push(out, Cell::Integer(<i64 as Decode<Sqlite>>::decode(value).map_err(broken)?));
            }
            "REAL" => {
                push(out, Cell::Real(<f64 as Decode<Sqlite>>::decode(value).map_err(broken)?));
            }
            "TEXT" => {
                push(out, Cell::Text(<&str as Decode<Sqlite>>::decode(value).map_err(broken)?));
            }
            _ => push(out, Cell::Bytes(<&[u8] as Decode<Sqlite>>::decode(value).map_err(broken)?)),
        }
    }
    Ok(())
}
