//! A small drawing of where assets are, as SVG paths.

use std::fmt::Write;

use terrier_spatial::{Bounds, Position, Shape};

/// Width of the drawing in its own units.
pub(crate) const WIDTH: f64 = 720.0;

/// The greatest height of the drawing.
const HEIGHT_MAX: f64 = 480.0;

/// Space around the assets.
const MARGIN: f64 = 8.0;

/// The most positions that are drawn of one line.
const POSITIONS_MAX: usize = 24;

/// From degrees to the units of a drawing: a plane that touches the globe in the middle of the box.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    west: f64,
    north: f64,
    scale: f64,
    squeeze: f64,
    pub(crate) height: f64,
}

impl Frame {
    /// The frame around a box.
    pub(crate) fn around(bounds: &Bounds) -> Self {
        let squeeze = bounds.centre()[1].to_radians().cos().max(0.01);
        // A box without width or height is given some, about ten metres.
        let width = ((bounds.east - bounds.west) * squeeze).max(1e-4);
        let height = (bounds.north - bounds.south).max(1e-4);
        let room = (WIDTH - 2.0 * MARGIN, HEIGHT_MAX - 2.0 * MARGIN);
        let scale = (room.0 / width).min(room.1 / height);
        Self {
            west: bounds.west - (room.0 / scale - width) / squeeze / 2.0,
            north: bounds.north,
            scale,
            squeeze,
            height: height * scale + 2.0 * MARGIN,
        }
    }

    fn place(&self, [lon, lat]: Position) -> (f64, f64) {
        (
            MARGIN + (lon - self.west) * self.squeeze * self.scale,
            MARGIN + (self.north - lat) * self.scale,
        )
    }

    /// Adds a shape to the data of an SVG path; a point becomes a stroke without length, which
    /// round caps turn into a dot.
    pub(crate) fn draw(&self, shape: &Shape, path: &mut String) {
        match shape {
            Shape::Point(position) => self.draw_line(&[*position, *position], path),
            Shape::Line(line) => self.draw_line(line, path),
            Shape::MultiLine(lines) => lines.iter().for_each(|line| self.draw_line(line, path)),
            Shape::MultiPolygon(polygons) => {
                polygons
                    .iter()
                    .flat_map(|rings| rings.iter())
                    .for_each(|r| self.draw_line(r, path));
            }
        }
    }

    /// The data of an SVG path for one shape, and the class of its style.
    pub(crate) fn drawn(&self, shape: &Shape) -> (String, &'static str) {
        let mut path = String::new();
        self.draw(shape, &mut path);
        let class = match shape {
            Shape::Point(_) => "dot",
            Shape::Line(_) | Shape::MultiLine(_) => "line",
            Shape::MultiPolygon(_) => "face",
        };
        (path, class)
    }

    /// The same for shapes one after another, until so many bytes are used up.
    pub(crate) fn drawn_within(
        &self,
        shapes: impl Iterator<Item = Shape>,
        most_bytes: usize,
    ) -> Vec<(String, &'static str)> {
        let mut bytes = 0;
        let drawn = shapes.map(|shape| self.drawn(&shape));
        drawn
            .take_while(|(path, _)| {
                bytes += path.len();
                bytes <= most_bytes
            })
            .collect()
    }

    fn draw_line(&self, line: &[Position], path: &mut String) {
        let step = line.len().div_ceil(POSITIONS_MAX);
        let last = line.len() - 1;
        let drawn = (0..last).step_by(step).chain([last]);
        for (at, position) in drawn.enumerate() {
            let (x, y) = self.place(line[position]);
            let verb = if at == 0 { 'M' } else { 'L' };
            write!(path, "{verb}{x:.1} {y:.1}").expect("a string takes whatever is written");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_drawn_as_far_as_the_bytes_reach() {
        let shapes = || (0..4).map(|at| Shape::Point([117.2, 39.1 + f64::from(at) / 100.0]));
        let bounds = shapes().map(|shape| shape.bounds()).reduce(Bounds::union).expect("some");
        let frame = Frame::around(&bounds);
        let lengths: Vec<usize> = shapes().map(|shape| frame.drawn(&shape).0.len()).collect();
        let bound: usize = lengths[..3].iter().sum();
        for (most, expected) in [(0, 0), (bound - 1, 2), (bound, 3), (bound + 1, 3), (9_999, 4)] {
            assert_eq!(frame.drawn_within(shapes(), most).len(), expected, "{most}");
        }
    }
}
