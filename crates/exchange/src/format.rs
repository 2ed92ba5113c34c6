//! Tells the format of a file from its first bytes, and from its name only where they leave it open.

use std::path::Path;

/// So many first bytes are looked at.
pub(crate) const HEAD_BYTES: usize = 512;

/// A format of files.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// Comma-separated values, whatever separates them.
    Csv,
    /// FlatGeobuf.
    FlatGeobuf,
    /// GeoJSON.
    GeoJson,
    /// OGC GeoPackage, an SQLite database.
    GeoPackage,
    /// Esri Shapefile, also in a ZIP archive.
    Shapefile,
    /// Office Open XML workbook.
    Xlsx,
}

impl Format {
    /// The name, as it is shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::FlatGeobuf => "FlatGeobuf",
            Self::GeoJson => "GeoJSON",
            Self::GeoPackage => "GeoPackage",
            Self::Shapefile => "Shapefile",
            Self::Xlsx => "XLSX",
        }
    }

    /// The format of a file that begins so.
    ///
    /// # Errors
    /// With the name of the format when nothing here reads it.
    pub(crate) fn of(head: &[u8], path: &Path) -> Result<Self, &'static str> {
        if head.starts_with(b"SQLite format 3\0") {
            return Ok(Self::GeoPackage);
        }
        if head.starts_with(b"fgb\x03fgb") {
            return Ok(Self::FlatGeobuf);
        }
        // The file code 9994, with the high byte first.
        if head.starts_with(b"\0\0\x27\x0a") {
            return if has_ending(path, &["shx"]) {
                Err("an index, which is one file of a Shapefile and goes with its .shp")
            } else {
                Ok(Self::Shapefile)
            };
        }
        // Its first byte is the version, of which there are many.
        if has_ending(path, &["dbf"]) && head.first().is_some_and(|byte| !byte.is_ascii_graphic()) {
            return Err("a table, which is one file of a Shapefile and goes with its .shp");
        }
        if head.starts_with(b"PK\x03\x04") {
            let first = first_name(head);
            let is_book = ["[Content_Types].xml", "_rels/", "xl/", "docProps/"];
            let is_book = is_book.iter().any(|start| first.starts_with(start.as_bytes()));
            if first == b"mimetype" {
                return Err("an OpenDocument file, which has to be saved as .xlsx");
            }
            let is_book = is_book || has_ending(path, &["xlsx", "xlsm"]);
            return Ok(if is_book { Self::Xlsx } else { Self::Shapefile });
        }
        for (magic, name) in [
            (&b"\x1f\x8b"[..], "a file compressed with gzip, which has to be unpacked"),
            (b"fgb", "a FlatGeobuf file of another version than 3"),
            (
                b"\xd0\xcf\x11\xe0",
                "an Excel workbook of before 2007 (.xls) or with a password, which has to be saved as \
                 .xlsx without one",
            ),
            (b"<?xml", "an XML file"),
            (b"%PDF", "a PDF file"),
            (b"AC10", "a DWG drawing"),
        ] {
            if head.starts_with(magic) {
                return Err(name);
            }
        }
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
        let is_table = has_ending(path, &["csv", "tsv", "txt", "tab"]);
        Ok(match text.first() {
            Some(b'{' | b'[' | 0x1e) => Self::GeoJson,
            None if !is_table => Self::GeoJson,
            _ if is_json(path) => Self::GeoJson,
            _ => return text_named(path),
        })
    }
}

/// The format of a text that is no JSON. A name that promises another one is not believed, and what
/// it promises is told: such a file is damaged or encrypted.
fn text_named(path: &Path) -> Result<Format, &'static str> {
    for (ending, found) in [
        ("gpkg", "no GeoPackage, though its name says so: it is damaged or encrypted"),
        ("shp", "no file of shapes, though its name says so"),
        ("zip", "no ZIP archive, though its name says so"),
        ("xlsx", "no workbook, though its name says so"),
        ("fgb", "no FlatGeobuf file, though its name says so"),
    ] {
        if has_ending(path, &[ending]) {
            return Err(found);
        }
    }
    Ok(Format::Csv)
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().unwrap_or_default();
    endings.iter().any(|other| ending.eq_ignore_ascii_case(other))
}

fn is_json(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    ending.contains("json")
}

/// The name of the first entry of a ZIP archive, as far as it is there.
fn first_name(head: &[u8]) -> &[u8] {
    let length = head.get(26..28).map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]));
    let name = head.get(30..).unwrap_or_default();
    &name[..name.len().min(length.into())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: impl AsRef<[u8]>, name: &str, expected: Result<Format, &str>) {
        let head = head.as_ref();
        assert_eq!(Format::of(head, Path::new(name)), expected, "{}", head.escape_ascii());
    }

    #[test]
    fn the_first_bytes_go_before_the_ending() {
        check("SQLite format 3\0\x10", "x.geojson", Ok(Format::GeoPackage));
        check(b"\0\0\x27\x0a\0\0\0\0", "x.csv", Ok(Format::Shapefile));
        check(
            b"\0\0\x27\x0a\0\0\0\0",
            "x.SHX",
            Err("an index, which is one file of a Shapefile and goes with its .shp"),
        );
        let table = Err("a table, which is one file of a Shapefile and goes with its .shp");
        check(b"\x03\x7e\x01\x01", "x.dbf", table);
        check("lon,lat\n", "x.dbf", Ok(Format::Csv));
        check("{\"type\"", "x.csv", Ok(Format::GeoJson));
        check("\u{feff} \n{", "x", Ok(Format::GeoJson));
        check("\u{1e}{", "/dev/stdin", Ok(Format::GeoJson));
        check("[{", "x", Ok(Format::GeoJson));
        check(
            b"\x1f\x8b\x08",
            "x.gpkg",
            Err("a file compressed with gzip, which has to be unpacked"),
        );
        check("fgb\x03fgb\0", "x.csv", Ok(Format::FlatGeobuf));
        let other = "a FlatGeobuf file of another version than 3";
        check("fgb\x02fgb\0", "x.fgb", Err(other));
    }

    #[test]
    fn a_name_that_promises_another_format_is_told() {
        let encrypted = "no GeoPackage, though its name says so: it is damaged or encrypted";
        check(b"\x8a\x01\xf3", "x.GPKG", Err(encrypted));
        check("code,lon,lat\n", "x.gpkg", Err(encrypted));
        for ending in ["shp", "zip", "xlsx", "fgb"] {
            assert!(
                Format::of(b"\x8a\x01\xf3", Path::new("x").with_extension(ending).as_path())
                    .is_err()
            );
        }
        check(" {", "x.gpkg", Ok(Format::GeoJson));
    }

    #[test]
    fn archives_are_told_by_their_first_entry() {
        let archive = |name: &str| {
            let mut head = b"PK\x03\x04".to_vec();
            head.resize(26, 0);
            head.extend((name.len() as u16).to_le_bytes());
            head.extend([0, 0]);
            head.extend(name.as_bytes());
            head.extend(b"xl/");
            head
        };
        check(archive("[Content_Types].xml"), "x.zip", Ok(Format::Xlsx));
        check(archive("xl/workbook.xml"), "x", Ok(Format::Xlsx));
        check(archive("pipes.shp"), "x.zip", Ok(Format::Shapefile));
        check(archive("customXml/item1.xml"), "x.XLSX", Ok(Format::Xlsx));
        check(
            archive("mimetype"),
            "x.ods",
            Err("an OpenDocument file, which has to be saved as .xlsx"),
        );
        check("PK\x03\x04", "x", Ok(Format::Shapefile));
    }

    #[test]
    fn a_text_that_is_no_json_is_a_table_unless_its_name_says_json() {
        check("code,lon,lat\n", "x", Ok(Format::Csv));
        check(b"\xff\xfea\0", "x.txt", Ok(Format::Csv));
        check("null", "x.json", Ok(Format::GeoJson));
        check("nonsense", "x.GeoJSONL", Ok(Format::GeoJson));
        check("", "x.csv", Ok(Format::Csv));
        check(" \n", "x", Ok(Format::GeoJson));
    }
}
