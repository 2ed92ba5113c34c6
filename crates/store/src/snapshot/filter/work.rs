//! What is asked of the work that falls due on assets, beside what is asked of the assets.

use terrier_catalog::DueField;
use terrier_model::{Clause, DueState, Kind, Known, Truth, Value, ValueRef, WorkKind};

use super::column::lies_in;
use super::node::reads_fields_alone;
use super::range::{Ranges, truth_of};
use crate::snapshot::due::PackedItem;

/// Tests of work; all must hold.
#[derive(Debug, Default)]
pub(in super::super) struct WorkTests<'q> {
    /// Those of one field, which a look at the item answers; they come first.
    quick: Vec<Quick>,
    /// Those of the rule, of which there may be several: each holds when it does for one of them.
    rules: Vec<RuleTest<'q>>,
    /// Values that other fields must have.
    equals: Vec<&'q (usize, Value)>,
    clauses: Vec<&'q Clause<usize>>,
}

/// A test of the rule that wants work.
#[derive(Debug)]
enum RuleTest<'q> {
    /// It has this name.
    Equal(&'q Value),
    Clause(&'q Clause<usize>),
}

/// For each test of the rule, which of all rules pass it, by their places.
pub(in super::super) struct Passing(Vec<Box<[bool]>>);

impl Passing {
    /// Whether each test is passed by one of some rules.
    fn has_each(&self, rules: &[u16]) -> bool {
        self.0.iter().all(|passing| rules.iter().any(|rule| passing[usize::from(*rule)]))
    }
}

/// A test of one field of work.
#[derive(Debug)]
enum Quick {
    /// For each kind whether it is asked for.
    Kind([bool; WorkKind::ALL.len()]),
    /// For each state.
    State([bool; DueState::ALL.len()]),
    /// For each priority.
    Priority(Box<[bool; 256]>),
    /// A day lies in ranges.
    Day(DueField, Vec<(i32, i32)>),
}

impl<'q> WorkTests<'q> {
    pub(super) fn new(equals: &'q [(usize, Value)], clauses: Vec<&'q Clause<usize>>) -> Self {
        let mut tests = Self::default();
        for equal @ (position, wanted) in equals {
            let holds = |value: ValueRef<'_>| value == wanted.as_ref();
            match (DueField::at(*position), wanted) {
                (Some(DueField::Kind | DueField::State | DueField::Priority), _) => {
                    tests.quick.extend(Quick::of_few(*position, holds));
                }
                (Some(DueField::Rule), _) => tests.rules.push(RuleTest::Equal(wanted)),
                _ => tests.equals.push(equal),
            }
        }
        for clause in clauses {
            if let Some(quick) = Quick::of(clause) {
                tests.quick.push(quick);
            } else if is_of_rule(clause) {
                tests.rules.push(RuleTest::Clause(clause));
            } else {
                tests.clauses.push(clause);
            }
        }
        tests
    }

    pub(in super::super) fn is_empty(&self) -> bool {
        let Self { quick, rules, equals, clauses } = self;
        quick.is_empty() && rules.is_empty() && equals.is_empty() && clauses.is_empty()
    }

    /// Puts the tests of the rule to all rules, once for all work that they may want.
    pub(in super::super) fn passing<'n>(
        &self,
        names: &(impl Iterator<Item = &'n str> + Clone),
    ) -> Passing {
        let of_test = |test: &RuleTest<'_>| {
            let names = names.clone().map(ValueRef::Text);
            let passes = names.map(|name| match test {
                RuleTest::Equal(wanted) => name == wanted.as_ref(),
                RuleTest::Clause(clause) => truth_of(clause, Some(name)) == Truth::Yes,
            });
            passes.collect()
        };
        Passing(self.rules.iter().map(of_test).collect())
    }

    /// Whether they hold. The work is wanted by several rules, given by their places and their names one
    /// after another, and a test of its rule holds when it holds for one of them.
    pub(in super::super) fn hold<'v>(
        &'v self,
        item: &PackedItem,
        work: &impl Known<'v>,
        passing: &Passing,
        wanted_by: &[u16],
        rules: impl Fn(usize) -> Option<&'v str>,
    ) -> bool {
        let rule = DueField::Rule.position();
        let several = |nth: usize| rules(nth).map(ValueRef::Text);
        let holds =
            |clause: &&'v Clause<usize>| clause.evaluate_any(work, rule, several) == Truth::Yes;
        self.quick.iter().all(|quick| quick.holds(item))
            && passing.has_each(wanted_by)
            && self.equals.iter().all(|(at, wanted)| work.value(*at) == Some(wanted.as_ref()))
            && self.clauses.iter().all(holds)
    }
}

/// Whether a clause is one test, and reads nothing but the rule.
fn is_of_rule(clause: &Clause<usize>) -> bool {
    let is_joint = matches!(clause, Clause::Not(_) | Clause::And(_) | Clause::Or(_));
    !is_joint && clause.fields() == [DueField::Rule.position()] && reads_fields_alone(clause)
}

impl Quick {
    /// `None` where the clause asks for more than one field, or for one that has no few values and no days.
    fn of(clause: &Clause<usize>) -> Option<Self> {
        let &[position] = &clause.fields()[..] else { return None };
        if !reads_fields_alone(clause) {
            return None;
        }
        match DueField::at(position)? {
            field @ (DueField::DueOn | DueField::DueLatestOn | DueField::LeadFrom) => {
                match Ranges::of(clause, &Kind::Date, Truth::Yes)? {
                    Ranges::Days(ranges) => Some(Self::Day(field, ranges)),
                    _ => None,
                }
            }
            _ => Self::of_few(position, |value| truth_of(clause, Some(value)) == Truth::Yes),
        }
    }

    /// The test of a field that has few different values.
    fn of_few(position: usize, holds: impl Fn(ValueRef<'_>) -> bool) -> Option<Self> {
        match DueField::at(position)? {
            DueField::Kind => {
                Some(Self::Kind(WorkKind::ALL.map(|kind| holds(ValueRef::Text(kind.code())))))
            }
            DueField::State => {
                Some(Self::State(DueState::ALL.map(|state| holds(ValueRef::Text(state.code())))))
            }
            DueField::Priority => {
                let holds = |priority: usize| holds(ValueRef::Integer(priority as i64));
                Some(Self::Priority(Box::new(std::array::from_fn(holds))))
            }
            _ => None,
        }
    }

    fn holds(&self, item: &PackedItem) -> bool {
        match self {
            Self::Kind(kinds) => kinds[usize::from(item.kind)],
            Self::State(states) => states[usize::from(item.state)],
            Self::Priority(priorities) => priorities[usize::from(item.priority)],
            Self::Day(field, ranges) => {
                let day = match field {
                    DueField::DueLatestOn => item.due_latest_on,
                    DueField::LeadFrom => item.lead_from,
                    _ => item.due_on,
                };
                lies_in(ranges, day)
            }
        }
    }
}
