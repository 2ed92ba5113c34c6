//! What a row says in fields that show events, made into events: one of each kind that has a day.

use jiff::civil::Date;

use crate::draft::{show, value_of};
use crate::{Assessment, Class, Event, EventKind, EventPart, Fault, Field, RawValue, Value};

/// The code by which a list says that nothing is known.
const UNKNOWN: &str = "unknown";

/// What a row says of events.
#[derive(Default)]
pub(crate) struct RowEvents<'c> {
    said: Vec<Said<'c>>,
}

/// What one field says.
struct Said<'c> {
    part: EventPart,
    field: &'c Field,
    value: Value,
}

/// What a sender says in a field that shows a part of an event; `None` when that is nothing.
pub(crate) fn said_of(
    field: &Field,
    part: EventPart,
    raw: &RawValue,
) -> Result<Option<Value>, Fault> {
    let value = value_of(field, raw)?;
    let Some(Value::Text(code)) = &value else { return Ok(value) };
    if &**code == UNKNOWN {
        return Ok(None);
    }
    if part == EventPart::Result && Assessment::from_code(code).is_none() {
        let codes = Assessment::ALL.map(Assessment::code).join(", ");
        return Err(Fault::in_field(&field.name, show(raw), format!("one of {codes}")));
    }
    Ok(value)
}

impl<'c> RowEvents<'c> {
    /// Takes what a field says.
    pub(crate) fn take(
        &mut self,
        field: &'c Field,
        part: EventPart,
        raw: &RawValue,
    ) -> Result<(), Fault> {
        let Some(value) = said_of(field, part, raw)? else { return Ok(()) };
        match self.said.iter().find(|said| said.part == part) {
            None => self.said.push(Said { part, field, value }),
            Some(said) if said.value == value => {}
            Some(said) => {
                let expected = format!("the same as `{}` says", said.field.name);
                return Err(Fault::in_field(&field.name, show(raw), expected));
            }
        }
        Ok(())
    }

    /// The events of the row. A kind of which nothing is said has none.
    pub(crate) fn into_events(self, class: &Class) -> Result<Vec<Event>, Vec<Fault>> {
        let (mut events, mut faults) = (Vec::new(), Vec::new());
        if self.said.is_empty() {
            return Ok(events);
        }
        for kind in EventKind::ALL {
            let Some(on) = self.day(EventPart::On(kind)) else {
                let of_kind = self.said.iter().filter(|said| said.part.kind() == kind);
                faults.extend(of_kind.map(|said| without_day(said, kind, class)));
                continue;
            };
            let result = self.text(EventPart::Result).and_then(Assessment::from_code);
            let event = Event {
                next_on: self.day(EventPart::NextOn(kind)),
                result: result.filter(|_| kind == EventKind::Assessed),
                grade: self
                    .text(EventPart::Grade)
                    .filter(|_| kind == EventKind::Graded)
                    .map(Into::into),
                ..Event::new(kind, on)
            };
            // Each value is one that its field takes, so all that can be wrong lies between the days.
            let next = self.of(EventPart::NextOn(kind));
            faults.extend(event.faults().into_iter().map(|fault| match next {
                Some(said) => Fault::in_field(&said.field.name, fault.found, fault.expected),
                None => fault,
            }));
            events.push(event);
        }
        if faults.is_empty() { Ok(events) } else { Err(faults) }
    }

    fn of(&self, part: EventPart) -> Option<&Said<'c>> {
        self.said.iter().find(|said| said.part == part)
    }

    fn day(&self, part: EventPart) -> Option<Date> {
        match self.of(part)?.value {
            Value::Date(day) => Some(day),
            _ => None,
        }
    }

    fn text(&self, part: EventPart) -> Option<&str> {
        match &self.of(part)?.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// That something is said of an event of which there is no day.
fn without_day(said: &Said<'_>, kind: EventKind, class: &Class) -> Fault {
    let is_day = |field: &&Field| field.event == Some(EventPart::On(kind));
    let expected = match class.own_fields().iter().find(is_day) {
        Some(field) => format!("`{}` beside it, for the event has a day", field.name),
        None => format!("nothing, for {} has no field for the day of the event", class.name()),
    };
    Fault::in_field(&said.field.name, said.value.as_ref().to_string(), expected)
}

#[cfg(test)]
mod tests {
    use terrier_spatial::{GeometryKind, Sketch};

    use super::*;
    use crate::{Code, Draft, Kind, Sensitivity, Text};

    fn class() -> Class {
        let field = |name: &str, event: &str, kind| Field {
            name: name.into(),
            kind,
            unit: None,
            title: Text::new(name, name),
            description: None,
            sensitivity: Sensitivity::Public,
            range: None,
            core: None,
            event: EventPart::from_name(event),
            retired: false,
        };
        let code =
            |code: &str| Code { code: code.into(), title: Text::new(code, code), retired: false };
        let results = ["meets", "continue_with_controls", "renew_by", "renew_at_once", "unknown"];
        let results = Kind::Code(results.map(code).into_iter().chain([code("lost")]).collect());
        let fields = vec![
            field("assessed_on", "assessed.on", Kind::Date),
            field("assessment_result", "assessed.result", results),
            field("assessment_next_on", "assessed.next_on", Kind::Date),
            field("inspected_on", "inspected.on", Kind::Date),
            field("leak_surveyed_on", "inspected.on", Kind::Date),
            field("condition_grade", "graded.grade", Kind::Text),
            field("open_hazards", "hazard.open", Kind::Integer),
        ];
        let text = Text::new("Pipes", "管道");
        Class::try_new("pipes", text.clone(), text, GeometryKind::Point, fields).expect("a class")
    }

    /// Checks what becomes of a row whose fields are given as `name=value, …`.
    fn check(row: &str, expected: &str) {
        let pairs = row.split(", ").filter_map(|pair| pair.split_once('='));
        let text = |text: &str| RawValue::Text(text.into());
        let values = pairs.map(|(name, value)| (name.into(), text(value))).collect();
        let sketch = Sketch::Point([117.2, 39.1]);
        let draft = Draft { id: None, external_key: Some("7".into()), sketch, values };
        let found: Vec<String> = match draft.check(&class()) {
            Err(faults) => faults.iter().map(ToString::to_string).collect(),
            Ok(checked) => checked
                .events
                .iter()
                .map(|Event { kind, on, result, next_on, grade, scheme, note }| {
                    assert_eq!((scheme, note), (&None, &None));
                    let details = [
                        result.map(|result| result.code().to_owned()),
                        next_on.map(|day| day.to_string()),
                        grade.as_deref().map(str::to_owned),
                    ];
                    let words = [kind.code().to_owned(), on.to_string()].into_iter();
                    words.chain(details.into_iter().flatten()).collect::<Vec<_>>().join(" ")
                })
                .collect(),
        };
        assert_eq!(found.join("; "), expected, "{row}");
    }

    #[test]
    fn all_that_a_row_says_of_one_kind_makes_one_event() {
        check("", "");
        check("inspected_on=2024-05-01", "inspected 2024-05-01");
        check(
            "assessment_result=renew_by, assessed_on=2024-05-01, assessment_next_on=2025-12-31",
            "assessed 2024-05-01 renew_by 2025-12-31",
        );
        check(
            "assessed_on=2024-02-29, inspected_on=2024-05-01",
            "inspected 2024-05-01; assessed 2024-02-29",
        );
        check("inspected_on=2024-05-01, leak_surveyed_on=2024-05-01", "inspected 2024-05-01");
    }

    #[test]
    fn nothing_and_what_is_not_known_say_nothing() {
        check("inspected_on= , assessed_on=, assessment_result=", "");
        check("assessment_result=unknown, condition_grade=unknown", "");
        check("assessment_result=unknown, assessed_on=2024-05-01", "assessed 2024-05-01");
    }

    #[test]
    fn details_without_a_day_and_days_that_contradict_each_other_are_faults() {
        check(
            "assessment_result=meets, assessment_next_on=2025-01-01",
            "assessment_result: found `meets`, expected `assessed_on` beside it, for the event has \
             a day; assessment_next_on: found `2025-01-01`, expected `assessed_on` beside it, for \
             the event has a day",
        );
        check(
            "condition_grade=3",
            "condition_grade: found `3`, expected nothing, for pipes has no field for the day of \
             the event",
        );
        check(
            "assessed_on=2024-05-01, assessment_next_on=2024-04-30",
            "assessment_next_on: found `2024-04-30`, expected no day before 2024-05-01",
        );
        check(
            "inspected_on=2024-05-01, leak_surveyed_on=2024-05-02",
            "leak_surveyed_on: found `2024-05-02`, expected the same as `inspected_on` says",
        );
    }

    #[test]
    fn values_that_a_field_does_not_take_are_faults() {
        check(
            "inspected_on=2024-05",
            "inspected_on: found `2024-05`, expected a date such as 2005-06-30",
        );
        check(
            "assessed_on=2024-05-01, assessment_result=lost",
            "assessment_result: found `lost`, expected one of meets, continue_with_controls, \
             renew_by, renew_at_once",
        );
        check(
            "open_hazards=2",
            "open_hazards: found `2`, expected nothing: the register counts it",
        );
    }
}
