//! Coordinate systems of answers.

use std::rc::Rc;

use serde_json::Value as Json;
use terrier_spatial::Crs;

use crate::address::with_query;
use crate::answer::{Answer, shown};
use crate::assertion::{Assertion, each, first_feature, refuses};
use crate::class::Class::Crs as CrsClass;
use crate::collection::Collection;
use crate::finding::{Done, Findings, skip};
use crate::geometry::Parts;
use crate::server::{GEOJSON, Server};

pub(crate) const PART_2: &[&[&str]] = &[&["ogcapi-features-2/crs"]];
pub(crate) const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
pub(crate) const CRS84H: &str = "http://www.opengis.net/def/crs/OGC/0/CRS84h";
/// What nobody offers; the OGC's suite asks for it too.
pub(crate) const NOBODYS: &str = "http://www.opengis.net/def/crs/0/unsupported";
/// How many systems of a collection are asked for.
pub(crate) const MAX_SYSTEMS: usize = 8;
/// How far a converted position may be from where it is expected, in metres and in degrees: servers
/// round, and choose other ways between datums. Axes in the wrong order are much farther off.
const TOLERANCE_METRES: f64 = 3.0;
const TOLERANCE_DEGREES: f64 = 3e-5;

pub(crate) const ASSERTIONS: &[Assertion] = &[
    Assertion {
        id: "crs/identifiers",
        class: CrsClass,
        source: "18-058r1 A.1 /conf/crs/crs-uri",
        sentence: "`crs` and `storageCrs` of every collection are addresses or URNs of coordinate systems",
        needs: PART_2,
        check: identifiers,
    },
    Assertion {
        id: "crs/default-listed",
        class: CrsClass,
        source: "18-058r1 A.2 /conf/crs/default-crs",
        sentence: "every collection offers CRS84, or CRS84h where it has heights",
        needs: PART_2,
        check: default_listed,
    },
    Assertion {
        id: "crs/storage-listed",
        class: CrsClass,
        source: "18-058r1 A.3 /conf/crs/storageCrs",
        sentence: "`storageCrs` is among the systems of its collection",
        needs: PART_2,
        check: storage_listed,
    },
    Assertion {
        id: "crs/items-header",
        class: CrsClass,
        source: "18-058r1 A.4 /conf/crs/crs-parameter",
        sentence: "features asked for in a system say it as they were asked, in `Content-Crs`",
        needs: PART_2,
        check: |server, findings| headers(server, findings, At::Items),
    },
    Assertion {
        id: "crs/item-header",
        class: CrsClass,
        source: "18-058r1 A.4 /conf/crs/crs-parameter",
        sentence: "a feature asked for in a system says it as it was asked, in `Content-Crs`",
        needs: PART_2,
        check: |server, findings| headers(server, findings, At::Item),
    },
    Assertion {
        id: "crs/items-unknown",
        class: CrsClass,
        source: "18-058r1 A.5 /conf/crs/crs-parameter-invalid",
        sentence: "features in a system that there is not are refused with 400",
        needs: PART_2,
        check: |server, findings| refuses(server, findings, &[&[("crs", NOBODYS)]]),
    },
    Assertion {
        id: "crs/item-unknown",
        class: CrsClass,
        source: "18-058r1 A.5 /conf/crs/crs-parameter-invalid",
        sentence: "a feature in a system that there is not is refused with 400",
        needs: PART_2,
        check: item_unknown,
    },
    Assertion {
        id: "crs/items-default",
        class: CrsClass,
        source: "18-058r1 A.6 /conf/crs/crs-parameter-default",
        sentence: "features asked for in no system say CRS84 in `Content-Crs`",
        needs: PART_2,
        check: |server, findings| defaults(server, findings, At::Items),
    },
    Assertion {
        id: "crs/item-default",
        class: CrsClass,
        source: "18-058r1 A.6 /conf/crs/crs-parameter-default",
        sentence: "a feature asked for in no system says CRS84 in `Content-Crs`",
        needs: PART_2,
        check: |server, findings| defaults(server, findings, At::Item),
    },
    Assertion {
        id: "crs/items-positions",
        class: CrsClass,
        source: "18-058r1 A.7 /conf/crs/crs-parameter-transform",
        sentence: "features in a system stand where they should, in the order of its axes",
        needs: PART_2,
        check: |server, findings| positions(server, findings, At::Items),
    },
    Assertion {
        id: "crs/item-positions",
        class: CrsClass,
        source: "18-058r1 A.7 /conf/crs/crs-parameter-transform",
        sentence: "a feature in a system stands where it should, in the order of its axes",
        needs: PART_2,
        check: |server, findings| positions(server, findings, At::Item),
    },
];

/// Whether the list is asked or one feature.
#[derive(Clone, Copy)]
enum At {
    Items,
    Item,
}

impl At {
    /// Asks a collection; no answer when it has no feature.
    fn ask(
        self,
        server: &mut Server,
        collection: &Collection,
        crs: Option<&str>,
    ) -> Option<Rc<Answer>> {
        let (_, feature) = first_feature(server, collection)?;
        let crs = crs.map(|crs| ("crs", crs));
        match self {
            Self::Items => {
                let all: Vec<_> = [("limit", "10")].into_iter().chain(crs).collect();
                Some(server.items(collection, &all))
            }
            Self::Item => {
                let asked: Vec<_> = crs.into_iter().collect();
                Some(server.get(&with_query(&collection.item(&feature["id"])?, &asked), GEOJSON))
            }
        }
    }
}

/// The systems of a collection that are asked for.
pub(crate) fn systems(server: &mut Server, collection: &Collection) -> Vec<String> {
    let list = server.list();
    let mut systems = collection.systems(list.json());
    systems.truncate(MAX_SYSTEMS);
    systems
}

fn identifiers(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let list = server.list();
        let storage = collection.entry["storageCrs"].as_str().map(Into::into);
        for name in collection.systems(list.json()).into_iter().chain(storage) {
            let is_address = name
                .split_once("://www.opengis.net/def/crs/")
                .is_some_and(|(_, rest)| rest.split('/').count() == 3);
            let is_so = is_address || name.starts_with("urn:ogc:def:crs:");
            findings.check(is_so, &list, || format!("`{name}`"), "such as …/def/crs/EPSG/0/4326");
        }
    })
}

fn default_listed(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let list = server.list();
        let systems = collection.systems(list.json());
        let is_so = systems.iter().any(|name| name == CRS84 || name == CRS84H);
        let found = || format!("`{}`: {systems:?}", collection.id);
        findings.check(is_so, &list, found, CRS84);
    })
}

fn storage_listed(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let list = server.list();
        let Some(storage) = collection.entry["storageCrs"].as_str() else { return };
        let systems = collection.systems(list.json());
        let is_so = systems.iter().any(|name| name == storage);
        let found = || format!("`{}`: {storage}", collection.id);
        findings.check(is_so, &list, found, &format!("one of {systems:?}"));
    })
}

fn says(answer: &Answer, crs: &str, findings: &mut Findings) {
    findings.status(answer, 200);
    let said = answer.header("content-crs").unwrap_or("none");
    findings.check(said == format!("<{crs}>"), answer, || said.to_owned(), &format!("<{crs}>"));
}

fn headers(server: &mut Server, findings: &mut Findings, at: At) -> Done {
    each(server, findings, |server, collection, findings| {
        for crs in systems(server, collection) {
            let answer = at.ask(server, collection, Some(&crs));
            answer.iter().for_each(|answer| says(answer, &crs, findings));
        }
    })
}

fn defaults(server: &mut Server, findings: &mut Findings, at: At) -> Done {
    each(server, findings, |server, collection, findings| {
        let list = server.list();
        let has_heights = collection.systems(list.json()).iter().any(|name| name == CRS84H);
        let crs = if has_heights { CRS84H } else { CRS84 };
        let answer = at.ask(server, collection, None);
        answer.iter().for_each(|answer| says(answer, crs, findings));
    })
}

fn item_unknown(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let answer = At::Item.ask(server, collection, Some(NOBODYS));
        answer.iter().for_each(|answer| findings.status(answer, 400));
    })
}

fn positions(server: &mut Server, findings: &mut Findings, at: At) -> Done {
    let mut unknown = Vec::new();
    each(server, findings, |server, collection, findings| {
        for name in systems(server, collection) {
            let known = Crs::find(&name).ok().filter(|crs| !crs.approximate());
            let Some(crs) = known else {
                unknown.push(name);
                continue;
            };
            let (plain, turned) =
                (at.ask(server, collection, None), at.ask(server, collection, Some(&name)));
            let (Some(plain), Some(turned)) = (plain, turned) else { continue };
            for (from, to) in pairs(&plain, &turned) {
                let wrong = difference(from, to, &crs);
                let expected = wrong.as_deref().unwrap_or_default();
                let found = || format!("feature {}: {}", to["id"], shown(&to["geometry"]));
                findings.check(wrong.is_none(), &turned, found, expected);
            }
        }
    })?;
    if unknown.is_empty() {
        Ok(())
    } else {
        skip(format!("only systems that are not known: {unknown:?}"))
    }
}

/// The features of one answer beside those of the other that have the same id.
fn pairs<'a>(plain: &'a Answer, turned: &'a Answer) -> Vec<(&'a Json, &'a Json)> {
    let features = |answer: &'a Answer| match answer.json()["type"].as_str() {
        Some("Feature") => std::slice::from_ref(answer.json()),
        _ => answer.features(),
    };
    let of = |feature: &'a Json| {
        let other = features(turned).iter().find(|other| other["id"] == feature["id"])?;
        Some((feature, other))
    };
    features(plain).iter().filter_map(of).collect()
}

/// What was expected of a feature that does not stand where it should.
fn difference(from: &Json, to: &Json, crs: &Crs) -> Option<String> {
    let (Ok(from), Ok(to)) = (Parts::of(&from["geometry"]), Parts::of(&to["geometry"])) else {
        return None;
    };
    if from.positions().count() != to.positions().count() {
        return Some("as many positions as in CRS84".into());
    }
    let tolerance =
        crs.unit().metres().map_or(TOLERANCE_DEGREES, |metres| TOLERANCE_METRES / metres);
    from.positions().zip(to.positions()).find_map(|(from, to)| {
        // What lies beyond the area of the system has no expected place.
        let expected = crs.axis_order().arrange(crs.from_wgs84(from).ok()?);
        let is_near = (0..2).all(|axis| (expected[axis] - to[axis]).abs() <= tolerance);
        (!is_near).then(|| format!("{from:?} at {expected:?}"))
    })
}
