//! Keys: by which a person or a program says who is asking.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use terrier_catalog::{
    KeyHash, KeyId, area_from_geojson, class_names_as_kept, class_names_text, write_geometry,
};
use terrier_model::{Area, Classes, Edge, Limits, Names, Narrowing, Role};

use super::{AccessChange, Behind, Writing, organisation, person, role};
use crate::ledger::read::{moment, to_moment};
use crate::ledger::{Ledger, LedgerError};

/// The most keys that are not revoked.
pub const MAX_KEYS: usize = 10_000;

/// The most characters of the note of a key.
pub const MAX_KEY_NOTE_CHARS: usize = 200;

/// A key to be made.
#[derive(Clone, Debug)]
pub struct KeyPut {
    /// By which it is known.
    pub id: KeyId,
    /// What is kept of its secret.
    pub hash: KeyHash,
    /// Whose it is.
    pub person: String,
    /// What it allows.
    pub role: String,
    /// To what that is narrowed.
    pub narrowing: Narrowing,
    /// It works until before that moment; `None` is for good.
    pub until: Option<Timestamp>,
    /// What it is for.
    pub note: String,
    /// How much may be asked for, where its role allows more.
    pub limits: Limits,
}

/// That a key was used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeyUse {
    /// The number that the ledger gave the key.
    pub number: u32,
    /// When.
    pub at: Timestamp,
}

/// That so many features were given to who has a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeyFeatures {
    /// The number that the ledger gave the key.
    pub number: u32,
    /// When the last were.
    pub at: Timestamp,
    /// The civil day of it, where the registry is.
    pub day: Date,
    /// How many, since it was last kept.
    pub features: u64,
}

/// A key, as the ledger has it.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyRecord {
    /// By which it is known.
    pub id: KeyId,
    /// Whose it is.
    pub person: String,
    /// The organisation that they are of, if any.
    pub organisation: Option<String>,
    /// What it allows.
    pub role: String,
    /// To what that is narrowed.
    pub narrowing: Narrowing,
    /// It works until before that moment; `None` is for good.
    pub until: Option<Timestamp>,
    /// What it is for.
    pub note: String,
    /// How much may be asked for, where its role allows more.
    pub limits: Limits,
    /// The change that made it, and when.
    pub created: (u64, Timestamp),
    /// The change that revoked it, and when.
    pub revoked: Option<(u64, Timestamp)>,
    /// When it was last used, to about a minute.
    pub last_used: Option<Timestamp>,
    /// The last day for which features are counted, and how many those were, to about a minute.
    pub given: Option<(Date, u64)>,
    /// Whether its person, their organisation and its role still stand.
    pub stands: Standing,
}

/// Whether everything that a key hangs on still stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// It does.
    All,
    /// The person is retired.
    NoPerson,
    /// The organisation is retired.
    NoOrganisation,
    /// The role is retired.
    NoRole,
}

/// Whether a key works at a moment, and why not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyState {
    /// It does.
    Works,
    /// Somebody revoked it.
    Revoked,
    /// Its time is over.
    Expired,
    /// The person is retired.
    PersonRetired,
    /// The organisation is retired.
    OrganisationRetired,
    /// The role is retired.
    RoleRetired,
}

impl KeyState {
    /// The state in a word or two.
    pub fn code(self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::PersonRetired => "person_retired",
            Self::OrganisationRetired => "organisation_retired",
            Self::RoleRetired => "role_retired",
        }
    }
}

impl KeyRecord {
    /// Whether it works at a moment.
    pub fn state(&self, now: Timestamp) -> KeyState {
        if self.revoked.is_some() {
            return KeyState::Revoked;
        }
        if self.until.is_some_and(|until| until <= now) {
            return KeyState::Expired;
        }
        match self.stands {
            Standing::All => KeyState::Works,
            Standing::NoPerson => KeyState::PersonRetired,
            Standing::NoOrganisation => KeyState::OrganisationRetired,
            Standing::NoRole => KeyState::RoleRetired,
        }
    }
}

/// A key with what only the ledger needs.
pub(super) struct KnownKey {
    pub(super) number: u32,
    pub(super) hash: KeyHash,
    pub(super) record: KeyRecord,
}

/// All keys in the order in which they were made, revoked ones too.
pub(super) async fn known(connection: &mut SqliteConnection) -> Result<Vec<KnownKey>, LedgerError> {
    let people = person::known(connection).await?;
    let organisations = organisation::known(connection).await?;
    let roles = role::known(connection).await?;
    let rows = sqlx::query(include_str!("../../sql/sqlite/select_keys.sql"))
        .fetch_all(connection)
        .await
        .map_err(LedgerError::while_doing("read the keys"))?;
    let people: HashMap<_, _> = people.iter().map(|known| (&known.person.name, known)).collect();
    let standing: HashSet<_> = organisations
        .iter()
        .map(|known| &known.organisation)
        .filter(|organisation| organisation.is_standing)
        .map(|organisation| &organisation.name)
        .collect();
    let stands = |record: &KeyRecord| {
        let mut documents = roles.iter().map(|known| &known.document);
        if !documents.any(|document| document.name == record.role && document.text.is_some()) {
            return Standing::NoRole;
        }
        match &record.organisation {
            None => Standing::NoPerson,
            Some(name) if !standing.contains(name) => Standing::NoOrganisation,
            Some(_) => Standing::All,
        }
    };
    rows.iter()
        .map(|row| {
            let mut known = read_key(row)?;
            let record = &mut known.record;
            let person = people.get(&record.person);
            record.organisation = person.and_then(|known| known.person.organisation.clone());
            record.stands = stands(record);
            Ok(known)
        })
        .collect()
}

fn read_key(row: &SqliteRow) -> Result<KnownKey, LedgerError> {
    let fault = LedgerError::while_doing("read a key");
    let text = |column| row.try_get::<String, _>(column).map_err(&fault);
    let id = text(1)?;
    let broken = |what: String| LedgerError::Broken { what: format!("key `{id}`: {what}") };
    let hash: Vec<u8> = row.try_get(2).map_err(&fault)?;
    let hash = KeyHash(hash.try_into().map_err(|_| broken("its hash is none".into()))?);
    let area: Option<String> = row.try_get(6).map_err(&fault)?;
    let edge: Option<String> = row.try_get(7).map_err(&fault)?;
    let area = match (area, edge.as_deref().and_then(Edge::from_code)) {
        (Some(area), Some(edge)) => {
            let shape = area_from_geojson(&area).map_err(|error| broken(error.to_string()))?;
            Some(Area { shape, edge })
        }
        _ => None,
    };
    let time = |micros: Option<i64>| micros.map(to_moment).transpose();
    let number = |column| row.try_get::<Option<i64>, _>(column).map_err(&fault);
    let created = number(10)?.unwrap_or_default().cast_unsigned();
    let revoked = match (number(11)?, time(number(13)?)?) {
        (Some(sequence), Some(at)) => Some((sequence.cast_unsigned(), at)),
        _ => None,
    };
    let (requests, features): (Option<u32>, Option<i64>) =
        (row.try_get(15).map_err(&fault)?, number(16)?);
    let limits = Limits {
        requests_per_minute: requests,
        features_per_day: features.map(i64::cast_unsigned),
        export_area_km2: row.try_get(17).map_err(&fault)?,
    };
    let day: Option<String> = row.try_get(18).map_err(&fault)?;
    let day = day.map(|day| day.parse::<Date>().map_err(|_| broken(format!("no day `{day}`"))));
    let given = day.transpose()?.zip(number(19)?.map(i64::cast_unsigned));
    let record = KeyRecord {
        id: KeyId::parse(&id).ok_or_else(|| broken("its id is none".into()))?,
        person: text(3)?,
        organisation: None,
        role: text(4)?,
        narrowing: Narrowing { collections: class_names_as_kept(&text(5)?), area },
        until: time(number(8)?)?,
        note: text(9)?,
        created: (created, moment(row, 12)?),
        revoked,
        last_used: time(number(14)?)?,
        given,
        limits,
        stands: Standing::All,
    };
    Ok(KnownKey { number: row.try_get(0).map_err(&fault)?, hash, record })
}

/// Whether each key of a role that is not revoked can narrow it.
pub(super) async fn go_with(
    connection: &mut SqliteConnection,
    role: &Role,
) -> Result<bool, LedgerError> {
    let mut records = known(connection).await?.into_iter().map(|known| known.record);
    Ok(records.all(|record| {
        record.role != *role.name
            || record.revoked.is_some()
            || role.narrowed(&record.narrowing).is_some()
    }))
}

/// Makes a key as a part of a change.
pub(super) async fn create(change: &mut AccessChange<'_>, put: &KeyPut) -> Result<(), LedgerError> {
    let KeyPut { id, hash, person, role, narrowing, until, note, limits } = put;
    let person = person::standing(change.connection(), person).await?;
    let (role_number, pack) = role::standing(change.connection(), role).await?;
    check_names(narrowing, &role::classes(change.connection()).await?)?;
    if pack.role().narrowed(narrowing).is_none() {
        return Err(LedgerError::TwoEdges { role: role.clone() });
    }
    let held = known(change.connection()).await?;
    if held.iter().filter(|known| known.record.revoked.is_none()).count() >= MAX_KEYS {
        return Err(LedgerError::TooMany { what: "keys that are not revoked", most: MAX_KEYS });
    }
    let sequence = change.sequence().await?;
    let area = narrowing.area.as_ref().map(|area| {
        let mut text = Vec::new();
        write_geometry(&mut text, &area.shape);
        String::from_utf8(text).expect("GeoJSON is UTF-8")
    });
    sqlx::query(include_str!("../../sql/sqlite/insert_key.sql"))
        .bind(id.as_str())
        .bind(&hash.0[..])
        .bind(person)
        .bind(role_number)
        .bind(class_names_text(&narrowing.collections))
        .bind(area)
        .bind(narrowing.area.as_ref().map(|area| area.edge.code()))
        .bind(until.map(Timestamp::as_microsecond))
        .bind(note)
        .bind(sequence)
        .bind(limits.requests_per_minute)
        .bind(limits.features_per_day.map(u64::cast_signed))
        .bind(limits.export_area_km2)
        .execute(change.connection())
        .await
        .map(|_| ())
        .map_err(LedgerError::while_doing("write a key"))
}

fn check_names(narrowing: &Narrowing, classes: &Classes) -> Result<(), LedgerError> {
    let Names::These(names) = &narrowing.collections else { return Ok(()) };
    match names.iter().find(|name| classes.get(name).is_none()) {
        None => Ok(()),
        Some(name) => Err(LedgerError::NoClass { name: name.to_string() }),
    }
}

impl Ledger {
    /// The keys in the order in which they were made, revoked ones too.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn keys(&self) -> Result<Vec<KeyRecord>, LedgerError> {
        let fault = LedgerError::while_doing("read the keys");
        let mut reader = self.readers.begin().await.map_err(fault)?;
        let known = known(&mut reader).await?;
        Ok(known.into_iter().map(|known| known.record).collect())
    }

    /// Makes a key as one change; answers its place in the change sequence, `None` when nothing was
    /// written.
    ///
    /// # Errors
    /// [`LedgerError::NoPerson`], [`LedgerError::NoRole`], [`LedgerError::NoClass`],
    /// [`LedgerError::TwoEdges`], [`LedgerError::TooMany`]; when the ledger cannot be read or written.
    /// Nothing is written then.
    pub async fn create_key(
        &self,
        put: &KeyPut,
        behind: &Behind,
        writing: Writing,
    ) -> Result<Option<u64>, LedgerError> {
        let change = async |change: &mut AccessChange<'_>| create(change, put).await;
        let ((), sequence) = self.change_access("make a key", behind, writing, change).await?;
        Ok(sequence)
    }

    /// Revokes a key as one change; answers as above.
    ///
    /// # Errors
    /// [`LedgerError::NoKey`] when there is none of that id, or it is revoked already; when the ledger
    /// cannot be read or written. Nothing is written then.
    pub async fn revoke_key(
        &self,
        id: KeyId,
        behind: &Behind,
        writing: Writing,
    ) -> Result<Option<u64>, LedgerError> {
        let change = async |change: &mut AccessChange<'_>| {
            let sequence = change.sequence().await?;
            let revoked = sqlx::query(include_str!("../../sql/sqlite/revoke_key.sql"))
                .bind(sequence)
                .bind(id.as_str())
                .execute(change.connection())
                .await
                .map_err(LedgerError::while_doing("revoke a key"))?;
            match revoked.rows_affected() {
                0 => Err(LedgerError::NoKey { id }),
                _ => Ok(()),
            }
        };
        let ((), sequence) = self.change_access("revoke a key", behind, writing, change).await?;
        Ok(sequence)
    }

    /// Keeps how many features were given to who has a key. It is no change of the register.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn put_key_features(&self, given: KeyFeatures) -> Result<(), LedgerError> {
        let KeyFeatures { number, at, day, features } = given;
        sqlx::query(include_str!("../../sql/sqlite/put_key_features.sql"))
            .bind(number)
            .bind(at.as_microsecond())
            .bind(day.to_string())
            .bind(features.cast_signed())
            .execute(&self.writer)
            .await
            .map(|_| ())
            .map_err(LedgerError::while_doing("keep how much was given to a key"))
    }

    /// Keeps when a key was used. It is no change of the register.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn put_key_use(&self, used: KeyUse) -> Result<(), LedgerError> {
        let KeyUse { number, at } = used;
        sqlx::query(include_str!("../../sql/sqlite/put_key_use.sql"))
            .bind(number)
            .bind(at.as_microsecond())
            .execute(&self.writer)
            .await
            .map(|_| ())
            .map_err(LedgerError::while_doing("keep when a key was used"))
    }
}
