//! Files that the program writes: what GDAL reads in them is what the register holds.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::{Value as Json, json};

use crate::gdal;
use crate::ogr;
use crate::program::{Done, command, terrier, text};
use crate::sender::{Sender, id, light, lights};

const COLLECTIONS: [&str; 5] =
    ["assets", "drain_pipes", "gas_pipes", "greenway_segments", "light_poles"];

/// A registry with a small demonstration district.
fn district() -> Sender {
    let sender = Sender::new();
    sender.run(&["demo", "--assets", "800", "--seed", "11"]).expect_done();
    sender
}

/// Exports a collection into a file of that name, and answers its path.
fn export(sender: &Sender, collection: &str, name: &str, options: &[&str]) -> String {
    let path = sender.path(name);
    let done = sender.run(&[&["export", collection, "-o", &path], options].concat()).expect_done();
    assert!(done.stdout.is_empty() && done.stderr.ends_with(" features\n"), "{done:?}");
    let unfinished = format!("{path}.unfinished");
    assert!(!Path::new(&unfinished).exists(), "{unfinished} is left");
    path
}

/// The features of a file by their ids, as GDAL reads them.
fn read_by_gdal(sender: &Sender, path: &str) -> BTreeMap<String, Json> {
    let copy = sender.path("copy.geojsonl");
    let _ = std::fs::remove_file(&copy);
    let mut command = Command::new("ogr2ogr");
    command.args(["-f", "GeoJSONSeq", "-lco", "COORDINATE_PRECISION=15"]);
    // CSV does not say in which system its positions are.
    command.args(["-a_srs", "EPSG:4326", "-mapFieldType", "Date=String,DateTime=String"]);
    let done = command.args([&*copy, path]).output().expect("ogr2ogr, of gdal-bin");
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && told.is_empty(), "{path}: {told}");
    let lines = std::fs::read_to_string(&copy).expect("the copy");
    let features = lines.lines().map(|line| serde_json::from_str::<Json>(line).expect("a feature"));
    // GDAL leaves the id of a GeoJSON feature where it was, and has a column for others.
    let id = |feature: &Json| match &feature["properties"]["id"] {
        Json::Null => text(&feature["id"]).to_owned(),
        id => text(id).to_owned(),
    };
    features.map(|feature| (id(&feature), feature)).collect()
}

/// Whether a value is what the register has. A row of text has nothing but texts.
fn is_same(copy: &Json, value: &Json) -> bool {
    match (copy, value) {
        (Json::String(copy), Json::Number(value)) => copy.parse().ok() == value.as_f64(),
        (Json::String(copy), Json::Bool(value)) => *copy == value.to_string(),
        (Json::String(copy), Json::Null) => copy.is_empty(),
        _ => gdal::is_same(copy, value),
    }
}

fn check(sender: &Sender, collection: &str, name: &str, options: &[&str]) {
    let path = export(sender, collection, name, options);
    let place = format!("{collection} in {name}");
    let copies = read_by_gdal(sender, &path);
    let features = sender.export(collection);
    assert_eq!(copies.len(), features.len(), "{place}");
    for feature in features {
        let copy = &copies[id(&feature)];
        assert_eq!(copy["geometry"], feature["geometry"], "{place}");
        for (field, value) in feature["properties"].as_object().expect("an object") {
            let found = &copy["properties"][field];
            assert!(is_same(found, value), "{place}: {field}: {value} became {found}");
        }
    }
}

#[test]
fn gdal_reads_in_each_format_what_the_register_holds() {
    let sender = district();
    for collection in COLLECTIONS {
        for name in ["x.geojson", "x.geojsonl", "x.geojsons", "x.gpkg", "x.fgb"] {
            check(&sender, collection, name, &[]);
        }
        check(&sender, collection, "x.csv", &["--raw"]);
    }
}

#[test]
fn surfaces_with_holes_come_through_each_format() {
    let ring = |west: f64, size: f64| {
        let (east, south, north) = (west + size, 39.5, 39.5 + size);
        json!([[west, south], [east, south], [east, north], [west, north], [west, south]])
    };
    let hole = json!([[117.6, 39.6], [117.6, 39.7], [117.7, 39.7], [117.7, 39.6], [117.6, 39.6]]);
    let park = |id: &str, surfaces: Json| {
        let geometry = json!({ "type": "MultiPolygon", "coordinates": surfaces });
        json!({ "type": "Feature", "id": id, "geometry": geometry, "properties": {} }).to_string()
    };
    let rows = [
        park("p1", json!([[ring(117.5, 1.25)]])),
        park("p2", json!([[ring(117.5, 1.25), hole], [ring(119.5, 0.25)]])),
    ];
    let sender = Sender::new();
    let path = sender.file("parks.geojsonl", rows.join("\n"));
    sender.run(&["import", &path, "--as", "pocket_parks"]).expect_done();
    for collection in ["pocket_parks", "assets"] {
        for name in ["x.geojsonl", "x.gpkg", "x.fgb", "x.csv"] {
            check(&sender, collection, name, &[]);
        }
    }
    for name in ["x.geojson", "x.geojsonl", "x.geojsons", "x.gpkg", "x.fgb", "x.csv"] {
        check_return(&sender, "pocket_parks", name, &[], 2);
    }
}

/// How many features of a file lie in a window. What GDAL counts without looking at each is told by
/// the boxes of an index, which are rounded outward.
fn count_in(path: &str, window: ogr::Window) -> usize {
    let edges = window.map(|edge| edge.to_string());
    let mut arguments = vec!["-q", "-al", "-geom=NO", "-fields=NO", "-spat"];
    arguments.extend(edges.iter().map(String::as_str));
    let told = ogr::ogrinfo(Path::new(path), &arguments);
    told.lines().filter(|line| line.starts_with("OGRFeature(")).count()
}

#[test]
fn gdal_finds_in_a_window_what_the_register_finds() {
    let sender = district();
    for (collection, name) in [
        ("gas_pipes", "x.gpkg"),
        ("light_poles", "x.fgb"),
        ("assets", "x.gpkg"),
        ("assets", "x.fgb"),
    ] {
        let path = export(&sender, collection, name, &[]);
        let mut counts = Vec::new();
        for window in ogr::windows(Path::new(&path)) {
            let edges = window.map(|edge| edge.to_string()).join(",");
            let window_option = format!("--bbox={edges}");
            let done = sender.run(&["export", collection, &window_option]).expect_done();
            let found = done.json()["features"].as_array().expect("a list").len();
            let place = format!("{collection} in {name}: {edges}");
            assert_eq!(count_in(&path, window), found, "{place}");
            counts.push(found);
        }
        assert!(counts.iter().any(|count| *count > 0), "{collection} in {name}: {counts:?}");
    }
}

#[test]
fn gdal_measures_the_lengths_that_the_register_has() {
    let sender = district();
    let features = sender.export("gas_pipes");
    let ours = ogr::total(&features, "geom_length_m");
    for name in ["x.gpkg", "x.fgb", "x.geojson"] {
        let path = export(&sender, "gas_pipes", name, &[]);
        let count = features.len() as u64;
        ogr::check_sum(ours, Path::new(&path), "ST_Length(geometry, 1)", count);
    }
}

/// What `ogrinfo` says of a file without its features; it has nothing to warn of.
fn summary(path: &str) -> String {
    let mut command = Command::new("ogrinfo");
    let done = command.args(["-ro", "-so", "-al", path]).output().expect("ogrinfo, of gdal-bin");
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && told.is_empty(), "{path}: {told}");
    String::from_utf8(done.stdout).expect("ogrinfo writes UTF-8")
}

#[test]
fn geometry_and_fields_have_the_types_of_the_format() {
    let sender = district();
    for (name, date) in [("x.gpkg", "Date"), ("x.fgb", "DateTime")] {
        for (collection, geometry) in [
            ("assets", "Unknown (any)"),
            ("gas_pipes", "Line String"),
            ("greenway_segments", "Multi Line String"),
            ("light_poles", "Point"),
        ] {
            let told = summary(&export(&sender, collection, name, &[]));
            for (line, expected) in [
                ("Layer name: ", collection),
                ("Geometry: ", geometry),
                ("id: ", "String (0.0)"),
                ("code: ", "String (0.0)"),
                ("count: ", "Integer64 (0.0)"),
                ("length_m: ", "Real (0.0)"),
                ("installed_on: ", &format!("{date} (0.0)")),
                ("valid_from: ", "DateTime (0.0)"),
                ("GEOGCRS[", "\"WGS 84\","),
            ] {
                let found = ogr::after(&told, line);
                assert!(found.starts_with(expected), "{collection} in {name}: {line}{found}");
            }
        }
        let told = summary(&export(&sender, "gas_pipes", name, &[]));
        assert!(ogr::after(&told, "encroached: ").starts_with("Integer(Boolean) (0.0)"), "{told}");
    }
}

#[test]
fn a_collection_without_assets_is_a_file_without_features() {
    let sender = Sender::new();
    sender.import(&[light("7", "")], &[]).expect_done();
    for name in ["x.geojson", "x.geojsonl", "x.geojsons", "x.gpkg", "x.fgb", "x.csv"] {
        let path = export(&sender, "gas_pipes", name, &[]);
        if name != "x.geojsonl" && name != "x.geojsons" {
            assert_eq!(ogr::count(Path::new(&path), None), 0, "{name}");
        }
    }
    let text = std::fs::read_to_string(sender.path("x.geojson")).expect("the file");
    assert_eq!(text, "{\"type\":\"FeatureCollection\",\"features\":[]}\n");
    let line = std::fs::read_to_string(sender.path("x.csv")).expect("the file");
    assert!(line.starts_with("id,class,code,") && line.ends_with(",remarks,wkt\r\n"), "{line}");
}

const ODD_TEXTS: [&str; 8] =
    ["=1+1", "-5", "'@x", "a,b;c", "say \"hi\"", "one\ntwo", "津河路灯 #7 🚦", "007"];

/// A registry with street lights whose codes are hard to write.
fn odd_lights() -> Sender {
    let rows = ODD_TEXTS.iter().enumerate().map(|(number, text)| {
        let code = Json::from(*text);
        light(&format!("k{number}"), &format!(r#""code":{code},"power_w":-0.0"#))
    });
    let sender = Sender::new();
    sender.import(&rows.collect::<Vec<_>>(), &[]).expect_done();
    sender
}

/// The values of a column in the order of the texts.
fn codes(features: &BTreeMap<String, Json>) -> Vec<String> {
    let code = |feature: &Json| text(&feature["properties"]["code"]).to_owned();
    let mut codes: Vec<String> = features.values().map(code).collect();
    codes.sort_unstable();
    codes
}

#[test]
fn texts_come_through_each_format_as_they_are() {
    let sender = odd_lights();
    let mut expected = ODD_TEXTS.map(str::to_owned);
    expected.sort_unstable();
    for (name, options) in [
        ("x.geojson", &[][..]),
        ("x.geojsonl", &[]),
        ("x.geojsons", &[]),
        ("x.gpkg", &[]),
        ("x.fgb", &[]),
        ("x.csv", &["--raw"]),
        ("x.csv", &["--raw", "--bom"]),
    ] {
        let path = export(&sender, "light_poles", name, options);
        assert_eq!(codes(&read_by_gdal(&sender, &path)), expected, "{name} {options:?}");
        check(&sender, "light_poles", name, options);
    }
}

#[test]
fn a_text_that_a_spreadsheet_takes_for_a_formula_is_guarded() {
    let sender = odd_lights();
    let path = export(&sender, "light_poles", "x.csv", &[]);
    let mut expected = ODD_TEXTS.map(|text| match text {
        "=1+1" | "-5" | "'@x" => format!("'{text}"),
        other => other.to_owned(),
    });
    expected.sort_unstable();
    assert_eq!(codes(&read_by_gdal(&sender, &path)), expected);
    // A number stays one, whatever its sign.
    let rows = std::fs::read_to_string(&path).expect("the file");
    let negative = [light("n", r#""code":"n""#).replace("117.2", "-117.2")];
    sender.import(&negative, &[]).expect_done();
    let path = export(&sender, "light_poles", "y.csv", &["--code=n", "--geometry=xy"]);
    let row = std::fs::read_to_string(path).expect("the file");
    assert!(row.ends_with(",-117.2,39.1\r\n"), "{row}");
    assert!(!rows.starts_with('\u{feff}'), "nobody asked for a byte order mark");
}

#[test]
fn geometry_stands_in_a_row_as_was_asked() {
    let sender = Sender::new();
    sender.import(&[light("7", "")], &[]).expect_done();
    let rows = |options: &[&str]| {
        let fixed = ["export", "light_poles", "--format", "csv"];
        let done = sender.run(&[&fixed, options].concat()).expect_done();
        let lines: Vec<String> = done.stdout.split("\r\n").map(str::to_owned).collect();
        let names: Vec<&str> = lines[0].split(',').collect();
        let last = names.iter().position(|name| *name == "remarks").expect("the last field");
        let end = |line: &str| line.split(',').skip(last).collect::<Vec<_>>().join(",");
        [end(&lines[0]), end(&lines[1])]
    };
    assert_eq!(rows(&[]), ["remarks,wkt", ",POINT (117.2 39.1)"]);
    assert_eq!(rows(&["--geometry", "wkt"]), rows(&[]));
    assert_eq!(rows(&["--geometry", "xy"]), ["remarks,lon,lat", ",117.2,39.1"]);
    assert_eq!(rows(&["--geometry", "none"]), ["remarks", ""]);
}

#[test]
fn a_stream_has_the_same_bytes_as_a_file() {
    let sender = district();
    for format in ["geojson", "geojsonl", "geojsonseq", "csv", "fgb"] {
        let path = export(&sender, "gas_pipes", &format!("of_{format}"), &["--format", format]);
        let file = std::fs::read(path).expect("the file");
        let mut command = command();
        command.arg("--data").arg(sender.registry());
        command.args(["export", "gas_pipes", "--format", format]);
        let done = command.output().expect("the program starts");
        assert!(done.status.success() && done.stdout == file, "{format}");
    }
}

/// What was exported finds itself unchanged.
fn check_return(sender: &Sender, collection: &str, name: &str, options: &[&str], count: u64) {
    let path = export(sender, collection, name, options);
    let import = ["import", &path, "--as", collection, "--crs", "OGC:CRS84", "--json"];
    let report = sender.run(&import).expect_done().json();
    let counts = ["created", "changed", "refused", "change"].map(|key| &report[key]);
    let place = format!("{collection} in {name} {options:?}");
    assert_eq!(json!(counts), json!([0, 0, 0, null]), "{place}");
    assert_eq!(report["unchanged"], count, "{place}");
}

#[test]
fn what_was_exported_comes_back_unchanged() {
    let sender = district();
    for collection in &COLLECTIONS[1..] {
        let count = sender.export(collection).len() as u64;
        assert!(count > 10, "{count} of {collection}");
        for name in ["x.geojson", "x.geojsonl", "x.geojsons", "x.csv", "x.gpkg", "x.fgb"] {
            check_return(&sender, collection, name, &[], count);
        }
    }
    let count = sender.export("light_poles").len() as u64;
    check_return(&sender, "light_poles", "x.csv", &["--geometry", "xy", "--bom"], count);
}

#[test]
fn texts_that_are_hard_to_write_come_back_unchanged() {
    let sender = odd_lights();
    let count = ODD_TEXTS.len() as u64;
    let formats = [("x.geojsonl", &[][..]), ("x.csv", &[]), ("x.csv", &["--bom"])];
    for (name, options) in formats.into_iter().chain([("x.gpkg", &[][..]), ("x.fgb", &[])]) {
        check_return(&sender, "light_poles", name, options, count);
    }
}

/// The only answer of SQLite's own program to a statement.
fn sqlite(path: &str, statement: &str) -> String {
    let done = Command::new("sqlite3").args([path, statement]).output().expect("sqlite3 is there");
    String::from_utf8(done.stdout).expect("UTF-8").trim().to_owned()
}

#[test]
fn a_geopackage_keeps_the_rules_of_its_standard() {
    let sender = district();
    for collection in COLLECTIONS {
        let path = export(&sender, collection, "x.gpkg", &[]);
        // Of Debian's python3-gdal.
        let mut validator = Command::new("/usr/bin/python3");
        validator.args(["-m", "osgeo_utils.samples.validate_gpkg", "--extra", &path]);
        let done = Done::from(validator.output().expect("Debian's Python starts"));
        assert_eq!((done.code, &*done.stderr), (Some(0), ""), "{collection}: {}", done.stdout);
        for (statement, expected) in [
            ("pragma application_id", "1196444487"),
            ("pragma user_version", "10300"),
            ("pragma integrity_check", "ok"),
            ("pragma foreign_key_check", ""),
            ("select distinct srs_id from gpkg_contents", "4326"),
        ] {
            assert_eq!(sqlite(&path, statement), expected, "{collection}: {statement}");
        }
        let count = format!("select count(*) = (select count(*) from {collection}) from ");
        let index = format!("rtree_{collection}_geometry");
        assert_eq!(sqlite(&path, &(count + &index)), "1", "{collection}");
        assert_eq!(sqlite(&path, &format!("select rtreecheck('{index}')")), "ok", "{collection}");
    }
}

#[test]
fn a_geopackage_tells_titles_code_lists_and_ranges() {
    let sender = district();
    let path = export(&sender, "gas_pipes", "x.gpkg", &[]);
    let title = "select name from gpkg_data_columns where column_name = 'diameter_mm'";
    assert_eq!(sqlite(&path, title), "Diameter 管径 (mm)");
    let arguments = ["-fielddomain", "gas_pipes_material"];
    let told = ogr::ogrinfo(Path::new(&path), &arguments);
    assert!(told.contains("grey_cast_iron: Grey cast iron 灰口铸铁\n"), "{told}");
    let told = ogr::ogrinfo(Path::new(&path), &["-fielddomain", "gas_pipes_diameter_mm"]);
    assert!(told.contains("Minimum value: 1\n") && told.contains("Maximum value: 3000"), "{told}");
}

#[test]
fn a_geopackage_can_be_edited_and_its_index_follows() {
    let sender = district();
    let path = export(&sender, "light_poles", "x.gpkg", &[]);
    let moved = "update light_poles set geometry = (select geometry from light_poles where fid = 9) \
                 where fid = 1";
    for statement in [moved, "delete from light_poles where fid = 2"] {
        // GDAL brings the functions that the triggers call.
        gdal::run("ogrinfo", &[&path, "-sql", statement]);
    }
    let counted = |statement: &str| sqlite(&path, statement);
    let boxes = "select count(distinct minx || ' ' || miny), count(*) \
                 from rtree_light_poles_geometry where id in (1, 2, 9)";
    assert_eq!(counted(boxes), "1|2");
    assert_eq!(counted("select rtreecheck('rtree_light_poles_geometry')"), "ok");
}

#[test]
fn a_file_takes_the_place_of_another_only_when_it_is_whole() {
    let sender = Sender::new();
    sender.import(&lights(3, "\"power_w\":70"), &[]).expect_done();
    for name in ["x.geojson", "x.gpkg", "x.fgb", "x.csv"] {
        let path = sender.file(name, "as it was");
        // What a killed predecessor left.
        sender.file(&format!("{name}.unfinished"), "half of something");
        export(&sender, "light_poles", name, &[]);
        assert_eq!(ogr::count(Path::new(&path), None), 3, "{name}");
        let before = std::fs::read(&path).expect("the file");
        let other = Sender::new();
        let done = terrier(&other.registry(), &["export", "light_poles", "-o", &path]);
        assert_eq!(done.code, Some(1), "{done:?}");
        assert!(std::fs::read(&path).expect("the file") == before, "{name}");
    }
    let done = sender.run(&["export", "light_poles", "-o", &sender.path("none/x.gpkg")]);
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.stderr.starts_with("error: cannot write `"), "{}", done.stderr);
}

#[test]
fn a_geopackage_that_is_open_elsewhere_is_not_replaced() {
    let sender = Sender::new();
    sender.import(&[light("7", "")], &[]).expect_done();
    for ending in ["-wal", "-journal"] {
        let path = export(&sender, "light_poles", "x.gpkg", &[]);
        let before = std::fs::read(&path).expect("the file");
        let beside = sender.file(&format!("x.gpkg{ending}"), "");
        let done = sender.run(&["export", "light_poles", "-o", &path]);
        assert_eq!((done.code, &*done.stdout), (Some(1), ""), "{done:?}");
        assert!(done.stderr.starts_with(&format!("error: `{beside}` is there")), "{}", done.stderr);
        assert!(std::fs::read(&path).expect("the file") == before);
        std::fs::remove_file(beside).expect("it is there");
    }
    let done = sender.run(&["export", "light_poles", "--format", "gpkg", "-o", "/dev/null"]);
    assert_eq!(done.code, Some(1), "{done:?}");
}

#[test]
fn a_format_that_makes_no_sense_is_refused() {
    let sender = Sender::new();
    sender.import(&[light("7", "")], &[]).expect_done();
    let out = |name: &str| sender.path(name);
    for (arguments, expected) in [
        (&["light_poles", "--format", "gpkg"][..], "a GeoPackage is a file"),
        (&["light_poles", "--format", "shp"], "expected one of geojson, geojsonl"),
        (&["light_poles", "-o", &out("x.shp")], "no format has the ending `.shp`"),
        (&["light_poles", "--bom"], "--bom is for CSV, and the format is geojson"),
        (&["light_poles", "--raw", "-o", &out("x.gpkg")], "--raw is for CSV"),
        (&["light_poles", "--geometry=xy", "--format=fgb"], "--geometry is for CSV"),
        (&["light_poles", "--geometry=wkb", "--format=csv"], "expected one of wkt, xy, none"),
        (&["gas_pipes", "--geometry=xy", "--format=csv"], "--geometry xy is for points"),
        (&["assets", "--geometry=xy", "--format=csv"], "--geometry xy is for points"),
    ] {
        let done = sender.run(&[&["export"], arguments].concat());
        assert_eq!((done.code, &*done.stdout), (Some(2), ""), "{arguments:?}: {done:?}");
        assert!(done.stderr.contains(expected), "{arguments:?}: {}", done.stderr);
    }
    // What was named goes before the ending.
    let path = export(&sender, "light_poles", "x.shp", &["--format", "csv"]);
    assert!(std::fs::read_to_string(path).expect("the file").starts_with("id,class,"));
}
