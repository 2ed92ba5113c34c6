//! Files are sent over HTTP to be imported: what is taken, what is refused, and what is told of it.

mod end;
mod limit;
mod sent;
mod sight;

use std::fs;
use std::path::PathBuf;

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::program::{Answer, Server, folder, terrier, text};

/// How long a test waits for the end of an import, as the client says it.
const WAIT: (&str, &str) = ("Prefer", "wait=60");

/// A registry to which files are sent.
struct Taken {
    folder: TempDir,
    server: Server,
}

impl Taken {
    fn new() -> Self {
        let folder = folder();
        let mut server = Server::start(&folder.path().join("registry"), &[]);
        // An import is told to who sent it.
        let key = server.key().to_owned();
        server.ask_with(&key);
        Self { folder, server }
    }

    fn registry(&self) -> PathBuf {
        self.folder.path().join("registry")
    }

    /// Sends a file as the body, and waits for its end.
    fn send(&self, question: &str, body: impl AsRef<[u8]>) -> Answer {
        self.server.send("POST", &format!("/imports?{question}"), &[WAIT], body)
    }

    /// Sends street lights, and waits for the end of the import, which must come to this state.
    fn lights<R: AsRef<str>>(&self, rows: &[R], question: &str) -> Json {
        let lines: Vec<&str> = rows.iter().map(AsRef::as_ref).collect();
        let question = format!("as=light_poles&name=lights.geojsonl{question}");
        let answer = self.send(&question, lines.join("\n"));
        let told = answer.json();
        if answer.status == 200 { told } else { told["import"].clone() }
    }

    /// Sends parts, and waits for the end.
    fn parts(&self, question: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Answer {
        let form = [("Content-Type", "multipart/form-data; boundary=PART"), WAIT];
        self.server.send("POST", &format!("/imports?{question}"), &form, body(parts))
    }

    /// How many features a collection has.
    fn count(&self, collection: &str) -> u64 {
        let page = self.server.json(&format!("/collections/{collection}/items?limit=1"));
        page["numberMatched"].as_u64().expect("a count")
    }

    /// What lies in the folders of imports, each with the name of its folder left out.
    fn left(&self) -> Vec<String> {
        let mut names = Vec::new();
        let Ok(folders) = fs::read_dir(self.registry().join("imports")) else { return names };
        for folder in folders {
            // A folder may go while it is looked at.
            let Ok(files) = fs::read_dir(folder.expect("an entry").path()) else { continue };
            let name = |file: std::io::Result<fs::DirEntry>| file.expect("an entry").file_name();
            names.extend(files.map(|file| name(file).to_string_lossy().into_owned()));
        }
        names.sort();
        names
    }

    /// Starts the server again.
    fn restart(self) -> Self {
        let Self { folder, server } = self;
        let key = server.key().to_owned();
        drop(server);
        let mut server = Server::start(&folder.path().join("registry"), &[]);
        server.ask_with(&key);
        Self { folder, server }
    }

    /// Ends the server, and checks the ledger.
    fn check(self) {
        let registry = self.registry();
        self.server.stop();
        terrier(&registry, &["check"]).expect_done();
    }
}

/// A body of parts: name, name of the file, content.
fn body(parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        let head =
            format!("--PART\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--PART--\r\n");
    body
}

/// The path of an import.
fn path(import: &Json) -> String {
    format!("/imports/{}", text(&import["id"]))
}
