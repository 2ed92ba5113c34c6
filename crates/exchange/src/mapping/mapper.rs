//! Makes drafts of rows, as a mapping says.

use std::collections::BTreeMap;
use std::sync::Arc;

use terrier_model::{AssetId, Class, Draft, Fault, Place, RawValue};
use terrier_spatial::Sketch;

use super::{Collection, Entry, Key, Mapping, text_of};
use crate::fault_feature::FAULTS_PROPERTY;
use crate::feature::{self, Feature};
use crate::json::Json;
use crate::row::{Body, Row};

/// The most bytes that the key of a row may have.
pub const MAX_KEY_BYTES: usize = 255;

/// So many names of properties are counted that the mapping does not take.
pub const MAX_UNTAKEN_NAMES: usize = 1_000;

/// So much of a list or an object is shown where a value should be.
const SHOWN_CHARS: usize = 80;

/// So many codes are named where another was found.
const SHOWN_CODES: usize = 20;

/// What becomes of a row.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is an asset, which its class has yet to check.
    Draft {
        /// The class of the asset.
        class: Arc<Class>,
        /// The asset.
        draft: Draft,
    },
    /// No collection of the mapping takes it.
    NotTaken,
    /// It cannot be taken.
    Refused(Vec<Fault>),
}

/// What the rows have that the mapping does not take.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Untaken {
    properties: BTreeMap<Box<str>, u64>,
    unnamed: u64,
    heights: u64,
}

impl Untaken {
    /// The properties with the number of rows that have a value for it, in the order of their
    /// names. Rows that no collection takes do not count.
    pub fn properties(&self) -> impl Iterator<Item = (&str, u64)> {
        self.properties.iter().map(|(name, rows)| (&**name, *rows))
    }

    /// How many values more there were, of properties beyond the first [`MAX_UNTAKEN_NAMES`].
    pub fn unnamed(&self) -> u64 {
        self.unnamed
    }

    /// In how many rows the positions had a third number, which is dropped.
    pub fn heights(&self) -> u64 {
        self.heights
    }

    fn count(&mut self, name: &str, rows: u64) {
        if let Some(count) = self.properties.get_mut(name) {
            *count += rows;
        } else if self.properties.len() < MAX_UNTAKEN_NAMES {
            self.properties.insert(name.into(), rows);
        } else {
            self.unnamed += rows;
        }
    }
}

/// Makes drafts of rows. Each thread has its own.
#[derive(Debug)]
pub struct Mapper {
    mapping: Arc<Mapping>,
    untaken: Untaken,
}

impl Mapper {
    /// A mapper that does as the mapping says.
    pub fn new(mapping: Arc<Mapping>) -> Self {
        Self { mapping, untaken: Untaken::default() }
    }

    /// What has not been taken of the rows so far.
    pub fn into_untaken(self) -> Untaken {
        self.untaken
    }

    /// Reads a row.
    pub fn read(&mut self, row: &Row) -> Outcome {
        if let Some(fault) = &row.fault {
            return Outcome::Refused(vec![fault.clone()]);
        }
        let feature = match &row.body {
            Body::Record(record) => record.feature(),
            Body::Text(text) => match feature::read(text) {
                Ok(feature) => feature,
                Err(error) => return Outcome::Refused(vec![row.syntax_fault(error)]),
            },
        };
        let collections = &self.mapping.collections;
        match collections.iter().find(|collection| collection.takes(&feature)) {
            Some(collection) => collection.draft(feature, &mut self.untaken),
            None if feature.faults.iter().all(is_of_geometry) => Outcome::NotTaken,
            None => Outcome::Refused(feature.faults),
        }
    }
}

fn is_of_geometry(fault: &Fault) -> bool {
    matches!(fault.place, Place::Geometry { .. })
}

impl Collection {
    /// Whether the register itself computes what the property says, as in a file that it exported.
    fn is_computed(&self, property: &str, value: &Json) -> bool {
        let is_named = self.computed.iter().any(|name| **name == *property);
        // Other files have classes of their own.
        is_named && (property != "class" || text_of(value).is_some_and(|t| t == self.class.name()))
    }

    fn takes(&self, feature: &Feature<'_>) -> bool {
        self.conditions.iter().all(|condition| {
            let value = value_of(feature, &condition.property);
            let text = value.and_then(text_of);
            text.is_some_and(|text| condition.texts.iter().any(|other| **other == *text))
        })
    }

    fn draft(&self, feature: Feature<'_>, untaken: &mut Untaken) -> Outcome {
        let mut draft = Draft {
            id: None,
            external_key: None,
            sketch: Sketch::Missing,
            values: Vec::with_capacity(self.constants.len() + feature.properties.len()),
        };
        let mut faults = Vec::new();
        match self.key_of(&feature) {
            Ok((id, external_key)) => (draft.id, draft.external_key) = (id, external_key),
            Err(fault) => faults.push(fault),
        }
        let Feature { id: _, sketch, has_height, properties, faults: found } = feature;
        draft.sketch = sketch;
        faults.extend(found);
        draft.values.extend(self.constants.iter().cloned());
        for (name, value) in properties {
            let Some(uses) = self.uses.get(&*name) else {
                let is_empty = value == Json::Null || text_of(&value).is_some_and(|t| t.is_empty());
                if !is_empty && name != FAULTS_PROPERTY && !self.is_computed(&name, &value) {
                    untaken.count(&name, 1);
                }
                continue;
            };
            for entry in uses.iter().map(|place| &self.entries[*place]) {
                match entry.value(&value) {
                    Ok(value) => draft.values.push((entry.field.clone(), value)),
                    Err(fault) => faults.push(fault),
                }
            }
        }
        untaken.heights += u64::from(has_height);
        if faults.is_empty() {
            return Outcome::Draft { class: Arc::clone(&self.class), draft };
        }
        // Whoever mends the row shall hear everything at once.
        let is_unplaced = faults.iter().any(is_of_geometry);
        let others = draft.check(&self.class).err().unwrap_or_default();
        faults.extend(others.into_iter().filter(|fault| !(is_unplaced && is_of_geometry(fault))));
        faults.truncate(feature::MAX_FAULTS);
        Outcome::Refused(faults)
    }

    fn key_of(&self, feature: &Feature<'_>) -> Result<(Option<AssetId>, Option<String>), Fault> {
        let value = match &self.key {
            Key::FeatureId => &feature.id,
            Key::Property(name) => value_of(feature, name).unwrap_or(&Json::Null),
        };
        let missing = |found: &str| {
            let expected = match &self.key {
                Key::FeatureId => {
                    "an `id` of the feature, or a mapping whose `key` names a property".into()
                }
                Key::Property(name) => format!("a value of property `{name}`, which is the key"),
            };
            Fault::new(Place::Key, found, expected)
        };
        let text = match value {
            Json::Number(_) | Json::Integer(_) | Json::Real(_) | Json::Text(_) => {
                text_of(value).unwrap_or_default()
            }
            Json::Null => return Err(missing("nothing")),
            Json::Boolean(_) | Json::Nested(_) => {
                return Err(Fault::new(Place::Key, value.shown(), "a text or a number"));
            }
        };
        if text.is_empty() {
            return Err(missing(&value.shown()));
        }
        if text.chars().any(char::is_control) {
            let shown = text.escape_debug().to_string();
            return Err(Fault::new(Place::Key, shown, "a key without control characters"));
        }
        if text.len() > MAX_KEY_BYTES {
            let expected = format!("at most {MAX_KEY_BYTES} bytes");
            return Err(Fault::new(Place::Key, text, expected));
        }
        match (&self.key, AssetId::parse(&text)) {
            (Key::FeatureId, Some(id)) => Ok((Some(id), None)),
            _ => Ok((None, Some(text.into_owned()))),
        }
    }
}

fn value_of<'f, 'a>(feature: &'f Feature<'a>, name: &str) -> Option<&'f Json<'a>> {
    feature.properties.iter().find(|(other, _)| other == name).map(|(_, value)| value)
}

impl Entry {
    fn value(&self, value: &Json<'_>) -> Result<RawValue, Fault> {
        let Some(text) = text_of(value) else { return Ok(raw(value)) };
        if self.nulls.iter().any(|null| **null == *text) {
            return Ok(RawValue::Null);
        }
        if let Some(codes) = &self.codes {
            if let Some(value) = codes.values.get(&*text) {
                return Ok(value.clone());
            }
            if text.is_empty() {
                return Ok(RawValue::Null);
            }
            return codes.other.clone().ok_or_else(|| {
                let mut known: Vec<&str> = codes.values.keys().map(|code| &**code).collect();
                known.sort_unstable();
                known.truncate(SHOWN_CODES);
                let expected =
                    format!("a value that the mapping knows, such as {}", known.join(", "));
                Fault::in_field(&self.field, &text, expected)
            });
        }
        if let Some(conversion) = self.conversion
            && let Some(converted) = conversion.apply(&text)
        {
            return Ok(converted);
        }
        Ok(raw(value))
    }
}

/// The value as the model takes it. A whole number that does not fit keeps its digits as text, so
/// that no code or key loses the last of them.
fn raw(value: &Json<'_>) -> RawValue {
    match value {
        Json::Null => RawValue::Null,
        Json::Boolean(truth) => RawValue::Boolean(*truth),
        Json::Text(text) => RawValue::Text((**text).into()),
        Json::Nested(text) => RawValue::Nested(text.chars().take(SHOWN_CHARS).collect()),
        Json::Integer(whole) => RawValue::Integer(*whole),
        Json::Real(number) => RawValue::Number(*number),
        Json::Number(number) => match number.text.parse() {
            Ok(whole) => RawValue::Integer(whole),
            Err(_) if number.is_whole() => RawValue::Text(number.text.into()),
            Err(_) => RawValue::Number(number.value()),
        },
    }
}
