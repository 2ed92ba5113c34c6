//! One page of the answer to a question, from one snapshot.

use std::ops::Range;
use std::sync::Arc;

use terrier_catalog::{Collection, Cursor, FeatureQuery, OrderKey, Slice, Start};
use terrier_model::Scope;
use terrier_spatial::{HilbertKey, Meeting};

use super::leaf::Leaf;
use super::{Layer, Snapshot};

/// A page: which assets are on it, and how many the whole answer has.
#[derive(Debug)]
pub struct Page {
    collection: Collection,
    scope: Scope,
    sequence: u64,
    matched: u64,
    returned: usize,
    leaves: Vec<Arc<Leaf>>,
    runs: Vec<Run>,
    more: bool,
}

/// Rows of one leaf of the page that follow on each other.
#[derive(Clone, Debug)]
struct Run {
    /// The place of the leaf among those of the page.
    leaf: u32,
    rows: Range<usize>,
}

impl Page {
    /// How many assets the question has in all.
    pub fn matched(&self) -> u64 {
        self.matched
    }

    /// How many assets are on the page.
    pub fn returned(&self) -> usize {
        self.returned
    }

    /// Where the next page begins; `None` when this is the last.
    pub fn next(&self) -> Option<Cursor> {
        let last = self.runs.last().filter(|_| self.more)?;
        let after = self.leaves[last.leaf as usize].order_key(last.rows.end - 1);
        Some(Cursor { sequence: self.sequence, matched: self.matched, after })
    }

    /// How many bytes the features take, with a comma behind each.
    pub fn features_bytes(&self) -> usize {
        let bytes = |run: &Run| {
            let leaf = &self.leaves[run.leaf as usize];
            leaf.written_bytes(run.rows.clone(), &self.collection, self.scope)
        };
        self.runs.iter().map(bytes).sum()
    }

    /// Writes the features of the page, with commas between.
    pub fn write_features(&self, out: &mut Vec<u8>) {
        for run in &self.runs {
            let leaf = &self.leaves[run.leaf as usize];
            leaf.write(run.rows.clone(), &self.collection, self.scope, out);
        }
        if self.returned > 0 {
            out.pop();
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
        let (skip, after, known) = match &slice.start {
            Start::Offset(offset) => (*offset, None, None),
            Start::After(cursor) => {
                let is_known = cursor.sequence == self.sequence;
                (0, Some(cursor.after), is_known.then_some(cursor.matched))
            }
        };
        if skip.min(self.assets()) > rows {
            return None;
        }
        let mut gather = Gather {
            query,
            after,
            counted: known.is_some(),
            // One row behind the page tells whether there is another.
            wanted: skip.saturating_add(slice.limit as u64 + 1),
            rows_left: rows,
            matched: 0,
            leaves: Vec::new(),
        };
        let mut layers = Vec::new();
        for layer in self.layers_of(query.collection()) {
            layers.push(gather.layer(layer)?);
        }
        let Gather { matched, leaves, .. } = gather;
        let mut page = Page {
            collection: query.collection().clone(),
            scope: query.scope(),
            sequence: self.sequence,
            matched: known.unwrap_or(matched),
            returned: 0,
            leaves,
            runs: Vec::new(),
            more: false,
        };
        page.merge(layers, skip, slice.limit);
        Some(page)
    }
}

/// The search through the layers of a collection, one after another.
struct Gather<'a> {
    query: &'a FeatureQuery,
    /// The page begins behind this place.
    after: Option<OrderKey>,
    /// Whether the matching rows have been counted before.
    counted: bool,
    /// So many rows of a layer are enough for the page.
    wanted: u64,
    /// How many more rows may be tested.
    rows_left: u64,
    matched: u64,
    leaves: Vec<Arc<Leaf>>,
}

impl Gather<'_> {
    /// Finds the matching rows of a layer behind the place, in order, as many as the page may need;
    /// counts all, unless they are counted already. `None` when too many rows would have to be
    /// tested.
    fn layer(&mut self, layer: &Layer) -> Option<Vec<Run>> {
        let query = self.query;
        let unconditional =
            query.interval().is_none() && query.equals().is_empty() && query.filter().is_none();
        // Rows that are neither counted nor on the page are not looked at.
        let from = match &self.after {
            Some(place) if self.counted => {
                layer.leaves.partition_point(|leaf| leaf.order_key(leaf.len() - 1) <= *place)
            }
            _ => 0,
        };
        let (mut runs, mut found, mut within_bound) = (Vec::new(), 0, true);
        let mut look = |leaves: Range<usize>, inside: bool| {
            for leaf in &layer.leaves[leaves.start.max(from)..leaves.end.max(from)] {
                if !within_bound || (self.counted && found >= self.wanted) {
                    return;
                }
                let is_whole = inside && unconditional;
                let cost = if is_whole { 0 } else { leaf.len() as u64 };
                let Some(left) = self.rows_left.checked_sub(cost) else {
                    within_bound = false;
                    return;
                };
                self.rows_left = left;
                let start = self.after.map_or(0, |place| leaf.first_after(place.key, place.id));
                let mut number = None;
                let mut take = |rows: Range<usize>| {
                    self.matched += rows.len() as u64;
                    let rows = rows.start.max(start)..rows.end.max(start);
                    if !rows.is_empty() && found < self.wanted {
                        found += rows.len() as u64;
                        let leaves = &mut self.leaves;
                        let leaf = *number.get_or_insert_with(|| {
                            leaves.push(Arc::clone(leaf));
                            leaves.len() as u32 - 1
                        });
                        runs.push(Run { leaf, rows });
                    }
                };
                if is_whole { take(0..leaf.len()) } else { leaf.matches(self.query, take) }
            }
        };
        match self.query.window() {
            None => look(0..layer.leaves.len(), true),
            Some(window) => layer.directory.search(window, |leaves, meeting| {
                look(leaves, meeting == Meeting::Inside);
            }),
        }
        within_bound.then_some(runs)
    }
}

impl Page {
    /// Merges the rows of the layers into one order, passes over the first of them, and takes as
    /// many as the page may hold.
    fn merge(&mut self, layers: Vec<Vec<Run>>, mut skip: u64, limit: usize) {
        let mut layers: Vec<Source> =
            layers.into_iter().filter_map(|runs| Source::new(&self.leaves, runs)).collect();
        while let Some(first) = (0..layers.len())
            .reduce(|a, b| if layers[b].is_before(&layers[a], &self.leaves) { b } else { a })
        {
            if self.returned == limit {
                self.more = true;
                return;
            }
            let others = layers.iter().enumerate().filter(|(at, _)| *at != first);
            let bound = others.map(|(_, layer)| layer.next).min();
            let layer = &mut layers[first];
            let mut run = layer.before(&self.leaves, bound);
            let skipped = skip.min(run.rows.len() as u64);
            skip -= skipped;
            run.rows.start += skipped as usize;
            let room = limit - self.returned;
            if run.rows.len() > room {
                run.rows.end = run.rows.start + room;
                self.more = true;
                self.take(run);
                return;
            }
            if !layer.advance(&self.leaves) {
                layers.swap_remove(first);
            }
            self.take(run);
        }
    }

    fn take(&mut self, run: Run) {
        if run.rows.is_empty() {
            return;
        }
        self.returned += run.rows.len();
        match self.runs.last_mut() {
            Some(last) if last.leaf == run.leaf && last.rows.end == run.rows.start => {
                last.rows.end = run.rows.end;
            }
            _ => self.runs.push(run),
        }
    }
}

/// The rows of one layer that are still to be merged.
struct Source {
    /// The key of the next row. Its id is looked at only where keys are the same, which is seldom.
    next: HilbertKey,
    run: Run,
    rest: std::vec::IntoIter<Run>,
}

impl Source {
    /// `None` when there are no rows.
    fn new(leaves: &[Arc<Leaf>], runs: Vec<Run>) -> Option<Self> {
        let mut rest = runs.into_iter();
        let run = rest.next()?;
        Some(Self { next: leaves[run.leaf as usize].key(run.rows.start), run, rest })
    }

    /// Whether its next row comes before that of another layer.
    fn is_before(&self, other: &Self, leaves: &[Arc<Leaf>]) -> bool {
        let id = |source: &Self| leaves[source.run.leaf as usize].id(source.run.rows.start);
        self.next < other.next || (self.next == other.next && id(self) < id(other))
    }

    /// Takes the next row, and those of its run whose keys lie before the bound.
    fn before(&mut self, leaves: &[Arc<Leaf>], bound: Option<HilbertKey>) -> Run {
        let leaf = &leaves[self.run.leaf as usize];
        let mut end = self.run.rows.start + 1;
        match bound {
            None => end = self.run.rows.end,
            Some(bound) => {
                while end < self.run.rows.end && leaf.key(end) < bound {
                    end += 1;
                }
            }
        }
        let rows = self.run.rows.start..end;
        self.run.rows.start = end;
        Run { leaf: self.run.leaf, rows }
    }

    /// Goes on to the next row; false when there is none.
    fn advance(&mut self, leaves: &[Arc<Leaf>]) -> bool {
        if self.run.rows.is_empty() {
            let Some(run) = self.rest.next() else { return false };
            self.run = run;
        }
        self.next = leaves[self.run.leaf as usize].key(self.run.rows.start);
        true
    }
}
