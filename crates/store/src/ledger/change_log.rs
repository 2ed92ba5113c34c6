//! The changes of a registry: who made them, what they did, and their edits one by one.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use terrier_catalog::{ChangeQuery, EditPlace};
use terrier_model::{AssetId, ChangeEffect, LoggedChange, LoggedEdit};

use super::history::{Told, change_set};
use super::read::asset_id;
use super::{Ledger, LedgerError};

/// Some edits of a change.
#[derive(Debug, Default)]
pub struct EditPage {
    /// The edits in their order.
    pub edits: Vec<LoggedEdit>,
    /// Behind which place the next page begins; `None` when there is none.
    pub next: Option<EditPlace>,
}

impl Ledger {
    /// The changes that are wanted, the newest first, at most so many; of their effects those on the
    /// classes that are wanted. Costs a look at every change that is passed over.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn changes(
        &self,
        query: &ChangeQuery,
        limit: u32,
    ) -> Result<Vec<LoggedChange>, LedgerError> {
        let fault = LedgerError::while_doing("read the changes");
        let mut reader = self.readers.begin().await.map_err(&fault)?;
        let classes = self.numbers(&mut reader, query.classes.as_deref()).await?;
        let before = query.before.and_then(|before| i64::try_from(before).ok());
        let sequences: Vec<i64> =
            sqlx::query_scalar(include_str!("../sql/sqlite/select_change_sets.sql"))
                .bind(before.unwrap_or(i64::MAX))
                .bind(query.actor.as_deref())
                .bind(query.since.map(Timestamp::as_microsecond))
                .bind(query.until.map(Timestamp::as_microsecond))
                .bind(classes.as_deref())
                .bind(limit)
                .fetch_all(&mut *reader)
                .await
                .map_err(&fault)?;
        let mut changes = Vec::with_capacity(sequences.len());
        for sequence in sequences {
            changes.push(logged(&mut reader, sequence, classes.as_deref()).await?);
        }
        Ok(changes)
    }

    /// A change, with what it did to assets of some classes (`None`: of all); `None` when there is no
    /// such change, or it concerned none of them.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn change(
        &self,
        sequence: u64,
        classes: Option<&[Box<str>]>,
    ) -> Result<Option<LoggedChange>, LedgerError> {
        let query = ChangeQuery {
            classes: classes.map(<[_]>::to_vec),
            before: sequence.checked_add(1),
            ..ChangeQuery::default()
        };
        let found = self.changes(&query, 1).await?.pop();
        Ok(found.filter(|found| found.change.sequence == sequence))
    }

    /// The edits of a change on assets of some classes (`None`: of all) behind a place, at most so
    /// many. Each is read with its versions, which takes some ten microseconds.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn edits(
        &self,
        sequence: u64,
        classes: Option<&[Box<str>]>,
        after: Option<EditPlace>,
        limit: u32,
    ) -> Result<EditPage, LedgerError> {
        let fault = LedgerError::while_doing("read the edits of a change");
        let mut reader = self.readers.begin().await.map_err(fault)?;
        let classes = self.numbers(&mut reader, classes).await?;
        let mut places = Places {
            sequence: i64::try_from(sequence).unwrap_or(i64::MAX),
            classes: classes.as_deref(),
            after,
            limit: limit.saturating_add(1) as usize,
            found: Vec::new(),
        };
        places.versions(&mut reader).await?;
        places.retirements(&mut reader).await?;
        places.events(&mut reader).await?;
        let more = places.found.len() > limit as usize;
        let mut told = Told::default();
        let mut page = EditPage::default();
        for (place, id, version) in places.found.into_iter().take(limit as usize) {
            let edit = edit_at(&mut reader, &mut told, place, id, version).await?;
            page.edits.push(edit.ok_or_else(|| LedgerError::Broken {
                what: format!("change {sequence} of asset {id}, which is not there"),
            })?);
            page.next = more.then_some(place);
        }
        Ok(page)
    }

    /// The numbers of classes as a list in JSON; `None` for all.
    async fn numbers(
        &self,
        reader: &mut SqliteConnection,
        classes: Option<&[Box<str>]>,
    ) -> Result<Option<String>, LedgerError> {
        let Some(wanted) = classes else { return Ok(None) };
        let known = self.known_classes(reader).await?;
        let is_wanted = |name: &str| wanted.iter().any(|other| &**other == name);
        let found = known.iter().filter(|known| is_wanted(known.form.class().name()));
        let numbers: Vec<u32> = found.map(|known| known.number).collect();
        Ok(Some(serde_json::to_string(&numbers).expect("numbers are JSON")))
    }
}

async fn logged(
    reader: &mut SqliteConnection,
    sequence: i64,
    classes: Option<&str>,
) -> Result<LoggedChange, LedgerError> {
    let fault = LedgerError::while_doing("read what a change did");
    let change = change_set(reader, &mut HashMap::new(), sequence).await?;
    let rows = sqlx::query(include_str!("../sql/sqlite/select_change_effects.sql"))
        .bind(sequence)
        .bind(classes)
        .fetch_all(reader)
        .await
        .map_err(&fault)?;
    let effect = |row: &SqliteRow| {
        let count = |column: usize| row.try_get::<i64, _>(column).map(i64::cast_unsigned);
        Ok(ChangeEffect {
            class: row.try_get::<String, _>(0).map_err(&fault)?.into(),
            created: count(1).map_err(&fault)?,
            changed: count(2).map_err(&fault)?,
            retired: count(3).map_err(&fault)?,
            events: count(4).map_err(&fault)?,
            events_superseded: count(5).map_err(&fault)?,
        })
    };
    let effects = rows.iter().map(effect).collect::<Result<_, LedgerError>>()?;
    Ok(LoggedChange { change, effects })
}

/// An edit of an asset, with what it is about.
async fn edit_at(
    reader: &mut SqliteConnection,
    told: &mut Told,
    place: EditPlace,
    id: AssetId,
    version: u32,
) -> Result<Option<LoggedEdit>, LedgerError> {
    let before = version.saturating_sub(1);
    Ok(match place {
        EditPlace::Version(_) => {
            let mut versions = told.versions(reader, id, before.saturating_sub(1), 2).await?;
            versions.retain(|one| one.asset.version <= version);
            let own = versions.pop().filter(|one| one.asset.version == version);
            let former = versions.pop().map(Box::new);
            own.map(|own| LoggedEdit::Version(former, Box::new(own)))
        }
        EditPlace::Retired(_) => {
            let own = told.versions(reader, id, before, 1).await?.pop();
            own.map(|own| LoggedEdit::Retired(Box::new(own)))
        }
        EditPlace::Event(_, _, event) => {
            let happened = told.events(reader, id, event.saturating_sub(1), 1).await?.pop();
            let own = told.versions(reader, id, 0, 1).await?.pop();
            own.zip(happened).map(|(own, event)| LoggedEdit::Event(Box::new(own), Box::new(event)))
        }
    })
}

/// Where the edits of a change are, each with the asset and the version.
struct Places<'c> {
    sequence: i64,
    classes: Option<&'c str>,
    after: Option<EditPlace>,
    limit: usize,
    found: Vec<(EditPlace, AssetId, u32)>,
}

/// An id before those of all assets.
fn nobody() -> AssetId {
    AssetId::from_bytes([0; 16])
}

impl Places<'_> {
    fn left(&self) -> i64 {
        i64::try_from(self.limit - self.found.len()).unwrap_or(i64::MAX)
    }

    async fn versions(&mut self, reader: &mut SqliteConnection) -> Result<(), LedgerError> {
        let after = match self.after {
            None => 0,
            Some(EditPlace::Version(number)) => number,
            Some(EditPlace::Retired(_) | EditPlace::Event(..)) => return Ok(()),
        };
        let fault = LedgerError::while_doing("read the versions of a change");
        let rows = sqlx::query(include_str!("../sql/sqlite/select_versions_of_change.sql"))
            .bind(self.sequence)
            .bind(after.cast_signed())
            .bind(self.classes)
            .bind(self.left())
            .fetch_all(reader)
            .await
            .map_err(&fault)?;
        for row in &rows {
            let number: i64 = row.try_get(0).map_err(&fault)?;
            let place = EditPlace::Version(number.cast_unsigned());
            self.found.push((place, asset_id(row, 2)?, row.try_get(3).map_err(&fault)?));
        }
        Ok(())
    }

    async fn retirements(&mut self, reader: &mut SqliteConnection) -> Result<(), LedgerError> {
        let after = match self.after {
            None | Some(EditPlace::Version(_)) => nobody(),
            Some(EditPlace::Retired(id)) => id,
            Some(EditPlace::Event(..)) => return Ok(()),
        };
        let fault = LedgerError::while_doing("read what a change retired");
        let rows = sqlx::query(include_str!("../sql/sqlite/select_retirements_of_change.sql"))
            .bind(self.sequence)
            .bind(&after.as_bytes()[..])
            .bind(self.classes)
            .bind(self.left())
            .fetch_all(reader)
            .await
            .map_err(&fault)?;
        for row in &rows {
            let id = asset_id(row, 1)?;
            self.found.push((EditPlace::Retired(id), id, row.try_get(2).map_err(&fault)?));
        }
        Ok(())
    }

    async fn events(&mut self, reader: &mut SqliteConnection) -> Result<(), LedgerError> {
        let (class, id, event) = match self.after {
            Some(EditPlace::Event(class, id, event)) => (class, id, event),
            _ => (0, nobody(), 0),
        };
        let fault = LedgerError::while_doing("read the events of a change");
        let rows = sqlx::query(include_str!("../sql/sqlite/select_events_of_change.sql"))
            .bind(self.sequence)
            .bind(class)
            .bind(&id.as_bytes()[..])
            .bind(event)
            .bind(self.classes)
            .bind(self.left())
            .fetch_all(reader)
            .await
            .map_err(&fault)?;
        for row in &rows {
            let (class, event) = (row.try_get(0).map_err(&fault)?, row.try_get(2).map_err(&fault)?);
            let id = asset_id(row, 1)?;
            self.found.push((EditPlace::Event(class, id, event), id, 0));
        }
        Ok(())
    }
}
