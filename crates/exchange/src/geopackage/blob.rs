//! The form of a geometry in a column: a header with the box, then well-known binary.

use terrier_model::{Fault, Place};
use terrier_spatial::{Bounds, Shape, Sketch};

use crate::wkb;

const HEAD_BYTES: usize = 8;

/// The sketch in a blob and whether it had heights. Of the header only the number of the coordinate
/// system is looked at: all else in it says twice what the geometry says.
///
/// # Errors
/// When the blob is no geometry of the standard, or of another coordinate system than its layer.
pub(super) fn read(blob: &[u8], srs_id: Option<i64>) -> Result<(Sketch, bool), Fault> {
    let fault = |found: String, expected: &str| {
        Fault::new(Place::Geometry { part: None, vertex: None }, found, expected)
    };
    let Some((&[b'G', b'P', version, flags, a, b, c, d], rest)) =
        blob.split_first_chunk::<HEAD_BYTES>()
    else {
        let begin = blob[..blob.len().min(HEAD_BYTES)].escape_ascii().to_string();
        return Err(fault(begin, "a geometry after the standard, which begins with `GP`"));
    };
    if version != 0 {
        return Err(fault(format!("version {version} of the form of a geometry"), "version 0"));
    }
    if flags & 0b0010_0000 != 0 {
        return Err(fault("a geometry of an extension".into(), "one of the standard"));
    }
    let is_little = flags & 1 == 1;
    let own = i32::from_be_bytes([a, b, c, d]);
    let own = i64::from(if is_little { own.swap_bytes() } else { own });
    // Some programs leave it out.
    if let Some(srs_id) = srs_id.filter(|srs_id| !matches!(own, -1 | 0) && own != *srs_id) {
        return Err(fault(format!("srs_id {own}"), &format!("{srs_id}, as its layer has it")));
    }
    let envelope = match (flags >> 1) & 0b111 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        other => return Err(fault(format!("envelope of kind {other}"), "0 to 4")),
    };
    let Some(binary) = rest.get(envelope..) else {
        return Err(fault(format!("a blob of {} bytes", blob.len()), "one with a geometry"));
    };
    wkb::read(binary)
}

/// The shape as the standard has it, little-endian. The box stands in the header but for a point,
/// for which it would say the same thing twice. The number is that of the coordinate system.
pub(super) fn blob(shape: &Shape, bounds: &Bounds, srs_id: i32) -> Vec<u8> {
    const LITTLE_ENDIAN: u8 = 0b0000_0001;
    const BOX_OF_TWO_AXES: u8 = 0b0000_0010;
    let has_box = !matches!(shape, Shape::Point(_));
    let binary = shape.to_wkb();
    let mut out = Vec::with_capacity(40 + binary.len());
    out.extend(b"GP\0");
    out.push(if has_box { LITTLE_ENDIAN | BOX_OF_TWO_AXES } else { LITTLE_ENDIAN });
    out.extend(srs_id.to_le_bytes());
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
        let bytes = blob(&shape, &shape.bounds(), 4326);
        assert_eq!(bytes, [head, &shape.to_wkb()].concat());
    }

    fn check_read(blob: &[u8], srs_id: Option<i64>, expected: &str) {
        let answer = match read(blob, srs_id) {
            Ok((sketch, has_height)) => format!("{sketch:?} {has_height}"),
            Err(fault) => fault.to_string(),
        };
        assert_eq!(answer, expected);
    }

    #[test]
    fn what_is_written_is_read() {
        let line = Sketch::Line(vec![[1.0, 2.0], [3.0, 4.0]]);
        let shape = line.clone().check(GeometryKind::Line).expect("a line");
        let bytes = blob(&shape, &shape.bounds(), 4326);
        check_read(&bytes, Some(4326), &format!("{line:?} false"));
    }

    #[test]
    fn each_kind_of_envelope_is_passed_over() {
        let point = [&b"\0\0\0\x03\xe9"[..], &[0; 24]].concat();
        for (kind, bytes) in [(0, 0), (1, 32), (2, 48), (3, 48), (4, 64)] {
            let head = [b'G', b'P', 0, kind << 1, 0, 0, 0x10, 0xe6];
            let blob = [&head[..], &vec![7; bytes], &point].concat();
            check_read(&blob, Some(4326), "Point([0.0, 0.0]) true");
        }
        let said_empty = [&b"GP\0\x10\0\0\0\0"[..], &point[..1], &[0, 0, 0, 2], &[0; 4]].concat();
        check_read(&said_empty, Some(4326), "Line([]) false");
    }

    #[test]
    fn another_header_is_a_fault() {
        let begin = "a geometry after the standard, which begins with `GP`";
        check_read(b"", None, &format!("geometry: found ``, expected {begin}"));
        check_read(
            b"\0\x01\xe6\x10\0\0\0\0\0",
            None,
            &format!(
                "geometry: found `\\x00\\x01\\xe6\\x10\\x00\\x00\\x00\\x00`, expected {begin}"
            ),
        );
        check_read(
            b"GP\x01\0\0\0\0\0",
            None,
            "geometry: found `version 1 of the form of a geometry`, expected version 0",
        );
        check_read(
            b"GP\0\x20\0\0\0\0",
            None,
            "geometry: found `a geometry of an extension`, expected one of the standard",
        );
        check_read(
            b"GP\0\x0a\0\0\0\0",
            None,
            "geometry: found `envelope of kind 5`, expected 0 to 4",
        );
        check_read(
            b"GP\0\x02\0\0\0\0",
            None,
            "geometry: found `a blob of 8 bytes`, expected one with a geometry",
        );
        check_read(
            b"GP\0\x01\x8a\x11\0\0",
            Some(4326),
            "geometry: found `srs_id 4490`, expected 4326, as its layer has it",
        );
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
