//! The segments of lines or of rings, and a packed search tree over their boxes.

use super::levels::Levels;
use super::overlay::{join_lines, thin_rings};
use crate::exact::{Segment, is_west_of};
use crate::{Bounds, Position, key_of};

/// Numbers nearer to 0 are taken for it.
// Of greater ones the product of two differences, and what it lacks when it is rounded, are numbers still.
const LEAST_DEGREES: f64 = 1e-100;

/// The position as it is compared: no number is negative zero, or so small that products of it are none.
pub(super) fn settled(position: Position) -> Position {
    position.map(|degrees| if degrees.abs() < LEAST_DEGREES { 0.0 } else { degrees })
}

/// Fewer segments are searched as quickly in the order in which they came.
const SORTED_FROM: usize = 16;

/// A line or a ring.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chain {
    /// Its first position.
    pub(super) first: Position,
    /// Which surface a ring belongs to, counted from 0; of a line, nothing.
    pub(super) surface: u32,
}

/// A segment and the chain of which it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) segment: Segment,
    pub(super) chain: u32,
}

/// Where a position lies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Place {
    Inside,
    Edge,
    Outside,
}

/// Segments along a Hilbert curve, with a tree over their boxes.
#[derive(Clone, Debug, Default)]
pub(super) struct Segments {
    links: Vec<Link>,
    chains: Vec<Chain>,
    tree: Levels<Bounds>,
}

impl Segments {
    /// Adds the segments of a line or ring, unless it has none: all its positions are the same.
    pub(super) fn push(&mut self, positions: &[Position], surface: u32) -> bool {
        let chain = self.chains.len() as u32;
        let before = self.links.len();
        let edges = positions.windows(2).map(|edge| [settled(edge[0]), settled(edge[1])]);
        let edges = edges.filter(|edge| edge[0] != edge[1]);
        self.links.extend(
            edges.map(|edge| Link { segment: Segment { from: edge[0], to: edge[1] }, chain }),
        );
        let is_some = self.links.len() > before;
        if is_some {
            self.chains.push(Chain { first: self.links[before].segment.from, surface });
        }
        is_some
    }

    /// Builds the tree, when all segments of lines are there.
    pub(super) fn finish_lines(&mut self) {
        join_lines(&mut self.links, &mut self.chains);
        self.finish();
    }

    /// Builds the tree, when all segments of rings are there.
    pub(super) fn finish_rings(&mut self) {
        thin_rings(&mut self.links, &self.chains);
        self.finish();
    }

    fn finish(&mut self) {
        if self.links.len() > SORTED_FROM {
            self.links.sort_by_cached_key(|link| key_of(link.segment.bounds().centre()));
        }
        self.tree = Levels::build(self.links.iter().map(|link| link.segment.bounds()));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    pub(super) fn links(&self) -> &[Link] {
        &self.links
    }

    pub(super) fn chains(&self) -> &[Chain] {
        &self.chains
    }

    pub(super) fn surface_of(&self, link: &Link) -> u32 {
        self.chains[link.chain as usize].surface
    }

    /// The box around all segments.
    pub(super) fn bounds(&self) -> Option<&Bounds> {
        self.tree.all()
    }

    /// Whether `is_it` says so of a segment whose box meets the box; the first such ends the search.
    pub(super) fn any(&self, bounds: &Bounds, mut is_it: impl FnMut(&Link) -> bool) -> bool {
        self.tree.any(
            |around| around.meets(bounds),
            |item| {
                let link = &self.links[item];
                link.segment.bounds().meets(bounds) && is_it(link)
            },
        )
    }

    /// Whether a segment holds the position.
    pub(super) fn hold(&self, position: Position) -> bool {
        self.any(&Bounds::at(position), |link| link.segment.holds(position))
    }

    /// The surfaces that hold what lies an instant to the north-east of a position, nearly east. On
    /// no edge, that is the position itself.
    pub(super) fn surfaces_beside(&self, position: Position) -> Surfaces {
        let mut surfaces = Surfaces::default();
        let [west, south] = position;
        let ray = Bounds { west, south, east: f64::INFINITY, north: south };
        self.any(&ray, |link| {
            if is_west_of(position, link.segment.from, link.segment.to) {
                surfaces.turn(self.surface_of(link));
            }
            false
        });
        surfaces
    }

    /// Where the position lies to the surfaces, of which these are the rings.
    pub(super) fn place(&self, position: Position) -> Place {
        if !self.bounds().is_some_and(|bounds| bounds.holds(position)) {
            Place::Outside
        } else if self.hold(position) {
            Place::Edge
        } else if self.surfaces_beside(position).is_some() {
            Place::Inside
        } else {
            Place::Outside
        }
    }
}

/// The surfaces in which one is, on a walk over edges.
#[derive(Clone, Debug, Default)]
pub(super) struct Surfaces(Vec<u32>);

impl Surfaces {
    /// Crosses an edge of a surface: into it or out of it.
    pub(super) fn turn(&mut self, surface: u32) {
        match self.0.iter().position(|other| *other == surface) {
            Some(place) => {
                self.0.swap_remove(place);
            }
            None => self.0.push(surface),
        }
    }

    pub(super) fn is_some(&self) -> bool {
        !self.0.is_empty()
    }
}
