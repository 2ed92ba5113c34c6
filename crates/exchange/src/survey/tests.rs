//! Tests of survey tables: which points and lines come of their rows, and which rows are faults.

use std::fmt::Write;

use terrier_spatial::Crs;

use super::*;
use crate::SourceFile;

fn options(survey: Survey) -> ReadOptions {
    ReadOptions {
        crs: Crs::find("EPSG:4548").ok(),
        survey: Some(survey),
        encoding: Some("utf-8".into()),
        delimiter: Some(','),
        decimal: Some('.'),
        ..ReadOptions::default()
    }
}

/// What comes of a table: each row with its number, its values that there are, its geometry and faults.
fn rows(text: &str, options: &ReadOptions) -> Vec<String> {
    let file = match SourceFile::from_bytes("x.csv", text.as_bytes(), options) {
        Ok(file) => file,
        Err(error) => return vec![error.to_string()],
    };
    let show = |row: Result<Row, ReadError>| {
        let row = row.expect("sound");
        let mut shown = row.number.to_string();
        match (row.body, row.fault) {
            (Body::Record(record), None) => {
                for (name, value) in record.values() {
                    match value {
                        RawValue::Null => {}
                        RawValue::Text(text) => write!(shown, " {name}={text}").expect("to a text"),
                        RawValue::Number(number) => {
                            write!(shown, " {name}={number}").expect("to a text");
                        }
                        other => panic!("{other:?} of a text"),
                    }
                }
                write!(shown, " {:?}", record.sketch).expect("to a text");
                for fault in &record.faults {
                    write!(shown, "; {fault}").expect("to a text");
                }
            }
            (_, fault) => write!(shown, " {}", fault.expect("no record")).expect("to a text"),
        }
        shown
    };
    file.map(show).collect()
}

fn check_with(text: &str, options: &ReadOptions, expected: &[&str]) {
    assert_eq!(rows(text, options), expected, "{text}");
}

fn check(text: &str, expected: &[&str]) {
    check_with(text, &options(Survey::default()), expected);
}

#[test]
fn a_row_is_a_point_and_a_connection() {
    check(
        "物探点号,连接点号,X,Y,附属物\nA,B,10,20,检查井\nB,,11,21,\n",
        &[
            "1 @part=point @point=A @facility=检查井 Point([20.0, 10.0])",
            "1 @part=line @from=A @to=B Line([[20.0, 10.0], [21.0, 11.0]])",
            "2 @part=point @point=B Point([21.0, 11.0])",
        ],
    );
}

#[test]
fn a_blank_name_is_that_of_the_row_above() {
    let line = |to: &str, at: &str| format!("@part=line @from=A @to={to} Line([[2.0, 1.0], {at}])");
    check(
        "点号,连接点号,X,Y\nA,B,1,2\n,C,,\nA,D,1.0,2\n,E,1,2\nB,,3,4\nC,,5,6\nD,,7,8\nE,,9,10\n",
        &[
            "1 @part=point @point=A Point([2.0, 1.0])",
            &format!("1 {}", line("B", "[4.0, 3.0]")),
            &format!("2 {}", line("C", "[6.0, 5.0]")),
            &format!("3 {}", line("D", "[8.0, 7.0]")),
            &format!("4 {}", line("E", "[10.0, 9.0]")),
            "5 @part=point @point=B Point([4.0, 3.0])",
            "6 @part=point @point=C Point([6.0, 5.0])",
            "7 @part=point @point=D Point([8.0, 7.0])",
            "8 @part=point @point=E Point([10.0, 9.0])",
        ],
    );
    let nothing = "row: found `nothing`, expected the name of a point, here or in a row above";
    check("点号,连接点号,X,Y\n,B,1,2\n", &[&format!("1 @part=point Missing; {nothing}")]);
}

#[test]
fn a_name_has_one_position() {
    let fault =
        "geometry vertex 0: found `1 and 3 of `A``, expected 1 and 2 as in row 1, or another name";
    check(
        "点号,连接点号,X,Y\nA,,1,2\nA,B,1,3\nB,,5,5\n",
        &[
            "1 @part=point @point=A Point([2.0, 1.0])",
            &format!("2 @part=point @point=A Missing; {fault}"),
            &format!("2 @part=line @from=A @to=B Line([[2.0, 1.0], [5.0, 5.0]]); {fault}"),
            "3 @part=point @point=B Point([5.0, 5.0])",
        ],
    );
    check(
        "点号,连接点号,X,Y\nA,B,,\nB,C,1,x\nC,,1,\n",
        &[
            "1 @part=point @point=A Missing; geometry vertex 0: found `nothing`, expected numbers as \
             `X` and `Y`",
            "1 @part=line @from=A @to=B Missing; geometry vertex 0: found `A`, expected a point whose \
             position is known; geometry vertex 1: found `B`, expected a point whose position is known",
            "2 @part=point @point=B Missing; geometry vertex 0: found `x`, expected a number as `Y`",
            "2 @part=line @from=B @to=C Missing; geometry vertex 0: found `B`, expected a point whose \
             position is known; geometry vertex 1: found `C`, expected a point whose position is known",
            "3 @part=point @point=C Missing; geometry vertex 0: found `nothing`, expected a number as \
             `Y`",
        ],
    );
}

#[test]
fn a_connection_leads_to_a_point_of_the_survey() {
    check(
        "点号,连接点号,X,Y\nA,Z,1,2\n",
        &[
            "1 @part=point @point=A Point([2.0, 1.0])",
            "1 @part=line @from=A @to=Z Missing; geometry vertex 1: found `Z`, expected a point that \
             is in the survey",
        ],
    );
    // That its ends are apart, the class of the line wants.
    check(
        "点号,连接点号,X,Y\nA,A,1,2\n",
        &[
            "1 @part=point @point=A Point([2.0, 1.0])",
            "1 @part=line @from=A @to=A Line([[2.0, 1.0], [2.0, 1.0]])",
        ],
    );
}

#[test]
fn a_line_told_from_both_ends_is_one() {
    let names = "点号,连接点号,X,Y,管径,埋深,管底,材质";
    check(
        &format!("{names}\nA,B,1,2,600X300,1.2,2.5,砼\nB,A,3,4,,1.4,2.1,\n"),
        &[
            "1 @part=point @point=A @invert_m=2.5 @depth_m=1.2 Point([2.0, 1.0])",
            "1 @part=line @from=A @to=B @invert_start_m=2.5 @invert_end_m=2.1 @depth_start_m=1.2 \
             @depth_end_m=1.4 @material=砼 @size=600X300 @width_mm=600 @height_mm=300 Line([[2.0, \
             1.0], [4.0, 3.0]])",
            "2 @part=point @point=B @invert_m=2.1 @depth_m=1.4 Point([4.0, 3.0])",
        ],
    );
    let end = "Line([[2.0, 1.0], [4.0, 3.0]])";
    check(
        &format!("{names}\nA,B,1,2,300,,,砼\nB,A,3,4,400,,,砼\n"),
        &[
            "1 @part=point @point=A Point([2.0, 1.0])",
            &format!("1 @part=line @from=A @to=B @material=砼 @size=300 @diameter_mm=300 {end}"),
            "2 @part=point @point=B Point([4.0, 3.0])",
            "2 @part=line @from=B @to=A @material=砼 @size=400 @diameter_mm=400 Line([[4.0, 3.0], \
             [2.0, 1.0]]); @size: found `400`, expected 300 as in row 1, from the other end",
        ],
    );
}

#[test]
fn a_line_that_comes_again_keeps_its_key() {
    let text = "点号,连接点号,X,Y\nA,B,1,2\nB,A,3,4\nA,B,1,2\nB,A,3,4\n";
    let options = options(Survey::default());
    let file = SourceFile::from_bytes("x.csv", text.as_bytes(), &options).expect("a survey");
    let id = |row: Result<Row, ReadError>| match row.expect("sound").body {
        Body::Record(record) => match record.id.expect("a key") {
            RawValue::Text(id) => id,
            other => panic!("{other:?}"),
        },
        Body::Text(_) => panic!("no record"),
    };
    let ids: Vec<String> = file.map(id).collect();
    assert_eq!(ids, ["A", "A->B", "B", "A->B", "A->B"]);
}

#[test]
fn a_line_goes_as_it_flows() {
    check(
        "点号,连接点号,X,Y,流向,埋深\nA,B,1,2,-,1.2\nB,A,3,4,+,1.4\n",
        &[
            "1 @part=point @point=A @depth_m=1.2 Point([2.0, 1.0])",
            "1 @part=line @from=B @to=A @depth_start_m=1.4 @depth_end_m=1.2 @flow=- Line([[4.0, 3.0], \
             [2.0, 1.0]])",
            "2 @part=point @point=B @depth_m=1.4 Point([4.0, 3.0])",
        ],
    );
}

#[test]
fn the_flow_may_be_told_from_the_other_end() {
    check(
        "点号,连接点号,X,Y,流向\nA,B,1,2,\nB,A,3,4,+\n",
        &[
            "1 @part=point @point=A Point([2.0, 1.0])",
            "1 @part=line @from=B @to=A @flow=- Line([[4.0, 3.0], [2.0, 1.0]])",
            "2 @part=point @point=B Point([4.0, 3.0])",
        ],
    );
}

#[test]
fn ends_may_have_columns_of_their_own() {
    check(
        "点号,连接点号,X,Y,起点埋深,终点埋深\nA,B,1,2,1.2,1.4\nB,,3,4,,\n",
        &[
            "1 @part=point @point=A Point([2.0, 1.0])",
            "1 @part=line @from=A @to=B @depth_start_m=1.2 @depth_end_m=1.4 Line([[2.0, 1.0], [4.0, \
             3.0]])",
            "2 @part=point @point=B Point([4.0, 3.0])",
        ],
    );
}

#[test]
fn what_is_no_size_stays_as_it_was_written() {
    check(
        "点号,连接点号,X,Y,管径或断面(mm)\nA,B,1,2,2-300\nB,,3,4,\n",
        &[
            "1 @part=point @point=A Point([2.0, 1.0])",
            "1 @part=line @from=A @to=B @size=2-300 @diameter_mm=2-300 Line([[2.0, 1.0], [4.0, 3.0]])",
            "2 @part=point @point=B Point([4.0, 3.0])",
        ],
    );
}

#[test]
fn other_columns_keep_their_names() {
    check(
        "物探点号,图上点号,连接点号,X(m),Y(m),井盖材质\nA,1,,1,2,铸铁\n",
        &["1 @part=point @point=A 图上点号=1 井盖材质=铸铁 Point([2.0, 1.0])"],
    );
    let said = Survey { columns: vec![(Told::To, "去向".into())], ..Survey::default() };
    check_with(
        "点号,去向,X,Y\nA,B,1,2\n",
        &options(said.clone()),
        &[
            "1 @part=point @point=A Point([2.0, 1.0])",
            "1 @part=line @from=A @to=B Missing; geometry vertex 1: found `B`, expected a point that \
             is in the survey",
        ],
    );
    let begin = "`x.csv`, read as CSV: found columns 点号, 连接点号, X, Y, expected a column `去向`, as \
                 the mapping says";
    check_with("点号,连接点号,X,Y\n", &options(said), &[begin]);
    let begin = "`x.csv`, read as CSV: found columns 点号, X, Y, expected a column such as 连接点号, or \
                 to be told which: `to` in `columns` of `[table]` in the mapping";
    check("点号,X,Y\n", &[begin]);
    let unsaid = ReadOptions { crs: None, ..options(Survey::default()) };
    let begin = "`x.csv`, read as CSV: found a table of points and lines, expected to be told their \
                 coordinate system: --crs, or `crs` in the mapping";
    check_with("点号,连接点号,X,Y\n", &unsaid, &[begin]);
}

#[test]
fn a_row_that_is_no_record_stays_refused() {
    check(
        "点号,连接点号,X,Y\nA,,1,2\nB,1\n",
        &[
            "1 @part=point @point=A Point([2.0, 1.0])",
            "2 row: found `2 cells`, expected 4, as many as there are names of columns",
        ],
    );
}

#[test]
fn a_survey_says_what_was_made_of_it() {
    let text = "点号,连接点号,X,Y,管径\nA,,1,2,\n";
    let file = SourceFile::from_bytes("x.csv", text.as_bytes(), &options(Survey::default()));
    assert_eq!(
        file.expect("a survey").description().to_string(),
        "CSV, texts in utf-8, columns between `,`, decimal sign `.`, positions in EPSG:4548, points \
         `点号`, `Y` to the east and `X` to the north, lines from `点号` to `连接点号`; columns @part, \
         @point, @from, @to, @size, @diameter_mm, @width_mm, @height_mm"
    );
}

#[test]
fn the_rows_of_a_survey_have_a_bound() {
    let survey = |count: usize| {
        let mut text = "点号,连接点号,X,Y\n".to_owned();
        for place in 0..count {
            writeln!(text, "{place},,1,2").expect("to a text");
        }
        rows(&text, &options(Survey::default()))
    };
    assert_eq!(survey(MAX_SURVEY_ROWS).len(), MAX_SURVEY_ROWS);
    let refused = survey(MAX_SURVEY_ROWS + 1);
    assert_eq!(
        refused,
        [
            "cannot read `x.csv` as CSV: found a survey of more than 200000 rows, expected at most 200000"
        ]
    );
}

#[test]
fn the_texts_of_a_survey_have_a_bound() {
    let row = |bytes: usize| format!("A,,1,2,{}\n", "x".repeat(bytes));
    // A row, its point and its position but for its remarks.
    let rest = "A12".len();
    let survey = |more: usize| {
        let many = 16;
        let each = MAX_SURVEY_BYTES / many - rest;
        let last = MAX_SURVEY_BYTES - many * (each + rest) + each + more;
        let text = format!("点号,连接点号,X,Y,备注\n{}{}", row(each).repeat(many - 1), row(last));
        SourceFile::from_bytes("x.csv", text.as_bytes(), &options(Survey::default())).err()
    };
    assert!(survey(0).is_none());
    let error = survey(1).expect("too many").to_string();
    assert!(error.ends_with(
        "found a survey of more than 67108864 bytes of text, expected at most 67108864"
    ));
}
