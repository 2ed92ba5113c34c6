//! The operation on the audit.

use serde_json::{Map, Value, json};
use terrier_model::AuditKind;

use super::operation::Operation;
use super::parameter::{self, in_query};
use super::{content, of_schema};

/// Puts the operation among the paths.
pub(super) fn add(paths: &mut Map<String, Value>) {
    let text = json!({ "type": "string" });
    let place = json!({ "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?$" });
    let kind = json!({ "type": "string", "enum": AuditKind::ALL.map(AuditKind::code) });
    let before =
        "The number of an entry, or that, a point and a place within it: only what comes before.";
    let own = [
        in_query("actor", "Who changed or read.", &text),
        in_query("before", before, &place),
        in_query("collection", "The collection that was changed or read.", &text),
        in_query("kind", "Of what the entry is.", &kind),
    ];
    let shared = ["since", "until", "limitOfChanges", "f", "lang"].map(parameter::reference);
    let operation =
        Operation::new("/audit", "getAudit", "changes", "Who changed what, and who read what")
            .with(own.into_iter().chain(shared))
            .answers(
                "A page of records, the newest first",
                content("application/json", of_schema("audit")),
            );
    paths.extend([operation.into_path()]);
}

/// The schemas of what is answered.
pub(super) fn add_schemas(schemas: &mut Value) {
    let text = || json!({ "type": "string" });
    let no_text = || json!({ "type": "string", "nullable": true });
    let count = || json!({ "type": "integer", "minimum": 0 });
    let time = || json!({ "type": "string", "format": "date-time" });
    schemas["auditRead"] = json!({
        "type": "object",
        "required": ["read_at", "actor", "route", "collection", "features"],
        "properties": {
            "read_at": time(),
            "actor": no_text(),
            "organisation": no_text(),
            "key": no_text(),
            "role": no_text(),
            "route": text(),
            "collection": text(),
            "window": no_text(),
            "conditions": no_text(),
            "as_of": no_text(),
            "features": count(),
        },
    });
    let change = json!({
        "type": "object",
        "required": ["sequence", "recorded_at", "actor"],
        "properties": {
            "sequence": count(),
            "recorded_at": time(),
            "actor": text(),
            "verb": { "type": "string", "enum": ["update", "correct"] },
            "reason": text(),
            "origin": text(),
            "source": no_text(),
        },
    });
    let record = json!({
        "type": "object",
        "required": ["entry", "head", "kind"],
        "properties": {
            "entry": count(),
            "head": { "type": "string", "description": "The number of the entry, a colon and its hash." },
            "kind": { "type": "string", "enum": AuditKind::ALL.map(AuditKind::code) },
            "position": count(),
            "change": change,
            "read": of_schema("auditRead"),
        },
    });
    schemas["audit"] = json!({
        "type": "object",
        "required": ["records", "links"],
        "properties": {
            "records": { "type": "array", "items": record },
            "links": { "type": "array", "items": of_schema("link") },
        },
    });
}
