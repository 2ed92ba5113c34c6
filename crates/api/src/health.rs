//! Whether the server lives and can answer, and what it counts of itself.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, Response};
use serde_json::json;

use crate::app::App;
use crate::{Format, Problem};

/// `GET /health/live`
pub(crate) async fn live() -> Response<Body> {
    said(&json!({ "status": "live" }))
}

/// `GET /health/ready`: ready while the ledger can be followed.
pub(crate) async fn ready(State(app): State<App>) -> Result<Response<Body>, Problem> {
    if !app.registry().is_in_step() {
        let detail = "the ledger cannot be read at this moment; answers may be old";
        return Err(Problem::unavailable(detail));
    }
    let sequence = app.registry().snapshot().sequence();
    Ok(said(&json!({ "status": "ready", "changeSequence": sequence })))
}

/// `GET /metrics`
pub(crate) async fn metrics(State(app): State<App>) -> Response<Body> {
    app.metrics().response()
}

fn said(body: &serde_json::Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(Format::Json.media_type()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
