//! A change under way: what is said of it as a whole, its place in the sequence, and the end of it.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::Row;
use sqlx::sqlite::{Sqlite, SqliteConnection};
use terrier_model::{AuditMark, Class, Verb};

use super::audit::{self, Cell, Digests, Written};
use super::import::{EventCounts, Numbers};
use super::{KnownClass, Ledger, LedgerError};

/// How a change is meant, and who is behind it.
#[derive(Clone, Debug)]
pub struct Change {
    /// Where the knowledge comes from; of an import, whose keys the external keys are. Empty when
    /// nobody said.
    pub source: String,
    /// Whether the street changed, or we had it wrong.
    pub verb: Verb,
    /// Since when a new or updated asset is as it is described.
    pub since: Since,
    /// When this is recorded.
    pub recorded_at: Timestamp,
    /// Which day that is where the registry is; no event is of a later one.
    pub today: Date,
    /// Who does it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// What brought it, such as `import gas.geojson`.
    pub origin: String,
}

/// Since when what a change says is true in the street.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Since {
    /// Since the change is recorded; where something is known since a later moment, which a clock that
    /// was set back makes possible, just after that.
    Now,
    /// Since a moment.
    At(Timestamp),
}

impl Since {
    /// The moment, for an asset of which something is known since `known`.
    pub(super) fn after(self, known: Option<Timestamp>, recorded_at: Timestamp) -> Timestamp {
        match (self, known) {
            (Self::At(moment), _) => moment,
            (Self::Now, Some(known)) if known >= recorded_at => {
                known.saturating_add(jiff::SignedDuration::from_micros(1)).unwrap_or(known)
            }
            (Self::Now, _) => recorded_at,
        }
    }
}

/// What a change did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ChangeReport {
    /// The change that it is; `None` when nothing changed or nothing was written.
    pub sequence: Option<u64>,
    /// Assets that were not known.
    pub created: u64,
    /// Assets that have a new version.
    pub changed: u64,
    /// Assets of which all that was said but for events was known just so.
    pub unchanged: u64,
    /// Assets that are no more.
    pub retired: u64,
    /// What came of events.
    pub events: EventCounts,
}

impl ChangeReport {
    fn is_of_nothing(&self) -> bool {
        let Self { sequence: _, created, changed, unchanged: _, retired, events } = self;
        created + changed + retired + events.recorded + events.superseded == 0
    }
}

/// What a client calls its request, and the SHA-256 of what it asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Request {
    /// The name, which the client chose.
    pub key: String,
    /// The SHA-256 of what makes it this request and no other.
    pub hash: [u8; 32],
}

/// A change under way; all other writers wait. Dropping it leaves nothing.
pub struct ChangeSession {
    pub(super) transaction: sqlx::Transaction<'static, Sqlite>,
    pub(super) settings: Change,
    pub(super) classes: Arc<[KnownClass]>,
    /// The descriptions of the classes by which rows have been checked, by the places of the latter.
    checked: Vec<Option<Arc<Class>>>,
    /// `None` until something arrives by a key.
    pub(super) source_number: Option<i64>,
    pub(super) sequence: i64,
    pub(super) arrived: Numbers,
    pub(super) report: ChangeReport,
    /// What of it the audit will say.
    pub(super) written: Written,
    /// The last entry of the audit; `None` until it was read.
    last_entry: Option<AuditMark>,
}

impl Ledger {
    /// Starts a change: waits for other writers, then keeps them waiting.
    ///
    /// # Errors
    /// [`LedgerError::Busy`] when another writer takes too long.
    pub async fn begin_change(&self, settings: Change) -> Result<ChangeSession, LedgerError> {
        self.begin_requested(settings, None).await
    }

    /// The same for a change that somebody asked for under a name, which no change of the actor may have
    /// yet.
    ///
    /// # Errors
    /// As for [`Self::begin_change`].
    pub async fn begin_requested(
        &self,
        settings: Change,
        request: Option<&Request>,
    ) -> Result<ChangeSession, LedgerError> {
        let mut session = self.begin_changes(settings).await?;
        session.record(request).await?;
        Ok(session)
    }

    /// The change that somebody asked for under a name, and the SHA-256 of what was asked for.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn change_of_request(
        &self,
        actor: &str,
        key: &str,
    ) -> Result<Option<(u64, Vec<u8>)>, LedgerError> {
        let found: Option<(i64, Vec<u8>)> =
            sqlx::query_as(include_str!("../sql/sqlite/select_change_of_request.sql"))
                .bind(actor)
                .bind(key)
                .fetch_optional(&self.readers)
                .await
                .map_err(LedgerError::while_doing("look for a request that was made before"))?;
        Ok(found.map(|(sequence, hash)| (sequence.cast_unsigned(), hash)))
    }

    /// Starts to write one or several changes, none of which is recorded yet.
    pub(super) async fn begin_changes(&self, first: Change) -> Result<ChangeSession, LedgerError> {
        let mut transaction = self.begin_writing("start a change").await?;
        let classes = self.known_classes(&mut transaction).await?;
        Ok(ChangeSession {
            transaction,
            settings: first,
            checked: vec![None; classes.len()],
            classes,
            source_number: None,
            sequence: 0,
            arrived: Numbers::default(),
            report: ChangeReport::default(),
            written: Written::default(),
            last_entry: None,
        })
    }
}

impl ChangeSession {
    /// Goes on with another change in the same transaction.
    pub(super) fn turn_to(&mut self, settings: Change) {
        self.settings = settings;
        self.source_number = None;
        self.arrived = Numbers::default();
        self.report = ChangeReport::default();
        self.written = Written::default();
    }

    /// Records the change, which then has its place in the sequence.
    pub(super) async fn record(&mut self, request: Option<&Request>) -> Result<(), LedgerError> {
        let Change { source, verb, recorded_at, actor, reason, origin, .. } = &self.settings;
        let (recorded_at, verb) = (*recorded_at, *verb);
        let record = Record { recorded_at, actor, verb, reason, origin, source, request };
        let (sequence, last_version) = record.insert(&mut self.transaction).await?;
        self.written = Written::begin(record.cells(sequence), last_version);
        self.sequence = sequence;
        Ok(())
    }

    /// The place of a class that is described as it was when the row was checked.
    pub(super) fn class_place(&mut self, class: &Arc<Class>) -> Result<usize, LedgerError> {
        let place = self.classes.iter().position(|known| known.form.class().name() == class.name());
        let place = place.ok_or_else(|| LedgerError::Broken {
            what: format!("class `{}` is not in the ledger", class.name()),
        })?;
        let checked = &mut self.checked[place];
        if !checked.as_ref().is_some_and(|checked| Arc::ptr_eq(checked, class)) {
            if self.classes[place].form.class() != class {
                return Err(LedgerError::ClassChanged { class: class.name().into() });
            }
            *checked = Some(Arc::clone(class));
        }
        Ok(place)
    }

    /// The name of the class of that number.
    pub(super) fn class_name(&self, number: u32) -> &str {
        let known = self.classes.iter().find(|known| known.number == number);
        known.map_or("another class", |known| known.form.class().name())
    }

    /// The number of the source, which may be new.
    pub(super) async fn source_number(&mut self) -> Result<i64, LedgerError> {
        if let Some(number) = self.source_number {
            return Ok(number);
        }
        let number = sqlx::query_scalar(include_str!("../sql/sqlite/insert_source.sql"))
            .bind(&self.settings.source)
            .fetch_one(&mut *self.transaction)
            .await
            .map_err(LedgerError::while_doing("write the source of an import"))?;
        self.source_number = Some(number);
        Ok(number)
    }

    /// Does the work as one that can be undone by itself: when it fails or answers false, nothing of it
    /// remains, and the transaction goes on.
    pub(super) async fn apart<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Self) -> Result<(bool, T), LedgerError>,
    ) -> Result<T, LedgerError> {
        let fault = LedgerError::while_doing("set a change apart from others");
        statement(&mut self.transaction, "savepoint one_change").await.map_err(&fault)?;
        let last_entry = self.last_entry;
        let done = work(self).await;
        if !matches!(done, Ok((true, _))) {
            self.last_entry = last_entry;
            let undo = statement(&mut self.transaction, "rollback to one_change").await;
            undo.map_err(&fault)?;
        }
        statement(&mut self.transaction, "release one_change").await.map_err(&fault)?;
        done.map(|(_, answer)| answer)
    }

    /// Says that the change is complete, when there is something in it: then it has a place in the
    /// sequence. Otherwise nothing of it must remain.
    pub(super) async fn complete(&mut self) -> Result<ChangeReport, LedgerError> {
        self.complete_with(async |_, _| Ok(Vec::new())).await
    }

    /// The same for a change that wrote what it does not know: further digests are made of what there is.
    pub(super) async fn complete_with(
        &mut self,
        further: impl AsyncFnOnce(&mut SqliteConnection, i64) -> Result<Digests, LedgerError>,
    ) -> Result<ChangeReport, LedgerError> {
        if self.report.is_of_nothing() {
            return Ok(self.report);
        }
        let (sequence, fault) = (self.sequence, LedgerError::while_doing("complete a change"));
        sqlx::query(include_str!("../sql/sqlite/insert_change_effects.sql"))
            .bind(sequence)
            .execute(&mut *self.transaction)
            .await
            .map_err(&fault)?;
        let last_version =
            sqlx::query_scalar(include_str!("../sql/sqlite/complete_change_set.sql"))
                .bind(sequence)
                .fetch_one(&mut *self.transaction)
                .await
                .map_err(&fault)?;
        let mut digests = std::mem::take(&mut self.written).finish(last_version);
        digests.extend(further(&mut self.transaction, sequence).await?);
        digests.sort_unstable();
        let of = (sequence, self.settings.recorded_at);
        let entry = audit::seal(&mut self.transaction, self.last_entry, of, &digests).await?;
        self.last_entry = Some(entry);
        Ok(ChangeReport { sequence: Some(sequence.cast_unsigned()), ..self.report })
    }

    /// Writes the change for good; when nothing changed, none is recorded.
    ///
    /// # Errors
    /// When the ledger cannot be written; then nothing of the change remains.
    pub async fn commit(mut self) -> Result<ChangeReport, LedgerError> {
        let report = self.complete().await?;
        self.commit_as(report).await
    }

    /// Writes the change, which is complete, for good.
    pub(super) async fn commit_as(self, report: ChangeReport) -> Result<ChangeReport, LedgerError> {
        if report.sequence.is_none() {
            return self.abandon().await;
        }
        self.end().await?;
        Ok(report)
    }

    /// Writes all that was done for good.
    pub(super) async fn end(self) -> Result<(), LedgerError> {
        let fault = LedgerError::while_doing("write a change for good");
        self.transaction.commit().await.map_err(fault)
    }

    /// Leaves nothing of the change, and says what it would have done.
    ///
    /// # Errors
    /// When the ledger cannot be reached.
    pub async fn abandon(self) -> Result<ChangeReport, LedgerError> {
        let fault = LedgerError::while_doing("undo a change");
        self.transaction.rollback().await.map_err(fault)?;
        Ok(self.report)
    }
}

async fn statement(
    transaction: &mut sqlx::Transaction<'static, Sqlite>,
    text: &'static str,
) -> Result<(), sqlx::Error> {
    sqlx::query(text).execute(&mut **transaction).await.map(|_| ())
}

/// What the ledger keeps of a change as a whole.
pub(super) struct Record<'a> {
    pub(super) recorded_at: Timestamp,
    pub(super) actor: &'a str,
    pub(super) verb: Verb,
    pub(super) reason: &'a str,
    pub(super) origin: &'a str,
    /// Empty when nobody said.
    pub(super) source: &'a str,
    pub(super) request: Option<&'a Request>,
}

impl Record<'_> {
    /// Records the change, and answers its place in the change sequence, and the number of the last
    /// version before it.
    pub(super) async fn insert(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<(i64, i64), LedgerError> {
        let fault = LedgerError::while_doing("record a change");
        let row = sqlx::query(include_str!("../sql/sqlite/insert_change_set.sql"))
            .bind(self.recorded_at.as_microsecond())
            .bind(self.actor)
            .bind(self.verb.code())
            .bind(self.reason)
            .bind(self.origin)
            .bind(Some(self.source).filter(|source| !source.is_empty()))
            .bind(self.request.map(|request| &*request.key))
            .bind(self.request.map(|request| &request.hash[..]))
            .fetch_one(connection)
            .await
            .map_err(&fault)?;
        Ok((row.try_get(0).map_err(&fault)?, row.try_get(1).map_err(&fault)?))
    }

    /// What is kept of it, but for the number of its last version.
    fn cells(&self, sequence: i64) -> [Cell<'_>; 9] {
        let Self { recorded_at, actor, verb, reason, origin, source, request } = self;
        [
            sequence.into(),
            recorded_at.as_microsecond().into(),
            (*actor).into(),
            verb.code().into(),
            (*reason).into(),
            (*origin).into(),
            Some(*source).filter(|source| !source.is_empty()).into(),
            request.map(|request| &*request.key).into(),
            request.map(|request| &request.hash[..]).into(),
        ]
    }
}
