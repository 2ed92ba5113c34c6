//! Writes the rows that were refused into a GeoJSON file, to be mended and sent again.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use terrier_model::Fault;

use crate::json::{Cursor, Syntax};
use crate::row::Row;

/// The property that says what is wrong with a row. It is ignored when it comes back.
pub(crate) const FAULTS_PROPERTY: &str = "terrier_faults";

/// So much is kept of a row that is no feature.
const KEPT_BYTES: usize = 2_000;

/// Why refused rows could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{file}` for refused rows")]
pub struct FaultFileError {
    action: &'static str,
    file: String,
    source: std::io::Error,
}

/// A `FeatureCollection` of refused rows. Their ids, geometries and properties are as they came,
/// byte by byte; the property `terrier_faults` is added. A row that is no feature becomes one
/// without geometry whose properties hold its number and its text.
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
    /// Begins a file, without touching one that may stand at the path.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub fn create(path: &Path) -> Result<Self, FaultFileError> {
        let mut unfinished = path.as_os_str().to_owned();
        if std::fs::symlink_metadata(path).map_or(true, |found| found.is_file()) {
            unfinished.push(".unfinished");
        }
        let unfinished = PathBuf::from(unfinished);
        let is_new = unfinished != path;
        let out = File::options().write(true).truncate(true).create(is_new).open(&unfinished);
        let out = out.map_err(|source| failed("create", &unfinished, source))?;
        let mut out = BufWriter::new(out);
        let begun = out.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[");
        let file = Self { path: path.into(), unfinished, out: Some(out), rows: 0 };
        begun.map_err(|source| failed("write", &file.unfinished, source))?;
        Ok(file)
    }

    /// Adds a row and what is wrong with it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&mut self, row: &Row, faults: &[Fault]) -> Result<(), FaultFileError> {
        let faults: Vec<String> = faults.iter().map(Fault::to_string).collect();
        let faults = serde_json::Value::from(faults.join("; "));
        let faults = format!(r#""{FAULTS_PROPERTY}":{faults}"#);
        let feature = with_faults(row, &faults).unwrap_or_else(|| in_place_of(row, &faults));
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

/// The row with its faults, `None` when it is no feature.
fn with_faults(row: &Row, faults: &str) -> Option<String> {
    if row.fault.is_some() {
        return None;
    }
    let Parts { id, geometry, properties } = parts(&row.text).ok()??;
    let id = id.map(|id| format!(r#""id":{id},"#)).unwrap_or_default();
    let geometry = geometry.unwrap_or("null");
    let comma = if properties.is_empty() { "" } else { "," };
    Some(format!(
        r#"{{"type":"Feature",{id}"geometry":{geometry},"properties":{{{properties}{comma}{faults}}}}}"#
    ))
}

/// A feature without geometry that tells of a row which is none.
fn in_place_of(row: &Row, faults: &str) -> String {
    let kept = &row.text[..row.text.len().min(KEPT_BYTES)];
    let mut text = String::from_utf8_lossy(kept).into_owned();
    if kept.len() < row.text.len() || row.fault.is_some() {
        text.push('…');
    }
    let (number, text) = (row.number, serde_json::Value::from(text));
    format!(
        r#"{{"type":"Feature","geometry":null,"properties":{{"terrier_row":{number},"terrier_text":{text},{faults}}}}}"#
    )
}

/// The parts of a feature as they came.
struct Parts<'a> {
    id: Option<&'a str>,
    geometry: Option<&'a str>,
    /// Without braces.
    properties: String,
}

/// Takes a row apart; `None` when it is JSON but no feature and no geometry.
fn parts(text: &[u8]) -> Result<Option<Parts<'_>>, Syntax> {
    let mut cursor = Cursor::new(text);
    cursor.space();
    let whole = cursor.clone().skip()?;
    if !whole.starts_with('{') {
        return Ok(None);
    }
    let (mut id, mut geometry, mut properties) = (None, None, None);
    let (mut is_geometry, mut begun) = (false, false);
    while let Some(name) = cursor.member(&mut begun)? {
        let value = cursor.skip()?;
        let twice = match &*name {
            "id" => id.replace(value).is_some(),
            "geometry" => geometry.replace(value).is_some(),
            "properties" => properties.replace(value).is_some(),
            "coordinates" | "geometries" => {
                is_geometry = true;
                false
            }
            _ => false,
        };
        if twice {
            return Ok(None);
        }
    }
    cursor.end()?;
    let is_feature = geometry.is_some() || properties.is_some();
    if !is_feature && !is_geometry {
        return Ok(None);
    }
    if !is_feature {
        geometry = Some(whole);
    }
    let properties = match properties {
        None | Some("null") => String::new(),
        Some(object) if object.starts_with('{') => without_faults(object)?,
        Some(_) => return Ok(None),
    };
    Ok(Some(Parts { id, geometry, properties }))
}

/// The members of an object, but for the faults that an earlier file told.
fn without_faults(object: &str) -> Result<String, Syntax> {
    if !object.contains(FAULTS_PROPERTY) {
        return Ok(object[1..object.len() - 1].trim().into());
    }
    let mut cursor = Cursor::new(object.as_bytes());
    let (mut members, mut begun) = (Vec::new(), false);
    while let Some(name) = cursor.member(&mut begun)? {
        let value = cursor.skip()?;
        if name != FAULTS_PROPERTY {
            members.push(format!("{}:{value}", serde_json::Value::from(&*name)));
        }
    }
    Ok(members.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use terrier_model::Place;

    fn check(rows: &[&str], expected: &str) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("faults.geojson");
        let mut file = FaultFile::create(&path).expect("a file");
        for (number, text) in (1..).zip(rows) {
            let fault = Fault::new(Place::Row, "x", "y");
            let text = text.as_bytes().into();
            let row = Row { number, start: 0, end: 0, text, fault: None };
            file.write(&row, &[fault]).expect("written");
        }
        assert_eq!(file.finish().expect("finished"), rows.len() as u64);
        let written = std::fs::read_to_string(&path).expect("a file");
        let inner = written
            .strip_prefix("{\"type\":\"FeatureCollection\",\"features\":[\n")
            .and_then(|rest| rest.strip_suffix("\n]}\n"))
            .unwrap_or(&written);
        assert_eq!(inner, expected);
        serde_json::from_str::<serde_json::Value>(&written).expect("JSON");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    const FAULTS: &str = r#""terrier_faults":"row: found `x`, expected y""#;

    #[test]
    fn without_rows_the_collection_is_empty() {
        check(&[], "{\"type\":\"FeatureCollection\",\"features\":[]}\n");
    }

    #[test]
    fn id_geometry_and_properties_stay_as_they_came() {
        check(
            &[
                r#" {"id":1.0e0, "type":"Feature","geometry":{"type":"Point","coordinates":[1.10,99]},"properties":{"a": 1.50,"a":"\u8def"}} "#,
                r#"{"type":"Feature","geometry":null,"properties":{"a":12345678901234567890123}}"#,
                r#"{"type":"Feature","geometry":{},"properties":null}"#,
                r#"{"type":"Feature","properties":{}}"#,
                r#"{"type":"Point","coordinates":[200,99]}"#,
            ],
            &[
                &format!(r#"{{"type":"Feature","id":1.0e0,"geometry":{{"type":"Point","coordinates":[1.10,99]}},"properties":{{"a": 1.50,"a":"\u8def",{FAULTS}}}}}"#),
                &format!(r#"{{"type":"Feature","geometry":null,"properties":{{"a":12345678901234567890123,{FAULTS}}}}}"#),
                &format!(r#"{{"type":"Feature","geometry":{{}},"properties":{{{FAULTS}}}}}"#),
                &format!(r#"{{"type":"Feature","geometry":null,"properties":{{{FAULTS}}}}}"#),
                &*format!(r#"{{"type":"Feature","geometry":{{"type":"Point","coordinates":[200,99]}},"properties":{{{FAULTS}}}}}"#),
            ]
            .join(",\n"),
        );
    }

    #[test]
    fn faults_that_were_told_before_are_replaced() {
        check(
            &[
                r#"{"type":"Feature","geometry":null,"properties":{"terrier_faults":"old","a":"terrier_faults"}}"#,
            ],
            &format!(
                r#"{{"type":"Feature","geometry":null,"properties":{{"a":"terrier_faults",{FAULTS}}}}}"#
            ),
        );
    }

    #[test]
    fn a_row_that_is_no_feature_keeps_its_text() {
        let kept = |number: u64, text: &str| {
            let text = serde_json::Value::from(text);
            format!(
                r#"{{"type":"Feature","geometry":null,"properties":{{"terrier_row":{number},"terrier_text":{text},{FAULTS}}}}}"#
            )
        };
        let long = "[".repeat(KEPT_BYTES + 1);
        check(
            &[
                r#"{"a":NaN}"#,
                "null",
                r#"{"id":1,"id":2,"geometry":null}"#,
                r#"{"properties":[]}"#,
                "{}",
                &long,
            ],
            &[
                kept(1, r#"{"a":NaN}"#),
                kept(2, "null"),
                kept(3, r#"{"id":1,"id":2,"geometry":null}"#),
                kept(4, r#"{"properties":[]}"#),
                kept(5, "{}"),
                kept(6, &format!("{}…", &long[1..])),
            ]
            .join(",\n"),
        );
    }

    #[test]
    fn a_file_that_is_not_finished_leaves_nothing_and_touches_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("faults.geojson");
        std::fs::write(&path, "old").expect("written");
        drop(FaultFile::create(&path).expect("a file"));
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "old");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
        let nowhere = folder.path().join("nowhere/faults.geojson");
        let error = FaultFile::create(&nowhere).expect_err("no such folder");
        assert!(error.to_string().starts_with("cannot create `"), "{error}");
    }
}
