//! What is set of a registry, in the ledger.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;
use terrier_catalog::{
    NO_COLLECTIONS, PUBLIC_COLLECTIONS, RESTRICTED_COLLECTIONS, STRICT_COLLECTIONS, TIME_ZONE,
    class_names_as_kept, class_names_text, time_zone, time_zone_name,
};
use terrier_model::{ChangeSet, Names, Verb};

use super::history::change_set;
use super::{Behind, Ledger, LedgerError, audit, class};

/// A time zone to be set, and who is behind it.
#[derive(Clone, Debug)]
pub struct TimeZonePut {
    /// The time zone.
    pub time_zone: TimeZone,
    /// Who is behind it.
    pub behind: Behind,
}

/// A setting that names classes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CollectionSetting {
    /// Those that are shown to who brings no key.
    Public,
    /// Those that are edited only by who has seen the newest version.
    Strict,
    /// Those of which it is written down who reads them.
    Restricted,
}

impl CollectionSetting {
    /// The name of the setting.
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => PUBLIC_COLLECTIONS,
            Self::Strict => STRICT_COLLECTIONS,
            Self::Restricted => RESTRICTED_COLLECTIONS,
        }
    }

    /// The setting of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Public, Self::Strict, Self::Restricted]
            .into_iter()
            .find(|setting| setting.name() == name)
    }
}

/// Which classes a setting is to name, and who is behind it.
#[derive(Clone, Debug)]
pub struct CollectionsPut {
    /// The setting.
    pub setting: CollectionSetting,
    /// The names of classes.
    pub collections: Names,
    /// Who is behind it.
    pub behind: Behind,
}

/// A value that a setting had, or has.
#[derive(Clone, Debug, PartialEq)]
pub struct SettingVersion {
    /// The setting.
    pub name: String,
    /// The value.
    pub value: String,
    /// The change that set it.
    pub change: ChangeSet,
}

/// Writes what a change sets.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    zone: &TimeZone,
    sequence: i64,
) -> Result<(), LedgerError> {
    insert_value(connection, TIME_ZONE, time_zone_name(zone), sequence).await
}

/// Writes which classes a change shows to who brings no key.
pub(super) async fn insert_public_collections(
    connection: &mut SqliteConnection,
    text: &str,
    sequence: i64,
) -> Result<(), LedgerError> {
    insert_value(connection, PUBLIC_COLLECTIONS, text, sequence).await
}

async fn insert_value(
    connection: &mut SqliteConnection,
    name: &str,
    value: &str,
    sequence: i64,
) -> Result<(), LedgerError> {
    sqlx::query(include_str!("../sql/sqlite/insert_setting.sql"))
        .bind(name)
        .bind(sequence)
        .bind(value)
        .execute(connection)
        .await
        .map(|_| ())
        .map_err(LedgerError::while_doing("write a setting"))
}

/// The time zone in force.
pub(super) async fn load(connection: &mut SqliteConnection) -> Result<TimeZone, LedgerError> {
    let name = value(connection, TIME_ZONE).await?.ok_or_else(|| broken("it has none"))?;
    time_zone(&name).map_err(|error| broken(&error.to_string()))
}

/// The classes that a setting names; `None` where it was never set.
pub(super) async fn collections(
    connection: &mut SqliteConnection,
    setting: CollectionSetting,
) -> Result<Option<Names>, LedgerError> {
    let text = value(connection, setting.name()).await?;
    Ok(text.as_deref().map(class_names_as_kept))
}

async fn value(
    connection: &mut SqliteConnection,
    name: &str,
) -> Result<Option<String>, LedgerError> {
    sqlx::query_scalar(include_str!("../sql/sqlite/select_setting.sql"))
        .bind(name)
        .fetch_optional(connection)
        .await
        .map_err(LedgerError::while_doing("read the settings"))
}

fn broken(what: &str) -> LedgerError {
    LedgerError::Broken { what: format!("the setting `{TIME_ZONE}`: {what}") }
}

impl Ledger {
    /// The time zone in which the registry's days begin and end.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn time_zone(&self) -> Result<TimeZone, LedgerError> {
        let fault = LedgerError::while_doing("read the settings");
        let mut reader = self.readers.acquire().await.map_err(fault)?;
        load(&mut reader).await
    }

    /// Every value that each setting has had, by setting, then in the order in which they were in
    /// force.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn setting_versions(&self) -> Result<Vec<SettingVersion>, LedgerError> {
        let fault = LedgerError::while_doing("read what the settings have been");
        let mut reader = self.readers.begin().await.map_err(&fault)?;
        let rows = sqlx::query(include_str!("../sql/sqlite/select_setting_changes.sql"))
            .fetch_all(&mut *reader)
            .await
            .map_err(&fault)?;
        let mut versions = Vec::with_capacity(rows.len());
        for row in &rows {
            let sequence = row.try_get(2).map_err(&fault)?;
            versions.push(SettingVersion {
                name: row.try_get(0).map_err(&fault)?,
                value: row.try_get(1).map_err(&fault)?,
                change: change_set(&mut reader, &mut HashMap::new(), sequence).await?,
            });
        }
        Ok(versions)
    }

    /// Sets the time zone as one change, and answers its place in the change sequence; `None` when it
    /// is that already, or nothing was written: `rehearse` tells the same and writes nothing.
    ///
    /// # Errors
    /// When the ledger cannot be read or written. Nothing is written then.
    pub async fn set_time_zone(
        &self,
        put: &TimeZonePut,
        rehearse: bool,
    ) -> Result<Option<u64>, LedgerError> {
        let zone = time_zone_name(&put.time_zone);
        self.set_value(TIME_ZONE, zone, &put.behind, rehearse).await
    }

    async fn set_value(
        &self,
        name: &str,
        text: &str,
        behind: &Behind,
        rehearse: bool,
    ) -> Result<Option<u64>, LedgerError> {
        let fault = LedgerError::while_doing("change a setting");
        let mut transaction = self.begin_writing("change a setting").await?;
        let former = value(&mut transaction, name).await?;
        // Those of collections may never have been set, and most of them name none then.
        let is_none = name != RESTRICTED_COLLECTIONS;
        let former = former.as_deref().or(is_none.then_some(NO_COLLECTIONS));
        if rehearse || former == Some(text) {
            transaction.rollback().await.map_err(fault)?;
            return Ok(None);
        }
        let Behind { recorded_at, actor, reason, origin } = behind;
        let sequence = class::insert_change(
            &mut transaction,
            *recorded_at,
            actor,
            Verb::Update,
            reason,
            origin,
        )
        .await?;
        insert_value(&mut transaction, name, text, sequence).await?;
        audit::seal_beside_assets(&mut transaction, sequence, *recorded_at).await?;
        transaction.commit().await.map_err(fault)?;
        Ok(Some(sequence.cast_unsigned()))
    }

    /// The classes that a setting names; `None` where it was never set.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn collections_of(
        &self,
        setting: CollectionSetting,
    ) -> Result<Option<Names>, LedgerError> {
        let fault = LedgerError::while_doing("read the settings");
        let mut reader = self.readers.acquire().await.map_err(fault)?;
        collections(&mut reader, setting).await
    }

    /// Sets which classes a setting names, as one change; answers and rehearses as above.
    ///
    /// # Errors
    /// When the ledger cannot be read or written. Nothing is written then.
    pub async fn set_collections(
        &self,
        put: &CollectionsPut,
        rehearse: bool,
    ) -> Result<Option<u64>, LedgerError> {
        let text = class_names_text(&put.collections);
        self.set_value(put.setting.name(), &text, &put.behind, rehearse).await
    }
}
