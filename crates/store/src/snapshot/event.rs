//! What happened to the assets of a leaf: the events of its rows one after another, sixteen bytes
//! each, and their texts apart.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use terrier_model::{Assessment, Event, EventKind};

use super::column::{packed_day, unpacked_day};
use super::leaf::emptied;

/// The events of the rows of a leaf.
#[derive(Debug)]
pub(super) struct Events {
    /// Where the events of each row end in `packed`; empty when no row has any.
    ends: Box<[u32]>,
    packed: Box<[PackedEvent]>,
    /// The different texts that events have beside their codes and days.
    words: Box<[Words]>,
}

#[derive(Clone, Copy, Debug, Hash)]
struct PackedEvent {
    /// See [`packed_day`].
    on: i32,
    /// `i32::MIN` where there is none.
    next_on: i32,
    /// The place of its texts, counted from 1; 0 where there are none.
    words: u32,
    /// The place in [`EventKind::ALL`].
    kind: u8,
    /// The place in [`Assessment::ALL`], counted from 1; 0 where there is none.
    result: u8,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Words {
    grade: Option<Box<str>>,
    scheme: Option<Box<str>>,
    note: Option<Box<str>>,
}

impl Events {
    fn packed(&self, row: usize) -> &[PackedEvent] {
        if self.ends.is_empty() {
            return &[];
        }
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.packed[start as usize..self.ends[row] as usize]
    }

    /// How many events a row has.
    pub(super) fn count(&self, row: usize) -> usize {
        self.packed(row).len()
    }

    /// The events of a row, in the order of their days. Costs a copy of the texts of those that
    /// have any.
    pub(super) fn of(&self, row: usize) -> impl ExactSizeIterator<Item = Event> {
        self.packed(row).iter().map(|packed| {
            let PackedEvent { on, next_on, words, kind, result } = *packed;
            let words = words.checked_sub(1).map(|place| &self.words[place as usize]);
            let text = |of: fn(&Words) -> &Option<Box<str>>| words.and_then(|w| of(w).clone());
            Event {
                kind: EventKind::ALL[usize::from(kind)],
                on: unpacked_day(on).expect("an event has a day"),
                result: result.checked_sub(1).map(|place| Assessment::ALL[usize::from(place)]),
                next_on: unpacked_day(next_on),
                grade: text(|words| &words.grade),
                scheme: text(|words| &words.scheme),
                note: text(|words| &words.note),
            }
        })
    }

    /// A number that differs when the events of a row do; the same in every process of one build.
    pub(super) fn state(&self, row: usize) -> u64 {
        let mut hasher = DefaultHasher::new();
        for packed in self.packed(row) {
            // The place of the texts depends on the neighbours.
            PackedEvent { words: 0, ..*packed }.hash(&mut hasher);
            let words = packed.words.checked_sub(1).map(|place| &self.words[place as usize]);
            words.hash(&mut hasher);
        }
        hasher.finish()
    }

    /// Bytes held in memory.
    pub(super) fn heap_bytes(&self) -> usize {
        let texts = self.words.iter().flat_map(|words| [&words.grade, &words.scheme, &words.note]);
        size_of_val(&*self.ends)
            + size_of_val(&*self.packed)
            + size_of_val(&*self.words)
            + texts.flatten().map(|text| text.len()).sum::<usize>()
    }
}

/// Gathers the events of a leaf, row by row.
#[derive(Default)]
pub(super) struct EventsBuilder {
    ends: Vec<u32>,
    packed: Vec<PackedEvent>,
    words: Vec<Words>,
    places: HashMap<Words, u32>,
}

impl EventsBuilder {
    /// Adds the events of the next row, which stand in the order of their days.
    pub(super) fn push(&mut self, events: impl Iterator<Item = Event>) {
        for event in events {
            let Event { kind, on, result, next_on, grade, scheme, note } = event;
            let words = self.place(Words { grade, scheme, note });
            let place = |at: usize| u8::try_from(at).expect("codes are few");
            let kind = EventKind::ALL.iter().position(|other| *other == kind);
            let result = Assessment::ALL.iter().position(|other| Some(*other) == result);
            self.packed.push(PackedEvent {
                on: packed_day(on),
                next_on: next_on.map_or(i32::MIN, packed_day),
                words,
                kind: place(kind.expect("all kinds are in the list of all")),
                result: place(result.map_or(0, |at| at + 1)),
            });
        }
        // A leaf has some thousand rows, and a row at most so many events as the model allows.
        self.ends.push(u32::try_from(self.packed.len()).expect("the events of a leaf are few"));
    }

    fn place(&mut self, words: Words) -> u32 {
        if words == (Words { grade: None, scheme: None, note: None }) {
            return 0;
        }
        if let Some(place) = self.places.get(&words) {
            return *place;
        }
        self.words.push(words.clone());
        let place = u32::try_from(self.words.len()).expect("the events of a leaf are few");
        self.places.insert(words, place);
        place
    }

    /// The events so far; the builder is empty then.
    pub(super) fn take(&mut self) -> Events {
        if self.packed.is_empty() {
            self.ends.clear();
        }
        self.places.clear();
        Events {
            ends: emptied(&mut self.ends),
            packed: emptied(&mut self.packed),
            words: std::mem::take(&mut self.words).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: EventKind, on: &str) -> Event {
        Event::new(kind, on.parse().expect("a day"))
    }

    fn rows() -> [Vec<Event>; 4] {
        let graded = Event {
            grade: Some("3".into()),
            scheme: Some("CJJ 181".into()),
            ..event(EventKind::Graded, "2024-02-29")
        };
        let assessed = Event {
            result: Some(Assessment::RenewAtOnce),
            next_on: "9999-12-31".parse().ok(),
            ..event(EventKind::Assessed, "2020-01-01")
        };
        let noted =
            Event { note: Some("漏".into()), ..event(EventKind::HazardMended, "2024-03-01") };
        [vec![], vec![assessed, graded.clone(), noted], vec![], vec![graded]]
    }

    #[test]
    fn the_rows_give_back_the_events_that_were_put_in() {
        let mut builder = EventsBuilder::default();
        rows().into_iter().for_each(|events| builder.push(events.into_iter()));
        let events = builder.take();
        for (row, expected) in rows().into_iter().enumerate() {
            assert_eq!(events.of(row).collect::<Vec<_>>(), expected, "row {row}");
            assert_eq!(events.count(row), expected.len());
        }
        assert_eq!(events.words.len(), 2, "the same texts are held once");
        let none = builder.take();
        assert_eq!((none.of(7).len(), none.heap_bytes()), (0, 0));
    }

    #[test]
    fn the_state_of_a_row_follows_its_events_and_not_its_neighbours() {
        let state = |before: Vec<Event>, events: Vec<Event>| {
            let mut builder = EventsBuilder::default();
            builder.push(before.into_iter());
            builder.push(events.into_iter());
            builder.take().state(1)
        };
        let [_, many, _, one] = rows();
        assert_eq!(state(many.clone(), one.clone()), state(vec![], one.clone()));
        assert_ne!(state(vec![], many), state(vec![], one.clone()));
        let other = vec![Event { grade: Some("4".into()), ..one[0].clone() }];
        assert_ne!(state(vec![], other), state(vec![], one));
    }
}
