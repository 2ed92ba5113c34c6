//! Packs of rules: what may be put in force, and what is refused.

use std::path::Path;

use serde_json::json;

use crate::program::{Done, folder, terrier};

const HEAD: &str = r#"
pack = "CITY"
version = "1"
jurisdiction = "CN-120103"
title = { en = "City", zh = "城市" }
"#;

fn rule(id: &str, changes: &str) -> String {
    format!(
        "[[rule]]\nid = \"{id}\"\ntitle = {{ en = \"Look\", zh = \"查看\" }}\ncites = \"test\"\n\
         evidence = \"I\"\nclass = \"light_poles\"\nkind = \"inspect\"\ninterval = \"P1Y\"\n\
         effective_from = \"2024-01-01\"\n{changes}\n"
    )
}

fn put(folder: &Path, text: &str, more: &[&str]) -> Done {
    let file = tempfile::NamedTempFile::with_suffix(".toml").expect("a file");
    std::fs::write(file.path(), text).expect("written");
    let path = file.path().to_str().expect("a path");
    terrier(folder, &[&["rules", "put", path], more].concat())
}

/// Checks why a document is refused, and that nothing is changed by it.
fn refused(folder: &Path, text: &str, expected: &str) {
    let done = put(folder, text, &[]);
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.stderr.contains(expected), "`{expected}` is not in {}", done.stderr);
}

#[test]
fn a_new_registry_has_the_national_rules_and_the_demonstration_those_of_hexi_too() {
    let (new, demo) = (folder(), folder());
    let names = |folder: &Path| -> Vec<String> {
        let listed = terrier(folder, &["rules", "list", "--json"]).expect_done().json();
        let packs = listed.as_array().expect("packs").iter();
        packs.map(|pack| pack["pack"].as_str().expect("a name").to_owned()).collect()
    };
    // Where there is no registry, what a new one would have.
    assert_eq!(names(new.path()), ["CN"]);
    put(new.path(), &format!("{HEAD}{}", rule("A", "")), &[]).expect_done();
    assert_eq!(names(new.path()), ["CN", "CITY"]);
    terrier(demo.path(), &["demo", "--assets", "100"]).expect_done();
    assert_eq!(names(demo.path()), ["CN", "TJ-HEXI"]);
    let shown = terrier(demo.path(), &["rules", "show", "TJ-HEXI"]).expect_done();
    let shipped = terrier(new.path(), &["rules", "show", "TJ-HEXI", "--shipped"]).expect_done();
    assert_eq!(shown.stdout, shipped.stdout);
    let none = terrier(new.path(), &["rules", "show", "TJ"]);
    assert_eq!(none.code, Some(2));
    assert!(none.stderr.contains("no rule pack `TJ`, expected one of CN, CITY"), "{none:?}");
}

#[test]
fn a_pack_takes_the_place_of_the_one_of_its_name_rule_by_rule() {
    let folder = folder();
    let folder = folder.path();
    let first = format!("{HEAD}{}{}", rule("A", ""), rule("B", ""));
    let told = put(folder, &first, &["--json"]).expect_done().json();
    assert_eq!((&told["added"], &told["change"]), (&json!(["A", "B"]), &json!(2)));
    let same = put(folder, &first, &["--json"]).expect_done().json();
    assert_eq!((&same["added"], &same["change"]), (&json!([]), &json!(null)));
    let second = format!("{HEAD}{}{}", rule("B", "priority = 1"), rule("C", ""));
    let told = put(folder, &second, &["--dry-run"]).expect_done().stdout;
    assert_eq!(told, "C: new\nB: changed\nA: gone\ndry run, nothing was written\n");
    let told = put(folder, &second, &["--reason", "said so"]).expect_done().stdout;
    assert_eq!(told, "C: new\nB: changed\nA: gone\nchange 3\n");
    let told = put(folder, &format!("{second}# More.\n"), &[]).expect_done().stdout;
    assert_eq!(told, "CITY: other text of the same rules\nchange 4\n");
    assert_eq!(terrier(folder, &["check"]).code, Some(0));
}

#[test]
fn a_rule_that_does_not_fit_is_refused_with_the_reason() {
    let folder = folder();
    let folder = folder.path();
    refused(folder, "pack = 1", "is no rule pack: line 1: ");
    assert!(std::fs::read_dir(folder).expect("a folder").next().is_none(), "no registry is made");
    let city = |rules: &str| format!("{HEAD}{rules}");
    put(folder, &city(&rule("A", "")), &[]).expect_done();
    refused(
        folder,
        &city(&rule("A", "").replace("light_poles", "benches")),
        "rule pack `CITY` does not fit the registry: rule `A`: no class `benches`",
    );
    refused(folder, &city(&rule("A", "when = \"colour = 'red'\"")), "`colour`");
    refused(folder, &city(&rule("A", "when = \"count = 'red'\"")), "`count`: found text `red`");
    refused(folder, &city(&rule("A", "when = \"count = \"")), "rule `A`: cannot read `when`");
    refused(folder, &city(&rule("CN-LIGHT-INSPECT", "")), "rule `CN-LIGHT-INSPECT` appears twice");
    refused(folder, &city(&rule("A", "interval = \"P1D\"")), "line 15");
    let listed = terrier(folder, &["rules", "list"]).expect_done().stdout;
    assert!(listed.contains("CITY 1: City 城市, CN-120103, 1 rules"), "{listed}");
}

#[test]
fn a_class_keeps_the_fields_that_rules_go_by() {
    let folder = folder();
    let folder = folder.path();
    let when = "when = \"lamp_kind = 'solar_led'\"";
    put(folder, &format!("{HEAD}{}", rule("A", when)), &[]).expect_done();
    let class = terrier(folder, &["classes", "light_poles"]).expect_done().stdout;
    let retired = class.replacen("name = \"lamp_kind\"", "name = \"lamp_kind\"\nretired = true", 1);
    assert_ne!(class, retired);
    let file = tempfile::NamedTempFile::with_suffix(".toml").expect("a file");
    std::fs::write(file.path(), retired).expect("written");
    let path = file.path().to_str().expect("a path");
    for dry_run in [&["--dry-run"][..], &[]] {
        let done = terrier(folder, &[&["classes", "put", path], dry_run].concat());
        assert_eq!(done.code, Some(1), "{done:?}");
        let expected = "does not fit the registry: rule `";
        assert!(done.stderr.contains(expected) && done.stderr.contains("lamp_kind"), "{done:?}");
    }
}
