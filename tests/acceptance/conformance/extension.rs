//! For each assertion of the other parts a server that declares them and does not keep it.

use serde_json::{Value as Json, json};

use super::broken::{Broken, check, entry, is_item, is_items, unlink};
use super::double::{Answerer, Reply};

const EPSG_4326: &str = "http://www.opengis.net/def/crs/EPSG/0/4326";
const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
const REL: &str = "http://www.opengis.net/def/rel/ogc/1.0/";

/// All classes that the assertions ask for.
const CLASSES: [&str; 23] = [
    "ogcapi-features-2/1.0/conf/crs",
    "ogcapi-common-3/1.0/conf/schemas",
    "ogcapi-common-3/1.0/conf/returnables-and-receivables",
    "ogcapi-features-3/1.0/conf/queryables",
    "ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "ogcapi-features-3/1.0/conf/filter",
    "ogcapi-features-3/1.0/conf/features-filter",
    "ogcapi-features-8/1.0/conf/sortables",
    "ogcapi-features-8/1.0/conf/sorting",
    "ogcapi-features-8/1.0/conf/features-sorting",
    "cql2/1.0/conf/cql2-text",
    "cql2/1.0/conf/cql2-json",
    "cql2/1.0/conf/basic-cql2",
    "cql2/1.0/conf/advanced-comparison-operators",
    "cql2/1.0/conf/case-insensitive-comparison",
    "cql2/1.0/conf/accent-insensitive-comparison",
    "cql2/1.0/conf/basic-spatial-functions",
    "cql2/1.0/conf/spatial-functions",
    "cql2/1.0/conf/temporal-functions",
    "cql2/1.0/conf/array-functions",
    "cql2/1.0/conf/property-property",
    "cql2/1.0/conf/arithmetic",
    "cql2/1.0/conf/functions",
];

/// A schema of queryables, sortables or features at a path.
fn schema(path: &str, properties: &Json) -> Reply {
    let document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": path,
        "type": "object",
        "properties": properties,
    });
    Reply::of("application/schema+json", &document)
}

/// The district's server as one that declares everything, with schemas made up: a text, a number, a day,
/// a list that each feature has and the geometry may be asked for and sorted by.
fn all(path: &str, ask: &dyn Fn(&str) -> Reply) -> Reply {
    let bare = path.split('?').next().unwrap_or_default();
    if ["/queryables", "/sortables", "/schema"].iter().any(|end| bare.ends_with(end)) {
        return schema(
            path,
            &json!({
                "geometry": { "format": "geometry-linestring", "x-ogc-role": "primary-geometry" },
                "material": { "type": "string" },
                "diameter_mm": { "type": "number" },
                "installed_on": { "type": "string", "format": "date" },
                "tags": { "type": "array", "items": { "type": "string" } },
            }),
        );
    }
    let mut reply = ask(path);
    match path {
        "/conformance" => reply.edit(|page| {
            let declared = CLASSES.map(|class| format!("http://www.opengis.net/spec/{class}"));
            page["conformsTo"] = json!(declared);
        }),
        "/collections" => reply.edit(|list| {
            let one = entry(list);
            one["crs"] = json!([CRS84, EPSG_4326]);
            one["storageCrs"] = json!(CRS84);
            let link = |name: &str| {
                let rel = format!("{REL}{name}");
                let href = format!("/ogc/collections/gas_pipes/{name}");
                json!({ "rel": rel, "href": href, "type": "application/schema+json" })
            };
            for name in ["queryables", "sortables", "schema"] {
                unlink(one, &format!("{REL}{name}"));
                one["links"].as_array_mut().expect("links").push(link(name));
            }
        }),
        _ if is_items(path) => reply.edit(|page| {
            let features = page.get_mut("features").and_then(Json::as_array_mut);
            for feature in features.into_iter().flatten() {
                feature["properties"]["tags"] = json!(["a", "b"]);
            }
        }),
        _ => {}
    }
    reply
}

/// The path without a parameter.
fn without(path: &str, names: &[&str]) -> String {
    let Some((bare, query)) = path.split_once('?') else { return path.to_owned() };
    let is_kept = |pair: &&str| !names.contains(&pair.split('=').next().unwrap_or_default());
    let kept: Vec<&str> = query.split('&').filter(is_kept).collect();
    if kept.is_empty() { bare.to_owned() } else { format!("{bare}?{}", kept.join("&")) }
}

/// A server that keeps everything but for a change, and one that does not look at parameters.
macro_rules! declared {
    (status $status:literal when $path:ident $holds:expr) => {
        |$path: &str, ask: &dyn Fn(&str) -> Reply| {
            let mut reply = all($path, ask);
            if $holds {
                reply.status = $status;
            }
            reply
        }
    };
    (edit $document:ident when $path:ident $holds:expr, $change:expr) => {
        |$path: &str, ask: &dyn Fn(&str) -> Reply| {
            let mut reply = all($path, ask);
            if $holds {
                reply.edit(|$document| $change);
            }
            reply
        }
    };
    (deaf to $($name:literal),+) => {
        |path: &str, ask: &dyn Fn(&str) -> Reply| {
            if is_items(path) || is_item(path) {
                ask(&without(path, &[$($name),+]))
            } else {
                all(path, ask)
            }
        }
    };
    (properties of $end:literal are $properties:tt) => {
        |path: &str, ask: &dyn Fn(&str) -> Reply| {
            if path.ends_with($end) { schema(path, &json!($properties)) } else { all(path, ask) }
        }
    };
}

/// A server that says of every filter that as many features match as its letters are in sum.
const LETTERS: Answerer = |path, ask| {
    let filter = path.split("&filter=").nth(1);
    match filter {
        Some(filter) => {
            let page = json!({ "type": "FeatureCollection", "features": [], "links": [],
                "numberMatched": filter.bytes().map(u64::from).sum::<u64>() });
            Reply::of("application/geo+json", &page)
        }
        None => all(path, ask),
    }
};

/// A server that never says which system it answers in.
const SILENT: Answerer = |path, ask| {
    let mut reply = all(path, ask);
    reply.headers.retain(|(name, _)| name != "content-crs");
    reply
};

pub(super) const TABLE: &[Broken] = &[
    (
        "crs/identifiers",
        declared!(edit list when path path == "/collections", entry(list)["crs"] = json!(["EPSG:4326"])),
    ),
    (
        "crs/default-listed",
        declared!(edit list when path path == "/collections", entry(list)["crs"] = json!([EPSG_4326])),
    ),
    (
        "crs/storage-listed",
        declared!(edit list when path path == "/collections", entry(list)["crs"] = json!([EPSG_4326])),
    ),
    ("crs/items-header", SILENT),
    ("crs/item-header", SILENT),
    ("crs/items-default", SILENT),
    ("crs/item-default", SILENT),
    ("crs/items-unknown", declared!(deaf to "crs")),
    ("crs/item-unknown", declared!(deaf to "crs")),
    ("crs/items-positions", declared!(deaf to "crs")),
    ("crs/item-positions", declared!(deaf to "crs")),
    ("bbox-crs/same", declared!(deaf to "bbox", "bbox-crs")),
    (
        "bbox-crs/elsewhere",
        declared!(status 400 when path path.contains("100000000") || path.contains("1e8")),
    ),
    ("bbox-crs/unknown", declared!(deaf to "bbox-crs")),
    (
        "bbox-crs/default",
        declared!(edit page when path path.contains("bbox-crs="), page["features"] = json!([])),
    ),
    (
        "schema/link",
        declared!(edit list when path path == "/collections", unlink(entry(list), &format!("{REL}schema"))),
    ),
    ("schema/document", declared!(status 404 when path path.ends_with("/schema"))),
    ("schema/properties", declared!(properties of "/schema" are { "material": {} })),
    (
        "schema/roles",
        declared!(properties of "/schema" are {
            "a": { "format": "geometry-any", "x-ogc-role": "primary-geometry" },
            "b": { "format": "geometry-any", "x-ogc-role": "primary-geometry" },
        }),
    ),
    (
        "schema/features",
        declared!(properties of "/schema" are { "material": { "type": "string" } }),
    ),
    (
        "queryables/link",
        declared!(edit list when path path == "/collections", {
            unlink(entry(list), &format!("{REL}queryables"));
        }),
    ),
    ("queryables/document", declared!(status 404 when path path.ends_with("/queryables"))),
    (
        "queryables/properties",
        declared!(properties of "/queryables" are { "geometry": { "format": "geometry-line", "type": "object" } }),
    ),
    ("queryables/parameters", declared!(deaf to "material", "diameter_mm")),
    (
        "queryables/documented",
        declared!(properties of "/queryables" are { "colour": { "type": "string" } }),
    ),
    ("queryables/unknown", declared!(deaf to "no_such_property")),
    (
        "filter/documented",
        declared!(edit api when path path == "/api", {
            api["paths"]["/collections/gas_pipes/items"]["get"]["parameters"] = json!([]);
        }),
    ),
    ("filter/response", declared!(deaf to "filter")),
    (
        "filter/language",
        declared!(edit page when path path.contains("filter-lang=cql2-text"), page["features"] = json!([])),
    ),
    ("filter/and-box", declared!(deaf to "bbox")),
    ("filter/syntax", declared!(status 200 when path path.ends_with("filter=%3D"))),
    ("filter/unknown-property", declared!(deaf to "filter")),
    ("filter/unknown-language", declared!(deaf to "filter", "filter-lang")),
    ("filter/unknown-crs", declared!(deaf to "filter", "filter-crs")),
    ("cql2/parts", LETTERS),
    ("cql2/order", LETTERS),
    ("cql2/bounds", LETTERS),
    ("cql2/not", LETTERS),
    ("cql2/or", LETTERS),
    ("cql2/like", LETTERS),
    ("cql2/like-anything", LETTERS),
    ("cql2/between", LETTERS),
    ("cql2/in", LETTERS),
    ("cql2/casei", LETTERS),
    ("cql2/accenti", LETTERS),
    ("cql2/array", LETTERS),
    ("cql2/array-overlaps", LETTERS),
    ("cql2/property", LETTERS),
    ("cql2/arithmetic", LETTERS),
    ("cql2/temporal", LETTERS),
    ("cql2/spatial", LETTERS),
    ("cql2/disjoint", LETTERS),
    ("cql2/json", LETTERS),
    ("cql2/functions", declared!(status 404 when path path == "/functions")),
    (
        "sorting/link",
        declared!(edit list when path path == "/collections", unlink(entry(list), &format!("{REL}sortables"))),
    ),
    ("sorting/document", declared!(status 404 when path path.ends_with("/sortables"))),
    ("sorting/properties", declared!(properties of "/sortables" are { "material": {} })),
    ("sorting/ascending", declared!(deaf to "sortby")),
    ("sorting/descending", declared!(deaf to "sortby")),
    (
        "sorting/whole",
        declared!(edit page when path path.contains("sortby="), {
            page["features"] = json!([]);
            unlink(page, "next");
        }),
    ),
    ("sorting/unknown", declared!(deaf to "sortby")),
];

#[test]
fn what_is_broken_of_coordinate_systems_is_found() {
    check_all(&["crs", "bbox-crs"]);
}

#[test]
fn what_is_broken_of_schemas_and_queryables_is_found() {
    check_all(&["schema", "queryables"]);
}

#[test]
fn what_is_broken_of_filters_is_found() {
    check_all(&["filter", "cql2"]);
}

#[test]
fn what_is_broken_of_sorting_is_found() {
    check_all(&["sorting"]);
}

fn check_all(classes: &[&str]) {
    let is_of = |id: &str| id.split('/').next().is_some_and(|class| classes.contains(&class));
    TABLE.iter().filter(|(id, _)| is_of(id)).for_each(|(id, answerer)| drop(check(id, *answerer)));
}
