//! What was true in the street at a moment, as it was known at a change: over HTTP, on both axes.

use serde_json::{Value as Json, json};

use crate::program::{Answer, Server, link, list, text};
use crate::sender::{Sender, id, light, light_at, lights};

const LIGHTS: &str = "/collections/light_poles/items";

/// A street light with four versions: put up, changed, corrected, moved; and another that stands from
/// 2021 on.
fn told() -> (Sender, String) {
    told_in(Sender::new())
}

fn told_in(sender: Sender) -> (Sender, String) {
    let put = |rows: &[String], from: &str| {
        sender.import(rows, &["--valid-from", from]).expect_done();
    };
    put(&[light("7", r#""code":"L7","power_w":70,"households":3"#)], "2020-01-01");
    put(&[light("7", r#""power_w":85,"households":4"#)], "2024-05-01");
    sender.import(&[light("7", r#""power_w":90"#)], &["--correct"]).expect_done();
    put(&[light_at("[117.2,39.2]", "7", "")], "2025-05-01T08:30:00+08:00");
    put(&[light("8", r#""code":"L8","power_w":50"#)], "2021-01-01");
    let id = id(&sender.coded("light_poles", "L7")).to_owned();
    (sender, id)
}

/// The codes, powers and northings of a list.
fn told_of(page: &Json) -> String {
    let one = |feature: &Json| {
        let properties = &feature["properties"];
        let north = &feature["geometry"]["coordinates"][1];
        format!("{} {} {north}", text(&properties["code"]), properties["power_w"])
    };
    let mut all: Vec<String> = list(&page["features"]).iter().map(one).collect();
    all.sort();
    all.join(", ")
}

#[test]
fn a_list_is_as_it_was_in_the_street_and_as_it_was_known() {
    let (sender, _) = told();
    let server = Server::start(&sender.registry(), &[]);
    let check = |asked: &str, expected: &str| {
        let page = server.json(&format!("{LIGHTS}?{asked}"));
        assert_eq!(told_of(&page), expected, "{asked}");
        let count = list(&page["features"]).len();
        assert_eq!(page["numberReturned"], count, "{asked}");
        assert_eq!(page["numberMatched"], count, "one page is all there is");
        let in_all = server.json(&format!("/collections/assets/items?{asked}"));
        assert_eq!(list(&in_all["features"]).len(), count, "{asked}");
    };
    // By all that is known now.
    check("as-of=2019-12-30", "");
    check("as-of=2020-01-01T00:00:00Z", "L7 70.0 39.1");
    check("as-of=2019-12-31T23:59:59.999999Z", "");
    check("as-of=2024-04-30T23:59:59.999999Z", "L7 70.0 39.1, L8 50.0 39.1");
    check("as-of=2024-05-01T00:00:00Z", "L7 90.0 39.1, L8 50.0 39.1");
    check("as-of=2025-05-01T00:30:00Z", "L7 90.0 39.2, L8 50.0 39.1");
    check("as-of=2025-05-01T08:29:59+08:00", "L7 90.0 39.1, L8 50.0 39.1");
    check("as-of=2099-01-01", "L7 90.0 39.2, L8 50.0 39.1");
    // As it was known before the correction, and before anything was.
    check("as-of=2024-05-01T00:00:00Z&known-at=3", "L7 85.0 39.1");
    check("as-of=2024-05-01T00:00:00Z&known-at=2", "L7 70.0 39.1");
    check("as-of=2099-01-01&known-at=4", "L7 90.0 39.1");
    check("known-at=2", "L7 70.0 39.1");
    check("known-at=6", "L7 90.0 39.2, L8 50.0 39.1");
    check("known-at=1", "");
    check("known-at=0", "");
    check("known-at=1999-01-01", "");
    check("known-at=2099-01-01", "L7 90.0 39.2, L8 50.0 39.1");
}

#[test]
fn without_a_time_in_the_past_the_list_is_what_it_is_now() {
    let (sender, _) = told();
    let server = Server::start(&sender.registry(), &["--today", "2026-07-01"]);
    for more in ["", "&crs=http://www.opengis.net/def/crs/EPSG/0/4490", "&properties=code,power_w"]
    {
        let then = server.json(&format!("{LIGHTS}?known-at=6{more}"));
        let now = server.json(&format!("{LIGHTS}?limit=100{more}"));
        assert_eq!(then["features"], now["features"], "{more}");
    }
    for form in ["csv", "jsonfg", "fgb", "geojsonseq"] {
        let name = if form == "fgb" { "flatgeobuf" } else { form };
        let now = server.get(&format!("{LIGHTS}?f={name}"));
        let then = server.get(&format!("{LIGHTS}?f={name}&known-at=6"));
        assert_eq!((now.status, then.status), (200, 200), "{name}: {}", then.text());
        assert_eq!(then.header("content-type"), now.header("content-type"));
        assert_eq!(then.header("ogc-numbermatched"), Some("2"));
        if form == "jsonfg" {
            assert_eq!(then.json()["features"], now.json()["features"]);
        } else {
            assert!(then.body == now.body, "{name}: {} for {}", then.text(), now.text());
        }
    }
}

#[test]
fn every_version_is_found_at_its_moment_and_its_change() {
    let (sender, id) = told();
    let server = Server::start(&sender.registry(), &[]);
    let history = server.json(&format!("{LIGHTS}/{id}/history"));
    for version in list(&history["versions"]) {
        let (from, change) = (text(&version["valid_from"]), &version["recorded"]["sequence"]);
        let path = format!("{LIGHTS}/{id}?as-of={from}&known-at={change}");
        let mut feature = server.json(&path);
        let links = feature.as_object_mut().expect("a feature").shift_remove("links");
        let mut expected = version["feature"].clone();
        // The end was not known yet.
        expected["properties"]["valid_to"] = Json::Null;
        assert_eq!(feature, expected, "{path}");
        let links = json!({ "links": links.expect("links") });
        let to = |rel| link(&links, rel).expect(rel);
        assert_eq!(to("latest-version"), format!("{}{LIGHTS}/{id}", server.url()));
        assert_eq!(server.get(&to("version-history")).status, 200);
        // By the time of its recording, too.
        let recorded = text(&version["recorded"]["recorded_at"]);
        let by_time = server.json(&format!("{LIGHTS}/{id}?as-of={from}&known-at={recorded}"));
        assert_eq!(by_time["properties"], expected["properties"]);
    }
    for (asked, status) in [
        ("as-of=2019-12-31", 404),
        ("known-at=1", 404),
        ("as-of=2024-05-01&known-at=2", 200),
        ("as-of=2024-05-01&known-at=99", 400),
        ("as-of=2024-05-01&limit=1", 400),
    ] {
        assert_eq!(server.get(&format!("{LIGHTS}/{id}?{asked}")).status, status, "{asked}");
    }
    let other = format!("/collections/gas_pipes/items/{id}?known-at=6");
    assert_eq!(server.get(&other).status, 404, "it is none of these");
    assert_eq!(server.get(&format!("{LIGHTS}/7?known-at=6")).status, 404);
}

#[test]
fn a_long_past_comes_in_pages_which_no_later_change_moves() {
    let sender = Sender::new();
    let from = |day| ["--valid-from", day, "--source", "s"];
    sender.import(&lights(30, r#""power_w":70"#), &from("2020-01-01")).expect_done();
    sender.import(&lights(20, r#""power_w":85"#), &from("2022-01-01")).expect_done();
    let server = Server::start(&sender.registry(), &[]);
    let asked = format!("{LIGHTS}?as-of=2023-01-01&filter=power_w%3E80");
    let whole = server.features(&asked);
    assert_eq!(whole.len(), 20);
    for limit in [1, 7, 19, 20, 21] {
        let first = server.json(&format!("{asked}&limit={limit}"));
        let next = link(&first, "next");
        assert_eq!(next.is_some(), limit < 20, "by {limit}");
        assert_eq!(first.get("numberMatched").is_some(), limit >= 20, "counted where it is whole");
        if let Some(next) = &next {
            assert!(next.contains("as-of=2023-01-01T") && next.contains("known-at=3"), "{next}");
        }
        let pages = server.pages(&format!("{asked}&limit={limit}"));
        let features = pages.iter().flat_map(|page| list(&page["features"]).to_vec());
        assert_eq!(features.collect::<Vec<_>>(), whole, "by {limit}");
        assert_eq!(pages.len(), 20_usize.div_ceil(limit), "no page is empty");
    }
    let first = server.json(&format!("{asked}&limit=5"));
    let next = link(&first, "next").expect("more");
    let before = server.json(&next);
    sender.import(&lights(20, r#""power_w":10"#), &["--correct", "--source", "s"]).expect_done();
    assert_eq!(server.json(&next), before, "what was known then stays");
    assert_eq!(server.features(&asked).len(), 0, "now it is known better");
    let other = next.replace("power_w%3E80", "power_w%3E70");
    let refused = server.get(&other);
    assert_eq!((refused.status, refused.json()["parameter"].as_str()), (400, Some("token")));
}

#[test]
fn conditions_are_judged_by_what_was_true_then() {
    let (sender, _) = told();
    let server = Server::start(&sender.registry(), &[]);
    let check = |asked: &str, expected: &str| {
        let page = server.json(&format!("{LIGHTS}?as-of=2024-06-01&{asked}"));
        assert_eq!(told_of(&page), expected, "{asked}");
    };
    let (seven, eight) = ("L7 90.0 39.1", "L8 50.0 39.1");
    check("power_w=90", seven);
    check("power_w=70", "");
    check("known-at=2&power_w=70", "L7 70.0 39.1");
    check("bbox=117,39.05,118,39.15", &format!("{seven}, {eight}"));
    check("bbox=117,39.15,118,39.25", "");
    check("filter=power_w%3C60+OR+code='L7'", &format!("{seven}, {eight}"));
    check("filter=S_INTERSECTS(geometry,POINT(117.2+39.2))", "");
    check("q=l8", eight);
    check("datetime=2024-05-15", &format!("{seven}, {eight}"));
    check("datetime=2020-05-15", "");
    check("code=L8&limit=1", eight);
}

#[test]
fn a_window_of_the_past_has_what_the_same_window_had_then() {
    let sender = Sender::new();
    sender.run(&["demo", "--assets", "2000", "--seed", "5"]).expect_done();
    let key = sender.run(&["key", "create", "--administrator"]).expect_done().stdout;
    let mut server = Server::start(&sender.registry(), &["--today", "2026-07-01"]);
    server.ask_with(key.trim_end());
    let collection = server.json("/collections/assets");
    let edges = list(&collection["extent"]["spatial"]["bbox"][0]);
    let [west, south, east, north] = [0, 1, 2, 3].map(|at| edges[at].as_f64().expect("a number"));
    // Windows of the size of a street to that of the district, all over it.
    let window = |nth: u32| {
        let share = |by: f64| (f64::from(nth) * by).fract();
        let (width, height) = (east - west, north - south);
        let size = 0.5_f64.powi(nth.cast_signed() % 7);
        let [x, y] = [west + width * share(0.618), south + height * share(0.755)];
        format!("{x:.6},{y:.6},{:.6},{:.6}", x + width * size, y + height * size)
    };
    let asked = |nth: u32| match nth % 3 {
        0 => format!("filter=S_INTERSECTS(geometry,BBOX({}))", window(nth)),
        _ => format!("bbox={}", window(nth)),
    };
    let found = |nth: u32, more: &str| {
        let path = format!("/collections/assets/items?{}{more}", asked(nth));
        let mut ids: Vec<String> =
            server.features(&path).iter().map(|feature| text(&feature["id"]).to_owned()).collect();
        ids.sort();
        ids
    };
    let last = server.json("/change-sets?limit=1")["changes"][0]["sequence"].to_string();
    let then: Vec<Vec<String>> = (0..28).map(|nth| found(nth, "&limit=1000")).collect();
    assert!(then.iter().filter(|ids| !ids.is_empty()).count() > 14, "few windows have assets");
    // Some of them turn out never to have been.
    for feature in
        list(&server.json("/collections/assets/items?limit=1000")["features"]).iter().step_by(9)
    {
        let collection = text(&feature["properties"]["class"]);
        let path = format!("/collections/{collection}/items/{}", text(&feature["id"]));
        let gone = server.ask("DELETE", &format!("{path}?verb=correct"), &[]);
        assert_eq!(gone.status, 204, "{}", gone.text());
    }
    for (nth, then) in (0..).zip(&then) {
        let limit = [7, 100, 1000][nth as usize % 3];
        let known = found(nth, &format!("&known-at={last}&limit={limit}"));
        assert_eq!(&known, then, "{}", asked(nth));
        assert_eq!(found(nth, "&known-at=2099-01-01&limit=100"), found(nth, "&limit=1000"));
    }
}

fn check_refused(server: &Server, asked: &str, expected: &str) {
    let answer = server.get(&format!("{LIGHTS}?{asked}"));
    assert_eq!((answer.status, &*answer.problem()), (400, expected), "{asked}");
}

#[test]
fn what_the_past_cannot_be_asked_for_is_refused_by_its_parameter() {
    let (sender, _) = told();
    let server = Server::start(&sender.registry(), &[]);
    let not_together =
        |name| format!("parameter `{name}`: not together with `as-of` or `known-at`");
    for (name, value) in [("sortby", "code"), ("offset", "1"), ("near", "117.2,39.1"), ("k", "3")] {
        let asked = format!("as-of=2024-05-01&{name}={value}");
        check_refused(&server, &asked, &not_together(name));
    }
    check_refused(
        &server,
        "known-at=2&filter=due_state('renew')='overdue'",
        "parameter `filter`: what fell due is not asked together with `as-of` or `known-at`",
    );
    check_refused(
        &server,
        "known-at=7",
        "parameter `known-at`: found `7`, expected a change up to 6",
    );
    check_refused(
        &server,
        "as-of=yesterday",
        "parameter `as-of`: found `yesterday`, expected a time such as 2024-05-01T00:00:00Z or a \
         day such as 2024-05-01",
    );
    check_refused(&server, "as_of=1", "parameter `as_of`: not known here; did you mean `as-of`?");
    check_refused(&server, "as-of=2024-05-01&powr_w=1", {
        "parameter `powr_w`: not known here; did you mean `power_w`?"
    });
    let due = server.get("/collections/due/items?as-of=2024-05-01");
    assert_eq!((due.status, due.json()["parameter"].as_str()), (400, Some("as-of")));
}

#[test]
fn what_is_restricted_is_restricted_in_the_past_too() {
    let (sender, id) = told();
    let server = Server::start(&sender.registry(), &[]);
    for path in [format!("{LIGHTS}?known-at=2"), format!("{LIGHTS}/{id}?known-at=2")] {
        let answer = server.get(&path);
        assert_eq!(answer.status, 200);
        assert!(!answer.text().contains("households"), "{}", answer.text());
    }
    let hidden = server.get(&format!("{LIGHTS}?known-at=2&households=3")).problem();
    let missing = server.get(&format!("{LIGHTS}?known-at=2&householdz=3")).problem();
    assert_eq!(hidden.replace("households", "x"), missing.replace("householdz", "x"));
}

#[test]
fn what_is_told_of_one_place_in_the_past_is_known_by_its_tag() {
    let (sender, id) = told();
    let server = Server::start(&sender.registry(), &[]);
    let pinned = "as-of=2024-05-01T00:00:00Z&known-at=3";
    for (path, is_strong) in
        [(format!("{LIGHTS}?{pinned}"), false), (format!("{LIGHTS}/{id}?{pinned}"), true)]
    {
        let answer = server.get(&path);
        let tag = answer.header("etag").expect("a tag").to_owned();
        assert_eq!(tag.starts_with('"'), is_strong, "{tag}");
        assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
        sender.import(&[light("8", r#""power_w":51"#)], &["--correct"]).expect_done();
        let again = server.ask("GET", &path, &[("if-none-match", &tag)]);
        assert_eq!(again.status, 304, "{path}");
        assert_eq!(server.get(&path).body, answer.body, "the same bytes");
        sender.import(&[light("8", r#""power_w":50"#)], &["--correct"]).expect_done();
    }
    let recorded = |answer: &Answer| answer.header("memento-datetime").map(str::to_owned);
    let history = server.json(&format!("{LIGHTS}/{id}/history"));
    let at = text(&history["versions"][1]["recorded"]["recorded_at"]);
    let at: jiff::Timestamp = at.parse().expect("a time");
    let expected = at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let then = server.get(&format!("{LIGHTS}?known-at=3"));
    assert_eq!(recorded(&then).as_deref(), Some(&*expected));
    // Nothing was known, so it is the state of no time; and what is known now is no memory.
    assert_eq!(recorded(&server.get(&format!("{LIGHTS}?known-at=0"))), None);
    assert_eq!(recorded(&server.get(&format!("{LIGHTS}?as-of=2024-05-01"))), None);
}

#[test]
fn a_class_is_told_as_it_was_described_when_it_was_known() {
    let (sender, id) = told();
    let described = sender.run(&["classes", "light_poles"]).expect_done().stdout;
    let more = format!(
        "{described}\n[[field]]\nname = \"banner_kind\"\nkind = \"text\"\n\
         title = {{ en = \"Banner\", zh = \"横幅\" }}\n"
    );
    let file = sender.file("light_poles.toml", more);
    sender.run(&["classes", "put", &file]).expect_done();
    let server = Server::start(&sender.registry(), &[]);
    let has = |asked: &str| {
        let feature = server.json(&format!("{LIGHTS}/{id}?{asked}"));
        feature["properties"].get("banner_kind").is_some()
    };
    assert!(!has("known-at=6"));
    assert!(has("known-at=7"));
    assert!(has("as-of=2024-05-01"), "it is known now that there is such a field");
    check_refused(&server, "known-at=6&banner_kind=x", "parameter `banner_kind`: not known here");
    assert_eq!(told_of(&server.json(&format!("{LIGHTS}?known-at=7&banner_kind=x"))), "");
}

#[test]
fn an_asset_that_is_no_more_leads_to_its_past() {
    let sender = Sender::new();
    // It makes the registry, so it shows a key.
    let server = Server::start(&sender.registry(), &[]);
    let (_sender, id) = told_in(sender);
    crate::program::wait_until("all is served", || server.json(LIGHTS)["numberMatched"] == 2);
    let other = id_of(&server, "L8");
    let (removed, wrong) = (format!("{LIGHTS}/{id}"), format!("{LIGHTS}/{other}"));
    assert_eq!(server.ask("DELETE", &format!("{removed}?reason=removed"), &[]).status, 204);
    assert_eq!(server.ask("DELETE", &format!("{wrong}?verb=correct"), &[]).status, 204);
    assert_eq!(told_of(&server.json(LIGHTS)), "");
    for path in [&removed, &wrong] {
        let gone = server.get(path);
        assert_eq!(gone.status, 410, "{path}");
        let history = link(&gone.json(), "version-history").expect("the way to the history");
        assert!(gone.header("link").is_some_and(|links| links.contains(&history)));
        assert_eq!(server.get(&history).status, 200);
        assert_eq!(server.get(&path.replace("light_poles", "gas_pipes")).status, 404);
        assert_eq!(server.get(&format!("{path}?f=html")).status, 410);
    }
    let then = |asked: &str| told_of(&server.json(&format!("{LIGHTS}?{asked}")));
    // What was removed was there; what was wrong never was, though it was known for a while.
    assert_eq!(then("as-of=2024-06-01"), "L7 90.0 39.1");
    assert_eq!(then("as-of=2024-06-01&known-at=6"), "L7 90.0 39.1, L8 50.0 39.1");
    assert_eq!(then("known-at=6"), "L7 90.0 39.2, L8 50.0 39.1");
    assert_eq!(then("known-at=7"), "L8 50.0 39.1", "known to be removed by now");
    assert_eq!(then("as-of=2099-01-01"), "");
    assert_eq!(server.get(&format!("{wrong}?as-of=2024-06-01")).status, 404);
    assert_eq!(server.get(&format!("{removed}?as-of=2024-06-01")).status, 200);
    // Undone, it stands again, and the past as it was known stays.
    let undone = server.ask("POST", "/change-sets/7/revert", &[]);
    assert_eq!(undone.status, 200, "{}", undone.text());
    assert_eq!(server.get(&removed).status, 200);
    assert_eq!(then("known-at=7"), "L8 50.0 39.1");
    assert_eq!(then("known-at=9"), "L7 90.0 39.2");
}

fn id_of(server: &Server, code: &str) -> String {
    let page = server.json(&format!("{LIGHTS}?code={code}"));
    text(&page["features"][0]["id"]).to_owned()
}

#[test]
fn the_past_can_be_read_by_a_person() {
    let (sender, id) = told();
    let server = Server::start(&sender.registry(), &[]);
    let page = |path: &str| {
        let answer = server.get(path);
        assert_eq!(answer.status, 200, "{path}");
        answer.text()
    };
    let asked = "as-of=2024-05-01T00:00:00Z&known-at=3&f=html";
    let in_english = page(&format!("{LIGHTS}?{asked}"));
    assert!(in_english.contains("by all that was known at change 3."), "{in_english}");
    assert!(in_english.contains(&format!("/items/{id}?as-of=2024-05-01T00")), "{in_english}");
    assert!(!in_english.contains("name=\"sortby\""));
    let in_chinese = page(&format!("{LIGHTS}?{asked}&lang=zh&sortby="));
    assert!(in_chinese.contains("以变更3时所知为准"), "{in_chinese}");
    let one = page(&format!("{LIGHTS}/{id}?{asked}"));
    assert!(one.contains("by all that was known at change 3.") && one.contains("85"), "{one}");
}
