//! The check of a condition against the fields of a class.

use super::{Clause, Comparison, Operand};
use crate::{Field, Kind, Scope, Value};

/// Why a condition does not fit the fields.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ExpressionError {
    /// It names a field that does not exist.
    #[error("`{0}` is not known here")]
    Unknown(String),
    /// What it compares does not go together.
    #[error("{subject}: found {found}, expected {expected}")]
    Kind {
        /// The field, or the value when there is no field.
        subject: String,
        /// What it is compared with.
        found: String,
        /// What would have been right.
        expected: &'static str,
    },
}

/// How much of an offending value is repeated to its sender, in characters.
const SHOWN_CHARS: usize = 80;

/// Values of one family can be compared with each other.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Family {
    Text,
    Number,
    Boolean,
    Date,
    Instant,
}

impl Family {
    fn of_kind(kind: &Kind) -> Self {
        match kind {
            Kind::Text | Kind::Code(_) => Self::Text,
            Kind::Integer | Kind::Number => Self::Number,
            Kind::Boolean => Self::Boolean,
            Kind::Date => Self::Date,
            Kind::Instant => Self::Instant,
        }
    }

    fn of_value(value: &Value) -> Self {
        match value {
            Value::Text(_) => Self::Text,
            Value::Integer(_) | Value::Number(_) => Self::Number,
            Value::Boolean(_) => Self::Boolean,
            Value::Date(_) => Self::Date,
            Value::Instant(_) => Self::Instant,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Date => "a date",
            Self::Instant => "a time",
        }
    }
}

struct Check<'a> {
    fields: &'a [Field],
    scope: Scope,
}

pub(super) fn checked(
    clause: &Clause,
    fields: &[Field],
    scope: Scope,
) -> Result<Clause<usize>, ExpressionError> {
    Check { fields, scope }.clause(clause)
}

impl Check<'_> {
    fn clause(&self, clause: &Clause) -> Result<Clause<usize>, ExpressionError> {
        let all = |parts: &[Clause]| {
            parts.iter().map(|part| self.clause(part)).collect::<Result<Vec<_>, _>>()
        };
        Ok(match clause {
            Clause::Constant(holds) => Clause::Constant(*holds),
            Clause::Holds(name) => {
                let position = self.position(name)?;
                let field = Operand::Field(position);
                self.expect(&field, Family::Boolean, || "a condition".into())?;
                Clause::Holds(position)
            }
            Clause::Not(part) => Clause::Not(Box::new(self.clause(part)?)),
            Clause::And(parts) => Clause::And(all(parts)?),
            Clause::Or(parts) => Clause::Or(all(parts)?),
            Clause::Compare { left, comparison, right } => {
                let (left, right) = (self.operand(left)?, self.operand(right)?);
                let family = self.same_family(&left, &right)?;
                let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
                if family == Family::Boolean && !equality {
                    return Err(ExpressionError::Kind {
                        subject: self.words(&left),
                        found: "an order".into(),
                        expected: "equal or not equal, for truths have no order",
                    });
                }
                Clause::Compare { left, comparison: *comparison, right }
            }
            Clause::Between { value, least, greatest } => {
                let value = self.operand(value)?;
                let (least, greatest) = (self.operand(least)?, self.operand(greatest)?);
                self.same_family(&value, &least)?;
                if self.same_family(&value, &greatest)? == Family::Boolean {
                    return Err(ExpressionError::Kind {
                        subject: self.words(&value),
                        found: "an order".into(),
                        expected: "no truths between others, for truths have no order",
                    });
                }
                Clause::Between { value, least, greatest }
            }
            Clause::In { value, list } => self.list(value, list)?,
            Clause::Like { value, pattern } => {
                let value = self.operand(value)?;
                self.expect(&value, Family::Text, || "a pattern of text".into())?;
                Clause::Like { value, pattern: pattern.clone() }
            }
            Clause::IsNull(value) => Clause::IsNull(self.operand(value)?),
        })
    }

    fn list(&self, value: &Operand, list: &[Value]) -> Result<Clause<usize>, ExpressionError> {
        let value = self.operand(value)?;
        for entry in list {
            self.same_family(&value, &Operand::Value(entry.clone()))?;
        }
        let mut list = list.to_vec();
        let order = |a: &Value, b: &Value| a.as_ref().compare(b.as_ref());
        list.sort_by(|a, b| order(a, b).expect("all are of one family"));
        list.dedup_by(|a, b| order(a, b).is_some_and(std::cmp::Ordering::is_eq));
        Ok(Clause::In { value, list })
    }

    fn position(&self, name: &str) -> Result<usize, ExpressionError> {
        let here = |field: &Field| &*field.name == name && self.scope.sees(field);
        self.fields
            .iter()
            .position(here)
            .ok_or_else(|| ExpressionError::Unknown(name.chars().take(SHOWN_CHARS).collect()))
    }

    fn operand(&self, operand: &Operand) -> Result<Operand<usize>, ExpressionError> {
        Ok(match operand {
            Operand::Field(name) => Operand::Field(self.position(name)?),
            Operand::Value(value) => Operand::Value(value.clone()),
        })
    }

    fn family(&self, operand: &Operand<usize>) -> Family {
        match operand {
            Operand::Field(position) => Family::of_kind(&self.fields[*position].kind),
            Operand::Value(value) => Family::of_value(value),
        }
    }

    fn same_family(
        &self,
        left: &Operand<usize>,
        right: &Operand<usize>,
    ) -> Result<Family, ExpressionError> {
        // What is said names the field, whichever side it stands on.
        let (field, other) = match (left, right) {
            (Operand::Value(_), Operand::Field(_)) => (right, left),
            _ => (left, right),
        };
        let family = self.family(field);
        self.expect_of(field, other, family)?;
        Ok(family)
    }

    fn expect_of(
        &self,
        field: &Operand<usize>,
        other: &Operand<usize>,
        family: Family,
    ) -> Result<(), ExpressionError> {
        if self.family(other) == family {
            return Ok(());
        }
        let expected = match field {
            Operand::Field(position) => self.fields[*position].kind.words(),
            Operand::Value(_) => family.words(),
        };
        let subject = self.words(field);
        Err(ExpressionError::Kind { subject, found: self.words(other), expected })
    }

    /// That the operand is of the family which its use wants.
    fn expect(
        &self,
        operand: &Operand<usize>,
        family: Family,
        used_as: impl Fn() -> String,
    ) -> Result<(), ExpressionError> {
        let found = self.family(operand);
        if found == family {
            return Ok(());
        }
        let subject = format!("{} as {}", self.words(operand), used_as());
        let (found, expected) = (found.words().into(), family.words());
        Err(ExpressionError::Kind { subject, found, expected })
    }

    fn words(&self, operand: &Operand<usize>) -> String {
        match operand {
            Operand::Field(position) => format!("`{}`", self.fields[*position].name),
            Operand::Value(value) => {
                let shown: String = value.as_ref().to_string().chars().take(SHOWN_CHARS).collect();
                format!("{} `{shown}`", Family::of_value(value).words())
            }
        }
    }
}

/// Adds the codes that fields are compared with and that their lists do not have.
pub(super) fn gather_foreign_codes<'e>(
    clause: &'e Clause<usize>,
    fields: &[Field],
    foreign: &mut Vec<(usize, &'e str)>,
) {
    let mut look = |field: &Operand<usize>, value: &'e Value| {
        if let (Operand::Field(position), Value::Text(text)) = (field, value)
            && let Kind::Code(codes) = &fields[*position].kind
            && codes.iter().all(|code| code.code != *text)
        {
            foreign.push((*position, text));
        }
    };
    match clause {
        Clause::Compare { left, right, .. } => {
            for (field, other) in [(left, right), (right, left)] {
                if let Operand::Value(value) = other {
                    look(field, value);
                }
            }
        }
        Clause::In { value, list } => list.iter().for_each(|entry| look(value, entry)),
        _ => {}
    }
    clause.parts().iter().for_each(|part| gather_foreign_codes(part, fields, foreign));
}
