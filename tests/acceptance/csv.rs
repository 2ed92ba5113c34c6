//! Tables in text: in the encodings and with the signs that offices use.

use std::path::Path;

use crate::ogr::ogr2ogr;
use crate::sender::Sender;

/// `友谊路` and `球墨铸铁` among others, as a Chinese Excel saves it.
const GBK: &[u8] = b"\xb1\xe0\xba\xc5,\xbe\xad\xb6\xc8,\xce\xb3\xb6\xc8,\xb5\xc0\xc2\xb7\r\n\
    L-1,117.2,39.1,\xd3\xd1\xd2\xea\xc2\xb7\r\nL-2,117.3,39.1,\xc6\xbd\xbd\xad\xb5\xc0\r\n";

const MAPPING: &str = "source = \"s\"\n[[collection]]\ninto = \"light_poles\"\nkey = \"编号\"\n\
    fields = { code = \"编号\", road = \"道路\" }\n";

fn check(sender: &Sender, table: &[u8], options: &[&str], code: i32, said: &str) {
    let path = sender.file("lights.csv", table);
    let done = sender.run(&[&["import", &path], options].concat());
    assert_eq!(done.stderr.replace(&path, "FILE"), said);
    assert_eq!(done.code, Some(code), "{}", done.stdout);
}

#[test]
fn a_table_of_a_chinese_office_is_read_and_what_was_told_of_it_is_said() {
    let sender = Sender::new();
    let mapping = sender.file("m.toml", MAPPING);
    let said = "`FILE` is CSV, texts in gb18030, columns between `,`, decimal sign `.`, positions in \
                OGC:CRS84, from `经度` to the east and `纬度` to the north; columns 编号, 经度, 纬度, \
                道路\n";
    check(&sender, GBK, &["--mapping", &mapping], 0, said);
    let light = sender.coded("light_poles", "L-1");
    assert_eq!(light["properties"]["road"], "友谊路");
    assert_eq!(light["geometry"]["coordinates"], serde_json::json!([117.2, 39.1]));
    let options =
        ["--mapping", &mapping, "--encoding", "gbk", "--delimiter", ",", "--decimal", "."];
    check(&sender, GBK, &options, 0, "");
}

#[test]
fn a_table_with_the_names_of_the_fields_needs_no_mapping() {
    let sender = Sender::new();
    let table =
        b"id,code,power_w,lon,lat\n7,L-7,\"70,5\",\"117,2\",\"39,1\"\n8,L-8,1.000,\"117,2\",39\n";
    let path = sender.file("lights.csv", table);
    let as_lights = ["--as", "light_poles", "--delimiter", ",", "--encoding", "utf-8"];
    let faults = sender.path("faults.geojson");
    let options = [&as_lights[..], &["--decimal", ",", "--faults", &faults]].concat();
    let said = "row 2: power_w: found `1.000`, expected a number whose decimal sign is `,`, as in \
                the rest of the file\n";
    check(&sender, table, &options, 3, said);
    assert_eq!(sender.coded("light_poles", "L-7")["properties"]["power_w"], 70.5);
    // The mended row is read as it was read first.
    let text = std::fs::read_to_string(&faults).expect("a file").replace("1.000", "1000,0");
    let faults = sender.file("mended.geojson", text);
    let done = sender.run(&["import", &faults, "--as", "light_poles", "--source", "lights"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let light = sender.coded("light_poles", "L-8");
    assert_eq!(light["properties"]["power_w"], 1000.0);
    assert_eq!(light["geometry"]["coordinates"], serde_json::json!([117.2, 39]));
    let again = sender.run(&[&["import", &path], &as_lights[..], &["--decimal", ","]].concat());
    assert!(again.stdout.starts_with("2 rows: 0 new, 0 changed, 1 unchanged, 1 refused"));
}

#[test]
fn what_may_be_two_things_is_asked_for_and_makes_no_registry() {
    let sender = Sender::new();
    let as_lights = ["--as", "light_poles"];
    let wrong = |table: &[u8], said: &str| {
        let said = format!("error: `FILE`, read as CSV: found {said}\n");
        check(&sender, table, &as_lights, 1, &said);
    };
    wrong(
        b"id,wkt\n1,POINT (1 2)\n",
        "positions in `wkt`, expected to be told their coordinate system: --crs, or `crs` in the \
         mapping",
    );
    wrong(
        b"id;lon,lat\n1;2,3\n",
        "columns that may stand between several signs, expected to be told which: --delimiter, or \
         `delimiter` in the mapping",
    );
    wrong(
        b"id,lon,lat\n1,\"117,234\",\"39,124\"\n",
        "numbers whose comma may be a decimal sign or mark thousands, expected to be told the \
         decimal sign: --decimal, or `decimal` in the mapping",
    );
    wrong(
        b"id,lon,lat,road\n1,2,3,\xb8\xd6\xb9\xdc\n",
        "text that may be in euc-kr or in gb18030, expected to be told its encoding: --encoding, or \
         `encoding` in the mapping",
    );
    wrong(
        b"id,X,Y\n1,2,3\n",
        "columns id, X, Y, expected `lon` and `lat`, `easting` and `northing`, or `wkt`, or to be \
         told where the positions stand: `[geometry]` in the mapping",
    );
    assert!(!sender.registry().exists());
}

#[test]
fn a_table_that_gdal_wrote_says_what_its_file_said() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/gas-schutterwald");
    let text = |name: &str| fixtures.join(name).to_str().expect("a path in UTF-8").to_owned();
    let (file, mapping) = (text("gas_pipes.geojson"), text("gas_pipes.toml"));
    let first = Sender::new();
    first.run(&["import", &file, "--mapping", &mapping]).expect_done();
    for separator in ["COMMA", "SEMICOLON", "TAB", "PIPE"] {
        let sender = Sender::new();
        let table = sender.path("gas_pipes.csv");
        let separated = format!("SEPARATOR={separator}");
        let options = ["-f", "CSV", "-lco", "GEOMETRY=AS_WKT", "-lco", &separated];
        ogr2ogr(&[&options[..], &[&table, &file]].concat());
        // GDAL writes truth as 1.
        let digits = std::fs::read_to_string(&mapping).expect("a mapping");
        let digits = digits.replace("true = ", "1 = ").replace("false = ", "0 = ");
        let mapping = sender.file("digits.toml", digits);
        let options = ["--mapping", &mapping, "--crs", "OGC:CRS84"];
        sender.run(&[&["import", &table], &options[..]].concat()).expect_done();
        let (expected, found) = (first.content("gas_pipes"), sender.content("gas_pipes"));
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "{separator}");
        }
    }
}
