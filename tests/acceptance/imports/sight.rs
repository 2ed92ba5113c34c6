//! Who is told of whose import.

use serde_json::Value as Json;

use super::{Taken, WAIT, path};
use crate::program::{Answer, list, terrier, text, wait_until};
use crate::sender::light;

/// Makes a key of a person, and waits until the server knows it.
fn key(taken: &Taken, person: &str, words: &[&str]) -> String {
    let registry = taken.registry();
    terrier(&registry, &["person", "add", person, "--organisation", "operator"]).expect_done();
    let create = ["key", "create", "--person", person];
    let made = terrier(&registry, &[&create, words].concat()).expect_done();
    let key = made.stdout.trim_end().to_owned();
    wait_until("the key works", || ask(taken, &key, "/conformance").status == 200);
    key
}

fn ask(taken: &Taken, key: &str, path: &str) -> Answer {
    taken.server.ask("GET", path, &[("Authorization", &format!("Bearer {key}"))])
}

/// Sends a street light with a row that is refused; answers the path of the import.
fn send(taken: &Taken, key: &str) -> String {
    let rows = [light("1", r#""code":"L1""#), light("2", r#""power_w":"much""#)].join("\n");
    let headers = [("Authorization", &*format!("Bearer {key}")), WAIT];
    let question = "/imports?as=light_poles&source=survey&name=lights.geojsonl";
    let answer = taken.server.send("POST", question, &headers, rows);
    assert_eq!(answer.status, 200, "{}", answer.text());
    path(&answer.json())
}

/// The import alone, its refused rows, and its place in the list are there for somebody, or nothing of it.
fn check(taken: &Taken, key: &str, import: &str, is_told: bool) {
    let expected = if is_told { 200 } else { 404 };
    for part in [import.to_owned(), format!("{import}/faults"), format!("{import}?f=html")] {
        assert_eq!(ask(taken, key, &part).status, expected, "{part}");
    }
    let all: Json = ask(taken, key, "/imports").json();
    let is_listed = list(&all["imports"]).iter().any(|one| import.ends_with(text(&one["id"])));
    assert_eq!(is_listed, is_told, "{all}");
    assert_eq!(all.to_string().contains("lights.geojsonl"), is_told, "{all}");
}

#[test]
fn an_import_is_told_to_its_sender_and_to_who_may_see_what_others_do() {
    let taken = Taken::new();
    let sender = key(&taken, "wang.li", &["--role", "editor"]);
    let import = send(&taken, &sender);
    check(&taken, &sender, &import, true);
    for (person, role, is_told) in [
        ("li.na", "editor", false),
        ("zhao.yi", "planner", false),
        ("qian.er", "auditor", true),
        ("sun.san", "administrator", true),
    ] {
        check(&taken, &key(&taken, person, &["--role", role]), &import, is_told);
    }
    // By another key that shows less, not even to its sender.
    let lights = ["--role", "viewer", "--collections", "light_poles"];
    let pipes = ["--role", "viewer", "--collections", "gas_pipes"];
    check(&taken, &key(&taken, "wang.li", &lights), &import, true);
    check(&taken, &key(&taken, "wang.li", &pipes), &import, false);
    let some = ["--role", "auditor", "--collections", "gas_pipes"];
    check(&taken, &key(&taken, "qian.er", &some), &import, false);
    let nobody = ask(&taken, "terrier_none", &import);
    assert_eq!(nobody.status, 401, "{}", nobody.text());
}
