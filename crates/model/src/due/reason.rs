//! Why work is due: which values and events each rule went by.

use jiff::civil::Date;

use super::DueState;
use super::case::{Case, ordered};
use crate::{
    Clause, CoreField, EventKind, Known, Rule, Timing, Truth, Value, ValueRef, core_position,
};

/// What one rule found.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason<'v> {
    /// The rule.
    pub rule: &'v Rule,
    /// How it stands with the work by this rule alone.
    pub state: DueState,
    /// The day on which it falls due by this rule alone, or the first on which it may.
    pub due_on: Option<Date>,
    /// What it went by: first the condition, then the day. What is missing has no value.
    pub facts: Vec<Fact<'v>>,
}

/// Something that a rule went by.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact<'v> {
    /// What was looked at.
    pub subject: Subject,
    /// What was found there.
    pub value: Option<Value>,
    /// What it was looked at for.
    pub test: Test<'v>,
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Subject {
    /// The field at this place in [`crate::Class::fields`].
    Field(usize),
    /// The day of the last event of a kind.
    Event(EventKind),
    /// The day that the last event of a kind itself gave for the next.
    NextOn(EventKind),
    /// The day since which the rule is in force.
    Effective,
}

/// What a rule looks at something for.
#[derive(Clone, Debug, PartialEq)]
pub enum Test<'v> {
    /// A test of its condition.
    Condition(&'v Clause<usize>),
    /// The day on which work falls due.
    Timing(&'v Timing<usize>),
}

impl<'v, K: Known<'v>> Case<'_, 'v, K> {
    /// `None` when the rule wants nothing of the asset.
    pub(super) fn reason(&self, rule: &'v Rule) -> Option<Reason<'v>> {
        let verdict = self.verdict(rule)?;
        let mut facts = Vec::new();
        if let Some(when) = rule.when() {
            for test in when.deciding(self) {
                facts.extend(test.fields().into_iter().map(|position| Fact {
                    subject: Subject::Field(position),
                    value: self.get(position).map(ValueRef::to_value),
                    test: Test::Condition(test),
                }));
            }
        }
        if self.truth(rule) == Truth::Yes {
            let test = || Test::Timing(rule.timing());
            facts.extend(self.dates(rule).into_iter().map(|subject| Fact {
                value: self.found(rule, subject),
                test: test(),
                subject,
            }));
        }
        let due_on = verdict.due.map(|(first, _)| first);
        Some(Reason { rule, state: verdict.state, due_on, facts })
    }

    /// Where the day comes from.
    fn dates(&self, rule: &'v Rule) -> Vec<Subject> {
        let past = self.past(rule);
        let kind = rule.draft().kind;
        let event = past.done.map(|event| Subject::Event(event.kind));
        if let Some(event) = past.done.filter(|event| ordered(kind, event).is_some())
            && !matches!(rule.timing(), Timing::On { .. })
        {
            return vec![Subject::NextOn(event.kind)];
        }
        let since = match rule.timing() {
            Timing::Age { since, .. } | Timing::Floating { since, .. } => *since,
            Timing::Fixed { .. } | Timing::Yearly { .. } | Timing::Now => {
                return [Some(Subject::Effective), event].into_iter().flatten().collect();
            }
            Timing::On { field } => return vec![Subject::Field(*field)],
        };
        let base = match (past.renewal, since) {
            (Some(_), _) => vec![Subject::Event(EventKind::Renewed)],
            (None, Some(position)) => vec![Subject::Field(position)],
            (None, None) => {
                let ends = [CoreField::InstalledOn, CoreField::InstalledLatestOn];
                let exact = past.base.is_none_or(|span| span.earliest() == span.latest());
                let shown = if exact { &ends[..1] } else { &ends };
                shown.iter().map(|end| Subject::Field(core_position(*end))).collect()
            }
        };
        match (rule.timing(), event) {
            (Timing::Floating { .. }, Some(event)) => vec![event],
            (_, event) => base.into_iter().chain(event).collect(),
        }
    }

    fn found(&self, rule: &'v Rule, subject: Subject) -> Option<Value> {
        let last = |kind| self.events.iter().rev().find(|event| event.kind == kind);
        match subject {
            Subject::Field(position) => self.get(position).map(ValueRef::to_value),
            Subject::Event(kind) => last(kind).map(|event| Value::Date(event.on)),
            Subject::NextOn(kind) => last(kind).and_then(|event| event.next_on).map(Value::Date),
            Subject::Effective => Some(Value::Date(rule.draft().effective_from)),
        }
    }
}
