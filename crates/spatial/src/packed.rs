//! Many shapes of one kind in a few flat buffers, each found by its row.

use std::ops::Range;
use std::sync::Arc;

use crate::touch::Region;
use crate::{Bounds, GeometryKind, Position, Shape, Window};

/// Shapes of one kind, packed; rows are numbered from 0 in the order in which they came.
#[derive(Clone, Debug)]
pub struct PackedShapes {
    kind: GeometryKind,
    positions: Vec<Position>,
    /// Where the parts of each level end in the level below, the last level's in `positions`: none
    /// for points, rows for lines, rows and lines for several lines, rows, surfaces and rings for
    /// surfaces.
    levels: Vec<Vec<u32>>,
}

impl PackedShapes {
    /// No shapes yet.
    pub fn new(kind: GeometryKind) -> Self {
        let depth = match kind {
            GeometryKind::Point => 0,
            GeometryKind::Line => 1,
            GeometryKind::MultiLine => 2,
            GeometryKind::MultiPolygon => 3,
        };
        Self { kind, positions: Vec::new(), levels: vec![Vec::new(); depth] }
    }

    /// Adds a shape, which must be of the kind of all.
    pub fn push(&mut self, shape: &Shape) {
        assert_eq!(shape.kind(), self.kind, "all shapes of a pack are of one kind");
        match shape {
            Shape::Point(position) => self.positions.push(*position),
            Shape::Line(line) => self.push_line(0, line),
            Shape::MultiLine(lines) => {
                lines.iter().for_each(|line| self.push_line(1, line));
                self.close(0);
            }
            Shape::MultiPolygon(polygons) => {
                for rings in polygons.iter() {
                    rings.iter().for_each(|ring| self.push_line(2, ring));
                    self.close(1);
                }
                self.close(0);
            }
        }
    }

    /// Adds a shape of another pack of the same kind.
    pub fn push_from(&mut self, other: &Self, row: usize) {
        self.copy_level(other, 0, row..row + 1);
    }

    fn copy_level(&mut self, other: &Self, level: usize, items: Range<usize>) {
        if level == self.levels.len() {
            self.positions.extend_from_slice(&other.positions[items]);
            return;
        }
        for item in items {
            self.copy_level(other, level + 1, other.parts(level, item));
            self.close(level);
        }
    }

    fn push_line(&mut self, level: usize, line: &[Position]) {
        self.positions.extend_from_slice(line);
        self.close(level);
    }

    /// Ends the open item of a level at what the level below holds by now.
    fn close(&mut self, level: usize) {
        let end = self.levels.get(level + 1).map_or(self.positions.len(), Vec::len);
        self.levels[level]
            .push(u32::try_from(end).expect("a pack holds fewer than 2^32 positions"));
    }

    fn parts(&self, level: usize, item: usize) -> Range<usize> {
        let ends = &self.levels[level];
        let start = if item == 0 { 0 } else { ends[item - 1] as usize };
        start..ends[item] as usize
    }

    fn line(&self, level: usize, item: usize) -> &[Position] {
        &self.positions[self.parts(level, item)]
    }

    /// How many shapes there are.
    pub fn len(&self) -> usize {
        self.levels.first().map_or(self.positions.len(), Vec::len)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The shape of a row, taken out of the pack.
    pub fn get(&self, row: usize) -> Shape {
        match self.kind {
            GeometryKind::Point => Shape::Point(self.positions[row]),
            GeometryKind::Line => Shape::Line(self.line(0, row).into()),
            GeometryKind::MultiLine => {
                Shape::MultiLine(self.parts(0, row).map(|line| self.line(1, line).into()).collect())
            }
            GeometryKind::MultiPolygon => {
                let rings = |surface: usize| -> Arc<[Arc<[Position]>]> {
                    self.parts(1, surface).map(|ring| self.line(2, ring).into()).collect()
                };
                Shape::MultiPolygon(self.parts(0, row).map(rings).collect())
            }
        }
    }

    /// Whether the shape of a row is in one piece.
    pub fn is_one_piece(&self, row: usize) -> bool {
        match self.kind {
            GeometryKind::Point | GeometryKind::Line => true,
            GeometryKind::MultiLine | GeometryKind::MultiPolygon => self.parts(0, row).len() == 1,
        }
    }

    /// The smallest box around the shape of a row.
    pub fn bounds(&self, row: usize) -> Bounds {
        let (mut start, mut end) = (row, row + 1);
        for level in 0..self.levels.len() {
            start = self.parts(level, start).start;
            end = self.parts(level, end - 1).end;
        }
        Bounds::around(self.positions[start..end].iter().copied())
            .expect("a valid shape has a position")
    }

    /// Whether any position of the row's shape lies in the window; see [`crate::touches`].
    pub fn touches(&self, row: usize, window: &Window) -> bool {
        match window.plane() {
            Some(plane) => self.touches_region(row, plane),
            None => window.boxes().any(|bounds| self.touches_region(row, bounds)),
        }
    }

    fn touches_region(&self, row: usize, region: &impl Region) -> bool {
        match self.kind {
            GeometryKind::Point => region.holds(self.positions[row]),
            GeometryKind::Line => region.line_touches(self.line(0, row)),
            GeometryKind::MultiLine => {
                self.parts(0, row).any(|line| region.line_touches(self.line(1, line)))
            }
            GeometryKind::MultiPolygon => self.parts(0, row).any(|surface| {
                region.surface_touches(self.parts(1, surface).map(|ring| self.line(2, ring)))
            }),
        }
    }

    /// Gives back memory that no shape uses.
    pub fn shrink(&mut self) {
        self.positions.shrink_to_fit();
        self.levels.iter_mut().for_each(Vec::shrink_to_fit);
    }

    /// Bytes held in memory.
    pub fn heap_bytes(&self) -> usize {
        let ends: usize = self.levels.iter().map(|level| level.capacity() * size_of::<u32>()).sum();
        self.positions.capacity() * size_of::<Position>() + ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Sketch, touches};

    fn shapes(kind: GeometryKind) -> Vec<Shape> {
        let square = |a: f64, b: f64| vec![[a, a], [b, a], [b, b], [a, b], [a, a]];
        let hole = |a: f64, b: f64| vec![[a, a], [a, b], [b, b], [b, a], [a, a]];
        let line = |a: f64| vec![[a, a], [a + 1.0, a + 3.0], [a, a + 9.0]];
        let sketches = match kind {
            GeometryKind::Point => vec![Sketch::Point([1.0, 2.0]), Sketch::Point([-3.0, 4.0])],
            GeometryKind::Line => vec![Sketch::Line(line(0.0)), Sketch::Line(line(20.0))],
            GeometryKind::MultiLine => vec![
                Sketch::MultiLine(vec![line(0.0), line(5.0)]),
                Sketch::MultiLine(vec![line(30.0)]),
                Sketch::MultiLine(vec![line(9.0), line(50.0), line(10.0)]),
            ],
            GeometryKind::MultiPolygon => vec![
                Sketch::MultiPolygon(vec![
                    vec![square(0.0, 10.0), hole(4.0, 6.0)],
                    vec![square(20.0, 21.0)],
                ]),
                Sketch::Polygon(vec![square(30.0, 40.0)]),
            ],
        };
        sketches.iter().map(|sketch| sketch.check(kind).expect("a valid shape")).collect()
    }

    #[test]
    fn a_pack_answers_as_its_shapes_do() {
        for kind in [
            GeometryKind::Point,
            GeometryKind::Line,
            GeometryKind::MultiLine,
            GeometryKind::MultiPolygon,
        ] {
            let shapes = shapes(kind);
            let mut first = PackedShapes::new(kind);
            shapes.iter().for_each(|shape| first.push(shape));
            let mut copy = PackedShapes::new(kind);
            (0..first.len()).rev().for_each(|row| copy.push_from(&first, row));
            assert_eq!(copy.len(), shapes.len());
            for (row, shape) in shapes.iter().rev().enumerate() {
                assert_eq!(&copy.get(row), shape);
                assert_eq!(copy.bounds(row), shape.bounds());
                for west in -5..60 {
                    for south in -5..60 {
                        let (west, south) = (f64::from(west), f64::from(south));
                        let window = Window::try_new(west, south, west + 0.5, south + 0.5);
                        let window = window.expect("a window");
                        let expected = touches(shape, &window);
                        assert_eq!(copy.touches(row, &window), expected, "{shape:?} {window:?}");
                    }
                }
            }
        }
    }
}
