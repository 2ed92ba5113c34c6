//! What every request passes: bounds, counting, compression, the headers that every answer has,
//! and the words for answers that a handler did not make.
//!
//! It is one layer and not a stack of them, because each layer costs a request some allocations.
//! It lies within the routing, so that it knows the template of the route.

use std::any::Any;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::header::{
    ACCEPT, ACCEPT_LANGUAGE, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, USER_AGENT, VARY, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri};
use axum::response::IntoResponse;
use axum::routing::Route;
use axum::routing::future::RouteFuture;
use tower::{Layer, Service};
use tower_http::compression::{Compression, ResponseFuture as CompressedFuture};

use crate::compression::{self, Worthwhile};
use crate::cors;
use crate::limits::{Limits, MAX_HEADER_BYTES, MAX_HEADERS, MAX_URI_BYTES, SLOW_REQUEST};
use crate::metrics::{Metrics, RouteCounts};
use crate::negotiate::choose;
use crate::problem::{PROBLEM_JSON, Problem};
use crate::query::Parameters;
use crate::route::allowed;
use crate::{Format, exception, language, page};

/// What a page may do: show itself with the style of this server, and send its form there. It runs nothing.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; \
                           frame-ancestors 'none'";

/// What makes a browser ask its reader for a name and a password: the one scheme that all of them know, for
/// some look at the first alone.
const BROWSER_CHALLENGE: &str = "Basic realm=\"terrier\", charset=\"UTF-8\"";

/// Puts the door before every route, the missing ones included. The router has its state already; clients
/// know its root by this path, which has no final slash.
pub fn layers(router: Router, root: &str, metrics: &Metrics, limits: &Limits) -> Router {
    let door = Door { root: root.into(), metrics: metrics.clone(), limits: *limits };
    // Without the last step axum would build each route anew for every request.
    router.layer(door).with_state(())
}

#[derive(Clone)]
struct Door {
    root: Arc<str>,
    metrics: Metrics,
    limits: Limits,
}

impl Layer<Route> for Door {
    type Service = Doorway;

    fn layer(&self, route: Route) -> Doorway {
        Doorway {
            route: compression::layer().layer(route),
            shared: Arc::new(Shared {
                root: Arc::clone(&self.root),
                metrics: self.metrics.clone(),
                max_in_flight: i64::try_from(self.limits.requests_in_flight).unwrap_or(i64::MAX),
                counts: OnceLock::new(),
            }),
        }
    }
}

/// The door of one route.
#[derive(Clone)]
struct Doorway {
    route: Compression<Route, Worthwhile>,
    shared: Arc<Shared>,
}

struct Shared {
    root: Arc<str>,
    metrics: Metrics,
    max_in_flight: i64,
    /// A route learns its own template with its first request.
    counts: OnceLock<RouteCounts>,
}

impl Shared {
    fn counts(&self, template: Option<&MatchedPath>) -> &RouteCounts {
        self.counts.get_or_init(|| self.metrics.route(template.map(MatchedPath::as_str)))
    }
}

impl Service<Request> for Doorway {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Passage;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Passage {
        let template = request.extensions().get::<MatchedPath>();
        let is_watch = self.shared.counts(template).is_watch();
        let call = Call {
            method: request.method().clone(),
            uri: request.uri().clone(),
            reads_xml: reads_xml(&request),
            wishes: [ACCEPT, ACCEPT_LANGUAGE].map(|name| request.headers().get(name).cloned()),
            started: Instant::now(),
            shared: Arc::clone(&self.shared),
        };
        if let Err(problem) = check_size(&request) {
            return Passage::at_once(call, problem.into_response());
        }
        if *request.method() == Method::OPTIONS && template.is_some() {
            let template = self.shared.counts(template).template();
            let answer = cors::options(request.headers(), template, request.uri().path());
            return Passage::at_once(call, answer);
        }
        let in_flight = InFlight::enter(&self.shared);
        if in_flight.is_one_too_many && !is_watch {
            return Passage::at_once(call, Problem::busy().into_response());
        }
        let answer = if compression::is_asked(request.headers()) {
            Answer::Compressed(self.route.call(request))
        } else {
            Answer::Plain(self.route.get_mut().call(request))
        };
        Passage { answer, call, in_flight: Some(in_flight) }
    }
}

/// What is remembered of a request while it is answered.
struct Call {
    method: Method,
    uri: Uri,
    /// Whether problems are told in XML.
    reads_xml: bool,
    /// What the client accepts, and in which language.
    wishes: [Option<HeaderValue>; 2],
    started: Instant,
    shared: Arc<Shared>,
}

/// A place among the requests in flight, given back when it is dropped.
struct InFlight {
    shared: Arc<Shared>,
    is_one_too_many: bool,
}

impl InFlight {
    fn enter(shared: &Arc<Shared>) -> Self {
        let before = shared.metrics.requests_in_flight().inc();
        Self { shared: Arc::clone(shared), is_one_too_many: before >= shared.max_in_flight }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.shared.metrics.requests_in_flight().dec();
    }
}

/// A request on its way through.
struct Passage {
    answer: Answer,
    call: Call,
    in_flight: Option<InFlight>,
}

enum Answer {
    AtOnce(Option<Response<Body>>),
    Plain(RouteFuture<Infallible>),
    Compressed(CompressedFuture<RouteFuture<Infallible>, Worthwhile>),
}

impl Passage {
    fn at_once(call: Call, response: Response<Body>) -> Self {
        Self { answer: Answer::AtOnce(Some(response)), call, in_flight: None }
    }
}

impl Future for Passage {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { answer, call, in_flight } = &mut *self;
        let polled = catch_unwind(AssertUnwindSafe(|| match answer {
            Answer::AtOnce(response) => {
                Poll::Ready(response.take().expect("an answer is taken once"))
            }
            Answer::Plain(future) => Pin::new(future).poll(context).map(infallible),
            Answer::Compressed(future) => {
                Pin::new(future).poll(context).map(|answer| infallible(answer).map(Body::new))
            }
        }));
        let response = match polled {
            Ok(polled) => ready!(polled),
            Err(panic) => {
                let path = call.uri.path();
                tracing::error!(path, panic = panic_text(&*panic), "a handler panicked");
                Problem::unexplained().into_response()
            }
        };
        in_flight.take();
        Poll::Ready(Ok(call.finish(response)))
    }
}

fn infallible<T>(result: Result<T, Infallible>) -> T {
    match result {
        Ok(value) => value,
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no text")
}

impl Call {
    /// Gives the answer the words and headers that all have, and counts it.
    fn finish(&self, response: Response<Body>) -> Response<Body> {
        let mut response = self.in_our_words(response);
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            if self.reads_xml {
                exception::tell(&problem, &mut response);
            } else {
                self.tell_reader(&problem, &mut response);
            }
        }
        let headers = response.headers_mut();
        cors::open(headers);
        // What is told in a language has another in another, and to somebody perhaps another to others.
        let vary = if headers.contains_key(CONTENT_LANGUAGE) {
            "Accept, Accept-Encoding, Accept-Language, Authorization"
        } else {
            "Accept, Accept-Encoding, Authorization"
        };
        headers.insert(VARY, HeaderValue::from_static(vary));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if is_page(headers) {
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
        }
        self.count(response.status());
        response
    }

    /// An answer that is no success and no problem document is axum's own: it becomes one.
    fn in_our_words(&self, response: Response<Body>) -> Response<Body> {
        let status = response.status();
        if !(status.is_client_error() || status.is_server_error()) {
            return response;
        }
        let form = response.headers().get(CONTENT_TYPE);
        if form.is_some_and(|form| form.as_bytes() == PROBLEM_JSON.as_bytes()) {
            return response;
        }
        match status {
            StatusCode::NOT_FOUND => Problem::no_such_path(self.uri.path()),
            StatusCode::METHOD_NOT_ALLOWED => {
                let template = self.shared.counts(None).template();
                Problem::method_not_allowed(allowed(template, self.uri.path()))
            }
            status => Problem::of_status(status),
        }
        .into_response()
    }

    /// Tells a problem to who reads pages, as one; anybody else gets the document.
    fn tell_reader(&self, problem: &Problem, response: &mut Response<Body>) {
        let names = [ACCEPT, ACCEPT_LANGUAGE].into_iter();
        let wishes = names.zip(self.wishes.clone());
        let wishes: HeaderMap = wishes.filter_map(|(name, wish)| Some((name, wish?))).collect();
        if choose(&[Format::Json, Format::Html], None, &wishes) != Ok(Format::Html) {
            return;
        }
        let asked = Parameters::parse(self.uri.query());
        let asked = asked.and_then(|parameters| language::read(&parameters, &wishes));
        let language = asked.unwrap_or_else(|_| language::wanted(&wishes));
        *response.body_mut() =
            Body::from(page::problem_page(&self.shared.root, &self.uri, language, problem));
        let headers = response.headers_mut();
        headers.remove(CONTENT_ENCODING);
        headers.remove(CONTENT_LENGTH);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(Format::Html.media_type()));
        if problem.status() == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(BROWSER_CHALLENGE));
        }
        language::mark(response, language);
    }

    fn count(&self, status: StatusCode) {
        let took = self.started.elapsed();
        self.shared.counts(None).record(&self.method, status, took);
        let (method, path, status) = (&self.method, self.uri.path(), status.as_u16());
        let ms = took.as_secs_f64() * 1000.0;
        if took > SLOW_REQUEST {
            let query = self.uri.query().unwrap_or_default();
            tracing::warn!(%method, path, query, status, ms, "slow request");
        } else {
            tracing::debug!(%method, path, status, ms, "request");
        }
    }
}

fn is_page(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|form| form.as_bytes().starts_with(b"text/html"))
}

/// Whether a request writes for a client that shows its reader no problem but one in XML: QGIS, and who
/// accepts XML and no JSON.
fn reads_xml(request: &Request) -> bool {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return false;
    }
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let accepted = text(ACCEPT).unwrap_or_default();
    text(USER_AGENT).is_some_and(|agent| agent.contains("QGIS"))
        || accepted.contains("xml") && !accepted.contains("json") && !accepted.contains('*')
}

/// Refuses an address or headers beyond their bounds.
fn check_size(request: &Request) -> Result<(), Problem> {
    if request.uri().path_and_query().is_some_and(|text| text.as_str().len() > MAX_URI_BYTES) {
        return Err(Problem::uri_too_long());
    }
    let headers = request.headers();
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if headers.len() > MAX_HEADERS || size > MAX_HEADER_BYTES {
        return Err(Problem::headers_too_large());
    }
    Ok(())
}
