//! How the values of a property become those of a field: as they are, in another unit, by their codes,
//! in a form of dates.

use std::collections::HashMap;

use terrier_model::{Code, CoreField, Field, Kind, Lifecycle, RawValue};
use toml::Value;

use super::code::{Meaning, is_blank, is_unknown, meaning, truth};
use super::date::{self, Form};
use super::name::{Likeness, Words};
use super::seen::{Counted, Seen};
use crate::mapping::Conversion;

/// So many codes are listed in a mapping to be filled in; what has more values is no code.
const MAX_LISTED_CODES: usize = 60;

/// So many of a hundred rows with a value may be refused by what is suggested; it is put behind a
/// comment sign otherwise.
const MOST_REFUSED_PERCENT: u64 = 10;

/// What stands before the number of a diameter, and behind a number.
const BEFORE_NUMBERS: [&str; 6] = ["dn", "de", "φ", "ф", "ø", "d"];
/// What files write between several values in one text, the likeliest first.
const BETWEEN_VALUES: [&str; 5] = [";", "；", "、", "|", ","];

const BEHIND_NUMBERS: [&str; 6] = ["mm", "毫米", "w", "瓦", "m", "米"];

/// A value of the file in a list of codes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CodeLine {
    pub(super) text: Box<str>,
    pub(super) rows: u64,
    /// What it becomes; `None` where that has to be filled in.
    pub(super) value: Option<Value>,
    pub(super) is_sure: bool,
}

/// How a property fills a field.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Filling {
    /// Keys of the mapping beside `from`, in their order.
    pub(super) keys: Vec<(&'static str, Value)>,
    /// The list of codes; empty where there is none.
    pub(super) codes: Vec<CodeLine>,
    /// Rows whose value the field would not take.
    pub(super) refused: u64,
    /// What is to be known of it.
    pub(super) notes: Vec<String>,
    /// Whether somebody has to decide before it can be used.
    pub(super) is_open: bool,
}

impl Filling {
    /// Whether the field takes the values, but for those of a few rows.
    pub(super) fn fits(&self, filled: u64) -> bool {
        !self.is_open && filled > 0 && self.refused * 100 <= filled * MOST_REFUSED_PERCENT
    }

    fn open(note: impl Into<String>, refused: u64) -> Self {
        Self { refused, notes: vec![note.into()], is_open: true, ..Self::default() }
    }

    fn null(&mut self, values: &[&Counted]) {
        if !values.is_empty() {
            self.keys.push(("null", texts(values)));
        }
    }
}

/// How the values become those of the field.
pub(super) fn filling(
    seen: &Seen,
    words: &Words,
    likeness: Likeness,
    field: &Field,
    decimal: Option<char>,
) -> Filling {
    if seen.nested > 0 && !field.kind.is_list() {
        return Filling::open("lists or objects become no value", seen.nested);
    }
    match &field.kind {
        Kind::Text | Kind::Instant => {
            Filling { refused: refused(seen, field, |text| text.into()), ..Filling::default() }
        }
        Kind::Code(codes) => by_codes(seen, field, codes),
        Kind::List(_) => list(seen, field),
        Kind::Boolean => truths(seen, field),
        Kind::Date => dates(seen, field),
        Kind::Integer | Kind::Number => {
            let unit = words.unit.filter(|_| likeness != Likeness::Cut);
            numbers(seen, unit, field, decimal)
        }
    }
}

/// How many rows have a value that the field refuses, as its text becomes another.
fn refused(seen: &Seen, field: &Field, become_: impl Fn(&str) -> String) -> u64 {
    let is_fault =
        |value: &&Counted| field.fault_in(&RawValue::Text(become_(&value.text))).is_some();
    seen.values().iter().filter(is_fault).map(|value| value.rows).sum()
}

/// The values that stand for nothing, and the others, each the most frequent first.
fn without_blanks(
    seen: &Seen,
    is_nothing: impl Fn(&str) -> bool,
) -> (Vec<&Counted>, Vec<&Counted>) {
    seen.by_frequency().into_iter().partition(|value| is_nothing(&value.text))
}

fn texts(values: &[&Counted]) -> Value {
    Value::Array(values.iter().map(|value| Value::String(value.text.to_string())).collect())
}

fn by_codes(seen: &Seen, field: &Field, codes: &[Code]) -> Filling {
    if refused(seen, field, |text| text.into()) == 0 && !seen.is_more {
        return Filling::default();
    }
    if seen.is_more || seen.values().len() > MAX_LISTED_CODES {
        let count = seen.values().len();
        let note = format!(
            "more than {} different values, which are no codes",
            count.min(MAX_LISTED_CODES)
        );
        return Filling::open(note, seen.filled);
    }
    let (blanks, values) =
        without_blanks(seen, |text| is_blank(text) && meaning(text, codes).is_none());
    let line = |value: &&Counted| {
        let found = meaning(&value.text, codes).or_else(|| in_service(&value.text, field));
        CodeLine {
            text: value.text.clone(),
            rows: value.rows,
            is_sure: found.as_ref().is_none_or(|found| found.is_sure),
            value: found.map(|found| Value::String(found.code.into())),
        }
    };
    let mut filling = listed(values.iter().map(line).collect());
    filling.null(&blanks);
    filling
}

/// The status that a truth tells, as in a column `in_service`.
fn in_service(text: &str, field: &Field) -> Option<Meaning> {
    let status = if truth(text)? { Lifecycle::InService } else { Lifecycle::OutOfService };
    (field.core == Some(CoreField::LifecycleStatus))
        .then(|| Meaning { code: status.code().into(), is_sure: false })
}

/// A list of codes, with the rows of those that have yet to be filled in.
fn listed(codes: Vec<CodeLine>) -> Filling {
    let open = codes.iter().filter(|line| line.value.is_none());
    let refused = open.map(|line| line.rows).sum();
    Filling { codes, refused, ..Filling::default() }
}

/// Several values in one text, by what stands between them where fewer rows are refused so. What is
/// no text is a list already.
fn list(seen: &Seen, field: &Field) -> Filling {
    let refused = |split: Option<&str>| -> u64 {
        let is_fault = |value: &&Counted| {
            let pieces = match split {
                None => vec![RawValue::Text(value.text.to_string())],
                Some(split) => {
                    value.text.split(split).map(|piece| RawValue::Text(piece.into())).collect()
                }
            };
            field.fault_in(&RawValue::List(pieces)).is_some()
        };
        seen.values().iter().filter(is_fault).map(|value| value.rows).sum()
    };
    let is_split = |split: &&str| seen.values().iter().any(|value| value.text.contains(*split));
    let splits = BETWEEN_VALUES.into_iter().filter(is_split).map(Some);
    let best = match field.kind.codes() {
        Some(_) => {
            std::iter::once(None).chain(splits).min_by_key(|split| refused(*split)).flatten()
        }
        None => splits.flatten().next(),
    };
    let refused = refused(best);
    let mut filling = match refused {
        0 => Filling::default(),
        _ => Filling::open(
            "some values are none of its codes: say in `codes` what each means",
            refused,
        ),
    };
    filling.keys.extend(best.map(|split| ("split", Value::String(split.into()))));
    filling
}

fn truths(seen: &Seen, field: &Field) -> Filling {
    if refused(seen, field, |text| text.into()) == 0 && !seen.is_more {
        return Filling::default();
    }
    if seen.is_more || seen.values().len() > MAX_LISTED_CODES {
        return Filling::open("more different values than true and false", seen.filled);
    }
    let (blanks, values) = without_blanks(seen, |text| is_blank(text) || is_unknown(text));
    let line = |value: &&Counted| CodeLine {
        text: value.text.clone(),
        rows: value.rows,
        value: truth(&value.text).map(Value::Boolean),
        is_sure: true,
    };
    let mut filling = listed(values.iter().map(line).collect());
    filling.null(&blanks);
    filling
}

fn dates(seen: &Seen, field: &Field) -> Filling {
    let is_installed = field.core == Some(CoreField::InstalledOn);
    let is_nothing = |text: &str| is_blank(text) || (!is_installed && is_unknown(text));
    let (blanks, values) = without_blanks(seen, is_nothing);
    let form = date::form(&values);
    let mut filling = Filling::default();
    match &form {
        Form::None => {
            return Filling::open("not in a form of dates that is known", seen.filled);
        }
        Form::Known => {}
        Form::Said(form) => filling.keys.push(("format", Value::String((*form).into()))),
        Form::Either(forms) => {
            filling.keys.push(("format", Value::String(forms[0].into())));
            filling.notes.push(format!(
                "whether the day or the month stands first cannot be told: choose of {}",
                forms.join(", ")
            ));
            filling.is_open = true;
        }
    }
    let placeholders = date::placeholders(&values, &form);
    let is_date = |text: &str| match form.span(text) {
        Some(span) if is_installed || span.earliest() == span.latest() => {
            field.fault_in(&RawValue::Text(span.to_string())).is_none()
        }
        _ => false,
    };
    let is_refused = |value: &&&Counted| !placeholders.contains(value) && !is_date(&value.text);
    filling.refused = values.iter().filter(is_refused).map(|value| value.rows).sum();
    if is_installed {
        filling.null(&blanks);
        if !placeholders.is_empty() {
            filling.keys.push(("placeholders", texts(&placeholders)));
        }
        if date::are_years(&values, &form) {
            filling
                .notes
                .push("nearly all are a 1 January: perhaps the year alone is known".into());
        }
    } else {
        filling.null(&[blanks, placeholders.clone()].concat());
    }
    if !placeholders.is_empty() {
        let counts: Vec<String> = placeholders
            .iter()
            .map(|value| format!("{} in {} rows", value.text, value.rows))
            .collect();
        filling.notes.push(format!("look at what stands for no date: {}", counts.join(", ")));
    }
    filling
}

fn numbers(seen: &Seen, unit: Option<&str>, field: &Field, decimal: Option<char>) -> Filling {
    let (blanks, values) = without_blanks(seen, |text| is_blank(text) || is_unknown(text));
    let conversion = unit
        .filter(|unit| field.unit.as_ref().is_some_and(|own| !own.eq_ignore_ascii_case(unit)))
        .and_then(|unit| Some((unit, Conversion::between(unit, field.unit.as_deref()).ok()?)));
    let taken = |text: &str, conversion: Option<Conversion>| {
        let text = if decimal == Some(',') { text.replace(',', ".") } else { text.to_owned() };
        let raw = match conversion {
            Some(conversion) => conversion.apply(&text),
            None => None,
        };
        field.fault_in(&raw.unwrap_or(RawValue::Text(text))).is_none()
    };
    let refused = |conversion: Option<Conversion>| -> u64 {
        let refused = values.iter().filter(|value| !taken(&value.text, conversion));
        refused.map(|value| value.rows).sum()
    };
    let mut filling = Filling {
        refused: refused(conversion.map(|(_, conversion)| conversion)),
        ..Filling::default()
    };
    filling.null(&blanks);
    let filled: u64 = values.iter().map(|value| value.rows).sum();
    if let Some((unit, _)) = conversion {
        filling.keys.push(("unit", Value::String(unit.into())));
        return filling;
    }
    if filling.fits(filled) {
        return filling;
    }
    if let Some(codes) = decorated(&values, field, decimal) {
        let keys = std::mem::take(&mut filling.keys);
        return Filling { keys, ..listed(codes) };
    }
    // Numbers out of their range may be in another unit, which nobody but the sender knows.
    let fitting = ["m", "mm", "cm", "km", "kpa", "kw", "ha"].into_iter().find(|unit| {
        let conversion = Conversion::between(unit, field.unit.as_deref()).ok();
        conversion.is_some() && refused(conversion) * 100 <= filled * MOST_REFUSED_PERCENT
    });
    if let Some(unit) = fitting.filter(|_| seen.numbers * 2 > seen.filled) {
        filling.keys.push(("unit", Value::String(unit.into())));
        let own = field.unit.as_deref().unwrap_or_default();
        filling.notes.push(format!("no numbers in {own}; perhaps they are in {unit}"));
        filling.is_open = true;
    }
    filling
}

/// A list of the numbers that values such as `DN300` or `70 W` mean, where there are few of them.
fn decorated(values: &[&Counted], field: &Field, decimal: Option<char>) -> Option<Vec<CodeLine>> {
    if values.len() > MAX_LISTED_CODES {
        return None;
    }
    let mut meanings: HashMap<&str, Value> = HashMap::new();
    for value in values {
        if let Some(number) = undecorated(&value.text, field, decimal) {
            meanings.insert(&value.text, number);
        }
    }
    let line = |value: &&Counted| CodeLine {
        text: value.text.clone(),
        rows: value.rows,
        value: meanings.get(&*value.text).cloned(),
        is_sure: false,
    };
    (meanings.len() * 2 > values.len()).then(|| values.iter().map(line).collect())
}

fn undecorated(text: &str, field: &Field, decimal: Option<char>) -> Option<Value> {
    let text = text.trim().to_lowercase();
    let text = BEFORE_NUMBERS.iter().find_map(|sign| text.strip_prefix(sign)).unwrap_or(&text);
    let unit = field.unit.as_deref().unwrap_or_default().to_lowercase();
    let behind = BEHIND_NUMBERS.iter().find_map(|sign| {
        let is_own = matches!(
            (*sign, &*unit),
            ("mm" | "毫米", "mm") | ("w" | "瓦", "w") | ("m" | "米", "m")
        );
        text.strip_suffix(sign).filter(|_| is_own)
    });
    let number = crate::position::parse(behind.unwrap_or(text), decimal)?;
    let is_whole = number.fract() == 0.0 && number.abs() < 1e15;
    let value = if is_whole { Value::Integer(number as i64) } else { Value::Float(number) };
    let raw = if is_whole { RawValue::Integer(number as i64) } else { RawValue::Number(number) };
    field.fault_in(&raw).is_none().then_some(value)
}

#[cfg(test)]
#[path = "fill_tests.rs"]
mod tests;
