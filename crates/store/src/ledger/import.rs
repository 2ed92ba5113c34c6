//! Many assets at once from somebody else's records: matched with what is known, written as one
//! change or not at all.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use terrier_model::{
    AssetId, Class, Content, Event, EventPart, Fault, FaultCode, Field, FieldSet, Place, Verb,
};

use super::change::{Change, ChangeSession};
use super::event::{KnownEvents, known_events};
use super::known::{Gone, Known, Standing};
use super::write::{NewVersion, Plan};
use super::{KnownClass, LedgerError};

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

/// Numbers of versions, a bit for each: an import may meet every version of the registry.
#[derive(Default)]
pub(super) struct Numbers {
    /// The bits of 64 numbers that follow each other.
    blocks: HashMap<i64, u64>,
}

impl Numbers {
    /// Takes a number; false when it is there already.
    pub(super) fn insert(&mut self, number: i64) -> bool {
        let block = self.blocks.entry(number >> 6).or_default();
        let bit = 1 << (number & 63);
        let is_new = *block & bit == 0;
        *block |= bit;
        is_new
    }
}

impl ChangeSession {
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
        let ids = with_events.filter_map(|arrival| known.get(&arrival.name).map(Known::id));
        let mut events = known_events(&mut self.transaction, ids).await?;
        let mut seen = HashSet::new();
        let (mut plan, mut refusals) = (Plan::default(), Vec::new());
        for (place, arrival) in batch.into_iter().enumerate() {
            let is_first = seen.insert(arrival.name.clone());
            let known = known.remove(&arrival.name);
            let happened = known.as_ref().and_then(|known| events.remove(&known.id()));
            let happened = happened.unwrap_or_default();
            let taken = match known {
                _ if !is_first => Err(vec![twice(&arrival.name)]),
                None => self.create(arrival, &mut new_id, &mut plan)?,
                Some(Known::Gone(gone)) => self.revive(&gone, arrival, happened, &mut plan)?,
                Some(Known::Standing(known)) => {
                    self.replace(&known, arrival, happened, &mut plan)?
                }
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
        let (id, key) = match arrival.name {
            Name::Id(id) => (id, None),
            Name::Key(key) => (new_id(), Some(key)),
        };
        let Arrival { content, events, .. } = arrival;
        let first = First { id, version: 1, content, events };
        let begun = self.begin_life(class, first, KnownEvents::default(), plan);
        if begun.is_ok() {
            plan.assets.push((id, self.classes[class].number, key));
        }
        Ok(begun)
    }

    /// Takes an asset of which nothing stands: what was known of it was withdrawn.
    fn revive(
        &mut self,
        gone: &Gone,
        arrival: Arrival,
        events: KnownEvents,
        plan: &mut Plan,
    ) -> Result<Result<(), Vec<Fault>>, LedgerError> {
        let is_new = self.arrived.insert(gone.version_number);
        if !is_new || gone.is_of(self.sequence) {
            return Ok(Err(vec![twice(&arrival.name)]));
        }
        let class = self.class_place(&arrival.class)?;
        if let Err(fault) = self.same_class(class, gone.class_number, gone.id) {
            return Ok(Err(vec![fault]));
        }
        if let Some((moment, change)) = gone.retired {
            // A file that is older than the retirement would bring it back unseen.
            let expected = format!(
                "an asset that is in the street: change {change} retired this one as of {moment}"
            );
            return Ok(Err(vec![Fault::new(Place::Key, arrival.name.text(), expected)]));
        }
        let Arrival { content, events: happened, .. } = arrival;
        let version = gone.version + 1;
        let first = First { id: gone.id, version, content, events: happened };
        Ok(self.begin_life(class, first, events, plan))
    }

    /// Plans the version with which an asset comes into the register.
    pub(super) fn begin_life(
        &mut self,
        class: usize,
        first: First,
        mut known: KnownEvents,
        plan: &mut Plan,
    ) -> Result<(), Vec<Fault>> {
        let First { id, version, content, events } = first;
        let KnownClass { number, form } = &self.classes[class];
        let (number, described) = (*number, Arc::clone(form.class()));
        let faults = content.retired_codes(None, &described);
        if !faults.is_empty() {
            return Err(faults);
        }
        self.receive((id, number), &mut known, events, plan)
            .map_err(|faults| in_fields(faults, &described))?;
        let valid_from = self.settings.since.after(None, self.settings.recorded_at);
        plan.versions.push(NewVersion { id, class, version, valid_from, content });
        self.report.created += 1;
        Ok(())
    }

    fn replace(
        &mut self,
        known: &Standing,
        arrival: Arrival,
        events: KnownEvents,
        plan: &mut Plan,
    ) -> Result<Result<(), Vec<Fault>>, LedgerError> {
        // It may have come in an earlier batch, or under its other name.
        let is_new = self.arrived.insert(known.version_number);
        if !is_new || known.recorded_from == self.sequence {
            return Ok(Err(vec![twice(&arrival.name)]));
        }
        let class = self.class_place(&arrival.class)?;
        if let Err(fault) = self.same_class(class, known.class_number, known.id) {
            return Ok(Err(vec![fault]));
        }
        let former = known.content(&self.classes[class].form)?;
        let Arrival { content, given, events: happened, .. } = arrival;
        let new = content.keeping(&former, given, self.classes[class].form.class());
        let next = Next { class, former, new, happened };
        Ok(self.follow_on(known, next, events, plan).map(|_| ()))
    }

    /// Plans what takes the place of the version that stands, when it says anything new; answers
    /// whether it does.
    pub(super) fn follow_on(
        &mut self,
        known: &Standing,
        next: Next,
        mut events: KnownEvents,
        plan: &mut Plan,
    ) -> Result<bool, Vec<Fault>> {
        let Next { class, former, new, happened } = next;
        let KnownClass { number, form } = &self.classes[class];
        let (number, described) = (*number, Arc::clone(form.class()));
        let is_known = new == former;
        let mut faults = if is_known { Vec::new() } else { new.contradictions() };
        faults.extend(new.retired_codes(Some(&former), &described));
        // What is known just so begins when it began.
        let begins = if is_known { Ok(known.valid_from) } else { self.end_of(known) };
        let begins = begins.map_err(|fault| faults.push(fault));
        if faults.is_empty() {
            let received = self.receive((known.id, number), &mut events, happened, plan);
            faults
                .extend(received.err().into_iter().flat_map(|found| in_fields(found, &described)));
        }
        let Some(valid_from) = begins.ok().filter(|_| faults.is_empty()) else {
            return Err(faults);
        };
        if is_known {
            self.report.unchanged += 1;
            return Ok(false);
        }
        let version = known.version + 1;
        plan.replaced.push((known.version_number, valid_from));
        plan.versions.push(NewVersion { id: known.id, class, version, valid_from, content: new });
        self.report.changed += 1;
        Ok(true)
    }

    /// The moment at which what the change says begins, and what stands comes to its end; a correction
    /// keeps the period.
    pub(super) fn end_of(&self, known: &Standing) -> Result<Timestamp, Fault> {
        let Change { verb, since, recorded_at, .. } = &self.settings;
        if *verb == Verb::Correct {
            return Ok(known.valid_from);
        }
        let moment = since.after(Some(known.valid_from), *recorded_at);
        if moment > known.valid_from {
            return Ok(moment);
        }
        let expected = format!(
            "a time after {}, since when the known version is valid, or a correction",
            known.valid_from
        );
        Err(Fault::in_field("valid_from", moment.to_string(), expected).of(FaultCode::Period))
    }

    /// Whether an asset is of the class at that place; otherwise what is wrong.
    fn same_class(&self, class: usize, number: u32, id: AssetId) -> Result<(), Fault> {
        let KnownClass { number: wanted, form } = &self.classes[class];
        if *wanted == number {
            return Ok(());
        }
        let name = self.class_name(number);
        let expected = format!("an asset of {}: this one is known in {name}", form.class().name());
        Err(Fault::new(Place::Key, id.to_string(), expected))
    }
}

/// What an asset comes into the register with.
pub(super) struct First {
    pub(super) id: AssetId,
    pub(super) version: u32,
    pub(super) content: Content,
    pub(super) events: Vec<Event>,
}

/// What is said of an asset that stands.
pub(super) struct Next {
    /// The place of its class.
    pub(super) class: usize,
    pub(super) former: Content,
    pub(super) new: Content,
    /// What happened to it.
    pub(super) happened: Vec<Event>,
}

/// Faults of events, told by the fields from which these were made.
pub(super) fn in_fields(faults: Vec<Fault>, class: &Class) -> Vec<Fault> {
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
