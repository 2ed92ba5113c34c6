//! The API document says what the server does: no more, and no less.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::{Map, Value as Json, json};

use crate::program::{Answer, PLENTIFUL, collections, district, list, text};

static DOCUMENT: LazyLock<Json> = LazyLock::new(|| district().json("/api"));

/// What a reference leads to, or the value itself.
fn resolved(json: &Json) -> &Json {
    match json.get("$ref") {
        Some(reference) => {
            let pointer =
                text(reference).strip_prefix('#').expect("a reference within the document");
            DOCUMENT.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
        }
        None => json,
    }
}

fn paths() -> &'static Map<String, Json> {
    DOCUMENT["paths"].as_object().expect("paths")
}

/// The path of a documented one, for a feature that there is; none for a collection without any.
fn example(path: &str) -> Option<String> {
    let of_feature = path.split_once("/{featureId}").or_else(|| path.split_once("/{workId}"));
    // Nobody has sent a file to this server.
    if path.contains("{importId}") {
        return None;
    }
    let Some((items, rest)) = of_feature else {
        return Some(path.replace("{queryableId}", "class").replace("{change}", "2"));
    };
    let page = district().json(&format!("{items}?limit=1"));
    let first = list(&page["features"]).first()?;
    Some(format!("{items}/{}{rest}", text(&first["id"])))
}

/// Checks that the status of an answer, its media type and its body are documented for a path.
fn check(path: &str, answer: &Answer) {
    check_of("get", path, answer);
}

fn check_of(method: &str, path: &str, answer: &Answer) {
    let responses = &paths()[path][method]["responses"];
    let status = answer.status.to_string();
    let documented = responses.get(&status);
    let documented = documented.unwrap_or_else(|| panic!("{path}: {status} is not documented"));
    check_headers(&format!("{path} {status}"), &resolved(documented)["headers"], answer);
    let Some(form) = answer.header("content-type") else {
        assert!(answer.body.is_empty(), "{path} {status}: a body without a type");
        return;
    };
    let content = resolved(documented)["content"].as_object().expect("media types");
    let bare = |form: &str| form.split("; ").next().unwrap_or_default().to_owned();
    let media = content.get(form).or_else(|| content.get(&bare(form)));
    let media = media.unwrap_or_else(|| panic!("{path} {status}: {form} is not documented"));
    // A text of several documents is none.
    if form.contains("json") && media["schema"]["type"] != "string" {
        conforms(&media["schema"], &answer.json(), &format!("{path} {status}"));
    }
}

/// What the frame of an answer is made of, and what browsers ask for.
const FRAME: [&str; 9] = [
    "access-control-allow-origin",
    "access-control-expose-headers",
    "connection",
    "content-encoding",
    "content-length",
    "content-security-policy",
    "content-type",
    "date",
    "x-content-type-options",
];

/// Checks that each header of an answer is documented, and that each one is there that has to be.
fn check_headers(place: &str, documented: &Json, answer: &Answer) {
    let documented = documented.as_object().unwrap_or_else(|| panic!("{place}: no headers"));
    for (name, _) in answer.headers() {
        let is_known = FRAME.iter().any(|known| known.eq_ignore_ascii_case(name))
            || documented.keys().any(|known| known.eq_ignore_ascii_case(name));
        assert!(is_known, "{place}: the header `{name}` is not documented");
    }
    for (name, header) in documented {
        let header = resolved(header);
        let Some(value) = answer.header(name) else {
            assert_eq!(header["required"], false, "{place}: no header `{name}`");
            continue;
        };
        let is_count = header["schema"]["type"] == "integer";
        assert!(!is_count || value.parse::<u64>().is_ok(), "{place}: {name}: {value}");
    }
}

/// Checks a value against a schema of OpenAPI 3.0, as far as the document uses its words.
fn conforms(schema: &Json, value: &Json, at: &str) {
    let schema = resolved(schema);
    if value.is_null() {
        let free = schema.as_object().is_some_and(Map::is_empty);
        assert!(free || schema["nullable"] == true, "{at} is null");
        return;
    }
    let is_kind = match schema["type"].as_str() {
        None => true,
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_u64() || value.is_i64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some(other) => panic!("{at}: no such type `{other}`"),
    };
    assert!(is_kind, "{at} is no {}: {value}", schema["type"]);
    if let Some(codes) = schema["enum"].as_array() {
        assert!(codes.contains(value), "{at}: {value} is not among {codes:?}");
    }
    if let Some(least) = schema["minimum"].as_f64() {
        assert!(value.as_f64().is_some_and(|number| number >= least), "{at}: {value}");
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(value.get(text(name)).is_some(), "{at} lacks {name}");
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        if let Some(properties) = schema.get("properties") {
            let known =
                properties.get(name).unwrap_or_else(|| panic!("{at}: `{name}` is not documented"));
            conforms(known, member, &format!("{at}.{name}"));
        }
    }
    let items = value.as_array().map_or(&[][..], Vec::as_slice);
    let bounds =
        [schema["minItems"].as_u64().unwrap_or(0), schema["maxItems"].as_u64().unwrap_or(u64::MAX)];
    assert!(
        !value.is_array() || (bounds[0]..=bounds[1]).contains(&(items.len() as u64)),
        "{at}: {value}"
    );
    for (place, item) in items.iter().enumerate() {
        conforms(&schema["items"], item, &format!("{at}[{place}]"));
    }
}

#[test]
fn every_documented_path_is_answered_as_documented() {
    for (path, operations) in paths() {
        let there = example(path).filter(|_| operations.get("get").is_some());
        let Some(there) = there else { continue };
        let answer = district().get(&there);
        assert_eq!(answer.status, 200, "{path}");
        check(path, &answer);
        let watch = path.starts_with("/health/") || path == "/metrics";
        let mut asked = vec![
            district().ask("GET", &there, &[("If-None-Match", "*")]),
            district().ask("GET", &there, &[("Accept", "image/png")]),
            district().ask("GET", &there, &[("Accept", "text/html, */*;q=0.1")]),
            district().get(&format!("{there}?f=html")),
            district().get(&format!("{there}?nothing=1")),
            district().get(&format!("{there}?x={}", "y".repeat(9000))),
        ];
        let statuses: Vec<u16> = asked.iter().map(|answer| answer.status).collect();
        let expected = if watch {
            [200, 200, 200, 200, 200, 414]
        } else if path == "/style.css" {
            [304, 200, 200, 200, 200, 414]
        } else {
            [304, 406, 200, 200, 400, 414]
        };
        assert_eq!(statuses, expected, "{path}");
        if path.contains("{featureId}") {
            let missing = path.replace("{featureId}", "018cc251-fe21-7a13-abb8-000000000000");
            asked.push(district().get(&missing));
            asked.push(district().get(&path.replace("{featureId}", "x")));
            assert!(asked[6..].iter().all(|answer| answer.status == 404), "{path}");
        }
        asked.iter().for_each(|answer| check(path, answer));
    }
}

#[test]
fn every_documented_way_to_write_is_answered_as_documented() {
    let geojson = ("Content-Type", "application/geo+json");
    let merge = ("Content-Type", "application/merge-patch+json");
    for (path, operations) in paths() {
        let Some(there) = example(path).map(|there| there.replace("{change}", "2")) else {
            continue;
        };
        let file = if path == "/imports" { "&as=light_poles&name=x.geojson" } else { "" };
        let there = format!("{there}?dry-run=true{file}");
        let feature = if path.ends_with("/items") {
            let page = district().json(&there.replace("/items?dry-run=true", "/items?limit=1"));
            // A collection without any shows nobody what to send.
            let Some(first) = list(&page["features"]).first() else { continue };
            first.to_string()
        } else {
            district().get(there.trim_end_matches("?dry-run=true")).text()
        };
        let writes = operations.as_object().expect("operations").keys();
        for method in writes.filter(|method| *method != "get") {
            let (form, body) = match method.as_str() {
                "patch" => (merge, r#"{"properties":{}}"#.to_owned()),
                "delete" => (geojson, String::new()),
                _ => (geojson, feature.clone()),
            };
            let send = |headers: &[(&str, &str)], body: &str| {
                let answer = district().send(&method.to_uppercase(), &there, headers, body);
                check_of(method, path, &answer);
                answer.status
            };
            let done = send(&[form], &body);
            assert!(matches!(done, 200 | 202 | 409 | 415), "{method} {path}: {done}");
            let unseen = send(&[form, ("If-Match", "\"0\"")], &body);
            assert_eq!(unseen == 412, path.contains("{featureId}"), "{method} {path}: {unseen}");
            send(&[form], "{");
            send(&[form], r#"{"type":"Feature","geometry":null,"properties":{"nope":1}}"#);
            send(&[("Content-Type", "text/plain")], &body);
            send(&[form, ("Content-Crs", "EPSG:1")], &body);
        }
    }
}

#[test]
fn the_routes_of_the_server_are_the_paths_of_the_document() {
    let names = [("feature", "featureId"), ("queryable", "queryableId"), ("import", "importId")];
    let spelled = |template: &str| {
        names.iter().fold(template.to_owned(), |path, (one, other)| {
            path.replace(&format!("{{{one}}}"), &format!("{{{other}}}"))
        })
    };
    let routes: BTreeSet<String> =
        terrier_api::ROUTES.iter().map(|route| spelled(route.template)).collect();
    let mut expected = BTreeSet::new();
    for route in routes {
        if route.contains("{collection}") {
            let of = |name: &str| route.replace("{collection}", name);
            expected.extend(collections().into_iter().map(of));
            // Work that falls due has no history.
            if !route.ends_with("/history") {
                let due = ["due", "due_points", "due_lines", "due_areas"];
                expected.extend(due.map(|name| of(name).replace("{featureId}", "{workId}")));
            }
        } else {
            expected.insert(route);
        }
    }
    let documented: BTreeSet<String> = paths().keys().cloned().collect();
    assert_eq!(documented, expected);
}

#[test]
fn the_size_of_a_page_is_declared_where_clients_look_for_it() {
    let limit = &DOCUMENT["components"]["parameters"]["limit"];
    let expected = json!({ "type": "integer", "minimum": 1, "maximum": 10_000, "default": 100 });
    assert_eq!(limit["schema"], expected);
    for name in PLENTIFUL {
        let parameters = list(&paths()[&format!("/collections/{name}/items")]["get"]["parameters"]);
        let first = json!({ "$ref": "#/components/parameters/limit" });
        assert_eq!(parameters[0], first, "{name}");
        let default = district().json(&format!("/collections/{name}/items"));
        let matched = default["numberMatched"].as_u64().expect("a count");
        let least = limit["schema"]["default"].as_u64().expect("a number").min(matched);
        assert_eq!(default["numberReturned"], least, "{name}");
    }
}

#[test]
fn the_parameters_of_a_list_are_those_that_it_takes() {
    for name in collections() {
        let schema = district().json(&format!("/collections/{name}/feature-schema"));
        let fields =
            schema["properties"]["properties"]["properties"].as_object().expect("an object");
        let mut expected: Vec<&str> = vec![
            "limit",
            "bbox",
            "bbox-crs",
            "datetime",
            "filter",
            "filter-lang",
            "filter-crs",
            "q",
            "sortby",
            "near",
            "k",
            "offset",
            "token",
            "f",
            "lang",
            "crs",
            "skipGeometry",
            "properties",
            "as-of",
            "known-at",
        ];
        expected.extend(fields.keys().map(String::as_str));
        let parameters = list(&paths()[&format!("/collections/{name}/items")]["get"]["parameters"]);
        let found: Vec<&str> =
            parameters.iter().map(|parameter| text(&resolved(parameter)["name"])).collect();
        assert_eq!(found, expected, "{name}");
        for parameter in parameters.iter().map(resolved) {
            let styled = [
                &parameter["in"],
                &parameter["style"],
                &parameter["explode"],
                &parameter["required"],
            ];
            assert_eq!(
                styled,
                [&json!("query"), &json!("form"), &json!(false), &json!(false)],
                "{parameter}"
            );
            // A list is asked for by one of its values.
            let is_list = |field: &Json| field["type"] == "array";
            let field = fields.get(text(&parameter["name"]));
            let field = field.map(|field| if is_list(field) { &field["items"] } else { field });
            for word in ["type", "format"] {
                let same =
                    field.is_none_or(|field| field.get(word) == parameter["schema"].get(word));
                assert!(same, "{name}: {parameter}");
            }
        }
    }
    let bbox = &DOCUMENT["components"]["parameters"]["bbox"]["schema"];
    let numbers =
        json!({ "type": "array", "minItems": 4, "maxItems": 6, "items": { "type": "number" } });
    assert_eq!(*bbox, numbers);
    assert_eq!(
        DOCUMENT["components"]["parameters"]["datetime"]["schema"],
        json!({ "type": "string" })
    );
}

#[test]
fn the_document_is_openapi_3_0_in_one_piece_at_the_servers_address() {
    let answer = district().get("/api");
    let form = "application/vnd.oai.openapi+json;version=3.0";
    assert_eq!(answer.header("content-type"), Some(form));
    assert!(text(&DOCUMENT["openapi"]).starts_with("3.0."));
    assert_eq!(DOCUMENT["servers"], json!([{ "url": district().url() }]));
    let references: BTreeSet<String> = answer
        .text()
        .split("\"$ref\":\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap_or_default().to_owned())
        .collect();
    assert!(references.len() > 20, "{references:?}");
    for reference in references {
        resolved(&json!({ "$ref": reference }));
    }
}

#[test]
fn every_form_of_features_has_the_headers_that_are_documented() {
    for path in ["/collections/gas_pipes/items", "/collections/due/items"] {
        for form in ["json", "jsonfg", "geojsonseq", "csv", "flatgeobuf"] {
            let answer = district().get(&format!("{path}?limit=2&f={form}&crs=EPSG:4548"));
            assert_eq!((answer.status, answer.header("ogc-numberreturned")), (200, Some("2")));
            check(path, &answer);
        }
    }
}

#[test]
fn a_parameter_that_is_misspelled_is_told_by_its_right_name_on_every_path() {
    let mut count = 0;
    for (path, item) in paths() {
        // Those of one class, and of what falls due, stand for the others.
        if path.starts_with("/collections/")
            && !path.contains("/gas_pipes")
            && !path.contains("/due/")
        {
            continue;
        }
        let Some(there) = example(path) else { continue };
        for parameter in item["get"]["parameters"].as_array().into_iter().flatten().map(resolved) {
            let name = text(&parameter["name"]);
            // Of fewer letters than three, no guess is better than another.
            if parameter["in"] != "query" || name.len() < 3 {
                continue;
            }
            let end = &name[name.len() - 1..];
            let answer = district().get(&format!("{there}?{name}{end}=1"));
            let expected =
                format!("parameter `{name}{end}`: not known here; did you mean `{name}`?");
            assert_eq!((answer.status, answer.problem()), (400, expected), "{path}");
            count += 1;
        }
    }
    assert!(count > 100, "{count} parameters");
}
