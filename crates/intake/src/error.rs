//! Why a file was not taken in.

use terrier_exchange::{FaultFileError, ReadError};
use terrier_store::LedgerError;

/// Why nothing of a file was taken in.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The file cannot be read to its end.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The registry cannot take it.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The refused rows cannot be kept.
    #[error(transparent)]
    Faults(#[from] FaultFileError),
    /// An option says nothing about files of the format.
    #[error("`{option}` says nothing about `{file}`, which is {format}")]
    Foreign {
        /// The option.
        option: &'static str,
        /// The file.
        file: String,
        /// The name of its format.
        format: &'static str,
    },
    /// Whoever read the file has come to grief.
    #[error("cannot read the file")]
    Lost {
        /// How.
        source: tokio::task::JoinError,
    },
}
