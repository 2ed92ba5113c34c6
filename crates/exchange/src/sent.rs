//! A feature that somebody sends by itself: to be registered, or to change an asset that is.

use terrier_model::{Draft, Fault, Place, RawValue};
use terrier_spatial::{AxisOrder, Crs, Sketch};

use crate::feature::{self, MAX_FAULTS};
use crate::mapping::raw;
use crate::row::excerpt;

/// What a text that somebody sends is meant to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SentForm {
    /// A whole GeoJSON feature.
    Whole,
    /// What is to change of one (RFC 7396): the members that are left out stay, and a property that is
    /// null has no value any more.
    Patch,
}

/// A feature as it was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// Its member `id` as text; `None` when there is none.
    pub id: Option<String>,
    /// Its properties by name, and its geometry in longitude and latitude on WGS 84; that is missing
    /// where a patch leaves it out.
    pub draft: Draft,
}

impl Sent {
    /// Reads a text. Positions are in the coordinate system, in the order in which its authority names
    /// the axes; without one they are longitude and latitude on WGS 84. A third number is dropped.
    ///
    /// # Errors
    /// Everything that is wrong with it, whatever its class.
    pub fn read(text: &[u8], form: SentForm, crs: Option<&Crs>) -> Result<Self, Vec<Fault>> {
        let read = match form {
            SentForm::Whole => feature::read(text),
            SentForm::Patch => feature::read_patch(text),
        };
        let mut feature = read.map_err(|error| {
            let rest = text.get(error.at..).unwrap_or_default();
            let found = if rest.is_empty() { "the end of the text".into() } else { excerpt(rest) };
            vec![Fault::new(Place::Row, found, format!("{} at byte {}", error.expected, error.at))]
        })?;
        if form == SentForm::Whole && feature.sketch == Sketch::Missing && feature.faults.is_empty()
        {
            let place = Place::Geometry { part: None, vertex: None };
            feature.faults.push(Fault::new(place, "null", "a geometry"));
        }
        let sketch = match crs {
            Some(crs) => placed(feature.sketch, crs).unwrap_or_else(|fault| {
                feature.faults.push(fault);
                Sketch::Missing
            }),
            None => feature.sketch,
        };
        if !feature.faults.is_empty() {
            feature.faults.truncate(MAX_FAULTS);
            return Err(feature.faults);
        }
        let values = feature.properties.iter();
        let values: Vec<(Box<str>, RawValue)> =
            values.map(|(name, value)| ((**name).into(), raw(value))).collect();
        let id = crate::mapping::text_of(&feature.id).map(std::borrow::Cow::into_owned);
        Ok(Self { id, draft: Draft { id: None, external_key: None, sketch, values } })
    }
}

/// The geometry in longitude and latitude on WGS 84.
fn placed(sketch: Sketch, crs: &Crs) -> Result<Sketch, Fault> {
    let sketch = match crs.axis_order() {
        AxisOrder::EastNorth => sketch,
        order @ AxisOrder::NorthEast => sketch.mapped(|numbers| order.east_north(numbers)),
    };
    sketch.into_wgs84(crs).map_err(|fault| {
        let place = Place::Geometry { part: fault.part, vertex: fault.vertex };
        Fault::new(place, fault.found, fault.expected)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(form: SentForm, crs: Option<&str>, text: &str, expected: &str) {
        let crs = crs.map(|code| Crs::find_published(code).expect("a published system"));
        let told = match Sent::read(text.as_bytes(), form, crs) {
            Ok(Sent { id, draft }) => {
                format!("{id:?} {:?} {:?}", draft.sketch, draft.values)
            }
            Err(faults) => faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        };
        assert_eq!(told, expected, "{text}");
    }

    #[test]
    fn a_whole_feature_has_a_geometry() {
        let feature = r#"{"type":"Feature","id":7,"geometry":{"type":"Point","coordinates":[117,39]},
            "properties":{"a":1,"b":null}}"#;
        let told = r#"Some("7") Point([117.0, 39.0]) [("a", Integer(1)), ("b", Null)]"#;
        check(SentForm::Whole, None, feature, told);
        let without = r#"{"type":"Feature","geometry":null,"properties":{}}"#;
        let told = "geometry: found `null`, expected a geometry";
        check(SentForm::Whole, None, without, told);
        check(
            SentForm::Whole,
            None,
            "{\"type\":",
            "row: found `the end of the text`, expected a JSON value at byte 8",
        );
    }

    #[test]
    fn a_patch_may_leave_out_everything_but_not_be_something_else() {
        check(SentForm::Patch, None, "{}", "None Missing []");
        let text = r#"{"properties":{"a":"x"}}"#;
        check(SentForm::Patch, None, text, r#"None Missing [("a", Text("x"))]"#);
        let text = r#"{"geometry":{"type":"Point","coordinates":[117,39]}}"#;
        check(SentForm::Patch, None, text, "None Point([117.0, 39.0]) []");
        let told = "geometry: found `null`, expected a geometry, which every asset has";
        check(SentForm::Patch, None, r#"{"geometry":null}"#, told);
        let told = "row: found `null`, expected an object as `properties`";
        check(SentForm::Patch, None, r#"{"properties":null}"#, told);
        let told = "row: found `title`, expected one of the members type, id, geometry, properties, bbox, links";
        check(SentForm::Patch, None, r#"{"title":1}"#, told);
        check(SentForm::Patch, None, "[]", "row: found `[]`, expected an object at byte 0");
        let told = "row: found `Point`, expected `Feature` as `type`";
        check(SentForm::Patch, None, r#"{"type":"Point"}"#, told);
    }

    #[test]
    fn positions_are_in_the_order_of_their_coordinate_system() {
        let feature =
            |numbers: &str| format!(r#"{{"geometry":{{"type":"Point","coordinates":{numbers}}}}}"#);
        let four_nine_zero = Some("http://www.opengis.net/def/crs/EPSG/0/4490");
        let there = "None Point([117.2, 39.1]) []";
        check(SentForm::Patch, four_nine_zero, &feature("[39.1,117.2]"), there);
        let told = "geometry vertex 0: found `117.2`, expected";
        let crs = Crs::find_published("EPSG:4490").expect("published");
        let faults = Sent::read(feature("[117.2,39.1]").as_bytes(), SentForm::Patch, Some(crs));
        let fault = faults.expect_err("beyond the pole")[0].to_string();
        assert!(fault.starts_with("geometry vertex 0: found `"), "{fault} is not {told}");
    }
}
