//! The audit: a chain of entries, one a change, that holds a digest of everything that the change wrote
//! and never changes afterwards.
//!
//! What is set in a row later belongs to the change that set it. Names that have numbers are covered
//! with what is said under them.

mod digest;
mod entry;
mod list;
mod reads;
mod row;
mod verify;
mod written;

use sqlx::sqlite::SqliteConnection;
use terrier_model::{AuditKind, AuditMark};

pub(super) use self::digest::Digests;
use self::digest::{Covered, read_digests};
use self::entry::{append, body, head};
pub(super) use self::row::Cell;
pub(super) use self::verify::verify;
pub(super) use self::written::Written;
use super::{Ledger, LedgerError};

/// So many changes are digested at once, which bounds the memory that it takes.
const CHANGES_AT_ONCE: i64 = 50_000;

/// Adds the entry of a change that is complete, behind the last one, which is read when it is not given;
/// answers the new last one.
pub(super) async fn seal(
    connection: &mut SqliteConnection,
    last: Option<AuditMark>,
    (sequence, recorded_at): (i64, jiff::Timestamp),
    digests: &Digests,
) -> Result<AuditMark, LedgerError> {
    let last = match last {
        Some(last) => last,
        None => head(connection).await?,
    };
    let of = (AuditKind::Change, recorded_at.as_microsecond(), Some(sequence));
    append(connection, &last, of, body_of(digests)).await
}

/// Adds the entry of a change that is complete and wrote no assets.
pub(super) async fn seal_beside_assets(
    connection: &mut SqliteConnection,
    sequence: i64,
    recorded_at: jiff::Timestamp,
) -> Result<(), LedgerError> {
    let tables = &Covered::BESIDE_ASSETS;
    let mut digests = read_digests(connection, tables, (sequence, sequence)).await?;
    let digests = digests.remove(&sequence).unwrap_or_default();
    seal(connection, None, (sequence, recorded_at), &digests).await.map(|_| ())
}

/// What a change that undid another wrote by statements over many rows. Its own row is complete.
pub(super) async fn undoing_digests(
    connection: &mut SqliteConnection,
    sequence: i64,
) -> Result<Digests, LedgerError> {
    let tables = [Covered::Versions, Covered::Retirements, Covered::Events, Covered::EventEnds];
    let mut digests = read_digests(connection, &tables, (sequence, sequence)).await?;
    Ok(digests.remove(&sequence).unwrap_or_default())
}

fn body_of(digests: &Digests) -> String {
    body(digests.iter().map(|(table, hash)| (table.name(), hash)))
}

impl Ledger {
    /// Begins the chain of a registry that was made before there was one: each change so far has its
    /// entry, with the digest of what is found of it. Costs a look at every row, once.
    pub(super) async fn adopt_changes(&self) -> Result<(), LedgerError> {
        let doing = "begin the audit of the registry";
        let fault = LedgerError::while_doing(doing);
        let question = include_str!("../../sql/sqlite/select_is_to_be_adopted.sql");
        let wanted = sqlx::query_scalar::<_, bool>(question).fetch_one(&self.writer).await;
        if !wanted.map_err(&fault)? {
            return Ok(());
        }
        let mut transaction = self.begin_writing(doing).await?;
        // Another program may have done it meanwhile.
        let wanted = sqlx::query_scalar::<_, bool>(question).fetch_one(&mut *transaction).await;
        if !wanted.map_err(&fault)? {
            return Ok(());
        }
        let (mut last, mut first) = (AuditMark::default(), 1);
        loop {
            let range = (first, first + CHANGES_AT_ONCE - 1);
            let changes = change_times(&mut transaction, range).await?;
            if changes.is_empty() {
                break;
            }
            let mut digests = read_digests(&mut transaction, &Covered::ALL, range).await?;
            for (sequence, at) in changes {
                let of_change = digests.remove(&sequence).unwrap_or_default();
                let of = (AuditKind::Adopted, at, Some(sequence));
                last = append(&mut transaction, &last, of, body_of(&of_change)).await?;
            }
            first += CHANGES_AT_ONCE;
        }
        transaction.commit().await.map_err(fault)
    }
}

/// The changes from one to another, with when each was recorded.
async fn change_times(
    connection: &mut SqliteConnection,
    (first, last): (i64, i64),
) -> Result<Vec<(i64, i64)>, LedgerError> {
    sqlx::query_as(include_str!("../../sql/sqlite/select_change_times.sql"))
        .bind(first)
        .bind(last)
        .fetch_all(connection)
        .await
        .map_err(LedgerError::while_doing("read when changes were recorded"))
}
