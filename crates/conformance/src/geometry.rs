//! Geometries of GeoJSON: whether they are well formed, and whether they meet a box. Written apart from
//! the code that answers such questions here, so that it can judge it.

use serde_json::Value as Json;

use crate::limits::{BOX_TOLERANCE_DEGREES, MAX_NESTED_GEOMETRIES};

pub(crate) type Position = [f64; 2];
type Line = Vec<Position>;

/// A geometry, taken apart; positions as they stand in the document.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Parts {
    pub(crate) points: Line,
    pub(crate) lines: Vec<Line>,
    /// Each the outer ring and its holes.
    pub(crate) surfaces: Vec<Vec<Line>>,
}

impl Parts {
    /// Takes a geometry apart.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn of(geometry: &Json) -> Result<Self, String> {
        let mut parts = Self::default();
        parts.take(geometry, 0)?;
        Ok(parts)
    }

    fn take(&mut self, geometry: &Json, depth: usize) -> Result<(), String> {
        let coordinates = &geometry["coordinates"];
        match geometry["type"].as_str().unwrap_or_default() {
            "Point" => self.points.push(position(coordinates)?),
            "MultiPoint" => self.points.extend(positions(coordinates)?),
            "LineString" => self.lines.push(line(coordinates)?),
            "MultiLineString" => {
                for part in list(coordinates)? {
                    self.lines.push(line(part)?);
                }
            }
            "Polygon" => self.surfaces.push(rings(coordinates)?),
            "MultiPolygon" => {
                for part in list(coordinates)? {
                    self.surfaces.push(rings(part)?);
                }
            }
            "GeometryCollection" if depth < MAX_NESTED_GEOMETRIES => {
                for part in list(&geometry["geometries"])? {
                    self.take(part, depth + 1)?;
                }
            }
            "GeometryCollection" => return Err("geometries lie too deep in each other".into()),
            other => return Err(format!("no type of geometry `{other}`")),
        }
        Ok(())
    }

    /// Every position.
    pub(crate) fn positions(&self) -> impl Iterator<Item = Position> {
        let lines = self.lines.iter().chain(self.surfaces.iter().flatten());
        self.points.iter().chain(lines.flatten()).copied()
    }

    /// Whether it meets a box of west, south, east and north, edges included. A west that is greater
    /// than the east runs over the antimeridian.
    pub(crate) fn meets(&self, [west, south, east, north]: [f64; 4]) -> bool {
        if west > east {
            return self.meets([west, south, 180.0, north])
                || self.meets([-180.0, south, east, north]);
        }
        let by = BOX_TOLERANCE_DEGREES;
        let edges = [west - by, south - by, east + by, north + by];
        self.points.iter().any(|point| lies_in(*point, edges))
            || self.lines.iter().any(|line| line_meets(line, edges))
            || self.surfaces.iter().any(|rings| surface_meets(rings, edges))
    }
}

fn list(json: &Json) -> Result<&[Json], String> {
    json.as_array().map(Vec::as_slice).ok_or_else(|| "coordinates that are no list".into())
}

fn position(json: &Json) -> Result<Position, String> {
    let numbers: Option<Vec<f64>> = list(json)?.iter().map(Json::as_f64).collect();
    match numbers.as_deref() {
        Some([x, y] | [x, y, _]) => Ok([*x, *y]),
        _ => Err(format!("a position `{json}`, which is not two or three numbers")),
    }
}

fn positions(json: &Json) -> Result<Line, String> {
    list(json)?.iter().map(position).collect()
}

fn line(json: &Json) -> Result<Line, String> {
    let line = positions(json)?;
    if line.len() < 2 {
        return Err(format!("a line of {} positions", line.len()));
    }
    Ok(line)
}

fn rings(json: &Json) -> Result<Vec<Line>, String> {
    let rings: Vec<Line> = list(json)?.iter().map(positions).collect::<Result<_, _>>()?;
    match rings.iter().find(|ring| ring.len() < 4 || ring.first() != ring.last()) {
        Some(ring) if ring.len() < 4 => Err(format!("a ring of {} positions", ring.len())),
        Some(_) => Err("a ring that is not closed".into()),
        None if rings.is_empty() => Err("a surface without rings".into()),
        None => Ok(rings),
    }
}

fn lies_in([x, y]: Position, [west, south, east, north]: [f64; 4]) -> bool {
    west <= x && x <= east && south <= y && y <= north
}

fn line_meets(line: &[Position], edges: [f64; 4]) -> bool {
    line.windows(2).any(|pair| segment_meets(pair[0], pair[1], edges))
}

/// Cuts the segment at each edge of the box in turn and looks whether anything is left of it.
fn segment_meets(from: Position, to: Position, [west, south, east, north]: [f64; 4]) -> bool {
    let (mut enters, mut leaves) = (0.0_f64, 1.0_f64);
    for (start, end, low, high) in [(from[0], to[0], west, east), (from[1], to[1], south, north)] {
        let step = end - start;
        if step == 0.0 {
            if start < low || start > high {
                return false;
            }
            continue;
        }
        let (first, last) = ((low - start) / step, (high - start) / step);
        enters = enters.max(first.min(last));
        leaves = leaves.min(first.max(last));
    }
    enters <= leaves
}

fn surface_meets(rings: &[Line], edges: [f64; 4]) -> bool {
    let corner = [edges[0], edges[1]];
    let around = rings.iter().filter(|ring| encloses(ring, corner)).count();
    rings.iter().any(|ring| line_meets(ring, edges)) || around % 2 == 1
}

/// Whether a ray to the east leaves the ring an odd number of times.
fn encloses(ring: &[Position], [x, y]: Position) -> bool {
    let crossed = ring.windows(2).filter(|pair| {
        let ([x1, y1], [x2, y2]) = (pair[0], pair[1]);
        (y1 > y) != (y2 > y) && x < x1 + (y - y1) / (y2 - y1) * (x2 - x1)
    });
    crossed.count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parts(kind: &str, coordinates: &Json) -> Result<Parts, String> {
        Parts::of(&json!({ "type": kind, "coordinates": coordinates }))
    }

    #[test]
    fn a_geometry_that_is_none_is_told() {
        let check = |kind: &str, coordinates: Json, expected: Option<&str>| {
            let found = parts(kind, &coordinates).err();
            assert_eq!(found.as_deref(), expected, "{kind} {coordinates}");
        };
        check("Point", json!([1, 2]), None);
        check("Point", json!([1, 2, 3]), None);
        check("Point", json!([1]), Some("a position `[1]`, which is not two or three numbers"));
        check(
            "Point",
            json!([1, "2"]),
            Some("a position `[1,\"2\"]`, which is not two or three numbers"),
        );
        check("LineString", json!([[1, 2]]), Some("a line of 1 positions"));
        check("MultiLineString", json!([]), None);
        check("Polygon", json!([]), Some("a surface without rings"));
        check("Polygon", json!([[[0, 0], [1, 0], [0, 0]]]), Some("a ring of 3 positions"));
        check(
            "MultiPolygon",
            json!([[[[0, 0], [1, 0], [1, 1], [0, 1]]]]),
            Some("a ring that is not closed"),
        );
        check("Circle", json!([0, 0]), Some("no type of geometry `Circle`"));
        check("Point", Json::Null, Some("coordinates that are no list"));
    }

    #[test]
    fn geometries_may_lie_within_each_other_up_to_a_bound() {
        let nested = |levels: usize| {
            (0..levels).fold(
                json!({ "type": "Point", "coordinates": [1, 2] }),
                |inner, _| json!({ "type": "GeometryCollection", "geometries": [inner] }),
            )
        };
        assert_eq!(
            Parts::of(&nested(MAX_NESTED_GEOMETRIES)).map(|parts| parts.points.len()),
            Ok(1)
        );
        assert!(Parts::of(&nested(MAX_NESTED_GEOMETRIES + 1)).is_err());
    }

    #[test]
    fn a_box_is_met_by_what_lies_in_it_crosses_it_or_surrounds_it() {
        let check = |kind: &str, coordinates: Json, edges: [f64; 4], expected: bool| {
            let parts = parts(kind, &coordinates).expect("a geometry");
            assert_eq!(parts.meets(edges), expected, "{kind} {coordinates} {edges:?}");
        };
        let unit = [0.0, 0.0, 1.0, 1.0];
        check("Point", json!([1, 1]), unit, true);
        check("Point", json!([1.00001, 1]), unit, false);
        check("LineString", json!([[-1, 0.5], [2, 0.5]]), unit, true);
        check("LineString", json!([[0.5, -1], [0.5, 2]]), unit, true);
        // The box around a slanting line meets, the line does not.
        check("LineString", json!([[0.5, 2], [2, 0.5]]), unit, false);
        check("LineString", json!([[2, 0], [2, 1]]), unit, false);
        let square = |low: i32, high: i32| {
            json!([[low, low], [high, low], [high, high], [low, high], [low, low]])
        };
        check("Polygon", json!([square(-5, 5)]), unit, true);
        check("Polygon", json!([square(-5, 5), square(-2, 3)]), unit, false);
        check("Polygon", json!([square(2, 5)]), unit, false);
        check("Point", json!([179, 67]), [177.0, 65.0, -177.0, 70.0], true);
        check("Point", json!([-179, 67]), [177.0, 65.0, -177.0, 70.0], true);
        check("Point", json!([0, 67]), [177.0, 65.0, -177.0, 70.0], false);
    }
}
