//! The schemas of the answers.

use serde_json::{Value, json};
use terrier_catalog::MAX_GROUPS;
use terrier_model::EventKind;

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn list_of(name: &str) -> Value {
    json!({ "type": "array", "items": reference(name) })
}

fn texts() -> Value {
    json!({ "type": "array", "items": { "type": "string" } })
}

/// The schemas by their names.
pub(super) fn components() -> Value {
    json!({
        "link": link(),
        "landingPage": {
            "type": "object",
            "required": ["links"],
            "properties": {
                "title": { "type": "string" },
                "description": { "type": "string" },
                "links": list_of("link"),
            },
        },
        "conformance": {
            "type": "object",
            "required": ["conformsTo"],
            "properties": { "conformsTo": texts(), "links": list_of("link") },
        },
        "functions": functions(),
        "collections": {
            "type": "object",
            "required": ["links", "collections"],
            "properties": {
                "links": list_of("link"),
                "crs": texts(),
                "collections": list_of("collection"),
            },
        },
        "collection": collection(),
        "extent": extent(),
        "geometry": geometry(),
        "feature": feature(),
        "featureCollection": feature_collection(),
        "summary": summary(),
        "values": values(),
        "figures": figures(),
        "title": title(),
        "history": history(),
        "event": event(),
        "version": version(),
        "changeSets": change_sets(),
        "changeSet": change_set(),
        "health": {
            "type": "object",
            "required": ["status"],
            "properties": {
                "status": { "type": "string" },
                "changeSequence": { "type": "integer", "minimum": 0 },
            },
        },
        "problem": problem(),
    })
}

fn functions() -> Value {
    let types = || {
        let names = ["string", "number", "integer", "datetime", "geometry", "boolean"];
        json!({ "type": "array", "items": { "type": "string", "enum": names } })
    };
    let argument = json!({
        "type": "object",
        "required": ["type"],
        "properties": {
            "title": { "type": "string" },
            "description": { "type": "string" },
            "type": types(),
        },
    });
    let function = json!({
        "type": "object",
        "required": ["name", "returns"],
        "properties": {
            "name": { "type": "string" },
            "description": { "type": "string" },
            "args": { "type": "array", "items": argument },
            "returns": types(),
        },
    });
    json!({
        "type": "object",
        "required": ["functions"],
        "properties": {
            "functions": { "type": "array", "items": function },
            "links": list_of("link"),
        },
    })
}

fn values() -> Value {
    let count = json!({ "type": "integer", "minimum": 0 });
    json!({
        "type": "object",
        "required": ["collection", "name", "title", "numberMatched", "missing", "distinct", "values"],
        "properties": {
            "collection": { "type": "string" },
            "name": { "type": "string" },
            "title": reference("title"),
            "numberMatched": count,
            "missing": count,
            "distinct": count,
            "values": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["value", "count"],
                    "properties": { "value": {}, "count": count, "title": reference("title") },
                },
            },
            "on": { "type": "string", "format": "date" },
            "note": { "type": "string" },
            "links": list_of("link"),
        },
    })
}

fn link() -> Value {
    json!({
        "type": "object",
        "required": ["href", "rel", "type"],
        "properties": {
            "href": { "type": "string", "format": "uri" },
            "rel": { "type": "string" },
            "type": { "type": "string" },
            "title": { "type": "string" },
        },
    })
}

fn collection() -> Value {
    json!({
        "type": "object",
        "required": ["id", "links"],
        "properties": {
            "id": { "type": "string" },
            "title": { "type": "string" },
            "description": { "type": "string" },
            "links": list_of("link"),
            "extent": reference("extent"),
            "itemType": { "type": "string", "default": "feature" },
            "itemCount": {
                "type": "integer",
                "minimum": 0,
                "description": "How many features there are, where that is known.",
            },
            "crs": texts(),
            "storageCrs": { "type": "string" },
        },
    })
}

fn extent() -> Value {
    let edges = json!({
        "type": "array",
        "minItems": 4,
        "maxItems": 4,
        "items": { "type": "number" },
    });
    let ends = json!({
        "type": "array",
        "minItems": 2,
        "maxItems": 2,
        "items": { "type": "string", "format": "date-time", "nullable": true },
    });
    json!({
        "type": "object",
        "description": "Where the features lie and when they are valid; absent when there are none.",
        "properties": {
            "spatial": {
                "type": "object",
                "properties": {
                    "bbox": { "type": "array", "minItems": 1, "items": edges },
                    "crs": { "type": "string" },
                },
            },
            "temporal": {
                "type": "object",
                "properties": {
                    "interval": { "type": "array", "minItems": 1, "items": ends },
                    "trs": { "type": "string" },
                },
            },
        },
    })
}

fn geometry() -> Value {
    json!({
        "type": "object",
        "description": "In the system that was asked for, otherwise longitude and latitude in degrees (WGS 84); \
                        null where it was not asked for.",
        "nullable": true,
        "required": ["type", "coordinates"],
        "properties": {
            "type": {
                "type": "string",
                "enum": ["Point", "LineString", "MultiLineString", "MultiPolygon"],
            },
            "coordinates": { "type": "array", "items": {} },
        },
    })
}

fn feature() -> Value {
    json!({
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": { "type": "string", "enum": ["Feature"] },
            "id": { "type": "string" },
            "geometry": reference("geometry"),
            "properties": {
                "type": "object",
                "description": "Every field of the collection, null where nothing is known.",
            },
            "distance_m": {
                "type": "number",
                "minimum": 0,
                "description": "Metres along the ground from the position that was asked about with `near`.",
            },
            "on": day(),
            "note": note(),
            "links": list_of("link"),
        },
    })
}

fn day() -> Value {
    let text = "The day as of which work falls due; only of such work.";
    json!({ "type": "string", "format": "date", "description": text })
}

fn note() -> Value {
    json!({ "type": "string", "description": "What is to be known of the answer." })
}

fn feature_collection() -> Value {
    let count = json!({ "type": "integer", "minimum": 0 });
    json!({
        "type": "object",
        // A page of the past has no time of its own, and says how many there are only where it is whole.
        "required": ["type", "features", "links", "numberReturned"],
        "properties": {
            "type": { "type": "string", "enum": ["FeatureCollection"] },
            "features": list_of("feature"),
            "links": list_of("link"),
            "timeStamp": { "type": "string", "format": "date-time" },
            "as_of": { "type": "string", "format": "date-time" },
            "known_at": count,
            "on": day(),
            "note": note(),
            "numberMatched": count,
            "numberReturned": count,
        },
    })
}

fn summary() -> Value {
    let field = json!({
        "type": "object",
        "required": ["name", "title"],
        "properties": { "name": { "type": "string" }, "title": reference("title") },
    });
    let measure = json!({
        "type": "object",
        "required": ["name", "title", "basis"],
        "properties": {
            "name": { "type": "string" },
            "title": reference("title"),
            "unit": { "type": "string" },
            "basis": {
                "type": "string",
                "enum": ["counted", "recorded", "geometry"],
                "description": "Where the numbers come from.",
            },
        },
    });
    let mut group = figures();
    group["required"] = json!(["by", "titles", "measures", "missing"]);
    group["properties"]["by"] = json!({
        "type": "object",
        "description": "The value of each field, null where it is not known.",
    });
    group["properties"]["titles"] = json!({
        "type": "object",
        "description": "What people call the values that do not say it themselves.",
        "additionalProperties": reference("title"),
    });
    json!({
        "type": "object",
        "required": ["collection", "group_by", "measures", "clip", "groups", "total", "links"],
        "properties": {
            "collection": { "type": "string" },
            "group_by": { "type": "array", "items": field },
            "measures": { "type": "array", "items": measure },
            "clip": {
                "type": "boolean",
                "description": "Whether lengths and areas of geometries are cut.",
            },
            "groups": { "type": "array", "maxItems": MAX_GROUPS, "items": group },
            "total": reference("figures"),
            "on": day(),
            "note": note(),
            "links": list_of("link"),
        },
    })
}

fn figures() -> Value {
    json!({
        "type": "object",
        "required": ["measures", "missing"],
        "properties": {
            "measures": {
                "type": "object",
                "description": "The figures by their names; null where no feature has a value.",
                "additionalProperties": { "type": "number", "nullable": true },
            },
            "missing": {
                "type": "object",
                "description": "How many features have no value, which the figure leaves out.",
                "additionalProperties": { "type": "integer", "minimum": 0 },
            },
        },
    })
}

fn title() -> Value {
    json!({
        "type": "object",
        "required": ["en", "zh"],
        "properties": { "en": { "type": "string" }, "zh": { "type": "string" } },
    })
}

fn history() -> Value {
    json!({
        "type": "object",
        "required": ["id", "class", "versions", "events", "links"],
        "properties": {
            "id": { "type": "string", "format": "uuid" },
            "class": { "type": "string" },
            "versions": list_of("version"),
            "events": list_of("event"),
            "links": list_of("link"),
        },
    })
}

fn event() -> Value {
    let date = |description: &str| {
        json!({
            "type": "string",
            "format": "date",
            "nullable": true,
            "description": description,
        })
    };
    let change = |text: &str| json!({ "type": "object", "nullable": true, "description": text });
    json!({
        "type": "object",
        "description": "Something that happened to the asset, as far as the collection shows it.",
        "required": ["event", "kind", "on", "recorded"],
        "properties": {
            "event": { "type": "integer", "minimum": 1 },
            "kind": { "type": "string", "enum": EventKind::ALL.map(EventKind::code) },
            "on": { "type": "string", "format": "date" },
            "result": {
                "type": "string",
                "nullable": true,
                "description": "What an assessment came to.",
            },
            "grade": {
                "type": "string",
                "nullable": true,
                "description": "The grade of a condition.",
            },
            "next_on": date("By when it says that work follows."),
            "recorded": change("The change that made it known."),
            "superseded": change("The change since which it is no longer held."),
        },
    })
}

fn version() -> Value {
    let time = json!({ "type": "string", "format": "date-time" });
    let change = |text: &str| json!({ "type": "object", "nullable": true, "description": text });
    json!({
        "type": "object",
        "required": ["version", "valid_from", "recorded", "feature"],
        "properties": {
            "version": { "type": "integer", "minimum": 1 },
            "state": {
                "type": "string",
                "enum": ["standing", "ended", "retired", "corrected", "withdrawn"],
            },
            "valid_from": time,
            "valid_to": { "type": "string", "format": "date-time", "nullable": true },
            "recorded": change("The change that made it known."),
            "superseded": change("The change that put another in its place."),
            "ended": change("The change that ended it."),
            "changed": {
                "type": "array",
                "nullable": true,
                "description": "The fields in which it differs from the version before.",
                "items": { "type": "object" },
            },
            "feature": reference("feature"),
        },
    })
}

fn change_sets() -> Value {
    json!({
        "type": "object",
        "required": ["changes", "links"],
        "properties": { "changes": list_of("changeSet"), "links": list_of("link") },
    })
}

fn change_set() -> Value {
    let count = json!({ "type": "integer", "minimum": 0 });
    let text = json!({ "type": "string" });
    let effect = json!({
        "type": "object",
        "required": ["collection", "created", "changed", "retired"],
        "properties": {
            "collection": text,
            "created": count,
            "changed": count,
            "retired": count,
            "events": count,
            "events_superseded": count,
        },
    });
    let edit = json!({
        "type": "object",
        "required": ["asset", "collection", "effect", "history"],
        "properties": {
            "asset": { "type": "string", "format": "uuid" },
            "collection": text,
            "effect": { "type": "string", "enum": ["created", "changed", "retired", "event"] },
            "former": { "type": "integer", "minimum": 1, "nullable": true },
            "version": { "type": "integer", "minimum": 1 },
            "valid_from": { "type": "string", "format": "date-time" },
            "valid_to": { "type": "string", "format": "date-time", "nullable": true },
            "changed": {
                "type": "array",
                "nullable": true,
                "description": "The fields in which it differs from the version before.",
                "items": { "type": "object" },
            },
            "event": reference("event"),
            "history": { "type": "string", "format": "uri" },
        },
    });
    json!({
        "type": "object",
        "required": ["sequence", "recorded_at", "actor", "verb", "reason", "origin", "effects"],
        "properties": {
            "sequence": { "type": "integer", "minimum": 1 },
            "recorded_at": { "type": "string", "format": "date-time" },
            "actor": text,
            "verb": { "type": "string", "enum": ["update", "correct"] },
            "reason": text,
            "source": { "type": "string", "nullable": true },
            "origin": text,
            "effects": { "type": "array", "items": effect },
            "edits": { "type": "array", "items": edit },
            "links": list_of("link"),
        },
    })
}

fn problem() -> Value {
    json!({
        "type": "object",
        "description": "RFC 9457.",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": { "type": "string", "format": "uri-reference" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "parameter": { "type": "string", "description": "The parameter at fault." },
            "errors": {
                "type": "array",
                "description": "What is wrong with a body, each with a pointer into it (RFC 6901).",
                "items": {
                    "type": "object",
                    "required": ["pointer", "code", "found", "expected"],
                    "properties": {
                        "pointer": { "type": "string" },
                        "code": { "type": "string" },
                        "found": { "type": "string" },
                        "expected": { "type": "string" },
                    },
                },
            },
            "current": { "type": "object", "description": "The feature as it is." },
            "import": {
                "type": "object",
                "description": "The import that failed, or of which nothing was taken.",
            },
            "changed": {
                "type": "object",
                "description": "The fields that have changed since a version.",
                "properties": {
                    "since": { "type": "integer" },
                    "fields": { "type": "array", "items": { "type": "object" } },
                },
            },
            "later": {
                "type": "array",
                "description": "What later changes say of the same assets.",
                "items": {
                    "type": "object",
                    "properties": {
                        "collection": { "type": "string" },
                        "id": { "type": "string" },
                        "change": { "type": "integer" },
                    },
                },
            },
        },
    })
}
