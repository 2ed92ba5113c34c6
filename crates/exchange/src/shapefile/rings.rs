//! Puts the rings of a surface together: which is a hole, and of what.

use terrier_spatial::{Position, SketchPart};

/// So many positions of a ring are looked at to tell whether it lies in another. Rings may touch, so
/// one alone does not tell.
const LOOKS: usize = 16;

struct Ring {
    line: SketchPart,
    place: usize,
    /// Twice the area; negative when it goes round clockwise.
    turn: f64,
    least: Position,
    greatest: Position,
}

/// The surfaces of rings, in the order of their outer ones, each with its holes. An outer ring goes
/// round clockwise, and a hole against it belongs to the smallest outer ring around it. A ring that
/// goes the other way with nothing around it can be no hole, so it is an outer one.
pub(super) fn surfaces(rings: Vec<SketchPart>) -> Vec<Vec<SketchPart>> {
    let rings = (0..).zip(rings).map(|(place, line)| Ring::new(place, line));
    let mut rings: Vec<Ring> = rings.collect();
    // What is around a ring comes before it; a stable order keeps that of the file otherwise.
    rings.sort_by(|one, other| other.turn.abs().total_cmp(&one.turn.abs()));
    // Of each outer ring its place in `rings`, and those of its holes.
    let mut surfaces: Vec<(usize, Vec<usize>)> = Vec::new();
    for (at, ring) in rings.iter().enumerate() {
        let is_around = |(outer, _): &&mut (usize, Vec<usize>)| rings[*outer].is_around(ring);
        let around = if ring.turn < 0.0 { None } else { surfaces.iter_mut().rev().find(is_around) };
        match around {
            Some((_, holes)) => holes.push(at),
            None => surfaces.push((at, Vec::new())),
        }
    }
    surfaces.sort_by_key(|(outer, _)| rings[*outer].place);
    let mut lines: Vec<(usize, SketchPart)> =
        rings.into_iter().map(|ring| (ring.place, ring.line)).collect();
    surfaces
        .into_iter()
        .map(|(outer, mut holes)| {
            holes.sort_by_key(|hole| lines[*hole].0);
            let members = std::iter::once(outer).chain(holes);
            members.map(|at| std::mem::take(&mut lines[at].1)).collect()
        })
        .collect()
}

impl Ring {
    fn new(place: usize, line: SketchPart) -> Self {
        let origin = line.first().copied().unwrap_or_default();
        let from = |[x, y]: Position| [x - origin[0], y - origin[1]];
        // Away from the origin of the plane, the products would lose what the area is made of.
        let turn = line.windows(2).map(|pair| {
            let ([x, y], [to_x, to_y]) = (from(pair[0]), from(pair[1]));
            x * to_y - to_x * y
        });
        let turn = turn.sum();
        let (mut least, mut greatest) = (origin, origin);
        for position in &line {
            for axis in 0..2 {
                least[axis] = least[axis].min(position[axis]);
                greatest[axis] = greatest[axis].max(position[axis]);
            }
        }
        Self { line, place, turn, least, greatest }
    }

    fn is_around(&self, inner: &Self) -> bool {
        let has_room = (0..2).all(|axis| {
            self.least[axis] <= inner.least[axis] && inner.greatest[axis] <= self.greatest[axis]
        });
        if !has_room {
            return false;
        }
        let step = inner.line.len().div_ceil(LOOKS).max(1);
        let looks = inner.line.iter().step_by(step).map(|position| self.side(*position));
        // Beside those that touch, or seem to lie without for the last digit, most lie within.
        looks.sum::<i32>() >= 0
    }

    /// 1 within, -1 without, 0 on the ring.
    fn side(&self, [x, y]: Position) -> i32 {
        let mut is_within = false;
        for pair in self.line.windows(2) {
            let ([x1, y1], [x2, y2]) = (pair[0], pair[1]);
            let cross = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1);
            let is_beside =
                x >= x1.min(x2) && x <= x1.max(x2) && y >= y1.min(y2) && y <= y1.max(y2);
            if cross == 0.0 && is_beside {
                return 0;
            }
            if (y1 > y) != (y2 > y) && (cross > 0.0) == (y2 > y1) {
                is_within = !is_within;
            }
        }
        if is_within { 1 } else { -1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square around a middle, clockwise as an outer ring is.
    fn outer(x: f64, y: f64, half: f64) -> SketchPart {
        vec![
            [x - half, y - half],
            [x - half, y + half],
            [x + half, y + half],
            [x + half, y - half],
            [x - half, y - half],
        ]
    }

    fn hole(x: f64, y: f64, half: f64) -> SketchPart {
        outer(x, y, half).into_iter().rev().collect()
    }

    /// Which rings, by their places, make each surface.
    fn check(rings: &[SketchPart], expected: &[&[usize]]) {
        let place = |ring: &SketchPart| rings.iter().position(|other| other == ring);
        let found = surfaces(rings.to_vec());
        let found: Vec<Vec<usize>> =
            found.iter().map(|rings| rings.iter().filter_map(place).collect()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_hole_belongs_to_the_smallest_outer_ring_around_it() {
        check(&[], &[]);
        check(&[outer(0.0, 0.0, 9.0)], &[&[0]]);
        check(&[outer(0.0, 0.0, 9.0), hole(1.0, 1.0, 2.0), hole(-4.0, 0.0, 1.0)], &[&[0, 1, 2]]);
        // The hole comes before what it is in.
        check(&[hole(0.0, 0.0, 1.0), outer(0.0, 0.0, 2.0)], &[&[1, 0]]);
        // An island in a lake on an island.
        let nested = [
            hole(0.0, 0.0, 2.0),
            outer(0.0, 0.0, 9.0),
            outer(0.0, 0.0, 3.0),
            hole(0.0, 0.0, 8.0),
            outer(0.0, 0.0, 1.0),
            outer(50.0, 0.0, 9.0),
            hole(50.0, 0.0, 1.0),
        ];
        check(&nested, &[&[1, 3], &[2, 0], &[4], &[5, 6]]);
    }

    #[test]
    fn rings_beside_each_other_are_surfaces_of_their_own() {
        check(&[outer(0.0, 0.0, 1.0), outer(2.0, 0.0, 1.0)], &[&[0], &[1]]);
        // Within the box of the other, and not within the other.
        let corner = vec![[0.0, 0.0], [0.0, 9.0], [9.0, 9.0], [0.0, 0.0]];
        check(&[corner, hole(7.0, 2.0, 1.0)], &[&[0], &[1]]);
    }

    #[test]
    fn a_hole_may_touch_the_ring_around_it() {
        let line = vec![[-9.0, 0.0], [0.0, -9.0], [9.0, 0.0], [0.0, 9.0], [-9.0, 0.0]];
        let around = outer(0.0, 0.0, 9.0);
        check(&[around.clone(), line], &[&[0, 1]]);
        check(&[around, hole(5.0, 5.0, 4.0)], &[&[0, 1]]);
    }

    #[test]
    fn rings_that_all_go_the_other_way_are_told_by_where_they_lie() {
        check(&[hole(0.0, 0.0, 9.0)], &[&[0]]);
        check(&[hole(0.0, 0.0, 9.0), hole(0.0, 0.0, 1.0), hole(40.0, 0.0, 1.0)], &[&[0, 1], &[2]]);
    }

    #[test]
    fn a_small_hole_far_from_the_origin_is_found() {
        let (x, y) = (39_518_199.5, 4_326_318.25);
        check(&[outer(x, y, 1e5), hole(x + 3.0, y, 0.01)], &[&[0, 1]]);
    }

    #[test]
    fn rings_without_positions_stay() {
        assert_eq!(surfaces(vec![vec![], vec![]]).iter().flatten().count(), 2);
    }
}
