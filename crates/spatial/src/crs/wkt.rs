//! Which coordinate system a well-known text names: both the old form (OGC 01-009, Esri's `.prj`)
//! and that of ISO 19162. The text is not taken for a definition.

use super::{Crs, CrsError, name, table};

/// The longest text that is read, in bytes.
pub const MAX_WKT_BYTES: usize = 64 * 1024;
/// How deep brackets may lie in brackets.
pub const MAX_WKT_DEPTH: usize = 32;

/// `KEYWORD[value, value, …]`.
#[derive(Debug, Default)]
struct Node {
    keyword: String,
    texts: Vec<String>,
    words: Vec<String>,
    children: Vec<Node>,
}

pub(super) fn find(text: &str) -> Result<Crs, CrsError> {
    if text.len() > MAX_WKT_BYTES {
        return Err(CrsError::Wkt {
            found: format!("{} bytes", text.len()),
            expected: "at most 65536",
        });
    }
    let root = parse(text)?;
    // A compound system is one for the ground and one for heights, which are left away.
    let is_compound = matches!(root.keyword.as_str(), "COMPD_CS" | "COMPOUNDCRS");
    let ground = if is_compound { root.children.first().unwrap_or(&root) } else { &root };
    let crs = named(ground)?;
    agree(ground, &crs)?;
    Ok(crs)
}

/// The system by the code of the node, else by its name.
fn named(node: &Node) -> Result<Crs, CrsError> {
    let systems = [
        "GEOGCS",
        "GEOGCRS",
        "GEOGRAPHICCRS",
        "GEODCRS",
        "GEODETICCRS",
        "PROJCS",
        "PROJCRS",
        "PROJECTEDCRS",
    ];
    if !systems.contains(&node.keyword.as_str()) {
        return Err(CrsError::Wkt {
            found: format!("`{}`", name::shown(&node.keyword)),
            expected: "a geographic or a projected system",
        });
    }
    let own_name = node.texts.first().map_or("", String::as_str);
    let code = node.children.iter().rev().find_map(|child| {
        if !matches!(child.keyword.as_str(), "AUTHORITY" | "ID") {
            return None;
        }
        let mut values = child.texts.iter().chain(&child.words);
        Some(format!("{}:{}", values.next()?, values.next()?))
    });
    match code.map(|code| Crs::find(&code)) {
        Some(Ok(crs)) => Ok(crs),
        // A code that nobody here knows may stand beside a name that is known.
        Some(Err(error)) => by_name(own_name).ok_or(error),
        None => by_name(own_name).ok_or_else(|| unknown(own_name)),
    }
}

fn by_name(own_name: &str) -> Option<Crs> {
    let spelled = spelling(own_name);
    let mut entries = table::entries();
    let found = entries.find(|entry| {
        spelling(&entry.name) == spelled || (!spelled.is_empty() && spelling(entry.esri) == spelled)
    });
    found.map(table::Entry::into_crs)
}

/// Names of older systems want parameters, as their codes do.
fn unknown(own_name: &str) -> CrsError {
    let spelled = spelling(own_name);
    let families = [("BEIJING1954", "Beijing 1954"), ("XIAN1980", "Xian 1980")];
    match families.iter().find(|(start, _)| spelled.starts_with(start)) {
        Some((_, family)) => CrsError::WantsParameters { code: name::shown(own_name), family },
        None => CrsError::Unknown { name: name::shown(own_name) },
    }
}

/// The letters and digits of a name, with what Esri and EPSG spell differently spelled alike.
fn spelling(own_name: &str) -> String {
    let letters: String = own_name.chars().filter(char::is_ascii_alphanumeric).collect();
    let letters = letters.to_ascii_uppercase();
    let letters = letters.strip_prefix("GCS").unwrap_or(&letters);
    [("GAUSSKRUGER", "GK"), ("WGS1984", "WGS84"), ("ETRS1989", "ETRS89"), ("NAD1983", "NAD83")]
        .iter()
        .fold(letters.to_owned(), |letters, (long, short)| letters.replace(long, short))
}

/// Whether the parameters that tell one zone from the next are those of the system.
fn agree(node: &Node, crs: &Crs) -> Result<(), CrsError> {
    let metres = crs.unit().metres().unwrap_or(1.0);
    let meridian = ["CENTRALMERIDIAN", "LONGITUDEOFNATURALORIGIN", "LONGITUDEOFFALSEORIGIN"];
    let easting = ["FALSEEASTING", "EASTINGATFALSEORIGIN", "EASTINGATPROJECTIONCENTRE"];
    let parameters = [
        ("central meridian", "+lon_0=", 1.0, 1e-6, meridian),
        ("false easting", "+x_0=", metres, 0.01, easting),
    ];
    for (parameter, key, unit, tolerance, spellings) in parameters {
        let expected = crs.definition().split(' ').find_map(|word| word.strip_prefix(key));
        let Some(expected) = expected.and_then(|number| number.parse::<f64>().ok()) else {
            continue;
        };
        let Some(found) = node.parameter(&spellings) else { continue };
        let off = (found * unit - expected).abs();
        if off.is_nan() || off > tolerance {
            return Err(CrsError::Contradiction {
                code: crs.code().to_owned(),
                parameter,
                found,
                expected: expected / unit,
            });
        }
    }
    Ok(())
}

impl Node {
    /// The number of the parameter that has one of these spellings, here or below.
    fn parameter(&self, spellings: &[&str]) -> Option<f64> {
        let own = self.keyword == "PARAMETER"
            && self.texts.first().is_some_and(|text| {
                let letters = text.chars().filter(char::is_ascii_alphanumeric);
                let letters = letters.collect::<String>().to_ascii_uppercase();
                spellings.contains(&letters.as_str())
            });
        if own {
            return self.words.first()?.parse().ok();
        }
        self.children.iter().find_map(|child| child.parameter(spellings))
    }
}

fn parse(text: &str) -> Result<Node, CrsError> {
    let fail = |found: &str, expected| CrsError::Wkt { found: found.into(), expected };
    let mut open: Vec<Node> = Vec::new();
    let mut word = String::new();
    let mut rest = text.trim_start_matches('\u{feff}').trim().chars();
    while let Some(letter) = rest.next() {
        match letter {
            '[' | '(' => {
                if open.len() == MAX_WKT_DEPTH {
                    return Err(fail("brackets 33 deep", "at most 32"));
                }
                let keyword = std::mem::take(&mut word).to_ascii_uppercase();
                open.push(Node { keyword, ..Node::default() });
            }
            ']' | ')' => {
                let mut node = open
                    .pop()
                    .ok_or_else(|| fail("a bracket that closes nothing", "brackets in pairs"))?;
                node.take_word(&mut word);
                match open.last_mut() {
                    Some(parent) => parent.children.push(node),
                    None if rest.as_str().trim().is_empty() => return Ok(node),
                    None => return Err(fail("text after the end", "one coordinate system")),
                }
            }
            '"' => {
                let node = open.last_mut().ok_or_else(|| fail("a quote", "a keyword first"))?;
                node.texts.push(
                    quoted(&mut rest)
                        .ok_or_else(|| fail("a quote that does not end", "quotes in pairs"))?,
                );
            }
            ',' => match open.last_mut() {
                Some(node) => node.take_word(&mut word),
                None => return Err(fail("a comma", "a keyword first")),
            },
            letter if letter.is_whitespace() => {}
            letter => word.push(letter),
        }
    }
    Err(fail(if open.is_empty() { "no bracket" } else { "the end" }, "`KEYWORD[…]`"))
}

/// The text up to the next quote; two quotes are one in it.
fn quoted(rest: &mut std::str::Chars<'_>) -> Option<String> {
    let mut text = String::new();
    loop {
        match rest.next()? {
            '"' if rest.as_str().starts_with('"') => {
                rest.next();
                text.push('"');
            }
            '"' => return Some(text),
            letter => text.push(letter),
        }
    }
}

impl Node {
    fn take_word(&mut self, word: &mut String) {
        if !word.is_empty() {
            self.words.push(std::mem::take(word));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let found = find(text).map_or_else(|error| error.to_string(), |crs| crs.code().to_owned());
        assert_eq!(found, expected, "{text}");
    }

    /// A projected system as Esri writes it, without a code.
    fn esri(own_name: &str, easting: f64, meridian: f64) -> String {
        format!(
            r#"PROJCS["{own_name}",GEOGCS["GCS_X",DATUM["D_X",SPHEROID["X",6378137.0,298.2]],
            PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],
            PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",{easting:?}],
            PARAMETER["Central_Meridian",{meridian:?}],UNIT["Meter",1.0]]"#
        )
    }

    #[test]
    fn a_code_at_the_end_names_the_system() {
        check(
            r#"GEOGCS["unsaid",DATUM["x",AUTHORITY["EPSG","1043"]],AUTHORITY["EPSG","4490"]]"#,
            "EPSG:4490",
        );
        check(
            r#"PROJCRS["x",BASEGEOGCRS["x",ID["EPSG",4490]],CONVERSION["x",
            PARAMETER["Longitude of natural origin",117,ANGLEUNIT["degree",0.0174]],
            PARAMETER["False easting",500000]],CS[Cartesian,2],ID["EPSG",4548]]"#,
            "EPSG:4548",
        );
        check(
            r#"COMPD_CS["x",GEOGCS["WGS 84",AUTHORITY["EPSG","4326"]],VERT_CS["x"]]"#,
            "EPSG:4326",
        );
    }

    #[test]
    fn names_of_esri_and_of_epsg_are_known() {
        check(&esri("CGCS2000_3_Degree_GK_CM_117E", 500_000.0, 117.0), "EPSG:4548");
        check(&esri("CGCS2000_3_Degree_GK_Zone_39", 39_500_000.0, 117.0), "EPSG:4527");
        check(&esri("CGCS2000 / 3-degree Gauss-Kruger CM 117E", 5e5, 117.0), "EPSG:4548");
        check(&esri("WGS_1984_UTM_Zone_50N", 5e5, 117.0), "EPSG:32650");
        check(&esri("ETRS_1989_UTM_Zone_32N", 5e5, 9.0), "EPSG:25832");
        check(&esri("ETRS_1989_GK25FIN", 25_500_000.0, 25.0), "EPSG:3879");
        check(&esri("EUREF_FIN_TM35FIN", 5e5, 27.0), "EPSG:3067");
        check(&esri("NAD_1983_UTM_Zone_13N", 5e5, -105.0), "EPSG:26913");
        check(&esri("DHDN_3_Degree_Gauss_Zone_3", 3_500_000.0, 9.0), "EPSG:31467");
        check(&esri("Hong_Kong_1980_Grid", 836_694.05, 114.178_555_555_556), "EPSG:2326");
        let illinois = "NAD_1983_StatePlane_Illinois_East_FIPS_1201_Feet";
        check(&esri(illinois, 984_250.0, -88.333_333_333_333_3), "EPSG:3435");
        for (name, code) in [
            ("GCS_WGS_1984", "EPSG:4326"),
            ("WGS 84", "EPSG:4326"),
            ("GCS_China_Geodetic_Coordinate_System_2000", "EPSG:4490"),
            ("GCS_ETRS_1989", "EPSG:4258"),
            ("GCS_North_American_1983", "EPSG:4269"),
            ("NAD83", "EPSG:4269"),
        ] {
            check(&format!(r#"GEOGCS["{name}",DATUM["x"]]"#), code);
        }
    }

    #[test]
    fn a_text_that_contradicts_its_name_is_refused() {
        check(
            &esri("CGCS2000_3_Degree_GK_CM_117E", 39_500_000.0, 117.0),
            "the well-known text says `EPSG:4548`, but its false easting is 39500000 where that \
             has 500000",
        );
        check(
            &esri("CGCS2000_3_Degree_GK_CM_117E", 500_000.0, 118.0),
            "the well-known text says `EPSG:4548`, but its central meridian is 118 where that has \
             117",
        );
    }

    #[test]
    fn other_systems_are_refused_by_the_name_in_the_text() {
        check(
            &esri("Tianjin_1990", 0.0, 117.0),
            "`Tianjin_1990` is not a coordinate system that Terrier knows; `terrier crs` lists them",
        );
        check(
            r#"GEOGCS["x",AUTHORITY["EPSG","4267"]]"#,
            "`EPSG:4267` is not a coordinate system that Terrier knows; `terrier crs` lists them",
        );
        let error = find(&esri("Beijing_1954_3_Degree_GK_CM_117E", 5e5, 117.0));
        assert!(matches!(error, Err(CrsError::WantsParameters { .. })), "{error:?}");
    }

    #[test]
    fn what_is_no_well_known_text_is_refused() {
        let read = |found: &str, expected: &str| {
            format!(
                "cannot read the well-known text of a coordinate system: {found}, expected \
                 {expected}"
            )
        };
        check("", &read("no bracket", "`KEYWORD[…]`"));
        check("EPSG:4548", &read("no bracket", "`KEYWORD[…]`"));
        check("GEOGCS[\"x\"", &read("the end", "`KEYWORD[…]`"));
        check("GEOGCS[\"x", &read("a quote that does not end", "quotes in pairs"));
        check("]", &read("a bracket that closes nothing", "brackets in pairs"));
        check("\"x\"", &read("a quote", "a keyword first"));
        check("GEOGCS[\"x\"] y", &read("text after the end", "one coordinate system"));
        check("VERT_CS[\"x\"]", &read("`VERT_CS`", "a geographic or a projected system"));
        check("LOCAL_CS[]", &read("`LOCAL_CS`", "a geographic or a projected system"));
    }

    #[test]
    fn the_bounds_on_length_and_depth_are_kept_on_both_sides() {
        let nested = |depth: usize| {
            let inner = depth - 1;
            format!(r#"GEOGCS["WGS 84",{}{}]"#, "A[".repeat(inner), "]".repeat(inner))
        };
        check(&nested(MAX_WKT_DEPTH), "EPSG:4326");
        assert!(matches!(find(&nested(MAX_WKT_DEPTH + 1)), Err(CrsError::Wkt { .. })));
        let text = r#"GEOGCS["WGS 84"]"#;
        let padded = format!("{text}{}", " ".repeat(MAX_WKT_BYTES - text.len()));
        check(&padded, "EPSG:4326");
        assert!(matches!(find(&format!("{padded} ")), Err(CrsError::Wkt { .. })));
    }
}
