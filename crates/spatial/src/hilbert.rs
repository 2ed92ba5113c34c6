//! The Hilbert curve over the plane of longitude and latitude: near places get near keys.

use crate::Position;

/// A place on the curve: 48 bits, so 24 for each axis, a cell of about 2.4 m by 1.2 m at the equator.
pub type HilbertKey = u64;

const BITS: u32 = 24;

/// The key of the cell in which a position lies.
pub fn key_of([lon, lat]: Position) -> HilbertKey {
    let cells = f64::from(1_u32 << BITS);
    let cell = |share: f64| (share * cells).clamp(0.0, cells - 1.0) as u32;
    let (mut x, mut y) = (cell((lon + 180.0) / 360.0), cell((lat + 90.0) / 180.0));
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
}
