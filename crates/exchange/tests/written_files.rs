//! What GDAL reads in files of layers that no class has: every kind of shape and value, and as many
//! features as fill a statement or a node of an index.

use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value as Json, json};
use terrier_exchange::{
    CsvOptions, CsvWriter, FlatGeobufWriter, GeoJsonForm, GeoJsonWriter, GeoPackageWriter, Layer,
    LayerFeature, LayerFormat, LayerWriter,
};
use terrier_model::{Field, Kind, Sensitivity, Text, TextListRef, ValueRef};
use terrier_spatial::{GeometryKind, Shape, Sketch};

/// A layer with a field of each kind, its features of one kind of shape or of any.
fn layer(geometry: Option<GeometryKind>) -> Layer {
    let field = |(name, kind): (&str, Kind)| Field {
        name: name.into(),
        kind,
        unit: None,
        // The same title for all: labels are unique all the same.
        title: Text::new("Value", "值"),
        description: None,
        sensitivity: Sensitivity::Public,
        range: None,
        core: None,
        event: None,
        retired: false,
    };
    let kinds = [
        ("text", Kind::Text),
        ("whole", Kind::Integer),
        ("number", Kind::Number),
        ("truth", Kind::Boolean),
        ("day", Kind::Date),
        ("moment", Kind::Instant),
        ("list", Kind::List(None)),
        // Is called as GeoPackage would call the number of a row.
        ("fid", Kind::Text),
    ];
    Layer {
        name: "things".into(),
        title: Text::new("Things", "物"),
        description: Text::new("All there is.", "一切。"),
        geometry,
        crs: None,
        fields: kinds.map(field).into(),
    }
}

/// Shapes of a kind, small and large, by number.
fn shape(kind: GeometryKind, number: usize) -> Shape {
    let at = |step: f64| number as f64 / 8.0 + step;
    let line = |step: f64| vec![[at(step), 1.0], [at(step), -2.5], [at(step) + 0.5, -2.0]];
    let ring = |west: f64, size: f64| {
        let (east, south, north) = (west + size, 10.0, 10.0 + size);
        vec![[west, south], [east, south], [east, north], [west, north], [west, south]]
    };
    let sketch = match kind {
        GeometryKind::Point => Sketch::Point([at(0.0), -1.0]),
        GeometryKind::Line => Sketch::Line(line(0.0)),
        GeometryKind::MultiLine => {
            Sketch::MultiLine((0..=number % 3).map(|part| line(part as f64)).collect())
        }
        GeometryKind::MultiPolygon => {
            let hole = |west: f64| {
                let mut hole = ring(west + 1.0, 0.5);
                hole.iter_mut().for_each(|position| position[1] += 1.0);
                hole.reverse();
                hole
            };
            let with_holes = |part: usize| {
                let west = at(4.0 * part as f64);
                let mut rings = vec![ring(west, 3.0)];
                rings.extend((part + number).is_multiple_of(2).then(|| hole(west)));
                rings
            };
            Sketch::MultiPolygon((0..=number % 3).map(with_holes).collect())
        }
    };
    sketch.check(kind).expect("a valid shape")
}

const KINDS: [GeometryKind; 4] =
    [GeometryKind::Point, GeometryKind::Line, GeometryKind::MultiLine, GeometryKind::MultiPolygon];

/// The values of a feature by its number; every third has none.
fn values(number: usize) -> Vec<Option<ValueRef<'static>>> {
    let day = |text: &str| text.parse::<Date>().expect("a day");
    let moment = |text: &str| text.parse::<Timestamp>().expect("a time");
    match number % 3 {
        0 => vec![None; 8],
        1 => vec![
            Some(ValueRef::Text("a \"b\"\n路")),
            Some(ValueRef::Integer(i64::MAX)),
            Some(ValueRef::Number(0.1)),
            Some(ValueRef::Boolean(true)),
            Some(ValueRef::Date(day("2024-02-29"))),
            Some(ValueRef::Instant(moment("2024-02-29T23:59:59.25Z"))),
            Some(ValueRef::List(TextListRef::from_joined("=b; \"c\",\u{1f}路"))),
            Some(ValueRef::Text("F")),
        ],
        _ => vec![
            Some(ValueRef::Text("'")),
            Some(ValueRef::Integer(i64::MIN)),
            Some(ValueRef::Number(-1e300)),
            Some(ValueRef::Boolean(false)),
            Some(ValueRef::Date(day("1066-10-14"))),
            Some(ValueRef::Instant(moment("1969-12-31T23:59:59Z"))),
            Some(ValueRef::List(TextListRef::from_joined("camera"))),
            Some(ValueRef::Text("0")),
        ],
    }
}

/// Writes a file of so many features, of which some may have no shape.
fn write(
    folder: &Path,
    geometry: Option<GeometryKind>,
    count: usize,
    format: LayerFormat,
    has_shape: fn(usize) -> bool,
) -> PathBuf {
    let layer = layer(geometry);
    let path = folder.join(format!("x.{format}"));
    let _ = std::fs::remove_file(&path);
    let out = || std::fs::File::create(&path).expect("a file");
    let mut writer: Box<dyn LayerWriter> = match format {
        LayerFormat::GeoJson => {
            Box::new(GeoJsonWriter::new(out(), &layer, GeoJsonForm::Collection))
        }
        LayerFormat::Csv => {
            let options = CsvOptions { raw: true, ..CsvOptions::default() };
            Box::new(CsvWriter::new(out(), &layer, options).expect("a file of rows"))
        }
        LayerFormat::FlatGeobuf => {
            Box::new(FlatGeobufWriter::new(out(), &layer, folder).expect("temporary files"))
        }
        _ => {
            let now = Timestamp::UNIX_EPOCH;
            Box::new(GeoPackageWriter::create(&path, &layer, now).expect("a GeoPackage"))
        }
    };
    for number in 0..count {
        let kind = geometry.unwrap_or(KINDS[number % KINDS.len()]);
        let (shape, values) = (shape(kind, number), values(number));
        let id = format!("n{number}");
        let feature =
            LayerFeature { id: &id, shape: has_shape(number).then_some(&shape), values: &values };
        writer.put(&feature).expect("the feature is written");
    }
    writer.finish().expect("the file is written");
    path
}

/// The features of a file, as GDAL reads them.
fn read_by_gdal(path: &Path) -> Vec<Json> {
    let mut command = Command::new("ogr2ogr");
    command.args(["-f", "GeoJSONSeq", "-lco", "COORDINATE_PRECISION=15", "-a_srs", "EPSG:4326"]);
    command.args(["-mapFieldType", "Date=String,DateTime=String", "/vsistdout/"]).arg(path);
    let done = command.output().expect("ogr2ogr (Debian: gdal-bin) is installed");
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && told.is_empty(), "{}: {told}", path.display());
    let lines = String::from_utf8(done.stdout).expect("GDAL writes UTF-8");
    lines.lines().map(|line| serde_json::from_str(line).expect("a feature")).collect()
}

/// Features as our own GeoJSON has them.
fn expected(
    folder: &Path,
    geometry: Option<GeometryKind>,
    count: usize,
    has_shape: fn(usize) -> bool,
) -> Vec<Json> {
    let path = write(folder, geometry, count, LayerFormat::GeoJson, has_shape);
    let text = std::fs::read_to_string(path).expect("the file");
    let collection: Json = serde_json::from_str(&text).expect("a collection");
    collection["features"].as_array().expect("a list").clone()
}

/// Whether GDAL's reading of a value is what was written.
fn is_same(found: &Json, written: &Json) -> bool {
    match (found, written) {
        _ if found == written => true,
        // A row of text has nothing but texts.
        (Json::String(found), Json::Null) => found.is_empty(),
        (Json::String(found), Json::Array(_)) => {
            serde_json::from_str(found).is_ok_and(|found: Json| found == *written)
        }
        (Json::String(found), Json::Bool(written)) => *found == written.to_string(),
        (Json::String(found), Json::Number(written)) => {
            found == &written.to_string() || found.parse().ok() == written.as_f64()
        }
        (Json::Number(found), Json::Number(written)) if written.is_f64() => {
            found.as_f64() == written.as_f64()
        }
        // GDAL writes days with slashes, and times with a space and another zone.
        (Json::String(found), Json::String(written)) => {
            let found = found.replace('/', "-").replacen(' ', "T", 1).replace("+00", "Z");
            let without_time = found.strip_suffix("T00:00:00").unwrap_or(&found);
            let written_as_found = written.replace("59.25Z", "59.250Z").replacen(' ', "T", 1);
            [&*found, without_time].contains(&&*written_as_found)
        }
        _ => false,
    }
}

/// The same with 1.0 for 1, for each program writes whole degrees in its own way.
fn in_floats(json: &Json) -> Json {
    match json {
        Json::Number(number) => json!(number.as_f64()),
        Json::Array(items) => items.iter().map(in_floats).collect(),
        Json::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), in_floats(value))).collect()
        }
        other => other.clone(),
    }
}

fn check(geometry: Option<GeometryKind>, count: usize, format: LayerFormat) {
    check_shapes(geometry, count, format, |_| true);
}

fn check_shapes(
    geometry: Option<GeometryKind>,
    count: usize,
    format: LayerFormat,
    has_shape: fn(usize) -> bool,
) {
    let folder = tempfile::tempdir().expect("a folder");
    let written = expected(folder.path(), geometry, count, has_shape);
    let place = format!("{count} of {geometry:?} in {format}");
    let found = read_by_gdal(&write(folder.path(), geometry, count, format, has_shape));
    assert_eq!((found.len(), written.len()), (count, count), "{place}");
    for (found, written) in found.iter().zip(&written) {
        assert_eq!(in_floats(&found["geometry"]), in_floats(&written["geometry"]), "{place}");
        assert_eq!(found["properties"]["id"], written["id"], "{place}");
        for (name, value) in written["properties"].as_object().expect("an object") {
            let other = &found["properties"][name];
            assert!(is_same(other, value), "{place}: {name}: {value} became {other}");
        }
    }
}

#[test]
fn every_kind_of_shape_and_value_comes_through_each_format() {
    for format in [LayerFormat::GeoPackage, LayerFormat::FlatGeobuf, LayerFormat::Csv] {
        for kind in KINDS {
            check(Some(kind), 6, format);
        }
        check(None, 24, format);
    }
}

#[test]
fn features_without_a_shape_come_through_each_format() {
    for format in [LayerFormat::GeoPackage, LayerFormat::FlatGeobuf, LayerFormat::Csv] {
        check_shapes(Some(GeometryKind::Line), 20, format, |number| number % 3 != 1);
        check_shapes(None, 20, format, |number| number > 4);
        check_shapes(Some(GeometryKind::Point), 3, format, |_| false);
    }
}

#[test]
fn any_number_of_features_comes_through_an_index() {
    // 16 fill a node of one index, 200 a statement for the other.
    for count in [1, 15, 16, 17, 200, 201, 257, 400] {
        check(Some(GeometryKind::Line), count, LayerFormat::FlatGeobuf);
        check(Some(GeometryKind::Point), count, LayerFormat::GeoPackage);
    }
}

#[test]
fn an_index_leads_to_each_feature() {
    let folder = tempfile::tempdir().expect("a folder");
    for format in [LayerFormat::GeoPackage, LayerFormat::FlatGeobuf] {
        let path = write(folder.path(), Some(GeometryKind::Point), 300, format, |_| true);
        for number in [0, 1, 16, 150, 299] {
            let lon = f64::from(number) / 8.0;
            let edges = [lon - 0.01, -1.01, lon + 0.01, -0.99].map(|edge| edge.to_string());
            let mut command = Command::new("ogrinfo");
            command.args(["-ro", "-q", "-al", "-spat"]).args(edges).arg(&path);
            let done = command.output().expect("ogrinfo (Debian: gdal-bin) is installed");
            let told = String::from_utf8_lossy(&done.stdout);
            let found: Vec<&str> = told
                .lines()
                .filter_map(|line| line.trim().strip_prefix("id (String) = "))
                .collect();
            assert_eq!(found, [format!("n{number}")], "{format}: {told}");
        }
    }
}

#[test]
fn a_layer_without_features_has_its_fields() {
    let folder = tempfile::tempdir().expect("a folder");
    for format in [LayerFormat::GeoPackage, LayerFormat::FlatGeobuf, LayerFormat::Csv] {
        let path = write(folder.path(), None, 0, format, |_| true);
        let mut command = Command::new("ogrinfo");
        let done = command.args(["-ro", "-so", "-al"]).arg(&path).output();
        let done = done.expect("ogrinfo (Debian: gdal-bin) is installed");
        let told = String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success() && done.stderr.is_empty(), "{format}: {told}");
        assert!(
            told.contains("Feature Count: 0\n") && told.contains("\nmoment: "),
            "{format}: {told}"
        );
    }
    assert_eq!(json!(expected(folder.path(), None, 0, |_| true)), json!([]));
}
