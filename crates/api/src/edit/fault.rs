//! What is wrong with a feature that was sent, told with pointers into it (RFC 6901).

use serde_json::{Value as Json, json};
use terrier_model::{Fault, Place};

/// The faults of a feature as a problem tells them; `at` is where in the body the feature stands.
pub(crate) fn told(faults: &[Fault], feature: &[u8], at: &str) -> Json {
    // The geometry's own layout says where a part of it stands; what is no JSON has none.
    let feature = serde_json::from_slice::<Json>(feature).unwrap_or_default();
    faults.iter().map(|fault| one(fault, &feature, at)).collect()
}

fn one(fault: &Fault, feature: &Json, at: &str) -> Json {
    let pointer = format!("{at}{}", pointer(&fault.place, &feature["geometry"]));
    error(&pointer, fault.code.code(), &fault.found, &fault.expected)
}

/// One thing that is wrong, as a problem tells it.
pub(crate) fn error(pointer: &str, code: &str, found: &str, expected: &str) -> Json {
    json!({ "pointer": pointer, "code": code, "found": found, "expected": expected })
}

fn pointer(place: &Place, geometry: &Json) -> String {
    match place {
        Place::Row => String::new(),
        Place::Key => "/id".into(),
        Place::Field(name) => {
            // A fault of an event is told by a part of it.
            let name = name.split('.').next().unwrap_or_default();
            format!("/properties/{}", name.replace('~', "~0").replace('/', "~1"))
        }
        Place::Geometry { part, vertex } => {
            let mut steps = part.map(|part| steps_to(part, geometry)).unwrap_or_default();
            let is_point = geometry["type"] == "Point";
            steps.extend(vertex.filter(|_| !is_point));
            let is_within = part.is_some() || vertex.is_some();
            let start = if is_within { "/geometry/coordinates" } else { "/geometry" };
            steps.iter().fold(start.to_owned(), |text, step| format!("{text}/{step}"))
        }
    }
}

/// The steps from the coordinates to a line or ring, which are counted through.
fn steps_to(part: usize, geometry: &Json) -> Vec<usize> {
    match geometry["type"].as_str() {
        Some("MultiLineString" | "Polygon") => vec![part],
        Some("MultiPolygon") => {
            let mut before = 0;
            let polygons = geometry["coordinates"].as_array().map_or(&[][..], Vec::as_slice);
            for (polygon, rings) in polygons.iter().enumerate() {
                let count = rings.as_array().map_or(0, Vec::len);
                if part < before + count {
                    return vec![polygon, part - before];
                }
                before += count;
            }
            Vec::new()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(place: Place, geometry: &str, expected: &str) {
        let feature = format!(r#"{{"geometry":{geometry}}}"#);
        let told = told(&[Fault::new(place, "a", "b")], feature.as_bytes(), "/edits/0/feature");
        let pointer = told[0]["pointer"].as_str().expect("a pointer").to_owned();
        assert_eq!(pointer, format!("/edits/0/feature{expected}"), "{geometry}");
    }

    #[test]
    fn a_fault_points_to_its_place_in_the_body() {
        let at = |part, vertex| Place::Geometry { part, vertex };
        let field = |name: &str| Place::Field(name.into());
        check(Place::Row, "null", "");
        check(Place::Key, "null", "/id");
        check(field("diameter_mm"), "null", "/properties/diameter_mm");
        check(field("a/b~c"), "null", "/properties/a~1b~0c");
        check(field("inspected.on"), "null", "/properties/inspected");
        check(at(None, None), "null", "/geometry");
        let point = r#"{"type":"Point","coordinates":[1,2]}"#;
        check(at(None, Some(0)), point, "/geometry/coordinates");
        let line = r#"{"type":"LineString","coordinates":[[1,2],[3,4]]}"#;
        check(at(None, Some(1)), line, "/geometry/coordinates/1");
        check(at(Some(0), Some(1)), line, "/geometry/coordinates/1");
        let lines = r#"{"type":"MultiLineString","coordinates":[[[1,2]],[[3,4]]]}"#;
        check(at(Some(1), Some(0)), lines, "/geometry/coordinates/1/0");
        let surfaces = r#"{"type":"MultiPolygon","coordinates":[[[],[]],[[],[]]]}"#;
        check(at(Some(2), None), surfaces, "/geometry/coordinates/1/0");
        check(at(Some(3), Some(4)), surfaces, "/geometry/coordinates/1/1/4");
        check(at(Some(9), Some(4)), surfaces, "/geometry/coordinates/4");
    }
}
