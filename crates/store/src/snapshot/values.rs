//! The different values of a field, from one snapshot.

use terrier_catalog::{DistinctValues, DueField, QueryError, ValueQuery, ValueTally};
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
        let is_rule =
            query.features().due().is_some() && query.position() == DueField::Rule.position();
        self.look(query.features(), |_, sheet, rows| {
            if is_rule {
                // Several rules may want the same work.
                for row in rows {
                    if let (Ok(()), Some(rules)) = (&done, sheet.rules_of(row)) {
                        done = tally.add_each(rules.map(ValueRef::Text));
                    }
                }
                return;
            }
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
