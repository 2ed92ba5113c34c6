//! Tests of mappings: which documents are refused, and why.

use super::*;
use crate::mapping::tests::{classes, fields};

fn check_document(text: &str, expected: &str) {
    let answer = match Mapping::parse(text, &classes()) {
        Ok(_) => "good".into(),
        Err(error) => error.to_string(),
    };
    assert_eq!(answer, expected, "{text}");
}

fn check_field(line: &str, expected: &str) {
    check_document(&fields(line), expected);
}

const AT: &str = "collection 1 (pipes), `fields`";

#[test]
fn a_document_says_whose_keys_and_which_collections() {
    check_document("source = \"s\"\n[[collection]]\ninto = \"pipes\"", "good");
    check_document("", "the mapping: found `nothing`, expected a key `source`");
    check_document(
        "source =",
        "line 1 of the mapping is no TOML: string values must be quoted, expected literal string",
    );
    check_document(
        "source = \"a\"\nsource = \"b\"",
        "line 2 of the mapping is no TOML: duplicate key",
    );
    check_document(
        "sauce = 1",
        "the mapping: found `sauce`, expected one of the keys source, crs, file, geometry, \
         table, collection, events",
    );
    check_document(
        "source = 1",
        "the mapping, `source`: found `1`, expected a text without control characters",
    );
    check_document(
        "source = \" \"",
        "the mapping, `source`: found ` `, expected a text without control characters",
    );
    let nothing = "expected at least one [[collection]]";
    check_document(
        "source = \"s\"",
        &format!("the mapping, `collection`: found `nothing`, {nothing}, or [[events]]"),
    );
    check_document(
        "source = \"s\"\ncollection = []",
        &format!("the mapping, `collection`: found `[]`, {nothing}"),
    );
    check_document("source = \"s\"\ncollection = [1]", "collection 1: found `1`, expected a table");
}

#[test]
fn a_collection_must_be_known_and_within_reach() {
    let collection = |lines: &str| format!("source = \"s\"\n[[collection]]\n{lines}");
    check_document(&collection(""), "collection 1: found `nothing`, expected a key `into`");
    check_document(
        &collection("into = \"pipe\""),
        "collection 1, `into`: found `pipe`, expected one of pipes, poles",
    );
    check_document(
        &collection("into = \"pipes\"\nkeys = 1"),
        "collection 1: found `keys`, expected one of the keys into, key, where, fields",
    );
    let of_pipes = |lines: &str| collection(&format!("into = \"pipes\"\n{lines}"));
    check_document(&of_pipes("key = \"@id\""), "good");
    check_document(
        &of_pipes("key = \"\""),
        "collection 1 (pipes), `key`: found ``, expected a text without control characters",
    );
    check_document(&of_pipes("where = { kind = [1, 2.5, \"a\", true] }"), "good");
    check_document(
        &of_pipes("where = {}"),
        "collection 1 (pipes), `where`: found `{}`, expected at least one property and its value",
    );
    check_document(
        &of_pipes("where = { kind = [] }"),
        "collection 1 (pipes), `where`, `kind`: found `[]`, expected at least one value",
    );
    check_document(
        &of_pipes("where = { kind = { a = 1 } }"),
        "collection 1 (pipes), `where`, `kind`: found `a table`, expected a text, a number, true or false",
    );
    check_document(
        &of_pipes("[[collection]]\ninto = \"poles\""),
        "collection 2: found `a collection that no row reaches`, expected `where` in the \
         collection before, which takes every row",
    );
}

#[test]
fn a_field_must_be_one_that_can_be_written() {
    check_field("code = \"no\"", "good");
    check_field("households = \"customers\"", "good");
    check_field(
        "colour = \"farbe\"",
        &format!(
            "{AT}, `colour`: found `colour`, expected a field of pipes: code, lifecycle_status, \
             installed_on, installed_latest_on, installed_source, installed_written, decommissioned_on, length_m, area_m2, count, \
             owner, community, street, road, households, material, diameter_mm, design_pressure_mpa, \
             cct_k, encroached, renew_by, remarks, parts, words"
        ),
    );
    check_field(
        "geom_length_m = \"l\"",
        &format!(
            "{AT}, `geom_length_m`: found `geom_length_m`, expected a field that the register does not compute"
        ),
    );
    check_field(
        "code = 1",
        &format!(
            "{AT}, `code`: found `1`, expected the name of a property, or a table with `from` or `value`"
        ),
    );
    check_field("code = {}", &format!("{AT}, `code`: found `nothing`, expected a key `from`"));
    check_field(
        "code = { from = \"a\", units = \"m\" }",
        &format!(
            "{AT}, `code`: found `units`, expected one of the keys from, unit, split, codes, other, null, format, placeholders, source, \
             time_zone"
        ),
    );
    check_field(
        "code = { value = \"a\", from = \"b\" }",
        &format!("{AT}, `code`: found `from`, expected one of the keys value"),
    );
}

#[test]
fn constants_and_codes_must_be_values_of_their_field() {
    check_field("material = { value = \"steel\" }", "good");
    check_field(
        "material = { value = \"lead\" }",
        &format!("{AT}, `material`: found `lead`, expected one of steel, pe100, unknown"),
    );
    check_field(
        "diameter_mm = { value = [1] }",
        &format!("{AT}, `diameter_mm`: found `a list`, expected a number"),
    );
    check_field("renew_by = { value = 2030-01-01 }", "good");
    check_field(
        "renew_by = { value = \"soon\" }",
        &format!("{AT}, `renew_by`: found `soon`, expected a date such as 2005-06-30"),
    );
    check_field("installed_latest_on = { value = \"2005-06-30\" }", "good");
    check_field("encroached = { from = \"a\", codes = { yes = true, no = false } }", "good");
    check_field(
        "material = { from = \"m\", codes = { St = \"steel\", Pb = \"lead\" } }",
        &format!(
            "{AT}, `material`, `codes`, `Pb`: found `lead`, expected one of steel, pe100, unknown"
        ),
    );
    check_field(
        "material = { from = \"m\", codes = {}, other = \"none\" }",
        &format!("{AT}, `material`, `other`: found `none`, expected one of steel, pe100, unknown"),
    );
    check_field(
        "material = { from = \"m\", other = \"unknown\" }",
        &format!("{AT}, `material`, `other`: found `other`, expected `codes` beside it"),
    );
}

#[test]
fn a_unit_must_measure_what_the_field_measures() {
    check_field("length_m = { from = \"l\", unit = \"KM\" }", "good");
    check_field("design_pressure_mpa = { from = \"p\", unit = \"bar\" }", "good");
    check_field(
        "diameter_mm = { from = \"d\", unit = \"bar\" }",
        &format!(
            "{AT}, `diameter_mm`, `unit`: found `bar`, expected a unit of length: mm, cm, m, km, in, ft, yd, mi"
        ),
    );
    check_field(
        "count = { from = \"n\", unit = \"m\" }",
        &format!("{AT}, `count`, `unit`: found `m`, expected no unit, for the field has none"),
    );
    check_field(
        "code = { from = \"n\", unit = \"m\" }",
        &format!(
            "{AT}, `code`, `unit`: found `m`, expected no unit, for the field takes no measured number"
        ),
    );
    check_field(
        "cct_k = { from = \"n\", unit = \"k\" }",
        &format!(
            "{AT}, `cct_k`, `unit`: found `k`, expected no unit, for K of the field cannot be converted into"
        ),
    );
}

#[test]
fn only_a_list_is_split_and_a_list_may_be_given_whole() {
    check_field("parts = { from = \"a\", split = \";\" }", "good");
    check_field("words = { value = [\"a\", 1] }", "good");
    check_field(
        "parts = { from = \"a\", codes = { x = [\"arm\", \"seat\"], y = \"arm\" } }",
        "good",
    );
    check_field(
        "remarks = { from = \"a\", split = \";\" }",
        &format!(
            "{AT}, `remarks`, `split`: found `;`, expected no such key, for the field takes one value"
        ),
    );
    for (split, expected) in [
        (";".repeat(16), "good".to_owned()),
        (";".repeat(17), {
            let long = ";".repeat(17);
            format!("{AT}, `parts`, `split`: found `{long}`, expected at most 16 bytes")
        }),
    ] {
        check_field(&format!("parts = {{ from = \"a\", split = \"{split}\" }}"), &expected);
    }
    check_field(
        "parts = { value = [\"arm\", \"leg\"] }",
        &format!("{AT}, `parts`: found `leg`, expected one of arm, seat, unknown"),
    );
    check_field(
        "remarks = { value = [\"a\"] }",
        &format!("{AT}, `remarks`: found `a list`, expected text"),
    );
    check_field(
        "parts = { from = \"a\", unit = \"m\" }",
        &format!(
            "{AT}, `parts`, `unit`: found `m`, expected no unit, for the field takes no measured number"
        ),
    );
}
