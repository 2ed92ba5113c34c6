//! The rows of several layers in one order.

use terrier_spatial::HilbertKey;

use super::{Page, Run, Sheet};

impl Page {
    /// Merges the rows of the layers into one order, passes over the first of them, and takes as
    /// many as the page may hold.
    pub(super) fn merge(&mut self, layers: Vec<Vec<Run>>, mut skip: u64, limit: usize) {
        let mut layers: Vec<Source> =
            layers.into_iter().filter_map(|runs| Source::new(&self.sheets, runs)).collect();
        // Their places, the one whose row comes next at the end.
        let mut order: Vec<usize> = Vec::with_capacity(layers.len());
        for place in 0..layers.len() {
            place_in_order(&mut order, place, &layers, &self.sheets);
        }
        while let Some(first) = order.pop() {
            if self.returned == limit {
                self.more = true;
                return;
            }
            let bound = order.last().map(|other| layers[*other].next);
            let layer = &mut layers[first];
            let mut run = layer.before(&self.sheets, bound);
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
            if layer.advance(&self.sheets) {
                place_in_order(&mut order, first, &layers, &self.sheets);
            }
            self.take(run);
        }
    }
}

/// Puts a layer among others that stand in falling order of their next rows.
fn place_in_order(order: &mut Vec<usize>, place: usize, layers: &[Source], sheets: &[Sheet]) {
    let mut at = order.len();
    while at > 0 && layers[order[at - 1]].is_before(&layers[place], sheets) {
        at -= 1;
    }
    order.insert(at, place);
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
    fn new(sheets: &[Sheet], runs: Vec<Run>) -> Option<Self> {
        let mut rest = runs.into_iter();
        let run = rest.next()?;
        Some(Self { next: sheets[run.sheet as usize].key(run.rows.start), run, rest })
    }

    /// Whether its next row comes before that of another layer.
    fn is_before(&self, other: &Self, sheets: &[Sheet]) -> bool {
        let id =
            |source: &Self| sheets[source.run.sheet as usize].order_key(source.run.rows.start).id;
        self.next < other.next || (self.next == other.next && id(self) < id(other))
    }

    /// Takes the next row, and those of its run whose keys lie before the bound.
    fn before(&mut self, sheets: &[Sheet], bound: Option<HilbertKey>) -> Run {
        let sheet = &sheets[self.run.sheet as usize];
        let mut end = self.run.rows.start + 1;
        match bound {
            None => end = self.run.rows.end,
            Some(bound) => {
                while end < self.run.rows.end && sheet.key(end) < bound {
                    end += 1;
                }
            }
        }
        let rows = self.run.rows.start..end;
        self.run.rows.start = end;
        Run { sheet: self.run.sheet, rows }
    }

    /// Goes on to the next row; false when there is none.
    fn advance(&mut self, sheets: &[Sheet]) -> bool {
        if self.run.rows.is_empty() {
            let Some(run) = self.rest.next() else { return false };
            self.run = run;
        }
        self.next = sheets[self.run.sheet as usize].key(self.run.rows.start);
        true
    }
}
