//! Who may see and do what: organisations, people, roles and keys, as changes of the ledger.

mod first;
mod key;
mod load;
mod organisation;
mod person;
mod role;
mod verify;

use jiff::Timestamp;
use sqlx::sqlite::{Sqlite, SqliteConnection};
use terrier_model::Verb;

pub(super) use first::put_first;
pub use first::{FIRST_ORGANISATION, FIRST_PERSON, FIRST_ROLE, FirstAccess, FirstKeyPut};
pub use key::{KeyFeatures, KeyPut, KeyRecord, KeyState, KeyUse, MAX_KEY_NOTE_CHARS, MAX_KEYS};
pub(super) use load::load;
pub use organisation::{MAX_ORGANISATIONS, Organisation};
pub use person::{MAX_PEOPLE, Person};
pub use role::{MAX_ROLES, RoleDocument, RolePut, RolePutReport};
pub(super) use verify::verify;

use super::{Ledger, LedgerError, audit, class};

/// Who is behind a change, and why it is made.
#[derive(Clone, Debug)]
pub struct Behind {
    /// When it is recorded.
    pub recorded_at: Timestamp,
    /// Who does it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// What brought it, such as `key create`.
    pub origin: String,
}

/// Whether a change is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Writing {
    /// It is.
    Done,
    /// It is told what would come of it, and nothing is written.
    Rehearsed,
}

impl Ledger {
    /// Does something in a transaction: it answers what comes of it, and writes as the change of the
    /// number that it asks for. Nothing is kept of a rehearsal, nor where no number was asked for.
    async fn change_access<T>(
        &self,
        doing: &'static str,
        behind: &Behind,
        writing: Writing,
        change: impl AsyncFnOnce(&mut AccessChange<'_>) -> Result<T, LedgerError>,
    ) -> Result<(T, Option<u64>), LedgerError> {
        let fault = LedgerError::while_doing(doing);
        let mut transaction = self.begin_writing(doing).await?;
        let mut open = AccessChange { transaction: &mut transaction, behind, sequence: None };
        let outcome = change(&mut open).await?;
        let sequence = open.sequence.filter(|_| writing == Writing::Done);
        let Some(sequence) = sequence else {
            transaction.rollback().await.map_err(fault)?;
            return Ok((outcome, None));
        };
        audit::seal_beside_assets(&mut transaction, sequence, behind.recorded_at).await?;
        transaction.commit().await.map_err(fault)?;
        Ok((outcome, Some(sequence.cast_unsigned())))
    }
}

/// Gives something new that has a name its number, by a statement that answers it.
async fn insert_name(
    connection: &mut SqliteConnection,
    statement: &'static str,
    name: &str,
    doing: &'static str,
) -> Result<u32, LedgerError> {
    sqlx::query_scalar(statement)
        .bind(name)
        .fetch_one(connection)
        .await
        .map_err(LedgerError::while_doing(doing))
}

/// Writes what something is from a change on, by a statement of three values.
async fn insert_state<'q, T>(
    connection: &mut SqliteConnection,
    statement: &'static str,
    (number, sequence): (u32, i64),
    state: T,
    doing: &'static str,
) -> Result<(), LedgerError>
where
    T: sqlx::Encode<'q, Sqlite> + sqlx::Type<Sqlite> + 'q,
{
    sqlx::query(statement)
        .bind(number)
        .bind(sequence)
        .bind(state)
        .execute(connection)
        .await
        .map(|_| ())
        .map_err(LedgerError::while_doing(doing))
}

/// A change that is being made.
struct AccessChange<'t> {
    transaction: &'t mut sqlx::Transaction<'static, Sqlite>,
    behind: &'t Behind,
    sequence: Option<i64>,
}

impl AccessChange<'_> {
    fn connection(&mut self) -> &mut SqliteConnection {
        self.transaction
    }

    /// The place of the change in the change sequence; it is recorded when first asked for.
    async fn sequence(&mut self) -> Result<i64, LedgerError> {
        if let Some(sequence) = self.sequence {
            return Ok(sequence);
        }
        let Behind { recorded_at, actor, reason, origin } = self.behind;
        let sequence = class::insert_change(
            self.transaction,
            *recorded_at,
            actor,
            Verb::Update,
            reason,
            origin,
        )
        .await?;
        self.sequence = Some(sequence);
        Ok(sequence)
    }
}
