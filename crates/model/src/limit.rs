//! How much somebody may ask for, whatever they may see.

/// The most requests a minute that a limit may be; more is no limit.
pub const MAX_REQUESTS_PER_MINUTE: u32 = 1_000_000;

/// The most features a day that a limit may be; more is no limit.
pub const MAX_FEATURES_PER_DAY: u64 = 1_000_000_000_000;

/// The largest area of an export that a limit may be, in square kilometres: more than the earth has.
pub const MAX_EXPORT_AREA_KM2: f64 = 1e9;

/// The limits of a role or a key. What is `None` has none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// Requests a minute; so many may come at once after a minute without.
    pub requests_per_minute: Option<u32>,
    /// Features a civil day where the registry is.
    pub features_per_day: Option<u64>,
    /// The area of one answer that gives geometries of restricted collections, in square kilometres on the
    /// WGS 84 ellipsoid.
    pub export_area_km2: Option<f64>,
}

/// A limit that is none.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{name}`: expected {expected}")]
pub struct LimitError {
    /// Which limit.
    pub name: &'static str,
    /// What would have been right.
    pub expected: &'static str,
}

impl Limits {
    /// No limit at all.
    pub const NONE: Self =
        Self { requests_per_minute: None, features_per_day: None, export_area_km2: None };

    /// The limits, when each lies within its bounds.
    ///
    /// # Errors
    /// The first that does not.
    pub fn checked(self) -> Result<Self, LimitError> {
        let Self { requests_per_minute, features_per_day, export_area_km2 } = self;
        let wrong = |name, expected| Err(LimitError { name, expected });
        if requests_per_minute.is_some_and(|limit| !(1..=MAX_REQUESTS_PER_MINUTE).contains(&limit))
        {
            return wrong("requests_per_minute", "a whole number from 1 to 1000000");
        }
        if features_per_day.is_some_and(|limit| !(1..=MAX_FEATURES_PER_DAY).contains(&limit)) {
            return wrong("features_per_day", "a whole number from 1 to 1000000000000");
        }
        if export_area_km2.is_some_and(|limit| !(limit > 0.0 && limit <= MAX_EXPORT_AREA_KM2)) {
            return wrong("export_area_km2", "a number above 0, at most 1000000000");
        }
        Ok(self)
    }

    /// Of each the one that allows less.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        fn least<T: PartialOrd>(one: Option<T>, other: Option<T>) -> Option<T> {
            match (one, other) {
                (Some(one), Some(other)) => Some(if other < one { other } else { one }),
                (one, other) => one.or(other),
            }
        }
        Self {
            requests_per_minute: least(self.requests_per_minute, other.requests_per_minute),
            features_per_day: least(self.features_per_day, other.features_per_day),
            export_area_km2: least(self.export_area_km2, other.export_area_km2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_lies_within_its_bounds() {
        let check = |limits: Limits, expected: Option<&str>| {
            let told = limits.checked().err().map(|error| error.name);
            assert_eq!(told, expected, "{limits:?}");
        };
        check(Limits::NONE, None);
        let requests = |limit| Limits { requests_per_minute: Some(limit), ..Limits::NONE };
        check(requests(0), Some("requests_per_minute"));
        check(requests(1), None);
        check(requests(MAX_REQUESTS_PER_MINUTE), None);
        check(requests(MAX_REQUESTS_PER_MINUTE + 1), Some("requests_per_minute"));
        let features = |limit| Limits { features_per_day: Some(limit), ..Limits::NONE };
        check(features(0), Some("features_per_day"));
        check(features(MAX_FEATURES_PER_DAY), None);
        check(features(MAX_FEATURES_PER_DAY + 1), Some("features_per_day"));
        let area = |limit| Limits { export_area_km2: Some(limit), ..Limits::NONE };
        check(area(0.0), Some("export_area_km2"));
        check(area(f64::MIN_POSITIVE), None);
        check(area(MAX_EXPORT_AREA_KM2), None);
        check(area(MAX_EXPORT_AREA_KM2 + 1.0), Some("export_area_km2"));
        check(area(f64::NAN), Some("export_area_km2"));
        check(area(f64::INFINITY), Some("export_area_km2"));
    }

    #[test]
    fn of_two_limits_the_stricter_holds() {
        let one = Limits {
            requests_per_minute: Some(60),
            features_per_day: None,
            export_area_km2: Some(25.0),
        };
        let other = Limits {
            requests_per_minute: Some(50),
            features_per_day: Some(9),
            export_area_km2: Some(30.0),
        };
        let expected = Limits {
            requests_per_minute: Some(50),
            features_per_day: Some(9),
            export_area_km2: Some(25.0),
        };
        assert_eq!(one.stricter(other), expected);
        assert_eq!(other.stricter(one), expected);
        assert_eq!(one.stricter(Limits::NONE), one);
    }
}
