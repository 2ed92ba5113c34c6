//! Writes the rows that were refused into a GeoJSON file, to be mended and sent again.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::json;
use terrier_model::Fault;

use crate::collection::{FILE_MEMBER, RowsOf};
use crate::description::Description;
use crate::fault_feature;
use crate::row::Row;

/// Why refused rows could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{file}` for refused rows")]
pub struct FaultFileError {
    action: &'static str,
    file: String,
    source: std::io::Error,
}

/// A `FeatureCollection` of refused rows. Ids, geometries and properties of GeoJSON are as they
/// came, byte by byte, the values of other rows stand under their own names, and positions are in
/// the coordinate system of the file that they came from, which is named, and so are the columns
/// that hold them; the property `terrier_faults` is added. A text that is no feature becomes one without geometry whose
/// properties hold its number and the text.
///
/// The file has another name until it is finished, and goes away when it is not. What is no file,
/// such as a pipe or a link, is written as it is.
#[derive(Debug)]
pub struct FaultFile {
    path: PathBuf,
    /// The path itself when that is no file.
    unfinished: PathBuf,
    out: Option<BufWriter<File>>,
    rows: u64,
    bytes: u64,
}

impl FaultFile {
    /// Begins a file, without touching one that may stand at the path, for rows of a file that is
    /// so.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub fn create(path: &Path, rows_of: &Description) -> Result<Self, FaultFileError> {
        let mut unfinished = path.as_os_str().to_owned();
        if std::fs::symlink_metadata(path).map_or(true, |found| found.is_file()) {
            unfinished.push(".unfinished");
        }
        let unfinished = PathBuf::from(unfinished);
        let is_new = unfinished != path;
        let out = File::options().write(true).truncate(true).create(is_new).open(&unfinished);
        let out = out.map_err(|source| failed("create", &unfinished, source))?;
        let mut out = BufWriter::new(out);
        let begun = write!(out, r#"{{"type":"FeatureCollection",{}"features":["#, members(rows_of));
        let file = Self { path: path.into(), unfinished, out: Some(out), rows: 0, bytes: 0 };
        begun.map_err(|source| failed("write", &file.unfinished, source))?;
        Ok(file)
    }

    /// Adds a row and what is wrong with it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&mut self, row: &Row, faults: &[Fault]) -> Result<(), FaultFileError> {
        let feature = fault_feature::text(row, faults);
        let separator = if self.rows == 0 { "\n" } else { ",\n" };
        let out = self.out.as_mut().expect("only `finish` takes it");
        let written = write!(out, "{separator}{feature}");
        written.map_err(|source| failed("write", &self.unfinished, source))?;
        self.rows += 1;
        self.bytes += (separator.len() + feature.len()) as u64;
        Ok(())
    }

    /// How many bytes its rows have so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Ends the file and gives it its name; a file that had it before is replaced. Answers how many
    /// rows there are.
    ///
    /// # Errors
    /// When the file cannot be written or renamed.
    pub fn finish(mut self) -> Result<u64, FaultFileError> {
        let mut out = self.out.take().expect("only `finish` takes it");
        let end: &[u8] = if self.rows == 0 { b"]}\n" } else { b"\n]}\n" };
        let written = out
            .write_all(end)
            .and_then(|()| out.into_inner().map_err(std::io::IntoInnerError::into_error));
        let file = written.map_err(|source| failed("write", &self.unfinished, source))?;
        if self.unfinished != self.path {
            file.sync_all().map_err(|source| failed("write", &self.unfinished, source))?;
            std::fs::rename(&self.unfinished, &self.path)
                .map_err(|source| failed("name", &self.path, source))?;
        }
        Ok(self.rows)
    }
}

/// The members that say how the rows are to be read, each with a comma.
fn members(rows_of: &Description) -> String {
    let mut members = String::new();
    if let Some(crs) = rows_of.crs.as_ref().filter(|crs| !crs.is_wgs84()) {
        let crs = json!({ "type": "name", "properties": { "name": crs.code() } });
        write!(members, r#""crs":{crs},"#).expect("to a text");
    }
    let Description { positions, decimal, .. } = rows_of;
    if positions.is_some() || decimal.is_some() {
        let file = json!(RowsOf { positions: positions.clone(), decimal: *decimal });
        write!(members, r#""{FILE_MEMBER}":{file},"#).expect("to a text");
    }
    members
}

impl Drop for FaultFile {
    fn drop(&mut self) {
        // After `finish` there is nothing of this name.
        if self.unfinished != self.path {
            let _ = std::fs::remove_file(&self.unfinished);
        }
    }
}

fn failed(action: &'static str, file: &Path, source: std::io::Error) -> FaultFileError {
    FaultFileError { action, file: file.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Format;
    use crate::options::ReadOptions;
    use crate::position::PositionColumns;
    use crate::row::Body;
    use crate::source_file::SourceFile;
    use terrier_model::Place;
    use terrier_spatial::Crs;

    fn check(rows_of: &Description, rows: &[&str], expected: &str) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("faults.geojson");
        let mut file = FaultFile::create(&path, rows_of).expect("a file");
        for (number, text) in (1..).zip(rows) {
            let fault = Fault::new(Place::Row, "x", "y");
            let body = Body::Text(text.as_bytes().into());
            let row = Row { number, start: 0, end: 0, body, fault: None };
            file.write(&row, &[fault]).expect("written");
        }
        assert_eq!(file.finish().expect("finished"), rows.len() as u64);
        let written = std::fs::read_to_string(&path).expect("a file");
        assert_eq!(written, expected);
        serde_json::from_str::<serde_json::Value>(&written).expect("JSON");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn without_rows_the_collection_is_empty() {
        check(
            &Description::of(Format::GeoJson),
            &[],
            "{\"type\":\"FeatureCollection\",\"features\":[]}\n",
        );
    }

    #[test]
    fn each_row_has_a_line() {
        let row = r#"{"type":"Feature","geometry":null,"properties":null}"#;
        let line = row.replace("null}", r#"{"terrier_faults":"row: found `x`, expected y"}}"#);
        let collection = r#"{"type":"FeatureCollection","features":["#;
        let rows_of = Description::of(Format::GeoJson);
        check(&rows_of, &[row, row], &format!("{collection}\n{line},\n{line}\n]}}\n"));
    }

    #[test]
    fn a_coordinate_system_other_than_that_of_geojson_is_named() {
        let plain = "{\"type\":\"FeatureCollection\",\"features\":[]}\n";
        let mut rows_of = Description::of(Format::Csv);
        rows_of.crs = Crs::find("EPSG:4326").ok();
        check(&rows_of, &[], plain);
        rows_of.crs = Crs::find("EPSG:4548").ok();
        let crs = r#""crs":{"type":"name","properties":{"name":"EPSG:4548"}},"features""#;
        check(&rows_of, &[], &plain.replace(r#""features""#, crs));
    }

    #[test]
    fn what_was_found_out_of_the_file_is_found_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("faults.geojson");
        let positions = [
            PositionColumns::Wkt("geom".into()),
            PositionColumns::Numbers { east: "Y".into(), north: "X".into() },
        ];
        for positions in positions {
            let rows_of = Description {
                crs: Crs::find("EPSG:4548").ok(),
                positions: Some(positions),
                decimal: Some(','),
                ..Description::of(Format::Csv)
            };
            FaultFile::create(&path, &rows_of).and_then(FaultFile::finish).expect("a file");
            let file = SourceFile::open(&path, &ReadOptions::default()).expect("a file");
            let found = file.description();
            assert_eq!(found.crs, rows_of.crs);
            assert_eq!(found.positions, rows_of.positions);
            assert_eq!(found.decimal, rows_of.decimal);
        }
    }

    #[test]
    fn a_file_that_is_not_finished_leaves_nothing_and_touches_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("faults.geojson");
        std::fs::write(&path, "old").expect("written");
        let rows_of = Description::of(Format::GeoJson);
        drop(FaultFile::create(&path, &rows_of).expect("a file"));
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "old");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
        let nowhere = folder.path().join("nowhere/faults.geojson");
        let error = FaultFile::create(&nowhere, &rows_of).expect_err("no such folder");
        assert!(error.to_string().starts_with("cannot create `"), "{error}");
    }
}
