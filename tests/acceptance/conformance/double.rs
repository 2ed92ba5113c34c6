//! A double of the district's server below `/ogc`, which answers as that one does but for a change.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Mutex, OnceLock};

use serde_json::Value as Json;

use crate::program::district;

/// What the double answers to a path, with a function that asks the district.
pub(super) type Answerer = fn(&str, &dyn Fn(&str) -> Reply) -> Reply;

/// An answer on its way.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) version: &'static str,
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Reply {
    /// Changes the document that the body is, if it is one.
    pub(super) fn edit(&mut self, change: impl FnOnce(&mut Json)) {
        if let Ok(mut document) = serde_json::from_slice(&self.body) {
            change(&mut document);
            self.body = document.to_string().into_bytes();
        }
    }

    /// A document of this media type.
    pub(super) fn of(form: &str, document: &Json) -> Self {
        let headers = vec![("content-type".to_owned(), form.to_owned())];
        Self { version: "1.1", status: 200, headers, body: document.to_string().into_bytes() }
    }
}

/// The double, which lives as long as the tests.
pub(super) struct Double {
    url: String,
}

impl Double {
    pub(super) fn start(answerer: Answerer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/ogc", listener.local_addr().expect("an address"));
        let own = url.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let own = own.clone();
                std::thread::spawn(move || serve(&stream, &own, answerer));
            }
        });
        Self { url }
    }

    /// The address of its first page.
    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

/// Answers one request; who asks opens another connection for the next.
fn serve(mut stream: &TcpStream, own: &str, answerer: Answerer) -> Option<()> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let target = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let accept = headers.iter().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("accept").then(|| value.to_owned())
    })?;
    let path = target.strip_prefix("/ogc")?;
    let path = if path.is_empty() { "/" } else { path };
    let ask = |path: &str| asked(path, &accept, own);
    let Reply { version, status, headers, body } = if target == "/ogc" {
        answerer("", &|_| asked("/", &accept, own))
    } else {
        answerer(path, &ask)
    };
    let mut head = format!("HTTP/{version} {status} Told\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.extend([&name, ": ", &value, "\r\n"]);
    }
    head.extend(["content-length: ", &body.len().to_string(), "\r\n\r\n"]);
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(&body).ok()
}

/// What the district answers, with its addresses turned into those of the double.
fn asked(path: &str, accept: &str, own: &str) -> Reply {
    static KNOWN: OnceLock<Mutex<HashMap<(String, String), Reply>>> = OnceLock::new();
    let known = KNOWN.get_or_init(Mutex::default);
    let key = (path.to_owned(), accept.to_owned());
    let found = known.lock().expect("nobody panics with it").get(&key).cloned();
    let mut reply = found.unwrap_or_else(|| {
        let answer = district().ask("GET", path, &[("Accept", accept)]);
        let kept = ["content-type", "content-crs"];
        let headers = answer.headers().iter().filter(|(name, _)| kept.contains(&&**name));
        let reply = Reply {
            version: "1.1",
            status: answer.status,
            headers: headers.cloned().collect(),
            body: answer.body.clone(),
        };
        known.lock().expect("nobody panics with it").insert(key, reply.clone());
        reply
    });
    let body = String::from_utf8_lossy(&reply.body).replace(district().url(), own);
    reply.body = body.into_bytes();
    reply
}
