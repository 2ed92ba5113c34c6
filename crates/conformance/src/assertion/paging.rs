//! Pages, one after the other.

use std::collections::HashSet;

use serde_json::Value as Json;

use crate::assertion::{Assertion, each, ids, matched};
use crate::class::Class::Paging;
use crate::collection::Collection;
use crate::finding::{Done, Findings};
use crate::geometry::Parts;
use crate::limits::PAGE;
use crate::server::Server;
use crate::walk::Walk;

pub(crate) const ASSERTIONS: &[Assertion] = &[
    Assertion {
        id: "paging/once",
        class: Paging,
        source: "17-069r4 /req/core/fc-links, /rec/core/fc-next-1",
        sentence: "page after page, every feature comes once, and as many as match",
        needs: &[],
        check: once,
    },
    Assertion {
        id: "paging/limit",
        class: Paging,
        source: "17-069r4 /req/core/fc-limit-response",
        sentence: "no later page has more features than the limit of the first",
        needs: &[],
        check: limit,
    },
    Assertion {
        id: "paging/question",
        class: Paging,
        source: "17-069r4 /rec/core/fc-next-1",
        sentence: "later pages answer the same question: their features meet the box too",
        needs: &[],
        check: question,
    },
    Assertion {
        id: "paging/offset",
        class: Paging,
        source: "OGC API guidelines, `offset`",
        sentence: "where `offset` is documented, it passes over that many, and past the end there is an \
                   empty page",
        needs: &[],
        check: offset,
    },
];

/// A limit with which the whole list has some four pages.
fn quarter(server: &mut Server, collection: &Collection) -> u64 {
    let first = server.items(collection, &[("limit", &PAGE.to_string())]);
    matched(&first).map_or(u64::from(PAGE), |matched| matched.div_ceil(4)).clamp(1, 2500)
}

fn once(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let limit = quarter(server, collection).to_string();
        let first = server.items(collection, &[("limit", &limit)]);
        let matched = matched(&first);
        let walk = Walk::from(server, first, None);
        let first = &walk.pages[0];
        findings.status(first, 200);
        let mut seen = HashSet::new();
        for page in &walk.pages {
            for id in ids(page) {
                let is_new = id == "null" || seen.insert(id.clone());
                findings.check(is_new, page, || format!("feature {id} again"), "each once");
            }
        }
        if walk.is_whole
            && let Some(matched) = matched
        {
            let count = walk.features().count() as u64;
            let found = || format!("{count} features in {} pages", walk.pages.len());
            findings.check(count == matched, first, found, &format!("{matched} features"));
        }
    })
}

fn limit(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let limit = quarter(server, collection);
        let first = server.items(collection, &[("limit", &limit.to_string())]);
        let walk = Walk::from(server, first, None);
        for page in &walk.pages[1..] {
            let count = page.features().len() as u64;
            let is_so = page.status == 200 && count <= limit;
            let found = || format!("{}, {count} features", page.seen());
            findings.check(is_so, page, found, &format!("200 and {limit} features at most"));
        }
    })
}

fn question(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let Some([west, south, east, north]) = collection.extent() else { return };
        let edges = [west, south, west.midpoint(east), north];
        if west > east {
            return;
        }
        let bbox = edges.map(|edge| edge.to_string()).join(",");
        let first = server.items(collection, &[("limit", "3"), ("bbox", &bbox)]);
        let walk = Walk::from(server, first, None);
        for page in walk.pages.iter().skip(1) {
            for feature in page.features() {
                let Ok(parts) = Parts::of(&feature["geometry"]) else { continue };
                let found = || format!("feature {}", feature["id"]);
                findings.check(parts.meets(edges), page, found, "a feature in the box of page one");
            }
        }
    })
}

fn offset(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        if server.api().parameter(&collection.id, "offset").is_none() {
            return;
        }
        let head = server.items(collection, &[("limit", "5")]);
        let tail = server.items(collection, &[("limit", "3"), ("offset", "2")]);
        let expected = ids(&head).split_off(ids(&head).len().min(2));
        let found = || format!("the features {:?}", ids(&tail));
        findings.check(ids(&tail) == expected, &tail, found, &format!("the features {expected:?}"));
        if let Some(matched) = matched(&head) {
            let beyond = (matched + 10).to_string();
            let page = server.items(collection, &[("limit", "3"), ("offset", &beyond)]);
            findings.status(&page, 200);
            let features = &page.json()["features"];
            findings.value(*features == Json::Array(vec![]), &page, features, "no features");
        }
    })
}
