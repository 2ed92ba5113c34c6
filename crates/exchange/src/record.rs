//! One row of a file of columns: named values, and perhaps an id and a geometry.
//!
//! What the columns mean is not known here; [`crate::Mapping`] says it.

use std::sync::Arc;

use terrier_model::{Fault, Place, RawValue};
use terrier_spatial::Sketch;

use crate::feature::{Feature, MAX_PROPERTIES};
use crate::json::Json;

/// The names of a file's columns, shared by all its rows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Columns(Vec<Box<str>>);

impl Columns {
    /// Names in the order of the file: at most [`MAX_PROPERTIES`], each once, without control
    /// characters and not empty.
    ///
    /// # Errors
    /// The first name that is not so, with what was expected.
    pub fn try_new(names: Vec<Box<str>>) -> Result<Arc<Self>, Fault> {
        if names.len() > MAX_PROPERTIES {
            let found = format!("{} columns", names.len());
            return Err(Fault::new(Place::Row, found, format!("at most {MAX_PROPERTIES}")));
        }
        for (place, name) in names.iter().enumerate() {
            if name.is_empty() {
                let found = format!("column {} without a name", place + 1);
                return Err(Fault::new(Place::Row, found, "a name for each column"));
            }
            if name.chars().any(char::is_control) {
                let shown = name.escape_debug().to_string();
                return Err(Fault::new(Place::Row, shown, "names without control characters"));
            }
            if names[..place].contains(name) {
                return Err(Fault::new(Place::Row, &**name, "each column once"));
            }
        }
        Ok(Arc::new(Self(names)))
    }

    /// The names in the order of the file.
    pub fn names(&self) -> &[Box<str>] {
        &self.0
    }

    /// The place of a name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|other| **other == *name)
    }
}

/// A row of named values.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    columns: Arc<Columns>,
    values: Vec<RawValue>,
    /// What the file itself calls the row, such as its primary key.
    pub id: Option<RawValue>,
    /// The geometry, in the coordinate system of the file, east or longitude first; missing when
    /// there is none or it is faulty.
    pub sketch: Sketch,
    /// Whether a third number of a position was dropped.
    pub has_height: bool,
    /// What the reader of the file found wrong with the row.
    pub faults: Vec<Fault>,
}

impl Record {
    /// A row without id and geometry. Null is an empty cell; a date is its text.
    ///
    /// # Panics
    /// When there are not as many values as columns.
    pub fn new(columns: Arc<Columns>, values: Vec<RawValue>) -> Self {
        assert_eq!(columns.0.len(), values.len(), "a row has a value for each column");
        let (id, sketch, has_height, faults) = (None, Sketch::Missing, false, Vec::new());
        Self { columns, values, id, sketch, has_height, faults }
    }

    /// The names of the values.
    pub fn columns(&self) -> &Arc<Columns> {
        &self.columns
    }

    /// The values with their names, in the order of the file.
    pub fn values(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.columns.0.iter().map(|name| &**name).zip(&self.values)
    }

    /// The values in the order of the file.
    pub(crate) fn into_values(self) -> Vec<RawValue> {
        self.values
    }

    /// The row as a mapping looks at it.
    pub(crate) fn feature(&self) -> Feature<'_> {
        let mut faults = self.faults.clone();
        let mut properties = Vec::with_capacity(self.values.len());
        for (name, value) in self.values() {
            let value = match value {
                RawValue::Number(number) if !number.is_finite() => {
                    let place = Place::Field(name.into());
                    faults.push(Fault::new(place, number.to_string(), "a number below 1.8e308"));
                    Json::Null
                }
                value => json(value),
            };
            properties.push((name.into(), value));
        }
        Feature {
            id: self.id.as_ref().map_or(Json::Null, json),
            sketch: self.sketch.clone(),
            has_height: self.has_height,
            properties,
            crs: None,
            faults,
        }
    }
}

/// A value as a mapping looks at it.
pub(crate) fn json(value: &RawValue) -> Json<'_> {
    match value {
        RawValue::Null => Json::Null,
        RawValue::Boolean(truth) => Json::Boolean(*truth),
        RawValue::Integer(whole) => Json::Integer(*whole),
        RawValue::Number(number) => Json::Real(*number),
        RawValue::Text(text) => Json::Text(text.into()),
        RawValue::Nested(text) => Json::Nested(text),
        // No table has lists, and so no reader makes one.
        RawValue::List(_) => Json::Nested("a list"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &[&str], expected: &str) {
        let names = names.iter().map(|name| (*name).into()).collect();
        let answer = match Columns::try_new(names) {
            Ok(columns) => columns.names().join(" "),
            Err(fault) => fault.to_string(),
        };
        assert_eq!(answer, expected);
    }

    #[test]
    fn columns_have_names_and_each_another() {
        check(&[], "");
        check(&["a", "管径"], "a 管径");
        check(&["a", ""], "row: found `column 2 without a name`, expected a name for each column");
        check(&["a", "b", "a"], "row: found `a`, expected each column once");
        check(&["a\n"], r"row: found `a\n`, expected names without control characters");
    }

    #[test]
    fn the_number_of_columns_has_a_bound() {
        let names: Vec<String> = (0..=MAX_PROPERTIES).map(|at| format!("c{at}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        check(&names[1..], &names[1..].join(" "));
        check(&names, "row: found `1001 columns`, expected at most 1000");
    }

    #[test]
    fn a_number_that_is_none_is_a_fault_of_its_row() {
        let columns = Columns::try_new(vec!["a".into(), "b".into()]).expect("two names");
        let values = vec![RawValue::Number(f64::NAN), RawValue::Number(1.5)];
        let record = Record::new(columns, values);
        let feature = record.feature();
        assert_eq!(feature.properties, [("a".into(), Json::Null), ("b".into(), Json::Real(1.5))]);
        let faults: Vec<String> = feature.faults.iter().map(ToString::to_string).collect();
        assert_eq!(faults, ["a: found `NaN`, expected a number below 1.8e308"]);
    }
}
