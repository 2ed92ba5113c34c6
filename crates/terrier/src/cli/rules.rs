//! The options of `terrier rules`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::RecordingOptions;

#[derive(Args, Debug)]
pub(crate) struct RulesOptions {
    #[command(subcommand)]
    pub(crate) command: RulesCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// List the rules, pack by pack.
    List(RulesListOptions),
    /// Print a pack as its TOML document.
    Show(RulesShowOptions),
    /// Put a pack of rules in force, in the place of the one of its name.
    ///
    /// It becomes one change. A rule about a class or field that the registry does not have is
    /// refused, and so is one of a name that a rule of another pack has. A running server shows what
    /// falls due by the new rules within a second.
    #[command(after_help = "Examples:\n  \
        terrier rules show TJ-HEXI --shipped > hexi.toml\n  \
        terrier rules put hexi.toml --dry-run")]
    Put(RulesPutOptions),
}

#[derive(Args, Debug)]
pub(crate) struct RulesListOptions {
    /// List what the program ships, not what the registry has.
    #[arg(long)]
    pub(crate) shipped: bool,
    /// Report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct RulesShowOptions {
    /// The name of the pack, such as CN.
    pub(crate) pack: String,
    /// Print what the program ships, not what the registry has.
    #[arg(long)]
    pub(crate) shipped: bool,
}

#[derive(Args, Debug)]
pub(crate) struct RulesPutOptions {
    /// The document.
    #[arg(value_name = "FILE.toml")]
    pub(crate) file: PathBuf,
    /// Why.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) recording: RecordingOptions,
}
