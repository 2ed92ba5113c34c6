//! Which rows of a leaf lie so to a figure.

use terrier_model::{Clause, Operand};
use terrier_spatial::{Bounds, Figure, Geometry, Meeting, Shape, SpatialRelation, Window};

use super::super::leaf::Leaf;
use super::rows::Rows;

/// What is asked of the place of an asset beside a figure.
#[derive(Debug)]
pub(super) struct Place<'q> {
    figure: &'q Figure,
    asked: Asked,
    /// Boxes outside of which no shape is that stands so.
    windows: Vec<Window>,
    /// The figure, where it is a box.
    rectangle: Option<Window>,
    /// About how many rows of a column can be looked at in the time that one shape takes.
    pub(super) cost: u64,
}

#[derive(Clone, Copy, Debug)]
enum Asked {
    Relation(SpatialRelation),
    WithinM(f64),
}

impl<'q> Place<'q> {
    /// What a clause asks, and whether the opposite is meant; `None` when it asks for no place.
    pub(super) fn of(clause: &'q Clause<usize>) -> Option<(Self, bool)> {
        let (asked, operand) = match clause {
            Clause::Spatial { relation, right, .. } => (Asked::Relation(*relation), right),
            Clause::WithinDistance { right, metres, .. } => (Asked::WithinM(*metres), right),
            _ => return None,
        };
        let Operand::Figure(figure) = operand else { return None };
        let (asked, is_opposite) = match asked {
            // What is disjoint is anywhere, what meets is near.
            Asked::Relation(SpatialRelation::Disjoint) => {
                (Asked::Relation(SpatialRelation::Intersects), true)
            }
            asked => (asked, false),
        };
        let metres = match asked {
            Asked::WithinM(metres) => metres,
            Asked::Relation(_) => 0.0,
        };
        let windows = figure.windows().map(|bounds| grown(bounds, metres)).collect();
        let rectangle = match figure.geometry() {
            Geometry::Box([west, south, east, north]) => {
                Window::try_new(*west, *south, *east, *north).ok()
            }
            _ => None,
        };
        // A shape is searched for in the figure by halves.
        let cost = 16 * (2 + u64::from(figure.geometry().vertices().max(1).ilog2()));
        Some((Self { figure, asked, windows, rectangle, cost }, is_opposite))
    }

    /// The smallest box around all that stands so; `None` when nothing does.
    pub(super) fn region(&self) -> Option<Bounds> {
        self.windows.iter().flat_map(Window::boxes).copied().reduce(Bounds::union)
    }

    /// Whether all assets of a leaf stand so, or none does, where its box tells.
    pub(super) fn decided(&self, leaf: &Leaf) -> Option<bool> {
        let bounds = leaf.bounds();
        if !self.windows.iter().any(|window| window.meets(&bounds)) {
            return Some(false);
        }
        let rectangle = self.rectangle.as_ref()?;
        match self.asked {
            Asked::Relation(SpatialRelation::Intersects) | Asked::WithinM(_) => {
                rectangle.contains(&bounds).then_some(true)
            }
            Asked::Relation(SpatialRelation::Within) => {
                let is_inside = |outer: &Bounds| {
                    outer.west < bounds.west
                        && bounds.east < outer.east
                        && outer.south < bounds.south
                        && bounds.north < outer.north
                };
                rectangle.boxes().any(is_inside).then_some(true)
            }
            Asked::Relation(_) => None,
        }
    }

    /// The rows, among those that are asked about, that stand so.
    pub(super) fn rows(&self, leaf: &Leaf, among: &Rows) -> Rows {
        let meets_window = matches!(self.asked, Asked::Relation(SpatialRelation::Intersects));
        if let Some(window) = self.rectangle.as_ref().filter(|_| meets_window) {
            let [mut near, unsure] = leaf.rows_near(window);
            near.keep(among);
            return leaf.without_missed(near, unsure, window);
        }
        let mut near = Rows::none();
        for window in &self.windows {
            leaf.tree().search(window, |run, _: Meeting| near.insert(run));
        }
        near.keep(among);
        near.retain(|row| self.holds(&leaf.shape(row)));
        near
    }

    fn holds(&self, shape: &Shape) -> bool {
        match self.asked {
            Asked::Relation(relation) => self.figure.holds(relation, shape),
            Asked::WithinM(metres) => self.figure.is_within_m(shape, metres),
        }
    }
}

/// A box that holds everything within so many metres of another.
fn grown(bounds: &Bounds, metres: f64) -> Window {
    // The shortest degree along a meridian has 110 574 m, and the earth is nowhere rounder than a
    // ball of 6 335 km.
    const DEGREE_M: f64 = 110_000.0;
    const RADIUS_M: f64 = 6_300_000.0;
    let window = |west, south, east, north| {
        Window::try_new(west, south, east, north).expect("the edges are finite and in order")
    };
    if metres <= 0.0 {
        return window(bounds.west, bounds.south, bounds.east, bounds.north);
    }
    let world = [-180.0, -90.0, 180.0, 90.0];
    let degrees = metres / DEGREE_M;
    if degrees.is_nan() || degrees >= 80.0 {
        return window(world[0], world[1], world[2], world[3]);
    }
    let (south, north) = (bounds.south - degrees, bounds.north + degrees);
    let farthest = south.abs().max(north.abs());
    // A circle around a position reaches farthest in longitude where a meridian touches it.
    let sine = (metres / RADIUS_M).sin() / farthest.min(90.0).to_radians().cos();
    if farthest >= 90.0 || sine >= 1.0 {
        return window(world[0], south.max(-90.0), world[2], north.min(90.0));
    }
    let across = sine.asin().to_degrees();
    let (west, east) = (bounds.west - across, bounds.east + across);
    if east - west >= 360.0 {
        return window(world[0], south, world[2], north);
    }
    let turned = |degrees: f64| match degrees {
        _ if degrees < -180.0 => degrees + 360.0,
        _ if degrees > 180.0 => degrees - 360.0,
        _ => degrees,
    };
    window(turned(west), south, turned(east), north)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_grown_by_as_many_degrees_as_the_metres_may_be() {
        let check = |bounds: [f64; 4], metres, expected: [f64; 4]| {
            let [west, south, east, north] = bounds;
            let found = grown(&Bounds { west, south, east, north }, metres).edges();
            let is_near = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 0.01);
            assert!(is_near, "{bounds:?} {metres}: {found:?}");
        };
        check([117.0, 39.0, 117.1, 39.1], 0.0, [117.0, 39.0, 117.1, 39.1]);
        check([117.0, 39.0, 117.1, 39.1], 11_000.0, [116.87, 38.9, 117.23, 39.2]);
        check([179.95, 0.0, 180.0, 0.0], 11_000.0, [179.85, -0.1, -179.9, 0.1]);
        check([-180.0, 0.0, -179.95, 0.0], 11_000.0, [179.9, -0.1, -179.85, 0.1]);
        check([0.0, 89.0, 0.0, 89.0], 220_000.0, [-180.0, 87.0, 180.0, 90.0]);
        check([0.0, 0.0, 0.0, 0.0], 1e9, [-180.0, -90.0, 180.0, 90.0]);
        check([0.0, 0.0, 0.0, 0.0], f64::INFINITY, [-180.0, -90.0, 180.0, 90.0]);
        check([-179.0, 0.0, 179.0, 0.0], 330_000.0, [-180.0, -3.0, 180.0, 3.0]);
    }
}
