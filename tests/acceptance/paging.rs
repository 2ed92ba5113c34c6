//! Lists page by page: whole, without repetition, and steady while others write.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value as Json, json};

use crate::program::{Server, district, folder, import, link, list, text, wait_until};

/// The ids of the features, in their order.
fn ids(features: &[Json]) -> Vec<&str> {
    features.iter().map(|feature| text(&feature["id"])).collect()
}

/// Checks that the pages of a question are together what one large page has, in the same order.
fn check(question: &str, limit: usize) {
    let whole = district().json(&format!("{question}&limit=10000"));
    let pages = district().pages(&format!("{question}&limit={limit}"));
    let joined: Vec<&str> = pages.iter().flat_map(|page| ids(list(&page["features"]))).collect();
    assert_eq!(joined, ids(list(&whole["features"])), "{question}");
    let count = joined.len();
    assert_eq!(pages.len(), count.div_ceil(limit).max(1), "no page is empty but an only one");
    for page in &pages {
        assert_eq!(page["numberMatched"], count, "{question}");
        assert_eq!(page["numberReturned"], list(&page["features"]).len());
    }
    assert_eq!(joined.iter().collect::<BTreeSet<_>>().len(), count, "none comes twice");
}

#[test]
fn the_pages_of_a_question_are_all_of_its_features() {
    check("/collections/assets/items?f=json", 100);
    check("/collections/assets/items?f=json", 999);
    check("/collections/light_poles/items?f=json", 1492);
    check("/collections/light_poles/items?f=json", 1491);
    check("/collections/greenway_segments/items?f=json", 1);
    check("/collections/gas_pipes/items?material=steel", 10);
    check(
        "/collections/assets/items?bbox=117.215,39.065,117.225,39.075&datetime=2025-01-01/..",
        10,
    );
    check("/collections/assets/items?road=%E9%A9%AC%E5%9C%BA%E9%81%93", 7);
    check("/collections/assets/items?bbox=0,0,1,1", 10);
}

#[test]
fn a_walk_as_the_suite_of_ogc_does_it_counts_what_matched() {
    let limits = district().json("/api")["components"]["parameters"]["limit"]["schema"].clone();
    for name in ["assets", "light_poles", "greenway_segments"] {
        let first = district().json(&format!("/collections/{name}/items?limit=10"));
        let matched = first["numberMatched"].as_u64().expect("a count");
        let mut count = list(&first["features"]).len();
        let mut next = link(&first, "next");
        let mut followed = 0;
        while let (Some(href), true) = (&next, followed < 4) {
            // The suite takes the query apart at `&` and `=`, and asks for as many as it may.
            let (address, query) = href.split_once('?').expect("a query");
            let pairs = query.split('&').map(|pair| pair.split_once('=').expect("an equals sign"));
            let pairs: Vec<String> = pairs
                .map(|(name, value)| match name {
                    "limit" => format!("limit={}", limits["maximum"]),
                    _ => format!("{name}={value}"),
                })
                .collect();
            let page = district().json(&format!("{address}?{}", pairs.join("&")));
            count += list(&page["features"]).len();
            next = link(&page, "next");
            followed += 1;
        }
        assert_eq!((count as u64, next), (matched, None), "{name}");
    }
}

/// Checks that the pages before a page are those that led to it, and that a page in the middle of the
/// features has before it just the ones that come first.
fn check_back(question: &str, limit: usize) {
    let forward = district().pages(&format!("{question}&limit={limit}"));
    assert_eq!(link(&forward[0], "prev"), None, "{question}");
    let mut at = forward.len() - 1;
    let mut page = forward[at].clone();
    while let Some(previous) = link(&page, "prev") {
        page = district().json(&previous);
        at -= 1;
        let expected = &forward[at];
        assert_eq!(
            ids(list(&page["features"])),
            ids(list(&expected["features"])),
            "{question} {at}"
        );
        for number in ["numberMatched", "numberReturned"] {
            assert_eq!(page[number], expected[number], "{question} {at}");
        }
        let again = district().json(&link(&page, "next").expect("the page that led here"));
        assert_eq!(ids(list(&again["features"])), ids(list(&forward[at + 1]["features"])));
    }
    assert_eq!(at, 0, "{question}: the first page is come to");
    let all: Vec<&str> = forward.iter().flat_map(|page| ids(list(&page["features"]))).collect();
    let middle = district().json(&format!("{question}&limit={limit}&offset={}", limit / 2 + 1));
    if let Some(previous) = link(&middle, "prev") {
        let page = district().json(&previous);
        assert_eq!(ids(list(&page["features"])), all[..=limit / 2], "{question}");
        assert_eq!(link(&page, "prev"), None, "{question}");
    }
}

#[test]
fn the_way_back_is_the_way_there() {
    check_back("/collections/assets/items?f=json", 100);
    check_back("/collections/assets/items?f=json", 999);
    check_back("/collections/greenway_segments/items?f=json", 1);
    check_back("/collections/gas_pipes/items?material=steel", 10);
    check_back("/collections/assets/items?bbox=117.215,39.065,117.225,39.075", 7);
    check_back("/collections/gas_pipes/items?sortby=-installed_on", 10);
    check_back("/collections/gas_pipes/items?sortby=material,-community", 13);
    check_back("/collections/assets/items?sortby=-id", 200);
    check_back("/collections/assets/items?sortby=decommissioned_on", 300);
    check_back("/collections/assets/items?q=%E9%A9%AC%E5%9C%BA", 9);
    check_back("/collections/due/items?on=2026-07-01", 100);
    check_back("/collections/due/items?sortby=due_on&state=overdue", 20);
    check_back("/collections/due_points/items?on=2030-01-01&kind=renew", 11);
}

#[test]
fn the_page_before_is_found_while_others_edit() {
    let folder = folder();
    let light = |code: &str| {
        let geometry = json!({ "type": "Point", "coordinates": [117.2, 39.1] });
        json!({ "type": "Feature", "id": code, "geometry": geometry, "properties": { "code": code } })
    };
    let lights: Vec<Json> = (10..30).map(|number| light(&format!("L{number}"))).collect();
    import(folder.path(), "light_poles", &lights, &[]).expect_done();
    let server = Server::start(folder.path(), &[]);
    let items = "/collections/light_poles/items?sortby=code&limit=4";
    let codes = |page: &Json| {
        let features = list(&page["features"]).iter();
        features
            .map(|one| text(&one["properties"]["code"]).to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let second = server.json(&link(&server.json(items), "next").expect("a second page"));
    assert_eq!(codes(&second), "L14 L15 L16 L17");
    import(folder.path(), "light_poles", &[light("L105"), light("L125")], &[]).expect_done();
    wait_until("the new lights are served", || server.json(items)["numberMatched"] == 22);
    let before = server.json(&link(&second, "prev").expect("a page before"));
    assert_eq!((codes(&before), &before["numberMatched"]), ("L11 L12 L125 L13".into(), &json!(22)));
    let first = server.json(&link(&before, "prev").expect("one more"));
    assert_eq!((codes(&first), link(&first, "prev")), ("L10 L105".into(), None));
}

#[test]
fn an_offset_passes_over_so_many_features() {
    let items = "/collections/gas_pipes/items?material=steel";
    let all = district().features(&format!("{items}&limit=10000"));
    let count = all.len();
    for offset in [0, 1, 10, count - 1, count, count + 1] {
        let page = district().json(&format!("{items}&limit=10&offset={offset}"));
        let expected = &all[offset.min(count)..(offset + 10).min(count)];
        assert_eq!(ids(list(&page["features"])), ids(expected), "{offset}");
        assert_eq!(page["numberMatched"], count, "{offset}");
        assert_eq!(link(&page, "next").is_some(), offset + 10 < count, "{offset}");
    }
    // The pages after it go on from there.
    let rest = district().features(&format!("{items}&limit=10&offset=25"));
    assert_eq!(ids(&rest), ids(&all[25..]));
}

#[test]
fn an_offset_beyond_the_end_is_an_empty_page() {
    for offset in ["3000", "3001", "18446744073709551616", "9999999999999999999999999999"] {
        let page = district().json(&format!("/collections/assets/items?offset={offset}"));
        assert_eq!((&page["features"], &page["numberMatched"]), (&json!([]), &json!(3000)));
        assert_eq!((link(&page, "next"), &page["numberReturned"]), (None, &json!(0)));
    }
    for bad in ["-1", "abc", "1.5", ""] {
        let answer = district().get(&format!("/collections/assets/items?offset={bad}"));
        let expected = format!("parameter `offset`: found `{bad}`, expected a whole number from 0");
        assert_eq!((answer.status, answer.problem()), (400, expected));
    }
}

fn token_of(path: &str) -> String {
    let next = link(&district().json(path), "next").expect("another page");
    let query = next.split_once('?').expect("a query").1.to_owned();
    let token = query.split('&').find_map(|pair| pair.strip_prefix("token="));
    token.expect("a token").to_owned()
}

#[test]
fn a_token_is_for_the_question_that_gave_it_and_no_other() {
    let street = "road=%E9%A9%AC%E5%9C%BA%E9%81%93";
    let token = token_of(&format!("/collections/gas_pipes/items?limit=1&material=pe100&{street}"));
    assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
    let refused = |path: &str| {
        let answer = district().get(path);
        let expected =
            "parameter `token`: not a token that this question's `next` or `prev` link gave";
        assert_eq!((answer.status, &*answer.problem()), (400, expected), "{path}");
    };
    for other in [
        "gas_pipes/items?material=pe100",
        "gas_pipes/items?material=steel&road=%E9%A9%AC%E5%9C%BA%E9%81%93",
        "gas_pipes/items?f=json",
        "assets/items?road=%E9%A9%AC%E5%9C%BA%E9%81%93",
        "light_poles/items?f=json",
        "gas_pipes/items?material=pe100&road=%E9%A9%AC%E5%9C%BA%E9%81%93&bbox=117,39,118,40",
        "gas_pipes/items?material=pe100&road=%E9%A9%AC%E5%9C%BA%E9%81%93&datetime=2026-01-01",
    ] {
        refused(&format!("/collections/{other}&token={token}"));
    }
    // The same question in another order, with pages of another size.
    let same =
        format!("/collections/gas_pipes/items?{street}&token={token}&limit=3&material=pe100");
    assert_eq!(district().get(&same).status, 200);
    let both = district().get(&format!("{same}&offset=1"));
    assert_eq!(
        (both.status, &*both.problem()),
        (400, "parameter `offset`: not together with `token`")
    );
}

#[test]
fn garbage_is_no_token_and_no_harm() {
    let items = "/collections/assets/items?limit=10";
    let token = token_of(items);
    let cut = |length: usize| token[..length].to_owned();
    let garbage = ["", "A", "!", "%00", "%FF", "..", "-1", "null", "%E9%A1%B5"].map(str::to_owned);
    let mut bad: Vec<String> = garbage.into_iter().chain([1, 10, 20, 40, 60].map(cut)).collect();
    bad.extend([format!("{token}="), format!("{token}A"), format!("A{token}"), "A".repeat(4000)]);
    for bad in bad {
        let answer = district().get(&format!("{items}&token={bad}"));
        // What is appended to a token may be read as a longer name of a class, behind which
        // other features come.
        let may_be_read = bad.starts_with(&token) && !bad.ends_with('=');
        assert!(answer.status == 400 || (may_be_read && answer.status == 200), "{bad}");
        assert!(answer.status == 200 || answer.problem().starts_with("parameter `token`"), "{bad}");
    }
    for place in 0..token.len() {
        for letter in ["A", "z", "_"] {
            let mut changed = token.clone();
            changed.replace_range(place..=place, letter);
            let answer = district().get(&format!("{items}&token={changed}"));
            assert!(matches!(answer.status, 200 | 400), "{changed}: {}", answer.text());
        }
    }
}

/// A light by its number. What changes from round to round is where it stands and what is said.
fn light(number: usize, round: usize) -> Json {
    let (lon, lat) = (117.2 + 0.001 * (number % 40) as f64, 39.0 + 0.001 * (number / 40) as f64);
    // An odd step takes each round to other places in the order of pages.
    let moved = 0.000_7 * ((round * 37 + number * 11 * round.min(1)) % 53) as f64;
    json!({
        "type": "Feature",
        "id": format!("light {number}"),
        "geometry": { "type": "Point", "coordinates": [lon + moved, lat + moved] },
        "properties": { "code": format!("L{number}"), "remarks": format!("round {round}") },
    })
}

const LIGHTS: usize = 1600;
const ROUNDS: usize = 8;

/// Writes changed and new lights, round after round, each in a process of its own.
fn write_rounds(folder: &Path) {
    for round in 1..=ROUNDS {
        let changed = (0..LIGHTS).filter(|number| number % 3 == round % 2).map(|n| light(n, round));
        let new = (0..50).map(|number| light(LIGHTS + 100 * round + number, 0));
        let features: Vec<Json> = changed.chain(new).collect();
        import(folder, "light_poles", &features, &[]).expect_done();
    }
}

#[test]
fn no_unchanged_feature_comes_twice_or_is_missed_while_another_process_writes() {
    let folder = folder();
    let lights: Vec<Json> = (0..LIGHTS).map(|number| light(number, 0)).collect();
    import(folder.path(), "light_poles", &lights, &[]).expect_done();
    let server = Server::start(folder.path(), &[]);
    // Those that no round touches.
    let unchanged: BTreeSet<String> =
        (0..LIGHTS).filter(|number| number % 3 == 2).map(|number| format!("L{number}")).collect();
    let sequence = || server.json("/health/ready")["changeSequence"].as_u64().expect("a number");
    let done = AtomicBool::new(false);
    let mut disturbed = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            write_rounds(folder.path());
            done.store(true, Ordering::Relaxed);
        });
        let questions = [
            "/collections/light_poles/items?limit=40",
            "/collections/assets/items?limit=40&class=light_poles",
            "/collections/light_poles/items?limit=40&bbox=117,38,118,40",
            "/collections/light_poles/items?limit=40&sortby=-code",
            "/collections/assets/items?limit=40&class=light_poles&sortby=owner,-valid_from",
        ];
        for question in questions.into_iter().cycle() {
            let before = sequence();
            let features = server.features(question);
            disturbed += u32::from(sequence() > before);
            let codes = features.iter().map(|feature| text(&feature["properties"]["code"]));
            let mut seen: Vec<&str> = codes.filter(|code| unchanged.contains(*code)).collect();
            let count = seen.len();
            seen.sort_unstable();
            seen.dedup();
            assert_eq!((count, seen.len()), (unchanged.len(), unchanged.len()), "{question}");
            if done.load(Ordering::Relaxed) {
                break;
            }
        }
    });
    assert!(disturbed >= 2, "no walk met a change: {disturbed}");
    let expected = LIGHTS + 50 * ROUNDS;
    let count = || server.json("/collections/light_poles")["itemCount"] == expected;
    wait_until("the server shows every light", count);
}

#[test]
fn the_count_is_that_of_the_newest_change_on_every_page() {
    let folder = folder();
    let lights: Vec<Json> = (0..30).map(|number| light(number, 0)).collect();
    import(folder.path(), "light_poles", &lights, &[]).expect_done();
    let server = Server::start(folder.path(), &[]);
    for question in ["f=json", "remarks=round%200", "bbox=117,38,118,40"] {
        let first = server.json(&format!("/collections/light_poles/items?limit=10&{question}"));
        let matched = first["numberMatched"].as_u64().expect("a count");
        let second = server.json(&link(&first, "next").expect("another page"));
        assert_eq!(second["numberMatched"], matched);
        let new = light(100 + matched as usize, 0);
        import(folder.path(), "light_poles", &[new], &[]).expect_done();
        let third = || server.json(&link(&second, "next").expect("another page"));
        wait_until("the page knows of the new light", || third()["numberMatched"] == matched + 1);
    }
}
