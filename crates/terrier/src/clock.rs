//! The clock, which only the program reads.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use terrier_api::Clock;
use terrier_catalog::time_zone as time_zone_of;
use terrier_model::AssetId;

/// The clock of the machine; the day may be another one, to see how things will stand then.
#[derive(Debug)]
pub(crate) struct MachineClock {
    pub(crate) today: Option<Date>,
}

impl Clock for MachineClock {
    fn now(&self) -> Timestamp {
        now()
    }

    fn today(&self, time_zone: &TimeZone) -> Date {
        self.today.unwrap_or_else(|| today(time_zone))
    }

    fn new_id(&self) -> AssetId {
        new_id()
    }
}

/// The moment, to the millisecond: finer times only make longer texts.
pub(crate) fn now() -> Timestamp {
    let millis = Timestamp::now().as_millisecond();
    Timestamp::from_millisecond(millis).expect("the moment is within the calendar")
}

/// The day that it is in a time zone.
pub(crate) fn today(time_zone: &TimeZone) -> Date {
    time_zone.to_datetime(now()).date()
}

/// The time zone that the machine is set to; UTC where it is set to none that has a name.
pub(crate) fn time_zone() -> TimeZone {
    let named = TimeZone::try_system().ok().and_then(|zone| zone.iana_name().map(time_zone_of));
    named.and_then(Result::ok).unwrap_or(TimeZone::UTC)
}

/// An id that nobody has.
pub(crate) fn new_id() -> AssetId {
    AssetId::from_bytes(uuid::Uuid::now_v7().into_bytes())
}
