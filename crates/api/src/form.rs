//! Features in other forms than GeoJSON: with more than it has, one a line, rows of text, and binary. What does not fit
//! into the body there, the headers tell in every form.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::header::LINK;
use axum::http::{HeaderName, HeaderValue, Response};
use terrier_catalog::{Collection, FeatureWriter, Near, Presentation, distance_field, why_field};
use terrier_exchange::{
    CsvGeometry, CsvOptions, CsvWriter, FlatGeobufWriter, Layer, LayerFeature, LayerWriter,
    RECORD_SEPARATOR, WriteError,
};
use terrier_model::{Field, Scope, ValueRef};
use terrier_store::Shown;

use crate::Format;
use crate::limits::MAX_LINK_HEADER_BYTES;
use crate::link::{Link, rel};

/// What is kept of OGC Features and Geometries JSON.
const JSON_FG: &str = "http://www.opengis.net/spec/json-fg-1/1.0/conf/core";

/// How many features the question has in all (OGC API - Features names it so in other forms).
const NUMBER_MATCHED: HeaderName = HeaderName::from_static("ogc-numbermatched");

/// How many features are in the answer.
const NUMBER_RETURNED: HeaderName = HeaderName::from_static("ogc-numberreturned");

/// Writes features of a collection as far as the caller may see them, which `each` hands out, in a form other than GeoJSON. Those that are
/// nearest to a position tell their distances.
pub(crate) fn write(
    (collection, scope): (&Collection, &Scope),
    shown: &Presentation,
    near: Option<Near>,
    format: Format,
    each: impl FnOnce(&mut dyn FnMut(&Shown<'_>)),
) -> Result<Vec<u8>, WriteError> {
    let mut out = Vec::new();
    let mut id = String::new();
    if format == Format::JsonFg {
        let writer = FeatureWriter::new(shown, collection, scope).as_json_fg(collection);
        each(&mut |feature| feature.write(&writer, &mut id, &mut out));
        return Ok(out);
    }
    if format == Format::GeoJsonSequence {
        let writer = FeatureWriter::new(shown, collection, scope);
        each(&mut |feature| {
            out.push(RECORD_SEPARATOR);
            feature.write(&writer, &mut id, &mut out);
            out.push(b'\n');
        });
        return Ok(out);
    }
    let columns = Columns::of((collection, scope), shown, near);
    let layer = columns.layer((collection, scope), shown);
    let writer: Box<dyn LayerWriter + '_> = if format == Format::FlatGeobuf {
        Box::new(FlatGeobufWriter::in_memory(&mut out, &layer))
    } else {
        let geometry = if shown.has_geometry() { CsvGeometry::Wkt } else { CsvGeometry::None };
        let options = CsvOptions { geometry, ..CsvOptions::default() };
        Box::new(CsvWriter::new(&mut out, &layer, options)?)
    };
    columns.put_all(shown, writer, each)?;
    Ok(out)
}

/// The members that a document of JSON-FG has at its top: what it keeps of the standard, what its
/// features are, and the coordinate system of their places where that is another than OGC:CRS84.
pub(crate) fn json_fg_head(collection: &Collection, shown: &Presentation) -> Vec<u8> {
    let mut head = format!(
        r#""conformsTo":["{JSON_FG}"],"featureType":"{}""#,
        // A name of letters, digits and `_`.
        collection.name()
    );
    if shown.crs().is_some() {
        let uri = serde_json::to_string(shown.crs_uri()).expect("a text is JSON");
        head.push_str(r#","coordRefSys":"#);
        head.push_str(&uri);
    }
    head.into_bytes()
}

/// The feature with members behind the brace that opens it.
pub(crate) fn with_head(mut feature: Vec<u8>, head: &[u8]) -> Vec<u8> {
    let rest = feature.split_off(1);
    feature.extend(head);
    feature.push(b',');
    feature.extend(rest);
    feature
}

/// What stands in the columns: values of fields, of work that falls due why it does, and of what is
/// nearest to a position how far it is.
struct Columns {
    positions: Vec<usize>,
    why: bool,
    distance: bool,
}

impl Columns {
    fn of(
        (collection, scope): (&Collection, &Scope),
        shown: &Presentation,
        near: Option<Near>,
    ) -> Self {
        let why = matches!(collection, Collection::Due(..)) && shown.has_why();
        Self { positions: shown.positions(collection, scope), why, distance: near.is_some() }
    }

    fn layer(&self, (collection, scope): (&Collection, &Scope), shown: &Presentation) -> Layer {
        let fields = collection.fields();
        let fields = self.positions.iter().map(|position| fields[*position].clone());
        let mut fields: Vec<Field> = fields.chain(self.why.then(why_field)).collect();
        if self.distance {
            let mut distance = distance_field();
            // A class may have a field of that name.
            while fields.iter().any(|field| field.name == distance.name) {
                distance.name = format!("{}_", distance.name).into();
            }
            fields.push(distance);
        }
        let (title, description) = collection.title_and_description();
        let geometry = collection.geometry(scope).filter(|_| shown.has_geometry());
        let (name, crs) = (collection.name().into(), shown.crs().cloned());
        Layer { name, title, description, geometry, crs, fields }
    }

    fn put_all(
        &self,
        shown: &Presentation,
        mut writer: Box<dyn LayerWriter + '_>,
        each: impl FnOnce(&mut dyn FnMut(&Shown<'_>)),
    ) -> Result<(), WriteError> {
        let mut id = String::new();
        let mut written = Ok(());
        each(&mut |feature| {
            if written.is_err() {
                return;
            }
            let shape = feature.shape();
            let shape: Option<Cow<'_, _>> = shown.shape(&shape);
            let why = if self.why { feature.why() } else { None };
            let mut values: Vec<Option<ValueRef<'_>>> =
                self.positions.iter().map(|position| feature.value(*position)).collect();
            if self.why {
                values.push(why.as_deref().map(ValueRef::Text));
            }
            if self.distance {
                values.push(feature.distance_m().map(ValueRef::Number));
            }
            let (id, shape) = (feature.id(&mut id), shape.as_deref());
            written = writer.put(&LayerFeature { id, shape, values: &values });
        });
        written?;
        writer.finish()
    }
}

/// Tells the links of an answer in its header, that to the next page first, and of the others those
/// for which there is room.
pub(crate) fn mark_links(response: &mut Response<Body>, links: &[Link]) {
    if let Some(value) = link_header(links) {
        response.headers_mut().insert(LINK, value);
    }
}

/// The value of that header.
pub(crate) fn link_header(links: &[Link]) -> Option<HeaderValue> {
    let mut text = String::new();
    let is_next = |link: &&Link| link.rel == rel::NEXT;
    for link in links.iter().filter(is_next).chain(links.iter().filter(|link| !is_next(link))) {
        let one = format!("<{}>; rel=\"{}\"; type=\"{}\"", link.href, link.rel, link.r#type);
        // Without the next page a client would take a part for the whole.
        if is_next(&link) || text.len() + one.len() <= MAX_LINK_HEADER_BYTES {
            let comma = if text.is_empty() { "" } else { ", " };
            text.push_str(comma);
            text.push_str(&one);
        }
    }
    HeaderValue::from_str(&text).ok()
}

/// Tells how many features the question has, where that is known, and how many are in the answer.
pub(crate) fn mark_numbers(response: &mut Response<Body>, matched: Option<u64>, returned: usize) {
    let headers = response.headers_mut();
    if let Some(matched) = matched {
        headers.insert(NUMBER_MATCHED, matched.into());
    }
    headers.insert(NUMBER_RETURNED, returned.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stand_in_the_header_as_far_as_there_is_room_and_the_next_page_always() {
        let check = |lengths: [usize; 3], expected: &str| {
            let rels = [rel::SELF, rel::COLLECTION, rel::NEXT];
            let link = |(rel, length): (&'static str, usize)| {
                Link::new(rel, "x".repeat(length), Format::GeoJson)
            };
            let links: Vec<Link> = rels.into_iter().zip(lengths).map(link).collect();
            let mut response = Response::new(Body::empty());
            mark_links(&mut response, &links);
            let header = response.headers()[LINK].to_str().expect("a text");
            let told = header.split(", ").map(|one| {
                let (_, rest) = one.split_once("rel=\"").expect("a relation");
                rest.split('"').next().expect("a name")
            });
            assert_eq!(told.collect::<Vec<_>>().join(" "), expected, "{lengths:?}");
        };
        check([9, 9, 9], "next self collection");
        check([9, 9, 9_000], "next");
        check([9_000, 9, 9], "next collection");
        let around = "<>; rel=\"self\"; type=\"application/geo+json\"".len();
        let rest = "<x>; rel=\"next\"; type=\"application/geo+json\"".len();
        check([MAX_LINK_HEADER_BYTES - around - rest, 9, 1], "next self");
        check([MAX_LINK_HEADER_BYTES - around - rest + 1, 9, 1], "next collection");
    }
}
