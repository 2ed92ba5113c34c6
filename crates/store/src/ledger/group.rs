//! Several changes that wait at the same time are written together: each is a change of its own, and
//! all of them wait for the disk once.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as Turn, oneshot};

use super::edit::{EditRefusal, EditSet, Edited, MAX_EDITS};
use super::{ChangeReport, Ledger, LedgerError};

/// The most changes that wait for the disk together.
const MAX_TOGETHER: usize = 64;

/// What came of a set of edits.
#[derive(Clone, Debug, PartialEq)]
pub enum EditAnswer {
    /// It is written, or would be; without a sequence when nothing new was said or it was a rehearsal.
    Done {
        /// What the change did.
        report: ChangeReport,
        /// What each edit came to, in their order.
        edited: Vec<Edited>,
    },
    /// The same request was made before, and is done.
    Repeated {
        /// The change that it was.
        sequence: u64,
        /// What it did to assets.
        edited: Vec<Edited>,
    },
    /// The sender has made another request under the same name.
    KeyOfAnother {
        /// The change that it was.
        sequence: u64,
    },
    /// These edits cannot be taken, by their places; nothing is written.
    Refused(Vec<(usize, EditRefusal)>),
}

type Told = Result<EditAnswer, LedgerError>;

/// Sets of edits that wait to be written.
#[derive(Debug, Default)]
pub(super) struct Group {
    waiting: Mutex<Vec<(EditSet, oneshot::Sender<Told>)>>,
    /// Whose turn it is to write for all who wait.
    turn: Arc<Turn<()>>,
}

impl Group {
    fn put(&self, set: EditSet) -> oneshot::Receiver<Told> {
        let (sender, receiver) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push((set, sender));
        receiver
    }

    /// The next that are written together.
    fn take(&self) -> Vec<(EditSet, oneshot::Sender<Told>)> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut edits = 0;
        let mut fits = |(set, _): &(EditSet, _)| {
            edits += set.edits.len();
            edits <= MAX_EDITS
        };
        let count = waiting.iter().take(MAX_TOGETHER).take_while(|one| fits(one)).count();
        let count = count.max(usize::from(!waiting.is_empty()));
        waiting.drain(..count).collect()
    }
}

impl Ledger {
    /// Takes a set of edits as one change, or nothing of it. Sets that wait at the same time are
    /// written together, so that many editors do not wait for the disk one after the other. Once begun
    /// it is done, even when nobody waits for the answer any more.
    ///
    /// # Errors
    /// [`LedgerError::Busy`] when another writer takes too long, and when the ledger cannot be written;
    /// nothing is written then.
    pub async fn edit(self: &Arc<Self>, set: EditSet) -> Result<EditAnswer, LedgerError> {
        let mut answer = self.group.put(set);
        let ledger = Arc::clone(self);
        // On a task of its own: a client that leaves must not undo what others wait for.
        let writing = tokio::spawn(async move {
            let _turn = ledger.group.turn.lock().await;
            let sets = ledger.group.take();
            if !sets.is_empty() {
                ledger.write_together(sets).await;
            }
        });
        tokio::select! {
            biased;
            told = &mut answer => told,
            _ = writing => answer.await,
        }
        .unwrap_or(Err(LedgerError::Lost))
    }

    async fn write_together(&self, sets: Vec<(EditSet, oneshot::Sender<Told>)>) {
        let (sets, senders): (Vec<_>, Vec<_>) = sets.into_iter().unzip();
        match self.write_all(sets).await {
            Ok(answers) => {
                for (sender, answer) in senders.into_iter().zip(answers) {
                    // Who has left does not hear it.
                    let _ = sender.send(answer);
                }
            }
            Err(error) => {
                let error = Arc::new(error);
                for sender in senders {
                    let _ = sender.send(Err(LedgerError::Together(Arc::clone(&error))));
                }
            }
        }
    }

    async fn write_all(&self, sets: Vec<EditSet>) -> Result<Vec<Told>, LedgerError> {
        let Some(first) = sets.first() else { return Ok(Vec::new()) };
        let mut session = self.begin_changes(first.change.clone()).await?;
        let mut answers = Vec::with_capacity(sets.len());
        for set in sets {
            answers.push(match session.edit_set(set).await {
                // That concerns nobody else.
                Err(error @ LedgerError::ClassChanged { .. }) => Err(error),
                told => Ok(told?),
            });
        }
        session.end().await?;
        Ok(answers)
    }
}
