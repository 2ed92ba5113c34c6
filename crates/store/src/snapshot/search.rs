//! One page of the answer to a question, from one snapshot.

mod merge;

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use terrier_catalog::{
    Collection, Cursor, FeatureQuery, OrderKey, Presentation, Side, Slice, Start,
};
use terrier_model::{Breadth, Scope, Value};

use super::filter::Filter;
use super::sheet::Sheet;
use super::shown::write_distance;
use super::sorted::values_of;
use super::{Layer, Shown, Snapshot};
use crate::rules::Rules;

/// A page: which features are on it, and how many the whole answer has.
#[derive(Debug)]
pub struct Page {
    collection: Collection,
    scope: Scope,
    /// How many of the fields of the collection the caller sees, where ready texts tell just these.
    breadth: Option<Breadth>,
    sequence: u64,
    matched: u64,
    returned: usize,
    sheets: Vec<Sheet>,
    runs: Vec<Run>,
    /// Whether features come behind the page, and before it.
    more: bool,
    has_before: bool,
    /// What the first and the last feature have of each thing by which they are sorted.
    values_of_ends: [Vec<Option<Value>>; 2],
    /// How far each feature is from the position that was asked about, in metres and rounded to a
    /// millimetre; none where none was.
    distances_m: Vec<f64>,
}

/// Rows of one leaf of the page, as the collection shows it, that follow on each other.
#[derive(Clone, Debug)]
struct Run {
    /// The place of the leaf among those of the page.
    sheet: u32,
    rows: Range<usize>,
}

impl Page {
    /// A page of rows of some sheets, of which it has none yet.
    pub(super) fn new(
        query: &FeatureQuery,
        sequence: u64,
        matched: u64,
        sheets: Vec<Sheet>,
    ) -> Self {
        Self {
            collection: query.collection().clone(),
            scope: query.scope().clone(),
            breadth: query.collection().breadth(query.scope()),
            sequence,
            matched,
            returned: 0,
            sheets,
            runs: Vec::new(),
            more: false,
            has_before: false,
            values_of_ends: [Vec::new(), Vec::new()],
            distances_m: Vec::new(),
        }
    }

    /// The page with what is served of work on it; `None` where that is dearer than so many tests of
    /// rows.
    pub(super) fn prepared(mut self, rows_left: u64) -> Option<Self> {
        if !matches!(self.collection, Collection::Due(..)) {
            return Some(self);
        }
        let (spans, scope) = (self.spans(), &self.scope);
        let sheets = || self.sheets.iter().zip(&spans);
        let cost = sheets().map(|(sheet, rows)| sheet.cost_of_writing(rows.clone(), scope));
        if cost.sum::<u64>() > rows_left {
            return None;
        }
        self.sheets.iter_mut().zip(spans).for_each(|(sheet, rows)| sheet.prepare(rows, scope));
        Some(self)
    }

    /// How many features the question has in all.
    pub fn matched(&self) -> u64 {
        self.matched
    }

    /// How many features are on the page.
    pub fn returned(&self) -> usize {
        self.returned
    }

    /// Where the next page begins; `None` when this is the last.
    pub fn next(&self) -> Option<Cursor> {
        let last = self.runs.last().filter(|_| self.more)?;
        Some(self.cursor(Side::After, last.sheet, last.rows.end - 1))
    }

    /// Where the page before ends; `None` when this is the first.
    pub fn previous(&self) -> Option<Cursor> {
        let first = self.runs.first().filter(|_| self.has_before)?;
        Some(self.cursor(Side::Before, first.sheet, first.rows.start))
    }

    fn cursor(&self, side: Side, sheet: u32, row: usize) -> Cursor {
        let place = self.sheets[sheet as usize].order_key(row);
        let [first, last] = &self.values_of_ends;
        let values = if side == Side::Before { first } else { last }.clone();
        Cursor { side, sequence: self.sequence, matched: self.matched, place, values }
    }

    /// About how many bytes the features take, with a comma behind each.
    pub fn about_bytes(&self) -> usize {
        let seen = (&self.scope, self.breadth.unwrap_or(Breadth::Everything));
        let bytes = self.sheets.iter().map(|sheet| sheet.bytes_a_row(&self.collection, seen));
        let bytes: Vec<usize> = bytes.collect();
        let sum: usize =
            self.runs.iter().map(|run| run.rows.len() * bytes[run.sheet as usize]).sum();
        // Rows of a window are not quite as long as their leaves' are on average.
        sum + sum / 16
    }

    /// The collection whose features are on it.
    pub fn collection(&self) -> &Collection {
        &self.collection
    }

    /// How much the caller may see of them.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Whether its features are copied from ready texts, where nobody says how they are to be shown.
    pub fn is_ready(&self) -> bool {
        self.breadth.is_some()
    }

    /// Hands out the features of the page, one after another.
    pub fn for_each(&self, mut visit: impl FnMut(&Shown<'_>)) {
        let mut distances_m = self.distances_m.iter().copied();
        for run in &self.runs {
            let sheet = &self.sheets[run.sheet as usize];
            sheet.show(run.rows.clone(), &self.scope, &mut |shown| {
                visit(&Shown { distance_m: distances_m.next(), ..*shown });
            });
        }
    }

    /// For each sheet the rows from the first to the last that is on the page.
    fn spans(&self) -> Vec<Range<usize>> {
        let mut spans = vec![0..0; self.sheets.len()];
        for Run { sheet, rows } in &self.runs {
            let span = &mut spans[*sheet as usize];
            let is_first = span.end == 0;
            *span = if is_first {
                rows.clone()
            } else {
                span.start.min(rows.start)..span.end.max(rows.end)
            };
        }
        spans
    }

    /// Writes the features of the page, with commas between.
    pub fn write_features(&self, out: &mut Vec<u8>) {
        let Some(breadth) = self.breadth else { return self.compose(&Presentation::plain(), out) };
        if self.distances_m.is_empty() {
            for run in &self.runs {
                let sheet = &self.sheets[run.sheet as usize];
                sheet.write(run.rows.clone(), &self.collection, (&self.scope, breadth), out);
            }
        } else {
            self.write_with_distances(breadth, out);
        }
        if self.returned > 0 {
            out.pop();
        }
    }

    /// Writes the features with their distances, each with a comma behind it.
    fn write_with_distances(&self, breadth: Breadth, out: &mut Vec<u8>) {
        let rows = self.runs.iter().flat_map(|run| run.rows.clone().map(|row| (run.sheet, row)));
        for ((sheet, row), distance_m) in rows.zip(&self.distances_m) {
            let sheet = &self.sheets[sheet as usize];
            sheet.write(row..row + 1, &self.collection, (&self.scope, breadth), out);
            // The comma comes again behind the distance.
            out.pop();
            write_distance(*distance_m, out);
            out.push(b',');
        }
    }
}

impl Snapshot {
    /// Answers a question. The count is exact; it is taken from the cursor where nothing has changed
    /// since it was counted.
    pub fn answer(&self, query: &FeatureQuery, slice: &Slice) -> Page {
        self.answer_within(query, slice, u64::MAX).expect("there are not so many rows")
    }

    /// The same, unless more rows than so many have to be tested or passed over for it; `None` then.
    pub fn answer_within(&self, query: &FeatureQuery, slice: &Slice, rows: u64) -> Option<Page> {
        if rows < u64::MAX && !self.is_ready_for(query.scope()) {
            return None;
        }
        if let Some(near) = query.near() {
            return self.nearest(query, near, rows);
        }
        if !query.order().is_by_place() {
            return self.answer_sorted(query, slice, rows);
        }
        let (skip, cursor, known) = match &slice.start {
            Start::Offset(offset) => (*offset, None, None),
            Start::Beside(cursor) => {
                let is_known = cursor.sequence == self.sequence;
                (0, Some(cursor), is_known.then_some(cursor.matched))
            }
        };
        if skip.min(self.assets()) > rows {
            return None;
        }
        let filter = Filter::new(query);
        let place = |side| cursor.filter(|cursor| cursor.side == side).map(|cursor| cursor.place);
        let (after, before) = (place(Side::After), place(Side::Before));
        let mut gather = Gather {
            filter: &filter,
            rules: &self.rules_for(query.scope()),
            after,
            before,
            counted: known.is_some(),
            // One row beyond the page tells whether there is another.
            wanted: skip.saturating_add(slice.limit as u64 + 1),
            rows_left: rows,
            matched: 0,
            sheets: Vec::new(),
        };
        let mut layers = Vec::new();
        let seen = self.seen(query.scope());
        for layer in seen.layers_of(query.collection(), query.scope()) {
            layers.push(gather.layer(layer)?);
        }
        let Gather { matched, sheets, rows_left, .. } = gather;
        let mut page = Page::new(query, self.sequence, known.unwrap_or(matched), sheets);
        if before.is_some() {
            // The last of those that come before.
            let rows: usize = layers.iter().flatten().map(|run| run.rows.len()).sum();
            let passed = rows.saturating_sub(slice.limit);
            page.merge(layers, passed as u64, slice.limit);
            page.has_before = passed > 0;
            page.more = page.returned > 0;
        } else {
            page.merge(layers, skip, slice.limit);
            page.has_before = skip > 0 || after.is_some();
        }
        page.prepared(rows_left)
    }
}

/// The search through the layers of a collection, one after another.
struct Gather<'a> {
    filter: &'a Filter<'a>,
    rules: &'a Arc<Rules>,
    /// The page begins behind this place.
    after: Option<OrderKey>,
    /// The page ends before this place.
    before: Option<OrderKey>,
    /// Whether the matching rows have been counted before.
    counted: bool,
    /// So many rows of a layer are enough for the page.
    wanted: u64,
    /// How many more rows may be tested.
    rows_left: u64,
    matched: u64,
    sheets: Vec<Sheet>,
}

impl Gather<'_> {
    /// Finds the matching rows of a layer on the side of the place, in order, as many as the page may need and
    /// perhaps some more; counts all, unless they are counted already. `None` when too many rows would have to be
    /// tested.
    fn layer(&mut self, layer: &Layer) -> Option<Vec<Run>> {
        let (filter, query, before) = (self.filter, self.filter.query(), self.before);
        // Rows that are neither counted nor on the page are not looked at.
        let from = match &self.after {
            Some(place) if self.counted => {
                layer.leaves.partition_point(|leaf| {
                    // The last asset of a leaf may have more work behind the place.
                    let last = leaf.len() - 1;
                    (leaf.key(last), leaf.id(last)) < (place.key, place.id)
                })
            }
            _ => 0,
        };
        let to = match before {
            Some(place) if self.counted => layer
                .leaves
                .partition_point(|leaf| (leaf.key(0), leaf.id(0)) <= (place.key, place.id)),
            _ => layer.leaves.len(),
        };
        let (mut runs, mut found, mut within_bound) = (Vec::new(), 0, true);
        let mut look = |leaves: Range<usize>| {
            for leaf in &layer.leaves[leaves.start.max(from).min(to)..leaves.end.max(from).min(to)]
            {
                if !within_bound || (self.counted && found >= self.wanted) {
                    return;
                }
                let decided = filter.decided(leaf);
                let is_whole = decided == Some(true) && filter.work().is_empty();
                let cost = match decided {
                    Some(false) => 1,
                    _ => Sheet::cost(leaf, layer, self.rules, filter, is_whole),
                };
                let Some(left) = self.rows_left.checked_sub(cost) else {
                    within_bound = false;
                    return;
                };
                self.rows_left = left;
                if decided == Some(false) {
                    continue;
                }
                if is_whole && query.due().is_none() && found >= self.wanted {
                    self.matched += leaf.len() as u64;
                    continue;
                }
                let sheet = Sheet::of(leaf, layer, self.rules, filter);
                if !is_whole && found >= self.wanted {
                    self.matched += sheet.count(filter);
                    continue;
                }
                let start = self.after.map_or(0, |place| sheet.first_after(place));
                let end = self.before.map_or(sheet.len(), |place| sheet.end_before(place));
                // Of a leaf that lies before the place the last rows are wanted first, so it gives all.
                let is_full = |found: u64| self.before.is_none() && found >= self.wanted;
                let mut number = None;
                let mut take = |rows: Range<usize>| {
                    self.matched += rows.len() as u64;
                    let rows = rows.start.max(start)..rows.end.max(start).min(end);
                    if !rows.is_empty() && !is_full(found) {
                        found += rows.len() as u64;
                        let sheets = &mut self.sheets;
                        let sheet = *number.get_or_insert_with(|| {
                            sheets.push(sheet.clone());
                            sheets.len() as u32 - 1
                        });
                        runs.push(Run { sheet, rows });
                    }
                };
                if is_whole { take(0..sheet.len()) } else { sheet.matches(filter, take) }
            }
        };
        if before.is_none() {
            match filter.region() {
                None => look(0..layer.leaves.len()),
                Some(region) => layer.directory.search(region, |leaves, _| look(leaves)),
            }
            return within_bound.then_some(runs);
        }
        let mut all = Vec::new();
        match filter.region() {
            None => all.push(0..layer.leaves.len()),
            Some(region) => layer.directory.search(region, |leaves, _| all.push(leaves)),
        }
        // The nearest leaf first; its rows have the least number of a sheet.
        all.into_iter().rev().flat_map(Iterator::rev).for_each(|leaf| look(leaf..leaf + 1));
        runs.sort_by_key(|run: &Run| (Reverse(run.sheet), run.rows.start));
        within_bound.then_some(runs)
    }
}

impl Page {
    /// Takes rows, each with the number of its sheet, as they stand; `ways` says whether features come before
    /// and behind them.
    pub(super) fn take_sorted(
        &mut self,
        query: &FeatureQuery,
        rows: &[(u32, usize)],
        ways: [bool; 2],
    ) {
        [self.has_before, self.more] = ways;
        for (sheet, row) in rows {
            self.take(Run { sheet: *sheet, rows: *row..*row + 1 });
        }
        if let [first, ..] = rows
            && let [.., last] = rows
        {
            self.values_of_ends = [first, last]
                .map(|(sheet, row)| values_of(&self.sheets[*sheet as usize], *row, query.order()));
        }
    }

    /// Takes rows, each with the number of its sheet and its distance in metres, as they stand.
    pub(super) fn take_nearest(&mut self, rows: &[(u32, usize, f64)]) {
        for (sheet, row, metres) in rows {
            self.take(Run { sheet: *sheet, rows: *row..row + 1 });
            self.distances_m.push((metres * 1_000.0).round() / 1_000.0);
        }
    }

    fn take(&mut self, run: Run) {
        if run.rows.is_empty() {
            return;
        }
        self.returned += run.rows.len();
        match self.runs.last_mut() {
            Some(last) if last.sheet == run.sheet && last.rows.end == run.rows.start => {
                last.rows.end = run.rows.end;
            }
            _ => self.runs.push(run),
        }
    }
}
