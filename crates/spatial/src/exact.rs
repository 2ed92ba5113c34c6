//! Where positions and segments lie to each other, without rounding: each answer is that of the
//! numbers as they are.

use std::cmp::Ordering;

use geo::kernels::RobustKernel;
use geo::{Coord, Kernel, Orientation};

use crate::{Bounds, Position};

#[cfg(test)]
thread_local! {
    /// How often this thread has asked on which side a position lies: the steps of relations.
    pub(crate) static SIDES: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

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
    #[cfg(test)]
    SIDES.set(SIDES.get() + 1);
    let coord = |[x, y]: Position| Coord { x, y };
    match RobustKernel::orient2d(coord(from), coord(to), coord(position)) {
        Orientation::CounterClockwise => Ordering::Greater,
        Orientation::Clockwise => Ordering::Less,
        Orientation::Collinear => Ordering::Equal,
    }
}

/// In which order two directions come on a turn to the left, where both lie in the same half of it:
/// `Greater` when the second lies to the left of the first. No difference of theirs may be so small that
/// its square is none.
pub(crate) fn turn(first: &Segment, second: &Segment) -> Ordering {
    let [a, b] = [first, second]
        .map(|segment| [0, 1].map(|axis| difference(segment.to[axis], segment.from[axis])));
    let (left, right) = (a[0][0] * b[1][0], a[1][0] * b[0][0]);
    // Each factor and each product is off by a part in 2^53 at most.
    let error = (left.abs() + right.abs()) * (4.0 * f64::EPSILON) + f64::MIN_POSITIVE;
    let cross = left - right;
    if cross.abs() > error {
        return cross.total_cmp(&0.0);
    }
    let mut sum = Sum::default();
    for (factor, other) in a[0].into_iter().flat_map(|x| b[1].map(|y| (x, y))) {
        product(factor, other).into_iter().for_each(|part| sum.add(part));
    }
    for (factor, other) in a[1].into_iter().flat_map(|x| b[0].map(|y| (x, y))) {
        product(-factor, other).into_iter().for_each(|part| sum.add(part));
    }
    sum.sign()
}

/// The difference of two numbers as two numbers, the rounded one and what it lacks.
fn difference(a: f64, b: f64) -> [f64; 2] {
    let rounded = a - b;
    let taken = a - rounded;
    let given = rounded + taken;
    [rounded, (a - given) + (taken - b)]
}

/// The product of two numbers, the rounded one and what it lacks.
fn product(a: f64, b: f64) -> [f64; 2] {
    let rounded = a * b;
    [rounded, a.mul_add(b, -rounded)]
}

/// A sum of numbers that is not rounded: numbers of which each is less than the last place of the next.
#[derive(Default)]
struct Sum {
    parts: [f64; 16],
    len: usize,
}

impl Sum {
    /// Adds a number, at most sixteen of them in all.
    fn add(&mut self, number: f64) {
        let (mut carried, mut kept) = (number, 0);
        for place in 0..self.len {
            let part = self.parts[place];
            let rounded = carried + part;
            let of_part = rounded - carried;
            let lacks = (carried - (rounded - of_part)) + (part - of_part);
            carried = rounded;
            if lacks != 0.0 {
                self.parts[kept] = lacks;
                kept += 1;
            }
        }
        if carried != 0.0 {
            self.parts[kept] = carried;
            kept += 1;
        }
        self.len = kept;
    }

    fn sign(&self) -> Ordering {
        // The greatest decides.
        let last = self.len.checked_sub(1).map_or(0.0, |last| self.parts[last]);
        last.partial_cmp(&0.0).unwrap_or(Ordering::Equal)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_are_told_apart_by_the_last_place_of_their_ends() {
        let check = |first: [Position; 2], second: [Position; 2], expected| {
            let [a, b] = [first, second].map(|[from, to]| Segment { from, to });
            assert_eq!(turn(&a, &b), expected, "{first:?} {second:?}");
            assert_eq!(turn(&b, &a), expected.reverse(), "{second:?} {first:?}");
        };
        let next = 1.0 + f64::EPSILON;
        check([[0.0, 0.0], [1.0, 1.0]], [[0.0, 0.0], [1.0, 1.0]], Ordering::Equal);
        check([[0.0, 0.0], [1.0, 1.0]], [[0.0, 0.0], [1.0, next]], Ordering::Greater);
        check([[0.0, 0.0], [1.0, 1.0]], [[0.0, 0.0], [next, 1.0]], Ordering::Less);
        // Differences that no number is.
        check([[1e-50, 1e-50], [3.3, 3.3]], [[-0.1, 0.7], [77.7, 78.5]], Ordering::Less);
        check([[1e-50, 1e-50], [3.3, 3.3]], [[1e-70, 1e-70], [77.7, 77.7]], Ordering::Equal);
        check([[1e-50, 1e-50], [3.3, 3.3]], [[1e-70, 2e-70], [77.7, 77.7]], Ordering::Less);
        check([[0.0, 5.0], [1e-100, 5.0]], [[7.0, 1e-100], [8.0, 1e-100]], Ordering::Equal);
        check([[0.0, 5.0], [1e-100, 5.0]], [[7.0, 0.0], [8.0, 1e-100]], Ordering::Greater);
    }
}
