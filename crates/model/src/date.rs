//! Dates as records give them: exact, to the month or year, a range, or not at all.

use std::fmt;

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
    /// To the ten years of a decade.
    Decade,
    /// Not after a day.
    Before,
    /// Between two days.
    Range,
    /// Not at all.
    Unknown,
}

impl Precision {
    /// All precisions with their codes.
    pub const CODES: [(Self, &'static str); 7] = [
        (Self::Day, "day"),
        (Self::Month, "month"),
        (Self::Year, "year"),
        (Self::Decade, "decade"),
        (Self::Before, "before"),
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

/// Where a date comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "`words` says what each means")]
pub enum DateSource {
    AsBuilt,
    Survey,
    Estimated,
    Placeholder,
    Unknown,
}

impl DateSource {
    /// All of them, the most reliable first.
    pub const ALL: [Self; 5] =
        [Self::AsBuilt, Self::Survey, Self::Estimated, Self::Placeholder, Self::Unknown];

    /// The code, then what it means in English and Chinese.
    pub fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::AsBuilt => ("as_built", "Record of what was built", "竣工资料"),
            Self::Survey => ("survey", "Survey or inquiry", "普查"),
            Self::Estimated => ("estimated", "Estimated, as from the material", "推算"),
            Self::Placeholder => ("placeholder", "Placeholder, the date is not known", "占位日期"),
            Self::Unknown => ("unknown", "Not known", "不明"),
        }
    }

    /// The code.
    pub fn code(self) -> &'static str {
        self.words().0
    }

    /// The source of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.code() == code)
    }
}

/// The first day of a span of which only the end is known.
pub(crate) const BEGINNING: Date = Date::constant(1, 1, 1);

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

    /// How exactly the date is known: a span that is just one month, one year or one decade counts as
    /// such, and one that begins with the first year is known by its end alone.
    pub fn precision(self) -> Precision {
        let Self { earliest, latest } = self;
        if earliest == latest {
            Precision::Day
        } else if earliest == earliest.first_of_month() && latest == earliest.last_of_month() {
            Precision::Month
        } else if earliest == earliest.first_of_year() && latest == earliest.last_of_year() {
            Precision::Year
        } else if earliest == BEGINNING {
            Precision::Before
        } else if is_decade(earliest, latest) {
            Precision::Decade
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

fn is_decade(earliest: Date, latest: Date) -> bool {
    let (first, last) = (earliest.year(), latest.year());
    first % 10 == 0
        && last == first + 9
        && earliest == earliest.first_of_year()
        && latest == latest.last_of_year()
}

pub(crate) fn full_years(from: Date, to: Date) -> i32 {
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
    pub const EXPECTED: &'static str = "a date such as 2005-06-30, 2005-06 or 2005, 1990s, before 1995, 1995年6月, or a range such as \
         2003/2005";
}

impl fmt::Display for DateSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.precision() {
            Precision::Day => self.earliest.fmt(f),
            Precision::Month => write!(f, "{}", self.earliest.strftime("%Y-%m")),
            Precision::Year => write!(f, "{}", self.earliest.strftime("%Y")),
            Precision::Decade => write!(f, "{}s", self.earliest.strftime("%Y")),
            Precision::Before | Precision::Range | Precision::Unknown => {
                write!(f, "{}/{}", self.earliest, self.latest)
            }
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

    /// When it starts; `None` when it is open there.
    pub fn start(&self) -> Option<Timestamp> {
        self.start
    }

    /// When it ends; `None` when it is open there.
    pub fn end(&self) -> Option<Timestamp> {
        self.end
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

    #[test]
    fn a_date_is_written_as_it_may_be_read() {
        for text in [
            "2005-06-30",
            "2005-06",
            "2005",
            "1990s",
            "0001-01-01/1994-12-31",
            "2003-01-01/2005-12-31",
        ] {
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
