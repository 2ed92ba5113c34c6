//! Relations against the same by `geo`, on small whole numbers, where much touches.

use geo::{Coord, LineString, MultiLineString, MultiPolygon, Relate, Validation};
use proptest::prelude::*;

use crate::{Figure, GeometryKind, Position, Shape, Sketch, SpatialRelation};

fn position() -> impl Strategy<Value = Position> {
    (0..6_i8, 0..6_i8).prop_map(|(x, y)| [f64::from(x), f64::from(y)])
}

fn line() -> impl Strategy<Value = Vec<Position>> {
    prop::collection::vec(position(), 2..6)
}

fn ring() -> impl Strategy<Value = Vec<Position>> {
    prop::collection::vec(position(), 3..7).prop_map(|mut ring| {
        ring.push(ring[0]);
        ring
    })
}

fn sketch() -> impl Strategy<Value = (Sketch, GeometryKind)> {
    let surface = prop::collection::vec(ring(), 1..3);
    prop_oneof![
        position().prop_map(|position| (Sketch::Point(position), GeometryKind::Point)),
        line().prop_map(|line| (Sketch::Line(line), GeometryKind::Line)),
        prop::collection::vec(line(), 1..4)
            .prop_map(|lines| (Sketch::MultiLine(lines), GeometryKind::MultiLine)),
        ring().prop_map(|ring| (Sketch::Polygon(vec![ring]), GeometryKind::MultiPolygon)),
        prop::collection::vec(surface, 1..3)
            .prop_map(|surfaces| (Sketch::MultiPolygon(surfaces), GeometryKind::MultiPolygon)),
    ]
}

pub(super) fn shape() -> impl Strategy<Value = Shape> {
    sketch().prop_filter_map("not a shape", |(sketch, kind)| sketch.check(kind).ok())
}

pub(super) fn plain(shape: &Shape) -> geo::Geometry {
    let coords = |line: &[Position]| -> LineString {
        line.iter().map(|[x, y]| Coord { x: *x, y: *y }).collect()
    };
    match shape {
        Shape::Point([x, y]) => geo::Geometry::Point(geo::Point::new(*x, *y)),
        Shape::Line(line) => geo::Geometry::LineString(coords(line)),
        Shape::MultiLine(lines) => geo::Geometry::MultiLineString(MultiLineString::new(
            lines.iter().map(|line| coords(line)).collect(),
        )),
        Shape::MultiPolygon(polygons) => geo::Geometry::MultiPolygon(MultiPolygon::new(
            polygons
                .iter()
                .map(|rings| {
                    let holes = rings[1..].iter().map(|ring| coords(ring)).collect();
                    geo::Polygon::new(coords(&rings[0]), holes)
                })
                .collect(),
        )),
    }
}

/// Lines of steps to one of the eight neighbours: they cross at numbers that are not rounded, as
/// `geo` needs to tell how two lines lie to each other.
fn stepping() -> impl Strategy<Value = Shape> {
    let step = (position(), prop::collection::vec((-1..=1_i8, -1..=1_i8, 1..4_i8), 1..5));
    let line = step.prop_map(|(first, steps)| {
        let mut line = vec![first];
        for (x, y, count) in steps {
            let [last_x, last_y] = line[line.len() - 1];
            line.push([last_x + f64::from(x * count), last_y + f64::from(y * count)]);
        }
        line
    });
    prop::collection::vec(line, 1..4).prop_filter_map("not a shape", |lines| {
        Sketch::MultiLine(lines).check(GeometryKind::MultiLine).ok()
    })
}

fn agrees(a: &Shape, b: &Shape) -> Result<(), TestCaseError> {
    let matrix = plain(a).relate(&plain(b));
    let (first, second) = (Figure::of(a), Figure::of(b));
    for relation in SpatialRelation::ALL {
        let expected = match relation {
            SpatialRelation::Intersects => matrix.is_intersects(),
            SpatialRelation::Equals => matrix.is_equal_topo(),
            SpatialRelation::Disjoint => matrix.is_disjoint(),
            SpatialRelation::Touches => matrix.is_touches(),
            SpatialRelation::Within => matrix.is_within(),
            SpatialRelation::Overlaps => matrix.is_overlaps(),
            SpatialRelation::Crosses => matrix.is_crosses(),
            SpatialRelation::Contains => matrix.is_contains(),
        };
        prop_assert_eq!(second.holds(relation, a), expected, "{:?} {:?}", relation, matrix);
        prop_assert_eq!(first.relates(relation, &second), expected, "{:?}", relation);
        prop_assert_eq!(second.relates(relation.turned(), &first), expected, "{:?}", relation);
    }
    Ok(())
}

fn is_line(shape: &Shape) -> bool {
    matches!(shape, Shape::Line(_) | Shape::MultiLine(_))
}

fn is_valid(shape: &Shape) -> bool {
    !matches!(shape, Shape::MultiPolygon(_)) || plain(shape).is_valid()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4_000,
        max_global_rejects: 100_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn valid_shapes_stand_to_each_other_as_geo_says(a in shape(), b in shape()) {
        prop_assume!(is_valid(&a) && is_valid(&b) && !(is_line(&a) && is_line(&b)));
        agrees(&a, &b)?;
    }

    #[test]
    fn lines_stand_to_each_other_as_geo_says(a in stepping(), b in stepping()) {
        agrees(&a, &b)?;
    }
}
