//! The clock, which only the program reads.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use terrier_api::Clock;
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

    fn today(&self) -> Date {
        self.today.unwrap_or_else(today)
    }
}

/// The moment, to the millisecond: finer times only make longer texts.
pub(crate) fn now() -> Timestamp {
    let millis = Timestamp::now().as_millisecond();
    Timestamp::from_millisecond(millis).expect("the moment is within the calendar")
}

/// The day that it is where the machine is.
pub(crate) fn today() -> Date {
    TimeZone::system().to_datetime(Timestamp::now()).date()
}

/// An id that nobody has.
pub(crate) fn new_id() -> AssetId {
    AssetId::from_bytes(uuid::Uuid::now_v7().into_bytes())
}
