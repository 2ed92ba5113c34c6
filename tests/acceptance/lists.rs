//! Fields that hold several values: what they are asked for, what is refused, and how files have them.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use terrier_catalog::cql2::{parse_text, write_json};

use crate::gdal;
use crate::program::{district, encoded, import, list, text};
use crate::sender::Sender;

/// The values of a list; nothing where there is none.
fn values(feature: &Json) -> Option<BTreeSet<&str>> {
    let values = feature["properties"]["carries"].as_array()?;
    Some(values.iter().map(text).collect())
}

/// Checks which street lights a question finds, against a plain reading of all of them.
fn check_question(question: &str, expected: impl Fn(Option<&BTreeSet<&str>>) -> bool) {
    let all = district().features("/collections/light_poles/items?limit=10000");
    let wanted: Vec<&str> = all
        .iter()
        .filter(|light| expected(values(light).as_ref()))
        .map(|light| text(&light["id"]))
        .collect();
    assert!(!wanted.is_empty() && wanted.len() < all.len(), "{question} tells nothing apart");
    let path = format!("/collections/light_poles/items?limit=10000&{question}");
    let found = district().features(&path);
    let found: Vec<&str> = found.iter().map(|light| text(&light["id"])).collect();
    assert_eq!(found, wanted, "{question}");
}

/// The same of a filter, as text and as JSON.
fn check(filter: &str, expected: impl Fn(&BTreeSet<&str>) -> bool) {
    let clause = parse_text(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
    let as_json = write_json(&clause, |name| name);
    for question in [
        format!("filter={}", encoded(filter)),
        format!("filter-lang=cql2-json&filter={}", encoded(&as_json)),
    ] {
        check_question(&question, |held| held.is_some_and(&expected));
    }
}

#[test]
fn lists_are_related_as_a_plain_reading_relates_them() {
    let of = |texts: &[&'static str]| texts.iter().copied().collect::<BTreeSet<_>>();
    check("A_CONTAINS(carries, ('camera'))", |held| held.contains("camera"));
    check("A_CONTAINS(carries, ('traffic_sign', 'camera'))", |held| {
        held.is_superset(&of(&["camera", "traffic_sign"]))
    });
    check("A_CONTAINEDBY(carries, ('camera', 'none', 'camera'))", |held| {
        held.is_subset(&of(&["camera", "none"]))
    });
    check("A_EQUALS(('camera', 'traffic_sign'), carries)", |held| {
        *held == of(&["camera", "traffic_sign"])
    });
    check("A_OVERLAPS(carries, ('loudspeaker', 'display'))", |held| {
        !held.is_disjoint(&of(&["display", "loudspeaker"]))
    });
    // Of a list that is not known nothing is known.
    check("NOT A_OVERLAPS(carries, ('camera'))", |held| !held.contains("camera"));
    check("A_CONTAINS(carries, ()) AND NOT A_CONTAINS(carries, ('none'))", |held| {
        !held.contains("none")
    });
    check("A_EQUALS(carries, carries)", |_| true);
    check_question("filter=carries%20IS%20NULL", |held| held.is_none());
}

#[test]
fn a_parameter_asks_for_lists_that_have_a_value() {
    check_question("carries=camera", |held| held.is_some_and(|held| held.contains("camera")));
    let none = district().json("/collections/light_poles/items?carries=cam");
    assert_eq!(none["numberMatched"], 0);
}

#[test]
fn the_values_of_a_list_come_with_their_words() {
    let found = district().json("/collections/light_poles/queryables/carries/values");
    let told = list(&found["values"]);
    let camera = told.iter().find(|value| value["value"] == "camera").expect("cameras");
    assert_eq!(camera["title"], json!({ "en": "Camera", "zh": "监控摄像机" }));
}

#[test]
fn a_list_is_refused_where_one_value_is_wanted() {
    let refused = |path: &str, detail: &str| {
        let answer = district().get(&format!("/collections/light_poles/{path}"));
        assert_eq!((answer.status, &*answer.problem()), (400, detail), "{path}");
    };
    let filter = |filter: &str, detail: &str| {
        let path = format!("items?filter={}", encoded(filter));
        refused(&path, &format!("parameter `filter`: {detail}"));
    };
    filter(
        "carries = 'camera'",
        "`carries`: found a comparison, expected `A_CONTAINS`, `A_CONTAINEDBY`, `A_EQUALS` or \
         `A_OVERLAPS`, for a list has no order",
    );
    filter("carries LIKE 'c%'", "`carries` as a pattern of text: found a list, expected text");
    filter(
        "A_CONTAINS(carries, (1))",
        "`carries`: found a number `1` in the list beside it, expected text",
    );
    filter("A_CONTAINS(road, ('a'))", "`road` as a list: found text, expected a list");
    refused(
        "items?sortby=carries",
        "parameter `sortby`: field `carries` holds a list of codes, which has no order",
    );
    refused(
        "summary?group-by=carries",
        "parameter `group-by`: field `carries` holds a list of codes, expected one of text, codes, \
         or true and false",
    );
}

#[test]
fn a_list_is_described_as_an_array_and_cannot_be_sorted_by() {
    let of = |kind: &str| {
        let path = format!("/collections/light_poles/{kind}");
        district().json(&path)["properties"]["carries"].clone()
    };
    assert_eq!(of("sortables"), Json::Null);
    for kind in ["schema", "queryables"] {
        let schema = of(kind);
        assert_eq!((&schema["type"], &schema["uniqueItems"]), (&json!("array"), &json!(true)));
        assert_eq!(schema["items"]["type"], "string", "{schema}");
    }
    let code = json!({ "const": "camera", "title": "Camera" });
    assert!(list(&of("schema")["items"]["oneOf"]).contains(&code));
    assert!(list(&of("queryables")["items"]["enum"]).contains(&json!("camera")));
    // GDAL makes of it a field of several texts.
    let source = format!("OAPIF:{}", district().url());
    let (told, _) = gdal::run("ogrinfo", &["-ro", "-so", &source, "light_poles"]);
    assert!(told.contains("\ncarries: StringList (0.0)\n"), "{told}");
}

/// A street light that carries what stands there, as JSON.
fn light(carries: &str) -> String {
    format!(
        r#"{{"type":"Feature","id":"1","geometry":{{"type":"Point","coordinates":[117.2,39.1]}},"properties":{{"code":"L1","carries":{carries}}}}}"#
    )
}

#[test]
fn a_row_gives_a_list_or_says_what_is_wrong_with_it() {
    let sender = Sender::new();
    let check = |carries: &str, expected: Json| {
        sender.import(&[light(carries)], &[]).expect_done();
        assert_eq!(sender.coded("light_poles", "L1")["properties"]["carries"], expected);
    };
    check(r#"["traffic_sign","camera"]"#, json!(["traffic_sign", "camera"]));
    check(r#"["camera","traffic_sign"]"#, json!(["camera", "traffic_sign"]));
    check(r#""wifi""#, json!(["wifi"]));
    check(r#""[\"wifi\", \"camera\"]""#, json!(["wifi", "camera"]));
    check("[]", Json::Null);
    check("null", Json::Null);
    let refused = |carries: &str, expected: &str| {
        let done = sender.import(&[light(carries)], &[]);
        let told = format!("row 1: carries: {expected}");
        assert!(done.stderr.contains(&told) || done.stdout.contains(&told), "{done:?}");
    };
    refused(r#"["camera","cannon"]"#, "found `cannon`, expected one of traffic_sign, ");
    refused(r#"["camera","camera"]"#, "found `[camera, camera]`, expected each value once, and");
    refused(r#"{"camera":1}"#, "found `{\"camera\":1}`, expected a list of codes");
    let many: Vec<String> = (0..33).map(|number| format!("\"w{number}\"")).collect();
    refused(&format!("[{}]", many.join(",")), "found `[\"w0\",\"w1\",");
}

#[test]
fn a_list_that_was_split_comes_back_from_every_export() {
    let sender = Sender::new();
    let csv = "no,lon,lat,on\n1,117.2,39.1,信号灯; 摄像机\n2,117.2,39.1,\n3,117.2,39.1,摄像机\n";
    let file = sender.file("poles.csv", csv);
    let mapping = sender.file(
        "poles.toml",
        "source = \"s\"\n[[collection]]\ninto = \"light_poles\"\nkey = \"no\"\n\
         [collection.fields]\ncode = \"no\"\ncarries = { from = \"on\", split = \";\", \
         codes = { \"信号灯\" = \"traffic_signal\", \"摄像机\" = \"camera\" } }\n",
    );
    sender.run(&["import", &file, "--mapping", &mapping]).expect_done();
    let carried = |code: &str| sender.coded("light_poles", code)["properties"]["carries"].clone();
    assert_eq!(carried("1"), json!(["traffic_signal", "camera"]));
    assert_eq!([carried("2"), carried("3")], [Json::Null, json!(["camera"])]);
    for name in ["x.geojsonl", "x.csv", "x.gpkg", "x.fgb"] {
        let path = sender.path(name);
        sender.run(&["export", "light_poles", "-o", &path]).expect_done();
        let as_lights = ["import", &path, "--as", "light_poles", "--crs", "OGC:CRS84"];
        let arguments = if name == "x.csv" { &as_lights[..] } else { &as_lights[..4] };
        let done = sender.run(arguments).expect_done();
        assert!(done.stdout.contains("3 unchanged, 0 refused"), "{name}: {done:?}");
    }
    let found = sender.run(&["export", "light_poles", "--carries=camera", "--format", "geojsonl"]);
    assert_eq!(found.expect_done().stdout.lines().count(), 2);
}

#[test]
fn a_class_may_grow_by_a_list_whose_kind_then_stays() {
    let sender = Sender::new();
    let document = |kind: &str| {
        let head = "name = \"benches\"\ngeometry = \"point\"\n\
                    title = { en = \"Benches\", zh = \"座椅\" }\n\
                    description = { en = \"Seats.\", zh = \"座椅。\" }\n";
        let field = "[[field]]\nname = \"parts\"\ntitle = { en = \"Parts\", zh = \"部件\" }\n";
        let text = if kind.is_empty() { head.into() } else { format!("{head}{field}{kind}\n") };
        sender.file("benches.toml", text)
    };
    sender.run(&["classes", "put", &document("")]).expect_done();
    let done = sender.run(&["classes", "put", &document("kind = \"list\"")]).expect_done();
    assert!(done.stdout.contains("parts: new (a list of texts)"), "{done:?}");
    let row = json!({ "type": "Feature", "id": "1",
        "geometry": { "type": "Point", "coordinates": [117.2, 39.1] },
        "properties": { "parts": ["arm", "back rest"] } });
    import(&sender.registry(), "benches", &[row], &[]).expect_done();
    let codes = "kind = \"list\"\ncodes = [{ code = \"arm\", en = \"Arm\", zh = \"扶手\" }]";
    for (kind, words) in [("kind = \"text\"", "text"), (codes, "a list of codes")] {
        let done = sender.run(&["classes", "put", &document(kind)]);
        let expected = format!("parts, kind: a list of texts -> {words}: held by 1 asset");
        assert!(format!("{}{}", done.stdout, done.stderr).contains(&expected), "{done:?}");
        assert_eq!(done.code, Some(1));
    }
}
