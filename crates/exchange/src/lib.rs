//! Reads and writes other people's files, row by row, into drafts and faults.
//!
//! [`SourceFile`] tells the format of a file and finds its rows, [`Mapper`] makes drafts of them as
//! a [`Mapping`] says, and [`FaultFile`] keeps those that were refused. A [`Row`] is the text of a
//! GeoJSON feature or a [`Record`] of named values; a format is a [`Reader`]. For a file without a
//! mapping, [`suggest`] makes one to start from. The other way, a
//! [`LayerWriter`] puts the features of a [`Layer`] into a file of its format. Everything is
//! synchronous and knows neither the register nor HTTP; what a draft must be, the model says.
//!
//! ```
//! use std::sync::Arc;
//! use terrier_exchange::{GeoJsonFile, Mapper, Mapping, Outcome, Reader};
//! # use terrier_model::{Class, Text};
//! # let text = Text::new("Benches", "座椅");
//! # let kind = terrier_spatial::GeometryKind::Point;
//! # let benches = Arc::new(Class::try_new("benches", text.clone(), text, kind, Vec::new())?);
//! let file = r#"{"type":"FeatureCollection","features":[
//!     {"type":"Feature","id":7,"properties":{"road":"友谊路"},
//!      "geometry":{"type":"Point","coordinates":[117.2,39.1]}}
//! ]}"#;
//! let mapping = Mapping::plain("parks department", &benches);
//! let file = GeoJsonFile::from_reader("benches.geojson", file.as_bytes())?;
//! let mut mapper = Mapper::new(Arc::new(mapping), file.description());
//! for row in file {
//!     let row = row?;
//!     let Outcome::Draft { class, draft } = mapper.read(&row) else { panic!("row {}", row.number) };
//!     assert_eq!(draft.external_key.as_deref(), Some("7"));
//!     assert!(draft.check(&class).is_ok());
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod archive;
mod collection;
mod crs;
mod csv;
mod csv_writer;
mod description;
mod encoding;
mod fault_feature;
mod fault_file;
mod feature;
mod flatgeobuf;
mod format;
mod geojson_writer;
mod geometry;
mod geopackage;
mod header;
mod input;
mod json;
mod layer;
mod layer_format;
mod layout;
mod listed;
mod mapping;
mod options;
mod position;
mod read_error;
mod reader;
mod record;
mod row;
mod scan;
mod sent;
mod shapefile;
mod source_file;
mod suggestion;
mod summary_csv;
mod survey;
mod table;
mod vertex;
mod wkb;
mod wkt;
mod wkt_writer;
mod xlsx;

use std::sync::Arc;

pub use csv_writer::{CsvGeometry, CsvOptions, CsvWriter, csv_text};
pub use description::{Description, Extent};
pub use fault_file::{FaultFile, FaultFileError};
pub use feature::{MAX_FAULTS, MAX_PROPERTIES};
pub use flatgeobuf::FlatGeobufWriter;
pub use format::Format;
pub use geojson_writer::{GeoJsonForm, GeoJsonWriter, write_named_crs};
pub use geometry::MAX_COLLECTION_DEPTH;
pub use geopackage::{GeoPackageError, GeoPackageWriter};
pub use json::MAX_DEPTH;
pub use layer::{Layer, LayerFeature, LayerWriter, WriteError};
pub use layer_format::{LayerFormat, LayerFormatError};
pub use layout::RECORD_SEPARATOR;
pub use mapping::{
    Happened, MAX_KEY_BYTES, MAX_UNTAKEN_NAMES, Mapper, Mapping, MappingError, Outcome, Untaken,
};
pub use options::ReadOptions;
pub use position::PositionColumns;
pub use read_error::ReadError;
pub use reader::GeoJsonFile;
pub use record::{Columns, Record};
pub use row::{Body, MAX_ROW_BYTES, Row};
pub use sent::{Sent, SentForm};
pub use source_file::{Reader, SourceFile};
pub use suggestion::{MAX_LOOKED_ROWS, Suggestion, SuggestionError, Wish, suggest};
pub use summary_csv::summary_csv;
pub use survey::{MAX_SURVEY_BYTES, MAX_SURVEY_ROWS, Survey};
pub use xlsx::{
    MAX_COPIED_BYTES, MAX_PART_BYTES, MAX_SHARED_TEXT_BYTES, MAX_SHEET_BYTES, MAX_SHEET_COLUMNS,
    MAX_SHEET_ROWS, MAX_STYLES,
};

/// Reads a whole file of any format that is in memory: its rows with what became of them, and the error when the
/// file is not sound. For small files, and for trying what any bytes lead to.
pub fn read_bytes(
    name: &str,
    bytes: &[u8],
    mapping: Arc<Mapping>,
) -> (Vec<(Row, Outcome)>, Option<ReadError>) {
    let mut rows = Vec::new();
    let file = match SourceFile::from_bytes(name, bytes, mapping.options()) {
        Ok(file) => file,
        Err(error) => return (rows, Some(error)),
    };
    let mut mapper = Mapper::new(mapping, file.description());
    for row in file {
        match row {
            Ok(row) => {
                let outcome = mapper.read(&row);
                rows.push((row, outcome));
            }
            Err(error) => return (rows, Some(error)),
        }
    }
    (rows, None)
}
