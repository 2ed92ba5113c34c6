//! An asset as somebody else describes it, and the check that makes content of it.

use jiff::Timestamp;
use jiff::civil::Date;
use terrier_spatial::{Shape, Sketch, area_m2, length_m};

use crate::list::list_of;
use crate::row_event::{RowEvents, said_of};
use crate::{
    AssetId, Class, Content, Core, CoreField, DateSpan, DateSpanError, Event, Fault, FaultCode,
    Field, FieldSet, Kind, Place, Value, core_position,
};

/// The most bytes that a text may have.
pub const MAX_TEXT_BYTES: usize = 8 * 1024;

/// A value as a file gives it.
#[derive(Clone, Debug, PartialEq)]
pub enum RawValue {
    /// Nothing. A text of nothing but white space counts as such.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// A text.
    Text(String),
    /// Several values; those of no use to a list need not all be there.
    List(Vec<RawValue>),
    /// An object, or anything else that no field takes; its text, shortened.
    Nested(String),
}

/// An asset as it arrives: names and values that nobody has checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The id, when the sender brings one.
    pub id: Option<AssetId>,
    /// The sender's own key, by which the asset is found again.
    pub external_key: Option<String>,
    /// The geometry.
    pub sketch: Sketch,
    /// The fields that the sender gives, each once. A field that is not given keeps what it had.
    pub values: Vec<(Box<str>, RawValue)>,
}

/// A draft in which nothing is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// What it says of the asset.
    pub content: Content,
    /// Which fields it gave.
    pub given: FieldSet,
    /// What it says in fields that show events: one event of each kind at the most.
    pub events: Vec<Event>,
}

/// A draft that says a part of what is to be known of an asset; the rest stays as it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    core: Core,
    own: Vec<Option<Value>>,
    /// `None` where it is not said.
    shape: Option<Shape>,
    /// Which fields it gave.
    pub given: FieldSet,
    /// What it says in fields that show events: one event of each kind at the most.
    pub events: Vec<Event>,
}

impl Draft {
    /// Checks the draft of a whole asset against its class.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check(&self, class: &Class) -> Result<Checked, Vec<Fault>> {
        let (part, mut faults) = self.check_fields(class);
        match self.check_shape(class) {
            Ok(shape) => {
                let content = Content::new(part.core, part.own, shape);
                faults.extend(content.contradictions());
                if faults.is_empty() {
                    return Ok(Checked { content, given: part.given, events: part.events });
                }
            }
            Err(fault) => faults.insert(0, fault),
        }
        Err(faults)
    }

    /// Checks a draft that may leave out what is to stay as it is known: its geometry too, which is
    /// then missing.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check_part(&self, class: &Class) -> Result<Part, Vec<Fault>> {
        let (mut part, mut faults) = self.check_fields(class);
        if self.sketch != Sketch::Missing {
            match self.check_shape(class) {
                Ok(shape) => part.shape = Some(shape),
                Err(fault) => faults.insert(0, fault),
            }
        }
        if faults.is_empty() { Ok(part) } else { Err(faults) }
    }

    fn check_shape(&self, class: &Class) -> Result<Shape, Fault> {
        self.sketch.check(class.geometry()).map_err(|fault| {
            let place = Place::Geometry { part: fault.part, vertex: fault.vertex };
            let is_of_kind = fault.part.is_none() && fault.vertex.is_none();
            let code = if is_of_kind { FaultCode::GeometryKind } else { FaultCode::Geometry };
            Fault::new(place, fault.found, fault.expected).of(code)
        })
    }

    /// What the fields say, and what is wrong with them.
    fn check_fields(&self, class: &Class) -> (Part, Vec<Fault>) {
        let mut faults = Vec::new();
        let mut entry = Entry {
            core: Core::default(),
            own: vec![None; class.own_fields().len()],
            given: FieldSet::default(),
            installed: (None, None),
            events: RowEvents::default(),
        };
        for (name, value) in &self.values {
            faults.extend(entry.take(class, name, value).err());
        }
        faults.extend(entry.join_installed().err());
        let Entry { core, own, given, installed: _, events } = entry;
        let events = events.into_events(class).unwrap_or_else(|found| {
            faults.extend(found);
            Vec::new()
        });
        (Part { core, own, shape: None, given, events }, faults)
    }
}

impl Part {
    /// Where the asset is to be; `None` where it stays.
    pub fn shape(&self) -> Option<&Shape> {
        self.shape.as_ref()
    }

    /// What is to be known of an asset of which `former` is.
    pub fn laid_over(self, former: &Content, class: &Class) -> Content {
        let Self { core, own, shape, given, events: _ } = self;
        let new = match shape {
            Some(shape) => Content::new(core, own, shape),
            None => Content { core, own, ..former.clone() },
        };
        new.keeping(former, given, class)
    }
}

impl From<Checked> for Part {
    fn from(checked: Checked) -> Self {
        let Checked { content: Content { core, own, shape, .. }, given, events } = checked;
        Self { core, own, shape: Some(shape), given, events }
    }
}

/// The fault of a field that the class does not have.
pub(crate) fn unknown_field(name: &str, raw: &RawValue, class: &Class) -> Fault {
    let fault = Fault::in_field(name, show(raw), format!("a field of {}", class.name()));
    fault.of(FaultCode::UnknownField)
}

/// To a thousandth: a millimetre is far below what any survey can tell.
fn rounded(measure: f64) -> f64 {
    (measure * 1000.0).round() / 1000.0
}

impl Content {
    /// What is said of an asset, whose geometry is measured for it.
    pub fn new(core: Core, own: Vec<Option<Value>>, shape: Shape) -> Self {
        let (geom_length_m, geom_area_m2) = (rounded(length_m(&shape)), rounded(area_m2(&shape)));
        Self { core, own, shape, geom_length_m, geom_area_m2 }
    }

    /// Takes from `former` every field that was not given.
    #[must_use]
    pub fn keeping(mut self, former: &Self, given: FieldSet, class: &Class) -> Self {
        let core_count = class.fields().len() - class.own_fields().len();
        // Whence a date comes and how it was written is told of that date, not of another one.
        let is_same_date = !given.contains(core_position(CoreField::InstalledOn))
            || self.core.installed == former.core.installed;
        for (position, field) in class.fields().iter().enumerate() {
            if given.contains(position) {
                continue;
            }
            let (core, old) = (&mut self.core, &former.core);
            match field.core {
                None => {
                    let own = position - core_count;
                    self.own[own].clone_from(&former.own[own]);
                }
                Some(CoreField::Code) => core.code.clone_from(&old.code),
                Some(CoreField::LifecycleStatus) => core.lifecycle = old.lifecycle,
                Some(CoreField::InstalledOn) => core.installed = old.installed,
                Some(CoreField::InstalledSource) if is_same_date => {
                    core.installed_source = old.installed_source;
                }
                Some(CoreField::InstalledWritten) if is_same_date => {
                    core.installed_written.clone_from(&old.installed_written);
                }
                Some(CoreField::DecommissionedOn) => {
                    core.decommissioned_on = old.decommissioned_on;
                }
                Some(CoreField::LengthM) => core.length_m = old.length_m,
                Some(CoreField::AreaM2) => core.area_m2 = old.area_m2,
                Some(CoreField::Count) => core.count = old.count,
                Some(CoreField::Households) => core.households = old.households,
                Some(CoreField::Owner) => core.owner.clone_from(&old.owner),
                Some(CoreField::Community) => core.community.clone_from(&old.community),
                Some(CoreField::Street) => core.street.clone_from(&old.street),
                Some(CoreField::Road) => core.road.clone_from(&old.road),
                // The latest day comes and goes with the earliest; the rest is computed.
                Some(
                    CoreField::InstalledLatestOn
                    | CoreField::InstalledSource
                    | CoreField::InstalledWritten
                    | CoreField::Class
                    | CoreField::InstalledPrecision
                    | CoreField::GeomLengthM
                    | CoreField::GeomAreaM2
                    | CoreField::ValidFrom
                    | CoreField::ValidTo,
                ) => {}
            }
        }
        self
    }
}

struct Entry<'c> {
    core: Core,
    own: Vec<Option<Value>>,
    given: FieldSet,
    installed: (Option<DateSpan>, Option<Date>),
    events: RowEvents<'c>,
}

impl<'c> Entry<'c> {
    fn take(&mut self, class: &'c Class, name: &str, raw: &RawValue) -> Result<(), Fault> {
        // A retired field is none any more.
        let position = class.position(name).filter(|position| !class.fields()[*position].retired);
        let Some(position) = position else {
            return Err(unknown_field(name, raw, class));
        };
        let field = &class.fields()[position];
        if !field.is_given() {
            let how = if field.event.is_some() { "counts" } else { "computes" };
            let expected = format!("nothing: the register {how} it");
            return Err(Fault::in_field(name, show(raw), expected).of(FaultCode::ComputedField));
        }
        if !self.given.insert(position) {
            let fault = Fault::in_field(name, show(raw), "each field once");
            return Err(fault.of(FaultCode::Repeated));
        }
        if let Some(part) = field.event {
            return self.events.take(field, part, raw);
        }
        if field.core == Some(CoreField::InstalledOn) {
            self.installed.0 = span_of(field, raw)?;
            return Ok(());
        }
        let value = value_of(field, raw)?;
        match field.core {
            None => {
                let own = position - (class.fields().len() - self.own.len());
                self.own[own] = value;
            }
            Some(CoreField::InstalledLatestOn) => {
                self.installed.1 = match value {
                    Some(Value::Date(date)) => Some(date),
                    _ => None,
                };
            }
            Some(core) => self.core.set(core, value),
        }
        Ok(())
    }

    /// Joins the first and the last day of installation into one span.
    fn join_installed(&mut self) -> Result<(), Fault> {
        self.core.installed = match self.installed {
            (span, None) => span,
            (Some(span), Some(latest)) => {
                Some(DateSpan::try_new(span.earliest(), latest).ok_or_else(|| {
                    Fault::in_field(
                        "installed_latest_on",
                        latest.to_string(),
                        format!("no day before installed_on {span}"),
                    )
                    .of(FaultCode::Contradiction)
                })?)
            }
            (None, Some(latest)) => {
                return Err(Fault::in_field(
                    "installed_latest_on",
                    latest.to_string(),
                    "installed_on beside it",
                )
                .of(FaultCode::Contradiction));
            }
        };
        Ok(())
    }
}

impl Field {
    /// What is wrong with a value that a sender gives for the field, seen by itself.
    pub fn fault_in(&self, raw: &RawValue) -> Option<Fault> {
        match (self.core, self.event) {
            (Some(CoreField::InstalledOn), _) => span_of(self, raw).err(),
            (_, Some(part)) => said_of(self, part, raw).err(),
            _ => value_of(self, raw).err(),
        }
    }
}

pub(crate) fn show(raw: &RawValue) -> String {
    match raw {
        RawValue::Null => "null".into(),
        RawValue::Boolean(truth) => truth.to_string(),
        RawValue::Integer(number) => number.to_string(),
        RawValue::Number(number) => number.to_string(),
        RawValue::Text(text) | RawValue::Nested(text) => text.clone(),
        RawValue::List(values) => {
            format!("[{}]", values.iter().map(show).collect::<Vec<_>>().join(", "))
        }
    }
}

fn span_of(field: &Field, raw: &RawValue) -> Result<Option<DateSpan>, Fault> {
    let text = match raw {
        RawValue::Null => return Ok(None),
        RawValue::Text(text) => text.trim().to_owned(),
        // A year often arrives as a number.
        RawValue::Integer(year) => year.to_string(),
        RawValue::Boolean(_) | RawValue::Number(_) | RawValue::List(_) | RawValue::Nested(_) => {
            show(raw)
        }
    };
    if text.is_empty() {
        return Ok(None);
    }
    let fault = |_| Fault::in_field(&field.name, &text, DateSpanError::EXPECTED);
    text.parse().map(Some).map_err(fault)
}

pub(crate) fn value_of(field: &Field, raw: &RawValue) -> Result<Option<Value>, Fault> {
    if let Kind::List(codes) = &field.kind {
        return Ok(list_of(field, codes.as_deref(), raw)?.map(Value::List));
    }
    let fault = |expected: String| Fault::in_field(&field.name, show(raw), expected);
    let wrong = || fault(field.kind.words().into()).of(FaultCode::Kind);
    let text = match raw {
        RawValue::Null => return Ok(None),
        RawValue::Text(text) if text.trim().is_empty() => return Ok(None),
        RawValue::Text(text) => Some(text.trim()),
        _ => None,
    };
    let value = match (&field.kind, raw) {
        (_, RawValue::List(_) | RawValue::Nested(_) | RawValue::Null) => return Err(wrong()),
        (Kind::Text, _) => {
            let shown = show(raw);
            let text = checked_text(text.unwrap_or(&shown));
            Value::Text(text.map_err(|expected| fault(expected).of(FaultCode::Text))?)
        }
        (Kind::Code(codes), _) => {
            let shown = show(raw);
            let given = text.unwrap_or(&shown);
            if !codes.iter().any(|code| &*code.code == given) {
                let expected = format!("one of {}", field.kind.codes_in_words());
                return Err(fault(expected).of(FaultCode::CodeList));
            }
            Value::Text(given.into())
        }
        (Kind::Integer, RawValue::Integer(number)) => Value::Integer(*number),
        (Kind::Integer, RawValue::Number(number)) => {
            // From 2^53 on, whole numbers may have lost digits on their way.
            if number.fract() != 0.0 || number.abs() >= 9_007_199_254_740_992.0 {
                return Err(wrong());
            }
            Value::Integer(*number as i64)
        }
        (Kind::Number, RawValue::Integer(number)) => Value::Number(*number as f64),
        (Kind::Number, RawValue::Number(number)) if number.is_finite() => Value::Number(*number),
        (Kind::Boolean, RawValue::Boolean(truth)) => Value::Boolean(*truth),
        (Kind::Date, RawValue::Text(_)) => match text.unwrap_or_default().parse::<DateSpan>() {
            Ok(span) if span.earliest() == span.latest() => Value::Date(span.earliest()),
            _ => return Err(wrong()),
        },
        (Kind::Instant, RawValue::Text(_)) => {
            let time = text.unwrap_or_default().parse::<Timestamp>().map_err(|_| {
                fault("a time with its offset from UTC, such as 2005-06-30T12:00:00Z".into())
            })?;
            if time.subsec_nanosecond() % 1000 != 0 {
                return Err(fault("a time with at most six digits behind the second".into()));
            }
            Value::Instant(time)
        }
        (kind, RawValue::Text(_)) => {
            Value::parse(kind, text.unwrap_or_default()).map_err(|_| wrong())?
        }
        _ => return Err(wrong()),
    };
    check_range(field, &value).map_err(|expected| fault(expected).of(FaultCode::Range))?;
    Ok(Some(value))
}

/// The text, when it is one that the register keeps; otherwise what was expected.
pub(crate) fn checked_text(text: &str) -> Result<Box<str>, String> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(format!("at most {MAX_TEXT_BYTES} bytes, not {}", text.len()));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err("text without control characters".into());
    }
    Ok(text.into())
}

/// Whether the value lies in the range, both ends included; what is no number always does.
pub(crate) fn is_within(value: &Value, (least, greatest): (f64, f64)) -> bool {
    match value {
        Value::Integer(number) => (least..=greatest).contains(&(*number as f64)),
        Value::Number(number) => (least..=greatest).contains(number),
        _ => true,
    }
}

fn check_range(field: &Field, value: &Value) -> Result<(), String> {
    let Some((least, greatest)) = field.range.filter(|range| !is_within(value, *range)) else {
        return Ok(());
    };
    Err(if greatest == f64::MAX {
        format!("at least {least}")
    } else {
        format!("a number from {least} to {greatest}")
    })
}

#[cfg(test)]
#[path = "draft_tests.rs"]
mod tests;
