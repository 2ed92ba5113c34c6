//! The changes of the registry: who made them, what they did, and their edits one by one.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, Uri};
use serde_json::{Value as Json, json};
use terrier_catalog::{
    ChangeQuery, Collection, EditPlace, QueryError, edits_json, logged_change_json,
};
use terrier_model::{LoggedChange, Permission, Scope};
use terrier_store::Snapshot;

use crate::app::App;
use crate::history::number;
use crate::language::{self, LANG};
use crate::link::{Link, rel, self_and_alternates, with_query};
use crate::negotiate::choose;
use crate::page::{Reader, change_set_page, change_sets_page};
use crate::problem::shortened;
use crate::query::Parameters;
use crate::told::Told;
use crate::{Caller, Format, Problem};

/// How many changes, or edits of a change, a page holds when nobody says.
pub const CHANGES_LIMIT_DEFAULT: u32 = 100;

/// The most changes, or edits of a change, that a page holds; who asks for more gets this many.
pub const CHANGES_LIMIT_MAX: u32 = 1000;

pub(crate) const OFFERED: [Format; 2] = [Format::Json, Format::Html];

/// The path of the changes.
pub(crate) const PATH: &str = "/change-sets";

/// The path of one change.
pub(crate) const ONE: &str = "/change-sets/{change}";

/// `GET /change-sets`
pub(crate) async fn change_sets(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let (snapshot, scope) = (app.registry().snapshot(), caller.scope());
    let parameters = Parameters::parse(uri.query())?;
    let own = ["f", LANG, "limit"].into_iter();
    parameters.refuse_unknown(own.chain(ChangeQuery::PARAMETERS))?;
    let format = choose(&OFFERED, parameters.get("f"), &headers)?;
    let language = language::read(&parameters, &headers)?;
    let limit = limit(&parameters)?;
    let asked = ChangeQuery::parse(|name| parameters.get(name), snapshot.time_zone());
    let mut query = asked.map_err(of_query)?;
    query.classes = told_classes(&snapshot, scope);
    if let Some(name) = parameters.get("collection") {
        query.classes = Some(vec![told_class(&snapshot, scope, name)?]);
    }
    let turn = app.turn_for_past().await?;
    let changes = app.registry().ledger().changes(&query, limit + 1).await;
    drop(turn);
    let mut changes = changes.map_err(|error| Problem::internal(&error))?;
    let more = changes.len() > limit as usize;
    changes.truncate(limit as usize);
    let last = changes.last().filter(|_| more).map(|last| last.change.sequence.to_string());
    let links = links_newest_first(&app, PATH, &parameters, format, last.as_deref());
    let effects = changes.iter().flat_map(|logged| &logged.effects);
    let classes = effects.map(|effect| (&*effect.class, 0)).collect();
    tell(&app, &caller, &snapshot, (PATH, uri.query()), classes)?;
    let told: Vec<Json> = changes.iter().map(|change| logged_change_json(change, scope)).collect();
    if format == Format::Html {
        let reader = Reader::new(&app, &caller, &uri, &parameters, language);
        return change_sets_page(&reader, &headers, &snapshot, &told, links);
    }
    app.document(&json!({ "changes": told, "links": links }), format, &headers, scope)
}

/// `GET /change-sets/{change}`
pub(crate) async fn change_set(
    State(app): State<App>,
    caller: Caller,
    Path(change): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let (snapshot, scope) = (app.registry().snapshot(), caller.scope());
    let parameters = Parameters::parse(uri.query())?;
    parameters.refuse_unknown(["f", LANG, "limit", "token"].into_iter())?;
    let format = choose(&OFFERED, parameters.get("f"), &headers)?;
    let language = language::read(&parameters, &headers)?;
    let limit = limit(&parameters)?;
    let after = parameters.get("token").map(|token| {
        let detail = "not a token that a `next` link gave";
        EditPlace::decode(token).ok_or_else(|| Problem::bad_parameter("token", detail))
    });
    let after = after.transpose()?;
    let missing = || Problem::not_found(format_args!("change `{}`", shortened(&change)));
    let sequence: u64 = change.parse().map_err(|_| missing())?;
    let classes = told_classes(&snapshot, scope);
    let ledger = app.registry().ledger();
    let turn = app.turn_for_past().await?;
    let logged = ledger.change(sequence, classes.as_deref()).await;
    let logged = logged.map_err(|error| Problem::internal(&error))?.ok_or_else(missing)?;
    let page = ledger.edits(sequence, classes.as_deref(), after, limit).await;
    drop(turn);
    let page = page.map_err(|error| Problem::internal(&error))?;
    let mut classes = HashMap::new();
    for edit in &page.edits {
        *classes.entry(edit.asset().class.name()).or_default() += 1;
    }
    let asked = format!("id={sequence}");
    tell(&app, &caller, &snapshot, (ONE, Some(&*asked)), classes)?;
    let collections: HashMap<&str, Collection> =
        snapshot.classes().map(|class| (class.name(), Collection::Class(class.clone()))).collect();
    let mut body = logged_change_json(&logged, scope);
    let mut edits = edits_json(&page.edits, |class| collections.get(class.name()), scope);
    for edit in edits.as_array_mut().into_iter().flatten() {
        let text = |name: &str| edit[name].as_str().unwrap_or_default();
        let path = format!("/collections/{}/items/{}/history", text("collection"), text("asset"));
        edit["history"] = app.at(&path).into();
    }
    let given: Vec<(&str, &str)> = parameters.iter().collect();
    let address = app.at(&format!("{PATH}/{sequence}"));
    let mut links = self_and_alternates(&address, &given, format, &OFFERED);
    if let Some(place) = page.next {
        let token = place.encode();
        let kept = given.iter().copied().filter(|(name, _)| *name != "token");
        let next = with_query(&address, kept.chain([("token", token.as_str())]));
        links.push(Link::new(rel::NEXT, next, format));
    }
    links.push(Link::new(rel::COLLECTION, app.at(PATH), Format::Json));
    body["edits"] = edits;
    if format == Format::Html {
        let reader = Reader::new(&app, &caller, &uri, &parameters, language);
        return change_set_page(&reader, &headers, &snapshot, &body, links);
    }
    body["links"] = json!(links);
    app.document(&body, format, &headers, scope)
}

/// Takes down of which classes changes are told, and of how many edits of each.
fn tell(
    app: &App,
    caller: &Caller,
    snapshot: &Snapshot,
    (route, query): (&str, Option<&str>),
    classes: HashMap<&str, u64>,
) -> Result<(), Problem> {
    for (name, features) in classes {
        // What is not of a class that the caller may see is not told to them.
        let Some(class) = snapshot.class(name, caller.scope()) else { continue };
        let collection = Collection::Class(Arc::clone(class));
        app.tell(caller, query, &Told { route, collection: &collection, feature: None, features })?;
    }
    Ok(())
}

/// The links of a list that begins with the newest, of which more come before a place.
pub(crate) fn links_newest_first(
    app: &App,
    path: &str,
    parameters: &Parameters<'_>,
    format: Format,
    before: Option<&str>,
) -> Vec<Link> {
    let given: Vec<(&str, &str)> = parameters.iter().collect();
    let address = app.at(path);
    let mut links = self_and_alternates(&address, &given, format, &OFFERED);
    if let Some(before) = before {
        let kept = given.iter().copied().filter(|(name, _)| *name != "before");
        let next = with_query(&address, kept.chain([("before", before)]));
        links.push(Link::new(rel::NEXT, next, format));
    }
    links.push(Link::new(rel::ROOT, app.at("/"), Format::Json));
    links
}

pub(crate) fn limit(parameters: &Parameters<'_>) -> Result<u32, Problem> {
    let limit = number(parameters, "limit", 1)?.unwrap_or(CHANGES_LIMIT_DEFAULT);
    Ok(limit.min(CHANGES_LIMIT_MAX))
}

pub(crate) fn of_query(error: QueryError) -> Problem {
    Problem::bad_parameter(&error.parameter, error.detail)
}

/// Whether all that was ever said of a class may be told: what was said of an area alone would have to
/// be looked at edit by edit, before a change could be told to exist.
pub(crate) fn is_class_told(scope: &Scope, class: &str) -> bool {
    scope.allows(Permission::History, class) && scope.area(class).is_none()
}

/// Whether a change may be told: one that concerns some class of which all may be, or one that concerns no
/// asset, to who may be told of every change.
pub(crate) fn is_told(snapshot: &Snapshot, scope: &Scope, change: &LoggedChange) -> bool {
    told_classes(snapshot, scope)
        .is_none_or(|told| change.effects.iter().any(|effect| told.contains(&effect.class)))
}

/// The classes whose changes may be told; `None` for every change, those too that concern no asset.
fn told_classes(snapshot: &Snapshot, scope: &Scope) -> Option<Vec<Box<str>>> {
    let is_auditor = scope.allows_somewhere(Permission::Audit);
    if is_auditor && snapshot.classes().all(|class| is_class_told(scope, class.name())) {
        return None;
    }
    let told = snapshot.classes().filter(|class| is_class_told(scope, class.name()));
    Some(told.map(|class| class.name().into()).collect())
}

/// The class of a collection, whose changes may be told.
fn told_class(snapshot: &Snapshot, scope: &Scope, name: &str) -> Result<Box<str>, Problem> {
    let class = snapshot.class(name, scope).filter(|class| is_class_told(scope, class.name()));
    class.map(|class| class.name().into()).ok_or_else(|| {
        let detail = format!("found `{}`, expected the collection of a class", shortened(name));
        Problem::bad_parameter("collection", detail)
    })
}
