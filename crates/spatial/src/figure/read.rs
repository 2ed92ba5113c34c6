//! The way from a geometry as somebody wrote it to one in longitude and latitude on WGS 84.

use super::FigureFault;
use crate::geometry::MAX_GEOMETRY_DEPTH;
use crate::{AxisOrder, Bounds, Crs, Geometry, Position};

/// Into how many pieces an edge of a box is cut when the coordinate system bends it: of a box of
/// 20 km that leaves less than a centimetre between the edge and its pieces.
const PIECES_OF_AN_EDGE: usize = 32;

/// The geometry in longitude and latitude; `None` when all of it lies beyond the area of use of its
/// coordinate system, so that it meets nothing.
pub(super) fn read(
    geometry: &Geometry,
    crs: &Crs,
    order: AxisOrder,
) -> Result<Option<Geometry>, FigureFault> {
    let mut reader = Reader { crs, order, some_within: false, beyond: None };
    let read = reader.geometry(geometry, 1)?;
    match reader.beyond {
        None => Ok(Some(read)),
        Some(_) if !reader.some_within => Ok(None),
        Some(position) => Err(FigureFault::PartlyBeyond { position, code: crs.code().to_owned() }),
    }
}

struct Reader<'a> {
    crs: &'a Crs,
    order: AxisOrder,
    some_within: bool,
    /// The first position beyond the area of use, as it was written.
    beyond: Option<Position>,
}

impl Reader<'_> {
    fn geometry(&mut self, geometry: &Geometry, depth: usize) -> Result<Geometry, FigureFault> {
        Ok(match geometry {
            Geometry::Point(position) => Geometry::Point(self.position(*position)?),
            Geometry::MultiPoint(points) => Geometry::MultiPoint(self.positions(points)?),
            Geometry::LineString(line) => Geometry::LineString(self.line(line)?),
            Geometry::MultiLineString(lines) => {
                Geometry::MultiLineString(each(lines, |line| self.line(line))?)
            }
            Geometry::Polygon(rings) => Geometry::Polygon(each(rings, |ring| self.ring(ring))?),
            Geometry::MultiPolygon(surfaces) => {
                Geometry::MultiPolygon(each(surfaces, |rings| each(rings, |ring| self.ring(ring)))?)
            }
            Geometry::Collection(_) if depth > MAX_GEOMETRY_DEPTH => {
                return Err(FigureFault::TooDeep);
            }
            Geometry::Collection(members) => {
                Geometry::Collection(each(members, |member| self.geometry(member, depth + 1))?)
            }
            Geometry::Box(corners) => self.rectangle(*corners)?,
        })
    }

    fn line(&mut self, line: &[Position]) -> Result<Vec<Position>, FigureFault> {
        match line.len() {
            0 => Err(FigureFault::Empty),
            1 => Err(FigureFault::ShortLine { count: 1 }),
            _ => self.positions(line),
        }
    }

    fn ring(&mut self, ring: &[Position]) -> Result<Vec<Position>, FigureFault> {
        let (Some(first), Some(last)) = (ring.first(), ring.last()) else {
            return Err(FigureFault::Empty);
        };
        if ring.len() < 4 {
            return Err(FigureFault::ShortRing { count: ring.len() });
        }
        let positions = self.positions(ring)?;
        if first != last {
            return Err(FigureFault::OpenRing { first: *first, last: *last });
        }
        Ok(positions)
    }

    fn positions(&mut self, positions: &[Position]) -> Result<Vec<Position>, FigureFault> {
        each(positions, |position| self.position(*position))
    }

    fn position(&mut self, written: Position) -> Result<Position, FigureFault> {
        if !written.iter().all(|number| number.is_finite()) {
            return Err(FigureFault::NotFinite { position: written });
        }
        // Minus nothing is nothing, so that equal positions have equal bits.
        let [x, y] = self.order.east_north(written).map(|number| number + 0.0);
        if self.crs.is_wgs84() {
            if x.abs() > 180.0 || y.abs() > 90.0 {
                return Err(FigureFault::OutsideWorld { position: written, order: self.order });
            }
            return Ok([x, y]);
        }
        if let Ok(place) = self.crs.to_wgs84([x, y]) {
            self.some_within = true;
            Ok(place)
        } else {
            self.beyond.get_or_insert(written);
            Ok([0.0, 0.0])
        }
    }

    /// A box on WGS 84 may reach out of the world, as a window may. Of one in another system the part
    /// in its area of use is taken, as a polygon whose edges are bent with it.
    fn rectangle(&mut self, [a, b, c, d]: [f64; 4]) -> Result<Geometry, FigureFault> {
        for position in [[a, b], [c, d]] {
            if !position.iter().all(|number| number.is_finite()) {
                return Err(FigureFault::NotFinite { position });
            }
        }
        let [west, south] = self.order.east_north([a, b]).map(|number| number + 0.0);
        let [east, north] = self.order.east_north([c, d]).map(|number| number + 0.0);
        if south > north {
            return Err(FigureFault::UpsideDown { south, north });
        }
        if self.crs.is_wgs84() {
            return Ok(Geometry::Box([west, south, east, north]));
        }
        if west > east {
            let code = self.crs.code().to_owned();
            return Err(FigureFault::Backwards { west, east, code });
        }
        let wanted = Bounds { west, south, east, north };
        let plane = self.crs.plane();
        if !plane.meets(&wanted) {
            self.beyond.get_or_insert([a, b]);
            return Ok(Geometry::Box([0.0; 4]));
        }
        let part = Bounds {
            west: west.max(plane.west),
            south: south.max(plane.south),
            east: east.min(plane.east),
            north: north.min(plane.north),
        };
        Ok(self.bent(&part))
    }

    /// A box of the plane, which is a polygon, or a line or a point.
    fn bent(&mut self, part: &Bounds) -> Geometry {
        let Bounds { west, south, east, north } = *part;
        let corners = match (west == east, south == north) {
            (true, true) => vec![[west, south]],
            (true, false) | (false, true) => vec![[west, south], [east, north]],
            (false, false) => {
                vec![[west, south], [east, south], [east, north], [west, north], [west, south]]
            }
        };
        let Some(ring) = self.along(&corners) else {
            self.beyond.get_or_insert(self.order.arrange([west, south]));
            return Geometry::Box([0.0; 4]);
        };
        self.some_within = true;
        match corners.len() {
            1 => Geometry::Point(ring[0]),
            2 => Geometry::LineString(ring),
            _ => Geometry::Polygon(vec![ring]),
        }
    }

    /// Positions from corner to corner in longitude and latitude.
    fn along(&self, corners: &[Position]) -> Option<Vec<Position>> {
        let pieces = corners.windows(2).flat_map(|edge| {
            let ([x1, y1], [x2, y2]) = (edge[0], edge[1]);
            (0..PIECES_OF_AN_EDGE).map(move |piece| {
                let share = piece as f64 / PIECES_OF_AN_EDGE as f64;
                [x1 + share * (x2 - x1), y1 + share * (y2 - y1)]
            })
        });
        pieces
            .chain(corners.last().copied())
            .map(|position| {
                let [lon, lat] = self.crs.to_wgs84_in_plane(position)?;
                Some([lon.clamp(-180.0, 180.0), lat.clamp(-90.0, 90.0)])
            })
            .collect()
    }
}

/// What a function makes of each of them, of which there must be one.
fn each<T, U>(
    parts: &[T],
    read: impl FnMut(&T) -> Result<U, FigureFault>,
) -> Result<Vec<U>, FigureFault> {
    if parts.is_empty() {
        return Err(FigureFault::Empty);
    }
    parts.iter().map(read).collect()
}
