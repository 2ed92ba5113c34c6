//! FlatGeobuf, version 3: a header, an index of boxes, the features in binary form.
//!
//! Header and index tell how many features there are and where they lie, so features that are written wait in a
//! temporary file, or in memory, until all have come. They are not sorted by place, for those of a register come
//! along a Hilbert curve. In memory are only the levels of the index above the lowest, 2.7 bytes a
//! feature.

mod buffer;
mod geometry;
mod place;
mod reader;
mod table;
mod tree;

use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Cursor, Read, Seek, Write};
use std::path::{Path, PathBuf};

use terrier_spatial::{Bounds, Shape};

use crate::layer::{Layer, LayerFeature, LayerWriter, WriteError};
pub(crate) use reader::FlatGeobufFile;
use table::{FeatureTable, header};

/// What the file begins with: "fgb", the version, "fgb", the patch.
const MAGIC: &[u8] = b"fgb\x03fgb\x00";

/// So much is read and written at a time.
const BUFFER_BYTES: usize = 1 << 20;

/// Where features wait.
trait Spool: Read + Write + Seek {}

impl Spool for File {}

impl Spool for Cursor<Vec<u8>> {}

/// Writes FlatGeobuf.
pub struct FlatGeobufWriter<W> {
    out: W,
    layer: Layer,
    table: FeatureTable,
    folder: PathBuf,
    features: BufWriter<Box<dyn Spool>>,
    /// The lowest level of the index, as it is written.
    leaves: BufWriter<Box<dyn Spool>>,
    offset: u64,
    count: u64,
    /// Whether each feature has a shape so far: otherwise there is no index.
    is_indexed: bool,
    bounds: Option<Bounds>,
}

impl<W> fmt::Debug for FlatGeobufWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlatGeobufWriter").field("count", &self.count).finish_non_exhaustive()
    }
}

impl<W: Write> FlatGeobufWriter<W> {
    /// Begins a file. Until it is finished its features lie in temporary files in a folder, which
    /// have no name and vanish with the writer.
    ///
    /// # Errors
    /// When no temporary file can be made.
    pub fn new(out: W, layer: &Layer, folder: &Path) -> Result<Self, WriteError> {
        let temporary = || {
            let file = tempfile::tempfile_in(folder);
            let file = file.map_err(|source| temporary_failed(folder, source))?;
            let file: Box<dyn Spool> = Box::new(file);
            Ok::<_, WriteError>(BufWriter::with_capacity(BUFFER_BYTES, file))
        };
        Ok(Self::begin(out, layer, folder, temporary()?, temporary()?))
    }

    /// Begins a file whose features wait in memory, for those of a page.
    pub fn in_memory(out: W, layer: &Layer) -> Self {
        let memory = || {
            let memory: Box<dyn Spool> = Box::new(Cursor::new(Vec::new()));
            BufWriter::new(memory)
        };
        Self::begin(out, layer, Path::new("memory"), memory(), memory())
    }

    fn begin(
        out: W,
        layer: &Layer,
        folder: &Path,
        features: BufWriter<Box<dyn Spool>>,
        leaves: BufWriter<Box<dyn Spool>>,
    ) -> Self {
        Self {
            out,
            table: FeatureTable::of(layer),
            layer: layer.clone(),
            folder: folder.into(),
            features,
            leaves,
            offset: 0,
            count: 0,
            is_indexed: true,
            bounds: None,
        }
    }
}

impl<W: Write> LayerWriter for FlatGeobufWriter<W> {
    fn put(&mut self, feature: &LayerFeature<'_>) -> Result<(), WriteError> {
        let bounds = feature.shape.map(Shape::bounds);
        let bytes = self.table.encode(feature);
        let written = self.features.write_all(bytes).and_then(|()| match &bounds {
            Some(bounds) => tree::write_node(&mut self.leaves, bounds, self.offset),
            None => Ok(()),
        });
        written.map_err(|source| temporary_failed(&self.folder, source))?;
        self.offset += bytes.len() as u64;
        self.count += 1;
        self.is_indexed &= bounds.is_some();
        self.bounds = self.bounds.into_iter().chain(bounds).reduce(Bounds::union);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), WriteError> {
        let Self { out, layer, folder, features, leaves, count, is_indexed, bounds, .. } = *self;
        let rewound = |file: BufWriter<Box<dyn Spool>>| {
            let file = file.into_inner().map_err(std::io::IntoInnerError::into_error);
            let file = file.and_then(|mut file| file.rewind().map(|()| file));
            file.map_err(|source| temporary_failed(&folder, source))
        };
        let (mut features, mut leaves) = (rewound(features)?, rewound(leaves)?);
        let indexed = if is_indexed { count } else { 0 };
        let levels = tree::levels(&mut leaves, indexed);
        let levels = levels.map_err(|source| temporary_failed(&folder, source))?;
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, out);
        let head = header(&layer, count, indexed > 0, bounds);
        let mut written = out.write_all(MAGIC).and_then(|()| out.write_all(&head));
        if indexed > 0 {
            written = written
                .and_then(|()| tree::write_levels(&mut out, &levels, indexed))
                .and_then(|()| leaves.rewind())
                .and_then(|()| std::io::copy(&mut leaves, &mut out).map(|_| ()));
        }
        written
            .and_then(|()| std::io::copy(&mut features, &mut out))
            .and_then(|_| out.flush())
            .map_err(WriteError::out)
    }
}

fn temporary_failed(folder: &Path, source: std::io::Error) -> WriteError {
    WriteError::Temporary { folder: folder.into(), source }
}
