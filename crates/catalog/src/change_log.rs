//! The log of changes: how it is asked for, where a page of edits begins, and how it is written.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};
use terrier_model::{AssetId, ChangeEffect, Class, LoggedChange, LoggedEdit, Scope};

use crate::Collection;
use crate::cursor::take;
use crate::history::{change_json, events_json, version_differences};
use crate::parameter::parse_moment;
use crate::query::{QueryError, shorten};

/// Which changes are wanted. All conditions must hold.
#[derive(Clone, Debug, Default)]
pub struct ChangeQuery {
    /// Made by somebody of this name.
    pub actor: Option<String>,
    /// That concern a class of these names; `None` for every change, those too that concern none.
    pub classes: Option<Vec<Box<str>>>,
    /// Recorded at this moment or later.
    pub since: Option<Timestamp>,
    /// Recorded at this moment or before.
    pub until: Option<Timestamp>,
    /// That come before this one; `None` for the newest.
    pub before: Option<u64>,
}

impl ChangeQuery {
    /// The parameters that say which changes are wanted; `collection` is among them, but is for whoever
    /// knows the collections.
    pub const PARAMETERS: [&str; 5] = ["actor", "before", "collection", "since", "until"];

    /// Reads it from the values of its parameters. Of days, the one begins the period and the other is
    /// its last, in the time zone.
    ///
    /// # Errors
    /// A value that is no number of a change, or neither a time nor a day.
    pub fn parse<'a>(
        value: impl Fn(&str) -> Option<&'a str>,
        time_zone: &TimeZone,
    ) -> Result<Self, QueryError> {
        let moment = |name: &str, of_day: Time| {
            let read = |text: &str| {
                parse_moment(text, of_day, time_zone).ok_or_else(|| {
                    let found = shorten(text);
                    let detail = format!(
                        "found `{found}`, expected a time such as 2024-05-01T00:00:00Z or a day such as \
                         2024-05-01"
                    );
                    QueryError::new(name, detail)
                })
            };
            value(name).map(read).transpose()
        };
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse().unwrap_or(u64::MAX)).ok_or_else(|| {
                let detail = format!("found `{}`, expected the number of a change", shorten(text));
                QueryError::new("before", detail)
            })
        };
        Ok(Self {
            actor: value("actor").map(str::to_owned),
            classes: None,
            since: moment("since", Time::MIN)?,
            until: moment("until", Time::MAX)?,
            before: value("before").map(number).transpose()?,
        })
    }
}

/// The place of an edit in its change: versions come first, as they were written, then what was
/// retired, then events.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum EditPlace {
    /// A version, by the number that the ledger gave it.
    Version(u64),
    /// An asset that is no more.
    Retired(AssetId),
    /// An event of an asset of the class with this number.
    Event(u32, AssetId, u32),
}

impl EditPlace {
    /// The place as a token of letters, digits, `-` and `_`.
    pub fn encode(self) -> String {
        let mut bytes = Vec::new();
        match self {
            Self::Version(number) => {
                bytes.push(b'v');
                bytes.extend(number.to_be_bytes());
            }
            Self::Retired(id) => {
                bytes.push(b'r');
                bytes.extend(id.as_bytes());
            }
            Self::Event(class, id, event) => {
                bytes.push(b'e');
                bytes.extend(class.to_be_bytes());
                bytes.extend(id.as_bytes());
                bytes.extend(event.to_be_bytes());
            }
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The place of a token; `None` when it is none.
    pub fn decode(token: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let mut rest = &*bytes;
        let place = match take(&mut rest)? {
            [b'v'] => Self::Version(u64::from_be_bytes(take(&mut rest)?)),
            [b'r'] => Self::Retired(AssetId::from_bytes(take(&mut rest)?)),
            [b'e'] => Self::Event(
                u32::from_be_bytes(take(&mut rest)?),
                AssetId::from_bytes(take(&mut rest)?),
                u32::from_be_bytes(take(&mut rest)?),
            ),
            _ => return None,
        };
        rest.is_empty().then_some(place)
    }
}

/// Writes a change with what it did to the assets of each class. Who does not see every field of a class is
/// not told of how many events, for there are kinds of which they know nothing.
pub fn logged_change_json(logged: &LoggedChange, scope: &Scope) -> Json {
    let LoggedChange { change, effects } = logged;
    let effect = |effect: &ChangeEffect| {
        let ChangeEffect { class, created, changed, retired, events, events_superseded } = effect;
        let mut told = json!({
            "collection": class,
            "created": created,
            "changed": changed,
            "retired": retired,
        });
        if scope.sight(Some(class)).is_whole() {
            told["events"] = (*events).into();
            told["events_superseded"] = (*events_superseded).into();
        }
        told
    };
    let mut told = change_json(change);
    told["effects"] = effects.iter().map(effect).collect();
    told
}

/// Writes edits as a JSON list: of each the asset, its collection, what became of it, and in which fields
/// it differs from the version before. Fields that the scope does not show are left out, and so are
/// events of kinds that no field shows it.
pub fn edits_json<'c>(
    edits: &[LoggedEdit],
    collection_of: impl Fn(&Class) -> Option<&'c Collection>,
    scope: &Scope,
) -> Json {
    let told = edits.iter().filter_map(|edit| {
        let asset = edit.asset();
        let collection = collection_of(&asset.class)?;
        let mut told = json!({ "asset": asset.id.to_string(), "collection": asset.class.name() });
        match edit {
            LoggedEdit::Version(former, _) => {
                let former = former.as_ref().map(|former| &former.asset);
                let effect = if asset.version == 1 { "created" } else { "changed" };
                told["effect"] = effect.into();
                told["former"] = former.map(|former| former.version).into();
                told["version"] = asset.version.into();
                told["valid_from"] = asset.valid_from.to_string().into();
                told["changed"] = former.map_or(Json::Null, |former| {
                    version_differences(former, asset, collection, scope)
                });
            }
            LoggedEdit::Retired(_) => {
                told["effect"] = "retired".into();
                told["former"] = asset.version.into();
                told["valid_to"] = asset.valid_to.map(|time| time.to_string()).into();
            }
            LoggedEdit::Event(_, event) => {
                let event = events_json(std::slice::from_ref(event), collection, scope);
                told["effect"] = "event".into();
                told["event"] = event.as_array()?.first()?.clone();
            }
        }
        Some(told)
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_an_edit_comes_back_from_its_token() {
        let id = AssetId::new(Timestamp::UNIX_EPOCH, [9; 10]);
        let places =
            [EditPlace::Version(u64::MAX), EditPlace::Retired(id), EditPlace::Event(7, id, 3)];
        assert!(places.is_sorted(), "versions come first, and events last");
        for place in places {
            let token = place.encode();
            assert_eq!(EditPlace::decode(&token), Some(place));
            for end in 0..token.len() {
                assert_eq!(EditPlace::decode(&token[..end]), None, "{end} of {token}");
            }
            assert_eq!(EditPlace::decode(&format!("{token}AAAA")), None);
        }
    }

    fn check(name: &str, text: &str, expected: &str) {
        let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
        let query = ChangeQuery::parse(|asked| (asked == name).then_some(text), &zone);
        let told = query.map(|query| {
            let ChangeQuery { actor, classes: _, since, until, before } = query;
            let times = [since, until].into_iter().flatten().map(|time| time.to_string());
            actor.into_iter().chain(times).chain(before.map(|n| n.to_string())).collect::<String>()
        });
        let told = told.unwrap_or_else(|error| error.to_string());
        assert!(told.starts_with(expected), "{name}={text}: {told}");
    }

    #[test]
    fn changes_are_asked_for_by_who_and_when() {
        check("actor", "小王", "小王");
        check("since", "2024-05-01", "2024-04-30T16:00:00Z");
        check("until", "2024-05-01", "2024-05-01T15:59:59.9");
        check("until", "2024-05-01T08:00:00+08:00", "2024-05-01T00:00:00Z");
        check("since", "x", "parameter `since`: found `x`, expected a time");
        check("before", "7", "7");
        check("before", "99999999999999999999", "18446744073709551615");
        check("before", "-1", "parameter `before`: found `-1`, expected the number of a change");
    }
}
