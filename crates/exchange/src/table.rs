//! A table of cells under names, whatever file it stands in: its columns, where its positions are, and
//! the records that its rows become.

use std::sync::Arc;

use terrier_model::{Fault, RawValue};

use crate::description::Description;
use crate::header::{self, ID_COLUMN, Positions};
use crate::options::ReadOptions;
use crate::read_error::ReadError;
use crate::record::{Columns, Record};

/// What the names of a table tell of its rows.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) columns: Arc<Columns>,
    /// The place of the column that is the id of a row.
    id: Option<usize>,
}

impl Table {
    /// A table of columns, of which the description then tells.
    ///
    /// # Errors
    /// When the names cannot be names, or when something has to be said of the positions.
    pub(crate) fn new(
        file: &str,
        columns: Result<Arc<Columns>, Fault>,
        options: &ReadOptions,
        description: &mut Description,
    ) -> Result<Self, ReadError> {
        let format = description.format;
        let unsound = |Fault { found, expected, .. }| ReadError::Unsound {
            file: file.into(),
            format,
            found: format!("`{found}`"),
            expected,
            source: None,
        };
        let columns = columns.map_err(unsound)?;
        description.columns = columns.names().to_vec();
        if options.survey.is_some() {
            // Where its positions are, the survey knows.
            let found = "a table of points and lines";
            let missing = || ReadError::option(file, format, found, header::CRS_EXPECTED);
            description.crs = Some(options.crs.clone().ok_or_else(missing)?);
        } else {
            let refuse = |(found, expected)| ReadError::option(file, format, found, expected);
            match header::positions_or_none(&columns, options).map_err(refuse)? {
                Some(Positions { columns: positions, crs }) => {
                    (description.positions, description.crs) = (Some(positions), Some(crs));
                }
                None => description.crs.clone_from(&options.crs),
            }
        }
        let id = columns.position(ID_COLUMN);
        Ok(Self { columns, id })
    }

    /// A row of as many values as there are columns.
    pub(crate) fn record(&self, values: Vec<RawValue>) -> Record {
        let id = self.id.map(|place| values[place].clone()).filter(|id| *id != RawValue::Null);
        let mut record = Record::new(Arc::clone(&self.columns), values);
        record.id = id;
        record
    }
}
