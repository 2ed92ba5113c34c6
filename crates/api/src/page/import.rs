//! The pages of files that were sent to be imported.

use axum::body::Body;
use axum::http::{HeaderMap, Response};
use maud::{Markup, html};
use serde_json::Value as Json;

use super::grid::grid;
use super::{Page, Reader, Word, answer};
use crate::Problem;
use crate::link::{Link, rel};

/// The page of a list of imports, each as it is as JSON.
pub(crate) fn imports_page(
    reader: &Reader<'_>,
    headers: &HeaderMap,
    imports: &[Json],
    links: Vec<Link>,
) -> Result<Response<Body>, Problem> {
    let rows: Vec<Vec<Markup>> = imports.iter().map(|told| row(reader, told)).collect();
    let heads = [Word::File, Word::State, Word::Rows, Word::Change, Word::Recorded];
    let heads = heads.map(|word| (reader.say(word), false));
    let body = html! {
        section { (grid(&heads, &rows)) }
        @if let Some(next) = links.iter().find(|link| link.rel == rel::NEXT) {
            nav.pages aria-label=(reader.say(Word::Pages)) {
                a rel="next" href=(next.href) { (reader.say(Word::Next)) " ›" }
            }
        }
    };
    let title = reader.say(Word::Imports).to_owned();
    answer(reader, headers, &Page { title, trail: Vec::new(), links, body })
}

/// The page of an import, with the rows that were refused.
pub(crate) fn import_page(
    reader: &Reader<'_>,
    headers: &HeaderMap,
    told: &Json,
    links: Vec<Link>,
) -> Result<Response<Body>, Problem> {
    let report = &told["report"];
    let counts = ["created", "changed", "unchanged", "refused", "not_taken"];
    let refused = report["refused_rows"].as_array().map_or(&[][..], Vec::as_slice);
    let rows: Vec<Vec<Markup>> = refused.iter().map(refusal).collect();
    let body = html! {
        section {
            dl {
                dt { (reader.say(Word::State)) } dd { (text(&told["state"])) }
                @if let Some(error) = told["error"].as_str() { dd { (error) } }
                dt { (reader.say(Word::Rows)) } dd { (told["rows"]) }
                @for name in counts.into_iter().filter(|_| report.is_object()) {
                    dt { code { (name) } } dd { (report[name]) }
                }
                dt { (reader.say(Word::Recorded)) } dd { (text(&told["created"])) " · " (text(&told["actor"])) }
                @for link in links.iter().filter(|link| link.rel == rel::RELATED) {
                    dd { a href=(link.href) { (link.title.as_deref().unwrap_or(&link.href)) } }
                }
            }
        }
        @if !rows.is_empty() {
            section {
                h2 { (reader.say(Word::RefusedRows)) }
                (grid(&[(reader.say(Word::Rows), true), (reader.say(Word::About), false)], &rows))
            }
        }
    };
    let trail = vec![(reader.say(Word::Imports).to_owned(), reader.at("/imports"))];
    answer(reader, headers, &Page { title: text(&told["file"]).into(), trail, links, body })
}

fn row(reader: &Reader<'_>, told: &Json) -> Vec<Markup> {
    let here = format!("/imports/{}", text(&told["id"]));
    vec![
        html! { a href=(reader.at(&here)) { (text(&told["file"])) } },
        html! { (text(&told["state"])) },
        html! { (told["rows"]) },
        html! { @if !told["change"].is_null() { (told["change"]) } },
        html! { (text(&told["created"])) " · " (text(&told["actor"])) },
    ]
}

/// A refused row: its number, and each thing that is wrong with it.
fn refusal(told: &Json) -> Vec<Markup> {
    let faults = told["faults"].as_array().map_or(&[][..], Vec::as_slice);
    let one = |fault: &Json| {
        format!(
            "{}: {} → {}",
            text(&fault["place"]),
            text(&fault["found"]),
            text(&fault["expected"])
        )
    };
    vec![html! { (told["row"]) }, html! { @for fault in faults { div { (one(fault)) } } }]
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap_or_default()
}
