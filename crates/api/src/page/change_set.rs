//! The pages of changes: who made them and why, and what they did to which assets.

use axum::body::Body;
use axum::http::{HeaderMap, Response};
use maud::{Markup, html};
use serde_json::Value as Json;
use terrier_catalog::Collection;
use terrier_store::Snapshot;

use super::grid::grid;
use super::history::{differences, event_in_words, time};
use super::{Page, Reader, Teller, Word, answer, grouped};
use crate::Problem;
use crate::change_sets::PATH;
use crate::link::{Link, rel};

/// The page of the changes, which `changes` are as JSON.
pub(crate) fn change_sets_page(
    reader: &Reader<'_>,
    headers: &HeaderMap,
    snapshot: &Snapshot,
    changes: &[Json],
    links: Vec<Link>,
) -> Result<Response<Body>, Problem> {
    let teller = Teller::new(reader.language, reader.scope, snapshot);
    let rows: Vec<Vec<Markup>> = changes
        .iter()
        .map(|change| {
            let address = reader.at(&format!("{PATH}/{}", change["sequence"]));
            let number = change["sequence"].as_u64().unwrap_or_default();
            let text = |name: &str| change[name].as_str().unwrap_or_default();
            vec![
                html! { a href=(address) { (grouped(number)) } },
                html! { (time(teller, &change["recorded_at"])) },
                html! { (text("actor")) },
                html! { (verb(reader, text("verb"))) },
                effects(reader, teller, change),
                html! { (text("reason")) div.other { (text("origin")) } },
            ]
        })
        .collect();
    let heads =
        [Word::Change, Word::Recorded, Word::Actor, Word::Verb, Word::Changed, Word::Reason];
    let body = html! {
        p.lead { (reader.say(Word::ChangesLead)) }
        section {
            @if rows.is_empty() { p { (reader.say(Word::NothingFound)) } }
            @else { (grid(&heads.map(|word| (reader.say(word), false)), &rows)) }
        }
        (further(reader, &links))
    };
    let title = reader.say(Word::Changes).to_owned();
    answer(reader, headers, &Page { title, trail: Vec::new(), links, body })
}

/// The page of one change, which `change` is as JSON.
pub(crate) fn change_set_page(
    reader: &Reader<'_>,
    headers: &HeaderMap,
    snapshot: &Snapshot,
    change: &Json,
    links: Vec<Link>,
) -> Result<Response<Body>, Problem> {
    let teller = Teller::new(reader.language, reader.scope, snapshot);
    let text = |name: &str| change[name].as_str().unwrap_or_default();
    let told = [
        (Word::Recorded, time(teller, &change["recorded_at"])),
        (Word::Actor, text("actor").to_owned()),
        (Word::Verb, verb(reader, text("verb")).to_owned()),
        (Word::Reason, text("reason").to_owned()),
        (Word::Source, text("source").to_owned()),
        (Word::Origin, text("origin").to_owned()),
    ];
    let edits = change["edits"].as_array().map_or(&[][..], Vec::as_slice);
    let rows: Vec<Vec<Markup>> =
        edits.iter().map(|edit| row(reader, snapshot, teller, edit)).collect();
    let heads = [Word::Class, Word::Asset, Word::Version, Word::Changed];
    let body = html! {
        section {
            dl {
                @for (word, text) in told.iter().filter(|(_, text)| !text.is_empty()) {
                    dt { (reader.say(*word)) } dd { (text) }
                }
                dt { (reader.say(Word::Changed)) } dd { (effects(reader, teller, change)) }
            }
        }
        @if !rows.is_empty() {
            section {
                h2 { (reader.say(Word::Edits)) }
                (grid(&heads.map(|word| (reader.say(word), false)), &rows))
            }
        }
        (further(reader, &links))
    };
    let number = grouped(change["sequence"].as_u64().unwrap_or_default());
    let title = format!("{} {number}", reader.say(Word::Change));
    let trail = vec![(reader.say(Word::Changes).to_owned(), reader.at(PATH))];
    answer(reader, headers, &Page { title, trail, links, body })
}

fn row(reader: &Reader<'_>, snapshot: &Snapshot, teller: Teller<'_>, edit: &Json) -> Vec<Markup> {
    let text = |name: &str| edit[name].as_str().unwrap_or_default();
    let (collection, asset) = (text("collection"), text("asset"));
    let history = reader.at(&format!("/collections/{collection}/items/{asset}/history"));
    let class = snapshot.class(collection, reader.scope).cloned().map(Collection::Class);
    let version = match (&edit["former"], &edit["version"]) {
        (Json::Null, Json::Null) => String::new(),
        (Json::Null, version) => version.to_string(),
        (former, Json::Null) => format!("{former} →"),
        (former, version) => format!("{former} → {version}"),
    };
    let what = match text("effect") {
        "created" => html! { (reader.say(Word::Created)) },
        "retired" => html! { (reader.say(Word::Retired)) },
        "event" => event_in_words(reader, &edit["event"]),
        _ => class.map_or_else(
            || html! {},
            |class| differences(reader, &class, teller, &edit["changed"]),
        ),
    };
    vec![
        html! { (teller.class(collection)) },
        html! { a href=(history) { code { (asset) } } },
        html! { (version) },
        what,
    ]
}

/// How many assets of each class a change made known, changed and retired.
fn effects(reader: &Reader<'_>, teller: Teller<'_>, change: &Json) -> Markup {
    let effects = change["effects"].as_array().map_or(&[][..], Vec::as_slice);
    let parts = [
        ("created", Word::CountCreated),
        ("changed", Word::CountChanged),
        ("retired", Word::CountRetired),
        ("events", Word::CountEvents),
    ];
    html! {
        @for effect in effects {
            @let counts = parts.iter().filter_map(|(name, word)| {
                let count = effect[*name].as_u64().filter(|count| *count > 0)?;
                Some(reader.fill(*word, &[&grouped(count)]))
            });
            div {
                (teller.class(effect["collection"].as_str().unwrap_or_default())) ": "
                (counts.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

fn verb(reader: &Reader<'_>, code: &str) -> &'static str {
    reader.say(if code == "correct" { Word::Correction } else { Word::Update })
}

pub(super) fn further(reader: &Reader<'_>, links: &[Link]) -> Markup {
    html! {
        @if let Some(next) = links.iter().find(|link| link.rel == rel::NEXT) {
            nav.pages aria-label=(reader.say(Word::Pages)) {
                a rel="next" href=(next.href) { (reader.say(Word::Next)) " ›" }
            }
        }
    }
}
