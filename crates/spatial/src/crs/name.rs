//! The many spellings of the name of a coordinate system.

use super::CrsError;

/// The longest name that is looked at, in bytes.
pub const MAX_CRS_NAME_BYTES: usize = 256;

/// What may stand before the authority and the code.
const PREFIXES: [&str; 4] = [
    "URN:OGC:DEF:CRS:",
    "URN:X-OGC:DEF:CRS:",
    "HTTP:WWW.OPENGIS.NET:DEF:CRS:",
    "HTTPS:WWW.OPENGIS.NET:DEF:CRS:",
];

/// The prefix of the first version of GML, which has no place for a version.
const GML: &str = "HTTP:WWW.OPENGIS.NET:GML:SRS:EPSG.XML";

/// The one spelling of a name: `EPSG:4548`, `OGC:CRS84`, `GCJ-02`.
///
/// # Errors
/// The name has no form that Terrier reads.
pub(super) fn code(name: &str) -> Result<String, CrsError> {
    let unknown = || CrsError::Unknown { name: shown(name) };
    if name.len() > MAX_CRS_NAME_BYTES {
        return Err(unknown());
    }
    let trimmed = name.trim();
    // A CURIE that is safe beside addresses stands in brackets.
    let in_brackets = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let upper = in_brackets.unwrap_or(trimmed).to_ascii_uppercase();
    match upper.as_str() {
        "GCJ-02" | "GCJ02" => return Ok("GCJ-02".into()),
        "BD-09" | "BD09" => return Ok("BD-09".into()),
        _ => {}
    }
    let mut pieces: Vec<&str> = upper.split([':', '/', '#']).filter(|p| !p.is_empty()).collect();
    let code = pieces.pop().ok_or_else(unknown)?;
    let is_version = |piece: &&str| piece.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if pieces.len() > 1 && pieces.last().is_some_and(is_version) {
        pieces.pop();
    }
    let rest = pieces.join(":");
    let is_of = |authority: &str| {
        rest.is_empty()
            || rest == authority
            || PREFIXES.iter().any(|prefix| rest.strip_prefix(prefix) == Some(authority))
    };
    match code {
        // The height of the three-dimensional ones is left away.
        "CRS84" | "CRS84H" if is_of("OGC") => Ok("OGC:CRS84".into()),
        "4979" if is_of("EPSG") => Ok("EPSG:4326".into()),
        // What Web Mercator was called before it had a code.
        "900913" | "102100" | "102113" | "3785" if is_of("EPSG") || rest == "ESRI" => {
            Ok("EPSG:3857".into())
        }
        _ if (is_of("EPSG") || rest == GML) && is_number(code) => Ok(format!("EPSG:{code}")),
        _ => Err(unknown()),
    }
}

fn is_number(code: &str) -> bool {
    code.len() <= 7 && !code.starts_with('0') && code.bytes().all(|byte| byte.is_ascii_digit())
}

/// The name as it is shown: cut where it is long.
pub(super) fn shown(name: &str) -> String {
    const SHOWN: usize = 60;
    if name.chars().count() <= SHOWN {
        return name.to_owned();
    }
    name.chars().take(SHOWN).chain(['…']).collect()
}
