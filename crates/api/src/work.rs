//! One piece of work that falls due.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Response, Uri};
use terrier_catalog::{Collection, DueDay, DueId, DueOf, FeatureQuery, Presentation};
use terrier_exchange::WriteError;
use terrier_store::{Snapshot, Work};

use crate::app::{App, day_mark};
use crate::aside::aside;
use crate::conditional::ETag;
use crate::item::{add_links, fields_hash, missing};
use crate::items::{OFFERED, write_day};
use crate::language::{self, LANG};
use crate::link::{Link, rel, self_and_alternates};
use crate::negotiate::choose;
use crate::page::{About, Feature, Reader, Teller, feature_page};
use crate::query::Parameters;
use crate::route::ITEM;
use crate::told::Told;
use crate::{Caller, Format, Problem, form, presentation};

/// `GET /collections/due/items/{feature}`, and the same of the other collections of work
pub(crate) async fn work(
    app: &App,
    caller: Caller,
    of: DueOf,
    feature: &str,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Response<Body>, Problem> {
    let parameters = Parameters::parse(uri.query())?;
    let own = ["f", LANG, "on"].into_iter();
    parameters.refuse_unknown(own.chain(Presentation::PARAMETERS))?;
    let format = choose(&OFFERED, parameters.get("f"), headers)?;
    let language = language::read(&parameters, headers)?;
    let scope = caller.scope();
    let collection = Collection::Due(app.today(), of);
    let fields = fields_hash(&collection, scope);
    let shown = presentation::read(&collection, scope, &parameters)?;
    let asked = presentation::of_question(&parameters);
    let (query, _) = FeatureQuery::parse(collection, scope, app.today(), asked)
        .map_err(|error| Problem::bad_parameter(&error.parameter, error.detail))?;
    let day = query.due().expect("a question for what falls due has a day");
    let id = DueId::parse(feature).ok_or_else(|| missing(of.name(), feature))?;
    let snapshot = app.registry().snapshot();
    if format == Format::Html {
        let reader = Reader::new(app, &caller, uri, &parameters, language);
        let read = read(&reader, headers, snapshot, id, of, day, &shown).await?;
        app.tell(&caller, uri.query(), &Told::one(ITEM, query.collection(), feature))?;
        return Ok(read);
    }
    let rules = snapshot.rules().version();
    let presentation = shown.clone();
    // The assets of a leaf may have to be judged, and what is told of them written.
    let found = aside(move || {
        snapshot.work(id, of, day, query.scope()).map(|work| {
            let written = write(&work, &query, &presentation, format);
            written.map(|out| (work, out))
        })
    });
    let found = found.await?;
    let found = found.transpose().map_err(|error| Problem::internal(&error))?;
    let (work, mut out) = found.ok_or_else(|| missing(of.name(), feature))?;
    let form = app.form_hash(uri, format, scope) ^ fields ^ work.events_state().unwrap_or(0);
    let version = work.version();
    let tag = ETag::strong(format_args!("{version}-{rules}-{}-{form:016x}", day_mark(day)));
    if let Some(unchanged) = tag.not_modified(headers) {
        return Ok(unchanged);
    }
    let given: Vec<(&str, &str)> = parameters.iter().collect();
    let mut links = self_and_alternates(&app.at(uri.path()), &given, format, &OFFERED);
    let asset = format!("/collections/{}/items/{}", work.class().name(), work.asset());
    links.push(Link::new(
        rel::COLLECTION,
        app.at(&format!("/collections/{}", of.name())),
        Format::Json,
    ));
    links.push(Link::new(rel::RELATED, app.at(&asset), Format::GeoJson).titled("The asset"));
    if matches!(format, Format::GeoJson | Format::JsonFg) {
        add_links(&mut out, &links);
        let mut head = Vec::new();
        write_day(day, &mut head);
        if format == Format::JsonFg {
            head.extend(form::json_fg_head(&Collection::Due(day.today, of), &shown));
        } else {
            // The comma behind the day is put there again.
            head.pop();
        }
        out = form::with_head(out, &head);
    }
    app.tell(&caller, uri.query(), &Told::one(ITEM, &Collection::Due(day.today, of), feature))?;
    let mut response = app.answer(out, format, &tag)?;
    presentation::mark(&mut response, &shown);
    form::mark_links(&mut response, &links);
    Ok(response)
}

/// Answers with a page to read.
async fn read(
    reader: &Reader<'_>,
    headers: &HeaderMap,
    snapshot: Arc<Snapshot>,
    id: DueId,
    of: DueOf,
    day: DueDay,
    shown: &Presentation,
) -> Result<Response<Body>, Problem> {
    let (judging, scope) = (Arc::clone(&snapshot), reader.scope.clone());
    let found = aside(move || judging.work(id, of, day, &scope)).await?;
    let work = found.ok_or_else(|| missing(of.name(), &id.to_string()))?;
    let collection = Collection::Due(day.today, of);
    let teller = Teller::new(reader.language, reader.scope, &snapshot);
    let mut feature = None;
    work.show(reader.scope, |shown_work| {
        feature = Some(Feature::read(&collection, shown, teller, reader, shown_work));
    });
    let feature = feature.ok_or_else(|| missing(of.name(), &id.to_string()))?;
    let address = reader.app.at(reader.path());
    let links = self_and_alternates(&address, reader.parameters(), Format::Html, &OFFERED);
    let about = About::Work { asset: work.asset() };
    let page =
        feature_page(reader, headers, &snapshot, &collection, &feature, &about, links.clone());
    let mut response = page?;
    if response.status().is_success() {
        presentation::mark(&mut response, shown);
        form::mark_links(&mut response, &links);
    }
    Ok(response)
}

fn write(
    work: &Work,
    query: &FeatureQuery,
    shown: &Presentation,
    format: Format,
) -> Result<Vec<u8>, WriteError> {
    if format == Format::GeoJson {
        let mut out = Vec::new();
        work.write_shown(query.scope(), shown, &mut out);
        return Ok(out);
    }
    let seen = (query.collection(), query.scope());
    form::write(seen, shown, None, format, |visit| work.show(query.scope(), visit))
}
