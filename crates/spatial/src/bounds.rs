//! Boxes of longitude and latitude, and the window that a caller draws, which may cross the
//! antimeridian.

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

/// What a caller asked to see: one box, or two that meet at the antimeridian.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    first: Bounds,
    second: Option<Bounds>,
}

/// Why four numbers are not a window.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BoundsError {
    /// An edge is NaN or infinite.
    #[error("`{0}` is not a finite number")]
    NotFinite(f64),
    /// The southern edge lies above the northern one.
    #[error("south {south} is above north {north}")]
    UpsideDown {
        /// The second number as given.
        south: f64,
        /// The fourth number as given.
        north: f64,
    },
}

impl Window {
    /// A window from its edges in degrees. Where `west` is greater than `east` it runs eastward
    /// over the antimeridian. A box outside the world is a window in which nothing lies.
    ///
    /// # Errors
    /// When a number is not finite, or `south` is above `north`.
    pub fn try_new(west: f64, south: f64, east: f64, north: f64) -> Result<Self, BoundsError> {
        if let Some(bad) = [west, south, east, north].into_iter().find(|n| !n.is_finite()) {
            return Err(BoundsError::NotFinite(bad));
        }
        if south > north {
            return Err(BoundsError::UpsideDown { south, north });
        }
        if west <= east {
            return Ok(Self { first: Bounds { west, south, east, north }, second: None });
        }
        Ok(Self {
            first: Bounds { west, south, east: 180.0, north },
            second: Some(Bounds { west: -180.0, south, east, north }),
        })
    }

    /// West, south, east and north, as they were given: where west is greater than east the window
    /// runs over the antimeridian.
    pub fn edges(&self) -> [f64; 4] {
        let Bounds { west, south, east, north } = self.first;
        [west, south, self.second.map_or(east, |second| second.east), north]
    }

    /// The boxes that make up the window: one, or two that do not overlap.
    pub fn boxes(&self) -> impl Iterator<Item = &Bounds> {
        std::iter::once(&self.first).chain(self.second.as_ref())
    }

    /// Whether the box shares a position with the window.
    pub fn meets(&self, bounds: &Bounds) -> bool {
        self.first.meets(bounds) || self.second.is_some_and(|second| second.meets(bounds))
    }

    /// The share of a box that lies in the window, from 0 to 1; a side without length counts as a
    /// whole one where the window meets it.
    pub fn share_of(&self, bounds: &Bounds) -> f64 {
        let along = |from: f64, to: f64, least: f64, most: f64| {
            let length = to - from;
            if length == 0.0 { 1.0 } else { (most.min(to) - least.max(from)).max(0.0) / length }
        };
        let share = |part: &Bounds| {
            along(bounds.west, bounds.east, part.west, part.east)
                * along(bounds.south, bounds.north, part.south, part.north)
        };
        self.boxes().filter(|part| part.meets(bounds)).map(share).sum()
    }

    /// Whether the box lies wholly within one part of the window.
    pub fn contains(&self, bounds: &Bounds) -> bool {
        self.first.contains(bounds) || self.second.is_some_and(|second| second.contains(bounds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_whose_west_is_east_of_its_east_runs_over_the_antimeridian() {
        let window = Window::try_new(177.0, 65.0, -177.0, 70.0).expect("a window");
        for (lon, inside) in [(178.0, true), (-178.0, true), (180.0, true), (0.0, false)] {
            assert_eq!(window.meets(&Bounds::at([lon, 67.0])), inside, "longitude {lon}");
        }
    }

    #[test]
    fn the_share_of_a_box_in_a_window_is_that_of_its_area() {
        let window = |west, east| Window::try_new(west, 0.0, east, 10.0).expect("a window");
        let bounds = |west, south, east, north| Bounds { west, south, east, north };
        let check = |window: Window, bounds: Bounds, share: f64| {
            assert_eq!(window.share_of(&bounds), share, "{bounds:?} in {window:?}");
        };
        check(window(0.0, 10.0), bounds(-10.0, 5.0, 10.0, 15.0), 0.25);
        check(window(0.0, 10.0), bounds(2.0, 2.0, 3.0, 3.0), 1.0);
        check(window(0.0, 10.0), bounds(11.0, 2.0, 12.0, 3.0), 0.0);
        check(window(0.0, 10.0), bounds(5.0, 5.0, 5.0, 5.0), 1.0);
        check(window(0.0, 10.0), bounds(5.0, 20.0, 5.0, 30.0), 0.0);
        check(window(5.0, 5.0), bounds(0.0, 0.0, 10.0, 10.0), 0.0);
        check(window(170.0, -170.0), bounds(-180.0, 0.0, 180.0, 20.0), 20.0 / 360.0 / 2.0);
    }

    #[test]
    fn edges_that_are_no_numbers_or_upside_down_are_refused() {
        assert!(matches!(
            Window::try_new(f64::NAN, 0.0, 1.0, 1.0),
            Err(BoundsError::NotFinite(n)) if n.is_nan()
        ));
        assert_eq!(
            Window::try_new(0.0, 39.2, 1.0, 39.0),
            Err(BoundsError::UpsideDown { south: 39.2, north: 39.0 })
        );
    }

    #[test]
    fn rounding_outward_never_loses_a_position() {
        let bounds = Bounds { west: 117.181, south: -0.001, east: 117.189, north: 89.999 };
        let wide = bounds.rounded_outward(2);
        assert!(wide.contains(&bounds));
        assert_eq!(wide, Bounds { west: 117.18, south: -0.01, east: 117.19, north: 90.0 });
    }
}
