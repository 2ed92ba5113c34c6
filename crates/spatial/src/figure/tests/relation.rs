//! Relations of written pairs, and what is made of geometries that somebody wrote.

use super::{figure, geometry, shape};
use crate::{AxisOrder, Crs, Figure, Geometry, SpatialRelation};

/// Two geometries, and the relations in which the first stands to the second, as GEOS 3.14 (shapely
/// 2.2) answers.
const PAIRS: &[(&str, &str, &str)] = &[
    // points and points
    ("POINT(1 1)", "POINT(1 1)", "intersects equals within contains"),
    ("POINT(1 1)", "POINT(1 2)", "disjoint"),
    ("MULTIPOINT(1 1,2 2)", "POINT(2 2)", "intersects contains"),
    ("MULTIPOINT(1 1,2 2)", "MULTIPOINT(2 2,3 3)", "intersects overlaps"),
    // points and lines
    ("POINT(0 0)", "LINESTRING(0 0,4 4)", "intersects touches"),
    ("POINT(1 1)", "LINESTRING(0 0,4 4)", "intersects within"),
    ("POINT(1 1.0000000000000002)", "LINESTRING(0 0,4 4)", "disjoint"),
    ("POINT(0 0)", "LINESTRING(0 0,4 4,4 0,0 0)", "intersects within"),
    ("MULTIPOINT(1 1,9 9)", "LINESTRING(0 0,4 4)", "intersects crosses"),
    ("POINT(0 0)", "MULTILINESTRING((0 0,4 4),(0 0,4 0))", "intersects within"),
    ("POINT(0 0)", "MULTILINESTRING((0 0,4 4),(0 0,4 0),(0 0,0 4))", "intersects touches"),
    // points and surfaces
    ("POINT(5 0)", "POLYGON((0 0,10 0,10 10,0 10,0 0))", "intersects touches"),
    ("POINT(0 0)", "POLYGON((0 0,10 0,10 10,0 10,0 0))", "intersects touches"),
    ("POINT(5 5)", "POLYGON((0 0,10 0,10 10,0 10,0 0))", "intersects within"),
    ("POINT(5 5)", "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))", "disjoint"),
    (
        "POINT(4 5)",
        "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))",
        "intersects touches",
    ),
    ("POINT(1 5)", "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))", "intersects within"),
    (
        "MULTIPOINT(5 5,1 1)",
        "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))",
        "intersects crosses",
    ),
    ("MULTIPOINT(5 0,11 1)", "POLYGON((0 0,10 0,10 10,0 10,0 0))", "intersects touches"),
    ("POINT(11 0)", "POLYGON((0 0,10 0,10 10,0 10,0 0))", "disjoint"),
    // lines and lines
    ("LINESTRING(0 0,4 4)", "LINESTRING(0 4,4 0)", "intersects crosses"),
    ("LINESTRING(0 0,4 4)", "LINESTRING(4 4,8 0)", "intersects touches"),
    ("LINESTRING(0 0,4 4)", "LINESTRING(2 2,8 0)", "intersects touches"),
    ("LINESTRING(0 0,4 4)", "LINESTRING(2 2,6 6)", "intersects overlaps"),
    ("LINESTRING(0 0,4 4)", "LINESTRING(4 4,2 2,0 0)", "intersects equals within contains"),
    ("LINESTRING(0 0,4 4)", "LINESTRING(-1 -1,9 9)", "intersects within"),
    ("LINESTRING(0 0,4 4)", "LINESTRING(1 1,3 3,3 5)", "intersects overlaps"),
    ("LINESTRING(0 0,4 4)", "LINESTRING(0 1,4 5)", "disjoint"),
    ("LINESTRING(0 0,4 4,4 0,0 0)", "LINESTRING(0 0,-1 -1)", "intersects touches"),
    (
        "LINESTRING(0 0,10 0)",
        "MULTILINESTRING((0 0,5 0),(5 0,10 0))",
        "intersects equals within contains",
    ),
    ("LINESTRING(0 0,10 0)", "MULTILINESTRING((0 0,4 0),(5 0,10 0))", "intersects contains"),
    ("LINESTRING(0 0,6 0)", "LINESTRING(0 0,2 0,2 5,3 0,1 0,6 0)", "intersects within"),
    // lines and surfaces
    ("LINESTRING(-1 5,11 5)", "POLYGON((0 0,10 0,10 10,0 10,0 0))", "intersects crosses"),
    ("LINESTRING(1 5,9 5)", "POLYGON((0 0,10 0,10 10,0 10,0 0))", "intersects within"),
    ("LINESTRING(0 0,10 0)", "POLYGON((0 0,10 0,10 10,0 10,0 0))", "intersects touches"),
    ("LINESTRING(0 5,10 5)", "POLYGON((0 0,10 0,10 10,0 10,0 0))", "intersects within"),
    ("LINESTRING(-5 0,5 0)", "POLYGON((0 0,10 0,10 10,0 10,0 0))", "intersects touches"),
    ("LINESTRING(-1 1,1 -1)", "POLYGON((0 0,10 0,10 10,0 10,0 0))", "intersects touches"),
    ("LINESTRING(-5 5,0 5)", "POLYGON((0 0,10 0,10 10,0 10,0 0))", "intersects touches"),
    ("LINESTRING(-5 5,0 5,-5 6)", "POLYGON((0 0,10 0,10 10,0 10,0 0))", "intersects touches"),
    (
        "LINESTRING(5 5,5.5 5.5)",
        "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))",
        "disjoint",
    ),
    (
        "LINESTRING(4 4,4 6)",
        "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))",
        "intersects touches",
    ),
    (
        "LINESTRING(1 5,5 5)",
        "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))",
        "intersects crosses",
    ),
    (
        "LINESTRING(1 5,9 5)",
        "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))",
        "intersects crosses",
    ),
    (
        "LINESTRING(4 5,6 5)",
        "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))",
        "intersects touches",
    ),
    (
        "LINESTRING(0 0,4 4)",
        "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))",
        "intersects within",
    ),
    ("LINESTRING(0 0,0 10,5 5)", "POLYGON((0 0,10 0,10 10,0 10,0 0))", "intersects within"),
    (
        "MULTILINESTRING((1 1,2 2),(11 11,12 12))",
        "POLYGON((0 0,10 0,10 10,0 10,0 0))",
        "intersects crosses",
    ),
    ("LINESTRING(11 0,11 9)", "POLYGON((0 0,10 0,10 10,0 10,0 0))", "disjoint"),
    // surfaces and surfaces
    (
        "POLYGON((0 0,10 0,10 10,0 10,0 0))",
        "POLYGON((0 0,10 0,10 10,0 10,0 0))",
        "intersects equals within contains",
    ),
    (
        "POLYGON((0 0,10 0,10 10,0 10,0 0))",
        "POLYGON((10 10,0 10,0 0,10 0,10 5,10 10))",
        "intersects equals within contains",
    ),
    (
        "POLYGON((0 0,10 0,10 10,0 10,0 0))",
        "POLYGON((5 5,15 5,15 15,5 15,5 5))",
        "intersects overlaps",
    ),
    (
        "POLYGON((0 0,10 0,10 10,0 10,0 0))",
        "POLYGON((10 0,20 0,20 10,10 10,10 0))",
        "intersects touches",
    ),
    (
        "POLYGON((0 0,10 0,10 10,0 10,0 0))",
        "POLYGON((10 2,20 0,20 10,10 3,10 2))",
        "intersects touches",
    ),
    (
        "POLYGON((0 0,10 0,10 10,0 10,0 0))",
        "POLYGON((10 10,20 10,20 20,10 20,10 10))",
        "intersects touches",
    ),
    ("POLYGON((0 0,10 0,10 10,0 10,0 0))", "POLYGON((2 2,3 2,3 3,2 3,2 2))", "intersects contains"),
    ("POLYGON((0 0,10 0,10 10,0 10,0 0))", "POLYGON((0 2,3 2,3 3,0 3,0 2))", "intersects contains"),
    ("POLYGON((0 0,10 0,10 10,0 10,0 0))", "POLYGON((0 0,3 2,2 3,0 0))", "intersects contains"),
    ("POLYGON((0 0,10 0,10 10,0 10,0 0))", "POLYGON((10 5,12 4,12 6,10 5))", "intersects touches"),
    (
        "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))",
        "POLYGON((4 4,6 4,6 6,4 6,4 4))",
        "intersects touches",
    ),
    (
        "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))",
        "POLYGON((4.5 4.5,5 4.5,5 5,4.5 5,4.5 4.5))",
        "disjoint",
    ),
    (
        "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))",
        "POLYGON((3 3,7 3,7 7,3 7,3 3))",
        "intersects overlaps",
    ),
    (
        "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))",
        "POLYGON((0 0,10 0,10 10,0 10,0 0))",
        "intersects within",
    ),
    (
        "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))",
        "POLYGON((4 4,5 5,4 6,4 4))",
        "intersects touches",
    ),
    (
        "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4))",
        "MULTIPOLYGON(((0 0,10 0,10 10,0 10,0 0),(4 4,4 6,6 6,6 4,4 4)),((4.5 4.5,5 4.5,5 5,4.5 5,4.5 4.5)))",
        "intersects within",
    ),
    (
        "POLYGON((0 0,10 0,10 10,0 10,0 0))",
        "POLYGON((-5 4,15 4,15 6,-5 6,-5 4))",
        "intersects overlaps",
    ),
    ("POLYGON((0 0,10 0,10 10,0 10,0 0))", "POLYGON((11 0,12 0,12 9,11 0))", "disjoint"),
    (
        "MULTIPOLYGON(((0 0,5 5,0 10,0 0)),((5 5,10 0,10 10,5 5)))",
        "POLYGON((4 6,5 5,5 9,4 6))",
        "intersects touches",
    ),
    (
        "MULTIPOLYGON(((0 0,4 4,0 8,0 0)),((8 0,8 8,4 4,8 0)))",
        "POLYGON((0 0,8 0,4 4,0 0))",
        "intersects touches",
    ),
    ("POLYGON((0 0,10 0,10 10,0 10,0 0))", "POLYGON((0 0,10 0,5 -5,0 0))", "intersects touches"),
    ("POLYGON((0 0,10 0,10 10,0 10,0 0))", "POLYGON((0 0,10 0,5 5,0 0))", "intersects contains"),
    // the edge of the world
    (
        "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))",
        "POLYGON((-180 -90,180 -90,180 -60,-180 -60,-180 -90))",
        "intersects contains",
    ),
    (
        "LINESTRING(-180 90,180 90)",
        "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))",
        "intersects touches",
    ),
    ("POINT(180 0)", "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))", "intersects touches"),
];

/// The names of the relations that hold, in the order of [`SpatialRelation::ALL`].
fn names(holds: impl Fn(SpatialRelation) -> bool) -> String {
    let held = SpatialRelation::ALL.into_iter().filter(|relation| holds(*relation));
    let names = held.map(|relation| relation.name()[2..].to_lowercase());
    names.collect::<Vec<_>>().join(" ")
}

fn check(first: &str, second: &str, expected: &str) {
    let (a, b) = (figure(first), figure(second));
    assert_eq!(names(|relation| a.relates(relation, &b)), expected, "{first} to {second}");
    let turned = names(|relation| b.relates(relation.turned(), &a));
    assert_eq!(turned, expected, "{second} to {first}, turned");
    if let Some(shape) = shape(first) {
        assert_eq!(names(|relation| b.holds(relation, &shape)), expected, "{first} in {second}");
    }
    if let Some(shape) = shape(second) {
        let turned = names(|relation| a.holds(relation.turned(), &shape));
        assert_eq!(turned, expected, "{second} in {first}, turned");
    }
}

#[test]
fn geometries_stand_to_each_other_as_in_geos() {
    for (first, second, expected) in PAIRS {
        check(first, second, expected);
    }
}

#[test]
fn a_box_is_the_rectangle_within_its_edges() {
    let polygon = "POLYGON((0 0,10 0,10 10,0 10,0 0))";
    check("BOX(0,0,10,10)", polygon, "intersects equals within contains");
    check("LINESTRING(0 0,10 0)", "BOX(0,0,10,10)", "intersects touches");
    check("LINESTRING(1 1,2 2)", "BOX(0,0,10,10)", "intersects within");
    check("POLYGON((1 1,2 1,2 2,1 1))", "BOX(0,0,10,10)", "intersects within");
    check("POINT(10 10)", "BOX(0,0,10,10)", "intersects touches");
    check("POINT(10 10)", "BOX(10,10,10,10)", "intersects equals within contains");
    check("POINT(5 10)", "BOX(0,10,10,10)", "intersects within");
    check("LINESTRING(10 10,0 10)", "BOX(0,10,10,10)", "intersects equals within contains");
}

#[test]
fn a_box_whose_west_is_east_of_its_east_runs_over_the_antimeridian() {
    let pacific = "BOX(150,-90,-150,90)";
    check("POINT(180 0)", pacific, "intersects touches");
    check("POINT(179 0)", pacific, "intersects within");
    check("POINT(-151 0)", pacific, "intersects within");
    check("POINT(0 0)", pacific, "disjoint");
    check("POINT(-150 0)", pacific, "intersects touches");
    check("MULTIPOINT(179 0,-179 0)", pacific, "intersects within");
    check("LINESTRING(140 0,160 0)", pacific, "intersects crosses");
    check("MULTILINESTRING((170 0,180 0),(-180 0,-170 0))", pacific, "intersects within");
    check("POLYGON((-160 0,-140 0,-140 9,-160 0))", pacific, "intersects overlaps");
    let windows: Vec<_> = figure(pacific).windows().map(|part| [part.west, part.east]).collect();
    assert_eq!(windows, [[150.0, 180.0], [-180.0, -150.0]]);
}

#[test]
fn of_a_box_beyond_the_world_the_part_in_the_world_counts() {
    check("BOX(-999,-999,999,999)", "BOX(-180,-90,180,90)", "intersects equals within contains");
    check("POINT(0 0)", "BOX(-999,-999,999,999)", "intersects within");
    check("POINT(0 0)", "BOX(200,0,300,10)", "disjoint");
    assert_eq!(figure("BOX(200,0,300,10)").windows().count(), 0);
}

#[test]
fn a_collection_is_all_of_its_members() {
    let mixed = "COLLECTION(POINT(20 20),LINESTRING(-5 5,-1 5),BOX(0,0,10,10),BOX(5,5,15,15))";
    check("POINT(20 20)", mixed, "intersects within");
    check("POINT(7 7)", mixed, "intersects within");
    check("POINT(-5 5)", mixed, "intersects touches");
    check("LINESTRING(-4 5,-2 5)", mixed, "intersects within");
    check("LINESTRING(-4 4,-4 9)", mixed, "intersects crosses");
    check("POINT(0 20)", mixed, "disjoint");
    check("COLLECTION(POINT(1 1))", "POINT(1 1)", "intersects equals within contains");
}

#[test]
fn a_part_without_extent_counts_as_a_point() {
    check("LINESTRING(1 1,1 1)", "POINT(1 1)", "intersects equals within contains");
    check("POLYGON((1 1,1 1,1 1,1 1))", "BOX(0,0,2,2)", "intersects within");
}

#[test]
fn what_crosses_itself_gets_an_answer() {
    let odd = [
        "POLYGON((0 0,2 2,2 0,0 2,0 0))",
        "POLYGON((0 0,1 1,0 0,1 1,0 0))",
        "POLYGON((0 0,9 0,9 9,0 9,0 0),(0 0,9 0,9 9,0 9,0 0))",
        "POLYGON((0 0,9 0,9 9,0 9,0 0),(20 20,30 20,30 30,20 20))",
        "MULTIPOLYGON(((0 0,9 0,9 9,0 0)),((0 0,9 0,9 9,0 0)))",
        "POLYGON((0 0,0 0,1 1,1 1,1 1,2 0,0 0))",
        "LINESTRING(0 0,2 2,0 0,2 2,0 2,2 0)",
        "BOX(0,1,2,1)",
        "POINT(1 1)",
    ];
    for first in odd {
        for second in odd {
            for relation in SpatialRelation::ALL {
                let (first, second) = (figure(first), figure(second));
                let there = first.relates(relation, &second);
                assert_eq!(second.relates(relation.turned(), &first), there);
            }
        }
    }
}

/// Reads a geometry in a coordinate system, and compares what becomes of it or what is said of it.
fn check_read(text: &str, crs: &str, expected: &str) {
    let crs = Crs::find(crs).expect("in the table");
    let answer = match Figure::try_new(&geometry(text), &crs, crs.axis_order()) {
        Ok(figure) => format!("{:?}", figure.geometry()),
        Err(fault) => fault.to_string(),
    };
    assert_eq!(answer, expected, "{text}");
}

#[test]
fn a_geometry_that_is_none_is_refused_by_what_is_wrong() {
    let check = |text: &str, expected: &str| check_read(text, "OGC:CRS84", expected);
    check(
        "POINT(90 180)",
        "position `90 180` is not in the world, expected longitude within ±180, then latitude \
         within ±90",
    );
    check("POINT(180 90)", "Point([180.0, 90.0])");
    check("LINESTRING(0 0)", "a line has 1 positions, expected at least two");
    check("POINT(NaN 0)", "position `NaN 0` is not two finite numbers");
    check("BOX(0,0,inf,1)", "position `inf 1` is not two finite numbers");
    check("BOX(0,2,1,1)", "the south 2 of the box is above its north 1");
    check(
        "POLYGON((0 0,1 0,0 0))",
        "a ring has 3 positions, expected at least four, the last equal to the first",
    );
    check(
        "POLYGON((0 0,1 0,1 1,0 1))",
        "a ring runs from `0 0` to `0 1`, expected the last position equal to the first",
    );
    check("MULTIPOINT()", "the geometry is empty, or a part of it");
    check("COLLECTION()", "the geometry is empty, or a part of it");
    check("MULTILINESTRING((0 0,1 1),())", "the geometry is empty, or a part of it");
    let nested = |depth| format!("{}POINT(0 0){}", "COLLECTION(".repeat(depth), ")".repeat(depth));
    check_read(&nested(5), "OGC:CRS84", "collections lie in each other, expected at most 4 deep");
    assert!(Figure::try_new(&geometry(&nested(4)), &Crs::crs84(), AxisOrder::EastNorth).is_ok());
}

#[test]
fn positions_are_read_in_the_axis_order_of_the_question() {
    check_read("POINT(39 117)", "EPSG:4326", "Point([117.0, 39.0])");
    check_read("BOX(39,117,40,118)", "EPSG:4326", "Box([117.0, 39.0, 118.0, 40.0])");
    check_read(
        "POINT(117 39)",
        "EPSG:4326",
        "position `117 39` is not in the world, expected latitude within ±90, then longitude \
         within ±180",
    );
}

#[test]
fn what_lies_beyond_the_area_of_use_meets_nothing() {
    check_read("POINT(0 0)", "EPSG:4548", "Collection([])");
    check_read("BOX(0,0,1,1)", "EPSG:4548", "Collection([])");
    check_read(
        "LINESTRING(4320000 500000,0 0)",
        "EPSG:4548",
        "position `0 0` lies beyond the area of use of `EPSG:4548`, where others of the geometry \
         are",
    );
    check_read(
        "BOX(0,9,9,0)",
        "EPSG:4548",
        "the west 9 of the box is east of its east 0, which `EPSG:4548` does not allow",
    );
    let crs = Crs::find("EPSG:4548").expect("in the table");
    let nothing = Figure::try_new(&geometry("POINT(0 0)"), &crs, crs.axis_order());
    let nothing = nothing.expect("a figure");
    assert_eq!(nothing.windows().count(), 0);
    let here = shape("POINT(117 39)").expect("a shape");
    assert_eq!(names(|relation| nothing.holds(relation, &here)), "disjoint");
    assert_eq!(names(|relation| nothing.relates(relation, &nothing)), "disjoint");
    assert!(nothing.distance_m(&here).is_infinite() && !nothing.is_within_m(&here, 1e9));
}

#[test]
fn the_edges_of_a_box_bend_with_its_coordinate_system() {
    let crs = Crs::find("EPSG:4548").expect("in the table");
    let corners = [[480_000.0, 4_310_000.0], [520_000.0, 4_340_000.0]];
    let [a, b] = corners.map(|corner| crs.axis_order().arrange(corner));
    let figure = Figure::try_new(&Geometry::Box([a[0], a[1], b[0], b[1]]), &crs, crs.axis_order());
    let figure = figure.expect("a figure");
    for (x, y, expected) in [
        (500_000.0, 4_310_000.05, "intersects within"),
        (500_000.0, 4_309_999.95, "disjoint"),
        (480_000.05, 4_325_000.0, "intersects within"),
        (479_999.95, 4_325_000.0, "disjoint"),
    ] {
        let place = crs.to_wgs84([x, y]).expect("in the area");
        let point = Figure::try_new(&Geometry::Point(place), &Crs::crs84(), AxisOrder::EastNorth);
        let point = point.expect("a figure");
        assert_eq!(names(|relation| point.relates(relation, &figure)), expected, "{x} {y}");
    }
    // The part of a box beyond the area of use is cut off.
    let [a, b] = [[-1e7, -1e7], [1e7, 1e7]].map(|corner| crs.axis_order().arrange(corner));
    let all = Figure::try_new(&Geometry::Box([a[0], a[1], b[0], b[1]]), &crs, crs.axis_order());
    let all = all.expect("a figure");
    assert!(all.holds(SpatialRelation::Within, &shape("POINT(117 39)").expect("a shape")));
}

#[test]
fn two_figures_are_the_same_when_their_geometries_are() {
    let there = shape("LINESTRING(0 0,1 1)").expect("a shape");
    assert_eq!(Figure::of(&there), figure("LINESTRING(0 0,1 1)"));
    assert_ne!(Figure::of(&there), figure("LINESTRING(1 1,0 0)"));
}
