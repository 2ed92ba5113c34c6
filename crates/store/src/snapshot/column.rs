//! The values of one field for the rows of a leaf, each kind in its own compact form.

mod builder;
mod weight;

use jiff::Timestamp;
use jiff::civil::Date;
use terrier_model::{TextListRef, ValueRef};

pub(super) use builder::ColumnBuilder;
pub(super) use weight::{Weights, weight_of};

use weight::{weight_of_integer, weight_of_number};

/// The values of one field, by row.
#[derive(Debug)]
pub(super) struct Column {
    values: Values,
    /// The rows of the least and of the greatest value; of no meaning where no row has one.
    least: u16,
    greatest: u16,
    has_gaps: bool,
}

/// Between which values those of a column lie, both included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range<'a> {
    pub(super) least: ValueRef<'a>,
    pub(super) greatest: ValueRef<'a>,
    /// Whether there are rows without a value.
    pub(super) has_gaps: bool,
}

/// See [`Column`].
#[derive(Debug)]
pub(super) enum Values {
    /// No row has a value.
    Absent,
    Text(TextColumn),
    /// Lists, each joined to one text.
    Lists(TextColumn),
    /// Whole numbers that all are above `i32::MIN`, which stands where there is none, and that this
    /// width holds.
    SmallIntegers(Box<[i32]>),
    Integers(Box<[Option<i64>]>),
    /// NaN where there is none.
    Numbers(Box<[f64]>),
    Truths(Box<[Option<bool>]>),
    /// See [`packed_day`]; `i32::MIN` where there is none.
    Days(Box<[i32]>),
    /// Microseconds since 1970; `i64::MIN` where there is none.
    Instants(Box<[i64]>),
}

/// Texts by their place in a sorted list of the different ones.
#[derive(Debug)]
pub(super) struct TextColumn {
    keys: Keys,
    /// Where each text ends in `texts`.
    ends: Box<[u32]>,
    texts: Box<str>,
}

/// For each row the place of its text, counted from 1; 0 where there is none.
#[derive(Debug)]
pub(super) enum Keys {
    /// Every row has this one.
    All(u16),
    Small(Box<[u8]>),
    Large(Box<[u16]>),
}

impl Column {
    fn new(values: Values, rows: usize) -> Self {
        let (mut least, mut greatest, mut has_gaps) = (None, None, false);
        for row in 0..rows {
            let Some(rank) = values.rank(row) else {
                has_gaps = true;
                continue;
            };
            if least.is_none_or(|(least, _)| rank < least) {
                least = Some((rank, row));
            }
            if greatest.is_none_or(|(greatest, _)| rank > greatest) {
                greatest = Some((rank, row));
            }
        }
        let row = |found: Option<(u64, usize)>| {
            u16::try_from(found.map_or(0, |(_, row)| row)).expect("a leaf has few rows")
        };
        Self { values, least: row(least), greatest: row(greatest), has_gaps }
    }

    pub(super) fn value(&self, row: usize) -> Option<ValueRef<'_>> {
        self.values.value(row)
    }

    /// All of them, as they are kept.
    pub(super) fn values(&self) -> &Values {
        &self.values
    }

    /// The rows of the least and of the greatest value; of no meaning where no row has one.
    pub(super) fn rows_of_ends(&self) -> [usize; 2] {
        [self.least.into(), self.greatest.into()]
    }

    /// Whether there are rows without a value.
    pub(super) fn has_gaps(&self) -> bool {
        self.has_gaps
    }

    /// Between which values they lie; `None` where no row has one.
    pub(super) fn range(&self) -> Option<Range<'_>> {
        let value = |row: u16| self.values.value(row.into());
        let (least, greatest) = value(self.least).zip(value(self.greatest))?;
        Some(Range { least, greatest, has_gaps: self.has_gaps })
    }

    /// The different texts of its rows, in their order; none where it holds no texts.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let texts = match &self.values {
            Values::Text(texts) => Some(texts),
            _ => None,
        };
        texts.into_iter().flat_map(TextColumn::all)
    }

    /// The place among them of the text of a row.
    pub(super) fn place_of_text(&self, row: usize) -> Option<usize> {
        match &self.values {
            Values::Text(texts) => usize::from(texts.keys.get(row)).checked_sub(1),
            _ => None,
        }
    }

    /// Reads the [`weight_of`] the value of a row, made ready once for all rows.
    pub(super) fn weights(&self) -> Weights<'_> {
        match &self.values {
            Values::Absent => Weights::Absent,
            Values::Text(texts) => {
                let weight = |text| weight_of(ValueRef::Text(text));
                Weights::Texts(texts.all().map(weight).collect(), &texts.keys)
            }
            values => Weights::Others(values),
        }
    }
}

impl Values {
    fn value(&self, row: usize) -> Option<ValueRef<'_>> {
        match self {
            Self::Absent => None,
            Self::Text(texts) => match texts.keys.get(row) {
                0 => None,
                key => Some(ValueRef::Text(texts.text(usize::from(key) - 1))),
            },
            Self::Lists(texts) => match texts.keys.get(row) {
                0 => None,
                key => {
                    let joined = texts.text(usize::from(key) - 1);
                    Some(ValueRef::List(TextListRef::from_joined(joined)))
                }
            },
            Self::SmallIntegers(values) => Some(values[row])
                .filter(|number| *number != i32::MIN)
                .map(|number| ValueRef::Integer(number.into())),
            Self::Integers(values) => values[row].map(ValueRef::Integer),
            Self::Numbers(values) => {
                Some(values[row]).filter(|number| !number.is_nan()).map(ValueRef::Number)
            }
            Self::Truths(values) => values[row].map(ValueRef::Boolean),
            Self::Days(values) => unpacked_day(values[row]).map(ValueRef::Date),
            Self::Instants(values) => {
                Timestamp::from_microsecond(values[row]).ok().map(ValueRef::Instant)
            }
        }
    }

    /// A number that stands to those of other rows as their values do; `None` where there is none.
    fn rank(&self, row: usize) -> Option<u64> {
        match self {
            Self::Absent => None,
            Self::Text(texts) | Self::Lists(texts) => match texts.keys.get(row) {
                0 => None,
                key => Some(key.into()),
            },
            Self::Integers(values) => values[row].map(weight_of_integer),
            Self::Numbers(values) => {
                Some(values[row]).filter(|number| !number.is_nan()).map(weight_of_number)
            }
            Self::Truths(values) => values[row].map(u64::from),
            Self::SmallIntegers(values) | Self::Days(values) => Some(values[row])
                .filter(|value| *value != i32::MIN)
                .map(|value| weight_of_integer(value.into())),
            Self::Instants(values) => {
                Some(values[row]).filter(|time| *time != i64::MIN).map(weight_of_integer)
            }
        }
    }
}

impl Column {
    /// Bytes held in memory.
    pub(super) fn heap_bytes(&self) -> usize {
        self.values.heap_bytes()
    }
}

impl Values {
    fn heap_bytes(&self) -> usize {
        match self {
            Self::Absent => 0,
            Self::Text(texts) | Self::Lists(texts) => {
                let keys = match &texts.keys {
                    Keys::All(_) => 0,
                    Keys::Small(keys) => keys.len(),
                    Keys::Large(keys) => 2 * keys.len(),
                };
                keys + 4 * texts.ends.len() + texts.texts.len()
            }
            Self::Integers(values) => size_of_val(&**values),
            Self::Numbers(values) => size_of_val(&**values),
            Self::Truths(values) => size_of_val(&**values),
            Self::SmallIntegers(values) | Self::Days(values) => size_of_val(&**values),
            Self::Instants(values) => size_of_val(&**values),
        }
    }

    /// Whether no row has a value.
    fn is_absent(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Text(texts) | Self::Lists(texts) => texts.ends.is_empty(),
            Self::Integers(values) => values.iter().all(Option::is_none),
            Self::Numbers(values) => values.iter().all(|number| number.is_nan()),
            Self::Truths(values) => values.iter().all(Option::is_none),
            Self::SmallIntegers(values) | Self::Days(values) => {
                values.iter().all(|value| *value == i32::MIN)
            }
            Self::Instants(values) => values.iter().all(|time| *time == i64::MIN),
        }
    }
}

impl TextColumn {
    pub(super) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// How many different texts there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// One of the different texts, by its place in their order, which is its key less 1.
    pub(super) fn text(&self, place: usize) -> &str {
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        &self.texts[start as usize..self.ends[place] as usize]
    }

    /// The different texts in their order.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let text = &self.texts[start..*end as usize];
            start = *end as usize;
            text
        })
    }

    /// How many of the different texts come before this one.
    pub(super) fn count_before(&self, text: &str) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.text(middle) < text {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

impl Keys {
    pub(super) fn get(&self, row: usize) -> u16 {
        match self {
            Self::All(key) => *key,
            Self::Small(keys) => u16::from(keys[row]),
            Self::Large(keys) => keys[row],
        }
    }
}

/// A day as the number that its digits make, so that days compare as numbers do.
pub(super) fn packed_day(date: Date) -> i32 {
    i32::from(date.year()) * 10_000 + i32::from(date.month()) * 100 + i32::from(date.day())
}

/// The day of a number that [`packed_day`] gave; `None` for any other.
pub(super) fn unpacked_day(packed: i32) -> Option<Date> {
    let (year, rest) = (packed.div_euclid(10_000), packed.rem_euclid(10_000));
    Date::new(year.try_into().ok()?, (rest / 100) as i8, (rest % 100) as i8).ok()
}

#[cfg(test)]
mod tests {
    use terrier_model::{Kind, TextList, Value};

    use super::*;

    fn check(kind: &Kind, values: &[Option<Value>]) {
        let mut builder = ColumnBuilder::new(kind);
        values.iter().for_each(|value| builder.push(value.as_ref().map(Value::as_ref)));
        let column = builder.take();
        for (row, value) in values.iter().enumerate() {
            assert_eq!(column.value(row), value.as_ref().map(Value::as_ref), "row {row}");
        }
        check_order(&column, values);
    }

    /// Checks the range and the weights of a column against its values.
    fn check_order(column: &Column, values: &[Option<Value>]) {
        let known = || values.iter().flatten().map(Value::as_ref);
        let compare = |a: &ValueRef<'_>, b: &ValueRef<'_>| a.compare(*b).expect("of one kind");
        let has_gaps = values.contains(&None);
        let ends = known().min_by(compare).zip(known().max_by(compare));
        let range = ends.map(|(least, greatest)| Range { least, greatest, has_gaps });
        assert_eq!(column.range(), range);
        let weights = column.weights();
        for (row, value) in values.iter().enumerate() {
            assert_eq!(weights.get(row), value.as_ref().map(|value| weight_of(value.as_ref())));
        }
        for (a, b) in known().flat_map(|a| known().map(move |b| (a, b))) {
            let order = weight_of(a).cmp(&weight_of(b));
            let is_text = matches!(a, ValueRef::Text(_));
            assert!(order == compare(&a, &b) || (is_text && order.is_eq()), "{a:?} {b:?}");
        }
    }

    #[test]
    fn a_column_gives_back_what_was_put_in() {
        let text = |text: &str| Some(Value::Text(text.into()));
        check(&Kind::Text, &[text("钢"), None, text("PE"), text("钢"), text("")]);
        check(&Kind::Text, &["a", "a\0", "longer than sixteen", "longer than 16 bytes"].map(text));
        check(&Kind::Text, &[text("one"), text("one")]);
        check(&Kind::Text, &[None, None]);
        let many: Vec<_> = (0..600).map(|n| text(&n.to_string())).chain([None]).collect();
        check(&Kind::Text, &many);
        check(&Kind::Integer, &[Some(Value::Integer(i64::MIN)), None, Some(Value::Integer(0))]);
        let least = i64::from(i32::MIN);
        for whole in [least - 1, least, least + 1, i64::from(i32::MAX), i64::from(i32::MAX) + 1] {
            check(&Kind::Integer, &[None, Some(Value::Integer(whole)), Some(Value::Integer(7))]);
        }
        check(&Kind::Number, &[Some(Value::Number(-0.5)), None, Some(Value::Number(1e300))]);
        let numbers = [0.0, -1e300, -0.5, 0.25, f64::MIN_POSITIVE, -0.0, 7.0];
        check(&Kind::Number, &numbers.map(|number| Some(Value::Number(number))));
        check(&Kind::Integer, &[-2, i64::MAX, 0, -1].map(|number| Some(Value::Integer(number))));
        check(&Kind::Boolean, &[Some(Value::Boolean(false)), None, Some(Value::Boolean(true))]);
        let day = |text: &str| Some(Value::Date(text.parse().expect("a day")));
        check(&Kind::Date, &[day("2000-02-29"), None, day("-000044-03-15"), day("0000-01-01")]);
        let time = |text: &str| Some(Value::Instant(text.parse().expect("a time")));
        check(&Kind::Instant, &[time("2024-01-01T00:00:00.000001Z"), None]);
    }

    #[test]
    fn a_column_of_lists_gives_back_what_was_put_in() {
        let list = |texts: &[&str]| {
            Some(Value::List(TextList::try_new(texts.iter().copied()).expect("a list")))
        };
        let check = |values: &[Option<Value>]| {
            let mut builder = ColumnBuilder::new(&Kind::List(None));
            values.iter().for_each(|value| builder.push(value.as_ref().map(Value::as_ref)));
            let column = builder.take();
            for (row, value) in values.iter().enumerate() {
                assert_eq!(column.value(row), value.as_ref().map(Value::as_ref), "row {row}");
            }
            assert_eq!(column.texts().count(), 0, "lists are no texts that are searched");
        };
        check(&[list(&["b", "a"]), None, list(&["a", "b"]), list(&["a"]), list(&["b", "a"])]);
        check(&[list(&["路灯"]), list(&["路灯"])]);
        check(&[None, None]);
        let many: Vec<_> = (0..600).map(|n: i32| list(&["x", &n.to_string()])).collect();
        check(&many);
    }
}
