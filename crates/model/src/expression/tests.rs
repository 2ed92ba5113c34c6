//! Conditions checked against fields, and evaluated over values of which some are missing.

use std::sync::LazyLock;

use super::*;
use crate::{
    Code, CoreField, Kind, Names, Scope, Text, TextList, Value, core_fields, core_position,
};

/// What anybody sees.
fn public() -> Sight<'static> {
    static PUBLIC: LazyLock<Scope> = LazyLock::new(|| Scope::public(Names::All));
    PUBLIC.sight(None)
}

fn field(core: CoreField) -> Operand {
    Operand::Field(core_fields()[core_position(core)].name.clone())
}

fn text(text: &str) -> Operand {
    Operand::Value(Value::Text(text.into()))
}

fn number(number: f64) -> Operand {
    Operand::Value(Value::Number(number))
}

fn compare(left: Operand, comparison: Comparison, right: Operand) -> Clause {
    Clause::Compare { left, comparison, right }
}

fn expression(clause: &Clause) -> Result<Expression, ExpressionError> {
    Expression::try_new(clause, core_fields(), public())
}

/// A road is called `a`, the count is 3, nobody knows the street.
fn values<'v>(position: usize) -> Option<ValueRef<'v>> {
    match core_fields()[position].core {
        Some(CoreField::Road) => Some(ValueRef::Text("a")),
        Some(CoreField::Count) => Some(ValueRef::Integer(3)),
        _ => None,
    }
}

fn asset<'v>() -> impl Known<'v> {
    AssetView { value: values, shape: || None, due_state: |_| None }
}

fn check(clause: &Clause, expected: Truth) {
    let expression = expression(clause).expect("it fits the core");
    assert_eq!(expression.evaluate(&asset()), expected, "{clause:?}");
}

fn refused(clause: &Clause, expected: &str) {
    assert_eq!(expression(clause).expect_err("it does not fit").to_string(), expected);
}

fn yes() -> Clause {
    compare(field(CoreField::Road), Comparison::Equal, text("a"))
}

fn no() -> Clause {
    Clause::Not(Box::new(yes()))
}

fn unknown() -> Clause {
    compare(field(CoreField::Street), Comparison::NotEqual, text("a"))
}

#[test]
fn what_is_missing_is_neither_equal_nor_different() {
    check(&unknown(), Truth::Unknown);
    check(&Clause::Not(Box::new(unknown())), Truth::Unknown);
    check(&Clause::IsNull(field(CoreField::Street)), Truth::Yes);
    check(&Clause::IsNull(field(CoreField::Road)), Truth::No);
    let list = vec![text("b")];
    let within = |core| Clause::In { value: field(core), list: list.clone() };
    check(&within(CoreField::Street), Truth::Unknown);
    check(&within(CoreField::Road), Truth::No);
    check(&Clause::In { value: field(CoreField::Road), list: Vec::new() }, Truth::No);
    let pattern = Pattern::new("%").expect("a pattern");
    check(
        &Clause::Like { value: field(CoreField::Street), pattern, fold: Fold::default() },
        Truth::Unknown,
    );
}

#[test]
fn and_and_or_have_the_tables_of_sql() {
    for (a, b, and, or) in [
        (yes(), yes(), Truth::Yes, Truth::Yes),
        (yes(), no(), Truth::No, Truth::Yes),
        (no(), no(), Truth::No, Truth::No),
        (yes(), unknown(), Truth::Unknown, Truth::Yes),
        (no(), unknown(), Truth::No, Truth::Unknown),
        (unknown(), unknown(), Truth::Unknown, Truth::Unknown),
    ] {
        check(&Clause::And(vec![a.clone(), b.clone()]), and);
        check(&Clause::And(vec![b.clone(), a.clone()]), and);
        check(&Clause::Or(vec![a.clone(), b.clone()]), or);
        check(&Clause::Or(vec![b, a]), or);
    }
}

#[test]
fn both_ends_of_a_range_belong_to_it() {
    let between = |least, greatest| Clause::Between {
        value: field(CoreField::Count),
        least: number(least),
        greatest: number(greatest),
    };
    check(&between(3.0, 3.0), Truth::Yes);
    check(&between(2.5, 2.9), Truth::No);
    check(&between(4.0, 2.0), Truth::No);
    // One end alone may tell that a value is outside, as in SQL.
    let open = |least| Clause::Between {
        value: field(CoreField::Count),
        least: number(least),
        greatest: field(CoreField::LengthM),
    };
    check(&open(4.0), Truth::No);
    check(&open(2.0), Truth::Unknown);
}

#[test]
fn every_comparison_holds_for_its_orders_in_both_directions() {
    use Comparison as C;
    for (comparison, less, equal, greater) in [
        (C::Equal, false, true, false),
        (C::NotEqual, true, false, true),
        (C::Less, true, false, false),
        (C::LessOrEqual, true, true, false),
        (C::Greater, false, false, true),
        (C::GreaterOrEqual, false, true, true),
    ] {
        for (other, expected) in [(3.5, less), (3.0, equal), (2.5, greater)] {
            check(&compare(field(CoreField::Count), comparison, number(other)), expected.into());
            check(&compare(number(3.0), comparison, number(other)), expected.into());
        }
    }
    check(&compare(number(2.5), C::Less, field(CoreField::Count)), Truth::Yes);
}

#[test]
fn a_list_is_searched_whatever_its_order() {
    let whole = |number| Operand::Value(Value::Integer(number));
    let list = vec![whole(9), whole(-1), number(3.0), whole(3), whole(0)];
    check(&Clause::In { value: field(CoreField::Count), list }, Truth::Yes);
}

#[test]
fn what_does_not_go_together_is_refused_by_name() {
    refused(
        &compare(Operand::Field("colour".into()), Comparison::Equal, text("red")),
        "`colour` is not known here",
    );
    refused(
        &compare(field(CoreField::Households), Comparison::Equal, number(1.0)),
        "`households` is not known here",
    );
    refused(
        &compare(field(CoreField::LengthM), Comparison::Equal, text("12")),
        "`length_m`: found text `12`, expected a number",
    );
    refused(
        &compare(text("12"), Comparison::Equal, field(CoreField::InstalledOn)),
        "`installed_on`: found text `12`, expected a date such as 2005-06-30",
    );
    refused(
        &compare(field(CoreField::Road), Comparison::Equal, field(CoreField::Count)),
        "`road`: found `count`, expected text",
    );
    let truth = || Operand::Value(Value::Boolean(true));
    refused(
        &compare(truth(), Comparison::Less, truth()),
        "true or false `true`: found an order, expected equal or not equal, for truths have no \
         order",
    );
    let pattern = Pattern::new("%").expect("a pattern");
    refused(
        &Clause::Like { value: field(CoreField::Count), pattern, fold: Fold::default() },
        "`count` as a pattern of text: found a number, expected text",
    );
    refused(
        &Clause::Holds(field(CoreField::Road)),
        "`road` as a condition: found text, expected true or false",
    );
    let list = vec![text("1")];
    refused(
        &Clause::In { value: field(CoreField::Count), list },
        "`count`: found text `1`, expected a whole number",
    );
}

#[test]
fn the_tests_that_decided_are_told() {
    let deciding = |clause: &Clause| {
        let expression = expression(clause).expect("it fits the core");
        let name = |at: &usize| core_fields()[*at].name.to_string();
        let asset = asset();
        let tests = expression.deciding(&asset);
        tests
            .iter()
            .flat_map(|test| test.fields())
            .map(|at| name(&at))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let counted = compare(field(CoreField::Count), Comparison::Greater, number(1.0));
    assert_eq!(deciding(&Clause::And(vec![yes(), counted.clone()])), "road count");
    assert_eq!(deciding(&Clause::And(vec![no(), counted.clone()])), "road");
    assert_eq!(deciding(&Clause::And(vec![counted.clone(), unknown()])), "street");
    assert_eq!(deciding(&Clause::Or(vec![no(), counted.clone(), unknown()])), "count");
    assert_eq!(deciding(&Clause::Not(Box::new(Clause::Or(vec![no(), counted])))), "count");
}

#[test]
fn a_code_that_is_in_no_list_is_told() {
    let status = || field(CoreField::LifecycleStatus);
    let clause = Clause::Or(vec![
        compare(text("rotten"), Comparison::Equal, status()),
        Clause::Not(Box::new(Clause::In {
            value: status(),
            list: vec![text("planned"), text("plannned")],
        })),
    ]);
    let expression = expression(&clause).expect("it fits the core");
    let codes: Vec<&str> =
        expression.foreign_codes(core_fields()).into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["rotten", "plannned"]);
}

#[test]
fn a_test_of_several_values_holds_when_it_holds_for_one() {
    let check = |clause: &Clause, values_of_street: &[&'static str], expected: Truth| {
        let expression = expression(clause).expect("it fits the core");
        let several = |nth: usize| values_of_street.get(nth).map(|text| ValueRef::Text(text));
        let found = expression.evaluate_any(&asset(), core_position(CoreField::Street), several);
        assert_eq!(found, expected, "{clause:?} of {values_of_street:?}");
    };
    let street = |comparison| compare(field(CoreField::Street), comparison, text("a"));
    let equal = || street(Comparison::Equal);
    check(&equal(), &["a"], Truth::Yes);
    check(&equal(), &["b", "a"], Truth::Yes);
    check(&equal(), &["b", "c"], Truth::No);
    check(&equal(), &[], Truth::No);
    check(&street(Comparison::NotEqual), &["a", "b"], Truth::Yes);
    check(&street(Comparison::NotEqual), &["a"], Truth::No);
    check(&Clause::Not(Box::new(equal())), &["a", "b"], Truth::No);
    check(&Clause::Not(Box::new(equal())), &["b"], Truth::Yes);
    let list = ["b", "d"].map(text).to_vec();
    check(&Clause::In { value: field(CoreField::Street), list }, &["a", "b"], Truth::Yes);
    let like = Clause::Like {
        value: field(CoreField::Street),
        pattern: Pattern::new("b%").expect("a pattern"),
        fold: Fold::default(),
    };
    check(&like, &["a", "bc"], Truth::Yes);
    check(&Clause::IsNull(field(CoreField::Street)), &["a"], Truth::No);
    check(
        &compare(field(CoreField::Street), Comparison::Equal, field(CoreField::Road)),
        &["b", "a"],
        Truth::Yes,
    );
    // Each test by itself, so that two tests may hold for two values.
    let both = Clause::And(vec![equal(), street(Comparison::Greater)]);
    check(&both, &["a", "b"], Truth::Yes);
    check(&Clause::And(vec![yes(), equal()]), &["a"], Truth::Yes);
}

/// The core and two fields with several values: `parts` of a code list, `words` of any texts.
fn fields_with_lists() -> Vec<Field> {
    let code =
        |code: &str| Code { code: code.into(), title: Text::new(code, code), retired: false };
    let list = |name: &str, codes: Option<Box<[Code]>>| Field {
        name: name.into(),
        kind: Kind::List(codes),
        core: None,
        ..core_fields()[core_position(CoreField::Road)].clone()
    };
    let codes = ["arm", "seat", "back"].map(code).into();
    [core_fields(), &[list("parts", Some(codes)), list("words", None)]].concat()
}

fn list(texts: &[&str]) -> Operand {
    Operand::List(texts.iter().map(|one| text(one)).collect())
}

fn array(relation: ArrayRelation, left: Operand, right: Operand) -> Clause {
    Clause::Array { relation, left, right }
}

#[test]
fn lists_of_an_asset_stand_to_others_whatever_their_order() {
    use ArrayRelation::{ContainedBy, Contains, Equals, Overlaps};
    let fields = fields_with_lists();
    let held = TextList::try_new(["seat", "arm"]).expect("a list");
    let check = |clause: &Clause, expected: Truth| {
        let expression = Expression::try_new(clause, &fields, public()).expect("it fits");
        let value = |position: usize| match position - core_fields().len() {
            0 => Some(ValueRef::List(held.as_ref())),
            _ => None,
        };
        let asset = AssetView { value, shape: || None, due_state: |_| None };
        assert_eq!(expression.evaluate(&asset), expected, "{clause:?}");
    };
    let parts = || Operand::Field("parts".into());
    let words = || Operand::Field("words".into());
    for (texts, contained, contains, equals, overlaps) in [
        (&["arm", "seat"][..], true, true, true, true),
        (&["seat"], false, true, false, true),
        (&["seat", "back"], false, false, false, true),
        (&["back", "seat", "arm", "arm"], true, false, false, true),
        (&["sea"], false, false, false, false),
        (&[], false, true, false, false),
    ] {
        for (relation, turned, expected) in [
            (ContainedBy, Contains, contained),
            (Contains, ContainedBy, contains),
            (Equals, Equals, equals),
            (Overlaps, Overlaps, overlaps),
        ] {
            check(&array(relation, parts(), list(texts)), expected.into());
            check(&array(turned, list(texts), parts()), expected.into());
            check(&array(relation, words(), list(texts)), Truth::Unknown);
        }
    }
    check(&array(Equals, parts(), parts()), Truth::Yes);
    check(&array(Equals, parts(), words()), Truth::Unknown);
    check(&Clause::IsNull(words()), Truth::Yes);
    check(&Clause::IsNull(parts()), Truth::No);
}

#[test]
fn a_list_is_compared_with_lists_of_texts_alone() {
    let fields = fields_with_lists();
    let refused = |clause: &Clause, expected: &str| {
        let error = Expression::try_new(clause, &fields, public()).expect_err("it is refused");
        assert_eq!(error.to_string(), expected);
    };
    let parts = || Operand::Field("parts".into());
    let relations = "`parts`: found a comparison, expected `A_CONTAINS`, `A_CONTAINEDBY`, \
                     `A_EQUALS` or `A_OVERLAPS`, for a list has no order";
    refused(&compare(parts(), Comparison::Equal, text("arm")), relations);
    refused(&compare(text("arm"), Comparison::Less, parts()), relations);
    refused(&Clause::In { value: parts(), list: vec![text("arm")] }, relations);
    refused(
        &compare(field(CoreField::Road), Comparison::Equal, parts()),
        "`road`: found `parts`, expected text",
    );
    let pattern = Pattern::new("a%").expect("a pattern");
    refused(
        &Clause::Like { value: parts(), pattern, fold: Fold::default() },
        "`parts` as a pattern of text: found a list, expected text",
    );
    let contains = |right| array(ArrayRelation::Contains, parts(), right);
    refused(&contains(text("arm")), "text `arm` as a list: found text, expected a list");
    refused(
        &contains(Operand::List(vec![text("arm"), number(1.0)])),
        "`parts`: found a number `1` in the list beside it, expected text",
    );
    refused(
        &contains(Operand::List(vec![parts()])),
        "`parts` in a list: found a list, expected a single value",
    );
    refused(
        &contains(Operand::List(vec![text("arm"), list(&["arm"])])),
        "a list in a list: found a list, expected a single value",
    );
    refused(
        &contains(Operand::List(vec![Operand::Shape])),
        "`geometry` in a list: found a geometry, expected a single value",
    );
    let period = Operand::Interval(Box::new([Operand::Unbounded, Operand::Unbounded]));
    refused(
        &array(ArrayRelation::Equals, Operand::List(vec![period]), list(&["arm"])),
        "an interval in a list: found an interval, expected a single value",
    );
}

#[test]
fn a_code_that_no_list_has_is_told() {
    let fields = fields_with_lists();
    let clause =
        array(ArrayRelation::Overlaps, list(&["arm", "leg"]), Operand::Field("parts".into()));
    let expression = Expression::try_new(&clause, &fields, public()).expect("it fits");
    assert_eq!(expression.foreign_codes(&fields), [(core_fields().len(), "leg")]);
}
