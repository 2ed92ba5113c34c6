//! Where positions and segments lie to each other, without rounding: each answer is that of the
//! numbers as they are.

use std::cmp::Ordering;

use geo::kernels::RobustKernel;
use geo::{Coord, Kernel, Orientation};

use crate::{Bounds, Position};

/// How two segments lie to each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Contact {
    /// They share no position.
    Apart,
    /// They share one position, which is an end of neither.
    Crossing,
    /// They share one position, which is an end of one of them.
    Touching,
    /// They lie on one line and share a part that has a length.
    Along,
}

/// A straight piece between two different positions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub(crate) from: Position,
    pub(crate) to: Position,
}

impl Segment {
    /// The box around it.
    pub(crate) fn bounds(&self) -> Bounds {
        Bounds::at(self.from).union(Bounds::at(self.to))
    }

    /// On which side of the line through it a position lies, seen in its direction: `Greater` to the
    /// left, `Less` to the right, `Equal` on the line.
    pub(crate) fn side(&self, position: Position) -> Ordering {
        side(self.from, self.to, position)
    }

    /// Whether a position is one of its own, ends included.
    pub(crate) fn holds(&self, position: Position) -> bool {
        self.bounds().holds(position) && self.side(position) == Ordering::Equal
    }

    /// How it lies to another.
    pub(crate) fn contact(&self, other: &Self) -> Contact {
        let (ours, theirs) = (self.bounds(), other.bounds());
        if !ours.meets(&theirs) {
            return Contact::Apart;
        }
        let (first, second) = (self.side(other.from), self.side(other.to));
        if first == second {
            if first != Ordering::Equal {
                return Contact::Apart;
            }
            // On one line: that their boxes meet says that they do.
            let along = ours.west.max(theirs.west) < ours.east.min(theirs.east)
                || ours.south.max(theirs.south) < ours.north.min(theirs.north);
            return if along { Contact::Along } else { Contact::Touching };
        }
        let (third, fourth) = (other.side(self.from), other.side(self.to));
        if third == fourth {
            return Contact::Apart;
        }
        if [first, second, third, fourth].contains(&Ordering::Equal) {
            Contact::Touching
        } else {
            Contact::Crossing
        }
    }

    /// Whether it shares a position with a box, the edges of both included.
    pub(crate) fn meets(&self, bounds: &Bounds) -> bool {
        if !self.bounds().meets(bounds) {
            return false;
        }
        if bounds.holds(self.from) || bounds.holds(self.to) {
            return true;
        }
        let Bounds { west, south, east, north } = *bounds;
        let first = self.side([west, south]);
        first == Ordering::Equal
            || [[west, north], [east, south], [east, north]]
                .into_iter()
                .any(|corner| self.side(corner) != first)
    }
}

/// On which side of the line from `from` to `to` a position lies: `Greater` to the left.
pub(crate) fn side(from: Position, to: Position, position: Position) -> Ordering {
    let coord = |[x, y]: Position| Coord { x, y };
    match RobustKernel::orient2d(coord(from), coord(to), coord(position)) {
        Orientation::CounterClockwise => Ordering::Greater,
        Orientation::Clockwise => Ordering::Less,
        Orientation::Collinear => Ordering::Equal,
    }
}

/// Whether a ray from the position to the east crosses the edge, of which the lower end counts and
/// the upper does not.
pub(crate) fn is_west_of(position: Position, from: Position, to: Position) -> bool {
    let y = position[1];
    if (from[1] > y) == (to[1] > y) {
        return false;
    }
    let (low, high) = if from[1] > y { (to, from) } else { (from, to) };
    side(low, high, position) == Ordering::Greater
}
