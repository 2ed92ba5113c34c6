//! Organisations, people, roles and keys on the command line.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value as Json, json};
use tempfile::TempDir;
use terrier_catalog::Secret;

use crate::program::{Done, command, folder, list, terrier, text};

/// A registry of nothing but what a new one has.
fn registry() -> TempDir {
    let parent = folder();
    terrier(parent.path(), &["settings", "set", "time_zone", "Asia/Shanghai"]).expect_done();
    parent
}

fn done(folder: &Path, words: &[&str]) -> Json {
    terrier(folder, &[words, &["--json"]].concat()).expect_done().json()
}

/// A command that is refused, with what is said of it.
fn check(folder: &Path, words: &[&str], expected: &str) {
    let Done { code, stdout, stderr } = terrier(folder, words);
    assert_eq!((code, &*stdout), (Some(2), ""), "{words:?}: {stderr}");
    assert!(stderr.contains(expected), "{words:?}: {stderr}");
}

#[test]
fn a_new_registry_has_an_operator_an_administrator_and_the_shipped_roles() {
    let folder = registry();
    let folder = folder.path();
    let organisations = done(folder, &["organisation", "list"]);
    assert_eq!(organisations[0]["organisation"], "operator");
    let people = done(folder, &["person", "list"]);
    let expected = json!([
        { "person": "administrator", "organisation": "operator", "change": 1 }
    ]);
    assert_eq!(people, expected);
    let roles = done(folder, &["role", "list"]);
    let names: Vec<&str> = list(&roles).iter().map(|role| text(&role["role"])).collect();
    let shipped = ["viewer", "planner", "editor", "contractor", "administrator", "auditor"];
    assert_eq!(names, shipped);
    assert_eq!(done(folder, &["role", "list", "--shipped"]), roles);
    assert_eq!(done(folder, &["key", "list"]), json!([]));
    for name in shipped {
        let shown = terrier(folder, &["role", "show", name]).expect_done().stdout;
        let shipped = terrier(folder, &["role", "show", name, "--shipped"]).expect_done().stdout;
        assert_eq!(shown, shipped);
    }
}

#[test]
fn a_key_is_shown_once_and_the_registry_keeps_no_secret() {
    let folder = registry();
    let folder = folder.path();
    done(folder, &["organisation", "add", "Hexi Gas"]);
    done(folder, &["person", "add", "wang.li", "--organisation", "Hexi Gas"]);
    let words =
        ["key", "create", "--person", "wang.li", "--role", "editor", "--until", "2199-12-31"];
    let rehearsed = done(folder, &[&words[..], &["--dry-run"]].concat());
    assert_eq!((&rehearsed["key"], &rehearsed["change"]), (&Json::Null, &Json::Null));
    let shown = terrier(folder, &[&words[..], &["--note", "QGIS"]].concat()).expect_done();
    let key = shown.stdout.trim_end();
    let secret = Secret::parse(key).expect("a key alone on stdout");
    assert!(shown.stderr.contains("it is shown this once"), "{}", shown.stderr);
    let listed = done(folder, &["key", "list"]);
    let expected = json!({
        "key": secret.id().as_str(), "person": "wang.li", "organisation": "Hexi Gas",
        "role": "editor", "state": "works", "collections": ["*"], "edge": null,
        "until": "2199-12-31", "note": "QGIS", "created": listed[0]["created"], "revoked": null,
        "last_used": null, "given": null,
        "limits": {
            "requests_per_minute": null, "features_per_day": null, "export_area_km2": null,
        },
    });
    assert_eq!(listed, json!([expected]));
    let table = terrier(folder, &["key", "list"]).expect_done().stdout;
    assert!(table.contains("works") && table.contains("never"), "{table}");
    for file in fs::read_dir(folder).expect("a folder") {
        let bytes = fs::read(file.expect("a file").path()).expect("bytes");
        let secret = &key.as_bytes()[key.len() - 47..key.len() - 4];
        assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    }
    let id = secret.id().to_string();
    done(folder, &["key", "revoke", &id, "--reason", "lost"]);
    assert_eq!(done(folder, &["key", "list"])[0]["state"], "revoked");
    check(folder, &["key", "revoke", &id], "no key");
    let sound = terrier(folder, &["check"]).expect_done().stdout;
    assert!(sound.contains("all is well"), "{sound}");
}

#[test]
fn a_key_is_narrowed_to_collections_and_to_an_area() {
    let folder = registry();
    let folder = folder.path();
    let files = tempfile::tempdir().expect("a folder");
    let area = files.path().join("lot.geojson");
    let ring = "[[[117.2,39],[117.3,39],[117.3,39.1],[117.2,39]]]";
    fs::write(&area, format!("{{\"type\":\"Polygon\",\"coordinates\":{ring}}}")).expect("a file");
    let area = area.to_str().expect("a plain path");
    let words = ["key", "create", "--person", "administrator", "--role", "contractor"];
    let narrow = ["--collections", "gas_pipes, manholes", "--area", area, "--edge", "clipped"];
    done(folder, &[&words[..], &narrow].concat());
    let listed = done(folder, &["key", "list"]);
    assert_eq!(listed[0]["collections"], json!(["gas_pipes", "manholes"]));
    assert_eq!(listed[0]["edge"], "clipped");
    let with = |more: &[&'static str]| [&words[..], more].concat();
    check(folder, &with(&["--collections", "manhole"]), "did you mean `manholes`?");
    check(folder, &with(&["--edge", "whole"]), "--area");
    check(folder, &with(&["--until", "2001-01-01"]), "2001-01-01 is over");
    let point = files.path().join("point.geojson");
    fs::write(&point, "{\"type\":\"Point\",\"coordinates\":[1,2]}").expect("a file");
    let refused = terrier(
        folder,
        &with(&[])
            .into_iter()
            .chain(["--area", point.to_str().expect("a plain path")])
            .collect::<Vec<_>>(),
    );
    assert!(refused.stderr.contains("the area is a `Point`"), "{}", refused.stderr);
}

#[test]
fn a_city_writes_roles_of_its_own() {
    let folder = registry();
    let folder = folder.path();
    let files = tempfile::tempdir().expect("a folder");
    let file = |name: &str, body: &str| {
        let path = files.path().join(name);
        fs::write(&path, body).expect("a file");
        path.to_str().expect("a plain path").to_owned()
    };
    let crew = |grants: &str| {
        format!("role = \"crew\"\ntitle = {{ en = \"Crew\", zh = \"班组\" }}\n{grants}")
    };
    let lamps = "[[grant]]\ncollections = [\"light_poles\"]\npermissions = [\"read\"]\n";
    let path = file("crew.toml", &crew(lamps));
    assert_eq!(done(folder, &["role", "put", &path, "--dry-run"])["is_new"], true);
    assert_eq!(done(folder, &["role", "put", &path])["change"], 3);
    assert_eq!(done(folder, &["role", "put", &path])["change"], Json::Null);
    let ring = "[[[117.2,39],[117.3,39],[117.3,39.1],[117.2,39]]]";
    let area = file("lot.geojson", &format!("{{\"type\":\"Polygon\",\"coordinates\":{ring}}}"));
    assert_eq!(done(folder, &["role", "put", &path, "--area", &area])["change"], 4);
    let roles = done(folder, &["role", "list"]);
    let last = list(&roles).last().expect("a role");
    assert_eq!((&last["role"], &last["grants"][0]["edge"]), (&json!("crew"), &json!("whole")));
    let bad = file("bad.toml", &crew(&lamps.replace("light_poles", "light_pole")));
    check(folder, &["role", "put", &bad], "did you mean `light_poles`?");
    assert_eq!(done(folder, &["role", "retire", "crew"])["change"], 5);
    check(folder, &["role", "retire", "crew"], "no role `crew` in force");
    check(folder, &["role", "show", "crew"], "expected one of viewer, planner");
}

#[test]
fn people_and_organisations_come_go_and_come_back() {
    let folder = registry();
    let folder = folder.path();
    let change = |words: &[&str]| done(folder, words)["change"].clone();
    assert_eq!(change(&["organisation", "add", "Hexi Gas", "--dry-run"]), Json::Null);
    assert_eq!(change(&["organisation", "add", "Hexi Gas"]), 3);
    assert_eq!(change(&["organisation", "add", "Hexi Gas"]), Json::Null);
    assert_eq!(change(&["person", "add", "王丽", "--organisation", "Hexi Gas"]), 4);
    assert_eq!(change(&["person", "add", "王丽", "--organisation", "operator"]), 5);
    assert_eq!(change(&["person", "retire", "王丽"]), 6);
    check(folder, &["person", "retire", "王丽"], "no person `王丽`");
    assert_eq!(change(&["person", "add", "王丽", "--organisation", "Hexi Gas"]), 7);
    assert_eq!(change(&["organisation", "retire", "Hexi Gas"]), 8);
    check(
        folder,
        &["person", "add", "li", "--organisation", "Hexi Gas"],
        "no organisation `Hexi Gas`: not known here",
    );
    check(folder, &["person", "add", "", "--organisation", "operator"], "expected a name of 1 to");
    assert_eq!(change(&["organisation", "add", "Hexi Gas"]), 9);
    let people = terrier(folder, &["person", "list"]).expect_done().stdout;
    assert!(people.contains("王丽"), "{people}");
}

#[test]
fn the_administrators_first_key_can_be_made_later() {
    let folder = registry();
    let made = done(folder.path(), &["key", "create", "--administrator"]);
    assert!(Secret::parse(text(&made["key"])).is_some(), "{made}");
    assert_eq!(
        (&made["person"], &made["role"]),
        (&json!("administrator"), &json!("administrator"))
    );
    check(folder.path(), &["key", "create", "--administrator", "--role", "viewer"], "--role");
    check(folder.path(), &["key", "create", "--person", "administrator"], "--role");
}

/// Starts a server until it says where it listens, and answers what it wrote on stdout and stderr.
fn served(folder: &Path) -> (String, String) {
    let mut command = command();
    command.arg("--data").arg(folder).args(["serve", "--listen", "127.0.0.1:0"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut server = command.spawn().expect("the program starts");
    let mut lines = BufReader::new(server.stderr.take().expect("stderr is piped")).lines();
    let mut said = String::new();
    while !said.contains("try:") {
        said += &lines.next().expect("it goes on").expect("UTF-8");
    }
    server.kill().expect("the server ends");
    let mut shown = String::new();
    let mut stdout = server.stdout.take().expect("stdout is piped");
    stdout.read_to_string(&mut shown).expect("UTF-8");
    server.wait().expect("the server ends");
    (shown, said)
}

#[test]
fn the_server_that_makes_a_registry_shows_a_key_of_its_administrator_once() {
    let parent = folder();
    let folder = parent.path().join("new");
    let (shown, said) = served(&folder);
    let start = "the key of the administrator, shown this once: ";
    let key = shown.trim_end().strip_prefix(start).and_then(Secret::parse).expect("a key");
    assert!(!said.contains("nobody has a key"), "{said}");
    let listed = done(&folder, &["key", "list"]);
    assert_eq!((&listed[0]["key"], &listed[1]), (&json!(key.id().as_str()), &Json::Null));
    assert_eq!(
        (&listed[0]["role"], &listed[0]["state"]),
        (&json!("administrator"), &json!("works"))
    );
    assert_eq!(served(&folder).0, "");
}

#[test]
fn the_server_of_a_registry_without_keys_says_how_to_make_one() {
    let folder = registry();
    let (shown, said) = served(folder.path());
    assert_eq!(shown, "");
    assert!(said.contains("nobody has a key; `terrier --data"), "{said}");
    assert!(said.contains("key create --administrator` makes one"), "{said}");
}
