//! `terrier key`

use std::path::Path;
use std::process::ExitCode;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value as Json, json};
use terrier_catalog::{area_from_geojson, shipped_roles};
use terrier_model::{Area, Edge, LimitError, Limits, Names, Narrowing};
use terrier_store::{
    FIRST_PERSON, FIRST_ROLE, FirstKeyPut, KeyPut, KeyRecord, Ledger, MAX_KEY_NOTE_CHARS,
};

use super::role::{limits_json, names_json};
use super::{area_text, behind, outcome, refused, secret, tell, writing};
use crate::cli::ReportOptions;
use crate::cli::access::{KeyCommand, KeyCreateOptions, KeyRevokeOptions, LimitOptions};
use crate::failure::Failure;
use crate::output::{report, report_json, say};
use crate::table::Table;
use crate::{clock, folder};

pub(crate) async fn run(folder: &Path, command: KeyCommand) -> Result<ExitCode, Failure> {
    match command {
        KeyCommand::List(options) => list(folder, &options).await?,
        KeyCommand::Create(options) => create(folder, &options).await?,
        KeyCommand::Revoke(options) => revoke(folder, &options).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(folder: &Path, options: &ReportOptions) -> Result<(), Failure> {
    let ledger = Ledger::open(folder).await?;
    let (keys, zone) = (ledger.keys().await?, ledger.time_zone().await?);
    ledger.close().await;
    let now = clock::now();
    if options.json {
        return report_json(&keys.iter().map(|key| key_json(key, now, &zone)).collect());
    }
    let heading =
        ["key", "person", "role", "state", "created", "until", "last used", "for", "note"];
    let mut table = Table::new(heading.map(|name| (name.to_owned(), false)).into());
    let day = |moment: Timestamp| zone.to_datetime(moment).date().to_string();
    for key in &keys {
        table.push(vec![
            key.id.to_string(),
            key.person.clone(),
            key.role.clone(),
            key.state(now).code().replace('_', " "),
            day(key.created.1),
            key.until.map_or(String::new(), |until| last_day(until, &zone).to_string()),
            key.last_used.map_or("never".into(), |used| used.to_string()),
            narrowing_words(&key.narrowing),
            key.note.clone(),
        ]);
    }
    table.lines().into_iter().try_for_each(report)
}

fn narrowing_words(narrowing: &Narrowing) -> String {
    let Narrowing { collections, area } = narrowing;
    let collections = match collections {
        Names::All => None,
        Names::These(names) => Some(names.iter().map(|name| &**name).collect::<Vec<_>>().join(",")),
    };
    let area = area.as_ref().map(|area| format!("an area ({})", area.edge.code()));
    [collections, area].into_iter().flatten().collect::<Vec<_>>().join(" in ")
}

fn key_json(key: &KeyRecord, now: Timestamp, zone: &TimeZone) -> Json {
    json!({
        "key": key.id.as_str(),
        "person": key.person,
        "organisation": key.organisation,
        "role": key.role,
        "state": key.state(now).code(),
        "collections": names_json(&key.narrowing.collections),
        "edge": key.narrowing.area.as_ref().map(|area| area.edge.code()),
        "until": key.until.map(|until| last_day(until, zone).to_string()),
        "note": key.note,
        "created": { "change": key.created.0, "at": key.created.1.to_string() },
        "revoked": key.revoked.map(|(change, at)| json!({ "change": change, "at": at.to_string() })),
        "last_used": key.last_used.map(|at| at.to_string()),
        "limits": limits_json(&key.limits),
        "given": key.given.map(|(day, features)| json!({ "on": day.to_string(), "features": features })),
    })
}

/// The last day on which something holds that ends at a moment.
fn last_day(until: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(until - 1.microsecond()).date()
}

/// The moment at which a day is over.
fn end_of(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    let next = day.tomorrow().ok()?;
    zone.to_ambiguous_timestamp(next.at(0, 0, 0, 0)).compatible().ok()
}

async fn create(folder: &Path, options: &KeyCreateOptions) -> Result<(), Failure> {
    let (secret, change) = (secret::new()?, &options.change);
    let (ledger, scratch) = folder::for_change(folder, change.recording.dry_run).await?;
    let behind = behind(change, "key create");
    let (done, person, role) = if options.administrator {
        let put = FirstKeyPut { roles: shipped_roles(), key: (secret.id(), secret.hash()) };
        let done = ledger.create_first_key(&put, &behind, writing(change)).await;
        (done, FIRST_PERSON.to_owned(), FIRST_ROLE.to_owned())
    } else {
        let put = KeyPut {
            id: secret.id(),
            hash: secret.hash(),
            person: options.person.clone().unwrap_or_default(),
            role: options.role.clone().unwrap_or_default(),
            narrowing: narrowing(options)?,
            until: until(options.until, &ledger.time_zone().await?)?,
            note: note(&options.note)?,
            limits: limits(&options.limits)?,
        };
        (ledger.create_key(&put, &behind, writing(change)).await, put.person, put.role)
    };
    let sequence = match done {
        Ok(sequence) => sequence,
        Err(error) => return Err(refused(&ledger, error).await),
    };
    ledger.close().await;
    drop(scratch);
    // A key that was not written is of no use to anybody.
    let shown = sequence.map(|_| secret.text());
    let id = shown.as_ref().map(|_| secret.id().to_string());
    if change.recording.json {
        let about = json!({ "key": shown, "id": id, "person": person, "role": role });
        return tell(about, sequence, change);
    }
    if let (Some(text), Some(id)) = (shown, id) {
        // Alone on stdout, for a script to take.
        report(text)?;
        say(format!("key {id} of {person}, role {role}; it is shown this once"));
    }
    say(outcome(sequence, change.recording.dry_run));
    Ok(())
}

fn narrowing(options: &KeyCreateOptions) -> Result<Narrowing, Failure> {
    let collections = match &options.collections {
        None => Names::All,
        Some(text) => Names::These(text.split(',').map(|name| name.trim().into()).collect()),
    };
    let Some(path) = &options.area else { return Ok(Narrowing { collections, area: None }) };
    let shape = area_from_geojson(&area_text(path)?)
        .map_err(|error| Failure::because(format!("`{}` is no area", path.display()), error))?;
    let edge = options.edge.unwrap_or(Edge::Whole);
    Ok(Narrowing { collections, area: Some(Area { shape, edge }) })
}

fn until(day: Option<Date>, zone: &TimeZone) -> Result<Option<Timestamp>, Failure> {
    let Some(day) = day else { return Ok(None) };
    let moment = end_of(day, zone)
        .ok_or_else(|| Failure::usage(format!("--until: {day} is beyond the calendar")))?;
    if moment <= clock::now() {
        return Err(Failure::usage(format!("--until: {day} is over, expected a day to come")));
    }
    Ok(Some(moment))
}

fn limits(options: &LimitOptions) -> Result<Limits, Failure> {
    let LimitOptions { requests_per_minute, features_per_day, export_area_km2 } = *options;
    let limits = Limits { requests_per_minute, features_per_day, export_area_km2 };
    limits.checked().map_err(|LimitError { name, expected }| {
        Failure::usage(format!("--{}: expected {expected}", name.replace('_', "-")))
    })
}

fn note(text: &str) -> Result<String, Failure> {
    let is_good = text.chars().count() <= MAX_KEY_NOTE_CHARS && !text.chars().any(char::is_control);
    if is_good {
        return Ok(text.to_owned());
    }
    let expected = format!("at most {MAX_KEY_NOTE_CHARS} characters on one line");
    Err(Failure::usage(format!("--note: expected {expected}")))
}

async fn revoke(folder: &Path, options: &KeyRevokeOptions) -> Result<(), Failure> {
    let KeyRevokeOptions { id, change } = options;
    let ledger = Ledger::open(folder).await?;
    let behind = behind(change, format!("key revoke {id}"));
    let sequence = match ledger.revoke_key(*id, &behind, writing(change)).await {
        Ok(sequence) => sequence,
        Err(error) => return Err(refused(&ledger, error).await),
    };
    ledger.close().await;
    tell(json!({ "key": id.as_str() }), sequence, change)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_day_ends_where_the_registry_is() {
        let zone = TimeZone::get("Asia/Shanghai").expect("a time zone");
        let check = |day: &str, expected: &str| {
            let day: Date = day.parse().expect("a day");
            let end = end_of(day, &zone).map(|end| end.to_string());
            assert_eq!(end.as_deref().unwrap_or("none"), expected);
            if let Some(end) = end_of(day, &zone) {
                assert_eq!(last_day(end, &zone), day);
            }
        };
        check("2026-12-31", "2026-12-31T16:00:00Z");
        check("2028-02-29", "2028-02-29T16:00:00Z");
        check("9999-12-31", "none");
    }
}
