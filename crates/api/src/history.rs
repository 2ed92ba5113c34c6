//! The versions and events of one asset, from the ledger.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, Uri};
use serde_json::json;
use terrier_catalog::{events_json, history_json};
use terrier_model::Permission;

use crate::app::App;
use crate::collections;
use crate::item;
use crate::language::{self, LANG};
use crate::link::{Link, rel, self_and_alternates, with_query};
use crate::negotiate::choose;
use crate::page::{Reader, history_page};
use crate::query::Parameters;
use crate::told::Told;
use crate::{Caller, Format, Problem, past};

/// How many versions, and how many events, a page holds when nobody says.
pub const HISTORY_LIMIT_DEFAULT: u32 = 100;

/// The most versions, and the most events, that a page holds; who asks for more gets this many.
pub const HISTORY_LIMIT_MAX: u32 = 1000;

/// The path of what was said of a feature.
pub(crate) const PATH: &str = "/collections/{collection}/items/{feature}/history";

const OFFERED: [Format; 2] = [Format::Json, Format::Html];

/// `GET /collections/{collection}/items/{feature}/history`
pub(crate) async fn history(
    State(app): State<App>,
    caller: Caller,
    Path((name, feature)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let parameters = Parameters::parse(uri.query())?;
    parameters.refuse_unknown(["f", LANG, "limit", "after", "after_event"].into_iter())?;
    let format = choose(&OFFERED, parameters.get("f"), &headers)?;
    let language = language::read(&parameters, &headers)?;
    let limit = number(&parameters, "limit", 1)?.unwrap_or(HISTORY_LIMIT_DEFAULT);
    let limit = limit.min(HISTORY_LIMIT_MAX);
    let after = number(&parameters, "after", 0)?.unwrap_or(0);
    let after_event = number(&parameters, "after_event", 0)?.unwrap_or(0);
    let (snapshot, scope) = (app.registry().snapshot(), caller.scope());
    let collection = collections::find(&app, &snapshot, scope, &name)?;
    let (id, class) = match item::standing(&snapshot, scope, &collection, &feature) {
        Some(item) => (item.id(), Arc::clone(item.class())),
        None => match past::retired(&app, scope, &collection, &feature).await? {
            Some(asset) => (asset.id, asset.class),
            None => return Err(item::missing(&name, &feature)),
        },
    };
    if !scope.allows(Permission::History, class.name()) {
        return Err(item::missing(&name, &feature));
    }
    let ledger = app.registry().ledger();
    // One version more in front tells what the first of the page changed, one more behind whether
    // there is another page.
    let before = after.saturating_sub(1);
    let most = limit + (after - before) + 1;
    let versions = ledger.history(id, before, most).await;
    let mut versions = versions.map_err(|error| Problem::internal(&error))?;
    let events = ledger.events(id, after_event, limit + 1).await;
    let mut events = events.map_err(|error| Problem::internal(&error))?;
    let former = if after > 0 && !versions.is_empty() { Some(versions.remove(0)) } else { None };
    let is_end = versions.len() <= limit as usize;
    let more = !is_end || events.len() > limit as usize;
    versions.truncate(limit as usize);
    events.truncate(limit as usize);
    let given: Vec<(&str, &str)> = parameters.iter().collect();
    let address = app.at(&format!("/collections/{name}/items/{feature}/history"));
    let mut links = self_and_alternates(&address, &given, format, &OFFERED);
    if more {
        // Of what has come to its end, nothing comes after the last.
        let last = versions.last().map_or(after, |version| version.asset.version).to_string();
        let last_event = events.last().map_or(after_event, |event| event.number).to_string();
        let kept = given.iter().copied().filter(|(name, _)| !name.starts_with("after"));
        let places = [("after", last.as_str()), ("after_event", last_event.as_str())];
        let next = with_query(&address, kept.chain(places));
        links.push(Link::new(rel::NEXT, next, format));
    }
    links.push(Link::new(rel::COLLECTION, app.at(&format!("/collections/{name}")), Format::Json));
    app.tell(&caller, uri.query(), &Told::one(PATH, &collection, &feature))?;
    let body = json!({
        "id": id.to_string(),
        "class": class.name(),
        "versions": history_json(&versions, (former.as_ref(), is_end), &collection, scope),
        "events": events_json(&events, &collection, scope),
        "links": links,
    });
    if format == Format::Html {
        let reader = Reader::new(&app, &caller, &uri, &parameters, language);
        return history_page(&reader, &headers, &snapshot, &collection, &body, links);
    }
    app.document(&body, format, &headers, scope)
}

/// A whole number of a parameter, at least `least`; one too large for any count is the largest.
pub(crate) fn number(
    parameters: &Parameters<'_>,
    name: &str,
    least: u32,
) -> Result<Option<u32>, Problem> {
    let Some(text) = parameters.get(name) else { return Ok(None) };
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| text.parse().unwrap_or(u32::MAX));
    if let Some(number) = number.filter(|number| *number >= least) {
        return Ok(Some(number));
    }
    let shown: String = text.chars().take(80).collect();
    let detail = format!("found `{shown}`, expected a whole number from {least}");
    Err(Problem::bad_parameter(name, detail))
}
