//! Reads Shapefiles (Esri, July 1998) in bounded memory: shapes in one file, a table in another, the
//! coordinate system and the encoding in small ones beside them, or all of them in a ZIP archive.

mod code_page;
#[cfg(test)]
mod made;
mod parts;
mod rings;
mod shape;
mod shapes;
mod table;

use std::path::Path;
use std::sync::Arc;

use encoding_rs::Encoding;
use terrier_model::{Fault, RawValue};
use terrier_spatial::{Crs, Sketch};

use self::parts::Parts;
use self::shapes::Shapes;
use self::table::Table;
use crate::crs;
use crate::description::{Description, Extent};
use crate::encoding::Unclear;
use crate::format::Format;
use crate::header::{self, ID_COLUMN};
use crate::options::ReadOptions;
use crate::read_error::ReadError;
use crate::record::{Columns, Record};
use crate::row::{Body, Row};
use crate::source_file::{RowSource, Rows};

/// A Shapefile. Iterating gives its rows in the order of its table; rows that are deleted are
/// counted and left out.
pub(crate) struct ShapefileFile {
    description: Description,
    encoding: &'static Encoding,
    columns: Arc<Columns>,
    /// The place of the column that is the id of a row.
    id: Option<usize>,
    table: Table,
    shapes: Shapes,
    number: u64,
}

impl ShapefileFile {
    /// Begins to read.
    ///
    /// # Errors
    /// When a file of it is missing or damaged, or when something has to be said of it.
    pub(crate) fn open(
        name: &str,
        path: &Path,
        options: &ReadOptions,
    ) -> Result<Rows<Self>, ReadError> {
        let parts = Parts::open(name, path, options)?;
        Self::new(name, parts, options)
    }

    /// Begins to read an archive that is in memory.
    ///
    /// # Errors
    /// The same.
    pub(crate) fn from_bytes(
        name: &str,
        bytes: &[u8],
        options: &ReadOptions,
    ) -> Result<Rows<Self>, ReadError> {
        let parts = Parts::from_bytes(name, bytes, options)?;
        Self::new(name, parts, options)
    }

    fn new(name: &str, parts: Parts, options: &ReadOptions) -> Result<Rows<Self>, ReadError> {
        let Parts { layer, layers, shp, shx, dbf, prj, cpg } = parts;
        let mut table = Table::open(name.into(), dbf)?;
        let shapes = Shapes::open(name.into(), shp, shx, table.count)?;
        let found =
            code_page::find(options.encoding.as_deref(), cpg.as_deref(), table.language, || {
                table.sample().map_err(Failed::Read)
            });
        let found = found.map_err(|failed| match failed {
            Failed::Read(error) => error,
            Failed::Unclear(Unclear { found, expected }) => option(name, found, expected),
        })?;
        let columns = table.columns(found.encoding);
        let columns = columns.map_err(|Fault { found, expected, .. }| {
            unsound(name, format!("`{found}`"), expected)
        })?;
        let crs = system(name, prj.as_deref(), options)?;
        let mut description = Description {
            extent: Some(Extent::Rows(table.count.into())),
            layer: Some(layer),
            layers,
            encoding: Some(found.name().into()),
            crs: crs.clone(),
            columns: columns.names().to_vec(),
            is_guessed: found.is_guessed,
            ..Description::of(Format::Shapefile)
        };
        let positions = header::beside(&columns, options.positions.as_ref(), crs.as_ref());
        description.positions =
            positions.map_err(|(found, expected)| option(name, found, expected))?;
        table.begin()?;
        Ok(Rows::of(Self {
            description,
            encoding: found.encoding,
            id: columns.position(ID_COLUMN),
            columns,
            table,
            shapes,
            number: 0,
        }))
    }

    fn next_row(&mut self) -> Result<Option<Row>, ReadError> {
        while self.table.read_row()? {
            self.number += 1;
            // The shape of a deleted row is still there.
            let shape = self.shapes.next()?;
            if self.table.is_deleted() {
                continue;
            }
            let body = Body::Record(Box::new(self.record(shape)));
            let number = self.number;
            return Ok(Some(Row { number, start: number - 1, end: number, body, fault: None }));
        }
        self.shapes.end()?;
        Ok(None)
    }

    fn record(&self, shape: shapes::Found) -> Record {
        let (values, wrong) = self.table.values(self.encoding);
        let id = self.id.map(|place| values[place].clone()).filter(|id| *id != RawValue::Null);
        let mut record = Record::new(Arc::clone(&self.columns), values);
        record.id = id;
        let encoding = self.description.encoding.as_deref().unwrap_or_default();
        record.faults = wrong
            .into_iter()
            .map(|(place, found)| {
                let name = &self.columns.names()[place];
                Fault::in_field(name, &found, format!("text in {encoding}"))
            })
            .collect();
        (record.sketch, record.has_height) = shape.unwrap_or_else(|fault| {
            record.faults.push(fault);
            (Sketch::Missing, false)
        });
        record.faults.truncate(crate::MAX_FAULTS);
        record
    }
}

/// The coordinate system: that of the `.prj`, or what the sender says. Where nobody knows that of the
/// `.prj`, or it wants parameters, the sender may say it; of a file that is only looked at, nobody need.
fn system(name: &str, prj: Option<&str>, options: &ReadOptions) -> Result<Option<Crs>, ReadError> {
    let said = options.crs.as_ref();
    let stated = match prj.filter(|text| !text.trim().is_empty()).map(Crs::from_wkt) {
        Some(Err(source)) if said.is_none() && !options.only_look => {
            return Err(ReadError::Crs { file: name.into(), source });
        }
        Some(stated) => stated.ok(),
        None => None,
    };
    let crs = crs::agreed(name, stated, said)?;
    if crs.is_none() && !options.only_look {
        let expected = "to be told its coordinate system: --crs, or `crs` in the mapping";
        return Err(option(name, "no .prj".into(), expected.into()));
    }
    Ok(crs)
}

/// Why the encoding was not found.
enum Failed {
    Read(ReadError),
    Unclear(Unclear),
}

impl From<Unclear> for Failed {
    fn from(unclear: Unclear) -> Self {
        Self::Unclear(unclear)
    }
}

fn option(file: &str, found: String, expected: String) -> ReadError {
    ReadError::Option { file: file.into(), format: Format::Shapefile, found, expected }
}

fn unsound(file: &str, found: impl Into<String>, expected: impl Into<String>) -> ReadError {
    ReadError::Unsound {
        file: file.into(),
        format: Format::Shapefile,
        found: found.into(),
        expected: expected.into(),
        source: None,
    }
}

fn read_error(file: &str, at: u64, source: std::io::Error) -> ReadError {
    ReadError::Read { file: file.into(), at, source }
}

impl RowSource for ShapefileFile {
    fn description(&self) -> &Description {
        &self.description
    }

    fn read_row(&mut self) -> Result<Option<Row>, ReadError> {
        self.next_row()
    }
}

#[cfg(test)]
mod tests;
