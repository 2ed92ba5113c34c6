//! The formats in which features are written, by their names and by the endings of files.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// A format of files.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LayerFormat {
    /// One `FeatureCollection` of RFC 7946.
    GeoJson,
    /// One GeoJSON feature a line.
    GeoJsonLines,
    /// One GeoJSON feature behind each record separator, RFC 8142.
    GeoJsonSequence,
    /// Rows of text, RFC 4180.
    Csv,
    /// A layer in an SQLite file, OGC GeoPackage.
    GeoPackage,
    /// Features in binary form behind an index of their boxes.
    FlatGeobuf,
}

impl LayerFormat {
    /// All formats.
    pub const ALL: [Self; 6] = [
        Self::GeoJson,
        Self::GeoJsonLines,
        Self::GeoJsonSequence,
        Self::Csv,
        Self::GeoPackage,
        Self::FlatGeobuf,
    ];

    /// The name, then the endings of files that have the format, without the dot.
    fn words(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::GeoJson => ("geojson", &["geojson", "json"]),
            Self::GeoJsonLines => ("geojsonl", &["geojsonl", "jsonl", "ndjson"]),
            Self::GeoJsonSequence => ("geojsonseq", &["geojsons"]),
            Self::Csv => ("csv", &["csv"]),
            Self::GeoPackage => ("gpkg", &["gpkg"]),
            Self::FlatGeobuf => ("fgb", &["fgb"]),
        }
    }

    /// The name.
    pub fn name(self) -> &'static str {
        self.words().0
    }

    /// The format that a file has by the ending of its name, in whatever case; `None` when the
    /// ending is not known.
    pub fn by_ending(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|format| format.words().1.contains(&&*ending))
    }
}

impl fmt::Display for LayerFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no format.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected one of geojson, geojsonl, geojsonseq, csv, gpkg, fgb")]
pub struct LayerFormatError;

impl FromStr for LayerFormat {
    type Err = LayerFormatError;

    fn from_str(text: &str) -> Result<Self, LayerFormatError> {
        Self::ALL.into_iter().find(|format| format.name() == text).ok_or(LayerFormatError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: Option<LayerFormat>) {
        assert_eq!(LayerFormat::by_ending(Path::new(path)), expected, "{path}");
    }

    #[test]
    fn a_format_is_told_by_the_ending_of_a_file() {
        check("gas.geojson", Some(LayerFormat::GeoJson));
        check("gas.tar.JSON", Some(LayerFormat::GeoJson));
        check("gas.geojsonl", Some(LayerFormat::GeoJsonLines));
        check("gas.geojsons", Some(LayerFormat::GeoJsonSequence));
        check("燃气.CSV", Some(LayerFormat::Csv));
        check("a/b.gpkg", Some(LayerFormat::GeoPackage));
        check("b.fgb", Some(LayerFormat::FlatGeobuf));
        for path in ["gas", "gas.", ".gpkg", "gas.shp", "gpkg"] {
            check(path, None);
        }
    }

    #[test]
    fn each_format_is_found_by_its_name_and_told_where_none_is() {
        for format in LayerFormat::ALL {
            assert_eq!(format.name().parse(), Ok(format));
            assert!(LayerFormatError.to_string().contains(format.name()), "{format}");
        }
        assert_eq!("GeoJSON".parse::<LayerFormat>(), Err(LayerFormatError));
    }
}
