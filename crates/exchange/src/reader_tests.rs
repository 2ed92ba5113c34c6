//! Tests of the reader: what rows it finds in a file, and what it says of one that it cannot read.

use std::io::Read;

use super::*;

const A: &str = r#"{"type":"Feature","id":"a","geometry":null,"properties":null}"#;
const B: &str = r#"{"type":"Feature","id":"b","geometry":null,"properties":{"x":"}\n]"}}"#;

/// Gives one byte at a time.
struct Dripping<'a>(&'a [u8]);

impl Read for Dripping<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.len().min(buffer.len()).min(1);
        self.0.read(&mut buffer[..count])
    }
}

fn rows(read: impl Read) -> Vec<String> {
    let rows = match GeoJsonFile::from_reader("x", read) {
        Ok(file) => file,
        Err(error) => return vec![error.to_string()],
    };
    let shown = |row: Result<Row, ReadError>| match row {
        Ok(row) => {
            let text = String::from_utf8_lossy(row.text()).into_owned();
            row.fault.map_or(text, |fault| fault.to_string())
        }
        Err(error) => error.to_string(),
    };
    rows.map(shown).collect()
}

/// The rows of a file, and last the error, if there is one. However the bytes arrive, the answer is
/// the same.
fn check(text: &(impl AsRef<[u8]> + ?Sized), expected: &[&str]) {
    let text = text.as_ref();
    let shown = String::from_utf8_lossy(text);
    assert_eq!(rows(text), expected, "{shown}");
    assert_eq!(rows(Dripping(text)), expected, "dripping {shown}");
}

#[test]
fn features_of_a_collection_are_found_wherever_its_members_stand() {
    check(r#"{"type":"FeatureCollection","features":[]}"#, &[]);
    check(&format!(r#"{{"type":"FeatureCollection","features":[{A},{B}]}}"#), &[A, B]);
    check(
        &format!(
            "\u{feff} \n{{\"features\" : [ {A}\n,\r\n{B} ] , \"type\":\"FeatureCollection\"}}\n"
        ),
        &[A, B],
    );
    check(
        &format!(
            r#"{{"name":{{"features":[1]}},"crs":null,"bbox":[1,2,3,4],"features":[{A}],"n":1.5e3,"type":"FeatureCollection"}}"#
        ),
        &[A],
    );
}

#[test]
fn whatever_stands_in_place_of_a_feature_is_a_row() {
    check(
        r#"{"type":"FeatureCollection","features":[null,[1,"]"],"a,b",-1.5 ,{NaN},{}]}"#,
        &["null", r#"[1,"]"]"#, r#""a,b""#, "-1.5", "{NaN}", "{}"],
    );
}

#[test]
fn each_line_is_a_row_and_a_broken_one_costs_only_itself() {
    check(A, &[A]);
    check(&format!("{A}\n{B}\n"), &[A, B]);
    check(&format!("\u{feff}{A}\r\n\r\n \n{B}"), &[A, B]);
    check(&format!("{A}\n{{\"a\":\"\n[[[\n{B}\n"), &[A, "{\"a\":\"", "[[[", B]);
    check(&format!("{{\"a\":[}}\n{B}\n"), &["{\"a\":[}", B]);
    check(
        &format!("{{\"type\":\"Feature\",\"id\":\"\n{B}\n"),
        &["{\"type\":\"Feature\",\"id\":\"", B],
    );
    check(&format!("{A}\n{{}}"), &[A, "{}"]);
}

#[test]
fn records_may_have_several_lines() {
    check(&format!("\u{1e}{A}\n\u{1e}{B}\n"), &[A, B]);
    check(
        &format!("\u{1e}{{\n\"a\":1}}\n\u{1e}\u{1e}{{\"a\n\u{1e}{B}"),
        &["{\n\"a\":1}", "{\"a", B],
    );
    check(&format!("{A}\n\u{1e}{B}\n"), &[A, B]);
}

#[test]
fn one_feature_over_several_lines_is_one_row() {
    let feature = "{\n\"type\":\"Feature\",\n\"geometry\":null\n}";
    check(&format!("{feature}\n\n"), &[feature]);
    check(
        &format!("{feature}\n{feature}"),
        &[
            feature,
            "cannot read `x` as GeoJSON: at byte 38, after 1 rows, found `{ \"type\":\"Feature\", \
             \"geometry\":n`, expected nothing after a feature that has several lines",
        ],
    );
}

#[test]
fn a_file_that_is_no_geojson_is_refused_at_once() {
    check("", &["`x` is empty, expected GeoJSON"]);
    check("\u{feff} \n", &["`x` is empty, expected GeoJSON"]);
    let refused = |at: u64, found: &str, expected: &str| {
        format!(
            "cannot read `x` as GeoJSON: at byte {at}, after 0 rows, found `{found}`, expected \
             {expected}"
        )
    };
    let object = "a GeoJSON object";
    check(&format!("[{A}]"), &[&refused(0, "[{\"type\":\"Feature\",\"id\":\"a\",\"geo", object)]);
    check("null", &[&refused(0, "null", object)]);
    check("id,lon,lat\n1,2,3\n", &[&refused(0, "id,lon,lat 1,2,3", object)]);
    check(b"PK\x03\x04", &[&refused(0, r"PK\x03\x04", object)]);
    check(b"\xff\xfe{\0", &[&refused(0, r"\xff\xfe{\x00", object)]);
    let kind = "a member `type` that is `FeatureCollection` or `Feature`";
    check("{}", &[&refused(0, "{}", kind)]);
    check(r#"{"type":"Topology"}"#, &[&refused(8, "\"Topology\"}", kind)]);
}

#[test]
fn a_collection_that_is_not_sound_is_refused() {
    let refused = |text: &str, at: u64, found: &str, expected: &str| {
        let error = format!(
            "cannot read `x` as GeoJSON: at byte {at}, after 0 rows, found `{found}`, expected \
             {expected}"
        );
        check(text, &[&error]);
    };
    let collection = r#"{"type":"FeatureCollection""#;
    refused(
        r#"{"features":[]}"#,
        15,
        "the end of the object",
        "a member `type` that is `FeatureCollection`",
    );
    refused(&format!("{collection}}}"), 28, "the end of the object", "a member `features`");
    refused(
        r#"{"features":[],"type":"Feature"}"#,
        22,
        "\"Feature\"",
        "`FeatureCollection` as `type`",
    );
    refused(&format!(r#"{collection},"features":{{}}}}"#), 39, "{}}", "a list of features");
    refused(&format!(r#"{collection},"features":null}}"#), 39, "null}", "a list of features");
    refused(&format!(r#"{collection},"type":"Feature"}}"#), 28, "type", "each member once");
    refused(
        &format!(r#"{collection},"features":[],"features":[]}}"#),
        42,
        "features",
        "each member once",
    );
    refused(
        &format!(r#"{collection},"properties":{{}},"features":[]}}"#),
        28,
        "properties",
        "no such member in a FeatureCollection (RFC 7946, 7.1)",
    );
    refused(
        &format!(r#"{collection},"bbox":[1],"features":[]}}"#),
        35,
        "[1]",
        "four or six numbers as `bbox`",
    );
    refused(&format!(r#"{collection},"features":[,]}}"#), 40, ",]}", "a Feature");
    refused(&format!(r#"{collection},"features":[]}}x"#), 42, "x", "nothing after the collection");
    refused(&format!("{collection},features:[]}}"), 28, "features:[]}", "a name in quotes");
    refused(&format!("{collection};"), 27, ";", "`,` or `}` behind a member");
    refused(
        &format!(r#"{collection},"features":[{{"a":[1}}]}}"#),
        47,
        "}]}",
        "the bracket that closes the last one opened",
    );
}

#[test]
fn rows_before_the_fault_of_a_collection_are_given_and_then_the_error() {
    let collection = |rest: &str| format!(r#"{{"type":"FeatureCollection","features":[{A}{rest}"#);
    let refused = |found: &str, expected: &str| {
        format!(
            "cannot read `x` as GeoJSON: at byte 101, after 1 rows, found `{found}`, expected \
             {expected}"
        )
    };
    let behind = "`,` or `]` behind a feature";
    check(&collection("{}]}"), &[A, &refused("{}]}", behind)]);
    check(&collection("}"), &[A, &refused("}", behind)]);
}

#[test]
fn a_file_that_breaks_off_says_where() {
    let ends = "ends at byte";
    let of_collection = "before the end of its list of features";
    let collection = format!(r#"{{"type":"FeatureCollection","features":[{A}"#);
    check(&collection, &[A, &format!("`x` {ends} 101 after 1 rows, {of_collection}")]);
    check(
        &format!("{collection},"),
        &[A, &format!("`x` {ends} 102 after 1 rows, {of_collection}")],
    );
    check(
        &format!("{collection},nul"),
        &[A, &format!("`x` {ends} 105 after 1 rows, {of_collection}")],
    );
    check(
        &format!("{collection}]"),
        &[A, &format!("`x` {ends} 102 after 1 rows, {of_collection}")],
    );
    check(&format!("{collection},{{\"a"), &[A, &format!("`x` {ends} 105 in the middle of row 2")]);
    check(&format!("{A}\n{{\"type\":"), &[A, &format!("`x` {ends} 70 in the middle of row 2")]);
    check("{\"type\":\"Feature\"", &[&format!("`x` {ends} 17 in the middle of row 1")]);
    check("{\n\"type\":", &[&format!("`x` {ends} 9 in the middle of row 1")]);
    check(
        "{\"type\":\"FeatureCollection\"",
        &[&format!("`x` {ends} 27 after 0 rows, {of_collection}")],
    );
}

#[test]
fn a_coordinate_system_may_be_any_that_is_known() {
    let text = |name: &str| {
        format!(
            r#"{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":"{name}"}}}},"features":[{A}]}}"#
        )
    };
    check(&text("urn:ogc:def:crs:OGC:1.3:CRS84"), &[A]);
    check(&text("EPSG:4326"), &[A]);
    check(&text("urn:ogc:def:crs:EPSG::4548"), &[A]);
    check(&text("EPSG:9999"), &["cannot tell the coordinate system of `x`"]);
}

#[test]
fn a_coordinate_system_behind_the_features_must_be_the_one_they_were_taken_to_be_in() {
    let text =
        |crs: &str| format!(r#"{{"type":"FeatureCollection","features":[{A}],"crs":{crs}}}"#);
    let named = |code: u32| format!(r#"{{"type":"EPSG","properties":{{"code":{code}}}}}"#);
    check(&text("null"), &[A]);
    check(&text(&named(4326)), &[A]);
    let error = "cannot read `x` as GeoJSON: at byte 109, after 1 rows, found `EPSG:4548`, expected \
                 `crs` before the features, taken to be in OGC:CRS84";
    check(&text(&named(4548)), &[A, error]);
}

#[test]
fn a_row_may_be_as_long_as_the_bound_and_no_longer() {
    let row = |length: usize| {
        let [open, close] = [r#"{"type":"Feature","a":""#, r#""}"#];
        format!("{open}{}{close}", "x".repeat(length - open.len() - close.len()))
    };
    let (fits, long) = (row(MAX_ROW_BYTES), row(MAX_ROW_BYTES + 1));
    let fault = |start: usize| {
        format!("row: found `8388609 bytes from byte {start} on`, expected at most 8388608")
    };
    for (text, start) in [
        (format!(r#"{{"type":"FeatureCollection","features":[{fits},{long},{A}]}}"#), 8_388_649),
        (format!("{fits}\n{long}\n{A}\n"), 8_388_609),
        (format!("\u{1e}{fits}\u{1e}{long}\u{1e}{A}\n"), 8_388_610),
    ] {
        let answer = rows(text.as_bytes());
        assert_eq!(answer.len(), 3);
        assert!(answer[0] == fits && answer[1] == fault(start) && answer[2] == A, "{}", answer[1]);
    }
    // Also as the first row of a file, and as its only one.
    assert!(rows(format!("{long}\n{A}\n").as_bytes()) == [fault(0), A.into()]);
    assert!(rows(long.as_bytes()) == [fault(0)]);
    let lines = long.replacen(',', "\n,", 1);
    assert_eq!(rows(lines.as_bytes()).len(), 1);
}

#[test]
fn a_line_of_any_length_is_never_held() {
    let line = |open: &'static str| {
        let body = std::io::repeat(b'1').take(200_000_000);
        open.as_bytes().chain(body).chain(&b"\n"[..]).chain(A.as_bytes())
    };
    for open in ["{\"type\":\"Feature\",\"geometry\":[", "{\"id\":\"x\",\"geometry\":\""] {
        let mut file = GeoJsonFile::from_reader("x", line(open)).expect("a layout");
        let first = file.next().expect("a row").expect("a row");
        assert_eq!((first.text().len(), first.fault.is_some()), (HEAD_BYTES, true));
        assert_eq!(file.next().expect("a row").expect("a row").text(), A.as_bytes());
        assert!(file.next().is_none());
        assert!(file.input.capacity() <= 4 * MAX_ROW_BYTES, "{}", file.input.capacity());
    }
    let huge = "{\"metadata\":\"".as_bytes().chain(std::io::repeat(b' ').take(50_000_000));
    let huge = huge.chain(&b"\",\"type\":\"FeatureCollection\",\"features\":[{}]}"[..]);
    assert_eq!(rows(huge), ["{}"]);
}

#[test]
fn rows_say_where_they_stand_in_the_file() {
    let text = format!("{A}\n\n {B}\n");
    let rows: Vec<Row> = GeoJsonFile::from_reader("x", text.as_bytes())
        .and_then(Iterator::collect)
        .expect("a sound file");
    let places: Vec<_> = rows.iter().map(|row| (row.number, row.start, row.end)).collect();
    let (a, b) = (A.len() as u64, B.len() as u64);
    assert_eq!(places, [(1, 0, a), (2, a + 3, a + 3 + b)]);
}

#[test]
fn an_error_of_the_disk_is_an_error_of_the_file() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("no more"))
        }
    }
    assert_eq!(rows(Failing), ["cannot read `x` beyond byte 0"]);
    let text = format!("{A}\n");
    assert_eq!(rows(text.as_bytes().chain(Failing)), [A, "cannot read `x` beyond byte 62"]);
    let missing = GeoJsonFile::open(Path::new("/nowhere/x.geojson")).expect_err("no file");
    assert_eq!(missing.to_string(), "cannot open `/nowhere/x.geojson`");
}
