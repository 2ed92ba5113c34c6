//! The different values of a field, and how often each comes.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, Uri};
use terrier_catalog::{
    BEGINS_WITH, Collection, FeatureQuery, Language, QueryError, ValueQuery, shown_name, title_of,
    unknown_name, values_json,
};
use terrier_exchange::csv_text;
use terrier_model::{Text, ValueRef};
use terrier_store::Snapshot;

use crate::app::App;
use crate::aside::aside;
use crate::items::PAST_NOTE;
use crate::language::{self, LANG};
use crate::limits::MAX_INLINE_ROWS;
use crate::link::{Link, rel, self_and_alternates, with_query};
use crate::negotiate::choose;
use crate::page::{Reader, values_page};
use crate::query::Parameters;
use crate::told::Told;
use crate::{Caller, Format, Problem};

/// The path of the values of a field.
pub(crate) const PATH: &str = "/collections/{collection}/queryables/{queryable}/values";

const OFFERED: [Format; 3] = [Format::Json, Format::Html, Format::Csv];

/// `GET /collections/{collection}/queryables/{queryable}/values`
pub(crate) async fn values(
    State(app): State<App>,
    caller: Caller,
    Path((name, field)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let (snapshot, scope) = (app.registry().snapshot(), caller.scope());
    let collection = crate::collections::find(&app, &snapshot, scope, &name)?;
    let position = collection.position(&field, scope).ok_or_else(|| {
        let seen = collection.seen_fields(scope);
        let known = unknown_name(&field, seen.map(|(_, field)| &*field.name));
        Problem::not_found(format_args!("field `{}` in `{name}`: {known}", shown_name(&field)))
    })?;
    let parameters = Parameters::parse(uri.query())?;
    let known = FeatureQuery::parameter_names(&collection, scope).chain([BEGINS_WITH]);
    parameters.refuse_unknown(known)?;
    let format = choose(&OFFERED, parameters.get("f"), &headers)?;
    let language = language::read(&parameters, &headers)?;
    if format == Format::Html {
        let told = move || {
            read(&app, &caller, &snapshot, (collection, position), &uri, &headers, language)
        };
        return aside(told).await?;
    }
    let query = ValueQuery::parse(collection, scope, app.today(), position, parameters.iter())
        .map_err(refused)?;
    let tag = app.state_tag(snapshot.sequence(), query.features().judged_on(), &uri, format, scope);
    if let Some(unchanged) = tag.not_modified(&headers) {
        return Ok(unchanged);
    }
    let links = links(&app, &query, &parameters, format);
    app.tell(&caller, uri.query(), &Told::figures(PATH, query.features().collection()))?;
    let features = query.features();
    // What falls due may have to be judged first.
    let is_quick = features.judged_on().is_none()
        && snapshot.extent(features.collection(), scope).assets <= MAX_INLINE_ROWS;
    let bytes = if is_quick {
        write(&snapshot, &query, &links, format)
    } else {
        aside(move || write(&snapshot, &query, &links, format)).await?
    };
    app.answer(bytes?, format, &tag)
}

/// Answers with a page to read.
fn read(
    app: &App,
    caller: &Caller,
    snapshot: &Snapshot,
    (collection, position): (Collection, usize),
    uri: &Uri,
    headers: &HeaderMap,
    language: Language,
) -> Result<Response<Body>, Problem> {
    let parameters = Parameters::parse(uri.query())?;
    let query =
        ValueQuery::parse(collection, caller.scope(), app.today(), position, parameters.iter())
            .map_err(refused)?;
    app.tell(caller, uri.query(), &Told::figures(PATH, query.features().collection()))?;
    let found = snapshot.values(&query).map_err(refused)?;
    let links = links(app, &query, &parameters, Format::Html);
    let reader = Reader::new(app, caller, uri, &parameters, language);
    values_page(&reader, headers, snapshot, &query, &found, links)
}

fn refused(error: QueryError) -> Problem {
    Problem::bad_parameter(&error.parameter, error.detail)
}

fn write(
    snapshot: &Snapshot,
    query: &ValueQuery,
    links: &[Link],
    format: Format,
) -> Result<Vec<u8>, Problem> {
    let found = snapshot.values(query).map_err(refused)?;
    let scope = query.features().scope();
    let class_title = |name: &str| -> Option<Text> {
        snapshot.class(name, scope).map(|class| class.title().clone())
    };
    if format == Format::Csv {
        let mut rows = "value,title,title_zh,count\r\n".to_owned();
        for (value, count) in &found.values {
            let title = title_of(query.field(), value.as_ref(), class_title);
            let (en, zh) = title.map_or_else(Default::default, |title| (title.en, title.zh));
            let value = match value.as_ref() {
                ValueRef::Text(text) => csv_text(text),
                other => other.to_string(),
            };
            let titles = [csv_text(&en), csv_text(&zh)].join(",");
            rows.extend([&*value, ",", &titles, ",", &count.to_string(), "\r\n"]);
        }
        return Ok(rows.into_bytes());
    }
    let mut body = values_json(query, &found, class_title);
    if let Some(day) = query.features().due() {
        body["on"] = day.on.to_string().into();
        if day.is_past() {
            body["note"] = PAST_NOTE.into();
        }
    }
    body["links"] = serde_json::to_value(links).expect("links are JSON");
    serde_json::to_vec(&body).map_err(|error| Problem::internal(&error))
}

fn links(app: &App, query: &ValueQuery, parameters: &Parameters<'_>, format: Format) -> Vec<Link> {
    let collection = app.at(&format!("/collections/{}", query.features().collection().name()));
    let queryables = format!("{collection}/queryables");
    let address = format!("{queryables}/{}/values", query.field().name);
    let given: Vec<(&str, &str)> = parameters.iter().collect();
    let mut links = self_and_alternates(&address, &given, format, &OFFERED);
    // The features that were looked at.
    let conditions = given.iter().copied().filter(|(name, _)| !is_own(name));
    let items = with_query(&format!("{collection}/items"), conditions);
    links.push(Link::new(rel::ITEMS, items, Format::GeoJson));
    links.push(Link::new(rel::QUERYABLES, queryables, Format::Schema));
    links.push(Link::new(rel::COLLECTION, collection, Format::Json));
    links
}

/// Whether a parameter is none of the conditions on features.
fn is_own(name: &str) -> bool {
    [BEGINS_WITH, "limit", "f", LANG].contains(&name)
}
