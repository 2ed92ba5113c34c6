//! Tests of systems by the parameters that an operator gives.

use super::super::definition::{
    MAX_OFFSET_M, MAX_ROTATION_ARCSECONDS, MAX_SCALE_OFF, MAX_SCALE_PPM, MAX_SHIFT_M,
};
use super::*;

const PARAMETERS: Parameters = Parameters {
    shift_m: [15.8, -154.4, -82.3],
    rotation_arcseconds: [0.1, -0.2, 0.3],
    scale_ppm: 1.5,
};

fn definition(base: Base, plane: Option<Plane>) -> Definition {
    Definition {
        name: "city grid".into(),
        base,
        plane,
        axis_order: AxisOrder::NorthEast,
        area: None,
    }
}

#[test]
fn an_older_system_works_with_the_parameters_of_its_datum() {
    let base = Base::of("EPSG:2415", Some(PARAMETERS)).expect("Beijing 1954, zone 39");
    let crs = Crs::defined(definition(base, None)).expect("a definition");
    check_both_ways(&crs, [117.2, 39.1], [39_517_233.160_96, 4_329_671.298_40]);
    assert_eq!(crs.code(), "city grid");
    assert_eq!(crs.area(), find("EPSG:4527").area());
    // In degrees, the datum alone remains.
    let base = Base::of("EPSG:4214", Some(PARAMETERS)).expect("Beijing 1954");
    let crs = Crs::defined(definition(base, None)).expect("a definition");
    check_both_ways(&crs, [117.2, 39.1], [117.199_213_135_3, 39.099_731_291_1]);
}

#[test]
fn a_city_grid_lies_as_a_plane_on_a_known_system() {
    // A quarter turn, a hundredth more of length, and a shift: by hand.
    let turned = Plane { dx: 500_000.0, dy: 4_300_000.0, rotation_deg: 90.0, scale: 1.01 };
    let base = Base::of("EPSG:4548", None).expect("in the table");
    let crs = Crs::defined(definition(base, Some(turned))).expect("a definition");
    let there =
        find("EPSG:4548").to_wgs84([500_000.0 - 1.01 * 2_000.0, 4_300_000.0 + 1.01 * 1_000.0]);
    check_both_ways(&crs, there.expect("in the area"), [1_000.0, 2_000.0]);
    // A grid upon a grid, on parameters of one's own.
    let old = Base::of("EPSG:2436", Some(PARAMETERS)).expect("Beijing 1954, 117° E");
    let old = Crs::defined(definition(old, None)).expect("a definition");
    let unmoved = Plane { dx: 0.0, dy: 0.0, rotation_deg: 0.0, scale: 1.0 };
    let crs = Crs::defined(definition(Base::Known(old.clone()), Some(unmoved))).expect("two");
    let place = [117.1, 39.0];
    check_near(&crs, crs.from_wgs84(place).expect("in"), old.from_wgs84(place).expect("in"));
}

/// What a definition is refused for.
fn check_refused(definition: Definition, expected: &str) {
    let error = Crs::defined(definition).expect_err(expected).to_string();
    assert_eq!(error, format!("cannot define coordinate system `city grid`: {expected}"));
}

/// A definition is fine with the least and the most of a parameter, and refused one step beyond.
fn check_bounds(parameter: &str, least: f64, most: f64, with: impl Fn(f64) -> Definition) {
    for value in [least, most] {
        let crs = Crs::defined(with(value));
        assert!(crs.is_ok(), "{parameter} {value}: {crs:?}");
    }
    for value in [least.next_down(), most.next_up(), f64::NAN, f64::INFINITY] {
        let expected =
            format!("{parameter} is `{value}`, expected a number from {least} to {most}");
        check_refused(with(value), &expected);
    }
}

/// A definition whose base is of its own: Beijing 1954 around 117° E, but for what `change` makes
/// other.
fn own(
    change: impl FnOnce(&mut Ellipsoid, &mut TransverseMercator, &mut Parameters),
) -> Definition {
    let mut base = Base::of("EPSG:2436", Some(PARAMETERS)).expect("Beijing 1954, 117° E");
    if let Base::Own { ellipsoid, projection: Some(projection), towgs84, .. } = &mut base {
        change(ellipsoid, projection, towgs84);
    }
    definition(base, None)
}

#[test]
fn the_datum_of_an_operator_is_bounded_on_both_sides() {
    for axis in 0..3 {
        check_bounds("a shift of towgs84", -MAX_SHIFT_M, MAX_SHIFT_M, |value| {
            own(|_, _, towgs84| towgs84.shift_m[axis] = value)
        });
        let most = MAX_ROTATION_ARCSECONDS;
        check_bounds("a rotation of towgs84", -most, most, |value| {
            own(|_, _, towgs84| towgs84.rotation_arcseconds[axis] = value)
        });
    }
    check_bounds("the scale of towgs84", -MAX_SCALE_PPM, MAX_SCALE_PPM, |value| {
        own(|_, _, towgs84| towgs84.scale_ppm = value)
    });
    check_bounds("semi_major_m", 6.3e6, 6.4e6, |value| {
        own(|ellipsoid, _, _| ellipsoid.semi_major_m = value)
    });
    check_bounds("inverse_flattening", 200.0, 400.0, |value| {
        own(|ellipsoid, _, _| ellipsoid.inverse_flattening = value)
    });
}

#[test]
fn the_projection_of_an_operator_is_bounded_on_both_sides() {
    check_bounds("central_meridian_deg", -180.0, 180.0, |value| {
        own(|_, projection, _| projection.central_meridian_deg = value)
    });
    check_bounds("latitude_of_origin_deg", -90.0, 90.0, |value| {
        own(|_, projection, _| projection.latitude_of_origin_deg = value)
    });
    check_bounds("scale", 1.0 - MAX_SCALE_OFF, 1.0 + MAX_SCALE_OFF, |value| {
        own(|_, projection, _| projection.scale = value)
    });
    check_bounds("false_easting_m", -MAX_OFFSET_M, MAX_OFFSET_M, |value| {
        own(|_, projection, _| projection.false_easting_m = value)
    });
    check_bounds("false_northing_m", -MAX_OFFSET_M, MAX_OFFSET_M, |value| {
        own(|_, projection, _| projection.false_northing_m = value)
    });
}

/// A definition by a plane on a system of the table.
fn laid_on(code: &str, change: impl FnOnce(&mut Plane)) -> Definition {
    let mut plane = Plane { dx: 0.0, dy: 0.0, rotation_deg: 0.0, scale: 1.0 };
    change(&mut plane);
    definition(Base::of(code, None).expect("in the table"), Some(plane))
}

#[test]
fn a_plane_is_bounded_on_both_sides() {
    let on = "EPSG:4548";
    check_bounds("dx", -MAX_OFFSET_M, MAX_OFFSET_M, |value| laid_on(on, |plane| plane.dx = value));
    check_bounds("dy", -MAX_OFFSET_M, MAX_OFFSET_M, |value| laid_on(on, |plane| plane.dy = value));
    check_bounds("rotation_deg", -360.0, 360.0, |value| {
        laid_on(on, |plane| plane.rotation_deg = value)
    });
    // Millionths where a factor is wanted are so refused.
    check_bounds("scale", 1.0 - MAX_SCALE_OFF, 1.0 + MAX_SCALE_OFF, |value| {
        laid_on(on, |plane| plane.scale = value)
    });
    check_refused(
        laid_on("EPSG:4490", |_| ()),
        "the base of a plane transformation is `EPSG:4490`, expected a projected system, not \
         degrees",
    );
}

#[test]
fn an_area_lies_in_the_world_and_is_not_empty() {
    let with = |west, south, east, north| {
        let area = Some(Bounds { west, south, east, north });
        Definition { area, ..laid_on("EPSG:4548", |_| ()) }
    };
    let world = with(-180.0, -90.0, 180.0, 90.0);
    assert!(Crs::defined(world).is_ok());
    for (west, south, east, north) in [
        (118.0, 39.0, 117.0, 40.0),
        (117.0, 39.0, 117.0, 40.0),
        (117.0, 40.0, 118.0, 39.0),
        (-180.5, -90.0, 180.0, 90.0),
        (-180.0, -90.5, 180.0, 90.0),
        (-180.0, -90.0, 180.5, 90.0),
        (-180.0, -90.0, 180.0, 90.5),
        (f64::NAN, 39.0, 118.0, 40.0),
    ] {
        let expected = format!(
            "area is `{west}, {south}, {east}, {north}`, expected west, south, east and north in \
             degrees, west below east, south below north"
        );
        check_refused(with(west, south, east, north), &expected);
    }
}

#[test]
fn a_system_with_parameters_of_its_own_takes_no_others() {
    let error = Base::of("EPSG:4548", Some(PARAMETERS)).expect_err("it has its own").to_string();
    let expected = "cannot define coordinate system `EPSG:4548`: towgs84 is `given`, expected none, \
                    for the system has its own";
    assert_eq!(error, expected);
}
