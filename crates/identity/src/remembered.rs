//! Tokens that were found good, so that each is verified once and not with every request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use ring::digest::{SHA256, SHA256_OUTPUT_LEN, digest};

use crate::claim::{Login, Period};
use crate::limits::MAX_REMEMBERED_TOKENS;

/// What a token is remembered by; the token itself is kept nowhere.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Digest([u8; SHA256_OUTPUT_LEN]);

impl Digest {
    pub(crate) fn of(token: &str) -> Self {
        let digest = digest(&SHA256, token.as_bytes());
        Self(digest.as_ref().try_into().expect("SHA-256 has 32 bytes"))
    }
}

/// The tokens that are good by one set of keys.
#[derive(Debug, Default)]
pub(crate) struct Remembered(Mutex<Tokens>);

#[derive(Debug, Default)]
struct Tokens {
    /// By which keys they are good.
    generation: u64,
    tokens: HashMap<Digest, (Arc<Login>, Period)>,
}

impl Remembered {
    /// Whose a token is, that was found good by these keys and holds at that moment.
    pub(crate) fn find(
        &self,
        token: Digest,
        generation: u64,
        now: Timestamp,
    ) -> Option<Arc<Login>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.generation != generation {
            return None;
        }
        let (login, period) = known.tokens.get(&token)?;
        period.check(now).is_ok().then(|| Arc::clone(login))
    }

    /// Remembers a token that is good by these keys. Those of others are forgotten.
    pub(crate) fn keep(
        &self,
        token: Digest,
        generation: u64,
        now: Timestamp,
        (login, period): (Arc<Login>, Period),
    ) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.generation > generation {
            return;
        }
        if known.generation < generation {
            *known = Tokens { generation, tokens: HashMap::new() };
        }
        if known.tokens.len() >= MAX_REMEMBERED_TOKENS {
            known.tokens.retain(|_, (_, period)| period.check(now).is_ok());
            if known.tokens.len() >= MAX_REMEMBERED_TOKENS {
                // Whoever is forgotten is verified once more.
                known.tokens.clear();
            }
        }
        known.tokens.insert(token, (login, period));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::IdentitySettings;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn found(until_s: i64) -> (Arc<Login>, Period) {
        let settings = "issuer = \"https://a\"\naudience = \"t\"\nroles = \"r\"\nleeway_seconds = 0\n\
                        role = [{ value = \"a\", gives = \"b\" }]";
        let settings = IdentitySettings::parse(settings).expect("settings");
        let claims = format!(r#"{{"iss":"https://a","aud":"t","sub":"x","exp":{until_s}}}"#);
        let claims = crate::json::object(claims.as_bytes()).expect("claims");
        let (login, period) = crate::claim::read(&claims, &settings).expect("a login");
        (Arc::new(login), period)
    }

    #[test]
    fn a_token_is_remembered_until_its_end_or_that_of_the_keys() {
        let known = Remembered::default();
        let check = |token: &str, generation: u64, second: i64, expected: bool| {
            let found = known.find(Digest::of(token), generation, at(second)).is_some();
            assert_eq!(found, expected, "{token} {generation} {second}");
        };
        check("a", 0, 0, false);
        known.keep(Digest::of("a"), 1, at(0), found(100));
        check("a", 1, 99, true);
        check("b", 1, 99, false);
        check("a", 1, 100, false);
        check("a", 2, 99, false);
        known.keep(Digest::of("b"), 2, at(0), found(100));
        check("a", 2, 50, false);
        check("a", 1, 50, false);
        // A request that began with the keys before comes too late.
        known.keep(Digest::of("a"), 1, at(0), found(100));
        check("a", 1, 50, false);
        check("b", 2, 50, true);
    }

    #[test]
    fn so_many_tokens_are_remembered_and_those_that_are_over_go_first() {
        let known = Remembered::default();
        let count = || known.0.lock().expect("no panic").tokens.len();
        let (over, good) = (found(10), found(100));
        for token in 0..MAX_REMEMBERED_TOKENS {
            let found = if token == 0 { &good } else { &over };
            known.keep(Digest::of(&token.to_string()), 1, at(0), found.clone());
        }
        assert_eq!(count(), MAX_REMEMBERED_TOKENS);
        known.keep(Digest::of("a"), 1, at(50), good.clone());
        assert_eq!(count(), 2);
        for token in 2..MAX_REMEMBERED_TOKENS {
            known.keep(Digest::of(&token.to_string()), 1, at(0), good.clone());
        }
        assert_eq!(count(), MAX_REMEMBERED_TOKENS);
        known.keep(Digest::of("b"), 1, at(50), good);
        assert_eq!(count(), 1);
    }
}
