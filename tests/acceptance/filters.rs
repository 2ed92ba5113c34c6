//! Questions for the value of a field, and parameters that are not understood.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::program::{
    PLENTIFUL, Server, collections, district, encoded, folder, import, list, terrier, text,
};

/// Checks the problem that a path is answered with.
fn check(path: &str, parameter: &str, detail: &str) {
    let answer = district().get(path);
    let expected = format!("parameter `{parameter}`: {detail}");
    assert_eq!((answer.status, answer.problem()), (400, expected), "{path}");
    assert_eq!(answer.json()["parameter"], parameter, "{path}");
}

/// The names and schemas of a collection's properties.
fn fields(collection: &str) -> Vec<(String, Json)> {
    let schema = district().json(&format!("/collections/{collection}/feature-schema"));
    let properties = schema["properties"]["properties"]["properties"].as_object();
    properties
        .expect("an object")
        .iter()
        .map(|(name, field)| (name.clone(), field.clone()))
        .collect()
}

#[test]
fn every_field_of_every_collection_can_be_asked_for_its_values() {
    for collection in PLENTIFUL {
        let all = district().features(&format!("/collections/{collection}/items?limit=10000"));
        for (field, _) in fields(collection) {
            let mut by_value: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
            for feature in &all {
                let value = match &feature["properties"][&field] {
                    Json::Null => continue,
                    Json::String(text) => text.clone(),
                    // A list is found by each of its values.
                    Json::Array(values) => {
                        for value in values {
                            let ids = by_value.entry(text(value).to_owned()).or_default();
                            ids.insert(text(&feature["id"]));
                        }
                        continue;
                    }
                    // Zero has two spellings, and is one number.
                    Json::Number(number) if number.as_f64() == Some(0.0) => "0".into(),
                    other => other.to_string(),
                };
                by_value.entry(value).or_default().insert(text(&feature["id"]));
            }
            // The first, the last and some between: Chinese sorts behind Latin.
            let step = by_value.len().div_ceil(5).max(1);
            let chosen = by_value.iter().step_by(step).chain(by_value.iter().next_back());
            for (value, ids) in chosen {
                let path = format!(
                    "/collections/{collection}/items?limit=10000&{field}={}",
                    encoded(value)
                );
                let page = district().json(&path);
                let found: BTreeSet<&str> =
                    list(&page["features"]).iter().map(|feature| text(&feature["id"])).collect();
                assert_eq!(found, *ids, "{collection} {field}={value}");
                assert_eq!(page["numberMatched"], ids.len(), "{collection} {field}={value}");
            }
        }
    }
}

#[test]
fn a_value_that_nothing_has_finds_nothing() {
    for collection in collections() {
        for (field, schema) in fields(collection) {
            let value = match (text(&schema["type"]), schema["format"].as_str()) {
                (_, Some("date")) => "1066-10-14",
                (_, Some("date-time")) => "1066-10-14T09:00:00Z",
                ("string" | "array", _) => "没有",
                ("integer" | "number", _) => "-7",
                ("boolean", _) => continue,
                other => panic!("{field} is {other:?}"),
            };
            let path = format!("/collections/{collection}/items?{field}={}", encoded(value));
            let page = district().json(&path);
            assert_eq!(
                (&page["numberMatched"], &page["features"]),
                (&json!(0), &json!([])),
                "{path}"
            );
        }
    }
}

/// A server with one pipe whose values are awkward to write.
fn awkward() -> &'static Server {
    static AWKWARD: OnceLock<(TempDir, Server)> = OnceLock::new();
    let (_, server) = AWKWARD.get_or_init(|| {
        let folder = folder();
        let pipe = json!({
            "type": "Feature",
            "id": "1",
            "geometry": { "type": "LineString", "coordinates": [[117.2, 39.1], [117.3, 39.2]] },
            "properties": {
                "road": "黑牛城道 & 友谊路, No. 1+2 = \"100%\" 🚰\\/?#",
                "diameter_mm": 110.5,
                "depth_start_m": 0,
                "encroached": false,
                "renew_by": "2024-02-29",
            },
        });
        import(folder.path(), "gas_pipes", &[pipe], &[]).expect_done();
        let server = Server::start(folder.path(), &[]);
        (folder, server)
    });
    server
}

#[test]
fn a_value_is_compared_and_not_its_spelling() {
    let street = "黑牛城道 & 友谊路, No. 1+2 = \"100%\" 🚰\\/?#";
    let found = |question: &str| {
        let page = awkward().json(&format!("/collections/gas_pipes/items?{question}"));
        page["numberMatched"].as_u64().expect("a count")
    };
    assert_eq!(found(&format!("road={}", encoded(street))), 1);
    assert_eq!(found(&format!("road={}", encoded(&street.to_uppercase()))), 0);
    assert_eq!(found(&format!("road={}", encoded(&street[..12]))), 0, "not a beginning");
    assert_eq!(found("road=*"), 0);
    assert_eq!(found("road=%25"), 0);
    assert_eq!(found("road="), 0);
    for (question, expected) in [
        ("diameter_mm=110.5", 1),
        ("diameter_mm=110.50", 1),
        ("diameter_mm=1.105e2", 1),
        ("diameter_mm=110", 0),
        ("depth_start_m=-0.0", 1),
        ("depth_start_m=.0", 1),
        ("encroached=false", 1),
        ("encroached=true", 0),
        ("renew_by=2024-02-29", 1),
        ("renew_by=2024-03-01", 0),
    ] {
        assert_eq!(found(question), expected, "{question}");
    }
}

#[test]
fn a_value_of_the_wrong_kind_is_refused_with_what_was_expected() {
    let items = "/collections/gas_pipes/items";
    let number = |found: &str| format!("found `{found}`, expected a number");
    for bad in ["abc", "NaN", "inf", "1e999", "1,5", ""] {
        check(&format!("{items}?diameter_mm={bad}"), "diameter_mm", &number(bad));
    }
    let whole = "expected a whole number";
    check(&format!("{items}?count=1.5"), "count", &format!("found `1.5`, {whole}"));
    let huge = "9".repeat(30);
    check(&format!("{items}?count={huge}"), "count", &format!("found `{huge}`, {whole}"));
    check(&format!("{items}?encroached=yes"), "encroached", "found `yes`, expected true or false");
    let date = "expected a date such as 2005-06-30";
    check(
        &format!("{items}?renew_by=2023-02-29"),
        "renew_by",
        &format!("found `2023-02-29`, {date}"),
    );
    let time = "found `now`, expected a time such as 2005-06-30T12:00:00Z";
    check(&format!("{items}?valid_from=now"), "valid_from", time);
}

#[test]
fn an_unknown_parameter_is_refused_by_name_with_the_nearest_known() {
    let id = district().json("/collections/gas_pipes/items?limit=1")["features"][0]["id"].clone();
    let item = format!("/collections/gas_pipes/items/{}", text(&id));
    let history = format!("{item}/history");
    let near = |name: &str| format!("not known here; did you mean `{name}`?");
    for path in [
        "/",
        "/conformance",
        "/functions",
        "/api",
        "/collections",
        "/collections/gas_pipes",
        "/collections/assets",
        "/collections/gas_pipes/schema",
        "/collections/gas_pipes/queryables",
        "/collections/gas_pipes/items",
        "/collections/gas_pipes/summary",
        &*item,
        &*history,
    ] {
        let unknown = "unknownQueryParameter12345";
        check(&format!("{path}?{unknown}=1"), unknown, "not known here");
        check(&format!("{path}?f=json&{unknown}"), unknown, "not known here");
    }
    let items = "/collections/gas_pipes/items";
    check(&format!("{items}?limits=1"), "limits", &near("limit"));
    check(&format!("{items}?matrial=steel"), "matrial", &near("material"));
    check(&format!("{items}?date=2024-01-01"), "date", "not known here");
    check(&format!("{items}?boox=1,2,3,4"), "boox", &near("bbox"));
    check(&format!("{items}?BBOX=1,2,3,4"), "BBOX", "not known here");
    check(&format!("{items}?%E6%9D%90%E8%B4%A8=PE"), "材质", "not known here");
    check(&format!("{items}?=1"), "", "not known here");
    // A field of another class.
    check(&format!("{items}?pole_material=steel"), "pole_material", &near("material"));
    check("/collections/assets/items?material=steel", "material", "not known here");
    check(&format!("{history}?limt=1"), "limt", &near("limit"));
}

#[test]
fn a_repeated_parameter_is_refused_by_name() {
    for (query, name) in [
        ("limit=1&limit=1", "limit"),
        ("limit=1&limit=2", "limit"),
        ("bbox=1,2,3,4&material=steel&bbox=1,2,3,4", "bbox"),
        ("material=steel&material=pe100", "material"),
        ("material=steel&%6Daterial=steel", "material"),
        ("f=json&f=json", "f"),
        ("nothing=1&nothing=1", "nothing"),
    ] {
        check(&format!("/collections/gas_pipes/items?{query}"), name, "given more than once");
    }
    check("/collections?f=json&f=json", "f", "given more than once");
}

#[test]
fn a_limit_is_a_whole_number_from_one() {
    let items = "/collections/gas_pipes/items";
    for bad in
        ["0", "-1", "abc", "unlimited", "true", "1.0", "1e3", "", "%20", "%2B5", "0x10", "１"]
    {
        let found = match bad {
            "%20" => " ",
            "%2B5" => "+5",
            other => other,
        };
        let detail = format!("found `{found}`, expected a whole number from 1 to 10000");
        let given = if bad == "１" { encoded(bad) } else { bad.to_owned() };
        check(&format!("{items}?limit={given}"), "limit", &detail);
    }
    for (limit, expected) in
        [("1", 1), ("007", 7), ("100", 100), ("354", 354), ("355", 355), ("356", 355)]
    {
        let page = district().json(&format!("{items}?limit={limit}"));
        assert_eq!(list(&page["features"]).len(), expected, "{limit}");
    }
    assert_eq!(list(&district().json(items)["features"]).len(), 100, "the default");
}

#[test]
fn a_limit_beyond_the_maximum_is_the_maximum() {
    let folder = folder();
    let registry = folder.path().join("district");
    terrier(&registry, &["demo", "--assets", "10001", "--seed", "3"]).expect_done();
    let server = Server::start(&registry, &[]);
    for limit in ["10000", "10001", "18446744073709551615", "99999999999999999999999999"] {
        let page = server.json(&format!("/collections/assets/items?limit={limit}"));
        assert_eq!(list(&page["features"]).len(), 10_000, "{limit}");
        assert_eq!(
            (&page["numberMatched"], &page["numberReturned"]),
            (&json!(10_001), &json!(10_000))
        );
    }
}
