//! One page of the answer to a question, from one snapshot.

use std::ops::Range;
use std::sync::Arc;

use terrier_catalog::{Collection, Cursor, FeatureQuery, Place, Slice, Start};
use terrier_model::Scope;

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
    runs: Vec<Run>,
    more: bool,
}

/// Rows of one leaf that stand on the page.
#[derive(Debug)]
struct Run {
    leaf: Arc<Leaf>,
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
        let after: Place = last.leaf.place(last.rows.end - 1);
        Some(Cursor { sequence: self.sequence, matched: self.matched, after })
    }

    /// How many bytes the features take, with a comma behind each.
    pub fn features_bytes(&self) -> usize {
        let bytes =
            |run: &Run| run.leaf.written_bytes(run.rows.clone(), &self.collection, self.scope);
        self.runs.iter().map(bytes).sum()
    }

    /// Writes the features of the page, with commas between.
    pub fn write_features(&self, out: &mut Vec<u8>) {
        for run in &self.runs {
            run.leaf.write(run.rows.clone(), &self.collection, self.scope, out);
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

    /// The same, unless more rows than so many have to be tested for it; `None` then.
    pub fn answer_within(&self, query: &FeatureQuery, slice: &Slice, rows: u64) -> Option<Page> {
        let mut gather = Gather {
            skip: 0,
            limit: slice.limit,
            matched: 0,
            returned: 0,
            runs: Vec::new(),
            more: false,
            rows_left: rows,
        };
        let (after, known) = match &slice.start {
            Start::Offset(offset) => {
                gather.skip = *offset;
                (None, None)
            }
            Start::After(cursor) => {
                let is_known = cursor.sequence == self.sequence;
                (Some(&cursor.after), is_known.then_some(cursor.matched))
            }
        };
        self.gather(query, after, known.is_some(), &mut gather)?;
        let Gather { matched, returned, runs, more, .. } = gather;
        Some(Page {
            collection: query.collection().clone(),
            scope: query.scope(),
            sequence: self.sequence,
            matched: known.unwrap_or(matched),
            returned,
            runs,
            more,
        })
    }

    /// Goes through the answer in order. Rows up to the place `after` are only counted, or passed
    /// over when the count is known; then the end of the page ends the search, too. `None` when too
    /// many rows would have to be tested.
    fn gather(
        &self,
        query: &FeatureQuery,
        after: Option<&Place>,
        known: bool,
        gather: &mut Gather,
    ) -> Option<()> {
        for layer in self.layers_of(query.collection()) {
            if known && gather.more {
                break;
            }
            // Where the page begins: behind all of the layer, within it, or before it.
            let place = after.filter(|place| layer.class.name() <= &*place.class);
            let is_within = |place: &Place| layer.class.name() == &*place.class;
            match place {
                Some(place) if is_within(place) => {
                    let first = layer.leaves.partition_point(|leaf| {
                        let last = leaf.len() - 1;
                        (leaf.key(last), leaf.id(last)) <= (place.key, place.id)
                    });
                    let from = if known { first } else { 0 };
                    layer.for_each_match(query, from, known, gather, |gather, leaf, rows| {
                        let start = leaf.first_after(place.key, place.id);
                        let start = start.clamp(rows.start, rows.end);
                        gather.matched += (start - rows.start) as u64;
                        gather.take(leaf, start..rows.end);
                    })?;
                }
                Some(_) if known => {}
                Some(_) => layer.for_each_match(query, 0, known, gather, |gather, _, rows| {
                    gather.matched += rows.len() as u64;
                })?,
                None => layer.for_each_match(query, 0, known, gather, Gather::take)?,
            }
        }
        Some(())
    }
}

impl Layer {
    /// Reports the matching rows in order, from a leaf on: all of them, or until the page is full.
    /// `None` when too many rows would have to be tested.
    fn for_each_match(
        &self,
        query: &FeatureQuery,
        from: usize,
        until_full: bool,
        gather: &mut Gather,
        mut visit: impl FnMut(&mut Gather, &Arc<Leaf>, Range<usize>),
    ) -> Option<()> {
        let unconditional = query.interval().is_none() && query.equals().is_empty();
        let mut within_bound = true;
        let mut look = |leaves: Range<usize>, inside: bool| {
            for leaf in &self.leaves[leaves.start.max(from)..leaves.end.max(from)] {
                if !within_bound || (until_full && gather.more) {
                    return;
                }
                if inside && unconditional {
                    visit(gather, leaf, 0..leaf.len());
                    continue;
                }
                let Some(left) = gather.rows_left.checked_sub(leaf.len() as u64) else {
                    within_bound = false;
                    return;
                };
                gather.rows_left = left;
                leaf.matches(query, |rows| visit(gather, leaf, rows));
            }
        };
        match query.window() {
            None => look(0..self.leaves.len(), true),
            Some(window) => self.directory.search(window, look),
        }
        within_bound.then_some(())
    }
}

struct Gather {
    skip: u64,
    limit: usize,
    matched: u64,
    returned: usize,
    runs: Vec<Run>,
    /// Whether there are rows behind the page.
    more: bool,
    /// How many more rows may be tested.
    rows_left: u64,
}

impl Gather {
    fn take(&mut self, leaf: &Arc<Leaf>, rows: Range<usize>) {
        self.matched += rows.len() as u64;
        let skipped = self.skip.min(rows.len() as u64);
        self.skip -= skipped;
        let rows = rows.start + skipped as usize..rows.end;
        let taken = rows.len().min(self.limit - self.returned);
        self.more |= rows.len() > taken;
        if taken == 0 {
            return;
        }
        self.returned += taken;
        let rows = rows.start..rows.start + taken;
        match self.runs.last_mut() {
            Some(run) if Arc::ptr_eq(&run.leaf, leaf) && run.rows.end == rows.start => {
                run.rows.end = rows.end;
            }
            _ => self.runs.push(Run { leaf: Arc::clone(leaf), rows }),
        }
    }
}
