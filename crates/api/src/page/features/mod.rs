//! The page of a list of features: what was asked and found, the features in a table and in a drawing,
//! and the ways on.

mod asked;
mod table;

use axum::body::Body;
use axum::http::{HeaderMap, Response};
use maud::{Markup, html};
use terrier_catalog::{AskedPast, FeatureQuery, Presentation, Slice, Start};
use terrier_model::{CoreField, Past, core_fields, core_position};
use terrier_spatial::{Bounds, Shape};
use terrier_store::{Page as FoundNow, PastPage, Shown, Snapshot};

use super::{Frame, Page, Reader, Teller, WIDTH, Word, answer, grouped};
use crate::Problem;
use crate::limits::MAX_DRAWING_BYTES;
use crate::link::{Link, rel};
use crate::query::Parameters;
use table::Table;

/// The fields of the form, which a browser sends empty where nobody filled them in.
const FORM_FIELDS: [&str; 5] = ["q", "filter", "sortby", "limit", "bbox"];

/// The parameters that say where a page of a list begins, which no other question keeps.
const PLACE: [&str; 2] = ["token", "offset"];

/// The parameters without those fields of the form that nobody filled in.
pub(crate) fn without_empty(parameters: Parameters<'_>) -> Parameters<'_> {
    parameters.without_empty(&FORM_FIELDS)
}

/// What was asked and found.
pub(crate) struct FeatureList<'a> {
    pub(crate) query: &'a FeatureQuery,
    pub(crate) shown: &'a Presentation,
    pub(crate) found: Found<'a>,
    pub(crate) snapshot: &'a Snapshot,
    /// The other forms, and the pages before and after.
    pub(crate) links: Vec<Link>,
}

/// The features of a page, and where it lies.
#[derive(Clone, Copy)]
pub(crate) enum Found<'a> {
    /// As they are known now.
    Now(&'a FoundNow, &'a Slice),
    /// As they were; `is_first` where no page comes before.
    Then { page: &'a PastPage, past: Past, is_first: bool },
}

impl Found<'_> {
    fn returned(self) -> usize {
        match self {
            Self::Now(page, _) => page.returned(),
            Self::Then { page, .. } => page.assets().len(),
        }
    }

    fn is_first(self) -> bool {
        match self {
            Self::Now(_, slice) => matches!(slice.start, Start::Offset(0)),
            Self::Then { is_first, .. } => is_first,
        }
    }

    fn for_each(self, visit: impl FnMut(&Shown<'_>)) {
        match self {
            Self::Now(page, _) => page.for_each(visit),
            Self::Then { page, .. } => page.for_each(visit),
        }
    }
}

/// The page of a list of features.
pub(crate) fn features_page(
    reader: &Reader<'_>,
    headers: &HeaderMap,
    list: FeatureList<'_>,
) -> Result<Response<Body>, Problem> {
    let collection = list.query.collection();
    let teller = Teller::new(reader.language, reader.scope, list.snapshot);
    let (title, _) = collection.title_and_description();
    let title = reader.language.of(&title).to_owned();
    let is_past = list.query.due().is_some_and(terrier_catalog::DueDay::is_past);
    let is_empty = list.found.returned() == 0;
    let body = html! {
        p.lead { (found_in_words(reader, &list)) }
        (asked::chips(reader, list.query, teller))
        @if is_past { p.note { (reader.say(Word::PastDay)) } }
        @if let Found::Then { past, .. } = list.found { p.note { (past_in_words(reader, teller, past)) } }
        @let form = asked::form(reader, list.query, matches!(list.found, Found::Now(..)));
        @if is_empty || !list.shown.has_geometry() {
            (form)
        } @else {
            div.beside { (form) (drawing(reader, &list)) }
        }
        section {
            @if is_empty {
                p { (reader.say(Word::NothingFound)) " " (reader.say(Word::NothingFoundHint)) }
                p { a href=(reader.at(reader.path())) { (reader.say(Word::WithoutConditions)) } }
            } @else {
                (Table::new(reader, &list, teller).markup())
            }
            (pages(reader, &list))
        }
    };
    let address = format!("/collections/{}", collection.name());
    let trail = vec![
        (reader.say(Word::Collections).into(), reader.at("/collections")),
        (title.clone(), reader.at(&address)),
    ];
    answer(reader, headers, &Page { title, trail, links: list.links, body })
}

/// As of when the features of a page are told, and what was known of them then.
pub(crate) fn past_in_words(reader: &Reader<'_>, teller: Teller<'_>, past: Past) -> String {
    let known_at = grouped(past.known_at);
    reader.fill(Word::AsItWas, &[&teller.time(past.as_of), &known_at])
}

fn found_in_words(reader: &Reader<'_>, list: &FeatureList<'_>) -> String {
    let returned = list.found.returned() as u64;
    let (page, slice) = match list.found {
        Found::Now(page, slice) => (page, slice),
        Found::Then { .. } => return reader.fill(Word::ShownThen, &[&grouped(returned)]),
    };
    let found = reader.fill(Word::Found, &[&grouped(page.matched())]);
    let stop = if reader.say(Word::Found).is_ascii() { ". " } else { "。" };
    let shown = match slice.start {
        _ if returned == 0 => return found + stop.trim_end(),
        Start::Offset(skipped) if list.query.near().is_none() => {
            let ends = [grouped(skipped + 1), grouped(skipped + returned)];
            reader.fill(Word::Shown, &[&ends[0], &ends[1]])
        }
        _ => reader.fill(Word::ShownSome, &[&grouped(returned)]),
    };
    found + stop + &shown
}

/// The ways to the pages before and after, and to the figures of all that was found.
fn pages(reader: &Reader<'_>, list: &FeatureList<'_>) -> Markup {
    let to = |rel: &str| list.links.iter().find(|link| link.rel == rel);
    let is_first = list.found.is_first();
    let not_summed =
        ["limit", "sortby", "near", "k", "properties", "crs", "skipGeometry", "token", "offset"];
    let path = format!("/collections/{}/summary", list.query.collection().name());
    let asked = reader.parameters().iter().copied();
    let kept =
        asked.filter(|(name, _)| !not_summed.contains(name) && !["f", "lang"].contains(name));
    html! {
        nav.pages aria-label=(reader.say(Word::Pages)) {
            @if !is_first { a href=(reader.here(&PLACE, [])) { (reader.say(Word::First)) } }
            @if let Some(link) = to(rel::PREV) {
                a rel="prev" href=(link.href) { "‹ " (reader.say(Word::Previous)) }
            }
            @if let Some(link) = to(rel::NEXT) {
                a rel="next" href=(link.href) { (reader.say(Word::Next)) " ›" }
            }
            @if let Found::Now(..) = list.found {
                a href=(reader.ask(&path, kept)) { (reader.say(Word::SumUp)) }
            }
        }
        @if reader.given("properties").is_none() { p.note { (reader.say(Word::LeftOut)) } }
    }
}

/// The features of the page, each leading to its own.
fn drawing(reader: &Reader<'_>, list: &FeatureList<'_>) -> Markup {
    let (mut shapes, mut targets, mut id) = (Vec::new(), Vec::new(), String::new());
    list.found.for_each(|feature| {
        let address = address_of(reader, list.query, feature, &mut id);
        targets.push((address, label_of(list.query, feature, &id)));
        shapes.push(feature.shape());
    });
    let bounds = shapes.iter().map(Shape::bounds).reduce(Bounds::union);
    let Some(frame) = bounds.as_ref().map(Frame::around) else { return html! {} };
    let drawn = frame.drawn_within(shapes.into_iter(), MAX_DRAWING_BYTES);
    let size = format!("0 0 {WIDTH} {:.0}", frame.height);
    html! {
        section {
            svg.drawn viewBox=(size) role="group" aria-label=(reader.say(Word::Drawing)) {
                @for ((address, label), (path, class)) in targets.iter().zip(&drawn) {
                    a href=(address) { path class=(class) d=(path) { title { (label) } } }
                }
            }
            p.note {
                (reader.say(Word::Drawing))
                @if drawn.len() < list.found.returned() { " " (reader.say(Word::NotAllDrawn)) }
            }
        }
    }
}

/// The address of a feature's own page, where all its fields are told. Its id is put in place of what was
/// there.
fn address_of(
    reader: &Reader<'_>,
    query: &FeatureQuery,
    feature: &Shown<'_>,
    id: &mut String,
) -> String {
    let class = table::text_of(feature, CoreField::Class);
    let is_due = query.due().is_some();
    // The collection of all assets has only what all of them have.
    let collection = if is_due { query.collection().name() } else { class.unwrap_or_default() };
    let path = format!("/collections/{collection}/items/{}", feature.id(id));
    let day = query.due().and(reader.given("on")).map(|on| ("on", on));
    let past = AskedPast::PARAMETERS.into_iter();
    let past = past.filter_map(|name| Some((name, reader.given(name)?)));
    reader.ask(&path, day.into_iter().chain(past))
}

/// Whether the reader sees the codes of assets.
fn tells_codes(query: &FeatureQuery) -> bool {
    let code = &core_fields()[core_position(CoreField::Code)];
    query.collection().sight(query.scope()).sees(code)
}

/// What a feature is called: by its code, or else by the end of its id.
fn label_of(query: &FeatureQuery, feature: &Shown<'_>, id: &str) -> String {
    match table::text_of(feature, CoreField::Code) {
        Some(code) if tells_codes(query) => code.to_owned(),
        _ => format!("…{}", &id[id.len().saturating_sub(12)..]),
    }
}
