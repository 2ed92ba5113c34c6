//! CQL2 text to conditions and back.

use proptest::prelude::*;
use terrier_model::{Clause, Comparison, MAX_PATTERN_CHARS, Operand, Pattern, Value};

use super::*;

fn write(clause: &Clause) -> String {
    write_text(clause, |name| name)
}

/// Parses a text and compares how it is written back, or what is said of it.
fn check(text: &str, expected: &str) {
    let found = match parse_text(text) {
        Ok(clause) => write(&clause),
        Err(error) => error.to_string(),
    };
    assert_eq!(found, expected, "{text}");
}

/// The text is written back as it is.
fn kept(text: &str) {
    check(text, text);
}

#[test]
fn a_test_of_every_kind_is_read_and_written_back() {
    kept("material = 'steel'");
    kept("'steel' = material");
    kept("a <> 1 AND b < 2 AND c <= 3 AND d > 4.5 AND e >= 1e300");
    kept("installed_on BETWEEN DATE('1995-01-01') AND DATE('2004-02-29')");
    kept("installed_on NOT BETWEEN DATE('1995-01-01') AND DATE('2004-02-29')");
    kept("valid_from > TIMESTAMP('2024-01-01T00:00:00Z')");
    kept("material IN ('steel', 'pe80')");
    kept("count NOT IN (1, -2, 3.5)");
    kept("road LIKE '友谊%' OR road NOT LIKE '100\\%'");
    kept("road IS NULL AND owner IS NOT NULL");
    kept("encroached");
    kept("NOT encroached AND TRUE");
    kept("encroached = FALSE");
    kept("length_m > geom_length_m");
}

#[test]
fn keywords_are_read_in_any_case_and_spaces_of_any_kind() {
    check("a=1aNd b=2", "at byte 2: found `1aNd`, expected a finite number");
    check("a=1 aNd\r\n\tb=2 oR nOt(c iS nOt nUlL)", "(a = 1 AND b = 2) OR NOT c IS NOT NULL");
    check(" true  ", "TRUE");
    check("d=date ( '2000-02-29' )", "d = DATE('2000-02-29')");
}

#[test]
fn not_binds_closer_than_and_and_and_closer_than_or() {
    check("NOT a = 1 AND b = 2 OR c = 3", "(NOT a = 1 AND b = 2) OR c = 3");
    check("a = 1 OR b = 2 AND c = 3", "a = 1 OR (b = 2 AND c = 3)");
    kept("(a = 1 OR b = 2) AND c = 3");
    kept("NOT (a = 1 AND b = 2)");
    check("((a = 1))", "a = 1");
    // A range within keeps what follows it.
    check("a BETWEEN 1 AND 2 AND b = 3", "a BETWEEN 1 AND 2 AND b = 3");
}

#[test]
fn a_name_is_no_keyword_that_it_begins_with() {
    kept("notes = 1");
    kept(
        "android = 1 OR inlet = 2 AND nothing"
            .replace("inlet = 2 AND nothing", "inlet = 2")
            .as_str(),
    );
    kept("date = 1");
    kept("\"in\" = 1 AND \"Not\" = 2");
    kept("\"a b\" = 1");
    kept("eo:cloud_cover.max = 1");
    kept("道路 = '友谊路'");
    check(
        "in = 1",
        "at byte 0: found `in`, expected a condition; a property of that name is quoted",
    );
}

#[test]
fn numbers_keep_their_kind_and_sign() {
    kept("a = -9223372036854775808");
    check("a = +7", "a = 7");
    check("a = - 7", "a = -7");
    check("a = .5", "a = 0.5");
    check("a = 5.", "a = 5.0");
    check("a = 1E-7", "a = 1e-7");
    check("a = 9223372036854775808", "a = 9.223372036854776e18");
    check("a = 1e999", "at byte 4: found `1e999`, expected a finite number");
    check("a = 1.2.3", "at byte 4: found `1.2.3`, expected a finite number");
    check("a = 1e", "at byte 4: found `1e`, expected a finite number");
    check("a = .", "at byte 4: found `.`, expected a finite number");
    check("a = -'1'", "at byte 5: found `'1'`, expected a number");
}

#[test]
fn a_quote_within_a_text_is_doubled_or_follows_a_backslash() {
    kept("a = ''");
    kept("a = 'O''Brien'");
    check("a = 'O\\'Brien'", "a = 'O''Brien'");
    kept("a = ''''");
    kept("a = 'C:\\temp'");
    kept("a = 'C:\\\\'");
    check("a = 'it\\", "at byte 4: found `'it\\`, expected a text that ends with `'`");
    check("a = 'b\\'", "at byte 4: found `'b\\'`, expected a text that ends with `'`");
    let read = |text: &str| match parse_text(text) {
        Ok(Clause::Compare { right: Operand::Value(Value::Text(text)), .. }) => text,
        other => panic!("{other:?}"),
    };
    assert_eq!(&*read("a = 'C:\\\\'"), "C:\\");
    assert_eq!(&*read("a = '\\\\''b'"), "\\'b");
    assert_eq!(&*read("a = 'x\\y'"), "x\\y");
}

#[test]
fn what_is_no_condition_is_told_with_its_place() {
    check("", "at byte 0: found the end, expected a condition");
    check("   ", "at byte 3: found the end, expected a condition");
    check("a =", "at byte 3: found the end, expected a value or the name of a property");
    check("a = 1 b = 2", "at byte 6: found `b`, expected AND, OR or the end");
    check("a = 1)", "at byte 5: found `)`, expected AND, OR or the end");
    check("(a = 1", "at byte 6: found the end, expected `)`");
    check("a == 1", "at byte 3: found `=`, expected a value or the name of a property");
    check("a = 1; drop", "at byte 5: found `;`, expected a name, a value or a comparison");
    check(
        "'友谊路'",
        "at byte 11: found the end, expected a comparison, BETWEEN, IN, LIKE or IS NULL",
    );
    check(
        "a = NULL",
        "at byte 4: found `NULL`, expected a value; what is missing is asked for by IS NULL",
    );
    check("a IS 1", "at byte 5: found `1`, expected NULL");
    check("a NOT = 1", "at byte 6: found `=`, expected BETWEEN, IN or LIKE");
    check("a BETWEEN 1 OR 2", "at byte 12: found `OR`, expected AND");
    check("a IN ()", "at byte 6: found `)`, expected a value");
    check("a IN (b)", "at byte 6: found `b`, expected a value");
    check("a IN (1,)", "at byte 8: found `)`, expected a value");
    check("\"\" = 1", "at byte 0: found `\"\" = 1`, expected a name between two `\"`");
    check("\"a = 1", "at byte 0: found `\"a = 1`, expected a name between two `\"`");
    check(
        "a = 'x\u{7}\u{1b}[",
        "at byte 4: found `'x\\u{7}\\u{1b}[`, expected a text that ends with `'`",
    );
    check(
        "d = DATE('2005-6-30')",
        "at byte 9: found `'2005-6-30'`, expected a day such as '2005-06-30'",
    );
    check(
        "d = DATE('2005-02-29')",
        "at byte 9: found `'2005-02-29'`, expected a day such as '2005-06-30'",
    );
    check(
        "t = TIMESTAMP('2005-02-28')",
        "at byte 14: found `'2005-02-28'`, expected a time such as '2005-06-30T12:00:00Z'",
    );
    check(
        "S_INTERSECTS(geometry, 1)",
        "at byte 0: found `S_INTERSECTS(`, expected DATE('…') or TIMESTAMP('…'); there is no other \
         function",
    );
    check(
        "a LIKE b",
        &format!(
            "at byte 7: found `b`, expected a pattern such as 'A%' of at most {MAX_PATTERN_CHARS} \
         characters, not ending in a lone `\\`"
        ),
    );
}

#[test]
fn every_limit_holds_while_the_text_is_read() {
    let nested = |levels: usize| format!("{}a = 1{}", "(".repeat(levels), ")".repeat(levels));
    check(&nested(MAX_FILTER_DEPTH), "a = 1");
    let found = format!("found `(`, expected at most {MAX_FILTER_DEPTH} levels");
    check(
        &nested(MAX_FILTER_DEPTH + 1),
        &format!("at byte {}: found `a`, expected at most 32 levels", 33),
    );
    assert!(parse_text(&nested(4000)).expect_err("too deep").to_string().ends_with(&found));
    let nots = |levels: usize| format!("{}a", "NOT ".repeat(levels));
    assert!(parse_text(&nots(MAX_FILTER_DEPTH)).is_ok());
    assert!(parse_text(&nots(MAX_FILTER_DEPTH + 1)).is_err());
    // So many tests, and one OR around them.
    let tests = |count: usize| vec!["a"; count].join(" OR ");
    assert!(parse_text(&tests(MAX_FILTER_NODES - 1)).is_ok());
    let error = parse_text(&tests(MAX_FILTER_NODES)).expect_err("too many");
    assert_eq!(error.expected, "at most 256 conditions in all");
    let list = |count: usize| format!("a IN ({})", vec!["1"; count].join(","));
    assert!(parse_text(&list(MAX_FILTER_LIST)).is_ok());
    let error = parse_text(&list(MAX_FILTER_LIST + 1)).expect_err("too many");
    assert_eq!(error.expected, "at most 1000 values in a list");
    let long = |bytes: usize| format!("a = '{}'", "x".repeat(bytes - "a = ''".len()));
    assert!(parse_text(&long(MAX_FILTER_BYTES)).is_ok());
    let error = parse_text(&long(MAX_FILTER_BYTES + 1)).expect_err("too long");
    assert_eq!(
        error.to_string(),
        "at byte 8192: found a text of 8193 bytes, expected at most 8192"
    );
    let like = |chars: usize| format!("a LIKE '{}'", "路".repeat(chars));
    assert!(parse_text(&like(MAX_PATTERN_CHARS)).is_ok());
    assert!(parse_text(&like(MAX_PATTERN_CHARS + 1)).is_err());
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[ -~\\\\'路é]{0,8}".prop_map(|text| Value::Text(text.into())),
        any::<i64>().prop_map(Value::Integer),
        any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(Value::Number),
        any::<bool>().prop_map(Value::Boolean),
        (-30_000..30_000_i32).prop_map(|days| {
            let day = jiff::civil::date(2000, 2, 29) + jiff::ToSpan::days(days);
            Value::Date(day)
        }),
        any::<i32>().prop_map(|seconds| {
            let time = jiff::Timestamp::from_second(i64::from(seconds)).expect("within range");
            Value::Instant(time)
        }),
    ]
}

fn operands() -> impl Strategy<Value = Operand> {
    prop_oneof![
        prop_oneof!["[a-z_][a-z0-9_]{0,6}", "[ -!#-~路]{1,6}", Just("not".to_owned())]
            .prop_map(|name| Operand::Field(name.into())),
        values().prop_map(Operand::Value),
    ]
}

fn clauses() -> impl Strategy<Value = Clause> {
    let comparisons = prop::sample::select(vec![
        Comparison::Equal,
        Comparison::NotEqual,
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
    ]);
    let test =
        prop_oneof![
            any::<bool>().prop_map(Clause::Constant),
            "[a-z]{1,6}".prop_map(|name| Clause::Holds(format!("{name}_").into())),
            (operands(), comparisons, operands())
                .prop_map(|(left, comparison, right)| Clause::Compare { left, comparison, right }),
            (operands(), operands(), operands())
                .prop_map(|(value, least, greatest)| Clause::Between { value, least, greatest }),
            (operands(), prop::collection::vec(values(), 1..4))
                .prop_map(|(value, list)| Clause::In { value, list }),
            (operands(), "[a%_路']{0,6}").prop_map(|(value, pattern)| {
                let pattern = Pattern::new(&pattern).expect("a pattern");
                Clause::Like { value, pattern }
            }),
            operands().prop_map(Clause::IsNull),
        ];
    test.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|part| Clause::Not(Box::new(part))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Clause::And),
            prop::collection::vec(inner, 2..4).prop_map(Clause::Or),
        ]
    })
}

proptest! {
    #[test]
    fn any_condition_is_written_so_that_it_reads_back_as_the_same(clause in clauses()) {
        let text = write(&clause);
        prop_assert_eq!(parse_text(&text), Ok(clause), "{}", text);
    }

    #[test]
    fn any_text_is_read_or_refused_without_a_panic(text in "[a-c0-9 ='()<>\"\\\\.,eE+\\-%路]{0,60}") {
        if let Ok(clause) = parse_text(&text) {
            prop_assert_eq!(parse_text(&write(&clause)), Ok(clause));
        }
    }

    #[test]
    fn any_words_in_any_order_are_read_or_refused_without_a_panic(
        words in prop::collection::vec(prop::sample::select(vec![
            "a", "AND", "OR", "NOT", "(", ")", "IN", "LIKE", "BETWEEN", "IS", "NULL", "'x%'", "1",
            ",", "=", "<>", "DATE('2000-02-29')", "TRUE", "-", "\"b\"",
        ]), 0..20)
    ) {
        let text = words.join(" ");
        if let Ok(clause) = parse_text(&text) {
            prop_assert_eq!(parse_text(&write(&clause)), Ok(clause));
        }
    }
}
