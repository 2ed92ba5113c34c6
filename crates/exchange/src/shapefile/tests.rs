//! Shapefiles made byte by byte, and what is read of them: in a folder and in an archive, odd,
//! damaged and hostile ones.

use std::fmt::Write as _;
use std::path::PathBuf;

use terrier_spatial::{Position, SketchPart};

use super::*;
use crate::archive::made::{Made, archive, stored};
use crate::source_file::Reader;

const WGS_84: &[u8] = b"GEOGCS[\"GCS_WGS_1984\",DATUM[\"D_WGS_1984\",SPHEROID[\"WGS_1984\",6378137.0,298.257223563]],PRIMEM[\"Greenwich\",0.0],UNIT[\"Degree\",0.0174532925199433]]";

const GK: &[u8] = b"PROJCS[\"CGCS2000_3_Degree_GK_CM_117E\",GEOGCS[\"GCS_China_Geodetic_Coordinate_System_2000\",DATUM[\"D_China_2000\",SPHEROID[\"CGCS2000\",6378137.0,298.257222101]],PRIMEM[\"Greenwich\",0.0],UNIT[\"Degree\",0.0174532925199433]],PROJECTION[\"Gauss_Kruger\"],PARAMETER[\"False_Easting\",500000.0],PARAMETER[\"False_Northing\",0.0],PARAMETER[\"Central_Meridian\",117.0],PARAMETER[\"Scale_Factor\",1.0],PARAMETER[\"Latitude_Of_Origin\",0.0],UNIT[\"Meter\",1.0]]";

/// The files of a layer of two points, by their endings.
struct Files(Vec<(&'static str, Vec<u8>)>);

impl Files {
    fn new() -> Self {
        let points = [made::point(1, [1.0, 2.0]), made::point(1, [3.0, 4.0])];
        let (shp, shx) = made::shapes(1, &points);
        let dbf =
            made::table(&[(b"code", b'C', 4), (b"n", b'N', 3)], 0, &[b" A-1   7", b" B-2   8"]);
        Self(vec![("shp", shp), ("shx", shx), ("dbf", dbf), ("prj", WGS_84.into())])
    }

    fn with(mut self, ending: &'static str, content: impl Into<Vec<u8>>) -> Self {
        self.0.retain(|(other, _)| !other.eq_ignore_ascii_case(ending));
        self.0.push((ending, content.into()));
        self
    }

    fn without(mut self, ending: &str) -> Self {
        self.0.retain(|(other, _)| *other != ending);
        self
    }

    fn with_rows(self, fields: &[(&[u8], u8, u8)], language: u8, rows: &[&[u8]]) -> Self {
        let points = vec![made::point(1, [1.0, 2.0]); rows.len()];
        let (shp, shx) = made::shapes(1, &points);
        let dbf = made::table(fields, language, rows);
        self.with("shp", shp).with("shx", shx).with("dbf", dbf)
    }

    /// The bytes of one of them, to be damaged.
    fn bytes(&mut self, ending: &str) -> &mut Vec<u8> {
        let found = self.0.iter_mut().find(|(other, _)| *other == ending);
        &mut found.expect("a file of this ending").1
    }

    fn in_folder(&self) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        for (ending, content) in &self.0 {
            std::fs::write(folder.path().join(format!("管.{ending}")), content).expect("written");
        }
        let path = folder.path().join("管.shp");
        (folder, path)
    }

    fn in_archive(&self, stem: &str) -> Vec<Made> {
        let entry = |(ending, content): &(&str, Vec<u8>)| {
            Made::deflated(&format!("{stem}.{ending}"), content)
        };
        self.0.iter().map(entry).collect()
    }
}

fn shown(file: Result<Rows<ShapefileFile>, ReadError>) -> String {
    let file = match file {
        Ok(file) => file,
        Err(error) => return error.to_string(),
    };
    let mut shown = file.description().to_string();
    for row in file {
        match row {
            Err(error) => write!(shown, "\n{error}").expect("to a text"),
            Ok(Row { number, start, end, body: Body::Record(record), fault: None }) => {
                assert_eq!((start, end), (number - 1, number));
                let values: Vec<String> =
                    record.values().map(|(_, value)| format!("{value:?}")).collect();
                let id = record.id.as_ref().map(|id| format!("{id:?} ")).unwrap_or_default();
                let faults: Vec<String> = record.faults.iter().map(Fault::to_string).collect();
                let (sketch, values, faults) = (record.sketch, values.join(" "), faults.join("; "));
                write!(shown, "\n{number} {id}{sketch:?} {values}{faults}").expect("to a text");
            }
            Ok(other) => panic!("{other:?}"),
        }
    }
    shown
}

fn read_with(files: &Files, options: &ReadOptions) -> String {
    let (_folder, path) = files.in_folder();
    shown(ShapefileFile::open("x", &path, options))
}

fn check(files: &Files, expected: &str) {
    assert_eq!(read_with(files, &ReadOptions::default()), expected);
}

fn check_refused(files: &Files, expected: &str) {
    check(files, &format!("cannot read `x` as Shapefile: found {expected}"));
}

fn check_archive(made: &[Made], layer: Option<&str>, expected: &str) {
    let options = ReadOptions { layer: layer.map(Into::into), ..ReadOptions::default() };
    let read = ShapefileFile::from_bytes("x", &archive(made), &options);
    assert_eq!(shown(read), expected);
}

const ROWS: &str =
    "\n1 Point([1.0, 2.0]) Text(\"A-1\") Integer(7)\n2 Point([3.0, 4.0]) Text(\"B-2\") Integer(8)";

fn two_points(layer: &str) -> String {
    format!(
        "Shapefile, layer `{layer}`, texts in utf-8, positions in EPSG:4326; columns code, n{ROWS}"
    )
}

#[test]
fn the_files_lie_beside_each_other_in_any_case_or_in_an_archive() {
    let files = Files::new();
    check(&files, &two_points("管"));
    let upper = files.0.iter().map(|(ending, content)| {
        let other = match *ending {
            "dbf" => "DBF",
            "shx" => "Shx",
            "prj" => "pRJ",
            other => other,
        };
        (other, content.clone())
    });
    check(&Files(upper.collect()), &two_points("管"));
    check_archive(&files.in_archive("管"), None, &two_points("管"));
    let beside =
        [stored("__MACOSX/._管.shp", b"x"), stored("readme.txt", b"x"), stored("a/管.sbn", b"x")];
    let made: Vec<Made> = beside.into_iter().chain(files.in_archive("a/管")).collect();
    check_archive(&made, None, &two_points("a/管"));
}

#[test]
fn the_layer_of_an_archive_is_the_only_one_or_named() {
    let files = Files::new();
    let two: Vec<Made> =
        files.in_archive("a/rain").into_iter().chain(files.in_archive("gas")).collect();
    let of_both = |layer: &str| {
        let one = format!("`{layer}`");
        two_points(layer).replace(&one, &format!("{one} of a/rain, gas"))
    };
    for name in ["rain", "a/rain"] {
        check_archive(&two, Some(name), &of_both("a/rain"));
    }
    check_archive(&two, Some("gas"), &of_both("gas"));
    let begin = "`x`, read as Shapefile: found layers a/rain, gas, expected";
    let asked = "to be told which: --layer, or `layer` in the mapping";
    check_archive(&two, None, &format!("{begin} {asked}"));
    check_archive(&two, Some("heat"), &format!("{begin} a layer `heat`"));
    let same: Vec<Made> =
        files.in_archive("a/gas").into_iter().chain(files.in_archive("b/gas")).collect();
    check_archive(
        &same,
        Some("gas"),
        &format!("`x`, read as Shapefile: found layers a/gas, b/gas, expected {asked}"),
    );
    let layer = ReadOptions { layer: Some("gas".into()), ..ReadOptions::default() };
    let answer = "`x`, read as Shapefile: found layer 管, expected a layer `gas`";
    assert_eq!(read_with(&files, &layer), answer);
}

#[test]
fn files_that_are_missing_are_told() {
    check_refused(
        &Files::new().without("dbf"),
        "no .dbf beside its .shp, expected all files of the Shapefile",
    );
    check(&Files::new().without("shx"), &two_points("管"));
    let system = "`x`, read as Shapefile: found no .prj, expected to be told its coordinate system: \
                  --crs, or `crs` in the mapping";
    check(&Files::new().without("prj"), system);
    check(&Files::new().with("prj", *b" "), system);
    let begin = "cannot read `x` as Shapefile: found";
    check_archive(
        &[],
        None,
        &format!("{begin} an archive without a .shp, expected one with a Shapefile"),
    );
    let dbf = Files::new().without("dbf").in_archive("a");
    check_archive(
        &dbf,
        None,
        &format!("{begin} no .dbf beside its .shp, expected all files of the Shapefile"),
    );
    let (shp, _) = made::shapes(1, &[]);
    let alone = shown(ShapefileFile::from_bytes("x", &shp, &ReadOptions::default()));
    assert_eq!(
        alone,
        format!("{begin} its shapes alone, expected a ZIP archive with all its files")
    );
}

#[test]
fn the_sender_may_say_a_system_that_is_not_told_or_not_known() {
    let crs = |files: &Files, said: &str| {
        let options = ReadOptions { crs: Crs::find(said).ok(), ..ReadOptions::default() };
        let answer = read_with(files, &options);
        answer.lines().next().expect("a line").to_owned()
    };
    let of = |system: &str| {
        format!("Shapefile, layer `管`, texts in utf-8, positions in {system}; columns code, n")
    };
    assert_eq!(crs(&Files::new().with("prj", GK), ""), of("EPSG:4548"));
    assert_eq!(crs(&Files::new().without("prj"), "EPSG:4548"), of("EPSG:4548"));
    let local = Files::new().with("prj", *b"LOCAL_CS[\"grid\"]");
    assert_eq!(crs(&local, "EPSG:4548"), of("EPSG:4548"));
    assert_eq!(crs(&local, ""), "cannot tell the coordinate system of `x`");
    assert_eq!(
        crs(&Files::new(), "EPSG:4548"),
        "`x` says that its positions are in EPSG:4326, expected EPSG:4548 as the command or the mapping \
         says"
    );
}

#[test]
fn texts_are_in_the_encoding_that_is_told() {
    let gbk: &[u8] = b" \xb8\xd6\xb9\xdc";
    let fields: &[(&[u8], u8, u8)] = &[(b"\xb2\xc4\xd6\xca", b'C', 8)];
    let steel = |how: &str| {
        format!(
            "Shapefile, layer `管`, texts in {how}, positions in EPSG:4326; columns 材质\n1 Point([1.0, 2.0]) Text(\"钢管\")"
        )
    };
    check(&Files::new().with_rows(fields, 0x4d, &[gbk]), &steel("gb18030"));
    check(&Files::new().with_rows(fields, 0, &[gbk]).with("cpg", *b"CP936\r\n"), &steel("gb18030"));
    let utf_8 = [b" ", "钢管".as_bytes()].concat();
    let fields_8: &[(&[u8], u8, u8)] = &[("材质".as_bytes(), b'C', 8)];
    check(&Files::new().with_rows(fields_8, 0x57, &[&utf_8]), &steel("utf-8"));
    let unclear = Files::new().with_rows(&[(b"a", b'C', 8)], 0, &[gbk]);
    check(
        &unclear,
        "`x`, read as Shapefile: found text that may be in euc-kr or in gb18030, expected to be told \
         its encoding: --encoding, or `encoding` in the mapping",
    );
    let said = ReadOptions { encoding: Some("gbk".into()), ..ReadOptions::default() };
    assert!(read_with(&unclear, &said).ends_with("Text(\"钢管\")"));
    // What is said wrongly is a fault of the row.
    let said = ReadOptions { encoding: Some("utf-8".into()), ..ReadOptions::default() };
    let answer = read_with(&unclear, &said);
    let fault = "Nulla: found `\\xb8\\xd6\\xb9\\xdc`, expected text in utf-8";
    assert_eq!(answer.lines().last(), Some(&*format!("1 Point([1.0, 2.0]) {fault}")));
}

#[test]
fn names_are_cut_after_ten_bytes() {
    let name = &"管线材料".as_bytes()[..10];
    let files = Files::new().with_rows(&[(name, b'C', 2), (b"", b'C', 1)], 0, &[b" a"]);
    let head =
        "Shapefile, layer `管`, texts in utf-8, positions in EPSG:4326; columns 管线材, field_2";
    check(&files, &format!("{head}\n1 Point([1.0, 2.0]) Text(\"a\") Null"));
    let twice = Files::new().with_rows(&[(b"a", b'C', 1), (b"a", b'C', 1)], 0, &[]);
    check_refused(&twice, "`a`, expected each column once");
}

#[test]
fn deleted_rows_are_counted_and_left_out() {
    let files = Files::new().with_rows(&[(b"id", b'N', 2)], 0, &[b"* 7", b"  8"]);
    let head = "Shapefile, layer `管`, texts in utf-8, positions in EPSG:4326; columns id";
    check(&files, &format!("{head}\n2 Integer(8) Point([1.0, 2.0]) Integer(8)"));
}

#[test]
fn the_index_tells_where_shapes_lie() {
    // A shape that was edited lies at the end, and its old place is still there.
    let points = [[9.0, 9.0], [3.0, 4.0], [1.0, 2.0]].map(|at: Position| made::point(1, at));
    let (shp, mut shx) = made::shapes(1, &points);
    let third = shx[116..124].to_vec();
    shx[100..108].copy_from_slice(&third);
    shx.truncate(116);
    shx[24..28].copy_from_slice(&58_u32.to_be_bytes());
    let edited = Files::new().with("shp", shp).with("shx", shx);
    check(&edited, &two_points("管"));
    let head = two_points("管").replace(ROWS, "");
    check(
        &edited.without("shx"),
        &format!(
            "{head}\n1 Point([9.0, 9.0]) Text(\"A-1\") Integer(7)\
             \n2 Point([3.0, 4.0]) Text(\"B-2\") Integer(8)\
             \ncannot read `x` as Shapefile: found more than 2 shapes, expected as many as rows in its \
             table"
        ),
    );
}

#[test]
fn files_that_do_not_belong_together_or_break_off_are_refused() {
    let damaged = |ending: &str, damage: fn(&mut Vec<u8>)| {
        let mut files = Files::new();
        damage(files.bytes(ending));
        files
    };
    check_refused(
        &damaged("shp", |bytes| bytes.truncate(150)),
        "150 bytes of the file of its shapes, expected 156, as its head says",
    );
    check_refused(
        &damaged("shp", |bytes| bytes.truncate(99)),
        "the file of its shapes without its head, expected a file that is whole",
    );
    check_refused(
        &damaged("shx", |bytes| bytes[0] = 1),
        "the index of its shapes without its head, expected a file that is whole",
    );
    check_refused(
        &damaged("dbf", |bytes| bytes.truncate(112)),
        "112 bytes of its table, expected 113, as its head says",
    );
    check_refused(
        &damaged("dbf", |bytes| bytes.truncate(31)),
        "a table without its head, expected a file that is whole",
    );
    check_refused(
        &damaged("dbf", |bytes| bytes[10] = 7),
        "rows of 7 bytes for fields of 8, expected rows as long as their fields",
    );
    check_refused(
        &damaged("dbf", |bytes| bytes[32] = b'\r'),
        "a table without fields, expected at least one",
    );
    check_refused(
        &damaged("dbf", |bytes| bytes[4] = 1),
        "2 shapes in its index, expected 1, as many as rows in its table",
    );
    check_refused(
        &damaged("shp", |bytes| bytes[32] = 31),
        "shapes of kind 31 (MultiPatch), expected points, lines or surfaces",
    );
    check_refused(
        &damaged("shp", |bytes| bytes[32] = 2),
        "shapes of kind 2, expected a kind that there is",
    );
}

#[test]
fn records_that_lead_elsewhere_end_the_reading() {
    let first = two_points("管").replace(ROWS, "");
    let after = |ending: &str, damage: fn(&mut Vec<u8>), rows: usize, said: &str| {
        let mut files = Files::new();
        if ending == "shp without" {
            damage(files.bytes("shp"));
            files = files.without("shx");
        } else {
            damage(files.bytes(ending));
        }
        let rows: String = ROWS.split_inclusive('\n').take(rows + 1).collect();
        let rows = rows.trim_end();
        check(&files, &format!("{first}{rows}\ncannot read `x` as Shapefile: found {said}"));
    };
    let ends = "the end of the file before that of shape";
    after("shx", |bytes| bytes[108] = 1, 1, &format!("{ends} 2, expected a file that is whole"));
    after("shp", |bytes| bytes[104] = 1, 0, &format!("{ends} 1, expected a file that is whole"));
    after(
        "shp without",
        |bytes| bytes[131] = 7,
        1,
        "shape 7 where 2 should be, expected its .shx, which tells where each shape is",
    );
}

#[test]
fn a_shape_may_not_be_read_again_and_again() {
    let point = made::point(1, [1.0, 2.0]);
    let (_, mut shx) = made::shapes(1, &vec![point.clone(); 5]);
    for at in [108, 116, 124, 132] {
        shx.copy_within(100..108, at);
    }
    let rows = [&b" "[..]; 5];
    let files = Files::new().with_rows(&[(b"a", b'C', 1)], 0, &rows).with("shx", shx);
    let (shp, _) = made::shapes(1, &[point]);
    let answer = read_with(&files.with("shp", shp), &ReadOptions::default());
    // Four of 28 bytes are fewer than the file has.
    let said = "4 Point([1.0, 2.0]) Null\ncannot read `x` as Shapefile: found shape 5 over others, \
                expected each shape at a place of its own";
    assert!(answer.ends_with(said), "{answer}");
}

#[test]
fn a_shape_has_a_bound() {
    let long = |bytes: usize| {
        let mut content = made::point(1, [1.0, 2.0]);
        content.resize(bytes, 0);
        let (shp, shx) = made::shapes(1, &[content, made::point(1, [3.0, 4.0])]);
        Files::new().with("shp", shp).with("shx", shx)
    };
    check(&long(crate::MAX_ROW_BYTES), &two_points("管"));
    let faulty = "Missing Text(\"A-1\") Integer(7)geometry: found `8388610 bytes`, expected at most \
                  8388608";
    let expected = two_points("管").replace("Point([1.0, 2.0]) Text(\"A-1\") Integer(7)", faulty);
    check(&long(crate::MAX_ROW_BYTES + 2), &expected);
}

#[test]
fn a_surface_has_its_holes_and_columns_may_give_the_positions() {
    let ring = |x: f64, half: f64| -> SketchPart {
        vec![
            [x - half, -half],
            [x - half, half],
            [x + half, half],
            [x + half, -half],
            [x - half, -half],
        ]
    };
    let hole: SketchPart = ring(20.0, 1.0).into_iter().rev().collect();
    let rings = [ring(0.0, 5.0), ring(20.0, 5.0), hole.clone()];
    let rings: Vec<&[Position]> = rings.iter().map(Vec::as_slice).collect();
    let (shp, shx) = made::shapes(5, &[made::parts(5, &rings), vec![0; 4]]);
    let files = Files::new().with("shp", shp).with("shx", shx);
    let answer = read_with(&files, &ReadOptions::default());
    let polygons = Sketch::MultiPolygon(vec![vec![ring(0.0, 5.0)], vec![ring(20.0, 5.0), hole]]);
    let expected =
        format!("\n1 {polygons:?} Text(\"A-1\") Integer(7)\n2 Missing Text(\"B-2\") Integer(8)");
    assert_eq!(answer.replace(&two_points("管").replace(ROWS, ""), ""), expected);
    let positions = crate::PositionColumns::Numbers { east: "n".into(), north: "m".into() };
    let options = ReadOptions { positions: Some(positions), ..ReadOptions::default() };
    assert_eq!(
        read_with(&files, &options),
        "`x`, read as Shapefile: found columns code, n, expected a column `m`, as the mapping says"
    );
}
