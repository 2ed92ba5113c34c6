//! Files come in: what is taken, what is refused, and what the report says of it.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::sender::{Sender, id, light, lights};

/// Imports rows as street lights; the report's last line and the exit code must be these.
fn check<R: AsRef<str>>(sender: &Sender, rows: &[R], options: &[&str], code: i32, report: &str) {
    let done = sender.import(rows, options);
    assert_eq!((done.code, done.stdout.trim_end()), (Some(code), report), "{}", done.stderr);
}

#[test]
fn a_row_is_taken_by_the_names_of_its_class() {
    let sender = Sender::new();
    let properties =
        r#""code":"河-7","installed_on":1995,"lamp_kind":"led","power_w":"70","lit":1"#;
    check(
        &sender,
        &[light("7", properties)],
        &[],
        0,
        "1 rows: 1 new, 0 changed, 0 unchanged, 0 refused, 0 not taken (change 2)",
    );
    let feature = sender.coded("light_poles", "河-7");
    let expected = json!({
        "class": "light_poles", "installed_on": "1995-01-01", "installed_latest_on": "1995-12-31",
        "installed_precision": "year", "lamp_kind": "led", "power_w": 70.0, "height_m": null,
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&feature["properties"][name], value, "{name}");
    }
    assert_eq!(feature["geometry"], json!({ "type": "Point", "coordinates": [117.2, 39.1] }));
}

#[test]
fn rows_are_found_however_they_lie_in_the_file() {
    let (one, two) = (light("1", r#""code":"1""#), light("2", r#""code":"2""#));
    for (text, rows) in [
        (format!("{one}\n{two}"), 2),
        (format!("{one}\r\n\r\n{two}\r\n"), 2),
        (format!("\u{feff}{one}\n{two}\n"), 2),
        (format!("\u{1e}{one}\n\u{1e}{two}\n"), 2),
        (format!(r#"{{"type":"FeatureCollection","features":[{one},{two}]}}"#), 2),
        (
            format!(
                "\u{feff}{{\"features\":[\n{one}\n,\n{two}\n],\"type\":\"FeatureCollection\"}}"
            ),
            2,
        ),
        (one.replace(',', ",\n"), 1),
        (r#"{"type":"FeatureCollection","features":[]}"#.into(), 0),
    ] {
        let sender = Sender::new();
        let path = sender.file("lights.json", &text);
        let done = sender.run(&["import", &path, "--as", "light_poles", "--json"]).expect_done();
        assert_eq!(done.json()["created"], rows, "{text}");
    }
}

#[test]
fn the_report_counts_rows_and_tells_what_was_refused_and_what_was_not_taken() {
    let sender = Sender::new();
    let rows = [
        light("a", r#""code":"1","colour":"red","note":"""#),
        light("b", r#""code":"2","count":2.5,"lamp_kind":"candle""#),
        light("c", r#""code":"3","colour":"blue","shape":[1]"#),
    ];
    let done = sender.import(&rows, &["--json"]);
    let expected = json!({
        "file": {
            "format": "GeoJSON", "layer": null, "layers": [], "header_row": null, "encoding": null,
            "delimiter": null, "decimal": null, "crs": "OGC:CRS84", "columns": [],
        },
        "change": 2, "dry_run": false, "stopped": false, "rows": 3, "created": 2, "changed": 0,
        "unchanged": 0, "refused": 1, "not_taken": 0,
        "events": { "recorded": 0, "known": 0, "superseded": 0 },
        "refused_rows": [{ "row": 2, "faults": [
            { "place": "count", "found": "2.5", "expected": "a whole number", "code": "kind" },
            { "place": "lamp_kind", "found": "candle", "expected": "one of led, solar_led, hps, \
              mh, mercury, induction, fluorescent, incandescent, other, unknown", "code": "code_list" },
        ] }],
        "untaken_properties": [
            { "property": "colour", "rows": 2 }, { "property": "shape", "rows": 1 },
        ],
        "untaken_values": 0, "untaken_heights": 0,
    });
    assert_eq!((done.code, done.json()), (Some(3), expected), "{}", done.stderr);
    assert_eq!(done.stderr, "");

    let done = sender.import(&rows, &["--dry-run"]);
    let expected = "row 2: count: found `2.5`, expected a whole number; lamp_kind: found `candle`, \
                    expected one of led, solar_led, hps, mh, mercury, induction, fluorescent, \
                    incandescent, other, unknown\nproperty `colour` not taken (2 rows)\nproperty \
                    `shape` not taken (1 rows)\n";
    let (file, rest) = done.stderr.split_once('\n').expect("a line");
    assert!(file.ends_with("` is GeoJSON, positions in OGC:CRS84"), "{file}");
    assert_eq!(rest, expected);
}

#[test]
fn an_option_that_says_nothing_about_the_file_is_refused() {
    let sender = Sender::new();
    for (options, name) in [
        (["--layer", "pipes"], "layer"),
        (["--sheet", "J"], "sheet"),
        (["--encoding", "gbk"], "encoding"),
        (["--delimiter", "tab"], "delimiter"),
        (["--decimal", ","], "decimal"),
    ] {
        let done = sender.import(&[light("7", "")], &options);
        let sentence = format!("error: --{name} says nothing about `");
        assert_eq!(done.code, Some(2), "{}", done.stderr);
        assert!(done.stderr.starts_with(&sentence), "{}", done.stderr);
        assert!(done.stderr.ends_with("`, which is GeoJSON\n"), "{}", done.stderr);
    }
    let done = sender.import(&[light("7", "")], &["--delimiter", "::"]);
    assert_eq!(done.code, Some(2), "{}", done.stderr);
    assert!(done.stderr.contains("one of , ; | and tab"), "{}", done.stderr);
    assert!(!sender.registry().exists());
    check(
        &sender,
        &[light("7", "")],
        &["--crs", "EPSG:4326"],
        0,
        "1 rows: 1 new, 0 changed, 0 unchanged, 0 refused, 0 not taken (change 2)",
    );
}

#[test]
fn a_rehearsal_writes_nothing_and_tells_just_what_the_import_then_does() {
    let sender = Sender::new();
    sender.import(&lights(700, r#""power_w":70"#), &[]).expect_done();
    let mut rows = lights(900, r#""power_w":70"#);
    rows[3] = light("k3", r#""power_w":85"#);
    rows[4] = light("k4", r#""power_w":-1"#);
    // One is known just so, and comes again far behind.
    rows[890] = light("k5", r#""power_w":85"#);
    let before = sender.export("light_poles");
    let tell = |options: &[&str]| {
        let done = sender.import(&rows, &[&["--json"], options].concat());
        let mut report = done.json();
        let change = report["change"].take();
        assert_eq!(done.code, Some(3), "{report}");
        (report["dry_run"].take(), change, report)
    };
    let (rehearsed, change, foretold) = tell(&["--dry-run"]);
    assert_eq!((rehearsed, change), (json!(true), Json::Null));
    assert_eq!((sender.last_change(), sender.export("light_poles")), (2, before));
    let (rehearsed, change, report) = tell(&[]);
    assert_eq!((rehearsed, change), (json!(false), json!(3)));
    assert_eq!(foretold, report);
    let counts = ["created", "changed", "unchanged", "refused"].map(|name| report[name].clone());
    assert_eq!(json!(counts), json!([199, 1, 698, 2]));
}

#[test]
fn a_rehearsal_makes_no_registry() {
    let sender = Sender::new();
    check(
        &sender,
        &[light("7", "")],
        &["--dry-run"],
        0,
        "1 rows: 1 new, 0 changed, 0 unchanged, 0 refused, 0 not taken (dry run, nothing was \
         written)",
    );
    assert!(!sender.registry().exists());
}

#[test]
fn one_refused_row_stops_a_strict_import() {
    let sender = Sender::new();
    let mut rows = lights(1200, r#""power_w":70"#);
    rows[1100] = light("bad", r#""power_w":-1"#);
    let done = sender.import(&rows, &["--strict"]);
    assert_eq!(done.code, Some(3));
    assert!(done.stdout.contains("1 refused") && done.stdout.contains("(no change)"), "{done:?}");
    let expected = "row 1101: power_w: found `-1`, expected a number from 0 to 20000\na row was \
                    refused, so nothing was taken (--strict)\n";
    assert_eq!(done.stderr, expected);
    assert_eq!((sender.last_change(), sender.export("light_poles").len()), (1, 0));

    check(
        &sender,
        &lights(2, r#""power_w":70"#),
        &["--strict"],
        0,
        "2 rows: 2 new, 0 changed, 0 unchanged, 0 refused, 0 not taken (change 2)",
    );
}

#[test]
fn refused_rows_come_back_in_a_file_that_can_be_mended_and_sent_again() {
    let sender = Sender::new();
    let rows = [
        light("a", r#""code":"A","power_w":70"#),
        light("b", r#""code":"乙","power_w":"7O""#),
        r#"{"type":"Feature","id":"c","geometry":null,"properties":{"code":"C"}}"#.to_owned(),
    ];
    let faults = sender.path("faults.geojson");
    let report = "3 rows: 1 new, 0 changed, 0 unchanged, 2 refused, 0 not taken (change 2)";
    check(&sender, &rows, &["--faults", &faults], 3, report);
    let text = std::fs::read_to_string(&faults).expect("the file of faults");
    let told = [
        r#""terrier_faults":"power_w: found `7O`, expected a number""#,
        r#""terrier_faults":"geometry: found `no geometry`, expected Point""#,
    ];
    assert!(told.iter().all(|fault| text.contains(fault)), "{text}");

    let mended = text
        .replace("7O", "70")
        .replace(r#""geometry":null"#, r#""geometry":{"type":"Point","coordinates":[117.3,39]}"#);
    let path = sender.file("mended.geojson", mended);
    let send = |path: &str| {
        let options = ["--as", "light_poles", "--source", "lights"];
        sender.run(&[&["import", path], &options[..]].concat()).expect_done().stdout
    };
    let report = "2 rows: 2 new, 0 changed, 0 unchanged, 0 refused, 0 not taken (change 3)\n";
    assert_eq!(send(&path), report);
    assert_eq!(sender.coded("light_poles", "乙")["properties"]["power_w"], 70.0);
    let ends = [sender.path("faults.geojson.unfinished")].map(|path| std::fs::exists(path).ok());
    assert_eq!(ends, [Some(false)]);
}

#[test]
fn an_asset_comes_once_in_a_file() {
    for distance in [1, 499, 500, 1100] {
        for known in [false, true] {
            let sender = Sender::new();
            let mut rows = lights(1200, r#""power_w":70"#);
            if known {
                sender.import(&rows, &[]).expect_done();
            }
            rows[7 + distance] = light("k7", r#""code":"again""#);
            let done = sender.import(&rows, &[]);
            let row = 8 + distance;
            let expected =
                format!("row {row}: key: found `k7`, expected each asset once in an import\n");
            assert_eq!((done.code, done.stderr), (Some(3), expected), "known: {known}");
            assert_eq!(sender.coded("light_poles", "L7")["properties"]["power_w"], 70.0);
        }
    }
}

#[test]
fn an_asset_comes_once_in_a_file_whatever_it_is_called() {
    let sender = Sender::new();
    sender.import(&[light("7", r#""code":"L7""#)], &[]).expect_done();
    let known = sender.coded("light_poles", "L7");
    let id = id(&known);
    let rows = [light(id, r#""code":"L7","count":1"#), light("7", r#""code":"L7","count":2"#)];
    let report = "2 rows: 0 new, 1 changed, 0 unchanged, 1 refused, 0 not taken (change 3)";
    check(&sender, &rows, &[], 3, report);
    assert_eq!(sender.history(id).len(), 2);
}

#[test]
fn an_import_whose_refused_rows_cannot_be_kept_takes_nothing() {
    let sender = Sender::new();
    let rows = [light("a", ""), light("b", r#""power_w":-1"#)];
    for (faults, expected) in [
        (sender.path("none/faults.geojson"), "No such file or directory (os error 2)"),
        (sender.path("registry"), "Is a directory (os error 21)"),
    ] {
        let done = sender.import(&rows, &["--faults", &faults]);
        assert_eq!(done.code, Some(1), "{done:?}");
        assert!(done.stderr.starts_with("error: cannot "), "{done:?}");
        assert!(done.stderr.trim_end().ends_with(expected), "{done:?}");
        assert_eq!(sender.last_change(), 1, "{faults}");
    }
}

#[test]
fn a_key_belongs_to_one_source_and_one_class() {
    let sender = Sender::new();
    let done = |file: &str, class: &str, source: &str| {
        let done = sender.run(&["import", file, "--as", class, "--source", source]);
        (done.code, done.stdout, done.stderr)
    };
    let path = sender.file("light.json", light("7", ""));
    let (_, stdout, _) = done(&path, "light_poles", "east");
    assert!(stdout.contains("1 new"), "{stdout}");
    let (_, stdout, _) = done(&path, "light_poles", "west");
    assert!(stdout.contains("1 new"), "{stdout}");
    let known = sender.export("light_poles");
    assert_ne!(id(&known[0]), id(&known[1]));

    let pipe = r#"{"type":"Feature","id":"7","geometry":{"type":"LineString","coordinates":[[1,2],[3,4]]},"properties":{}}"#;
    let path = sender.file("pipe.json", pipe);
    let (code, _, stderr) = done(&path, "gas_pipes", "east");
    let tail = "expected an asset of gas_pipes: this one is known in light_poles\n";
    assert!(stderr.starts_with("row 1: key: found `") && stderr.ends_with(tail), "{stderr}");
    assert_eq!(code, Some(3));
}

#[test]
fn ids_that_the_client_brings_are_kept() {
    const BROUGHT: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
    let sender = Sender::new();
    let row = light(BROUGHT, r#""code":"mine""#);
    sender.import(&[&row], &[]).expect_done();
    assert_eq!(id(&sender.coded("light_poles", "mine")), BROUGHT);
    // Whoever sends it, it is the same asset.
    let report = "1 rows: 0 new, 0 changed, 1 unchanged, 0 refused, 0 not taken (no change)";
    check(&sender, &[row], &["--source", "another"], 0, report);
    // A UUID of another version is a key like any other.
    let other = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";
    sender.import(&[light(other, r#""code":"other""#)], &[]).expect_done();
    assert_ne!(id(&sender.coded("light_poles", "other")), other);
}

#[test]
fn what_was_exported_comes_back_unchanged_for_each_class() {
    let sender = Sender::new();
    sender.run(&["demo", "--assets", "800", "--seed", "11"]).expect_done();
    let elsewhere = Sender::new();
    for class in ["gas_pipes", "drain_pipes", "light_poles", "greenway_segments"] {
        let path = sender.path("exported.geojson");
        sender.run(&["export", class, "-o", &path]).expect_done();
        let import = ["import", &path, "--as", class, "--json"];
        let report = sender.run(&import).expect_done().json();
        let counts = ["created", "changed", "refused", "change"].map(|name| report[name].clone());
        assert_eq!(json!(counts), json!([0, 0, 0, null]), "{class}");
        assert!(report["unchanged"].as_u64() > Some(10), "{class}");

        let import = [&import[..], &["--valid-from", "2024-01-01"]].concat();
        elsewhere.run(&import).expect_done();
        let sorted = |from: &Sender| {
            let features = from.export(class).into_iter();
            features.map(|feature| (id(&feature).to_owned(), feature)).collect::<BTreeMap<_, _>>()
        };
        assert_eq!(sorted(&elsewhere), sorted(&sender), "{class}");
    }
}

#[test]
fn a_file_that_breaks_off_leaves_nothing() {
    let sender = Sender::new();
    let features = lights(1500, r#""power_w":70"#).join(",");
    let whole = format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#);
    let path = sender.file("cut.geojson", &whole[..whole.len() - 20]);
    let faults = sender.path("faults.geojson");
    let done = sender.run(&["import", &path, "--as", "light_poles", "--faults", &faults]);
    let at = whole.len() - 20;
    let expected = format!("error: `{path}` ends at byte {at} in the middle of row 1500\n");
    assert_eq!((done.code, done.stderr, done.stdout), (Some(1), expected, String::new()));
    assert_eq!((sender.last_change(), sender.export("light_poles").len()), (1, 0));
    let left = ["", ".unfinished"].map(|end| std::fs::exists(format!("{faults}{end}")).ok());
    assert_eq!(left, [Some(false), Some(false)]);
}
