//! Dates as records give them: exact, to the month or year, a range, or not at all.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

/// A date that is known to lie between two days, both included.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DateSpan {
    earliest: Date,
    latest: Date,
}

/// How exactly a date is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Precision {
    /// To the day.
    Day,
    /// To the month.
    Month,
    /// To the year.
    Year,
    /// Between two days.
    Range,
    /// Not at all.
    Unknown,
}

impl Precision {
    /// All precisions with their codes.
    pub const CODES: [(Self, &'static str); 5] = [
        (Self::Day, "day"),
        (Self::Month, "month"),
        (Self::Year, "year"),
        (Self::Range, "range"),
        (Self::Unknown, "unknown"),
    ];

    /// The code.
    pub fn code(self) -> &'static str {
        let entry = Self::CODES.iter().find(|(precision, _)| *precision == self);
        entry.expect("every precision has a code").1
    }

    /// The precision of a date that may be missing.
    pub fn of(span: Option<DateSpan>) -> Self {
        span.map_or(Self::Unknown, DateSpan::precision)
    }
}

impl DateSpan {
    /// The span from one day to another; `None` when the first lies after the second.
    pub fn try_new(earliest: Date, latest: Date) -> Option<Self> {
        (earliest <= latest).then_some(Self { earliest, latest })
    }

    /// One day.
    pub fn day(date: Date) -> Self {
        Self { earliest: date, latest: date }
    }

    /// The first day it may have been.
    pub fn earliest(self) -> Date {
        self.earliest
    }

    /// The last day it may have been.
    pub fn latest(self) -> Date {
        self.latest
    }

    /// How exactly the date is known: a span that is just one month or one year counts as such.
    pub fn precision(self) -> Precision {
        let Self { earliest, latest } = self;
        if earliest == latest {
            Precision::Day
        } else if earliest == earliest.first_of_month() && latest == earliest.last_of_month() {
            Precision::Month
        } else if earliest == earliest.first_of_year() && latest == earliest.last_of_year() {
            Precision::Year
        } else {
            Precision::Range
        }
    }

    /// Whole years from the date to `today`: at the least, and at the most. A year is full on the
    /// civil anniversary; 29 February has its anniversary on the 28th in other years.
    pub fn age_years(self, today: Date) -> (i32, i32) {
        (full_years(self.latest, today), full_years(self.earliest, today))
    }
}

fn full_years(from: Date, to: Date) -> i32 {
    let years = i32::from(to.year()) - i32::from(from.year());
    // jiff keeps to the month's end: 29 February plus one year is 28 February.
    let anniversary = from.saturating_add(years.years());
    if anniversary <= to { years } else { years - 1 }
}

/// The text is no date that a record may hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DateSpanError;

impl DateSpanError {
    /// What would have been a date.
    pub const EXPECTED: &'static str =
        "a date such as 2005-06-30, 2005-06 or 2005, or a range such as 2003/2005";
}

impl FromStr for DateSpan {
    type Err = DateSpanError;

    /// Reads `2005-06-30`, `2005-06`, `2005`, a time such as `2005-06-30T08:00:00Z` (its date as
    /// written) and a range of two of them with `/` between.
    fn from_str(text: &str) -> Result<Self, DateSpanError> {
        if let Some((from, to)) = text.split_once('/') {
            let (from, to) = (one(from)?, one(to)?);
            return Self::try_new(from.earliest, to.latest).ok_or(DateSpanError);
        }
        one(text)
    }
}

fn one(text: &str) -> Result<DateSpan, DateSpanError> {
    let number = |part: &str, digits: usize| -> Result<i16, DateSpanError> {
        if part.len() != digits || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(DateSpanError);
        }
        part.parse().map_err(|_| DateSpanError)
    };
    let date = text.split_once(['T', ' ']).map_or(text, |(date, _)| date);
    if date.len() != text.len() {
        // The time of day must be one, though only the date is taken.
        text.parse::<jiff::civil::DateTime>()
            .map(|_| ())
            .or_else(|_| text.parse::<Timestamp>().map(|_| ()))
            .map_err(|_| DateSpanError)?;
    }
    let mut parts = date.split('-');
    let year = number(parts.next().unwrap_or_default(), 4)?;
    let month = parts.next().map(|part| number(part, 2)).transpose()?;
    let day = parts.next().map(|part| number(part, 2)).transpose()?;
    if parts.next().is_some() || (day.is_none() && date.len() != text.len()) {
        return Err(DateSpanError);
    }
    let new =
        |month: i16, day: i16| Date::new(year, month as i8, day as i8).map_err(|_| DateSpanError);
    match (month, day) {
        (Some(month), Some(day)) => new(month, day).map(DateSpan::day),
        (Some(month), None) => {
            let first = new(month, 1)?;
            Ok(DateSpan { earliest: first, latest: first.last_of_month() })
        }
        _ => Ok(DateSpan { earliest: new(1, 1)?, latest: new(12, 31)? }),
    }
}

impl fmt::Display for DateSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.precision() {
            Precision::Day => self.earliest.fmt(f),
            Precision::Month => write!(f, "{}", self.earliest.strftime("%Y-%m")),
            Precision::Year => write!(f, "{}", self.earliest.strftime("%Y")),
            Precision::Range | Precision::Unknown => write!(f, "{}/{}", self.earliest, self.latest),
        }
    }
}

/// A period that a question is about, open where an end is `None`; both ends belong to it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Interval {
    start: Option<Timestamp>,
    end: Option<Timestamp>,
}

impl Interval {
    /// An interval; `None` when its start lies after its end.
    pub fn try_new(start: Option<Timestamp>, end: Option<Timestamp>) -> Option<Self> {
        match (start, end) {
            (Some(start), Some(end)) if start > end => None,
            _ => Some(Self { start, end }),
        }
    }

    /// Whether a validity that starts at `from` and ends before `to` (never, when `None`) has a
    /// moment in common with the interval.
    pub fn meets(&self, from: Timestamp, to: Option<Timestamp>) -> bool {
        self.end.is_none_or(|end| from <= end)
            && self.start.is_none_or(|start| to.is_none_or(|to| start < to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let answer = text.parse::<DateSpan>().map_or_else(
            |_| "refused".to_owned(),
            |span| format!("{} {}..{}", span.precision().code(), span.earliest, span.latest),
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
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for bad in [
            "",
            " ",
            "05",
            "2005-13",
            "2005-02-30",
            "2005-6-1",
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

    #[test]
    fn a_date_is_written_as_it_may_be_read() {
        for text in ["2005-06-30", "2005-06", "2005", "2003-01-01/2005-12-31"] {
            assert_eq!(text.parse::<DateSpan>().map(|span| span.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn a_year_is_full_on_the_civil_anniversary() {
        let age = |from: &str, today: &str| {
            let span: DateSpan = from.parse().expect("a date");
            span.age_years(today.parse().expect("a day"))
        };
        assert_eq!(age("1995-06-30", "2025-06-29"), (29, 29));
        assert_eq!(age("1995-06-30", "2025-06-30"), (30, 30));
        assert_eq!(age("2000-02-29", "2001-02-27"), (0, 0));
        assert_eq!(age("2000-02-29", "2001-02-28"), (1, 1));
        assert_eq!(age("1995", "2025-06-30"), (29, 30));
    }

    #[test]
    fn an_interval_meets_a_validity_that_ends_before_its_end() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let (from, to) = (at("2020-01-01T00:00:00Z"), at("2021-01-01T00:00:00Z"));
        let meets = |start: Option<&str>, end: Option<&str>| {
            Interval::try_new(start.map(at), end.map(at)).map(|i| i.meets(from, Some(to)))
        };
        assert_eq!(meets(None, None), Some(true));
        assert_eq!(meets(Some("2020-12-31T23:59:59Z"), None), Some(true));
        assert_eq!(meets(Some("2021-01-01T00:00:00Z"), None), Some(false));
        assert_eq!(meets(None, Some("2020-01-01T00:00:00Z")), Some(true));
        assert_eq!(meets(None, Some("2019-12-31T23:59:59Z")), Some(false));
        assert_eq!(meets(Some("2022-01-01T00:00:00Z"), Some("2021-01-01T00:00:00Z")), None);
    }
}
