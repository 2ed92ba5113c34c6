//! The question for the features that are nearest to a position.

use std::str::FromStr;

use terrier_model::{Field, Kind, Sensitivity, Text};
use terrier_spatial::Position;

use crate::query::{QueryError, shorten};

/// How many features are told when nobody says.
pub const NEAREST_DEFAULT: usize = 10;

/// The most features that are told.
// All of them are one page, in the order of their distances, which no cursor holds.
pub const MAX_NEAREST: usize = 1_000;

/// The parameter that names the position.
pub(crate) const NEAR: &str = "near";

/// The parameter that says how many features are told.
pub(crate) const NEAREST: &str = "k";

/// What tells how far a feature is, wherever it is told.
pub const DISTANCE: &str = "distance_m";

/// Parameters of lists in another order or in pages.
const PAGE_PARAMETERS: [&str; 4] = ["limit", "offset", "sortby", "token"];

/// A position, and how many of the features that are nearest to it are wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// Longitude and latitude in degrees on WGS 84, within the world.
    pub position: Position,
    /// From 1 to [`MAX_NEAREST`].
    pub count: usize,
}

impl Near {
    /// Reads the two parameters, of which the question has these values, beside others of these names.
    ///
    /// # Errors
    /// The position is not two numbers in the world, or the count not a whole number from 1 to
    /// [`MAX_NEAREST`]; a count without a position; a parameter that wants another order or pages.
    pub(crate) fn parse(
        near: Option<&str>,
        count: Option<&str>,
        names: &[&str],
    ) -> Result<Option<Self>, QueryError> {
        let Some(near) = near else {
            return match count {
                None => Ok(None),
                Some(_) => Err(QueryError::new(NEAREST, "only together with `near`")),
            };
        };
        let position = parse_position(near)?;
        let count = count.map_or(Ok(NEAREST_DEFAULT), parse_count)?;
        match names.iter().find(|name| PAGE_PARAMETERS.contains(name)) {
            None => Ok(Some(Self { position, count })),
            Some(name) => {
                let detail = "not together with `near`: `k` says how many, the nearest comes first";
                Err(QueryError::new(name, detail))
            }
        }
    }
}

/// How a column of distances is described.
pub fn distance_field() -> Field {
    Field {
        name: DISTANCE.into(),
        kind: Kind::Number,
        unit: Some("m".into()),
        title: Text::new("Distance", "距离"),
        description: Some(Text::new(
            "Along the ground from the position that was asked about to the nearest place.",
            "从所询位置到最近处的地面距离。",
        )),
        sensitivity: Sensitivity::Public,
        range: None,
        core: None,
        event: None,
        retired: false,
    }
}

fn parse_position(text: &str) -> Result<Position, QueryError> {
    let number = |text: &str, most: f64| {
        f64::from_str(text.trim()).ok().filter(|number| number.abs() <= most)
    };
    let position =
        text.split_once(',').and_then(|(lon, lat)| Some([number(lon, 180.0)?, number(lat, 90.0)?]));
    position.ok_or_else(|| {
        let detail = format!(
            "found `{}`, expected longitude within ±180, then latitude within ±90, such as \
             117.2,39.1",
            shorten(text)
        );
        QueryError::new(NEAR, detail)
    })
}

fn parse_count(text: &str) -> Result<usize, QueryError> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let count = text.parse().ok().filter(|count| is_plain && (1..=MAX_NEAREST).contains(count));
    count.ok_or_else(|| {
        let detail =
            format!("found `{}`, expected a whole number from 1 to {MAX_NEAREST}", shorten(text));
        QueryError::new(NEAREST, detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(near: Option<&str>, count: Option<&str>, names: &[&str], expected: &str) {
        let answer = match Near::parse(near, count, names) {
            Ok(None) => "nothing".to_owned(),
            Ok(Some(Near { position: [lon, lat], count })) => format!("{count} at {lon} {lat}"),
            Err(error) => error.to_string(),
        };
        assert_eq!(answer, expected, "{near:?} {count:?}");
    }

    #[test]
    fn a_position_has_two_numbers_in_the_world() {
        check(None, None, &["limit"], "nothing");
        check(Some("117.2,39.1"), None, &["bbox"], "10 at 117.2 39.1");
        check(Some(" -180 , 90 "), Some("1"), &[], "1 at -180 90");
        for found in ["", "1", "1,2,3", "1,x", "181,0", "0,90.5", "NaN,0", "inf,0", "1;2"] {
            let expected = format!(
                "parameter `near`: found `{found}`, expected longitude within ±180, then latitude \
                 within ±90, such as 117.2,39.1"
            );
            check(Some(found), None, &[], &expected);
        }
    }

    #[test]
    fn the_count_has_a_bound() {
        check(Some("0,0"), Some("1000"), &[], "1000 at 0 0");
        for found in ["0", "1001", "-1", "+1", "1.0", "", "99999999999999999999999"] {
            let expected =
                format!("parameter `k`: found `{found}`, expected a whole number from 1 to 1000");
            check(Some("0,0"), Some(found), &[], &expected);
        }
        check(None, Some("5"), &[], "parameter `k`: only together with `near`");
    }

    #[test]
    fn what_is_nearest_comes_in_no_other_order_and_in_no_pages() {
        for name in PAGE_PARAMETERS {
            let expected = format!(
                "parameter `{name}`: not together with `near`: `k` says how many, the nearest \
                 comes first"
            );
            check(Some("0,0"), None, &["bbox", name], &expected);
        }
    }
}
