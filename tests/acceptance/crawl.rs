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

/// What a page leads to, by its links and its forms; it does not say in which form that is. What stands
/// in the page itself is left out.
fn hrefs(page: &str) -> impl Iterator<Item = (String, String)> {
    let of = |mark: &'static str| page.split(mark).skip(1);
    let parts = of("href=\"").chain(of(" action=\""));
    let parts = parts.map(|part| part.split('"').next().unwrap_or_default().replace("&amp;", "&"));
    parts.filter(|href| !href.starts_with('#')).map(|href| {
        let whole =
            if href.starts_with('/') { format!("{}{href}", district().url()) } else { href };
        (whole, String::new())
    })
}

/// So many addresses of a kind are followed from pages.
const FOLLOWED: usize = 3;

/// The kind of an address: its path with any collection, field and feature, and the names of its
/// parameters. Pages lead to the same lists in every order, form and language.
fn kind(href: &str) -> String {
    let (path, query) = href.split_once('?').unwrap_or((href, ""));
    let after = |name: &str| ["collections", "items", "queryables"].contains(&name);
    let mut former = "";
    let mut kind = String::new();
    for part in path.split('/') {
        kind.push('/');
        kind.push_str(if after(former) && part != "items" { "*" } else { part });
        former = part;
    }
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let is_form = ["f", "lang"].contains(&name);
        kind.push_str(if is_form { pair } else { name });
        kind.push_str(if is_form || value.is_empty() { "&" } else { "=&" });
    }
    kind
}

/// Follows an address, checks that it is what the link promised, and answers where it leads.
fn check(href: &str, promised: &str) -> Vec<(String, String)> {
    // The audit leads to changes that nobody is told of who may not read it.
    let way = format!("Bearer {}", district().key());
    let headers = [("Authorization", way.as_str())];
    let known: &[_] = if href.contains("/change-sets/") { &headers } else { &[] };
    let answer = district().ask("GET", href, known);
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
    let mut of_kind: BTreeMap<String, usize> = BTreeMap::new();
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
        let found = check(&href, &promised);
        let mut is_followed = |(href, promised): &(String, String)| {
            let count = of_kind.entry(kind(href)).or_default();
            *count += 1;
            !promised.is_empty() && promised != "text/html" || *count <= FOLLOWED
        };
        waiting.extend(found.into_iter().filter(&mut is_followed));
        seen.insert(href, promised);
    }
    // All pages of all lists, and the documents beside them.
    let pages = seen.keys().filter(|href| href.contains("token=")).count() as u64;
    assert!(pages >= further_pages && pages > 40, "{pages} of {further_pages} pages");
    let fields = ["queryables", "sortables", "schema", "feature-schema"]
        .map(|list| format!("/collections/gas_pipes/{list}"));
    let others = ["/api", "/conformance", "/?f=html", "/style.css"].map(str::to_owned);
    for path in others.into_iter().chain(fields) {
        let address = format!("{}{path}", server.url());
        let is_it = |href: &String| *href == address || href.starts_with(&format!("{address}?"));
        assert!(seen.keys().any(is_it), "{path}");
    }
}
