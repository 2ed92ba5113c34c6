//! What a new description changes of a class, and which of it would lose or contradict what is
//! registered. Knows nothing of where either is kept: it is shown the values of the versions.

use std::fmt;

use crate::draft::is_within;
use crate::fault::write_on_one_line;
use crate::{
    Class, Code, Core, EventPart, Field, Lifecycle, Network, NetworkRole, Sensitivity, Text, Value,
    ValueRef,
};

/// How much of a text is told, in characters.
const SHOWN_CHARS: usize = 80;

/// One thing in which a new description of a class differs from that in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The field; `None` for the class itself.
    pub field: Option<Box<str>>,
    /// Which part of the field or class, such as `title` or `range`; empty for the whole of it.
    pub part: String,
    /// What it was, in words; `None` when it was not there.
    pub old: Option<String>,
    /// What it will be, in words; `None` when it will not be there.
    pub new: Option<String>,
    concern: Concern,
    demand: Demand,
}

/// Which versions a difference concerns.
#[derive(Clone, Debug, PartialEq)]
enum Concern {
    /// None.
    Nothing,
    /// Those with a value in this place of [`crate::Content::own`].
    Value(usize),
    /// Those with this code in this place.
    Code(usize, Box<str>),
    /// Those with a number in this place that the range does not allow.
    Outside(usize, (f64, f64)),
    /// All. Of a field that shows events too, for it has no values of its own.
    Every,
    /// Assets that are in the street still.
    InStreet,
}

/// When a difference is refused.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Demand {
    /// Never.
    Nothing,
    /// When it concerns a version.
    NoVersion,
    /// When it concerns a version, unless what was restricted may become public.
    Permission,
    /// Always.
    Never,
}

/// How many versions a difference concerns.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Held {
    /// Assets as they are known now.
    pub standing: u64,
    /// Versions that have ended or were replaced.
    pub past: u64,
}

impl Difference {
    fn new(field: Option<&Field>, part: impl Into<String>) -> Self {
        Self {
            field: field.map(|field| field.name.clone()),
            part: part.into(),
            old: None,
            new: None,
            concern: Concern::Nothing,
            demand: Demand::Nothing,
        }
    }

    fn from(self, old: impl Into<String>) -> Self {
        Self { old: Some(old.into()), ..self }
    }

    fn to(self, new: impl Into<String>) -> Self {
        Self { new: Some(new.into()), ..self }
    }

    fn refused(self, demand: Demand, concern: Concern) -> Self {
        Self { concern, demand, ..self }
    }

    /// Whether the versions have to be looked at before it can be judged.
    pub fn needs_look(&self) -> bool {
        self.concern != Concern::Nothing
    }

    /// Whether it concerns a version, given its values by the description in force. `standing` says
    /// whether it is what is known of the asset now.
    pub fn concerns(&self, core: &Core, own: &[Option<Value>], standing: bool) -> bool {
        match &self.concern {
            Concern::Nothing => false,
            Concern::Value(place) => own[*place].is_some(),
            Concern::Code(place, gone) => own[*place]
                .as_ref()
                .is_some_and(|held| held.as_ref().is_or_has(ValueRef::Text(gone))),
            Concern::Outside(place, range) => {
                own[*place].as_ref().is_some_and(|value| !is_within(value, *range))
            }
            Concern::Every => true,
            Concern::InStreet => standing && core.lifecycle != Some(Lifecycle::Removed),
        }
    }

    /// Why the difference is refused when it concerns so many versions, and what to do instead;
    /// `None` when it is not. `may_publish` allows what was restricted to become public.
    pub fn refusal(&self, held: Held, may_publish: bool) -> Option<&'static str> {
        let is_concerned = held != Held::default();
        let is_refused = match self.demand {
            Demand::Nothing => false,
            Demand::NoVersion => is_concerned,
            Demand::Permission => is_concerned && !may_publish,
            Demand::Never => true,
        };
        is_refused.then_some(match (&self.concern, self.demand) {
            (_, Demand::Permission) => {
                "what was restricted becomes public only when that is allowed"
            }
            (Concern::InStreet, _) => "a class is retired when all its assets are removed",
            (Concern::Every, _) if self.field.is_none() => "put a class of another name",
            (Concern::Code(..), _) => "keep the code, with `retired = true`",
            (Concern::Outside(..), _) => "keep a range that allows them",
            _ if self.new.is_none() => "keep it, with `retired = true`",
            _ => "add a field of another name, and keep this one with `retired = true`",
        })
    }
}

impl fmt::Display for Difference {
    /// One line, such as ``wood, code `teak`: new (Teak 柚木)``; control characters are escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.field.as_deref().unwrap_or_default();
        let comma = if field.is_empty() || self.part.is_empty() { "" } else { ", " };
        let what = match (&self.old, &self.new) {
            (Some(old), Some(new)) => format!("{old} -> {new}"),
            (None, Some(new)) => format!("new ({new})"),
            (Some(old), None) => format!("gone ({old})"),
            (None, None) => String::new(),
        };
        write_on_one_line(f, &format!("{field}{comma}{}: {what}", self.part))
    }
}

impl Class {
    /// Everything in which a new description of the same class differs from this one, which is in
    /// force.
    pub fn differences(&self, new: &Self) -> Vec<Difference> {
        let mut found = Vec::new();
        text(&mut found, None, "title", Some(self.title()), Some(new.title()));
        let descriptions = (self.description(), new.description());
        text(&mut found, None, "description", Some(descriptions.0), Some(descriptions.1));
        if self.geometry() != new.geometry() {
            found.push(
                Difference::new(None, "geometry")
                    .from(self.geometry().geojson_name())
                    .to(new.geometry().geojson_name())
                    .refused(Demand::NoVersion, Concern::Every),
            );
        }
        if self.network() != new.network() {
            let words = |class: &Self| class.network().map_or("none".to_owned(), network);
            found.push(Difference::new(None, "network").from(words(self)).to(words(new)));
        }
        if self.is_retired() != new.is_retired() {
            let difference = retired(None, self.is_retired(), new.is_retired());
            found.push(if new.is_retired() {
                difference.refused(Demand::NoVersion, Concern::InStreet)
            } else {
                difference
            });
        }
        for (place, field) in self.own_fields().iter().enumerate() {
            match new.own_fields().iter().find(|other| other.name == field.name) {
                Some(other) => of_field(&mut found, place, field, other),
                None => found.push(
                    Difference::new(Some(field), "")
                        .from(field.kind.words())
                        .refused(Demand::Never, of_values(field, Concern::Value(place))),
                ),
            }
        }
        let added = new.own_fields().iter().filter(|field| self.position(&field.name).is_none());
        found.extend(added.map(|field| Difference::new(Some(field), "").to(field.kind.words())));
        if !is_in_order(self, new) {
            let order = |class: &Self| {
                class.own_fields().iter().map(|field| &*field.name).collect::<Vec<_>>().join(", ")
            };
            found.push(Difference::new(None, "order of fields").from(order(self)).to(order(new)));
        }
        found
    }

    /// Whether assets of both descriptions lie in memory alike and are served alike, so that what
    /// was made by one can be used with the other.
    pub fn is_laid_out_as(&self, other: &Self) -> bool {
        let alike = |(one, other): (&Field, &Field)| {
            one.name == other.name
                && one.kind.is_like(&other.kind)
                && (one.sensitivity, one.event, one.retired)
                    == (other.sensitivity, other.event, other.retired)
        };
        let (one, two) = (self.own_fields(), other.own_fields());
        self.geometry() == other.geometry()
            && one.len() == two.len()
            && one.iter().zip(two).all(alike)
    }
}

/// Whether the fields that both have come in the same order.
fn is_in_order(old: &Class, new: &Class) -> bool {
    let places = old.own_fields().iter().filter_map(|field| new.position(&field.name));
    places.is_sorted()
}

/// What a difference concerns: a field that shows events has no values that could be looked at.
fn of_values(field: &Field, concern: Concern) -> Concern {
    if field.event.is_some() { Concern::Every } else { concern }
}

fn of_field(found: &mut Vec<Difference>, place: usize, old: &Field, new: &Field) {
    text(found, Some(old), "title", Some(&old.title), Some(&new.title));
    text(found, Some(old), "description", old.description.as_ref(), new.description.as_ref());
    let value = |part: &str| {
        let held = of_values(old, Concern::Value(place));
        Difference::new(Some(old), part).refused(Demand::NoVersion, held)
    };
    if !old.kind.is_like(&new.kind) {
        found.push(value("kind").from(old.kind.words()).to(new.kind.words()));
    }
    if old.unit != new.unit {
        let words = |unit: &Option<Box<str>>| unit.as_deref().unwrap_or("none").to_owned();
        found.push(value("unit").from(words(&old.unit)).to(words(&new.unit)));
    }
    if old.event != new.event {
        // The values of its own are what would be lost; events stay what they are.
        let event = Difference::new(Some(old), "event");
        let event = event.refused(Demand::NoVersion, Concern::Value(place));
        let words = |field: &Field| field.event.map_or("none".to_owned(), EventPart::name);
        found.push(event.from(words(old)).to(words(new)));
    }
    if old.sensitivity != new.sensitivity {
        let difference = Difference::new(Some(old), "sensitivity");
        let difference = difference.from(sensitivity(old)).to(sensitivity(new));
        found.push(if new.sensitivity == Sensitivity::Public {
            let held = of_values(old, Concern::Value(place));
            difference.refused(Demand::Permission, held)
        } else {
            difference
        });
    }
    if old.range != new.range {
        found.push(of_range(place, old, new));
    }
    if old.retired != new.retired {
        found.push(retired(Some(old), old.retired, new.retired));
    }
    if old.kind.is_like(&new.kind)
        && let (Some(before), Some(after)) = (old.kind.codes(), new.kind.codes())
    {
        of_codes(found, place, old, before, after);
    }
}

fn of_range(place: usize, old: &Field, new: &Field) -> Difference {
    let words = |range: Option<(f64, f64)>| match range {
        None => "any number".to_owned(),
        Some((least, f64::MAX)) => format!("from {least}"),
        Some((least, greatest)) => format!("{least} to {greatest}"),
    };
    let difference = Difference::new(Some(old), "range").from(words(old.range));
    let difference = difference.to(words(new.range));
    match (old.range, new.range) {
        (_, None) => difference,
        (Some((least, greatest)), Some(range)) if range.0 <= least && greatest <= range.1 => {
            difference
        }
        (_, Some(range)) => {
            let held = of_values(old, Concern::Outside(place, range));
            difference.refused(Demand::NoVersion, held)
        }
    }
}

fn of_codes(
    found: &mut Vec<Difference>,
    place: usize,
    field: &Field,
    before: &[Code],
    after: &[Code],
) {
    let part = |code: &Code, of: &str| format!("code `{}`{of}", code.code);
    for code in before {
        let Some(other) = after.iter().find(|other| other.code == code.code) else {
            let gone = Difference::new(Some(field), part(code, "")).from(words(&code.title));
            let held = of_values(field, Concern::Code(place, code.code.clone()));
            found.push(gone.refused(Demand::NoVersion, held));
            continue;
        };
        let (old, new) = (Some(&code.title), Some(&other.title));
        text(found, Some(field), &part(code, ", title"), old, new);
        if code.retired != other.retired {
            let mut difference = retired(Some(field), code.retired, other.retired);
            difference.part = part(code, ", retired");
            found.push(difference);
        }
    }
    let added = after.iter().filter(|code| before.iter().all(|other| other.code != code.code));
    found.extend(
        added.map(|code| Difference::new(Some(field), part(code, "")).to(words(&code.title))),
    );
}

fn text(
    found: &mut Vec<Difference>,
    field: Option<&Field>,
    part: &str,
    old: Option<&Text>,
    new: Option<&Text>,
) {
    if old != new {
        let difference = Difference::new(field, part);
        found.push(Difference { old: old.map(words), new: new.map(words), ..difference });
    }
}

fn words(text: &Text) -> String {
    let mut shown = format!("{} {}", text.en, text.zh);
    if let Some((end, _)) = shown.char_indices().nth(SHOWN_CHARS) {
        shown.truncate(end);
        shown.push('…');
    }
    shown
}

fn network(network: &Network) -> String {
    let (kind, role) = (&network.kind, network.role.name());
    match &network.role {
        NetworkRole::Edge { from, to } => format!("{kind}, {role} from {from} to {to}"),
        NetworkRole::Node | NetworkRole::Device => format!("{kind}, {role}"),
    }
}

fn sensitivity(field: &Field) -> &'static str {
    match field.sensitivity {
        Sensitivity::Public => "public",
        Sensitivity::Restricted => "restricted",
    }
}

fn retired(field: Option<&Field>, old: bool, new: bool) -> Difference {
    Difference::new(field, "retired").from(old.to_string()).to(new.to_string())
}

#[cfg(test)]
#[path = "class_change_tests.rs"]
mod tests;
