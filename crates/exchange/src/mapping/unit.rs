//! Units that a file's numbers may be in, and their conversion into the unit of a field.

use terrier_model::RawValue;

/// A unit: `mantissa` times ten to the power of `exponent` of the base of its dimension.
struct Unit {
    name: &'static str,
    dimension: &'static str,
    mantissa: f64,
    exponent: i32,
}

const fn unit(name: &'static str, dimension: &'static str, mantissa: f64, exponent: i32) -> Unit {
    Unit { name, dimension, mantissa, exponent }
}

/// The international foot, yard and mile of 1959, from which the inch and the square foot follow;
/// the pound per square inch with standard gravity.
const UNITS: [Unit; 20] = [
    unit("mm", "length", 1.0, -3),
    unit("cm", "length", 1.0, -2),
    unit("m", "length", 1.0, 0),
    unit("km", "length", 1.0, 3),
    unit("in", "length", 254.0, -4),
    unit("ft", "length", 3048.0, -4),
    unit("yd", "length", 9144.0, -4),
    unit("mi", "length", 1_609_344.0, -3),
    unit("m2", "area", 1.0, 0),
    unit("ha", "area", 1.0, 4),
    unit("km2", "area", 1.0, 6),
    unit("ft2", "area", 9_290_304.0, -8),
    unit("pa", "pressure", 1.0, 0),
    unit("kpa", "pressure", 1.0, 3),
    unit("mpa", "pressure", 1.0, 6),
    unit("bar", "pressure", 1.0, 5),
    unit("mbar", "pressure", 1.0, 2),
    unit("psi", "pressure", 6_894.757_293_168_36, 0),
    unit("w", "power", 1.0, 0),
    unit("kw", "power", 1.0, 3),
];

fn named(name: &str) -> Option<&'static Unit> {
    UNITS.iter().find(|unit| unit.name.eq_ignore_ascii_case(name))
}

/// How numbers of one unit become numbers of another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Conversion {
    mantissa: f64,
    exponent: i32,
}

impl Conversion {
    /// The conversion from one unit to another.
    ///
    /// # Errors
    /// With what was expected in place of the first.
    pub(crate) fn between(from: &str, to: Option<&str>) -> Result<Self, String> {
        let Some(to) = to else {
            return Err("no unit, for the field has none".into());
        };
        let Some(target) = named(to) else {
            return Err(format!("no unit, for {to} of the field cannot be converted into"));
        };
        match named(from) {
            Some(unit) if unit.dimension == target.dimension => Ok(Self {
                mantissa: unit.mantissa / target.mantissa,
                exponent: unit.exponent - target.exponent,
            }),
            _ => {
                let fitting = UNITS.iter().filter(|unit| unit.dimension == target.dimension);
                let names: Vec<_> = fitting.map(|unit| unit.name).collect();
                Err(format!("a unit of {}: {}", target.dimension, names.join(", ")))
            }
        }
    }

    /// The converted number; `None` when the text is none.
    pub(crate) fn apply(self, text: &str) -> Option<RawValue> {
        let number: f64 = text.parse().ok().filter(|number: &f64| number.is_finite())?;
        let converted = if self.mantissa == 1.0 && !text.contains(['e', 'E']) {
            // Only the point is moved, so that 0.284 m are 284 mm to the last digit.
            format!("{text}e{}", self.exponent).parse().ok()?
        } else if self.exponent < 0 {
            number * self.mantissa / 10_f64.powi(-self.exponent)
        } else {
            number * self.mantissa * 10_f64.powi(self.exponent)
        };
        Some(RawValue::Number(converted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, from: &str, to: &str, expected: f64) {
        let conversion = Conversion::between(from, Some(to)).expect("two units of one dimension");
        assert_eq!(conversion.apply(text), Some(RawValue::Number(expected)), "{text} {from}");
    }

    #[test]
    fn decimal_units_only_move_the_point() {
        check("0.017681747822897", "km", "m", 17.681_747_822_897);
        check("0.284", "m", "mm", 284.0);
        check("1.001", "m", "mm", 1001.0);
        check("12", "cm", "m", 0.12);
        check("4", "bar", "MPa", 0.4);
        check("1.5", "ha", "m2", 15_000.0);
        check("0.07", "kW", "W", 70.0);
        check("-0", "km", "m", -0.0);
        check("1e-3", "km", "m", 1.0);
    }

    #[test]
    fn other_units_are_converted_by_their_definition() {
        check("1", "ft", "m", 0.3048);
        check("10", "in", "mm", 254.0);
        check("1", "mi", "m", 1609.344);
        check("3", "ft", "yd", 1.0);
        check("100", "ft2", "m2", 9.290_304);
        check("1000", "psi", "kpa", 6_894.757_293_168_36);
    }

    #[test]
    fn what_is_no_number_is_left_alone() {
        let conversion = Conversion::between("km", Some("m")).expect("two lengths");
        for text in ["", "abc", "NaN", "inf", "1e999", "1,5", "5 km"] {
            assert_eq!(conversion.apply(text), None, "{text}");
        }
    }

    #[test]
    fn a_unit_of_another_dimension_is_refused() {
        let check = |from: &str, to: Option<&str>, expected: &str| {
            assert_eq!(Conversion::between(from, to), Err(expected.into()));
        };
        check("bar", Some("m"), "a unit of length: mm, cm, m, km, in, ft, yd, mi");
        check("furlong", Some("W"), "a unit of power: w, kw");
        check("m", None, "no unit, for the field has none");
        check("m", Some("K"), "no unit, for K of the field cannot be converted into");
    }
}
