//! A leaf as a collection shows it: a row for each of its assets, or for each kind of work that falls
//! due on one of them.

use std::ops::Range;
use std::sync::Arc;

use terrier_catalog::{Collection, DueDay, DueField, FeatureQuery, OrderKey};
use terrier_model::{Scope, Truth, ValueRef, WorkKind, core_fields};
use terrier_spatial::HilbertKey;

use super::Layer;
use super::due::LeafDue;
use super::leaf::{Leaf, Selection};
use crate::rules::Rules;

/// How many rows may be tested in the time that it takes to judge one asset.
const COST_OF_JUDGING: u64 = 10;

/// What a collection has of one leaf. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    leaf: Arc<Leaf>,
    due: Option<Arc<LeafDue>>,
}

impl Sheet {
    /// What a collection has of a leaf: its assets, or what falls due on them as of a day.
    pub(super) fn of(
        leaf: &Arc<Leaf>,
        layer: &Layer,
        rules: &Arc<Rules>,
        due: Option<DueDay>,
    ) -> Self {
        let due = due.map(|day| {
            let judged = || Arc::new(LeafDue::judge(leaf, &layer.class, rules, day.on));
            leaf.due(rules, day, judged)
        });
        Self { leaf: Arc::clone(leaf), due }
    }

    /// What it costs to look at the leaf, counted in tests of rows; 0 when nothing has to be looked
    /// at.
    pub(super) fn cost(leaf: &Leaf, rules: &Rules, query: &FeatureQuery, is_whole: bool) -> u64 {
        match query.due() {
            Some(day) if !leaf.is_judged(rules, day.on) => leaf.len() as u64 * COST_OF_JUDGING,
            _ if is_whole => 0,
            _ => leaf.len() as u64,
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

    /// Reports the rows that the question is after, in order, as runs.
    pub(super) fn matches(&self, query: &FeatureQuery, mut visit: impl FnMut(Range<usize>)) {
        let all = Selection {
            window: query.window(),
            interval: query.interval(),
            equals: query.equals(),
            filter: query.filter(),
        };
        let Some(due) = &self.due else { return self.leaf.matches(&all, visit) };
        // The values stand in the order of the fields, and those of the core come first.
        let core = all.equals.partition_point(|(position, _)| *position < core_fields().len());
        let (of_asset, of_work) = all.equals.split_at(core);
        let holds = |row: usize| {
            let value = |position: usize| self.value(row, position);
            of_work.iter().all(|(position, wanted)| {
                value(*position).is_some_and(|found| found == wanted.as_ref())
            }) && all.filter.is_none_or(|filter| filter.evaluate(value) == Truth::Yes)
        };
        let is_tested = !of_work.is_empty() || all.filter.is_some();
        let of_leaf = Selection { equals: of_asset, filter: None, ..all };
        self.leaf.matches(&of_leaf, |rows| {
            let rows = due.items_of(rows);
            if is_tested {
                runs(rows, holds, &mut visit);
            } else if !rows.is_empty() {
                visit(rows);
            }
        });
    }

    /// Whether everything that is served is there and only has to be copied.
    pub(super) fn is_written(&self, scope: Scope) -> bool {
        self.due.as_ref().is_none_or(|due| due.is_written(scope))
    }

    /// Makes what is served.
    pub(super) fn prepare(&self, scope: Scope) {
        if let Some(due) = &self.due {
            due.prepare(&self.leaf, scope);
        }
    }

    /// Writes the features of the rows as the collection serves them, each with a comma behind it.
    pub(super) fn write(
        &self,
        rows: Range<usize>,
        collection: &Collection,
        scope: Scope,
        out: &mut Vec<u8>,
    ) {
        let Some(due) = &self.due else { return self.leaf.write(rows, collection, scope, out) };
        for row in rows {
            let text = due.text(&self.leaf, row, scope);
            self.leaf.write_due(due.row(row), due.kind(row), text, scope, out);
        }
    }

    /// How many bytes [`Sheet::write`] writes.
    pub(super) fn written_bytes(
        &self,
        rows: Range<usize>,
        collection: &Collection,
        scope: Scope,
    ) -> usize {
        let Some(due) = &self.due else {
            return self.leaf.written_bytes(rows, collection, scope);
        };
        let bytes = |row: usize| {
            let text = due.text(&self.leaf, row, scope);
            self.leaf.written_due_bytes(due.row(row), due.kind(row), text, scope)
        };
        rows.map(bytes).sum()
    }
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
