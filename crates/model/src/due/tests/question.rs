//! A class of pipes, rules for it, and questions for what falls due, written as lines of text.

use super::super::*;
use crate::{
    Assessment, AssetView, Clause, Code, Comparison, EventKind, EventPart, Evidence, Field, Kind,
    Operand, Period, RuleDraft, Sensitivity, Text, Timing, Value,
};

pub(super) fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

pub(super) fn period(text: &str) -> Period {
    text.parse().expect("a period")
}

pub(super) fn pipes() -> Class {
    let field = |name: &str, kind, event: Option<&str>| Field {
        name: name.into(),
        kind,
        unit: None,
        title: Text::new(name, name),
        description: None,
        sensitivity: Sensitivity::Public,
        range: None,
        core: None,
        event: event.map(|event| EventPart::from_name(event).expect("a part")),
        retired: false,
    };
    let code =
        |code: &str| Code { code: code.into(), title: Text::new(code, code), retired: false };
    let own = vec![
        field("material", Kind::Code([code("iron"), code("steel")].into()), None),
        field("renew_by", Kind::Date, None),
        field("hazards", Kind::Integer, Some("hazard.open")),
        field("hazards_since", Kind::Date, Some("hazard.open_since")),
        field("assessment_next_on", Kind::Date, Some("assessed.next_on")),
    ];
    let title = Text::new("Pipes", "管道");
    Class::try_new("pipes", title.clone(), title, terrier_spatial::GeometryKind::Line, own)
        .expect("a class")
}

pub(super) fn draft(id: &str, kind: WorkKind, timing: Timing) -> RuleDraft {
    RuleDraft {
        id: id.into(),
        title: Text::new("Rule", "规则"),
        jurisdiction: "CN".into(),
        cites: "a test".into(),
        evidence: Evidence::Proposal,
        class: "pipes".into(),
        when: None,
        kind,
        timing,
        lead: Period::default(),
        grace: Period::default(),
        season: None,
        priority: 3,
        effective_from: day("1990-01-01"),
        effective_to: None,
        replaces: None,
    }
}

pub(super) fn at_age(id: &str, kind: WorkKind, age: &str) -> RuleDraft {
    draft(id, kind, Timing::Age { age: period(age), then: None, until: None, since: None })
}

pub(super) fn every(kind: WorkKind, interval: &str) -> RuleDraft {
    draft("R", kind, Timing::Floating { interval: period(interval), since: None })
}

pub(super) fn of_material(material: &str) -> Clause {
    Clause::Compare {
        left: Operand::Field("material".into()),
        comparison: Comparison::Equal,
        right: Operand::Value(Value::Text(material.into())),
    }
}

/// Something that is asked: the rules, the values of the asset by name, its events, the day.
pub(super) struct Question<'a> {
    rules: &'a [RuleDraft],
    asset: &'a str,
    events: &'a str,
}

impl Question<'_> {
    /// Reads `installed=2001/2003 material=steel` and `cleaned 2024-05-01, assessed 2024-05-01 meets
    /// 2026-01-01`.
    pub(super) fn ask<T>(
        &self,
        on: &str,
        answer: impl Fn(&Judge<'_>, &[Option<Value>], &[Event]) -> T,
    ) -> T {
        let class = pipes();
        let rules: Vec<Rule> = self
            .rules
            .iter()
            .map(|draft| Rule::try_new(draft.clone(), &class).expect("a rule"))
            .collect();
        let mut values = vec![None; class.fields().len()];
        for (name, text) in self.asset.split_whitespace().filter_map(|pair| pair.split_once('=')) {
            if name == "installed" {
                let span: crate::DateSpan = text.parse().expect("a date");
                values[core_position(CoreField::InstalledOn)] = Some(Value::Date(span.earliest()));
                let latest = core_position(CoreField::InstalledLatestOn);
                values[latest] = Some(Value::Date(span.latest()));
                continue;
            }
            let position = class.position(name).expect("a field");
            let value = Value::parse(&class.fields()[position].kind, text).expect("a value");
            values[position] = Some(value);
        }
        let events: Vec<Event> = self.events.split(", ").filter_map(event).collect();
        answer(&Judge::new(&class, &rules, day(on)), &values, &events)
    }

    pub(super) fn check(&self, on: &str, expected: &str) {
        let answer = self.ask(on, |judge, values, events| {
            let mut items = Vec::new();
            judge.judge(&view(values), events, |item| {
                let date =
                    |date: Option<Date>| date.map_or("never".into(), |date| date.to_string());
                let due = match (item.due_on, item.due_latest_on) {
                    (None, None) => String::new(),
                    (first, last) if first == last => format!(" {}", date(first)),
                    (first, last) => format!(" {}..{}", date(first), date(last)),
                };
                items.push(format!("{} {}{due}", item.kind.code(), item.state.code()));
            });
            items.join(", ")
        });
        assert_eq!(answer, expected, "{} | {} | {on}", self.asset, self.events);
    }
}

fn event(text: &str) -> Option<Event> {
    let mut words = text.split(' ');
    let kind = EventKind::from_code(words.next()?)?;
    let mut event = Event::new(kind, day(words.next()?));
    for word in words {
        match Assessment::from_code(word) {
            Some(result) => event.result = Some(result),
            None => event.next_on = Some(day(word)),
        }
    }
    Some(event)
}

pub(super) fn asked<'a>(rules: &'a [RuleDraft], asset: &'a str, events: &'a str) -> Question<'a> {
    Question { rules, asset, events }
}

/// An asset of which these are the values.
pub(super) fn view(values: &[Option<Value>]) -> impl Known<'_> {
    AssetView {
        value: |at: usize| values[at].as_ref().map(Value::as_ref),
        shape: || None,
        due_state: |_| None,
    }
}
