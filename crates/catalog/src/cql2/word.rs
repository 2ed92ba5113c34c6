//! The words of CQL2 that both of its forms share.

use terrier_model::{
    Arithmetic, ArrayRelation, Clause, Comparison, Fold, Operand, TemporalRelation,
};
use terrier_spatial::SpatialRelation;

use super::geometry;
use super::lexer::{is_name_part, is_name_start};

/// Words that are no names unless they stand in double quotes.
const KEYWORDS: [&str; 11] =
    ["AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "TRUE", "FALSE", "DIV"];

/// What begins a literal in text.
const LITERALS: [&str; 3] = ["DATE", "TIMESTAMP", "INTERVAL"];

/// What stands on a side of a relation between lists, in words.
pub(super) const LIST: &str = "a list or the name of a property";

pub(super) fn is_keyword(word: &str) -> bool {
    is_one_of(&KEYWORDS, word)
}

fn is_one_of(words: &[&str], word: &str) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Whether a name stands for itself in text, without quotes.
pub(super) fn is_plain_name(name: &str) -> bool {
    name.starts_with(is_name_start) && name.chars().all(is_name_part) && !is_keyword(name)
}

/// Whether a function can have that name in text, where other names mean something else.
pub(super) fn is_function_name(name: &str) -> bool {
    is_plain_name(name) && !is_one_of(&LITERALS, name) && geometry::find(name).is_none()
}

/// What a function takes no notice of in a text; `None` when it is another function.
pub(super) fn fold_of(word: &str) -> Option<Fold> {
    if word.eq_ignore_ascii_case("CASEI") {
        Some(Fold { case: true, accents: false })
    } else if word.eq_ignore_ascii_case("ACCENTI") {
        Some(Fold { case: false, accents: true })
    } else {
        None
    }
}

/// What `op` names in CQL2 JSON, but for the functions.
#[derive(Clone, Copy)]
pub(super) enum Operator {
    And,
    Or,
    Not,
    Between,
    In,
    Like,
    IsNull,
    Compare(Comparison),
    Compute(Arithmetic),
    Fold(Fold),
    Relate(Relation),
}

impl Operator {
    /// The operator of that name, in any case.
    pub(super) fn find(name: &str) -> Option<Self> {
        const NAMED: [(&str, Operator); 7] = [
            ("and", Operator::And),
            ("or", Operator::Or),
            ("not", Operator::Not),
            ("between", Operator::Between),
            ("in", Operator::In),
            ("like", Operator::Like),
            ("isNull", Operator::IsNull),
        ];
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        let named = NAMED.into_iter().find(|(known, _)| is(known)).map(|(_, operator)| operator);
        let compare = || Comparison::ALL.into_iter().find(|c| is(c.symbol())).map(Self::Compare);
        let compute = || Arithmetic::ALL.into_iter().find(|a| is(a.symbol())).map(Self::Compute);
        named
            .or_else(compare)
            .or_else(compute)
            .or_else(|| fold_of(name).map(Self::Fold))
            .or_else(|| Relation::find(name).map(Self::Relate))
    }
}

/// A relation of two sides, by its name.
#[derive(Clone, Copy)]
pub(super) enum Relation {
    Spatial(SpatialRelation),
    Temporal(TemporalRelation),
    Array(ArrayRelation),
}

impl Relation {
    /// The relation of that name, in any case.
    pub(super) fn find(name: &str) -> Option<Self> {
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        let spatial = SpatialRelation::ALL.into_iter().find(|r| is(r.name())).map(Self::Spatial);
        let temporal =
            || TemporalRelation::ALL.into_iter().find(|r| is(r.name())).map(Self::Temporal);
        let array = || ArrayRelation::ALL.into_iter().find(|r| is(r.name())).map(Self::Array);
        spatial.or_else(temporal).or_else(array)
    }

    /// The relation between two sides.
    pub(super) fn between(self, left: Operand, right: Operand) -> Clause {
        match self {
            Self::Spatial(relation) => Clause::Spatial { relation, left, right },
            Self::Temporal(relation) => Clause::Temporal { relation, left, right },
            Self::Array(relation) => Clause::Array { relation, left, right },
        }
    }
}
