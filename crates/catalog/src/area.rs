//! The part of a city that a grant is for, as GeoJSON says it.

use serde_json::{Map, Value as Json};
use terrier_model::GEOMETRY;
use terrier_spatial::{GeometryKind, MAX_VERTICES, Position, Shape, ShapeFault, Sketch};

/// The most bytes that an area may have.
pub const MAX_AREA_BYTES: usize = 1 << 20;

/// What an area is written as.
const EXPECTED: &str = "a GeoJSON Polygon or MultiPolygon, or features of these";

/// Why a text is no area.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AreaError {
    /// It is too long.
    #[error("the area is longer than {MAX_AREA_BYTES} bytes")]
    TooLong,
    /// It is no JSON.
    #[error("the area is no JSON, expected {EXPECTED}")]
    NotJson,
    /// It is something else than surfaces.
    #[error("the area is {found}, expected {EXPECTED}")]
    NotSurfaces {
        /// What it is, as far as it says.
        found: String,
    },
    /// Something in it is no position.
    #[error(
        "the area holds something else than positions of longitude and latitude, such as [117.2, 39.1]"
    )]
    Position,
    /// The surfaces are not valid.
    #[error("the area is not valid: {0}")]
    Shape(ShapeFault),
}

/// The surfaces of a GeoJSON text in longitude and latitude: a geometry, a feature, or a collection of
/// features, whose surfaces are put together. Heights are passed over.
///
/// # Errors
/// The first thing that is wrong.
pub fn area_from_geojson(text: &str) -> Result<Shape, AreaError> {
    if text.len() > MAX_AREA_BYTES {
        return Err(AreaError::TooLong);
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let json: Json = serde_json::from_str(text).map_err(|_| AreaError::NotJson)?;
    let mut surfaces = Vec::new();
    gather(&json, &mut surfaces)?;
    Sketch::MultiPolygon(surfaces).check(GeometryKind::MultiPolygon).map_err(AreaError::Shape)
}

type Surfaces = Vec<Vec<Vec<Position>>>;

fn gather(json: &Json, surfaces: &mut Surfaces) -> Result<(), AreaError> {
    let not_surfaces = |found: String| AreaError::NotSurfaces { found };
    let Json::Object(members) = json else {
        return Err(not_surfaces("no GeoJSON object".into()));
    };
    let kind = members.get("type").and_then(Json::as_str).unwrap_or_default();
    match kind {
        "FeatureCollection" => {
            let features = members.get("features").and_then(Json::as_array);
            let features = features.ok_or_else(|| not_surfaces("without features".into()))?;
            features.iter().try_for_each(|feature| match feature.get("type") {
                // Collections do not lie within each other.
                Some(Json::String(kind)) if kind == "Feature" => gather(feature, surfaces),
                _ => Err(not_surfaces("a collection of something else than features".into())),
            })
        }
        "Feature" => match members.get(GEOMETRY) {
            Some(Json::Object(geometry)) => gather_geometry(geometry, surfaces),
            _ => Err(not_surfaces("a feature without a geometry".into())),
        },
        _ => gather_geometry(members, surfaces),
    }
}

fn gather_geometry(members: &Map<String, Json>, surfaces: &mut Surfaces) -> Result<(), AreaError> {
    let coordinates = members.get("coordinates").unwrap_or(&Json::Null);
    match members.get("type").and_then(Json::as_str) {
        Some("Polygon") => surfaces.push(list(coordinates, ring)?),
        Some("MultiPolygon") => surfaces.extend(list(coordinates, |rings| list(rings, ring))?),
        Some(other) => {
            let found = format!("a `{}`", crate::query::shorten(other));
            return Err(AreaError::NotSurfaces { found });
        }
        None => return Err(AreaError::NotSurfaces { found: "without a type".into() }),
    }
    let vertices: usize = surfaces.iter().flatten().map(Vec::len).sum();
    if vertices > MAX_VERTICES {
        return Err(AreaError::Shape(ShapeFault {
            part: None,
            vertex: None,
            found: format!("more than {MAX_VERTICES} positions"),
            expected: format!("at most {MAX_VERTICES} positions"),
        }));
    }
    Ok(())
}

fn ring(json: &Json) -> Result<Vec<Position>, AreaError> {
    list(json, |position| match position.as_array().map(Vec::as_slice) {
        Some([x, y] | [x, y, _]) => {
            let number = |json: &Json| json.as_f64().ok_or(AreaError::Position);
            Ok([number(x)?, number(y)?])
        }
        _ => Err(AreaError::Position),
    })
}

fn list<T>(json: &Json, one: impl Fn(&Json) -> Result<T, AreaError>) -> Result<Vec<T>, AreaError> {
    json.as_array().ok_or(AreaError::Position)?.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: &str = "[[[117.2,39.0],[117.3,39.0],[117.3,39.1],[117.2,39.1],[117.2,39.0]]]";

    /// Reads an area, and tells how many surfaces it has, or what is wrong.
    fn check(text: &str, expected: &str) {
        let told = match area_from_geojson(text) {
            Ok(Shape::MultiPolygon(surfaces)) => format!("{} surfaces", surfaces.len()),
            Ok(other) => format!("{other:?}"),
            Err(error) => error.to_string(),
        };
        assert!(told.starts_with(expected), "{text}: {told}");
    }

    fn polygon() -> String {
        format!("{{\"type\":\"Polygon\",\"coordinates\":{SQUARE}}}")
    }

    #[test]
    fn an_area_is_a_geometry_a_feature_or_features_of_surfaces() {
        let polygon = polygon();
        let feature =
            format!("{{\"type\":\"Feature\",\"properties\":{{}},\"geometry\":{polygon}}}");
        check(&polygon, "1 surfaces");
        check(&format!("\u{feff}{polygon}"), "1 surfaces");
        check(
            &format!("{{\"type\":\"MultiPolygon\",\"coordinates\":[{SQUARE},{SQUARE}]}}"),
            "2 surf",
        );
        check(&feature, "1 surfaces");
        let collection =
            |inside: &str| format!("{{\"type\":\"FeatureCollection\",\"features\":[{inside}]}}");
        check(&collection(&format!("{feature},{feature}")), "2 surfaces");
        check(&collection(&collection(&feature)), "the area is a collection of something else");
        check(&polygon.replace("117.3,39.1]", "117.3,39.1,4.5]"), "1 surfaces");
    }

    #[test]
    fn what_is_no_surface_is_refused_with_what_it_is() {
        check("", "the area is no JSON");
        check("7", "the area is no GeoJSON object");
        check("{}", "the area is without a type");
        check("{\"type\":\"Point\",\"coordinates\":[1,2]}", "the area is a `Point`, expected");
        check("{\"type\":\"Feature\",\"geometry\":null}", "the area is a feature without");
        check("{\"type\":\"FeatureCollection\"}", "the area is without features");
        check("{\"type\":\"FeatureCollection\",\"features\":[]}", "the area is not valid");
        check("{\"type\":\"Polygon\",\"coordinates\":[[[1,\"2\"]]]}", "the area holds something");
        check("{\"type\":\"Polygon\",\"coordinates\":[[[1,2]]]}", "the area is not valid");
        check(&polygon().replace("117.3", "517.3"), "the area is not valid");
        check(&"[".repeat(100_000), "the area is no JSON");
    }

    #[test]
    fn an_area_is_read_up_to_its_bounds() {
        let polygon = polygon();
        let padded = |bytes: usize| format!("{polygon}{}", " ".repeat(bytes - polygon.len()));
        check(&padded(MAX_AREA_BYTES), "1 surfaces");
        check(&padded(MAX_AREA_BYTES + 1), "the area is longer than");
        let long = |count: usize| {
            let step = |at: usize| format!("[{},39.1]", 117.3 - 0.1 * at as f64 / count as f64);
            let side: Vec<String> = (0..count - 4).map(step).collect();
            let ring =
                format!("[117.2,39.0],[117.3,39.0],{},[117.2,39.1],[117.2,39.0]", side.join(","));
            format!("{{\"type\":\"Polygon\",\"coordinates\":[[{ring}]]}}")
        };
        check(&long(MAX_VERTICES), "1 surfaces");
        check(&long(MAX_VERTICES + 1), "the area is not valid: found more than");
    }
}
