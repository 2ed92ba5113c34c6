//! What the server counts of itself, in the form that Prometheus reads.
//!
//! A route is named by its template, never by the path that was asked: a stranger could make as
//! many series as he likes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, Method, Response, StatusCode};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, text};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// The media type of the metrics.
pub const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The route of a request that none takes.
const UNMATCHED: &str = "unmatched";

/// Upper bounds of the durations, in seconds. A page of ten features takes a tenth of the first.
const BUCKETS_S: [f64; 13] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// What the registry says of itself when the metrics are read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Gauges {
    /// The assets in the snapshot.
    pub snapshot_assets: u64,
    /// The bytes of memory that the snapshot takes.
    pub snapshot_bytes: u64,
    /// The bytes of feature text among them.
    pub snapshot_text_bytes: u64,
    /// The leaves of the snapshot.
    pub snapshot_leaves: u64,
    /// The step of the change sequence at which the snapshot stands.
    pub snapshot_change_sequence: u64,
    /// The change sets that came into the snapshot since it was first read, whoever committed them.
    pub ledger_commits: u64,
    /// The assets that those change sets wrote.
    pub import_rows: u64,
}

/// All that is counted. Clones share the counts.
#[derive(Clone)]
pub struct Metrics(Arc<Counts>);

struct Counts {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram, fn() -> Histogram>,
    requests_in_flight: Gauge,
    connections: Gauge,
    bytes_sent: Counter,
    features_sent: Counter,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct RequestLabels {
    route: Arc<str>,
    method: &'static str,
    status: u16,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct RouteLabels {
    route: Arc<str>,
}

impl Metrics {
    /// Nothing is counted yet. The registry is asked at each reading.
    pub fn new(gauges: impl Fn() -> Gauges + Send + Sync + 'static) -> Self {
        let mut registry = Registry::with_prefix("terrier");
        let counts = Counts {
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(BUCKETS_S)),
            requests_in_flight: Gauge::default(),
            connections: Gauge::default(),
            bytes_sent: Counter::default(),
            features_sent: Counter::default(),
            registry: Registry::default(),
        };
        registry.register("http_requests", "Requests answered", counts.requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time from a request's head to its answer's head",
            Unit::Seconds,
            counts.durations.clone(),
        );
        registry.register(
            "http_requests_in_flight",
            "Requests whose answers are being made",
            counts.requests_in_flight.clone(),
        );
        registry.register("http_connections", "Connections open", counts.connections.clone());
        registry.register(
            "bytes_sent",
            "Bytes given to the network, heads included",
            counts.bytes_sent.clone(),
        );
        registry.register("features_sent", "Features in answers", counts.features_sent.clone());
        registry.register_collector(Box::new(AtReading(Box::new(gauges))));
        Self(Arc::new(Counts { registry, ..counts }))
    }

    /// Counts features in an answer.
    pub fn add_features(&self, count: usize) {
        self.0.features_sent.inc_by(count as u64);
    }

    pub(crate) fn add_bytes(&self, count: usize) {
        self.0.bytes_sent.inc_by(count as u64);
    }

    pub(crate) fn requests_in_flight(&self) -> &Gauge {
        &self.0.requests_in_flight
    }

    pub(crate) fn connections(&self) -> &Gauge {
        &self.0.connections
    }

    /// Where the requests of one route are counted; `None` for those that no route takes.
    pub(crate) fn route(&self, template: Option<&str>) -> RouteCounts {
        let route: Arc<str> = template.unwrap_or(UNMATCHED).into();
        let labels = RequestLabels { route: Arc::clone(&route), method: "GET", status: 200 };
        RouteCounts {
            good: self.0.requests.get_or_create_owned(&labels),
            durations: self
                .0
                .durations
                .get_or_create_owned(&RouteLabels { route: Arc::clone(&route) }),
            requests: self.0.requests.clone(),
            route,
        }
    }

    /// Everything as text.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(8 * 1024);
        text::encode(&mut text, &self.0.registry).expect("a string takes whatever is written");
        text
    }

    /// The answer of the route that shows them.
    pub fn response(&self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.text()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(OPEN_METRICS));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// The counts of one route, looked up once: the usual request costs one step of a counter and
/// one of a histogram.
#[derive(Debug)]
pub(crate) struct RouteCounts {
    route: Arc<str>,
    good: Counter,
    durations: Histogram,
    requests: Family<RequestLabels, Counter>,
}

impl RouteCounts {
    /// The template of the route; `None` where there is none.
    pub(crate) fn template(&self) -> Option<&str> {
        Some(&*self.route).filter(|route| *route != UNMATCHED)
    }

    pub(crate) fn record(&self, method: &Method, status: StatusCode, took: Duration) {
        self.durations.observe(took.as_secs_f64());
        if *method == Method::GET && status == StatusCode::OK {
            self.good.inc();
            return;
        }
        let labels = RequestLabels {
            route: Arc::clone(&self.route),
            method: method_name(method),
            status: status.as_u16(),
        };
        self.requests.get_or_create(&labels).inc();
    }

    /// Whether the route tells how the server does, and so answers when nothing else does.
    pub(crate) fn is_watch(&self) -> bool {
        self.route.starts_with("/health/") || &*self.route == "/metrics"
    }
}

/// The method, of which a stranger may invent any number.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

/// What is asked for at each reading.
struct AtReading(Box<dyn Fn() -> Gauges + Send + Sync>);

impl fmt::Debug for AtReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AtReading")
    }
}

impl Collector for AtReading {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let gauges = (self.0)();
        let states = [
            ("snapshot_assets", "Assets in the snapshot", gauges.snapshot_assets),
            ("snapshot_bytes", "Bytes that the snapshot takes", gauges.snapshot_bytes),
            (
                "snapshot_text_bytes",
                "Bytes of feature text in the snapshot",
                gauges.snapshot_text_bytes,
            ),
            ("snapshot_leaves", "Leaves of the snapshot", gauges.snapshot_leaves),
            (
                "snapshot_change_sequence",
                "Step of the change sequence that the snapshot shows",
                gauges.snapshot_change_sequence,
            ),
        ];
        for (name, help, value) in states {
            let gauge = ConstGauge::new(value);
            let descriptor = encoder.encode_descriptor(name, help, None, gauge.metric_type())?;
            gauge.encode(descriptor)?;
        }
        let counters = [
            (
                "ledger_commits",
                "Change sets that came into the snapshot since the start",
                gauges.ledger_commits,
            ),
            ("import_rows", "Assets that those change sets wrote", gauges.import_rows),
        ];
        for (name, help, value) in counters {
            let counter = ConstCounter::new(value);
            let descriptor = encoder.encode_descriptor(name, help, None, counter.metric_type())?;
            counter.encode(descriptor)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, lines: &[&str]) {
        for line in lines {
            assert!(text.lines().any(|found| found == *line), "`{line}` is not in\n{text}");
        }
    }

    #[test]
    fn requests_are_counted_by_route_method_and_status() {
        let metrics = Metrics::new(Gauges::default);
        let items = metrics.route(Some("/collections/{id}/items"));
        let took = Duration::from_millis(3);
        items.record(&Method::GET, StatusCode::OK, took);
        items.record(&Method::GET, StatusCode::OK, took);
        items.record(&Method::HEAD, StatusCode::NOT_FOUND, took);
        let invented = Method::from_bytes(b"INVENTED").expect("a method");
        metrics.route(None).record(&invented, StatusCode::NOT_FOUND, took);
        let route = "route=\"/collections/{id}/items\"";
        check(
            &metrics.text(),
            &[
                &format!("terrier_http_requests_total{{{route},method=\"GET\",status=\"200\"}} 2"),
                &format!("terrier_http_requests_total{{{route},method=\"HEAD\",status=\"404\"}} 1"),
                "terrier_http_requests_total{route=\"unmatched\",method=\"other\",status=\"404\"} 1",
                &format!("terrier_http_request_duration_seconds_bucket{{le=\"0.0025\",{route}}} 0"),
                &format!("terrier_http_request_duration_seconds_bucket{{le=\"0.005\",{route}}} 3"),
                &format!("terrier_http_request_duration_seconds_count{{{route}}} 3"),
                "# EOF",
            ],
        );
    }

    #[test]
    fn the_registry_is_asked_when_the_metrics_are_read() {
        let metrics = Metrics::new(|| Gauges {
            snapshot_assets: 60_000,
            snapshot_bytes: 40_000_000,
            snapshot_text_bytes: 30_000_000,
            snapshot_leaves: 15,
            snapshot_change_sequence: 7,
            ledger_commits: 2,
            import_rows: 60_001,
        });
        metrics.add_features(100);
        metrics.add_features(10);
        metrics.add_bytes(512);
        check(
            &metrics.text(),
            &[
                "# TYPE terrier_snapshot_assets gauge",
                "terrier_snapshot_assets 60000",
                "terrier_snapshot_bytes 40000000",
                "terrier_snapshot_text_bytes 30000000",
                "terrier_snapshot_leaves 15",
                "terrier_snapshot_change_sequence 7",
                "# TYPE terrier_ledger_commits counter",
                "terrier_ledger_commits_total 2",
                "terrier_import_rows_total 60001",
                "terrier_features_sent_total 110",
                "terrier_bytes_sent_total 512",
            ],
        );
    }
}
