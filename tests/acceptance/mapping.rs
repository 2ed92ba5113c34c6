//! Files whose properties have other names than ours, told by a mapping.

use serde_json::{Value as Json, json};

use crate::sender::Sender;

const MAPPING: &str = r#"
source = "survey"

[[collection]]
into = "gas_pipes"
key = "no"
where = { kind = ["main", "service"], network = "gas" }

[collection.fields]
code = "no"
pipe_role = { from = "kind", codes = { main = "municipal_main", service = "service" } }
material = { from = "mat", codes = { St = "steel", PE = "pe100" }, other = "other", null = ["", "?"] }
length_m = { from = "length_km", unit = "km" }
diameter_mm = { from = "dn_in", unit = "in", null = 0 }
operating_pressure_mpa = { from = "bar", unit = "bar" }
owner = { value = "河西燃气" }
installed_on = "laid"

[[collection]]
into = "light_poles"
where = { kind = "lamp" }

[collection.fields]
code = "no"
lamp_kind = { from = "mat", codes = { LED = "led" } }
"#;

fn line(properties: &Json) -> String {
    let geometry = json!({ "type": "LineString", "coordinates": [[117.2, 39.1], [117.21, 39.1]] });
    json!({ "type": "Feature", "geometry": geometry, "properties": properties }).to_string()
}

/// Imports rows with a mapping; the report's last line and the refused rows must be these.
fn check(sender: &Sender, mapping: &str, rows: &[String], report: &str, refused: &[&str]) {
    let mapping = sender.file("survey.toml", mapping);
    let file = sender.file("survey.geojsonl", rows.join("\n"));
    let done = sender.run(&["import", &file, "--mapping", &mapping]);
    let told: Vec<&str> = done.stderr.lines().filter(|line| line.starts_with("row ")).collect();
    assert_eq!((done.stdout.trim_end(), &*told), (report, refused), "{}", done.stderr);
}

#[test]
fn a_mapping_translates_names_codes_and_units() {
    let sender = Sender::new();
    let given = [
        json!({ "no": 17, "kind": "main", "network": "gas", "mat": "St", "length_km": 0.8631,
                "dn_in": "4", "bar": 4, "laid": 1986, "colour": "yellow" }),
        json!({ "no": "18", "kind": "service", "network": "gas", "mat": "lead", "dn_in": 0.0 }),
        json!({ "no": "19", "kind": "service", "network": "gas", "mat": "?" }),
    ];
    let rows: Vec<String> = given.iter().map(line).collect();
    let report = "3 rows: 3 new, 0 changed, 0 unchanged, 0 refused, 0 not taken (change 2)";
    check(&sender, MAPPING, &rows, report, &[]);
    let names = [
        "pipe_role",
        "material",
        "length_m",
        "diameter_mm",
        "operating_pressure_mpa",
        "owner",
        "installed_on",
    ];
    for (code, expected) in [
        ("17", json!(["municipal_main", "steel", 863.1, 101.6, 0.4, "河西燃气", "1986-01-01"])),
        ("18", json!(["service", "other", null, null, null, "河西燃气", null])),
        ("19", json!(["service", null, null, null, null, "河西燃气", null])),
    ] {
        let feature = sender.coded("gas_pipes", code);
        assert_eq!(json!(names.map(|name| feature["properties"][name].clone())), expected);
    }
    // Once more, with the key written in another way.
    let again = line(&json!({ "no": "17", "kind": "main", "network": "gas", "mat": "St" }));
    let report = "1 rows: 0 new, 0 changed, 1 unchanged, 0 refused, 0 not taken (no change)";
    check(&sender, MAPPING, &[again], report, &[]);
}

#[test]
fn one_file_feeds_several_collections() {
    let sender = Sender::new();
    let lamp = |id: &str, mat: &str| {
        json!({
            "type": "Feature", "id": id,
            "geometry": { "type": "Point", "coordinates": [117.2, 39.1] },
            "properties": { "kind": "lamp", "no": id, "mat": mat },
        })
        .to_string()
    };
    let rows = [
        line(&json!({ "no": "1", "kind": "main", "network": "gas" })),
        lamp("1", "LED"),
        line(&json!({ "no": "2", "kind": "main", "network": "water" })),
        lamp("3", "candle"),
        line(&json!({ "kind": "main", "network": "gas" })),
        line(&json!({ "no": "4" })),
    ];
    // The key 1 is the same in both, for there is one source.
    let report = "6 rows: 1 new, 0 changed, 0 unchanged, 3 refused, 2 not taken (change 2)";
    let refused = [
        "row 2: key: found `1`, expected each asset once in an import",
        "row 4: lamp_kind: found `candle`, expected a value that the mapping knows, such as LED",
        "row 5: key: found `nothing`, expected a value of property `no`, which is the key",
    ];
    check(&sender, MAPPING, &rows, report, &refused);
    let mut rows = rows;
    rows[1] = lamp("5", "LED");
    let report = "6 rows: 1 new, 0 changed, 1 unchanged, 2 refused, 2 not taken (change 3)";
    check(&sender, MAPPING, &rows, report, &refused[1..]);
    let count = |collection| sender.export(collection).len();
    assert_eq!(["gas_pipes", "light_poles", "assets"].map(count), [1, 1, 2]);
}

/// A mapping with one collection whose fields are these is refused in one sentence.
fn check_refused(fields: &str, expected: &str) {
    let sender = Sender::new();
    let mapping = format!("source = \"s\"\n[[collection]]\ninto = \"gas_pipes\"\n{fields}\n");
    let mapping = sender.file("m.toml", mapping);
    let file = sender.file("s.geojsonl", line(&json!({})));
    let done = sender.run(&["import", &file, "--mapping", &mapping]);
    assert_eq!((done.code, done.stderr), (Some(1), format!("error: {expected}\n")), "{fields}");
}

#[test]
fn a_mapping_that_would_not_do_as_it_says_is_refused() {
    check_refused(
        "key =",
        "line 4 of the mapping is no TOML: string values must be quoted, expected literal string",
    );
    check_refused(
        "colour = 1",
        "collection 1: found `colour`, expected one of the keys into, key, where, fields",
    );
    check_refused(
        "fields.material = { from = \"mat\", codes = { St = \"iron\" } }",
        "collection 1 (gas_pipes), `fields`, `material`, `codes`, `St`: found `iron`, expected one \
         of steel, galvanised_steel, stainless_steel, pe80, pe100, grey_cast_iron, ductile_iron, \
         al_plastic, other, unknown",
    );
    check_refused(
        "fields.length_m = { from = \"l\", unit = \"furlong\" }",
        "collection 1 (gas_pipes), `fields`, `length_m`, `unit`: found `furlong`, expected a unit \
         of length: mm, cm, m, km, in, ft, yd, mi",
    );
    check_refused(
        "fields.geom_length_m = \"l\"",
        "collection 1 (gas_pipes), `fields`, `geom_length_m`: found `geom_length_m`, expected a \
         field that the register does not compute",
    );
}

#[test]
fn a_mapping_and_a_collection_are_not_given_together() {
    let sender = Sender::new();
    let file = sender.file("s.geojsonl", line(&json!({})));
    for arguments in [
        vec!["import", &file, "--mapping", "m.toml", "--as", "gas_pipes"],
        vec!["import", &file, "--mapping", "m.toml", "--source", "s"],
        vec!["import", &file],
        vec!["import", &file, "--as", "assets"],
        vec!["import", &file, "--as", "benches"],
    ] {
        let done = sender.run(&arguments);
        assert_eq!((done.code, done.stdout), (Some(2), String::new()), "{}", done.stderr);
        assert!(done.stderr.starts_with("error: "), "{}", done.stderr);
    }
    let done = sender.run(&["import", &file, "--mapping", "none.toml"]);
    let expected =
        "error: cannot read the mapping `none.toml`: No such file or directory (os error 2)\n";
    assert_eq!((done.code, &*done.stderr), (Some(1), expected));
}
