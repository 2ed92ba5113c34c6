//! What a role allows: data, which a city writes as it needs.

use std::collections::BTreeSet;

use terrier_spatial::{Figure, Shape};

use crate::{Limits, Text};

/// Something that a role may allow.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Permission {
    /// See assets as they are known now, what falls due on them, and figures of them.
    Read,
    /// See what was said before: versions, events, changes and who made them.
    History,
    /// Register assets.
    Create,
    /// Say that the street changed.
    Update,
    /// Say that the register had it wrong.
    Correct,
    /// Say that an asset is no more.
    Retire,
    /// Bring in files.
    Import,
    /// Undo changes.
    Revert,
    /// Manage organisations, people, keys and roles, and what may be set of the registry.
    Administer,
    /// See who did and who read what.
    Audit,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Read,
        Self::History,
        Self::Create,
        Self::Update,
        Self::Correct,
        Self::Retire,
        Self::Import,
        Self::Revert,
        Self::Administer,
        Self::Audit,
    ];

    /// The permission as roles write it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::History => "history",
            Self::Create => "create",
            Self::Update => "update",
            Self::Correct => "correct",
            Self::Retire => "retire",
            Self::Import => "import",
            Self::Revert => "revert",
            Self::Administer => "administer",
            Self::Audit => "audit",
        }
    }

    /// The permission of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.code() == code)
    }
}

/// Names, or all of them.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Names {
    /// Every name, those too that come later.
    All,
    /// These.
    These(BTreeSet<Box<str>>),
}

impl Names {
    /// No name.
    pub fn none() -> Self {
        Self::These(BTreeSet::new())
    }

    /// Whether it is one of them.
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(names) => names.contains(name),
        }
    }

    /// Whether no name is one of them.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::These(names) if names.is_empty())
    }

    /// The names that are among both.
    #[must_use]
    pub fn common_with(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, names) | (names, Self::All) => names.clone(),
            (Self::These(one), Self::These(other)) => Self::These(one & other),
        }
    }

    /// The names that are among one of the two.
    #[must_use]
    pub fn together_with(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::These(one), Self::These(other)) => Self::These(one | other),
        }
    }
}

/// How an asset that lies across the edge of an area is given.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Edge {
    /// As it is, with what lies beyond.
    Whole,
    /// Its geometry is cut at the edge.
    Clipped,
    /// Not at all.
    Left,
}

impl Edge {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Whole, Self::Clipped, Self::Left];

    /// The rule as roles write it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Clipped => "clipped",
            Self::Left => "left",
        }
    }

    /// The rule of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|edge| edge.code() == code)
    }
}

/// The part of the city that a grant is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Area {
    /// A polygon or several; longitude and latitude in degrees on WGS 84.
    pub shape: Shape,
    /// How assets across its edge are given.
    pub edge: Edge,
}

/// What is allowed in some collections.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    /// The classes of asset that it is about.
    pub collections: Names,
    /// What is allowed.
    pub permissions: BTreeSet<Permission>,
    /// The restricted fields that are seen.
    pub restricted: Names,
    /// The public fields that are not seen.
    pub hidden: Names,
    /// The fields that may be written, of those that are seen.
    pub writable: Names,
    /// Whether the geometry may be written.
    pub writes_geometry: bool,
    /// Where; `None` is everywhere.
    pub area: Option<Area>,
}

/// What somebody may see and do. For each collection the first grant that names it holds, and what no
/// grant allows is not allowed.
#[derive(Clone, Debug, PartialEq)]
pub struct Role {
    /// Its name, such as `viewer`.
    pub name: Box<str>,
    /// What people call it.
    pub title: Text,
    /// What it allows.
    pub grants: Vec<Grant>,
    /// How much may be asked for.
    pub limits: Limits,
}

impl Role {
    /// The grant that holds for a collection.
    pub fn grant(&self, collection: &str) -> Option<&Grant> {
        self.grants.iter().find(|grant| grant.collections.has(collection))
    }

    /// What is left of the role for who may do less than it allows: where both are for an area, what lies
    /// in both. `None` when the two have different rules for assets across their edges, for an asset cannot
    /// be given by two. Costs as much as [`Figure::clipped`] for each grant with an area.
    pub fn narrowed(&self, narrowing: &Narrowing) -> Option<Self> {
        let Narrowing { collections, area } = narrowing;
        let narrowed = self.grants.iter().map(|grant| {
            let collections = grant.collections.common_with(collections);
            let nothing = Grant { permissions: BTreeSet::new(), ..grant.clone() };
            if collections.is_empty() && !grant.collections.is_empty() {
                return Some(Grant { collections, ..nothing });
            }
            let (one, other) = match (&grant.area, area) {
                (Some(one), Some(other)) => (one, other),
                (one, other) => {
                    let area = one.as_ref().or(other.as_ref()).cloned();
                    return Some(Grant { collections, area, ..grant.clone() });
                }
            };
            if one.edge != other.edge {
                return None;
            }
            Some(match Figure::of(&other.shape).clipped(&one.shape) {
                Some(shape) => {
                    let area = Some(Area { shape, edge: one.edge });
                    Grant { collections, area, ..grant.clone() }
                }
                // It still is the first that names its collections, so that no other grant holds there.
                None => Grant { collections, ..nothing },
            })
        });
        let grants = narrowed.collect::<Option<_>>()?;
        Some(Self { grants, ..self.clone() })
    }
}

impl Role {
    /// The same with further limits, of which the stricter hold.
    #[must_use]
    pub fn limited(self, limits: Limits) -> Self {
        Self { limits: self.limits.stricter(limits), ..self }
    }
}

/// To what a role is narrowed for one of those who have it.
#[derive(Clone, Debug, PartialEq)]
pub struct Narrowing {
    /// Only in these classes of asset.
    pub collections: Names,
    /// Only there.
    pub area: Option<Area>,
}

impl Narrowing {
    /// Nothing is taken away.
    pub const NONE: Self = Self { collections: Names::All, area: None };
}

#[cfg(test)]
mod tests {
    use terrier_spatial::{GeometryKind, Sketch};

    use super::*;
    use crate::Scope;

    #[test]
    fn every_permission_and_edge_is_found_by_its_code() {
        for permission in Permission::ALL {
            assert_eq!(Permission::from_code(permission.code()), Some(permission));
        }
        for edge in Edge::ALL {
            assert_eq!(Edge::from_code(edge.code()), Some(edge));
        }
        assert_eq!(Permission::from_code("Read"), None);
    }

    fn grant(collections: Names, permission: Permission) -> Grant {
        Grant {
            collections,
            permissions: BTreeSet::from([permission]),
            restricted: Names::none(),
            hidden: Names::none(),
            writable: Names::All,
            writes_geometry: true,
            area: None,
        }
    }

    fn these<const N: usize>(names: [&str; N]) -> Names {
        Names::These(names.map(Box::from).into())
    }

    fn role(grants: Vec<Grant>) -> Role {
        Role {
            name: "crew".into(), title: Text::new("Crew", "班组"), grants, limits: Limits::NONE
        }
    }

    #[test]
    fn the_first_grant_that_names_a_collection_holds() {
        let pipes = these(["gas_pipes"]);
        let role =
            role(vec![grant(pipes, Permission::Update), grant(Names::All, Permission::Read)]);
        let check = |collection: &str, permission: Permission| {
            let found = role.grant(collection).expect("a grant");
            assert_eq!(found.permissions, BTreeSet::from([permission]), "{collection}");
        };
        check("gas_pipes", Permission::Update);
        check("light_poles", Permission::Read);
    }

    #[test]
    fn a_narrowed_role_allows_in_no_collection_more_than_it_did() {
        let some = these(["gas_pipes", "manholes"]);
        let whole =
            role(vec![grant(some, Permission::Update), grant(Names::All, Permission::Read)]);
        let check = |collections: Names, name: &str, expected: Option<Permission>| {
            let narrowed = whole.narrowed(&Narrowing { collections, area: None }).expect("a role");
            let found = narrowed.grant(name).map(|grant| grant.permissions.clone());
            assert_eq!(found, expected.map(|permission| BTreeSet::from([permission])), "{name}");
        };
        check(Names::All, "manholes", Some(Permission::Update));
        check(these(["manholes", "streets"]), "manholes", Some(Permission::Update));
        check(these(["manholes", "streets"]), "streets", Some(Permission::Read));
        check(these(["manholes", "streets"]), "gas_pipes", None);
        check(Names::none(), "manholes", None);
    }

    #[test]
    fn what_a_grant_allows_that_is_narrowed_away_is_allowed_nowhere() {
        let role = role(vec![grant(these(["gas_pipes"]), Permission::Audit)]);
        let check = |name: &str, expected: bool| {
            let narrowing = Narrowing { collections: these([name]), area: None };
            let narrowed = role.narrowed(&narrowing).expect("a role");
            assert_eq!(Scope::of(&narrowed).allows_somewhere(Permission::Audit), expected);
        };
        check("gas_pipes", true);
        check("manholes", false);
    }

    #[test]
    fn a_role_takes_an_area_where_it_has_none() {
        let area = |edge| Area { shape: Shape::Point([117.2, 39.1]), edge };
        let narrowing = |edge| Narrowing { collections: Names::All, area: Some(area(edge)) };
        let narrowed = role(vec![grant(Names::All, Permission::Read)])
            .narrowed(&narrowing(Edge::Left))
            .expect("a role");
        assert_eq!(narrowed.grants[0].area, Some(area(Edge::Left)));
        assert_eq!(narrowed.narrowed(&Narrowing::NONE), Some(narrowed.clone()));
        assert_eq!(narrowed.narrowed(&narrowing(Edge::Whole)), None);
    }

    /// A surface with its west and east edges here, a degree high.
    fn surface(west: f64, east: f64) -> Shape {
        let ring = [[west, 39.0], [east, 39.0], [east, 40.0], [west, 40.0], [west, 39.0]];
        Sketch::Polygon(vec![ring.to_vec()])
            .check(GeometryKind::MultiPolygon)
            .expect("a good surface")
    }

    #[test]
    fn where_a_role_and_a_key_are_for_an_area_what_lies_in_both_is_left() {
        let area = |west, east| Some(Area { shape: surface(west, east), edge: Edge::Clipped });
        let of_role =
            Grant { area: area(117.0, 117.5), ..grant(these(["gas_pipes"]), Permission::Update) };
        let role = role(vec![of_role, grant(Names::All, Permission::Read)]);
        let check = |key: (f64, f64), expected: Option<(f64, f64)>| {
            let narrowing = Narrowing { collections: Names::All, area: area(key.0, key.1) };
            let narrowed = role.narrowed(&narrowing).expect("a role");
            let found = narrowed.grant("gas_pipes").expect("a grant");
            assert_eq!(found.permissions.is_empty(), expected.is_none(), "{key:?}");
            if let Some((west, east)) = expected {
                let bounds = found.area.as_ref().expect("an area").shape.bounds();
                let distance = (bounds.west - west).abs() + (bounds.east - east).abs();
                assert!(distance < 1e-6, "{key:?}: {bounds:?}");
            }
            // Where the role is for no area, that of the key holds.
            assert_eq!(narrowed.grant("manholes").expect("a grant").area, narrowing.area);
        };
        check((117.0, 117.5), Some((117.0, 117.5)));
        check((116.0, 118.0), Some((117.0, 117.5)));
        check((117.2, 117.3), Some((117.2, 117.3)));
        check((117.25, 118.0), Some((117.25, 117.5)));
        // They touch in a line, which is no surface.
        check((117.5, 118.0), None);
        check((118.0, 119.0), None);
    }
}
