//! Questions, and the adding up of rows made by hand.

use std::sync::Arc;

use terrier_model::{AssetView, Class, DueState, Known, Text, ValueRef};

use terrier_model::Names;

use super::*;
use crate::{class_from_toml, shipped_classes};

fn risers() -> Collection {
    let (_, text) = shipped_classes().iter().find(|(name, _)| *name == "gas_risers").expect("it");
    Collection::Class(Arc::new(class_from_toml(text).expect("a shipped class")))
}

fn parse(scope: &Scope, question: &str) -> Result<SummaryQuery, QueryError> {
    let pairs = question.split('&').filter_map(|pair| pair.split_once('='));
    SummaryQuery::parse(risers(), scope, jiff::civil::date(2026, 1, 1), pairs)
}

fn query(question: &str) -> SummaryQuery {
    parse(&Scope::everything(), question).expect("a question")
}

fn check(question: &str, expected: &str) {
    check_as(&Scope::everything(), question, expected);
}

fn check_as(scope: &Scope, question: &str, expected: &str) {
    let found = match parse(scope, question) {
        Err(error) => error.to_string(),
        Ok(query) => {
            let fields: Vec<&str> = query.group_fields().map(|field| &*field.name).collect();
            let measures: Vec<&str> = query.measures().map(Measure::name).collect();
            format!("{}: {}", fields.join(","), measures.join(","))
        }
    };
    assert_eq!(found, expected, "{question}");
}

#[test]
fn a_summary_counts_all_assets_when_nothing_else_is_said() {
    check("", ": count");
    check("material=steel&bbox=1,2,3,4&f=json", ": count");
    check("measure=length_m,count", ": length_m,count");
    check(
        "group-by=material,street,wrapped&measure=communities",
        "material,street,wrapped: communities",
    );
}

#[test]
fn what_cannot_be_honoured_is_refused_by_the_name_of_the_parameter() {
    let all = "count, pieces, length_m, area_m2, households, geom_length_m, geom_area_m2, \
               communities, streets";
    check("measure=", &format!("parameter `measure`: found ``, expected some of {all}"));
    check(
        "measure=length",
        &format!("parameter `measure`: found `length`, expected some of {all}"),
    );
    check("measure=count,count", "parameter `measure`: `count` comes twice");
    check("group-by=", "parameter `group-by`: field `` is not known here");
    check(
        "group-by=matrial",
        "parameter `group-by`: field `matrial` is not known here; did you mean `material`?",
    );
    check("group-by=material,material", "parameter `group-by`: field `material` comes twice");
    check(
        "group-by=length_m",
        "parameter `group-by`: field `length_m` holds a number, expected one of text, codes, or \
         true and false",
    );
    check("group-by=material&group-by=street", "parameter `group-by`: given more than once");
    for page in ["limit", "offset", "token"] {
        check(&format!("{page}=1"), &format!("parameter `{page}`: a summary has no pages"));
    }
    check("groupby=street", "parameter `groupby`: not known here; did you mean `group-by`?");
    check("mesure=count", "parameter `mesure`: not known here; did you mean `measure`?");
    check("limt=5", "parameter `limt`: not known here");
    check("bbox=1,2,3", "parameter `bbox`: found 3 numbers, expected 4 or 6");
    check("material=steel&material=steel", "parameter `material`: given more than once");
}

#[test]
fn assets_are_grouped_by_three_fields_and_no_more() {
    assert_eq!(MAX_GROUP_FIELDS, 3);
    check("group-by=material,street,community", "material,street,community: count");
    check("group-by=material,street,community,road", "parameter `group-by`: more than 3 fields");
}

#[test]
fn for_the_public_there_is_no_restricted_measure_or_field() {
    check("measure=households", ": households");
    let public = "count, pieces, length_m, area_m2, geom_length_m, geom_area_m2, communities, \
                  streets";
    for name in ["households", "sdlohesuoh"] {
        let expected = format!("parameter `measure`: found `{name}`, expected some of {public}");
        check_as(&Scope::public(Names::All), &format!("measure={name}"), &expected);
        let expected = format!("parameter `group-by`: field `{name}` is not known here");
        check_as(&Scope::public(Names::All), &format!("group-by={name}"), &expected);
    }
}

#[test]
fn what_geometries_are_cut_at_must_be_one_place() {
    let clipped = |question: &str| {
        parse(&Scope::everything(), question)
            .map(|query| query.is_clipped())
            .map_err(|e| e.to_string())
    };
    assert_eq!(clipped("bbox=1,2,3,4"), Ok(false));
    assert_eq!(clipped("clip=false"), Ok(false));
    assert_eq!(clipped("clip=true&bbox=1,2,3,4"), Ok(true));
    assert_eq!(clipped("clip=true&filter=floors > 1 AND S_WITHIN(geom, BBOX(1,2,3,4))"), Ok(true));
    let refused = |question: &str, detail: &str| {
        let expected = format!("parameter `clip`: {detail}");
        assert_eq!(clipped(question), Err(expected), "{question}");
    };
    let expected =
        "expected a `bbox`, or a `filter` with one S_INTERSECTS or S_WITHIN that must hold";
    refused("clip=yes", "found `yes`, expected true or false");
    refused("clip=true", &format!("nothing to cut at, {expected}"));
    refused(
        "clip=true&filter=NOT S_WITHIN(geom, BBOX(1,2,3,4))",
        &format!("nothing to cut at, {expected}"),
    );
    refused(
        "clip=true&bbox=1,2,3,4&filter=S_WITHIN(geom, BBOX(1,2,3,4))",
        &format!("more than one place to cut at, {expected}"),
    );
    refused(
        "clip=true&bbox=4000000,400000,5000000,600000&bbox-crs=EPSG:4548",
        "the box is one in a plane, expected one in degrees, or a polygon",
    );
}

#[test]
fn what_is_worked_out_groups_assets_too() {
    check("group-by=age_band,due_state(renew)", "age_band,due_state(renew): count");
    check(
        "group-by=month(installed_on),year(valid_from)",
        "month(installed_on),year(valid_from): count",
    );
    check(
        "group-by=installed_on",
        "parameter `group-by`: field `installed_on` holds a date such as 2005-06-30, expected one of \
         text, codes, or true and false, or month(installed_on) or year(installed_on)",
    );
    check("group-by=age_band,age_band", "parameter `group-by`: field `age_band` comes twice");
    check(
        "group-by=due_state(paint)",
        "parameter `group-by`: found `due_state(paint)`, expected due_state of one of inspect, assess, \
         clean, repair, renew, verify",
    );
    check(
        "group-by=month(material)",
        "parameter `group-by`: field `material` holds a code, expected dates or times",
    );
    check(
        "group-by=month(instaled_on)",
        "parameter `group-by`: field `instaled_on` is not known here; did you mean `installed_on`?",
    );
    check(
        "group-by=week(installed_on)",
        "parameter `group-by`: found `week(installed_on)`, expected a field, age_band, \
         due_state(kind), month(field) or year(field)",
    );
}

#[test]
fn a_group_is_found_again_by_a_condition_where_a_filter_can_say_it() {
    let text = |text: &str| Label::Text(text.into());
    let check = |fields: &str, labels: Vec<Label>, expected: Option<&str>| {
        let query = query(&format!("group-by={fields}"));
        let condition = query.condition_of(&Group { labels, figures: Vec::new() });
        assert_eq!(condition.as_deref(), expected, "{fields}");
    };
    check("community", vec![text("O'Hara")], Some("community = 'O''Hara'"));
    check("community", vec![Label::Unknown], Some("community IS NULL"));
    check(
        "material,wrapped",
        vec![text("steel"), Label::Truth(false)],
        Some("material = 'steel' AND wrapped = FALSE"),
    );
    check("due_state(renew)", vec![text("due")], Some("due_state('renew') = 'due'"));
    check("due_state(renew)", vec![Label::Unknown], Some("due_state('renew') IS NULL"));
    check(
        "month(installed_on)",
        vec![text("2023-12")],
        Some("installed_on BETWEEN DATE('2023-12-01') AND DATE('2023-12-31')"),
    );
    check(
        "year(installed_on)",
        vec![text("2024")],
        Some("installed_on BETWEEN DATE('2024-01-01') AND DATE('2024-12-31')"),
    );
    check("month(installed_on)", vec![Label::Unknown], Some("installed_on IS NULL"));
    check(
        "month(valid_from)",
        vec![text("2024-02")],
        Some(
            "valid_from >= TIMESTAMP('2024-02-01T00:00:00Z') AND valid_from < \
             TIMESTAMP('2024-03-01T00:00:00Z')",
        ),
    );
    check("age_band", vec![text("30_39")], None);
    check("month(installed_on)", vec![text("9999-12")], None);
}

#[test]
fn an_age_is_in_a_band_when_both_ends_of_its_date_are() {
    let check = |first: Option<&str>, last: Option<&str>, expected: &str| {
        let query = query("group-by=age_band,month(installed_on)");
        let mut tally = query.tally();
        let day = |text: &str| ValueRef::Date(text.parse().expect("a day"));
        let class = query.features().collection().fields();
        let value = |position: usize| match &*class[position].name {
            "installed_on" => first.map(day),
            "installed_latest_on" => last.map(day),
            _ => None,
        };
        tally.add(&view(value)).expect("one group");
        let summary = tally.finish().expect("a sum");
        let body = summary_json(&query, &summary, |_| None);
        assert_eq!(body["groups"][0]["by"].to_string(), expected, "{first:?} {last:?}");
    };
    let same = |day, expected| check(Some(day), Some(day), expected);
    // It is the first day of 2026.
    same("2026-01-01", r#"{"age_band":"0_9","month(installed_on)":"2026-01"}"#);
    same("2016-01-02", r#"{"age_band":"0_9","month(installed_on)":"2016-01"}"#);
    same("2016-01-01", r#"{"age_band":"10_19","month(installed_on)":"2016-01"}"#);
    same("1996-01-01", r#"{"age_band":"30_39","month(installed_on)":"1996-01"}"#);
    same("1896-01-01", r#"{"age_band":"50_up","month(installed_on)":"1896-01"}"#);
    let decade = r#"{"age_band":null,"month(installed_on)":"1990-01"}"#;
    check(Some("1990-01-01"), Some("1999-12-31"), decade);
    let year = r#"{"age_band":"30_39","month(installed_on)":"1990-01"}"#;
    check(Some("1990-01-01"), Some("1990-12-31"), year);
    check(None, None, r#"{"age_band":null,"month(installed_on)":null}"#);
    // Nobody has been there before it was laid.
    same("2027-01-01", r#"{"age_band":null,"month(installed_on)":"2027-01"}"#);
}

/// Material, length, households and community.
type Row = (Option<&'static str>, Option<f64>, Option<i64>, Option<&'static str>);

/// The groups and the total that rows add up to, a line each.
fn tally(question: &str, rows: &[Row]) -> Result<String, QueryError> {
    let query = query(question);
    let Collection::Class(class) = query.features().collection() else { panic!("a class") };
    let mut tally = query.tally();
    for row in rows {
        tally.add(&view(|position| value(class, row, position)))?;
    }
    let summary = tally.finish()?;
    let body = summary_json(&query, &summary, |_| Some(Text::new("Class", "类")));
    let line = |group: &serde_json::Value| {
        format!("{} {} {}", group["by"], group["measures"], group["missing"])
    };
    let groups = body["groups"].as_array().expect("groups").iter().map(line);
    let total = format!("{} {}", body["total"]["measures"], body["total"]["missing"]);
    Ok(groups.chain([total]).collect::<Vec<_>>().join("\n"))
}

fn value<'a>(class: &Class, row: &Row, position: usize) -> Option<ValueRef<'a>> {
    let (material, length, households, community) = *row;
    match &*class.fields()[position].name {
        "class" => Some(ValueRef::Text("gas_risers")),
        "material" => material.map(ValueRef::Text),
        "length_m" => length.map(ValueRef::Number),
        "households" => households.map(ValueRef::Integer),
        "community" => community.map(ValueRef::Text),
        "wrapped" => length.map(|length| ValueRef::Boolean(length > 2.0)),
        _ => None,
    }
}

fn check_tally(question: &str, rows: &[Row], expected: &[&str]) {
    let found = tally(question, rows).unwrap_or_else(|error| error.to_string());
    assert_eq!(found, expected.join("\n"), "{question}");
}

const ROWS: [Row; 5] = [
    (None, Some(0.1), None, Some("乙")),
    (Some("steel"), Some(0.2), Some(12), Some("甲")),
    (Some("galvanised_steel"), None, Some(7), Some("甲")),
    (Some("steel"), Some(21.75), None, Some("乙")),
    (Some("of_old"), None, None, None),
];

#[test]
fn a_sum_tells_how_many_assets_it_leaves_out() {
    check_tally(
        "measure=count,length_m,households,communities,area_m2",
        &ROWS,
        &["{\"count\":5,\"length_m\":22.05,\"households\":19,\"communities\":2,\"area_m2\":null} \
           {\"length_m\":2,\"households\":3,\"communities\":1,\"area_m2\":5}"],
    );
    check_tally(
        "group-by=community&measure=length_m,households",
        &ROWS,
        &[
            "{\"community\":\"乙\"} {\"length_m\":21.85,\"households\":null} {\"length_m\":0,\"households\":2}",
            "{\"community\":\"甲\"} {\"length_m\":0.2,\"households\":19} {\"length_m\":1,\"households\":0}",
            "{\"community\":null} {\"length_m\":null,\"households\":null} {\"length_m\":1,\"households\":1}",
            "{\"length_m\":22.05,\"households\":19} {\"length_m\":2,\"households\":3}",
        ],
    );
}

#[test]
fn no_assets_are_nothing_in_all() {
    let total =
        "{\"count\":0,\"length_m\":0.0,\"communities\":0} {\"length_m\":0,\"communities\":0}";
    check_tally("measure=count,length_m,communities", &[], &[total]);
    check_tally("group-by=material&measure=count,length_m,communities", &[], &[total]);
}

#[test]
fn groups_stand_in_the_order_of_the_codes_and_what_is_not_known_comes_last() {
    check_tally(
        "group-by=material",
        &ROWS,
        &[
            "{\"material\":\"steel\"} {\"count\":2} {}",
            "{\"material\":\"galvanised_steel\"} {\"count\":1} {}",
            "{\"material\":\"of_old\"} {\"count\":1} {}",
            "{\"material\":null} {\"count\":1} {}",
            "{\"count\":5} {}",
        ],
    );
    check_tally(
        "group-by=wrapped,community",
        &ROWS,
        &[
            "{\"wrapped\":false,\"community\":\"乙\"} {\"count\":1} {}",
            "{\"wrapped\":false,\"community\":\"甲\"} {\"count\":1} {}",
            "{\"wrapped\":true,\"community\":\"乙\"} {\"count\":1} {}",
            "{\"wrapped\":null,\"community\":\"甲\"} {\"count\":1} {}",
            "{\"wrapped\":null,\"community\":null} {\"count\":1} {}",
            "{\"count\":5} {}",
        ],
    );
}

#[test]
fn a_name_in_two_groups_is_one_in_all() {
    check_tally(
        "group-by=material&measure=communities",
        &[ROWS[1], ROWS[2], (Some("steel"), None, None, Some("丙"))],
        &[
            "{\"material\":\"steel\"} {\"communities\":2} {\"communities\":0}",
            "{\"material\":\"galvanised_steel\"} {\"communities\":1} {\"communities\":0}",
            "{\"communities\":2} {\"communities\":0}",
        ],
    );
}

#[test]
fn a_sum_that_no_number_can_hold_is_refused() {
    let huge: Row = (None, Some(f64::MAX), Some(i64::MAX), None);
    let refused =
        |name: &str| format!("parameter `measure`: the sum of `{name}` is beyond all numbers");
    check_tally("measure=length_m", &[huge, huge], &[&refused("length_m")]);
    check_tally("measure=households", &[huge, huge], &[&refused("households")]);
    check_tally(
        "measure=households",
        &[huge],
        &["{\"households\":9223372036854775807} {\"households\":0}"],
    );
}

#[test]
fn values_have_titles_where_they_do_not_say_it_themselves() {
    let query = query("group-by=class,material,community");
    let Collection::Class(class) = query.features().collection() else { panic!("a class") };
    let mut tally = query.tally();
    tally.add(&view(|position| value(class, &ROWS[1], position))).expect("few groups");
    let summary = tally.finish().expect("small sums");
    let body = summary_json(&query, &summary, |_| Some(Text::new("Gas risers", "燃气立管")));
    assert_eq!(
        body["groups"][0]["titles"],
        serde_json::json!({
            "class": { "en": "Gas risers", "zh": "燃气立管" },
            "material": { "en": "Steel", "zh": "钢" },
        })
    );
    assert_eq!(body["group_by"][2]["title"]["zh"], "小区");
    let count = serde_json::json!({
        "name": "count", "title": { "en": "Count", "zh": "数量" }, "basis": "counted",
    });
    assert_eq!(body["measures"][0], count);
}

/// Adds rows whose street and community are numbers, and answers how many were taken.
fn taken(question: &str, rows: usize, number: impl Fn(usize) -> usize) -> (usize, String) {
    let query = query(question);
    let fields = query.features().collection().fields();
    let mut tally = query.tally();
    for row in 0..rows {
        let text = number(row).to_string();
        let value = |position: usize| match &*fields[position].name {
            "street" => Some(ValueRef::Text(&text)),
            "community" => Some(ValueRef::Text(if row % 2 == 0 { "even" } else { &text })),
            _ => None,
        };
        if let Err(error) = tally.add(&view(value)) {
            return (row, error.to_string());
        }
    }
    (rows, String::new())
}

#[test]
fn there_may_be_as_many_groups_as_the_bound_and_no_more() {
    assert_eq!(taken("group-by=street", MAX_GROUPS + 500, |row| row % MAX_GROUPS).0, 10_500);
    let (rows, error) = taken("group-by=street", MAX_GROUPS + 1, |row| row);
    assert_eq!(rows, MAX_GROUPS);
    let expected = "parameter `group-by`: more than 10000 groups; ask for fewer assets or fields";
    assert_eq!(error, expected);
}

#[test]
fn there_may_be_as_many_different_names_as_the_bound_and_no_more() {
    let (rows, error) = taken("measure=streets", MAX_DISTINCT + 500, |row| row % MAX_DISTINCT);
    assert_eq!((rows, &*error), (MAX_DISTINCT + 500, ""));
    let (rows, error) = taken("measure=streets", MAX_DISTINCT + 1, |row| row);
    assert_eq!(rows, MAX_DISTINCT);
    assert!(error.starts_with("parameter `measure`: more than 1000000 different"), "{error}");
}

/// An asset of which these are the values.
fn view<'v>(value: impl Fn(usize) -> Option<ValueRef<'v>>) -> impl Known<'v> {
    AssetView { value, shape: || None, due_state: |_| Some(DueState::Due) }
}
