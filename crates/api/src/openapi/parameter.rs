//! The parameters of the API. `style` and `explode` are always spelled out: QGIS passes over a
//! parameter without them, and OGC's suite fails it.

use serde_json::{Value, json};
use terrier_catalog::{
    AS_OF, KNOWN_AT, LIMIT_DEFAULT, LIMIT_MAX, Language, MAX_NEAREST, MAX_SEARCH_CHARS,
    MAX_SORT_FIELDS, NEAREST_DEFAULT, cql2,
};
use terrier_spatial::Crs;

use super::{Queryable, import};
use crate::limits::{MAX_NOTE_BYTES, MAX_REQUEST_KEY_BYTES};
use crate::{CHANGES_LIMIT_DEFAULT, CHANGES_LIMIT_MAX, HISTORY_LIMIT_DEFAULT, HISTORY_LIMIT_MAX};

const FORM: &str = "The form of the answer. It wins over the `Accept` header.";

/// A parameter by its name among the components.
pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/parameters/{name}") })
}

/// The parameter that asks for the features with one value of a field.
pub(super) fn of_queryable(queryable: &Queryable) -> Value {
    let Queryable { name, schema, description } = queryable;
    in_query(name, description, schema)
}

/// The parameter that takes some of these names, with commas between.
pub(super) fn list_of<T: AsRef<str>>(
    name: &str,
    description: &str,
    names: &[T],
    most: Option<usize>,
) -> Value {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let mut schema = json!({
        "type": "array",
        "minItems": 1,
        "items": { "type": "string", "enum": names },
    });
    if let Some(most) = most {
        schema["maxItems"] = most.into();
    }
    in_query(name, description, &schema)
}

pub(super) fn in_query(name: &str, description: &str, schema: &Value) -> Value {
    json!({
        "name": name,
        "in": "query",
        "description": description,
        "required": false,
        "style": "form",
        "explode": false,
        "schema": schema,
    })
}

/// The name of a field as a part of a path.
pub(super) fn queryable_id(names: &[&str]) -> Value {
    in_path("queryableId", "The name of the field.", &json!({ "type": "string", "enum": names }))
}

pub(super) fn in_path(name: &str, description: &str, schema: &Value) -> Value {
    json!({
        "name": name,
        "in": "path",
        "description": description,
        "required": true,
        "style": "simple",
        "explode": false,
        "schema": schema,
    })
}

/// The address of a coordinate system that is offered.
fn system() -> Value {
    let systems: Vec<String> = Crs::published().iter().filter_map(Crs::uri).collect();
    json!({ "type": "string", "format": "uri", "enum": systems, "default": systems[0] })
}

/// The parameters that several paths share.
pub(super) fn components() -> Value {
    let mut all = plain();
    all["sortby"] = sort_by();
    all["q"] = in_query(
        "q",
        "Words that the codes, names and places of a feature have somewhere, all of them; or several \
         such lists with commas between, of which one is enough. The best come first.",
        &json!({ "type": "string", "minLength": 1, "maxLength": MAX_SEARCH_CHARS }),
    );
    for (name, parameter) in placed().into_iter().chain(of_values()) {
        all[name] = parameter;
    }
    all["v"] = in_query(
        "v",
        "What makes the address of a newer schema another one, as links say it. It chooses nothing.",
        &json!({ "type": "string" }),
    );
    let of_log = of_past().into_iter().chain(of_changes()).chain(import::parameters());
    for (name, parameter) in of_writing().into_iter().chain(of_log) {
        all[name] = parameter;
    }
    all["near"] = near();
    all["k"] = nearest();
    all
}

fn in_header(name: &str, description: &str, schema: &Value) -> Value {
    json!({
        "name": name,
        "in": "header",
        "description": description,
        "required": false,
        "style": "simple",
        "explode": false,
        "schema": schema,
    })
}

/// Those of requests that write.
fn of_writing() -> [(&'static str, Value); 10] {
    let text = || json!({ "type": "string" });
    let note = || json!({ "type": "string", "maxLength": MAX_NOTE_BYTES });
    let verb = json!({ "type": "string", "enum": ["update", "correct"], "default": "update" });
    let key = json!({ "type": "string", "minLength": 1, "maxLength": MAX_REQUEST_KEY_BYTES });
    let change = json!({ "type": "integer", "minimum": 1 });
    [
        (
            "verb",
            in_query(
                "verb",
                "How the change is meant: `update`, the street changed; `correct`, the register had it \
                 wrong, and the period stays.",
                &verb,
            ),
        ),
        (
            "valid_from",
            in_query(
                "valid_from",
                "Since when what is said is true in the street: a day (its beginning in UTC), or a time \
                 with its offset. Now when it is not given; never still to come.",
                &text(),
            ),
        ),
        ("reason", in_query("reason", "Why the change is made.", &note())),
        ("source", in_query("source", "Where the knowledge comes from.", &note())),
        (
            "dry-run",
            in_query(
                "dry-run",
                "Whether to tell what would come of it, and write nothing.",
                &json!({ "type": "boolean", "default": false }),
            ),
        ),
        (
            "idempotencyKey",
            in_header(
                "Idempotency-Key",
                "What the client calls the request: sent again, it is answered as the first time, and \
                 done once.",
                &key,
            ),
        ),
        (
            "contentCrs",
            in_header(
                "Content-Crs",
                "The address of the coordinate system of the positions sent, in the order of its axes; \
                 CRS84 when it is not given.",
                &text(),
            ),
        ),
        (
            "ifMatch",
            in_header(
                "If-Match",
                "The tag of the version that the client has seen; otherwise it is 412.",
                &text(),
            ),
        ),
        (
            "prefer",
            in_header(
                "Prefer",
                "`return=representation` for an answer with the asset as it is then, without which it has no \
                 body; `wait=SECONDS` for the end of an import (RFC 7240).",
                &text(),
            ),
        ),
        ("change", in_path("change", "The number of the change.", &change)),
    ]
}

/// Those of a list of values.
fn of_values() -> [(&'static str, Value); 3] {
    let form = json!({ "type": "string", "enum": ["json", "html", "csv"] });
    let begins_with = in_query(
        "begins-with",
        "How the values shall begin, whether in capitals or not.",
        &json!({ "type": "string" }),
    );
    let limit = in_query(
        "limit",
        "The most values in the answer. More than the maximum is taken as the maximum.",
        &json!({
            "type": "integer",
            "minimum": 1,
            "maximum": LIMIT_MAX,
            "default": LIMIT_DEFAULT,
        }),
    );
    [
        ("begins-with", begins_with),
        ("limitOfValues", limit),
        ("fOfTable", in_query("f", FORM, &form)),
    ]
}

fn sort_by() -> Value {
    in_query(
        "sortby",
        "The fields by which the features are sorted, the first one first, each with `-` before it where the \
         greatest shall come first. Features without a value come last either way.",
        &json!({
            "type": "array",
            "minItems": 1,
            "maxItems": MAX_SORT_FIELDS,
            "items": { "type": "string", "pattern": "^[+-]?[a-z][a-z0-9_]*$" },
        }),
    )
}

/// Those that have to do with places and coordinate systems.
fn placed() -> [(&'static str, Value); 6] {
    [
        (
            "clip",
            in_query(
                "clip",
                "Whether lengths and areas of geometries are cut at `bbox`, or at the polygon of \
                 S_INTERSECTS or S_WITHIN in `filter`; without it an asset counts whole.",
                &json!({ "type": "boolean", "default": false }),
            ),
        ),
        (
            "bbox",
            in_query(
                "bbox",
                "A box that the geometry has to meet: west, south, east, north, in degrees of \
             longitude and latitude (CRS84), or two corners in the coordinate system of \
             `bbox-crs` and the order of its axes. A west beyond the east crosses the \
             antimeridian. With six numbers the third and the last are heights, which are not looked at.",
                &json!({
                    "type": "array",
                    "minItems": 4,
                    "maxItems": 6,
                    "items": { "type": "number" },
                }),
            ),
        ),
        (
            "bbox-crs",
            in_query("bbox-crs", "The coordinate system of the numbers in `bbox`.", &system()),
        ),
        (
            "filter-crs",
            in_query(
                "filter-crs",
                "The coordinate system of positions in the filter, in the order of its axes.",
                &system(),
            ),
        ),
        (
            "crs",
            in_query(
                "crs",
                "The coordinate system of the positions in the answer, with the order of its axes. \
             The header `Content-Crs` tells it.",
                &system(),
            ),
        ),
        (
            "skipGeometry",
            in_query(
                "skipGeometry",
                "Whether features are shown without their geometry, which is null then.",
                &json!({ "type": "boolean", "default": false }),
            ),
        ),
    ]
}

/// Those that ask for the past.
fn of_past() -> [(&'static str, Value); 2] {
    let text = json!({ "type": "string" });
    let as_of = "A time, or a day until its end: what was true in the street then is told, instead of \
                 what is now. Not together with `sortby`, `offset`, `near` and `due_state`.";
    let known_at = "The number of a change, a time, or a day until its end: what was known by then is \
                    told, with the class as it was described then. Not together with `sortby`, \
                    `offset`, `near` and `due_state`.";
    [(AS_OF, in_query(AS_OF, as_of, &text)), (KNOWN_AT, in_query(KNOWN_AT, known_at, &text))]
}

/// Those of the log of changes.
fn of_changes() -> [(&'static str, Value); 6] {
    let text = json!({ "type": "string" });
    let number = json!({ "type": "integer", "minimum": 0 });
    let limit = json!({
        "type": "integer",
        "minimum": 1,
        "maximum": CHANGES_LIMIT_MAX,
        "default": CHANGES_LIMIT_DEFAULT,
    });
    let most = "The most changes, or edits of a change, in the answer. More than the maximum is taken \
                as the maximum.";
    let since =
        "A time, or a day from its beginning: changes that were recorded before are left out.";
    let until = "A time, or a day until its end: changes that were recorded later are left out.";
    [
        ("actor", in_query("actor", "Who made the change.", &text)),
        ("before", in_query("before", "The number of a change: only those before it.", &number)),
        ("changesOf", in_query("collection", "The class whose assets it concerns.", &text)),
        ("since", in_query("since", since, &text)),
        ("until", in_query("until", until, &text)),
        ("limitOfChanges", in_query("limit", most, &limit)),
    ]
}

fn near() -> Value {
    in_query(
        "near",
        "A position, as longitude and latitude in degrees (CRS84): the features nearest to it are told, the \
         nearest first, each with its distance along the ground in metres as `distance_m`. Not together with \
         `limit`, `offset`, `sortby` and `token`.",
        &json!({ "type": "array", "minItems": 2, "maxItems": 2, "items": { "type": "number" } }),
    )
}

fn nearest() -> Value {
    in_query(
        "k",
        "How many of the features nearest to `near` are told.",
        &json!({
            "type": "integer",
            "minimum": 1,
            "maximum": MAX_NEAREST,
            "default": NEAREST_DEFAULT,
        }),
    )
}

fn plain() -> Value {
    json!({
        "limit": in_query(
            "limit",
            "The most features in the answer. More than the maximum is taken as the maximum.",
            &json!({
                "type": "integer",
                "minimum": 1,
                "maximum": LIMIT_MAX,
                "default": LIMIT_DEFAULT,
            }),
        ),
        "datetime": in_query(
            "datetime",
            "A time, or an interval as `start/end` with `..` for an open end. It has to meet the \
             time in which the feature is valid.",
            &json!({ "type": "string" }),
        ),
        "filter": in_query(
            "filter",
            "A condition that has to hold, in the language of `filter-lang`, such as `material IN \
             ('steel') AND installed_on < DATE('1995-01-01')`. Where a value that it needs is \
             missing, it does not hold.",
            &json!({ "type": "string", "maxLength": cql2::MAX_FILTER_JSON_BYTES }),
        ),
        "filter-lang": in_query(
            "filter-lang",
            "The language of the filter; `cql-text` is another name of `cql2-text`.",
            &json!({
                "type": "string",
                "enum": cql2::Language::NAMES,
                "default": cql2::Language::NAMES[0],
            }),
        ),
        "on": in_query(
            "on",
            "The day as of which it is told what falls due; today when it is not given. A day in the \
             past is answered for the assets as they are known today.",
            &json!({ "type": "string", "format": "date" }),
        ),
        "offset": in_query(
            "offset",
            "How many features to pass over. The `next` links of an answer are quicker.",
            &json!({ "type": "integer", "minimum": 0, "default": 0 }),
        ),
        "token": in_query(
            "token",
            "Where to go on, as a `next` link says it.",
            &json!({ "type": "string" }),
        ),
        "limitOfVersions": in_query(
            "limit",
            "The most versions, and the most events, in the answer. More than the maximum is \
             taken as the maximum.",
            &json!({
                "type": "integer",
                "minimum": 1,
                "maximum": HISTORY_LIMIT_MAX,
                "default": HISTORY_LIMIT_DEFAULT,
            }),
        ),
        "after": in_query(
            "after",
            "The number of the version after which to go on, as a `next` link says it.",
            &json!({ "type": "integer", "minimum": 0, "default": 0 }),
        ),
        "afterEvent": in_query(
            "after_event",
            "The number of the event after which to go on, as a `next` link says it.",
            &json!({ "type": "integer", "minimum": 0, "default": 0 }),
        ),
        "f": in_query("f", FORM, &json!({ "type": "string", "enum": ["json", "html"] })),
        "lang": in_query(
            "lang",
            "The language of titles and pages. It wins over the `Accept-Language` header.",
            &json!({ "type": "string", "enum": Language::ALL.map(Language::code) }),
        ),
        "fOfFeatures": in_query(
            "f",
            FORM,
            &json!({
                "type": "string",
                "enum": ["json", "html", "jsonfg", "geojsonseq", "csv", "flatgeobuf"],
            }),
        ),
        "workId": in_path(
            "workId",
            "The id of the asset and the kind of work, with a point between.",
            &json!({ "type": "string" }),
        ),
        "featureId": in_path(
            "featureId",
            "The id of the feature.",
            &json!({ "type": "string", "format": "uuid" }),
        ),
    })
}
