//! Values that features of a collection have, to ask for them.

use jiff::civil::Date;
use serde_json::Value as Json;

use crate::collection::Collection;
use crate::limits::SAMPLE_PAGE;
use crate::server::Server;

/// A property with one of its values.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) value: Json,
}

impl Sample {
    /// The property as it is written in CQL2 text.
    pub(crate) fn property(&self) -> String {
        format!("\"{}\"", self.name)
    }

    /// The value as it is written in CQL2 text.
    pub(crate) fn literal(&self) -> String {
        match &self.value {
            Json::Array(values) => {
                let values: Vec<String> = values.iter().map(literal).collect();
                format!("({})", values.join(","))
            }
            value => literal(value),
        }
    }

    /// The value as a parameter.
    pub(crate) fn plain(&self) -> String {
        self.value.as_str().map_or_else(|| self.value.to_string(), Into::into)
    }
}

fn literal(value: &Json) -> String {
    match value {
        Json::String(text) => format!("'{}'", text.replace('\'', "''")),
        other => other.to_string(),
    }
}

/// Which kind of property is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
    Date,
    /// Several texts.
    Texts,
}

/// The first property of a kind in a schema of queryables or sortables of which a feature has a value.
pub(crate) fn sample(
    server: &mut Server,
    collection: &Collection,
    schema: &Json,
    kind: Kind,
) -> Option<Sample> {
    let page = server.items(collection, &[("limit", &SAMPLE_PAGE.to_string())]);
    let properties = schema["properties"].as_object()?;
    let mut wanted = properties.iter().filter(|(_, property)| is_of(property, kind));
    wanted.find_map(|(name, _)| {
        let values = page.features().iter().map(|feature| &feature["properties"][name]);
        let value = values.into_iter().find(|value| fits(value, kind))?.clone();
        Some(Sample { name: name.clone(), value })
    })
}

fn is_of(property: &Json, kind: Kind) -> bool {
    let (form, format) = (property["type"].as_str(), property["format"].as_str());
    match kind {
        Kind::Text => form == Some("string") && format.is_none(),
        Kind::Number => matches!(form, Some("number" | "integer")),
        Kind::Date => form == Some("string") && format == Some("date"),
        Kind::Texts => form == Some("array") && property["items"]["type"] == "string",
    }
}

fn fits(value: &Json, kind: Kind) -> bool {
    match kind {
        // What is an operator or a wildcard somewhere would need more care than it is worth.
        Kind::Text => value.as_str().is_some_and(|text| {
            !text.is_empty() && !text.contains(['\'', '%', '_', '\\', ',', '*'])
        }),
        Kind::Texts => value
            .as_array()
            .is_some_and(|texts| !texts.is_empty() && texts.iter().all(Json::is_string)),
        Kind::Number => value.is_number(),
        Kind::Date => value.as_str().is_some_and(|text| text.parse::<Date>().is_ok()),
    }
}
