//! What a question is about: the assets of one class, all assets with what they have in common, or
//! the work that falls due on them.

use std::sync::Arc;

use jiff::civil::Date;
use terrier_model::{Breadth, Class, Classes, Edge, Field, Scope, Sight, Text, core_fields};
use terrier_spatial::GeometryKind;

use crate::due::due_fields;

/// The name of the collection that holds the assets of every class.
pub const ASSETS: &str = "assets";

/// The name of the collection of all work that falls due.
pub const DUE: &str = "due";

/// Of which assets work that falls due is told: many programs draw only one kind of geometry in a
/// layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueOf {
    /// All assets.
    All,
    /// Those that are points.
    Points,
    /// Those that are lines, one or several.
    Lines,
    /// Those that are surfaces.
    Areas,
}

/// The kind of all shapes that a caller is given of a class; `None` when they are lines that are cut.
pub(crate) fn geometry_of(class: &Class, scope: &Scope) -> Option<GeometryKind> {
    let edge = scope.area(class.name()).map(|(_, edge)| edge);
    let is_cut = class.geometry() == GeometryKind::Line && edge == Some(Edge::Clipped);
    (!is_cut).then(|| class.geometry())
}

impl DueOf {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::All, Self::Points, Self::Lines, Self::Areas];

    /// The name of the collection, as in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => DUE,
            Self::Points => "due_points",
            Self::Lines => "due_lines",
            Self::Areas => "due_areas",
        }
    }

    /// What people call the collection, and what belongs to it.
    pub fn title_and_description(self) -> (&'static str, &'static str) {
        match self {
            Self::All => (
                "Due",
                "The work that falls due on the assets, one feature for each asset and kind of \
                 work, by the rules in force; as of today, or of the day in `on`.",
            ),
            Self::Points => {
                ("Due, points", "The work that falls due on assets that are points, as in `due`.")
            }
            Self::Lines => {
                ("Due, lines", "The work that falls due on assets that are lines, as in `due`.")
            }
            Self::Areas => {
                ("Due, areas", "The work that falls due on assets that are surfaces, as in `due`.")
            }
        }
    }

    /// The same in Chinese.
    fn title_and_description_zh(self) -> (&'static str, &'static str) {
        match self {
            Self::All => (
                "到期工作",
                "按现行规则资产应开展的工作，每项资产的每类工作为一个要素；以当日或on所示日期为准。",
            ),
            Self::Points => ("到期工作（点）", "点状资产的到期工作。"),
            Self::Lines => ("到期工作（线）", "线状资产的到期工作。"),
            Self::Areas => ("到期工作（面）", "面状资产的到期工作。"),
        }
    }

    /// The one whose collection has that name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|of| of.name() == name)
    }

    fn covers(self, geometry: GeometryKind) -> bool {
        match self {
            Self::All => true,
            Self::Points => geometry == GeometryKind::Point,
            Self::Lines => matches!(geometry, GeometryKind::Line | GeometryKind::MultiLine),
            Self::Areas => geometry == GeometryKind::MultiPolygon,
        }
    }
}

/// A collection of assets, or of what falls due on them.
#[derive(Clone, Debug)]
pub enum Collection {
    /// Every asset, with the fields of the core.
    Assets,
    /// The assets of one class, with all its fields.
    Class(Arc<Class>),
    /// The work that falls due: one feature for each asset and kind of work, with the fields of the
    /// core and those of the work. Nothing of it is kept; it is told as of this day, which is today,
    /// unless a question names another.
    Due(Date, DueOf),
}

impl Collection {
    /// The collection of assets of that name; `None` when there is none.
    pub fn find(name: &str, classes: &Classes) -> Option<Self> {
        if name == ASSETS {
            return Some(Self::Assets);
        }
        classes.get(name).map(|class| Self::Class(Arc::clone(class)))
    }

    /// The name, as in addresses.
    pub fn name(&self) -> &str {
        match self {
            Self::Assets => ASSETS,
            Self::Class(class) => class.name(),
            Self::Due(_, of) => of.name(),
        }
    }

    /// What people call it, and what belongs to it.
    pub fn title_and_description(&self) -> (Text, Text) {
        match self {
            Self::Assets => (
                Text::new("All assets", "全部资产"),
                Text::new(
                    "Assets of every class, with the fields that all of them have.",
                    "各类资产及其共有字段。",
                ),
            ),
            Self::Class(class) => (class.title().clone(), class.description().clone()),
            Self::Due(_, of) => {
                let (title, description) = of.title_and_description();
                let (title_zh, description_zh) = of.title_and_description_zh();
                (Text::new(title, title_zh), Text::new(description, description_zh))
            }
        }
    }

    /// The class, unless it is about all of them.
    pub fn class(&self) -> Option<&Arc<Class>> {
        match self {
            Self::Assets | Self::Due(..) => None,
            Self::Class(class) => Some(class),
        }
    }

    /// Whether assets of the class, or the work on them, belong to it.
    pub fn covers(&self, class: &Class) -> bool {
        match self {
            Self::Assets => true,
            Self::Due(_, of) => of.covers(class.geometry()),
            Self::Class(own) => own.name() == class.name(),
        }
    }

    /// The kind of all shapes that a caller is given of it; `None` when they are of several, as lines that
    /// are cut may be, for they come to pieces.
    pub fn geometry(&self, scope: &Scope) -> Option<GeometryKind> {
        match self {
            Self::Class(class) => geometry_of(class, scope),
            Self::Due(_, DueOf::Points) => Some(GeometryKind::Point),
            Self::Due(_, DueOf::Areas) => Some(GeometryKind::MultiPolygon),
            Self::Assets | Self::Due(_, DueOf::All | DueOf::Lines) => None,
        }
    }

    /// Its fields, seen or not. A field's place here is its place in [`Class::fields`] of each
    /// class that the collection covers, but for the fields of work that falls due, which come after
    /// those of the core.
    pub fn fields(&self) -> &[Field] {
        match self {
            Self::Assets => core_fields(),
            Self::Class(class) => class.fields(),
            Self::Due(..) => due_fields(),
        }
    }

    /// Which of its fields exist for the caller.
    pub fn sight<'s>(&self, scope: &'s Scope) -> Sight<'s> {
        scope.sight(self.class().map(|class| class.name()))
    }

    /// How many of the fields of its assets the caller sees, those of work aside.
    pub fn breadth(&self, scope: &Scope) -> Option<Breadth> {
        let fields = self.class().map_or(core_fields(), |class| class.fields());
        self.sight(scope).breadth(fields)
    }

    /// The fields that exist for the caller, each with its place.
    pub fn seen_fields<'a>(
        &'a self,
        scope: &'a Scope,
    ) -> impl Iterator<Item = (usize, &'a Field)> + Clone {
        let sight = self.sight(scope);
        self.fields().iter().enumerate().filter(move |(_, field)| sight.sees(field))
    }

    /// The place of a field that exists for the caller.
    pub fn position(&self, name: &str, scope: &Scope) -> Option<usize> {
        let sight = self.sight(scope);
        self.fields().iter().position(|field| &*field.name == name && sight.sees(field))
    }
}
