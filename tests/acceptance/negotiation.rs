//! In which form an answer comes, whether it has to come at all, and who may read it.

use std::process::Command;

use serde_json::Value as Json;

use crate::program::{Answer, Server, district, folder, import, text};

/// One address of every kind of resource, with the media type that it is served in.
fn resources() -> Vec<(String, &'static str)> {
    let json = "application/json";
    let id = district().json("/collections/gas_pipes/items?limit=1")["features"][0]["id"].clone();
    let item = format!("/collections/gas_pipes/items/{}", text(&id));
    vec![
        ("/".into(), json),
        ("/?f=html".into(), "text/html; charset=utf-8"),
        ("/conformance".into(), json),
        ("/functions".into(), json),
        ("/api".into(), "application/vnd.oai.openapi+json;version=3.0"),
        ("/collections".into(), json),
        ("/collections/gas_pipes".into(), json),
        ("/collections/gas_pipes/schema".into(), "application/schema+json"),
        ("/collections/gas_pipes/feature-schema".into(), "application/schema+json"),
        ("/collections/gas_pipes/queryables".into(), "application/schema+json"),
        ("/collections/gas_pipes/queryables/material/values".into(), json),
        ("/collections/gas_pipes/queryables/code/values?f=csv".into(), "text/csv; charset=utf-8"),
        ("/collections/due/sortables".into(), "application/schema+json"),
        ("/collections/gas_pipes/items".into(), "application/geo+json"),
        ("/collections/assets/items?limit=2&class=gas_pipes".into(), "application/geo+json"),
        (format!("{item}/history"), json),
        (item, "application/geo+json"),
    ]
}

fn is_item(path: &str) -> bool {
    path.contains("/items/") && !path.ends_with("/history")
}

/// Checks the media type that an `Accept` gets, or the status when that is no 200.
fn check(path: &str, accept: &str, expected: &str) {
    let headers: &[(&str, &str)] = if accept.is_empty() { &[] } else { &[("Accept", accept)] };
    let answer = district().ask("GET", path, headers);
    let form = match answer.status {
        200 => answer.header("content-type").unwrap_or_default().to_owned(),
        status => format!("{status} {}", answer.problem()),
    };
    assert_eq!(form, expected, "{path} for {accept}");
}

const FIREFOX: &str =
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";
const CHROME: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,\
                      image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7";
const JAVA: &str = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2";
const OPENAPI: &str = "application/vnd.oai.openapi+json;version=3.0";

#[test]
fn every_resource_has_its_media_type_for_whoever_does_not_mind() {
    for (path, media_type) in resources() {
        for accept in
            ["", "*/*", "*; q=.2, */*; q=.2", "image/png, */*;q=0.1", "application/*, text/*"]
        {
            check(&path, accept, media_type);
        }
    }
}

#[test]
fn gdal_and_qgis_get_what_they_ask_for() {
    let items = "/collections/gas_pipes/items";
    check("/", "application/json", "application/json");
    check("/collections", "application/json", "application/json");
    check(items, "application/geo+json, application/json", "application/geo+json");
    check(items, "application/json", "application/geo+json");
    check("/collections/gas_pipes/schema", "application/schema+json", "application/schema+json");
    let api = format!("{OPENAPI}, application/openapi+json;version=3.0, application/json");
    check("/api", &api, OPENAPI);
    check("/api", OPENAPI, OPENAPI);
    check("/api", "application/json", OPENAPI);
}

#[test]
fn a_browser_gets_a_page_of_everything_and_data_where_it_asks_for_that() {
    for browser in [FIREFOX, CHROME] {
        check("/", browser, "text/html; charset=utf-8");
        check("/?f=json", browser, "application/json");
        for (path, media_type) in resources().into_iter().skip(1) {
            let is_asked = path.contains("f=");
            check(&path, browser, if is_asked { media_type } else { "text/html; charset=utf-8" });
        }
    }
    check("/", JAVA, "text/html; charset=utf-8");
    check("/collections/gas_pipes/items", JAVA, "text/html; charset=utf-8");
    check("/collections/gas_pipes/items?f=geojson", JAVA, "application/geo+json");
    let page = district().ask("GET", "/", &[("Accept", FIREFOX)]);
    let html = page.text();
    for expected in
        ["<!DOCTYPE html>", "3\u{202f}000 assets", "<svg", "Gas pipes", "燃气管道", "QGIS"]
    {
        assert!(html.contains(expected), "`{expected}` is not in {html}");
    }
    assert!(html.contains(&format!("<pre>{}</pre>", district().url())), "the address to paste");
    assert!(!html.contains("<script"), "the page runs nothing");
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
}

#[test]
fn what_is_not_offered_is_406_and_says_what_is() {
    for (path, media_type) in resources() {
        if path.contains("f=") {
            continue;
        }
        for accept in ["image/png", "application/xml, text/plain", "*/*;q=0"] {
            let answer = district().ask("GET", &path, &[("Accept", accept)]);
            assert_eq!(answer.status, 406, "{path} {accept}");
            let detail = answer.problem();
            assert!(detail.starts_with(&format!("`Accept: {accept}` names nothing")), "{detail}");
            assert!(detail.contains(media_type), "{detail}");
        }
    }
    let old = "application/vnd.oai.openapi+json;version=3.1";
    assert_eq!(district().ask("GET", "/api", &[("Accept", old)]).status, 406);
}

#[test]
fn f_wins_over_accept_and_names_what_is_offered() {
    for (path, media_type) in resources() {
        if !path.contains("f=") {
            let mark = if path.contains('?') { '&' } else { '?' };
            check(&format!("{path}{mark}f=json"), "image/png", media_type);
            let is_features = media_type == "application/geo+json";
            let offered = match &*path {
                path if path.ends_with("/values") => "json, html, csv",
                _ if is_features => "json, html, jsonfg, geojsonseq, csv, flatgeobuf",
                _ => "json, html",
            };
            let expected = format!("400 parameter `f`: found `gml`, offered: {offered}");
            check(&format!("{path}{mark}f=gml"), "", &expected);
        }
    }
    let items = "/collections/gas_pipes/items";
    check(&format!("{items}?f=geojson"), "", "application/geo+json");
    check(&format!("{items}?f=html"), "image/png", "text/html; charset=utf-8");
}

/// What curl makes of an answer in a coding.
fn decoded(path: &str, coding: &str) -> Vec<u8> {
    let done = Command::new("curl")
        .args(["--silent", "--show-error", "--fail", "--compressed", "--header"])
        .arg(format!("Accept-Encoding: {coding}"))
        .arg(format!("{}{path}", district().url()))
        .output()
        .expect("curl is installed");
    assert!(done.status.success(), "{path} {coding}: {}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

/// The text of an answer without the time at which it was made.
fn timeless(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    match text.split_once("\"timeStamp\":\"") {
        Some((before, after)) => before.to_owned() + after.split_once('"').expect("an end").1,
        None => text.into_owned(),
    }
}

#[test]
fn a_compressed_answer_is_the_same_answer() {
    for (path, _) in resources() {
        let plain = district().get(&path);
        for coding in ["gzip", "br", "zstd"] {
            let answer = district().ask("GET", &path, &[("Accept-Encoding", coding)]);
            // A strong tag speaks for the bytes; what is small is not worth it.
            let expected = (!is_item(&path) && plain.body.len() >= 1024).then_some(coding);
            assert_eq!(answer.header("content-encoding"), expected, "{path}");
            if expected.is_some() {
                assert!(answer.body.len() < plain.body.len(), "{path} {coding}");
            }
            assert_eq!(answer.header("etag"), plain.header("etag"), "{path}");
            assert_eq!(timeless(&decoded(&path, coding)), timeless(&plain.body), "{path} {coding}");
        }
    }
    let large = "/collections/assets/items?limit=10000";
    let plain = district().get(large).body;
    for coding in ["gzip", "br", "zstd"] {
        assert_eq!(timeless(&decoded(large, coding)), timeless(&plain), "{coding}");
    }
}

#[test]
fn only_the_codings_that_a_client_takes_are_used() {
    let coding = |accept: &str| {
        let answer = district().ask("GET", "/api", &[("Accept-Encoding", accept)]);
        answer.header("content-encoding").unwrap_or("none").to_owned()
    };
    for (accept, expected) in [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("gzip;q=1, br;q=0.5", "gzip"),
        ("gzip;q=0", "none"),
        ("deflate", "none"),
        ("identity", "none"),
        ("*", "zstd"),
    ] {
        assert_eq!(coding(accept), expected, "{accept}");
    }
}

#[test]
fn who_has_the_newest_state_of_anything_gets_304() {
    for (path, _) in resources() {
        let first = district().get(&path);
        let tag = first.header("etag").unwrap_or_else(|| panic!("no tag: {path}")).to_owned();
        assert_eq!(tag.starts_with("W/"), !is_item(&path), "{path}: {tag}");
        assert_eq!(first.header("cache-control"), Some("private, no-cache"), "{path}");
        for known in [tag.clone(), format!("\"x\", {tag}"), tag.replace("W/", ""), "*".into()] {
            for method in ["GET", "HEAD"] {
                let again = district().ask(method, &path, &[("If-None-Match", &known)]);
                assert_eq!((again.status, again.body.len()), (304, 0), "{path} {known}");
                for header in ["etag", "cache-control", "vary", "access-control-allow-origin"] {
                    assert_eq!(again.header(header), first.header(header), "{path} {header}");
                }
            }
        }
        let other = district().ask("GET", &path, &[("If-None-Match", "\"other\"")]);
        assert_eq!(other.status, 200, "{path}");
    }
}

#[test]
fn a_tag_changes_with_the_question_and_with_the_form() {
    let tag = |path: &str| district().get(path).header("etag").expect("a tag").to_owned();
    assert_ne!(tag("/"), tag("/?f=html"));
    let items = "/collections/gas_pipes/items";
    let questions = ["", "?limit=5", "?limit=6", "?material=steel", "?f=json"];
    let tags: Vec<String> = questions.iter().map(|query| tag(&format!("{items}{query}"))).collect();
    for (place, tag) in tags.iter().enumerate() {
        assert!(!tags[..place].contains(tag), "{}", questions[place]);
    }
    assert_eq!(tag(items), tag(&format!("{items}/")));
}

/// A pipe of a certain material.
fn pipe(key: &str, material: &str) -> Json {
    serde_json::json!({
        "type": "Feature",
        "id": key,
        "geometry": { "type": "LineString", "coordinates": [[117.2, 39.1], [117.3, 39.2]] },
        "properties": { "code": key, "material": material },
    })
}

#[test]
fn a_change_gives_new_tags_to_what_it_changed() {
    let folder = folder();
    import(folder.path(), "gas_pipes", &[pipe("a", "steel"), pipe("b", "steel")], &[])
        .expect_done();
    let server = Server::start(folder.path(), &[]);
    let items = "/collections/gas_pipes/items";
    let path_of = |code: &str| {
        let page = server.json(&format!("{items}?code={code}"));
        format!("{items}/{}", text(&page["features"][0]["id"]))
    };
    let (changed, kept) = (path_of("a"), path_of("b"));
    let history = format!("{changed}/history");
    let tag = |path: &str| server.get(path).header("etag").expect("a tag").to_owned();
    let before = [items, &*changed, &*history, &*kept].map(tag);
    let again = import(folder.path(), "gas_pipes", &[pipe("a", "pe100")], &[]).expect_done();
    assert_eq!(again.json()["changed"], 1);
    let is_new = || server.json(&changed)["properties"]["material"] == "pe100";
    crate::program::wait_until("the change is shown", is_new);
    let after = [items, &*changed, &*history, &*kept].map(tag);
    let differs: Vec<bool> = before.iter().zip(&after).map(|(old, new)| old != new).collect();
    assert_eq!(differs, [true, true, true, false]);
    let stale = server.ask("GET", &changed, &[("If-None-Match", &before[1])]);
    assert_eq!(stale.status, 200);
}

/// The headers but for those that differ from one moment to the next.
fn stable(answer: &Answer) -> Vec<(String, String)> {
    let mut headers = answer.headers().to_vec();
    headers.retain(|(name, _)| name != "date" && name != "transfer-encoding");
    headers
}

#[test]
fn head_has_the_status_and_headers_of_get_and_no_body() {
    let mut paths: Vec<String> = resources().into_iter().map(|(path, _)| path).collect();
    paths.extend(
        ["/nothing", "/collections/trees", "/collections?x=1", "/health/live"].map(Into::into),
    );
    for path in paths {
        for coding in ["identity", "gzip"] {
            let headers = [("Accept-Encoding", coding)];
            let (get, head) =
                (district().ask("GET", &path, &headers), district().ask("HEAD", &path, &headers));
            assert_eq!((get.status, stable(&get)), (head.status, stable(&head)), "{path}");
            assert!(head.body.is_empty() && !get.body.is_empty(), "{path}");
        }
    }
}

#[test]
fn options_tell_what_may_be_done_and_scripts_of_any_site_may_read() {
    for (path, _) in resources() {
        let allowed = match path.split('?').next().unwrap_or_default() {
            "/collections/gas_pipes/items" => "GET, HEAD, OPTIONS, POST",
            path if path.starts_with("/collections/gas_pipes/items/")
                && !path.ends_with("history") =>
            {
                "GET, HEAD, OPTIONS, PUT, PATCH, DELETE"
            }
            _ => "GET, HEAD, OPTIONS",
        };
        let plain = district().ask("OPTIONS", &path, &[]);
        assert_eq!((plain.status, plain.header("allow")), (200, Some(allowed)), "{path}");
        let origin = ("Origin", "https://map.example.cn");
        let asked = [origin, ("Access-Control-Request-Method", "GET")];
        let preflight = district().ask("OPTIONS", &path, &asked);
        assert_eq!(preflight.status, 204, "{path}");
        for (header, expected) in [
            ("access-control-allow-origin", "*"),
            ("access-control-allow-methods", allowed),
            ("access-control-max-age", "86400"),
        ] {
            assert_eq!(preflight.header(header), Some(expected), "{path}");
        }
        let answer = district().ask("GET", &path, &[origin]);
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}");
        let exposed = answer.header("access-control-expose-headers").expect("a list");
        assert!(exposed.contains("ETag") && exposed.contains("Retry-After"), "{exposed}");
    }
    let unknown = "/collections/gas_pipes/items/unknown_id";
    assert_eq!(district().ask("OPTIONS", unknown, &[]).status, 200);
}

#[test]
fn a_final_slash_is_served_as_it_is_without() {
    for (path, media_type) in resources() {
        let (name, query) =
            path.split_once('?').map_or((&*path, ""), |(name, query)| (name, query));
        let mark = if query.is_empty() { "" } else { "?" };
        let slashed = district().get(&format!("{name}/{mark}{query}"));
        assert_eq!(
            (slashed.status, slashed.header("content-type")),
            (200, Some(media_type)),
            "{path}"
        );
        let plain = district().get(&path);
        assert_eq!(timeless(&slashed.body), timeless(&plain.body), "{path}");
    }
}

#[test]
fn every_answer_says_on_what_it_depends_and_forbids_guessing() {
    let mut paths: Vec<String> = resources().into_iter().map(|(path, _)| path).collect();
    let more = ["/nothing", "/collections?x=1", "/metrics", "/health/live", "/health/ready"];
    paths.extend(more.map(Into::into));
    for path in paths {
        for method in ["GET", "HEAD", "OPTIONS", "POST"] {
            let answer = district().ask(method, &path, &[]);
            let has_language = answer.header("content-language").is_some();
            let titled = ["/schema", "/queryables", "/sortables", "/collections", "/gas_pipes"];
            let titled = path == "/?f=html" || titled.iter().any(|end| path.ends_with(end));
            let is_read = matches!(method, "GET" | "HEAD");
            assert_eq!(has_language, titled && is_read, "{method} {path}");
            let vary = if has_language {
                "Accept, Accept-Encoding, Accept-Language, Authorization"
            } else {
                "Accept, Accept-Encoding, Authorization"
            };
            assert_eq!(answer.header("vary"), Some(vary), "{method} {path}");
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{method} {path}");
        }
    }
}
