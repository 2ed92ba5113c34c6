//! What falls due, over HTTP and on the command line.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::program::{
    Server, collections, district, folder, import, link, list, terrier, text, wait_until,
};

fn count(server: &Server, question: &str) -> u64 {
    let page = server.json(&format!("/collections/due/items?limit=1&{question}"));
    page["numberMatched"].as_u64().expect("a count")
}

/// A gas pipe of a street.
pub(crate) fn pipe(key: &str, properties: Json) -> Json {
    let line = [[117.2, 39.1], [117.201, 39.1]];
    let geometry = json!({ "type": "LineString", "coordinates": line });
    let mut properties = properties;
    properties["pipe_role"] = "municipal_main".into();
    json!({ "type": "Feature", "id": key, "geometry": geometry, "properties": properties })
}

/// A registry with the national rules and those of Hexi, and these pipes.
pub(crate) fn registry(folder: &Path, pipes: &[Json]) {
    import(folder, "gas_pipes", pipes, &[]).expect_done();
    let hexi = terrier(folder, &["rules", "show", "TJ-HEXI", "--shipped"]).expect_done().stdout;
    let file = folder.join("hexi.toml");
    std::fs::write(&file, hexi).expect("written");
    terrier(folder, &["rules", "put", file.to_str().expect("a path")]).expect_done();
    std::fs::remove_file(file).expect("removed");
}

/// Kind, state and day of all work on a day, in the order of the kinds.
fn work(server: &Server, on: &str) -> Vec<String> {
    let features = server.features(&format!("/collections/due/items?on={on}"));
    let told = |feature: &Json| {
        let of = |name: &str| feature["properties"][name].as_str().unwrap_or("-").to_owned();
        format!("{} {} {}", of("kind"), of("state"), of("due_on"))
    };
    features.iter().map(told).collect()
}

#[test]
fn every_piece_of_work_has_an_id_of_its_own_made_of_asset_and_kind() {
    let features = district().features("/collections/due/items?limit=1000");
    assert!(features.len() > 2000, "{}", features.len());
    let mut ids = BTreeSet::new();
    for feature in &features {
        let (asset, kind) = text(&feature["id"]).split_once('.').expect("a point");
        assert_eq!(feature["properties"]["kind"], kind);
        assert!(ids.insert(text(&feature["id"])), "{feature}");
        assert_eq!(asset.len(), 36);
    }
    // One after another: the work on one asset falls on several pages.
    let singles =
        district().pages("/collections/due/items?limit=1&bbox=117.22,39.06,117.222,39.07");
    let window = "/collections/due/items?limit=1000&bbox=117.22,39.06,117.222,39.07";
    let whole = district().json(window);
    let found: Vec<&Json> = singles.iter().flat_map(|page| list(&page["features"])).collect();
    assert!(found.len() > 20, "{}", found.len());
    assert_eq!(found, list(&whole["features"]).iter().collect::<Vec<_>>());
}

#[test]
fn work_on_points_lines_and_areas_is_a_collection_each() {
    let of = |name: &str| {
        let path = format!("/collections/{name}/items");
        let page = district().json(&format!("{path}?limit=1000&on=2026-07-01"));
        let features = list(&page["features"]).to_vec();
        let kind = |feature: &Json| text(&feature["geometry"]["type"]).replace("Multi", "");
        let kinds: BTreeSet<String> = features.iter().map(kind).collect();
        let id = text(&features[0]["id"]);
        let alone = district().json(&format!("{path}/{id}"));
        assert_eq!(alone["properties"], features[0]["properties"]);
        assert_eq!(district().ask("GET", &format!("/collections/due/items/{id}"), &[]).status, 200);
        (page["numberMatched"].as_u64().expect("a count"), kinds, id.to_owned())
    };
    let one = |kind: &str| BTreeSet::from([kind.to_owned()]);
    let (points, lines, areas) = (of("due_points"), of("due_lines"), of("due_areas"));
    assert_eq!(
        (&points.1, &lines.1, &areas.1),
        (&one("Point"), &one("LineString"), &one("Polygon"))
    );
    assert_eq!(points.0 + lines.0 + areas.0, count(district(), "on=2026-07-01"));
    let missing = format!("/collections/due_points/items/{}", lines.2);
    assert_eq!(district().ask("GET", &missing, &[]).status, 404);
}

#[test]
fn each_state_kind_and_class_can_be_asked_for_and_together_they_are_all() {
    let all = count(district(), "");
    for (field, values) in [
        ("state", &["not_due", "upcoming", "unknown", "due", "overdue"][..]),
        ("kind", &["inspect", "assess", "clean", "repair", "renew", "verify"]),
        ("class", &collections()[1..]),
        ("priority", &["1", "2", "3", "4", "5"]),
    ] {
        let sum: u64 =
            values.iter().map(|value| count(district(), &format!("{field}={value}"))).sum();
        assert_eq!(sum, all, "{field}");
    }
    for question in [
        "rule=TJ-HEXI-GAS-30",
        "state=unknown&kind=renew",
        "filter=due_on%20%3C%20DATE('2024-01-01')%20AND%20priority%20%3C%3D%202",
        "bbox=117.20,39.05,117.23,39.08&road=%E9%A9%AC%E5%9C%BA%E9%81%93",
        "road=%E9%A9%AC%E5%9C%BA%E9%81%93&kind=renew",
    ] {
        let found = count(district(), question);
        assert!(found > 0 && found < all, "{question}: {found}");
    }
}

#[test]
fn a_piece_of_work_says_why_and_leads_to_its_asset() {
    let page = district().json("/collections/due/items?limit=1&rule=TJ-HEXI-GAS-30&state=overdue");
    let listed = list(&page["features"])[0].clone();
    let properties = &listed["properties"];
    let reason = &list(&properties["reasons"])[0];
    assert_eq!(reason["rule"], "TJ-HEXI-GAS-30");
    assert!(text(&reason["cites"]).contains("30 years") && reason["evidence"] == "P");
    let fact = |name: &str| {
        let facts = list(&reason["facts"]).iter().find(|fact| fact["field"] == name);
        facts.unwrap_or_else(|| panic!("no {name} in {reason}"))
    };
    assert_eq!(fact("installed_on")["value"], properties["installed_on"]);
    assert_eq!(fact("installed_on")["test"], "age P30Y");
    assert_eq!(fact("pipe_role")["test"], "pipe_role IN ('courtyard', 'municipal_main')");
    assert!(text(&properties["why"]).starts_with("Renew gas pipes of 30 years: pipe_role "));
    let path = format!("/collections/due/items/{}", text(&listed["id"]));
    let mut alone = district().json(&path);
    let asset = district().json(&link(&alone, "related").expect("a link"));
    assert_eq!(asset["geometry"], listed["geometry"]);
    assert_eq!(alone["on"], "2026-07-01");
    for member in ["links", "on"] {
        alone.as_object_mut().expect("an object").shift_remove(member);
    }
    assert_eq!(alone, listed);
    let later = district().json(&format!("{path}?on=2023-06-01&f=json"));
    assert_eq!(later["on"], "2023-06-01");
    assert!(text(&later["note"]).contains("today"));
    let asset = text(&asset["id"]);
    for missing in [asset.to_owned(), format!("{asset}.clean"), "x.renew".into()] {
        let answer = district().get(&format!("/collections/due/items/{missing}"));
        let expected = format!("there is no feature `{missing}` in `due`");
        assert_eq!((answer.status, answer.problem()), (404, expected));
    }
    assert_eq!(district().get(&format!("{path}/history")).status, 404);
}

#[test]
fn with_the_day_a_pipe_moves_from_assessment_to_renewal() {
    let folder = folder();
    let pipes = [pipe("1", json!({ "material": "steel", "installed_on": "1995-06-30" }))];
    registry(folder.path(), &pipes);
    let server = Server::start(folder.path(), &["--today", "2026-07-01"]);
    let check = |on: &str, expected: &[&str]| assert_eq!(work(&server, on), expected, "{on}");
    // The city's rules are in force since 2023, the national ones since 2022.
    check("2022-01-01", &[]);
    check("2022-12-31", &["assess overdue 2022-06-10"]);
    check("2024-06-29", &["assess overdue 2023-01-01", "renew not_due 2025-06-30"]);
    check("2024-06-30", &["assess overdue 2023-01-01", "renew upcoming 2025-06-30"]);
    check("2025-06-29", &["assess overdue 2023-01-01", "renew upcoming 2025-06-30"]);
    check("2025-06-30", &["renew due 2025-06-30"]);
    check("2025-07-01", &["renew overdue 2025-06-30"]);
    assert_eq!(work(&server, "2026-07-01"), ["renew overdue 2025-06-30"]);
}

#[test]
fn work_is_found_by_each_of_the_rules_that_want_it() {
    let folder = folder();
    let old = json!({ "material": "grey_cast_iron", "installed_on": "1980-01-01" });
    registry(folder.path(), &[pipe("1", old)]);
    let server = Server::start(folder.path(), &["--today", "2026-07-01"]);
    let found = server.json("/collections/due/items?kind=renew");
    let properties = &list(&found["features"])[0]["properties"];
    let rules: Vec<&str> =
        list(&properties["reasons"]).iter().map(|reason| text(&reason["rule"])).collect();
    assert!(rules.len() > 1 && rules.contains(&text(&properties["rule"])), "{rules:?}");
    let filtered = |filter: &str| {
        let filter = filter.replace(' ', "%20").replace('%', "%25").replace("%2520", "%20");
        count(&server, &format!("kind=renew&filter={filter}"))
    };
    for rule in &rules {
        assert_eq!(count(&server, &format!("kind=renew&rule={rule}")), 1, "{rule}");
        assert_eq!(filtered(&format!("rule IN ('{rule}', 'X')")), 1, "{rule}");
        assert_eq!(filtered(&format!("NOT rule = '{rule}'")), 0, "{rule}");
        let told = ["due", "--kind", "renew", "--rule", rule, "--format", "csv"];
        let told = terrier(folder.path(), &told).expect_done().stdout;
        assert_eq!(told.lines().count(), 2, "{told}");
    }
    assert_eq!(count(&server, "kind=renew&rule=X"), 0);
    assert_eq!(filtered("rule LIKE '%GAS%' AND NOT rule LIKE 'X%'"), 1);
}

#[test]
fn a_date_that_nobody_knows_makes_work_unknown_and_not_due() {
    let folder = folder();
    registry(folder.path(), &[pipe("1", json!({ "material": "steel" }))]);
    let server = Server::start(folder.path(), &["--today", "2026-07-01"]);
    let found = server.json("/collections/due/items?state=unknown&kind=renew");
    let properties = &list(&found["features"])[0]["properties"];
    assert!(text(&properties["why"]).ends_with("installed_on not known"), "{properties}");
    assert_eq!((&properties["due_on"], &properties["lead_from"]), (&Json::Null, &Json::Null));
}

#[test]
fn the_answers_of_another_day_have_another_tag_and_say_of_which_day_they_are() {
    let folder = folder();
    let pipes = [pipe("1", json!({ "material": "steel", "installed_on": "1996-07-01" }))];
    registry(folder.path(), &pipes);
    let today = Server::start(folder.path(), &["--today", "2026-06-30"]);
    let tomorrow = Server::start(folder.path(), &["--today", "2026-07-01"]);
    for path in ["/collections/due/items", "/collections/due"] {
        assert_eq!(today.get(path).status, 200, "{path}");
    }
    let tag =
        |server: &Server, path: &str| server.get(path).header("etag").expect("a tag").to_owned();
    let items = "/collections/due/items";
    assert!(tag(&today, items).contains("-2026-06-30-"), "{}", tag(&today, items));
    assert!(tag(&tomorrow, items).contains("-2026-07-01-"));
    let kept = today.ask("GET", items, &[("If-None-Match", &tag(&today, items))]);
    assert_eq!(kept.status, 304);
    let features = |server: &Server, path: &str| server.json(path)["features"].clone();
    assert_ne!(features(&today, items), features(&tomorrow, items));
    let asked = "/collections/due/items?on=2026-07-01";
    assert_eq!(features(&today, asked), features(&tomorrow, items));
    assert_eq!(today.json(asked)["on"], "2026-07-01");
    let past = tomorrow.json("/collections/due/items?on=2026-06-30");
    assert!(text(&past["note"]).contains("today"));
    assert_eq!(past["features"], features(&today, items));
    let renew = features(&today, "/collections/due/items?kind=renew");
    let item = format!("{items}/{}", text(&renew[0]["id"]));
    assert_ne!(tag(&today, &item), tag(&tomorrow, &item));
}

#[test]
fn what_happens_to_an_asset_changes_what_is_due_on_a_running_server() {
    let folder = folder();
    let pipes = [pipe("1", json!({ "material": "steel", "installed_on": "1990-01-15" }))];
    registry(folder.path(), &pipes);
    let server = Server::start(folder.path(), &["--today", "2026-07-01"]);
    assert_eq!(count(&server, "kind=renew&state=overdue"), 1);
    let id = text(&server.json("/collections/due/items")["features"][0]["id"]).to_owned();
    let asset = id.split('.').next().expect("an id");
    let renewed = ["event", "add", asset, "--kind", "renewed", "--on", "2025-03-01"];
    terrier(folder.path(), &renewed).expect_done();
    wait_until("the renewal is seen", || count(&server, "kind=renew&state=overdue") == 0);
    assert_eq!(
        work(&server, "2026-07-01"),
        ["assess not_due 2045-03-01", "renew not_due 2055-03-01"]
    );
    // On a day before it, it had not happened.
    assert_eq!(count(&server, "on=2025-02-28&kind=renew&state=overdue"), 1);
}

#[test]
fn nothing_falls_due_for_the_public_by_a_restricted_field() {
    let folder = folder();
    let pipes = [pipe("1", json!({ "design_pressure_mpa": 0.31975, "households": 12 }))];
    registry(folder.path(), &pipes);
    let rule = r#"
pack = "TEST"
version = "1"
jurisdiction = "CN"
title = { en = "Test", zh = "测试" }
[[rule]]
id = "T-1"
title = { en = "Inspect", zh = "检查" }
cites = "test"
evidence = "I"
class = "gas_pipes"
when = "design_pressure_mpa > 0.1 AND material IS NULL"
kind = "inspect"
effective_from = "2024-01-01"
"#;
    let file = folder.path().join("rule.toml");
    std::fs::write(&file, rule).expect("written");
    let put = ["rules", "put", file.to_str().expect("a path")];
    terrier(folder.path(), &put).expect_done();
    let server = Server::start(folder.path(), &["--today", "2026-07-01"]);
    let answer = server.get("/collections/due/items?kind=inspect");
    // That it falls due at all would tell of the pressure.
    assert_eq!(answer.json()["numberMatched"], 0);
    for hidden in ["pressure", "households", "0.31975"] {
        assert!(!answer.text().contains(hidden), "{hidden} in {}", answer.text());
    }
    let asked = server.get("/collections/due/items?households=12");
    assert_eq!(asked.status, 400);
    let told = ["due", "--kind=inspect", "--households=12", "--format", "geojson"];
    let told = terrier(folder.path(), &told).expect_done();
    assert!(told.stdout.contains("design_pressure_mpa > 0.1"), "{told:?}");
    assert_eq!(told.json()["features"][0]["properties"]["households"], 12);
}

#[test]
fn what_cannot_be_honoured_is_refused() {
    let refused = |question: &str, detail: &str| {
        let answer = district().get(&format!("/collections/due/items?{question}"));
        assert_eq!((answer.status, &*answer.problem()), (400, detail), "{question}");
    };
    refused("on=tomorrow", "parameter `on`: found `tomorrow`, expected a day such as 2026-07-01");
    refused("on=", "parameter `on`: found ``, expected a day such as 2026-07-01");
    refused(
        "on=2026-02-30",
        "parameter `on`: found `2026-02-30`, expected a day such as 2026-07-01",
    );
    refused("on=2026-07-01&on=2026-07-01", "parameter `on`: given more than once");
    refused("reasons=x", "parameter `reasons`: not known here");
    refused("material=steel", "parameter `material`: not known here");
    let elsewhere = district().get("/collections/gas_pipes/items?on=2026-07-01");
    assert_eq!((elsewhere.status, &*elsewhere.problem()), (400, "parameter `on`: not known here"));
    // Pages go on as of the day of the first.
    let first = district().json("/collections/due/items?limit=5");
    let next = link(&first, "next").expect("a link");
    assert!(next.contains("&on=2026-07-01&token="), "{next}");
    assert_eq!(district().get(&next.replace("2026-07-01", "2026-07-02")).status, 400);
    for far in ["0001-01-01", "9999-12-31"] {
        assert_eq!(district().get(&format!("/collections/due/items?limit=1&on={far}")).status, 200);
    }
}

#[test]
fn the_command_line_tells_the_same_in_three_forms() {
    let folder = folder();
    let pipes = [
        pipe("1", json!({ "material": "grey_cast_iron", "code": "A, \"1\"", "length_m": 12.5 })),
        pipe("2", json!({ "material": "steel", "installed_on": "2020-02-29" })),
    ];
    registry(folder.path(), &pipes);
    let run = |arguments: &[&str]| {
        let fixed = ["due", "--on", "2026-07-01"];
        terrier(folder.path(), &[&fixed, arguments].concat()).expect_done()
    };
    let table = run(&["--state=overdue"]);
    assert!(table.stdout.contains("overdue   renew    2022-06-10 1   gas_pipes"), "{table:?}");
    assert!(table.stdout.contains("12.5  Renew grey cast iron: material grey_cast_iron"));
    let csv = run(&["--format", "csv", "--filter", "priority = 1 AND state = 'overdue'"]).stdout;
    let lines: Vec<&str> = csv.split_terminator("\r\n").collect();
    assert!(lines[0].starts_with("id,class,code,") && lines[0].ends_with(",priority,why"));
    assert!(lines[1].contains(",gas_pipes,\"A, \"\"1\"\"\",") && lines.len() == 2, "{lines:?}");
    let file = folder.path().join("due.geojson");
    run(&["--format", "geojson", "-o", file.to_str().expect("a path")]);
    let written: Json =
        serde_json::from_slice(&std::fs::read(&file).expect("a file")).expect("JSON");
    assert_eq!(written["on"], "2026-07-01");
    std::fs::remove_file(file).expect("removed");
    let server = Server::start(folder.path(), &["--today", "2026-07-01"]);
    let over_http = server.json("/collections/due/items");
    let ids = |page: &Json| -> Vec<String> {
        list(&page["features"]).iter().map(|feature| text(&feature["id"]).to_owned()).collect()
    };
    assert_eq!(ids(&written), ids(&over_http));
    let refused = terrier(folder.path(), &["due", "--stat=due"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("did you mean `state`?"), "{refused:?}");
}

#[test]
fn what_falls_due_is_summed_up_alike_over_http_and_on_the_command_line() {
    let folder = folder();
    let pipes = [
        pipe("1", json!({ "material": "grey_cast_iron", "length_m": 12.5 })),
        pipe("2", json!({ "material": "steel", "installed_on": "1990-02-28", "length_m": 7.25 })),
        pipe("3", json!({ "material": "steel", "installed_on": "2015-02-28" })),
    ];
    registry(folder.path(), &pipes);
    let server = Server::start(folder.path(), &["--today", "2026-07-01"]);
    let question = "group-by=kind,state&measure=count,length_m&on=2026-07-01";
    let summed = server.json(&format!("/collections/due/summary?{question}"));
    assert_eq!(summed["on"], "2026-07-01");
    let told: Vec<String> = list(&summed["groups"])
        .iter()
        .map(|group| {
            let (by, measures) = (&group["by"], &group["measures"]);
            let of = |name: &str| text(&by[name]).to_owned();
            format!("{} {} {}", of("kind"), of("state"), measures["length_m"])
        })
        .collect();
    assert!(told.contains(&"renew overdue 19.75".to_owned()), "{told:?}");
    let count = |group: &Json| group["measures"]["count"].as_u64().expect("a count");
    let all: u64 = list(&summed["groups"]).iter().map(count).sum();
    assert_eq!(server.json("/collections/due/items")["numberMatched"], all);
    let run = ["summary", "due", "--group-by", "kind,state", "--measure", "count,length_m"];
    let run = terrier(folder.path(), &[&run[..], &["--on=2026-07-01", "--json"]].concat());
    let on_line = run.expect_done().json();
    for member in ["groups", "total"] {
        assert_eq!(on_line[member], summed[member], "{member}");
    }
}
