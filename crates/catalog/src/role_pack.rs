//! Role packs: the TOML document that says what a role allows, and the roles that the program ships.
//!
//! Knows nothing of where a document is kept.

use std::collections::BTreeSet;

use serde::Deserialize;
use terrier_model::{Area, Classes, Edge, Grant, LimitError, Limits, Names, Permission, Role};

use crate::area::{AreaError, area_from_geojson};
use crate::pack::{TextDocument, line_at};
use crate::query::{shorten, unknown_name};

/// The most bytes that the document of a role may have.
pub const MAX_ROLE_BYTES: usize = 2 << 20;

/// The most grants of one role.
pub const MAX_GRANTS: usize = 100;

/// The most characters of a role's name.
pub const MAX_ROLE_NAME_CHARS: usize = 40;

/// What stands for all names.
const ALL: &str = "*";

/// A role and its document.
#[derive(Clone, Debug, PartialEq)]
pub struct RolePack {
    role: Role,
    text: String,
}

/// Why a document is no role, or does not fit the classes of the registry.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RoleError {
    /// It is too long.
    #[error("the document is longer than {MAX_ROLE_BYTES} bytes")]
    TooLong,
    /// It has too many grants.
    #[error("{0} grants, expected at most {MAX_GRANTS}")]
    TooMany(usize),
    /// It is no TOML, or holds a key or value that no role has.
    #[error("line {line}: {what}")]
    Line {
        /// The line of the document, counted from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// The role itself is not as it must be.
    #[error("`{key}`: expected {expected}")]
    Role {
        /// Which part.
        key: &'static str,
        /// What would have been right.
        expected: &'static str,
    },
    /// A part of a grant is not as it must be.
    #[error("grant {grant}: `{key}`: `{found}`: {expected}")]
    Grant {
        /// The grant, counted from 1.
        grant: usize,
        /// Which part.
        key: &'static str,
        /// What was found, or its beginning.
        found: String,
        /// What would have been right.
        expected: String,
    },
    /// A limit is none.
    #[error("cannot read `limits`")]
    Limit {
        /// What is wrong with it.
        #[from]
        source: LimitError,
    },
    /// The area of a grant is none.
    #[error("grant {grant}: cannot read `area`")]
    Area {
        /// The grant, counted from 1.
        grant: usize,
        /// What is wrong with it.
        source: AreaError,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleDocument {
    role: String,
    title: TextDocument,
    #[serde(default)]
    limits: LimitsDocument,
    #[serde(default)]
    grant: Vec<GrantDocument>,
}

/// What is not said is not limited.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsDocument {
    requests_per_minute: Option<u32>,
    features_per_day: Option<u64>,
    export_area_km2: Option<f64>,
}

/// What is not said is not allowed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GrantDocument {
    collections: Vec<String>,
    permissions: Vec<String>,
    #[serde(default)]
    restricted: Vec<String>,
    #[serde(default)]
    hidden: Vec<String>,
    #[serde(default)]
    writable: Vec<String>,
    #[serde(default)]
    writes_geometry: bool,
    area: Option<String>,
    edge: Option<String>,
}

impl RolePack {
    /// Reads a document. White space at its end is no part of it.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line or grant.
    pub fn parse(text: &str) -> Result<Self, RoleError> {
        if text.len() > MAX_ROLE_BYTES {
            return Err(RoleError::TooLong);
        }
        // Some editors put a mark in front.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_end();
        let document: RoleDocument = toml::from_str(text).map_err(|error| RoleError::Line {
            line: line_at(text, error.span().map_or(0, |span| span.start)),
            what: error.message().replace('\n', ", "),
        })?;
        let RoleDocument { role: name, title, limits, grant: grants } = document;
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
        if name.is_empty() || name.len() > MAX_ROLE_NAME_CHARS || !name.chars().all(is_name) {
            let expected = "a name of at most 40 of the characters a to z, 0 to 9, `_` and `-`";
            return Err(RoleError::Role { key: "role", expected });
        }
        let title = title
            .into_text()
            .ok_or(RoleError::Role { key: "title", expected: "text in `en` and in `zh`" })?;
        if grants.len() > MAX_GRANTS {
            return Err(RoleError::TooMany(grants.len()));
        }
        let grants = (1..).zip(grants).map(|(number, grant)| grant.into_grant(number));
        let grants = grants.collect::<Result<_, _>>()?;
        let LimitsDocument { requests_per_minute, features_per_day, export_area_km2 } = limits;
        let limits = Limits { requests_per_minute, features_per_day, export_area_km2 }.checked()?;
        let role = Role { name: name.into(), title, grants, limits };
        Ok(Self { role, text: format!("{text}\n") })
    }

    /// The role.
    pub fn role(&self) -> &Role {
        &self.role
    }

    /// The document, which ends with one line end.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the classes and fields that it names are some of the registry. A name that is mistaken
    /// would hide nothing, or allow nothing, and nobody would be told.
    ///
    /// # Errors
    /// The first name that is not known, with the one that it is most like.
    pub fn check(&self, classes: &Classes) -> Result<(), RoleError> {
        for (number, grant) in (1..).zip(&self.role.grants) {
            let known = classes.iter().map(|class| class.name()).collect();
            check_names(number, "collections", &grant.collections, &known)?;
            let meant = classes.iter().filter(|class| grant.collections.has(class.name()));
            let fields: BTreeSet<&str> =
                meant.flat_map(|class| class.fields()).map(|field| &*field.name).collect();
            let Grant { restricted, hidden, writable, .. } = grant;
            for (key, names) in
                [("restricted", restricted), ("hidden", hidden), ("writable", writable)]
            {
                check_names(number, key, names, &fields)?;
            }
        }
        Ok(())
    }
}

fn check_names(
    grant: usize,
    key: &'static str,
    names: &Names,
    known: &BTreeSet<&str>,
) -> Result<(), RoleError> {
    let Names::These(names) = names else { return Ok(()) };
    match names.iter().find(|name| !known.contains(&***name)) {
        None => Ok(()),
        Some(name) => {
            let expected = unknown_name(name, known.iter().copied());
            Err(RoleError::Grant { grant, key, found: shorten(name), expected })
        }
    }
}

impl GrantDocument {
    fn into_grant(self, number: usize) -> Result<Grant, RoleError> {
        let Self {
            collections,
            permissions,
            restricted,
            hidden,
            writable,
            writes_geometry,
            area,
            edge,
        } = self;
        let wrong = |key, found: &str, expected: String| RoleError::Grant {
            grant: number,
            key,
            found: shorten(found),
            expected,
        };
        let permissions = permissions.iter().map(|code| {
            let known = Permission::ALL.map(Permission::code).join(", ");
            Permission::from_code(code)
                .ok_or_else(|| wrong("permissions", code, format!("expected one of {known}")))
        });
        let permissions = permissions.collect::<Result<_, _>>()?;
        let edge = edge.as_deref().map(|code| {
            let known = Edge::ALL.map(Edge::code).join(", ");
            Edge::from_code(code)
                .ok_or_else(|| wrong("edge", code, format!("expected one of {known}")))
        });
        let area = match (area, edge.transpose()?) {
            (None, None) => None,
            (None, Some(edge)) => {
                return Err(wrong("edge", edge.code(), "expected an `area` beside it".into()));
            }
            (Some(text), edge) => {
                let shape = area_from_geojson(&text)
                    .map_err(|source| RoleError::Area { grant: number, source })?;
                Some(Area { shape, edge: edge.unwrap_or(Edge::Whole) })
            }
        };
        Ok(Grant {
            collections: names(collections),
            permissions,
            restricted: names(restricted),
            hidden: names(hidden),
            writable: names(writable),
            writes_geometry,
            area,
        })
    }
}

fn names(list: Vec<String>) -> Names {
    if list.iter().any(|name| name == ALL) {
        return Names::All;
    }
    Names::These(list.into_iter().map(String::into_boxed_str).collect())
}

/// The roles that the program ships, each with its document.
pub fn shipped_roles() -> &'static [(&'static str, &'static str)] {
    &[
        ("viewer", include_str!("../packs/roles/viewer.toml")),
        ("planner", include_str!("../packs/roles/planner.toml")),
        ("editor", include_str!("../packs/roles/editor.toml")),
        ("contractor", include_str!("../packs/roles/contractor.toml")),
        ("administrator", include_str!("../packs/roles/administrator.toml")),
        ("auditor", include_str!("../packs/roles/auditor.toml")),
    ]
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;
    use crate::{class_from_toml, shipped_classes};

    fn classes() -> Classes {
        let class = |(_, text): &(&str, &str)| class_from_toml(text).expect("a class");
        shipped_classes().iter().map(class).collect()
    }

    #[test]
    fn every_shipped_role_bears_its_name_and_fits_the_shipped_classes() {
        for (name, text) in shipped_roles() {
            let pack = RolePack::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(&*pack.role().name, *name);
            assert_eq!(pack.check(&classes()), Ok(()), "{name}");
            assert_ne!(pack.role().title.en, pack.role().title.zh);
        }
    }

    #[test]
    fn the_shipped_administrator_may_do_everything() {
        let text = shipped_roles()[4].1;
        let pack = RolePack::parse(text).expect("a role");
        let grant = pack.role().grant("gas_pipes").expect("a grant");
        assert_eq!(grant.permissions, BTreeSet::from(Permission::ALL));
        assert_eq!((&grant.restricted, &grant.writable), (&Names::All, &Names::All));
        assert!(grant.writes_geometry);
    }

    /// Reads a role whose grants are given, checks it, and compares what is said of it.
    fn check(grants: &str, expected: &str) {
        let text = format!("role = \"crew\"\ntitle = {{ en = \"Crew\", zh = \"班组\" }}\n{grants}");
        let told = RolePack::parse(&text).and_then(|pack| {
            pack.check(&classes())?;
            Ok(format!("{:?}", pack.role().grants))
        });
        let told = told.unwrap_or_else(|error| match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        });
        assert!(told.starts_with(expected), "{grants}: {told}");
    }

    #[test]
    fn what_a_grant_does_not_say_is_not_allowed() {
        check("", "[]");
        check(
            "[[grant]]\ncollections = [\"manholes\"]\npermissions = [\"read\"]",
            "[Grant { collections: These({\"manholes\"}), permissions: {Read}, restricted: These({}), \
             hidden: These({}), writable: These({}), writes_geometry: false, area: None }]",
        );
        check(
            "[[grant]]\ncollections = [\"*\", \"manholes\"]\npermissions = []",
            "[Grant { collections: All, permissions: {}",
        );
    }

    #[test]
    fn a_role_that_is_mistaken_is_told_where() {
        let grant = |more: &str| {
            format!("[[grant]]\ncollections = [\"gas_pipes\"]\npermissions = [\"read\"]\n{more}")
        };
        check(
            "[[grant]]\ncollections = [\"gas_pipe\"]\npermissions = [\"read\"]",
            "grant 1: `collections`: `gas_pipe`: not known here; did you mean `gas_pipes`?",
        );
        check(
            "[[grant]]\ncollections = [\"*\"]\npermissions = [\"erase\"]",
            "grant 1: `permissions`: `erase`: expected one of read, history, create",
        );
        check(
            &grant("hidden = [\"cover_kind\"]"),
            "grant 1: `hidden`: `cover_kind`: not known here",
        );
        check(&grant("writable = [\"material\"]"), "[Grant");
        check(&grant("sees = []"), "line 6: unknown field `sees`");
        check(&grant("edge = \"whole\""), "grant 1: `edge`: `whole`: expected an `area` beside it");
        check(
            &grant("area = \"7\"\nedge = \"round\""),
            "grant 1: `edge`: `round`: expected one of",
        );
        check(
            &grant("area = '{\"type\":\"Point\"}'"),
            "grant 1: cannot read `area`: the area is a `Point`",
        );
        check("grant = 3", "line 3: ");
        check("[limits]\nsecrets = 1", "line 4: unknown field `secrets`");
        check(
            "[limits]\nexport_area_km2 = 0",
            "cannot read `limits`: `export_area_km2`: expected a number above 0",
        );
        check("[limits]\nexport_area_km2 = 25\nfeatures_per_day = 1", "[]");
    }

    #[test]
    fn a_role_is_read_up_to_its_bounds() {
        let one = "[[grant]]\ncollections = []\npermissions = []\n";
        check(&one.repeat(MAX_GRANTS), "[Grant");
        check(&one.repeat(MAX_GRANTS + 1), "101 grants, expected at most 100");
        check(&format!("#{}", "x".repeat(MAX_ROLE_BYTES)), "the document is longer than");
        let named = |length: usize| {
            let name = "x".repeat(length);
            RolePack::parse(&format!("role = \"{name}\"\ntitle = {{ en = \"A\", zh = \"B\" }}"))
        };
        assert!(named(MAX_ROLE_NAME_CHARS).is_ok());
        for length in [0, MAX_ROLE_NAME_CHARS + 1] {
            assert!(matches!(named(length), Err(RoleError::Role { key: "role", .. })));
        }
    }
}
