//! Several texts in one value: what a field holds that may have more than one, such as all that hangs
//! on a pole.

use std::fmt;

use crate::draft::{RawValue, checked_text, show};
use crate::{Code, Fault, Field};

/// The most values that a list may have.
pub const MAX_LIST_VALUES: usize = 32;

/// Stands between the values; no text may have it, for it is a control character (unit separator).
const SEPARATOR: char = '\u{1f}';

/// One to [`MAX_LIST_VALUES`] texts in the order in which they were given, none empty and none twice.
#[derive(Clone, Debug, PartialEq)]
pub struct TextList(Box<str>);

/// A borrowed [`TextList`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextListRef<'a>(&'a str);

/// Why texts are no list.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ListError {
    /// There are none.
    #[error("at least one value")]
    Empty,
    /// There are too many.
    #[error("at most {MAX_LIST_VALUES} values")]
    TooMany,
    /// One comes again.
    #[error("each value once, and `{0}` comes again")]
    Twice(String),
    /// One is empty, too long or has characters that no text has.
    #[error("{0}")]
    Text(String),
}

impl TextList {
    /// A list of these texts.
    ///
    /// # Errors
    /// What was expected, when there are none or too many of them, or when one is empty, comes
    /// twice, or is no text that the register keeps.
    pub fn try_new<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<Self, ListError> {
        let mut joined = String::new();
        for (count, text) in texts.into_iter().enumerate() {
            if count == MAX_LIST_VALUES {
                return Err(ListError::TooMany);
            }
            if text.is_empty() {
                return Err(ListError::Text("values that are not empty".into()));
            }
            checked_text(text).map_err(ListError::Text)?;
            if TextListRef(&joined).has(text) {
                return Err(ListError::Twice(text.chars().take(80).collect()));
            }
            if !joined.is_empty() {
                joined.push(SEPARATOR);
            }
            joined.push_str(text);
        }
        if joined.is_empty() { Err(ListError::Empty) } else { Ok(Self(joined.into())) }
    }

    /// The list, borrowed.
    pub fn as_ref(&self) -> TextListRef<'_> {
        TextListRef(&self.0)
    }
}

impl<'a> TextListRef<'a> {
    /// The list that [`TextListRef::joined`] gave.
    pub fn from_joined(joined: &'a str) -> Self {
        Self(joined)
    }

    /// The list as one text, which differs where the values or their order do.
    pub fn joined(self) -> &'a str {
        self.0
    }

    /// The values, in their order.
    pub fn iter(self) -> impl Iterator<Item = &'a str> {
        self.0.split(SEPARATOR)
    }

    /// Whether one of the values is this text.
    pub fn has(self, text: &str) -> bool {
        self.iter().any(|value| value == text)
    }

    /// The list, copied.
    pub fn to_list(self) -> TextList {
        TextList(self.0.into())
    }
}

impl fmt::Display for TextListRef<'_> {
    /// The values with a comma between, for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, value) in self.iter().enumerate() {
            write!(f, "{}{value}", if place > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

/// The list that a sender gives for a field: several values, or a single one. What is empty counts
/// for nothing, and a list of nothing is no value.
pub(crate) fn list_of(
    field: &Field,
    codes: Option<&[Code]>,
    raw: &RawValue,
) -> Result<Option<TextList>, Fault> {
    let given = match raw {
        RawValue::List(values) => &values[..],
        single => std::slice::from_ref(single),
    };
    let mut texts = Vec::with_capacity(given.len());
    for value in given {
        let fault = |expected: &str| Fault::in_field(&field.name, show(value), expected);
        if matches!(value, RawValue::Nested(_) | RawValue::List(_)) {
            return Err(fault(field.kind.words()));
        }
        if *value == RawValue::Null {
            continue;
        }
        let text = show(value).trim().to_owned();
        if text.is_empty() {
            continue;
        }
        if codes.is_some_and(|codes| codes.iter().all(|code| *code.code != *text)) {
            return Err(fault(&format!("one of {}", field.kind.codes_in_words())));
        }
        texts.push(text);
    }
    match TextList::try_new(texts.iter().map(|text| &**text)) {
        Ok(list) => Ok(Some(list)),
        Err(ListError::Empty) => Ok(None),
        Err(error) => Err(Fault::in_field(&field.name, show(raw), error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, MAX_TEXT_BYTES, Sensitivity, Text};

    fn check(texts: &[&str], expected: Result<&str, &str>) {
        let found = TextList::try_new(texts.iter().copied());
        let found = match &found {
            Ok(list) => {
                assert_eq!(list.as_ref().iter().collect::<Vec<_>>(), texts);
                assert_eq!(TextListRef::from_joined(list.as_ref().joined()), list.as_ref());
                Ok(list.as_ref().to_string())
            }
            Err(error) => Err(error.to_string()),
        };
        assert_eq!(found.as_deref().map_err(|error| &**error), expected, "{texts:?}");
    }

    #[test]
    fn a_list_has_one_to_thirty_two_values_each_once_in_the_order_given() {
        check(&[], Err("at least one value"));
        check(&["camera"], Ok("camera"));
        check(&["路灯", "a, b;\n[c]"], Ok("路灯, a, b;\n[c]"));
        check(&["b", "a", "b"], Err("each value once, and `b` comes again"));
        let numbers: Vec<String> = (0..=MAX_LIST_VALUES).map(|number| number.to_string()).collect();
        let numbers: Vec<&str> = numbers.iter().map(|text| &**text).collect();
        check(&numbers[1..], Ok(&numbers[1..].join(", ")));
        check(&numbers, Err("at most 32 values"));
    }

    #[test]
    fn each_value_is_a_text_that_the_register_keeps() {
        let long = "x".repeat(MAX_TEXT_BYTES + 1);
        check(&[&long[1..], "b"], Ok(&format!("{}, b", &long[1..])));
        check(&["b", &long], Err("at most 8192 bytes, not 8193"));
        check(&["a\u{1f}b"], Err("text without control characters"));
        check(&["a", ""], Err("values that are not empty"));
    }

    fn take(codes: Option<&[&str]>, raw: &RawValue, expected: &str) {
        let code = |code: &&str| Code {
            code: (*code).into(),
            title: Text::new(*code, *code),
            retired: false,
        };
        let field = Field {
            name: "parts".into(),
            kind: Kind::List(codes.map(|codes| codes.iter().map(code).collect())),
            unit: None,
            title: Text::new("Parts", "部件"),
            description: None,
            sensitivity: Sensitivity::Public,
            range: None,
            core: None,
            event: None,
            retired: false,
        };
        let found = match list_of(&field, field.kind.codes(), raw) {
            Ok(None) => "nothing".to_owned(),
            Ok(Some(list)) => list.as_ref().to_string(),
            Err(fault) => fault.to_string(),
        };
        assert_eq!(found, expected, "{raw:?}");
    }

    #[test]
    fn a_field_takes_several_values_or_a_single_one() {
        let text = |text: &str| RawValue::Text(text.into());
        let list = |texts: &[&str]| RawValue::List(texts.iter().map(|one| text(one)).collect());
        take(None, &list(&["b", " a "]), "b, a");
        take(None, &text(" b "), "b");
        take(None, &RawValue::List(vec![RawValue::Integer(7), RawValue::Boolean(true)]), "7, true");
        for nothing in [list(&[]), list(&["", " "]), text(""), RawValue::Null] {
            take(None, &nothing, "nothing");
        }
        take(None, &RawValue::List(vec![RawValue::Null, text("a")]), "a");
        take(Some(&["arm", "seat"]), &list(&["seat", "arm"]), "seat, arm");
    }

    #[test]
    fn what_a_field_does_not_take_is_named_with_what_was_expected() {
        let text = |text: &str| RawValue::Text(text.into());
        let list = |texts: &[&str]| RawValue::List(texts.iter().map(|one| text(one)).collect());
        take(
            Some(&["arm", "seat"]),
            &list(&["seat", "leg"]),
            "parts: found `leg`, expected one of arm, seat",
        );
        take(
            None,
            &list(&["a", "b", "a"]),
            "parts: found `[a, b, a]`, expected each value once, and `a` comes again",
        );
        take(
            None,
            &RawValue::List(vec![list(&["a"])]),
            "parts: found `[a]`, expected a list of texts",
        );
        take(
            None,
            &RawValue::Nested("{\"a\":1}".into()),
            "parts: found `{\"a\":1}`, expected a list of texts",
        );
    }

    #[test]
    fn a_value_is_in_a_list_when_it_is_the_whole_of_one() {
        let list = TextList::try_new(["flag", "camera"]).expect("a list");
        for (text, expected) in [("flag", true), ("camera", true), ("cam", false), ("", false)] {
            assert_eq!(list.as_ref().has(text), expected, "{text}");
        }
    }
}
