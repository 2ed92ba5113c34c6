//! Days that a calendar gives, whatever happened: every year by a day, or at every interval.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::{MonthDay, Period};

/// A rising row of days, by number.
#[derive(Clone, Copy)]
pub(super) enum Deadlines {
    Every { interval: Period, from: Date },
    Yearly { by: MonthDay, from: Date },
}

impl Deadlines {
    /// The number of the first day of the row that is not before another.
    fn number_from(self, day: Date) -> u32 {
        match self {
            Self::Yearly { by, .. } => {
                let year = day.year() + i16::from(by.in_year(day.year()) < day);
                // Counted from the first year of the calendar, so that no number is below zero.
                (i32::from(year) + 9999) as u32
            }
            Self::Every { interval, from } => {
                let days = day.duration_since(from).as_hours() / 24;
                let mut least = 0;
                let mut most = (days.max(0) / interval.least_days()) as u32 + 1;
                while least < most {
                    let middle = u32::midpoint(least, most);
                    if self.day(middle) < day { least = middle + 1 } else { most = middle }
                }
                least
            }
        }
    }

    fn day(self, number: u32) -> Date {
        match self {
            Self::Yearly { by, .. } => by.in_year((i64::from(number) - 9999) as i16),
            Self::Every { interval, from } => interval.times(number).after(from),
        }
    }

    /// The first day that is still to be served, for an asset that is there since `installed`
    /// (always, when `None`) and was served for the last time on `served`.
    pub(super) fn next(self, installed: Option<Date>, served: Option<Date>, lead: Period) -> Date {
        let (Self::Every { from, .. } | Self::Yearly { from, .. }) = self;
        let mut first = match self {
            // The row begins with the rule; its first day is an interval later.
            Self::Every { .. } => 1,
            Self::Yearly { .. } => self.number_from(from),
        };
        if let Some(installed) = installed {
            first = first.max(self.number_from(installed.saturating_add(1.day())));
        }
        let Some(served) = served else { return self.day(first) };
        let ahead = self.number_from(served);
        // Within the lead it counts for the day ahead, otherwise for the one that it is late for.
        let counts_ahead = lead.before(self.day(ahead)) <= served;
        self.day(first.max(ahead + u32::from(counts_ahead)))
    }
}
