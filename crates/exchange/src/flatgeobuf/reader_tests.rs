//! Files of our own and ones made member by member, and what is read of them.

use std::fmt::Write as _;

use flatbuffers::{FlatBufferBuilder, TableFinishedWIPOffset, WIPOffset};
use terrier_model::Text;
use terrier_spatial::{Crs, MAX_VERTICES};

use super::*;
use crate::layer::{Layer, LayerWriter as _};
use crate::source_file::Reader;

type Made = WIPOffset<TableFinishedWIPOffset>;
type Builder<'b> = FlatBufferBuilder<'b>;

/// A table behind its size.
fn sized(make: impl FnOnce(&mut Builder<'_>) -> Made) -> Vec<u8> {
    let mut builder = FlatBufferBuilder::new();
    let table = make(&mut builder);
    builder.finish_size_prefixed(table, None);
    builder.finished_data().to_vec()
}

/// A header with columns, each a name and a kind.
fn header(kind: u8, columns: &[(&str, u8)], count: u64, code: i32) -> Vec<u8> {
    sized(|builder| {
        let columns: Vec<Made> = columns
            .iter()
            .map(|(name, kind)| {
                let name = builder.create_string(name);
                let start = builder.start_table();
                builder.push_slot_always(place::COLUMN_NAME, name);
                builder.push_slot_always(place::COLUMN_TYPE, *kind);
                builder.end_table(start)
            })
            .collect();
        let columns = builder.create_vector(&columns);
        let start = builder.start_table();
        builder.push_slot(place::CRS_CODE, code, 0);
        let crs = builder.end_table(start);
        let start = builder.start_table();
        builder.push_slot_always(place::HEADER_GEOMETRY_TYPE, kind);
        builder.push_slot_always(place::HEADER_COLUMNS, columns);
        builder.push_slot(place::HEADER_FEATURES_COUNT, count, 0);
        builder.push_slot_always(place::HEADER_INDEX_NODE_SIZE, 0_u16);
        builder.push_slot_always(place::HEADER_CRS, crs);
        builder.end_table(start)
    })
}

/// A feature with properties and a geometry of runs; where they end is told when there is something.
fn feature(properties: &[u8], kind: u8, numbers: &[f64], ends: &[u32]) -> Vec<u8> {
    sized(|builder| {
        let (xy, ends_at) = (builder.create_vector(numbers), builder.create_vector(ends));
        let start = builder.start_table();
        builder.push_slot_always(place::GEOMETRY_XY, xy);
        builder.push_slot_always(place::GEOMETRY_ENDS, ends_at);
        builder.push_slot(place::GEOMETRY_TYPE, kind, 0);
        let geometry = builder.end_table(start);
        let properties = builder.create_vector(properties);
        let start = builder.start_table();
        builder.push_slot_always(place::FEATURE_GEOMETRY, geometry);
        builder.push_slot_always(place::FEATURE_PROPERTIES, properties);
        builder.end_table(start)
    })
}

const POINT: [f64; 2] = [1.0, 2.0];

fn file(parts: &[Vec<u8>]) -> Vec<u8> {
    [&super::super::MAGIC.to_vec()[..], &parts.concat()].concat()
}

fn read_with(bytes: &[u8], options: &ReadOptions) -> String {
    let read = Box::new(std::io::Cursor::new(bytes.to_vec()));
    let file = match FlatGeobufFile::new("x".into(), read, None, options) {
        Ok(file) => file,
        Err(error) => return error.to_string(),
    };
    let mut shown = file.description().to_string();
    for row in file {
        match row {
            Err(error) => write!(shown, "\n{error}").expect("to a text"),
            Ok(Row { fault: Some(fault), .. }) => write!(shown, "\n{fault}").expect("to a text"),
            Ok(Row { body: Body::Record(record), .. }) => {
                let id = record.id.as_ref().map(|id| format!("{id:?} ")).unwrap_or_default();
                let values: Vec<String> =
                    record.values().map(|(_, value)| format!("{value:?}")).collect();
                let faults: Vec<String> = record.faults.iter().map(Fault::to_string).collect();
                let (sketch, values, faults) = (record.sketch, values.join(" "), faults.join("; "));
                let height = if record.has_height { " with height" } else { "" };
                write!(shown, "\n{id}{sketch:?}{height} {values}{faults}").expect("to a text");
            }
            Ok(other) => panic!("{other:?}"),
        }
    }
    shown
}

fn check(bytes: &[u8], expected: &str) {
    assert_eq!(read_with(bytes, &ReadOptions::default()), expected);
}

/// What is read of a feature in a file of this kind, without columns.
fn check_geometry(kind: u8, feature: &[u8], expected: &str) {
    let bytes = file(&[header(kind, &[], 0, 4326), feature.to_vec()]);
    let head = "FlatGeobuf, positions in EPSG:4326";
    check(&bytes, &format!("{head}\n{expected}"));
}

#[test]
fn each_kind_of_value_is_read() {
    let columns: Vec<(String, u8)> = (0..15).map(|kind| (format!("c{kind}"), kind)).collect();
    let columns: Vec<(&str, u8)> = columns.iter().map(|(name, kind)| (&**name, *kind)).collect();
    let mut properties = Vec::new();
    let mut put = |column: u16, value: &[u8]| {
        properties.extend(column.to_le_bytes());
        properties.extend(value);
    };
    put(0, &(-1_i8).to_le_bytes());
    put(1, &[255]);
    put(2, &[1]);
    put(3, &(-2_i16).to_le_bytes());
    put(4, &65_535_u16.to_le_bytes());
    put(5, &(-3_i32).to_le_bytes());
    put(6, &u32::MAX.to_le_bytes());
    put(7, &i64::MIN.to_le_bytes());
    put(8, &u64::MAX.to_le_bytes());
    put(9, &0.5_f32.to_le_bytes());
    put(10, &0.1_f64.to_le_bytes());
    put(11, &[&6_u32.to_le_bytes()[..], "路灯".as_bytes()].concat());
    put(12, &[&2_u32.to_le_bytes()[..], b"[]"].concat());
    put(13, &[&10_u32.to_le_bytes()[..], b"2005-06-30"].concat());
    put(14, &[&3_u32.to_le_bytes()[..], &[0, 1, 2]].concat());
    let made = [
        header(1, &columns, 2, 4548),
        feature(&properties, 0, &POINT, &[]),
        feature(b"", 0, &POINT, &[]),
    ];
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    check(
        &file(&made),
        &format!(
            "FlatGeobuf, positions in EPSG:4548; columns {}\n\
             Point([1.0, 2.0]) Integer(-1) Integer(255) Boolean(true) Integer(-2) Integer(65535) \
             Integer(-3) Integer(4294967295) Integer(-9223372036854775808) \
             Text(\"18446744073709551615\") Number(0.5) Number(0.1) Text(\"路灯\") Nested(\"[]\") \
             Text(\"2005-06-30\") Nested(\"3 bytes\")\n\
             Point([1.0, 2.0]) {}",
            names.join(", "),
            vec!["Null"; 15].join(" ")
        ),
    );
}

#[test]
fn a_text_that_is_none_is_a_fault_and_a_value_that_is_cut_a_damage() {
    let columns = [("id", 11), ("b", 7)];
    let text = |bytes: &[u8]| [&[0, 0][..], &(bytes.len() as u32).to_le_bytes(), bytes].concat();
    let made = [
        header(1, &columns, 0, 4326),
        feature(&text(b"a"), 0, &POINT, &[]),
        feature(&text(b"\xff"), 0, &POINT, &[]),
        feature(b"\x01\0\x07\0\0", 0, &POINT, &[]),
        feature(b"\x02\0\x07", 0, &POINT, &[]),
    ];
    let damaged = "row: found `bytes that lead elsewhere`, expected a sound feature";
    check(
        &file(&made),
        &format!(
            "FlatGeobuf, positions in EPSG:4326; columns id, b\nText(\"a\") Point([1.0, 2.0]) \
             Text(\"a\") Null\nPoint([1.0, 2.0]) Null Nullid: found `\\xff`, expected text in \
             UTF-8\n{damaged}\n{damaged}"
        ),
    );
}

#[test]
fn each_kind_of_geometry_is_read() {
    let four = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
    let runs = "[[[0.0, 1.0]], [[2.0, 3.0], [4.0, 5.0], [6.0, 7.0]]]";
    check_geometry(2, &feature(b"", 0, &four[..4], &[]), "Line([[0.0, 1.0], [2.0, 3.0]]) ");
    check_geometry(3, &feature(b"", 0, &four, &[1, 4]), &format!("Polygon({runs}) "));
    check_geometry(5, &feature(b"", 0, &four, &[1, 4]), &format!("MultiLine({runs}) "));
    // A feature tells its kind where the header knows none.
    check_geometry(0, &feature(b"", 2, &four[..4], &[2]), "Line([[0.0, 1.0], [2.0, 3.0]]) ");
    check_geometry(4, &feature(b"", 0, &four, &[]), "Other(\"MultiPoint\") ");
    check_geometry(1, &feature(b"", 0, &[], &[]), "Missing ");
    let none = sized(|builder| {
        let start = builder.start_table();
        builder.end_table(start)
    });
    check_geometry(2, &none, "Missing ");
}

#[test]
fn what_is_no_geometry_is_told() {
    let check = |kind: u8, numbers: &[f64], ends: &[u32], expected: &str| {
        check_geometry(
            kind,
            &feature(b"", 0, numbers, ends),
            &format!("Missing geometry{expected}"),
        );
    };
    let order =
        ": found `parts that do not follow each other`, expected each behind the one before";
    check(3, &[0.0; 4], &[3], order);
    check(3, &[0.0; 4], &[1], order);
    check(3, &[0.0; 4], &[2, 1], order);
    check(2, &[0.0; 3], &[], order);
    check(2, &[0.0; 4], &[1, 2], ": found `several lines`, expected one, as its kind says");
    check(1, &[0.0; 4], &[], ": found `several positions`, expected one of a point");
    check(2, &[0.0, f64::NAN], &[], " part 0 vertex 0: found `[0.0, NaN]`, expected two numbers");
    check(
        8,
        &[0.0; 4],
        &[],
        ": found `CircularString`, expected a geometry of points, straight lines or surfaces",
    );
    check(
        0,
        &[0.0; 4],
        &[],
        ": found `kind 0`, expected a geometry of points, straight lines or surfaces",
    );
    let many = vec![0.5; 2 * MAX_VERTICES + 2];
    check(2, &many, &[], ": found `20001 positions`, expected at most 20000");
    let ends = vec![0; MAX_VERTICES + 1];
    check(3, &[], &ends, ": found `20001 parts`, expected at most 20000");
}

#[test]
fn parts_that_lie_over_each_other_are_counted() {
    let same = |parts: usize, ends: &[u32]| {
        sized(|builder| {
            let ends = builder.create_vector(ends);
            let start = builder.start_table();
            builder.push_slot_always(place::GEOMETRY_ENDS, ends);
            let part = builder.end_table(start);
            let parts = builder.create_vector(&vec![part; parts]);
            let start = builder.start_table();
            builder.push_slot_always(place::GEOMETRY_PARTS, parts);
            let geometry = builder.end_table(start);
            let start = builder.start_table();
            builder.push_slot_always(place::FEATURE_GEOMETRY, geometry);
            builder.end_table(start)
        })
    };
    check_geometry(6, &same(2, &[0, 0]), "MultiPolygon([[[], []], [[], []]]) ");
    let too_many = |count: usize| {
        format!("Missing geometry: found `{count} parts`, expected at most {MAX_VERTICES}")
    };
    check_geometry(6, &same(3, &vec![0; 8_000]), &too_many(24_000));
    check_geometry(6, &same(MAX_VERTICES + 1, &[]), &too_many(MAX_VERTICES + 1));
}

#[test]
fn the_coordinate_system_is_stated_or_said() {
    let unknown = file(&[header(1, &[], 0, 0)]);
    check(
        &unknown,
        "`x`, read as FlatGeobuf: found a header without a coordinate system, expected to be told it: \
         --crs, or `crs` in the mapping",
    );
    let said = ReadOptions { crs: Crs::find("EPSG:4548").ok(), ..ReadOptions::default() };
    assert_eq!(read_with(&unknown, &said), "FlatGeobuf, positions in EPSG:4548");
    assert_eq!(
        read_with(&file(&[header(1, &[], 0, 4326)]), &said),
        "`x` says that its positions are in EPSG:4326, expected EPSG:4548 as the command or the mapping \
         says"
    );
    check(&file(&[header(1, &[], 0, 9999)]), "cannot tell the coordinate system of `x`");
}

#[test]
fn a_file_that_breaks_off_is_one_error() {
    let layer = Layer {
        name: "things".into(),
        title: Text::new("Things", "物"),
        description: Text::new("Things", "物"),
        geometry: None,
        crs: None,
        fields: Vec::new(),
    };
    let folder = tempfile::tempdir().expect("a folder");
    let mut bytes = Vec::new();
    let mut writer =
        super::super::FlatGeobufWriter::new(&mut bytes, &layer, folder.path()).expect("begun");
    let shape = terrier_spatial::Shape::Point(POINT);
    for id in ["1", "2"] {
        let feature = crate::layer::LayerFeature { id, shape: Some(&shape), values: &[] };
        writer.put(&feature).expect("written");
    }
    Box::new(writer).finish().expect("finished");
    let head = "FlatGeobuf, layer `things`, positions in EPSG:4326; columns id";
    let row = |id: &str| format!("\nText(\"{id}\") Point([1.0, 2.0]) Text(\"{id}\")");
    check(&bytes, &format!("{head}{}{}", row("1"), row("2")));
    for end in 0..bytes.len() {
        let answer = read_with(&bytes[..end], &ReadOptions::default());
        let last = answer.lines().last().unwrap_or_default();
        assert!(last.contains("`x`"), "{end}: {answer}");
    }
    let cut = bytes.len() - 1;
    let answer = read_with(&bytes[..cut], &ReadOptions::default());
    assert_eq!(
        answer,
        format!("{head}{}\n`x` ends at byte {cut} in the middle of row 2", row("1"))
    );
    let more = [&bytes[..], &feature(b"", 1, &POINT, &[])].concat();
    let said = "cannot read `x` as FlatGeobuf: found 3 features, expected 2, as the header says";
    assert!(read_with(&more, &ReadOptions::default()).ends_with(said));
}

#[test]
fn headers_and_features_have_bounds() {
    let with_size = |size: u32| [super::super::MAGIC, &size.to_le_bytes()].concat();
    check(
        &with_size(MAX_FILE_HEADER_BYTES + 1),
        "cannot read `x` as FlatGeobuf: found a header of 4194305 bytes, expected at most 4194304",
    );
    check(
        &with_size(MAX_FILE_HEADER_BYTES),
        "cannot read `x` as FlatGeobuf: found the end of the file after 12 bytes, expected its header",
    );
    let zeros =
        [with_size(MAX_FILE_HEADER_BYTES), vec![0; MAX_FILE_HEADER_BYTES as usize]].concat();
    check(
        &zeros,
        "`x`, read as FlatGeobuf: found a header without a coordinate system, expected to be told it: --crs, or `crs` in the mapping",
    );
    let named = |bytes: usize| file(&[header(1, &[(&"a".repeat(bytes), 11)], 0, 4326)]);
    check(
        &named(MAX_COLUMN_NAME_BYTES + 1),
        "cannot read `x` as FlatGeobuf: found a column whose name has 1025 bytes, expected at most 1024",
    );
    assert!(
        read_with(&named(MAX_COLUMN_NAME_BYTES), &ReadOptions::default()).contains("columns aaa")
    );
    let columns = vec![("a", 11); MAX_PROPERTIES + 1];
    check(
        &file(&[header(1, &columns, 0, 4326)]),
        "cannot read `x` as FlatGeobuf: found 1001 columns, expected at most 1000",
    );
    let long = (MAX_ROW_BYTES as u32 + 1).to_le_bytes();
    let made = [
        header(1, &[], 0, 4326),
        [&long[..], &vec![0; MAX_ROW_BYTES + 1]].concat(),
        feature(b"", 0, &POINT, &[]),
    ];
    check(
        &file(&made),
        "FlatGeobuf, positions in EPSG:4326\nrow: found `8388609 bytes`, expected at most 8388608\n\
         Point([1.0, 2.0]) ",
    );
}
