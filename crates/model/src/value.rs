//! Typed values of fields.

use std::cmp::Ordering;
use std::fmt;

use jiff::{Timestamp, civil::Date};

use crate::expression::day_of;
use crate::{Code, TextList, TextListRef};

/// What values a field takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Text without control characters other than line ends and tabs.
    Text,
    /// One code of a list.
    Code(Box<[Code]>),
    /// A whole number.
    Integer,
    /// A finite number.
    Number,
    /// True or false.
    Boolean,
    /// A civil date.
    Date,
    /// A point in time, to the microsecond, in UTC.
    Instant,
    /// Several texts: codes of a list or, without one, any.
    List(Option<Box<[Code]>>),
}

impl Kind {
    /// The kind in words, for messages and documentation.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Code(_) => "a code",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Date => "a date such as 2005-06-30",
            Self::Instant => "a time such as 2005-06-30T12:00:00Z",
            Self::List(None) => "a list of texts",
            Self::List(Some(_)) => "a list of codes",
        }
    }

    /// The codes that its values are of, retired ones too; `None` where any are taken.
    pub fn codes(&self) -> Option<&[Code]> {
        match self {
            Self::Code(codes) | Self::List(Some(codes)) => Some(codes),
            _ => None,
        }
    }

    /// Whether values of both are kept alike, whatever the codes are.
    pub fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
            && self.codes().is_some() == other.codes().is_some()
    }

    /// Whether a value is a list.
    pub fn is_list(&self) -> bool {
        matches!(self, Self::List(_))
    }

    /// The codes that an asset may be given, for messages; nothing where any text is taken.
    pub fn codes_in_words(&self) -> String {
        let given = self.codes().unwrap_or_default().iter().filter(|code| !code.retired);
        given.map(|code| &*code.code).collect::<Vec<_>>().join(", ")
    }
}

/// A value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Of [`Kind::Text`] and [`Kind::Code`].
    Text(Box<str>),
    /// Of [`Kind::Integer`].
    Integer(i64),
    /// Of [`Kind::Number`]; finite.
    Number(f64),
    /// Of [`Kind::Boolean`].
    Boolean(bool),
    /// Of [`Kind::Date`].
    Date(Date),
    /// Of [`Kind::Instant`].
    Instant(Timestamp),
    /// Of [`Kind::List`].
    List(TextList),
}

/// A borrowed [`Value`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ValueRef<'a> {
    /// See [`Value::Text`].
    Text(&'a str),
    /// See [`Value::Integer`].
    Integer(i64),
    /// See [`Value::Number`].
    Number(f64),
    /// See [`Value::Boolean`].
    Boolean(bool),
    /// See [`Value::Date`].
    Date(Date),
    /// See [`Value::Instant`].
    Instant(Timestamp),
    /// See [`Value::List`].
    List(TextListRef<'a>),
}

impl Value {
    /// The value, borrowed.
    pub fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Self::Text(text) => ValueRef::Text(text),
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Number(number) => ValueRef::Number(*number),
            Self::Boolean(truth) => ValueRef::Boolean(*truth),
            Self::Date(date) => ValueRef::Date(*date),
            Self::Instant(time) => ValueRef::Instant(*time),
            Self::List(list) => ValueRef::List(list.as_ref()),
        }
    }

    /// A value of the kind from the text of a question, such as a query parameter; of a list it is
    /// one of its values. A code is taken as text, for a code that nobody uses is a question with an
    /// empty answer.
    ///
    /// # Errors
    /// When the text is no value of the kind; the error is what was expected, in words.
    pub fn parse(kind: &Kind, text: &str) -> Result<Self, &'static str> {
        let expected = kind.words();
        match kind {
            Kind::Text | Kind::Code(_) | Kind::List(_) => Some(Self::Text(text.into())),
            Kind::Integer => text.parse().ok().map(Self::Integer),
            Kind::Number => {
                text.parse().ok().filter(|number: &f64| number.is_finite()).map(Self::Number)
            }
            Kind::Boolean => match text {
                "true" => Some(Self::Boolean(true)),
                "false" => Some(Self::Boolean(false)),
                _ => None,
            },
            Kind::Date => text.parse().ok().map(Self::Date),
            Kind::Instant => text.parse().ok().map(Self::Instant),
        }
        .ok_or(expected)
    }
}

impl ValueRef<'_> {
    /// The value, copied.
    pub fn to_value(self) -> Value {
        match self {
            Self::Text(text) => Value::Text(text.into()),
            Self::Integer(number) => Value::Integer(number),
            Self::Number(number) => Value::Number(number),
            Self::Boolean(truth) => Value::Boolean(truth),
            Self::Date(date) => Value::Date(date),
            Self::Instant(time) => Value::Instant(time),
            Self::List(list) => Value::List(list.to_list()),
        }
    }

    /// Whether it is that value or, where it is a list, has it.
    pub fn is_or_has(self, other: ValueRef<'_>) -> bool {
        match (self, other) {
            (Self::List(list), ValueRef::Text(text)) => list.has(text),
            _ => self == other,
        }
    }

    /// The day of a date, or that of a time in UTC; `None` for any other value.
    pub fn day(self) -> Option<Date> {
        match self {
            Self::Date(date) => Some(date),
            Self::Instant(time) => Some(day_of(time)),
            _ => None,
        }
    }

    /// How two values stand to each other: texts by their code points, false before true, numbers by
    /// what they are, whole or not, exactly, a time beside a day by its day in UTC; `None` for values of kinds
    /// that do not go together, and for lists, which have no order.
    pub fn compare(self, other: ValueRef<'_>) -> Option<Ordering> {
        match (self, other) {
            // The bytes of UTF-8 have the order of the code points.
            (Self::Text(a), ValueRef::Text(b)) => Some(a.cmp(b)),
            (Self::Integer(a), ValueRef::Integer(b)) => Some(a.cmp(&b)),
            (Self::Number(a), ValueRef::Number(b)) => a.partial_cmp(&b),
            (Self::Integer(a), ValueRef::Number(b)) => compare_mixed(a, b),
            (Self::Number(a), ValueRef::Integer(b)) => compare_mixed(b, a).map(Ordering::reverse),
            (Self::Boolean(a), ValueRef::Boolean(b)) => Some(a.cmp(&b)),
            (Self::Date(a), ValueRef::Date(b)) => Some(a.cmp(&b)),
            (Self::Instant(a), ValueRef::Instant(b)) => Some(a.cmp(&b)),
            (Self::Instant(a), ValueRef::Date(b)) => Some(day_of(a).cmp(&b)),
            (Self::Date(a), ValueRef::Instant(b)) => Some(a.cmp(&day_of(b))),
            _ => None,
        }
    }
}

/// How a whole number stands to another, without rounding either.
fn compare_mixed(integer: i64, number: f64) -> Option<Ordering> {
    // 2^63, the first number above all of them; every whole f64 below it is one of them.
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    if number.is_nan() {
        None
    } else if number >= BEYOND {
        Some(Ordering::Less)
    } else if number < -BEYOND {
        Some(Ordering::Greater)
    } else {
        let floor = number.floor();
        let beyond_floor = if number > floor { Ordering::Less } else { Ordering::Equal };
        Some(integer.cmp(&(floor as i64)).then(beyond_floor))
    }
}

impl fmt::Display for ValueRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => number.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Boolean(truth) => truth.fmt(f),
            Self::Date(date) => date.fmt(f),
            Self::Instant(time) => time.fmt(f),
            Self::List(list) => list.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_and_others_compare_without_rounding() {
        let check = |integer, number, expected| {
            let (integer, number) = (ValueRef::Integer(integer), ValueRef::Number(number));
            assert_eq!(integer.compare(number), Some(expected), "{integer} {number}");
            assert_eq!(number.compare(integer), Some(expected.reverse()), "{number} {integer}");
        };
        check(0, -0.0, Ordering::Equal);
        check(1, 1.5, Ordering::Less);
        check(-1, -1.5, Ordering::Greater);
        check(-2, -1.5, Ordering::Less);
        // 2^53 + 1 has no f64; its neighbour has.
        check(9_007_199_254_740_993, 9_007_199_254_740_992.0, Ordering::Greater);
        check(i64::MAX, 9_223_372_036_854_775_808.0, Ordering::Less);
        check(i64::MIN, -9_223_372_036_854_775_808.0, Ordering::Equal);
        check(i64::MIN, -1e300, Ordering::Greater);
        check(i64::MAX, 1e300, Ordering::Less);
    }

    #[test]
    fn texts_compare_by_code_point() {
        let check = |a, b| {
            let order = ValueRef::Text(a).compare(ValueRef::Text(b));
            assert_eq!(order, Some(Ordering::Less), "{a} {b}");
        };
        check("", "a");
        check("Z", "a");
        check("z", "ä");
        check("zz", "路");
        // In UTF-16 these two would come the other way round.
        check("\u{ff5e}", "\u{10000}");
    }
}
