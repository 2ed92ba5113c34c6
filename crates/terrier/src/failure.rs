//! How a command fails: one sentence with its causes, and an exit code.

use std::error::Error;
use std::process::ExitCode;

use terrier_intake::IntakeError;
use terrier_store::{ErrorChain, LedgerError};

/// Something failed; nothing was written.
pub(crate) const FAILED: u8 = 1;
/// The command line makes no sense.
pub(crate) const USAGE: u8 = 2;
/// Rows of a file were refused.
pub(crate) const REFUSED: u8 = 3;
/// A check found something wrong.
pub(crate) const UNSOUND: u8 = 4;
/// Somebody else is writing, or has written meanwhile.
pub(crate) const BUSY: u8 = 5;

/// A command that cannot be done.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    /// A failure in words.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { code: FAILED, message: message.into() }
    }

    /// A command line that was understood but makes no sense.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { code: USAGE, message: message.into() }
    }

    /// A failure with its cause.
    pub(crate) fn because(message: impl Into<String>, cause: impl Error) -> Self {
        Self::new(format!("{}: {}", message.into(), ErrorChain(&cause)))
    }

    /// Says what failed, and gives the exit code.
    pub(crate) fn report(self) -> ExitCode {
        crate::output::say(format!("error: {}", self.message));
        ExitCode::from(self.code)
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        let code = match error {
            LedgerError::Busy | LedgerError::ClassChanged { .. } => BUSY,
            _ => FAILED,
        };
        Self { code, message: ErrorChain(&error).to_string() }
    }
}

impl From<IntakeError> for Failure {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::Ledger(error) => error.into(),
            other => Self::new(ErrorChain(&other).to_string()),
        }
    }
}

macro_rules! fails_with {
    ($($error:ty),*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new(ErrorChain(&error).to_string())
            }
        })*
    };
}

fails_with!(
    terrier_api::BindError,
    terrier_exchange::FaultFileError,
    terrier_exchange::GeoPackageError,
    terrier_exchange::MappingError,
    terrier_exchange::ReadError,
    terrier_exchange::WriteError,
    terrier_intake::ImportsError
);
