//! What a caller is told of what they may not see: nothing. A registry that holds more than its caller's
//! scope answers, byte for byte, as one that holds nothing else.

mod edit;
mod registry;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use registry::{Part, Place, scope, scope_within, scope_without};
use terrier_api::Caller;
use terrier_model::{Edge, Scope};
use tower::Service;

/// An answer: its status, its headers, its body.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

async fn ask(router: &mut Router, scope: &Scope, path: &str) -> Answer {
    send(router, scope, "GET", path, None).await
}

/// Sends a request, with a body of a media type where it has one.
async fn send(
    router: &mut Router,
    scope: &Scope,
    method: &str,
    path: &str,
    sent: Option<(&str, &str)>,
) -> Answer {
    let path = path.replace(' ', "%20").replace('"', "%22").replace('<', "%3C").replace('>', "%3E");
    let caller = Caller::known("somebody", scope.clone());
    let mut request = Request::builder().method(method).uri(&*path).extension(caller);
    if let Some((media_type, _)) = sent {
        request = request.header("content-type", media_type);
    }
    let body = sent.map_or_else(Body::empty, |(_, text)| Body::from(text.to_owned()));
    let response = router.call(request.body(body).expect("a request")).await.expect("an answer");
    let status = response.status().as_u16();
    let header = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let headers = response.headers().iter().map(header).collect();
    let body = response.into_body().collect().await.expect("a body").to_bytes().to_vec();
    Answer { status, headers, body }
}

/// The paths of everything that there is in a collection, in all forms.
fn paths_of(collection: &str) -> Vec<String> {
    let base = format!("/collections/{collection}");
    let mut paths = Vec::new();
    for of_collection in ["", "/schema", "/feature-schema", "/queryables", "/sortables", "/summary"]
    {
        paths.extend(["json", "html"].map(|form| format!("{base}{of_collection}?f={form}")));
    }
    for form in ["json", "html", "jsonfg", "geojsonl", "csv", "fgb"] {
        paths.push(format!("{base}/items?f={form}"));
    }
    let questions = [
        "limit=2",
        "limit=2&offset=1",
        "bbox=117.2,39.1,117.22,39.12",
        "sortby=-valid_from",
        "sortby=owner",
        "sortby=secret",
        "near=117.21,39.11&k=3",
        "q=geheim",
        "q=Gaswerk",
        "q=P-2",
        "properties=class,secret",
        "properties=class,owner",
        "properties=class,material",
        "properties=class,valid_from",
        "secret=geheim",
        "owner=Gaswerk",
        "owner=Stadt",
        "code=P-2",
        "pressure=4",
        "depth_m=1.5",
        "households=7",
        "material=steel",
        "class=vaults",
        "filter=secret = 'geheim'",
        "filter=owner = 'Gaswerk'",
        "filter=owner IS NULL",
        "filter=pressure > 1",
        "filter=depth_m > 1",
        "filter=class <> 'pipes'",
        "filter=due_state('renew') IS NULL",
        "filter=S_INTERSECTS(geometry, BBOX(117.2,39.1,117.22,39.12))",
        "crs=http://www.opengis.net/def/crs/EPSG/0/4548",
        "crs=http://www.opengis.net/def/crs/EPSG/0/4548&f=csv",
        "skipGeometry=true",
        "on=2026-01-01",
        "rule=T-1",
        "rule=T-5",
        "kind=clean",
        "filter=due_state('renew') = 'overdue'",
    ];
    paths.extend(questions.map(|question| format!("{base}/items?{question}")));
    paths.extend(questions.map(|question| format!("{base}/items?{question}&f=html")));
    let summaries = [
        "group-by=class",
        "group-by=owner",
        "group-by=secret",
        "group-by=age_band",
        "group-by=due_state(renew)",
        "group-by=year(valid_from)",
        "group-by=year(installed_on)",
        "measure=count,geom_length_m,geom_area_m2",
        "measure=length_m",
        "measure=households",
        "measure=communities",
        "bbox=117.2,39.1,117.215,39.12&measure=geom_length_m&clip=true",
        "group-by=class&f=csv",
        "group-by=class&f=html",
    ];
    paths.extend(summaries.map(|question| format!("{base}/summary?{question}")));
    for field in
        ["class", "owner", "code", "secret", "material", "depth_m", "pressure", "rule", "state"]
    {
        paths.push(format!("{base}/queryables/{field}/values"));
        paths.push(format!("{base}/queryables/{field}/values?f=html"));
    }
    paths
}

/// Asks both registries for everything, and for what they have of each other.
async fn check_alike(scope: &Scope) {
    let mut whole = Place::new(Part::Whole, scope).await;
    let mut part = Place::new(Part::Seen, scope).await;
    let mut paths: Vec<String> = ["/", "/collections", "/api", "/conformance", "/functions"]
        .into_iter()
        .flat_map(|path| [path.to_owned(), format!("{path}?f=html")])
        .collect();
    for collection in
        ["assets", "pipes", "posts", "vaults", "due", "due_points", "due_lines", "due_areas"]
    {
        paths.extend(paths_of(collection));
    }
    for id in &whole.ids {
        for collection in ["assets", "pipes", "posts", "vaults"] {
            let item = format!("/collections/{collection}/items/{id}");
            paths.extend(["json", "html", "jsonfg", "csv"].map(|form| format!("{item}?f={form}")));
            paths.push(format!("{item}?properties=class"));
            paths.extend(["json", "html"].map(|form| format!("{item}/history?f={form}")));
        }
        for kind in ["renew", "inspect"] {
            let work = format!("/collections/due/items/{id}.{kind}");
            paths.extend(["json", "html", "csv"].map(|form| format!("{work}?f={form}")));
        }
    }
    let mut good = 0;
    for path in paths {
        let mut next = Some(path);
        // Pages are turned to the last.
        while let Some(path) = next.take() {
            let found = ask(&mut whole.router, scope, &path).await;
            let expected = ask(&mut part.router, scope, &path).await;
            assert_eq!(found.text(), expected.text(), "{path}");
            assert_eq!(found, expected, "{path}");
            good += u32::from(found.status == 200);
            next = next_page(&found);
        }
    }
    assert!(good > 300, "only {good} answers with something in them");
}

fn next_page(answer: &Answer) -> Option<String> {
    let (_, links) = answer.headers.iter().find(|(name, _)| name == "link")?;
    let next = links.split(", ").find(|link| link.contains("rel=\"next\""))?;
    let address = next.strip_prefix("<http://127.0.0.1")?;
    Some(address.split('>').next()?.to_owned())
}

#[tokio::test]
async fn what_is_out_of_scope_is_answered_as_if_it_did_not_exist() {
    check_alike(&scope()).await;
}

#[tokio::test]
async fn what_lies_out_of_an_area_is_answered_as_if_it_did_not_exist() {
    let mut place = Place::new(Part::Whole, &scope()).await;
    // Of four pipes two lie within, one across the edge, and one touches it from without.
    for (edge, pipes, last) in
        [(Edge::Whole, 4, 117.28125), (Edge::Clipped, 3, 117.25), (Edge::Left, 2, 117.25)]
    {
        let scope = scope_within(edge);
        let found = ask(&mut place.router, &scope, "/collections/pipes").await;
        let found: serde_json::Value = serde_json::from_slice(&found.body).expect("JSON");
        assert_eq!(found["itemCount"], pipes, "{edge:?}");
        let east = found["extent"]["spatial"]["bbox"][0][2].as_f64().expect("an edge");
        assert!((last..last + 0.011).contains(&east), "{edge:?} {east}");
        check_alike(&scope).await;
    }
}

#[tokio::test]
async fn an_event_that_no_field_may_show_is_no_reason_that_is_told() {
    let mut place = Place::new(Part::Whole, &scope()).await;
    let path = "/collections/due_lines/items?kind=inspect";
    for (scope, is_told) in [(scope(), true), (scope_without(&["inspected_on"]), false)] {
        let answer = ask(&mut place.router, &scope, path).await;
        assert_eq!(answer.text().contains("2025-05-05"), is_told, "{}", answer.text());
        assert!(answer.text().contains("\"rule\":\"T-4\""));
    }
}

#[tokio::test]
async fn the_schema_tells_that_lines_which_are_cut_come_to_pieces() {
    let mut place = Place::new(Part::Seen, &scope()).await;
    let mut check = async |scope: Scope, expected: [&str; 2]| {
        let ask = async |router: &mut Router, path| {
            let answer = ask(router, &scope, &format!("/collections/pipes/{path}")).await;
            serde_json::from_slice::<serde_json::Value>(&answer.body).expect("JSON")
        };
        let schema = ask(&mut place.router, "schema").await;
        let feature = ask(&mut place.router, "feature-schema").await;
        let told = [
            &schema["properties"]["geometry"]["format"],
            &feature["properties"]["geometry"]["$ref"],
        ];
        assert_eq!(told, expected);
    };
    let of_lines = ["geometry-linestring", "https://geojson.org/schema/LineString.json"];
    for scope in [scope(), scope_within(Edge::Whole), scope_within(Edge::Left)] {
        check(scope, of_lines).await;
    }
    let of_pieces =
        ["geometry-linestring-or-multilinestring", "https://geojson.org/schema/Geometry.json"];
    check(scope_within(Edge::Clipped), of_pieces).await;
}

#[tokio::test]
async fn by_what_a_caller_does_not_see_nothing_falls_due_for_them() {
    let mut place = Place::new(Part::Whole, &scope()).await;
    let path = "/collections/due_lines/items";
    let mut check = async |scope: Scope, expected: &[&str]| {
        let answer = ask(&mut place.router, &scope, path).await;
        let rules = ["T-1", "T-4", "T-5", "T-6"];
        let told = rules
            .into_iter()
            .filter(|rule| answer.text().contains(&format!("\"rule\":\"{rule}\"")));
        assert_eq!(told.collect::<Vec<_>>(), expected);
    };
    check(Scope::everything(), &["T-1", "T-4", "T-5"]).await;
    check(scope(), &["T-1", "T-4"]).await;
    check(scope_without(&["installed_on"]), &[]).await;
    check(scope_without(&["code"]), &["T-1", "T-4", "T-5"]).await;
}

#[tokio::test]
async fn scopes_share_no_tag_and_no_token() {
    let mut place = Place::new(Part::Seen, &scope()).await;
    let public = Scope::public(terrier_model::Names::All);
    for path in
        ["/", "/collections", "/collections/posts/items?limit=1", "/collections/posts/schema"]
    {
        let tags = [&scope(), &public, &Scope::everything()].map(|scope| (scope.clone(), path));
        let mut seen = Vec::new();
        for (scope, path) in tags {
            let answer = ask(&mut place.router, &scope, path).await;
            let tag = answer.headers.iter().find(|(name, _)| name == "etag").expect("a tag");
            assert!(!seen.contains(&tag.1), "{path}");
            seen.push(tag.1.clone());
        }
    }
    let first = ask(&mut place.router, &public, "/collections/posts/items?limit=1").await;
    let next = next_page(&first).expect("another page");
    assert_eq!(ask(&mut place.router, &public, &next).await.status, 200);
    let other = ask(&mut place.router, &scope(), &next).await;
    assert_eq!(other.status, 400, "{}", other.text());
}
