//! The lists of fields: what a feature has, what can be asked for, what can be sorted by.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use crate::program::encoded;
use crate::program::{
    PLENTIFUL, Server, collections, district, folder, import, list, terrier, text,
};

const REL: &str = "http://www.opengis.net/def/rel/ogc/1.0/";

/// The names of every collection, those of what falls due too.
fn names() -> Vec<&'static str> {
    let mut names = collections();
    names.extend(["due", "due_points", "due_lines", "due_areas"]);
    names
}

fn properties(schema: &Json) -> &Map<String, Json> {
    schema["properties"].as_object().unwrap_or_else(|| panic!("no properties: {schema}"))
}

/// The addresses to which the links of a relation lead.
fn links<'j>(document: &'j Json, rel: &str) -> Vec<&'j str> {
    let links = list(&document["links"]).iter().filter(|link| link["rel"] == rel);
    links
        .inspect(|link| assert_eq!(link["type"], "application/schema+json", "{link}"))
        .map(|link| text(&link["href"]))
        .collect()
}

#[test]
fn a_collection_leads_to_the_lists_of_its_fields() {
    for name in names() {
        let collection = district().json(&format!("/collections/{name}"));
        let address = format!("{}/collections/{name}", district().url());
        for kind in ["queryables", "sortables"] {
            let found = links(&collection, &format!("{REL}{kind}"));
            assert_eq!(found, [format!("{address}/{kind}")], "{name}");
        }
        let schema = links(&collection, &format!("{REL}schema"));
        let [schema] = schema[..] else { panic!("{schema:?}") };
        let (path, version) = schema.split_once("?v=").expect("a version");
        assert_eq!((path, version.len()), (&*format!("{address}/schema"), 8), "{name}");
        let versioned = district().json(schema);
        assert_eq!(versioned, district().json(path), "{name}");
        for rel in ["describedby", "describedBy"] {
            assert_eq!(links(&collection, rel), [format!("{address}/feature-schema")]);
        }
    }
}

/// Checks what every list has, as the standards ask.
fn check(path: &str, schema: &Json) {
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["$id"], format!("{}{path}", district().url()));
    let fixed = [&schema["type"], &schema["additionalProperties"]];
    assert_eq!(fixed, [&json!("object"), &json!(false)], "{path}");
    assert!(!text(&schema["title"]).is_empty() && !text(&schema["description"]).is_empty());
    for (place, (name, property)) in (1..).zip(properties(schema)) {
        assert_eq!(property["x-ogc-propertySeq"], json!(place), "{path} {name}");
        assert!(!text(&property["title"]).is_empty(), "{path} {name}");
        if property["x-ogc-role"] == "primary-geometry" {
            assert!(text(&property["format"]).starts_with("geometry-"), "{path}");
            assert!(property.get("type").is_none() && property.get("$ref").is_none(), "{path}");
        } else {
            assert!(property["type"].is_string(), "{path} {name}");
        }
    }
}

/// The properties of the list of a collection.
fn listed(name: &str, kind: &str) -> Map<String, Json> {
    let path = format!("/collections/{name}/{kind}");
    let answer = district().get(&format!("{path}?f=json"));
    assert_eq!(answer.header("content-type"), Some("application/schema+json"));
    let schema = answer.json();
    check(&path, &schema);
    properties(&schema).clone()
}

#[test]
fn what_can_be_asked_for_is_the_geometry_and_each_parameter_that_is_a_field() {
    let api = district().json("/api");
    for name in names() {
        let queryables = listed(name, "queryables");
        let parameters = &api["paths"][format!("/collections/{name}/items")]["get"]["parameters"];
        // Those of every list are references, but for the one whose values are names of fields.
        let own = list(parameters).iter().filter_map(|parameter| parameter["name"].as_str());
        let own = own.filter(|name| *name != "properties");
        let mut expected = vec!["geometry"];
        expected.extend(own);
        assert_eq!(queryables.keys().collect::<Vec<_>>(), expected, "{name}");
        for (field, property) in queryables.iter().skip(1) {
            let parameter = list(parameters).iter().find(|other| other["name"] == **field);
            let schema = &parameter.expect("a parameter")["schema"];
            // A list is asked for by one of its values.
            let property = if property["type"] == "array" { &property["items"] } else { property };
            assert_eq!(schema["type"], property["type"], "{name} {field}");
            assert_eq!(schema.get("format"), property.get("format"), "{name} {field}");
        }
    }
}

#[test]
fn each_field_that_can_be_asked_for_finds_the_features_that_have_its_value() {
    for name in PLENTIFUL.into_iter().chain(["due"]) {
        let features = district().json(&format!("/collections/{name}/items?limit=60"));
        let mut asked = 0;
        for field in listed(name, "queryables").keys().skip(1) {
            let mut values = list(&features["features"]).iter().map(|f| &f["properties"][field]);
            let Some(value) = values.find(|value| !value.is_null()) else { continue };
            // A list is found by one of its values.
            let value = value.as_array().map_or(value, |values| &values[0]);
            let told = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let told = encoded(&told);
            let found =
                district().json(&format!("/collections/{name}/items?limit=1000&{field}={told}"));
            let found = list(&found["features"]);
            assert!(!found.is_empty(), "{name} {field} {value}");
            // Work is found by each of its rules.
            let is_so = |feature: &Json| match &feature["properties"][field] {
                Json::Array(values) => values.contains(value),
                other => other == value,
            };
            assert!(found.iter().all(is_so) || field == "rule", "{name} {field} {value}");
            asked += 1;
        }
        assert!(asked > 5, "{name}: {asked} fields");
    }
    let unknown = district().get("/collections/gas_pipes/items?filter=no_field%20=%201");
    assert_eq!(unknown.status, 400);
}

#[test]
fn features_are_sorted_by_what_is_listed_and_by_nothing_else() {
    for name in names() {
        let sortables: BTreeSet<String> = listed(name, "sortables").keys().cloned().collect();
        let mut others: BTreeSet<String> = listed(name, "schema").keys().cloned().collect();
        others.extend(["no_field".to_owned(), "households".to_owned()]);
        assert!(sortables.contains("id") && !sortables.contains("geometry"), "{name}");
        for field in &others {
            let path = format!("/collections/{name}/items?limit=1&sortby=-{field}");
            let status = district().get(&path).status;
            assert_eq!(status == 200, sortables.contains(field), "{name} {field}");
            assert!(matches!(status, 200 | 400), "{name} {field}");
        }
        assert!(sortables.iter().all(|field| others.contains(field)), "{name}");
    }
}

#[test]
fn a_schema_lists_what_a_feature_has() {
    for name in names() {
        let schema = listed(name, "schema");
        let nested = district().json(&format!("/collections/{name}/feature-schema"));
        let nested = properties(&nested["properties"]["properties"]);
        let fields: Vec<&String> = schema.keys().skip(2).collect();
        assert_eq!(fields, nested.keys().collect::<Vec<_>>(), "{name}");
        let items = district().json(&format!("/collections/{name}/items?limit=5"));
        for feature in list(&items["features"]) {
            let found = feature["properties"].as_object().expect("properties");
            assert_eq!(found.keys().collect::<Vec<_>>(), fields, "{name}");
        }
        for (field, property) in schema.iter().skip(2) {
            // What is read only is that everywhere.
            assert_eq!(property.get("readOnly"), nested[field].get("readOnly"), "{name} {field}");
            assert_eq!(property.get("x-ogc-unit"), nested[field].get("x-ogc-unit"));
            let codes = property["oneOf"].as_array();
            let codes = codes.map(|codes| codes.iter().map(|code| code["const"].clone()).collect());
            assert_eq!(
                codes.map(Json::Array).as_ref(),
                nested[field].get("enum"),
                "{name} {field}"
            );
        }
    }
}

#[test]
fn each_part_is_played_by_one_field() {
    for name in names() {
        let schema = listed(name, "schema");
        let playing = |role: &str| {
            let found = schema.iter().filter(|(_, property)| property["x-ogc-role"] == role);
            found.map(|(name, _)| name.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(playing("id"), ["id"], "{name}");
        assert_eq!(playing("primary-geometry"), ["geometry"], "{name}");
        let is_due = name.starts_with("due");
        let of_assets = |field| if is_due { vec![] } else { vec![field] };
        assert_eq!(playing("type"), of_assets("class"), "{name}");
        assert_eq!(playing("primary-interval-start"), of_assets("valid_from"), "{name}");
        assert_eq!(playing("primary-interval-end"), of_assets("valid_to"), "{name}");
        let format = |kind: &str| schema["geometry"]["format"] == kind;
        match name {
            "gas_pipes" => assert!(format("geometry-linestring")),
            "greenway_segments" => assert!(format("geometry-multilinestring")),
            "light_poles" | "due_points" => assert!(format("geometry-point")),
            "pocket_parks" | "due_areas" => assert!(format("geometry-multipolygon")),
            "due_lines" => assert!(format("geometry-linestring-or-multilinestring")),
            "assets" | "due" => assert!(format("geometry-any")),
            _ => {}
        }
    }
}

#[test]
fn titles_are_told_in_the_language_of_the_reader() {
    for kind in ["schema", "queryables", "sortables"] {
        let path = format!("/collections/gas_pipes/{kind}");
        let check = |accept: &str, code: &str, title: &str| {
            let headers: &[_] =
                if accept.is_empty() { &[] } else { &[("Accept-Language", accept)] };
            let answer = district().ask("GET", &path, headers);
            assert_eq!(answer.header("content-language"), Some(code), "{kind} {accept}");
            let vary = answer.header("vary").expect("a header");
            assert!(vary.contains("Accept-Language"), "{vary}");
            let schema = answer.json();
            assert_eq!(schema["properties"]["diameter_mm"]["title"], title, "{kind} {accept}");
            let codes = |key: &str| schema["properties"]["lifecycle_status"].get(key).is_some();
            assert_eq!([codes("oneOf"), codes("enum")], [kind == "schema", kind != "schema"]);
            answer.header("etag").expect("a tag").to_owned()
        };
        let english = check("", "en", "Diameter");
        assert_eq!(check("en-GB, zh;q=0.5", "en", "Diameter"), english);
        let chinese = check("zh-CN,zh;q=0.9,en;q=0.8", "zh", "管径");
        assert_ne!(chinese, english);
        // Who has it in one language has it not in the other.
        let ask = |tag: &str, accept: &str| {
            let headers = [("If-None-Match", tag), ("Accept-Language", accept)];
            district().ask("GET", &path, &headers).status
        };
        assert_eq!(
            [ask(&english, "en"), ask(&english, "zh"), ask(&chinese, "zh")],
            [304, 200, 304]
        );
    }
    let chinese = |path: &str| {
        district().ask("GET", path, &[("Accept-Language", "zh")]).json()["title"].clone()
    };
    assert_eq!(chinese("/collections/due/schema"), "到期工作");
    assert_eq!(chinese("/collections/assets/queryables"), "全部资产：可查询字段");
}

#[test]
fn the_address_of_a_schema_is_another_once_its_fields_are() {
    let folder = folder();
    import(folder.path(), "light_poles", &[], &[]).expect_done();
    let server = Server::start(folder.path(), &[]);
    let schema = |name: &str| {
        let collection = server.json(&format!("/collections/{name}"));
        links(&collection, &format!("{REL}schema"))[0].to_owned()
    };
    let (before, other) = (schema("light_poles"), schema("gas_pipes"));
    let written = terrier(folder.path(), &["classes", "light_poles"]).expect_done().stdout;
    let grown = format!(
        "{written}\n[[field]]\nname = \"shade\"\nkind = \"text\"\ntitle = {{ en = \"Shade\", zh = \"灯罩\" }}\n"
    );
    let file = folder.path().join("light_poles.toml");
    std::fs::write(&file, grown).expect("the file is written");
    let path = file.to_str().expect("a plain path");
    terrier(folder.path(), &["classes", "put", path, "--reason", "shades"]).expect_done();
    crate::program::wait_until("the schema has another address", || {
        schema("light_poles") != before
    });
    assert!(properties(&server.json(&schema("light_poles"))).contains_key("shade"));
    assert_eq!(schema("gas_pipes"), other);
}
