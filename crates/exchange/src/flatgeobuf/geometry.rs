//! The geometry of a feature: runs of positions, and where each ends.

use terrier_model::Fault;
use terrier_spatial::{MAX_VERTICES, Position, Sketch, SketchPart};

use super::buffer::{Damaged, Table};
use super::place;
use crate::vertex::{fault, finite};
use crate::wkb;

/// The sketch of a geometry, whose kind the header tells where it does not, and whether it had
/// heights.
///
/// # Errors
/// The first thing that is wrong with it.
pub(super) fn read(table: Table<'_>, kind: u8) -> Result<(Sketch, bool), Fault> {
    let kind = match table.scalar(place::GEOMETRY_TYPE).map_err(damaged)? {
        None | Some([0]) => kind,
        Some([kind]) => kind,
    };
    let has_height = !table.list(place::GEOMETRY_Z, 8).map_err(damaged)?.is_empty();
    let mut count = Count::default();
    let sketch = match kind {
        1 => match *runs(table, &mut count)? {
            [ref run] if run.len() == 1 => Sketch::Point(run[0]),
            [ref run] if run.is_empty() => Sketch::Missing,
            _ => return Err(fault("several positions", "one of a point")),
        },
        2 => Sketch::Line(only(runs(table, &mut count)?)?),
        3 => Sketch::Polygon(runs(table, &mut count)?),
        5 => Sketch::MultiLine(runs(table, &mut count)?),
        6 => {
            let parts = table.list(place::GEOMETRY_PARTS, 4).map_err(damaged)?.len() / 4;
            if parts > MAX_VERTICES {
                return Err(fault(format!("{parts} parts"), format!("at most {MAX_VERTICES}")));
            }
            let mut surfaces = Vec::new();
            for part in table.tables(place::GEOMETRY_PARTS).map_err(damaged)? {
                surfaces.push(runs(part, &mut count)?);
            }
            Sketch::MultiPolygon(surfaces)
        }
        4 | 7 => Sketch::Other(wkb::name(kind.into()).unwrap_or_default()),
        kind => {
            let found = wkb::name(kind.into()).map_or_else(|| format!("kind {kind}"), Into::into);
            return Err(fault(found, "a geometry of points, straight lines or surfaces"));
        }
    };
    Ok((sketch, has_height))
}

fn only(mut runs: Vec<SketchPart>) -> Result<SketchPart, Fault> {
    if runs.len() > 1 {
        return Err(fault("several lines", "one, as its kind says"));
    }
    Ok(runs.pop().unwrap_or_default())
}

/// What a geometry has had so far. Tables may lie over each other, so that few bytes could be many
/// positions or parts.
#[derive(Default)]
struct Count {
    positions: usize,
    parts: usize,
}

/// The runs of positions of a table.
fn runs(table: Table<'_>, count: &mut Count) -> Result<Vec<SketchPart>, Fault> {
    let numbers = table.list(place::GEOMETRY_XY, 8).map_err(damaged)?;
    let ends = table.list(place::GEOMETRY_ENDS, 4).map_err(damaged)?;
    let positions = numbers.len() / 16;
    count.positions += positions;
    count.parts += (ends.len() / 4).max(1);
    for (count, what) in [(count.positions, "positions"), (count.parts, "parts")] {
        if count > MAX_VERTICES {
            return Err(fault(format!("{count} {what}"), format!("at most {MAX_VERTICES}")));
        }
    }
    let number =
        |bytes: &[u8]| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize;
    let mut ends: Vec<usize> = ends.chunks_exact(4).map(number).collect();
    if ends.is_empty() {
        ends.push(positions);
    }
    if !ends.is_sorted() || ends.last() != Some(&positions) || numbers.len() % 16 != 0 {
        return Err(fault("parts that do not follow each other", "each behind the one before"));
    }
    let mut start = 0;
    let mut runs = Vec::new();
    for (part, end) in ends.into_iter().enumerate() {
        let bytes = numbers[16 * start..16 * end].chunks_exact(16);
        let run =
            bytes.enumerate().map(|(vertex, bytes)| finite(position(bytes), Some(part), vertex));
        runs.push(run.collect::<Result<_, _>>()?);
        start = end;
    }
    Ok(runs)
}

fn position(bytes: &[u8]) -> Position {
    let number = |at: usize| {
        let bytes = bytes[at..].first_chunk().expect("a position has sixteen bytes");
        f64::from_le_bytes(*bytes)
    };
    [number(0), number(8)]
}

fn damaged(_: Damaged) -> Fault {
    fault("bytes that lead elsewhere", "a sound geometry")
}
