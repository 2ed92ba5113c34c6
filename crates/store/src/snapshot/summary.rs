//! Figures of many assets in one, from one snapshot.

use std::ops::Range;

use terrier_catalog::{QueryError, Summary, SummaryQuery};

use super::Snapshot;

impl Snapshot {
    /// Adds up the assets that a question is after, leaf by leaf.
    ///
    /// # Errors
    /// When there are more groups, or more different names, than an answer may have, or a sum is
    /// beyond what a number can hold.
    pub fn summarise(&self, query: &SummaryQuery) -> Result<Summary, QueryError> {
        let features = query.features();
        let mut tally = query.tally();
        let mut done = Ok(());
        for layer in self.layers_of(features.collection()) {
            let mut look = |leaves: Range<usize>| {
                for leaf in &layer.leaves[leaves] {
                    leaf.matches(features, |rows| {
                        for row in rows {
                            if done.is_ok() {
                                done = tally.add(|position| leaf.value(row, position));
                            }
                        }
                    });
                }
            };
            match features.window() {
                None => look(0..layer.leaves.len()),
                Some(window) => layer.directory.search(window, |leaves, _| look(leaves)),
            }
        }
        done?;
        tally.finish()
    }
}
