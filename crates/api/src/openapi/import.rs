//! The operations on files that are sent to be imported.

use serde_json::{Map, Value, json};
use terrier_intake::State;

use super::operation::Operation;
use super::parameter::{self, in_path, in_query};
use super::write::Writing;
use super::{content, of_schema};
use crate::limits::{MAX_FILE_NAME_CHARS, MAX_IMPORT_WAIT, MAX_IMPORTS_TOLD, MAX_NOTE_BYTES};

/// The parameters of an import, by their names among the components.
const OF_IMPORT: [&str; 17] = [
    "verb",
    "valid_from",
    "reason",
    "source",
    "dry-run",
    "importAs",
    "importName",
    "importStrict",
    "importCrs",
    "importLayer",
    "importSheet",
    "importHeaderRow",
    "importEncoding",
    "importDelimiter",
    "importDecimal",
    "idempotencyKey",
    "prefer",
];

/// Puts the operations among the paths.
pub(super) fn add(paths: &mut Map<String, Value>) {
    let json = |schema: &str| content("application/json", of_schema(schema));
    let one = ["importId", "f", "lang"].map(parameter::reference);
    let list = ["limitOfImports", "afterImport", "f", "lang"].map(parameter::reference);
    let operations = [
        Operation::new("/imports", "getImports", "editing", "The files that you sent")
            .with(list)
            .answers("The imports, the newest first", json("imports")),
        Operation::new("/imports/{importId}", "getImport", "editing", "What came of a file")
            .with(one.clone())
            .missing()
            .answers("The import with its report", json("import")),
        Operation::new("/imports/{importId}/faults", "getFaults", "editing", "The refused rows")
            .with(one)
            .missing()
            .without_page()
            .answers(
                "The rows as they came, each with what is wrong",
                content("application/geo+json", json!({ "type": "object" })),
            ),
    ];
    paths.extend(operations.map(Operation::into_path));
    let file = json!({ "type": "string", "format": "binary" });
    let parts = json!({
        "type": "object",
        "required": ["file"],
        "properties": { "file": file.clone(), "mapping": { "type": "string" } },
    });
    let done = ["Location", "Preference-Applied"];
    let import = || Value::from(json("import"));
    Writing::new("/imports", "post", "postImport", "editing", "Send a file to be imported")
        .with(OF_IMPORT)
        .takes(&["multipart/form-data"], &parts)
        .takes_too("*/*", &file)
        .answers("202", "The file is here; its import waits or runs", &done, import())
        .answers("200", "It is done", &done, import())
        .refuses(&[("403", "notAllowed"), ("422", "unprocessable")])
        .put(paths);
}

/// The parameters, by their names among the components.
pub(super) fn parameters() -> Vec<(&'static str, Value)> {
    let text = || json!({ "type": "string", "minLength": 1, "maxLength": MAX_NOTE_BYTES });
    let name = json!({ "type": "string", "minLength": 1, "maxLength": MAX_FILE_NAME_CHARS });
    let id = json!({ "type": "string", "format": "uuid" });
    let limit = json!({
        "type": "integer", "minimum": 1, "maximum": MAX_IMPORTS_TOLD, "default": MAX_IMPORTS_TOLD,
    });
    let asked = [
        (
            "importAs",
            "as",
            "The collection that all rows belong to; the part `mapping` says it otherwise.",
            text(),
        ),
        ("importName", "name", "What the file is called.", name),
        (
            "importStrict",
            "strict",
            "Whether nothing is taken when any row is refused.",
            json!({ "type": "boolean", "default": false }),
        ),
        (
            "importCrs",
            "crs",
            "The coordinate system of the positions, where the file says none.",
            text(),
        ),
        ("importLayer", "layer", "The layer to read, of a file with several.", text()),
        ("importSheet", "sheet", "The sheet to read, of a workbook with several.", text()),
        (
            "importHeaderRow",
            "header_row",
            "The row with the names of the columns, counted from 1.",
            json!({ "type": "integer", "minimum": 1 }),
        ),
        ("importEncoding", "encoding", "The encoding of texts.", text()),
        (
            "importDelimiter",
            "delimiter",
            "What stands between two columns.",
            json!({ "type": "string", "enum": [",", ";", "|", "tab"] }),
        ),
        (
            "importDecimal",
            "decimal",
            "The decimal sign of numbers.",
            json!({ "type": "string", "enum": [".", ","] }),
        ),
        ("limitOfImports", "limit", "How many imports the list tells at most.", limit),
        ("afterImport", "after", "The list goes on behind this import.", id.clone()),
    ];
    let in_query = |(key, name, description, schema): (_, _, _, Value)| {
        (key, in_query(name, description, &schema))
    };
    let mut all: Vec<(&'static str, Value)> = asked.into_iter().map(in_query).collect();
    all.push(("importId", in_path("importId", "The id of the import.", &id)));
    all
}

/// The schemas of what is answered.
pub(super) fn add_schemas(schemas: &mut Value) {
    let states = State::ALL.map(State::code);
    let text = || json!({ "type": "string" });
    let no_text = || json!({ "type": "string", "nullable": true });
    let count = || json!({ "type": "integer", "minimum": 0 });
    let no_count = || json!({ "type": "integer", "minimum": 0, "nullable": true });
    let time = || json!({ "type": "string", "format": "date-time" });
    let links = json!({ "type": "array", "items": of_schema("link") });
    schemas["import"] = json!({
        "type": "object",
        "required": ["id", "state", "file", "rows", "change", "links"],
        "properties": {
            "id": text(),
            "state": { "type": "string", "enum": states },
            "file": text(),
            "bytes": count(),
            "collections": { "type": "array", "items": text() },
            "actor": text(),
            "created": time(),
            "ended": { "type": "string", "format": "date-time", "nullable": true },
            "dry_run": { "type": "boolean" },
            "strict": { "type": "boolean" },
            "rows": count(),
            "change": no_count(),
            "error": no_text(),
            "refused_rows_kept": no_count(),
            "report": {
                "type": "object",
                "description": "The report of the command `terrier import --json`, once the file was read \
                                to its end.",
                "nullable": true,
                "additionalProperties": true,
            },
            "links": links.clone(),
        },
    });
    schemas["imports"] = json!({
        "type": "object",
        "required": ["imports", "links"],
        "properties": {
            "imports": { "type": "array", "items": of_schema("import") },
            "links": links,
        },
    });
    let most = MAX_IMPORT_WAIT.as_secs();
    schemas["import"]["description"] = format!(
        "A file that was sent. `Prefer: wait=SECONDS` waits for its end, {most} seconds at most."
    )
    .into();
}
