//! What stands where a condition or a value may, before it is known which of them is wanted.

use terrier_model::{Clause, Fold, Operand, Value};

/// A value or a condition: `(a + 1) * 2 > 3` and `(a = 1) OR b` begin alike.
pub(super) enum Term {
    Value(Operand),
    Truth(Clause),
}

impl Term {
    /// The term as a condition; `None` when it is a value that is neither true nor false.
    pub(super) fn into_clause(self) -> Option<Clause> {
        match self {
            Self::Truth(clause) => Some(clause),
            Self::Value(Operand::Value(Value::Boolean(holds))) => Some(Clause::Constant(holds)),
            Self::Value(operand @ (Operand::Field(_) | Operand::Call { .. })) => {
                Some(Clause::Holds(operand))
            }
            Self::Value(_) => None,
        }
    }

    /// The text with what it is compared without regard to, whatever was folded within it.
    pub(super) fn folded(self, fold: Fold) -> Self {
        Self::Value(match self.into() {
            Operand::Folded { of, fold: inner } => Operand::Folded { of, fold: inner.and(fold) },
            other => Operand::Folded { of: Box::new(other), fold },
        })
    }
}

impl From<Term> for Operand {
    fn from(term: Term) -> Self {
        match term {
            Term::Value(operand) | Term::Truth(Clause::Holds(operand)) => operand,
            Term::Truth(Clause::Constant(holds)) => Self::Value(Value::Boolean(holds)),
            Term::Truth(clause) => Self::Condition(Box::new(clause)),
        }
    }
}

/// All of the conditions; those that are joined by AND themselves are parts of the whole.
pub(super) fn all(parts: Vec<Clause>) -> Clause {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Clause::And(inner) => flat.extend(inner),
            part => flat.push(part),
        }
    }
    Clause::And(flat)
}

/// Any of the conditions; those that are joined by OR themselves are parts of the whole.
pub(super) fn any(parts: Vec<Clause>) -> Clause {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Clause::Or(inner) => flat.extend(inner),
            part => flat.push(part),
        }
    }
    Clause::Or(flat)
}
