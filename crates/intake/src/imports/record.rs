//! What is kept of an import: its state, as memory and a small document beside its files hold it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use terrier_model::AssetId;

/// Which import. Later ones have greater ids.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ImportId(AssetId);

impl ImportId {
    /// An import of an id that nobody has.
    pub(super) fn new(id: AssetId) -> Self {
        Self(id)
    }

    /// The import of that text; `None` when it is no id.
    pub fn parse(text: &str) -> Option<Self> {
        AssetId::parse(text).map(Self)
    }
}

impl fmt::Display for ImportId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The file is here, and others are before it.
    Waiting,
    /// It is being read.
    Running,
    /// It was read to its end; what was good of it is taken.
    Done,
    /// A row was refused, so nothing was taken.
    Refused,
    /// It could not be read or written; nothing was taken.
    Failed,
    /// The server ended before it was done; nothing was taken.
    Interrupted,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Running, Self::Done, Self::Refused, Self::Failed, Self::Interrupted];

    /// The state as it is shown.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }

    /// Whether nothing more comes of it.
    pub fn is_end(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }

    /// Whether the same file, sent again under the same name, is told what came of it, and not taken in
    /// anew.
    pub(super) fn answers_again(self) -> bool {
        !matches!(self, Self::Failed | Self::Interrupted)
    }
}

/// An import.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// How far it has come.
    pub state: State,
    /// What its sender calls the file.
    pub file: String,
    /// How many bytes the file has.
    pub bytes: u64,
    /// Into which classes its rows may go.
    pub collections: Vec<String>,
    /// Who sent it.
    pub actor: String,
    /// When it was sent, in microseconds of the epoch.
    pub created_us: i64,
    /// When it came to its end, likewise.
    pub ended_us: Option<i64>,
    /// Whether nothing is to be written.
    pub dry_run: bool,
    /// Whether nothing is to be taken when a row is refused.
    pub strict: bool,
    /// How many rows have been read.
    pub rows: u64,
    /// The change that it is.
    pub change: Option<u64>,
    /// Why it failed.
    pub error: Option<String>,
    /// Whether that is for its sender to mend.
    pub is_of_sender: bool,
    /// How many refused rows are kept; `None` where no file of them is.
    pub refused_kept: Option<u64>,
    /// How many bytes are kept of it.
    pub kept_bytes: u64,
    /// What its sender, or the server, calls the request.
    pub request_key: String,
    /// The SHA-256 of what was asked for.
    pub request_hash: [u8; 32],
}

impl Record {
    /// When it was sent.
    pub fn created_at(&self) -> Timestamp {
        Timestamp::from_microsecond(self.created_us).unwrap_or_default()
    }

    /// When it came to its end.
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.ended_us.and_then(|moment| Timestamp::from_microsecond(moment).ok())
    }
}
