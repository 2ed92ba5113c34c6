//! Problems in the words of OGC's older services: the only form that QGIS shows to whoever edits.

use axum::body::Body;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderValue, Response};
use maud::html;

use crate::Problem;

/// Tells a problem in XML. The names of the elements have no prefix, by which QGIS looks for them.
pub(crate) fn tell(problem: &Problem, response: &mut Response<Body>) {
    let code = problem.status().as_u16();
    let text = html! {
        ExceptionReport {
            Exception exceptionCode=(code) { ExceptionText { (problem.detail()) } }
        }
    };
    let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", text.into_string());
    *response.body_mut() = Body::from(text);
    let headers = response.headers_mut();
    headers.remove(CONTENT_ENCODING);
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
}
