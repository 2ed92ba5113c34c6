//! CQL2 JSON to conditions, and what is said of what is none.

use super::*;

/// Parses a document and compares how it is written as text, or what is said of it.
fn check(json: &str, expected: &str) {
    assert_eq!(told(parse_json(json)), expected, "{json}");
}

/// The document is written back as it is.
fn kept(json: &str, text: &str) {
    check(json, text);
    assert_eq!(json_of(&parse_json(json).expect("a condition")), json);
}

#[test]
fn a_test_of_every_kind_is_read_and_written_back() {
    kept(r#"{"op":"=","args":[{"property":"a"},1]}"#, "a = 1");
    kept(
        r#"{"op":"not","args":[{"op":"<>","args":["x",{"property":"a b"}]}]}"#,
        "NOT 'x' <> \"a b\"",
    );
    kept(
        r#"{"op":"and","args":[true,{"property":"a"},{"op":"f","args":[]}]}"#,
        "TRUE AND a AND f()",
    );
    kept(
        r#"{"op":"or","args":[{"op":"and","args":[true,false]},false]}"#,
        "(TRUE AND FALSE) OR FALSE",
    );
    kept(r#"{"op":"between","args":[{"property":"a"},1.0,-2]}"#, "a BETWEEN 1.0 AND -2");
    kept(r#"{"op":"in","args":[{"property":"a"},["x"]]}"#, "a IN ('x')");
    kept(r#"{"op":"like","args":[{"property":"a"},"x%"]}"#, "a LIKE 'x%'");
    kept(
        r#"{"op":"like","args":["y",{"op":"accenti","args":[{"op":"casei","args":["x"]}]}]}"#,
        "'y' LIKE ACCENTI(CASEI('x'))",
    );
    kept(r#"{"op":"isNull","args":[{"op":"div","args":[{"property":"a"},2]}]}"#, "a div 2 IS NULL");
    kept(
        r#"{"op":"t_finishedBy","args":[{"interval":["..",{"property":"a"}]},{"interval":["2000-02-29","2000-03-01T12:00:00Z"]}]}"#,
        "T_FINISHEDBY(INTERVAL('..', a), INTERVAL('2000-02-29', '2000-03-01T12:00:00Z'))",
    );
    kept(
        r#"{"op":"t_after","args":[{"date":"2000-02-29"},{"timestamp":"2000-03-01T12:00:00Z"}]}"#,
        "T_AFTER(DATE('2000-02-29'), TIMESTAMP('2000-03-01T12:00:00Z'))",
    );
    kept(
        r#"{"op":"a_containedBy","args":[[1],[[],[true,"x"]]]}"#,
        "A_CONTAINEDBY((1), ((), (TRUE, 'x')))",
    );
    kept(
        r#"{"op":"=","args":[{"op":"isNull","args":[1]},{"op":"casei","args":["x"]}]}"#,
        "(1 IS NULL) = CASEI('x')",
    );
    kept("true", "TRUE");
    kept(r#"{"property":"a"}"#, "a");
}

#[test]
fn operators_may_be_in_any_case_and_spaces_of_any_kind() {
    check(
        "\t{\n\"args\": [ 1, {\"op\":\"CaseI\",\"args\":[\"x\"]} ],\r\n \"op\": \"=\" } ",
        "1 = CASEI('x')",
    );
    check(r#"{"op":"T_FINISHEDBY","args":[1,2]}"#, "T_FINISHEDBY(1, 2)");
    check(r#"{"op":"AND","args":[true,true]}"#, "TRUE AND TRUE");
    check(r#"{"op":"ISNULL","args":[1]}"#, "1 IS NULL");
}

#[test]
fn a_geometry_of_every_kind_is_read_and_written_back() {
    let kept = |json: &str, text: &str| {
        let json = format!(r#"{{"op":"s_within","args":[{{"property":"geom"}},{json}]}}"#);
        kept(&json, &format!("S_WITHIN(geom, {text})"));
    };
    kept(r#"{"type":"Point","coordinates":[117.25,39.5]}"#, "POINT(117.25 39.5)");
    kept(r#"{"type":"MultiPoint","coordinates":[[1.5,2.0]]}"#, "MULTIPOINT((1.5 2))");
    kept(r#"{"type":"LineString","coordinates":[[1.0,2.0],[3.0,4.0]]}"#, "LINESTRING(1 2, 3 4)");
    kept(
        r#"{"type":"MultiLineString","coordinates":[[[1.0,2.0],[3.0,4.0]]]}"#,
        "MULTILINESTRING((1 2, 3 4))",
    );
    kept(r#"{"type":"Polygon","coordinates":[[[1.0,2.0],[3.0,4.0]]]}"#, "POLYGON((1 2, 3 4))");
    kept(
        r#"{"type":"MultiPolygon","coordinates":[[[[1.0,2.0],[3.0,4.0]]]]}"#,
        "MULTIPOLYGON(((1 2, 3 4)))",
    );
    kept(
        r#"{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1.0,2.0]}]}"#,
        "GEOMETRYCOLLECTION(POINT(1 2))",
    );
    kept(r#"{"bbox":[150.0,-90.0,-150.0,90.0]}"#, "BBOX(150, -90, -150, 90)");
}

#[test]
fn heights_and_the_box_of_a_geometry_choose_nothing() {
    let check = |json: &str, text: &str| {
        let json = format!(r#"{{"op":"s_within","args":[{{"property":"geom"}},{json}]}}"#);
        check(&json, &format!("S_WITHIN(geom, {text})"));
    };
    check(r#"{"type":"Point","coordinates":[1,2,3],"bbox":[1,2,3,1,2,3]}"#, "POINT(1 2)");
    check(r#"{"bbox":[1,2,-5,3,4,100]}"#, "BBOX(1, 2, 3, 4)");
}

#[test]
fn what_is_no_geometry_is_told_with_its_place() {
    let check = |json: &str, expected: &str| {
        check(&format!(r#"{{"op":"s_within","args":[1,{json}]}}"#), expected);
    };
    check(
        r#"{"type":"Circle","coordinates":[1,2]}"#,
        "at `/args/1/type`: found `\"Circle\"`, expected `Point`, `MultiPoint`, `LineString`, `MultiLineString`, `Polygon`, `MultiPolygon` or `GeometryCollection`",
    );
    check(
        r#"{"type":"Point"}"#,
        "at `/args/1`: found no `coordinates`, expected `coordinates` too",
    );
    check(
        r#"{"type":"Point","coordinates":[1]}"#,
        "at `/args/1/coordinates`: found 1 numbers, expected a position of 2 or 3 numbers",
    );
    check(
        r#"{"type":"Point","coordinates":[1,2,3,4]}"#,
        "at `/args/1/coordinates`: found 4 numbers, expected a position of 2 or 3 numbers",
    );
    check(
        r#"{"type":"Point","coordinates":[1,"2"]}"#,
        "at `/args/1/coordinates/1`: found `\"2\"`, expected a number",
    );
    check(
        r#"{"type":"Point","coordinates":[1,2,null]}"#,
        "at `/args/1/coordinates/2`: found null, expected a number",
    );
    check(
        r#"{"type":"LineString","coordinates":[[1,2],3]}"#,
        "at `/args/1/coordinates/1`: found `3`, expected a position such as [117.2, 39.1]",
    );
    check(
        r#"{"type":"Polygon","coordinates":[[[1,2]],[]]}"#,
        "at `/args/1/coordinates/1`: found an empty list, expected a list of one at least",
    );
    check(
        r#"{"type":"Point","coordinates":[1,2],"crs":4326}"#,
        "at `/args/1`: found a member `crs`, expected no other members than `type` and `coordinates` and `bbox`",
    );
    check(
        r#"{"bbox":[1,2,3]}"#,
        "at `/args/1/bbox`: found 3 numbers, expected a box of 4 or 6 numbers",
    );
    check(
        r#"{"type":"GeometryCollection","geometries":[{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]}]}"#,
        "at `/args/1/geometries/0`: found a collection, expected a geometry that is none, for collections hold no others",
    );
    check(
        r#"{"type":"GeometryCollection","geometries":[{"bbox":[1,2,3,4]}]}"#,
        "at `/args/1/geometries/0`: found no `type`, expected `type` too",
    );
}

#[test]
fn what_is_no_condition_is_told_with_its_place() {
    let value = "expected a value, a list, or an object with `op`, `property`, `date`, `timestamp`, `interval`, `bbox` or `type`";
    check("1", "at the top: found `1`, expected a condition");
    check("[]", "at the top: found a list, expected a condition");
    check("{}", &format!("at the top: found an empty object, {value}"));
    check(r#"{"eq":[1,2]}"#, &format!("at the top: found an object with `eq`, {value}"));
    check(r#"{"op":"="}"#, "at the top: found no `args`, expected `args` too");
    check(
        r#"{"op":"=","args":{}}"#,
        "at `/args`: found an empty object, expected a list of what the operator is given",
    );
    check(r#"{"op":"=","args":[1]}"#, "at `/args`: found 1 arguments, expected 2");
    check(r#"{"op":"and","args":[true]}"#, "at `/args`: found 1 arguments, expected 2 at least");
    check(r#"{"op":"not","args":[true,true]}"#, "at `/args`: found 2 arguments, expected 1");
    check(
        r#"{"op":"=","args":[1,null]}"#,
        "at `/args/1`: found null, expected a value; what is missing is asked for by `isNull`",
    );
    check(
        r#"{"op":"=","args":[1,2],"not":true}"#,
        "at the top: found a member `not`, expected no other members than `op` and `args`",
    );
    check(
        r#"{"op":1,"args":[]}"#,
        "at `/op`: found `1`, expected the name of an operator or function",
    );
    check(
        r#"{"op":"a b","args":[]}"#,
        "at `/op`: found `\"a b\"`, expected the name of an operator or function",
    );
    check(
        r#"{"op":"date","args":["2000-01-01"]}"#,
        "at `/op`: found `\"date\"`, expected the name of an operator or function",
    );
    check(
        r#"{"op":"and","args":[true,{"op":"+","args":[1,2]}]}"#,
        "at `/args/1`: found an object with `op`, expected a condition",
    );
    check(r#"{"property":""}"#, "at `/property`: found `\"\"`, expected the name of a property");
    check(
        r#"{"property":"a\"b"}"#,
        "at `/property`: found `\"a\"b\"`, expected the name of a property",
    );
    check(r#"{"property":["a"]}"#, "at `/property`: found a list, expected the name of a property");
    check(r#"{"op":"in","args":[1,2]}"#, "at `/args/1`: found `2`, expected a list of values");
    check(
        r#"{"op":"in","args":[1,[]]}"#,
        "at `/args/1`: found an empty list, expected a list of one value at least",
    );
    check(
        r#"{"op":"f","args":[[1]]}"#,
        "at `/args/0`: found a list of one value, expected no list of one value but in a list or on a side of a relation between lists",
    );
    check(
        r#"{"op":"a_equals","args":[1,[]]}"#,
        "at `/args/0`: found `1`, expected a list or the name of a property",
    );
    check(
        r#"{"op":"=","args":[{"date":"2005-02-29"},1]}"#,
        "at `/args/0/date`: found `\"2005-02-29\"`, expected a day such as '2005-06-30'",
    );
    check(
        r#"{"op":"=","args":[{"timestamp":5},1]}"#,
        "at `/args/0/timestamp`: found `5`, expected a time such as '2005-06-30T12:00:00Z'",
    );
    check(
        r#"{"op":"t_after","args":[1,{"interval":["..",3]}]}"#,
        "at `/args/1/interval/1`: found `3`, expected '..', a day such as '2005-06-30', a time such as '2005-06-30T12:00:00Z', or a property",
    );
    check(
        r#"{"op":"t_after","args":[1,{"interval":[".."]}]}"#,
        "at `/args/1/interval`: found 1 ends, expected 2",
    );
    let pattern = parser::pattern_words();
    check(
        r#"{"op":"like","args":["a",{"property":"b"}]}"#,
        &format!("at `/args/1`: found an object with `property`, expected {pattern}"),
    );
    check(
        r#"{"op":"like","args":["a","b\\"]}"#,
        &format!("at `/args/1`: found `\"b\\\"`, expected {pattern}"),
    );
    check(
        r#"{"op":"and","args":[true,{"a/~b":1}]}"#,
        &format!("at `/args/1`: found an object with `a/~b`, {value}"),
    );
}

#[test]
fn what_is_no_json_is_told_with_its_place() {
    check("", "at byte 0: found the end, expected sound JSON (EOF while parsing a value)");
    check("a = 1", "at byte 0: found `a = 1`, expected sound JSON (expected value)");
    check(
        r#"{"op":"=""#,
        "at byte 9: found the end, expected sound JSON (EOF while parsing an object)",
    );
    check("{\n \"op\": 路}", "at byte 9: found `路}`, expected sound JSON (expected value)");
    check("true false", "at byte 5: found `false`, expected sound JSON (trailing characters)");
    check("[1e999]", "at byte 5: found `9]`, expected sound JSON (number out of range)");
    check("[NaN]", "at byte 1: found `NaN]`, expected sound JSON (expected value)");
    check("[1,]", "at byte 3: found `]`, expected sound JSON (trailing comma)");
    check(
        "[\"\\ud800\"]",
        "at byte 8: found `\"]`, expected sound JSON (unexpected end of hex escape)",
    );
    check(
        r#"{"op":"=","op":"<"}"#,
        "at byte 13: found `\":\"<\"}`, expected sound JSON (`op` comes twice in an object)",
    );
    check(
        r#"{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1}"#,
        "at byte 51: found `\":1}`, expected sound JSON (an object has more than 8 members)",
    );
    check(
        &"[".repeat(577),
        "at byte 576: found `[`, expected sound JSON (lists and objects lie more than 576 deep)",
    );
}

#[test]
fn numbers_keep_their_kind() {
    let check = |number: &str, expected: &str| {
        check(&format!(r#"{{"op":"=","args":[1,{number}]}}"#), &format!("1 = {expected}"));
    };
    check("-9223372036854775808", "-9223372036854775808");
    check("9223372036854775808", "9.223372036854776e18");
    check("1.0", "1.0");
    check("1e2", "100.0");
    check("-0", "-0.0");
    check("5e-324", "5e-324");
}

#[test]
fn a_list_in_a_list_may_have_one_value() {
    let check = |text: &str, json: &str| {
        let clause = parse_text(text).expect(text);
        assert_eq!(json_of(&clause), json);
        assert_eq!(parse_json(json), Ok(clause));
    };
    check("A_EQUALS(a, ((1), 2))", r#"{"op":"a_equals","args":[{"property":"a"},[[1],2]]}"#);
    check("A_EQUALS(a, ((1)))", r#"{"op":"a_equals","args":[{"property":"a"},[[1]]]}"#);
    check("A_EQUALS(a, (((1)), ()))", r#"{"op":"a_equals","args":[{"property":"a"},[[[1]],[]]]}"#);
    check(
        "A_EQUALS(a, (((1, 2)), 3))",
        r#"{"op":"a_equals","args":[{"property":"a"},[[[1,2]],3]]}"#,
    );
    check("f((3, (1)))", r#"{"op":"f","args":[[3,[1]]]}"#);
    // Parentheses that are not around all of it, or around what is no value of a list, are none.
    check(
        "A_EQUALS(a, ((1) + 2, 3))",
        r#"{"op":"a_equals","args":[{"property":"a"},[{"op":"+","args":[1,2]},3]]}"#,
    );
    check(
        "A_EQUALS(a, ((1) + (2), 3))",
        r#"{"op":"a_equals","args":[{"property":"a"},[{"op":"+","args":[1,2]},3]]}"#,
    );
    check("f(((1)))", r#"{"op":"f","args":[1]}"#);
    check("a IN ((1), 2)", r#"{"op":"in","args":[{"property":"a"},[1,2]]}"#);
}
