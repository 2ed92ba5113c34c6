//! How features are shown, whichever they are: in which coordinate system, with which properties, and
//! whether with their geometry.

use std::borrow::Cow;

use terrier_model::{Asset, Breadth, CoreField, Field, Scope, ValueRef, core_position};
use terrier_spatial::{Crs, Position, Shape};

use crate::crs::published_crs;
use crate::due::why_and_reasons;
use crate::feature::{write_geometry, write_property, write_value};
use crate::query::{shorten, unknown_name};
use crate::{CLOSING, Collection, Fragments, QueryError};

const CRS: &str = "crs";
const PROPERTIES: &str = "properties";
const SKIP_GEOMETRY: &str = "skipGeometry";

/// What work that falls due has beside its fields: why it is due, as a line and as a list.
const REASONED: [&str; 2] = ["why", "reasons"];

/// How features are shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Presentation {
    /// `None` for OGC:CRS84.
    crs: Option<&'static Crs>,
    /// The address of the coordinate system, as it was asked for.
    uri: String,
    /// The places of the properties in [`Collection::fields`], rising; `None` for all.
    fields: Option<Vec<usize>>,
    /// Which of [`REASONED`] are shown.
    reasoned: [bool; 2],
    geometry: bool,
}

impl Presentation {
    /// Features as they are shown when nobody says how.
    pub fn plain() -> Self {
        let uri = uri(None, None);
        Self { crs: None, uri, fields: None, reasoned: [true; 2], geometry: true }
    }

    /// The parameters that say it.
    pub const PARAMETERS: [&str; 3] = [CRS, PROPERTIES, SKIP_GEOMETRY];

    /// Reads it from the values of its parameters.
    ///
    /// # Errors
    /// A coordinate system that no answer can be in, a property that is unknown, comes twice or does
    /// not exist for the caller, or none at all in the list of properties.
    pub fn parse<'a>(
        collection: &Collection,
        scope: &Scope,
        value: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Self, QueryError> {
        let asked = value(CRS);
        let crs = asked.map(|text| published_crs(CRS, text)).transpose()?;
        let uri = uri(asked, crs);
        let crs = crs.filter(|crs| !is_crs84(crs));
        let geometry = match value(SKIP_GEOMETRY) {
            None | Some("false") => true,
            Some("true") => false,
            Some(other) => {
                let detail = format!("found `{}`, expected true or false", shorten(other));
                return Err(QueryError::new(SKIP_GEOMETRY, detail));
            }
        };
        let mut shown = Self { crs, uri, fields: None, reasoned: [true; 2], geometry };
        if let Some(text) = value(PROPERTIES) {
            shown.set_properties(collection, scope, text)?;
        }
        Ok(shown)
    }

    /// Takes names with commas between.
    fn set_properties(
        &mut self,
        collection: &Collection,
        scope: &Scope,
        text: &str,
    ) -> Result<(), QueryError> {
        let fault = |detail: String| QueryError::new(PROPERTIES, detail);
        if text.is_empty() {
            let detail = "found nothing, expected names of properties with commas between";
            return Err(fault(detail.into()));
        }
        let known = property_names(collection, scope);
        let mut fields = Vec::new();
        self.reasoned = [false; 2];
        for name in text.split(',') {
            if !known.contains(&name) {
                let unknown = unknown_name(name, known.iter().copied());
                return Err(fault(format!("`{}` is {unknown}", shorten(name))));
            }
            let is_new = match collection.position(name, scope) {
                Some(position) => {
                    let is_new = !fields.contains(&position);
                    fields.push(position);
                    is_new
                }
                None => REASONED
                    .iter()
                    .zip(&mut self.reasoned)
                    .all(|(other, shown)| *other != name || !std::mem::replace(shown, true)),
            };
            if !is_new {
                return Err(fault(format!("`{name}` comes twice")));
            }
        }
        fields.sort_unstable();
        self.fields = Some(fields);
        Ok(())
    }

    /// Whether features are shown as they are when nobody says how.
    pub fn is_plain(&self) -> bool {
        self.crs.is_none() && self.fields.is_none() && self.geometry
    }

    /// The address of the coordinate system, as `Content-Crs` has it between its brackets.
    pub fn crs_uri(&self) -> &str {
        &self.uri
    }

    /// The coordinate system of the positions; `None` for OGC:CRS84.
    pub fn crs(&self) -> Option<&'static Crs> {
        self.crs
    }

    /// Whether the geometry is shown.
    pub fn has_geometry(&self) -> bool {
        self.geometry
    }

    /// Whether the line is shown that says why work is due.
    pub fn has_why(&self) -> bool {
        self.reasoned[0]
    }

    /// The places of the fields that are shown in [`Collection::fields`], in their order.
    pub fn positions(&self, collection: &Collection, scope: &Scope) -> Vec<usize> {
        match &self.fields {
            Some(fields) => fields.clone(),
            None => collection.seen_fields(scope).map(|(position, _)| position).collect(),
        }
    }

    /// The shape as it is shown, with easting or longitude first; `None` when it is not, or when it
    /// has no position in the system.
    pub fn shape<'s>(&self, shape: &'s Shape) -> Option<Cow<'s, Shape>> {
        self.shape_by(shape, |_, position| position)
    }

    /// The shape with the numbers of its positions in the order of the authority.
    fn shape_in_order<'s>(&self, shape: &'s Shape) -> Option<Cow<'s, Shape>> {
        self.shape_by(shape, |crs, position| crs.axis_order().arrange(position))
    }

    fn shape_by<'s>(
        &self,
        shape: &'s Shape,
        order: impl Fn(&Crs, Position) -> Position,
    ) -> Option<Cow<'s, Shape>> {
        match self.crs {
            _ if !self.geometry => None,
            None => Some(Cow::Borrowed(shape)),
            Some(crs) => shape.mapped(|place| Some(order(crs, crs.told(place)?))).map(Cow::Owned),
        }
    }
}

/// The names of the properties that a feature of the collection may be shown with.
pub fn property_names<'a>(collection: &'a Collection, scope: &'a Scope) -> Vec<&'a str> {
    let is_due = matches!(collection, Collection::Due(..));
    let reasoned = REASONED.into_iter().filter(|_| is_due);
    let seen = collection.seen_fields(scope).map(|(_, field)| &*field.name);
    seen.chain(reasoned).collect()
}

fn is_crs84(crs: &Crs) -> bool {
    crs.code() == Crs::published()[0].code()
}

/// The address of the system that was asked for: just as it was asked where that is an address of
/// the system itself, otherwise the one that it has.
fn uri(asked: Option<&str>, crs: Option<&Crs>) -> String {
    let crs = crs.unwrap_or(&Crs::published()[0]);
    let own = crs.uri().unwrap_or_default();
    let last = |text: &str| text.rsplit([':', '/', '#']).next().map(str::to_ascii_uppercase);
    match asked.map(str::trim) {
        Some(asked) if is_address(asked) && last(asked) == last(&own) => asked.to_owned(),
        _ => own,
    }
}

fn is_address(text: &str) -> bool {
    let begins = |with: &str| text.get(..with.len()).is_some_and(|s| s.eq_ignore_ascii_case(with));
    ["http://", "https://", "urn:"].into_iter().any(begins)
}

/// Writes features as GeoJSON as they are shown, one after the other.
#[derive(Debug)]
pub struct FeatureWriter<'a> {
    presentation: &'a Presentation,
    fields: Vec<(usize, &'a Field)>,
    /// What the features are called in JSON-FG; `None` for plain GeoJSON.
    feature_type: Option<&'a str>,
    is_easting_first: bool,
}

impl<'a> FeatureWriter<'a> {
    /// A writer of the features of a collection.
    pub fn new(presentation: &'a Presentation, collection: &'a Collection, scope: &Scope) -> Self {
        let positions = presentation.positions(collection, scope);
        let fields = collection.fields();
        let fields = positions.into_iter().map(|position| (position, &fields[position]));
        let fields = fields.collect();
        Self { presentation, fields, feature_type: None, is_easting_first: false }
    }

    /// The same as OGC Features and Geometries JSON: in another coordinate system than OGC:CRS84 the
    /// geometry stands as `place`, and in longitude and latitude where GeoJSON has it; `time` is that in
    /// which the feature is valid.
    #[must_use]
    pub fn as_json_fg(self, collection: &'a Collection) -> Self {
        Self { feature_type: Some(collection.name()), ..self }
    }

    /// The same with the easting or longitude first, whatever the authority puts first: so programs take
    /// the numbers of a file.
    #[must_use]
    pub fn with_easting_first(self) -> Self {
        Self { is_easting_first: true, ..self }
    }

    /// Writes where and when a feature is, in JSON-FG.
    fn write_place_and_time<'v>(
        &self,
        out: &mut Vec<u8>,
        feature_type: &str,
        shape: &Shape,
        value: impl Fn(usize) -> Option<ValueRef<'v>>,
    ) {
        out.extend(br#","featureType":"#);
        write_value(out, Some(ValueRef::Text(feature_type)));
        out.extend(br#","time":{"interval":["#);
        for (field, comma) in [(CoreField::ValidFrom, ","), (CoreField::ValidTo, "]}")] {
            let moment = value(core_position(field)).unwrap_or(ValueRef::Text(".."));
            write_value(out, Some(moment));
            out.extend(comma.as_bytes());
        }
        let place = self.presentation.crs.and_then(|_| self.presentation.shape_in_order(shape));
        write_shape(out, br#","place":"#, place.as_deref());
        let shape = self.presentation.geometry.then_some(shape);
        write_shape(out, br#","geometry":"#, shape);
    }

    /// Writes a feature of an id, which nothing in JSON escapes. Its values are those of the fields of
    /// the collection by their places; of work that falls due there is what [`crate::write_due`] wrote.
    pub fn write<'v>(
        &self,
        out: &mut Vec<u8>,
        id: &str,
        shape: &Shape,
        value: impl Fn(usize) -> Option<ValueRef<'v>>,
        due: Option<&[u8]>,
    ) {
        out.extend(br#"{"type":"Feature","id":""#);
        out.extend(id.as_bytes());
        out.push(b'"');
        if let Some(name) = self.feature_type {
            self.write_place_and_time(out, name, shape, &value);
        } else {
            let shape = if self.is_easting_first {
                self.presentation.shape(shape)
            } else {
                self.presentation.shape_in_order(shape)
            };
            write_shape(out, br#","geometry":"#, shape.as_deref());
        }
        out.extend(br#","properties":{"#);
        let mut is_first = true;
        let mut part = |out: &mut Vec<u8>| {
            if !std::mem::take(&mut is_first) {
                out.push(b',');
            }
        };
        for (position, field) in &self.fields {
            part(out);
            write_property(out, field, value(*position));
        }
        let texts = due.map(why_and_reasons).into_iter().flatten();
        for ((name, text), shown) in REASONED.iter().zip(texts).zip(self.presentation.reasoned) {
            if shown {
                part(out);
                out.push(b'"');
                out.extend(name.as_bytes());
                out.extend(b"\":");
                out.extend(text);
            }
        }
        out.extend(CLOSING);
    }
}

/// Writes an asset as a collection serves it when nobody says how.
pub fn write_asset(out: &mut Vec<u8>, asset: &Asset, collection: &Collection, scope: &Scope) {
    let Some(breadth) = collection.breadth(scope) else {
        let (plain, mut id) = (Presentation::plain(), [0; 36]);
        let writer = FeatureWriter::new(&plain, collection, scope);
        let id = asset.id.encode(&mut id);
        return writer.write(out, id, &asset.content.shape, |at| asset.value(at), None);
    };
    let mut fragments = Fragments::default();
    fragments.push(asset);
    fragments.write_feature(collection, breadth == Breadth::Everything, out);
}

/// Writes a member that is a geometry, or null.
fn write_shape(out: &mut Vec<u8>, key: &[u8], shape: Option<&Shape>) {
    out.extend(key);
    match shape {
        Some(shape) => write_geometry(out, shape),
        None => out.extend(b"null"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use terrier_model::Names;

    use super::*;
    use crate::DueOf;

    fn parse(collection: &Collection, pairs: &[(&str, &str)]) -> Result<Presentation, QueryError> {
        let value = |name: &str| pairs.iter().find(|(other, _)| *other == name).map(|pair| pair.1);
        Presentation::parse(collection, &Scope::public(Names::All), value)
    }

    fn check_refused(pairs: &[(&str, &str)], expected: &str) {
        let error = parse(&Collection::Assets, pairs).expect_err("refused").to_string();
        assert!(error.starts_with(expected), "{error}");
    }

    #[test]
    fn the_system_is_told_as_it_was_asked_for() {
        let crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
        let epsg = |code: &str| format!("http://www.opengis.net/def/crs/EPSG/0/{code}");
        for (asked, told) in [
            (crs84, crs84.to_owned()),
            (&*epsg("4490"), epsg("4490")),
            ("EPSG:4490", epsg("4490")),
            ("[EPSG:4490]", epsg("4490")),
            ("urn:ogc:def:crs:EPSG::4490", "urn:ogc:def:crs:EPSG::4490".into()),
            ("https://www.opengis.net/def/crs/EPSG/9.9/4490", {
                "https://www.opengis.net/def/crs/EPSG/9.9/4490".into()
            }),
            // Not of three dimensions, nor of a name that is no more.
            ("urn:ogc:def:crs:OGC::CRS84h", crs84.into()),
            (&*epsg("900913"), epsg("3857")),
        ] {
            let shown = parse(&Collection::Assets, &[(CRS, asked)]).expect(asked);
            assert_eq!(shown.crs_uri(), told, "{asked}");
            assert_eq!(shown.is_plain(), told == crs84, "{asked}");
        }
        assert_eq!(parse(&Collection::Assets, &[]).expect("plain").crs_uri(), crs84);
    }

    #[test]
    fn what_cannot_be_shown_is_refused_by_its_parameter() {
        let unsupported = "http://www.opengis.net/def/crs/0/unsupported";
        let listed = "expected one of OGC:CRS84, EPSG:4326, EPSG:3857, ";
        check_refused(
            &[(CRS, unsupported)],
            &format!("parameter `crs`: found `{unsupported}`, {listed}"),
        );
        check_refused(&[(CRS, "GCJ-02")], &format!("parameter `crs`: found `GCJ-02`, {listed}"));
        check_refused(&[(CRS, "EPSG:2415")], "parameter `crs`: found `EPSG:2415`, expected one");
        check_refused(&[(CRS, "")], "parameter `crs`: found ``, expected one");
        check_refused(
            &[(SKIP_GEOMETRY, "yes")],
            "parameter `skipGeometry`: found `yes`, expected true or false",
        );
        check_refused(
            &[(PROPERTIES, "")],
            "parameter `properties`: found nothing, expected names of properties",
        );
        check_refused(
            &[(PROPERTIES, "code,owne")],
            "parameter `properties`: `owne` is not known here; did you mean `owner`?",
        );
        check_refused(&[(PROPERTIES, "code,")], "parameter `properties`: `` is not known here");
        check_refused(&[(PROPERTIES, "code,code")], "parameter `properties`: `code` comes twice");
        check_refused(&[(PROPERTIES, "why")], "parameter `properties`: `why` is not known here");
    }

    #[test]
    fn properties_keep_the_order_of_the_schema() {
        let due = Collection::Due(date(2026, 7, 1), DueOf::All);
        let shown = parse(&due, &[(PROPERTIES, "why,state,code")]).expect("properties");
        let shape = Shape::Point([117.2, 39.1]);
        let write = |shown: &Presentation| {
            let mut out = Vec::new();
            let text = br#","kind":"renew","why":"age 30","reasons":[{}]"#;
            let writer = FeatureWriter::new(shown, &due, &Scope::public(Names::All));
            let value = |position| (position > 0).then_some(ValueRef::Text("x"));
            writer.write(&mut out, "1.renew", &shape, value, Some(text));
            String::from_utf8(out).expect("text")
        };
        assert_eq!(
            write(&shown),
            "{\"type\":\"Feature\",\"id\":\"1.renew\",\"geometry\":{\"type\":\"Point\",\
             \"coordinates\":[117.2,39.1]},\"properties\":{\"code\":\"x\",\"state\":\"x\",\
             \"why\":\"age 30\"}}"
        );
        let pairs = [(PROPERTIES, "reasons"), (CRS, "EPSG:4548")];
        assert_eq!(
            write(&parse(&due, &pairs).expect("a plane")),
            "{\"type\":\"Feature\",\"id\":\"1.renew\",\"geometry\":{\"type\":\"Point\",\
             \"coordinates\":[4329624.672,517300.874]},\"properties\":{\"reasons\":[{}]}}"
        );
        let pairs = [(PROPERTIES, "reasons"), (SKIP_GEOMETRY, "true")];
        assert!(write(&parse(&due, &pairs).expect("none")).contains("\"geometry\":null,"));
    }

    #[test]
    fn a_shape_without_a_position_in_the_system_has_none() {
        let shown = parse(&Collection::Assets, &[(CRS, "EPSG:3857")]).expect("a plane");
        assert_eq!(shown.shape(&Shape::Point([0.0, 90.0])), None);
        let line = Shape::Line([[0.0, 0.0], [0.0, -90.0]].into());
        assert_eq!(shown.shape(&line), None);
        let point = Shape::Point([180.0, 0.0]);
        let shape = shown.shape(&point).expect("on the map").into_owned();
        assert_eq!(shape, Shape::Point([20_037_508.343, 0.0]));
    }
}
