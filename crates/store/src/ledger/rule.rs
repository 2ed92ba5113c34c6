//! The rules of a registry, as documents of packs in the ledger.

use std::sync::Arc;

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;
use terrier_catalog::{RulePack, RulePackError};
use terrier_model::{Classes, Rule, Verb};

use super::{KnownClass, Ledger, LedgerError, audit, class};
use crate::ErrorChain;
use crate::rules::Rules;

/// The most packs of rules that a registry may have, retired ones included.
pub const MAX_RULE_PACKS: usize = 64;

/// The document of a pack of rules that is in force.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RuleDocument {
    /// The name of the pack.
    pub name: String,
    /// Its TOML document; `None` when the pack is retired.
    pub text: Option<String>,
    /// The change that put it in force.
    pub recorded_from: u64,
}

/// What is to be done to a pack of rules, and who is behind it.
#[derive(Clone, Debug)]
pub struct RulePut {
    /// The name of the pack.
    pub name: String,
    /// Its TOML document; `None` retires the pack.
    pub text: Option<String>,
    /// When this is recorded.
    pub recorded_at: Timestamp,
    /// Who does it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// What brought it, such as `rules put hexi.toml`.
    pub origin: String,
}

/// What came of a [`RulePut`].
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RulePutReport {
    /// The change that it is; `None` when nothing changed or nothing was written.
    pub sequence: Option<u64>,
    /// Whether the document in force is the same.
    pub is_same: bool,
    /// The rules that were not there.
    pub added: Vec<String>,
    /// The rules that say something else now.
    pub changed: Vec<String>,
    /// The rules that are there no more.
    pub removed: Vec<String>,
}

/// A pack with the number that the ledger gave it.
struct KnownPack {
    number: u32,
    document: RuleDocument,
}

/// Writes the packs that a new registry starts with, as a part of its first change.
pub(super) async fn put_first(
    connection: &mut SqliteConnection,
    packs: &[(&str, &str)],
    sequence: i64,
) -> Result<(), LedgerError> {
    for (name, text) in packs {
        let number = insert_pack(connection, name).await?;
        insert_document(connection, number, sequence, Some(text)).await?;
    }
    let classes = class::load(connection).await?;
    check(connection, &classes_of(&classes)).await
}

async fn insert_pack(connection: &mut SqliteConnection, name: &str) -> Result<u32, LedgerError> {
    sqlx::query_scalar(include_str!("../sql/sqlite/insert_rule_pack.sql"))
        .bind(name)
        .fetch_one(connection)
        .await
        .map_err(LedgerError::while_doing("write the name of a rule pack"))
}

async fn insert_document(
    connection: &mut SqliteConnection,
    pack: u32,
    sequence: i64,
    text: Option<&str>,
) -> Result<(), LedgerError> {
    sqlx::query(include_str!("../sql/sqlite/insert_rule_document.sql"))
        .bind(pack)
        .bind(sequence)
        .bind(text)
        .execute(connection)
        .await
        .map(|_| ())
        .map_err(LedgerError::while_doing("write the document of a rule pack"))
}

async fn known_packs(connection: &mut SqliteConnection) -> Result<Vec<KnownPack>, LedgerError> {
    let fault = LedgerError::while_doing("read the rules");
    let rows = sqlx::query(include_str!("../sql/sqlite/select_rule_packs.sql"))
        .fetch_all(connection)
        .await
        .map_err(&fault)?;
    rows.iter()
        .map(|row| {
            let sequence: i64 = row.try_get(3).map_err(&fault)?;
            let document = RuleDocument {
                name: row.try_get(1).map_err(&fault)?,
                text: row.try_get(2).map_err(&fault)?,
                recorded_from: sequence.cast_unsigned(),
            };
            Ok(KnownPack { number: row.try_get(0).map_err(&fault)?, document })
        })
        .collect()
}

/// All classes, retired ones too: a rule about one of these has nothing to judge.
fn classes_of(known: &[KnownClass]) -> Classes {
    known.iter().map(|known| known.form.class().as_ref().clone()).collect()
}

/// The rules of these documents, each checked against its class, and each of a name of its own.
fn checked<'d>(
    documents: impl IntoIterator<Item = (&'d str, &'d str)>,
    classes: &Classes,
) -> Result<Vec<Rule>, LedgerError> {
    let mut all: Vec<Rule> = Vec::new();
    for (name, text) in documents {
        let refused = |source: RulePackError| LedgerError::Rules { pack: name.into(), source };
        let pack = RulePack::from_toml(text).map_err(refused)?;
        let rules = pack.checked(classes).map_err(refused)?;
        let twice = rules
            .iter()
            .map(|rule| &rule.draft().id)
            .find(|id| all.iter().any(|other: &Rule| other.draft().id == **id));
        if let Some(id) = twice {
            return Err(refused(RulePackError::Twice(id.clone())));
        }
        all.extend(rules);
    }
    Ok(all)
}

/// Whether the rules in force fit the classes.
///
/// # Errors
/// [`LedgerError::Rules`] when one does not.
pub(super) async fn check(
    connection: &mut SqliteConnection,
    classes: &Classes,
) -> Result<(), LedgerError> {
    let known = known_packs(connection).await?;
    checked(texts(&known), classes).map(|_| ())
}

fn texts(known: &[KnownPack]) -> impl Iterator<Item = (&str, &str)> {
    known.iter().filter_map(|KnownPack { document, .. }| {
        document.text.as_deref().map(|text| (&*document.name, text))
    })
}

/// The rules, given those that were known: the same where nothing of them has changed.
pub(super) async fn load(
    connection: &mut SqliteConnection,
    classes: &[KnownClass],
    known: &Arc<Rules>,
) -> Result<Arc<Rules>, LedgerError> {
    let version: i64 = sqlx::query_scalar(include_str!("../sql/sqlite/select_rules_state.sql"))
        .fetch_one(&mut *connection)
        .await
        .map_err(LedgerError::while_doing("read when the rules were changed"))?;
    let version = version.cast_unsigned();
    if version == known.version() {
        return Ok(Arc::clone(known));
    }
    let packs = known_packs(connection).await?;
    let classes = classes_of(classes);
    let all = checked(texts(&packs), &classes)
        .map_err(|error| LedgerError::Broken { what: ErrorChain(&error).to_string() })?;
    Ok(Arc::new(Rules::new(version, all, &classes)))
}

/// The documents that are no packs of rules, or do not fit the classes, in words.
pub(super) async fn verify(connection: &mut SqliteConnection) -> Result<Vec<String>, LedgerError> {
    let fault = LedgerError::while_doing("read what the rules have been");
    let rows = sqlx::query(include_str!("../sql/sqlite/select_rule_documents.sql"))
        .fetch_all(&mut *connection)
        .await
        .map_err(&fault)?;
    let mut problems = Vec::new();
    for row in &rows {
        let name: String = row.try_get(0).map_err(&fault)?;
        let sequence: i64 = row.try_get(1).map_err(&fault)?;
        let text: String = row.try_get(2).map_err(&fault)?;
        let problem = match RulePack::from_toml(&text) {
            Ok(pack) if *pack.name == *name => continue,
            Ok(pack) => format!("it is of `{}`", pack.name),
            Err(error) => ErrorChain(&error).to_string(),
        };
        problems
            .push(format!("at change {sequence}: the document of rule pack `{name}`: {problem}"));
    }
    if problems.is_empty() {
        let classes = classes_of(&class::load(connection).await?);
        let fit = check(connection, &classes).await;
        problems.extend(fit.err().map(|error| ErrorChain(&error).to_string()));
    }
    Ok(problems)
}

impl Ledger {
    /// The packs of rules, retired ones too, in the order in which they came.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn rule_documents(&self) -> Result<Vec<RuleDocument>, LedgerError> {
        let fault = LedgerError::while_doing("read the rules");
        let mut reader = self.readers.acquire().await.map_err(fault)?;
        let known = known_packs(&mut reader).await?;
        Ok(known.into_iter().map(|known| known.document).collect())
    }

    /// Puts a pack of rules in force in the place of the one of its name, or retires it, as one
    /// change. `rehearse` tells the same and writes nothing.
    ///
    /// # Errors
    /// [`LedgerError::Rules`] when a rule does not fit the classes of the registry, or has the name
    /// of one in another pack; [`LedgerError::TooManyRulePacks`], [`LedgerError::NoRulePack`] for
    /// one to be retired; when the ledger cannot be read or written. Nothing is written then.
    pub async fn put_rules(
        &self,
        put: &RulePut,
        rehearse: bool,
    ) -> Result<RulePutReport, LedgerError> {
        let fault = LedgerError::while_doing("change rules");
        let mut transaction = self.begin_writing("change rules").await?;
        let known = known_packs(&mut transaction).await?;
        let classes = classes_of(&class::load(&mut transaction).await?);
        let (_, mut report) = weighed(&known, &put.name, put.text.as_deref(), &classes)?;
        if rehearse || report.is_same {
            transaction.rollback().await.map_err(fault)?;
            return Ok(report);
        }
        let RulePut { recorded_at, actor, reason, origin, .. } = put;
        let sequence = class::insert_change(
            &mut transaction,
            *recorded_at,
            actor,
            Verb::Update,
            reason,
            origin,
        )
        .await?;
        let former = known.iter().find(|known| known.document.name == put.name);
        let number = match former {
            Some(known) => known.number,
            None => insert_pack(&mut transaction, &put.name).await?,
        };
        insert_document(&mut transaction, number, sequence, put.text.as_deref()).await?;
        audit::seal_beside_assets(&mut transaction, sequence, *recorded_at).await?;
        transaction.commit().await.map_err(fault)?;
        report.sequence = Some(sequence.cast_unsigned());
        Ok(report)
    }
}

/// The rules as they would be with a pack in the place of the one of its name, or without it, and what
/// differs.
fn weighed(
    known: &[KnownPack],
    name: &str,
    text: Option<&str>,
    classes: &Classes,
) -> Result<(Vec<Rule>, RulePutReport), LedgerError> {
    let former = known.iter().find(|known| known.document.name == name);
    let former_text = former.and_then(|known| known.document.text.as_deref());
    if text.is_none() && former_text.is_none() {
        return Err(LedgerError::NoRulePack { name: name.into() });
    }
    if former.is_none() && known.len() == MAX_RULE_PACKS {
        return Err(LedgerError::TooManyRulePacks);
    }
    let others = texts(known).filter(|(other, _)| *other != name);
    // The new one last, so that it is the one to be refused.
    let rules = checked(others.chain(text.map(|text| (name, text))), classes)?;
    Ok((rules, compare(former_text, text)))
}

/// The rules as they are and as they would be, and in which rules of the pack they differ.
pub(super) struct RuleTrial {
    pub(super) before: Rules,
    pub(super) after: Rules,
    pub(super) report: RulePutReport,
}

/// What a pack would make of the rules.
pub(super) async fn with_pack(
    connection: &mut SqliteConnection,
    classes: &[KnownClass],
    name: &str,
    text: &str,
) -> Result<RuleTrial, LedgerError> {
    let known = known_packs(connection).await?;
    let classes = classes_of(classes);
    let (after, report) = weighed(&known, name, Some(text), &classes)?;
    let rules = |all| Rules::new(0, all, &classes);
    Ok(RuleTrial { before: rules(checked(texts(&known), &classes)?), after: rules(after), report })
}

/// In which rules two documents of a pack differ. Both have been read before.
fn compare(former: Option<&str>, new: Option<&str>) -> RulePutReport {
    let rules = |text: Option<&str>| {
        text.and_then(|text| RulePack::from_toml(text).ok()).map_or(Vec::new(), |pack| pack.rules)
    };
    let mut report = RulePutReport { is_same: former == new, ..RulePutReport::default() };
    let (before, after) = (rules(former), rules(new));
    for rule in &after {
        match before.iter().find(|other| other.id == rule.id) {
            None => report.added.push(rule.id.to_string()),
            Some(other) if other != rule => report.changed.push(rule.id.to_string()),
            Some(_) => {}
        }
    }
    let is_gone = |id: &str| after.iter().all(|rule| *rule.id != *id);
    let gone = before.iter().filter(|rule| is_gone(&rule.id));
    report.removed = gone.map(|rule| rule.id.to_string()).collect();
    report
}
