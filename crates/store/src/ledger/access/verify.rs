//! Whether what the ledger says of who may see and do what holds together.

use sqlx::Row;
use sqlx::sqlite::SqliteConnection;
use terrier_model::Classes;

use super::{key, role};
use crate::ErrorChain;
use crate::ledger::LedgerError;

/// The documents that are no roles or do not fit the classes, and the keys that do not go together with
/// their role, in words.
pub(in crate::ledger) async fn verify(
    connection: &mut SqliteConnection,
) -> Result<Vec<String>, LedgerError> {
    let fault = LedgerError::while_doing("read what the roles have been");
    let rows = sqlx::query(include_str!("../../sql/sqlite/select_role_documents.sql"))
        .fetch_all(&mut *connection)
        .await
        .map_err(&fault)?;
    let classes: Classes = role::classes(connection).await?;
    let mut problems = Vec::new();
    for row in &rows {
        let name: String = row.try_get(0).map_err(&fault)?;
        let sequence: i64 = row.try_get(1).map_err(&fault)?;
        let text: String = row.try_get(2).map_err(&fault)?;
        // Classes only grow, so what once fitted them still does.
        let sound = role::parsed(&name, &text).and_then(|pack| role::check(&pack, &classes));
        if let Err(error) = sound {
            problems.push(format!("at change {sequence}: {}", ErrorChain(&error)));
        }
    }
    for known in key::known(connection).await? {
        let record = known.record;
        if record.revoked.is_some() {
            continue;
        }
        match role::standing(connection, &record.role).await {
            Ok((_, pack)) if pack.role().narrowed(&record.narrowing).is_none() => {
                problems.push(format!(
                    "key `{}` and its role `{}` are each for an area, with another rule for its edge",
                    record.id, record.role
                ));
            }
            // One that is retired or broken has been told of, or is as it should be.
            _ => {}
        }
    }
    Ok(problems)
}
