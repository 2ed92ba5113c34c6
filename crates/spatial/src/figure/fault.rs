//! Why a geometry of a question cannot be used.

use crate::geometry::MAX_GEOMETRY_DEPTH;
use crate::{AxisOrder, Position};

/// Why a geometry is no figure. Positions are as they were written.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FigureFault {
    /// There is no position in it, or in a part of it.
    #[error("the geometry is empty, or a part of it")]
    Empty,
    /// A number is infinite or none.
    #[error("position `{} {}` is not two finite numbers", position[0], position[1])]
    NotFinite {
        /// The position.
        position: Position,
    },
    /// No longitude and latitude in degrees.
    #[error(
        "position `{} {}` is not in the world, expected {}",
        position[0],
        position[1],
        expected(*order)
    )]
    OutsideWorld {
        /// The position.
        position: Position,
        /// Which number should be which.
        order: AxisOrder,
    },
    /// A part lies beyond the area of use of the coordinate system, and a part within.
    #[error(
        "position `{} {}` lies beyond the area of use of `{code}`, where others of the geometry are",
        position[0],
        position[1]
    )]
    PartlyBeyond {
        /// The first such position.
        position: Position,
        /// The code of the system.
        code: String,
    },
    /// A line of less than two positions.
    #[error("a line has {count} positions, expected at least two")]
    ShortLine {
        /// How many it has.
        count: usize,
    },
    /// A ring of less than four positions.
    #[error("a ring has {count} positions, expected at least four, the last equal to the first")]
    ShortRing {
        /// How many it has.
        count: usize,
    },
    /// A ring whose last position is not its first.
    #[error(
        "a ring runs from `{} {}` to `{} {}`, expected the last position equal to the first",
        first[0],
        first[1],
        last[0],
        last[1]
    )]
    OpenRing {
        /// The first position.
        first: Position,
        /// The last position.
        last: Position,
    },
    /// A box whose southern edge lies above its northern one.
    #[error("the south {south} of the box is above its north {north}")]
    UpsideDown {
        /// The southern edge.
        south: f64,
        /// The northern edge.
        north: f64,
    },
    /// A box that would run around a world that the coordinate system does not go around.
    #[error("the west {west} of the box is east of its east {east}, which `{code}` does not allow")]
    Backwards {
        /// The western edge.
        west: f64,
        /// The eastern edge.
        east: f64,
        /// The code of the system.
        code: String,
    },
    /// Collections in collections in collections.
    #[error("collections lie in each other, expected at most {MAX_GEOMETRY_DEPTH} deep")]
    TooDeep,
}

fn expected(order: AxisOrder) -> &'static str {
    match order {
        AxisOrder::EastNorth => "longitude within ±180, then latitude within ±90",
        AxisOrder::NorthEast => "latitude within ±90, then longitude within ±180",
    }
}
