//! The distance along the ground between a shape and the parts of a figure that it does not meet.

use geo::{Bearing, Distance, Geodesic, Point};

use super::parts::Parts;
use crate::exact::Segment;
use crate::{Bounds, Position, Shape};

/// The least radius of curvature of the WGS 84 ellipsoid in metres: a (1 − e²), along a meridian at
/// the equator. No step on the ground is shorter than the one between the same longitudes and
/// latitudes on a sphere of this radius.
const LEAST_RADIUS_M: f64 = 6_378_137.0 * (1.0 - ECCENTRICITY_SQUARED);
const ECCENTRICITY_SQUARED: f64 = 0.006_694_379_990_141_316;

/// The longest piece in degrees along which one nearest place is looked for.
const PIECE_DEGREES: f64 = 2.0;

/// Beyond this many metres the ends of a piece are looked at besides the place between them.
const FAR_M: f64 = 1e6;

/// A step shorter than this many metres changes no distance by a millimetre.
const SHORT_STEP_M: f64 = 1e-4;

const MAX_STEPS: usize = 10;

/// The least distance in metres, if it is not more than `at_most`; else infinite.
pub(super) fn within(parts: &Parts, shape: &Shape, at_most: f64) -> f64 {
    let mut search = Search { parts, best: at_most, found: f64::INFINITY };
    match shape {
        Shape::Point(position) => search.look_from_point(*position),
        Shape::Line(line) => search.look_from_line(line),
        Shape::MultiLine(lines) => lines.iter().for_each(|line| search.look_from_line(line)),
        Shape::MultiPolygon(polygons) => {
            let rings = polygons.iter().flat_map(|rings| rings.iter());
            rings.for_each(|ring| search.look_from_line(ring));
        }
    }
    search.found
}

struct Search<'a> {
    parts: &'a Parts,
    /// What is farther is of no interest.
    best: f64,
    found: f64,
}

impl Search<'_> {
    fn note(&mut self, metres: f64) {
        if metres <= self.best {
            self.best = metres;
            self.found = metres;
        }
    }

    fn look_from_point(&mut self, position: Position) {
        let here = Bounds::at(position);
        for point in &self.parts.points {
            if least_between(&here, &Bounds::at(*point)) <= self.best {
                self.note(between(position, *point));
            }
        }
        for segments in [&self.parts.lines, &self.parts.rings] {
            segments.nearest(&here, &mut self.best, &mut self.found, |segment, best| {
                to_segment(position, segment, best).0
            });
        }
    }

    fn look_from_line(&mut self, line: &[Position]) {
        for edge in line.windows(2).filter(|edge| edge[0] != edge[1]) {
            let ours = Segment { from: edge[0], to: edge[1] };
            let bounds = ours.bounds();
            if self.parts.bounds.is_none_or(|all| least_between(&all, &bounds) > self.best) {
                continue;
            }
            for point in &self.parts.points {
                if least_between(&bounds, &Bounds::at(*point)) <= self.best {
                    self.note(to_segment(*point, &ours, self.best).0);
                }
            }
            for segments in [&self.parts.lines, &self.parts.rings] {
                segments.nearest(&bounds, &mut self.best, &mut self.found, |theirs, best| {
                    between_segments(&ours, theirs, best)
                });
            }
        }
    }
}

/// The length of the geodesic in metres.
pub(super) fn between([lon, lat]: Position, [other_lon, other_lat]: Position) -> f64 {
    Geodesic.distance(Point::new(lon, lat), Point::new(other_lon, other_lat))
}

/// A bound in metres that no distance between a position of the one box and one of the other falls
/// short of, over the antimeridian too. At most two hundredths less than the least.
pub(crate) fn least_between(a: &Bounds, b: &Bounds) -> f64 {
    let north = (a.south - b.north).max(b.south - a.north).max(0.0);
    let gap = (a.west - b.east).max(b.west - a.east).max(0.0);
    let around = (360.0 - (a.east.max(b.east) - a.west.min(b.west))).max(0.0);
    let east = if gap == 0.0 { 0.0 } else { gap.min(around) };
    if north == 0.0 && east == 0.0 {
        return 0.0;
    }
    let farthest = a.north.max(b.north).max(-a.south.min(b.south)).min(90.0);
    let half_square = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
    // The haversine of the distance; each of its terms is least here.
    let least =
        half_square(north) + farthest.to_radians().cos().powi(2) * half_square(east.min(180.0));
    // A little less, for the sums above are rounded.
    2.0 * LEAST_RADIUS_M * least.sqrt().min(1.0).asin() * (1.0 - 1e-9)
}

/// Metres to the east and to the north that a degree of longitude and one of latitude are long.
fn metres_a_degree(lat: f64) -> [f64; 2] {
    let (sin, cos) = lat.to_radians().sin_cos();
    let root = (1.0 - ECCENTRICITY_SQUARED * sin * sin).sqrt();
    let across = 6_378_137.0 / root;
    let along = LEAST_RADIUS_M / (root * root * root);
    [across * cos, along].map(f64::to_radians)
}

/// The distance from a position to a segment, and where on the segment that is reached; or more than
/// `at_most`.
fn to_segment(position: Position, segment: &Segment, at_most: f64) -> (f64, Position) {
    let Segment { from, to } = *segment;
    let longest = (to[0] - from[0]).abs().max((to[1] - from[1]).abs());
    let pieces = (longest / PIECE_DEGREES).ceil().max(1.0);
    let at = |piece: f64| -> Position {
        if piece >= pieces {
            return to;
        }
        let share = piece / pieces;
        [0, 1].map(|axis| from[axis] + share * (to[axis] - from[axis]))
    };
    let mut best = (f64::INFINITY, from);
    let here = Bounds::at(position);
    for piece in 0..pieces as usize {
        let part = Segment { from: at(piece as f64), to: at(piece as f64 + 1.0) };
        if pieces > 1.0 && least_between(&here, &part.bounds()) > at_most.min(best.0) {
            continue;
        }
        let found = to_piece(position, &part);
        if found.0 < best.0 {
            best = found;
        }
    }
    best
}

/// The distance to a segment of at most [`PIECE_DEGREES`]: half the square of the distance is nearly
/// a parabola along it, so that Newton's method needs few steps.
fn to_piece(position: Position, piece: &Segment) -> (f64, Position) {
    let Segment { from, to } = *piece;
    let run = [to[0] - from[0], to[1] - from[1]];
    let at = |share: f64| [from[0] + share * run[0], from[1] + share * run[1]];
    let around = |degrees: f64| (degrees + 180.0).rem_euclid(360.0) - 180.0;
    let [east, north] = metres_a_degree(position[1]);
    let along = [run[0] * east, run[1] * north];
    let away = [around(position[0] - from[0]) * east, (position[1] - from[1]) * north];
    let square = along[0].powi(2) + along[1].powi(2);
    let first = (along[0] * away[0] + along[1] * away[1]) / square;
    let mut share = if first.is_finite() { first.clamp(0.0, 1.0) } else { 0.0 };
    let mut best = (between(position, at(share)), at(share));
    for _ in 0..MAX_STEPS {
        let foot = at(share);
        let bearing =
            Geodesic.bearing(Point::new(foot[0], foot[1]), Point::new(position[0], position[1]));
        let (sin, cos) = bearing.to_radians().sin_cos();
        let [east, north] = metres_a_degree(foot[1]);
        let along = [run[0] * east, run[1] * north];
        let square = along[0].powi(2) + along[1].powi(2);
        let next = share + best.0 * (along[0] * sin + along[1] * cos) / square;
        if !next.is_finite() {
            break;
        }
        let next = next.clamp(0.0, 1.0);
        let step = (next - share).abs() * square.sqrt();
        share = next;
        if step < SHORT_STEP_M {
            break;
        }
        let metres = between(position, at(share));
        if metres >= best.0 {
            break;
        }
        best = (metres, at(share));
    }
    if best.0 > FAR_M {
        for end in [from, to] {
            let metres = between(position, end);
            if metres < best.0 {
                best = (metres, end);
            }
        }
    }
    best
}

/// The distance between two segments that do not meet: an end of one is nearest to the other, but
/// for the bend of the ground, after which it is looked from foot to foot.
fn between_segments(ours: &Segment, theirs: &Segment, at_most: f64) -> f64 {
    let mut best = (f64::INFINITY, ours.from);
    let mut looks_at_ours = true;
    for (end, other, is_ours) in [
        (ours.from, theirs, true),
        (ours.to, theirs, true),
        (theirs.from, ours, false),
        (theirs.to, ours, false),
    ] {
        let limit = at_most.min(best.0);
        if least_between(&Bounds::at(end), &other.bounds()) > limit {
            continue;
        }
        let found = to_segment(end, other, limit);
        if found.0 < best.0 {
            best = found;
            looks_at_ours = is_ours;
        }
    }
    for _ in 0..MAX_STEPS {
        let (other, own) = if looks_at_ours { (ours, theirs) } else { (theirs, ours) };
        // From the end of a segment it has been looked already.
        if best.0.is_infinite() || best.1 == own.from || best.1 == own.to {
            break;
        }
        let found = to_segment(best.1, other, best.0);
        if found.0 >= best.0 - 1e-6 {
            break;
        }
        best = found;
        looks_at_ours = !looks_at_ours;
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_between_boxes_is_never_more_than_the_distance() {
        let steps =
            |from: f64, to: f64| (0..=12).map(move |i| from + (to - from) * f64::from(i) / 12.0);
        for lon in steps(-180.0, 180.0) {
            for lat in steps(-90.0, 90.0) {
                for other_lon in steps(-180.0, 180.0) {
                    for other_lat in steps(-90.0, 90.0) {
                        let (a, b) = ([lon, lat], [other_lon, other_lat]);
                        let bound = least_between(&Bounds::at(a), &Bounds::at(b));
                        let metres = between(a, b);
                        assert!(bound <= metres + 1e-6, "{a:?} {b:?}: {bound} {metres}");
                    }
                }
            }
        }
    }
}
