//! What happened to an asset on a day: it was inspected, assessed, cleaned, repaired, renewed, its
//! condition was graded, a hazard was found or mended. Facts beside what the asset is.

use jiff::civil::Date;

use crate::draft::checked_text;
use crate::{Fault, Kind, ValueRef};

/// The most events that stand of an asset: one a day for 27 years.
pub const MAX_EVENTS: usize = 10_000;

/// What happened.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[expect(missing_docs, reason = "`words` says what each means")]
pub enum EventKind {
    Inspected,
    Assessed,
    Cleaned,
    Repaired,
    Renewed,
    Graded,
    HazardFound,
    HazardMended,
}

impl EventKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Inspected,
        Self::Assessed,
        Self::Cleaned,
        Self::Repaired,
        Self::Renewed,
        Self::Graded,
        Self::HazardFound,
        Self::HazardMended,
    ];

    /// The code, then what it means in English and Chinese.
    pub fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Inspected => ("inspected", "Inspected", "检查"),
            Self::Assessed => ("assessed", "Assessed", "评估"),
            Self::Cleaned => ("cleaned", "Cleaned", "清疏"),
            Self::Repaired => ("repaired", "Repaired", "维修"),
            Self::Renewed => ("renewed", "Renewed", "更新改造"),
            Self::Graded => ("graded", "Condition graded", "状况评级"),
            Self::HazardFound => ("hazard_found", "Hazard found", "发现隐患"),
            Self::HazardMended => ("hazard_mended", "Hazard mended", "消除隐患"),
        }
    }

    /// The code.
    pub fn code(self) -> &'static str {
        self.words().0
    }

    /// The kind of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What an assessment came to.
// The four results of the ministry's guide of 2022 for the assessment of ageing gas pipes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "`words` says what each means")]
pub enum Assessment {
    Meets,
    ContinueWithControls,
    RenewBy,
    RenewAtOnce,
}

impl Assessment {
    /// All of them, the best first.
    pub const ALL: [Self; 4] =
        [Self::Meets, Self::ContinueWithControls, Self::RenewBy, Self::RenewAtOnce];

    /// The code, then what it means in English and Chinese.
    pub fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Meets => ("meets", "Meets the requirements", "符合安全运行要求"),
            Self::ContinueWithControls => {
                ("continue_with_controls", "May go on under controls", "落实管控措施可继续运行")
            }
            Self::RenewBy => ("renew_by", "To be renewed by a date", "限期改造"),
            Self::RenewAtOnce => ("renew_at_once", "To be renewed at once", "立即改造"),
        }
    }

    /// The code.
    pub fn code(self) -> &'static str {
        self.words().0
    }

    /// The result of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|result| result.code() == code)
    }
}

/// Something that happened to an asset.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// On which day.
    pub on: Date,
    /// What an assessment came to, when that is known; nothing else has it.
    pub result: Option<Assessment>,
    /// By when the event itself says that work follows: the next assessment or inspection, or the
    /// renewal that an assessment wants.
    pub next_on: Option<Date>,
    /// The grade of a condition, when that is known; a grading may have it, nothing else does.
    pub grade: Option<Box<str>>,
    /// The scheme that the grade is of, such as `CJJ 181`.
    pub scheme: Option<Box<str>>,
    /// What else is to be said, such as which hazard.
    pub note: Option<Box<str>>,
}

impl Event {
    /// An event of which no more is known than its day.
    pub fn new(kind: EventKind, on: Date) -> Self {
        Self { kind, on, result: None, next_on: None, grade: None, scheme: None, note: None }
    }

    /// Everything that is wrong with it: details that its kind does not have, texts that are none,
    /// and work that follows before it happened.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let texts = [("grade", &self.grade), ("scheme", &self.scheme), ("note", &self.note)];
        for (name, text) in texts {
            let Some(text) = text else { continue };
            let fault = if text.trim().is_empty() {
                Some("text".to_owned())
            } else {
                checked_text(text).err()
            };
            faults.extend(fault.map(|expected| Fault::in_field(name, text, expected)));
        }
        for (kind, name, found) in [
            (EventKind::Assessed, "result", self.result.map(Assessment::code)),
            (EventKind::Graded, "grade", self.grade.as_deref()),
            (EventKind::Graded, "scheme", self.scheme.as_deref()),
        ] {
            if let Some(found) = found.filter(|_| self.kind != kind) {
                let expected = format!("nothing: what was {} has none", self.kind.code());
                faults.push(Fault::in_field(name, found, expected));
            }
        }
        if let Some(next_on) = self.next_on.filter(|next_on| *next_on < self.on) {
            let expected = format!("no day before {}", self.on);
            faults.push(Fault::in_field("next_on", next_on.to_string(), expected));
        }
        faults
    }

    /// Whether another event of the same kind and day says all that this one says.
    pub fn is_told_by(&self, other: &Self) -> bool {
        fn agrees<T: PartialEq>(mine: Option<&T>, theirs: Option<&T>) -> bool {
            mine.is_none() || mine == theirs
        }
        self.is_of_the_day_of(other)
            && agrees(self.result.as_ref(), other.result.as_ref())
            && agrees(self.next_on.as_ref(), other.next_on.as_ref())
            && agrees(self.grade.as_ref(), other.grade.as_ref())
            && agrees(self.scheme.as_ref(), other.scheme.as_ref())
            && agrees(self.note.as_ref(), other.note.as_ref())
    }

    /// Whether another event is of the same kind and day.
    pub fn is_of_the_day_of(&self, other: &Self) -> bool {
        self.kind == other.kind && self.on == other.on
    }

    /// Takes from `former` every detail that this one does not tell.
    #[must_use]
    pub fn keeping(self, former: &Self) -> Self {
        let Self { kind, on, result, next_on, grade, scheme, note } = self;
        Self {
            kind,
            on,
            result: result.or(former.result),
            next_on: next_on.or(former.next_on),
            grade: grade.or_else(|| former.grade.clone()),
            scheme: scheme.or_else(|| former.scheme.clone()),
            note: note.or_else(|| former.note.clone()),
        }
    }
}

/// What a field shows of the events of its asset.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EventPart {
    /// The day of the last event of the kind.
    On(EventKind),
    /// By when the last event of the kind says that work follows.
    NextOn(EventKind),
    /// What the last assessment came to.
    Result,
    /// The last grade.
    Grade,
    /// How many hazards were found and not mended.
    OpenHazards,
    /// Since which day hazards have been open without a break.
    OpenSince,
}

impl EventPart {
    /// The part of that name, such as `cleaned.on`, `assessed.result` or `hazard.open`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name.split_once('.')? {
            ("assessed", "result") => Some(Self::Result),
            ("graded", "grade") => Some(Self::Grade),
            ("hazard", "open") => Some(Self::OpenHazards),
            ("hazard", "open_since") => Some(Self::OpenSince),
            (kind, "on") => EventKind::from_code(kind).map(Self::On),
            (kind, "next_on") => EventKind::from_code(kind).map(Self::NextOn),
            _ => None,
        }
    }

    /// The name, such as `cleaned.on`.
    pub fn name(self) -> String {
        let part = match self {
            Self::On(_) => "on",
            Self::NextOn(_) => "next_on",
            Self::Result => "result",
            Self::Grade => "grade",
            Self::OpenHazards => return "hazard.open".into(),
            Self::OpenSince => return "hazard.open_since".into(),
        };
        format!("{}.{part}", self.kind().code())
    }

    /// The kind of event that it is about; a hazard counts by its finding.
    pub fn kind(self) -> EventKind {
        match self {
            Self::On(kind) | Self::NextOn(kind) => kind,
            Self::Result => EventKind::Assessed,
            Self::Grade => EventKind::Graded,
            Self::OpenHazards | Self::OpenSince => EventKind::HazardFound,
        }
    }

    /// Whether a field of the kind can show it.
    pub fn suits(self, kind: &Kind) -> bool {
        match (self, kind) {
            (Self::On(_) | Self::NextOn(_) | Self::OpenSince, Kind::Date)
            | (Self::Grade, Kind::Text | Kind::Code(_))
            | (Self::OpenHazards, Kind::Integer) => true,
            (Self::Result, Kind::Code(codes)) => Assessment::ALL
                .iter()
                .all(|result| codes.iter().any(|code| &*code.code == result.code())),
            _ => false,
        }
    }

    /// What it shows of the events, which stand in the order of their days.
    pub fn of(self, events: &[Event]) -> Option<ValueRef<'_>> {
        if matches!(self, Self::OpenHazards | Self::OpenSince) {
            let (open, since) = open_hazards(events);
            return match self {
                Self::OpenSince => since.map(ValueRef::Date),
                _ => Some(ValueRef::Integer(open)),
            };
        }
        let last = events.iter().rev().find(|event| event.kind == self.kind())?;
        match self {
            Self::On(_) => Some(ValueRef::Date(last.on)),
            Self::NextOn(_) => last.next_on.map(ValueRef::Date),
            Self::Result => last.result.map(|result| ValueRef::Text(result.code())),
            Self::Grade => last.grade.as_deref().map(ValueRef::Text),
            Self::OpenHazards | Self::OpenSince => None,
        }
    }
}

/// How many hazards are open after these events, and since which day some have been without a break.
/// Which of them is mended, an event does not say; so of two that overlap the day of the first counts.
fn open_hazards(events: &[Event]) -> (i64, Option<Date>) {
    let (mut open, mut since) = (0, None);
    for event in events {
        open += match event.kind {
            EventKind::HazardFound => 1,
            EventKind::HazardMended => -1,
            _ => continue,
        };
        since = if open > 0 { since.or(Some(event.on)) } else { None };
    }
    (open.max(0), since)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: EventKind, on: &str) -> Event {
        Event::new(kind, on.parse().expect("a day"))
    }

    fn check(event: &Event, expected: &str) {
        let faults: Vec<_> = event.faults().iter().map(ToString::to_string).collect();
        assert_eq!(faults.join("; "), expected);
    }

    #[test]
    fn an_event_has_the_details_of_its_kind_and_no_others() {
        check(&event(EventKind::Cleaned, "2024-05-01"), "");
        let assessed = event(EventKind::Assessed, "2024-05-01");
        check(&assessed, "");
        check(&Event { result: Some(Assessment::Meets), ..assessed }, "");
        let graded = event(EventKind::Graded, "2024-05-01");
        check(&graded, "");
        let grade = Some("3".into());
        check(&Event { grade: grade.clone(), scheme: Some("CJJ 181".into()), ..graded }, "");
        check(
            &Event { grade, ..event(EventKind::Repaired, "2024-05-01") },
            "grade: found `3`, expected nothing: what was repaired has none",
        );
        check(
            &Event {
                next_on: "2024-04-30".parse().ok(),
                ..event(EventKind::Inspected, "2024-05-01")
            },
            "next_on: found `2024-04-30`, expected no day before 2024-05-01",
        );
    }

    #[test]
    fn the_texts_of_an_event_are_texts() {
        let note = |note: &str| Event {
            note: Some(note.into()),
            ..event(EventKind::HazardFound, "2024-06-30")
        };
        check(&note("燃气泄漏"), "");
        check(&note(" "), "note: found ` `, expected text");
        check(&note("a\0b"), r"note: found `a\u{0}b`, expected text without control characters");
        let at_the_bound = "a".repeat(crate::MAX_TEXT_BYTES);
        check(&note(&at_the_bound), "");
        let faults = note(&(at_the_bound + "a")).faults();
        assert_eq!(faults[0].expected, "at most 8192 bytes, not 8193");
    }

    #[test]
    fn an_event_is_told_by_another_of_its_day_that_says_as_much() {
        let plain = event(EventKind::Inspected, "2024-05-01");
        let noted = Event { note: Some("rust".into()), ..plain.clone() };
        let other = Event { note: Some("moss".into()), ..plain.clone() };
        assert!(plain.is_told_by(&plain) && plain.is_told_by(&noted) && noted.is_told_by(&noted));
        assert!(!noted.is_told_by(&plain) && !noted.is_told_by(&other));
        assert!(!plain.is_told_by(&event(EventKind::Cleaned, "2024-05-01")));
        assert!(!plain.is_told_by(&event(EventKind::Inspected, "2024-05-02")));
        assert_eq!(plain.clone().keeping(&noted), noted);
        assert_eq!(other.clone().keeping(&noted), other);
    }

    #[test]
    fn a_field_shows_the_last_event_of_its_kind() {
        let events = [
            event(EventKind::Cleaned, "2023-05-01"),
            event(EventKind::HazardFound, "2023-06-01"),
            event(EventKind::Cleaned, "2024-05-01"),
            event(EventKind::HazardFound, "2024-06-01"),
            event(EventKind::HazardMended, "2024-06-02"),
        ];
        let shown = |name: &str| {
            let part = EventPart::from_name(name).expect("a part");
            part.of(&events).map_or("nothing".to_owned(), |value| value.to_string())
        };
        assert_eq!(shown("cleaned.on"), "2024-05-01");
        assert_eq!(shown("assessed.result"), "nothing");
        assert_eq!(shown("hazard.open"), "1");
        assert_eq!(shown("hazard.open_since"), "2023-06-01");
        for name in
            ["cleaned.on", "inspected.next_on", "graded.grade", "hazard.open", "hazard.open_since"]
        {
            assert_eq!(EventPart::from_name(name).map(EventPart::name).as_deref(), Some(name));
        }
        for name in ["", "cleaned", "cleaned.result", "painted.on", "hazard.on"] {
            assert_eq!(EventPart::from_name(name), None, "{name}");
        }
    }
    #[test]
    fn hazards_are_open_since_the_first_of_those_that_overlap() {
        let check = |days: &str, expected: &str| {
            let events: Vec<Event> = days
                .split_whitespace()
                .map(|day| match day.strip_prefix('-') {
                    Some(day) => event(EventKind::HazardMended, &format!("2024-05-{day}")),
                    None => event(EventKind::HazardFound, &format!("2024-05-{day}")),
                })
                .collect();
            let since = EventPart::OpenSince.of(&events);
            assert_eq!(since.map_or("-".to_owned(), |day| day.to_string()), expected, "{days}");
        };
        check("", "-");
        check("01", "2024-05-01");
        check("01 -02", "-");
        check("01 02", "2024-05-01");
        check("01 02 -03", "2024-05-01");
        check("01 -02 03", "2024-05-03");
        check("01 -01 01", "2024-05-01");
        // What is mended before it is found was found by nobody.
        check("-01", "-");
        check("-01 02", "-");
        check("-01 02 03", "2024-05-03");
    }
}
