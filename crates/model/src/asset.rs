//! What is known of an asset at one time.

use std::sync::Arc;

use jiff::civil::Date;
use terrier_spatial::{GeometryKind, Shape};

use crate::{
    AssetId, AssetView, Class, Code, CoreField, DateSource, DateSpan, Event, Fault, FaultCode,
    Known, Precision, Value, ValueRef,
};

/// Where in its life an asset is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "`words` says what each means")]
pub enum Lifecycle {
    Planned,
    UnderConstruction,
    Trial,
    InService,
    ToBeRetired,
    OutOfService,
    Abandoned,
    Removed,
    Unknown,
}

impl Lifecycle {
    /// All of them in the order of a life.
    pub const ALL: [Self; 9] = [
        Self::Planned,
        Self::UnderConstruction,
        Self::Trial,
        Self::InService,
        Self::ToBeRetired,
        Self::OutOfService,
        Self::Abandoned,
        Self::Removed,
        Self::Unknown,
    ];

    /// The code, then what it means in English and Chinese.
    pub fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Planned => ("planned", "Planned", "规划"),
            Self::UnderConstruction => ("under_construction", "Under construction", "在建"),
            Self::Trial => ("trial", "On trial", "试运行"),
            Self::InService => ("in_service", "In service", "在用"),
            Self::ToBeRetired => ("to_be_retired", "To be retired", "待废"),
            Self::OutOfService => ("out_of_service", "Out of service", "停用"),
            Self::Abandoned => ("abandoned", "Abandoned in the ground", "废弃未拆"),
            Self::Removed => ("removed", "Removed", "拆除"),
            Self::Unknown => ("unknown", "Not known", "不明"),
        }
    }

    /// The code.
    pub fn code(self) -> &'static str {
        self.words().0
    }

    /// The status of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }
}

/// The part that every asset has. A text is never empty; a number is finite.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "`core_fields` describes each")]
pub struct Core {
    pub code: Option<Box<str>>,
    /// `None` when nobody said.
    pub lifecycle: Option<Lifecycle>,
    /// `None` when it is not known.
    pub installed: Option<DateSpan>,
    pub installed_source: Option<DateSource>,
    pub installed_written: Option<Box<str>>,
    pub decommissioned_on: Option<Date>,
    pub length_m: Option<f64>,
    pub area_m2: Option<f64>,
    pub count: Option<i64>,
    pub households: Option<i64>,
    pub owner: Option<Box<str>>,
    pub community: Option<Box<str>>,
    pub street: Option<Box<str>>,
    pub road: Option<Box<str>>,
}

impl Core {
    /// The value of a field of the core that the asset itself says; what the register computes is
    /// not here.
    pub fn get(&self, field: CoreField) -> Option<ValueRef<'_>> {
        match field {
            CoreField::Code => self.code.as_deref().map(ValueRef::Text),
            CoreField::LifecycleStatus => {
                self.lifecycle.map(|status| ValueRef::Text(status.code()))
            }
            CoreField::InstalledOn => self.installed.map(|span| ValueRef::Date(span.earliest())),
            CoreField::InstalledLatestOn => {
                self.installed.map(|span| ValueRef::Date(span.latest()))
            }
            CoreField::InstalledPrecision => {
                Some(ValueRef::Text(Precision::of(self.installed).code()))
            }
            CoreField::InstalledSource => {
                self.installed_source.map(|source| ValueRef::Text(source.code()))
            }
            CoreField::InstalledWritten => self.installed_written.as_deref().map(ValueRef::Text),
            CoreField::DecommissionedOn => self.decommissioned_on.map(ValueRef::Date),
            CoreField::LengthM => self.length_m.map(ValueRef::Number),
            CoreField::AreaM2 => self.area_m2.map(ValueRef::Number),
            CoreField::Count => self.count.map(ValueRef::Integer),
            CoreField::Households => self.households.map(ValueRef::Integer),
            CoreField::Owner => self.owner.as_deref().map(ValueRef::Text),
            CoreField::Community => self.community.as_deref().map(ValueRef::Text),
            CoreField::Street => self.street.as_deref().map(ValueRef::Text),
            CoreField::Road => self.road.as_deref().map(ValueRef::Text),
            CoreField::Class
            | CoreField::GeomLengthM
            | CoreField::GeomAreaM2
            | CoreField::ValidFrom
            | CoreField::ValidTo => None,
        }
    }

    /// Sets a field to a value of its kind. The dates of installation are one span, so they are not
    /// set here, nor is what the register computes.
    pub fn set(&mut self, field: CoreField, value: Option<Value>) {
        let text = |value| match value {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        };
        let number = |value| match value {
            Some(Value::Number(number)) => Some(number),
            _ => None,
        };
        let integer = |value| match value {
            Some(Value::Integer(number)) => Some(number),
            _ => None,
        };
        match field {
            CoreField::Code => self.code = text(value),
            CoreField::LifecycleStatus => {
                self.lifecycle = text(value).and_then(|code| Lifecycle::from_code(&code));
            }
            CoreField::InstalledSource => {
                self.installed_source = text(value).and_then(|code| DateSource::from_code(&code));
            }
            CoreField::InstalledWritten => self.installed_written = text(value),
            CoreField::DecommissionedOn => {
                self.decommissioned_on = match value {
                    Some(Value::Date(date)) => Some(date),
                    _ => None,
                };
            }
            CoreField::LengthM => self.length_m = number(value),
            CoreField::AreaM2 => self.area_m2 = number(value),
            CoreField::Count => self.count = integer(value),
            CoreField::Households => self.households = integer(value),
            CoreField::Owner => self.owner = text(value),
            CoreField::Community => self.community = text(value),
            CoreField::Street => self.street = text(value),
            CoreField::Road => self.road = text(value),
            CoreField::InstalledOn
            | CoreField::InstalledLatestOn
            | CoreField::Class
            | CoreField::InstalledPrecision
            | CoreField::GeomLengthM
            | CoreField::GeomAreaM2
            | CoreField::ValidFrom
            | CoreField::ValidTo => {}
        }
    }
}

/// What a version of an asset says.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    /// The part that every asset has.
    pub core: Core,
    /// The values of [`Class::own_fields`], in their order.
    pub own: Vec<Option<Value>>,
    /// Where it is.
    pub shape: Shape,
    /// Length of the geometry on the ellipsoid in metres, zero for points.
    pub geom_length_m: f64,
    /// Area of the geometry on the ellipsoid in square metres, zero for points and lines.
    pub geom_area_m2: f64,
}

impl Content {
    /// The faults that lie between fields that are each right by themselves.
    pub fn contradictions(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let (Some(installed), Some(end)) = (self.core.installed, self.core.decommissioned_on)
            && end < installed.earliest()
        {
            let expected = format!("no day before installed_on {installed}");
            let fault = Fault::in_field("decommissioned_on", end.to_string(), expected);
            faults.push(fault.of(FaultCode::Contradiction));
        }
        faults
    }

    /// The codes that are retired, but for those that `former` has too: what is known of the asset.
    /// So a file that was written before a code was retired changes nothing, as it should.
    pub fn retired_codes(&self, former: Option<&Self>, class: &Class) -> Vec<Fault> {
        if !class.retires_codes() {
            return Vec::new();
        }
        let mut faults = Vec::new();
        for (own, field) in class.own_fields().iter().enumerate() {
            let Some((codes, given)) = field.kind.codes().zip(self.own[own].as_ref()) else {
                continue;
            };
            let has =
                |value: &Value, code: &Code| value.as_ref().is_or_has(ValueRef::Text(&code.code));
            let had = |code: &Code| {
                former.is_some_and(|former| {
                    former.own[own].as_ref().is_some_and(|old| has(old, code))
                })
            };
            let retired =
                codes.iter().filter(|code| code.retired && has(given, code) && !had(code));
            faults.extend(retired.map(|code| {
                let expected =
                    format!("one of {}: this one is retired", field.kind.codes_in_words());
                Fault::in_field(&field.name, &code.code, expected).of(FaultCode::CodeList)
            }));
        }
        faults
    }
}

/// An asset as one version describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Asset {
    /// Who it is.
    pub id: AssetId,
    /// What it is.
    pub class: Arc<Class>,
    /// Which version of it this is, counted from 1.
    pub version: u32,
    /// Since when it is true in the street.
    pub valid_from: jiff::Timestamp,
    /// Until when it was, excluded; `None` while it is.
    pub valid_to: Option<jiff::Timestamp>,
    /// What the version says.
    pub content: Content,
    /// What happened to it, in the order of the days.
    pub events: Vec<Event>,
}

impl Asset {
    /// What a condition may ask of the asset by itself, which is all but what falls due on it.
    pub fn view(&self) -> impl Known<'_> {
        AssetView {
            value: |position| self.value(position),
            shape: || Some(self.content.shape.clone()),
            due_state: |_| None,
        }
    }

    /// The value of the field at a place in [`Class::fields`]; `None` when it has none.
    pub fn value(&self, position: usize) -> Option<ValueRef<'_>> {
        let fields = self.class.fields();
        if let Some(part) = fields[position].event {
            return part.of(&self.events);
        }
        match fields[position].core {
            None => {
                let own = position - (fields.len() - self.content.own.len());
                self.content.own[own].as_ref().map(Value::as_ref)
            }
            Some(CoreField::Class) => Some(ValueRef::Text(self.class.name())),
            Some(CoreField::GeomLengthM) => {
                let line =
                    matches!(self.class.geometry(), GeometryKind::Line | GeometryKind::MultiLine);
                line.then_some(ValueRef::Number(self.content.geom_length_m))
            }
            Some(CoreField::GeomAreaM2) => {
                let surface = self.class.geometry() == GeometryKind::MultiPolygon;
                surface.then_some(ValueRef::Number(self.content.geom_area_m2))
            }
            Some(CoreField::ValidFrom) => Some(ValueRef::Instant(self.valid_from)),
            Some(CoreField::ValidTo) => self.valid_to.map(ValueRef::Instant),
            Some(core) => self.content.core.get(core),
        }
    }
}
