//! Files that tell what happened to assets that are known: a contractor's list.

use serde_json::{Value as Json, json};

use crate::sender::{Sender, id, light};

const MAPPING: &str = r#"
source = "lights"
[[events]]
class = "light_poles"
key = "pole"
kind = { from = "work", codes = { "检查" = "inspected", "维修" = "repaired", "评估" = "assessed" } }
on = "day"
result = { from = "result", codes = { A = "meets", D = "renew_at_once" } }
next_on = "next"
note = "note"
"#;

const TABLE: &str = "pole,work,day,result,next,note,crew\n\
    k0,检查,2024-05-01,,,,B\n\
    k0,检查,2024-06-01,,,lamp flickers,B\n\
    k1,维修,2024-05-02,,,,B\n\
    k1,评估,2024-05-03,D,2025-05-03,,\n\
    k2,检查,,,,not reached,\n\
    k9,检查,2024-05-01,,,,\n\
    k2,检查,2024-05,,,,\n\
    k2,painted,2024-05-01,,,,\n\
    k2,检查,2999-01-01,,,,\n";

/// Three lights that are known as k0, k1 and k2.
fn known() -> Sender {
    let sender = Sender::new();
    let light = |number: usize| light(&format!("k{number}"), &format!(r#""code":"L{number}""#));
    let lights: Vec<String> = (0..3).map(light).collect();
    sender.import(&lights, &["--source", "lights"]).expect_done();
    sender
}

fn events(sender: &Sender, code: &str) -> Vec<String> {
    let light = sender.coded("light_poles", code);
    let told = sender.events(id(&light));
    let event = |event: &Json| {
        let of = |name: &str| event[name].as_str().unwrap_or("-").to_owned();
        ["kind", "on", "result", "next_on", "note"].map(of).join(" ")
    };
    told.iter().map(event).collect()
}

#[test]
fn rows_of_a_list_become_events_of_the_assets_that_they_name() {
    let sender = known();
    let (mapping, table) = (sender.file("m.toml", MAPPING), sender.file("done.csv", TABLE));
    let faults = sender.path("faults.geojson");
    let import = ["import", &table, "--mapping", &mapping, "--encoding", "utf-8"];
    let import = [&import[..], &["--delimiter", ",", "--decimal", "."]].concat();
    let dry = sender.run(&[&import[..], &["--dry-run"]].concat());
    let counts = "9 rows: 4 taken, 4 refused, 1 not taken; 4 events: 4 new, 0 known, 0 corrected";
    assert_eq!(dry.stdout, format!("{counts} (dry run, nothing was written)\n"), "{dry:?}");
    let done = sender.run(&[&import[..], &["--faults", &faults]].concat());
    assert_eq!(
        (done.code, &*done.stdout),
        (Some(3), &*format!("{counts} (change 3)\n")),
        "{done:?}"
    );
    let said: Vec<&str> = done.stderr.lines().collect();
    assert_eq!(said[0], "row 6: key: found `k9`, expected an asset that is known");
    assert_eq!(said[1], "row 7: on: found `2024-05`, expected a date such as 2005-06-30");
    assert!(said[2].starts_with("row 8: kind: found `painted`, expected a value that the mapping"));
    assert!(said[3].starts_with("row 9: inspected.on: found `2999-01-01`, expected no day after"));
    assert_eq!(said[4], "property `crew` not taken (3 rows)");
    assert_eq!(
        events(&sender, "L0"),
        ["inspected 2024-05-01 - - -", "inspected 2024-06-01 - - lamp flickers"]
    );
    assert_eq!(
        events(&sender, "L1"),
        ["repaired 2024-05-02 - - -", "assessed 2024-05-03 renew_at_once 2025-05-03 -"]
    );
    assert_eq!(events(&sender, "L2"), Vec::<String>::new());
    let light = sender.coded("light_poles", "L0");
    assert_eq!(light["properties"]["inspected_on"], "2024-06-01");
    // No asset has a new version.
    assert_eq!(sender.history(id(&light)).len(), 1);
    // The same file again changes nothing.
    let again = sender.run(&import);
    let known = "9 rows: 4 taken, 4 refused, 1 not taken; 4 events: 0 new, 4 known, 0 corrected";
    assert_eq!(again.stdout, format!("{known} (no change)\n"));
    assert_eq!(sender.last_change(), 3);
    // The refused rows, mended, are read by the same mapping.
    let mended = std::fs::read_to_string(&faults).expect("a file");
    let mended = mended.replace("k9", "k2").replace("\"2024-05\"", "\"2024-05-05\"");
    let mended = sender.file("mended.geojson", mended.replace("painted", "维修"));
    let report = sender.run(&["import", &mended, "--mapping", &mapping, "--json"]).json();
    assert_eq!((&report["rows"], &report["refused"]), (&json!(4), &json!(1)));
    assert_eq!(report["events"], json!({ "recorded": 3, "known": 0, "superseded": 0 }));
    assert_eq!(events(&sender, "L2").len(), 3);
}

#[test]
fn an_asset_is_found_by_its_id_and_must_be_of_the_class() {
    let sender = known();
    let light = sender.coded("light_poles", "L1");
    let table = format!("id,cleaned\n{},2024-05-01\nk2,2024-05-02\n", id(&light));
    let table = sender.file("done.csv", table);
    let list = "source = \"lights\"\n[[events]]\nkind = \"repaired\"\non = \"cleaned\"\n";
    let mapping = sender.file("m.toml", list);
    let import = |mapping: &str, more: &[&str]| {
        sender.run(&[&["import", &table, "--mapping", mapping, "--json"], more].concat())
    };
    let report = import(&mapping, &[]).expect_done().json();
    assert_eq!(report["events"]["recorded"], 2, "{report}");
    assert_eq!(events(&sender, "L1"), ["repaired 2024-05-01 - - -"]);
    let wrong = sender.file("w.toml", list.replace("kind =", "class = \"gas_pipes\"\nkind ="));
    let report = import(&wrong, &["--strict"]);
    assert_eq!(report.code, Some(3));
    let fault = &report.json()["refused_rows"][1]["faults"][0];
    assert_eq!(fault["found"], "k2, one of the light_poles");
    assert_eq!(fault["expected"], "one of the gas_pipes");
    // Keys of another source are other keys.
    let other = sender.file("o.toml", list.replace("\"lights\"", "\"others\""));
    let report = import(&other, &[]).json();
    assert_eq!((&report["refused"], &report["events"]["known"]), (&json!(1), &json!(1)));
    assert_eq!(sender.last_change(), 3);
}

#[test]
fn what_a_row_tells_is_taken_whole_or_not_at_all_and_a_correction_takes_the_place() {
    let sender = known();
    let list = |kind: &str, on: &str| {
        format!("[[events]]\nkey = \"pole\"\nkind = \"{kind}\"\non = \"{on}\"\nnote = \"note\"\n")
    };
    let lists =
        ["source = \"lights\"\n", &list("hazard_found", "found"), &list("hazard_mended", "mended")];
    let mapping = sender.file("m.toml", lists.concat());
    let run = |table: &str, more: &[&str]| {
        let table = sender.file("hazards.csv", table);
        sender.run(&[&["import", &table, "--mapping", &mapping], more].concat())
    };
    let head = "pole,found,mended,note\n";
    run(&format!("{head}k0,2024-05-01,2024-05-03,door\nk1,2024-05-01,,cable\n"), &[]).expect_done();
    assert_eq!(events(&sender, "L0").len(), 2);
    let half = run(&format!("{head}k1,2024-05-02,2999-01-01,x\n"), &[]);
    assert_eq!(half.code, Some(3), "{half:?}");
    assert_eq!(events(&sender, "L1"), ["hazard_found 2024-05-01 - - cable"]);
    let said = run(&format!("{head}k1,2024-05-01,,cover\n"), &["--correct"]).expect_done().stdout;
    assert!(said.contains("1 events: 1 new, 0 known, 1 corrected"), "{said}");
    let light = sender.coded("light_poles", "L1");
    let standing = sender.events(id(&light)).iter().filter(|e| e["superseded"].is_null()).count();
    assert_eq!(standing, 1);
}

#[test]
fn a_list_of_events_makes_no_registry() {
    let sender = Sender::new();
    let (mapping, table) = (sender.file("m.toml", MAPPING), sender.file("done.csv", TABLE));
    for dry_run in [&["--dry-run"][..], &[]] {
        let done = sender.run(&[&["import", &table, "--mapping", &mapping], dry_run].concat());
        assert_eq!(done.code, Some(1), "{done:?}");
        assert!(done.stderr.contains("no registry in"), "{done:?}");
    }
    assert!(!sender.registry().exists());
}
