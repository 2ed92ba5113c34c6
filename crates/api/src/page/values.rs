//! The page of the different values of a field.

use axum::body::Body;
use axum::http::{HeaderMap, Response};
use maud::html;
use terrier_catalog::{DistinctValues, ValueQuery};
use terrier_store::Snapshot;

use super::document::trail;
use super::grid::grid;
use super::value::heading;
use super::{Page, Reader, Teller, Word, answer, grouped};
use crate::Problem;
use crate::link::Link;

/// The page of the values, each leading to the features that have it.
pub(crate) fn values_page(
    reader: &Reader<'_>,
    headers: &HeaderMap,
    snapshot: &Snapshot,
    query: &ValueQuery,
    found: &DistinctValues,
    links: Vec<Link>,
) -> Result<Response<Body>, Problem> {
    let (field, collection) = (query.field(), query.features().collection());
    let teller = Teller::new(reader.language, reader.scope, snapshot);
    let path = format!("/collections/{}/items", collection.name());
    let own = ["f", "lang", "limit", "begins-with", &*field.name];
    let conditions = || reader.parameters().iter().copied().filter(|(name, _)| !own.contains(name));
    // As a parameter of a question says them.
    let asked: Vec<String> =
        found.values.iter().map(|(value, _)| value.as_ref().to_string()).collect();
    let rows = found.values.iter().zip(&asked).map(|((value, count), asked)| {
        let address = reader.ask(&path, conditions().chain([(&*field.name, &**asked)]));
        vec![
            html! { a href=(address) { (teller.text(field, value.as_ref())) } },
            html! { (grouped(*count)) },
        ]
    });
    let name = heading(field, reader.language);
    let heads = [(&*name, false), (reader.say(Word::Features), true)];
    let [matched, distinct] = [found.matched, found.distinct].map(grouped);
    let body = html! {
        p.lead { (reader.fill(Word::ValuesLead, &[&matched, &distinct])) }
        section {
            (grid(&heads, &rows.collect::<Vec<_>>()))
            @if found.missing > 0 {
                p.note { (reader.fill(Word::WithNone, &[&grouped(found.missing)])) }
            }
        }
    };
    let trail = trail(reader, collection);
    answer(reader, headers, &Page { title: name, trail, links, body })
}
