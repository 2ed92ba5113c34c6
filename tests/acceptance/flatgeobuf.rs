//! FlatGeobuf files as GDAL writes them: what is taken of them is what their GeoJSON gives.

use std::process::Stdio;

use crate::ogr::ogr2ogr;
use crate::program::{self, command};
use crate::sender::Sender;

fn fixture(name: &str) -> String {
    program::fixture(name).to_str().expect("a path in UTF-8").to_owned()
}

/// Imports a fixture and a copy that GDAL wrote with these options; both must give the same.
fn check(set: &str, name: &str, options: &[&str]) {
    let file = fixture(&format!("{set}/{name}.geojson"));
    let mapping = fixture(&format!("{set}/{name}.toml"));
    let first = Sender::new();
    first.run(&["import", &file, "--mapping", &mapping]).expect_done();
    let sender = Sender::new();
    let copy = sender.path("copy.fgb");
    ogr2ogr(&[&["-f", "FlatGeobuf"], options, &[&copy, &file]].concat());
    sender.run(&["import", &copy, "--mapping", &mapping]).expect_done();
    let (expected, found) = (first.content(name), sender.content(name));
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected, "{name} {options:?}");
    }
}

#[test]
fn a_layer_that_gdal_wrote_says_what_its_file_said() {
    check("gas-schutterwald", "gas_pipes", &[]);
    check("gas-schutterwald", "gas_pipes", &["-lco", "SPATIAL_INDEX=NO"]);
    check("hexi-sample", "communities", &["-nlt", "MULTIPOLYGON"]);
    check("hexi-sample", "manholes", &["-dim", "XYZ"]);
}

#[test]
fn the_system_of_the_header_is_taken_and_a_pipe_is_a_file_too() {
    let sender = Sender::new();
    let copy = sender.path("copy.fgb");
    let (file, mapping) =
        (fixture("hexi-sample/manholes.geojson"), fixture("hexi-sample/manholes.toml"));
    ogr2ogr(&["-f", "FlatGeobuf", "-t_srs", "EPSG:4548", "-dim", "XYZ", &copy, &file]);
    let mut import = command();
    import.arg("--data").arg(sender.registry());
    import.args(["import", "/dev/stdin", "--mapping", &mapping, "--json"]);
    import.stdin(Stdio::from(std::fs::File::open(&copy).expect("a file")));
    let piped: program::Done = import.output().expect("the program starts").into();
    let report = piped.expect_done().json();
    assert_eq!(
        (&report["file"]["crs"], &report["file"]["layer"]),
        (&"EPSG:4548".into(), &"manholes".into())
    );
    assert_eq!(report["created"], report["untaken_heights"]);
    let done = sender.run(&["import", &copy, "--mapping", &mapping]).expect_done();
    assert!(done.stdout.contains(" 0 new, 0 changed,"), "{}", done.stdout);
}
