//! The different values of a field, and how often each comes.

use std::collections::HashMap;

use serde_json::{Value as Json, json};

use crate::program::{Server, district, encoded, folder, import, list, text};

/// Checks the values of a field against a count of the features of the same question.
fn check(collection: &str, field: &str, conditions: &str) {
    let features =
        district().features(&format!("/collections/{collection}/items?limit=10000&{conditions}"));
    let mut counts: HashMap<String, (Json, u64)> = HashMap::new();
    let mut missing = 0;
    for feature in &features {
        match &feature["properties"][field] {
            Json::Null => missing += 1,
            Json::Array(values) => values.iter().for_each(|value| {
                counts.entry(value.to_string()).or_insert((value.clone(), 0)).1 += 1;
            }),
            value => counts.entry(value.to_string()).or_insert((value.clone(), 0)).1 += 1,
        }
    }
    let mut expected: Vec<(Json, u64)> = counts.into_values().collect();
    expected.sort_by(|(a, of_a), (b, of_b)| {
        let by_value = match (a, b) {
            (Json::String(a), Json::String(b)) => a.cmp(b),
            (Json::Bool(a), Json::Bool(b)) => a.cmp(b),
            _ => a.as_f64().partial_cmp(&b.as_f64()).expect("numbers"),
        };
        of_b.cmp(of_a).then(by_value)
    });
    let address = format!("/collections/{collection}/queryables/{field}/values?{conditions}");
    for limit in [1, 3, 10_000] {
        let found = district().json(&format!("{address}&limit={limit}"));
        let told = list(&found["values"]).iter();
        let told: Vec<(Json, u64)> = told
            .map(|value| (value["value"].clone(), value["count"].as_u64().expect("a count")))
            .collect();
        assert_eq!(told, expected[..limit.min(expected.len())], "{address}");
        let totals = [&found["numberMatched"], &found["missing"], &found["distinct"]];
        let totals: Vec<u64> =
            totals.iter().map(|total| total.as_u64().expect("a count")).collect();
        assert_eq!(totals, [features.len() as u64, missing, expected.len() as u64], "{address}");
    }
}

#[test]
fn values_are_counted_over_the_features_of_the_question() {
    check("gas_pipes", "material", "f=json");
    check("gas_pipes", "diameter_mm", "material=steel");
    check("gas_pipes", "installed_on", "bbox=117.20,39.05,117.23,39.08");
    check("gas_pipes", "encroached", "f=json");
    check("gas_pipes", "code", "datetime=2024-06-01");
    check("assets", "class", "f=json");
    check("assets", "road", "filter=code%20LIKE%20'%251'");
    check("assets", "valid_from", "f=json");
    check("light_poles", "street", "road=%E6%B2%A1%E6%9C%89");
    check("light_poles", "carries", "f=json");
    check("light_poles", "carries", "carries=camera");
    check("due", "state", "f=json");
    check("due", "priority", "on=2040-01-01");
    check("due_lines", "due_on", "state=overdue");
}

#[test]
fn work_is_counted_with_each_rule_that_wants_it() {
    let check = |conditions: &str| {
        let values = format!("/collections/due/queryables/rule/values?limit=10000&{conditions}");
        let values = district().json(&values);
        let mut counts = 0;
        for value in list(&values["values"]) {
            let rule = encoded(text(&value["value"]));
            let work = format!("/collections/due/items?limit=1&rule={rule}&{conditions}");
            assert_eq!(value["count"], district().json(&work)["numberMatched"], "{work}");
            counts += value["count"].as_u64().expect("a count");
        }
        let all = district().json(&format!("/collections/due/items?limit=1&{conditions}"));
        assert_eq!(values["numberMatched"], all["numberMatched"], "{conditions}");
        assert!(counts > values["numberMatched"].as_u64().expect("a count"), "{conditions}");
        assert_eq!(values["missing"], 0, "{conditions}");
    };
    check("f=json");
    check("on=2040-01-01");
}

#[test]
fn each_field_that_can_be_asked_for_leads_to_its_values() {
    for name in ["assets", "gas_pipes", "due", "streets"] {
        let queryables = district().json(&format!("/collections/{name}/queryables"));
        let fields = queryables["properties"].as_object().expect("properties");
        assert!(fields["geometry"].get("x-terrier-values").is_none());
        for (field, property) in fields.iter().skip(1) {
            let found = district().json(text(&property["x-terrier-values"]));
            assert_eq!([&found["collection"], &found["name"]], [name, field], "{name} {field}");
            assert!(list(&found["values"]).len() <= 100);
        }
    }
}

#[test]
fn codes_and_classes_come_with_their_words() {
    let title = |path: &str, value: &str| {
        let found = district().json(path);
        let found = list(&found["values"]).iter().find(|found| found["value"] == value);
        found.unwrap_or_else(|| panic!("no {value}"))["title"].clone()
    };
    let class = title("/collections/assets/queryables/class/values", "gas_pipes");
    assert_eq!(class, json!({ "en": "Gas pipes", "zh": "燃气管道" }));
    let material = title("/collections/gas_pipes/queryables/material/values", "steel");
    assert_eq!(material["zh"], "钢");
    let roads = district().json("/collections/assets/queryables/road/values?limit=1");
    assert!(roads["values"][0].get("title").is_none());
}

/// A server of a few lights with codes that are easily mistaken.
fn lights() -> (tempfile::TempDir, Server) {
    let folder = folder();
    let codes = ["ab1", "AB2", "ＡＢ３", "=1+1", "友谊路,1", "友谊路\"2\"", "谊"];
    let lights: Vec<Json> = codes
        .iter()
        .map(|code| {
            let geometry = json!({ "type": "Point", "coordinates": [117.2, 39.1] });
            let properties = json!({ "code": code });
            json!({ "type": "Feature", "id": code, "geometry": geometry, "properties": properties })
        })
        .collect();
    import(folder.path(), "light_poles", &lights, &[]).expect_done();
    let server = Server::start(folder.path(), &[]);
    (folder, server)
}

#[test]
fn a_beginning_chooses_values_whatever_their_letters_are_like() {
    let (_folder, server) = lights();
    let check = |begin: &str, expected: &[&str]| {
        let address = "/collections/light_poles/queryables/code/values?begins-with=";
        let found = server.json(&format!("{address}{}", encoded(begin)));
        let values: Vec<&str> =
            list(&found["values"]).iter().map(|value| text(&value["value"])).collect();
        assert_eq!(values, expected, "{begin}");
        assert_eq!(
            [&found["distinct"], &found["numberMatched"]],
            [&json!(values.len()), &json!(7)]
        );
    };
    check("aB", &["AB2", "ab1", "ＡＢ３"]);
    check("ａｂ３", &["ＡＢ３"]);
    check("友谊", &["友谊路\"2\"", "友谊路,1"]);
    check("谊", &["谊"]);
    check("%", &[]);
    check("", &["=1+1", "AB2", "ab1", "友谊路\"2\"", "友谊路,1", "谊", "ＡＢ３"]);
}

#[test]
fn values_come_as_rows_that_no_spreadsheet_takes_for_formulas() {
    let (_folder, server) = lights();
    let path = "/collections/light_poles/queryables/code/values";
    for answer in [
        server.get(&format!("{path}?f=csv&limit=4")),
        server.ask("GET", &format!("{path}?limit=4"), &[("Accept", "text/csv")]),
    ] {
        assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
        let expected = "value,title,title_zh,count\r\n'=1+1,,,1\r\nAB2,,,1\r\nab1,,,1\r\n\
                        \"友谊路\"\"2\"\"\",,,1\r\n";
        assert_eq!(answer.text(), expected);
    }
    let materials = district().get("/collections/gas_pipes/queryables/material/values?f=csv");
    assert!(materials.text().contains("steel,Steel,钢,"), "{}", materials.text());
}

#[test]
fn what_cannot_be_answered_is_refused_by_name() {
    let check = |path: &str, status: u16, expected: &str| {
        let answer = district().get(&format!("/collections/{path}"));
        assert_eq!((answer.status, &*answer.problem()), (status, expected), "{path}");
    };
    check(
        "gas_pipes/queryables/materiel/values",
        404,
        "there is no field `materiel` in `gas_pipes`: not known here; did you mean `material`?",
    );
    check(
        "gas_pipes/queryables/geometry/values",
        404,
        "there is no field `geometry` in `gas_pipes`: not known here",
    );
    // The public does not see it.
    check(
        "assets/queryables/households/values",
        404,
        "there is no field `households` in `assets`: not known here",
    );
    check("trees/queryables/x/values", 404, "there is no collection `trees`");
    let material = "gas_pipes/queryables/material/values";
    for name in ["offset", "token", "sortby"] {
        let expected = format!("parameter `{name}`: a list of values has no pages");
        check(&format!("{material}?{name}=1"), 400, &expected);
    }
    check(
        &format!("{material}?limit=0"),
        400,
        "parameter `limit`: found `0`, expected a whole number from 1 to 10000",
    );
    check(
        &format!("{material}?begin-with=x"),
        400,
        "parameter `begin-with`: not known here; did you mean `begins-with`?",
    );
    check(
        &format!("{material}?f=gml"),
        400,
        "parameter `f`: found `gml`, offered: json, html, csv",
    );
}
