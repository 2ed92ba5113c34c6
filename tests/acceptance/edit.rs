//! Assets are registered, changed and retired over HTTP, safely beside each other.

mod door;
mod during;
mod hostile;
mod model;
mod races;
mod transactions;
mod verbs;

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::program::{Answer, Server, folder, terrier, text};

const GEOJSON: (&str, &str) = ("Content-Type", "application/geo+json");
const PATCH: (&str, &str) = ("Content-Type", "application/merge-patch+json");
const WHOLE: (&str, &str) = ("Prefer", "return=representation");
const JSON: (&str, &str) = ("Content-Type", "application/json");
const LIGHTS: &str = "/collections/light_poles/items";

/// A registry that is edited, with its server.
struct Edited {
    folder: TempDir,
    server: Server,
}

impl Edited {
    fn new() -> Self {
        let folder = folder();
        let mut server = Server::start(&folder.path().join("registry"), &[]);
        // What an answer to an edit is marked with is that of its reader.
        let key = server.key().to_owned();
        server.ask_with(&key);
        Self { folder, server }
    }

    fn registry(&self) -> std::path::PathBuf {
        self.folder.path().join("registry")
    }

    /// Registers a street light, and answers its path.
    fn light(&self, properties: &str) -> String {
        let answer = self.server.send("POST", LIGHTS, &[GEOJSON], light(properties));
        assert_eq!(answer.status, 201, "{}", answer.text());
        path(&self.server, &answer)
    }

    fn patch(&self, path: &str, more: &[(&str, &str)], body: &str) -> Answer {
        self.server.send("PATCH", path, &[&[PATCH, WHOLE], more].concat(), body)
    }

    /// Ends the server, and checks the ledger.
    fn check(self) {
        let registry = self.registry();
        self.server.stop();
        terrier(&registry, &["check"]).expect_done();
    }

    /// The history of an asset: version, whether it is valid, whether it stands, and a field.
    fn told(&self, path: &str, field: &str) -> Vec<String> {
        let history = self.server.json(&format!("{path}/history"));
        let versions = history["versions"].as_array().expect("versions").iter();
        let one = |version: &Json| {
            let valid = if version["valid_to"].is_null() { "valid" } else { "ended" };
            let standing = if version["superseded"].is_null() { "known" } else { "superseded" };
            let value = &version["feature"]["properties"][field];
            format!("{} {valid} {standing} {value}", version["version"])
        };
        versions.map(one).collect()
    }
}

/// A street light as a feature.
fn light(properties: &str) -> String {
    format!(
        r#"{{"type":"Feature","geometry":{{"type":"Point","coordinates":[117.2,39.1]}},
            "properties":{{{properties}}}}}"#
    )
}

/// The path to which an answer says that its asset has.
fn path(server: &Server, answer: &Answer) -> String {
    let location = answer.header("location").expect("a location");
    location.strip_prefix(server.url()).expect("an address of this server").to_owned()
}

/// The faults of a problem: pointer, code, what was found.
fn errors(answer: &Answer) -> Vec<String> {
    let problem = answer.json();
    let errors = problem["errors"].as_array().unwrap_or_else(|| panic!("no errors: {problem}"));
    let one = |error: &Json| {
        format!("{} {} {}", text(&error["pointer"]), text(&error["code"]), text(&error["found"]))
    };
    errors.iter().map(one).collect()
}

fn properties(answer: &Answer) -> Json {
    answer.json()["properties"].take()
}

fn ids(told: &Json) -> Vec<String> {
    let edits = told["edits"].as_array().expect("edits").iter();
    edits.map(|edit| text(&edit["id"]).to_owned()).collect()
}

fn transaction(edits: &[Json]) -> String {
    json!({ "edits": edits }).to_string()
}
