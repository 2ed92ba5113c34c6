//! What scripts of other sites may do: what they have a key for, which no browser adds by itself. Also what `OPTIONS` answers to those who are no browser.
//!
//! tower-http's layer for this answers every `OPTIONS` itself, so that QGIS, which asks without
//! `Origin` what it may do, would never see `Allow`.

use axum::body::Body;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ALLOW,
    ORIGIN,
};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};

use crate::edit;
use crate::route::allowed;

/// The headers that a script may read beside the few that it always may.
const EXPOSED: &str = "Accept-Patch, Accept-Post, Allow, Content-Crs, ETag, Link, Location, \
                       Memento-Datetime, OGC-NumberMatched, OGC-NumberReturned, Preference-Applied, \
                       Retry-After";

/// The headers that a script may send. The star does not cover `Authorization`, nor old browsers.
const ALLOWED_HEADERS: &str = "*, Accept, Authorization, Content-Crs, Content-Type, Idempotency-Key, \
                               If-Match, If-None-Match, Prefer";

/// A day, in seconds; browsers shorten it to what they trust.
const MAX_AGE_S: &str = "86400";

/// Lets scripts of any site read the answer.
pub(crate) fn open(headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
}

/// The answer to `OPTIONS` for a resource that there is: 204 for a browser that asks before it
/// sends a script's request, 200 for everybody else.
pub(crate) fn options(asked: &HeaderMap, template: Option<&str>, path: &str) -> Response<Body> {
    let allowed = allowed(template, path);
    let mut response = Response::new(Body::empty());
    let preflight = asked.contains_key(ORIGIN) && asked.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if preflight {
        *response.status_mut() = StatusCode::NO_CONTENT;
        let headers = response.headers_mut();
        let methods = HeaderValue::from_static(allowed);
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(ALLOWED_HEADERS));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE_S));
    }
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    edit::mark_accepted(template, &mut response);
    response
}
