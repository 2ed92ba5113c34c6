//! The check of drafts.

use super::*;
use crate::{Code, DateSource, Sensitivity, Text};
use terrier_spatial::GeometryKind;

fn class() -> Class {
    let field = |name: &str, kind: Kind, range| Field {
        name: name.into(),
        kind,
        unit: None,
        title: Text::new(name, name),
        description: None,
        sensitivity: Sensitivity::Public,
        range,
        core: None,
        event: None,
        retired: false,
    };
    let code =
        |code: &str| Code { code: code.into(), title: Text::new(code, code), retired: false };
    let fields = vec![
        field("material", Kind::Code([code("steel"), code("pe100")].into()), None),
        field("diameter_mm", Kind::Number, Some((1.0, 5000.0))),
        field("lit", Kind::Boolean, None),
        field("inspected_on", Kind::Date, None),
        field("remarks", Kind::Text, None),
    ];
    let text = Text::new("Pipes", "管道");
    Class::try_new("pipes", text.clone(), text, GeometryKind::Point, fields).expect("a class")
}

fn check(values: &[(&str, RawValue)], expected: &str) {
    let draft = Draft {
        id: None,
        external_key: Some("1".into()),
        sketch: Sketch::Point([117.2, 39.1]),
        values: values.iter().map(|(n, v)| ((*n).into(), v.clone())).collect(),
    };
    let answer = match draft.check(&class()) {
        Ok(_) => "good".into(),
        Err(faults) => faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
    };
    assert_eq!(answer, expected, "{values:?}");
}

fn text(text: &str) -> RawValue {
    RawValue::Text(text.into())
}

#[test]
fn values_are_taken_in_the_forms_in_which_files_have_them() {
    check(
        &[
            ("material", text("steel")),
            ("diameter_mm", text("110")),
            ("lit", RawValue::Null),
            ("inspected_on", text("2020-02-29T00:00:00Z")),
            ("installed_on", RawValue::Integer(1995)),
            ("count", RawValue::Number(3.0)),
            ("remarks", text("  ")),
        ],
        "good",
    );
}

#[test]
fn each_fault_names_the_field_the_value_and_what_was_expected() {
    check(&[("material", text("lead"))], "material: found `lead`, expected one of steel, pe100");
    check(
        &[("diameter_mm", RawValue::Integer(0))],
        "diameter_mm: found `0`, expected a number from 1 to 5000",
    );
    check(&[("count", RawValue::Number(2.5))], "count: found `2.5`, expected a whole number");
    check(&[("length_m", RawValue::Number(-1.0))], "length_m: found `-1`, expected at least 0");
    check(&[("lit", text("yes"))], "lit: found `yes`, expected true or false");
    check(&[("colour", text("red"))], "colour: found `red`, expected a field of pipes");
    check(
        &[("geom_length_m", RawValue::Number(2.5))],
        "geom_length_m: found `2.5`, expected nothing: the register computes it",
    );
    check(
        &[("remarks", text("a\0b"))],
        r"remarks: found `a\u{0}b`, expected text without control characters",
    );
    check(&[("remarks", RawValue::Nested("{}".into()))], "remarks: found `{}`, expected text");
    check(
        &[("remarks", RawValue::List(vec![RawValue::Integer(1), text("a")]))],
        "remarks: found `[1, a]`, expected text",
    );
    check(
        &[("installed_on", text("2005-06-30")), ("decommissioned_on", text("2004-01-01"))],
        "decommissioned_on: found `2004-01-01`, expected no day before installed_on 2005-06-30",
    );
    check(
        &[("diameter_mm", text("NaN")), ("lit", RawValue::Integer(1))],
        "diameter_mm: found `NaN`, expected a number; lit: found `1`, expected true or false",
    );
}

#[test]
fn a_text_may_be_as_long_as_the_bound_and_no_longer() {
    check(&[("remarks", text(&"a".repeat(MAX_TEXT_BYTES)))], "good");
    let draft = Draft {
        id: None,
        external_key: None,
        sketch: Sketch::Point([0.0, 0.0]),
        values: vec![("remarks".into(), text(&"a".repeat(MAX_TEXT_BYTES + 1)))],
    };
    let faults = draft.check(&class()).expect_err("too long");
    assert_eq!(faults[0].expected, "at most 8192 bytes, not 8193");
}

#[test]
fn a_field_that_is_not_given_keeps_what_it_had() {
    let class = class();
    let draft = |values: &[(&str, RawValue)]| Draft {
        id: None,
        external_key: None,
        sketch: Sketch::Point([117.2, 39.1]),
        values: values.iter().map(|(n, v)| ((*n).into(), v.clone())).collect(),
    };
    let former = draft(&[("material", text("steel")), ("code", text("A1"))]);
    let former = former.check(&class).expect("good").content;
    let checked = draft(&[("code", RawValue::Null)]).check(&class).expect("good");
    let kept = checked.content.keeping(&former, checked.given, &class);
    assert_eq!(kept.own[0], Some(Value::Text("steel".into())));
    assert_eq!(kept.core.code, None);
}

#[test]
fn where_a_date_comes_from_is_kept_with_that_date_alone() {
    let class = class();
    let content = |values: &[(&str, RawValue)]| {
        let values = values.iter().map(|(n, v)| ((*n).into(), v.clone())).collect();
        let sketch = Sketch::Point([117.2, 39.1]);
        let draft = Draft { id: None, external_key: None, sketch, values };
        draft.check(&class).expect("good")
    };
    let placeholder = [
        ("installed_on", RawValue::Null),
        ("installed_source", text("placeholder")),
        ("installed_written", text("1900-01-01")),
    ];
    let Checked { content: former, .. } = content(&placeholder);
    let kept = |values: &[(&str, RawValue)]| {
        let Checked { content, given, .. } = content(values);
        let Core { installed_source, installed_written, .. } =
            content.keeping(&former, given, &class).core;
        (installed_source, installed_written)
    };
    let same = (Some(DateSource::Placeholder), Some("1900-01-01".into()));
    assert_eq!(kept(&[]), same);
    assert_eq!(kept(&[("installed_on", text(""))]), same);
    assert_eq!(kept(&[("installed_on", text("2005"))]), (None, None));
    let survey = [("installed_on", text("2005")), ("installed_source", text("survey"))];
    assert_eq!(kept(&survey), (Some(DateSource::Survey), None));
}
