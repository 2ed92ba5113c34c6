//! Keeps the registry and answers questions: the ledger holds what was ever said, the snapshot what
//! is known now.
//!
//! Nothing here knows HTTP or file formats.

mod access;
mod error_chain;
mod ledger;
mod read_log;
mod registry;
mod rules;
mod snapshot;

pub use access::{Access, HeldKey, HeldPerson, HeldRole, KEY_USE_EVERY};
pub use error_chain::ErrorChain;
pub use ledger::{
    Arrival, Beginning, Behind, Change, ChangeReport, ChangeSession, ClassAction, ClassOutcome,
    ClassPut, ClassPutReport, ClassVersion, CollectionSetting, CollectionsPut, Edit, EditAction,
    EditAnswer, EditPage, EditRefusal, EditSet, Edited, Effect, EventCounts, EventOutcome,
    Expected, FILE_NAME, FIRST_ORGANISATION, FIRST_PERSON, FIRST_ROLE, Findings, FirstAccess,
    FirstKeyPut, Judged, KeyFeatures, KeyPut, KeyRecord, KeyState, KeyUse, LaterEdit, Ledger,
    LedgerError, MAX_CLASSES, MAX_EDITS, MAX_KEY_NOTE_CHARS, MAX_KEYS, MAX_ORGANISATIONS,
    MAX_PEOPLE, MAX_ROLES, MAX_RULE_PACKS, MAX_TOLD_LATER, Name, Occurrence, Organisation,
    PastPage, PastReading, PastSlice, Person, Refusal, Request, Retold, RevertAnswer, RoleDocument,
    RolePut, RolePutReport, RuleDocument, RulePut, RulePutReport, SettingVersion, Since,
    TimeZonePut, Weighed, Writing,
};
pub use read_log::{MAX_WAITING_READS, ReadLogFull};
pub use registry::{Followed, Registry};
pub use rules::Rules;
pub use snapshot::{Ages, Extent, Item, Page, Shown, Size, Snapshot, Work};
