//! The pages of the collections, and of one.

use axum::body::Body;
use axum::http::{HeaderMap, Response};
use maud::{Markup, html};
use terrier_catalog::Collection;
use terrier_model::{Field, Kind};
use terrier_spatial::Bounds;
use terrier_store::{Extent, Item, Snapshot};

use super::value::told_unit;
use super::{Frame, Page, Reader, Teller, WIDTH, Word, answer, grouped};
use crate::Problem;
use crate::link::Link;

/// How many assets of a collection are drawn on its page, at the most.
const DRAWN_OF_ONE_MAX: usize = 1_000;

/// A collection, and what it holds.
pub(crate) struct Held {
    pub(crate) collection: Collection,
    /// How many features it has; `None` when that is not known cheaply.
    pub(crate) count: Option<u64>,
    pub(crate) extent: Extent,
}

/// The page of all collections.
pub(crate) fn collections_page(
    reader: &Reader<'_>,
    headers: &HeaderMap,
    all: &[Held],
    links: Vec<Link>,
) -> Result<Response<Body>, Problem> {
    let body = html! {
        section {
            table {
                thead {
                    tr {
                        th scope="col" { (reader.say(Word::Name)) }
                        th.number scope="col" { (reader.say(Word::Features)) }
                        th scope="col" { (reader.say(Word::Extent)) }
                        th scope="col" { (reader.say(Word::Data)) }
                    }
                }
                tbody { @for held in all { (row(reader, held)) } }
            }
        }
    };
    let title = reader.say(Word::Collections).to_owned();
    answer(reader, headers, &Page { title, trail: Vec::new(), links, body })
}

fn row(reader: &Reader<'_>, held: &Held) -> Markup {
    let (title, description) = held.collection.title_and_description();
    let address = format!("/collections/{}", held.collection.name());
    let extent = held.extent.bounds.as_ref();
    html! {
        tr {
            td {
                a href=(reader.at(&address)) { (reader.language.of(&title)) }
                div.other { (reader.language.of(&description)) }
            }
            td.number { @if let Some(count) = held.count { (grouped(count)) } }
            td.short { @if let Some(bounds) = extent { (corners(bounds)) } }
            td.short {
                a href=(reader.at(&format!("{address}/items"))) { (reader.say(Word::List)) } " · "
                a href=(reader.at(&format!("{address}/summary"))) { (reader.say(Word::Summary)) }
            }
        }
    }
}

/// The south-western and the north-eastern corner, longitude before latitude.
fn corners(bounds: &Bounds) -> String {
    let wide = bounds.rounded_outward(2);
    format!("{:.2}, {:.2} – {:.2}, {:.2}", wide.west, wide.south, wide.east, wide.north)
}

/// The page of one collection.
pub(crate) fn collection_page(
    reader: &Reader<'_>,
    headers: &HeaderMap,
    snapshot: &Snapshot,
    held: &Held,
    links: Vec<Link>,
) -> Result<Response<Body>, Problem> {
    let Held { collection, count, extent } = held;
    let (title, description) = collection.title_and_description();
    let address = format!("/collections/{}", collection.name());
    let drawn = snapshot.sample(collection, reader.scope, DRAWN_OF_ONE_MAX);
    let since = extent
        .valid_from
        .map(|time| Teller::new(reader.language, reader.scope, snapshot).time(time));
    let body = html! {
        p.lead { (reader.language.of(&description)) }
        div.beside {
            section {
                dl {
                    @if let Some(count) = count {
                        dt { (reader.say(Word::Features)) }
                        dd { (grouped(*count)) }
                    }
                    @if let Some(bounds) = &extent.bounds {
                        dt { (reader.say(Word::Extent)) }
                        dd { (corners(bounds)) }
                    }
                    @if let Some(since) = since {
                        dt { (reader.say(Word::Since)) }
                        dd { (since) }
                    }
                }
                @if *count == Some(0) { p { (reader.say(Word::Nothing)) } }
                (ways(reader, &address))
            }
            @if let Some(bounds) = &extent.bounds { (drawing(reader, bounds, &drawn)) }
        }
        (fields(reader, collection, &address))
    };
    let trail = vec![(reader.say(Word::Collections).into(), reader.at("/collections"))];
    let title = reader.language.of(&title).to_owned();
    answer(reader, headers, &Page { title, trail, links, body })
}

fn ways(reader: &Reader<'_>, address: &str) -> Markup {
    let ways = [
        ("items", Word::ShowList),
        ("summary", Word::Summary),
        ("schema", Word::Schema),
        ("feature-schema", Word::FeatureSchema),
        ("queryables", Word::Queryables),
        ("sortables", Word::Sortables),
    ];
    html! {
        ul {
            @for (path, word) in ways {
                li { a href=(reader.at(&format!("{address}/{path}"))) { (reader.say(word)) } }
            }
        }
    }
}

fn drawing(reader: &Reader<'_>, bounds: &Bounds, drawn: &[Item]) -> Markup {
    let frame = Frame::around(bounds);
    let mut path = String::new();
    drawn.iter().for_each(|item| frame.draw(&item.shape(), &mut path));
    let size = format!("0 0 {WIDTH} {:.0}", frame.height);
    html! {
        section {
            svg.c0 viewBox=(size) role="img" aria-label=(reader.say(Word::SomeOfEach)) {
                path d=(path) {}
            }
            p.note { (reader.say(Word::SomeOfEach)) }
        }
    }
}

/// The fields, and where their values are told.
fn fields(reader: &Reader<'_>, collection: &Collection, address: &str) -> Markup {
    let seen = collection.seen_fields(reader.scope);
    html! {
        section {
            h2 { (reader.say(Word::Fields)) }
            table {
                thead {
                    tr {
                        th scope="col" { (reader.say(Word::Name)) }
                        th scope="col" { (reader.say(Word::FieldName)) }
                        th scope="col" { (reader.say(Word::Kind)) }
                        th scope="col" { (reader.say(Word::Unit)) }
                        th scope="col" {}
                    }
                }
                tbody {
                    @for (_, field) in seen {
                        tr {
                            td {
                                (reader.language.of(&field.title))
                                @if let Some(text) = &field.description {
                                    div.other { (reader.language.of(text)) }
                                }
                            }
                            td { code { (field.name) } }
                            td.short { (reader.say(kind(field))) }
                            td.short { @if let Some(unit) = &field.unit { (told_unit(unit)) } }
                            td.short {
                                a href=(reader.at(&format!("{address}/queryables/{}/values", field.name))) {
                                    (reader.say(Word::AllValues))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What values a field takes.
fn kind(field: &Field) -> Word {
    match &field.kind {
        Kind::Text => Word::Text,
        Kind::Code(_) => Word::Code,
        Kind::Integer => Word::Integer,
        Kind::Number => Word::Number,
        Kind::Boolean => Word::Boolean,
        Kind::Date => Word::Date,
        Kind::Instant => Word::Instant,
        Kind::List(None) => Word::Texts,
        Kind::List(Some(_)) => Word::SeveralCodes,
    }
}
