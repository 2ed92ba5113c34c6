//! A geometry of a question, prepared once and asked about many shapes.
//!
//! Relations are those of Simple Features on the plane of longitude and latitude; distances are
//! along the ground.

mod clip;
mod distance;
mod fault;
mod given;
mod ground;
mod levels;
mod meet;
mod node;
mod overlay;
mod parts;
mod read;
mod relate;
mod segments;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::measure::area_m2;
#[cfg(doc)]
use crate::measure::length_m;
use crate::touch::touches_region;
use crate::{AxisOrder, Bounds, Crs, Geometry, Position, Shape, SpatialRelation};

use distance::least_between;
pub(crate) use distance::least_from;
pub use fault::FigureFault;

use ground::Ground;
use parts::{Parts, rectangles};

/// A valid geometry in WGS 84 (longitude, latitude in degrees), prepared once and asked about many
/// shapes. Cheap to clone.
///
/// The inside of a box is a rectangle; one whose west is greater than its east runs over the
/// antimeridian, and is two. A box without width or height is a line or a point. A geometry that
/// crosses itself gets answers, of which nothing is promised but that they come.
#[derive(Clone)]
pub struct Figure(Arc<Prepared>);

struct Prepared {
    geometry: Geometry,
    /// What a box is; nothing for others.
    rectangles: Vec<Bounds>,
    windows: Vec<Bounds>,
    parts: Parts,
    /// Made when the first distance is asked for.
    ground: OnceLock<Ground>,
}

impl Figure {
    /// The figure of a geometry in a coordinate system whose axes come in this order. One that lies
    /// wholly beyond the area of use of its system is a figure that meets nothing.
    ///
    /// # Errors
    /// The first thing found wrong: no position, numbers that are not finite, a longitude or latitude
    /// out of the world, a line of one position, a ring that does not close, a box upside down, or a
    /// geometry partly beyond the area of use of its coordinate system.
    pub fn try_new(geometry: &Geometry, crs: &Crs, order: AxisOrder) -> Result<Self, FigureFault> {
        let read = read::read(geometry, crs, order)?;
        Ok(Self::prepare(read.unwrap_or(Geometry::Collection(Vec::new()))))
    }

    /// The figure of a shape.
    pub fn of(shape: &Shape) -> Self {
        let parts = |lines: &[Arc<[Position]>]| lines.iter().map(|line| line.to_vec()).collect();
        Self::prepare(match shape {
            Shape::Point(position) => Geometry::Point(*position),
            Shape::Line(line) => Geometry::LineString(line.to_vec()),
            Shape::MultiLine(lines) => Geometry::MultiLineString(parts(lines)),
            Shape::MultiPolygon(polygons) => {
                Geometry::MultiPolygon(polygons.iter().map(|rings| parts(rings)).collect())
            }
        })
    }

    fn prepare(geometry: Geometry) -> Self {
        let rectangles = rectangles(&geometry);
        let parts = Parts::of_geometry(&geometry, &rectangles);
        let windows = match &rectangles[..] {
            [] => parts.bounds.into_iter().collect(),
            rectangles => rectangles.to_vec(),
        };
        Self(Arc::new(Prepared { geometry, rectangles, windows, parts, ground: OnceLock::new() }))
    }

    /// The geometry in longitude and latitude.
    pub fn geometry(&self) -> &Geometry {
        &self.0.geometry
    }

    /// Boxes outside of which there is nothing of the figure: one, two for a box over the
    /// antimeridian, none when the figure meets nothing.
    pub fn windows(&self) -> impl Iterator<Item = &Bounds> {
        self.0.windows.iter()
    }

    /// Whether the shape stands in the relation to the figure: [`SpatialRelation::Within`] asks
    /// whether the shape is within the figure.
    ///
    /// Whether they meet takes about as many steps as the shape has positions. The other relations take
    /// about as many as both have, and one more for each pair of a segment of each whose boxes meet, when
    /// none of a surface cross; segments of one geometry that lie over one another count once.
    pub fn holds(&self, relation: SpatialRelation, shape: &Shape) -> bool {
        match relation {
            SpatialRelation::Intersects => self.meets(shape),
            SpatialRelation::Disjoint => !self.meets(shape),
            _ => {
                let bounds = shape.bounds();
                let Some(around) = self.0.parts.bounds else { return false };
                let windows = || self.0.windows.iter().any(|window| window.meets(&bounds));
                windows()
                    && self
                        .relation_of_inner(relation, &bounds)
                        .or_else(|| relate::told_by_boxes(relation, &bounds, &around))
                        .unwrap_or_else(|| {
                            relate::relates(relation, &Parts::of_shape(shape), &self.0.parts)
                        })
            }
        }
    }

    /// What is known of a shape strictly inside of a rectangle by its box alone.
    fn relation_of_inner(&self, relation: SpatialRelation, shape: &Bounds) -> Option<bool> {
        let is_inside = self.0.rectangles.iter().any(|outer| {
            outer.west < shape.west
                && shape.east < outer.east
                && outer.south < shape.south
                && shape.north < outer.north
        });
        is_inside.then_some(relation == SpatialRelation::Within)
    }

    /// Whether the figure stands in the relation to another.
    pub fn relates(&self, relation: SpatialRelation, other: &Self) -> bool {
        relate::relates(relation, &self.0.parts, &other.0.parts)
    }

    /// Whether the figure and the shape share a position.
    fn meets(&self, shape: &Shape) -> bool {
        let parts = &self.0.parts;
        match &self.0.rectangles[..] {
            [] => match parts.bounds {
                Some(bounds) => bounds.meets(&shape.bounds()) && meet::meets(parts, shape),
                None => false,
            },
            rectangles => rectangles.iter().any(|bounds| touches_region(shape, bounds)),
        }
    }

    /// The distance along the ground from the shape to the figure in metres, on the WGS 84 ellipsoid;
    /// 0 when they share a position, infinite when the figure meets nothing. Lines are straight in
    /// the plane of longitude and latitude, as they are for relations. To a millimetre within a
    /// kilometre, beyond to a millionth.
    pub fn distance_m(&self, shape: &Shape) -> f64 {
        if self.meets(shape) { 0.0 } else { distance::least(self.ground(), shape) }
    }

    /// Whether the shape is not farther than so many metres along the ground; see
    /// [`Figure::distance_m`]. Most shapes are told by their boxes, or by distances through the earth.
    pub fn is_within_m(&self, shape: &Shape, metres: f64) -> bool {
        let bounds = shape.bounds();
        let mut windows = self.0.windows.iter();
        windows.any(|window| least_between(window, &bounds) <= metres)
            && (self.meets(shape) || distance::is_within(self.ground(), shape, metres))
    }

    /// The metres along the ground of that part of a shape's lines, of a surface's rings, that lies within
    /// the surfaces of the figure or on their edges; 0 when the figure has no surfaces. Of a shape wholly
    /// within, the same as [`length_m`].
    pub fn length_within_m(&self, shape: &Shape) -> f64 {
        clip::length_m(&self.0.parts.rings, shape)
    }

    /// The square metres of that part of a shape's surfaces that lies within those of the figure, on the
    /// WGS 84 ellipsoid, with edges that are straight in longitude and latitude. Of a shape wholly within,
    /// the same as [`area_m2`], whose edges are geodesics; to a millionth where edges are shorter than a
    /// kilometre. The surfaces of the figure must not overlap.
    pub fn area_within_m2(&self, shape: &Shape) -> f64 {
        if !matches!(shape, Shape::MultiPolygon(_)) {
            return 0.0;
        }
        let bounds = shape.bounds();
        if !self.0.windows.iter().any(|window| window.meets(&bounds)) {
            return 0.0;
        }
        let whole = area_m2(shape);
        if self.0.rectangles.iter().any(|rectangle| rectangle.contains(&bounds)) {
            return whole;
        }
        let parts = Parts::of_shape(shape);
        if relate::relates(SpatialRelation::Within, &parts, &self.0.parts) {
            return whole;
        }
        clip::area_m2(&parts, &self.0.parts).min(whole)
    }

    fn ground(&self) -> &Ground {
        self.0.ground.get_or_init(|| Ground::of(&self.0.parts))
    }
}

/// Two figures are the same when their geometries are.
impl PartialEq for Figure {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.geometry == other.0.geometry
    }
}

impl fmt::Debug for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Figure").field(&self.0.geometry).finish()
    }
}
