//! The slow model of what falls due.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use terrier_model::{
    Assessment, DateSpan, DueState, Event, EventKind, Period, RuleDraft, Season, Timing, WorkKind,
};

use super::Pipe;

/// So many months on or back, one after another, then so many days.
fn walked(day: Date, period: Period, forward: bool) -> Date {
    // The text of a period is its other form.
    let text = period.to_string();
    let mut numbers = [0_u32; 3];
    let mut digits = String::new();
    for c in text.chars().skip(1) {
        match "YMD".find(c) {
            None => digits.push(c),
            Some(unit) => numbers[unit] = std::mem::take(&mut digits).parse().expect("a number"),
        }
    }
    let (mut year, mut month) = (day.year(), day.month());
    for _ in 0..12 * numbers[0] + numbers[1] {
        (year, month) = match (month, forward) {
            (12, true) => (year + 1, 1),
            (1, false) => (year - 1, 12),
            (_, true) => (year, month + 1),
            (_, false) => (year, month - 1),
        };
    }
    let mut of_month = day.day();
    while Date::new(year, month, of_month).is_err() {
        of_month -= 1;
    }
    let days = i64::from(numbers[2]).days();
    let day = date(year, month, of_month);
    if forward { day + days } else { day - days }
}

fn is_open(season: Season, day: Date) -> bool {
    let (Season::During(from, to) | Season::Except(from, to)) = season;
    let of_year = |day: Date| (day.month(), day.day());
    let (start, end) = (of_year(from.in_year(day.year())), of_year(to.in_year(day.year())));
    let day = of_year(day);
    // What ends before it begins runs over the new year.
    let within = if of_year(to.in_year(2024)) < of_year(from.in_year(2024)) {
        !(end < day && day < start)
    } else {
        !(day < start || end < day)
    };
    within == matches!(season, Season::During(..))
}

/// The day in the season, going back one by one, or else forward to the end of the next.
fn in_season(draft: &RuleDraft, day: Date) -> Date {
    let day = day.max(draft.effective_from);
    let Some(season) = draft.season else { return day };
    let mut back = day;
    while !is_open(season, back) {
        back = back.yesterday().expect("within the calendar");
    }
    if back >= draft.effective_from {
        return back;
    }
    let mut on = day;
    while !is_open(season, on) {
        on = on.tomorrow().expect("within the calendar");
    }
    if let Season::During(..) = season {
        while is_open(season, on.tomorrow().expect("within the calendar")) {
            on = on.tomorrow().expect("within the calendar");
        }
    }
    on
}

/// `Err` when a date is missing, `None` when nothing more is wanted.
type Wanted = Result<Option<Date>, ()>;

/// All days of a rule with fixed days, far beyond those that are asked for.
pub(super) fn row(draft: &RuleDraft) -> Vec<Date> {
    match &draft.timing {
        Timing::Yearly { by } => (1900..2100).map(|year| by.in_year(year)).collect(),
        Timing::Fixed { interval } => {
            let mut row = Vec::new();
            while row.last().is_none_or(|day: &Date| day.year() < 2062) {
                let count = row.len() as u32;
                row.push(walked(draft.effective_from, interval.times(count), true));
            }
            row
        }
        _ => Vec::new(),
    }
}

struct Slow<'a> {
    pipe: &'a Pipe,
    draft: &'a RuleDraft,
    row: &'a [Date],
    today: Date,
    /// Up to the day.
    events: &'a [Event],
}

impl Slow<'_> {
    fn does(&self, event: &Event) -> bool {
        use EventKind as E;
        match self.draft.kind {
            WorkKind::Inspect | WorkKind::Verify => event.kind == E::Inspected,
            WorkKind::Assess => event.kind == E::Assessed,
            WorkKind::Clean => event.kind == E::Cleaned,
            WorkKind::Repair => event.kind == E::Repaired || event.kind == E::Renewed,
            WorkKind::Renew => event.kind == E::Renewed,
        }
    }

    fn ordered(&self, event: &Event) -> Option<Date> {
        let renewal = [Some(Assessment::RenewBy), Some(Assessment::RenewAtOnce)];
        if self.draft.kind == WorkKind::Assess && renewal.contains(&event.result) {
            return None;
        }
        event.next_on
    }

    fn base(&self) -> Option<DateSpan> {
        match &self.draft.timing {
            Timing::Age { since: Some(_), .. } | Timing::Floating { since: Some(_), .. } => {
                self.pipe.wanted_on.map(DateSpan::day)
            }
            _ => self.pipe.installed,
        }
    }

    /// An age or a floating interval, when what counts from a date counts from this one.
    fn counted(&self, base: Option<Date>) -> Wanted {
        let mut start = base;
        let mut done: Option<&Event> = None;
        let first = self.base().map(DateSpan::earliest);
        for event in self.events.iter().filter(|event| first.is_none_or(|day| day <= event.on)) {
            if event.kind == EventKind::Renewed {
                start = Some(event.on);
                // What was done earlier was done to what is gone.
                done = done.filter(|done| done.on == event.on);
            } else if self.does(event) {
                done = Some(event);
            }
        }
        if let Timing::Age { until: Some(until), .. } = &self.draft.timing
            && start.is_some_and(|start| walked(start, *until, true) <= self.today)
        {
            return Ok(None);
        }
        if let Some(next) = done.and_then(|event| self.ordered(event)) {
            return Ok(Some(next));
        }
        let settled = |day| in_season(self.draft, day);
        match &self.draft.timing {
            Timing::Age { age, then, .. } => {
                let again = |then: &Option<Period>, done: &Event| {
                    then.map(|then| settled(walked(done.on, then, true)))
                };
                let Some(start) = start else {
                    return match (done, then) {
                        (Some(done), Some(_)) => Ok(again(then, done)),
                        _ => Err(()),
                    };
                };
                let first = settled(walked(start, *age, true));
                match done {
                    Some(done) if walked(first, self.draft.lead, false) <= done.on => {
                        Ok(again(then, done))
                    }
                    _ => Ok(Some(first)),
                }
            }
            Timing::Floating { interval, .. } => {
                let start = done.map(|done| done.on).or(start).ok_or(())?;
                Ok(Some(settled(walked(start, *interval, true))))
            }
            _ => unreachable!("only these count"),
        }
    }

    /// The first day of the row that is not served, for an asset that is there since a day.
    fn of_row(&self, installed: Option<Date>) -> Date {
        let row = self.row;
        let mut served: Option<Date> = None;
        for event in self.events.iter().filter(|event| self.does(event)) {
            let ahead = row.iter().position(|day| *day >= event.on).expect("the row is long");
            served = if walked(row[ahead], self.draft.lead, false) <= event.on {
                Some(row[ahead])
            } else {
                ahead.checked_sub(1).map(|late| row[late]).or(served)
            };
        }
        let last = self.events.iter().rev().find(|event| self.does(event));
        if let Some(next) = last.and_then(|event| self.ordered(event)) {
            return next;
        }
        let wanted = row.iter().find(|day| {
            let in_force = match self.draft.timing {
                Timing::Yearly { .. } => **day >= self.draft.effective_from,
                _ => **day > self.draft.effective_from,
            };
            in_force
                && installed.is_none_or(|installed| installed < **day)
                && served.is_none_or(|served| served < **day)
        });
        *wanted.expect("the row is long")
    }

    fn wanted(&self, base: Option<Date>) -> Wanted {
        let last = self.events.iter().rev().find(|event| self.does(event));
        match &self.draft.timing {
            Timing::Age { .. } | Timing::Floating { .. } => self.counted(base),
            Timing::Yearly { .. } | Timing::Fixed { .. } => Ok(Some(self.of_row(base))),
            Timing::On { .. } => {
                let day = self.pipe.wanted_on.ok_or(())?;
                let from = walked(day, self.draft.lead, false);
                Ok(last.is_none_or(|last| last.on < from).then_some(day))
            }
            Timing::Now => match last {
                Some(last) if last.on >= self.draft.effective_from => Ok(self.ordered(last)),
                Some(last) => Ok(Some(self.ordered(last).unwrap_or(self.draft.effective_from))),
                None => Ok(Some(self.draft.effective_from)),
            },
        }
    }

    fn state(&self, due_on: Date) -> DueState {
        let today = self.today;
        if today < walked(due_on, self.draft.lead, false) {
            DueState::NotDue
        } else if today < due_on {
            DueState::Upcoming
        } else if today <= walked(due_on, self.draft.grace, true) {
            DueState::Due
        } else {
            DueState::Overdue
        }
    }

    fn judged(&self) -> Option<(DueState, Option<Date>, Option<Date>)> {
        if self.draft.when.is_some() {
            match self.pipe.is_iron {
                None => return Some((DueState::Unknown, None, None)),
                Some(false) => return None,
                Some(true) => {}
            }
        }
        let renewed = self.events.iter().any(|event| {
            let first = self.base().map(DateSpan::earliest);
            event.kind == EventKind::Renewed && first.is_none_or(|first| first <= event.on)
        });
        let counted = matches!(self.draft.timing, Timing::Age { .. } | Timing::Floating { .. });
        let ends = match self.base() {
            // A renewal is of one day, whatever came before.
            Some(span) if !(renewed && counted) => vec![Some(span.earliest()), Some(span.latest())],
            _ => vec![None],
        };
        let mut wanted = Vec::new();
        for end in ends {
            match self.wanted(end) {
                Ok(day) => wanted.push(day),
                Err(()) => return Some((DueState::Unknown, None, None)),
            }
        }
        let days: Vec<Date> = wanted.iter().copied().flatten().collect();
        let (first, last) = (days.iter().min()?, days.iter().max()?);
        let states: Vec<Option<DueState>> =
            wanted.iter().map(|day| day.map(|day| self.state(day))).collect();
        let is_due = |state: &Option<DueState>| state.is_some_and(|state| state >= DueState::Due);
        let state = if states.iter().all(is_due) {
            states.iter().flatten().min().copied()
        } else if states.iter().any(is_due) {
            Some(DueState::Unknown)
        } else {
            states.iter().flatten().max().copied()
        };
        Some((state?, Some(*first), Some(*last)))
    }
}

/// Kind, state, first day, last day, lead, priority.
pub(super) type Row = (WorkKind, DueState, Option<Date>, Option<Date>, Option<Date>, u8);

/// What falls due on the day, in the order of the kinds.
pub(super) fn judged(
    pipe: &Pipe,
    drafts: &[RuleDraft],
    rows_of_days: &[Vec<Date>],
    today: Date,
) -> Vec<Row> {
    let events: Vec<Event> =
        pipe.events.iter().filter(|event| event.on <= today).cloned().collect();
    let in_force = |draft: &RuleDraft| {
        draft.effective_from <= today && draft.effective_to.is_none_or(|last| today <= last)
    };
    let mut rows: Vec<Row> = Vec::new();
    for kind in WorkKind::ALL {
        let found: Vec<Row> = drafts
            .iter()
            .zip(rows_of_days)
            .filter(|(draft, _)| in_force(draft) && draft.kind == kind)
            .filter(|(draft, _)| {
                let others = drafts.iter().filter(|other| in_force(other));
                others.filter_map(|other| other.replaces.as_ref()).all(|id| *id != draft.id)
            })
            .filter_map(|(draft, row)| {
                let slow = Slow { pipe, draft, row, today, events: &events };
                let (state, first, last) = slow.judged()?;
                let lead = first.map(|first| walked(first, draft.lead, false));
                Some((kind, state, first, last, lead, draft.priority))
            })
            .collect();
        let Some(worst) = found.iter().map(|row| row.1).max() else { continue };
        let worst: Vec<&Row> = found.iter().filter(|row| row.1 == worst).collect();
        rows.push((
            kind,
            worst[0].1,
            worst.iter().filter_map(|row| row.2).min(),
            worst.iter().filter_map(|row| row.3).min(),
            worst.iter().filter_map(|row| row.4).min(),
            worst.iter().map(|row| row.5).min().expect("there is one"),
        ));
    }
    rows
}
