//! A file on its way from its sender to the folder of its import.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest, Sha256};
use tokio::sync::OwnedSemaphorePermit;

use super::record::ImportId;
use super::shelf::Shelf;
use super::{ImportsError, MAX_ENDING_CHARS, MAX_IMPORT_BYTES};

/// So many bytes are written at once.
const WRITTEN_AT_ONCE: usize = 1024 * 1024;

/// A file that arrives. Dropping it leaves nothing.
#[derive(Debug)]
pub struct Upload {
    pub(super) id: ImportId,
    pub(super) place: Option<OwnedSemaphorePermit>,
    /// Whoever writes into it has it, too.
    folder: Arc<Folder>,
    file: Option<Writing>,
    waiting: Vec<u8>,
    bytes: u64,
}

/// A folder that goes away with the last who has it, unless it is kept.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
    is_kept: AtomicBool,
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.is_kept.load(Ordering::Relaxed) {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

#[derive(Debug)]
struct Writing {
    file: File,
    hash: Sha256,
}

/// A file that has arrived as a whole.
pub(super) struct Arrived {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    pub(super) hash: [u8; 32],
}

impl Upload {
    pub(super) fn new(folders: &Shelf, id: ImportId, place: OwnedSemaphorePermit) -> Self {
        let folder = Arc::new(Folder { path: folders.of(id), is_kept: AtomicBool::new(false) });
        Self { id, place: Some(place), folder, file: None, waiting: Vec::new(), bytes: 0 }
    }

    /// Takes the next bytes of the file.
    ///
    /// # Errors
    /// [`ImportsError::TooLarge`] beyond [`MAX_IMPORT_BYTES`], and when the bytes cannot be written.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), ImportsError> {
        self.bytes += bytes.len() as u64;
        if self.bytes > MAX_IMPORT_BYTES {
            return Err(ImportsError::TooLarge);
        }
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= WRITTEN_AT_ONCE { self.flush().await } else { Ok(()) }
    }

    /// Writes what waits.
    async fn flush(&mut self) -> Result<(), ImportsError> {
        let bytes = std::mem::take(&mut self.waiting);
        let folder = Arc::clone(&self.folder);
        let writing = self.file.take();
        let written = tokio::task::spawn_blocking(move || {
            let begin = || {
                std::fs::create_dir_all(&folder.path)?;
                let file = File::create(folder.path.join("file"))?;
                Ok::<_, std::io::Error>(Writing { file, hash: Sha256::new() })
            };
            let mut writing = writing.map_or_else(begin, Ok)?;
            writing.file.write_all(&bytes)?;
            writing.hash.update(&bytes);
            Ok(writing)
        });
        let written: std::io::Result<Writing> = written.await.map_err(ImportsError::lost)?;
        self.file = Some(written.map_err(ImportsError::kept)?);
        Ok(())
    }

    /// Ends the file, which gets the ending that its sender gave it: by that some formats are told.
    pub(super) async fn finish(&mut self, name: &str) -> Result<Arrived, ImportsError> {
        self.flush().await?;
        let writing = self.file.take().ok_or_else(|| ImportsError::kept(ended()))?;
        let folder = Arc::clone(&self.folder);
        let path = match ending(name) {
            Some(ending) => folder.path.join(format!("file.{ending}")),
            None => folder.path.join("file"),
        };
        let named = path.clone();
        let renamed =
            tokio::task::spawn_blocking(move || std::fs::rename(folder.path.join("file"), path));
        renamed.await.map_err(ImportsError::lost)?.map_err(ImportsError::kept)?;
        Ok(Arrived { path: named, bytes: self.bytes, hash: writing.hash.finalize().into() })
    }

    /// Leaves the folder to the import, and gives its place among those that are taken in.
    pub(super) fn keep(mut self) -> Option<OwnedSemaphorePermit> {
        self.folder.is_kept.store(true, Ordering::Relaxed);
        self.place.take()
    }
}

fn ended() -> std::io::Error {
    std::io::Error::other("its file was given up")
}

/// The ending of a name, where it is a plain one.
fn ending(name: &str) -> Option<String> {
    let (_, ending) = name.rsplit_once('.')?;
    let is_plain = (1..=MAX_ENDING_CHARS).contains(&ending.len())
        && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_plain.then(|| ending.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_is_plain_or_none() {
        for (name, expected) in [
            ("gas.gpkg", Some("gpkg")),
            ("Gas.SHP.ZIP", Some("zip")),
            ("gas", None),
            ("gas.", None),
            ("gas.a/b", None),
            ("gas.中文", None),
            ("gas.abcdefghij", None),
            ("gas.abcdefgh", Some("abcdefgh")),
            ("gas.abcdefghi", None),
        ] {
            assert_eq!(ending(name).as_deref(), expected, "{name}");
        }
    }
}
