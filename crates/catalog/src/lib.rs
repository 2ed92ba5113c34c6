//! How the register is written down outside: class packs, the questions that may be asked, and the
//! bytes of the answers.
//!
//! Nothing here knows SQL, HTTP or files.

mod area;
mod audit;
mod change_log;
mod class_pack;
mod collection;
pub mod cql2;
mod crs;
mod cursor;
mod distinct;
mod due;
mod feature;
mod field_list;
mod fold;
mod history;
mod key;
mod moment;
mod near;
mod order;
mod pack;
mod parameter;
mod past;
mod presentation;
mod query;
mod role_pack;
mod rule_pack;
mod schema;
mod search;
mod setting;
mod shipped;
mod summary;

pub use area::{AreaError, MAX_AREA_BYTES, area_from_geojson};
pub use audit::{AuditPlace, AuditQuery, audit_record_json};
pub use change_log::{ChangeQuery, EditPlace, edits_json, logged_change_json};
pub use class_pack::{ClassPack, MAX_CLASS_BYTES};
pub use collection::{ASSETS, Collection, DUE, DueOf};
pub use cursor::{Cursor, OrderKey, Side};
pub use distinct::{
    BEGINS_WITH, DistinctValues, MAX_DISTINCT_VALUES, ValueQuery, ValueTally, shown_name, title_of,
    values_json,
};
pub use due::{
    DueField, DueId, EFFECTIVE_FROM, ToldReason, due_fields, told_reasons, told_why, why_due,
    why_field, write_due,
};
pub use feature::{CLOSING, Fragments, ID_END, write_geometry, write_value};
pub use field_list::{FieldList, Language, field_list, field_list_version};
pub use history::{events_json, history_json, version_differences};
pub use key::{KEY_CHARS, KEY_START, KeyHash, KeyId, SECRET_BYTES, Secret};
pub use moment::beginning;
pub use near::{DISTANCE, MAX_NEAREST, NEAREST_DEFAULT, Near, distance_field};
pub use order::{
    ID, MAX_SORT_FIELDS, MAX_SORT_TEXT_BYTES, MAX_SORTED_OFFSET, Order, SortBy, SortKey,
    compared_part,
};
pub use pack::{PackError, class_from_toml};
pub use past::{AS_OF, AskedPast, KNOWN_AT, KnownAt, PastPlace};
pub use presentation::{FeatureWriter, Presentation, property_names, write_asset};
pub use query::{
    DueDay, FeatureQuery, LIMIT_DEFAULT, LIMIT_MAX, QueryError, Slice, Start, unknown_name,
};
pub use role_pack::{
    MAX_GRANTS, MAX_ROLE_BYTES, MAX_ROLE_NAME_CHARS, RoleError, RolePack, shipped_roles,
};
pub use rule_pack::{MAX_RULE_PACK_BYTES, MAX_RULES, RulePack, RulePackError, shipped_rule_packs};
pub use schema::{due_schema, feature_schema, field_schema};
pub use search::{MAX_SEARCH_CHARS, MAX_SEARCH_WORDS, Rank, Search};
pub use setting::{
    ClassNamesError, NO_COLLECTIONS, PUBLIC_COLLECTIONS, RESTRICTED_COLLECTIONS,
    STRICT_COLLECTIONS, TIME_ZONE, TimeZoneError, class_names, class_names_as_kept,
    class_names_text, time_zone, time_zone_name,
};
pub use shipped::shipped_classes;
pub use summary::{
    Amount, Basis, CLIP, Figure, GROUP_BY, Group, Label, MAX_DISTINCT, MAX_GROUP_FIELDS,
    MAX_GROUPS, MEASURE, Measure, Summary, SummaryQuery, Tally, summary_json,
};
