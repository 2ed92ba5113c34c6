//! `terrier organisation`

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use terrier_store::{Ledger, Organisation};

use super::{behind, refused, tell, writing};
use crate::cli::ReportOptions;
use crate::cli::access::{OrganisationCommand, OrganisationOptions};
use crate::failure::Failure;
use crate::folder;
use crate::output::{report, report_json};
use crate::table::Table;

pub(crate) async fn run(folder: &Path, command: OrganisationCommand) -> Result<ExitCode, Failure> {
    match command {
        OrganisationCommand::List(options) => list(folder, &options).await?,
        OrganisationCommand::Add(options) => change(folder, &options, true).await?,
        OrganisationCommand::Retire(options) => change(folder, &options, false).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(folder: &Path, options: &ReportOptions) -> Result<(), Failure> {
    let ledger = Ledger::open(folder).await?;
    let organisations = ledger.organisations().await?;
    ledger.close().await;
    if options.json {
        let one = |organisation: &Organisation| {
            let Organisation { name, is_standing, recorded_from } = organisation;
            json!({ "organisation": name, "retired": !is_standing, "change": recorded_from })
        };
        return report_json(&organisations.iter().map(one).collect());
    }
    let heading = ["organisation", "retired", "change"].map(|name| (name.to_owned(), false));
    let mut table = Table::new(heading.into());
    for Organisation { name, is_standing, recorded_from } in organisations {
        let retired = if is_standing { "" } else { "retired" };
        table.push(vec![name, retired.into(), recorded_from.to_string()]);
    }
    table.lines().into_iter().try_for_each(report)
}

async fn change(
    folder: &Path,
    options: &OrganisationOptions,
    is_to_stand: bool,
) -> Result<(), Failure> {
    let OrganisationOptions { name, change } = options;
    let (ledger, scratch) = folder::for_change(folder, change.recording.dry_run).await?;
    let done = if is_to_stand {
        let behind = behind(change, "organisation add");
        ledger.add_organisation(name, &behind, writing(change)).await
    } else {
        let behind = behind(change, "organisation retire");
        ledger.retire_organisation(name.as_str(), &behind, writing(change)).await
    };
    let sequence = match done {
        Ok(sequence) => sequence,
        Err(error) => return Err(refused(&ledger, error).await),
    };
    ledger.close().await;
    drop(scratch);
    tell(json!({ "organisation": name.as_str() }), sequence, change)
}
