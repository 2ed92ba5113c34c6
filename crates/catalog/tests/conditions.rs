//! What conditions mean, from their text to the truth for one asset.

use std::sync::Arc;

use terrier_catalog::{class_from_toml, cql2};
use terrier_model::{AssetView, Class, DueState, Expression, Sight, Truth, ValueRef, WorkKind};
use terrier_spatial::{Crs, Shape};

const CLASS: &str = r#"
name = "things"
geometry = "line"
title = { en = "Things", zh = "物" }
description = { en = "Things.", zh = "物。" }

[[field]]
name = "label"
kind = "text"
title = { en = "Label", zh = "名" }

[[field]]
name = "note"
kind = "text"
title = { en = "Note", zh = "注" }

[[field]]
name = "size"
kind = "integer"
title = { en = "Size", zh = "大小" }

[[field]]
name = "share"
kind = "number"
title = { en = "Share", zh = "份额" }

[[field]]
name = "open"
kind = "boolean"
title = { en = "Open", zh = "开" }

[[field]]
name = "built"
kind = "date"
title = { en = "Built", zh = "建" }

[[field]]
name = "begun"
kind = "instant"
title = { en = "Begun", zh = "始" }

[[field]]
name = "ended"
kind = "instant"
title = { en = "Ended", zh = "终" }

[[field]]
name = "missing"
kind = "integer"
title = { en = "Missing", zh = "缺" }
"#;

fn class() -> Arc<Class> {
    Arc::new(class_from_toml(CLASS).expect("a class"))
}

/// A line from 117 to 118 degrees east on the 39th parallel, with its values.
fn value(class: &Class, position: usize) -> Option<ValueRef<'_>> {
    let day = |text: &str| text.parse().expect("a day");
    let time = |text: &str| text.parse().expect("a time");
    match &*class.fields()[position].name {
        "label" => Some(ValueRef::Text("Øster Straße")),
        "size" => Some(ValueRef::Integer(7)),
        "share" => Some(ValueRef::Number(2.5)),
        "open" => Some(ValueRef::Boolean(true)),
        "built" => Some(ValueRef::Date(day("1996-02-29"))),
        "begun" => Some(ValueRef::Instant(time("2020-01-01T00:00:00Z"))),
        "ended" => Some(ValueRef::Instant(time("2020-12-31T12:00:00Z"))),
        _ => None,
    }
}

/// What a condition comes to, or what is said of it.
fn found(text: &str, crs: &str) -> String {
    let class = class();
    let clause = match cql2::parse_text(text) {
        Ok(clause) => clause,
        Err(error) => return error.to_string(),
    };
    let crs = Crs::find(crs).expect("a coordinate system");
    let expression = match Expression::try_new_in(&clause, class.fields(), Sight::EVERYTHING, &crs)
    {
        Ok(expression) => expression,
        Err(error) => return error.to_string(),
    };
    let asset = AssetView {
        value: |position| value(&class, position),
        shape: || Some(Shape::Line(Arc::new([[117.0, 39.0], [118.0, 39.0]]))),
        due_state: |kind| (kind == WorkKind::Renew).then_some(DueState::Overdue),
    };
    match expression.evaluate(&asset) {
        Truth::Yes => "yes".into(),
        Truth::No => "no".into(),
        Truth::Unknown => "unknown".into(),
    }
}

fn check(text: &str, expected: &str) {
    assert_eq!(found(text, "EPSG:4326"), expected, "{text}");
}

fn in_lon_lat(text: &str, expected: &str) {
    assert_eq!(found(text, "OGC:CRS84"), expected, "{text}");
}

#[test]
fn numbers_are_computed_as_the_signs_bind() {
    check("size + 1 * 2 = 9", "yes");
    check("(size + 1) * 2 = 16", "yes");
    check("size - 2 - 2 = 3", "yes");
    check("size * 2 ^ 2 = 28", "yes");
    check("-size = -7 AND - 2 ^ 2 = 4", "yes");
    check("size div 2 = 3 AND -size div 2 = -3 AND size % 4 = 3 AND -size % 4 = -3", "yes");
    check("size / 2 = 3.5 AND share * 2 = 5", "yes");
    check("9223372036854775807 - size = 9223372036854775800", "yes");
    check("9223372036854775807 + size > 9223372036854775807", "yes");
    check("size / 0 > 1", "unknown");
    check("size % 0 = 0 OR size div 0 = 0", "unknown");
    check("(0 - size) ^ 0.5 = 1", "unknown");
    check("size + missing > 0", "unknown");
    check("label + 1 = 2", "`label` as a part of a sum: found text, expected a number");
}

#[test]
fn texts_are_compared_without_case_or_accents_only_where_it_is_asked() {
    check("label = 'øster straße'", "no");
    check("CASEI(label) = CASEI('ØSTER STRASSE')", "yes");
    check("ACCENTI(label) = 'Oster Straße'", "yes");
    check("ACCENTI(CASEI(label)) = CASEI(ACCENTI('OSTER strasse'))", "yes");
    check("CASEI(label) LIKE CASEI('øSTER%')", "yes");
    check("ACCENTI(CASEI(label)) LIKE '%strasse'", "yes");
    check("label ILIKE 'Ø_TER ST%'", "yes");
    check("CASEI(label) IN (CASEI('x'), CASEI('ØSTER STRAẞE'))", "yes");
    check("CASEI(note) = 'x'", "unknown");
    check("CASEI(size) = 'x'", "`size` as a text: found a number, expected text");
}

#[test]
fn days_and_times_stand_to_each_other_as_the_standard_says() {
    check("T_BEFORE(built, DATE('1996-03-01')) AND NOT T_AFTER(built, DATE('1996-02-29'))", "yes");
    check("T_EQUALS(built, INTERVAL('1996-02-29', '1996-02-29'))", "yes");
    check("T_DURING(INTERVAL(begun, ended), INTERVAL('2019-01-01', '2021-01-01'))", "yes");
    check("T_CONTAINS(INTERVAL(begun, '..'), INTERVAL('2020-02-01', '2020-03-01'))", "yes");
    check("T_STARTEDBY(INTERVAL(begun, ended), TIMESTAMP('2020-01-01T00:00:00Z'))", "yes");
    check("T_MEETS(INTERVAL(begun, ended), INTERVAL('2020-12-31T12:00:00Z', '..'))", "yes");
    check("T_OVERLAPS(INTERVAL(begun, ended), INTERVAL('2020-06-01', '..'))", "yes");
    check("T_FINISHES(INTERVAL('2020-06-01T00:00:00Z', ended), INTERVAL(begun, ended))", "yes");
    check("T_DISJOINT(INTERVAL(begun, ended), INTERVAL('..', '2019-12-31'))", "yes");
    // Beside a day, a time is its day.
    check("ended = DATE('2020-12-31') AND begun >= DATE('2020-01-01')", "yes");
    check("ended > DATE('2020-12-31')", "no");
    check("begun IN (DATE('2020-01-01'), TIMESTAMP('2021-01-01T00:00:00Z'))", "yes");
    // A text that is given is a day beside one, as many programs write them.
    check("built = '1996-02-29' AND '2020-01-01T00:00:00Z' = begun", "yes");
    check("built BETWEEN '1996-01-01' AND '1996-12-31'", "yes");
    check("built = '1996-02-29T' AND built < '1996-03-01T'", "yes");
    check(
        "T_AFTER(INTERVAL(begun, missing), built)",
        "`missing` as a time: found a number, expected a date, a time or an interval",
    );
    check(
        "T_AFTER(built, INTERVAL('2021-01-01', '2020-01-01'))",
        "an interval: found `2021-01-01` before `2020-01-01`, expected the earlier first",
    );
    check(
        "built = 'yesterday'",
        "`built`: found text `yesterday`, expected a date such as 2005-06-30",
    );
    check(
        "INTERVAL(begun, ended) = built",
        "an interval: found a comparison, expected a relation, for an interval has no order",
    );
}

#[test]
fn an_end_of_a_period_that_is_missing_is_neither_open_nor_needed_by_each_relation() {
    let period = "INTERVAL(built, decommissioned_on)";
    let of = |relation: &str, other: &str, expected: &str| {
        check(&format!("{relation}({period}, {other})"), expected);
    };
    of("T_AFTER", "DATE('1990-01-01')", "yes");
    of("T_AFTER", "DATE('2000-01-01')", "no");
    of("T_BEFORE", "DATE('2030-01-01')", "unknown");
    of("T_DISJOINT", "INTERVAL('1980-01-01', '1990-01-01')", "yes");
    of("T_INTERSECTS", "INTERVAL('1980-01-01', '1990-01-01')", "no");
    of("T_INTERSECTS", "INTERVAL('1980-01-01', '2000-01-01')", "unknown");
    of("T_EQUALS", "INTERVAL('1996-02-29', '..')", "unknown");
    of("T_EQUALS", "INTERVAL('1990-01-01', '..')", "no");
    of("T_CONTAINS", "INTERVAL('1990-01-01', '2000-01-01')", "no");
    of("T_DURING", "INTERVAL('1990-01-01', '2000-01-01')", "unknown");
    of("T_METBY", "INTERVAL('..', '1996-02-29')", "yes");
    check("T_BEFORE(INTERVAL(decommissioned_on, built), DATE('2000-01-01'))", "yes");
    check(&format!("{period} IS NULL"), "yes");
    // A time alone that is missing is missing at both ends.
    check("T_BEFORE(decommissioned_on, INTERVAL('2000-01-01', '..'))", "unknown");
    check("T_DISJOINT(decommissioned_on, built)", "unknown");
}

#[test]
fn places_are_related_to_geometries_in_any_order_and_system() {
    in_lon_lat("S_INTERSECTS(geometry, BBOX(117.5, 38, 117.6, 40))", "yes");
    in_lon_lat("S_INTERSECTS(BBOX(117.5, 38, 117.6, 40), geom)", "yes");
    in_lon_lat("S_DISJOINT(geom, BBOX(117.5, 39.1, 117.6, 40))", "yes");
    in_lon_lat(
        "S_WITHIN(geom, BBOX(116, 38, 119, 40)) AND S_CONTAINS(BBOX(116, 38, 119, 40), geom)",
        "yes",
    );
    in_lon_lat("S_CONTAINS(geom, POINT(117.5 39))", "yes");
    in_lon_lat("S_TOUCHES(geom, LINESTRING(118 39, 118 40))", "yes");
    in_lon_lat("S_CROSSES(geom, LINESTRING(117.5 38, 117.5 40))", "yes");
    in_lon_lat("S_OVERLAPS(geom, LINESTRING(117.5 39, 119 39))", "yes");
    in_lon_lat("S_EQUALS(geom, MULTILINESTRING((118 39, 117.5 39), (117 39, 117.5 39)))", "yes");
    in_lon_lat("S_INTERSECTS(geom, BBOX(170, 30, -170, 50))", "no");
    in_lon_lat("S_INTERSECTS(POINT(1 1), BBOX(0, 0, 2, 2))", "yes");
    in_lon_lat("S_INTERSECTS(geom, geom) AND NOT S_DISJOINT(geom, geom)", "yes");
    // Latitude comes first in this system.
    check("S_INTERSECTS(geom, POINT(39 117.5))", "yes");
    check("geom IS NOT NULL AND geometry IS NOT NULL", "yes");
    in_lon_lat(
        "geom = 1",
        "`geometry`: found a comparison, expected a relation, for a geometry has no order",
    );
    in_lon_lat(
        "S_INTERSECTS(label, POINT(1 1))",
        "`label` as a place: found text, expected a geometry",
    );
}

#[test]
fn functions_of_our_own_are_found_by_name_and_checked() {
    check("age(built, DATE('2026-02-27')) = 29 AND AGE(built, DATE('2026-02-28')) = 30", "yes");
    check("age(begun, ended) = 0 AND age(built, built) = 0", "yes");
    check(
        "age(missing, built) > 1",
        "`missing` as a time: found a number, expected a date, a time or an interval",
    );
    check("due_state('renew') = 'overdue'", "yes");
    check("due_state('clean') = 'overdue'", "unknown");
    check("due_state('clean') IS NULL", "yes");
    check(
        "due_state('paint') = 'due'",
        "`kind` of `due_state`: found text `paint`, expected inspect, assess, clean, repair, renew, verify",
    );
    // A degree of latitude is 111 km here.
    in_lon_lat("S_DWITHIN(geom, POINT(117.5 39.001), 112)", "yes");
    in_lon_lat("S_DWITHIN(POINT(117.5 39.001), geom, 110)", "no");
    in_lon_lat("S_DWITHIN(geom, POINT(117.5 39), 0) = TRUE", "yes");
    in_lon_lat(
        "S_DWITHIN(geom, POINT(1 1), -1)",
        "`metres` of `S_DWITHIN`: found a number `-1`, expected a number from 0 that is given",
    );
    in_lon_lat(
        "S_DWITHIN(POINT(1 1), POINT(1 1), 1)",
        "`S_DWITHIN`: found two geometries that are given, expected `geometry`, that of the asset, as one of them",
    );
    check(
        "pi() > 3",
        "there is no function `pi`, expected one of S_DWITHIN(first, second, metres), age(since, on), due_state(kind)",
    );
    check("age(built) = 1", "function `age`: found 1 arguments, expected age(since, on)");
}

#[test]
fn lists_stand_to_each_other_as_sets() {
    check("A_CONTAINS((label, 'x'), ('x'))", "yes");
    check("A_EQUALS((size, 1), (1, 7, 7))", "yes");
    check("A_OVERLAPS(('a', 'b'), ('c'))", "no");
    check("A_CONTAINEDBY((), ('c'))", "yes");
    check("A_CONTAINEDBY((missing), (1))", "unknown");
    check("A_EQUALS(label, ('a'))", "`label` as a list: found text, expected a list");
}

#[test]
fn a_truth_may_stand_where_a_value_does() {
    check("open AND open = TRUE AND NOT (open = FALSE)", "yes");
    check("open = 1 AND open <> 0 AND open IN (1)", "yes");
    check("open = 2", "`open`: found a number `2`, expected true or false");
    check("(missing > 1) IS NULL AND (size > 1) IS NOT NULL", "yes");
    check("(size > 1) = open", "yes");
    check("size IN (missing, 7) AND NOT size IN (1, share + 4)", "yes");
    check("size NOT IN (missing, 1)", "unknown");
    check("size", "`size` as a condition: found a number, expected true or false");
}

#[test]
fn a_value_that_is_the_same_for_every_asset_is_computed_once() {
    let class = class();
    let clause = cql2::parse_text("size = 3 + 4 AND label = CASEI('ABC')").expect("a condition");
    let expression =
        Expression::try_new(&clause, class.fields(), Sight::EVERYTHING).expect("it fits");
    let name = |at: &usize| &*class.fields()[*at].name;
    let text = cql2::write_text(expression.clause(), name);
    assert_eq!(text, "size = 7 AND label = 'abc'");
}
