//! The API document: OpenAPI 3.0.3, in one piece, made of the collections that there are.
//!
//! Paths are spelled out for each collection, because GDAL and QGIS look for the fields of a
//! layer among the parameters of its own path, and page by the component called `limit`.

mod audit;
mod field;
mod header;
mod import;
mod json_fg;
mod login;
mod operation;
mod parameter;
mod schema;
mod write;

use serde_json::{Map, Value, json};
use terrier_catalog::{AskedPast, MAX_GROUP_FIELDS};

use crate::public_url::PublicUrl;
use crate::route::{self, Rule};
use operation::Operation;

/// A collection, as far as the API document speaks of it.
#[derive(Clone, Debug)]
pub struct CollectionDescription {
    /// The name in addresses.
    pub id: String,
    /// The name for readers.
    pub title: String,
    /// What is in it.
    pub description: String,
    /// The fields by which it can be asked.
    pub queryables: Vec<Queryable>,
    /// The properties with which its features can be shown.
    pub properties: Vec<String>,
    /// The fields by which its features can be grouped.
    pub group_fields: Vec<String>,
    /// What can be summed up of them.
    pub measures: Vec<&'static str>,
    /// Whether its features can be edited.
    pub is_edited: bool,
    /// Whether it is the work that falls due, which is told as of a day and has no history.
    pub is_due: bool,
}

/// A field by which a collection can be asked, as a parameter of its own name.
#[derive(Clone, Debug)]
pub struct Queryable {
    /// The name of the field and of the parameter.
    pub name: String,
    /// Its values, as a schema of OpenAPI 3.0: one `type`, no list of types.
    pub schema: Value,
    /// What it says.
    pub description: String,
}

pub(crate) use login::add_login;

/// Makes the document. The version is the program's.
pub fn document(
    collections: &[CollectionDescription],
    public_url: &PublicUrl,
    version: &str,
) -> Value {
    let mut paths = common_paths();
    for collection in collections {
        add_paths_of(collection, &mut paths);
        if collection.is_edited {
            write::add_edits_of(&collection.id, &collection.title, &mut paths);
        }
    }
    write::add_changes(&mut paths);
    import::add(&mut paths);
    audit::add(&mut paths);
    guard(&mut paths);
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": "Terrier",
            "description": "A city's assets: what it owns and where it lies.",
            "version": version,
            "license": { "name": "MIT OR Apache-2.0", "url": "https://opensource.org/license/mit" },
        },
        // OGC's suite takes the one address as the beginning of every other.
        "servers": [{ "url": public_url.as_str() }],
        // What is public is there without a key.
        "security": [{}, { "bearer": [] }, { "basic": [] }],
        "tags": tags(),
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key of the registry.",
                },
                "basic": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "A key as the password, and any user.",
                },
            },
            "parameters": parameter::components(),
            "headers": header::components(),
            "responses": operation::responses(),
            "schemas": schemas(),
        },
    })
}

/// Says of each operation that it wants a key, where its rule does, and what the role may not allow.
fn guard(paths: &mut Map<String, Value>) {
    for (path, operations) in paths {
        for (method, operation) in operations.as_object_mut().into_iter().flatten() {
            let Some(route) = route::of_documented(path, method) else { continue };
            if route.rule.wants_key() {
                operation["security"] = json!([{ "bearer": [] }, { "basic": [] }]);
                let responses = &mut operation["responses"];
                operation::PROBLEMS_OF_KEYS.iter().for_each(|(status, name)| {
                    responses[*status] = operation::problem(name);
                });
            }
            if matches!(route.rule, Rule::OnCollection(_) | Rule::Somewhere(_)) {
                operation["responses"]["403"] = operation::problem("notAllowed");
            }
        }
    }
}

fn schemas() -> Value {
    let mut schemas = schema::components();
    json_fg::add_to(&mut schemas);
    write::add_schemas(&mut schemas);
    import::add_schemas(&mut schemas);
    audit::add_schemas(&mut schemas);
    schemas
}

fn tags() -> Value {
    json!([
        { "name": "service", "description": "What this server offers." },
        { "name": "collections", "description": "Which collections there are, and their fields." },
        { "name": "features", "description": "The assets themselves." },
        { "name": "editing", "description": "Registering, changing and retiring them." },
        { "name": "changes", "description": "What was recorded, by whom, and why." },
        { "name": "operation", "description": "How the server does." },
    ])
}

fn common_paths() -> Map<String, Value> {
    let json = |schema: &str| content("application/json", of_schema(schema));
    let api = content("application/vnd.oai.openapi+json;version=3.0", json!({ "type": "object" }));
    let metrics = content("application/openmetrics-text", json!({ "type": "string" }));
    let log = ["limitOfChanges", "before", "actor", "changesOf", "since", "until", "f", "lang"];
    let edits = ["change", "limitOfChanges", "token", "f", "lang"];
    let operations = [
        Operation::new("/", "getLandingPage", "service", "Where everything begins")
            .answers("The landing page", json("landingPage")),
        Operation::new("/conformance", "getConformance", "service", "Which standards are kept")
            .answers("The classes of conformance", json("conformance")),
        Operation::new("/api", "getApi", "service", "This document")
            .answers("The API document", api),
        Operation::new("/functions", "getFunctions", "service", "What a filter may call")
            .answers("The functions, with what they take and give", json("functions")),
        Operation::new("/collections", "getCollections", "collections", "What there is")
            .answers("The collections", json("collections")),
        Operation::new(
            "/change-sets",
            "getChangeSets",
            "changes",
            "What was recorded, and by whom",
        )
        .with(log.map(parameter::reference))
        .answers("A page of changes, the newest first", json("changeSets")),
        Operation::new("/change-sets/{change}", "getChangeSet", "changes", "One change")
            .with(edits.map(parameter::reference))
            .missing()
            .answers("The change, and a page of its edits", json("changeSet")),
        Operation::new("/style.css", "getStyle", "service", "How pages look")
            .outside()
            .kept()
            .answers("The style of all pages", content("text/css", json!({ "type": "string" }))),
        Operation::new("/health/live", "getLive", "operation", "Whether the program runs")
            .outside()
            .answers("It runs", json("health")),
        Operation::new("/health/ready", "getReady", "operation", "Whether the registry answers")
            .outside()
            .answers("It can be asked", json("health")),
        Operation::new("/metrics", "getMetrics", "operation", "What the server counts of itself")
            .outside()
            .answers("Counts for Prometheus", metrics),
    ];
    operations.into_iter().map(Operation::into_path).collect()
}

const PROPERTIES_TEXT: &str = "The properties that are shown; without it all are.";
const GROUP_BY_TEXT: &str = "The fields by which the features are grouped; without it all are one.";
const MEASURE_TEXT: &str = "What is wanted of each group; without it the features are counted.";

fn add_paths_of(collection: &CollectionDescription, paths: &mut Map<String, Value>) {
    let CollectionDescription {
        id,
        title,
        description,
        queryables,
        properties,
        group_fields,
        measures,
        is_edited: _,
        is_due,
    } = collection;
    let base = format!("/collections/{id}");
    let operation = |path: &str, name: &str, tag: &'static str, summary: &str| {
        let summary = format!("{title}: {summary}");
        Operation::new(&format!("{base}{path}"), &format!("{id}.{name}"), tag, &summary)
    };
    let features = |schema: &str| {
        let mut all = content("application/geo+json", of_schema(schema));
        let with_more = of_schema(&format!("{schema}Fg"));
        all.append(&mut content("application/vnd.ogc.fg+json", with_more));
        all.append(&mut content("application/geo+json-seq", json!({ "type": "string" })));
        all.append(&mut content("text/csv", json!({ "type": "string" })));
        let binary = json!({ "type": "string", "format": "binary" });
        all.append(&mut content("application/flatgeobuf", binary));
        all
    };
    let json = |schema: &str| content("application/json", of_schema(schema));
    let page = [
        "limit",
        "bbox",
        "bbox-crs",
        "datetime",
        "filter",
        "filter-lang",
        "filter-crs",
        "q",
        "sortby",
        "near",
        "k",
        "offset",
        "token",
        "fOfFeatures",
        "lang",
    ]
    .map(parameter::reference);
    let fields = || queryables.iter().map(parameter::of_queryable);
    let groups = [
        parameter::list_of("group-by", GROUP_BY_TEXT, group_fields, Some(MAX_GROUP_FIELDS)),
        parameter::list_of("measure", MEASURE_TEXT, measures, None),
    ];
    let clip = [parameter::reference("clip")];
    let shown = || {
        let names = parameter::list_of("properties", PROPERTIES_TEXT, properties, None);
        ["crs", "skipGeometry"].map(parameter::reference).into_iter().chain([names])
    };
    let conditions = ["bbox", "bbox-crs", "datetime", "filter", "filter-lang", "filter-crs", "q"]
        .into_iter()
        .chain(["fOfTable", "lang"])
        .map(parameter::reference);
    let on = is_due.then(|| parameter::reference("on"));
    // What falls due is judged as of a day, and has no past of its own.
    let past =
        || AskedPast::PARAMETERS.iter().filter(|_| !*is_due).map(|name| parameter::reference(name));
    let feature_id = if *is_due { "workId" } else { "featureId" };
    let feature = [feature_id, "fOfFeatures", "lang"].map(parameter::reference);
    let feature = feature.into_iter().chain(shown()).chain(on.clone()).chain(past());
    let versions = ["featureId", "limitOfVersions", "after", "afterEvent", "f", "lang"];
    let versions = versions.map(parameter::reference);
    let mut summary = json("summary");
    summary.append(&mut content("text/csv", json!({ "type": "string" })));
    let operations = [
        operation("", "getCollection", "collections", "what it is")
            .described(description)
            .answers("The collection", json("collection")),
        operation("/items", "getFeatures", "features", "the features that meet every condition")
            .described(description)
            .with(page.into_iter().chain(shown()).chain(on.clone()).chain(past()).chain(fields()))
            .answers("A page of features", features("featureCollection"))
            .heading(&header::OF_FEATURES),
        operation("/summary", "getSummary", "features", "figures of the features in one")
            .with(groups.into_iter().chain(clip).chain(conditions).chain(on).chain(fields()))
            .answers("The figures of each group and of all", summary),
        operation(&format!("/items/{{{feature_id}}}"), "getFeature", "features", "one feature")
            .with(feature)
            .missing()
            .ending(!*is_due)
            .answers("The feature as it is, or was", features("feature"))
            .heading(&header::OF_FEATURE),
    ];
    let history = operation("/items/{featureId}/history", "getHistory", "features", "its past")
        .with(versions)
        .missing()
        .answers("A page of versions and events, the first recorded first", json("history"));
    let history = (!is_due).then_some(history);
    let all = operations.into_iter().chain(field::operations(collection, operation)).chain(history);
    paths.extend(all.map(Operation::into_path));
}

fn of_schema(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// What a body of one media type is like.
fn content(media_type: &str, schema: Value) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("schema".into(), schema);
    let mut content = Map::new();
    content.insert(media_type.into(), Value::Object(body));
    content
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn example() -> Value {
        let queryable = |name: &str, schema: Value| Queryable {
            name: name.into(),
            schema,
            description: format!("The {name}."),
        };
        let collection = |id: &str| CollectionDescription {
            id: id.into(),
            title: "燃气管道".into(),
            description: "Pipes of the gas network.".into(),
            queryables: vec![
                queryable("material", json!({ "type": "string", "enum": ["steel", "pe100"] })),
                queryable("diameter_mm", json!({ "type": "number" })),
                queryable("installed_on", json!({ "type": "string", "format": "date" })),
            ],
            properties: vec!["material".into(), "diameter_mm".into(), "installed_on".into()],
            group_fields: vec!["material".into()],
            measures: vec!["count", "length_m"],
            is_edited: id == "gas_pipes",
            is_due: id == "due",
        };
        let url: PublicUrl = "https://gis.example.cn/terrier/".parse().expect("an address");
        document(&[collection("gas_pipes"), collection("assets"), collection("due")], &url, "0.1.0")
    }

    #[test]
    fn the_document_has_every_route_and_nothing_else() {
        let mut documented = BTreeSet::new();
        for (path, operations) in example()["paths"].as_object().expect("paths") {
            for method in operations.as_object().expect("operations").keys() {
                let route = route::of_documented(path, method);
                let route = route.unwrap_or_else(|| panic!("{method} {path} is not served"));
                documented.insert((route.template, route.method.as_str()));
                let security = &operations[method]["security"];
                assert_eq!(security.is_array(), route.rule.wants_key(), "{method} {path}");
            }
        }
        let served = route::ROUTES.iter().map(|route| (route.template, route.method.as_str()));
        assert_eq!(documented, served.collect());
    }

    /// Calls the function with every object in the document.
    fn visit(value: &Value, see: &mut impl FnMut(&Map<String, Value>)) {
        match value {
            Value::Object(object) => {
                see(object);
                object.values().for_each(|inner| visit(inner, see));
            }
            Value::Array(list) => list.iter().for_each(|inner| visit(inner, see)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_to_something_in_the_document() {
        let document = example();
        let mut count = 0;
        visit(&document, &mut |object| {
            if let Some(reference) = object.get("$ref") {
                let pointer = reference.as_str().and_then(|text| text.strip_prefix('#'));
                let found = pointer.and_then(|pointer| document.pointer(pointer));
                assert!(found.is_some(), "{reference}");
                assert_eq!(object.len(), 1, "3.0 looks at nothing beside {reference}");
                count += 1;
            }
        });
        assert!(count > 50, "{count} references");
    }

    #[test]
    fn every_component_is_used() {
        let document = example();
        let mut used = BTreeSet::new();
        visit(&document, &mut |object| {
            used.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
        });
        for kind in ["parameters", "headers", "responses", "schemas"] {
            let components = document["components"][kind].as_object().expect("an object");
            for name in components.keys() {
                assert!(used.contains(&format!("#/components/{kind}/{name}")), "{kind} {name}");
            }
        }
    }

    #[test]
    fn what_old_parsers_trip_over_is_not_there() {
        visit(&example(), &mut |object| {
            assert!(
                !object.get("type").is_some_and(Value::is_array),
                "a list of types: {object:?}"
            );
            for name in ["required", "enum"] {
                let list = object.get(name).and_then(Value::as_array);
                assert!(list.is_none_or(|list| !list.is_empty()), "an empty {name}: {object:?}");
            }
            if object.contains_key("in") {
                assert!(object["style"].is_string() && object["explode"] == false, "{object:?}");
                assert!(object["schema"]["type"].is_string(), "{object:?}");
            }
        });
    }

    #[test]
    fn clients_find_the_size_of_a_page_and_the_fields_of_a_layer() {
        let document = example();
        let limit = &document["components"]["parameters"]["limit"]["schema"];
        let expected =
            json!({ "type": "integer", "minimum": 1, "maximum": 10_000, "default": 100 });
        assert_eq!(*limit, expected);
        let items = &document["paths"]["/collections/gas_pipes/items"]["get"]["parameters"];
        assert_eq!(items[0]["$ref"], "#/components/parameters/limit");
        let names: Vec<&str> = items
            .as_array()
            .expect("parameters")
            .iter()
            .filter_map(|parameter| parameter["name"].as_str())
            .collect();
        assert_eq!(names, ["properties", "material", "diameter_mm", "installed_on"]);
        let servers = json!([{ "url": "https://gis.example.cn/terrier" }]);
        assert_eq!(document["servers"], servers);
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_and_says_how_it_can_fail() {
        let document = example();
        let paths = document["paths"].as_object().expect("paths");
        // Beside those that are read, transactions and reverts.
        assert_eq!(paths.len(), 14 + 2 * 10 + 9 + 3);
        let mut ids = BTreeSet::new();
        for (path, item) in paths {
            let Some(operation) = item.get("get") else { continue };
            let id = operation["operationId"].as_str().expect("an id");
            assert!(ids.insert(id), "{id} comes twice");
            let statuses = operation["responses"].as_object().expect("responses");
            for status in ["200", "414", "431", "500", "503"] {
                assert!(statuses.contains_key(status), "{path} {status}");
            }
            let is_watch = path.starts_with("/health/") || path == "/metrics";
            let is_style = path == "/style.css";
            assert_eq!(statuses.contains_key("304"), !is_watch, "{path}");
            for status in ["400", "406"] {
                assert_eq!(
                    statuses.contains_key(status),
                    !is_watch && !is_style,
                    "{path} {status}"
                );
            }
            let missing = path.contains("Id}") || path.ends_with("/{change}");
            assert_eq!(statuses.contains_key("404"), missing, "{path}");
        }
    }
}
