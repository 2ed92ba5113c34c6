//! Fields and features as JSON Schema, for a caller's scope.

use serde_json::{Map, Number, Value, json};
use terrier_model::{
    Class, Code, Field, Kind, MAX_LIST_VALUES, Network, NetworkRole, Scope, Sight, Text,
    core_fields,
};
use terrier_spatial::GeometryKind;

use crate::collection::geometry_of;
use crate::{DueOf, due_fields};

/// The JSON Schema (draft 2020-12) of a feature of the class as GeoJSON, with only the fields that
/// the scope sees; of a feature of any class, with the core alone, for `None`. `id_url` is where
/// the schema itself is served. `x-terrier-network` tells the part of the class in a network.
///
/// Every type is a single name, for GDAL and QGIS read no lists of types; so the schema does not
/// say that a property may be null, which each may.
pub fn feature_schema(class: Option<&Class>, scope: &Scope, id_url: &str) -> Value {
    let fields = class.map_or(core_fields(), Class::fields);
    let sight = scope.sight(class.map(Class::name));
    let properties = properties(fields, sight);
    let (title, description) = class.map_or(
        ("Assets", "Assets of every class, with the fields that all of them have."),
        |class| (&*class.title().en, &*class.description().en),
    );
    let geometry = class.and_then(|class| geometry_of(class, scope));
    let geometry = geometry.map_or("Geometry", GeometryKind::geojson_name);
    let id = json!({ "type": "string", "format": "uuid" });
    let mut schema = feature_of([title, description, id_url], &id, geometry, &properties);
    if let Some(network) = class.and_then(Class::network) {
        let is_seen = |name: &str| fields.iter().any(|it| *it.name == *name && sight.sees(it));
        schema["x-terrier-network"] = network_schema(network, is_seen);
    }
    schema
}

/// The same of a feature of a collection of work that falls due. All of it is computed; `why` and
/// `reasons` can be read and not asked for.
pub fn due_schema(of: DueOf, scope: &Scope, id_url: &str) -> Value {
    let mut properties = properties(due_fields(), scope.sight(None));
    properties.values_mut().for_each(|property| property["readOnly"] = true.into());
    for (name, mut schema, title, description) in work_texts() {
        schema["title"] = (*title.en).into();
        schema["x-title-zh"] = (*title.zh).into();
        schema["description"] = (*description.en).into();
        schema["readOnly"] = true.into();
        schema["x-ogc-propertySeq"] = (properties.len() + 1).into();
        properties.insert(name.into(), schema);
    }
    let (title, description) = of.title_and_description();
    let geometry = match of {
        DueOf::All | DueOf::Lines => "Geometry",
        DueOf::Points => "Point",
        DueOf::Areas => "MultiPolygon",
    };
    feature_of([title, description, id_url], &json!({ "type": "string" }), geometry, &properties)
}

/// What work that falls due has beside its fields: names, types, titles and descriptions.
pub(crate) fn work_texts() -> [(&'static str, Value, Text, Text); 2] {
    [
        (
            "why",
            json!({ "type": "string" }),
            Text::new("Why", "说明"),
            Text::new(
                "The reason of the rule that is named, in one line.",
                "所列规则的理由，一行说明。",
            ),
        ),
        (
            "reasons",
            json!({ "type": "array", "items": { "type": "object" } }),
            Text::new("Reasons", "理由"),
            Text::new(
                "What each rule found: its name, titles, source, state and day, and the values, each with \
                 the test that it was looked at for.",
                "各规则的依据：名称、标题、来源、状态与日期，以及所查的值和条件。",
            ),
        ),
    ]
}

/// The schema of a feature with these properties; the texts are its title, its description, and where
/// the schema is served.
fn feature_of(
    [title, description, id_url]: [&str; 3],
    id: &Value,
    geometry: &str,
    properties: &Map<String, Value>,
) -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": id_url,
        "title": title,
        "description": description,
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": { "type": "string", "enum": ["Feature"] },
            "id": id,
            "geometry": { "$ref": format!("https://geojson.org/schema/{geometry}.json") },
            "properties": { "type": "object", "properties": properties },
        },
    })
}

fn properties(fields: &[Field], sight: Sight<'_>) -> Map<String, Value> {
    let seen = fields.iter().filter(|field| sight.sees(field));
    let described = seen.enumerate().map(|(place, field)| {
        let mut schema = field_schema(field, false);
        schema["x-ogc-propertySeq"] = (place + 1).into();
        (field.name.to_string(), schema)
    });
    described.collect()
}

/// The part in a network, with the names of those of its fields that are seen.
pub(crate) fn network_schema(network: &Network, is_seen: impl Fn(&str) -> bool) -> Value {
    let Network { kind, role } = network;
    let mut schema = json!({ "kind": kind, "role": role.name() });
    if let NetworkRole::Edge { from, to } = role {
        for (end, name) in [("from", from), ("to", to)] {
            if is_seen(name) {
                schema[end] = (&**name).into();
            }
        }
    }
    schema
}

/// The JSON Schema of a field's values, null aside, retired codes too, for assets may have them; or, for `openapi`, the OpenAPI 3.0 schema of
/// the query parameter that asks for one, of a list for one of its values. A question may ask for what
/// no asset can have, so the latter has neither code list nor bounds.
pub fn field_schema(field: &Field, openapi: bool) -> Value {
    let mut schema = Map::new();
    let mut set = |key: &str, value: Value| schema.insert(key.into(), value);
    let is_array = field.kind.is_list() && !openapi;
    let (kind, format) = kind_names(&field.kind);
    set("type", if is_array { "array" } else { kind }.into());
    format.map(|format| set("format", format.into()));
    set("title", (*field.title.en).into());
    set("x-title-zh", (*field.title.zh).into());
    field.description.as_ref().map(|text| set("description", (*text.en).into()));
    field.unit.as_deref().map(|unit| set("x-ogc-unit", unit.into()));
    if openapi {
        return schema.into();
    }
    let codes = field.kind.codes().map(|codes| {
        let list: Value = codes.iter().map(|code| Value::from(&*code.code)).collect();
        let titles: Value = codes.iter().map(code_titles).collect();
        [("enum", list), ("x-enum-titles", titles)]
    });
    if is_array {
        let mut items = Map::new();
        items.insert("type".into(), kind.into());
        items.extend(codes.into_iter().flatten().map(|(key, value)| (key.into(), value)));
        set("items", items.into());
        set("minItems", 1.into());
        set("maxItems", MAX_LIST_VALUES.into());
        set("uniqueItems", true.into());
    } else {
        codes.into_iter().flatten().for_each(|(key, value)| {
            set(key, value);
        });
    }
    if let Some((least, greatest)) = field.range {
        set("minimum", number(least));
        (greatest < f64::MAX).then(|| set("maximum", number(greatest)));
    }
    if field.is_read_only() {
        set("readOnly", true.into());
    }
    schema.into()
}

fn kind_names(kind: &Kind) -> (&'static str, Option<&'static str>) {
    match kind {
        // Of a list, each of its values.
        Kind::Text | Kind::Code(_) | Kind::List(_) => ("string", None),
        Kind::Integer => ("integer", None),
        Kind::Number => ("number", None),
        Kind::Boolean => ("boolean", None),
        Kind::Date => ("string", Some("date")),
        Kind::Instant => ("string", Some("date-time")),
    }
}

fn code_titles(code: &Code) -> (String, Value) {
    let mut titles = json!({ "en": code.title.en, "zh": code.title.zh });
    if code.retired {
        titles["retired"] = true.into();
    }
    (code.code.to_string(), titles)
}

/// A bound as people write it: `0` and not `0.0`.
fn number(bound: f64) -> Value {
    // Whole numbers to 2^53 are exact in both forms.
    if bound.fract() == 0.0 && bound.abs() <= 9_007_199_254_740_992.0 {
        return (bound as i64).into();
    }
    Number::from_f64(bound).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{class_from_toml, shipped_classes};
    use terrier_model::Names;

    const URL: &str = "http://localhost/collections/gas_pipes/schema";

    fn gas_pipes() -> Class {
        shipped("gas_pipes")
    }

    fn shipped(name: &str) -> Class {
        let (_, text) = shipped_classes().iter().find(|(known, _)| *known == name).expect("a name");
        class_from_toml(text).expect("a shipped class")
    }

    fn check(field: &str, openapi: bool, expected: &Value) {
        let class = gas_pipes();
        let position = class.position(field).expect("a field");
        assert_eq!(&field_schema(&class.fields()[position], openapi), expected, "{field}");
    }

    #[test]
    fn a_field_is_described_with_its_type_title_unit_and_bounds() {
        check(
            "diameter_mm",
            false,
            &json!({
                "type": "number",
                "title": "Diameter",
                "x-title-zh": "管径",
                "description": "Which diameter it is stands in diameter_kind.",
                "x-ogc-unit": "mm",
                "minimum": 1,
                "maximum": 3000,
            }),
        );
        check(
            "length_m",
            false,
            &json!({
                "type": "number",
                "title": "Recorded length",
                "x-title-zh": "登记长度",
                "description":
                    "The length that the records give, which may be that of a slope or of a riser.",
                "x-ogc-unit": "m",
                "minimum": 0,
            }),
        );
        check(
            "encroached",
            false,
            &json!({ "type": "boolean", "title": "Built over", "x-title-zh": "占压" }),
        );
        check(
            "assessed_on",
            false,
            &json!({
                "type": "string",
                "format": "date",
                "title": "Assessed on",
                "x-title-zh": "评估日期",
                "readOnly": true,
            }),
        );
    }

    #[test]
    fn a_code_is_described_with_its_list_and_what_each_means() {
        check(
            "diameter_kind",
            false,
            &json!({
                "type": "string",
                "title": "Kind of diameter",
                "x-title-zh": "管径类型",
                "enum": ["nominal", "outer", "inner", "unknown"],
                "x-enum-titles": {
                    "nominal": { "en": "Nominal (DN)", "zh": "公称直径" },
                    "outer": { "en": "Outer", "zh": "外径" },
                    "inner": { "en": "Inner", "zh": "内径" },
                    "unknown": { "en": "Not known", "zh": "不明" },
                },
            }),
        );
    }

    #[test]
    fn a_list_is_described_as_an_array_and_asked_for_by_one_of_its_values() {
        let field = |codes: &str| {
            let text = format!(
                "name = \"benches\"\ngeometry = \"point\"\n\
                 title = {{ en = \"Benches\", zh = \"座椅\" }}\n\
                 description = {{ en = \"Seats\", zh = \"座椅\" }}\n\
                 [[field]]\nname = \"parts\"\nkind = \"list\"\n\
                 title = {{ en = \"Parts\", zh = \"部件\" }}\n{codes}"
            );
            class_from_toml(&text).expect("a class").own_fields()[0].clone()
        };
        let plain = field("");
        assert_eq!(
            field_schema(&plain, false),
            json!({
                "type": "array",
                "title": "Parts",
                "x-title-zh": "部件",
                "items": { "type": "string" },
                "minItems": 1,
                "maxItems": 32,
                "uniqueItems": true,
            })
        );
        let asked = json!({ "type": "string", "title": "Parts", "x-title-zh": "部件" });
        assert_eq!(field_schema(&plain, true), asked);
        let coded = field("codes = [{ code = \"arm\", en = \"Arm\", zh = \"扶手\" }]");
        assert_eq!(
            field_schema(&coded, false)["items"],
            json!({
                "type": "string",
                "enum": ["arm"],
                "x-enum-titles": { "arm": { "en": "Arm", "zh": "扶手" } },
            })
        );
        assert_eq!(field_schema(&coded, false).get("enum"), None);
        assert_eq!(field_schema(&coded, true), asked);
    }

    #[test]
    fn what_the_register_computes_is_read_only() {
        check(
            "valid_from",
            false,
            &json!({
                "type": "string",
                "format": "date-time",
                "title": "Valid from",
                "x-title-zh": "生效时间",
                "description":
                    "Since when the asset has been in the street as it is described here.",
                "readOnly": true,
            }),
        );
    }

    #[test]
    fn a_question_may_ask_for_a_code_or_number_that_nothing_has() {
        check(
            "diameter_kind",
            true,
            &json!({
                "type": "string",
                "title": "Kind of diameter",
                "x-title-zh": "管径类型",
            }),
        );
        check(
            "operating_pressure_mpa",
            true,
            &json!({
                "type": "number",
                "title": "Operating pressure",
                "x-title-zh": "运行压力",
                "x-ogc-unit": "MPa",
            }),
        );
    }

    #[test]
    fn a_feature_is_described_as_it_is_served() {
        let class = gas_pipes();
        let schema = feature_schema(Some(&class), &Scope::everything(), URL);
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["$id"], URL);
        assert_eq!(schema["title"], "Gas pipes");
        let properties = &schema["properties"];
        assert_eq!(properties["type"]["enum"], json!(["Feature"]));
        assert_eq!(
            properties["geometry"],
            json!({ "$ref": "https://geojson.org/schema/LineString.json" })
        );
        let described = properties["properties"]["properties"].as_object().expect("an object");
        assert_eq!(described.len(), class.fields().len());
        for (place, field) in class.fields().iter().enumerate() {
            let schema = &described[&*field.name];
            assert!(schema["type"].is_string(), "{}", field.name);
            assert_eq!(schema["x-ogc-propertySeq"], place + 1, "{}", field.name);
        }
    }

    #[test]
    fn the_part_of_a_class_in_a_network_is_told() {
        let told = |name: &str| {
            feature_schema(Some(&shipped(name)), &Scope::public(Names::All), URL)["x-terrier-network"].clone()
        };
        assert_eq!(
            told("gas_pipes"),
            json!({ "kind": "gas", "role": "edge", "from": "from_node", "to": "to_node" })
        );
        assert_eq!(told("manholes"), json!({ "kind": "drain", "role": "node" }));
        assert_eq!(told("streets"), Value::Null);
    }

    #[test]
    fn restricted_fields_do_not_exist_for_the_public() {
        let schema = feature_schema(Some(&gas_pipes()), &Scope::public(Names::All), URL);
        let described = &schema["properties"]["properties"]["properties"];
        for hidden in ["households", "design_pressure_mpa", "operating_pressure_mpa"] {
            assert_eq!(described.get(hidden), None);
        }
        assert_eq!(described["material"]["type"], "string");
    }

    #[test]
    fn assets_of_all_classes_have_the_core_and_any_geometry() {
        let schema = feature_schema(None, &Scope::public(Names::All), URL);
        let properties = &schema["properties"];
        assert_eq!(
            properties["geometry"],
            json!({ "$ref": "https://geojson.org/schema/Geometry.json" })
        );
        let described = properties["properties"]["properties"].as_object().expect("an object");
        assert_eq!(described.len(), core_fields().len() - 1, "all but the households");
        assert_eq!(described["class"]["readOnly"], true);
    }
}
