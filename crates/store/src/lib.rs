//! Keeps the registry and answers questions: the ledger holds what was ever said, the snapshot what
//! is known now.
//!
//! Nothing here knows HTTP or file formats.

mod error_chain;
mod ledger;
mod registry;
mod rules;
mod snapshot;

pub use error_chain::ErrorChain;
pub use ledger::{
    Arrival, Beginning, ClassAction, ClassOutcome, ClassPut, ClassPutReport, ClassVersion,
    EventCounts, EventOutcome, FILE_NAME, Findings, Import, ImportReport, ImportSession, Judged,
    Ledger, LedgerError, MAX_CLASSES, MAX_RULE_PACKS, Name, Occurrence, Refusal, Retold,
    RuleDocument, RulePut, RulePutReport, SettingVersion, TimeZonePut, Weighed,
};
pub use registry::{Followed, Registry};
pub use rules::Rules;
pub use snapshot::{Ages, Extent, Item, Page, Shown, Size, Snapshot, Work};
