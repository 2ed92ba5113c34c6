//! The headers of answers. What any web server sends, and what browsers ask for, is not told.

use serde_json::{Map, Value, json};

/// Those of an answer with the state of the registry.
pub(super) const OF_STATE: [&str; 3] = ["ETag", "Cache-Control", "Vary"];

/// Those of an answer that nobody keeps.
pub(super) const OF_MOMENT: [&str; 2] = ["Cache-Control", "Vary"];

/// Those of a feature, beside those of its state.
pub(super) const OF_FEATURE: [&str; 3] = ["Link", "Content-Crs", "Memento-Datetime"];

/// Those of a page of features, beside those of its state.
pub(super) const OF_FEATURES: [&str; 5] =
    ["Link", "Content-Crs", "Memento-Datetime", "OGC-NumberMatched", "OGC-NumberReturned"];

/// References to headers by their names.
pub(super) fn references(names: impl IntoIterator<Item = &'static str>) -> Map<String, Value> {
    let reference =
        |name: &str| (name.to_owned(), json!({ "$ref": format!("#/components/headers/{name}") }));
    names.into_iter().map(reference).collect()
}

/// A header of the components, in an answer that may be without it.
pub(super) fn optional(name: &str) -> Value {
    let mut header = components()[name].take();
    header["required"] = false.into();
    header
}

/// The headers by their names. One that is not required stands where there is something to say.
pub(super) fn components() -> Value {
    let header = |description: &str, required: bool, schema: Value| json!({ "description": description, "required": required, "schema": schema });
    let text = || json!({ "type": "string" });
    let count = || json!({ "type": "integer", "minimum": 0 });
    json!({
        "ETag": header("The state of the answer; `If-None-Match` sends it back.", true, text()),
        "Cache-Control": header("Whether the answer may be kept.", true, text()),
        "Vary": header("On which headers of the request the answer depends.", true, text()),
        "Link": header(
            "The links of the answer, that to the next page first, and of the others as many as there is room for.",
            true,
            text(),
        ),
        "Content-Crs": header(
            "The address of the coordinate system of the positions, between `<` and `>`.",
            true,
            text(),
        ),
        "Memento-Datetime": header(
            "When the change was recorded up to which `known-at` asks what was known (RFC 7089).",
            false,
            text(),
        ),
        "OGC-NumberMatched": header(
            "How many features meet every condition; of the past only where one page has them all.",
            false,
            count(),
        ),
        "OGC-NumberReturned": header("How many features are in the answer.", true, count()),
        "Content-Language": header(
            "The language in which titles and pages are told, where it depends on `lang` or `Accept-Language`.",
            false,
            text(),
        ),
        "Accept-Post": header("The media types that may be posted here.", false, text()),
        "Accept-Patch": header("The media types of patches that are taken here.", false, text()),
        "Location": header("The address of what was made.", true, text()),
        "Preference-Applied": header("Which preference of `Prefer` was honoured.", false, text()),
        "WWW-Authenticate": header("How a key is sent.", true, text()),
        "Retry-After": header("In how many seconds to ask again.", true, count()),
    })
}
