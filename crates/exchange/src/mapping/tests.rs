//! Tests of mappings: what rows become.

use terrier_model::{Classes, Code, Field, Kind, Sensitivity, Text};
use terrier_spatial::{GeometryKind, Sketch};

use super::*;
use crate::GeoJsonFile;
use crate::description::Description;
use crate::format::Format;
use crate::record::{Columns, Record};
use crate::row::{Body, Row};

/// Pipes and poles with a field of each kind.
pub(super) fn classes() -> Classes {
    let field = |name: &str, kind: Kind, unit: Option<&str>| Field {
        name: name.into(),
        kind,
        unit: unit.map(Into::into),
        title: Text::new(name, name),
        description: None,
        sensitivity: Sensitivity::Public,
        range: None,
        core: None,
        event: None,
        retired: false,
    };
    let codes = |codes: &[&str]| {
        let code = |code: &&str| Code {
            code: (*code).into(),
            title: Text::new(*code, *code),
            retired: false,
        };
        Kind::Code(codes.iter().map(code).collect())
    };
    let pipe_fields = || {
        vec![
            field("material", codes(&["steel", "pe100", "unknown"]), None),
            field("diameter_mm", Kind::Number, Some("mm")),
            field("design_pressure_mpa", Kind::Number, Some("MPa")),
            field("cct_k", Kind::Integer, Some("K")),
            field("encroached", Kind::Boolean, None),
            field("renew_by", Kind::Date, None),
            field("remarks", Kind::Text, None),
            field(
                "parts",
                Kind::List(codes(&["arm", "seat", "unknown"]).codes().map(Into::into)),
                None,
            ),
            field("words", Kind::List(None), None),
        ]
    };
    let class = |name: &str, geometry| {
        let text = Text::new(name, name);
        Class::try_new(name, text.clone(), text, geometry, pipe_fields()).expect("a class")
    };
    [class("pipes", GeometryKind::Line), class("poles", GeometryKind::Point)].into_iter().collect()
}

/// A document of one collection with these fields.
pub(super) fn fields(lines: &str) -> String {
    format!("source = \"s\"\n[[collection]]\ninto = \"pipes\"\n[collection.fields]\n{lines}\n")
}

fn show(outcome: Outcome) -> String {
    match outcome {
        Outcome::NotTaken => "not taken".into(),
        Outcome::Refused(faults) => {
            faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        }
        Outcome::Happened(Happened { id, external_key, class, events }) => {
            let key = external_key.or_else(|| id.map(|id| format!("id {id}")));
            let class = class.map_or("any".to_owned(), |class| class.name().to_owned());
            let events = events.iter().map(|event| format!(" {} {}", event.kind.code(), event.on));
            format!("{class} {}:{}", key.unwrap_or_default(), events.collect::<String>())
        }
        Outcome::Draft { class, draft } => {
            let key = draft.external_key.or_else(|| draft.id.map(|id| format!("id {id}")));
            let value = |(name, value): &(Box<str>, RawValue)| format!(" {name}={value:?}");
            let values: String = draft.values.iter().map(value).collect();
            format!("{} {}:{values}", class.name(), key.unwrap_or_default())
        }
    }
}

/// What the rows become, one for each of the texts, and what was not taken of them.
pub(super) fn check_rows(
    mapping: Mapping,
    rows: &[(&str, &str)],
    untaken: &[(&str, u64)],
) -> Untaken {
    let mut mapper = Mapper::new(Arc::new(mapping), &Description::of(Format::GeoJson));
    let lines: Vec<&str> = rows.iter().map(|(row, _)| *row).collect();
    let file = GeoJsonFile::from_reader("x", lines.join("\n").as_bytes().to_vec().as_slice())
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .expect("a sound file");
    assert_eq!(file.len(), rows.len());
    for (row, (text, expected)) in file.iter().zip(rows) {
        assert_eq!(show(mapper.read(row)), *expected, "{text}");
    }
    let answer = mapper.into_untaken();
    assert_eq!(answer.properties().collect::<Vec<_>>(), untaken);
    answer
}

fn row(id: &str, properties: &str) -> String {
    let line = r#"{"type":"LineString","coordinates":[[1,2],[3,4]]}"#;
    format!(r#"{{"type":"Feature","id":{id},"properties":{{{properties}}},"geometry":{line}}}"#)
}

pub(super) fn check_values(lines: &str, rows: &[(&str, &str)]) {
    let mapping = Mapping::parse(&fields(lines), &classes()).expect("a mapping");
    let texts: Vec<String> = rows.iter().map(|(properties, _)| row("1", properties)).collect();
    let rows: Vec<(&str, &str)> =
        texts.iter().map(String::as_str).zip(rows.iter().map(|(_, expected)| *expected)).collect();
    check_rows(mapping, &rows, &[]);
}

#[test]
fn properties_become_fields_in_the_order_of_the_file() {
    check_values(
        "code = \"no\"\nremarks = { from = \"note\" }\nowner = { value = \"City\" }\nstreet = \"no\"",
        &[
            (
                r#""note":"路","no":12"#,
                r#"pipes 1: owner=Text("City") remarks=Text("路") code=Integer(12) street=Integer(12)"#,
            ),
            (r#""no":null"#, r#"pipes 1: owner=Text("City") code=Null street=Null"#),
            ("", r#"pipes 1: owner=Text("City")"#),
            (
                r#""note":[1,{"a":2}]"#,
                r#"pipes 1: owner=Text("City") remarks=Nested("[1,{\"a\":2}]")"#,
            ),
        ],
    );
}

/// What a row of a file of columns becomes.
fn check_record(lines: &str, values: &[(&str, RawValue)], expected: &str) {
    let mapping = Mapping::parse(&fields(lines), &classes()).expect("a mapping");
    let names = values.iter().map(|(name, _)| (*name).into()).collect();
    let columns = Columns::try_new(names).expect("columns");
    let values = values.iter().map(|(_, value)| value.clone()).collect();
    let mut record = Record::new(columns, values);
    record.id = Some(RawValue::Integer(7));
    record.sketch = Sketch::Line(vec![[1.0, 2.0], [3.0, 4.0]]);
    let body = Body::Record(Box::new(record));
    let row = Row { number: 1, start: 0, end: 1, body, fault: None };
    assert_eq!(
        show(Mapper::new(Arc::new(mapping), &Description::of(Format::Csv)).read(&row)),
        expected
    );
}

#[test]
fn a_record_is_mapped_like_a_feature() {
    check_record(
        "code = \"no\"\nmaterial = { from = \"mat\", codes = { 1 = \"steel\" } }\n\
         diameter_mm = { from = \"d\", unit = \"m\" }\nencroached = \"e\"",
        &[
            ("no", RawValue::Text(" 7 ".into())),
            ("mat", RawValue::Number(1.0)),
            ("d", RawValue::Number(0.284)),
            ("e", RawValue::Boolean(true)),
        ],
        "pipes 7: code=Text(\"7\") material=Text(\"steel\") diameter_mm=Number(284.0) \
         encroached=Boolean(true)",
    );
    check_record(
        "cct_k = \"k\"\ndiameter_mm = \"d\"\nremarks = \"r\"",
        &[
            ("k", RawValue::Integer(i64::MAX)),
            ("d", RawValue::Number(f64::INFINITY)),
            ("r", RawValue::Nested("3 bytes".into())),
        ],
        "d: found `inf`, expected a number below 1.8e308; remarks: found `3 bytes`, expected text",
    );
}

#[test]
fn numbers_keep_their_digits() {
    check_values(
        "code = \"no\"",
        &[
            (r#""no":9223372036854775807"#, "pipes 1: code=Integer(9223372036854775807)"),
            (r#""no":9223372036854775808"#, r#"pipes 1: code=Text("9223372036854775808")"#),
            (
                r#""no":-12345678901234567890123"#,
                r#"pipes 1: code=Text("-12345678901234567890123")"#,
            ),
            (r#""no":1.50"#, "pipes 1: code=Number(1.5)"),
            (r#""no":1e3"#, "pipes 1: code=Number(1000.0)"),
            (r#""no":1e999"#, "no: found `1e999`, expected a number below 1.8e308"),
        ],
    );
}

#[test]
fn units_are_converted_and_what_is_no_number_waits_for_the_model() {
    check_values(
        "length_m = { from = \"km\", unit = \"km\" }\ndiameter_mm = { from = \"d\", unit = \"m\", null = 0 }",
        &[
            (r#""km":0.284,"d":0.35"#, "pipes 1: length_m=Number(284.0) diameter_mm=Number(350.0)"),
            (r#""km":" 1.5 ","d":0.0"#, "pipes 1: length_m=Number(1500.0) diameter_mm=Null"),
            (r#""km":null,"d":"""#, r#"pipes 1: length_m=Null diameter_mm=Text("")"#),
            (
                r#""km":"far","d":true"#,
                r#"pipes 1: length_m=Text("far") diameter_mm=Boolean(true)"#,
            ),
        ],
    );
}

#[test]
fn codes_are_translated_and_unknown_ones_are_faults() {
    check_values(
        "material = { from = \"m\", codes = { St = \"steel\", 1 = \"pe100\", true = \"unknown\" } }",
        &[
            (r#""m":" St""#, r#"pipes 1: material=Text("steel")"#),
            (r#""m":1"#, r#"pipes 1: material=Text("pe100")"#),
            (r#""m":1.0"#, r#"pipes 1: material=Text("pe100")"#),
            (r#""m":true"#, r#"pipes 1: material=Text("unknown")"#),
            (r#""m":"""#, "pipes 1: material=Null"),
            (r#""m":null"#, "pipes 1: material=Null"),
            (
                r#""m":"Pb""#,
                "material: found `Pb`, expected a value that the mapping knows, such as 1, St, true",
            ),
        ],
    );
    check_values(
        "material = { from = \"m\", codes = { St = \"steel\" }, other = \"unknown\", null = [\"-\"] }",
        &[
            (r#""m":"Pb""#, r#"pipes 1: material=Text("unknown")"#),
            (r#""m":"-""#, "pipes 1: material=Null"),
        ],
    );
}

#[test]
fn a_row_goes_to_the_first_collection_whose_conditions_hold() {
    let text = r#"
        source = "s"
        [[collection]]
        into = "poles"
        where = { class = ["lamp", "pole"], lit = true }
        [[collection]]
        into = "pipes"
        key = "no"
        where = { class = 7 }
    "#;
    let mapping = Mapping::parse(text, &classes()).expect("a mapping");
    assert_eq!(mapping.classes().map(|class| class.name()).collect::<Vec<_>>(), ["poles", "pipes"]);
    check_rows(
        mapping,
        &[
            (&row("1", r#""class":"pole","lit":true"#), "poles 1:"),
            (&row("1", r#""class":"pole","lit":false"#), "not taken"),
            (&row("1", r#""class":"pole","x":1"#), "not taken"),
            (&row("1", r#""class":7.0,"no":"A1","x":1"#), "pipes A1:"),
            (&row("1", r#""class":[7]"#), "not taken"),
            // What is wrong with the geometry of a row that nobody takes matters to nobody.
            (r#"{"type":"Feature","geometry":5,"properties":{}}"#, "not taken"),
            ("{}", "row: found `nothing`, expected a member `type` that is `Feature`"),
            (r#"{"a":NaN}"#, "row: found `NaN}`, expected a JSON value at byte 680"),
        ],
        &[("x", 1)],
    );
}

#[test]
fn a_row_without_a_key_is_told_how_to_get_one() {
    let plain = || Mapping::plain("s", classes().get("pipes").expect("a class"));
    let id = "0192aaaa-0000-7000-8000-000000000000";
    check_rows(
        plain(),
        &[
            (&row("7", ""), "pipes 7:"),
            (&row("7.0", ""), "pipes 7:"),
            (&row("\" A 1 \"", ""), "pipes A 1:"),
            (&row("12345678901234567890123", ""), "pipes 12345678901234567890123:"),
            (&row(&format!("{id:?}"), ""), &format!("pipes id {id}:")),
            (
                &row("null", ""),
                "key: found `nothing`, expected an `id` of the feature, or a mapping whose `key` names a property",
            ),
            (
                &row("\" \"", ""),
                "key: found ` `, expected an `id` of the feature, or a mapping whose `key` names a property",
            ),
            (&row("{}", ""), "key: found `{}`, expected a text or a number"),
            (&row("true", ""), "key: found `true`, expected a text or a number"),
            (
                &row(r#""a\u0000""#, ""),
                "key: found `a\\0`, expected a key without control characters",
            ),
            (
                &row(&format!("{:?}", "k".repeat(MAX_KEY_BYTES)), ""),
                &format!("pipes {}:", "k".repeat(MAX_KEY_BYTES)),
            ),
            (
                &row(&format!("{:?}", "k".repeat(MAX_KEY_BYTES + 1)), ""),
                &format!("key: found `{}…`, expected at most 255 bytes", "k".repeat(80)),
            ),
        ],
        &[],
    );
    let by_property = "source = \"s\"\n[[collection]]\ninto = \"pipes\"\nkey = \"no\"";
    check_rows(
        Mapping::parse(by_property, &classes()).expect("a mapping"),
        &[
            (&row("7", &format!(r#""no":{id:?}"#)), &format!("pipes {id}:")),
            (
                &row("7", r#""no":"""#),
                "key: found ``, expected a value of property `no`, which is the key",
            ),
            (
                &row("7", ""),
                "key: found `nothing`, expected a value of property `no`, which is the key",
            ),
        ],
        &[],
    );
}

#[test]
fn without_a_document_fields_go_by_their_names_and_the_rest_is_counted() {
    let mapping = Mapping::plain("s", classes().get("pipes").expect("a class"));
    assert_eq!(mapping.source(), "s");
    let with_height = r#"{"type":"Feature","id":2,"geometry":{"type":"Point","coordinates":[1,2,3]},"properties":{"class":"pipes"}}"#;
    let untaken = check_rows(
        mapping,
        &[
            (
                &row(
                    "1",
                    r#""street":"A","material":"x","geom_length_m":5,"b":null,"c":" ","a":[],"terrier_faults":"x""#,
                ),
                r#"pipes 1: street=Text("A") material=Text("x")"#,
            ),
            (with_height, "pipes 2:"),
            (&row("4", r#""class":"other""#), "pipes 4:"),
            (&row("3", r#""a":1"#), "pipes 3:"),
        ],
        &[("a", 2), ("class", 1)],
    );
    assert_eq!((untaken.heights(), untaken.unnamed()), (1, 0));
}

#[test]
fn names_that_are_not_taken_are_counted_up_to_a_bound() {
    let mapping = Mapping::plain("s", classes().get("pipes").expect("a class"));
    let mut mapper = Mapper::new(Arc::new(mapping), &Description::of(Format::GeoJson));
    let properties: Vec<String> =
        (0..MAX_UNTAKEN_NAMES - 1).map(|at| format!(r#""p{at}":1"#)).collect();
    let file =
        [row("1", &properties.join(",")), row("2", r#""x":1,"y":2,"z":3,"p1":1"#)].join("\n");
    for row in GeoJsonFile::from_reader("x", file.as_bytes()).expect("a file") {
        mapper.read(&row.expect("a row"));
    }
    let untaken = mapper.into_untaken();
    assert_eq!((untaken.properties().count(), untaken.unnamed()), (MAX_UNTAKEN_NAMES, 2));
}

#[test]
fn a_refused_row_tells_all_its_faults_at_once() {
    let mapping = Mapping::plain("s", classes().get("pipes").expect("a class"));
    let text = r#"{"type":"Feature","geometry":{"type":"Point","coordinates":[1]},"properties":{"material":"lead","material":"x"}}"#;
    check_rows(
        mapping,
        &[(
            text,
            "key: found `nothing`, expected an `id` of the feature, or a mapping whose `key` names \
             a property; geometry vertex 0: found `[1]`, expected two or three numbers; material: \
             found `x`, expected each property once; material: found `lead`, expected one of \
             steel, pe100, unknown",
        )],
        &[],
    );
}

#[test]
fn a_row_that_names_another_coordinate_system_than_its_file_is_refused() {
    let mapping = Mapping::parse(&fields(r#"material = "material""#), &classes());
    let named = |id: &str, name: &str| {
        let crs =
            format!(r#""crs":{{"type":"name","properties":{{"name":"{name}"}}}},"properties""#);
        row(id, r#""material":"steel""#).replacen(r#""properties""#, &crs, 1)
    };
    let taken = |id: &str| format!(r#"pipes {id}: material=Text("steel")"#);
    let refused =
        "row: found `EPSG:4548`, expected the coordinate system of the file, OGC:CRS84, as `crs`";
    let rows = [
        (named("1", "urn:ogc:def:crs:OGC:1.3:CRS84"), taken("1")),
        (named("2", "urn:ogc:def:crs:OGC:1.3:CRS84"), taken("2")),
        (named("3", "EPSG:4548"), refused.into()),
        (named("4", "EPSG:4548"), refused.into()),
        (named("5", "CRS84"), taken("5")),
        (named("6", "urn:ogc:def:crs:OGC:1.3:CRS84"), taken("6")),
    ];
    let rows: Vec<(&str, &str)> =
        rows.iter().map(|(row, expected)| (row.as_str(), expected.as_str())).collect();
    check_rows(mapping.expect("a mapping"), &rows, &[]);
}

/// A list as it is shown.
fn list(texts: &[&str]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| format!("Text({text:?})")).collect();
    format!("List([{}])", texts.join(", "))
}

#[test]
fn a_list_is_read_in_every_form_in_which_files_have_it() {
    let words = |values: &[&str]| format!("pipes 1: words={}", list(values));
    let b = words(&["b", "a; c"]);
    check_values(
        "words = \"w\"",
        &[
            (r#""w":["b","a; c"]"#, &b),
            (r#""w":"[\"b\",\"a; c\"]""#, &b),
            (r#""w":" [ \"b\" , \"a; c\" ] ""#, &b),
            (r#""w":["b",null," ","a; c"]"#, &b),
            (r#""w":[]"#, "pipes 1: words=List([])"),
            (r#""w":null"#, "pipes 1: words=Null"),
            (r#""w":"a; c""#, r#"pipes 1: words=Text("a; c")"#),
        ],
    );
    check_values(
        "words = \"w\"",
        &[
            (r#""w":"[a, b]""#, r#"pipes 1: words=Text("[a, b]")"#),
            (
                r#""w":[1,true,"x"]"#,
                "pipes 1: words=List([Integer(1), Boolean(true), Text(\"x\")])",
            ),
            (r#""w":{"a":1}"#, r#"pipes 1: words=Nested("{\"a\":1}")"#),
            (r#""w":[["a"]]"#, r#"pipes 1: words=List([Nested("[\"a\"]")])"#),
        ],
    );
    check_record(
        "words = \"w\"",
        &[("w", RawValue::Nested("[\"a\",\"b\"]".into()))],
        &format!("pipes 7: words={}", list(&["a", "b"])),
    );
}

#[test]
fn a_text_is_split_and_each_piece_is_taken_by_its_code() {
    check_values(
        "parts = { from = \"p\", split = \";\", null = \"-\", \
         codes = { \"座\" = \"seat\", \"扶手\" = \"arm\", \"全\" = [\"seat\", \"arm\"] } }",
        &[
            (r#""p":"扶手; 座 ;""#, &format!("pipes 1: parts={}", list(&["arm", "seat"]))),
            // Two codes of the file may stand for the same.
            (r#""p":"座;全;扶手""#, &format!("pipes 1: parts={}", list(&["seat", "arm"]))),
            (r#""p":"全""#, &format!("pipes 1: parts={}", list(&["seat", "arm"]))),
            (r#""p":["座"]"#, &format!("pipes 1: parts={}", list(&["seat"]))),
            (r#""p":"-;座""#, "pipes 1: parts=List([Null, Text(\"seat\")])"),
            (r#""p":"""#, "pipes 1: parts=List([])"),
            (
                r#""p":"座;腿""#,
                "parts: found `腿`, expected a value that the mapping knows, such as 全, 座, 扶手",
            ),
        ],
    );
}

#[test]
fn a_list_of_a_file_has_a_bound() {
    let most = terrier_model::MAX_LIST_VALUES;
    let texts: Vec<String> = (0..=most).map(|number| format!("w{number}")).collect();
    let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
    let json = |texts: &[&str]| format!("\"w\":{texts:?}");
    let joined = |texts: &[&str]| format!("\"w\":\"{}\"", texts.join("|"));
    let lines = "words = { from = \"w\", split = \"|\" }";
    let whole = format!("pipes 1: words={}", list(&texts[..most]));
    for form in [json, joined] as [fn(&[&str]) -> String; 2] {
        check_values(lines, &[(&form(&texts[..most]), &whole)]);
        let mapping = Mapping::parse(&fields(lines), &classes()).expect("a mapping");
        let row = row("1", &form(&texts));
        let mut mapper = Mapper::new(Arc::new(mapping), &Description::of(Format::GeoJson));
        let mut rows = GeoJsonFile::from_reader("x", row.as_bytes()).expect("a file");
        let told = show(mapper.read(&rows.next().expect("a row").expect("it is sound")));
        assert!(told.ends_with("expected at most 32 values"), "{told}");
    }
}
