//! The values that are written as texts: days, times and the open end of an interval.

use jiff::Timestamp;
use jiff::civil::Date;
use terrier_model::{Operand, Value};

/// What a day is, in words.
pub(super) const DAY: &str = "a day such as '2005-06-30'";

/// What a time is, in words.
pub(super) const TIME: &str = "a time such as '2005-06-30T12:00:00Z'";

/// What an end of an interval is, in words.
pub(super) const END: &str =
    "'..', a day such as '2005-06-30', a time such as '2005-06-30T12:00:00Z', or a property";

pub(super) fn day(text: &str) -> Option<Value> {
    let day: Date = text.parse().ok()?;
    // Other spellings of a day, and times, are none here.
    (day.to_string() == text).then_some(Value::Date(day))
}

pub(super) fn time(text: &str) -> Option<Value> {
    text.parse::<Timestamp>().ok().map(Value::Instant)
}

/// What stands for an end of an interval; `None` when it is none.
pub(super) fn end(text: &str) -> Option<Operand> {
    if text == ".." {
        return Some(Operand::Unbounded);
    }
    day(text).or_else(|| time(text)).map(Operand::Value)
}

/// Whether an operand that is no text may be an end of an interval.
pub(super) fn is_end(operand: &Operand) -> bool {
    matches!(
        operand,
        Operand::Field(_)
            | Operand::Call { .. }
            | Operand::Value(Value::Date(_) | Value::Instant(_))
    )
}
