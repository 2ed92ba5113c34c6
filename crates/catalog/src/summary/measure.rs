//! What can be added up over assets. Recorded measures and those of the geometry stand side by side
//! and are never mixed.

use terrier_model::{CoreField, Field, Scope, Text, core_fields, core_position};

use crate::Collection;

/// A figure of a group of assets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Measure {
    /// How many features there are.
    Count,
    /// The sum of the recorded counts: of how many pieces the assets stand for.
    Pieces,
    /// The sum of the recorded lengths in metres.
    LengthM,
    /// The sum of the recorded areas in square metres.
    AreaM2,
    /// The sum of the households.
    Households,
    /// The sum of the lengths of the geometries in metres.
    GeomLengthM,
    /// The sum of the areas of the geometries in square metres.
    GeomAreaM2,
    /// How many different communities there are.
    Communities,
    /// How many different streets, which are sub-districts, there are.
    Streets,
}

/// Where the numbers of a measure come from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Basis {
    /// They are counted.
    Counted,
    /// The records say them.
    Recorded,
    /// They are computed from the geometry.
    Geometry,
}

impl Basis {
    /// The name, as answers say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Counted => "counted",
            Self::Recorded => "recorded",
            Self::Geometry => "geometry",
        }
    }
}

impl Measure {
    /// All of them in the order in which they are listed.
    pub const ALL: [Self; 9] = [
        Self::Count,
        Self::Pieces,
        Self::LengthM,
        Self::AreaM2,
        Self::Households,
        Self::GeomLengthM,
        Self::GeomAreaM2,
        Self::Communities,
        Self::Streets,
    ];

    /// The name; that of the field where it is the sum of one.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Pieces => "pieces",
            Self::LengthM => "length_m",
            Self::AreaM2 => "area_m2",
            Self::Households => "households",
            Self::GeomLengthM => "geom_length_m",
            Self::GeomAreaM2 => "geom_area_m2",
            Self::Communities => "communities",
            Self::Streets => "streets",
        }
    }

    /// Where its numbers come from.
    pub fn basis(self) -> Basis {
        match self {
            Self::Count | Self::Communities | Self::Streets => Basis::Counted,
            Self::Pieces | Self::LengthM | Self::AreaM2 | Self::Households => Basis::Recorded,
            Self::GeomLengthM | Self::GeomAreaM2 => Basis::Geometry,
        }
    }

    /// What people call it.
    pub fn title(self) -> Text {
        match (self, self.core()) {
            (Self::Communities, _) => Text::new("Communities", "小区数"),
            (Self::Streets, _) => Text::new("Streets", "街道数"),
            (_, Some(core)) => described(core).title.clone(),
            (_, None) => Text::new("Count", "数量"),
        }
    }

    /// The unit of its numbers; `None` for what is counted.
    pub fn unit(self) -> Option<&'static str> {
        self.core().and_then(|core| described(core).unit.as_deref())
    }

    /// Whether it counts the different values of a field and does not add them up.
    pub(crate) fn is_distinct(self) -> bool {
        matches!(self, Self::Communities | Self::Streets)
    }

    /// The field that it is taken from; `None` where it is taken from none.
    fn core(self) -> Option<CoreField> {
        match self {
            Self::Count => None,
            Self::Pieces => Some(CoreField::Count),
            Self::LengthM => Some(CoreField::LengthM),
            Self::AreaM2 => Some(CoreField::AreaM2),
            Self::Households => Some(CoreField::Households),
            Self::GeomLengthM => Some(CoreField::GeomLengthM),
            Self::GeomAreaM2 => Some(CoreField::GeomAreaM2),
            Self::Communities => Some(CoreField::Community),
            Self::Streets => Some(CoreField::Street),
        }
    }

    /// The place of its field in [`Collection::fields`]; `None` where it needs none, or has none that
    /// the caller sees.
    pub(crate) fn position(self, collection: &Collection, scope: &Scope) -> Option<usize> {
        let core = self.core()?;
        let mut seen = collection.seen_fields(scope);
        seen.find(|(_, field)| field.core == Some(core)).map(|(position, _)| position)
    }

    /// Those that exist for the caller.
    pub fn seen<'a>(
        collection: &'a Collection,
        scope: &'a Scope,
    ) -> impl Iterator<Item = Self> + use<'a> {
        Self::ALL.into_iter().filter(move |measure| {
            measure.core().is_none() || measure.position(collection, scope).is_some()
        })
    }
}

fn described(core: CoreField) -> &'static Field {
    &core_fields()[core_position(core)]
}
