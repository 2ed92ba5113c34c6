//! The page of one feature: all its fields, where it lies, what falls due on it.

use axum::body::Body;
use axum::http::{HeaderMap, Response};
use maud::{Markup, html};
use terrier_catalog::{Collection, DueField, DueId, Presentation, why_field};
use terrier_model::{AssetId, CoreField, Field, Past, core_position};
use terrier_spatial::{Shape, area_m2, length_m};
use terrier_store::{Shown, Snapshot};

use super::number::told;
use super::value::heading;
use super::{Frame, Page, Reader, Teller, WIDTH, Word, answer, past_in_words};
use crate::Problem;
use crate::limits::MAX_DRAWING_BYTES;
use crate::link::{Link, rel};

/// A feature, taken apart for its page.
pub(crate) struct Feature {
    id: String,
    shape: Shape,
    /// Its middle in the coordinate system that was asked for, where that has it.
    middle: Option<String>,
    code: Option<String>,
    class: String,
    /// What its fields are called, and what they say.
    told: Vec<(String, Markup)>,
    /// The fields that have no value.
    untold: Vec<String>,
}

/// Work that falls due on an asset, in words.
pub(crate) struct Wanted {
    id: DueId,
    kind: String,
    state: String,
    state_code: String,
    due_on: Option<String>,
    why: String,
}

impl Feature {
    /// Takes what is to be shown.
    pub(crate) fn read(
        collection: &Collection,
        shown: &Presentation,
        teller: Teller<'_>,
        reader: &Reader<'_>,
        feature: &Shown<'_>,
    ) -> Self {
        let mut id = String::new();
        feature.id(&mut id);
        let sight = collection.sight(reader.scope);
        let text = |core| {
            let position = core_position(core);
            let value =
                feature.value(position).filter(|_| sight.sees(&collection.fields()[position]));
            value.map(|value| value.to_string())
        };
        let (mut told, mut untold) = (Vec::new(), Vec::new());
        if let Some(why) = teller.why(feature).filter(|_| shown.has_why()) {
            told.push((heading(&why_field(), reader.language), html! { (why) }));
        }
        for position in shown.positions(collection, reader.scope) {
            let field: &Field = &collection.fields()[position];
            let name = heading(field, reader.language);
            match feature.value(position) {
                Some(value) => told.push((name, teller.markup(field, value))),
                None => untold.push(name),
            }
        }
        let class = text(CoreField::Class).unwrap_or_default();
        let shape = feature.shape();
        let middle = middle(&shape, shown);
        Self { id, shape, middle, code: text(CoreField::Code), class, told, untold }
    }
}

impl Wanted {
    /// Takes what a piece of work on an asset says of itself.
    pub(crate) fn read(
        id: DueId,
        collection: &Collection,
        teller: Teller<'_>,
        feature: &Shown<'_>,
    ) -> Self {
        let say = |field: DueField| {
            let position = field.position();
            let described = &collection.fields()[position];
            feature.value(position).map(|value| teller.text(described, value))
        };
        let code = feature.value(DueField::State.position()).map(|value| value.to_string());
        Self {
            id,
            kind: say(DueField::Kind).unwrap_or_default(),
            state: say(DueField::State).unwrap_or_default(),
            state_code: code.unwrap_or_default(),
            due_on: say(DueField::DueOn),
            why: teller.why(feature).unwrap_or_default(),
        }
    }
}

/// The page of a feature. `wanted` is what falls due on it, where it is an asset, and `asset` that on which
/// it falls due, where it is work.
pub(crate) fn feature_page(
    reader: &Reader<'_>,
    headers: &HeaderMap,
    snapshot: &Snapshot,
    collection: &Collection,
    feature: &Feature,
    about: &About,
    links: Vec<Link>,
) -> Result<Response<Body>, Problem> {
    let (list, _) = collection.title_and_description();
    let list = reader.language.of(&list);
    let class = Teller::new(reader.language, reader.scope, snapshot).class(&feature.class);
    let name = feature.code.as_deref().unwrap_or(&feature.id);
    let body = html! {
        div.beside {
            section {
                h2 { (reader.say(Word::Measured)) }
                (measured(reader, feature))
                h3 { (reader.say(Word::Id)) }
                p { code { (feature.id) } }
                p { (ways(reader, collection, feature, about)) }
            }
            (drawing(reader, feature))
        }
        @if let About::Asset { wanted, .. } = about { (due(reader, wanted)) }
        @if let About::Past { past, .. } = about {
            p.note { (past_in_words(reader, Teller::new(reader.language, reader.scope, snapshot), *past)) }
        }
        section {
            h2 { (reader.say(Word::Fields)) }
            dl {
                @for (name, value) in &feature.told { dt { (name) } dd { (value) } }
            }
            @if !feature.untold.is_empty() {
                @let stop = if reader.say(Word::Yes).is_ascii() { ", " } else { "、" };
                p.note { (reader.say(Word::WithoutValue)) " " (feature.untold.join(stop)) }
            }
        }
    };
    let address = format!("/collections/{}", collection.name());
    let trail = vec![
        (reader.say(Word::Collections).into(), reader.at("/collections")),
        (list.to_owned(), reader.at(&address)),
        (reader.say(Word::List).into(), reader.at(&format!("{address}/items"))),
    ];
    let title = format!("{class} {name}");
    answer(reader, headers, &Page { title, trail, links, body })
}

/// What a feature is.
pub(crate) enum About {
    /// An asset, the number of the version that is known, and what falls due on it.
    Asset { version: u32, wanted: Vec<Wanted> },
    /// An asset as it was, and the number of the version.
    Past { version: u32, past: Past },
    /// Work on this asset.
    Work { asset: AssetId },
}

fn ways(reader: &Reader<'_>, collection: &Collection, feature: &Feature, about: &About) -> Markup {
    match about {
        About::Asset { version, .. } | About::Past { version, .. } => {
            let path = format!("/collections/{}/items/{}/history", collection.name(), feature.id);
            html! {
                (reader.say(Word::Version)) " " (version) " · "
                a href=(reader.at(&path)) rel=(rel::VERSION_HISTORY) { (reader.say(Word::History)) }
            }
        }
        About::Work { asset } => {
            let path = format!("/collections/{}/items/{asset}", feature.class);
            html! { a href=(reader.at(&path)) { (reader.say(Word::Asset)) } }
        }
    }
}

/// The middle of a shape, easting or longitude first, with its system where that is not OGC:CRS84.
fn middle(shape: &Shape, shown: &Presentation) -> Option<String> {
    let middle = Shape::Point(shape.bounds().centre());
    let Shape::Point([x, y]) = *shown.shape(&middle)? else { return None };
    Some(match shown.crs() {
        None => format!("{x:.6}, {y:.6}"),
        Some(crs) if crs.is_projected() => format!("{x:.3}, {y:.3} ({})", crs.code()),
        Some(crs) => format!("{x:.6}, {y:.6} ({})", crs.code()),
    })
}

/// What the ground under the geometry measures.
fn measured(reader: &Reader<'_>, feature: &Feature) -> Markup {
    let shape = &feature.shape;
    let metres = |metres: f64| told(&format!("{metres:.1}"));
    html! {
        dl {
            @match shape {
                Shape::Point(_) => {}
                Shape::Line(_) | Shape::MultiLine(_) => {
                    dt { (reader.say(Word::Length)) } dd { (metres(length_m(shape))) " m" }
                }
                Shape::MultiPolygon(_) => {
                    dt { (reader.say(Word::Area)) } dd { (metres(area_m2(shape))) " m²" }
                    dt { (reader.say(Word::Perimeter)) } dd { (metres(length_m(shape))) " m" }
                }
            }
            @if let Some(middle) = &feature.middle {
                dt { (reader.say(Word::Position)) }
                dd { (middle) }
            }
        }
    }
}

fn drawing(reader: &Reader<'_>, feature: &Feature) -> Markup {
    let frame = Frame::around(&feature.shape.bounds());
    let (path, class) = frame.drawn(&feature.shape);
    let size = format!("0 0 {WIDTH} {:.0}", frame.height);
    html! {
        @if path.len() <= MAX_DRAWING_BYTES {
            section {
                svg."drawn c0" viewBox=(size) role="img" aria-label=(reader.say(Word::DrawingOfOne)) {
                    path class=(class) d=(path) {}
                }
                p.note { (reader.say(Word::DrawingOfOne)) }
            }
        }
    }
}

fn due(reader: &Reader<'_>, wanted: &[Wanted]) -> Markup {
    html! {
        section {
            h2 { (reader.say(Word::FallsDue)) }
            @if wanted.is_empty() { p { (reader.say(Word::NothingDue)) } }
            @else {
                table {
                    tbody {
                        @for work in wanted {
                            tr {
                                th.short scope="row" {
                                    a href=(reader.at(&format!("/collections/due/items/{}", work.id))) {
                                        (work.kind)
                                    }
                                }
                                td.short class=(work.state_code) { (work.state) }
                                td.short {
                                    @match &work.due_on {
                                        Some(day) => (day),
                                        None => span.other { (reader.say(Word::NotKnown)) },
                                    }
                                }
                                td { (work.why) }
                            }
                        }
                    }
                }
            }
        }
    }
}
