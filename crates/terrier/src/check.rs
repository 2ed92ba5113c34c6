//! `terrier check`

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use terrier_store::{Findings, Ledger};

use crate::cli::ReportOptions;
use crate::failure::{Failure, UNSOUND};
use crate::output::{report, report_json};

pub(crate) async fn run(folder: &Path, options: &ReportOptions) -> Result<ExitCode, Failure> {
    let ledger = Ledger::open(folder).await?;
    let Findings { sequence, assets, problems } = ledger.verify().await?;
    ledger.close().await;
    if options.json {
        report_json(&json!({ "sequence": sequence, "assets": assets, "problems": problems }))?;
    } else {
        problems.iter().try_for_each(report)?;
        let verdict = if problems.is_empty() { "all is well" } else { "the registry is unsound" };
        report(format!("{assets} assets at change {sequence}: {verdict}"))?;
    }
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(UNSOUND) })
}
