//! Writes features as GeoJSON, with the same text for a value and a shape as the server has.

use std::io::{BufWriter, Write};

use terrier_catalog::{write_geometry, write_value};
use terrier_model::ValueRef;
use terrier_spatial::Crs;

use crate::layer::{Layer, LayerFeature, LayerWriter, WriteError};
use crate::layout::RECORD_SEPARATOR;

/// So much is written at a time.
const BUFFER_BYTES: usize = 1 << 20;

/// How features lie in a file of GeoJSON.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum GeoJsonForm {
    /// In the list of a `FeatureCollection`, each on a line of its own.
    Collection,
    /// Each on a line.
    Lines,
    /// Each on a line behind a record separator (RFC 8142).
    Sequence,
}

/// Writes GeoJSON.
#[derive(Debug)]
pub struct GeoJsonWriter<W: Write> {
    out: BufWriter<W>,
    form: GeoJsonForm,
    /// What stands before the list of a collection.
    head: Vec<u8>,
    /// For each field what stands before its value.
    names: Vec<Vec<u8>>,
    text: Vec<u8>,
    is_begun: bool,
}

impl<W: Write> GeoJsonWriter<W> {
    /// Begins a file.
    pub fn new(out: W, layer: &Layer, form: GeoJsonForm) -> Self {
        let names = layer.fields.iter().enumerate().map(|(place, field)| {
            let mut text = if place == 0 { Vec::new() } else { b",".to_vec() };
            write_value(&mut text, Some(ValueRef::Text(&field.name)));
            text.push(b':');
            text
        });
        Self {
            out: BufWriter::with_capacity(BUFFER_BYTES, out),
            form,
            head: head(layer.crs.as_ref()),
            names: names.collect(),
            text: Vec::new(),
            is_begun: false,
        }
    }

    /// What stands before a feature.
    fn lead(&mut self) {
        match (self.form, self.is_begun) {
            (GeoJsonForm::Collection, false) => {
                self.text.extend(&self.head);
                self.text.push(b'\n');
            }
            (GeoJsonForm::Collection, true) => self.text.extend(b",\n"),
            (GeoJsonForm::Lines, _) => {}
            (GeoJsonForm::Sequence, _) => self.text.push(RECORD_SEPARATOR),
        }
        self.is_begun = true;
    }
}

impl<W: Write> LayerWriter for GeoJsonWriter<W> {
    fn put(&mut self, feature: &LayerFeature<'_>) -> Result<(), WriteError> {
        self.text.clear();
        self.lead();
        self.text.extend(br#"{"type":"Feature","id":"#);
        write_value(&mut self.text, Some(ValueRef::Text(feature.id)));
        self.text.extend(br#","geometry":"#);
        match feature.shape {
            Some(shape) => write_geometry(&mut self.text, shape),
            None => self.text.extend(b"null"),
        }
        self.text.extend(br#","properties":{"#);
        for (name, value) in self.names.iter().zip(feature.values) {
            self.text.extend(name);
            write_value(&mut self.text, *value);
        }
        self.text.extend(b"}}");
        if self.form != GeoJsonForm::Collection {
            self.text.push(b'\n');
        }
        self.out.write_all(&self.text).map_err(WriteError::out)
    }

    fn finish(mut self: Box<Self>) -> Result<(), WriteError> {
        let (head, end): (&[u8], &[u8]) = match (self.form, self.is_begun) {
            (GeoJsonForm::Collection, false) => (&self.head, b"]}\n"),
            (GeoJsonForm::Collection, true) => (b"", b"\n]}\n"),
            (GeoJsonForm::Lines | GeoJsonForm::Sequence, _) => (b"", b""),
        };
        let written = self.out.write_all(head).and_then(|()| self.out.write_all(end));
        written.and_then(|()| self.out.flush()).map_err(WriteError::out)
    }
}

/// What stands before the list of features.
fn head(crs: Option<&Crs>) -> Vec<u8> {
    let mut head = br#"{"type":"FeatureCollection","#.to_vec();
    if let Some(crs) = crs {
        write_named_crs(&mut head, crs);
    }
    head.extend(br#""features":["#);
    head
}

/// Writes the member `crs` of GeoJSON as it was before RFC 7946, with a comma behind it: what programs
/// know by it takes the easting or longitude first, whatever the authority does. Longitude and latitude
/// on WGS 84 need none.
pub fn write_named_crs(out: &mut Vec<u8>, crs: &Crs) {
    if let Some(number) = crs.epsg().filter(|_| !crs.is_wgs84()) {
        let name = format!("urn:ogc:def:crs:EPSG::{number}");
        let member = format!(r#""crs":{{"type":"name","properties":{{"name":"{name}"}}}},"#);
        out.extend(member.as_bytes());
    }
}
