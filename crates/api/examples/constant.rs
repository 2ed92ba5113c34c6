//! A server that answers `/constant/BYTES` with that many bytes, through the very layers and the
//! accept loop of the real one. It is what the figures of the real one are compared with.
//!
//! `cargo run --release -p terrier-api --example constant -- [127.0.0.1:8081]`

use std::collections::HashMap;
use std::error::Error;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Response, Uri};
use axum::response::IntoResponse;
use axum::routing::get;
use bytes::Bytes;
use terrier_api::{ETag, Format, Gauges, Limits, Metrics, Problem, bind, layers, serve};
use tokio::runtime::{Builder, Handle};

/// The largest body that is kept: far more than ten thousand features.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// The bodies that were asked for. They are made once, so that an answer copies nothing.
type Bodies = Arc<Mutex<HashMap<usize, Bytes>>>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8081".into());
    let address: SocketAddr = address.parse()?;
    let limits = Limits::default();
    let metrics = Metrics::new(Gauges::default);
    let router = Router::new().route("/constant/{bytes}", get(constant));
    let router = layers(router.with_state(Bodies::default()), "", &metrics, &limits);
    let listener = bind(address)?;
    writeln!(std::io::stderr(), "http://{}/constant/1000", listener.local_addr()?)?;
    let interrupted = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
    let workers = workers()?;
    serve(listener, router, &metrics, limits, &workers, interrupted).await;
    Ok(())
}

/// Threads as the real server has them, until the process ends.
fn workers() -> std::io::Result<Vec<Handle>> {
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    (0..count)
        .map(|_| {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            let handle = runtime.handle().clone();
            std::thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
            Ok(handle)
        })
        .collect()
}

async fn constant(
    State(bodies): State<Bodies>,
    Path(bytes): Path<usize>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    if bytes > MAX_BYTES {
        return Err(Problem::bad_parameter("bytes", format_args!("at most {MAX_BYTES}")));
    }
    let body = {
        let mut bodies = bodies.lock().map_err(|error| Problem::internal(&error))?;
        bodies.entry(bytes).or_insert_with(|| vec![b'x'; bytes].into()).clone()
    };
    // A list of features has a tag made of its address; the real server pays for that as well.
    let tag = ETag::weak_of(uri.query().unwrap_or_default().as_bytes());
    if let Some(known) = tag.not_modified(&headers) {
        return Ok(known);
    }
    let mut response = ([(CONTENT_TYPE, Format::GeoJson.media_type())], body).into_response();
    tag.mark(&mut response);
    Ok(response)
}
