//! `terrier conformance --edit`: our server keeps Part 4, and every assertion of it can fail.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::{assertion, conformance, with_verdict};
use crate::program::{Server, folder, list, terrier, text};

/// A registry of its own, in which the judge may write.
struct Edited {
    _folder: TempDir,
    server: Server,
    key: String,
}

impl Edited {
    fn new() -> Self {
        let parent = folder();
        let folder = parent.path().join("district");
        terrier(&folder, &["demo", "--assets", "500", "--seed", "7"]).expect_done();
        let made = terrier(&folder, &["key", "create", "--administrator"]).expect_done();
        let server = Server::start(&folder, &["--today", "2026-07-01"]);
        Self { _folder: parent, server, key: made.stdout.trim_end().to_owned() }
    }

    /// The report on a server that stands for this one, and the exit code.
    fn judged(&self, url: &str, more: &[&str]) -> (Json, Option<i32>) {
        let fixed = [url, "--json", "--class", "edit", "--key", &self.key];
        let done = conformance(&[&fixed, more].concat());
        assert_eq!(done.stderr, "", "{done:?}");
        (done.json(), done.code)
    }
}

#[test]
fn our_server_keeps_part_4_and_has_nothing_of_the_judge_left() {
    let edited = Edited::new();
    for collection in ["light_poles", "gas_pipes", "pocket_parks"] {
        let path = format!("/collections/{collection}/items?limit=1");
        let before = edited.server.json(&path)["numberMatched"].clone();
        let (report, code) = edited.judged(edited.server.url(), &["--edit", collection]);
        let broken: Vec<&Json> = list(&report["assertions"])
            .iter()
            .filter(|assertion| assertion["verdict"] != "kept")
            .collect();
        assert!(broken.is_empty(), "{collection}: {broken:#?}");
        assert_eq!((code, &report["kept"]), (Some(0), &json!(12)));
        assert_eq!(edited.server.json(&path)["numberMatched"], before);
    }
}

#[test]
fn nothing_is_written_unless_it_is_wished() {
    let edited = Edited::new();
    let changes = || edited.server.json("/change-sets")["changeSets"].clone();
    let before = changes();
    let (report, code) = edited.judged(edited.server.url(), &["--class", "error"]);
    assert_eq!((code, with_verdict(&report, "kept").len()), (Some(0), 4));
    assert_eq!(changes(), before);
    let words = [edited.server.url(), "--class", "edit", "--edit", "trees"];
    let done = conformance(&words);
    assert_eq!(done.code, Some(2), "{done:?}");
    assert!(done.stderr.contains("has no collection `trees`"), "{done:?}");
}

#[test]
fn who_may_not_write_is_told_what_came_instead() {
    let edited = Edited::new();
    let done = conformance(&[edited.server.url(), "--class", "edit", "--edit", "light_poles"]);
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.stdout.contains("           POST http://"), "{}", done.stdout);
    assert!(done.stdout.contains("found 401 application/problem+json: \"a key is wanted"));
}

#[test]
fn for_every_assertion_of_part_4_there_is_an_answer_that_breaks_it() {
    let edited = Arc::new(Edited::new());
    let (whole, _) = edited.judged(edited.server.url(), &["--edit", "light_poles"]);
    let known = list(&whole["assertions"]).iter().map(|one| text(&one["id"]));
    let told: Vec<&str> = BROKEN.iter().map(|(id, _)| *id).collect();
    assert_eq!(known.collect::<Vec<_>>(), told);
    for (id, change) in BROKEN {
        let double = start(&edited, *change);
        let (report, code) = edited.judged(&double, &["--edit", "light_poles"]);
        assert_eq!(code, Some(1), "{id}");
        assert_eq!(assertion(&report, id)["verdict"], "broken", "{id}: {report:#}");
    }
}

/// What was asked of the double.
struct Asked {
    method: String,
    path: String,
    form: String,
    body: Vec<u8>,
    has_seen: bool,
}

/// What the double answers.
struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Reply {
    fn drop_header(&mut self, name: &str) {
        self.headers.retain(|(other, _)| other != name);
    }

    fn edit(&mut self, change: impl FnOnce(&mut Json)) {
        let mut document = serde_json::from_slice(&self.body).expect("a document");
        change(&mut document);
        self.body = document.to_string().into_bytes();
    }
}

/// How the double answers otherwise than the server.
type Change = fn(&Asked, &mut Reply);

fn is_of_nobody(asked: &Asked) -> bool {
    asked.path.ends_with("/00000000-0000-4000-8000-000000000000")
}

fn is_item(asked: &Asked, method: &str) -> bool {
    asked.method == method && asked.path.contains("/items/") && !is_of_nobody(asked)
}

/// For each assertion, in the order of the report, answers that break it.
const BROKEN: &[(&str, Change)] = &[
    ("edit/methods", |asked, reply| {
        if asked.method == "OPTIONS" {
            reply.drop_header("allow");
        }
    }),
    ("edit/malformed", |asked, reply| {
        if asked.method == "POST" && asked.body.len() < 20 {
            reply.status = 500;
        }
    }),
    ("edit/create", |asked, reply| {
        if asked.method == "POST" && reply.status == 201 {
            reply.status = 200;
        }
    }),
    ("edit/created", |asked, reply| {
        if is_item(asked, "GET") && reply.status == 200 {
            reply.edit(|feature| feature["geometry"]["coordinates"] = json!([0, 0]));
        }
    }),
    ("edit/replace", |asked, reply| {
        if is_item(asked, "PUT") && reply.status < 300 {
            reply.status = 202;
        }
    }),
    ("edit/replace-missing", |asked, reply| {
        if asked.method == "PUT" && is_of_nobody(asked) {
            reply.status = 201;
        }
    }),
    ("edit/update", |asked, reply| {
        if is_item(asked, "PATCH") && reply.status < 300 {
            reply.status = 202;
        }
    }),
    ("edit/update-type", |asked, reply| {
        if is_item(asked, "PATCH") && asked.form == "text/plain" {
            reply.status = 400;
        }
    }),
    ("edit/tags", |_, reply| {
        for (name, value) in &mut reply.headers {
            if name == "etag" {
                value.insert_str(0, "W/");
            }
        }
    }),
    ("edit/stale", |asked, reply| {
        if is_item(asked, "DELETE") && asked.has_seen {
            reply.status = 409;
        }
    }),
    ("edit/delete", |asked, reply| {
        if is_item(asked, "GET") && reply.status == 410 {
            reply.status = 200;
        }
    }),
    ("edit/delete-missing", |asked, reply| {
        if is_item(asked, "DELETE") && !asked.has_seen {
            reply.status = 204;
        }
    }),
];

/// Starts a double, which lives as long as the tests; answers its address.
fn start(edited: &Arc<Edited>, change: Change) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (edited, own) = (Arc::clone(edited), url.clone());
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            serve(&stream, &own, &edited.server, change);
        }
    });
    url
}

/// Answers one request; who asks opens another connection for the next.
fn serve(mut stream: &TcpStream, own: &str, server: &Server, change: Change) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut lines = reader.by_ref().lines().map_while(Result::ok);
    let first = lines.next()?;
    let (method, path) = first.split_once(' ').map(|(method, rest)| {
        (method.to_owned(), rest.split(' ').next().unwrap_or_default().to_owned())
    })?;
    let headers: Vec<(String, String)> = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            let (name, value) = line.split_once(": ")?;
            Some((name.to_ascii_lowercase(), value.to_owned()))
        })
        .collect();
    let header = |name: &str| {
        headers.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value.as_str())
    };
    let mut body = vec![0; header("content-length").parse().unwrap_or_default()];
    reader.read_exact(&mut body).ok()?;
    let kept = ["accept", "authorization", "content-type", "if-match"];
    let sent: Vec<(&str, &str)> = headers
        .iter()
        .filter(|(name, _)| kept.contains(&&**name))
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let answer = server.send(&method, &path, &sent, &body);
    let here = |text: &str| text.replace(server.url(), own);
    let kept = ["content-type", "location", "etag", "allow"];
    let told = answer.headers().iter().filter(|(name, _)| kept.contains(&&**name));
    let mut reply = Reply {
        status: answer.status,
        headers: told.map(|(name, value)| (name.clone(), here(value))).collect(),
        body: here(&answer.text()).into_bytes(),
    };
    let (form, has_seen) = (header("content-type").to_owned(), !header("if-match").is_empty());
    change(&Asked { method, path, form, body, has_seen }, &mut reply);
    let mut head = format!("HTTP/1.1 {} Told\r\nconnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    if reply.status != 204 {
        head.extend(["content-length: ", &reply.body.len().to_string(), "\r\n"]);
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).ok()?;
    if reply.status != 204 {
        stream.write_all(&reply.body).ok()?;
    }
    Some(())
}
