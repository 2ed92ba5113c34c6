//! What the sender of an edit is told.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, LINK, LOCATION};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Value as Json, json};
use terrier_catalog::{Collection, Presentation, version_differences};
use terrier_model::{AssetId, Class, Scope};
use terrier_store::{Edit, EditAction, EditAnswer, EditRefusal, Edited, Effect, Expected, Item};

use super::asked::{Asked, Return};
use super::transaction::TRANSACTION_TYPES;
use super::{FEATURE_TYPES, PATCH_TYPES, feature};
use crate::app::App;
use crate::conditional::ETag;
use crate::route::{IMPORTS, ITEM, ITEMS, TRANSACTIONS};
use crate::told::Told;
use crate::{Caller, Format, Problem, item, past};

/// The media types that may be posted.
pub(crate) const ACCEPT_POST: HeaderName = HeaderName::from_static("accept-post");

/// The media types of patches.
pub(crate) const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");

/// What of the client's preferences was followed (RFC 7240).
pub(crate) const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// What an edit was about, and who made it.
pub(super) struct About {
    caller: Caller,
    id: AssetId,
    class: Arc<Class>,
    expected: Expected,
}

impl About {
    pub(super) fn of(edit: &Edit, caller: &Caller) -> Self {
        let expected = match &edit.action {
            EditAction::Create(_) => Expected::Any,
            EditAction::Change { expected, .. } | EditAction::Retire { expected } => {
                expected.clone()
            }
        };
        Self { caller: caller.clone(), id: edit.id, class: Arc::clone(&edit.class), expected }
    }
}

/// Tells what came of an edit.
pub(super) async fn answer(
    app: &App,
    asked: &Asked,
    about: &About,
    done: EditAnswer,
    body: &[u8],
) -> Result<Response<Body>, Problem> {
    let (sequence, edited) = match done {
        EditAnswer::Done { report, edited } => (report.sequence, edited),
        EditAnswer::Repeated { sequence, edited } => (Some(sequence), edited),
        EditAnswer::KeyOfAnother { sequence } => return Err(Problem::key_of_another(sequence)),
        EditAnswer::Refused(refused) => {
            let refusal = refused.into_iter().next().map(|(_, refusal)| refusal);
            let refusal = refusal.unwrap_or(EditRefusal::Missing);
            return Err(problem(app, about, refusal, body).await);
        }
    };
    let edited = edited.into_iter().next().ok_or_else(Problem::unexplained)?;
    if asked.rehearse {
        return Ok(rehearsed(&edited));
    }
    let mut response = match edited.effect {
        Effect::Retired => status(StatusCode::NO_CONTENT),
        effect => now(app, asked, about, &edited, effect)?,
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    mark_change(app, sequence, &mut response)?;
    Ok(response)
}

/// Tells which change was made.
pub(super) fn mark_change(
    app: &App,
    sequence: Option<u64>,
    response: &mut Response<Body>,
) -> Result<(), Problem> {
    let Some(sequence) = sequence else { return Ok(()) };
    let change = app.at(&format!("/change-sets/{sequence}"));
    let link = format!(r#"<{change}>; rel="related"; title="change {sequence}""#);
    let link = HeaderValue::from_str(&link).map_err(|_| Problem::unexplained())?;
    response.headers_mut().insert(LINK, link);
    Ok(())
}

/// Tells an asset as it is now.
fn now(
    app: &App,
    asked: &Asked,
    about: &About,
    edited: &Edited,
    effect: Effect,
) -> Result<Response<Body>, Problem> {
    let (scope, collection) = (about.caller.scope(), Collection::Class(Arc::clone(&about.class)));
    let address = format!("/collections/{}/items/{}", about.class.name(), edited.id);
    let found = app.registry().snapshot().item(&collection, scope, edited.id);
    let mut response = match (&found, asked.prefers) {
        (Some(found), Some(Return::Representation)) => {
            app.tell(&about.caller, None, &Told::one(ITEM, &collection, &edited.id.to_string()))?;
            let mut response = Response::new(Body::from(text(scope, &collection, found)?));
            let form = HeaderValue::from_static(Format::GeoJson.media_type());
            response.headers_mut().insert(CONTENT_TYPE, form);
            response
        }
        _ => status(StatusCode::NO_CONTENT),
    };
    let headers = response.headers_mut();
    if let Some(prefers) = asked.prefers {
        headers.insert(PREFERENCE_APPLIED, HeaderValue::from_static(prefers.wish()));
    }
    if let Some(found) = &found {
        let tag = tag(app, scope, &collection, found, &address);
        headers.insert(axum::http::header::ETAG, tag.header());
    }
    if effect == Effect::Created {
        let location = HeaderValue::from_str(&app.at(&address));
        headers.insert(LOCATION, location.map_err(|_| Problem::unexplained())?);
        *response.status_mut() = StatusCode::CREATED;
    }
    Ok(response)
}

/// The tag that a reader of the asset gets with it.
fn tag(app: &App, scope: &Scope, collection: &Collection, found: &Item, address: &str) -> ETag {
    let uri = address.parse().expect("our own address");
    item::tag(app, scope, collection, found, &uri, Format::GeoJson)
}

fn text(scope: &Scope, collection: &Collection, found: &Item) -> Result<Vec<u8>, Problem> {
    let shown = Presentation::parse(collection, scope, |_| None);
    let shown = shown.map_err(|error| Problem::internal(&error))?;
    let mut out = Vec::new();
    found.write_shown(collection, scope, &shown, &mut out);
    Ok(out)
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Tells what would have come of it.
fn rehearsed(edited: &Edited) -> Response<Body> {
    once(&json!({ "dry_run": true, "change": null, "edits": [one(edited, true)] }))
}

/// An answer that nobody keeps: what came of a request that writes.
pub(crate) fn once(told: &Json) -> Response<Body> {
    let mut response = Response::new(Body::from(told.to_string()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(Format::Json.media_type()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What an edit came to, as JSON. The id of what is only rehearsed is none.
pub(super) fn one(edited: &Edited, is_rehearsed: bool) -> Json {
    let Edited { id, version, effect } = edited;
    let (told, is_new) = match effect {
        Effect::Created => ("created", true),
        Effect::Changed => ("changed", false),
        Effect::Unchanged => ("unchanged", false),
        Effect::Retired => ("retired", false),
    };
    let id = (!(is_new && is_rehearsed)).then(|| id.to_string());
    json!({ "id": id, "version": version, "effect": told })
}

/// The problem of an edit that was refused.
async fn problem(app: &App, about: &About, refusal: EditRefusal, body: &[u8]) -> Problem {
    let (name, id) = (about.class.name(), about.id.to_string());
    match refusal {
        EditRefusal::Missing if about.expected != Expected::Any => {
            Problem::precondition_failed(format!("there is no feature `{id}` in `{name}`"))
        }
        EditRefusal::Missing => item::missing(name, &id),
        EditRefusal::Gone => gone(app, about, &id).await,
        EditRefusal::Faults(faults) => feature::refused(&faults, body),
        EditRefusal::Stale { version } => stale(app, about, version).await,
    }
}

/// The problem of an asset that is no more; as if it had never been, where it did not exist for the editor.
async fn gone(app: &App, about: &About, id: &str) -> Problem {
    let (scope, collection) = (about.caller.scope(), Collection::Class(Arc::clone(&about.class)));
    match past::retired(app, scope, &collection, id).await {
        Ok(Some(asset)) => past::gone(app, scope, &collection, &asset),
        Ok(None) => item::missing(about.class.name(), id),
        Err(problem) => problem,
    }
}

/// Tells an editor who has not seen the newest version what it is, and what has changed since the one
/// that was seen.
async fn stale(app: &App, about: &About, version: u32) -> Problem {
    let (scope, collection) = (about.caller.scope(), Collection::Class(Arc::clone(&about.class)));
    let detail = format!(
        "`If-Match` does not name version {version}, which is the newest of feature `{}`",
        about.id
    );
    let problem = Problem::precondition_failed(detail);
    let Some(found) = app.registry().snapshot().item(&collection, scope, about.id) else {
        return problem;
    };
    let id = about.id.to_string();
    let told = Told::one(ITEM, &collection, &id);
    if let Err(unavailable) = app.tell(&about.caller, None, &told) {
        return unavailable;
    }
    let current = text(scope, &collection, &found).ok();
    let current = current.and_then(|text| serde_json::from_slice::<Json>(&text).ok());
    let address = format!("/collections/{}/items/{}", about.class.name(), about.id);
    let tag = tag(app, scope, &collection, &found, &address);
    let problem = problem
        .heading(axum::http::header::ETAG, tag.header())
        .with("current", current.unwrap_or_default());
    let Expected::Versions(seen) = &about.expected else { return problem };
    let Some(seen) = seen.iter().copied().filter(|seen| *seen > 0 && *seen < version).max() else {
        return problem;
    };
    let versions = app.registry().ledger().history(about.id, seen - 1, version - seen + 1).await;
    match versions.as_deref() {
        Ok([first, .., last]) => {
            let fields = version_differences(&first.asset, &last.asset, &collection, scope);
            problem.with("changed", json!({ "since": seen, "fields": fields }))
        }
        _ => problem,
    }
}

/// Tells what may be sent to a resource, by the template of its route.
pub(crate) fn mark_accepted(template: Option<&str>, response: &mut Response<Body>) {
    let headers = response.headers_mut();
    let allowed = headers.get(ALLOW).and_then(|allow| allow.to_str().ok()).unwrap_or_default();
    let (posts, patches) = (allowed.contains("POST"), allowed.contains("PATCH"));
    let posted = match template {
        Some(ITEMS) => FEATURE_TYPES.join(", "),
        Some(TRANSACTIONS) => TRANSACTION_TYPES.join(", "),
        // A file may be of any form.
        Some(IMPORTS) => "*/*".into(),
        _ => String::new(),
    };
    if let (true, Ok(types)) = (posts && !posted.is_empty(), HeaderValue::from_str(&posted)) {
        headers.insert(ACCEPT_POST, types);
    }
    if let (true, Ok(types)) = (patches, HeaderValue::from_str(&PATCH_TYPES.join(", "))) {
        headers.insert(ACCEPT_PATCH, types);
    }
}
