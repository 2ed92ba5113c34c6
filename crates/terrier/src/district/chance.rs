//! Chance that a seed decides: the same draws on every machine and with every release of the
//! libraries, for only the generator's raw numbers are taken from outside.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::Rng;

/// A number that looks random and hangs on nothing but the seed, a place and what it is for. Two
/// blocks that draw for the same corner so get the same.
pub(super) fn mark(seed: u64, i: i32, j: i32, purpose: u64) -> u64 {
    let place = u64::from(i.cast_unsigned()) << 32 | u64::from(j.cast_unsigned());
    mixed(mixed(mixed(seed) ^ place) ^ purpose)
}

/// The finishing step of SplitMix64.
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A mark as a number from 0 to 1, the end excluded.
pub(super) fn unit(mark: u64) -> f64 {
    // The 53 bits that a double holds.
    (mark >> 11) as f64 / (1_u64 << 53) as f64
}

/// Draws in a row.
pub(super) struct Chance(Pcg64Mcg);

impl Chance {
    pub(super) fn new(mark: u64) -> Self {
        Self(Pcg64Mcg::new(u128::from(mixed(mark)) << 64 | u128::from(mark)))
    }

    /// A number from 0 to 1, the end excluded.
    pub(super) fn unit(&mut self) -> f64 {
        unit(self.0.next_u64())
    }

    /// A number between two.
    pub(super) fn between(&mut self, least: f64, greatest: f64) -> f64 {
        least + (greatest - least) * self.unit()
    }

    /// A whole number between two, both included.
    pub(super) fn whole(&mut self, least: i64, greatest: i64) -> i64 {
        least + (self.unit() * (greatest - least + 1) as f64) as i64
    }

    /// Whether something comes true that does so in this share of cases.
    pub(super) fn comes_true(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// One of a list that is not empty.
    pub(super) fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[(self.unit() * list.len() as f64) as usize]
    }

    /// One of a list, each as often as its weight says.
    pub(super) fn weighted<T: Copy>(&mut self, list: &[(u32, T)]) -> T {
        let sum: u32 = list.iter().map(|(weight, _)| weight).sum();
        let mut rest = self.unit() * f64::from(sum);
        for (weight, thing) in list {
            rest -= f64::from(*weight);
            if rest < 0.0 {
                return *thing;
            }
        }
        list[list.len() - 1].1
    }

    /// Ten random bytes.
    pub(super) fn bytes(&mut self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}
