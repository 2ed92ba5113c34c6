//! Roles, as documents in the ledger.

use sqlx::Row;
use sqlx::sqlite::SqliteConnection;
use terrier_catalog::{RoleError, RolePack};
use terrier_model::Classes;

use super::{AccessChange, Behind, Writing, insert_name, key};
use crate::ledger::{Ledger, LedgerError, class};

/// The most roles that a registry may have, retired ones included.
pub const MAX_ROLES: usize = 64;

/// The document of a role that is in force.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RoleDocument {
    /// The name of the role.
    pub name: String,
    /// Its TOML document; `None` when the role is retired.
    pub text: Option<String>,
    /// The change that put it in force.
    pub recorded_from: u64,
}

/// A role to be put in force, or retired.
#[derive(Clone, Debug)]
pub enum RolePut {
    /// This one, in the place of the one of its name.
    Put(RolePack),
    /// The one of that name is retired.
    Retire(String),
}

impl RolePut {
    fn name(&self) -> &str {
        match self {
            Self::Put(pack) => &pack.role().name,
            Self::Retire(name) => name,
        }
    }
}

/// What came of a [`RolePut`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RolePutReport {
    /// The change that it is; `None` when nothing changed or nothing was written.
    pub sequence: Option<u64>,
    /// Whether a role of the name is in force already.
    pub is_known: bool,
    /// Whether the document in force is the same.
    pub is_same: bool,
}

/// A role with the number that the ledger gave it.
pub(super) struct KnownRole {
    pub(super) number: u32,
    pub(super) document: RoleDocument,
}

/// All of them in the order in which they came, retired ones too.
pub(super) async fn known(
    connection: &mut SqliteConnection,
) -> Result<Vec<KnownRole>, LedgerError> {
    let fault = LedgerError::while_doing("read the roles");
    let rows = sqlx::query(include_str!("../../sql/sqlite/select_roles.sql"))
        .fetch_all(connection)
        .await
        .map_err(&fault)?;
    rows.iter()
        .map(|row| {
            let sequence: i64 = row.try_get(3).map_err(&fault)?;
            let document = RoleDocument {
                name: row.try_get(1).map_err(&fault)?,
                text: row.try_get(2).map_err(&fault)?,
                recorded_from: sequence.cast_unsigned(),
            };
            Ok(KnownRole { number: row.try_get(0).map_err(&fault)?, document })
        })
        .collect()
}

/// Gives a new role its number.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    name: &str,
) -> Result<u32, LedgerError> {
    let statement = include_str!("../../sql/sqlite/insert_role.sql");
    insert_name(connection, statement, name, "write the name of a role").await
}

/// Writes the document of a role; none retires it.
pub(super) async fn insert_document(
    connection: &mut SqliteConnection,
    number: u32,
    sequence: i64,
    text: Option<&str>,
) -> Result<(), LedgerError> {
    let (statement, of) =
        (include_str!("../../sql/sqlite/insert_role_document.sql"), (number, sequence));
    super::insert_state(connection, statement, of, text, "write the document of a role").await
}

/// Whether a role fits the classes, as an error of the ledger.
pub(super) fn check(pack: &RolePack, classes: &Classes) -> Result<(), LedgerError> {
    let refused =
        |source: RoleError| LedgerError::Role { role: pack.role().name.to_string(), source };
    pack.check(classes).map_err(refused)
}

/// The classes of the registry.
pub(super) async fn classes(connection: &mut SqliteConnection) -> Result<Classes, LedgerError> {
    let known = class::load(connection).await?;
    Ok(known.iter().map(|known| known.form.class().as_ref().clone()).collect())
}

/// Puts a role as a part of a change.
pub(super) async fn put(
    change: &mut AccessChange<'_>,
    put: &RolePut,
) -> Result<RolePutReport, LedgerError> {
    let known = known(change.connection()).await?;
    let former = known.iter().find(|known| known.document.name == put.name());
    let former_text = former.and_then(|known| known.document.text.as_deref());
    let text = match put {
        RolePut::Put(pack) => {
            check(pack, &classes(change.connection()).await?)?;
            if !key::go_with(change.connection(), pack.role()).await? {
                return Err(LedgerError::TwoEdges { role: put.name().into() });
            }
            Some(pack.text())
        }
        RolePut::Retire(name) if former_text.is_none() => {
            return Err(LedgerError::NoRole { name: name.clone() });
        }
        RolePut::Retire(_) => None,
    };
    let report = RolePutReport {
        sequence: None,
        is_known: former_text.is_some(),
        is_same: former_text == text,
    };
    if report.is_same {
        return Ok(report);
    }
    let number = match former {
        Some(known) => known.number,
        None if known.len() >= MAX_ROLES => {
            return Err(LedgerError::TooMany { what: "roles", most: MAX_ROLES });
        }
        None => insert(change.connection(), put.name()).await?,
    };
    let sequence = change.sequence().await?;
    insert_document(change.connection(), number, sequence, text).await?;
    Ok(report)
}

/// The role of that name in force, and its number.
pub(super) async fn standing(
    connection: &mut SqliteConnection,
    name: &str,
) -> Result<(u32, RolePack), LedgerError> {
    let known = known(connection).await?.into_iter().find(|known| known.document.name == name);
    let Some(KnownRole { number, document: RoleDocument { text: Some(text), .. } }) = known else {
        return Err(LedgerError::NoRole { name: name.into() });
    };
    Ok((number, parsed(name, &text)?))
}

/// The role of a document of the ledger.
pub(super) fn parsed(name: &str, text: &str) -> Result<RolePack, LedgerError> {
    let broken = |what: String| LedgerError::Broken { what };
    match RolePack::parse(text) {
        Ok(pack) if *pack.role().name == *name => Ok(pack),
        Ok(pack) => {
            Err(broken(format!("the document of role `{name}` is of `{}`", pack.role().name)))
        }
        Err(error) => {
            let chain = crate::ErrorChain(&error);
            Err(broken(format!("the document of role `{name}`: {chain}")))
        }
    }
}

impl Ledger {
    /// The roles, retired ones too, in the order in which they came.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn role_documents(&self) -> Result<Vec<RoleDocument>, LedgerError> {
        let fault = LedgerError::while_doing("read the roles");
        let mut reader = self.readers.acquire().await.map_err(fault)?;
        let known = known(&mut reader).await?;
        Ok(known.into_iter().map(|known| known.document).collect())
    }

    /// Puts a role in force in the place of the one of its name, or retires it, as one change. The
    /// keys that have it are for what it allows from then on; those of a retired one are refused.
    ///
    /// # Errors
    /// [`LedgerError::Role`] when it names a class or field that is not known,
    /// [`LedgerError::TwoEdges`] when it and keys that have it are for areas with other rules for their edges,
    /// [`LedgerError::NoRole`], [`LedgerError::TooMany`]; when the ledger cannot be read or written.
    /// Nothing is written then.
    pub async fn put_role(
        &self,
        role: &RolePut,
        behind: &Behind,
        writing: Writing,
    ) -> Result<RolePutReport, LedgerError> {
        let change = async |change: &mut AccessChange<'_>| put(change, role).await;
        let (report, sequence) =
            self.change_access("change a role", behind, writing, change).await?;
        Ok(RolePutReport { sequence, ..report })
    }
}
