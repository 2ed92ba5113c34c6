//! Files that cannot be read, or not in the memory there is: one sentence says why, nothing is
//! taken of what cannot be trusted, and the program lives.

use std::io::Write;

use crate::program::Done;
use crate::sender::{Sender, light};

/// A file as a whole is refused with this sentence, in which `FILE` stands for its path.
fn check_file(text: impl AsRef<[u8]>, sentence: &str) {
    let sender = Sender::new();
    let path = sender.file("file", &text);
    let done = sender.run(&["import", &path, "--as", "light_poles"]);
    let expected = format!("error: {}\n", sentence.replace("FILE", &path));
    assert_eq!((done.code, &*done.stdout, done.stderr), (Some(1), "", expected));
    assert!(!sender.registry().exists() || sender.export("assets").is_empty());
}

#[test]
fn files_that_are_no_geojson_are_refused() {
    check_file("", "`FILE` is empty, expected GeoJSON");
    check_file("\u{feff} \n\t", "`FILE` is empty, expected GeoJSON");
    let malformed = |at: u32, found: &str, expected: &str| {
        format!(
            "cannot read `FILE` as GeoJSON: at byte {at}, after 0 rows, found `{found}`, expected {expected}"
        )
    };
    let object = "a GeoJSON object";
    let gzip = "`FILE` is a file compressed with gzip, which has to be unpacked, expected GeoJSON, CSV, \
         GeoPackage, Shapefile, FlatGeobuf or XLSX";
    check_file(b"\x1f\x8b\x08\x00", gzip);
    check_file(
        "fgb\x03fgb\0",
        "cannot read `FILE` as FlatGeobuf: found the end of the file after 8 bytes, expected its header",
    );
    check_file("[{\"type\":\"Feature\"}]", &malformed(0, "[{\"type\":\"Feature\"}]", object));
    let kind = "a member `type` that is `FeatureCollection` or `Feature`";
    check_file("{}", &malformed(0, "{}", kind));
    check_file(
        r#"{"type":"Topology","objects":{}}"#,
        &malformed(8, r#""Topology","objects":{}}"#, kind),
    );
    check_file(
        r#"{"type":"FeatureCollection"}"#,
        &malformed(28, "the end of the object", "a member `features`"),
    );
    check_file(
        r#"{"type":"FeatureCollection","features":{}}"#,
        &malformed(39, "{}}", "a list of features"),
    );
    check_file(
        r#"{"type":"FeatureCollection","features":[]]"#,
        &malformed(41, "]", "`,` or `}` behind a member"),
    );
    // What begins with no bracket is taken for a table: little endian UTF-16, as some editors write it.
    let columns = "expected `lon` and `lat`, `easting` and `northing`, or `wkt`, or to be told where the \
                   positions stand: `[geometry]` in the mapping";
    let table = |names: &str| format!("`FILE`, read as CSV: found columns {names}, {columns}");
    check_file(b"\xff\xfe{\0}\0", &table("{}"));
    check_file("<html>", &table("<html>"));
}

#[test]
fn files_that_break_off_are_refused() {
    let row = light("7", "");
    let begun = format!(r#"{{"type":"FeatureCollection","features":[{row}"#);
    check_file(
        &begun,
        "`FILE` ends at byte 138 after 1 rows, before the end of its list of features",
    );
    check_file(
        format!("{begun}]"),
        "`FILE` ends at byte 139 after 1 rows, before the end of its list of features",
    );
    check_file(format!("{begun},{}", &row[..30]), "`FILE` ends at byte 169 in the middle of row 2");
    check_file(format!("{row}\n{}", &row[..30]), "`FILE` ends at byte 129 in the middle of row 2");
}

#[test]
fn a_file_in_a_coordinate_system_that_is_not_known_is_refused() {
    let file = |crs: &str| {
        format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{}]}}"#, light("7", ""))
    };
    let named =
        |name: &str| file(&format!(r#"{{"type":"name","properties":{{"name":"{name}"}}}}"#));
    let sentence = |crs: &str| {
        format!(
            "cannot tell the coordinate system of `FILE`: `{crs}` is not a coordinate system that \
             Terrier knows; `terrier crs` lists them"
        )
    };
    check_file(named("urn:ogc:def:crs:EPSG::9999"), &sentence("urn:ogc:def:crs:EPSG::9999"));
    check_file(file(r#"{"type":"EPSG","properties":{"code":27700}}"#), &sentence("EPSG:27700"));
    check_file(
        named("EPSG:2416"),
        "cannot tell the coordinate system of `FILE`: `EPSG:2416` is on Beijing 1954, whose way to \
         WGS 84 is not published; give the 7 parameters `towgs84`, or a plane transformation \
         (`dx`, `dy`, `rotation_deg`, `scale`) onto a system that Terrier knows",
    );
    check_file(
        file(r#"{"type":"link","properties":{"href":"x"}}"#),
        "cannot read `FILE` as GeoJSON: at byte 34, after 0 rows, found `{\"type\":\"link\",\"properties\":{\"hr`, expected the name of a system as `crs`",
    );
    let sender = Sender::new();
    for (number, crs) in
        ["null", r#"{"type":"EPSG","properties":{"code":4326}}"#].iter().enumerate()
    {
        let path = sender.file(&format!("{number}.geojson"), file(crs));
        sender.run(&["import", &path, "--as", "light_poles"]).expect_done();
    }
}

#[test]
fn what_is_no_file_is_refused() {
    let sender = Sender::new();
    let folder = sender.path("");
    for (path, sentence) in [
        (
            "/no/such/file",
            "cannot open `/no/such/file`: No such file or directory (os error 2)".into(),
        ),
        (&folder, format!("cannot read `{folder}` beyond byte 0: Is a directory (os error 21)")),
    ] {
        let done = sender.run(&["import", path, "--as", "light_poles"]);
        assert_eq!((done.code, done.stderr), (Some(1), format!("error: {sentence}\n")));
    }
}

/// The most memory that an import may use for a file without any good rows.
const MEMORY_MAX_KIB: u64 = 128 * 1024;

/// Sends a file through a pipe: its beginning, so many MiB of one byte, its end.
fn send(begin: &str, byte: u8, mebibytes: usize, end: &str) -> Done {
    let sender = Sender::new();
    let mut program = sender.start_import();
    let mut pipe = program.stdin.take().expect("stdin is piped");
    pipe.write_all(begin.as_bytes()).expect("the program reads");
    let block = vec![byte; 1 << 20];
    for _ in 0..mebibytes {
        pipe.write_all(&block).expect("the program reads");
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.id()));
    let status = status.expect("the program is there, for its file goes on");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().expect("a number of KiB");
    assert!(peak < MEMORY_MAX_KIB, "{peak} KiB for {mebibytes} MiB after {begin}");
    pipe.write_all(end.as_bytes()).expect("the program reads");
    drop(pipe);
    program.wait_with_output().expect("the program ends").into()
}

#[test]
fn a_line_of_a_gibibyte_is_refused_in_little_memory() {
    let (good, open) = (light("7", ""), light("8", r#""remarks":""#));
    let open = &open[..open.len() - 2];
    let done = send(&format!("{good}\n{open}"), b'x', 1024, &format!("\"}}}}\n{}", light("9", "")));
    let length = open.len() + (1 << 30) + 3;
    let expected =
        format!("row 2: row: found `{length} bytes from byte 99 on`, expected at most 8388608\n");
    assert_eq!((done.code, done.stderr), (Some(3), expected));
    assert!(done.stdout.contains("2 new") && done.stdout.contains("1 refused"), "{}", done.stdout);
}

#[test]
fn no_part_of_a_file_is_so_long_that_it_fills_the_memory() {
    let begin = r#"{"type":"FeatureCollection","#;
    let row = light("7", "");
    // In the first feature, in a member that nobody knows, in white space, in a name.
    let done = send(&light("8", "")[..20], b'[', 200, &format!("\n{row}"));
    assert_eq!((done.code, done.stdout.contains("1 new")), (Some(3), true), "{done:?}");
    let done =
        send(&format!(r#"{begin}"metadata":""#), b'x', 200, &format!(r#"","features":[{row}]}}"#));
    assert_eq!((done.code, done.stdout.contains("1 new")), (Some(0), true), "{done:?}");
    let done = send(&format!(r#"{begin}"features":["#), b' ', 200, &format!("{row}]}}"));
    assert_eq!((done.code, done.stdout.contains("1 new")), (Some(0), true), "{done:?}");
    let done = send(&format!(r#"{begin}""#), b'x', 200, r#"":1,"features":[]}"#);
    let expected = "error: cannot read `/dev/stdin` as GeoJSON: at byte 28, after 0 rows, found \
                    `\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx`, expected at most 65536 bytes for it\n";
    assert_eq!((done.code, &*done.stderr), (Some(1), expected));
    let done = send(&format!(r#"{begin}"features":["#), b'[', 200, "");
    let expected = "error: `/dev/stdin` ends at byte 209715240 after 0 rows, before the end of its \
                    list of features\n";
    assert_eq!((done.code, &*done.stderr), (Some(1), expected));
}
