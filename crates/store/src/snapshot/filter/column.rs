//! Which rows of a leaf have a value that lies in some ranges.

use super::super::column::{Column, Keys, TextColumn, Values};
use super::range::Ranges;
use super::rows::Rows;

/// How many ranges are looked at one after the other for each value.
const MAX_RANGES_IN_A_ROW: usize = 4;

/// Whether all rows have such a value, or none has, where the ends of the column tell.
pub(super) fn decided(column: &Column, ranges: &Ranges) -> Option<bool> {
    let [least, greatest] = column.rows_of_ends();
    let found = match (column.values(), ranges) {
        (Values::SmallIntegers(values), Ranges::Integers(ranges)) => {
            decided_by(ranges, values[least].into(), values[greatest].into())
        }
        (Values::Integers(values), Ranges::Integers(ranges)) => {
            let (least, greatest) = values[least].zip(values[greatest])?;
            decided_by(ranges, least, greatest)
        }
        (Values::Numbers(values), Ranges::Numbers(ranges)) => {
            decided_by(ranges, values[least], values[greatest])
        }
        (Values::Days(values), Ranges::Days(ranges)) => {
            decided_by(ranges, values[least], values[greatest])
        }
        (Values::Instants(values), Ranges::Instants(ranges)) => {
            decided_by(ranges, values[least], values[greatest])
        }
        (Values::Text(texts), Ranges::Texts(ranges)) => decided_by_texts(ranges, texts),
        (Values::Truths(values), Ranges::Truths(of)) => {
            let ends = [values[least]?, values[greatest]?].map(|truth| of[usize::from(truth)]);
            (ends[0] == ends[1]).then_some(ends[0])
        }
        // No row has a value, for all columns are of the kind that the ranges were made for.
        _ => Some(false),
    };
    found.filter(|all| !(*all && column.has_gaps()))
}

fn decided_by<T: Copy + PartialOrd>(ranges: &[(T, T)], least: T, greatest: T) -> Option<bool> {
    // The first range that does not end before the values.
    let range = ranges.get(ranges.partition_point(|range| range.1 < least));
    match range {
        Some(range) if range.0 <= least && greatest <= range.1 => Some(true),
        Some(range) if range.0 <= greatest => None,
        _ => Some(false),
    }
}

fn decided_by_texts(ranges: &[(Box<str>, Option<Box<str>>)], texts: &TextColumn) -> Option<bool> {
    let (least, greatest) = (texts.text(0), texts.text(texts.len() - 1));
    let ends_after = |range: &(_, Option<Box<str>>), text: &str| {
        range.1.as_ref().is_none_or(|end| &**end > text)
    };
    match ranges.get(ranges.partition_point(|range| !ends_after(range, least))) {
        Some(range) if &*range.0 <= least && ends_after(range, greatest) => Some(true),
        Some(range) if &*range.0 <= greatest => None,
        _ => Some(false),
    }
}

/// The rows that have such a value.
pub(super) fn rows_in(column: &Column, rows: usize, ranges: &Ranges) -> Rows {
    match decided(column, ranges) {
        Some(true) => return Rows::first(rows),
        Some(false) => return Rows::none(),
        None => {}
    }
    match (column.values(), ranges) {
        (Values::SmallIntegers(values), Ranges::Integers(ranges)) => {
            let small: Vec<(i32, i32)> = ranges.iter().filter_map(small_range).collect();
            rows_between(values, &small)
        }
        (Values::Integers(values), Ranges::Integers(ranges)) => {
            let is_in = |number: i64| lies_in(ranges, number);
            Rows::of(values, |number| number.is_some_and(is_in))
        }
        (Values::Numbers(values), Ranges::Numbers(ranges)) => rows_between(values, ranges),
        (Values::Days(values), Ranges::Days(ranges)) => rows_between(values, ranges),
        (Values::Instants(values), Ranges::Instants(ranges)) => rows_between(values, ranges),
        (Values::Text(texts), Ranges::Texts(ranges)) => rows_of_texts(texts, rows, ranges),
        (Values::Truths(values), Ranges::Truths(of)) => {
            Rows::of(values, |truth| truth.is_some_and(|truth| of[usize::from(truth)]))
        }
        // A column holds values of the kind of its field, and the ranges were made for it.
        _ => Rows::none(),
    }
}

/// The part of a range that a column of small numbers can have.
fn small_range((least, greatest): &(i64, i64)) -> Option<(i32, i32)> {
    // The least number of all stands for no value.
    let bounds = (i64::from(i32::MIN) + 1, i64::from(i32::MAX));
    let (least, greatest) = ((*least).max(bounds.0), (*greatest).min(bounds.1));
    (least <= greatest).then_some((least as i32, greatest as i32))
}

pub(super) fn lies_in<T: Copy + PartialOrd>(ranges: &[(T, T)], value: T) -> bool {
    let range = ranges.get(ranges.partition_point(|range| range.1 < value));
    range.is_some_and(|range| range.0 <= value && value <= range.1)
}

#[expect(
    clippy::needless_bitwise_bool,
    reason = "without a jump between them several values are compared at once"
)]
fn is_between<T: Copy + PartialOrd>(value: T, least: T, greatest: T) -> bool {
    (least <= value) & (value <= greatest)
}

fn rows_between<T: Copy + PartialOrd>(values: &[T], ranges: &[(T, T)]) -> Rows {
    if ranges.len() > MAX_RANGES_IN_A_ROW {
        return Rows::of(values, |value| lies_in(ranges, value));
    }
    let mut rows = Rows::none();
    for (least, greatest) in ranges {
        rows.add(&Rows::of(values, |value| is_between(value, *least, *greatest)));
    }
    rows
}

fn rows_of_texts(texts: &TextColumn, rows: usize, ranges: &[(Box<str>, Option<Box<str>>)]) -> Rows {
    // Keys are counted from 1.
    let key = |text: &str| texts.count_before(text) + 1;
    let mut keys: Vec<(usize, usize)> = Vec::new();
    if ranges.len() <= texts.len() {
        let of_range = |(start, end): &(Box<str>, Option<Box<str>>)| {
            (key(start), end.as_ref().map_or(texts.len() + 1, |end| key(end)))
        };
        keys.extend(ranges.iter().map(of_range).filter(|(start, end)| start < end));
    } else {
        let is_in = |text: &str| {
            let ended =
                |range: &(_, Option<Box<str>>)| range.1.as_ref().is_some_and(|end| &**end <= text);
            ranges.get(ranges.partition_point(ended)).is_some_and(|range| &*range.0 <= text)
        };
        let found = (1..).zip(texts.all()).filter(|(_, text)| is_in(text));
        keys.extend(found.map(|(key, _)| (key, key + 1)));
    }
    match &keys[..] {
        [] => Rows::none(),
        [(start, end)] => rows_of_keys(texts.keys(), rows, *start, *end),
        _ => {
            let mut table = vec![false; texts.len() + 1];
            keys.iter().for_each(|(start, end)| table[*start..*end].fill(true));
            rows_by_table(texts.keys(), rows, &table)
        }
    }
}

fn rows_of_keys(keys: &Keys, rows: usize, start: usize, end: usize) -> Rows {
    match keys {
        Keys::All(key) if (start..end).contains(&usize::from(*key)) => Rows::first(rows),
        Keys::All(_) => Rows::none(),
        // There are fewer than 256 keys then.
        Keys::Small(keys) => {
            let (start, last) = (start as u8, (end - 1) as u8);
            Rows::of(keys, |key| is_between(key, start, last))
        }
        Keys::Large(keys) => {
            let (start, last) = (start as u16, (end - 1) as u16);
            Rows::of(keys, |key| is_between(key, start, last))
        }
    }
}

/// The rows whose keys are wanted; at 0 stands whether those without a text are.
pub(super) fn rows_by_table(keys: &Keys, rows: usize, table: &[bool]) -> Rows {
    match keys {
        Keys::All(key) if table[usize::from(*key)] => Rows::first(rows),
        Keys::All(_) => Rows::none(),
        Keys::Small(keys) => {
            // As long as there are keys, so that no look into it needs a check.
            let mut wanted = [false; 256];
            wanted[..table.len()].copy_from_slice(table);
            Rows::of(keys, |key| wanted[usize::from(key)])
        }
        Keys::Large(keys) => Rows::of(keys, |key| table[usize::from(key)]),
    }
}

/// The rows that have no value.
pub(super) fn rows_without(column: &Column, rows: usize) -> Rows {
    if !column.has_gaps() {
        return Rows::none();
    }
    match column.values() {
        Values::Absent => Rows::first(rows),
        Values::SmallIntegers(values) => Rows::of(values, |number| number == i32::MIN),
        Values::Integers(values) => Rows::of(values, |number| number.is_none()),
        Values::Numbers(values) => Rows::of(values, f64::is_nan),
        Values::Truths(values) => Rows::of(values, |truth| truth.is_none()),
        Values::Days(values) => Rows::of(values, |day| day == i32::MIN),
        Values::Instants(values) => Rows::of(values, |time| time == i64::MIN),
        Values::Text(texts) | Values::Lists(texts) => rows_of_keys(texts.keys(), rows, 0, 1),
    }
}
