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
    Arrival, Beginning, Change, ChangeReport, ChangeSession, ClassAction, ClassOutcome, ClassPut,
    ClassPutReport, ClassVersion, Edit, EditAction, EditAnswer, EditRefusal, EditSet, Edited,
    Effect, EventCounts, EventOutcome, Expected, FILE_NAME, Findings, Judged, LaterEdit, Ledger,
    LedgerError, MAX_CLASSES, MAX_EDITS, MAX_RULE_PACKS, MAX_TOLD_LATER, Name, Occurrence,
    PastPage, PastReading, PastSlice, Refusal, Request, Retold, RevertAnswer, RuleDocument,
    RulePut, RulePutReport, SettingVersion, Since, TimeZonePut, Weighed,
};
pub use registry::{Followed, Registry};
pub use rules::Rules;
pub use snapshot::{Ages, Extent, Item, Page, Shown, Size, Snapshot, Work};
