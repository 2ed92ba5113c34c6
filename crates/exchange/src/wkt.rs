//! Reads a geometry in well-known text into a sketch: that of the OGC, and with the `SRID=…;` that
//! PostGIS puts before it.
//!
//! Positions are as they stand, the easting or longitude first. Nothing is nested deeper than a
//! multipolygon: what holds other geometries is named, and not read.

use terrier_model::{Fault, Place};
use terrier_spatial::{MAX_VERTICES, Position, Sketch, SketchPart};

use crate::row::excerpt;

/// The geometry and whether it had heights.
///
/// # Errors
/// The first thing that is wrong with the text.
pub(crate) fn read(text: &str) -> Result<(Sketch, bool), Fault> {
    let mut reader = Reader {
        text,
        at: 0,
        numbers: None,
        has_measures: false,
        has_height: false,
        positions: 0,
        part: 0,
    };
    let sketch = reader.geometry()?;
    Ok((sketch, reader.has_height))
}

struct Reader<'a> {
    text: &'a str,
    /// What has been read, in bytes.
    at: usize,
    /// How many numbers a position has; the first one shows it where the text does not say it.
    numbers: Option<usize>,
    has_measures: bool,
    has_height: bool,
    positions: usize,
    /// The line or ring that is read.
    part: usize,
}

impl<'a> Reader<'a> {
    fn geometry(&mut self) -> Result<Sketch, Fault> {
        if self.rest().get(..5).is_some_and(|start| start.eq_ignore_ascii_case("srid=")) {
            let end = self.rest().find(';').ok_or_else(|| self.wrong("`;` behind the SRID"))?;
            self.at += end + 1;
        }
        let kind = self.kind()?;
        let sketch = match &*kind {
            "POINT" => match self.unless_empty(Self::only_position)? {
                Some(position) => Sketch::Point(position),
                None => Sketch::Missing,
            },
            "LINESTRING" => Sketch::Line(self.line()?),
            "MULTILINESTRING" => Sketch::MultiLine(self.list(Self::line)?),
            "POLYGON" => Sketch::Polygon(self.list(Self::line)?),
            "MULTIPOLYGON" => Sketch::MultiPolygon(self.list(|r| r.list(Self::line))?),
            "MULTIPOINT" | "GEOMETRYCOLLECTION" => {
                self.at = self.text.len();
                let is_points = kind == "MULTIPOINT";
                Sketch::Other(if is_points { "MultiPoint" } else { "GeometryCollection" })
            }
            _ => {
                let place = Place::Geometry { part: None, vertex: None };
                return Err(Fault::new(place, kind, "a geometry of points, lines or surfaces"));
            }
        };
        if !self.rest().is_empty() {
            return Err(self.wrong("the end of the geometry"));
        }
        if self.positions > MAX_VERTICES {
            let place = Place::Geometry { part: None, vertex: None };
            let found = format!("{} positions", self.positions);
            return Err(Fault::new(place, found, format!("at most {MAX_VERTICES}")));
        }
        Ok(sketch)
    }

    /// The name of the geometry in capitals. Its numbers are noted: Z, M or ZM behind the name or
    /// a word of its own.
    fn kind(&mut self) -> Result<String, Fault> {
        let mut kind = self.word().to_ascii_uppercase();
        if kind.is_empty() {
            return Err(self.wrong("a geometry in well-known text, such as POINT (117.2 39.1)"));
        }
        let before = self.at;
        let mut dimension = self.word().to_ascii_uppercase();
        if !matches!(&*dimension, "Z" | "M" | "ZM") {
            self.at = before;
            let ending = ["ZM", "Z", "M"].into_iter().find(|ending| kind.ends_with(ending));
            dimension = ending.unwrap_or_default().into();
            kind.truncate(kind.len() - dimension.len());
        }
        self.has_measures = dimension.ends_with('M');
        self.numbers = (!dimension.is_empty()).then(|| 2 + dimension.len());
        Ok(kind)
    }

    fn line(&mut self) -> Result<SketchPart, Fault> {
        let mut line = Vec::new();
        self.unless_empty(|reader| {
            loop {
                let position = reader.position(line.len())?;
                reader.positions += 1;
                // The bound is told when all are counted.
                if reader.positions <= MAX_VERTICES {
                    line.push(position);
                }
                if !reader.takes(',') {
                    return Ok(());
                }
            }
        })?;
        self.part += 1;
        Ok(line)
    }

    fn list<T>(&mut self, each: impl Fn(&mut Self) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
        let mut items = Vec::new();
        self.unless_empty(|reader| {
            loop {
                items.push(each(reader)?);
                if !reader.takes(',') {
                    return Ok(());
                }
            }
        })?;
        Ok(items)
    }

    /// What stands in brackets; `None` for the word EMPTY.
    fn unless_empty<T>(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        let before = self.at;
        if self.word().eq_ignore_ascii_case("empty") {
            return Ok(None);
        }
        self.at = before;
        if !self.takes('(') {
            return Err(self.wrong("`(`"));
        }
        let inner = inner(self)?;
        if !self.takes(')') {
            return Err(self.wrong("`)`"));
        }
        Ok(Some(inner))
    }

    fn only_position(&mut self) -> Result<Position, Fault> {
        self.position(0)
    }

    fn position(&mut self, vertex: usize) -> Result<Position, Fault> {
        let mut position = [0.0; 2];
        let mut count = 0;
        loop {
            let rest = self.rest();
            let end = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, ',' | '(' | ')'));
            let number = &rest[..end.unwrap_or(rest.len())];
            if number.is_empty() {
                break;
            }
            let value = crate::position::parse(number, None).filter(|value| value.is_finite());
            let value = value.ok_or_else(|| self.at_vertex(vertex, number, "a number"))?;
            if let Some(place) = position.get_mut(count) {
                *place = value;
            }
            count += 1;
            self.at += number.len();
        }
        let is_expected = match self.numbers {
            Some(numbers) => count == numbers,
            None => (2..=4).contains(&count),
        };
        if !is_expected {
            let expected = match self.numbers {
                Some(numbers) => format!("{numbers}"),
                None => "two to four".into(),
            };
            return Err(self.at_vertex(vertex, &format!("{count} numbers"), &expected));
        }
        self.numbers = Some(count);
        self.has_height |= count == 4 || (count == 3 && !self.has_measures);
        Ok(position)
    }

    /// The letters that come next.
    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn takes(&mut self, sign: char) -> bool {
        let is_next = self.rest().starts_with(sign);
        self.at += usize::from(is_next);
        is_next
    }

    /// What has not been read, from what is no white space on.
    fn rest(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let trimmed = rest.trim_ascii_start();
        self.at += rest.len() - trimmed.len();
        trimmed
    }

    fn wrong(&mut self, expected: &str) -> Fault {
        let rest = self.rest();
        let found =
            if rest.is_empty() { "the end of the text".into() } else { excerpt(rest.as_bytes()) };
        let expected = format!("{expected} at byte {}", self.at);
        Fault::new(Place::Geometry { part: None, vertex: None }, found, expected)
    }

    fn at_vertex(&self, vertex: usize, found: &str, expected: &str) -> Fault {
        let place = Place::Geometry { part: Some(self.part), vertex: Some(vertex) };
        Fault::new(place, excerpt(found.as_bytes()), expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let answer = match read(text) {
            Ok((sketch, false)) => format!("{sketch:?}"),
            Ok((sketch, true)) => format!("{sketch:?} with heights"),
            Err(fault) => fault.to_string(),
        };
        assert_eq!(answer, expected, "{text}");
    }

    #[test]
    fn each_kind_is_read() {
        check("POINT (117.2 39.1)", "Point([117.2, 39.1])");
        check(" point(-1.5e2\t+2) ", "Point([-150.0, 2.0])");
        check("LINESTRING (1 2,3 4)", "Line([[1.0, 2.0], [3.0, 4.0]])");
        check(
            "MULTILINESTRING ((1 2, 3 4), (5 6))",
            "MultiLine([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0]]])",
        );
        check("POLYGON((1 2,3 4),(5 6))", "Polygon([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0]]])");
        check("MULTIPOLYGON(((1 2)),((3 4)))", "MultiPolygon([[[[1.0, 2.0]]], [[[3.0, 4.0]]]])");
        check("MULTIPOINT ((1 2))", "Other(\"MultiPoint\")");
        check(
            &format!("GEOMETRYCOLLECTION {}", "(".repeat(100_000)),
            "Other(\"GeometryCollection\")",
        );
        check("SRID=4326;POINT (1 2)", "Point([1.0, 2.0])");
    }

    #[test]
    fn nothing_is_there_where_it_says_so() {
        check("POINT EMPTY", "Missing");
        check("POINT Z EMPTY", "Missing");
        check("LINESTRING EMPTY", "Line([])");
        check("MULTIPOLYGON (EMPTY, ((1 2)))", "MultiPolygon([[], [[[1.0, 2.0]]]])");
    }

    #[test]
    fn a_third_number_is_a_height_unless_it_is_a_measure() {
        check("POINT Z (1 2 3)", "Point([1.0, 2.0]) with heights");
        check("POINTZ(1 2 3)", "Point([1.0, 2.0]) with heights");
        check("POINT (1 2 3)", "Point([1.0, 2.0]) with heights");
        check("POINT M (1 2 3)", "Point([1.0, 2.0])");
        check("LINESTRINGZM (1 2 3 4, 5 6 7 8)", "Line([[1.0, 2.0], [5.0, 6.0]]) with heights");
        let expected = "geometry part 0 vertex 0: found `2 numbers`, expected 3";
        check("POINT Z (1 2)", expected);
        check("LINESTRING (1 2, 3 4 5)", "geometry part 0 vertex 1: found `3 numbers`, expected 2");
        check("POINT (1)", "geometry part 0 vertex 0: found `1 numbers`, expected two to four");
    }

    #[test]
    fn what_is_no_geometry_is_told_with_its_place() {
        let kind = "a geometry in well-known text, such as POINT (117.2 39.1)";
        check("", &format!("geometry: found `the end of the text`, expected {kind} at byte 0"));
        check("{\"type\"", &format!("geometry: found `{{\"type\"`, expected {kind} at byte 0"));
        check("POINT", "geometry: found `the end of the text`, expected `(` at byte 5");
        check("POINT (1 2", "geometry: found `the end of the text`, expected `)` at byte 10");
        check("POINT (1 2) x", "geometry: found `x`, expected the end of the geometry at byte 12");
        check(
            "CIRCULARSTRING (1 2)",
            "geometry: found `CIRCULARSTRING`, expected a geometry of points, lines or surfaces",
        );
        check(
            "MULTILINESTRING ((1 2), (1 2, 路 4))",
            "geometry part 1 vertex 1: found `路`, expected a number",
        );
        for number in ["nan", "inf", "1e999", "1,5"] {
            assert!(read(&format!("POINT ({number} 1)")).is_err(), "{number}");
        }
    }

    #[test]
    fn the_number_of_positions_has_a_bound() {
        let line = |count: usize| format!("LINESTRING ({})", vec!["1 2"; count].join(","));
        assert!(read(&line(MAX_VERTICES)).is_ok());
        check(&line(MAX_VERTICES + 1), "geometry: found `20001 positions`, expected at most 20000");
    }
}
