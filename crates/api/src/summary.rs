//! Figures of many assets in one.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, Uri};
use terrier_catalog::{
    CLIP, Collection, GROUP_BY, Language, MEASURE, QueryError, Summary, SummaryQuery, summary_json,
};
use terrier_exchange::summary_csv;
use terrier_store::Snapshot;

use crate::app::App;
use crate::aside::aside;
use crate::items::PAST_NOTE;
use crate::language::{self, LANG};
use crate::limits::MAX_INLINE_ROWS;
use crate::link::{Link, rel, self_and_alternates, with_query};
use crate::negotiate::choose;
use crate::page::{Reader, summary_page};
use crate::query::Parameters;
use crate::told::Told;
use crate::{Caller, Format, Problem};

/// The path of the summary of a collection.
pub(crate) const PATH: &str = "/collections/{collection}/summary";

const OFFERED: [Format; 3] = [Format::Json, Format::Html, Format::Csv];

/// The parameters of a summary that its features do not take, and those that choose its form.
pub(crate) const OWN: [&str; 5] = [GROUP_BY, MEASURE, CLIP, "f", LANG];

/// `GET /collections/{collection}/summary`
pub(crate) async fn summary(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let (snapshot, scope) = (app.registry().snapshot(), caller.scope());
    let collection = crate::collections::find(&app, &snapshot, scope, &name)?;
    let parameters = Parameters::parse(uri.query())?;
    let format = choose(&OFFERED, parameters.get("f"), &headers)?;
    let language = language::read(&parameters, &headers)?;
    if format == Format::Html {
        let told = move || read(&app, &caller, &snapshot, collection, &uri, &headers, language);
        return aside(told).await?;
    }
    let query =
        SummaryQuery::parse(collection, scope, app.today(), parameters.iter()).map_err(refused)?;
    let tag = app.state_tag(snapshot.sequence(), query.features().judged_on(), &uri, format, scope);
    if let Some(unchanged) = tag.not_modified(&headers) {
        return Ok(unchanged);
    }
    let links = links(&app, &name, &parameters, format);
    app.tell(&caller, uri.query(), &Told::figures(PATH, query.features().collection()))?;
    let features = query.features();
    // What falls due may have to be judged first.
    let is_quick = features.judged_on().is_none()
        && !query.is_clipped()
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
    collection: Collection,
    uri: &Uri,
    headers: &HeaderMap,
    language: Language,
) -> Result<Response<Body>, Problem> {
    // A browser sends what nobody filled in.
    let parameters = Parameters::parse(uri.query())?.without_empty(&[GROUP_BY, MEASURE]);
    let links = links(app, collection.name(), &parameters, Format::Html);
    let query = SummaryQuery::parse(collection, caller.scope(), app.today(), parameters.iter())
        .map_err(refused)?;
    let summary = snapshot.summarise(&query).map_err(refused)?;
    app.tell(caller, uri.query(), &Told::figures(PATH, query.features().collection()))?;
    let reader = Reader::new(app, caller, uri, &parameters, language);
    summary_page(&reader, headers, snapshot, &query, &summary, links)
}

fn refused(error: QueryError) -> Problem {
    Problem::bad_parameter(&error.parameter, error.detail)
}

fn write(
    snapshot: &Snapshot,
    query: &SummaryQuery,
    links: &[Link],
    format: Format,
) -> Result<Vec<u8>, Problem> {
    let summary: Summary = snapshot.summarise(query).map_err(refused)?;
    let scope = query.features().scope();
    let class_title = |name: &str| snapshot.class(name, scope).map(|class| class.title().clone());
    if format == Format::Csv {
        return Ok(summary_csv(query, &summary, class_title).into_bytes());
    }
    let mut body = summary_json(query, &summary, class_title);
    if let Some(day) = query.features().due() {
        body["on"] = day.on.to_string().into();
        if day.on < day.today {
            body["note"] = PAST_NOTE.into();
        }
    }
    body["links"] = serde_json::to_value(links).expect("links are JSON");
    serde_json::to_vec(&body).map_err(|error| Problem::internal(&error))
}

fn links(app: &App, name: &str, parameters: &Parameters<'_>, format: Format) -> Vec<Link> {
    let collection = app.at(&format!("/collections/{name}"));
    let given: Vec<(&str, &str)> = parameters.iter().collect();
    let mut links = self_and_alternates(&format!("{collection}/summary"), &given, format, &OFFERED);
    // The assets that were summed up.
    let conditions = given.iter().copied().filter(|(name, _)| !OWN.contains(name));
    let items = with_query(&format!("{collection}/items"), conditions);
    links.push(Link::new(rel::ITEMS, items, Format::GeoJson));
    links.push(Link::new(rel::COLLECTION, collection, Format::Json));
    links
}
