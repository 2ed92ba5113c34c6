//! Lengths and areas of parts against those of another program, and parts against the whole.

use geo::Validation;
use proptest::prelude::*;

use super::random::{plain, shape as any_shape};
use super::{figure, shape};
use crate::{AxisOrder, Crs, Figure, Geometry, Shape, SpatialRelation, area_m2, length_m};

/// A shape and a figure, the metres and the square metres of the shape within the figure: of what shapely
/// 2.2 says they have in common, by GeographicLib (pyproj 3.7); edges of areas cut into pieces of
/// 0.0002°, for they are straight in longitude and latitude.
const PARTS: &[(&str, &str, f64, f64)] = &[
    (
        "LINESTRING(117.19 39.1,117.21 39.1)",
        "POLYGON((117.2 39,117.3 39,117.3 39.2,117.2 39.2,117.2 39))",
        865.043,
        0.0,
    ),
    (
        "MULTILINESTRING((117.1 39.05,117.25 39.15,117.4 39.05),(117.21 39.1,117.22 39.1))",
        "POLYGON((117.2 39,117.3 39,117.3 39.2,117.2 39.2,117.2 39),(117.24 39.1,117.26 39.1,117.26 39.2,117.24 39.1))",
        11_108.467,
        0.0,
    ),
    (
        "LINESTRING(117.2 38.9,117.2 39.05,117.25 39.05)",
        "POLYGON((117.2 39,117.3 39,117.3 39.2,117.2 39.2,117.2 39))",
        9_879.068,
        0.0,
    ),
    (
        "MULTIPOLYGON(((117.19 39.09,117.21 39.09,117.21 39.11,117.19 39.11,117.19 39.09)))",
        "POLYGON((117.2 39,117.3 39,117.3 39.1,117.2 39.1,117.2 39))",
        1_975.338,
        960_415.6,
    ),
    (
        "MULTIPOLYGON(((117.19 39.09,117.21 39.09,117.21 39.11,117.19 39.11,117.19 39.09),(117.199 39.099,117.199 39.101,117.201 39.101,117.201 39.099,117.199 39.099)))",
        "POLYGON((117.18 39.1,117.2 39.08,117.22 39.1,117.2 39.12,117.18 39.1))",
        8_690.956,
        3_802_980.2,
    ),
    (
        "MULTIPOLYGON(((117.19 39.09,117.21 39.09,117.21 39.11,117.19 39.11,117.19 39.09)),((117.22 39.09,117.23 39.09,117.23 39.1,117.22 39.09)))",
        "POLYGON((117.19 39.1,117.24 39.1,117.24 39.05,117.19 39.05,117.19 39.1),(117.195 39.095,117.225 39.095,117.225 39.0975,117.195 39.095))",
        7_194.685,
        2_311_011.6,
    ),
    (
        "MULTIPOLYGON(((0 0,0.1 0,0.1 0.1,0 0.1,0 0)))",
        "POLYGON((0.1 0,0.2 0,0.2 0.1,0.1 0.1,0.1 0))",
        11_057.428,
        0.0,
    ),
];

fn is_close(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 0.06 + 1e-6 * expected
}

#[test]
fn lengths_and_areas_within_a_figure_are_those_of_what_they_have_in_common() {
    for (first, second, length, area) in PARTS {
        let (shape, figure) = (shape(first).expect("a shape"), figure(second));
        let found = (figure.length_within_m(&shape), figure.area_within_m2(&shape));
        assert!(is_close(found.0, *length), "{first} in {second}: {found:?}");
        assert!(is_close(found.1, *area), "{first} in {second}: {found:?}");
    }
}

#[test]
fn what_lies_wholly_within_has_all_of_it_and_what_lies_beside_nothing() {
    let surface = "POLYGON((117.2 39,117.21 39,117.21 39.01,117.2 39))";
    for (text, within) in [
        (surface, "BOX(117,38,118,40)"),
        (surface, "POLYGON((117 38,118 38,118 40,117 40,117 38))"),
        (surface, "POLYGON((117 38,117 40,118 40,118 38,117 38))"),
        (surface, surface),
        ("LINESTRING(117.2 39,117.21 39.01,117.3 39)", "BOX(117.2,39,117.3,39.01)"),
        ("LINESTRING(179.9 0,180 0)", "BOX(170,-10,-170,10)"),
        ("POINT(117.2 39)", "BOX(117,38,118,40)"),
    ] {
        let shape = shape(text).expect("a shape");
        assert_eq!(figure(within).length_within_m(&shape), length_m(&shape), "{text} in {within}");
        assert_eq!(figure(within).area_within_m2(&shape), area_m2(&shape), "{text} in {within}");
        for beside in ["BOX(10,10,20,20)", "POINT(117.2 39)", "LINESTRING(117.2 39,117.21 39)"] {
            let beside = figure(beside);
            let found = (beside.length_within_m(&shape), beside.area_within_m2(&shape));
            assert_eq!(found, (0.0, 0.0), "{text}");
        }
    }
}

/// Boxes that cover the numbers of the random shapes and share their edges.
fn tiles() -> Vec<Figure> {
    let edges = [-1.0, 1.0, 2.5, 4.0, 7.0];
    let tile = |x: &[f64], y: &[f64]| {
        let corners = Geometry::Box([x[0], y[0], x[1], y[1]]);
        Figure::try_new(&corners, &Crs::crs84(), AxisOrder::EastNorth).expect("a figure")
    };
    edges.windows(2).flat_map(|x| edges.windows(2).map(move |y| tile(x, y))).collect()
}

#[test]
fn a_shape_is_cut_at_the_edges_of_a_figure() {
    let ring = "POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,1 3,3 3,3 1,1 1))";
    for (whole, part) in [
        ("LINESTRING(-1 2,5 2)", "MULTILINESTRING((0 2,1 2),(3 2,4 2))"),
        ("LINESTRING(-1 0.5,5 0.5)", "LINESTRING(0 0.5,4 0.5)"),
        ("MULTILINESTRING((-1 0.5,5 0.5),(7 7,8 8))", "MULTILINESTRING((0 0.5,4 0.5))"),
        ("LINESTRING(0.5 0.5,0.5 3.5)", "LINESTRING(0.5 0.5,0.5 3.5)"),
        ("LINESTRING(0 0,4 0)", "LINESTRING(0 0,4 0)"),
        ("LINESTRING(1.5 2,2.5 2)", ""),
        ("LINESTRING(-1 1,1 -1)", ""),
        ("LINESTRING(5 5,6 6)", ""),
        ("POINT(0 2)", "POINT(0 2)"),
        ("POINT(2 2)", ""),
        (
            "POLYGON((-1 -1,0.5 -1,0.5 0.5,-1 0.5,-1 -1))",
            "MULTIPOLYGON(((0 0,0.5 0,0.5 0.5,0 0.5,0 0)))",
        ),
        ("POLYGON((4 0,5 0,5 1,4 1,4 0))", ""),
    ] {
        let found = figure(ring).clipped(&shape(whole).expect("a shape"));
        let same = |found: &Shape, part: &Shape| {
            found.kind() == part.kind() && Figure::of(part).holds(SpatialRelation::Equals, found)
        };
        let part = Some(part).filter(|text| !text.is_empty()).and_then(shape);
        match (&found, part) {
            (None, None) => {}
            (Some(found), Some(part)) => assert!(same(found, &part), "{whole}: {found:?}"),
            (found, _) => panic!("{whole}: {found:?}"),
        }
    }
}

/// Edges that are measured are geodesics, which are bent a little on these degrees, and a part has other
/// edges than the whole: one of six degrees cuts off some fortieth of a square degree.
const BENT_M2: f64 = 3e8;

fn is_valid(shape: &Shape) -> bool {
    !matches!(shape, Shape::MultiPolygon(_)) || plain(shape).is_valid()
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn the_parts_of_a_surface_are_together_the_whole(shape in any_shape()) {
        prop_assume!(is_valid(&shape));
        let area: f64 = tiles().iter().map(|tile| tile.area_within_m2(&shape)).sum();
        prop_assert!((area - area_m2(&shape)).abs() <= BENT_M2, "{} {}", area, area_m2(&shape));
    }

    #[test]
    fn two_surfaces_have_as_much_of_each_other(a in any_shape(), b in any_shape()) {
        prop_assume!(is_valid(&a) && is_valid(&b));
        let there = Figure::of(&b).area_within_m2(&a);
        let back = Figure::of(&a).area_within_m2(&b);
        let both = geo::BooleanOps::intersection(&surfaces(&a), &surfaces(&b));
        let degrees = geo::Area::unsigned_area(&both);
        // A square degree near the equator.
        let square = 12_309e6;
        prop_assert!((there - degrees * square).abs() <= 0.01 * there + 1e3, "{} {}", there, degrees);
        prop_assert!((there - back).abs() <= BENT_M2, "{} {}", there, back);
    }

    #[test]
    fn the_part_of_a_shape_is_as_long_and_as_large_as_it_is_told_to_be(
        a in any_shape(),
        b in any_shape(),
    ) {
        prop_assume!(is_valid(&a) && is_valid(&b));
        let figure = Figure::of(&b);
        let part = figure.clipped(&a);
        if matches!(a, Shape::MultiPolygon(_)) {
            let whole = figure.area_within_m2(&a);
            let area = part.as_ref().map_or(0.0, |part| figure.area_within_m2(part));
            prop_assert!((area - whole).abs() <= BENT_M2, "{area} {whole} {part:?}");
        } else {
            let whole = figure.length_within_m(&a);
            let length = part.as_ref().map_or(0.0, length_m);
            prop_assert!((length - whole).abs() <= 1e-6 * whole + 1e-3, "{length} {whole} {part:?}");
        }
        if let Some(part) = part {
            // Numbers that are rounded may lie a hair outside.
            let near = |place| figure.distance_m(&Shape::Point(place)) < 1e-3;
            prop_assert!(part.mapped(|place| near(place).then_some(place)).is_some(), "{part:?}");
        }
    }

    #[test]
    fn any_shapes_have_some_answer(a in any_shape(), b in any_shape()) {
        let figure = Figure::of(&b);
        figure.clipped(&a);
        let (length, area) = (figure.length_within_m(&a), figure.area_within_m2(&a));
        prop_assert!((0.0..=length_m(&a) * 1.001 + 1e-6).contains(&length), "{}", length);
        prop_assert!(area <= area_m2(&a).max(0.0), "{}", area);
    }
}

fn surfaces(shape: &Shape) -> geo::MultiPolygon {
    match plain(shape) {
        geo::Geometry::MultiPolygon(surfaces) => surfaces,
        _ => geo::MultiPolygon::new(Vec::new()),
    }
}
