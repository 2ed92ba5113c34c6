//! Work that falls due, as it is served: its fields, its ids, and why it is due.

use std::fmt::{self, Write};
use std::sync::LazyLock;

use terrier_model::{
    AssetId, Class, Code, DueItem, DueState, EventPart, Fact, Field, Kind, Reason, Scope,
    Sensitivity, Sight, Subject, Test, Text, Timing, ValueRef, WorkKind, core_fields,
};

use crate::cql2;
use crate::feature::{write_property, write_value};

/// A field of work that falls due, beside those of the core of its asset.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "the titles and descriptions below say what each means")]
pub enum DueField {
    Kind,
    State,
    Rule,
    DueOn,
    DueLatestOn,
    LeadFrom,
    Priority,
}

impl DueField {
    /// All of them, in the order in which they are served.
    pub const ALL: [Self; 7] = [
        Self::Kind,
        Self::State,
        Self::Rule,
        Self::DueOn,
        Self::DueLatestOn,
        Self::LeadFrom,
        Self::Priority,
    ];

    /// The field at a place in [`due_fields`]; `None` where a field of the core stands.
    pub fn at(position: usize) -> Option<Self> {
        Self::ALL.get(position.checked_sub(core_fields().len())?).copied()
    }

    /// Its place in [`due_fields`].
    pub fn position(self) -> usize {
        let own = Self::ALL.iter().position(|other| *other == self);
        core_fields().len() + own.expect("all fields are in the list of all")
    }

    /// What it says of an item, given the name of the rule that the item names.
    pub fn value<'v>(self, item: &DueItem, rule: &'v str) -> Option<ValueRef<'v>> {
        match self {
            Self::Kind => Some(ValueRef::Text(item.kind.code())),
            Self::State => Some(ValueRef::Text(item.state.code())),
            Self::Rule => Some(ValueRef::Text(rule)),
            Self::DueOn => item.due_on.map(ValueRef::Date),
            Self::DueLatestOn => item.due_latest_on.map(ValueRef::Date),
            Self::LeadFrom => item.lead_from.map(ValueRef::Date),
            Self::Priority => Some(ValueRef::Integer(item.priority.into())),
        }
    }
}

/// The fields of work that falls due: those of the core of its asset, each at its usual place, then
/// its own.
pub fn due_fields() -> &'static [Field] {
    static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| {
        core_fields().iter().cloned().chain(DueField::ALL.map(describe)).collect()
    });
    &FIELDS
}

fn describe(field: DueField) -> Field {
    let plain = |name: &str, kind, title: [&str; 2], description: [&str; 2]| Field {
        name: name.into(),
        kind,
        unit: None,
        title: Text::new(title[0], title[1]),
        description: Some(Text::new(description[0], description[1])),
        sensitivity: Sensitivity::Public,
        range: None,
        core: None,
        event: None,
        retired: false,
    };
    match field {
        DueField::Kind => plain(
            "kind",
            Kind::Code(WorkKind::ALL.map(|kind| code(kind.words())).into()),
            ["Kind of work", "工作类型"],
            ["What is to be done.", "需要开展的工作。"],
        ),
        DueField::State => plain(
            "state",
            Kind::Code(DueState::ALL.map(|state| code(state.words())).into()),
            ["State", "到期状态"],
            [
                "How it stands with the work on the day that was asked for.",
                "在所询问日期该项工作的状态。",
            ],
        ),
        DueField::Rule => plain(
            "rule",
            Kind::Text,
            ["Rule", "规则"],
            [
                "The rule with the strictest date; the others are among the reasons, and work is found \
                 by any of them.",
                "日期最严格的规则；其余规则见理由，按其中任一规则均可查到。",
            ],
        ),
        DueField::DueOn => plain(
            "due_on",
            Kind::Date,
            ["Due on", "到期日期"],
            [
                "The day on which it falls due, or the first on which it may; null when a value is \
                 missing.",
                "到期日期，或可能到期的最早日期；缺少数据时为空。",
            ],
        ),
        DueField::DueLatestOn => plain(
            "due_latest_on",
            Kind::Date,
            ["Due by", "最迟到期日期"],
            [
                "The last day on which it may fall due; the same as due_on when the dates behind it \
                 are known.",
                "可能到期的最迟日期；依据日期确知时与到期日期相同。",
            ],
        ),
        DueField::LeadFrom => plain(
            "lead_from",
            Kind::Date,
            ["In sight from", "预告日期"],
            ["The day from which the work is upcoming.", "自该日起进入即将到期状态。"],
        ),
        DueField::Priority => Field {
            range: Some((1.0, 5.0)),
            ..plain(
                "priority",
                Kind::Integer,
                ["Priority", "优先级"],
                ["How urgent it is, from 1, the most, to 5.", "紧急程度，1为最急，5为最缓。"],
            )
        },
    }
}

fn code((code, en, zh): (&str, &str, &str)) -> Code {
    Code { code: code.into(), title: Text::new(en, zh), retired: false }
}

/// Which work on which asset: `018f….renew`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DueId {
    /// The asset.
    pub asset: AssetId,
    /// What is to be done.
    pub kind: WorkKind,
}

impl DueId {
    /// Reads the id of an asset and the code of a kind of work, with a point between.
    pub fn parse(text: &str) -> Option<Self> {
        let (asset, kind) = text.split_once('.')?;
        Some(Self { asset: AssetId::parse(asset)?, kind: WorkKind::from_code(kind)? })
    }
}

impl fmt::Display for DueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.asset, self.kind.code())
    }
}

/// Writes the properties of work that falls due, each after a comma: its fields, then `why` as one
/// line and `reasons` with everything that each rule went by. What a rule read in a field that the
/// scope does not show is left out.
pub fn write_due(
    out: &mut Vec<u8>,
    item: &DueItem,
    rule: &str,
    reasons: &[Reason<'_>],
    class: &Class,
    scope: &Scope,
) {
    for (field, due) in due_fields()[core_fields().len()..].iter().zip(DueField::ALL) {
        out.push(b',');
        write_property(out, field, due.value(item, rule));
    }
    let told = Told { class, sight: scope.sight(Some(class.name())) };
    out.extend(WHY);
    write_text(out, &told.why(rule, reasons));
    out.extend(REASONS);
    out.push(b'[');
    for (at, reason) in reasons.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        told.write_reason(out, reason);
    }
    out.push(b']');
}

/// What stands before the line in what [`write_due`] writes, and before the list behind it. In a text
/// of JSON neither can stand, for there its quotation marks are escaped.
const WHY: &[u8] = br#","why":"#;
const REASONS: &[u8] = br#","reasons":"#;

/// The line and the list of reasons in what [`write_due`] wrote, each as JSON.
pub(crate) fn why_and_reasons(properties: &[u8]) -> [&[u8]; 2] {
    let find = |text: &[u8], key: &[u8]| text.windows(key.len()).position(|part| part == key);
    let line = find(properties, WHY).map_or(properties.len(), |at| at + WHY.len());
    let rest = &properties[line..];
    let end = find(rest, REASONS).unwrap_or(rest.len());
    [&rest[..end], rest.get(end + REASONS.len()..).unwrap_or_default()]
}

/// The line that says why work is due, of the properties that [`write_due`] wrote.
pub fn told_why(properties: &[u8]) -> Option<String> {
    serde_json::from_slice(why_and_reasons(properties)[0]).ok()
}

/// What a fact looked at that is the day since which its rule is in force.
pub const EFFECTIVE_FROM: &str = "effective_from";

/// Why a rule wants work, as [`write_due`] told it.
#[derive(Clone, Debug, PartialEq)]
pub struct ToldReason {
    /// The id of the rule.
    pub rule: String,
    /// What the rule is called.
    pub title: Text,
    /// What was looked at, a field by its name or an event as the fields that show it are named, and what
    /// was found there; null where that is not known.
    pub facts: Vec<(String, serde_json::Value)>,
}

/// The reasons for work, of the properties that [`write_due`] wrote.
pub fn told_reasons(properties: &[u8]) -> Vec<ToldReason> {
    let told: serde_json::Value =
        serde_json::from_slice(why_and_reasons(properties)[1]).unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let all = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
    let reason = |reason: &serde_json::Value| ToldReason {
        rule: text(&reason["rule"]),
        title: Text::new(text(&reason["title"]), text(&reason["title_zh"])),
        facts: all(&reason["facts"])
            .iter()
            .map(|fact| (text(&fact["field"]), fact["value"].clone()))
            .collect(),
    };
    all(&told).iter().map(reason).collect()
}

/// How a column of these lines is described.
pub fn why_field() -> Field {
    Field {
        name: "why".into(),
        kind: Kind::Text,
        title: Text::new("Why", "说明"),
        description: Some(Text::new(
            "The reason of the rule that is named, in one line.",
            "所列规则的理由，一行文字。",
        )),
        ..describe(DueField::Rule)
    }
}

/// Why work is due, in one line: the reason of the rule that the item names, as [`write_due`] tells
/// it.
pub fn why_due(rule: &str, reasons: &[Reason<'_>], class: &Class, scope: &Scope) -> String {
    Told { class, sight: scope.sight(Some(class.name())) }.why(rule, reasons)
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    write_value(out, Some(ValueRef::Text(text)));
}

/// Reasons as they are told to somebody.
struct Told<'t> {
    class: &'t Class,
    sight: Sight<'t>,
}

impl Told<'_> {
    /// The reason of the rule that the item names, in one line.
    fn why(&self, rule: &str, reasons: &[Reason<'_>]) -> String {
        let leading = reasons.iter().find(|reason| *reason.rule.draft().id == *rule);
        let Some(reason) = leading.or(reasons.first()) else { return String::new() };
        let mut line = reason.rule.draft().title.en.to_string();
        for (at, fact) in reason.facts.iter().filter(|fact| self.shows(fact)).enumerate() {
            line.push_str(if at == 0 { ": " } else { ", " });
            let subject = self.subject(fact.subject);
            let written = match &fact.value {
                Some(value) => write!(line, "{subject} {}", value.as_ref()),
                None => write!(line, "{subject} not known"),
            };
            written.expect("a string takes whatever is written");
        }
        if reasons.len() > 1 {
            write!(line, " ({} rules)", reasons.len()).expect("a string takes it");
        }
        line
    }

    fn write_reason(&self, out: &mut Vec<u8>, reason: &Reason<'_>) {
        let draft = reason.rule.draft();
        let texts = [
            (r#"{"rule":"#, &*draft.id),
            (r#","title":"#, &*draft.title.en),
            (r#","title_zh":"#, &*draft.title.zh),
            (r#","cites":"#, &*draft.cites),
            (r#","evidence":"#, draft.evidence.code()),
            (r#","state":"#, reason.state.code()),
        ];
        for (key, text) in texts {
            out.extend(key.as_bytes());
            write_text(out, text);
        }
        out.extend(br#","due_on":"#);
        write_value(out, reason.due_on.map(ValueRef::Date));
        out.extend(br#","facts":["#);
        for (at, fact) in reason.facts.iter().filter(|fact| self.shows(fact)).enumerate() {
            out.extend(if at == 0 { &br#"{"field":"#[..] } else { &br#",{"field":"#[..] });
            write_text(out, &self.subject(fact.subject));
            out.extend(br#","value":"#);
            write_value(out, fact.value.as_ref().map(terrier_model::Value::as_ref));
            out.extend(br#","test":"#);
            write_text(out, &self.test(&fact.test));
            out.push(b'}');
        }
        out.extend(b"]}");
    }

    /// Whether everything that the fact names may be seen.
    fn shows(&self, fact: &Fact<'_>) -> bool {
        let sees = |position: usize| self.sight.sees(&self.class.fields()[position]);
        // An event may be told where no field shows it, or one that is seen does.
        let sees_event = |part: EventPart| {
            let mut fields = self.class.fields().iter().filter(|field| field.event == Some(part));
            let first = fields.next();
            first.is_none_or(|first| self.sight.sees(first) || fields.any(|it| self.sight.sees(it)))
        };
        let subject = match fact.subject {
            Subject::Field(position) => sees(position),
            Subject::Event(kind) => sees_event(EventPart::On(kind)),
            Subject::NextOn(kind) => sees_event(EventPart::NextOn(kind)),
            Subject::Effective => true,
        };
        let test = match &fact.test {
            Test::Condition(clause) => clause.fields().into_iter().all(sees),
            Test::Timing(timing) => match timing {
                Timing::Age { since, .. } | Timing::Floating { since, .. } => {
                    since.is_none_or(sees)
                }
                Timing::On { field } => sees(*field),
                Timing::Fixed { .. } | Timing::Yearly { .. } | Timing::Now => true,
            },
        };
        subject && test
    }

    /// What was looked at: a field by its name, an event as fields that show events are named.
    fn subject(&self, subject: Subject) -> String {
        match subject {
            Subject::Field(position) => self.class.fields()[position].name.to_string(),
            Subject::Event(kind) => format!("{}.on", kind.code()),
            Subject::NextOn(kind) => format!("{}.next_on", kind.code()),
            Subject::Effective => EFFECTIVE_FROM.to_owned(),
        }
    }

    fn test(&self, test: &Test<'_>) -> String {
        let name = |position: &usize| &*self.class.fields()[*position].name;
        match test {
            Test::Condition(clause) => cql2::write_text(clause, name),
            Test::Timing(timing) => in_words(timing, name),
        }
    }
}

/// On which day work falls due, with the words of a rule pack.
fn in_words<'n>(timing: &'n Timing<usize>, name: impl Fn(&'n usize) -> &'n str) -> String {
    let since = |since: &'n Option<usize>| {
        since.as_ref().map_or(String::new(), |position| format!(" since {}", name(position)))
    };
    match timing {
        Timing::Age { age, then, until, since: base } => {
            let then = then.map_or(String::new(), |then| format!(", then every {then}"));
            let until = until.map_or(String::new(), |until| format!(" until {until}"));
            format!("age {age}{until}{}{then}", since(base))
        }
        Timing::Floating { interval, since: base } => format!("every {interval}{}", since(base)),
        Timing::Fixed { interval } => format!("every {interval} from the day the rule came"),
        Timing::Yearly { by } => format!("every year by {by}"),
        Timing::On { field } => format!("on {}", name(field)),
        Timing::Now => "at once".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_work_come_after_the_core_and_no_name_comes_twice() {
        let fields = due_fields();
        for (position, field) in fields.iter().enumerate() {
            assert!(fields[..position].iter().all(|other| other.name != field.name), "{field:?}");
            assert_eq!(field.core.is_some(), DueField::at(position).is_none(), "{field:?}");
            assert!(DueField::at(position).is_none_or(|due| due.position() == position));
        }
        assert_eq!(DueField::at(fields.len()), None);
    }

    #[test]
    fn why_and_the_reasons_are_found_again_whatever_stands_in_texts() {
        let properties =
            br#","rule":"a,\"why\":","why":"so,\"reasons\":[","reasons":[{"why":"x"}]"#;
        let [why, reasons] = why_and_reasons(properties);
        assert_eq!(why, br#""so,\"reasons\":[""#);
        assert_eq!(reasons, br#"[{"why":"x"}]"#);
        assert_eq!(why_and_reasons(b""), [b"", b""]);
    }

    #[test]
    fn an_id_names_an_asset_and_a_kind_of_work() {
        let text = "018f0000-0000-7000-8000-000000000001.renew";
        let id = DueId::parse(text).expect("an id");
        assert_eq!((id.kind, id.to_string()), (WorkKind::Renew, text.to_owned()));
        for bad in ["", ".", "018f0000-0000-7000-8000-000000000001", "x.renew"] {
            assert_eq!(DueId::parse(bad), None, "{bad}");
        }
        for kind in ["", "RENEW", "renew.", "renewed"] {
            let bad = text.replace("renew", kind);
            assert_eq!(DueId::parse(&bad), None, "{bad}");
        }
    }
}
