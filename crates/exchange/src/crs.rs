//! Tells whether the member `crs` of an older GeoJSON file names the one coordinate system that
//! GeoJSON has today: longitude and latitude on WGS 84.

use serde::Deserialize;

#[derive(Deserialize)]
struct Named {
    properties: Properties,
}

#[derive(Deserialize)]
struct Properties {
    name: Option<String>,
    code: Option<serde_json::Number>,
}

/// The name of that system.
pub(crate) const WGS84: &str = "OGC:CRS84";

/// What would have been right.
pub(crate) const EXPECTED: &str = "longitude and latitude on WGS 84 as `crs`";

/// Checks the text of a member `crs`. Null says nothing and is taken for WGS 84.
///
/// # Errors
/// With the name of the system, or the text where it has none.
pub(crate) fn check(text: &str) -> Result<(), String> {
    if text.trim() == "null" {
        return Ok(());
    }
    let properties = serde_json::from_str::<Named>(text).map(|named| named.properties).ok();
    match properties {
        Some(Properties { name: Some(name), .. }) => {
            if is_wgs84(&name) {
                Ok(())
            } else {
                Err(name)
            }
        }
        Some(Properties { name: None, code: Some(code) }) => {
            if code.as_u64() == Some(4326) {
                Ok(())
            } else {
                Err(format!("EPSG:{code}"))
            }
        }
        _ => Err(text.to_owned()),
    }
}

const PREFIXES: [&str; 5] = [
    "",
    "URN:OGC:DEF:CRS:",
    "URN:X-OGC:DEF:CRS:",
    "HTTP:WWW.OPENGIS.NET:DEF:CRS:",
    "HTTPS:WWW.OPENGIS.NET:DEF:CRS:",
];

/// Names such as `EPSG:4326`, `urn:ogc:def:crs:OGC:1.3:CRS84` and
/// `http://www.opengis.net/def/crs/OGC/1.3/CRS84`. GeoJSON has always put the longitude first, so
/// the order of axes that EPSG gives does not matter.
pub(crate) fn is_wgs84(name: &str) -> bool {
    let name = name.trim().to_ascii_uppercase();
    let mut pieces: Vec<&str> = name.split([':', '/']).filter(|piece| !piece.is_empty()).collect();
    let code = pieces.pop();
    let is_version = |piece: &str| piece.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if pieces.last().is_some_and(|piece| is_version(piece)) {
        pieces.pop();
    }
    let rest = pieces.join(":");
    let within =
        |authority: &str| PREFIXES.iter().any(|prefix| rest == format!("{prefix}{authority}"));
    match code {
        Some("CRS84" | "CRS84H") => rest.is_empty() || within("OGC"),
        Some("4326" | "4979") => within("EPSG"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_name(name: &str, expected: Result<(), &str>) {
        let text = format!(r#"{{"type":"name","properties":{{"name":"{name}"}}}}"#);
        assert_eq!(check(&text), expected.map_err(str::to_owned), "{name}");
    }

    #[test]
    fn wgs_84_has_many_spellings() {
        for name in [
            "urn:ogc:def:crs:OGC:1.3:CRS84",
            "urn:ogc:def:crs:OGC::CRS84",
            "urn:ogc:def:crs:OGC:1.3:CRS84h",
            "OGC:CRS84",
            "CRS84",
            "EPSG:4326",
            "epsg:4326",
            "urn:ogc:def:crs:EPSG::4326",
            "urn:ogc:def:crs:EPSG:9.9.1:4326",
            "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
            "http://www.opengis.net/def/crs/EPSG/0/4326",
        ] {
            check_name(name, Ok(()));
        }
        assert_eq!(check("null"), Ok(()));
        assert_eq!(check(r#"{"type":"EPSG","properties":{"code":4326}}"#), Ok(()));
    }

    #[test]
    fn any_other_system_is_named() {
        for name in [
            "EPSG:4490",
            "EPSG:4548",
            "EPSG:43260",
            "urn:ogc:def:crs:EPSG::3857",
            "urn:ogc:def:crs:OGC:1.3:CRS83",
            "ESRI:4326",
            "4326",
            "",
        ] {
            check_name(name, Err(name));
        }
        let check_text = |text: &str, expected: &str| assert_eq!(check(text), Err(expected.into()));
        check_text(r#"{"type":"EPSG","properties":{"code":4548}}"#, "EPSG:4548");
        let link = r#"{"type":"link","properties":{"href":"http://example.org/crs"}}"#;
        check_text(link, link);
        check_text("5", "5");
    }
}
