//! How two geometries lie to each other: the facts of the nine intersections from which every
//! relation follows.
//!
//! Nothing is constructed and nothing rounded. Where two segments cross within both, all that can be
//! known of the surfaces and lines concerned is known at once; where none cross, geometries meet only
//! at positions that one of them has, and the sectors around these say the rest. Geometries that are
//! not valid (a ring that crosses itself) get some answer.

use std::collections::HashSet;

use super::node::{around_line, around_surfaces};
use super::parts::Parts;
use super::segments::{Place, Segments};
use crate::exact::{Contact, Segment};
use crate::{Bounds, Position, SpatialRelation};

/// What is known of two geometries.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Facts {
    /// They share a position.
    share: bool,
    /// The dimension of what is inside of both.
    interiors: Option<u8>,
    /// Something of the first is outside of the second.
    first_beyond: bool,
    /// Something of the second is outside of the first.
    second_beyond: bool,
}

impl Facts {
    /// All there is to know of surfaces whose edges cross.
    const CROSSING: Self =
        Self { share: true, interiors: Some(2), first_beyond: true, second_beyond: true };

    fn turned(self) -> Self {
        Self { first_beyond: self.second_beyond, second_beyond: self.first_beyond, ..self }
    }

    /// Takes what two parts share for what the wholes share.
    fn add(&mut self, parts: Self) {
        self.share |= parts.share;
        self.interiors = self.interiors.max(parts.interiors);
    }

    fn inside(&mut self, dimension: u8) {
        self.share = true;
        self.interiors = self.interiors.max(Some(dimension));
    }
}

/// Whether the first stands in the relation to the second.
pub(super) fn relates(relation: SpatialRelation, first: &Parts, second: &Parts) -> bool {
    let (Some(ours), Some(theirs)) = (first.bounds, second.bounds) else {
        return relation == SpatialRelation::Disjoint;
    };
    told_by_boxes(relation, &ours, &theirs).unwrap_or_else(|| {
        holds(relation, facts(first, second), first.dimension(), second.dimension())
    })
}

/// Whether the boxes around two geometries tell that the first stands in the relation to the second, or
/// does not.
pub(super) fn told_by_boxes(
    relation: SpatialRelation,
    ours: &Bounds,
    theirs: &Bounds,
) -> Option<bool> {
    if !ours.meets(theirs) {
        return Some(relation == SpatialRelation::Disjoint);
    }
    let may = match relation {
        SpatialRelation::Within => theirs.contains(ours),
        SpatialRelation::Contains => ours.contains(theirs),
        SpatialRelation::Equals => ours == theirs,
        _ => true,
    };
    if may { None } else { Some(false) }
}

fn holds(relation: SpatialRelation, facts: Facts, first: u8, second: u8) -> bool {
    let Facts { share, interiors, first_beyond, second_beyond } = facts;
    match relation {
        SpatialRelation::Intersects => share,
        SpatialRelation::Disjoint => !share,
        SpatialRelation::Equals => interiors.is_some() && !first_beyond && !second_beyond,
        SpatialRelation::Touches => share && interiors.is_none(),
        SpatialRelation::Within => interiors.is_some() && !first_beyond,
        SpatialRelation::Contains => interiors.is_some() && !second_beyond,
        SpatialRelation::Overlaps => {
            first == second && interiors == Some(first) && first_beyond && second_beyond
        }
        SpatialRelation::Crosses => match first.cmp(&second) {
            std::cmp::Ordering::Less => interiors.is_some() && first_beyond,
            std::cmp::Ordering::Greater => interiors.is_some() && second_beyond,
            std::cmp::Ordering::Equal => first == 1 && interiors == Some(0),
        },
    }
}

/// Part by part. A line that lies partly in a line and partly in a surface of a collection is taken
/// to be beyond both.
fn facts(first: &Parts, second: &Parts) -> Facts {
    let mut all = Facts::default();
    let points = [(first, second), (second, first)].map(|(ours, theirs)| points(ours, theirs));
    all.add(points[0]);
    all.add(points[1]);
    let both = |a: &Segments, b: &Segments| !a.is_empty() && !b.is_empty();
    let lines = both(&first.lines, &second.lines).then(|| lines_and_lines(first, second));
    let crossing =
        both(&first.lines, &second.rings).then(|| line_and_surface(&first.lines, &second.rings));
    let crossed = both(&second.lines, &first.rings)
        .then(|| line_and_surface(&second.lines, &first.rings).turned());
    let surfaces =
        both(&first.rings, &second.rings).then(|| surface_and_surface(&first.rings, &second.rings));
    for part in [lines, crossing, crossed, surfaces].into_iter().flatten() {
        all.add(part);
    }
    let beyond = |facts: Option<Facts>| facts.is_none_or(|facts| facts.first_beyond);
    let other_beyond = |facts: Option<Facts>| facts.is_none_or(|facts| facts.second_beyond);
    all.first_beyond = points[0].first_beyond
        || (!first.lines.is_empty() && beyond(lines) && beyond(crossing))
        || (!first.rings.is_empty() && beyond(surfaces));
    all.second_beyond = points[1].first_beyond
        || (!second.lines.is_empty() && other_beyond(lines) && other_beyond(crossed))
        || (!second.rings.is_empty() && other_beyond(surfaces));
    all
}

fn points(ours: &Parts, theirs: &Parts) -> Facts {
    let mut facts = Facts::default();
    for point in &ours.points {
        match theirs.place(*point) {
            Place::Inside => facts.inside(0),
            Place::Edge => facts.share = true,
            Place::Outside => facts.first_beyond = true,
        }
    }
    facts
}

/// The positions at which two sets of segments meet, and which chains have one.
struct Nodes {
    seen: HashSet<[u64; 2]>,
    first: Vec<bool>,
    second: Vec<bool>,
}

impl Nodes {
    /// `None` when two segments cross.
    fn of(first: &Segments, second: &Segments) -> Option<Self> {
        let mut nodes = Self {
            seen: HashSet::new(),
            first: vec![false; first.chains().len()],
            second: vec![false; second.chains().len()],
        };
        for link in first.links() {
            let ours = &link.segment;
            let crosses = second.any(&ours.bounds(), |other| {
                let theirs = &other.segment;
                match ours.contact(theirs) {
                    Contact::Apart => return false,
                    Contact::Crossing => return true,
                    Contact::Touching | Contact::Along => {}
                }
                nodes.first[link.chain as usize] = true;
                nodes.second[other.chain as usize] = true;
                nodes
                    .seen
                    .extend(shared_ends(ours, theirs).map(|[x, y]| [x.to_bits(), y.to_bits()]));
                false
            });
            if crosses {
                return None;
            }
        }
        Some(nodes)
    }

    fn positions(&self) -> impl Iterator<Item = Position> {
        self.seen.iter().map(|[x, y]| [f64::from_bits(*x), f64::from_bits(*y)])
    }
}

/// The ends of either of two segments that meet which lie on the other.
fn shared_ends(ours: &Segment, theirs: &Segment) -> impl Iterator<Item = Position> {
    let on_theirs = [ours.from, ours.to].into_iter().filter(|end| theirs.holds(*end));
    let on_ours = [theirs.from, theirs.to].into_iter().filter(|end| ours.holds(*end));
    on_theirs.chain(on_ours)
}

/// The first positions of the chains that meet nothing.
fn apart(segments: &Segments, met: &[bool]) -> impl Iterator<Item = Position> {
    segments.chains().iter().zip(met).filter(|(_, met)| !**met).map(|(chain, _)| chain.first)
}

fn line_and_surface(lines: &Segments, rings: &Segments) -> Facts {
    let Some(nodes) = Nodes::of(lines, rings) else {
        return Facts { interiors: Some(1), ..Facts::CROSSING };
    };
    // No line fills a surface.
    let mut facts = Facts { second_beyond: true, ..Facts::default() };
    for position in apart(lines, &nodes.first) {
        match rings.place(position) {
            Place::Inside => facts.inside(1),
            Place::Edge | Place::Outside => facts.first_beyond = true,
        }
    }
    for position in nodes.positions() {
        facts.share = true;
        if facts.interiors.is_some() && facts.first_beyond {
            break;
        }
        let around = around_line(lines, rings, position);
        if around.inside {
            facts.inside(1);
        }
        facts.first_beyond |= around.outside;
    }
    facts
}

fn surface_and_surface(first: &Segments, second: &Segments) -> Facts {
    let Some(nodes) = Nodes::of(first, second) else { return Facts::CROSSING };
    let ring = |facts: &mut Facts, place: Place| match place {
        // Of what lies on either side of the ring, one is a part of both and one is not.
        Place::Inside => {
            facts.inside(2);
            facts.second_beyond = true;
        }
        Place::Edge | Place::Outside => facts.first_beyond = true,
    };
    let mut facts = Facts::default();
    apart(first, &nodes.first).for_each(|position| ring(&mut facts, second.place(position)));
    let mut facts = facts.turned();
    apart(second, &nodes.second).for_each(|position| ring(&mut facts, first.place(position)));
    let mut facts = facts.turned();
    for position in nodes.positions() {
        facts.share = true;
        if facts.interiors.is_some() && facts.first_beyond && facts.second_beyond {
            break;
        }
        let around = around_surfaces(first, second, position);
        if around.both {
            facts.inside(2);
        }
        facts.first_beyond |= around.first_only;
        facts.second_beyond |= around.second_only;
    }
    facts
}

fn lines_and_lines(first: &Parts, second: &Parts) -> Facts {
    let mut facts = Facts::default();
    for link in first.lines.links() {
        if facts.interiors == Some(1) && facts.first_beyond {
            break;
        }
        let ours = &link.segment;
        let mut covered = Vec::new();
        let mut ends = Ends::default();
        second.lines.any(&ours.bounds(), |other| {
            let theirs = &other.segment;
            match ours.contact(theirs) {
                Contact::Apart => {}
                Contact::Along => {
                    facts.inside(1);
                    covered.push(along(ours, theirs));
                }
                Contact::Touching => {
                    facts.share = true;
                    if facts.interiors.is_none() {
                        let inside = |end: Position| !first.is_end(end) && !second.is_end(end);
                        if shared_ends(ours, theirs).any(inside) {
                            facts.inside(0);
                        }
                    }
                }
                Contact::Crossing => {
                    facts.share = true;
                    if facts.interiors.is_none() && !ends.any(first, second, ours, theirs) {
                        facts.inside(0);
                    }
                }
            }
            // Nothing more is to be learned of the two than a stretch that they share.
            facts.interiors == Some(1) && facts.first_beyond
        });
        facts.first_beyond |= !covers(covered, extent(ours));
    }
    facts.second_beyond = second.lines.links().iter().any(|link| {
        let ours = &link.segment;
        let mut covered = Vec::new();
        first.lines.any(&ours.bounds(), |other| {
            if ours.contact(&other.segment) == Contact::Along {
                covered.push(along(ours, &other.segment));
            }
            false
        });
        !covers(covered, extent(ours))
    });
    facts
}

/// The ends of lines that lie on a segment, found when they are first asked for.
#[derive(Default)]
struct Ends(Option<Vec<Position>>);

impl Ends {
    /// Whether a third line ends where two segments cross, so that the place is no inside of its lines.
    fn any(&mut self, first: &Parts, second: &Parts, ours: &Segment, theirs: &Segment) -> bool {
        let ends = self.0.get_or_insert_with(|| {
            let ends = first.ends.iter().chain(&second.ends);
            ends.copied().filter(|end| ours.holds(*end)).collect()
        });
        ends.iter().any(|end| theirs.holds(*end))
    }
}

/// Along which axis the positions of a segment are told apart best.
fn axis(segment: &Segment) -> usize {
    let [width, height] = [0, 1].map(|axis| (segment.to[axis] - segment.from[axis]).abs());
    usize::from(height > width)
}

/// From where to where a segment runs on its axis.
fn extent(segment: &Segment) -> (f64, f64) {
    let axis = axis(segment);
    let (from, to) = (segment.from[axis], segment.to[axis]);
    (from.min(to), from.max(to))
}

/// From where to where another on the same line runs, on the axis of the first.
fn along(segment: &Segment, other: &Segment) -> (f64, f64) {
    let axis = axis(segment);
    let (from, to) = (other.from[axis], other.to[axis]);
    (from.min(to), from.max(to))
}

/// Whether stretches leave nothing out between two places.
fn covers(mut stretches: Vec<(f64, f64)>, (from, to): (f64, f64)) -> bool {
    stretches.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut reached = from;
    for (start, end) in stretches {
        if start > reached {
            return false;
        }
        reached = reached.max(end);
    }
    reached >= to && reached > from
}
