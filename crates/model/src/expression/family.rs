//! Which values can be put together in a test.

use jiff::Timestamp;
use jiff::civil::Date;

use super::Operand;
use crate::{Kind, Value};

/// Values of one family can be compared with each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Family {
    Text,
    Number,
    Boolean,
    Date,
    Instant,
    Interval,
    Geometry,
    List,
}

/// An operand that fits the fields, and what it gives.
#[derive(Clone)]
pub(super) struct Typed {
    pub(super) operand: Operand<usize>,
    pub(super) family: Family,
}

impl Family {
    pub(super) fn of_kind(kind: &Kind) -> Self {
        match kind {
            Kind::Text | Kind::Code(_) => Self::Text,
            Kind::Integer | Kind::Number => Self::Number,
            Kind::Boolean => Self::Boolean,
            Kind::Date => Self::Date,
            Kind::Instant => Self::Instant,
            Kind::List(_) => Self::List,
        }
    }

    pub(super) fn of_value(value: &Value) -> Self {
        match value {
            Value::Text(_) => Self::Text,
            Value::Integer(_) | Value::Number(_) => Self::Number,
            Value::Boolean(_) => Self::Boolean,
            Value::Date(_) => Self::Date,
            Value::Instant(_) => Self::Instant,
            Value::List(_) => Self::List,
        }
    }

    /// Whether values of it can be equal, greater or less.
    pub(super) fn is_scalar(self) -> bool {
        !matches!(self, Self::Interval | Self::Geometry | Self::List)
    }

    pub(super) fn is_temporal(self) -> bool {
        matches!(self, Self::Date | Self::Instant)
    }

    pub(super) fn goes_with(self, other: Self) -> bool {
        self == other || (self.is_temporal() && other.is_temporal())
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Date => "a date",
            Self::Instant => "a time",
            Self::Interval => "an interval",
            Self::Geometry => "a geometry",
            Self::List => "a list",
        }
    }
}

impl Typed {
    /// Reads a text that is given as the date or time that it stands beside, and 0 or 1 as the truth:
    /// many programs write them so.
    pub(super) fn become_like(&mut self, other: &Self) {
        if let Operand::Value(Value::Integer(number @ (0 | 1))) = self.operand
            && other.family == Family::Boolean
        {
            *self = Self {
                operand: Operand::Value(Value::Boolean(number == 1)),
                family: Family::Boolean,
            };
        }
        if let Operand::Value(Value::Text(text)) = &self.operand
            && other.family.is_temporal()
            && let Some(moment) = moment(text)
        {
            self.family = Family::of_value(&moment);
            self.operand = Operand::Value(moment);
        }
    }
}

/// The day or time that a text is.
pub(super) fn moment(text: &str) -> Option<Value> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(Value::Instant(time));
    }
    // GDAL writes a day with the `T` of a time that it does not have.
    let text = text.strip_suffix('T').unwrap_or(text);
    let day: Date = text.parse().ok()?;
    // Other spellings of a day, and times without an offset, are none here.
    (day.to_string() == text).then_some(Value::Date(day))
}
