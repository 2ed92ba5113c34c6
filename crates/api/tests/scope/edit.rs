//! What a caller may write: nothing that their role does not say, in whatever way they send it.

use serde_json::{Value as Json, json};
use terrier_model::{Edge, Scope};

use crate::registry::{Part, Place, editing, scope};
use crate::send;

const PATCH: &str = "application/merge-patch+json";
const FEATURE: &str = "application/geo+json";

/// Sends a request and tells its status, and what the answer says is wrong or right.
async fn check(
    place: &mut Place,
    scope: &Scope,
    request: (&str, &str),
    sent: (&str, Json),
    expected: &str,
) {
    let ((method, path), (media_type, body)) = (request, sent);
    let body = body.to_string();
    let sent = (!media_type.is_empty()).then_some((media_type, &*body));
    let answer = send(&mut place.router, scope, method, path, sent).await;
    let told: Json = serde_json::from_slice(&answer.body).unwrap_or_default();
    let errors = told["errors"].as_array().cloned().unwrap_or_default();
    let code = |error: &Json| error["code"].as_str().unwrap_or_default().to_owned();
    let codes: Vec<String> = errors.iter().map(code).collect();
    let found = format!("{} {}", answer.status, codes.join(" "));
    assert_eq!(found.trim(), expected, "{method} {path} {body}: {}", answer.text());
}

fn pipe(place: &Place, nth: usize) -> String {
    format!("/collections/pipes/items/{}", place.ids[nth * 3])
}

#[tokio::test]
async fn nothing_is_written_that_the_role_does_not_allow() {
    let mut place = Place::new(Part::Whole, &scope()).await;
    let scope = editing(Edge::Whole, true);
    let [within, beyond] = [pipe(&place, 0), format!("/collections/pipes/items/{}", place.ids[9])];
    let vault = format!("/collections/vaults/items/{}", place.ids[2]);
    let post = |x: f64| json!({ "type": "Feature", "properties": {}, "geometry": { "type": "Point", "coordinates": [x, 39.1] } });
    let line = |x: f64| json!({ "geometry": { "type": "LineString", "coordinates": [[117.2, 39.1], [x, 39.1]] } });
    let of = |name: &str, value: Json| json!({ "properties": { name: value } });
    let material = || of("material", json!("pe"));
    for (request, sent, expected) in [
        (("PATCH", &*within), (PATCH, material()), "204"),
        (("PATCH", &*within), (PATCH, of("secret", json!("x"))), "422 unknown_field"),
        (("PATCH", &*within), (PATCH, of("pressure", json!(9))), "422 unknown_field"),
        (("PATCH", &*within), (PATCH, of("owner", json!("x"))), "422 not_allowed"),
        (("PATCH", &*within), (PATCH, line(117.21)), "204"),
        (("PATCH", &*within), (PATCH, line(117.3)), "422 not_allowed"),
        (("PATCH", &*format!("{within}?verb=correct")), (PATCH, material()), "403"),
        (("DELETE", &*within), ("", json!(null)), "403"),
        (("POST", "/collections/pipes/items"), (FEATURE, line(117.21)), "403"),
        (("PATCH", &*vault), (PATCH, material()), "404"),
        (("POST", "/collections/posts/items"), (FEATURE, post(117.2)), "201"),
        (("POST", "/collections/posts/items"), (FEATURE, post(117.3)), "422 not_allowed"),
        (("POST", "/change-sets/1/revert"), ("", json!(null)), "403"),
    ] {
        check(&mut place, &scope, request, sent, expected).await;
    }
    let left = editing(Edge::Left, true);
    check(&mut place, &left, ("PATCH", &beyond), (PATCH, material()), "404").await;
    let clipped = editing(Edge::Clipped, true);
    let cut = pipe(&place, 2);
    check(&mut place, &clipped, ("PATCH", &cut), (PATCH, material()), "204").await;
    check(&mut place, &clipped, ("PATCH", &cut), (PATCH, line(117.21)), "422 not_allowed").await;
    let flat = editing(Edge::Whole, false);
    check(&mut place, &flat, ("PATCH", &within), (PATCH, line(117.2)), "422 not_allowed").await;
}

#[tokio::test]
async fn a_whole_feature_that_is_sent_back_leaves_what_its_sender_may_not_write() {
    let mut place = Place::new(Part::Whole, &scope()).await;
    let (scope, path) = (editing(Edge::Whole, false), pipe(&place, 0));
    let told = crate::ask(&mut place.router, &scope, &path).await;
    let mut feature: Json = serde_json::from_slice(&told.body).expect("a feature");
    feature["properties"]["material"] = "pe".into();
    feature["properties"]["owner"] = "Nobody".into();
    feature["geometry"]["coordinates"] = json!([[117.2, 39.1], [117.21, 39.1]]);
    let before = crate::ask(&mut place.router, &Scope::everything(), &path).await;
    check(&mut place, &scope, ("PUT", &path), (FEATURE, feature), "204").await;
    let after = crate::ask(&mut place.router, &Scope::everything(), &path).await;
    let [before, after] = [before, after]
        .map(|answer| -> Json { serde_json::from_slice(&answer.body).expect("a feature") });
    assert_eq!(after["properties"]["material"], "pe");
    for name in ["owner", "code", "secret", "pressure", "depth_m", "households", "installed_on"] {
        assert_eq!(after["properties"][name], before["properties"][name], "{name}");
    }
    assert_eq!(after["geometry"], before["geometry"]);
}

#[tokio::test]
async fn a_transaction_writes_no_more_than_its_edits_may_one_by_one() {
    let mut place = Place::new(Part::Whole, &scope()).await;
    let scope = editing(Edge::Left, true);
    let edit = |nth: usize, properties: Json| {
        let feature = json!({ "type": "Feature", "properties": properties });
        let id = place.ids[nth].to_string();
        json!({ "edits": [{ "action": "update", "collection": "pipes", "id": id, "feature": feature }] })
    };
    let delete = json!({ "edits": [{ "action": "delete", "collection": "pipes", "id": place.ids[0].to_string() }] });
    for (body, expected) in [
        (edit(0, json!({ "material": "pe" })), "200"),
        (edit(0, json!({ "secret": "x" })), "422 unknown_field"),
        (edit(0, json!({ "owner": "x" })), "422 not_allowed"),
        (edit(9, json!({ "material": "pe" })), "422 missing"),
        (edit(1, json!({ "material": "pe" })), "422 missing"),
        (delete, "422 not_allowed"),
    ] {
        let sent = ("application/json", body);
        check(&mut place, &scope, ("POST", "/transactions"), sent, expected).await;
    }
}
