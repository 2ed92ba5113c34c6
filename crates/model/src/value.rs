//! Typed values of fields.

use std::fmt;

use jiff::{Timestamp, civil::Date};

use crate::Code;

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
    /// A point in time, in UTC. Only the register itself writes such fields.
    Instant,
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
        }
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
        }
    }

    /// A value of the kind from the text of a question, such as a query parameter. A code is taken
    /// as text, for a code that nobody uses is a question with an empty answer.
    ///
    /// # Errors
    /// When the text is no value of the kind; the error is what was expected, in words.
    pub fn parse(kind: &Kind, text: &str) -> Result<Self, &'static str> {
        let expected = kind.words();
        match kind {
            Kind::Text | Kind::Code(_) => Some(Self::Text(text.into())),
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

impl fmt::Display for ValueRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => number.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Boolean(truth) => truth.fmt(f),
            Self::Date(date) => date.fmt(f),
            Self::Instant(time) => time.fmt(f),
        }
    }
}
