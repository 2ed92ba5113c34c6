//! What may be asked of the audit on the command line.

use clap::Args;
use terrier_model::AuditKind;

#[derive(Args, Debug)]
pub(crate) struct AuditOptions {
    /// Only what was read: of restricted collections, by whom, and how much.
    #[arg(long, conflicts_with = "kind")]
    pub(crate) reads: bool,
    /// Only entries of this kind: change, adopted or reads.
    #[arg(long, value_name = "KIND", value_parser = kind)]
    pub(crate) kind: Option<AuditKind>,
    /// Only what somebody of this name changed or read.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    /// Only what concerns this collection.
    #[arg(long, value_name = "NAME")]
    pub(crate) collection: Option<String>,
    /// Only since a time or a day.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Only until a time or the end of a day.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// Only before this entry, or this place within one, such as 12.3
    #[arg(long, value_name = "ENTRY")]
    pub(crate) before: Option<String>,
    /// How many at the most.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: u32,
    /// Report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

fn kind(text: &str) -> Result<AuditKind, String> {
    let expected = "expected change, adopted or reads";
    AuditKind::from_code(text).ok_or_else(|| expected.to_owned())
}
