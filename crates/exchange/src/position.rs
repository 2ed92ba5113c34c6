//! Which columns of a row hold its position, and the geometry that they give.

use std::fmt;

use serde::{Deserialize, Serialize};
use terrier_model::{Fault, Place};
use terrier_spatial::Sketch;

use crate::feature::Feature;
use crate::json::Json;
use crate::wkt;

/// The columns that hold the positions of a file.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub enum PositionColumns {
    /// One column with geometries in well-known text.
    Wkt(Box<str>),
    /// Two columns with a number each: points.
    Numbers {
        /// The easting or longitude.
        east: Box<str>,
        /// The northing or latitude.
        north: Box<str>,
    },
    /// None: nobody asks where the rows lie, as in a list of what was done.
    Unwanted,
}

impl PositionColumns {
    /// The names of the columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let (first, second) = match self {
            Self::Wkt(name) => (Some(name), None),
            Self::Numbers { east, north } => (Some(east), Some(north)),
            Self::Unwanted => (None, None),
        };
        first.into_iter().chain(second).map(|name| &**name)
    }

    /// Whether a column is one of them.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names().any(|other| other == name)
    }

    /// Gives a row the geometry that its columns hold, or notes what is wrong with it.
    pub(crate) fn place(&self, feature: &mut Feature<'_>, decimal: Option<char>) {
        let sketch = match self.sketch(feature, decimal) {
            Ok(None) => return,
            Ok(Some((sketch, has_height))) => {
                feature.has_height |= has_height;
                sketch
            }
            Err(fault) => {
                feature.faults.push(fault);
                return;
            }
        };
        if feature.sketch == Sketch::Missing {
            feature.sketch = sketch;
        } else {
            // To choose would be to guess which of the two was mended.
            let found = format!("a {} beside {self}", feature.sketch.name());
            let place = Place::Geometry { part: None, vertex: None };
            feature.faults.push(Fault::new(place, found, "one of the two"));
        }
    }

    /// The geometry and whether it had heights; `None` when the columns are empty.
    fn sketch(
        &self,
        feature: &Feature<'_>,
        decimal: Option<char>,
    ) -> Result<Option<(Sketch, bool)>, Fault> {
        match self {
            Self::Unwanted => Ok(None),
            Self::Wkt(name) => match feature.property(name) {
                None | Some(Json::Null) => Ok(None),
                Some(Json::Text(text)) if text.trim().is_empty() => Ok(None),
                Some(Json::Text(text)) => wkt::read(text).map(Some),
                Some(other) => {
                    let place = Place::Geometry { part: None, vertex: None };
                    let expected = format!("a geometry in well-known text as `{name}`");
                    Err(Fault::new(place, other.shown(), expected))
                }
            },
            Self::Numbers { east, north } => {
                let x = number(feature.property(east), east, decimal)?;
                let y = number(feature.property(north), north, decimal)?;
                match (x, y) {
                    (Some(x), Some(y)) => Ok(Some((Sketch::Point([x, y]), false))),
                    (None, None) => Ok(None),
                    (None, Some(_)) => Err(fault("nothing", east)),
                    (Some(_), None) => Err(fault("nothing", north)),
                }
            }
        }
    }
}

impl fmt::Display for PositionColumns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unwanted => f.write_str("nothing"),
            Self::Wkt(name) => write!(f, "`{name}`"),
            Self::Numbers { east, north } => {
                write!(f, "`{east}` to the east and `{north}` to the north")
            }
        }
    }
}

fn fault(found: impl AsRef<str>, column: &str) -> Fault {
    let place = Place::Geometry { part: None, vertex: Some(0) };
    Fault::new(place, found, format!("a number as `{column}`"))
}

/// The number in a column, if there is something.
///
/// # Errors
/// When it is no number.
pub(crate) fn number(
    value: Option<&Json<'_>>,
    column: &str,
    decimal: Option<char>,
) -> Result<Option<f64>, Fault> {
    let found = match value {
        None | Some(Json::Null) => return Ok(None),
        Some(Json::Integer(whole)) => Some(*whole as f64),
        Some(Json::Real(number)) => Some(*number),
        Some(Json::Number(number)) => Some(number.value()),
        Some(Json::Text(text)) if text.trim().is_empty() => return Ok(None),
        Some(Json::Text(text)) => parse(text, decimal),
        Some(Json::Boolean(_) | Json::Nested(_)) => None,
    };
    match found.filter(|number| number.is_finite()) {
        Some(number) => Ok(Some(number)),
        None => Err(fault(value.map(Json::shown).unwrap_or_default(), column)),
    }
}

/// The number that a text is, with a decimal sign: nothing but digits, signs and an exponent, for
/// `inf` and `nan` are no numbers here.
pub(crate) fn parse(text: &str, decimal: Option<char>) -> Option<f64> {
    let text = text.trim();
    let is_comma = decimal == Some(',');
    let sign = |byte: u8| byte == if is_comma { b',' } else { b'.' };
    if !text
        .bytes()
        .all(|b| b.is_ascii_digit() || sign(b) || matches!(b, b'+' | b'-' | b'e' | b'E'))
    {
        return None;
    }
    if is_comma { text.replace(',', ".").parse().ok() } else { text.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(columns: &PositionColumns, row: &str, expected: &str) {
        let text = format!(r#"{{"type":"Feature",{row}}}"#);
        let mut feature = crate::feature::read(text.as_bytes()).expect("JSON");
        columns.place(&mut feature, Some('.'));
        let answer = match &*feature.faults {
            [] => format!("{:?}", feature.sketch),
            [fault, ..] => fault.to_string(),
        };
        assert_eq!(answer, expected, "{row}");
    }

    fn row(properties: &str) -> String {
        format!(r#""geometry":null,"properties":{{{properties}}}"#)
    }

    fn numbers() -> PositionColumns {
        PositionColumns::Numbers { east: "Y".into(), north: "X".into() }
    }

    #[test]
    fn two_numbers_are_a_point() {
        let point = "Point([520000.5, 4300000.0])";
        check(&numbers(), &row(r#""X":4300000,"Y":520000.5"#), point);
        check(&numbers(), &row(r#""X":" 4300000.0 ","Y":"520000.5""#), point);
        check(&numbers(), &row(r#""X":"","Y":null"#), "Missing");
        check(&numbers(), &row(""), "Missing");
    }

    #[test]
    fn what_is_no_number_is_a_fault() {
        let fault = |found: &str, column: &str| {
            format!("geometry vertex 0: found `{found}`, expected a number as `{column}`")
        };
        check(&numbers(), &row(r#""X":4300000"#), &fault("nothing", "Y"));
        check(&numbers(), &row(r#""Y":4300000,"X":" ""#), &fault("nothing", "X"));
        for found in ["4,5", "nan", "inf", "1e999", "12 m", "0x1"] {
            check(&numbers(), &row(&format!(r#""X":"{found}","Y":1"#)), &fault(found, "X"));
        }
        check(&numbers(), &row(r#""X":true,"Y":1"#), &fault("true", "X"));
    }

    #[test]
    fn one_column_may_hold_a_geometry() {
        let columns = PositionColumns::Wkt("geom".into());
        check(&columns, &row(r#""geom":"POINT (1 2)""#), "Point([1.0, 2.0])");
        check(&columns, &row(r#""geom":" ""#), "Missing");
        check(
            &columns,
            &row(r#""geom":5"#),
            "geometry: found `5`, expected a geometry in well-known text as `geom`",
        );
    }

    #[test]
    fn a_row_has_one_geometry() {
        let of = |x: &str| {
            let point = r#""geometry":{"type":"Point","coordinates":[1,2]}"#;
            format!(r#"{point},"properties":{{"X":{x},"Y":{x}}}"#)
        };
        check(&numbers(), &of("null"), "Point([1.0, 2.0])");
        check(
            &numbers(),
            &of("3"),
            "geometry: found `a Point beside `Y` to the east and `X` to the north`, expected one \
             of the two",
        );
    }

    #[test]
    fn a_number_may_have_a_decimal_comma() {
        assert_eq!(parse("-1,5e3", Some(',')), Some(-1500.0));
        assert_eq!(parse("1.5", Some(',')), None);
        assert_eq!(parse("1.5", None), Some(1.5));
        assert_eq!(parse("1,5", None), None);
        assert_eq!(parse("1,5,0", Some(',')), None);
    }
}
