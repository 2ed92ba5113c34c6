//! Data that lie in the repository: what the program says of them is what GDAL says.

use terrier_catalog::shipped_classes;

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

/// The made-up assets of a class: how many, and what is summed in the register and in the file.
type Sample = (&'static str, u64, &'static [(&'static str, &'static str)]);

const SAMPLES: [Sample; 15] = [
    (
        "communities",
        8,
        &[
            ("geom_area_m2", "ST_Area(geometry, 1)"),
            ("area_m2", "占地面积"),
            ("households", "户数"),
            ("building_count", "楼栋数"),
        ],
    ),
    (
        "drain_structures",
        7,
        &[("volume_m3", "volume_m3"), ("pump_power_kw", "pump_power_kw"), ("invert_m", "invert_m")],
    ),
    ("gas_nodes", 12, &[("depth_m", "depth_m"), ("diameter_mm", "diameter_mm")]),
    ("gas_regulators", 6, &[("households", "households"), ("capacity_m3_h", "capacity_m3_h")]),
    ("gas_risers", 16, &[("length_m", "登记长度"), ("households", "户数"), ("floors", "楼层数")]),
    ("gas_valves", 8, &[("diameter_mm", "diameter_mm"), ("turns_to_close", "turns_to_close")]),
    (
        "gullies",
        14,
        &[("grate_count", "grate_count"), ("connection_length_m", "connection_length_m")],
    ),
    ("heat_pipes", 10, &[("geom_length_m", "ST_Length(geometry, 1)"), ("length_m", "length_m")]),
    ("heat_stations", 7, &[("households", "households"), ("power_kw", "power_kw")]),
    (
        "light_cabinets",
        6,
        &[("circuit_count", "circuit_count"), ("contracted_power_kw", "contracted_power_kw")],
    ),
    ("manholes", 16, &[("depth_m", "井深"), ("invert_m", "井底高程")]),
    ("outfalls", 5, &[("width_mm", "width_mm"), ("flood_level_m", "flood_level_m")]),
    (
        "pocket_parks",
        6,
        &[
            ("geom_area_m2", "ST_Area(geometry, 1)"),
            ("area_m2", "area_m2"),
            ("tree_count", "tree_count"),
        ],
    ),
    (
        "road_sections",
        8,
        &[("geom_length_m", "ST_Length(geometry, 1)"), ("area_m2", "area_m2"), ("pci", "pci")],
    ),
    ("streets", 5, &[("geom_area_m2", "ST_Area(geometry, 1)"), ("population", "population")]),
];

fn check_sample((class, count, sums): Sample) {
    let file = fixture(&format!("hexi-sample/{class}.geojson"));
    let mapping = fixture(&format!("hexi-sample/{class}.toml"));
    let mapping = mapping.exists().then_some(&*mapping);
    assert_eq!(ogr::check_sums(&file, mapping, class, sums), count, "{class}");
}

#[test]
fn the_sample_of_each_class_is_as_gdal_reads_it() {
    SAMPLES.into_iter().for_each(check_sample);
}

#[test]
fn every_shipped_class_has_data_in_the_repository() {
    let real = ["drain_pipes", "gas_pipes", "greenway_segments", "light_poles"];
    let sampled = SAMPLES.map(|(class, ..)| class);
    for (class, _) in shipped_classes() {
        assert!(real.contains(class) != sampled.contains(class), "{class}");
    }
}
