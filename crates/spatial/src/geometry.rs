//! A geometry as a question holds it, and the relations of Simple Features by their names in CQL2.

use crate::Position;

/// How deep collections may lie in each other; the outermost counts as one.
pub const MAX_GEOMETRY_DEPTH: usize = 4;

/// A geometry as somebody wrote it: finite numbers, in the axis order and coordinate system of whoever
/// wrote it; nothing else is checked. Heights are dropped by the reader.
#[derive(Clone, Debug, PartialEq)]
pub enum Geometry {
    /// One position.
    Point(Position),
    /// Several positions.
    MultiPoint(Vec<Position>),
    /// One line.
    LineString(Vec<Position>),
    /// Several lines.
    MultiLineString(Vec<Vec<Position>>),
    /// One surface: its rings, the outer first.
    Polygon(Vec<Vec<Position>>),
    /// Several surfaces.
    MultiPolygon(Vec<Vec<Vec<Position>>>),
    /// Geometries of any kinds.
    Collection(Vec<Geometry>),
    /// A rectangle by two opposite corners, each in the axis order of its writer: the one with the
    /// smaller numbers first. In longitude and latitude the western edge may be east of the eastern
    /// one; then the box runs over the antimeridian.
    Box([f64; 4]),
}

impl Geometry {
    /// How many positions it has, closing ones included; a box has its four corners.
    pub fn vertices(&self) -> usize {
        match self {
            Self::Point(_) => 1,
            Self::MultiPoint(positions) | Self::LineString(positions) => positions.len(),
            Self::MultiLineString(parts) | Self::Polygon(parts) => parts.iter().map(Vec::len).sum(),
            Self::MultiPolygon(surfaces) => surfaces.iter().flatten().map(Vec::len).sum(),
            Self::Collection(members) => members.iter().map(Self::vertices).sum(),
            Self::Box(_) => 4,
        }
    }
}

/// How one geometry lies to another, as Simple Features (OGC 06-103r4) defines it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SpatialRelation {
    /// They share a position.
    Intersects,
    /// They are the same positions, however written.
    Equals,
    /// They share no position.
    Disjoint,
    /// They share positions, but none that is inside of both.
    Touches,
    /// No position of the first is outside of the second, and one is inside of both.
    Within,
    /// Both have one dimension, as has what they share, and each has more than that.
    Overlaps,
    /// What they share is inside of both, of less dimension than the greater of the two, and not all
    /// of the lesser one.
    Crosses,
    /// The second is within the first.
    Contains,
}

impl SpatialRelation {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Intersects,
        Self::Equals,
        Self::Disjoint,
        Self::Touches,
        Self::Within,
        Self::Overlaps,
        Self::Crosses,
        Self::Contains,
    ];

    /// The name of its function in CQL2.
    pub fn name(self) -> &'static str {
        match self {
            Self::Intersects => "S_INTERSECTS",
            Self::Equals => "S_EQUALS",
            Self::Disjoint => "S_DISJOINT",
            Self::Touches => "S_TOUCHES",
            Self::Within => "S_WITHIN",
            Self::Overlaps => "S_OVERLAPS",
            Self::Crosses => "S_CROSSES",
            Self::Contains => "S_CONTAINS",
        }
    }

    /// The relation of this name, in any case of letters.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|relation| relation.name().eq_ignore_ascii_case(name))
    }

    /// The relation in which the second stands to the first.
    #[must_use]
    pub fn turned(self) -> Self {
        match self {
            Self::Within => Self::Contains,
            Self::Contains => Self::Within,
            Self::Intersects
            | Self::Equals
            | Self::Disjoint
            | Self::Touches
            | Self::Overlaps
            | Self::Crosses => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relation_is_found_by_its_name_and_turned_twice_is_itself() {
        for relation in SpatialRelation::ALL {
            assert_eq!(SpatialRelation::find(relation.name()), Some(relation));
            assert_eq!(SpatialRelation::find(&relation.name().to_lowercase()), Some(relation));
            assert_eq!(relation.turned().turned(), relation);
        }
        assert_eq!(SpatialRelation::find("S_NEAR"), None);
        assert_eq!(SpatialRelation::Within.turned(), SpatialRelation::Contains);
    }

    #[test]
    fn every_position_of_a_geometry_counts() {
        let ring = vec![[0.0, 0.0]; 4];
        let check = |geometry: Geometry, expected: usize| {
            assert_eq!(geometry.vertices(), expected, "{geometry:?}");
        };
        check(Geometry::MultiPoint(vec![]), 0);
        check(Geometry::MultiPolygon(vec![vec![ring.clone(), ring.clone()], vec![ring]]), 12);
        check(Geometry::Box([0.0; 4]), 4);
        check(Geometry::Collection(vec![Geometry::Point([0.0; 2]), Geometry::Box([0.0; 4])]), 5);
    }
}
