//! What a client must send and is told: methods, media types, preconditions, coordinate systems, and the
//! dialogue of QGIS.

use serde_json::json;

use super::{Edited, GEOJSON, LIGHTS, PATCH, WHOLE, light, path, properties};
use crate::program::Answer;

#[test]
fn options_tell_what_may_be_sent() {
    let edited = Edited::new();
    let check = |path: &str, allow: &str, accepts: [Option<&str>; 2]| {
        for headers in [&[][..], &[("Origin", "https://a.example")]] {
            let answer = edited.server.ask("OPTIONS", path, headers);
            assert_eq!((answer.status, answer.header("allow")), (200, Some(allow)), "{path}");
            let told = ["accept-post", "accept-patch"].map(|name| answer.header(name));
            assert_eq!(told, accepts, "{path}");
        }
    };
    let reads = "GET, HEAD, OPTIONS";
    let posts = Some("application/geo+json, application/json");
    let patches = Some("application/merge-patch+json");
    check(LIGHTS, "GET, HEAD, OPTIONS, POST", [posts, None]);
    // QGIS asks for one that there is not.
    let one = "GET, HEAD, OPTIONS, PUT, PATCH, DELETE";
    check(&format!("{LIGHTS}/unknown_id"), one, [None, patches]);
    check("/transactions", "OPTIONS, POST", [Some("application/json"), None]);
    check("/change-sets/2/revert", "OPTIONS, POST", [None, None]);
    check("/imports", "GET, HEAD, OPTIONS, POST", [Some("*/*"), None]);
    check("/collections/assets/items", reads, [None, None]);
    check("/collections/due/items/x", reads, [None, None]);
    check("/collections", reads, [None, None]);
    let preflight = [("Origin", "https://a.example"), ("Access-Control-Request-Method", "PATCH")];
    let answer = edited.server.ask("OPTIONS", &format!("{LIGHTS}/x"), &preflight);
    assert_eq!((answer.status, answer.header("access-control-allow-methods")), (204, Some(one)));
}

#[test]
fn a_body_of_another_media_type_is_refused_with_those_that_are_taken() {
    let edited = Edited::new();
    let path = edited.light("");
    let check = |method: &str, to: &str, form: &str, header: &str| {
        let answer = edited.server.send(method, to, &[("Content-Type", form)], light(""));
        assert_eq!(answer.status, 415, "{method} {form}: {}", answer.text());
        assert!(answer.header(header).is_some(), "{method} {form}");
    };
    let none = edited.server.send("POST", LIGHTS, &[], light(""));
    assert_eq!((none.status, none.problem().contains("no `Content-Type`")), (400, true));
    check("POST", LIGHTS, "text/plain", "accept-post");
    check("POST", LIGHTS, "application/merge-patch+json", "accept-post");
    check("PUT", &path, "application/gml+xml", "accept-post");
    check("PATCH", &path, "application/json", "accept-patch");
    check("PATCH", &path, "application/json-patch+json", "accept-patch");
    let zipped = [GEOJSON, ("Content-Encoding", "gzip")];
    assert_eq!(edited.server.send("POST", LIGHTS, &zipped, light("")).status, 415);
    let named = [("Content-Type", "application/geo+json; charset=utf-8")];
    assert_eq!(edited.server.send("POST", LIGHTS, &named, light("")).status, 201);
}

#[test]
fn a_feature_has_a_bound_and_one_past_it_is_refused() {
    let edited = Edited::new();
    let most = 2 * 1024 * 1024;
    let padded = |bytes: usize| {
        let feature = light("");
        format!("{}{feature}", " ".repeat(bytes - feature.len()))
    };
    assert_eq!(edited.server.send("POST", LIGHTS, &[GEOJSON], padded(most)).status, 201);
    let answer = edited.server.send("POST", LIGHTS, &[GEOJSON], padded(most + 1));
    assert_eq!(answer.status, 413);
    assert!(answer.problem().contains("at most 2097152 bytes"));
}

#[test]
fn an_edit_follows_on_the_version_that_if_match_names() {
    let edited = Edited::new();
    let path = edited.light(r#""power_w":70"#);
    let first = edited.server.get(&path).header("etag").expect("a tag").to_owned();
    let to = |power: u32| format!(r#"{{"properties":{{"power_w":{power}}}}}"#);
    let seen = |tag: &str, power| edited.patch(&path, &[("If-Match", tag)], &to(power));
    assert_eq!(seen(&first, 80).status, 200);
    let stale = seen(&first, 90);
    assert_eq!(stale.status, 412);
    let told = stale.json();
    assert_eq!(told["current"]["properties"]["power_w"], 80.0);
    let changed =
        json!({ "since": 1, "fields": [{ "field": "power_w", "from": 70.0, "to": 80.0 }] });
    assert_eq!(told["changed"], changed);
    let current = stale.header("etag").expect("the current tag").to_owned();
    assert_eq!(edited.server.get(&path).header("etag"), Some(current.as_str()));
    // Proxies that compress make tags weak, and other forms have tags of their own.
    assert_eq!(seen(&format!("W/{current}"), 81).status, 200);
    let csv = edited.server.get(&format!("{path}?f=csv")).header("etag").expect("a tag").to_owned();
    assert_eq!(seen(&csv, 82).status, 200);
    assert_eq!(seen("*", 83).status, 200);
    assert_eq!(seen("\"nobody's\"", 84).status, 412);
    assert_eq!(seen("83", 84).status, 400);
    let delete = |tag: &str| edited.server.ask("DELETE", &path, &[("If-Match", tag)]).status;
    assert_eq!((delete(&first), delete("*")), (412, 204));
    let nobody = format!("{LIGHTS}/01a215d5-4a6c-714b-9507-87dd7c7d3f67");
    assert_eq!(edited.patch(&nobody, &[("If-Match", &first)], &to(1)).status, 412);
    assert_eq!(edited.patch(&nobody, &[], &to(1)).status, 404);
    edited.check();
}

#[test]
fn the_same_request_twice_makes_one_asset() {
    let edited = Edited::new();
    let post = |key: &str, body: String| {
        edited.server.send("POST", LIGHTS, &[GEOJSON, ("Idempotency-Key", key)], body)
    };
    let one = || light(r#""code":"L-1""#);
    let (first, again) = (post("\"a-1\"", one()), post("a-1", one()));
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(first.header("link"), again.header("link"));
    assert_ne!(post("a-2", one()).header("location"), first.header("location"));
    assert_eq!(edited.server.json(LIGHTS)["numberMatched"], 2);
    let other = post("a-1", light(r#""code":"L-2""#));
    assert_eq!((other.status, other.problem().contains("another request")), (422, true));
    for key in ["", "\"\"", "a b", &"k".repeat(256)] {
        assert_eq!(post(key, one()).status, 400, "{key}");
    }
    assert_eq!(post(&"k".repeat(255), one()).status, 201);
    // What was refused is not remembered.
    assert_eq!(post("a-3", light(r#""power_w":"x""#)).status, 422);
    assert_eq!(post("a-3", one()).status, 201);
    edited.check();
}

#[test]
fn positions_are_in_the_coordinate_system_that_the_body_says() {
    let edited = Edited::new();
    let [four_nine_zero, plane] =
        ["EPSG/0/4490", "EPSG/0/4548"].map(|code| format!("http://www.opengis.net/def/crs/{code}"));
    let feature = |numbers: &str| {
        format!(
            r#"{{"type":"Feature","properties":{{}},"geometry":{{"type":"Point","coordinates":{numbers}}}}}"#
        )
    };
    let post = |crs: &str, numbers: &str| {
        edited.server.send(
            "POST",
            LIGHTS,
            &[GEOJSON, WHOLE, ("Content-Crs", crs)],
            feature(numbers),
        )
    };
    let position = |answer: Answer| {
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["geometry"]["coordinates"].clone()
    };
    // QGIS writes the address as it is; the standard has it in angle brackets.
    for crs in [four_nine_zero.clone(), format!("<{four_nine_zero}>")] {
        assert_eq!(position(post(&crs, "[39.1,117.2]")), json!([117.2, 39.1]));
    }
    let made = post(&plane, "[4329000,517000]");
    let there = path(&edited.server, &made);
    let served = edited.server.json(&format!("{there}?crs=EPSG:4548"))["geometry"].take();
    let [north, east] = [0, 1].map(|axis| served["coordinates"][axis].as_f64().expect("a number"));
    assert!((north - 4_329_000.0).abs() < 0.01 && (east - 517_000.0).abs() < 0.01, "{served}");
    let unknown = post("http://www.opengis.net/def/crs/EPSG/0/2415", "[1,2]");
    assert_eq!((unknown.status, unknown.problem().contains("`Content-Crs`")), (400, true));
}

#[test]
fn a_client_chooses_how_much_of_the_answer_it_wants() {
    let edited = Edited::new();
    let check = |prefer: &[(&str, &str)], is_whole: bool, applied: Option<&str>| {
        let headers = [&[GEOJSON], prefer].concat();
        let answer = edited.server.send("POST", LIGHTS, &headers, light(""));
        assert_eq!((answer.status, answer.body.is_empty()), (201, !is_whole), "{prefer:?}");
        assert_eq!(answer.header("preference-applied"), applied, "{prefer:?}");
        let path = path(&edited.server, &answer);
        let headers = [&[PATCH], prefer].concat();
        let body = r#"{"properties":{"code":"L"}}"#;
        let answer = edited.server.send("PATCH", &path, &headers, body);
        let status = if is_whole { 200 } else { 204 };
        assert_eq!((answer.status, answer.header("etag").is_some()), (status, true), "{prefer:?}");
    };
    check(&[], false, None);
    check(&[("Prefer", "return=minimal")], false, Some("return=minimal"));
    check(&[WHOLE], true, Some("return=representation"));
    check(
        &[("Prefer", "respond-async, return = representation")],
        true,
        Some("return=representation"),
    );
}

/// What QGIS 3.34 and later send when a layer is edited, in its order (its source:
/// `qgsoapifcollection`, `qgsoapifcreatefeaturerequest`, `qgsoapifpatchfeaturerequest`).
#[test]
fn the_dialogue_of_qgis_is_understood_request_by_request() {
    let edited = Edited::new();
    let agent = ("User-Agent", "Mozilla/5.0 QGIS/34000/Linux");
    let items = |method: &str, path: &str| edited.server.ask(method, path, &[agent]);
    let allow = items("OPTIONS", LIGHTS).header("allow").expect("allowed").to_owned();
    assert!(allow.contains("POST"), "{allow}");
    let allow = items("OPTIONS", &format!("{LIGHTS}/unknown_id"));
    let allow = allow.header("allow").expect("allowed").to_owned();
    assert!(["PUT", "PATCH", "DELETE"].iter().all(|method| allow.contains(method)), "{allow}");
    // Insert: no id, all attributes, nulls among them; then it reads what it made.
    let crs = ("Content-Crs", "http://www.opengis.net/def/crs/EPSG/0/4490");
    let feature = r#"{"geometry":{"coordinates":[39.1,117.2],"type":"Point"},
        "properties":{"code":"L-1","power_w":70,"remarks":null},"type":"Feature"}"#;
    let made = edited.server.send("POST", LIGHTS, &[GEOJSON, agent, crs], feature);
    assert_eq!(made.status, 201, "{}", made.text());
    let path = path(&edited.server, &made);
    assert_eq!(items("GET", &format!("{path}?f=json")).status, 200);
    // Attributes and geometry are sent apart.
    let changed = |body: &str| edited.server.send("PATCH", &path, &[PATCH, agent, crs], body);
    assert_eq!(changed(r#"{"properties":{"power_w":80}}"#).status, 204);
    assert_eq!(changed(r#"{"geometry":{"coordinates":[39.2,117.3],"type":"Point"}}"#).status, 204);
    let moved = items("GET", &path);
    assert_eq!(moved.json()["geometry"]["coordinates"], json!([117.3, 39.2]));
    assert_eq!(properties(&moved)["power_w"], 80.0);
    // It shows what is wrong when that is XML.
    let wrong = changed(r#"{"properties":{"power_w":"<bright>"}}"#);
    assert_eq!((wrong.status, wrong.header("content-type")), (422, Some("application/xml")));
    let text = "<ExceptionReport><Exception exceptionCode=\"422\"><ExceptionText>power_w: found \
                `&lt;bright&gt;`, expected a number</ExceptionText></Exception></ExceptionReport>";
    assert!(wrong.text().ends_with(text), "{}", wrong.text());
    assert_eq!(items("DELETE", &path).status, 204);
    assert_eq!(items("DELETE", &path).header("content-type"), Some("application/xml"));
    // Whoever accepts JSON gets it.
    let curl = edited.server.ask("DELETE", &path, &[("Accept", "*/*")]);
    assert_eq!(curl.header("content-type"), Some("application/problem+json"));
    edited.check();
}

#[test]
fn a_strict_collection_is_changed_by_who_has_seen_the_newest_version() {
    let edited = Edited::new();
    let path = edited.light(r#""power_w":70"#);
    let set = ["settings", "set", "strict_collections", "light_poles,manholes"];
    crate::program::terrier(&edited.registry(), &set).expect_done();
    let body = r#"{"properties":{"power_w":80}}"#;
    crate::program::wait_until("the setting is followed", || {
        edited.patch(&format!("{path}?dry-run=true"), &[], body).status == 428
    });
    let refused = edited.patch(&path, &[], body);
    assert!(refused.problem().starts_with("`light_poles` is strict"), "{}", refused.text());
    assert_eq!(edited.patch(&path, &[("If-Match", "*")], body).status, 428);
    assert_eq!(edited.server.ask("DELETE", &path, &[]).status, 428);
    assert_eq!(edited.patch(&path, &[("If-Match", "\"1\"")], body).status, 200);
    assert_eq!(edited.patch(&path, &[("If-Match", "\"1\"")], body).status, 412);
    edited.light("");
    let id = path.rsplit('/').next().expect("an id");
    let edit = json!({ "action": "delete", "collection": "light_poles", "id": id });
    let answer =
        edited.server.send("POST", "/transactions", &[super::JSON], super::transaction(&[edit]));
    assert_eq!(super::errors(&answer), ["/edits/0/if_match form nothing"]);
    let edit = json!({ "action": "delete", "collection": "light_poles", "id": id, "if_match": 2 });
    let answer =
        edited.server.send("POST", "/transactions", &[super::JSON], super::transaction(&[edit]));
    assert_eq!(answer.status, 200, "{}", answer.text());
    edited.check();
}
