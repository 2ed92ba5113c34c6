//! The options of `terrier settings`.

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use terrier_catalog::{PUBLIC_COLLECTIONS, RESTRICTED_COLLECTIONS, STRICT_COLLECTIONS, TIME_ZONE};

use super::RecordingOptions;

const SETTINGS: [&str; 4] =
    [TIME_ZONE, PUBLIC_COLLECTIONS, STRICT_COLLECTIONS, RESTRICTED_COLLECTIONS];

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct SettingsOptions {
    #[command(subcommand)]
    pub(crate) command: Option<SettingsCommand>,
    /// Report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SettingsCommand {
    /// Set something of the registry.
    ///
    /// It becomes one change, which a running server follows within a second.
    #[command(after_help = "Examples:\n  terrier settings set time_zone Asia/Shanghai\n  \
        terrier settings set public_collections light_poles,pocket_parks")]
    Set(SettingsSetOptions),
}

#[derive(Args, Debug)]
pub(crate) struct SettingsSetOptions {
    /// The setting.
    #[arg(value_name = "SETTING", value_parser = PossibleValuesParser::new(SETTINGS))]
    pub(crate) name: String,
    /// The value; of `time_zone` a name of the IANA database; of `public_collections`, which are shown to
    /// who brings no key, names of classes with commas between, `*` for all, or `none`.
    pub(crate) value: String,
    /// Why.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) recording: RecordingOptions,
}
