//! The check of a condition against the fields of a class.

use std::cmp::Ordering;

use terrier_spatial::Crs;

use super::family::{Family, Typed};
use super::spatial::Place;
use super::{
    Clause, Comparison, ExpressionError, Fold, GEOMETRY, GEOMETRY_ALIAS, Operand, Pattern,
};
use crate::{Field, Sight, Value};

/// How much of an offending value is repeated to its sender, in characters.
const SHOWN_CHARS: usize = 80;

/// The most operands that a list of what is not given makes of the one that is sought in it.
const MAX_COPIED: usize = 4096;

pub(super) struct Check<'a> {
    pub(super) fields: &'a [Field],
    pub(super) sight: Sight<'a>,
    /// The coordinate system of positions, which stand in the order of its axes.
    pub(super) crs: &'a Crs,
}

pub(super) fn checked(
    clause: &Clause,
    fields: &[Field],
    sight: Sight<'_>,
    crs: &Crs,
) -> Result<Clause<usize>, ExpressionError> {
    Check { fields, sight, crs }.clause(clause)
}

impl Check<'_> {
    pub(super) fn clause(&self, clause: &Clause) -> Result<Clause<usize>, ExpressionError> {
        let all = |parts: &[Clause]| {
            parts.iter().map(|part| self.clause(part)).collect::<Result<Vec<_>, _>>()
        };
        Ok(match clause {
            Clause::Constant(holds) => Clause::Constant(*holds),
            Clause::Holds(operand) => self.holds(operand)?,
            Clause::Not(part) => Clause::Not(Box::new(self.clause(part)?)),
            Clause::And(parts) => Clause::And(all(parts)?),
            Clause::Or(parts) => Clause::Or(all(parts)?),
            Clause::Compare { left, comparison, right } => {
                let (left, right) = self.pair(left, right)?;
                let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
                if left.family == Family::Boolean && !equality {
                    return Err(self.no_order(&left));
                }
                Clause::Compare {
                    left: left.operand,
                    comparison: *comparison,
                    right: right.operand,
                }
            }
            Clause::Between { value, least, greatest } => {
                let value = self.operand(value)?;
                let (middle, least) = self.paired(value.clone(), self.operand(least)?)?;
                let (middle_too, greatest) = self.paired(value, self.operand(greatest)?)?;
                if middle.family == Family::Boolean {
                    return Err(self.no_order(&middle));
                }
                // A text that is given is a date beside a date.
                let middle = if middle.family == Family::Text { middle_too } else { middle };
                Clause::Between {
                    value: middle.operand,
                    least: least.operand,
                    greatest: greatest.operand,
                }
            }
            Clause::In { value, list } => self.list(value, list)?,
            Clause::Like { value, pattern, fold } => self.like(value, pattern, *fold)?,
            Clause::IsNull(value) => Clause::IsNull(self.operand(value)?.operand),
            Clause::Spatial { relation, left, right } => {
                let (left, right) = (self.place(left)?, self.place(right)?);
                Place::related(*relation, left, right)
            }
            Clause::WithinDistance { left, right, metres } => self.within(left, right, *metres)?,
            Clause::Temporal { relation, left, right } => Clause::Temporal {
                relation: *relation,
                left: self.period(left)?,
                right: self.period(right)?,
            },
            Clause::Array { relation, left, right } => {
                let (left, right) = self.lists(left, right)?;
                Clause::Array { relation: *relation, left, right }
            }
        })
    }

    fn holds(&self, operand: &Operand) -> Result<Clause<usize>, ExpressionError> {
        let truth = self.operand(operand)?;
        self.expect(&truth, Family::Boolean, "a condition")?;
        Ok(match truth.operand {
            Operand::Condition(clause) => *clause,
            Operand::Value(Value::Boolean(holds)) => Clause::Constant(holds),
            operand => Clause::Holds(operand),
        })
    }

    fn list(&self, value: &Operand, list: &[Operand]) -> Result<Clause<usize>, ExpressionError> {
        let sought = self.operand(value)?;
        let mut entries = Vec::with_capacity(list.len());
        for entry in list {
            let mut entry = self.operand(entry)?;
            // A text that is sought may be a day beside one entry, and a text beside another.
            let given = matches!(sought.operand, Operand::Value(_)).then(|| sought.clone());
            let given = if let Some(given) = given {
                let (given, other) = self.paired(given, entry)?;
                entry = other;
                Some(given.operand)
            } else {
                entry.become_like(&sought);
                self.check_pair(&sought, &entry)?;
                None
            };
            entries.push((given, entry));
        }
        // Dates and times have no order together, and what is not given cannot be sorted.
        let is_plain = |(_, entry): &(_, Typed)| {
            matches!(entry.operand, Operand::Value(_)) && entry.family == sought.family
        };
        if !entries.iter().all(is_plain) {
            // Each value of the list gets a copy, and there may be lists in what is copied.
            let copied = sought.operand.size() * entries.len();
            if copied > MAX_COPIED {
                return Err(ExpressionError::Kind {
                    subject: format!("{} in a list", self.words(&sought)),
                    found: format!("{} values that are not all given", entries.len()),
                    expected: "fewer of them".into(),
                });
            }
            let equal = |(given, entry): (Option<_>, Typed)| Clause::Compare {
                left: given.unwrap_or_else(|| sought.operand.clone()),
                comparison: Comparison::Equal,
                right: entry.operand,
            };
            return Ok(Clause::Or(entries.into_iter().map(equal).collect()));
        }
        let mut list: Vec<Operand<usize>> =
            entries.into_iter().map(|(_, entry)| entry.operand).collect();
        let order = |a: &Operand<usize>, b: &Operand<usize>| match (a, b) {
            (Operand::Value(a), Operand::Value(b)) => a.as_ref().compare(b.as_ref()),
            _ => None,
        };
        list.sort_by(|a, b| order(a, b).unwrap_or(Ordering::Equal));
        list.dedup_by(|a, b| order(a, b).is_some_and(Ordering::is_eq));
        Ok(Clause::In { value: sought.operand, list })
    }

    fn like(
        &self,
        value: &Operand,
        pattern: &Pattern,
        fold: Fold,
    ) -> Result<Clause<usize>, ExpressionError> {
        let value = self.operand(value)?;
        self.expect(&value, Family::Text, "a pattern of text")?;
        let folded = Pattern::new(&fold.apply(pattern.as_str()));
        let pattern = folded.ok_or_else(|| ExpressionError::Kind {
            subject: self.words(&value),
            found: format!("a pattern of more than {} characters", super::MAX_PATTERN_CHARS),
            expected: "a shorter one".into(),
        })?;
        Ok(Clause::Like { value: value.operand, pattern, fold: Fold::default() })
    }

    /// The place of a field; `None` when its name is that of the geometry.
    fn position(&self, name: &str) -> Result<Option<usize>, ExpressionError> {
        let here = |field: &Field| &*field.name == name && self.sight.sees(field);
        match self.fields.iter().position(here) {
            Some(position) => Ok(Some(position)),
            None if name == GEOMETRY || name == GEOMETRY_ALIAS => Ok(None),
            None => Err(ExpressionError::Unknown(name.chars().take(SHOWN_CHARS).collect())),
        }
    }

    pub(super) fn operand(&self, operand: &Operand) -> Result<Typed, ExpressionError> {
        let (operand, family) = match operand {
            Operand::Field(name) => match self.position(name)? {
                Some(position) => {
                    (Operand::Field(position), Family::of_kind(&self.fields[position].kind))
                }
                None => (Operand::Shape, Family::Geometry),
            },
            Operand::Shape => (Operand::Shape, Family::Geometry),
            Operand::Value(value) => (Operand::Value(value.clone()), Family::of_value(value)),
            Operand::Folded { of, fold } => {
                let text = self.operand(of)?;
                self.expect(&text, Family::Text, "a text")?;
                let of = Box::new(text.operand);
                (Operand::Folded { of, fold: *fold }, Family::Text)
            }
            Operand::Arithmetic { left, operator, right } => {
                let (left, right) = (self.number(left)?, self.number(right)?);
                let (left, right) = (Box::new(left), Box::new(right));
                (Operand::Arithmetic { left, operator: *operator, right }, Family::Number)
            }
            Operand::Geometry(geometry) => {
                (Operand::Figure(self.figure(geometry)?), Family::Geometry)
            }
            Operand::Figure(figure) => (Operand::Figure(figure.clone()), Family::Geometry),
            Operand::Interval(ends) => (self.interval(ends)?, Family::Interval),
            Operand::Unbounded => {
                return Err(ExpressionError::Kind {
                    subject: "`..`".into(),
                    found: "an open end".into(),
                    expected: "a value, for only intervals have open ends".into(),
                });
            }
            Operand::List(parts) => {
                let parts = parts.iter().map(|part| self.part_of_list(part));
                let parts = parts.collect::<Result<Vec<_>, ExpressionError>>()?;
                (Operand::List(parts), Family::List)
            }
            Operand::Condition(clause) => {
                (Operand::Condition(Box::new(self.clause(clause)?)), Family::Boolean)
            }
            Operand::Call { name, arguments } => self.call(name, arguments)?,
            Operand::Age { since, on } => self.age(since, on)?,
            Operand::DueState(kind) => (Operand::DueState(*kind), Family::Text),
        };
        // What is the same for every asset is computed once.
        let constant = match &operand {
            Operand::Folded { .. } | Operand::Arithmetic { .. } | Operand::Age { .. } => {
                operand.constant()
            }
            _ => None,
        };
        Ok(Typed { operand: constant.map_or(operand, Operand::Value), family })
    }

    fn part_of_list(&self, operand: &Operand) -> Result<Operand<usize>, ExpressionError> {
        let part = self.operand(operand)?;
        // None of them is equal to another, so that no list would have it.
        if !part.family.is_scalar() {
            return Err(ExpressionError::Kind {
                subject: format!("{} in a list", self.words(&part)),
                found: part.family.words().into(),
                expected: "a single value".into(),
            });
        }
        Ok(part.operand)
    }

    fn number(&self, operand: &Operand) -> Result<Operand<usize>, ExpressionError> {
        let number = self.operand(operand)?;
        self.expect(&number, Family::Number, "a part of a sum")?;
        Ok(number.operand)
    }

    /// Two sides that can be compared with each other.
    fn pair(&self, left: &Operand, right: &Operand) -> Result<(Typed, Typed), ExpressionError> {
        self.paired(self.operand(left)?, self.operand(right)?)
    }

    fn paired(&self, mut left: Typed, mut right: Typed) -> Result<(Typed, Typed), ExpressionError> {
        left.become_like(&right);
        right.become_like(&left);
        self.check_pair(&left, &right)?;
        Ok((left, right))
    }

    /// That two sides can be compared with each other.
    fn check_pair(&self, left: &Typed, right: &Typed) -> Result<(), ExpressionError> {
        // What is said names the field, whichever side it stands on.
        let (field, other) = match (&left.operand, &right.operand) {
            (Operand::Value(_), Operand::Value(_)) => (left, right),
            (Operand::Value(_), _) => (right, left),
            _ => (left, right),
        };
        let fault = |expected: &str| ExpressionError::Kind {
            subject: self.words(field),
            found: self.words(other),
            expected: expected.into(),
        };
        if !field.family.is_scalar() {
            return Err(ExpressionError::Kind {
                subject: self.words(field),
                found: "a comparison".into(),
                expected: match field.family {
                    Family::List => {
                        "`A_CONTAINS`, `A_CONTAINEDBY`, `A_EQUALS` or `A_OVERLAPS`, for \
                                     a list has no order"
                            .into()
                    }
                    family => format!("a relation, for {} has no order", family.words()),
                },
            });
        }
        if !field.family.goes_with(other.family) {
            return Err(fault(match field.operand {
                Operand::Field(position) => self.fields[position].kind.words(),
                _ => field.family.words(),
            }));
        }
        Ok(())
    }

    /// That an operand is of the family which its use wants.
    pub(super) fn expect(
        &self,
        operand: &Typed,
        family: Family,
        used_as: &str,
    ) -> Result<(), ExpressionError> {
        if operand.family == family {
            return Ok(());
        }
        Err(ExpressionError::Kind {
            subject: format!("{} as {used_as}", self.words(operand)),
            found: operand.family.words().into(),
            expected: family.words().into(),
        })
    }

    fn no_order(&self, truth: &Typed) -> ExpressionError {
        ExpressionError::Kind {
            subject: self.words(truth),
            found: "an order".into(),
            expected: "equal or not equal, for truths have no order".into(),
        }
    }

    pub(super) fn words(&self, typed: &Typed) -> String {
        match &typed.operand {
            Operand::Field(position) => format!("`{}`", self.fields[*position].name),
            Operand::Shape => format!("`{GEOMETRY}`"),
            Operand::Value(value) => {
                let shown: String = value.as_ref().to_string().chars().take(SHOWN_CHARS).collect();
                format!("{} `{shown}`", typed.family.words())
            }
            _ => typed.family.words().into(),
        }
    }
}

/// Adds the codes that fields are compared with and that their lists do not have.
pub(super) fn gather_foreign_codes<'e>(
    clause: &'e Clause<usize>,
    fields: &[Field],
    foreign: &mut Vec<(usize, &'e str)>,
) {
    let mut look = |field: &Operand<usize>, value: &'e Operand<usize>| {
        if let (Operand::Field(position), Operand::Value(Value::Text(text))) = (field, value)
            && let Some(codes) = fields[*position].kind.codes()
            && codes.iter().all(|code| code.code != *text)
        {
            foreign.push((*position, text));
        }
    };
    match clause {
        Clause::Compare { left, right, .. } => {
            look(left, right);
            look(right, left);
        }
        Clause::In { value, list } => list.iter().for_each(|entry| look(value, entry)),
        Clause::Array { left, right, .. } => {
            for (field, list) in [(left, right), (right, left)] {
                if let Operand::List(parts) = list {
                    parts.iter().for_each(|part| look(field, part));
                }
            }
        }
        _ => {}
    }
    clause.parts().iter().for_each(|part| gather_foreign_codes(part, fields, foreign));
}
