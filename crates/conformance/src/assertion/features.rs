//! Pages of features, asked for in four ways: as they are, in boxes, up to a limit, at a time.

use std::collections::HashSet;
use std::rc::Rc;

use crate::address::with_query;
use crate::answer::{Answer, shown};
use crate::assertion::{Assertion, ask_each, each};
use crate::class::Class::{Bbox, Datetime, Features, Limit};
use crate::collection::Collection;
use crate::finding::{Done, Findings};
use crate::geometry::Parts;
use crate::limits::PAGE;
use crate::page;
use crate::server::{GEOJSON, Server};

const GEOJSON_DECLARED: &[&[&str]] = &[&["ogcapi-features-1/geojson"]];

/// Which pages are looked at.
#[derive(Clone, Copy)]
enum Set {
    Plain,
    Boxes,
    Limits,
    Times,
}

/// The assertions that are made of every page, for one set of pages.
macro_rules! of_pages {
    ($class:ident, $name:literal, $set:ident, $($more:expr,)*) => {
        &[
            $($more,)*
            Assertion {
                id: concat!($name, "/crs84"),
                class: $class,
                source: "17-069r4 A.2 /conf/core/crs84",
                sentence: "positions are longitude and latitude",
                needs: &[],
                check: |server, findings| each_page(server, findings, Set::$set, page::crs84),
            },
            Assertion {
                id: concat!($name, "/type"),
                class: $class,
                source: "17-069r4 A.22 /conf/core/fc-response",
                sentence: "`type` is `FeatureCollection`",
                needs: &[],
                check: |server, findings| each_page(server, findings, Set::$set, page::kind),
            },
            Assertion {
                id: concat!($name, "/features"),
                class: $class,
                source: "17-069r4 A.22 /conf/core/fc-response",
                sentence: "`features` is a list of features",
                needs: &[],
                check: |server, findings| each_page(server, findings, Set::$set, page::features),
            },
            Assertion {
                id: concat!($name, "/links"),
                class: $class,
                source: "17-069r4 A.22, A.23 /conf/core/fc-links",
                sentence: "the page links itself, and its HTML where that is declared; every link has \
                           `rel` and `type`",
                needs: &[],
                check: |server, findings| {
                    let has_html = server.declares("ogcapi-features-1/html");
                    each_page(server, findings, Set::$set, |page, findings| {
                        page::page_links(page, has_html, findings);
                    })
                },
            },
            Assertion {
                id: concat!($name, "/time-stamp"),
                class: $class,
                source: "17-069r4 A.22, A.24 /conf/core/fc-timeStamp",
                sentence: "`timeStamp` is a time",
                needs: &[],
                check: |server, findings| each_page(server, findings, Set::$set, page::time_stamp),
            },
            Assertion {
                id: concat!($name, "/number-matched"),
                class: $class,
                source: "17-069r4 A.22, A.25 /conf/core/fc-numberMatched",
                sentence: "`numberMatched` is the number of features in all pages",
                needs: &[],
                check: |server, findings| all_pages(server, findings, Set::$set),
            },
            Assertion {
                id: concat!($name, "/number-returned"),
                class: $class,
                source: "17-069r4 A.22, A.26 /conf/core/fc-numberReturned",
                sentence: "`numberReturned` is the number of features in the page",
                needs: &[],
                check: |server, findings| each_page(server, findings, Set::$set, page::returned),
            },
        ]
    };
}

pub(crate) const PLAIN: &[Assertion] = of_pages!(
    Features,
    "features",
    Plain,
    Assertion {
        id: "features/success",
        class: Features,
        source: "17-069r4 A.13 /conf/core/fc-op",
        sentence: "the features of every collection are answered with 200",
        needs: &[],
        check: |server, findings| each_page(server, findings, Set::Plain, success),
    },
    Assertion {
        id: "features/media-type",
        class: Features,
        source: "17-069r4 /conf/geojson/definition",
        sentence: "features that are asked for as GeoJSON say so in `Content-Type`",
        needs: GEOJSON_DECLARED,
        check: |server, findings| each_page(server, findings, Set::Plain, media_type),
    },
    Assertion {
        id: "features/geometry",
        class: Features,
        source: "RFC 7946 3.1",
        sentence: "geometries are well formed: lines have two positions, rings are closed",
        needs: &[],
        check: |server, findings| each_page(server, findings, Set::Plain, geometry),
    },
    Assertion {
        id: "features/ids",
        class: Features,
        source: "17-069r4 /req/core/f-op",
        sentence: "no id comes twice in a page",
        needs: &[],
        check: ids,
    },
);

pub(crate) const BOXES: &[Assertion] = of_pages!(
    Bbox,
    "bbox",
    Boxes,
    Assertion {
        id: "bbox/success",
        class: Bbox,
        source: "17-069r4 A.13 /conf/core/fc-op",
        sentence: "each of the six boxes is answered with 200",
        needs: &[],
        check: |server, findings| each_page(server, findings, Set::Boxes, success),
    },
);

pub(crate) const LIMITS: &[Assertion] = of_pages!(
    Limit,
    "limit",
    Limits,
    Assertion {
        id: "limit/success",
        class: Limit,
        source: "17-069r4 A.13 /conf/core/fc-op",
        sentence: "a small and a large limit are answered with 200",
        needs: &[],
        check: |server, findings| each_page(server, findings, Set::Limits, success),
    },
);

pub(crate) const TIMES: &[Assertion] = of_pages!(
    Datetime,
    "datetime",
    Times,
    Assertion {
        id: "datetime/success",
        class: Datetime,
        source: "17-069r4 A.13 /conf/core/fc-op",
        sentence: "an instant and intervals are answered with 200",
        needs: &[],
        check: |server, findings| each_page(server, findings, Set::Times, success),
    },
);

/// The boxes that the OGC's suite asks for beside the extent: west, south, east, north.
const BOXES_OF_THE_SUITE: [[f64; 4]; 5] = [
    [-1.5, 50.0, 1.5, 53.0],
    [-80.0, -5.0, -70.0, 5.0],
    [177.0, 65.0, -177.0, 70.0],
    [-180.0, 85.0, 180.0, 90.0],
    [-180.0, -90.0, 180.0, -85.0],
];

/// The boxes that a collection is asked for.
pub(crate) fn boxes(collection: &Collection) -> impl Iterator<Item = [f64; 4]> {
    collection.extent().into_iter().chain(BOXES_OF_THE_SUITE)
}

/// A box as the OGC's suite writes it: seven decimals, and no zero before the point.
pub(crate) fn written(edges: [f64; 4]) -> String {
    let number = |number: f64| {
        let text = format!("{number:.7}");
        match text.strip_prefix("0.") {
            Some(decimals) => format!(".{decimals}"),
            None => text.replace("-0.", "-."),
        }
    };
    edges.map(number).join(",")
}

/// The limits that a collection is asked for: the least, and one in the middle.
pub(crate) fn limits(server: &mut Server, collection: &Collection) -> [u64; 2] {
    let api = server.api();
    let least = api.of_limit(&collection.id, "minimum").unwrap_or(1).max(1);
    let most = api.of_limit(&collection.id, "maximum").unwrap_or(200);
    [least, least.midpoint(most).clamp(least, 100)]
}

/// The times that a collection is asked for: the begin of its extent, and intervals with it.
pub(crate) fn times(collection: &Collection) -> Vec<String> {
    let Some([Some(begin), end]) = collection.interval() else { return Vec::new() };
    let end = end.unwrap_or("..");
    vec![begin.to_owned(), format!("{begin}/{end}"), format!("../{begin}"), format!("{begin}/..")]
}

/// The first pages of a set.
fn pages(server: &mut Server, collection: &Collection, set: Set) -> Vec<Rc<Answer>> {
    let size = PAGE.to_string();
    let ask = |server: &mut Server, name: &str, value: &str| {
        server.items(collection, &[("limit", &size), (name, value)])
    };
    match set {
        Set::Plain => vec![server.items(collection, &[("limit", &size)])],
        Set::Boxes => boxes(collection).map(|edges| ask(server, "bbox", &written(edges))).collect(),
        Set::Times => times(collection).iter().map(|time| ask(server, "datetime", time)).collect(),
        Set::Limits => {
            let limits = limits(server, collection).map(|limit| limit.to_string());
            let address = |limit: &str| with_query(&collection.items, &[("limit", limit)]);
            limits.map(|limit| server.get(&address(&limit), GEOJSON)).into()
        }
    }
}

fn each_page(
    server: &mut Server,
    findings: &mut Findings,
    set: Set,
    look: impl Fn(&Answer, &mut Findings),
) -> Done {
    each(server, findings, |server, collection, findings| {
        pages(server, collection, set).iter().for_each(|page| look(page, findings));
    })
}

fn all_pages(server: &mut Server, findings: &mut Findings, set: Set) -> Done {
    each(server, findings, |server, collection, findings| {
        let most = server.api().of_limit(&collection.id, "maximum");
        for page in pages(server, collection, set) {
            page::matched(server, &page, most, findings);
        }
    })
}

fn success(page: &Answer, findings: &mut Findings) {
    findings.status(page, 200);
}

fn media_type(page: &Answer, findings: &mut Findings) {
    findings.check(page.media_type() == GEOJSON, page, || page.seen(), GEOJSON);
}

fn geometry(page: &Answer, findings: &mut Findings) {
    for feature in page.features() {
        let geometry = &feature["geometry"];
        if !geometry.is_null() {
            let wrong = Parts::of(geometry).err();
            let found = || format!("feature {}: {}", feature["id"], wrong.as_deref().unwrap_or(""));
            findings.check(wrong.is_none(), page, found, "a geometry of RFC 7946");
        }
    }
}

fn ids(server: &mut Server, findings: &mut Findings) -> Done {
    ask_each(server, findings, &[("limit", "100")], |page, findings| {
        let mut seen = HashSet::new();
        for feature in page.features() {
            let id = &feature["id"];
            if !id.is_null() {
                let is_new = seen.insert(id.to_string());
                findings.check(is_new, page, || format!("{} twice", shown(id)), "each id once");
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_written_as_the_suite_does() {
        let check = |edges, expected| assert_eq!(written(edges), expected);
        check([-1.5, 50.0, 1.5, 53.0], "-1.5000000,50.0000000,1.5000000,53.0000000");
        check([0.0, -0.25, 0.5, 10.0], ".0000000,-.2500000,.5000000,10.0000000");
    }
}
