//! Lengths of time in civil years, months and days, and days that come every year.

use std::fmt::{self, Write};
use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::Date;

/// The longest period, in years.
pub const MAX_PERIOD_YEARS: u32 = 200;

/// A length of time in whole months and days. A month after 31 January is the last of February.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Period {
    months: u32,
    days: u32,
}

/// The text is no period.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PeriodError;

impl PeriodError {
    /// What would have been a period.
    pub const EXPECTED: &'static str = "a period of at most 200 years in years, months, weeks and days, such as P30Y, P1Y6M or P10D";
}

impl Period {
    /// So many months, then so many days.
    pub fn new(months: u32, days: u32) -> Self {
        Self { months, days }
    }

    /// Whether it has no length.
    pub fn is_zero(self) -> bool {
        self == Self::default()
    }

    /// So many times the period.
    #[must_use]
    pub fn times(self, count: u32) -> Self {
        Self { months: self.months.saturating_mul(count), days: self.days.saturating_mul(count) }
    }

    /// The day that lies so long after another: first the months, then the days. The calendar ends
    /// with the year 9999.
    pub fn after(self, day: Date) -> Date {
        moved(day, i64::from(self.months), i64::from(self.days))
    }

    /// The day that lies so long before another: first the months, then the days.
    pub fn before(self, day: Date) -> Date {
        moved(day, -i64::from(self.months), -i64::from(self.days))
    }

    /// At least so many days, whatever the months.
    pub(crate) fn least_days(self) -> i64 {
        // Twelve months have at least 365 days; of fewer, February has the least.
        let (years, months) = (i64::from(self.months / 12), i64::from(self.months % 12));
        365 * years + 28 * months + i64::from(self.days)
    }
}

fn moved(day: Date, months: i64, days: i64) -> Date {
    let end = if months < 0 { Date::MIN } else { Date::MAX };
    let months = i64::from(day.year()) * 12 + i64::from(day.month()) - 1 + months;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) as i8 + 1);
    let first = i16::try_from(year).ok().and_then(|year| Date::new(year, month, 1).ok());
    let Some(first) = first else { return end };
    let last = first.days_in_month();
    let day = Date::new(first.year(), month, day.day().min(last)).expect("the month has the day");
    if days == 0 { day } else { day.saturating_add(days.days()) }
}

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let mut rest = text.strip_prefix('P').filter(|rest| !rest.is_empty()).ok_or(PeriodError)?;
        let (mut months, mut days) = (0_u32, 0_u32);
        // Each unit once, the larger first.
        let mut units = "YMWD";
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or(PeriodError)?;
            let number: u32 = rest[..digits].parse().map_err(|_| PeriodError)?;
            let unit = rest[digits..].chars().next().ok_or(PeriodError)?;
            let at = units.find(unit).ok_or(PeriodError)?;
            units = &units[at + 1..];
            let (sum, size) = match unit {
                'Y' => (&mut months, 12),
                'M' => (&mut months, 1),
                'W' => (&mut days, 7),
                _ => (&mut days, 1),
            };
            *sum = number.checked_mul(size).and_then(|n| n.checked_add(*sum)).ok_or(PeriodError)?;
            rest = &rest[digits + 1..];
        }
        let within = months / 12 + days / 365 <= MAX_PERIOD_YEARS;
        if within { Ok(Self { months, days }) } else { Err(PeriodError) }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('P')?;
        for (number, unit) in [(self.months / 12, 'Y'), (self.months % 12, 'M')] {
            if number > 0 {
                write!(f, "{number}{unit}")?;
            }
        }
        if self.days > 0 || self.months == 0 { write!(f, "{}D", self.days) } else { Ok(()) }
    }
}

/// A day that comes every year; 29 February comes on the 28th in other years.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct MonthDay {
    month: i8,
    day: i8,
}

impl MonthDay {
    /// The day in a year.
    pub fn in_year(self, year: i16) -> Date {
        let first = Date::new(year.clamp(-9999, 9999), self.month, 1).expect("a month has a first");
        Date::new(first.year(), self.month, self.day.min(first.days_in_month()))
            .expect("the month has the day")
    }
}

impl FromStr for MonthDay {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        // The day must come in some year, so that a leap year decides.
        let day: Date = format!("2000-{text}").parse().map_err(|_| PeriodError)?;
        let same = text.len() == "06-15".len();
        if same { Ok(Self { month: day.month(), day: day.day() }) } else { Err(PeriodError) }
    }
}

impl fmt::Display for MonthDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

/// When in the year work is done. Both ends belong to the span, which may run over the new year.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Season {
    /// Only from one day to another.
    During(MonthDay, MonthDay),
    /// Never from one day to another.
    Except(MonthDay, MonthDay),
}

impl Season {
    /// Whether work is done on a day.
    pub fn is_open(self, day: Date) -> bool {
        let (Self::During(from, to) | Self::Except(from, to)) = self;
        let (start, end) = (from.in_year(day.year()), to.in_year(day.year()));
        let within =
            if from <= to { start <= day && day <= end } else { start <= day || day <= end };
        within == matches!(self, Self::During(..))
    }

    /// Whether every year has days with and days without work, so that both ends are ends.
    pub(super) fn is_good(self) -> bool {
        let (Self::During(from, to) | Self::Except(from, to)) = self;
        // In a common year and in a leap year, for the end of February.
        [2023, 2024].into_iter().all(|year| {
            let (start, end) = (from.in_year(year), to.in_year(year));
            let (before, after) = (start.saturating_sub(1.day()), end.saturating_add(1.day()));
            let within = self.is_open(start);
            self.is_open(before) != within && self.is_open(after) != within
        })
    }

    /// The last day of work on or before a day.
    pub fn last_until(self, day: Date) -> Date {
        if self.is_open(day) {
            return day;
        }
        let latest = |of: MonthDay| {
            let here = of.in_year(day.year());
            if here <= day { here } else { of.in_year(day.year() - 1) }
        };
        match self {
            Self::During(_, to) => latest(to),
            Self::Except(from, _) => latest(from).saturating_sub(1.day()),
        }
    }

    /// The day itself when work is done on it; otherwise the last day of the next season, or the
    /// first day behind the time without work.
    pub fn next_from(self, day: Date) -> Date {
        if self.is_open(day) {
            return day;
        }
        let next = |of: MonthDay| {
            let here = of.in_year(day.year());
            if here >= day { here } else { of.in_year(day.year().saturating_add(1)) }
        };
        match self {
            Self::During(_, to) => next(to),
            Self::Except(_, to) => next(to).saturating_add(1.day()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().expect("a day")
    }

    fn period(text: &str) -> Period {
        text.parse().expect("a period")
    }

    #[test]
    fn a_period_is_read_and_written() {
        let check = |text: &str, expected: &str| {
            let found = text.parse::<Period>().map_or("refused".into(), |p| p.to_string());
            assert_eq!(found, expected, "{text}");
        };
        for same in ["P30Y", "P1Y6M", "P1Y6M10D", "P10D", "P0D", "P200Y"] {
            check(same, same);
        }
        check("P2W", "P14D");
        check("P1W3D", "P10D");
        check("P18M", "P1Y6M");
        check("P0Y", "P0D");
        for bad in [
            "",
            "P",
            "30Y",
            "p1Y",
            "P1",
            "PY",
            "P1H",
            "PT1H",
            "P1D1Y",
            "P1Y1Y",
            "P-1Y",
            "P1.5Y",
            "P201Y",
            "P4294967296D",
            "P999999999Y",
            "P1Y ",
            "P٣Y",
        ] {
            check(bad, "refused");
        }
    }

    #[test]
    fn periods_keep_to_the_end_of_the_month() {
        let after = |start: &str, length: &str, expected: &str| {
            assert_eq!(period(length).after(day(start)), day(expected), "{start} {length}");
        };
        after("1995-06-30", "P30Y", "2025-06-30");
        after("2000-02-29", "P1Y", "2001-02-28");
        after("2000-02-29", "P4Y", "2004-02-29");
        after("2023-01-31", "P1M", "2023-02-28");
        after("2023-01-31", "P1M1D", "2023-03-01");
        after("2023-12-31", "P1D", "2024-01-01");
        after("2023-11-30", "P3M", "2024-02-29");
        after("2023-06-15", "P0D", "2023-06-15");
        after("9999-01-01", "P200Y", "9999-12-31");
        let before = |start: &str, length: &str, expected: &str| {
            assert_eq!(period(length).before(day(start)), day(expected), "{start} {length}");
        };
        before("2024-03-31", "P1M", "2024-02-29");
        before("2024-01-01", "P1D", "2023-12-31");
        before("-009999-06-01", "P200Y", "-009999-01-01");
    }

    #[test]
    fn a_day_of_the_year_is_read_and_comes_every_year() {
        let leap: MonthDay = "02-29".parse().expect("a day");
        assert_eq!(leap.in_year(2024), day("2024-02-29"));
        assert_eq!(leap.in_year(2023), day("2023-02-28"));
        for bad in ["", "2-29", "02-30", "13-01", "00-10", "06-15 ", "06-15T00:00"] {
            assert_eq!(bad.parse::<MonthDay>(), Err(PeriodError), "{bad}");
        }
    }

    #[test]
    fn a_day_out_of_season_moves_to_a_day_within() {
        let between =
            |from: &str, to: &str| (from.parse().expect("a day"), to.parse().expect("a day"));
        let during = |from, to| Season::During(between(from, to).0, between(from, to).1);
        let except = |from, to| Season::Except(between(from, to).0, between(from, to).1);
        let check = |season: Season, on: &str, last: &str, next: &str| {
            assert_eq!(season.last_until(day(on)), day(last), "{season:?} {on}");
            assert_eq!(season.next_from(day(on)), day(next), "{season:?} {on}");
        };
        let spring = during("03-01", "06-15");
        check(spring, "2024-06-15", "2024-06-15", "2024-06-15");
        check(spring, "2024-06-16", "2024-06-15", "2025-06-15");
        check(spring, "2024-02-29", "2023-06-15", "2024-06-15");
        let heating = except("11-15", "03-15");
        check(heating, "2024-11-14", "2024-11-14", "2024-11-14");
        check(heating, "2024-11-15", "2024-11-14", "2025-03-16");
        check(heating, "2025-01-01", "2024-11-14", "2025-03-16");
        check(heating, "2025-03-15", "2024-11-14", "2025-03-16");
        let winter = during("11-15", "03-15");
        check(winter, "2024-12-31", "2024-12-31", "2024-12-31");
        check(winter, "2024-06-01", "2024-03-15", "2025-03-15");
        assert!(heating.is_good() && winter.is_good());
        assert!(during("02-29", "02-29").is_good());
        assert!(!during("01-01", "12-31").is_good());
        assert!(!during("03-01", "02-28").is_good());
        assert!(!except("01-01", "12-31").is_good());
        assert!(!except("03-01", "02-28").is_good());
        assert!(!except("02-29", "02-28").is_good());
    }
}
