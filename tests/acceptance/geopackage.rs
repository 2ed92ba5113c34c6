//! GeoPackages of others: what is taken of them is what GDAL reads in them.

use std::path::Path;

use crate::ogr::{self, Share};
use crate::sender::Sender;

fn fixture(name: &str) -> String {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/gas-schutterwald");
    fixtures.join(name).to_str().expect("a path in UTF-8").to_owned()
}

#[test]
fn a_layer_that_gdal_wrote_says_what_its_file_said() {
    let (file, mapping) = (fixture("gas_pipes.geojson"), fixture("gas_pipes.toml"));
    let first = Sender::new();
    first.run(&["import", &file, "--mapping", &mapping]).expect_done();
    let expected = first.content("gas_pipes");
    let sender = Sender::new();
    let copy = sender.path("copy.gpkg");
    ogr::ogr2ogr(&["-f", "GPKG", &copy, &file]);
    let done = sender.run(&["import", &copy, "--mapping", &mapping]).expect_done();
    let others = first.run(&["import", &file, "--mapping", &mapping]).expect_done();
    assert_eq!(done.stderr, others.stderr);
    let found = sender.content("gas_pipes");
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
}

#[test]
fn counts_and_lengths_are_those_that_gdal_finds() {
    let sender = Sender::new();
    let copy = sender.path("copy.gpkg");
    ogr::ogr2ogr(&["-f", "GPKG", &copy, &fixture("gas_pipes.geojson")]);
    let mapping = fixture("gas_pipes.toml");
    // The length along the ellipsoid.
    let sums = [("geom_length_m", "ST_Length(geom, 1)")];
    let share = Share { collection: "gas_pipes", condition: "1", sums: &sums };
    let (copy, mapping) = (Path::new(&copy), Path::new(&mapping));
    assert_eq!(ogr::check_shares(copy, Some(mapping), &[], &[share], "0"), [2559]);
}

#[test]
fn each_layer_is_chosen_by_its_name() {
    let sender = Sender::new();
    let file = fixture("gas_pipes.geojson");
    let many = sender.path("many.gpkg");
    let few = sender.path("few.geojson");
    ogr::ogr2ogr(&["-f", "GeoJSON", "-limit", "7", &few, &file]);
    ogr::ogr2ogr(&["-f", "GPKG", "-nln", "all of \"them\"", &many, &file]);
    ogr::ogr2ogr(&["-update", "-nln", "管线", "-t_srs", "EPSG:31467", "-dim", "XYZ", &many, &few]);
    let mapping = fixture("gas_pipes.toml");
    let import = ["import", &many, "--mapping", &mapping];
    let done = sender.run(&import);
    let said = "error: `FILE`, read as GeoPackage: found layers all of \"them\", 管线, expected to be \
                told which: --layer, or `layer` in the mapping\n";
    assert_eq!(done.stderr.replace(&many, "FILE"), said);
    assert!(!sender.registry().exists());
    let report = sender.run(&[&import[..], &["--layer", "管线", "--json"]].concat()).expect_done();
    let report = report.json();
    assert_eq!((&report["created"], &report["untaken_heights"]), (&7.into(), &7.into()));
    assert_eq!(report["file"]["crs"], "EPSG:31467");
    assert_eq!(report["file"]["layers"], serde_json::json!(["all of \"them\"", "管线"]));
}

#[test]
fn an_exported_layer_comes_back_and_changes_nothing() {
    let sender = Sender::new();
    sender.run(&["demo", "--assets", "800", "--seed", "11"]).expect_done();
    for collection in ["drain_pipes", "gas_pipes", "greenway_segments", "light_poles"] {
        let file = sender.path(&format!("{collection}.gpkg"));
        sender.run(&["export", collection, "-o", &file]).expect_done();
        let done = sender.run(&["import", &file, "--as", collection]).expect_done();
        let count = sender.export(collection).len();
        let report =
            format!("{count} rows: 0 new, 0 changed, {count} unchanged, 0 refused, 0 not taken");
        // Behind it stand the events, all of them known.
        let is_same = done.stdout.starts_with(&report) && done.stdout.ends_with("(no change)\n");
        assert!(is_same, "{collection}: {}", done.stdout);
        assert_eq!(done.stderr, "", "{collection}");
    }
}
