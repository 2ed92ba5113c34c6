//! The exact test whether a shape meets a window.

use crate::exact::{Segment, is_west_of};
use crate::{Bounds, Position, Shape, Window};

/// A connected part of the ground that shapes are tested against. Lines are straight in the plane of
/// longitude and latitude.
pub(crate) trait Region {
    /// Whether the place lies in it or on its edge.
    fn holds(&self, place: Position) -> bool;

    /// Whether any position of the line lies in it.
    fn line_touches(&self, line: &[Position]) -> bool;

    /// Some place that lies in it.
    fn some_place(&self) -> Position;

    /// Whether the surface within the rings (the outer and its holes) meets it.
    fn surface_touches<'a>(&self, rings: impl Iterator<Item = &'a [Position]> + Clone) -> bool {
        rings.clone().any(|ring| self.line_touches(ring))
            // No edge meets it, so it lies wholly inside the surface or wholly outside.
            || rings.filter(|ring| encloses(ring, self.some_place())).count() % 2 == 1
    }
}

impl Region for Bounds {
    fn holds(&self, place: Position) -> bool {
        self.holds(place)
    }

    fn line_touches(&self, line: &[Position]) -> bool {
        line.windows(2).any(|edge| Segment { from: edge[0], to: edge[1] }.meets(self))
    }

    fn some_place(&self) -> Position {
        [self.west, self.south]
    }
}

/// Whether any position of the shape lies in the window, edges included. Lines are straight in
/// the plane of longitude and latitude.
pub fn touches(shape: &Shape, window: &Window) -> bool {
    match window.plane() {
        Some(plane) => touches_region(shape, plane),
        None => window.boxes().any(|part| touches_region(shape, part)),
    }
}

/// Whether any position of the shape lies in the region.
pub(crate) fn touches_region(shape: &Shape, region: &impl Region) -> bool {
    match shape {
        Shape::Point(position) => region.holds(*position),
        Shape::Line(line) => region.line_touches(line),
        Shape::MultiLine(lines) => lines.iter().any(|line| region.line_touches(line)),
        Shape::MultiPolygon(polygons) => {
            polygons.iter().any(|rings| region.surface_touches(rings.iter().map(|ring| &**ring)))
        }
    }
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
