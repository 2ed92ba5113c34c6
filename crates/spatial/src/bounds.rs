//! Boxes of longitude and latitude.

use crate::Position;

/// An axis-parallel box in degrees; its edges belong to it. `west <= east` and `south <= north`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Smallest longitude.
    pub west: f64,
    /// Smallest latitude.
    pub south: f64,
    /// Greatest longitude.
    pub east: f64,
    /// Greatest latitude.
    pub north: f64,
}

impl Bounds {
    /// The box of one position, without width or height.
    pub fn at([lon, lat]: Position) -> Self {
        Self { west: lon, south: lat, east: lon, north: lat }
    }

    /// The smallest box around all positions, or `None` when there are none.
    pub fn around(positions: impl IntoIterator<Item = Position>) -> Option<Self> {
        positions.into_iter().map(Self::at).reduce(Self::union)
    }

    /// The smallest box that holds both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            west: self.west.min(other.west),
            south: self.south.min(other.south),
            east: self.east.max(other.east),
            north: self.north.max(other.north),
        }
    }

    /// Whether the two share at least one position, edges included.
    pub fn meets(&self, other: &Self) -> bool {
        self.west <= other.east
            && other.west <= self.east
            && self.south <= other.north
            && other.south <= self.north
    }

    /// Whether every position of `other` lies in this box.
    pub fn contains(&self, other: &Self) -> bool {
        self.west <= other.west
            && other.east <= self.east
            && self.south <= other.south
            && other.north <= self.north
    }

    /// Whether the position lies in the box or on its edge.
    pub fn holds(&self, [lon, lat]: Position) -> bool {
        self.west <= lon && lon <= self.east && self.south <= lat && lat <= self.north
    }

    /// What lies in both boxes; `None` when they share no position.
    pub fn common_with(&self, other: &Self) -> Option<Self> {
        self.meets(other).then(|| Self {
            west: self.west.max(other.west),
            south: self.south.max(other.south),
            east: self.east.min(other.east),
            north: self.north.min(other.north),
        })
    }

    /// Area in square metres on the WGS 84 ellipsoid, between the parallels and the meridians of the edges.
    pub fn area_m2(&self) -> f64 {
        // Snyder, Map Projections: A Working Manual (1987), equation 3-12: the area of the ellipsoid
        // between the equator and a parallel, for a radian of longitude, is a² q / 2.
        const SEMI_MAJOR_M: f64 = 6_378_137.0;
        const FLATTENING: f64 = 1.0 / 298.257_223_563;
        let eccentricity = (FLATTENING * (2.0 - FLATTENING)).sqrt();
        let q = |latitude: f64| {
            let sine = latitude.clamp(-90.0, 90.0).to_radians().sin();
            let by = eccentricity * sine;
            (1.0 - eccentricity.powi(2)) * (sine / (1.0 - by.powi(2)) + by.atanh() / eccentricity)
        };
        let width = (self.east - self.west).to_radians();
        SEMI_MAJOR_M.powi(2) / 2.0 * width * (q(self.north) - q(self.south))
    }

    /// The middle of the box.
    pub fn centre(&self) -> Position {
        [f64::midpoint(self.west, self.east), f64::midpoint(self.south, self.north)]
    }

    /// The same box with each edge moved outward to a multiple of 10⁻`decimals` degrees, kept
    /// within the world.
    #[must_use]
    pub fn rounded_outward(&self, decimals: i32) -> Self {
        let scale = 10_f64.powi(decimals);
        Self {
            west: ((self.west * scale).floor() / scale).max(-180.0),
            south: ((self.south * scale).floor() / scale).max(-90.0),
            east: ((self.east * scale).ceil() / scale).min(180.0),
            north: ((self.north * scale).ceil() / scale).min(90.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_outward_never_loses_a_position() {
        let bounds = Bounds { west: 117.181, south: -0.001, east: 117.189, north: 89.999 };
        let wide = bounds.rounded_outward(2);
        assert!(wide.contains(&bounds));
        assert_eq!(wide, Bounds { west: 117.18, south: -0.01, east: 117.19, north: 90.0 });
    }

    #[test]
    fn the_area_of_a_box_is_that_on_the_ellipsoid() {
        let check = |edges: [f64; 4], expected: f64| {
            let [west, south, east, north] = edges;
            let area = Bounds { west, south, east, north }.area_m2();
            assert!((area - expected).abs() <= expected * 1e-9, "{edges:?}: {area}");
        };
        // The whole of WGS 84 has 510 065 621.724 km².
        check([-180.0, -90.0, 180.0, 90.0], 510_065_621_724_088.44);
        check([-180.0, 0.0, 180.0, 90.0], 510_065_621_724_088.44 / 2.0);
        // 4.6 m² more than GeographicLib gives between great circles: a parallel bends away from them.
        check([117.2, 39.0, 117.3, 39.1], 96_101_811.949_939);
        check([117.2, 39.0, 117.2, 39.1], 0.0);
        check([117.2, 39.0, 117.3, 39.0], 0.0);
    }

    #[test]
    fn two_boxes_have_in_common_what_lies_in_both() {
        let one = Bounds { west: 0.0, south: 0.0, east: 2.0, north: 2.0 };
        let check = |other: Bounds, expected: Option<Bounds>| {
            assert_eq!(one.common_with(&other), expected);
            assert_eq!(other.common_with(&one), expected);
        };
        check(one, Some(one));
        let corner = Bounds { west: 1.0, south: 1.0, east: 3.0, north: 3.0 };
        check(corner, Some(Bounds { west: 1.0, south: 1.0, east: 2.0, north: 2.0 }));
        let touching = Bounds { west: 2.0, ..corner };
        check(touching, Some(Bounds { west: 2.0, south: 1.0, east: 2.0, north: 2.0 }));
        check(Bounds { west: 2.5, ..corner }, None);
    }
}
