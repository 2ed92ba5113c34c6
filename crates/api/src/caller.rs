//! Who asks: what each handler takes to know how much may be told and done.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use terrier_catalog::{SECRET_BYTES, Secret};
use terrier_model::{ReadBy, Role, Scope};
use terrier_store::{HeldKey, KeyUse};

use crate::Problem;
use crate::app::App;
use crate::aside::aside;
use crate::credential::{self, Credential};
use crate::login;

/// Who asks. Clones share what it holds.
#[derive(Clone, Debug)]
pub struct Caller {
    /// `None` for anybody.
    known: Option<Known>,
    scope: Scope,
}

#[derive(Clone, Debug)]
struct Known {
    name: Arc<str>,
    role: Option<Arc<Role>>,
    /// The key that they have shown, if it was one.
    key: Option<Arc<HeldKey>>,
}

impl Caller {
    /// Anybody, who has shown no key.
    pub fn anonymous(scope: Scope) -> Self {
        Self { known: None, scope }
    }

    /// Somebody who is known by a name.
    pub fn known(name: impl Into<Arc<str>>, scope: Scope) -> Self {
        Self { known: Some(Known { name: name.into(), role: None, key: None }), scope }
    }

    /// The same with the role that they have.
    #[must_use]
    pub(crate) fn with_role(mut self, role: Arc<Role>) -> Self {
        if let Some(known) = &mut self.known {
            known.role = Some(role);
        }
        self
    }

    /// The same with the key that they have shown.
    #[must_use]
    fn with_key(mut self, key: Arc<HeldKey>) -> Self {
        if let Some(known) = &mut self.known {
            known.key = Some(key);
        }
        self
    }

    /// The key that they have shown, if it was one.
    pub(crate) fn key(&self) -> Option<&HeldKey> {
        self.known.as_ref()?.key.as_deref()
    }

    /// Who it is, as the audit has it.
    pub(crate) fn as_reader(&self) -> ReadBy {
        let key = self.key();
        let organisation = key.map(HeldKey::organisation).filter(|name| !name.is_empty());
        ReadBy {
            actor: self.known.as_ref().map(|known| Box::from(&*known.name)),
            organisation: organisation.map(Box::from),
            key: key.map(|key| key.id().as_str().into()),
            role: self.role().map(|role| role.name.clone()),
        }
    }

    /// How much may be told to them, and what they may do.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Who it is, as changes name their actors.
    pub fn name(&self) -> &str {
        self.known.as_ref().map_or("anonymous", |known| &known.name)
    }

    /// Whether they have shown who they are.
    pub fn is_known(&self) -> bool {
        self.known.is_some()
    }

    /// The role that they have, when they have shown who they are.
    pub fn role(&self) -> Option<&Role> {
        self.known.as_ref()?.role.as_deref()
    }
}

/// The address from which a request came: that of the proxy, where there is one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        // The guard of the route has put it there; where there was none, nobody is let in.
        let caller = parts.extensions.get::<Self>().cloned().ok_or_else(Problem::key_wanted)?;
        let (snapshot, scope) = (app.registry().snapshot(), caller.scope.clone());
        if !snapshot.is_ready_for(&scope) {
            // What lies across the edges of their area is looked at where it holds nobody up.
            aside(move || snapshot.prepare_for(&scope)).await?;
        }
        Ok(caller)
    }
}

/// Who has sent a request, as far as that is known at once.
pub(crate) enum Sender {
    /// Somebody who is known, or anybody.
    Caller(Caller),
    /// Whoever the issuer of a token says.
    Token(String),
}

/// Who has sent a request. What they may ask for is the guard's question.
pub(crate) fn identify(parts: &Parts, app: &App) -> Result<Sender, Problem> {
    if credential::is_in_address(&parts.uri) {
        return Err(Problem::key_in_address());
    }
    let caller = match credential::read(&parts.headers) {
        Credential::None => app.anybody(),
        Credential::Text(text) => {
            // What is no key takes as long as one that is not right.
            let secret = Secret::parse(&text).unwrap_or_else(nobodys);
            of_key(app, &secret).ok_or_else(|| refuse(app, parts))?
        }
        Credential::Token(text) => return Ok(Sender::Token(text)),
        Credential::Unreadable => return Err(refuse(app, parts)),
    };
    Ok(Sender::Caller(caller))
}

/// Who has sent a request with a token.
pub(crate) async fn of_token(parts: &Parts, app: &App, text: &str) -> Result<Caller, Problem> {
    login::of_token(app, text).await?.ok_or_else(|| refuse(app, parts))
}

/// A key that is not given to anybody.
fn nobodys() -> Secret {
    Secret::of_random([0; SECRET_BYTES])
}

/// Who has a key; `None` where it is none that works.
fn of_key(app: &App, secret: &Secret) -> Option<Caller> {
    let (access, now) = (app.registry().access(), app.now());
    let key = access.find(secret, now)?;
    if key.is_use_to_be_kept(now) {
        app.keep_use(KeyUse { number: key.number(), at: now });
    }
    Some(caller_of(key))
}

fn caller_of(key: &Arc<HeldKey>) -> Caller {
    Caller::known(Arc::clone(key.person()), key.scope().clone())
        .with_role(Arc::clone(key.role()))
        .with_key(Arc::clone(key))
}

/// The answer to a key or a token that does not work: the same words whatever is wrong with it.
fn refuse(app: &App, parts: &Parts) -> Problem {
    let address =
        parts.extensions.get::<Peer>().map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0);
    tracing::warn!(%address, path = parts.uri.path(), "a key was refused");
    match app.failed_keys().count(address, app.now()) {
        Some(seconds) => Problem::too_many_failed_keys(seconds),
        None => Problem::key_refused(),
    }
}
