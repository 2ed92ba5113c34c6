//! Files made by statements, and what is read of them: sound, odd, hostile and damaged ones.

use std::fmt::Write as _;

use sqlx::ConnectOptions;
use sqlx::raw_sql;
use sqlx::sqlite::SqliteConnectOptions;
use terrier_spatial::Crs;

use super::*;

/// The tables of the standard, with two systems.
const STANDARD: &str = "
create table gpkg_contents (table_name text primary key, data_type text);
create table gpkg_geometry_columns (table_name text, column_name text, srs_id integer);
create table gpkg_spatial_ref_sys (
    srs_id integer primary key, organization text, organization_coordsys_id integer, definition text);
insert into gpkg_spatial_ref_sys values
    (4326, 'epsg', 4326, ''), (4548, 'EPSG', 4548, ''), (100000, 'NONE', 100000, 'none'),
    (100001, 'NONE', 1, 'GEOGCS[\"GCS_WGS_1984\",DATUM[\"D_WGS_1984\",SPHEROID[\"WGS_1984\",6378137.0,298.257223563]],PRIMEM[\"Greenwich\",0.0],UNIT[\"Degree\",0.0174532925199433]]');
";

/// A point at 1, 2.
const POINT: &str = "x'47500001000000000101000000000000000000f03f0000000000000040'";

/// Makes a file by statements behind those of the standard.
fn make(statements: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    make_with(STANDARD, statements)
}

fn make_with(standard: &str, statements: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x?% 路.gpkg");
    let text = format!("{standard}{statements}").replace("POINT", POINT);
    wait(async {
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let mut connection = options.connect().await.expect("a file");
        raw_sql(AssertSqlSafe(text)).execute(&mut connection).await.expect("statements");
        sqlx::Connection::close(connection).await.expect("closed");
    });
    (folder, path)
}

fn read_all(path: &Path, options: &ReadOptions, bounds: Bounds) -> String {
    let file = match GeoPackageFile::open_within("x".into(), path, options, bounds) {
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
                let faults = faults.join("; ");
                let sketch = record.sketch;
                write!(shown, "\n{id}{sketch:?} {}{faults}", values.join(" ")).expect("to a text");
            }
            Ok(other) => panic!("{other:?}"),
        }
    }
    shown
}

fn check_with(statements: &str, options: &ReadOptions, expected: &str) {
    let (_folder, path) = make(statements);
    assert_eq!(read_all(&path, options, Bounds::default()), expected);
}

fn check(statements: &str, expected: &str) {
    check_with(statements, &ReadOptions::default(), expected);
}

/// A layer `p` of these columns, in the system of this number.
fn layer(columns: &str, srs_id: i64) -> String {
    format!(
        "insert into gpkg_contents values ('p', 'features');
        insert into gpkg_geometry_columns values ('P', 'geom', {srs_id});
        create table p ({columns});"
    )
}

fn wrong(found: &str, expected: &str) -> String {
    format!("cannot read `x` as GeoPackage: found {found}, expected {expected}")
}

fn option(found: &str, expected: &str) -> String {
    format!("`x`, read as GeoPackage: found {found}, expected {expected}")
}

#[test]
fn values_are_what_sqlite_holds() {
    let columns = "fid integer primary key, geom blob, t text, r real, b boolean, d date, x blob";
    let rows = "insert into p values
        (7, POINT, '路', 1.5, 1, '2020-01-02', x'0102'), (3, null, '', -0.5, 2, null, 9e999),
        (9, null, 5, 'x', 0, 20200102, '');";
    check(
        &(layer(columns, 4326) + rows),
        "GeoPackage, layer `p`, positions in EPSG:4326; columns fid, t, r, b, d, x\n\
         Integer(3) Missing Integer(3) Text(\"\") Number(-0.5) Integer(2) Null Number(inf)\n\
         Integer(7) Point([1.0, 2.0]) Integer(7) Text(\"路\") Number(1.5) Boolean(true) \
         Text(\"2020-01-02\") Nested(\"2 bytes\")\n\
         Integer(9) Missing Integer(9) Text(\"5\") Text(\"x\") Boolean(false) Integer(20200102) \
         Text(\"\")",
    );
}

#[test]
fn the_column_id_goes_before_the_primary_key() {
    let rows = "insert into p values (1, 'a', POINT), (2, null, POINT);";
    check(
        &(layer("fid integer primary key, id text, geom", 4326) + rows),
        "GeoPackage, layer `p`, positions in EPSG:4326; columns fid, id\n\
         Text(\"a\") Point([1.0, 2.0]) Integer(1) Text(\"a\")\n\
         Point([1.0, 2.0]) Integer(2) Null",
    );
}

#[test]
fn views_and_tables_without_a_key_are_read() {
    let head = "GeoPackage, layer `p`, positions in EPSG:4326; columns a";
    let row = "\nPoint([1.0, 2.0]) Integer(1)";
    let insert = "insert into p values (1, POINT);";
    check(&(layer("a, geom", 4326) + insert), &format!("{head}{row}"));
    let without = layer("a text primary key, geom", 4326).replace("geom);", "geom) without rowid;");
    check(&(without + insert), &format!("{head}\nPoint([1.0, 2.0]) Text(\"1\")"));
    let view = layer("a, geom", 4326).replace("create table p", "create table q");
    let view = view + "create view p as select a, geom from q; insert into q values (1, POINT);";
    check(&view, &format!("{head}{row}"));
}

#[test]
fn names_may_be_anything() {
    let statements = r#"insert into gpkg_contents values ('a"b''; drop table x;--', 'features');
        insert into gpkg_geometry_columns values ('a"b''; drop table x;--', 'g"', 4326);
        create table "a""b'; drop table x;--" ("g""" blob, "{table}" text, "select ""1" text);
        insert into "a""b'; drop table x;--" values (POINT, 'y', 'z');"#;
    check(
        statements,
        "GeoPackage, layer `a\"b'; drop table x;--`, positions in EPSG:4326; columns {table}, select \
         \"1\nPoint([1.0, 2.0]) Text(\"y\") Text(\"z\")",
    );
}

#[test]
fn the_coordinate_system_is_stated_or_said() {
    let with = |srs_id: i64, said: Option<&str>, expected: &str| {
        let crs = said.map(|name| Crs::find(name).expect("in the table"));
        let options = ReadOptions { crs, ..ReadOptions::default() };
        check_with(&layer("a, geom", srs_id), &options, expected);
    };
    let read = |code: &str| format!("GeoPackage, layer `p`, positions in {code}; columns a");
    with(4548, None, &read("EPSG:4548"));
    with(100_001, None, &read("EPSG:4326"));
    with(-1, Some("EPSG:4490"), &read("EPSG:4490"));
    with(
        0,
        None,
        &option(
            "layer `p` in an undefined coordinate system (srs_id 0)",
            "to be told it: --crs, or `crs` in the mapping",
        ),
    );
    with(100_000, None, "cannot tell the coordinate system of `x`");
    with(5, None, "cannot tell the coordinate system of `x`");
    with(
        4548,
        Some("EPSG:4490"),
        "`x` says that its positions are in EPSG:4548, expected EPSG:4490 as the command or the \
         mapping says",
    );
}

#[test]
fn a_table_without_geometries_has_positions_in_columns() {
    let statements = "insert into gpkg_contents values ('t', 'attributes');
        create table t (fid integer primary key, lon real, lat real);
        insert into t values (1, 117.2, 39.1);";
    check(
        statements,
        "GeoPackage, layer `t`, positions in OGC:CRS84, from `lon` to the east and `lat` to the \
         north; columns fid, lon, lat\nInteger(1) Missing Integer(1) Number(117.2) Number(39.1)",
    );
    let crs = Crs::find("EPSG:4548").ok();
    let options = ReadOptions { crs, ..ReadOptions::default() };
    let long = "insert into gpkg_contents values ('t', 'attributes');
        create table t (wkt text); insert into t values (hex(zeroblob(10000)));";
    let (_folder, path) = make(long);
    let shown = read_all(&path, &options, Bounds::default());
    assert!(shown.ends_with(&format!("Text(\"{}\")", "0".repeat(20_000))));
}

#[test]
fn a_value_that_is_too_long_is_told_by_its_length() {
    let text = |length: usize| {
        let insert = format!("insert into p values (null, printf('%.*c', {length}, 'x'));");
        let (_folder, path) = make(&(layer("geom, t", 4326) + &insert));
        let shown = read_all(&path, &ReadOptions::default(), Bounds::default());
        shown.lines().nth(1).expect("a row").to_owned()
    };
    assert_eq!(text(MAX_VALUE_BYTES), format!("Missing Text(\"{}\")", "x".repeat(16_384)));
    assert_eq!(text(MAX_VALUE_BYTES + 1), "Missing Nested(\"16385 bytes\")");
    let geometry = |value: &str, found: &str, expected: &str| {
        let insert = format!("insert into p values ({value});");
        let row = format!("Missing geometry: found `{found}`, expected {expected}");
        let head = "GeoPackage, layer `p`, positions in EPSG:4326\n";
        check(&(layer("geom", 4326) + &insert), &format!("{head}{row}"));
    };
    let expected = "a geometry in a blob of at most 8388608 bytes";
    geometry("zeroblob(8388609)", "8388609 bytes", expected);
    geometry("'x'", "1 bytes", expected);
    let begin = "a geometry after the standard, which begins with `GP`";
    geometry("zeroblob(8388608)", &"\\x00".repeat(8), begin);
}

#[test]
fn a_text_that_is_none_is_a_fault_of_its_row() {
    check(
        &(layer("geom, t text", 4326) + "insert into p values (POINT, cast(x'b9dc' as text));"),
        "GeoPackage, layer `p`, positions in EPSG:4326; columns t\nPoint([1.0, 2.0]) Null\
         t: found `\\xb9\\xdc`, expected text in UTF-8",
    );
}

#[test]
fn a_file_may_write_its_texts_in_utf_16() {
    for encoding in ["UTF-16le", "UTF-16be"] {
        let standard = format!("pragma encoding = '{encoding}';{STANDARD}");
        let rows = "insert into p values (POINT, '路灯'), (null, x'010203');";
        let statements = layer("geom, 道路 text", 4548) + rows;
        let (_folder, path) = make_with(&standard, &statements);
        assert_eq!(
            read_all(&path, &ReadOptions::default(), Bounds::default()),
            "GeoPackage, layer `p`, positions in EPSG:4548; columns 道路\n\
             Point([1.0, 2.0]) Text(\"路灯\")\nMissing Nested(\"3 bytes\")"
        );
    }
}

#[test]
fn a_file_that_is_no_geopackage_is_one_error() {
    let (_folder, path) = make_with("create table t (a);", "");
    let expected = wrong("what SQLite cannot read", "a sound file");
    assert_eq!(read_all(&path, &ReadOptions::default(), Bounds::default()), expected);
    check("", &wrong("no layer", "a table that `gpkg_contents` names"));
    check(
        "insert into gpkg_contents values ('nowhere', 'features'), (null, 'features');",
        &wrong("no layer", "a table that `gpkg_contents` names"),
    );
    check(&layer("a", 4326), &wrong("no column `geom` in `p`", "the column of its geometry"));
    let none = "insert into gpkg_contents values ('p', 'features'); create table p (geom);";
    check(none, &wrong("no column of the geometry of `p` in `gpkg_geometry_columns`", "one"));
    check(&layer("geom, \"a\nb\"", 4326), &wrong("`a\\nb`", "names without control characters"));
}

#[test]
fn the_number_of_layers_has_a_bound() {
    let layers = |count: usize| {
        let tables: Vec<String> = (0..count)
            .map(|at| {
                format!("create table t{at} (a); insert into gpkg_contents values ('t{at}', 'attributes');")
            })
            .collect();
        let (_folder, path) = make(&format!("begin;{}commit;", tables.concat()));
        let options = ReadOptions { layer: Some("x".into()), ..ReadOptions::default() };
        read_all(&path, &options, Bounds::default())
    };
    assert!(layers(1_000).ends_with("expected a layer `x`"));
    assert_eq!(layers(1_001), wrong("more than 1000 layers", "at most 1000"));
}

#[test]
fn a_costly_view_ends() {
    let view = layer("geom", 4326).replace("create table p (geom);", "");
    let endless = "create view p as
        with n as (select 1 as k union all select k + 1 from n)
        select k, null as geom from n where k < 0;";
    let (_folder, path) = make(&(view + endless));
    let shown =
        read_all(&path, &ReadOptions::default(), Bounds { steps: 1_000_000, ..Bounds::default() });
    let expected =
        wrong("a view that is too costly behind row 0", "a row within a thousand million steps");
    assert_eq!(shown.lines().last(), Some(&*expected));
}

#[test]
fn a_view_has_no_endless_rows() {
    let view = layer("geom", 4326).replace("create table p (geom);", "");
    let many = |rows: u64| {
        let view = format!(
            "{view} create view p as
            with n as (select 1 as k union all select k + 1 from n where k < {rows})
            select k, null as geom from n;"
        );
        let (_folder, path) = make(&view);
        let bounds = Bounds { view_rows: 100, ..Bounds::default() };
        let shown = read_all(&path, &ReadOptions::default(), bounds);
        shown.lines().last().unwrap_or_default().to_owned()
    };
    assert_eq!(many(100), "Missing Integer(100)");
    assert_eq!(many(101), wrong("more than 100 rows of a view", "no more, or a table of them"));
}

#[test]
fn a_view_cannot_compute_what_has_no_bound() {
    let view = layer("geom", 4326).replace("create table p (geom);", "");
    let computing = |statement: &str| format!("{view} create table t (a, b); {statement}");
    let refused = |statement: &str, called: &str| {
        let found = format!("values that `p` computes with `{called}`");
        let expected = wrong(&found, "values that are stored, as in a copy by ogr2ogr");
        check(&computing(statement), &expected);
    };
    for (value, called) in [
        ("zeroblob(1000000000)", "zeroblob"),
        ("printf('%.*c', 1000000000, 'x')", "printf"),
        ("replace(a, 'x', a)", "replace"),
        ("a || a", "||"),
        ("group_concat(a)", "group_concat"),
        ("(select value from json_each(a))", "a virtual table"),
    ] {
        refused(&format!("create view p as select {value} as k, null as geom from t;"), called);
    }
    let evil = "create view p as select load_extension('x') as a, null as geom;";
    check(&computing(evil), &wrong("what SQLite cannot read", "a sound file"));
    // A column of a table may compute, too.
    let column = "create table p (a, k generated always as (zeroblob(1000000000)), geom);";
    refused(column, "zeroblob");
    let bounded = "insert into t values (' A', 2); create view p as select t.b + 1 as k,
        lower(trim(a)) as l, count(*) as n, coalesce(a, b) as c, null as geom from t;";
    check(
        &computing(bounded),
        "GeoPackage, layer `p`, positions in EPSG:4326; columns k, l, n, c\n\
         Missing Integer(3) Text(\"a\") Integer(1) Text(\" A\")",
    );
}

#[test]
fn the_tables_that_describe_a_file_are_stored_too() {
    let standard = STANDARD.replace(
        "create table gpkg_contents (table_name text primary key, data_type text);",
        "create view gpkg_contents as select hex(zeroblob(500000000)) as table_name, 'features' as data_type;",
    );
    let (_folder, path) = make_with(&standard, "");
    assert_eq!(
        read_all(&path, &ReadOptions::default(), Bounds::default()),
        wrong(
            "values that `gpkg_contents` computes with `zeroblob`",
            "values that are stored, as in a copy by ogr2ogr"
        )
    );
}

#[test]
fn a_file_that_is_cut_off_or_damaged_is_one_error() {
    let rows = "with recursive n as (select 1 as k union all select k + 1 from n where k < 999)
        insert into p select k, POINT, hex(zeroblob(200)) from n;";
    let (folder, path) = make(&(layer("fid integer primary key, geom, t", 4326) + rows));
    let bytes = std::fs::read(&path).expect("a file");
    let read = |bytes: &[u8]| {
        let other = folder.path().join("other");
        std::fs::write(&other, bytes).expect("written");
        read_all(&other, &ReadOptions::default(), Bounds::default())
    };
    let length = bytes.len();
    let cut = read(&bytes[..length - 1]);
    let expected =
        wrong(&format!("{} bytes", length - 1), &format!("{length}, as its header says"));
    assert_eq!(cut, expected);
    assert_eq!(read(&bytes[..20]), wrong("20 bytes", "at least 100"));
    let mut damaged = bytes.clone();
    damaged[length - 4096..].fill(0xff);
    assert_eq!(read(&damaged), wrong("what SQLite cannot read", "a sound file"));
    // Half a kilobyte of anything in place of another: rows, faults, at most one error.
    for at in (0..length).step_by(1000) {
        let mut damaged = bytes.clone();
        let end = (at + 512).min(length);
        damaged[at..end].fill(at as u8);
        read(&damaged);
    }
}

#[test]
fn a_file_that_is_being_written_is_refused() {
    let (_folder, path) = make(&layer("geom", 4326));
    let beside = |ending: &str| {
        let mut beside = path.as_os_str().to_owned();
        beside.push(ending);
        std::path::PathBuf::from(beside)
    };
    let read = || read_all(&path, &ReadOptions::default(), Bounds::default());
    let whole = "GeoPackage, layer `p`, positions in EPSG:4326";
    for (ending, content) in [("-wal", ""), ("-journal", ""), ("-journal", "\0\0\0\0\0\0\0\0")] {
        std::fs::write(beside(ending), content).expect("written");
        assert_eq!(read(), whole, "{ending}");
    }
    std::fs::write(beside("-wal"), "a log of changes").expect("written");
    assert!(read().ends_with("expected that the program that writes it is closed first"));
}

#[test]
fn a_reader_may_be_let_go_before_its_end() {
    let rows = "with recursive n as (select 1 as k union all select k + 1 from n where k < 9999)
        insert into p select POINT from n;";
    let (_folder, path) = make(&(layer("geom", 4326) + rows));
    let bytes = std::fs::read(&path).expect("a file");
    let mut file = GeoPackageFile::from_bytes("x".into(), &bytes, &ReadOptions::default())
        .expect("a GeoPackage");
    assert_eq!(file.description().extent, Some(Extent::Rows(9_999)));
    assert!(file.next().is_some_and(|row| row.is_ok()));
    drop(file);
    let all = GeoPackageFile::from_bytes("x".into(), &bytes, &ReadOptions::default());
    assert_eq!(all.expect("a GeoPackage").count(), 9_999);
}
