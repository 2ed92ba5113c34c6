//! Undoing a change.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, Uri};
use serde_json::{Value as Json, json};
use terrier_model::{Permission, Verb};
use terrier_store::{Change, LaterEdit, MAX_TOLD_LATER, RevertAnswer};

use super::asked::Asked;
use super::{answer, permission};
use crate::app::App;
use crate::change_sets::{is_class_told, is_told};
use crate::problem::shortened;
use crate::{Caller, Problem};

/// `POST /change-sets/{change}/revert`
pub(crate) async fn revert(
    State(app): State<App>,
    caller: Caller,
    Path(change): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let missing = || Problem::not_found(format_args!("change `{}`", shortened(&change)));
    let asked = Asked::read_revert(&app, &uri, &headers)?;
    let scope = caller.scope().clone();
    permission::check_somewhere(&scope, Permission::Revert)?;
    let sequence: u64 = change.parse().map_err(|_| missing())?;
    let undone = app.registry().ledger().change(sequence, None).await;
    let undone = undone.map_err(|error| Problem::internal(&error))?.ok_or_else(missing)?;
    if !is_told(&app.registry().snapshot(), &scope, &undone) {
        return Err(missing());
    }
    let may_undo =
        |class: &str| scope.allows(Permission::Revert, class) && is_class_told(&scope, class);
    if !undone.effects.iter().all(|effect| may_undo(&effect.class)) {
        let detail = format!("change {sequence} concerns more than your role lets you undo");
        return Err(Problem::forbidden(detail));
    }
    let origin = format!("revert {sequence}");
    let change = Change { verb: Verb::Correct, ..asked.change(&app, caller.name(), &origin) };
    let done = app.registry().revert(sequence, change, asked.rehearse).await;
    let report = match done.map_err(|error| Problem::of_ledger(&error))? {
        RevertAnswer::Missing => return Err(missing()),
        RevertAnswer::NotOfAssets => {
            let detail =
                format!("change {sequence} says nothing of assets, so it is not undone here");
            return Err(Problem::conflict(detail));
        }
        RevertAnswer::InTheWay(later) => return Err(in_the_way(sequence, &later)),
        RevertAnswer::Done(report) => report,
    };
    let told = json!({
        "change": report.sequence,
        "dry_run": asked.rehearse,
        "reverted": sequence,
        "restored": report.changed,
        "retired": report.retired,
        "events": {
            "recorded": report.events.recorded,
            "superseded": report.events.superseded,
        },
    });
    let mut response = answer::once(&told);
    answer::mark_change(&app, report.sequence, &mut response)?;
    Ok(response)
}

/// The problem of a change on which others stand.
fn in_the_way(sequence: u64, later: &[LaterEdit]) -> Problem {
    let told = later.iter().map(|edit| {
        json!({ "collection": edit.class, "id": edit.id.to_string(), "change": edit.sequence })
    });
    let mut changes: Vec<u64> = later.iter().map(|edit| edit.sequence).collect();
    changes.dedup();
    let changes = changes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let more = if later.len() == MAX_TOLD_LATER as usize { ", and perhaps more" } else { "" };
    let detail = format!(
        "change {sequence} is not undone: later changes speak of the same assets ({changes}{more}); \
         undo those first"
    );
    Problem::conflict(detail).with("later", told.collect::<Json>())
}
