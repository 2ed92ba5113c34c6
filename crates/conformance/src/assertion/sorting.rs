//! Sorting.

use std::cmp::Ordering;

use serde_json::Value as Json;

use crate::assertion::described::Described;
use crate::assertion::{Assertion, each, matched, refuses};
use crate::class::Class::Sorting;
use crate::collection::Collection;
use crate::finding::{Done, Findings};
use crate::sample::{Kind, sample};
use crate::schema::{head, properties};
use crate::server::Server;
use crate::walk::Walk;

const SORTABLES_DOCUMENT: Described =
    Described { rel: "http://www.opengis.net/def/rel/ogc/1.0/sortables", path: "sortables" };
const SORTABLES: &[&[&str]] = &[&["ogcapi-features-8/sortables", "ogcapi-common-3/sortables"]];
const SORTING: &[&[&str]] =
    &[&["ogcapi-features-8/sorting"], &["ogcapi-features-8/features-sorting"]];

pub(crate) const ASSERTIONS: &[Assertion] = &[
    Assertion {
        id: "sorting/link",
        class: Sorting,
        source: "24-030 /req/sortables/sortables-link",
        sentence: "every collection links by what it may be sorted",
        needs: SORTABLES,
        check: |server, findings| SORTABLES_DOCUMENT.link(server, findings),
    },
    Assertion {
        id: "sorting/document",
        class: Sorting,
        source: "24-030 /req/sortables/get-sortables-success",
        sentence: "sortables are a schema of an object, of a known draft, with its address as `$id`",
        needs: SORTABLES,
        check: |server, findings| SORTABLES_DOCUMENT.each(server, findings, head),
    },
    Assertion {
        id: "sorting/properties",
        class: Sorting,
        source: "24-030 /req/sortables/get-sortables-success",
        sentence: "each sortable has a type, or is a geometry by its format",
        needs: SORTABLES,
        check: |server, findings| SORTABLES_DOCUMENT.each(server, findings, properties),
    },
    Assertion {
        id: "sorting/ascending",
        class: Sorting,
        source: "24-030 /req/sorting/sortby-response",
        sentence: "`sortby=property` answers numbers and days from the least on, page after page",
        needs: SORTING,
        check: |server, findings| order(server, findings, "", Ordering::Greater),
    },
    Assertion {
        id: "sorting/descending",
        class: Sorting,
        source: "24-030 /req/sorting/sortby-response",
        sentence: "`sortby=-property` answers numbers and days from the most on, page after page",
        needs: SORTING,
        check: |server, findings| order(server, findings, "-", Ordering::Less),
    },
    Assertion {
        id: "sorting/whole",
        class: Sorting,
        source: "24-030 /req/sorting/sortby-response",
        sentence: "sorting leaves nothing out, and shows nothing twice",
        needs: SORTING,
        check: whole,
    },
    Assertion {
        id: "sorting/unknown",
        class: Sorting,
        source: "24-030 /req/sorting/sortby-definition",
        sentence: "a property by which nothing can be sorted is refused with 400",
        needs: SORTING,
        check: |server, findings| refuses(server, findings, &[&[("sortby", "no_such_property")]]),
    },
];

/// The pages of a collection in an order, some four of them.
fn walk(server: &mut Server, collection: &Collection, sortby: &str) -> Walk {
    let all = server.items(collection, &[("limit", "1")]);
    let size = matched(&all).unwrap_or(40).div_ceil(4).clamp(1, 2500).to_string();
    let first = server.items(collection, &[("limit", &size), ("sortby", sortby)]);
    Walk::from(server, first, None)
}

fn order(server: &mut Server, findings: &mut Findings, sign: &str, wrong: Ordering) -> Done {
    each(server, findings, |server, collection, findings| {
        let known = SORTABLES_DOCUMENT.of(server, collection);
        for kind in [Kind::Number, Kind::Date] {
            let Some(sample) = sample(server, collection, known.json(), kind) else { continue };
            let walk = walk(server, collection, &format!("{sign}{}", sample.name));
            findings.status(&walk.pages[0], 200);
            let values = walk.features().map(|feature| &feature["properties"][&sample.name]);
            // Where values that are missing stand is for the server to say.
            let values: Vec<&Json> = values.filter(|value| !value.is_null()).collect();
            for pair in values.windows(2) {
                let is_so = compared(pair[0], pair[1]) != Some(wrong);
                let found = || format!("`{}`: {} before {}", sample.name, pair[0], pair[1]);
                findings.check(is_so, &walk.pages[0], found, "the other way round");
            }
        }
    })
}

fn compared(one: &Json, other: &Json) -> Option<Ordering> {
    match (one, other) {
        (Json::String(one), Json::String(other)) => Some(one.cmp(other)),
        _ => one.as_f64()?.partial_cmp(&other.as_f64()?),
    }
}

fn whole(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let known = SORTABLES_DOCUMENT.of(server, collection);
        for kind in [Kind::Text, Kind::Number] {
            let Some(sample) = sample(server, collection, known.json(), kind) else { continue };
            let walk = walk(server, collection, &sample.name);
            let Some(expected) = matched(&server.items(collection, &[("limit", "1")])) else {
                return;
            };
            if !walk.is_whole {
                continue;
            }
            let mut ids: Vec<String> = walk.features().map(|one| one["id"].to_string()).collect();
            ids.sort();
            ids.dedup();
            let found = || format!("{} different features", ids.len());
            let is_so = ids.len() as u64 == expected;
            findings.check(is_so, &walk.pages[0], found, &format!("{expected} features"));
        }
    })
}
