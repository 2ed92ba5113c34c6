//! A stranger who begins at the first page and follows every link.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value as Json;

use crate::program::{district, list, text};

/// The links in a document: address and media type.
fn links(json: &Json, found: &mut Vec<(String, String)>) {
    match json {
        Json::Object(members) => {
            for link in members.get("links").and_then(Json::as_array).into_iter().flatten() {
                found.push((text(&link["href"]).to_owned(), text(&link["type"]).to_owned()));
            }
            members.values().for_each(|member| links(member, found));
        }
        Json::Array(items) => items.iter().for_each(|item| links(item, found)),
        _ => {}
    }
}

/// What a page leads to; it does not say in which form.
fn hrefs(page: &str) -> impl Iterator<Item = (String, String)> {
    let parts = page.split("href=\"").skip(1);
    parts.map(|part| {
        let href = part.split('"').next().unwrap_or_default();
        (href.replace("&amp;", "&"), String::new())
    })
}

/// Follows an address, checks that it is what the link promised, and answers where it leads.
fn check(href: &str, promised: &str) -> Vec<(String, String)> {
    let answer = district().get(href);
    assert_eq!(answer.status, 200, "{href}: {}", answer.text());
    let form = answer.header("content-type").expect("a media type");
    let bare = form.strip_suffix("; charset=utf-8").unwrap_or(form);
    assert!(promised.is_empty() || bare == promised, "{href} is {form}, not {promised}");
    // A sequence of nothing is nothing.
    assert!(!answer.body.is_empty() || bare == "application/geo+json-seq", "{href}");
    let mut found = Vec::new();
    if bare == "text/html" {
        found.extend(hrefs(&answer.text()));
    } else if bare.ends_with("json") || bare.ends_with("json;version=3.0") {
        links(&answer.json(), &mut found);
    }
    found
}

#[test]
fn every_link_leads_to_what_it_says() {
    let server = district();
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let mut waiting = VecDeque::from([(server.url().to_owned(), "application/json".to_owned())]);
    let mut further_pages = 0;
    // A feature stands at the address of the list, a slash and its id.
    for collection in list(&server.json("/collections")["collections"]) {
        let items = format!("{}/collections/{}/items", server.url(), text(&collection["id"]));
        let first = server.json(&items);
        let matched = first["numberMatched"].as_u64().expect("a count");
        further_pages += matched.saturating_sub(1) / 100;
        if let Some(feature) = list(&first["features"]).first() {
            let address = format!("{items}/{}", text(&feature["id"]));
            waiting.push_back((address, "application/geo+json".into()));
        }
    }
    while let Some((href, promised)) = waiting.pop_front() {
        assert!(href.starts_with(server.url()), "{href} leads elsewhere");
        if let Some(former) = seen.get(&href) {
            let agree = former.is_empty() || promised.is_empty() || *former == promised;
            assert!(agree, "{href} is promised as {former} and as {promised}");
            continue;
        }
        waiting.extend(check(&href, &promised));
        seen.insert(href, promised);
    }
    // All pages of all lists, and the documents beside them.
    let pages = seen.keys().filter(|href| href.contains("token=")).count() as u64;
    assert!(pages >= further_pages && pages > 40, "{pages} of {further_pages} pages");
    let fields = ["queryables", "sortables", "schema", "feature-schema"]
        .map(|list| format!("/collections/gas_pipes/{list}"));
    let others = ["/api", "/conformance", "/?f=html"].map(str::to_owned);
    for path in others.into_iter().chain(fields) {
        assert!(seen.contains_key(&format!("{}{path}", server.url())), "{path}");
    }
}
