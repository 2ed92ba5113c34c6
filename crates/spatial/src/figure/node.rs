//! What lies around one position: the directions in which edges leave it, and the sectors between.
//!
//! Every position at which two geometries meet without crossing is a position of one of them, so
//! that directions can be compared by the numbers as they are.

use std::cmp::Ordering;

use super::segments::Segments;
use crate::exact::side;
use crate::{Bounds, Position};

/// An edge that leaves a position.
struct Ray {
    /// Another position on it.
    towards: Position,
    of: Of,
}

#[derive(Clone, Copy)]
enum Of {
    Line,
    /// A ring of this surface: to the left of it or to the right lies its inside.
    First(u32),
    Second(u32),
}

/// What is found around a position on the way of a line through surfaces.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AroundLine {
    /// The line goes on inside of the surfaces.
    pub(super) inside: bool,
    /// The line goes on outside of the surfaces.
    pub(super) outside: bool,
}

/// What the sectors around a position are part of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AroundSurfaces {
    pub(super) both: bool,
    pub(super) first_only: bool,
    pub(super) second_only: bool,
}

/// Looks around a position that lines and rings share.
pub(super) fn around_line(lines: &Segments, rings: &Segments, centre: Position) -> AroundLine {
    let mut rays = Vec::new();
    leave(lines, centre, |_| Of::Line, &mut rays);
    leave(rings, centre, Of::First, &mut rays);
    rays.sort_unstable_by(|a, b| compare(centre, a.towards, b.towards));
    let mut surfaces = rings.surfaces_beside(centre);
    let mut found = AroundLine::default();
    for same in rays.chunk_by(|a, b| compare(centre, a.towards, b.towards).is_eq()) {
        let before = surfaces.is_some();
        let mut on_edge = false;
        for ray in same {
            if let Of::First(surface) = ray.of {
                surfaces.turn(surface);
                on_edge = true;
            }
        }
        if same.iter().any(|ray| matches!(ray.of, Of::Line)) {
            // Between two surfaces that share an edge, a line is inside of them together.
            found.inside |= before && surfaces.is_some();
            found.outside |= !before && !on_edge;
        }
    }
    found
}

/// Looks around a position that rings share.
pub(super) fn around_surfaces(
    first: &Segments,
    second: &Segments,
    centre: Position,
) -> AroundSurfaces {
    let mut rays = Vec::new();
    leave(first, centre, Of::First, &mut rays);
    leave(second, centre, Of::Second, &mut rays);
    rays.sort_unstable_by(|a, b| compare(centre, a.towards, b.towards));
    let mut in_first = first.surfaces_beside(centre);
    let mut in_second = second.surfaces_beside(centre);
    let mut found = AroundSurfaces::default();
    for same in rays.chunk_by(|a, b| compare(centre, a.towards, b.towards).is_eq()) {
        for ray in same {
            match ray.of {
                Of::First(surface) => in_first.turn(surface),
                Of::Second(surface) => in_second.turn(surface),
                Of::Line => {}
            }
        }
        match (in_first.is_some(), in_second.is_some()) {
            (true, true) => found.both = true,
            (true, false) => found.first_only = true,
            (false, true) => found.second_only = true,
            (false, false) => {}
        }
    }
    found
}

/// The edges that leave a position: one of a segment that begins or ends there, two of one that runs
/// through it.
fn leave(segments: &Segments, centre: Position, of: impl Fn(u32) -> Of, rays: &mut Vec<Ray>) {
    segments.any(&Bounds::at(centre), |link| {
        if link.segment.holds(centre) {
            let of = of(segments.surface_of(link));
            let ends = [link.segment.from, link.segment.to];
            let ends = ends.into_iter().filter(|end| *end != centre);
            rays.extend(ends.map(|towards| Ray { towards, of }));
        }
        false
    });
}

/// The order of two directions counter-clockwise, of which due east is the last: the walk begins just
/// north of it, where [`Segments::surfaces_beside`] has looked.
fn compare(centre: Position, a: Position, b: Position) -> Ordering {
    let quarter = |[x, y]: Position| match y.total_cmp(&centre[1]) {
        Ordering::Greater => 0,
        Ordering::Less => 2,
        Ordering::Equal if x < centre[0] => 1,
        Ordering::Equal => 3,
    };
    quarter(a).cmp(&quarter(b)).then_with(|| match quarter(a) {
        // `b` to the left of `a` comes after it.
        0 | 2 => side(centre, a, b).reverse(),
        _ => Ordering::Equal,
    })
}
