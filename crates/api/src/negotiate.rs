//! Which form of an answer the client gets: `f` wins, otherwise `Accept` decides.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

use crate::problem::{Problem, shortened};

/// A form in which something is answered.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Format {
    /// JSON of the API itself: landing page, collections, conformance, history.
    Json,
    /// Features.
    GeoJson,
    /// Features with more than GeoJSON has (OGC 21-045r1).
    JsonFg,
    /// Features, one on each line behind a record separator (RFC 8142).
    GeoJsonSequence,
    /// Rows of text.
    Csv,
    /// Features in binary form.
    FlatGeobuf,
    /// A page to read.
    Html,
    /// The API document.
    OpenApi,
    /// A JSON Schema.
    Schema,
}

impl Format {
    /// The media type, as `Content-Type` and links say it.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::GeoJson => "application/geo+json",
            Self::JsonFg => "application/vnd.ogc.fg+json",
            Self::GeoJsonSequence => "application/geo+json-seq",
            Self::Csv => "text/csv; charset=utf-8",
            Self::FlatGeobuf => "application/flatgeobuf",
            Self::Html => "text/html; charset=utf-8",
            // OGC's suite and GDAL compare this text.
            Self::OpenApi => "application/vnd.oai.openapi+json;version=3.0",
            Self::Schema => "application/schema+json",
        }
    }

    /// The media type as links say it.
    pub const fn link_type(self) -> &'static str {
        match self {
            Self::Html => "text/html",
            Self::Csv => "text/csv",
            other => other.media_type(),
        }
    }

    /// The value of `f` that asks for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::JsonFg => "jsonfg",
            Self::GeoJsonSequence => "geojsonseq",
            Self::Csv => "csv",
            Self::FlatGeobuf => "flatgeobuf",
            Self::Json | Self::GeoJson | Self::OpenApi | Self::Schema => "json",
        }
    }

    /// Whether that value of `f` asks for it.
    fn goes_by(self, name: &str) -> bool {
        let other = match self {
            Self::GeoJson => Some("geojson"),
            // As files are called.
            Self::FlatGeobuf => Some("fgb"),
            _ => None,
        };
        name == self.name() || other == Some(name)
    }

    /// The types and subtypes that ask for it, the proper one first. JSON asks for everything
    /// that is JSON: many clients know no better name.
    const fn asked_by(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Json => &[("application", "json")],
            Self::GeoJson => &[("application", "geo+json"), ("application", "json")],
            // The second is what drafts of the standard had.
            Self::JsonFg => &[("application", "vnd.ogc.fg+json"), ("application", "fg+json")],
            Self::GeoJsonSequence => &[("application", "geo+json-seq")],
            Self::Csv => &[("text", "csv")],
            Self::FlatGeobuf => &[("application", "flatgeobuf"), ("application", "vnd.flatgeobuf")],
            Self::Html => &[("text", "html"), ("application", "xhtml+xml")],
            Self::OpenApi => &[
                ("application", "vnd.oai.openapi+json"),
                ("application", "openapi+json"),
                ("application", "json"),
            ],
            Self::Schema => &[("application", "schema+json"), ("application", "json")],
        }
    }
}

/// Chooses one of the formats offered, the first being the one for those who do not mind.
///
/// # Errors
/// An `f` that names none of them is 400, and an `Accept` that takes none of them 406.
pub fn choose(offered: &[Format], f: Option<&str>, headers: &HeaderMap) -> Result<Format, Problem> {
    if let Some(name) = f {
        return offered.iter().copied().find(|format| format.goes_by(name)).ok_or_else(|| {
            let names: Vec<&str> = offered.iter().map(|format| format.name()).collect();
            let found = shortened(name);
            Problem::bad_parameter("f", format!("found `{found}`, offered: {}", names.join(", ")))
        });
    }
    let lines = || headers.get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok());
    let mut best: Option<(Weight, Format)> = None;
    let mut anything = true;
    for format in offered.iter().copied() {
        let weight = lines()
            .flat_map(|line| line.split(','))
            .filter_map(Range::parse)
            .inspect(|_| anything = false)
            .filter_map(|range| range.weight(format))
            // Of the ranges that hold the format, the nearest one speaks for it.
            .max_by_key(|weight| (weight.nearness, weight.quality))
            .filter(|weight| weight.quality > 0);
        if let Some(weight) = weight
            && best.as_ref().is_none_or(|(former, _)| *former < weight)
        {
            best = Some((weight, format));
        }
    }
    match best {
        Some((_, format)) => Ok(format),
        None if anything => {
            offered.first().copied().ok_or_else(|| Problem::not_acceptable("", &[]))
        }
        None => {
            let types: Vec<&str> = offered.iter().map(|format| format.link_type()).collect();
            Err(Problem::not_acceptable(&lines().collect::<Vec<_>>().join(", "), &types))
        }
    }
}

/// How much a client wants a format: first by its own weight, then by how exactly it said so.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Weight {
    /// In thousandths.
    quality: u16,
    nearness: u8,
}

/// One of the media ranges in an `Accept`.
struct Range<'a> {
    main: &'a str,
    sub: &'a str,
    quality: u16,
    version: Option<&'a str>,
}

impl<'a> Range<'a> {
    /// What is no media range is left out. Java's old client sends a bare `*` and `q=.2`.
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (main, sub) = match parts.next()? {
            "*" => ("*", "*"),
            name => name.split_once('/').map(|(main, sub)| (main.trim(), sub.trim()))?,
        };
        if main.is_empty() || sub.is_empty() {
            return None;
        }
        let mut range = Self { main, sub, quality: 1000, version: None };
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            let value = value.trim().trim_matches('"');
            match name.trim() {
                name if name.eq_ignore_ascii_case("q") => range.quality = quality(value),
                name if name.eq_ignore_ascii_case("version") => range.version = Some(value),
                _ => {}
            }
        }
        Some(range)
    }

    fn weight(&self, format: Format) -> Option<Weight> {
        // The only parameter that tells two of our media types apart.
        if format == Format::OpenApi && self.version.is_some_and(|version| version != "3.0") {
            return None;
        }
        let names = format.asked_by();
        let nearness = if self.main == "*" && self.sub == "*" {
            0
        } else if self.sub == "*" {
            names.iter().any(|(main, _)| self.main.eq_ignore_ascii_case(main)).then_some(1)?
        } else {
            let position = names.iter().position(|(main, sub)| {
                self.main.eq_ignore_ascii_case(main) && self.sub.eq_ignore_ascii_case(sub)
            })?;
            if position == 0 { 3 } else { 2 }
        };
        Some(Weight { quality: self.quality, nearness })
    }
}

/// The weight in thousandths. A text that is no number counts as if it were not there.
fn quality(text: &str) -> u16 {
    match text.parse::<f32>() {
        Ok(number) if number.is_finite() => (number.clamp(0.0, 1.0) * 1000.0) as u16,
        _ => 1000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const PAGE: &[Format] = &[Format::Json, Format::Html];
    const ITEMS: &[Format] = &[Format::GeoJson, Format::Html];
    const API: &[Format] = &[Format::OpenApi];

    fn check(offered: &[Format], accept: &str, expected: &str) {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_str(accept).expect("a header"));
        let answer = match choose(offered, None, &headers) {
            Ok(format) => format!("{format:?}"),
            Err(problem) => problem.status().as_u16().to_string(),
        };
        assert_eq!(answer, expected, "{accept}");
    }

    #[test]
    fn programs_get_json() {
        // GDAL 3.6, QGIS and curl, as they send it.
        check(ITEMS, "application/geo+json, application/json", "GeoJson");
        check(PAGE, "application/json", "Json");
        check(ITEMS, "application/json", "GeoJson");
        check(PAGE, "*/*", "Json");
        check(
            API,
            "application/vnd.oai.openapi+json;version=3.0, application/openapi+json;version=3.0, \
             application/json",
            "OpenApi",
        );
        check(API, "application/vnd.oai.openapi+json;version=3.0", "OpenApi");
        check(&[Format::Schema], "application/schema+json", "Schema");
        check(PAGE, "text/plain, */*; q=0.1", "Json");
    }

    #[test]
    fn browsers_get_a_page_where_there_is_one() {
        let firefox = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,\
                       image/webp,*/*;q=0.8";
        check(PAGE, firefox, "Html");
        check(API, firefox, "OpenApi");
        // Equal weights: the one that is named.
        check(PAGE, "text/html, */*", "Html");
    }

    #[test]
    fn the_spelling_of_java_survives() {
        let java = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2";
        check(ITEMS, java, "Html");
        check(API, java, "OpenApi");
        check(API, "*; q=.2", "OpenApi");
        check(PAGE, "*; q=.2", "Json");
    }

    #[test]
    fn weights_decide_and_zero_refuses() {
        check(PAGE, "application/json;q=0.5, text/html;q=0.4", "Json");
        check(PAGE, "application/json;q=0.4, text/html;q=0.5", "Html");
        check(PAGE, "application/json;q=0, */*", "Html");
        check(PAGE, "application/json;q=0", "406");
        check(PAGE, "application/*", "Json");
        check(PAGE, "APPLICATION/JSON;Q=1", "Json");
        check(PAGE, "application/json;q=abc", "Json");
        check(PAGE, "application/json;q=NaN", "Json");
    }

    #[test]
    fn what_nobody_offers_is_406_and_no_wish_is_none() {
        check(PAGE, "image/png", "406");
        check(API, "application/vnd.oai.openapi+json;version=3.1", "406");
        check(PAGE, "", "Json");
        check(PAGE, ";;,/,a/,", "Json");
        assert_eq!(choose(ITEMS, None, &HeaderMap::new()), Ok(Format::GeoJson));
    }

    #[test]
    fn f_wins_over_accept() {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("image/png"));
        assert_eq!(choose(PAGE, Some("html"), &headers), Ok(Format::Html));
        assert_eq!(choose(ITEMS, Some("geojson"), &headers), Ok(Format::GeoJson));
        assert_eq!(choose(ITEMS, Some("json"), &headers), Ok(Format::GeoJson));
        assert_eq!(choose(API, Some("json"), &headers), Ok(Format::OpenApi));
        let refused = choose(PAGE, Some("xml"), &headers).expect_err("not offered");
        assert_eq!(refused.detail(), "parameter `f`: found `xml`, offered: json, html");
        assert_eq!(refused.parameter(), Some("f"));
    }
}
