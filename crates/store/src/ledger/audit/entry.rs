//! The entries of the audit, each of which carries the hash of the one before.

use std::fmt::Write;

use sha2::{Digest, Sha256};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use terrier_model::{AuditKind, AuditMark};

use super::digest::RowsHash;
use super::row::row_of;
use crate::ledger::LedgerError;

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
    (kind, recorded_at, sequence): (AuditKind, i64, Option<i64>),
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

pub(super) fn hash_at(row: &SqliteRow, column: usize) -> Result<[u8; 32], LedgerError> {
    let hash: &[u8] =
        row.try_get(column).map_err(LedgerError::while_doing("read a hash of the audit"))?;
    hash.try_into().map_err(|_| LedgerError::Broken { what: "a hash of the audit".into() })
}
