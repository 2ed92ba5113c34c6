//! Good and bad GeoJSON files of public test suites.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use terrier_exchange::{Mapping, Outcome, read_bytes};
use terrier_model::{Class, Fault, Place, Text};
use terrier_spatial::GeometryKind;

use crate::data;
use crate::sender::Sender;

/// Files that their suites call bad, and we do not: rings may turn either way, numbers may have any
/// digits, a collection may hold one geometry or another collection, and a ring whose ends differ
/// only in height is closed, for heights are not taken.
const GOOD_AFTER_ALL: [&str; 6] = [
    "bad-polygon-interiorring-rhr.geojson",
    "different-first-size.geojson",
    "excessive_precision_truncated.geojson",
    "geometrycollection_nested.geojson",
    "geometrycollection_single.geojson",
    "polygon_winding_order.geojson",
];

/// A file that its suite calls good, though it has a latitude of -107 degrees.
const BAD_AFTER_ALL: &str = "issue82.geojson";

/// The GeoJSON files of the suites, in the order of their paths.
fn files() -> Vec<PathBuf> {
    let mut folders = vec![data("geojson-fixtures")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "geojson" || end == "json") {
                files.push(path);
            }
        }
    }
    files.sort();
    assert!(files.len() > 100, "{} files", files.len());
    files
}

fn is_bad(file: &Path) -> bool {
    let is_good_after_all = GOOD_AFTER_ALL.iter().any(|name| file.ends_with(name));
    let is_called_bad = file.components().any(|part| part.as_os_str() == "bad");
    (is_called_bad && !is_good_after_all) || file.ends_with(BAD_AFTER_ALL)
}

/// What is wrong with a file, whichever kind of geometry a class has. That a row has no key, or a
/// geometry of a kind that the class does not take, is nothing wrong with the file.
fn faults(file: &Path) -> Vec<String> {
    use GeometryKind::{Line, MultiLine, MultiPolygon, Point};
    let bytes = std::fs::read(file).expect("the file can be read");
    let mut all = Vec::new();
    for kind in [Point, Line, MultiLine, MultiPolygon] {
        let text = Text::new("Things", "物");
        let class = Class::try_new("things", text.clone(), text, kind, Vec::new());
        let mapping = Mapping::plain("suite", &Arc::new(class.expect("a class")));
        let (rows, error) = read_bytes("file.json", &bytes, Arc::new(mapping));
        all.extend(error.map(|error| error.to_string()));
        for (_, outcome) in rows {
            let faults = match outcome {
                Outcome::Refused(faults) => faults,
                Outcome::Draft { class, draft } => draft.check(&class).err().unwrap_or_default(),
                Outcome::Happened(_) | Outcome::NotTaken => {
                    panic!("a plain mapping makes an asset of every row")
                }
            };
            all.extend(faults.iter().filter(|fault| is_of_file(fault)).map(Fault::to_string));
        }
    }
    all
}

fn is_of_file(fault: &Fault) -> bool {
    let kinds = ["Point", "LineString", "one LineString", "MultiLineString", "MultiPolygon"];
    match fault.place {
        Place::Key => fault.found != "nothing",
        Place::Geometry { part: None, vertex: None } => !kinds.contains(&&*fault.expected),
        Place::Row | Place::Field(_) | Place::Geometry { .. } => true,
    }
}

#[test]
fn good_files_are_read_and_bad_ones_are_refused_with_a_reason() {
    let judged = files().into_iter().map(|file| (faults(&file), file));
    let wrong = judged.filter(|(faults, file)| is_bad(file) == faults.is_empty());
    assert_eq!(wrong.collect::<Vec<_>>(), []);
}

#[test]
fn no_file_ends_the_program_without_a_word() {
    let sender = Sender::new();
    sender.run(&["demo", "--assets", "0"]).expect_done();
    for file in files() {
        let file = file.to_str().expect("a path in UTF-8");
        let done = sender.run(&["import", file, "--as", "light_poles"]);
        assert!([Some(0), Some(1), Some(3)].contains(&done.code), "{file}: {done:?}");
        assert!(done.code == Some(0) || !done.stderr.is_empty(), "{file}");
        if is_bad(Path::new(file)) {
            assert_ne!(done.code, Some(0), "{file}");
        }
    }
    sender.run(&["check"]).expect_done();
}
