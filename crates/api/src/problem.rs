//! What a client is told when it cannot have what it asked for: RFC 9457 problem details, written
//! here once. The client reads what to change; the log keeps the causes.

use std::error::Error;
use std::fmt;

use axum::body::Body;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use axum::response::IntoResponse;
use serde::Serialize;
use serde_json::{Map, Value};
use terrier_store::{ErrorChain, LedgerError};

use crate::limits::{
    BODY_IDLE_TIMEOUT, MAX_HEADER_BYTES, MAX_HEADERS, MAX_URI_BYTES, RETRY_AFTER_S,
};

/// The media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// How a key may be sent.
const CHALLENGE: &str = "Bearer realm=\"terrier\", Basic realm=\"terrier\"";

/// The same after one that does not work, as RFC 6750 tells programs.
const CHALLENGE_AGAIN: &str =
    "Bearer realm=\"terrier\", error=\"invalid_token\", Basic realm=\"terrier\"";

/// Whoever is known and nobody here need not come back with the same token.
const CHALLENGE_OTHER: &str = "Bearer realm=\"terrier\", error=\"insufficient_scope\"";

/// The most bytes of a client's own words that a problem repeats.
const MAX_ECHO_BYTES: usize = 200;

/// An answer that is no success.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    parameter: Option<Box<str>>,
    allow: Option<&'static str>,
    retry_after_s: Option<u32>,
    more: Box<More>,
}

/// What some problems tell beside.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct More {
    members: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A parameter that we cannot honour: 400. The detail says what was found and expected,
    /// without the parameter's name.
    pub fn bad_parameter(name: &str, detail: impl fmt::Display) -> Self {
        let name = shortened(name);
        let detail = format!("parameter `{name}`: {detail}");
        Self { parameter: Some(name.into()), ..Self::new(StatusCode::BAD_REQUEST, detail) }
    }

    /// A request that we cannot read, where no parameter is at fault: 400.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail.into())
    }

    /// What was asked for does not exist: 404. It says what, for instance ``collection `trees` ``.
    pub fn not_found(what: impl fmt::Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is no {what}"))
    }

    /// Nothing at that path: 404.
    pub(crate) fn no_such_path(path: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is nothing at `{}`", shortened(path)))
    }

    /// None of the media types that the client accepts is offered: 406.
    pub fn not_acceptable(accept: &str, offered: &[&str]) -> Self {
        let accept = shortened(accept);
        let offered = offered.join(", ");
        let detail = format!("`Accept: {accept}` names nothing that is offered here: {offered}");
        Self::new(StatusCode::NOT_ACCEPTABLE, detail)
    }

    /// A method that the resource does not know: 405.
    pub fn method_not_allowed(allow: &'static str) -> Self {
        let detail = format!("allowed here: {allow}");
        Self { allow: Some(allow), ..Self::new(StatusCode::METHOD_NOT_ALLOWED, detail) }
    }

    /// The address is too long: 414.
    pub fn uri_too_long() -> Self {
        let detail = format!("an address may have at most {MAX_URI_BYTES} bytes");
        Self::new(StatusCode::URI_TOO_LONG, detail)
    }

    /// The headers are too many or too long: 431.
    pub fn headers_too_large() -> Self {
        let detail =
            format!("a request may have {MAX_HEADERS} headers of {MAX_HEADER_BYTES} bytes in all");
        Self::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, detail)
    }

    /// Somebody has to say who they are: 401.
    pub(crate) fn key_wanted() -> Self {
        Self::unauthorized(
            "a key is wanted, as `Authorization: Bearer KEY` or as the password of `Basic`",
            CHALLENGE,
        )
    }

    /// A key or a token that does not work, whatever is wrong with it: 401.
    pub(crate) fn key_refused() -> Self {
        let detail = "the key is none that works here: it is wrong, over or revoked";
        Self::unauthorized(detail, CHALLENGE_AGAIN)
    }

    /// Somebody who has logged in elsewhere and is nobody here: 403.
    pub(crate) fn nobody_here(detail: impl Into<String>) -> Self {
        let challenge = HeaderValue::from_static(CHALLENGE_OTHER);
        Self::forbidden(detail).heading(WWW_AUTHENTICATE, challenge)
    }

    fn unauthorized(detail: &str, challenge: &'static str) -> Self {
        let problem = Self::new(StatusCode::UNAUTHORIZED, detail.into());
        problem.heading(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
    }

    /// Too many keys that do not work: 429 with `Retry-After`.
    pub(crate) fn too_many_failed_keys(retry_after_s: u32) -> Self {
        let detail = "too many keys that do not work came from this address within a minute";
        Self {
            retry_after_s: Some(retry_after_s),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, detail.into())
        }
    }

    /// More than the limits of a key: 429 with `Retry-After`.
    pub(crate) fn too_many(detail: String, retry_after_s: u32) -> Self {
        Self {
            retry_after_s: Some(retry_after_s),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, detail)
        }
    }

    /// A key in an address: 400.
    pub(crate) fn key_in_address() -> Self {
        Self::bad_request(
            "a key is not taken from an address, which logs and histories keep: send it as \
             `Authorization: Bearer KEY`, and revoke this one",
        )
    }

    /// Too much is being asked at this moment: 503 with `Retry-After`.
    pub fn busy() -> Self {
        Self::unavailable("too many requests at this moment")
    }

    /// Not able to answer for now: 503 with `Retry-After`.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self {
            retry_after_s: Some(RETRY_AFTER_S),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail.into())
        }
    }

    /// A body in another encoding than none: 415.
    pub(crate) fn unsupported_encoding(encoding: &str) -> Self {
        let found = shortened(encoding);
        let detail = format!("`Content-Encoding`: found `{found}`, expected none");
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
    }

    /// A body of a media type that is not taken here: 415. The header names those that are.
    pub(crate) fn unsupported_type(found: &str, taken: &[&str], header: HeaderName) -> Self {
        let (found, taken) = (shortened(found), taken.join(", "));
        let detail = format!("`Content-Type`: found `{found}`, expected one of {taken}");
        let problem = Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail);
        match HeaderValue::from_str(&taken) {
            Ok(value) => problem.heading(header, value),
            Err(_) => problem,
        }
    }

    /// A body with more bytes than are taken here: 413.
    pub(crate) fn body_too_large(max_bytes: usize) -> Self {
        let detail = format!("a body may have at most {max_bytes} bytes here");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    /// A body of which nothing came for too long: 408.
    pub(crate) fn body_too_slow() -> Self {
        let seconds = BODY_IDLE_TIMEOUT.as_secs();
        let detail = format!("nothing came of the body for {seconds} seconds");
        Self::new(StatusCode::REQUEST_TIMEOUT, detail)
    }

    /// Something that did not come within its time: 408.
    pub(crate) fn too_slow(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, detail.into())
    }

    /// There is no space left for what was sent: 507. The log gets the chain of causes.
    pub(crate) fn no_space(error: &dyn Error) -> Self {
        let _ = Self::internal(error);
        let detail = "there is no space left to write it; nothing was written";
        Self::new(StatusCode::INSUFFICIENT_STORAGE, detail.into())
    }

    /// What was sent is understood, and not taken: 422.
    pub(crate) fn unprocessable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail.into())
    }

    /// What the client has seen is not what there is: 412.
    pub(crate) fn precondition_failed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, detail.into())
    }

    /// The same as one of a client that has not seen what there is: 412.
    pub(crate) fn into_precondition(self) -> Self {
        Self { status: StatusCode::PRECONDITION_FAILED, ..self }
    }

    /// What there is does not allow it: 409.
    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail.into())
    }

    /// The client has to say which version it has seen: 428.
    pub(crate) fn precondition_required(collection: &str) -> Self {
        let detail = format!(
            "`{collection}` is strict: `If-Match` has to name the version that you have seen"
        );
        Self::new(StatusCode::PRECONDITION_REQUIRED, detail)
    }

    /// The asset is no more: 410.
    pub(crate) fn gone(collection: &str, feature: &str) -> Self {
        Self::new(StatusCode::GONE, format!("feature `{feature}` of `{collection}` is no more"))
    }

    /// The client calls two requests by one name: 422.
    pub(crate) fn key_of_another(sequence: u64) -> Self {
        Self::unprocessable(format!(
            "`Idempotency-Key`: it is that of another request, which became change {sequence}"
        ))
    }

    /// What an error of the ledger is to a client that writes.
    pub(crate) fn of_ledger(error: &LedgerError) -> Self {
        match error {
            LedgerError::Together(error) => Self::of_ledger(error),
            LedgerError::Busy | LedgerError::ClassChanged { .. } => {
                Self::unavailable(error.to_string())
            }
            error if error.is_of_space() => Self::no_space(error),
            error => Self::internal(error),
        }
    }

    /// The problem with another member.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: Value) -> Self {
        self.more.members.insert(name.into(), value);
        self
    }

    /// The problem with another header.
    #[must_use]
    pub(crate) fn heading(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.more.headers.push((name, value));
        self
    }

    /// What somebody who is known may not do: 403.
    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail.into())
    }

    /// Our own failure: 500. The client learns nothing of it; the log gets the chain of causes.
    pub fn internal(error: &dyn Error) -> Self {
        tracing::error!(error = %ErrorChain(error), "a request failed");
        Self::unexplained()
    }

    /// Our own failure, of which the log knows already.
    pub(crate) fn unexplained() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the server failed; its log says why".into())
    }

    /// What an answer of that status says that somebody else made without words.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let detail = if status.is_server_error() {
            return Self { status, ..Self::unexplained() };
        } else {
            status.canonical_reason().unwrap_or("the request was refused").to_lowercase()
        };
        Self::new(status, detail)
    }

    fn new(status: StatusCode, detail: String) -> Self {
        Self {
            status,
            detail,
            parameter: None,
            allow: None,
            retry_after_s: None,
            more: Box::default(),
        }
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What is wrong, for a reader.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The parameter at fault, if one is.
    pub fn parameter(&self) -> Option<&str> {
        self.parameter.as_deref()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        #[derive(Serialize)]
        struct Text<'a> {
            r#type: &'a str,
            title: &'a str,
            status: u16,
            detail: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            parameter: Option<&'a str>,
            #[serde(flatten)]
            more: &'a Map<String, Value>,
        }
        let text = Text {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Problem"),
            status: self.status.as_u16(),
            detail: &self.detail,
            parameter: self.parameter(),
            more: &self.more.members,
        };
        let text = serde_json::to_vec(&text).expect("strings and numbers become JSON");
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = self.status;
        // For the door, which tells it to readers as a page.
        response.extensions_mut().insert(self.clone());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(allow) = self.allow {
            headers.insert(ALLOW, HeaderValue::from_static(allow));
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        headers.extend(self.more.headers);
        response
    }
}

/// The text, or its beginning and an ellipsis.
pub(crate) fn shortened(text: &str) -> String {
    if text.len() <= MAX_ECHO_BYTES {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(MAX_ECHO_BYTES)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    async fn check(problem: Problem, status: u16, expected: &str) {
        let response = problem.into_response();
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.headers()[CONTENT_TYPE], PROBLEM_JSON);
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        assert_eq!(String::from_utf8_lossy(&body), expected);
    }

    #[tokio::test]
    async fn a_problem_names_the_parameter_at_fault() {
        check(
            Problem::bad_parameter("bbox", "south 39.2 is above north 39.0"),
            400,
            "{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,\"detail\":\
             \"parameter `bbox`: south 39.2 is above north 39.0\",\"parameter\":\"bbox\"}",
        )
        .await;
        check(
            Problem::not_found("collection `trees`"),
            404,
            "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,\"detail\":\
             \"there is no collection `trees`\"}",
        )
        .await;
    }

    #[tokio::test]
    async fn a_failure_of_ours_tells_the_client_nothing() {
        let cause = std::io::Error::other("secret path /var/lib");
        check(
            Problem::internal(&cause),
            500,
            "{\"type\":\"about:blank\",\"title\":\"Internal Server Error\",\"status\":500,\
             \"detail\":\"the server failed; its log says why\"}",
        )
        .await;
    }

    #[test]
    fn a_problem_repeats_a_long_text_in_part() {
        let long = "管".repeat(1000);
        let detail = Problem::no_such_path(&long).detail().to_owned();
        assert!(detail.len() < 250 && detail.ends_with("…`"), "{detail}");
        let name = Problem::bad_parameter(&long, "unknown");
        assert!(name.parameter().is_some_and(|name| name.len() < 210));
    }

    #[test]
    fn busy_says_when_to_come_back_and_405_what_is_allowed() {
        let busy = Problem::busy().into_response();
        assert_eq!(busy.headers()[RETRY_AFTER], "1");
        let refused = Problem::method_not_allowed("GET, HEAD").into_response();
        assert_eq!(refused.headers()[ALLOW], "GET, HEAD");
    }
}
