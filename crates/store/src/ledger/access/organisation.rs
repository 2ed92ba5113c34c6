//! Organisations, of which people are.

use sqlx::Row;
use sqlx::sqlite::SqliteConnection;
use terrier_model::PartyName;

use super::{AccessChange, Behind, Writing, insert_name};
use crate::ledger::{Ledger, LedgerError};

/// The most organisations that a registry may have, retired ones included.
pub const MAX_ORGANISATIONS: usize = 1000;

/// An organisation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Organisation {
    /// Its name.
    pub name: String,
    /// Whether it still stands; the keys of the people of one that does not are refused.
    pub is_standing: bool,
    /// The change that made it so.
    pub recorded_from: u64,
}

/// An organisation with the number that the ledger gave it.
pub(super) struct KnownOrganisation {
    pub(super) number: u32,
    pub(super) organisation: Organisation,
}

/// All of them by name, retired ones too.
pub(super) async fn known(
    connection: &mut SqliteConnection,
) -> Result<Vec<KnownOrganisation>, LedgerError> {
    let fault = LedgerError::while_doing("read the organisations");
    let rows = sqlx::query(include_str!("../../sql/sqlite/select_organisations.sql"))
        .fetch_all(connection)
        .await
        .map_err(&fault)?;
    rows.iter()
        .map(|row| {
            let sequence: i64 = row.try_get(3).map_err(&fault)?;
            let organisation = Organisation {
                name: row.try_get(1).map_err(&fault)?,
                is_standing: row.try_get(2).map_err(&fault)?,
                recorded_from: sequence.cast_unsigned(),
            };
            Ok(KnownOrganisation { number: row.try_get(0).map_err(&fault)?, organisation })
        })
        .collect()
}

/// Gives a new organisation its number.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    name: &str,
) -> Result<u32, LedgerError> {
    let statement = include_str!("../../sql/sqlite/insert_organisation.sql");
    insert_name(connection, statement, name, "write the name of an organisation").await
}

/// Writes whether an organisation stands.
pub(super) async fn insert_state(
    connection: &mut SqliteConnection,
    number: u32,
    sequence: i64,
    is_standing: bool,
) -> Result<(), LedgerError> {
    let (statement, of) =
        (include_str!("../../sql/sqlite/insert_organisation_state.sql"), (number, sequence));
    super::insert_state(
        connection,
        statement,
        of,
        is_standing,
        "write whether an organisation stands",
    )
    .await
}

/// Adds an organisation, or takes one back, as a part of a change; answers its number.
pub(super) async fn add(change: &mut AccessChange<'_>, name: &str) -> Result<u32, LedgerError> {
    let known = known(change.connection()).await?;
    let number = match known.iter().find(|known| known.organisation.name == name) {
        Some(known) if known.organisation.is_standing => return Ok(known.number),
        Some(known) => known.number,
        None if known.len() >= MAX_ORGANISATIONS => {
            return Err(LedgerError::TooMany { what: "organisations", most: MAX_ORGANISATIONS });
        }
        None => insert(change.connection(), name).await?,
    };
    let sequence = change.sequence().await?;
    insert_state(change.connection(), number, sequence, true).await?;
    Ok(number)
}

impl Ledger {
    /// The organisations by name, retired ones too.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn organisations(&self) -> Result<Vec<Organisation>, LedgerError> {
        let fault = LedgerError::while_doing("read the organisations");
        let mut reader = self.readers.acquire().await.map_err(fault)?;
        let known = known(&mut reader).await?;
        Ok(known.into_iter().map(|known| known.organisation).collect())
    }

    /// Adds an organisation, or takes back one that was retired, as one change; answers its place in
    /// the change sequence, `None` when it stands already or nothing was written.
    ///
    /// # Errors
    /// [`LedgerError::TooMany`]; when the ledger cannot be read or written. Nothing is written then.
    pub async fn add_organisation(
        &self,
        name: &PartyName,
        behind: &Behind,
        writing: Writing,
    ) -> Result<Option<u64>, LedgerError> {
        let change = async |change: &mut AccessChange<'_>| add(change, name.as_str()).await;
        let (_, sequence) =
            self.change_access("add an organisation", behind, writing, change).await?;
        Ok(sequence)
    }

    /// Retires an organisation as one change: the keys of its people are refused from then on.
    /// Answers as above.
    ///
    /// # Errors
    /// [`LedgerError::NoOrganisation`] when none of that name stands; when the ledger cannot be read
    /// or written. Nothing is written then.
    pub async fn retire_organisation(
        &self,
        name: &str,
        behind: &Behind,
        writing: Writing,
    ) -> Result<Option<u64>, LedgerError> {
        let change = async |change: &mut AccessChange<'_>| {
            let number = standing(change.connection(), name).await?;
            let sequence = change.sequence().await?;
            insert_state(change.connection(), number, sequence, false).await
        };
        let ((), sequence) =
            self.change_access("retire an organisation", behind, writing, change).await?;
        Ok(sequence)
    }
}

/// The number of the organisation of that name.
pub(super) async fn standing(
    connection: &mut SqliteConnection,
    name: &str,
) -> Result<u32, LedgerError> {
    let known = known(connection).await?;
    let found = known
        .iter()
        .find(|known| known.organisation.name == name && known.organisation.is_standing);
    found.map(|known| known.number).ok_or_else(|| LedgerError::NoOrganisation { name: name.into() })
}
