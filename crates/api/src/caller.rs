//! Who asks: what each handler takes to know how much may be told and done.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use terrier_model::Scope;

use crate::Problem;
use crate::app::App;
use crate::aside::aside;

/// Who asks. It is put among the extensions of a request before its handler takes it; a request without
/// one is anybody's. Clones share what it holds.
#[derive(Clone, Debug)]
pub struct Caller {
    /// `None` for anybody.
    name: Option<Arc<str>>,
    scope: Scope,
}

impl Caller {
    /// Anybody, who has shown no key.
    pub fn anonymous(scope: Scope) -> Self {
        Self { name: None, scope }
    }

    /// Somebody who is known by a name.
    pub fn known(name: impl Into<Arc<str>>, scope: Scope) -> Self {
        Self { name: Some(name.into()), scope }
    }

    /// How much may be told to them, and what they may do.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Who it is, as changes name their actors.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("anonymous")
    }

    /// Whether they have shown who they are.
    pub fn is_known(&self) -> bool {
        self.name.is_some()
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let told = parts.extensions.get::<Self>();
        let caller = told.unwrap_or_else(|| app.anybody()).clone();
        let (snapshot, scope) = (app.registry().snapshot(), caller.scope.clone());
        if !snapshot.is_ready_for(&scope) {
            // What lies across the edges of their area is looked at where it holds nobody up.
            aside(move || snapshot.prepare_for(&scope)).await?;
        }
        Ok(caller)
    }
}
