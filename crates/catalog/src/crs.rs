//! Coordinate systems as parameters name them, and the box that is drawn in one.

use terrier_spatial::{Crs, Window};

use crate::QueryError;
use crate::query::shorten;

/// The system that a parameter names.
///
/// # Errors
/// It is none that an authority has published and Terrier knows; the fault lists those that are.
pub(crate) fn published_crs(parameter: &str, text: &str) -> Result<&'static Crs, QueryError> {
    Crs::find_published(text).map_err(|_| {
        let known: Vec<&str> = Crs::published().iter().map(Crs::code).collect();
        let uri = Crs::published()[0].uri().unwrap_or_default();
        let detail = format!(
            "found `{}`, expected one of {}, such as `{uri}` or `[EPSG:4490]`",
            shorten(text),
            known.join(", ")
        );
        QueryError::new(parameter, detail)
    })
}

/// Reads a box: four or six numbers with commas between, two corners in the order of the axes of the
/// system, which is OGC:CRS84 where none is named. Of six numbers the third and the last are heights,
/// which do not choose anything.
///
/// # Errors
/// The text is no such numbers, or they are no box in the system.
pub(crate) fn window(text: &str, crs: Option<&Crs>) -> Result<Window, QueryError> {
    let fault = |detail: String| QueryError::new("bbox", detail);
    let mut edges = [0.0; 6];
    let mut count = 0;
    for part in text.split(',') {
        let number = part.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        let number = number
            .ok_or_else(|| fault(format!("found `{}`, expected a finite number", shorten(part))))?;
        *edges.get_mut(count).ok_or_else(|| fault("more than six numbers".into()))? = number;
        count += 1;
    }
    let (least, greatest) = match count {
        4 => ([edges[0], edges[1]], [edges[2], edges[3]]),
        6 if edges[2] > edges[5] => {
            return Err(fault(format!("height {} is above height {}", edges[2], edges[5])));
        }
        6 => ([edges[0], edges[1]], [edges[3], edges[4]]),
        _ => return Err(fault(format!("found {count} numbers, expected 4 or 6"))),
    };
    let window = match crs {
        Some(crs) => Window::in_crs(crs, least, greatest),
        None => Window::try_new(least[0], least[1], greatest[0], greatest[1]),
    };
    window.map_err(|error| fault(error.to_string()))
}
