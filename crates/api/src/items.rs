//! The features of a collection that a question is after, page by page.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, Uri};
use terrier_catalog::{
    Collection, DueDay, FeatureQuery, FeatureWriter, Language, Presentation, Slice,
};
use terrier_model::Scope;
use terrier_store::{Page, Snapshot};

use crate::app::App;
use crate::aside::aside;
use crate::limits::{MAX_INLINE_COMPOSED, MAX_INLINE_ROWS, MAX_PAGE_ROWS};
use crate::link::{Link, rel, self_and_alternates, with_query};
use crate::negotiate::choose;
use crate::page::{self, FeatureList, Found, Reader, features_page};
use crate::query::Parameters;
use crate::route::ITEMS;
use crate::told::Told;
use crate::{Caller, Format, Problem, form, language, past, presentation};

/// The forms in which features are served.
pub(crate) const OFFERED: [Format; 6] = [
    Format::GeoJson,
    Format::Html,
    Format::JsonFg,
    Format::GeoJsonSequence,
    Format::Csv,
    Format::FlatGeobuf,
];

/// What is said of an answer as of a day in the past.
pub(crate) const PAST_NOTE: &str = "The assets as they are known today, with the events up to that day and by the \
                         rules as they are written today and were in force then.";

/// `GET /collections/{collection}/items`
pub(crate) async fn items(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let snapshot = app.registry().snapshot();
    let collection = crate::collections::find(&app, &snapshot, caller.scope(), &name)?;
    let parameters = Parameters::parse(uri.query())?;
    if let Some(asked) = past::asked(&snapshot, caller.scope(), &collection, &parameters)? {
        return past::items((&app, &caller), snapshot, &collection, asked, &uri, &headers).await;
    }
    let known = FeatureQuery::parameter_names(&collection, caller.scope());
    let known = known.chain(Presentation::PARAMETERS);
    parameters.refuse_unknown(known.chain(past::parameters(&collection, caller.scope())))?;
    let format = choose(&OFFERED, parameters.get("f"), &headers)?;
    let language = language::read(&parameters, &headers)?;
    if format == Format::Html {
        let told = move || read(&app, &caller, &snapshot, collection, &uri, &headers, language);
        return aside(told).await?;
    }
    let scope = caller.scope();
    let shown = presentation::read(&collection, scope, &parameters)?;
    let (query, slice) = question(&app, scope, collection, &parameters)?;
    app.check_export(&caller, &snapshot, &query, &shown)?;
    let tag = app.state_tag(snapshot.sequence(), query.judged_on(), &uri, format, scope);
    if let Some(unchanged) = tag.not_modified(&headers) {
        return Ok(unchanged);
    }
    let query = Arc::new(query);
    let page = ask(snapshot, Arc::clone(&query), slice).await?;
    let links = links(&app, &query, &parameters, &page, format);
    let (matched, returned) = (page.matched(), page.returned());
    app.tell(&caller, uri.query(), &Told::list(ITEMS, query.collection(), returned))?;
    let is_copied = format == Format::GeoJson && shown.is_plain() && page.is_ready();
    let bytes = if is_copied || returned <= MAX_INLINE_COMPOSED {
        write(&app, &query, &page, &shown, &links, format)?
    } else {
        let (app, shown, links) = (app.clone(), shown.clone(), links.clone());
        aside(move || write(&app, &query, &page, &shown, &links, format)).await??
    };
    let mut response = app.answer(bytes, format, &tag)?;
    presentation::mark(&mut response, &shown);
    form::mark_links(&mut response, &links);
    form::mark_numbers(&mut response, Some(matched), returned);
    Ok(response)
}

fn question(
    app: &App,
    scope: &Scope,
    collection: Collection,
    parameters: &Parameters<'_>,
) -> Result<(FeatureQuery, Slice), Problem> {
    FeatureQuery::parse(collection, scope, app.today(), presentation::of_question(parameters))
        .map_err(|error| Problem::bad_parameter(&error.parameter, error.detail))
}

/// Answers with a page to read. Its words take longer than those of programs, so it is made where it holds
/// nobody up.
fn read(
    app: &App,
    caller: &Caller,
    snapshot: &Snapshot,
    collection: Collection,
    uri: &Uri,
    headers: &HeaderMap,
    language: Language,
) -> Result<Response<Body>, Problem> {
    let parameters = page::without_empty(Parameters::parse(uri.query())?);
    let scope = caller.scope();
    let shown = presentation::read(&collection, scope, &parameters)?;
    let (query, mut slice) = question(app, scope, collection, &parameters)?;
    app.check_export(caller, snapshot, &query, &shown)?;
    slice.limit = slice.limit.min(MAX_PAGE_ROWS);
    let found = snapshot.answer(&query, &slice);
    let links = links(app, &query, &parameters, &found, Format::Html);
    let (matched, returned) = (found.matched(), found.returned());
    app.tell(caller, uri.query(), &Told::list(ITEMS, query.collection(), returned))?;
    let found = Found::Now(&found, &slice);
    let list = FeatureList { query: &query, shown: &shown, found, snapshot, links };
    let told = list.links.clone();
    let reader = Reader::new(app, caller, uri, &parameters, language);
    let mut response = features_page(&reader, headers, list)?;
    if response.status().is_success() {
        presentation::mark(&mut response, &shown);
        form::mark_links(&mut response, &told);
        form::mark_numbers(&mut response, Some(matched), returned);
    }
    Ok(response)
}

/// Answers here and now when that is quick, otherwise where it holds nobody up.
async fn ask(
    snapshot: Arc<Snapshot>,
    query: Arc<FeatureQuery>,
    slice: Slice,
) -> Result<Page, Problem> {
    if let Some(page) = snapshot.answer_within(&query, &slice, MAX_INLINE_ROWS) {
        return Ok(page);
    }
    aside(move || snapshot.answer(&query, &slice)).await
}

fn links(
    app: &App,
    query: &FeatureQuery,
    parameters: &Parameters<'_>,
    page: &Page,
    format: Format,
) -> Vec<Link> {
    let collection = app.at(&format!("/collections/{}", query.collection().name()));
    let address = format!("{collection}/items");
    let given: Vec<(&str, &str)> = parameters.iter().collect();
    let mut links = self_and_alternates(&address, &given, format, &OFFERED);
    let beside = [(rel::NEXT, page.next()), (rel::PREV, page.previous())];
    for (rel, cursor) in beside.into_iter().filter_map(|(rel, cursor)| Some((rel, cursor?))) {
        let token = cursor.encode(query.hash());
        let kept = given.iter().copied().filter(|(name, _)| !matches!(*name, "token" | "offset"));
        // The pages of one reading are as of one day, though it end meanwhile.
        let day = query.due().map(|due| due.on.to_string());
        let day = day.as_deref().filter(|_| parameters.get("on").is_none()).map(|on| ("on", on));
        let there = with_query(&address, kept.chain(day).chain([("token", token.as_str())]));
        links.push(Link::new(rel, there, format));
    }
    links.push(Link::new(rel::COLLECTION, collection, Format::Json));
    links
}

/// Says as of which day work falls due, and of what kind the answer for a past day is.
pub(crate) fn write_day(day: DueDay, out: &mut Vec<u8>) {
    out.extend(format!(r#""on":"{}","#, day.on).as_bytes());
    if day.is_past() {
        out.extend(format!(r#""note":"{PAST_NOTE}","#).as_bytes());
    }
}

fn write(
    app: &App,
    query: &FeatureQuery,
    page: &Page,
    shown: &Presentation,
    links: &[Link],
    format: Format,
) -> Result<Vec<u8>, Problem> {
    if matches!(format, Format::GeoJson | Format::JsonFg) {
        return Ok(write_collection(app, query, page, shown, links, format));
    }
    let seen = (query.collection(), query.scope());
    form::write(seen, shown, query.near(), format, |visit| page.for_each(visit))
        .map_err(|error| Problem::internal(&error))
}

fn write_collection(
    app: &App,
    query: &FeatureQuery,
    page: &Page,
    shown: &Presentation,
    links: &[Link],
    format: Format,
) -> Vec<u8> {
    let links = serde_json::to_vec(links).expect("links are JSON");
    let mut out = Vec::with_capacity(page.about_bytes() + links.len() + 160);
    let head = format!(
        r#"{{"type":"FeatureCollection","numberMatched":{},"numberReturned":{},"timeStamp":"{:.3}","#,
        page.matched(),
        page.returned(),
        app.now(),
    );
    out.extend(head.as_bytes());
    if let Some(day) = query.due() {
        write_day(day, &mut out);
    }
    out.extend(br#""links":"#);
    out.extend(links);
    if format == Format::JsonFg {
        out.push(b',');
        out.extend(form::json_fg_head(query.collection(), shown));
    }
    out.extend(br#","features":["#);
    if format == Format::JsonFg {
        let writer = FeatureWriter::new(shown, query.collection(), query.scope());
        page.write_by(&writer.as_json_fg(query.collection()), &mut out);
    } else {
        page.write_shown(shown, &mut out);
    }
    out.extend(b"]}");
    out
}
