//! Reads the geometry object of a feature into a sketch.
//!
//! Whether the sketch is a shape that a class takes, the model decides; here only what no sketch
//! can hold is a fault: positions that are none, members that do not belong.

use std::borrow::Cow;

use terrier_model::{Fault, Place};
use terrier_spatial::{MAX_VERTICES, Position, Sketch, SketchPart};

use crate::feature::MAX_PROPERTIES;
use crate::json::{Cursor, Json, Syntax};

/// How deep geometry collections may lie in each other.
pub const MAX_COLLECTION_DEPTH: usize = 4;

/// What was read of a geometry.
#[derive(Debug, PartialEq)]
pub(crate) struct Geometry {
    /// Missing when there is a fault.
    pub(crate) sketch: Sketch,
    /// Whether a third number was dropped.
    pub(crate) has_height: bool,
    /// The first thing found wrong.
    pub(crate) fault: Option<Fault>,
}

/// Reads the value of a member `geometry`, or a geometry that stands alone.
pub(crate) fn read(cursor: &mut Cursor<'_>) -> Result<Geometry, Syntax> {
    let mut reader = Reader { has_height: false, fault: None, positions: 0, parts: 0 };
    let sketch = reader.geometry(cursor, 0)?;
    if reader.fault.is_none() && (reader.positions > MAX_VERTICES || reader.parts > MAX_VERTICES) {
        let found = format!("{} positions in {} parts", reader.positions, reader.parts);
        reader.note(None, None, &found, &format!("at most {MAX_VERTICES}"));
    }
    let Reader { has_height, fault, .. } = reader;
    let sketch = if fault.is_some() { Sketch::Missing } else { sketch };
    Ok(Geometry { sketch, has_height, fault })
}

/// Whether GeoJSON has a geometry of that name.
pub(crate) fn is_kind(name: &str) -> bool {
    name == "GeometryCollection" || Kind::named(name).is_some()
}

#[derive(Clone, Copy)]
enum Kind {
    Point,
    MultiPoint,
    Line,
    MultiLine,
    Polygon,
    MultiPolygon,
}

impl Kind {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "Point" => Self::Point,
            "MultiPoint" => Self::MultiPoint,
            "LineString" => Self::Line,
            "MultiLineString" => Self::MultiLine,
            "Polygon" => Self::Polygon,
            "MultiPolygon" => Self::MultiPolygon,
            _ => return None,
        })
    }
}

struct Reader {
    has_height: bool,
    fault: Option<Fault>,
    positions: usize,
    parts: usize,
}

impl Reader {
    /// Keeps the first fault: those after it are often of its making.
    fn note(&mut self, part: Option<usize>, vertex: Option<usize>, found: &str, expected: &str) {
        if self.fault.is_none() {
            self.fault = Some(Fault::new(Place::Geometry { part, vertex }, found, expected));
        }
    }

    fn geometry(&mut self, cursor: &mut Cursor<'_>, collections: usize) -> Result<Sketch, Syntax> {
        match cursor.peek() {
            Some(b'{') => {}
            Some(b'n') if collections == 0 => {
                cursor.skip()?;
                return Ok(Sketch::Missing);
            }
            _ => {
                let found = cursor.skip()?;
                self.note(None, None, found, "a geometry object");
                return Ok(Sketch::Missing);
            }
        }
        let mut members = Members::default();
        let mut begun = false;
        while let Some(name) = cursor.member(&mut begun)? {
            if members.seen.len() == MAX_PROPERTIES {
                self.note(None, None, &name, &format!("at most {MAX_PROPERTIES} members"));
                cursor.skip()?;
                continue;
            }
            if members.seen.contains(&name) {
                self.note(None, None, &name, "each member once");
            }
            match &*name {
                "type" => match cursor.value()? {
                    Json::Text(text) => members.kind = Some(text),
                    other => self.note(None, None, &other.shown(), "a text as `type`"),
                },
                "coordinates" => {
                    if let Some(kind) = members.kind.as_deref().and_then(Kind::named) {
                        members.sketch = Some(self.coordinates(cursor, kind)?);
                    } else {
                        members.coordinates = Some(cursor.clone());
                        cursor.skip()?;
                    }
                }
                "geometries" => {
                    members.has_geometries = true;
                    self.geometries(cursor, collections)?;
                }
                "bbox" => {
                    if let Some(found) = read_box(cursor)? {
                        self.note(None, None, found, "a `bbox` of four or six numbers");
                    }
                }
                "geometry" | "properties" | "features" => {
                    cursor.skip()?;
                    self.note(None, None, &name, "no such member in a geometry (RFC 7946, 7.1)");
                }
                _ => {
                    cursor.skip()?;
                }
            }
            members.seen.push(name);
        }
        self.assemble(members)
    }

    fn assemble(&mut self, members: Members<'_>) -> Result<Sketch, Syntax> {
        let Members { kind, sketch, coordinates, has_geometries, seen: _ } = members;
        let Some(name) = kind else {
            self.note(None, None, "nothing", "a member `type` with a kind of geometry");
            return Ok(Sketch::Missing);
        };
        if name == "GeometryCollection" {
            if !has_geometries {
                self.note(None, None, "nothing", "a member `geometries`");
            }
            return Ok(Sketch::Other("GeometryCollection"));
        }
        let Some(kind) = Kind::named(&name) else {
            self.note(None, None, &name, "a kind of geometry of GeoJSON as `type`");
            return Ok(Sketch::Missing);
        };
        match (sketch, coordinates) {
            (Some(sketch), _) => Ok(sketch),
            // The coordinates stood before the type.
            (None, Some(mut cursor)) => self.coordinates(&mut cursor, kind),
            (None, None) => {
                self.note(None, None, "nothing", "a member `coordinates`");
                Ok(Sketch::Missing)
            }
        }
    }

    fn geometries(&mut self, cursor: &mut Cursor<'_>, collections: usize) -> Result<(), Syntax> {
        if cursor.peek() != Some(b'[') || collections == MAX_COLLECTION_DEPTH {
            let found = cursor.skip()?;
            let expected = format!("a list, at most {MAX_COLLECTION_DEPTH} in each other");
            self.note(None, None, found, &expected);
            return Ok(());
        }
        let mut begun = false;
        while cursor.element(&mut begun)? {
            self.geometry(cursor, collections + 1)?;
        }
        Ok(())
    }

    fn coordinates(&mut self, cursor: &mut Cursor<'_>, kind: Kind) -> Result<Sketch, Syntax> {
        Ok(match kind {
            Kind::Point => match self.position(cursor, None, 0)? {
                Some(position) => Sketch::Point(position),
                None => Sketch::Missing,
            },
            Kind::MultiPoint => {
                self.part(cursor)?;
                Sketch::Other("MultiPoint")
            }
            Kind::Line => Sketch::Line(self.part(cursor)?),
            Kind::MultiLine => Sketch::MultiLine(self.list(cursor, 0, Self::part)?),
            Kind::Polygon => Sketch::Polygon(self.list(cursor, 0, Self::part)?),
            Kind::MultiPolygon => {
                Sketch::MultiPolygon(self.list(cursor, 0, |reader, cursor| {
                    reader.list(cursor, reader.parts, Self::part)
                })?)
            }
        })
    }

    fn list<T>(
        &mut self,
        cursor: &mut Cursor<'_>,
        part: usize,
        mut read: impl FnMut(&mut Self, &mut Cursor<'_>) -> Result<T, Syntax>,
    ) -> Result<Vec<T>, Syntax> {
        let mut list = Vec::new();
        if cursor.peek() != Some(b'[') {
            let found = cursor.skip()?;
            self.note(Some(part), None, found, "a list");
            return Ok(list);
        }
        let mut begun = false;
        while cursor.element(&mut begun)? {
            let element = read(self, cursor)?;
            if list.len() <= MAX_VERTICES {
                list.push(element);
            }
        }
        Ok(list)
    }

    /// Reads a line or ring.
    fn part(&mut self, cursor: &mut Cursor<'_>) -> Result<SketchPart, Syntax> {
        let part = self.parts;
        self.parts += 1;
        let mut vertex = 0;
        self.list(cursor, part, |reader, cursor| {
            let position = reader.position(cursor, Some(part), vertex)?;
            if position.is_none() {
                reader.note(Some(part), Some(vertex), "[]", "two or three numbers");
            }
            vertex += 1;
            Ok(position.unwrap_or_default())
        })
    }

    /// Reads a position; `None` when it is empty or faulty.
    fn position(
        &mut self,
        cursor: &mut Cursor<'_>,
        part: Option<usize>,
        vertex: usize,
    ) -> Result<Option<Position>, Syntax> {
        self.positions += 1;
        let start = cursor.clone();
        if cursor.peek() != Some(b'[') {
            let found = cursor.skip()?;
            self.note(part, Some(vertex), found, "a list of two or three numbers");
            return Ok(None);
        }
        let mut numbers = [0.0; 3];
        let mut count = 0;
        let mut begun = false;
        while cursor.element(&mut begun)? {
            if let Some(b'-' | b'0'..=b'9') = cursor.peek() {
                let number = cursor.number()?;
                if !number.value().is_finite() {
                    self.note(part, Some(vertex), number.text, "a number below 1.8e308");
                }
                if let Some(place) = numbers.get_mut(count) {
                    *place = number.value();
                }
            } else {
                let found = cursor.skip()?;
                self.note(part, Some(vertex), found, "a number");
            }
            count += 1;
        }
        match count {
            0 => return Ok(None),
            2 => {}
            3 => self.has_height = true,
            _ => {
                let found = start.clone().skip()?;
                self.note(part, Some(vertex), found, "two or three numbers");
            }
        }
        let [lon, lat, _] = numbers;
        Ok(Some([lon, lat]))
    }
}

#[derive(Default)]
struct Members<'a> {
    seen: Vec<Cow<'a, str>>,
    kind: Option<Cow<'a, str>>,
    sketch: Option<Sketch>,
    /// Where the coordinates are, when their kind is not known yet.
    coordinates: Option<Cursor<'a>>,
    has_geometries: bool,
}

/// Reads a member `bbox` and answers its text when it is neither null nor a box.
pub(crate) fn read_box<'a>(cursor: &mut Cursor<'a>) -> Result<Option<&'a str>, Syntax> {
    let mut start = cursor.clone();
    let found = cursor.skip()?;
    if found == "null" {
        return Ok(None);
    }
    let (mut numbers, mut others, mut begun) = (0, !found.starts_with('['), false);
    while !others && start.element(&mut begun)? {
        others = !matches!(start.value()?, Json::Number(_));
        numbers += 1;
    }
    Ok((others || !matches!(numbers, 4 | 6)).then_some(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let answer = match read(&mut Cursor::new(text.as_bytes())) {
            Err(error) => format!("byte {}: expected {}", error.at, error.expected),
            Ok(Geometry { fault: Some(fault), sketch: Sketch::Missing, .. }) => fault.to_string(),
            Ok(Geometry { sketch, has_height, .. }) => {
                format!("{sketch:?}{}", if has_height { " with heights" } else { "" })
            }
        };
        assert_eq!(answer, expected, "{text}");
    }

    #[test]
    fn every_kind_becomes_its_sketch() {
        check("null", "Missing");
        check(r#"{"type":"Point","coordinates":[117.2,39.1]}"#, "Point([117.2, 39.1])");
        check(r#"{"type":"Point","coordinates":[]}"#, "Missing");
        check(
            r#"{"type":"LineString","coordinates":[[1,2],[3,4.5]]}"#,
            "Line([[1.0, 2.0], [3.0, 4.5]])",
        );
        check(r#"{"type":"LineString","coordinates":[]}"#, "Line([])");
        check(
            r#"{"type":"MultiLineString","coordinates":[[[1,2]],[]]}"#,
            "MultiLine([[[1.0, 2.0]], []])",
        );
        check(r#"{"type":"Polygon","coordinates":[[[1,2]]]}"#, "Polygon([[[1.0, 2.0]]])");
        check(
            r#"{"type":"MultiPolygon","coordinates":[[[[1,2]]],[]]}"#,
            "MultiPolygon([[[[1.0, 2.0]]], []])",
        );
        check(r#"{"type":"MultiPoint","coordinates":[[1,2],[3,4]]}"#, r#"Other("MultiPoint")"#);
        check(
            r#"{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]}"#,
            r#"Other("GeometryCollection")"#,
        );
    }

    #[test]
    fn members_stand_in_any_order_and_a_third_number_is_dropped() {
        check(
            r#" {"coordinates":[[1,2,9],[3,4]],"bbox":[1,2,3,4],"name":{},"typ\u0065":"LineString"}"#.trim(),
            "Line([[1.0, 2.0], [3.0, 4.0]]) with heights",
        );
    }

    #[test]
    fn a_position_that_is_none_is_named_with_its_part_and_vertex() {
        check(
            r#"{"type":"Point","coordinates":[2]}"#,
            "geometry vertex 0: found `[2]`, expected two or three numbers",
        );
        check(
            r#"{"type":"MultiLineString","coordinates":[[[1,2],[3,4]],[[1,2],[1,2,3,4]]]}"#,
            "geometry part 1 vertex 1: found `[1,2,3,4]`, expected two or three numbers",
        );
        check(
            r#"{"type":"MultiPolygon","coordinates":[[[[1,2]]],[[[1,"2"],[]]]]}"#,
            "geometry part 1 vertex 0: found `\"2\"`, expected a number",
        );
        check(
            r#"{"type":"LineString","coordinates":[[1,2],[]]}"#,
            "geometry part 0 vertex 1: found `[]`, expected two or three numbers",
        );
        check(
            r#"{"type":"LineString","coordinates":[1,2]}"#,
            "geometry part 0 vertex 0: found `1`, expected a list of two or three numbers",
        );
        check(
            r#"{"coordinates":[1e999,2],"type":"Point"}"#,
            "geometry vertex 0: found `1e999`, expected a number below 1.8e308",
        );
        check(
            r#"{"type":"Polygon","coordinates":5}"#,
            "geometry part 0: found `5`, expected a list",
        );
        check(
            r#"{"type":"MultiPolygon","coordinates":[[[],5]]}"#,
            "geometry part 1: found `5`, expected a list",
        );
        check(r#"{"type":"Point","coordinates":[NaN,2]}"#, "byte 31: expected a JSON value");
    }

    #[test]
    fn an_object_that_is_no_geometry_is_refused() {
        check("5", "geometry: found `5`, expected a geometry object");
        check("{}", "geometry: found `nothing`, expected a member `type` with a kind of geometry");
        check(
            r#"{"type":"point","coordinates":[1,2]}"#,
            "geometry: found `point`, expected a kind of geometry of GeoJSON as `type`",
        );
        check(
            r#"{"type":"MultiPoint"}"#,
            "geometry: found `nothing`, expected a member `coordinates`",
        );
        check(
            r#"{"type":"Point","type":"Point","coordinates":[1,2]}"#,
            "geometry: found `type`, expected each member once",
        );
        check(
            r#"{"type":"Point","coordinates":[1,2],"properties":{}}"#,
            "geometry: found `properties`, expected no such member in a geometry (RFC 7946, 7.1)",
        );
        check(
            r#"{"type":"Point","coordinates":[1,2],"bbox":[1,2,3]}"#,
            "geometry: found `[1,2,3]`, expected a `bbox` of four or six numbers",
        );
        check(
            r#"{"type":"GeometryCollection","geometries":[null]}"#,
            "geometry: found `null`, expected a geometry object",
        );
    }

    #[test]
    fn what_may_be_many_has_a_bound() {
        let collections = |depth: usize| {
            let open = r#"{"type":"GeometryCollection","geometries":["#.repeat(depth);
            format!("{open}{}", "]}".repeat(depth))
        };
        check(&collections(MAX_COLLECTION_DEPTH), r#"Other("GeometryCollection")"#);
        check(
            &collections(MAX_COLLECTION_DEPTH + 1),
            "geometry: found `[]`, expected a list, at most 4 in each other",
        );
        let line = |count: usize| {
            let positions = vec!["[1,2]"; count].join(",");
            format!(r#"{{"type":"LineString","coordinates":[{positions}]}}"#)
        };
        let read_line = |count| read(&mut Cursor::new(line(count).as_bytes())).expect("JSON");
        assert_eq!(read_line(MAX_VERTICES).fault, None);
        check(
            &line(MAX_VERTICES + 1),
            "geometry: found `20001 positions in 1 parts`, expected at most 20000",
        );
        check(
            &format!(r#"{{"type":"Polygon","coordinates":[{}[]]}}"#, "[],".repeat(1_000_000)),
            "geometry: found `0 positions in 1000001 parts`, expected at most 20000",
        );
    }
}
