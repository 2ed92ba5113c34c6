//! Conditions at random, written and read again.

use jiff::civil::date;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use proptest::sample::select;
use terrier_model::{
    Arithmetic, ArrayRelation, Comparison, Fold, Operand, Pattern, TemporalRelation, Value,
};
use terrier_spatial::{Geometry, Position, SpatialRelation};

use super::*;

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[ -~\\\\'路é]{0,8}".prop_map(|text| Value::Text(text.into())),
        any::<i64>().prop_map(Value::Integer),
        any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(Value::Number),
        any::<bool>().prop_map(Value::Boolean),
        moments(),
    ]
}

fn moments() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-30_000..30_000_i32).prop_map(|days| Value::Date(date(2000, 2, 29) + days.days())),
        (any::<i32>(), 0..1_000_000_000_i32).prop_map(|(seconds, nanoseconds)| {
            let time = Timestamp::new(seconds.into(), nanoseconds).expect("within range");
            Value::Instant(time)
        }),
    ]
}

fn fields() -> impl Strategy<Value = Operand> {
    let name = prop_oneof![
        "[a-z_][a-z0-9_]{0,6}",
        "[ -!#-~路]{1,6}",
        select(vec!["not", "point", "date", "Div", "casei", "geometry"]).prop_map(str::to_owned)
    ];
    name.prop_map(|name| Operand::Field(name.into()))
}

fn geometries() -> impl Strategy<Value = Geometry> {
    let number = prop_oneof![any::<f64>().prop_filter("finite", |n| n.is_finite()), -180.0..180.0];
    let position = [number.clone(), number.clone()].prop_map(|numbers| -> Position { numbers });
    let line = prop::collection::vec(position.clone(), 1..4);
    let lines = prop::collection::vec(line.clone(), 1..3);
    let simple = prop_oneof![
        position.prop_map(Geometry::Point),
        line.clone().prop_map(Geometry::MultiPoint),
        line.prop_map(Geometry::LineString),
        lines.clone().prop_map(Geometry::MultiLineString),
        lines.clone().prop_map(Geometry::Polygon),
        prop::collection::vec(lines, 1..3).prop_map(Geometry::MultiPolygon),
    ];
    let collection = prop::collection::vec(simple.clone(), 1..3).prop_map(Geometry::Collection);
    let edges = [number.clone(), number.clone(), number.clone(), number].prop_map(Geometry::Box);
    prop_oneof![4 => simple, 1 => collection, 1 => edges]
}

fn folds() -> impl Strategy<Value = Fold> {
    (any::<bool>(), any::<bool>()).prop_map(|(case, accents)| Fold { case, accents })
}

/// Operands that stand alone where any value may, with others and conditions within them.
fn operands(
    inner: BoxedStrategy<Operand>,
    clauses: BoxedStrategy<Clause>,
) -> BoxedStrategy<Operand> {
    let names = "[a-z][a-z0-9_]{0,4}_"; // No word of CQL2 ends so.
    let ends = prop_oneof![
        moments().prop_map(Operand::Value),
        fields(),
        Just(Operand::Unbounded),
        (names, prop::collection::vec(inner.clone(), 0..2))
            .prop_map(|(name, arguments)| Operand::Call { name: name.into(), arguments }),
    ];
    prop_oneof![
        4 => fields(),
        4 => values().prop_map(Operand::Value),
        2 => geometries().prop_map(Operand::Geometry),
        1 => (inner.clone(), folds()).prop_map(|(of, fold)| match of {
            Operand::Folded { .. } => of,
            _ if fold.is_none() => of,
            _ => Operand::Folded { of: Box::new(of), fold },
        }),
        3 => (inner.clone(), select(Arithmetic::ALL.to_vec()), inner.clone())
            .prop_map(|(left, operator, right)| Operand::Arithmetic {
                left: Box::new(left), operator, right: Box::new(right),
            }),
        1 => [ends.clone(), ends].prop_map(|ends| Operand::Interval(Box::new(ends))),
        // Text has lists of one only in lists, and where nothing but a list may stand.
        1 => prop::collection::vec(nested_lists(inner.clone()), 2..4).prop_map(Operand::List),
        1 => Just(Operand::List(Vec::new())),
        1 => clauses.prop_map(|clause| match clause {
            Clause::Constant(holds) => Operand::Value(Value::Boolean(holds)),
            Clause::Holds(operand) => operand,
            clause => Operand::Condition(Box::new(clause)),
        }),
        1 => (names, prop::collection::vec(inner, 0..3))
            .prop_map(|(name, arguments)| Operand::Call { name: name.into(), arguments }),
    ]
    .boxed()
}

fn nested_lists(of: BoxedStrategy<Operand>) -> impl Strategy<Value = Operand> {
    (of, 0..3).prop_map(|(of, lists)| (0..lists).fold(of, |of, _| Operand::List(vec![of])))
}

fn lists(of: BoxedStrategy<Operand>) -> impl Strategy<Value = Operand> {
    prop::collection::vec(nested_lists(of), 0..3).prop_map(Operand::List)
}

fn tests(of: &BoxedStrategy<Operand>) -> BoxedStrategy<Clause> {
    let of = || of.clone();
    let truths = fields().prop_map(Clause::Holds);
    let sides = || prop_oneof![fields(), lists(of())];
    prop_oneof![
        any::<bool>().prop_map(Clause::Constant),
        truths,
        (of(), select(Comparison::ALL.to_vec()), of())
            .prop_map(|(left, comparison, right)| Clause::Compare { left, comparison, right }),
        (of(), of(), of()).prop_map(|(value, least, greatest)| Clause::Between {
            value,
            least,
            greatest
        }),
        (of(), prop::collection::vec(of(), 1..4))
            .prop_map(|(value, list)| Clause::In { value, list }),
        (of(), "[a%_路']{0,6}", folds()).prop_map(|(value, pattern, fold)| {
            let pattern = Pattern::new(&pattern).expect("a pattern");
            Clause::Like { value, pattern, fold }
        }),
        of().prop_map(Clause::IsNull),
        (select(SpatialRelation::ALL.to_vec()), of(), of())
            .prop_map(|(relation, left, right)| Clause::Spatial { relation, left, right }),
        (select(TemporalRelation::ALL.to_vec()), of(), of())
            .prop_map(|(relation, left, right)| Clause::Temporal { relation, left, right }),
        (select(ArrayRelation::ALL.to_vec()), sides(), sides())
            .prop_map(|(relation, left, right)| Clause::Array { relation, left, right }),
    ]
    .boxed()
}

/// Conditions with tests in tests, so many levels of them.
fn clauses(levels: usize) -> BoxedStrategy<Clause> {
    let (inner, within) = if levels == 0 {
        (
            values().prop_map(Operand::Value).boxed(),
            any::<bool>().prop_map(Clause::Constant).boxed(),
        )
    } else {
        let within = clauses(levels - 1);
        (operands(values().prop_map(Operand::Value).boxed(), within.clone()), within)
    };
    let tests = tests(&operands(inner, within));
    tests
        .prop_recursive(3, 16, 3, |inner| {
            prop_oneof![
                inner.clone().prop_map(|part| Clause::Not(Box::new(part))),
                prop::collection::vec(inner.clone(), 2..4).prop_map(term::all),
                prop::collection::vec(inner, 2..4).prop_map(term::any),
            ]
        })
        .boxed()
}

proptest! {
    #[test]
    fn any_condition_is_written_so_that_it_reads_back_as_the_same(clause in clauses(1)) {
        let text = text_of(&clause);
        prop_assert_eq!(parse_text(&text), Ok(clause.clone()), "{}", text);
        let json = json_of(&clause);
        prop_assert_eq!(parse_json(&json), Ok(clause.clone()), "{}", json);
    }

    #[test]
    fn any_text_is_read_or_refused_without_a_panic(text in "[a-c0-9 ='()<>\"\\\\.,eE+\\-*^%路]{0,60}") {
        check_read(&text, parse_text(&text))?;
    }

    #[test]
    fn any_words_in_any_order_are_read_or_refused_without_a_panic(
        words in prop::collection::vec(select(vec![
            "a", "AND", "OR", "NOT", "(", ")", "IN", "LIKE", "BETWEEN", "IS", "NULL", "'x%'", "1",
            ",", "=", "<>", "DATE('2000-02-29')", "TRUE", "-", "\"b\"", "+", "*", "^", "CASEI(", "f(",
            "POINT(1 2)", "BBOX(1,2,3,4)", "S_WITHIN(", "A_EQUALS(", "INTERVAL('..',", "ILIKE",
        ]), 0..20)
    ) {
        let text = words.join(" ");
        check_read(&text, parse_text(&text))?;
    }

    #[test]
    fn any_json_of_known_names_is_read_or_refused_without_a_panic(json in documents()) {
        let json = json.to_string();
        check_read(&json, parse_json(&json))?;
    }
}

/// What was read is written so that it reads back as the same.
fn check_read(text: &str, read: Result<Clause, Cql2Error>) -> Result<(), TestCaseError> {
    let Ok(clause) = read else { return Ok(()) };
    let (again, json) = (text_of(&clause), json_of(&clause));
    prop_assert_eq!(parse_text(&again), Ok(clause.clone()), "{} as {}", text, again);
    prop_assert_eq!(parse_json(&json), Ok(clause.clone()), "{} as {}", text, json);
    Ok(())
}

/// Documents of what CQL2 JSON is made of, put together at random.
fn documents() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::{Value as Json, json};
    let ops = vec![
        "=", "and", "or", "not", "in", "like", "between", "isNull", "casei", "+", "^", "div",
        "s_within", "t_after", "a_equals", "f",
    ];
    let leaves = select(vec![
        json!(1),
        json!(-0.0),
        json!("x"),
        json!(true),
        json!(null),
        json!([]),
        json!({"property": "a"}),
        json!({"date": "2000-02-29"}),
        json!({"timestamp": "2000-02-29T00:00:00Z"}),
        json!({"interval": ["..", {"property": "a"}]}),
        json!({"bbox": [1, 2, 3, 4]}),
        json!({"type": "Point", "coordinates": [1, 2]}),
    ]);
    leaves.prop_recursive(5, 32, 4, move |inner| {
        let args = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            1 => args.clone().prop_map(Json::from),
            1 => args.clone().prop_map(|args| json!({"interval": args})),
            6 => (select(ops.clone()), args).prop_map(|(op, args)| json!({"op": op, "args": args})),
        ]
    })
}
