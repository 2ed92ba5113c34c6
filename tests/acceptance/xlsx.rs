//! Workbooks: what is taken of a sheet is what GDAL reads in it, and what its file said.

use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

use crate::ogr;
use crate::sender::Sender;

fn fixture(name: &str) -> String {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/hexi-sample");
    fixtures.join(name).to_str().expect("a path in UTF-8").to_owned()
}

/// Makes a file with `ogr2ogr` of Debian's gdal-bin.
fn ogr2ogr(arguments: &[&str]) {
    let mut command = Command::new("ogr2ogr");
    let done = command.args(arguments).output().expect("ogr2ogr (Debian: gdal-bin) is installed");
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// A workbook of the manholes of the sample, with their positions in columns.
fn manholes(sender: &Sender, sheet: &str) -> String {
    let book = sender.path("survey.xlsx");
    let columns = "select *, ST_X(geometry) as lon, ST_Y(geometry) as lat from manholes";
    let update: &[&str] = if Path::new(&book).exists() { &["-update"] } else { &[] };
    let arguments = ["-f", "XLSX", "-dialect", "sqlite", "-sql", columns, "-nln", sheet, &book];
    ogr2ogr(&[update, &arguments, &[&fixture("manholes.geojson")]].concat());
    book
}

/// The features of a collection without what another import gives anew.
fn content(sender: &Sender) -> Vec<Json> {
    let mut features = sender.export("manholes");
    for feature in &mut features {
        feature["id"] = Json::Null;
        feature["properties"]["valid_from"] = Json::Null;
    }
    features.sort_by_key(|feature| feature["properties"]["code"].to_string());
    features
}

#[test]
fn a_sheet_says_what_the_file_said_that_it_was_made_of() {
    let mapping = fixture("manholes.toml");
    let first = Sender::new();
    first.run(&["import", &fixture("manholes.geojson"), "--mapping", &mapping]).expect_done();
    let expected = content(&first);
    let sender = Sender::new();
    let book = manholes(&sender, "WS");
    let report = sender.run(&["import", &book, "--mapping", &mapping, "--json"]).expect_done();
    let report = report.json();
    assert_eq!(report["created"], ogr::count(Path::new(&book), None));
    assert_eq!(report["file"]["layer"], "WS");
    assert_eq!(report["file"]["header_row"], 1);
    assert_eq!(content(&sender), expected);
    assert!(expected.len() > 10, "{}", expected.len());
    // GDAL's own reading of the same sheet.
    for (field, column) in [("depth_m", "井深"), ("cover_diameter_mm", "井盖尺寸")] {
        let expression = format!("\"{column}\"");
        let features = sender.export("manholes");
        let count = features.len() as u64;
        ogr::check_sum(ogr::total(&features, field), Path::new(&book), &expression, count);
    }
}

#[test]
fn a_sheet_and_a_row_of_names_are_chosen_by_the_sender() {
    let sender = Sender::new();
    manholes(&sender, "WS");
    let book = manholes(&sender, "YS");
    let mapping = fixture("manholes.toml");
    let import = ["import", &book, "--mapping", &mapping];
    let done = sender.run(&import);
    let said = "error: `FILE`, read as XLSX: found several sheets with rows: WS, YS, expected to be told \
                which: --sheet, or `sheet` in the mapping\n";
    assert_eq!(done.stderr.replace(&book, "FILE"), said);
    assert!(!sender.registry().exists());
    sender.run(&[&import[..], &["--sheet", "YS"]].concat()).expect_done();
    let done = sender.run(&[&import[..], &["--sheet", "WS", "--header-row", "1"]].concat());
    assert!(done.expect_done().stdout.contains(" 0 new, 0 changed, "));
    let done = sender.run(&[&import[..], &["--layer", "WS", "--sheet", "WS"]].concat());
    let said = "error: --layer says nothing about `FILE`, which is XLSX\n";
    assert_eq!(done.stderr.replace(&book, "FILE"), said);
    let lights = sender.file("a.geojson", r#"{"type":"FeatureCollection","features":[]}"#);
    let done = sender.run(&["import", &lights, "--mapping", &mapping, "--header-row", "2"]);
    let said = "error: --header-row says nothing about `FILE`, which is GeoJSON\n";
    assert_eq!(done.stderr.replace(&lights, "FILE"), said);
}

#[test]
fn a_workbook_that_comes_through_a_pipe_is_read_too() {
    let sender = Sender::new();
    let book = manholes(&sender, "WS");
    let mapping = fixture("manholes.toml");
    let program = env!("CARGO_BIN_EXE_terrier");
    let line = format!(
        "cat {book} | {program} --data {} import /dev/stdin --mapping {mapping} --dry-run --json",
        sender.registry().display()
    );
    let done = Command::new("sh").args(["-c", &line]).output().expect("sh");
    let report: Json = serde_json::from_slice(&done.stdout).expect("a report");
    assert_eq!(report["created"], ogr::count(Path::new(&book), None));
}

#[test]
fn other_workbooks_are_refused_by_name() {
    let sender = Sender::new();
    let check = |bytes: &[u8], said: &str| {
        let path = sender.file("book.xlsx", bytes);
        let done = sender.run(&["import", &path, "--as", "light_poles"]);
        let said = format!(
            "error: `FILE` is {said}, expected GeoJSON, CSV, GeoPackage, Shapefile, FlatGeobuf or XLSX\n"
        );
        assert_eq!(done.stderr.replace(&path, "FILE"), said);
        assert_eq!(done.code, Some(1));
    };
    check(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an Excel workbook of before 2007 (.xls) or with a password, which has to be saved as .xlsx \
         without one",
    );
    let mut other = b"PK\x03\x04".to_vec();
    other.resize(26, 0);
    other.extend(b"\x08\0\0\0mimetypeapplication/vnd.oasis.opendocument.spreadsheet");
    check(&other, "an OpenDocument file, which has to be saved as .xlsx");
}
