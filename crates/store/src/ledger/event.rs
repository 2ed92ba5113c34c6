//! How the ledger keeps what happened to assets, and what an arriving event comes to beside those
//! that are known.

use std::collections::HashMap;

use jiff::civil::Date;
use serde::Deserialize;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use terrier_model::{Assessment, AssetId, Event, EventKind, Fault, MAX_EVENTS, Place, Verb};

use super::LedgerError;
use super::change::{Change, ChangeSession};
use super::import::Name;
use super::known::Known;
use super::read::asset_id;
use super::write::Plan;

/// Something that happened to an asset which is known.
#[derive(Clone, Debug)]
pub struct Occurrence {
    /// By what the asset is found.
    pub name: Name,
    /// The class that it must be of; `None` is any.
    pub class: Option<Box<str>>,
    /// What happened: all of it is taken, or nothing; each event without faults.
    pub events: Vec<Event>,
}

/// What came of an occurrence.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EventOutcome {
    /// The asset.
    pub id: AssetId,
    /// The number of the event that tells it, in the order in which those of the asset were
    /// recorded.
    pub number: u32,
    /// Whether that one is new.
    pub is_new: bool,
    /// The numbers of the events that no longer stand because of it.
    pub superseded: Vec<u32>,
}

/// What is known of the events of one asset.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownEvents {
    /// The number of the last event that was ever recorded; 0 when there is none.
    last: u32,
    standing: Vec<KnownEvent>,
}

#[derive(Clone, Debug)]
struct KnownEvent {
    number: u32,
    event: Event,
    recorded_from: i64,
}

/// An event to be written.
#[derive(Debug)]
pub(super) struct NewEvent {
    pub(super) number: u32,
    pub(super) event: Event,
}

/// What an arriving event comes to.
#[derive(Debug)]
pub(super) struct Reception {
    /// The number of the event that tells it.
    pub(super) number: u32,
    /// What is to be written under that number; `None` when it is known.
    pub(super) new: Option<Event>,
    /// The numbers of the events that give way.
    pub(super) superseded: Vec<u32>,
}

impl KnownEvents {
    /// Takes an event that arrives in the change `sequence`. One that says nothing more than a known
    /// one of its kind and day is known. Otherwise it is a further event or, in a correction, takes
    /// the place of what was said of that kind and day, of which it keeps what it does not tell.
    ///
    /// # Errors
    /// When the asset has as many events as it may have, or the change corrects what it says itself.
    pub(super) fn receive(
        &mut self,
        event: Event,
        verb: Verb,
        sequence: i64,
    ) -> Result<Reception, Fault> {
        let place = |part: &str| format!("{}.{part}", event.kind.code());
        let told = self.standing.iter().position(|known| event.is_told_by(&known.event));
        let rivals: Vec<usize> = match verb {
            Verb::Update => Vec::new(),
            Verb::Correct => {
                let is_rival = |(at, known): &(usize, &KnownEvent)| {
                    known.event.is_of_the_day_of(&event) && Some(*at) != told
                };
                self.standing.iter().enumerate().filter(is_rival).map(|(at, _)| at).collect()
            }
        };
        if rivals.iter().any(|at| self.standing[*at].recorded_from == sequence) {
            let expected = "each kind and day once for an asset in a correction";
            return Err(Fault::in_field(&place("on"), event.on.to_string(), expected));
        }
        if told.is_none() && self.standing.len() - rivals.len() >= MAX_EVENTS {
            let expected = format!("at most {MAX_EVENTS} events of an asset");
            return Err(Fault::in_field(&place("on"), event.on.to_string(), expected));
        }
        let (number, new) = if let Some(at) = told {
            (self.standing[at].number, None)
        } else {
            let former = rivals.last().map(|at| &self.standing[*at].event);
            let event = former.map_or(event.clone(), |former| event.keeping(former));
            self.last += 1;
            (self.last, Some(event))
        };
        // From the end, so that the places in front stay what they are.
        let gone = rivals.into_iter().rev();
        let superseded = gone.map(|at| self.standing.remove(at).number).collect();
        if let Some(event) = &new {
            let event = event.clone();
            self.standing.push(KnownEvent { number, event, recorded_from: sequence });
        }
        Ok(Reception { number, new, superseded })
    }

    /// Takes an event out of what stands.
    ///
    /// # Errors
    /// When there is no such event, it stands no longer, or the change itself recorded it.
    fn withdraw(&mut self, number: u32, sequence: i64) -> Result<Event, Fault> {
        let refuse = |expected: String| Err(Fault::in_field("event", number.to_string(), expected));
        let place = self.standing.iter().position(|known| known.number == number);
        match place.map(|at| (at, self.standing[at].recorded_from)) {
            Some((at, from)) if from < sequence => Ok(self.standing.remove(at).event),
            Some(_) => refuse("an event that another change has recorded".into()),
            None if (1..=self.last).contains(&number) => {
                refuse("one that stands: it was withdrawn or corrected before".into())
            }
            None if self.last == 0 => refuse("nothing: the asset has no events".into()),
            None => refuse(format!("the number of an event of the asset, at most {}", self.last)),
        }
    }
}

impl ChangeSession {
    /// Takes what happened to assets that are known, and answers what came of the events of each, in
    /// order. What cannot be taken is told; the rest is part of the import.
    ///
    /// # Errors
    /// When the ledger cannot be written; then nothing of the import remains.
    pub async fn put_events(
        &mut self,
        batch: Vec<Occurrence>,
    ) -> Result<Vec<Result<Vec<EventOutcome>, Vec<Fault>>>, LedgerError> {
        let known = self.look_up(batch.iter().map(|occurrence| &occurrence.name)).await?;
        let ids = known.values().map(Known::id);
        let mut events = known_events(&mut self.transaction, ids).await?;
        let (mut plan, mut outcomes) = (Plan::default(), Vec::with_capacity(batch.len()));
        for Occurrence { name, class, events: happened } in batch {
            let Some(known) = known.get(&name) else {
                outcomes.push(Err(vec![unknown(&name)]));
                continue;
            };
            if let Some(fault) = self.foreign(&name, known.class_number(), class.as_deref()) {
                outcomes.push(Err(vec![fault]));
                continue;
            }
            let of_asset = events.entry(known.id()).or_default();
            let asset = (known.id(), known.class_number());
            outcomes.push(self.receive(asset, of_asset, happened, &mut plan));
        }
        self.write(plan).await?;
        Ok(outcomes)
    }

    /// What is wrong with an asset that is not of the class that it must be of.
    fn foreign(&self, name: &Name, number: u32, wanted: Option<&str>) -> Option<Fault> {
        let found = self.class_name(number);
        let wanted = wanted.filter(|wanted| *wanted != found)?;
        let found = format!("{}, one of the {found}", name.text());
        Some(Fault::new(Place::Key, found, format!("one of the {wanted}")))
    }

    /// Says that an event did not happen as it was told: it stands no longer, and stays in the
    /// history. Answers the asset and the event.
    ///
    /// # Errors
    /// When the ledger cannot be written; then nothing of the import remains.
    pub async fn withdraw_event(
        &mut self,
        name: &Name,
        number: u32,
    ) -> Result<Result<(AssetId, Event), Fault>, LedgerError> {
        let known = self.look_up(std::iter::once(name)).await?;
        let Some(known) = known.get(name) else { return Ok(Err(unknown(name))) };
        let ids = std::iter::once(known.id());
        let mut events = known_events(&mut self.transaction, ids).await?;
        let of_asset = events.entry(known.id()).or_default();
        let event = match of_asset.withdraw(number, self.sequence) {
            Ok(event) => event,
            Err(fault) => return Ok(Err(fault)),
        };
        let superseded_events = vec![(known.class_number(), known.id(), number)];
        self.write(Plan { superseded_events, ..Plan::default() }).await?;
        self.report.events.superseded += 1;
        Ok(Ok((known.id(), event)))
    }

    /// Takes the events of one asset: all of them or, when one cannot be taken, none.
    pub(super) fn receive(
        &mut self,
        (id, class_number): (AssetId, u32),
        known: &mut KnownEvents,
        arriving: Vec<Event>,
        plan: &mut Plan,
    ) -> Result<Vec<EventOutcome>, Vec<Fault>> {
        let Change { today, verb, .. } = &self.settings;
        let to_come = arriving.iter().filter(|event| event.on > *today);
        let faults: Vec<Fault> = to_come.map(|event| to_come_fault(event, *today)).collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        let received = arriving.into_iter().map(|event| known.receive(event, *verb, self.sequence));
        let received = received.collect::<Result<Vec<Reception>, Fault>>();
        let mut outcomes = Vec::new();
        for Reception { number, new, superseded } in received.map_err(|fault| vec![fault])? {
            let counts = &mut self.report.events;
            counts.superseded += superseded.len() as u64;
            let gone = superseded.iter().map(|number| (class_number, id, *number));
            plan.superseded_events.extend(gone);
            let is_new = new.is_some();
            *(if is_new { &mut counts.recorded } else { &mut counts.known }) += 1;
            plan.events.extend(new.map(|event| (class_number, id, NewEvent { number, event })));
            outcomes.push(EventOutcome { id, number, is_new, superseded });
        }
        Ok(outcomes)
    }
}

fn unknown(name: &Name) -> Fault {
    Fault::new(Place::Key, name.text(), "an asset that is known")
}

fn to_come_fault(event: &Event, today: Date) -> Fault {
    let place = format!("{}.on", event.kind.code());
    let expected = format!("no day after {today}, which is today");
    Fault::in_field(&place, event.on.to_string(), expected)
}

/// What is known of the events of these assets.
pub(super) async fn known_events(
    connection: &mut SqliteConnection,
    ids: impl Iterator<Item = AssetId>,
) -> Result<HashMap<AssetId, KnownEvents>, LedgerError> {
    let fault = LedgerError::while_doing("read the events of arriving assets");
    let ids: Vec<String> = ids.map(|id| id.to_string().replace('-', "")).collect();
    let mut known: HashMap<AssetId, KnownEvents> = HashMap::new();
    if ids.is_empty() {
        return Ok(known);
    }
    let rows = sqlx::query(include_str!("../sql/sqlite/select_events_by_id.sql"))
        .bind(serde_json::to_string(&ids).expect("texts are JSON"))
        .fetch_all(connection)
        .await
        .map_err(&fault)?;
    for row in &rows {
        let of_asset = known.entry(asset_id(row, 0)?).or_default();
        of_asset.last = row.try_get(1).map_err(&fault)?;
        if row.try_get::<Option<i64>, _>(10).map_err(&fault)?.is_none() {
            let (number, recorded_from) = (of_asset.last, row.try_get(9).map_err(&fault)?);
            let event = event_of_row(row)?;
            of_asset.standing.push(KnownEvent { number, event, recorded_from });
        }
    }
    Ok(known)
}

/// An event as the ledger's statements give it.
#[derive(Deserialize)]
struct EventText<'a>(
    u32,
    &'a str,
    &'a str,
    Option<&'a str>,
    Option<&'a str>,
    Option<Box<str>>,
    Option<Box<str>>,
    Option<Box<str>>,
);

/// Reads a list of events that a statement gives as JSON, into the order of their days; of one day
/// in the order of recording.
pub(super) fn events_of_json(text: &str) -> Result<Vec<Event>, LedgerError> {
    // Most assets have none.
    if text == "[]" {
        return Ok(Vec::new());
    }
    let listed: Vec<EventText<'_>> = serde_json::from_str(text)
        .map_err(|error| LedgerError::Broken { what: format!("a list of events: {error}") })?;
    let mut events = Vec::with_capacity(listed.len());
    for EventText(number, kind, on, result, next_on, grade, scheme, note) in listed {
        let (kind, on) = (event_kind(kind)?, day(on)?);
        let (result, next_on) =
            (result.map(assessment).transpose()?, next_on.map(day).transpose()?);
        events.push((number, Event { kind, on, result, next_on, grade, scheme, note }));
    }
    events.sort_unstable_by_key(|(number, event)| (event.on, *number));
    Ok(events.into_iter().map(|(_, event)| event).collect())
}

/// Reads an event of which kind, day and details stand in the columns from the third on.
pub(super) fn event_of_row(row: &SqliteRow) -> Result<Event, LedgerError> {
    let fault = LedgerError::while_doing("read an event");
    let text = |column: usize| row.try_get::<Option<&str>, _>(column).map_err(&fault);
    Ok(Event {
        kind: event_kind(row.try_get(2).map_err(&fault)?)?,
        on: day(row.try_get(3).map_err(&fault)?)?,
        result: text(4)?.map(assessment).transpose()?,
        next_on: text(5)?.map(day).transpose()?,
        grade: text(6)?.map(Into::into),
        scheme: text(7)?.map(Into::into),
        note: text(8)?.map(Into::into),
    })
}

fn event_kind(code: &str) -> Result<EventKind, LedgerError> {
    EventKind::from_code(code).ok_or_else(|| broken("an event of kind", code))
}

fn assessment(code: &str) -> Result<Assessment, LedgerError> {
    Assessment::from_code(code).ok_or_else(|| broken("an assessment with result", code))
}

fn day(text: &str) -> Result<Date, LedgerError> {
    text.parse().map_err(|_| broken("an event with the day", text))
}

fn broken(what: &str, found: &str) -> LedgerError {
    LedgerError::Broken { what: format!("{what} `{found}`") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(text: &str) -> Event {
        let (on, note) = text.split_once(' ').unwrap_or((text, ""));
        let note = (!note.is_empty()).then(|| note.into());
        Event { note, ..Event::new(EventKind::Inspected, on.parse().expect("a day")) }
    }

    /// Takes events one after another, each in a change of its own, and tells what stands.
    fn check(arriving: &[(Verb, &str)], expected: &str) {
        let mut known = KnownEvents::default();
        for (sequence, (verb, text)) in (1..).zip(arriving) {
            known.receive(event(text), *verb, sequence).expect("taken");
        }
        let standing = known.standing.iter().map(|KnownEvent { number, event, .. }| {
            let note = event.note.as_deref().map_or(String::new(), |note| format!(" {note}"));
            format!("{number}: {}{note}", event.on)
        });
        assert_eq!(standing.collect::<Vec<_>>().join(", "), expected, "{arriving:?}");
    }

    #[test]
    fn an_event_that_says_nothing_new_is_known() {
        use Verb::{Correct, Update};
        check(&[(Update, "2024-05-01"), (Update, "2024-05-01")], "1: 2024-05-01");
        check(&[(Update, "2024-05-01 rust"), (Update, "2024-05-01")], "1: 2024-05-01 rust");
        check(&[(Update, "2024-05-01 rust"), (Correct, "2024-05-01")], "1: 2024-05-01 rust");
        check(&[(Update, "2024-05-01"), (Update, "2024-05-02")], "1: 2024-05-01, 2: 2024-05-02");
    }

    #[test]
    fn another_of_the_day_is_a_further_event_unless_it_is_a_correction() {
        use Verb::{Correct, Update};
        let both = [(Update, "2024-05-01 rust"), (Update, "2024-05-01 moss")];
        check(&both, "1: 2024-05-01 rust, 2: 2024-05-01 moss");
        check(&[both[0], (Correct, "2024-05-01 moss")], "2: 2024-05-01 moss");
        check(&[both[0], both[1], (Correct, "2024-05-01 lime")], "3: 2024-05-01 lime");
        check(&[both[0], both[1], (Correct, "2024-05-01 rust")], "1: 2024-05-01 rust");
        check(&[both[0], (Correct, "2024-05-02 moss")], "1: 2024-05-01 rust, 2: 2024-05-02 moss");
    }

    #[test]
    fn a_correction_does_not_correct_itself() {
        let mut known = KnownEvents::default();
        known.receive(event("2024-05-01 rust"), Verb::Correct, 1).expect("taken");
        let fault = known.receive(event("2024-05-01 moss"), Verb::Correct, 1).expect_err("twice");
        assert_eq!(
            fault.to_string(),
            "inspected.on: found `2024-05-01`, expected each kind and day once for an asset in a \
             correction"
        );
    }

    #[test]
    fn an_event_is_withdrawn_once_and_by_a_later_change() {
        let refused = |known: &mut KnownEvents, number, sequence, expected| {
            let fault = known.withdraw(number, sequence).expect_err("refused");
            assert_eq!(fault.expected, expected, "event {number}");
        };
        let mut known = KnownEvents::default();
        refused(&mut known, 1, 9, "nothing: the asset has no events");
        for (sequence, text) in (1..).zip(["2024-05-01 rust", "2024-05-02"]) {
            known.receive(event(text), Verb::Update, sequence).expect("taken");
        }
        for number in [0, 3] {
            refused(&mut known, number, 9, "the number of an event of the asset, at most 2");
        }
        refused(&mut known, 2, 2, "an event that another change has recorded");
        assert_eq!(known.withdraw(1, 3), Ok(event("2024-05-01 rust")));
        refused(&mut known, 1, 4, "one that stands: it was withdrawn or corrected before");
        // What was withdrawn may turn out to be so after all: that is a further event.
        let reception = known.receive(event("2024-05-01 rust"), Verb::Update, 5).expect("taken");
        assert_eq!((reception.number, reception.new.is_some()), (3, true));
    }

    #[test]
    fn an_asset_has_as_many_events_as_the_bound_and_no_more() {
        let mut known = KnownEvents::default();
        let mut take = |note: usize, verb, sequence| {
            known.receive(event(&format!("2024-05-01 {note}")), verb, sequence).map(|_| ())
        };
        for note in 0..MAX_EVENTS {
            take(note, Verb::Update, 1).expect("within the bound");
        }
        take(0, Verb::Update, 2).expect("a known one");
        let fault = take(MAX_EVENTS, Verb::Update, 2).expect_err("one past it");
        assert_eq!(fault.expected, "at most 10000 events of an asset");
        take(MAX_EVENTS, Verb::Correct, 2).expect("one in the place of all of the day");
    }

    #[test]
    fn a_list_of_events_stands_in_the_order_of_days_and_then_of_recording() {
        let list = r#"[[2,"cleaned","2024-05-01",null,null,null,null,"late"],
            [1,"cleaned","2024-05-01",null,null,null,null,"a \"quoted\" 词"],
            [3,"assessed","2023-01-01","renew_by","2026-01-01",null,null,null]]"#;
        let events = events_of_json(list).expect("events");
        assert_eq!(events[0].result, Some(Assessment::RenewBy));
        assert_eq!(events[1].note.as_deref(), Some("a \"quoted\" 词"));
        assert_eq!(events[2].note.as_deref(), Some("late"));
        assert_eq!(events_of_json("[]").expect("none"), []);
        let painted = r#"[[1,"painted","2024-05-01",null,null,null,null,null]]"#;
        let error = events_of_json(painted).expect_err("no such kind");
        assert_eq!(
            error.to_string(),
            "the ledger holds a broken record: an event of kind `painted`"
        );
    }
}
