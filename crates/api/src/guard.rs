//! The guard before each route: finds out who asks, and lets them in as the rule of the route says.
//!
//! Whatever a handler takes, it is not called before.

use std::future::ready;
use std::pin::Pin;

use axum::extract::Request;
use axum::handler::Handler;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use terrier_model::{Permission, Scope};

use crate::app::App;
use crate::caller::Sender;
use crate::route::{Route, Rule, allowed, collection_of, is_made};
use crate::{Caller, Problem, caller, collections};

/// The guard of one route.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guard(&'static Route);

impl Guard {
    pub(crate) fn of(route: &'static Route) -> Self {
        Self(route)
    }

    /// Stands before what answers.
    pub(crate) fn before<H: Handler<T, App, Future = Answering>, T: 'static>(
        self,
        handler: H,
    ) -> MethodRouter<App> {
        let filter = MethodFilter::try_from(self.0.method.clone());
        on(filter.expect("a route has a common method"), Guarded { guard: self, handler })
    }

    /// Who asks, for whom that makes a difference.
    fn sender(self, parts: &mut Parts, app: &App) -> Result<Option<Sender>, Problem> {
        if self.0.rule == Rule::Same {
            return Ok(None);
        }
        // Whoever has put these routes behind something else may know already.
        match parts.extensions.remove::<Caller>() {
            Some(told) => Ok(Some(Sender::Caller(told))),
            None => caller::identify(parts, app).map(Some),
        }
    }

    /// Lets a request in, or says why not. Who asks is put into it.
    fn admit(self, caller: Caller, parts: &mut Parts, app: &App) -> Result<(), Problem> {
        let Route { template, rule, .. } = self.0;
        app.admit(&caller)?;
        let path = parts.uri.path();
        match rule {
            Rule::Same | Rule::Open => {}
            Rule::Reads if app.shows_something_to_anybody() => {}
            // Collections that nobody edits say so to anybody.
            Rule::OnCollection(_) if is_made(path) => {
                return Err(Problem::method_not_allowed(allowed(Some(template), path)));
            }
            _ if !caller.is_known() => return Err(Problem::key_wanted()),
            Rule::Reads | Rule::Known => {}
            Rule::OnCollection(wanted) => on_collection(path, wanted, app, caller.scope())?,
            Rule::Somewhere(wanted) => somewhere(wanted, caller.scope())?,
        }
        parts.extensions.insert(caller);
        Ok(())
    }
}

fn on_collection(
    path: &str,
    wanted: &[Permission],
    app: &App,
    scope: &Scope,
) -> Result<(), Problem> {
    let name = collection_of(path);
    collections::find(app, &app.registry().snapshot(), scope, &name)?;
    if wanted.iter().any(|permission| scope.allows(*permission, &name)) {
        return Ok(());
    }
    let codes = codes(wanted);
    Err(Problem::forbidden(format!("your role does not allow {codes} in `{name}`")))
}

fn somewhere(wanted: &[Permission], scope: &Scope) -> Result<(), Problem> {
    if wanted.iter().any(|permission| scope.allows_somewhere(*permission)) {
        return Ok(());
    }
    let codes = codes(wanted);
    Err(Problem::forbidden(format!("your role does not allow {codes} in any collection")))
}

/// The permissions, of which one is wanted, in words.
fn codes(wanted: &[Permission]) -> String {
    let codes: Vec<String> = wanted.iter().map(|one| format!("`{}`", one.code())).collect();
    codes.join(" or ")
}

/// What handlers that are functions answer with.
type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// A handler behind its guard.
#[derive(Clone)]
struct Guarded<H> {
    guard: Guard,
    handler: H,
}

impl<H, T> Handler<(Guard, T), App> for Guarded<H>
where
    H: Handler<T, App, Future = Answering>,
    T: 'static,
{
    type Future = Answering;

    fn call(self, request: Request, app: App) -> Answering {
        let (mut parts, body) = request.into_parts();
        let Self { guard, handler } = self;
        let admitted = match guard.sender(&mut parts, &app) {
            Ok(None) => Ok(()),
            Ok(Some(Sender::Caller(caller))) => guard.admit(caller, &mut parts, &app),
            // The issuer may have to be asked for its keys.
            Ok(Some(Sender::Token(text))) => {
                return Box::pin(async move {
                    let caller = caller::of_token(&parts, &app, &text).await;
                    match caller.and_then(|caller| guard.admit(caller, &mut parts, &app)) {
                        Ok(()) => handler.call(Request::from_parts(parts, body), app).await,
                        Err(problem) => problem.into_response(),
                    }
                });
            }
            Err(problem) => Err(problem),
        };
        match admitted {
            Ok(()) => handler.call(Request::from_parts(parts, body), app),
            Err(problem) => Box::pin(ready(problem.into_response())),
        }
    }
}
