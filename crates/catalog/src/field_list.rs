//! Lists of the fields of a collection, as JSON Schema without the nesting of GeoJSON: what a feature has,
//! by what it can be found, and by what features are sorted.

use serde_json::{Map, Value, json};
use terrier_model::{Code, CoreField, Field, Scope, Text};
use terrier_spatial::GeometryKind;

use crate::order::ID;
use crate::schema::{field_schema, network_schema, work_texts};
use crate::{Collection, DueOf};

/// What the geometry of a feature is called.
const GEOMETRY: &str = "geometry";

/// Which fields are listed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FieldList {
    /// All that a feature has, its id and geometry too.
    Schema,
    /// Those by which features can be found: in filters by all, and by all but the geometry as parameters.
    Queryables,
    /// Those by which features can be sorted.
    Sortables,
}

impl FieldList {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Schema, Self::Queryables, Self::Sortables];

    /// The end of its address, behind that of the collection.
    pub fn path(self) -> &'static str {
        match self {
            Self::Schema => "schema",
            Self::Queryables => "queryables",
            Self::Sortables => "sortables",
        }
    }

    fn has_id(self) -> bool {
        matches!(self, Self::Schema | Self::Sortables)
    }

    fn has_geometry(self) -> bool {
        matches!(self, Self::Schema | Self::Queryables)
    }

    /// The title of the list for a collection of that title.
    fn title(self, title: &str, language: Language) -> String {
        match (self, language) {
            (Self::Schema, _) => title.to_owned(),
            (Self::Queryables, Language::English) => format!("{title}: what can be asked for"),
            (Self::Queryables, Language::Chinese) => format!("{title}：可查询字段"),
            (Self::Sortables, Language::English) => format!("{title}: what can be sorted by"),
            (Self::Sortables, Language::Chinese) => format!("{title}：可排序字段"),
        }
    }
}

/// The language of titles and descriptions.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Language {
    /// English.
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// Both, the one for those who do not mind first.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// Its code (BCP 47).
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// The language of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// The text in this language.
    pub fn of(self, text: &Text) -> &str {
        match self {
            Self::English => &text.en,
            Self::Chinese => &text.zh,
        }
    }
}

/// A list of fields as JSON Schema (draft 2020-12), with only those that the scope sees. `id_url` is where
/// it is served, without a query.
///
/// Every type is a single name, for GDAL and QGIS read no lists of types, and the geometry has a format and
/// no type, as the standard says.
pub fn field_list(
    list: FieldList,
    collection: &Collection,
    scope: &Scope,
    language: Language,
    id_url: &str,
) -> Value {
    let mut properties = Map::new();
    let mut add = |name: &str, mut schema: Value| {
        schema["x-ogc-propertySeq"] = (properties.len() + 1).into();
        properties.insert(name.into(), schema);
    };
    let is_due = matches!(collection, Collection::Due(..));
    if list.has_id() {
        add(ID, id_of(is_due, language));
    }
    if list.has_geometry() {
        add(GEOMETRY, geometry_of(collection, scope, language));
    }
    // Lists have no order.
    let is_listed = |field: &Field| list != FieldList::Sortables || !field.kind.is_list();
    let fields = collection.seen_fields(scope).map(|(_, field)| field);
    for field in fields.filter(|field| is_listed(field)) {
        let mut schema = described(list, collection, field, language);
        if list == FieldList::Queryables {
            // Where its values are told.
            schema["x-terrier-values"] = format!("{id_url}/{}/values", field.name).into();
        }
        add(&field.name, schema);
    }
    if list == FieldList::Schema && is_due {
        for (name, mut schema, title, description) in work_texts() {
            schema["title"] = language.of(&title).into();
            schema["description"] = language.of(&description).into();
            schema["readOnly"] = true.into();
            add(name, schema);
        }
    }
    let (title, description) = collection.title_and_description();
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": id_url,
        "title": list.title(language.of(&title), language),
        "description": language.of(&description),
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    let network = collection.class().and_then(|class| class.network());
    if let Some(network) = network.filter(|_| list == FieldList::Schema) {
        schema["x-terrier-network"] =
            network_schema(network, |name| collection.position(name, scope).is_some());
    }
    schema
}

fn id_of(is_due: bool, language: Language) -> Value {
    let title = Text::new("Id", "标识");
    let mut schema = json!({
        "type": "string",
        "title": language.of(&title),
        "x-ogc-role": "id",
        "readOnly": true,
    });
    if !is_due {
        schema["format"] = "uuid".into();
    }
    schema
}

fn geometry_of(collection: &Collection, scope: &Scope, language: Language) -> Value {
    let format = match (collection.geometry(scope), collection) {
        (Some(GeometryKind::Point), _) => "geometry-point",
        (Some(GeometryKind::Line), _) => "geometry-linestring",
        (Some(GeometryKind::MultiLine), _) => "geometry-multilinestring",
        (Some(GeometryKind::MultiPolygon), _) => "geometry-multipolygon",
        (None, Collection::Class(_) | Collection::Due(_, DueOf::Lines)) => {
            "geometry-linestring-or-multilinestring"
        }
        (None, _) => "geometry-any",
    };
    let title = Text::new("Geometry", "图形");
    json!({
        "title": language.of(&title),
        "format": format,
        "x-ogc-role": "primary-geometry",
    })
}

/// A field in one language.
fn described(list: FieldList, collection: &Collection, field: &Field, language: Language) -> Value {
    let mut schema = field_schema(field, false);
    let told = schema.as_object_mut().expect("a field is described by an object");
    told.shift_remove("x-title-zh");
    // The codes of a list are those of each of its values.
    let of_codes = if field.kind.is_list() { &mut schema["items"] } else { &mut schema };
    let told = of_codes.as_object_mut().expect("values are described by an object");
    told.shift_remove("x-enum-titles");
    if let Some(codes) = field.kind.codes().filter(|_| list == FieldList::Schema) {
        // A list of codes, each with its words, in place of the bare list.
        told.shift_remove("enum");
        told.insert("oneOf".into(), codes.iter().map(|code| constant(code, language)).collect());
    }
    schema["title"] = language.of(&field.title).into();
    if let Some(description) = &field.description {
        schema["description"] = language.of(description).into();
    }
    if matches!(collection, Collection::Due(..)) {
        // All of it is computed, or that of the asset.
        schema["readOnly"] = true.into();
    } else if let Some(role) = field.core.and_then(role) {
        schema["x-ogc-role"] = role.into();
    }
    schema
}

fn constant(code: &Code, language: Language) -> Value {
    let mut schema = json!({ "const": code.code, "title": language.of(&code.title) });
    if code.retired {
        schema["deprecated"] = true.into();
    }
    schema
}

/// The part that a field of the core plays in its feature.
fn role(field: CoreField) -> Option<&'static str> {
    match field {
        CoreField::Class => Some("type"),
        CoreField::ValidFrom => Some("primary-interval-start"),
        CoreField::ValidTo => Some("primary-interval-end"),
        _ => None,
    }
}

/// A number of eight letters that differs when the fields of a collection do, for addresses of lists of them
/// that clients keep.
pub fn field_list_version(collection: &Collection, scope: &Scope) -> String {
    let mut bytes = Vec::new();
    for language in Language::ALL {
        let list = field_list(FieldList::Schema, collection, scope, language, "");
        bytes.extend(list.to_string().into_bytes());
    }
    // FNV-1a: the same in every build, so that an upgrade alone does not empty what clients keep.
    let step = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    format!("{:08x}", bytes.iter().fold(0x811c_9dc5, step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{class_from_toml, shipped_classes};
    use std::sync::Arc;
    use terrier_model::{Names, core_fields};

    fn collection(name: &str) -> Collection {
        match name {
            "assets" => Collection::Assets,
            "due_lines" => Collection::Due(jiff::civil::Date::MIN, DueOf::Lines),
            _ => {
                let (_, text) =
                    shipped_classes().iter().find(|(known, _)| *known == name).expect("a name");
                Collection::Class(Arc::new(class_from_toml(text).expect("a shipped class")))
            }
        }
    }

    fn check(list: FieldList, name: &str, field: &str, language: Language, expected: &Value) {
        let found =
            field_list(list, &collection(name), &Scope::public(Names::All), language, "http://h");
        assert_eq!(&found["properties"][field], expected, "{list:?} {name} {field}");
    }

    #[test]
    fn each_list_has_what_belongs_into_it() {
        let names = |list, name: &str| {
            let found = field_list(
                list,
                &collection(name),
                &Scope::public(Names::All),
                Language::English,
                "http://h",
            );
            let names = found["properties"].as_object().expect("an object").keys().cloned();
            names.take(3).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(FieldList::Schema, "gas_pipes"), "id geometry class");
        assert_eq!(names(FieldList::Queryables, "gas_pipes"), "geometry class code");
        assert_eq!(names(FieldList::Sortables, "gas_pipes"), "id class code");
        let all = |list| {
            let due = collection("due_lines");
            let found =
                field_list(list, &due, &Scope::public(Names::All), Language::English, "http://h");
            let names = found["properties"].as_object().expect("an object").clone();
            ["why", "reasons", "households"].map(|name| names.contains_key(name))
        };
        assert_eq!(all(FieldList::Schema), [true, true, false]);
        assert_eq!(all(FieldList::Queryables), [false, false, false]);
    }

    #[test]
    fn a_field_is_told_in_the_language_that_is_asked_for() {
        let list = |language| {
            field_list(
                FieldList::Queryables,
                &collection("gas_pipes"),
                &Scope::public(Names::All),
                language,
                "",
            )
        };
        let diameter = |language, title: &str, description: &str| {
            let mut found = list(language)["properties"]["diameter_mm"].clone();
            let told = found.as_object_mut().expect("an object");
            told.remove("x-ogc-propertySeq");
            told.remove("x-terrier-values");
            let expected = json!({
                "type": "number",
                "title": title,
                "description": description,
                "x-ogc-unit": "mm",
                "minimum": 1,
                "maximum": 3000,
            });
            assert_eq!(found, expected);
        };
        diameter(Language::English, "Diameter", "Which diameter it is stands in diameter_kind.");
        diameter(Language::Chinese, "管径", "管径含义见管径类型。");
        assert_eq!(list(Language::Chinese)["title"], "燃气管道：可查询字段");
        assert_eq!(list(Language::English)["title"], "Gas pipes: what can be asked for");
    }

    #[test]
    fn what_plays_a_part_says_so_and_a_geometry_has_no_type() {
        let english = Language::English;
        check(
            FieldList::Schema,
            "gas_pipes",
            "geometry",
            english,
            &json!({
                "title": "Geometry",
                "format": "geometry-linestring",
                "x-ogc-role": "primary-geometry",
                "x-ogc-propertySeq": 2,
            }),
        );
        check(
            FieldList::Sortables,
            "due_lines",
            "id",
            english,
            &json!({
                "type": "string",
                "title": "Id",
                "x-ogc-role": "id",
                "readOnly": true,
                "x-ogc-propertySeq": 1,
            }),
        );
        let schema = field_list(
            FieldList::Schema,
            &collection("assets"),
            &Scope::public(Names::All),
            english,
            "",
        );
        let role = |name: &str| schema["properties"][name]["x-ogc-role"].clone();
        assert_eq!(role("valid_from"), "primary-interval-start");
        assert_eq!(role("valid_to"), "primary-interval-end");
        assert_eq!(role("class"), "type");
        assert_eq!(role("code"), Value::Null);
    }

    #[test]
    fn codes_come_with_their_words_or_as_a_bare_list() {
        let of = |list, language| {
            let found = field_list(
                list,
                &collection("gas_pipes"),
                &Scope::public(Names::All),
                language,
                "",
            );
            found["properties"]["diameter_kind"].clone()
        };
        let schema = of(FieldList::Schema, Language::Chinese);
        assert_eq!(schema["oneOf"][1], json!({ "const": "outer", "title": "外径" }));
        assert!(schema.get("enum").is_none());
        let queryable = of(FieldList::Queryables, Language::English);
        assert_eq!(queryable["enum"], json!(["nominal", "outer", "inner", "unknown"]));
        assert!(queryable.get("oneOf").is_none() && queryable.get("x-enum-titles").is_none());
    }

    #[test]
    fn the_version_follows_the_fields() {
        let version = |name: &str, scope: &Scope| field_list_version(&collection(name), scope);
        let public = Scope::public(Names::All);
        let public = |name: &str| version(name, &public);
        let of_pipes = public("gas_pipes");
        assert_eq!(of_pipes.len(), 8);
        assert_eq!(of_pipes, public("gas_pipes"));
        assert_ne!(of_pipes, version("gas_pipes", &Scope::everything()));
        assert_ne!(of_pipes, public("heat_pipes"));
    }

    #[test]
    fn the_places_of_the_core_are_those_of_the_schema() {
        let schema = field_list(
            FieldList::Schema,
            &collection("assets"),
            &Scope::public(Names::All),
            Language::English,
            "",
        );
        let count = schema["properties"].as_object().expect("an object").len();
        assert_eq!(count, core_fields().len() - 1 + 2, "all but the households, an id, a geometry");
    }
}
