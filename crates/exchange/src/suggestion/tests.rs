//! Suggestions as a whole: what they say, and that a mapping is made of whatever a file holds.

use std::fmt::Write;

use proptest::prelude::*;
use terrier_catalog::{class_from_toml, shipped_classes};
use terrier_spatial::Crs;

use super::*;
use crate::{Mapping, Outcome, ReadOptions, read_bytes};

fn classes() -> Classes {
    let parse = |(_, text): &(&str, &str)| class_from_toml(text).expect("a shipped class");
    shipped_classes().iter().map(parse).collect()
}

fn suggestion(
    name: &str,
    bytes: &[u8],
    class: Option<&str>,
    crs: Option<&str>,
) -> Result<Suggestion, SuggestionError> {
    let crs = crs.map(|name| Crs::find(name).expect("in the table"));
    let options = ReadOptions { only_look: true, crs: crs.clone(), ..ReadOptions::default() };
    let file = SourceFile::from_bytes(name, bytes, &options)?;
    let (source, _) = name.split_once('.').unwrap_or((name, ""));
    suggest(file, &Wish { path: name, source, classes: &classes(), class, crs })
}

/// The lines of a suggestion without the comments.
fn active(text: &str) -> Vec<&str> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.split(" # ").next().unwrap_or_default()).collect()
}

fn check(name: &str, bytes: &[u8], crs: Option<&str>, expected: &[&str], refused: usize) {
    let suggestion = suggestion(name, bytes, None, crs).expect("a suggestion");
    assert_eq!(active(&suggestion.text), expected, "{}", suggestion.text);
    let mapping = Mapping::parse(&suggestion.text, &classes()).expect("a mapping");
    let (rows, error) = read_bytes(name, bytes, mapping.into());
    assert!(error.is_none(), "{error:?}");
    let is_refused = |outcome: &Outcome| match outcome {
        Outcome::Draft { class, draft } => draft.check(class).is_err(),
        Outcome::Happened(_) | Outcome::NotTaken | Outcome::Refused(_) => true,
    };
    let found: Vec<_> = rows.iter().filter(|(_, outcome)| is_refused(outcome)).collect();
    assert_eq!(found.len(), refused, "{found:?}");
}

#[test]
fn a_table_of_a_survey_gets_a_mapping() {
    let mut table =
        String::from("序号,灯杆编号,光源类型,功率(kW),建成日期,上次巡检,所在道路,X,Y,涂装\n");
    for row in 0..40 {
        let lamp = if row % 2 == 0 { "LED" } else { "高压钠灯" };
        let date = if row % 3 == 0 {
            "1900-01-01".into()
        } else {
            format!("{}-05-1{}", 1990 + row % 20, row % 9)
        };
        let (north, east) = (4_326_318.25 + f64::from(row), 518_199.5);
        writeln!(
            table,
            "{row},LG-{row},{lamp},0.07,{date},2023-04-0{},友谊路,{north},{east},灰",
            1 + row % 9
        )
        .expect("a text takes all");
    }
    check(
        "路灯.csv",
        table.as_bytes(),
        Some("EPSG:4548"),
        &[
            "source = \"路灯\"",
            "crs = \"EPSG:4548\"",
            "geometry = { easting = \"Y\", northing = \"X\" }",
            "[file]",
            "encoding = \"utf-8\"",
            "delimiter = \",\"",
            "decimal = \".\"",
            "[[collection]]",
            "into = \"light_poles\"",
            "key = \"灯杆编号\"",
            "[collection.fields]",
            "code = \"灯杆编号\"",
            "power_w = { from = \"功率(kW)\", unit = \"kw\" }",
            "installed_on = { from = \"建成日期\", placeholders = [\"1900-01-01\"] }",
            "inspected_on = \"上次巡检\"",
            "road = \"所在道路\"",
            "[collection.fields.lamp_kind]",
            "from = \"光源类型\"",
            "codes.\"LED\" = \"led\"",
            "codes.\"高压钠灯\" = \"hps\"",
        ],
        0,
    );
    let without = suggestion("路灯.csv", table.as_bytes(), None, None).expect("a suggestion");
    assert_eq!(without.open, ["the coordinate system"]);
    assert!(without.text.contains("#   EPSG:4548   117.2"), "{}", without.text);
    assert!(!active(&without.text).iter().any(|line| line.starts_with("crs")), "{}", without.text);
    assert!(
        without.text.contains("#  = \"涂装\" # texts, never blank: `灰` (40)"),
        "{}",
        without.text
    );
}

#[test]
fn what_somebody_has_to_decide_stands_behind_a_sign() {
    let file = r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","id":1,"geometry":{"type":"LineString","coordinates":[[117.2,39.1],[117.3,39.1]]},
         "properties":{"mat":"lead","diameter":0.3,"laid":"01/02/1995","assessment_result":"meets","class":"gas_pipes"}},
        {"type":"Feature","id":2,"geometry":{"type":"LineString","coordinates":[[117.2,39.1],[117.3,39.1]]},
         "properties":{"mat":"tin","diameter":0.45,"laid":"03/04/1996","assessment_result":"meets"}}]}"#;
    check(
        "gas_pipes.geojson",
        file.as_bytes(),
        None,
        &[
            "source = \"gas_pipes\"",
            "[[collection]]",
            "into = \"gas_pipes\"",
            "key = \"@id\"",
            "[collection.fields]",
        ],
        0,
    );
    let text = suggestion("gas_pipes.geojson", file.as_bytes(), None, None).expect("one").text;
    for line in [
        "# no numbers in mm; perhaps they are in m",
        "# diameter_mm = { from = \"diameter\", unit = \"m\" } # numbers from 0.3 to 0.45, never blank",
        "# installed_on = { from = \"laid\", format = \"%d/%m/%Y\" } # texts, never blank",
        "# nothing is known of the day of it",
        "# codes.\"lead\" = \"\" # 1 rows, to be filled in",
        "#  = \"class\" # the register computes it",
    ] {
        assert!(text.lines().any(|other| other == line), "{line}: {text}");
    }
}

#[test]
fn a_class_that_cannot_be_told_is_asked_for() {
    let check = |class: Option<&str>, properties: &str, expected: &str| {
        let file = format!(
            r#"{{"type":"Feature","id":1,"geometry":{{"type":"Point","coordinates":[117,39]}},"properties":{{{properties}}}}}"#
        );
        let answer = match suggestion("x.json", file.as_bytes(), class, None) {
            Ok(suggestion) => suggestion.class,
            Err(error) => error.to_string(),
        };
        assert!(answer.starts_with(expected), "{answer}");
    };
    check(
        None,
        r#""a":1"#,
        "nothing in `x.json` tells of which class it is, expected --class with one of communities",
    );
    check(Some("manholes"), r#""a":1"#, "manholes");
    check(Some("trees"), r#""a":1"#, "no class `trees`, expected one of communities");
    check(None, r#""井盖材质":"球墨铸铁""#, "manholes");
    check(None, r#""a":"street_lamp""#, "light_poles");
}

#[test]
fn a_file_without_rows_is_told() {
    let file = br#"{"type":"FeatureCollection","features":[]}"#;
    let error = suggestion("x.json", file, None, None).expect_err("no rows");
    assert_eq!(error.to_string(), "`x.json` has no rows to look at");
}

#[test]
fn rows_beyond_the_bound_are_not_looked_at() {
    let rows = |count: u64| {
        let rows = (0..count).map(|row| format!("{row},117.2,39.1,{}\n", row + 1));
        format!("id,lon,lat,杆高\n{}", rows.collect::<String>())
    };
    let told = |count: u64| {
        let suggestion = suggestion("poles.csv", rows(count).as_bytes(), None, None).expect("one");
        let line = suggestion
            .text
            .lines()
            .find(|line| line.ends_with("looked at.") || line.ends_with("more."));
        (suggestion.rows, line.unwrap_or_default().to_owned())
    };
    assert_eq!(told(MAX_LOOKED_ROWS), (10_000, "# All of its 10000 rows were looked at.".into()));
    let more = "# Its first 10000 rows were looked at; there are more.";
    assert_eq!(told(MAX_LOOKED_ROWS + 1), (10_000, more.into()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever stands in a table, what is made of it is a mapping for it.
    #[test]
    fn whatever_a_table_holds_becomes_a_mapping(
        names in proptest::collection::hash_set("(管径|功率|材质|建成日期|井深|code|name|X|Y|lon|lat|\\PC{1,8})(\\(m\\))?", 2..6),
        cells in proptest::collection::vec("([0-9]{1,4}|钢|-|1900-01-01|0[1-9]/0[1-9]/199[0-9]|\\PC{0,12})", 6..30),
    ) {
        let names: Vec<String> = names.into_iter().collect();
        let quoted = |text: &String| format!("\"{}\"", text.replace('"', "\"\""));
        let row = |cells: &[String]| cells.iter().map(quoted).collect::<Vec<_>>().join(",");
        let rows = cells.chunks_exact(names.len()).map(row);
        let table = std::iter::once(row(&names)).chain(rows).collect::<Vec<_>>().join("\n");
        for class in ["manholes", "gas_pipes"] {
            if let Ok(suggestion) = suggestion("x.csv", table.as_bytes(), Some(class), None) {
                let mapping = Mapping::parse(&suggestion.text, &classes());
                prop_assert!(mapping.is_ok(), "{:?}\n{}", mapping, suggestion.text);
            }
        }
    }
}
