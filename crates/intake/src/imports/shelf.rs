//! The folder of imports: one folder for each, and what lies in it.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::record::{ImportId, Record};

const RECORD: &str = "import.json";
const REPORT: &str = "report.json";
const REFUSED: &str = "refused.geojson";

/// The folder of imports, which this server alone uses as long as this lives.
#[derive(Debug)]
pub(super) struct Shelf {
    folder: PathBuf,
    _lock: File,
}

impl Drop for Shelf {
    fn drop(&mut self) {
        // Where nothing was ever sent, a registry stays the one file that it is; what holds anything stays.
        let _ = std::fs::remove_dir(&self.folder);
    }
}

impl Shelf {
    /// Takes the folder; `None` when another server has it.
    pub(super) fn take(folder: &Path) -> std::io::Result<Option<Self>> {
        std::fs::create_dir_all(folder)?;
        let lock = File::open(folder)?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self { folder: folder.into(), _lock: lock })),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(error)) => Err(error),
        }
    }

    /// The imports that are there, with what is known of each. What is none, and what has been begun by a
    /// server that is no more, goes.
    pub(super) fn read(&self) -> std::io::Result<Vec<(ImportId, Record)>> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let record = ImportId::parse(&name).and_then(|id| Some((id, self.record(id)?)));
            match record {
                Some(one) => found.push(one),
                None => remove(&path)?,
            }
        }
        Ok(found)
    }

    fn record(&self, id: ImportId) -> Option<Record> {
        let text = std::fs::read(self.of(id).join(RECORD)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// The folder of an import.
    pub(super) fn of(&self, id: ImportId) -> PathBuf {
        self.folder.join(id.to_string())
    }

    /// Where the refused rows of an import are kept.
    pub(super) fn refused(&self, id: ImportId) -> PathBuf {
        self.of(id).join(REFUSED)
    }

    /// Keeps the state of an import.
    pub(super) fn keep(&self, id: ImportId, record: &Record) -> std::io::Result<()> {
        let text = serde_json::to_vec(record)?;
        write_whole(&self.of(id).join(RECORD), &text)
    }

    /// Keeps the report of an import, and answers how many bytes it has.
    pub(super) fn keep_report(&self, id: ImportId, report: &Json) -> std::io::Result<u64> {
        let text = serde_json::to_vec(report)?;
        write_whole(&self.of(id).join(REPORT), &text)?;
        Ok(text.len() as u64)
    }

    /// The report of an import; `None` when there is none.
    pub(super) fn report(&self, id: ImportId) -> std::io::Result<Option<Json>> {
        match std::fs::read(self.of(id).join(REPORT)) {
            Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes everything of an import but what is kept of one that came to its end.
    pub(super) fn clear(&self, id: ImportId) -> std::io::Result<()> {
        for entry in std::fs::read_dir(self.of(id))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default();
            if ![RECORD, REPORT, REFUSED].iter().any(|kept| name == *kept) {
                remove(&path)?;
            }
        }
        Ok(())
    }

    /// Removes an import.
    pub(super) fn remove(&self, id: ImportId) -> std::io::Result<()> {
        remove(&self.of(id))
    }
}

fn remove(path: &Path) -> std::io::Result<()> {
    if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }
}

/// Writes a file that is there as a whole or not at all.
fn write_whole(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    let mut file = File::create(&unfinished)?;
    file.write_all(text)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, path)
}
