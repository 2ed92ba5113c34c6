//! The documents that every client reads first: landing page, conformance, API document,
//! collections; and what a feature looks like on its own.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value as Json, json};

use crate::program::{PLENTIFUL, Server, collections, district, folder, import, link, list, text};

const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

/// Checks that a document has a link of that relation, and where it leads and to what.
fn check(document: &Json, rel: &str, path: &str, media_type: &str) {
    let links = list(&document["links"]);
    let found = links.iter().find(|link| link["rel"] == rel && link["type"] == media_type);
    let found = found.unwrap_or_else(|| panic!("no `{rel}` of {media_type} among {links:?}"));
    assert_eq!(found["href"], format!("{}{path}", district().url()), "{rel}");
}

/// Calls the function with every object in the document.
fn visit(json: &Json, see: &mut impl FnMut(&Json)) {
    match json {
        Json::Object(members) => {
            see(json);
            members.values().for_each(|member| visit(member, see));
        }
        Json::Array(items) => items.iter().for_each(|item| visit(item, see)),
        _ => {}
    }
}

#[test]
fn the_landing_page_leads_to_all_that_a_client_needs() {
    let server = district();
    for path in ["/", "", "/?f=json"] {
        let page = server.json(path);
        assert_eq!(page["title"], "Terrier");
        assert!(text(&page["description"]).contains("gas pipes"));
        let own = if path.contains('?') { path } else { "/" };
        check(&page, "self", own, "application/json");
        check(&page, "alternate", "/?f=html", "text/html");
        check(&page, "service-desc", "/api", "application/vnd.oai.openapi+json;version=3.0");
        check(&page, "conformance", "/conformance", "application/json");
        check(&page, "data", "/collections", "application/json");
        let functions = "http://www.opengis.net/def/rel/ogc/1.0/functions";
        check(&page, functions, "/functions", "application/json");
    }
}

#[test]
fn the_status_line_says_http_1_1() {
    let mut stream = TcpStream::connect(district().address()).expect("it listens");
    stream.write_all(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

#[test]
fn conformance_names_the_classes_that_are_kept_and_no_other() {
    let conformance = district().json("/conformance");
    let expected = [
        "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
        "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/html",
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
        "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
        "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
        "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
        "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
        "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
        "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/create-replace-delete",
        "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/update",
        "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/features",
        "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/optimistic-locking-etags",
        "http://www.opengis.net/spec/ogcapi-common-5/1.0/conf/create-replace-delete",
        "http://www.opengis.net/spec/ogcapi-common-5/1.0/conf/update",
        "http://www.opengis.net/spec/ogcapi-common-5/1.0/conf/optimistic-locking-etags",
        "http://www.opengis.net/spec/ogcapi-common-5/1.0/conf/return-resource-representation-in-response",
        "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
        "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
        "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
        "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
        "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
        "http://www.opengis.net/spec/cql2/1.0/conf/accent-insensitive-comparison",
        "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
        "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions-plus",
        "http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
        "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
        "http://www.opengis.net/spec/cql2/1.0/conf/array-functions",
        "http://www.opengis.net/spec/cql2/1.0/conf/property-property",
        "http://www.opengis.net/spec/cql2/1.0/conf/arithmetic",
        "http://www.opengis.net/spec/cql2/1.0/conf/functions",
        "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-operators",
        "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/schemas",
        "http://www.opengis.net/spec/ogcapi-features-8/1.0/conf/sorting",
        "http://www.opengis.net/spec/ogcapi-features-8/1.0/conf/sortables",
        "http://www.opengis.net/spec/ogcapi-features-8/1.0/conf/features-sorting",
        "http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/schemas",
        "http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/queryables",
        "http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/sortables",
        "http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/returnables-and-receivables",
        "http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/advanced-property-roles",
    ];
    assert_eq!(conformance["conformsTo"], json!(expected.to_vec()));
    check(&conformance, "self", "/conformance", "application/json");
}

#[test]
fn every_link_has_an_absolute_address_a_relation_and_a_type() {
    let server = district();
    let mut paths = ["/", "/conformance", "/functions", "/collections"].map(str::to_owned).to_vec();
    for name in PLENTIFUL {
        let id =
            server.json(&format!("/collections/{name}/items?limit=1"))["features"][0]["id"].clone();
        let item = format!("/collections/{name}/items/{}", text(&id));
        paths.extend([format!("/collections/{name}"), format!("/collections/{name}/items")]);
        paths.extend([format!("{item}/history"), item]);
    }
    for path in paths {
        let document = server.json(&path);
        assert!(link(&document, "self").is_some(), "{path}");
        visit(&document, &mut |object| {
            for link in object.get("links").map_or(&[][..], list) {
                assert!(text(&link["href"]).starts_with(server.url()), "{path}: {link}");
                assert!(!text(&link["rel"]).is_empty(), "{path}: {link}");
                assert!(text(&link["type"]).contains('/'), "{path}: {link}");
            }
        });
    }
}

#[test]
fn a_collection_is_described_alike_in_the_list_and_alone() {
    let server = district();
    let collections = server.json("/collections");
    check(&collections, "self", "/collections", "application/json");
    assert_eq!(collections["crs"][0], CRS84);
    let entries = list(&collections["collections"]);
    let names: Vec<&str> = entries.iter().map(|entry| text(&entry["id"])).collect();
    let mut expected = crate::program::collections();
    expected.splice(1..1, ["due", "due_points", "due_lines", "due_areas"]);
    assert_eq!(names, expected);
    for entry in entries {
        let name = text(&entry["id"]);
        let mut alone = server.json(&format!("/collections/{name}"));
        // In the list the coordinate systems stand once, above.
        assert_eq!(alone["crs"], collections["crs"], "{name}");
        alone["crs"] = entry["crs"].clone();
        assert_eq!(*entry, alone, "{name}");
        let items = format!("/collections/{name}/items");
        check(entry, "self", &format!("/collections/{name}"), "application/json");
        check(entry, "items", &items, "application/geo+json");
        for rel in ["describedby", "describedBy"] {
            check(
                entry,
                rel,
                &format!("/collections/{name}/feature-schema"),
                "application/schema+json",
            );
        }
        assert_eq!(entry["itemType"], "feature");
        assert_eq!(entry["crs"][0], CRS84);
        assert!(!text(&entry["title"]).is_empty() && !text(&entry["description"]).is_empty());
        assert_eq!(server.json(&items)["numberMatched"], entry["itemCount"], "{name}");
    }
}

#[test]
fn all_assets_are_those_of_every_class() {
    let count = |name: &str| {
        district().json(&format!("/collections/{name}"))["itemCount"].as_u64().expect("a count")
    };
    let of_classes: u64 = collections()[1..].iter().map(|name| count(name)).sum();
    assert_eq!((count("assets"), of_classes), (3000, 3000));
}

/// Every position in a geometry.
fn positions(coordinates: &Json, found: &mut Vec<[f64; 2]>) {
    match list(coordinates) {
        [Json::Number(lon), Json::Number(lat)] => {
            found.push([lon, lat].map(|number| number.as_f64().expect("a number")));
        }
        parts => parts.iter().for_each(|part| positions(part, found)),
    }
}

#[test]
fn an_extent_holds_every_feature_and_little_more() {
    for name in PLENTIFUL {
        let collection = district().json(&format!("/collections/{name}"));
        let extent = &collection["extent"];
        assert_eq!(extent["spatial"]["crs"], CRS84);
        let boxes = list(&extent["spatial"]["bbox"]);
        let edges: Vec<f64> =
            list(&boxes[0]).iter().map(|edge| edge.as_f64().expect("a number")).collect();
        assert_eq!((boxes.len(), edges.len()), (1, 4), "{extent}");
        let mut found = Vec::new();
        for feature in district().features(&format!("/collections/{name}/items?limit=1000")) {
            positions(&feature["geometry"]["coordinates"], &mut found);
        }
        for axis in 0..2 {
            let least = found.iter().map(|position| position[axis]).fold(f64::INFINITY, f64::min);
            let most =
                found.iter().map(|position| position[axis]).fold(f64::NEG_INFINITY, f64::max);
            // Rounded outward to two decimals.
            assert!(
                least - 0.01 < edges[axis] && edges[axis] <= least,
                "{name}: {edges:?} {least}"
            );
            assert!(
                most <= edges[axis + 2] && edges[axis + 2] < most + 0.01,
                "{name}: {edges:?} {most}"
            );
        }
        assert_eq!(extent["temporal"]["interval"], json!([["2024-01-01T00:00:00Z", null]]));
        assert_eq!(
            extent["temporal"]["trs"],
            "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
        );
    }
}

#[test]
fn an_extent_never_leaves_the_world_and_an_empty_collection_has_none() {
    let folder = folder();
    let corner = |key: &str, lon: f64, lat: f64| {
        let geometry = json!({ "type": "Point", "coordinates": [lon, lat] });
        json!({ "type": "Feature", "id": key, "geometry": geometry, "properties": {} })
    };
    let corners = [corner("a", -180.0, -90.0), corner("b", 180.0, 90.0)];
    import(folder.path(), "light_poles", &corners, &[]).expect_done();
    let server = Server::start(folder.path(), &[]);
    let lights = server.json("/collections/light_poles");
    assert_eq!(lights["extent"]["spatial"]["bbox"], json!([[-180.0, -90.0, 180.0, 90.0]]));
    let pipes = server.json("/collections/gas_pipes");
    assert_eq!((pipes.get("extent"), &pipes["itemCount"]), (None, &json!(0)));
    let none = server.json("/collections/gas_pipes/items");
    assert_eq!((&none["features"], &none["numberMatched"]), (&json!([]), &json!(0)));
    assert_eq!((&none["numberReturned"], link(&none, "next")), (&json!(0), None));
}

#[test]
fn a_feature_alone_is_the_feature_of_the_list_with_links() {
    for name in PLENTIFUL {
        let items = format!("/collections/{name}/items");
        let listed = district().json(&format!("{items}?limit=3"))["features"][2].clone();
        let path = format!("{items}/{}", text(&listed["id"]));
        let mut alone = district().json(&path);
        check(&alone, "self", &path, "application/geo+json");
        check(&alone, "collection", &format!("/collections/{name}"), "application/json");
        check(&alone, "version-history", &format!("{path}/history"), "application/json");
        alone.as_object_mut().expect("an object").shift_remove("links");
        assert_eq!(alone, listed);
    }
}

#[test]
fn a_feature_has_every_property_of_the_schema_in_its_order() {
    for name in collections() {
        let schema = district().json(&format!("/collections/{name}/feature-schema"));
        let expected = schema["properties"]["properties"]["properties"].as_object();
        let expected: Vec<&String> = expected.expect("an object").keys().collect();
        for feature in district().features(&format!("/collections/{name}/items?limit=1000")) {
            let properties = feature["properties"].as_object().expect("an object");
            assert_eq!(properties.keys().collect::<Vec<_>>(), expected, "{name}");
            let is_plain = |value: &Json| match value {
                Json::Array(values) => values.iter().all(Json::is_string),
                value => !value.is_object(),
            };
            assert!(properties.values().all(is_plain), "{feature}");
            assert!(!properties.contains_key("id"));
        }
    }
}

#[test]
fn what_there_is_not_is_404() {
    let of_gas = district().json("/collections/gas_pipes/items?limit=1")["features"][0].clone();
    let id = text(&of_gas["id"]);
    let check = |path: &str, expected: &str| {
        let answer = district().get(path);
        assert_eq!((answer.status, &*answer.problem()), (404, expected), "{path}");
    };
    check("/collections/trees", "there is no collection `trees`");
    check("/collections/Gas_pipes/items", "there is no collection `Gas_pipes`");
    check("/collections/trees/items/x/history", "there is no collection `trees`");
    check("/collections/gas_pipes/items/7", "there is no feature `7` in `gas_pipes`");
    check("/collections/gas_pipes/items/%E7%87%83", "there is no feature `燃` in `gas_pipes`");
    let other = format!("/collections/light_poles/items/{id}");
    check(&other, &format!("there is no feature `{id}` in `light_poles`"));
    check(
        "/collections/gas_pipes/items/a/b",
        "there is nothing at `/collections/gas_pipes/items/a/b`",
    );
    assert_eq!(district().get(&format!("/collections/assets/items/{id}")).status, 200);
}
