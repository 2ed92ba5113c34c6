//! What comes of a file is what comes of it at the command line.

use std::fs;

use serde_json::{Value as Json, json};

use super::{Taken, path};
use crate::ogr;
use crate::program::{fixture, link, list, text};
use crate::sender::{Sender, light, lights};

/// Sends a file with a mapping over HTTP, and gives it to the command; both must tell the same.
fn check(file: &str, mapping: &str, question: &str, options: &[&str]) {
    let sender = Sender::new();
    let arguments = [&["import", file, "--mapping", mapping, "--json"], options].concat();
    let done = sender.run(&arguments);
    let taken = Taken::new();
    let name = file.rsplit('/').next().expect("a name");
    let (content, map) = (fs::read(file).expect("a file"), fs::read(mapping).expect("a mapping"));
    let answer = taken.parts(question, &[("mapping", None, &map), ("file", Some(name), &content)]);
    let told = answer.json();
    assert_eq!(answer.status, 200, "{told}");
    assert_eq!(told["report"], done.json(), "{name}");
    assert_eq!(told["change"], done.json()["change"], "{name}");
    assert_eq!((text(&told["state"]), text(&told["file"])), ("done", name));
    assert_eq!(told["bytes"], content.len());
    let change = told["change"].as_u64().map(|change| format!("/change-sets/{change}"));
    if let Some(change) = change {
        let links = list(&told["links"]).iter();
        assert!(links.clone().any(|link| text(&link["href"]).ends_with(&change)), "{told}");
        // It is there for whoever asks next.
        let report = done.json();
        assert_eq!(json!(taken.count("gas_pipes")), report["created"]);
    }
    taken.check();
}

fn pipes(name: &str) -> String {
    let path = fixture("gas-schutterwald").join(name);
    path.to_str().expect("a plain path").to_owned()
}

#[test]
fn each_format_comes_in_with_the_report_of_the_command() {
    let (file, mapping) = (pipes("gas_pipes.geojson"), pipes("gas_pipes.toml"));
    check(&file, &mapping, "", &[]);
    check(&file, &mapping, "dry-run=true", &["--dry-run"]);
    let sender = Sender::new();
    let few = sender.path("few.geojson");
    ogr::ogr2ogr(&["-f", "GeoJSON", "-limit", "50", &few, &file]);
    for (name, format) in [
        ("pipes.gpkg", "GPKG"),
        ("pipes.fgb", "FlatGeobuf"),
        ("pipes.shp.zip", "ESRI Shapefile"),
        ("pipes.csv", "CSV"),
        ("pipes.xlsx", "XLSX"),
    ] {
        let copy = sender.path(name);
        ogr::ogr2ogr(&["-f", format, &copy, &few]);
        // What has no place in the format is refused or not taken, here as there.
        let mapping = match format {
            "CSV" | "XLSX" => {
                let text = fs::read_to_string(pipes("gas_pipes.toml")).expect("a mapping");
                sender.file("table.toml", format!("crs = \"EPSG:4326\"\n{text}"))
            }
            _ => mapping.clone(),
        };
        let run = sender.run(&["import", &copy, "--mapping", &mapping, "--dry-run", "--json"]);
        if run.stdout.is_empty() {
            // The command cannot read it, so neither can the server, with the same words.
            let said = run.stderr.replace(&copy, name);
            let taken = Taken::new();
            let (content, map) =
                (fs::read(&copy).expect("a file"), fs::read(&mapping).expect("a mapping"));
            let answer =
                taken.parts("", &[("mapping", None, &map), ("file", Some(name), &content)]);
            assert_eq!(answer.status, 422, "{}", answer.text());
            assert_eq!(format!("error: {}\n", answer.problem()), said);
        } else {
            check(&copy, &mapping, "", &[]);
        }
    }
}

#[test]
fn a_bare_body_is_told_by_its_name_and_read_as_the_parameters_say() {
    let taken = Taken::new();
    let table = "id;code;power_w;lon;lat\nL1;L1;70,5;117,2;39,1\n";
    let question = "as=light_poles&name=C%3A%5Cdata%5Clights.csv&crs=OGC:CRS84&decimal=,\
                    &delimiter=;&reason=spring";
    let told = taken.send(question, table).json();
    assert_eq!(told["state"], "done", "{told}");
    assert_eq!((text(&told["file"]), &told["report"]["refused"]), ("lights.csv", &json!(0)));
    let file = &told["report"]["file"];
    assert_eq!((text(&file["delimiter"]), text(&file["decimal"])), (";", ","));
    let headers = [("Content-Disposition", "attachment; filename=\"more.geojson\""), super::WAIT];
    let answer =
        taken.server.send("POST", "/imports?as=light_poles", &headers, light("7", r#""code":"7""#));
    let told = answer.json();
    assert_eq!((text(&told["state"]), text(&told["file"])), ("done", "more.geojson"), "{told}");
    assert_eq!(taken.count("light_poles"), 2);
}

#[test]
fn a_rehearsal_and_a_strict_import_with_a_fault_write_nothing() {
    let taken = Taken::new();
    let rows = [light("1", r#""code":"1""#), light("2", r#""power_w":-1"#)];
    let told = taken.lights(&rows, "&dry-run=true");
    assert_eq!((text(&told["state"]), &told["change"]), ("done", &Json::Null), "{told}");
    assert_eq!((&told["report"]["created"], &told["report"]["dry_run"]), (&json!(1), &json!(true)));
    assert_eq!(taken.count("light_poles"), 0);
    let told = taken.lights(&rows, "&strict=true");
    assert_eq!((text(&told["state"]), &told["report"]["stopped"]), ("refused", &json!(true)));
    assert_eq!(taken.count("light_poles"), 0);
    taken.check();
}

#[test]
fn refused_rows_are_kept_as_the_command_writes_them() {
    let rows = [
        light("1", r#""code":"1""#),
        light("2", r#""code":"2","power_w":-1"#),
        light("3", r#""code":"3","lamp_kind":"candle""#),
    ];
    let sender = Sender::new();
    let faults = sender.path("faults.geojson");
    assert_eq!(sender.import(&rows, &["--faults", &faults]).code, Some(3));
    let taken = Taken::new();
    let told = taken.lights(&rows, "");
    assert_eq!((text(&told["state"]), &told["refused_rows_kept"]), ("done", &json!(2)));
    let codes = told["report"]["refused_rows"].as_array().expect("rows").iter();
    let codes: Vec<&str> = codes.map(|row| text(&row["faults"][0]["code"])).collect();
    assert_eq!(codes, ["range", "code_list"]);
    let kept = taken.server.get(&link(&told, "related").expect("a link"));
    assert_eq!(kept.header("content-type"), Some("application/geo+json"));
    assert_eq!(kept.text(), fs::read_to_string(&faults).expect("a file"));
    let none = taken.lights(&rows[..1], "");
    assert_eq!(none["refused_rows_kept"], Json::Null);
    assert_eq!(taken.server.get(&format!("{}/faults", path(&none))).status, 404);
}

#[test]
fn what_a_request_says_wrong_is_told_by_its_name() {
    let taken = Taken::new();
    let check = |question: &str, expected: &str| {
        let answer = taken.send(question, light("1", ""));
        assert_eq!(answer.status, 400, "{question}: {}", answer.text());
        assert!(answer.problem().contains(expected), "{question}: {}", answer.problem());
    };
    check("", "`as`: found nothing");
    check("as=benches", "`as`: found `benches`, expected one of communities");
    check("as=light_poles", "`source`: found nothing");
    check("as=light_poles&nam=x", "`nam`");
    check("as=light_poles&name=x&header_row=0", "`header_row`: found `0`");
    check("as=light_poles&name=x&delimiter=::", "`delimiter`: found `::`, expected one of , ;");
    check("as=light_poles&name=x&crs=EPSG:1", "`crs`");
    check("as=light_poles&name=x&strict=yes", "`strict`: found `yes`");
    check("as=light_poles&name=x&verb=correct&valid_from=2020-01-01", "`valid_from`");
    let parts = |question: &str, parts: &[(&str, Option<&str>, &[u8])], status, expected: &str| {
        let answer = taken.parts(question, parts);
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(answer.problem().contains(expected), "{}", answer.problem());
    };
    let file = ("file", Some("x.geojson"), &b"{}"[..]);
    let mapping = ("mapping", None, &b"source = 1"[..]);
    parts("", &[file, mapping], 422, "the mapping, `source`: found `1`");
    parts("", &[file], 400, "`as`: found neither");
    parts("", &[mapping], 400, "no part `file`");
    parts("", &[file, file], 400, "part `file`: it comes twice");
    parts("", &[file, ("colour", None, &b"red"[..])], 400, "found a part `colour`");
    parts("as=light_poles", &[file, mapping], 400, "`as`: the mapping says");
    parts("source=x", &[file, mapping], 400, "`source`: the mapping says");
    let cut = [("Content-Type", "multipart/form-data")];
    assert_eq!(taken.server.send("POST", "/imports", &cut, "x").status, 400);
    assert_eq!(taken.left(), Vec::<String>::new());
}

#[test]
fn a_file_that_cannot_be_read_fails_with_the_words_of_the_command() {
    let taken = Taken::new();
    let check = |name: &str, more: &str, content: &str, expected: &str| {
        let answer = taken.send(&format!("as=light_poles&name={name}{more}"), content);
        assert_eq!(answer.status, 422, "{}", answer.text());
        assert_eq!(answer.problem(), expected);
        let import = &answer.json()["import"];
        assert_eq!((text(&import["state"]), text(&import["error"])), ("failed", expected));
        let told = taken.server.json(&path(import));
        assert_eq!((text(&told["state"]), &told["report"]), ("failed", &Json::Null));
    };
    let light = light("7", "");
    check("cut.geojson", "", &light[..40], "`cut.geojson` ends at byte 40 in the middle of row 1");
    check("x.geojson", "", "", "`x.geojson` is empty, expected GeoJSON");
    check(
        "x.gpkg",
        "",
        "no",
        "`x.gpkg` is no GeoPackage, though its name says so: it is damaged or encrypted, expected \
         GeoJSON, CSV, GeoPackage, Shapefile, FlatGeobuf or XLSX",
    );
    check(
        "x.geojson",
        "&sheet=J",
        &light,
        "`sheet` says nothing about `x.geojson`, which is GeoJSON",
    );
    assert_eq!(taken.count("light_poles"), 0);
    assert!(taken.left().iter().all(|name| name == "import.json"), "{:?}", taken.left());
    taken.check();
}

#[test]
fn an_import_is_undone_as_one_change_and_comes_again() {
    let taken = Taken::new();
    let rows = lights(40, r#""power_w":70"#);
    let told = taken.lights(&rows, "");
    assert_eq!(taken.count("light_poles"), 40);
    let revert = format!("/change-sets/{}/revert?reason=wrong%20file", told["change"]);
    let undone = taken.server.send("POST", &revert, &[], "");
    assert_eq!(undone.json()["retired"], 40, "{}", undone.text());
    assert_eq!(taken.count("light_poles"), 0);
    let again = taken.lights(&rows, "");
    assert_eq!(again["report"]["refused"], 0, "{again}");
    assert_eq!(taken.count("light_poles"), 40);
    taken.check();
}
