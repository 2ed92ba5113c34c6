//! Shapefiles as GDAL writes them: in a folder and in an archive, in the encodings and the coordinate
//! systems of Chinese offices. What is taken of them is what their GeoJSON gives.

use std::path::Path;

use serde_json::Value as Json;

use crate::ogr::{self, ogr2ogr};
use crate::program;
use crate::sender::Sender;

fn fixture(name: &str) -> String {
    program::fixture(name).to_str().expect("a path in UTF-8").to_owned()
}

/// A mapping in which each name of a property is cut after so many bytes, as a table cuts it.
fn cut(sender: &Sender, file: &str, mapping: &str, most: usize, encoding: &str) -> String {
    let text = std::fs::read_to_string(file).expect("a file");
    let features: Json = serde_json::from_str(&text).expect("GeoJSON");
    let mut text = std::fs::read_to_string(mapping).expect("a mapping");
    let names = features["features"][0]["properties"].as_object().expect("properties");
    for name in names.keys() {
        let bytes = if encoding == "GBK" { 2 } else { 3 };
        let width = |sign: char| if sign.is_ascii() { 1 } else { bytes };
        let mut used = 0;
        let kept: String = name
            .chars()
            .take_while(|sign| {
                used += width(*sign);
                used <= most
            })
            .collect();
        text = text.replace(&format!("\"{name}\""), &format!("\"{kept}\""));
    }
    // Truth is a number in what GDAL writes.
    let text = text.replace("true = ", "1 = ").replace("false = ", "0 = ");
    sender.file("cut.toml", text)
}

/// Imports a fixture and a copy of it that GDAL wrote with these options; both must give the same.
fn check(set: &str, name: &str, copy: &str, encoding: &str, options: &[&str]) {
    let (file, mapping) =
        (fixture(&format!("{set}/{name}.geojson")), fixture(&format!("{set}/{name}.toml")));
    let first = Sender::new();
    first.run(&["import", &file, "--mapping", &mapping]).expect_done();
    let sender = Sender::new();
    let path = sender.path(copy);
    let encoded = format!("ENCODING={encoding}");
    let asked =
        [&["-f", "ESRI Shapefile", "-nln", name, "-lco", &encoded], options, &[&*path, &file]];
    ogr2ogr(&asked.concat());
    let path = if Path::new(&path).is_dir() { format!("{path}/{name}.shp") } else { path };
    let mapping = cut(&sender, &file, &mapping, 10, encoding);
    let report =
        sender.run(&["import", &path, "--mapping", &mapping, "--json"]).expect_done().json();
    let label = if encoding == "GBK" { "gb18030" } else { "utf-8" };
    assert_eq!(report["file"]["encoding"], label, "{report}");
    let (expected, found) = (first.content(name), sender.content(name));
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected, "{copy} in {encoding}");
    }
}

#[test]
fn lines_and_numbers_are_those_of_the_same_file_in_geojson() {
    check("gas-schutterwald", "gas_pipes", "pipes", "UTF-8", &[]);
    check("gas-schutterwald", "gas_pipes", "pipes.shz", "UTF-8", &[]);
}

#[test]
fn chinese_texts_and_names_come_through_each_encoding() {
    for encoding in ["GBK", "UTF-8"] {
        for copy in ["copy", "copy.shp.zip"] {
            check("hexi-sample", "communities", copy, encoding, &[]);
            check("hexi-sample", "manholes", copy, encoding, &[]);
        }
    }
}

#[test]
fn an_encoding_that_no_file_tells_is_told_from_the_texts_or_asked_for() {
    let (file, mapping) =
        (fixture("hexi-sample/communities.geojson"), fixture("hexi-sample/communities.toml"));
    let sender = Sender::new();
    let folder = sender.path("copy");
    ogr2ogr(&["-f", "ESRI Shapefile", "-lco", "ENCODING=GBK", &folder, &file]);
    std::fs::remove_file(format!("{folder}/communities.cpg")).expect("it was there");
    let path = format!("{folder}/communities.shp");
    let done = sender.run(&["import", &path, "--mapping", &mapping]).expect_done();
    let said = "`FILE` is Shapefile, layer `communities`, texts in gb18030, positions in EPSG:4326; \
                columns id, 小区名称, 街道, 社区, ";
    let stderr = done.stderr.replace(&path, "FILE");
    assert!(stderr.starts_with(said), "{stderr}");
    assert_eq!(sender.coded("communities", "安德里")["properties"]["street"], "大营门街道");
    let done =
        sender.run(&["import", &path, "--mapping", &mapping, "--encoding", "gbk"]).expect_done();
    assert!(done.stdout.contains("8 unchanged"), "{}", done.stdout);
    let done = sender.run(&["import", &path, "--mapping", &mapping, "--encoding", "utf-8"]);
    let said = "error: cannot read `FILE` as Shapefile: found `\\xd0\\xa1\\xc7\\xf8\\xc3\\xfb\\xb3\\xc6`, \
                expected names of fields in utf-8\n";
    assert_eq!((done.code, &*done.stderr.replace(&path, "FILE")), (Some(1), said));
}

#[test]
fn surfaces_have_their_holes_and_heights_are_dropped() {
    let sender = Sender::new();
    // Two surfaces, one with two holes and on an island in one of them a third; clockwise or not.
    let square = |x: f64, half: f64, is_hole: bool| {
        let (x, y) = (117.2 + x * 1e-3, 39.1);
        let half = half * 1e-4;
        let mut ring = vec![
            [x - half, y - half],
            [x + half, y - half],
            [x + half, y + half],
            [x - half, y + half],
        ];
        ring.push(ring[0]);
        if is_hole {
            ring.reverse();
        }
        ring
    };
    let rings = serde_json::json!([
        [square(0.0, 9.0, false), square(0.0, 4.0, true), square(0.6, 1.0, true)],
        [square(0.0, 2.0, false)],
        [square(5.0, 9.0, false), square(5.0, 3.0, true)],
    ]);
    let feature = |id: &str, kind: &str, rings: &Json| {
        serde_json::json!({"type": "Feature", "id": id, "properties": {"code": id},
            "geometry": {"type": kind, "coordinates": rings}})
    };
    let rows = [feature("many", "MultiPolygon", &rings), feature("one", "Polygon", &rings[2])];
    let text = rows.map(|row| row.to_string()).join("\n");
    let file = sender.file("surfaces.geojsonl", text);
    sender.run(&["import", &file, "--as", "communities"]).expect_done();
    let expected = sender.content("communities");
    let copy = sender.path("copy.shz");
    ogr2ogr(&["-f", "ESRI Shapefile", "-dim", "XYZ", &copy, &file]);
    let other = Sender::new();
    let report =
        other.run(&["import", &copy, "--as", "communities", "--json"]).expect_done().json();
    assert_eq!((&report["created"], &report["untaken_heights"]), (&2.into(), &2.into()));
    assert_eq!(other.content("communities"), expected);
    // GDAL orders the rings by itself, and its areas are those of surfaces without their holes.
    let area = ogr::total(&other.export("communities"), "geom_area_m2");
    ogr::check_sum(area, Path::new(&copy), "ST_Area(geometry, 1)", 2);
}

#[test]
fn positions_of_a_plane_are_brought_back() {
    let (file, mapping) =
        (fixture("hexi-sample/manholes.geojson"), fixture("hexi-sample/manholes.toml"));
    let first = Sender::new();
    first.run(&["import", &file, "--mapping", &mapping]).expect_done();
    let sender = Sender::new();
    let folder = sender.path("copy");
    let to = ["-t_srs", "EPSG:4548", "-lco", "ENCODING=GBK"];
    ogr2ogr(&[&["-f", "ESRI Shapefile"], &to[..], &[&folder, &file]].concat());
    let path = format!("{folder}/manholes.shp");
    let report =
        sender.run(&["import", &path, "--mapping", &mapping, "--json"]).expect_done().json();
    assert_eq!(report["file"]["crs"], "EPSG:4548");
    let numbers = |sender: &Sender| -> Vec<f64> {
        let positions = |feature: &Json| {
            let position =
                feature["geometry"]["coordinates"].as_array().expect("a position").clone();
            position.into_iter().map(|number| number.as_f64().expect("a number"))
        };
        sender.content("manholes").iter().flat_map(positions).collect()
    };
    let (found, expected) = (numbers(&sender), numbers(&first));
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        // A tenth of a millimetre.
        assert!((found - expected).abs() < 1e-9, "{found} {expected}");
    }
    std::fs::remove_file(format!("{folder}/manholes.prj")).expect("it was there");
    let done = sender.run(&["import", &path, "--mapping", &mapping]);
    let said = "error: `FILE`, read as Shapefile: found no .prj, expected to be told its coordinate \
                system: --crs, or `crs` in the mapping\n";
    assert_eq!((done.code, &*done.stderr.replace(&path, "FILE")), (Some(1), said));
    let options = ["import", &path, "--mapping", &mapping, "--crs", "EPSG:4548"];
    let done = sender.run(&options).expect_done();
    assert!(done.stdout.contains(" 0 new, 0 changed,"), "{}", done.stdout);
}

#[test]
fn a_layer_of_an_archive_is_chosen_by_its_name() {
    let sender = Sender::new();
    let path = sender.path("all.shp.zip");
    let to = ["-f", "ESRI Shapefile", "-lco", "ENCODING=GBK", &path];
    ogr2ogr(&[&to[..], &[&*fixture("hexi-sample/communities.geojson")]].concat());
    ogr2ogr(&[&["-update"], &to[..], &[&*fixture("hexi-sample/manholes.geojson")]].concat());
    let mapping = fixture("hexi-sample/manholes.toml");
    let import = ["import", &path, "--mapping", &mapping];
    let done = sender.run(&import);
    let said = "error: `FILE`, read as Shapefile: found layers communities, manholes, expected to be \
                told which: --layer, or `layer` in the mapping\n";
    assert_eq!((done.code, &*done.stderr.replace(&path, "FILE")), (Some(1), said));
    assert!(!sender.registry().exists());
    let report = sender.run(&[&import[..], &["--layer", "manholes", "--json"]].concat());
    let report = report.expect_done().json();
    assert_eq!(report["file"]["layers"], serde_json::json!(["communities", "manholes"]));
    assert_eq!(report["created"], sender.export("manholes").len());
}

#[test]
fn a_shapefile_that_lacks_a_file_or_is_no_file_is_refused() {
    let sender = Sender::new();
    let folder = sender.path("copy");
    ogr2ogr(&["-f", "ESRI Shapefile", &folder, &fixture("gas-schutterwald/gas_pipes.geojson")]);
    let check = |name: &str, said: &str| {
        let path = format!("{folder}/{name}");
        let done = sender.run(&["import", &path, "--as", "gas_pipes"]);
        let said = format!("error: {}\n", said.replace("FILE", &path));
        assert_eq!((done.code, done.stderr), (Some(1), said));
    };
    let one_of_it = "which is one file of a Shapefile and goes with its .shp, expected GeoJSON, CSV, \
                     GeoPackage, Shapefile, FlatGeobuf or XLSX";
    check("gas_pipes.dbf", &format!("`FILE` is a table, {one_of_it}"));
    check("gas_pipes.shx", &format!("`FILE` is an index, {one_of_it}"));
    let begin = "cannot read `FILE` as Shapefile: found";
    std::fs::remove_file(format!("{folder}/gas_pipes.dbf")).expect("it was there");
    check(
        "gas_pipes.shp",
        &format!("{begin} no .dbf beside its .shp, expected all files of the Shapefile"),
    );
}
