//! `terrier person`

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use terrier_store::{Ledger, Person};

use super::{behind, refused, tell, writing};
use crate::cli::ReportOptions;
use crate::cli::access::{PersonAddOptions, PersonCommand, PersonOptions};
use crate::failure::Failure;
use crate::folder;
use crate::output::{report, report_json};
use crate::table::Table;

pub(crate) async fn run(folder: &Path, command: PersonCommand) -> Result<ExitCode, Failure> {
    match command {
        PersonCommand::List(options) => list(folder, &options).await?,
        PersonCommand::Add(PersonAddOptions { person, organisation }) => {
            change(folder, &person, Some(&organisation)).await?;
        }
        PersonCommand::Retire(options) => change(folder, &options, None).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(folder: &Path, options: &ReportOptions) -> Result<(), Failure> {
    let ledger = Ledger::open(folder).await?;
    let people = ledger.people().await?;
    ledger.close().await;
    if options.json {
        let one = |person: &Person| {
            let Person { name, organisation, recorded_from } = person;
            json!({ "person": name, "organisation": organisation, "change": recorded_from })
        };
        return report_json(&people.iter().map(one).collect());
    }
    let heading = ["person", "organisation", "change"].map(|name| (name.to_owned(), false));
    let mut table = Table::new(heading.into());
    for Person { name, organisation, recorded_from } in people {
        let organisation = organisation.unwrap_or_else(|| "(retired)".into());
        table.push(vec![name, organisation, recorded_from.to_string()]);
    }
    table.lines().into_iter().try_for_each(report)
}

/// Makes a person one of an organisation, or of none any more.
async fn change(
    folder: &Path,
    options: &PersonOptions,
    organisation: Option<&str>,
) -> Result<(), Failure> {
    let PersonOptions { name, change } = options;
    let (ledger, scratch) = folder::for_change(folder, change.recording.dry_run).await?;
    let done = if let Some(organisation) = organisation {
        let behind = behind(change, "person add");
        ledger.add_person(name, organisation, &behind, writing(change)).await
    } else {
        let behind = behind(change, "person retire");
        ledger.retire_person(name.as_str(), &behind, writing(change)).await
    };
    let sequence = match done {
        Ok(sequence) => sequence,
        Err(error) => return Err(refused(&ledger, error).await),
    };
    ledger.close().await;
    drop(scratch);
    let about = json!({ "person": name.as_str(), "organisation": organisation });
    tell(about, sequence, change)
}
