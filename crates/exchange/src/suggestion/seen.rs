//! What one property of a file holds, as far as its rows were looked at.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::json::Json;
use crate::mapping::text_of;
use crate::position;

/// So many different values of a property are counted; of the others it is only known that there are
/// some.
pub(super) const MAX_COUNTED_VALUES: usize = 1_000;

/// A longer value is no code and no date, and is not counted.
const MAX_COUNTED_BYTES: usize = 120;

/// A value with the number of rows that have it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Counted {
    pub(super) text: Box<str>,
    pub(super) rows: u64,
}

/// What a property holds.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) name: Box<str>,
    /// Rows with a value.
    pub(super) filled: u64,
    /// Rows with a number, or a text that is one.
    pub(super) numbers: u64,
    pub(super) truths: u64,
    /// Rows with a list or an object.
    pub(super) nested: u64,
    /// The least and the greatest number.
    pub(super) range: Option<(f64, f64)>,
    /// In the order in which they were met.
    values: Vec<Counted>,
    places: HashMap<Box<str>, usize>,
    /// Whether there are values that are not counted.
    pub(super) is_more: bool,
    /// Marks of the values so far; `None` where nobody asks whether one comes twice.
    marks: Option<HashSet<u64>>,
    repeats: bool,
}

impl Seen {
    /// Nothing yet. Whether its values repeat is only found out when it may be a key.
    pub(super) fn new(name: &str, may_be_key: bool) -> Self {
        Self {
            name: name.into(),
            filled: 0,
            numbers: 0,
            truths: 0,
            nested: 0,
            range: None,
            values: Vec::new(),
            places: HashMap::new(),
            is_more: false,
            marks: may_be_key.then(HashSet::new),
            repeats: false,
        }
    }

    /// Takes the value of a row. Texts are numbers by the decimal sign of the file.
    pub(super) fn take(&mut self, value: &Json<'_>, decimal: Option<char>) {
        let Some(text) = text_of(value) else {
            let is_nested = u64::from(*value != Json::Null);
            self.filled += is_nested;
            self.nested += is_nested;
            return;
        };
        if text.is_empty() {
            return;
        }
        self.filled += 1;
        let number = match value {
            Json::Boolean(_) => None,
            Json::Text(text) => position::parse(text, decimal),
            _ => text.parse().ok(),
        };
        self.truths += u64::from(matches!(value, Json::Boolean(_)));
        if let Some(number) = number.filter(|number: &f64| number.is_finite()) {
            self.numbers += 1;
            let (least, greatest) = self.range.unwrap_or((number, number));
            self.range = Some((least.min(number), greatest.max(number)));
        }
        self.mark(&text);
        self.count(&text);
    }

    fn mark(&mut self, text: &str) {
        let Some(marks) = self.marks.as_mut().filter(|_| !self.repeats) else { return };
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        if !marks.insert(hasher.finish()) {
            self.repeats = true;
            marks.clear();
        }
    }

    fn count(&mut self, text: &str) {
        if let Some(place) = self.places.get(text) {
            self.values[*place].rows += 1;
        } else if self.values.len() < MAX_COUNTED_VALUES && text.len() <= MAX_COUNTED_BYTES {
            self.places.insert(text.into(), self.values.len());
            self.values.push(Counted { text: text.into(), rows: 1 });
        } else {
            self.is_more = true;
        }
    }

    /// The counted values, in the order in which they were met.
    pub(super) fn values(&self) -> &[Counted] {
        &self.values
    }

    /// The counted values, the most frequent first.
    pub(super) fn by_frequency(&self) -> Vec<&Counted> {
        let mut values: Vec<&Counted> = self.values.iter().collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.rows));
        values
    }

    /// Whether each of so many rows has a value of its own. Never where nobody asked for it.
    pub(super) fn is_unique_in(&self, rows: u64) -> bool {
        self.marks.is_some() && !self.repeats && rows > 0 && self.filled == rows && self.nested == 0
    }

    /// The share of rows without a value, in percent.
    fn blank_percent(&self, rows: u64) -> u64 {
        let blank = rows.saturating_sub(self.filled);
        // A single one among many is not none.
        if blank == 0 { 0 } else { (blank * 100 / rows.max(1)).max(1) }
    }

    /// In a few words what it holds, of so many rows.
    pub(super) fn in_words(&self, rows: u64) -> String {
        if self.filled == 0 {
            return "always blank".into();
        }
        let kind = if self.nested == self.filled {
            "lists or objects"
        } else if self.truths == self.filled {
            "true or false"
        } else if self.numbers == self.filled {
            "numbers"
        } else if self.numbers * 2 > self.filled {
            "numbers and texts"
        } else {
            "texts"
        };
        let range = match self.range {
            Some((least, greatest)) if self.numbers == self.filled && least < greatest => {
                format!(" from {least} to {greatest}")
            }
            Some((least, _)) if self.numbers == self.filled => format!(", all {least}"),
            _ => String::new(),
        };
        let blank = match self.blank_percent(rows) {
            0 => "never blank".into(),
            percent => format!("{percent} % blank"),
        };
        format!("{kind}{range}, {blank}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(values: &[Json<'_>]) -> Seen {
        let mut seen = Seen::new("a", true);
        for value in values {
            seen.take(value, Some('.'));
        }
        seen
    }

    fn check(values: &[Json<'_>], expected: &str) {
        assert_eq!(seen(values).in_words(values.len() as u64), expected);
    }

    fn text(text: &str) -> Json<'_> {
        Json::Text(text.into())
    }

    #[test]
    fn a_property_is_told_in_a_few_words() {
        check(&[], "always blank");
        check(&[Json::Null, text(" ")], "always blank");
        check(
            &[Json::Integer(3), text("4.5"), Json::Real(-1.0)],
            "numbers from -1 to 4.5, never blank",
        );
        check(&[Json::Integer(3), text("3")], "numbers, all 3, never blank");
        check(&[text("a"), Json::Null, Json::Null], "texts, 66 % blank");
        check(&[text("1"), text("2"), text("x")], "numbers and texts, never blank");
        check(&[Json::Boolean(true), text("")], "true or false, 50 % blank");
        check(&[Json::Nested("[]")], "lists or objects, never blank");
        let mut many = vec![text("a"); 999];
        many.push(Json::Null);
        check(&many, "texts, 1 % blank");
    }

    #[test]
    fn values_are_counted_up_to_a_bound() {
        let texts: Vec<String> = (0..=MAX_COUNTED_VALUES).map(|at| at.to_string()).collect();
        let values: Vec<Json> = texts.iter().map(|it| text(it)).collect();
        let bound = seen(&values[1..]);
        assert_eq!((bound.values().len(), bound.is_more), (MAX_COUNTED_VALUES, false));
        let beyond = seen(&values);
        assert_eq!((beyond.values().len(), beyond.is_more), (MAX_COUNTED_VALUES, true));
        let long = "x".repeat(MAX_COUNTED_BYTES + 1);
        assert_eq!(
            (seen(&[text(&long)]).values(), seen(&[text(&long[1..])]).is_more),
            (&[][..], false)
        );
    }

    #[test]
    fn a_key_is_never_blank_and_never_comes_twice() {
        let unique = |values: &[Json<'_>]| seen(values).is_unique_in(values.len() as u64);
        assert!(unique(&[text("a"), text("b")]));
        assert!(!unique(&[text("7"), Json::Integer(7)]));
        assert!(!unique(&[text("a"), Json::Null]));
        assert!(!unique(&[Json::Nested("[]")]));
        assert!(!unique(&[]));
    }
}
