//! Where the lines and surfaces of assets are cut before they are summed up.

use terrier_model::{Clause, Operand};
use terrier_spatial::{Crs, Figure, Geometry, SpatialRelation};

use super::CLIP;
use crate::FeatureQuery;
use crate::query::{QueryError, shorten};

/// What `clip` may be cut at, in words.
const EXPECTED: &str = "a `bbox`, or a `filter` with one S_INTERSECTS or S_WITHIN that must hold";

/// Reads whether lengths and areas of geometries are cut, and at what.
pub(super) fn parse(
    text: Option<&str>,
    features: &FeatureQuery,
) -> Result<Option<Figure>, QueryError> {
    let fault = |detail: String| QueryError::new(CLIP, detail);
    match text {
        None | Some("false") => return Ok(None),
        Some("true") => {}
        Some(other) => {
            return Err(fault(format!("found `{}`, expected true or false", shorten(other))));
        }
    }
    let mut figures = Vec::new();
    if let Some(window) = features.window() {
        if window.crs().is_some() {
            let detail = "the box is one in a plane, expected one in degrees, or a polygon";
            return Err(fault(detail.into()));
        }
        let crs = Crs::crs84();
        let drawn = Geometry::Box(window.edges());
        let figure = Figure::try_new(&drawn, &crs, crs.axis_order());
        figures.push(figure.map_err(|error| fault(error.to_string()))?);
    }
    if let Some(filter) = features.filter() {
        gather(filter.clause(), &mut figures);
    }
    match figures.len() {
        0 => Err(fault(format!("nothing to cut at, expected {EXPECTED}"))),
        1 => Ok(figures.pop()),
        _ => Err(fault(format!("more than one place to cut at, expected {EXPECTED}"))),
    }
}

/// Adds the geometries that every asset must lie in or meet.
fn gather(clause: &Clause<usize>, figures: &mut Vec<Figure>) {
    match clause {
        Clause::And(parts) => parts.iter().for_each(|part| gather(part, figures)),
        Clause::Spatial {
            relation: SpatialRelation::Intersects | SpatialRelation::Within,
            right: Operand::Figure(figure),
            ..
        } => figures.push(figure.clone()),
        _ => {}
    }
}
