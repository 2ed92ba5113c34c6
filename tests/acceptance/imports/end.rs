//! How imports end, and what is told of them later: names of requests, servers that start again, servers
//! that are killed.

use serde_json::{Value as Json, json};

use super::{Taken, path};
use crate::program::{Server, link, list, text, wait_until};
use crate::sender::{light, lights};

/// Sends street lights under a name, and answers what is told and the status.
fn named(taken: &Taken, key: &str, more: &str, rows: &[String]) -> (u16, Json) {
    let question = format!("/imports?as=light_poles&name=lights.geojsonl{more}");
    let headers = [("Idempotency-Key", key), super::WAIT];
    let answer = taken.server.send("POST", &question, &headers, rows.join("\n"));
    (answer.status, answer.json())
}

#[test]
fn the_same_request_twice_is_one_import() {
    let taken = Taken::new();
    let rows = lights(5, r#""power_w":70"#);
    let (_, first) = named(&taken, "monday", "", &rows);
    let (status, again) = named(&taken, "monday", "", &rows);
    assert_eq!((status, &again["id"], &again["change"]), (200, &first["id"], &first["change"]));
    let (status, problem) = named(&taken, "monday", "", &lights(6, r#""power_w":70"#));
    assert_eq!(status, 422, "{problem}");
    assert!(text(&problem["detail"]).contains("that of another request"), "{problem}");
    assert_eq!(named(&taken, "monday", "&strict=true", &rows).0, 422);
    let (_, other) = named(&taken, "tuesday", "", &rows);
    assert_ne!(other["id"], first["id"]);
    assert_eq!(other["report"]["unchanged"], 5);
    let taken = taken.restart();
    assert_eq!(named(&taken, "monday", "", &rows).1["id"], first["id"]);
    // What could not be read is no answer for what is mended.
    let cut = [light("9", "")[..40].to_owned()];
    assert_eq!(named(&taken, "friday", "", &cut).0, 422);
    assert_eq!(named(&taken, "friday", "", &rows).0, 200);
    taken.check();
}

#[test]
fn imports_are_listed_page_by_page_and_told_after_a_restart() {
    let taken = Taken::new();
    let told: Vec<Json> = (0..5).map(|n| taken.lights(&lights(n, r#""power_w":70"#), "")).collect();
    let taken = taken.restart();
    let pages = taken.server.pages("/imports?limit=2");
    assert_eq!(pages.len(), 3);
    assert!(link(&pages[2], "next").is_none());
    let listed = pages.iter().flat_map(|page| list(&page["imports"]));
    let listed: Vec<&Json> = listed.map(|import| &import["id"]).collect();
    let expected: Vec<&Json> = told.iter().rev().map(|import| &import["id"]).collect();
    assert_eq!(listed, expected);
    for import in &told {
        let mut now = taken.server.json(&path(import));
        let mut then = import.clone();
        // The port is another one.
        for told in [&mut now, &mut then] {
            told["links"].take();
        }
        assert_eq!(now, then);
    }
    assert_eq!(taken.server.get("/imports/018cc251-fe21-7a13-abb8-000000000000").status, 404);
    assert_eq!(taken.server.get("/imports/x").status, 404);
    assert_eq!(taken.server.get("/imports?after=x").status, 400);
    assert_eq!(taken.server.get("/imports?limit=0").status, 400);
}

#[test]
fn who_does_not_wait_is_told_where_to_look() {
    let taken = Taken::new();
    let question = "/imports?as=light_poles&name=x.geojson";
    let answer = taken.server.send("POST", question, &[], light("1", r#""code":"1""#));
    assert!(matches!(answer.status, 200 | 202), "{}", answer.text());
    let location = answer.header("location").expect("a location").to_owned();
    assert!(location.ends_with(&path(&answer.json())), "{location}");
    wait_until("it is done", || taken.server.json(&location)["state"] == "done");
    // Whoever hears that it is done finds it.
    assert_eq!(taken.count("light_poles"), 1);
}

#[test]
fn a_server_that_is_killed_has_taken_all_of_a_file_or_nothing() {
    let taken = Taken::new();
    let rows = lights(30_000, r#""power_w":70"#);
    let question = "/imports?as=light_poles&name=lights.geojsonl";
    let answer = taken.server.send("POST", question, &[], rows.join("\n"));
    assert_eq!(answer.status, 202, "{}", answer.text());
    let import = path(&answer.json());
    wait_until("it is under way", || {
        let told = taken.server.json(&import);
        told["state"] != "waiting" && told["rows"].as_u64() > Some(0)
    });
    taken.server.kill();
    let taken = taken.restart();
    let told = taken.server.json(&import);
    let left: Vec<String> = taken.left();
    match text(&told["state"]) {
        "interrupted" => {
            assert_eq!((taken.count("light_poles"), &told["change"]), (0, &Json::Null));
            assert!(text(&told["error"]).contains("nothing was taken"), "{told}");
            assert_eq!(left, ["import.json"]);
        }
        state => {
            assert_eq!((state, &told["change"]), ("done", &json!(2)), "{told}");
            assert_eq!(taken.count("light_poles"), 30_000);
        }
    }
    let again = taken.lights(&rows, "");
    assert_eq!(again["state"], "done", "{again}");
    assert_eq!(taken.count("light_poles"), 30_000);
    taken.check();
}

#[test]
fn a_server_that_is_told_to_stop_does_not_wait_for_an_import() {
    let taken = Taken::new();
    let rows = lights(30_000, r#""power_w":70"#);
    let question = "/imports?as=light_poles&name=lights.geojsonl";
    let answer = taken.server.send("POST", question, &[], rows.join("\n"));
    let import = path(&answer.json());
    wait_until("it is under way", || taken.server.json(&import)["state"] != "waiting");
    let taken = taken.restart();
    let told = taken.server.json(&import);
    let count = if told["state"] == "done" { 30_000 } else { 0 };
    assert_eq!(taken.count("light_poles"), count, "{told}");
    taken.check();
}

#[test]
fn a_second_server_of_a_registry_takes_no_files() {
    let taken = Taken::new();
    taken.lights(&lights(1, r#""power_w":70"#), "");
    let mut second = Server::start(&taken.registry(), &[]);
    second.ask_with(taken.server.key());
    let question = "/imports?as=light_poles&name=x.geojson";
    let answer = second.send("POST", question, &[], light("1", ""));
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert_eq!(list(&taken.server.json("/imports")["imports"]).len(), 1);
}
