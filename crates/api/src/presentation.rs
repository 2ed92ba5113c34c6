//! How the features of an answer are shown, as its request says it.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response};
use terrier_catalog::{Collection, Presentation};
use terrier_model::Scope;

use crate::Problem;
use crate::query::Parameters;

/// The coordinate system of an answer's positions (OGC API - Features, part 2).
pub(crate) const CONTENT_CRS: HeaderName = HeaderName::from_static("content-crs");

/// Reads how the features of a collection are to be shown.
pub(crate) fn read(
    collection: &Collection,
    scope: &Scope,
    parameters: &Parameters<'_>,
) -> Result<Presentation, Problem> {
    Presentation::parse(collection, scope, |name| parameters.get(name))
        .map_err(|error| Problem::bad_parameter(&error.parameter, error.detail))
}

/// The parameters that choose which features are in the answer, and not how they are shown.
pub(crate) fn of_question<'p>(
    parameters: &'p Parameters<'_>,
) -> impl Iterator<Item = (&'p str, &'p str)> {
    parameters.iter().filter(|(name, _)| !Presentation::PARAMETERS.contains(name))
}

/// Says in which coordinate system the positions of an answer are.
pub(crate) fn mark(response: &mut Response<Body>, presentation: &Presentation) {
    let crs = HeaderValue::from_str(&format!("<{}>", presentation.crs_uri()));
    // The address is that of a system of the table, in whatever case and version of its data set.
    response.headers_mut().insert(CONTENT_CRS, crs.expect("an address is visible ASCII"));
}
