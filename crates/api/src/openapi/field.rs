//! The paths that tell the fields of a collection, and their values.

use serde_json::json;

use super::operation::Operation;
use super::{CollectionDescription, content, of_schema, parameter};

/// The operations, of which `operation` makes each by its path within the collection, its name, its tag
/// and its summary.
pub(super) fn operations(
    collection: &CollectionDescription,
    operation: impl Fn(&str, &str, &'static str, &str) -> Operation,
) -> [Operation; 5] {
    let schema = || content("application/schema+json", json!({ "type": "object" }));
    let list = |path: &str, name: &str, summary: &str| {
        operation(path, name, "collections", summary).answers("A JSON Schema", schema())
    };
    let queryables = &collection.queryables;
    let names: Vec<&str> = queryables.iter().map(|queryable| &*queryable.name).collect();
    let conditions = [
        "begins-with",
        "limitOfValues",
        "bbox",
        "bbox-crs",
        "datetime",
        "filter",
        "filter-lang",
        "filter-crs",
        "q",
        "fOfTable",
        "lang",
    ];
    let on = collection.is_due.then(|| parameter::reference("on"));
    let of_values = std::iter::once(parameter::queryable_id(&names))
        .chain(conditions.map(parameter::reference))
        .chain(on)
        .chain(queryables.iter().map(parameter::of_queryable));
    let mut values = content("application/json", of_schema("values"));
    values.append(&mut content("text/csv", json!({ "type": "string" })));
    let told = "the different values of a field, and how often each comes";
    [
        list("/schema", "getSchema", "the fields of a feature")
            .with(["v", "f", "lang"].map(parameter::reference)),
        list("/feature-schema", "getFeatureSchema", "a feature as GeoJSON"),
        list("/queryables", "getQueryables", "what can be asked for"),
        operation("/queryables/{queryableId}/values", "getValues", "features", told)
            .with(of_values)
            .missing()
            .answers("The values that come most often", values),
        list("/sortables", "getSortables", "what can be sorted by"),
    ]
}
