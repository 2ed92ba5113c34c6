//! What may be said about events on the command line.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use jiff::civil::Date;
use terrier_model::{Assessment, AssetId, EventKind};

use super::RecordingOptions;

#[derive(Debug, Subcommand)]
pub(crate) enum EventCommand {
    /// Record that something happened to an asset on a day.
    ///
    /// The same event again changes nothing. Another one of the same kind and day is a further
    /// event, with --correct it takes the place of what was recorded of that kind and day.
    #[command(after_help = "Examples:\n  \
        terrier event add 01920000-0000-7000-8000-000000000001 --kind cleaned --on 2024-05-01\n  \
        terrier event add --source gas-works --key P-17 --kind assessed --on 2024-05-01 \
        --result renew_by --next-on 2025-12-31")]
    Add(EventAddOptions),
    /// Say that a recorded event did not happen: it stands no longer, and stays in the history.
    // The id gives way to --source and --key, the number does not.
    #[command(allow_missing_positional = true)]
    Withdraw(EventWithdrawOptions),
}

/// Which asset is meant.
#[derive(Args, Debug)]
pub(crate) struct AssetOptions {
    /// The id of the asset, as its feature has it.
    #[arg(required_unless_present = "key")]
    pub(crate) id: Option<AssetId>,
    /// Whose key --key is: the source of the import that brought the asset.
    #[arg(long, value_name = "NAME", requires = "key")]
    pub(crate) source: Option<String>,
    /// The key of the asset in its source, in the place of the id.
    #[arg(long, value_name = "KEY", requires = "source", conflicts_with = "id")]
    pub(crate) key: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct EventAddOptions {
    #[command(flatten)]
    pub(crate) asset: AssetOptions,
    /// What happened.
    #[arg(long, value_name = "KIND", value_parser = kinds())]
    pub(crate) kind: EventKind,
    /// On which day, such as 2024-05-01.
    #[arg(long, value_name = "DATE")]
    pub(crate) on: Date,
    /// What an assessment came to.
    #[arg(long, value_name = "RESULT", value_parser = results())]
    pub(crate) result: Option<Assessment>,
    /// By which day the event itself says that work follows, such as the next assessment.
    #[arg(long, value_name = "DATE")]
    pub(crate) next_on: Option<Date>,
    /// The grade of a condition.
    #[arg(long, value_name = "GRADE", value_parser = words)]
    pub(crate) grade: Option<Box<str>>,
    /// The scheme that the grade is of, such as `CJJ 181`.
    #[arg(long, value_name = "SCHEME", value_parser = words)]
    pub(crate) scheme: Option<Box<str>>,
    /// What else is to be said, such as which hazard.
    #[arg(long, value_name = "TEXT", value_parser = words)]
    pub(crate) note: Option<Box<str>>,
    /// What was recorded of this kind and day was wrong: this takes its place, and keeps the
    /// details that are not given.
    #[arg(long)]
    pub(crate) correct: bool,
    /// Why it is recorded.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) recording: RecordingOptions,
}

#[derive(Args, Debug)]
pub(crate) struct EventWithdrawOptions {
    #[command(flatten)]
    pub(crate) asset: AssetOptions,
    /// The number of the event, as the history of the asset has it.
    pub(crate) number: u32,
    /// Why it is withdrawn.
    #[arg(long, value_name = "TEXT", value_parser = words)]
    pub(crate) reason: Box<str>,
    #[command(flatten)]
    pub(crate) recording: RecordingOptions,
}

fn kinds() -> impl TypedValueParser<Value = EventKind> {
    let codes = PossibleValuesParser::new(EventKind::ALL.map(EventKind::code));
    codes.map(|code| EventKind::from_code(&code).expect("each of them is a kind"))
}

fn results() -> impl TypedValueParser<Value = Assessment> {
    let codes = PossibleValuesParser::new(Assessment::ALL.map(Assessment::code));
    codes.map(|code| Assessment::from_code(&code).expect("each of them is a result"))
}

/// A text that says something, without the white space around it.
fn words(text: &str) -> Result<Box<str>, &'static str> {
    let text = text.trim();
    if text.is_empty() { Err("expected a text that says something") } else { Ok(text.into()) }
}
