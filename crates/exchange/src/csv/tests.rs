//! Tests of tables in text: what is told of them, what becomes of their rows.

use std::io::Cursor;

use terrier_spatial::Crs;

use super::*;
use crate::feature::MAX_PROPERTIES;
use crate::position::PositionColumns;
use crate::source_file::Reader;

fn open(text: &[u8], options: &ReadOptions) -> Result<Rows<CsvFile>, ReadError> {
    CsvFile::new("x".into(), Box::new(Cursor::new(text.to_vec())), None, None, options)
}

fn show(row: Result<Row, ReadError>) -> String {
    let row = match row {
        Ok(row) => row,
        Err(error) => return error.to_string(),
    };
    let body = match (row.fault, row.body) {
        (Some(fault), body) => {
            let Body::Text(text) = body else { panic!("a record with a fault") };
            format!("{} in {}", fault, String::from_utf8_lossy(&text))
        }
        (None, Body::Record(record)) => {
            let value = |(_, value): (&str, &RawValue)| match value {
                RawValue::Null => "-".to_owned(),
                RawValue::Text(text) => text.clone(),
                other => panic!("{other:?} of a text"),
            };
            record.values().map(value).collect::<Vec<_>>().join("|")
        }
        (None, Body::Text(_)) => panic!("a row without fault is a record"),
    };
    format!("{} {}..{} {body}", row.number, row.start, row.end)
}

fn check_with(options: &ReadOptions, text: &[u8], expected: &[&str]) {
    let rows: Vec<String> = match open(text, options) {
        Ok(file) => file.map(show).collect(),
        Err(error) => vec![error.to_string()],
    };
    assert_eq!(rows, expected, "{}", text.escape_ascii());
}

fn check(text: &str, expected: &[&str]) {
    check_with(&ReadOptions::default(), text.as_bytes(), expected);
}

#[test]
fn rows_are_named_values_in_the_order_of_the_file() {
    check("lon,lat,code\n1,2,\"a,\"\"b\"\n3,4,\n", &["1 13..25 1|2|a,\"b", "2 25..30 3|4|-"]);
    check("lon,lat\n\n,\n1,2", &["3 11..14 1|2"]);
    check("lon,lat\n", &[]);
    let crlf = ReadOptions { header_row: Some(3), ..ReadOptions::default() };
    check_with(&crlf, b"Survey 7\r\n\r\nlon,lat\r\n1,2\r\n", &["1 20..25 1|2"]);
}

#[test]
fn a_row_with_other_cells_than_names_is_a_fault_of_its_own() {
    let expected = "expected 2, as many as there are names of columns";
    check(
        "lon,lat\n1\n1,2,3\n1,2\n",
        &[
            &format!("1 8..10 row: found `1 cells`, {expected} in 1"),
            &format!("2 10..16 row: found `3 cells`, {expected} in 1,2,3"),
            "3 16..20 1|2",
        ],
    );
    check(
        "lon,lat\n\"1\"x,2\n",
        &["1 8..15 row: found `text`, expected a delimiter or the end of the row behind the \
           closing quote of a cell in 1x,2"],
    );
}

#[test]
fn a_text_that_ends_in_quotes_is_not_whole() {
    check("lon,lat\n1,2\n3,\"4\n", &["1 8..12 1|2", "`x` ends at byte 17 in the middle of row 2"]);
}

#[test]
fn a_text_without_names_is_refused() {
    let expected = "expected the names of the columns in row 1";
    check("", &[&format!("`x`, read as CSV: found nothing, {expected}")]);
    check("\n1,2", &[&format!("`x`, read as CSV: found nothing, {expected}")]);
    check("lon,lon\n", &["cannot read `x` as CSV: found `lon`, expected each column once"]);
}

#[test]
fn other_encodings_are_turned_into_text() {
    let table = "经度,纬度,材质\n117.2,39.1,球墨铸铁\n";
    let gbk = encoding_rs::GBK.encode(table).0;
    check_with(&ReadOptions::default(), &gbk, &["1 35..35 117.2|39.1|球墨铸铁"]);
    let mut utf_16 = vec![0xff, 0xfe];
    utf_16.extend(table.encode_utf16().flat_map(u16::to_le_bytes));
    check_with(&ReadOptions::default(), &utf_16, &["1 50..50 117.2|39.1|球墨铸铁"]);
    let marked = format!("\u{feff}{table}");
    check_with(&ReadOptions::default(), marked.as_bytes(), &["1 21..45 117.2|39.1|球墨铸铁"]);
}

#[test]
fn bytes_that_are_no_text_are_a_fault_of_their_row() {
    let utf_8 = ReadOptions { encoding: Some("utf-8".into()), ..ReadOptions::default() };
    let fault = r"found `12\xff`, expected text in utf-8";
    check_with(
        &utf_8,
        b"lon,lat\n1,2\xff\n3,4\n",
        &[&format!("1 8..13 row: {fault} in 1,2\u{fffd}"), "2 13..17 3|4"],
    );
    let gbk = ReadOptions { encoding: Some("gbk".into()), ..ReadOptions::default() };
    check_with(
        &gbk,
        b"lon,lat\n1,2\xff\n3,4\n",
        &[
            "1 17..17 row: found `2\u{fffd}`, expected text in gb18030 in 1,2\u{fffd}",
            "2 17..17 3|4",
        ],
    );
}

#[test]
fn what_is_told_of_a_text_is_said() {
    let file = open(b"lon;lat;code\n1,5;2,5;a\n", &ReadOptions::default()).expect("a table");
    let description = file.description();
    assert!(description.is_guessed);
    assert_eq!(
        description.to_string(),
        "CSV, texts in utf-8, columns between `;`, decimal sign `,`, positions in OGC:CRS84, from \
         `lon` to the east and `lat` to the north; columns lon, lat, code"
    );
    let said = ReadOptions {
        encoding: Some("utf-8".into()),
        delimiter: Some(','),
        decimal: Some('.'),
        crs: Crs::find("EPSG:4548").ok(),
        positions: Some(PositionColumns::Wkt("geom".into())),
        ..ReadOptions::default()
    };
    let file = open(b"geom,a;b\n", &said).expect("a table");
    assert!(!file.description().is_guessed);
}

#[test]
fn what_may_be_two_things_is_asked_for() {
    check(
        "lon;a,lat\n",
        &["`x`, read as CSV: found columns that may stand between several signs, expected to be \
           told which: --delimiter, or `delimiter` in the mapping"],
    );
}

#[test]
fn a_row_and_its_columns_have_bounds() {
    let long = |bytes: usize| format!("lon,lat\n1,{}\n3,4\n", "2".repeat(bytes - 2)).into_bytes();
    let options = ReadOptions::default();
    let rows = |bytes| open(&long(bytes), &options).expect("a table").map(show).collect::<Vec<_>>();
    assert!(rows(MAX_ROW_BYTES)[0].ends_with("22"));
    let rows = rows(MAX_ROW_BYTES + 1);
    assert!(rows[0].contains("row: found `8388609 bytes`, expected at most 8388608"));
    assert!(rows[1].ends_with(" 3|4"));
    let names = |count: usize| {
        let names: Vec<String> = (2..count).map(|at| format!("c{at}")).collect();
        format!("lon,lat,{}\n", names.join(",")).into_bytes()
    };
    assert!(open(&names(MAX_PROPERTIES), &options).is_ok());
    let error = open(&names(MAX_PROPERTIES * 2), &options).err().expect("too many");
    assert_eq!(
        error.to_string(),
        "cannot read `x` as CSV: found `2000 columns`, expected at most 1000"
    );
}

#[test]
fn the_id_of_a_row_is_its_column_of_that_name() {
    let mut file = open(b"id,lon,lat\n7,1,2\n,1,2\n", &ReadOptions::default()).expect("a table");
    let mut id = || match file.next().expect("a row").expect("sound").body {
        Body::Record(record) => record.id,
        Body::Text(_) => panic!("no record"),
    };
    assert_eq!(id(), Some(RawValue::Text("7".into())));
    assert_eq!(id(), None);
}

#[test]
fn signs_beyond_the_first_of_a_long_file_tell_its_encoding() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.csv");
    let mut text = "lon,lat,road\n".to_owned();
    text.push_str(&"1,2,x\n".repeat(SAMPLE_BYTES / 4));
    text.push_str(&"1,2,友谊路平江道\n".repeat(20));
    std::fs::write(&path, encoding_rs::GBK.encode(&text).0).expect("written");
    let file = crate::SourceFile::open(&path, &ReadOptions::default()).expect("a table");
    assert_eq!(file.description().encoding.as_deref(), Some("gb18030"));
    assert!(show(file.last().expect("rows")).ends_with(" 1|2|友谊路平江道"));
}
