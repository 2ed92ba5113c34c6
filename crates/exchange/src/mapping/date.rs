//! How the dates and times of a file are written, and which of them stand for none.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use terrier_catalog::time_zone;
use terrier_model::{CoreField, DateSource, DateSpan, Fault, Field, Kind, RawValue};
use toml::{Table, Value};

use super::document::{Entry, MappingError, show};

/// The keys of a mapping that only dates and times have.
pub(super) const DATE_KEYS: [&str; 4] = ["format", "placeholders", "source", TIME_ZONE];

/// The key that says in which time zone times are that do not say it themselves.
const TIME_ZONE: &str = "time_zone";

/// How the dates or times of a property are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Dates {
    format: Option<Box<str>>,
    /// Texts that stand for no date, with the date that each seems to be.
    placeholders: Vec<(Box<str>, Option<DateSpan>)>,
    source: Option<DateSource>,
    /// Of times, and of nothing else.
    zone: Option<TimeZone>,
    /// Whether the source of the date and what was written are told beside it.
    pub(super) tells_source: bool,
}

/// A day that tells apart the parts of a date in any form. A form may have a time of day as well.
const TRIAL: Date = jiff::civil::date(2021, 11, 23);

impl Entry {
    /// Reads the keys of a date; `None` where there are none.
    pub(super) fn dates(
        &self,
        table: &Table,
        field: &Field,
    ) -> Result<Option<Dates>, MappingError> {
        let Some(key) = DATE_KEYS.into_iter().find(|key| table.contains_key(*key)) else {
            return Ok(None);
        };
        if field.kind == Kind::Instant && key == TIME_ZONE && !table.contains_key("codes") {
            let here = self.of(TIME_ZONE);
            let name = here.text(&table[TIME_ZONE])?;
            let zone = time_zone(name)
                .map_err(|_| here.refuse(name, "a time zone such as Asia/Shanghai or UTC"))?;
            return Ok(Some(Dates { zone: Some(zone), ..Dates::default() }));
        }
        if field.kind != Kind::Date || key == TIME_ZONE || table.contains_key("codes") {
            return Err(self.refuse(key, "no such key, for the field takes no date"));
        }
        let format = match table.get("format") {
            None => None,
            Some(value) => Some(self.of("format").format(value)?),
        };
        let is_installed = field.core == Some(CoreField::InstalledOn);
        if let (Some(key), false) = (
            ["placeholders", "source"].into_iter().find(|key| table.contains_key(*key)),
            is_installed,
        ) {
            let expected = "no such key, for installed_on alone has it; `null` lists what stands \
                            for nothing";
            return Err(self.refuse(key, expected));
        }
        let mut dates = Dates { format, ..Dates::default() };
        if let Some(value) = table.get("placeholders") {
            let texts = self.of("placeholders").texts(value)?;
            let spans: Vec<Option<DateSpan>> = texts.iter().map(|text| dates.span(text)).collect();
            dates.placeholders = texts.into_iter().zip(spans).collect();
            dates.tells_source = true;
        }
        if let Some(value) = table.get("source") {
            let here = self.of("source");
            let code = here.text(value)?;
            let codes = DateSource::ALL.map(DateSource::code).join(", ");
            let source = DateSource::from_code(code);
            dates.source =
                Some(source.ok_or_else(|| here.refuse(code, format!("one of {codes}")))?);
            dates.tells_source = true;
        }
        Ok(Some(dates))
    }

    /// A format that tells a whole date.
    fn format(&self, value: &Value) -> Result<Box<str>, MappingError> {
        let format = self.text(value)?;
        let written = jiff::fmt::strtime::format(format, TRIAL.at(12, 34, 56, 0));
        let read = written.and_then(|text| Date::strptime(format, text));
        if read.is_ok_and(|date| date == TRIAL) {
            return Ok(format.into());
        }
        let expected = "a form with day, month and year, such as %d/%m/%Y";
        Err(self.refuse(show(value), expected))
    }
}

impl Dates {
    /// The date that a text is, in the form of the file.
    fn span(&self, text: &str) -> Option<DateSpan> {
        match &self.format {
            Some(format) => Date::strptime(&**format, text).ok().map(DateSpan::day),
            None => text.parse().ok(),
        }
    }

    fn is_placeholder(&self, text: &str) -> bool {
        let span = self.span(text);
        let is = |(other, date): &(Box<str>, Option<DateSpan>)| {
            **other == *text || (date.is_some() && *date == span)
        };
        self.placeholders.iter().any(is)
    }

    /// The values that a text gives to a field, and to those that tell of it.
    pub(super) fn values(
        &self,
        field: &str,
        text: &str,
    ) -> Result<Vec<(Box<str>, RawValue)>, Fault> {
        if let Some(zone) = &self.zone {
            return Ok(vec![(field.into(), time(field, text, zone)?)]);
        }
        let (date, source, written) = if text.is_empty() {
            (RawValue::Null, None, RawValue::Null)
        } else if self.is_placeholder(text) {
            (RawValue::Null, Some(DateSource::Placeholder), RawValue::Text(text.into()))
        } else {
            let date: Cow<str> = match &self.format {
                None => text.into(),
                Some(format) => {
                    let span = self.span(text).ok_or_else(|| {
                        let expected = format!("a date in the form {format}");
                        Fault::in_field(field, text, expected)
                    })?;
                    span.to_string().into()
                }
            };
            (RawValue::Text(date.into_owned()), self.source, RawValue::Null)
        };
        let mut values = vec![(field.into(), date)];
        if self.tells_source {
            let source = source.map_or(RawValue::Null, |code| RawValue::Text(code.code().into()));
            values.push(("installed_source".into(), source));
            values.push(("installed_written".into(), written));
        }
        Ok(values)
    }
}

/// The time that a text is: as it says itself, or else in a time zone.
fn time(field: &str, text: &str, zone: &TimeZone) -> Result<RawValue, Fault> {
    if text.is_empty() {
        return Ok(RawValue::Null);
    }
    if text.parse::<Timestamp>().is_ok() {
        return Ok(RawValue::Text(text.into()));
    }
    // A clock that is turned back shows a time twice, and one that is turned on leaves some out.
    let moment =
        text.parse::<DateTime>().and_then(|time| zone.to_ambiguous_timestamp(time).unambiguous());
    let expected = "a time such as 2005-06-30T12:00:00 that the time zone has once";
    match moment {
        Ok(moment) => Ok(RawValue::Text(moment.to_string())),
        Err(_) => Err(Fault::in_field(field, text, expected)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Mapping;
    use super::super::tests::{check_values, classes, fields};

    fn check(line: &str, rows: &[(&str, &str)]) {
        let written: Vec<(String, String)> = rows
            .iter()
            .map(|(laid, expected)| (format!("\"laid\":{laid}"), format!("pipes 1: {expected}")))
            .collect();
        let rows: Vec<(&str, &str)> =
            written.iter().map(|(row, expected)| (&**row, &**expected)).collect();
        check_values(line, &rows);
    }

    fn check_refused(line: &str, expected: &str) {
        let error = Mapping::parse(&fields(line), &classes()).expect_err("no mapping");
        assert_eq!(error.to_string(), format!("collection 1 (pipes), `fields`, {expected}"));
    }

    #[test]
    fn a_placeholder_is_no_date_and_is_kept_as_it_was_written() {
        let told = |date: &str, source: &str, written: &str| {
            format!("installed_on={date} installed_source={source} installed_written={written}")
        };
        let placeholder =
            |text: &str| told("Null", r#"Text("placeholder")"#, &format!("Text({text:?})"));
        let known = |text: &str| told(&format!("Text({text:?})"), r#"Text("as_built")"#, "Null");
        let line = r#"installed_on = { from = "laid", placeholders = [1800, "1900-01-01", "不详"],
            source = "as_built", null = "-" }"#
            .replace('\n', " ");
        check(
            &line,
            &[
                (r#""1900-01-01""#, &placeholder("1900-01-01")),
                (r#""1900/1/1 0:00:00""#, &placeholder("1900/1/1 0:00:00")),
                ("1800", &placeholder("1800")),
                (r#""不详""#, &placeholder("不详")),
                (r#""1900""#, &known("1900")),
                (r#""2005-06""#, &known("2005-06")),
                (r#""-""#, &told("Null", "Null", "Null")),
                ("null", &told("Null", "Null", "Null")),
            ],
        );
    }

    #[test]
    fn a_date_may_have_a_form_of_its_own() {
        let line = r#"installed_on = { from = "laid", format = "%d/%m/%Y" }"#;
        let date = r#"installed_on=Text("1995-06-01")"#;
        check(line, &[(r#""01/06/1995""#, date), (r#""1/6/1995""#, date)]);
        check_values(
            line,
            &[(
                r#""laid":"06/31/1995""#,
                "installed_on: found `06/31/1995`, expected a date in the form %d/%m/%Y",
            )],
        );
        let line = r#"renew_by = { from = "laid", format = "%Y%m%d %H:%M" }"#;
        check(line, &[(r#""20300601 00:00""#, r#"renew_by=Text("2030-06-01")"#)]);
    }

    #[test]
    fn keys_of_dates_that_would_do_nothing_are_refused() {
        check_refused(
            r#"code = { from = "a", format = "%Y" }"#,
            "`code`: found `format`, expected no such key, for the field takes no date",
        );
        check_refused(
            r#"renew_by = { from = "a", placeholders = [1900] }"#,
            "`renew_by`: found `placeholders`, expected no such key, for installed_on alone has it; \
             `null` lists what stands for nothing",
        );
        for format in ["%d/%m", "%Q", "x"] {
            check_refused(
                &format!(r#"renew_by = {{ from = "a", format = "{format}" }}"#),
                &format!(
                    "`renew_by`, `format`: found `{format}`, expected a form with day, month and \
                     year, such as %d/%m/%Y"
                ),
            );
        }
        check_refused(
            r#"installed_on = { from = "a", source = "rumour" }"#,
            "`installed_on`, `source`: found `rumour`, expected one of as_built, survey, estimated, \
             placeholder, unknown",
        );
        check_refused(
            "installed_on = { from = \"a\", source = \"survey\" }\ninstalled_source = \"b\"",
            "`installed_source`: found `installed_source`, expected no such field, for \
             `installed_on` with `placeholders` or `source` fills it",
        );
    }
}
