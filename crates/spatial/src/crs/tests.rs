//! Tests of the coordinate systems. Numbers are those of PROJ 9.5.1 unless they say otherwise.

mod definition;

use super::*;

fn find(name: &str) -> Crs {
    Crs::find(name).unwrap_or_else(|error| panic!("{error}"))
}

/// The two positions are one within a millimetre, or the degrees that are one on the ground.
fn check_near(crs: &Crs, found: Position, expected: Position) {
    let millimetre = if crs.unit() == CrsUnit::Degree { 1e-8 } else { 1e-3 };
    let off = [found[0] - expected[0], found[1] - expected[1]];
    assert!(off[0].abs().max(off[1].abs()) < millimetre, "{crs:?}: {found:?}, not {expected:?}");
}

fn check_both_ways(crs: &Crs, place: Position, position: Position) {
    check_near(crs, crs.from_wgs84(place).expect("in the area"), position);
    let back = crs.to_wgs84(position).expect("in the area");
    check_near(&Crs::crs84(), back, place);
}

#[test]
fn each_family_of_projections_agrees_with_proj() {
    for (name, place, position) in [
        ("OGC:CRS84", [117.2, 39.1], [117.2, 39.1]),
        ("EPSG:4326", [117.2, 39.1], [117.2, 39.1]),
        ("EPSG:3857", [117.2, 39.1], [13_046_644.321_0, 4_736_005.853_8]),
        ("EPSG:32650", [117.2, 39.1], [517_293.954_0, 4_327_892.822_2]),
        ("EPSG:4490", [117.2, 39.1], [117.2, 39.1]),
        ("EPSG:4513", [75.9, 39.4], [25_577_523.516_1, 4_363_298.190_1]),
        ("EPSG:4527", [117.2, 39.1], [39_517_300.874_3, 4_329_624.672_0]),
        ("EPSG:4548", [117.2, 39.1], [517_300.874_3, 4_329_624.672_0]),
        ("EPSG:4554", [134.5, 48.3], [462_904.217_5, 5_351_906.420_2]),
        ("EPSG:2326", [114.16, 22.3], [834_529.205_9, 817_895.835_4]),
        ("EPSG:31467", [7.89, 48.45], [3_417_965.244_9, 5_368_619.658_3]),
        ("EPSG:3879", [24.94, 60.17], [25_496_669.191_9, 6_673_014.666_5]),
        ("EPSG:3435", [-88.25, 40.1], [1_007_562.243_6, 1_250_348.296_0]),
        ("EPSG:2264", [-80.85, 35.2], [1_447_376.388_1, 532_866.226_0]),
    ] {
        check_both_ways(&find(name), place, position);
    }
    // The height that is left away between the two ellipsoids makes a millimetre on the way back,
    // with PROJ as here.
    let swiss = find("EPSG:2056");
    let found = swiss.from_wgs84([9.52, 47.14]).expect("in the area");
    check_near(&swiss, found, [2_757_870.358_7, 1_223_096.059_0]);
}

#[test]
fn every_system_brings_the_corners_of_its_area_there_and_back() {
    let mut codes = Vec::new();
    for crs in Crs::all() {
        let Bounds { west, south, east, north } = crs.area();
        // The pole has no longitude, so it may come back with another.
        let north = north.min(89.9);
        let south = south.max(-89.9);
        for place in [[west, south], [east, south], [west, north], [east, north]] {
            let position = crs.from_wgs84(place).unwrap_or_else(|fault| panic!("{crs:?}: {fault}"));
            let back = crs.to_wgs84(position).unwrap_or_else(|fault| panic!("{crs:?}: {fault}"));
            let off = (back[0] - place[0]).abs().max((back[1] - place[1]).abs());
            assert!(off < 3e-8, "{crs:?}: {place:?} came back as {back:?}");
        }
        assert_eq!(find(crs.code()), crs);
        codes.push(crs.code().to_owned());
    }
    assert_eq!(codes.len(), 64);
    codes.sort();
    codes.dedup();
    assert_eq!(codes.len(), 64, "a code stands twice");
}

#[test]
fn a_name_has_many_spellings() {
    for (name, code) in [
        ("EPSG:4548", "EPSG:4548"),
        (" epsg:4548 ", "EPSG:4548"),
        ("4548", "EPSG:4548"),
        ("urn:ogc:def:crs:EPSG::4548", "EPSG:4548"),
        ("urn:ogc:def:crs:EPSG:9.9.1:4548", "EPSG:4548"),
        ("http://www.opengis.net/def/crs/EPSG/0/4548", "EPSG:4548"),
        ("https://www.opengis.net/def/crs/EPSG/0/4548", "EPSG:4548"),
        ("http://www.opengis.net/gml/srs/epsg.xml#4548", "EPSG:4548"),
        ("[EPSG:4548]", "EPSG:4548"),
        ("[epsg:4548] ", "EPSG:4548"),
        ("[OGC:CRS84]", "OGC:CRS84"),
        ("OGC:CRS84", "OGC:CRS84"),
        ("CRS84", "OGC:CRS84"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "OGC:CRS84"),
        ("urn:ogc:def:crs:OGC::CRS84h", "OGC:CRS84"),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "OGC:CRS84"),
        ("EPSG:4979", "EPSG:4326"),
        ("ESRI:102100", "EPSG:3857"),
        ("gcj02", "GCJ-02"),
        ("BD-09", "BD-09"),
    ] {
        assert_eq!(find(name).code(), code, "{name}");
    }
}

fn check_refused(name: &str, expected: &str) {
    let error = Crs::find(name).expect_err(name);
    assert_eq!(error.to_string(), expected);
}

#[test]
fn other_systems_are_refused_by_name() {
    for name in [
        "EPSG:9999",
        "EPSG:4512",
        "EPSG:4555",
        "EPSG:045",
        "EPSG:+4548",
        "ESRI:4326",
        "OGC:CRS83",
        "EPSG:CRS84",
        "[EPSG:4548",
        "EPSG:4548]",
        "[[EPSG:4548]]",
        "[]",
        "http://www.opengis.net/def/crs/0/unsupported",
        "EPSG:99999999999999999999",
        "EPSG:",
        "urn:ogc:def:crs:EPSG::",
        "",
        "::",
        "http://example.org/def/crs/EPSG/0/4548",
        "四五四八",
    ] {
        let expected = format!(
            "`{name}` is not a coordinate system that Terrier knows; `terrier crs` lists them"
        );
        check_refused(name, &expected);
    }
    let long = "x".repeat(MAX_CRS_NAME_BYTES + 1);
    let expected = format!(
        "`{}…` is not a coordinate system that Terrier knows; `terrier crs` lists them",
        "x".repeat(60)
    );
    check_refused(&long, &expected);
    let at_the_bound = format!("{}EPSG:4548", " ".repeat(MAX_CRS_NAME_BYTES - 9));
    assert_eq!(find(&at_the_bound).code(), "EPSG:4548");
    assert!(Crs::find(&format!(" {at_the_bound}")).is_err());
}

#[test]
fn systems_without_a_published_datum_want_parameters() {
    for (code, family) in [
        ("EPSG:4214", "Beijing 1954"),
        ("EPSG:2401", "Beijing 1954"),
        ("EPSG:2442", "Beijing 1954"),
        ("EPSG:21420", "Beijing 1954"),
        ("EPSG:21463", "Beijing 1954"),
        ("EPSG:4610", "Xian 1980"),
        ("EPSG:2327", "Xian 1980"),
        ("EPSG:2390", "Xian 1980"),
    ] {
        let expected = format!(
            "`{code}` is on {family}, whose way to WGS 84 is not published; give the 7 parameters \
             `towgs84`, or a plane transformation (`dx`, `dy`, `rotation_deg`, `scale`) onto a \
             system that Terrier knows"
        );
        check_refused(code, &expected);
    }
    assert!(matches!(Crs::find("EPSG:2443"), Err(CrsError::Unknown { .. })));
}

fn check_fault(name: &str, position: Position, expected: &str) {
    let fault = find(name).to_wgs84(position).expect_err(name);
    assert_eq!(fault.to_string(), expected);
}

#[test]
fn positions_out_of_the_area_say_where_they_are() {
    check_fault("EPSG:4548", [f64::NAN, 0.0], "found [NaN, 0], expected finite numbers");
    check_fault("EPSG:4548", [1.0, f64::INFINITY], "found [1, inf], expected finite numbers");
    check_fault(
        "EPSG:4548",
        [1_500_000.0, 4_329_624.0],
        "found [1500000, 4329624], which is longitude 128.45225, latitude 38.53509, expected a \
         position in the area of use of EPSG:4548: longitude 115.5 to 118.5, latitude 22.6 to 49.88",
    );
    check_fault(
        "EPSG:4490",
        [10.0, 20.0],
        "found [10, 20], expected a position in the area of use of EPSG:4490: longitude 73.62 to \
         134.77, latitude 16.7 to 53.56",
    );
    // So far away there is no place to tell.
    check_fault(
        "EPSG:4548",
        [1e300, 4e6],
        &format!(
            "found [{}, 4000000], expected a position in the area of use of EPSG:4548: longitude \
             115.5 to 118.5, latitude 22.6 to 49.88",
            1e300
        ),
    );
}

#[test]
fn swapped_positions_are_told() {
    check_fault(
        "EPSG:4548",
        [4_329_624.0, 517_300.0],
        "found [4329624, 517300], expected easting first, then northing; the two look swapped, for \
         [517300, 4329624] lies in the area of use of EPSG:4548",
    );
    check_fault(
        "OGC:CRS84",
        [39.1, 117.2],
        "found [39.1, 117.2], expected longitude first, then latitude; the two look swapped, for \
         [117.2, 39.1] lies in the area of use of OGC:CRS84",
    );
    let fault = find("EPSG:4548").from_wgs84([39.1, 117.2]).expect_err("swapped");
    assert!(matches!(fault, CrsFault::Swapped { .. }), "{fault}");
}

fn check_meant(name: &str, x: f64, expected: Option<&str>) {
    match find(name).to_wgs84([x, 4_329_624.0]) {
        Err(CrsFault::Outside { meant, .. }) => assert_eq!(meant.as_deref(), expected, "{name}"),
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn a_zone_too_many_or_too_few_is_told() {
    check_meant("EPSG:4548", 39_517_300.0, Some("EPSG:4527"));
    check_meant("EPSG:4527", 517_300.0, Some("EPSG:4548"));
    check_meant("EPSG:4526", 39_517_300.0, Some("EPSG:4527"));
    check_meant("EPSG:4548", 46_517_300.0, None);
    check_meant("EPSG:32650", 39_517_300.0, None);
}

#[test]
fn the_area_has_a_margin_on_each_side() {
    let crs = find("EPSG:4548");
    let edge = crs.area().west - AREA_MARGIN_DEGREES;
    assert!(crs.from_wgs84([edge, 39.1]).is_ok());
    assert!(crs.from_wgs84([edge - 1e-9, 39.1]).is_err());
    // The edge of the world, as web maps round it.
    let world = find("EPSG:3857").to_wgs84([20_037_508.342_789_25, 0.0]).expect("the edge");
    assert_eq!(world, [180.0, 0.0]);
}

#[test]
fn axes_are_those_of_the_authority() {
    for (name, axes) in [
        ("OGC:CRS84", ["longitude", "latitude"]),
        ("EPSG:4326", ["latitude", "longitude"]),
        ("EPSG:4490", ["latitude", "longitude"]),
        ("EPSG:4548", ["northing", "easting"]),
        ("EPSG:3857", ["easting", "northing"]),
    ] {
        assert_eq!(find(name).axes(), axes, "{name}");
    }
    let order = AxisOrder::NorthEast;
    assert_eq!(order.arrange([1.0, 2.0]), [2.0, 1.0]);
    assert_eq!(order.east_north(order.arrange([1.0, 2.0])), [1.0, 2.0]);
    assert_eq!(AxisOrder::EastNorth.arrange([1.0, 2.0]), [1.0, 2.0]);
}

// The vectors of two public implementations of the formula: googollee/eviltransform for GCJ-02, and
// wandergis/coordtransform for BD-09.
#[test]
fn shifted_degrees_agree_with_the_public_formula_and_come_back() {
    let gcj = find("GCJ-02");
    assert!(gcj.approximate() && find("BD-09").approximate() && !find("EPSG:4548").approximate());
    for (place, shifted) in [
        ([121.527_210_6, 31.177_427_6], [121.531_541_859_215, 31.175_303_983_645_97]),
        ([113.912_316, 22.543_847], [113.917_176_480_836_3, 22.540_796_131_694_766]),
        ([116.377_817, 39.911_954], [116.384_047_224_556_57, 39.913_345_455_360_69]),
    ] {
        let found = gcj.from_wgs84(place).expect("in China");
        let off = (found[0] - shifted[0]).abs().max((found[1] - shifted[1]).abs());
        assert!(off < 1e-12, "{found:?}, not {shifted:?}");
    }
    let bd = find("BD-09");
    let place = gcj.to_wgs84([116.404, 39.915]).expect("in China");
    let found = bd.from_wgs84(place).expect("in China");
    let shifted = [116.410_369_493_710_29, 39.921_336_993_510_21];
    let off = (found[0] - shifted[0]).abs().max((found[1] - shifted[1]).abs());
    assert!(off < 1e-11, "{found:?}, not {shifted:?}");
    for crs in [gcj, bd] {
        for place in [[75.0, 39.0], [117.2, 39.1], [114.1, 22.5], [134.0, 48.0], [105.0, 35.0]] {
            let back = crs.to_wgs84(crs.from_wgs84(place).expect("in China")).expect("in China");
            let off = (back[0] - place[0]).abs().max((back[1] - place[1]).abs());
            assert!(off < 1e-11, "{crs:?}: {place:?} came back as {back:?}");
        }
    }
}

#[test]
fn every_thread_may_use_a_system() {
    fn check<T: Send + Sync + Clone>(_: &T) {}
    check(&Crs::crs84());
}

#[test]
fn published_systems_have_an_address_by_which_they_are_found() {
    let published = Crs::published();
    assert_eq!(published.len(), 62);
    assert_eq!(published[0].code(), "OGC:CRS84");
    for crs in published {
        let uri = crs.uri().expect("an address");
        assert_eq!(Crs::find_published(&uri), Ok(crs), "{uri}");
        assert_eq!(Crs::find_published(&format!("[{}]", crs.code())), Ok(crs));
    }
    let uri = |name| find(name).uri();
    assert_eq!(uri("CRS84").as_deref(), Some("http://www.opengis.net/def/crs/OGC/1.3/CRS84"));
    assert_eq!(uri("4490").as_deref(), Some("http://www.opengis.net/def/crs/EPSG/0/4490"));
    for name in ["GCJ-02", "BD-09"] {
        assert_eq!(uri(name), None);
        assert!(Crs::find_published(name).is_err(), "{name}");
    }
    assert!(Crs::find_published("EPSG:2415").is_err());
}

#[test]
fn a_position_beyond_the_area_of_use_is_told_while_its_way_back_leads_to_the_same_place() {
    let zone = find("EPSG:4548");
    let place = [121.5, 39.1];
    assert!(zone.from_wgs84(place).is_err());
    let position = zone.position_of(place).expect("a position");
    let back = zone.place_of(position).expect("a place");
    assert!((back[0] - place[0]).abs().max((back[1] - place[1]).abs()) < 1e-9, "{back:?}");
    // A quarter of the world away there is none, nor at the pole on a web map.
    assert_eq!(zone.position_of([27.0, 0.0]), None);
    assert_eq!(zone.position_of([f64::NAN, 39.1]), None);
    assert_eq!(find("EPSG:3857").position_of([10.0, 90.0]), None);
    assert_eq!(find("EPSG:4490").position_of([-88.25, 40.1]), Some([-88.25, 40.1]));
}
