//! Opens a file with the reader of its format.

use std::fs::File;
use std::io::{Cursor, ErrorKind, Read, Seek};
use std::path::Path;

use crate::csv::CsvFile;
use crate::description::{Description, Extent};
use crate::flatgeobuf::FlatGeobufFile;
use crate::format::{Format, HEAD_BYTES};
use crate::geopackage::GeoPackageFile;
use crate::options::ReadOptions;
use crate::read_error::ReadError;
use crate::reader::GeoJsonFile;
use crate::row::Row;
use crate::shapefile::ShapefileFile;
use crate::survey::{self, Survey, SurveyFile};
use crate::xlsx::XlsxFile;

/// Reads the rows of a file of one format, one after the other, in bounded memory.
///
/// Iterating ends with `None` when the file was read to its end and was sound as a whole, and with
/// one error when it was not.
pub trait Reader: Iterator<Item = Result<Row, ReadError>> + Send {
    /// What the reader has found out so far; all of it before the first row is given.
    fn description(&self) -> &Description;
}

/// What gives the rows of a file as long as nobody asks for more behind the end or an error.
pub(crate) trait RowSource: Send {
    /// As for [`Reader`].
    fn description(&self) -> &Description;

    /// The next row; `None` at the sound end of the file.
    fn read_row(&mut self) -> Result<Option<Row>, ReadError>;
}

/// The rows of a source, which end with the file or with the first error.
#[derive(Debug)]
pub(crate) struct Rows<S> {
    source: S,
    is_done: bool,
}

impl<S> Rows<S> {
    pub(crate) fn of(source: S) -> Self {
        Self { source, is_done: false }
    }
}

impl<S: RowSource> Iterator for Rows<S> {
    type Item = Result<Row, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let next = self.source.read_row().transpose();
        self.is_done = !matches!(next, Some(Ok(_)));
        next
    }
}

impl<S: RowSource> Reader for Rows<S> {
    fn description(&self) -> &Description {
        self.source.description()
    }
}

/// A file of any format that is read here.
pub struct SourceFile {
    reader: Box<dyn Reader>,
}

impl SourceFile {
    /// Opens a file. Its format is told from its first bytes, and from the ending of its name only
    /// where they leave it open.
    ///
    /// # Errors
    /// When it cannot be opened, when its beginning is that of no format that is read, or when the
    /// options contradict it.
    pub fn open(path: &Path, options: &ReadOptions) -> Result<Self, ReadError> {
        Self::open_named(path, &path.display().to_string(), options)
    }

    /// Opens a file that its sender calls otherwise; messages call it so, too.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub fn open_named(path: &Path, name: &str, options: &ReadOptions) -> Result<Self, ReadError> {
        let name = name.to_owned();
        let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
        let (metadata, mut file) =
            opened.map_err(|source| ReadError::Open { file: name.clone(), source })?;
        let head = head(&mut file).map_err(|(at, source)| ReadError::Read {
            file: name.clone(),
            at,
            source,
        })?;
        let extent = metadata.is_file().then_some(Extent::Bytes(metadata.len()));
        let format = Format::of(&head, path)
            .map_err(|found| ReadError::Format { file: name.clone(), found: found.into() })?;
        let reader: Box<dyn Reader> = match format {
            Format::GeoJson => {
                let read = Cursor::new(head).chain(file);
                Box::new(GeoJsonFile::new(name, read, extent, options)?)
            }
            Format::Csv => {
                // What cannot be opened twice is read once.
                let again = extent.and_then(|_| File::open(path).ok());
                let read = Box::new(Cursor::new(head).chain(file));
                let table = CsvFile::new(name.clone(), read, again, extent, options)?;
                survey::of_table(&name, Box::new(table), options)?
            }
            Format::FlatGeobuf => {
                let read = Box::new(Cursor::new(head).chain(file));
                Box::new(FlatGeobufFile::new(name, read, extent, options)?)
            }
            Format::GeoPackage => Box::new(GeoPackageFile::open(name, path, options)?),
            Format::Shapefile => Box::new(ShapefileFile::open(&name, path, options)?),
            Format::Xlsx => {
                let source = match extent.and_then(|_| File::open(path).ok()) {
                    Some(file) => file,
                    None => XlsxFile::copied(&name, Cursor::new(head).chain(file))?,
                };
                sheets(&name, source, options)?
            }
        };
        Ok(Self { reader })
    }

    /// Reads a file that is in memory. Its name is for messages, and tells the format where the
    /// content leaves it open.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub fn from_bytes(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Self, ReadError> {
        let head = &bytes[..bytes.len().min(HEAD_BYTES)];
        let format = Format::of(head, Path::new(name))
            .map_err(|found| ReadError::Format { file: name.into(), found: found.into() })?;
        let extent = Some(Extent::Bytes(bytes.len() as u64));
        let read = Cursor::new(bytes.to_vec());
        let reader: Box<dyn Reader> = match format {
            Format::GeoJson => Box::new(GeoJsonFile::new(name.into(), read, extent, options)?),
            Format::Csv => {
                let table = CsvFile::new(name.into(), Box::new(read), None, extent, options)?;
                survey::of_table(name, Box::new(table), options)?
            }
            Format::FlatGeobuf => {
                Box::new(FlatGeobufFile::new(name.into(), Box::new(read), extent, options)?)
            }
            Format::GeoPackage => {
                Box::new(GeoPackageFile::from_bytes(name.into(), bytes, options)?)
            }
            Format::Shapefile => Box::new(ShapefileFile::from_bytes(name, bytes, options)?),
            Format::Xlsx => sheets(name, read, options)?,
        };
        Ok(Self { reader })
    }

    /// What the file is.
    pub fn description(&self) -> &Description {
        self.reader.description()
    }
}

impl Iterator for SourceFile {
    type Item = Result<Row, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.reader.next()
    }
}

impl std::fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SourceFile").field("description", self.description()).finish()
    }
}

/// The sheet of a workbook that is to be read; of points and lines, that of both or one of each.
fn sheets(
    name: &str,
    mut source: impl Read + Seek,
    options: &ReadOptions,
) -> Result<Box<dyn Reader>, ReadError> {
    let mut open = |options: &ReadOptions| XlsxFile::open(name.into(), &mut source, options);
    let Some(Survey { sheets: Some(sheets), .. }) = &options.survey else {
        return survey::of_table(name, Box::new(open(options)?), options);
    };
    if let Some(said) = &options.sheet {
        let (found, expected) =
            (format!("a sheet `{said}` that is said"), "those of `[table]` alone");
        return Err(ReadError::option(name, Format::Xlsx, found, expected));
    }
    let [points, lines] = sheets.each_ref().map(|sheet| {
        let sheet = Some(sheet.clone());
        open(&ReadOptions { sheet, ..options.clone() })
    });
    let lines: Box<dyn Reader> = Box::new(lines?);
    Ok(Box::new(SurveyFile::new(name, Box::new(points?), Some(lines), options)?))
}

/// The first bytes of a file, which may arrive in pieces of any size; with an error, how many there
/// were before it.
fn head(file: &mut impl Read) -> Result<Vec<u8>, (u64, std::io::Error)> {
    let mut head = vec![0; HEAD_BYTES];
    let mut length = 0;
    while length < HEAD_BYTES {
        match file.read(&mut head[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err((length as u64, error)),
        }
    }
    head.truncate(length);
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use terrier_spatial::Crs;

    fn check(name: &str, bytes: &[u8], options: &ReadOptions, expected: &str) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        let answer = match SourceFile::open(&path, options) {
            Err(error) => error.to_string(),
            Ok(file) => {
                let description = file.description().clone();
                let rows = file.map(|row| row.map(|row| row.end));
                let ends: Result<Vec<u64>, ReadError> = rows.collect();
                format!("{description}, {:?}: {ends:?}", description.extent)
            }
        };
        assert_eq!(answer.replace(&*path.to_string_lossy(), "FILE"), expected);
    }

    #[test]
    fn the_content_of_a_file_chooses_its_reader() {
        let row = format!(r#"{{"type":"Point","x":"{}","coordinates":[1,2]}}"#, "x".repeat(600));
        let expected = "GeoJSON, positions in OGC:CRS84, Some(Bytes(643)): Ok([643])";
        for name in ["x.geojson", "x.gpkg", "x.csv", "x"] {
            check(name, row.as_bytes(), &ReadOptions::default(), expected);
        }
        let other = "`FILE` is a file compressed with gzip, which has to be unpacked, expected GeoJSON, CSV, \
                     GeoPackage, Shapefile, FlatGeobuf or XLSX";
        check("x.geojson", b"\x1f\x8b\x08", &ReadOptions::default(), other);
    }

    #[test]
    fn the_sender_says_the_coordinate_system_where_the_file_does_not() {
        let crs = |name: &str| ReadOptions { crs: Crs::find(name).ok(), ..ReadOptions::default() };
        let row = br#"{"type":"Point","coordinates":[1,2]}"#;
        let expected = "GeoJSON, positions in EPSG:4548, Some(Bytes(36)): Ok([36])";
        check("x", row, &crs("EPSG:4548"), expected);
        let stated = br#"{"type":"FeatureCollection","crs":{"type":"EPSG","properties":{"code":4490}},"features":[]}"#;
        let expected = "GeoJSON, positions in EPSG:4490, Some(Bytes(91)): Ok([])";
        check("x", stated, &ReadOptions::default(), expected);
        check("x", stated, &crs("EPSG:4490"), expected);
        check(
            "x",
            stated,
            &crs("EPSG:4548"),
            "`FILE` says that its positions are in EPSG:4490, expected EPSG:4548 as the command or \
             the mapping says",
        );
    }
}
