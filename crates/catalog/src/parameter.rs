//! The values of parameters that lists take: languages, counts, times.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;
use terrier_model::Interval;

use crate::cql2::Language;
use crate::query::{LIMIT_MAX, QueryError, shorten};

pub(crate) fn parse_language(parameter: &str, text: &str) -> Result<Language, QueryError> {
    one_of(parameter, text, &Language::NAMES)?;
    Ok(Language::find(text).unwrap_or_default())
}

/// A parameter that only names what is taken anyway.
fn one_of(parameter: &str, text: &str, known: &[&str]) -> Result<(), QueryError> {
    if known.contains(&text) {
        return Ok(());
    }
    let detail = format!("found `{}`, expected {}", shorten(text), known.join(" or "));
    Err(QueryError::new(parameter, detail))
}

pub(crate) fn parse_limit(text: &str) -> Result<usize, QueryError> {
    match parse_count(text) {
        Some(limit) if limit >= 1 => Ok(limit.min(LIMIT_MAX as u64) as usize),
        _ => Err(QueryError::new(
            "limit",
            format!("found `{}`, expected a whole number from 1 to {LIMIT_MAX}", shorten(text)),
        )),
    }
}

pub(crate) fn parse_offset(text: &str) -> Result<u64, QueryError> {
    parse_count(text).ok_or_else(|| {
        let detail = format!("found `{}`, expected a whole number from 0", shorten(text));
        QueryError::new("offset", detail)
    })
}

/// A whole number; one too large for any count is the largest.
fn parse_count(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

/// Reads an instant, a day, or two of them with `/` between; an end that is `..` or empty is open.
pub(crate) fn parse_datetime(text: &str) -> Result<Interval, QueryError> {
    let fault = || {
        QueryError::new(
            "datetime",
            format!(
                "found `{}`, expected a time such as 2024-05-01T00:00:00Z, a day such as \
                 2024-05-01, or an interval such as 2024-05-01/.. whose start is not after its end",
                shorten(text)
            ),
        )
    };
    let Some((start, end)) = text.split_once('/') else {
        let (first, last) = parse_instant(text).ok_or_else(fault)?;
        return Interval::try_new(Some(first), Some(last)).ok_or_else(fault);
    };
    let start = if is_open(start) { None } else { Some(parse_instant(start).ok_or_else(fault)?.0) };
    let end = if is_open(end) { None } else { Some(parse_instant(end).ok_or_else(fault)?.1) };
    Interval::try_new(start, end).ok_or_else(fault)
}

/// QGIS writes the first and the last day of the calendar for ends that are open.
fn is_open(text: &str) -> bool {
    matches!(text, "" | ".." | "0000-01-01T00:00:00Z" | "9999-12-31T00:00:00Z")
}

/// The first and the last moment of what the text names.
fn parse_instant(text: &str) -> Option<(Timestamp, Timestamp)> {
    if let Some(time) = parse_time(text) {
        return Some((time, time));
    }
    if text.len() != "2024-05-01".len() {
        return None;
    }
    let day: Date = text.parse().ok()?;
    Some((utc(day.to_datetime(Time::MIN)), utc(day.to_datetime(Time::MAX))))
}

/// A time of day with its offset, or that time of a day in a zone.
pub(crate) fn parse_moment(text: &str, of_day: Time, time_zone: &TimeZone) -> Option<Timestamp> {
    if let Some(time) = parse_time(text) {
        return Some(time);
    }
    if text.len() != "2024-05-01".len() {
        return None;
    }
    let day: Date = text.parse().ok()?;
    // Moments end a day before the calendar does.
    Some(time_zone.to_timestamp(day.to_datetime(of_day)).unwrap_or(Timestamp::MAX))
}

/// A time of day with its offset from UTC.
fn parse_time(text: &str) -> Option<Timestamp> {
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    // The plus sign of an offset arrives as a space from whoever did not write it as `%2B`.
    let text = text.replace(' ', "+");
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let pieces = Pieces::parse(&text).ok()?;
    pieces.offset()?;
    // Whole and yet no moment: it lies on the last days of the calendar.
    (pieces.date().year() == Date::MAX.year()).then(|| utc(pieces.date().to_datetime(Time::MAX)))
}

/// The moment of a civil time in UTC. The calendar ends with 9999-12-31, moments end a day
/// earlier: those beyond are the last one, for nothing is registered there.
fn utc(time: DateTime) -> Timestamp {
    TimeZone::UTC.to_timestamp(time).unwrap_or(Timestamp::MAX)
}
