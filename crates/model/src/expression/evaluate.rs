//! What a checked condition comes to for one asset.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::civil::Date;
use terrier_spatial::Shape;

use super::temporal::{Moment, Period};
use super::{Arithmetic, Clause, Comparison, Operand, Truth};
use crate::date::full_years;
use crate::{DueState, Value, ValueRef, WorkKind};

/// One asset, as a condition asks about it.
pub trait Known<'v> {
    /// The value of a field, by its place; `None` when there is none.
    fn value(&self, position: usize) -> Option<ValueRef<'v>>;

    /// Where it is; `None` where nobody can tell, and what is asked about its place is not known.
    fn shape(&self) -> Option<Shape>;

    /// How it stands today with work of a kind; `None` when no rule wants such work.
    fn due_state(&self, kind: WorkKind) -> Option<DueState>;
}

/// An asset of which functions tell what a condition asks.
#[derive(Clone, Copy, Debug)]
pub struct AssetView<V, S, D> {
    /// See [`Known::value`].
    pub value: V,
    /// See [`Known::shape`].
    pub shape: S,
    /// See [`Known::due_state`].
    pub due_state: D,
}

impl<'v, V, S, D> Known<'v> for AssetView<V, S, D>
where
    V: Fn(usize) -> Option<ValueRef<'v>>,
    S: Fn() -> Option<Shape>,
    D: Fn(WorkKind) -> Option<DueState>,
{
    fn value(&self, position: usize) -> Option<ValueRef<'v>> {
        (self.value)(position)
    }

    fn shape(&self) -> Option<Shape> {
        (self.shape)()
    }

    fn due_state(&self, kind: WorkKind) -> Option<DueState> {
        (self.due_state)(kind)
    }
}

/// What an operand comes to, as it is kept, or as it was computed.
enum Found<'v> {
    Kept(ValueRef<'v>),
    Made(Value),
}

impl Found<'_> {
    fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Self::Kept(value) => *value,
            Self::Made(value) => value.as_ref(),
        }
    }

    fn into_value(self) -> Value {
        match self {
            Self::Kept(value) => value.to_value(),
            Self::Made(value) => value,
        }
    }
}

impl Operand<usize> {
    fn get<'v>(&'v self, asset: &impl Known<'v>) -> Option<Found<'v>> {
        match self {
            Self::Field(position) => asset.value(*position).map(Found::Kept),
            Self::Value(value) => Some(Found::Kept(value.as_ref())),
            Self::Folded { of, fold } => match of.get(asset)? {
                Found::Kept(ValueRef::Text(text)) => Some(match fold.apply(text) {
                    Cow::Borrowed(same) => Found::Kept(ValueRef::Text(same)),
                    Cow::Owned(folded) => Found::Made(Value::Text(folded.into())),
                }),
                other => match other.as_ref() {
                    ValueRef::Text(text) => Some(Found::Made(Value::Text(fold.apply(text).into()))),
                    _ => None,
                },
            },
            Self::Arithmetic { left, operator, right } => {
                let (left, right) = (left.get(asset)?.into_value(), right.get(asset)?.into_value());
                Arithmetic::of(*operator, &left, &right).map(Found::Made)
            }
            Self::Age { since, on } => {
                let years = full_years(since.day(asset)?, on.day(asset)?);
                Some(Found::Made(Value::Integer(years.into())))
            }
            Self::DueState(kind) => {
                let state = asset.due_state(*kind)?;
                Some(Found::Kept(ValueRef::Text(state.code())))
            }
            Self::Condition(clause) => match clause.truth(asset) {
                Truth::Unknown => None,
                truth => Some(Found::Kept(ValueRef::Boolean(truth == Truth::Yes))),
            },
            Self::Geometry(_)
            | Self::Figure(_)
            | Self::Shape
            | Self::Interval(_)
            | Self::Unbounded
            | Self::List(_)
            | Self::Call { .. } => None,
        }
    }

    /// The value when it is the same for every asset; `None` when it depends on one, or is none.
    pub(super) fn constant(&self) -> Option<Value> {
        self.get(&Nothing).map(Found::into_value)
    }

    fn day<'v>(&'v self, asset: &impl Known<'v>) -> Option<Date> {
        self.get(asset)?.as_ref().day()
    }

    fn period<'v>(&'v self, asset: &impl Known<'v>) -> Period {
        let moment = |operand: &'v Self| Moment::of(operand.get(asset)?.as_ref());
        let Self::Interval(ends) = self else {
            let moment = moment(self);
            return Period { start: moment, end: moment };
        };
        let [start, end] = &**ends;
        let or = |operand: &'v Self, open| match operand {
            Self::Unbounded => Some(open),
            _ => moment(operand),
        };
        Period { start: or(start, Moment::Ever), end: or(end, Moment::Never) }
    }

    /// The values of a list.
    fn values<'v>(&'v self, asset: &impl Known<'v>) -> Option<Vec<Found<'v>>> {
        if let Self::List(parts) = self {
            return parts.iter().map(|part| part.get(asset)).collect();
        }
        match self.get(asset)? {
            Found::Kept(ValueRef::List(list)) => {
                Some(list.iter().map(|text| Found::Kept(ValueRef::Text(text))).collect())
            }
            _ => None,
        }
    }

    fn is_null<'v>(&'v self, asset: &impl Known<'v>) -> bool {
        match self {
            Self::Shape => asset.shape().is_none(),
            Self::Figure(_) => false,
            Self::Interval(_) => {
                let Period { start, end } = self.period(asset);
                start.is_none() || end.is_none()
            }
            Self::List(_) => self.values(asset).is_none(),
            _ => self.get(asset).is_none(),
        }
    }

    /// Whether it reads the field.
    fn reads(&self, field: usize) -> bool {
        let mut found = false;
        self.walk(&mut |operand| found |= matches!(operand, Self::Field(read) if *read == field));
        found
    }
}

/// An asset of which nothing is known.
struct Nothing;

impl<'v> Known<'v> for Nothing {
    fn value(&self, _: usize) -> Option<ValueRef<'v>> {
        None
    }

    fn shape(&self) -> Option<Shape> {
        None
    }

    fn due_state(&self, _: WorkKind) -> Option<DueState> {
        None
    }
}

/// An asset, but for the value of one field.
struct With<'a, 'v, K> {
    asset: &'a K,
    field: usize,
    one: ValueRef<'v>,
}

impl<'v, K: Known<'v>> Known<'v> for With<'_, 'v, K> {
    fn value(&self, position: usize) -> Option<ValueRef<'v>> {
        if position == self.field { Some(self.one) } else { self.asset.value(position) }
    }

    fn shape(&self) -> Option<Shape> {
        self.asset.shape()
    }

    fn due_state(&self, kind: WorkKind) -> Option<DueState> {
        self.asset.due_state(kind)
    }
}

impl Clause<usize> {
    pub(super) fn truth<'v>(&'v self, asset: &impl Known<'v>) -> Truth {
        match self {
            Self::Constant(holds) => Truth::from(*holds),
            Self::Holds(operand) => match operand.get(asset).as_ref().map(Found::as_ref) {
                Some(ValueRef::Boolean(holds)) => Truth::from(holds),
                _ => Truth::Unknown,
            },
            Self::Not(part) => part.truth(asset).negated(),
            Self::And(parts) => Truth::all(parts.iter().map(|part| part.truth(asset))),
            Self::Or(parts) => Truth::any(parts.iter().map(|part| part.truth(asset))),
            Self::Compare { left, comparison, right } => {
                let (left, right) = (left.get(asset), right.get(asset));
                compared(left.as_ref(), *comparison, right.as_ref())
            }
            Self::Between { value, least, greatest } => {
                let value = value.get(asset);
                let (least, greatest) = (least.get(asset), greatest.get(asset));
                let ends = [
                    compared(value.as_ref(), Comparison::GreaterOrEqual, least.as_ref()),
                    compared(value.as_ref(), Comparison::LessOrEqual, greatest.as_ref()),
                ];
                Truth::all(ends.into_iter())
            }
            Self::In { value, list } => {
                Truth::from(value.get(asset).map(|sought| is_among(sought.as_ref(), list)))
            }
            Self::Like { value, pattern, .. } => match value.get(asset).as_ref().map(Found::as_ref)
            {
                Some(ValueRef::Text(text)) => Truth::from(pattern.matches(text)),
                _ => Truth::Unknown,
            },
            Self::IsNull(operand) => Truth::from(operand.is_null(asset)),
            Self::Spatial { relation, right, .. } => {
                Truth::from(asset.shape().zip(right.figure()).map(|(shape, figure)| {
                    // The check put the shape to the left.
                    figure.holds(*relation, &shape)
                }))
            }
            Self::WithinDistance { right, metres, .. } => Truth::from(
                asset
                    .shape()
                    .zip(right.figure())
                    .map(|(shape, figure)| figure.is_within_m(&shape, *metres)),
            ),
            Self::Temporal { relation, left, right } => {
                relation.holds(left.period(asset), right.period(asset))
            }
            Self::Array { relation, left, right } => {
                let lists = left.values(asset).zip(right.values(asset));
                Truth::from(lists.map(|(a, b)| relation.holds(&borrowed(&a), &borrowed(&b))))
            }
        }
    }

    /// Whether it is a test that reads the field.
    fn reads(&self, field: usize) -> bool {
        self.operands().any(|operand| operand.reads(field))
    }

    pub(super) fn truth_of_any<'v>(
        &'v self,
        asset: &impl Known<'v>,
        field: usize,
        several: &impl Fn(usize) -> Option<ValueRef<'v>>,
    ) -> Truth {
        let of = |part: &'v Self| part.truth_of_any(asset, field, several);
        match self {
            Self::Not(part) => of(part).negated(),
            Self::And(parts) => Truth::all(parts.iter().map(of)),
            Self::Or(parts) => Truth::any(parts.iter().map(of)),
            _ if self.reads(field) => {
                let values = (0..).map_while(several);
                Truth::any(values.map(|one| self.truth(&With { asset, field, one })))
            }
            _ => self.truth(asset),
        }
    }

    pub(super) fn gather_deciding<'v>(&'v self, asset: &impl Known<'v>, tests: &mut Vec<&'v Self>) {
        let all_count = match self {
            Self::Not(_) => None,
            Self::And(_) => Some(Truth::Yes),
            Self::Or(_) => Some(Truth::No),
            _ => return tests.push(self),
        };
        let whole = self.truth(asset);
        for part in self.parts() {
            if all_count.is_none_or(|all| all == whole) || part.truth(asset) == whole {
                part.gather_deciding(asset, tests);
            }
        }
    }
}

fn borrowed<'f>(list: &'f [Found<'_>]) -> Vec<ValueRef<'f>> {
    list.iter().map(Found::as_ref).collect()
}

/// Whether a value is in a sorted list, as a checked condition has it.
fn is_among(sought: ValueRef<'_>, list: &[Operand<usize>]) -> bool {
    let order = |entry: &Operand<usize>| match entry {
        Operand::Value(value) => value.as_ref().compare(sought),
        _ => None,
    };
    // The check let only values of one kind into the list.
    list.binary_search_by(|entry| order(entry).unwrap_or(Ordering::Less)).is_ok()
}

fn compared(left: Option<&Found<'_>>, comparison: Comparison, right: Option<&Found<'_>>) -> Truth {
    let order = left.zip(right).and_then(|(left, right)| left.as_ref().compare(right.as_ref()));
    Truth::from(order.map(|order| comparison.holds(order)))
}
