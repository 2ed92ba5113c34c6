//! What may be registered and what falls due: classes and their fields as data, typed values, drafts
//! and their faults, versions on two time axes, events, conditions, rules; all as plain functions of
//! values and dates.
//!
//! Nothing here reads a clock, a file or a database, or knows a format.

mod asset;
mod audit;
mod change_log;
mod class;
mod class_change;
mod core_fields;
mod date;
mod date_text;
mod draft;
mod due;
mod event;
mod event_draft;
mod expression;
mod fault;
mod id;
mod leave;
mod limit;
mod list;
mod network;
mod party;
mod past;
mod role;
mod row_event;
mod rule;
mod scope;
mod value;
mod version;

pub use asset::{Asset, Content, Core, Lifecycle};
pub use audit::{AuditAbout, AuditKind, AuditMark, AuditMarkError, AuditRecord, Read, ReadBy};
pub use change_log::{ChangeEffect, LoggedChange, LoggedEdit};
pub use class::{
    Class, ClassError, Classes, Code, Field, FieldSet, MAX_CODES, MAX_OWN_FIELDS, Sensitivity, Text,
};
pub use class_change::{Difference, Held};
pub use core_fields::{CoreField, core_fields, core_position};
pub use date::{DateSource, DateSpan, DateSpanError, Interval, Precision};
pub use draft::{Checked, Draft, MAX_TEXT_BYTES, Part, RawValue};
pub use due::{DueItem, DueState, Fact, Judge, Reason, Subject, Test};
pub use event::{Assessment, Event, EventKind, EventPart, MAX_EVENTS};
pub use event_draft::{EventDraft, event_fields};
pub use expression::{
    Argument, Arithmetic, ArrayRelation, AssetView, Clause, Comparison, Expression,
    ExpressionError, Fold, Function, GEOMETRY, GEOMETRY_ALIAS, Known, MAX_PATTERN_CHARS, Operand,
    Pattern, TemporalRelation, Truth, ValueType,
};
pub use fault::{Fault, FaultCode, Place};
pub use id::AssetId;
pub use leave::Leave;
pub use limit::{
    LimitError, Limits, MAX_EXPORT_AREA_KM2, MAX_FEATURES_PER_DAY, MAX_REQUESTS_PER_MINUTE,
};
pub use list::{ListError, MAX_LIST_VALUES, TextList, TextListRef};
pub use network::{Network, NetworkRole};
pub use party::{MAX_PARTY_CHARS, PartyName, PartyNameError};
pub use past::Past;
pub use role::{Area, Edge, Grant, Names, Narrowing, Permission, Role};
pub use rule::{
    Evidence, MAX_PERIOD_YEARS, MonthDay, Period, PeriodError, Rule, RuleDraft, RuleError, Season,
    Timing, WorkKind,
};
pub use scope::{Breadth, Scope, Sight};
pub use value::{Kind, Value, ValueRef};
pub use version::{ChangeSet, RecordedEvent, Verb, Version};
