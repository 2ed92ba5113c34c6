//! What may be set of a registry, as it is written.

use jiff::tz::TimeZone;

use crate::query::shorten;

/// The name of the setting that says in which time zone the registry's days begin and end.
pub const TIME_ZONE: &str = "time_zone";

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
