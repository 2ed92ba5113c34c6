//! How often wrong keys come from an address, so that who guesses is slowed down.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::limits::{FAILED_KEYS_WINDOW_S, MAX_FAILED_KEYS, MAX_WATCHED_ADDRESSES};

/// The wrong keys of the last minute, address by address.
#[derive(Debug, Default)]
pub(crate) struct FailedKeys(Mutex<HashMap<IpAddr, Failed>>);

#[derive(Clone, Copy, Debug)]
struct Failed {
    since: Timestamp,
    count: u32,
}

impl Failed {
    fn is_over(self, now: Timestamp) -> bool {
        // A clock that was set back begins anew.
        self.age_s(now).is_none_or(|age| age >= FAILED_KEYS_WINDOW_S)
    }

    /// In whole seconds; `None` when it is of a time to come.
    fn age_s(self, now: Timestamp) -> Option<u32> {
        let age = now.duration_since(self.since).as_secs();
        if age < 0 { None } else { Some(u32::try_from(age).unwrap_or(u32::MAX)) }
    }
}

impl FailedKeys {
    /// Counts a wrong key; answers for how many seconds no other is looked at, when there were too many.
    pub(crate) fn count(&self, address: IpAddr, now: Timestamp) -> Option<u32> {
        let address = of_network(address);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_WATCHED_ADDRESSES && !all.contains_key(&address) {
            all.retain(|_, failed| !failed.is_over(now));
            if all.len() >= MAX_WATCHED_ADDRESSES {
                // Whoever has so many addresses is not slowed down by counting them.
                return None;
            }
        }
        let failed = all.entry(address).or_insert(Failed { since: now, count: 0 });
        if failed.is_over(now) {
            *failed = Failed { since: now, count: 0 };
        }
        failed.count = failed.count.saturating_add(1);
        if failed.count <= MAX_FAILED_KEYS {
            return None;
        }
        let age_s = failed.age_s(now).unwrap_or_default();
        Some(FAILED_KEYS_WINDOW_S.saturating_sub(age_s).saturating_add(1))
    }
}

/// Of IPv6 the first half: a single machine has all addresses of the other.
fn of_network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_780_000_000 + second).expect("a time")
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn after_ten_wrong_keys_in_a_minute_an_address_has_to_wait_for_its_end() {
        let failed = FailedKeys::default();
        let check = |text: &str, second: i64, expected: Option<u32>| {
            assert_eq!(failed.count(address(text), at(second)), expected, "{text} {second}");
        };
        for _ in 0..MAX_FAILED_KEYS {
            check("192.0.2.1", 0, None);
        }
        check("192.0.2.1", 20, Some(41));
        check("::ffff:192.0.2.1", 59, Some(2));
        check("192.0.2.2", 59, None);
        check("192.0.2.1", 60, None);
        check("192.0.2.1", -3600, None);
    }

    #[test]
    fn the_addresses_of_one_network_are_one() {
        let failed = FailedKeys::default();
        for host in 0..MAX_FAILED_KEYS {
            let host = address(&format!("2001:db8:1:2::{host:x}"));
            assert_eq!(failed.count(host, at(0)), None);
        }
        assert_eq!(failed.count(address("2001:db8:1:2:ffff::"), at(0)), Some(61));
        assert_eq!(failed.count(address("2001:db8:1:3::"), at(0)), None);
    }

    #[test]
    fn the_table_of_addresses_does_not_grow_beyond_its_bound() {
        let failed = FailedKeys::default();
        let nth = |at: usize| IpAddr::from((at as u32).to_be_bytes());
        for host in 0..MAX_WATCHED_ADDRESSES {
            failed.count(nth(host), at(0));
        }
        let count = || failed.0.lock().expect("no panic").len();
        assert_eq!(count(), MAX_WATCHED_ADDRESSES);
        assert_eq!(failed.count(nth(MAX_WATCHED_ADDRESSES), at(59)), None);
        assert_eq!(count(), MAX_WATCHED_ADDRESSES);
        failed.count(nth(MAX_WATCHED_ADDRESSES), at(60));
        assert_eq!(count(), 1);
    }
}
