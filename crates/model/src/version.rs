//! Versions on two time axes, and the changes that made them.

use jiff::Timestamp;

use crate::{Asset, Event};

/// How a change is meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verb {
    /// The street changed: a new version is valid from a moment on.
    Update,
    /// We had it wrong: the period stays, what is said of it is replaced.
    Correct,
}

impl Verb {
    /// The verb as it is stored and shown.
    pub fn code(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Correct => "correct",
        }
    }

    /// The verb of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Update, Self::Correct].into_iter().find(|verb| verb.code() == code)
    }
}

/// One change by a user: all or nothing, one step of the change sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeSet {
    /// Its place in the change sequence, which starts at 1 and has no gaps.
    pub sequence: u64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Who made it.
    pub actor: String,
    /// How it is meant.
    pub verb: Verb,
    /// Why it was made.
    pub reason: String,
    /// Where it came from, such as `import gas.geojson`.
    pub origin: String,
    /// Where the knowledge comes from, as whoever made it says; of an import, whose keys the keys are.
    pub source: Option<String>,
}

/// A version with both of its periods.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// What it says and when that was true in the street.
    pub asset: Asset,
    /// The change that recorded it.
    pub recorded: ChangeSet,
    /// The change that replaced it in our knowledge; `None` while it stands.
    pub superseded: Option<ChangeSet>,
    /// The change that told when its validity ended; `None` while it is valid.
    pub ended: Option<ChangeSet>,
}

/// An event with the changes that made it known.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedEvent {
    /// Which event of its asset it is, counted from 1 in the order of recording.
    pub number: u32,
    /// What happened.
    pub event: Event,
    /// The change that recorded it.
    pub recorded: ChangeSet,
    /// The change that replaced it in our knowledge; `None` while it stands.
    pub superseded: Option<ChangeSet>,
}
