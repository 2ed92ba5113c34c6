//! Sums of many numbers that lose nothing worth telling on the way.

/// A sum of finite numbers by Neumaier's method: what each addition cuts off is kept beside.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    high: f64,
    low: f64,
}

impl Sum {
    pub(super) fn add(&mut self, number: f64) {
        let high = self.high + number;
        self.low += if self.high.abs() >= number.abs() {
            (self.high - high) + number
        } else {
            (number - high) + self.high
        };
        self.high = high;
    }

    pub(super) fn add_all(&mut self, other: Self) {
        self.add(other.high);
        self.add(other.low);
    }

    /// The sum, rounded to a thousandth: decimal fractions are none in binary. `None` when it is
    /// beyond what a number can hold.
    pub(super) fn total(self) -> Option<f64> {
        let total = self.high + self.low;
        // From here on a number has no thousandths.
        if total.abs() >= 1e12 {
            return total.is_finite().then_some(total);
        }
        // Adding zero takes the sign off a zero.
        total.is_finite().then_some((total * 1000.0).round() / 1000.0 + 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(numbers: &[f64], expected: Option<f64>) {
        let (mut one_by_one, mut in_halves) = (Sum::default(), [Sum::default(); 2]);
        for (at, number) in numbers.iter().enumerate() {
            one_by_one.add(*number);
            in_halves[at % 2].add(*number);
        }
        let [mut halves, other] = in_halves;
        halves.add_all(other);
        assert_eq!((one_by_one.total(), halves.total()), (expected, expected));
    }

    #[test]
    fn a_sum_is_that_of_the_decimals_and_not_of_their_binary_neighbours() {
        check(&[], Some(0.0));
        check(&[0.1, 0.2], Some(0.3));
        check(&[-0.0], Some(0.0));
        check(&[0.001; 3], Some(0.003));
        check(&[1e15, 0.25, 0.25, 0.5, -1e15], Some(1.0));
        check(&vec![0.1; 1_000_000], Some(100_000.0));
    }

    #[test]
    fn a_sum_beyond_all_numbers_is_none() {
        check(&[f64::MAX], Some(f64::MAX));
        check(&[f64::MAX, f64::MAX], None);
    }
}
