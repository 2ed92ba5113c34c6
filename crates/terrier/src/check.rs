//! `terrier check`

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use terrier_store::{Findings, Ledger};

use crate::cli::CheckOptions;
use crate::failure::{Failure, UNSOUND};
use crate::output::{report, report_json};

pub(crate) async fn run(folder: &Path, options: &CheckOptions) -> Result<ExitCode, Failure> {
    let ledger = Ledger::open(folder).await?;
    let findings = ledger.verify(options.audit_head.as_ref()).await?;
    let Findings { sequence, assets, audit, adopted, problems } = findings;
    ledger.close().await;
    if options.json {
        report_json(&json!({
            "sequence": sequence,
            "assets": assets,
            "audit": { "head": audit.to_string(), "adopted": adopted },
            "problems": problems,
        }))?;
    } else {
        problems.iter().try_for_each(report)?;
        let taken_over = match adopted {
            0 => String::new(),
            1 => ", 1 change of which was there before it".into(),
            _ => format!(", {adopted} changes of which were there before it"),
        };
        report(format!("audit {audit}{taken_over}"))?;
        let verdict = if problems.is_empty() { "all is well" } else { "the registry is unsound" };
        report(format!("{assets} assets at change {sequence}: {verdict}"))?;
    }
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(UNSOUND) })
}
