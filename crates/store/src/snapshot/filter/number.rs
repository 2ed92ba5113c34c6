//! Numbers that are computed for all rows of a leaf at once.
//!
//! The answers are those of `model`, which computes whole numbers exactly: where a whole number might
//! be beyond what the numbers here hold exactly, nothing is computed.

use jiff::civil::Date;
use terrier_model::{Arithmetic, Comparison, Operand, Value};

use super::super::column::{Column, Values, packed_day};
use super::rows::Rows;

/// Up to here every whole number has an `f64` of its own: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// How many years lie between any two days, and more.
const YEARS: f64 = 20_000.0;

/// A number for each row, NaN where there is none.
struct Numbers {
    numbers: Vector,
    /// For whole numbers one that none is beyond, on either side of 0.
    whole: Option<f64>,
}

enum Vector {
    /// All rows have this one.
    One(f64),
    Many(Vec<f64>),
}

/// The rows for which two numbers, or days, stand so to each other; `None` when that has to be asked
/// row by row.
pub(super) fn rows_compared(
    columns: &[Column],
    rows: usize,
    left: &Operand<usize>,
    comparison: Comparison,
    right: &Operand<usize>,
) -> Option<Rows> {
    let (left, right) = (numbers(columns, left)?, numbers(columns, right)?);
    // What is NaN is in no order with anything.
    if left.numbers.is_missing() || right.numbers.is_missing() {
        return Some(Rows::none());
    }
    let (left, right) = (left.numbers.spread(rows), right.numbers.spread(rows));
    Some(match comparison {
        Comparison::Equal => Rows::of_pairs(&left, &right, |a, b| a == b),
        Comparison::NotEqual => Rows::of_pairs(&left, &right, differs),
        Comparison::Less => Rows::of_pairs(&left, &right, |a, b| a < b),
        Comparison::LessOrEqual => Rows::of_pairs(&left, &right, |a, b| a <= b),
        Comparison::Greater => Rows::of_pairs(&left, &right, |a, b| a > b),
        Comparison::GreaterOrEqual => Rows::of_pairs(&left, &right, |a, b| a >= b),
    })
}

#[expect(clippy::double_comparisons, reason = "NaN is not equal to anything, and does not differ")]
fn differs(a: f64, b: f64) -> bool {
    a < b || a > b
}

impl Vector {
    fn spread(self, rows: usize) -> Vec<f64> {
        match self {
            Self::One(number) => vec![number; rows],
            Self::Many(numbers) => numbers,
        }
    }

    /// Whether no row has a number.
    fn is_missing(&self) -> bool {
        matches!(self, Self::One(number) if number.is_nan())
    }

    fn map(self, of: impl Fn(f64) -> f64) -> Self {
        match self {
            Self::One(number) => Self::One(of(number)),
            Self::Many(mut numbers) => {
                numbers.iter_mut().for_each(|number| *number = of(*number));
                Self::Many(numbers)
            }
        }
    }

    fn zip(self, other: Self, of: impl Fn(f64, f64) -> f64) -> Self {
        match (self, other) {
            (left, Self::One(b)) => left.map(|a| of(a, b)),
            (Self::One(a), right) => right.map(|b| of(a, b)),
            (Self::Many(mut left), Self::Many(right)) => {
                left.iter_mut().zip(right).for_each(|(a, b)| *a = of(*a, b));
                Self::Many(left)
            }
        }
    }
}

/// `None` when they might not be exact.
fn numbers(columns: &[Column], operand: &Operand<usize>) -> Option<Numbers> {
    match operand {
        Operand::Field(position) => of_column(&columns[*position]),
        Operand::Value(Value::Integer(whole)) => {
            let number = *whole as f64;
            (number.abs() < EXACT)
                .then_some(Numbers { numbers: Vector::One(number), whole: Some(number.abs()) })
        }
        Operand::Value(Value::Number(number)) => {
            Some(Numbers { numbers: Vector::One(*number), whole: None })
        }
        Operand::Value(Value::Date(day)) => {
            let number = f64::from(packed_day(*day));
            Some(Numbers { numbers: Vector::One(number), whole: Some(number.abs()) })
        }
        Operand::Arithmetic { left, operator, right } => {
            let (left, right) = (numbers(columns, left)?, numbers(columns, right)?);
            computed(left, *operator, right)
        }
        Operand::Age { since, on } => match (&**since, &**on) {
            (Operand::Field(position), Operand::Value(Value::Date(on))) => {
                ages(&columns[*position], *on)
            }
            _ => None,
        },
        _ => None,
    }
}

fn of_column(column: &Column) -> Option<Numbers> {
    let many = |numbers: Vec<f64>, whole| Some(Numbers { numbers: Vector::Many(numbers), whole });
    let of_small = |values: &[i32]| -> Vec<f64> {
        let number = |value: &i32| if *value == i32::MIN { f64::NAN } else { f64::from(*value) };
        values.iter().map(number).collect()
    };
    match column.values() {
        Values::Absent => Some(Numbers { numbers: Vector::One(f64::NAN), whole: Some(0.0) }),
        Values::Numbers(values) => many(values.to_vec(), None),
        Values::SmallIntegers(values) | Values::Days(values) => {
            many(of_small(values), Some(-f64::from(i32::MIN)))
        }
        Values::Integers(values) => {
            let ends = column.rows_of_ends().map(|row| values[row].map(|whole| whole as f64));
            let most = ends[0]?.abs().max(ends[1]?.abs());
            let number = |value: &Option<i64>| value.map_or(f64::NAN, |whole| whole as f64);
            (most < EXACT).then(|| many(values.iter().map(number).collect(), Some(most)))?
        }
        Values::Instants(_) | Values::Text(_) | Values::Lists(_) | Values::Truths(_) => None,
    }
}

fn computed(left: Numbers, operator: Arithmetic, right: Numbers) -> Option<Numbers> {
    let whole = match left.whole.zip(right.whole) {
        None => None,
        Some((a, b)) => {
            let most = match operator {
                Arithmetic::Add | Arithmetic::Subtract => a + b,
                Arithmetic::Multiply => a * b,
                Arithmetic::Remainder | Arithmetic::WholeDivide => a.max(b),
                // These give no whole numbers.
                Arithmetic::Divide | Arithmetic::Power => f64::NAN,
            };
            if most >= EXACT {
                return None;
            }
            Some(most).filter(|most| !most.is_nan())
        }
    };
    let (left, right) = (left.numbers, right.numbers);
    // Each with a loop of its own, in which several numbers are computed at once.
    let numbers = match operator {
        Arithmetic::Add => finite(left, right, |a, b| a + b),
        Arithmetic::Subtract => finite(left, right, |a, b| a - b),
        Arithmetic::Multiply => finite(left, right, |a, b| a * b),
        Arithmetic::Divide => finite(left, right, |a, b| a / b),
        Arithmetic::Remainder => finite(left, right, |a, b| a % b),
        // Rounding does not reach a whole number that the division of lesser ones does not reach.
        Arithmetic::WholeDivide => finite(left, right, |a, b| (a / b).trunc()),
        // 1 to the power of NaN would be 1, and so would NaN to that of 0.
        Arithmetic::Power => {
            finite(left, right, |a, b| if a.is_nan() || b.is_nan() { f64::NAN } else { a.powf(b) })
        }
    };
    Some(Numbers { numbers, whole })
}

/// What is not finite is no number.
fn finite(left: Vector, right: Vector, of: impl Fn(f64, f64) -> f64) -> Vector {
    left.zip(right, |a, b| {
        let found = of(a, b);
        if found.is_finite() { found } else { f64::NAN }
    })
}

/// How many full years have gone by since the days of a column, on a day.
fn ages(column: &Column, on: Date) -> Option<Numbers> {
    let Values::Days(days) = column.values() else {
        return matches!(column.values(), Values::Absent)
            .then_some(Numbers { numbers: Vector::One(f64::NAN), whole: Some(0.0) });
    };
    let today = packed_day(on);
    let age = |day: &i32| {
        if *day == i32::MIN {
            return f64::NAN;
        }
        // The anniversary of 29 February is 28 February where there is no 29th.
        let is_leap_day = day.rem_euclid(10_000) == 229 && !on.in_leap_year();
        f64::from((today - *day + i32::from(is_leap_day)).div_euclid(10_000))
    };
    let numbers = days.iter().map(age).collect();
    Some(Numbers { numbers: Vector::Many(numbers), whole: Some(YEARS) })
}
