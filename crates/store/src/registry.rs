//! The registry: a ledger, and the snapshot that is kept in step with it by the change sequence
//! alone, whoever writes.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::MutexGuard;

use crate::access::Access;
use crate::error_chain::ErrorChain;
use crate::ledger::{Change, EditAnswer, EditSet, Ledger, LedgerError, RevertAnswer};
use crate::read_log::ReadLog;
use crate::snapshot::{Snapshot, Update};

/// How often a follower looks whether somebody has written.
// A look takes some hundred microseconds of a processor, so this many a second are half a percent.
const FOLLOW_EVERY: Duration = Duration::from_millis(20);

/// A ledger with its snapshot in memory.
#[derive(Debug)]
pub struct Registry {
    ledger: Arc<Ledger>,
    snapshot: ArcSwap<Snapshot>,
    /// Held while the next snapshot is made, so that none is followed by an older one.
    catching_up: tokio::sync::Mutex<()>,
    access: ArcSwap<Access>,
    in_step: AtomicBool,
    is_ending: AtomicBool,
    commits: AtomicU64,
    rows: AtomicU64,
    read_log: ReadLog,
}

/// What has come into the snapshot since it was first read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Followed {
    /// Changes.
    pub commits: u64,
    /// Assets that these changes wrote.
    pub rows: u64,
}

impl Registry {
    /// Opens the registry in a folder and reads all of it into memory.
    ///
    /// # Errors
    /// When there is none or it cannot be read.
    pub async fn open(folder: &Path) -> Result<Self, LedgerError> {
        let ledger = Ledger::open(folder).await?;
        let first = next_state(&ledger, &Snapshot::default(), &Arc::default()).await?;
        Ok(Self {
            ledger: Arc::new(ledger),
            catching_up: tokio::sync::Mutex::default(),
            snapshot: ArcSwap::from_pointee(first.snapshot),
            access: ArcSwap::new(first.access),
            in_step: AtomicBool::new(true),
            is_ending: AtomicBool::new(false),
            commits: AtomicU64::default(),
            rows: AtomicU64::default(),
            read_log: ReadLog::default(),
        })
    }

    /// The ledger, for questions about the past and for changes.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What was read of restricted collections and is not in the ledger yet.
    pub(crate) fn read_log(&self) -> &ReadLog {
        &self.read_log
    }

    /// The assets as they are known now. A reader keeps what it got; it never waits.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// Who may see and do what, in step with the snapshot.
    pub fn access(&self) -> Arc<Access> {
        self.access.load_full()
    }

    /// What has come into the snapshot since it was first read.
    pub fn followed(&self) -> Followed {
        Followed {
            commits: self.commits.load(Ordering::Relaxed),
            rows: self.rows.load(Ordering::Relaxed),
        }
    }

    /// Whether the ledger could be followed when it was last looked at.
    pub fn is_in_step(&self) -> bool {
        self.in_step.load(Ordering::Relaxed)
    }

    /// Takes a set of edits as one change, or nothing of it, and waits until the snapshot has it:
    /// whoever asks after the answer sees what was written. The snapshot follows by the change
    /// sequence as always; nothing of the edit is told to it.
    ///
    /// # Errors
    /// As [`Ledger::edit`]. A snapshot that cannot follow is no error of the edit, which is written.
    pub async fn edit(&self, set: EditSet) -> Result<EditAnswer, LedgerError> {
        let answer = self.ledger.edit(set).await?;
        self.show(match &answer {
            EditAnswer::Done { report, .. } => report.sequence,
            EditAnswer::Repeated { sequence, .. } => Some(*sequence),
            EditAnswer::KeyOfAnother { .. } | EditAnswer::Refused(_) => None,
        })
        .await;
        Ok(answer)
    }

    /// Undoes a change, and waits until the snapshot has that.
    ///
    /// # Errors
    /// As [`Ledger::revert`].
    pub async fn revert(
        &self,
        sequence: u64,
        change: Change,
        rehearse: bool,
    ) -> Result<RevertAnswer, LedgerError> {
        let answer = self.ledger.revert(sequence, change, rehearse).await?;
        if let RevertAnswer::Done(report) = &answer {
            self.show(report.sequence).await;
        }
        Ok(answer)
    }

    /// Waits until the snapshot has a change that was written past this, such as an import; nothing for
    /// `None`.
    pub async fn show(&self, sequence: Option<u64>) {
        let is_shown = || sequence.is_none_or(|sequence| sequence <= self.snapshot().sequence());
        if is_shown() {
            return;
        }
        let alone = self.catching_up.lock().await;
        // Who had the turn before has mostly brought this change along: of many who wait, few follow.
        if !is_shown()
            && let Err(error) = self.catch_up_alone(&alone).await
        {
            tracing::error!(error = %ErrorChain(&error), "cannot follow the ledger after a change");
        }
    }

    /// Keeps the snapshot in step until [`Registry::end_following`]; whole changes only. A ledger
    /// that cannot be read for a while leaves the snapshot as it is, and is tried again.
    pub async fn follow(&self) {
        loop {
            match self.follow_until_lost().await {
                Ok(()) => return,
                Err(error) => {
                    self.in_step.store(false, Ordering::Relaxed);
                    tracing::error!(error = %ErrorChain(&error), "cannot follow the ledger");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    /// Lets whoever follows come to an end, after a change that is being read.
    pub fn end_following(&self) {
        self.is_ending.store(true, Ordering::Relaxed);
    }

    async fn follow_until_lost(&self) -> Result<(), LedgerError> {
        let mut watcher = self.ledger.watch().await?;
        // The first look finds that something has moved, so that changes from before are caught up
        // with at once.
        while !self.is_ending.load(Ordering::Relaxed) {
            if watcher.has_moved().await? {
                self.catch_up().await?;
                self.in_step.store(true, Ordering::Relaxed);
            } else {
                tokio::time::sleep(FOLLOW_EVERY).await;
            }
        }
        Ok(())
    }

    /// Brings the snapshot up to the last complete change.
    ///
    /// # Errors
    /// When the ledger cannot be read; the snapshot stays as it was.
    pub async fn catch_up(&self) -> Result<(), LedgerError> {
        let alone = self.catching_up.lock().await;
        self.catch_up_alone(&alone).await
    }

    async fn catch_up_alone(&self, _alone: &MutexGuard<'_, ()>) -> Result<(), LedgerError> {
        let old = self.snapshot();
        if self.ledger.last_change().await? == old.sequence() {
            return Ok(());
        }
        let Next { snapshot: new, access, rows } =
            next_state(&self.ledger, &old, &self.access()).await?;
        self.commits.fetch_add(new.sequence() - old.sequence(), Ordering::Relaxed);
        self.rows.fetch_add(rows, Ordering::Relaxed);
        tracing::info!(sequence = new.sequence(), "the snapshot has followed the ledger");
        // Who may see less than before sees no state of the register that came with it.
        self.access.store(access);
        self.snapshot.store(Arc::new(new));
        Ok(())
    }
}

/// The ledger as it is now.
struct Next {
    snapshot: Snapshot,
    access: Arc<Access>,
    /// How many assets the snapshot took over that had changed.
    rows: u64,
}

/// The snapshot of the ledger as it is now, made from an older one, and who may see and do what. A class that has other fields than before is read whole, and so are all
/// when the older one is empty.
async fn next_state(
    ledger: &Ledger,
    old: &Snapshot,
    known: &Arc<Access>,
) -> Result<Next, LedgerError> {
    let mut reading = ledger.read().await?;
    let sequence = reading.sequence();
    let first = old.sequence() == 0;
    let changed = if first { Vec::new() } else { reading.changed_since(old.sequence()).await? };
    let retired = if first { Vec::new() } else { reading.retired_since(old.sequence()).await? };
    let rules = reading.rules(old.rules()).await?;
    let time_zone = reading.time_zone().await?;
    let access = reading.access(known).await?;
    let touched: HashSet<u32> = changed.iter().map(|(_, class)| *class).collect();
    let mut update = Update::new(old, changed.into_iter().map(|(id, _)| id), retired);
    let mut rows = 0;
    for place in 0..reading.class_count() {
        let (number, class) = reading.class(place);
        if class.is_retired() {
            continue;
        }
        let class = Arc::clone(class);
        let since = update.knows(number, &class).then_some(old.sequence());
        if since.is_some() && !touched.contains(&number) {
            update.keep(number, &class);
            continue;
        }
        let mut layer = update.layer(number, &class);
        reading
            .standing(place, since, |asset| {
                rows += u64::from(since.is_some());
                layer.push(&asset);
                true
            })
            .await?;
        layer.finish();
    }
    Ok(Next { snapshot: update.finish(sequence, rules, time_zone), access, rows })
}
