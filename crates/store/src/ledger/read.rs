//! Reading the ledger at one moment: what is known now, in the order in which it is served.

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sqlx::Row;
use sqlx::sqlite::{Sqlite, SqliteRow};
use terrier_catalog::FeatureQuery;
use terrier_model::{Asset, AssetId, Class, Content, DueState, Event, WorkKind};
use terrier_spatial::Shape;

use super::content::ContentForm;
use super::event::events_of_json;
use super::rule::RuleTrial;
use super::work::state_of;
use super::{KnownClass, Ledger, LedgerError, access, rule, setting};
use crate::access::Access;
use crate::rules::Rules;

/// How many rows are taken from SQLite's thread at once, at the most.
const ROWS_A_BUNCH: usize = 64;

/// A view of the ledger in which nothing changes while it is read.
pub(crate) struct Reading {
    transaction: sqlx::Transaction<'static, Sqlite>,
    classes: Arc<[KnownClass]>,
    sequence: u64,
}

impl Ledger {
    /// Starts to read, as of the last change that is complete.
    pub(crate) async fn read(&self) -> Result<Reading, LedgerError> {
        let fault = LedgerError::while_doing("start to read the ledger");
        let mut transaction = self.readers.begin().await.map_err(&fault)?;
        let row = sqlx::query(include_str!("../sql/sqlite/select_last_change.sql"))
            .fetch_one(&mut *transaction)
            .await
            .map_err(&fault)?;
        let sequence: i64 = row.try_get(0).map_err(&fault)?;
        let classes = self.known_classes(&mut transaction).await?;
        Ok(Reading { transaction, classes, sequence: sequence.cast_unsigned() })
    }

    /// The last complete change.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn last_change(&self) -> Result<u64, LedgerError> {
        let fault = LedgerError::while_doing("read the last change");
        let row = sqlx::query(include_str!("../sql/sqlite/select_last_change.sql"))
            .fetch_one(&self.readers)
            .await
            .map_err(&fault)?;
        let sequence: i64 = row.try_get(0).map_err(&fault)?;
        Ok(sequence.cast_unsigned())
    }

    /// The classes of the registry, but for retired ones.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn classes(&self) -> Result<terrier_model::Classes, LedgerError> {
        let reading = self.read().await?;
        let classes = reading.classes.iter().map(|known| known.form.class().as_ref());
        Ok(classes.filter(|class| !class.is_retired()).cloned().collect())
    }

    /// Hands out all assets that a question is after, in order, straight from the ledger: a plain
    /// reading of every asset of the collection, in bounded memory. Ends when `take` says no.
    ///
    /// # Errors
    /// When the ledger cannot be read, and [`LedgerError::ClassChanged`] when the class of the
    /// question has other fields now.
    pub async fn for_each(
        &self,
        query: &FeatureQuery,
        mut take: impl FnMut(&Asset) -> bool,
    ) -> Result<(), LedgerError> {
        self.for_each_judged(query, |asset, _| take(asset)).await
    }

    /// The same, telling beside each asset how it stands with work of a kind, where the question
    /// asks for it. Costs a judgement of the asset for each kind that is asked for.
    ///
    /// # Errors
    /// As [`Ledger::for_each`].
    pub async fn for_each_judged(
        &self,
        query: &FeatureQuery,
        mut take: impl FnMut(&Asset, &dyn Fn(WorkKind) -> Option<DueState>) -> bool,
    ) -> Result<(), LedgerError> {
        let mut reading = self.read().await?;
        let rules = match query.judged_on() {
            Some(_) => reading.rules(&Arc::default()).await?,
            None => Arc::default(),
        };
        for place in 0..reading.classes.len() {
            let class = Arc::clone(reading.class(place).1);
            if class.is_retired() || !query.collection().covers(&class) {
                continue;
            }
            if query.collection().class().is_some_and(|asked| !asked.is_laid_out_as(&class)) {
                return Err(LedgerError::ClassChanged { class: class.name().into() });
            }
            let judge = query.judged_on().map(|day| rules.judge(&class, day.on));
            let mut wanted = true;
            reading
                .standing(place, None, |asset| {
                    let Some(asset) = query.scope().given_asset(&asset) else { return true };
                    let due_state =
                        |kind| judge.as_ref().and_then(|judge| state_of(&asset, judge, kind));
                    wanted = !query.matches(&asset, due_state) || take(&asset, &due_state);
                    wanted
                })
                .await?;
            if !wanted {
                break;
            }
        }
        Ok(())
    }
}

impl Reading {
    /// The rules, given those that were known: the same where nothing of them has changed.
    pub(crate) async fn rules(&mut self, known: &Arc<Rules>) -> Result<Arc<Rules>, LedgerError> {
        rule::load(&mut self.transaction, &self.classes, known).await
    }

    /// The rules as they are, and as they would be with a pack in the place of the one of its name.
    pub(super) async fn rules_with(
        &mut self,
        pack: &str,
        text: &str,
    ) -> Result<RuleTrial, LedgerError> {
        rule::with_pack(&mut self.transaction, &self.classes, pack, text).await
    }

    /// The time zone in which the registry's days begin and end.
    pub(crate) async fn time_zone(&mut self) -> Result<TimeZone, LedgerError> {
        setting::load(&mut self.transaction).await
    }

    /// Who may see and do what, given what was known.
    pub(crate) async fn access(&mut self, known: &Arc<Access>) -> Result<Arc<Access>, LedgerError> {
        access::load(&mut self.transaction, known).await
    }

    /// The last change that this reading knows.
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// How many classes there are, in the order of their names.
    pub(crate) fn class_count(&self) -> usize {
        self.classes.len()
    }

    /// The number and description of a class, by its place.
    pub(crate) fn class(&self, place: usize) -> (u32, &Arc<Class>) {
        let known = &self.classes[place];
        (known.number, known.form.class())
    }

    /// The assets that have changed since a place in the change sequence, in the order of their ids,
    /// each with the number of its class.
    pub(crate) async fn changed_since(
        &mut self,
        sequence: u64,
    ) -> Result<Vec<(AssetId, u32)>, LedgerError> {
        let fault = LedgerError::while_doing("read which assets have changed");
        sqlx::query(include_str!("../sql/sqlite/select_changed_ids.sql"))
            .bind(sequence.cast_signed())
            .fetch(&mut *self.transaction)
            .map_err(&fault)
            .and_then(|row| std::future::ready(changed_asset(&row)))
            .try_collect()
            .await
    }

    /// The assets that have been retired since a place in the change sequence and do not stand again, in
    /// the order of their ids.
    pub(crate) async fn retired_since(
        &mut self,
        sequence: u64,
    ) -> Result<Vec<AssetId>, LedgerError> {
        let fault = LedgerError::while_doing("read which assets were retired");
        sqlx::query(include_str!("../sql/sqlite/select_retired_ids.sql"))
            .bind(sequence.cast_signed())
            .fetch(&mut *self.transaction)
            .map_err(&fault)
            .and_then(|row| std::future::ready(asset_id(&row, 0)))
            .try_collect()
            .await
    }

    /// Hands out the assets of a class as they are known now, in the order of places: all of them,
    /// or those that have changed since a place in the change sequence. Ends when `take` says no.
    pub(crate) async fn standing(
        &mut self,
        class: usize,
        since: Option<u64>,
        mut take: impl FnMut(Asset) -> bool,
    ) -> Result<(), LedgerError> {
        let known = &self.classes[class];
        let fault = LedgerError::while_doing("read assets");
        let has_events: bool =
            sqlx::query_scalar(include_str!("../sql/sqlite/select_has_events.sql"))
                .bind(known.number)
                .fetch_one(&mut *self.transaction)
                .await
                .map_err(&fault)?;
        let query = match (since, has_events) {
            (None, false) => {
                sqlx::query(include_str!("../sql/sqlite/select_standing_of_class.sql"))
            }
            (None, true) => {
                sqlx::query(include_str!("../sql/sqlite/select_standing_with_events.sql"))
            }
            (Some(sequence), false) => {
                sqlx::query(include_str!("../sql/sqlite/select_changed_of_class.sql"))
                    .bind(sequence.cast_signed())
            }
            (Some(sequence), true) => {
                sqlx::query(include_str!("../sql/sqlite/select_changed_with_events.sql"))
                    .bind(sequence.cast_signed())
            }
        };
        let rows = query.bind(known.number).fetch(&mut *self.transaction);
        // SQLite reads on a thread of its own; taking its rows in bunches spares most wake-ups.
        let mut bunches = rows.ready_chunks(ROWS_A_BUNCH);
        while let Some(bunch) = bunches.next().await {
            for row in bunch {
                let row = row.map_err(&fault)?;
                let asset = Asset {
                    id: asset_id(&row, 0)?,
                    class: Arc::clone(known.form.class()),
                    version: row.try_get(1).map_err(&fault)?,
                    valid_from: moment(&row, 2)?,
                    valid_to: None,
                    content: content(&row, 3, &known.form)?,
                    events: if has_events { events(&row, 7)? } else { Vec::new() },
                };
                if !take(asset) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

fn changed_asset(row: &SqliteRow) -> Result<(AssetId, u32), LedgerError> {
    Ok((asset_id(row, 0)?, row.try_get(1).map_err(unreadable)?))
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
fn unreadable(source: sqlx::Error) -> LedgerError {
    LedgerError::Broken { what: source.to_string() }
}

pub(super) fn asset_id(row: &SqliteRow, column: usize) -> Result<AssetId, LedgerError> {
    let bytes: &[u8] = row.try_get(column).map_err(unreadable)?;
    let bytes = bytes.try_into().map_err(|_| LedgerError::Broken {
        what: format!("an id of {} bytes, expected 16", bytes.len()),
    })?;
    Ok(AssetId::from_bytes(bytes))
}

pub(super) fn moment(row: &SqliteRow, column: usize) -> Result<Timestamp, LedgerError> {
    let micros: i64 = row.try_get(column).map_err(unreadable)?;
    to_moment(micros)
}

pub(super) fn to_moment(micros: i64) -> Result<Timestamp, LedgerError> {
    Timestamp::from_microsecond(micros)
        .map_err(|_| LedgerError::Broken { what: format!("a time of {micros} microseconds") })
}

pub(super) fn events(row: &SqliteRow, column: usize) -> Result<Vec<Event>, LedgerError> {
    events_of_json(row.try_get(column).map_err(unreadable)?)
}

pub(super) fn shape(row: &SqliteRow, column: usize) -> Result<Shape, LedgerError> {
    let wkb: &[u8] = row.try_get(column).map_err(unreadable)?;
    Shape::from_wkb(wkb)
        .map_err(|error| LedgerError::Broken { what: format!("a geometry: {error}") })
}

/// Reads a content of which geometry, length, area and fields stand in four columns from `first` on.
pub(super) fn content(
    row: &SqliteRow,
    first: usize,
    form: &ContentForm,
) -> Result<Content, LedgerError> {
    let shape = shape(row, first)?;
    let length: f64 = row.try_get(first + 1).map_err(unreadable)?;
    let area: f64 = row.try_get(first + 2).map_err(unreadable)?;
    let text: &str = row.try_get(first + 3).map_err(unreadable)?;
    form.read(text, shape, length, area).map_err(|error| LedgerError::Broken {
        what: format!("the fields of one of the {}: {error}", form.class().name()),
    })
}
