//! The page of the versions and events of one asset.

use axum::body::Body;
use axum::http::{HeaderMap, Response};
use jiff::Timestamp;
use maud::{Markup, html};
use serde_json::Value as Json;
use terrier_catalog::{AS_OF, Collection, KNOWN_AT};
use terrier_model::{EventKind, Field, Value, ValueRef};
use terrier_store::Snapshot;

use super::document::trail;
use super::grid::grid;
use super::value::heading;
use super::{Page, Reader, Teller, Word, answer};
use crate::Problem;
use crate::change_sets::PATH;
use crate::link::{Link, rel};

/// The page of a history, which `document` is as JSON.
pub(crate) fn history_page(
    reader: &Reader<'_>,
    headers: &HeaderMap,
    snapshot: &Snapshot,
    collection: &Collection,
    document: &Json,
    links: Vec<Link>,
) -> Result<Response<Body>, Problem> {
    let teller = Teller::new(reader.language, reader.scope, snapshot);
    let id = document["id"].as_str().unwrap_or_default();
    let list = |name: &str| document[name].as_array().map_or(&[][..], Vec::as_slice);
    let versions: Vec<_> =
        list("versions").iter().map(|told| version(reader, collection, teller, told)).collect();
    let events: Vec<_> = list("events").iter().map(|told| event(reader, teller, told)).collect();
    let heads = [Word::Version, Word::Time, Word::Recorded, Word::Changed];
    let of_events = [Word::Event, Word::Day, Word::Recorded];
    let body = html! {
        section {
            h2 { (reader.say(Word::Versions)) }
            (grid(&heads.map(|word| (reader.say(word), false)), &versions))
        }
        @if !events.is_empty() {
            section {
                h2 { (reader.say(Word::Events)) }
                (grid(&of_events.map(|word| (reader.say(word), false)), &events))
            }
        }
        @if let Some(next) = links.iter().find(|link| link.rel == rel::NEXT) {
            nav.pages aria-label=(reader.say(Word::Pages)) {
                a rel="next" href=(next.href) { (reader.say(Word::Next)) " ›" }
            }
        }
    };
    let mut trail = trail(reader, collection);
    let item = format!("/collections/{}/items/{id}", collection.name());
    trail.push((id.to_owned(), reader.at(&item)));
    let title = reader.say(Word::History).to_owned();
    answer(reader, headers, &Page { title, trail, links, body })
}

fn version(
    reader: &Reader<'_>,
    collection: &Collection,
    teller: Teller<'_>,
    told: &Json,
) -> Vec<Markup> {
    let text = |name: &str| told[name].as_str().unwrap_or_default();
    // As it was when it began to hold, as it was known when it was recorded.
    let known_at = told["recorded"]["sequence"].to_string();
    let then = [(AS_OF, text("valid_from")), (KNOWN_AT, known_at.as_str())];
    let id = told["feature"]["id"].as_str().unwrap_or_default();
    let item = reader.ask(&format!("/collections/{}/items/{id}", collection.name()), then);
    let state = match text("state") {
        "retired" => Some(Word::NoMore),
        "corrected" => Some(Word::SinceCorrected),
        "withdrawn" => Some(Word::SinceWithdrawn),
        _ => None,
    };
    vec![
        html! { a href=(item) { (told["version"]) } },
        html! {
            (time(teller, &told["valid_from"])) " – "
            @if !told["valid_to"].is_null() { (time(teller, &told["valid_to"])) }
            @if let Some(state) = state { div.other { (reader.say(state)) } }
        },
        change(reader, teller, &told["recorded"]),
        differences(reader, collection, teller, &told["changed"]),
    ]
}

/// In what a version differs from the one before.
pub(crate) fn differences(
    reader: &Reader<'_>,
    collection: &Collection,
    teller: Teller<'_>,
    told: &Json,
) -> Markup {
    let changes = told.as_array().map_or(&[][..], Vec::as_slice);
    html! {
        @for change in changes {
            @let name = change["field"].as_str().unwrap_or_default();
            @match collection.fields().iter().find(|field| &*field.name == name) {
                Some(field) => div {
                    (heading(field, reader.language)) ": "
                    (value(reader, field, teller, &change["from"])) " → "
                    (value(reader, field, teller, &change["to"]))
                },
                None => div { (reader.say(Word::Geometry)) },
            }
        }
    }
}

/// What happened, and the details.
pub(crate) fn event_in_words(reader: &Reader<'_>, told: &Json) -> Markup {
    let code = told["kind"].as_str().unwrap_or_default();
    let kind = EventKind::from_code(code).map(EventKind::words);
    let name = kind.map_or(code, |(_, en, zh)| match reader.language {
        terrier_catalog::Language::English => en,
        terrier_catalog::Language::Chinese => zh,
    });
    let details = ["result", "grade", "next_on"].map(|detail| told[detail].as_str());
    html! { (name) @for detail in details.into_iter().flatten() { " · " (detail) } }
}

fn event(reader: &Reader<'_>, teller: Teller<'_>, told: &Json) -> Vec<Markup> {
    vec![
        event_in_words(reader, told),
        html! { (told["on"].as_str().unwrap_or_default()) },
        change(reader, teller, &told["recorded"]),
    ]
}

/// When something was recorded, by whom, and why.
fn change(reader: &Reader<'_>, teller: Teller<'_>, told: &Json) -> Markup {
    let text = |name: &str| told[name].as_str().unwrap_or_default();
    let address = reader.at(&format!("{PATH}/{}", told["sequence"]));
    html! {
        a href=(address) { (time(teller, &told["recorded_at"])) } " · " (text("actor")) " · " (text("verb"))
        @if !text("reason").is_empty() { div.other { (text("reason")) } }
    }
}

pub(crate) fn time(teller: Teller<'_>, told: &Json) -> String {
    let text = told.as_str().unwrap_or_default();
    text.parse::<Timestamp>().map_or_else(|_| text.to_owned(), |time| teller.time(time))
}

/// A value of a field in words.
fn value(reader: &Reader<'_>, field: &Field, teller: Teller<'_>, told: &Json) -> String {
    let text = match told {
        Json::Null => return reader.say(Word::NotKnown).to_owned(),
        Json::String(text) => text.clone(),
        Json::Array(list) => {
            let texts = list.iter().filter_map(Json::as_str);
            let texts = texts.map(|text| teller.text(field, ValueRef::Text(text)));
            return texts.collect::<Vec<_>>().join(", ");
        }
        other => other.to_string(),
    };
    match Value::parse(&field.kind, &text) {
        Ok(value) => teller.text(field, value.as_ref()),
        Err(_) => text,
    }
}
