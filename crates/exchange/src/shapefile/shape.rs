//! The form of a shape in a record: a kind, then positions with the low byte first.
//!
//! No count in the bytes is trusted: nothing is made ready for what is not there.

use terrier_model::Fault;
use terrier_spatial::{MAX_VERTICES, Position, Sketch, SketchPart};

use super::rings;
use crate::vertex::{fault, finite};

/// The kind of the shapes of a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Kind {
    form: Form,
    has_height: bool,
    /// The number of the kind in the file.
    number: i32,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    Null,
    Point,
    Line,
    Surface,
    Points,
}

impl Kind {
    /// The kind of a number; `None` when there is none.
    pub(super) fn of(number: i32) -> Option<Self> {
        let form = match number {
            0 => Form::Null,
            1 | 11 | 21 => Form::Point,
            3 | 13 | 23 => Form::Line,
            5 | 15 | 25 => Form::Surface,
            8 | 18 | 28 => Form::Points,
            _ => return None,
        };
        Some(Self { form, has_height: (11..20).contains(&number), number })
    }

    /// Reads the content of a record, and whether it had heights.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub(super) fn read(self, content: &[u8]) -> Result<(Sketch, bool), Fault> {
        let number = number_at(content, 0)?;
        if number == 0 {
            return Ok((Sketch::Missing, false));
        }
        if number != self.number {
            let expected = format!("kind {}, as its file says", self.number);
            return Err(fault(format!("a shape of kind {number}"), expected));
        }
        let sketch = match self.form {
            Form::Null => Sketch::Missing,
            Form::Point => point(content)?,
            Form::Line => {
                let mut lines = parts(content)?;
                if lines.len() == 1 {
                    Sketch::Line(lines.remove(0))
                } else {
                    Sketch::MultiLine(lines)
                }
            }
            Form::Surface => {
                let mut surfaces = rings::surfaces(parts(content)?);
                if surfaces.len() == 1 {
                    Sketch::Polygon(surfaces.remove(0))
                } else {
                    Sketch::MultiPolygon(surfaces)
                }
            }
            Form::Points => return Ok((Sketch::Other("MultiPoint"), self.has_height)),
        };
        Ok((sketch, self.has_height))
    }
}

fn point(content: &[u8]) -> Result<Sketch, Fault> {
    let position = position_at(content, 4)?;
    // A point that is none has no other form.
    if position.iter().all(|number| number.is_nan()) {
        return Ok(Sketch::Missing);
    }
    finite(position, None, 0).map(Sketch::Point)
}

/// The lines or rings: behind a box stand the number of parts and of positions, where in the
/// positions each part begins, and the positions.
fn parts(content: &[u8]) -> Result<Vec<SketchPart>, Fault> {
    const COUNTS_AT: usize = 36;
    const STARTS_AT: usize = 44;
    let count = |at: usize| {
        let number = number_at(content, at)?;
        usize::try_from(number).map_err(|_| fault(format!("{number}"), "a number of its parts"))
    };
    let (part_count, position_count) = (count(COUNTS_AT)?, count(COUNTS_AT + 4)?);
    if position_count > MAX_VERTICES {
        let found = format!("{position_count} positions");
        return Err(fault(found, format!("at most {MAX_VERTICES}")));
    }
    if part_count > MAX_VERTICES {
        return Err(fault(format!("{part_count} parts"), format!("at most {MAX_VERTICES}")));
    }
    let mut starts = Vec::new();
    for part in 0..part_count {
        starts.push(count(STARTS_AT + 4 * part)?);
    }
    let is_in_order = starts.first().copied().unwrap_or_default() == 0
        && starts.is_sorted()
        && starts.last().copied().unwrap_or_default() <= position_count;
    if !is_in_order || (part_count == 0 && position_count > 0) {
        return Err(fault("parts that do not follow each other", "each behind the one before"));
    }
    starts.push(position_count);
    let positions_at = STARTS_AT + 4 * part_count;
    let mut lines = Vec::new();
    for (part, pair) in starts.windows(2).enumerate() {
        let mut line = SketchPart::new();
        for (vertex, place) in (pair[0]..pair[1]).enumerate() {
            let position = position_at(content, positions_at + 16 * place)?;
            line.push(finite(position, Some(part), vertex)?);
        }
        lines.push(line);
    }
    Ok(lines)
}

fn position_at(content: &[u8], at: usize) -> Result<Position, Fault> {
    let number = |at: usize| {
        let bytes = content.get(at..).and_then(<[u8]>::first_chunk);
        bytes.map(|bytes| f64::from_le_bytes(*bytes)).ok_or_else(|| ends(content))
    };
    Ok([number(at)?, number(at + 8)?])
}

fn number_at(content: &[u8], at: usize) -> Result<i32, Fault> {
    let bytes = content.get(at..).and_then(<[u8]>::first_chunk);
    bytes.map(|bytes| i32::from_le_bytes(*bytes)).ok_or_else(|| ends(content))
}

fn ends(content: &[u8]) -> Fault {
    fault(format!("the end of the shape after {} bytes", content.len()), "more of it")
}

#[cfg(test)]
mod tests {
    use super::super::made;
    use super::*;

    fn check(kind: i32, content: &[u8], expected: &str) {
        let kind = Kind::of(kind).expect("a kind");
        let answer = match kind.read(content) {
            Ok((sketch, false)) => format!("{sketch:?}"),
            Ok((sketch, true)) => format!("{sketch:?} with heights"),
            Err(fault) => fault.to_string(),
        };
        assert_eq!(answer, expected, "{}", content.escape_ascii());
    }

    const LINE: [Position; 2] = [[1.0, 2.0], [3.0, 4.0]];

    #[test]
    fn each_kind_is_read() {
        check(1, &made::point(1, [1.0, 2.0]), "Point([1.0, 2.0])");
        check(3, &made::parts(3, &[&LINE]), "Line([[1.0, 2.0], [3.0, 4.0]])");
        check(
            3,
            &made::parts(3, &[&LINE, &[[5.0, 6.0]]]),
            "MultiLine([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0]]])",
        );
        check(5, &made::parts(5, &[&LINE]), "Polygon([[[1.0, 2.0], [3.0, 4.0]]])");
        check(8, &8_i32.to_le_bytes(), "Other(\"MultiPoint\")");
        for number in [2, 4, 31, -1, i32::MAX] {
            assert_eq!(Kind::of(number), None);
        }
    }

    #[test]
    fn heights_are_dropped_and_told_and_measures_dropped() {
        let with = |kind: i32| [made::point(kind, [1.0, 2.0]), vec![0; 16]].concat();
        check(11, &with(11), "Point([1.0, 2.0]) with heights");
        check(21, &with(21), "Point([1.0, 2.0])");
        let with = |kind: i32| [made::parts(kind, &[&LINE]), vec![0; 32]].concat();
        check(13, &with(13), "Line([[1.0, 2.0], [3.0, 4.0]]) with heights");
        check(23, &with(23), "Line([[1.0, 2.0], [3.0, 4.0]])");
    }

    #[test]
    fn a_shape_may_be_none() {
        for kind in [0, 1, 3, 5, 13] {
            check(kind, &[0; 4], "Missing");
        }
        check(1, &made::point(1, [f64::NAN; 2]), "Missing");
        check(3, &made::parts(3, &[]), "MultiLine([])");
        check(5, &made::parts(5, &[]), "MultiPolygon([])");
        check(3, &made::parts(3, &[&[], &LINE]), "MultiLine([[], [[1.0, 2.0], [3.0, 4.0]]])");
    }

    #[test]
    fn what_is_no_shape_is_told() {
        check(1, b"", "geometry: found `the end of the shape after 0 bytes`, expected more of it");
        check(
            1,
            &made::point(1, LINE[0])[..19],
            "geometry: found `the end of the shape after 19 bytes`, expected more of it",
        );
        check(
            1,
            &made::point(3, LINE[0]),
            "geometry: found `a shape of kind 3`, expected kind 1, as its file says",
        );
        check(
            1,
            &made::point(1, [f64::INFINITY, 2.0]),
            "geometry vertex 0: found `[inf, 2.0]`, expected two numbers",
        );
        check(
            3,
            &made::parts(3, &[&LINE, &[[1.0, f64::NAN]]]),
            "geometry part 1 vertex 0: found `[1.0, NaN]`, expected two numbers",
        );
    }

    #[test]
    fn counts_and_places_are_not_trusted() {
        let with = |at: usize, number: i32| {
            let mut content = made::parts(3, &[&LINE, &LINE]);
            content[at..at + 4].copy_from_slice(&number.to_le_bytes());
            content
        };
        let check = |at, number, expected: &str| {
            check(3, &with(at, number), &format!("geometry: found {expected}"));
        };
        check(36, -1, "`-1`, expected a number of its parts");
        check(36, 20_001, "`20001 parts`, expected at most 20000");
        check(36, 20_000, "`the end of the shape after 116 bytes`, expected more of it");
        check(40, 20_001, "`20001 positions`, expected at most 20000");
        check(40, 20_000, "`the end of the shape after 116 bytes`, expected more of it");
        let order = "`parts that do not follow each other`, expected each behind the one before";
        check(36, 0, order);
        check(44, 1, order);
        check(48, 5, order);
        check(48, -2, "`-2`, expected a number of its parts");
    }
}
