//! Many edits as one, and undoing them as one.

use serde_json::{Value as Json, json};

use super::{Edited, GEOJSON, JSON, LIGHTS, errors, ids, light, transaction};
use crate::program::{Answer, import, terrier, text};

fn insert(name: &str, code: &str) -> Json {
    let feature: Json = serde_json::from_str(&light(&format!(r#""code":"{code}""#))).expect("JSON");
    json!({ "action": "insert", "collection": "light_poles", "ref": name, "feature": feature })
}

impl Edited {
    fn transact(&self, query: &str, edits: &[Json]) -> Answer {
        self.server.send("POST", &format!("/transactions{query}"), &[JSON], transaction(edits))
    }

    fn matched(&self, question: &str) -> u64 {
        self.server.json(question)["numberMatched"].as_u64().expect("a count")
    }

    fn revert(&self, change: &Json) -> Answer {
        self.server.send("POST", &format!("/change-sets/{change}/revert"), &[], "")
    }
}

#[test]
fn many_edits_over_several_collections_are_one_change() {
    let edited = Edited::new();
    let [kept, gone] = [r#""code":"L-1""#, r#""code":"L-2""#].map(|light| edited.light(light));
    let id = |path: &str| path.rsplit('/').next().expect("an id").to_owned();
    let node = json!({
        "action": "insert", "collection": "manholes", "ref": "m",
        "feature": { "type": "Feature", "properties": { "code": "M-1" },
            "geometry": { "type": "Point", "coordinates": [117.2, 39.1] } },
    });
    let pipe = json!({
        "action": "insert", "collection": "drain_pipes",
        "feature": { "type": "Feature", "properties": { "from_node": { "$ref": "m" } },
            "geometry": { "type": "LineString", "coordinates": [[117.2, 39.1], [117.21, 39.1]] } },
    });
    let change = json!({ "action": "update", "collection": "light_poles", "id": id(&kept),
        "if_match": 1, "feature": { "properties": { "power_w": 90 } } });
    let retire = json!({ "action": "delete", "collection": "light_poles", "id": id(&gone) });
    let answer = edited.transact("?reason=rebuilt", &[node, pipe, change, retire]);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let told = answer.json();
    let effects: Vec<_> =
        told["edits"].as_array().expect("edits").iter().map(|edit| &edit["effect"]).collect();
    assert_eq!(effects, ["created", "created", "changed", "retired"]);
    let [node, pipe] = [0, 1].map(|place| ids(&told)[place].clone());
    let pipe = edited.server.json(&format!("/collections/drain_pipes/items/{pipe}"));
    assert_eq!(pipe["properties"]["from_node"], node);
    assert_eq!(told["edits"][0]["ref"], "m");
    let sequence = |path: &str| {
        edited.server.json(&format!("{path}/history"))["versions"]
            .as_array()
            .expect("versions")
            .last()
            .expect("one")["recorded"]["sequence"]
            .clone()
    };
    assert_eq!(sequence(&kept), told["change"]);
    assert_eq!(edited.matched("/collections/assets/items"), 3);
    edited.check();
}

#[test]
fn one_faulty_edit_leaves_nothing_of_a_transaction() {
    let edited = Edited::new();
    let path = edited.light(r#""code":"L-1""#);
    let id = path.rsplit('/').next().expect("an id");
    let update = |id: &str, seen: Json, properties: Json| {
        json!({ "action": "update", "collection": "light_poles", "id": id, "if_match": seen,
            "feature": { "properties": properties } })
    };
    let check = |edit: Json, status: u16, expected: &[&str]| {
        let answer = edited.transact("", &[insert("a", "N-1"), edit.clone()]);
        assert_eq!(answer.status, status, "{edit}: {}", answer.text());
        assert_eq!(errors(&answer), expected, "{edit}");
        assert_eq!(edited.matched(LIGHTS), 1);
    };
    let nobody = "01a215d5-4a6c-714b-9507-87dd7c7d3f67";
    let none = || json!({});
    check(
        update(id, json!(1), json!({ "power_w": "x" })),
        422,
        &["/edits/1/feature/properties/power_w kind x"],
    );
    check(update(id, json!(7), none()), 412, &["/edits/1/if_match stale another version"]);
    check(update(nobody, json!(null), none()), 422, &[&format!("/edits/1/id missing {nobody}")]);
    check(update("x", json!(null), none()), 422, &["/edits/1/id form x"]);
    check(insert("a", "N-2"), 422, &["/edits/1/ref repeated a"]);
    let missing = json!({ "properties": { "code": { "$ref": "nobody" } } });
    let edit =
        json!({ "action": "update", "collection": "light_poles", "id": id, "feature": missing });
    check(edit, 422, &["/edits/1/feature/properties/code value nobody"]);
    let edit = json!({ "action": "delete", "collection": "assets", "id": id });
    check(edit, 422, &["/edits/1/collection form assets"]);
    let line = json!({ "type": "Feature", "properties": {},
        "geometry": { "type": "LineString", "coordinates": [[117, 39], [118, "x"]] } });
    let edit = json!({ "action": "insert", "collection": "gas_pipes", "feature": line });
    check(edit, 422, &["/edits/1/feature/geometry/coordinates/1 geometry \"x\""]);
    let twice = update(id, json!(null), json!({ "power_w": 1 }));
    let answer = edited.transact("", &[twice.clone(), twice]);
    assert_eq!(errors(&answer), [format!("/edits/1/feature/id key {id}")]);
    for body in ["", "{}", "[]", r#"{"edits":[{}]}"#, r#"{"edits":[],"more":1}"#, "{\"edits\":"] {
        let answer = edited.server.send("POST", "/transactions", &[JSON], body);
        assert!(matches!(answer.status, 400 | 422), "{body}: {}", answer.text());
    }
    edited.check();
}

#[test]
fn a_transaction_has_ten_thousand_edits_and_not_one_more() {
    let edited = Edited::new();
    let edits: Vec<Json> = (0..=10_000).map(|number| insert(&format!("l{number}"), "L")).collect();
    let answer = edited.transact("", &edits);
    assert_eq!((answer.status, errors(&answer)), (422, vec!["/edits form 10001".to_owned()]));
    let answer = edited.transact("", &edits[1..]);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(edited.matched(LIGHTS), 10_000);
    edited.check();
}

#[test]
fn a_transaction_that_is_sent_again_is_answered_again() {
    let edited = Edited::new();
    let path = edited.light("");
    let id = path.rsplit('/').next().expect("an id");
    let retire = json!({ "action": "delete", "collection": "light_poles", "id": id });
    let body = transaction(&[insert("a", "A"), retire, insert("b", "B")]);
    let send = || {
        let headers = [JSON, ("Idempotency-Key", "t-1")];
        edited.server.send("POST", "/transactions", &headers, &body).json()
    };
    let (first, mut again) = (send(), send());
    assert_eq!((&first["repeated"], &again["repeated"]), (&json!(false), &json!(true)));
    again["repeated"] = json!(false);
    assert_eq!(first, again);
    assert_eq!(edited.matched(LIGHTS), 2);
    edited.check();
}

#[test]
fn a_change_is_undone_as_one_and_that_can_be_undone_too() {
    let edited = Edited::new();
    let [changed, corrected, retired, withdrawn] = ["A", "B", "C", "D"]
        .map(|code| edited.light(&format!(r#""code":"{code}","inspected_on":"2024-01-01""#)));
    let state = || {
        let mut all = edited.server.features(&format!("{LIGHTS}?sortby=code"));
        all.iter_mut().for_each(|feature| feature["properties"]["valid_from"] = Json::Null);
        all
    };
    let check = |change: Answer| {
        let before = change.header("link").expect("a link to the change");
        let sequence: u64 =
            before.split(['/', '>']).find_map(|part| part.parse().ok()).expect("a number");
        json!(sequence)
    };
    let rest = state();
    let id = |path: &str| path.rsplit('/').next().expect("an id").to_owned();
    let update = json!({ "action": "update", "collection": "light_poles", "id": id(&changed),
        "feature": { "properties": { "power_w": 5, "inspected_on": "2025-01-01" } } });
    let retire = json!({ "action": "delete", "collection": "light_poles", "id": id(&retired) });
    let first = edited.transact("", &[insert("n", "N"), update, retire]).json()["change"].clone();
    let after = state();
    assert_ne!(after, rest);
    let undone = edited.revert(&first);
    assert_eq!(undone.status, 200, "{}", undone.text());
    assert_eq!(state(), rest);
    let redone = edited.revert(&undone.json()["change"]);
    assert_eq!(redone.status, 200, "{}", redone.text());
    assert_eq!(state(), after);
    assert_eq!(edited.revert(&redone.json()["change"]).status, 200);
    assert_eq!(state(), rest);
    let wrong =
        edited.patch(&format!("{corrected}?verb=correct"), &[], r#"{"properties":{"code":"X"}}"#);
    assert_eq!(edited.revert(&check(wrong)).status, 200);
    let gone = edited.server.ask("DELETE", &format!("{withdrawn}?verb=correct"), &[]);
    assert_eq!(edited.revert(&check(gone)).status, 200);
    assert_eq!(state(), rest);
    edited.check();
}

#[test]
fn what_later_changes_stand_on_is_not_undone() {
    let edited = Edited::new();
    let path = edited.light(r#""code":"A""#);
    let made =
        edited.server.json(&format!("{path}/history"))["versions"][0]["recorded"]["sequence"]
            .clone();
    let patched = edited.patch(&path, &[], r#"{"properties":{"power_w":1}}"#);
    assert_eq!(patched.status, 200);
    let refused = edited.revert(&made);
    assert_eq!(refused.status, 409, "{}", refused.text());
    let later = refused.json()["later"].take();
    let id = path.rsplit('/').next().expect("an id");
    assert_eq!(later, json!([{ "collection": "light_poles", "id": id, "change": 3 }]));
    assert_eq!(edited.revert(&json!(3)).status, 200);
    // The undoing stands in the way of a second one.
    assert_eq!(edited.revert(&json!(3)).status, 409);
    assert_eq!(edited.revert(&json!(1)).status, 409);
    assert_eq!(edited.revert(&json!(99)).status, 404);
    assert_eq!(edited.revert(&json!("x")).status, 404);
    edited.check();
}

#[test]
fn who_edits_some_classes_undoes_the_changes_of_these() {
    let mut edited = Edited::new();
    edited.light(r#""code":"A""#);
    let pole = insert("a", "B");
    let hole = json!({
        "action": "insert", "collection": "manholes",
        "feature": { "type": "Feature", "properties": { "code": "M-1" },
            "geometry": { "type": "Point", "coordinates": [117.2, 39.1] } },
    });
    assert_eq!(edited.transact("", &[pole, hole.clone()]).status, 200);
    assert_eq!(edited.transact("", &[hole]).status, 200);
    let mut check = |role: &str, expected: [u16; 4]| {
        let words = ["key", "create", "--person", "administrator", "--collections", "light_poles"];
        let made = terrier(&edited.registry(), &[&words[..], &["--role", role]].concat());
        edited.server.ask_with(made.expect_done().stdout.trim_end());
        crate::program::wait_until("the key works", || edited.server.get("/").status == 200);
        // Of lights, of lights and a manhole, of a manhole, of the classes themselves.
        let found = [2, 3, 4, 1].map(|change| edited.revert(&json!(change)).status);
        assert_eq!(found, expected, "{role}");
    };
    check("viewer", [403; 4]);
    check("editor", [200, 403, 404, 404]);
    edited.check();
}

#[test]
fn an_import_is_undone_and_can_be_imported_again() {
    let edited = Edited::new();
    let row = |id: u32, code: &str| {
        let mut feature: Json =
            serde_json::from_str(&light(&format!(r#""code":"{code}""#))).expect("JSON");
        feature["id"] = json!(id);
        feature
    };
    let rows: Vec<Json> = (1..=700).map(|id| row(id, "L")).collect();
    let report = import(&edited.registry(), "light_poles", &rows, &[]).expect_done().json();
    crate::program::wait_until("the import is served", || edited.matched(LIGHTS) == 700);
    let undone = edited.revert(&report["change"]);
    assert_eq!((undone.status, &undone.json()["retired"]), (200, &json!(700)), "{}", undone.text());
    assert_eq!(edited.matched(LIGHTS), 0);
    let again = import(&edited.registry(), "light_poles", &rows, &[]).expect_done().json();
    assert_eq!((&again["created"], &again["refused"]), (&json!(700), &json!(0)));
    crate::program::wait_until("the import is served", || edited.matched(LIGHTS) == 700);
    // What was retired in the street does not come back with a file.
    let features = edited.server.features(&format!("{LIGHTS}?limit=1000"));
    let gone = text(&features[0]["id"]);
    assert_eq!(edited.server.ask("DELETE", &format!("{LIGHTS}/{gone}"), &[]).status, 204);
    let third = import(&edited.registry(), "light_poles", &rows, &[]).json();
    assert_eq!((&third["refused"], &third["unchanged"]), (&json!(1), &json!(699)));
    let fault = text(&third["refused_rows"][0]["faults"][0]["expected"]);
    assert!(fault.starts_with("an asset that is in the street"), "{fault}");
    edited.check();
}

#[test]
fn a_transaction_is_rehearsed() {
    let edited = Edited::new();
    let told = edited.transact("?dry-run=true", &[insert("a", "A")]).json();
    assert_eq!((&told["change"], &told["edits"][0]["id"]), (&json!(null), &json!(null)));
    assert_eq!(edited.matched(LIGHTS), 0);
    let path = edited.light("");
    let dry = edited.server.send("POST", "/change-sets/2/revert?dry-run=true", &[GEOJSON], "");
    assert_eq!((dry.status, &dry.json()["retired"]), (200, &json!(1)));
    assert_eq!(edited.server.get(&path).status, 200);
}
