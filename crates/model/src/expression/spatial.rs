//! The check of what a condition says of places and times, and of the functions that it calls.

use terrier_spatial::{Figure, Geometry, SpatialRelation};

use super::check::Check;
use super::family::{Family, Typed, moment};
use super::function::{Function, Known};
use super::{Clause, ExpressionError, GEOMETRY, Operand};
use crate::{Value, WorkKind};

/// One side of a spatial relation.
pub(super) enum Place {
    Shape,
    Figure(Figure),
}

impl Place {
    /// The relation with the asset's place to the left, or what it comes to for every asset.
    pub(super) fn related(relation: SpatialRelation, left: Self, right: Self) -> Clause<usize> {
        let of_shape = |relation, figure| Clause::Spatial {
            relation,
            left: Operand::Shape,
            right: Operand::Figure(figure),
        };
        match (left, right) {
            (Self::Shape, Self::Figure(figure)) => of_shape(relation, figure),
            (Self::Figure(figure), Self::Shape) => of_shape(relation.turned(), figure),
            (Self::Figure(a), Self::Figure(b)) => Clause::Constant(a.relates(relation, &b)),
            (Self::Shape, Self::Shape) => Clause::Constant(matches!(
                relation,
                SpatialRelation::Intersects
                    | SpatialRelation::Equals
                    | SpatialRelation::Within
                    | SpatialRelation::Contains
            )),
        }
    }

    /// Whether two places lie within a distance, with the asset's to the left; `None`
    /// when neither is.
    pub(super) fn within(left: Self, right: Self, metres: f64) -> Option<Clause<usize>> {
        Some(match (left, right) {
            (Self::Shape, Self::Figure(figure)) | (Self::Figure(figure), Self::Shape) => {
                let (left, right) = (Operand::Shape, Operand::Figure(figure));
                Clause::WithinDistance { left, right, metres }
            }
            (Self::Figure(_), Self::Figure(_)) => return None,
            (Self::Shape, Self::Shape) => Clause::Constant(true),
        })
    }
}

impl Operand<usize> {
    pub(super) fn figure(&self) -> Option<&Figure> {
        match self {
            Self::Figure(figure) => Some(figure),
            _ => None,
        }
    }
}

impl Check<'_> {
    pub(super) fn figure(&self, geometry: &Geometry) -> Result<Figure, ExpressionError> {
        Ok(Figure::try_new(geometry, self.crs, self.crs.axis_order())?)
    }

    pub(super) fn place(&self, operand: &Operand) -> Result<Place, ExpressionError> {
        let typed = self.operand(operand)?;
        self.expect(&typed, Family::Geometry, "a place")?;
        Ok(match typed.operand {
            Operand::Figure(figure) => Place::Figure(figure),
            _ => Place::Shape,
        })
    }

    /// A time, or an interval.
    pub(super) fn period(&self, operand: &Operand) -> Result<Operand<usize>, ExpressionError> {
        if let Operand::Interval(ends) = operand {
            return self.interval(ends);
        }
        self.time(operand)
    }

    fn time(&self, operand: &Operand) -> Result<Operand<usize>, ExpressionError> {
        let mut time = self.operand(operand)?;
        if let Operand::Value(Value::Text(text)) = &time.operand
            && let Some(value) = moment(text)
        {
            time = Typed { family: Family::of_value(&value), operand: Operand::Value(value) };
        }
        if time.family.is_temporal() {
            return Ok(time.operand);
        }
        Err(ExpressionError::Kind {
            subject: format!("{} as a time", self.words(&time)),
            found: time.family.words().into(),
            expected: "a date, a time or an interval".into(),
        })
    }

    pub(super) fn interval(&self, ends: &[Operand; 2]) -> Result<Operand<usize>, ExpressionError> {
        let end = |operand: &Operand| match operand {
            Operand::Unbounded => Ok(Operand::Unbounded),
            _ => self.time(operand),
        };
        let [start, end] = [end(&ends[0])?, end(&ends[1])?];
        if let (Operand::Value(first), Operand::Value(last)) = (&start, &end)
            && first.as_ref().compare(last.as_ref()).is_some_and(std::cmp::Ordering::is_gt)
        {
            return Err(ExpressionError::Kind {
                subject: "an interval".into(),
                found: format!("`{}` before `{}`", first.as_ref(), last.as_ref()),
                expected: "the earlier first".into(),
            });
        }
        Ok(Operand::Interval(Box::new([start, end])))
    }

    pub(super) fn call(
        &self,
        name: &str,
        arguments: &[Operand],
    ) -> Result<(Operand<usize>, Family), ExpressionError> {
        let function = Function::find(name)
            .ok_or_else(|| ExpressionError::Function(name.chars().take(80).collect()))?;
        if arguments.len() != function.arguments.len() {
            return Err(ExpressionError::Kind {
                subject: format!("function `{}`", function.name),
                found: format!("{} arguments", arguments.len()),
                expected: function.signature(),
            });
        }
        match (function.known, arguments) {
            (Known::WithinDistance, [left, right, metres]) => {
                let clause = self.within(left, right, self.metres(function, metres)?)?;
                Ok((Operand::Condition(Box::new(clause)), Family::Boolean))
            }
            (Known::Age, [since, on]) => self.age(since, on),
            (_, [kind, ..]) => {
                Ok((Operand::DueState(self.work_kind(function, kind)?), Family::Text))
            }
            (_, []) => unreachable!("every function has an argument"),
        }
    }

    pub(super) fn within(
        &self,
        left: &Operand,
        right: &Operand,
        metres: f64,
    ) -> Result<Clause<usize>, ExpressionError> {
        let within = Place::within(self.place(left)?, self.place(right)?, metres);
        within.ok_or_else(|| ExpressionError::Kind {
            subject: "`S_DWITHIN`".into(),
            found: "two geometries that are given".into(),
            expected: format!("`{GEOMETRY}`, that of the asset, as one of them"),
        })
    }

    pub(super) fn age(
        &self,
        since: &Operand,
        on: &Operand,
    ) -> Result<(Operand<usize>, Family), ExpressionError> {
        let (since, on) = (Box::new(self.time(since)?), Box::new(self.time(on)?));
        Ok((Operand::Age { since, on }, Family::Number))
    }

    fn metres(&self, function: &Function, operand: &Operand) -> Result<f64, ExpressionError> {
        let typed = self.operand(operand)?;
        let metres = match &typed.operand {
            Operand::Value(Value::Integer(whole)) => Some(*whole as f64),
            Operand::Value(Value::Number(number)) => Some(*number),
            _ => None,
        };
        metres.filter(|metres| *metres >= 0.0).ok_or_else(|| ExpressionError::Kind {
            subject: format!("`metres` of `{}`", function.name),
            found: self.words(&typed),
            expected: "a number from 0 that is given".into(),
        })
    }

    fn work_kind(
        &self,
        function: &Function,
        operand: &Operand,
    ) -> Result<WorkKind, ExpressionError> {
        let typed = self.operand(operand)?;
        let kind = match &typed.operand {
            Operand::Value(Value::Text(code)) => WorkKind::from_code(code),
            _ => None,
        };
        kind.ok_or_else(|| ExpressionError::Kind {
            subject: format!("`kind` of `{}`", function.name),
            found: self.words(&typed),
            expected: WorkKind::ALL.map(WorkKind::code).join(", "),
        })
    }
}
