//! Small sound files of each format, with shapes and values of each kind.

use jiff::Timestamp;
use terrier_exchange::{
    CsvGeometry, CsvOptions, CsvWriter, FlatGeobufWriter, GeoJsonForm, GeoJsonWriter,
    GeoPackageWriter, Layer, LayerFeature, LayerWriter,
};
use terrier_model::{Field, Kind, Sensitivity, Text, ValueRef};
use terrier_spatial::{GeometryKind, Shape, Sketch};

#[path = "../../src/archive/made.rs"]
mod made_archive;
#[path = "../../src/shapefile/made.rs"]
mod made_shapefile;

/// The entries of an archive by their names.
pub(crate) type Parts = Vec<(&'static str, Vec<u8>)>;

const KINDS: [GeometryKind; 3] =
    [GeometryKind::Point, GeometryKind::Line, GeometryKind::MultiPolygon];

pub(crate) fn title() -> Text {
    Text::new("Things", "物")
}

/// A field of each kind that a class may have.
pub(crate) fn fields() -> Vec<Field> {
    let field = |(name, kind): (&str, Kind)| Field {
        name: name.into(),
        kind,
        unit: None,
        title: title(),
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
    ];
    kinds.map(field).into()
}

fn layer(kind: GeometryKind) -> Layer {
    Layer {
        name: "things".into(),
        title: title(),
        description: title(),
        geometry: Some(kind),
        crs: None,
        fields: fields(),
    }
}

fn ring(west: f64, size: f64) -> Vec<[f64; 2]> {
    let (east, south, north) = (west + size, 39.0, 39.0 + size);
    vec![[west, south], [west, north], [east, north], [east, south], [west, south]]
}

fn shape(kind: GeometryKind, number: usize) -> Shape {
    let at = 117.0 + number as f64 / 64.0;
    let sketch = match kind {
        GeometryKind::Point => Sketch::Point([at, 39.0]),
        GeometryKind::Line | GeometryKind::MultiLine => Sketch::Line(vec![[at, 39.0], [at, 39.1]]),
        GeometryKind::MultiPolygon => {
            let hole = ring(at, 0.01).into_iter().map(|[x, y]| [x + 1e-3, y + 1e-3]).rev();
            let hole: Vec<[f64; 2]> = hole.collect();
            Sketch::MultiPolygon(vec![vec![ring(at, 0.02), hole], vec![ring(at + 0.5, 0.01)]])
        }
    };
    sketch.check(kind).expect("a sound shape")
}

/// Some features, one of them without values.
fn fill(mut writer: Box<dyn LayerWriter + '_>, kind: GeometryKind) {
    let day = "2005-06-30".parse().expect("a day");
    for number in 0..6 {
        let values = [
            Some(ValueRef::Text("编号 材质 经度 纬度, \"DN 300\"")),
            Some(ValueRef::Integer(-7)),
            Some(ValueRef::Number(0.1)),
            Some(ValueRef::Boolean(true)),
            Some(ValueRef::Date(day)),
        ];
        let values = if number == 3 { [None; 5] } else { values };
        let id = number.to_string();
        let shape = shape(kind, number);
        let feature = LayerFeature { id: &id, shape: Some(&shape), values: &values };
        writer.put(&feature).expect("written");
    }
    writer.finish().expect("finished");
}

pub(crate) fn geojson() -> Vec<Vec<u8>> {
    let forms = [GeoJsonForm::Collection, GeoJsonForm::Lines, GeoJsonForm::Sequence];
    let files = KINDS.into_iter().flat_map(|kind| {
        forms.map(|form| {
            let mut bytes = Vec::new();
            let writer = GeoJsonWriter::new(&mut bytes, &layer(kind), form);
            fill(Box::new(writer), kind);
            bytes
        })
    });
    files.collect()
}

pub(crate) fn tables() -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for kind in KINDS {
        let geometry =
            if kind == GeometryKind::Point { CsvGeometry::Positions } else { CsvGeometry::Wkt };
        let options = CsvOptions { geometry, ..CsvOptions::default() };
        let mut bytes = Vec::new();
        let writer = CsvWriter::new(&mut bytes, &layer(kind), options);
        fill(Box::new(writer.expect("to memory")), kind);
        let text = std::str::from_utf8(&bytes).expect("a text");
        files.push(encoding_rs::GBK.encode(text).0.into_owned());
        if kind == GeometryKind::Point {
            files.push(text.replace(',', ";").into_bytes());
        }
        files.push(bytes);
    }
    files
}

pub(crate) fn geopackages() -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().expect("a folder");
    let files = KINDS.map(|kind| {
        let path = folder.path().join(format!("{kind:?}.gpkg"));
        let writer = GeoPackageWriter::create(&path, &layer(kind), Timestamp::UNIX_EPOCH);
        fill(Box::new(writer.expect("a file")), kind);
        std::fs::read(path).expect("a file")
    });
    files.into()
}

pub(crate) fn flatgeobufs() -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().expect("a folder");
    let files = KINDS.into_iter().flat_map(|kind| {
        // Each feature of a layer of any kind tells its own.
        [Some(kind), None].map(|geometry| {
            let mut bytes = Vec::new();
            let layer = Layer { geometry, ..layer(kind) };
            let writer = FlatGeobufWriter::new(&mut bytes, &layer, folder.path());
            fill(Box::new(writer.expect("temporary files")), kind);
            bytes
        })
    });
    files.collect()
}

pub(crate) fn shapefiles() -> Vec<Parts> {
    let wkt: &[u8] = b"GEOGCS[\"GCS_WGS_1984\",DATUM[\"D_WGS_1984\",SPHEROID[\"WGS_1984\",6378137.0,298.257223563]],PRIMEM[\"Greenwich\",0.0],UNIT[\"Degree\",0.0174532925199433]]";
    let (outer, line) = (ring(117.0, 0.1), [[117.0, 39.0], [117.1, 39.1]]);
    let hole: Vec<[f64; 2]> =
        outer.iter().map(|[x, y]| [x * 0.5 + 58.51, y * 0.5 + 19.51]).rev().collect();
    let contents = [
        (1, made_shapefile::point(1, [117.0, 39.0])),
        (11, [made_shapefile::point(11, [117.0, 39.0]), vec![0; 16]].concat()),
        (3, made_shapefile::parts(3, &[&line, &line])),
        (5, made_shapefile::parts(5, &[&outer, &hole, &outer])),
        (8, made_shapefile::parts(8, &[&line])),
    ];
    let fields: &[(&[u8], u8, u8)] = &[
        (b"id", b'N', 3),
        (b"text", b'C', 8),
        (b"number", b'F', 8),
        (b"truth", b'L', 1),
        (b"day", b'D', 8),
        (b"\xb2\xc4\xd6\xca", b'M', 10),
    ];
    let row: &[u8] = b"   7\xb8\xd6\xb9\xdc        0.5T20050630         1";
    let deleted: &[u8] = b"*  8";
    let null = vec![0; 4];
    let files = contents.into_iter().map(|(kind, content)| {
        let (shp, shx) = made_shapefile::shapes(kind, &[content.clone(), null.clone(), content]);
        let dbf = made_shapefile::table(fields, 0x4d, &[row, deleted, row]);
        let cpg = b"CP936".to_vec();
        vec![
            ("things.shp", shp),
            ("things.dbf", dbf),
            ("things.shx", shx),
            ("things.prj", wkt.into()),
            ("things.cpg", cpg),
        ]
    });
    files.collect()
}

/// Workbooks: one of points in degrees, and one as survey teams deliver it.
pub(crate) fn workbooks() -> Vec<Parts> {
    let points = r#"<row r="1"><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="inlineStr"><is><t>id</t></is></c>
        <c t="inlineStr"><is><t>day</t></is></c><c t="inlineStr"><is><t>truth</t></is></c></row>
        <row r="2"><c r="A2"><v>117.2</v></c><c r="B2"><v>39.1</v></c><c r="C2"><v>7</v></c>
        <c r="D2" s="1"><v>38533</v></c><c r="E2" t="b"><v>1</v></c></row>
        <row r="4"><c r="A4" t="str"><f>1+1</f><v>117.3</v></c><c r="B4"><v>39.2</v></c>
        <c r="C4" t="s"><v>2</v></c><c r="D4" t="e"><v>#N/A</v></c></row>"#;
    let survey = r#"<row><c t="inlineStr"><is><t>物探点号</t></is></c><c t="inlineStr"><is><t>连接点号</t></is></c>
        <c t="inlineStr"><is><t>X</t></is></c><c t="inlineStr"><is><t>Y</t></is></c>
        <c t="inlineStr"><is><t>管径</t></is></c></row>
        <row><c t="inlineStr"><is><t>J1</t></is></c><c t="inlineStr"><is><t>J2</t></is></c>
        <c><v>39.1</v></c><c><v>117.2</v></c><c t="inlineStr"><is><t>600X300</t></is></c></row>
        <row><c t="inlineStr"><is><t>J2</t></is></c><c t="inlineStr"><is><t>J1</t></is></c>
        <c><v>39.2</v></c><c><v>117.3</v></c><c><v>300</v></c></row>"#;
    [points, survey].map(workbook).into()
}

fn workbook(rows: &str) -> Parts {
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData><mergeCells/></worksheet>");
    let texts = "<sst><si><t>lon</t></si><si><t>lat</t></si><si><r><t>钢</t></r><r><t>管</t></r></si></sst>";
    let styles = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/></numFmts>
        <cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>"#;
    let book = r#"<workbook><sheets><sheet name="J" r:id="r1"/><sheet name="X" state="hidden" r:id="r1"/>
        </sheets></workbook>"#;
    let relations = r#"<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/1.xml"/>
        <Relationship Id="r2" Type="y/sharedStrings" Target="sharedStrings.xml"/>
        <Relationship Id="r3" Type="y/styles" Target="styles.xml"/></Relationships>"#;
    let root = r#"<Relationships><Relationship Id="a" Type="z/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    let parts: [(&str, &str); 6] = [
        ("_rels/.rels", root),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", relations),
        ("xl/worksheets/1.xml", &sheet),
        ("xl/sharedStrings.xml", texts),
        ("xl/styles.xml", styles),
    ];
    parts.map(|(name, text)| (name, text.as_bytes().to_vec())).into()
}

/// An archive of entries.
pub(crate) fn archive(parts: &Parts, is_packed: bool) -> Vec<u8> {
    let entries = parts.iter().map(|(name, content)| {
        if is_packed {
            made_archive::Made::deflated(name, content)
        } else {
            made_archive::stored(name, content)
        }
    });
    let entries: Vec<made_archive::Made> = entries.collect();
    made_archive::archive(&entries)
}
