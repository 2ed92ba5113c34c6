//! What a schema of queryables, sortables or features keeps.

use serde_json::{Map, Value as Json};

use crate::address::without_query;
use crate::answer::{Answer, shown};
use crate::finding::Findings;

const DRAFTS: [&str; 2] = [
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
];
/// The kinds of geometry that a spatial property may have behind `geometry-`.
const GEOMETRIES: [&str; 10] = [
    "any",
    "point",
    "multipoint",
    "point-or-multipoint",
    "linestring",
    "multilinestring",
    "linestring-or-multilinestring",
    "polygon",
    "multipolygon",
    "polygon-or-multipolygon",
];

/// It is a schema of an object, of a known draft, at its own address.
pub(crate) fn head(answer: &Answer, findings: &mut Findings) {
    findings.status(answer, 200);
    let form = answer.media_type();
    findings.check(
        form == "application/schema+json",
        answer,
        || form.clone(),
        "application/schema+json",
    );
    let document = answer.json();
    let draft = &document["$schema"];
    let is_known = draft.as_str().is_some_and(|draft| DRAFTS.contains(&draft));
    findings.value(is_known, answer, draft, "`$schema` is that of the draft 2019-09 or 2020-12");
    let id = &document["$id"];
    let is_own = id.as_str() == Some(without_query(&answer.address));
    findings.value(is_own, answer, id, "`$id` is the address without its query");
    findings.value(document["type"] == "object", answer, &document["type"], "`type` is `object`");
}

/// Each of its properties says what it is: a type, or a kind of geometry.
pub(crate) fn properties(answer: &Answer, findings: &mut Findings) {
    for (name, property) in members(answer) {
        let found = || format!("`{name}`: {}", shown(property));
        let format = property["format"].as_str().unwrap_or_default();
        if let Some(kind) = format.strip_prefix("geometry-") {
            let is_plain = property.get("type").is_none() && property.get("$ref").is_none();
            let is_known = GEOMETRIES.contains(&kind) || kind == "geometrycollection";
            let expected = "a format of the standard, without `type` and `$ref`";
            findings.check(is_plain && is_known, answer, found, expected);
        } else {
            let has_type = property.get("type").is_some();
            findings.check(has_type, answer, found, "a `type`, or a format `geometry-…`");
        }
    }
    let more = answer.json().get("additionalProperties");
    let found = || shown(more.unwrap_or(&Json::Null));
    let is_so = more.is_none_or(|more| *more == Json::Bool(false));
    findings.check(is_so, answer, found, "`additionalProperties` is false or absent");
}

/// The properties of the schema.
pub(crate) fn members(answer: &Answer) -> impl Iterator<Item = (&String, &Json)> {
    answer.json()["properties"].as_object().into_iter().flat_map(Map::iter)
}

/// The name of its first spatial property.
pub(crate) fn geometry(answer: &Answer) -> Option<String> {
    let is_spatial = |property: &Json| {
        property["format"].as_str().is_some_and(|format| format.starts_with("geometry-"))
    };
    members(answer).find(|(_, property)| is_spatial(property)).map(|(name, _)| name.clone())
}
