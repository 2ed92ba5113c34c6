//! What was ever said of an asset.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sqlx::Row;
use sqlx::sqlite::{Sqlite, SqliteConnection, SqliteRow};
use terrier_model::{Asset, AssetId, ChangeSet, Event, RecordedEvent, Verb, Version};

use super::class::ClassOfItsDay;
use super::event::event_of_row;
use super::read::{content, moment, to_moment};
use super::{Ledger, LedgerError};

impl Ledger {
    /// The versions of an asset that come after one of them (0: from the first), in order, at most
    /// so many; none when there is no such asset. Each has the events that had happened by its end,
    /// as they were known while it was. The class of each is as it was described when the version
    /// was recorded, but for the sensitivity of its fields, which is that of today.
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
        let mut reader = self.readers.begin().await.map_err(fault)?;
        Told::default().versions(&mut reader, id, after, limit).await
    }

    /// The events of an asset that were recorded after one of them (0: from the first), in the order
    /// of recording, at most so many; those too that no longer stand.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn events(
        &self,
        id: AssetId,
        after: u32,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, LedgerError> {
        let fault = LedgerError::while_doing("read the events of an asset");
        let mut reader = self.readers.begin().await.map_err(fault)?;
        Told::default().events(&mut reader, id, after, limit).await
    }
}

/// The classes and changes that the history of one asset after the other tells of, read once.
#[derive(Default)]
pub(super) struct Told {
    classes: HashMap<u32, ClassOfItsDay>,
    changes: HashMap<i64, ChangeSet>,
}

impl Told {
    async fn class(
        &mut self,
        reader: &mut SqliteConnection,
        number: u32,
    ) -> Result<&mut ClassOfItsDay, LedgerError> {
        Ok(match self.classes.entry(number) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => {
                let class = ClassOfItsDay::load(reader, number).await?;
                free.insert(class.ok_or_else(|| LedgerError::Broken {
                    what: format!("class number {number} has assets and no document"),
                })?)
            }
        })
    }

    /// As [`Ledger::history`].
    pub(super) async fn versions(
        &mut self,
        reader: &mut SqliteConnection,
        id: AssetId,
        after: u32,
        limit: u32,
    ) -> Result<Vec<Version>, LedgerError> {
        let fault = LedgerError::while_doing("read the history of an asset");
        let Some(number) = class_number(reader, id).await? else { return Ok(Vec::new()) };
        let rows = sqlx::query(include_str!("../sql/sqlite/select_versions_of_asset.sql"))
            .bind(&id.as_bytes()[..])
            .bind(after)
            .bind(limit)
            .fetch_all(&mut *reader)
            .await
            .map_err(&fault)?;
        let events = read_events(reader, number, id, 0, u32::MAX).await?;
        let mut versions = Vec::with_capacity(rows.len());
        for row in &rows {
            let valid_to: Option<i64> = row.try_get(2).map_err(&fault)?;
            let valid_to = valid_to.map(to_moment).transpose()?;
            let recorded_from = row.try_get(7).map_err(&fault)?;
            let form = self.class(reader, number).await?.form_at(reader, recorded_from).await?;
            let asset = Asset {
                id,
                class: Arc::clone(form.class()),
                version: row.try_get(0).map_err(&fault)?,
                valid_from: moment(row, 1)?,
                valid_to,
                content: content(row, 3, form)?,
                events: events_beside(&events, valid_to, row.try_get(8).map_err(&fault)?),
            };
            let mut change = [None, None, None];
            for (place, column) in [7, 8, 9].into_iter().enumerate() {
                let sequence: Option<i64> = row.try_get(column).map_err(&fault)?;
                if let Some(sequence) = sequence {
                    change[place] = Some(change_set(reader, &mut self.changes, sequence).await?);
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

    /// As [`Ledger::events`].
    pub(super) async fn events(
        &mut self,
        reader: &mut SqliteConnection,
        id: AssetId,
        after: u32,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, LedgerError> {
        let Some(number) = class_number(reader, id).await? else { return Ok(Vec::new()) };
        let mut recorded = Vec::new();
        for told in read_events(reader, number, id, after, limit).await? {
            let superseded = match told.to {
                Some(sequence) => Some(change_set(reader, &mut self.changes, sequence).await?),
                None => None,
            };
            recorded.push(RecordedEvent {
                number: told.number,
                event: told.event,
                recorded: change_set(reader, &mut self.changes, told.from).await?,
                superseded,
            });
        }
        Ok(recorded)
    }
}

/// The number of the class of an asset; `None` when there is no such asset.
async fn class_number(
    reader: &mut SqliteConnection,
    id: AssetId,
) -> Result<Option<u32>, LedgerError> {
    sqlx::query_scalar(include_str!("../sql/sqlite/select_asset_class.sql"))
        .bind(&id.as_bytes()[..])
        .fetch_optional(reader)
        .await
        .map_err(LedgerError::while_doing("read the history of an asset"))
}

/// An event and the changes between which it was known.
struct ToldEvent {
    number: u32,
    event: Event,
    from: i64,
    to: Option<i64>,
}

async fn read_events(
    reader: &mut SqliteConnection,
    class: u32,
    id: AssetId,
    after: u32,
    limit: u32,
) -> Result<Vec<ToldEvent>, LedgerError> {
    let fault = LedgerError::while_doing("read the events of an asset");
    let rows = sqlx::query(include_str!("../sql/sqlite/select_events_of_asset.sql"))
        .bind(class)
        .bind(&id.as_bytes()[..])
        .bind(after)
        .bind(limit)
        .fetch_all(reader)
        .await
        .map_err(&fault)?;
    let told = |row| {
        Ok(ToldEvent {
            number: row_value(row, 1)?,
            event: event_of_row(row)?,
            from: row_value(row, 9)?,
            to: row_value(row, 10)?,
        })
    };
    rows.iter().map(told).collect()
}

fn row_value<'r, T>(row: &'r SqliteRow, column: usize) -> Result<T, LedgerError>
where
    T: sqlx::Decode<'r, Sqlite> + sqlx::Type<Sqlite>,
{
    row.try_get(column).map_err(LedgerError::while_doing("read an event"))
}

/// What had happened by the end of a version, as it was known until the change that superseded it.
fn events_beside(
    events: &[ToldEvent],
    valid_to: Option<Timestamp>,
    superseded: Option<i64>,
) -> Vec<Event> {
    // The day on which a version ends is one of its days.
    let last = valid_to.map(|end| TimeZone::UTC.to_datetime(end).date());
    let is_beside = |told: &&ToldEvent| {
        last.is_none_or(|last| told.event.on <= last)
            && match superseded {
                None => told.to.is_none(),
                Some(end) => told.from < end && told.to.is_none_or(|to| to >= end),
            }
    };
    let mut beside: Vec<Event> =
        events.iter().filter(is_beside).map(|told| told.event.clone()).collect();
    beside.sort_by_key(|event| event.on);
    beside
}

pub(super) async fn change_set(
    reader: &mut SqliteConnection,
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
        source: row.try_get(6).map_err(&fault)?,
    };
    known.insert(sequence, change.clone());
    Ok(change)
}
