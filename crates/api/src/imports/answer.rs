//! What is told of imports.

use std::io::Read;

use axum::body::Body;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, Response, StatusCode};
use serde_json::{Value as Json, json};
use terrier_intake::{Import, ImportId, Record, State};

use crate::app::App;
use crate::aside::aside;
use crate::edit::{PREFERENCE_APPLIED, once};
use crate::link::{Link, rel};
use crate::{Format, Problem};

/// The path of an import.
fn path(id: ImportId) -> String {
    format!("/imports/{id}")
}

/// Where an import leads to: itself first, its refused rows, its change.
pub(super) fn links(app: &App, import: &Import) -> Vec<Link> {
    let record = import.record();
    let here = app.at(&path(import.id));
    let mut links = vec![Link::new(rel::SELF, &here, Format::Json)];
    if record.refused_kept.is_some() {
        let faults = Link::new(rel::RELATED, format!("{here}/faults"), Format::GeoJson);
        links.push(faults.titled("refused rows"));
    }
    if let Some(change) = record.change {
        let set = Link::new(rel::RELATED, app.at(&format!("/change-sets/{change}")), Format::Json);
        links.push(set.titled(format!("change {change}")));
    }
    links
}

/// An import as its resource, without its report.
pub(super) fn told(app: &App, import: &Import) -> Json {
    let record = import.record();
    let Record {
        state, file, bytes, collections, actor, dry_run, strict, rows, change, error, ..
    } = &record;
    json!({
        "id": import.id.to_string(),
        "state": state.code(),
        "file": file,
        "bytes": bytes,
        "collections": collections,
        "actor": actor,
        "created": record.created_at().to_string(),
        "ended": record.ended_at().map(|moment| moment.to_string()),
        "dry_run": dry_run,
        "strict": strict,
        "rows": rows,
        "change": change,
        "error": error,
        "refused_rows_kept": record.refused_kept,
        "links": links(app, import),
    })
}

/// The same with its report.
pub(super) async fn whole(app: &App, import: &Import) -> Result<Json, Problem> {
    let mut told = told(app, import);
    let (imports, id) = (app.imports()?.clone(), import.id);
    let report = aside(move || imports.report(id)).await?;
    told["report"] = report.map_err(|error| Problem::internal(&error))?.unwrap_or_default();
    Ok(told)
}

/// The refused rows of an import.
pub(super) async fn refused_rows(app: &App, import: &Import) -> Result<Vec<u8>, Problem> {
    let missing = || Problem::not_found("file of refused rows of this import");
    if import.record().refused_kept.is_none() {
        return Err(missing());
    }
    let (imports, id) = (app.imports()?.clone(), import.id);
    let read = move || {
        let mut bytes = Vec::new();
        imports.refused_rows(id)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    // An import that was just let go has none.
    aside(read).await?.map_err(|_: std::io::Error| missing())
}

/// What the sender of a file is told: that it is here and, where they have waited for the end, what came of
/// it.
pub(super) async fn sent(
    app: &App,
    import: &Import,
    waited: bool,
) -> Result<Response<Body>, Problem> {
    let told = whole(app, import).await?;
    let record = import.record();
    let status = match record.state {
        _ if !waited => StatusCode::ACCEPTED,
        State::Waiting | State::Running => StatusCode::ACCEPTED,
        State::Done => StatusCode::OK,
        State::Refused => {
            let detail = "a row was refused, so nothing was taken (`strict`)";
            return Err(Problem::unprocessable(detail).with("import", told));
        }
        State::Failed | State::Interrupted => {
            let detail = record.error.unwrap_or_default();
            let problem = if record.is_of_sender {
                Problem::unprocessable(detail)
            } else {
                Problem::unavailable(detail)
            };
            return Err(problem.with("import", told));
        }
    };
    let mut response = once(&told);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let location = HeaderValue::from_str(&app.at(&path(import.id)));
    headers.insert(LOCATION, location.map_err(|_| Problem::unexplained())?);
    if waited {
        headers.insert(PREFERENCE_APPLIED, HeaderValue::from_static("wait"));
    }
    Ok(response)
}
