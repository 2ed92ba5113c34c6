//! Whatever bytes arrive as a table, reading them ends with rows, faults and at most one error; and
//! a table that was written by the rules has the cells that were written.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use terrier_exchange::{Body, Mapping, ReadOptions, SourceFile, read_bytes};
use terrier_model::{Class, RawValue, Text};
use terrier_spatial::GeometryKind;

fn mapping() -> Arc<Mapping> {
    let text = Text::new("Poles", "灯杆");
    let class = Class::try_new("poles", text.clone(), text, GeometryKind::Point, Vec::new());
    Arc::new(Mapping::plain("test", &Arc::new(class.expect("a class"))))
}

/// Cells with everything in them that a reader may stumble over.
fn any_cell() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\"".to_owned()),
        Just(",;\t|".to_owned()),
        Just("\r\n".to_owned()),
        Just("路灯😀".to_owned()),
        Just("1,5".to_owned()),
        "[a-z 0-9]{1,4}",
    ];
    vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

fn write(rows: &[[String; 3]], delimiter: char) -> String {
    let mut text = format!("lon{delimiter}lat{delimiter}note\n");
    for row in rows {
        let cells = row.each_ref().map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
        text.push_str(&cells.join(&delimiter.to_string()));
        text.push('\n');
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in vec(any::<u8>(), 0..400), said in any::<bool>()) {
        let text = if said { [b"lon,lat\n", &*bytes].concat() } else { bytes };
        let (rows, _) = read_bytes("any.csv", &text, mapping());
        for (row, _) in rows {
            prop_assert!(row.start <= row.end && row.end <= text.len() as u64);
        }
    }

    #[test]
    fn cells_are_read_as_they_were_written(
        rows in vec([any_cell(), any_cell(), any_cell()], 0..5),
        delimiter in proptest::sample::select(vec![',', ';', '\t', '|']),
    ) {
        let text = write(&rows, delimiter);
        let options = ReadOptions {
            delimiter: Some(delimiter),
            decimal: Some('.'),
            ..ReadOptions::default()
        };
        let file = SourceFile::from_bytes("x.csv", text.as_bytes(), &options).expect("a table");
        let mut found = Vec::new();
        for row in file {
            let row = row.expect("a sound file");
            prop_assert_eq!(row.fault, None);
            let Body::Record(record) = row.body else { panic!("no record") };
            let cells = record.values().map(|(_, value)| match value {
                RawValue::Null => String::new(),
                RawValue::Text(text) => text.clone(),
                other => panic!("{other:?} of a text"),
            });
            found.push(cells.collect::<Vec<_>>());
        }
        // A row with nothing in its cells is none.
        let is_blank = |cell: &String| cell.bytes().all(|byte| byte.is_ascii_whitespace());
        let written: Vec<Vec<String>> = rows
            .iter()
            .filter(|row| !row.iter().all(is_blank))
            .map(|row| row.to_vec())
            .collect();
        prop_assert_eq!(found, written);
    }

    #[test]
    fn a_damaged_table_is_read_without_a_panic(
        rows in vec([any_cell(), any_cell(), any_cell()], 0..5),
        damages in vec((any::<Index>(), any::<u8>(), any::<bool>()), 1..4),
    ) {
        let mut bytes = write(&rows, ',').into_bytes();
        for (at, byte, is_cut) in damages {
            let at = at.index(bytes.len());
            if is_cut {
                bytes.truncate(at + 1);
            } else {
                bytes[at] = byte;
            }
        }
        let length = bytes.len() as u64;
        for (row, _) in read_bytes("any.csv", &bytes, mapping()).0 {
            prop_assert!(row.start <= row.end && row.end <= length);
        }
    }
}
