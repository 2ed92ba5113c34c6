//! How much of a shape lies within the surfaces of a figure: lengths and areas on the ground, without
//! constructing what the two have in common.
//!
//! Edges are cut where they meet those of the other; what lies inside is added up. An area is the sum of
//! what each piece of the edge of the common part contributes to it: pieces of either edge that lie inside
//! of the other, and those that both share.

use geo::{Distance, Geodesic, Point};

use super::ground::{ECCENTRICITY_SQUARED, EQUATOR_M, along};
use super::parts::Parts;
use super::segments::Segments;
use crate::exact::{Contact, Segment};
use crate::{Position, Shape};

/// Pieces that span more degrees of latitude than this are integrated in parts.
const STEP_DEGREES: f64 = 1.0;

/// The places and weights of the integration after Gauss and Legendre on five places from 0 to 1.
const GAUSS: [(f64, f64); 5] = [
    (0.046_910_077_030_668, 0.118_463_442_528_095),
    (0.230_765_344_947_158, 0.239_314_335_249_683),
    (0.5, 0.284_444_444_444_444),
    (0.769_234_655_052_842, 0.239_314_335_249_683),
    (0.953_089_922_969_332, 0.118_463_442_528_095),
];

/// How a piece of an edge lies to surfaces.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Lies {
    Inside,
    /// On an edge of the surfaces that runs in the same direction, so that their insides lie on the same
    /// side of it.
    Along,
    /// On an edge that runs in the other direction.
    Against,
}

/// The metres of the lines, or of the rings, that lie within the surfaces or on their edges.
pub(super) fn length_m(surfaces: &Segments, shape: &Shape) -> f64 {
    match shape {
        Shape::Point(_) => 0.0,
        Shape::Line(line) => line_m(surfaces, line),
        Shape::MultiLine(lines) => lines.iter().map(|line| line_m(surfaces, line)).sum(),
        Shape::MultiPolygon(polygons) => {
            let rings = polygons.iter().flat_map(|rings| rings.iter());
            rings.map(|ring| line_m(surfaces, ring)).sum()
        }
    }
}

fn line_m(surfaces: &Segments, line: &[Position]) -> f64 {
    let mut metres = 0.0;
    for edge in line.windows(2).filter(|edge| edge[0] != edge[1]) {
        let segment = Segment { from: edge[0], to: edge[1] };
        cut(&segment, surfaces, |piece, _| {
            let point = |[lon, lat]: Position| Point::new(lon, lat);
            metres += Geodesic.distance(point(piece.from), point(piece.to));
        });
    }
    metres
}

/// The square metres that the surfaces of two geometries have in common.
pub(super) fn area_m2(ours: &Parts, theirs: &Parts) -> f64 {
    let (Some(bounds), Some(other)) = (ours.rings.bounds(), theirs.rings.bounds()) else {
        return 0.0;
    };
    if !bounds.meets(other) {
        return 0.0;
    }
    // Counted from a latitude amid them, so that a piece counts for little where it is short.
    let base = height(bounds.centre()[1]);
    let mut area = 0.0;
    for link in ours.rings.links() {
        cut(&link.segment, &theirs.rings, |piece, lies| {
            if lies != Lies::Against {
                area -= contribution(piece, base);
            }
        });
    }
    for link in theirs.rings.links() {
        cut(&link.segment, &ours.rings, |piece, lies| {
            if lies == Lies::Inside {
                area -= contribution(piece, base);
            }
        });
    }
    area.max(0.0)
}

/// Visits the pieces of a segment that lie in the surfaces or on their edges.
pub(super) fn cut(segment: &Segment, surfaces: &Segments, mut visit: impl FnMut(&Segment, Lies)) {
    let mut places = vec![0.0, 1.0];
    let mut shared: Vec<(f64, f64, Lies)> = Vec::new();
    let bounds = segment.bounds();
    surfaces.any(&bounds, |link| {
        let other = &link.segment;
        match segment.contact(other) {
            Contact::Apart => {}
            Contact::Crossing => places.push(crossing(segment, other)),
            Contact::Touching => {
                let ends = [other.from, other.to].into_iter().filter(|end| segment.holds(*end));
                places.extend(ends.map(|end| share_of(segment, end)));
            }
            Contact::Along => {
                let [from, to] = [other.from, other.to].map(|end| share_of(segment, end));
                let lies = if from < to { Lies::Along } else { Lies::Against };
                let (from, to) = (from.min(to).clamp(0.0, 1.0), from.max(to).clamp(0.0, 1.0));
                places.extend([from, to]);
                shared.push((from, to, lies));
            }
        }
        false
    });
    places.sort_unstable_by(f64::total_cmp);
    for ends in places.windows(2).filter(|ends| ends[0] < ends[1]) {
        let middle = f64::midpoint(ends[0], ends[1]);
        let is_shared = |wanted: Lies| {
            shared
                .iter()
                .any(|(from, to, lies)| *lies == wanted && *from <= middle && middle <= *to)
        };
        let lies = match (is_shared(Lies::Along), is_shared(Lies::Against)) {
            // Between two surfaces that share the edge.
            (true, true) => Lies::Inside,
            (true, false) => Lies::Along,
            (false, true) => Lies::Against,
            (false, false) => {
                if !surfaces.surfaces_beside(along(segment, middle)).is_some() {
                    continue;
                }
                Lies::Inside
            }
        };
        let at = |share: f64| if share == 1.0 { segment.to } else { along(segment, share) };
        visit(&Segment { from: at(ends[0]), to: at(ends[1]) }, lies);
    }
}

/// Where on a segment a position is that lies on it, from 0 to 1.
fn share_of(segment: &Segment, position: Position) -> f64 {
    let run = [0, 1].map(|axis| segment.to[axis] - segment.from[axis]);
    let axis = usize::from(run[1].abs() > run[0].abs());
    (position[axis] - segment.from[axis]) / run[axis]
}

/// Where on a segment another crosses it, from 0 to 1.
fn crossing(segment: &Segment, other: &Segment) -> f64 {
    let run = [0, 1].map(|axis| segment.to[axis] - segment.from[axis]);
    let across = [0, 1].map(|axis| other.to[axis] - other.from[axis]);
    let away = [0, 1].map(|axis| other.from[axis] - segment.from[axis]);
    let share =
        (away[0] * across[1] - away[1] * across[0]) / (run[0] * across[1] - run[1] * across[0]);
    // That they cross is known exactly, where is not.
    if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.5 }
}

/// The square metres between a piece and a base, of the ground that lies as far to the east as it runs.
fn contribution(piece: &Segment, base: f64) -> f64 {
    let steps = ((piece.to[1] - piece.from[1]).abs() / STEP_DEGREES).ceil().max(1.0);
    let east = (piece.to[0] - piece.from[0]).to_radians() / steps;
    let step = |nth: usize| -> f64 {
        let heights = GAUSS.iter().map(|(place, weight)| {
            let [_, lat] = along(piece, (nth as f64 + place) / steps);
            weight * (height(lat) - base)
        });
        heights.sum::<f64>() * east
    };
    (0..steps as usize).map(step).sum()
}

/// The square metres from the equator to a latitude, for a radian of longitude.
fn height(lat: f64) -> f64 {
    let eccentricity = ECCENTRICITY_SQUARED.sqrt();
    let sin = lat.to_radians().sin();
    let bent = sin / (1.0 - ECCENTRICITY_SQUARED * sin * sin);
    let straight = (eccentricity * sin).atanh() / eccentricity;
    EQUATOR_M * EQUATOR_M * (1.0 - ECCENTRICITY_SQUARED) / 2.0 * (bent + straight)
}
