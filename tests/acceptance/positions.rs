//! Positions in other coordinate systems, and in columns.

use serde_json::Value as Json;

use crate::sender::Sender;

/// Longitude and latitude of a lamp, and its easting and northing in EPSG:4548 as
/// `gdaltransform -s_srs EPSG:4490 -t_srs EPSG:4548` of GDAL 3.6 gives them.
const PLACE: [f64; 2] = [117.2103, 39.0702];
const EASTING: &str = "518199.526001702";
const NORTHING: &str = "4326318.36964336";

const CRS: &str = r#""crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4548"}},"#;

fn lamp(geometry: &str, properties: &str) -> String {
    format!(
        r#"{{"type":"Feature","id":"L-1","geometry":{geometry},"properties":{{{properties}}}}}"#
    )
}

fn point(x: &str, y: &str) -> String {
    lamp(&format!(r#"{{"type":"Point","coordinates":[{x},{y}]}}"#), "")
}

fn collection(members: &str, row: &str) -> String {
    format!(r#"{{"type":"FeatureCollection",{members}"features":[{row}]}}"#)
}

/// The only lamp stands where it should, within a tenth of a millimetre.
fn check_placed(sender: &Sender) {
    let lamps = sender.export("light_poles");
    assert_eq!(lamps.len(), 1);
    let found = &lamps[0]["geometry"]["coordinates"];
    let off = |axis: usize| (found[axis].as_f64().expect("a number") - PLACE[axis]).abs();
    assert!(off(0) < 1e-9 && off(1) < 1e-9, "{found}");
}

/// Imports a file and answers what is said on stderr.
fn import(sender: &Sender, file: &str, options: &[&str], code: i32) -> String {
    let path = sender.file("lights.geojson", file);
    let done = sender.run(&[&["import", &path], options].concat());
    assert_eq!(done.code, Some(code), "{}", done.stderr);
    done.stderr.replace(&path, "FILE")
}

const AS_LIGHTS: [&str; 2] = ["--as", "light_poles"];
const WITH_MAPPING: [&str; 1] = ["--mapping"];

#[test]
fn a_file_that_states_its_coordinate_system_is_converted() {
    let sender = Sender::new();
    import(&sender, &collection(CRS, &point(EASTING, NORTHING)), &AS_LIGHTS, 0);
    check_placed(&sender);
}

#[test]
fn the_command_says_the_coordinate_system_of_a_file_that_does_not() {
    let sender = Sender::new();
    let options = [&AS_LIGHTS[..], &["--crs", "EPSG:4548"]].concat();
    import(&sender, &point(EASTING, NORTHING), &options, 0);
    check_placed(&sender);
    let told =
        import(&sender, &point(EASTING, NORTHING), &[&options[..], &["--dry-run"]].concat(), 0);
    assert!(told.starts_with("`FILE` is GeoJSON, positions in EPSG:4548\n"), "{told}");
}

#[test]
fn what_the_file_states_is_not_overridden() {
    let sender = Sender::new();
    let options = [&AS_LIGHTS[..], &["--crs", "EPSG:4549"]].concat();
    assert_eq!(
        import(&sender, &collection(CRS, &point(EASTING, NORTHING)), &options, 1),
        "error: `FILE` says that its positions are in EPSG:4548, expected EPSG:4549 as the command \
         or the mapping says\n"
    );
    let options = [&AS_LIGHTS[..], &["--crs", "EPSG:9999"]].concat();
    let told = import(&sender, &point(EASTING, NORTHING), &options, 2);
    assert!(told.contains("`EPSG:9999` is not a coordinate system that Terrier knows"), "{told}");
}

const MAPPING: &str = r#"
source = "lighting"
crs = "EPSG:4548"
geometry = { northing = "X", easting = "Y" }

[[collection]]
into = "light_poles"
key = "no"
fields = { code = "no", lamp_kind = "kind" }
"#;

#[test]
fn refused_rows_come_back_in_the_coordinate_system_of_their_file() {
    let sender = Sender::new();
    let mapping = sender.file("mapping.toml", MAPPING);
    let refused = sender.path("refused.geojson");
    let options = [&WITH_MAPPING[..], &[&*mapping, "--faults", &refused]].concat();
    let row = |no: u8, north: &str, east: &str| {
        lamp("null", &format!(r#""no":{no},"X":"{north}","Y":"{east}""#))
    };
    // The second has its numbers swapped, the third begins with its zone, the last has no easting.
    let rows = [
        row(1, NORTHING, EASTING),
        row(2, EASTING, NORTHING),
        row(3, NORTHING, "39518199.5"),
        row(4, NORTHING, ""),
    ];
    let told = import(&sender, &rows.join("\n"), &options, 3);
    let told: Vec<&str> = told.lines().collect();
    assert_eq!(
        told,
        [
            "row 2: geometry vertex 0: found `[4326318.36964336, 518199.526001702]`, expected \
             easting first, then northing; the two look swapped, for [518199.526001702, \
             4326318.36964336] lies in the area of use of EPSG:4548",
            "row 3: geometry vertex 0: found `[39518199.5, 4326318.36964336]`, expected a position \
             in the area of use of EPSG:4548: longitude 115.5 to 118.5, latitude 22.6 to 49.88; it \
             would lie in that of EPSG:4527",
            "row 4: geometry vertex 0: found `nothing`, expected a number as `Y`",
        ]
    );
    check_placed(&sender);
    // The same mapping takes the rows when they are mended, and so does one that says nothing of
    // their positions, for the file does.
    let text = std::fs::read_to_string(&refused).expect("a file");
    let file: Json = serde_json::from_str(&text).expect("JSON");
    assert_eq!(file["crs"]["properties"]["name"], "EPSG:4548");
    let mended = text
        .replace(
            &format!(r#""X":"{EASTING}","Y":"{NORTHING}""#),
            &format!(r#""X":"{NORTHING}","Y":"{EASTING}""#),
        )
        .replace("39518199.5", EASTING)
        .replace(r#""Y":"""#, &format!(r#""Y":{EASTING}"#));
    import(&sender, &mended, &options, 0);
    assert_eq!(sender.export("light_poles").len(), 4);
    let silent = MAPPING.replace("crs =", "#").replace("geometry =", "#");
    let silent = sender.file("silent.toml", silent);
    let told = import(&sender, &mended, &[&WITH_MAPPING[..], &[&*silent, "--dry-run"]].concat(), 0);
    assert_eq!(
        told,
        "`FILE` is GeoJSON, positions in EPSG:4548, from `Y` to the east and `X` to the north\n"
    );
}

#[test]
fn a_mapping_defines_the_grid_of_a_city() {
    let sender = Sender::new();
    let mapping = "source = \"s\"\n[crs]\nname = \"City grid\"\nbase = \"EPSG:4548\"\ndx = 518000\n\
                   dy = 4326000\n[geometry]\nnorthing = \"X\"\neasting = \"Y\"\n[[collection]]\n\
                   into = \"light_poles\"\nkey = \"id\"\n";
    let mapping = sender.file("m.toml", mapping);
    let table = "id,X,Y\n1,318.36964336,199.526001702\n2,4326318.36964336,518199.526001702\n";
    let path = sender.file("lights.csv", table);
    let faults = sender.path("faults.geojson");
    let done = sender.run(&["import", &path, "--mapping", &mapping, "--faults", &faults]);
    assert_eq!(done.code, Some(3), "{}", done.stderr);
    assert!(
        done.stderr.contains("positions in City grid, from `Y` to the east"),
        "{}",
        done.stderr
    );
    assert!(done.stderr.contains("row 2: geometry vertex 0: found `[518199.526001702, "));
    check_placed(&sender);
    let text = std::fs::read_to_string(&faults).expect("a file");
    let text = text.replace("518199.5", "199.5").replace("4326318.3", "318.3");
    let mended = sender.file("mended.geojson", text);
    sender.run(&["import", &mended, "--mapping", &mapping]).expect_done();
    assert_eq!(sender.export("light_poles").len(), 2);
}
