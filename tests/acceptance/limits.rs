//! What a client may not do, how it is told so, and that nobody else notices.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use crate::program::{PATIENCE, Server, district, folder};

/// An answer as it came over the wire.
struct Raw(String);

impl Raw {
    fn status(&self) -> &str {
        let line = self.0.lines().next().unwrap_or_default();
        line.strip_prefix("HTTP/1.1 ").unwrap_or_default()
    }

    fn header(&self, name: &str) -> &str {
        let head = self.0.split("\r\n\r\n").next().unwrap_or_default();
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        lines
            .into_iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map_or("", |(_, value)| value)
    }

    /// The detail of the problem that it is.
    fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.0);
        let body = self.0.split_once("\r\n\r\n").expect("a body").1;
        let problem: serde_json::Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(problem["status"].to_string(), self.status()[..3], "{problem}");
        problem["detail"].as_str().expect("a detail").to_owned()
    }
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address()).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    stream
}

/// Reads until the server ends the connection, in whichever way.
fn read_to_end(stream: &mut TcpStream) -> Raw {
    let mut bytes = Vec::new();
    if let Err(error) = stream.read_to_end(&mut bytes) {
        let waited =
            matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut);
        assert!(!waited, "the server does not end the connection");
    }
    Raw(String::from_utf8_lossy(&bytes).into_owned())
}

/// Sends a request on a connection of its own, which the server is to end, and reads what comes.
fn send(server: &Server, request: &str) -> Raw {
    let request = request.replacen("\r\n", "\r\nHost: h\r\nConnection: close\r\n", 1);
    let mut stream = connect(server);
    // The server may have heard enough before we are done.
    let _ = stream.write_all(request.as_bytes());
    read_to_end(&mut stream)
}

/// Sends bytes, and that no more will come.
fn throw(server: &Server, bytes: &[u8]) -> Raw {
    let mut stream = connect(server);
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    read_to_end(&mut stream)
}

/// Checks what a request line with headers is told.
fn check(request: &str, status: &str, expected: &str) -> Raw {
    let answer = send(district(), request);
    let shown: String = request.chars().take(100).collect();
    assert_eq!(answer.status(), status, "{shown}");
    assert_eq!(answer.problem(), expected, "{shown}");
    answer
}

#[test]
fn an_address_may_have_8_kib() {
    let path = |bytes: usize| format!("/collections/{}", "x".repeat(bytes - "/collections/".len()));
    assert_eq!(district().get(&path(8192)).status, 404);
    let request = |path: &str| format!("GET {path} HTTP/1.1\r\n\r\n");
    let told = "an address may have at most 8192 bytes";
    check(&request(&path(8193)), "414 URI Too Long", told);
    let query = format!("/collections?{}", "y".repeat(8192));
    check(&request(&query), "414 URI Too Long", told);
}

#[test]
fn a_request_may_have_64_headers_of_16_kib() {
    let with = |headers: String| format!("GET /collections HTTP/1.1\r\n{headers}\r\n");
    let told = "a request may have 64 headers of 16384 bytes in all";
    let status = "431 Request Header Fields Too Large";
    // The two more are `Host` and `Connection`.
    let good = send(district(), &with("X: y\r\n".repeat(62)));
    assert_eq!(good.status(), "200 OK");
    check(&with("X: y\r\n".repeat(63)), status, told);
    check(&with(format!("X: {}\r\n", "y".repeat(16_384))), status, told);
    // Beyond what a head may have, nobody reads on, and the answer has no words.
    let huge = with(format!("X: {}\r\n", "y".repeat(200_000)));
    let answer = send(district(), &huge);
    assert!(answer.status().is_empty() || answer.status() == status, "{}", answer.0);
    assert_eq!(district().get("/health/live").status, 200);
}

#[test]
fn an_unknown_path_is_404_and_another_method_405_with_what_is_allowed() {
    for path in [
        "/nothing",
        "/collections/gas_pipes/tiles",
        "/api.html",
        "/favicon.ico",
        "/../etc/passwd",
        "/.env",
    ] {
        let request = |method: &str| format!("{method} {path} HTTP/1.1\r\n\r\n");
        let told = format!("there is nothing at `{path}`");
        for method in ["GET", "POST", "OPTIONS"] {
            check(&request(method), "404 Not Found", &told);
        }
    }
    let id = "018cc251-fe21-7a13-abb8-8f1ba8a7c7fb";
    for path in [
        "/",
        "/conformance",
        "/functions",
        "/style.css",
        "/api",
        "/collections",
        "/collections/gas_pipes",
        "/collections/gas_pipes/schema",
        "/collections/gas_pipes/feature-schema",
        "/collections/gas_pipes/queryables",
        "/collections/gas_pipes/sortables",
        "/collections/gas_pipes/queryables/material/values",
        "/collections/assets/items",
        "/collections/due/items",
        &format!("/collections/gas_pipes/items/{id}/history"),
        "/health/live",
        "/health/ready",
        "/metrics",
    ] {
        for method in ["POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"] {
            let request = format!("{method} {path} HTTP/1.1\r\n\r\n");
            let told = "allowed here: GET, HEAD, OPTIONS";
            let answer = check(&request, "405 Method Not Allowed", told);
            assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS");
        }
    }
}

#[test]
fn what_a_client_says_is_repeated_in_part_and_as_text() {
    let script = "%3Cscript%3Ealert(1)%3C/script%3E";
    for path in [
        format!("/{script}"),
        format!("/collections/{script}"),
        format!("/collections/gas_pipes/items/{script}"),
        format!("/collections/gas_pipes/items?{script}=1"),
        format!("/collections/gas_pipes/items?limit={script}"),
        format!("/?f={script}"),
        format!("/?{script}"),
    ] {
        let answer = district().ask("GET", &path, &[("Accept", "text/html")]);
        assert!(matches!(answer.status, 400 | 404 | 406), "{path}");
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(!answer.text().contains("<script"), "{path}: {}", answer.text());
        let document = district().get(&path);
        assert_eq!(document.status, answer.status, "{path}");
        assert_eq!(document.header("content-type"), Some("application/problem+json"), "{path}");
        assert_eq!(document.header("x-content-type-options"), Some("nosniff"), "{path}");
    }
    let page = district().get(&format!("/?f=html&{script}"));
    assert_eq!(page.status, 400);
    for long in ["y".repeat(7000), "%E7%AE%A1".repeat(800), "%22".repeat(2000)] {
        for path in [
            format!("/{long}"),
            format!("/collections/{long}"),
            format!("/collections/gas_pipes/items/{long}"),
            format!("/collections/gas_pipes/items?{long}=1"),
            format!("/collections/gas_pipes/items?limit={long}"),
            format!("/collections/gas_pipes/items?bbox={long}"),
            format!("/collections/gas_pipes/items?datetime={long}"),
            format!("/collections/gas_pipes/items?diameter_mm={long}"),
            format!("/collections/gas_pipes/items?token={long}"),
            format!("/collections?f={long}"),
        ] {
            let answer = district().get(&path);
            assert!(matches!(answer.status, 400 | 404), "{} {:.60}", answer.status, path);
            assert!(!answer.problem().is_empty());
            assert!(answer.body.len() < 1200, "{} bytes for {path:.60}", answer.body.len());
        }
    }
    let long = "y".repeat(8000);
    let answer = district().ask("GET", "/", &[("Accept", &format!("image/{long}"))]);
    assert!(answer.status == 406 && answer.body.len() < 1200, "{}", answer.text());
}

#[test]
fn a_request_may_have_256_parameters() {
    let query: Vec<String> = (0..257).map(|number| format!("p{number}=")).collect();
    let answer = district().get(&format!("/collections/gas_pipes/items?{}", query.join("&")));
    assert_eq!(
        (answer.status, &*answer.problem()),
        (400, "a request may have at most 256 parameters")
    );
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let problem = |path: &str| {
        let answer = district().get(path);
        assert_eq!(answer.status, 400, "{path}");
        answer.problem()
    };
    let items = "/collections/gas_pipes/items";
    assert_eq!(problem(&format!("{items}?road=%FF")), "parameter `road`: its value is no UTF-8");
    assert_eq!(problem(&format!("{items}?%FF=1")), "parameter `%FF`: its name is no UTF-8");
    assert_eq!(
        problem(&format!("{items}?road=%ED%A0%80")),
        "parameter `road`: its value is no UTF-8"
    );
    problem("/collections/%FF");
    // A zero byte is text, and no asset has it.
    assert_eq!(district().json(&format!("{items}?road=%00"))["numberMatched"], 0);
}

#[test]
fn garbage_on_the_socket_ends_that_connection_and_no_other() {
    let folder = folder();
    let server = Server::start(folder.path(), &[]);
    let mut state = 1_u64;
    let mut random = |length: usize| -> Vec<u8> {
        let step = |_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        (0..length).map(step).collect()
    };
    let mut garbage: Vec<Vec<u8>> = (0..200).map(|round| random(1 + round * 7)).collect();
    garbage.extend([
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        b"GET / HTTP/9.9\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_vec(),
        b"GET /?a=\"<b>\" HTTP/1.1\r\n\r\n".to_vec(),
        b"GET http://:99999/ HTTP/1.1\r\n\r\n".to_vec(),
        b"GET \xff\xfe HTTP/1.1\r\n\r\n".to_vec(),
        b"\r\n\r\n\r\n\r\n".to_vec(),
        vec![0; 100_000],
        vec![b'A'; 100_000],
    ]);
    for bytes in &garbage {
        let answer = throw(&server, bytes);
        assert!(!answer.status().starts_with('5'), "{bytes:?}: {}", answer.0);
    }
    assert_eq!(server.get("/health/live").status, 200);
}

#[test]
fn a_client_that_is_slow_or_silent_is_let_go() {
    let starts: [&[u8]; 5] = [
        b"",
        b"GET /coll",
        b"GET /collections HTTP/1.1\r\nHost: h\r\nX-Half: ",
        b"GET /collections HTTP/1.1\r\nHost: h\r\n",
        // An answer, and then nothing more.
        b"GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n",
    ];
    let mut streams: Vec<TcpStream> = starts
        .map(|start| {
            let mut stream = connect(district());
            stream.write_all(start).expect("it reads");
            stream
        })
        .into();
    // One more goes on for as long as it may, a letter at a time.
    let mut dripping = connect(district());
    let mut dripped = 0;
    while dripping.write_all(b"G").is_ok() {
        dripped += 1;
        assert!(dripped < 3000, "the server reads on for ever");
        std::thread::sleep(Duration::from_millis(20));
    }
    let answers: Vec<Raw> = streams.iter_mut().map(read_to_end).collect();
    let statuses: Vec<&str> = answers.iter().map(Raw::status).collect();
    assert_eq!(statuses, ["", "", "", "", "200 OK"]);
    assert_eq!(district().get("/health/live").status, 200);
}

#[test]
fn a_body_that_nobody_wants_does_not_keep_the_client_from_its_answer() {
    let body = "z".repeat(200_000);
    let head = format!("Content-Length: {}\r\n\r\n", body.len());
    let get = send(district(), &format!("GET /collections HTTP/1.1\r\n{head}{body}"));
    assert_eq!(get.status(), "200 OK");
    let post = send(district(), &format!("POST /collections HTTP/1.1\r\n{head}{body}"));
    assert_eq!(
        (post.status(), &*post.problem()),
        ("405 Method Not Allowed", "allowed here: GET, HEAD, OPTIONS")
    );
}
