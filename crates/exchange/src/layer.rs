//! What is written into a file, whatever its format: the features of one layer, one after the
//! other. What the features are of, a layer does not know.

use std::path::PathBuf;

use terrier_catalog::write_value;
use terrier_model::{Field, Text, TextListRef, ValueRef};
use terrier_spatial::{Crs, GeometryKind, Shape};

use crate::geopackage::GeoPackageError;

/// What all features of a file have in common.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The name, of a-z, 0-9 and `_`; in a GeoPackage that of the table.
    pub name: Box<str>,
    /// What people call it.
    pub title: Text,
    /// What belongs to it.
    pub description: Text,
    /// The kind of all shapes; `None` when they are of any kind.
    pub geometry: Option<GeometryKind>,
    /// The coordinate system of all shapes; `None` for longitude and latitude on WGS 84.
    pub crs: Option<Crs>,
    /// The fields beside `id` and the geometry, in the order of the columns.
    pub fields: Vec<Field>,
}

/// A feature on its way into a file.
#[derive(Clone, Copy, Debug)]
pub struct LayerFeature<'a> {
    /// Its id, which every format keeps as a text.
    pub id: &'a str,
    /// Where it is, in the coordinate system of the layer, easting or longitude first; `None` when that
    /// is not told.
    pub shape: Option<&'a Shape>,
    /// The values of [`Layer::fields`], in their order.
    pub values: &'a [Option<ValueRef<'a>>],
}

/// Writes the features of a layer in one format. A writer that is dropped before it has finished
/// leaves a file that is not whole.
pub trait LayerWriter {
    /// Adds a feature.
    ///
    /// # Errors
    /// When the file cannot be written.
    fn put(&mut self, feature: &LayerFeature<'_>) -> Result<(), WriteError>;

    /// Ends the file.
    ///
    /// # Errors
    /// When the file cannot be written.
    fn finish(self: Box<Self>) -> Result<(), WriteError>;
}

/// Why features could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Whatever takes the bytes takes no more.
    #[error("cannot write the features")]
    Out {
        /// Why.
        source: std::io::Error,
    },
    /// There is no room for features that wait until their number is known.
    #[error("cannot keep features in a temporary file in `{}`", folder.display())]
    Temporary {
        /// Where the temporary file lies.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// SQLite cannot write the file.
    #[error(transparent)]
    GeoPackage(#[from] GeoPackageError),
}

impl WriteError {
    /// Wraps an error of whatever takes the bytes.
    pub(crate) fn out(source: std::io::Error) -> Self {
        Self::Out { source }
    }
}

/// A text in both languages, as people see it in other programs.
pub(crate) fn in_both(text: &Text) -> String {
    format!("{} {}", text.en, text.zh)
}

/// A list as formats have it that know none: as the text of a list in JSON, which no value can end too
/// early, and which GDAL writes too.
pub(crate) fn list_text(list: TextListRef<'_>) -> String {
    let mut text = Vec::new();
    write_value(&mut text, Some(ValueRef::List(list)));
    String::from_utf8(text).expect("JSON is text")
}

/// What people call a field, with its unit.
pub(crate) fn heading(field: &Field) -> String {
    let title = in_both(&field.title);
    field.unit.as_deref().map_or(title.clone(), |unit| format!("{title} ({unit})"))
}
