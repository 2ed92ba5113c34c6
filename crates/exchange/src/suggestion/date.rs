//! In which form the dates of a property are written, and which of them only stand for one that is
//! not known.

use std::collections::BTreeMap;

use jiff::civil::Date;
use terrier_model::{DateSpan, Precision};

use super::code::is_unknown;
use super::seen::Counted;

/// Forms in which dates are written that a mapping has to say.
const FORMS: [&str; 10] = [
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d.%m.%y",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
];

/// So many of a hundred dates must be of a form: some rows may be wrong.
const FORM_PERCENT: u64 = 90;

/// What records write where they know no date, however often.
const PLACEHOLDERS: [&str; 9] = [
    "1800",
    "1800-01-01",
    "1900",
    "1900-01-01",
    "1899-12-30",
    "1899-12-31",
    "1970-01-01",
    "1111-11-11",
    "9999-12-31",
];

/// A 1 January that so many of a hundred dates are, and that comes so many times as often as another
/// date, is suspected of being none. One that most dates are is taken for a year.
const SUSPECT_PERCENT: u64 = 5;
const SUSPECT_TIMES: u64 = 5;
const SUSPECT_LEAST: u64 = 3;
const SUSPECT_MOST_PERCENT: u64 = 80;

/// How dates are written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Form {
    /// In one that needs not be said.
    Known,
    /// In this one.
    Said(&'static str),
    /// In one of these, and nobody can tell which.
    Either(Vec<&'static str>),
    /// In none that is known.
    None,
}

impl Form {
    /// The date that a text is.
    pub(super) fn span(&self, text: &str) -> Option<DateSpan> {
        match self {
            Self::Known => text.parse().ok(),
            Self::Said(form) => day(form, text),
            Self::Either(forms) => forms.first().and_then(|form| day(form, text)),
            Self::None => None,
        }
    }
}

fn day(form: &str, text: &str) -> Option<DateSpan> {
    Date::strptime(form, text).ok().map(DateSpan::day)
}

/// The form of the dates among the values; a text that stands for nothing is none of them.
pub(super) fn form(values: &[&Counted]) -> Form {
    let values: Vec<&Counted> =
        values.iter().filter(|value| !is_unknown(&value.text)).copied().collect();
    let all: u64 = values.iter().map(|value| value.rows).sum();
    let known = values.iter().filter(|value| value.text.parse::<DateSpan>().is_ok());
    let known: u64 = known.map(|value| value.rows).sum();
    if all > 0 && known * 100 >= all * FORM_PERCENT {
        return Form::Known;
    }
    let rows_of = |form: &str| -> u64 {
        let read = values.iter().filter(|value| day(form, &value.text).is_some());
        read.map(|value| value.rows).sum()
    };
    let rows: Vec<(&str, u64)> = FORMS.into_iter().map(|form| (form, rows_of(form))).collect();
    let most = rows.iter().map(|(_, rows)| *rows).max().unwrap_or_default();
    // One date whose first number is beyond 12 decides for all of them.
    let is_best = |rows: u64| rows == most && rows > 0 && rows * 100 >= all * FORM_PERCENT;
    let forms: Vec<&str> =
        rows.into_iter().filter(|(_, rows)| is_best(*rows)).map(|(form, _)| form).collect();
    // Of two digits, `%Y` reads a year of the first century.
    let is_new = |form: &&&str| {
        let mut days = values.iter().filter_map(|value| day(form, &value.text));
        days.all(|span| span.earliest().year() >= 1000)
    };
    match &*forms.iter().filter(is_new).copied().collect::<Vec<_>>() {
        [] => Form::None,
        [only] => Form::Said(only),
        several => Form::Either(several.to_vec()),
    }
}

/// The values that only stand for a date, the most frequent first: those that everybody knows, those
/// that say so, and a 1 January that comes too often to be a day on which something was done.
pub(super) fn placeholders<'a>(values: &[&'a Counted], form: &Form) -> Vec<&'a Counted> {
    let mut rows_of: BTreeMap<Date, u64> = BTreeMap::new();
    for value in values {
        if let Some(span) = form.span(&value.text).filter(|span| span.precision() == Precision::Day)
        {
            *rows_of.entry(span.earliest()).or_default() += value.rows;
        }
    }
    let is_suspect = |date: Date| is_suspect(date, &rows_of);
    let is_placeholder = |value: &&&Counted| {
        let span = form.span(&value.text);
        let is_known = |known: &&str| known.parse::<DateSpan>().ok() == span;
        let is_day = |span: DateSpan| span.precision() == Precision::Day;
        match span {
            None => is_unknown(&value.text),
            Some(span) => {
                PLACEHOLDERS.iter().any(is_known) || (is_day(span) && is_suspect(span.earliest()))
            }
        }
    };
    let mut found: Vec<&Counted> = values.iter().filter(is_placeholder).copied().collect();
    found.sort_by_key(|value| std::cmp::Reverse(value.rows));
    found
}

fn is_suspect(date: Date, rows_of: &BTreeMap<Date, u64>) -> bool {
    let all: u64 = rows_of.values().sum();
    let rows = rows_of.get(&date).copied().unwrap_or_default();
    let others = rows_of.len() as u64 - 1;
    (date.month(), date.day()) == (1, 1)
        && rows >= SUSPECT_LEAST
        && rows * 100 >= all * SUSPECT_PERCENT
        && rows * 100 <= all * SUSPECT_MOST_PERCENT
        // As often as the average of the others, and so many times more.
        && others > 0
        && rows * others >= (all - rows) * SUSPECT_TIMES
}

/// Whether nearly every date is a 1 January, so that perhaps the year alone is known.
pub(super) fn are_years(values: &[&Counted], form: &Form) -> bool {
    let dated = values.iter().filter_map(|value| Some((form.span(&value.text)?, value.rows)));
    let (mut all, mut first) = (0, 0);
    for (span, rows) in dated.filter(|(span, _)| span.precision() == Precision::Day) {
        all += rows;
        let date = span.earliest();
        first += if (date.month(), date.day()) == (1, 1) { rows } else { 0 };
    }
    all > SUSPECT_LEAST && first * 100 >= all * FORM_PERCENT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(values: &[(&str, u64)]) -> Vec<Counted> {
        let counted = |(text, rows): &(&str, u64)| Counted { text: (*text).into(), rows: *rows };
        values.iter().map(counted).collect()
    }

    fn check_form(values: &[(&str, u64)], expected: &Form) {
        let values = counted(values);
        assert_eq!(form(&values.iter().collect::<Vec<_>>()), *expected, "{values:?}");
    }

    #[test]
    fn the_form_of_dates_is_told_by_those_that_have_only_one() {
        check_form(&[("2005-06-30", 9), ("2005", 1)], &Form::Known);
        check_form(&[("2005年6月", 1), ("1990年代", 1)], &Form::Known);
        check_form(&[("30/06/2005", 1), ("01/06/2005", 99)], &Form::Said("%d/%m/%Y"));
        check_form(&[("06/30/2005", 1), ("01/06/2005", 5)], &Form::Said("%m/%d/%Y"));
        check_form(&[("10/31/18", 1), ("3/8/19", 1)], &Form::Said("%m/%d/%y"));
        check_form(&[("30.06.2005", 1)], &Form::Said("%d.%m.%Y"));
        check_form(&[("30/06/2005 0:00", 1)], &Form::Said("%d/%m/%Y %H:%M"));
        check_form(&[("01/06/2005", 5)], &Form::Either(vec!["%d/%m/%Y", "%m/%d/%Y"]));
        check_form(&[("steel", 5), ("2005", 1)], &Form::None);
        check_form(&[], &Form::None);
    }

    fn check(values: &[(&str, u64)], expected: &[&str]) {
        let values = counted(values);
        let values: Vec<&Counted> = values.iter().collect();
        let found = placeholders(&values, &form(&values));
        let found: Vec<&str> = found.iter().map(|value| &*value.text).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_placeholder_is_known_by_its_name() {
        let some = [("2005-06-30", 20), ("2006-07-01", 20), ("1900", 1)];
        check(&some, &["1900"]);
        check(
            &[some[0], some[1], ("1900/1/1 0:00:00", 1), ("1800-01-01", 2)],
            &["1800-01-01", "1900/1/1 0:00:00"],
        );
        check(&[("30/06/2005", 9), ("01/01/1900", 1)], &["01/01/1900"]);
        check(&[some[0], some[1], ("不详", 3)], &["不详"]);
    }

    #[test]
    fn a_first_of_january_that_comes_too_often_is_suspected() {
        let days: Vec<String> = (1..=28).map(|day| format!("2005-06-{day:02}")).collect();
        let mut values: Vec<(&str, u64)> = days.iter().map(|day| (&**day, 2)).collect();
        values.push(("1990-01-01", 12));
        check(&values, &["1990-01-01"]);
        // Nine are not five times as often as the others.
        values[28].1 = 9;
        check(&values, &[]);
        values[28] = ("1990-01-02", 12);
        check(&values, &[]);
    }

    #[test]
    fn years_that_are_written_as_days_are_no_placeholders() {
        let values = [("1995-01-01", 3), ("1996-01-01", 4), ("1997-01-01", 2), ("1990-01-01", 4)];
        check(&values, &[]);
        let counted = counted(&values);
        let all: Vec<&Counted> = counted.iter().collect();
        assert!(are_years(&all, &Form::Known));
        assert!(!are_years(&all[..1], &Form::Known));
    }
}
