//! The classes of a registry, as documents in the ledger.

use std::sync::Arc;

use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use terrier_catalog::class_from_toml;
use terrier_model::Verb;

use super::content::ContentForm;
use super::{Ledger, LedgerError};

/// A class with the number that the ledger gave it.
#[derive(Clone, Debug)]
pub(super) struct KnownClass {
    pub(super) number: u32,
    pub(super) form: ContentForm,
}

/// Writes the classes that a new registry starts with, as its first change.
pub(super) async fn put_first(
    pool: &SqlitePool,
    classes: &[(&str, &str)],
    at: jiff::Timestamp,
    actor: &str,
) -> Result<(), LedgerError> {
    let fault = LedgerError::while_doing("write the classes of a new registry");
    let mut transaction = pool.begin().await.map_err(&fault)?;
    let row = sqlx::query(include_str!("../sql/sqlite/insert_change_set.sql"))
        .bind(at.as_microsecond())
        .bind(actor)
        .bind(Verb::Update.code())
        .bind("the classes that a new registry starts with")
        .bind("terrier")
        .fetch_one(&mut *transaction)
        .await
        .map_err(&fault)?;
    let sequence: i64 = row.try_get(0).map_err(&fault)?;
    for (name, document) in classes {
        parse(name, document)?;
        let number: i64 = sqlx::query_scalar(include_str!("../sql/sqlite/insert_class.sql"))
            .bind(*name)
            .fetch_one(&mut *transaction)
            .await
            .map_err(&fault)?;
        sqlx::query(include_str!("../sql/sqlite/insert_class_document.sql"))
            .bind(number)
            .bind(sequence)
            .bind(*document)
            .execute(&mut *transaction)
            .await
            .map_err(&fault)?;
    }
    transaction.commit().await.map_err(&fault)
}

impl Ledger {
    /// The name and the TOML document of each class in force, in the order of their names.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn class_documents(&self) -> Result<Vec<(String, String)>, LedgerError> {
        let fault = LedgerError::while_doing("read the classes");
        let rows = sqlx::query(include_str!("../sql/sqlite/select_classes.sql"))
            .fetch_all(&self.readers)
            .await
            .map_err(&fault)?;
        rows.iter()
            .map(|row| Ok((row.try_get(1).map_err(&fault)?, row.try_get(2).map_err(&fault)?)))
            .collect()
    }
}

/// The classes in force, in the order of their names.
pub(super) async fn load(
    connection: &mut SqliteConnection,
) -> Result<Vec<KnownClass>, LedgerError> {
    let fault = LedgerError::while_doing("read the classes");
    let rows = sqlx::query(include_str!("../sql/sqlite/select_classes.sql"))
        .fetch_all(connection)
        .await
        .map_err(&fault)?;
    rows.iter()
        .map(|row| {
            let number: u32 = row.try_get(0).map_err(&fault)?;
            let (name, document): (String, String) =
                (row.try_get(1).map_err(&fault)?, row.try_get(2).map_err(&fault)?);
            let class = parse(&name, &document)?;
            Ok(KnownClass { number, form: ContentForm::new(Arc::new(class)) })
        })
        .collect()
}

fn parse(name: &str, document: &str) -> Result<terrier_model::Class, LedgerError> {
    let class = class_from_toml(document).map_err(|error| LedgerError::Broken {
        what: format!("the document of class `{name}`: {error}"),
    })?;
    if class.name() != name {
        let what = format!("the document of class `{name}` describes `{}`", class.name());
        return Err(LedgerError::Broken { what });
    }
    Ok(class)
}
