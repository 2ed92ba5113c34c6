//! The door as a client on the wire meets it: a small router behind the real layers and the real
//! accept loop, asked with bytes.

mod answers;
mod connections;

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Response};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use terrier_api::{Backlog, ETag, Gauges, Limits, Metrics, Problem, bind, layers, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// No test waits longer than this for something that has to happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// Limits that are over soon, for those tests that wait for them.
const SHORT: Duration = Duration::from_millis(200);

#[derive(Clone)]
struct Shared {
    backlog: Backlog,
    metrics: Metrics,
}

/// A server, until it is stopped.
struct Server {
    address: SocketAddr,
    metrics: Metrics,
    backlog: Backlog,
    stop: oneshot::Sender<()>,
    running: JoinHandle<usize>,
}

impl Server {
    fn start(limits: Limits) -> Self {
        let metrics = Metrics::new(Gauges::default);
        let backlog = Backlog::new(&limits);
        let router = routes(Shared { backlog: backlog.clone(), metrics: metrics.clone() });
        let router = layers(router, "", &metrics, &limits);
        let listener = bind(([127, 0, 0, 1], 0).into()).expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (stop, stopped) = oneshot::channel();
        let counts = metrics.clone();
        let running = tokio::spawn(async move {
            let shutdown = async { stopped.await.unwrap_or_default() };
            serve(listener, router, &counts, limits, &[], shutdown).await
        });
        Self { address, metrics, backlog, stop, running }
    }

    /// Stops the server and answers how many connections it had to cut.
    async fn stop(self) -> usize {
        self.stop.send(()).expect("the server runs");
        timeout(PATIENCE, self.running).await.expect("it ends").expect("it does not panic")
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("it listens")
    }

    /// Sends one request on a connection of its own.
    async fn ask(&self, request: &str) -> Answer {
        let request = request.replacen("\r\n", "\r\nHost: h\r\nConnection: close\r\n", 1);
        let mut stream = self.connect().await;
        stream.write_all(request.as_bytes()).await.expect("it reads");
        Answer::parse(&read_to_end(&mut stream).await)
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(&format!("GET {path} HTTP/1.1\r\n\r\n")).await
    }

    /// Waits until no connection is open.
    async fn wait_until_all_are_closed(&self) {
        let closed = async {
            while !self.metrics.text().contains("terrier_http_connections 0") {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, closed).await.expect("every connection ends");
    }
}

/// Reads what comes until the server ends the connection, in whichever way.
async fn read_to_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let ended = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    // A reset after the answer is an end too.
    let _ = ended.expect("the server ends the connection");
    bytes
}

/// An answer, taken apart.
#[derive(Debug)]
struct Answer {
    status: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|part| part == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no head in {}", String::from_utf8_lossy(bytes)));
        let head = String::from_utf8(bytes[..end].to_vec()).expect("a head is text");
        let mut lines = head.split("\r\n");
        let status = lines.next().expect("a status line");
        let headers = lines.filter_map(|line| line.split_once(": "));
        Self {
            status: status.strip_prefix("HTTP/1.").expect("HTTP 1")[2..].to_owned(),
            // However they are written.
            headers: headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect(),
            body: bytes[end + 4..].to_vec(),
        }
    }

    fn header(&self, name: &str) -> &str {
        let mut found = self.headers.iter().filter(|(other, _)| other == name);
        let value = found.next().map_or("", |(_, value)| value);
        assert!(found.next().is_none(), "`{name}` comes twice in {:?}", self.headers);
        value
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a text")
    }

    /// The detail of the problem that the answer is.
    fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem: serde_json::Value = serde_json::from_slice(&self.body).expect("JSON");
        assert_eq!(self.status[..3], problem["status"].to_string(), "{self:?}");
        problem["detail"].as_str().expect("a detail").to_owned()
    }
}

fn routes(shared: Shared) -> Router {
    Router::new()
        .route("/", get(|| async { "root" }))
        .route("/things", get(|| async { "things" }))
        .route("/things/{id}", get(|Path(id): Path<String>| async move { id }))
        .route(
            "/numbers/{number}",
            get(|Path(number): Path<u32>| async move { number.to_string() }),
        )
        .route("/page", get(|| async { Html("<p>page</p>") }))
        .route("/panic", get(panic))
        .route("/endless", get(|| async { std::future::pending::<&str>().await }))
        .route("/slow", get(slow))
        .route("/weak/{bytes}", get(weak))
        .route("/strong/{bytes}", get(strong))
        .route("/large/{bytes}", get(large))
        .route("/health/live", get(|| async { "alive" }))
        .route(
            "/metrics",
            get(|State(shared): State<Shared>| async move { shared.metrics.response() }),
        )
        .with_state(shared)
}

async fn panic() -> &'static str {
    tokio::task::yield_now().await;
    panic!("a secret of the server")
}

async fn slow() -> &'static str {
    tokio::time::sleep(SHORT * 2).await;
    "slow"
}

async fn weak(Path(bytes): Path<usize>, headers: HeaderMap) -> Response<Body> {
    tagged(&ETag::weak("7-a"), bytes, &headers)
}

async fn strong(Path(bytes): Path<usize>, headers: HeaderMap) -> Response<Body> {
    tagged(&ETag::strong("7-a"), bytes, &headers)
}

fn tagged(tag: &ETag, bytes: usize, headers: &HeaderMap) -> Response<Body> {
    if let Some(known) = tag.not_modified(headers) {
        return known;
    }
    let form = [(CONTENT_TYPE, "application/json")];
    let mut response = (form, "x".repeat(bytes)).into_response();
    tag.mark(&mut response);
    response
}

async fn large(
    State(shared): State<Shared>,
    Path(bytes): Path<usize>,
) -> Result<Response<Body>, Problem> {
    Ok(shared.backlog.body(vec![b'x'; bytes])?.into_response())
}
