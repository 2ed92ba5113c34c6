//! The versions and events of an asset as JSON: when each was true, when it was known, and what a
//! version changed.

use std::sync::Arc;

use serde_json::value::RawValue;
use serde_json::{Map, Value as Json, json};
use terrier_model::{
    Assessment, Asset, ChangeSet, Event, EventKind, EventPart, RecordedEvent, Scope, Version,
};

use crate::{Collection, write_asset, write_geometry, write_value};

/// Writes the versions, which are in order, as a JSON list: each with the fields that its class had
/// when it was recorded. `former` is the version before the first of them, when there is one. Fields
/// that the scope does not show are left out, and versions that lay out of its area. `is_end` says that no
/// version comes after them: where others do, a version whose end is not explained by those that are here
/// is taken for corrected or ended.
pub fn history_json(
    versions: &[Version],
    (former, is_end): (Option<&Version>, bool),
    collection: &Collection,
    scope: &Scope,
) -> Json {
    let mut before = former.and_then(|version| scope.given_asset(&version.asset));
    let mut list = Vec::with_capacity(versions.len());
    for (place, version) in versions.iter().enumerate() {
        let Version { asset, recorded, superseded, ended } = version;
        let Some(asset) = scope.given_asset(asset) else {
            before = None;
            continue;
        };
        let changed = before
            .map_or(Json::Null, |before| version_differences(&before, &asset, collection, scope));
        list.push(json!({
            "version": asset.version,
            "state": state(version, &versions[place + 1..], is_end),
            "valid_from": asset.valid_from.to_string(),
            "valid_to": asset.valid_to.map(|time| time.to_string()),
            "recorded": change_json(recorded),
            "superseded": superseded.as_ref().map(change_json),
            "ended": ended.as_ref().map(change_json),
            "changed": changed,
            "feature": feature(&asset, collection, scope),
        }));
        before = Some(asset);
    }
    Json::Array(list)
}

/// What became of a version, given those that come after it.
fn state(version: &Version, later: &[Version], is_end: bool) -> &'static str {
    // Versions stand in the order of the changes that recorded them.
    let nothing_follows = |change: &ChangeSet| {
        let follows = |other: &Version| other.recorded.sequence == change.sequence;
        let is_past = |other: &Version| other.recorded.sequence > change.sequence;
        !later.iter().any(follows) && (is_end || later.iter().any(is_past))
    };
    match (&version.superseded, &version.ended) {
        (None, None) => "standing",
        (Some(change), _) if nothing_follows(change) => "withdrawn",
        (Some(_), _) => "corrected",
        (None, Some(change)) if nothing_follows(change) => "retired",
        (None, Some(_)) => "ended",
    }
}

/// Writes the events, which are in the order of recording, as a JSON list. Who does not see every field
/// sees the kinds whose day a field of the collection shows, with the details that its fields show:
/// never a note.
pub fn events_json(events: &[RecordedEvent], collection: &Collection, scope: &Scope) -> Json {
    let is_whole = collection.sight(scope).is_whole();
    let shows = |part: EventPart| {
        is_whole || collection.seen_fields(scope).any(|(_, field)| field.event == Some(part))
    };
    let told = events.iter().filter(|told| shows(EventPart::On(told.event.kind)));
    told.map(|told| event_json(told, is_whole, shows)).collect()
}

fn event_json(told: &RecordedEvent, is_whole: bool, shows: impl Fn(EventPart) -> bool) -> Json {
    let RecordedEvent { number, event, recorded, superseded } = told;
    let Event { kind, on, result, next_on, grade, scheme, note } = event;
    let mut members = Map::new();
    let mut put = |name: &str, value: Json| members.insert(name.into(), value);
    put("event", (*number).into());
    put("kind", kind.code().into());
    put("on", on.to_string().into());
    // What another kind of event has is left out rather than told to be nothing.
    if *kind == EventKind::Assessed && shows(EventPart::Result) {
        put("result", result.map(Assessment::code).into());
    }
    if *kind == EventKind::Graded && shows(EventPart::Grade) {
        put("grade", grade.as_deref().into());
    }
    if shows(EventPart::NextOn(*kind)) {
        put("next_on", next_on.map(|day| day.to_string()).into());
    }
    if is_whole {
        if *kind == EventKind::Graded {
            put("scheme", scheme.as_deref().into());
        }
        put("note", note.as_deref().into());
    }
    put("recorded", change_json(recorded));
    put("superseded", superseded.as_ref().map(change_json).into());
    members.into()
}

/// A change as JSON.
pub(crate) fn change_json(change: &ChangeSet) -> Json {
    json!({
        "sequence": change.sequence,
        "recorded_at": change.recorded_at.to_string(),
        "actor": change.actor,
        "verb": change.verb.code(),
        "reason": change.reason,
        "origin": change.origin,
        "source": change.source,
    })
}

/// The fields, and the geometry, in which two versions differ, of those that the later one's class
/// has: the core alone for the collection of all assets. What the register computes is not told.
pub fn version_differences(
    before: &Asset,
    after: &Asset,
    collection: &Collection,
    scope: &Scope,
) -> Json {
    let mut list = Vec::new();
    let core_alone = collection.class().is_none();
    let sight = collection.sight(scope);
    let fields = after.class.fields().iter().enumerate();
    let told = fields.filter(|(_, field)| {
        sight.sees(field) && !field.is_read_only() && (field.core.is_some() || !core_alone)
    });
    for (position, field) in told {
        // The former description may have had it elsewhere, or not at all.
        let former = before.class.position(&field.name);
        let from = former.and_then(|position| before.value(position));
        let to = after.value(position);
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

fn feature(asset: &Asset, collection: &Collection, scope: &Scope) -> Json {
    // With the fields that the class had then.
    let class = || Collection::Class(Arc::clone(&asset.class));
    let collection = collection.class().map_or(Collection::Assets, |_| class());
    written(|out| write_asset(out, asset, &collection, scope))
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> Json {
    let mut bytes = Vec::new();
    write(&mut bytes);
    let raw: Box<RawValue> = serde_json::from_slice(&bytes).expect("our own text is JSON");
    serde_json::to_value(raw).expect("a JSON text is a JSON value")
}

#[cfg(test)]
mod tests {
    use terrier_model::{Classes, Names, Verb};

    use super::*;
    use crate::class_from_toml;

    /// Pipes that show when they were inspected; the assessments are restricted, but for their next
    /// day.
    const PIPES: &str = r#"
name = "pipes"
geometry = "line"
title = { en = "Pipes", zh = "管道" }
description = { en = "Pipes", zh = "管道" }
[[field]]
name = "inspected_on"
kind = "date"
event = "inspected.on"
title = { en = "Inspected on", zh = "检查日期" }
[[field]]
name = "inspection_next_on"
kind = "date"
event = "inspected.next_on"
sensitivity = "restricted"
title = { en = "Next inspection", zh = "下次检查" }
[[field]]
name = "assessed_on"
kind = "date"
event = "assessed.on"
sensitivity = "restricted"
title = { en = "Assessed on", zh = "评估日期" }
[[field]]
name = "assessment_next_on"
kind = "date"
event = "assessed.next_on"
title = { en = "Next assessment", zh = "下次评估" }
[[field]]
name = "graded_on"
kind = "date"
event = "graded.on"
title = { en = "Graded on", zh = "评级日期" }
[[field]]
name = "condition_grade"
kind = "text"
event = "graded.grade"
title = { en = "Grade", zh = "等级" }
"#;

    fn recorded(number: u32, kind: EventKind) -> RecordedEvent {
        let day = |text: &str| text.parse().expect("a day");
        let mut event = Event::new(kind, day("2024-05-01"));
        event.next_on = Some(day("2025-05-01"));
        event.note = Some("secret".into());
        match kind {
            EventKind::Assessed => event.result = Some(Assessment::Meets),
            EventKind::Graded => (event.grade, event.scheme) = (Some("3".into()), Some("x".into())),
            _ => {}
        }
        let recorded = ChangeSet {
            sequence: 2,
            recorded_at: jiff::Timestamp::UNIX_EPOCH,
            actor: "tester".into(),
            verb: Verb::Update,
            reason: String::new(),
            origin: "test".into(),
            source: None,
        };
        RecordedEvent { number, event, recorded, superseded: None }
    }

    fn check(scope: &Scope, collection: &str, expected: &[&str]) {
        let classes: Classes = [class_from_toml(PIPES).expect("a class")].into_iter().collect();
        let collection = Collection::find(collection, &classes).expect("a collection");
        let kinds =
            [EventKind::Inspected, EventKind::Assessed, EventKind::Graded, EventKind::HazardFound];
        let events: Vec<_> = (1..).zip(kinds).map(|(n, kind)| recorded(n, kind)).collect();
        let told = events_json(&events, &collection, scope);
        let names = |event: &Json| {
            assert!(event["recorded"].is_object() && event["superseded"].is_null());
            let details = event.as_object().expect("an event").iter().filter(|(name, value)| {
                !matches!(name.as_str(), "on" | "recorded" | "superseded" | "note")
                    && !value.is_null()
            });
            let texts: Vec<String> = details.map(|(_, value)| value.to_string()).collect();
            let note = if event.get("note").is_some() { " noted" } else { "" };
            texts.join(" ").replace('"', "") + note
        };
        let told: Vec<String> = told.as_array().expect("a list").iter().map(names).collect();
        assert_eq!(told, expected, "{scope:?}");
    }

    #[test]
    fn events_are_told_as_far_as_the_fields_that_one_may_see_show_them() {
        check(&Scope::public(Names::All), "pipes", &["1 inspected", "3 graded 3"]);
        check(&Scope::public(Names::All), "assets", &[]);
        let whole = [
            "1 inspected 2025-05-01 noted",
            "2 assessed meets 2025-05-01 noted",
            "3 graded 3 2025-05-01 x noted",
            "4 hazard_found 2025-05-01 noted",
        ];
        check(&Scope::everything(), "pipes", &whole);
        check(&Scope::everything(), "assets", &whole);
    }
}
