//! The Hilbert curve over the plane of longitude and latitude: near places get near keys.

use std::ops::RangeInclusive;

use crate::{Bounds, Position};

/// A place on the curve: 48 bits, so 24 for each axis, a cell of about 2.4 m by 1.2 m at the equator.
pub type HilbertKey = u64;

const BITS: u32 = 24;

/// The key of the cell in which a position lies.
pub fn key_of(position: Position) -> HilbertKey {
    key_of_cell(cell_of(position))
}

/// How many cells of one size [`stretches_over`] lays over a box along each axis, at the most: more would
/// follow its edges more closely, in more stretches.
const CELLS_ACROSS: u32 = 8;

/// The stretches of the curve on which the keys of all positions in a box lie, in their order, at most 64.
/// They run through cells of a quarter to an eighth of the longer side of the box, so little else lies on
/// them.
pub fn stretches_over(bounds: &Bounds) -> Vec<RangeInclusive<HilbertKey>> {
    let [west, south] = cell_of([bounds.west, bounds.south]);
    let [east, north] = cell_of([bounds.east, bounds.north]);
    let across =
        |bits: u32| ((east >> bits) - (west >> bits)).max((north >> bits) - (south >> bits));
    let mut bits = 0;
    while across(bits) >= CELLS_ACROSS {
        bits += 1;
    }
    // All cells in one that is so many bits wider are neighbours on the curve.
    let wide = |x: u32, y: u32| key_of_cell([x << bits, y << bits]) >> (2 * bits);
    let mut keys: Vec<u64> = (west >> bits..=east >> bits)
        .flat_map(|x| (south >> bits..=north >> bits).map(move |y| wide(x, y)))
        .collect();
    keys.sort_unstable();
    let stretches = keys.chunk_by(|one, next| one + 1 == *next);
    stretches
        .map(|keys| keys[0] << (2 * bits)..=((keys[keys.len() - 1] + 1) << (2 * bits)) - 1)
        .collect()
}

/// The cell in which a position lies, by column and row.
fn cell_of([lon, lat]: Position) -> [u32; 2] {
    let cells = f64::from(1_u32 << BITS);
    let cell = |share: f64| (share * cells).clamp(0.0, cells - 1.0) as u32;
    [cell((lon + 180.0) / 360.0), cell((lat + 90.0) / 180.0)]
}

fn key_of_cell([mut x, mut y]: [u32; 2]) -> HilbertKey {
    let mut key = 0;
    for bit in (0..BITS).rev() {
        let (right, upper) = ((x >> bit) & 1, (y >> bit) & 1);
        key = (key << 2) | u64::from((3 * right) ^ upper);
        // The curve is drawn in each quarter turned so that its ends meet.
        if upper == 0 {
            if right == 1 {
                x = !x;
                y = !y;
            }
            std::mem::swap(&mut x, &mut y);
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn consecutive_keys_are_neighbouring_cells() {
        // A square of 16 by 16 cells away from the edges: sorted by key, each step moves one cell.
        let width = 360.0 / f64::from(1_u32 << BITS);
        let height = 180.0 / f64::from(1_u32 << BITS);
        let mut cells: Vec<(u64, i32, i32)> = (0..16)
            .flat_map(|x| (0..16).map(move |y| (x, y)))
            .map(|(x, y)| {
                let position = [(f64::from(x) + 0.5) * width, (f64::from(y) + 0.5) * height];
                (key_of(position), x, y)
            })
            .collect();
        cells.sort_unstable();
        assert!(cells.windows(2).all(|w| (w[0].1 - w[1].1).abs() + (w[0].2 - w[1].2).abs() == 1));
    }

    #[test]
    fn the_corners_of_the_world_have_keys() {
        for corner in [[-180.0, -90.0], [180.0, 90.0], [-180.0, 90.0], [180.0, -90.0]] {
            assert!(key_of(corner) < 1 << (2 * BITS));
        }
    }

    fn lies_on(stretches: &[RangeInclusive<HilbertKey>], position: Position) -> bool {
        stretches.iter().any(|stretch| stretch.contains(&key_of(position)))
    }

    proptest! {
        #[test]
        fn all_of_a_box_lies_on_its_stretches_and_nothing_far_from_it(
            (west, south) in (-180.0..180.0, -90.0..90.0),
            // Of a street as of a continent.
            (width, height) in (-6.0..2.0_f64, -6.0..2.0_f64),
            (right, up) in (0.0..=1.0, 0.0..=1.0),
            turn in 0.0..std::f64::consts::TAU,
        ) {
            let (width, height) = (10_f64.powf(width), 10_f64.powf(height));
            let bounds = Bounds { west, south, east: west + width, north: south + height };
            let stretches = stretches_over(&bounds);
            prop_assert!(stretches.len() <= 64);
            prop_assert!(stretches.windows(2).all(|pair| *pair[0].end() + 1 < *pair[1].start()));
            prop_assert!(lies_on(&stretches, [west + width * right, south + height * up]));
            // As far from its edges as it is long, or as two of the least cells are.
            let away = width.max(2.0 * height).max(1e-4);
            let far = [
                west + width / 2.0 + turn.cos().signum() * (width / 2.0 + away),
                south + height / 2.0 + turn.sin().signum() * (height / 2.0 + away),
            ];
            if far[0].abs() <= 180.0 && far[1].abs() <= 90.0 {
                prop_assert!(!lies_on(&stretches, far), "{far:?} is far from {bounds:?}");
            }
        }
    }
}
