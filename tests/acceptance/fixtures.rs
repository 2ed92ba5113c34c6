//! Real data that lie in the repository: what the program says of them is what GDAL says.

use crate::ogr;
use crate::program::fixture;

fn check(set: &str, name: &str, collection: &str, count: u64) {
    let file = fixture(&format!("{set}/{name}.geojson"));
    let mapping = fixture(&format!("{set}/{name}.toml"));
    assert_eq!(ogr::check(&file, &mapping, collection), count);
    assert!(fixture(&format!("{set}/NOTICE.txt")).exists());
}

#[test]
fn the_street_lamps_of_helsinki_are_as_gdal_sees_them() {
    check("osm-helsinki", "street_lamps", "light_poles", 586);
}

#[test]
fn the_paths_of_helsinki_are_as_gdal_sees_them() {
    check("osm-helsinki", "paths", "greenway_segments", 1269);
}

#[test]
fn the_drains_of_bellinge_are_as_gdal_sees_them() {
    check("drainage-bellinge", "links", "drain_pipes", 15);
}

#[test]
fn the_gas_pipes_of_schutterwald_are_as_gdal_sees_them() {
    check("gas-schutterwald", "gas_pipes", "gas_pipes", 2559);
}
