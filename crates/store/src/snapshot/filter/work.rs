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
    /// Values that other fields must have.
    equals: Vec<&'q (usize, Value)>,
    clauses: Vec<&'q Clause<usize>>,
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
                _ => tests.equals.push(equal),
            }
        }
        for clause in clauses {
            match Quick::of(clause) {
                Some(quick) => tests.quick.push(quick),
                None => tests.clauses.push(clause),
            }
        }
        tests
    }

    pub(in super::super) fn is_empty(&self) -> bool {
        self.quick.is_empty() && self.equals.is_empty() && self.clauses.is_empty()
    }

    /// Whether they hold. The work is wanted by several rules, told one after another, and a test of
    /// its rule holds when it holds for one of them.
    pub(in super::super) fn hold<'v>(
        &'v self,
        item: &PackedItem,
        work: &impl Known<'v>,
        rules: impl Fn(usize) -> Option<&'v str>,
    ) -> bool {
        let rule = DueField::Rule.position();
        let several = |nth: usize| rules(nth).map(ValueRef::Text);
        let is_equal = |(at, wanted): &(usize, Value)| {
            let wanted = wanted.as_ref();
            if *at == rule {
                return (0..).map_while(several).any(|found| found == wanted);
            }
            work.value(*at) == Some(wanted)
        };
        let holds =
            |clause: &&'v Clause<usize>| clause.evaluate_any(work, rule, several) == Truth::Yes;
        self.quick.iter().all(|quick| quick.holds(item))
            && self.equals.iter().all(|equal| is_equal(equal))
            && self.clauses.iter().all(holds)
    }
}

impl Quick {
    /// `None` where the clause asks for more than one field, or for the rule, of which there may be
    /// several.
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
