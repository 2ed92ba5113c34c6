//! For each assertion of Part 1 an answer that breaks it.

use serde_json::{Value as Json, json};

use super::double::{Answerer, Reply};
use super::{assertion, check_double, with_verdict};
use crate::program::text;

/// An assertion, and a server that does not keep it.
pub(super) type Broken = (&'static str, Answerer);

/// Whether a path is that of a list of features.
pub(super) fn is_items(path: &str) -> bool {
    path.split('?').next().is_some_and(|bare| bare.ends_with("/items"))
}

/// Whether a path is that of one feature.
pub(super) fn is_item(path: &str) -> bool {
    path.contains("/items/") && !path.contains("/history")
}

macro_rules! answers {
    (status $status:literal when $path:ident $holds:expr) => {
        |$path: &str, ask: &dyn Fn(&str) -> Reply| {
            let mut reply = ask($path);
            if $holds {
                reply.status = $status;
            }
            reply
        }
    };
    (edit $document:ident when $path:ident $holds:expr, $change:expr) => {
        |$path: &str, ask: &dyn Fn(&str) -> Reply| {
            let mut reply = ask($path);
            if $holds {
                reply.edit(|$document| $change);
            }
            reply
        }
    };
}

/// Takes the links of a relation out of a document.
pub(super) fn unlink(document: &mut Json, rel: &str) {
    let links = document["links"].as_array_mut();
    links.into_iter().for_each(|links| links.retain(|link| link["rel"] != rel));
}

/// The entry of the collection that is judged, in the list.
pub(super) fn entry(list: &mut Json) -> &mut Json {
    let entries = list["collections"].as_array_mut().expect("a list");
    entries.iter_mut().find(|entry| entry["id"] == "gas_pipes").expect("gas pipes")
}

/// The media types of a reply become another one.
fn plain(mut reply: Reply) -> Reply {
    reply.headers = vec![("content-type".into(), "application/json".into())];
    reply
}

pub(super) const TABLE: &[Broken] = &[
    ("html/definition", |path, ask| {
        let reply = ask(path);
        if is_item(path) { plain(reply) } else { reply }
    }),
    ("html/document", |path, ask| {
        let mut reply = ask(path);
        if reply.body.starts_with(b"<!DOCTYPE html>") && is_items(path) {
            reply.body.drain(..15);
        }
        reply
    }),
    ("html/features", |path, ask| {
        let mut reply = ask(path);
        if reply.body.starts_with(b"<!DOCTYPE html>") && is_item(path) {
            reply.body.truncate(100);
        }
        reply
    }),
    ("http/version", |path, ask| Reply { version: "1.0", ..ask(path) }),
    ("landing/success", answers!(status 500 when path path == "/")),
    ("landing/links", answers!(edit page when path path == "/", unlink(page, "data"))),
    ("landing/slash", answers!(status 404 when path path.is_empty())),
    ("api/success", answers!(status 500 when path path == "/api")),
    (
        "api/valid",
        answers!(edit api when path path == "/api", {
            api["paths"]["/conformance"]["get"]["responses"] = json!({});
        }),
    ),
    (
        "api/paths",
        answers!(edit api when path path == "/api", {
            api["paths"].as_object_mut().map(|paths| paths.remove("/conformance"));
        }),
    ),
    (
        "conformance/success",
        answers!(edit page when path path == "/conformance", page["conformsTo"] = json!([])),
    ),
    ("collections/success", answers!(status 500 when path path == "/collections")),
    (
        "collections/links",
        answers!(edit list when path path == "/collections", unlink(list, "self")),
    ),
    (
        "collections/list",
        answers!(edit list when path path == "/collections", list["collections"][3]["id"] = Json::Null),
    ),
    (
        "collections/crs",
        answers!(edit list when path path == "/collections", {
            list["crs"] = json!(["http://www.opengis.net/def/crs/EPSG/0/4326"]);
        }),
    ),
    (
        "collections/items-links",
        answers!(edit list when path path == "/collections", unlink(entry(list), "items")),
    ),
    (
        "collections/extent",
        answers!(edit list when path path == "/collections", {
            entry(list)["extent"]["spatial"]["bbox"] = json!([[0, 10, 0, -10]]);
        }),
    ),
    ("collection/success", answers!(status 404 when path path == "/collections/gas_pipes")),
    (
        "collection/same",
        answers!(edit one when path path == "/collections/gas_pipes", one["title"] = json!("Other")),
    ),
    ("features/media-type", |path, ask| plain(ask(path))),
    (
        "features/geometry",
        answers!(edit page when path is_items(path), {
            page["features"][0]["geometry"]["coordinates"] = json!([[117, 39]]);
        }),
    ),
    (
        "features/ids",
        answers!(edit page when path is_items(path), {
            page["features"][1] = page["features"][0].clone();
        }),
    ),
    (
        "bbox/definition",
        answers!(edit api when path path == "/api", {
            api["components"]["parameters"]["bbox"]["explode"] = json!(true);
        }),
    ),
    (
        "bbox/geometry",
        answers!(edit page when path path.contains("bbox="), {
            page["features"][0]["geometry"] = json!({ "type": "Point", "coordinates": [1, 2] });
        }),
    ),
    (
        "bbox/whole",
        answers!(edit page when path path.contains("bbox=-180%2C-90%2C180%2C90"), {
            page["numberMatched"] = json!(1);
        }),
    ),
    ("bbox/six-numbers", answers!(status 500 when path path.matches("%2C").count() == 5)),
    ("bbox/not-finite", answers!(status 200 when path path.contains("NaN"))),
    ("bbox/count", answers!(status 200 when path path.ends_with("bbox=1%2C2%2C3%2C4%2C5"))),
    ("bbox/upside-down", answers!(status 200 when path path.ends_with("bbox=0%2C10%2C10%2C0"))),
    (
        "limit/definition",
        answers!(edit api when path path == "/api", {
            api["components"]["parameters"]["limit"]["schema"]["minimum"] = Json::Null;
        }),
    ),
    (
        "limit/most",
        answers!(edit page when path is_items(path), {
            page["features"][1] = page["features"][0].clone();
            let first = page["features"][0].clone();
            page["features"].as_array_mut().into_iter().for_each(|all| all.push(first.clone()));
        }),
    ),
    ("limit/beyond", answers!(status 400 when path path.ends_with("limit=10001"))),
    ("limit/refused", answers!(status 200 when path path.ends_with("limit=0"))),
    ("limit/twice", answers!(status 200 when path path.ends_with("limit=1&limit=2"))),
    (
        "datetime/definition",
        answers!(edit api when path path == "/api", {
            api["components"]["parameters"]["datetime"]["schema"]["type"] = json!("integer");
        }),
    ),
    (
        "datetime/response",
        answers!(edit page when path path.contains("datetime="), page["numberMatched"] = json!(0)),
    ),
    ("datetime/refused", answers!(status 200 when path path.contains("datetime=foo"))),
    (
        "paging/once",
        answers!(edit page when path path.contains("token="), page["features"] = json!([])),
    ),
    ("paging/limit", answers!(status 500 when path path.contains("token="))),
    (
        "paging/question",
        answers!(edit page when path path.contains("token="), {
            page["features"][0]["geometry"] = json!({ "type": "Point", "coordinates": [1, 2] });
        }),
    ),
    (
        "paging/offset",
        answers!(edit page when path path.contains("offset=2"), page["features"] = json!([])),
    ),
    ("feature/success", answers!(status 404 when path is_item(path))),
    ("feature/media-type", |path, ask| plain(ask(path))),
    ("feature/links", answers!(edit one when path is_item(path), unlink(one, "collection"))),
    (
        "feature/same",
        answers!(edit one when path is_item(path), one["properties"]["code"] = json!("other")),
    ),
    ("error/invalid", answers!(status 200 when path path.ends_with("limit=unlimited"))),
    ("error/unknown-parameter", answers!(status 200 when path path.contains("12345=1"))),
    ("error/collection", answers!(status 500 when path path.ends_with("12345/items"))),
    ("error/feature", answers!(status 200 when path path.contains("/items/unknown"))),
    (
        "link/typed",
        answers!(edit page when path path == "/conformance", page["links"][0]["type"] = Json::Null),
    ),
    ("link/alive", answers!(status 500 when path path == "/conformance")),
];

/// The sets of pages: the class of assertions, and by what their questions are told.
pub(super) const PAGES: &[(&str, &str)] =
    &[("features", "limit=10"), ("bbox", "bbox="), ("limit", "limit="), ("datetime", "datetime=")];

/// What is asserted of all pages, and pages that do not keep it.
const OF_PAGES: &[Broken] = &[
    ("success", answers!(status 500 when path is_items(path))),
    (
        "crs84",
        answers!(edit page when path is_items(path), {
            page["features"][0]["geometry"] = json!({ "type": "Point", "coordinates": [500, 0] });
        }),
    ),
    ("type", answers!(edit page when path is_items(path), page["type"] = json!("Features"))),
    ("features", answers!(edit page when path is_items(path), page["features"] = json!({}))),
    ("links", answers!(edit page when path is_items(path), unlink(page, "self"))),
    (
        "time-stamp",
        answers!(edit page when path is_items(path), page["timeStamp"] = json!("yesterday")),
    ),
    (
        "number-matched",
        answers!(edit page when path is_items(path), page["numberMatched"] = json!(7)),
    ),
    (
        "number-returned",
        answers!(edit page when path is_items(path), page["numberReturned"] = json!(77)),
    ),
];

/// Whether an assertion is one of all pages, for the set of this class.
pub(super) fn is_of_pages(id: &str, class: &str) -> bool {
    let name = id.strip_prefix(class).and_then(|rest| rest.strip_prefix('/'));
    name.is_some_and(|name| OF_PAGES.iter().any(|(known, _)| *known == name))
}

/// Checks that an assertion, alone and with its class, is broken by an answer, and says where.
pub(super) fn check(id: &str, answerer: Answerer) -> Json {
    let class = id.split('/').next().unwrap_or_default();
    let report = check_double(answerer, &["--class", class], 1);
    assert!(with_verdict(&report, "broken").contains(id), "{id}: {report:#}");
    let fault = &assertion(&report, id)["faults"][0];
    for part in ["request", "found", "expected"] {
        assert!(!text(&fault[part]).is_empty(), "{id}: {fault}");
    }
    fault.clone()
}

#[test]
fn what_is_broken_of_the_core_is_found() {
    TABLE.iter().for_each(|(id, answerer)| drop(check(id, *answerer)));
}

#[test]
fn what_is_broken_of_a_page_is_found_whatever_was_asked() {
    for (class, sign) in PAGES {
        for (name, answerer) in OF_PAGES {
            let fault = check(&format!("{class}/{name}"), *answerer);
            assert!(text(&fault["request"]).contains(sign), "{class}/{name}: {fault}");
        }
    }
}
