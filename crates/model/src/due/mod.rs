//! What work falls due on an asset: a function of its values, of what happened to it, of the rules,
//! and of a day. Nothing of it is kept.
//!
//! Several rules for one kind of work come to one item. Its state is the worst: overdue before due,
//! due before unknown, unknown before upcoming, upcoming before not due. Its dates and its priority
//! are the strictest among the rules that have this state.

mod case;
mod deadline;
mod reason;

pub use reason::{Fact, Reason, Subject, Test};

use jiff::civil::Date;

use crate::{Class, CoreField, Event, Known, Lifecycle, Rule, ValueRef, WorkKind, core_position};
use case::{Case, Verdict};

/// How it stands with work on a day.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum DueState {
    /// It comes later.
    NotDue,
    /// It is in sight: its lead has begun.
    Upcoming,
    /// Nobody can tell, for a value is missing or not known exactly enough.
    Unknown,
    /// It is to be done now.
    Due,
    /// It should have been done.
    Overdue,
}

impl DueState {
    /// All of them, the worst last.
    pub const ALL: [Self; 5] =
        [Self::NotDue, Self::Upcoming, Self::Unknown, Self::Due, Self::Overdue];

    /// The code, then what it means in English and Chinese.
    pub fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::NotDue => ("not_due", "Not due", "未到期"),
            Self::Upcoming => ("upcoming", "Upcoming", "即将到期"),
            Self::Unknown => ("unknown", "Not known", "无法判断"),
            Self::Due => ("due", "Due", "到期"),
            Self::Overdue => ("overdue", "Overdue", "逾期"),
        }
    }

    /// The code.
    pub fn code(self) -> &'static str {
        self.words().0
    }

    /// The state of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// Work of one kind on an asset.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DueItem {
    /// What is to be done.
    pub kind: WorkKind,
    /// How it stands with it.
    pub state: DueState,
    /// The day on which it falls due, or the first on which it may; `None` when a value is missing.
    pub due_on: Option<Date>,
    /// The last day on which it may fall due; the same when the dates behind it are known exactly.
    pub due_latest_on: Option<Date>,
    /// Since when it is in sight.
    pub lead_from: Option<Date>,
    /// How urgent it is, from 1, the most, to 5.
    pub priority: u8,
    /// The rule with the strictest date, by its place in [`Judge::rules`].
    pub rule: usize,
}

/// The rules for a class that are in force on a day, ready to be judged by.
#[derive(Clone, Debug)]
pub struct Judge<'r> {
    class: &'r Class,
    day: Date,
    /// By kind, then by name.
    rules: Vec<&'r Rule>,
    lifecycle: usize,
}

impl<'r> Judge<'r> {
    /// Takes those of the rules that are about the class, in force on the day, and not replaced by
    /// another that is.
    pub fn new(class: &'r Class, rules: impl IntoIterator<Item = &'r Rule>, day: Date) -> Self {
        let mut rules: Vec<&Rule> = rules
            .into_iter()
            .filter(|rule| *rule.draft().class == *class.name() && rule.draft().is_in_force(day))
            .collect();
        let replaced: Vec<&str> =
            rules.iter().filter_map(|rule| rule.draft().replaces.as_deref()).collect();
        rules.retain(|rule| !replaced.contains(&&*rule.draft().id));
        rules.sort_by(|a, b| (a.draft().kind, &a.draft().id).cmp(&(b.draft().kind, &b.draft().id)));
        Self { class, day, rules, lifecycle: core_position(CoreField::LifecycleStatus) }
    }

    /// The same without some of its rules; those whose place they take stay out, too.
    #[must_use]
    pub fn without(mut self, is_left_out: impl Fn(&Rule) -> bool) -> Self {
        self.rules.retain(|rule| !is_left_out(rule));
        self
    }

    /// The rules, by kind, then by name.
    pub fn rules(&self) -> &[&'r Rule] {
        &self.rules
    }

    /// The day.
    pub fn day(&self) -> Date {
        self.day
    }

    /// Hands out what falls due on an asset, in the order of the kinds, each once. Its fields are
    /// asked for by their places in [`Class::fields`]; the events stand in the order of
    /// their days, and those after the day count for nothing. An asset that is not in service has
    /// nothing due; one of which nobody said it is taken to be.
    pub fn judge<'v>(
        &'v self,
        asset: &impl Known<'v>,
        events: &'v [Event],
        mut found: impl FnMut(DueItem),
    ) {
        self.judge_rule_by_rule(asset, events, |item, _| found(item));
    }

    /// The same, beside each item the places in [`Judge::rules`] of all rules that want the work.
    pub fn judge_rule_by_rule<'v>(
        &'v self,
        asset: &impl Known<'v>,
        events: &'v [Event],
        mut found: impl FnMut(DueItem, &[usize]),
    ) {
        let Some(case) = self.case(asset, events) else { return };
        let (mut place, mut wanted_by) = (0, Vec::new());
        for rules in self.rules.chunk_by(|a, b| a.draft().kind == b.draft().kind) {
            let mut item: Option<DueItem> = None;
            wanted_by.clear();
            for (at, rule) in rules.iter().enumerate() {
                if let Some(verdict) = case.verdict(rule) {
                    let next = item_of(rule, verdict, place + at);
                    item = Some(item.map_or(next, |item| together(item, next)));
                    wanted_by.push(place + at);
                }
            }
            place += rules.len();
            if let Some(item) = item {
                found(item, &wanted_by);
            }
        }
    }

    /// Why work of a kind is as it is: what each rule for it found, the worst first.
    pub fn reasons<'v>(
        &'v self,
        kind: WorkKind,
        asset: &impl Known<'v>,
        events: &'v [Event],
    ) -> Vec<Reason<'v>> {
        let Some(case) = self.case(asset, events) else { return Vec::new() };
        let rules = self.rules.iter().filter(|rule| rule.draft().kind == kind);
        let mut reasons: Vec<Reason<'v>> = rules.filter_map(|rule| case.reason(rule)).collect();
        reasons.sort_by_key(|reason| {
            (std::cmp::Reverse(reason.state), reason.due_on.is_none(), reason.due_on)
        });
        reasons
    }

    /// The asset as the rules see it; `None` when it is not in service.
    fn case<'a, 'v, K: Known<'v>>(
        &'v self,
        asset: &'a K,
        events: &'v [Event],
    ) -> Option<Case<'a, 'v, K>> {
        if let Some(ValueRef::Text(code)) = asset.value(self.lifecycle)
            && Lifecycle::from_code(code).is_some_and(|status| !is_served(status))
        {
            return None;
        }
        let events = &events[..events.partition_point(|event| event.on <= self.day)];
        Some(Case { class: self.class, day: self.day, asset, events })
    }
}

/// Whether work is done on assets of the status.
fn is_served(status: Lifecycle) -> bool {
    match status {
        Lifecycle::Trial | Lifecycle::InService | Lifecycle::ToBeRetired | Lifecycle::Unknown => {
            true
        }
        Lifecycle::Planned
        | Lifecycle::UnderConstruction
        | Lifecycle::OutOfService
        | Lifecycle::Abandoned
        | Lifecycle::Removed => false,
    }
}

fn item_of(rule: &Rule, verdict: Verdict, place: usize) -> DueItem {
    let draft = rule.draft();
    let Verdict { state, due } = verdict;
    DueItem {
        kind: draft.kind,
        state,
        due_on: due.map(|(first, _)| first),
        due_latest_on: due.map(|(_, last)| last),
        lead_from: due.map(|(first, _)| draft.lead.before(first)),
        priority: draft.priority,
        rule: place,
    }
}

/// What two rules for one kind of work come to.
fn together(a: DueItem, b: DueItem) -> DueItem {
    if a.state != b.state {
        return if a.state > b.state { a } else { b };
    }
    let earlier = |a: Option<Date>, b: Option<Date>| match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    let b_is_stricter = match (a.due_on, b.due_on) {
        (Some(a), Some(b)) => b < a,
        (a, b) => a.is_none() && b.is_some(),
    };
    DueItem {
        kind: a.kind,
        state: a.state,
        due_on: earlier(a.due_on, b.due_on),
        due_latest_on: earlier(a.due_latest_on, b.due_latest_on),
        lead_from: earlier(a.lead_from, b.lead_from),
        priority: a.priority.min(b.priority),
        rule: if b_is_stricter { b.rule } else { a.rule },
    }
}

#[cfg(test)]
mod tests;
