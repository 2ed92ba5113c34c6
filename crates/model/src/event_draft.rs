//! What a row of a file of events says, made into an event.

use std::sync::LazyLock;

use jiff::civil::Date;

use crate::draft::value_of;
use crate::{
    Assessment, Code, Event, EventKind, Fault, Field, Kind, RawValue, Sensitivity, Text, Value,
};

/// The code by which a list says that nothing is known.
const UNKNOWN: (&str, &str, &str) = ("unknown", "Not known", "不明");

/// An event as its sender tells it: values for the names of [`event_fields`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventDraft {
    /// In any order; a name may come twice, then the last value counts.
    pub values: Vec<(Box<str>, RawValue)>,
}

/// What is told of an event, described as the fields of an asset are: its kind, its day, and the
/// details that its kind may have.
pub fn event_fields() -> &'static [Field] {
    static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| {
        let code = |(code, en, zh): (&str, &str, &str)| Code {
            code: code.into(),
            title: Text::new(en, zh),
            retired: false,
        };
        let kinds = EventKind::ALL.map(|kind| code(kind.words()));
        let results = Assessment::ALL.map(|result| code(result.words()));
        let results = results.into_iter().chain([code(UNKNOWN)]).collect();
        vec![
            field("kind", Kind::Code(kinds.into()), "What happened", "事件类型"),
            field("on", Kind::Date, "Day", "日期"),
            field("result", Kind::Code(results), "Result of the assessment", "评估结论"),
            field("next_on", Kind::Date, "Work follows by", "下次日期"),
            field("grade", Kind::Text, "Grade of the condition", "状况等级"),
            field("scheme", Kind::Text, "Scheme of the grade", "评级标准"),
            field("note", Kind::Text, "Note", "备注"),
        ]
    });
    &FIELDS
}

fn field(name: &str, kind: Kind, en: &str, zh: &str) -> Field {
    Field {
        name: name.into(),
        kind,
        unit: None,
        title: Text::new(en, zh),
        description: None,
        sensitivity: Sensitivity::Public,
        range: None,
        core: None,
        event: None,
        retired: false,
    }
}

impl EventDraft {
    /// The event that is told; `None` when there is no day, and nothing that would want one: what is
    /// on the list and was not done yet.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check(&self) -> Result<Option<Event>, Vec<Fault>> {
        let (mut told, mut faults) = (Told::default(), Vec::new());
        for (name, raw) in &self.values {
            let Some(field) = event_fields().iter().find(|field| field.name == *name) else {
                faults.push(Fault::in_field(name, "a value", "no such part of an event"));
                continue;
            };
            match value_of(field, raw) {
                Ok(value) => told.take(name, value),
                Err(fault) => faults.push(fault),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let Told { kind, on, result, next_on, grade, scheme, note } = told;
        let Some(on) = on else {
            let wants_day = [
                ("result", result.map(|result| result.code().to_owned())),
                ("next_on", next_on.map(|day| day.to_string())),
                ("grade", grade.map(String::from)),
            ];
            let expected = "`on` beside it, for the event has a day";
            let wanting = wants_day.into_iter().filter_map(|(name, found)| Some((name, found?)));
            faults.extend(wanting.map(|(name, found)| Fault::in_field(name, found, expected)));
            return if faults.is_empty() { Ok(None) } else { Err(faults) };
        };
        let Some(kind) = kind else {
            let kinds = event_fields()[0].kind.codes_in_words();
            return Err(vec![Fault::in_field("kind", "nothing", format!("one of {kinds}"))]);
        };
        let event = Event { kind, on, result, next_on, grade, scheme, note };
        let faults = event.faults();
        if faults.is_empty() { Ok(Some(event)) } else { Err(faults) }
    }
}

/// The values of an event so far.
#[derive(Default)]
struct Told {
    kind: Option<EventKind>,
    on: Option<Date>,
    result: Option<Assessment>,
    next_on: Option<Date>,
    grade: Option<Box<str>>,
    scheme: Option<Box<str>>,
    note: Option<Box<str>>,
}

impl Told {
    fn take(&mut self, name: &str, value: Option<Value>) {
        let (text, day) = match value {
            Some(Value::Text(text)) => (Some(text), None),
            Some(Value::Date(day)) => (None, Some(day)),
            _ => (None, None),
        };
        match name {
            "kind" => self.kind = text.as_deref().and_then(EventKind::from_code),
            "on" => self.on = day,
            "result" => self.result = text.as_deref().and_then(Assessment::from_code),
            "next_on" => self.next_on = day,
            "grade" => self.grade = text,
            "scheme" => self.scheme = text,
            _ => self.note = text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks what becomes of values that are given as `name=value, …`.
    fn check(row: &str, expected: &str) {
        let pairs = row.split(", ").filter_map(|pair| pair.split_once('='));
        let values = pairs.map(|(name, text)| (name.into(), RawValue::Text(text.into()))).collect();
        let found = match (EventDraft { values }).check() {
            Err(faults) => faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
            Ok(None) => "nothing".into(),
            Ok(Some(Event { kind, on, result, next_on, grade, scheme, note })) => {
                let result = result.map(|result| result.code().into());
                let next_on = next_on.map(|day| day.to_string().into_boxed_str());
                let details = [result, next_on, grade, scheme, note].into_iter().flatten();
                let words = [kind.code().into(), on.to_string().into_boxed_str()];
                words.into_iter().chain(details).collect::<Vec<Box<str>>>().join(" ")
            }
        };
        assert_eq!(found, expected, "{row}");
    }

    #[test]
    fn a_row_tells_an_event_with_its_details() {
        check("kind=cleaned, on=2024-02-29", "cleaned 2024-02-29");
        check("kind=cleaned, on=2024-02-29, note=淤泥", "cleaned 2024-02-29 淤泥");
        check("kind=graded, on=2024-05-01, grade=3, scheme=CJJ 181", "graded 2024-05-01 3 CJJ 181");
        check(
            "next_on=2025-12-31, result=renew_by, on=2024-05-01, kind=assessed",
            "assessed 2024-05-01 renew_by 2025-12-31",
        );
        check("kind=assessed, on=2024-05-01, result=unknown", "assessed 2024-05-01");
    }

    #[test]
    fn what_was_not_done_yet_is_no_event() {
        check("", "nothing");
        check("kind=cleaned, on=", "nothing");
        check("kind=cleaned, on= , note=no access, scheme=x", "nothing");
        check("kind=assessed, result=unknown", "nothing");
    }

    #[test]
    fn what_is_wrong_is_told() {
        check(
            "on=2024-05-01",
            "kind: found `nothing`, expected one of inspected, assessed, cleaned, repaired, \
             renewed, graded, hazard_found, hazard_mended",
        );
        check(
            "kind=painted, on=2024-05",
            "kind: found `painted`, expected one of inspected, assessed, cleaned, repaired, \
             renewed, graded, hazard_found, hazard_mended; on: found `2024-05`, expected a date \
             such as 2005-06-30",
        );
        check(
            "kind=graded, grade=3, next_on=2025-01-01",
            "next_on: found `2025-01-01`, expected `on` beside it, for the event has a day; grade: \
             found `3`, expected `on` beside it, for the event has a day",
        );
        check(
            "kind=cleaned, on=2024-05-01, grade=3",
            "grade: found `3`, expected nothing: what was cleaned has none",
        );
        check(
            "kind=cleaned, on=2024-05-01, next_on=2024-04-30",
            "next_on: found `2024-04-30`, expected no day before 2024-05-01",
        );
    }
}
