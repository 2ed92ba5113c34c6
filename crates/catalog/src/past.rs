//! Questions for the past: as of when, what was known then, and where a page of it begins.

use std::hash::{DefaultHasher, Hash, Hasher};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use terrier_model::{AssetId, Past, Scope};
use terrier_spatial::HilbertKey;

use crate::cursor::take;
use crate::near::{NEAR, NEAREST};
use crate::order::SORT_BY;
use crate::parameter::parse_moment;
use crate::query::{QueryError, shorten};
use crate::{Collection, FeatureQuery};

/// The parameter that says when what is told was true in the street.
pub const AS_OF: &str = "as-of";

/// The parameter that says at which time, or at which change, it was known.
pub const KNOWN_AT: &str = "known-at";

/// What the past cannot be asked for: it is read in the order of places, and nothing is kept of it
/// by which it could be put into another.
const NOT_OF_THE_PAST: [&str; 4] = [SORT_BY, "offset", NEAR, NEAREST];

/// The form of the token; that of another list is refused.
const FORM: u8 = b'p';

/// What was known of the register, and when.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KnownAt {
    /// At a change.
    Change(u64),
    /// After every change that was recorded by this moment.
    Time(Timestamp),
}

/// The place in the past that a question names.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct AskedPast {
    /// When what is told was true in the street; now when `None`.
    pub as_of: Option<Timestamp>,
    /// What was known; all that is known now when `None`.
    pub known_at: Option<KnownAt>,
}

impl AskedPast {
    /// The parameters that name it.
    pub const PARAMETERS: [&str; 2] = [AS_OF, KNOWN_AT];

    /// Reads it from the values of its parameters; `None` when neither is given. A day is its last
    /// moment in the time zone.
    ///
    /// # Errors
    /// A value that is neither a time nor a day, nor, of what was known, the number of a change.
    pub fn parse<'a>(
        value: impl Fn(&str) -> Option<&'a str>,
        time_zone: &TimeZone,
    ) -> Result<Option<Self>, QueryError> {
        let moment = |name: &str, text: &str, or: &str| {
            parse_moment(text, Time::MAX, time_zone).ok_or_else(|| {
                let found = shorten(text);
                let detail = format!(
                    "found `{found}`, expected a time such as 2024-05-01T00:00:00Z{or} or a day \
                     such as 2024-05-01"
                );
                QueryError::new(name, detail)
            })
        };
        let known_at = |text: &str| {
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            match text.parse() {
                Ok(change) if is_number => Ok(KnownAt::Change(change)),
                _ => moment(KNOWN_AT, text, ", the number of a change").map(KnownAt::Time),
            }
        };
        let as_of = value(AS_OF).map(|text| moment(AS_OF, text, "")).transpose()?;
        let known_at = value(KNOWN_AT).map(known_at).transpose()?;
        Ok((as_of.is_some() || known_at.is_some()).then_some(Self { as_of, known_at }))
    }
}

impl FeatureQuery {
    /// Reads a question for the past from decoded pairs of names and values, without those that say
    /// how its answer is shown; `today` is the day on which it is asked. Answers with it the most
    /// features that are wanted, and where to begin.
    ///
    /// # Errors
    /// As [`FeatureQuery::parse`], and what the past cannot be asked for: another order than that of
    /// places, and what fell due.
    pub fn parse_past<'a>(
        collection: Collection,
        scope: &Scope,
        past: Past,
        pairs: &[(&'a str, &'a str)],
    ) -> Result<(Self, usize, Option<PastPlace>), QueryError> {
        let refused = |name: &str| NOT_OF_THE_PAST.contains(&name);
        if let Some((name, _)) = pairs.iter().find(|(name, _)| refused(name)) {
            return Err(QueryError::new(name, "not together with `as-of` or `known-at`"));
        }
        let is_condition = |name: &str| name != "token" && !AskedPast::PARAMETERS.contains(&name);
        let conditions = pairs.iter().copied().filter(|(name, _)| is_condition(name));
        let (query, slice) = Self::parse(collection, scope, past.day, conditions)?;
        if query.reads_due_state() {
            let detail = "what fell due is not asked together with `as-of` or `known-at`";
            return Err(QueryError::new("filter", detail));
        }
        let token = pairs.iter().find(|(name, _)| *name == "token").map(|(_, token)| *token);
        let place = |token| {
            PastPlace::decode(token, query.past_hash(past)).ok_or_else(|| {
                QueryError::new("token", "not a token that this question's `next` link gave")
            })
        };
        let after = token.map(place).transpose()?;
        Ok((query, slice.limit, after))
    }

    /// A number that differs when the question differs, or the place in the past.
    pub fn past_hash(&self, past: Past) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.hash(), past.as_of, past.known_at).hash(&mut hasher);
        hasher.finish()
    }
}

/// The place of a version in the order in which the past is read: class by class, along the Hilbert
/// curve, then by asset, then as they were recorded.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct PastPlace {
    /// The number that the ledger gave the class.
    pub class: u32,
    /// The place of the middle of the asset's box on the Hilbert curve.
    pub key: HilbertKey,
    /// The asset.
    pub id: AssetId,
    /// The number that the ledger gave the version.
    pub version_number: u64,
}

impl PastPlace {
    /// The place as a token of letters, digits, `-` and `_`, bound to the question by
    /// [`FeatureQuery::past_hash`].
    pub fn encode(&self, question: u64) -> String {
        let Self { class, key, id, version_number } = self;
        let mut bytes = vec![FORM];
        bytes.extend(question.to_be_bytes());
        bytes.extend(class.to_be_bytes());
        bytes.extend(key.to_be_bytes());
        bytes.extend(id.as_bytes());
        bytes.extend(version_number.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The place of a token; `None` when it is none, or belongs to another question.
    pub fn decode(token: &str, question: u64) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let mut rest = &*bytes;
        let [form] = take(&mut rest)?;
        let asked = u64::from_be_bytes(take(&mut rest)?);
        let place = Self {
            class: u32::from_be_bytes(take(&mut rest)?),
            key: u64::from_be_bytes(take(&mut rest)?),
            id: AssetId::from_bytes(take(&mut rest)?),
            version_number: u64::from_be_bytes(take(&mut rest)?),
        };
        (form == FORM && asked == question && rest.is_empty()).then_some(place)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;
    use terrier_model::Names;

    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn check(as_of: Option<&str>, known_at: Option<&str>, expected: Result<(&str, &str), &str>) {
        let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
        let value = |name: &str| if name == AS_OF { as_of } else { known_at };
        let found = AskedPast::parse(value, &zone).map(|asked| {
            let AskedPast { as_of, known_at } = asked.unwrap_or_default();
            let known_at = known_at.map(|known| match known {
                KnownAt::Change(change) => format!("change {change}"),
                KnownAt::Time(time) => time.to_string(),
            });
            let as_of = as_of.map(|time| time.to_string());
            (as_of.unwrap_or_default(), known_at.unwrap_or_default())
        });
        let found = found.map_err(|error| error.to_string());
        match (&found, expected) {
            (Ok((as_of, known_at)), Ok(expected)) => assert_eq!((&**as_of, &**known_at), expected),
            (Err(found), Err(expected)) => assert!(found.starts_with(expected), "{found}"),
            _ => panic!("{found:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn a_moment_is_a_time_or_the_end_of_a_day_where_the_registry_is() {
        check(None, None, Ok(("", "")));
        check(Some("2024-05-01T08:00:00+08:00"), None, Ok(("2024-05-01T00:00:00Z", "")));
        // The plus sign of a form.
        check(Some("2024-05-01T08:00:00 08:00"), None, Ok(("2024-05-01T00:00:00Z", "")));
        check(Some("2024-02-29"), None, Ok(("2024-02-29T15:59:59.999999999Z", "")));
        check(None, Some("2024-05-01"), Ok(("", "2024-05-01T15:59:59.999999999Z")));
        check(Some("9999-12-31"), None, Ok(("9999-12-30T22:00:00.999999999Z", "")));
    }

    #[test]
    fn what_was_known_may_be_named_by_a_change() {
        check(None, Some("0"), Ok(("", "change 0")));
        check(None, Some("007"), Ok(("", "change 7")));
        check(None, Some("18446744073709551615"), Ok(("", "change 18446744073709551615")));
        check(
            None,
            Some("18446744073709551616"),
            Err("parameter `known-at`: found `18446744073709551616`, expected a time such as \
                 2024-05-01T00:00:00Z, the number of a change or a day such as 2024-05-01"),
        );
    }

    #[test]
    fn what_is_no_moment_is_refused_by_its_parameter() {
        for text in
            ["", "now", "7", "2024-02-30", "2024-05", "-1", "2024-05-01T00:00:00", "20240501"]
        {
            check(
                Some(text),
                None,
                Err(&format!("parameter `as-of`: found `{text}`, expected a time")),
            );
        }
        check(None, Some("+7"), Err("parameter `known-at`: found `+7`"));
    }

    fn refused(pairs: &[(&str, &str)], expected: &str) {
        let past = Past { as_of: Timestamp::UNIX_EPOCH, day: Date::ZERO, known_at: 3 };
        let error =
            FeatureQuery::parse_past(Collection::Assets, &Scope::public(Names::All), past, pairs)
                .expect_err("refused");
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn what_the_past_cannot_be_asked_for_is_refused_by_its_parameter() {
        for name in ["sortby", "offset", "near", "k"] {
            let expected = format!("parameter `{name}`: not together with `as-of` or `known-at`");
            refused(&[("known-at", "3"), (name, "1")], &expected);
        }
        refused(
            &[("filter", "due_state('renew') = 'overdue'")],
            "parameter `filter`: what fell due is not asked together with `as-of` or `known-at`",
        );
        refused(
            &[("token", "cA")],
            "parameter `token`: not a token that this question's `next` link gave",
        );
        refused(&[("as_of", "3")], "parameter `as_of`: not known here");
    }

    #[test]
    fn a_token_comes_back_for_its_own_question_and_its_own_past_only() {
        let id = AssetId::new(time("2024-05-01T00:00:00Z"), [9; 10]);
        let place = PastPlace { class: 7, key: u64::MAX >> 16, id, version_number: 1 << 40 };
        let token = place.encode(42);
        assert_eq!(PastPlace::decode(&token, 42), Some(place));
        assert_eq!(PastPlace::decode(&token, 43), None);
        for end in 0..token.len() {
            assert_eq!(PastPlace::decode(&token[..end], 42), None, "{end}");
        }
        assert_eq!(PastPlace::decode(&format!("{token}AAAA"), 42), None);
        let query = FeatureQuery::all(Collection::Assets, &Scope::public(Names::All));
        let past = Past { as_of: Timestamp::UNIX_EPOCH, day: Date::ZERO, known_at: 3 };
        let others =
            [Past { known_at: 4, ..past }, Past { as_of: time("2024-05-01T00:00:00Z"), ..past }];
        for other in others {
            assert_ne!(query.past_hash(past), query.past_hash(other));
        }
    }
}
