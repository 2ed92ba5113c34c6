//! The exact test whether a shape meets a box.

use crate::exact::{Segment, is_west_of};
use crate::{Bounds, Position, Shape, Window};

/// Whether any position of the shape lies in the window, edges included. Lines are straight in
/// the plane of longitude and latitude.
pub fn touches(shape: &Shape, window: &Window) -> bool {
    window.boxes().any(|part| touches_box(shape, part))
}

pub(crate) fn touches_box(shape: &Shape, bounds: &Bounds) -> bool {
    match shape {
        Shape::Point(position) => bounds.holds(*position),
        Shape::Line(line) => line_touches(line, bounds),
        Shape::MultiLine(lines) => lines.iter().any(|line| line_touches(line, bounds)),
        Shape::MultiPolygon(polygons) => {
            polygons.iter().any(|rings| surface_touches(rings.iter().map(|ring| &**ring), bounds))
        }
    }
}

/// Whether the surface within the rings (the outer and its holes) meets the box.
pub(crate) fn surface_touches<'a>(
    rings: impl Iterator<Item = &'a [Position]> + Clone,
    bounds: &Bounds,
) -> bool {
    rings.clone().any(|ring| line_touches(ring, bounds))
        // No edge meets the box, so it lies wholly inside the surface or wholly outside.
        || rings.filter(|ring| encloses(ring, [bounds.west, bounds.south])).count() % 2 == 1
}

pub(crate) fn line_touches(line: &[Position], bounds: &Bounds) -> bool {
    line.windows(2).any(|edge| Segment { from: edge[0], to: edge[1] }.meets(bounds))
}

/// Whether a ray to the east crosses the ring an odd number of times.
pub(crate) fn encloses(ring: &[Position], position: Position) -> bool {
    let crossings = ring.windows(2).filter(|edge| is_west_of(position, edge[0], edge[1]));
    crossings.count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GeometryKind, Sketch};

    fn check(sketch: &Sketch, kind: GeometryKind, edges: [f64; 4], expected: bool) {
        let shape = sketch.check(kind).expect("a valid shape");
        let window =
            Window::try_new(edges[0], edges[1], edges[2], edges[3]).expect("a valid window");
        assert_eq!(touches(&shape, &window), expected, "{shape:?} in {edges:?}");
    }

    #[test]
    fn a_diagonal_line_misses_the_corner_of_its_own_box() {
        let diagonal = Sketch::Line(vec![[0.0, 0.0], [10.0, 10.0]]);
        check(&diagonal, GeometryKind::Line, [0.0, 8.0, 1.0, 9.0], false);
        check(&diagonal, GeometryKind::Line, [4.0, 4.0, 5.0, 5.0], true);
        // It crosses without a vertex inside, and touches with a corner only.
        check(&diagonal, GeometryKind::Line, [3.0, 2.0, 5.0, 2.5], false);
        check(&diagonal, GeometryKind::Line, [2.0, 1.0, 3.0, 2.0], true);
    }

    #[test]
    fn edges_of_the_box_belong_to_it() {
        let point = Sketch::Point([117.2, 39.0]);
        check(&point, GeometryKind::Point, [117.2, 39.0, 117.3, 39.1], true);
        check(&point, GeometryKind::Point, [117.2, 39.0, 117.2, 39.0], true);
    }

    #[test]
    fn a_surface_holds_the_boxes_in_it_but_not_those_in_its_hole() {
        let square = |a: f64, b: f64| vec![[a, a], [b, a], [b, b], [a, b], [a, a]];
        let ring = Sketch::Polygon(vec![square(0.0, 10.0), square(4.0, 6.0)]);
        check(&ring, GeometryKind::MultiPolygon, [1.0, 1.0, 2.0, 2.0], true);
        check(&ring, GeometryKind::MultiPolygon, [4.5, 4.5, 5.5, 5.5], false);
        check(&ring, GeometryKind::MultiPolygon, [11.0, 1.0, 12.0, 2.0], false);
    }
}
