//! Shapes as bytes: ISO well-known binary, little-endian, two dimensions, readable by any GIS.

use std::sync::Arc;

use crate::{Polygon, Position, Shape};

const POINT: u32 = 1;
const LINE: u32 = 2;
const POLYGON: u32 = 3;
const MULTI_LINE: u32 = 5;
const MULTI_POLYGON: u32 = 6;

/// Why bytes are not a shape that this program wrote.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no well-known binary of a shape at byte {at}")]
pub struct WkbError {
    at: usize,
}

impl Shape {
    /// The shape as well-known binary.
    pub fn to_wkb(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(9 + 16 * self.vertices());
        match self {
            Self::Point(position) => {
                head(&mut out, POINT);
                put(&mut out, *position);
            }
            Self::Line(line) => put_line(&mut out, line),
            Self::MultiLine(lines) => {
                head(&mut out, MULTI_LINE);
                count(&mut out, lines.len());
                lines.iter().for_each(|line| put_line(&mut out, line));
            }
            Self::MultiPolygon(polygons) => {
                head(&mut out, MULTI_POLYGON);
                count(&mut out, polygons.len());
                for rings in polygons.iter() {
                    head(&mut out, POLYGON);
                    count(&mut out, rings.len());
                    for ring in rings.iter() {
                        count(&mut out, ring.len());
                        ring.iter().for_each(|position| put(&mut out, *position));
                    }
                }
            }
        }
        out
    }

    /// Reads what [`Shape::to_wkb`] wrote. The shape is trusted to be valid.
    ///
    /// # Errors
    /// When the bytes end early, go on after the shape, or are of another kind.
    pub fn from_wkb(bytes: &[u8]) -> Result<Self, WkbError> {
        let mut reader = Reader { bytes, at: 0 };
        let shape = match reader.head()? {
            POINT => Self::Point(reader.position()?),
            LINE => Self::Line(reader.positions()?),
            MULTI_LINE => Self::MultiLine(reader.parts(|r| r.expect(LINE)?.positions())?),
            MULTI_POLYGON => {
                Self::MultiPolygon(reader.parts(|r| -> Result<Polygon, WkbError> {
                    r.expect(POLYGON)?.parts(Reader::positions)
                })?)
            }
            _ => return Err(reader.error()),
        };
        if reader.at == bytes.len() { Ok(shape) } else { Err(reader.error()) }
    }
}

fn head(out: &mut Vec<u8>, kind: u32) {
    out.push(1);
    out.extend(kind.to_le_bytes());
}

fn count(out: &mut Vec<u8>, count: usize) {
    out.extend((count as u32).to_le_bytes());
}

fn put(out: &mut Vec<u8>, [lon, lat]: Position) {
    out.extend(lon.to_le_bytes());
    out.extend(lat.to_le_bytes());
}

fn put_line(out: &mut Vec<u8>, line: &[Position]) {
    head(out, LINE);
    count(out, line.len());
    line.iter().for_each(|position| put(out, *position));
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn error(&self) -> WkbError {
        WkbError { at: self.at }
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], WkbError> {
        let end = self.at + N;
        let part = self.bytes.get(self.at..end).ok_or(self.error())?;
        self.at = end;
        Ok(part.try_into().expect("the slice has N bytes"))
    }

    fn head(&mut self) -> Result<u32, WkbError> {
        if self.take::<1>()? != [1] {
            return Err(self.error());
        }
        Ok(u32::from_le_bytes(self.take()?))
    }

    fn expect(&mut self, kind: u32) -> Result<&mut Self, WkbError> {
        if self.head()? == kind { Ok(self) } else { Err(self.error()) }
    }

    fn position(&mut self) -> Result<Position, WkbError> {
        Ok([f64::from_le_bytes(self.take()?), f64::from_le_bytes(self.take()?)])
    }

    fn positions(&mut self) -> Result<Arc<[Position]>, WkbError> {
        self.parts(Self::position)
    }

    fn parts<T>(
        &mut self,
        mut one: impl FnMut(&mut Self) -> Result<T, WkbError>,
    ) -> Result<Arc<[T]>, WkbError> {
        let count = u32::from_le_bytes(self.take()?) as usize;
        // A count that the rest cannot hold is refused before anything is allocated for it.
        if count == 0 || count > (self.bytes.len() - self.at) / 4 {
            return Err(self.error());
        }
        (0..count).map(|_| one(self)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GeometryKind, Sketch};

    #[test]
    fn every_kind_of_shape_comes_back_as_it_went() {
        let line = vec![[117.2, 39.0], [117.3, 39.1], [-180.0, -90.0]];
        let ring = vec![[0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [0.0, 0.0]];
        let hole = vec![[5.0, 1.0], [6.0, 2.0], [6.0, 1.0], [5.0, 1.0]];
        for (sketch, kind) in [
            (Sketch::Point([117.123_456_789_012, -39.0]), GeometryKind::Point),
            (Sketch::Line(line.clone()), GeometryKind::Line),
            (Sketch::MultiLine(vec![line.clone(), line]), GeometryKind::MultiLine),
            (
                Sketch::MultiPolygon(vec![vec![ring.clone(), hole], vec![ring]]),
                GeometryKind::MultiPolygon,
            ),
        ] {
            let shape = sketch.check(kind).expect("a valid shape");
            assert_eq!(Shape::from_wkb(&shape.to_wkb()), Ok(shape));
        }
    }

    #[test]
    fn broken_bytes_are_refused() {
        let whole = Shape::Line([[0.0, 1.0], [2.0, 3.0]].into()).to_wkb();
        for end in 0..whole.len() {
            assert!(Shape::from_wkb(&whole[..end]).is_err(), "{end} bytes");
        }
        let mut longer = whole.clone();
        longer.push(0);
        assert!(Shape::from_wkb(&longer).is_err());
        let mut endless = whole;
        endless[5..9].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(Shape::from_wkb(&endless).is_err());
    }
}
