//! What was read of restricted collections, in the audit.

use std::sync::LazyLock;
use std::time::Duration;

use sha2::{Digest, Sha256};
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteConnection};
use sqlx::{Arguments, AssertSqlSafe};
use terrier_model::{AuditKind, Read, ReadBy};

use super::entry::{append, body, head};
use super::row::{Cell, push};
use crate::ledger::write::for_rows;
use crate::ledger::{BUSY_WAIT, Ledger, LedgerError};

/// How many rows one statement writes.
// Binding 13 values a row, 100 rows stay far below SQLite's 32 766.
const ROWS_A_STATEMENT: usize = 100;

const INSERT_READS: &str = include_str!("../../sql/sqlite/insert_reads.sql");

static INSERT_READS_FULL: LazyLock<String> =
    LazyLock::new(|| for_rows(INSERT_READS, ROWS_A_STATEMENT));

/// The columns behind the number of the entry.
fn cells(read: &Read, position: i64) -> [Cell<'_>; 12] {
    let Read { at, reader, route, collection, window, conditions, as_of, features } = read;
    let ReadBy { actor, organisation, key, role } = reader;
    [
        position.into(),
        at.as_microsecond().into(),
        actor.as_deref().into(),
        organisation.as_deref().into(),
        key.as_deref().into(),
        role.as_deref().into(),
        (&**route).into(),
        (&**collection).into(),
        window.as_deref().into(),
        conditions.as_deref().into(),
        as_of.as_deref().into(),
        features.cast_signed().into(),
    ]
}

impl Ledger {
    /// Writes what was read as one entry of the audit. It is no change of the register, and takes no step of
    /// the change sequence. Nothing is written of nothing.
    ///
    /// # Errors
    /// [`LedgerError::Busy`] when another writer takes too long, and when the ledger cannot be written;
    /// nothing is written then.
    pub async fn put_reads(&self, reads: &[Read]) -> Result<(), LedgerError> {
        let Some(at) = reads.iter().map(|read| read.at).max() else { return Ok(()) };
        let doing = "write what was read";
        let mut transaction = self.begin_writing(doing).await?;
        let last = head(&mut transaction).await?;
        let (mut hash, mut row) = (Sha256::new(), Vec::new());
        for (position, read) in (1..).zip(reads) {
            row.clear();
            cells(read, position).into_iter().for_each(|cell| push(&mut row, cell));
            hash.update(&row);
        }
        let hash = hash.finalize().into();
        let body = body([("reads", &hash)].into_iter());
        let of = (AuditKind::Reads, at.as_microsecond(), None);
        let entry = append(&mut transaction, &last, of, body).await?;
        let mut position = 1;
        for group in reads.chunks(ROWS_A_STATEMENT) {
            insert(&mut transaction, entry.number.cast_signed(), position, group).await?;
            position += group.len() as i64;
        }
        transaction.commit().await.map_err(LedgerError::while_doing(doing))
    }
}

impl Ledger {
    /// The same for whoever must not wait for another writer.
    ///
    /// # Errors
    /// As above; [`LedgerError::Busy`] at once.
    pub async fn put_reads_at_once(&self, reads: &[Read]) -> Result<(), LedgerError> {
        self.wait_for_writers(Duration::ZERO).await?;
        let done = self.put_reads(reads).await;
        self.wait_for_writers(BUSY_WAIT).await?;
        done
    }

    /// Says for how long the writer of this process waits for others.
    async fn wait_for_writers(&self, wait: Duration) -> Result<(), LedgerError> {
        // A pragma binds no values, and the number is our own.
        let statement = AssertSqlSafe(format!("pragma busy_timeout = {}", wait.as_millis()));
        sqlx::query(statement)
            .execute(&self.writer)
            .await
            .map(|_| ())
            .map_err(LedgerError::while_doing("say how long to wait for other writers"))
    }
}

async fn insert(
    connection: &mut SqliteConnection,
    number: i64,
    first: i64,
    reads: &[Read],
) -> Result<(), LedgerError> {
    let mut values = SqliteArguments::default();
    for (position, read) in (first..).zip(reads) {
        add(&mut values, number);
        for cell in cells(read, position) {
            match cell {
                Cell::Null => add(&mut values, None::<i64>),
                Cell::Integer(number) => add(&mut values, number),
                Cell::Real(number) => add(&mut values, number),
                Cell::Text(text) => add(&mut values, text.to_owned()),
                Cell::Bytes(bytes) => add(&mut values, bytes.to_vec()),
            }
        }
    }
    let is_full = reads.len() == ROWS_A_STATEMENT;
    let done = if is_full {
        sqlx::query_with(INSERT_READS_FULL.as_str(), values).execute(connection).await
    } else {
        // Only our own statement is repeated; every value is bound.
        let statement = AssertSqlSafe(for_rows(INSERT_READS, reads.len()));
        sqlx::query_with(statement, values).persistent(false).execute(connection).await
    };
    done.map(|_| ()).map_err(LedgerError::while_doing("write what was read"))
}

fn add<'q, T>(values: &mut SqliteArguments, value: T)
where
    T: sqlx::Encode<'q, Sqlite> + sqlx::Type<Sqlite> + 'q,
{
    values.add(value).expect("numbers, texts and bytes can be bound");
}
