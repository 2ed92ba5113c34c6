//! The audit: how it is asked for, and how it is written.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};
use terrier_model::{AuditAbout, AuditKind, AuditRecord, Read, ReadBy};

use crate::change_log::ChangeQuery;
use crate::history::change_json;
use crate::query::{QueryError, shorten};

/// Which records of the audit are wanted. All conditions must hold.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// Of somebody of this name.
    pub actor: Option<String>,
    /// Of a change that concerns the class, or of a reading of the collection, of this name.
    pub collection: Option<String>,
    /// The collections that may be told of; `None` for all, and for what concerns none.
    pub told: Option<Vec<Box<str>>>,
    /// Of this moment or later.
    pub since: Option<Timestamp>,
    /// Of this moment or before.
    pub until: Option<Timestamp>,
    /// Of this kind.
    pub kind: Option<AuditKind>,
    /// That come before this one; `None` for the newest.
    pub before: Option<AuditPlace>,
}

/// The place of a record: the number of its entry, and the place within that.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AuditPlace {
    /// The number of the entry.
    pub entry: u64,
    /// The place within it; 0 is before all of them.
    pub position: u64,
}

impl AuditPlace {
    /// The place of a record.
    pub fn of(record: &AuditRecord) -> Self {
        Self { entry: record.entry.number, position: record.position }
    }

    /// The place as text: the number of the entry and, after a point, the place within it.
    pub fn text(self) -> String {
        match self {
            Self { entry, position: 0 } => entry.to_string(),
            Self { entry, position } => format!("{entry}.{position}"),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse().unwrap_or(u64::MAX))
        };
        let (entry, position) = text.split_once('.').unwrap_or((text, "0"));
        Some(Self { entry: number(entry)?, position: number(position)? })
    }
}

impl AuditQuery {
    /// The parameters that say which records are wanted.
    pub const PARAMETERS: [&str; 6] = ["actor", "before", "collection", "kind", "since", "until"];

    /// Reads it from the values of its parameters. Of days, the one begins the period and the other is
    /// its last, in the time zone.
    ///
    /// # Errors
    /// A value that is no place or kind of a record, or neither a time nor a day.
    pub fn parse<'a>(
        value: impl Fn(&str) -> Option<&'a str>,
        time_zone: &TimeZone,
    ) -> Result<Self, QueryError> {
        let time = |name: &str| if name == "before" { None } else { value(name) };
        let ChangeQuery { actor, since, until, .. } = ChangeQuery::parse(time, time_zone)?;
        let refused = |name: &str, text: &str, expected: &str| {
            QueryError::new(name, format!("found `{}`, expected {expected}", shorten(text)))
        };
        let kind = |text: &str| {
            let codes = AuditKind::ALL.map(|kind| format!("`{}`", kind.code())).join(", ");
            let expected = format!("one of {codes}");
            AuditKind::from_code(text).ok_or_else(|| refused("kind", text, &expected))
        };
        let place = |text: &str| {
            let expected = "the number of an entry, or that and a place within it, such as 12.3";
            AuditPlace::parse(text).ok_or_else(|| refused("before", text, expected))
        };
        Ok(Self {
            actor,
            collection: value("collection").map(str::to_owned),
            told: None,
            since,
            until,
            kind: value("kind").map(kind).transpose()?,
            before: value("before").map(place).transpose()?,
        })
    }
}

/// Writes a record of the audit.
pub fn audit_record_json(record: &AuditRecord) -> Json {
    let AuditRecord { entry, kind, position, about } = record;
    let mut told = json!({ "entry": entry.number, "head": entry.to_string(), "kind": kind.code() });
    match about {
        AuditAbout::Change(change) => told["change"] = change_json(change),
        AuditAbout::Read(read) => {
            let Read { at, reader, route, collection, window, conditions, as_of, features } = read;
            let ReadBy { actor, organisation, key, role } = reader;
            told["position"] = (*position).into();
            told["read"] = json!({
                "read_at": at.to_string(),
                "actor": actor,
                "organisation": organisation,
                "key": key,
                "role": role,
                "route": route,
                "collection": collection,
                "window": window,
                "conditions": conditions,
                "as_of": as_of,
                "features": features,
            });
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, text: &str, expected: &str) {
        let read = AuditQuery::parse(|asked| (asked == name).then_some(text), &TimeZone::UTC);
        let told = match read {
            Ok(AuditQuery { actor, collection, told: _, since, until, kind, before }) => {
                let times = [since, until].into_iter().flatten().map(|time| time.to_string());
                let kind = kind.map(|kind| kind.code().to_owned());
                let texts = actor.into_iter().chain(collection).chain(times).chain(kind);
                texts.chain(before.map(AuditPlace::text)).collect()
            }
            Err(error) => error.to_string(),
        };
        assert!(told.starts_with(expected), "{name}={text}: {told}");
    }

    #[test]
    fn records_are_asked_for_by_who_when_and_what() {
        check("actor", "小王", "小王");
        check("collection", "gas_pipes", "gas_pipes");
        check("since", "2024-05-01", "2024-05-01T00:00:00Z");
        check("until", "x", "parameter `until`: found `x`, expected a time");
        check("kind", "reads", "reads");
        check(
            "kind",
            "Reads",
            "parameter `kind`: found `Reads`, expected one of `change`, `adopted`",
        );
        check("before", "12", "12");
        check("before", "12.3", "12.3");
        check("before", "99999999999999999999.0", "18446744073709551615");
        for wrong in ["", "-1", "1.", ".1", "1.2.3", "x"] {
            check("before", wrong, "parameter `before`: found `");
        }
    }
}
