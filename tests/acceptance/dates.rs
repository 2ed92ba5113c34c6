//! Dates of installation: placeholders, precision, and where they come from.

use serde_json::{Value as Json, json};

use crate::sender::{Sender, id};

const MAPPING: &str = r#"
source = "s"
[[collection]]
into = "light_poles"
key = "id"
[collection.fields]
code = "id"
installed_on = { from = "laid", placeholders = [1800, "1900-01-01"], source = "as_built" }
"#;

fn import(sender: &Sender, rows: &[(&str, &str)]) {
    let mapping = sender.file("m.toml", MAPPING);
    let rows: Vec<String> =
        rows.iter().map(|(key, laid)| format!("{key},117.2,39.1,{laid}\n")).collect();
    let table = format!("id,lon,lat,laid\n{}", rows.concat());
    let path = sender.file("lights.csv", table);
    sender.run(&["import", &path, "--mapping", &mapping]).expect_done();
}

/// What is told of the date of installation.
fn told(properties: &Json) -> Json {
    let names = ["on", "latest_on", "precision", "source", "written"];
    names.iter().map(|name| properties[format!("installed_{name}")].clone()).collect()
}

fn check(laid: &str, expected: &Json) {
    let sender = Sender::new();
    import(&sender, &[("a", laid)]);
    assert_eq!(told(&sender.coded("light_poles", "a")["properties"]), *expected, "{laid}");
}

#[test]
fn a_placeholder_is_an_unknown_date_that_keeps_what_was_written() {
    check("1900-01-01", &json!([null, null, "unknown", "placeholder", "1900-01-01"]));
    check("1900/1/1 0:00", &json!([null, null, "unknown", "placeholder", "1900/1/1 0:00"]));
    check("1800", &json!([null, null, "unknown", "placeholder", "1800"]));
    check("", &json!([null, null, "unknown", null, null]));
}

#[test]
fn a_date_is_as_precise_as_it_was_written() {
    check("1995/6/1", &json!(["1995-06-01", "1995-06-01", "day", "as_built", null]));
    check("1995年6月", &json!(["1995-06-01", "1995-06-30", "month", "as_built", null]));
    check("1995", &json!(["1995-01-01", "1995-12-31", "year", "as_built", null]));
    check("1990s", &json!(["1990-01-01", "1999-12-31", "decade", "as_built", null]));
    check("before 1995", &json!(["0001-01-01", "1994-12-31", "before", "as_built", null]));
    check("1993/1995", &json!(["1993-01-01", "1995-12-31", "range", "as_built", null]));
}

#[test]
fn a_known_date_takes_the_place_of_a_placeholder_and_of_what_was_told_of_it() {
    let sender = Sender::new();
    import(&sender, &[("a", "1900-01-01"), ("b", "2001")]);
    import(&sender, &[("a", "2005"), ("b", "2001")]);
    let light = sender.coded("light_poles", "a");
    let expected = json!(["2005-01-01", "2005-12-31", "year", "as_built", null]);
    assert_eq!(told(&light["properties"]), expected);
    let versions = sender.history(id(&light));
    let written = |version: &Json| version["feature"]["properties"]["installed_written"].clone();
    let all: Vec<Json> = versions.iter().map(written).collect();
    assert!(all.contains(&json!("1900-01-01")), "{versions:?}");
    assert_eq!(sender.history(id(&sender.coded("light_poles", "b"))).len(), 1);
}

#[test]
fn what_is_told_of_a_date_comes_back_from_an_export() {
    let sender = Sender::new();
    import(&sender, &[("a", "1900-01-01"), ("b", "before 1995"), ("c", "1990s"), ("d", "2001-05")]);
    let exported = sender.run(&["export", "light_poles"]).expect_done().stdout;
    let path = sender.file("again.geojson", &exported);
    let other = Sender::new();
    other.run(&["import", &path, "--as", "light_poles"]).expect_done();
    for code in ["a", "b", "c", "d"] {
        let [first, second] = [&sender, &other].map(|sender| sender.coded("light_poles", code));
        assert_eq!(told(&first["properties"]), told(&second["properties"]), "{code}");
    }
    let done = sender.run(&["import", &path, "--as", "light_poles"]).expect_done();
    assert!(done.stdout.starts_with("4 rows: 0 new, 0 changed, 4 unchanged"), "{}", done.stdout);
}
