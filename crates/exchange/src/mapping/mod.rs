//! Whose rows become what: from the properties of a file to the fields of classes.

mod crs;
mod date;
mod document;
mod event;
mod file;
mod list;
mod mapper;
mod survey;
#[cfg(test)]
mod tests;
mod unit;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use terrier_model::{Class, Field, Kind, RawValue};

pub use self::document::MappingError;
pub use self::event::Happened;
pub(crate) use self::mapper::raw;
pub use self::mapper::{MAX_KEY_BYTES, MAX_UNTAKEN_NAMES, Mapper, Outcome, Untaken};

use self::date::Dates;
pub(crate) use self::unit::Conversion;
use crate::json::{Json, Number};
use crate::options::ReadOptions;

/// How the rows of a file become drafts.
///
/// A mapping is written in TOML:
///
/// ```toml
/// source = "gas-works"                       # whose keys these are
///
/// [[collection]]                             # a row goes to the first whose `where` holds
/// into = "gas_pipes"
/// key = "name"                               # the property by which an asset is found again;
///                                            # "@id", the feature's own id, when it is left out
/// where = { class = "gas", kind = ["main", "service"] }
///
/// [collection.fields]
/// code = "asset_code"                        # a property as it is
/// length_m = { from = "length_km", unit = "km" }
/// lifecycle_status = { from = "status", codes = { ok = "in_service" }, other = "unknown" }
/// installed_on = { from = "laid", placeholders = ["1900-01-01"], source = "as_built" }
/// mounted = { from = "carries", split = ";" } # several values in one text
/// owner = { value = "City" }                 # the same for all rows
/// ```
///
/// In the place of collections, a file of events has `[[events]]`: what happened to assets that are
/// known by the same keys.
///
/// A value that `codes` does not list is a fault of its row, unless `other` says what stands for
/// it. Values are compared by their text without white space around it: 1, 1.0 and "1" are the same.
#[derive(Clone, Debug)]
pub struct Mapping {
    source: Box<str>,
    options: ReadOptions,
    collections: Vec<Collection>,
    /// In the place of collections: which events a row tells. Each whose conditions hold tells one.
    events: Vec<EventForm>,
}

impl Mapping {
    /// The mapping for a file of one class that names its properties as the class names its fields.
    /// A row's key is the id of its feature.
    pub fn plain(source: &str, class: &Arc<Class>) -> Self {
        Self::plain_for(source, class, |_| true)
    }

    /// The same for a sender for whom only some of the fields exist: what others are named like is not
    /// taken, as that which is named like none.
    pub fn plain_for(source: &str, class: &Arc<Class>, sees: impl Fn(&Field) -> bool) -> Self {
        let shown = class.fields().iter().filter(|field| sees(field));
        let writable = shown.filter(|field| field.is_given());
        let fields = writable.map(|field| {
            let content = Content::plain();
            (field.name.clone(), Some(field.name.clone()), content)
        });
        let form = Form::new(class.fields(), Key::FeatureId, Vec::new(), fields);
        let computed = class.fields().iter().filter(|field| !field.is_given() && !field.retired);
        let computed = computed.map(|field| field.name.clone()).collect();
        let collections = vec![Collection { class: Arc::clone(class), form, computed }];
        let options = ReadOptions::default();
        Self { source: source.into(), options, collections, events: Vec::new() }
    }

    /// Whose keys the rows carry.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// How the file is to be read, as far as the mapping says it.
    pub fn options(&self) -> &ReadOptions {
        &self.options
    }

    /// Whether the rows tell what happened to assets that are known, and not what the assets are.
    pub fn is_of_events(&self) -> bool {
        !self.events.is_empty()
    }

    /// The classes into which rows may go, in the order of the mapping; one may come twice.
    pub fn classes(&self) -> impl Iterator<Item = &Arc<Class>> {
        self.collections.iter().map(|collection| &collection.class)
    }

    /// The classes of whose assets rows may tell what happened; `None` is any.
    pub fn classes_of_events(&self) -> impl Iterator<Item = Option<&Arc<Class>>> {
        self.events.iter().map(|event| event.class.as_ref())
    }

    /// The fields that rows may fill, with their classes; one may come twice.
    pub fn fields(&self) -> impl Iterator<Item = (&Arc<Class>, &str)> {
        self.collections.iter().flat_map(|Collection { class, form, computed: _ }| {
            let entries = form.entries.iter().map(|entry| &*entry.field);
            let constants = form.constants.iter().map(|(field, _)| &**field);
            entries.chain(constants).map(move |field| (class, field))
        })
    }
}

/// Which rows go into a class, and how.
#[derive(Clone, Debug)]
struct Collection {
    class: Arc<Class>,
    form: Form,
    /// Properties that say what the register computes, so that nothing is lost without them.
    computed: Vec<Box<str>>,
}

/// Which rows tell an event, and how.
#[derive(Clone, Debug)]
struct EventForm {
    /// The class that the asset must be of; `None` is any.
    class: Option<Arc<Class>>,
    form: Form,
}

/// Which rows are taken, by what they name their asset, and how their properties become fields.
#[derive(Clone, Debug)]
struct Form {
    key: Key,
    /// All must hold.
    conditions: Vec<Condition>,
    entries: Vec<Entry>,
    /// For each property that is used, the places in `entries` that it fills.
    uses: HashMap<Box<str>, Vec<usize>>,
    constants: Vec<(Box<str>, RawValue)>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Key {
    FeatureId,
    Property(Box<str>),
}

/// A property has one of these texts.
#[derive(Clone, Debug)]
struct Condition {
    property: Box<str>,
    texts: Vec<Box<str>>,
}

/// How a property becomes a field.
#[derive(Clone, Debug)]
struct Entry {
    field: Box<str>,
    /// Whether the field takes numbers, which texts may have with another decimal sign.
    is_number: bool,
    /// Whether the field takes several values.
    is_list: bool,
    /// What stands between several values in one text.
    split: Option<Box<str>>,
    nulls: Vec<Box<str>>,
    codes: Option<Codes>,
    conversion: Option<Conversion>,
    dates: Option<Dates>,
}

/// What a field takes.
#[derive(Clone, Debug)]
enum Content {
    Constant(RawValue),
    Property {
        split: Option<Box<str>>,
        nulls: Vec<Box<str>>,
        codes: Option<Codes>,
        conversion: Option<Conversion>,
        dates: Option<Dates>,
    },
}

impl Content {
    /// A property as it is.
    fn plain() -> Self {
        Self::Property {
            split: None,
            nulls: Vec::new(),
            codes: None,
            conversion: None,
            dates: None,
        }
    }
}

#[derive(Clone, Debug)]
struct Codes {
    values: HashMap<Box<str>, RawValue>,
    other: Option<RawValue>,
}

impl Form {
    /// A form for some of these fields, each with the property that fills it, if one does.
    fn new(
        known: &[Field],
        key: Key,
        conditions: Vec<Condition>,
        fields: impl Iterator<Item = (Box<str>, Option<Box<str>>, Content)>,
    ) -> Self {
        let mut uses: HashMap<Box<str>, Vec<usize>> = HashMap::new();
        for condition in &conditions {
            uses.entry(condition.property.clone()).or_default();
        }
        if let Key::Property(property) = &key {
            uses.entry(property.clone()).or_default();
        }
        let (mut entries, mut constants) = (Vec::new(), Vec::new());
        for (field, property, content) in fields {
            match content {
                Content::Constant(value) => constants.push((field, value)),
                Content::Property { split, nulls, codes, conversion, dates } => {
                    uses.entry(property.unwrap_or_default()).or_default().push(entries.len());
                    let known = known.iter().find(|known| known.name == field);
                    let is_number = known
                        .is_some_and(|known| matches!(known.kind, Kind::Number | Kind::Integer));
                    let is_list = known.is_some_and(|known| known.kind.is_list());
                    entries.push(Entry {
                        field,
                        is_number,
                        is_list,
                        split,
                        nulls,
                        codes,
                        conversion,
                        dates,
                    });
                }
            }
        }
        Self { key, conditions, entries, uses, constants }
    }
}

/// The text by which a value is compared and by which it is a key; `None` when there is none.
pub(crate) fn text_of<'a>(value: &'a Json<'_>) -> Option<Cow<'a, str>> {
    match value {
        Json::Null | Json::Nested(_) => None,
        Json::Boolean(true) => Some("true".into()),
        Json::Boolean(false) => Some("false".into()),
        Json::Number(number) => Some(text_of_number(number)),
        Json::Integer(number) => Some(number.to_string().into()),
        // Whole numbers have no point in this text either.
        Json::Real(number) => Some(number.to_string().into()),
        Json::Text(text) => Some(text.trim().into()),
    }
}

/// A number that is whole has the text of a whole number, however it is written.
fn text_of_number<'a>(number: &Number<'a>) -> Cow<'a, str> {
    // Whole numbers up to here are exact.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let value = number.value();
    if number.is_whole() || value.abs() > EXACT {
        number.text.into()
    } else {
        value.to_string().into()
    }
}
