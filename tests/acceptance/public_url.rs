//! Links behind a proxy: all of them begin with the address by which clients know the server.

use std::sync::OnceLock;

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::program::{PLENTIFUL, Server, command, folder, link, terrier, text};

const PUBLIC: &str = "https://gis.example.cn/terrier";

/// A server whose proxy takes `/terrier` off again. It says its public address when it starts, so
/// the one at which it listens is given to it.
fn proxied() -> &'static (TempDir, Server) {
    static PROXIED: OnceLock<(TempDir, Server)> = OnceLock::new();
    PROXIED.get_or_init(|| {
        let folder = folder();
        terrier(folder.path(), &["demo", "--assets", "500", "--seed", "5"]).expect_done();
        let server = Server::start_behind(folder.path(), PUBLIC);
        (folder, server)
    })
}

/// Every address in a document that leads to the server: those of links, and the document's own.
fn addresses(json: &Json, found: &mut Vec<String>) {
    match json {
        Json::Object(members) => {
            for (name, member) in members {
                match member {
                    Json::String(text) if matches!(&**name, "href" | "$id") => {
                        found.push(text.clone());
                    }
                    _ => addresses(member, found),
                }
            }
        }
        Json::Array(items) => items.iter().for_each(|item| addresses(item, found)),
        _ => {}
    }
}

/// Checks that a path is answered, and that every address in the answer is a public one.
fn check(path: &str) -> Vec<String> {
    let (_, server) = proxied();
    let headers = [
        ("Host", "evil.example"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "gopher"),
        ("Forwarded", "host=evil.example"),
    ];
    let answer = server.ask("GET", path, &headers);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    let body = answer.text();
    let mut found = Vec::new();
    if answer.header("content-type").is_some_and(|form| form.starts_with("text/html")) {
        let parts = body.split("href=\"").skip(1);
        found.extend(parts.map(|part| part.split('"').next().unwrap_or_default().to_owned()));
    } else {
        addresses(&answer.json(), &mut found);
    }
    // The style and the form are found by the path alone, on whatever host the page came from.
    for part in body.split(" action=\"").skip(1) {
        found.push(part.split('"').next().unwrap_or_default().to_owned());
    }
    let origin = &PUBLIC[..PUBLIC.rfind('/').expect("a path")];
    for address in &mut found {
        if address.starts_with('/') {
            *address = format!("{origin}{address}");
        }
    }
    found.retain(|address| address != "#content");
    for address in &found {
        assert!(address.starts_with(&format!("{PUBLIC}/")), "{path}: {address}");
    }
    for foreign in ["evil.example", "gopher", server.url()] {
        assert!(!body.contains(foreign), "`{foreign}` is in the answer to {path}");
    }
    found
}

#[test]
fn every_address_in_every_document_begins_with_the_public_one() {
    let (_, server) = proxied();
    for path in ["/", "/?f=html", "/conformance", "/collections"] {
        assert!(!check(path).is_empty(), "{path}");
    }
    assert!(check("/api").is_empty());
    let servers = server.json("/api")["servers"].clone();
    assert_eq!(servers, serde_json::json!([{ "url": PUBLIC }]));
    for name in PLENTIFUL {
        let base = format!("/collections/{name}");
        let id = server.json(&format!("{base}/items"))["features"][0]["id"].clone();
        let item = format!("{base}/items/{}", text(&id));
        let history = format!("{item}/history");
        let lists = ["schema", "feature-schema", "queryables", "sortables"];
        for list in lists {
            let path = format!("{base}/{list}");
            assert_eq!(server.json(&path)["$id"], format!("{PUBLIC}{path}"));
        }
        for path in [&*base, &*format!("{base}/items?limit=1&f=json"), &*item, &*history] {
            assert!(!check(path).is_empty(), "{path}");
            let mark = if path.contains('?') { '&' } else { '?' };
            let page = path.replace("&f=json", "");
            assert!(!check(&format!("{page}{mark}f=html")).is_empty(), "{path}");
        }
    }
}

#[test]
fn the_links_lead_back_through_the_proxy() {
    let (_, server) = proxied();
    let page = server.json("/collections/assets/items?limit=200");
    let own = link(&page, "self").expect("a link to itself");
    assert_eq!(own, format!("{PUBLIC}/collections/assets/items?limit=200"));
    let mut count = 200;
    let mut next = link(&page, "next");
    while let Some(href) = next {
        let path = href.strip_prefix(PUBLIC).expect("a public address").to_owned();
        let page = server.json(&path);
        count += page["numberReturned"].as_u64().expect("a count");
        next = link(&page, "next");
    }
    assert_eq!(count, 500);
}

#[test]
fn the_page_shows_the_public_address_to_paste_and_to_try() {
    let (_, server) = proxied();
    let page = server.get("/?f=html").text();
    assert!(page.contains(&format!("<pre>{PUBLIC}</pre>")), "{page}");
    assert!(page.contains(&format!("OAPIF:{PUBLIC}")), "{page}");
    assert!(
        page.contains(&format!("curl '{PUBLIC}/collections/assets/items'"))
            || page.contains(&format!("curl '{PUBLIC}/collections/assets/items?")),
        "{page}"
    );
}

#[test]
fn what_is_no_public_address_is_refused_before_anything_is_made() {
    let folder = folder();
    let registry = folder.path().join("registry");
    for bad in [
        "gis.example.cn",
        "ftp://gis.example.cn",
        "https://gis.example.cn/?a=b",
        "https://a@b/",
        "",
    ] {
        let mut command = command();
        command.arg("--data").arg(&registry).args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--public-url",
            bad,
        ]);
        let done = command.output().expect("the program starts");
        assert_eq!(done.status.code(), Some(2), "{bad}");
        let told = String::from_utf8_lossy(&done.stderr);
        assert!(
            told.contains("is no public address") || told.contains("a value is required"),
            "{told}"
        );
    }
    assert!(!registry.exists());
}
