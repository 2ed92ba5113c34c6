//! The parts of a figure in space: where distances are nearly those along the ground, without
//! geodesics, and alike in every direction, at the poles and over the antimeridian.

use super::levels::{Around, Levels};
use super::parts::Parts;
use crate::exact::Segment;
use crate::{Position, key_of};

/// Metres from the middle of the earth.
pub(super) type Space = [f64; 3];

/// The equatorial radius of the WGS 84 ellipsoid in metres.
pub(super) const EQUATOR_M: f64 = 6_378_137.0;
/// The square of its eccentricity.
pub(super) const ECCENTRICITY_SQUARED: f64 = 0.006_694_379_990_141_316;
/// The least radius to which the ground is bent, northward at the equator: a (1 − e²).
pub(super) const LEAST_RADIUS_M: f64 = EQUATOR_M * (1.0 - ECCENTRICITY_SQUARED);
/// The greatest radius to which it is bent, at the poles: a / √(1 − e²).
pub(super) const GREATEST_RADIUS_M: f64 = 6_399_593.625_758_493;

/// Into pieces of this many degrees segments are cut, for a straight line in longitude and latitude
/// is bent in space: a piece by 15 m at most.
const PIECE_DEGREES: f64 = 0.25;
/// But not into more pieces than this; of such a segment the pieces are longer.
const MAX_PIECES: f64 = 64.0;

/// A piece of a segment, or a position.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    /// In longitude and latitude; for a position both ends are it.
    pub(super) segment: Segment,
    from: Space,
    to: Space,
    /// No place of it is farther from the straight line in space, in metres.
    bend: f64,
}

/// A box in space.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cube {
    low: Space,
    high: Space,
}

impl Around for Cube {
    fn union(self, other: Self) -> Self {
        Self {
            low: each(|axis| self.low[axis].min(other.low[axis])),
            high: each(|axis| self.high[axis].max(other.high[axis])),
        }
    }
}

impl Cube {
    /// The distance through the earth between the two, in metres.
    pub(super) fn gap(&self, other: &Self) -> f64 {
        let gaps = each(|axis| {
            (self.low[axis] - other.high[axis]).max(other.low[axis] - self.high[axis]).max(0.0)
        });
        dot(gaps, gaps).sqrt()
    }
}

/// All pieces of a figure.
#[derive(Clone, Debug)]
pub(super) struct Ground {
    pub(super) pieces: Vec<Piece>,
    pub(super) tree: Levels<Cube>,
}

impl Ground {
    pub(super) fn of(parts: &Parts) -> Self {
        let mut pieces: Vec<Piece> = Vec::new();
        pieces.extend(parts.points.iter().map(|point| Piece::at(*point)));
        for link in parts.lines.links().iter().chain(parts.rings.links()) {
            pieces.extend(Piece::cut(&link.segment));
        }
        pieces.sort_by_cached_key(|piece| key_of(piece.segment.bounds().centre()));
        let tree = Levels::build(pieces.iter().map(Piece::cube));
        Self { pieces, tree }
    }
}

impl Piece {
    pub(super) fn at(position: Position) -> Self {
        let place = space(position);
        let segment = Segment { from: position, to: position };
        Self { segment, from: place, to: place, bend: 0.0 }
    }

    /// The pieces of a segment.
    pub(super) fn cut(segment: &Segment) -> impl Iterator<Item = Self> {
        let Segment { from, to } = *segment;
        let longest = (to[0] - from[0]).abs().max((to[1] - from[1]).abs());
        let count = (longest / PIECE_DEGREES).ceil().clamp(1.0, MAX_PIECES);
        let at = move |piece: f64| -> Position {
            if piece >= count { to } else { along(&Segment { from, to }, piece / count) }
        };
        (0..count as usize).map(move |piece| {
            let piece = piece as f64;
            Self::new(Segment { from: at(piece), to: at(piece + 1.0) })
        })
    }

    fn new(segment: Segment) -> Self {
        let (from, to) = (space(segment.from), space(segment.to));
        // The bend of a short piece is that of a parabola, deepest about its middle.
        let bend = [0.25, 0.5, 0.75]
            .map(|share| {
                let place = space(along(&segment, share));
                let straight = each(|axis| from[axis] + share * (to[axis] - from[axis]));
                let away = minus(place, straight);
                dot(away, away).sqrt()
            })
            .into_iter()
            .fold(0.0, f64::max);
        Self { segment, from, to, bend: 1.25 * bend + 1e-6 }
    }

    pub(super) fn cube(&self) -> Cube {
        Cube {
            low: each(|axis| self.from[axis].min(self.to[axis]) - self.bend),
            high: each(|axis| self.from[axis].max(self.to[axis]) + self.bend),
        }
    }

    /// How near the two come to each other through the earth.
    pub(super) fn approach(&self, other: &Self) -> Approach {
        let (ours, theirs) = nearest((self.from, self.to), (other.from, other.to));
        let at = |piece: &Self, share: f64| {
            each(|axis| piece.from[axis] + share * (piece.to[axis] - piece.from[axis]))
        };
        let between = minus(at(self, ours), at(other, theirs));
        let metres = dot(between, between).sqrt();
        let bend = self.bend + other.bend;
        Approach { least: (metres - bend).max(0.0), most: metres + bend, share: ours }
    }
}

/// How near two pieces come to each other, in metres through the earth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Approach {
    /// They come no nearer.
    pub(super) least: f64,
    /// Some places of the two are not farther from each other.
    pub(super) most: f64,
    /// Where on the first that is, about: 0 at its begin, 1 at its end.
    pub(super) share: f64,
}

/// The place on a segment, from 0 at its begin to 1 at its end.
pub(super) fn along(segment: &Segment, share: f64) -> Position {
    let Segment { from, to } = *segment;
    [0, 1].map(|axis| from[axis] + share * (to[axis] - from[axis]))
}

/// The greatest distance through the earth of two places that are so many metres apart along the
/// ground: where it is bent least.
pub(super) fn greatest_chord(metres: f64) -> f64 {
    let half_turn = metres / (2.0 * GREATEST_RADIUS_M);
    if half_turn < std::f64::consts::FRAC_PI_2 {
        // A little more, for what is compared with it is rounded.
        2.0 * GREATEST_RADIUS_M * half_turn.sin() * (1.0 + 1e-9) + 1e-6
    } else {
        f64::INFINITY
    }
}

/// The greatest distance along the ground of two places that are so many metres apart through the
/// earth: where it is bent most; infinite for places that may be opposite to each other.
pub(super) fn greatest_arc(metres: f64) -> f64 {
    let half = metres / (2.0 * LEAST_RADIUS_M);
    if half < 0.9 { 2.0 * LEAST_RADIUS_M * half.asin() } else { f64::INFINITY }
}

/// Where on two straight lines in space their least distance is, each from 0 to 1.
fn nearest((a, b): (Space, Space), (c, d): (Space, Space)) -> (f64, f64) {
    let (run, other_run, between) = (minus(b, a), minus(d, c), minus(a, c));
    let (length, other_length) = (dot(run, run), dot(other_run, other_run));
    let (back, other_back) = (dot(run, between), dot(other_run, between));
    let share =
        |part: f64, whole: f64| if whole > 0.0 { (part / whole).clamp(0.0, 1.0) } else { 0.0 };
    if length == 0.0 {
        return (0.0, share(other_back, other_length));
    }
    if other_length == 0.0 {
        return (share(-back, length), 0.0);
    }
    let both = dot(run, other_run);
    let square = length * other_length - both * both;
    let first = share(both * other_back - back * other_length, square);
    let second = (both * first + other_back) / other_length;
    if second < 0.0 {
        (share(-back, length), 0.0)
    } else if second > 1.0 {
        (share(both - back, length), 1.0)
    } else {
        (first, second)
    }
}

/// Where a longitude and latitude is in space.
fn space([lon, lat]: Position) -> Space {
    let (sin_lon, cos_lon) = lon.to_radians().sin_cos();
    let (sin, cos) = lat.to_radians().sin_cos();
    let across = EQUATOR_M / (1.0 - ECCENTRICITY_SQUARED * sin * sin).sqrt();
    [across * cos * cos_lon, across * cos * sin_lon, across * (1.0 - ECCENTRICITY_SQUARED) * sin]
}

fn each(number: impl Fn(usize) -> f64) -> Space {
    [number(0), number(1), number(2)]
}

fn minus(a: Space, b: Space) -> Space {
    each(|axis| a[axis] - b[axis])
}

fn dot(a: Space, b: Space) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}
