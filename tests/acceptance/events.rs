//! What happened to assets: from columns of files, beside their versions, in what is served and told.

use serde_json::{Value as Json, json};

use crate::program::{Server, link, list, text, wait_until};
use crate::sender::{Sender, id, light};

const MAPPING: &str = r#"
source = "gas-works"

[[collection]]
into = "gas_pipes"
key = "no"

[collection.fields]
code = "no"
leak_surveyed_on = { from = "last_inspected", null = "never" }
assessed_on = "assessed"
assessment_result = { from = "result", codes = { A = "meets", C = "renew_by", "?" = "unknown" } }
assessment_next_on = "until"
"#;

/// Imports gas pipes, each with these properties, by the mapping; the counts of new, changed, unchanged
/// and refused rows, and of recorded, known and superseded events, must be these.
fn check(sender: &Sender, rows: &[Json], options: &[&str], expected: [u64; 7]) -> Json {
    let shape = json!({ "type": "LineString", "coordinates": [[117.2, 39.1], [117.21, 39.1]] });
    let row = |properties: &Json| {
        json!({ "type": "Feature", "geometry": shape, "properties": properties }).to_string()
    };
    let rows: Vec<String> = rows.iter().map(row).collect();
    let file = sender.file("pipes.geojsonl", rows.join("\n"));
    let mapping = sender.file("pipes.toml", MAPPING);
    let fixed = ["import", &file, "--mapping", &mapping, "--json"];
    let report = sender.run(&[&fixed, options].concat()).json();
    let rows = ["created", "changed", "unchanged", "refused"].map(|name| &report[name]);
    let events = ["recorded", "known", "superseded"].map(|name| &report["events"][name]);
    let found: Vec<&Json> = rows.into_iter().chain(events).collect();
    assert_eq!(json!(found), json!(expected), "{report}");
    report
}

/// What the events of an asset say, without the changes that made them known.
fn said(events: &[Json]) -> Json {
    let said = |event: &Json| {
        let mut event = event.as_object().expect("an event").clone();
        event.retain(|name, value| {
            !matches!(&**name, "recorded" | "superseded") && !value.is_null()
        });
        Json::Object(event)
    };
    events.iter().map(said).collect()
}

/// The properties of a feature that show events.
fn shown(feature: &Json, names: &[&str]) -> Json {
    names.iter().map(|name| feature["properties"][name].clone()).collect()
}

const SHOWN: [&str; 4] =
    ["leak_surveyed_on", "assessed_on", "assessment_result", "assessment_next_on"];

#[test]
fn a_column_of_last_inspections_becomes_events() {
    let sender = Sender::new();
    let rows = [
        json!({ "no": 1, "last_inspected": "2024-05-01" }),
        json!({ "no": 2, "last_inspected": "2024-03-01", "assessed": "2023-06-30T12:00:00Z",
                "result": "C", "until": "2025-12-31" }),
        json!({ "no": 3, "last_inspected": "never", "assessed": " ", "result": "?" }),
        json!({ "no": 4, "assessed": "2022-02-28" }),
    ];
    check(&sender, &rows, &[], [4, 0, 0, 0, 4, 0, 0]);
    let pipe = |code| sender.coded("gas_pipes", code);
    assert_eq!(shown(&pipe("1"), &SHOWN), json!(["2024-05-01", null, null, null]));
    assert_eq!(
        shown(&pipe("2"), &SHOWN),
        json!(["2024-03-01", "2023-06-30", "renew_by", "2025-12-31"])
    );
    assert_eq!(shown(&pipe("3"), &SHOWN), json!([null, null, null, null]));
    assert_eq!(shown(&pipe("4"), &SHOWN), json!([null, "2022-02-28", null, null]));
    let events = sender.events(id(&pipe("2")));
    let expected = json!([
        { "event": 1, "kind": "inspected", "on": "2024-03-01" },
        { "event": 2, "kind": "assessed", "on": "2023-06-30", "result": "renew_by",
          "next_on": "2025-12-31" },
    ]);
    assert_eq!(said(&events), expected);
    assert_eq!((events[0]["recorded"]["sequence"].as_u64(), sender.last_change()), (Some(2), 2));
    assert_eq!(sender.events(id(&pipe("3"))), Vec::<Json>::new());
}

#[test]
fn what_is_said_without_a_day_or_of_a_day_to_come_refuses_its_row() {
    let sender = Sender::new();
    let rows = [
        json!({ "no": 1, "result": "C" }),
        json!({ "no": 2, "assessed": "2024-05-01", "until": "2024-04-30" }),
        json!({ "no": 3, "last_inspected": "2999-01-01" }),
        json!({ "no": 4, "last_inspected": "2024" }),
    ];
    let report = check(&sender, &rows, &[], [0, 0, 0, 4, 0, 0, 0]);
    let fault = |row: &Json| json!([row["faults"][0]["place"], row["faults"][0]["expected"]]);
    let faults: Vec<Json> = list(&report["refused_rows"]).iter().map(fault).collect();
    let today = text(&faults[2][1]).to_owned();
    assert!(today.starts_with("no day after 2") && today.ends_with(", which is today"), "{today}");
    let expected = json!([
        ["assessment_result", "`assessed_on` beside it, for the event has a day"],
        ["assessment_next_on", "no day before 2024-05-01"],
        ["leak_surveyed_on", today],
        ["leak_surveyed_on", "a date such as 2005-06-30"],
    ]);
    assert_eq!(json!(faults), expected);
    assert_eq!(sender.last_change(), 1, "nothing was written");
}

#[test]
fn a_count_of_hazards_makes_no_events() {
    let sender = Sender::new();
    let mapping = sender.file(
        "counts.toml",
        "source = \"s\"\n[[collection]]\ninto = \"gas_pipes\"\nfields.open_hazard_count = \"n\"\n",
    );
    let file = sender.file("counts.geojsonl", "{}");
    let done = sender.run(&["import", &file, "--mapping", &mapping]);
    let expected = "found `open_hazard_count`, expected a field that the register does not compute";
    assert!(done.code == Some(1) && done.stderr.contains(expected), "{done:?}");
    // As the register shows it in an export, it is passed over without a word.
    let done = sender.import(&[light("1", r#""open_hazard_count":3"#)], &[]).expect_done();
    assert_eq!(done.stderr, "");
    assert_eq!(sender.export("light_poles")[0]["properties"]["open_hazard_count"], 0);
}

#[test]
fn a_file_that_comes_again_brings_no_event_twice() {
    let sender = Sender::new();
    let row = |inspected: &str, result: &str| {
        [
            json!({ "no": 1, "last_inspected": inspected, "assessed": "2024-01-31", "result": result }),
        ]
    };
    check(&sender, &row("2024-05-01", "A"), &[], [1, 0, 0, 0, 2, 0, 0]);
    check(&sender, &row("2024-05-01", "A"), &[], [0, 0, 1, 0, 0, 2, 0]);
    check(&sender, &row("2024-05-01", "A"), &["--correct"], [0, 0, 1, 0, 0, 2, 0]);
    check(&sender, &row("2024-05-01", "?"), &[], [0, 0, 1, 0, 0, 2, 0]);
    assert_eq!(sender.last_change(), 2);
    // A later inspection is shown, an earlier one is known too; the asset is what it was.
    check(&sender, &row("2024-06-01", "A"), &[], [0, 0, 1, 0, 1, 1, 0]);
    check(&sender, &row("2023-06-01", "A"), &[], [0, 0, 1, 0, 1, 1, 0]);
    let pipe = sender.coded("gas_pipes", "1");
    assert_eq!(shown(&pipe, &SHOWN), json!(["2024-06-01", "2024-01-31", "meets", null]));
    assert_eq!((sender.history(id(&pipe)).len(), sender.events(id(&pipe)).len()), (1, 4));
    // A correction takes the place of what was said of the day, and keeps what it does not tell.
    check(&sender, &row("2024-06-01", "C"), &["--correct"], [0, 0, 1, 0, 1, 1, 1]);
    let events = sender.events(id(&pipe));
    let changes =
        |event: &Json| json!([event["recorded"]["sequence"], event["superseded"]["sequence"]]);
    let of_assessments = events.iter().filter(|event| event["kind"] == "assessed");
    assert_eq!(of_assessments.map(changes).collect::<Json>(), json!([[2, 5], [5, null]]));
    // What a dry run says is what an import would do.
    check(&sender, &row("2024-07-01", "A"), &["--dry-run"], [0, 0, 1, 0, 2, 0, 0]);
    assert_eq!(sender.last_change(), 5);
}

#[test]
fn an_export_into_an_empty_registry_keeps_the_last_events() {
    let sender = Sender::new();
    let rows = [
        json!({ "no": 1, "last_inspected": "2023-05-01", "assessed": "2024-02-29", "result": "C",
                "until": "2025-12-31" }),
        json!({ "no": 2 }),
    ];
    check(&sender, &rows, &[], [2, 0, 0, 0, 2, 0, 0]);
    let pipe = sender.coded("gas_pipes", "1");
    for (kind, on) in [("inspected", "2024-05-01"), ("repaired", "2024-05-02")] {
        let details = ["--kind", kind, "--on", on, "--note", "阀门井"];
        sender.run(&[&["event", "add", id(&pipe)], &details[..]].concat()).expect_done();
    }
    let path = sender.path("pipes.geojson");
    sender.run(&["export", "gas_pipes", "-o", &path]).expect_done();
    let again = ["import", &path, "--as", "gas_pipes"];
    let report = sender.run(&again).expect_done().stdout;
    let expected = "2 rows: 0 new, 0 changed, 2 unchanged, 0 refused, 0 not taken; 3 events: 0 new, \
                    3 known, 0 corrected (no change)\n";
    assert_eq!(report, expected);
    let other = Sender::new();
    let report = other.run(&again).expect_done().stdout;
    let expected = "2 rows: 2 new, 0 changed, 0 unchanged, 0 refused, 0 not taken; 3 events: 3 new, \
                    0 known, 0 corrected (change 2)\n";
    assert_eq!(report, expected);
    let without_validity = |sender: &Sender| {
        let mut features = sender.export("gas_pipes");
        features.iter_mut().for_each(|feature| feature["properties"]["valid_from"] = Json::Null);
        features
    };
    assert_eq!(without_validity(&other), without_validity(&sender));
    let expected = json!([
        { "event": 1, "kind": "inspected", "on": "2024-05-01" },
        { "event": 2, "kind": "assessed", "on": "2024-02-29", "result": "renew_by",
          "next_on": "2025-12-31" },
        { "event": 3, "kind": "repaired", "on": "2024-05-02" },
    ]);
    assert_eq!(said(&other.events(id(&pipe))), expected);
}

/// A street light that was inspected, and its id.
fn lamp() -> (Sender, String) {
    let sender = Sender::new();
    let row = light("7", r#""code":"L7","inspected_on":"2024-05-01""#);
    sender.import(&[row], &[]).expect_done();
    let id = id(&sender.coded("light_poles", "L7")).to_owned();
    (sender, id)
}

fn add(sender: &Sender, id: &str, details: &str) {
    let details: Vec<&str> = details.split(' ').collect();
    sender.run(&[&["event", "add", id], &*details].concat()).expect_done();
}

#[test]
fn a_running_server_shows_an_event_and_no_client_takes_the_old_feature_for_the_new() {
    let (sender, id) = lamp();
    let server = Server::start_behind(&sender.registry(), "https://gis.example.cn");
    let item = format!("/collections/light_poles/items/{id}");
    let paths = [&*item, "/collections/light_poles/items", "/collections/assets/items"];
    let tag = |path: &str| server.get(path).header("etag").expect("a tag").to_owned();
    let tags = paths.map(tag);
    let status = |path: &str, tag: &str| server.ask("GET", path, &[("If-None-Match", tag)]).status;
    for (path, tag) in paths.iter().zip(&tags) {
        assert_eq!(status(path, tag), 304, "{path}");
    }
    add(&sender, &id, "--kind inspected --on 2024-06-01");
    let filtered = "/collections/light_poles/items?inspected_on=2024-06-01";
    wait_until("the event is shown", || server.json(filtered)["numberMatched"] == 1);
    for (path, tag) in paths.iter().zip(&tags) {
        assert_eq!(status(path, tag), 200, "{path}");
    }
    let feature = server.json(&item);
    assert_eq!(feature["properties"]["inspected_on"], "2024-06-01");
    let [version] = &*sender.history(&id) else { panic!("an event makes no version") };
    assert_eq!(version["feature"]["properties"]["inspected_on"], "2024-06-01");
    // Another process gives the same tag.
    let new = tag(&item);
    let other = Server::start_behind(&sender.registry(), "https://gis.example.cn");
    assert_eq!(other.get(&item).header("etag"), Some(&*new));
    // A hazard that is found counts until it is mended; a wrong report is withdrawn.
    let hazards = |count: u64| {
        wait_until("the hazards are counted", || {
            server.json(&item)["properties"]["open_hazard_count"] == count
        });
    };
    add(&sender, &id, "--kind hazard_found --on 2024-06-02 --note door");
    add(&sender, &id, "--kind hazard_found --on 2024-06-02 --note cable");
    hazards(2);
    add(&sender, &id, "--kind hazard_mended --on 2024-06-03");
    hazards(1);
    sender.run(&["event", "withdraw", &id, "3", "--reason", "another lamp"]).expect_done();
    hazards(0);
    assert_ne!(tag(&item), new);
}

#[test]
fn an_event_is_told_with_who_recorded_it_and_who_withdrew_it() {
    let (sender, id) = lamp();
    add(&sender, &id, "--kind graded --on 2024-06-01 --grade 3 --scheme CJJ_181 --actor 小王");
    add(&sender, &id, "--kind hazard_found --on 2024-06-02 --note 灯门\u{1f511} --reason patrol");
    sender.run(&["event", "withdraw", &id, "1", "--reason", "not ours"]).expect_done();
    let change = |change: &Json| {
        let names = ["sequence", "verb", "actor", "reason", "origin"];
        if change.is_null() { Json::Null } else { json!(names.map(|name| change[name].clone())) }
    };
    let events = sender.events(&id);
    let changes = |event: &Json| json!([change(&event["recorded"]), change(&event["superseded"])]);
    let expected = json!([
        [
            [2, "update", "tester", "", "import lights.geojsonl"],
            [5, "correct", "tester", "not ours", "event withdraw"],
        ],
        [[3, "update", "小王", "", "event add"], null],
        [[4, "update", "tester", "patrol", "event add"], null],
    ]);
    assert_eq!(events.iter().map(changes).collect::<Json>(), expected);
    let expected = json!([
        { "event": 1, "kind": "inspected", "on": "2024-05-01" },
        { "event": 2, "kind": "graded", "on": "2024-06-01", "grade": "3", "scheme": "CJJ_181" },
        { "event": 3, "kind": "hazard_found", "on": "2024-06-02", "note": "灯门\u{1f511}" },
    ]);
    assert_eq!(said(&events), expected);
    let told = sender.run(&["history", &id]).expect_done().stdout;
    let lines: Vec<&str> = told.lines().skip(3).collect();
    let without_times = |line: &&str| match line.split_once(" recorded ") {
        Some((before, after)) => {
            format!("{before} {}", after.split_once(' ').map_or("", |(_, rest)| rest))
        }
        None => (*line).to_owned(),
    };
    let expected = "event 1: inspected 2024-05-01, no longer held
  change 2 (update) by tester through import lights.geojsonl
  change 5 (correct) by tester through event withdraw: not ours
event 2: graded 2024-06-01
  change 3 (update) by 小王 through event add
  grade: \"3\"
  scheme: \"CJJ_181\"
event 3: hazard_found 2024-06-02
  change 4 (update) by tester through event add: patrol
  note: \"灯门\u{1f511}\"";
    assert_eq!(lines.iter().map(without_times).collect::<Vec<_>>().join("\n"), expected);
}

#[test]
fn the_public_is_told_of_events_what_a_field_of_the_collection_shows() {
    let (sender, id) = lamp();
    // Street lights show inspections and count hazards, and have no grades.
    add(&sender, &id, "--kind inspected --on 2024-06-01 --note secret --next-on 2025-06-01");
    add(&sender, &id, "--kind graded --on 2024-06-01 --grade 3");
    add(&sender, &id, "--kind hazard_found --on 2024-06-02 --note secret");
    let server = Server::start(&sender.registry(), &[]);
    let history =
        |collection: &str| server.json(&format!("/collections/{collection}/items/{id}/history"));
    let told = history("light_poles");
    let whole: Vec<Json> = sender
        .events(&id)
        .into_iter()
        .filter(|event| event["kind"] == "inspected")
        .map(|mut event| {
            let members = event.as_object_mut().expect("an event");
            for detail in ["note", "next_on"] {
                assert!(members.shift_remove(detail).is_some(), "{detail}");
            }
            event
        })
        .collect();
    assert_eq!((whole.len(), &told["events"]), (2, &json!(whole)));
    assert!(!told.to_string().contains("secret"), "{told}");
    assert_eq!(history("assets")["events"], json!([]));
    // A server tells at once what was recorded behind its back.
    add(&sender, &id, "--kind repaired --on 2024-07-01");
    assert_eq!(history("light_poles")["events"][2]["kind"], "repaired");
}

#[test]
fn a_long_list_of_events_comes_in_pages_beside_the_versions() {
    let (sender, id) = lamp();
    for power in [70, 85] {
        let row =
            light("7", &format!(r#""power_w":{power},"repaired_on":"2024-06-{}""#, power - 60));
        sender.import(&[row], &[]).expect_done();
    }
    for day in 1..=4 {
        add(&sender, &id, &format!("--kind inspected --on 2024-06-0{day}"));
    }
    let server = Server::start(&sender.registry(), &[]);
    let path = format!("/collections/light_poles/items/{id}/history");
    let whole = server.json(&path);
    let count = |page: &Json| (list(&page["versions"]).len(), list(&page["events"]).len());
    assert_eq!((count(&whole), link(&whole, "next")), ((3, 7), None));
    for limit in 1..=8 {
        let pages = server.pages(&format!("{path}?limit={limit}"));
        for member in ["versions", "events"] {
            let all = pages.iter().flat_map(|page| list(&page[member]));
            assert_eq!(all.cloned().collect::<Json>(), whole[member], "{member} by {limit}");
        }
        assert_eq!(pages.len(), 7_usize.div_ceil(limit));
    }
    for (query, expected) in [
        ("after_event=6", (3, 1)),
        ("after_event=7", (3, 0)),
        ("after=2&after_event=4294967295", (1, 0)),
        ("after_event=99999999999999999999", (3, 0)),
    ] {
        assert_eq!(count(&server.json(&format!("{path}?{query}"))), expected, "{query}");
    }
    for query in ["after_event=-1", "after_event=x", "after_event="] {
        assert_eq!(server.get(&format!("{path}?{query}")).status, 400, "{query}");
    }
}
