//! Changes of classes: what a document would change is compared with what is registered, and either
//! all documents of a change are put in force or none.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;
use terrier_catalog::ClassPack;
use terrier_model::{Class, Difference, Held, Verb};

use super::class::{self, Document};
use super::content::ContentForm;
use super::{Ledger, LedgerError, audit, rule};

/// The most classes that a registry may have, retired ones included.
pub const MAX_CLASSES: usize = 256;

/// Documents that are to be put in force, and who is behind it.
#[derive(Clone, Debug)]
pub struct ClassPut {
    /// The documents, each of another class.
    pub packs: Vec<ClassPack>,
    /// Whether what was restricted may become public.
    pub may_publish: bool,
    /// When this is recorded.
    pub recorded_at: Timestamp,
    /// Who does it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// What brought it, such as `classes put benches.toml`.
    pub origin: String,
}

/// What came of a [`ClassPut`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassPutReport {
    /// The change that it is; `None` when nothing changed or nothing was written.
    pub sequence: Option<u64>,
    /// What each document does, in the order of the documents.
    pub classes: Vec<ClassOutcome>,
}

/// What a document does to its class.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassOutcome {
    /// The class.
    pub name: String,
    /// What the document does.
    pub action: ClassAction,
}

/// What a document does.
#[derive(Clone, Debug, PartialEq)]
pub enum ClassAction {
    /// There was no such class.
    Add,
    /// The document in force is the same.
    Keep,
    /// The document is another one; it may differ in its comments alone.
    Change(Vec<Weighed>),
}

/// A difference with what is registered of that which it concerns.
#[derive(Clone, Debug, PartialEq)]
pub struct Weighed {
    /// In what the class would differ.
    pub difference: Difference,
    /// How many versions it concerns.
    pub held: Held,
    /// Why it is refused, and what to do instead.
    pub refusal: Option<&'static str>,
}

impl ClassPutReport {
    /// The differences that are refused, each with the name of its class. With any of them nothing
    /// is written.
    pub fn refused(&self) -> impl Iterator<Item = (&str, &Weighed)> {
        self.classes.iter().flat_map(|class| {
            let weighed: &[Weighed] = match &class.action {
                ClassAction::Change(weighed) => weighed,
                ClassAction::Add | ClassAction::Keep => &[],
            };
            let refused = weighed.iter().filter(|weighed| weighed.refusal.is_some());
            refused.map(|weighed| (&*class.name, weighed))
        })
    }
}

impl Ledger {
    /// Puts documents in force as one change, or tells what that would lose or contradict. Waits for
    /// other writers, then keeps them waiting; looks at every version of a class whose description
    /// becomes narrower. `rehearse` tells the same and writes nothing.
    ///
    /// # Errors
    /// [`LedgerError::Busy`] when another writer takes too long, [`LedgerError::TooManyClasses`],
    /// [`LedgerError::Rules`] when a rule would not fit its class any more, and when the ledger cannot be read or written; nothing is written then.
    pub async fn put_classes(
        &self,
        put: &ClassPut,
        rehearse: bool,
    ) -> Result<ClassPutReport, LedgerError> {
        let fault = LedgerError::while_doing("change classes");
        let mut transaction = self.begin_writing("change classes").await?;
        let known = class::documents(&mut transaction).await?;
        let mut report = ClassPutReport::default();
        for pack in &put.packs {
            let name = pack.class().name();
            let action = match known.iter().find(|known| known.name == name) {
                None => ClassAction::Add,
                Some(known) if known.text == pack.text() => ClassAction::Keep,
                Some(known) => weigh(&mut transaction, known, pack, put.may_publish).await?,
            };
            report.classes.push(ClassOutcome { name: name.into(), action });
        }
        let count = |wanted: &ClassAction| {
            report.classes.iter().filter(|outcome| outcome.action == *wanted).count()
        };
        let (added, kept) = (count(&ClassAction::Add), count(&ClassAction::Keep));
        if known.len() + added > MAX_CLASSES {
            return Err(LedgerError::TooManyClasses { count: known.len() + added });
        }
        if report.refused().next().is_none() {
            check_rules(&mut transaction, &known, &put.packs).await?;
        }
        if rehearse || report.refused().next().is_some() || kept == report.classes.len() {
            transaction.rollback().await.map_err(fault)?;
            return Ok(report);
        }
        let ClassPut { recorded_at, actor, reason, origin, .. } = put;
        let sequence = class::insert_change(
            &mut transaction,
            *recorded_at,
            actor,
            Verb::Update,
            reason,
            origin,
        )
        .await?;
        for (pack, outcome) in put.packs.iter().zip(&report.classes) {
            let number = match &outcome.action {
                ClassAction::Keep => continue,
                ClassAction::Add => class::insert_class(&mut transaction, &outcome.name).await?,
                ClassAction::Change(_) => {
                    let known = known.iter().find(|known| known.name == outcome.name);
                    known.expect("a class that changes is known").number
                }
            };
            class::insert_document(&mut transaction, number, sequence, pack.text()).await?;
        }
        audit::seal_beside_assets(&mut transaction, sequence, *recorded_at).await?;
        transaction.commit().await.map_err(fault)?;
        report.sequence = Some(sequence.cast_unsigned());
        Ok(report)
    }
}

/// Whether the rules fit the classes as they would be.
async fn check_rules(
    connection: &mut SqliteConnection,
    known: &[Document],
    packs: &[ClassPack],
) -> Result<(), LedgerError> {
    let former = known.iter().map(|known| class::parse(&known.name, &known.text));
    let former: Vec<Class> = former.collect::<Result<_, _>>()?;
    // Of two of one name the last counts.
    let new = packs.iter().map(|pack| pack.class().clone());
    rule::check(connection, &former.into_iter().chain(new).collect()).await
}

/// Compares a document with that in force, and with what is registered where it may matter.
async fn weigh(
    connection: &mut SqliteConnection,
    known: &Document,
    pack: &ClassPack,
    may_publish: bool,
) -> Result<ClassAction, LedgerError> {
    let class = class::parse(&known.name, &known.text)?;
    let differences = class.differences(pack.class());
    let mut held = vec![Held::default(); differences.len()];
    if differences.iter().any(Difference::needs_look) {
        let form = ContentForm::new(std::sync::Arc::new(class));
        count(connection, known.number, &form, &differences, &mut held).await?;
    }
    let weighed = differences.into_iter().zip(held).map(|(difference, held)| {
        let refusal = difference.refusal(held, may_publish);
        Weighed { difference, held, refusal }
    });
    Ok(ClassAction::Change(weighed.collect()))
}

/// Counts the versions that each of the differences concerns.
async fn count(
    connection: &mut SqliteConnection,
    number: u32,
    form: &ContentForm,
    differences: &[Difference],
    held: &mut [Held],
) -> Result<(), LedgerError> {
    use futures_util::TryStreamExt;
    let fault = LedgerError::while_doing("look at what is registered of a class");
    let mut rows = sqlx::query(include_str!("../sql/sqlite/select_contents_of_class.sql"))
        .bind(number)
        .fetch(connection);
    while let Some(row) = rows.try_next().await.map_err(&fault)? {
        let text: &str = row.try_get(0).map_err(&fault)?;
        let standing: bool = row.try_get(1).map_err(&fault)?;
        let (core, own) = form.fields(text).map_err(|error| LedgerError::Broken {
            what: format!("the fields of one of the {}: {error}", form.class().name()),
        })?;
        for (difference, held) in differences.iter().zip(held.iter_mut()) {
            let is_concerned = difference.concerns(&core, &own, standing);
            let count = if standing { &mut held.standing } else { &mut held.past };
            *count += u64::from(is_concerned);
        }
    }
    Ok(())
}
