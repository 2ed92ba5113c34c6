//! The pages of the documents that describe the API.

use axum::body::Body;
use axum::http::{HeaderMap, Response};
use maud::{Markup, html};
use serde_json::{Map, Value as Json};
use terrier_catalog::Collection;
use terrier_model::{Function, ValueType};

use super::grid::grid;
use super::value::told_unit;
use super::{Page, Reader, Word, answer};
use crate::Problem;
use crate::link::Link;

/// The page of what the server keeps.
pub(crate) fn conformance_page(
    reader: &Reader<'_>,
    headers: &HeaderMap,
    classes: &[&str],
    links: Vec<Link>,
) -> Result<Response<Body>, Problem> {
    let body = html! {
        p.lead { (reader.say(Word::ConformanceLead)) }
        section { ul { @for class in classes { li { code { (class) } } } } }
    };
    plain(reader, headers, Word::Conformance, links, body)
}

/// The page of the functions that a filter may call.
pub(crate) fn functions_page(
    reader: &Reader<'_>,
    headers: &HeaderMap,
    links: Vec<Link>,
) -> Result<Response<Body>, Problem> {
    let rows = Function::ALL.iter().map(|function| {
        let arguments = html! {
            @for argument in function.arguments {
                @let types: Vec<&str> = argument.types.iter().copied().map(ValueType::name).collect();
                div { b { (argument.title) } " (" (types.join(", ")) "): " (argument.description) }
            }
        };
        vec![
            html! { code { (function.name) } },
            html! { (function.description) },
            arguments,
            html! { (function.returns.name()) },
        ]
    });
    let heads = [Word::Name, Word::About, Word::Takes, Word::Gives];
    let heads = heads.map(|word| (reader.say(word), false));
    let body = html! { section { (grid(&heads, &rows.collect::<Vec<_>>())) } };
    plain(reader, headers, Word::Functions, links, body)
}

/// The page of the API document: its operations, each with its parameters.
pub(crate) fn api_page(
    reader: &Reader<'_>,
    headers: &HeaderMap,
    document: &Json,
    links: Vec<Link>,
) -> Result<Response<Body>, Problem> {
    let empty = Map::new();
    let paths = document["paths"].as_object().unwrap_or(&empty);
    let operations = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().into_iter().flatten();
        item.map(move |(method, operation)| (path, method, operation))
    });
    let rows = operations.map(|(path, method, operation)| {
        let names = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        let names = names.iter().filter_map(|parameter| name_of(document, parameter));
        let is_read = method == "get";
        vec![
            html! {
                // What writes, and where a part of the path is left open, leads nowhere by itself.
                @if !is_read { code { (method.to_uppercase()) " " (path) } }
                @else if path.contains('{') { code { (path) } }
                @else { a href=(reader.app.at(path)) { code { (path) } } }
            },
            html! { (text(&operation["summary"])) },
            html! { code { (names.collect::<Vec<_>>().join(", ")) } },
        ]
    });
    let heads = [Word::Path, Word::About, Word::Parameters].map(|word| (reader.say(word), false));
    let body = html! {
        p.lead { (reader.say(Word::ApiLead)) }
        section { (grid(&heads, &rows.collect::<Vec<_>>())) }
    };
    plain(reader, headers, Word::ApiDocument, links, body)
}

/// The name of a parameter, which may stand among the components.
fn name_of<'d>(document: &'d Json, parameter: &'d Json) -> Option<&'d str> {
    let named = match parameter["$ref"].as_str() {
        Some(reference) => document.pointer(reference.strip_prefix('#')?)?,
        None => parameter,
    };
    named["name"].as_str()
}

/// The page of a list of the fields of a collection, which is told in the reader's language.
pub(crate) fn field_list_page(
    reader: &Reader<'_>,
    headers: &HeaderMap,
    collection: &Collection,
    list: &Json,
    links: Vec<Link>,
) -> Result<Response<Body>, Problem> {
    let empty = Map::new();
    let fields = list["properties"].as_object().unwrap_or(&empty);
    let rows = fields.iter().map(|(name, schema)| {
        vec![
            html! {
                (text(&schema["title"]))
                @if let Some(description) = schema["description"].as_str() {
                    div.other { (description) }
                }
            },
            html! { code { (name) } },
            html! { (kind(schema)) },
            html! { @if let Some(unit) = schema["x-ogc-unit"].as_str() { (told_unit(unit)) } },
            codes(schema),
        ]
    });
    let heads = [Word::Name, Word::FieldName, Word::Kind, Word::Unit, Word::Codes];
    let heads = heads.map(|word| (reader.say(word), false));
    let body = html! {
        p.lead { (text(&list["description"])) }
        section { (grid(&heads, &rows.collect::<Vec<_>>())) }
    };
    let trail = trail(reader, collection);
    answer(reader, headers, &Page { title: text(&list["title"]).into(), trail, links, body })
}

/// What kind of value a schema is of, in its own words.
fn kind(schema: &Json) -> String {
    let words = ["type", "format"].map(|word| schema[word].as_str());
    words.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn codes(schema: &Json) -> Markup {
    // Those of a list are those of each of its values.
    let schema = if schema["items"].is_object() { &schema["items"] } else { schema };
    let list = |name: &str| schema[name].as_array().map_or(&[][..], Vec::as_slice);
    html! {
        @for code in list("oneOf") {
            div { code { (text(&code["const"])) } " " (text(&code["title"])) }
        }
        @for code in list("enum") { div { code { (text(code)) } } }
    }
}

/// The page of a document that is read as it is.
pub(crate) fn json_page(
    reader: &Reader<'_>,
    headers: &HeaderMap,
    collection: &Collection,
    title: Word,
    document: &Json,
    links: Vec<Link>,
) -> Result<Response<Body>, Problem> {
    let told = serde_json::to_string_pretty(document).map_err(|error| Problem::internal(&error))?;
    let (name, _) = collection.title_and_description();
    let title = format!("{}: {}", reader.language.of(&name), reader.say(title));
    let body = html! { section { pre { (told) } } };
    answer(reader, headers, &Page { title, trail: trail(reader, collection), links, body })
}

/// The way to what lies in a collection.
pub(crate) fn trail(reader: &Reader<'_>, collection: &Collection) -> Vec<(String, String)> {
    let (title, _) = collection.title_and_description();
    let address = format!("/collections/{}", collection.name());
    vec![
        (reader.say(Word::Collections).into(), reader.at("/collections")),
        (reader.language.of(&title).into(), reader.at(&address)),
    ]
}

fn plain(
    reader: &Reader<'_>,
    headers: &HeaderMap,
    title: Word,
    links: Vec<Link>,
    body: Markup,
) -> Result<Response<Body>, Problem> {
    let title = reader.say(title).to_owned();
    answer(reader, headers, &Page { title, trail: Vec::new(), links, body })
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap_or_default()
}
