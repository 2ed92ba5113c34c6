//! What may be asked of changes on the command line.

use clap::{Args, Subcommand};

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ChangesOptions {
    #[command(subcommand)]
    pub(crate) command: Option<ChangesCommand>,
    #[command(flatten)]
    pub(crate) list: ChangesListOptions,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ChangesCommand {
    /// List the changes, the newest first.
    List(ChangesListOptions),
    /// Tell one change, and each of its edits.
    Show(ChangesShowOptions),
}

#[derive(Args, Debug)]
pub(crate) struct ChangesListOptions {
    /// Only changes by this actor.
    #[arg(long, value_name = "NAME")]
    pub(crate) actor: Option<String>,
    /// Only changes of assets of this class.
    #[arg(long, value_name = "CLASS")]
    pub(crate) collection: Option<String>,
    /// Only changes recorded since a time or a day.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Only changes recorded until a time or the end of a day.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// Only changes before this one.
    #[arg(long, value_name = "CHANGE")]
    pub(crate) before: Option<u64>,
    /// How many at the most.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: u32,
    /// Report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ChangesShowOptions {
    /// The number of the change.
    pub(crate) change: u64,
    /// Report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
