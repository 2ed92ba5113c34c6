//! What each method does to an asset, on both time axes.

use serde_json::json;

use super::{Edited, GEOJSON, LIGHTS, PATCH, WHOLE, errors, light, path, properties};

#[test]
fn a_feature_that_is_posted_is_an_asset_at_once() {
    let edited = Edited::new();
    let server = &edited.server;
    let sent =
        light(r#""code":"L-1","power_w":70,"geom_length_m":5,"class":"x","valid_from":null"#);
    let answer = server.send(
        "POST",
        &format!("{LIGHTS}?reason=new&source=sheet%2012"),
        &[GEOJSON, WHOLE],
        sent,
    );
    assert_eq!(answer.status, 201, "{}", answer.text());
    let path = path(server, &answer);
    let found = server.get(&path);
    assert_eq!(found.header("etag"), answer.header("etag"));
    assert_eq!(properties(&found), properties(&answer));
    assert_eq!(properties(&found)["power_w"], 70.0);
    assert_eq!(properties(&found)["geom_length_m"], json!(null));
    assert_eq!(server.json(LIGHTS)["numberMatched"], 1);
    let recorded = server.json(&format!("{path}/history"))["versions"][0]["recorded"].take();
    assert_eq!(recorded["reason"], "new");
    assert_eq!(recorded["origin"], "edit");
    edited.check();
}

#[test]
fn a_patch_changes_what_it_says_and_null_takes_a_value_away() {
    let edited = Edited::new();
    let path = edited.light(r#""code":"L-1","power_w":70,"lamp_kind":"led""#);
    let answer = edited.patch(&path, &[], r#"{"properties":{"power_w":80,"lamp_kind":null}}"#);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let now = properties(&answer);
    assert_eq!(
        (&now["code"], &now["power_w"], &now["lamp_kind"]),
        (&json!("L-1"), &json!(80.0), &json!(null))
    );
    let moved = r#"{"geometry":{"type":"Point","coordinates":[117.3,39.2]}}"#;
    let answer = edited.patch(&path, &[], moved);
    assert_eq!(answer.json()["geometry"]["coordinates"], json!([117.3, 39.2]));
    assert_eq!(properties(&answer)["power_w"], 80.0);
    // What is known is no change.
    let tag = answer.header("etag").map(str::to_owned);
    let again = edited.patch(&path, &[], moved);
    assert_eq!((again.status, again.header("etag").map(str::to_owned)), (200, tag));
    let told = ["1 ended known 70.0", "2 ended known 80.0", "3 valid known 80.0"];
    assert_eq!(edited.told(&path, "power_w"), told);
    edited.check();
}

#[test]
fn a_put_says_everything_so_that_what_it_leaves_out_has_no_value() {
    let edited = Edited::new();
    let path = edited.light(r#""code":"L-1","power_w":70,"lamp_kind":"led""#);
    // What the register served is taken back as it is.
    let served = edited.server.get(&path).text();
    let tag = edited.server.get(&path).header("etag").map(str::to_owned);
    let same = edited.server.send("PUT", &path, &[GEOJSON, WHOLE], served);
    assert_eq!(
        (same.status, same.header("etag").map(str::to_owned)),
        (200, tag),
        "{}",
        same.text()
    );
    let answer = edited.server.send("PUT", &path, &[GEOJSON, WHOLE], light(r#""power_w":90"#));
    let now = properties(&answer);
    assert_eq!((&now["code"], &now["power_w"]), (&json!(null), &json!(90.0)));
    assert_eq!(edited.told(&path, "code"), [r#"1 ended known "L-1""#, "2 valid known null"]);
    edited.check();
}

#[test]
fn a_correction_keeps_the_period_and_an_update_begins_when_it_says() {
    let edited = Edited::new();
    let post = format!("{LIGHTS}?valid_from=2020-01-01");
    let answer = edited.server.send("POST", &post, &[GEOJSON, WHOLE], light(r#""power_w":70"#));
    let path = path(&edited.server, &answer);
    let corrected =
        edited.patch(&format!("{path}?verb=correct"), &[], r#"{"properties":{"power_w":71}}"#);
    assert_eq!(properties(&corrected)["valid_from"], "2020-01-01T00:00:00Z");
    let since = format!("{path}?valid_from=2024-05-01T08:00:00%2B08:00");
    let updated = edited.patch(&since, &[], r#"{"properties":{"power_w":72}}"#);
    assert_eq!(properties(&updated)["valid_from"], "2024-05-01T00:00:00Z");
    let told = ["1 valid superseded 70.0", "2 ended known 71.0", "3 valid known 72.0"];
    assert_eq!(edited.told(&path, "power_w"), told);
    let refused = |query: &str, status: u16, part: &str| {
        let answer =
            edited.patch(&format!("{path}?{query}"), &[], r#"{"properties":{"power_w":99}}"#);
        assert_eq!(answer.status, status, "{query}");
        assert!(answer.problem().contains(part), "{query}: {}", answer.text());
    };
    refused("valid_from=2024-05-01", 422, "a time after 2024-05-01T00:00:00Z");
    refused("valid_from=2023-01-01", 422, "or a correction");
    refused("valid_from=2999-01-01", 400, "a time that has come");
    refused("valid_from=soon", 400, "found `soon`, expected a day such as");
    refused("verb=correct&valid_from=2024-06-01", 400, "a correction keeps the period");
    refused("verb=fix", 400, "found `fix`, expected `update` or `correct`");
    refused("reasn=x", 400, "reason");
    assert_eq!(edited.told(&path, "power_w"), told);
    edited.check();
}

#[test]
fn an_asset_that_is_deleted_is_retired_and_stays_in_the_history() {
    let edited = Edited::new();
    let server = &edited.server;
    let [ended, wrong] = [r#""code":"L-1""#, r#""code":"L-2""#].map(|light| edited.light(light));
    let answer = server.ask("DELETE", &format!("{ended}?reason=removed"), &[]);
    assert_eq!((answer.status, answer.text().as_str()), (204, ""));
    assert_eq!(server.ask("DELETE", &format!("{wrong}?verb=correct"), &[]).status, 204);
    assert_eq!(server.json(LIGHTS)["numberMatched"], 0);
    for path in [&ended, &wrong] {
        let found = server.get(path).text();
        for again in [
            server.get(path),
            server.ask("DELETE", path, &[]),
            edited.patch(path, &[], r#"{"properties":{"code":"x"}}"#),
            edited.patch(path, &[("If-Match", "\"1\"")], r#"{"properties":{"code":"x"}}"#),
        ] {
            assert_eq!((again.status, again.text()), (410, found.clone()), "{path}");
        }
    }
    edited.check();
}

#[test]
fn each_fault_is_told_with_its_pointer_code_and_value() {
    let edited = Edited::new();
    let path = edited.light(r#""code":"L-1""#);
    let check = |method: &str, to: &str, body: &str, status: u16, expected: &[&str]| {
        let form = if method == "PATCH" { PATCH } else { GEOJSON };
        let answer = edited.server.send(method, to, &[form], body);
        assert_eq!(answer.status, status, "{body}: {}", answer.text());
        assert_eq!(errors(&answer), expected, "{body}");
    };
    let said = |properties: &str| format!(r#"{{"properties":{{{properties}}}}}"#);
    check(
        "PATCH",
        &path,
        &said(r#""power_w":"bright","lamp_kind":"gas","nope":1,"geom_length_m":2,"height_m":-1"#),
        422,
        &[
            "/properties/power_w kind bright",
            "/properties/lamp_kind code_list gas",
            "/properties/nope unknown_field 1",
            "/properties/geom_length_m computed_field 2",
            "/properties/height_m range -1",
        ],
    );
    let dates = r#""installed_on":"2020","decommissioned_on":"2019-01-01""#;
    check(
        "PATCH",
        &path,
        &said(dates),
        422,
        &["/properties/decommissioned_on contradiction 2019-01-01"],
    );
    check("PATCH", &path, r#"{"id":"L-2"}"#, 422, &["/id not_allowed L-2"]);
    check("PATCH", &path, r#"{"geometry":null}"#, 422, &["/geometry geometry null"]);
    let line = r#"{"geometry":{"type":"LineString","coordinates":[[117,39],[118,39]]}}"#;
    check("PATCH", &path, line, 422, &["/geometry geometry_kind LineString"]);
    let far = r#"{"geometry":{"type":"Point","coordinates":[200,39]}}"#;
    check("PATCH", &path, far, 422, &["/geometry/coordinates geometry [200, 39]"]);
    check("PATCH", &path, "{", 400, &[" form the end of the text"]);
    let without = r#"{"type":"Feature","geometry":null,"properties":{}}"#;
    check("POST", LIGHTS, without, 422, &["/geometry geometry null"]);
    check("PUT", &path, without, 422, &["/geometry geometry null"]);
    let pipes = "/collections/gas_pipes/items";
    let bent = r#"{"type":"Feature","properties":{},
        "geometry":{"type":"LineString","coordinates":[[117,39],[118,"x"]]}}"#;
    check("POST", pipes, bent, 422, &["/geometry/coordinates/1 geometry \"x\""]);
    assert_eq!(edited.told(&path, "code"), [r#"1 valid known "L-1""#]);
    edited.check();
}

#[test]
fn a_rehearsal_writes_nothing_and_tells_the_same() {
    let edited = Edited::new();
    let path = edited.light(r#""code":"L-1""#);
    let before = edited.server.json(&format!("{path}/history"));
    let body = r#"{"properties":{"code":"L-9"}}"#;
    let told = edited.patch(&format!("{path}?dry-run=true"), &[], body).json();
    assert_eq!(told["edits"][0]["effect"], "changed");
    assert_eq!((&told["dry_run"], &told["change"]), (&json!(true), &json!(null)));
    let posted =
        edited.server.send("POST", &format!("{LIGHTS}?dry-run=true"), &[GEOJSON, WHOLE], light(""));
    assert_eq!((posted.status, &posted.json()["edits"][0]["id"]), (200, &json!(null)));
    let gone = edited.server.ask("DELETE", &format!("{path}?dry-run=true"), &[]);
    assert_eq!(gone.json()["edits"][0]["effect"], "retired");
    let faulty =
        edited.patch(&format!("{path}?dry-run=true"), &[], r#"{"properties":{"code":{}}}"#);
    assert_eq!(faulty.status, 422);
    assert_eq!(edited.server.json(&format!("{path}/history")), before);
    assert_eq!(edited.server.json(LIGHTS)["numberMatched"], 1);
    edited.check();
}

#[test]
fn an_event_that_a_field_shows_is_recorded_beside_the_versions() {
    let edited = Edited::new();
    let path = edited.light(r#""code":"L-1","inspected_on":"2024-05-01""#);
    let later = edited.patch(&path, &[], r#"{"properties":{"inspected_on":"2025-05-01"}}"#);
    assert_eq!(properties(&later)["inspected_on"], "2025-05-01");
    let history = edited.server.json(&format!("{path}/history"));
    let days = history["events"].as_array().expect("events").iter();
    let days: Vec<_> = days.map(|event| event["on"].clone()).collect();
    assert_eq!(
        (days, history["versions"].as_array().map(Vec::len)),
        (vec![json!("2024-05-01"), json!("2025-05-01")], Some(1))
    );
    edited.check();
}
