//! Undoing a change as a whole: what it said is taken back as a correction, and what stood before it is
//! said again. Nothing is deleted; both stay in the history.

use sqlx::Row;
use sqlx::sqlite::SqliteQueryResult;
use terrier_model::AssetId;

use super::change::{Change, ChangeReport, ChangeSession};
use super::read::asset_id;
use super::{Ledger, LedgerError, audit};

/// So many later edits that stand in the way of undoing a change are told.
pub const MAX_TOLD_LATER: u32 = 100;

/// What came of undoing a change.
#[derive(Clone, Debug, PartialEq)]
pub enum RevertAnswer {
    /// It is undone, or would be.
    Done(ChangeReport),
    /// Later changes speak of the same assets; these are the first [`MAX_TOLD_LATER`].
    InTheWay(Vec<LaterEdit>),
    /// The change says nothing of assets.
    NotOfAssets,
    /// There is no such change.
    Missing,
}

/// What a later change said of an asset.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LaterEdit {
    /// The class of the asset.
    pub class: String,
    /// The asset.
    pub id: AssetId,
    /// The change.
    pub sequence: u64,
}

impl Ledger {
    /// Undoes a change as another one, all of it or nothing; that can be undone again. Costs as much as
    /// the change did.
    ///
    /// # Errors
    /// [`LedgerError::Busy`] when another writer takes too long, and when the ledger cannot be written;
    /// nothing is written then.
    pub async fn revert(
        &self,
        sequence: u64,
        change: Change,
        rehearse: bool,
    ) -> Result<RevertAnswer, LedgerError> {
        let mut session = self.begin_change(change).await?;
        let undone = sequence.cast_signed();
        let answer = match session.is_of_assets(undone).await? {
            None => Some(RevertAnswer::Missing),
            // The change that undoes it is recorded already, and is none to undo.
            Some(_) if undone >= session.sequence => Some(RevertAnswer::Missing),
            Some(false) => Some(RevertAnswer::NotOfAssets),
            Some(true) => {
                let later = session.later_edits(undone).await?;
                (!later.is_empty()).then_some(RevertAnswer::InTheWay(later))
            }
        };
        if let Some(answer) = answer {
            session.abandon().await?;
            return Ok(answer);
        }
        session.undo(undone).await?;
        let report = if rehearse {
            session.abandon().await?
        } else {
            let report = session.complete_with(audit::undoing_digests).await?;
            session.commit_as(report).await?
        };
        Ok(RevertAnswer::Done(report))
    }
}

impl ChangeSession {
    async fn is_of_assets(&mut self, sequence: i64) -> Result<Option<bool>, LedgerError> {
        sqlx::query_scalar(include_str!("../sql/sqlite/select_is_of_assets.sql"))
            .bind(sequence)
            .fetch_optional(&mut *self.transaction)
            .await
            .map_err(LedgerError::while_doing("look what a change is of"))
    }

    async fn later_edits(&mut self, sequence: i64) -> Result<Vec<LaterEdit>, LedgerError> {
        let fault = LedgerError::while_doing("look for what stands in the way of undoing a change");
        let rows = sqlx::query(include_str!("../sql/sqlite/select_later_edits.sql"))
            .bind(sequence)
            .bind(MAX_TOLD_LATER)
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(&fault)?;
        let later = rows.iter().map(|row| {
            let sequence: i64 = row.try_get(2).map_err(&fault)?;
            Ok(LaterEdit {
                class: row.try_get(0).map_err(&fault)?,
                id: asset_id(row, 1)?,
                sequence: sequence.cast_unsigned(),
            })
        });
        later.collect()
    }

    async fn undo(&mut self, sequence: i64) -> Result<(), LedgerError> {
        let restored = include_str!("../sql/sqlite/restore_versions.sql");
        self.report.changed = self.undo_by(restored, sequence).await?;
        self.supersede_versions(sequence).await?;
        let retired = include_str!("../sql/sqlite/retire_unrestored.sql");
        self.report.retired = self.undo_by(retired, sequence).await?;
        let events = include_str!("../sql/sqlite/restore_events.sql");
        self.report.events.recorded = self.undo_by(events, sequence).await?;
        let events = include_str!("../sql/sqlite/supersede_events_of_change.sql");
        self.report.events.superseded = self.undo_by(events, sequence).await?;
        Ok(())
    }

    async fn supersede_versions(&mut self, sequence: i64) -> Result<(), LedgerError> {
        let superseded: Vec<i64> =
            sqlx::query_scalar(include_str!("../sql/sqlite/supersede_versions_of_change.sql"))
                .bind(sequence)
                .bind(self.sequence)
                .fetch_all(&mut *self.transaction)
                .await
                .map_err(LedgerError::while_doing("undo a change"))?;
        superseded.into_iter().for_each(|number| self.written.version_end(number, None));
        Ok(())
    }

    /// Executes one of the statements that undo a change, and answers how many rows it wrote.
    async fn undo_by(
        &mut self,
        statement: &'static str,
        sequence: i64,
    ) -> Result<u64, LedgerError> {
        sqlx::query(statement)
            .bind(sequence)
            .bind(self.sequence)
            .execute(&mut *self.transaction)
            .await
            .map(|done: SqliteQueryResult| done.rows_affected())
            .map_err(LedgerError::while_doing("undo a change"))
    }
}
