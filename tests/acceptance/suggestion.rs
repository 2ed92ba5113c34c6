//! `terrier import --suggest`: a mapping for a file of somebody who has none yet.

use std::fmt::Write;
use std::fs;
use std::process::{Command, Stdio};

use crate::ogr::ogr2ogr;
use crate::program::{Done, command, fixture};
use crate::sender::Sender;

/// Suggests a mapping and writes it into a file, whose path it answers.
fn suggest(sender: &Sender, file: &str, options: &[&str]) -> (String, Done) {
    let done = sender.run(&[&["import", file, "--suggest"], options].concat()).expect_done();
    (sender.file("suggested.toml", &done.stdout), done)
}

/// What a rehearsal with a mapping says last.
fn rehearse(sender: &Sender, file: &str, mapping: &str, options: &[&str]) -> String {
    let rehearsal = ["import", file, "--mapping", mapping, "--dry-run"];
    let done = sender.run(&[&rehearsal, options].concat());
    assert!(matches!(done.code, Some(0 | 3)), "{done:?}");
    done.stdout.trim_end().to_owned()
}

fn report(rows: usize, refused: usize) -> String {
    format!(
        "{rows} rows: {} new, 0 changed, 0 unchanged, {refused} refused, 0 not taken (dry run, nothing \
         was written)",
        rows - refused
    )
}

/// The class that is found for a fixture, how many properties fill a field, and how many of its rows are
/// refused by the mapping as it is.
fn check(set: &str, name: &str, class: &str, filled: usize, rows: usize, refused: usize) {
    let sender = Sender::new();
    let file = fixture(&format!("{set}/{name}.geojson"));
    let file = file.to_str().expect("a path in UTF-8");
    let (mapping, done) = suggest(&sender, file, &[]);
    let told = format!("looked at {rows} rows: {class}, {filled} of ");
    assert!(done.stderr.starts_with(&told), "{}", done.stderr);
    assert_eq!(rehearse(&sender, file, &mapping, &[]), report(rows, refused));
    assert!(!sender.registry().exists(), "a suggestion makes no registry");
}

#[test]
fn what_is_suggested_for_a_fixture_imports_it_without_edits() {
    check("drainage-bellinge", "links", "drain_pipes", 4, 15, 0);
    check("gas-schutterwald", "gas_pipes", "gas_pipes", 5, 2559, 0);
    check("osm-helsinki", "street_lamps", "light_poles", 1, 586, 0);
    // `lit` is `24/7` in these, which has to be filled in.
    check("osm-helsinki", "paths", "greenway_segments", 6, 1269, 67);
}

#[test]
fn what_is_suggested_for_the_samples_imports_them_without_edits() {
    for (name, filled, rows) in [
        ("communities", 11, 8),
        ("drain_structures", 21, 7),
        ("gas_nodes", 16, 12),
        ("gas_regulators", 19, 6),
        ("gas_risers", 12, 16),
        ("gas_valves", 20, 8),
        ("gullies", 20, 14),
        ("heat_pipes", 24, 10),
        ("heat_stations", 21, 7),
        ("light_cabinets", 21, 6),
        ("manholes", 13, 16),
        ("outfalls", 18, 5),
        ("pocket_parks", 20, 6),
        ("road_sections", 21, 8),
        ("streets", 14, 5),
    ] {
        check("hexi-sample", name, name, filled, rows, 0);
    }
}

#[test]
fn no_fixture_is_too_strange_for_a_suggestion() {
    let mut count = 0;
    for set in fs::read_dir(fixture("")).expect("the fixtures") {
        let set = set.expect("an entry").path();
        for file in fs::read_dir(&set).into_iter().flatten() {
            let file = file.expect("an entry").path();
            if file.extension().is_none_or(|ending| ending != "geojson") {
                continue;
            }
            let sender = Sender::new();
            let file = file.to_str().expect("a path in UTF-8");
            let done = sender.run(&["import", file, "--suggest"]);
            if done.code == Some(2) {
                assert!(done.stderr.contains("expected --class with one of"), "{done:?}");
                continue;
            }
            let mapping = sender.file("m.toml", &done.expect_done().stdout);
            let done = sender.run(&["import", file, "--mapping", &mapping, "--dry-run", "--json"]);
            assert!(matches!(done.code, Some(0 | 3)), "{file}: {}", done.stderr);
            let report = done.json();
            let number = |key: &str| report[key].as_u64().expect("a number");
            // Lines of no length are no fault of the mapping.
            assert!(number("refused") * 5 <= number("rows"), "{file}: {report}");
            count += 1;
        }
    }
    assert!(count > 20, "{count} files with a suggestion");
}

/// A survey of 40 street lights in metres of a zone, a third of them with a placeholder.
fn survey() -> String {
    let mut table = String::from("灯杆编号,X,Y,光源类型,功率,建成日期,上次巡检,所在道路\n");
    for row in 0..40 {
        let lamp = if row % 2 == 0 { "LED" } else { "高压钠灯" };
        let built = match row % 3 {
            0 => "1900-01-01".to_owned(),
            _ => format!("{}-05-{:02}", 2003 + row % 7, 1 + row % 28),
        };
        let (north, east) = (4_324_650.25 + 30.0 * f64::from(row), 518_150.5);
        writeln!(
            table,
            "LG-{row},{north},{east},{lamp},70,{built},2023-04-{:02},友谊路",
            1 + row % 9
        )
        .expect("a text takes all");
    }
    table
}

#[test]
fn the_coordinate_system_is_named_and_never_taken_for_granted() {
    let sender = Sender::new();
    let utf8 = sender.file("utf8.csv", survey());
    let file = sender.path("路灯.csv");
    let iconv = Command::new("iconv").args(["-t", "GB18030", "-o", &file, &utf8]).status();
    assert!(iconv.expect("iconv is there").success());
    let (mapping, done) = suggest(&sender, &file, &[]);
    assert_eq!(
        done.stderr,
        "looked at 40 rows: light_poles, 6 of 8 properties fill a field\n\
         to be said before the import: the coordinate system\n"
    );
    let zone = "#   EPSG:4548   117.2097, 39.0552  CGCS2000 / 3-degree Gauss-Kruger CM 117E";
    assert!(done.stdout.lines().any(|line| line == zone), "{}", done.stdout);
    let refused = sender.run(&["import", &file, "--mapping", &mapping, "--dry-run"]);
    assert!(refused.stderr.contains("expected to be told their coordinate system"), "{refused:?}");
    let rehearsed = rehearse(&sender, &file, &mapping, &["--crs", "EPSG:4548"]);
    assert!(
        rehearsed.starts_with("40 rows: 40 new, 0 changed, 0 unchanged, 0 refused"),
        "{rehearsed}"
    );
    let (mapping, done) = suggest(&sender, &file, &["--crs", "EPSG:4548"]);
    assert!(!done.stderr.contains("to be said"), "{done:?}");
    sender.run(&["import", &file, "--mapping", &mapping]).expect_done();
    let light = sender.coded("light_poles", "LG-3");
    assert!(done.stdout.contains("encoding = \"gb18030\"\n"), "{done:?}");
    let [lon, lat] =
        [0, 1].map(|at| light["geometry"]["coordinates"][at].as_f64().expect("a number"));
    assert!((lon - 117.2097).abs() < 1e-4 && (lat - 39.0560).abs() < 1e-4, "{lon} {lat}");
    let properties = &light["properties"];
    assert_eq!(properties["installed_source"], "placeholder");
    assert_eq!(properties["inspected_on"], "2023-04-04");
    assert_eq!((&properties["lamp_kind"], &properties["road"]), (&"hps".into(), &"友谊路".into()));
}

#[test]
fn an_export_comes_back_by_what_is_suggested_for_it() {
    let city = Sender::new();
    city.run(&["demo", "--assets", "2000"]).expect_done();
    for class in ["gas_pipes", "manholes", "communities", "road_sections", "light_poles"] {
        let file = city.path(&format!("{class}.gpkg"));
        city.run(&["export", class, "-o", &file]).expect_done();
        let (mapping, _) = suggest(&city, &file, &["--class", class]);
        let done = city
            .run(&["import", &file, "--mapping", &mapping, "--dry-run", "--json"])
            .expect_done();
        let report = done.json();
        assert_eq!(report["unchanged"], report["rows"], "{class}: {report}");
    }
}

#[test]
fn of_several_layers_the_first_is_looked_at_and_all_are_named() {
    let sender = Sender::new();
    let file = fixture("hexi-sample/manholes.geojson");
    let other = fixture("hexi-sample/gullies.geojson");
    let copy = sender.path("drains.gpkg");
    for (layer, file, update) in [("PS", &file, &[][..]), ("雨水口", &other, &["-update"])] {
        let file = file.to_str().expect("a path in UTF-8");
        ogr2ogr(&[update, &["-f", "GPKG", "-nln", layer, &copy, file]].concat());
    }
    let (mapping, done) = suggest(&sender, &copy, &[]);
    assert!(done.stdout.contains("[file]\nlayer = \"PS\"\n# There are also 雨水口.\n"), "{done:?}");
    assert_eq!(rehearse(&sender, &copy, &mapping, &[]), report(16, 0));
    let (mapping, done) = suggest(&sender, &copy, &["--layer", "雨水口"]);
    assert!(done.stderr.starts_with("looked at 14 rows: gullies"), "{done:?}");
    assert_eq!(rehearse(&sender, &copy, &mapping, &[]), report(14, 0));
}

#[test]
fn a_shapefile_is_looked_at_with_the_names_that_it_has_cut() {
    let sender = Sender::new();
    let file = fixture("hexi-sample/gas_risers.geojson");
    let file = file.to_str().expect("a path in UTF-8");
    // Three characters in UTF-8, five in GBK.
    for (encoding, name) in [("UTF-8", "登记长"), ("GBK", "登记长度")] {
        let copy = sender.path(&format!("{encoding}.shp"));
        let encoded = format!("ENCODING={encoding}");
        ogr2ogr(&["-f", "ESRI Shapefile", "-lco", &encoded, "-t_srs", "EPSG:4548", &copy, file]);
        let (mapping, done) = suggest(&sender, &copy, &[]);
        // GDAL puts the id of a feature into a column.
        let told = "looked at 16 rows: gas_risers, 12 of 14 properties fill a field\n";
        assert_eq!(done.stderr, told, "{}", done.stdout);
        assert!(done.stdout.contains(&format!("length_m = \"{name}\"")), "{done:?}");
        assert!(
            done.stdout.contains("# The file says that positions are in EPSG:4548.\n"),
            "{done:?}"
        );
        assert_eq!(rehearse(&sender, &copy, &mapping, &[]), report(16, 0));
        fs::remove_file(copy.replace(".shp", ".prj")).expect("it was there");
        let (mapping, done) = suggest(&sender, &copy, &[]);
        assert!(done.stderr.ends_with("the coordinate system\n"), "{done:?}");
        assert_eq!(rehearse(&sender, &copy, &mapping, &["--crs", "4548"]), report(16, 0));
    }
}

#[test]
fn of_several_shapefiles_in_an_archive_the_first_is_looked_at() {
    let sender = Sender::new();
    let archive = sender.path("drains.shp.zip");
    for name in ["manholes", "gullies"] {
        let file = fixture(&format!("hexi-sample/{name}.geojson"));
        let file = file.to_str().expect("a path in UTF-8");
        let update: &[&str] = if name == "gullies" { &["-update"] } else { &[] };
        let written: &[&str] =
            &["-f", "ESRI Shapefile", "-lco", "ENCODING=UTF-8", "-nln", name, &archive, file];
        ogr2ogr(&[update, written].concat());
    }
    let (mapping, done) = suggest(&sender, &archive, &[]);
    assert!(done.stdout.contains("layer = \"manholes\"\n# There are also gullies.\n"), "{done:?}");
    let rehearsed = rehearse(&sender, &archive, &mapping, &[]);
    assert!(rehearsed.contains(" 0 refused"), "{rehearsed}");
}

#[test]
fn a_workbook_is_looked_at_sheet_by_sheet() {
    let sender = Sender::new();
    let book = sender.path("survey.xlsx");
    for (sheet, name, update) in [("WS", "manholes", &[][..]), ("雨水口", "gullies", &["-update"])]
    {
        let file = fixture(&format!("hexi-sample/{name}.geojson"));
        let file = file.to_str().expect("a path in UTF-8");
        let columns = format!("select *, ST_X(geometry) as lon, ST_Y(geometry) as lat from {name}");
        let made =
            ["-f", "XLSX", "-dialect", "sqlite", "-sql", &columns, "-nln", sheet, &book, file];
        ogr2ogr(&[update, &made].concat());
    }
    let (mapping, done) = suggest(&sender, &book, &[]);
    assert!(done.stderr.starts_with("looked at 16 rows: manholes"), "{done:?}");
    assert!(done.stdout.contains("[file]\nsheet = \"WS\"\n# There are also 雨水口.\n"), "{done:?}");
    assert_eq!(rehearse(&sender, &book, &mapping, &[]), report(16, 0));
    let (mapping, done) = suggest(&sender, &book, &["--sheet", "雨水口"]);
    assert!(done.stderr.starts_with("looked at 14 rows: gullies"), "{done:?}");
    assert_eq!(rehearse(&sender, &book, &mapping, &[]), report(14, 0));
}

#[test]
fn a_survey_of_points_and_lines_is_told() {
    let sender = Sender::new();
    let file = fixture("made-up/drains.csv");
    let file = file.to_str().expect("a path in UTF-8");
    let (mapping, done) = suggest(&sender, file, &["--class", "manholes", "--crs", "4548"]);
    assert!(done.stdout.contains("\n# table = { kind = \"point_line\" }\n"), "{done:?}");
    rehearse(&sender, file, &mapping, &[]);
}

#[test]
fn a_class_of_the_citys_own_is_found_in_its_registry() {
    const BENCHES: &str = r#"
name = "benches"
title = { en = "Benches", zh = "座椅" }
description = { en = "Seats.", zh = "座椅。" }
geometry = "point"

[[field]]
name = "seats"
kind = "integer"
title = { en = "Seats", zh = "座位数" }

[[field]]
name = "wood"
kind = "text"
title = { en = "Kind of wood", zh = "木材" }
"#;
    let sender = Sender::new();
    sender.run(&["demo", "--assets", "0"]).expect_done();
    let class = sender.file("benches.toml", BENCHES);
    sender.run(&["classes", "put", &class]).expect_done();
    let before = sender.last_change();
    let file = sender.file("x.csv", "编号,座位数,木材,lon,lat\nB1,3,oak,117.2,39.1\n");
    let (mapping, done) = suggest(&sender, &file, &[]);
    assert!(done.stderr.starts_with("looked at 1 rows: benches, 3 of 5"), "{done:?}");
    assert_eq!(rehearse(&sender, &file, &mapping, &[]), report(1, 0));
    assert_eq!(sender.last_change(), before);
}

#[test]
fn a_pipe_is_looked_at_too() {
    let file = fs::File::open(fixture("hexi-sample/gas_valves.geojson")).expect("a fixture");
    let mut command = command();
    command.args(["import", "/dev/stdin", "--suggest", "--source", "valves"]);
    let output = command.stdin(Stdio::from(file)).output().expect("the program starts");
    let done = Done::from(output).expect_done();
    assert!(done.stdout.contains("source = \"valves\""), "{done:?}");
}

#[test]
fn what_a_suggestion_cannot_do_is_refused() {
    let sender = Sender::new();
    let file = sender.file("x.geojson", r#"{"type":"Point","coordinates":[117,39]}"#);
    let refused = |options: &[&str], code: i32, expected: &str| {
        let done = sender.run(&[&["import", &file], options].concat());
        let stderr = done.stderr.replace(&file, "FILE");
        assert_eq!((done.code, stderr.starts_with(expected)), (Some(code), true), "{stderr}");
        assert_eq!(done.stdout, "");
    };
    let nothing =
        "error: nothing in `FILE` tells of which class it is, expected --class with one of";
    refused(&["--suggest"], 2, nothing);
    refused(
        &["--suggest", "--class", "trees"],
        2,
        "error: no class `trees`, expected one of communities",
    );
    refused(
        &["--suggest", "--layer", "a"],
        2,
        "error: --layer says nothing about `FILE`, which is GeoJSON",
    );
    refused(
        &["--suggest", "--dry-run"],
        2,
        "error: the argument '--suggest' cannot be used with '--dry-run'",
    );
    refused(&["--as", "manholes", "--class", "manholes"], 2, "error:");
    let cut = sender.file("cut.geojson", r#"{"type":"FeatureCollection","features":[{"type":"#);
    let done = sender.run(&["import", &cut, "--suggest"]);
    assert_eq!((done.code, &*done.stdout), (Some(1), ""), "{done:?}");
}
