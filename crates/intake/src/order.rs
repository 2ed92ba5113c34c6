//! One file that is taken in: what is wanted of it, and how it is done.

use std::path::PathBuf;
use std::sync::Arc;

use terrier_exchange::{FaultFile, Mapping, Row, SourceFile};
use terrier_model::{AssetId, Scope};
use terrier_store::{Arrival, Change, ChangeReport, ChangeSession, Ledger, Occurrence, Request};
use tokio::sync::mpsc;

use crate::error::IntakeError;
use crate::leave::Writable;
use crate::outcome::{Outcomes, TOLD_MAX};
use crate::reading::{BATCHES_WAITING, Batch, read};

/// What is wanted of a file.
#[derive(Debug)]
pub struct Order {
    /// The file, opened.
    pub file: SourceFile,
    /// Whose rows become what.
    pub mapping: Arc<Mapping>,
    /// What is said of the change as a whole.
    pub change: Change,
    /// What its sender calls it, so that it is taken in once.
    pub request: Option<Request>,
    /// How much of the register its sender may change.
    pub scope: Scope,
    /// Whether it is written.
    pub purpose: Purpose,
    /// Whether nothing is taken when any row is refused; it stops soon after the first.
    pub strict: bool,
    /// Where the refused rows are kept; nowhere for `None`.
    pub refused_rows: Option<RefusedRows>,
}

/// What a file is taken in for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Purpose {
    /// To be kept.
    Write,
    /// To see what would come of it; nothing is written.
    Rehearse,
}

/// Where the refused rows are kept.
#[derive(Clone, Debug)]
pub struct RefusedRows {
    /// The file that is made of them.
    pub path: PathBuf,
    /// So many bytes of rows are kept at most, and one row more; the others are counted.
    pub max_bytes: u64,
}

/// Takes a file in as one change, or nothing of it. `progress` hears after each batch how many rows there
/// were, and how far the file has been read in the unit of its [`terrier_exchange::Extent`]. Dropping what
/// it answers leaves nothing.
///
/// # Errors
/// When the file cannot be read to its end, the registry not written, or the refused rows not kept; then
/// nothing was taken.
pub async fn take_in(
    ledger: &Ledger,
    order: Order,
    new_id: impl Fn() -> AssetId,
    mut progress: impl FnMut(u64, u64),
) -> Result<Outcomes, IntakeError> {
    let Order { file, mapping, change, request, scope, purpose, strict, refused_rows } = order;
    let mut faults = match refused_rows {
        Some(RefusedRows { path, max_bytes }) => {
            Some((FaultFile::create(&path, file.description())?, max_bytes))
        }
        None => None,
    };
    let writable = Writable::of(&scope, &mapping);
    let mut outcomes = Outcomes { are_events: mapping.is_of_events(), ..Outcomes::default() };
    let mut session = ledger.begin_requested(change, request.as_ref()).await?;
    let (sender, mut receiver) = mpsc::channel(BATCHES_WAITING);
    let reading = tokio::task::spawn_blocking(move || read(file, mapping, &writable, &sender));
    while let Some(batch) = receiver.recv().await {
        let end = batch.end;
        take(&mut session, batch, &mut faults, &new_id, &mut outcomes).await?;
        progress(outcomes.rows, end);
        outcomes.stopped = strict && outcomes.refused > 0;
        if outcomes.stopped {
            break;
        }
    }
    // Who still reads hears from this that nobody wants more.
    drop(receiver);
    let read = reading.await.map_err(|source| IntakeError::Lost { source })?;
    outcomes.untaken = read?;
    // Before the commit, for a failure means that nothing was taken.
    if let Some((file, _)) = faults {
        outcomes.kept = file.finish()?;
    }
    outcomes.ledger = match purpose {
        _ if outcomes.stopped => {
            session.abandon().await?;
            ChangeReport::default()
        }
        Purpose::Rehearse => session.abandon().await?,
        Purpose::Write => session.commit().await?,
    };
    Ok(outcomes)
}

/// Takes a batch of rows into the change.
async fn take(
    session: &mut ChangeSession,
    batch: Batch,
    faults: &mut Option<(FaultFile, u64)>,
    new_id: &impl Fn() -> AssetId,
    outcomes: &mut Outcomes,
) -> Result<(), IntakeError> {
    let Batch { arrivals, occurrences, mut refused, not_taken, end: _ } = batch;
    outcomes.rows += (arrivals.len() + occurrences.len() + refused.len()) as u64 + not_taken;
    outcomes.not_taken += not_taken;
    let (rows, arrivals): (Vec<Row>, Vec<Arrival>) = arrivals.into_iter().unzip();
    let refusals = session.put(arrivals, new_id).await?;
    if !refusals.is_empty() {
        let mut rows: Vec<Option<Row>> = rows.into_iter().map(Some).collect();
        for refusal in refusals {
            refused.extend(rows[refusal.place].take().map(|row| (row, refusal.faults)));
        }
    }
    if !occurrences.is_empty() {
        let (rows, occurrences): (Vec<Row>, Vec<Occurrence>) = occurrences.into_iter().unzip();
        let taken = session.put_events(occurrences).await?;
        let wrong = rows.into_iter().zip(taken);
        refused.extend(wrong.filter_map(|(row, taken)| Some((row, taken.err()?))));
    }
    refused.sort_by_key(|(row, _)| row.number);
    for (row, found) in refused {
        if let Some((file, max_bytes)) = faults
            && file.bytes() < *max_bytes
        {
            file.write(&row, &found)?;
        }
        outcomes.refused += 1;
        if outcomes.told.len() < TOLD_MAX {
            outcomes.told.push((row.number, found));
        }
    }
    Ok(())
}
