//! A place in the past, on both time axes.

use jiff::Timestamp;
use jiff::civil::Date;

/// As of when a question is asked, and what was known then.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Past {
    /// The moment at which what is told was true in the street.
    pub as_of: Timestamp,
    /// The day of that moment where the registry is: what happened until its end is told.
    pub day: Date,
    /// The last change that is known; 0 before the first, when nothing was.
    pub known_at: u64,
}

impl Past {
    /// Whether a version holds there that was recorded by a change, and perhaps superseded by
    /// another; that is valid from a moment on, and perhaps until another, excluded, which a change
    /// told.
    pub fn holds(
        &self,
        recorded: (u64, Option<u64>),
        valid_from: Timestamp,
        ended: Option<(Timestamp, u64)>,
    ) -> bool {
        let (recorded_from, recorded_to) = recorded;
        recorded_from <= self.known_at
            && recorded_to.is_none_or(|to| to > self.known_at)
            && valid_from <= self.as_of
            && ended.is_none_or(|(to, by)| to > self.as_of || by > self.known_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment")
    }

    fn check(recorded: (u64, Option<u64>), ended: Option<(i64, u64)>, holds: &[(i64, u64)]) {
        let ended = ended.map(|(to, by)| (second(to), by));
        for as_of in 9..14 {
            for known_at in 1..7 {
                let as_of_second = second(as_of);
                let past = Past { as_of: as_of_second, day: Date::ZERO, known_at };
                let expected = holds.contains(&(as_of, known_at));
                let found = past.holds(recorded, second(10), ended);
                assert_eq!(found, expected, "{as_of} as known at {known_at}");
            }
        }
    }

    #[test]
    fn a_version_holds_from_the_moment_and_the_change_on_that_begin_it() {
        let until_five = |known_at| (10..14).map(move |as_of| (as_of, known_at));
        let all: Vec<_> = (3..7).flat_map(until_five).collect();
        check((3, None), None, &all);
    }

    #[test]
    fn a_version_holds_until_before_the_moment_and_the_change_that_end_it() {
        // Superseded at 5: known at 3 and 4.
        let known: Vec<_> =
            (3..5).flat_map(|known| (10..14).map(move |as_of| (as_of, known))).collect();
        check((3, Some(5)), None, &known);
        // Ended at 12 by change 5: before that change nobody knew.
        let mut ended = known.clone();
        ended.extend((5..7).flat_map(|known| (10..12).map(move |as_of| (as_of, known))));
        check((3, None), Some((12, 5)), &ended);
        // Recorded with its end.
        let short: Vec<_> =
            (3..7).flat_map(|known| (10..12).map(move |as_of| (as_of, known))).collect();
        check((3, None), Some((12, 3)), &short);
    }
}
