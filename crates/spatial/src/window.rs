//! The window that a caller draws: a box of longitude and latitude, which may cross the antimeridian,
//! or one in the plane of another coordinate system.

use std::sync::Arc;

use crate::plane_box::PlaneBox;
use crate::{AxisOrder, Bounds, Crs};

/// What a caller asked to see: one box, two that meet at the antimeridian, or a box in the plane of
/// another coordinate system, which on the ground is none. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    first: Bounds,
    second: Option<Bounds>,
    /// The box in the plane that the window is. What meets it meets `first`; not all that meets `first`
    /// meets it.
    plane: Option<Arc<PlaneBox>>,
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
        /// The southern edge as given.
        south: f64,
        /// The northern edge as given.
        north: f64,
    },
    /// In a plane the western edge lies beyond the eastern one.
    #[error("west {west} is beyond east {east}, and a plane has no antimeridian")]
    Backwards {
        /// The western edge as given.
        west: f64,
        /// The eastern edge as given.
        east: f64,
    },
}

/// A box in which nothing lies.
const NOTHING: Bounds = Bounds {
    west: f64::INFINITY,
    south: f64::INFINITY,
    east: f64::NEG_INFINITY,
    north: f64::NEG_INFINITY,
};

/// How many rows may be tested against a box on the ground in the time that one takes against a box in
/// a plane: each of its positions is projected.
const COST_OF_PROJECTING: u64 = 20;

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
            let first = Bounds { west, south, east, north };
            return Ok(Self { first, second: None, plane: None });
        }
        Ok(Self {
            first: Bounds { west, south, east: 180.0, north },
            second: Some(Bounds { west: -180.0, south, east, north }),
            plane: None,
        })
    }

    /// A window from two corners of a box in a coordinate system, with the numbers in the order of its
    /// authority: both least ones first. Of a system in degrees it is one on the ground, as
    /// [`Window::try_new`] makes it. In a plane it holds what lies between its edges there, which on
    /// the ground are bent, as far as the area of use of the system reaches with its margin; beyond,
    /// and where the numbers have no place, nothing lies. It reaches half a thousandth of a unit
    /// beyond its edges, for so much are positions rounded when they are told in the system.
    ///
    /// # Errors
    /// When a number is not finite, the southern edge lies above the northern one, or in a plane the
    /// western edge beyond the eastern one.
    pub fn in_crs(crs: &Crs, least: [f64; 2], greatest: [f64; 2]) -> Result<Self, BoundsError> {
        let order: AxisOrder = crs.axis_order();
        let ([west, south], [east, north]) = (order.east_north(least), order.east_north(greatest));
        let drawn = Self::try_new(west, south, east, north)?;
        if !crs.is_projected() {
            return Ok(drawn);
        }
        if drawn.second.is_some() {
            return Err(BoundsError::Backwards { west, east });
        }
        let plane = PlaneBox::new(crs, drawn.first);
        let first = plane.as_ref().map_or(NOTHING, PlaneBox::around);
        Ok(Self { first, second: None, plane: plane.map(Arc::new) })
    }

    /// West, south, east and north, as they were given: where west is greater than east the window
    /// runs over the antimeridian. Of a box in a plane these are its edges there, of the part that lies
    /// in the area of use.
    pub fn edges(&self) -> [f64; 4] {
        let Bounds { west, south, east, north } =
            self.plane.as_ref().map_or(self.first, |plane| plane.bounds());
        [west, south, self.second.map_or(east, |second| second.east), north]
    }

    /// The coordinate system in whose plane the window is a box; `None` when it is one on the ground.
    pub fn crs(&self) -> Option<&Crs> {
        self.plane.as_ref().map(|plane| plane.crs())
    }

    /// The boxes on the ground that make up the window, one, or two that do not overlap; of a box in a
    /// plane a box around it.
    pub fn boxes(&self) -> impl Iterator<Item = &Bounds> {
        std::iter::once(&self.first).chain(self.second.as_ref())
    }

    /// The boxes on the ground all of whose positions lie in the window. Each belongs to that of
    /// [`Window::boxes`] at the same place.
    pub(crate) fn inner_boxes(&self) -> impl Iterator<Item = Bounds> {
        let first = match &self.plane {
            None => self.first,
            Some(plane) => plane.within().unwrap_or(NOTHING),
        };
        std::iter::once(first).chain(self.second)
    }

    /// The box in the plane that the window is.
    pub(crate) fn plane(&self) -> Option<&PlaneBox> {
        self.plane.as_deref()
    }

    /// How many tests of a row against a box on the ground one against this window takes.
    pub fn cost(&self) -> u64 {
        if self.plane.is_some() { COST_OF_PROJECTING } else { 1 }
    }

    /// Whether the box shares a position with the window, or with the box around it.
    pub fn meets(&self, bounds: &Bounds) -> bool {
        self.boxes().any(|part| part.meets(bounds))
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

    /// Whether the box surely lies wholly within one part of the window.
    pub fn contains(&self, bounds: &Bounds) -> bool {
        self.inner_boxes().any(|part| part.contains(bounds))
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
}
