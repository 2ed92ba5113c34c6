//! Bodies that nobody means well with: each is refused, or taken for what it honestly says, and the server
//! is no larger for it.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::{Edited, GEOJSON, JSON, LIGHTS, PATCH};
use crate::program::text;

/// So many shapes are sent at least.
const SHAPES: usize = 500;

/// So much may the server have grown when all is over: what its allocator keeps for the next request.
const GROWN_BYTES: u64 = 96 * 1024 * 1024;

const POINT: &str = r#"{"type":"Point","coordinates":[117.2,39.1]}"#;

fn feature(geometry: &str, properties: &str) -> String {
    format!(r#"{{"type":"Feature","geometry":{geometry},"properties":{properties}}}"#)
}

/// Texts that stand where a value should.
fn values() -> Vec<String> {
    let mut values: Vec<String> = [
        "null",
        "true",
        "0",
        "-0",
        "1e999",
        "-1e999",
        "1e-999",
        "1E400",
        "NaN",
        "Infinity",
        "-",
        "+1",
        "01",
        "0x10",
        "1.",
        ".5",
        "99999999999999999999999999",
        "9007199254740993",
        "\"\"",
        "\" \"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"\\x\"",
        "\"a\nb\"",
        "\"",
        "'a'",
        "[]",
        "{}",
        "[[]]",
        "[null]",
        "{\"$ref\":\"x\"}",
        "{\"$ref\":1}",
        "{\"a\":{\"a\":{}}}",
        "[1,2,[3]]",
        "undefined",
        "//x",
        "\"<script>alert(1)</script>\"",
        "\"=cmd|' /C calc'!A0\"",
        "\"'; drop table assets; --\"",
        "\"${jndi:ldap://x}\"",
        "\"../../etc/passwd\"",
        "\"\u{202e}abc\"",
        "\"\u{feff}\"",
        "\"%00\"",
        "\"2020-02-30\"",
        "\"0000-00-00\"",
        "\"9999-12-31\"",
        "\"-9999\"",
        "\"1900-01-01/..\"",
    ]
    .map(str::to_owned)
    .into();
    values.push(format!("\"{}\"", "管".repeat(3000)));
    values.push("[".repeat(100_000));
    values.push(format!("{}{}", "[".repeat(2000), "]".repeat(2000)));
    values.push(format!("{}1{}", "{\"a\":".repeat(2000), "}".repeat(2000)));
    values.push(format!("[{}]", vec!["1"; 50_000].join(",")));
    values.push("9".repeat(100_000));
    values
}

/// Geometries that are none, or more than one would like.
fn geometries() -> Vec<String> {
    let point = |numbers: &str| format!(r#"{{"type":"Point","coordinates":{numbers}}}"#);
    let mut all: Vec<String> = values();
    for numbers in [
        "[]",
        "[117]",
        "[117,39,1,2,3]",
        "[null,39]",
        "[\"117\",\"39\"]",
        "[1e308,1e308]",
        "[1e999,39]",
        "[181,39]",
        "[117,91]",
        "[117,-90.0001]",
        "[[117,39]]",
        "[117 39]",
        "117",
        "{}",
    ] {
        all.push(point(numbers));
    }
    for kind in ["point", "POINT", "Polygon", "MultiPoint", "Circle", "", "GeometryCollection"] {
        all.push(format!(r#"{{"type":"{kind}","coordinates":[117,39]}}"#));
    }
    all.push(r#"{"type":"Point"}"#.into());
    all.push(r#"{"coordinates":[117,39]}"#.into());
    all.push(r#"{"type":"Point","type":"Point","coordinates":[117,39]}"#.into());
    all.push(r#"{"type":"Point","coordinates":[1,2],"coordinates":[117,39]}"#.into());
    let mut nested = POINT.to_owned();
    for _ in 0..200 {
        nested = format!(r#"{{"type":"GeometryCollection","geometries":[{nested}]}}"#);
    }
    all.push(nested);
    let mut line = String::from(r#"{"type":"LineString","coordinates":[[117,39]"#);
    for vertex in 0..30_000 {
        write!(line, ",[117.{vertex:05},39]").expect("a string takes it");
    }
    all.push(format!("{line}]}}"));
    all
}

/// Bodies of features, whole or in part.
fn bodies() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    let whole = feature(POINT, r#"{"code":"L-1","power_w":70,"installed_on":"2020"}"#);
    // Cut anywhere, and with a byte that no text has.
    for cut in (0..whole.len()).step_by(4) {
        all.push(whole.as_bytes()[..cut].into());
        let mut broken = whole.clone().into_bytes();
        broken[cut] = if cut % 8 == 0 { 0xff } else { 0 };
        all.push(broken);
    }
    for value in values() {
        all.push(value.clone().into_bytes());
        all.push(feature(POINT, &value).into_bytes());
        for field in ["code", "power_w", "installed_on", "lamp_kind", "carries", "nope"] {
            all.push(feature(POINT, &format!(r#"{{"{field}":{value}}}"#)).into_bytes());
        }
        all.push(
            format!(r#"{{"type":{value},"geometry":{POINT},"properties":{{}}}}"#).into_bytes(),
        );
        all.push(
            format!(r#"{{"type":"Feature","id":{value},"geometry":{POINT},"properties":{{}}}}"#)
                .into_bytes(),
        );
    }
    all.extend(geometries().into_iter().map(|geometry| feature(&geometry, "{}").into_bytes()));
    let many: Vec<String> = (0..5000).map(|number| format!(r#""p{number}":1"#)).collect();
    all.push(feature(POINT, &format!("{{{}}}", many.join(","))).into_bytes());
    all.push(
        feature(POINT, &format!("{{{}}}", vec![r#""code":"a""#; 5000].join(","))).into_bytes(),
    );
    all.push([&b"\xef\xbb\xbf"[..], whole.as_bytes()].concat());
    all.push([&b"\xff\xfe"[..], whole.as_bytes()].concat());
    all
}

/// Transactions around hostile edits.
fn transactions() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for value in values() {
        all.push(format!(r#"{{"edits":{value}}}"#).into_bytes());
        all.push(format!(r#"{{"edits":[{value}]}}"#).into_bytes());
        for member in ["action", "collection", "id", "ref", "if_match", "feature"] {
            let edit =
                format!(r#"{{"action":"delete","collection":"light_poles","{member}":{value}}}"#);
            all.push(format!(r#"{{"edits":[{edit}]}}"#).into_bytes());
        }
    }
    all
}

impl Edited {
    /// Memory that the server holds.
    fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.server.pid()));
        let status = status.expect("the server runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        line.trim().trim_end_matches(" kB").trim().parse::<u64>().expect("a number") * 1024
    }
}

#[test]
fn every_hostile_body_is_refused_or_taken_for_what_it_says() {
    let edited = Edited::new();
    let path = edited.light(r#""code":"kept""#);
    // A round for the allocator's own needs.
    bodies().iter().for_each(|body| drop(edited.server.send("PATCH", &path, &[PATCH], body)));
    let before = edited.resident();
    let mut shapes = 0;
    let mut check = |method: &str, to: &str, form: (&str, &str), body: &[u8]| {
        let answer = edited.server.send(method, to, &[form, super::WHOLE], body);
        let shown: String = String::from_utf8_lossy(body).chars().take(160).collect();
        shapes += 1;
        match answer.status {
            400 | 413 | 415 | 422 => {
                let problem = answer.json();
                assert!(text(&problem["detail"]).len() < 20_000, "{shown}");
            }
            200 | 201 => {
                let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
                let sent = serde_json::from_slice::<Json>(text);
                let is_beyond =
                    |error: &serde_json::Error| error.to_string().contains("out of range");
                if sent.as_ref().is_err_and(is_beyond) {
                    // JSON has such numbers; this one stands where nothing is looked at.
                    return;
                }
                let sent = sent.unwrap_or_else(|error| panic!("taken though {error}: {shown}"));
                for (name, value) in sent["properties"].as_object().into_iter().flatten() {
                    let kept = &answer.json()["properties"][name];
                    let is_nothing = value.is_null()
                        || value.as_str().is_some_and(|text| text.trim().is_empty());
                    assert_eq!(kept.is_null(), is_nothing, "{name} of {shown}");
                }
            }
            other => panic!("{other} to {method} {shown}: {}", answer.text()),
        }
    };
    for body in bodies() {
        check("POST", LIGHTS, GEOJSON, &body);
        check("PUT", &path, GEOJSON, &body);
        check("PATCH", &path, PATCH, &body);
    }
    for body in transactions() {
        check("POST", "/transactions", JSON, &body);
    }
    assert!(shapes >= SHAPES, "{shapes} shapes");
    let after = edited.resident();
    assert!(after < before + GROWN_BYTES, "from {before} to {after} bytes");
    let told = edited.server.send("POST", LIGHTS, &[GEOJSON], json!({
        "type": "Feature", "geometry": { "type": "Point", "coordinates": [117, 39] }, "properties": {},
    }).to_string());
    assert_eq!(told.status, 201, "it serves on");
    edited.check();
}
