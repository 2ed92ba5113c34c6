//! What stands in the answers.

use super::*;

#[tokio::test]
async fn what_there_is_not_is_told_as_a_problem() {
    let server = Server::start(Limits::default());
    let check = async |request: &str, status: &str, detail: &str| {
        let answer = server.ask(&format!("{request} HTTP/1.1\r\n\r\n")).await;
        assert_eq!((&*answer.status, &*answer.problem()), (status, detail), "{request}");
    };
    check("GET /nothing", "404 Not Found", "there is nothing at `/nothing`").await;
    check("GET /%22%3C", "404 Not Found", "there is nothing at `/%22%3C`").await;
    check("OPTIONS /nothing", "404 Not Found", "there is nothing at `/nothing`").await;
    check("OPTIONS *", "404 Not Found", "there is nothing at `*`").await;
    check("POST /things", "405 Method Not Allowed", "allowed here: GET, HEAD, OPTIONS").await;
    check("TRACE /things", "405 Method Not Allowed", "allowed here: GET, HEAD, OPTIONS").await;
    check("WHATEVER /things", "405 Method Not Allowed", "allowed here: GET, HEAD, OPTIONS").await;
    check("GET /numbers/many", "400 Bad Request", "bad request").await;
    check("GET /things/%FF", "400 Bad Request", "bad request").await;
    let refused = server.ask("POST /things HTTP/1.1\r\n\r\n").await;
    assert_eq!(refused.header("allow"), "GET, HEAD, OPTIONS");
}

#[tokio::test]
async fn a_final_slash_is_served_without_redirect() {
    let server = Server::start(Limits::default());
    let check = async |path: &str, expected: &str| {
        let answer = server.get(path).await;
        assert_eq!((&*answer.status, answer.text()), ("200 OK", expected), "{path}");
    };
    check("/", "root").await;
    check("//", "root").await;
    check("/things", "things").await;
    check("/things/", "things").await;
    check("/things/?f=json", "things").await;
    check("/things/a/", "a").await;
    check("/things/a%2Fb", "a/b").await;
    check("http://elsewhere/things/", "things").await;
}

#[tokio::test]
async fn head_answers_like_get_without_the_body() {
    let server = Server::start(Limits::default());
    for path in ["/things", "/weak/5000", "/page", "/nothing", "/large/70000"] {
        for coding in ["identity", "gzip"] {
            let rest = format!("{path} HTTP/1.1\r\nAccept-Encoding: {coding}\r\n\r\n");
            let get = server.ask(&format!("GET {rest}")).await;
            let head = server.ask(&format!("HEAD {rest}")).await;
            let stable = |answer: &Answer| {
                let mut headers = answer.headers.clone();
                // A compressed body is sent in chunks, and a HEAD has none to send.
                headers.retain(|(name, _)| name != "date" && name != "transfer-encoding");
                (answer.status.clone(), headers)
            };
            assert_eq!(stable(&get), stable(&head), "{path} {coding}");
            assert!(head.body.is_empty() && !get.body.is_empty(), "{path} {coding}");
        }
    }
}

#[tokio::test]
async fn options_tell_what_may_be_done() {
    let server = Server::start(Limits::default());
    let plain = server.ask("OPTIONS /things/unknown HTTP/1.1\r\n\r\n").await;
    assert_eq!((&*plain.status, plain.header("allow")), ("200 OK", "GET, HEAD, OPTIONS"));
    assert_eq!(plain.header("access-control-allow-methods"), "");
    let origin = server.ask("OPTIONS /things HTTP/1.1\r\nOrigin: http://a\r\n\r\n").await;
    assert_eq!((&*origin.status, origin.header("allow")), ("200 OK", "GET, HEAD, OPTIONS"));
    let preflight = server
        .ask(
            "OPTIONS /things HTTP/1.1\r\nOrigin: http://a\r\n\
             Access-Control-Request-Method: GET\r\n\r\n",
        )
        .await;
    assert_eq!(preflight.status, "204 No Content");
    assert_eq!(preflight.header("access-control-allow-origin"), "*");
    assert_eq!(preflight.header("access-control-allow-methods"), "GET, HEAD, OPTIONS");
    assert_eq!(preflight.header("access-control-max-age"), "86400");
    assert!(preflight.header("access-control-allow-headers").contains("If-None-Match"));
}

#[tokio::test]
async fn every_answer_is_open_to_scripts_and_says_on_what_it_depends() {
    let server = Server::start(Limits::default());
    for path in ["/things", "/nothing", "/panic", "/strong/9", "/page", "/metrics"] {
        let answer = server.get(path).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert!(answer.header("access-control-expose-headers").contains("ETag"), "{path}");
        assert_eq!(answer.header("vary"), "Accept, Accept-Encoding, Authorization", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        let policy = answer.header("content-security-policy");
        assert_eq!(policy.contains("default-src 'none'"), path == "/page", "{path}");
    }
}

#[tokio::test]
async fn names_of_headers_have_capitals() {
    let server = Server::start(Limits::default());
    let mut stream = server.connect().await;
    let request = b"GET /weak/5 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.expect("it reads");
    let answer = String::from_utf8(read_to_end(&mut stream).await).expect("a text");
    // By these QGIS finds `Location`.
    assert!(answer.contains("\r\nContent-Type: application/json\r\n"), "{answer}");
}

#[tokio::test]
async fn who_has_the_newest_state_gets_304() {
    let server = Server::start(Limits::default());
    for (path, tag) in [("/weak/5000", "W/\"7-a\""), ("/strong/5000", "\"7-a\"")] {
        let first = server.get(path).await;
        assert_eq!((&*first.status, first.header("etag")), ("200 OK", tag));
        let request =
            format!("GET {path} HTTP/1.1\r\nIf-None-Match: {tag}\r\nAccept-Encoding: gzip\r\n\r\n");
        let again = server.ask(&request).await;
        assert_eq!((&*again.status, again.body.len()), ("304 Not Modified", 0));
        for header in ["etag", "vary", "cache-control", "access-control-allow-origin"] {
            assert_eq!(again.header(header), first.header(header), "{header}");
        }
        assert_eq!(again.header("content-encoding"), "");
    }
}

#[tokio::test]
async fn lists_are_compressed_for_those_who_ask_and_single_items_never() {
    let server = Server::start(Limits::default());
    let check = async |path: &str, accept: &str, expected: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nAccept-Encoding: {accept}\r\n\r\n");
        let answer = server.ask(&request).await;
        assert_eq!(answer.status, "200 OK", "{path} {accept}");
        assert_eq!(answer.header("content-encoding"), expected, "{path} {accept}");
        let bytes: usize = path.split('/').next_back().expect("a size").parse().expect("a size");
        assert_eq!(answer.body.len() == bytes, expected.is_empty(), "{path} {accept}");
        assert_eq!(answer.header("vary"), "Accept, Accept-Encoding, Authorization");
    };
    check("/weak/5000", "gzip", "gzip").await;
    check("/weak/5000", "br", "br").await;
    check("/weak/5000", "zstd", "zstd").await;
    check("/weak/5000", "gzip, deflate, br, zstd", "zstd").await;
    check("/weak/5000", "gzip;q=1, zstd;q=0.1", "gzip").await;
    check("/weak/5000", "*", "zstd").await;
    check("/weak/5000", "identity", "").await;
    check("/weak/5000", "deflate, identity;q=0", "").await;
    check("/weak/5000", "gzip;q=.5, identity;q=0", "").await;
    check("/weak/1023", "gzip", "").await;
    check("/weak/1024", "gzip", "gzip").await;
    check("/strong/5000", "gzip", "").await;
    check("/large/70000", "gzip", "gzip").await;
}

#[tokio::test]
async fn a_panic_is_one_500_without_details_and_nobody_else_notices() {
    let server = Server::start(Limits::default());
    for _ in 0..3 {
        let answer = server.get("/panic").await;
        assert_eq!(answer.status, "500 Internal Server Error");
        assert_eq!(answer.problem(), "the server failed; its log says why");
    }
    assert_eq!(server.get("/things").await.status, "200 OK");
    let counted = "terrier_http_requests_total{route=\"/panic\",method=\"GET\",status=\"500\"} 3";
    assert!(server.metrics.text().contains(counted), "{}", server.metrics.text());
    assert!(server.metrics.text().contains("terrier_http_requests_in_flight 0"));
}

#[tokio::test]
async fn an_address_and_headers_have_bounds() {
    let server = Server::start(Limits::default());
    let path = |bytes: usize| format!("/things/{}", "x".repeat(bytes - "/things/".len()));
    assert_eq!(server.get(&path(8192)).await.status, "200 OK");
    let long = server.get(&path(8193)).await;
    assert_eq!(long.status, "414 URI Too Long");
    assert_eq!(long.problem(), "an address may have at most 8192 bytes");

    // Host and Connection are two more.
    let headers = |count: usize| "X: y\r\n".repeat(count - 2);
    let with = |headers: String| format!("GET /things HTTP/1.1\r\n{headers}\r\n");
    assert_eq!(server.ask(&with(headers(64))).await.status, "200 OK");
    let many = server.ask(&with(headers(65))).await;
    assert_eq!(many.status, "431 Request Header Fields Too Large");
    assert_eq!(many.problem(), "a request may have 64 headers of 16384 bytes in all");

    let big = |bytes: usize| format!("X: {}\r\n", "y".repeat(bytes));
    assert_eq!(server.ask(&with(big(16_000))).await.status, "200 OK");
    assert!(server.ask(&with(big(17_000))).await.problem().contains("16384"));
    // Beyond the bound of a whole head nobody reads on, and hyper says so in its own way.
    let huge = server.ask(&with(big(100_000))).await;
    assert_eq!(huge.status, "431 Request Header Fields Too Large");
}

#[tokio::test]
async fn a_body_that_nobody_wants_does_not_keep_the_client_from_the_answer() {
    let server = Server::start(Limits::default());
    let body = "z".repeat(200_000);
    let head = format!("Content-Length: {}\r\n\r\n", body.len());
    let answer = server.ask(&format!("GET /things HTTP/1.1\r\n{head}{body}")).await;
    assert_eq!((&*answer.status, answer.text()), ("200 OK", "things"));
    let answer = server.ask(&format!("POST /things HTTP/1.1\r\n{head}{body}")).await;
    assert_eq!(answer.status, "405 Method Not Allowed");
    // Announced, and never sent.
    let answer = server.ask(&format!("GET /things HTTP/1.1\r\n{head}")).await;
    assert_eq!(answer.status, "200 OK");
}

#[tokio::test]
async fn what_is_no_http_ends_with_400_and_nothing_worse() {
    let server = Server::start(Limits::default());
    for text in [
        "\x16\x03\x01\x02\0\x01\0\x01\u{fc}\x03\x03\r\n\r\n",
        "GET /?a=<b> HTTP/1.1\r\n\r\n",
        "GET /a b HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "GET / HTTP/1.1\r\n: x\r\n\r\n",
        "GET\r\n\r\n",
    ] {
        let mut stream = server.connect().await;
        stream.write_all(text.as_bytes()).await.expect("it reads");
        let answer = Answer::parse(&read_to_end(&mut stream).await);
        assert_eq!(answer.status, "400 Bad Request", "{text:?}");
    }
    // HTTP/2 without being asked; hyper says nothing to that.
    let mut stream = server.connect().await;
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.expect("it reads");
    assert_eq!(read_to_end(&mut stream).await, b"");
    let mut stream = server.connect().await;
    stream.write_all(b"CONNECT elsewhere:80 HTTP/1.1\r\n\r\n").await.expect("it reads");
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.expect("an answer");
    assert_eq!(&start, b"HTTP/1.1 404");
    assert_eq!(server.get("/things").await.status, "200 OK");
}

#[tokio::test]
async fn requests_are_counted_by_the_template_of_their_route() {
    let server = Server::start(Limits::default());
    server.get("/things/a").await;
    server.get("/things/b").await;
    server.get("/secret-path").await;
    server.ask("HEAD /things/c HTTP/1.1\r\n\r\n").await;
    let answer = server.get("/metrics").await;
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    let text = answer.text();
    for line in [
        "terrier_http_requests_total{route=\"/things/{id}\",method=\"GET\",status=\"200\"} 2",
        "terrier_http_requests_total{route=\"/things/{id}\",method=\"HEAD\",status=\"200\"} 1",
        "terrier_http_requests_total{route=\"unmatched\",method=\"GET\",status=\"404\"} 1",
        "terrier_http_request_duration_seconds_count{route=\"/things/{id}\"} 3",
        "terrier_http_requests_in_flight 1",
        "terrier_http_connections 1",
    ] {
        assert!(text.contains(line), "`{line}` is not in\n{text}");
    }
    assert!(!text.contains("secret-path"), "{text}");
    assert!(!text.contains("\nbytes_sent_total 0\n"), "{text}");
}
