//! Reads a mapping from its TOML document, and refuses what would not do as it says.

use std::sync::Arc;

use terrier_model::{Class, Classes, Field, Kind, RawValue};
use terrier_spatial::CrsError;
use toml::{Table, Value};

use super::date::DATE_KEYS;
use super::{Codes, Collection, Condition, Content, Conversion, Form, Key, Mapping};
use crate::options::ReadOptions;
use crate::position::PositionColumns;

/// A field, the property that fills it, and how.
type NamedContent = (Box<str>, Option<Box<str>>, Content);

/// The name by which `key` means the id of the feature.
const FEATURE_ID: &str = "@id";

/// Why a document is no mapping.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MappingError {
    /// It is no TOML.
    #[error("line {line} of the mapping is no TOML: {what}")]
    Toml {
        /// The line, counted from 1.
        line: usize,
        /// What the parser says.
        what: String,
    },
    /// It says a coordinate system that cannot be taken.
    #[error("{place}: cannot take the coordinate system")]
    Crs {
        /// Where in the mapping.
        place: String,
        /// Why not.
        source: CrsError,
    },
    /// An entry is not as it must be.
    #[error("{place}: found `{found}`, expected {expected}")]
    Entry {
        /// Where in the mapping.
        place: String,
        /// What stands there.
        found: String,
        /// What would have been right.
        expected: String,
    },
}

impl Mapping {
    /// Reads a mapping, for the classes that there are.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &str, classes: &Classes) -> Result<Self, MappingError> {
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            let before = text.get(..error.span().map_or(0, |span| span.start)).unwrap_or_default();
            let line = 1 + before.matches('\n').count();
            MappingError::Toml { line, what: error.message().replace('\n', ", ") }
        })?;
        let top = Entry { place: "the mapping".into() };
        top.allow(&table, &["source", "crs", "file", "geometry", "table", "collection", "events"])?;
        let source = top.of("source").text(top.member(&table, "source")?)?;
        let options = top.options(&table)?;
        let list = top.of("collection");
        if table.contains_key("events") {
            if table.contains_key("collection") {
                return Err(list.refuse("collection", "no [[collection]] beside [[events]]"));
            }
            // Where the assets lie is known.
            let placed = ["crs", "geometry"].into_iter().find(|key| table.contains_key(*key));
            if let Some(key) = placed {
                return Err(top.of(key).refuse(key, "no positions beside [[events]]"));
            }
            let options = ReadOptions { positions: Some(PositionColumns::Unwanted), ..options };
            let events = top.events(&table, classes)?;
            return Ok(Self { source: source.into(), options, collections: Vec::new(), events });
        }
        let Some(Value::Array(documents)) = table.get("collection") else {
            return Err(list.refuse("nothing", "at least one [[collection]], or [[events]]"));
        };
        let mut collections: Vec<Collection> = Vec::new();
        for (number, document) in (1..).zip(documents) {
            let entry = Entry { place: format!("collection {number}") };
            if collections.last().is_some_and(|last| last.form.conditions.is_empty()) {
                let expected = "`where` in the collection before, which takes every row";
                return Err(entry.refuse("a collection that no row reaches", expected));
            }
            collections.push(entry.collection(document, classes)?);
        }
        if collections.is_empty() {
            return Err(list.refuse("[]", "at least one [[collection]]"));
        }
        Ok(Self { source: source.into(), options, collections, events: Vec::new() })
    }
}

/// A place in the document.
pub(super) struct Entry {
    pub(super) place: String,
}

impl Entry {
    pub(super) fn of(&self, key: &str) -> Self {
        Self { place: format!("{}, `{key}`", self.place) }
    }

    pub(super) fn refuse(
        &self,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> MappingError {
        let (place, found, expected) = (self.place.clone(), found.into(), expected.into());
        MappingError::Entry { place, found, expected }
    }

    pub(super) fn allow(&self, table: &Table, keys: &[&str]) -> Result<(), MappingError> {
        match table.keys().find(|key| !keys.contains(&key.as_str())) {
            Some(key) => Err(self.refuse(key, format!("one of the keys {}", keys.join(", ")))),
            None => Ok(()),
        }
    }

    pub(super) fn member<'t>(
        &self,
        table: &'t Table,
        key: &str,
    ) -> Result<&'t Value, MappingError> {
        table.get(key).ok_or_else(|| self.refuse("nothing", format!("a key `{key}`")))
    }

    pub(super) fn table<'t>(&self, value: &'t Value) -> Result<&'t Table, MappingError> {
        value.as_table().ok_or_else(|| self.refuse(show(value), "a table"))
    }

    /// A text that says something.
    pub(super) fn text<'t>(&self, value: &'t Value) -> Result<&'t str, MappingError> {
        match value.as_str() {
            Some(text) if !text.trim().is_empty() && !text.chars().any(char::is_control) => {
                Ok(text)
            }
            _ => Err(self.refuse(show(value), "a text without control characters")),
        }
    }

    /// One value or a list of values, by their texts.
    pub(super) fn texts(&self, value: &Value) -> Result<Vec<Box<str>>, MappingError> {
        let values = match value {
            Value::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        let texts = values.iter().map(|value| match raw(value) {
            Some(_) => Ok(show(value).trim().into()),
            None => Err(self.refuse(show(value), "a text, a number, true or false")),
        });
        texts.collect()
    }

    fn collection(self, document: &Value, classes: &Classes) -> Result<Collection, MappingError> {
        let table = self.table(document)?;
        self.allow(table, &["into", "key", "where", "fields"])?;
        let class = self.of("into").class(self.member(table, "into")?, classes)?;
        let here = Self { place: format!("{} ({})", self.place, class.name()) };
        let (key, conditions) = (here.key(table)?, here.conditions(table)?);
        let mut fields: Vec<NamedContent> = Vec::new();
        if let Some(value) = table.get("fields") {
            let place = here.of("fields");
            for (name, value) in place.table(value)? {
                let (property, content) =
                    place.of(name).field(value, class.fields(), name, class.name())?;
                fields.push((name.as_str().into(), property, content));
            }
            place.check_sources(&fields)?;
        }
        let form = Form::new(class.fields(), key, conditions, fields.into_iter());
        Ok(Collection { class: Arc::clone(class), form, computed: Vec::new() })
    }

    pub(super) fn class<'c>(
        &self,
        value: &Value,
        classes: &'c Classes,
    ) -> Result<&'c Arc<Class>, MappingError> {
        let name = self.text(value)?;
        classes.get(name).ok_or_else(|| {
            let names: Vec<&str> = classes.iter().map(|class| class.name()).collect();
            self.refuse(name, format!("one of {}", names.join(", ")))
        })
    }

    /// By what the rows name their assets.
    pub(super) fn key(&self, table: &Table) -> Result<Key, MappingError> {
        Ok(match table.get("key") {
            None => Key::FeatureId,
            Some(value) => match self.of("key").text(value)? {
                FEATURE_ID => Key::FeatureId,
                property => Key::Property(property.into()),
            },
        })
    }

    /// Which rows are taken.
    pub(super) fn conditions(&self, table: &Table) -> Result<Vec<Condition>, MappingError> {
        let mut conditions = Vec::new();
        if let Some(value) = table.get("where") {
            let place = self.of("where");
            for (property, value) in place.table(value)? {
                let texts = place.of(property).texts(value)?;
                if texts.is_empty() {
                    return Err(place.of(property).refuse("[]", "at least one value"));
                }
                conditions.push(Condition { property: property.as_str().into(), texts });
            }
            if conditions.is_empty() {
                return Err(place.refuse("{}", "at least one property and its value"));
            }
        }
        Ok(conditions)
    }

    /// What fills one of the fields; `of` says whose they are.
    pub(super) fn field(
        &self,
        value: &Value,
        fields: &[Field],
        name: &str,
        of: &str,
    ) -> Result<(Option<Box<str>>, Content), MappingError> {
        let Some(field) = fields.iter().find(|field| *field.name == *name) else {
            let given = fields.iter().filter(|field| field.is_given());
            let names: Vec<&str> = given.map(|field| &*field.name).collect();
            return Err(self.refuse(name, format!("a field of {of}: {}", names.join(", "))));
        };
        if field.retired {
            return Err(self.refuse(name, "a field that is not retired"));
        }
        if !field.is_given() {
            return Err(self.refuse(name, "a field that the register does not compute"));
        }
        let table = match value {
            Value::String(_) => {
                return Ok((Some(self.text(value)?.into()), Content::plain()));
            }
            Value::Table(table) => table,
            _ => {
                let expected = "the name of a property, or a table with `from` or `value`";
                return Err(self.refuse(show(value), expected));
            }
        };
        if let Some(value) = table.get("value") {
            self.allow(table, &["value"])?;
            return Ok((None, Content::Constant(self.value(value, field)?)));
        }
        let keys = ["from", "unit", "split", "codes", "other", "null"];
        self.allow(table, &[&keys[..], &DATE_KEYS].concat())?;
        let from = self.of("from").text(self.member(table, "from")?)?;
        let content = Content::Property {
            split: self.split(table, field.kind.is_list())?,
            nulls: match table.get("null") {
                None => Vec::new(),
                Some(value) => self.of("null").texts(value)?,
            },
            codes: self.codes(table, field)?,
            conversion: self.conversion(table, field)?,
            dates: self.dates(table, field)?,
        };
        Ok((Some(from.into()), content))
    }

    /// Checks that only one of the fields tells where the date of installation comes from.
    fn check_sources(&self, fields: &[NamedContent]) -> Result<(), MappingError> {
        let tells = |(_, _, content): &NamedContent| match content {
            Content::Property { dates: Some(dates), .. } => dates.tells_source,
            Content::Property { .. } | Content::Constant(_) => false,
        };
        let names = ["installed_source", "installed_written"];
        let other = fields.iter().find(|(name, _, _)| names.contains(&&**name));
        match other.filter(|_| fields.iter().any(tells)) {
            None => Ok(()),
            Some((name, _, _)) => Err(self.of(name).refuse(
                &**name,
                "no such field, for `installed_on` with `placeholders` or `source` fills it",
            )),
        }
    }

    fn codes(&self, table: &Table, field: &Field) -> Result<Option<Codes>, MappingError> {
        let other = match table.get("other") {
            None => None,
            Some(value) => Some(self.of("other").value(value, field)?),
        };
        let Some(value) = table.get("codes") else {
            return match other {
                None => Ok(None),
                Some(_) => Err(self.of("other").refuse("other", "`codes` beside it")),
            };
        };
        let place = self.of("codes");
        let mut codes = Codes { values: std::collections::HashMap::new(), other };
        for (text, value) in place.table(value)? {
            let value = place.of(text).value(value, field)?;
            codes.values.insert(text.trim().into(), value);
        }
        Ok(Some(codes))
    }

    fn conversion(&self, table: &Table, field: &Field) -> Result<Option<Conversion>, MappingError> {
        let Some(value) = table.get("unit") else { return Ok(None) };
        let place = self.of("unit");
        let unit = place.text(value)?;
        if !matches!(field.kind, Kind::Number | Kind::Integer) || table.contains_key("codes") {
            return Err(place.refuse(unit, "no unit, for the field takes no measured number"));
        }
        let conversion = Conversion::between(unit, field.unit.as_deref());
        conversion.map(Some).map_err(|expected| place.refuse(unit, expected))
    }

    /// A value that the field takes, which the model decides.
    fn value(&self, value: &Value, field: &Field) -> Result<RawValue, MappingError> {
        let several = value.as_array().filter(|_| field.kind.is_list());
        let raw = match several {
            Some(values) => values.iter().map(raw).collect::<Option<_>>().map(RawValue::List),
            None => raw(value),
        };
        let Some(raw) = raw else {
            return Err(self.refuse(show(value), field.kind.words()));
        };
        match field.fault_in(&raw) {
            Some(fault) => Err(self.refuse(fault.found, fault.expected)),
            None => Ok(raw),
        }
    }
}

fn raw(value: &Value) -> Option<RawValue> {
    match value {
        Value::String(text) => Some(RawValue::Text(text.clone())),
        Value::Integer(number) => Some(RawValue::Integer(*number)),
        Value::Float(number) => Some(RawValue::Number(*number)),
        Value::Boolean(truth) => Some(RawValue::Boolean(*truth)),
        Value::Datetime(time) => Some(RawValue::Text(time.to_string())),
        Value::Array(_) | Value::Table(_) => None,
    }
}

pub(super) fn show(value: &Value) -> String {
    match value {
        Value::String(text) => text.chars().take(80).collect(),
        Value::Float(number) => number.to_string(),
        Value::Array(_) => "a list".into(),
        Value::Table(_) => "a table".into(),
        Value::Integer(_) | Value::Boolean(_) | Value::Datetime(_) => value.to_string(),
    }
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
