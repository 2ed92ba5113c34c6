//! Some of the rows of a leaf.

use std::ops::Range;

use super::super::update::LEAF_ROWS_MAX;

const WORDS: usize = LEAF_ROWS_MAX / 64;

/// Some of the rows of a leaf, one bit for each.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Rows([u64; WORDS]);

impl Rows {
    /// No row.
    pub(in super::super) fn none() -> Self {
        Self([0; WORDS])
    }

    /// The first so many.
    pub(in super::super) fn first(count: usize) -> Self {
        let mut rows = Self::none();
        rows.insert(0..count);
        rows
    }

    /// Those whose values pass a test, given the values of all rows in their order.
    pub(super) fn of<T: Copy>(values: &[T], test: impl Fn(T) -> bool) -> Self {
        let mut rows = Self::none();
        for (word, values) in rows.0.iter_mut().zip(values.chunks(64)) {
            let mut flags = [0; 64];
            for (flag, value) in flags.iter_mut().zip(values) {
                *flag = u8::from(test(*value));
            }
            *word = packed(&flags);
        }
        rows
    }

    /// Those whose pairs of values pass a test.
    pub(super) fn of_pairs<T: Copy>(a: &[T], b: &[T], test: impl Fn(T, T) -> bool) -> Self {
        let mut rows = Self::none();
        for ((word, a), b) in rows.0.iter_mut().zip(a.chunks(64)).zip(b.chunks(64)) {
            let mut flags = [0; 64];
            for ((flag, a), b) in flags.iter_mut().zip(a).zip(b) {
                *flag = u8::from(test(*a, *b));
            }
            *word = packed(&flags);
        }
        rows
    }

    pub(in super::super) fn insert(&mut self, rows: Range<usize>) {
        if rows.is_empty() {
            return;
        }
        let (first, last) = (rows.start / 64, (rows.end - 1) / 64);
        for word in first..=last {
            let from = if word == first { rows.start % 64 } else { 0 };
            let to = if word == last { (rows.end - 1) % 64 } else { 63 };
            self.0[word] |= (u64::MAX >> (63 - (to - from))) << from;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(in super::super) fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Keeps only those that are among others, too.
    pub(in super::super) fn keep(&mut self, others: &Self) {
        self.0.iter_mut().zip(&others.0).for_each(|(word, other)| *word &= other);
    }

    pub(super) fn add(&mut self, others: &Self) {
        self.0.iter_mut().zip(&others.0).for_each(|(word, other)| *word |= other);
    }

    pub(in super::super) fn remove(&mut self, others: &Self) {
        self.0.iter_mut().zip(&others.0).for_each(|(word, other)| *word &= !other);
    }

    /// Keeps those that pass a test.
    pub(in super::super) fn retain(&mut self, mut test: impl FnMut(usize) -> bool) {
        for (place, word) in self.0.iter_mut().enumerate() {
            let mut rest = *word;
            while rest != 0 {
                let bit = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                if !test(place * 64 + bit) {
                    *word &= !(1 << bit);
                }
            }
        }
    }

    /// Reports them in order, as runs.
    pub(in super::super) fn runs(&self, mut visit: impl FnMut(Range<usize>)) {
        let mut open: Option<Range<usize>> = None;
        for (place, word) in self.0.iter().enumerate() {
            let mut rest = *word;
            while rest != 0 {
                let start = rest.trailing_zeros();
                let length = (rest >> start).trailing_ones();
                rest &= u64::MAX.checked_shl(start + length).unwrap_or(0);
                let run = place * 64 + start as usize..place * 64 + (start + length) as usize;
                match &mut open {
                    Some(before) if before.end == run.start => before.end = run.end,
                    _ => {
                        if let Some(before) = open.replace(run) {
                            visit(before);
                        }
                    }
                }
            }
        }
        if let Some(run) = open {
            visit(run);
        }
    }
}

/// A bit for each of 64 bytes that are 0 or 1.
// Eight at a time: the product puts the lowest bit of each byte into the uppermost byte, and no two
// into the same place. Compilers make this of vectors; of a loop over bits they do not.
fn packed(flags: &[u8; 64]) -> u64 {
    let mut word = 0;
    for (place, eight) in flags.chunks_exact(8).enumerate() {
        let bytes = u64::from_le_bytes(eight.try_into().expect("there are eight"));
        word |= (bytes.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * place);
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(rows: &Rows) -> Vec<usize> {
        let mut all = Vec::new();
        rows.runs(|run| all.extend(run));
        all
    }

    #[test]
    fn rows_that_were_put_in_come_out_as_few_runs() {
        let check = |runs: &[Range<usize>]| {
            let mut rows = Rows::none();
            runs.iter().for_each(|run| rows.insert(run.clone()));
            let mut found = Vec::new();
            rows.runs(|run| found.push(run));
            assert_eq!(found, runs);
            assert_eq!(rows.count(), runs.iter().map(Range::len).sum::<usize>());
            assert_eq!(rows.is_empty(), runs.is_empty());
        };
        check(&[]);
        check(std::slice::from_ref(&(0..1)));
        check(std::slice::from_ref(&(63..65)));
        check(&[0..64, 65..128, 130..131]);
        check(&[5..300, 301..302]);
        check(std::slice::from_ref(&(LEAF_ROWS_MAX - 1..LEAF_ROWS_MAX)));
        check(std::slice::from_ref(&(0..LEAF_ROWS_MAX)));
    }

    #[test]
    fn a_test_of_values_gives_the_rows_that_a_plain_loop_gives() {
        for count in [0, 1, 63, 64, 65, 1000, LEAF_ROWS_MAX] {
            let values: Vec<u32> =
                (0..count as u32).map(|n| n.wrapping_mul(2_654_435_761) >> 7).collect();
            let others: Vec<u32> = values.iter().rev().copied().collect();
            for divisor in [1, 2, 3, 64] {
                let wanted: Vec<usize> =
                    (0..count).filter(|row| values[*row].is_multiple_of(divisor)).collect();
                let found = Rows::of(&values, |value| value.is_multiple_of(divisor));
                assert_eq!(plain(&found), wanted);
                let mut kept = Rows::first(count);
                kept.retain(|row| values[row].is_multiple_of(divisor));
                assert_eq!(kept, found);
            }
            let less = Rows::of_pairs(&values, &others, |a, b| a < b);
            let wanted: Vec<usize> = (0..count).filter(|row| values[*row] < others[*row]).collect();
            assert_eq!(plain(&less), wanted);
        }
    }

    #[test]
    fn rows_are_put_together_as_sets() {
        let of = |test: fn(usize) -> bool| {
            let mut rows = Rows::first(200);
            rows.retain(test);
            rows
        };
        let (even, thirds) = (of(|row| row % 2 == 0), of(|row| row % 3 == 0));
        let (mut both, mut any, mut first) = (even.clone(), even.clone(), even);
        both.keep(&thirds);
        any.add(&thirds);
        first.remove(&thirds);
        assert_eq!(both, of(|row| row % 6 == 0));
        assert_eq!(any, of(|row| row % 2 == 0 || row % 3 == 0));
        assert_eq!(first, of(|row| row % 2 == 0 && row % 3 != 0));
    }
}
