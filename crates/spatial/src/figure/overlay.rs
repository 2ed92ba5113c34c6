//! Segments of one geometry that lie over one another, told once.
//!
//! A line may run to and fro over one stretch thousands of times. What it covers is the same as if it ran
//! there once; but each segment of another geometry would meet each of its segments, and around each
//! place there would be all of them. Nothing is rounded: the ends of what is put together are ends of
//! what it is put together from.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::parts::compare;
use super::segments::{Chain, Link};
use crate::Position;
use crate::exact::{Segment, side, turn};

/// How many surfaces of a valid geometry share a stretch of their edges at most: one on each side.
const SHARED_BY: usize = 2;

/// A segment from its lesser end to its greater.
#[derive(Clone, Copy)]
struct Stretch {
    low: Position,
    high: Position,
    link: Link,
}

impl Stretch {
    fn of(link: &Link) -> Self {
        let Segment { from, to } = link.segment;
        let (low, high) = if compare(&from, &to).is_le() { (from, to) } else { (to, from) };
        Self { low, high, link: *link }
    }

    fn segment(&self) -> Segment {
        Segment { from: self.low, to: self.high }
    }

    /// By the direction of the straight line on which it lies, then by that line's place among those
    /// beside it.
    fn compare_lines(&self, other: &Self) -> Ordering {
        let beside = || side(self.low, self.high, other.low);
        turn(&self.segment(), &other.segment()).then_with(beside)
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.compare_lines(other)
            .then_with(|| compare(&self.low, &other.low))
            .then_with(|| compare(&self.high, &other.high))
    }
}

/// The stretches of segments, those on one straight line next to each other and in order.
fn stretches(links: &[Link]) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = links.iter().map(Stretch::of).collect();
    stretches.sort_unstable_by(Stretch::compare);
    stretches
}

fn is_on_line_of(first: &Stretch, second: &Stretch) -> bool {
    first.compare_lines(second).is_eq()
}

/// Puts segments of lines on one straight line that share a position together. Lines of which segments
/// are put together become one chain.
pub(super) fn join_lines(links: &mut Vec<Link>, chains: &mut Vec<Chain>) {
    let stretches = stretches(links);
    if !stretches.windows(2).any(|pair| is_on_line_of(&pair[0], &pair[1])) {
        return;
    }
    let mut groups = Groups((0..chains.len() as u32).collect());
    links.clear();
    for on_line in stretches.chunk_by(is_on_line_of) {
        let mut joined = on_line[0];
        for stretch in &on_line[1..] {
            if compare(&stretch.low, &joined.high).is_gt() {
                links.push(Link { segment: joined.segment(), chain: joined.link.chain });
                joined = *stretch;
                continue;
            }
            groups.join(joined.link.chain, stretch.link.chain);
            if compare(&stretch.high, &joined.high).is_gt() {
                joined.high = stretch.high;
            }
        }
        links.push(Link { segment: joined.segment(), chain: joined.link.chain });
    }
    let mut places = BTreeMap::new();
    let mut kept = Vec::new();
    for link in links {
        let group = groups.of(link.chain);
        link.chain = *places.entry(group).or_insert_with(|| {
            kept.push(chains[group as usize]);
            kept.len() as u32 - 1
        });
    }
    *chains = kept;
}

/// Leaves no more surfaces on a stretch of edges than valid ones share. Edges of valid surfaces stay as
/// they are.
pub(super) fn thin_rings(links: &mut Vec<Link>, chains: &[Chain]) {
    let stretches = stretches(links);
    let by_line = || stretches.chunk_by(is_on_line_of);
    if !by_line().any(is_crowded) {
        return;
    }
    links.clear();
    for on_line in by_line() {
        if is_crowded(on_line) {
            thin(on_line, chains, links);
        } else {
            links.extend(on_line.iter().map(|stretch| stretch.link));
        }
    }
}

/// Whether more stretches of one line lie over one another than surfaces share.
fn is_crowded(on_line: &[Stretch]) -> bool {
    // The greatest ends of those before.
    let mut reached: [Option<Position>; SHARED_BY] = [None; SHARED_BY];
    for stretch in on_line {
        let least = reached.iter_mut().min_by(|a, b| order(a.as_ref(), b.as_ref()));
        let Some(least) = least else { return true };
        if least.is_some_and(|end| compare(&end, &stretch.low).is_gt()) {
            return true;
        }
        *least = Some(stretch.high);
    }
    false
}

fn order(a: Option<&Position>, b: Option<&Position>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => compare(a, b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// Cuts the stretches of one line where one of them ends, and keeps of each piece the edges of two
/// surfaces that have it an odd number of times.
fn thin(on_line: &[Stretch], chains: &[Chain], links: &mut Vec<Link>) {
    let mut ends: Vec<(Position, u32)> = on_line
        .iter()
        .flat_map(|stretch| [stretch.low, stretch.high].map(|end| (end, stretch.link.chain)))
        .collect();
    ends.sort_unstable_by(|a, b| compare(&a.0, &b.0));
    // By surface, the ring of an edge of it.
    let mut open: BTreeMap<u32, u32> = BTreeMap::new();
    let mut before: Option<Position> = None;
    for same in ends.chunk_by(|a, b| a.0 == b.0) {
        let here = same[0].0;
        if let Some(before) = before {
            let segment = Segment { from: before, to: here };
            let shared = open.values().take(SHARED_BY);
            links.extend(shared.map(|chain| Link { segment, chain: *chain }));
        }
        for (_, chain) in same {
            let surface = chains[*chain as usize].surface;
            if open.remove(&surface).is_none() {
                open.insert(surface, *chain);
            }
        }
        before = Some(here);
    }
}

/// Which chains have become one.
struct Groups(Vec<u32>);

impl Groups {
    fn of(&mut self, chain: u32) -> u32 {
        let mut at = chain;
        while self.0[at as usize] != at {
            let next = self.0[at as usize];
            self.0[at as usize] = self.0[next as usize];
            at = next;
        }
        at
    }

    fn join(&mut self, first: u32, second: u32) {
        let (first, second) = (self.of(first), self.of(second));
        self.0[first.max(second) as usize] = first.min(second);
    }
}
