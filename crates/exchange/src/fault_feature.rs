//! Writes one refused row as a GeoJSON feature that tells what is wrong with it.

use std::fmt::Write;

use terrier_model::{Fault, RawValue};
use terrier_spatial::{Position, Sketch, SketchPart};

use crate::json::{Cursor, Syntax};
use crate::record::Record;
use crate::row::{Body, Row};

/// The property that says what is wrong with a row. It is ignored when it comes back.
pub(crate) const FAULTS_PROPERTY: &str = "terrier_faults";

/// So much is kept of a row that is no feature.
const KEPT_BYTES: usize = 2_000;

/// The text of a feature that holds a row and its faults.
pub(crate) fn text(row: &Row, faults: &[Fault]) -> String {
    let faults: Vec<String> = faults.iter().map(Fault::to_string).collect();
    let faults = serde_json::Value::from(faults.join("; "));
    let faults = format!(r#""{FAULTS_PROPERTY}":{faults}"#);
    with_faults(row, &faults).unwrap_or_else(|| in_place_of(row, &faults))
}

/// The row with its faults, `None` when it is no feature.
fn with_faults(row: &Row, faults: &str) -> Option<String> {
    let Parts { id, geometry, properties } = match &row.body {
        Body::Record(record) => return Some(of_record(record, faults)),
        Body::Text(_) if row.fault.is_some() => return None,
        Body::Text(text) => parts(text).ok()??,
    };
    let id = id.map(|id| format!(r#""id":{id},"#)).unwrap_or_default();
    let geometry = geometry.unwrap_or("null");
    let comma = if properties.is_empty() { "" } else { "," };
    Some(format!(
        r#"{{"type":"Feature",{id}"geometry":{geometry},"properties":{{{properties}{comma}{faults}}}}}"#
    ))
}

/// The values of a row under their names.
fn of_record(record: &Record, faults: &str) -> String {
    let id = record.id.as_ref().and_then(value);
    let id = id.map(|id| format!(r#""id":{id},"#)).unwrap_or_default();
    let geometry = geometry(&record.sketch);
    let others = record.values().filter(|(name, _)| *name != FAULTS_PROPERTY);
    let mut properties = String::new();
    for (name, other) in others {
        // What GeoJSON cannot hold is told by its text.
        let other = value(other).unwrap_or_else(|| serde_json::Value::from(shown(other)));
        write!(properties, "{}:{other},", serde_json::Value::from(name)).expect("to a text");
    }
    format!(
        r#"{{"type":"Feature",{id}"geometry":{geometry},"properties":{{{properties}{faults}}}}}"#
    )
}

fn value(raw: &RawValue) -> Option<serde_json::Value> {
    Some(match raw {
        RawValue::Null => serde_json::Value::Null,
        RawValue::Boolean(truth) => (*truth).into(),
        RawValue::Integer(whole) => (*whole).into(),
        RawValue::Number(number) => serde_json::Number::from_f64(*number)?.into(),
        RawValue::Text(text) => text.as_str().into(),
        RawValue::List(values) => values.iter().map(value).collect::<Option<_>>()?,
        RawValue::Nested(_) => return None,
    })
}

fn shown(value: &RawValue) -> String {
    match value {
        RawValue::Number(number) => number.to_string(),
        RawValue::Nested(text) => text.clone(),
        RawValue::List(values) => values.iter().map(shown).collect::<Vec<_>>().join(", "),
        RawValue::Null | RawValue::Boolean(_) | RawValue::Integer(_) | RawValue::Text(_) => {
            String::new()
        }
    }
}

/// A geometry as GeoJSON has it; `null` when it has none or a number that JSON cannot hold.
fn geometry(sketch: &Sketch) -> String {
    let mut text = String::new();
    let is_whole = match sketch {
        Sketch::Point(at) => position(&mut text, *at),
        Sketch::Line(line) => part(&mut text, line),
        Sketch::MultiLine(parts) | Sketch::Polygon(parts) => list(&mut text, parts, part),
        Sketch::MultiPolygon(polygons) => {
            list(&mut text, polygons, |text, rings| list(text, rings, part))
        }
        Sketch::Other(_) | Sketch::Missing => false,
    };
    if !is_whole {
        return "null".into();
    }
    format!(r#"{{"type":"{}","coordinates":{text}}}"#, sketch.name())
}

fn list<T>(text: &mut String, items: &[T], each: impl Fn(&mut String, &T) -> bool) -> bool {
    text.push('[');
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        if !each(text, item) {
            return false;
        }
    }
    text.push(']');
    true
}

fn part(text: &mut String, positions: &SketchPart) -> bool {
    list(text, positions, |text, at| position(text, *at))
}

fn position(text: &mut String, [x, y]: Position) -> bool {
    write!(text, "[{x},{y}]").expect("to a text");
    x.is_finite() && y.is_finite()
}

/// A feature without geometry that tells of a row which is none.
fn in_place_of(row: &Row, faults: &str) -> String {
    let kept = &row.text()[..row.text().len().min(KEPT_BYTES)];
    let mut text = String::from_utf8_lossy(kept).into_owned();
    if kept.len() < row.text().len() || row.fault.is_some() {
        text.push('…');
    }
    let (number, text) = (row.number, serde_json::Value::from(text));
    format!(
        r#"{{"type":"Feature","geometry":null,"properties":{{"terrier_row":{number},"terrier_text":{text},{faults}}}}}"#
    )
}

/// The parts of a feature as they came.
struct Parts<'a> {
    id: Option<&'a str>,
    geometry: Option<&'a str>,
    /// Without braces.
    properties: String,
}

/// Takes a row apart; `None` when it is JSON but no feature and no geometry.
fn parts(text: &[u8]) -> Result<Option<Parts<'_>>, Syntax> {
    let mut cursor = Cursor::new(text);
    cursor.space();
    let whole = cursor.clone().skip()?;
    if !whole.starts_with('{') {
        return Ok(None);
    }
    let (mut id, mut geometry, mut properties) = (None, None, None);
    let (mut is_geometry, mut begun) = (false, false);
    while let Some(name) = cursor.member(&mut begun)? {
        let value = cursor.skip()?;
        let twice = match &*name {
            "id" => id.replace(value).is_some(),
            "geometry" => geometry.replace(value).is_some(),
            "properties" => properties.replace(value).is_some(),
            "coordinates" | "geometries" => {
                is_geometry = true;
                false
            }
            _ => false,
        };
        if twice {
            return Ok(None);
        }
    }
    cursor.end()?;
    let is_feature = geometry.is_some() || properties.is_some();
    if !is_feature && !is_geometry {
        return Ok(None);
    }
    if !is_feature {
        geometry = Some(whole);
    }
    let properties = match properties {
        None | Some("null") => String::new(),
        Some(object) if object.starts_with('{') => without_faults(object)?,
        Some(_) => return Ok(None),
    };
    Ok(Some(Parts { id, geometry, properties }))
}

/// The members of an object, but for the faults that an earlier file told.
fn without_faults(object: &str) -> Result<String, Syntax> {
    if !object.contains(FAULTS_PROPERTY) {
        return Ok(object[1..object.len() - 1].trim().into());
    }
    let mut cursor = Cursor::new(object.as_bytes());
    let (mut members, mut begun) = (Vec::new(), false);
    while let Some(name) = cursor.member(&mut begun)? {
        let value = cursor.skip()?;
        if name != FAULTS_PROPERTY {
            members.push(format!("{}:{value}", serde_json::Value::from(&*name)));
        }
    }
    Ok(members.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Columns;
    use terrier_model::Place;

    const FAULTS: &str = r#""terrier_faults":"row: found `x`, expected y""#;

    fn written(number: u64, body: Body) -> String {
        let row = Row { number, start: 0, end: 0, body, fault: None };
        let feature = text(&row, &[Fault::new(Place::Row, "x", "y")]);
        serde_json::from_str::<serde_json::Value>(&feature).expect("JSON");
        feature
    }

    fn check(texts: &[&str], expected: &str) {
        let features: Vec<String> = (1..)
            .zip(texts)
            .map(|(number, text)| written(number, Body::Text(text.as_bytes().into())))
            .collect();
        assert_eq!(features.join(",\n"), expected);
    }

    #[test]
    fn id_geometry_and_properties_stay_as_they_came() {
        check(
            &[
                r#" {"id":1.0e0, "type":"Feature","geometry":{"type":"Point","coordinates":[1.10,99]},"properties":{"a": 1.50,"a":"\u8def"}} "#,
                r#"{"type":"Feature","geometry":null,"properties":{"a":12345678901234567890123}}"#,
                r#"{"type":"Feature","geometry":{},"properties":null}"#,
                r#"{"type":"Feature","properties":{}}"#,
                r#"{"type":"Point","coordinates":[200,99]}"#,
            ],
            &[
                &format!(r#"{{"type":"Feature","id":1.0e0,"geometry":{{"type":"Point","coordinates":[1.10,99]}},"properties":{{"a": 1.50,"a":"\u8def",{FAULTS}}}}}"#),
                &format!(r#"{{"type":"Feature","geometry":null,"properties":{{"a":12345678901234567890123,{FAULTS}}}}}"#),
                &format!(r#"{{"type":"Feature","geometry":{{}},"properties":{{{FAULTS}}}}}"#),
                &format!(r#"{{"type":"Feature","geometry":null,"properties":{{{FAULTS}}}}}"#),
                &*format!(r#"{{"type":"Feature","geometry":{{"type":"Point","coordinates":[200,99]}},"properties":{{{FAULTS}}}}}"#),
            ]
            .join(",\n"),
        );
    }

    #[test]
    fn faults_that_were_told_before_are_replaced() {
        check(
            &[
                r#"{"type":"Feature","geometry":null,"properties":{"terrier_faults":"old","a":"terrier_faults"}}"#,
            ],
            &format!(
                r#"{{"type":"Feature","geometry":null,"properties":{{"a":"terrier_faults",{FAULTS}}}}}"#
            ),
        );
    }

    #[test]
    fn a_row_that_is_no_feature_keeps_its_text() {
        let kept = |number: u64, text: &str| {
            let text = serde_json::Value::from(text);
            format!(
                r#"{{"type":"Feature","geometry":null,"properties":{{"terrier_row":{number},"terrier_text":{text},{FAULTS}}}}}"#
            )
        };
        let long = "[".repeat(KEPT_BYTES + 1);
        check(
            &[
                r#"{"a":NaN}"#,
                "null",
                r#"{"id":1,"id":2,"geometry":null}"#,
                r#"{"properties":[]}"#,
                "{}",
                &long,
            ],
            &[
                kept(1, r#"{"a":NaN}"#),
                kept(2, "null"),
                kept(3, r#"{"id":1,"id":2,"geometry":null}"#),
                kept(4, r#"{"properties":[]}"#),
                kept(5, "{}"),
                kept(6, &format!("{}…", &long[1..])),
            ]
            .join(",\n"),
        );
    }

    #[test]
    fn a_record_becomes_a_feature_in_its_own_coordinates_and_under_its_own_names() {
        let check = |sketch: Sketch, expected: &str| {
            let names = ["a", "terrier_faults", "管径", "b", "c", "d"].map(Into::into).to_vec();
            let values = vec![
                RawValue::Text("\"路".into()),
                RawValue::Text("old".into()),
                RawValue::Integer(300),
                RawValue::Null,
                RawValue::Number(f64::NAN),
                RawValue::Nested("3 bytes".into()),
            ];
            let mut record = Record::new(Columns::try_new(names).expect("columns"), values);
            record.id = Some(RawValue::Integer(7));
            record.sketch = sketch;
            let properties = r#""a":"\"路","管径":300,"b":null,"c":"NaN","d":"3 bytes""#;
            let expected = format!(
                r#"{{"type":"Feature","id":7,"geometry":{expected},"properties":{{{properties},{FAULTS}}}}}"#
            );
            assert_eq!(written(1, Body::Record(Box::new(record))), expected);
        };
        check(Sketch::Missing, "null");
        check(Sketch::Other("MultiPoint"), "null");
        check(Sketch::Point([1.0, f64::INFINITY]), "null");
        check(
            Sketch::Point([520_000.25, 4_300_000.5]),
            r#"{"type":"Point","coordinates":[520000.25,4300000.5]}"#,
        );
        let ring = vec![[0.0, 0.0], [1.0, 0.0]];
        check(Sketch::Line(ring.clone()), r#"{"type":"LineString","coordinates":[[0,0],[1,0]]}"#);
        check(
            Sketch::MultiPolygon(vec![vec![ring.clone(), ring], vec![]]),
            r#"{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0]],[[0,0],[1,0]]],[]]}"#,
        );
    }
}
