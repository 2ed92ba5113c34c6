//! The ledger: versions, audit and classes, in one SQLite file of a folder.
//!
//! Its methods are whole use cases, each one transaction. Several processes may use the same
//! folder: readers never wait, a second writer waits for the first.

mod access;
mod audit;
mod change;
mod change_log;
mod class;
mod class_put;
mod content;
mod edit;
mod error;
mod event;
mod extent;
mod group;
mod history;
mod import;
mod known;
mod past;
mod read;
mod revert;
mod rule;
mod setting;
mod verify;
mod watch;
mod work;
mod write;

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use jiff::tz::TimeZone;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Row, SqlSafeStr};

pub use access::{
    Behind, FIRST_ORGANISATION, FIRST_PERSON, FIRST_ROLE, FirstAccess, FirstKeyPut, KeyFeatures,
    KeyPut, KeyRecord, KeyState, KeyUse, MAX_KEY_NOTE_CHARS, MAX_KEYS, MAX_ORGANISATIONS,
    MAX_PEOPLE, MAX_ROLES, Organisation, Person, RoleDocument, RolePut, RolePutReport, Writing,
};
pub use change::{Change, ChangeReport, ChangeSession, Request, Since};
pub use change_log::EditPage;
pub use class::ClassVersion;
use class::{KnownClass, KnownClasses};
pub use class_put::{ClassAction, ClassOutcome, ClassPut, ClassPutReport, MAX_CLASSES, Weighed};
pub use edit::{Edit, EditAction, EditRefusal, EditSet, Edited, Effect, Expected, MAX_EDITS};
pub use error::LedgerError;
pub use event::{EventOutcome, Occurrence};
pub use group::EditAnswer;
use group::Group;
pub use import::{Arrival, EventCounts, Name, Refusal};
pub use past::{PastPage, PastReading, PastSlice};
pub use revert::{LaterEdit, MAX_TOLD_LATER, RevertAnswer};
pub use rule::{MAX_RULE_PACKS, RuleDocument, RulePut, RulePutReport};
pub use setting::{CollectionSetting, CollectionsPut, SettingVersion, TimeZonePut};
pub use verify::Findings;
pub use work::{Judged, Retold};

/// The name of the file in the registry's folder.
pub const FILE_NAME: &str = "terrier.sqlite";

/// How long a writer waits for another before it says that the registry is busy.
const BUSY_WAIT: Duration = Duration::from_secs(30);

/// How many readers there may be at once, one of which watches; further ones wait.
const READERS: u32 = 5;

/// The forms that a registry has had, in order.
fn migrations() -> Migrator {
    let one = |version, name: &'static str, sql: &'static str| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(vec![
        one(1, "register", include_str!("../../../../migrations/sqlite/0001_register.sql")),
        one(2, "editing", include_str!("../../../../migrations/sqlite/0002_editing.sql")),
        one(3, "access", include_str!("../../../../migrations/sqlite/0003_access.sql")),
        one(4, "past", include_str!("../../../../migrations/sqlite/0004_past.sql")),
        one(5, "effects", include_str!("../../../../migrations/sqlite/0005_change_effects.sql")),
        one(6, "audit", include_str!("../../../../migrations/sqlite/0006_audit.sql")),
        one(7, "extents", include_str!("../../../../migrations/sqlite/0007_extents.sql")),
    ])
}

/// What a new registry starts with, and who makes it.
#[derive(Clone, Copy, Debug)]
pub struct Beginning<'a> {
    /// The classes: name and TOML document.
    pub classes: &'a [(&'a str, &'a str)],
    /// The packs of rules: name and TOML document.
    pub rules: &'a [(&'a str, &'a str)],
    /// The time zone in which its days begin and end; one of [`terrier_catalog::time_zone`].
    pub time_zone: &'a TimeZone,
    /// Who may see and do what.
    pub access: FirstAccess<'a>,
    /// When it is made.
    pub recorded_at: jiff::Timestamp,
    /// Who makes it.
    pub actor: &'a str,
}

/// The ledger of one registry.
#[derive(Debug)]
pub struct Ledger {
    writer: SqlitePool,
    readers: SqlitePool,
    classes: KnownClasses,
    group: Group,
}

impl Ledger {
    /// Whether there is a registry in the folder.
    pub fn exists(folder: &Path) -> bool {
        folder.join(FILE_NAME).exists()
    }

    /// Makes a registry in a folder that is empty or not there, and opens it. A registry that is not
    /// complete is never seen; one that somebody else makes at the same time is opened.
    ///
    /// # Errors
    /// When the folder holds something else, cannot be written, or a class or pack is none.
    pub async fn create(folder: &Path, beginning: &Beginning<'_>) -> Result<Self, LedgerError> {
        let nothing = async |_: &Self| Ok::<_, LedgerError>(());
        match Self::create_filled(folder, beginning, nothing).await {
            Err(LedgerError::Exists { .. }) => Self::open(folder).await,
            made => made.map(|(ledger, ())| ledger),
        }
    }

    /// The same, with something in it from the start: it is not seen before it is filled.
    ///
    /// # Errors
    /// As above, when filling fails, and [`LedgerError::Exists`] when somebody else made a registry
    /// there.
    pub async fn create_filled<T, E: From<LedgerError>>(
        folder: &Path,
        beginning: &Beginning<'_>,
        fill: impl AsyncFnOnce(&Self) -> Result<T, E>,
    ) -> Result<(Self, T), E> {
        let fault = |source| LedgerError::Folder { folder: folder.into(), source };
        std::fs::create_dir_all(folder).map_err(fault)?;
        // Held until the end: of two programs that come at once, one makes the registry.
        let lock = File::open(folder).and_then(|lock| lock.lock().map(|()| lock)).map_err(fault)?;
        if Self::exists(folder) {
            return Err(LedgerError::Exists { folder: folder.into() }.into());
        }
        let draft = folder.join(format!("{FILE_NAME}.new"));
        for leftover in ["", "-wal", "-shm", "-journal"] {
            // What a killed predecessor left behind.
            let _ = std::fs::remove_file(folder.join(format!("{FILE_NAME}.new{leftover}")));
        }
        if std::fs::read_dir(folder).map_err(fault)?.next().is_some() {
            return Err(LedgerError::NotEmpty { folder: folder.into() }.into());
        }
        let pool = connect(&draft, true, false, 1).await?;
        migrations().run(&pool).await.map_err(|error| migration_error(folder, error))?;
        class::put_first(&pool, beginning).await?;
        pool.close().await;
        let ledger = Self::open_file(folder, &draft).await?;
        let filled = fill(&ledger).await?;
        // Closing the last connection empties the write-ahead log into the file.
        ledger.close().await;
        std::fs::rename(&draft, folder.join(FILE_NAME)).map_err(fault)?;
        drop(lock);
        Ok((Self::open(folder).await?, filled))
    }

    /// Opens the registry in the folder, and brings it to the newest form.
    ///
    /// # Errors
    /// When there is none, it is of another kind, or was written by a newer program.
    pub async fn open(folder: &Path) -> Result<Self, LedgerError> {
        let file = folder.join(FILE_NAME);
        let is_there = file.try_exists();
        if !is_there.map_err(|source| LedgerError::Folder { folder: folder.into(), source })? {
            return Err(LedgerError::NoRegistry { folder: folder.into() });
        }
        Self::open_file(folder, &file).await
    }

    async fn open_file(folder: &Path, file: &Path) -> Result<Self, LedgerError> {
        let writer = connect(file, false, false, 1).await?;
        check_kind(&writer, file).await?;
        migrations().run(&writer).await.map_err(|error| migration_error(folder, error))?;
        let readers = connect(file, false, true, READERS).await?;
        let ledger =
            Self { writer, readers, classes: KnownClasses::default(), group: Group::default() };
        ledger.adopt_changes().await?;
        ledger.measure_extents().await?;
        Ok(ledger)
    }

    /// Starts to write: waits for other writers, then keeps them waiting.
    async fn begin_writing(
        &self,
        doing: &'static str,
    ) -> Result<sqlx::Transaction<'static, sqlx::Sqlite>, LedgerError> {
        // A read lock that is turned into a write lock would fail at once instead of waiting.
        self.writer.begin_with("begin immediate").await.map_err(|error| match error {
            // The only writer of this process is taken by another change.
            sqlx::Error::PoolTimedOut => LedgerError::Busy,
            other => LedgerError::while_doing(doing)(other),
        })
    }

    /// Ends all connections; the last process to do so empties the write-ahead log.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// "Terr": what the file says of its kind.
const APPLICATION_ID: &str = "1415934578";

async fn connect(
    file: &Path,
    create: bool,
    read_only: bool,
    connections: u32,
) -> Result<SqlitePool, LedgerError> {
    let mut options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(create)
        .read_only(read_only)
        .busy_timeout(BUSY_WAIT)
        .foreign_keys(true)
        .pragma("cache_size", "-65536")
        // What a long import leaves of the write-ahead log is given back.
        .pragma("journal_size_limit", "67108864");
    if !read_only {
        options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    }
    if create {
        options = options.page_size(8192).pragma("application_id", APPLICATION_ID);
    }
    let pool = SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(BUSY_WAIT)
        .connect_with(options)
        .await;
    pool.map_err(LedgerError::while_opening(file))
}

async fn check_kind(pool: &SqlitePool, file: &Path) -> Result<(), LedgerError> {
    let fault = LedgerError::while_doing("read what kind of file the registry is");
    let row = sqlx::query("select application_id, sqlite_version() from pragma_application_id")
        .fetch_one(pool)
        .await
        .map_err(&fault)?;
    let (kind, release): (i64, String) =
        (row.try_get(0).map_err(&fault)?, row.try_get(1).map_err(&fault)?);
    if kind.to_string() != APPLICATION_ID {
        return Err(LedgerError::NotTerrier { file: file.into() });
    }
    let numbers: Vec<u32> = release.split('.').filter_map(|part| part.parse().ok()).collect();
    // Releases before 3.51.3 may corrupt a write-ahead log that two processes write.
    if numbers < vec![3, 51, 3] {
        return Err(LedgerError::OldSqlite { found: release });
    }
    Ok(())
}

fn migration_error(folder: &Path, error: MigrateError) -> LedgerError {
    let known = migrations().iter().map(|migration| migration.version).max().unwrap_or(0);
    match error {
        MigrateError::VersionMissing(found) => {
            LedgerError::Newer { folder: folder.into(), found, known }
        }
        MigrateError::Execute(source) => {
            LedgerError::while_doing("bring the registry to its newest form")(source)
        }
        other => LedgerError::Broken { what: format!("its record of forms: {other}") },
    }
}
