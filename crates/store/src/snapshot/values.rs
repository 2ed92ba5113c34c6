//! The different values of a field, from one snapshot.

use terrier_catalog::{DistinctValues, QueryError, ValueQuery, ValueTally};
use terrier_model::ValueRef;

use super::Snapshot;

impl Snapshot {
    /// Counts the values of the features that a question is after, leaf by leaf.
    ///
    /// # Errors
    /// When there are more different values than an answer may have.
    pub fn values(&self, query: &ValueQuery) -> Result<DistinctValues, QueryError> {
        let mut tally = ValueTally::new(query);
        let mut done = Ok(());
        self.look(query.features(), |_, sheet, rows| {
            // Neighbours are often alike, and count in one.
            let (mut last, mut count) = (None::<ValueRef<'_>>, 0);
            for row in rows {
                let value = sheet.value(row, query.position());
                if count > 0 && value != last && done.is_ok() {
                    done = tally.add(last, count);
                    count = 0;
                }
                (last, count) = (value, count + 1);
            }
            if count > 0 && done.is_ok() {
                done = tally.add(last, count);
            }
        });
        done?;
        Ok(tally.finish())
    }
}
