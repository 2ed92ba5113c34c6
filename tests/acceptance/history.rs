//! What was ever said of an asset: the same on the command line and over HTTP, on both time axes.

use serde_json::{Value as Json, json};

use crate::program::Server;
use crate::sender::{Sender, id, light, light_at};

/// A street light with four versions: put up, changed, corrected, changed again.
fn told() -> (Sender, String) {
    told_in(Sender::new())
}

fn told_in(sender: Sender) -> (Sender, String) {
    let put = |row: &str, options: &[&str]| {
        sender.import(&[row], options).expect_done();
    };
    let by = |day, actor| ["--valid-from", day, "--actor", actor];
    let first = r#""code":"L7","power_w":70,"households":3"#;
    put(&light("7", first), &by("2020-01-01", "小王"));
    let second = r#""power_w":85,"lamp_kind":"led","households":4"#;
    put(&light("7", second), &[&by("2024-05-01", "li"), &["--reason", "新灯"][..]].concat());
    put(&light("7", r#""lamp_kind":"hps""#), &["--correct", "--reason", "it was no LED"]);
    put(&light_at("[117.2,39.2]", "7", ""), &by("2025-05-01T08:30:00+08:00", "li"));
    let id = id(&sender.coded("light_poles", "L7")).to_owned();
    (sender, id)
}

#[test]
fn both_periods_verb_actor_reason_and_source_are_told_of_each_version() {
    let (sender, id) = told();
    let versions = sender.history(&id);
    let change = |change: &Json| {
        let names = ["sequence", "verb", "actor", "reason", "origin"];
        if change.is_null() { Json::Null } else { json!(names.map(|name| change[name].clone())) }
    };
    let one = |version: &Json| {
        let [from, to] = ["valid_from", "valid_to"].map(|name| version[name].clone());
        let changes = ["recorded", "superseded", "ended"].map(|name| change(&version[name]));
        json!([version["version"], from, to, changes])
    };
    let through = "import lights.geojsonl";
    let first = json!([2, "update", "小王", "", through]);
    let second = json!([3, "update", "li", "新灯", through]);
    let third = json!([4, "correct", "tester", "it was no LED", through]);
    let fourth = json!([5, "update", "li", "", through]);
    let [start, led, moved] =
        ["2020-01-01T00:00:00Z", "2024-05-01T00:00:00Z", "2025-05-01T00:30:00Z"];
    let expected = json!([
        [1, start, led, [first, null, second]],
        [2, led, null, [second, third, null]],
        [3, led, moved, [third, null, fourth]],
        [4, moved, null, [fourth, null, null]],
    ]);
    assert_eq!(versions.iter().map(one).collect::<Json>(), expected);
    let recorded = versions.iter().map(|version| {
        let text = version["recorded"]["recorded_at"].as_str().expect("a time");
        text.parse::<jiff::Timestamp>().expect("a time")
    });
    assert!(recorded.is_sorted());
}

#[test]
fn each_version_tells_in_which_fields_it_differs_from_the_one_before() {
    let (sender, id) = told();
    let versions = sender.history(&id);
    let changed: Vec<&Json> = versions.iter().map(|version| &version["changed"]).collect();
    let point = |lat: f64| json!({ "type": "Point", "coordinates": [117.2, lat] });
    let expected = json!([
        null,
        [
            { "field": "households", "from": 3, "to": 4 },
            { "field": "lamp_kind", "from": null, "to": "led" },
            { "field": "power_w", "from": 70.0, "to": 85.0 },
        ],
        [{ "field": "lamp_kind", "from": "led", "to": "hps" }],
        [{ "field": "geometry", "from": point(39.1), "to": point(39.2) }],
    ]);
    assert_eq!(json!(changed), expected);
    let standing = sender.coded("light_poles", "L7");
    assert_eq!(versions[3]["feature"], standing, "the last one is what stands");
    assert_eq!(versions[0]["feature"]["properties"]["power_w"], 70.0);
}

#[test]
fn what_became_of_each_version_is_told() {
    let sender = Sender::new();
    // It makes the registry, so it shows a key.
    let server = Server::start(&sender.registry(), &[]);
    let (sender, id) = told_in(sender);
    let states = |versions: &[Json]| {
        versions
            .iter()
            .map(|one| one["state"].as_str().expect("a state").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(states(&sender.history(&id)), ["ended", "corrected", "ended", "standing"]);
    let path = format!("/collections/light_poles/items/{id}");
    assert_eq!(server.ask("DELETE", &path, &[]).status, 204);
    let told = server.json(&format!("{path}/history"));
    let all = told["versions"].as_array().expect("versions").clone();
    assert_eq!(states(&all), ["ended", "corrected", "ended", "retired"]);
    let text = sender.run(&["history", &id]).expect_done().stdout;
    assert!(text.contains(", no more since then"), "{text}");
    assert_eq!(server.ask("POST", "/change-sets/6/revert", &[]).status, 200);
    let wrong = server.ask("DELETE", &format!("{path}?verb=correct"), &[]);
    assert_eq!(wrong.status, 204, "{}", wrong.text());
    let told = server.json(&format!("{path}/history"));
    let all = told["versions"].as_array().expect("versions").clone();
    let expected = ["ended", "corrected", "ended", "corrected", "withdrawn"];
    assert_eq!(states(&all), expected);
    let page = server.get(&format!("{path}/history?f=html")).text();
    assert!(page.contains("since withdrawn") && page.contains("known-at=5"), "{page}");
    // Each page tells the same, as far as it goes.
    let pages = server.pages(&format!("{path}/history?limit=1"));
    let last = pages.last().expect("a page")["versions"][0]["state"].clone();
    assert_eq!(last, "withdrawn");
}

/// What the public does not see of the history that the command line tells.
fn public(mut versions: Vec<Json>) -> Json {
    for version in &mut versions {
        if let Some(changes) = version["changed"].as_array_mut() {
            changes.retain(|change| change["field"] != "households");
        }
        let properties = version["feature"]["properties"].as_object_mut().expect("properties");
        assert!(properties.shift_remove("households").is_some());
    }
    versions.into()
}

#[test]
fn the_command_line_and_http_tell_the_same() {
    let (sender, id) = told();
    let server = Server::start(&sender.registry(), &[]);
    let told = server.json(&format!("/collections/light_poles/items/{id}/history"));
    assert_eq!((&told["id"], &told["class"]), (&json!(id), &json!("light_poles")));
    assert_eq!(told["versions"], public(sender.history(&id)));
    let in_assets = server.json(&format!("/collections/assets/items/{id}/history"));
    let changes = |told: &Json| {
        let versions = told["versions"].as_array().expect("versions").iter();
        versions.map(|version| version["recorded"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(changes(&in_assets), changes(&told));
    // A server that runs tells at once what was written behind its back.
    sender.import(&[light("7", r#""remarks":"leans""#)], &[]).expect_done();
    let told = server.json(&format!("/collections/light_poles/items/{id}/history"));
    assert_eq!(told["versions"], public(sender.history(&id)));
}

#[test]
fn a_long_history_comes_in_pages() {
    let (sender, id) = told();
    let whole = public(sender.history(&id));
    let server = Server::start(&sender.registry(), &[]);
    let path = format!("/collections/light_poles/items/{id}/history");
    for limit in 1..=5 {
        let pages = server.pages(&format!("{path}?limit={limit}"));
        let versions = pages.iter().flat_map(|page| page["versions"].as_array().expect("a list"));
        assert_eq!(versions.cloned().collect::<Json>(), whole, "by {limit}");
        assert_eq!(pages.len(), 4_usize.div_ceil(limit));
    }
    for (query, expected) in
        [("after=3", 1), ("after=4", 0), ("after=99&limit=1", 0), ("after=0", 4)]
    {
        let page = server.json(&format!("{path}?{query}"));
        assert_eq!(page["versions"].as_array().map(Vec::len), Some(expected), "{query}");
    }
}

#[test]
fn questions_about_no_asset_and_questions_that_are_none_are_refused() {
    let (sender, id) = told();
    let server = Server::start(&sender.registry(), &[]);
    let path = format!("/collections/light_poles/items/{id}/history");
    for (path, status) in [
        (format!("{path}?limit=0"), 400),
        (format!("{path}?limit=x"), 400),
        (format!("{path}?after=-1"), 400),
        (format!("{path}?bbox=1,2,3,4"), 400),
        (path.replace("light_poles", "gas_pipes"), 404),
        (path.replace(&id, "01890a5d-ac96-774b-bcce-b302099a8057"), 404),
        (path.replace(&id, "7"), 404),
    ] {
        assert_eq!(server.get(&path).status, status, "{path}");
    }
    for (id, code, expected) in [
        (
            "01890a5d-ac96-774b-bcce-b302099a8057",
            1,
            "error: no asset `01890a5d-ac96-774b-bcce-b302099a8057` in the registry\n",
        ),
        ("7", 2, "error: invalid value '7' for '<ID>': "),
    ] {
        let done = sender.run(&["history", id]);
        assert_eq!(done.code, Some(code), "{}", done.stderr);
        assert!(done.stderr.starts_with(expected), "{}", done.stderr);
    }
}

#[test]
fn a_history_can_be_read_by_a_person() {
    let (sender, id) = told();
    let text = sender.run(&["history", &id]).expect_done().stdout;
    let mut lines = text.lines().map(|line| {
        // When it was recorded is another moment in each run.
        match line.split_once(" recorded ") {
            Some((before, after)) => {
                format!("{before} recorded {}", after.split_once(' ').map_or("", |(_, rest)| rest))
            }
            None => line.to_owned(),
        }
    });
    let expected = format!(
        r#"{id} of light_poles
version 1: from 2020-01-01T00:00:00Z to 2024-05-01T00:00:00Z
  change 2 (update) recorded by 小王 through import lights.geojsonl
version 2: from 2024-05-01T00:00:00Z, since corrected
  change 3 (update) recorded by li through import lights.geojsonl: 新灯
  households: 3 -> 4
  lamp_kind: null -> "led"
  power_w: 70.0 -> 85.0
version 3: from 2024-05-01T00:00:00Z to 2025-05-01T00:30:00Z
  change 4 (correct) recorded by tester through import lights.geojsonl: it was no LED
  lamp_kind: "led" -> "hps"
version 4: from 2025-05-01T00:30:00Z, still valid
  change 5 (update) recorded by li through import lights.geojsonl
  geometry: {{"type":"Point","coordinates":[117.2,39.1]}} -> {{"type":"Point","coordinates":[117.2,39.2]}}"#
    );
    for line in expected.lines() {
        assert_eq!(lines.next().as_deref(), Some(line), "{text}");
    }
    assert_eq!(lines.next(), None);
}
