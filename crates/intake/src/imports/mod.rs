//! The files that are sent to a server: how they arrive, wait, are taken in, and what is kept of each.
//!
//! Knows nothing of HTTP. A folder of the registry holds everything, so that a server that starts again knows
//! what came of the imports before.

mod record;
mod run;
mod shelf;
mod upload;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use terrier_exchange::{Mapping, ReadOptions};
use terrier_model::{AssetId, Scope};
use terrier_store::{Change, LedgerError, Registry, Request};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};
use tokio::task::AbortHandle;

pub use record::{ImportId, Record, State};
use run::Work;
use shelf::Shelf;
pub use upload::Upload;

use crate::order::Purpose;

/// The most bytes of a file that is sent.
pub const MAX_IMPORT_BYTES: u64 = 256 * 1024 * 1024;

/// The most files at once that arrive, wait or are taken in. One of them writes, for the ledger has one
/// writer.
pub const MAX_IMPORTS_AT_ONCE: usize = 6;

/// So many imports are kept that came to their end; the oldest go.
pub const MAX_KEPT_IMPORTS: usize = 100;

/// So many bytes are kept of them; the oldest go.
pub const MAX_KEPT_IMPORT_BYTES: u64 = 1024 * 1024 * 1024;

/// So many bytes of refused rows are kept of one import, and one row more; the others are counted.
pub const MAX_REFUSED_ROWS_BYTES: u64 = 64 * 1024 * 1024;

/// The most characters of the ending of a file's name, for the file to be kept under one.
pub const MAX_ENDING_CHARS: usize = 8;

/// Why a file was not taken to be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportsError {
    /// As many are on their way as may be.
    #[error("{MAX_IMPORTS_AT_ONCE} files are on their way already")]
    Full,
    /// The file has too many bytes.
    #[error("a file may have at most {MAX_IMPORT_BYTES} bytes")]
    TooLarge,
    /// It cannot be kept.
    #[error("cannot keep a file that is to be imported")]
    Keep {
        /// Why.
        source: std::io::Error,
    },
    /// Whoever should have written it has come to grief.
    #[error("cannot write a file that is to be imported")]
    Lost {
        /// How.
        source: tokio::task::JoinError,
    },
    /// The registry cannot be asked.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl ImportsError {
    fn kept(source: std::io::Error) -> Self {
        Self::Keep { source }
    }

    fn lost(source: tokio::task::JoinError) -> Self {
        Self::Lost { source }
    }

    /// Whether there was no space left.
    pub fn is_of_space(&self) -> bool {
        let full = std::io::ErrorKind::StorageFull;
        matches!(self, Self::Keep { source } if source.kind() == full)
    }
}

/// A file that has been sent, and what is wanted of it.
#[derive(Debug)]
pub struct Sent {
    /// What its sender calls it; for messages.
    pub file: String,
    /// Whose rows become what.
    pub mapping: Arc<Mapping>,
    /// How it is to be read, as its sender says; before what the mapping says.
    pub options: ReadOptions,
    /// What is said of the change as a whole; the moment is set when it begins.
    pub change: Change,
    /// Whether it is written.
    pub purpose: Purpose,
    /// Whether nothing is taken when any row is refused.
    pub strict: bool,
    /// How much of the register its sender may change.
    pub scope: Scope,
    /// What its sender calls the request.
    pub key: Option<String>,
    /// What makes the request this one and no other, beside the bytes of the file.
    pub asked: Vec<u8>,
}

/// What became of a file that was sent.
#[derive(Debug)]
pub enum Answer {
    /// It is on its way.
    Begun(Import),
    /// The same request was made before.
    Known(Import),
    /// Its sender has made another request under the same name, or one that is not kept any more.
    KeyOfAnother {
        /// The change that it was, where it was one.
        change: Option<u64>,
    },
}

/// An import, for whoever asks about it.
#[derive(Clone, Debug)]
pub struct Import {
    /// Which one.
    pub id: ImportId,
    told: watch::Receiver<Record>,
    rows: Arc<AtomicU64>,
}

impl Import {
    /// How it stands.
    pub fn record(&self) -> Record {
        let record = self.told.borrow().clone();
        let rows =
            if record.state.is_end() { record.rows } else { self.rows.load(Ordering::Relaxed) };
        Record { rows, ..record }
    }

    /// Waits until nothing more comes of it.
    pub async fn ended(&self) {
        let mut told = self.told.clone();
        // Whoever told it lives as long as the server.
        let _ = told.wait_for(|record| record.state.is_end()).await;
    }
}

/// All imports of a server. Clones share them.
#[derive(Clone, Debug)]
pub struct Imports(Arc<Shared>);

struct Shared {
    folders: Arc<Shelf>,
    registry: Arc<Registry>,
    now: fn() -> Timestamp,
    new_id: fn() -> AssetId,
    runtime: Handle,
    places: Arc<Semaphore>,
    /// Whose turn it is to write: in the order in which they came.
    turn: tokio::sync::Mutex<()>,
    kept: Mutex<BTreeMap<ImportId, Kept>>,
}

#[derive(Debug)]
struct Kept {
    told: watch::Sender<Record>,
    rows: Arc<AtomicU64>,
    work: Option<AbortHandle>,
}

impl Kept {
    fn new(record: Record) -> Self {
        let rows = Arc::new(AtomicU64::new(record.rows));
        Self { told: watch::Sender::new(record), rows, work: None }
    }

    fn import(&self, id: ImportId) -> Import {
        Import { id, told: self.told.subscribe(), rows: Arc::clone(&self.rows) }
    }
}

impl Imports {
    /// The imports that a folder holds, which is made when there is none; `None` when another server has
    /// them. What a server that was killed had under way is settled: the ledger knows whether it was
    /// written. Work goes on in the runtime in which this is called.
    ///
    /// # Errors
    /// When the folder or the ledger cannot be read or written.
    pub async fn open(
        folder: &Path,
        registry: Arc<Registry>,
        now: fn() -> Timestamp,
        new_id: fn() -> AssetId,
    ) -> Result<Option<Self>, ImportsError> {
        let Some(folders) = Shelf::take(folder).map_err(ImportsError::kept)? else {
            return Ok(None);
        };
        let mut kept = BTreeMap::new();
        for (id, record) in folders.read().map_err(ImportsError::kept)? {
            let record = if record.state.is_end() {
                record
            } else {
                let record = settled(&registry, record, now()).await?;
                folders.keep(id, &record).map_err(ImportsError::kept)?;
                record
            };
            folders.clear(id).map_err(ImportsError::kept)?;
            kept.insert(id, Kept::new(record));
        }
        Ok(Some(Self(Arc::new(Shared {
            folders: Arc::new(folders),
            registry,
            now,
            new_id,
            runtime: Handle::current(),
            places: Arc::new(Semaphore::new(MAX_IMPORTS_AT_ONCE)),
            turn: tokio::sync::Mutex::default(),
            kept: Mutex::new(kept),
        }))))
    }

    /// Begins to take a file.
    ///
    /// # Errors
    /// [`ImportsError::Full`] when as many are on their way as may be.
    pub fn receive(&self) -> Result<Upload, ImportsError> {
        let place = Arc::clone(&self.0.places).try_acquire_owned();
        let place = place.map_err(|_| ImportsError::Full)?;
        Ok(Upload::new(&self.0.folders, ImportId::new((self.0.new_id)()), place))
    }

    /// Takes in a file that has arrived, in the background; or answers what came of the same request
    /// before.
    ///
    /// # Errors
    /// When it cannot be kept, or the ledger not be asked.
    pub async fn begin(&self, mut upload: Upload, sent: Sent) -> Result<Answer, ImportsError> {
        let shared = &self.0;
        let arrived = upload.finish(&sent.file).await?;
        let id = upload.id;
        let request = request(id, &sent, arrived.hash);
        if let Some(known) = shared.answered(&sent.change.actor, &request) {
            return Ok(known);
        }
        let ledger = shared.registry.ledger();
        if sent.key.is_some()
            && let Some((change, _)) =
                ledger.change_of_request(&sent.change.actor, &request.key).await?
        {
            return Ok(Answer::KeyOfAnother { change: Some(change) });
        }
        let record = record(&sent, arrived.bytes, &request, (shared.now)());
        let (folders, first) = (Arc::clone(&shared.folders), record.clone());
        let written = tokio::task::spawn_blocking(move || folders.keep(id, &first)).await;
        written.map_err(ImportsError::lost)?.map_err(ImportsError::kept)?;
        let mut kept = shared.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have been quicker with the same request.
        if let Some(known) = answered_by(&kept, &sent.change.actor, &request) {
            return Ok(known);
        }
        let mut one = Kept::new(record);
        let import = one.import(id);
        let work = Work {
            id,
            path: arrived.path,
            sent,
            request,
            rows: Arc::clone(&one.rows),
            _place: upload.keep(),
        };
        let running = shared.runtime.spawn(run::run(Arc::clone(shared), work));
        one.work = Some(running.abort_handle());
        kept.insert(id, one);
        Ok(Answer::Begun(import))
    }

    /// One import; `None` when there is none of that id, or not any more.
    pub fn get(&self, id: ImportId) -> Option<Import> {
        self.0.kept().get(&id).map(|kept| kept.import(id))
    }

    /// All of them, the newest first.
    pub fn all(&self) -> Vec<Import> {
        self.0.kept().iter().rev().map(|(id, kept)| kept.import(*id)).collect()
    }

    /// The report of an import, which there is once it was read to its end. Reads a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn report(&self, id: ImportId) -> std::io::Result<Option<Json>> {
        self.0.folders.report(id)
    }

    /// The refused rows of an import, as the file that was made of them.
    ///
    /// # Errors
    /// When there is none, or it cannot be opened.
    pub fn refused_rows(&self, id: ImportId) -> std::io::Result<std::fs::File> {
        std::fs::File::open(self.0.folders.refused(id))
    }

    /// Ends what is under way; nothing of it is taken, and the next server tells that it was interrupted.
    pub fn end(&self) {
        for kept in self.0.kept().values() {
            if let Some(work) = &kept.work {
                work.abort();
            }
        }
        self.0.places.close();
    }
}

impl Shared {
    fn kept(&self) -> std::sync::MutexGuard<'_, BTreeMap<ImportId, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answered(&self, actor: &str, request: &Request) -> Option<Answer> {
        answered_by(&self.kept(), actor, request)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Imports").field("folders", &self.folders).finish_non_exhaustive()
    }
}

/// What came of a request of the same name, if one was made.
fn answered_by(kept: &BTreeMap<ImportId, Kept>, actor: &str, request: &Request) -> Option<Answer> {
    let (id, same) = kept.iter().rev().find(|(_, kept)| {
        let record = kept.told.borrow();
        record.actor == actor && record.request_key == request.key && record.state.answers_again()
    })?;
    let (hash, change) = (same.told.borrow().request_hash, same.told.borrow().change);
    if hash == request.hash {
        return Some(Answer::Known(same.import(*id)));
    }
    Some(Answer::KeyOfAnother { change })
}

/// What a request is called in the ledger. A sender's name has no blank, so ours is nobody's.
fn request(id: ImportId, sent: &Sent, file: [u8; 32]) -> Request {
    let key = sent.key.clone().unwrap_or_else(|| format!("import {id}"));
    let mut hash = Sha256::new();
    hash.update(sent.asked.len().to_be_bytes());
    hash.update(&sent.asked);
    hash.update(file);
    Request { key, hash: hash.finalize().into() }
}

fn record(sent: &Sent, bytes: u64, request: &Request, now: Timestamp) -> Record {
    let classes = sent.mapping.classes().chain(sent.mapping.classes_of_events().flatten());
    let mut collections: Vec<String> = classes.map(|class| class.name().into()).collect();
    collections.sort();
    collections.dedup();
    Record {
        state: State::Waiting,
        file: sent.file.clone(),
        bytes,
        collections,
        actor: sent.change.actor.clone(),
        created_us: now.as_microsecond(),
        ended_us: None,
        dry_run: sent.purpose == Purpose::Rehearse,
        strict: sent.strict,
        rows: 0,
        change: None,
        error: None,
        is_of_sender: false,
        refused_kept: None,
        kept_bytes: 0,
        request_key: request.key.clone(),
        request_hash: request.hash,
    }
}

/// What became of an import whose server is no more.
async fn settled(
    registry: &Registry,
    record: Record,
    now: Timestamp,
) -> Result<Record, ImportsError> {
    let ledger = registry.ledger();
    let found = ledger.change_of_request(&record.actor, &record.request_key).await?;
    let change = found.filter(|(_, hash)| *hash == record.request_hash).map(|(change, _)| change);
    let (state, error) = if change.is_some() {
        (State::Done, None)
    } else {
        let told = "the server ended before it was done; nothing was taken, so send it again";
        (State::Interrupted, Some(told.to_owned()))
    };
    Ok(Record { state, error, change, ended_us: Some(now.as_microsecond()), ..record })
}
