//! The classes of a registry, as documents in the ledger.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use terrier_catalog::{ClassPack, PackError, class_from_toml};
use terrier_model::{ChangeSet, Class, Verb};

use super::change::Record;
use super::content::ContentForm;
use super::history::change_set;
use super::{Beginning, Ledger, LedgerError, access, audit, rule, setting};
use crate::ErrorChain;

/// A class with the number that the ledger gave it.
#[derive(Clone, Debug)]
pub(super) struct KnownClass {
    pub(super) number: u32,
    pub(super) form: ContentForm,
}

/// Writes the classes, the packs of rules, the roles and the settings that a new registry starts with, as
/// its first change.
pub(super) async fn put_first(
    pool: &SqlitePool,
    beginning: &Beginning<'_>,
) -> Result<(), LedgerError> {
    let Beginning { classes, rules, time_zone, access: _, recorded_at, actor } = *beginning;
    let fault = LedgerError::while_doing("write the classes and rules of a new registry");
    let mut transaction = pool.begin().await.map_err(&fault)?;
    let reason = "the classes and rules that a new registry starts with";
    let sequence =
        insert_change(&mut transaction, recorded_at, actor, Verb::Update, reason, "terrier")
            .await?;
    for (name, document) in classes {
        let pack = ClassPack::parse(document).map_err(|error| broken(name, error))?;
        let number = insert_class(&mut transaction, name).await?;
        insert_document(&mut transaction, number, sequence, pack.text()).await?;
    }
    rule::put_first(&mut transaction, rules, sequence).await?;
    setting::insert(&mut transaction, time_zone, sequence).await?;
    access::put_first(&mut transaction, beginning, sequence).await?;
    audit::seal_beside_assets(&mut transaction, sequence, recorded_at).await?;
    transaction.commit().await.map_err(&fault)
}

/// Records a change, and answers its place in the change sequence.
pub(super) async fn insert_change(
    connection: &mut SqliteConnection,
    at: jiff::Timestamp,
    actor: &str,
    verb: Verb,
    reason: &str,
    origin: &str,
) -> Result<i64, LedgerError> {
    let recorded_at = at;
    let record = Record { recorded_at, actor, verb, reason, origin, source: "", request: None };
    Ok(record.insert(connection).await?.0)
}

/// Gives a new class its number.
pub(super) async fn insert_class(
    connection: &mut SqliteConnection,
    name: &str,
) -> Result<u32, LedgerError> {
    sqlx::query_scalar(include_str!("../sql/sqlite/insert_class.sql"))
        .bind(name)
        .fetch_one(connection)
        .await
        .map_err(LedgerError::while_doing("write the name of a class"))
}

/// Writes the document of a class that a change puts in force.
pub(super) async fn insert_document(
    connection: &mut SqliteConnection,
    class: u32,
    sequence: i64,
    document: &str,
) -> Result<(), LedgerError> {
    sqlx::query(include_str!("../sql/sqlite/insert_class_document.sql"))
        .bind(class)
        .bind(sequence)
        .bind(document)
        .execute(connection)
        .await
        .map(|_| ())
        .map_err(LedgerError::while_doing("write the document of a class"))
}

/// The document of a class in force.
pub(super) struct Document {
    /// The number that the ledger gave the class.
    pub(super) number: u32,
    pub(super) name: String,
    pub(super) text: String,
}

/// A description that a class had, or has.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassVersion {
    /// The change that put it in force.
    pub change: ChangeSet,
    /// Its TOML document.
    pub document: String,
}

impl Ledger {
    /// The name and the TOML document of each class in force, retired ones too, in the order of
    /// their names.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn class_documents(&self) -> Result<Vec<(String, String)>, LedgerError> {
        let fault = LedgerError::while_doing("read the classes");
        let mut reader = self.readers.acquire().await.map_err(fault)?;
        let documents = documents(&mut reader).await?;
        Ok(documents.into_iter().map(|one| (one.name, one.text)).collect())
    }

    /// Every description that the class of that name has had, in the order in which they were in
    /// force; none when there is no such class.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn class_versions(&self, name: &str) -> Result<Vec<ClassVersion>, LedgerError> {
        let fault = LedgerError::while_doing("read what a class has been");
        let mut reader = self.readers.begin().await.map_err(&fault)?;
        let known = documents(&mut reader).await?.into_iter().find(|known| known.name == name);
        let Some(known) = known else { return Ok(Vec::new()) };
        let mut versions = Vec::new();
        for sequence in changes_of(&mut reader, known.number).await? {
            let change = change_set(&mut reader, &mut HashMap::new(), sequence).await?;
            let document = document_of(&mut reader, known.number, sequence).await?;
            versions.push(ClassVersion { change, document });
        }
        Ok(versions)
    }
}

/// The documents in force, in the order of the names of their classes.
pub(super) async fn documents(
    connection: &mut SqliteConnection,
) -> Result<Vec<Document>, LedgerError> {
    let fault = LedgerError::while_doing("read the classes");
    let rows = sqlx::query(include_str!("../sql/sqlite/select_classes.sql"))
        .fetch_all(connection)
        .await
        .map_err(&fault)?;
    rows.iter()
        .map(|row| {
            let number = row.try_get(0).map_err(&fault)?;
            let (name, text) = (row.try_get(1).map_err(&fault)?, row.try_get(2).map_err(&fault)?);
            Ok(Document { number, name, text })
        })
        .collect()
}

/// The changes that have described a class, in order.
async fn changes_of(
    connection: &mut SqliteConnection,
    class: u32,
) -> Result<Vec<i64>, LedgerError> {
    sqlx::query_scalar(include_str!("../sql/sqlite/select_changes_of_class.sql"))
        .bind(class)
        .fetch_all(connection)
        .await
        .map_err(LedgerError::while_doing("read when a class was described"))
}

/// The classes in force, in the order of their names.
pub(super) async fn load(
    connection: &mut SqliteConnection,
) -> Result<Vec<KnownClass>, LedgerError> {
    let known = |document: Document| {
        let class = parse(&document.name, &document.text)?;
        Ok(KnownClass { number: document.number, form: ContentForm::new(Arc::new(class)) })
    };
    documents(connection).await?.into_iter().map(known).collect()
}

/// The classes that were in force after a change that described one.
#[derive(Debug, Default)]
pub(super) struct KnownClasses(Mutex<Option<(i64, Arc<[KnownClass]>)>>);

impl Ledger {
    /// The classes in force, in the order of their names. They are read again only when one of them
    /// has been described anew.
    pub(super) async fn known_classes(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<Arc<[KnownClass]>, LedgerError> {
        let state: i64 = sqlx::query_scalar(include_str!("../sql/sqlite/select_classes_state.sql"))
            .fetch_one(&mut *connection)
            .await
            .map_err(LedgerError::while_doing("look whether classes have changed"))?;
        let kept = self.classes.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, classes)) = kept.filter(|(of, _)| *of == state) {
            return Ok(classes);
        }
        let classes: Arc<[KnownClass]> = load(connection).await?.into();
        let kept = Some((state, Arc::clone(&classes)));
        *self.classes.0.lock().unwrap_or_else(PoisonError::into_inner) = kept;
        Ok(classes)
    }
}

/// A class as it was described at a change, for a caller who sees what is seen today; `None` when
/// there was none yet.
pub(super) async fn known_at(
    connection: &mut SqliteConnection,
    today: &KnownClass,
    sequence: i64,
) -> Result<Option<KnownClass>, LedgerError> {
    let changes = changes_of(connection, today.number).await?;
    if changes.last().is_some_and(|last| *last <= sequence) {
        return Ok(Some(today.clone()));
    }
    if changes.first().is_none_or(|first| *first > sequence) {
        return Ok(None);
    }
    let Some(mut of_its_day) = ClassOfItsDay::load(connection, today.number).await? else {
        return Ok(None);
    };
    let form = of_its_day.form_at(connection, sequence).await?.clone();
    Ok(Some(KnownClass { number: today.number, form }))
}

/// What a class was at each time, to read versions of its assets as they were written.
pub(super) struct ClassOfItsDay {
    number: u32,
    today: Class,
    /// The changes that described it, in order.
    changes: Vec<i64>,
    /// The forms that were asked for, by their place in `changes`.
    forms: HashMap<usize, ContentForm>,
}

impl ClassOfItsDay {
    /// The class of that number; `None` when there is none.
    pub(super) async fn load(
        connection: &mut SqliteConnection,
        number: u32,
    ) -> Result<Option<Self>, LedgerError> {
        let changes = changes_of(connection, number).await?;
        let Some(last) = changes.last() else { return Ok(None) };
        let document = document_of(connection, number, *last).await?;
        let today = class_from_toml(&document)
            .map_err(|error| broken(&format!("number {number}"), error))?;
        Ok(Some(Self { number, today, changes, forms: HashMap::new() }))
    }

    /// The form in which a change wrote, for a caller who sees what is seen today: fields that have
    /// become restricted are restricted in what is past, too.
    pub(super) async fn form_at(
        &mut self,
        connection: &mut SqliteConnection,
        sequence: i64,
    ) -> Result<&ContentForm, LedgerError> {
        let Self { number, today, changes, forms } = self;
        let after = changes.partition_point(|from| *from <= sequence);
        let place = after.checked_sub(1).ok_or_else(|| LedgerError::Broken {
            what: format!("class `{}` was not described at change {sequence}", today.name()),
        })?;
        match forms.entry(place) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(free) => {
                let document = document_of(connection, *number, changes[place]).await?;
                let class = parse(today.name(), &document)?.as_sensitive_as(today);
                Ok(free.insert(ContentForm::new(Arc::new(class))))
            }
        }
    }
}

/// The document of a class that a change put in force.
async fn document_of(
    connection: &mut SqliteConnection,
    class: u32,
    sequence: i64,
) -> Result<String, LedgerError> {
    sqlx::query_scalar(include_str!("../sql/sqlite/select_document_of_change.sql"))
        .bind(class)
        .bind(sequence)
        .fetch_one(connection)
        .await
        .map_err(LedgerError::while_doing("read what a class has been"))
}

/// The documents that describe no class, or another one, in words.
pub(super) async fn verify(connection: &mut SqliteConnection) -> Result<Vec<String>, LedgerError> {
    let mut problems = Vec::new();
    for Document { number, name, .. } in documents(connection).await? {
        for sequence in changes_of(connection, number).await? {
            let document = document_of(connection, number, sequence).await?;
            if let Err(error) = parse(&name, &document) {
                problems.push(format!("at change {sequence}: {error}"));
            }
        }
    }
    Ok(problems)
}

pub(super) fn parse(name: &str, document: &str) -> Result<Class, LedgerError> {
    let class = class_from_toml(document).map_err(|error| broken(name, error))?;
    if class.name() != name {
        let what = format!("the document of class `{name}` describes `{}`", class.name());
        return Err(LedgerError::Broken { what });
    }
    Ok(class)
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
fn broken(name: &str, error: PackError) -> LedgerError {
    LedgerError::Broken { what: format!("the document of class `{name}`: {}", ErrorChain(&error)) }
}
