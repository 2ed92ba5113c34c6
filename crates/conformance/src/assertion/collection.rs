//! The list of collections, and each of them.

use serde_json::Value as Json;

use crate::answer::{essence, links, shown};
use crate::assertion::{Assertion, each};
use crate::class::Class::{Collection as Each, Collections};
use crate::finding::{Done, Findings, skip};
use crate::server::{GEOJSON, JSON, Server};

const DEFAULTS: [&str; 2] =
    ["http://www.opengis.net/def/crs/OGC/1.3/CRS84", "http://www.opengis.net/def/crs/OGC/0/CRS84h"];

pub(crate) const LIST: &[Assertion] = &[
    Assertion {
        id: "collections/success",
        class: Collections,
        source: "17-069r4 A.9 /conf/core/fc-md-op",
        sentence: "the list is answered with 200 and is JSON",
        needs: &[],
        check: success,
    },
    Assertion {
        id: "collections/links",
        class: Collections,
        source: "17-069r4 A.10 /conf/core/fc-md-success, -links",
        sentence: "the list links itself, and its HTML where that is declared; every link has `rel` and \
                   `type`",
        needs: &[],
        check: list_links,
    },
    Assertion {
        id: "collections/list",
        class: Collections,
        source: "17-069r4 A.10 /conf/core/fc-md-items",
        sentence: "the list has `links` and at least one collection, each with an id and links",
        needs: &[],
        check: list,
    },
    Assertion {
        id: "collections/crs",
        class: Collections,
        source: "17-069r4 A.10, 18-058r1 /req/crs/fc-md-crs-list-global",
        sentence: "coordinate systems of the whole list begin with CRS84",
        needs: &[],
        check: global_systems,
    },
    Assertion {
        id: "collections/items-links",
        class: Collections,
        source: "17-069r4 /conf/core/fc-md-items-links",
        sentence: "every collection links its features as GeoJSON",
        needs: &[&["ogcapi-features-1/geojson"]],
        check: items_links,
    },
    Assertion {
        id: "collections/extent",
        class: Collections,
        source: "17-069r4 /conf/core/fc-md-extent",
        sentence: "an extent has boxes of four or six numbers on earth and intervals of two times",
        needs: &[],
        check: extent,
    },
];

pub(crate) const EACH: &[Assertion] = &[
    Assertion {
        id: "collection/success",
        class: Each,
        source: "17-069r4 A.11 /conf/core/sfc-md-op",
        sentence: "every collection of the list is there, with 200",
        needs: &[],
        check: each_success,
    },
    Assertion {
        id: "collection/same",
        class: Each,
        source: "17-069r4 A.12 /conf/core/sfc-md-success",
        sentence: "id, title, description and extent are the same alone as in the list",
        needs: &[],
        check: same,
    },
];

fn success(server: &mut Server, findings: &mut Findings) -> Done {
    let list = server.list();
    findings.status(&list, 200);
    findings.check(list.json().is_object(), &list, || list.seen(), "an object of JSON");
    Ok(())
}

fn list_links(server: &mut Server, findings: &mut Findings) -> Done {
    let has_html = server.declares("ogcapi-features-1/html");
    let list = server.list();
    let found = || shown(&list.json()["links"]);
    let has = |rel: &str, form: &str| {
        links(list.json()).any(|link| link.rel == rel && essence(link.media_type) == form)
    };
    findings.check(has("self", JSON), &list, found, "a link `self` of application/json");
    if has_html {
        findings.check(
            has("alternate", "text/html"),
            &list,
            found,
            "a link `alternate` of text/html",
        );
    }
    for link in links(list.json()) {
        let is_so = !link.rel.is_empty() && !link.media_type.is_empty();
        findings.check(is_so, &list, || format!("{link:?}"), "each link has `rel` and `type`");
    }
    Ok(())
}

fn list(server: &mut Server, findings: &mut Findings) -> Done {
    let list = server.list();
    let document = list.json();
    let is_some = |json: &Json| json.as_array().is_some_and(|items| !items.is_empty());
    findings.value(is_some(&document["links"]), &list, &document["links"], "some links");
    let collections = &document["collections"];
    findings.value(is_some(collections), &list, collections, "some collections");
    for entry in collections.as_array().into_iter().flatten() {
        let is_so = entry["id"].is_string() && is_some(&entry["links"]);
        findings.value(is_so, &list, entry, "a collection with an id and links");
    }
    Ok(())
}

fn global_systems(server: &mut Server, findings: &mut Findings) -> Done {
    let list = server.list();
    let Some(systems) = list.json().get("crs") else { return skip("the list names no systems") };
    let first = systems.as_array().and_then(|systems| systems.first()).and_then(Json::as_str);
    let is_so = first.is_some_and(|first| DEFAULTS.contains(&first));
    findings.value(is_so, &list, systems, DEFAULTS[0]);
    Ok(())
}

fn items_links(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let list = server.list();
        let mut all = links(&collection.entry);
        let is_so = all.any(|link| link.rel == "items" && essence(link.media_type) == GEOJSON);
        let expected = format!("a link `items` of application/geo+json of `{}`", collection.id);
        findings.check(is_so, &list, || shown(&collection.entry["links"]), &expected);
    })
}

fn extent(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let list = server.list();
        let extent = &collection.entry["extent"];
        if let Some(boxes) = extent["spatial"].get("bbox") {
            let is_so = boxes.as_array().is_some_and(|boxes| {
                !boxes.is_empty() && collection.extent().is_some_and(is_on_earth)
            });
            findings.value(is_so, &list, boxes, "a list of boxes, south not above north");
        }
        if let Some(intervals) = extent["temporal"].get("interval") {
            let is_pair = |pair: &Json| pair.as_array().is_some_and(|ends| ends.len() == 2);
            let is_so =
                intervals.as_array().is_some_and(|all| !all.is_empty() && all.iter().all(is_pair));
            findings.value(is_so, &list, intervals, "a list of pairs of times");
        }
    })
}

fn is_on_earth([west, south, east, north]: [f64; 4]) -> bool {
    let is_lon = |lon: f64| (-180.0..=180.0).contains(&lon);
    is_lon(west) && is_lon(east) && -90.0 <= south && south <= north && north <= 90.0
}

fn each_success(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let alone = server.get(&collection.own, JSON);
        findings.status(&alone, 200);
    })
}

fn same(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let alone = server.get(&collection.own, JSON);
        for name in ["id", "title", "description", "extent"] {
            let (listed, own) = (&collection.entry[name], &alone.json()[name]);
            let expected = format!("`{name}` as in the list: {}", shown(listed));
            findings.value(listed == own, &alone, own, &expected);
        }
    })
}
