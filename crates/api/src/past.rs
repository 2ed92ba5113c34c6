//! Features as they were in the street at a moment, as they were known at a change: from the ledger.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::LINK;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, Uri};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::json;
use terrier_catalog::{
    AS_OF, AskedPast, Collection, FeatureQuery, FeatureWriter, KNOWN_AT, KnownAt, PastPlace,
    Presentation,
};
use terrier_model::{Asset, AssetId, Past, Permission, Scope};
use terrier_store::{PastPage, PastReading, PastSlice, Shown, Snapshot};

use crate::app::App;
use crate::aside::aside;
use crate::conditional::ETag;
use crate::item::{add_links, fields_hash, missing};
use crate::items::OFFERED;
use crate::language::{self, LANG};
use crate::limits::{MAX_INLINE_COMPOSED, MAX_PAGE_ROWS, MAX_PAST_ROWS};
use crate::link::{Link, rel, self_and_alternates, with_query};
use crate::negotiate::choose;
use crate::page::{
    About, Feature, FeatureList, Found, Reader, Teller, feature_page, features_page, without_empty,
};
use crate::query::Parameters;
use crate::route::{ITEM, ITEMS};
use crate::told::Told;
use crate::{Caller, Format, Problem, form, presentation};

/// When the state that is told was the last (RFC 7089): when the change was recorded.
const MEMENTO_DATETIME: HeaderName = HeaderName::from_static("memento-datetime");

/// The parameters that ask a collection for the past, for a caller who may see it. What falls due has
/// none of its own: it is judged as of a day.
pub(crate) fn parameters<'a>(
    collection: &Collection,
    scope: &Scope,
) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
    let has_past = match collection {
        Collection::Due(..) => false,
        Collection::Assets => scope.allows_somewhere(Permission::History),
        Collection::Class(class) => scope.allows(Permission::History, class.name()),
    };
    AskedPast::PARAMETERS.into_iter().filter(move |_| has_past)
}

/// The place in the past that a request for a collection names; `None` when it asks for what is
/// known now.
pub(crate) fn asked(
    snapshot: &Snapshot,
    scope: &Scope,
    collection: &Collection,
    given: &Parameters<'_>,
) -> Result<Option<AskedPast>, Problem> {
    if parameters(collection, scope).next().is_none() {
        return Ok(None);
    }
    AskedPast::parse(|name| given.get(name), snapshot.time_zone())
        .map_err(|error| Problem::bad_parameter(&error.parameter, error.detail))
}

/// A question for the past, on its way.
struct Question<'a> {
    app: &'a App,
    scope: &'a Scope,
    snapshot: Arc<Snapshot>,
    /// The collection as it was described then.
    collection: Collection,
    past: Past,
    /// When the change was recorded, where the request names one.
    recorded_at: Option<Timestamp>,
    uri: &'a Uri,
    format: Format,
}

impl<'a> Question<'a> {
    /// Finds the place in the past, and starts to read what was known there.
    async fn start(
        (app, caller): (&'a App, &'a Caller),
        snapshot: Arc<Snapshot>,
        today: &Collection,
        asked: AskedPast,
        (uri, format): (&'a Uri, Format),
    ) -> Result<(Self, PastReading), Problem> {
        let ledger = app.registry().ledger();
        let last = ledger.last_change().await.map_err(|error| Problem::internal(&error))?;
        let known_at = match asked.known_at {
            None => last,
            Some(KnownAt::Change(change)) if change <= last => change,
            Some(KnownAt::Change(change)) => {
                let detail = format!("found `{change}`, expected a change up to {last}");
                return Err(Problem::bad_parameter(KNOWN_AT, detail));
            }
            Some(KnownAt::Time(time)) => {
                ledger.change_at(time).await.map_err(|error| Problem::internal(&error))?
            }
        };
        let as_of = asked.as_of.unwrap_or_else(|| app.now());
        let day = snapshot.time_zone().to_datetime(as_of).date();
        let scope = caller.scope();
        let reading = ledger.read_past(today, scope, known_at).await;
        let mut reading = reading.map_err(|error| Problem::internal(&error))?;
        let recorded_at = match asked.known_at {
            Some(_) => reading.recorded_at(known_at).await,
            None => Ok(None),
        };
        let recorded_at = recorded_at.map_err(|error| Problem::internal(&error))?;
        let question = Self {
            app,
            scope,
            snapshot,
            collection: reading.collection(today),
            past: Past { as_of, day, known_at },
            recorded_at,
            uri,
            format,
        };
        Ok((question, reading))
    }

    fn links(&self, parameters: &Parameters<'_>, next: Option<String>) -> Vec<Link> {
        let given: Vec<(&str, &str)> = parameters.iter().collect();
        let address = self.app.at(self.uri.path());
        let mut links = self_and_alternates(&address, &given, self.format, &OFFERED);
        if let Some(token) = next {
            // All pages of one reading are of one place in the past, which has a name of its own.
            let Past { as_of, known_at, .. } = self.past;
            let (as_of, known_at) = (as_of.to_string(), known_at.to_string());
            let pinned = [(AS_OF, &*as_of), (KNOWN_AT, &*known_at), ("token", &*token)];
            let is_pinned = |name: &str| pinned.iter().any(|(other, _)| *other == name);
            let kept = given.iter().copied().filter(|(name, _)| !is_pinned(name));
            let next = with_query(&address, kept.chain(pinned));
            links.push(Link::new(rel::NEXT, next, self.format));
        }
        let collection = self.app.at(&format!("/collections/{}", self.collection.name()));
        links.push(Link::new(rel::COLLECTION, collection, Format::Json));
        links
    }

    /// Marks an answer that is whole.
    fn mark(&self, response: &mut Response<Body>, shown: &Presentation, links: &[Link]) {
        presentation::mark(response, shown);
        form::mark_links(response, links);
        let told =
            self.recorded_at.map(|time| DateTimePrinter::new().timestamp_to_rfc9110_string(&time));
        // A time of the year 10000 or later has no such text.
        if let Some(value) =
            told.and_then(Result::ok).and_then(|text| HeaderValue::from_str(&text).ok())
        {
            response.headers_mut().insert(MEMENTO_DATETIME, value);
        }
    }
}

/// `GET /collections/{collection}/items` of the past.
pub(crate) async fn items(
    (app, caller): (&App, &Caller),
    snapshot: Arc<Snapshot>,
    today: &Collection,
    asked: AskedPast,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Response<Body>, Problem> {
    let mut parameters = Parameters::parse(uri.query())?;
    let format = choose(&OFFERED, parameters.get("f"), headers)?;
    let language = language::read(&parameters, headers)?;
    if format == Format::Html {
        parameters = without_empty(parameters);
    }
    let turn = app.turn_for_past().await?;
    let started = Question::start((app, caller), snapshot, today, asked, (uri, format)).await;
    let (question, mut reading) = started?;
    let shown = presentation::read(&question.collection, question.scope, &parameters)?;
    let pairs: Vec<(&str, &str)> = presentation::of_question(&parameters).collect();
    let read = FeatureQuery::parse_past(
        question.collection.clone(),
        question.scope,
        question.past,
        &pairs,
    );
    let (query, limit, after) =
        read.map_err(|error| Problem::bad_parameter(&error.parameter, error.detail))?;
    app.check_export(caller, &question.snapshot, &query, &shown)?;
    let tag = question.tag();
    if let Some(unchanged) = tag.not_modified(headers).filter(|_| format != Format::Html) {
        return Ok(unchanged);
    }
    let limit = if format == Format::Html { limit.min(MAX_PAGE_ROWS) } else { limit };
    let slice = PastSlice { limit, rows: MAX_PAST_ROWS, after };
    let page = reading.page(&query, question.past, slice).await;
    let page = page.map_err(|error| Problem::internal(&error))?;
    drop((reading, turn));
    let next = page.next().map(|place| place.encode(query.past_hash(question.past)));
    let links = question.links(&parameters, next);
    let returned = page.assets().len();
    app.tell(caller, uri.query(), &Told::list(ITEMS, &question.collection, returned))?;
    let matched = matched(&page, after);
    let mut response = if format == Format::Html {
        let found = Found::Then { page: &page, past: question.past, is_first: after.is_none() };
        let snapshot = &*question.snapshot;
        let links = links.clone();
        let list = FeatureList { query: &query, shown: &shown, found, snapshot, links };
        features_page(&Reader::new(app, caller, uri, &parameters, language), headers, list)?
    } else {
        let writing = Writing {
            scope: question.scope.clone(),
            collection: question.collection.clone(),
            past: question.past,
            page,
            shown: shown.clone(),
            links: links.clone(),
            matched,
            format,
        };
        let bytes = if returned <= MAX_INLINE_COMPOSED {
            writing.write()?
        } else {
            aside(move || writing.write()).await??
        };
        app.answer(bytes, format, &tag)?
    };
    if response.status().is_success() {
        question.mark(&mut response, &shown, &links);
        form::mark_numbers(&mut response, matched, returned);
    }
    Ok(response)
}

impl Question<'_> {
    /// The state of a list: at one place in the past nothing changes but what one may see.
    fn tag(&self) -> ETag {
        let form = self.app.form_hash(self.uri, self.format, self.scope)
            ^ fields_hash(&self.collection, self.scope);
        let Past { as_of, known_at, .. } = self.past;
        ETag::weak(format_args!("past-{known_at}-{}-{form:016x}", as_of.as_nanosecond()))
    }
}

/// How many features the question has, where that is known without reading on: the page is all there
/// is.
fn matched(page: &PastPage, after: Option<PastPlace>) -> Option<u64> {
    let is_whole = page.next().is_none() && after.is_none();
    is_whole.then_some(page.assets().len() as u64)
}

/// A page of the past that becomes an answer.
struct Writing {
    scope: Scope,
    collection: Collection,
    past: Past,
    page: PastPage,
    shown: Presentation,
    links: Vec<Link>,
    matched: Option<u64>,
    format: Format,
}

impl Writing {
    fn write(&self) -> Result<Vec<u8>, Problem> {
        let Self { scope, collection, page, shown, format, .. } = self;
        if !matches!(format, Format::GeoJson | Format::JsonFg) {
            return form::write((collection, scope), shown, None, *format, |visit| {
                page.for_each(visit);
            })
            .map_err(|error| Problem::internal(&error));
        }
        let mut out = self.head().into_bytes();
        if *format == Format::JsonFg {
            out.extend(form::json_fg_head(collection, shown));
            out.push(b',');
        }
        out.extend(br#""features":["#);
        let mut writer = FeatureWriter::new(shown, collection, scope);
        if *format == Format::JsonFg {
            writer = writer.as_json_fg(collection);
        }
        let (mut id, mut is_first) = (String::new(), true);
        page.for_each(|feature| {
            if !std::mem::take(&mut is_first) {
                out.push(b',');
            }
            feature.write(&writer, &mut id, &mut out);
        });
        out.extend(b"]}");
        Ok(out)
    }

    /// Everything before the features. It has no time of its own, so that the same question gets the
    /// same bytes.
    fn head(&self) -> String {
        let mut head = String::from(r#"{"type":"FeatureCollection","#);
        if let Some(matched) = self.matched {
            write!(head, r#""numberMatched":{matched},"#).expect("a string takes everything");
        }
        let Past { as_of, known_at, .. } = self.past;
        let links = serde_json::to_string(&self.links).expect("links are JSON");
        let returned = self.page.assets().len();
        write!(
            head,
            r#""numberReturned":{returned},"as_of":"{as_of}","known_at":{known_at},"links":{links},"#
        )
        .expect("a string takes everything");
        head
    }
}

/// `GET /collections/{collection}/items/{feature}` of the past.
pub(crate) async fn item(
    (app, caller): (&App, &Caller),
    snapshot: Arc<Snapshot>,
    today: &Collection,
    feature: &str,
    asked: AskedPast,
    (uri, headers): (&Uri, &HeaderMap),
) -> Result<Response<Body>, Problem> {
    let parameters = Parameters::parse(uri.query())?;
    let known = ["f", LANG].into_iter().chain(Presentation::PARAMETERS);
    parameters.refuse_unknown(known.chain(AskedPast::PARAMETERS))?;
    let format = choose(&OFFERED, parameters.get("f"), headers)?;
    let language = language::read(&parameters, headers)?;
    let name = today.name();
    let id = AssetId::parse(feature).ok_or_else(|| missing(name, feature))?;
    let turn = app.turn_for_past().await?;
    let started = Question::start((app, caller), snapshot, today, asked, (uri, format)).await;
    let (question, mut reading) = started?;
    let shown = presentation::read(&question.collection, question.scope, &parameters)?;
    // What is out of scope was not there.
    let asset = reading.asset(id, question.scope, question.past).await;
    let asset = asset.map_err(|error| Problem::internal(&error))?;
    drop((reading, turn));
    let asset = asset.ok_or_else(|| missing_then(name, feature))?;
    let mut links = question.links(&parameters, None);
    let address = format!("/collections/{name}/items/{id}");
    let history = app.at(&format!("{address}/history"));
    links.push(Link::new(rel::VERSION_HISTORY, history, Format::Json));
    links.push(Link::new(rel::LATEST_VERSION, app.at(&address), Format::GeoJson));
    app.tell(caller, uri.query(), &Told::one(ITEM, &question.collection, feature))?;
    let mut response = if format == Format::Html {
        let reader = Reader::new(app, caller, uri, &parameters, language);
        let teller = Teller::new(language, question.scope, &question.snapshot);
        let collection = &question.collection;
        let told = Feature::read(collection, &shown, teller, &reader, &Shown::of(&asset));
        let about = About::Past { version: asset.version, past: question.past };
        let snapshot = &question.snapshot;
        feature_page(&reader, headers, snapshot, collection, &told, &about, links.clone())?
    } else {
        let bytes = written(&question, &asset, &shown, &links)?;
        let tag = ETag::strong_of_seen(&bytes, question.scope.mark());
        match tag.not_modified(headers) {
            Some(unchanged) => return Ok(unchanged),
            None => app.answer(bytes, format, &tag)?,
        }
    };
    if response.status().is_success() {
        question.mark(&mut response, &shown, &links);
    }
    Ok(response)
}

fn written(
    question: &Question<'_>,
    asset: &Asset,
    shown: &Presentation,
    links: &[Link],
) -> Result<Vec<u8>, Problem> {
    let Question { collection, scope, format, .. } = question;
    let format = *format;
    if format == Format::GeoJson {
        let (mut out, mut id) = (Vec::new(), String::new());
        let writer = FeatureWriter::new(shown, collection, scope);
        Shown::of(asset).write(&writer, &mut id, &mut out);
        add_links(&mut out, links);
        return Ok(out);
    }
    let mut out =
        form::write((collection, *scope), shown, None, format, |visit| visit(&Shown::of(asset)))
            .map_err(|error| Problem::internal(&error))?;
    if format == Format::JsonFg {
        out = form::with_head(out, &form::json_fg_head(collection, shown));
        add_links(&mut out, links);
    }
    Ok(out)
}

/// What is answered where there was no such feature.
fn missing_then(name: &str, feature: &str) -> Problem {
    let shown: String = feature.chars().take(80).collect();
    Problem::not_found(format_args!("feature `{shown}` in `{name}` as of then, as known then"))
}

/// An asset of a collection of which no version stands any more, as its last version has it; `None`
/// where there was none that the caller may see.
pub(crate) async fn retired(
    app: &App,
    scope: &Scope,
    collection: &Collection,
    feature: &str,
) -> Result<Option<Asset>, Problem> {
    let is_of_assets = !matches!(collection, Collection::Due(..));
    let Some(id) = AssetId::parse(feature).filter(|_| is_of_assets) else { return Ok(None) };
    let retired = app.registry().ledger().retired(id).await;
    let retired = retired.map_err(|error| Problem::internal(&error))?;
    let is_seen = |asset: &Asset| {
        let is_of_it = collection.covers(&asset.class) && !asset.class.is_retired();
        is_of_it && FeatureQuery::all(collection.clone(), scope).matches(asset, |_| None)
    };
    Ok(retired.filter(is_seen))
}

/// What is answered where an asset is no more: the way to its history, for a caller who may see that.
pub(crate) fn gone(app: &App, scope: &Scope, collection: &Collection, asset: &Asset) -> Problem {
    let (name, id) = (collection.name(), asset.id.to_string());
    if !scope.allows(Permission::History, asset.class.name()) {
        return Problem::gone(name, &id);
    }
    let address = app.at(&format!("/collections/{name}/items/{id}/history"));
    let links = [Link::new(rel::VERSION_HISTORY, address, Format::Json)];
    let problem = Problem::gone(name, &id).with("links", json!(links));
    match form::link_header(&links) {
        Some(header) => problem.heading(LINK, header),
        None => problem,
    }
}
