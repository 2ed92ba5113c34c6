//! The records of the audit, the newest first.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use terrier_catalog::{AuditPlace, AuditQuery};
use terrier_model::{AuditAbout, AuditKind, AuditMark, AuditRecord, ChangeSet, Read, ReadBy};

use super::entry::hash_at;
use crate::ledger::history::change_set;
use crate::ledger::read::moment;
use crate::ledger::{Ledger, LedgerError};

/// Before which place nothing is left out.
const NEWEST: AuditPlace = AuditPlace { entry: i64::MAX as u64, position: 0 };

impl Ledger {
    /// The records of the audit that are wanted, the newest first, at most so many. Costs a look at every
    /// record that is passed over.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn audit(
        &self,
        query: &AuditQuery,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, LedgerError> {
        let fault = LedgerError::while_doing("read the audit");
        let AuditQuery { actor, collection, told, since, until, kind, before } = query;
        let AuditPlace { entry, position } = before.unwrap_or(NEWEST);
        let told = told.as_ref().map(|told| serde_json::to_string(told).expect("texts are JSON"));
        let mut reader = self.readers.begin().await.map_err(&fault)?;
        let rows = sqlx::query(include_str!("../../sql/sqlite/select_audit_records.sql"))
            .bind(i64::try_from(entry).unwrap_or(i64::MAX))
            .bind(i64::try_from(position).unwrap_or(i64::MAX))
            .bind(actor)
            .bind(collection)
            .bind(since.map(Timestamp::as_microsecond))
            .bind(until.map(Timestamp::as_microsecond))
            .bind(kind.map(AuditKind::code))
            .bind(limit)
            .bind(told)
            .fetch_all(&mut *reader)
            .await
            .map_err(&fault)?;
        let (mut records, mut known) = (Vec::with_capacity(rows.len()), HashMap::new());
        for row in &rows {
            records.push(record(&mut reader, &mut known, row).await?);
        }
        Ok(records)
    }
}

async fn record(
    reader: &mut SqliteConnection,
    known: &mut HashMap<i64, ChangeSet>,
    row: &SqliteRow,
) -> Result<AuditRecord, LedgerError> {
    let fault = LedgerError::while_doing("read a record of the audit");
    let number = |column: usize| row.try_get::<i64, _>(column).map_err(&fault);
    let text = |column: usize| row.try_get::<Option<Box<str>>, _>(column).map_err(&fault);
    let entry = number(0)?.cast_unsigned();
    let code: String = row.try_get(2).map_err(&fault)?;
    let kind = AuditKind::from_code(&code).ok_or_else(|| LedgerError::Broken {
        what: format!("entry {entry} of the audit: its kind is `{code}`"),
    })?;
    let sequence: Option<i64> = row.try_get(4).map_err(&fault)?;
    let about = match sequence {
        Some(sequence) => AuditAbout::Change(change_set(reader, known, sequence).await?),
        None => AuditAbout::Read(Read {
            at: moment(row, 5)?,
            reader: ReadBy {
                actor: text(6)?,
                organisation: text(7)?,
                key: text(8)?,
                role: text(9)?,
            },
            route: text(10)?.unwrap_or_default(),
            collection: text(11)?.unwrap_or_default(),
            window: text(12)?,
            conditions: text(13)?,
            as_of: text(14)?,
            features: number(15)?.cast_unsigned(),
        }),
    };
    Ok(AuditRecord {
        entry: AuditMark { number: entry, hash: hash_at(row, 3)? },
        kind,
        position: number(1)?.cast_unsigned(),
        about,
    })
}
