//! Since when something is so, as people write it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A time with its offset, or the first moment of a day in UTC; `None` for any other text.
///
/// ```
/// # use terrier_catalog::beginning;
/// assert_eq!(beginning("2024-05-01"), beginning("2024-05-01T08:00:00+08:00"));
/// assert_eq!(beginning("soon"), None);
/// ```
pub fn beginning(text: &str) -> Option<Timestamp> {
    let of_day = || TimeZone::UTC.to_timestamp(text.parse::<Date>().ok()?.at(0, 0, 0, 0)).ok();
    text.parse().ok().or_else(of_day)
}
