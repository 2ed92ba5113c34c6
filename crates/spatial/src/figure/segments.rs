//! The segments of lines or of rings, and a packed search tree over their boxes.

use super::distance::least_between;
use crate::exact::{Segment, is_west_of};
use crate::{Bounds, Position, key_of};

/// Segments and boxes that lie in one box of the level above.
const FAN_OUT: usize = 8;

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

/// Segments along a Hilbert curve, with their boxes in levels.
#[derive(Clone, Debug, Default)]
pub(super) struct Segments {
    links: Vec<Link>,
    chains: Vec<Chain>,
    /// One box for each eight segments, then one for each eight boxes, and so on.
    boxes: Vec<Bounds>,
    /// Where each level starts in `boxes`.
    starts: Vec<usize>,
}

impl Segments {
    /// Adds the segments of a line or ring, unless it has none: all its positions are the same.
    pub(super) fn push(&mut self, positions: &[Position], surface: u32) -> bool {
        let chain = self.chains.len() as u32;
        let before = self.links.len();
        let edges = positions.windows(2).filter(|edge| edge[0] != edge[1]);
        self.links.extend(edges.map(|edge| {
            let [from, to] = [edge[0], edge[1]].map(|[x, y]| [x + 0.0, y + 0.0]);
            Link { segment: Segment { from, to }, chain }
        }));
        let is_some = self.links.len() > before;
        if is_some {
            self.chains.push(Chain { first: self.links[before].segment.from, surface });
        }
        is_some
    }

    /// Builds the tree, when all segments are there.
    pub(super) fn finish(&mut self) {
        if self.links.len() > FAN_OUT {
            self.links.sort_by_cached_key(|link| key_of(link.segment.bounds().centre()));
        }
        self.boxes = self
            .links
            .chunks(FAN_OUT)
            .filter_map(|links| links.iter().map(|l| l.segment.bounds()).reduce(Bounds::union))
            .collect();
        self.starts = vec![0];
        let mut start = 0;
        while self.boxes.len() - start > 1 {
            let end = self.boxes.len();
            self.starts.push(end);
            for group in (start..end).step_by(FAN_OUT) {
                let members = self.boxes[group..end.min(group + FAN_OUT)].iter().copied();
                let around = members.reduce(Bounds::union);
                self.boxes.push(around.expect("a group has a member"));
            }
            start = end;
        }
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
        self.boxes.last()
    }

    /// Whether `is_it` says so of a segment whose box meets the box; the first such ends the search.
    pub(super) fn any(&self, bounds: &Bounds, mut is_it: impl FnMut(&Link) -> bool) -> bool {
        self.any_box(&mut |around| around.meets(bounds), &mut |link| {
            link.segment.bounds().meets(bounds) && is_it(link)
        })
    }

    /// Whether `is_it` says so of a segment in boxes that `may` lets pass.
    pub(super) fn any_box(
        &self,
        may: &mut impl FnMut(&Bounds) -> bool,
        is_it: &mut impl FnMut(&Link) -> bool,
    ) -> bool {
        !self.boxes.is_empty() && self.descend(self.starts.len() - 1, 0, may, is_it)
    }

    fn descend(
        &self,
        level: usize,
        index: usize,
        may: &mut impl FnMut(&Bounds) -> bool,
        is_it: &mut impl FnMut(&Link) -> bool,
    ) -> bool {
        if !may(&self.boxes[self.starts[level] + index]) {
            return false;
        }
        let first = index * FAN_OUT;
        if level == 0 {
            let end = self.links.len().min(first + FAN_OUT);
            return self.links[first..end].iter().any(is_it);
        }
        let count = self.starts[level] - self.starts[level - 1];
        (first..count.min(first + FAN_OUT)).any(|child| self.descend(level - 1, child, may, is_it))
    }

    /// Measures the segments that may be nearer to a box than `best` metres, the nearest boxes first;
    /// lowers `best` and sets `found` where one is.
    pub(super) fn nearest(
        &self,
        target: &Bounds,
        best: &mut f64,
        found: &mut f64,
        mut measure: impl FnMut(&Segment, f64) -> f64,
    ) {
        if !self.boxes.is_empty() {
            let mut visit = |link: &Link, best: &mut f64| {
                if least_between(&link.segment.bounds(), target) <= *best {
                    let metres = measure(&link.segment, *best);
                    if metres <= *best {
                        *best = metres;
                        *found = metres;
                    }
                }
            };
            self.approach(self.starts.len() - 1, 0, target, best, &mut visit);
        }
    }

    fn approach(
        &self,
        level: usize,
        index: usize,
        target: &Bounds,
        best: &mut f64,
        visit: &mut impl FnMut(&Link, &mut f64),
    ) {
        let first = index * FAN_OUT;
        if level == 0 {
            let end = self.links.len().min(first + FAN_OUT);
            self.links[first..end].iter().for_each(|link| visit(link, best));
            return;
        }
        let start = self.starts[level - 1];
        let count = self.starts[level] - start;
        let mut children = [(f64::INFINITY, 0); FAN_OUT];
        let children = &mut children[..count.min(first + FAN_OUT) - first];
        for (place, child) in children.iter_mut().enumerate() {
            *child = (least_between(&self.boxes[start + first + place], target), first + place);
        }
        children.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        for (least, child) in children.iter() {
            if *least <= *best {
                self.approach(level - 1, *child, target, best, visit);
            }
        }
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
