//! The first page: as JSON the entry to the API, as HTML what is registered, where, and how to
//! get at it.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response, Uri};
use jiff::civil::Date;
use maud::{Markup, html};
use serde_json::json;
use terrier_catalog::{Collection, Language};
use terrier_model::{Permission, Scope};
use terrier_store::{Ages, Extent, Snapshot};

use crate::app::{App, Asked};
use crate::aside::aside;
use crate::collections::all;
use crate::link::{Link, rel};
use crate::page::{Frame, Page, Reader, WIDTH, Word, answer, grouped};
use crate::route::IMPORTS;
use crate::{Caller, Format, Problem, audit, change_sets};

/// Assets of at least so many years are counted as old.
const OLD_YEARS: i32 = 30;

/// How many assets of each class are drawn, at the most.
const DRAWN_MAX: usize = 700;

/// So many colours tell the classes in the drawing apart, in their order, over and over.
const COLOURS: usize = 8;

/// What is registered, on a day, as far as a scope shows it.
#[derive(Debug)]
pub(crate) struct Figures {
    sequence: u64,
    today: Date,
    scope: Scope,
    classes: Vec<ClassFigures>,
    drawing_height: f64,
}

#[derive(Debug)]
struct ClassFigures {
    collection: Collection,
    extent: Extent,
    ages: Option<Ages>,
    path: String,
}

impl Figures {
    /// Counts and draws; costs a look at each asset's date.
    pub(crate) fn count(snapshot: &Snapshot, today: Date, scope: &Scope) -> Self {
        let bounds = snapshot.extent(&Collection::Assets, scope).bounds;
        let frame = bounds.map(|bounds| Frame::around(&bounds));
        let classes = all(snapshot, today, scope)
            .filter(|collection| collection.class().is_some())
            .map(|collection| {
                let mut path = String::new();
                if let Some(frame) = frame {
                    let drawn = snapshot.sample(&collection, scope, DRAWN_MAX);
                    drawn.iter().for_each(|item| frame.draw(&item.shape(), &mut path));
                }
                ClassFigures {
                    extent: snapshot.extent(&collection, scope),
                    ages: snapshot.ages(&collection, scope, today, OLD_YEARS),
                    collection,
                    path,
                }
            })
            .collect();
        let drawing_height = frame.map_or(0.0, |frame| frame.height);
        let (sequence, scope) = (snapshot.sequence(), scope.clone());
        Self { sequence, today, scope, classes, drawing_height }
    }

    /// As far as which scope shows it.
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Whether they are those of the snapshot and the day for a scope.
    pub(crate) fn are_of(&self, snapshot: &Snapshot, today: Date, scope: &Scope) -> bool {
        self.sequence == snapshot.sequence() && self.today == today && self.scope == *scope
    }
}

/// `GET /`
pub(crate) async fn landing(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response<Body>, Problem> {
    let asked = Asked::read(&app, &uri, &headers, &[Format::Json, Format::Html])?;
    let mut links = asked.links;
    links.extend([
        Link::new(rel::SERVICE_DESC, app.at("/api"), Format::OpenApi).titled("API document"),
        Link::new(rel::CONFORMANCE, app.at("/conformance"), Format::Json)
            .titled("What the API keeps"),
        Link::new(rel::DATA, app.at("/collections"), Format::Json).titled("Collections"),
        Link::new(rel::FUNCTIONS, app.at("/functions"), Format::Json)
            .titled("Functions that a filter may call"),
    ]);
    for (path, word) in shown_beside(caller.scope()) {
        let beside = Link::new(rel::RELATED, app.at(path), Format::Json);
        links.push(beside.titled(word.of(Language::English)));
    }
    if asked.format == Format::Html {
        let (counting, scope) = (app.clone(), caller.scope().clone());
        let figures = aside(move || counting.figures(&scope)).await?;
        let reader = Reader::new(&app, &caller, &uri, &asked.parameters, asked.language);
        let page = Page {
            title: "Terrier".into(),
            trail: Vec::new(),
            body: body(&reader, &figures),
            links,
        };
        return answer(&reader, &headers, &page);
    }
    let body = json!({
        "title": "Terrier",
        "description": "The register of what a city has in its streets: gas pipes, drains, street \
                        lights, greenways.",
        "links": links,
    });
    app.document(&body, asked.format, &headers, caller.scope())
}

fn body(reader: &Reader<'_>, figures: &Figures) -> Markup {
    let total: u64 = figures.classes.iter().map(|class| class.extent.assets).sum();
    let all = |path: &str| ways(reader, &format!("/collections/{path}"));
    let (day, change) = (figures.today.to_string(), figures.sequence.to_string());
    html! {
        p.lead { (reader.say(Word::Tagline)) }
        section {
            h2 { (reader.fill(Word::Assets, &[&grouped(total)])) }
            p { (reader.say(Word::AllOfThem)) " " (all("assets")) }
            p { (reader.say(Word::WhatFallsDue)) " " (all("due")) }
            (table(reader, figures))
            p.note { (reader.fill(Word::FiguresNote, &[&day, &change])) }
        }
        @if total > 0 { (drawing(reader, figures)) }
        (ways_in(reader))
    }
}

/// The ways to what is in a collection, and to what it is.
fn ways(reader: &Reader<'_>, address: &str) -> Markup {
    html! {
        a href=(reader.at(&format!("{address}/items"))) { (reader.say(Word::List)) } " · "
        a href=(reader.at(&format!("{address}/summary"))) { (reader.say(Word::Sums)) } " · "
        a href=(reader.at(address)) { (reader.say(Word::About)) }
    }
}

fn table(reader: &Reader<'_>, figures: &Figures) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th scope="col" { (reader.say(Word::Class)) }
                    th.number scope="col" { (reader.say(Word::AssetCount)) }
                    th.number scope="col" { (reader.say(Word::Old)) }
                    th.number scope="col" { (reader.say(Word::DateNotKnown)) }
                    th scope="col" { (reader.say(Word::Data)) }
                }
            }
            tbody {
                @for (at, class) in figures.classes.iter().enumerate() {
                    tr { (row(reader, at, class)) }
                }
            }
        }
    }
}

fn row(reader: &Reader<'_>, at: usize, class: &ClassFigures) -> Markup {
    let address = format!("/collections/{}", class.collection.name());
    let (title, _) = class.collection.title_and_description();
    let (other, other_title) = match reader.language {
        Language::English => (Language::Chinese, &title.zh),
        Language::Chinese => (Language::English, &title.en),
    };
    html! {
        td {
            span class={ "swatch c" (colour(at)) } {}
            (reader.language.of(&title)) " "
            span.other lang=(other.code()) { (other_title) }
        }
        td.number { (grouped(class.extent.assets)) }
        td.number { @if let Some(ages) = class.ages { (grouped(ages.old)) } }
        td.number { @if let Some(ages) = class.ages { (grouped(ages.unknown)) } }
        td.short { (ways(reader, &address)) }
    }
}

fn drawing(reader: &Reader<'_>, figures: &Figures) -> Markup {
    let size = format!("0 0 {WIDTH} {:.0}", figures.drawing_height);
    html! {
        section {
            h2 { (reader.say(Word::Where)) }
            svg viewBox=(size) role="img" aria-label=(reader.say(Word::SomeOfEach)) {
                @for (at, class) in figures.classes.iter().enumerate() {
                    path class={ "c" (colour(at)) } d=(class.path) {}
                }
            }
            p.note { (reader.say(Word::SomeOfEach)) }
        }
    }
}

fn ways_in(reader: &Reader<'_>) -> Markup {
    let address = reader.app.settings().public_url.as_str();
    let items = reader.app.at("/collections/assets/items");
    html! {
        section {
            h2 { (reader.say(Word::OpenInQgis)) }
            p { (reader.say(Word::QgisSteps)) }
            pre { (address) }
            p { (reader.say(Word::InTerminal)) }
            pre { "ogrinfo -so OAPIF:" (address) }
        }
        section {
            h2 { (reader.say(Word::TheApi)) }
            p {
                a href=(reader.at("/collections")) { (reader.say(Word::Collections)) } " · "
                a href=(reader.at("/api")) { (reader.say(Word::ApiDocument)) } " · "
                a href=(reader.at("/conformance")) { (reader.say(Word::Conformance)) } " · "
                a href=(reader.at("/functions")) { (reader.say(Word::Functions)) } " · "
                @for (path, word) in shown_beside(reader.scope) {
                    a href=(reader.at(path)) { (reader.say(word)) } " · "
                }
                a href=(reader.here(&["f"], [("f", "json")])) { (reader.say(Word::AsJson)) }
            }
            p { (reader.say(Word::FirstInWindow)) }
            pre { "curl '" (items) "?bbox=117.20,39.05,117.23,39.08&limit=10'" }
        }
    }
}

/// What beside assets the caller may look at: its path, and what it is called.
fn shown_beside(scope: &Scope) -> impl Iterator<Item = (&'static str, Word)> {
    let all = [
        (Permission::History, change_sets::PATH, Word::Changes),
        (Permission::Import, IMPORTS, Word::Imports),
        (Permission::Audit, audit::PATH, Word::Audit),
    ];
    let shown = all.into_iter().filter(|(wanted, ..)| scope.allows_somewhere(*wanted));
    shown.map(|(_, path, word)| (path, word))
}

/// The number of the colour of a class.
fn colour(place: usize) -> usize {
    place % COLOURS
}
