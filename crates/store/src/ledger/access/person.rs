//! People, by whom changes are made and whose keys are.

use sqlx::Row;
use sqlx::sqlite::SqliteConnection;
use terrier_model::PartyName;

use super::{AccessChange, Behind, Writing, insert_name, organisation};
use crate::ledger::{Ledger, LedgerError};

/// The most people that a registry may have, retired ones included.
pub const MAX_PEOPLE: usize = 10_000;

/// A person.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Person {
    /// By which name they make changes; it is nobody else's for good.
    pub name: String,
    /// The organisation that they are of; `None` when they are retired, and their keys refused.
    pub organisation: Option<String>,
    /// The change that made it so.
    pub recorded_from: u64,
}

/// A person with the number that the ledger gave them.
pub(super) struct KnownPerson {
    pub(super) number: u32,
    pub(super) person: Person,
}

/// All of them by name, retired ones too.
pub(super) async fn known(
    connection: &mut SqliteConnection,
) -> Result<Vec<KnownPerson>, LedgerError> {
    let fault = LedgerError::while_doing("read the people");
    let rows = sqlx::query(include_str!("../../sql/sqlite/select_people.sql"))
        .fetch_all(connection)
        .await
        .map_err(&fault)?;
    rows.iter()
        .map(|row| {
            let sequence: i64 = row.try_get(3).map_err(&fault)?;
            let person = Person {
                name: row.try_get(1).map_err(&fault)?,
                organisation: row.try_get(2).map_err(&fault)?,
                recorded_from: sequence.cast_unsigned(),
            };
            Ok(KnownPerson { number: row.try_get(0).map_err(&fault)?, person })
        })
        .collect()
}

/// Gives a new person their number.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    name: &str,
) -> Result<u32, LedgerError> {
    let statement = include_str!("../../sql/sqlite/insert_person.sql");
    insert_name(connection, statement, name, "write the name of a person").await
}

/// Writes of which organisation a person is.
pub(super) async fn insert_state(
    connection: &mut SqliteConnection,
    number: u32,
    sequence: i64,
    organisation: Option<u32>,
) -> Result<(), LedgerError> {
    let (statement, of) =
        (include_str!("../../sql/sqlite/insert_person_state.sql"), (number, sequence));
    super::insert_state(
        connection,
        statement,
        of,
        organisation,
        "write of which organisation a person is",
    )
    .await
}

/// Adds a person to an organisation, or moves them to it, as a part of a change; answers their number.
pub(super) async fn add(
    change: &mut AccessChange<'_>,
    name: &str,
    organisation: &str,
) -> Result<u32, LedgerError> {
    let of = organisation::standing(change.connection(), organisation).await?;
    let known = known(change.connection()).await?;
    let number = match known.iter().find(|known| known.person.name == name) {
        Some(known) if known.person.organisation.as_deref() == Some(organisation) => {
            return Ok(known.number);
        }
        Some(known) => known.number,
        None if known.len() >= MAX_PEOPLE => {
            return Err(LedgerError::TooMany { what: "people", most: MAX_PEOPLE });
        }
        None => insert(change.connection(), name).await?,
    };
    let sequence = change.sequence().await?;
    insert_state(change.connection(), number, sequence, Some(of)).await?;
    Ok(number)
}

/// The number of the person of that name who is of an organisation.
pub(super) async fn standing(
    connection: &mut SqliteConnection,
    name: &str,
) -> Result<u32, LedgerError> {
    let known = known(connection).await?;
    let found =
        known.iter().find(|known| known.person.name == name && known.person.organisation.is_some());
    found.map(|known| known.number).ok_or_else(|| LedgerError::NoPerson { name: name.into() })
}

impl Ledger {
    /// The people by name, retired ones too.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn people(&self) -> Result<Vec<Person>, LedgerError> {
        let fault = LedgerError::while_doing("read the people");
        let mut reader = self.readers.acquire().await.map_err(fault)?;
        let known = known(&mut reader).await?;
        Ok(known.into_iter().map(|known| known.person).collect())
    }

    /// Adds a person to an organisation, moves them to another, or takes back one who was retired, as
    /// one change; answers its place in the change sequence, `None` when they are of it already or
    /// nothing was written.
    ///
    /// # Errors
    /// [`LedgerError::NoOrganisation`], [`LedgerError::TooMany`]; when the ledger cannot be read or
    /// written. Nothing is written then.
    pub async fn add_person(
        &self,
        name: &PartyName,
        organisation: &str,
        behind: &Behind,
        writing: Writing,
    ) -> Result<Option<u64>, LedgerError> {
        let change =
            async |change: &mut AccessChange<'_>| add(change, name.as_str(), organisation).await;
        let (_, sequence) = self.change_access("add a person", behind, writing, change).await?;
        Ok(sequence)
    }

    /// Retires a person as one change: their keys are refused from then on. Answers as above.
    ///
    /// # Errors
    /// [`LedgerError::NoPerson`] when none of that name is of an organisation; when the ledger cannot
    /// be read or written. Nothing is written then.
    pub async fn retire_person(
        &self,
        name: &str,
        behind: &Behind,
        writing: Writing,
    ) -> Result<Option<u64>, LedgerError> {
        let change = async |change: &mut AccessChange<'_>| {
            let number = standing(change.connection(), name).await?;
            let sequence = change.sequence().await?;
            insert_state(change.connection(), number, sequence, None).await
        };
        let ((), sequence) = self.change_access("retire a person", behind, writing, change).await?;
        Ok(sequence)
    }
}
