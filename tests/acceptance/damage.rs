//! Registries that are not what they were: `check` finds it and has an exit code of its own.

use std::process::Command;

use crate::program::Server;
use crate::sender::{Sender, light, lights};

/// A registry of a hundred lights with two changes.
fn sound() -> Sender {
    let sender = Sender::new();
    let first = r#""power_w":70,"inspected_on":"2019-05-01""#;
    sender.import(&lights(100, first), &["--valid-from", "2020-01-01"]).expect_done();
    let second = r#""power_w":85,"inspected_on":"2021-05-01""#;
    sender.import(&[light("k7", second)], &[]).expect_done();
    sender
}

/// After a statement on a closed registry, `check` tells of a problem that holds this text.
fn check(statement: &str, problem: &str) {
    let sender = sound();
    let done = sender.run(&["check"]).expect_done();
    assert!(done.stdout.ends_with("\n100 assets at change 3: all is well\n"), "{}", done.stdout);
    let file = sender.registry().join("terrier.sqlite");
    let done = Command::new("sqlite3").arg(file).arg(statement).output().expect("sqlite3 starts");
    assert!(done.status.success() && done.stderr.is_empty(), "{done:?}");
    check_unsound(&sender, problem);
}

fn check_unsound(sender: &Sender, problem: &str) {
    let done = sender.run(&["check"]);
    assert_eq!(done.code, Some(4), "{done:?}");
    assert!(done.stdout.ends_with(": the registry is unsound\n"), "{}", done.stdout);
    assert!(done.stdout.contains(problem), "{}", done.stdout);
    let done = sender.run(&["check", "--json"]);
    let report = done.json();
    let problems = report["problems"].as_array().expect("a list");
    let is_it =
        |told: &&serde_json::Value| told.as_str().is_some_and(|told| told.contains(problem));
    assert!(done.code == Some(4) && problems.iter().any(|told| is_it(&told)), "{report}");
}

#[test]
fn a_gap_in_the_change_sequence_is_found() {
    check(
        "create temp table copied as select * from change_sets where sequence = 3; \
         update copied set sequence = 9; insert into change_sets select * from copied",
        "change 9 follows on change 3",
    );
}

#[test]
fn a_version_that_is_missing_or_too_many_is_found() {
    check(
        "delete from versions where version = 1 and valid_to is not null",
        "has 1 versions, the last is 2",
    );
    check(
        "update versions set valid_to = null, ended_by = null where version = 1",
        "has 2 standing versions",
    );
    check(
        "update versions set valid_to = valid_to - 1 where valid_to is not null",
        "ends when no other begins",
    );
    check("delete from versions where version = 2", "has 0 standing versions");
}

#[test]
fn an_event_that_is_damaged_or_missing_is_found() {
    check("update events set kind = 'painted' where event = 2", "an event of kind `painted`");
    check(
        "update events set happened_on = '2021-02-29' where event = 2",
        "an event with the day `2021-02-29`",
    );
    check("update events set result = 'lost' where event = 2", "an assessment with result `lost`");
    check("delete from events where event = 1", "has 1 events, the last is 2");
    check("update events set class_number = 1 where event = 2", "has 1 events, the last is 2");
    check("update events set recorded_from = 9 where event = 2", "points to no row of change_sets");
}

#[test]
fn a_row_that_points_nowhere_is_found() {
    check("delete from sources", "a row of assets points to no row of sources");
    check("delete from change_sets where sequence = 2", "change 3 follows on change 1");
}

#[test]
fn contents_that_cannot_be_read_are_found() {
    check(
        "update versions set content = '{\"colour\":\"red\"}' where version_number = 5",
        "`colour` is no field of the class",
    );
    check("update versions set content = '{' where version_number = 5", "EOF while parsing");
    check("update versions set geometry = x'00' where version_number = 5", "geometry");
    check("update versions set place = 0 where version_number = 5", "is not where its place says");
    check(
        // A line from 117 to 118 degrees east.
        "update versions set geometry = x'0102000000020000000000000000405d400000000000804340\
         0000000000805d400000000000804340' where version_number = 5",
        "is 1 by 0 degrees large, and the ledger keeps that none of its class is larger than 0 by 0",
    );
    check(
        "update class_documents set document = 'x' where class_number = 4",
        "the document of class",
    );
    check(
        "update rule_documents set document = 'x' where pack_number = 1",
        "at change 1: the document of rule pack `CN`: line 1",
    );
    check(
        "update rule_documents set document = replace(document, 'gas_pipes', 'pipes')",
        "no class `pipes`",
    );
}

#[test]
fn bytes_that_have_changed_on_the_disk_are_found() {
    let sender = sound();
    let file = sender.registry().join("terrier.sqlite");
    let whole = std::fs::read(&file).expect("the file");
    // Every page but the first, in which lies where everything is, has zeros in its head once.
    let pages = whole.len() / 8192;
    let mut found = 0;
    for page in 1..pages {
        let mut bytes = whole.clone();
        bytes[page * 8192..][..100].fill(0);
        std::fs::write(&file, &bytes).expect("the file is ours");
        let done = sender.run(&["check"]);
        assert!([Some(1), Some(4)].contains(&done.code), "page {page}: {done:?}");
        found += u32::from(done.code == Some(4));
    }
    assert!(found > 0, "no page of {pages}");
    std::fs::write(&file, &whole).expect("the file is ours");
    sender.run(&["check"]).expect_done();
}

#[test]
fn a_registry_is_checked_beside_a_running_server() {
    let sender = sound();
    let server = Server::start(&sender.registry(), &[]);
    let done = sender.run(&["check"]).expect_done();
    assert!(done.stdout.ends_with("\n100 assets at change 3: all is well\n"), "{}", done.stdout);
    assert_eq!(server.json("/collections/assets/items?limit=1")["numberMatched"], 100);
}
