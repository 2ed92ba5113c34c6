//! Listening, accepting, and ending without breaking an answer.
//!
//! axum's own `serve` has no time limit for a head, so that a client who says nothing holds its
//! connection for good.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::uri::PathAndQuery;
use axum::http::{Request, Uri};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use hyper_util::server::graceful::GracefulShutdown;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower::Service;

use crate::caller::Peer;
use crate::limits::{ACCEPT_PAUSE, ACCEPT_QUEUE, Limits, MAX_HEAD_BYTES, SEND_BUFFER_BYTES};
use crate::metrics::Metrics;
use crate::stream::Stream;

/// Why we cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody listens there already.
    #[error("port {} of {} is in use by another program", address.port(), address.ip())]
    InUse {
        /// Where we wanted to listen.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The port is for the administrator.
    #[error("port {} of {} may not be opened by this user", address.port(), address.ip())]
    NotAllowed {
        /// Where we wanted to listen.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The machine does not have that address.
    #[error("{} is no address of this machine", address.ip())]
    NotHere {
        /// Where we wanted to listen.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Anything else.
    #[error("cannot listen on port {} of {}", address.port(), address.ip())]
    Other {
        /// Where we wanted to listen.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// Listens on an address; port 0 takes a free one. Call it within the tokio runtime.
///
/// # Errors
/// One sentence for the user who chose the address.
pub fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    listen(address).map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => BindError::InUse { address, source },
        io::ErrorKind::PermissionDenied => BindError::NotAllowed { address, source },
        io::ErrorKind::AddrNotAvailable => BindError::NotHere { address, source },
        _ => BindError::Other { address, source },
    })
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // Connections of a server that has just ended do not keep the next one from the port.
    socket.set_reuse_address(true)?;
    // Every connection inherits it.
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(ACCEPT_QUEUE)?;
    TcpListener::from_std(socket.into())
}

/// Serves until `shutdown` is done, then finishes the answers under way and closes the rest. The
/// router comes from [`layers`](crate::layers). Each connection stays with one of the workers, in
/// turn, or runs on the caller's runtime when there are none. Answers how many connections had to be cut
/// because they were still at work after the time to drain.
///
/// hyper answers by itself, without a body: 400 to what is no HTTP or whose address holds raw
/// quotation marks or angle brackets, and 431 to a head beyond [`MAX_HEAD_BYTES`].
pub async fn serve(
    listener: TcpListener,
    router: Router,
    metrics: &Metrics,
    limits: Limits,
    workers: &[Handle],
    shutdown: impl Future<Output = ()>,
) -> usize {
    let mut next_worker = workers.iter().cycle();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        // QGIS finds `Location` in this case alone, up to 3.40 at least.
        .title_case_headers(true)
        .max_header_size(MAX_HEAD_BYTES);
    let permits = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, peer, permit) = tokio::select! {
            () = &mut shutdown => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            accepted = accept(&listener, &permits) => accepted,
        };
        // Head and body of a small answer are one packet, but a client's next request must not
        // wait for the last packet of a large one to be acknowledged.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection was gone at once");
            continue;
        }
        let Ok(stream) = stream.into_std() else { continue };
        let (router, http, watcher) = (router.clone(), http.clone(), graceful.watcher());
        let open = Open::new(metrics, permit);
        let connection = async move {
            // The stream belongs to the worker on which this runs.
            let Ok(stream) = TcpStream::from_std(stream) else { return };
            let stream = Stream::new(stream, open.metrics.clone(), &limits);
            let service = service_fn(move |request| pass_on(router.clone(), request, Peer(peer)));
            let connection = watcher.watch(http.serve_connection(stream, service));
            if let Err(error) = connection.await {
                tracing::debug!(error = &error as &dyn std::error::Error, "a connection broke");
            }
            drop(open);
        };
        match next_worker.next() {
            Some(worker) => connections.spawn_on(connection, worker),
            None => connections.spawn(connection),
        };
    }
    drop(listener);
    let in_time = timeout(limits.drain, graceful.shutdown()).await.is_ok();
    while connections.try_join_next().is_some() {}
    let cut = if in_time { 0 } else { connections.len() };
    connections.shutdown().await;
    cut
}

/// A connection that counts as open, and its place among those that may be.
struct Open {
    metrics: Metrics,
    _permit: OwnedSemaphorePermit,
}

impl Open {
    fn new(metrics: &Metrics, permit: OwnedSemaphorePermit) -> Self {
        metrics.connections().inc();
        Self { metrics: metrics.clone(), _permit: permit }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.metrics.connections().dec();
    }
}

/// Waits for a place and for a connection. Want of descriptors or memory is waited out.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> (TcpStream, IpAddr, OwnedSemaphorePermit) {
    let permit = Arc::clone(permits).acquire_owned().await.expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer.ip(), permit),
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept a connection");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Whether the client left before it was accepted.
fn is_of_the_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}

/// Hands a request to the routes. A path with a final slash is the path without it, and is never
/// redirected: QGIS follows a redirect with GET, whatever it had asked.
fn pass_on(
    mut router: Router,
    request: Request<Incoming>,
    peer: Peer,
) -> <Router as Service<Request<Body>>>::Future {
    let mut request =
        request.map(|body| if body.is_end_stream() { Body::empty() } else { Body::new(body) });
    request.extensions_mut().insert(peer);
    if let Some(uri) = without_final_slash(request.uri()) {
        *request.uri_mut() = uri;
    }
    router.call(request)
}

fn without_final_slash(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    if path.len() < 2 || !path.ends_with('/') {
        return None;
    }
    let path = match path.trim_end_matches('/') {
        "" => "/",
        path => path,
    };
    let text = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(text).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_final_slash_makes_no_difference() {
        let check = |text: &str, expected: Option<&str>| {
            let uri: Uri = text.parse().expect("an address");
            let answer = without_final_slash(&uri).map(|uri| uri.to_string());
            assert_eq!(answer.as_deref(), expected, "{text}");
        };
        check("/", None);
        check("/collections", None);
        check("/collections/", Some("/collections"));
        check("/collections//?f=json", Some("/collections?f=json"));
        check("//", Some("/"));
        check("/?f=json", None);
        check("http://h/collections/?a=/", Some("http://h/collections?a=/"));
        check("*", None);
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_one_clear_sentence() {
        let listener = bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
        let address = listener.local_addr().expect("bound");
        let error = bind(address).expect_err("taken").to_string();
        let port = address.port();
        assert_eq!(error, format!("port {port} of 127.0.0.1 is in use by another program"));
        let error = bind("192.0.2.1:0".parse().expect("an address")).expect_err("not ours");
        assert_eq!(error.to_string(), "192.0.2.1 is no address of this machine");
    }
}
