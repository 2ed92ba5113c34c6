//! How much a condition may hold, at each bound and one past it, on a stack as small as any that
//! reads one.

use std::thread;

use terrier_model::{Expression, MAX_PATTERN_CHARS, Sight, core_fields};

use super::*;

/// The stack of a thread of the server.
const STACK_BYTES: usize = 2 << 20;

/// Reads, checks, writes and drops on a small stack. What is read again is the same.
fn read(text: String) -> Result<(), Cql2Error> {
    let read = move || {
        let clause = if text.starts_with('{') { parse_json(&text) } else { parse_text(&text) }?;
        let again = text_of(&clause);
        assert_eq!(parse_text(&again).as_ref(), Ok(&clause), "{again}");
        let again = json_of(&clause);
        assert_eq!(parse_json(&again).as_ref(), Ok(&clause), "{again}");
        let _ = Expression::try_new(&clause, core_fields(), Sight::EVERYTHING);
        Ok(())
    };
    let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn(read);
    thread.expect("a thread").join().expect("neither a panic nor the end of the stack")
}

/// What is expected when a text is one past a bound; it is read at the bound.
fn check_bound(text: impl Fn(usize) -> String, bound: usize, expected: &str) {
    assert_eq!(read(text(bound)), Ok(()), "{}", text(bound));
    let error = read(text(bound + 1)).expect_err("one past the bound");
    assert_eq!(error.expected, expected, "{}", text(bound + 1));
}

/// Something within itself, so many levels deep.
fn nested(before: &str, core: &str, after: &str, levels: usize) -> String {
    format!("{}{core}{}", before.repeat(levels), after.repeat(levels))
}

#[test]
fn no_text_is_nested_too_deep_whatever_it_is_nested_of() {
    let check = |before: &str, core: &str, after: &str, levels_each: usize| {
        let expected = format!("at most {MAX_FILTER_DEPTH} levels");
        let text = |levels: usize| nested(before, core, after, levels);
        let bound = MAX_FILTER_DEPTH / levels_each;
        assert_eq!(read(text(bound)), Ok(()), "{}", text(bound));
        // One more, and as many as a text has room for.
        let most = (MAX_FILTER_BYTES - core.len()) / (before.len() + after.len());
        for levels in [bound + 1, most] {
            let error = read(text(levels)).expect_err(before);
            assert_eq!(error.expected, expected, "{}", text(levels));
        }
    };
    check("(", "a = 1", ")", 1);
    check("NOT ", "a", "", 1);
    check("NOT (b OR c AND ", "a", ")", 2);
    check("f(", "a", ")", 1);
    check("(", "a", " IN (TRUE))", 1);
    check("(", "a", " BETWEEN 1 AND 2)", 1);
    check("(a IN (1, ", "1", "))", 1);
    check("(", "a", " IS NULL)", 1);
    check("(", "a", " = 1)", 1);
    check("(a = ", "a", ")", 1);
    check("S_INTERSECTS(a, ", "b", ")", 1);
    check("T_AFTER(a, f(", "b", "))", 2);
    check("A_EQUALS(a, f(", "b", "))", 2);
    check("f(INTERVAL('..', f(", "b", ")))", 3);
    check("f((1, ", "1", "))", 2);
}

#[test]
fn computations_folds_and_patterns_are_nested_no_deeper_than_the_rest() {
    let check = |text: fn(usize) -> String| {
        check_bound(text, MAX_FILTER_DEPTH, &format!("at most {MAX_FILTER_DEPTH} levels"));
    };
    check(|levels| format!("{} = 1", nested("(1 + ", "a", ")", levels)));
    check(|levels| format!("{} = 1", nested("-(", "a", ")", levels)));
    check(|levels| format!("{} = 'x'", nested("CASEI(", "a", ")", levels)));
    check(|levels| format!("a LIKE {}", nested("ACCENTI(", "'x'", ")", levels)));
    check(|levels| format!("A_EQUALS(a, {})", nested("(1, ", "1", ")", levels - 1)));
}

#[test]
fn no_json_is_nested_deeper_than_the_text_that_says_the_same() {
    // So many levels each; so many fewer of the outermost.
    let check = |before: &str, after: &str, levels_each: usize, free: usize| {
        let core = r#"{"op":"=","args":[1,1]}"#;
        let text = |levels: usize| nested(before, core, after, levels);
        let bound = (MAX_FILTER_DEPTH + free) / levels_each;
        assert_eq!(read(text(bound)), Ok(()), "{}", text(bound));
        let error = read(text(bound + 1)).expect_err("it is too deep");
        assert_eq!(error.expected, format!("at most {MAX_FILTER_DEPTH} levels"));
        let most = (MAX_FILTER_JSON_BYTES - core.len()) / (before.len() + after.len());
        read(text(most)).expect_err("no more lies within each other than a condition has nodes");
    };
    check(r#"{"op":"not","args":["#, "]}", 1, 0);
    check(r#"{"op":"or","args":[true,{"op":"and","args":[true,"#, "]}]}", 1, 1);
    check(r#"{"op":"and","args":[{"op":"or","args":[true,"#, "]},true]}", 1, 0);
    check(r#"{"op":"=","args":["#, ",1]}", 1, 0);
    check(r#"{"op":"between","args":["#, ",1,1]}", 1, 0);
    check(r#"{"op":"in","args":["#, ",[1,2]]}", 1, 0);
    check(r#"{"op":"in","args":[1,["#, "]]}", 1, 0);
    check(r#"{"op":"isNull","args":["#, "]}", 1, 0);
    check(r#"{"op":"like","args":["#, r#","%"]}"#, 1, 0);
    check(r#"{"op":"=","args":[1,{"op":"+","args":[1,"#, "]}]}", 1, 0);
    check(r#"{"op":"f","args":["#, "]}", 1, 0);
    check(r#"{"op":"f","args":[[1,"#, "]]}", 2, 0);
    check(r#"{"op":"s_within","args":[1,"#, "]}", 1, 0);
    check(r#"{"op":"a_equals","args":[[1,"#, "],[]]}", 2, 0);
}

#[test]
fn computations_and_joints_that_text_writes_flat_are_as_long_in_json() {
    let expected = format!("at most {MAX_FILTER_NODES} conditions in all");
    let sum = |nodes: usize| nested(r#"{"op":"+","args":["#, "1", ",2]}", nodes - 1);
    let equal = |nodes: usize| format!(r#"{{"op":"=","args":[{},3]}}"#, sum(nodes));
    check_bound(equal, MAX_FILTER_NODES, &expected);
    let left = |nodes: usize| nested(r#"{"op":"and","args":["#, "true", ",true]}", nodes);
    check_bound(left, MAX_FILTER_NODES, &expected);
    let right = |nodes: usize| nested(r#"{"op":"or","args":[true,"#, "true", "]}", nodes);
    check_bound(right, MAX_FILTER_NODES, &expected);
    // Text needs parentheses here.
    let power = |nodes: usize| nested(r#"{"op":"-","args":[2,"#, "1", "]}", nodes);
    let equal = |nodes: usize| format!(r#"{{"op":"=","args":[{},3]}}"#, power(nodes));
    check_bound(equal, MAX_FILTER_DEPTH + 1, &format!("at most {MAX_FILTER_DEPTH} levels"));
}

#[test]
fn a_condition_has_so_many_tests_joints_and_computations_in_all() {
    let expected = format!("at most {MAX_FILTER_NODES} conditions in all");
    // So many tests, and one OR around them.
    let joined = |tests: usize, joint: &str| vec!["a = 1"; tests].join(joint);
    check_bound(|nodes| joined(nodes - 1, " OR "), MAX_FILTER_NODES, &expected);
    check_bound(|nodes| joined(nodes - 1, " AND "), MAX_FILTER_NODES, &expected);
    // Sums are computed from the left, so that the longest is the deepest tree.
    let sum = |operator: &str, nodes: usize| format!("a = 1{}", operator.repeat(nodes - 1));
    check_bound(|nodes| sum("+count", nodes), MAX_FILTER_NODES, &expected);
    check_bound(|nodes| sum("*1", nodes), MAX_FILTER_NODES, &expected);
    check_bound(|nodes| sum(" - -b", nodes), MAX_FILTER_NODES / 2, &expected);
    let ilike = |nodes: usize| vec!["a ILIKE 'x'"; nodes / 2].join(" OR ");
    assert_eq!(read(ilike(MAX_FILTER_NODES - 2)), Ok(()));
    assert_eq!(read(ilike(MAX_FILTER_NODES)).expect_err("too many").expected, expected);
    let json = |nodes: usize| {
        let test = r#"{"op":"=","args":[1,1]}"#;
        format!(r#"{{"op":"or","args":[{}]}}"#, vec![test; nodes - 1].join(","))
    };
    check_bound(json, MAX_FILTER_NODES, &expected);
}

#[test]
fn a_list_has_so_many_values() {
    let expected = format!("at most {MAX_FILTER_LIST} values in a list");
    let ones = |count: usize| vec!["1"; count].join(",");
    check_bound(|count| format!("a IN ({})", ones(count)), MAX_FILTER_LIST, &expected);
    check_bound(|count| format!("f({})", ones(count)), MAX_FILTER_LIST, &expected);
    check_bound(|count| format!("A_EQUALS(a, ({}))", ones(count)), MAX_FILTER_LIST, &expected);
    check_bound(|count| format!("f(({}))", ones(count)), MAX_FILTER_LIST, &expected);
    let json = |before: &str, count: usize, after: &str| {
        format!(r#"{{"op":{before}{}{after}}}"#, ones(count))
    };
    check_bound(|count| json(r#""in","args":[1,["#, count, "]]"), MAX_FILTER_LIST, &expected);
    check_bound(|count| json(r#""f","args":["#, count, "]"), MAX_FILTER_LIST, &expected);
    check_bound(|count| json(r#""f","args":[["#, count, "]]"), MAX_FILTER_LIST, &expected);
}

#[test]
fn all_geometries_together_have_so_many_positions() {
    let expected = format!("at most {MAX_FILTER_VERTICES} in all geometries");
    let line = |count: usize| format!("LINESTRING({})", vec!["1 2"; count].join(","));
    let one = |count: usize| format!("S_WITHIN(a,{})", line(count));
    check_bound(one, MAX_FILTER_VERTICES, &expected);
    let two = |count: usize| format!("S_WITHIN({},{})", line(500), line(count - 500));
    check_bound(two, MAX_FILTER_VERTICES, &expected);
    let many = |count: usize| {
        let members = vec!["POINT(1 2)"; count / 10].join(",");
        format!("S_WITHIN(GEOMETRYCOLLECTION({members}),{})", line(count - count / 10))
    };
    check_bound(many, MAX_FILTER_VERTICES, &expected);
    let json = |count: usize| {
        let positions = vec!["[1,2]"; count].join(",");
        let line = format!(r#"{{"type":"LineString","coordinates":[{positions}]}}"#);
        format!(r#"{{"op":"s_within","args":[1,{line}]}}"#)
    };
    check_bound(json, MAX_FILTER_VERTICES, &expected);
}

#[test]
fn a_text_and_a_pattern_are_so_long() {
    let long = |bytes: usize| format!("a = '{}'", "x".repeat(bytes - "a = ''".len()));
    check_bound(long, MAX_FILTER_BYTES, "at most 8192");
    check(
        &long(MAX_FILTER_BYTES + 1),
        "at byte 8192: found a text of 8193 bytes, expected at most 8192",
    );
    let json = |bytes: usize| format!("{{\"property\":\"a\"}}{}", " ".repeat(bytes - 16));
    check_bound(json, MAX_FILTER_JSON_BYTES, "at most 32768");
    let like = |chars: usize| format!("a LIKE '{}'", "路".repeat(chars));
    let expected = parser::pattern_words();
    check_bound(like, MAX_PATTERN_CHARS, &expected);
    let like = |chars: usize| format!(r#"{{"op":"like","args":["a","{}"]}}"#, "路".repeat(chars));
    check_bound(like, MAX_PATTERN_CHARS, &expected);
}

#[test]
fn what_stands_in_each_other_is_checked_and_asked_once() {
    let check = |before: &str, core: &str, after: &str, expected: &str| {
        let text = nested(before, core, after, MAX_FILTER_DEPTH - 1);
        let clause = parse_text(&text).expect("a condition");
        let found = match Expression::try_new(&clause, core_fields(), Sight::EVERYTHING) {
            Ok(_) => "it is one".to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected, "{text}");
    };
    // Checked twice a level, each would be checked two thousand million times.
    check("(", "(count = 1)", " IN (TRUE, FALSE))", "it is one");
    check("(TRUE IN (", "(count = 1)", ", FALSE))", "it is one");
    check("(", "(count = 1)", " = TRUE)", "it is one");
    // Where the list holds what is not given, each value of it is a test of its own.
    let expected = "true or false in a list: found 2 values that are not all given, expected fewer of \
                    them";
    check("(", "(count = 1)", " IN (TRUE, (count = 2)))", expected);
}
