//! Writes the rows that were refused into a GeoJSON file, to be mended and sent again.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use terrier_model::Fault;

use crate::crs;
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
/// the coordinate system of the file that they came from, which is named; the property
/// `terrier_faults` is added. A text that is no feature becomes one without geometry whose
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
}

impl FaultFile {
    /// Begins a file, without touching one that may stand at the path. `crs` is the name of the
    /// coordinate system that the rows are in; longitude and latitude on WGS 84 without it.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub fn create(path: &Path, crs: Option<&str>) -> Result<Self, FaultFileError> {
        let mut unfinished = path.as_os_str().to_owned();
        if std::fs::symlink_metadata(path).map_or(true, |found| found.is_file()) {
            unfinished.push(".unfinished");
        }
        let unfinished = PathBuf::from(unfinished);
        let is_new = unfinished != path;
        let out = File::options().write(true).truncate(true).create(is_new).open(&unfinished);
        let out = out.map_err(|source| failed("create", &unfinished, source))?;
        let mut out = BufWriter::new(out);
        let named = crs.filter(|name| !crs::is_wgs84(name)).map(|name| {
            let name = serde_json::Value::from(name);
            format!(r#""crs":{{"type":"name","properties":{{"name":{name}}}}},"#)
        });
        let named = named.unwrap_or_default();
        let begun = write!(out, r#"{{"type":"FeatureCollection",{named}"features":["#);
        let file = Self { path: path.into(), unfinished, out: Some(out), rows: 0 };
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
        Ok(())
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
    use crate::row::Body;
    use terrier_model::Place;

    fn check(crs: Option<&str>, rows: &[&str], expected: &str) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("faults.geojson");
        let mut file = FaultFile::create(&path, crs).expect("a file");
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
        check(None, &[], "{\"type\":\"FeatureCollection\",\"features\":[]}\n");
    }

    #[test]
    fn each_row_has_a_line() {
        let row = r#"{"type":"Feature","geometry":null,"properties":null}"#;
        let line = row.replace("null}", r#"{"terrier_faults":"row: found `x`, expected y"}}"#);
        let collection = r#"{"type":"FeatureCollection","features":["#;
        check(None, &[row, row], &format!("{collection}\n{line},\n{line}\n]}}\n"));
    }

    #[test]
    fn a_coordinate_system_other_than_that_of_geojson_is_named() {
        let plain = "{\"type\":\"FeatureCollection\",\"features\":[]}\n";
        check(Some("OGC:CRS84"), &[], plain);
        let crs = r#"{"type":"name","properties":{"name":"EPSG:4548"}}"#;
        let named = plain.replace(r#""features""#, &format!(r#""crs":{crs},"features""#));
        check(Some("EPSG:4548"), &[], &named);
    }

    #[test]
    fn a_file_that_is_not_finished_leaves_nothing_and_touches_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("faults.geojson");
        std::fs::write(&path, "old").expect("written");
        drop(FaultFile::create(&path, None).expect("a file"));
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "old");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
        let nowhere = folder.path().join("nowhere/faults.geojson");
        let error = FaultFile::create(&nowhere, None).expect_err("no such folder");
        assert!(error.to_string().starts_with("cannot create `"), "{error}");
    }
}
