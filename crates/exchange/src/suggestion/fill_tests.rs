//! Values of properties, and how they become those of fields.

use terrier_model::{Sensitivity, Text};

use super::*;
use crate::json::Json;

fn field(name: &str, kind: Kind, unit: Option<&str>, range: Option<(f64, f64)>) -> Field {
    let title = Text::new(name, name);
    let core = (name == "installed_on").then_some(CoreField::InstalledOn);
    Field {
        name: name.into(),
        kind,
        unit: unit.map(Into::into),
        title,
        description: None,
        sensitivity: Sensitivity::Public,
        range,
        core,
        event: None,
        retired: false,
    }
}

/// Each value with the number of its rows.
fn check(field: &Field, name: &str, values: &[(&str, usize)], expected: &str) {
    let decimal = Some(if values.iter().any(|(text, _)| text.contains(",5")) { ',' } else { '.' });
    let mut seen = Seen::new(name, false);
    for (text, rows) in values {
        for _ in 0..*rows {
            seen.take(&Json::Text((*text).into()), decimal);
        }
    }
    let filling = filling(&seen, &Words::of(name), Likeness::Known, field, decimal);
    let mut told: Vec<String> =
        filling.keys.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    told.extend(filling.codes.iter().map(|line| {
        let value = line.value.as_ref().map_or("?".into(), ToString::to_string);
        format!(
            "{} ({}) = {value}{}",
            line.text,
            line.rows,
            if line.is_sure { "" } else { " perhaps" }
        )
    }));
    told.push(if filling.fits(seen.filled) { "fits".into() } else { "does not fit".into() });
    told.extend(filling.notes.clone());
    assert_eq!(told.join("; "), expected, "{name}");
}

fn diameter() -> Field {
    field("diameter_mm", Kind::Number, Some("mm"), Some((1.0, 3000.0)))
}

#[test]
fn numbers_are_taken_as_they_are_or_in_the_unit_of_their_name() {
    check(&diameter(), "diameter", &[("300", 1), ("200.5", 1)], "fits");
    check(&diameter(), "管径(mm)", &[("300", 1)], "fits");
    check(&diameter(), "管径(m)", &[("0.3", 1)], "unit = \"m\"; fits");
    check(&diameter(), "管径", &[("300,5", 1)], "fits");
    check(
        &diameter(),
        "管径",
        &[("300", 5), ("-", 5), ("不详", 1)],
        r#"null = ["-", "不详"]; fits"#,
    );
}

#[test]
fn numbers_that_may_be_in_another_unit_are_not_converted_without_being_told() {
    check(
        &diameter(),
        "diameter",
        &[("0.3", 1), ("0.45", 1)],
        "unit = \"m\"; does not fit; no numbers in mm; perhaps they are in m",
    );
    check(&diameter(), "diameter", &[("steel", 1)], "does not fit");
}

#[test]
fn numbers_with_signs_around_them_become_a_list() {
    check(
        &diameter(),
        "管径",
        &[("DN300", 8), ("Φ200mm", 3), ("600X300", 1)],
        "DN300 (8) = 300 perhaps; Φ200mm (3) = 200 perhaps; 600X300 (1) = ? perhaps; fits",
    );
}

fn codes() -> Field {
    let code = |code: &str, zh: &str| Code {
        code: code.into(),
        title: Text::new(code, zh),
        retired: false,
    };
    let codes = vec![code("steel", "钢"), code("pe100", "PE100"), code("unknown", "不明")];
    field("material", Kind::Code(codes.into()), None, None)
}

#[test]
fn codes_are_listed_with_their_rows_unless_they_are_those_of_the_class() {
    check(&codes(), "m", &[("steel", 2), ("pe100", 1)], "fits");
    check(
        &codes(),
        "m",
        &[("钢", 90), ("pe 100", 5), ("不详", 3), ("铅", 2), ("-", 4)],
        r#"null = ["-"]; 钢 (90) = "steel"; pe 100 (5) = "pe100"; 不详 (3) = "unknown"; 铅 (2) = ?; fits"#,
    );
    check(&codes(), "m", &[("铅", 2), ("钢", 1)], "铅 (2) = ?; 钢 (1) = \"steel\"; does not fit");
    let many: Vec<String> = (0..=MAX_LISTED_CODES).map(|at| format!("m{at}")).collect();
    let many: Vec<(&str, usize)> = many.iter().map(|text| (&**text, 1)).collect();
    check(&codes(), "m", &many, "does not fit; more than 60 different values, which are no codes");
}

#[test]
fn truth_may_be_told_in_other_words() {
    let truth = field("wrapped", Kind::Boolean, None, None);
    check(&truth, "w", &[("true", 1), ("false", 1)], "fits");
    check(
        &truth,
        "w",
        &[("是", 2), ("否", 1), ("/", 1)],
        "null = [\"/\"]; 是 (2) = true; 否 (1) = false; fits",
    );
}

#[test]
fn dates_have_forms_and_placeholders() {
    let installed = field("installed_on", Kind::Date, None, None);
    check(&installed, "d", &[("2005", 5), ("1990年代", 1)], "fits");
    check(
        &installed,
        "d",
        &[("30/06/2005", 8), ("01/01/1900", 2)],
        "format = \"%d/%m/%Y\"; placeholders = [\"01/01/1900\"]; fits; look at what stands for no \
         date: 01/01/1900 in 2 rows",
    );
    check(
        &installed,
        "d",
        &[("01/06/2005", 8)],
        "format = \"%d/%m/%Y\"; does not fit; whether the day or the month stands first cannot be \
         told: choose of %d/%m/%Y, %m/%d/%Y",
    );
    let other = field("surveyed_on", Kind::Date, None, None);
    check(
        &other,
        "d",
        &[("2005-06-30", 8), ("1900-01-01", 1), ("-", 1)],
        "null = [\"-\", \"1900-01-01\"]; fits; look at what stands for no date: 1900-01-01 in 1 rows",
    );
    // A year is no day.
    check(&other, "d", &[("2005", 8)], "does not fit");
    check(&other, "d", &[("steel", 8)], "does not fit; not in a form of dates that is known");
}

#[test]
fn several_values_in_one_text_are_split_by_what_stands_between_them() {
    let with = |kind| field("parts", kind, None, None);
    let coded = with(Kind::List(codes().kind.codes().map(Into::into)));
    check(&coded, "m", &[("steel", 2), ("pe100", 1)], "fits");
    check(&coded, "m", &[("steel; pe100", 2), ("pe100", 1)], "split = \";\"; fits");
    check(&coded, "m", &[("steel、pe100", 2)], "split = \"、\"; fits");
    check(
        &coded,
        "m",
        &[("steel|lead", 2), ("steel|pe100", 20)],
        "split = \"|\"; does not fit; some values are none of its codes: say in `codes` what each means",
    );
    check(&with(Kind::List(None)), "m", &[("a", 2)], "fits");
    check(&with(Kind::List(None)), "m", &[("a, b", 2), ("c;d", 1)], "split = \";\"; fits");
}
