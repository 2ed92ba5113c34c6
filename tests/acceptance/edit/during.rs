//! Reading while others edit: each answer is of one moment, however many pages and forms it has.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value as Json, json};

use super::{Edited, LIGHTS, ids, light, transaction};
use crate::program::{list, terrier, text};

/// Lights between which power is moved, and lights that nobody touches.
const MOVED: usize = 20;
const RESTING: usize = 60;

/// What each of the lights has at first.
const POWER: f64 = 100.0;

/// How often each form is read while edits go on.
const READS: usize = 15;

/// Lights that are edited, with the ids of those that are, and of those that rest.
fn lit() -> (Edited, Vec<String>, Vec<String>) {
    let edited = Edited::new();
    let insert = |number: usize| {
        let properties = format!(r#""code":"L-{number}","power_w":{POWER}"#);
        let feature: Json = serde_json::from_str(&light(&properties)).expect("JSON");
        json!({ "action": "insert", "collection": "light_poles", "feature": feature })
    };
    let edits: Vec<Json> = (0..MOVED + RESTING).map(insert).collect();
    let json = ("Content-Type", "application/json");
    let made = edited.server.send("POST", "/transactions", &[json], transaction(&edits));
    let mut moved = ids(&made.json());
    let resting = moved.split_off(MOVED);
    (edited, moved, resting)
}

/// Moves power from one light to another, in one change: what all have together stays the same.
fn shift(edited: &Edited, from: &str, to: &str, power: &mut BTreeMap<String, f64>) {
    let mut update = |id: &str, more: f64| {
        let power = power.entry(id.to_owned()).or_insert(POWER);
        *power += more;
        let feature = json!({ "properties": { "power_w": *power } });
        json!({ "action": "update", "collection": "light_poles", "id": id, "feature": feature })
    };
    let edits = [update(from, -1.0), update(to, 1.0)];
    let json = ("Content-Type", "application/json");
    let answer = edited.server.send("POST", "/transactions", &[json], transaction(&edits));
    assert_eq!(answer.status, 200, "{}", answer.text());
}

fn powers(features: &[Json]) -> f64 {
    features.iter().map(|feature| feature["properties"]["power_w"].as_f64().expect("power")).sum()
}

/// The sum of a column of a table.
fn sum_of_column(table: &str, name: &str) -> f64 {
    let mut lines = table.trim_start_matches('\u{feff}').lines();
    let place = lines.next().expect("a head").split(',').position(|column| column == name);
    let place = place.unwrap_or_else(|| panic!("no column {name}"));
    lines
        .map(|line| line.split(',').nth(place).expect("a cell").parse::<f64>().expect("power"))
        .sum()
}

/// Reads while power is moved, until all reads are done and some edits fell between them.
fn read_while_edited(read: impl Fn(&Edited, &[String])) {
    let (edited, moved, resting) = lit();
    let (is_over, edits) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut power = BTreeMap::new();
            for turn in 0.. {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                let [from, to] = [turn, turn * 7 + 3].map(|at| &*moved[at % MOVED]);
                if from != to {
                    shift(&edited, from, to, &mut power);
                    edits.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        // However the reads end, the edits do.
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for _ in 0..READS {
                let before = edits.load(Ordering::Relaxed);
                read(&edited, &resting);
                crate::program::wait_until("an edit came", || {
                    edits.load(Ordering::Relaxed) > before
                });
            }
        }));
        is_over.store(true, Ordering::Relaxed);
        if let Err(panic) = done {
            std::panic::resume_unwind(panic);
        }
    });
    edited.check();
}

const WHOLE: f64 = POWER * (MOVED + RESTING) as f64;

#[test]
fn each_answer_is_of_one_moment_in_every_form() {
    read_while_edited(|edited, _| {
        let features = edited.server.features(&format!("{LIGHTS}?limit=1000"));
        assert_eq!(powers(&features), WHOLE);
        let table = edited.server.get(&format!("{LIGHTS}?limit=1000&f=csv"));
        assert_eq!(sum_of_column(&table.text(), "power_w"), WHOLE);
        let told = edited.server.json("/collections/light_poles/queryables/power_w/values");
        let each = list(&told["values"]).iter().map(|one| {
            let number = |name: &str| one[name].as_f64().expect("a number");
            number("value") * number("count")
        });
        assert_eq!(each.sum::<f64>(), WHOLE, "{told}");
        let sorted = edited.server.features(&format!("{LIGHTS}?limit=1000&sortby=-power_w"));
        assert_eq!(powers(&sorted), WHOLE);
    });
}

#[test]
fn an_export_by_command_is_of_one_moment() {
    read_while_edited(|edited, _| {
        let file = edited.folder.path().join("lights.csv");
        let words = ["export", "light_poles", "--output", file.to_str().expect("a path")];
        terrier(&edited.registry(), &words).expect_done();
        let table = std::fs::read_to_string(&file).expect("a file");
        assert_eq!(sum_of_column(&table, "power_w"), WHOLE);
    });
}

#[test]
fn who_turns_pages_meets_everything_that_rests_once_and_nothing_twice() {
    read_while_edited(|edited, resting| {
        let pages = edited.server.pages(&format!("{LIGHTS}?limit=7"));
        let mut met: Vec<&str> = pages
            .iter()
            .flat_map(|page| list(&page["features"]))
            .map(|one| text(&one["id"]))
            .collect();
        let all = met.len();
        met.sort_unstable();
        met.dedup();
        assert_eq!((all, met.len()), (MOVED + RESTING, MOVED + RESTING));
        assert!(resting.iter().all(|id| met.binary_search(&&**id).is_ok()));
    });
}

#[test]
fn pages_of_the_past_stay_as_they_were() {
    read_while_edited(|edited, _| {
        // Whatever comes meanwhile, a change is known as it was.
        let newest = edited.server.json("/change-sets?limit=1")["changes"][0]["sequence"].clone();
        let walk = || {
            let pages = edited.server.pages(&format!("{LIGHTS}?known-at={newest}&limit=30"));
            let features: Vec<Json> =
                pages.iter().flat_map(|page| list(&page["features"]).to_vec()).collect();
            assert_eq!((features.len(), powers(&features)), (MOVED + RESTING, WHOLE));
            features
        };
        assert_eq!(walk(), walk());
    });
}
