//! Whatever bytes arrive, reading them ends with rows, faults and at most one error; and where a
//! plain reading of the whole file by `serde_json` finds features, the reader finds the same.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use terrier_exchange::{
    Description, FaultFile, Format, GeoJsonFile, Mapping, Outcome, Row, read_bytes,
};
use terrier_model::{Class, Place, Text};
use terrier_spatial::GeometryKind;

fn mapping() -> Arc<Mapping> {
    let text = Text::new("Pipes", "管道");
    let class = Class::try_new("pipes", text.clone(), text, GeometryKind::Line, Vec::new());
    Arc::new(Mapping::plain("test", &Arc::new(class.expect("a class"))))
}

/// Any JSON value, at most three deep.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e6..1e6).prop_map(|number: f64| Value::from(number)),
        any_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            vec((any_text(), inner), 0..3).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// Texts with everything in them that a scanner may stumble over.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just("]}".to_owned()),
        Just("{[,:".to_owned()),
        Just("\n\u{1e}\u{0}\u{feff}".to_owned()),
        Just("路灯😀".to_owned()),
        "[a-z]{1,4}",
    ];
    vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

fn any_feature() -> impl Strategy<Value = Value> {
    let number = -200.0..200.0_f64;
    let line = vec(vec(number, 1..4), 0..5);
    let geometry = prop_oneof![
        3 => line.prop_map(|line| json!({"type": "LineString", "coordinates": line})),
        1 => any_value(),
    ];
    let feature = (any_value(), geometry, vec((any_text(), any_value()), 0..5));
    feature.prop_map(|(id, geometry, properties)| {
        let properties: Value = properties.into_iter().collect();
        json!({"type": "Feature", "id": id, "geometry": geometry, "properties": properties})
    })
}

/// A file of features, and those features.
fn any_file() -> impl Strategy<Value = (String, Vec<Value>)> {
    let features = vec(prop_oneof![5 => any_feature(), 1 => any_value()], 0..5);
    (features, any_value(), 0..5_u8).prop_map(|(features, other, form)| {
        let list = Value::from(features.clone());
        let lines = |before: &str| -> String {
            let lines: Vec<_> =
                features.iter().map(|feature| format!("{before}{feature}\n")).collect();
            lines.concat()
        };
        let text = match form {
            0 => format!(r#"{{"type":"FeatureCollection","other":{other},"features":{list}}}"#),
            1 => format!(r#"{{"features":{list:#},"other":{other:#},"type":"FeatureCollection"}}"#),
            2 => format!("\u{feff}{{\"other\":{other:#},\n\"features\" :\t{list:#} , \"type\":\"FeatureCollection\"}}\n"),
            3 => format!("{{\"type\":\"Feature\"}}\n{}", lines("")),
            _ => format!("\u{1e}{{\"type\":\"Feature\"}}\n{}", lines("\u{1e}")),
        };
        // A plain reading may round the last digit of a number, each time the same way.
        let features = features.iter().map(Value::to_string);
        let features = features.map(|text| serde_json::from_str(&text).expect("a value"));
        let first = (form > 2).then(|| json!({"type": "Feature"}));
        (text, first.into_iter().chain(features).collect())
    })
}

/// Reads the bytes and checks what is true of any file.
fn read(bytes: &[u8]) -> (Vec<(Row, Outcome)>, bool) {
    let (rows, error) = read_bytes("any.geojson", bytes, mapping());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("faults.geojson");
    let mut file = FaultFile::create(&path, &Description::of(Format::GeoJson)).expect("a file");
    let mut refused = 0;
    for (number, (row, outcome)) in (1..).zip(&rows) {
        assert_eq!(row.number, number);
        assert!(row.start <= row.end && row.end <= bytes.len() as u64);
        assert!(bytes[row.start as usize..row.end as usize].starts_with(row.text()));
        if let Outcome::Refused(faults) = outcome {
            assert!(!faults.is_empty());
            file.write(row, faults).expect("written");
            refused += 1;
        }
    }
    file.finish().expect("finished");
    // What was refused can be read again, with as many rows.
    let again = GeoJsonFile::open(&path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    assert_eq!(again.expect("a sound file").len(), refused);
    (rows, error.is_some())
}

fn is_syntax(outcome: &Outcome) -> bool {
    let Outcome::Refused(faults) = outcome else { return false };
    // A value that is JSON but no feature is told with its place, too.
    let of_syntax = |expected: &str| {
        expected.contains(" at byte ") && !expected.starts_with("a Feature at byte ")
    };
    faults.iter().any(|fault| fault.place == Place::Row && of_syntax(&fault.expected))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in vec(any::<u8>(), 0..400)) {
        read(&bytes);
    }

    #[test]
    fn the_features_are_those_that_a_plain_reading_finds((text, features) in any_file()) {
        let (rows, failed) = read(text.as_bytes());
        prop_assert!(!failed, "{}", text);
        let found: Vec<Value> = rows
            .iter()
            .map(|(row, _)| serde_json::from_slice(row.text()).expect("a value"))
            .collect();
        prop_assert_eq!(found, features);
        prop_assert!(!rows.iter().any(|(_, outcome)| is_syntax(outcome)), "{:?}", rows);
    }

    #[test]
    fn a_damaged_file_is_read_without_a_panic_and_no_broken_row_passes(
        (text, _) in any_file(),
        damages in vec((any::<prop::sample::Index>(), any_damage()), 1..4),
    ) {
        let mut bytes = text.into_bytes();
        for (at, damage) in damages {
            let at = at.index(bytes.len());
            match damage {
                Damage::Cut => bytes.truncate(at + 1),
                Damage::Drop => { bytes.remove(at); }
                Damage::Insert(byte) => bytes.insert(at, byte),
                Damage::Replace(byte) => bytes[at] = byte,
            }
            if bytes.is_empty() {
                break;
            }
        }
        let (rows, failed) = read(&bytes);
        for (row, outcome) in &rows {
            match serde_json::from_slice::<Value>(row.text()) {
                Ok(_) => prop_assert!(!is_syntax(outcome), "{:?} {:?}", row, outcome),
                // Only what nobody looks at may have a number without a value.
                Err(error) if error.to_string().starts_with("number out of range") => {}
                Err(_) => prop_assert!(matches!(outcome, Outcome::Refused(_)), "{:?}", row),
            }
        }
        // A collection that is JSON as a whole gives exactly its features.
        let whole = serde_json::from_slice::<Value>(bytes.trim_ascii());
        if let (Ok(Value::Object(members)), false) = (whole, failed)
            && members.get("type") == Some(&json!("FeatureCollection"))
            && let Some(Value::Array(features)) = members.get("features")
        {
            let found: Vec<Value> = rows
                .iter()
                .map(|(row, _)| serde_json::from_slice(row.text()).expect("a value"))
                .collect();
            prop_assert_eq!(&found, features);
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Damage {
    Cut,
    Drop,
    Insert(u8),
    Replace(u8),
}

fn any_damage() -> impl Strategy<Value = Damage> {
    let byte = prop_oneof![
        3 => proptest::sample::select(b"{}[]\",:\\ \n\x1e0-e.n".to_vec()),
        1 => any::<u8>(),
    ];
    prop_oneof![
        1 => Just(Damage::Cut),
        2 => Just(Damage::Drop),
        3 => byte.clone().prop_map(Damage::Insert),
        3 => byte.prop_map(Damage::Replace),
    ]
}
