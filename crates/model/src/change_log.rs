//! What changes did: to the assets of each class, and to single ones.

use crate::{Asset, ChangeSet, RecordedEvent, Version};

/// What a change did to the assets of a class.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChangeEffect {
    /// The name of the class.
    pub class: Box<str>,
    /// Assets that were not known before.
    pub created: u64,
    /// Versions that follow on others.
    pub changed: u64,
    /// Assets that are no more.
    pub retired: u64,
    /// Events that were recorded.
    pub events: u64,
    /// Events that no longer stand.
    pub events_superseded: u64,
}

/// A change, and what it did, in the order of the names of classes.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedChange {
    /// The change.
    pub change: ChangeSet,
    /// What it did; empty when it concerned no asset.
    pub effects: Vec<ChangeEffect>,
}

/// What a change did to one asset.
#[derive(Clone, Debug)]
pub enum LoggedEdit {
    /// A version was written. With it comes the one before, unless it is the first.
    Version(Option<Box<Version>>, Box<Version>),
    /// The asset is no more; this is its last version.
    Retired(Box<Version>),
    /// Something happened to an asset, or did not happen after all.
    Event(Box<Version>, Box<RecordedEvent>),
}

impl LoggedEdit {
    /// The asset: as the edit left it, or of an event as its first version has it.
    pub fn asset(&self) -> &Asset {
        match self {
            Self::Version(_, own) | Self::Retired(own) | Self::Event(own, _) => &own.asset,
        }
    }
}
