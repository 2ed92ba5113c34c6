//! Whether the chain holds, and whether the ledger still holds what it says.

use std::collections::HashMap;

use sqlx::sqlite::SqliteConnection;
use terrier_model::{AuditKind, AuditMark};

use super::digest::{Covered, Digests, read_digests, rows_hashes};
use super::entry::{Entry, body, entries_after};
use super::{CHANGES_AT_ONCE, body_of, change_times};
use crate::ledger::LedgerError;

/// The most that is told of the audit.
const TOLD_MAX: usize = 20;

/// What a look at the chain came to.
#[derive(Default)]
pub(in crate::ledger) struct Chain {
    /// The last entry.
    pub(in crate::ledger) head: AuditMark,
    /// How many entries are of changes that were there before the chain.
    pub(in crate::ledger) adopted: u64,
    /// What is wrong, in words.
    pub(in crate::ledger) problems: Vec<String>,
    /// The last change that has an entry.
    sequence: i64,
}

/// Reads the chain from its beginning, and everything that it is about. With a mark it must lead through
/// that entry.
pub(in crate::ledger) async fn verify(
    connection: &mut SqliteConnection,
    mark: Option<&AuditMark>,
) -> Result<Chain, LedgerError> {
    let mut chain = Chain::default();
    let mut is_marked = mark.is_none();
    loop {
        let after = chain.head.number.cast_signed();
        let entries = entries_after(connection, after, CHANGES_AT_ONCE).await?;
        let (Some((first, _)), Some((last, _))) = (entries.first(), entries.last()) else { break };
        let numbers = (first.number, last.number);
        let sequences: Vec<i64> = entries.iter().filter_map(|(entry, _)| entry.sequence).collect();
        let range = (sequences.iter().min(), sequences.iter().max());
        let mut digests = match range {
            (Some(first), Some(last)) => {
                // A row that names a change far away must not make the range longer than the entries.
                let last = (*last).min(first.saturating_add(CHANGES_AT_ONCE));
                read_digests(connection, &Covered::ALL, (*first, last)).await?
            }
            _ => HashMap::new(),
        };
        let statement = include_str!("../../sql/sqlite/audit_reads.sql");
        let reads = rows_hashes(connection, statement, numbers).await?;
        for (entry, hash) in entries {
            is_marked |= mark
                .is_some_and(|mark| mark.number.cast_signed() == entry.number && mark.hash == hash);
            chain.follow(&entry, hash);
            match entry.sequence {
                Some(sequence) => {
                    chain.check_change(&entry, &digests.remove(&sequence).unwrap_or_default());
                }
                None => chain.check_reads(&entry, reads.get(&entry.number)),
            }
        }
    }
    chain.check_rest(connection).await?;
    if let Some(mark) = mark.filter(|_| !is_marked) {
        let last = chain.head.number;
        chain.tell(format!("the audit does not lead through {mark}: its last entry is {last}"));
    }
    Ok(chain)
}

impl Chain {
    fn tell(&mut self, problem: String) {
        if self.problems.len() < TOLD_MAX {
            self.problems.push(problem);
        }
    }

    /// Takes the next entry of the chain.
    fn follow(&mut self, entry: &Entry, hash: [u8; 32]) {
        let number = entry.number;
        let expected = self.head.number.cast_signed() + 1;
        if number != expected {
            self.tell(format!("entry {expected} of the audit is missing"));
        } else if entry.hash(&self.head.hash) != hash {
            self.tell(format!(
                "entry {number} of the audit was altered, or does not follow on the one before"
            ));
        }
        // Behind a broken place the chain may go on whole.
        self.head = AuditMark { number: number.cast_unsigned(), hash };
        self.adopted += u64::from(entry.kind == AuditKind::Adopted.code());
    }

    fn check_change(&mut self, entry: &Entry, found: &Digests) {
        let (number, sequence) = (entry.number, entry.sequence.unwrap_or_default());
        let expected = self.sequence + 1;
        if sequence != expected {
            self.tell(format!(
                "entry {number} of the audit is of change {sequence}, where that of change {expected} \
                 is expected"
            ));
        }
        self.sequence = sequence;
        if entry.body == body_of(found) {
            return;
        }
        let told: HashMap<String, String> = serde_json::from_str(&entry.body).unwrap_or_default();
        let kept: String = body_of(found);
        let kept: HashMap<String, String> = serde_json::from_str(&kept).unwrap_or_default();
        let differs = |table: &&Covered| told.get(table.name()) != kept.get(table.name());
        for table in Covered::ALL.iter().filter(differs) {
            let name = table.name();
            self.tell(format!(
                "what change {sequence} wrote into `{name}` is not what the audit says"
            ));
        }
    }

    fn check_reads(&mut self, entry: &Entry, found: Option<&[u8; 32]>) {
        if entry.body != body(found.map(|hash| ("reads", hash)).into_iter()) {
            let number = entry.number;
            self.tell(format!(
                "the reads of entry {number} of the audit are not what the audit says"
            ));
        }
    }

    /// Looks for changes behind the last that has an entry.
    async fn check_rest(&mut self, connection: &mut SqliteConnection) -> Result<(), LedgerError> {
        let range = (self.sequence + 1, self.sequence.saturating_add(TOLD_MAX as i64));
        for (sequence, _) in change_times(connection, range).await? {
            self.tell(format!("change {sequence} has no entry in the audit"));
        }
        Ok(())
    }
}
