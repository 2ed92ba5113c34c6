//! The distance along the ground between a shape and a figure that do not meet.

use std::ops::ControlFlow;

use geo::{Bearing, Distance, Geodesic, Point};

use super::ground::{
    ECCENTRICITY_SQUARED, EQUATOR_M, GREATEST_RADIUS_M, Ground, LEAST_RADIUS_M, Piece, along,
    greatest_arc, greatest_chord,
};
use crate::exact::Segment;
use crate::{Bounds, Position, Shape};

/// Beyond this many metres the ends of a piece are looked at besides the place between them.
const FAR_M: f64 = 1e6;

/// A step shorter than this many metres changes no distance by a millimetre.
const SHORT_STEP_M: f64 = 1e-4;

/// How often the nearest place is sought anew; each time it is some digits better.
const MAX_STEPS: usize = 10;

/// The least distance in metres.
pub(super) fn least(ground: &Ground, shape: &Shape) -> f64 {
    let mut search = Search { ground, enough: f64::NEG_INFINITY, best: f64::INFINITY };
    let _ = search.look_from(shape);
    search.best
}

/// Whether the least distance is at most so many metres.
pub(super) fn is_within(ground: &Ground, shape: &Shape, metres: f64) -> bool {
    let mut search = Search { ground, enough: metres, best: metres };
    search.look_from(shape).is_break()
}

struct Search<'a> {
    ground: &'a Ground,
    /// With a distance of so many metres the search is over.
    enough: f64,
    /// What is farther than so many metres is of no interest.
    best: f64,
}

impl Search<'_> {
    fn look_from(&mut self, shape: &Shape) -> ControlFlow<()> {
        match shape {
            Shape::Point(position) => self.look_from_piece(&Piece::at(*position)),
            Shape::Line(line) => self.look_from_line(line),
            Shape::MultiLine(lines) => lines.iter().try_for_each(|line| self.look_from_line(line)),
            Shape::MultiPolygon(polygons) => {
                let mut rings = polygons.iter().flat_map(|rings| rings.iter());
                rings.try_for_each(|ring| self.look_from_line(ring))
            }
        }
    }

    fn look_from_line(&mut self, line: &[Position]) -> ControlFlow<()> {
        line.windows(2).filter(|edge| edge[0] != edge[1]).try_for_each(|edge| {
            let segment = Segment { from: edge[0], to: edge[1] };
            Piece::cut(&segment).try_for_each(|piece| self.look_from_piece(&piece))
        })
    }

    fn look_from_piece(&mut self, ours: &Piece) -> ControlFlow<()> {
        let cube = ours.cube();
        let Self { ground, enough, best } = self;
        let mut is_enough = false;
        let mut chord = greatest_chord(*best);
        ground.tree.approach(
            |around| around.gap(&cube),
            &mut chord,
            |item, chord| {
                let theirs = &ground.pieces[item];
                let approach = ours.approach(theirs);
                if approach.least > *chord || is_enough {
                    return;
                }
                let metres = if greatest_arc(approach.most) <= *enough {
                    *enough
                } else {
                    between_segments(along(&ours.segment, approach.share), ours, theirs)
                };
                if metres <= *enough {
                    is_enough = true;
                    // Nothing is nearer than that, so that the search ends.
                    *chord = -1.0;
                } else if metres < *best {
                    *best = metres;
                    *chord = greatest_chord(metres);
                }
            },
        );
        if is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
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

/// The same for a position and a box, and tight far away from it too: the distance to the middle of the box,
/// less the way from there to its edge.
pub(crate) fn least_from(position: Position, bounds: &Bounds) -> f64 {
    let least = least_between(&Bounds::at(position), bounds);
    let nearest_lat = if bounds.south <= 0.0 && bounds.north >= 0.0 {
        0.0
    } else {
        bounds.south.abs().min(bounds.north.abs())
    };
    let east = (bounds.east - bounds.west) * nearest_lat.to_radians().cos();
    let radius = (east.hypot(bounds.north - bounds.south) / 2.0).to_radians() * GREATEST_RADIUS_M;
    // Near by the box itself tells more.
    if least < 8.0 * radius {
        return least;
    }
    least.max(between(position, bounds.centre()) - radius - 1e-6)
}

/// Metres to the east and to the north that a degree of longitude and one of latitude are long.
fn metres_a_degree(lat: f64) -> [f64; 2] {
    let (sin, cos) = lat.to_radians().sin_cos();
    let root = (1.0 - ECCENTRICITY_SQUARED * sin * sin).sqrt();
    let across = EQUATOR_M / root;
    let along = LEAST_RADIUS_M / (root * root * root);
    [across * cos, along].map(f64::to_radians)
}

/// The distance from a position to a piece of a segment, and where on it that is reached: half the
/// square of the distance is nearly a parabola along the piece, so that Newton's method needs few
/// steps.
fn to_piece(position: Position, piece: &Segment) -> (f64, Position) {
    let Segment { from, to } = *piece;
    if from == to {
        return (between(position, from), from);
    }
    let run = [to[0] - from[0], to[1] - from[1]];
    let at = |share: f64| along(piece, share);
    let around = |degrees: f64| (degrees + 180.0).rem_euclid(360.0) - 180.0;
    let [east, north] = metres_a_degree(position[1]);
    let step = [run[0] * east, run[1] * north];
    let away = [around(position[0] - from[0]) * east, (position[1] - from[1]) * north];
    let square = step[0].powi(2) + step[1].powi(2);
    let first = (step[0] * away[0] + step[1] * away[1]) / square;
    let mut share = if first.is_finite() { first.clamp(0.0, 1.0) } else { 0.0 };
    let mut best = (between(position, at(share)), at(share));
    for _ in 0..MAX_STEPS {
        let foot = at(share);
        let bearing =
            Geodesic.bearing(Point::new(foot[0], foot[1]), Point::new(position[0], position[1]));
        let (sin, cos) = bearing.to_radians().sin_cos();
        let [east, north] = metres_a_degree(foot[1]);
        let whole = [run[0] * east, run[1] * north];
        let square = whole[0].powi(2) + whole[1].powi(2);
        let next = share + best.0 * (whole[0] * sin + whole[1] * cos) / square;
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

/// The distance between two pieces, from where on the first it may be about: from foot to foot, until
/// they come no nearer.
fn between_segments(begin: Position, ours: &Piece, theirs: &Piece) -> f64 {
    let mut best = to_piece(begin, &theirs.segment);
    for (_, other) in (0..MAX_STEPS).zip([ours, theirs].into_iter().cycle()) {
        let found = to_piece(best.1, &other.segment);
        let is_better = found.0 < best.0 - 1e-6;
        if found.0 < best.0 {
            best = found;
        }
        if !is_better {
            break;
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs of positions all over the world, among them neighbours and opposites.
    fn pairs() -> impl Iterator<Item = (Position, Position)> {
        let steps =
            |from: f64, to: f64| (0..=12).map(move |i| from + (to - from) * f64::from(i) / 12.0);
        let positions = move || {
            steps(-180.0, 180.0).flat_map(move |lon| steps(-90.0, 90.0).map(move |lat| [lon, lat]))
        };
        let near = positions().map(|[lon, lat]| ([lon, lat], [lon * 0.9999, lat * 0.9998]));
        positions().flat_map(move |a| positions().map(move |b| (a, b))).chain(near)
    }

    #[test]
    fn the_bound_between_boxes_is_never_more_than_the_distance() {
        for (a, b) in pairs() {
            let bound = least_between(&Bounds::at(a), &Bounds::at(b));
            let metres = between(a, b);
            assert!(bound <= metres + 1e-6, "{a:?} {b:?}: {bound} {metres}");
            // A box around one of the two is not farther than it.
            let around = |side: f64| Bounds {
                west: (b[0] - side).max(-180.0),
                south: (b[1] - 3.0 * side).max(-90.0),
                east: (b[0] + side / 2.0).min(180.0),
                north: (b[1] + side).min(90.0),
            };
            for side in [0.0, 1e-6, 0.01, 1.0, 20.0] {
                let bound = least_from(a, &around(side));
                assert!(bound <= metres + 1e-6, "{a:?} {b:?} {side}: {bound} {metres}");
            }
        }
    }

    #[test]
    fn the_way_through_the_earth_tells_the_one_along_the_ground_on_both_sides() {
        for (a, b) in pairs() {
            let metres = between(a, b);
            let chord = Piece::at(a).approach(&Piece::at(b)).least;
            assert!(chord <= greatest_chord(metres), "{a:?} {b:?}: {chord} {metres}");
            assert!(metres <= greatest_arc(chord) + 1e-6, "{a:?} {b:?}: {chord} {metres}");
        }
    }
}
