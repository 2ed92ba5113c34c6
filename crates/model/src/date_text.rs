//! Reads a date as records write it.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::date::BEGINNING;
use crate::{DateSpan, DateSpanError};

impl FromStr for DateSpan {
    type Err = DateSpanError;

    /// Reads what a span is written as: `2005-06-30`, `2005-06`, `2005`, `1990s`, a range
    /// of two of them with `/` between; and what records have in their place: `2005/6/30`,
    /// `2005.6.30`, `2005-6-30`, `20050630`, any of them with a time of day, which is dropped,
    /// `before 2005`, `2005年6月30日`, `2005年6月`, `2005年`, `1990年代`, `90年代` and `2005年以前`, which
    /// may take the year itself in. A day or a month that stands first is not read, for nobody knows
    /// which of the two it is.
    fn from_str(text: &str) -> Result<Self, DateSpanError> {
        if text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("before ")) {
            let end = one(text[7..].trim())?.earliest().yesterday().map_err(|_| DateSpanError)?;
            return between(BEGINNING, end);
        }
        if let Some(day) = in_chinese(text) {
            return day;
        }
        match text.split_once('/') {
            Some((from, to)) if !to.contains('/') => {
                let (from, to) = (one(from)?, one(to)?);
                between(from.earliest(), to.latest())
            }
            _ => one(text),
        }
    }
}

/// Digits of a number, at least and at most so many.
fn number(part: &str, digits: std::ops::RangeInclusive<usize>) -> Result<i16, DateSpanError> {
    if !digits.contains(&part.len()) || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DateSpanError);
    }
    part.parse().map_err(|_| DateSpanError)
}

fn day(year: i16, month: i16, day: i16) -> Result<Date, DateSpanError> {
    Date::new(year, month as i8, day as i8).map_err(|_| DateSpanError)
}

fn month(year: i16, month: i16) -> Result<DateSpan, DateSpanError> {
    let earliest = day(year, month, 1)?;
    between(earliest, earliest.last_of_month())
}

fn years(first: i16, last: i16) -> Result<DateSpan, DateSpanError> {
    between(day(first, 1, 1)?, day(last, 12, 31)?)
}

fn between(earliest: Date, latest: Date) -> Result<DateSpan, DateSpanError> {
    DateSpan::try_new(earliest, latest).ok_or(DateSpanError)
}

/// A date with 年, 月 and 日; `None` when it has no 年.
fn in_chinese(text: &str) -> Option<Result<DateSpan, DateSpanError>> {
    let (year, rest) = text.split_once('年')?;
    let read = || {
        // `90年代`: those before 50 may be of two centuries.
        if rest.trim() == "代"
            && let Ok(decade @ (50 | 60 | 70 | 80 | 90)) = number(year.trim(), 2..=2)
        {
            return years(1900 + decade, 1909 + decade);
        }
        let year = number(year.trim(), 4..=4)?;
        match rest.trim() {
            "" => years(year, year),
            "代" if year % 10 == 0 => years(year, year + 9),
            "前" | "以前" | "之前" => between(BEGINNING, day(year, 12, 31)?),
            rest => {
                let (in_year, rest) = rest.split_once('月').ok_or(DateSpanError)?;
                let in_year = number(in_year.trim(), 1..=2)?;
                let rest = rest.trim();
                if rest.is_empty() {
                    return month(year, in_year);
                }
                let in_month = rest.strip_suffix(['日', '号']).ok_or(DateSpanError)?;
                day(year, in_year, number(in_month.trim(), 1..=2)?).map(DateSpan::day)
            }
        }
    };
    Some(read())
}

fn one(text: &str) -> Result<DateSpan, DateSpanError> {
    if let Some(decade) = text.strip_suffix('s') {
        let first = number(decade, 4..=4)?;
        return if first % 10 == 0 { years(first, first + 9) } else { Err(DateSpanError) };
    }
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let sign = date.find(['-', '/', '.']).map_or('-', |at| date.as_bytes()[at] as char);
    let mut parts = date.split(sign);
    let parts = [parts.next(), parts.next(), parts.next(), parts.next()];
    let span = match parts {
        [Some(digits), None, ..] if digits.len() == 8 => {
            let digits = number_of_eight(digits)?;
            DateSpan::day(day(
                (digits / 10_000) as i16,
                (digits / 100 % 100) as i16,
                (digits % 100) as i16,
            )?)
        }
        [Some(year), None, ..] if time.is_none() => {
            let year = number(year, 4..=4)?;
            years(year, year)?
        }
        // With another sign it might be a number, or two years.
        [Some(year), Some(in_year), None, _] if time.is_none() && sign == '-' => {
            month(number(year, 4..=4)?, number(in_year, 2..=2)?)?
        }
        [Some(year), Some(in_year), Some(in_month), None] => {
            let (year, in_year) = (number(year, 4..=4)?, number(in_year, 1..=2)?);
            DateSpan::day(day(year, in_year, number(in_month, 1..=2)?)?)
        }
        _ => return Err(DateSpanError),
    };
    match time {
        Some(time) if !is_time(span.earliest(), time) => Err(DateSpanError),
        _ => Ok(span),
    }
}

fn number_of_eight(digits: &str) -> Result<u32, DateSpanError> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DateSpanError);
    }
    digits.parse().map_err(|_| DateSpanError)
}

/// Whether a text is a time of day, though only the date is taken.
fn is_time(date: Date, time: &str) -> bool {
    // Spreadsheets write the hour with one digit.
    let zero = if time.find(':') == Some(1) { "0" } else { "" };
    let text = format!("{date}T{zero}{time}");
    text.parse::<jiff::civil::DateTime>().is_ok() || text.parse::<Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let answer = text.parse::<DateSpan>().map_or_else(
            |_| "refused".to_owned(),
            |span| format!("{} {}..{}", span.precision().code(), span.earliest(), span.latest()),
        );
        assert_eq!(answer, expected, "{text}");
    }

    #[test]
    fn a_date_is_read_with_its_precision() {
        check("2005-06-30", "day 2005-06-30..2005-06-30");
        check("2005-06", "month 2005-06-01..2005-06-30");
        check("2005", "year 2005-01-01..2005-12-31");
        check("2003/2005", "range 2003-01-01..2005-12-31");
        check("2004-02-01/2004-02-29", "month 2004-02-01..2004-02-29");
        check("2005-01-01T06:00:00Z", "day 2005-01-01..2005-01-01");
        check("2005-01-01 06:00:00", "day 2005-01-01..2005-01-01");
        check("1990s", "decade 1990-01-01..1999-12-31");
        check("before 1995", "before 0001-01-01..1994-12-31");
        check("Before 1995-06", "before 0001-01-01..1995-05-31");
    }

    #[test]
    fn a_date_whose_year_stands_first_is_read_however_it_is_parted() {
        for text in
            ["1995/6/1", "1995.06.01", "1995-6-1", "19950601", "1995年6月1日", "1995 年 6 月 1 号"]
        {
            check(text, "day 1995-06-01..1995-06-01");
        }
        check("1995/6/1 0:00:00", "day 1995-06-01..1995-06-01");
        check("1995/6/1 23:59", "day 1995-06-01..1995-06-01");
        check("1995年6月", "month 1995-06-01..1995-06-30");
        check("1995年", "year 1995-01-01..1995-12-31");
        check("1990年代", "decade 1990-01-01..1999-12-31");
        check("90年代", "decade 1990-01-01..1999-12-31");
        check("50 年代", "decade 1950-01-01..1959-12-31");
        // It may mean the year itself.
        check("1995年以前", "before 0001-01-01..1995-12-31");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for bad in [
            "",
            " ",
            "05",
            "00年代",
            "40年代",
            "95年代",
            "90年",
            "2005-13",
            "2005-02-30",
            "2005-6",
            "2005/6",
            "2005.6",
            "1/6/2005",
            "2005/6/1/1",
            "2005-06/1",
            "20051301",
            "2005/6/1 25:00",
            "1995s",
            "1995年代",
            "1995年13月",
            "1995年6月31日",
            "before",
            "before 0001",
            "before 1995/1996",
            "年",
            "30.06.2005",
            "2005-06-30T99:00",
            "2005/2003",
            "2005-06-30-01",
            "２００５",
            "2005T06:00:00",
            "/2005",
        ] {
            check(bad, "refused");
        }
    }
}
