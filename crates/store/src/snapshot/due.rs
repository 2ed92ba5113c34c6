//! What falls due on the assets of a leaf as of a day: worked out when it is asked for, and kept with
//! the leaf for the day on which it is asked.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use terrier_catalog::{DueField, write_due};
use terrier_model::{Class, DueItem, DueState, Event, Judge, Rule, Scope, ValueRef, WorkKind};

use super::column::{packed_day, unpacked_day};
use super::leaf::Leaf;
use crate::rules::Rules;

/// The work on the assets of a leaf, row by row, and for a row in the order of the kinds.
#[derive(Debug)]
pub(super) struct LeafDue {
    class: Arc<Class>,
    rules: Arc<Rules>,
    day: Date,
    /// Where the work of each row ends in `items`; empty when there is none at all.
    ends: Box<[u32]>,
    items: Box<[PackedItem]>,
    /// What is served of each, for the public and for those who see everything, once asked for.
    texts: [OnceLock<DueTexts>; 2],
}

#[derive(Clone, Copy, Debug)]
struct PackedItem {
    /// See [`packed_day`]; `i32::MIN` where there is none.
    due_on: i32,
    due_latest_on: i32,
    lead_from: i32,
    row: u32,
    /// The place among all rules, of which there are fewer: packs by rules of a pack.
    rule: u16,
    /// The place in [`WorkKind::ALL`].
    kind: u8,
    /// The place in [`DueState::ALL`].
    state: u8,
    priority: u8,
}

/// Texts, each different one once: neighbours are often of one year and one rule.
#[derive(Debug)]
pub(super) struct DueTexts {
    places: Box<[u32]>,
    ends: Box<[u32]>,
    bytes: Box<[u8]>,
}

impl LeafDue {
    /// Works out what falls due.
    pub(super) fn judge(leaf: &Leaf, class: &Arc<Class>, rules: &Arc<Rules>, day: Date) -> Self {
        let judge = rules.judge(class, day);
        let (mut ends, mut items) = (Vec::new(), Vec::new());
        if !judge.rules().is_empty() {
            let places = places_of(&judge, rules);
            let mut events: Vec<Event> = Vec::new();
            ends.reserve_exact(leaf.len());
            for row in 0..leaf.len() {
                events.clear();
                events.extend(leaf.events(row));
                judge.judge(
                    |position| leaf.value(row, position),
                    &events,
                    |item| items.push(PackedItem::new(&item, row, places[item.rule])),
                );
                // A row has at most one item a kind.
                ends.push(u32::try_from(items.len()).expect("a leaf has few rows"));
            }
        }
        if items.is_empty() {
            ends.clear();
        }
        Self {
            class: Arc::clone(class),
            rules: Arc::clone(rules),
            day,
            ends: ends.into(),
            items: items.into(),
            texts: Default::default(),
        }
    }

    /// Whether it is as of the day and by the rules.
    pub(super) fn is_of(&self, rules: &Rules, day: Date) -> bool {
        self.day == day && self.rules.version == rules.version
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// The row of the asset of an item.
    pub(super) fn row(&self, at: usize) -> usize {
        self.items[at].row as usize
    }

    /// The place of an item's kind among all kinds.
    pub(super) fn part(&self, at: usize) -> u8 {
        self.items[at].kind
    }

    /// The items of rows that follow on each other.
    pub(super) fn items_of(&self, rows: Range<usize>) -> Range<usize> {
        let end_of = |row: Option<usize>| row.map_or(0, |row| self.ends[row] as usize);
        if self.ends.is_empty() {
            return 0..0;
        }
        end_of(rows.start.checked_sub(1))..end_of(rows.end.checked_sub(1))
    }

    /// The value of a field of work.
    pub(super) fn value(&self, at: usize, field: DueField) -> Option<ValueRef<'_>> {
        let packed = &self.items[at];
        field.value(&packed.item(), &self.rule(packed).draft().id)
    }

    fn rule(&self, packed: &PackedItem) -> &Rule {
        &self.rules.all[usize::from(packed.rule)]
    }

    /// The code of an item's kind.
    pub(super) fn kind(&self, at: usize) -> &'static str {
        WorkKind::ALL[usize::from(self.items[at].kind)].code()
    }

    /// What is served of an item beside its asset. The texts of the whole leaf are made the first
    /// time.
    pub(super) fn text(&self, leaf: &Leaf, at: usize, scope: Scope) -> &[u8] {
        self.prepare(leaf, scope).of(at)
    }

    /// Makes the texts.
    pub(super) fn prepare(&self, leaf: &Leaf, scope: Scope) -> &DueTexts {
        self.kept_texts(scope).get_or_init(|| self.write_texts(leaf, scope))
    }

    /// Whether the texts are made.
    pub(super) fn is_written(&self, scope: Scope) -> bool {
        self.kept_texts(scope).get().is_some()
    }

    fn kept_texts(&self, scope: Scope) -> &OnceLock<DueTexts> {
        &self.texts[usize::from(scope == Scope::Everything)]
    }

    fn write_texts(&self, leaf: &Leaf, scope: Scope) -> DueTexts {
        let judge = self.rules.judge(&self.class, self.day);
        let mut texts = TextsBuilder::default();
        let (mut text, mut events) = (Vec::new(), Vec::<Event>::new());
        for packed in &self.items {
            let (row, item) = (packed.row as usize, packed.item());
            events.clear();
            events.extend(leaf.events(row));
            let reasons = judge.reasons(item.kind, |position| leaf.value(row, position), &events);
            text.clear();
            let rule = &self.rule(packed).draft().id;
            write_due(&mut text, &item, rule, &reasons, &self.class, scope);
            texts.push(&text);
        }
        texts.finish()
    }

    /// Bytes held in memory.
    pub(super) fn heap_bytes(&self) -> usize {
        let texts = self.texts.iter().filter_map(OnceLock::get);
        size_of::<Self>()
            + size_of_val(&*self.ends)
            + size_of_val(&*self.items)
            + texts.map(DueTexts::heap_bytes).sum::<usize>()
    }
}

/// The places of a judge's rules among all rules.
fn places_of(judge: &Judge<'_>, rules: &Rules) -> Vec<u16> {
    let place = |rule: &&Rule| {
        let place = rules.all.iter().position(|other| std::ptr::eq(other, *rule));
        u16::try_from(place.expect("the judge's rules are among all")).expect("rules are few")
    };
    judge.rules().iter().map(place).collect()
}

impl PackedItem {
    fn new(item: &DueItem, row: usize, rule: u16) -> Self {
        let DueItem { kind, state, due_on, due_latest_on, lead_from, priority, rule: _ } = item;
        let day = |day: &Option<Date>| day.map_or(i32::MIN, packed_day);
        let kind = WorkKind::ALL.iter().position(|other| other == kind);
        let state = DueState::ALL.iter().position(|other| other == state);
        let place = |at: Option<usize>| at.expect("all are in the list of all") as u8;
        Self {
            due_on: day(due_on),
            due_latest_on: day(due_latest_on),
            lead_from: day(lead_from),
            row: u32::try_from(row).expect("a leaf has few rows"),
            rule,
            kind: place(kind),
            state: place(state),
            priority: *priority,
        }
    }

    /// The item; its rule is told by its place among all rules.
    fn item(&self) -> DueItem {
        DueItem {
            kind: WorkKind::ALL[usize::from(self.kind)],
            state: DueState::ALL[usize::from(self.state)],
            due_on: unpacked_day(self.due_on),
            due_latest_on: unpacked_day(self.due_latest_on),
            lead_from: unpacked_day(self.lead_from),
            priority: self.priority,
            rule: self.rule.into(),
        }
    }
}

impl DueTexts {
    fn of(&self, at: usize) -> &[u8] {
        let place = self.places[at] as usize;
        let start = if place == 0 { 0 } else { self.ends[place - 1] as usize };
        &self.bytes[start..self.ends[place] as usize]
    }

    fn heap_bytes(&self) -> usize {
        size_of_val(&*self.places) + size_of_val(&*self.ends) + self.bytes.len()
    }
}

#[derive(Default)]
struct TextsBuilder {
    known: std::collections::HashMap<Box<[u8]>, u32>,
    places: Vec<u32>,
    ends: Vec<u32>,
    bytes: Vec<u8>,
}

impl TextsBuilder {
    fn push(&mut self, text: &[u8]) {
        let place = self.known.get(text).copied().unwrap_or_else(|| {
            let place = u32::try_from(self.ends.len()).expect("a leaf has few items");
            self.bytes.extend(text);
            // The rules that apply to an asset are bounded, and so is what each of them says.
            self.ends.push(u32::try_from(self.bytes.len()).expect("texts are below 4 GiB"));
            self.known.insert(text.into(), place);
            place
        });
        self.places.push(place);
    }

    fn finish(self) -> DueTexts {
        let Self { known: _, places, ends, bytes } = self;
        DueTexts { places: places.into(), ends: ends.into(), bytes: bytes.into() }
    }
}
