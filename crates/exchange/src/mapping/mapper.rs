//! Makes drafts of rows, as a mapping says.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use terrier_model::{AssetId, Class, Draft, Fault, Kind, Place, RawValue};
use terrier_spatial::{Crs, ShapeFault, Sketch};

use super::event::{self, Happened};
use super::{Collection, Entry, Form, Key, Mapping, text_of};
use crate::crs;
use crate::description::Description;
use crate::fault_feature::FAULTS_PROPERTY;
use crate::feature::{self, Feature};
use crate::header::ID_COLUMN;
use crate::json::Json;
use crate::position::PositionColumns;
use crate::row::Row;

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
    /// It tells what happened to an asset that is known.
    Happened(Happened),
    /// Nothing of the mapping takes it, or it tells of nothing that has happened yet.
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

    pub(super) fn count(&mut self, name: &str, rows: u64) {
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
    placing: Placing,
    /// The columns that nobody need take.
    spare_columns: Vec<Box<str>>,
    untaken: Untaken,
}

/// Where the positions of the rows are found, and what they mean.
#[derive(Debug)]
struct Placing {
    /// The coordinate system of the rows; `None` where nothing is to be converted.
    crs: Option<Crs>,
    /// A member `crs` that names it, as rows before wrote it: files write it alike in each.
    known_crs: Box<str>,
    /// The columns with their positions, and the decimal sign of these.
    columns: Option<PositionColumns>,
    decimal: Option<char>,
}

impl Mapper {
    /// A mapper that does as the mapping says, for the rows of a file that is so. Without a
    /// coordinate system, positions are taken for longitude and latitude on WGS 84.
    pub fn new(mapping: Arc<Mapping>, file: &Description) -> Self {
        Self {
            mapping,
            placing: Placing {
                crs: file.crs.clone().filter(|crs| !crs.is_wgs84()),
                known_crs: Box::default(),
                columns: file.positions.clone(),
                decimal: file.decimal,
            },
            spare_columns: file.spare_columns.clone(),
            untaken: Untaken::default(),
        }
    }

    /// What has not been taken of the rows so far.
    pub fn into_untaken(self) -> Untaken {
        let mut untaken = self.untaken;
        for name in &self.spare_columns {
            untaken.properties.remove(name);
        }
        untaken
    }

    /// Reads a row.
    pub fn read(&mut self, row: &Row) -> Outcome {
        let mut feature = match row.feature() {
            Ok(feature) => feature,
            Err(fault) => return Outcome::Refused(vec![fault]),
        };
        if self.mapping.is_of_events() {
            return event::read(
                &self.mapping.events,
                &feature,
                self.placing.decimal,
                &mut self.untaken,
            );
        }
        match self.mapping.collections.iter().find(|collection| collection.form.takes(&feature)) {
            Some(collection) => {
                self.placing.place(&mut feature);
                let (positions, decimal) = (self.placing.columns.as_ref(), self.placing.decimal);
                collection.draft(feature, positions, decimal, &mut self.untaken)
            }
            None if feature.faults.iter().all(is_of_geometry) => Outcome::NotTaken,
            None => Outcome::Refused(feature.faults),
        }
    }
}

impl Placing {
    /// Brings the geometry of a row to WGS 84.
    fn place(&mut self, feature: &mut Feature<'_>) {
        if let Some(columns) = &self.columns {
            columns.place(feature, self.decimal);
        }
        if let Some(text) = feature.crs.filter(|text| **text != *self.known_crs) {
            self.check_crs(feature, text);
        }
        let Some(crs) = &self.crs else { return };
        match std::mem::replace(&mut feature.sketch, Sketch::Missing).into_wgs84(crs) {
            Ok(sketch) => feature.sketch = sketch,
            Err(ShapeFault { part, vertex, found, expected }) => {
                let place = Place::Geometry { part, vertex };
                feature.faults.push(Fault::new(place, found, expected));
            }
        }
    }

    /// Checks the text of a member `crs` that a row has for itself.
    fn check_crs(&mut self, feature: &mut Feature<'_>, text: &str) {
        let is_same = |name: &str| match &self.crs {
            Some(crs) if crs.code() == name => true,
            Some(crs) => Crs::find(name).is_ok_and(|other| crs::is_same(crs, &other)),
            None => Crs::find(name).is_ok_and(|other| other.is_wgs84()),
        };
        let found = match crs::name_in(text) {
            Ok(None) => return,
            Ok(Some(name)) if is_same(&name) => {
                self.known_crs = text.into();
                return;
            }
            Ok(Some(name)) => name,
            Err(text) => text,
        };
        let code = self.crs.as_ref().map_or("OGC:CRS84", Crs::code);
        let expected = format!("the coordinate system of the file, {code}, as `crs`");
        feature.faults.push(Fault::new(Place::Row, found, expected));
    }
}

pub(super) fn is_empty(value: &Json<'_>) -> bool {
    *value == Json::Null || text_of(value).is_some_and(|text| text.is_empty())
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

    fn draft(
        &self,
        feature: Feature<'_>,
        positions: Option<&PositionColumns>,
        decimal: Option<char>,
        untaken: &mut Untaken,
    ) -> Outcome {
        let Self { class, form, computed: _ } = self;
        let mut draft = Draft {
            id: None,
            external_key: None,
            sketch: Sketch::Missing,
            values: Vec::with_capacity(form.constants.len() + feature.properties.len()),
        };
        let mut faults = Vec::new();
        match form.key_of(&feature) {
            Ok((id, external_key)) => (draft.id, draft.external_key) = (id, external_key),
            Err(fault) => faults.push(fault),
        }
        let Feature { id, sketch, has_height, properties, crs: _, faults: found } = feature;
        draft.sketch = sketch;
        faults.extend(found);
        draft.values.extend(form.constants.iter().cloned());
        for (name, value) in properties {
            let Some(uses) = form.uses.get(&*name) else {
                // A table has the id of its rows in a column.
                let is_id = name == ID_COLUMN && text_of(&value) == text_of(&id);
                let is_position = positions.is_some_and(|positions| positions.has(&name));
                let is_known = is_id || is_position || name == FAULTS_PROPERTY;
                if !is_known && !is_empty(&value) && !self.is_computed(&name, &value) {
                    untaken.count(&name, 1);
                }
                continue;
            };
            faults.extend(form.take(uses, &value, decimal, &mut draft.values));
        }
        untaken.heights += u64::from(has_height);
        if faults.is_empty() {
            return Outcome::Draft { class: Arc::clone(class), draft };
        }
        // Whoever mends the row shall hear everything at once.
        let is_unplaced = faults.iter().any(is_of_geometry);
        let others = draft.check(class).err().unwrap_or_default();
        faults.extend(others.into_iter().filter(|fault| !(is_unplaced && is_of_geometry(fault))));
        faults.truncate(feature::MAX_FAULTS);
        Outcome::Refused(faults)
    }
}

impl Form {
    /// Whether all conditions hold for a row.
    pub(super) fn takes(&self, feature: &Feature<'_>) -> bool {
        self.conditions.iter().all(|condition| {
            let value = feature.property(&condition.property);
            let text = value.and_then(text_of);
            text.is_some_and(|text| condition.texts.iter().any(|other| **other == *text))
        })
    }

    /// Adds what a property gives to the fields that it fills, whose entries have these places, and
    /// answers what is wrong with it.
    pub(super) fn take(
        &self,
        uses: &[usize],
        value: &Json<'_>,
        decimal: Option<char>,
        values: &mut Vec<(Box<str>, RawValue)>,
    ) -> Vec<Fault> {
        let entries = uses.iter().map(|place| &self.entries[*place]);
        entries.filter_map(|entry| entry.take(value, decimal, values).err()).collect()
    }

    /// By what a row names its asset: an id, or the key of its source.
    pub(super) fn key_of(
        &self,
        feature: &Feature<'_>,
    ) -> Result<(Option<AssetId>, Option<String>), Fault> {
        let value = match &self.key {
            Key::FeatureId => &feature.id,
            Key::Property(name) => feature.property(name).unwrap_or(&Json::Null),
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

impl Entry {
    /// Adds what a value gives to the field, and to those that tell of it.
    fn take(
        &self,
        value: &Json<'_>,
        decimal: Option<char>,
        values: &mut Vec<(Box<str>, RawValue)>,
    ) -> Result<(), Fault> {
        let Some(dates) = &self.dates else {
            let taken = if self.is_list { Self::list } else { Self::one };
            values.push((self.field.clone(), taken(self, value, decimal)?));
            return Ok(());
        };
        let text = match value {
            Json::Null => "".into(),
            value => text_of(value)
                .ok_or_else(|| Fault::in_field(&self.field, value.shown(), Kind::Date.words()))?,
        };
        let is_null = self.nulls.iter().any(|null| **null == *text);
        values.extend(dates.values(&self.field, if is_null { "" } else { &text })?);
        Ok(())
    }

    /// A single value.
    pub(super) fn one(&self, value: &Json<'_>, decimal: Option<char>) -> Result<RawValue, Fault> {
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
        let text = match value {
            Json::Text(_) if decimal == Some(',') && self.is_number => self.with_point(text)?,
            _ => text,
        };
        if let Some(conversion) = self.conversion
            && let Some(converted) = conversion.apply(&text)
        {
            return Ok(converted);
        }
        match (value, text) {
            (Json::Text(_), text) => Ok(RawValue::Text(text.into_owned())),
            _ => Ok(raw(value)),
        }
    }
}

impl Entry {
    /// A number with a decimal comma as one with a point. One with a point may mean thousands by it.
    fn with_point<'a>(&self, text: Cow<'a, str>) -> Result<Cow<'a, str>, Fault> {
        if text.contains('.') {
            let expected = "a number whose decimal sign is `,`, as in the rest of the file";
            return Err(Fault::in_field(&self.field, &text, expected));
        }
        Ok(if text.contains(',') { text.replace(',', ".").into() } else { text })
    }
}

/// The value as the model takes it. A whole number that does not fit keeps its digits as text, so
/// that no code or key loses the last of them.
pub(crate) fn raw(value: &Json<'_>) -> RawValue {
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
