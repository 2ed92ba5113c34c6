//! The options of `terrier rules`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;

use super::due::DueFormat;
use super::{Conditions, RecordingOptions};

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
    /// Tell what a pack of rules would change if it were put in force, and write nothing.
    ///
    /// Counts the work by the rules as they are and as they would be, class by class, kind by kind
    /// and state by state, with the recorded lengths, where any of it differs. With --output, each
    /// piece of work that is new, gone, in another state, on another day, or by another rule is listed.
    /// The conditions are those of `terrier due`; work is looked at when they hold for what it is or
    /// for what it would be.
    #[command(after_help = "Examples:\n  \
        terrier rules try hexi.toml\n  \
        terrier rules try hexi.toml --on 2027-01-01 --kind=renew --output renew.csv --format csv")]
    Try(RulesTryOptions),
    /// Take a pack of rules out of force. Its document stays in the registry, and may be put in force
    /// again.
    ///
    /// It becomes one change, which a running server follows within a second.
    Retire(RulesRetireOptions),
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

#[derive(Args, Debug)]
pub(crate) struct RulesTryOptions {
    /// The document.
    #[arg(value_name = "FILE.toml")]
    pub(crate) file: PathBuf,
    /// The day as of which it is told, such as 2027-01-01 [default: today]
    #[arg(long, value_name = "DATE")]
    pub(crate) on: Option<Date>,
    #[command(flatten)]
    pub(crate) conditions: Conditions,
    /// List the work that differs in this file.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// How it is listed: as lines to read, as a table with commas, or as features.
    #[arg(long, value_enum, default_value_t = DueFormat::Table, requires = "output")]
    pub(crate) format: DueFormat,
    /// Report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct RulesRetireOptions {
    /// The name of the pack, such as CN.
    pub(crate) pack: String,
    /// Why.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) recording: RecordingOptions,
}
