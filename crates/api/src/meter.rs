//! How much each caller asks for, so that their limits can be kept: requests a minute, and features a day.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;
use terrier_store::{KEY_USE_EVERY, KeyFeatures};

use crate::limits::MAX_METERED;

/// Whose requests are counted together.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Metered {
    /// Those with the key that has this number in the ledger.
    Key(u32),
    /// Those of a person who has shown no key of ours who they are.
    Person(Arc<str>),
}

/// What is counted of each.
#[derive(Debug, Default)]
pub(crate) struct Meter(Mutex<HashMap<Metered, Count>>);

#[derive(Clone, Copy, Debug)]
struct Count {
    /// Requests that may still come at once.
    left: f64,
    /// When that was so.
    since: Timestamp,
    day: Date,
    /// Features that were given on the day.
    features: u64,
    /// How many of them are not in the ledger yet.
    unkept: u64,
    kept_at: Timestamp,
}

/// What comes of features that are about to be given.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Giving {
    /// They may be.
    Given {
        /// So many have to be kept in the ledger.
        keep: Option<u64>,
    },
    /// There were as many as may be that day.
    Over,
}

impl Meter {
    /// Counts a request. Answers for how many seconds no other may come, when there were too many.
    pub(crate) fn request(&self, who: &Metered, per_minute: u32, now: Timestamp) -> Option<u32> {
        self.with(who, now, per_minute, |count| {
            let rate = f64::from(per_minute) / 60.0;
            // A clock that was set back gives nothing.
            let passed = now.duration_since(count.since).as_secs_f64().max(0.0);
            count.left = (count.left + passed * rate).min(f64::from(per_minute));
            count.since = now;
            if count.left >= 1.0 {
                count.left -= 1.0;
                return None;
            }
            Some(((1.0 - count.left) / rate).ceil().max(1.0) as u32)
        })
    }

    /// Counts features of a day, unless as many were given as may be; a page that goes over the limit is
    /// the last. `before` is what the ledger says of a day, which counts once.
    pub(crate) fn features(
        &self,
        who: &Metered,
        (features, per_day): (u64, u64),
        (now, day): (Timestamp, Date),
        before: Option<(Date, u64)>,
    ) -> Giving {
        self.with(who, now, u32::MAX, |count| {
            if count.day != day {
                let known = before.filter(|(of, _)| *of == day && count.day == Date::MIN);
                count.features = known.map_or(0, |(_, features)| features);
                (count.day, count.unkept) = (day, 0);
            }
            if count.features >= per_day {
                return Giving::Over;
            }
            count.features = count.features.saturating_add(features);
            count.unkept = count.unkept.saturating_add(features);
            let age = now.duration_since(count.kept_at);
            let is_due = age.is_negative() || age.as_secs() >= KEY_USE_EVERY.as_secs() as i64;
            let is_over = count.features >= per_day;
            let keep = (is_due || is_over).then(|| {
                count.kept_at = now;
                std::mem::take(&mut count.unkept)
            });
            Giving::Given { keep }
        })
    }

    /// What of keys has to be kept in the ledger before the end.
    pub(crate) fn unkept(&self) -> Vec<KeyFeatures> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let unkept = all.iter_mut().filter(|(_, count)| count.unkept > 0);
        let of_keys = unkept.filter_map(|(who, count)| {
            let Metered::Key(number) = who else { return None };
            let features = std::mem::take(&mut count.unkept);
            Some(KeyFeatures { number: *number, at: count.since, day: count.day, features })
        });
        of_keys.collect()
    }

    /// Works on the count of somebody, which begins full.
    fn with<T>(
        &self,
        who: &Metered,
        now: Timestamp,
        full: u32,
        work: impl FnOnce(&mut Count) -> T,
    ) -> T {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_METERED && !all.contains_key(who) {
            // More than there may be keys: who asked last the longest ago begins anew.
            let oldest =
                all.iter().min_by_key(|(_, count)| count.since).map(|(who, _)| who.clone());
            oldest.and_then(|oldest| all.remove(&oldest));
        }
        let fresh = || Count {
            left: f64::from(full),
            since: now,
            day: Date::MIN,
            features: 0,
            unkept: 0,
            kept_at: now,
        };
        work(all.entry(who.clone()).or_insert_with(fresh))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_780_000_000 + second).expect("a time")
    }

    #[test]
    fn so_many_requests_may_come_in_a_minute_and_not_one_more() {
        let meter = Meter::default();
        let check = |key: u32, second: i64, expected: Option<u32>| {
            let told = meter.request(&Metered::Key(key), 6, at(second));
            assert_eq!(told, expected, "{key} at {second}");
        };
        for _ in 0..6 {
            check(1, 0, None);
        }
        check(1, 0, Some(10));
        check(1, 4, Some(6));
        // Others have their own.
        check(2, 4, None);
        check(1, 10, None);
        check(1, 10, Some(10));
        // Who was quiet for an hour may send as many as in a minute, and no more.
        for _ in 0..6 {
            check(1, 3600, None);
        }
        check(1, 3600, Some(10));
        // A clock that was set back gives nothing, and takes nothing.
        check(1, 0, Some(10));
        check(1, 10, None);
    }

    #[test]
    fn features_are_counted_day_by_day_until_the_limit_is_passed() {
        let meter = Meter::default();
        let (first, second) = (date(2026, 7, 1), date(2026, 7, 2));
        let give = |features: u64, day: Date, before: Option<(Date, u64)>| {
            meter.features(&Metered::Key(1), (features, 10), (at(0), day), before)
        };
        let given = Giving::Given { keep: None };
        // What was given before the server started counts, once.
        assert_eq!(give(3, first, Some((first, 2))), given);
        assert_eq!(give(4, first, Some((first, 2))), given);
        assert_eq!(give(6, first, None), Giving::Given { keep: Some(13) });
        assert_eq!(give(1, first, None), Giving::Over);
        assert_eq!(give(10, second, Some((second, 99))), Giving::Given { keep: Some(10) });
        assert_eq!(give(1, second, None), Giving::Over);
        let other = meter.features(&Metered::Key(2), (1, 10), (at(0), second), None);
        assert_eq!(other, given);
        let unkept = meter.unkept();
        assert_eq!(unkept.len(), 1);
        assert_eq!((unkept[0].number, unkept[0].features), (2, 1));
    }

    #[test]
    fn what_was_given_is_kept_once_a_minute() {
        let meter = Meter::default();
        let day = date(2026, 7, 1);
        let check = |second: i64, expected: Option<u64>| {
            let told = meter.features(&Metered::Key(1), (2, 1000), (at(second), day), None);
            assert_eq!(told, Giving::Given { keep: expected }, "{second}");
        };
        check(0, None);
        check(59, None);
        check(60, Some(6));
        check(61, None);
        check(120, Some(4));
    }

    #[test]
    fn the_table_does_not_grow_beyond_its_bound() {
        let meter = Meter::default();
        for number in 0..=MAX_METERED {
            let number = number as u32;
            meter.request(&Metered::Key(number), 1, at(number.into()));
        }
        let all = meter.0.lock().expect("no panic");
        assert_eq!(all.len(), MAX_METERED);
        assert!(!all.contains_key(&Metered::Key(0)));
    }
}
