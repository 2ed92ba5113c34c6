//! What falls due on the assets of a leaf as of a day: worked out when it is asked for, and kept with
//! the leaf for the day on which it is asked.

use std::ops::Range;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use jiff::civil::Date;
use terrier_catalog::{DueField, write_due};
use terrier_model::{
    Breadth, Class, DueItem, DueState, Event, Judge, Rule, Scope, ValueRef, WorkKind,
};

use super::column::{packed_day, unpacked_day};
use super::due_text::{DueTexts, KeptTexts, TextsBuilder};
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
    /// The rules that want the work of each item, by their places among all rules.
    wanted_by: Box<[u16]>,
    /// What is served of each, for the public and for those who see everything.
    texts: [KeptTexts; 2],
}

/// What falls due on the assets of a leaf as of the day on which it was last asked, of the rules that
/// everybody is told of and of all of them; what is told to others is not kept, for it would drive that out.
#[derive(Debug, Default)]
pub(super) struct KeptDue([ArcSwapOption<LeafDue>; 2]);

impl KeptDue {
    /// What is kept of a class's leaf for that day and these rules.
    pub(super) fn get(&self, class: &Class, rules: &Rules, day: Date) -> Option<Arc<LeafDue>> {
        let kept = self.0[place(rules.audience(class)?)].load();
        let is_of =
            |kept: &&Arc<LeafDue>| kept.day == day && kept.rules.version() == rules.version();
        kept.as_ref().filter(is_of).map(Arc::clone)
    }

    /// Keeps it in place of what was kept for the same callers.
    pub(super) fn keep(&self, due: &Arc<LeafDue>) {
        if let Some(audience) = due.rules.audience(&due.class) {
            self.0[place(audience)].store(Some(Arc::clone(due)));
        }
    }

    /// Bytes held in memory.
    pub(super) fn heap_bytes(&self) -> usize {
        self.0.iter().filter_map(|kept| Some(kept.load().as_ref()?.heap_bytes())).sum()
    }
}

/// Where it is kept what is for those who see so many of a class's fields.
fn place(audience: Breadth) -> usize {
    match audience {
        Breadth::Public => 0,
        Breadth::Everything => 1,
    }
}

/// Work on one asset.
#[derive(Clone, Copy, Debug)]
pub(super) struct PackedItem {
    /// See [`packed_day`]; `i32::MIN` where there is none.
    pub(super) due_on: i32,
    pub(super) due_latest_on: i32,
    pub(super) lead_from: i32,
    row: u32,
    /// Where the rules that want it end in [`LeafDue::wanted_by`].
    wanted_by_end: u32,
    /// The place among all rules, of which there are fewer: packs by rules of a pack.
    rule: u16,
    /// The place in [`WorkKind::ALL`].
    pub(super) kind: u8,
    /// The place in [`DueState::ALL`].
    pub(super) state: u8,
    pub(super) priority: u8,
}

impl LeafDue {
    /// Works out what falls due on the assets of some rows, which stand in their order. The others
    /// are taken to have nothing due.
    pub(super) fn judge(
        leaf: &Leaf,
        class: &Arc<Class>,
        rules: &Arc<Rules>,
        day: Date,
        rows: impl IntoIterator<Item = Range<usize>>,
    ) -> Self {
        let judge = rules.judge(class, day);
        let (mut ends, mut items, mut wanted_by) = (Vec::new(), Vec::new(), Vec::new());
        if !judge.rules().is_empty() {
            let places = places_of(&judge, rules);
            let mut events: Vec<Event> = Vec::new();
            // A row has at most one item a kind.
            let count =
                |items: &Vec<PackedItem>| u32::try_from(items.len()).expect("a leaf has few rows");
            ends.reserve_exact(leaf.len());
            for row in rows.into_iter().flatten() {
                ends.resize(row, count(&items));
                events.clear();
                events.extend(leaf.events(row));
                judge.judge_rule_by_rule(&leaf.view(row, None), &events, |item, rules| {
                    wanted_by.extend(rules.iter().map(|rule| places[*rule]));
                    items.push(PackedItem::new(&item, row, places[item.rule], wanted_by.len()));
                });
                ends.push(count(&items));
            }
            ends.resize(leaf.len(), count(&items));
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
            wanted_by: wanted_by.into(),
            texts: Default::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn item(&self, at: usize) -> &PackedItem {
        &self.items[at]
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

    /// How it stands with work of a kind on the asset of a row.
    pub(super) fn state(&self, row: usize, kind: WorkKind) -> Option<DueState> {
        let mut items = self.items[self.items_of(row..row + 1)].iter();
        items
            .find(|item| WorkKind::ALL[usize::from(item.kind)] == kind)
            .map(|item| item.item().state)
    }

    /// The rows whose assets have work of a kind, with the place of its state in [`DueState::ALL`].
    pub(super) fn states(&self, kind: WorkKind) -> impl Iterator<Item = (usize, usize)> {
        let items =
            self.items.iter().filter(move |item| WorkKind::ALL[usize::from(item.kind)] == kind);
        items.map(|item| (item.row as usize, usize::from(item.state)))
    }

    /// The value of a field of work.
    pub(super) fn value(&self, at: usize, field: DueField) -> Option<ValueRef<'_>> {
        let packed = &self.items[at];
        field.value(&packed.item(), &self.rule(packed).draft().id)
    }

    /// The names of all rules, by their places.
    pub(super) fn names_of_rules(&self) -> impl Iterator<Item = &str> + Clone {
        self.rules.all().iter().map(|rule| &*rule.draft().id)
    }

    /// The places among all rules of those that want an item.
    pub(super) fn places_of_rules(&self, at: usize) -> &[u16] {
        let start = at.checked_sub(1).map_or(0, |before| self.items[before].wanted_by_end);
        &self.wanted_by[start as usize..self.items[at].wanted_by_end as usize]
    }

    /// The names of the rules that want an item, one after another.
    pub(super) fn wanted_by(&self, at: usize, nth: usize) -> Option<&str> {
        let rule = self.places_of_rules(at).get(nth)?;
        Some(&self.rules.all()[usize::from(*rule)].draft().id)
    }

    fn rule(&self, packed: &PackedItem) -> &Rule {
        &self.rules.all()[usize::from(packed.rule)]
    }

    /// The code of an item's kind.
    pub(super) fn kind(&self, at: usize) -> &'static str {
        WorkKind::ALL[usize::from(self.items[at].kind)].code()
    }

    /// What is served of the items, beside their assets, where it is kept.
    pub(super) fn kept_texts(&self, scope: &Scope) -> Option<&DueTexts> {
        self.kept(scope)?.get()
    }

    /// Keeps what is served of the items, when it has been asked for before and there is room for
    /// it.
    pub(super) fn keep_texts(&self, leaf: &Leaf, scope: &Scope) {
        if let Some(kept) = self.kept(scope) {
            kept.ask(|| self.write_texts(leaf, 0..self.len(), scope));
        }
    }

    /// Whether they will be kept when they are asked for next.
    pub(super) fn will_keep_texts(&self, scope: &Scope) -> bool {
        self.kept(scope).is_some_and(KeptTexts::will_be_kept)
    }

    /// Where it is kept, which is told for those who see just the public fields of the class, or all.
    fn kept(&self, scope: &Scope) -> Option<&KeptTexts> {
        let sight = scope.sight(Some(self.class.name()));
        Some(&self.texts[place(sight.breadth(self.class.fields())?)])
    }

    /// Writes what is served of some items, beside their assets.
    pub(super) fn write_texts(&self, leaf: &Leaf, at: Range<usize>, scope: &Scope) -> DueTexts {
        let judge = self.rules.judge(&self.class, self.day);
        let mut texts = TextsBuilder::new(at.start);
        let mut events = Vec::<Event>::new();
        for packed in &self.items[at] {
            let (row, item) = (packed.row as usize, packed.item());
            events.clear();
            events.extend(leaf.events(row));
            let reasons = judge.reasons(item.kind, &leaf.view(row, None), &events);
            let rule = &self.rule(packed).draft().id;
            texts.push(|out| write_due(out, &item, rule, &reasons, &self.class, scope));
        }
        texts.finish()
    }

    /// Bytes held in memory.
    pub(super) fn heap_bytes(&self) -> usize {
        let texts = self.texts.iter().filter_map(KeptTexts::get);
        size_of::<Self>()
            + size_of_val(&*self.ends)
            + size_of_val(&*self.items)
            + size_of_val(&*self.wanted_by)
            + texts.map(DueTexts::heap_bytes).sum::<usize>()
    }
}

/// The places of a judge's rules among all rules.
fn places_of(judge: &Judge<'_>, rules: &Rules) -> Vec<u16> {
    let place = |rule: &&Rule| {
        let place = rules.all().iter().position(|other| std::ptr::eq(other, *rule));
        u16::try_from(place.expect("the judge's rules are among all")).expect("rules are few")
    };
    judge.rules().iter().map(place).collect()
}

impl PackedItem {
    fn new(item: &DueItem, row: usize, rule: u16, wanted_by_end: usize) -> Self {
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
            wanted_by_end: u32::try_from(wanted_by_end).expect("rules of a leaf are few"),
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
