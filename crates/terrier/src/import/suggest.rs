//! `terrier import --suggest`

use std::path::Path;
use std::process::ExitCode;

use terrier_exchange::{ReadOptions, Suggestion, SuggestionError, Wish, suggest};
use terrier_store::Ledger;

use crate::cli::import::ImportOptions;
use crate::failure::Failure;
use crate::folder;
use crate::output::{report_text, say};

/// Looks at a file and prints a mapping for it. A registry is only asked for its classes.
pub(super) async fn run(folder: &Path, options: &ImportOptions) -> Result<ExitCode, Failure> {
    let classes = if Ledger::exists(folder) {
        let ledger = Ledger::open(folder).await?;
        let classes = ledger.classes().await?;
        ledger.close().await;
        classes
    } else {
        folder::first_classes()?
    };
    let look = ReadOptions { only_look: true, ..ReadOptions::default() };
    let file = super::open(options, &look)?;
    let wish = Wish {
        path: &options.file.to_string_lossy(),
        source: &super::source(options),
        classes: &classes,
        class: options.class.as_deref(),
        crs: options.reading.crs.clone(),
    };
    let suggestion = suggest(file, &wish).map_err(|error| match error {
        SuggestionError::Class { .. } => Failure::usage(error.to_string()),
        SuggestionError::Read(error) => error.into(),
        SuggestionError::Empty { .. } => Failure::new(error.to_string()),
    })?;
    report_text(&suggestion.text)?;
    tell(&suggestion);
    Ok(ExitCode::SUCCESS)
}

fn tell(suggestion: &Suggestion) {
    let Suggestion { text: _, class, rows, properties, filled, open } = suggestion;
    say(format!(
        "looked at {rows} rows: {class}, {filled} of {properties} properties fill a field"
    ));
    if !open.is_empty() {
        say(format!("to be said before the import: {}", open.join(", ")));
    }
}
