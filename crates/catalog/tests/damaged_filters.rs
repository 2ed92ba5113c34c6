//! Conditions in both forms of CQL2, damaged and put together at random: each is read or refused,
//! within bounded time, memory and stack, and what is read is written so that it reads back as the same.
//!
//! A run of some seconds has the same cases each time. `tests/fuzz/run` runs it for longer, with other
//! seeds.

#[path = "../../../tests/fuzz/damage.rs"]
mod damage;

use std::path::Path;
use std::sync::Arc;

use damage::{Chance, damage};
use terrier_catalog::cql2::{
    Cql2Error, MAX_FILTER_BYTES, MAX_FILTER_DEPTH, MAX_FILTER_JSON_BYTES, parse_json, parse_text,
    write_json, write_text,
};
use terrier_model::{
    AssetView, Clause, DueState, Expression, Sight, Truth, ValueRef, WorkKind, core_fields,
};
use terrier_spatial::Shape;

/// How long a push tries each form.
const SECONDS: u64 = 3;

/// The most memory that all tests here together may take.
const MAX_MEMORY_KIB: u64 = 256 * 1024;

/// What is said of a condition holds no more of it than some words.
const MAX_MESSAGE_BYTES: usize = 1024;

/// Conditions on the fields that every class has, so that some cases are asked too.
const OURS: [&str; 24] = [
    "count = 1",
    "count + 1 * 2 - length_m / 3 > 2 ^ count",
    "count div 2 = 1 OR count % 2 = 0",
    "road = 'x' AND street <> '友谊路'",
    "road LIKE '%a_' OR road ILIKE 'A%'",
    "ACCENTI(CASEI(road)) LIKE ACCENTI(CASEI('%é'))",
    "CASEI(road) IN (CASEI('A'), 'b', street)",
    "count IN (1, 2.5, -3)",
    "count NOT BETWEEN 1 AND length_m",
    "installed_on BETWEEN DATE('1995-01-01') AND '2004-02-29'",
    "installed_on IN (DATE('1995-01-01'), TIMESTAMP('2004-02-29T00:00:00Z'))",
    "installed_on IS NULL OR NOT (count IS NOT NULL)",
    "T_DURING(installed_on, INTERVAL('1995-01-01', '..'))",
    "T_INTERSECTS(INTERVAL(installed_on, valid_from), INTERVAL('..', '2020-01-01T00:00:00Z'))",
    "T_AFTER(valid_from, TIMESTAMP('2004-02-29T00:00:00.5Z'))",
    "A_OVERLAPS((1, count), (2, 3)) OR A_EQUALS((), (road))",
    "S_INTERSECTS(geometry, POINT(117.2 39.1))",
    "S_WITHIN(geom, POLYGON((117 39, 118 39, 118 40, 117 39)))",
    "S_CROSSES(LINESTRING(117 39, 118 40), geometry)",
    "S_INTERSECTS(geometry, BBOX(170, -90, -170, 90))",
    "NOT S_DISJOINT(geometry, MULTIPOLYGON(((117 39, 118 39, 118 40, 117 39))))",
    "S_DWITHIN(geometry, GEOMETRYCOLLECTION(POINT(1 2), MULTIPOINT((117 39))), 100)",
    "age(installed_on, DATE('2026-01-01')) > 30",
    "(due_state('renew') IN ('due', 'overdue')) = TRUE",
];

const TEXT_WORDS: &[&[u8]] = &[
    b" AND ",
    b" OR ",
    b"NOT ",
    b"(",
    b")",
    b" IN (",
    b" BETWEEN ",
    b" LIKE ",
    b" ILIKE ",
    b" IS NULL",
    b"'",
    b"''",
    b"\\'",
    b"\"",
    b"CASEI(",
    b"ACCENTI(",
    b"POINT(",
    b"GEOMETRYCOLLECTION(",
    b"BBOX(",
    b" Z",
    b"INTERVAL('..',",
    b"DATE('2000-02-29')",
    b"A_EQUALS((",
    b"S_WITHIN(geometry,",
    b"T_AFTER(installed_on,",
    b"count",
    b"+",
    b"-",
    b"*",
    b"^",
    b" div ",
    b"1e308",
    b"5e-324",
    b"9223372036854775808",
    b"\xef\xbb\xbf",
    b"\xe2\x80\x8f",
    b"TRUE",
    b"NULL",
];

const JSON_WORDS: &[&[u8]] = &[
    b"{\"op\":\"and\",\"args\":[",
    b"{\"op\":\"not\",\"args\":[",
    b"{\"op\":\"+\",\"args\":[",
    b"{\"op\":\"in\",\"args\":[1,[",
    b"{\"op\":\"f\",\"args\":[[",
    b"{\"op\":\"casei\",\"args\":[",
    b"]}",
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b"\"op\":\"=\",",
    b"{\"property\":\"count\"}",
    b"\"args\":[]",
    b"{\"interval\":[\"..\",",
    b"{\"bbox\":[1,2,3,4]}",
    b"{\"type\":\"Point\",\"coordinates\":[1,2]}",
    b"\"type\":\"GeometryCollection\",\"geometries\":[",
    b"null",
    b"true",
    b"1e308",
    b"-0",
    b"9223372036854775808",
    b"\\ud800",
    b"\\u0000",
    b"\"",
    b"\\\"",
];

/// What the standard gives as examples, and our own, as text.
fn texts() -> Vec<Vec<u8>> {
    let ours = OURS.iter().map(|text| text.as_bytes().to_vec());
    examples("text").into_iter().chain(ours).collect()
}

/// The same as JSON.
fn documents() -> Vec<Vec<u8>> {
    let ours = OURS.iter().map(|text| {
        let clause = parse_text(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        write_json(&clause, |name| name).into_bytes()
    });
    examples("json").into_iter().chain(ours).collect()
}

fn examples(form: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cql2").join(form);
    let entries = std::fs::read_dir(folder).expect("the examples are there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).expect("a file")).collect()
}

/// What a condition on the fields of every class comes to for an asset that has some values.
fn truth(expression: &Expression) -> Truth {
    let value = |position: usize| match &*core_fields()[position].name {
        "road" => Some(ValueRef::Text("Øster Straße")),
        "count" => Some(ValueRef::Integer(3)),
        "length_m" => Some(ValueRef::Number(12.5)),
        "installed_on" => "1996-02-29".parse().ok().map(ValueRef::Date),
        "valid_from" => "2020-01-01T00:00:00Z".parse().ok().map(ValueRef::Instant),
        _ => None,
    };
    let asset = AssetView {
        value,
        shape: || Some(Shape::Line(Arc::new([[117.0, 39.0], [118.0, 39.5]]))),
        due_state: |kind| (kind == WorkKind::Renew).then_some(DueState::Overdue),
    };
    assert!(!expression.deciding(&asset).is_empty());
    expression.evaluate(&asset)
}

/// Checks a condition and asks it. It is written for those who want to know why; where that can be
/// read, it means the same.
fn ask(clause: &Clause) {
    let checked = |clause: &Clause| Expression::try_new(clause, core_fields(), Sight::EVERYTHING);
    let expression = match checked(clause) {
        Ok(expression) => expression,
        Err(error) => {
            assert!(error.to_string().len() < MAX_MESSAGE_BYTES, "{error}");
            return;
        }
    };
    let name = |position: &usize| &*core_fields()[*position].name;
    let text = write_text(expression.clause(), name);
    let json = write_json(expression.clause(), name);
    let read = [parse_text(&text), parse_json(&json)];
    for again in read.iter().flatten() {
        let again = checked(again).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(truth(&again), truth(&expression), "{text}");
    }
}

/// What is read is written so that it reads back as the same, unless that is longer, or in JSON deeper,
/// than may be read.
fn check_read(source: &str, read: Result<Clause, Cql2Error>) {
    let clause = match read {
        Ok(clause) => clause,
        Err(error) => {
            let message = error.to_string();
            assert!(message.len() < MAX_MESSAGE_BYTES, "{source}: {message}");
            assert!(!message.contains(char::is_control), "{source}: {message:?}");
            return;
        }
    };
    let text = write_text(&clause, |name| name);
    if text.len() <= MAX_FILTER_BYTES {
        assert_eq!(parse_text(&text).as_ref(), Ok(&clause), "{source} as {text}");
    }
    let json = write_json(&clause, |name| name);
    match parse_json(&json) {
        Err(error) => {
            let is_deep = error.expected == format!("at most {MAX_FILTER_DEPTH} levels")
                || error.expected.contains("recursion limit");
            assert!(is_deep || json.len() > MAX_FILTER_JSON_BYTES, "{source} as {json}: {error}");
        }
        same => assert_eq!(same.as_ref(), Ok(&clause), "{source} as {json}"),
    }
    ask(&clause);
}

/// Puts sound conditions together, each within what was put together before.
fn together(parts: &[Vec<u8>], around: &[(&str, &str, &str)], chance: &mut Chance) -> Vec<u8> {
    // Ours come last; without others, and without what nobody knows, they can be asked too.
    let is_ours = chance.below(2) == 0;
    let parts = if is_ours { &parts[parts.len() - OURS.len()..] } else { parts };
    let around = if is_ours { &around[..around.len() - 1] } else { around };
    let one = |chance: &mut Chance| parts[chance.below(parts.len())].clone();
    let mut whole = one(chance);
    let most = chance.one(&[2, 6, 40]);
    for _ in 0..chance.below(most) {
        let (before, between, after) = chance.one(around);
        let other = if between.is_empty() { Vec::new() } else { one(chance) };
        let (before, between, after) = (before.as_bytes(), between.as_bytes(), after.as_bytes());
        whole = if chance.below(2) == 0 {
            [before, &whole, between, &other, after].concat()
        } else {
            [before, &other, between, &whole, after].concat()
        };
        if whole.len() > MAX_FILTER_BYTES {
            break;
        }
    }
    whole
}

fn check(
    name: &'static str,
    sound: Vec<Vec<u8>>,
    words: &'static [&'static [u8]],
    around: &'static [(&'static str, &'static str, &'static str)],
    parse: fn(&str) -> Result<Clause, Cql2Error>,
) {
    for bytes in &sound {
        let source = String::from_utf8_lossy(bytes);
        let read = parse(&source);
        assert!(read.is_ok(), "{source}: {read:?}");
        check_read(&source, read);
    }
    damage::run(name, SECONDS, move |chance| {
        for _ in 0..CASES_EACH {
            let mut bytes = together(&sound, around, chance);
            if chance.below(2) == 0 {
                damage(&mut bytes, words, chance);
            }
            let source = String::from_utf8_lossy(&bytes);
            check_read(&source, parse(&source));
        }
        let peak = peak_kib();
        assert!(peak < MAX_MEMORY_KIB, "{peak} KiB");
    });
}

/// How many conditions a case tries: each takes less than the thread that it runs on.
const CASES_EACH: usize = 20;

/// The most memory that this process has had so far, in KiB.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells of itself");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    peak.trim().trim_end_matches(" kB").parse().expect("a number of KiB")
}

#[test]
fn damaged_text_is_read_or_refused() {
    let around = &[
        ("(", ") AND (", ")"),
        ("(", ") OR NOT (", ")"),
        ("", " AND ", ""),
        ("NOT ", "", ""),
        ("(", "", ")"),
        ("(", ") = (", ")"),
        ("(", ") IN (TRUE, (", "))"),
        ("(", "", ") IN (TRUE, FALSE)"),
        ("(", "", ") IS NOT NULL"),
        ("f(", ", ", ")"),
    ];
    check("filters in text", texts(), TEXT_WORDS, around, parse_text);
}

#[test]
fn damaged_json_is_read_or_refused() {
    let around = &[
        ("{\"op\":\"and\",\"args\":[", ",", "]}"),
        ("{\"args\":[", ",", "],\"op\":\"or\"}"),
        ("{\"op\":\"not\",\"args\":[", "", "]}"),
        ("{\"op\":\"=\",\"args\":[", ",", "]}"),
        ("{\"op\":\"in\",\"args\":[", "", ",[true,false]]}"),
        ("{\"op\":\"in\",\"args\":[", ",[true,", "]]}"),
        ("{\"op\":\"isNull\",\"args\":[", "", "]}"),
        ("{\"op\":\"f\",\"args\":[", ",", "]}"),
    ];
    check("filters in JSON", documents(), JSON_WORDS, around, parse_json);
}
