//! Real data that do not lie in the repository: `tests/real-data FOLDER` names the folder that
//! holds them.

mod foreign;
#[expect(dead_code, reason = "the acceptance tests use all of it")]
#[path = "../acceptance/ogr.rs"]
mod ogr;
#[expect(dead_code, reason = "the acceptance tests use all of it")]
#[path = "../acceptance/program.rs"]
mod program;
mod public_suites;
#[expect(dead_code, reason = "the acceptance tests use all of it")]
#[path = "../acceptance/sender.rs"]
mod sender;

use std::path::{Path, PathBuf};

/// A file of the folder with the data.
fn data(path: &str) -> PathBuf {
    let folder = std::env::var_os("TERRIER_REAL_DATA");
    let folder = PathBuf::from(folder.expect("TERRIER_REAL_DATA names the folder with the data"));
    let path = folder.join(path);
    assert!(path.exists(), "there is no `{}`", path.display());
    path
}

fn mapping(set: &str) -> PathBuf {
    let mappings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/real-data-mappings");
    mappings.join(format!("{set}.toml"))
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
fn the_days_on_which_lights_of_champaign_were_verified_are_inspections() {
    // As `ogrinfo -sql` counts them, grouped by FieldVerifiedDate.
    let counts = [("2018-10-12", 92), ("2018-11-01", 51), ("2018-12-21", 4), ("2019-03-08", 30)];
    let sender = sender::Sender::new();
    let set = "streetlights-champaign";
    let text = |path: PathBuf| path.to_str().expect("a path in UTF-8").to_owned();
    let file = text(data(&format!("{set}/champaign_streetlights.geojson")));
    let import = ["import", &file, "--mapping", &text(mapping(set)), "--json"];
    let events = |expected: &str| {
        assert_eq!(sender.run(&import).expect_done().json()["events"][expected], 177);
    };
    events("recorded");
    events("known");
    let features = sender.export("light_poles");
    for (day, count) in counts {
        let of_day = features.iter().filter(|one| one["properties"]["inspected_on"] == day);
        assert_eq!(of_day.count(), count, "{day}");
    }
}

#[test]
fn the_drainage_of_bellinge_is_as_gdal_sees_it() {
    check("sewer-bellinge", "bellinge_links", "drain_pipes", 1044);
}

#[test]
fn the_greenways_of_mecklenburg_are_as_gdal_sees_them() {
    check("greenways-mecklenburg", "greenways", "greenway_segments", 307);
}
