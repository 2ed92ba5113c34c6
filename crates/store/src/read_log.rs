//! What was read of restricted collections and is not in the ledger yet: gathered, and written together.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use terrier_model::Read;

use crate::error_chain::ErrorChain;
use crate::ledger::{Ledger, LedgerError};
use crate::registry::Registry;

/// The most reads that wait to be written; as long as there are so many, nothing of a restricted collection
/// is told. Each takes some hundred bytes.
pub const MAX_WAITING_READS: usize = 200_000;

/// For how long reads are gathered.
const GATHER: Duration = Duration::from_millis(500);

/// How long it takes until it is tried again to write them.
const AGAIN_AFTER: Duration = Duration::from_secs(2);

/// There are [`MAX_WAITING_READS`] that wait to be written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("what was read of restricted collections cannot be written down fast enough")]
pub struct ReadLogFull;

/// The reads that wait.
#[derive(Debug, Default)]
pub(crate) struct ReadLog {
    waiting: Mutex<Waiting>,
    /// Whose turn it is to write.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Waiting {
    reads: Vec<Read>,
    /// Whether somebody has begun to wait for the moment to write them.
    is_awaited: bool,
}

impl ReadLog {
    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes all that wait. When this is given up halfway, they wait again.
    async fn write(&self, ledger: &Ledger) -> Result<(), LedgerError> {
        let _turn = self.turn.lock().await;
        let mut batch = Batch { log: self, reads: std::mem::take(&mut self.lock().reads) };
        ledger.put_reads(&batch.reads).await?;
        batch.reads.clear();
        Ok(())
    }
}

/// Reads that are being written, and wait again when that comes to nothing.
struct Batch<'a> {
    log: &'a ReadLog,
    reads: Vec<Read>,
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        let mut waiting = self.log.lock();
        self.reads.append(&mut waiting.reads);
        waiting.reads = std::mem::take(&mut self.reads);
    }
}

impl Registry {
    /// Keeps that something was read: within a second it is in the ledger, when the program does not end
    /// before that without [`Registry::flush_reads`]. Call it within the tokio runtime.
    ///
    /// # Errors
    /// When so many wait that no more is to be told.
    pub fn log_read(self: &Arc<Self>, read: Read) -> Result<(), ReadLogFull> {
        let mut waiting = self.read_log().lock();
        if waiting.reads.len() >= MAX_WAITING_READS {
            return Err(ReadLogFull);
        }
        waiting.reads.push(read);
        if !std::mem::replace(&mut waiting.is_awaited, true) {
            let registry = Arc::clone(self);
            tokio::spawn(async move { registry.write_soon().await });
        }
        Ok(())
    }

    /// Writes what was read and is not in the ledger yet.
    ///
    /// # Errors
    /// When the ledger cannot be written; then they wait again.
    pub async fn flush_reads(&self) -> Result<(), LedgerError> {
        self.read_log().write(self.ledger()).await
    }

    async fn write_soon(self: Arc<Self>) {
        tokio::time::sleep(GATHER).await;
        loop {
            // What comes from now on is waited for by somebody else.
            self.read_log().lock().is_awaited = false;
            let Err(error) = self.flush_reads().await else { break };
            tracing::error!(error = %ErrorChain(&error), "cannot write what was read");
            if std::mem::replace(&mut self.read_log().lock().is_awaited, true) {
                break;
            }
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::TimeZone;
    use terrier_model::ReadBy;

    use super::*;
    use crate::ledger::{Beginning, FirstAccess};

    fn read() -> Read {
        Read {
            at: Timestamp::UNIX_EPOCH,
            reader: ReadBy::default(),
            route: "test".into(),
            collection: "benches".into(),
            window: None,
            conditions: None,
            as_of: None,
            features: 1,
        }
    }

    #[tokio::test]
    async fn so_many_reads_wait_and_not_one_more() {
        let folder = tempfile::tempdir().expect("a folder");
        let beginning = Beginning {
            classes: &[],
            rules: &[],
            time_zone: &TimeZone::UTC,
            access: FirstAccess::default(),
            recorded_at: Timestamp::UNIX_EPOCH,
            actor: "tester",
        };
        let ledger = Ledger::create(folder.path(), &beginning).await.expect("a registry");
        ledger.close().await;
        let registry = Arc::new(Registry::open(folder.path()).await.expect("a registry"));
        // Nothing is awaited in between, so nobody can write.
        for _ in 0..MAX_WAITING_READS {
            registry.log_read(read()).expect("a place");
        }
        assert_eq!(registry.log_read(read()), Err(ReadLogFull));
        registry.flush_reads().await.expect("they are written");
        registry.log_read(read()).expect("a place again");
        registry.flush_reads().await.expect("it is written");
        let findings = registry.ledger().verify(None).await.expect("a check");
        assert_eq!((findings.audit.number, findings.problems), (3, Vec::new()));
    }
}
