//! A packed search tree over items that lie in a good order.

use crate::Bounds;

/// Items, and boxes, that lie in one box of the level above.
const FAN_OUT: usize = 8;

/// What lies around items.
pub(super) trait Around: Copy {
    /// What lies around both.
    fn union(self, other: Self) -> Self;
}

impl Around for Bounds {
    fn union(self, other: Self) -> Self {
        self.union(other)
    }
}

/// One box for each eight items, then one for each eight boxes, and so on.
#[derive(Clone, Debug)]
pub(super) struct Levels<B> {
    boxes: Vec<B>,
    /// Where each level starts in `boxes`.
    starts: Vec<usize>,
    /// How many items there are.
    len: usize,
}

impl<B> Default for Levels<B> {
    fn default() -> Self {
        Self { boxes: Vec::new(), starts: Vec::new(), len: 0 }
    }
}

impl<B: Around> Levels<B> {
    /// The tree over items with these boxes, in this order.
    pub(super) fn build(items: impl ExactSizeIterator<Item = B>) -> Self {
        let len = items.len();
        let mut boxes: Vec<B> = Vec::with_capacity(len.div_ceil(FAN_OUT) * 8 / 7 + 1);
        for (place, item) in items.enumerate() {
            match boxes.last_mut() {
                Some(last) if place % FAN_OUT != 0 => *last = last.union(item),
                _ => boxes.push(item),
            }
        }
        let mut starts = vec![0];
        let mut start = 0;
        while boxes.len() - start > 1 {
            let end = boxes.len();
            starts.push(end);
            for group in (start..end).step_by(FAN_OUT) {
                let members = boxes[group..end.min(group + FAN_OUT)].iter().copied();
                let around = members.reduce(B::union);
                boxes.push(around.expect("a group has a member"));
            }
            start = end;
        }
        Self { boxes, starts, len }
    }

    /// The box around all items.
    pub(super) fn all(&self) -> Option<&B> {
        self.boxes.last()
    }

    /// Whether `is_it` says so of an item whose box, and those around it, `may` lets pass; the first
    /// such item ends the search.
    pub(super) fn any(
        &self,
        may: impl Fn(&B) -> bool,
        mut is_it: impl FnMut(usize) -> bool,
    ) -> bool {
        !self.boxes.is_empty() && self.descend(self.starts.len() - 1, 0, &may, &mut is_it)
    }

    fn descend(
        &self,
        level: usize,
        index: usize,
        may: &impl Fn(&B) -> bool,
        is_it: &mut impl FnMut(usize) -> bool,
    ) -> bool {
        if !may(&self.boxes[self.starts[level] + index]) {
            return false;
        }
        let first = index * FAN_OUT;
        if level == 0 {
            return (first..self.len.min(first + FAN_OUT)).any(is_it);
        }
        let count = self.starts[level] - self.starts[level - 1];
        (first..count.min(first + FAN_OUT)).any(|child| self.descend(level - 1, child, may, is_it))
    }

    /// Visits the items whose boxes are not farther than `best` by `distance`, nearer boxes first;
    /// a visit may lower it.
    pub(super) fn approach(
        &self,
        distance: impl Fn(&B) -> f64,
        best: &mut f64,
        mut visit: impl FnMut(usize, &mut f64),
    ) {
        if self.boxes.last().is_some_and(|all| distance(all) <= *best) {
            self.come_near(self.starts.len() - 1, 0, &distance, best, &mut visit);
        }
    }

    fn come_near(
        &self,
        level: usize,
        index: usize,
        distance: &impl Fn(&B) -> f64,
        best: &mut f64,
        visit: &mut impl FnMut(usize, &mut f64),
    ) {
        let first = index * FAN_OUT;
        if level == 0 {
            (first..self.len.min(first + FAN_OUT)).for_each(|item| visit(item, best));
            return;
        }
        let start = self.starts[level - 1];
        let count = self.starts[level] - start;
        let mut children = [(f64::INFINITY, 0); FAN_OUT];
        let children = &mut children[..count.min(first + FAN_OUT) - first];
        for (place, child) in children.iter_mut().enumerate() {
            *child = (distance(&self.boxes[start + first + place]), first + place);
        }
        children.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        for (least, child) in children.iter() {
            if *least <= *best {
                self.come_near(level - 1, *child, distance, best, visit);
            }
        }
    }
}
