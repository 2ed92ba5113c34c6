//! Tables of points and lines, as survey teams deliver them: a survey of drains, in text and in a
//! workbook.

use std::path::Path;
use std::process::Command;

use serde_json::{Value as Json, json};

use crate::ogr;
use crate::program::{Done, fixture};
use crate::sender::Sender;

/// The points of the survey by what stands over them, and its lines.
const MANHOLES: usize = 44;
const GULLIES: usize = 14;
const LINES: usize = 23 + 21 + 14;

fn path(name: &str) -> String {
    fixture(&format!("made-up/{name}")).to_str().expect("a path in UTF-8").to_owned()
}

/// Makes a file with `ogr2ogr` of Debian's gdal-bin.
fn ogr2ogr(arguments: &[&str]) {
    let mut command = Command::new("ogr2ogr");
    let done = command.args(arguments).output().expect("ogr2ogr (Debian: gdal-bin) is installed");
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
}

fn import(sender: &Sender, file: &str, options: &[&str]) -> Done {
    let mapping = path("drains.toml");
    sender.run(&[&["import", file, "--mapping", &mapping], options].concat())
}

/// The survey as a workbook: numbers are numbers there.
fn workbook(sender: &Sender) -> String {
    let mut iconv = Command::new("iconv");
    let done = iconv.args(["-f", "GB18030", "-t", "UTF-8", &path("drains.csv")]).output();
    let text = sender.file("survey.csv", done.expect("iconv is installed").stdout);
    // GDAL takes `+` and `-` for numbers unless it is told.
    let (texts, numbers) = (|count| vec!["String"; count], |count| vec!["Real"; count]);
    let kinds = [texts(7), numbers(5), texts(6)].concat();
    sender.file("survey.csvt", kinds.join(","));
    let book = sender.path("survey.xlsx");
    ogr2ogr(&["-f", "XLSX", "-nln", "PS", &book, &text]);
    book
}

/// The features of a collection without what another import gives anew.
fn content(sender: &Sender, collection: &str) -> Vec<Json> {
    let mut features = sender.export(collection);
    for feature in &mut features {
        feature["id"] = Json::Null;
        feature["properties"]["valid_from"] = Json::Null;
    }
    features.sort_by_key(Json::to_string);
    features
}

#[test]
fn a_survey_becomes_points_and_lines() {
    let sender = Sender::new();
    let done = import(&sender, &path("drains.csv"), &["--json"]);
    assert_eq!(done.code, Some(3), "{}", done.stderr);
    let report = done.json();
    assert_eq!(report["created"], MANHOLES + GULLIES + LINES);
    // An outfall and a bend have no collection in this mapping.
    assert_eq!((&report["not_taken"], &report["refused"]), (&json!(2), &json!(1)));
    let fault = &report["refused_rows"][0]["faults"][0];
    assert_eq!(fault["found"], "WS99");
    assert_eq!(fault["expected"], "a point that is in the survey");
    let manhole = sender.coded("manholes", "YS3");
    let properties = &manhole["properties"];
    assert_eq!(properties["installed_precision"], "year");
    assert_eq!(properties["road"], "围堤道");
    assert_eq!(sender.export("manholes").len(), MANHOLES);
    assert_eq!(sender.export("gullies").len(), GULLIES);
    let again = import(&sender, &path("drains.csv"), &[]);
    assert!(again.stdout.contains(" 0 new, 0 changed, "), "{}", again.stdout);
}

#[test]
fn a_line_has_what_was_surveyed_at_both_its_ends() {
    let sender = Sender::new();
    import(&sender, &path("drains.csv"), &[]);
    let lines = sender.export("drain_pipes");
    let line = |from: &str, to: &str| {
        let is = |line: &&Json| {
            (&line["properties"]["from_node"], &line["properties"]["to_node"])
                == (&json!(from), &json!(to))
        };
        lines.iter().find(is).unwrap_or_else(|| panic!("no line from {from} to {to}"))
    };
    let sizes = |line: &Json| {
        ["diameter_mm", "width_mm", "height_mm"].map(|name| line["properties"][name].clone())
    };
    assert_eq!(sizes(line("YS13", "YS14")), [Json::Null, json!(600.0), json!(300.0)]);
    assert_eq!(sizes(line("YS1", "YS2")), [json!(400.0), Json::Null, Json::Null]);
    assert_eq!(sizes(line("YB1", "YS2")), [json!(200.0), Json::Null, Json::Null]);
    // It was surveyed from its lower end.
    let foul = line("WS3", "WS4");
    for (end, code) in [("start", "WS3"), ("end", "WS4")] {
        let depth = &foul["properties"][format!("depth_{end}_m")];
        assert_eq!(*depth, sender.coded("manholes", code)["properties"]["depth_m"]);
    }
    let ends = foul["geometry"]["coordinates"].as_array().expect("a line");
    assert_eq!(ends[0], sender.coded("manholes", "WS3")["geometry"]["coordinates"]);
    assert_eq!(ends[1], sender.coded("manholes", "WS4")["geometry"]["coordinates"]);
}

#[test]
fn a_workbook_says_what_the_text_says() {
    let (first, second) = (Sender::new(), Sender::new());
    import(&first, &path("drains.csv"), &[]);
    let book = workbook(&second);
    import(&second, &book, &["--sheet", "PS"]);
    for collection in ["manholes", "gullies", "drain_pipes"] {
        let (theirs, ours) = (content(&first, collection), content(&second, collection));
        assert_eq!(theirs.len(), ours.len());
        for (theirs, ours) in theirs.iter().zip(&ours) {
            assert_eq!(theirs, ours);
        }
    }
}

#[test]
fn positions_and_lengths_are_those_that_gdal_finds() {
    let sender = Sender::new();
    import(&sender, &path("drains.csv"), &[]);
    // GDAL makes points of the same table, and brings them to the same system.
    let book = workbook(&sender);
    let points = sender.path("points.geojson");
    let sql = "select \"物探点号\" as code, MakePoint(\"Y(m)\", \"X(m)\", 4548) as geometry from PS \
               where \"附属物\" = '检查井' order by 1";
    ogr2ogr(&[
        "-f",
        "GeoJSON",
        "-dialect",
        "sqlite",
        "-sql",
        sql,
        "-s_srs",
        "EPSG:4548",
        "-t_srs",
        "OGC:CRS84",
        &points,
        &book,
    ]);
    let theirs: Json =
        serde_json::from_str(&std::fs::read_to_string(&points).expect("a file")).expect("GeoJSON");
    let theirs = theirs["features"].as_array().expect("features");
    assert_eq!(theirs.len(), MANHOLES);
    for point in theirs {
        let code = point["properties"]["code"].as_str().expect("a code");
        let ours = sender.coded("manholes", code);
        for axis in 0..2 {
            let of =
                |point: &Json| point["geometry"]["coordinates"][axis].as_f64().expect("a number");
            assert!((of(&ours) - of(point)).abs() < 2e-7, "{code}: {ours} {point}");
        }
    }
    let exported = sender.path("lines.gpkg");
    sender.run(&["export", "drain_pipes", "--output", &exported]).expect_done();
    assert_eq!(ogr::count(Path::new(&exported), None), LINES as u64);
    let lines = sender.export("drain_pipes");
    let length = ogr::total(&lines, "geom_length_m");
    ogr::check_sum(length, Path::new(&exported), "ST_Length(geometry, 1)", LINES as u64);
}

#[test]
fn refused_rows_are_mended_and_sent_again() {
    let sender = Sender::new();
    let faults = sender.path("faults.geojson");
    import(&sender, &path("drains.csv"), &["--faults", &faults]);
    let text = std::fs::read_to_string(&faults).expect("a file");
    let mut document: Json = serde_json::from_str(&text).expect("GeoJSON");
    let feature = &mut document["features"][0];
    assert_eq!(feature["id"], "WS5->WS99");
    assert_eq!(feature["properties"]["@to"], "WS99");
    feature["geometry"] = json!({ "type": "LineString", "coordinates": [[519_375.0, 4_327_365.0], [519_380.0, 4_327_380.0]] });
    let mended = sender.file("mended.geojson", document.to_string());
    let done = import(&sender, &mended, &[]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.stdout.starts_with("1 rows: 1 new"), "{}", done.stdout);
}

#[test]
fn points_and_lines_may_have_a_sheet_each() {
    let sender = Sender::new();
    let points = sender.file(
        "p.csv",
        "点号,X,Y,附属物,地面高程\nA,4327350,519230,检查井,3.1\nB,4327351,519260,检查井,3\n",
    );
    let lines = sender.file(
        "l.csv",
        "起点点号,终点点号,起点埋深,终点埋深,管径,材质\nA,B,1.2,1.3,300,HDPE\nA,C,1,1,300,HDPE\n",
    );
    let book = sender.path("both.xlsx");
    ogr2ogr(&["-f", "XLSX", "-nln", "PSPOINT", "-oo", "AUTODETECT_TYPE=YES", &book, &points]);
    ogr2ogr(&["-update", "-nln", "PSLINE", "-oo", "AUTODETECT_TYPE=YES", &book, &lines]);
    let mapping = std::fs::read_to_string(path("drains.toml")).expect("a fixture");
    let mapping = mapping.replace(
        "kind = \"point_line\"",
        "kind = \"point_line\"\npoints = \"PSPOINT\"\nlines = \"PSLINE\"",
    );
    let mapping = sender.file("m.toml", mapping);
    let done = sender.run(&["import", &book, "--mapping", &mapping]);
    let said = "row 3: geometry vertex 1: found `C`, expected a point that is in the survey\n";
    assert_eq!(done.stderr, said);
    assert!(done.stdout.starts_with("4 rows: 3 new, 0 changed, 0 unchanged, 1 refused"));
    let line = &sender.export("drain_pipes")[0]["properties"];
    assert_eq!((&line["depth_start_m"], &line["depth_end_m"]), (&json!(1.2), &json!(1.3)));
    let done = sender.run(&["import", &book, "--mapping", &mapping, "--sheet", "PSLINE"]);
    let said = "error: `FILE`, read as XLSX: found a sheet `PSLINE` that is said, expected those of \
                `[table]` alone\n";
    assert_eq!(done.stderr.replace(&book, "FILE"), said);
    let done = sender.run(&["import", &points, "--mapping", &mapping]);
    let said = "error: `FILE`, read as CSV: found one table, expected a workbook with the sheets \
                PSPOINT and PSLINE\n";
    assert_eq!(done.stderr.replace(&points, "FILE"), said);
}
