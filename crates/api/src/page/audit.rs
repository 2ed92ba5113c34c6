//! The page of the audit: who changed and who read what.

use axum::body::Body;
use axum::http::{HeaderMap, Response};
use maud::{Markup, html};
use serde_json::Value as Json;
use terrier_store::Snapshot;

use super::change_set::further;
use super::grid::grid;
use super::history::time;
use super::{Page, Reader, Teller, Word, answer, grouped};
use crate::Problem;
use crate::change_sets;
use crate::link::Link;

/// The page of some records, which are as JSON.
pub(crate) fn audit_page(
    reader: &Reader<'_>,
    headers: &HeaderMap,
    snapshot: &Snapshot,
    records: &[Json],
    links: Vec<Link>,
) -> Result<Response<Body>, Problem> {
    let teller = Teller::new(reader.language, reader.scope, snapshot);
    let rows: Vec<Vec<Markup>> = records.iter().map(|record| row(reader, teller, record)).collect();
    let heads = [
        (reader.say(Word::Entry), true),
        (reader.say(Word::Recorded), false),
        (reader.say(Word::Actor), false),
        (reader.say(Word::WhatWasDone), false),
        (reader.say(Word::FeaturesGiven), true),
    ];
    let body = html! {
        p.lead { (reader.say(Word::AuditLead)) }
        section {
            @if rows.is_empty() { p { (reader.say(Word::NothingFound)) } }
            @else { (grid(&heads, &rows)) }
        }
        (further(reader, &links))
    };
    let title = reader.say(Word::Audit).to_owned();
    answer(reader, headers, &Page { title, trail: Vec::new(), links, body })
}

fn row(reader: &Reader<'_>, teller: Teller<'_>, record: &Json) -> Vec<Markup> {
    let entry = grouped(record["entry"].as_u64().unwrap_or_default());
    let (change, read) = (&record["change"], &record["read"]);
    if read.is_null() {
        let text = |name: &str| change[name].as_str().unwrap_or_default();
        let number = change["sequence"].as_u64().unwrap_or_default();
        let address = reader.at(&format!("{}/{number}", change_sets::PATH));
        return vec![
            html! { (entry) },
            html! { (time(teller, &change["recorded_at"])) },
            html! { (text("actor")) },
            html! {
                a href=(address) { (reader.say(Word::Change)) " " (grouped(number)) }
                div.other { (text("reason")) " " (text("origin")) }
            },
            html! {},
        ];
    }
    let text = |name: &str| read[name].as_str().unwrap_or_default();
    let behind = ["organisation", "role", "key"].map(text);
    let behind: Vec<&str> = behind.into_iter().filter(|text| !text.is_empty()).collect();
    let asked = ["window", "conditions", "as_of"].map(text);
    let asked: Vec<&str> = asked.into_iter().filter(|text| !text.is_empty()).collect();
    vec![
        html! { (entry) },
        html! { (time(teller, &read["read_at"])) },
        html! {
            @if read["actor"].is_null() { (reader.say(Word::Anybody)) } @else { (text("actor")) }
            div.other { (behind.join(", ")) }
        },
        html! {
            (teller.class(text("collection")))
            div.other { code { (text("route")) } " " (asked.join(" ")) }
        },
        html! { (grouped(read["features"].as_u64().unwrap_or_default())) },
    ]
}
