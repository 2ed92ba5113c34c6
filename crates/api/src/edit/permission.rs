//! What a caller may do with assets of a class: asked of their scope before anything is read or written.

use std::sync::Arc;

use terrier_catalog::Collection;
use terrier_model::{AssetId, Class, Leave, Permission, Scope, Verb};
use terrier_store::Snapshot;

use crate::Problem;

/// What a change of an asset is, which may be allowed or not.
pub(crate) fn of_change(verb: Verb) -> Permission {
    match verb {
        Verb::Update => Permission::Update,
        Verb::Correct => Permission::Correct,
    }
}

/// Refuses what the scope does not allow with assets of a class.
pub(crate) fn check(scope: &Scope, permission: Permission, class: &str) -> Result<(), Problem> {
    if scope.allows(permission, class) {
        return Ok(());
    }
    let what = permission.code();
    Err(Problem::forbidden(format!("your role does not allow `{what}` in `{class}`")))
}

/// Refuses what the scope allows with assets of no class at all.
pub(crate) fn check_somewhere(scope: &Scope, permission: Permission) -> Result<(), Problem> {
    if scope.allows_somewhere(permission) {
        return Ok(());
    }
    Err(Problem::forbidden(format!("your role does not allow `{}`", permission.code())))
}

/// Whether an asset that does not stand could be one that the caller never saw: it is then looked at before
/// anything that was sent, for what is said of that would tell the two apart.
pub(crate) fn is_in_doubt(
    scope: &Scope,
    snapshot: &Snapshot,
    class: &Arc<Class>,
    id: AssetId,
) -> bool {
    let collection = Collection::Class(Arc::clone(class));
    scope.area(class.name()).is_some()
        && snapshot.item(&collection, &Scope::everything(), id).is_none()
}

/// What of an asset may be written; `None` where it is one that does not exist for the sender, though it is
/// there.
pub(crate) fn leave<'s>(
    scope: &'s Scope,
    snapshot: &Snapshot,
    class: &Arc<Class>,
    id: AssetId,
) -> Option<Leave<'s>> {
    let collection = Collection::Class(Arc::clone(class));
    let known = snapshot.item(&collection, &Scope::everything(), id);
    if known.is_some() && snapshot.item(&collection, scope, id).is_none() {
        return None;
    }
    let shape = known.map(|item| item.shape());
    Some(Leave::new(scope, class, shape.as_ref()))
}
