//! Noticing that somebody has written, at the cost of a look at one page in memory.

use sqlx::pool::PoolConnection;
use sqlx::sqlite::Sqlite;

use super::{Ledger, LedgerError};

/// Notices that another connection has written.
pub(crate) struct Watcher {
    connection: PoolConnection<Sqlite>,
    version: i64,
}

impl Watcher {
    /// Whether another connection has written since the last look.
    pub(crate) async fn has_moved(&mut self) -> Result<bool, LedgerError> {
        let version: i64 = sqlx::query_scalar("pragma data_version")
            .fetch_one(&mut *self.connection)
            .await
            .map_err(LedgerError::while_doing("look whether somebody has written"))?;
        let moved = version != self.version;
        self.version = version;
        Ok(moved)
    }
}

impl Ledger {
    /// A connection that notices when another one has written. It is one of the readers, so that it
    /// is closed with them.
    pub(crate) async fn watch(&self) -> Result<Watcher, LedgerError> {
        let fault = LedgerError::while_doing("open a connection that watches the ledger");
        let connection = self.readers.acquire().await.map_err(fault)?;
        // SQLite never gives this version, so the first look finds that something has moved.
        Ok(Watcher { connection, version: -1 })
    }
}
