//! `terrier settings`: the time zone of a registry, which says what day it is.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value as Json, json};

use crate::program::{Done, Server, command, folder, import, terrier, wait_until};

/// Two time zones that never have the same day: they lie 26 hours apart.
const EARLIEST: &str = "Pacific/Kiritimati";
const LATEST: &str = "Etc/GMT+12";

fn pole() -> Json {
    json!({
        "type": "Feature", "id": "1", "properties": { "installed_on": "2020-01-01" },
        "geometry": { "type": "Point", "coordinates": [117.2, 39.1] },
    })
}

fn set(folder: &Path, zone: &str) {
    terrier(folder, &["settings", "set", "time_zone", zone]).expect_done();
}

fn zone_of(folder: &Path) -> Json {
    let listed = terrier(folder, &["settings", "--json"]).expect_done().json();
    let names = listed.as_array().map(|all| all.iter().map(|one| one["name"].clone()).collect());
    assert_eq!(names, Some(json!(["public_collections", "time_zone"])));
    listed[1]["value"].clone()
}

/// Runs a command on a machine that is set to a time zone.
fn on_machine(zone: &str, folder: &Path, words: &[&str]) -> Done {
    let mut command = command();
    command.env("TZ", zone).arg("--data").arg(folder).args(words).stdin(Stdio::null());
    Done::from(command.output().expect("the program starts"))
}

/// The day that the program takes for today.
fn today(folder: &Path) -> String {
    let told = terrier(folder, &["due"]).expect_done().stderr;
    told.trim_end().rsplit(' ').next().expect("a day").to_owned()
}

#[test]
fn a_new_registry_has_the_time_zone_of_the_machine_that_makes_it_and_keeps_it_on_others() {
    let parent = folder();
    let made = |name: &str, zone: &str, words: &[&str]| {
        let folder = parent.path().join(name);
        on_machine(zone, &folder, words).expect_done();
        // On another machine it is the same.
        let elsewhere = on_machine("Asia/Tokyo", &folder, &["settings", "--json"]).expect_done();
        elsewhere.json()[1]["value"].clone()
    };
    let put = ["settings", "set", "time_zone"];
    assert_eq!(
        made("a", "America/Los_Angeles", &[&put[..], &["Europe/Berlin"]].concat()),
        "Europe/Berlin"
    );
    let listed = terrier(&parent.path().join("a"), &["settings", "--json"]).expect_done().json();
    assert_eq!(listed[1]["default"], "America/Los_Angeles");
    let hours = "XYZ-8";
    let pole = pole();
    for (name, zone, expected) in [
        ("b", "America/Los_Angeles", "America/Los_Angeles"),
        // What is no name of the database is no time zone to be kept.
        ("c", hours, "UTC"),
        ("d", "Nowhere/Nothing", "UTC"),
        ("e", "UTC", "UTC"),
    ] {
        let file = parent.path().join("pole.geojson");
        std::fs::write(&file, pole.to_string()).expect("written");
        let file = file.to_str().expect("a path");
        assert_eq!(made(name, zone, &["import", file, "--as", "light_poles"]), expected, "{zone}");
    }
    assert_eq!(made("f", "America/Los_Angeles", &["demo", "--assets", "10"]), "Asia/Shanghai");
}

#[test]
fn a_time_zone_is_set_as_one_change_and_what_is_none_is_refused() {
    let folder = folder();
    let folder = folder.path();
    let run = |zone: &str, more: &[&str]| {
        terrier(folder, &[&["settings", "set", "time_zone", zone], more].concat())
    };
    let refused = |zone: &str, expected: &str| {
        let done = run(zone, &[]);
        assert_eq!(
            (done.code, &*done.stderr),
            (Some(2), &*format!("error: `time_zone`: {expected}\n"))
        );
    };
    refused("Asia/Shanghia", "no time zone `Asia/Shanghia`, expected `Asia/Shanghai`");
    refused("+08:00", "no time zone `+08:00`, expected an IANA name such as `Asia/Shanghai`");
    refused("", "no time zone ``, expected an IANA name such as `Asia/Shanghai`");
    assert!(std::fs::read_dir(folder).expect("a folder").next().is_none(), "no registry is made");
    let none = terrier(folder, &["settings"]);
    assert!(none.code == Some(1) && none.stderr.contains("no registry in"), "{none:?}");
    run("Asia/Tokyo", &[]).expect_done();
    let told = run("asia/shanghai", &["--dry-run"]).expect_done().stdout;
    assert_eq!(told, "time_zone: Asia/Tokyo -> Asia/Shanghai (dry run, nothing was written)\n");
    assert_eq!(zone_of(folder), "Asia/Tokyo");
    let reason = ["--actor", "li", "--reason", "it lies there", "--json"];
    let told = run("asia/shanghai", &reason).expect_done().json();
    let expected = json!({
        "setting": "time_zone", "before": "Asia/Tokyo", "value": "Asia/Shanghai", "change": 3,
        "dry_run": false,
    });
    assert_eq!(told, expected);
    let told = run("Asia/Shanghai", &[]).expect_done().stdout;
    assert_eq!(told, "time_zone: Asia/Shanghai -> Asia/Shanghai (no change)\n");
    let source = &terrier(folder, &["settings", "--json"]).expect_done().json()[1]["source"];
    assert_eq!((&source["change"], &source["actor"]), (&json!(3), &json!("li")));
    assert_eq!(source["reason"], "it lies there");
    let listed = terrier(folder, &["settings"]).expect_done().stdout;
    assert!(
        listed.contains("time_zone           Asia/Shanghai  ")
            && listed.contains(" by li through settings set")
    );
    let other = terrier(folder, &["settings", "set", "colour", "red"]);
    assert!(other.code == Some(2) && other.stderr.contains("time_zone"), "{other:?}");
    assert_eq!(terrier(folder, &["check"]).code, Some(0));
}

#[test]
fn today_is_the_day_in_the_time_zone_for_commands_and_a_running_server() {
    let folder = folder();
    let folder = folder.path();
    import(folder, "light_poles", &[pole()], &[]).expect_done();
    set(folder, LATEST);
    let server = Server::start(folder, &[]);
    let day_of = || server.json("/collections/due/items")["on"].as_str().expect("a day").to_owned();
    // Between two looks at the clock the day may turn over, once.
    let late = today(folder);
    assert!(day_of() >= late);
    set(folder, EARLIEST);
    let early = today(folder);
    assert!(early > late, "{early} and {late}");
    wait_until("the server has the other day", || day_of() >= early);
    let count = |folder: &Path| {
        let words = ["summary", "due", "--filter", &format!("due_on < DATE('{early}')"), "--json"];
        terrier(folder, &words).expect_done().json()["total"]["measures"]["count"].clone()
    };
    assert_eq!(count(folder), 1);
    set(folder, LATEST);
    // What has not begun there has not happened.
    let event = |folder: &Path| {
        terrier(
            folder,
            &[
                "event",
                "add",
                "--source",
                "survey",
                "--key",
                "1",
                "--kind",
                "inspected",
                "--on",
                &early,
            ],
        )
    };
    let refused = event(folder);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("inspected.on: found `"), "{refused:?}");
    set(folder, EARLIEST);
    event(folder).expect_done();
}

#[test]
fn public_collections_are_set_as_one_change_and_what_is_no_class_is_refused() {
    let parent = folder();
    let folder = parent.path();
    let put = |value: &str, more: &[&str]| {
        terrier(folder, &[&["settings", "set", "public_collections", value], more].concat())
    };
    let refused = put("manhole", &[]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("did you mean `manholes`?"), "{}", refused.stderr);
    assert_eq!(std::fs::read_dir(folder).expect("a folder").count(), 0);
    let check = |value: &str, more: &[&str], expected: &str| {
        let told = put(value, more).expect_done().stdout;
        assert_eq!(told, format!("public_collections: {expected}\n"));
    };
    check("manholes, gullies", &[], "none -> gullies,manholes (change 2)");
    check("gullies,manholes", &[], "gullies,manholes -> gullies,manholes (no change)");
    check("*", &["--dry-run"], "gullies,manholes -> * (dry run, nothing was written)");
    check("*", &[], "gullies,manholes -> * (change 3)");
    check("none", &[], "* -> none (change 4)");
}
