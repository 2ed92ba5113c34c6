//! Numbers for values, by which a page is sorted without comparing the values themselves.

use terrier_model::ValueRef;

use super::{Keys, Values, packed_day};

/// The weights of the values of a column.
pub(in super::super) enum Weights<'a> {
    Absent,
    /// Those of the different texts.
    Texts(Box<[u128]>, &'a Keys),
    /// Those of all other values are their ranks.
    Others(&'a Values),
}

impl Weights<'_> {
    /// The weight of the value of a row; `None` where there is none.
    pub(in super::super) fn get(&self, row: usize) -> Option<u128> {
        match self {
            Self::Absent => None,
            Self::Texts(weights, keys) => match keys.get(row) {
                0 => None,
                key => Some(weights[usize::from(key) - 1]),
            },
            Self::Others(values) => values.rank(row).map(u128::from),
        }
    }
}

/// A number for a value, by which most values of a field are told apart in an instant: of two values with
/// different weights the lighter is the lesser, and only those of texts can be the same though the values
/// are not.
pub(in super::super) fn weight_of(value: ValueRef<'_>) -> u128 {
    let number = match value {
        ValueRef::Text(text) => return weight_of_text(text),
        ValueRef::List(list) => return weight_of_text(list.joined()),
        ValueRef::Integer(number) => weight_of_integer(number),
        ValueRef::Number(number) => weight_of_number(number),
        ValueRef::Boolean(truth) => truth.into(),
        ValueRef::Date(date) => weight_of_integer(packed_day(date).into()),
        ValueRef::Instant(time) => weight_of_integer(time.as_microsecond()),
    };
    number.into()
}

fn weight_of_text(text: &str) -> u128 {
    // Codes of assets begin alike: of sixteen bytes, eight seldom tell them apart.
    let mut first = [0; 16];
    let length = text.len().min(first.len());
    first[..length].copy_from_slice(&text.as_bytes()[..length]);
    u128::from_be_bytes(first)
}

pub(super) fn weight_of_integer(number: i64) -> u64 {
    number.cast_unsigned() ^ (1 << 63)
}

pub(super) fn weight_of_number(number: f64) -> u64 {
    // Zero has two forms, which are the same value.
    let bits = (number + 0.0).to_bits();
    // Bits of positive numbers have their order, those of negative ones the opposite.
    if bits >> 63 == 1 { !bits } else { bits | (1 << 63) }
}
