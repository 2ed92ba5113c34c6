//! What was asked, in words that can be taken away one by one, and the form that asks anew.

use maud::{Markup, html};
use terrier_catalog::{
    AS_OF, Collection, FeatureQuery, KNOWN_AT, LIMIT_DEFAULT, Presentation, SortBy,
};
use terrier_model::Value;

use super::super::value::heading;
use super::super::{Reader, Teller, Word};
use super::{FORM_FIELDS, PLACE};
use crate::limits::MAX_PAGE_ROWS;

/// What takes part in a condition and is none by itself, with what it belongs to.
const PARTS: [(&str, &str); 4] =
    [("filter-lang", "filter"), ("filter-crs", "filter"), ("bbox-crs", "bbox"), ("k", "near")];

/// The sizes of pages that the form offers.
const SIZES: [usize; 5] = [20, 50, 100, 500, MAX_PAGE_ROWS];

/// The conditions and the order that were asked for, each with a link that takes it away.
pub(super) fn chips(reader: &Reader<'_>, query: &FeatureQuery, teller: Teller<'_>) -> Markup {
    let told = reader.parameters().iter().filter_map(|(name, value)| {
        let text = in_words(reader, query, teller, name, value)?;
        let parts = PARTS.iter().filter(|(_, whole)| whole == name).map(|(part, _)| *part);
        let gone: Vec<&str> = parts.chain([*name]).chain(PLACE).collect();
        Some((text, reader.here(&gone, [])))
    });
    let told: Vec<(String, String)> = told.collect();
    html! {
        @if !told.is_empty() {
            ul.chips aria-label=(reader.say(Word::Conditions)) {
                @for (text, without) in told {
                    li {
                        (text)
                        a href=(without) title=(reader.say(Word::TakeAway))
                            aria-label={ (reader.say(Word::TakeAway)) ": " (text) } { "×" }
                    }
                }
            }
        }
    }
}

/// A parameter in words; `None` for one that is no condition.
fn in_words(
    reader: &Reader<'_>,
    query: &FeatureQuery,
    teller: Teller<'_>,
    name: &str,
    value: &str,
) -> Option<String> {
    let word = match name {
        "q" => Word::Search,
        "filter" => Word::Filter,
        "bbox" => Word::Window,
        "datetime" => Word::Time,
        "near" => Word::Near,
        "on" if query.due().is_some() => Word::AsOf,
        AS_OF => Word::AsOf,
        KNOWN_AT => Word::KnownAt,
        "sortby" => return Some(format!("{}: {}", reader.say(Word::SortBy), order(reader, query))),
        "f" | "lang" | "limit" | "token" | "offset" => return None,
        _ if PARTS.iter().any(|(part, _)| *part == name) => return None,
        _ if Presentation::PARAMETERS.contains(&name) => return None,
        _ => {
            let collection = query.collection();
            let field = &collection.fields()[collection.position(name, reader.scope)?];
            let parsed = Value::parse(&field.kind, value).ok()?;
            let told = teller.text(field, parsed.as_ref());
            return Some(format!("{}: {told}", heading(field, reader.language)));
        }
    };
    Some(format!("{}: {value}", reader.say(word)))
}

/// What the features are sorted by.
fn order(reader: &Reader<'_>, query: &FeatureQuery) -> String {
    let told = query.order().keys().iter().map(|key| {
        let name = match key.by {
            SortBy::Field(at) => reader.language.of(&query.collection().fields()[at].title),
            SortBy::Id | SortBy::Rank => reader.say(Word::Id),
        };
        let word = if key.descending { Word::Falling } else { Word::Rising };
        reader.fill(word, &[name])
    });
    told.collect::<Vec<_>>().join("; ")
}

/// The form that asks anew. What it has no field for goes with it unseen.
///
/// What is of the past is in no other order than that of places.
pub(super) fn form(reader: &Reader<'_>, query: &FeatureQuery, can_sort: bool) -> Markup {
    let others = reader
        .parameters()
        .iter()
        .filter(|(name, _)| !FORM_FIELDS.contains(name) && !PLACE.contains(name));
    let given = |name| reader.given(name).unwrap_or_default();
    html! {
        section {
            form action=(reader.action()) method="get" {
                label.wide {
                    span { (reader.say(Word::Search)) }
                    input name="q" type="search" value=(given("q"))
                        placeholder=(reader.say(Word::SearchHint));
                }
                label.wide {
                    span { (reader.say(Word::Filter)) }
                    input name="filter" value=(given("filter")) spellcheck="false"
                        placeholder=(example(query));
                }
                label.wide {
                    span { (reader.say(Word::Window)) }
                    input name="bbox" value=(given("bbox"))
                        placeholder=(reader.say(Word::WindowHint));
                }
                @if query.near().is_none() {
                    @if can_sort {
                        label { span { (reader.say(Word::SortBy)) } (sort_choice(reader, query)) }
                    }
                    label { span { (reader.say(Word::PerPage)) } (size_choice(given("limit"))) }
                }
                @for (name, value) in others { input type="hidden" name=(name) value=(value); }
                button.wide type="submit" { (reader.say(Word::Ask)) }
            }
        }
    }
}

/// A condition that can be asked of the collection, to begin with.
fn example(query: &FeatureQuery) -> &'static str {
    match query.collection() {
        Collection::Due(..) => "state = 'overdue' AND priority <= 2",
        collection if collection.position("installed_on", query.scope()).is_some() => {
            "installed_on < DATE('1995-01-01')"
        }
        _ => "valid_from > TIMESTAMP('2020-01-01T00:00:00Z')",
    }
}

fn sort_choice(reader: &Reader<'_>, query: &FeatureQuery) -> Markup {
    let chosen = reader.given("sortby").unwrap_or_default();
    let seen = query.collection().seen_fields(query.scope()).map(|(_, field)| field);
    let choices: Vec<(String, String)> = seen
        .filter(|field| !field.kind.is_list())
        .flat_map(|field| {
            let title = reader.language.of(&field.title);
            [
                (field.name.to_string(), reader.fill(Word::Rising, &[title])),
                (format!("-{}", field.name), reader.fill(Word::Falling, &[title])),
            ]
        })
        .collect();
    let is_other = !chosen.is_empty() && choices.iter().all(|(value, _)| value != chosen);
    html! {
        select name="sortby" {
            option value="" { (reader.say(Word::ByPlace)) }
            @if is_other { option value=(chosen) selected { (order(reader, query)) } }
            @for (value, text) in choices {
                option value=(value) selected[value == chosen] { (text) }
            }
        }
    }
}

fn size_choice(given: &str) -> Markup {
    let chosen = if given.is_empty() { LIMIT_DEFAULT.to_string() } else { given.to_owned() };
    let sizes = SIZES.map(|size| size.to_string());
    let is_other = !sizes.contains(&chosen);
    html! {
        select name="limit" {
            @if is_other { option value=(chosen) selected { (chosen) } }
            @for size in sizes { option value=(size) selected[size == chosen] { (size) } }
        }
    }
}
