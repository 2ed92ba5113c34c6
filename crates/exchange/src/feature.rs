//! Reads the text of one row: a GeoJSON feature, or a geometry that stands alone.
//!
//! A text that is no JSON is a syntax error at a byte; everything else that is wrong with a feature
//! is collected as faults, so that its sender can mend all of them at once. What the properties
//! mean is not known here.

use std::borrow::Cow;
use std::collections::HashSet;

use terrier_model::{Fault, Place};
use terrier_spatial::Sketch;

use crate::geometry;
use crate::json::{Cursor, Json, Syntax};

/// The most properties that one feature may have, and the most members of any other object in it.
pub const MAX_PROPERTIES: usize = 1_000;

/// So many faults of one row are told; the others wait until these are mended.
pub const MAX_FAULTS: usize = 50;

/// From so many names on, a set finds repeated ones sooner than comparing each with each.
const FEW_NAMES: usize = 32;

/// A feature as its row gives it.
#[derive(Debug, PartialEq)]
pub(crate) struct Feature<'a> {
    /// Null when there is none.
    pub(crate) id: Json<'a>,
    /// Missing when the geometry is faulty.
    pub(crate) sketch: Sketch,
    /// Whether a third number of a position was dropped.
    pub(crate) has_height: bool,
    /// In the order of the file.
    pub(crate) properties: Vec<(Cow<'a, str>, Json<'a>)>,
    /// Its own member `crs`, as older files have it.
    pub(crate) crs: Option<&'a str>,
    /// Everything found wrong with it.
    pub(crate) faults: Vec<Fault>,
}

/// Reads the text of a row.
pub(crate) fn read(text: &[u8]) -> Result<Feature<'_>, Syntax> {
    let mut cursor = Cursor::new(text);
    cursor.space();
    let mut feature = Feature::empty();
    if cursor.peek() != Some(b'{') {
        return Err(Syntax { at: cursor.at(), expected: "a Feature" });
    }
    let start = cursor.clone();
    let members = feature.members(&mut cursor)?;
    cursor.end()?;
    match members.kind.as_deref() {
        Some("Feature") => feature.check(&members),
        Some(kind) if geometry::is_kind(kind) => {
            feature.faults.clear();
            feature.geometry(&mut start.clone())?;
        }
        Some(kind) => feature.note(Place::Row, kind, "`Feature` as `type`"),
        None if members.seen.iter().any(|name| name == "type") => {}
        None => feature.note(Place::Row, "nothing", "a member `type` that is `Feature`"),
    }
    Ok(feature)
}

/// The members that a patch may have.
const PATCHED: [&str; 6] = ["type", "id", "geometry", "properties", "bbox", "links"];

/// Reads the text of a patch of a feature (RFC 7396): an object with some of the members of one.
pub(crate) fn read_patch(text: &[u8]) -> Result<Feature<'_>, Syntax> {
    let mut cursor = Cursor::new(text);
    cursor.space();
    let mut feature = Feature::empty();
    if cursor.peek() != Some(b'{') {
        return Err(Syntax { at: cursor.at(), expected: "an object" });
    }
    let start = cursor.clone();
    let members = feature.members(&mut cursor)?;
    cursor.end()?;
    if let Some(kind) = members.kind.as_deref().filter(|kind| *kind != "Feature") {
        feature.note(Place::Row, kind, "`Feature` as `type`");
    }
    let unknown = members.seen.iter().filter(|name| !PATCHED.contains(&&***name));
    for name in unknown.cloned().collect::<Vec<_>>() {
        feature.note(Place::Row, &name, format!("one of the members {}", PATCHED.join(", ")));
    }
    feature.refuse_null(start)?;
    Ok(feature)
}

struct Members<'a> {
    seen: Vec<Cow<'a, str>>,
    kind: Option<Cow<'a, str>>,
}

impl<'a> Feature<'a> {
    fn empty() -> Self {
        Self {
            id: Json::Null,
            sketch: Sketch::Missing,
            has_height: false,
            properties: Vec::new(),
            crs: None,
            faults: Vec::new(),
        }
    }

    /// In a patch, null takes a member away, and neither geometry nor properties can go.
    fn refuse_null(&mut self, mut cursor: Cursor<'a>) -> Result<(), Syntax> {
        let mut begun = false;
        while let Some(name) = cursor.member(&mut begun)? {
            let value = cursor.skip()?;
            match &*name {
                "geometry" if value == "null" => {
                    let place = Place::Geometry { part: None, vertex: None };
                    self.note(place, value, "a geometry, which every asset has");
                }
                "properties" if value == "null" => {
                    self.note(Place::Row, value, "an object as `properties`");
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The value of a property.
    pub(crate) fn property(&self, name: &str) -> Option<&Json<'a>> {
        self.properties.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    fn note(&mut self, place: Place, found: &str, expected: impl Into<String>) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault::new(place, found, expected));
        }
    }

    fn members(&mut self, cursor: &mut Cursor<'a>) -> Result<Members<'a>, Syntax> {
        let mut members = Members { seen: Vec::with_capacity(8), kind: None };
        let mut begun = false;
        while let Some(name) = cursor.member(&mut begun)? {
            if members.seen.len() == MAX_PROPERTIES {
                self.note(Place::Row, &name, format!("at most {MAX_PROPERTIES} members"));
                cursor.skip()?;
                continue;
            }
            if members.seen.contains(&name) {
                self.note(Place::Row, &name, "each member once");
            }
            match &*name {
                "type" => match cursor.value()? {
                    Json::Text(kind) => members.kind = Some(kind),
                    other => self.note(Place::Row, &other.shown(), "`Feature` as `type`"),
                },
                "id" => self.id = cursor.value()?,
                "geometry" => self.geometry(cursor)?,
                "properties" => self.properties(cursor)?,
                "bbox" => {
                    if let Some(found) = geometry::read_box(cursor)? {
                        self.note(Place::Row, found, "a `bbox` of four or six numbers");
                    }
                }
                "crs" => self.crs = Some(cursor.skip()?),
                _ => {
                    cursor.skip()?;
                }
            }
            members.seen.push(name);
        }
        Ok(members)
    }

    /// Checks that a Feature has the members of one and no others that GeoJSON knows.
    fn check(&mut self, members: &Members<'_>) {
        let has = |name: &str| members.seen.iter().any(|seen| seen == name);
        for name in ["geometry", "properties"] {
            if !has(name) {
                self.note(Place::Row, "nothing", format!("a member `{name}`, which may be null"));
            }
        }
        for name in ["coordinates", "geometries", "features"] {
            if has(name) {
                self.note(Place::Row, name, "no such member in a Feature (RFC 7946, 7.1)");
            }
        }
    }

    fn geometry(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Syntax> {
        let geometry::Geometry { sketch, has_height, fault } = geometry::read(cursor)?;
        self.sketch = sketch;
        self.has_height = has_height;
        self.faults.extend(fault);
        Ok(())
    }

    fn properties(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Syntax> {
        self.properties.clear();
        if cursor.peek() != Some(b'{') {
            let found = cursor.value()?;
            if found != Json::Null {
                self.note(Place::Row, &found.shown(), "an object or null as `properties`");
            }
            return Ok(());
        }
        self.properties.reserve(16);
        let mut names = HashSet::new();
        let mut count = 0;
        let mut begun = false;
        while let Some(name) = cursor.member(&mut begun)? {
            let value = cursor.value()?;
            count += 1;
            if count > MAX_PROPERTIES {
                continue;
            }
            let twice = if self.properties.len() < FEW_NAMES {
                self.properties.iter().any(|(other, _)| *other == name)
            } else {
                if names.is_empty() {
                    names.extend(self.properties.iter().map(|(name, _)| name.clone()));
                }
                !names.insert(name.clone())
            };
            if twice {
                self.note(Place::Field((*name).into()), &value.shown(), "each property once");
                continue;
            }
            if name.chars().any(char::is_control) {
                let shown = name.escape_debug().to_string();
                self.note(Place::Row, &shown, "names without control characters");
            }
            let value = match value {
                Json::Number(number) if !number.value().is_finite() => {
                    let place = Place::Field((*name).into());
                    self.note(place, number.text, "a number below 1.8e308");
                    // Said once; no class need look at it.
                    Json::Null
                }
                value => value,
            };
            self.properties.push((name, value));
        }
        if count > MAX_PROPERTIES {
            let found = format!("{count} properties");
            self.note(Place::Row, &found, format!("at most {MAX_PROPERTIES}"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let answer = match read(text.as_bytes()) {
            Err(error) => format!("byte {}: expected {}", error.at, error.expected),
            Ok(Feature { id, sketch, properties, faults, .. }) if faults.is_empty() => {
                let properties: Vec<String> = properties
                    .iter()
                    .map(|(name, value)| format!("{name}={}", value.shown()))
                    .collect();
                format!("{} {} {}", id.shown(), sketch.name(), properties.join(" "))
            }
            Ok(feature) => {
                let faults: Vec<String> = feature.faults.iter().map(Fault::to_string).collect();
                faults.join("; ")
            }
        };
        assert_eq!(answer, expected, "{text}");
    }

    #[test]
    fn a_feature_is_read_with_its_members_in_any_order() {
        check(r#"{"type":"Feature","geometry":null,"properties":null}"#, "null no geometry ");
        check(
            r#" {"properties":{"b":"路","a":1.50,"c":[1, 2],"d":null},"id":7,"title":"x",
                "geometry":{"coordinates":[1,2],"type":"Point"},"bbox":[1,2,1,2],"type":"Feature"} "#,
            "7 Point b=路 a=1.50 c=[1, 2] d=null",
        );
    }

    #[test]
    fn a_geometry_alone_is_a_row_without_key_and_properties() {
        check(r#"{"type":"Point","coordinates":[1,2]}"#, "null Point ");
        check(r#"{"coordinates":[[1,2],[3,4]],"type":"LineString"}"#, "null LineString ");
        check(
            r#"{"type":"Point","coordinates":[1]}"#,
            "geometry vertex 0: found `[1]`, expected two or three numbers",
        );
        check(
            r#"{"type":"Point","geometry":null,"coordinates":[1,2]}"#,
            "geometry: found `geometry`, expected no such member in a geometry (RFC 7946, 7.1)",
        );
    }

    #[test]
    fn what_is_no_feature_is_refused_with_all_its_faults() {
        check("null", "byte 0: expected a Feature");
        check(" [1]", "byte 1: expected a Feature");
        check("{}", "row: found `nothing`, expected a member `type` that is `Feature`");
        check(r#"{"type":{}}"#, "row: found `{}`, expected `Feature` as `type`");
        check(
            r#"{"type":"FeatureCollection","features":[]}"#,
            "row: found `FeatureCollection`, expected `Feature` as `type`",
        );
        check(
            r#"{"type":"Feature","geometry":null}"#,
            "row: found `nothing`, expected a member `properties`, which may be null",
        );
        check(
            r#"{"type":"Feature","geometry":5,"properties":[],"features":[],"bbox":"x"}"#,
            "geometry: found `5`, expected a geometry object; row: found `[]`, expected an object \
             or null as `properties`; row: found `\"x\"`, expected a `bbox` of four or six numbers; \
             row: found `features`, expected no such member in a Feature (RFC 7946, 7.1)",
        );
        check(
            r#"{"type":"Feature","geometry":null,"properties":null}}"#,
            "byte 52: expected the end of the row",
        );
        check(r#"{"type":"Feature","properties":{"a":NaN}}"#, "byte 36: expected a JSON value");
    }

    #[test]
    fn names_stand_once_and_numbers_are_finite() {
        let feature = |members: &str| format!(r#"{{"type":"Feature","geometry":null,{members}}}"#);
        check(
            &feature(r#""properties":{"a":1,"b":2,"\u0061":3}"#),
            "a: found `3`, expected each property once",
        );
        check(
            &feature(r#""properties":{},"id":1,"id":2"#),
            "row: found `id`, expected each member once",
        );
        check(
            &feature(r#""properties":{"a":-1e999}"#),
            "a: found `-1e999`, expected a number below 1.8e308",
        );
        check(
            &feature(r#""properties":{"a\u0000":1}"#),
            "row: found `a\\0`, expected names without control characters",
        );
    }

    #[test]
    fn the_number_of_properties_has_a_bound() {
        let feature = |count: usize, last: &str| {
            let properties: Vec<String> = (1..count).map(|at| format!(r#""p{at}":{at}"#)).collect();
            let properties = format!(r#"{},"{last}":0"#, properties.join(","));
            format!(r#"{{"type":"Feature","geometry":null,"properties":{{{properties}}}}}"#)
        };
        let text = feature(MAX_PROPERTIES, "last");
        assert_eq!(read(text.as_bytes()).expect("JSON").faults, []);
        check(
            &feature(MAX_PROPERTIES + 1, "last"),
            "row: found `1001 properties`, expected at most 1000",
        );
        check(&feature(500, "p30"), "p30: found `0`, expected each property once");
    }
}
