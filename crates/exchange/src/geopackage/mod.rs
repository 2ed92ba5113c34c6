//! GeoPackage, a layer in an SQLite file (OGC 12-128r18, version 1.3).
//!
//! Names of tables and columns are put into statements in quotes, and values are bound. When writing,
//! names are those of our own classes, which have a narrow form; when reading, they may be anything.

mod blob;
mod description;
mod file;
mod plain;
mod reader;
mod statement;
mod table;
mod wait;
mod writer;

use std::path::{Path, PathBuf};

pub(crate) use reader::GeoPackageFile;
pub use writer::GeoPackageWriter;

/// What SQLite could not do with a GeoPackage.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} the GeoPackage `{}`", file.display())]
pub struct GeoPackageError {
    doing: &'static str,
    file: PathBuf,
    source: sqlx::Error,
}

impl GeoPackageError {
    /// Wraps an error of SQLite with what was being done.
    fn while_doing(doing: &'static str, file: &Path) -> impl Fn(sqlx::Error) -> Self {
        move |source| Self { doing, file: file.into(), source }
    }
}
