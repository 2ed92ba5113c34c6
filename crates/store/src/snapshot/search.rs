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
        let mut gather = Gather {
            skip: 0,
            limit: slice.limit,
            matched: 0,
            returned: 0,
            runs: Vec::new(),
            more: false,
        };
        let mut known = None;
        match &slice.start {
            Start::Offset(offset) => {
                gather.skip = *offset;
                self.gather(query, None, false, &mut gather);
            }
            Start::After(cursor) => {
                if cursor.sequence == self.sequence {
                    known = Some(cursor.matched);
                }
                self.gather(query, Some(&cursor.after), known.is_some(), &mut gather);
            }
        }
        let Gather { matched, returned, runs, more, .. } = gather;
        Page {
            collection: query.collection().clone(),
            scope: query.scope(),
            sequence: self.sequence,
            matched: known.unwrap_or(matched),
            returned,
            runs,
            more,
        }
    }

    /// How many rows a question has to be tested on, at the most: what its answer costs.
    pub fn cost(&self, query: &FeatureQuery) -> u64 {
        let unfiltered =
            query.window().is_none() && query.interval().is_none() && query.equals().is_empty();
        let rows = |layer: &Layer| match query.window() {
            _ if unfiltered => 0,
            None => layer.rows,
            Some(window) => {
                let mut rows = 0;
                layer.directory.search(window, |leaves, _| {
                    rows += layer.leaves[leaves].iter().map(|leaf| leaf.len() as u64).sum::<u64>();
                });
                rows
            }
        };
        self.layers_of(query.collection()).map(rows).sum()
    }

    /// Goes through the answer in order. Rows up to the place `after` are only counted, or passed
    /// over when the count is known; then the end of the page ends the search, too.
    fn gather(
        &self,
        query: &FeatureQuery,
        after: Option<&Place>,
        known: bool,
        gather: &mut Gather,
    ) {
        for layer in self.layers_of(query.collection()) {
            if known && gather.more {
                return;
            }
            let class = layer.class.name();
            match after {
                Some(place) if class < &*place.class => {
                    if !known {
                        layer.for_each_match(query, 0, |_, rows| {
                            gather.matched += rows.len() as u64;
                            true
                        });
                    }
                }
                Some(place) if class == &*place.class => {
                    let first = layer.leaves.partition_point(|leaf| {
                        let last = leaf.len() - 1;
                        (leaf.key(last), leaf.id(last)) <= (place.key, place.id)
                    });
                    let from = if known { first } else { 0 };
                    layer.for_each_match(query, from, |leaf, rows| {
                        let start = leaf.first_after(place.key, place.id);
                        let start = start.clamp(rows.start, rows.end);
                        gather.matched += (start - rows.start) as u64;
                        gather.take(leaf, start..rows.end);
                        !(known && gather.more)
                    });
                }
                _ => layer.for_each_match(query, 0, |leaf, rows| {
                    gather.take(leaf, rows);
                    !(known && gather.more)
                }),
            }
        }
    }
}

impl Layer {
    /// Reports the matching rows in order, from a leaf on, until the visitor has enough.
    fn for_each_match(
        &self,
        query: &FeatureQuery,
        from: usize,
        mut visit: impl FnMut(&Arc<Leaf>, Range<usize>) -> bool,
    ) {
        let mut wanted = true;
        let mut look = |leaves: Range<usize>| {
            for leaf in &self.leaves[leaves.start.max(from)..leaves.end.max(from)] {
                if !wanted {
                    return;
                }
                leaf.matches(query, |rows| wanted = wanted && visit(leaf, rows));
            }
        };
        match query.window() {
            None => look(0..self.leaves.len()),
            Some(window) => self.directory.search(window, |leaves, _| look(leaves)),
        }
    }
}

struct Gather {
    skip: u64,
    limit: usize,
    matched: u64,
    returned: usize,
    runs: Vec<Run>,
    more: bool,
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
