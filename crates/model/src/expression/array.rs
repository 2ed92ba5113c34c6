//! How two lists stand to each other.

use std::cmp::Ordering;

use super::check::Check;
use super::family::{Family, Typed};
use super::{ExpressionError, Operand};
use crate::ValueRef;

/// A relation of CQL2 between two lists, the first of which is told first. The order of a list, and
/// how often it has a value, counts for nothing.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ArrayRelation {
    ContainedBy,
    Contains,
    Equals,
    Overlaps,
}

impl ArrayRelation {
    /// All of them, in the order of their names.
    pub const ALL: [Self; 4] = [Self::ContainedBy, Self::Contains, Self::Equals, Self::Overlaps];

    /// The name in CQL2 JSON, such as `a_containedBy`; in text it may have any case.
    pub fn name(self) -> &'static str {
        match self {
            Self::ContainedBy => "a_containedBy",
            Self::Contains => "a_contains",
            Self::Equals => "a_equals",
            Self::Overlaps => "a_overlaps",
        }
    }

    pub(super) fn holds(self, a: &[ValueRef<'_>], b: &[ValueRef<'_>]) -> bool {
        let has = |list: &[ValueRef<'_>], one: &ValueRef<'_>| {
            list.iter().any(|other| other.compare(*one).is_some_and(Ordering::is_eq))
        };
        let covers =
            |whole: &[ValueRef<'_>], part: &[ValueRef<'_>]| part.iter().all(|one| has(whole, one));
        match self {
            Self::ContainedBy => covers(b, a),
            Self::Contains => covers(a, b),
            Self::Equals => covers(a, b) && covers(b, a),
            Self::Overlaps => a.iter().any(|one| has(b, one)),
        }
    }
}

impl Check<'_> {
    /// The two sides of a relation between lists. Beside a field stand texts alone.
    pub(super) fn lists(
        &self,
        left: &Operand,
        right: &Operand,
    ) -> Result<(Operand<usize>, Operand<usize>), ExpressionError> {
        let sides = [self.one_list(left)?, self.one_list(right)?];
        let field = sides.iter().find(|side| matches!(side.operand, Operand::Field(_)));
        if let Some(field) = field {
            let parts = [left, right].into_iter().filter_map(|side| match side {
                Operand::List(parts) => Some(parts),
                _ => None,
            });
            for part in parts.flatten() {
                let part = self.operand(part)?;
                if part.family != Family::Text {
                    return Err(ExpressionError::Kind {
                        subject: self.words(field),
                        found: format!("{} in the list beside it", self.words(&part)),
                        expected: Family::Text.words().into(),
                    });
                }
            }
        }
        let [left, right] = sides;
        Ok((left.operand, right.operand))
    }

    fn one_list(&self, operand: &Operand) -> Result<Typed, ExpressionError> {
        let list = self.operand(operand)?;
        self.expect(&list, Family::List, "a list")?;
        Ok(list)
    }
}
