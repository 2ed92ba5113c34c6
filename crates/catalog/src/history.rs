//! The versions of an asset as JSON: when each was true, when it was known, and what it changed.

use serde_json::value::RawValue;
use serde_json::{Value as Json, json};
use terrier_model::{Asset, ChangeSet, Scope, Version};

use crate::{Collection, Fragments, write_geometry, write_value};

/// Writes the versions, which are in order, as a JSON list. `former` is the version before the
/// first of them, when there is one. Fields that the scope does not show are left out.
pub fn history_json(
    versions: &[Version],
    former: Option<&Version>,
    collection: &Collection,
    scope: Scope,
) -> Json {
    let mut before = former.map(|version| &version.asset);
    let mut list = Vec::with_capacity(versions.len());
    for Version { asset, recorded, superseded, ended } in versions {
        list.push(json!({
            "version": asset.version,
            "valid_from": asset.valid_from.to_string(),
            "valid_to": asset.valid_to.map(|time| time.to_string()),
            "recorded": change_json(recorded),
            "superseded": superseded.as_ref().map(change_json),
            "ended": ended.as_ref().map(change_json),
            "changed": before.map_or(Json::Null, |before| differences(before, asset, collection, scope)),
            "feature": feature(asset, collection, scope),
        }));
        before = Some(asset);
    }
    Json::Array(list)
}

/// A change as JSON.
fn change_json(change: &ChangeSet) -> Json {
    json!({
        "sequence": change.sequence,
        "recorded_at": change.recorded_at.to_string(),
        "actor": change.actor,
        "verb": change.verb.code(),
        "reason": change.reason,
        "origin": change.origin,
    })
}

/// The fields of the collection, and the geometry, in which two versions differ; what the register computes from them
/// is not told.
fn differences(before: &Asset, after: &Asset, collection: &Collection, scope: Scope) -> Json {
    let mut list = Vec::new();
    let fields = collection.fields().iter().enumerate();
    for (position, field) in fields.filter(|(_, f)| scope.sees(f) && !f.is_read_only()) {
        let (from, to) = (before.value(position), after.value(position));
        if from != to {
            let text = |value| written(|out| write_value(out, value));
            list.push(json!({ "field": field.name, "from": text(from), "to": text(to) }));
        }
    }
    let (from, to) = (&before.content.shape, &after.content.shape);
    if from != to {
        let text = |shape| written(|out| write_geometry(out, shape));
        list.push(json!({ "field": "geometry", "from": text(from), "to": text(to) }));
    }
    Json::Array(list)
}

fn feature(asset: &Asset, collection: &Collection, scope: Scope) -> Json {
    let mut fragments = Fragments::default();
    fragments.push(asset);
    written(|out| fragments.write_feature(collection, scope == Scope::Everything, out))
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> Json {
    let mut bytes = Vec::new();
    write(&mut bytes);
    let raw: Box<RawValue> = serde_json::from_slice(&bytes).expect("our own text is JSON");
    serde_json::to_value(raw).expect("a JSON text is a JSON value")
}
