//! How two lists stand to each other.

use crate::Value;

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

    pub(super) fn holds(self, a: &[Value], b: &[Value]) -> bool {
        let is_same = |x: &Value, y: &Value| {
            x.as_ref().compare(y.as_ref()).is_some_and(std::cmp::Ordering::is_eq)
        };
        let has = |list: &[Value], one: &Value| list.iter().any(|other| is_same(other, one));
        let covers = |whole: &[Value], part: &[Value]| part.iter().all(|one| has(whole, one));
        match self {
            Self::ContainedBy => covers(b, a),
            Self::Contains => covers(a, b),
            Self::Equals => covers(a, b) && covers(b, a),
            Self::Overlaps => a.iter().any(|one| has(b, one)),
        }
    }
}
