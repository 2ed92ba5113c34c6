//! How two times, or two periods, stand to each other.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Truth;
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

/// A period, both ends of which belong to it; `None` is an end that is not known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Period {
    pub(super) start: Option<Moment>,
    pub(super) end: Option<Moment>,
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

    /// Whether it holds, each definition taken as comparisons of ends: an end that is not known leaves
    /// open only what is asked of it.
    pub(super) fn holds(self, a: Period, b: Period) -> Truth {
        let order = |one: Option<Moment>, other: Option<Moment>| Some(one?.order(other?));
        let is = |order: Option<Ordering>, test: fn(Ordering) -> bool| Truth::from(order.map(test));
        let all = |truths: &[Truth]| Truth::all(truths.iter().copied());
        let starts = order(a.start, b.start);
        let ends = order(a.end, b.end);
        let end_to_start = order(a.end, b.start);
        let start_to_end = order(a.start, b.end);
        let (lt, eq, gt) = (Ordering::is_lt, Ordering::is_eq, Ordering::is_gt);
        match self {
            Self::After => is(start_to_end, gt),
            Self::Before => is(end_to_start, lt),
            Self::Contains => all(&[is(starts, lt), is(ends, gt)]),
            Self::Disjoint => Self::Intersects.holds(a, b).negated(),
            Self::During => all(&[is(starts, gt), is(ends, lt)]),
            Self::Equals => all(&[is(starts, eq), is(ends, eq)]),
            Self::FinishedBy => all(&[is(starts, lt), is(ends, eq)]),
            Self::Finishes => all(&[is(starts, gt), is(ends, eq)]),
            Self::Intersects => {
                all(&[is(start_to_end, Ordering::is_le), is(end_to_start, Ordering::is_ge)])
            }
            Self::Meets => is(end_to_start, eq),
            Self::MetBy => is(start_to_end, eq),
            Self::OverlappedBy => all(&[is(starts, gt), is(start_to_end, lt), is(ends, gt)]),
            Self::Overlaps => all(&[is(starts, lt), is(end_to_start, gt), is(ends, lt)]),
            Self::StartedBy => all(&[is(starts, eq), is(ends, gt)]),
            Self::Starts => all(&[is(starts, eq), is(ends, lt)]),
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
