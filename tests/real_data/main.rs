//! Real data that do not lie in the repository: `tests/real-data FOLDER` names the folder that
//! holds them.

mod champaign;
mod change_set;
mod cql2;
mod foreign;
#[path = "../acceptance/ogr.rs"]
mod ogr;
#[expect(dead_code, reason = "the acceptance tests use all of it")]
#[path = "../acceptance/program.rs"]
mod program;
mod public_suites;
#[expect(dead_code, reason = "the acceptance tests use all of it")]
#[path = "../acceptance/sender.rs"]
mod sender;
mod sets;
mod suggestion;

use std::path::{Path, PathBuf};

/// A file of the folder with the data.
fn data(path: &str) -> PathBuf {
    let folder = std::env::var_os("TERRIER_REAL_DATA");
    let folder = PathBuf::from(folder.expect("TERRIER_REAL_DATA names the folder with the data"));
    let path = folder.join(path);
    assert!(path.exists(), "there is no `{}`", path.display());
    path
}

/// A file of the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn mapping(set: &str) -> PathBuf {
    repository(&format!("tests/real-data-mappings/{set}.toml"))
}

fn check(set: &str, name: &str, collection: &str, count: u64) {
    let file = data(&format!("{set}/{name}.geojson"));
    assert_eq!(ogr::check(&file, &mapping(set), collection), count);
}

#[test]
fn the_street_lights_of_champaign_are_as_gdal_sees_them() {
    check("streetlights-champaign", "champaign_streetlights", "light_poles", 4556);
}

#[test]
fn the_drainage_of_bellinge_is_as_gdal_sees_it() {
    check("sewer-bellinge", "bellinge_links", "drain_pipes", 1044);
}

#[test]
fn the_greenways_of_mecklenburg_are_as_gdal_sees_them() {
    check("greenways-mecklenburg", "greenways", "greenway_segments", 307);
}
