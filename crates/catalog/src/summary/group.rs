//! By what assets are grouped: a field, or what is worked out of one or of the rules.

use std::fmt::Write;

use jiff::civil::Date;
use terrier_model::{
    Code, CoreField, DateSpan, DueState, Field, Kind, Known, Scope, Sensitivity, Text, ValueRef,
    WorkKind, core_fields, core_position,
};

use crate::query::{QueryError, shorten};
use crate::{Collection, unknown_name};

/// The name of the groups by age.
const AGE_BAND: &str = "age_band";

/// Ages in full years: the first of each band, its code and its titles.
// The years after which the programme assesses gas pipe, 20, and renews it, 30, begin bands.
const BANDS: [(i32, &str, &str, &str); 6] = [
    (0, "0_9", "Under 10 years", "不足10年"),
    (10, "10_19", "10 to 19 years", "10至19年"),
    (20, "20_29", "20 to 29 years", "20至29年"),
    (30, "30_39", "30 to 39 years", "30至39年"),
    (40, "40_49", "40 to 49 years", "40至49年"),
    (50, "50_up", "50 years and more", "50年及以上"),
];

/// By what assets are grouped.
#[derive(Clone, Debug)]
pub(super) struct GroupKey {
    /// The field, or one that describes what is worked out.
    pub(super) field: Field,
    pub(super) of: Of,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Of {
    /// What stands in the field at a place.
    Field(usize),
    /// How old the asset is on a day.
    AgeBand(Date),
    /// How it stands with work of a kind.
    DueState(WorkKind),
    /// The year and month of a day or time.
    Month(usize),
    /// The year of a day or time.
    Year(usize),
}

impl GroupKey {
    /// Reads what a caller named, as of a day.
    pub(super) fn parse(
        text: &str,
        collection: &Collection,
        scope: &Scope,
        on: Date,
    ) -> Result<Self, String> {
        if text == AGE_BAND && knows_ages(collection, scope) {
            return Ok(Self { field: age_band(), of: Of::AgeBand(on) });
        }
        let called = text.strip_suffix(')').and_then(|rest| rest.split_once('('));
        let Some((function, argument)) = called else {
            return Self::field(text, collection, scope);
        };
        match function {
            "due_state" => {
                let kind = WorkKind::from_code(argument).ok_or_else(|| {
                    let kinds = WorkKind::ALL.map(WorkKind::code).join(", ");
                    format!("found `{}`, expected due_state of one of {kinds}", shorten(text))
                })?;
                Ok(Self { field: due_state(text, kind), of: Of::DueState(kind) })
            }
            "month" | "year" => {
                let position = collection.position(argument, scope).ok_or_else(|| {
                    let known = dated(collection, scope).map(|field| &*field.name);
                    format!("field `{}` is {}", shorten(argument), unknown_name(argument, known))
                })?;
                let field = &collection.fields()[position];
                if !is_dated(field) {
                    let kind = field.kind.words();
                    return Err(format!(
                        "field `{argument}` holds {kind}, expected dates or times"
                    ));
                }
                let is_month = function == "month";
                let of = if is_month { Of::Month(position) } else { Of::Year(position) };
                Ok(Self { field: part_of(text, field, is_month), of })
            }
            _ => Err(format!(
                "found `{}`, expected a field, age_band, due_state(kind), month(field) or year(field)",
                shorten(text)
            )),
        }
    }

    fn field(text: &str, collection: &Collection, scope: &Scope) -> Result<Self, String> {
        let position = collection.position(text, scope).ok_or_else(|| {
            let seen = collection.seen_fields(scope);
            let fitting = seen.filter(|(_, field)| groups_by(field));
            let known = fitting.map(|(_, field)| &*field.name);
            let known = known.chain(knows_ages(collection, scope).then_some(AGE_BAND));
            format!("field `{}` is {}", shorten(text), unknown_name(text, known))
        })?;
        let field = &collection.fields()[position];
        if !groups_by(field) {
            let (kind, name) = (field.kind.words(), &field.name);
            let dated = if is_dated(field) {
                format!(", or month({name}) or year({name})")
            } else {
                String::new()
            };
            return Err(format!(
                "field `{name}` holds {kind}, expected one of text, codes, or true and false{dated}"
            ));
        }
        Ok(Self { field: field.clone(), of: Of::Field(position) })
    }

    /// Whether two ask for the same groups.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.of == other.of
    }

    pub(super) fn reads_due_state(&self) -> bool {
        matches!(self.of, Of::DueState(_))
    }

    /// What an asset has; a text that is made for it is put into `made`.
    pub(super) fn value<'v: 'm, 'm>(
        &self,
        asset: &impl Known<'v>,
        made: &'m mut String,
    ) -> Option<ValueRef<'m>> {
        match self.of {
            Of::Field(position) => asset.value(position),
            Of::AgeBand(on) => age_of(asset, on).map(ValueRef::Text),
            Of::DueState(kind) => asset.due_state(kind).map(|state| ValueRef::Text(state.code())),
            Of::Month(position) => {
                let day = asset.value(position)?.day()?;
                made.clear();
                write!(made, "{}", day.strftime("%Y-%m")).ok()?;
                Some(ValueRef::Text(made))
            }
            Of::Year(position) => {
                let day = asset.value(position)?.day()?;
                made.clear();
                write!(made, "{}", day.strftime("%Y")).ok()?;
                Some(ValueRef::Text(made))
            }
        }
    }
}

/// The names of all that assets of a collection can be grouped by.
pub(super) fn names(collection: &Collection, scope: &Scope) -> Vec<String> {
    let fields = collection.seen_fields(scope).filter(|(_, field)| groups_by(field));
    let ages = knows_ages(collection, scope).then(|| AGE_BAND.to_owned());
    let states = WorkKind::ALL.map(|kind| format!("due_state({})", kind.code()));
    let parts = dated(collection, scope)
        .flat_map(|field| [format!("month({})", field.name), format!("year({})", field.name)]);
    fields.map(|(_, field)| field.name.to_string()).chain(ages).chain(states).chain(parts).collect()
}

/// Whether assets can be grouped by what stands in the field.
pub(super) fn groups_by(field: &Field) -> bool {
    matches!(field.kind, Kind::Text | Kind::Code(_) | Kind::Boolean)
}

fn is_dated(field: &Field) -> bool {
    matches!(field.kind, Kind::Date | Kind::Instant)
}

fn dated<'a>(collection: &'a Collection, scope: &'a Scope) -> impl Iterator<Item = &'a Field> {
    collection.seen_fields(scope).map(|(_, field)| field).filter(|field| is_dated(field))
}

/// Whether the caller sees the days from which ages are counted.
fn knows_ages(collection: &Collection, scope: &Scope) -> bool {
    let sight = collection.sight(scope);
    let sees = |core| sight.sees(&core_fields()[core_position(core)]);
    sees(CoreField::InstalledOn) && sees(CoreField::InstalledLatestOn)
}

/// The band of an asset's age; `None` when its date is not known, or not exactly enough to tell.
fn age_of<'v>(asset: &impl Known<'v>, on: Date) -> Option<&'static str> {
    let date = |core| match asset.value(core_position(core)) {
        Some(ValueRef::Date(date)) => Some(date),
        _ => None,
    };
    let first = date(CoreField::InstalledOn)?;
    let last = date(CoreField::InstalledLatestOn).unwrap_or(first);
    let (young, old) = DateSpan::try_new(first, last)?.age_years(on);
    let band = |years: i32| BANDS.iter().rev().find(|(from, ..)| *from <= years);
    let (band, other) = (band(young)?, band(old)?);
    (band.1 == other.1).then_some(band.1)
}

fn described(name: &str, kind: Kind, title: Text, sensitivity: Sensitivity) -> Field {
    Field {
        name: name.into(),
        kind,
        unit: None,
        title,
        description: None,
        sensitivity,
        range: None,
        core: None,
        event: None,
        retired: false,
    }
}

fn age_band() -> Field {
    let codes = BANDS.iter().map(|(_, code, en, zh)| Code {
        code: (*code).into(),
        title: Text::new(*en, *zh),
        retired: false,
    });
    let title = Text::new("Age", "年限");
    described(AGE_BAND, Kind::Code(codes.collect()), title, Sensitivity::Public)
}

fn due_state(name: &str, kind: WorkKind) -> Field {
    let codes = DueState::ALL.map(|state| {
        let (code, en, zh) = state.words();
        Code { code: code.into(), title: Text::new(en, zh), retired: false }
    });
    let (_, en, zh) = kind.words();
    let title = Text::new(format!("{en}: state"), format!("{zh}状态"));
    described(name, Kind::Code(codes.into()), title, Sensitivity::Public)
}

fn part_of(name: &str, field: &Field, is_month: bool) -> Field {
    let (en, zh) = if is_month { ("month", "月份") } else { ("year", "年份") };
    let title = Text::new(format!("{}: {en}", field.title.en), format!("{}{zh}", field.title.zh));
    described(name, Kind::Text, title, field.sensitivity)
}

/// Reads the list of what assets are grouped by.
pub(super) fn parse_groups(
    collection: &Collection,
    scope: &Scope,
    on: Date,
    text: &str,
) -> Result<Vec<GroupKey>, QueryError> {
    let fault = |detail: String| QueryError::new(super::GROUP_BY, detail);
    let mut groups: Vec<GroupKey> = Vec::new();
    for name in text.split(',') {
        let key = GroupKey::parse(name, collection, scope, on).map_err(fault)?;
        if groups.iter().any(|other| other.is_same(&key)) {
            return Err(fault(format!("field `{name}` comes twice")));
        }
        if groups.len() == super::MAX_GROUP_FIELDS {
            return Err(fault(format!("more than {} fields", super::MAX_GROUP_FIELDS)));
        }
        groups.push(key);
    }
    Ok(groups)
}
