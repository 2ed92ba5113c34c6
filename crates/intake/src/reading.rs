//! Reads a file on a thread of its own, and hands on what has passed the check of its class.

use std::sync::Arc;

use terrier_exchange::{Happened, Mapper, Mapping, Outcome, ReadError, Row, SourceFile, Untaken};
use terrier_model::{Checked, Fault};
use terrier_store::{Arrival, Occurrence};
use tokio::sync::mpsc;

use crate::leave::{self, Writable};

/// How many rows go to the ledger at once.
const BATCH_ROWS: usize = 500;

/// How many batches may wait for the ledger.
pub(crate) const BATCHES_WAITING: usize = 4;

/// Rows on their way from the file to the ledger.
#[derive(Default)]
pub(crate) struct Batch {
    /// Rows that have passed the check of their class.
    pub(crate) arrivals: Vec<(Row, Arrival)>,
    /// Rows that tell what happened to assets that are known.
    pub(crate) occurrences: Vec<(Row, Occurrence)>,
    pub(crate) refused: Vec<(Row, Vec<Fault>)>,
    pub(crate) not_taken: u64,
    /// How far the file has been read.
    pub(crate) end: u64,
}

/// Reads the file to its end, or until nobody takes the batches any more.
pub(crate) fn read(
    file: SourceFile,
    mapping: Arc<Mapping>,
    writable: &Writable,
    sender: &mpsc::Sender<Batch>,
) -> Result<Untaken, ReadError> {
    let mut mapper = Mapper::new(mapping, file.description());
    let mut batch = Batch::default();
    for row in file {
        let row = row?;
        batch.end = row.end;
        match mapper.read(&row) {
            Outcome::NotTaken => batch.not_taken += 1,
            Outcome::Refused(faults) => batch.refused.push((row, faults)),
            Outcome::Happened(happened) => {
                let Happened { id, external_key, class, events } = happened;
                let class = class.map(|class| class.name().into());
                let occurrence = Occurrence { name: leave::name(id, external_key), class, events };
                batch.occurrences.push((row, occurrence));
            }
            Outcome::Draft { class, draft } => match writable.check(&class, draft) {
                Err(faults) => batch.refused.push((row, faults)),
                Ok((name, Checked { content, given, events })) => {
                    batch.arrivals.push((row, Arrival { class, name, content, given, events }));
                }
            },
        }
        if batch.arrivals.len() + batch.occurrences.len() + batch.refused.len() >= BATCH_ROWS
            && sender.blocking_send(std::mem::take(&mut batch)).is_err()
        {
            // Nobody wants the rest; why, they know.
            return Ok(mapper.into_untaken());
        }
    }
    let _ = sender.blocking_send(batch);
    Ok(mapper.into_untaken())
}
