//! The dates of a spreadsheet, which counts days.

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Span};
use terrier_model::RawValue;

use super::style::Shown;

/// The day before the first of both systems. Workbooks of the second begin four years later.
const BEFORE_1900: Date = date(1899, 12, 31);
const FIRST_OF_1904: Date = date(1904, 1, 1);

/// The 29 February 1900, which the first system counts though it never was.
const NEVER: i64 = 60;

/// A day in seconds.
const DAY: f64 = 86_400.0;

/// What a cell shows of a number that is a date: an ISO date, with the time of day where it has one, or
/// a time of day alone. A year or a month is shown as such where its first day stands for it. A number
/// that is no date stays one.
pub(super) fn value(number: f64, shown: Shown, is_1904: bool) -> Option<RawValue> {
    if shown == Shown::Number || !(0.0..3_000_000.0).contains(&number) {
        return None;
    }
    let seconds = (number * DAY).round() as i64;
    let (days, seconds) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let time = SignedDuration::from_secs(seconds);
    let time = jiff::civil::Time::midnight().wrapping_add(time);
    if days == 0 && !is_1904 {
        return Some(RawValue::Text(time.strftime("%H:%M:%S").to_string()));
    }
    if days == NEVER && !is_1904 {
        return Some(RawValue::Text("1900-02-29".into()));
    }
    let (first, days) = match is_1904 {
        true => (FIRST_OF_1904, days),
        false if days > NEVER => (BEFORE_1900, days - 1),
        false => (BEFORE_1900, days),
    };
    let day = first.checked_add(Span::new().days(days)).ok()?;
    let text = match shown {
        _ if seconds > 0 => day.to_datetime(time).strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        Shown::Year if day.day_of_year() == 1 => day.strftime("%Y").to_string(),
        Shown::Month if day.day() == 1 => day.strftime("%Y-%m").to_string(),
        _ => day.to_string(),
    };
    Some(RawValue::Text(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(number: f64, shown: Shown, is_1904: bool, expected: &str) {
        let text = match value(number, shown, is_1904) {
            Some(RawValue::Text(text)) => text,
            Some(other) => panic!("{other:?}"),
            None => "a number".into(),
        };
        assert_eq!(text, expected, "{number}");
    }

    #[test]
    fn days_are_counted_from_1900_or_1904() {
        check(38_533.0, Shown::Day, false, "2005-06-30");
        check(37_071.0, Shown::Day, true, "2005-06-30");
        check(1.0, Shown::Day, false, "1900-01-01");
        check(59.0, Shown::Day, false, "1900-02-28");
        check(60.0, Shown::Day, false, "1900-02-29");
        check(61.0, Shown::Day, false, "1900-03-01");
        check(0.0, Shown::Day, true, "1904-01-01");
        check(2_958_465.0, Shown::Day, false, "9999-12-31");
    }

    #[test]
    fn a_time_of_day_is_rounded_to_seconds() {
        check(38_533.5, Shown::Day, false, "2005-06-30T12:00:00");
        check(38_532.999_999_9, Shown::Day, false, "2005-06-30");
        check(0.25, Shown::Day, false, "06:00:00");
        check(0.0, Shown::Day, false, "00:00:00");
    }

    #[test]
    fn a_year_or_a_month_is_no_day() {
        check(38_353.0, Shown::Year, false, "2005");
        check(38_504.0, Shown::Month, false, "2005-06");
        check(38_504.0, Shown::Year, false, "2005-06-01");
        check(38_533.0, Shown::Month, false, "2005-06-30");
    }

    #[test]
    fn a_number_that_is_no_date_stays_one() {
        check(38_533.0, Shown::Number, false, "a number");
        check(-1.0, Shown::Day, false, "a number");
        check(2_958_466.0, Shown::Day, false, "a number");
        check(f64::NAN, Shown::Day, false, "a number");
        check(f64::INFINITY, Shown::Day, true, "a number");
    }
}
