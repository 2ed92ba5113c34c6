//! How two times, or two periods, stand to each other.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::ValueRef;

/// A relation of CQL2 between two times or periods, the first of which is told first. A time is a
/// period that ends when it begins.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TemporalRelation {
    After,
    Before,
    Contains,
    Disjoint,
    During,
    Equals,
    FinishedBy,
    Finishes,
    Intersects,
    Meets,
    MetBy,
    OverlappedBy,
    Overlaps,
    StartedBy,
    Starts,
}

/// One end of a period.
#[derive(Clone, Copy, Debug)]
pub(super) enum Moment {
    /// Before everything.
    Ever,
    Day(Date),
    Time(Timestamp),
    /// After everything.
    Never,
}

/// A period, both ends of which belong to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Period {
    pub(super) start: Moment,
    pub(super) end: Moment,
}

impl TemporalRelation {
    /// All of them, in the order of their names.
    pub const ALL: [Self; 15] = [
        Self::After,
        Self::Before,
        Self::Contains,
        Self::Disjoint,
        Self::During,
        Self::Equals,
        Self::FinishedBy,
        Self::Finishes,
        Self::Intersects,
        Self::Meets,
        Self::MetBy,
        Self::OverlappedBy,
        Self::Overlaps,
        Self::StartedBy,
        Self::Starts,
    ];

    /// The name in CQL2 JSON, such as `t_finishedBy`; in text it may have any case.
    pub fn name(self) -> &'static str {
        match self {
            Self::After => "t_after",
            Self::Before => "t_before",
            Self::Contains => "t_contains",
            Self::Disjoint => "t_disjoint",
            Self::During => "t_during",
            Self::Equals => "t_equals",
            Self::FinishedBy => "t_finishedBy",
            Self::Finishes => "t_finishes",
            Self::Intersects => "t_intersects",
            Self::Meets => "t_meets",
            Self::MetBy => "t_metBy",
            Self::OverlappedBy => "t_overlappedBy",
            Self::Overlaps => "t_overlaps",
            Self::StartedBy => "t_startedBy",
            Self::Starts => "t_starts",
        }
    }

    pub(super) fn holds(self, a: Period, b: Period) -> bool {
        let starts = a.start.order(b.start);
        let ends = a.end.order(b.end);
        let end_to_start = a.end.order(b.start);
        let start_to_end = a.start.order(b.end);
        match self {
            Self::After => start_to_end.is_gt(),
            Self::Before => end_to_start.is_lt(),
            Self::Contains => starts.is_lt() && ends.is_gt(),
            Self::Disjoint => start_to_end.is_gt() || end_to_start.is_lt(),
            Self::During => starts.is_gt() && ends.is_lt(),
            Self::Equals => starts.is_eq() && ends.is_eq(),
            Self::FinishedBy => starts.is_lt() && ends.is_eq(),
            Self::Finishes => starts.is_gt() && ends.is_eq(),
            Self::Intersects => start_to_end.is_le() && end_to_start.is_ge(),
            Self::Meets => end_to_start.is_eq(),
            Self::MetBy => start_to_end.is_eq(),
            Self::OverlappedBy => starts.is_gt() && start_to_end.is_lt() && ends.is_gt(),
            Self::Overlaps => starts.is_lt() && end_to_start.is_gt() && ends.is_lt(),
            Self::StartedBy => starts.is_eq() && ends.is_gt(),
            Self::Starts => starts.is_eq() && ends.is_lt(),
        }
    }
}

impl Moment {
    pub(super) fn of(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Date(date) => Some(Self::Day(date)),
            ValueRef::Instant(time) => Some(Self::Time(time)),
            _ => None,
        }
    }

    fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Day(a), Self::Day(b)) => a.cmp(&b),
            (Self::Time(a), Self::Time(b)) => a.cmp(&b),
            (Self::Day(a), Self::Time(b)) => a.cmp(&day_of(b)),
            (Self::Time(a), Self::Day(b)) => day_of(a).cmp(&b),
            (Self::Ever, Self::Ever) | (Self::Never, Self::Never) => Ordering::Equal,
            (Self::Ever, _) | (_, Self::Never) => Ordering::Less,
            (Self::Never, _) | (_, Self::Ever) => Ordering::Greater,
        }
    }
}

/// The day of a time, in UTC.
pub(crate) fn day_of(time: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(time).date()
}
