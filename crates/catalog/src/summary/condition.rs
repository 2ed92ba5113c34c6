//! Which features a group has, as a condition that a filter can say.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use terrier_model::{Clause, Comparison, Kind, Operand, Value};

use super::group::{GroupKey, Of};
use super::{Group, Label, SummaryQuery};
use crate::cql2;

impl SummaryQuery {
    /// The condition, in CQL2 text, that holds for the features of a group and for no others that the
    /// question is after; `None` where no filter can say it, as of ages.
    pub fn condition_of(&self, group: &Group) -> Option<String> {
        let parts = self.groups.iter().zip(&group.labels).map(|(key, label)| self.part(key, label));
        let mut parts = parts.collect::<Option<Vec<Clause>>>()?;
        let clause = if parts.len() == 1 { parts.pop()? } else { Clause::And(parts) };
        Some(cql2::write_text(&clause, |name| name))
    }

    fn part(&self, key: &GroupKey, label: &Label) -> Option<Clause> {
        let fields = self.features.collection().fields();
        let value = match key.of {
            Of::AgeBand(_) => return None,
            Of::Field(at) | Of::Month(at) | Of::Year(at) => Operand::Field(fields[at].name.clone()),
            Of::DueState(kind) => Operand::Call {
                name: "due_state".into(),
                arguments: vec![Operand::Value(Value::Text(kind.code().into()))],
            },
        };
        match (key.of, label) {
            (_, Label::Unknown) => Some(Clause::IsNull(value)),
            (Of::Month(at) | Of::Year(at), Label::Text(text)) => {
                within(value, &fields[at].kind, text)
            }
            (_, Label::Text(text)) => Some(equal(value, Value::Text((&**text).into()))),
            (_, Label::Truth(truth)) => Some(equal(value, Value::Boolean(*truth))),
        }
    }
}

fn equal(left: Operand, value: Value) -> Clause {
    compared(left, Comparison::Equal, value)
}

fn compared(left: Operand, comparison: Comparison, value: Value) -> Clause {
    Clause::Compare { left, comparison, right: Operand::Value(value) }
}

/// That a day, or a time in UTC, lies in a year or in a month of one.
fn within(value: Operand, kind: &Kind, text: &str) -> Option<Clause> {
    let (first, behind) = ends(text)?;
    if *kind == Kind::Date {
        let last = Operand::Value(Value::Date(behind.yesterday().ok()?));
        return Some(Clause::Between {
            value,
            least: Operand::Value(Value::Date(first)),
            greatest: last,
        });
    }
    let moment =
        |day: Date| TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok().map(Value::Instant);
    Some(Clause::And(vec![
        compared(value.clone(), Comparison::GreaterOrEqual, moment(first)?),
        compared(value, Comparison::Less, moment(behind)?),
    ]))
}

/// The first day of a year or month, and the first behind it.
fn ends(text: &str) -> Option<(Date, Date)> {
    let (year, month) = match text.split_once('-') {
        Some((year, month)) => (year.parse().ok()?, Some(month.parse().ok()?)),
        None => (text.parse().ok()?, None),
    };
    let first = Date::new(year, month.unwrap_or(1), 1).ok()?;
    let span = if month.is_some() { 1.month() } else { 1.year() };
    Some((first, first.checked_add(span).ok()?))
}
