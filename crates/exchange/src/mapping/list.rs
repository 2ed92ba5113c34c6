//! How a property becomes a field that holds several values: a list of JSON as it is, the text of one,
//! as formats without lists have it, or a text that is split.

use std::borrow::Cow;

use terrier_model::{Fault, MAX_LIST_VALUES, RawValue};
use toml::Table;

use super::mapper::is_empty;
use super::{Entry, MappingError};
use crate::json::{Cursor, Json};

/// The longest text that may stand between two values, in bytes.
const MAX_SPLIT_BYTES: usize = 16;

impl super::document::Entry {
    /// Reads what stands between two values of a list.
    pub(super) fn split(
        &self,
        table: &Table,
        is_list: bool,
    ) -> Result<Option<Box<str>>, MappingError> {
        let Some(value) = table.get("split") else { return Ok(None) };
        let place = self.of("split");
        let split = place.text(value)?;
        if !is_list {
            return Err(place.refuse(split, "no such key, for the field takes one value"));
        }
        if split.len() > MAX_SPLIT_BYTES {
            return Err(place.refuse(split, format!("at most {MAX_SPLIT_BYTES} bytes")));
        }
        Ok(Some(split.into()))
    }
}

impl Entry {
    /// The values that a property gives to a list, each taken as a property of its own would be.
    pub(super) fn list(&self, value: &Json<'_>, decimal: Option<char>) -> Result<RawValue, Fault> {
        let several = match (value, &self.split) {
            (Json::Text(text), Some(split)) => {
                let pieces = text.split(&**split).map(|piece| Json::Text(Cow::Borrowed(piece)));
                Some(bounded(pieces))
            }
            (Json::Text(text), None) => elements(text),
            (Json::Nested(text), _) => elements(text),
            _ => None,
        };
        let Some(several) = several else { return self.one(value, decimal) };
        if several.len() > MAX_LIST_VALUES {
            let expected = format!("at most {MAX_LIST_VALUES} values");
            return Err(Fault::in_field(&self.field, value.shown(), expected));
        }
        let mut values = Vec::with_capacity(several.len());
        for one in &several {
            let found = match self.one(one, decimal)? {
                // A code of the file may stand for several.
                RawValue::List(found) => found,
                found => vec![found],
            };
            // Two codes of the file may stand for the same. What was written twice is a fault.
            let is_new = |value: &RawValue| self.codes.is_none() || !values.contains(value);
            let found: Vec<RawValue> = found.into_iter().filter(is_new).collect();
            values.extend(found);
        }
        Ok(RawValue::List(values))
    }
}

/// The elements of a list in JSON; `None` when the text is none.
fn elements(text: &str) -> Option<Vec<Json<'_>>> {
    let mut cursor = Cursor::new(text.as_bytes());
    cursor.space();
    if cursor.peek() != Some(b'[') {
        return None;
    }
    let (mut values, mut begun) = (Vec::new(), false);
    while cursor.element(&mut begun).ok()? {
        let value = cursor.value().ok()?;
        if values.len() <= MAX_LIST_VALUES && !is_empty(&value) {
            values.push(value);
        }
    }
    cursor.end().ok()?;
    Some(values)
}

/// Those that are not empty, up to one more than a list may have.
fn bounded<'a>(values: impl Iterator<Item = Json<'a>>) -> Vec<Json<'a>> {
    values.filter(|value| !is_empty(value)).take(MAX_LIST_VALUES + 1).collect()
}
