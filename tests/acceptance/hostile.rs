//! Rows that are broken, absurd or meant to do harm: one sentence says what is wrong, the good rows
//! are taken, and the program lives.

use crate::sender::{Sender, light, light_at};

const POINT: &str = r#""geometry":{"type":"Point","coordinates":[117.2,39.1]}"#;

/// A row between two good ones is refused with this fault, and the good ones are taken. A byte of
/// the fault such as `+7` is counted from the row's start.
fn check(class: &str, row: impl AsRef<[u8]>, fault: &str) {
    let line = |key| {
        let geometry = match class {
            "light_poles" => r#"{"type":"Point","coordinates":[117.2,39.1]}"#,
            "gas_pipes" => r#"{"type":"LineString","coordinates":[[117.2,39.1],[117.3,39.1]]}"#,
            _ => r#"{"type":"MultiLineString","coordinates":[[[117.2,39.1],[117.3,39.1]]]}"#,
        };
        format!(r#"{{"type":"Feature","id":"{key}","geometry":{geometry},"properties":{{}}}}"#)
    };
    let (first, last) = (line("first"), line("last"));
    let text = [first.as_bytes(), b"\n", row.as_ref(), b"\n", last.as_bytes()].concat();
    let fault = match fault.split_once("byte +") {
        Some((before, at)) => {
            let at: usize = at.parse().expect("a number of bytes");
            format!("{before}byte {}", first.len() + 1 + at)
        }
        None => fault.to_owned(),
    };
    let sender = Sender::new();
    let path = sender.file("rows.geojsonl", text);
    let done = sender.run(&["import", &path, "--as", class]);
    let shown: String = String::from_utf8_lossy(row.as_ref()).chars().take(200).collect();
    let told: Vec<&str> = done.stderr.lines().filter(|line| line.starts_with("row ")).collect();
    assert_eq!(told, [format!("row 2: {fault}")], "{shown}");
    let report = "3 rows: 2 new, 0 changed, 0 unchanged, 1 refused, 0 not taken (change 2)\n";
    assert_eq!((done.code, &*done.stdout), (Some(3), report), "{shown}");
}

/// A street light at a position is refused with this fault.
fn check_position(position: &str, fault: &str) {
    check("light_poles", light_at(position, "7", ""), fault);
}

/// A pipe, or a greenway, with a geometry is refused with this fault.
fn check_geometry(class: &str, geometry: &str, fault: &str) {
    let row = format!(r#"{{"type":"Feature","id":"7","geometry":{geometry},"properties":{{}}}}"#);
    check(class, row, fault);
}

/// A street light with properties is refused with this fault.
fn check_properties(properties: &str, fault: &str) {
    check("light_poles", light("7", properties), fault);
}

#[test]
fn numbers_that_are_none_are_refused() {
    check_position(
        "[117.2,NaN]",
        "row: found `NaN]},\"properties\":{}}`, expected a JSON value at byte +75",
    );
    check_position(
        "[Infinity,39]",
        "row: found `Infinity,39]},\"properties\":{}}`, expected a JSON value at byte +69",
    );
    check_position(
        "[117.2,-Infinity]",
        "row: found `Infinity]},\"properties\":{}}`, expected a digit at byte +76",
    );
    check_position(
        "[117.2,1e999]",
        "geometry vertex 0: found `1e999`, expected a number below 1.8e308",
    );
    check_position(
        "[117.2,039]",
        "row: found `39]},\"properties\":{}}`, expected a number without leading zeros at byte +76",
    );
    check_position("[\"117.2\",39]", "geometry vertex 0: found `\"117.2\"`, expected a number");
    check_position("[null,39]", "geometry vertex 0: found `null`, expected a number");
    check_properties(
        "\"power_w\":1e999",
        "power_w: found `1e999`, expected a number below 1.8e308",
    );
    check_properties("\"power_w\":\"1e999\"", "power_w: found `1e999`, expected a number");
    check_properties("\"power_w\":\"NaN\"", "power_w: found `NaN`, expected a number");
    check_properties("\"power_w\":NaN", "row: found `NaN}}`, expected a JSON value at byte +106");
    check_properties(
        "\"count\":12345678901234567890",
        "count: found `12345678901234567890`, expected a whole number",
    );
    check_properties(
        "\"count\":9007199254740993.0",
        "count: found `9007199254740992`, expected a whole number",
    );
}

#[test]
fn positions_off_the_earth_are_refused() {
    let degrees = "expected degrees: longitude within ±180, latitude within ±90";
    check_position(
        "[180.0000001,39]",
        &format!("geometry vertex 0: found `[180.0000001, 39]`, {degrees}"),
    );
    check_position(
        "[-117.2,-90.5]",
        &format!("geometry vertex 0: found `[-117.2, -90.5]`, {degrees}"),
    );
    check_position(
        "[13051234.5,4731234.5]",
        &format!("geometry vertex 0: found `[13051234.5, 4731234.5]`, {degrees}"),
    );
    check_position(
        "[39.1,117.2]",
        "geometry vertex 0: found `[39.1, 117.2]`, expected longitude first, then latitude; the \
         two look swapped, for a latitude is within ±90",
    );
    check_position("[117.2]", "geometry vertex 0: found `[117.2]`, expected two or three numbers");
    check_position(
        "[117.2,39.1,3,4]",
        "geometry vertex 0: found `[117.2,39.1,3,4]`, expected two or three numbers",
    );
    check_position("[]", "geometry: found `no geometry`, expected Point");
    check_position(
        "117.2",
        "geometry vertex 0: found `117.2`, expected a list of two or three numbers",
    );
}

#[test]
fn lines_that_are_none_are_refused() {
    let check_line = |coordinates: &str, fault: &str| {
        let geometry = format!(r#"{{"type":"LineString","coordinates":{coordinates}}}"#);
        check_geometry("gas_pipes", &geometry, fault);
    };
    let two = "expected at least two different positions";
    check_line("[]", &format!("geometry part 0: found `an empty line`, {two}"));
    check_line(
        "[[117.2,39.1]]",
        &format!("geometry part 0: found `a line of one position`, {two}"),
    );
    check_line(
        "[[117.2,39.1],[117.2,39.1]]",
        &format!("geometry part 0: found `a line of 2 equal positions`, {two}"),
    );
    check_line(
        "[[117.2,39.1],[]]",
        "geometry part 0 vertex 1: found `[]`, expected two or three numbers",
    );
    check_line(
        "[[117.2,39.1],[117.2,95]]",
        "geometry part 0 vertex 1: found `[117.2, 95]`, expected degrees: longitude within ±180, latitude within ±90",
    );
    check_line(
        "[117.2,39.1]",
        "geometry part 0 vertex 0: found `117.2`, expected a list of two or three numbers",
    );
    let lines = r#"{"type":"MultiLineString","coordinates":[[[1,2],[3,4]],[[5,6]]]}"#;
    check_geometry(
        "greenway_segments",
        lines,
        &format!("geometry part 1: found `a line of one position`, {two}"),
    );
    check_geometry(
        "gas_pipes",
        lines,
        "geometry: found `a MultiLineString of 2 lines`, expected one LineString",
    );
    let none = r#"{"type":"MultiLineString","coordinates":[]}"#;
    check_geometry(
        "greenway_segments",
        none,
        "geometry: found `an empty MultiLineString`, expected MultiLineString",
    );
}

#[test]
fn geometries_of_another_kind_are_refused() {
    let ring = r#"{"type":"Polygon","coordinates":[[[1,2],[2,2],[2,3],[1,2]]]}"#;
    check_geometry("gas_pipes", ring, "geometry: found `Polygon`, expected LineString");
    check_geometry("light_poles", ring, "geometry: found `Polygon`, expected Point");
    let points = r#"{"type":"MultiPoint","coordinates":[[1,2]]}"#;
    check_geometry("light_poles", points, "geometry: found `MultiPoint`, expected Point");
    let mixed = r#"{"type":"GeometryCollection","geometries":[]}"#;
    check_geometry("light_poles", mixed, "geometry: found `GeometryCollection`, expected Point");
    check_geometry("light_poles", "null", "geometry: found `no geometry`, expected Point");
    check_geometry("light_poles", "[]", "geometry: found `[]`, expected a geometry object");
    check_geometry(
        "light_poles",
        r#"{"type":"Circle"}"#,
        "geometry: found `Circle`, expected a kind of geometry of GeoJSON as `type`",
    );
    check_geometry(
        "light_poles",
        r#"{"type":"Point"}"#,
        "geometry: found `nothing`, expected a member `coordinates`",
    );
    let nested = r#"{"type":"GeometryCollection","geometries":["#.repeat(6) + &"]}".repeat(6);
    let inner = r#"[{"type":"GeometryCollection","geometries":[]}]"#;
    check_geometry(
        "light_poles",
        &nested,
        &format!("geometry: found `{inner}`, expected a list, at most 4 in each other"),
    );
}

#[test]
fn members_that_come_twice_or_not_at_all_are_refused() {
    check_properties(
        "\"code\":\"1\",\"code\":\"2\"",
        "code: found `2`, expected each property once",
    );
    let row = |members: &str| format!(r#"{{"type":"Feature",{members}}}"#);
    let check_members = |members: &str, fault: &str| check("light_poles", row(members), fault);
    check_members(
        &format!(r#""id":"7","id":"8",{POINT},"properties":null"#),
        "row: found `id`, expected each member once",
    );
    check_members(
        &format!(r#""id":"7",{POINT},{POINT},"properties":null"#),
        "row: found `geometry`, expected each member once",
    );
    check_members(
        &format!(r#""id":"7",{POINT}"#),
        "row: found `nothing`, expected a member `properties`, which may be null",
    );
    check_members(
        r#""id":"7","properties":null"#,
        "row: found `nothing`, expected a member `geometry`, which may be null; geometry: found `no geometry`, expected Point",
    );
    check_members(
        &format!(r#""id":"7",{POINT},"properties":[]"#),
        "row: found `[]`, expected an object or null as `properties`",
    );
    let no_key = "key: found `nothing`, expected an `id` of the feature, or a mapping whose `key` names a property";
    check_members(&format!(r#"{POINT},"properties":{{}}"#), no_key);
    check_members(&format!(r#""id":null,{POINT},"properties":{{}}"#), no_key);
    check_members(
        &format!(r#""id":["7"],{POINT},"properties":{{}}"#),
        "key: found `[\"7\"]`, expected a text or a number",
    );
    let long = "7".repeat(256);
    check_members(
        &format!(r#""id":"{long}",{POINT},"properties":{{}}"#),
        &format!("key: found `{}…`, expected at most 255 bytes", &long[..80]),
    );
    check("light_poles", "null", "row: found `null`, expected a Feature at byte +0");
    let typeless = format!(r#"{{"id":"7",{POINT},"properties":{{}}}}"#);
    check(
        "light_poles",
        typeless,
        "row: found `nothing`, expected a member `type` that is `Feature`",
    );
    check(
        "light_poles",
        light("7", "") + "}",
        "row: found `}`, expected the end of the row at byte +98",
    );
}

#[test]
fn texts_that_are_none_are_refused() {
    let fault = r"code: found `a\u{0}b`, expected text without control characters";
    check_properties(r#""code":"a\u0000b""#, fault);
    // A terminal would obey it.
    let fault = r"remarks: found `\u{1b}[31mred`, expected text without control characters";
    check_properties(r#""remarks":"\u001b[31mred""#, fault);
    check(
        "light_poles",
        light(r"\u0000", ""),
        r"key: found `\0`, expected a key without control characters",
    );
    check_properties(
        "\"code\":\"a\0b\"",
        r#"row: found `\x00b\"}}`, expected control characters as escapes at byte +105"#,
    );
    check_properties(
        r#""code":"\ud800""#,
        "row: found `\"}}`, expected an escape of JSON, surrogates in pairs at byte +110",
    );
    let cut = light("7", "\"code\":\"");
    let invalid = [&cut.as_bytes()[..cut.len() - 2], b"\xff\"}}"].concat();
    check("light_poles", invalid, r#"row: found `\xff\"}}`, expected UTF-8 at byte +104"#);
    let long = "长".repeat(2731);
    let fault =
        format!("remarks: found `{}…`, expected at most 8192 bytes, not 8193", "长".repeat(80));
    check_properties(&format!(r#""remarks":"{long}""#), &fault);
}

#[test]
fn deep_and_wide_rows_are_refused() {
    let deep = "row: found `[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[`, expected at most 64 lists and \
                objects in each other at byte +167";
    for depth in [100, 1_000_000] {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        check_properties(&format!(r#""colour":{open}{close}"#), deep);
        check_properties(&format!(r#""colour":{open}"#), deep);
    }
    let many: Vec<String> = (0..1001).map(|number| format!(r#""p{number}":1"#)).collect();
    check_properties(&many.join(","), "row: found `1001 properties`, expected at most 1000");
    let positions = |count: usize| vec!["[1,2]"; count].join(",");
    let line =
        |count| format!(r#"{{"type":"LineString","coordinates":[[3,4],{}]}}"#, positions(count));
    for count in [20_001, 1_000_000] {
        let fault =
            format!("geometry: found `{count} positions in 1 parts`, expected at most 20000");
        check_geometry("gas_pipes", &line(count - 1), &fault);
    }
    let row = line(2_000_000);
    let length = row.len() + r#"{"type":"Feature","id":"7","geometry":,"properties":{}}"#.len();
    check_geometry(
        "gas_pipes",
        &row,
        &format!("row: found `{length} bytes from byte 123 on`, expected at most 8388608"),
    );
}

#[test]
fn a_row_in_another_coordinate_system_is_refused() {
    let row = |name: &str| {
        let crs = format!(r#""crs":{{"type":"name","properties":{{"name":"{name}"}}}}"#);
        light("7", "").replace(r#""id""#, &format!(r#"{crs},"id""#))
    };
    check(
        "light_poles",
        row("EPSG:4548"),
        "row: found `EPSG:4548`, expected the coordinate system of the file, OGC:CRS84, as `crs`",
    );
    let sender = Sender::new();
    sender.import(&[row("urn:ogc:def:crs:OGC:1.3:CRS84")], &[]).expect_done();
}
