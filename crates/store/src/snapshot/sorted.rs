//! One page of an answer that is sorted by fields: the best rows are kept while the leaves are looked at,
//! and no row is put in order that is not among them.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use terrier_catalog::{
    Cursor, FeatureQuery, Order, OrderKey, Rank, Side, Slice, SortBy, SortKey, Start, compared_part,
};
use terrier_model::{Value, ValueRef};

use super::column::{Weights, weight_of};
use super::filter::Filter;
use super::leaf::Leaf;
use super::search::Page;
use super::sheet::Sheet;
use super::view::Seen;
use super::{Layer, Snapshot};

/// So many rows at least are gathered before the best are chosen among them.
const LEAST_GATHERED: usize = 512;

/// A number for what a row has of the first thing by which rows are sorted: the lighter comes first, and
/// of two that weigh the same it is not known.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Weight {
    /// What is missing comes last.
    is_missing: bool,
    number: u128,
}

impl Weight {
    const LEAST: Self = Self { is_missing: false, number: 0 };
    const GREATEST: Self = Self { is_missing: true, number: 0 };

    fn new(number: Option<u128>, key: SortKey) -> Self {
        match number {
            None => Self::GREATEST,
            Some(number) => {
                let number = if key.descending { !number } else { number };
                Self { is_missing: false, number }
            }
        }
    }
}

impl Weight {
    /// The weight in the opposite order.
    fn turned(self) -> Self {
        Self { is_missing: !self.is_missing, number: !self.number }
    }
}

/// A row that may be on the page.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    weight: Weight,
    sheet: u32,
    row: u32,
}

/// Something that has a place in the order.
#[derive(Clone, Copy)]
enum Place<'a> {
    Row(&'a Sheet, usize),
    Cursor(&'a Cursor),
}

impl<'a> Place<'a> {
    fn order_key(self) -> OrderKey {
        match self {
            Self::Row(sheet, row) => sheet.order_key(row),
            Self::Cursor(cursor) => cursor.place,
        }
    }

    /// What it has of the nth thing by which rows are sorted.
    fn value(self, nth: usize, by: SortBy) -> Option<ValueRef<'a>> {
        match (self, by) {
            (_, SortBy::Id) => None,
            (Self::Row(sheet, row), SortBy::Field(at)) => sheet.value(row, at),
            (Self::Row(sheet, row), SortBy::Rank) => sheet.rank(row).map(Rank::value),
            (Self::Cursor(cursor), SortBy::Field(_) | SortBy::Rank) => {
                cursor.values[nth].as_ref().map(Value::as_ref)
            }
        }
    }

    fn compare(self, other: Self, order: &Order) -> Ordering {
        for (nth, key) in order.keys().iter().enumerate() {
            let found = match key.by {
                SortBy::Id => key.compare_ids(self.order_key(), other.order_key()),
                by => key.compare(self.value(nth, by), other.value(nth, by)),
            };
            if found.is_ne() {
                return found;
            }
        }
        self.order_key().cmp(&other.order_key())
    }
}

/// The rows behind a place that come first; or, in the opposite order, those before it that come last.
struct Best<'a> {
    order: &'a Order,
    is_backward: bool,
    /// The first thing by which rows are sorted.
    first: SortKey,
    after: Option<(Weight, &'a Cursor)>,
    wanted: usize,
    sheets: Vec<Sheet>,
    /// Once there were more of them than wanted, the first so many are the best of those before the
    /// rest, and the worst of them stands at their end.
    rows: Vec<Candidate>,
    is_full: bool,
}

impl<'a> Best<'a> {
    fn new(order: &'a Order, after: Option<&'a Cursor>, wanted: usize) -> Self {
        let first = order.keys()[0];
        let weigh = |cursor: &Cursor| match first.by {
            SortBy::Id => Some(weight_of_id(cursor.place)),
            SortBy::Field(_) | SortBy::Rank => {
                cursor.values[0].as_ref().map(|value| weight_of(value.as_ref()))
            }
        };
        let is_backward = after.is_some_and(|cursor| cursor.side == Side::Before);
        let mut best = Self {
            order,
            is_backward,
            first,
            after: None,
            wanted,
            sheets: Vec::new(),
            rows: Vec::new(),
            is_full: false,
        };
        best.after = after.map(|cursor| (best.weight(weigh(cursor)), cursor));
        best
    }

    /// The weight of a number, as this walk has it.
    fn weight(&self, number: Option<u128>) -> Weight {
        let weight = Weight::new(number, self.first);
        if self.is_backward { weight.turned() } else { weight }
    }

    /// How two places stand to each other on this walk.
    fn compare_places(&self, a: Place<'_>, b: Place<'_>) -> Ordering {
        let order = a.compare(b, self.order);
        if self.is_backward { order.reverse() } else { order }
    }

    /// The least and the greatest weight that a row of a leaf can have.
    fn weights_of_leaf(&self, leaf: &Leaf, query: &FeatureQuery) -> [Weight; 2] {
        let [least, greatest] = self.forward_weights_of_leaf(leaf, query);
        if self.is_backward { [greatest.turned(), least.turned()] } else { [least, greatest] }
    }

    fn forward_weights_of_leaf(&self, leaf: &Leaf, query: &FeatureQuery) -> [Weight; 2] {
        let SortBy::Field(at) = self.first.by else { return [Weight::LEAST, Weight::GREATEST] };
        let Some(column) = leaf.column(at, query.collection()) else {
            return [Weight::LEAST, Weight::GREATEST];
        };
        let Some(range) = column.range() else { return [Weight::GREATEST; 2] };
        let weight = |value| Weight::new(Some(weight_of(value)), self.first);
        let ends = [weight(range.least), weight(range.greatest)];
        let least = ends[0].min(ends[1]);
        [least, if range.has_gaps { Weight::GREATEST } else { ends[0].max(ends[1]) }]
    }

    /// Whether no row between these weights can be among the best.
    fn excludes(&self, [least, greatest]: [Weight; 2]) -> bool {
        let is_behind = self.bound().is_some_and(|bound| least > bound.weight);
        is_behind || self.after.is_some_and(|(after, _)| greatest < after)
    }

    /// The worst row that is still wanted.
    fn bound(&self) -> Option<&Candidate> {
        if self.is_full { self.rows.get(self.wanted - 1) } else { None }
    }

    fn place(&self, candidate: &Candidate) -> Place<'_> {
        Place::Row(&self.sheets[candidate.sheet as usize], candidate.row as usize)
    }

    fn compare(&self, a: &Candidate, b: &Candidate) -> Ordering {
        a.weight.cmp(&b.weight).then_with(|| self.compare_places(self.place(a), self.place(b)))
    }

    /// Looks at some rows of a sheet, whose number is that among the sheets once one of its rows is kept.
    fn look(
        &mut self,
        sheet: &Sheet,
        weigher: &Weigher<'_>,
        rows: Range<usize>,
        number: &mut Option<u32>,
    ) {
        for row in rows {
            let weight = self.weight(weigher.weight(sheet, row));
            if self.bound().is_some_and(|bound| weight > bound.weight) {
                continue;
            }
            let place = Place::Row(sheet, row);
            if let Some((after, cursor)) = self.after {
                let order = weight
                    .cmp(&after)
                    .then_with(|| self.compare_places(place, Place::Cursor(cursor)));
                if order.is_le() {
                    continue;
                }
            }
            if let Some(bound) = self.bound()
                && weight == bound.weight
                && self.compare_places(place, self.place(bound)).is_ge()
            {
                continue;
            }
            let number = *number.get_or_insert_with(|| {
                self.sheets.push(sheet.clone());
                self.sheets.len() as u32 - 1
            });
            self.rows.push(Candidate { weight, sheet: number, row: row as u32 });
            if self.rows.len() >= self.wanted.saturating_mul(2).max(LEAST_GATHERED) {
                self.choose();
            }
        }
    }

    /// Keeps the best rows alone.
    fn choose(&mut self) {
        if self.rows.len() <= self.wanted {
            return;
        }
        let mut rows = std::mem::take(&mut self.rows);
        rows.select_nth_unstable_by(self.wanted - 1, |a, b| self.compare(a, b));
        rows.truncate(self.wanted);
        self.rows = rows;
        self.is_full = true;
    }

    /// Lets go of the sheets of which no row is kept.
    fn forget_sheets(&mut self) {
        self.choose();
        let mut numbers = vec![None; self.sheets.len()];
        let mut kept = Vec::new();
        for candidate in &mut self.rows {
            let old = candidate.sheet as usize;
            candidate.sheet = *numbers[old].get_or_insert_with(|| {
                kept.push(self.sheets[old].clone());
                kept.len() as u32 - 1
            });
        }
        self.sheets = kept;
    }

    /// The best rows in their order.
    fn into_sorted(mut self) -> (Vec<Sheet>, Vec<Candidate>) {
        self.forget_sheets();
        let mut rows = std::mem::take(&mut self.rows);
        rows.sort_unstable_by(|a, b| self.compare(a, b));
        (self.sheets, rows)
    }
}

/// Weighs the rows of a leaf.
enum Weigher<'a> {
    Column(Weights<'a>),
    Ids,
    Ranks,
    /// What falls due has fields of its own.
    Values(usize),
}

impl<'a> Weigher<'a> {
    fn new(by: SortBy, leaf: &'a Leaf, query: &FeatureQuery) -> Self {
        match by {
            SortBy::Id => Self::Ids,
            SortBy::Rank => Self::Ranks,
            SortBy::Field(at) => match leaf.column(at, query.collection()) {
                Some(column) => Self::Column(column.weights()),
                None => Self::Values(at),
            },
        }
    }

    fn weight(&self, sheet: &Sheet, row: usize) -> Option<u128> {
        match self {
            Self::Column(weights) => weights.get(sheet.asset_row(row)),
            Self::Ids => Some(weight_of_id(sheet.order_key(row))),
            Self::Ranks => sheet.rank(row).map(Rank::value).map(weight_of),
            Self::Values(at) => sheet.value(row, *at).map(weight_of),
        }
    }
}

fn weight_of_id(key: OrderKey) -> u128 {
    u128::from_be_bytes(*key.id.as_bytes())
}

/// A leaf that has rows of the answer, perhaps.
struct Found<'a> {
    layer: &'a Layer,
    leaf: &'a Arc<Leaf>,
    /// Whether all its assets are asked for.
    is_all: bool,
    /// The least and the greatest weight of a row.
    weights: [Weight; 2],
}

impl Snapshot {
    /// Answers a question whose answer is sorted by fields, as [`Snapshot::answer_within`] does.
    pub(super) fn answer_sorted(
        &self,
        query: &FeatureQuery,
        slice: &Slice,
        mut rows_left: u64,
    ) -> Option<Page> {
        let (skip, after, known) = match &slice.start {
            Start::Offset(offset) => (*offset, None, None),
            Start::Beside(cursor) => {
                let is_known = cursor.sequence == self.sequence;
                (0, Some(cursor), is_known.then_some(cursor.matched))
            }
        };
        let skip = skip.min(self.assets_or_work(query)) as usize;
        // One row behind the page tells whether there is another.
        let mut best = Best::new(query.order(), after, skip + slice.limit + 1);
        let filter = Filter::new(query);
        let mut matched = 0;
        let (seen, rules) = (self.seen(query.scope()), self.rules_for(query.scope()));
        for found in leaves_by_weight(&seen, &filter, &best) {
            let Found { layer, leaf, is_all, weights } = found;
            let is_whole = is_all && filter.work().is_empty();
            let is_excluded = best.excludes(weights);
            if is_excluded && known.is_some() {
                continue;
            }
            if is_excluded && is_whole && query.due().is_none() {
                matched += leaf.len() as u64;
                continue;
            }
            let looked_at = if is_excluded { 0 } else { leaf.len() as u64 };
            let cost = Sheet::cost(leaf, layer, &rules, &filter, is_whole) + looked_at;
            rows_left = rows_left.checked_sub(cost)?;
            let sheet = Sheet::of(leaf, layer, &rules, &filter);
            if is_excluded {
                matched += sheet.count(&filter);
                continue;
            }
            let weigher = Weigher::new(best.first.by, leaf, query);
            let mut number = None;
            let mut take = |rows: Range<usize>| {
                matched += rows.len() as u64;
                best.look(&sheet, &weigher, rows, &mut number);
            };
            if is_whole {
                take(0..sheet.len());
            } else {
                sheet.matches(&filter, take);
            }
            if best.sheets.len() >= best.wanted.saturating_mul(2).max(LEAST_GATHERED) {
                best.forget_sheets();
            }
        }
        let (sheets, rows) = best.into_sorted();
        let mut page = Page::new(query, self.sequence, known.unwrap_or(matched), sheets);
        let is_backward = after.is_some_and(|cursor| cursor.side == Side::Before);
        let found = rows.iter().skip(skip).map(|c| (c.sheet, c.row as usize));
        let mut rows: Vec<(u32, usize)> = found.collect();
        let has_further = rows.len() > slice.limit;
        rows.truncate(slice.limit);
        let ways = if is_backward {
            // The nearest to the place was found first.
            rows.reverse();
            [has_further, !rows.is_empty()]
        } else {
            [skip > 0 || after.is_some(), has_further]
        };
        page.take_sorted(query, &rows, ways);
        page.prepared(rows_left)
    }

    /// More features than the answer can have.
    fn assets_or_work(&self, query: &FeatureQuery) -> u64 {
        let features_an_asset = if query.due().is_some() { u64::from(u8::MAX) } else { 1 };
        self.assets().saturating_mul(features_an_asset)
    }
}

/// The leaves in which rows of the answer may be, those with the lightest rows first: what comes
/// behind a leaf then is most often behind the page.
fn leaves_by_weight<'s>(
    seen: &'s Seen<'_>,
    filter: &'s Filter<'_>,
    best: &Best<'_>,
) -> Vec<Found<'s>> {
    let (mut all, query) = (Vec::new(), filter.query());
    for layer in seen.layers_of(query.collection(), query.scope()) {
        let mut add = |leaves: Range<usize>| {
            for leaf in &layer.leaves[leaves] {
                let decided = filter.decided(leaf);
                if decided != Some(false) {
                    let weights = best.weights_of_leaf(leaf, filter.query());
                    all.push(Found { layer, leaf, is_all: decided == Some(true), weights });
                }
            }
        };
        match filter.region() {
            None => add(0..layer.leaves.len()),
            Some(region) => layer.directory.search(region, |leaves, _| add(leaves)),
        }
    }
    all.sort_by_key(|found| found.weights[0]);
    all
}

/// What a row has of each thing by which rows are sorted, as far as that is compared.
pub(super) fn values_of(sheet: &Sheet, row: usize, order: &Order) -> Vec<Option<Value>> {
    let place = Place::Row(sheet, row);
    let keys = order.keys().iter().enumerate();
    keys.map(|(nth, key)| place.value(nth, key.by).map(|value| compared_part(value).to_value()))
        .collect()
}
