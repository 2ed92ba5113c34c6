//! Rows that tell what happened to assets that are known: how a mapping says it, and what becomes of
//! such a row.

use std::sync::Arc;

use terrier_model::{AssetId, Class, Classes, Event, EventDraft, Fault, Place, event_fields};
use toml::{Table, Value};

use super::document::{Entry, MappingError};
use super::mapper::{Outcome, Untaken, is_empty};
use super::{EventForm, Form};
use crate::fault_feature::FAULTS_PROPERTY;
use crate::feature::{Feature, MAX_FAULTS};
use crate::header::ID_COLUMN;

/// Keys of `[[events]]` beside the parts of an event.
const KEYS: [&str; 3] = ["class", "key", "where"];

/// What a row tells of an asset that is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Happened {
    /// The id of the asset, when the row names it by that.
    pub id: Option<AssetId>,
    /// Its key otherwise.
    pub external_key: Option<String>,
    /// The class that the asset must be of; `None` is any.
    pub class: Option<Arc<Class>>,
    /// What happened, at least one event; each without faults.
    pub events: Vec<Event>,
}

impl Entry {
    /// Reads the list of events.
    pub(super) fn events(
        &self,
        table: &Table,
        classes: &Classes,
    ) -> Result<Vec<EventForm>, MappingError> {
        let list = self.of("events");
        let documents = match table.get("events") {
            Some(Value::Array(documents)) if !documents.is_empty() => documents,
            found => {
                let found = found.map_or("nothing".into(), super::document::show);
                return Err(list.refuse(found, "at least one [[events]]"));
            }
        };
        let mut forms: Vec<EventForm> = Vec::new();
        for (number, document) in (1..).zip(documents) {
            let entry = Self { place: format!("events {number}") };
            let form = entry.event(document, classes)?;
            if forms.first().is_some_and(|first| first.form.key != form.form.key) {
                let expected = "the `key` of the events before, for a row is about one asset";
                return Err(entry.of("key").refuse("another one", expected));
            }
            forms.push(form);
        }
        Ok(forms)
    }

    fn event(&self, document: &Value, classes: &Classes) -> Result<EventForm, MappingError> {
        let table = self.table(document)?;
        let parts = event_fields().iter().map(|field| &*field.name);
        self.allow(table, &KEYS.into_iter().chain(parts).collect::<Vec<_>>())?;
        let class = match table.get("class") {
            None => None,
            Some(name) => Some(Arc::clone(self.of("class").class(name, classes)?)),
        };
        let (key, conditions) = (self.key(table)?, self.conditions(table)?);
        for part in ["kind", "on"] {
            self.member(table, part)?;
        }
        let mut fields = Vec::new();
        for (name, value) in table.iter().filter(|(name, _)| !KEYS.contains(&name.as_str())) {
            let place = self.of(name);
            // The kind is usually the same for all rows.
            let (property, content) = match value.as_str() {
                Some(text) if name == "kind" => {
                    let value = Table::from_iter([("value".to_owned(), Value::from(text))]);
                    place.field(&value.into(), event_fields(), name, "an event")?
                }
                _ => place.field(value, event_fields(), name, "an event")?,
            };
            fields.push((name.as_str().into(), property, content));
        }
        let form = Form::new(event_fields(), key, conditions, fields.into_iter());
        Ok(EventForm { class, form })
    }
}

/// Reads a row that tells events by these forms.
pub(super) fn read(
    forms: &[EventForm],
    feature: &Feature<'_>,
    decimal: Option<char>,
    untaken: &mut Untaken,
) -> Outcome {
    let taking: Vec<&EventForm> = forms.iter().filter(|form| form.form.takes(feature)).collect();
    // Where the asset lies is known.
    let mut faults: Vec<Fault> = feature
        .faults
        .iter()
        .filter(|fault| !matches!(fault.place, Place::Geometry { .. }))
        .cloned()
        .collect();
    let Some(first) = taking.first() else {
        return if faults.is_empty() { Outcome::NotTaken } else { Outcome::Refused(faults) };
    };
    let named = first.form.key_of(feature);
    let named = named.map_err(|fault| faults.insert(0, fault)).unwrap_or_default();
    let mut class: Option<&Arc<Class>> = None;
    let mut events = Vec::new();
    for EventForm { class: of, form } in &taking {
        let mut draft = EventDraft { values: form.constants.clone() };
        for (name, value) in &feature.properties {
            let Some(uses) = form.uses.get(&**name) else { continue };
            faults.extend(form.take(uses, value, decimal, &mut draft.values));
        }
        match draft.check() {
            Ok(event) => events.extend(event),
            Err(wrong) => faults.extend(wrong),
        }
        match (class, of) {
            (Some(one), Some(other)) if one.name() != other.name() => {
                let found = format!("events of {} and {}", one.name(), other.name());
                faults.push(Fault::new(Place::Row, found, "events of one class"));
            }
            _ => class = class.or(of.as_ref()),
        }
    }
    count_untaken(forms, feature, untaken);
    if !faults.is_empty() {
        faults.dedup();
        faults.truncate(MAX_FAULTS);
        return Outcome::Refused(faults);
    }
    if events.is_empty() {
        return Outcome::NotTaken;
    }
    let (id, external_key) = named;
    Outcome::Happened(Happened { id, external_key, class: class.cloned(), events })
}

/// Counts what no form uses; one whose conditions do not hold knows of its properties, too.
fn count_untaken(forms: &[EventForm], feature: &Feature<'_>, untaken: &mut Untaken) {
    for (name, value) in &feature.properties {
        let is_used = forms.iter().any(|form| form.form.uses.contains_key(&**name));
        let is_known = is_used || *name == ID_COLUMN || *name == FAULTS_PROPERTY;
        if !is_known && !is_empty(value) {
            untaken.count(name, 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Mapping;
    use super::super::tests::{check_rows, classes};

    fn mapping(lists: &str) -> Result<Mapping, String> {
        let text = format!("source = \"s\"\n{lists}");
        Mapping::parse(&text, &classes()).map_err(|error| error.to_string())
    }

    /// Checks what rows of these properties become by lists of events.
    fn check(lists: &str, rows: &[(&str, &str)], untaken: &[(&str, u64)]) {
        let row = |properties: &str| {
            format!(r#"{{"type":"Feature","geometry":null,"properties":{{{properties}}}}}"#)
        };
        let texts: Vec<String> = rows.iter().map(|(properties, _)| row(properties)).collect();
        let expected = rows.iter().map(|(_, expected)| *expected);
        let rows: Vec<(&str, &str)> = texts.iter().map(String::as_str).zip(expected).collect();
        check_rows(mapping(lists).expect("a mapping"), &rows, untaken);
    }

    fn refused(lists: &str, expected: &str) {
        assert_eq!(mapping(lists).expect_err("no mapping"), expected, "{lists}");
    }

    #[test]
    fn a_row_tells_one_event_by_each_list_whose_conditions_hold() {
        check(
            "[[events]]\nkey = \"no\"\nkind = \"inspected\"\non = \"seen\"\nnote = \"text\"\n\
             [[events]]\nkey = \"no\"\nclass = \"pipes\"\nwhere = { done = true }\n\
             kind = { from = \"work\", codes = { \"清疏\" = \"cleaned\", \"维修\" = \"repaired\" } }\n\
             on = { from = \"day\", format = \"%d.%m.%Y\", null = \"-\" }",
            &[
                (r#""no":7,"seen":"2024-05-01""#, "any 7: inspected 2024-05-01"),
                (
                    r#""no":"7","seen":"2024-05-01","done":true,"work":"清疏","day":"29.02.2024""#,
                    "pipes 7: inspected 2024-05-01 cleaned 2024-02-29",
                ),
                (
                    r#""no":7,"done":"true","work":"维修","day":"01.03.2024","crew":"B""#,
                    "pipes 7: repaired 2024-03-01",
                ),
                (r#""no":7,"done":true,"work":"维修","day":"-""#, "not taken"),
                (r#""no":7,"done":false,"work":"painted","day":"1.1.24""#, "not taken"),
                (
                    r#""done":true,"work":"painted","day":"2024-05-01""#,
                    "key: found `nothing`, expected a value of property `no`, which is the key; \
                     kind: found `painted`, expected a value that the mapping knows, such as 清疏, \
                     维修; on: found `2024-05-01`, expected a date in the form %d.%m.%Y",
                ),
            ],
            &[("crew", 1)],
        );
    }

    #[test]
    fn a_row_without_conditions_met_is_not_taken_and_one_of_two_classes_is_refused() {
        let list = |class: &str, property: &str| {
            format!(
                "[[events]]\nkey = \"no\"\nclass = \"{class}\"\nwhere = {{ {property} = 1 }}\n\
                 kind = \"cleaned\"\non = {{ value = \"2024-05-01\" }}\n"
            )
        };
        check(
            &[list("pipes", "a"), list("poles", "b")].concat(),
            &[
                (r#""no":1,"a":1"#, "pipes 1: cleaned 2024-05-01"),
                (r#""no":1,"b":1"#, "poles 1: cleaned 2024-05-01"),
                (r#""no":1,"c":1"#, "not taken"),
                (
                    r#""no":1,"a":1,"b":1"#,
                    "row: found `events of pipes and poles`, expected events of one class",
                ),
            ],
            &[],
        );
    }

    #[test]
    fn a_list_that_would_not_do_as_it_says_is_refused() {
        let good = "kind = \"cleaned\"\non = \"day\"";
        refused("events = 1", "the mapping, `events`: found `1`, expected at least one [[events]]");
        refused(
            "events = []",
            "the mapping, `events`: found `a list`, expected at least one [[events]]",
        );
        refused(
            &format!("[[events]]\n{good}\n[[collection]]\ninto = \"pipes\""),
            "the mapping, `collection`: found `collection`, expected no [[collection]] beside \
             [[events]]",
        );
        refused("[[events]]\nkind = \"cleaned\"", "events 1: found `nothing`, expected a key `on`");
        refused(
            &format!("crs = \"EPSG:4490\"\n[[events]]\n{good}"),
            "the mapping, `crs`: found `crs`, expected no positions beside [[events]]",
        );
        refused("[[events]]\non = \"day\"", "events 1: found `nothing`, expected a key `kind`");
        refused(
            &format!("[[events]]\n{good}\nby = \"crew\""),
            "events 1: found `by`, expected one of the keys class, key, where, kind, on, result, \
             next_on, grade, scheme, note",
        );
        refused(
            &format!("[[events]]\nclass = \"trees\"\n{good}"),
            "events 1, `class`: found `trees`, expected one of pipes, poles",
        );
        refused(
            &format!("[[events]]\n{good}\n[[events]]\nkey = \"no\"\n{good}"),
            "events 2, `key`: found `another one`, expected the `key` of the events before, for a \
             row is about one asset",
        );
        refused(
            "[[events]]\nkind = \"painted\"\non = \"day\"",
            "events 1, `kind`: found `painted`, expected one of inspected, assessed, cleaned, \
             repaired, renewed, graded, hazard_found, hazard_mended",
        );
    }
}
