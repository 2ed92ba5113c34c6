//! An asset as a GeoJSON feature: the text is written once, when the asset becomes known, in
//! fragments from which each answer is joined.
//!
//! ```text
//! head    {"type":"Feature","id":…,"geometry":…,"properties":{core fields that anybody may see
//! own     ,"field of the class":…            (public)
//! closing }}
//! ```
//!
//! The collection of all assets is served as head and closing, that of a class as head, own and
//! closing. Restricted fields stand in two further fragments, of the core and of the class, which
//! are put before the closing for those who may see them.

use std::io::Write;

use serde_json::ser::{CompactFormatter, Formatter};
use terrier_model::{Asset, Field, Sensitivity, TextListRef, ValueRef, WorkKind, core_fields};
use terrier_spatial::{Position, Shape};

use crate::Collection;

/// Where the id of a feature ends in its head: what follows begins with the quotation mark.
pub const ID_END: usize = HEAD_START.len() + 36;

const HEAD_START: &[u8] = br#"{"type":"Feature","id":""#;

/// What ends a feature after its last property.
pub const CLOSING: &[u8] = b"}}";

/// The fragments of one feature or, one after another, of many.
#[derive(Clone, Debug, Default)]
pub struct Fragments {
    /// From the opening brace to the last public property of the core.
    pub head: Vec<u8>,
    /// The public properties of the class, each after a comma.
    pub own: Vec<u8>,
    /// The restricted properties of the core, each after a comma.
    pub restricted_core: Vec<u8>,
    /// The restricted properties of the class, each after a comma.
    pub restricted_own: Vec<u8>,
}

impl Fragments {
    /// Forgets the texts, but keeps the memory.
    pub fn clear(&mut self) {
        let Self { head, own, restricted_core, restricted_own } = self;
        [head, own, restricted_core, restricted_own].into_iter().for_each(Vec::clear);
    }

    /// Appends the fragments of an asset, without the fields that its class has retired.
    pub fn push(&mut self, asset: &Asset) {
        write_head(&mut self.head, asset);
        let core_count = core_fields().len();
        let mut first = true;
        let fields = asset.class.fields().iter().enumerate();
        for (position, field) in fields.filter(|(_, field)| !field.retired) {
            let public = field.sensitivity == Sensitivity::Public;
            let out = match (position < core_count, public) {
                (true, true) => &mut self.head,
                (true, false) => &mut self.restricted_core,
                (false, true) => &mut self.own,
                (false, false) => &mut self.restricted_own,
            };
            if !std::mem::take(&mut first) {
                out.push(b',');
            }
            write_property(out, field, asset.value(position));
        }
    }

    /// Writes the one feature that is held, whole, as the collection serves it.
    pub fn write_feature(&self, collection: &Collection, restricted: bool, out: &mut Vec<u8>) {
        out.extend(&self.head);
        let own = collection.class().is_some();
        if own {
            out.extend(&self.own);
        }
        if restricted {
            out.extend(&self.restricted_core);
            if own {
                out.extend(&self.restricted_own);
            }
        }
        out.extend(CLOSING);
    }

    /// Writes the feature of work on the one asset that is held: that of the asset with another id,
    /// and the properties of the work, each after a comma, behind those of the core.
    pub fn write_work(
        &self,
        kind: WorkKind,
        properties: &[u8],
        restricted: bool,
        out: &mut Vec<u8>,
    ) {
        let (id, asset) = self.head.split_at(ID_END);
        let restricted = if restricted { &*self.restricted_core } else { &[] };
        let kind = kind.code().as_bytes();
        for piece in [id, b".", kind, asset, properties, restricted, CLOSING] {
            out.extend(piece);
        }
    }
}

fn write_head(out: &mut Vec<u8>, asset: &Asset) {
    out.extend(HEAD_START);
    out.extend(asset.id.encode(&mut [0; 36]).as_bytes());
    out.extend(br#"","geometry":"#);
    write_geometry(out, &asset.content.shape);
    out.extend(br#","properties":{"#);
}

pub(crate) fn write_property(out: &mut Vec<u8>, field: &Field, value: Option<ValueRef<'_>>) {
    out.push(b'"');
    // Names are lower case ASCII, so nothing in them needs an escape.
    out.extend(field.name.as_bytes());
    out.extend(b"\":");
    write_value(out, value);
}

/// Writes a value as JSON: dates and times as texts, several texts as an array, nothing as null.
pub fn write_value(out: &mut Vec<u8>, value: Option<ValueRef<'_>>) {
    let written = match value {
        None => out.write_all(b"null"),
        Some(ValueRef::Text(text)) => serde_json::to_writer(&mut *out, text).map_err(Into::into),
        Some(ValueRef::Integer(number)) => CompactFormatter.write_i64(out, number),
        // With a fraction even when it is whole, or a client guesses whole numbers.
        // Adding zero takes the sign off a zero.
        Some(ValueRef::Number(number)) => CompactFormatter.write_f64(out, number + 0.0),
        Some(ValueRef::Boolean(truth)) => CompactFormatter.write_bool(out, truth),
        Some(ValueRef::Date(date)) => write!(out, "\"{date}\""),
        Some(ValueRef::Instant(time)) => write!(out, "\"{time}\""),
        Some(ValueRef::List(list)) => write_texts(out, list),
    };
    written.expect("memory takes every write");
}

fn write_texts(out: &mut Vec<u8>, list: TextListRef<'_>) -> std::io::Result<()> {
    for (place, text) in list.iter().enumerate() {
        out.push(if place == 0 { b'[' } else { b',' });
        serde_json::to_writer(&mut *out, text)?;
    }
    out.push(b']');
    Ok(())
}

/// The shortest text that reads back as the same number; whole degrees without a fraction.
fn write_degrees(out: &mut Vec<u8>, number: f64) -> std::io::Result<()> {
    // Up to 2^53 every whole number is exact.
    if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 {
        return CompactFormatter.write_i64(out, number as i64);
    }
    CompactFormatter.write_f64(out, number)
}

/// Writes the geometry as GeoJSON, each number so that it reads back as it was.
pub fn write_geometry(out: &mut Vec<u8>, shape: &Shape) {
    out.extend(br#"{"type":""#);
    out.extend(shape.kind().geojson_name().as_bytes());
    out.extend(br#"","coordinates":"#);
    match shape {
        Shape::Point(position) => write_position(out, *position),
        Shape::Line(line) => write_line(out, line),
        Shape::MultiLine(lines) => write_list(out, lines, |out, line| write_line(out, line)),
        Shape::MultiPolygon(polygons) => write_list(out, polygons, |out, rings| {
            write_list(out, rings, |out, ring| write_line(out, ring));
        }),
    }
    out.push(b'}');
}

fn write_list<T>(out: &mut Vec<u8>, items: &[T], mut one: impl FnMut(&mut Vec<u8>, &T)) {
    out.push(b'[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        one(out, item);
    }
    out.push(b']');
}

fn write_line(out: &mut Vec<u8>, line: &[Position]) {
    write_list(out, line, |out, position| write_position(out, *position));
}

fn write_position(out: &mut Vec<u8>, [lon, lat]: Position) {
    out.push(b'[');
    write_degrees(out, lon).expect("memory takes every write");
    out.push(b',');
    write_degrees(out, lat).expect("memory takes every write");
    out.push(b']');
}
