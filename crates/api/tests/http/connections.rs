//! What a client may do with a connection, and how the server ends.

use super::*;

fn limits() -> Limits {
    Limits { header_timeout: SHORT, write_stall_timeout: SHORT, linger: SHORT, ..Limits::default() }
}

#[tokio::test]
async fn a_client_that_sends_no_whole_head_is_let_go() {
    let server = Server::start(limits());
    for start in ["", "GET", "GET /things HTTP/1.1\r\n", "GET /things HTTP/1.1\r\nHost: h\r\nX: y"]
    {
        let mut stream = server.connect().await;
        stream.write_all(start.as_bytes()).await.expect("it reads");
        assert_eq!(read_to_end(&mut stream).await, b"", "{start:?}");
    }
    server.wait_until_all_are_closed().await;
}

#[tokio::test]
async fn a_head_that_drips_is_let_go_as_well() {
    let server = Server::start(limits());
    let mut stream = server.connect().await;
    let mut dripped = 0;
    // Each byte comes well within the time; all of them do not.
    while stream.write_all(b"G").await.is_ok() {
        dripped += 1;
        assert!(dripped < 10_000, "the server reads on for ever");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    server.wait_until_all_are_closed().await;
}

#[tokio::test]
async fn an_idle_connection_is_let_go_after_its_answer() {
    let server = Server::start(limits());
    let mut stream = server.connect().await;
    stream.write_all(b"GET /things HTTP/1.1\r\n\r\n").await.expect("it reads");
    let answer = Answer::parse(&read_to_end(&mut stream).await);
    assert_eq!((&*answer.status, answer.text()), ("200 OK", "things"));
}

#[tokio::test]
async fn an_answer_may_take_longer_than_a_head() {
    let server = Server::start(limits());
    assert_eq!(server.get("/slow").await.text(), "slow");
}

#[tokio::test]
async fn requests_on_one_connection_are_answered_in_their_order() {
    let server = Server::start(Limits::default());
    let mut stream = server.connect().await;
    let requests = "GET /things/1 HTTP/1.1\r\n\r\nGET /nothing HTTP/1.1\r\n\r\n\
                    HEAD /things/2 HTTP/1.1\r\n\r\nOPTIONS /things HTTP/1.1\r\n\r\n\
                    GET /things/3 HTTP/1.1\r\nConnection: close\r\n\r\n";
    stream.write_all(requests.as_bytes()).await.expect("it reads");
    let text = String::from_utf8(read_to_end(&mut stream).await).expect("text");
    let statuses: Vec<&str> = text.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    assert_eq!(statuses, ["200", "404", "200", "200", "200"], "{text}");
    assert!(text.ends_with("\r\n\r\n3"), "{text}");
}

#[tokio::test]
async fn http_1_0_is_answered_and_closed() {
    let server = Server::start(Limits::default());
    let mut stream = server.connect().await;
    stream.write_all(b"GET /things HTTP/1.0\r\n\r\n").await.expect("it reads");
    let answer = Answer::parse(&read_to_end(&mut stream).await);
    assert_eq!((&*answer.status, answer.text()), ("200 OK", "things"));
}

#[tokio::test]
async fn a_client_that_stops_reading_is_let_go_and_its_answer_with_it() {
    let server = Server::start(limits());
    let mut stream = server.connect().await;
    // More than the kernel's buffers hold.
    let request = b"GET /large/50000000 HTTP/1.1\r\n\r\n";
    stream.write_all(request).await.expect("it reads");
    stream.readable().await.expect("an answer begins");
    assert_eq!(server.backlog.waiting_bytes(), 50_000_000);
    server.wait_until_all_are_closed().await;
    assert_eq!(server.backlog.waiting_bytes(), 0);
    let begun = read_to_end(&mut stream).await;
    assert!(begun.starts_with(b"HTTP/1.1 200 OK") && begun.len() < 50_000_000);
}

#[tokio::test]
async fn a_client_that_reads_slowly_gets_everything() {
    let write_stall_timeout = Duration::from_secs(1);
    let server = Server::start(Limits { write_stall_timeout, ..limits() });
    let mut stream = server.connect().await;
    let request = b"GET /large/40000000 HTTP/1.1\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.expect("it reads");
    let mut bytes = vec![0; 1_000_000];
    let mut count = 0;
    loop {
        // All pauses together are longer than the time in which it has to take something.
        tokio::time::sleep(Duration::from_millis(30)).await;
        match stream.read(&mut bytes).await.expect("the connection holds") {
            0 => break,
            read => count += read,
        }
    }
    assert!(count > 40_000_000, "{count} bytes");
}

#[tokio::test]
async fn answers_that_wait_beyond_the_bound_are_refused() {
    let server = Server::start(Limits { waiting_bytes: 1_000_000, ..Limits::default() });
    let answer = server.get("/large/1000001").await;
    assert_eq!(answer.status, "503 Service Unavailable");
    assert_eq!(answer.problem(), "too many answers wait for their clients");
    assert_eq!(server.get("/large/1000000").await.status, "200 OK");
}

#[tokio::test]
async fn too_many_requests_at_a_time_are_told_to_come_back() {
    let server = Server::start(Limits { requests_in_flight: 1, ..Limits::default() });
    let mut first = server.connect().await;
    first.write_all(b"GET /endless HTTP/1.1\r\n\r\n").await.expect("it reads");
    while !server.metrics.text().contains("terrier_http_requests_in_flight 1") {
        tokio::task::yield_now().await;
    }
    let refused = server.get("/things").await;
    assert_eq!(refused.status, "503 Service Unavailable");
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(refused.problem(), "too many requests at this moment");
    assert_eq!(server.get("/health/live").await.text(), "alive");
    assert_eq!(server.get("/metrics").await.status, "200 OK");
    // A client that leaves gives its place back.
    drop(first);
    server.wait_until_all_are_closed().await;
    assert_eq!(server.get("/things").await.status, "200 OK");
}

#[tokio::test]
async fn a_connection_beyond_the_bound_waits_for_its_turn() {
    let server = Server::start(Limits { connections: 1, ..Limits::default() });
    let mut first = server.connect().await;
    let request = b"GET /things HTTP/1.1\r\n\r\n";
    first.write_all(request).await.expect("it reads");
    first.readable().await.expect("an answer");
    let mut second = server.connect().await;
    second.write_all(b"GET /things HTTP/1.1\r\nConnection: close\r\n\r\n").await.expect("sent");
    let waits = timeout(SHORT, second.readable()).await.is_err();
    assert!(waits, "the second connection was served beside the first");
    drop(first);
    assert_eq!(Answer::parse(&read_to_end(&mut second).await).status, "200 OK");
}

#[tokio::test]
async fn a_server_that_stops_finishes_its_answers_and_closes_what_is_idle() {
    let server = Server::start(Limits { linger: SHORT, ..Limits::default() });
    let mut silent = server.connect().await;
    let mut idle = server.connect().await;
    idle.write_all(b"GET /things HTTP/1.1\r\n\r\n").await.expect("it reads");
    idle.readable().await.expect("an answer");
    let mut busy = server.connect().await;
    busy.write_all(b"GET /slow HTTP/1.1\r\n\r\n").await.expect("it reads");
    while !server.metrics.text().contains("terrier_http_requests_in_flight 1") {
        tokio::task::yield_now().await;
    }
    let address = server.address;
    let stopping = tokio::spawn(server.stop());
    assert_eq!(read_to_end(&mut silent).await, b"");
    assert_eq!(Answer::parse(&read_to_end(&mut idle).await).text(), "things");
    let answer = Answer::parse(&read_to_end(&mut busy).await);
    assert_eq!((&*answer.status, answer.text()), ("200 OK", "slow"));
    assert_eq!(answer.header("connection"), "close");
    drop((silent, idle, busy));
    assert_eq!(stopping.await.expect("no panic"), 0);
    TcpStream::connect(address).await.expect_err("nobody listens any more");
}

#[tokio::test]
async fn a_server_that_stops_cuts_what_does_not_end() {
    let server = Server::start(Limits { drain: SHORT, ..Limits::default() });
    let mut stuck = server.connect().await;
    stuck.write_all(b"GET /endless HTTP/1.1\r\n\r\n").await.expect("it reads");
    while !server.metrics.text().contains("terrier_http_requests_in_flight 1") {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.stop().await, 1);
    assert_eq!(read_to_end(&mut stuck).await, b"");
}
