//! The form of a geometry in a column: a header with the box, then well-known binary.

use terrier_spatial::{Bounds, Shape};

/// The shape as the standard has it, little-endian. The box stands in the header but for a point,
/// for which it would say the same thing twice.
pub(super) fn blob(shape: &Shape, bounds: &Bounds) -> Vec<u8> {
    const WGS_84: i32 = 4326;
    const LITTLE_ENDIAN: u8 = 0b0000_0001;
    const BOX_OF_TWO_AXES: u8 = 0b0000_0010;
    let has_box = !matches!(shape, Shape::Point(_));
    let binary = shape.to_wkb();
    let mut out = Vec::with_capacity(40 + binary.len());
    out.extend(b"GP\0");
    out.push(if has_box { LITTLE_ENDIAN | BOX_OF_TWO_AXES } else { LITTLE_ENDIAN });
    out.extend(WGS_84.to_le_bytes());
    if has_box {
        let Bounds { west, south, east, north } = *bounds;
        [west, east, south, north].iter().for_each(|edge| out.extend(edge.to_le_bytes()));
    }
    out.extend(binary);
    out
}

#[cfg(test)]
mod tests {
    use terrier_spatial::{GeometryKind, Sketch};

    use super::*;

    fn check(sketch: &Sketch, kind: GeometryKind, head: &[u8]) {
        let shape = sketch.clone().check(kind).expect("a valid shape");
        let bytes = blob(&shape, &shape.bounds());
        assert_eq!(bytes, [head, &shape.to_wkb()].concat());
    }

    #[test]
    fn the_header_tells_the_system_and_the_box_of_what_has_one() {
        check(&Sketch::Point([1.0, 2.0]), GeometryKind::Point, b"GP\0\x01\xe6\x10\0\0");
        check(
            &Sketch::Line(vec![[1.0, 2.0], [3.0, 4.0]]),
            GeometryKind::Line,
            b"GP\0\x03\xe6\x10\0\0\
              \0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\x08\x40\
              \0\0\0\0\0\0\0\x40\0\0\0\0\0\0\x10\x40",
        );
    }
}
