//! Links, wherever they stand.

use std::collections::{HashSet, VecDeque};
use std::rc::Rc;

use serde_json::Value as Json;

use crate::address::without_query;
use crate::answer::{Answer, essence};
use crate::assertion::{Assertion, first_feature};
use crate::class::Class::Link as LinkClass;
use crate::finding::{Done, Findings};
use crate::limits::MAX_FOLLOWED_LINKS;
use crate::server::{GEOJSON, Server};

pub(crate) const ASSERTIONS: &[Assertion] = &[
    Assertion {
        id: "link/typed",
        class: LinkClass,
        source: "RFC 8288, 17-069r4 7.1.5",
        sentence: "every link has an address, a relation and a media type",
        needs: &[],
        check: typed,
    },
    Assertion {
        id: "link/alive",
        class: LinkClass,
        source: "RFC 8288",
        sentence: "every link within the server leads to 200 and to the media type that it says",
        needs: &[],
        check: alive,
    },
];

/// Somewhere to go, and what was said to be there.
struct Step {
    address: String,
    promised: String,
    /// Whether it was reached as a next page, of which no further one is followed.
    is_further: bool,
}

fn typed(server: &mut Server, findings: &mut Findings) -> Done {
    crawl(server, |answer, _| {
        if !has_links(answer) {
            return;
        }
        visit(answer.json(), &mut |link| {
            let has = |name: &str| link[name].as_str().is_some_and(|text| !text.is_empty());
            let is_so = has("href") && has("rel") && has("type");
            findings.value(is_so, answer, link, "`href`, `rel` and `type`");
        });
    });
    Ok(())
}

fn alive(server: &mut Server, findings: &mut Findings) -> Done {
    crawl(server, |answer, promised| {
        let form = answer.media_type();
        let is_promised = promised.is_empty() || essence(promised) == form;
        let expected = format!("200 {promised}");
        findings.check(answer.status == 200 && is_promised, answer, || answer.seen(), &expected);
    });
    Ok(())
}

/// Follows the links from the first page, and from a feature of each collection. It stays within the
/// server, and within the collections that are judged.
fn crawl(server: &mut Server, mut see: impl FnMut(&Answer, &str)) {
    let judged = server.judged();
    let list = without_query(&server.list().address).to_owned();
    let is_ours = |address: &str| {
        let below =
            without_query(address).strip_prefix(&list).and_then(|rest| rest.strip_prefix('/'));
        below.is_none_or(|_| {
            let is_of = |own: &str| {
                let rest = without_query(address).strip_prefix(own);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            judged.iter().any(|collection| is_of(&collection.own))
        })
    };
    let step = |address: String, promised: &str| Step {
        address,
        promised: promised.to_owned(),
        is_further: false,
    };
    let mut waiting = VecDeque::from([step(server.address.below("/"), "application/json")]);
    for collection in judged.iter() {
        let feature = first_feature(server, collection);
        let address = feature.and_then(|(_, feature)| collection.item(&feature["id"]));
        waiting.extend(address.map(|address| step(address, GEOJSON)));
    }
    let mut seen = HashSet::new();
    while let Some(Step { address, promised, is_further }) = waiting.pop_front() {
        if seen.len() >= MAX_FOLLOWED_LINKS || !seen.insert((address.clone(), promised.clone())) {
            continue;
        }
        let accept = if promised.is_empty() { "*/*" } else { &promised };
        let answer: Rc<Answer> = server.get(&address, accept);
        see(&answer, &promised);
        if !has_links(&answer) {
            continue;
        }
        visit(answer.json(), &mut |link| {
            let is_next = link["rel"] == "next";
            let Some(href) = link["href"].as_str() else { return };
            let next = server.address.resolved(&address, href);
            let is_wanted = link["templated"] != true && !(is_next && is_further);
            if is_wanted && server.address.is_home_of(&next) && is_ours(&next) {
                let promised = link["type"].as_str().unwrap_or_default().to_owned();
                waiting.push_back(Step { address: next, promised, is_further: is_next });
            }
        });
    }
}

/// Whether what stands under `links` in an answer is links: in descriptions and schemas it need not be.
fn has_links(answer: &Answer) -> bool {
    let form = answer.media_type();
    form.contains("json") && !form.contains("openapi") && !form.contains("schema")
}

/// Calls the function with each link of a document, but for what features and schemas hold.
fn visit(json: &Json, see: &mut impl FnMut(&Json)) {
    let links = json.get("links").and_then(Json::as_array).into_iter().flatten();
    links.filter(|link| link.is_object()).for_each(&mut *see);
    match json {
        Json::Object(members) => {
            let others =
                members.iter().filter(|(name, _)| !["links", "properties"].contains(&&***name));
            others.for_each(|(_, member)| visit(member, see));
        }
        Json::Array(items) => items.iter().for_each(|item| visit(item, see)),
        _ => {}
    }
}
