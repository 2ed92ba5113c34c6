//! Whether a shape shares a position with a figure: the question that is asked most, answered
//! without taking the shape apart.

use super::parts::Parts;
use super::segments::Place;
use crate::exact::{Contact, Segment};
use crate::touch::encloses;
use crate::{Bounds, Position, Shape};

/// Whether they share a position.
pub(super) fn meets(parts: &Parts, shape: &Shape) -> bool {
    match shape {
        Shape::Point(position) => parts.place(*position) != Place::Outside,
        Shape::Line(line) => line_meets(parts, line),
        Shape::MultiLine(lines) => lines.iter().any(|line| line_meets(parts, line)),
        Shape::MultiPolygon(polygons) => polygons.iter().any(|rings| {
            rings.iter().any(|ring| line_meets(parts, ring))
                || reaches_into(parts, &rings.iter().map(|ring| &**ring))
        }),
    }
}

/// Whether a line meets the parts. As soon as it meets no edge of a surface, it lies wholly inside
/// or wholly outside.
fn line_meets(parts: &Parts, line: &[Position]) -> bool {
    let edges = line.windows(2).filter(|edge| edge[0] != edge[1]);
    edges.map(|edge| Segment { from: edge[0], to: edge[1] }).any(|edge| edge_meets(parts, &edge))
        || line.first().is_some_and(|first| parts.rings.place(*first) == Place::Inside)
}

fn edge_meets(parts: &Parts, edge: &Segment) -> bool {
    let bounds = edge.bounds();
    let meets = |other: &Segment| edge.contact(other) != Contact::Apart;
    parts.rings.any(&bounds, |link| meets(&link.segment))
        || parts.lines.any(&bounds, |link| meets(&link.segment))
        || parts.any_point(&bounds, |point| edge.holds(point))
}

/// Whether a part of the figure lies in the surface within the rings, whose edges it does not meet.
fn reaches_into<'a>(parts: &Parts, rings: &(impl Iterator<Item = &'a [Position]> + Clone)) -> bool {
    let Some(bounds) = rings.clone().next().and_then(|r| Bounds::around(r.iter().copied())) else {
        return false;
    };
    let inside = |position: Position| {
        bounds.holds(position)
            && rings.clone().filter(|ring| encloses(ring, position)).count() % 2 == 1
    };
    let chains = parts.rings.chains().iter().chain(parts.lines.chains());
    chains.map(|chain| chain.first).any(inside) || parts.any_point(&bounds, inside)
}
