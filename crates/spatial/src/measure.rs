//! Lengths and areas on the WGS 84 ellipsoid, computed by GeographicLib's method.

use geo::{Coord, GeodesicArea, LineString, Polygon};
use geo::{Distance, Geodesic, Point};

use crate::{Position, Shape};

/// Length along the ground in metres on the WGS 84 ellipsoid; for a surface the length of all its
/// rings, for a point zero.
pub fn length_m(shape: &Shape) -> f64 {
    match shape {
        Shape::Point(_) => 0.0,
        Shape::Line(line) => line_length_m(line),
        Shape::MultiLine(lines) => lines.iter().map(|line| line_length_m(line)).sum(),
        Shape::MultiPolygon(polygons) => {
            polygons.iter().flat_map(|rings| rings.iter()).map(|ring| line_length_m(ring)).sum()
        }
    }
}

fn line_length_m(line: &[Position]) -> f64 {
    let point = |[lon, lat]: Position| Point::new(lon, lat);
    line.windows(2).map(|edge| Geodesic.distance(point(edge[0]), point(edge[1]))).sum()
}

/// Area in square metres on the WGS 84 ellipsoid, holes taken off; zero for points and lines.
pub fn area_m2(shape: &Shape) -> f64 {
    let Shape::MultiPolygon(polygons) = shape else { return 0.0 };
    let ring = |positions: &[Position]| -> LineString {
        positions.iter().map(|[lon, lat]| Coord { x: *lon, y: *lat }).collect()
    };
    polygons
        .iter()
        .map(|rings| {
            let holes = rings[1..].iter().map(|hole| ring(hole)).collect();
            Polygon::new(ring(&rings[0]), holes).geodesic_area_unsigned()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GeometryKind, Sketch};

    // GeographicLib (pyproj 3.7, Geod(ellps="WGS84")): inv(117.2, 39, 117.3, 39) and
    // polygon_area_perimeter of the square.
    #[test]
    fn lengths_and_areas_are_those_of_the_ellipsoid() {
        let line = Sketch::Line(vec![[117.2, 39.0], [117.3, 39.0]]).check(GeometryKind::Line);
        let length = length_m(&line.expect("a line"));
        assert!((length - 8_662.639_956).abs() < 1e-5, "{length}");
        let square = Sketch::Polygon(vec![vec![
            [117.2, 39.0],
            [117.3, 39.0],
            [117.3, 39.1],
            [117.2, 39.1],
            [117.2, 39.0],
        ]])
        .check(GeometryKind::MultiPolygon);
        let area = area_m2(&square.expect("a square"));
        assert!((area - 96_101_807.358).abs() < 0.01, "{area}");
    }

    #[test]
    fn points_have_neither_length_nor_area() {
        let point = Sketch::Point([117.2, 39.0]).check(GeometryKind::Point).expect("a point");
        assert_eq!((length_m(&point), area_m2(&point)), (0.0, 0.0));
    }
}
