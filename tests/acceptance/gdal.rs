//! GDAL as a client, the one of Debian: what it sees is what the server has.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

use crate::program::{PLENTIFUL, district, encoded, folder, list, text};

/// A box in the middle of the district.
const WINDOW: [&str; 4] = ["117.215", "39.065", "117.225", "39.075"];

/// What a program of GDAL writes: its answer, and what it tells of its work.
pub(crate) fn run(program: &str, arguments: &[&str]) -> (String, String) {
    let mut command = Command::new(program);
    command.args(arguments).env("CPL_DEBUG", "ON").env_remove("http_proxy");
    let done = command.output().unwrap_or_else(|error| panic!("{program}, of gdal-bin: {error}"));
    let [stdout, stderr] =
        [done.stdout, done.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(done.status.success(), "{program} {arguments:?}: {stdout}{stderr}");
    (stdout, stderr)
}

fn source() -> String {
    format!("OAPIF:{}", district().url())
}

fn matched(collection: &str, question: &str) -> String {
    let page = district().json(&format!("/collections/{collection}/items?limit=1&{question}"));
    page["numberMatched"].to_string()
}

/// Checks that a filter finds as many in GDAL as a question finds here, and for which part of it
/// the server was asked.
fn check(collection: &str, filter: &str, question: &str, asked: &str) {
    let source = source();
    let arguments =
        ["-ro", "-so", "-al", "-oo", "PAGE_SIZE=1000", &source, collection, "-where", filter];
    let (told, work) = run("ogrinfo", &arguments);
    let count = told.lines().find_map(|line| line.strip_prefix("Feature Count: "));
    assert_eq!(count, Some(&*matched(collection, question)), "{collection} where {filter}");
    let items = format!("/collections/{collection}/items?");
    let requests: Vec<&str> =
        work.lines().filter(|line| line.contains("Fetch(") && line.contains(&items)).collect();
    let last = requests.last().unwrap_or_else(|| panic!("no request in {work}"));
    assert!(last.contains(asked), "`{asked}` is not in {requests:?}");
}

#[test]
fn gdal_reads_every_collection_whole() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/gdal_oapif_check.sh");
    for collection in PLENTIFUL.into_iter().chain(["due"]) {
        let window = format!("bbox={}", WINDOW.join(","));
        let mut command = Command::new("bash");
        command.arg(&script).args([district().url(), collection, &matched(collection, "f=json")]);
        command.args(WINDOW).arg(matched(collection, &window));
        let done = command.output().expect("bash is installed");
        let told = String::from_utf8_lossy(&done.stdout);
        let passed = told.lines().last().unwrap_or_default();
        assert!(done.status.success() && passed == "9 passed, 0 failed", "{collection}: {told}");
    }
}

#[test]
fn gdal_sees_the_types_that_the_schema_says() {
    for collection in PLENTIFUL.into_iter().chain(["due"]) {
        let schema = district().json(&format!("/collections/{collection}/feature-schema"));
        let fields = schema["properties"]["properties"]["properties"].as_object();
        let of_schema = |field: &Json| match (text(&field["type"]), field["format"].as_str()) {
            (_, Some("date")) => "Date",
            (_, Some("date-time")) => "DateTime",
            ("array", _) if field["items"]["type"] == "string" => "StringList",
            // What is nested, a layer holds as text.
            ("string" | "array", _) => "String",
            ("integer", _) => "Integer",
            ("number", _) => "Real",
            ("boolean", _) => "Integer(Boolean)",
            other => panic!("{field} is {other:?}"),
        };
        let mut expected = vec!["id: String".to_owned()];
        expected.extend(
            fields
                .expect("an object")
                .iter()
                .map(|(name, field)| format!("{name}: {}", of_schema(field))),
        );
        let (told, _) = run("ogrinfo", &["-ro", "-so", &source(), collection]);
        let found: Vec<&str> =
            told.lines().filter_map(|line| line.strip_suffix(" (0.0)")).collect();
        assert_eq!(found, expected, "{collection}");
    }
}

#[test]
fn gdal_sees_extent_titles_and_kind_of_geometry() {
    for (collection, title, geometry) in [
        ("drain_pipes", "Drains", "Line String"),
        ("gas_pipes", "Gas pipes", "Line String"),
        ("greenway_segments", "Greenway segments", "Multi Line String"),
        ("light_poles", "Street lights", "Point"),
    ] {
        let (told, _) = run("ogrinfo", &["-ro", "-so", &source(), collection]);
        let extent =
            district().json(&format!("/collections/{collection}"))["extent"]["spatial"]["bbox"][0]
                .clone();
        let edges: Vec<f64> =
            list(&extent).iter().map(|edge| edge.as_f64().expect("a number")).collect();
        let extent = format!(
            "Extent: ({:.6}, {:.6}) - ({:.6}, {:.6})",
            edges[0], edges[1], edges[2], edges[3]
        );
        for line in [format!("  TITLE={title}"), format!("Geometry: {geometry}"), extent] {
            assert!(told.lines().any(|found| found == line), "`{line}` is not in {told}");
        }
    }
}

#[test]
fn filters_of_gdal_are_answered_by_the_server() {
    check("gas_pipes", "material = 'steel'", "material=steel", "filter=material%20%3D%20'steel'");
    check(
        "gas_pipes",
        "road = '马场道'",
        "road=%E9%A9%AC%E5%9C%BA%E9%81%93",
        "filter=road%20%3D%20'%E9%A9%AC%E5%9C%BA%E9%81%93'",
    );
    check("assets", "class = 'light_poles'", "class=light_poles", "filter=class");
    let both = "material=pe100&joint=electrofusion";
    let filter = "material = 'pe100' AND joint = 'electrofusion'";
    check("gas_pipes", filter, both, "filter=(material%20%3D%20'pe100')%20AND");
    check("gas_pipes", "diameter_mm = 110", "diameter_mm=110", "filter=diameter_mm%20%3D%20110");
    let like = format!("filter={}", encoded("code LIKE 'RQ5005%'"));
    check("gas_pipes", "code LIKE 'RQ5005%'", &like, "filter=code%20LIKE%20'RQ5005%25'");
    let without_case = format!("filter={}", encoded("CASEI(code) LIKE CASEI('rq5005%')"));
    check("gas_pipes", "code ILIKE 'rq5005%'", &without_case, "filter=code%20ILIKE%20'rq5005%25'");
    let dated = format!("filter={}", encoded("installed_on < DATE('1990-01-01')"));
    check("gas_pipes", "installed_on < '1990/01/01'", &dated, "filter=installed_on");
    check("gas_pipes", "encroached = 1", "encroached=true", "filter=encroached");
    let or = format!("filter={}", encoded("material = 'steel' OR diameter_mm > 200"));
    check("gas_pipes", "material = 'steel' OR diameter_mm > 200", &or, "filter=");
}

#[test]
fn a_date_that_gdal_compares_as_a_text_is_compared_with_every_feature() {
    // Without the cast GDAL would ask for the time in which features are valid, whatever the field.
    let filter = "CAST(installed_on AS character(10)) <= '2010/01/01'";
    let features = district().features("/collections/gas_pipes/items?limit=10000");
    let dates =
        features.iter().filter_map(|feature| feature["properties"]["installed_on"].as_str());
    let expected = dates.filter(|date| *date <= "2010-01-01").count();
    let source = source();
    let arguments =
        ["-ro", "-so", "-al", "-oo", "PAGE_SIZE=1000", &source, "gas_pipes", "-where", filter];
    let (told, _) = run("ogrinfo", &arguments);
    assert!(told.contains(&format!("Feature Count: {expected}\n")), "{expected} in {told}");
}

#[test]
fn a_window_of_gdal_is_answered_by_the_server() {
    let source = source();
    let mut arguments =
        vec!["-ro", "-so", "-al", "-oo", "PAGE_SIZE=1000", &source, "gas_pipes", "-spat"];
    arguments.extend(WINDOW);
    let (told, work) = run("ogrinfo", &arguments);
    let expected = matched("gas_pipes", &format!("bbox={}", WINDOW.join(",")));
    assert!(told.contains(&format!("Feature Count: {expected}\n")), "{expected} in {told}");
    assert!(work.contains("/items?limit=1000&bbox=117.2"), "{work}");
}

/// Whether a value is what the server had. GDAL writes dates with slashes, and times in a way of
/// its own.
pub(crate) fn is_same(copy: &Json, value: &Json) -> bool {
    match (copy, value) {
        (Json::String(copy), Json::String(value)) => {
            copy == value || copy.replace('/', "-").get(..10) == value.get(..10)
        }
        (Json::Number(copy), Json::Number(value)) => copy.as_f64() == value.as_f64(),
        _ => copy == value,
    }
}

#[test]
fn a_copy_by_gdal_has_the_same_places_and_the_same_words() {
    let folder = folder();
    for collection in PLENTIFUL {
        let path = folder.path().join(format!("{collection}.geojsonl"));
        let target = path.to_str().expect("a plain path");
        let source = source();
        let precision = ["-lco", "COORDINATE_PRECISION=9"];
        let mut arguments =
            vec!["-f", "GeoJSONSeq", target, &*source, collection, "-oo", "PAGE_SIZE=1000"];
        arguments.extend(precision);
        run("ogr2ogr", &arguments);
        let lines = std::fs::read_to_string(&path).expect("the copy");
        let copies =
            lines.lines().map(|line| serde_json::from_str::<Json>(line).expect("a feature"));
        let copies: BTreeMap<String, Json> =
            copies.map(|copy| (text(&copy["properties"]["id"]).to_owned(), copy)).collect();
        let features = district().features(&format!("/collections/{collection}/items?limit=10000"));
        assert_eq!(copies.len(), features.len(), "{collection}");
        for feature in features {
            let copy = &copies[text(&feature["id"])];
            assert_eq!(copy["geometry"], feature["geometry"], "{collection}");
            for (name, value) in feature["properties"].as_object().expect("an object") {
                let same = is_same(&copy["properties"][name], value);
                assert!(same, "{collection} {name}: {value} became {}", copy["properties"][name]);
            }
        }
    }
}
