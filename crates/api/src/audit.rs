//! The audit: who changed and who read what, the newest first.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response, Uri};
use serde_json::{Value as Json, json};
use terrier_catalog::{ASSETS, AuditPlace, AuditQuery, DueOf, audit_record_json};
use terrier_model::{Permission, Scope};
use terrier_store::Snapshot;

use crate::app::App;
use crate::change_sets::{OFFERED, limit, links_newest_first, of_query};
use crate::language::{self, LANG};
use crate::negotiate::choose;
use crate::page::{Reader, audit_page};
use crate::problem::shortened;
use crate::query::Parameters;
use crate::{Caller, Format, Problem};

/// The path of the audit.
pub(crate) const PATH: &str = "/audit";

/// `GET /audit`
pub(crate) async fn audit(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let (snapshot, scope) = (app.registry().snapshot(), caller.scope());
    let parameters = Parameters::parse(uri.query())?;
    let own = ["f", LANG, "limit"].into_iter();
    parameters.refuse_unknown(own.chain(AuditQuery::PARAMETERS))?;
    let format = choose(&OFFERED, parameters.get("f"), &headers)?;
    let language = language::read(&parameters, &headers)?;
    let limit = limit(&parameters)?;
    let asked = AuditQuery::parse(|name| parameters.get(name), snapshot.time_zone());
    let mut query = asked.map_err(of_query)?;
    query.told = told_collections(&snapshot, scope);
    if let Some(name) = &query.collection
        && !is_told(&snapshot, query.told.as_deref(), name)
    {
        let found = shortened(name);
        let detail = format!("found `{found}`, expected a collection of which you see the audit");
        return Err(Problem::bad_parameter("collection", detail));
    }
    let turn = app.turn_for_past().await?;
    let records = app.registry().ledger().audit(&query, limit + 1).await;
    drop(turn);
    let mut records = records.map_err(|error| Problem::internal(&error))?;
    let more = records.len() > limit as usize;
    records.truncate(limit as usize);
    let last = records.last().filter(|_| more).map(|last| AuditPlace::of(last).text());
    let links = links_newest_first(&app, PATH, &parameters, format, last.as_deref());
    let told: Vec<Json> = records.iter().map(audit_record_json).collect();
    if format == Format::Html {
        let reader = Reader::new(&app, &caller, &uri, &parameters, language);
        return audit_page(&reader, &headers, &snapshot, &told, links);
    }
    app.document(&json!({ "records": told, "links": links }), format, &headers, scope)
}

/// Whether all that was done with the assets of a class may be told: what was read of an area alone would
/// have to be looked at asset by asset.
fn is_whole(scope: &Scope, class: &str) -> bool {
    scope.allows(Permission::Audit, class) && scope.area(class).is_none()
}

/// The collections of which may be told who read them; `None` for all, and for the changes too.
fn told_collections(snapshot: &Snapshot, scope: &Scope) -> Option<Vec<Box<str>>> {
    let mut classes = snapshot.classes().map(|class| class.name());
    if classes.all(|class| is_whole(scope, class)) {
        return None;
    }
    let classes = snapshot.classes().map(|class| class.name());
    Some(classes.filter(|class| is_whole(scope, class)).map(Box::from).collect())
}

/// Whether there is such a collection, and it may be told who read it.
fn is_told(snapshot: &Snapshot, told: Option<&[Box<str>]>, name: &str) -> bool {
    if let Some(told) = told {
        return told.iter().any(|other| &**other == name);
    }
    let mut classes = snapshot.classes().map(|class| class.name());
    name == ASSETS || DueOf::find(name).is_some() || classes.any(|class| class == name)
}
