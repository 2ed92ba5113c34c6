//! How much of the register a caller may see and change: a role, made ready for questions.
//!
//! Knows no classes and no assets: it tells of names what their holder may.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock};

use terrier_spatial::{Figure, Position, Shape, SpatialRelation};

use crate::{
    Area, Asset, Content, CoreField, Edge, Field, Grant, Limits, Names, Permission, Role,
    Sensitivity, Text,
};

/// The caller's scope. Every question carries one. Clones share what it holds.
#[derive(Clone, Debug)]
pub struct Scope(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    grants: Vec<Grant>,
    /// The areas of the grants, made ready to be asked about.
    figures: Vec<Option<Figure>>,
    core: Shown,
    mark: u64,
}

/// Fields by their names: the restricted ones that are seen, and the public ones that are not.
#[derive(Debug)]
struct Shown {
    restricted: Names,
    hidden: Names,
}

static ALL: Names = Names::All;
static NONE: Names = Names::These(BTreeSet::new());

impl Scope {
    /// What a role allows.
    pub fn of(role: &Role) -> Self {
        let grants = role.grants.clone();
        let core = Shown::in_all(grants.iter().filter(|grant| may_read(grant)));
        let figure = |grant: &Grant| grant.area.as_ref().map(|area| Figure::of(&area.shape));
        let (figures, mark) = (grants.iter().map(figure).collect(), mark_of(&grants));
        Self(Arc::new(Parts { grants, figures, core, mark }))
    }

    /// The scope of the operator of the register: every collection and field, and whatever can be done.
    pub fn everything() -> Self {
        static EVERYTHING: OnceLock<Scope> = OnceLock::new();
        let whole = || {
            Self::of_grant(Grant {
                collections: Names::All,
                permissions: BTreeSet::from(Permission::ALL),
                restricted: Names::All,
                hidden: Names::none(),
                writable: Names::All,
                writes_geometry: true,
                area: None,
            })
        };
        EVERYTHING.get_or_init(whole).clone()
    }

    /// The scope of anybody: of some collections the public fields, and what was said of them before.
    pub fn public(collections: Names) -> Self {
        Self::of_grant(Grant {
            collections,
            permissions: BTreeSet::from([Permission::Read, Permission::History]),
            restricted: Names::none(),
            hidden: Names::none(),
            writable: Names::none(),
            writes_geometry: false,
            area: None,
        })
    }

    fn of_grant(grant: Grant) -> Self {
        let (name, title) = (Box::default(), Text::new("", ""));
        Self::of(&Role { name, title, grants: vec![grant], limits: Limits::NONE })
    }

    /// The grant that holds for a class, where it lets its assets be read: what may not be read does not
    /// exist for the caller.
    fn grant(&self, class: &str) -> Option<&Grant> {
        self.place(class).map(|place| &self.0.grants[place])
    }

    fn place(&self, class: &str) -> Option<usize> {
        let place = self.0.grants.iter().position(|grant| grant.collections.has(class))?;
        may_read(&self.0.grants[place]).then_some(place)
    }

    /// Whether the assets of a class exist for the caller.
    pub fn sees_collection(&self, class: &str) -> bool {
        self.grant(class).is_some()
    }

    /// The fields of a class that exist for the caller; for `None`, of what assets of all classes have in
    /// common, those that exist in each class that does.
    pub fn sight(&self, class: Option<&str>) -> Sight<'_> {
        let Some(class) = class else {
            let Shown { restricted, hidden } = &self.0.core;
            return Sight { restricted, hidden, is_of_core: true };
        };
        let (restricted, hidden) = match self.grant(class) {
            Some(grant) => (&grant.restricted, &grant.hidden),
            None => (&NONE, &ALL),
        };
        Sight { restricted, hidden, is_of_core: false }
    }

    /// Whether a field of a class, or of what all assets have, exists for the caller; a retired one
    /// exists for nobody.
    pub fn sees(&self, class: Option<&str>, field: &Field) -> bool {
        self.sight(class).sees(field)
    }

    /// Whether of every class that exists for the caller all public fields are seen.
    pub fn shows_public_fields(&self) -> bool {
        self.0.grants.iter().filter(|grant| may_read(grant)).all(|grant| grant.hidden.is_empty())
    }

    /// Whether of every class that exists for the caller all fields are seen.
    pub fn shows_all_fields(&self) -> bool {
        let mut grants = self.0.grants.iter().filter(|grant| may_read(grant));
        grants.all(|grant| grant.hidden.is_empty() && grant.restricted == Names::All)
    }

    /// Whether something may be done with assets of a class.
    pub fn allows(&self, permission: Permission, class: &str) -> bool {
        self.grant(class).is_some_and(|grant| grant.permissions.contains(&permission))
    }

    /// Whether something may be done with assets of some class, or with what belongs to none.
    pub fn allows_somewhere(&self, permission: Permission) -> bool {
        self.0.grants.iter().any(|grant| grant.permissions.contains(&permission))
    }

    /// Whether a field of a class may be written by who may write its assets; never one that is not seen.
    pub fn writes(&self, class: &str, field: &Field) -> bool {
        self.sees(Some(class), field)
            && field.is_given()
            && self.grant(class).is_some_and(|grant| grant.writable.has(&field.name))
    }

    /// Whether the geometry of assets of a class may be written by who may write them.
    pub fn writes_geometry(&self, class: &str) -> bool {
        self.grant(class).is_some_and(|grant| grant.writes_geometry)
    }

    /// Where the assets of a class exist for the caller, and how those across the edge are given;
    /// everywhere for `None`.
    pub fn area(&self, class: &str) -> Option<(&Figure, Edge)> {
        let place = self.place(class)?;
        let edge = self.0.grants[place].area.as_ref()?.edge;
        Some((self.0.figures[place].as_ref()?, edge))
    }

    /// Whether assets of some class exist for the caller in an area alone.
    pub fn has_areas(&self) -> bool {
        self.0.figures.iter().any(Option::is_some)
    }

    /// The geometry of an asset of a class as it is given to the caller: as it is, or that part of it which
    /// lies in their area; `None` where the asset does not exist for them. One that only touches the edge
    /// from without is given whole, and not at all where geometries are cut.
    pub fn given<'a>(&self, class: &str, shape: &'a Shape) -> Option<Cow<'a, Shape>> {
        let whole = Cow::Borrowed(shape);
        let Some((figure, edge)) = self.area(class) else {
            return self.sees_collection(class).then_some(whole);
        };
        if figure.covers(&shape.bounds()) {
            return Some(whole);
        }
        match edge {
            Edge::Whole => figure.holds(SpatialRelation::Intersects, shape).then_some(whole),
            Edge::Left => figure.holds(SpatialRelation::Within, shape).then_some(whole),
            Edge::Clipped if figure.holds(SpatialRelation::Within, shape) => Some(whole),
            Edge::Clipped => figure.clipped(shape).map(Cow::Owned),
        }
    }

    /// An asset as it is given to the caller, measured anew where it is cut; see [`Scope::given`].
    pub fn given_asset<'a>(&self, asset: &'a Asset) -> Option<Cow<'a, Asset>> {
        Some(match self.given(asset.class.name(), &asset.content.shape)? {
            Cow::Borrowed(_) => Cow::Borrowed(asset),
            Cow::Owned(part) => {
                let Content { core, own, .. } = &asset.content;
                let content = Content::new(core.clone(), own.clone(), part);
                let (events, class) = (asset.events.clone(), Arc::clone(&asset.class));
                Cow::Owned(Asset { class, content, events, ..*asset })
            }
        })
    }

    /// A number that differs when the scope does, for tags, tokens and caches; the same in every process
    /// of one build.
    pub fn mark(&self) -> u64 {
        self.0.mark
    }
}

impl PartialEq for Scope {
    fn eq(&self, other: &Self) -> bool {
        self.0.grants == other.0.grants
    }
}

fn may_read(grant: &Grant) -> bool {
    grant.permissions.contains(&Permission::Read)
}

impl Shown {
    /// What each of some grants shows.
    fn in_all<'g>(grants: impl Iterator<Item = &'g Grant>) -> Self {
        let each = grants.map(|grant| (grant.restricted.clone(), grant.hidden.clone()));
        let both = each.reduce(|(restricted, hidden), (restricted_too, hidden_too)| {
            (restricted.common_with(&restricted_too), hidden.together_with(&hidden_too))
        });
        let (restricted, hidden) = both.unwrap_or((Names::none(), Names::All));
        Self { restricted, hidden }
    }
}

/// Which fields of a collection exist for a caller.
#[derive(Clone, Copy, Debug)]
pub struct Sight<'s> {
    restricted: &'s Names,
    hidden: &'s Names,
    /// Whether it is of what assets of all classes have, beside which other fields are no assets'.
    is_of_core: bool,
}

/// How many of some fields are seen, where that is one of the two common cases.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Breadth {
    /// The public ones, all of them and no others.
    Public,
    /// All.
    Everything,
}

impl Sight<'static> {
    /// Every field.
    pub const EVERYTHING: Self = Self { restricted: &ALL, hidden: &NONE, is_of_core: false };
}

impl Sight<'_> {
    /// Whether the field exists for the caller; a retired one exists for nobody. The class of an asset is
    /// told by the collection, and since when it is valid by its versions, so these are never hidden; nor
    /// is what stands beside the core where there is no class, for it is about work.
    pub fn sees(self, field: &Field) -> bool {
        let is_told = matches!(
            field.core,
            Some(CoreField::Class | CoreField::ValidFrom | CoreField::ValidTo)
        );
        let is_allowed = match field.sensitivity {
            _ if is_told || self.is_of_core && field.core.is_none() => true,
            Sensitivity::Restricted => self.restricted.has(&field.name),
            Sensitivity::Public => !self.hidden.has(&field.name),
        };
        is_allowed && !field.retired
    }

    /// Whether every field is seen, whichever there are.
    pub fn is_whole(self) -> bool {
        *self.restricted == Names::All && self.hidden.is_empty()
    }

    /// How many of some fields are seen; `None` where it is neither all nor just the public ones. Costs a
    /// look at each only where the role names some.
    pub fn breadth(self, fields: &[Field]) -> Option<Breadth> {
        if self.is_whole() {
            return Some(Breadth::Everything);
        }
        if self.restricted.is_empty() && self.hidden.is_empty() {
            return Some(Breadth::Public);
        }
        let (mut is_public, mut is_everything) = (true, true);
        for field in fields.iter().filter(|field| !field.retired) {
            let is_seen = self.sees(field);
            is_public &= is_seen == (field.sensitivity == Sensitivity::Public);
            is_everything &= is_seen;
        }
        match (is_public, is_everything) {
            (true, _) => Some(Breadth::Public),
            (false, true) => Some(Breadth::Everything),
            (false, false) => None,
        }
    }
}

fn mark_of(grants: &[Grant]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for grant in grants {
        let Grant { collections, permissions, restricted, hidden, writable, writes_geometry, area } =
            grant;
        (collections, permissions, restricted, hidden, writable, writes_geometry).hash(&mut hasher);
        if let Some(Area { shape, edge }) = area {
            edge.hash(&mut hasher);
            hash_shape(shape, &mut hasher);
        }
    }
    hasher.finish()
}

fn hash_shape(shape: &Shape, hasher: &mut impl Hasher) {
    let mut line = |positions: &[Position]| {
        positions.len().hash(hasher);
        positions.as_flattened().iter().for_each(|number| number.to_bits().hash(hasher));
    };
    match shape {
        Shape::Point(position) => line(std::slice::from_ref(position)),
        Shape::Line(positions) => line(positions),
        Shape::MultiLine(lines) => lines.iter().for_each(|positions| line(positions)),
        Shape::MultiPolygon(polygons) => polygons.iter().for_each(|rings| {
            // How many rings each has tells surfaces apart.
            line(&[[rings.len() as f64, 0.0]]);
            rings.iter().for_each(|ring| line(ring));
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core_fields;

    fn grant(restricted: Names, hidden: Names) -> Grant {
        Grant {
            collections: Names::All,
            permissions: BTreeSet::from([Permission::Read]),
            restricted,
            hidden,
            writable: Names::All,
            writes_geometry: true,
            area: None,
        }
    }

    fn scope(grants: impl IntoIterator<Item = Grant>) -> Scope {
        let grants = grants.into_iter().collect();
        Scope::of(&Role {
            name: "x".into(),
            title: Text::new("X", "X"),
            grants,
            limits: Limits::NONE,
        })
    }

    /// The scope of one who sees a square.
    fn within(side: f64, edge: Edge) -> Scope {
        let ring = [[0.0, 0.0], [side, 0.0], [side, side], [0.0, side], [0.0, 0.0]];
        let shape = Shape::MultiPolygon([[ring.into()].into()].into());
        let area = Some(Area { shape, edge });
        scope([Grant { area, ..grant(Names::none(), Names::none()) }])
    }

    fn these(names: &str) -> Names {
        Names::These(names.split_whitespace().map(Into::into).collect())
    }

    fn of_pipes(grant: Grant) -> Grant {
        Grant { collections: these("gas_pipes"), ..grant }
    }

    #[test]
    fn a_scope_shows_what_its_role_does_and_of_all_classes_what_is_shown_in_each() {
        let narrow = of_pipes(grant(Names::none(), these("street")));
        let check = |scope: &Scope, class: Option<&str>, expected: &str| {
            let names = ["class", "street", "code", "households", "valid_from"];
            let seen = names.into_iter().filter(|name| {
                let field = core_fields().iter().find(|field| *field.name == **name);
                field.is_some_and(|field| scope.sees(class, field))
            });
            assert_eq!(seen.collect::<Vec<_>>().join(" "), expected, "{class:?}");
        };
        let both = scope([narrow.clone(), grant(Names::All, these("code"))]);
        check(&both, Some("gas_pipes"), "class code valid_from");
        check(&both, Some("light_poles"), "class street households valid_from");
        check(&both, None, "class valid_from");
        let one = scope([narrow]);
        check(&one, Some("light_poles"), "class valid_from");
        assert!(!one.sees_collection("light_poles"));
        check(&one, None, "class code valid_from");
        check(&Scope::public(Names::All), None, "class street code valid_from");
        let whole = "class street code households valid_from";
        check(&Scope::everything(), Some("gas_pipes"), whole);
        check(&scope([]), None, "class valid_from");
    }

    #[test]
    fn what_may_not_be_read_does_not_exist_and_cannot_be_changed() {
        let mut writes = grant(Names::All, Names::none());
        writes.permissions = BTreeSet::from([Permission::Update]);
        let scope = scope([of_pipes(writes), grant(Names::none(), Names::none())]);
        assert!(!scope.sees_collection("gas_pipes") && scope.sees_collection("light_poles"));
        assert!(!scope.allows(Permission::Update, "gas_pipes"));
        assert!(!scope.writes_geometry("gas_pipes") && scope.writes_geometry("light_poles"));
        assert!(scope.allows(Permission::Read, "light_poles"));
        assert!(!scope.allows(Permission::Update, "light_poles"));
    }

    #[test]
    fn a_sight_is_as_broad_as_the_fields_that_it_shows() {
        let check = |restricted: Names, hidden: Names, expected: Option<Breadth>| {
            let scope = scope([grant(restricted, hidden)]);
            assert_eq!(scope.sight(None).breadth(core_fields()), expected);
        };
        let restricted: Vec<&str> = core_fields()
            .iter()
            .filter(|field| field.sensitivity == Sensitivity::Restricted)
            .map(|field| &*field.name)
            .collect();
        check(Names::none(), Names::none(), Some(Breadth::Public));
        check(Names::All, Names::none(), Some(Breadth::Everything));
        check(these(&restricted.join(" ")), Names::none(), Some(Breadth::Everything));
        check(these("pressure_mpa"), these("no_such_field"), Some(Breadth::Public));
        check(Names::none(), these("code"), None);
        check(Names::All, these("class"), Some(Breadth::Everything));
    }

    #[test]
    fn an_asset_across_the_edge_of_an_area_is_given_as_the_edge_says() {
        let line = |west: f64, east: f64| Shape::Line([[west, 0.5], [east, 0.5]].into());
        let check = |shape: &Shape, edge: Edge, expected: Option<&Shape>| {
            let given = within(1.0, edge).given("gas_pipes", shape).map(Cow::into_owned);
            assert_eq!(given.as_ref(), expected, "{shape:?} {edge:?}");
        };
        let (inside, across, beside) = (line(0.2, 0.8), line(0.2, 3.0), line(2.0, 3.0));
        for edge in Edge::ALL {
            check(&inside, edge, Some(&inside));
            check(&beside, edge, None);
        }
        check(&across, Edge::Whole, Some(&across));
        check(&across, Edge::Clipped, Some(&line(0.2, 1.0)));
        check(&across, Edge::Left, None);
        check(&line(1.0, 2.0), Edge::Whole, Some(&line(1.0, 2.0)));
        check(&line(1.0, 2.0), Edge::Clipped, None);
        let nobody = scope([]);
        assert_eq!(nobody.given("gas_pipes", &inside), None);
        assert!(!nobody.has_areas() && within(1.0, Edge::Whole).has_areas());
    }

    #[test]
    fn scopes_have_the_same_mark_when_they_are_the_same() {
        let all = [
            Scope::everything(),
            Scope::public(Names::All),
            Scope::public(these("gas_pipes")),
            Scope::public(these("gas_pipes light_poles")),
            scope([]),
            scope([grant(these("a"), Names::none())]),
            scope([grant(Names::none(), these("a"))]),
            within(1.0, Edge::Whole),
            within(1.0, Edge::Left),
            within(2.0, Edge::Left),
        ];
        for (at, one) in all.iter().enumerate() {
            for (other_at, other) in all.iter().enumerate() {
                assert_eq!(one.mark() == other.mark(), at == other_at, "{one:?} {other:?}");
                assert_eq!(one == other, at == other_at);
            }
        }
        assert_eq!(within(1.0, Edge::Whole).mark(), within(1.0, Edge::Whole).mark());
    }
}
