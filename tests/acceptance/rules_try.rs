//! `terrier rules try` and `rules retire`: what rules would change, held against what they do change.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::program::{Server, folder, import, list, terrier, text, wait_until};

const ON: &str = "--on=2026-07-01";

/// A district without the rules of Hexi, and the file of these.
fn district() -> (TempDir, PathBuf) {
    let folder = folder();
    let data = folder.path().join("data");
    terrier(&data, &["demo", "--assets", "2000"]).expect_done();
    let hexi = terrier(&data, &["rules", "show", "TJ-HEXI"]).expect_done().stdout;
    let file = folder.path().join("hexi.toml");
    std::fs::write(&file, hexi).expect("written");
    terrier(&data, &["rules", "retire", "TJ-HEXI"]).expect_done();
    (folder, file)
}

/// Count and length of all work by class, kind and state.
fn summary(data: &Path, more: &[&str]) -> BTreeMap<String, (Json, Json)> {
    let asked = ["summary", "due", ON, "--group-by=class,kind,state", "--measure=count,length_m"];
    let told = terrier(data, &[&asked, more, &["--json"]].concat()).expect_done().json();
    let group = |group: &Json| {
        let (by, measures) = (&group["by"], &group["measures"]);
        let name = ["class", "kind", "state"].map(|field| text(&by[field])).join(" ");
        (name, (measures["count"].clone(), measures["length_m"].clone()))
    };
    list(&told["groups"]).iter().map(group).collect()
}

/// The same as it is told of one side of a trial.
fn side(told: &Json, side: &str) -> BTreeMap<String, (Json, Json)> {
    let mut found = BTreeMap::new();
    for work in list(&told["work"]) {
        for state in list(&work["states"]) {
            let of = [&work["class"], &work["kind"], &state["state"]].map(text).join(" ");
            let figures = &state[side];
            if figures["count"] != 0 {
                found.insert(of, (figures["count"].clone(), figures["length_m"].clone()));
            }
        }
    }
    found
}

fn tried(data: &Path, file: &Path, more: &[&str]) -> Json {
    let file = file.to_str().expect("a path");
    let words = [&["rules", "try", file, ON, "--json"], more].concat();
    terrier(data, &words).expect_done().json()
}

#[test]
fn what_a_trial_tells_is_what_putting_the_pack_does() {
    let (folder, file) = district();
    let data = folder.path().join("data");
    let before = summary(&data, &[]);
    let told = tried(&data, &file, &[]);
    let rules = json!(["TJ-HEXI-GAS-30", "TJ-HEXI-GAS-ASSESS-20"]);
    assert_eq!((&told["added"], &told["on"]), (&rules, &json!("2026-07-01")));
    assert_eq!(side(&told, "before"), before);
    assert_eq!(summary(&data, &[]), before, "nothing was written");
    let path = file.to_str().expect("a path");
    terrier(&data, &["rules", "put", path]).expect_done();
    assert_eq!(side(&told, "after"), summary(&data, &[]));
    let again = tried(&data, &file, &[]);
    let changes = again["changes"].as_object().expect("counts");
    assert!(changes.iter().all(|(name, count)| *name == "same" || *count == 0), "{changes:?}");
    let said = terrier(&data, &["rules", "try", path, ON]).expect_done();
    assert!(
        said.stdout.lines().count() == 1 && said.stdout.contains(" 0 new, 0 gone, "),
        "{said:?}"
    );
}

#[test]
fn the_list_of_a_trial_has_each_piece_of_work_that_differs_in_three_forms() {
    let (folder, file) = district();
    let data = folder.path().join("data");
    let path = |name: &str| folder.path().join(name).to_str().expect("a path").to_owned();
    let (csv, geojson, table) = (path("w.csv"), path("w.geojson"), path("w.txt"));
    let with = |more: &[&str]| tried(&data, &file, more);
    let told = with(&["--kind=renew", "--output", &csv, "--format", "csv"]);
    let changes = &told["changes"];
    let count = |change: &str| changes[change].as_u64().expect("a count");
    let all: u64 = ["new", "gone", "state", "day", "rule"].map(count).iter().sum();
    assert!(count("new") > 10 && count("gone") == 0 && count("same") > 0, "{changes}");
    let read = |path: &str| std::fs::read_to_string(path).expect("a file");
    let rows = read(&csv);
    let mut rows = rows.split_terminator("\r\n");
    assert_eq!(
        rows.next(),
        Some(
            "id,class,code,length_m,kind,change,before_state,before_due_on,before_rule,after_state,\
             after_due_on,after_rule"
        )
    );
    let rows: Vec<&str> = rows.collect();
    assert_eq!(rows.len() as u64, all);
    for row in &rows {
        assert!(row.contains(".renew,gas_pipes,") && row.contains(",renew,"), "{row}");
        let is_new = row.contains(",renew,new,,,,");
        assert!(is_new || row.contains("-GAS-"), "{row}");
    }
    with(&["--kind=renew", "--output", &geojson, "--format", "geojson"]);
    let features: Json = serde_json::from_str(&read(&geojson)).expect("JSON");
    let features = list(&features["features"]);
    assert_eq!(features.len() as u64, all);
    assert_eq!(text(&features[0]["id"]).split('.').nth(1), Some("renew"));
    assert_eq!(features[0]["geometry"]["type"], "LineString");
    let is_new = |feature: &&Json| feature["properties"]["change"] == "new";
    let new = features.iter().find(is_new).expect("a new one");
    assert_eq!(new["properties"]["before_state"], Json::Null);
    assert_eq!(new["properties"]["after_rule"], "TJ-HEXI-GAS-30");
    with(&["--kind=renew", "--output", &table]);
    assert_eq!(read(&table).lines().count() as u64, all + 1);
    // A condition holds for what is or for what would be.
    let overdue = with(&["--state=overdue", "--class=gas_pipes", "--kind=assess"]);
    let gone = overdue["changes"]["gone"].as_u64().expect("a count");
    assert!(gone > 0, "{overdue}");
    let work = list(&overdue["work"]);
    assert_eq!(work.len(), 1, "{overdue}");
}

#[test]
fn a_trial_says_by_which_day_and_rule_each_piece_of_work_moves() {
    let folder = folder();
    let data = folder.path();
    let pipe = |key: &str, laid: &str, length: Json| {
        json!({
            "type": "Feature", "id": key,
            "geometry": { "type": "LineString", "coordinates": [[117.2, 39.1], [117.201, 39.1]] },
            "properties": { "code": key, "pipe_role": "municipal_main", "material": "steel",
                            "installed_on": laid, "length_m": length },
        })
    };
    let pipes = [
        pipe("A", "1996-07-01", json!(10.5)),
        pipe("B", "2006-07-01", json!(null)),
        pipe("C", "2006-06-30", json!(7)),
        pipe("D", "2020-01-01", json!(1)),
    ];
    import(data, "gas_pipes", &pipes, &[]).expect_done();
    let rule = |more: &str| {
        format!(
            "pack = \"CITY\"\nversion = \"1\"\njurisdiction = \"CN\"\n\
             title = {{ en = \"City\", zh = \"城市\" }}\n[[rule]]\nid = \"CITY-1\"\n\
             title = {{ en = \"Assess\", zh = \"评估\" }}\ncites = \"test\"\nevidence = \"I\"\n\
             class = \"gas_pipes\"\nkind = \"assess\"\neffective_from = \"2020-01-01\"\n\
             replaces = \"CN-GAS-ASSESS-20\"\n{more}\n"
        )
    };
    let tempfile = tempfile::NamedTempFile::with_suffix(".toml").expect("a file");
    let check = |more: &str, expected: &[&str]| {
        std::fs::write(tempfile.path(), rule(more)).expect("written");
        let list = tempfile.path().with_extension("csv");
        let (file, out) = (tempfile.path().to_str(), list.to_str().expect("a path"));
        let words = ["rules", "try", file.expect("a path"), "--on", "2026-07-01", "-o", out];
        terrier(data, &[&words[..], &["--format=csv"]].concat()).expect_done();
        let rows = std::fs::read_to_string(&list).expect("a file");
        std::fs::remove_file(list).expect("removed");
        let brief = |row: &str| row.split_once(",gas_pipes,").expect("a class").1.to_owned();
        let mut rows: Vec<String> = rows.split_terminator("\r\n").skip(1).map(brief).collect();
        rows.sort();
        assert_eq!(rows, expected);
    };
    check(
        "age = \"P20Y\"\nlead = \"P1Y\"\npriority = 2",
        &[
            "A,10.5,assess,day,overdue,2022-06-10,CN-GAS-ASSESS-20,overdue,2020-01-01,CITY-1",
            "B,,assess,rule,due,2026-07-01,CN-GAS-ASSESS-20,due,2026-07-01,CITY-1",
            "C,7,assess,rule,overdue,2026-06-30,CN-GAS-ASSESS-20,overdue,2026-06-30,CITY-1",
            "D,1,assess,rule,not_due,2040-01-01,CN-GAS-ASSESS-20,not_due,2040-01-01,CITY-1",
        ],
    );
    check(
        "age = \"P20Y\"\nuntil = \"P30Y\"\nlead = \"P1Y\"\ngrace = \"P1D\"\npriority = 2",
        &[
            "A,10.5,assess,gone,overdue,2022-06-10,CN-GAS-ASSESS-20,,,",
            "B,,assess,rule,due,2026-07-01,CN-GAS-ASSESS-20,due,2026-07-01,CITY-1",
            "C,7,assess,state,overdue,2026-06-30,CN-GAS-ASSESS-20,due,2026-06-30,CITY-1",
            "D,1,assess,rule,not_due,2040-01-01,CN-GAS-ASSESS-20,not_due,2040-01-01,CITY-1",
        ],
    );
    std::fs::write(tempfile.path(), rule("age = \"P20Y\"\nuntil = \"P30Y\"")).expect("written");
    let file = tempfile.path().to_str().expect("a path");
    let said = terrier(data, &["rules", "try", file, "--on", "2026-07-01"]).expect_done();
    let expected = "\
CITY-1: new
class      kind    state    before  after  length_m before  length_m after
gas_pipes  assess  not_due       1      1              1.0             1.0
gas_pipes  assess  due           1      1                -               -
gas_pipes  assess  overdue       2      1             17.5             7.0
";
    let end = "4 pieces of work as of 2026-07-01: 0 new, 1 gone, 0 in another state, 3 on another \
               day, 0 by another rule or priority, 0 as before\n";
    assert_eq!(said.stdout, format!("{expected}{end}"));
    assert_eq!(said.stderr, "nothing was written\n");
}

#[test]
fn what_cannot_be_tried_is_refused_as_it_would_be_when_it_is_put() {
    let (folder, file) = district();
    let data = folder.path().join("data");
    let text = std::fs::read_to_string(&file).expect("a file");
    let refused = |text: &str, more: &[&str], code: i32, expected: &str| {
        std::fs::write(&file, text).expect("written");
        let words = [&["rules", "try", file.to_str().expect("a path")], more].concat();
        let done = terrier(&data, &words);
        assert_eq!(done.code, Some(code), "{done:?}");
        assert!(done.stderr.contains(expected), "`{expected}` is not in {}", done.stderr);
    };
    refused(&text.replace("\"P30Y\"", "\"30\""), &[], 1, "is no rule pack: rule `TJ-HEXI-GAS-30`");
    let foreign = text.replace("gas_pipes", "benches");
    refused(&foreign, &[], 1, "does not fit the registry: rule `TJ-HEXI-GAS-30`: no class");
    refused(&text, &["--material=steel"], 2, "parameter `material`: not known here");
    refused(&text, &["--limit=3"], 2, "`due` takes no --limit");
    refused(&text, &["--format=csv"], 2, "--output");
    std::fs::write(&file, &text).expect("written");
    let none =
        terrier(&folder.path().join("none"), &["rules", "try", file.to_str().expect("a path")]);
    assert!(none.code == Some(1) && none.stderr.contains("no registry in"), "{none:?}");
}

#[test]
fn a_retired_pack_is_out_of_force_on_a_running_server_and_may_come_again() {
    let folder = folder();
    let data = folder.path();
    let pole = json!({
        "type": "Feature", "id": "1", "properties": { "installed_on": "2020-01-01" },
        "geometry": { "type": "Point", "coordinates": [117.2, 39.1] },
    });
    import(data, "light_poles", &[pole], &[]).expect_done();
    let server = Server::start(data, &["--today", "2026-07-01"]);
    let count = || server.json("/collections/due/items?kind=inspect")["numberMatched"].clone();
    assert_eq!(count(), 1);
    let shown = terrier(data, &["rules", "show", "CN"]).expect_done().stdout;
    let words = ["rules", "retire", "CN", "--reason", "the city has its own"];
    let rehearsed = terrier(data, &[&words[..], &["--dry-run"]].concat()).expect_done();
    let end = "CN-ROAD-REPAIR-D: gone\ndry run, nothing was written\n";
    assert!(rehearsed.stdout.ends_with(end), "{rehearsed:?}");
    let told = terrier(data, &[&words[..], &["--json"]].concat()).expect_done().json();
    assert_eq!((&told["pack"], &told["change"]), (&json!("CN"), &json!(3)));
    wait_until("the rules are gone", || count() == 0);
    assert_eq!(terrier(data, &["rules", "list"]).expect_done().stdout, "");
    let again = terrier(data, &words);
    assert_eq!(again.code, Some(2));
    assert!(again.stderr.contains("no rule pack `CN` in force"), "{again:?}");
    assert_eq!(terrier(data, &["check"]).code, Some(0));
    let file = tempfile::NamedTempFile::with_suffix(".toml").expect("a file");
    std::fs::write(file.path(), shown).expect("written");
    terrier(data, &["rules", "put", file.path().to_str().expect("a path")]).expect_done();
    wait_until("the rules are there again", || count() == 1);
}
