//! The work of one import: from its file to its end.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value as Json;
use terrier_exchange::SourceFile;
use terrier_store::{Change, ErrorChain, Request};
use tokio::sync::OwnedSemaphorePermit;

use super::record::{ImportId, Record, State};
use super::{
    ImportsError, MAX_KEPT_IMPORT_BYTES, MAX_KEPT_IMPORTS, MAX_REFUSED_ROWS_BYTES, Sent, Shared,
};
use crate::error::IntakeError;
use crate::order::{Order, RefusedRows, take_in};
use crate::outcome::{Outcomes, report_json};

/// A file that has arrived, with what is wanted of it.
pub(super) struct Work {
    pub(super) id: ImportId,
    pub(super) path: PathBuf,
    pub(super) sent: Sent,
    pub(super) request: Request,
    pub(super) rows: Arc<AtomicU64>,
    /// Its place among those on their way, which is free again when the work is done.
    pub(super) _place: Option<OwnedSemaphorePermit>,
}

/// Takes the file in when it is its turn, and keeps what came of it.
pub(super) async fn run(shared: Arc<Shared>, work: Work) {
    let id = work.id;
    let done = {
        let _turn = shared.turn.lock().await;
        shared.tell(id, |record| record.state = State::Running).await;
        take(&shared, &work).await
    };
    let end = match done {
        Ok((outcomes, report)) => {
            // Whoever hears that it is done finds it.
            shared.registry.show(outcomes.ledger.sequence).await;
            End::Read(Box::new(outcomes), report)
        }
        Err(error) => End::Failed(error),
    };
    shared.end(id, end).await;
    shared.forget_oldest().await;
}

/// How an import came to its end.
enum End {
    Read(Box<Outcomes>, Json),
    Failed(IntakeError),
}

async fn take(shared: &Shared, work: &Work) -> Result<(Outcomes, Json), IntakeError> {
    let Work { id, path, sent, request, rows, _place } = work;
    let (path, name, said) = (path.clone(), sent.file.clone(), sent.options.clone());
    let otherwise = sent.mapping.options().clone();
    let opened = tokio::task::spawn_blocking(move || {
        let file = SourceFile::open_named(&path, &name, &said.clone().or(&otherwise))?;
        let format = file.description().format;
        match said.foreign_to(format) {
            Some(option) => Err(IntakeError::Foreign { option, file: name, format: format.name() }),
            None => Ok(file),
        }
    });
    let file = opened.await.map_err(|source| IntakeError::Lost { source })??;
    let description = file.description().clone();
    let order = Order {
        file,
        mapping: Arc::clone(&sent.mapping),
        change: Change { recorded_at: (shared.now)(), ..sent.change.clone() },
        request: Some(request.clone()),
        scope: sent.scope.clone(),
        purpose: sent.purpose,
        strict: sent.strict,
        refused_rows: Some(RefusedRows {
            path: shared.folders.refused(*id),
            max_bytes: MAX_REFUSED_ROWS_BYTES,
        }),
    };
    let progress = |read, _| rows.store(read, Ordering::Relaxed);
    let outcomes = take_in(shared.registry.ledger(), order, shared.new_id, progress).await?;
    let report = report_json(&description, &outcomes, sent.purpose);
    Ok((outcomes, report))
}

impl Shared {
    /// Changes what is told of an import, and keeps it.
    async fn tell(self: &Arc<Self>, id: ImportId, change: impl FnOnce(&mut Record)) {
        let Some(mut record) = self.kept().get(&id).map(|kept| kept.told.borrow().clone()) else {
            return;
        };
        change(&mut record);
        let (folders, written) = (Arc::clone(&self.folders), record.clone());
        let written = tokio::task::spawn_blocking(move || folders.keep(id, &written)).await;
        told_to_log("the state of an import", written);
        if let Some(kept) = self.kept().get_mut(&id) {
            kept.told.send_replace(record);
        }
    }

    async fn end(self: &Arc<Self>, id: ImportId, end: End) {
        let report = match &end {
            End::Read(_, report) => Some(report.clone()),
            End::Failed(_) => None,
        };
        let has_refused = matches!(&end, End::Read(outcomes, _) if outcomes.kept > 0);
        let folders = Arc::clone(&self.folders);
        let kept = tokio::task::spawn_blocking(move || {
            let refused = folders.refused(id);
            // A file of no rows is of no use.
            if !has_refused && refused.exists() {
                std::fs::remove_file(&refused)?;
            }
            let mut bytes = std::fs::metadata(&refused).map_or(0, |found| found.len());
            if let Some(report) = report {
                bytes += folders.keep_report(id, &report)?;
            }
            folders.clear(id)?;
            Ok(bytes)
        });
        let kept_bytes = told_to_log("the report of an import", kept.await).unwrap_or_default();
        let now = (self.now)().as_microsecond();
        self.tell(id, |record| {
            record.kept_bytes = kept_bytes;
            record.ended_us = Some(now);
            match end {
                End::Read(outcomes, _) => {
                    record.state = if outcomes.stopped { State::Refused } else { State::Done };
                    record.rows = outcomes.rows;
                    record.change = outcomes.ledger.sequence;
                    record.refused_kept = (outcomes.kept > 0).then_some(outcomes.kept);
                }
                End::Failed(error) => {
                    record.state = State::Failed;
                    let (told, is_of_sender) = in_words(&error);
                    (record.error, record.is_of_sender) = (Some(told), is_of_sender);
                }
            }
        })
        .await;
    }

    /// Lets the oldest go that came to their end, where there are too many or they are too large.
    async fn forget_oldest(self: &Arc<Self>) {
        let gone = {
            let mut kept = self.kept();
            let ended: Vec<(ImportId, u64)> = kept
                .iter()
                .rev()
                .filter(|(_, kept)| kept.told.borrow().state.is_end())
                .map(|(id, kept)| (*id, kept.told.borrow().kept_bytes))
                .collect();
            let gone = beyond(&ended);
            for id in &gone {
                kept.remove(id);
            }
            gone
        };
        if gone.is_empty() {
            return;
        }
        let folders = Arc::clone(&self.folders);
        let removed = tokio::task::spawn_blocking(move || {
            gone.into_iter().try_for_each(|id| folders.remove(id))
        });
        told_to_log("imports that are not kept any more", removed.await);
    }
}

/// Those of the imports, the newest first with the bytes that are kept of each, that are too many.
fn beyond(ended: &[(ImportId, u64)]) -> Vec<ImportId> {
    let mut bytes = 0_u64;
    let kept = ended.iter().take(MAX_KEPT_IMPORTS).take_while(|(_, own)| {
        bytes = bytes.saturating_add(*own);
        bytes <= MAX_KEPT_IMPORT_BYTES
    });
    // The newest is told in any case.
    let kept = kept.count().max(1);
    ended.iter().skip(kept).map(|(id, _)| *id).collect()
}

/// What failed, for whoever sent the file, and whether that is theirs to mend. Our own failures are told to
/// the log.
fn in_words(error: &IntakeError) -> (String, bool) {
    match error {
        IntakeError::Read(_) | IntakeError::Foreign { .. } => (ErrorChain(error).to_string(), true),
        IntakeError::Ledger(
            busy @ (terrier_store::LedgerError::Busy
            | terrier_store::LedgerError::ClassChanged { .. }),
        ) => (busy.to_string(), false),
        IntakeError::Ledger(_) | IntakeError::Faults(_) | IntakeError::Lost { .. } => {
            tracing::error!(error = %ErrorChain(error), "an import failed");
            ("the server failed; its log says why".into(), false)
        }
    }
}

/// What came of work on a thread of its own; what went wrong is told to the log, for nobody waits for it.
fn told_to_log<T>(
    what: &str,
    done: Result<std::io::Result<T>, tokio::task::JoinError>,
) -> Option<T> {
    let done = done.map_err(ImportsError::lost).and_then(|done| done.map_err(ImportsError::kept));
    done.inspect_err(|error| {
        tracing::error!(error = %ErrorChain(error), "cannot keep {what}");
    })
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use terrier_model::AssetId;

    fn check(bytes: &[u64], expected: usize) {
        let id = |number: usize| {
            let mut random = [0; 10];
            random[9] = u8::try_from(number).expect("few");
            ImportId::new(AssetId::new(jiff::Timestamp::UNIX_EPOCH, random))
        };
        let ended: Vec<(ImportId, u64)> =
            bytes.iter().enumerate().map(|(number, bytes)| (id(number), *bytes)).collect();
        let gone: Vec<ImportId> = (expected..bytes.len()).map(id).collect();
        assert_eq!(beyond(&ended), gone, "{} imports", bytes.len());
    }

    #[test]
    fn the_oldest_imports_go_when_they_are_too_many_or_too_large() {
        check(&[], 0);
        check(&[1; MAX_KEPT_IMPORTS], MAX_KEPT_IMPORTS);
        check(&[1; MAX_KEPT_IMPORTS + 1], MAX_KEPT_IMPORTS);
        check(&[MAX_KEPT_IMPORT_BYTES - 1, 1, 0], 3);
        check(&[MAX_KEPT_IMPORT_BYTES - 1, 2, 0], 1);
        check(&[MAX_KEPT_IMPORT_BYTES + 1, 0], 1);
    }
}
