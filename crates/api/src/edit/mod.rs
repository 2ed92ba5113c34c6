//! Edits of one asset: registering it, changing it, saying that it is no more (OGC API - Features,
//! part 4).

mod answer;
mod asked;
mod fault;
mod feature;
mod permission;
mod revert;
mod transaction;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, Uri};
use terrier_catalog::{Collection, DueOf};
use terrier_exchange::SentForm;
use terrier_model::{AssetId, Class, Leave, Permission, Scope};
use terrier_store::{Edit, EditAction, EditAnswer, EditSet, Expected, Snapshot};

use crate::app::App;
use crate::limits::MAX_FEATURE_BYTES;
use crate::route::READ_METHODS;
use crate::{Caller, Problem, body, collections, item, past};
use answer::{About, answer};
pub(crate) use answer::{PREFERENCE_APPLIED, mark_accepted, once};
use asked::check_type;
pub(crate) use asked::{Asked, PARAMETERS, check_plain, preferences, truth};
pub(crate) use revert::revert;
pub(crate) use transaction::transact;

/// What a feature may be sent as.
pub(crate) const FEATURE_TYPES: [&str; 2] = ["application/geo+json", "application/json"];

/// What a patch may be sent as.
pub(crate) const PATCH_TYPES: [&str; 1] = ["application/merge-patch+json"];

/// `POST /collections/{collection}/items`
pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    sent: Body,
) -> Result<Response<Body>, Problem> {
    let snapshot = app.registry().snapshot();
    let class = class_of(&app, &snapshot, caller.scope(), &name)?;
    let scope = caller.scope().clone();
    permission::check(&scope, Permission::Create, class.name())?;
    let asked = Asked::read(&app, &uri, &headers)?;
    check_type(&headers, &FEATURE_TYPES, answer::ACCEPT_POST)?;
    let bytes = body::read(sent, MAX_FEATURE_BYTES).await?;
    let checked =
        feature::to_register(&bytes, &class, Leave::new(&scope, &class, None), asked.crs)?;
    let edit = Edit { id: app.new_id(), class, action: EditAction::Create(checked) };
    write(&app, &caller, &asked, edit, &uri, &headers, &bytes).await
}

/// `PUT /collections/{collection}/items/{feature}`
pub(crate) async fn replace(
    State(app): State<App>,
    caller: Caller,
    Path((name, id)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    sent: Body,
) -> Result<Response<Body>, Problem> {
    change(&app, &caller, (&name, &id), SentForm::Whole, &uri, &headers, sent).await
}

/// `PATCH /collections/{collection}/items/{feature}`
pub(crate) async fn update(
    State(app): State<App>,
    caller: Caller,
    Path((name, id)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    sent: Body,
) -> Result<Response<Body>, Problem> {
    change(&app, &caller, (&name, &id), SentForm::Patch, &uri, &headers, sent).await
}

async fn change(
    app: &App,
    caller: &Caller,
    (name, id): (&str, &str),
    form: SentForm,
    uri: &Uri,
    headers: &HeaderMap,
    sent: Body,
) -> Result<Response<Body>, Problem> {
    let snapshot = app.registry().snapshot();
    let class = class_of(app, &snapshot, caller.scope(), name)?;
    let asked = Asked::read(app, uri, headers)?;
    let scope = caller.scope().clone();
    permission::check(&scope, permission::of_change(asked.verb), class.name())?;
    check_seen(app, &asked.expected, &class)?;
    match form {
        SentForm::Whole => check_type(headers, &FEATURE_TYPES, answer::ACCEPT_POST)?,
        SentForm::Patch => check_type(headers, &PATCH_TYPES, answer::ACCEPT_PATCH)?,
    }
    let bytes = body::read(sent, MAX_FEATURE_BYTES).await?;
    let id = AssetId::parse(id).ok_or_else(|| item::missing(name, id))?;
    let leave = leave(app, &scope, &snapshot, &class, id).await?;
    let part = feature::to_change(&bytes, form, id, (&class, leave), asked.crs)?;
    let action = EditAction::Change { part, expected: asked.expected.clone() };
    write(app, caller, &asked, Edit { id, class, action }, uri, headers, &bytes).await
}

/// `DELETE /collections/{collection}/items/{feature}`
pub(crate) async fn retire(
    State(app): State<App>,
    caller: Caller,
    Path((name, id)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let snapshot = app.registry().snapshot();
    let class = class_of(&app, &snapshot, caller.scope(), &name)?;
    let scope = caller.scope().clone();
    permission::check(&scope, Permission::Retire, class.name())?;
    let asked = Asked::read(&app, &uri, &headers)?;
    check_seen(&app, &asked.expected, &class)?;
    let id = AssetId::parse(&id).ok_or_else(|| item::missing(&name, &id))?;
    leave(&app, &scope, &snapshot, &class, id).await?;
    let action = EditAction::Retire { expected: asked.expected.clone() };
    write(&app, &caller, &asked, Edit { id, class, action }, &uri, &headers, &[]).await
}

/// What of an asset may be written; 404 where it does not exist for the sender.
async fn leave<'s>(
    app: &App,
    scope: &'s Scope,
    snapshot: &Snapshot,
    class: &Arc<Class>,
    id: AssetId,
) -> Result<Leave<'s>, Problem> {
    let (name, told) = (class.name(), id.to_string());
    let found = permission::leave(scope, snapshot, class, id);
    let found = found.ok_or_else(|| item::missing(name, &told))?;
    let collection = Collection::Class(Arc::clone(class));
    if permission::is_in_doubt(scope, snapshot, class, id)
        && past::retired(app, scope, &collection, &told).await?.is_none()
    {
        return Err(item::missing(name, &told));
    }
    Ok(found)
}

/// Refuses a change of an asset of a strict class that does not say which version its sender has seen.
fn check_seen(app: &App, expected: &Expected, class: &Class) -> Result<(), Problem> {
    let is_strict = app.registry().access().strict().has(class.name());
    if is_strict && *expected == Expected::Any {
        return Err(Problem::precondition_required(class.name()));
    }
    Ok(())
}

/// The class of a collection that can be edited: neither all assets together nor what falls due.
fn class_of(
    app: &App,
    snapshot: &Snapshot,
    scope: &Scope,
    name: &str,
) -> Result<Arc<Class>, Problem> {
    let collection = collections::find(app, snapshot, scope, name)?;
    let class = collection.class().filter(|_| DueOf::find(name).is_none());
    class.cloned().ok_or_else(|| Problem::method_not_allowed(READ_METHODS))
}

async fn write(
    app: &App,
    caller: &Caller,
    asked: &Asked,
    edit: Edit,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response<Body>, Problem> {
    let about = About::of(&edit, caller);
    let set = EditSet {
        change: asked.change(app, caller.name(), "edit"),
        edits: vec![edit],
        request: asked.request(uri, headers, body),
        rehearse: asked.rehearse,
    };
    let done: EditAnswer =
        app.registry().edit(set).await.map_err(|error| Problem::of_ledger(&error))?;
    answer(app, asked, &about, done, body).await
}
