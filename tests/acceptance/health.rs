//! What those who watch over a server see of it.

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::program::{Server, folder, import, terrier, wait_until};

fn pipe(key: &str, material: &str) -> Json {
    json!({
        "type": "Feature",
        "id": key,
        "geometry": { "type": "LineString", "coordinates": [[117.2, 39.1], [117.3, 39.2]] },
        "properties": { "material": material },
    })
}

/// A server of two pipes that nobody else asks.
fn quiet() -> (TempDir, Server) {
    let folder = folder();
    let pipes = [pipe("1", "steel"), pipe("2", "pe100")];
    import(folder.path(), "gas_pipes", &pipes, &[]).expect_done();
    let key = terrier(folder.path(), &["key", "create", "--administrator"]).expect_done().stdout;
    let mut server = Server::start(folder.path(), &[]);
    server.write_with(key.trim_end());
    (folder, server)
}

/// The value of a series; zero when it is not there.
fn value(metrics: &str, series: &str) -> f64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.map_or(0.0, |number| number.parse().expect("a number"))
}

/// Checks how much each series moved from one reading to another.
fn check(before: &str, after: &str, moves: &[(&str, f64)]) {
    for (series, expected) in moves {
        assert_eq!(value(after, series) - value(before, series), *expected, "{series} in\n{after}");
    }
}

#[test]
fn a_server_says_that_it_lives_and_that_it_is_ready() {
    let (_folder, server) = quiet();
    let sequence = server.json("/health/ready")["changeSequence"].clone();
    for (path, expected) in [
        ("/health/live", json!({ "status": "live" })),
        ("/health/ready", json!({ "status": "ready", "changeSequence": sequence })),
    ] {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.json()), (200, expected));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    assert!(sequence.as_u64().expect("a number") > 0);
}

#[test]
fn metrics_are_in_the_form_that_prometheus_reads() {
    let (_folder, server) = quiet();
    server.get("/collections");
    let answer = server.get("/metrics");
    let form = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!((answer.status, answer.header("content-type")), (200, Some(form)));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let text = answer.text();
    assert!(text.ends_with("# EOF\n"), "{text}");
    for (name, kind) in [
        ("terrier_http_requests", "counter"),
        ("terrier_http_request_duration_seconds", "histogram"),
        ("terrier_features_sent", "counter"),
        ("terrier_bytes_sent", "counter"),
        ("terrier_snapshot_assets", "gauge"),
        ("terrier_snapshot_bytes", "gauge"),
        ("terrier_snapshot_leaves", "gauge"),
        ("terrier_snapshot_change_sequence", "gauge"),
        ("terrier_ledger_commits", "counter"),
        ("terrier_import_rows", "counter"),
    ] {
        assert!(text.contains(&format!("# TYPE {name} {kind}\n")), "{name} in\n{text}");
        assert!(text.contains(&format!("# HELP {name} ")), "{name} in\n{text}");
    }
    let bucket = "terrier_http_request_duration_seconds_bucket{le=\"+Inf\",route=\"/collections\"}";
    assert_eq!(value(&text, bucket), 1.0, "{text}");
}

#[test]
fn requests_features_and_bytes_are_counted() {
    let (_folder, server) = quiet();
    let metrics = || server.get("/metrics").text();
    let before = metrics();
    server.get("/collections/gas_pipes/items");
    server.get("/collections/gas_pipes/items?material=steel");
    server.get("/collections/gas_pipes/items?limit=0");
    server.ask("HEAD", "/collections/gas_pipes/items?material=none", &[]);
    server.ask("POST", "/collections/gas_pipes", &[]);
    server.get("/nothing");
    server.get("/nothing/else?secret=1");
    let tag = server.get("/conformance").header("etag").expect("a tag").to_owned();
    server.ask("GET", "/conformance", &[("If-None-Match", &tag)]);
    let after = metrics();
    let counted = |route: &str, method: &str, status: u16| {
        format!(
            "terrier_http_requests_total{{route=\"{route}\",method=\"{method}\",status=\"{status}\"}}"
        )
    };
    let items = "/collections/{collection}/items";
    check(
        &before,
        &after,
        &[
            (&counted(items, "GET", 200), 2.0),
            (&counted(items, "GET", 400), 1.0),
            (&counted(items, "HEAD", 200), 1.0),
            (
                "terrier_http_request_duration_seconds_count{route=\"/collections/{collection}/items\"}",
                4.0,
            ),
            (&counted("/collections/{collection}", "POST", 405), 1.0),
            (&counted("unmatched", "GET", 404), 2.0),
            (&counted("/conformance", "GET", 304), 1.0),
            (&counted("/metrics", "GET", 200), 1.0),
            ("terrier_features_sent_total", 3.0),
        ],
    );
    let bytes =
        value(&after, "terrier_bytes_sent_total") - value(&before, "terrier_bytes_sent_total");
    assert!((2000.0..40_000.0).contains(&bytes), "{bytes} bytes");
    assert!(!after.contains("secret") && !after.contains("/nothing"), "{after}");
    // The request that reads them is the one in flight.
    assert_eq!(value(&after, "terrier_http_requests_in_flight"), 1.0, "{after}");
}

#[test]
fn what_another_process_imports_is_counted() {
    let (folder, server) = quiet();
    let metrics = || server.get("/metrics").text();
    let before = metrics();
    assert_eq!(value(&before, "terrier_snapshot_assets"), 2.0);
    assert_eq!(value(&before, "terrier_snapshot_leaves"), 1.0);
    assert!(value(&before, "terrier_snapshot_bytes") > 100.0);
    let more = [pipe("2", "steel"), pipe("3", "steel"), pipe("4", "steel")];
    import(folder.path(), "gas_pipes", &more, &[]).expect_done();
    // The same again changes nothing.
    import(folder.path(), "gas_pipes", &more, &[]).expect_done();
    wait_until("the server shows the new pipes", || {
        value(&metrics(), "terrier_snapshot_assets") == 4.0
    });
    check(
        &before,
        &metrics(),
        &[
            ("terrier_snapshot_assets", 2.0),
            ("terrier_snapshot_change_sequence", 1.0),
            ("terrier_ledger_commits_total", 1.0),
            ("terrier_import_rows_total", 3.0),
        ],
    );
    let ready = server.json("/health/ready")["changeSequence"].as_f64();
    assert_eq!(ready, Some(value(&metrics(), "terrier_snapshot_change_sequence")));
}
