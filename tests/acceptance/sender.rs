//! A registry of a test's own, with the files that somebody sends to it.

use std::path::PathBuf;
use std::process::{Child, Stdio};

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::program::{Done, command, folder, terrier};

/// A registry that is not there before the first file arrives; it goes away with the test.
pub(crate) struct Sender {
    folder: TempDir,
}

impl Sender {
    pub(crate) fn new() -> Self {
        Self { folder: folder() }
    }

    /// The folder of the registry.
    pub(crate) fn registry(&self) -> PathBuf {
        self.folder.path().join("registry")
    }

    /// The path of a file of the sender.
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("the folder has a name in UTF-8").into()
    }

    /// Writes a file and answers its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).expect("a file can be written");
        path
    }

    /// Runs a command on the registry.
    pub(crate) fn run(&self, arguments: &[&str]) -> Done {
        terrier(&self.registry(), arguments)
    }

    /// Imports rows, one a line, as street lights of `lights.geojsonl`.
    pub(crate) fn import<R: AsRef<str>>(&self, rows: &[R], options: &[&str]) -> Done {
        let lines: Vec<&str> = rows.iter().map(AsRef::as_ref).collect();
        let path = self.file("lights.geojsonl", lines.join("\n"));
        self.run(&[&["import", &path, "--as", "light_poles"], options].concat())
    }

    /// Starts an import of street lights whose rows are written to its stdin.
    pub(crate) fn start_import(&self) -> Child {
        let mut command = command();
        command.arg("--data").arg(self.registry());
        command.args(["import", "/dev/stdin", "--as", "light_poles", "--source", "lights"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program starts")
    }

    /// The features of a collection.
    pub(crate) fn export(&self, collection: &str) -> Vec<Json> {
        let done = self.run(&["export", collection]).expect_done();
        done.json()["features"].as_array().expect("a list of features").clone()
    }

    /// The features of a collection by their codes, without what another import gives anew.
    pub(crate) fn content(&self, collection: &str) -> Vec<Json> {
        let mut features = self.export(collection);
        for feature in &mut features {
            feature["id"] = Json::Null;
            feature["properties"]["valid_from"] = Json::Null;
        }
        features.sort_by_key(|feature| feature["properties"]["code"].to_string());
        features
    }

    /// The only feature of a collection whose property `code` is this.
    pub(crate) fn coded(&self, collection: &str, code: &str) -> Json {
        let done = self.run(&["export", collection, &format!("--code={code}")]).expect_done();
        let body = done.json();
        let features = body["features"].as_array().expect("a list of features");
        assert_eq!(features.len(), 1, "{collection} of code {code}");
        features[0].clone()
    }

    /// The versions of an asset.
    pub(crate) fn history(&self, id: &str) -> Vec<Json> {
        self.past(id, "versions")
    }

    /// The events of an asset.
    pub(crate) fn events(&self, id: &str) -> Vec<Json> {
        self.past(id, "events")
    }

    fn past(&self, id: &str, member: &str) -> Vec<Json> {
        let done = self.run(&["history", id, "--json"]).expect_done();
        done.json()[member].as_array().expect("a list").clone()
    }

    /// The number of the last change; the registry must be sound.
    pub(crate) fn last_change(&self) -> u64 {
        let done = self.run(&["check", "--json"]).expect_done();
        done.json()["sequence"].as_u64().expect("a sequence")
    }
}

/// A row that is a street light with this id and these properties, as text of JSON without braces.
pub(crate) fn light(id: &str, properties: &str) -> String {
    light_at("[117.2,39.1]", id, properties)
}

/// The same at a position of one's own.
pub(crate) fn light_at(position: &str, id: &str, properties: &str) -> String {
    format!(
        r#"{{"type":"Feature","id":"{id}","geometry":{{"type":"Point","coordinates":{position}}},"properties":{{{properties}}}}}"#
    )
}

/// So many street lights with keys `k0`, `k1` … and one more property.
pub(crate) fn lights(count: usize, property: &str) -> Vec<String> {
    let row = |number: usize| {
        let position = format!("[{},{}]", 117.2 + number as f64 * 1e-5, 39.1);
        light_at(&position, &format!("k{number}"), &format!(r#""code":"L{number}",{property}"#))
    };
    (0..count).map(row).collect()
}

/// The id of a feature.
pub(crate) fn id(feature: &Json) -> &str {
    feature["id"].as_str().expect("an id")
}
