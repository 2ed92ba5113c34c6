//! The documents that describe the API: conformance, OpenAPI, schemas.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response, Uri};
use serde_json::json;
use terrier_catalog::{Collection, Measure, SummaryQuery, field_schema, property_names};
use terrier_identity::Issuer;
use terrier_model::Scope;

use crate::app::{App, Asked};
use crate::collections::all;
use crate::openapi::{CollectionDescription, Queryable};
use crate::page::{Reader, api_page, conformance_page};
use crate::{Caller, Format, Problem, openapi};

/// What the server keeps, each held by tests.
const CONFORMS_TO: &[&str] = &[
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/create-replace-delete",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/update",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/features",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/optimistic-locking-etags",
    // Where the newest draft has the classes that are not of features alone.
    "http://www.opengis.net/spec/ogcapi-common-5/1.0/conf/create-replace-delete",
    "http://www.opengis.net/spec/ogcapi-common-5/1.0/conf/update",
    "http://www.opengis.net/spec/ogcapi-common-5/1.0/conf/optimistic-locking-etags",
    "http://www.opengis.net/spec/ogcapi-common-5/1.0/conf/return-resource-representation-in-response",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/accent-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions-plus",
    "http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/array-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/property-property",
    "http://www.opengis.net/spec/cql2/1.0/conf/arithmetic",
    "http://www.opengis.net/spec/cql2/1.0/conf/functions",
    // QGIS looks for the name that a draft had.
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-operators",
    // QGIS looks for the class that is now one of Common Part 3.
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/schemas",
    "http://www.opengis.net/spec/ogcapi-features-8/1.0/conf/sorting",
    "http://www.opengis.net/spec/ogcapi-features-8/1.0/conf/sortables",
    "http://www.opengis.net/spec/ogcapi-features-8/1.0/conf/features-sorting",
    "http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/schemas",
    "http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/sortables",
    "http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/returnables-and-receivables",
    "http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/advanced-property-roles",
];

/// `GET /conformance`
pub(crate) async fn conformance(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let asked = Asked::read(&app, &uri, &headers, &[Format::Json, Format::Html])?;
    if asked.format == Format::Html {
        let reader = Reader::new(&app, &caller, &uri, &asked.parameters, asked.language);
        return conformance_page(&reader, &headers, CONFORMS_TO, asked.links);
    }
    let body = json!({ "conformsTo": CONFORMS_TO, "links": asked.links });
    app.document(&body, asked.format, &headers, caller.scope())
}

/// `GET /api`
pub(crate) async fn api(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let asked = Asked::read(&app, &uri, &headers, &[Format::OpenApi, Format::Html])?;
    let snapshot = app.registry().snapshot();
    let scope = caller.scope();
    let collections = all(&snapshot, app.today(), scope);
    let collections: Vec<_> = collections.map(|collection| describe(&collection, scope)).collect();
    let settings = app.settings();
    let mut body = openapi::document(&collections, &settings.public_url, settings.version);
    if let Some(issuer) = app.issuer().map(Issuer::settings) {
        openapi::add_login(&mut body, issuer.issuer(), issuer.discovery().as_deref());
    }
    if asked.format == Format::Html {
        let reader = Reader::new(&app, &caller, &uri, &asked.parameters, asked.language);
        return api_page(&reader, &headers, &body, asked.links);
    }
    app.document(&body, asked.format, &headers, caller.scope())
}

/// A collection as the API document speaks of it.
fn describe(collection: &Collection, scope: &Scope) -> CollectionDescription {
    let (title, description) = collection.title_and_description();
    let queryables = collection.seen_fields(scope).map(|(_, field)| Queryable {
        name: field.name.to_string(),
        schema: field_schema(field, true),
        description: match &field.description {
            Some(text) => format!("{}. {}", field.title.en, text.en),
            None => field.title.en.to_string(),
        },
    });
    CollectionDescription {
        id: collection.name().into(),
        title: title.en.into(),
        description: description.en.into(),
        queryables: queryables.collect(),
        group_fields: SummaryQuery::group_names(collection, scope),
        properties: property_names(collection, scope).into_iter().map(str::to_owned).collect(),
        measures: Measure::seen(collection, scope).map(Measure::name).collect(),
        is_edited: matches!(collection, Collection::Class(_)),
        is_due: matches!(collection, Collection::Due(..)),
    }
}
