//! The first page: as JSON the entry to the API, as HTML what is registered, where, and how to
//! get at it.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response, Uri};
use jiff::civil::Date;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::json;
use terrier_catalog::Collection;
use terrier_store::{Ages, Extent, Snapshot};

use crate::app::{App, Asked};
use crate::collections::{all, title_and_description};
use crate::conditional::ETag;
use crate::drawing::{Frame, WIDTH};
use crate::link::{Link, rel};
use crate::{Format, Problem};

/// Assets of at least so many years are counted as old.
const OLD_YEARS: i32 = 30;

/// How many assets of each class are drawn, at the most.
const DRAWN_MAX: usize = 700;

/// The colours of the classes in the drawing, in their order, over and over.
const COLOURS: [&str; 8] =
    ["#2563a8", "#c2571a", "#2e7d4f", "#b08900", "#7b4fa3", "#a8324a", "#1b7f86", "#5c5c5c"];

const STYLE: &str = include_str!("landing.css");

/// What is registered, on a day.
#[derive(Debug)]
pub(crate) struct Figures {
    sequence: u64,
    today: Date,
    classes: Vec<ClassFigures>,
    drawing_height: f64,
}

#[derive(Debug)]
struct ClassFigures {
    collection: Collection,
    extent: Extent,
    ages: Ages,
    path: String,
}

impl Figures {
    /// Counts and draws; costs a look at each asset's date.
    pub(crate) fn count(snapshot: &Snapshot, today: Date) -> Self {
        let bounds = snapshot.extent(&Collection::Assets).bounds;
        let frame = bounds.map(|bounds| Frame::around(&bounds));
        let classes = all(snapshot, today)
            .filter(|collection| collection.class().is_some())
            .map(|collection| {
                let mut path = String::new();
                if let Some(frame) = frame {
                    let drawn = snapshot.sample(&collection, DRAWN_MAX);
                    drawn.iter().for_each(|item| frame.draw(&item.shape(), &mut path));
                }
                ClassFigures {
                    extent: snapshot.extent(&collection),
                    ages: snapshot.ages(&collection, today, OLD_YEARS),
                    collection,
                    path,
                }
            })
            .collect();
        let drawing_height = frame.map_or(0.0, |frame| frame.height);
        Self { sequence: snapshot.sequence(), today, classes, drawing_height }
    }

    /// Whether they are those of the snapshot and the day.
    pub(crate) fn are_of(&self, snapshot: &Snapshot, today: Date) -> bool {
        self.sequence == snapshot.sequence() && self.today == today
    }
}

/// `GET /`
pub(crate) async fn landing(
    State(app): State<App>,
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
    if asked.format == Format::Html {
        let counting = app.clone();
        let figures = tokio::task::spawn_blocking(move || counting.figures())
            .await
            .map_err(|error| Problem::internal(&error))?;
        let bytes = page(&app, &figures).into_string().into_bytes();
        let tag = ETag::weak_of(&bytes);
        return match tag.not_modified(&headers) {
            Some(unchanged) => Ok(unchanged),
            None => app.answer(bytes, Format::Html, &tag),
        };
    }
    let body = json!({
        "title": "Terrier",
        "description": "The register of what a city has in its streets: gas pipes, drains, street \
                        lights, greenways.",
        "links": links,
    });
    app.document(&body, asked.format, &headers)
}

fn page(app: &App, figures: &Figures) -> Markup {
    let total: u64 = figures.classes.iter().map(|class| class.extent.assets).sum();
    let address = app.settings().public_url.as_str();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Terrier – what the city has in its streets" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "Terrier" }
                    p { "The register of what a city has in its streets." }
                }
                main {
                    section {
                        h2 { (grouped(total)) " assets" }
                        p {
                            "All of them, with what every class has: "
                            a href=(app.at("/collections/assets/items")) { "items" } " · "
                            a href=(app.at("/collections/assets")) { "collection" } " · "
                            a href=(app.at("/collections/assets/schema")) { "fields" }
                        }
                        p {
                            "What falls due on them, and why: "
                            a href=(app.at("/collections/due/items")) { "items" } " · "
                            a href=(app.at("/collections/due")) { "collection" } " · "
                            a href=(app.at("/collections/due/schema")) { "fields" }
                        }
                        (table(app, figures))
                        p.note {
                            "As of " (figures.today) ", change " (figures.sequence) ". Old: installed "
                            (OLD_YEARS) " years ago or more, whatever the record leaves open; where no "
                            "date is known, age is not known either."
                        }
                    }
                    @if total > 0 { (drawing(figures)) }
                    (ways_in(app, address))
                }
                footer { "Terrier " (app.settings().version) }
            }
        }
    }
}

fn table(app: &App, figures: &Figures) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th { "Class" } th.number { "Assets" } th.number { "Old" }
                    th.number { "Date not known" } th { "Data" }
                }
            }
            tbody {
                @for (at, class) in figures.classes.iter().enumerate() {
                    @let address = app.at(&format!("/collections/{}", class.collection.name()));
                    tr {
                        td {
                            span.swatch style={ "background:" (colour(at)) } {}
                            (title_and_description(&class.collection).0)
                            @if let Some(known) = class.collection.class() {
                                " " span lang="zh" { (known.title().zh) }
                            }
                        }
                        td.number { (grouped(class.extent.assets)) }
                        td.number { (grouped(class.ages.old)) }
                        td.number { (grouped(class.ages.unknown)) }
                        td {
                            a href={ (address) "/items" } { "items" } " · "
                            a href=(address) { "collection" } " · "
                            a href={ (address) "/schema" } { "fields" }
                        }
                    }
                }
            }
        }
    }
}

fn drawing(figures: &Figures) -> Markup {
    let size = format!("0 0 {WIDTH} {:.0}", figures.drawing_height);
    html! {
        section {
            h2 { "Where" }
            svg viewBox=(size) role="img" aria-label="Where the assets lie; some of each class" {
                @for (at, class) in figures.classes.iter().enumerate() {
                    path d=(class.path) stroke=(colour(at)) {}
                }
            }
            p.note { "Some assets of each class, north up." }
        }
    }
}

fn ways_in(app: &App, address: &str) -> Markup {
    html! {
        section {
            h2 { "Open it in QGIS" }
            p {
                "Layer › Add Layer › Add WFS / OGC API – Features Layer › New, paste this address, and \
                 choose version " b { "OGC API – Features" } ":"
            }
            pre { (address) }
            p { "In a terminal with GDAL:" }
            pre { "ogrinfo -so OAPIF:" (address) }
        }
        section {
            h2 { "The API" }
            p {
                a href=(app.at("/collections")) { "Collections" } " · "
                a href=(app.at("/api")) { "API document (OpenAPI 3.0)" } " · "
                a href=(app.at("/conformance")) { "Conformance" } " · "
                a href=(app.at("/functions")) { "Functions of filters" } " · "
                a href={ (app.at("/")) "?f=json" } { "This page as JSON" }
            }
            p { "The first assets in a window, of all classes:" }
            pre { "curl '" (app.at("/collections/assets/items")) "?bbox=117.20,39.05,117.23,39.08&limit=10'" }
        }
    }
}

fn colour(place: usize) -> &'static str {
    COLOURS[place % COLOURS.len()]
}

/// A count with thin spaces between groups of three digits.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 * 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn counts_are_written_in_groups_of_three() {
        for (count, expected) in [(0, "0"), (999, "999"), (1000, "1\u{202f}000")] {
            assert_eq!(grouped(count), expected);
        }
        assert_eq!(grouped(10_000_000), "10\u{202f}000\u{202f}000");
    }
}
