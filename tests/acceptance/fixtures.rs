//! Data that lie in the repository: what the program says of them is what GDAL says.

use std::path::PathBuf;

use terrier_catalog::shipped_classes;

use crate::ogr::{self, Share};
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
    let share = Share { collection: class, condition: "1", sums };
    assert_eq!(ogr::check_shares(&file, mapping, &[], &[share], "0"), [count], "{class}");
}

#[test]
fn the_sample_of_each_class_is_as_gdal_reads_it() {
    SAMPLES.into_iter().for_each(check_sample);
}

/// A file, the class written for it, its shares and how many assets they have; rows without length
/// are refused.
type Set = (&'static str, Option<&'static str>, &'static [(Share<'static>, u64)]);

const fn all(
    collection: &'static str,
    sums: &'static [(&'static str, &'static str)],
) -> Share<'static> {
    Share { collection, condition: "1", sums }
}

const LENGTH: (&str, &str) = ("geom_length_m", "ST_Length(geometry, 1)");
const AREA: (&str, &str) = ("geom_area_m2", "ST_Area(geometry, 1)");

const SETS: [Set; 14] = [
    (
        "heat-schutterwald/heat_pipes",
        None,
        &[(
            Share {
                collection: "heat_pipes",
                condition: "ST_Length(geometry) > 0",
                sums: &[LENGTH, ("length_m", "length_km * 1000"), ("diameter_mm", "100")],
            },
            414,
        )],
    ),
    (
        "heat-schutterwald/junctions",
        Some("heat_nodes"),
        &[(all("heat_nodes", &[("height_m", "height_m")]), 244)],
    ),
    (
        "heat-schutterwald/valves",
        Some("heat_nodes"),
        &[(all("heat_nodes", &[("diameter_mm", "inner_diameter_mm")]), 2)],
    ),
    (
        "heat-schutterwald/consumers",
        None,
        &[(all("heat_stations", &[("power_kw", "qext_w / 1000")]), 44)],
    ),
    ("gas-schutterwald/junctions", None, &[(all("gas_nodes", &[]), 2559)]),
    (
        "gas-schutterwald/customers",
        Some("gas_customers"),
        &[(all("gas_customers", &[("demand_m3_a", "demand_m3_per_a")]), 1506)],
    ),
    ("gas-schutterwald/feed", None, &[(all("gas_regulators", &[]), 1)]),
    (
        "drainage-bellinge/nodes",
        None,
        &[
            (Share { condition: "kind = 'storage'", ..all("drain_structures", INVERT) }, 15),
            (Share { condition: "kind = 'outfall'", ..all("outfalls", INVERT) }, 1),
        ],
    ),
    (
        "drainage-bellinge/catchments",
        Some("catchments"),
        &[(all("catchments", &[AREA, ("area_m2", "area * 10000")]), 13)],
    ),
    (
        "osm-helsinki/pipelines",
        None,
        &[
            (Share { condition: "type = 'heat'", ..all("heat_pipes", &[LENGTH]) }, 19),
            (Share { condition: "substance = 'gas'", ..all("gas_pipes", &[LENGTH]) }, 8),
        ],
    ),
    (
        "osm-helsinki/roads",
        None,
        &[(all("road_sections", &[LENGTH, ("lane_count", "cast(lanes as integer)")]), 924)],
    ),
    (
        "osm-helsinki/parks",
        None,
        &[(Share { condition: "leisure <> 'pitch'", ..all("pocket_parks", &[AREA]) }, 17)],
    ),
    ("osm-helsinki/trees", Some("trees"), &[(all("trees", &[]), 649)]),
    ("osm-helsinki/waterways", Some("waterways"), &[(all("waterways", &[LENGTH]), 4)]),
];

/// Lines between equal positions.
const EMPTY_LINES: &str = "GeometryType(geometry) = 'LINESTRING' and ST_Length(geometry) = 0";

const INVERT: &[(&str, &str)] = &[("invert_m", "invert_elev")];

fn check_set((name, class, shares): Set) {
    let (file, mapping) = (format!("{name}.geojson"), format!("{name}.toml"));
    let classes = class.map(|class| fixture(&format!("classes/{class}.toml")));
    let (shares, counts): (Vec<Share<'_>>, Vec<u64>) = shares.iter().copied().unzip();
    let (file, mapping) = (fixture(&file), fixture(&mapping));
    let classes: Vec<PathBuf> = classes.into_iter().collect();
    let found = ogr::check_shares(&file, Some(&mapping), &classes, &shares, EMPTY_LINES);
    assert_eq!(found, counts, "{name}");
    assert!(file.with_file_name("NOTICE.txt").exists());
}

#[test]
fn each_real_network_of_the_repository_is_as_gdal_reads_it() {
    SETS.into_iter().for_each(check_set);
}

#[test]
fn every_shipped_class_has_data_in_the_repository() {
    let real = ["drain_pipes", "gas_pipes", "greenway_segments", "light_poles"];
    let sampled = SAMPLES.map(|(class, ..)| class);
    for (class, _) in shipped_classes() {
        assert!(real.contains(class) != sampled.contains(class), "{class}");
    }
}
