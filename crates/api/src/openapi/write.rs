//! The operations that write.

use serde_json::{Map, Value, json};
use terrier_store::MAX_EDITS;

use super::operation::problem;
use super::{content, header, of_schema, operation, parameter};
use crate::edit::{FEATURE_TYPES, PATCH_TYPES};

/// The parameters and headers that every operation has which writes assets.
const OF_EDITS: [&str; 7] =
    ["verb", "valid_from", "reason", "source", "dry-run", "idempotencyKey", "contentCrs"];

/// An operation that writes, in the making.
pub(super) struct Writing {
    path: String,
    method: &'static str,
    operation: Map<String, Value>,
    responses: Map<String, Value>,
}

impl Writing {
    pub(super) fn new(
        path: &str,
        method: &'static str,
        id: &str,
        tag: &str,
        summary: &str,
    ) -> Self {
        let mut operation = Map::new();
        operation.insert("operationId".into(), id.into());
        operation.insert("tags".into(), json!([tag]));
        operation.insert("summary".into(), summary.into());
        Self { path: path.into(), method, operation, responses: operation::problems_of_writing() }
    }

    pub(super) fn with(mut self, parameters: impl IntoIterator<Item = &'static str>) -> Self {
        let listed: Vec<Value> = parameters.into_iter().map(parameter::reference).collect();
        self.operation.insert("parameters".into(), listed.into());
        self
    }

    pub(super) fn takes(mut self, types: &[&str], schema: &Value) -> Self {
        let mut forms = Map::new();
        types.iter().for_each(|form| forms.extend(content(form, schema.clone())));
        let body = json!({ "required": true, "content": Value::Object(forms) });
        self.operation.insert("requestBody".into(), body);
        for (status, name) in
            [("408", "bodyTooSlow"), ("413", "bodyTooLarge"), ("415", "unsupportedMediaType")]
        {
            self.responses.insert(status.into(), problem(name));
        }
        self
    }

    /// A body of another media type, too.
    pub(super) fn takes_too(mut self, media_type: &str, schema: &Value) -> Self {
        self.operation["requestBody"]["content"][media_type] = json!({ "schema": schema });
        self
    }

    pub(super) fn answers(
        mut self,
        status: &str,
        text: &str,
        own: &[&'static str],
        form: Value,
    ) -> Self {
        let headers = header::OF_MOMENT.into_iter().chain(own.iter().copied());
        let mut response = json!({ "description": text, "headers": header::references(headers) });
        // A rehearsal makes no version and no change, so it has no tag and no link; what says nothing new
        // makes no change either.
        let is_sometimes = |name: &str| status == "200" || status == "204" && name == "Link";
        for name in own.iter().filter(|name| is_sometimes(name)) {
            response["headers"][*name] = header::optional(name);
        }
        if !form.is_null() {
            response["content"] = form;
        }
        self.responses.insert(status.into(), response);
        self
    }

    pub(super) fn refuses(mut self, problems: &[(&str, &str)]) -> Self {
        for (status, name) in problems {
            self.responses.insert((*status).into(), problem(name));
        }
        self
    }

    /// Puts the operation beside those that its path has.
    pub(super) fn put(mut self, paths: &mut Map<String, Value>) {
        self.operation.insert("responses".into(), self.responses.into());
        let path = paths.entry(self.path).or_insert_with(|| json!({}));
        path[self.method] = self.operation.into();
    }
}

fn form(media_type: &str, schema: &str) -> Value {
    content(media_type, of_schema(schema)).into()
}

/// Puts the operations that write features of a collection beside those that read them.
pub(super) fn add_edits_of(id: &str, title: &str, paths: &mut Map<String, Value>) {
    let items = format!("/collections/{id}/items");
    let item = format!("{items}/{{featureId}}");
    let one = |path: &str, method, name: &str, summary: &str| {
        let summary = format!("{title}: {summary}");
        Writing::new(path, method, &format!("{id}.{name}"), "editing", &summary)
    };
    let feature = || form("application/geo+json", "feature");
    let rehearsal = || form("application/json", "edits");
    let of_one = || ["featureId", "ifMatch"].into_iter().chain(OF_EDITS).chain(["prefer"]);
    let unseen = [
        ("404", "notFound"),
        ("410", "gone"),
        ("412", "preconditionFailed"),
        ("428", "preconditionRequired"),
    ];
    let changed = ["ETag", "Link", "Preference-Applied"];
    one(&items, "post", "createFeature", "register an asset")
        .with(OF_EDITS.into_iter().chain(["prefer"]))
        .takes(&FEATURE_TYPES, &of_schema("sentFeature"))
        .answers(
            "201",
            "It is registered",
            &["Location", "ETag", "Link", "Preference-Applied"],
            feature(),
        )
        .answers("200", "What would come of it, of a rehearsal", &[], rehearsal())
        .refuses(&[("422", "unprocessable")])
        .put(paths);
    for (method, name, summary, types, schema) in [
        (
            "put",
            "replaceFeature",
            "say everything of an asset anew",
            &FEATURE_TYPES[..],
            "sentFeature",
        ),
        ("patch", "updateFeature", "change something of an asset", &PATCH_TYPES[..], "patch"),
    ] {
        one(&item, method, name, summary)
            .with(of_one())
            .takes(types, &of_schema(schema))
            .answers(
                "200",
                "The asset as it is now, where that is preferred; of a rehearsal, what would come of it",
                &changed,
                {
                    let mut forms = content("application/geo+json", of_schema("feature"));
                    forms.extend(content("application/json", of_schema("edits")));
                    forms.into()
                },
            )
            .answers(
                "204",
                "It is changed",
                &changed,
                Value::Null,
            )
            .refuses(&unseen)
            .refuses(&[("422", "unprocessable")])
            .put(paths);
    }
    one(&item, "delete", "retireFeature", "say that an asset is no more")
        .with(of_one())
        .answers("204", "It is retired", &["Link"], Value::Null)
        .answers("200", "What would come of it, of a rehearsal", &[], rehearsal())
        .refuses(&unseen)
        .refuses(&[("422", "unprocessable")])
        .put(paths);
}

/// Puts the operations that write many things at once.
pub(super) fn add_changes(paths: &mut Map<String, Value>) {
    Writing::new("/transactions", "post", "postTransaction", "editing", "Many edits as one change")
        .with(OF_EDITS)
        .takes(&["application/json"], &of_schema("transaction"))
        .answers("200", "All of them are done", &["Link"], form("application/json", "edits"))
        .refuses(&[("412", "preconditionFailed"), ("422", "unprocessable")])
        .put(paths);
    let revert = "/change-sets/{change}/revert";
    Writing::new(revert, "post", "revertChange", "editing", "Undo a change as one")
        .with(["change", "reason", "source", "dry-run"])
        .answers("200", "It is undone", &["Link"], form("application/json", "reversion"))
        .refuses(&[("404", "notFound"), ("409", "conflict")])
        .put(paths);
}

/// The schemas of what is sent and answered.
pub(super) fn add_schemas(schemas: &mut Value) {
    let text = || json!({ "type": "string" });
    let geometry = json!({
        "type": "object",
        "required": ["type", "coordinates"],
        "properties": { "type": text(), "coordinates": { "type": "array", "items": {} } },
    });
    let properties = json!({ "type": "object", "additionalProperties": true });
    schemas["sentFeature"] = json!({
        "type": "object",
        "description": "A GeoJSON feature. What the register computes is passed over, and so is its id; \
                        the feature schema of the collection tells the properties.",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": { "type": "string", "enum": ["Feature"] },
            "geometry": geometry.clone(),
            "properties": properties.clone(),
        },
    });
    schemas["patch"] = json!({
        "type": "object",
        "description": "The members of a feature that change (RFC 7396): a property that is null has no \
                        value any more, what is left out stays.",
        "additionalProperties": false,
        "properties": {
            "type": { "type": "string", "enum": ["Feature"] },
            "id": text(),
            "geometry": geometry,
            "properties": properties,
            "bbox": { "type": "array", "items": { "type": "number" } },
            "links": { "type": "array", "items": { "type": "object" } },
        },
    });
    schemas["transaction"] = json!({
        "type": "object",
        "required": ["edits"],
        "additionalProperties": false,
        "properties": { "edits": {
            "type": "array", "minItems": 1, "maxItems": MAX_EDITS, "items": edit_schema(),
        } },
    });
    let effects = ["created", "changed", "unchanged", "retired"];
    schemas["edits"] = json!({
        "type": "object",
        "required": ["dry_run", "edits"],
        "properties": {
            "change": { "type": "integer", "nullable": true },
            "dry_run": { "type": "boolean" },
            "repeated": { "type": "boolean" },
            "edits": { "type": "array", "items": {
                "type": "object",
                "required": ["id", "version", "effect"],
                "properties": {
                    "id": { "type": "string", "nullable": true },
                    "version": { "type": "integer", "minimum": 0 },
                    "effect": { "type": "string", "enum": effects },
                    "collection": text(),
                    "ref": text(),
                },
            } },
        },
    });
    schemas["reversion"] = json!({
        "type": "object",
        "required": ["change", "dry_run", "reverted", "restored", "retired"],
        "properties": {
            "change": { "type": "integer", "nullable": true },
            "dry_run": { "type": "boolean" },
            "reverted": { "type": "integer" },
            "restored": { "type": "integer", "minimum": 0 },
            "retired": { "type": "integer", "minimum": 0 },
            "events": { "type": "object", "properties": {
                "recorded": { "type": "integer" }, "superseded": { "type": "integer" },
            } },
        },
    });
}

fn edit_schema() -> Value {
    json!({
        "type": "object",
        "required": ["action", "collection"],
        "additionalProperties": false,
        "properties": {
            "action": { "type": "string", "enum": ["insert", "replace", "update", "delete"] },
            "collection": { "type": "string" },
            "id": { "type": "string", "description": "The asset; of an insertion none." },
            "ref": {
                "type": "string",
                "description": "What other edits call an asset that is inserted: `{\"$ref\": NAME}` as a \
                                property is its id.",
            },
            "if_match": {
                "description": "The version, or the `ETag`, that the sender has seen.",
                "oneOf": [{ "type": "integer", "minimum": 1 }, { "type": "string" }],
            },
            "feature": { "type": "object", "description": "The feature; of an update, the patch of it." },
        },
    })
}
