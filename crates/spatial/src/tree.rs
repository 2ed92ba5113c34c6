//! A packed search tree over the boxes of items that already lie in a good order.
//!
//! The order of the items is kept: a search reports runs of neighbours from first to last, so an
//! answer needs no sorting. The tree cannot be changed; it is made anew, in linear time.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::ops::Range;

use crate::figure::least_from;
use crate::{Bounds, Position, Window};

const FAN_OUT: usize = 16;

/// How an item lies to a window, as far as its box tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Meeting {
    /// All of it lies in the window.
    Inside,
    /// Its box lies between two opposite edges of the window and reaches into it: whatever is in one
    /// piece meets the window.
    Across,
    /// Its box meets the window, but for some metres; the item may not.
    Perhaps,
}

/// Boxes in levels: the items first, then one box for each sixteen of the level below.
#[derive(Clone, Debug, Default)]
pub struct BoxTree {
    boxes: Vec<Rough>,
    /// Where each level starts in `boxes`; the first is 0.
    starts: Vec<usize>,
    len: usize,
}

/// A box in half the bytes, each edge rounded outward.
#[derive(Clone, Copy, Debug)]
struct Rough {
    west: f32,
    south: f32,
    east: f32,
    north: f32,
}

/// The nearest half-size number that is not greater.
fn down(number: f64) -> f32 {
    let near = number as f32;
    if f64::from(near) > number { near.next_down() } else { near }
}

/// The nearest half-size number that is not less.
fn up(number: f64) -> f32 {
    let near = number as f32;
    if f64::from(near) < number { near.next_up() } else { near }
}

impl Rough {
    fn around(bounds: &Bounds) -> Self {
        Self {
            west: down(bounds.west),
            south: down(bounds.south),
            east: up(bounds.east),
            north: up(bounds.north),
        }
    }

    /// The same with each edge rounded inward, so that it may hold nothing.
    fn within(bounds: &Bounds) -> Self {
        Self {
            west: up(bounds.west),
            south: up(bounds.south),
            east: down(bounds.east),
            north: down(bounds.north),
        }
    }

    fn meets(&self, other: &Self) -> bool {
        // Without jumps: of the boxes of a level most do not meet, each for another reason.
        let within = |low: f32, high: f32| u8::from(low <= high);
        let axes = within(self.west, other.east)
            & within(other.west, self.east)
            & within(self.south, other.north)
            & within(other.south, self.north);
        axes == 1
    }

    fn contains(&self, other: &Self) -> bool {
        self.west <= other.west
            && other.east <= self.east
            && self.south <= other.south
            && other.north <= self.north
    }

    /// Whether the exact box within `other` lies between two opposite edges of this one and reaches
    /// into it. Its edges are less than a step of half-size numbers inside the rough ones.
    fn is_crossed_by(&self, other: &Self) -> bool {
        let between_sides = self.west <= other.west && other.east <= self.east;
        let between_ends = self.south <= other.south && other.north <= self.north;
        (between_sides
            && other.south.next_up() <= self.north
            && self.south <= other.north.next_down())
            || (between_ends
                && other.west.next_up() <= self.east
                && self.west <= other.east.next_down())
    }

    fn union(self, other: Self) -> Self {
        Self {
            west: self.west.min(other.west),
            south: self.south.min(other.south),
            east: self.east.max(other.east),
            north: self.north.max(other.north),
        }
    }

    fn exact(self) -> Bounds {
        Bounds {
            west: f64::from(self.west),
            south: f64::from(self.south),
            east: f64::from(self.east),
            north: f64::from(self.north),
        }
    }
}

impl BoxTree {
    /// A tree over the boxes, whose positions in the iterator are the items' numbers.
    pub fn build(items: impl IntoIterator<Item = Bounds>) -> Self {
        let mut boxes: Vec<Rough> = items.into_iter().map(|item| Rough::around(&item)).collect();
        let len = boxes.len();
        let mut starts = vec![0];
        let mut start = 0;
        while boxes.len() - start > 1 {
            let end = boxes.len();
            starts.push(end);
            for group in (start..end).step_by(FAN_OUT) {
                let members = &boxes[group..end.min(group + FAN_OUT)];
                let around = members.iter().copied().reduce(Rough::union);
                boxes.push(around.expect("a group has a member"));
            }
            start = end;
        }
        boxes.shrink_to_fit();
        Self { boxes, starts, len }
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The box around all items, at most a few metres too wide; `None` when there are none.
    pub fn bounds(&self) -> Option<Bounds> {
        self.boxes.last().map(|root| root.exact())
    }

    /// Bytes held in memory.
    pub fn heap_bytes(&self) -> usize {
        self.boxes.capacity() * size_of::<Rough>() + self.starts.capacity() * size_of::<usize>()
    }

    /// The items, each with a bound in metres that its distance from the position along the ground does
    /// not fall short of, by rising bounds. Costs as many looks at boxes as items are taken, and some
    /// dozens more.
    pub fn by_distance(&self, position: Position) -> ByDistance<'_> {
        let mut search = ByDistance { tree: self, from: position, next: BinaryHeap::new() };
        if !self.is_empty() {
            search.push(self.starts.len() - 1, 0);
        }
        search
    }

    /// Reports the items whose boxes meet the window, in order: as runs where they lie inside,
    /// otherwise one by one.
    pub fn search(&self, window: &Window, mut visit: impl FnMut(Range<usize>, Meeting)) {
        let window = RoughWindow::of(window);
        if let Some(root) = self.boxes.last().filter(|root| window.meets(root)) {
            self.descend(self.starts.len() - 1, 0, root, &window, &mut visit);
        }
    }

    /// Looks into a box that meets the window.
    fn descend(
        &self,
        level: usize,
        index: usize,
        bounds: &Rough,
        window: &RoughWindow,
        visit: &mut impl FnMut(Range<usize>, Meeting),
    ) {
        if window.contains(bounds) {
            let width = FAN_OUT.pow(level as u32);
            let first = index * width;
            visit(first..self.len.min(first + width), Meeting::Inside);
            return;
        }
        if level == 0 {
            let across = window.is_crossed_by(bounds);
            visit(index..index + 1, if across { Meeting::Across } else { Meeting::Perhaps });
            return;
        }
        let (start, end) = (self.starts[level - 1], self.starts[level]);
        let first = index * FAN_OUT;
        let children = &self.boxes[start + first..end.min(start + first + FAN_OUT)];
        for (place, child) in children.iter().enumerate() {
            if window.meets(child) {
                self.descend(level - 1, first + place, child, window, visit);
            }
        }
    }
}

/// The items of a tree from the nearest on; see [`BoxTree::by_distance`].
#[derive(Debug)]
pub struct ByDistance<'a> {
    tree: &'a BoxTree,
    from: Position,
    next: BinaryHeap<Waiting>,
}

/// A box that is still to be looked into. The nearest is the greatest; of equally near ones the first.
#[derive(Debug, PartialEq)]
struct Waiting {
    metres: f64,
    level: usize,
    index: usize,
}

impl Eq for Waiting {}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = other.metres.total_cmp(&self.metres);
        order.then_with(|| (other.level, other.index).cmp(&(self.level, self.index)))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl ByDistance<'_> {
    fn push(&mut self, level: usize, index: usize) {
        let bounds = self.tree.boxes[self.tree.starts[level] + index].exact();
        let metres = least_from(self.from, &bounds);
        self.next.push(Waiting { metres, level, index });
    }
}

impl Iterator for ByDistance<'_> {
    type Item = (usize, f64);

    fn next(&mut self) -> Option<(usize, f64)> {
        loop {
            let Waiting { metres, level, index } = self.next.pop()?;
            if level == 0 {
                return Some((index, metres));
            }
            let count = self.tree.starts[level] - self.tree.starts[level - 1];
            let first = index * FAN_OUT;
            for child in first..count.min(first + FAN_OUT) {
                self.push(level - 1, child);
            }
        }
    }
}

/// A window in half the bytes: rounded outward to ask what meets it, inward to ask what it holds.
struct RoughWindow {
    first: (Rough, Rough),
    second: Option<(Rough, Rough)>,
}

impl RoughWindow {
    fn of(window: &Window) -> Self {
        let inner = window.inner_boxes();
        let mut parts = window
            .boxes()
            .zip(inner)
            .map(|(part, inner)| (Rough::around(part), Rough::within(&inner)));
        Self { first: parts.next().expect("a window has a box"), second: parts.next() }
    }

    fn meets(&self, bounds: &Rough) -> bool {
        self.first.0.meets(bounds) || self.second.as_ref().is_some_and(|(o, _)| o.meets(bounds))
    }

    fn contains(&self, bounds: &Rough) -> bool {
        self.first.1.contains(bounds)
            || self.second.as_ref().is_some_and(|(_, inner)| inner.contains(bounds))
    }

    fn is_crossed_by(&self, bounds: &Rough) -> bool {
        self.first.1.is_crossed_by(bounds)
            || self.second.as_ref().is_some_and(|(_, inner)| inner.is_crossed_by(bounds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A plain generator, so that the test needs no crate: Numerical Recipes' constants.
    fn numbers(seed: u32) -> impl Iterator<Item = f64> {
        std::iter::successors(Some(seed), |n| {
            Some(n.wrapping_mul(1_664_525).wrapping_add(1_013_904_223))
        })
        .map(|n| f64::from(n >> 8) / f64::from(1 << 24))
    }

    #[test]
    fn a_search_finds_what_a_look_at_every_box_finds_in_order() {
        for count in [0, 1, 15, 16, 17, 256, 257, 5_000] {
            let mut random = numbers(count);
            let mut next = || random.next().expect("numbers do not end");
            let items: Vec<Bounds> = (0..count)
                .map(|_| {
                    let (west, south) = (117.0 + next(), 39.0 + next());
                    let (east, north) = (west + next() / 100.0, south + next() / 100.0);
                    Bounds { west, south, east, north }
                })
                .collect();
            let tree = BoxTree::build(items.iter().copied());
            for _ in 0..50 {
                let (west, south, size) = (117.0 + next(), 39.0 + next(), next() / 3.0);
                let window = Window::try_new(west, south, west + size, south + size);
                let window = window.expect("a window");
                let mut found = Vec::new();
                tree.search(&window, |run, meeting| {
                    for item in run {
                        match meeting {
                            Meeting::Inside => assert!(window.contains(&items[item])),
                            Meeting::Across => assert!(window.meets(&items[item])),
                            Meeting::Perhaps => {}
                        }
                        if window.meets(&items[item]) {
                            found.push(item);
                        }
                    }
                });
                let plain: Vec<usize> =
                    (0..items.len()).filter(|item| window.meets(&items[*item])).collect();
                assert_eq!(found, plain, "{count} boxes, {window:?}");
            }
        }
    }

    #[test]
    fn items_come_from_the_nearest_on_with_bounds_that_hold() {
        for count in [0, 1, 16, 17, 300] {
            let mut random = numbers(count + 1);
            let mut next = || random.next().expect("numbers do not end");
            let positions: Vec<Position> =
                (0..count).map(|_| [360.0 * next() - 180.0, 180.0 * next() - 90.0]).collect();
            let tree = BoxTree::build(positions.iter().copied().map(Bounds::at));
            let from = [179.9, 10.0];
            let found: Vec<(usize, f64)> = tree.by_distance(from).collect();
            assert!(found.windows(2).all(|pair| pair[0].1 <= pair[1].1), "{count}");
            let mut items: Vec<usize> = found.iter().map(|(item, _)| *item).collect();
            items.sort_unstable();
            assert_eq!(items, (0..count as usize).collect::<Vec<_>>());
            let figure = crate::Figure::of(&crate::Shape::Point(from));
            for (item, bound) in found {
                let metres = figure.distance_m(&crate::Shape::Point(positions[item]));
                assert!(bound <= metres + 1e-6, "{:?}: {bound} {metres}", positions[item]);
            }
        }
    }

    #[test]
    fn the_whole_world_is_one_run() {
        let tree = BoxTree::build((0..1000).map(|i| Bounds::at([f64::from(i) / 10.0, 0.0])));
        let mut runs = Vec::new();
        let world = Window::try_new(-180.0, -90.0, 180.0, 90.0).expect("the world");
        tree.search(&world, |run, meeting| runs.push((run, meeting)));
        assert_eq!(runs, [(0..1000, Meeting::Inside)]);
    }
}
