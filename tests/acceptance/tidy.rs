//! The house itself: which room may know which, who owns what alone, and what every file keeps to.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The folder of the repository.
fn root() -> PathBuf {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder.join("../..").canonicalize().expect("the repository is there")
}

/// The files below a folder of the repository whose names end like this, by their paths in it. What
/// was built there is none of them.
fn files(folder: &str, ends: &[&str]) -> Vec<(String, String)> {
    let root = root();
    let mut folders = vec![root.join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() {
                if name != "target" {
                    folders.push(path);
                }
            } else if ends.iter().any(|end| name.ends_with(end)) {
                let bytes = std::fs::read(&path).expect("a file");
                let path = path.strip_prefix(&root).expect("it lies in the repository");
                let text = String::from_utf8_lossy(&bytes).into_owned();
                files.push((path.to_string_lossy().into_owned(), text));
            }
        }
    }
    files.sort();
    assert!(!files.is_empty(), "no {ends:?} in {folder}");
    files
}

/// The rooms of the house, each with the packages that it alone may use.
const OWNED: [(&str, &[&str]); 10] = [
    ("spatial", &["geo", "geo-types", "rstar", "proj", "proj4rs"]),
    ("model", &[]),
    ("catalog", &[]),
    ("store", &["libsqlite3-sys", "arc-swap"]),
    ("exchange", &["flatbuffers", "quick-xml"]),
    ("intake", &[]),
    ("conformance", &[]),
    ("identity", &["ring"]),
    ("api", &["axum", "hyper", "hyper-util", "maud", "prometheus-client", "tower", "tower-http"]),
    ("terrier", &["clap", "indicatif", "mimalloc", "tracing-subscriber"]),
];

/// Packages that only some rooms may use.
const SHARED: [(&str, &[&str]); 7] = [
    (
        "serde_json",
        &["catalog", "store", "exchange", "intake", "conformance", "identity", "api", "terrier"],
    ),
    ("geojson", &["catalog", "exchange"]),
    // A GeoPackage is an SQLite file.
    ("sqlx", &["store", "exchange"]),
    ("strsim", &["catalog", "exchange"]),
    ("toml", &["catalog", "exchange", "identity"]),
    ("tokio", &["store", "intake", "identity", "api", "terrier"]),
    // They ask others over HTTP; nobody else does.
    ("ureq", &["conformance", "identity"]),
];

/// The rooms that a room may know.
fn known_by(room: &str) -> &'static [&'static str] {
    match room {
        "spatial" | "identity" => &[],
        "model" | "conformance" => &["spatial"],
        "catalog" => &["spatial", "model"],
        "store" | "exchange" => &["spatial", "model", "catalog"],
        "intake" => &["spatial", "model", "catalog", "store", "exchange"],
        "api" => &["spatial", "model", "catalog", "store", "exchange", "intake", "identity"],
        "terrier" => &[
            "spatial",
            "model",
            "catalog",
            "store",
            "exchange",
            "intake",
            "identity",
            "conformance",
            "api",
        ],
        _ => panic!("`{room}` is no room of the house"),
    }
}

/// The packages that each room names in its manifest, but for what only its tests use.
fn dependencies() -> Vec<(String, BTreeSet<String>)> {
    let manifests = files("crates", &["Cargo.toml"]);
    let named = manifests.iter().map(|(path, text)| {
        let room = path.split('/').nth(1).expect("crates/ROOM/Cargo.toml");
        let mut names = BTreeSet::new();
        let mut section = "";
        for line in text.lines() {
            if line.starts_with('[') {
                section = line.trim_matches(['[', ']']);
            } else if section.ends_with("dependencies") && section != "dev-dependencies" {
                names.extend(line.split(['.', ' ', '=']).next().map(str::to_owned));
            }
        }
        names.remove("");
        (room.to_owned(), names)
    });
    named.collect()
}

#[test]
fn each_room_knows_only_the_rooms_below_it() {
    let rooms = dependencies();
    assert_eq!(rooms.len(), OWNED.len(), "{rooms:?}");
    for (room, names) in rooms {
        let known = known_by(&room);
        let others = names.iter().filter_map(|name| name.strip_prefix("terrier-"));
        let unknown: Vec<&str> = others.filter(|other| !known.contains(other)).collect();
        assert!(unknown.is_empty(), "`{room}` knows {unknown:?}");
    }
}

#[test]
fn what_a_room_owns_nobody_else_uses() {
    for (room, names) in dependencies() {
        for name in &names {
            let owner = OWNED.iter().find(|(_, owned)| owned.contains(&&**name));
            assert!(owner.is_none_or(|(owner, _)| *owner == room), "`{room}` uses `{name}`");
            let users = SHARED.iter().find(|(shared, _)| shared == name);
            let may = users.is_none_or(|(_, users)| users.contains(&&*room));
            assert!(may, "`{room}` uses `{name}`");
        }
    }
}

/// No line of the product's code outside of these places holds one of these texts.
fn check_only(places: &[&str], texts: &[&str]) {
    for (path, text) in files("crates", &[".rs"]) {
        if !path.contains("/src/") || places.iter().any(|place| path.starts_with(place)) {
            continue;
        }
        for (number, line) in (1..).zip(text.lines()) {
            let found: Vec<_> = texts.iter().filter(|text| line.contains(**text)).collect();
            assert!(found.is_empty(), "{path}:{number}: {found:?} belongs into {places:?}");
        }
    }
}

#[test]
fn only_the_program_reads_the_clock() {
    check_only(
        &["crates/terrier/src/clock.rs"],
        &["Timestamp::now", "Zoned::now", "SystemTime", "Uuid::now", "TimeZone::system"],
    );
    // How long something took, and how long it may take, is not what time it is.
    check_only(&["crates/api/src/door.rs", "crates/api/src/stream.rs"], &["Instant::now"]);
}

#[test]
fn only_the_program_starts_the_runtime_and_asks_the_environment() {
    let texts = ["runtime::Builder", "tokio::main", "env::var", "env::args", "process::exit"];
    check_only(&["crates/terrier/src/"], &texts);
}

#[test]
fn only_the_store_and_the_geopackage_speak_sql() {
    check_only(
        &["crates/store/src/", "crates/exchange/src/geopackage/"],
        &["sqlx::", ".sql\"", "\"select ", "\"insert ", "\"update ", "\"pragma "],
    );
    check_only(&["crates/store/src/"], &["migrations/"]);
}

#[test]
fn every_file_says_what_it_holds_and_is_short_enough_to_read() {
    let sources = [files("crates", &[".rs"]), files("tests", &[".rs"])].concat();
    for (path, text) in sources {
        assert!(text.starts_with("//! "), "{path} does not open with what it holds");
        let lines = text.lines().count();
        assert!(lines <= 600, "{path} has {lines} lines");
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{path} ends oddly");
    }
}

#[test]
fn nothing_is_left_undone_or_speaks_of_a_single_machine() {
    let folders = ["crates", "tests", "docs", "migrations", "fixtures"];
    let mut texts: Vec<_> = folders.iter().flat_map(|folder| files(folder, &[""])).collect();
    for name in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "Cargo.toml"] {
        let text = std::fs::read_to_string(root().join(name)).expect("a file of the repository");
        texts.push((name.to_owned(), text));
    }
    // Other people's data say what they say.
    texts.retain(|(path, _)| !path.ends_with(".geojson"));
    let todo = ["todo", "unimplemented", "dbg"].map(|word| format!("{word}!("));
    let marks = ["TODO", "FIXME", "XXX", "HACK"].map(|word| format!("{word}:"));
    let places = ["work", "home", "root"].map(|folder| format!("/{folder}/"));
    for (path, text) in texts {
        for word in todo.iter().chain(&marks).chain(&places) {
            assert!(!text.contains(word.as_str()), "{path} holds `{word}`");
        }
    }
}

#[test]
fn statements_are_written_small_and_values_are_bound() {
    let keywords = [
        "SELECT", "FROM", "WHERE", "INSERT", "INTO", "VALUES", "UPDATE", "SET", "DELETE", "JOIN",
        "ORDER", "GROUP", "BY", "LIMIT", "AND", "OR", "NOT", "NULL", "CREATE", "TABLE", "INDEX",
    ];
    let statements = [files("crates", &[".sql"]), files("migrations", &[".sql"])].concat();
    for (path, text) in statements {
        for (number, line) in (1..).zip(text.lines()) {
            let code = line.split("--").next().unwrap_or_default();
            let mut words = code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let loud = words.find(|word| keywords.contains(word));
            assert_eq!(loud, None, "{path}:{number}");
            assert!(line.len() <= 120, "{path}:{number} is long");
        }
    }
}

#[test]
fn every_file_of_tests_is_run() {
    for target in ["tests/acceptance", "tests/real_data"] {
        let sources = files(target, &[".rs"]);
        let main = sources.iter().find(|(path, _)| path.ends_with("/main.rs"));
        let (_, main) = main.expect("a target has a main file");
        for (path, _) in &sources {
            let name = path.trim_start_matches(target).trim_matches('/').trim_end_matches(".rs");
            if name == "main" || name.contains('/') {
                continue;
            }
            let line = format!("mod {name};");
            assert!(main.lines().any(|other| other == line), "{path} is in no target");
        }
    }
}

#[test]
fn a_test_is_named_by_a_sentence() {
    let sources = [files("crates", &[".rs"]), files("tests", &[".rs"])].concat();
    for (path, text) in sources {
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if !matches!(line.trim(), "#[test]" | "#[tokio::test]") {
                continue;
            }
            let name = lines.by_ref().find_map(|line| line.trim().split_once("fn "));
            let (_, name) = name.expect("a function follows");
            let words = name.split('(').next().unwrap_or_default().split('_').count();
            assert!(words >= 3 && !name.starts_with("test"), "{path}: {name}");
        }
    }
}

#[test]
fn only_what_belongs_there_lies_in_the_repositorys_folder() {
    let expected = [
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "crates",
        "docs",
        "fixtures",
        "migrations",
        "rustfmt.toml",
        "tests",
    ];
    let ignored = std::fs::read_to_string(root().join(".gitignore")).expect("a list");
    let is_ours = |name: &String| {
        let is_ignored = ignored.lines().any(|line| line.trim_matches('/') == name);
        !name.starts_with('.') && !is_ignored
    };
    let entries = std::fs::read_dir(root()).expect("the repository");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned()).filter(is_ours);
    let names: BTreeSet<String> = names.collect();
    assert_eq!(names.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}
