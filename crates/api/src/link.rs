//! Links between resources.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use crate::negotiate::Format;

/// What a link leads to, seen from where it stands.
pub mod rel {
    /// This document.
    pub const SELF: &str = "self";
    /// This document in another form.
    pub const ALTERNATE: &str = "alternate";
    /// The page after this one.
    pub const NEXT: &str = "next";
    /// The page before this one.
    pub const PREV: &str = "prev";
    /// The collection of a feature.
    pub const COLLECTION: &str = "collection";
    /// The features of a collection.
    pub const ITEMS: &str = "items";
    /// Something that belongs to it, such as the summary of a collection.
    pub const RELATED: &str = "related";
    /// The collections.
    pub const DATA: &str = "data";
    /// The classes of conformance.
    pub const CONFORMANCE: &str = "conformance";
    /// The functions that a filter may call.
    pub const FUNCTIONS: &str = "http://www.opengis.net/def/rel/ogc/1.0/functions";
    /// The API document.
    pub const SERVICE_DESC: &str = "service-desc";
    /// The fields of a feature, without the nesting of GeoJSON, by which QGIS knows them.
    pub const SCHEMA: &str = "http://www.opengis.net/def/rel/ogc/1.0/schema";
    /// The fields by which features can be found.
    pub const QUERYABLES: &str = "http://www.opengis.net/def/rel/ogc/1.0/queryables";
    /// The fields by which features can be sorted.
    pub const SORTABLES: &str = "http://www.opengis.net/def/rel/ogc/1.0/sortables";
    /// The schema of a feature as GeoJSON, by which GDAL knows the fields.
    pub const DESCRIBED_BY: &str = "describedby";
    /// The same, as GDAL before 3.7 spells it.
    pub const DESCRIBED_BY_OLD: &str = "describedBy";
    /// The versions of a feature (RFC 5829).
    pub const VERSION_HISTORY: &str = "version-history";
    /// A feature as it is now, seen from what it was (RFC 5829).
    pub const LATEST_VERSION: &str = "latest-version";
    /// The landing page.
    pub const ROOT: &str = "root";
}

/// A link. Every one has a type: OGC's suite stops where one lacks.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Link {
    /// The absolute address.
    pub href: String,
    /// One of [`rel`].
    pub rel: &'static str,
    /// The media type of what is there.
    pub r#type: &'static str,
    /// What is there, for a reader.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

impl Link {
    /// A link without title.
    pub fn new(rel: &'static str, href: impl Into<String>, format: Format) -> Self {
        Self { href: href.into(), rel, r#type: format.link_type(), title: None }
    }

    /// The link with a title.
    #[must_use]
    pub fn titled(self, title: impl Into<String>) -> Self {
        Self { title: Some(title.into()), ..self }
    }
}

/// The link to a document itself and those to its other forms. The parameters are those of the
/// request, as they were asked.
pub fn self_and_alternates(
    address: &str,
    parameters: &[(&str, &str)],
    chosen: Format,
    offered: &[Format],
) -> Vec<Link> {
    let others = || parameters.iter().copied().filter(|(name, _)| *name != "f");
    let in_form = |format: Format| {
        let form = [("f", format.name())];
        with_query(address, others().chain(form))
    };
    let mut links =
        vec![Link::new(rel::SELF, with_query(address, parameters.iter().copied()), chosen)];
    let rest = offered.iter().copied().filter(|format| *format != chosen);
    links.extend(rest.map(|format| Link::new(rel::ALTERNATE, in_form(format), format)));
    links
}

/// The address with a query of these parameters, or as it is when there are none.
pub fn with_query<'a>(
    address: &str,
    parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    let mut text = address.to_owned();
    for (position, (name, value)) in parameters.into_iter().enumerate() {
        text.push(if position == 0 { '?' } else { '&' });
        text.extend(utf8_percent_encode(name, QUERY));
        // Always with an equals sign: OGC's suite takes a query apart at it.
        text.push('=');
        text.extend(utf8_percent_encode(value, QUERY));
    }
    text
}

/// What is written as `%XX` in a query. What stays is what may stand there (RFC 3986), but for
/// the marks that part it and `+`, which many read as a space.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b',')
    .remove(b':')
    .remove(b'/')
    .remove(b'*');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_has_address_relation_and_type() {
        let link = Link::new(rel::ITEMS, "http://h/collections/a/items", Format::GeoJson);
        let text = serde_json::to_string(&link.clone().titled("管道")).expect("JSON");
        let expected = "{\"href\":\"http://h/collections/a/items\",\"rel\":\"items\",\
                        \"type\":\"application/geo+json\",\"title\":\"管道\"}";
        assert_eq!(text, expected);
        assert!(!serde_json::to_string(&link).expect("JSON").contains("title"));
    }

    #[test]
    fn a_query_is_written_so_that_it_reads_back_the_same() {
        let check = |parameters: &[(&str, &str)], expected: &str| {
            assert_eq!(with_query("http://h/a", parameters.iter().copied()), expected);
        };
        check(&[], "http://h/a");
        check(&[("bbox", "1,2,3,4")], "http://h/a?bbox=1,2,3,4");
        check(&[("a", "x y&z=1+2"), ("b", "")], "http://h/a?a=x%20y%26z%3D1%2B2&b=");
        check(&[("road", "黑牛城道")], "http://h/a?road=%E9%BB%91%E7%89%9B%E5%9F%8E%E9%81%93");
        check(&[("t", "2020-01-01T00:00:00Z/..")], "http://h/a?t=2020-01-01T00:00:00Z/..");
    }

    #[test]
    fn a_document_links_to_itself_and_to_its_other_forms() {
        let offered = [Format::GeoJson, Format::Html];
        let check = |parameters: &[(&str, &str)], chosen, expected: &[(&str, &str, &str)]| {
            let links = self_and_alternates("http://h/a", parameters, chosen, &offered);
            let found: Vec<_> =
                links.iter().map(|link| (link.rel, &*link.href, link.r#type)).collect();
            assert_eq!(found, expected);
        };
        let (json, html) = ("application/geo+json", "text/html");
        check(
            &[("limit", "5")],
            Format::GeoJson,
            &[
                ("self", "http://h/a?limit=5", json),
                ("alternate", "http://h/a?limit=5&f=html", html),
            ],
        );
        check(
            &[("f", "html"), ("limit", "5")],
            Format::Html,
            &[
                ("self", "http://h/a?f=html&limit=5", html),
                ("alternate", "http://h/a?limit=5&f=json", json),
            ],
        );
    }
}
