//! The routes, and what their handlers share.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Response, Uri};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use terrier_catalog::{DueDay, Language};
use terrier_identity::Issuer;
use terrier_intake::Imports;
use terrier_model::{AssetId, Scope};
use terrier_store::{ErrorChain, KeyUse, Registry};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::conditional::{ETag, REVALIDATE};
use crate::failed_keys::FailedKeys;
use crate::landing::Figures;
use crate::language::{self, LANG};
use crate::limits::{MAX_PAST_QUESTIONS, PAST_WAIT};
use crate::link::{Link, self_and_alternates};
use crate::meter::Meter;
use crate::negotiate::choose;
use crate::query::Parameters;
use crate::{Backlog, Caller, Format, Gauges, Metrics, Problem, Settings, layers, route};

/// For how many scopes the figures of the first page are kept.
const MAX_KEPT_FIGURES: usize = 16;

/// What time it is, for whoever must say it, and the ids that come with the time.
pub trait Clock: Send + Sync + 'static {
    /// The moment.
    fn now(&self) -> Timestamp;
    /// The civil day on which ages are counted and work falls due, in a time zone.
    fn today(&self, time_zone: &TimeZone) -> Date {
        time_zone.to_datetime(self.now()).date()
    }
    /// An id that no asset has.
    fn new_id(&self) -> AssetId;
}

/// The server's state. Clones share it.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    registry: Arc<Registry>,
    settings: Settings,
    clock: Box<dyn Clock>,
    metrics: Metrics,
    backlog: Backlog,
    failed_keys: FailedKeys,
    meter: Meter,
    figures: Mutex<Vec<Arc<Figures>>>,
    /// The turns of questions for the past.
    past: Semaphore,
    /// What takes files; a server without takes none.
    imports: OnceLock<Imports>,
    /// Whose tokens are taken; without one keys alone say who asks.
    issuer: OnceLock<Issuer>,
}

impl App {
    /// A server of one registry.
    pub fn new(registry: Arc<Registry>, settings: Settings, clock: impl Clock) -> Self {
        let seen = Arc::clone(&registry);
        let metrics = Metrics::new(move || gauges(&seen));
        let backlog = Backlog::new(&settings.limits);
        Self(Arc::new(Parts {
            registry,
            settings,
            clock: Box::new(clock),
            metrics,
            backlog,
            failed_keys: FailedKeys::default(),
            meter: Meter::default(),
            figures: Mutex::default(),
            imports: OnceLock::new(),
            issuer: OnceLock::new(),
            past: Semaphore::new(MAX_PAST_QUESTIONS),
        }))
    }

    /// The routes, with everything that every answer passes.
    pub fn router(&self) -> Router {
        let router = route::router().with_state(self.clone());
        let root = self.settings().public_url.path();
        layers(router, root, self.metrics(), &self.settings().limits)
    }

    /// Who asks without saying who they are.
    pub(crate) fn anybody(&self) -> Caller {
        let scope = match &self.settings().public_collections {
            Some(collections) => Scope::public(collections.clone()),
            None => self.registry().access().anybody().clone(),
        };
        Caller::anonymous(scope)
    }

    /// Whether a collection is shown to who does not say who they are.
    pub(crate) fn shows_something_to_anybody(&self) -> bool {
        match &self.settings().public_collections {
            Some(collections) => !collections.is_empty(),
            None => !self.registry().access().public().is_empty(),
        }
    }

    /// The wrong keys that came.
    pub(crate) fn failed_keys(&self) -> &FailedKeys {
        &self.0.failed_keys
    }

    /// What is counted of callers with limits.
    pub(crate) fn meter(&self) -> &Meter {
        &self.0.meter
    }

    /// Keeps that a key was used, while the answer goes its way.
    pub(crate) fn keep_use(&self, used: KeyUse) {
        let registry = Arc::clone(&self.0.registry);
        tokio::spawn(async move {
            if let Err(error) = registry.ledger().put_key_use(used).await {
                tracing::warn!(error = %ErrorChain(&error), "cannot keep when a key was used");
            }
        });
    }

    /// Lets the server take files; what it already has for that stays.
    pub fn take_imports(&self, imports: Imports) {
        let _ = self.0.imports.set(imports);
    }

    /// What takes files.
    pub(crate) fn imports(&self) -> Result<&Imports, Problem> {
        self.0.imports.get().ok_or_else(|| {
            Problem::unavailable("this server takes no files: another one of this registry does")
        })
    }

    /// Lets the server take the tokens of an issuer; the one that it already has stays.
    pub fn take_issuer(&self, issuer: Issuer) {
        let _ = self.0.issuer.set(issuer);
    }

    /// Whose tokens are taken.
    pub(crate) fn issuer(&self) -> Option<&Issuer> {
        self.0.issuer.get()
    }

    /// The registry.
    pub(crate) fn registry(&self) -> &Registry {
        &self.0.registry
    }

    /// The same, to be held.
    pub(crate) fn shared_registry(&self) -> &Arc<Registry> {
        &self.0.registry
    }

    /// What the server was told when it started.
    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The moment.
    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// An id that no asset has.
    pub(crate) fn new_id(&self) -> AssetId {
        self.0.clock.new_id()
    }

    /// The day that it is in the time zone of the registry.
    pub(crate) fn today(&self) -> Date {
        self.0.clock.today(self.registry().snapshot().time_zone())
    }

    /// The counts, which the server's loop shares.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// The figures of the first page: counted anew after a change and on another day.
    pub(crate) fn figures(&self, scope: &Scope) -> Arc<Figures> {
        let (snapshot, today) = (self.registry().snapshot(), self.today());
        let mut kept = self.0.figures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(figures) = kept.iter().find(|kept| kept.are_of(&snapshot, today, scope)) {
            return Arc::clone(figures);
        }
        let figures = Arc::new(Figures::count(&snapshot, today, scope));
        kept.retain(|old| old.scope() != scope);
        if kept.len() == MAX_KEPT_FIGURES {
            kept.remove(0);
        }
        kept.push(Arc::clone(&figures));
        figures
    }

    /// A turn to ask for the past, which lasts until it is dropped.
    pub(crate) async fn turn_for_past(&self) -> Result<SemaphorePermit<'_>, Problem> {
        let turn = tokio::time::timeout(PAST_WAIT, self.0.past.acquire()).await;
        let turn = turn.map_err(|_| Problem::unavailable("too many questions for the past"))?;
        turn.map_err(|error| Problem::internal(&error))
    }

    /// The absolute address of a path.
    pub(crate) fn at(&self, path: &str) -> String {
        self.settings().public_url.at(path)
    }

    /// The state of something that a question, who asks, the change sequence, and for what falls due the
    /// day, determine.
    pub(crate) fn state_tag(
        &self,
        sequence: u64,
        due: Option<DueDay>,
        uri: &Uri,
        format: Format,
        scope: &Scope,
    ) -> ETag {
        let form = self.form_hash(uri, format, scope);
        match due {
            None => ETag::weak(format_args!("{sequence}-{form:016x}")),
            Some(day) => ETag::weak(format_args!("{sequence}-{}-{form:016x}", day_mark(day))),
        }
    }

    /// What besides the data makes an answer: the question, its form, what the caller may see, the server's
    /// address and its version.
    pub(crate) fn form_hash(&self, uri: &Uri, format: Format, scope: &Scope) -> u64 {
        let mut hasher = DefaultHasher::new();
        let question = uri.path_and_query().map(axum::http::uri::PathAndQuery::as_str);
        question.hash(&mut hasher);
        format.hash(&mut hasher);
        scope.mark().hash(&mut hasher);
        self.settings().public_url.as_str().hash(&mut hasher);
        self.settings().version.hash(&mut hasher);
        hasher.finish()
    }

    /// An answer of the registry's data, to be asked for anew each time.
    pub(crate) fn answer(
        &self,
        bytes: Vec<u8>,
        format: Format,
        tag: &ETag,
    ) -> Result<Response<Body>, Problem> {
        let mut response = Response::new(self.0.backlog.body(bytes)?);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
        headers.insert(CACHE_CONTROL, REVALIDATE);
        tag.mark(&mut response);
        Ok(response)
    }

    /// The answer that is a document without a state of its own, or 304 when the client has it.
    pub(crate) fn document(
        &self,
        body: &serde_json::Value,
        format: Format,
        headers: &HeaderMap,
        scope: &Scope,
    ) -> Result<Response<Body>, Problem> {
        let bytes = serde_json::to_vec(body).map_err(|error| Problem::internal(&error))?;
        let tag = ETag::weak_of_seen(&bytes, scope.mark());
        match tag.not_modified(headers) {
            Some(unchanged) => Ok(unchanged),
            None => self.answer(bytes, format, &tag),
        }
    }
}

/// What the day of a question for what falls due is to its answer, which says of a day that is over
/// that it is.
pub(crate) fn day_mark(day: DueDay) -> String {
    format!("{}{}", day.on, if day.is_past() { "-past" } else { "" })
}

/// A request for a document that takes no parameter but its form and its language.
pub(crate) struct Asked<'a> {
    pub(crate) parameters: Parameters<'a>,
    pub(crate) format: Format,
    pub(crate) language: Language,
    pub(crate) links: Vec<Link>,
}

impl<'a> Asked<'a> {
    /// Reads the request for a path in one of the forms offered.
    pub(crate) fn read(
        app: &App,
        uri: &'a Uri,
        headers: &HeaderMap,
        offered: &[Format],
    ) -> Result<Self, Problem> {
        Self::read_with(app, uri, headers, offered, &[])
    }

    /// The same for a path that takes these parameters, too.
    pub(crate) fn read_with(
        app: &App,
        uri: &'a Uri,
        headers: &HeaderMap,
        offered: &[Format],
        more: &[&str],
    ) -> Result<Self, Problem> {
        let parameters = Parameters::parse(uri.query())?;
        parameters.refuse_unknown(["f", LANG].into_iter().chain(more.iter().copied()))?;
        let format = choose(offered, parameters.get("f"), headers)?;
        let language = language::read(&parameters, headers)?;
        let given: Vec<(&str, &str)> = parameters.iter().collect();
        let links = self_and_alternates(&app.at(uri.path()), &given, format, offered);
        Ok(Self { parameters, format, language, links })
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

fn gauges(registry: &Registry) -> Gauges {
    let snapshot = registry.snapshot();
    let (size, written) = (snapshot.size(), registry.followed());
    Gauges {
        snapshot_assets: size.assets,
        snapshot_bytes: size.bytes,
        snapshot_text_bytes: size.text_bytes,
        snapshot_leaves: size.leaves,
        snapshot_change_sequence: snapshot.sequence(),
        ledger_commits: written.commits,
        import_rows: written.rows,
    }
}
