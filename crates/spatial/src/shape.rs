//! Shapes that are valid by construction: finite positions within the world, lines that go
//! somewhere, rings that close.

use std::sync::Arc;

use crate::Bounds;

/// Longitude and latitude in degrees on WGS 84, in this order.
pub type Position = [f64; 2];

/// Which geometry the assets of a class have.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum GeometryKind {
    /// One position.
    Point,
    /// One line.
    Line,
    /// One or several lines, always served as several.
    MultiLine,
    /// One or several surfaces, always served as several.
    MultiPolygon,
}

impl GeometryKind {
    /// The name of the kind in GeoJSON.
    pub fn geojson_name(self) -> &'static str {
        match self {
            Self::Point => "Point",
            Self::Line => "LineString",
            Self::MultiLine => "MultiLineString",
            Self::MultiPolygon => "MultiPolygon",
        }
    }
}

/// Rings of a surface: the outer one counter-clockwise first, then the holes clockwise; each
/// closed.
pub type Polygon = Arc<[Arc<[Position]>]>;

/// A valid shape; made by [`crate::Sketch::check`] or read from the bytes that [`Shape::to_wkb`]
/// wrote. Cloning shares the positions.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// One position.
    Point(Position),
    /// At least two positions that are not all the same.
    Line(Arc<[Position]>),
    /// At least one line.
    MultiLine(Arc<[Arc<[Position]>]>),
    /// At least one surface.
    MultiPolygon(Arc<[Polygon]>),
}

impl Shape {
    /// The kind of geometry.
    pub fn kind(&self) -> GeometryKind {
        match self {
            Self::Point(_) => GeometryKind::Point,
            Self::Line(_) => GeometryKind::Line,
            Self::MultiLine(_) => GeometryKind::MultiLine,
            Self::MultiPolygon(_) => GeometryKind::MultiPolygon,
        }
    }

    /// The smallest box around the shape.
    pub fn bounds(&self) -> Bounds {
        match self {
            Self::Point(position) => Some(Bounds::at(*position)),
            Self::Line(line) => Bounds::around(line.iter().copied()),
            Self::MultiLine(lines) => Bounds::around(lines.iter().flat_map(|l| l.iter().copied())),
            Self::MultiPolygon(polygons) => {
                // Holes lie within the outer ring.
                Bounds::around(polygons.iter().flat_map(|rings| rings[0].iter().copied()))
            }
        }
        .expect("a valid shape has a position")
    }

    /// How many positions the shape has, closing ones included.
    pub fn vertices(&self) -> usize {
        match self {
            Self::Point(_) => 1,
            Self::Line(line) => line.len(),
            Self::MultiLine(lines) => lines.iter().map(|line| line.len()).sum(),
            Self::MultiPolygon(polygons) => {
                polygons.iter().flat_map(|rings| rings.iter()).map(|ring| ring.len()).sum()
            }
        }
    }

    /// The same with every position taken to another; `None` when there is none for one of them.
    #[must_use]
    pub fn mapped(&self, to: impl Fn(Position) -> Option<Position>) -> Option<Self> {
        let line = |line: &Arc<[Position]>| line.iter().map(|position| to(*position)).collect();
        let lines = |lines: &Arc<[Arc<[Position]>]>| lines.iter().map(line).collect();
        Some(match self {
            Self::Point(position) => Self::Point(to(*position)?),
            Self::Line(positions) => Self::Line(line(positions)?),
            Self::MultiLine(parts) => Self::MultiLine(lines(parts)?),
            Self::MultiPolygon(polygons) => {
                let polygons: Option<_> = polygons.iter().map(lines).collect();
                Self::MultiPolygon(polygons?)
            }
        })
    }
}
