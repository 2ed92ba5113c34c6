//! A geometry taken apart into what relations are computed on: points, segments of lines, segments
//! of rings.

use super::segments::{Place, Segments, settled};
use crate::sketch::doubled_area;
use crate::{Bounds, Geometry, Position, Shape};

/// The parts of a geometry in longitude and latitude.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    /// Sorted by longitude, then latitude, each once.
    pub(super) points: Vec<Position>,
    pub(super) lines: Segments,
    /// The ends of lines at which an odd number of them ends, sorted: the boundary of the lines, as
    /// Simple Features has it.
    pub(super) ends: Vec<Position>,
    pub(super) rings: Segments,
    surfaces: u32,
    /// The box around everything.
    pub(super) bounds: Option<Bounds>,
}

impl Parts {
    pub(super) fn of_shape(shape: &Shape) -> Self {
        let mut parts = Self::default();
        match shape {
            Shape::Point(position) => parts.points.push(*position),
            Shape::Line(line) => parts.push_line(line),
            Shape::MultiLine(lines) => lines.iter().for_each(|line| parts.push_line(line)),
            Shape::MultiPolygon(polygons) => {
                for rings in polygons.iter() {
                    parts.push_surface(rings.iter().map(|ring| &**ring));
                }
            }
        }
        parts.finish();
        parts
    }

    pub(super) fn of_geometry(geometry: &Geometry, rectangles: &[Bounds]) -> Self {
        let mut parts = Self::default();
        parts.push_geometry(geometry);
        rectangles.iter().for_each(|bounds| parts.push_box(bounds));
        parts.finish();
        parts
    }

    /// Adds a geometry, but not a box that is all of it, for that is known as its rectangles.
    fn push_geometry(&mut self, geometry: &Geometry) {
        match geometry {
            Geometry::Point(position) => self.points.push(*position),
            Geometry::MultiPoint(positions) => self.points.extend_from_slice(positions),
            Geometry::LineString(line) => self.push_line(line),
            Geometry::MultiLineString(lines) => lines.iter().for_each(|line| self.push_line(line)),
            Geometry::Polygon(rings) => self.push_surface(rings.iter().map(|ring| &**ring)),
            Geometry::MultiPolygon(surfaces) => {
                for rings in surfaces {
                    self.push_surface(rings.iter().map(|ring| &**ring));
                }
            }
            Geometry::Collection(members) => {
                for member in members {
                    self.push_geometry(member);
                    rectangles(member).iter().for_each(|bounds| self.push_box(bounds));
                }
            }
            Geometry::Box(_) => {}
        }
    }

    fn push_line(&mut self, line: &[Position]) {
        if !self.lines.push(line, 0) {
            self.points.extend(line.first());
            return;
        }
        if let (Some(first), Some(last)) = (line.first(), line.last()) {
            self.ends.extend([*first, *last]);
        }
    }

    fn push_surface<'a>(&mut self, rings: impl Iterator<Item = &'a [Position]>) {
        for (nth, ring) in rings.enumerate() {
            // The outer ring counter-clockwise, the others clockwise: its inside lies to the left of an
            // edge.
            let is_turned = (doubled_area(ring) > 0.0) == (nth == 0);
            let is_some = if is_turned {
                self.rings.push(ring, self.surfaces)
            } else {
                let turned: Vec<Position> = ring.iter().rev().copied().collect();
                self.rings.push(&turned, self.surfaces)
            };
            if !is_some {
                self.points.extend(ring.first());
            }
        }
        self.surfaces += 1;
    }

    /// Adds a rectangle: without width or height it is a line, without both a point.
    fn push_box(&mut self, bounds: &Bounds) {
        let Bounds { west, south, east, north } = *bounds;
        if west == east || south == north {
            self.push_line(&[[west, south], [east, north]]);
        } else {
            let ring = [[west, south], [east, south], [east, north], [west, north], [west, south]];
            self.push_surface(std::iter::once(&ring[..]));
        }
    }

    fn finish(&mut self) {
        let positions = self.points.iter_mut().chain(&mut self.ends);
        positions.for_each(|position| *position = settled(*position));
        self.points.sort_unstable_by(compare);
        self.points.dedup();
        self.ends.sort_unstable_by(compare);
        self.ends = self
            .ends
            .chunk_by(|a, b| a == b)
            .filter(|same| same.len() % 2 == 1)
            .map(|same| same[0])
            .collect();
        self.lines.finish_lines();
        self.rings.finish_rings();
        self.bounds = Bounds::around(self.points.iter().copied())
            .into_iter()
            .chain(self.lines.bounds().copied())
            .chain(self.rings.bounds().copied())
            .reduce(Bounds::union);
    }

    /// The greatest dimension of a part.
    pub(super) fn dimension(&self) -> u8 {
        if self.rings.is_empty() { u8::from(!self.lines.is_empty()) } else { 2 }
    }

    pub(super) fn is_end(&self, position: Position) -> bool {
        self.ends.binary_search_by(|end| compare(end, &position)).is_ok()
    }

    /// Whether a point lies in the box of which `is_it` says so.
    pub(super) fn any_point(
        &self,
        bounds: &Bounds,
        mut is_it: impl FnMut(Position) -> bool,
    ) -> bool {
        let start = self.points.partition_point(|point| point[0] < bounds.west);
        let within = self.points[start..].iter().take_while(|point| point[0] <= bounds.east);
        within.filter(|point| bounds.holds(**point)).any(|point| is_it(*point))
    }

    /// Where a position lies to all parts.
    pub(super) fn place(&self, position: Position) -> Place {
        if !self.bounds.is_some_and(|bounds| bounds.holds(position)) {
            return Place::Outside;
        }
        if self.points.binary_search_by(|point| compare(point, &position)).is_ok() {
            return Place::Inside;
        }
        let surface = self.rings.place(position);
        if surface != Place::Inside && self.lines.hold(position) {
            return if self.is_end(position) { Place::Edge } else { Place::Inside };
        }
        surface
    }
}

/// By longitude, then latitude. Positions are finite.
pub(super) fn compare(a: &Position, b: &Position) -> std::cmp::Ordering {
    a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1]))
}

/// The rectangles that a box is, within the world: two where it runs over the antimeridian, none
/// where it lies outside of the world, and none of another geometry.
pub(super) fn rectangles(geometry: &Geometry) -> Vec<Bounds> {
    let Geometry::Box([west, south, east, north]) = *geometry else { return Vec::new() };
    let edges = if west <= east { vec![(west, east)] } else { vec![(west, 180.0), (-180.0, east)] };
    edges
        .into_iter()
        .map(|(west, east)| Bounds {
            west: west.max(-180.0),
            south: south.max(-90.0),
            east: east.min(180.0),
            north: north.min(90.0),
        })
        .filter(|part| part.west <= part.east && part.south <= part.north)
        .collect()
}
