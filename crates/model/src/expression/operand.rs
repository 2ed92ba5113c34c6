//! The sides of a test: fields, values, and what is computed of them.

use terrier_spatial::{Figure, Geometry};

use super::{Clause, Fold};
use crate::{Value, WorkKind};

/// One side of a test.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand<F = Box<str>> {
    /// What the field holds.
    Field(F),
    /// A value that is given.
    Value(Value),
    /// A text, compared without regard to something.
    Folded {
        /// The text.
        of: Box<Self>,
        /// What is taken no notice of.
        fold: Fold,
    },
    /// A number that is computed.
    Arithmetic {
        /// The first number.
        left: Box<Self>,
        /// What is done with both.
        operator: Arithmetic,
        /// The second number.
        right: Box<Self>,
    },
    /// A geometry as it was written; an [`super::Expression`] has a [`Operand::Figure`] instead.
    Geometry(Geometry),
    /// A geometry that is given, only in an [`super::Expression`].
    Figure(Figure),
    /// Where the asset is, only in an [`super::Expression`].
    Shape,
    /// A period from the first to the second, both included; each a time, a field or
    /// [`Operand::Unbounded`].
    Interval(Box<[Self; 2]>),
    /// An end of a period that is none.
    Unbounded,
    /// A list of values.
    List(Vec<Self>),
    /// Whether a condition holds.
    Condition(Box<Clause<F>>),
    /// A function by its name; no [`super::Expression`] has one.
    Call {
        /// The name, as it was written.
        name: Box<str>,
        /// What it is given.
        arguments: Vec<Self>,
    },
    /// How many years have gone by from one day to another, only in an [`super::Expression`].
    Age {
        /// The earlier day.
        since: Box<Self>,
        /// The later day.
        on: Box<Self>,
    },
    /// How it stands with work of a kind, only in an [`super::Expression`].
    DueState(WorkKind),
}

/// What is done with two numbers.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    /// The rest of a division, with the sign of the first number.
    Remainder,
    /// A division without its rest.
    WholeDivide,
    Power,
}

impl Arithmetic {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Add,
        Self::Subtract,
        Self::Multiply,
        Self::Divide,
        Self::Remainder,
        Self::WholeDivide,
        Self::Power,
    ];

    /// How CQL2 writes it.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::WholeDivide => "div",
            Self::Power => "^",
        }
    }

    /// What comes of two numbers; `None` when that is no finite number. Whole numbers stay whole
    /// where nothing is lost, but for `/` and `^`.
    pub fn of(self, left: &Value, right: &Value) -> Option<Value> {
        if let (Value::Integer(a), Value::Integer(b)) = (left, right)
            && let Some(whole) = self.of_whole(*a, *b)
        {
            return Some(Value::Integer(whole));
        }
        let (a, b) = (number(left)?, number(right)?);
        let found = match self {
            Self::Add => a + b,
            Self::Subtract => a - b,
            Self::Multiply => a * b,
            Self::Divide => a / b,
            Self::Remainder => a % b,
            Self::WholeDivide => (a / b).trunc(),
            Self::Power => a.powf(b),
        };
        found.is_finite().then_some(Value::Number(found))
    }

    fn of_whole(self, a: i64, b: i64) -> Option<i64> {
        match self {
            Self::Add => a.checked_add(b),
            Self::Subtract => a.checked_sub(b),
            Self::Multiply => a.checked_mul(b),
            Self::Remainder => a.checked_rem(b),
            Self::WholeDivide => a.checked_div(b),
            Self::Divide | Self::Power => None,
        }
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(whole) => Some(*whole as f64),
        Value::Number(number) => Some(*number),
        _ => None,
    }
}

impl<F> Operand<F> {
    /// What it is made of.
    pub(super) fn parts(&self) -> &[Self] {
        match self {
            Self::Folded { of: part, .. } => std::slice::from_ref(part),
            Self::Interval(ends) => &**ends,
            Self::List(parts) | Self::Call { arguments: parts, .. } => parts,
            _ => &[],
        }
    }

    /// How many operands it is made of, itself included.
    pub(super) fn size(&self) -> usize {
        let mut size = 0;
        self.walk(&mut |_| size += 1);
        size
    }

    /// Hands out itself and everything within it.
    pub(super) fn walk<'o>(&'o self, visit: &mut impl FnMut(&'o Self)) {
        visit(self);
        match self {
            Self::Arithmetic { left, right, .. } | Self::Age { since: left, on: right } => {
                left.walk(visit);
                right.walk(visit);
            }
            Self::Condition(clause) => clause.walk(visit),
            _ => self.parts().iter().for_each(|part| part.walk(visit)),
        }
    }
}
