//! Reads a geometry in well-known binary into a sketch: that of the OGC and ISO, and with the flags
//! that PostGIS and old versions of GDAL put into the kind.
//!
//! Positions are as they stand, the easting or longitude first. Nothing is nested deeper than a
//! multipolygon: what holds other geometries is named, and not read. No count in the bytes is
//! trusted: nothing is made ready for what is not there.

use terrier_model::Fault;
use terrier_spatial::{MAX_VERTICES, Position, Sketch, SketchPart};

use crate::vertex::{fault, finite};

const HAS_HEIGHT: u32 = 0x8000_0000;
const HAS_MEASURE: u32 = 0x4000_0000;
const HAS_SYSTEM: u32 = 0x2000_0000;

const POINT: u32 = 1;
const LINE: u32 = 2;
const POLYGON: u32 = 3;

/// The names of the kinds by their numbers, from 1 on.
const KINDS: [&str; 17] = [
    "Point",
    "LineString",
    "Polygon",
    "MultiPoint",
    "MultiLineString",
    "MultiPolygon",
    "GeometryCollection",
    "CircularString",
    "CompoundCurve",
    "CurvePolygon",
    "MultiCurve",
    "MultiSurface",
    "Curve",
    "Surface",
    "PolyhedralSurface",
    "TIN",
    "Triangle",
];

/// The geometry and whether it had heights.
///
/// # Errors
/// The first thing that is wrong with the bytes.
pub(crate) fn read(bytes: &[u8]) -> Result<(Sketch, bool), Fault> {
    let mut reader = Reader { bytes, at: 0, positions: 0, part: 0, has_height: false };
    let sketch = reader.geometry()?;
    if reader.positions > MAX_VERTICES {
        let found = format!("{} positions", reader.positions);
        return Err(fault(found, format!("at most {MAX_VERTICES}")));
    }
    Ok((sketch, reader.has_height))
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    positions: usize,
    /// The line or ring that is read.
    part: usize,
    has_height: bool,
}

/// What stands before a geometry and the geometries in it.
#[derive(Clone, Copy)]
struct Head {
    kind: u32,
    is_little: bool,
    /// How many numbers a position has.
    numbers: usize,
}

impl Reader<'_> {
    fn geometry(&mut self) -> Result<Sketch, Fault> {
        let head = self.head()?;
        let sketch = match head.kind {
            POINT => {
                let at = self.numbers(head)?;
                // An empty point has no other form.
                if at.iter().all(|number| number.is_nan()) {
                    Sketch::Missing
                } else {
                    Sketch::Point(finite(at, Some(self.part), 0)?)
                }
            }
            LINE => Sketch::Line(self.line(head)?),
            POLYGON => Sketch::Polygon(self.list(head, |reader| reader.line(head))?),
            5 => Sketch::MultiLine(self.list(head, |reader| {
                let head = reader.inner(LINE)?;
                reader.line(head)
            })?),
            6 => Sketch::MultiPolygon(self.list(head, |reader| {
                let head = reader.inner(POLYGON)?;
                reader.list(head, |reader| reader.line(head))
            })?),
            4 | 7 => {
                self.at = self.bytes.len();
                Sketch::Other(name(head.kind).unwrap_or_default())
            }
            kind => {
                let found = name(kind).map_or_else(|| format!("kind {kind}"), Into::into);
                return Err(fault(found, "a geometry of points, straight lines or surfaces"));
            }
        };
        if self.at < self.bytes.len() {
            let found = format!("{} bytes behind the geometry", self.bytes.len() - self.at);
            return Err(fault(found, "nothing there"));
        }
        Ok(sketch)
    }

    fn head(&mut self) -> Result<Head, Fault> {
        let is_little = match self.take::<1>()? {
            [0] => false,
            [1] => true,
            [other] => return Err(fault(format!("byte order {other}"), "0 or 1")),
        };
        let code = self.count(is_little)?;
        if code & HAS_SYSTEM != 0 {
            self.take::<4>()?;
        }
        let code_of_iso = code & !(HAS_HEIGHT | HAS_MEASURE | HAS_SYSTEM);
        let (kind, dimension) = (code_of_iso % 1000, code_of_iso / 1000);
        if dimension > 3 {
            return Err(fault(format!("kind {code}"), "a kind of well-known binary"));
        }
        let has_height = code & HAS_HEIGHT != 0 || matches!(dimension, 1 | 3);
        let has_measure = code & HAS_MEASURE != 0 || matches!(dimension, 2 | 3);
        self.has_height |= has_height;
        let numbers = 2 + usize::from(has_height) + usize::from(has_measure);
        Ok(Head { kind, is_little, numbers })
    }

    /// The head of a geometry in another, which must be of this kind.
    fn inner(&mut self, kind: u32) -> Result<Head, Fault> {
        let head = self.head()?;
        if head.kind == kind {
            return Ok(head);
        }
        let found = name(head.kind).map_or_else(|| format!("kind {}", head.kind), Into::into);
        Err(fault(found, format!("a {} in it", name(kind).unwrap_or_default())))
    }

    fn line(&mut self, head: Head) -> Result<SketchPart, Fault> {
        let mut line = Vec::new();
        for vertex in 0..self.count(head.is_little)? as usize {
            let at = self.numbers(head)?;
            let position = finite(at, Some(self.part), vertex)?;
            self.positions += 1;
            // The bound is told when all are counted.
            if self.positions <= MAX_VERTICES {
                line.push(position);
            }
        }
        self.part += 1;
        Ok(line)
    }

    fn list<T>(
        &mut self,
        head: Head,
        each: impl Fn(&mut Self) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let count = self.count(head.is_little)?;
        let mut items = Vec::new();
        for place in 0..count {
            // Parts without positions are bounded, too.
            if place as usize == MAX_VERTICES {
                return Err(fault(format!("{count} parts"), format!("at most {MAX_VERTICES}")));
            }
            items.push(each(self)?);
        }
        Ok(items)
    }

    /// The first two numbers of a position; what else there is of it is passed over.
    fn numbers(&mut self, head: Head) -> Result<Position, Fault> {
        let mut position = [0.0; 2];
        for place in 0..head.numbers {
            let bytes = self.take()?;
            let number =
                if head.is_little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) };
            if let Some(held) = position.get_mut(place) {
                *held = number;
            }
        }
        Ok(position)
    }

    fn count(&mut self, is_little: bool) -> Result<u32, Fault> {
        let bytes = self.take()?;
        Ok(if is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let rest = &self.bytes[self.at..];
        let taken = rest.first_chunk::<N>().copied();
        let taken = taken.ok_or_else(|| {
            fault(format!("the end of the geometry after {} bytes", self.bytes.len()), "more of it")
        })?;
        self.at += N;
        Ok(taken)
    }
}

/// The name of a kind by its number.
pub(crate) fn name(kind: u32) -> Option<&'static str> {
    KINDS.get((kind as usize).checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        let answer = match read(bytes) {
            Ok((sketch, false)) => format!("{sketch:?}"),
            Ok((sketch, true)) => format!("{sketch:?} with heights"),
            Err(fault) => fault.to_string(),
        };
        assert_eq!(answer, expected, "{}", bytes.escape_ascii());
    }

    /// A geometry with the low byte first: its kind, and numbers behind it.
    fn little(kind: u32, count: Option<u32>, numbers: &[f64]) -> Vec<u8> {
        let mut bytes = vec![1];
        bytes.extend(kind.to_le_bytes());
        bytes.extend(count.into_iter().flat_map(u32::to_le_bytes));
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        bytes
    }

    fn big(kind: u32, count: Option<u32>, numbers: &[f64]) -> Vec<u8> {
        let mut bytes = vec![0];
        bytes.extend(kind.to_be_bytes());
        bytes.extend(count.into_iter().flat_map(u32::to_be_bytes));
        bytes.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
        bytes
    }

    #[test]
    fn each_kind_is_read_in_both_orders_of_bytes() {
        check(&little(1, None, &[1.0, 2.0]), "Point([1.0, 2.0])");
        check(&big(1, None, &[1.0, 2.0]), "Point([1.0, 2.0])");
        check(&big(2, Some(2), &[1.0, 2.0, 3.0, 4.0]), "Line([[1.0, 2.0], [3.0, 4.0]])");
        let line = little(2, Some(1), &[5.0, 6.0]);
        let lines = [big(5, Some(2), &[]), line.clone(), big(2, Some(1), &[7.0, 8.0])].concat();
        check(&lines, "MultiLine([[[5.0, 6.0]], [[7.0, 8.0]]])");
        let polygon = [&little(3, Some(1), &[])[..], &line[5..]].concat();
        check(&polygon, "Polygon([[[5.0, 6.0]]])");
        let polygons = [little(6, Some(1), &[]), polygon].concat();
        check(&polygons, "MultiPolygon([[[[5.0, 6.0]]]])");
        check(&little(4, Some(9), &[]), "Other(\"MultiPoint\")");
        check(&little(7, Some(9), &[]), "Other(\"GeometryCollection\")");
    }

    #[test]
    fn a_third_number_is_a_height_unless_it_is_a_measure() {
        let three = [1.0, 2.0, 3.0];
        let four = [1.0, 2.0, 3.0, 4.0];
        for kind in [1001, HAS_HEIGHT | 1] {
            check(&little(kind, None, &three), "Point([1.0, 2.0]) with heights");
        }
        for kind in [2001, HAS_MEASURE | 1] {
            check(&little(kind, None, &three), "Point([1.0, 2.0])");
        }
        for kind in [3001, HAS_HEIGHT | HAS_MEASURE | 1] {
            check(&big(kind, None, &four), "Point([1.0, 2.0]) with heights");
        }
        // PostGIS says the system before the numbers.
        let with_system = [
            little(HAS_SYSTEM | 1, Some(4490), &[]),
            1f64.to_le_bytes().into(),
            2f64.to_le_bytes().into(),
        ];
        check(&with_system.concat(), "Point([1.0, 2.0])");
    }

    #[test]
    fn nothing_is_there_where_it_says_so() {
        check(&little(1, None, &[f64::NAN; 2]), "Missing");
        check(&little(2, Some(0), &[]), "Line([])");
        check(&little(6, Some(0), &[]), "MultiPolygon([])");
    }

    #[test]
    fn what_is_no_geometry_is_told() {
        check(b"", "geometry: found `the end of the geometry after 0 bytes`, expected more of it");
        check(b"\x02", "geometry: found `byte order 2`, expected 0 or 1");
        check(
            &little(0, None, &[]),
            "geometry: found `kind 0`, expected a geometry of points, straight lines or surfaces",
        );
        check(
            &little(8, Some(3), &[]),
            "geometry: found `CircularString`, expected a geometry of points, straight lines or surfaces",
        );
        check(
            &little(1010, Some(3), &[]),
            "geometry: found `CurvePolygon`, expected a geometry of points, straight lines or surfaces",
        );
        check(
            &little(4001, None, &[]),
            "geometry: found `kind 4001`, expected a kind of well-known binary",
        );
        check(
            &little(1, None, &[1.0, 2.0, 3.0]),
            "geometry: found `8 bytes behind the geometry`, expected nothing there",
        );
        check(
            &little(1, None, &[f64::INFINITY, 2.0]),
            "geometry part 0 vertex 0: found `[inf, 2.0]`, expected two numbers",
        );
        check(
            &little(2, Some(2), &[1.0, 2.0, f64::NAN, 2.0]),
            "geometry part 0 vertex 1: found `[NaN, 2.0]`, expected two numbers",
        );
        let mixed = [little(5, Some(1), &[]), little(8, Some(0), &[])].concat();
        check(&mixed, "geometry: found `CircularString`, expected a LineString in it");
    }

    #[test]
    fn counts_are_not_trusted() {
        let short = "geometry: found `the end of the geometry after 9 bytes`, expected more of it";
        for kind in [2, 3, 5, 6] {
            check(&little(kind, Some(u32::MAX), &[]), short);
        }
        let line = |count: usize| little(2, Some(count as u32), &vec![1.0; 2 * count]);
        assert!(read(&line(MAX_VERTICES)).is_ok());
        check(&line(MAX_VERTICES + 1), "geometry: found `20001 positions`, expected at most 20000");
        let empty = |count: u32| {
            let rings = vec![0; 4 * count as usize];
            [little(3, Some(count), &[]), rings].concat()
        };
        assert!(read(&empty(MAX_VERTICES as u32)).is_ok());
        check(
            &empty(MAX_VERTICES as u32 + 1),
            "geometry: found `20001 parts`, expected at most 20000",
        );
    }
}
