//! Pages to read, as a browser gets them: in both languages, with everything that a stranger wrote as
//! plain text, and with the words, links and forms that make them of use.

use serde_json::Value as Json;

use crate::program::{Server, district, encoded, link, list, text};
use crate::sender::Sender;

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// The page at a path, as a browser that reads a language gets it.
fn page_of(server: &Server, path: &str, language: &str) -> String {
    let asked = [("Accept", BROWSER), ("Accept-Language", language)];
    let answer = server.ask("GET", path, &asked);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
    answer.text()
}

fn page(path: &str) -> String {
    page_of(district(), path, "en")
}

/// Checks that a page has these texts.
fn check(path: &str, expected: &[&str]) {
    let page = page(path);
    for expected in expected {
        assert!(page.contains(expected), "`{expected}` is not in {path}: {page}");
    }
}

/// The addresses to which the links of a page lead whose text begins like this.
fn leads(page: &str, begin: &str) -> Vec<String> {
    let links = page.split("<a ").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let href = attributes.split_once("href=\"")?.1.split('"').next()?;
        rest.starts_with(begin).then(|| href.replace("&amp;", "&"))
    });
    links.collect()
}

fn first_item(collection: &str) -> String {
    let page = district().json(&format!("/collections/{collection}/items?limit=1"));
    format!("/collections/{collection}/items/{}", text(&page["features"][0]["id"]))
}

/// One address of every kind.
fn addresses() -> Vec<String> {
    let item = first_item("gas_pipes");
    let fixed = [
        "/",
        "/conformance",
        "/functions",
        "/api",
        "/collections",
        "/collections/gas_pipes",
        "/collections/due",
        "/collections/gas_pipes/schema",
        "/collections/gas_pipes/feature-schema",
        "/collections/gas_pipes/queryables",
        "/collections/gas_pipes/queryables/material/values",
        "/collections/due/sortables",
        "/collections/gas_pipes/summary?group-by=material",
        "/collections/gas_pipes/items",
        "/collections/assets/items?limit=2&class=gas_pipes",
        "/collections/due/items?limit=3",
    ];
    let mut all: Vec<String> = fixed.map(str::to_owned).into();
    all.extend([format!("{item}/history"), item, first_item("due")]);
    all
}

#[test]
fn everything_is_a_page_in_both_languages_that_runs_nothing() {
    for path in addresses() {
        let mut tags = Vec::new();
        for (asked, language) in [("en", "en"), ("zh-CN,zh;q=0.9", "zh"), ("fr", "en")] {
            let headers = [("Accept", BROWSER), ("Accept-Language", asked)];
            let answer = district().ask("GET", &path, &headers);
            assert_eq!(answer.status, 200, "{path}");
            assert_eq!(answer.header("content-language"), Some(language), "{path}");
            let vary = Some("Accept, Accept-Encoding, Accept-Language, Authorization");
            assert_eq!(answer.header("vary"), vary, "{path}");
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
            let policy = answer.header("content-security-policy").expect("a policy");
            assert!(policy.starts_with("default-src 'none'; style-src 'self'; "), "{policy}");
            assert!(
                policy.contains("form-action 'self'") && !policy.contains("unsafe"),
                "{policy}"
            );
            let page = answer.text();
            assert!(
                page.starts_with(&format!("<!DOCTYPE html><html lang=\"{language}\">")),
                "{path}"
            );
            for forbidden in ["<script", " style=", "javascript:", " onclick"] {
                assert!(!page.contains(forbidden), "{forbidden} in {path}");
            }
            tags.push(answer.header("etag").expect("a tag").to_owned());
            let known = tags[tags.len() - 1].clone();
            let headers = [headers[0], headers[1], ("If-None-Match", &*known)];
            let again = district().ask("GET", &path, &headers);
            assert_eq!((again.status, again.header("vary")), (304, vary), "{path}");
        }
        assert_ne!(tags[0], tags[1], "{path}: the tag is that of a language");
        assert_eq!(tags[0], tags[2], "{path}");
    }
}

#[test]
fn the_parameter_names_the_language_and_goes_with_the_reader() {
    for path in addresses() {
        let mark = if path.contains('?') { '&' } else { '?' };
        let page = page_of(district(), &format!("{path}{mark}lang=zh"), "en");
        assert!(page.contains("<html lang=\"zh\">"), "{path}");
        let refused = district().get(&format!("{path}{mark}lang=fr"));
        let expected = "parameter `lang`: found `fr`, expected en or zh";
        assert_eq!((refused.status, &*refused.problem()), (400, expected), "{path}");
        assert_eq!(leads(&page, "English").len(), 1, "{path}: a way to the other language");
        let home = leads(&page, "Terrier");
        assert!(home[0].ends_with("/?lang=zh"), "{path}: {home:?}");
    }
    let page = page_of(district(), "/collections/gas_pipes/items?limit=20&lang=zh", "en");
    let next = leads(&page, "下一页");
    assert!(next[0].contains("lang=zh") && next[0].contains("token="), "{next:?}");
    let csv = leads(&page, "CSV");
    assert!(csv[0].contains("lang=zh") && csv[0].contains("f=csv"), "{csv:?}");
    assert!(page.contains("<input type=\"hidden\" name=\"lang\" value=\"zh\">"), "{page}");
    let titles = |path: &str| text(&district().json(path)["title"]).to_owned();
    assert_eq!(titles("/collections/gas_pipes?lang=zh"), "燃气管道");
    assert_eq!(titles("/collections/gas_pipes?lang=en"), "Gas pipes");
    assert_eq!(titles("/collections/gas_pipes/schema?lang=zh"), "燃气管道");
}

#[test]
fn every_document_leads_to_its_page_and_back() {
    for path in addresses() {
        if path.contains("/schema") || path.contains("ables") || path == "/api" {
            continue;
        }
        let document = district().json(&path);
        if path.contains("-schema") {
            continue;
        }
        let own = list(&document["links"]).iter();
        let mut page = own.filter(|link| link["rel"] == "alternate" && link["type"] == "text/html");
        let href = text(&page.next().unwrap_or_else(|| panic!("no page of {path}"))["href"]);
        let read = page_of(district(), href, "en");
        assert!(read.contains("Other forms of this page"), "{path}");
    }
}

#[test]
fn a_list_tells_what_was_asked_and_found_in_words() {
    check(
        "/collections/gas_pipes/items?material=steel&sortby=-installed_on&limit=20",
        &[
            "<h1>Gas pipes</h1>",
            "1 to 20 are shown here.",
            "Material: Steel",
            "Sort by: Installed on, falling",
            "Recorded length (m)",
            "aria-sort=\"descending\"",
            "<svg",
            "<td class=\"short\">Steel</td>",
        ],
    );
    let page = page("/collections/gas_pipes/items?material=steel&limit=20");
    assert_eq!(page.matches("scope=\"row\"").count(), 20);
    let gone = leads(&page, "×");
    assert!(gone.len() == 1 && !gone[0].contains("material"), "{gone:?}");
    let sorted = leads(&page, "Installed on");
    assert!(sorted[0].contains("material=steel&limit=20&sortby=installed_on"), "{sorted:?}");
    let code =
        text(
            &district().json("/collections/gas_pipes/items?material=steel&limit=1")["features"][0]
                ["properties"]["code"],
        )
        .to_owned();
    let item = leads(&page, &code);
    check(&item[0], &[&format!("<h1>Gas pipes {code}</h1>"), "What falls due on it", "Material"]);
}

#[test]
fn pages_lead_on_through_all_that_was_found() {
    let matched = district().json("/collections/light_poles/items")["numberMatched"].as_u64();
    let mut path = "/collections/light_poles/items?limit=20".to_owned();
    let mut seen = 0;
    loop {
        let page = page(&path);
        seen += page.matches("scope=\"row\"").count() as u64;
        match leads(&page, "Next").into_iter().next() {
            Some(next) => path = next,
            None => break,
        }
    }
    assert_eq!(Some(seen), matched);
    while let Some(previous) = leads(&page(&path), "‹ ").into_iter().next() {
        path = previous;
        seen -= page(&path).matches("scope=\"row\"").count() as u64;
    }
    assert!((1..=20).contains(&seen), "those of the last page are left: {seen}");
}

#[test]
fn a_page_has_at_most_a_thousand_rows() {
    for (limit, expected) in [(999, 999), (1000, 1000), (1001, 1000), (10_000, 1000)] {
        let page = page(&format!("/collections/assets/items?limit={limit}"));
        assert_eq!(page.matches("scope=\"row\"").count(), expected, "{limit}");
        assert!(!leads(&page, "Next").is_empty());
    }
}

#[test]
fn a_form_that_is_sent_as_it_came_asks_for_all() {
    let empty = "q=&filter=&bbox=&sortby=&limit=";
    let path = format!("/collections/gas_pipes/items?{empty}");
    let all = district().json("/collections/gas_pipes/items")["numberMatched"].clone();
    assert!(page(&path).contains(&format!("{all} found")), "{path}");
    assert!(page("/collections/gas_pipes/summary?group-by=&measure=").contains("Total"));
    // A program says what it means.
    assert_eq!(district().get(&path).status, 400);
    let refused = [("Accept", BROWSER)];
    let status = |path: &str| district().ask("GET", path, &refused).status;
    assert_eq!(status("/collections/gas_pipes/items?material=steel&datetime="), 400);
}

#[test]
fn who_finds_nothing_is_told_what_to_do() {
    let path = "/collections/gas_pipes/items?material=wood";
    check(path, &["Nothing was found.", "Take away a condition", "Material: wood"]);
    let all = leads(&page(path), "All without conditions");
    check(&all[0], &["1 to 100 are shown here."]);
}

#[test]
fn due_work_says_what_why_and_since_when() {
    let listed = district().json("/collections/due/items?state=overdue&limit=1");
    let work = &listed["features"][0]["properties"];
    let why = told(work, "title");
    let path = "/collections/due/items?state=overdue&limit=1";
    let expected = ["State: Overdue", "Kind of work", "Due on", text(&work["due_on"]), &why];
    check(path, &expected);
    let item = leads(&page(path), text(&work["code"]));
    check(&item[0], &["Why", &why, "The asset"]);
    let asset = leads(&page(&item[0]), "The asset");
    check(&asset[0], &["What falls due on it", "Overdue", &why]);
    check(&format!("{path}&lang=zh"), &[&told(work, "title_zh")]);
}

/// The title of the rule that a piece of work names.
fn told(work: &Json, title: &str) -> String {
    let leading = list(&work["reasons"]).iter().find(|reason| reason["rule"] == work["rule"]);
    text(&leading.expect("the rule gives a reason")[title]).to_owned()
}

#[test]
fn why_work_is_due_is_told_in_the_words_of_fields_and_codes() {
    let asked = "/collections/due/items?limit=1&filter=kind%3D%27renew%27%20AND%20class%3D%27gas_pipes%27\
                 %20AND%20state%3D%27overdue%27";
    let work = &district().json(asked)["features"][0]["properties"];
    let day = text(&work["installed_on"]);
    check(asked, &["Role: ", &format!("; Installed on: {day}")]);
    check(&format!("{asked}&lang=zh"), &["（管道类别：", &format!("；敷设日期：{day}")]);
}

#[test]
fn a_position_that_is_asked_about_gives_distances() {
    let path = "/collections/light_poles/items?near=117.22,39.06&k=3";
    check(path, &["Near: 117.22,39.06", "Distance (m)", "3 of them are shown here."]);
}

#[test]
fn figures_stand_in_a_table_whose_groups_lead_to_their_features() {
    for (collection, group, more) in [
        ("gas_pipes", "material", ""),
        ("gas_pipes", "community,material", "&filter=material%20IS%20NOT%20NULL%20OR%20TRUE"),
        ("gas_pipes", "due_state(renew)", ""),
        ("gas_pipes", "year(installed_on)", ""),
        ("gas_pipes", "month(valid_from)", "&material=steel"),
        ("assets", "class", ""),
        ("due", "kind,state", ""),
    ] {
        let path = format!("/collections/{collection}/summary?group-by={group}{more}");
        let summary = district().json(&path);
        let page = page(&path);
        let body = page.split_once("<tbody>").expect("a table").1;
        let rows: Vec<&str> = body.split("<tr>").skip(1).collect();
        for (group, row) in list(&summary["groups"]).iter().zip(&rows) {
            let href = &leads(row, "")[0];
            let found = district().json(&href.replace("/items?", "/items?limit=1&"));
            assert_eq!(found["numberMatched"], group["measures"]["count"], "{path}: {href}");
        }
        assert!(page.contains("<tfoot>") && page.contains("Total"), "{path}");
    }
    check("/collections/gas_pipes/summary?group-by=material&measure=length_m", &["Steel", "(m)"]);
    let aged = page("/collections/gas_pipes/summary?group-by=age_band");
    assert!(aged.contains("Under 10 years") && !aged.contains("items?filter"), "{aged}");
}

#[test]
fn a_summary_as_rows_is_that_of_the_command() {
    let sender = Sender::new();
    let light = |key: &str, road: &str| {
        crate::sender::light(key, &format!(r#""code":"{key}","road":"{road}","length_m":2.5"#))
    };
    sender
        .import(&[light("a", "=1+1"), light("b", "A, \\\"B\\\""), light("c", "友谊路")], &[])
        .expect_done();
    let server = Server::start(&sender.registry(), &[]);
    for (fields, measures) in [("road,lifecycle_status", "count,length_m"), ("", "count")] {
        let group = if fields.is_empty() { vec![] } else { vec!["--group-by", fields] };
        let command =
            [&["summary", "light_poles", "--csv", "--measure", measures], &*group].concat();
        let told = sender.run(&command).expect_done().stdout;
        let group = if fields.is_empty() { String::new() } else { format!("group-by={fields}&") };
        let path = format!("/collections/light_poles/summary?{group}measure={measures}&f=csv");
        let answer = server.get(&path);
        assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
        assert_eq!(answer.text(), told);
    }
}

/// A class of which every text is written by somebody who means no good.
const HOSTILE: &str = r#"
name = "traps"
geometry = "point"
title = { en = "<script>alert(1)</script>", zh = "<script>陷阱</script>" }
description = { en = "\"><img src=x onerror=alert(2)>", zh = "\"><img src=x onerror=陷阱>" }
[[field]]
name = "sort"
kind = "code"
title = { en = "<b>Sort</b>", zh = "<b>种类</b>" }
codes = [{ code = "a", en = "<script>alert(3)</script>", zh = "<script>种类</script>" }]
[[field]]
name = "site"
kind = "text"
title = { en = "Site'\"", zh = "网址'\"" }
"#;

#[test]
fn what_a_stranger_wrote_is_read_and_never_run() {
    let sender = Sender::new();
    let class = sender.file("traps.toml", HOSTILE);
    sender.run(&["classes", "put", &class]).expect_done();
    let trap = |key: &str, site: &str| {
        let site = Json::from(site);
        let properties = format!(
            r#""code":"<script>{key}</script>","sort":"a","road":"\"onmouseover=alert(4)","site":{site}"#
        );
        crate::sender::light(key, &properties)
    };
    let rows = [
        trap("1", "javascript:alert(5)"),
        trap("2", "https://gis.example.cn/?a=\"><script>"),
        trap("3", "data:text/html,<script>alert(6)</script>"),
    ];
    let file = sender.file("traps.geojsonl", rows.join("\n"));
    sender.run(&["import", &file, "--as", "traps"]).expect_done();
    let server = Server::start(&sender.registry(), &[]);
    let items = "/collections/traps/items";
    let ids: Vec<String> =
        server.features(items).iter().map(|trap| text(&trap["id"]).to_owned()).collect();
    let script = encoded("\"><script>alert(7)</script>");
    let mut paths: Vec<String> = [
        "/",
        "/api",
        "/collections",
        "/collections/traps",
        "/collections/traps/schema",
        "/collections/traps/feature-schema",
        "/collections/traps/queryables",
        "/collections/traps/queryables/site/values",
        "/collections/traps/summary?group-by=sort,road,site",
        items,
    ]
    .map(str::to_owned)
    .into();
    paths.extend(
        ids.iter().flat_map(|id| [format!("{items}/{id}"), format!("{items}/{id}/history")]),
    );
    paths.extend([
        format!("{items}?q={script}"),
        format!("{items}?site={script}"),
        format!("{items}?filter=site%3D%27{script}%27"),
        format!("/collections/traps/summary?site={script}"),
    ]);
    for path in paths {
        for language in ["en", "zh"] {
            let page = page_of(&server, &path, language);
            for forbidden in
                ["<script", "<img", "<b>Sort", "<b>种类", "\"onmouseover", "href=\"javascript"]
            {
                assert!(!page.contains(forbidden), "{forbidden} in {path}: {page}");
            }
            assert!(!page.contains("href=\"data:"), "{path}");
        }
    }
    let page = page_of(&server, items, "en");
    let web = page.matches("href=\"https://gis.example.cn/").count();
    assert_eq!(web, 1, "an address of the web is a link: {page}");
    assert!(page.contains("javascript:alert(5)"), "another stands there as it is");
}

#[test]
fn the_list_leads_back_from_the_pages_before() {
    let page = page("/collections/gas_pipes/items?limit=20&offset=40");
    assert_eq!(leads(&page, "First page of the list").len(), 1);
    let home = link(&district().json("/collections/gas_pipes"), "root").expect("a link");
    check(&home, &["3\u{202f}000 assets"]);
}

#[test]
fn a_browser_is_told_a_problem_on_a_page_with_the_same_status() {
    for (method, path, status, told) in [
        ("GET", "/nothing", 404, "there is nothing at `/nothing`"),
        ("GET", "/collections/trees", 404, "there is no collection `trees`"),
        ("GET", "/collections/gas_pipes/items?filter=x%3C", 400, "parameter `filter`:"),
        ("GET", "/collections?lang=fr", 400, "found `fr`, expected en or zh"),
        ("POST", "/collections", 405, "allowed here: GET, HEAD, OPTIONS"),
    ] {
        for (language, title) in [("en", "<html lang=\"en\">"), ("zh", "<html lang=\"zh\">")] {
            let asked = [("Accept", BROWSER), ("Accept-Language", language)];
            let answer = district().ask(method, path, &asked);
            assert_eq!(answer.status, status, "{path}");
            let page = answer.text();
            assert!(page.contains(told) && page.contains(title), "{path}: {page}");
            assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
            assert_eq!(answer.header("content-language"), Some(language), "{path}");
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
            let policy = answer.header("content-security-policy").expect("a policy");
            assert!(policy.starts_with("default-src 'none'"), "{policy}");
        }
        for accept in ["", "*/*", "application/json", "application/json, text/html;q=0.5"] {
            let headers: &[(&str, &str)] =
                if accept.is_empty() { &[] } else { &[("Accept", accept)] };
            let answer = district().ask(method, path, headers);
            assert_eq!(answer.status, status, "{path} {accept}");
            assert!(answer.problem().contains(told), "{path} {accept}");
        }
    }
    let asked = [("Accept", BROWSER), ("Accept-Encoding", "gzip")];
    let long = format!("/collections/gas_pipes/items?{}", "x".repeat(3000));
    let answer = district().ask("GET", &long, &asked);
    assert_eq!((answer.status, answer.header("content-encoding")), (400, None));
    assert!(answer.text().contains("The same page without conditions"));
}
