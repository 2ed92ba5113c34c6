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
}
