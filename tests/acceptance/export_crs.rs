//! Files in other coordinate systems: GDAL finds the system in them, and by it the places.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value as Json;

use crate::ogr::{after, ogr2ogr, ogrinfo};
use crate::program::text;
use crate::reproject::positions;
use crate::sender::{Sender, light};

/// A zone whose northing is first by its authority, degrees whose latitude is, and a plane whose easting is.
const SYSTEMS: [&str; 3] = ["EPSG:4548", "EPSG:4490", "EPSG:32650"];

/// Half a thousandth of a metre, and what GDAL rounds, in degrees.
const SAME_DEGREES: f64 = 1.5e-8;

fn district() -> Sender {
    let sender = Sender::new();
    sender.run(&["demo", "--assets", "600", "--seed", "5"]).expect_done();
    sender
}

/// The features of a file by their ids, in longitude and latitude as GDAL finds them.
fn on_the_ground(path: &str, more: &[&str]) -> BTreeMap<String, Json> {
    let fixed = ["-f", "GeoJSONSeq", "-t_srs", "EPSG:4326", "-lco", "COORDINATE_PRECISION=12"];
    let lines = ogr2ogr(&[&fixed[..], more, &["/vsistdout/", path]].concat());
    let read = |line: &str| serde_json::from_str::<Json>(line).expect("a feature");
    let features = lines.lines().map(read).map(|feature| {
        let own = feature["id"].as_str().or_else(|| feature["properties"]["id"].as_str());
        (own.expect("an id").to_owned(), feature)
    });
    features.collect()
}

/// The features of a file stand where they should.
fn check(found: &BTreeMap<String, Json>, expected: &[Json], place: &str) {
    assert_eq!(found.len(), expected.len(), "{place}");
    for feature in expected {
        let [here, there] = [&found[text(&feature["id"])], feature].map(|one| &one["geometry"]);
        assert_eq!(here["type"], there["type"], "{place}");
        let (here, there) = (positions(here), positions(there));
        assert_eq!(here.len(), there.len(), "{place}");
        let off = here.iter().flatten().zip(there.iter().flatten()).map(|(a, b)| (a - b).abs());
        assert!(off.fold(0.0, f64::max) < SAME_DEGREES, "{place}: {here:?}, {there:?}");
    }
}

#[test]
fn gdal_finds_the_system_and_the_places_in_a_file_that_tells_them() {
    let sender = district();
    for collection in ["assets", "light_poles", "gas_pipes"] {
        let features = sender.export(collection);
        for system in SYSTEMS {
            for name in ["x.gpkg", "x.fgb", "x.geojson"] {
                let path = sender.path(name);
                let command = ["export", collection, "-o", &path, "--crs", system];
                let done = sender.run(&command).expect_done();
                assert_eq!(done.stderr, format!("{} features\n", features.len()));
                let told = ogrinfo(Path::new(&path), &["-so", "-al"]);
                let id = format!("ID[\"EPSG\",{}]]\n", &system["EPSG:".len()..]);
                let place = format!("{collection} in {name} in {system}");
                assert!(told.contains(&id), "{place}: {told}");
                check(&on_the_ground(&path, &[]), &features, &place);
            }
        }
    }
}

#[test]
fn rows_and_lines_have_the_positions_and_leave_it_to_the_reader_in_which_system_they_are() {
    let sender = district();
    let features = sender.export("gas_pipes");
    for system in SYSTEMS {
        for name in ["x.csv", "x.geojsonl", "x.geojsons"] {
            let path = sender.path(name);
            sender.run(&["export", "gas_pipes", "-o", &path, "--crs", system]).expect_done();
            check(&on_the_ground(&path, &["-s_srs", system]), &features, name);
        }
    }
}

#[test]
fn numbers_in_columns_are_called_by_the_kind_of_the_system() {
    let sender = Sender::new();
    sender.import(&[light("7", "")], &[]).expect_done();
    let check = |system: &str, expected: [&str; 2]| {
        let fixed = ["export", "light_poles", "--format", "csv", "--geometry", "xy", "--crs"];
        let done = sender.run(&[&fixed[..], &[system]].concat()).expect_done();
        let ends = done.stdout.split_terminator("\r\n").map(|line| {
            let cells: Vec<&str> = line.rsplitn(3, ',').collect();
            format!("{},{}", cells[1], cells[0])
        });
        assert_eq!(ends.collect::<Vec<_>>(), expected, "{system}");
    };
    check("CRS84", ["lon,lat", "117.2,39.1"]);
    check("EPSG:4326", ["lon,lat", "117.2,39.1"]);
    // As GDAL 3.6 has it: `gdaltransform -s_srs OGC:CRS84 -t_srs EPSG:4548`.
    check("EPSG:4548", ["x,y", "517300.874,4329624.672"]);
}

#[test]
fn what_has_no_place_in_the_system_is_told_and_written_without_geometry() {
    let sender = Sender::new();
    let pole = light("9", "").replace("39.1", "90");
    sender.import(&[light("7", ""), pole], &[]).expect_done();
    let note =
        "2 features\nnote: 1 of them lie beyond EPSG:3857 and are written without geometry\n";
    for name in ["x.geojson", "x.gpkg", "x.fgb", "x.csv"] {
        let path = sender.path(name);
        let command = ["export", "light_poles", "-o", &path, "--crs", "EPSG:3857"];
        assert_eq!(sender.run(&command).expect_done().stderr, note, "{name}");
        let told = ogrinfo(Path::new(&path), &["-so", "-al"]);
        assert_eq!(after(&told, "Feature Count: "), "2", "{name}");
    }
    let file = std::fs::read_to_string(sender.path("x.geojson")).expect("the file");
    assert_eq!(file.matches(r#""geometry":null"#).count(), 1, "{file}");
}

#[test]
fn what_falls_due_is_written_in_a_system_too() {
    let sender = district();
    let file = |more: &[&str]| {
        let path = sender.path("due.geojson");
        let fixed = ["due", "--on", "2030-01-01", "--format", "geojson", "-o", &path];
        let done = sender.run(&[&fixed[..], more].concat()).expect_done();
        (path.clone(), std::fs::read_to_string(path).expect("the file"), done.stderr)
    };
    let (_, plain, said) = file(&[]);
    let plain: Json = serde_json::from_str(&plain).expect("JSON");
    let expected = plain["features"].as_array().expect("features");
    assert!(expected.len() > 300, "{}", expected.len());
    for system in SYSTEMS {
        let (path, written, also_said) = file(&["--crs", system]);
        check(&on_the_ground(&path, &[]), expected, system);
        assert_eq!(also_said, said);
        let written: Json = serde_json::from_str(&written).expect("JSON");
        assert_eq!(written["on"], plain["on"]);
        for (here, there) in written["features"].as_array().expect("features").iter().zip(expected)
        {
            assert_eq!((&here["id"], &here["properties"]), (&there["id"], &there["properties"]));
        }
    }
}

#[test]
fn a_system_that_nobody_has_published_and_a_form_without_positions_are_refused() {
    let sender = Sender::new();
    sender.import(&[light("7", "")], &[]).expect_done();
    let refused = |command: &[&str], expected: &str| {
        let done = sender.run(command);
        assert_eq!(done.code, Some(2), "{command:?}: {}", done.stderr);
        assert!(done.stderr.starts_with(expected), "{command:?}: {}", done.stderr);
    };
    for name in ["EPSG:2415", "GCJ-02", ""] {
        let expected =
            format!("error: parameter `crs`: found `{name}`, expected one of OGC:CRS84, ");
        refused(&["export", "light_poles", "--crs", name], &expected);
        refused(&["due", "--format", "geojson", "--crs", name], &expected);
    }
    for form in ["csv", "table"] {
        let expected = "error: --crs is for GeoJSON: the other forms have no positions\n";
        refused(&["due", "--format", form, "--crs", "EPSG:4548"], expected);
    }
}

#[test]
fn what_was_exported_in_a_system_comes_back_to_its_place() {
    let sender = district();
    for system in SYSTEMS {
        for (name, tells_its_system) in [
            ("x.gpkg", true),
            ("x.fgb", true),
            ("x.geojson", true),
            ("x.geojsonl", false),
            ("x.csv", false),
        ] {
            let before = sender.export("gas_pipes");
            let path = sender.path(name);
            sender.run(&["export", "gas_pipes", "-o", &path, "--crs", system]).expect_done();
            let mut command = vec!["import", &path, "--as", "gas_pipes", "--json"];
            if !tells_its_system {
                command.extend(["--crs", system]);
            }
            let report = sender.run(&command).expect_done().json();
            let counts = ["created", "refused"].map(|count| report[count].as_u64());
            assert_eq!(counts, [Some(0), Some(0)], "{name} in {system}: {report}");
            let after = sender.export("gas_pipes").into_iter();
            let after = after.map(|feature| (text(&feature["id"]).to_owned(), feature)).collect();
            check(&after, &before, &format!("{name} in {system}"));
        }
    }
}
