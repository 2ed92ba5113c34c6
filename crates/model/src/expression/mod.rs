//! Conditions on the values of an asset: as somebody wrote them, with names, and as they are
//! evaluated, checked against the fields of a class.
//!
//! Knows no syntax: how a condition is written is told elsewhere.

mod check;
mod pattern;
mod truth;

pub use check::ExpressionError;
pub use pattern::{MAX_PATTERN_CHARS, Pattern};
pub use truth::Truth;

use std::cmp::Ordering;

use crate::{Field, Scope, Value, ValueRef};

/// A condition. Fields are named by `F`: by their names while nobody has checked them, by their
/// places in an [`Expression`].
#[derive(Clone, Debug, PartialEq)]
pub enum Clause<F = Box<str>> {
    /// It holds always, or never.
    Constant(bool),
    /// The field of truth is true.
    Holds(F),
    /// The opposite of another.
    Not(Box<Self>),
    /// All hold.
    And(Vec<Self>),
    /// At least one holds.
    Or(Vec<Self>),
    /// The left side stands so to the right.
    Compare {
        /// What is compared.
        left: Operand<F>,
        /// How the left side shall stand to the right.
        comparison: Comparison,
        /// With what.
        right: Operand<F>,
    },
    /// The value lies between two others, both included.
    Between {
        /// The value.
        value: Operand<F>,
        /// The least.
        least: Operand<F>,
        /// The greatest.
        greatest: Operand<F>,
    },
    /// The value is one of a list.
    In {
        /// The value.
        value: Operand<F>,
        /// The list; in an [`Expression`] it is sorted and holds each value once.
        list: Vec<Value>,
    },
    /// The text is of a pattern.
    Like {
        /// The text.
        value: Operand<F>,
        /// The pattern.
        pattern: Pattern,
    },
    /// There is no value.
    IsNull(Operand<F>),
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand<F = Box<str>> {
    /// What the field holds.
    Field(F),
    /// A value that is given.
    Value(Value),
}

/// How two values stand to each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// A condition that fits the fields of a class or collection; only such a one can be evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression(Clause<usize>);

impl Expression {
    /// A condition checked against fields, of which the scope shows some.
    ///
    /// # Errors
    /// When it names a field that does not exist for the scope, or compares values of kinds that
    /// do not go together.
    pub fn try_new(
        clause: &Clause,
        fields: &[Field],
        scope: Scope,
    ) -> Result<Self, ExpressionError> {
        check::checked(clause, fields, scope).map(Self)
    }

    /// The condition with the places of its fields.
    pub fn clause(&self) -> &Clause<usize> {
        &self.0
    }

    /// What it comes to for the values of one asset, asked for by the places of the fields.
    pub fn evaluate<'v>(&'v self, value: impl Fn(usize) -> Option<ValueRef<'v>>) -> Truth {
        self.0.truth(&value)
    }

    /// The same where one field has several values, handed out by `several` until there are no more:
    /// a test that reads it holds when it holds for one of them.
    pub fn evaluate_any<'v>(
        &'v self,
        value: impl Fn(usize) -> Option<ValueRef<'v>>,
        field: usize,
        several: impl Fn(usize) -> Option<ValueRef<'v>>,
    ) -> Truth {
        self.0.truth_of_any(&value, field, &several)
    }

    /// The tests within it that made it what it is for the values of one asset: those that would
    /// have to come out otherwise.
    pub fn deciding<'v>(
        &'v self,
        value: impl Fn(usize) -> Option<ValueRef<'v>>,
    ) -> Vec<&'v Clause<usize>> {
        let mut tests = Vec::new();
        self.0.gather_deciding(&value, &mut tests);
        tests
    }

    /// The places of the fields that it reads, in their order, each once.
    pub fn fields(&self) -> Vec<usize> {
        self.0.fields()
    }

    /// The codes that it compares fields with and that are in no list of these fields, each with
    /// the place of its field.
    pub fn foreign_codes(&self, fields: &[Field]) -> Vec<(usize, &str)> {
        let mut foreign = Vec::new();
        check::gather_foreign_codes(&self.0, fields, &mut foreign);
        foreign
    }
}

impl Operand<usize> {
    fn get<'v>(&'v self, value: &impl Fn(usize) -> Option<ValueRef<'v>>) -> Option<ValueRef<'v>> {
        match self {
            Self::Field(position) => value(*position),
            Self::Value(value) => Some(value.as_ref()),
        }
    }
}

impl<F> Clause<F> {
    /// What it is made of, when it is made of other conditions.
    fn parts(&self) -> &[Self] {
        match self {
            Self::Not(part) => std::slice::from_ref(part),
            Self::And(parts) | Self::Or(parts) => parts,
            _ => &[],
        }
    }

    fn operands(&self) -> impl Iterator<Item = &Operand<F>> {
        let operands = match self {
            Self::Compare { left, right, .. } => [Some(left), Some(right), None],
            Self::Between { value, least, greatest } => [Some(value), Some(least), Some(greatest)],
            Self::In { value, .. } | Self::Like { value, .. } | Self::IsNull(value) => {
                [Some(value), None, None]
            }
            Self::Constant(_) | Self::Holds(_) | Self::Not(_) | Self::And(_) | Self::Or(_) => {
                [None; 3]
            }
        };
        operands.into_iter().flatten()
    }
}

impl Clause<usize> {
    /// The places of the fields that it reads, in their order, each once.
    pub fn fields(&self) -> Vec<usize> {
        let mut fields = Vec::new();
        self.gather_fields(&mut fields);
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    fn gather_fields(&self, fields: &mut Vec<usize>) {
        if let Self::Holds(position) = self {
            fields.push(*position);
        }
        fields.extend(self.operands().filter_map(|operand| match operand {
            Operand::Field(position) => Some(*position),
            Operand::Value(_) => None,
        }));
        self.parts().iter().for_each(|part| part.gather_fields(fields));
    }

    fn truth<'v, V: Fn(usize) -> Option<ValueRef<'v>>>(&'v self, value: &V) -> Truth {
        match self {
            Self::Constant(holds) => Truth::from(*holds),
            Self::Holds(position) => match value(*position) {
                Some(ValueRef::Boolean(holds)) => Truth::from(holds),
                _ => Truth::Unknown,
            },
            Self::Not(part) => part.truth(value).negated(),
            Self::And(parts) => Truth::all(parts.iter().map(|part| part.truth(value))),
            Self::Or(parts) => Truth::any(parts.iter().map(|part| part.truth(value))),
            Self::Compare { left, comparison, right } => {
                compared(left.get(value), *comparison, right.get(value))
            }
            Self::Between { value: middle, least, greatest } => {
                let middle = middle.get(value);
                let ends = [
                    compared(middle, Comparison::GreaterOrEqual, least.get(value)),
                    compared(middle, Comparison::LessOrEqual, greatest.get(value)),
                ];
                Truth::all(ends.into_iter())
            }
            Self::In { value: sought, list } => {
                let found = sought.get(value).map(|sought| {
                    let order = |entry: &Value| entry.as_ref().compare(sought);
                    // The check let only values of one kind into the list.
                    list.binary_search_by(|entry| order(entry).unwrap_or(Ordering::Less)).is_ok()
                });
                Truth::from(found)
            }
            Self::Like { value: text, pattern } => match text.get(value) {
                Some(ValueRef::Text(text)) => Truth::from(pattern.matches(text)),
                _ => Truth::Unknown,
            },
            Self::IsNull(operand) => Truth::from(operand.get(value).is_none()),
        }
    }

    /// Whether it is a test that reads the field.
    fn reads(&self, field: usize) -> bool {
        let is_read =
            |operand: &Operand<usize>| matches!(operand, Operand::Field(read) if *read == field);
        matches!(self, Self::Holds(read) if *read == field) || self.operands().any(is_read)
    }

    fn truth_of_any<'v, V, S>(&'v self, value: &V, field: usize, several: &S) -> Truth
    where
        V: Fn(usize) -> Option<ValueRef<'v>>,
        S: Fn(usize) -> Option<ValueRef<'v>>,
    {
        let of = |part: &'v Self| part.truth_of_any(value, field, several);
        match self {
            Self::Not(part) => of(part).negated(),
            Self::And(parts) => Truth::all(parts.iter().map(of)),
            Self::Or(parts) => Truth::any(parts.iter().map(of)),
            _ if self.reads(field) => {
                let values = (0..).map_while(several);
                Truth::any(values.map(|one| {
                    self.truth(&|position| {
                        if position == field { Some(one) } else { value(position) }
                    })
                }))
            }
            _ => self.truth(value),
        }
    }

    fn gather_deciding<'v, V: Fn(usize) -> Option<ValueRef<'v>>>(
        &'v self,
        value: &V,
        tests: &mut Vec<&'v Self>,
    ) {
        let all_count = match self {
            Self::Not(_) => None,
            Self::And(_) => Some(Truth::Yes),
            Self::Or(_) => Some(Truth::No),
            _ => return tests.push(self),
        };
        let whole = self.truth(value);
        for part in self.parts() {
            if all_count.is_none_or(|all| all == whole) || part.truth(value) == whole {
                part.gather_deciding(value, tests);
            }
        }
    }
}

fn compared(
    left: Option<ValueRef<'_>>,
    comparison: Comparison,
    right: Option<ValueRef<'_>>,
) -> Truth {
    let order = left.zip(right).and_then(|(left, right)| left.compare(right));
    Truth::from(order.map(|order| comparison.holds(order)))
}

#[cfg(test)]
mod tests;
