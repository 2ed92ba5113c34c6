//! The documents that tell the fields of a collection: its schema, what can be asked for, what can be sorted
//! by, and the schema of a feature as GeoJSON.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, Uri};
use terrier_catalog::{
    Collection, FieldList, due_schema, feature_schema as schema_of_feature, field_list,
    field_list_version,
};
use terrier_model::Scope;

use crate::app::{App, Asked};
use crate::collections::find;
use crate::link::{Link, rel, with_query};
use crate::page::{Reader, Word, field_list_page, json_page};
use crate::{Caller, Format, Problem, language};

const OFFERED: [Format; 2] = [Format::Schema, Format::Html];

/// The parameter by which the address of a schema differs where the schema does; it chooses nothing.
const VERSION: &str = "v";

/// `GET /collections/{collection}/schema`
pub(crate) async fn schema(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    answer(&app, &caller, FieldList::Schema, &name, &uri, &headers, &[VERSION])
}

/// `GET /collections/{collection}/queryables`
pub(crate) async fn queryables(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    answer(&app, &caller, FieldList::Queryables, &name, &uri, &headers, &[])
}

/// `GET /collections/{collection}/sortables`
pub(crate) async fn sortables(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    answer(&app, &caller, FieldList::Sortables, &name, &uri, &headers, &[])
}

fn answer(
    app: &App,
    caller: &Caller,
    list: FieldList,
    name: &str,
    uri: &Uri,
    headers: &HeaderMap,
    parameters: &[&str],
) -> Result<Response<Body>, Problem> {
    let asked = Asked::read_with(app, uri, headers, &OFFERED, parameters)?;
    let scope = caller.scope();
    let collection = find(app, &app.registry().snapshot(), scope, name)?;
    let language = asked.language;
    let body = field_list(list, &collection, scope, language, &address(app, &collection, list));
    if asked.format == Format::Html {
        let reader = Reader::new(app, caller, uri, &asked.parameters, language);
        return field_list_page(&reader, headers, &collection, &body, asked.links);
    }
    let mut response = app.document(&body, asked.format, headers, scope)?;
    language::mark(&mut response, language);
    Ok(response)
}

fn address(app: &App, collection: &Collection, list: FieldList) -> String {
    app.at(&format!("/collections/{}/{}", collection.name(), list.path()))
}

/// The links from a collection to what tells its fields.
pub(crate) fn links(app: &App, scope: &Scope, collection: &Collection) -> Vec<Link> {
    // QGIS keeps a schema until its address changes.
    let version = field_list_version(collection, scope);
    let schema =
        with_query(&address(app, collection, FieldList::Schema), [(VERSION, version.as_str())]);
    let of_feature = app.at(&format!("/collections/{}/feature-schema", collection.name()));
    let queryables = address(app, collection, FieldList::Queryables);
    let sortables = address(app, collection, FieldList::Sortables);
    vec![
        Link::new(rel::DESCRIBED_BY, &of_feature, Format::Schema),
        Link::new(rel::DESCRIBED_BY_OLD, of_feature, Format::Schema),
        Link::new(rel::SCHEMA, schema, Format::Schema).titled("Fields"),
        Link::new(rel::QUERYABLES, queryables, Format::Schema).titled("What can be asked for"),
        Link::new(rel::SORTABLES, sortables, Format::Schema).titled("What can be sorted by"),
    ]
}

/// `GET /collections/{collection}/feature-schema`
pub(crate) async fn feature_schema(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let asked = Asked::read(&app, &uri, &headers, &OFFERED)?;
    let scope = caller.scope();
    let collection = find(&app, &app.registry().snapshot(), scope, &name)?;
    let address = app.at(&format!("/collections/{name}/feature-schema"));
    let schema = match &collection {
        Collection::Due(_, of) => due_schema(*of, scope, &address),
        Collection::Assets | Collection::Class(_) => {
            schema_of_feature(collection.class().map(|class| &**class), scope, &address)
        }
    };
    if asked.format == Format::Html {
        let reader = Reader::new(&app, &caller, &uri, &asked.parameters, asked.language);
        return json_page(
            &reader,
            &headers,
            &collection,
            Word::FeatureSchema,
            &schema,
            asked.links,
        );
    }
    app.document(&schema, asked.format, &headers, scope)
}
