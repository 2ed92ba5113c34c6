//! A leaf as a collection shows it: a row for each of its assets, or for each kind of work that falls
//! due on one of them.

use std::ops::Range;
use std::sync::Arc;

use terrier_catalog::{Collection, DueDay, DueField, OrderKey, Rank};
use terrier_model::{AssetView, Breadth, Known, Scope, ValueRef, WorkKind};
use terrier_spatial::{HilbertKey, Window};

use super::Layer;
use super::due::LeafDue;
use super::due_text::DueTexts;
use super::filter::Filter;
use super::found::ranks_of;
use super::leaf::Leaf;
use super::shown::{Shown, ShownWork};
use crate::rules::Rules;

/// How many rows may be tested in the time that it takes to judge one asset.
const COST_OF_JUDGING: u64 = 10;

/// How many rows may be tested in the time that it takes to write what is served of a piece of work.
const COST_OF_WRITING: u64 = 50;

/// How many rows may be tested in the time that it takes to look for words in the texts of one asset.
const COST_OF_SEARCHING: u64 = 20;

/// What a collection has of one leaf. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    leaf: Arc<Leaf>,
    due: Option<Arc<LeafDue>>,
    /// What falls due on the assets, where a filter of assets asks for it.
    states: Option<Arc<LeafDue>>,
    /// What is served of the work of those rows that are on a page, where the leaf keeps none.
    texts: Option<Arc<DueTexts>>,
    /// By the rows of the leaf, how well they have what is searched for; nothing at all where none has it.
    ranks: Option<Arc<[Option<Rank>]>>,
}

impl Sheet {
    /// What a collection has of a leaf: its assets, or what falls due on them as of a day. Of another
    /// day than today this is what falls due on those assets that the question is after.
    pub(super) fn of(
        leaf: &Arc<Leaf>,
        layer: &Layer,
        rules: &Arc<Rules>,
        filter: &Filter<'_>,
    ) -> Self {
        let query = filter.query();
        let ranks = query.search().map(|search| Arc::from(ranks_of(leaf, search)));
        let sheet = Self { leaf: Arc::clone(leaf), due: None, states: None, texts: None, ranks };
        let judged = query.judged_on().map(|day| {
            judged(leaf, layer, rules, day, || {
                let mut rows = Vec::new();
                sheet.of_assets(filter, |run| rows.push(run));
                rows
            })
        });
        let (due, states) = if query.due().is_some() { (judged, None) } else { (None, judged) };
        Self { due, states, ..sheet }
    }

    /// What falls due on the asset of a row, as of a day.
    pub(super) fn of_row(
        leaf: &Arc<Leaf>,
        layer: &Layer,
        rules: &Arc<Rules>,
        day: DueDay,
        row: usize,
    ) -> Self {
        let due = Some(judged(leaf, layer, rules, day, || std::iter::once(row..row + 1).collect()));
        Self { leaf: Arc::clone(leaf), due, states: None, texts: None, ranks: None }
    }

    /// What it costs to look at the leaf, counted in tests of rows; 0 when nothing has to be looked
    /// at.
    pub(super) fn cost(
        leaf: &Leaf,
        layer: &Layer,
        rules: &Rules,
        filter: &Filter<'_>,
        is_whole: bool,
    ) -> u64 {
        let query = filter.query();
        let rows = leaf.len() as u64;
        let about = filter.region().map_or(rows, |window| leaf.about_rows_in(window));
        let tests = about * query.window().map_or(1, Window::cost);
        // Texts are looked at for the whole leaf.
        let searched = query.search().map_or(0, |_| rows * COST_OF_SEARCHING);
        searched
            + match query.judged_on() {
                Some(day) if leaf.kept_due().get(&layer.class, rules, day.on).is_none() => {
                    // What is kept is judged whole.
                    let judged = if day.on == day.today { rows } else { about };
                    judged * COST_OF_JUDGING
                }
                _ if is_whole => 0,
                // A look at the tree, and one at each piece of work.
                _ if query.window().is_some() || !filter.work().is_empty() => {
                    tests + filter.cost(about)
                }
                _ => filter.cost(about),
            }
    }

    pub(super) fn leaf(&self) -> &Leaf {
        &self.leaf
    }

    /// How many rows it has.
    pub(super) fn len(&self) -> usize {
        self.due.as_ref().map_or(self.leaf.len(), |due| due.len())
    }

    /// The row of the leaf where the asset of a row stands.
    pub(super) fn asset_row(&self, row: usize) -> usize {
        self.due.as_ref().map_or(row, |due| due.row(row))
    }

    /// The row of work of a kind on the asset of a row of the leaf.
    pub(super) fn work_of(&self, asset_row: usize, kind: WorkKind) -> Option<usize> {
        let due = self.due.as_ref()?;
        due.items_of(asset_row..asset_row + 1).find(|row| due.kind(*row) == kind.code())
    }

    pub(super) fn key(&self, row: usize) -> HilbertKey {
        self.leaf.key(self.asset_row(row))
    }

    pub(super) fn order_key(&self, row: usize) -> OrderKey {
        let asset = self.asset_row(row);
        let part = self.due.as_ref().map_or(0, |due| due.part(row));
        OrderKey { key: self.leaf.key(asset), id: self.leaf.id(asset), part }
    }

    /// The first row behind a place.
    pub(super) fn first_after(&self, place: OrderKey) -> usize {
        let after = self.leaf.first_after(place.key, place.id);
        let Some(due) = &self.due else { return after };
        // The asset of the place, when it is one of the leaf, may have more work.
        let own = after.checked_sub(1).map_or(0..0, |before| due.items_of(before..after));
        let is_at_place = |row: &usize| {
            let OrderKey { key, id, part } = self.order_key(*row);
            (key, id) == (place.key, place.id) && part > place.part
        };
        own.clone().find(is_at_place).unwrap_or(own.end)
    }

    /// How many rows come before a place.
    pub(super) fn end_before(&self, place: OrderKey) -> usize {
        let after = self.first_after(place);
        let is_at_place = after > 0 && self.order_key(after - 1) == place;
        after - usize::from(is_at_place)
    }

    /// What a row is about, as a condition asks of it.
    pub(super) fn view(&self, row: usize) -> impl Known<'_> {
        let asset = self.asset_row(row);
        AssetView {
            value: move |position| self.value(row, position),
            shape: move || Some(self.leaf.shape(asset)),
            due_state: move |kind| self.due.as_ref().or(self.states.as_ref())?.state(asset, kind),
        }
    }

    /// The value of a field by its place in [`Collection::fields`].
    pub(super) fn value(&self, row: usize, position: usize) -> Option<ValueRef<'_>> {
        match &self.due {
            None => self.leaf.value(row, position),
            Some(due) => match DueField::at(position) {
                Some(field) => due.value(row, field),
                None => self.leaf.value(due.row(row), position),
            },
        }
    }

    /// The names of the rules that want the work of a row; `None` where a row is an asset.
    pub(super) fn rules_of(&self, row: usize) -> Option<impl Iterator<Item = &str>> {
        let due = self.due.as_deref()?;
        Some((0..).map_while(move |nth| due.wanted_by(row, nth)))
    }

    /// How many rows the question is after.
    pub(super) fn count(&self, filter: &Filter<'_>) -> u64 {
        if self.due.is_none() && self.ranks.is_none() {
            return filter.count(&self.leaf, self.states.as_deref()) as u64;
        }
        let mut count = 0;
        self.matches(filter, |rows| count += rows.len() as u64);
        count
    }

    /// Reports the rows that the question is after, in order, as runs.
    pub(super) fn matches(&self, filter: &Filter<'_>, mut visit: impl FnMut(Range<usize>)) {
        let Some(due) = &self.due else { return self.of_assets(filter, visit) };
        let work = filter.work();
        let passing = work.passing(&due.names_of_rules());
        let holds = |row: usize| {
            let (item, rules) = (due.item(row), due.places_of_rules(row));
            work.hold(item, &self.view(row), &passing, rules, |nth| due.wanted_by(row, nth))
        };
        self.of_assets(filter, |rows| {
            let rows = due.items_of(rows);
            if !work.is_empty() {
                runs(rows, holds, &mut visit);
            } else if !rows.is_empty() {
                visit(rows);
            }
        });
    }

    /// Reports the rows of the leaf whose assets the question is after, whatever work it wants, as runs.
    fn of_assets(&self, filter: &Filter<'_>, mut visit: impl FnMut(Range<usize>)) {
        let states = self.states.as_deref();
        match self.ranks.as_deref() {
            None => filter.matches(&self.leaf, states, visit),
            // None of its texts has what is searched for.
            Some([]) => {}
            Some(ranks) => filter.matches(&self.leaf, states, |rows| {
                runs(rows, |row| ranks[row].is_some(), &mut visit);
            }),
        }
    }

    /// How well a row has what is searched for.
    pub(super) fn rank(&self, row: usize) -> Option<Rank> {
        *self.ranks.as_ref()?.get(self.asset_row(row))?
    }

    /// What it costs to write what is served of rows, counted in tests of rows.
    pub(super) fn cost_of_writing(&self, rows: Range<usize>, scope: &Scope) -> u64 {
        let Some(due) = self.due.as_ref().filter(|due| due.kept_texts(scope).is_none()) else {
            return 0;
        };
        let written = if due.will_keep_texts(scope) { due.len() } else { rows.len() };
        written as u64 * COST_OF_WRITING
    }

    /// Makes what is served of rows.
    pub(super) fn prepare(&mut self, rows: Range<usize>, scope: &Scope) {
        let Some(due) = &self.due else { return };
        due.keep_texts(&self.leaf, scope);
        if due.kept_texts(scope).is_none() {
            self.texts = Some(Arc::new(due.write_texts(&self.leaf, rows, scope)));
        }
    }

    /// Writes the features of the rows as the collection serves them to who sees so many of the fields, each
    /// with a comma behind it.
    pub(super) fn write(
        &self,
        rows: Range<usize>,
        collection: &Collection,
        (scope, breadth): (&Scope, Breadth),
        out: &mut Vec<u8>,
    ) {
        let Some(due) = &self.due else { return self.leaf.write(rows, collection, breadth, out) };
        self.with_texts(due, rows.clone(), scope, |texts| {
            for row in rows {
                self.leaf.write_due(due.row(row), due.kind(row), texts.of(row), breadth, out);
            }
        });
    }

    /// Hands out the features of the rows.
    pub(super) fn show(
        &self,
        rows: Range<usize>,
        scope: &Scope,
        visit: &mut impl FnMut(&Shown<'_>),
    ) {
        let Some(due) = &self.due else {
            return rows.for_each(|row| visit(&Shown::of_row(&self.leaf, row)));
        };
        self.with_texts(due, rows.clone(), scope, |texts| {
            for at in rows {
                let work = ShownWork { due, at, text: texts.of(at) };
                visit(&Shown { due: Some(work), ..Shown::of_row(&self.leaf, due.row(at)) });
            }
        });
    }

    /// Takes what is served of the work of rows, as it is kept or else written now.
    fn with_texts(
        &self,
        due: &LeafDue,
        rows: Range<usize>,
        scope: &Scope,
        take: impl FnOnce(&DueTexts),
    ) {
        match due.kept_texts(scope).or(self.texts.as_deref()) {
            Some(texts) => take(texts),
            None => take(&due.write_texts(&self.leaf, rows, scope)),
        }
    }

    /// About how many bytes [`Sheet::write`] writes for a row.
    pub(super) fn bytes_a_row(
        &self,
        collection: &Collection,
        (scope, breadth): (&Scope, Breadth),
    ) -> usize {
        let of_asset = self.leaf.bytes_a_row(collection, breadth);
        let of_work = self.due.as_ref().map_or(0, |due| {
            let texts = due.kept_texts(scope).or(self.texts.as_deref());
            texts.map_or(0, DueTexts::bytes_an_item)
        });
        of_asset + of_work
    }
}

/// What falls due on the assets of a leaf, as it is kept for today, or else as it is judged; kept
/// when it is judged as of today. Of another day only some rows are judged.
fn judged(
    leaf: &Leaf,
    layer: &Layer,
    rules: &Arc<Rules>,
    day: DueDay,
    rows: impl FnOnce() -> Vec<Range<usize>>,
) -> Arc<LeafDue> {
    if let Some(kept) = leaf.kept_due().get(&layer.class, rules, day.on) {
        return kept;
    }
    let judge = |rows| Arc::new(LeafDue::judge(leaf, &layer.class, rules, day.on, rows));
    if day.on != day.today {
        return judge(rows());
    }
    let due = judge(std::iter::once(0..leaf.len()).collect());
    leaf.kept_due().keep(&due);
    due
}

/// Reports the rows that hold, as runs.
pub(super) fn runs(
    rows: Range<usize>,
    holds: impl Fn(usize) -> bool,
    visit: &mut impl FnMut(Range<usize>),
) {
    let mut open: Option<Range<usize>> = None;
    for row in rows.filter(|row| holds(*row)) {
        match &mut open {
            Some(range) if range.end == row => range.end += 1,
            _ => {
                if let Some(range) = open.replace(row..row + 1) {
                    visit(range);
                }
            }
        }
    }
    if let Some(range) = open {
        visit(range);
    }
}
