//! How an edit is meant, as its request says it: parameters and headers.

use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE, IF_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use terrier_catalog::beginning;
use terrier_model::Verb;
use terrier_spatial::Crs;
use terrier_store::{Change, Expected, Request, Since};

use crate::app::App;
use crate::limits::{MAX_NOTE_BYTES, MAX_REQUEST_KEY_BYTES};
use crate::presentation::CONTENT_CRS;
use crate::problem::shortened;
use crate::query::Parameters;
use crate::{Problem, precondition};

/// What a client calls its request (draft-ietf-httpapi-idempotency-key-header).
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// How much of the answer the client wants (RFC 7240).
const PREFER: HeaderName = HeaderName::from_static("prefer");

const VERB: &str = "verb";
const VALID_FROM: &str = "valid_from";
const REASON: &str = "reason";
const SOURCE: &str = "source";
const DRY_RUN: &str = "dry-run";

/// The parameters that every request has which writes.
pub(crate) const PARAMETERS: [&str; 5] = [VERB, VALID_FROM, REASON, SOURCE, DRY_RUN];

/// How much of an answer a client prefers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Return {
    /// No more than that it is done.
    Minimal,
    /// What came of it.
    Representation,
}

impl Return {
    /// The preference as headers tell it.
    pub(crate) fn wish(self) -> &'static str {
        match self {
            Self::Minimal => "return=minimal",
            Self::Representation => "return=representation",
        }
    }

    fn from_wish(text: &str) -> Option<Self> {
        [Self::Minimal, Self::Representation]
            .into_iter()
            .find(|one| one.wish().eq_ignore_ascii_case(text))
    }
}

/// How an edit is meant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Asked {
    pub(crate) verb: Verb,
    pub(crate) since: Since,
    pub(crate) reason: String,
    pub(crate) source: String,
    pub(crate) rehearse: bool,
    /// How much of the answer the client prefers; `None` when it does not say.
    pub(crate) prefers: Option<Return>,
    /// Which versions the client has seen.
    pub(crate) expected: Expected,
    /// The coordinate system of the positions in the body; `None` is OGC:CRS84.
    pub(crate) crs: Option<&'static Crs>,
    key: Option<String>,
}

impl Asked {
    /// Reads a request that writes.
    pub(crate) fn read(app: &App, uri: &Uri, headers: &HeaderMap) -> Result<Self, Problem> {
        Self::read_with(app, uri, headers, &PARAMETERS)
    }

    /// Reads a request that undoes a change: that is a correction, and keeps all periods.
    pub(crate) fn read_revert(app: &App, uri: &Uri, headers: &HeaderMap) -> Result<Self, Problem> {
        Self::read_with(app, uri, headers, &[REASON, SOURCE, DRY_RUN])
    }

    /// Reads a request that takes these parameters.
    pub(crate) fn read_with(
        app: &App,
        uri: &Uri,
        headers: &HeaderMap,
        known: &[&str],
    ) -> Result<Self, Problem> {
        let parameters = Parameters::parse(uri.query())?;
        parameters.refuse_unknown(known.iter().copied())?;
        let since = match parameters.get(VALID_FROM) {
            None => Since::Now,
            Some(text) => Since::At(moment(text, app.now())?),
        };
        let verb = verb(parameters.get(VERB), since)?;
        Ok(Self {
            verb,
            since,
            reason: note(&parameters, REASON)?,
            source: note(&parameters, SOURCE)?,
            rehearse: truth(&parameters, DRY_RUN)?,
            prefers: preferred(headers),
            expected: precondition::read(headers.get_all(IF_MATCH))?,
            crs: content_crs(headers)?,
            key: request_key(headers)?,
        })
    }

    /// What the client calls its request.
    pub(crate) fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The change that it is.
    pub(crate) fn change(&self, app: &App, actor: &str, origin: &str) -> Change {
        Change {
            source: self.source.clone(),
            verb: self.verb,
            since: self.since,
            recorded_at: app.now(),
            today: app.today(),
            actor: actor.into(),
            reason: self.reason.clone(),
            origin: origin.into(),
        }
    }

    /// What the client calls its request, with what makes it this one and no other.
    pub(crate) fn request(&self, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Option<Request> {
        let key = self.key.clone()?;
        let mut hash = Sha256::new();
        let address = uri.path_and_query().map_or("", |text| text.as_str());
        for part in [address.as_bytes(), header(headers, &CONTENT_CRS).as_bytes(), body] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        Some(Request { key, hash: hash.finalize().into() })
    }
}

/// Refuses a body of another media type than those; a parameter such as `charset` says nothing.
pub(crate) fn check_type(
    headers: &HeaderMap,
    taken: &[&str],
    name: HeaderName,
) -> Result<(), Problem> {
    let given = header(headers, &CONTENT_TYPE);
    let essence = given.split(';').next().unwrap_or_default().trim();
    check_plain(headers)?;
    if essence.is_empty() {
        let taken = taken.join(", ");
        return Err(Problem::bad_request(format!("no `Content-Type`, expected one of {taken}")));
    }
    if taken.iter().any(|one| essence.eq_ignore_ascii_case(one)) {
        return Ok(());
    }
    Err(Problem::unsupported_type(essence, taken, name))
}

/// Refuses a body in another encoding than none.
pub(crate) fn check_plain(headers: &HeaderMap) -> Result<(), Problem> {
    let encoding = header(headers, &CONTENT_ENCODING);
    if encoding.is_empty() || encoding.eq_ignore_ascii_case("identity") {
        return Ok(());
    }
    Err(Problem::unsupported_encoding(&encoding))
}

fn header(headers: &HeaderMap, name: &HeaderName) -> String {
    let text = headers.get(name).map(HeaderValue::as_bytes).unwrap_or_default();
    String::from_utf8_lossy(text).trim().to_owned()
}

/// The verb; a correction keeps the period, so it has no moment.
fn verb(text: Option<&str>, since: Since) -> Result<Verb, Problem> {
    let verb = match text {
        None => Verb::Update,
        Some(code) => Verb::from_code(code).ok_or_else(|| {
            let found = shortened(code);
            Problem::bad_parameter(VERB, format!("found `{found}`, expected `update` or `correct`"))
        })?,
    };
    if verb == Verb::Correct && since != Since::Now {
        let detail = "a correction keeps the period of what it corrects, so it takes none";
        return Err(Problem::bad_parameter(VALID_FROM, detail));
    }
    Ok(verb)
}

/// A moment, or the beginning of a day in UTC; none that is still to come.
fn moment(text: &str, now: Timestamp) -> Result<Timestamp, Problem> {
    let wrong = |expected: &str| {
        let found = shortened(text);
        Problem::bad_parameter(VALID_FROM, format!("found `{found}`, expected {expected}"))
    };
    let moment = beginning(text).ok_or_else(|| {
        wrong(
            "a day such as 2026-05-01, or a time with its offset such as 2026-05-01T08:00:00+08:00",
        )
    })?;
    if moment.subsec_nanosecond() % 1000 != 0 {
        return Err(wrong("a time with at most six digits behind the second"));
    }
    if moment > now {
        return Err(wrong("a time that has come: now is the latest"));
    }
    Ok(moment)
}

fn note(parameters: &Parameters<'_>, name: &str) -> Result<String, Problem> {
    let text = parameters.get(name).unwrap_or_default().trim();
    let wrong = |expected: String| {
        let found = shortened(text);
        Problem::bad_parameter(name, format!("found `{found}`, expected {expected}"))
    };
    if text.len() > MAX_NOTE_BYTES {
        return Err(wrong(format!("at most {MAX_NOTE_BYTES} bytes")));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(wrong("text without control characters".into()));
    }
    Ok(text.into())
}

/// Whether a parameter is true; without it, it is not.
pub(crate) fn truth(parameters: &Parameters<'_>, name: &str) -> Result<bool, Problem> {
    match parameters.get(name) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => {
            let found = shortened(other);
            let detail = format!("found `{found}`, expected `true` or `false`");
            Err(Problem::bad_parameter(name, detail))
        }
    }
}

/// The system of `Content-Crs`: an address in angle brackets, or without them as QGIS writes it.
fn content_crs(headers: &HeaderMap) -> Result<Option<&'static Crs>, Problem> {
    let text = header(headers, &CONTENT_CRS);
    let name = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(&text);
    if name.is_empty() {
        return Ok(None);
    }
    let crs = Crs::find_published(name).map_err(|_| {
        let known: Vec<&str> = Crs::published().iter().map(Crs::code).collect();
        let found = shortened(name);
        let known = known.join(", ");
        Problem::bad_request(format!("`Content-Crs`: found `{found}`, expected one of {known}"))
    })?;
    Ok(Some(crs))
}

fn request_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let wrong = |found: &str| {
        let found = shortened(found);
        Problem::bad_request(format!(
            "`Idempotency-Key`: found `{found}`, expected one to {MAX_REQUEST_KEY_BYTES} visible \
             characters of ASCII"
        ))
    };
    let text = value.to_str().map_err(|_| wrong("other characters"))?.trim();
    // As the draft of the standard has it, or bare, as most clients send it.
    let key = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    let is_visible = key.bytes().all(|byte| byte.is_ascii_graphic());
    if key.is_empty() || key.len() > MAX_REQUEST_KEY_BYTES || !is_visible {
        return Err(wrong(key));
    }
    Ok(Some(key.into()))
}

/// What the client would rather have (RFC 7240).
pub(crate) fn preferences(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split([',', ';']))
}

fn preferred(headers: &HeaderMap) -> Option<Return> {
    preferences(headers).find_map(|wish| Return::from_wish(&wish.trim().replace([' ', '"'], "")))
}
