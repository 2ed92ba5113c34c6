//! Pages to read, in English and Chinese: what all of them share.
//!
//! A page runs nothing and loads nothing but its style. What stands in it has gone through `maud`,
//! which escapes it.

mod audit;
mod change_set;
mod collection;
mod document;
mod drawing;
mod feature;
mod features;
mod grid;
mod history;
mod import;
mod number;
mod problem;
mod reader;
mod summary;
mod value;
mod values;
mod word;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::{HeaderMap, Response};
use maud::{DOCTYPE, Markup, html};
use terrier_catalog::Language;

use crate::conditional::ETag;
use crate::link::{Link, rel};
use crate::{Format, Problem, language};

pub(crate) use audit::audit_page;
pub(crate) use change_set::{change_set_page, change_sets_page};
pub(crate) use collection::{Held, collection_page, collections_page};
pub(crate) use document::{api_page, conformance_page, field_list_page, functions_page, json_page};
pub(crate) use drawing::{Frame, WIDTH};
pub(crate) use feature::{About, Feature, Wanted, feature_page};
pub(crate) use features::{FeatureList, Found, features_page, past_in_words, without_empty};
pub(crate) use history::history_page;
pub(crate) use import::{import_page, imports_page};
pub(crate) use number::grouped;
pub(crate) use problem::problem_page;
pub(crate) use reader::Reader;
pub(crate) use summary::summary_page;
pub(crate) use value::Teller;
pub(crate) use values::values_page;
pub(crate) use word::Word;

const STYLE: &str = include_str!("style.css");

/// `GET /style.css`, the style of all pages.
pub(crate) async fn style(headers: HeaderMap) -> Response<Body> {
    let tag = ETag::weak_of(STYLE.as_bytes());
    tag.not_modified(&headers).unwrap_or_else(|| {
        let mut response = Response::new(Body::from(STYLE));
        let form = HeaderValue::from_static("text/css; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, form);
        tag.mark(&mut response);
        response
    })
}

/// What a page has of its own.
pub(crate) struct Page {
    pub(crate) title: String,
    /// What it lies within, the outermost first: what that is called, and its address.
    pub(crate) trail: Vec<(String, String)>,
    /// The other forms among these links are offered at the end.
    pub(crate) links: Vec<Link>,
    pub(crate) body: Markup,
}

/// The page as an answer, or 304 where the reader has it.
pub(crate) fn answer(
    reader: &Reader<'_>,
    headers: &HeaderMap,
    page: &Page,
) -> Result<Response<Body>, Problem> {
    let bytes = whole(reader, page).into_string().into_bytes();
    let tag = ETag::weak_of_seen(&bytes, reader.scope.mark());
    let mut response = match tag.not_modified(headers) {
        Some(unchanged) => unchanged,
        None => reader.app.answer(bytes, Format::Html, &tag)?,
    };
    language::mark(&mut response, reader.language);
    Ok(response)
}

fn whole(reader: &Reader<'_>, page: &Page) -> Markup {
    let Page { title, trail, links, body } = page;
    let other = match reader.language {
        Language::English => (Language::Chinese, "中文"),
        Language::Chinese => (Language::English, "English"),
    };
    let switch = reader.here(&[language::LANG], [(language::LANG, other.0.code())]);
    html! {
        (DOCTYPE)
        html lang=(reader.language.code()) {
            (head(title, reader.app.settings().public_url.path()))
            body {
                a.skip href="#content" { (reader.say(Word::Skip)) }
                header.top {
                    a.house href=(reader.at("/")) { "Terrier" }
                    a href=(reader.at("/collections")) { (reader.say(Word::Collections)) }
                    a href=(reader.at("/collections/due/items")) { (reader.say(Word::DueWork)) }
                    a href=(reader.at("/api")) { (reader.say(Word::Api)) }
                    @if let Some((name, role)) = reader.who() {
                        span.who { (name) @if !role.is_empty() { " · " (role) } }
                    }
                    a.language href=(switch) lang=(other.0.code()) hreflang=(other.0.code()) { (other.1) }
                }
                main id="content" {
                    @if !trail.is_empty() {
                        p.trail {
                            @for (name, address) in trail { a href=(address) { (name) } " › " }
                        }
                    }
                    h1 { (title) }
                    (body)
                }
                footer {
                    @let others = links.iter().filter(|link| link.rel == rel::ALTERNATE);
                    @if others.clone().next().is_some() {
                        p {
                            (reader.say(Word::OtherForms)) ": "
                            @for (at, link) in others.enumerate() {
                                @if at > 0 { " · " }
                                a href=(link.href) type=(link.r#type) { (form_name(link.r#type)) }
                            }
                        }
                    }
                    p { "Terrier " (reader.app.settings().version) }
                }
            }
        }
    }
}

/// The head of a page of a server that lies under a path. Its style is found on the host that the page came
/// from, by whatever name that is known.
fn head(title: &str, root: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            title { (title) " – Terrier" }
            link rel="stylesheet" href={ (root) "/style.css" };
        }
    }
}

/// What a form is called.
fn form_name(media_type: &str) -> &str {
    match media_type {
        "application/geo+json" => "GeoJSON",
        "application/vnd.ogc.fg+json" => "JSON-FG",
        "application/geo+json-seq" => "GeoJSON Sequence",
        "text/csv" => "CSV",
        "application/flatgeobuf" => "FlatGeobuf",
        "application/schema+json" => "JSON Schema",
        "application/vnd.oai.openapi+json;version=3.0" => "OpenAPI",
        _ => "JSON",
    }
}
