//! Finds out the coordinate system of a file, of what it states and what its sender says.

use serde::Deserialize;
use terrier_spatial::Crs;

use crate::read_error::ReadError;

#[derive(Deserialize)]
struct Named {
    properties: Properties,
}

#[derive(Deserialize)]
struct Properties {
    name: Option<String>,
    code: Option<serde_json::Number>,
}

/// The name in the text of a member `crs` of an older GeoJSON file. Null says nothing.
///
/// # Errors
/// With the text where it has no name.
pub(crate) fn name_in(text: &str) -> Result<Option<String>, String> {
    if text.trim() == "null" {
        return Ok(None);
    }
    match serde_json::from_str::<Named>(text).map(|named| named.properties) {
        Ok(Properties { name: Some(name), .. }) => Ok(Some(name)),
        Ok(Properties { name: None, code: Some(code) }) => Ok(Some(format!("EPSG:{code}"))),
        _ => Err(text.to_owned()),
    }
}

/// Whether the positions of two systems are the same. WGS 84 has a name for each order of its axes,
/// and here the longitude comes first whatever the name.
pub(crate) fn is_same(one: &Crs, other: &Crs) -> bool {
    one == other || (one.is_wgs84() && other.is_wgs84())
}

/// The system that a file states by its name. A name that the sender gave to a system of their own
/// is known, too.
///
/// # Errors
/// When nobody knows the system, or when the sender says another one.
pub(crate) fn stated(file: &str, name: &str, said: Option<&Crs>) -> Result<Crs, ReadError> {
    if let Some(said) = said.filter(|said| said.code() == name) {
        return Ok(said.clone());
    }
    let found = Crs::find(name).map_err(|source| ReadError::Crs { file: file.into(), source })?;
    agreed(file, Some(found), said).map(|crs| crs.expect("one was stated"))
}

/// The system that a file describes by its code, or else in well-known text.
///
/// # Errors
/// When nobody knows it, and the sender has given no system the name of that code.
pub(crate) fn described(
    file: &str,
    code: Option<String>,
    definition: &str,
    said: Option<&Crs>,
) -> Result<Crs, ReadError> {
    let found = match code {
        None => Crs::from_wkt(definition),
        Some(code) => {
            if let Some(said) = said.filter(|said| said.code().eq_ignore_ascii_case(&code)) {
                return Ok(said.clone());
            }
            Crs::find(&code).or_else(|error| Crs::from_wkt(definition).map_err(|_| error))
        }
    };
    found.map_err(|source| ReadError::Crs { file: file.into(), source })
}

/// The system of a file, of what it states itself and what its sender says.
///
/// # Errors
/// When the two are not the same.
pub(crate) fn agreed(
    file: &str,
    stated: Option<Crs>,
    said: Option<&Crs>,
) -> Result<Option<Crs>, ReadError> {
    match (stated, said) {
        (Some(stated), Some(said)) if !is_same(&stated, said) => Err(ReadError::OtherCrs {
            file: file.into(),
            stated: stated.code().into(),
            said: said.code().into(),
        }),
        (Some(stated), _) => Ok(Some(stated)),
        (None, said) => Ok(said.cloned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, said: Option<&str>, expected: &str) {
        let said = said.map(|name| Crs::find(name).expect("in the table"));
        let answer = match name_in(text) {
            Err(found) => format!("no name: {found}"),
            Ok(None) => "nothing".into(),
            Ok(Some(name)) => match stated("x", &name, said.as_ref()) {
                Ok(crs) => crs.code().into(),
                Err(error) => error.to_string(),
            },
        };
        assert_eq!(answer, expected, "{text}");
    }

    fn named(name: &str) -> String {
        format!(r#"{{"type":"name","properties":{{"name":"{name}"}}}}"#)
    }

    #[test]
    fn a_system_has_many_spellings() {
        for (name, code) in [
            ("urn:ogc:def:crs:OGC:1.3:CRS84", "OGC:CRS84"),
            ("urn:ogc:def:crs:OGC::CRS84", "OGC:CRS84"),
            ("CRS84", "OGC:CRS84"),
            ("epsg:4326", "EPSG:4326"),
            ("urn:ogc:def:crs:EPSG:9.9.1:4326", "EPSG:4326"),
            ("http://www.opengis.net/def/crs/EPSG/0/4548", "EPSG:4548"),
        ] {
            check(&named(name), None, code);
        }
        check(r#"{"type":"EPSG","properties":{"code":4548}}"#, None, "EPSG:4548");
    }

    #[test]
    fn what_names_no_system_is_told() {
        check("null", Some("EPSG:4548"), "nothing");
        let link = r#"{"type":"link","properties":{"href":"http://example.org/crs"}}"#;
        check(link, None, &format!("no name: {link}"));
        check("5", None, "no name: 5");
        check(&named("EPSG:9999"), None, "cannot tell the coordinate system of `x`");
        check(&named(""), None, "cannot tell the coordinate system of `x`");
    }

    #[test]
    fn a_file_and_its_sender_must_say_the_same() {
        check(&named("EPSG:4548"), Some("4548"), "EPSG:4548");
        check(&named("EPSG:4326"), Some("OGC:CRS84"), "EPSG:4326");
        check(
            &named("EPSG:4549"),
            Some("EPSG:4548"),
            "`x` says that its positions are in EPSG:4549, expected EPSG:4548 as the command or the \
             mapping says",
        );
    }

    #[test]
    fn a_system_of_the_senders_own_is_known_by_its_name() {
        let definition = terrier_spatial::Definition {
            name: "City grid".into(),
            base: terrier_spatial::Base::Known(Crs::find("EPSG:4548").expect("in the table")),
            plane: None,
            axis_order: terrier_spatial::AxisOrder::NorthEast,
            area: None,
        };
        let own = Crs::defined(definition).expect("a system");
        assert_eq!(stated("x", "City grid", Some(&own)).expect("known"), own);
        assert!(stated("x", "City grid", None).is_err());
    }
}
