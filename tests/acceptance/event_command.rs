//! `terrier event`: what is recorded by hand, and withdrawn again.

use serde_json::{Value as Json, json};

use crate::sender::{Sender, id, light};

/// A registry with one street light of key `k`, and its id.
fn lamp() -> (Sender, String) {
    let sender = Sender::new();
    let options = ["--source", "lighting"];
    sender.import(&[light("k", r#""code":"L1""#)], &options).expect_done();
    let id = id(&sender.coded("light_poles", "L1")).to_owned();
    (sender, id)
}

/// Runs `terrier event` with these words; its exit code and what it says must be as expected, where
/// `ID` stands for the light's id.
fn check(sender: &Sender, id: &str, line: &str, code: i32, expected: &str) {
    let words: Vec<&str> =
        line.split(' ').map(|word| if word == "ID" { id } else { word }).collect();
    let done = sender.run(&[&["event"], &*words].concat());
    let said = format!("{}{}", done.stdout, done.stderr).replace(id, "ID");
    assert_eq!(done.code, Some(code), "{line}: {said}");
    assert!(said.starts_with(expected), "{line}: {said}");
}

fn said(sender: &Sender, id: &str) -> Json {
    let brief = |event: &Json| {
        let is_held = event["superseded"].is_null();
        json!([event["event"], event["kind"], event["on"], event["note"], is_held])
    };
    sender.events(id).iter().map(brief).collect()
}

#[test]
fn an_event_is_recorded_by_the_id_or_by_source_and_key() {
    let (sender, id) = lamp();
    let add = |line: &str, expected: &str| {
        check(&sender, &id, &format!("add {line}"), 0, &format!("{expected}\n"));
    };
    add("ID --kind inspected --on 2024-05-01", "inspected 2024-05-01: event 1 of ID (change 3)");
    let by_key = "--source lighting --key k --kind repaired --on 2024-05-02 --note lamp";
    add(
        &format!("{by_key} --dry-run"),
        "repaired 2024-05-02: event 2 of ID (dry run, nothing was written)",
    );
    add(by_key, "repaired 2024-05-02: event 2 of ID (change 4)");
    // The same again, and less than is known, change nothing.
    add(by_key, "repaired 2024-05-02: known as event 2 of ID (no change)");
    add(
        "ID --kind repaired --on 2024-05-02 --correct",
        "repaired 2024-05-02: known as event 2 of ID (no change)",
    );
    let expected = json!([
        [1, "inspected", "2024-05-01", null, true],
        [2, "repaired", "2024-05-02", "lamp", true],
    ]);
    assert_eq!((said(&sender, &id), sender.last_change()), (expected, 4));
}

#[test]
fn another_event_of_the_day_is_a_further_one_and_a_correction_takes_its_place() {
    let (sender, id) = lamp();
    let add = |line: &str, expected: &str| {
        check(&sender, &id, &format!("add ID --on 2024-05-01 {line}"), 0, expected);
    };
    add("--kind hazard_found --note door", "hazard_found 2024-05-01: event 1 of ID (change 3)");
    add("--kind hazard_found --note cable", "hazard_found 2024-05-01: event 2 of ID (change 4)");
    add(
        "--kind hazard_found --note fuse --correct --reason misheard",
        "hazard_found 2024-05-01: event 3 of ID, in the place of event 2, 1 (change 5)",
    );
    add(
        "--kind assessed --result renew_by --next-on 2025-12-31",
        "assessed 2024-05-01: event 4 of ID (change 6)",
    );
    // A correction keeps the details that it does not tell.
    add("--kind assessed --result meets --correct", "assessed 2024-05-01: event 5 of ID, in");
    let last = &sender.events(&id)[4];
    assert_eq!((&last["result"], &last["next_on"]), (&json!("meets"), &json!("2025-12-31")));
    assert_eq!(last["recorded"]["verb"], "correct");
}

#[test]
fn a_report_as_json_says_what_came_of_it() {
    let (sender, id) = lamp();
    let report = |line: &str| {
        let words = line.split(' ').map(|word| if word == "ID" { &id } else { word });
        let words: Vec<&str> = ["event"].into_iter().chain(words).collect();
        sender.run(&words).expect_done().json()
    };
    let add = "add ID --kind cleaned --on 2024-05-01 --json";
    let expected = |change: Json, dry_run: bool, recorded: bool| {
        json!({ "change": change, "dry_run": dry_run, "id": id, "event": 1, "recorded": recorded,
                "superseded": [] })
    };
    assert_eq!(report(&format!("{add} --dry-run")), expected(Json::Null, true, true));
    assert_eq!(report(add), expected(json!(3), false, true));
    assert_eq!(report(add), expected(Json::Null, false, false));
    let withdraw = "withdraw ID 1 --reason mistaken --json";
    let expected = |change: Json, dry_run: bool| json!({ "change": change, "dry_run": dry_run, "id": id, "event": 1 });
    assert_eq!(report(&format!("{withdraw} --dry-run")), expected(Json::Null, true));
    assert_eq!(report(withdraw), expected(json!(4), false));
}

#[test]
fn a_withdrawn_event_stays_in_the_history_and_nowhere_else() {
    let (sender, id) = lamp();
    let run = |line: &str, code: i32, expected: &str| check(&sender, &id, line, code, expected);
    run("add ID --kind inspected --on 2023-05-01", 0, "");
    run("add ID --kind inspected --on 2024-05-01", 0, "");
    let withdraw = "withdraw --source lighting --key k 2 --reason mistaken";
    let said_of_it = "inspected 2024-05-01: event 2 of ID withdrawn";
    run(
        &format!("{withdraw} --dry-run"),
        0,
        &format!("{said_of_it} (dry run, nothing was written)\n"),
    );
    run(withdraw, 0, &format!("{said_of_it} (change 5)\n"));
    assert_eq!(sender.coded("light_poles", "L1")["properties"]["inspected_on"], "2023-05-01");
    let gone = "error: event: found `2`, expected one that stands: it was withdrawn or corrected";
    run("withdraw ID 2 --reason again", 1, gone);
    // It did happen after all.
    run("add ID --kind inspected --on 2024-05-01", 0, "inspected 2024-05-01: event 3 of ID");
    let expected = json!([
        [1, "inspected", "2023-05-01", null, true],
        [2, "inspected", "2024-05-01", null, false],
        [3, "inspected", "2024-05-01", null, true],
    ]);
    assert_eq!(said(&sender, &id), expected);
    assert_eq!(sender.coded("light_poles", "L1")["properties"]["inspected_on"], "2024-05-01");
    assert_eq!((sender.history(&id).len(), sender.last_change()), (1, 6));
}

#[test]
fn what_cannot_be_recorded_or_withdrawn_is_refused_with_the_reason() {
    let (sender, id) = lamp();
    let refused = |line: &str, code: i32, expected: &str| {
        check(&sender, &id, line, code, &format!("error: {expected}"));
    };
    let day = "--on 2024-05-01";
    let other = "01890a5d-ac96-774b-bcce-b302099a8057";
    refused(&format!("add {other} --kind cleaned {day}"), 1, "no asset `01890a5d-");
    refused(&format!("add --source x --key k --kind cleaned {day}"), 1, "no asset `k` in the");
    refused(&format!("add --key k --kind cleaned {day}"), 2, "the following required");
    refused(&format!("add --kind cleaned {day}"), 2, "the following required");
    refused(&format!("add ID --source s --key k --kind cleaned {day}"), 2, "the argument");
    refused(&format!("add 7 --kind cleaned {day}"), 2, "invalid value '7' for '[ID]'");
    refused(&format!("add ID --kind painted {day}"), 2, "invalid value 'painted'");
    refused("add ID --kind cleaned --on 2024-02-30", 2, "invalid value '2024-02-30'");
    refused(
        "add ID --kind cleaned --on 2999-01-01",
        1,
        "cleaned.on: found `2999-01-01`, expected no",
    );
    refused(&format!("add ID --kind assessed {day}"), 2, "what was assessed has a --result");
    refused(&format!("add ID --kind graded {day}"), 2, "what was graded has a --grade");
    refused(
        &format!("add ID --kind cleaned {day} --grade 3"),
        2,
        "grade: found `3`, expected noth",
    );
    refused(
        &format!("add ID --kind cleaned {day} --next-on 2024-04-30"),
        2,
        "next_on: found `2024-04-30`, expected no day before 2024-05-01",
    );
    refused(&format!("add ID --kind cleaned {day} --note="), 2, "invalid value");
    refused(&format!("add ID --kind cleaned {day} --note a\u{7}"), 2, r"note: found `a\u{7}`");
    refused("withdraw ID 1 --reason x", 1, "event: found `1`, expected nothing: the asset has no");
    refused("withdraw ID 1", 2, "the following required");
    refused("withdraw --reason x 1", 2, "the following required");
    refused("withdraw ID --reason x", 2, "invalid value 'ID' for '<NUMBER>'");
    assert_eq!(sender.last_change(), 2, "nothing was written");
    check(&Sender::new(), &id, &format!("add ID --kind cleaned {day}"), 1, "error: no registry");
}
