//! Faults of geometries that stand in a file in binary form.

use terrier_model::{Fault, Place};
use terrier_spatial::Position;

/// What is wrong with a geometry as a whole.
pub(crate) fn fault(found: impl AsRef<str>, expected: impl Into<String>) -> Fault {
    Fault::new(Place::Geometry { part: None, vertex: None }, found, expected)
}

/// The position, unless one of its numbers is none.
///
/// # Errors
/// When it is, with the part and the vertex.
pub(crate) fn finite(
    position: Position,
    part: Option<usize>,
    vertex: usize,
) -> Result<Position, Fault> {
    if position.iter().all(|number| number.is_finite()) {
        return Ok(position);
    }
    let place = Place::Geometry { part, vertex: Some(vertex) };
    Err(Fault::new(place, format!("{position:?}"), "two numbers"))
}
