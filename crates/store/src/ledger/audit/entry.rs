//! The entries of the audit, each of which carries the hash of the one before.

use std::fmt::Write;

use sha2::{Digest, Sha256};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::digest::RowsHash;
use super::row::row_of;
use crate::ledger::LedgerError;

/// Of what an entry is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EntryKind {
    /// Of a change, with which it was written.
    Change,
    /// Of a change that was there when the chain began.
    Adopted,
    /// Of what was read.
    Reads,
}

impl EntryKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Change, Self::Adopted, Self::Reads];

    /// The kind in a word.
    pub fn code(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Adopted => "adopted",
            Self::Reads => "reads",
        }
    }

    /// The kind of that word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// An entry of the audit by which the whole chain up to it can be told from every other.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct AuditMark {
    /// Its number; 0 is before the first.
    pub number: u64,
    /// Its hash.
    pub hash: [u8; 32],
}

impl std::fmt::Display for AuditMark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.number, hex(&self.hash))
    }
}

impl std::str::FromStr for AuditMark {
    type Err = AuditMarkError;

    fn from_str(text: &str) -> Result<Self, AuditMarkError> {
        let (number, hash) = text.split_once(':').ok_or(AuditMarkError)?;
        let is_hex = hash.len() == 64 && hash.bytes().all(|digit| digit.is_ascii_hexdigit());
        if !is_hex || !number.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(AuditMarkError);
        }
        let number = number.parse().map_err(|_| AuditMarkError)?;
        let mut bytes = [0; 32];
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&hash[place * 2..place * 2 + 2], 16)
                .map_err(|_| AuditMarkError)?;
        }
        Ok(Self { number, hash: bytes })
    }
}

/// A text that marks no entry.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected the number of an entry, a colon and 64 hexadecimal digits")]
pub struct AuditMarkError;

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    })
}

/// The body of an entry: digests by what each is of, as JSON.
pub(super) fn body<'a>(digests: impl Iterator<Item = (&'a str, &'a RowsHash)>) -> String {
    let members: Vec<String> =
        digests.map(|(name, hash)| format!("\"{name}\":\"{}\"", hex(hash))).collect();
    format!("{{{}}}", members.join(","))
}

/// An entry of the audit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Entry {
    pub(super) number: i64,
    pub(super) kind: String,
    pub(super) recorded_at: i64,
    pub(super) sequence: Option<i64>,
    pub(super) body: String,
}

impl Entry {
    /// The hash of the entry behind one of that hash.
    pub(super) fn hash(&self, former: &[u8; 32]) -> [u8; 32] {
        let Self { number, kind, recorded_at, sequence, body } = self;
        let row = row_of([
            (&former[..]).into(),
            (*number).into(),
            (&**kind).into(),
            (*recorded_at).into(),
            (*sequence).into(),
            (&**body).into(),
        ]);
        Sha256::digest(&row).into()
    }
}

/// The last entry.
pub(super) async fn head(connection: &mut SqliteConnection) -> Result<AuditMark, LedgerError> {
    let fault = LedgerError::while_doing("read the last entry of the audit");
    let row = sqlx::query(include_str!("../../sql/sqlite/select_audit_head.sql"))
        .fetch_optional(connection)
        .await
        .map_err(&fault)?;
    let Some(row) = row else { return Ok(AuditMark::default()) };
    let number: i64 = row.try_get(0).map_err(&fault)?;
    Ok(AuditMark { number: number.cast_unsigned(), hash: hash_at(&row, 1)? })
}

/// Adds an entry behind the last, which it answers.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    head: &AuditMark,
    (kind, recorded_at, sequence): (EntryKind, i64, Option<i64>),
    body: String,
) -> Result<AuditMark, LedgerError> {
    let number = head.number.cast_signed() + 1;
    let entry = Entry { number, kind: kind.code().into(), recorded_at, sequence, body };
    let hash = entry.hash(&head.hash);
    sqlx::query(include_str!("../../sql/sqlite/insert_audit_entry.sql"))
        .bind(entry.number)
        .bind(entry.kind)
        .bind(entry.recorded_at)
        .bind(entry.sequence)
        .bind(entry.body)
        .bind(&hash[..])
        .execute(connection)
        .await
        .map_err(LedgerError::while_doing("write an entry of the audit"))?;
    Ok(AuditMark { number: number.cast_unsigned(), hash })
}

/// Entries behind one of a number, at most so many, each with its hash.
pub(super) async fn entries_after(
    connection: &mut SqliteConnection,
    number: i64,
    limit: i64,
) -> Result<Vec<(Entry, [u8; 32])>, LedgerError> {
    let fault = LedgerError::while_doing("read the audit");
    let rows = sqlx::query(include_str!("../../sql/sqlite/select_audit_entries.sql"))
        .bind(number)
        .bind(limit)
        .fetch_all(connection)
        .await
        .map_err(&fault)?;
    let read = |row: &SqliteRow| {
        let entry = Entry {
            number: row.try_get(0).map_err(&fault)?,
            kind: row.try_get(1).map_err(&fault)?,
            recorded_at: row.try_get(2).map_err(&fault)?,
            sequence: row.try_get(3).map_err(&fault)?,
            body: row.try_get(4).map_err(&fault)?,
        };
        Ok((entry, hash_at(row, 5)?))
    };
    rows.iter().map(read).collect()
}

fn hash_at(row: &SqliteRow, column: usize) -> Result<[u8; 32], LedgerError> {
    let hash: &[u8] =
        row.try_get(column).map_err(LedgerError::while_doing("read a hash of the audit"))?;
    hash.try_into().map_err(|_| LedgerError::Broken { what: "a hash of the audit".into() })
}
