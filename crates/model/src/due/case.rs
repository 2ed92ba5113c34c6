//! One asset before the rules: on which day each of them wants work, and how it stands with it.

use jiff::civil::Date;
use terrier_spatial::Shape;

use super::DueState;
use super::deadline::Deadlines;
use crate::{
    Assessment, Class, CoreField, DateSpan, Event, EventKind, EventPart, Known, Rule, Timing,
    Truth, ValueRef, WorkKind, core_position,
};

/// The asset, and what happened to it up to the day.
pub(super) struct Case<'a, 'v, K> {
    pub(super) class: &'v Class,
    pub(super) day: Date,
    pub(super) asset: &'a K,
    pub(super) events: &'v [Event],
}

impl<'v, K: Known<'v>> Known<'v> for Case<'_, 'v, K> {
    fn value(&self, position: usize) -> Option<ValueRef<'v>> {
        self.get(position)
    }

    fn shape(&self) -> Option<Shape> {
        self.asset.shape()
    }

    /// A rule says how it stands with work, and cannot ask it.
    fn due_state(&self, _: WorkKind) -> Option<DueState> {
        None
    }
}

/// How it stands with the work that a rule wants, and between which days it falls due.
#[derive(Clone, Copy)]
pub(super) struct Verdict {
    pub(super) state: DueState,
    pub(super) due: Option<(Date, Date)>,
}

/// On which day a rule whose condition holds wants work.
#[derive(Clone, Copy)]
pub(super) enum Outcome {
    /// The work is done, and the rule wants no more.
    Done,
    On(Date),
    /// A date is missing that the day depends on.
    Missing,
}

/// What happened that a rule counts.
#[derive(Clone, Copy)]
pub(super) struct Past<'v> {
    /// The date from which an age or the first interval counts.
    pub(super) base: Option<DateSpan>,
    /// The renewal that is this date, if it is one.
    pub(super) renewal: Option<&'v Event>,
    /// The last time that the work was done.
    pub(super) done: Option<&'v Event>,
}

impl<'v, K: Known<'v>> Case<'_, 'v, K> {
    /// A value as it was on the day: what shows events shows those up to then.
    pub(super) fn get(&self, position: usize) -> Option<ValueRef<'v>> {
        match self.class.fields()[position].event {
            Some(part) => part.of(self.events),
            None => self.asset.value(position),
        }
    }

    pub(super) fn truth(&self, rule: &'v Rule) -> Truth {
        rule.when().map_or(Truth::Yes, |when| when.evaluate(self))
    }

    /// `None` when the rule wants nothing of the asset.
    pub(super) fn verdict(&self, rule: &'v Rule) -> Option<Verdict> {
        match self.truth(rule) {
            Truth::No => return None,
            Truth::Unknown => return Some(Verdict { state: DueState::Unknown, due: None }),
            Truth::Yes => {}
        }
        let past = self.past(rule);
        let base = past.base;
        let earliest = self.outcome(rule, &past, base.map(DateSpan::earliest));
        let latest = match base {
            Some(span) if span.earliest() != span.latest() => {
                self.outcome(rule, &past, Some(span.latest()))
            }
            _ => earliest,
        };
        self.between(rule, earliest, latest)
    }

    /// What both ends of a date that is not known exactly come to. When both are due, the milder;
    /// when neither is, the later state; otherwise nobody can tell.
    fn between(&self, rule: &Rule, earliest: Outcome, latest: Outcome) -> Option<Verdict> {
        let (first, last) = match (earliest, latest) {
            (Outcome::Missing, _) | (_, Outcome::Missing) => {
                return Some(Verdict { state: DueState::Unknown, due: None });
            }
            (Outcome::Done, Outcome::Done) => return None,
            (Outcome::On(day), Outcome::Done) | (Outcome::Done, Outcome::On(day)) => {
                let state = self.state(rule, day);
                let state = if state < DueState::Due { state } else { DueState::Unknown };
                return Some(Verdict { state, due: Some((day, day)) });
            }
            (Outcome::On(a), Outcome::On(b)) => (a.min(b), a.max(b)),
        };
        let (worse, milder) = (self.state(rule, first), self.state(rule, last));
        let state = match (worse >= DueState::Due, milder >= DueState::Due) {
            (true, true) => milder,
            (false, false) => worse,
            _ => DueState::Unknown,
        };
        Some(Verdict { state, due: Some((first, last)) })
    }

    fn state(&self, rule: &Rule, due_on: Date) -> DueState {
        let draft = rule.draft();
        if self.day < draft.lead.before(due_on) {
            DueState::NotDue
        } else if self.day < due_on {
            DueState::Upcoming
        } else if self.day <= draft.grace.after(due_on) {
            DueState::Due
        } else {
            DueState::Overdue
        }
    }

    pub(super) fn past(&self, rule: &'v Rule) -> Past<'v> {
        let kind = rule.draft().kind;
        let (Timing::Age { since, .. } | Timing::Floating { since, .. }) = rule.timing() else {
            let done = self.last(|event| kind.is_done_by(event.kind));
            // Days of the calendar are not moved by a renewal, nor is a day that is given.
            let base = match rule.timing() {
                Timing::Fixed { .. } | Timing::Yearly { .. } => self.installed(),
                _ => None,
            };
            return Past { base, renewal: None, done };
        };
        let base = match since {
            None => self.installed(),
            Some(position) => self.date(*position).map(DateSpan::day),
        };
        // What happened before it was there, happened to another.
        let counts = |base: Option<DateSpan>, event: &Event| {
            base.is_none_or(|base| base.earliest() <= event.on)
        };
        let renewal = self.last(|event| event.kind == EventKind::Renewed && counts(base, event));
        let base = renewal.map(|event| DateSpan::day(event.on)).or(base);
        let done = self.last(|event| {
            // A renewal begins a new life; it is no work on what was renewed.
            kind.is_done_by(event.kind) && event.kind != EventKind::Renewed && counts(base, event)
        });
        Past { base, renewal, done }
    }

    pub(super) fn outcome(&self, rule: &Rule, past: &Past<'_>, base: Option<Date>) -> Outcome {
        let draft = rule.draft();
        let done = past.done;
        if let (Timing::Age { until: Some(until), .. }, Some(base)) = (rule.timing(), base)
            && until.after(base) <= self.day
        {
            return Outcome::Done;
        }
        if let Some(next) = done.and_then(|event| ordered(draft.kind, event))
            && !matches!(rule.timing(), Timing::On { .. })
        {
            return Outcome::On(next);
        }
        match rule.timing() {
            Timing::Age { age, then, .. } => {
                let first = base.map(|base| settled(rule, age.after(base)));
                match (done, then, first) {
                    (None, _, None) | (Some(_), None, None) => Outcome::Missing,
                    (Some(done), Some(then), None) => {
                        Outcome::On(settled(rule, then.after(done.on)))
                    }
                    (Some(done), then, Some(first)) if draft.lead.before(first) <= done.on => then
                        .map_or(Outcome::Done, |then| {
                            Outcome::On(settled(rule, then.after(done.on)))
                        }),
                    (_, _, Some(first)) => Outcome::On(first),
                }
            }
            Timing::Floating { interval, .. } => {
                let start = done.map(|event| event.on).or(base);
                start.map_or(Outcome::Missing, |start| {
                    Outcome::On(settled(rule, interval.after(start)))
                })
            }
            Timing::Fixed { interval } => {
                let row = Deadlines::Every { interval: *interval, from: draft.effective_from };
                Outcome::On(row.next(base, done.map(|event| event.on), draft.lead))
            }
            Timing::Yearly { by } => {
                let row = Deadlines::Yearly { by: *by, from: draft.effective_from };
                Outcome::On(row.next(base, done.map(|event| event.on), draft.lead))
            }
            Timing::On { field } => self.on_given_day(rule, *field, done),
            Timing::Now => match done {
                Some(done) if draft.effective_from <= done.on => Outcome::Done,
                _ => Outcome::On(draft.effective_from),
            },
        }
    }

    fn on_given_day(&self, rule: &Rule, field: usize, done: Option<&Event>) -> Outcome {
        let event = self.class.fields()[field].event;
        if event == Some(EventPart::OpenSince) {
            // A hazard is open until it is said to be mended, whatever else was done; none wants nothing.
            return self.date(field).map_or(Outcome::Done, Outcome::On);
        }
        let Some(day) = self.date(field) else { return Outcome::Missing };
        let draft = rule.draft();
        let counts_from = match event {
            Some(EventPart::NextOn(kind)) => {
                // The work that set the day is not the work that it asks for.
                if draft.kind.is_done_by(kind) {
                    return Outcome::On(day);
                }
                self.last(|event| event.kind == kind).map(|event| event.on)
            }
            _ => None,
        };
        let counts_from = counts_from.unwrap_or_else(|| draft.lead.before(day));
        match done {
            Some(done) if counts_from <= done.on => Outcome::Done,
            _ => Outcome::On(day),
        }
    }

    fn last(&self, is_sought: impl Fn(&Event) -> bool) -> Option<&'v Event> {
        self.events.iter().rev().find(|event| is_sought(event))
    }

    fn date(&self, position: usize) -> Option<Date> {
        match self.get(position) {
            Some(ValueRef::Date(day)) => Some(day),
            _ => None,
        }
    }

    fn installed(&self) -> Option<DateSpan> {
        let earliest = self.date(core_position(CoreField::InstalledOn))?;
        let latest = self.date(core_position(CoreField::InstalledLatestOn)).unwrap_or(earliest);
        DateSpan::try_new(earliest, latest)
    }
}

/// The day on which the event itself says that the same work follows.
pub(super) fn ordered(kind: WorkKind, event: &Event) -> Option<Date> {
    // The day of an assessment that wants a renewal is that of the renewal.
    let is_of_renewal = matches!(event.result, Some(Assessment::RenewBy | Assessment::RenewAtOnce));
    event.next_on.filter(|_| !(kind == WorkKind::Assess && is_of_renewal))
}

/// A counted day as the rule lets it be: not before the rule is in force, and in its season. It
/// moves back to the last day of work; where the rule is not in force yet on that day, forward.
fn settled(rule: &Rule, day: Date) -> Date {
    let draft = rule.draft();
    let day = day.max(draft.effective_from);
    let Some(season) = draft.season else { return day };
    let back = season.last_until(day);
    if draft.effective_from <= back { back } else { season.next_from(day) }
}
