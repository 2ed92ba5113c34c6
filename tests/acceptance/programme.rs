//! The year's programme of the demonstration district: each figure comes out of the one command that
//! stands beside it, and the figures hold where a register is easily wrong.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::due::{pipe, registry};
use crate::program::{self, Done, Server, collections, fixture, folder, terrier, text};
use crate::sender::Sender;
use crate::{gdal, ogr};

/// The work that stands in a programme of the year.
const WANTED: &str = "--filter=state IN ('due', 'overdue')";

/// Runs a command as it stands in the programme, with its report as JSON.
fn run(folder: &Path, command: &str) -> Json {
    // A shell takes the command apart, as it does for its reader.
    let script = format!("terrier() {{ \"$PROGRAM\" \"$@\"; }}; {command} --json");
    let program = program::command();
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).env("PROGRAM", program.get_program());
    shell.env_remove("TERRIER_LOG").env("TERRIER_DATA", folder).stdin(Stdio::null());
    Done::from(shell.output().expect("a shell starts")).expect_done().json()
}

/// The demonstration district as it is when nobody says how large; no test changes it.
fn district() -> &'static Path {
    static DISTRICT: OnceLock<TempDir> = OnceLock::new();
    let folder = DISTRICT.get_or_init(|| {
        let folder = folder();
        terrier(&folder.path().join("district"), &["demo"]).expect_done();
        folder
    });
    Box::leak(folder.path().join("district").into_boxed_path())
}

#[test]
fn each_figure_of_the_years_programme_is_one_command() {
    let text = std::fs::read_to_string(fixture("programme/2024.toml")).expect("the programme");
    let programme: toml::Table = text.parse().expect("TOML");
    let actions = programme["action"].as_array().expect("actions");
    assert_eq!(actions.len(), 10);
    for figure in actions.iter().flat_map(|action| action["figure"].as_array().expect("figures")) {
        let command = figure["command"].as_str().expect("a command");
        let total = &run(district(), command)["total"]["measures"];
        for (measure, expected) in figure["expected"].as_table().expect("measures") {
            let expected = expected.as_integer().map(|number| number as f64);
            assert_eq!(total[measure].as_f64(), expected, "{measure} of {command}: {total}");
        }
    }
}

/// The recorded length of the gas pipes that are to be worked on as of a day, by the kind of work.
fn lengths(folder: &Path, on: &str) -> BTreeMap<String, f64> {
    let on = format!("--on={on}");
    let ask = ["summary", "due", "--class=gas_pipes", &on, WANTED, "--group-by=kind"];
    let ask = [&ask[..], &["--measure=length_m", "--json"]].concat();
    let answer = terrier(folder, &ask).expect_done().json();
    let groups = answer["groups"].as_array().expect("groups");
    let length = |group: &Json| {
        let kind = group["by"]["kind"].as_str().expect("a kind").to_owned();
        (kind, group["measures"]["length_m"].as_f64().expect("a length"))
    };
    groups.iter().map(length).collect()
}

#[test]
fn with_its_thirtieth_year_the_length_of_a_pipe_moves_from_assessment_to_renewal() {
    let folder = folder();
    let steel = |key: &str, installed_on: &str, length_m: f64| {
        let told =
            json!({ "material": "steel", "installed_on": installed_on, "length_m": length_m });
        pipe(key, told)
    };
    let pipes =
        [steel("1", "1994-03-01", 87.5), steel("2", "1996-02-29", 12.25), steel("3", "1996", 4.0)];
    registry(folder.path(), &pipes);
    let check = |on: &str, assess: f64, renew: f64| {
        let found = lengths(folder.path(), on);
        let of = |kind: &str| found.get(kind).copied().unwrap_or_default();
        assert_eq!((of("assess"), of("renew")), (assess, renew), "{on}: {found:?}");
    };
    check("2024-02-29", 103.75, 0.0);
    check("2024-03-01", 16.25, 87.5);
    check("2025-12-31", 16.25, 87.5);
    // In 2026 nobody knows whether the pipe of 1996 is thirty years old.
    check("2026-02-27", 12.25, 87.5);
    // There is no 29th of February in 2026.
    check("2026-02-28", 0.0, 99.75);
    check("2026-12-30", 0.0, 99.75);
    check("2026-12-31", 0.0, 103.75);
}

#[test]
fn what_is_told_today_of_the_next_ten_years_comes_to_pass() {
    // Those whose day is known: of others nobody knows in which year it is.
    let renewal = |on: &str| -> Vec<Json> {
        let on = format!("--on={on}");
        let ask = ["due", "--class=gas_pipes", "--kind=renew", "--installed_precision=day", &on];
        let ask = [&ask[..], &["--format", "geojson"]].concat();
        let answer = terrier(district(), &ask).expect_done().json();
        answer["features"].as_array().expect("features").clone()
    };
    let (today, then) = (renewal("2024-01-01"), renewal("2034-01-01"));
    let is_wanted = |work: &Json| ["due", "overdue"].contains(&text(&work["properties"]["state"]));
    let (mut now, mut later) = (0, 0);
    for (told, work) in today.iter().zip(&then) {
        assert_eq!(told["id"], work["id"]);
        // Ductile iron that was not assessed may be wanted at once.
        if told["properties"]["state"] != "unknown" {
            let falls_due = text(&told["properties"]["due_on"]) <= "2034-01-01";
            assert_eq!(is_wanted(work), falls_due, "{told}, {work}");
            now += usize::from(is_wanted(told));
            later += usize::from(falls_due);
        }
    }
    assert!(now > 10 && later > 10 * now && later < today.len(), "{now} {later} {}", today.len());
}

#[test]
fn a_placeholder_for_a_year_makes_a_pipe_unknown_and_not_old() {
    let sender = Sender::new();
    registry(&sender.registry(), &[]);
    let mapping = r#"
        source = "office"
        [[collection]]
        into = "gas_pipes"
        [collection.fields]
        length_m = "length"
        pipe_role = "pipe_role"
        material = { value = "steel" }
        installed_on = { from = "laid", placeholders = [1800, "1900-01-01", "1990-01-01"] }
    "#;
    let mapping = sender.file("office.toml", mapping);
    let row = |key: usize, laid: &str| {
        pipe(&key.to_string(), json!({ "laid": laid, "length": 10 })).to_string()
    };
    let laid = ["1800", "1900-01-01", "1990/1/1", "1990-01-02"];
    let rows: Vec<String> = laid.iter().enumerate().map(|(key, laid)| row(key, laid)).collect();
    let file = sender.file("office.geojsonl", rows.join("\n"));
    sender.run(&["import", &file, "--mapping", &mapping]).expect_done();
    let state = |state: &str| {
        let ask = ["summary", "due", "--kind=renew", "--on=2024-01-01", "--measure=length_m"];
        let state = format!("--state={state}");
        sender.run(&[&ask[..], &[&state, "--json"]].concat()).expect_done().json()["total"]
            ["measures"]["length_m"]
            .clone()
    };
    assert_eq!((state("unknown"), state("overdue")), (json!(30.0), json!(10.0)));
}

#[test]
fn the_length_of_risers_is_that_of_the_records_wherever_they_stand() {
    let ask = ["summary", "gas_risers", "--measure", "length_m,households,geom_length_m", "--json"];
    let text = std::fs::read_to_string(fixture("hexi-sample/gas_risers.geojson")).expect("risers");
    let mapping = fixture("hexi-sample/gas_risers.toml");
    let sender = Sender::new();
    let total = |text: &str| {
        let file = sender.file("risers.geojson", text);
        let mapping = mapping.to_str().expect("a path in UTF-8");
        let report = sender.run(&["import", &file, "--mapping", mapping, "--json"]).expect_done();
        let total = sender.run(&ask).expect_done().json()["total"]["measures"].clone();
        (report.json()["changed"].clone(), total)
    };
    let expected = json!({ "length_m": 502.4, "households": 296, "geom_length_m": null });
    assert_eq!(total(&text), (json!(0), expected.clone()));
    // Ten kilometres to the east.
    let mut file: Json = text.parse().expect("JSON");
    for feature in file["features"].as_array_mut().expect("features") {
        let east = &mut feature["geometry"]["coordinates"][0];
        *east = json!(east.as_f64().expect("a number") + 0.1157);
    }
    assert_eq!(total(&file.to_string()), (json!(16), expected));
}

#[test]
fn a_district_that_comes_again_changes_nothing() {
    let sender = Sender::new();
    sender.run(&["demo", "--assets", "3000"]).expect_done();
    let due =
        || sender.run(&["due", "--on=2024-01-01", "--format", "geojson"]).expect_done().stdout;
    let (before, change) = (due(), sender.last_change());
    let mut assets = 0;
    for class in &collections()[1..] {
        let file = sender.path(&format!("{class}.geojson"));
        sender.run(&["export", class, "--output", &file]).expect_done();
        let report = sender.run(&["import", &file, "--as", class, "--json"]).expect_done().json();
        let counts = ["created", "changed", "refused"].map(|name| report[name].clone());
        assert_eq!(counts, [0, 0, 0].map(Json::from), "{class}");
        assets += report["unchanged"].as_u64().expect("a count");
    }
    assert_eq!((assets, sender.last_change()), (3000, change));
    assert_eq!(due(), before);
}

#[test]
fn gdal_reads_what_falls_due_as_a_layer_and_finds_the_figures_of_the_programme() {
    let server = Server::start(district(), &["--today", "2024-01-01"]);
    let folder = folder();
    let copy = folder.path().join("due.gpkg");
    let source = format!("OAPIF:{}", server.url());
    let copy_to = copy.to_str().expect("a path in UTF-8");
    gdal::run("ogr2ogr", &["-f", "GPKG", copy_to, "-oo", "PAGE_SIZE=10000", &source, "due"]);
    let all = server.json("/collections/due/items?limit=1")["numberMatched"].clone();
    assert_eq!(json!(ogr::count(&copy, None)), all);
    let wanted = "\"class\" || ' ' || kind || ' ' || (state in ('due', 'overdue'))";
    let lengths = ogr::groups(&copy, wanted, "coalesce(round(sum(length_m), 3), 0)");
    assert_eq!(lengths["gas_pipes renew 1"], 23_000.0);
    assert_eq!(lengths["gas_pipes assess 1"], 14_000.0);
    assert_eq!(lengths["gas_risers renew 1"], 70_000.0);
    assert_eq!(lengths["drain_pipes clean 1"], 200_000.0);
}
