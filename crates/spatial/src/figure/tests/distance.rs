//! Distances along the ground against those of another program.

use super::{figure, shape};
use crate::Figure;

/// Two geometries and the metres between them: the least of the geodesics of GeographicLib (pyproj
/// 3.7, `Geod(ellps="WGS84").inv`) between positions of the two, searched by golden sections along
/// lines that are straight in longitude and latitude.
const DISTANCES: &[(&str, &str, f64)] = &[
    ("POINT(117.2 39.1)", "POINT(117.2001 39.1001)", 14.074),
    ("POINT(117.2 39.1)", "LINESTRING(117.19 39.105,117.22 39.11)", 723.744),
    ("POINT(117.2 39.1)", "LINESTRING(117.2 39.101,117.21 39.103)", 111.017),
    (
        "POINT(117.2 39.1)",
        "POLYGON((117.201 39.09,117.3 39.09,117.3 39.2,117.2005 39.2,117.201 39.09))",
        82.572,
    ),
    (
        "POINT(117.25 39.15)",
        "POLYGON((117 39,118 39,118 40,117 40,117 39),(117.2 39.1,117.2 39.2,117.3 39.2,117.3 39.1,117.2 39.1))",
        4_322.160,
    ),
    ("LINESTRING(117.2 39.1,117.21 39.11)", "LINESTRING(117.2 39.102,117.2 39.12)", 136.469),
    ("LINESTRING(117.2 39.1,117.21 39.1)", "LINESTRING(117.19 39.1005,117.22 39.1005)", 55.509),
    ("LINESTRING(116 39,119 39)", "LINESTRING(116.5 39.01,118.5 39.01)", 1_110.156),
    ("LINESTRING(116 39,119 39)", "LINESTRING(116.9 39.02,118 39.01,118.4 39.5)", 1_110.156),
    ("LINESTRING(100 30,104 34)", "LINESTRING(100 30.2,104 34.1)", 7_203.559),
    ("POINT(179.9 10)", "POINT(-179.9 10)", 21_927.873),
    ("POINT(179.99 10)", "LINESTRING(-179.99 9,-179.98 11)", 2_740.951),
    ("POINT(0 89.9)", "LINESTRING(-170 89.95,170 89.95)", 5_584.699),
    ("POINT(10 89)", "POINT(-170 89)", 223_387.7),
    ("POINT(116.4 39.9)", "POINT(121.5 31.2)", 1_069_819.5),
    ("POINT(116.4 39.9)", "LINESTRING(121.5 31.2,113.3 23.1)", 1_069_819.5),
    ("POINT(116.4 39.9)", "LINESTRING(-74 40.7,-0.1 51.5)", 8_162_181.3),
    ("POINT(0 0)", "LINESTRING(-60 80,60 80)", 8_885_139.9),
    ("POINT(0 0)", "LINESTRING(-180 90,180 90)", 10_001_965.7),
    ("POINT(0 0)", "POINT(179.5 0.1)", 19_973_497.5),
    ("LINESTRING(0 10,0 20)", "LINESTRING(-170 -60,170 -60)", 7_759_927.7),
    (
        "MULTIPOINT(117 39,117.3 39.3)",
        "POLYGON((117.1 39.1,117.2 39.1,117.2 39.2,117.1 39.1))",
        14_062.987,
    ),
];

#[test]
fn distances_are_to_a_millimetre_near_by_and_to_a_millionth_far_away() {
    for (first, second, expected) in DISTANCES {
        let check = |figure: &Figure, other: &str| {
            let Some(shape) = shape(other) else { return };
            let metres = figure.distance_m(&shape);
            let most = (expected * 1e-6).max(0.001);
            assert!((metres - expected).abs() <= most, "{first} to {second}: {metres}");
            assert!(figure.is_within_m(&shape, expected + most), "{first} to {second}");
            assert!(!figure.is_within_m(&shape, expected - most), "{first} to {second}");
        };
        check(&figure(second), first);
        check(&figure(first), second);
    }
}

#[test]
fn what_meets_is_at_no_distance() {
    for (first, second) in [
        ("POINT(5 5)", "BOX(0,0,10,10)"),
        ("POINT(0 0)", "POINT(0 0)"),
        ("LINESTRING(0 0,2 2)", "LINESTRING(0 2,2 0)"),
        ("POLYGON((0 0,10 0,10 10,0 10,0 0))", "POINT(5 5)"),
        ("POINT(179 0)", "BOX(170,-10,-170,10)"),
    ] {
        let shape = shape(first).expect("a shape");
        assert_eq!(figure(second).distance_m(&shape), 0.0, "{first} to {second}");
        assert!(figure(second).is_within_m(&shape, 0.0), "{first} to {second}");
        assert!(!figure(second).is_within_m(&shape, -1.0), "{first} to {second}");
        assert!(!figure(second).is_within_m(&shape, f64::NAN), "{first} to {second}");
    }
}
