//! The part of a shape that lies within the surfaces of a figure, as a shape.

use std::sync::Arc;

use geo::{BooleanOps, Coord, LineString, MultiPolygon};

use super::clip::cut;
use super::segments::{Place, Segments};
use super::{Figure, Prepared};
use crate::exact::Segment;
use crate::{Bounds, Geometry, GeometryKind, Position, Shape, Sketch};

impl Figure {
    /// Whether everything in a box lies within the surfaces of the figure. A quick look: it may say no
    /// where an edge comes near.
    pub fn covers(&self, bounds: &Bounds) -> bool {
        let Prepared { rectangles, parts, .. } = &*self.0;
        let has_no_edge = || !parts.rings.any(bounds, |_| true);
        rectangles.iter().any(|rectangle| rectangle.contains(bounds))
            || has_no_edge() && parts.rings.place([bounds.west, bounds.south]) == Place::Inside
    }

    /// The part of a shape that lies within the surfaces of the figure or on their edges: the shape itself
    /// where all of it does; `None` where nothing of its dimension does. Corners that a cut makes of a
    /// surface are exact to a billionth of its extent.
    ///
    /// Costs as many steps as both have positions, and some more for each pair of edges that cross.
    pub fn clipped(&self, shape: &Shape) -> Option<Shape> {
        let bounds = shape.bounds();
        if !self.windows().any(|window| window.meets(&bounds)) {
            return None;
        }
        if self.covers(&bounds) {
            return Some(shape.clone());
        }
        let rings = &self.0.parts.rings;
        match shape {
            Shape::Point(position) => {
                (rings.place(*position) != Place::Outside).then(|| shape.clone())
            }
            Shape::Line(line) => of_lines(pieces(rings, line), shape),
            Shape::MultiLine(lines) => {
                of_lines(lines.iter().flat_map(|line| pieces(rings, line)).collect(), shape)
            }
            Shape::MultiPolygon(polygons) => {
                if self.holds(crate::SpatialRelation::Within, shape) {
                    return Some(shape.clone());
                }
                let ours = surfaces(polygons.iter().map(|rings| rings.iter().map(|ring| &**ring)));
                of_surfaces(&ours.intersection(&self.surfaces()))
            }
        }
    }

    fn surfaces(&self) -> MultiPolygon {
        let rings = |rings: &Vec<Vec<Position>>| polygon(rings.iter().map(|ring| &**ring));
        match self.geometry() {
            Geometry::Polygon(of_one) => MultiPolygon(vec![rings(of_one)]),
            Geometry::MultiPolygon(all) => MultiPolygon(all.iter().map(rings).collect()),
            // A box is its rectangles, and other geometries have no surface.
            _ => {
                let corners = |b: &Bounds| {
                    let ring = [[b.west, b.south], [b.east, b.south], [b.east, b.north]];
                    polygon(std::iter::once(
                        &[ring[0], ring[1], ring[2], [b.west, b.north], ring[0]][..],
                    ))
                };
                MultiPolygon(self.0.rectangles.iter().map(corners).collect())
            }
        }
    }
}

/// The pieces of a line that lie within surfaces or on their edges.
fn pieces(surfaces: &Segments, line: &[Position]) -> Vec<Vec<Position>> {
    let mut pieces: Vec<Vec<Position>> = Vec::new();
    for edge in line.windows(2).filter(|edge| edge[0] != edge[1]) {
        cut(&Segment { from: edge[0], to: edge[1] }, surfaces, |piece, _| {
            if piece.from == piece.to {
                return;
            }
            match pieces.last_mut() {
                Some(open) if open.last() == Some(&piece.from) => open.push(piece.to),
                _ => pieces.push(vec![piece.from, piece.to]),
            }
        });
    }
    pieces
}

/// The shape of pieces of lines; the whole one, where that is what they are.
fn of_lines(pieces: Vec<Vec<Position>>, whole: &Shape) -> Option<Shape> {
    let mut pieces: Vec<Arc<[Position]>> = pieces.into_iter().map(Into::into).collect();
    let shape = match pieces.len() {
        0 => return None,
        1 => Shape::Line(pieces.remove(0)),
        _ => Shape::MultiLine(pieces.into()),
    };
    Some(match whole {
        Shape::MultiLine(_) if let Shape::Line(line) = shape => Shape::MultiLine([line].into()),
        _ => shape,
    })
}

fn of_surfaces(surfaces: &MultiPolygon) -> Option<Shape> {
    let ring = |ring: &LineString| ring.coords().map(|place| [place.x, place.y]).collect();
    let surface = |polygon: &geo::Polygon| {
        std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(ring).collect()
    };
    let parts: Vec<Vec<Vec<Position>>> = surfaces.iter().map(surface).collect();
    // A sliver that is no surface any more is left out, and not the whole for it.
    let is_good = |part: &Vec<Vec<Position>>| {
        Sketch::Polygon(part.clone()).check(GeometryKind::MultiPolygon).is_ok()
    };
    let parts: Vec<_> = parts.into_iter().filter(is_good).collect();
    Sketch::MultiPolygon(parts).check(GeometryKind::MultiPolygon).ok()
}

fn surfaces<'a>(all: impl Iterator<Item = impl Iterator<Item = &'a [Position]>>) -> MultiPolygon {
    MultiPolygon(all.map(polygon).collect())
}

fn polygon<'a>(mut rings: impl Iterator<Item = &'a [Position]>) -> geo::Polygon {
    let ring = |ring: &[Position]| {
        LineString(ring.iter().map(|[lon, lat]| Coord { x: *lon, y: *lat }).collect())
    };
    let outer = rings.next().map_or(LineString(Vec::new()), ring);
    geo::Polygon::new(outer, rings.map(ring).collect())
}
