//! The audit: a chain with an entry for each change, which `terrier check` reads, and which what was
//! altered behind its back breaks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::json;
use tempfile::TempDir;
use terrier_catalog::Secret;

use crate::program::{Server, folder, terrier};
use crate::sender::{Sender, light, lights};

const TRIGGERS: &str = "drop trigger audit_is_not_rewritten; drop trigger audit_is_not_deleted;";

/// A registry in which every way of writing was used, closed.
fn written() -> &'static Path {
    static WRITTEN: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, registry) = WRITTEN.get_or_init(|| {
        let parent = folder();
        let registry = parent.path().join("registry");
        write_in_every_way(&registry);
        (parent, registry)
    });
    registry
}

fn write_in_every_way(registry: &Path) {
    let sender = Sender::new();
    let file = sender.file(
        "lights.geojsonl",
        lights(20, r#""power_w":70,"inspected_on":"2019-05-01""#).join("\n"),
    );
    let run = |words: &[&str]| terrier(registry, words).expect_done();
    let import = ["import", &file, "--as", "light_poles", "--valid-from", "2020-01-01"];
    run(&import);
    sender.file("lights.geojsonl", light("k7", r#""power_w":85,"inspected_on":"2021-05-01""#));
    run(&import[..4]);
    let corrected = [&import[..4], &["--correct"]].concat();
    sender.file("lights.geojsonl", light("k8", r#""power_w":90,"inspected_on":"2019-05-01""#));
    run(&corrected);
    run(&["settings", "set", "strict_collections", "manholes"]);
    run(&["organisation", "add", "Hexi Gas"]);
    run(&["person", "add", "wang.li", "--organisation", "Hexi Gas"]);
    run(&["role", "retire", "viewer"]);
    run(&["key", "create", "--person", "wang.li", "--role", "editor"]);
    let made = run(&["key", "create", "--person", "wang.li", "--role", "planner"]);
    let id = Secret::parse(made.stdout.trim_end()).expect("a key").id().to_string();
    run(&["key", "revoke", &id]);
    let made = run(&["key", "create", "--person", "administrator", "--role", "administrator"]);
    let mut server = Server::start(registry, &[]);
    server.ask_with(made.stdout.trim_end());
    let sent = |method: &str, path: &str, body: &str, more: &[(&str, &str)]| {
        let answer = server.send(method, path, more, body);
        assert!(answer.status < 300, "{method} {path}: {}", answer.text());
        answer
    };
    let items = "/collections/light_poles/items";
    let feature = json!({
        "type": "Feature", "properties": { "code": "N1" },
        "geometry": { "type": "Point", "coordinates": [117.3, 39.2] },
    });
    let geojson = [("Content-Type", "application/geo+json")];
    let patch = [("Content-Type", "application/merge-patch+json")];
    let made = sent("POST", items, &feature.to_string(), &geojson);
    let place = made.header("location").expect("where it is").to_owned();
    let item = &place[place.find("/collections").expect("a path")..];
    sent("PATCH", item, r#"{"properties":{"code":"N2"}}"#, &patch);
    sent("DELETE", item, "", &[]);
    let last = server.json("/change-sets?limit=1")["changes"][0]["sequence"].clone();
    sent("POST", &format!("/change-sets/{last}/revert"), "", &[]);
    sent("POST", "/change-sets/4/revert?dry-run=true", "", &[]);
    sent("POST", "/change-sets/4/revert", "", &[]);
    sent("POST", "/change-sets/3/revert", "", &[]);
    server.stop();
}

/// A copy of a registry of which statements have altered something.
fn altered(statements: &str) -> TempDir {
    let parent = folder();
    let file = parent.path().join("terrier.sqlite");
    fs::copy(written().join("terrier.sqlite"), &file).expect("a copy");
    let done = Command::new("sqlite3").arg(&file).arg(statements).output().expect("sqlite3 starts");
    assert!(done.status.success() && done.stderr.is_empty(), "{statements}: {done:?}");
    parent
}

/// After statements, the check tells of this.
fn check(statements: &str, expected: &str) {
    let registry = altered(statements);
    let done = terrier(registry.path(), &["check"]);
    assert_eq!(done.code, Some(4), "{statements}: {done:?}");
    assert!(done.stdout.contains(expected), "{statements}: {}", done.stdout);
}

#[test]
fn every_way_of_writing_has_its_entry() {
    let registry = altered("select 1");
    let done = terrier(registry.path(), &["check", "--json"]).expect_done().json();
    let changes = done["sequence"].as_u64().expect("a number");
    let head = done["audit"]["head"].as_str().expect("a head");
    assert!(changes >= 14 && head.starts_with(&format!("{changes}:")), "{done}");
    assert_eq!(done["audit"]["adopted"], 0);
    let told = terrier(registry.path(), &["check"]).expect_done().stdout;
    assert!(told.starts_with(&format!("audit {head}\n")), "{told}");
}

#[test]
fn an_altered_row_of_any_table_that_is_covered_is_named() {
    let check = |statement: &str, table: &str| {
        check(statement, &format!("wrote into `{table}` is not what the audit says"));
    };
    check("update change_sets set actor = 'nobody' where sequence = 2", "change_sets");
    check("update change_sets set recorded_at = recorded_at - 1 where sequence = 3", "change_sets");
    for column in ["place", "valid_from", "geom_length_m", "geom_area_m2"] {
        check(
            &format!("update versions set {column} = {column} + 1 where version_number = 5"),
            "versions",
        );
    }
    check(
        "update versions set content = replace(content, '70', '71') where version_number = 5",
        "versions",
    );
    check(
        "update versions set geometry = (select geometry from versions where version_number = 6) \
         where version_number = 5",
        "versions",
    );
    check("update assets set external_key = 'k99' where external_key = 'k3'", "assets");
    check("update sources set name = 'others'", "assets");
    check(
        "update versions set valid_to = valid_to + 1 where valid_to is not null",
        "versions.ends",
    );
    check(
        "update versions set recorded_to = recorded_to + 1 where recorded_to is not null",
        "versions.ends",
    );
    check("update retirements set version = version + 1", "retirements");
    check("update events set note = 'rust' where event = 1", "events");
    check(
        "update events set recorded_to = null where recorded_to is not null",
        "events.recorded_to",
    );
    check(
        "update class_documents set document = document || ' ' where class_number = 4",
        "class_documents",
    );
    check("update classes set name = name || 's' where class_number = 4", "class_documents");
    check("update rule_documents set document = document || ' '", "rule_documents");
    check("update settings set value = '*' where name = 'strict_collections'", "settings");
    check("update organisation_states set standing = 0", "organisation_states");
    check("update person_states set organisation_number = 1", "person_states");
    check("update people set name = 'li.si' where name = 'wang.li'", "person_states");
    check(
        "update role_documents set document = document || ' ' where document is not null",
        "role_documents",
    );
    check("update keys set until = 9 where key_number = 1", "keys");
    check("update keys set hash = randomblob(32) where key_number = 1", "keys");
    check("update keys set revoked_by = null", "keys.revoked_by");
}

#[test]
fn a_row_that_was_added_or_taken_away_is_named() {
    check("delete from events where event = 2", "wrote into `events` is not what");
    check(
        "insert into settings values ('public_collections', 3, '*')",
        "what change 3 wrote into `settings` is not what the audit says",
    );
    check(
        "insert into retirements select asset_id, 3, 1 from assets limit 1",
        "what change 3 wrote into `retirements` is not what the audit says",
    );
}

#[test]
fn an_entry_that_was_altered_or_taken_away_is_named() {
    let check =
        |statement: &str, expected: &str| check(&format!("{TRIGGERS} {statement}"), expected);
    check(
        "update audit set recorded_at = recorded_at - 1 where number = 4",
        "entry 4 of the audit was altered, or does not follow on the one before",
    );
    check("update audit set body = '{}' where number = 4", "entry 4 of the audit was altered");
    check(
        "update audit set hash = zeroblob(32) where number = 4",
        "entry 4 of the audit was altered",
    );
    check("delete from audit where number = 4", "entry 4 of the audit is missing");
    check("delete from audit where number = 1", "entry 1 of the audit is missing");
    let last = "(select max(number) from audit)";
    check(&format!("delete from audit where number = {last}"), "has no entry in the audit");
    check(
        "update audit set number = 1000 where number = 4; update audit set number = 4 where number = 5;
         update audit set number = 5 where number = 1000",
        "entry 4 of the audit was altered",
    );
    check(
        "insert into audit select number + 1, 'reads', recorded_at, null, '{}', hash from audit \
         order by number desc limit 1",
        "was altered, or does not follow on the one before",
    );
}

#[test]
fn the_audit_refuses_to_be_rewritten() {
    let registry = altered("select 1");
    let file = registry.path().join("terrier.sqlite");
    for statement in ["update audit set body = '{}'", "delete from audit where number = 1"] {
        let done =
            Command::new("sqlite3").arg(&file).arg(statement).output().expect("sqlite3 starts");
        let told = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(told.contains("the audit is only added to"), "{statement}: {told}");
    }
}

#[test]
fn a_head_that_was_written_down_shows_a_chain_that_was_cut_or_made_anew() {
    let sound = terrier(altered("select 1").path(), &["check", "--json"]).expect_done().json();
    let head = sound["audit"]["head"].as_str().expect("a head").to_owned();
    let check = |statements: &str, mark: &str, expected: &str| {
        let registry = altered(statements);
        let done = terrier(registry.path(), &["check", "--audit-head", mark]);
        let told = format!("{}{}", done.stdout, done.stderr);
        assert!(told.contains(expected), "{statements}: {told}");
    };
    check("select 1", &head, "all is well");
    check("select 1", &format!("1:{}", "0".repeat(64)), "the audit does not lead through 1:0000");
    check("select 1", "12", "expected the number of an entry, a colon and 64 hexadecimal digits");
    // Without any entry the chain is made anew, whole but another one, and says so.
    let anew = format!("{TRIGGERS} delete from audit");
    check(&anew, &head, &format!("the audit does not lead through {head}"));
    let done = terrier(altered(&anew).path(), &["check"]).expect_done();
    assert!(done.stdout.contains("changes of which were there before it"), "{}", done.stdout);
}
