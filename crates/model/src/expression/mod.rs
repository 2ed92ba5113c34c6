//! Conditions on the values of an asset: as somebody wrote them, with names, and as they are
//! evaluated, checked against the fields of a class.
//!
//! Knows no syntax: how a condition is written is told elsewhere.

mod array;
mod check;
mod error;
mod evaluate;
mod family;
mod fold;
mod function;
mod operand;
mod pattern;
mod spatial;
mod temporal;
#[cfg(test)]
mod tests;
mod truth;

pub use array::ArrayRelation;
pub use error::ExpressionError;
pub use evaluate::{AssetView, Known};
pub use fold::Fold;
pub use function::{Argument, Function, ValueType};
pub use operand::{Arithmetic, Operand};
pub use pattern::{MAX_PATTERN_CHARS, Pattern};
pub use temporal::TemporalRelation;
pub use truth::Truth;

pub(crate) use temporal::day_of;

use std::cmp::Ordering;

use terrier_spatial::{Crs, SpatialRelation};

use crate::{Field, Sight, ValueRef};

/// The name of the geometry of an asset, where its class has no field of that name.
pub const GEOMETRY: &str = "geometry";

/// Another name of the geometry, which many programs use.
pub const GEOMETRY_ALIAS: &str = "geom";

/// A condition. Fields are named by `F`: by their names while nobody has checked them, by their
/// places in an [`Expression`].
#[derive(Clone, Debug, PartialEq)]
pub enum Clause<F = Box<str>> {
    /// It holds always, or never.
    Constant(bool),
    /// What is true or false is true.
    Holds(Operand<F>),
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
        /// The list; in an [`Expression`] it holds values alone, sorted, each once.
        list: Vec<Operand<F>>,
    },
    /// The text is of a pattern.
    Like {
        /// The text.
        value: Operand<F>,
        /// The pattern.
        pattern: Pattern,
        /// What the pattern takes no notice of; in an [`Expression`] it is folded already.
        fold: Fold,
    },
    /// There is no value.
    IsNull(Operand<F>),
    /// Two geometries stand so to each other. In an [`Expression`] the left is
    /// [`Operand::Shape`], the right an [`Operand::Figure`].
    Spatial {
        /// How the left shall stand to the right.
        relation: SpatialRelation,
        /// The one.
        left: Operand<F>,
        /// The other.
        right: Operand<F>,
    },
    /// Two geometries lie within a distance of each other, measured along the ground; only in an
    /// [`Expression`], where the left is [`Operand::Shape`], the right an [`Operand::Figure`].
    WithinDistance {
        /// The one.
        left: Operand<F>,
        /// The other.
        right: Operand<F>,
        /// The greatest distance, in metres.
        metres: f64,
    },
    /// Two times or periods stand so to each other.
    Temporal {
        /// How the left shall stand to the right.
        relation: TemporalRelation,
        /// The one.
        left: Operand<F>,
        /// The other.
        right: Operand<F>,
    },
    /// Two lists stand so to each other.
    Array {
        /// How the left shall stand to the right.
        relation: ArrayRelation,
        /// The one.
        left: Operand<F>,
        /// The other.
        right: Operand<F>,
    },
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
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Equal,
        Self::NotEqual,
        Self::Less,
        Self::LessOrEqual,
        Self::Greater,
        Self::GreaterOrEqual,
    ];

    /// How CQL2 writes it.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// Whether it holds for what stands so to something.
    pub fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }

    /// The one that holds when the sides are exchanged.
    #[must_use]
    pub fn turned(self) -> Self {
        match self {
            Self::Equal => Self::Equal,
            Self::NotEqual => Self::NotEqual,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
        }
    }
}

/// A condition that fits the fields of a class or collection; only such a one can be evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression(Clause<usize>);

impl Expression {
    /// A condition checked against fields, of which the caller sees some. Positions in it are
    /// longitude and latitude.
    ///
    /// # Errors
    /// When it names a field or function that does not exist for the caller, or puts together what
    /// does not go together, or has a geometry that is none.
    pub fn try_new(
        clause: &Clause,
        fields: &[Field],
        sight: Sight<'_>,
    ) -> Result<Self, ExpressionError> {
        Self::try_new_in(clause, fields, sight, &Crs::crs84())
    }

    /// The same with positions in a coordinate system, in the order of its axes.
    ///
    /// # Errors
    /// As [`Expression::try_new`].
    pub fn try_new_in(
        clause: &Clause,
        fields: &[Field],
        sight: Sight<'_>,
        crs: &Crs,
    ) -> Result<Self, ExpressionError> {
        check::checked(clause, fields, sight, crs).map(Self)
    }

    /// The condition with the places of its fields.
    pub fn clause(&self) -> &Clause<usize> {
        &self.0
    }

    /// What it comes to for one asset.
    pub fn evaluate<'v>(&'v self, asset: &impl Known<'v>) -> Truth {
        self.0.truth(asset)
    }

    /// The same where one field has several values, handed out by `several` until there are no more:
    /// a test that reads it holds when it holds for one of them.
    pub fn evaluate_any<'v>(
        &'v self,
        asset: &impl Known<'v>,
        field: usize,
        several: impl Fn(usize) -> Option<ValueRef<'v>>,
    ) -> Truth {
        self.0.truth_of_any(asset, field, &several)
    }

    /// The tests within it that made it what it is for one asset: those that would have to come out
    /// otherwise.
    pub fn deciding<'v>(&'v self, asset: &impl Known<'v>) -> Vec<&'v Clause<usize>> {
        let mut tests = Vec::new();
        self.0.gather_deciding(asset, &mut tests);
        tests
    }

    /// The places of the fields that it reads, in their order, each once.
    pub fn fields(&self) -> Vec<usize> {
        self.0.fields()
    }

    /// Whether it asks for what falls due.
    pub fn reads_due_state(&self) -> bool {
        let mut found = false;
        self.0.walk(&mut |operand| found |= matches!(operand, Operand::DueState(_)));
        found
    }

    /// The codes that it compares fields with and that are in no list of these fields, each with
    /// the place of its field.
    pub fn foreign_codes(&self, fields: &[Field]) -> Vec<(usize, &str)> {
        let mut foreign = Vec::new();
        check::gather_foreign_codes(&self.0, fields, &mut foreign);
        foreign
    }
}

impl<F> Clause<F> {
    /// What it is made of, when it is made of other conditions.
    pub fn parts(&self) -> &[Self] {
        match self {
            Self::Not(part) => std::slice::from_ref(part),
            Self::And(parts) | Self::Or(parts) => parts,
            _ => &[],
        }
    }

    /// The sides of a test.
    fn operands(&self) -> impl Iterator<Item = &Operand<F>> {
        let (operands, list) = match self {
            Self::Compare { left, right, .. }
            | Self::Spatial { left, right, .. }
            | Self::WithinDistance { left, right, .. }
            | Self::Temporal { left, right, .. }
            | Self::Array { left, right, .. } => ([Some(left), Some(right), None], &[][..]),
            Self::Between { value, least, greatest } => {
                ([Some(value), Some(least), Some(greatest)], &[][..])
            }
            Self::In { value, list } => ([Some(value), None, None], &list[..]),
            Self::Holds(value) | Self::Like { value, .. } | Self::IsNull(value) => {
                ([Some(value), None, None], &[][..])
            }
            Self::Constant(_) | Self::Not(_) | Self::And(_) | Self::Or(_) => ([None; 3], &[][..]),
        };
        operands.into_iter().flatten().chain(list)
    }

    /// Hands out all operands, those within others too.
    pub fn walk<'c>(&'c self, visit: &mut impl FnMut(&'c Operand<F>)) {
        self.operands().for_each(|operand| operand.walk(visit));
        self.parts().iter().for_each(|part| part.walk(visit));
    }
}

impl Clause<usize> {
    /// What it comes to for one asset; see [`Expression::evaluate`].
    pub fn evaluate<'v>(&'v self, asset: &impl Known<'v>) -> Truth {
        self.truth(asset)
    }

    /// What it comes to where one field has several values; see [`Expression::evaluate_any`].
    pub fn evaluate_any<'v>(
        &'v self,
        asset: &impl Known<'v>,
        field: usize,
        several: impl Fn(usize) -> Option<ValueRef<'v>>,
    ) -> Truth {
        self.truth_of_any(asset, field, &several)
    }

    /// The places of the fields that it reads, in their order, each once.
    pub fn fields(&self) -> Vec<usize> {
        let mut fields = Vec::new();
        self.walk(&mut |operand| {
            if let Operand::Field(position) = operand {
                fields.push(*position);
            }
        });
        fields.sort_unstable();
        fields.dedup();
        fields
    }
}
