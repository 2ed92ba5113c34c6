//! How much work relations are: the steps that they take are counted, and grow as the geometries do.

use crate::exact::SIDES;
use crate::{Figure, GeometryKind, Position, Shape, Sketch, SpatialRelation};

/// A line that runs to and fro on the diagonal, and turns at another place each time.
fn to_and_fro(count: usize) -> Vec<Position> {
    let share = |nth: usize| 0.3 * nth as f64 / count as f64;
    let place = |nth| if nth % 2 == 0 { share(nth) } else { 1.0 - share(nth) };
    (0..count).map(|nth| [place(nth) + 1e-9; 2]).collect()
}

/// A line that comes to a place on the diagonal from other places on it, and leaves to the east between.
fn fan(count: usize) -> Vec<Position> {
    let share = |nth: usize| 0.3 * nth as f64 / count as f64;
    let position = |nth| match nth % 4 {
        0 => [share(nth); 2],
        2 => [2.0 + share(nth), 1.0],
        _ => [1.0; 2],
    };
    (0..count).map(position).collect()
}

fn line(positions: Vec<Position>) -> Shape {
    Sketch::Line(positions).check(GeometryKind::Line).expect("a line")
}

/// A surface whose edge runs along a line, and comes back far from it.
fn surface(mut ring: Vec<Position>) -> Shape {
    ring.extend([[-1.0, 5.0], ring[0]]);
    Sketch::Polygon(vec![ring]).check(GeometryKind::MultiPolygon).expect("a surface")
}

fn triangle() -> Shape {
    surface(vec![[0.0, 0.0], [2.0, 2.0]])
}

/// A hundred surfaces and more that have one edge in common.
fn pile(count: usize) -> Shape {
    let surface = |nth: usize| {
        let end = 1.0 + nth as f64 / 1e6;
        vec![vec![[0.0, 0.0], [end, end], [-1.0, 4.0 + end], [0.0, 0.0]]]
    };
    let surfaces = Sketch::MultiPolygon((0..count / 4).map(surface).collect());
    surfaces.check(GeometryKind::MultiPolygon).expect("surfaces")
}

fn steps(shape: &Shape, figure: &Figure, relation: SpatialRelation) -> u64 {
    let before = SIDES.get();
    figure.holds(relation, shape);
    SIDES.get() - before
}

/// Checks that twice the positions take about twice the steps.
fn check(make: fn(usize) -> (Shape, Shape)) {
    for relation in SpatialRelation::ALL {
        let steps = |count| {
            let (shape, figure) = make(count);
            steps(&shape, &Figure::of(&figure), relation)
        };
        let (half, whole) = (steps(1_000), steps(2_000));
        // Sorting takes a little more than twice the steps.
        assert!(whole <= half * 5 / 2 + 100, "{relation:?}: {half} steps, then {whole}");
    }
}

#[test]
fn lines_that_run_to_and_fro_are_compared_with_others_once_a_stretch() {
    check(|count| (line(to_and_fro(count)), line(to_and_fro(count / 2))));
    check(|count| (line(fan(count)), line(fan(count / 2))));
}

#[test]
fn lines_that_run_to_and_fro_on_an_edge_are_followed_once() {
    check(|count| (line(to_and_fro(count)), triangle()));
    check(|count| (line(fan(count)), triangle()));
}

#[test]
fn edges_that_run_to_and_fro_are_compared_with_others_once_a_stretch() {
    check(|count| (surface(to_and_fro(count)), surface(to_and_fro(count / 2))));
    check(|count| (surface(fan(count)), surface(fan(count / 2))));
    check(|count| (line(to_and_fro(count)), surface(fan(count / 2))));
}

#[test]
fn surfaces_that_lie_in_a_pile_on_one_edge_are_looked_at_once_a_stretch() {
    check(|count| (pile(count), triangle()));
}
