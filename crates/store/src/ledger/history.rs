//! What was ever said of an asset.

use std::collections::HashMap;
use std::sync::Arc;

use sqlx::Row;
use terrier_model::{Asset, AssetId, ChangeSet, Verb, Version};

use super::read::{content, moment, to_moment};
use super::{Ledger, LedgerError, class};

impl Ledger {
    /// The versions of an asset that come after one of them (0: from the first), in order, at most
    /// so many; none when there is no such asset.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn history(
        &self,
        id: AssetId,
        after: u32,
        limit: u32,
    ) -> Result<Vec<Version>, LedgerError> {
        let fault = LedgerError::while_doing("read the history of an asset");
        let mut reader = self.readers.begin().await.map_err(&fault)?;
        let number: Option<u32> =
            sqlx::query_scalar(include_str!("../sql/sqlite/select_asset_class.sql"))
                .bind(&id.as_bytes()[..])
                .fetch_optional(&mut *reader)
                .await
                .map_err(&fault)?;
        let Some(number) = number else { return Ok(Vec::new()) };
        let classes = class::load(&mut reader).await?;
        let known = classes.into_iter().find(|known| known.number == number);
        let known = known.ok_or_else(|| LedgerError::Broken {
            what: format!("asset {id} is of class number {number}, which has no document"),
        })?;
        let rows = sqlx::query(include_str!("../sql/sqlite/select_versions_of_asset.sql"))
            .bind(&id.as_bytes()[..])
            .bind(after)
            .bind(limit)
            .fetch_all(&mut *reader)
            .await
            .map_err(&fault)?;
        let mut changes = HashMap::new();
        let mut versions = Vec::with_capacity(rows.len());
        for row in &rows {
            let valid_to: Option<i64> = row.try_get(2).map_err(&fault)?;
            let asset = Asset {
                id,
                class: Arc::clone(known.form.class()),
                version: row.try_get(0).map_err(&fault)?,
                valid_from: moment(row, 1)?,
                valid_to: valid_to.map(to_moment).transpose()?,
                content: content(row, 3, &known.form)?,
            };
            let mut change = [None, None, None];
            for (place, column) in [7, 8, 9].into_iter().enumerate() {
                let sequence: Option<i64> = row.try_get(column).map_err(&fault)?;
                if let Some(sequence) = sequence {
                    change[place] = Some(change_set(&mut reader, &mut changes, sequence).await?);
                }
            }
            let [recorded, superseded, ended] = change;
            let recorded = recorded.ok_or_else(|| LedgerError::Broken {
                what: format!("a version of asset {id} that no change recorded"),
            })?;
            versions.push(Version { asset, recorded, superseded, ended });
        }
        Ok(versions)
    }
}

async fn change_set(
    reader: &mut sqlx::SqliteConnection,
    known: &mut HashMap<i64, ChangeSet>,
    sequence: i64,
) -> Result<ChangeSet, LedgerError> {
    if let Some(change) = known.get(&sequence) {
        return Ok(change.clone());
    }
    let fault = LedgerError::while_doing("read a change");
    let row = sqlx::query(include_str!("../sql/sqlite/select_change_set.sql"))
        .bind(sequence)
        .fetch_one(reader)
        .await
        .map_err(&fault)?;
    let code: String = row.try_get(3).map_err(&fault)?;
    let verb = Verb::from_code(&code)
        .ok_or_else(|| LedgerError::Broken { what: format!("a change of verb `{code}`") })?;
    let change = ChangeSet {
        sequence: sequence.cast_unsigned(),
        recorded_at: moment(&row, 1)?,
        actor: row.try_get(2).map_err(&fault)?,
        verb,
        reason: row.try_get(4).map_err(&fault)?,
        origin: row.try_get(5).map_err(&fault)?,
    };
    known.insert(sequence, change.clone());
    Ok(change)
}
