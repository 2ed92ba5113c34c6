//! What is known of an asset at one time.

use std::sync::Arc;

use jiff::civil::Date;
use terrier_spatial::{GeometryKind, Shape};

use crate::{AssetId, Class, CoreField, DateSpan, Fault, Precision, Value, ValueRef};

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
    pub decommissioned_on: Option<Date>,
    pub length_m: Option<f64>,
    pub area_m2: Option<f64>,
    pub count: Option<i64>,
    pub households: Option<i64>,
    pub owner: Option<Box<str>>,
    pub community: Option<Box<str>>,
    pub street: Option<Box<str>>,
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
            faults.push(Fault::in_field(
                "decommissioned_on",
                end.to_string(),
                format!("no day before installed_on {installed}"),
            ));
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
}

impl Asset {
    /// The value of the field at a place in [`Class::fields`]; `None` when it has none.
    pub fn value(&self, position: usize) -> Option<ValueRef<'_>> {
        let core = &self.content.core;
        let fields = self.class.fields();
        match fields[position].core {
            None => {
                let own = position - (fields.len() - self.content.own.len());
                self.content.own[own].as_ref().map(Value::as_ref)
            }
            Some(CoreField::Class) => Some(ValueRef::Text(self.class.name())),
            Some(CoreField::Code) => core.code.as_deref().map(ValueRef::Text),
            Some(CoreField::LifecycleStatus) => {
                core.lifecycle.map(|status| ValueRef::Text(status.code()))
            }
            Some(CoreField::InstalledOn) => core.installed.map(|s| ValueRef::Date(s.earliest())),
            Some(CoreField::InstalledLatestOn) => {
                core.installed.map(|s| ValueRef::Date(s.latest()))
            }
            Some(CoreField::InstalledPrecision) => {
                Some(ValueRef::Text(Precision::of(core.installed).code()))
            }
            Some(CoreField::DecommissionedOn) => core.decommissioned_on.map(ValueRef::Date),
            Some(CoreField::LengthM) => core.length_m.map(ValueRef::Number),
            Some(CoreField::AreaM2) => core.area_m2.map(ValueRef::Number),
            Some(CoreField::Count) => core.count.map(ValueRef::Integer),
            Some(CoreField::Households) => core.households.map(ValueRef::Integer),
            Some(CoreField::Owner) => core.owner.as_deref().map(ValueRef::Text),
            Some(CoreField::Community) => core.community.as_deref().map(ValueRef::Text),
            Some(CoreField::Street) => core.street.as_deref().map(ValueRef::Text),
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
        }
    }
}
