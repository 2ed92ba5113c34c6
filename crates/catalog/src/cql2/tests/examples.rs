//! The examples of the standard, in both forms.

use std::path::{Path, PathBuf};

use super::*;

/// The examples of a form: their names and what they hold.
fn examples(form: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cql2").join(form);
    let paths = std::fs::read_dir(folder).expect("the examples are there");
    let mut paths: Vec<PathBuf> = paths.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let name = |path: &Path| path.file_stem().expect("a name").to_string_lossy().into_owned();
    let text = |path: &Path| std::fs::read_to_string(path).expect("a file");
    paths.iter().map(|path| (name(path), text(path))).collect()
}

#[test]
fn each_example_of_the_standard_says_the_same_in_text_and_in_json() {
    let json = examples("json");
    let mut pairs = 0;
    for (name, text) in examples("text") {
        let clause = parse_text(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        // Another spelling has a name of its own behind that of its example.
        let example = name.split("-alt").next().unwrap_or_default();
        let (_, json) = json.iter().find(|(other, _)| other == example).expect("its JSON");
        let same = parse_json(json).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(same, clause, "{name}");
        pairs += 1;
    }
    assert_eq!((pairs, json.len()), (120, 109));
}

#[test]
fn each_example_of_the_standard_is_written_so_that_it_reads_back_as_the_same() {
    for (name, text) in examples("text") {
        let clause = parse_text(&text).expect("it is read");
        let (text, json) = (text_of(&clause), json_of(&clause));
        assert_eq!(parse_text(&text).as_ref(), Ok(&clause), "{name}: {text}");
        assert_eq!(parse_json(&json).as_ref(), Ok(&clause), "{name}: {json}");
    }
    for (name, json) in examples("json") {
        let read: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let written = json_of(&parse_json(&json).expect("it is read"));
        let written: serde_json::Value = serde_json::from_str(&written).expect("JSON");
        // Heights, which choose nothing here, and whole coordinates are written in another way.
        if !["example23", "example24", "example25", "example45", "example49"].contains(&&*name) {
            assert_eq!(written, read, "{name}");
        }
    }
}
