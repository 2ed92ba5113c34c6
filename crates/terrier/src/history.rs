//! `terrier history`

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use terrier_catalog::{Collection, history_json};
use terrier_model::Scope;
use terrier_store::Ledger;

use crate::cli::HistoryOptions;
use crate::failure::Failure;
use crate::output::{report, report_json};

pub(crate) async fn run(folder: &Path, options: &HistoryOptions) -> Result<ExitCode, Failure> {
    let ledger = Ledger::open(folder).await?;
    let versions = ledger.history(options.id, 0, u32::MAX).await?;
    ledger.close().await;
    let Some(first) = versions.first() else {
        return Err(Failure::new(format!("no asset `{}` in the registry", options.id)));
    };
    let class = &first.asset.class;
    let collection = Collection::Class(std::sync::Arc::clone(class));
    let list = history_json(&versions, None, &collection, Scope::Everything);
    if options.json {
        let body = json!({ "id": options.id.to_string(), "class": class.name(), "versions": list });
        report_json(&body)?;
        return Ok(ExitCode::SUCCESS);
    }
    report(format!("{} of {}", options.id, class.name()))?;
    for (version, described) in versions.iter().zip(list.as_array().into_iter().flatten()) {
        let until = match (version.asset.valid_to, &version.superseded) {
            (_, Some(_)) => ", since corrected".to_owned(),
            (Some(to), None) => format!(" to {to}"),
            (None, None) => ", still valid".to_owned(),
        };
        report(format!(
            "version {}: from {}{until}",
            version.asset.version, version.asset.valid_from
        ))?;
        let change = &version.recorded;
        let reason = if change.reason.is_empty() { "" } else { ": " };
        report(format!(
            "  change {} ({}) recorded {} by {} through {}{reason}{}",
            change.sequence,
            change.verb.code(),
            change.recorded_at,
            change.actor,
            change.origin,
            change.reason,
        ))?;
        for difference in described["changed"].as_array().into_iter().flatten() {
            let field = difference["field"].as_str().unwrap_or_default();
            report(format!("  {field}: {} -> {}", difference["from"], difference["to"]))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
