//! How the values of a field become a column, row by row.

use std::collections::HashMap;

use terrier_model::{Kind, ValueRef};

use super::super::leaf::emptied;
use super::{Column, Keys, TextColumn, Values, packed_day};

/// Gathers the values of one field, row by row.
pub(in super::super) enum ColumnBuilder {
    Text { keys: Vec<u16>, texts: Vec<Box<str>>, places: HashMap<Box<str>, u16>, is_list: bool },
    Integers(Vec<Option<i64>>),
    Numbers(Vec<f64>),
    Truths(Vec<Option<bool>>),
    Days(Vec<i32>),
    Instants(Vec<i64>),
}

impl ColumnBuilder {
    pub(in super::super) fn new(kind: &Kind) -> Self {
        match kind {
            Kind::Text | Kind::Code(_) | Kind::List(_) => Self::Text {
                keys: Vec::new(),
                texts: Vec::new(),
                places: HashMap::new(),
                is_list: kind.is_list(),
            },
            Kind::Integer => Self::Integers(Vec::new()),
            Kind::Number => Self::Numbers(Vec::new()),
            Kind::Boolean => Self::Truths(Vec::new()),
            Kind::Date => Self::Days(Vec::new()),
            Kind::Instant => Self::Instants(Vec::new()),
        }
    }

    /// Adds the value of the next row, which is of the column's kind.
    pub(in super::super) fn push(&mut self, value: Option<ValueRef<'_>>) {
        match self {
            Self::Text { keys, texts, places, .. } => {
                let text = match value {
                    Some(ValueRef::Text(text)) => text,
                    Some(ValueRef::List(list)) => list.joined(),
                    _ => return keys.push(0),
                };
                // Neighbours often share their street, owner and material.
                if let Some(last) = keys.last().copied().filter(|key| *key > 0)
                    && *texts[usize::from(last) - 1] == *text
                {
                    return keys.push(last);
                }
                let key = places.get(text).copied().unwrap_or_else(|| {
                    texts.push(text.into());
                    let key = u16::try_from(texts.len()).expect("a leaf has few rows");
                    places.insert(text.into(), key);
                    key
                });
                keys.push(key);
            }
            Self::Integers(values) => values.push(match value {
                Some(ValueRef::Integer(number)) => Some(number),
                _ => None,
            }),
            Self::Numbers(values) => values.push(match value {
                Some(ValueRef::Number(number)) => number,
                _ => f64::NAN,
            }),
            Self::Truths(values) => values.push(match value {
                Some(ValueRef::Boolean(truth)) => Some(truth),
                _ => None,
            }),
            Self::Days(values) => values.push(match value {
                Some(ValueRef::Date(date)) => packed_day(date),
                _ => i32::MIN,
            }),
            Self::Instants(values) => values.push(match value {
                Some(ValueRef::Instant(time)) => time.as_microsecond(),
                _ => i64::MIN,
            }),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Text { keys, .. } => keys.len(),
            Self::Integers(values) => values.len(),
            Self::Numbers(values) => values.len(),
            Self::Truths(values) => values.len(),
            Self::Days(values) => values.len(),
            Self::Instants(values) => values.len(),
        }
    }

    /// The column of the values so far; the builder is empty then.
    pub(in super::super) fn take(&mut self) -> Column {
        let rows = self.len();
        let values = match self {
            Self::Text { keys, texts, places, is_list } => {
                let values = match text_column(keys, texts) {
                    None => Values::Absent,
                    Some(column) if *is_list => Values::Lists(column),
                    Some(column) => Values::Text(column),
                };
                keys.clear();
                texts.clear();
                places.clear();
                values
            }
            Self::Integers(values) => whole_values(values),
            Self::Numbers(values) => Values::Numbers(emptied(values)),
            Self::Truths(values) => Values::Truths(emptied(values)),
            Self::Days(values) => Values::Days(emptied(values)),
            Self::Instants(values) => Values::Instants(emptied(values)),
        };
        Column::new(if values.is_absent() { Values::Absent } else { values }, rows)
    }
}

fn whole_values(values: &mut Vec<Option<i64>>) -> Values {
    let small = |value: &Option<i64>| match value {
        None => Some(i32::MIN),
        Some(number) => i32::try_from(*number).ok().filter(|number| *number != i32::MIN),
    };
    match values.iter().map(small).collect() {
        Some(small) => {
            values.clear();
            Values::SmallIntegers(small)
        }
        None => Values::Integers(emptied(values)),
    }
}

/// `None` where no row has a text.
fn text_column(keys: &[u16], texts: &[Box<str>]) -> Option<TextColumn> {
    if texts.is_empty() {
        return None;
    }
    let mut order: Vec<usize> = (0..texts.len()).collect();
    order.sort_unstable_by(|a, b| texts[*a].cmp(&texts[*b]));
    let mut new_keys = vec![0_u16; texts.len() + 1];
    let (mut ends, mut joined) = (Vec::with_capacity(texts.len()), String::new());
    for (place, old) in order.into_iter().enumerate() {
        new_keys[old + 1] = place as u16 + 1;
        joined.push_str(&texts[old]);
        ends.push(u32::try_from(joined.len()).expect("the texts of a leaf are below 4 GiB"));
    }
    let mut keys = keys.iter().map(|key| new_keys[usize::from(*key)]);
    let first = keys.clone().next().unwrap_or(0);
    let keys = if keys.clone().all(|key| key == first) {
        Keys::All(first)
    } else if texts.len() < 256 {
        Keys::Small(keys.map(|key| key as u8).collect())
    } else {
        Keys::Large(keys.by_ref().collect())
    };
    Some(TextColumn { keys, ends: ends.into(), texts: joined.into() })
}
