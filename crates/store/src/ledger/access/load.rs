//! Reading who may see and do what, for a server.

use std::collections::HashSet;
use std::sync::Arc;

use sqlx::sqlite::SqliteConnection;
use terrier_catalog::RolePack;
use terrier_model::Names;

use super::key::{self, Standing};
use super::{organisation, person, role};
use crate::access::{Access, Held, HeldKey};
use crate::ledger::{CollectionSetting, LedgerError, setting};

/// Who may see and do what, given what was known: the same where nothing of it has changed.
pub(in crate::ledger) async fn load(
    connection: &mut SqliteConnection,
    known: &Arc<Access>,
) -> Result<Arc<Access>, LedgerError> {
    let version: i64 = sqlx::query_scalar(include_str!("../../sql/sqlite/select_access_state.sql"))
        .fetch_one(&mut *connection)
        .await
        .map_err(LedgerError::while_doing("read when keys and roles were changed"))?;
    let version = version.cast_unsigned();
    if version == known.version() {
        return Ok(Arc::clone(known));
    }
    let public = setting::collections(connection, CollectionSetting::Public).await?;
    let strict = setting::collections(connection, CollectionSetting::Strict).await?;
    let restricted = setting::collections(connection, CollectionSetting::Restricted).await?;
    let [public, strict] = [public, strict].map(|names| names.unwrap_or_else(Names::none));
    let mut roles = Vec::new();
    for known in role::known(connection).await? {
        if let Some(text) = known.document.text {
            roles.push(role::parsed(&known.document.name, &text)?);
        }
    }
    let mut keys = Vec::new();
    for known in key::known(connection).await? {
        let record = &known.record;
        if record.revoked.is_some() || record.stands != Standing::All {
            continue;
        }
        let role = roles.iter().map(RolePack::role).find(|role| *role.name == *record.role);
        // A key whose area and that of its role cannot both hold allows nothing.
        let Some(role) = role.and_then(|role| role.narrowed(&record.narrowing)) else {
            tracing::error!(key = %record.id, "a key does not go together with its role");
            continue;
        };
        keys.push(HeldKey::new(
            known.number,
            known.hash,
            record.id,
            &record.person,
            record.organisation.as_deref().unwrap_or_default(),
            role.limited(record.limits),
            record.until,
            record.last_used,
            record.given,
        ));
    }
    let held = standing(connection, roles).await?;
    Ok(Arc::new(Access::new(version, [public, strict], restricted, keys, held)))
}

/// The people who stand and whose organisations do, with the roles.
async fn standing(
    connection: &mut SqliteConnection,
    roles: Vec<RolePack>,
) -> Result<Held, LedgerError> {
    let organisations = organisation::known(connection).await?;
    let standing: HashSet<&str> = organisations
        .iter()
        .map(|known| &known.organisation)
        .filter(|organisation| organisation.is_standing)
        .map(|organisation| &*organisation.name)
        .collect();
    let people = person::known(connection).await?;
    let people = people.iter().filter_map(|known| {
        let organisation = known.person.organisation.as_deref()?;
        standing.contains(organisation).then_some((&*known.person.name, organisation))
    });
    Ok(Held::new(people, roles.iter().map(|pack| pack.role().clone())))
}
