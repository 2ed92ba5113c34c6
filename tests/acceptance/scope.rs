//! Restricted fields: for the public they do not exist, for the operator they are there.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::program::{Server, district, folder, import, link, list, terrier, text, wait_until};

/// The collections and the restricted fields of each, those of the core first.
const RESTRICTED: [(&str, &[&str]); 5] = [
    ("assets", &["households"]),
    ("drain_pipes", &["households"]),
    ("gas_pipes", &["households", "design_pressure_mpa", "operating_pressure_mpa"]),
    ("greenway_segments", &["households"]),
    ("light_poles", &["households"]),
];

const NAMES: [&str; 3] = ["households", "design_pressure_mpa", "operating_pressure_mpa"];

/// What must never stand in a public answer: names, titles and values that no other field has.
const TRACES: [&str; 9] = [
    "households",
    "Households",
    "户数",
    "pressure_mpa",
    "Design pressure",
    "设计压力",
    "Operating pressure",
    "运行压力",
    "0.00777",
];

fn check(path: &str, answer: &str) {
    for trace in TRACES {
        assert!(!answer.contains(trace), "`{trace}` is in the answer to {path}");
    }
}

/// A pipe with all that is restricted.
fn pipe(operating_mpa: f64) -> Json {
    json!({
        "type": "Feature",
        "id": "1",
        "geometry": { "type": "LineString", "coordinates": [[117.2, 39.1], [117.3, 39.2]] },
        "properties": {
            "code": "G1",
            "material": "steel",
            "households": 777,
            "design_pressure_mpa": 0.007_77,
            "operating_pressure_mpa": operating_mpa,
        },
    })
}

#[test]
fn no_document_knows_of_a_restricted_field() {
    let server = district();
    let mut paths: Vec<String> =
        ["/", "/?f=html", "/conformance", "/api", "/collections", "/metrics"]
            .map(Into::into)
            .into();
    for (collection, _) in RESTRICTED {
        let base = format!("/collections/{collection}");
        let first = &server.json(&format!("{base}/items?limit=1"))["features"][0]["id"];
        let item = format!("{base}/items/{}", text(first));
        paths.extend([
            format!("{base}/schema"),
            format!("{base}/feature-schema"),
            format!("{base}/queryables"),
            format!("{base}/sortables"),
            format!("{base}/queryables/class/values"),
            format!("{base}/summary?group-by=class"),
            format!("{base}/items?limit=10000"),
        ]);
        paths.extend([format!("{item}/history"), item, base]);
        let mark = |path: &str| if path.contains('?') { '&' } else { '?' };
        let pages = paths.iter().filter(|path| *path != "/metrics" && !path.contains("f=html"));
        let pages: Vec<String> = pages.map(|path| format!("{path}{}f=html", mark(path))).collect();
        paths.extend(pages);
    }
    for path in paths {
        let answer = server.get(&path);
        assert_eq!(answer.status, 200, "{path}");
        check(&path, &answer.text());
    }
}

#[test]
fn asking_for_a_restricted_field_is_asking_for_one_that_does_not_exist() {
    // The answer to a name that exists nowhere, with the other name in its place.
    let answer = |path: &str, name: &str| {
        let answer = district().get(&path.replace("NAME", name));
        (
            answer.status,
            answer.text().replace(name, "NAME"),
            answer.header("content-type").map(str::to_owned),
        )
    };
    for (collection, restricted) in RESTRICTED {
        for name in restricted {
            // As long, and as far from every other name.
            let nothing = name.chars().rev().collect::<String>();
            for question in ["NAME=1", "NAME=abc", "NAME=", "limit=1&NAME=0.4", "NAME=1&NAME=1"] {
                let path = format!("/collections/{collection}/items?{question}");
                let found = answer(&path, name);
                assert_eq!(found.0, 400, "{path} {name}");
                assert_eq!(found, answer(&path, &nothing), "{path} {name}");
            }
        }
        // The restricted fields of another class do not exist here for anybody.
        let path = format!("/collections/{collection}/items?NAME=1");
        for name in NAMES {
            assert_eq!(answer(&path, name), answer(&path, "zzzzzzzzzz"), "{path} {name}");
        }
    }
}

#[test]
fn a_misspelling_is_never_corrected_to_a_restricted_name() {
    for (collection, restricted) in RESTRICTED {
        for name in restricted {
            for wrong in [
                format!("{name}s"),
                name[1..].to_owned(),
                name.to_uppercase(),
                name.replace('s', "z"),
            ] {
                let path = format!("/collections/{collection}/items?{wrong}=1");
                let answer = district().get(&path);
                assert_eq!(answer.status, 400, "{path}");
                let rest = answer.problem().replace(&wrong, "");
                check(&path, &rest);
            }
        }
    }
}

#[test]
fn the_command_line_exports_restricted_fields_and_asks_for_them() {
    let folder = folder();
    import(folder.path(), "gas_pipes", &[pipe(0.4)], &[]).expect_done();
    let export = |arguments: &[&str]| {
        terrier(folder.path(), &[&["export"], arguments].concat()).expect_done().json()
    };
    let properties = export(&["gas_pipes"])["features"][0]["properties"].clone();
    assert_eq!(properties["households"], 777);
    assert_eq!(properties["design_pressure_mpa"], 0.007_77);
    assert_eq!(properties["operating_pressure_mpa"], 0.4);
    assert_eq!(list(&export(&["assets", "--households=777"])["features"]).len(), 1);
    assert_eq!(list(&export(&["gas_pipes", "--design_pressure_mpa=0.00777"])["features"]).len(), 1);
    assert_eq!(list(&export(&["gas_pipes", "--households=778"])["features"]).len(), 0);
    // What is public is the same in both.
    let server = Server::start(folder.path(), &[]);
    let public = server.json("/collections/gas_pipes/items")["features"][0]["properties"].clone();
    let seen: BTreeSet<&String> = public.as_object().expect("an object").keys().collect();
    let all: BTreeSet<&String> = properties.as_object().expect("an object").keys().collect();
    let hidden: Vec<&str> = all.difference(&seen).map(|name| name.as_str()).collect();
    assert_eq!(hidden, ["design_pressure_mpa", "households", "operating_pressure_mpa"]);
    assert!(seen.iter().all(|name| public[name.as_str()] == properties[name.as_str()]));
}

#[test]
fn a_change_of_a_restricted_field_alone_is_told_to_the_operator_and_not_to_the_public() {
    let folder = folder();
    import(folder.path(), "gas_pipes", &[pipe(0.4)], &[]).expect_done();
    let server = Server::start(folder.path(), &[]);
    let id = server.json("/collections/gas_pipes/items")["features"][0]["id"].clone();
    let id = text(&id);
    import(folder.path(), "gas_pipes", &[pipe(0.3)], &[]).expect_done();
    for collection in ["gas_pipes", "assets"] {
        let path = format!("/collections/{collection}/items/{id}/history");
        wait_until("the second version is shown", || {
            list(&server.json(&path)["versions"]).len() == 2
        });
        let history = server.json(&path);
        check(&path, &history.to_string());
        assert_eq!(history["versions"][1]["changed"], json!([]), "{path}");
    }
    let told = terrier(folder.path(), &["history", id, "--json"]).expect_done().json();
    let expected = json!([{ "field": "operating_pressure_mpa", "from": 0.4, "to": 0.3 }]);
    assert_eq!(told["versions"][1]["changed"], expected);
    assert_eq!(told["versions"][0]["feature"]["properties"]["operating_pressure_mpa"], 0.4);
}

#[test]
fn a_token_does_not_carry_a_question_of_the_operator() {
    // The scope is part of the question to which a token belongs; here nothing but the public one.
    let page = district().json("/collections/gas_pipes/items?limit=5");
    let next = link(&page, "next").expect("another page");
    assert_eq!(district().get(&format!("{next}&households=18")).status, 400);
    let page = district().json(&next);
    check(&next, &page.to_string());
}
