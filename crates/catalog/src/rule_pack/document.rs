//! The form of a rule pack in TOML.

use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use terrier_model::{Evidence, MonthDay, Period, RuleDraft, Season, Text, Timing, WorkKind};

use super::{MAX_RULE_PACK_BYTES, MAX_RULES, RulePack, RulePackError};
use crate::cql2;
use crate::pack::{TextDocument, line_at};

/// How urgent a rule is that does not say.
const PRIORITY: u8 = 3;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct PackDocument {
    pack: Box<str>,
    version: Box<str>,
    jurisdiction: Box<str>,
    title: TextDocument,
    #[serde(default)]
    rule: Vec<RuleDocument>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct RuleDocument {
    id: Box<str>,
    title: TextDocument,
    #[serde(skip_serializing_if = "Option::is_none")]
    jurisdiction: Option<Box<str>>,
    cites: Box<str>,
    evidence: String,
    class: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<String>,
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    age: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<ScheduleName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lead: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    season: Option<[String; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blackout: Option<[String; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<u8>,
    effective_from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<Box<str>>,
}

#[derive(Clone, Copy, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum ScheduleName {
    Floating,
    Fixed,
}

pub(super) fn read(text: &str) -> Result<RulePack, RulePackError> {
    if text.len() > MAX_RULE_PACK_BYTES {
        return Err(RulePackError::TooLong(text.len()));
    }
    let document: PackDocument = toml::from_str(text).map_err(|error| RulePackError::Line {
        line: line_at(text, error.span().map_or(0, |span| span.start)),
        what: error.message().replace('\n', ", "),
    })?;
    let PackDocument { pack: name, version, jurisdiction, title, rule: rules } = document;
    if rules.len() > MAX_RULES {
        return Err(RulePackError::TooMany(rules.len()));
    }
    let must = |text: &str, key, expected| {
        let good = !text.trim().is_empty() && text.chars().count() <= 80;
        if good { Ok(()) } else { Err(RulePackError::Pack { key, expected }) }
    };
    must(&name, "pack", "a name of at most 80 characters")?;
    must(&version, "version", "a version of at most 80 characters")?;
    must(&jurisdiction, "jurisdiction", "where the rules apply, in at most 80 characters")?;
    let title = title
        .into_text()
        .ok_or(RulePackError::Pack { key: "title", expected: "text in `en` and in `zh`" })?;
    let rules: Vec<RuleDraft> =
        rules.into_iter().map(|rule| rule.into_draft(&jurisdiction)).collect::<Result<_, _>>()?;
    let mut ids: Vec<&str> = rules.iter().map(|rule| &*rule.id).collect();
    ids.sort_unstable();
    if let Some(pair) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(RulePackError::Twice(pair[0].into()));
    }
    Ok(RulePack { name, version, title, jurisdiction, rules })
}

/// Reads parts of one rule, and says which is wrong.
struct Reader {
    rule: Box<str>,
}

impl Reader {
    fn wrong(&self, key: &'static str, expected: &'static str) -> RulePackError {
        RulePackError::Key { rule: self.rule.clone(), key, expected }
    }

    fn read<T: FromStr>(
        &self,
        key: &'static str,
        text: Option<&str>,
        expected: &'static str,
    ) -> Result<Option<T>, RulePackError> {
        text.map(|text| text.parse().map_err(|_| self.wrong(key, expected))).transpose()
    }

    fn period(
        &self,
        key: &'static str,
        text: Option<&str>,
    ) -> Result<Option<Period>, RulePackError> {
        self.read(key, text, terrier_model::PeriodError::EXPECTED)
    }

    fn day(&self, key: &'static str, text: &str) -> Result<Date, RulePackError> {
        // A time is a day too for the parser of days.
        let day: Option<Date> = text.parse().ok().filter(|day: &Date| day.to_string() == text);
        day.ok_or_else(|| self.wrong(key, "a day such as \"2024-06-30\""))
    }

    fn month_day(&self, key: &'static str, text: &str) -> Result<MonthDay, RulePackError> {
        text.parse().map_err(|_| self.wrong(key, "a month and day such as \"06-15\""))
    }

    fn season(&self, document: &RuleDocument) -> Result<Option<Season>, RulePackError> {
        let ends = |key, ends: &[String; 2]| {
            Ok((self.month_day(key, &ends[0])?, self.month_day(key, &ends[1])?))
        };
        match (&document.season, &document.blackout) {
            (None, None) => Ok(None),
            (Some(season), None) => {
                ends("season", season).map(|(from, to)| Some(Season::During(from, to)))
            }
            (None, Some(blackout)) => {
                ends("blackout", blackout).map(|(from, to)| Some(Season::Except(from, to)))
            }
            (Some(_), Some(_)) => Err(self.wrong("blackout", "it or `season`, not both")),
        }
    }

    fn timing(&self, document: &RuleDocument) -> Result<Timing, RulePackError> {
        let age = self.period("age", document.age.as_deref())?;
        let until = self.period("until", document.until.as_deref())?;
        let interval = self.period("interval", document.interval.as_deref())?;
        let by = document.by.as_deref().map(|by| self.month_day("by", by)).transpose()?;
        let since = document.since.clone();
        let schedule = document.schedule;
        let timing = match (age, interval, by, &document.on) {
            (Some(age), then, None, None) => Timing::Age { age, then, until, since: since.clone() },
            (None, Some(interval), None, None) if schedule == Some(ScheduleName::Fixed) => {
                Timing::Fixed { interval }
            }
            (None, Some(interval), None, None) => {
                Timing::Floating { interval, since: since.clone() }
            }
            (None, None, Some(by), None) => Timing::Yearly { by },
            (None, None, None, Some(field)) => Timing::On { field: field.clone() },
            (None, None, None, None) => Timing::Now,
            _ => {
                let expected = "alone, or with `interval` when it is `age`";
                let keys = [("by", by.is_some()), ("on", document.on.is_some())];
                let given = keys.into_iter().find(|(_, is_given)| *is_given);
                return Err(self.wrong(given.map_or("age", |(key, _)| key), expected));
            }
        };
        let is_age = matches!(timing, Timing::Age { .. });
        let counts = is_age || matches!(timing, Timing::Floating { .. });
        if until.is_some() && !is_age {
            return Err(self.wrong("until", "none without `age`"));
        }
        if since.is_some() && !counts {
            return Err(self.wrong("since", "none without `age` or a floating `interval`"));
        }
        if schedule.is_some() && interval.is_none() {
            return Err(self.wrong("schedule", "none without `interval`"));
        }
        if schedule == Some(ScheduleName::Fixed) && is_age {
            return Err(self.wrong("schedule", "\"floating\", for `age` begins it"));
        }
        Ok(timing)
    }
}

impl RuleDocument {
    fn into_draft(self, jurisdiction: &str) -> Result<RuleDraft, RulePackError> {
        let reader = Reader { rule: self.id.clone() };
        let timing = reader.timing(&self)?;
        let season = reader.season(&self)?;
        let Self {
            id,
            title,
            jurisdiction: own_jurisdiction,
            cites,
            evidence,
            class,
            when,
            kind,
            age: _,
            until: _,
            interval: _,
            schedule: _,
            since: _,
            by: _,
            on: _,
            lead,
            grace,
            season: _,
            blackout: _,
            priority,
            effective_from,
            effective_to,
            replaces,
        } = self;
        let when = when
            .map(|when| cql2::parse_text(&when))
            .transpose()
            .map_err(|source| RulePackError::When { rule: reader.rule.clone(), source })?;
        let text = "text in `en` and in `zh`";
        let kinds = "inspect, assess, clean, repair, renew or verify";
        let marks =
            "\"V\" (source read), \"P\" (public page), \"M\" (from memory) or \"I\" (proposal)";
        Ok(RuleDraft {
            title: title.into_text().ok_or_else(|| reader.wrong("title", text))?,
            jurisdiction: own_jurisdiction.unwrap_or_else(|| jurisdiction.into()),
            cites,
            evidence: Evidence::from_code(&evidence)
                .ok_or_else(|| reader.wrong("evidence", marks))?,
            class,
            when,
            kind: WorkKind::from_code(&kind).ok_or_else(|| reader.wrong("kind", kinds))?,
            timing,
            lead: reader.period("lead", lead.as_deref())?.unwrap_or_default(),
            grace: reader.period("grace", grace.as_deref())?.unwrap_or_default(),
            season,
            priority: priority.unwrap_or(PRIORITY),
            effective_from: reader.day("effective_from", &effective_from)?,
            effective_to: effective_to.map(|day| reader.day("effective_to", &day)).transpose()?,
            replaces,
            id,
        })
    }

    fn of_draft(draft: &RuleDraft, jurisdiction: &str) -> Self {
        let length = |period: Period| (!period.is_zero()).then(|| period.to_string());
        let ends = |from: MonthDay, to: MonthDay| [from.to_string(), to.to_string()];
        let (season, blackout) = match draft.season {
            None => (None, None),
            Some(Season::During(from, to)) => (Some(ends(from, to)), None),
            Some(Season::Except(from, to)) => (None, Some(ends(from, to))),
        };
        let mut document = Self {
            id: draft.id.clone(),
            title: TextDocument::of_text(&draft.title),
            jurisdiction: (*draft.jurisdiction != *jurisdiction)
                .then(|| draft.jurisdiction.clone()),
            cites: draft.cites.clone(),
            evidence: draft.evidence.code().into(),
            class: draft.class.clone(),
            when: draft.when.as_ref().map(|when| cql2::write_text(when, |name| name)),
            kind: draft.kind.code().into(),
            age: None,
            until: None,
            interval: None,
            schedule: None,
            since: None,
            by: None,
            on: None,
            lead: length(draft.lead),
            grace: length(draft.grace),
            season,
            blackout,
            priority: Some(draft.priority),
            effective_from: draft.effective_from.to_string(),
            effective_to: draft.effective_to.map(|day| day.to_string()),
            replaces: draft.replaces.clone(),
        };
        match &draft.timing {
            Timing::Age { age, then, until, since } => {
                document.age = Some(age.to_string());
                document.interval = then.map(|then| then.to_string());
                document.until = until.map(|until| until.to_string());
                document.since.clone_from(since);
            }
            Timing::Floating { interval, since } => {
                document.interval = Some(interval.to_string());
                document.since.clone_from(since);
            }
            Timing::Fixed { interval } => {
                document.interval = Some(interval.to_string());
                document.schedule = Some(ScheduleName::Fixed);
            }
            Timing::Yearly { by } => document.by = Some(by.to_string()),
            Timing::On { field } => document.on = Some(field.clone()),
            Timing::Now => {}
        }
        document
    }
}

pub(super) fn write(pack: &RulePack) -> String {
    let RulePack { name, version, title, jurisdiction, rules } = pack;
    let document = PackDocument {
        pack: name.clone(),
        version: version.clone(),
        jurisdiction: jurisdiction.clone(),
        title: TextDocument::of_text(title),
        rule: rules.iter().map(|rule| RuleDocument::of_draft(rule, jurisdiction)).collect(),
    };
    toml::to_string(&document).expect("a pack is text and tables of text")
}

impl TextDocument {
    fn of_text(text: &Text) -> Self {
        Self { en: text.en.to_string(), zh: text.zh.to_string() }
    }
}
