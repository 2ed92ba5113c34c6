//! Opens an SQLite file of anybody, to read and nothing else, and says what SQLite could not do.
//!
//! What stands in such a file may be hostile: it is never written to, no function or table that could
//! do anything is called by its views, and no statement runs on without giving a row.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};

use super::wait::wait;
use crate::format::Format;
use crate::read_error::ReadError;

/// So many steps of SQLite's machine may pass without a row: some ten seconds.
pub(super) const MAX_STEPS: u64 = 1_000_000_000;

/// The most rows that a view may give, which nothing else bounds.
pub(super) const MAX_VIEW_ROWS: u64 = 10_000_000;

/// So many steps pass between two looks at their number.
const STEPS_A_LOOK: i32 = 10_000;

/// So many rows wait between SQLite and its reader, for each may be of the longest.
const ROWS_WAITING: usize = 16;

const HEADER_BYTES: usize = 100;

/// An SQLite file that is open.
pub(super) struct Database {
    pub(super) name: String,
    pub(super) connection: SqliteConnection,
    pub(super) steps: Steps,
}

/// How many steps have passed since the last row.
#[derive(Clone)]
pub(super) struct Steps(Arc<AtomicU64>);

impl Steps {
    /// There is a row.
    pub(super) fn begin(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

impl Database {
    /// # Errors
    /// When the file cannot be opened, is not whole, or is being written by somebody else.
    pub(super) fn open(name: String, path: &Path, max_steps: u64) -> Result<Self, ReadError> {
        check_header(&name, path)?;
        check_beside(&name, path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(true)
            // No lock is taken and no log is looked for.
            .immutable(true)
            .pragma("trusted_schema", "off")
            .pragma("cell_size_check", "on")
            .pragma("cache_size", "-16384")
            .row_buffer_size(ROWS_WAITING)
            .disable_statement_logging();
        let steps = Steps(Arc::new(AtomicU64::new(0)));
        let passed = Arc::clone(&steps.0);
        let connection = wait(async {
            let mut connection = options.connect().await?;
            connection.lock_handle().await?.set_progress_handler(STEPS_A_LOOK, move || {
                let looked = u64::from(STEPS_A_LOOK.unsigned_abs());
                passed.fetch_add(looked, Ordering::Relaxed) < max_steps
            });
            Ok(connection)
        });
        let connection = connection.map_err(|error| failed(&name, None, error))?;
        Ok(Self { name, connection, steps })
    }

    pub(super) fn unsound(
        &self,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> ReadError {
        unsound(&self.name, found, expected)
    }
}

/// What SQLite could not do with a file, after so many rows.
pub(super) fn failed(name: &str, rows: Option<u64>, error: sqlx::Error) -> ReadError {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    let is_interrupted = code.as_deref() == Some("9");
    let behind = rows.map(|rows| format!(" behind row {rows}")).unwrap_or_default();
    let (found, expected) = if is_interrupted {
        (format!("a view that is too costly{behind}"), "a row within a thousand million steps")
    } else {
        (format!("what SQLite cannot read{behind}"), "a sound file")
    };
    ReadError::Unsound {
        file: name.into(),
        format: Format::GeoPackage,
        found,
        expected: expected.into(),
        source: (!is_interrupted).then(|| Box::new(error).into()),
    }
}

pub(super) fn unsound(
    name: &str,
    found: impl Into<String>,
    expected: impl Into<String>,
) -> ReadError {
    ReadError::Unsound {
        file: name.into(),
        format: Format::GeoPackage,
        found: found.into(),
        expected: expected.into(),
        source: None,
    }
}

/// Checks that the file is as long as it says.
fn check_header(name: &str, path: &Path) -> Result<(), ReadError> {
    let open = |source| ReadError::Open { file: name.into(), source };
    let mut file = File::open(path).map_err(open)?;
    let metadata = file.metadata().map_err(open)?;
    if !metadata.is_file() {
        return Err(unsound(name, "a pipe or a device", "a file, for it is read at any place"));
    }
    let mut header = [0; HEADER_BYTES];
    match file.read_exact(&mut header) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            let found = format!("{} bytes", metadata.len());
            return Err(unsound(name, found, format!("at least {HEADER_BYTES}")));
        }
        Err(source) => return Err(ReadError::Read { file: name.into(), at: 0, source }),
    }
    let number = |at: usize| {
        let bytes = [header[at], header[at + 1], header[at + 2], header[at + 3]];
        u64::from(u32::from_be_bytes(bytes))
    };
    let page_bytes = match u64::from(u16::from_be_bytes([header[16], header[17]])) {
        1 => 65_536,
        bytes => bytes,
    };
    // A writer of before 2010 does not keep the number of pages, and leaves the two apart.
    let is_kept = number(24) == number(92);
    let expected = number(28) * page_bytes;
    if is_kept && metadata.len() < expected {
        let found = format!("{} bytes", metadata.len());
        return Err(unsound(name, found, format!("{expected}, as its header says")));
    }
    Ok(())
}

/// Checks that nothing lies beside the file that belongs into it: it would be read without that.
fn check_beside(name: &str, path: &Path) -> Result<(), ReadError> {
    const JOURNAL: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
    for ending in ["-wal", "-journal"] {
        let mut beside = path.as_os_str().to_owned();
        beside.push(ending);
        let beside = PathBuf::from(beside);
        let Ok(mut file) = File::open(&beside) else { continue };
        let mut begin = [0; JOURNAL.len()];
        let is_some = file.read_exact(&mut begin).is_ok();
        // A journal that is done with may stay, with zeros at its beginning.
        if is_some && (ending == "-wal" || begin == JOURNAL) {
            let found =
                format!("`{}` beside it, with changes that are not in it yet", beside.display());
            return Err(unsound(name, found, "that the program that writes it is closed first"));
        }
    }
    Ok(())
}
