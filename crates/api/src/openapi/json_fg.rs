//! The schemas of features in JSON-FG: those of GeoJSON with what it has beside.

use serde_json::{Value, json};

use super::of_schema;

/// Adds the schemas of a feature and of a page of them to those that have them as GeoJSON.
pub(super) fn add_to(schemas: &mut Value) {
    let feature = json!({
        "conformsTo": conforms_to(),
        "coordRefSys": system(),
        "featureType": feature_type(),
        "place": of_schema("geometry"),
        "time": {
            "type": "object",
            "description": "When the feature is valid; `..` is an open end.",
            "required": ["interval"],
            "properties": {
                "interval": {
                    "type": "array",
                    "minItems": 2,
                    "maxItems": 2,
                    "items": { "type": "string" },
                },
            },
        },
    });
    schemas["featureFg"] =
        extended(&schemas["feature"], feature, &["featureType", "place", "time"]);
    let page = json!({
        "conformsTo": conforms_to(),
        "coordRefSys": system(),
        "featureType": feature_type(),
        "features": { "type": "array", "items": of_schema("featureFg") },
    });
    let required = ["conformsTo", "featureType"];
    schemas["featureCollectionFg"] = extended(&schemas["featureCollection"], page, &required);
}

/// A schema of an object with more members, of which some are always there.
fn extended(schema: &Value, members: Value, required: &[&str]) -> Value {
    let mut schema = schema.clone();
    if let (Some(all), Value::Object(members)) = (schema["properties"].as_object_mut(), members) {
        all.extend(members);
    }
    if let Some(all) = schema["required"].as_array_mut() {
        all.extend(required.iter().map(|name| Value::from(*name)));
    }
    schema
}

fn conforms_to() -> Value {
    let text = "What the document keeps of JSON-FG; at its top alone.";
    json!({ "type": "array", "description": text, "items": { "type": "string" } })
}

fn system() -> Value {
    let text = "The address of the coordinate system of `place`, where that is not longitude and latitude.";
    json!({ "type": "string", "description": text })
}

fn feature_type() -> Value {
    json!({ "type": "string", "description": "The name of the collection." })
}
