//! For which values of one field a test holds, worked out once for a question.
//!
//! Between the values that a test compares with, nothing changes: it is evaluated once between each
//! two of them, and at each. What a column is asked then is whether a value lies in some ranges.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use terrier_model::{AssetView, Clause, Kind, Operand, Truth, Value, ValueRef};

use super::super::column::{packed_day, unpacked_day};

/// The values of one field for which a test holds: ranges in their order, no two of which meet, both
/// ends included, in the form in which the column keeps its values. What has no value is in none.
#[derive(Debug)]
pub(super) enum Ranges {
    Integers(Vec<(i64, i64)>),
    Numbers(Vec<(f64, f64)>),
    Days(Vec<(i32, i32)>),
    Instants(Vec<(i64, i64)>),
    /// Of these the end is the first text that does not belong to the range; `None` where it has no
    /// end.
    Texts(Vec<(Box<str>, Option<Box<str>>)>),
    /// Whether it holds for false, and for true.
    Truths([bool; 2]),
}

impl Ranges {
    /// For which values of a field of that kind the clause comes to that; `None` where it is no plain
    /// test of one field against values that are given, or holds without a value.
    pub(super) fn of(clause: &Clause<usize>, kind: &Kind, wanted: Truth) -> Option<Self> {
        let mut given = Vec::new();
        // A value may lie out of one end, whatever the other is: `1 BETWEEN 2 AND field`.
        let holds_without = truth_of(clause, None) == wanted;
        if holds_without || !gather_given(clause, &mut given) {
            return None;
        }
        let given = given.into_iter();
        let holds = |value: ValueRef<'_>| truth_of(clause, Some(value)) == wanted;
        Some(match kind {
            Kind::Boolean => {
                Self::Truths([false, true].map(|truth| holds(ValueRef::Boolean(truth))))
            }
            Kind::Integer => {
                let holds = |number| holds(ValueRef::Integer(number));
                let (starts, ends) = (given.flat_map(starts_of_integers), [i64::MIN, i64::MAX]);
                Self::Integers(ranges(starts, i64::MIN, ends, |start| start - 1, holds))
            }
            Kind::Number => {
                let holds = |number| holds(ValueRef::Number(number));
                let ends = [f64::NEG_INFINITY, f64::INFINITY];
                let starts = given.flat_map(starts_of_numbers);
                Self::Numbers(ranges(starts, f64::MIN, ends, f64::next_down, holds))
            }
            Kind::Date => {
                let holds = |day| unpacked_day(day).is_some_and(|day| holds(ValueRef::Date(day)));
                let (starts, ends) = (given.flat_map(starts_of_days), [i32::MIN + 1, i32::MAX]);
                // No day is packed into a number between that of a day and that of the next.
                Self::Days(ranges(starts, packed_day(Date::MIN), ends, |start| start - 1, holds))
            }
            Kind::Instant => {
                let instant = |time| Timestamp::from_microsecond(time).ok();
                let holds = |time| instant(time).is_some_and(|time| holds(ValueRef::Instant(time)));
                let first = Timestamp::MIN.as_microsecond();
                let (starts, ends) = (given.flat_map(starts_of_instants), [i64::MIN + 1, i64::MAX]);
                Self::Instants(ranges(starts, first, ends, |start| start - 1, holds))
            }
            Kind::Text | Kind::Code(_) => {
                Self::Texts(ranges_of_texts(given, |text| holds(ValueRef::Text(text))))
            }
            // What holds for lists follows no order.
            Kind::List(_) => return None,
        })
    }
}

/// What a clause that reads one field, and nothing else of an asset, comes to for a value of it.
pub(super) fn truth_of(clause: &Clause<usize>, value: Option<ValueRef<'_>>) -> Truth {
    clause.evaluate(&AssetView { value: |_| value, shape: || None, due_state: |_| None })
}

/// Gathers the values that a clause compares fields with; false when it does anything else with them.
fn gather_given<'c>(clause: &'c Clause<usize>, given: &mut Vec<&'c Value>) -> bool {
    let mut all = |operands: &[&'c Operand<usize>]| {
        operands.iter().all(|operand| match operand {
            Operand::Interval(ends) => ends.iter().all(|end| gather_value(end, given)),
            _ => gather_value(operand, given),
        })
    };
    match clause {
        Clause::Compare { left, right, .. } | Clause::Temporal { left, right, .. } => {
            all(&[left, right])
        }
        Clause::Between { value, least, greatest } => all(&[value, least, greatest]),
        Clause::In { value, list } => {
            all(&[value]) && list.iter().all(|entry| gather_value(entry, given))
        }
        Clause::Holds(value) => all(&[value]),
        _ => false,
    }
}

fn gather_value<'c>(operand: &'c Operand<usize>, given: &mut Vec<&'c Value>) -> bool {
    match operand {
        Operand::Value(value) => given.push(value),
        Operand::Field(_) | Operand::Unbounded => {}
        _ => return false,
    }
    true
}

/// The ranges for which something holds that changes only at starts. The first value of all, the ends
/// of what can be kept, and the last value before a start are told.
fn ranges<T: Copy + PartialOrd>(
    starts: impl Iterator<Item = T>,
    first: T,
    [least, greatest]: [T; 2],
    before: impl Fn(T) -> T,
    holds: impl Fn(T) -> bool,
) -> Vec<(T, T)> {
    let mut starts: Vec<T> = starts.filter(|start| *start > first).collect();
    starts.sort_by(|a, b| a.partial_cmp(b).expect("no value is NaN"));
    starts.dedup();
    let mut ranges: Vec<(T, T)> = Vec::new();
    let mut is_open = false;
    for place in 0..=starts.len() {
        let start = if place == 0 { first } else { starts[place - 1] };
        let end = starts.get(place).map_or(greatest, |next| before(*next));
        let does_hold = holds(start);
        match ranges.last_mut() {
            Some(range) if does_hold && is_open => range.1 = end,
            _ if does_hold => ranges.push((if place == 0 { least } else { start }, end)),
            _ => {}
        }
        is_open = does_hold;
    }
    ranges
}

fn starts_of_integers(value: &Value) -> impl Iterator<Item = i64> + use<> {
    // 2^63, the first number above all of them.
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    let starts = match value {
        Value::Integer(number) => [Some(*number), number.checked_add(1)],
        Value::Number(number) if (-BEYOND..BEYOND).contains(number) => {
            let above = number.ceil();
            let above = (above < BEYOND).then_some(above as i64);
            [above, (number.floor() as i64).checked_add(1)]
        }
        _ => [None; 2],
    };
    starts.into_iter().flatten()
}

fn starts_of_numbers(value: &Value) -> impl Iterator<Item = f64> + use<> {
    let starts = match value {
        // Zero has two forms, which are the same value.
        Value::Number(number) => [Some(number + 0.0), Some((number + 0.0).next_up())],
        Value::Integer(whole) => {
            let near = *whole as f64;
            match ValueRef::Integer(*whole).compare(ValueRef::Number(near)) {
                Some(std::cmp::Ordering::Less) => [Some(near), None],
                Some(std::cmp::Ordering::Greater) => [Some(near.next_up()), None],
                _ => [Some(near), Some(near.next_up())],
            }
        }
        _ => [None; 2],
    };
    starts.into_iter().flatten()
}

fn starts_of_days(value: &Value) -> impl Iterator<Item = i32> + use<> {
    let day = match value {
        Value::Date(day) => Some(*day),
        Value::Instant(time) => Some(TimeZone::UTC.to_datetime(*time).date()),
        _ => None,
    };
    let next = day.and_then(|day| day.tomorrow().ok());
    day.into_iter().chain(next).map(packed_day)
}

fn starts_of_instants(value: &Value) -> impl Iterator<Item = i64> + use<> {
    let midnight = |day: Date| TimeZone::UTC.to_timestamp(day.to_datetime(Time::MIN)).ok();
    let starts = match value {
        Value::Instant(time) => {
            // The register keeps microseconds; a finer time lies between two of them.
            let micros = floor_microsecond(*time);
            let is_kept = Timestamp::from_microsecond(micros).is_ok_and(|kept| kept == *time);
            [is_kept.then_some(micros), Some(micros + 1)]
        }
        // Beside a day a time is its day in UTC.
        Value::Date(day) => {
            [Some(*day), day.tomorrow().ok()].map(|day| Some(midnight(day?)?.as_microsecond()))
        }
        _ => [None; 2],
    };
    starts.into_iter().flatten()
}

/// The last microsecond that is not after a time.
pub(super) fn floor_microsecond(time: Timestamp) -> i64 {
    time.as_nanosecond().div_euclid(1_000) as i64
}

fn ranges_of_texts<'v>(
    given: impl Iterator<Item = &'v Value>,
    holds: impl Fn(&str) -> bool,
) -> Vec<(Box<str>, Option<Box<str>>)> {
    let mut starts: Vec<Box<str>> = vec!["".into()];
    for value in given {
        if let Value::Text(text) = value {
            // The next text of all is the same with the least character behind it.
            starts.extend([text.clone(), format!("{text}\0").into()]);
        }
    }
    starts.sort_unstable();
    starts.dedup();
    let mut ranges: Vec<(Box<str>, Option<Box<str>>)> = Vec::new();
    let mut is_open = false;
    for (place, start) in starts.iter().enumerate() {
        let end = starts.get(place + 1).cloned();
        let does_hold = holds(start);
        match ranges.last_mut() {
            Some(range) if does_hold && is_open => range.1 = end,
            _ if does_hold => ranges.push((start.clone(), end)),
            _ => {}
        }
        is_open = does_hold;
    }
    ranges
}
