//! The folder of the registry.

use std::path::{Path, PathBuf};

use terrier_catalog::shipped_classes;
use terrier_store::{Ledger, LedgerError};

use crate::clock;

/// The folder that was named, or the usual one.
pub(crate) fn chosen(data: Option<PathBuf>) -> PathBuf {
    data.unwrap_or_else(|| "terrier-data".into())
}

/// The registry of the folder; a new one with the shipped classes where there is nothing yet.
pub(crate) async fn open_or_create(folder: &Path) -> Result<Ledger, LedgerError> {
    if Ledger::exists(folder) {
        return Ledger::open(folder).await;
    }
    Ledger::create(folder, shipped_classes(), clock::now(), &user()).await
}

/// Who runs the program, as far as it can be told.
pub(crate) fn user() -> String {
    std::env::var("USER").ok().filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown".into())
}
