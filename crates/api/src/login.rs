//! Who asks, when an issuer says it: a token becomes a person and a role of the registry.

use std::sync::Arc;

use terrier_identity::LoginError;
use terrier_store::ErrorChain;

use crate::app::App;
use crate::problem::shortened;
use crate::{Caller, Problem};

/// Who has a token of the issuer; `None` where it is none that works. Whoever has one that works and is
/// nobody of the registry, or has no role in it, is told so, for they can do nothing about it alone.
pub(crate) async fn of_token(app: &App, text: &str) -> Result<Option<Caller>, Problem> {
    let Some(issuer) = app.issuer() else { return Ok(None) };
    let login = match issuer.login(text, app.now()).await {
        Ok(login) => login,
        Err(error @ LoginError::Refused(_)) => {
            tracing::warn!(error = %ErrorChain(&error), "a token was refused");
            return Ok(None);
        }
        Err(error @ LoginError::Unavailable) => {
            return Err(Problem::unavailable(error.to_string()));
        }
    };
    let access = app.registry().access();
    let name = || shortened(&login.person);
    let Some(person) = access.person(&login.person) else {
        let detail = format!("you have logged in as `{}`, who is nobody of this registry", name());
        return Err(Problem::nobody_here(detail));
    };
    let Some(role) = login.role.as_deref().and_then(|role| access.role(role)) else {
        let detail = format!("you have logged in as `{}`, and your login has no role here", name());
        return Err(Problem::nobody_here(detail));
    };
    let caller = Caller::known(Arc::clone(person.name()), role.scope().clone());
    Ok(Some(caller.with_role(Arc::clone(role.role()))))
}
