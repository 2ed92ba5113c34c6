//! Why a file cannot be read.

use terrier_spatial::CrsError;

use crate::format::Format;

/// Why a file cannot be read. What was read of it before is no reliable part of it.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ReadError {
    #[error("cannot open `{file}`")]
    Open { file: String, source: std::io::Error },
    #[error("cannot read `{file}` beyond byte {at}")]
    Read { file: String, at: u64, source: std::io::Error },
    #[error("cannot unpack `{file}` into a temporary file")]
    Unpack { file: String, source: std::io::Error },
    #[error("`{file}` is empty, expected GeoJSON")]
    Empty { file: String },
    #[error(
        "`{file}` is {found}, expected GeoJSON, CSV, GeoPackage, Shapefile, FlatGeobuf or XLSX"
    )]
    Format { file: String, found: String },
    #[error(
        "cannot read `{file}` as GeoJSON: at byte {at}, after {rows} rows, found `{found}`, \
         expected {expected}"
    )]
    Malformed { file: String, at: u64, rows: u64, found: String, expected: String },
    /// A file of another format is not as its format wants it.
    #[error("cannot read `{file}` as {}: found {found}, expected {expected}", .format.name())]
    Unsound {
        file: String,
        format: Format,
        found: String,
        expected: String,
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// The file can be read in several ways, or in none without being told how.
    #[error("`{file}`, read as {}: found {found}, expected {expected}", .format.name())]
    Option { file: String, format: Format, found: String, expected: String },
    #[error("`{file}` ends at byte {at} in the middle of row {row}")]
    EndsInRow { file: String, at: u64, row: u64 },
    #[error("`{file}` ends at byte {at} after {rows} rows, before the end of its list of features")]
    EndsAfterRows { file: String, at: u64, rows: u64 },
    #[error("cannot tell the coordinate system of `{file}`")]
    Crs { file: String, source: CrsError },
    #[error(
        "`{file}` says that its positions are in {stated}, expected {said} as the command or the \
         mapping says"
    )]
    OtherCrs { file: String, stated: String, said: String },
}

impl ReadError {
    /// Something has to be said of a file before it can be read.
    pub(crate) fn option(
        file: &str,
        format: Format,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self::Option { file: file.into(), format, found: found.into(), expected: expected.into() }
    }
}
