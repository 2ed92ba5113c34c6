//! Figures of many features in one, from one snapshot.

use terrier_catalog::{QueryError, Summary, SummaryQuery};

use super::Snapshot;

impl Snapshot {
    /// Adds up the features that a question is after, leaf by leaf.
    ///
    /// # Errors
    /// When there are more groups, or more different names, than an answer may have, or a sum is
    /// beyond what a number can hold.
    pub fn summarise(&self, query: &SummaryQuery) -> Result<Summary, QueryError> {
        let mut tally = query.tally();
        let mut done = Ok(());
        self.look(query.features(), |_, sheet, rows| {
            for row in rows {
                if done.is_ok() {
                    done = tally.add(&sheet.view(row));
                }
            }
        });
        done?;
        tally.finish()
    }
}
