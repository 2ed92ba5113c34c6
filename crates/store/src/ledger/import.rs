//! Many assets at once from somebody else's records: matched with what is known, written as one
//! change or not at all.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::Row;
use sqlx::sqlite::{Sqlite, SqliteRow};
use terrier_model::{
    AssetId, Class, Content, Event, EventPart, Fault, Field, FieldSet, Place, Verb,
};

use super::event::{KnownEvents, known_events};
use super::read::{asset_id, content, moment};
use super::write::{NewVersion, Plan};
use super::{KnownClass, Ledger, LedgerError, class};

/// How an import is meant, and who is behind it.
#[derive(Clone, Debug)]
pub struct Import {
    /// Whose keys the external keys are.
    pub source: String,
    /// Whether the street changed, or we had it wrong.
    pub verb: Verb,
    /// Since when a new or updated asset is as it is described.
    pub valid_from: Timestamp,
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

/// An asset that has passed the check of its class.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Its class.
    pub class: Arc<Class>,
    /// By what it is matched with what is known.
    pub name: Name,
    /// What is said of it.
    pub content: Content,
    /// Which fields were given; the others stay as they are known.
    pub given: FieldSet,
    /// What happened to it; those that are known stay.
    pub events: Vec<Event>,
}

/// By what an arriving asset is matched with what is known.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Name {
    /// The id, which the sender brought.
    Id(AssetId),
    /// The source's own key.
    Key(String),
}

impl Name {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Id(id) => id.to_string(),
            Self::Key(key) => key.clone(),
        }
    }
}

/// An arrival that cannot be taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// Its place in the batch.
    pub place: usize,
    /// Everything that is wrong with it.
    pub faults: Vec<Fault>,
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ImportReport {
    /// The change that it is; `None` when nothing changed or nothing was written.
    pub sequence: Option<u64>,
    /// Assets that were not known.
    pub created: u64,
    /// Assets that have a new version.
    pub changed: u64,
    /// Assets of which all that was said but for events was known just so.
    pub unchanged: u64,
    /// What came of events.
    pub events: EventCounts,
}

/// How many events came to what.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct EventCounts {
    /// Recorded.
    pub recorded: u64,
    /// No longer standing, for a correction said otherwise.
    pub superseded: u64,
    /// Known before.
    pub known: u64,
}

/// An import under way; all other writers wait. Dropping it leaves nothing.
pub struct ImportSession {
    pub(super) transaction: sqlx::Transaction<'static, Sqlite>,
    pub(super) settings: Import,
    pub(super) classes: Vec<KnownClass>,
    /// The descriptions of the classes by which rows have been checked, by the places of the latter.
    checked: Vec<Option<Arc<Class>>>,
    /// `None` until something arrives by a key.
    pub(super) source_number: Option<i64>,
    pub(super) sequence: i64,
    arrived: Numbers,
    pub(super) report: ImportReport,
}

/// Numbers of versions, a bit for each: an import may meet every version of the registry.
#[derive(Default)]
struct Numbers {
    /// The bits of 64 numbers that follow each other.
    blocks: HashMap<i64, u64>,
}

impl Numbers {
    /// Takes a number; false when it is there already.
    fn insert(&mut self, number: i64) -> bool {
        let block = self.blocks.entry(number >> 6).or_default();
        let bit = 1 << (number & 63);
        let is_new = *block & bit == 0;
        *block |= bit;
        is_new
    }
}

impl Ledger {
    /// Starts an import: waits for other writers, then keeps them waiting.
    ///
    /// # Errors
    /// [`LedgerError::Busy`] when another writer takes too long.
    pub async fn begin_import(&self, settings: Import) -> Result<ImportSession, LedgerError> {
        let mut transaction = self.begin_writing("start an import").await?;
        let Import { recorded_at, actor, verb, reason, origin, .. } = &settings;
        let sequence =
            class::insert_change(&mut transaction, *recorded_at, actor, *verb, reason, origin)
                .await?;
        let classes = class::load(&mut transaction).await?;
        Ok(ImportSession {
            transaction,
            settings,
            checked: vec![None; classes.len()],
            classes,
            source_number: None,
            sequence,
            arrived: Numbers::default(),
            report: ImportReport::default(),
        })
    }
}

/// What is known of an asset that arrives again.
pub(super) struct Known {
    pub(super) id: AssetId,
    pub(super) class_number: u32,
    version_number: i64,
    version: u32,
    valid_from: Timestamp,
    recorded_from: i64,
    row: SqliteRow,
}

/// The first column of the content in a row of known assets.
const CONTENT_COLUMN: usize = 9;

impl Known {
    fn read(row: SqliteRow) -> Result<Self, LedgerError> {
        let fault = LedgerError::while_doing("read what is known of an asset");
        Ok(Self {
            id: asset_id(&row, 1)?,
            class_number: row.try_get(2).map_err(&fault)?,
            version_number: row.try_get(3).map_err(&fault)?,
            version: row.try_get(4).map_err(&fault)?,
            valid_from: moment(&row, 5)?,
            recorded_from: row.try_get(8).map_err(&fault)?,
            row,
        })
    }
}

impl ImportSession {
    /// Takes a batch. Those that cannot be taken are told; the others are part of the import.
    ///
    /// # Errors
    /// When the ledger cannot be written; then nothing of the import remains.
    pub async fn put(
        &mut self,
        batch: Vec<Arrival>,
        mut new_id: impl FnMut() -> AssetId,
    ) -> Result<Vec<Refusal>, LedgerError> {
        let mut known = self.look_up(batch.iter().map(|arrival| &arrival.name)).await?;
        let with_events = batch.iter().filter(|arrival| !arrival.events.is_empty());
        let ids = with_events.filter_map(|arrival| known.get(&arrival.name).map(|known| known.id));
        let mut events = known_events(&mut self.transaction, ids).await?;
        let mut seen = HashSet::new();
        let (mut plan, mut refusals) = (Plan::default(), Vec::new());
        for (place, arrival) in batch.into_iter().enumerate() {
            let taken = if !seen.insert(arrival.name.clone()) {
                Err(vec![twice(&arrival.name)])
            } else if let Some(known) = known.remove(&arrival.name) {
                let events = events.remove(&known.id).unwrap_or_default();
                self.replace(&known, arrival, events, &mut plan)?
            } else {
                self.create(arrival, &mut new_id, &mut plan)?
            };
            if let Err(faults) = taken {
                refusals.push(Refusal { place, faults });
            }
        }
        self.write(plan).await?;
        Ok(refusals)
    }

    fn create(
        &mut self,
        arrival: Arrival,
        new_id: &mut impl FnMut() -> AssetId,
        plan: &mut Plan,
    ) -> Result<Result<(), Vec<Fault>>, LedgerError> {
        let class = self.class_place(&arrival.class)?;
        let faults = arrival.content.retired_codes(None, self.classes[class].form.class());
        if !faults.is_empty() {
            return Ok(Err(faults));
        }
        let (id, key) = match arrival.name {
            Name::Id(id) => (id, None),
            Name::Key(key) => (new_id(), Some(key)),
        };
        let number = self.classes[class].number;
        let mut events = KnownEvents::default();
        if let Err(faults) = self.receive((id, number), &mut events, arrival.events, plan) {
            return Ok(Err(in_fields(faults, &arrival.class)));
        }
        plan.assets.push((id, number, key));
        let valid_from = self.settings.valid_from;
        plan.versions.push(NewVersion {
            id,
            class,
            version: 1,
            valid_from,
            content: arrival.content,
        });
        self.report.created += 1;
        Ok(Ok(()))
    }

    fn replace(
        &mut self,
        known: &Known,
        arrival: Arrival,
        mut events: KnownEvents,
        plan: &mut Plan,
    ) -> Result<Result<(), Vec<Fault>>, LedgerError> {
        // It may have come in an earlier batch, or under its other name.
        let is_new = self.arrived.insert(known.version_number);
        if !is_new || known.recorded_from == self.sequence {
            return Ok(Err(vec![twice(&arrival.name)]));
        }
        let class = self.class_place(&arrival.class)?;
        let KnownClass { number, form } = &self.classes[class];
        if *number != known.class_number {
            let other = self.classes.iter().find(|other| other.number == known.class_number);
            let name = other.map_or("another class", |other| other.form.class().name());
            let expected =
                format!("an asset of {}: this one is known in {name}", arrival.class.name());
            return Ok(Err(vec![Fault::new(Place::Key, known.id.to_string(), expected)]));
        }
        let former = content(&known.row, CONTENT_COLUMN, form)?;
        let new = arrival.content.keeping(&former, arrival.given, form.class());
        let is_known = new == former;
        let mut faults = if is_known { Vec::new() } else { new.contradictions() };
        faults.extend(new.retired_codes(Some(&former), form.class()));
        let valid_from = match self.settings.verb {
            Verb::Correct => known.valid_from,
            Verb::Update => self.settings.valid_from,
        };
        if !is_known && self.settings.verb == Verb::Update && valid_from <= known.valid_from {
            let expected = format!(
                "a time after {}, since when the known version is valid, or a correction",
                known.valid_from
            );
            let name = "valid_from".into();
            faults.push(Fault::new(Place::Field(name), valid_from.to_string(), expected));
        }
        if faults.is_empty()
            && let Err(more) = self.receive((known.id, *number), &mut events, arrival.events, plan)
        {
            faults = in_fields(more, &arrival.class);
        }
        if !faults.is_empty() {
            return Ok(Err(faults));
        }
        if is_known {
            self.report.unchanged += 1;
            return Ok(Ok(()));
        }
        let version = known.version + 1;
        plan.replaced.push(known.version_number);
        plan.versions.push(NewVersion { id: known.id, class, version, valid_from, content: new });
        self.report.changed += 1;
        Ok(Ok(()))
    }

    /// The place of a class that is described as it was when the row was checked.
    fn class_place(&mut self, class: &Arc<Class>) -> Result<usize, LedgerError> {
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

    /// What is known of assets by their names.
    pub(super) async fn look_up(
        &mut self,
        names: impl Iterator<Item = &Name>,
    ) -> Result<HashMap<Name, Known>, LedgerError> {
        let fault = LedgerError::while_doing("look up what is known of arriving assets");
        let (mut ids, mut keys) = (Vec::new(), Vec::new());
        for name in names {
            match name {
                Name::Id(id) => ids.push(id.to_string().replace('-', "")),
                Name::Key(key) => keys.push(key.clone()),
            }
        }
        let json = |texts: &[String]| serde_json::to_string(texts).expect("texts are JSON");
        let mut known = HashMap::new();
        if !ids.is_empty() {
            let rows = sqlx::query(include_str!("../sql/sqlite/select_standing_by_id.sql"))
                .bind(json(&ids))
                .fetch_all(&mut *self.transaction)
                .await
                .map_err(&fault)?;
            for row in rows {
                let one = Known::read(row)?;
                known.insert(Name::Id(one.id), one);
            }
        }
        if !keys.is_empty() {
            let source_number = self.source_number().await?;
            let rows = sqlx::query(include_str!("../sql/sqlite/select_standing_by_key.sql"))
                .bind(json(&keys))
                .bind(source_number)
                .fetch_all(&mut *self.transaction)
                .await
                .map_err(&fault)?;
            for row in rows {
                let key: String = row.try_get(0).map_err(&fault)?;
                known.insert(Name::Key(key), Known::read(row)?);
            }
        }
        Ok(known)
    }

    /// The number of the source, which may be new.
    async fn source_number(&mut self) -> Result<i64, LedgerError> {
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

    /// Writes the import for good, as one change; when nothing changed, no change is recorded.
    ///
    /// # Errors
    /// When the ledger cannot be written; then nothing of the import remains.
    pub async fn commit(mut self) -> Result<ImportReport, LedgerError> {
        let EventCounts { recorded, superseded, known: _ } = self.report.events;
        if self.report.created + self.report.changed + recorded + superseded == 0 {
            return self.abandon().await;
        }
        let fault = LedgerError::while_doing("complete an import");
        sqlx::query(include_str!("../sql/sqlite/complete_change_set.sql"))
            .bind(self.sequence)
            .execute(&mut *self.transaction)
            .await
            .map_err(&fault)?;
        self.transaction.commit().await.map_err(&fault)?;
        Ok(ImportReport { sequence: Some(self.sequence.cast_unsigned()), ..self.report })
    }

    /// Leaves nothing of the import, and says what it would have done.
    ///
    /// # Errors
    /// When the ledger cannot be reached.
    pub async fn abandon(self) -> Result<ImportReport, LedgerError> {
        let fault = LedgerError::while_doing("undo an import");
        self.transaction.rollback().await.map_err(fault)?;
        Ok(self.report)
    }
}

/// Faults of events, told by the fields from which these were made.
fn in_fields(faults: Vec<Fault>, class: &Class) -> Vec<Fault> {
    let in_field = |fault: Fault| {
        let part = match &fault.place {
            Place::Field(name) => EventPart::from_name(name),
            _ => None,
        };
        let is_it = |field: &&Field| part.is_some() && field.event == part;
        match class.own_fields().iter().find(is_it) {
            Some(field) => Fault { place: Place::Field(field.name.clone()), ..fault },
            None => fault,
        }
    };
    faults.into_iter().map(in_field).collect()
}

fn twice(name: &Name) -> Fault {
    Fault::new(Place::Key, name.text(), "each asset once in an import")
}
