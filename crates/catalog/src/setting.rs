//! What may be set of a registry, as it is written.

use jiff::tz::TimeZone;
use terrier_model::{Classes, Names};

use crate::query::{shorten, unknown_name};

/// The name of the setting that says in which time zone the registry's days begin and end.
pub const TIME_ZONE: &str = "time_zone";

/// The name of the setting that says which classes of asset are shown to who brings no key.
pub const PUBLIC_COLLECTIONS: &str = "public_collections";

/// The name of the setting that says which classes are edited only by who has seen the newest version.
pub const STRICT_COLLECTIONS: &str = "strict_collections";

/// The name of the setting that says of which classes it is written down who reads them; where it was never
/// set, of those that are not public.
pub const RESTRICTED_COLLECTIONS: &str = "restricted_collections";

/// What stands for no class at all.
pub const NO_COLLECTIONS: &str = "none";

/// What stands for all classes, those too that come later.
const ALL_COLLECTIONS: &str = "*";

/// How many names that are like a wrong one are told.
const NEAR_MAX: usize = 3;

/// Less alike than this, a guess would only puzzle.
const NEAR_ENOUGH: f64 = 0.7;

/// A text that names no time zone.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no time zone `{found}`, expected {expected}")]
pub struct TimeZoneError {
    /// The text, or the beginning of it.
    pub found: String,
    /// What would have been right.
    pub expected: String,
}

/// A text that names a class which there is not.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{found}`: {expected}; expected names of classes with commas between, `*` or `none`")]
pub struct ClassNamesError {
    /// The name, or the beginning of it.
    pub found: String,
    /// What it is like.
    pub expected: String,
}

/// The classes that a text names: names with commas between, `*` for all, `none` for none.
///
/// # Errors
/// The first that is no class of the registry.
pub fn class_names(text: &str, classes: &Classes) -> Result<Names, ClassNamesError> {
    let names = class_names_as_kept(text);
    if let Names::These(names) = &names
        && let Some(name) = names.iter().find(|name| classes.get(name).is_none())
    {
        let expected = unknown_name(name, classes.iter().map(|class| class.name()));
        return Err(ClassNamesError { found: shorten(name), expected });
    }
    Ok(names)
}

/// The same without a look at the classes, for a text that [`class_names_text`] wrote.
pub fn class_names_as_kept(text: &str) -> Names {
    match text.trim() {
        ALL_COLLECTIONS => Names::All,
        NO_COLLECTIONS => Names::none(),
        names => Names::These(names.split(',').map(|name| name.trim().into()).collect()),
    }
}

/// The text of which [`class_names`] makes these names.
pub fn class_names_text(names: &Names) -> String {
    match names {
        Names::All => ALL_COLLECTIONS.into(),
        Names::These(names) if names.is_empty() => NO_COLLECTIONS.into(),
        Names::These(names) => names.iter().map(|name| &**name).collect::<Vec<_>>().join(","),
    }
}

/// The time zone of a name of the IANA database, in whatever case. The database is that of the program,
/// so the same name means the same days on every machine.
///
/// # Errors
/// For any other text, with the names that it is most like.
pub fn time_zone(name: &str) -> Result<TimeZone, TimeZoneError> {
    let known = TimeZone::get(name).ok().filter(|zone| !zone.is_unknown());
    known.ok_or_else(|| {
        let near = near(name);
        let expected = match &*near {
            [] => "an IANA name such as `Asia/Shanghai`".to_owned(),
            near => near.join(" or "),
        };
        TimeZoneError { found: shorten(name), expected }
    })
}

/// The name of a time zone of [`time_zone`]; `UTC` for one that has none.
pub fn time_zone_name(zone: &TimeZone) -> &str {
    zone.iana_name().filter(|_| !zone.is_unknown()).unwrap_or("UTC")
}

/// The names most like a text, each in quotation marks.
fn near(text: &str) -> Vec<String> {
    let text = shorten(text).to_lowercase();
    let mut near: Vec<(f64, String)> = jiff::tz::db()
        .available()
        .map(|name| {
            let known = name.as_str().to_lowercase();
            // Who leaves out the continent names a city.
            let city = known.rsplit('/').next().unwrap_or_default();
            let likeness = |known: &str| strsim::normalized_damerau_levenshtein(known, &text);
            (likeness(&known).max(likeness(city)), name.to_string())
        })
        .filter(|(likeness, _)| *likeness >= NEAR_ENOUGH)
        .collect();
    near.sort_by(|(a, one), (b, other)| b.total_cmp(a).then_with(|| one.cmp(other)));
    near.into_iter().take(NEAR_MAX).map(|(_, name)| format!("`{name}`")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{class_from_toml, shipped_classes};

    fn check(text: &str, expected: &str) {
        let told = match time_zone(text) {
            Ok(zone) => time_zone_name(&zone).to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(told, expected);
    }

    #[test]
    fn a_time_zone_is_known_by_its_name_in_whatever_case() {
        check("Asia/Shanghai", "Asia/Shanghai");
        check("asia/shanghai", "Asia/Shanghai");
        check("UTC", "UTC");
        check("Etc/GMT+12", "Etc/GMT+12");
    }

    #[test]
    fn public_collections_are_names_of_classes_all_or_none() {
        let classes: Classes = shipped_classes()
            .iter()
            .map(|(_, text)| class_from_toml(text).expect("a class"))
            .collect();
        let check = |text: &str, expected: &str| {
            let told = match class_names(text, &classes) {
                Ok(names) => class_names_text(&names),
                Err(error) => error.to_string(),
            };
            assert_eq!(told, expected, "{text}");
        };
        let usual = "expected names of classes with commas between, `*` or `none`";
        check("*", "*");
        check("none", "none");
        check("manholes", "manholes");
        check(" manholes, gas_pipes ", "gas_pipes,manholes");
        check("manhole", &format!("`manhole`: not known here; did you mean `manholes`?; {usual}"));
        for text in ["", "manholes,", "manholes,*"] {
            let found = if text.ends_with('*') { "*" } else { "" };
            check(text, &format!("`{found}`: not known here; {usual}"));
        }
    }

    #[test]
    fn what_is_no_time_zone_is_refused_with_the_names_most_like_it() {
        check("Asia/Shanghia", "no time zone `Asia/Shanghia`, expected `Asia/Shanghai`");
        check("shanghai", "no time zone `shanghai`, expected `Asia/Shanghai`");
        let usual = "expected an IANA name such as `Asia/Shanghai`";
        for text in ["", "+08:00", "Beijing time", "Etc/Unknown", "../../etc/passwd", "北京"] {
            check(text, &format!("no time zone `{text}`, {usual}"));
        }
        let long = "x".repeat(10_000);
        check(&long, &format!("no time zone `{}`, {usual}", &long[..80]));
    }
}
