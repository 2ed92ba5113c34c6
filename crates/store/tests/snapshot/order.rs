//! Orders for random questions, and a plain way to put features into them.

use terrier_catalog::{Cursor, FeatureQuery, OrderKey, SortBy};
use terrier_model::{Value, ValueRef};

use crate::Random;

/// A feature in the order of a question: what it has of each thing by which they are sorted, its place,
/// and its text.
pub(crate) struct Placed {
    values: Vec<Option<Value>>,
    key: OrderKey,
    text: String,
}

impl Placed {
    /// A feature with the values of its fields.
    pub(crate) fn new<'v>(
        query: &FeatureQuery,
        value: impl Fn(usize) -> Option<ValueRef<'v>>,
        key: OrderKey,
        text: String,
    ) -> Self {
        let values = query.order().keys().iter().map(|sorted| match sorted.by {
            SortBy::Id => None,
            SortBy::Field(at) => value(at).map(ValueRef::to_value),
            SortBy::Rank => {
                let text = |at: usize| match value(at) {
                    Some(ValueRef::Text(text)) => Some(text),
                    _ => None,
                };
                let rank = query.search().and_then(|search| search.rank_of(text));
                rank.map(|rank| rank.value().to_value())
            }
        });
        Self { values: values.collect(), key, text }
    }
}

/// The texts of the features in the order of the question.
pub(crate) fn sorted(query: &FeatureQuery, mut features: Vec<Placed>) -> Vec<String> {
    let keys = query.order().keys();
    features.sort_by(|a, b| {
        let by_field = (0..).zip(keys).map(|(nth, key): (usize, _)| {
            let value = |placed: &Placed| placed.values[nth].clone();
            match key.by {
                SortBy::Id => key.compare_ids(a.key, b.key),
                SortBy::Field(_) | SortBy::Rank => {
                    let (a, b) = (value(a), value(b));
                    key.compare(a.as_ref().map(Value::as_ref), b.as_ref().map(Value::as_ref))
                }
            }
        });
        by_field.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then).then(a.key.cmp(&b.key))
    });
    features.into_iter().map(|placed| placed.text).collect()
}

/// Some of these fields with signs, as `sortby` takes them; none of them half of the time.
pub(crate) fn any(random: &mut Random, names: &[&str]) -> Option<String> {
    if random.below(2) == 0 {
        return None;
    }
    let mut names = names.to_vec();
    let mut taken = Vec::new();
    for _ in 0..=random.below(3) {
        let name = names.swap_remove(random.below(names.len() as u64) as usize);
        taken.push(format!("{}{name}", ["", "-"][random.below(2) as usize]));
    }
    Some(taken.join(","))
}

/// The cursor as it comes back in a token.
pub(crate) fn sent(cursor: &Cursor) -> Cursor {
    Cursor::decode(&cursor.encode(1), 1).expect("a token")
}
