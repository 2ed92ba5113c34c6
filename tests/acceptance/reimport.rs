//! Files that come again: nothing changes, or a new version is written, or the old one is mended.

use serde_json::{Value as Json, json};

use crate::sender::{Sender, id, light, light_at};

/// Imports a row as a street light; the counts of new, changed, unchanged and refused rows and the
/// number of the change must be these.
fn check(sender: &Sender, row: &str, options: &[&str], expected: &Json) -> Json {
    let report = sender.import(&[row], &[&["--json"], options].concat()).json();
    let names = ["created", "changed", "unchanged", "refused", "change"];
    let counts = names.map(|name| report[name].clone());
    assert_eq!(&json!(counts), expected, "{row}: {report}");
    report
}

fn new(change: u64) -> Json {
    json!([1, 0, 0, 0, change])
}

fn changed(change: u64) -> Json {
    json!([0, 1, 0, 0, change])
}

const UNCHANGED: [Option<u64>; 5] = [Some(0), Some(0), Some(1), Some(0), None];

/// Both periods of each version: from and to in the street, and the changes that recorded and
/// superseded it.
fn periods(sender: &Sender, code: &str) -> Json {
    let versions = sender.history(id(&sender.coded("light_poles", code)));
    let period = |version: &Json| {
        let [from, to] = [&version["valid_from"], &version["valid_to"]];
        let [recorded, superseded] = [&version["recorded"], &version["superseded"]];
        json!([from, to, recorded["sequence"], superseded["sequence"]])
    };
    versions.iter().map(period).collect()
}

#[test]
fn the_same_file_twice_changes_nothing() {
    let sender = Sender::new();
    let row = light("7", r#""code":"L7","power_w":70,"installed_on":"2001/2003","remarks":"路口""#);
    check(&sender, &row, &[], &new(2));
    check(&sender, &row, &[], &json!(UNCHANGED));
    check(&sender, &row, &["--correct"], &json!(UNCHANGED));
    // Not even when it is older than what is known: there is nothing to tell.
    check(&sender, &row, &["--valid-from", "1990-01-01"], &json!(UNCHANGED));
    assert_eq!(sender.last_change(), 2);
    assert_eq!(sender.history(id(&sender.coded("light_poles", "L7"))).len(), 1);
}

#[test]
fn the_same_said_in_other_words_changes_nothing() {
    let sender = Sender::new();
    check(&sender, &light("7", r#""code":"L7","power_w":70,"installed_on":1995"#), &[], &new(2));
    let row = light(
        "7",
        r#""installed_on":"1995-01-01","installed_latest_on":"1995-12-31","power_w":" 70.0 ","code":"L7""#,
    );
    check(&sender, &row, &[], &json!(UNCHANGED));
    let row = light_at("[1172e-1, 39.10, 3.5]", "7", r#""owner":"  ","remarks":null"#);
    let report = check(&sender, &row, &[], &json!(UNCHANGED));
    assert_eq!(report["untaken_heights"], 1);
}

#[test]
fn a_changed_row_makes_a_second_version() {
    let sender = Sender::new();
    let since = |day| ["--valid-from", day];
    check(&sender, &light("7", r#""code":"L7","power_w":70"#), &since("2020-01-01"), &new(2));
    check(&sender, &light("7", r#""code":"L7","power_w":85"#), &since("2024-05-01"), &changed(3));
    assert_eq!(
        periods(&sender, "L7"),
        json!([
            ["2020-01-01T00:00:00Z", "2024-05-01T00:00:00Z", 2, null],
            ["2024-05-01T00:00:00Z", null, 3, null],
        ])
    );
    let known = sender.coded("light_poles", "L7");
    assert_eq!(known["properties"]["power_w"], 85.0);
    // To move it a little is a change too, to say what it had before is another.
    let moved = light_at("[117.2000001,39.1]", "7", r#""power_w":85"#);
    check(&sender, &moved, &[], &changed(4));
    check(&sender, &light("7", r#""power_w":70"#), &[], &changed(5));
    assert_eq!(sender.history(id(&known)).len(), 4);
}

#[test]
fn a_correction_keeps_the_time_since_when_an_asset_is_valid() {
    let sender = Sender::new();
    let row = |power: u32| light("7", &format!(r#""code":"L7","power_w":{power}"#));
    check(&sender, &row(70), &["--valid-from", "2020-01-01"], &new(2));
    check(&sender, &row(85), &["--correct"], &changed(3));
    assert_eq!(
        periods(&sender, "L7"),
        json!([["2020-01-01T00:00:00Z", null, 2, 3], ["2020-01-01T00:00:00Z", null, 3, null],])
    );
    // A correction of what nobody knew is news.
    let other = light("8", r#""code":"L8""#);
    check(&sender, &other, &["--correct", "--valid-from", "2021-03-01"], &new(4));
    assert_eq!(periods(&sender, "L8"), json!([["2021-03-01T00:00:00Z", null, 4, null]]));
    // After an update, a correction mends the later version alone.
    check(&sender, &row(90), &["--valid-from", "2024-05-01"], &changed(5));
    check(&sender, &row(95), &["--correct"], &changed(6));
    assert_eq!(
        periods(&sender, "L7"),
        json!([
            ["2020-01-01T00:00:00Z", null, 2, 3],
            ["2020-01-01T00:00:00Z", "2024-05-01T00:00:00Z", 3, null],
            ["2024-05-01T00:00:00Z", null, 5, 6],
            ["2024-05-01T00:00:00Z", null, 6, null],
        ])
    );
    assert_eq!(sender.last_change(), 6);
}

#[test]
fn an_update_from_before_the_known_version_is_refused() {
    let sender = Sender::new();
    let row = |power: u32| light("7", &format!(r#""code":"L7","power_w":{power}"#));
    check(&sender, &row(70), &["--valid-from", "2020-01-01T08:00:00+08:00"], &new(2));
    for day in ["2019-12-31", "2020-01-01"] {
        let refused = json!([0, 0, 0, 1, null]);
        let report = check(&sender, &row(85), &["--valid-from", day], &refused);
        let expected = json!([{ "row": 1, "faults": [{
            "place": "valid_from", "found": format!("{day}T00:00:00Z"),
            "expected": "a time after 2020-01-01T00:00:00Z, since when the known version is \
                         valid, or a correction",
            "code": "period",
        }] }]);
        assert_eq!(report["refused_rows"], expected);
    }
    assert_eq!(sender.last_change(), 2);
    check(&sender, &row(85), &["--valid-from", "2020-01-01T00:00:00.000001Z"], &changed(3));
    check(&sender, &row(90), &["--correct", "--valid-from", "1990-01-01"], &changed(4));
}

#[test]
fn a_row_that_is_missing_deletes_nothing() {
    let sender = Sender::new();
    let rows = ["1", "2", "3"].map(|key| light(key, &format!(r#""code":"L{key}""#)));
    sender.import(&rows, &[]).expect_done();
    check(&sender, &rows[1], &[], &json!(UNCHANGED));
    let report = check(&sender, &light("4", ""), &[], &new(3));
    assert_eq!(report["rows"], 1);
    assert_eq!(sender.export("light_poles").len(), 4);
}

#[test]
fn a_field_that_is_not_given_keeps_what_it_had() {
    let sender = Sender::new();
    let given = r#""code":"L7","power_w":70,"installed_on":"1995-06","households":12"#;
    check(&sender, &light("7", given), &[], &new(2));
    check(&sender, &light("7", r#""remarks":"leans""#), &[], &changed(3));
    let after = sender.coded("light_poles", "L7");
    let kept = ["power_w", "installed_on", "installed_latest_on", "households", "remarks"]
        .map(|name| after["properties"][name].clone());
    assert_eq!(json!(kept), json!([70.0, "1995-06-01", "1995-06-30", 12, "leans"]));
    // Null says that there is nothing.
    check(&sender, &light("7", r#""power_w":null,"installed_on":"""#), &[], &changed(4));
    let after = sender.coded("light_poles", "L7");
    let kept = ["power_w", "installed_on", "installed_latest_on", "households"]
        .map(|name| after["properties"][name].clone());
    assert_eq!(json!(kept), json!([null, null, null, 12]));
}

#[test]
fn what_a_row_keeps_must_not_contradict_what_it_gives() {
    let sender = Sender::new();
    let row = light("7", r#""code":"L7","installed_on":"2005-06-30""#);
    check(&sender, &row, &[], &new(2));
    let row = light("7", r#""decommissioned_on":"2004-01-01""#);
    let report = check(&sender, &row, &[], &json!([0, 0, 0, 1, null]));
    let expected = json!({
        "place": "decommissioned_on", "found": "2004-01-01",
        "expected": "no day before installed_on 2005-06-30",
        "code": "contradiction",
    });
    assert_eq!(report["refused_rows"][0]["faults"], json!([expected]));
}
