//! What a new registry has of organisations, people, roles and keys, and what an old one needs for its
//! first key.

use sqlx::sqlite::SqliteConnection;
use terrier_catalog::{KeyHash, KeyId, RolePack, class_names_text};
use terrier_model::{Limits, Names, Narrowing};

use super::{AccessChange, Behind, KeyPut, RolePut, Writing, key, organisation, person, role};
use crate::ledger::{Beginning, Ledger, LedgerError, setting};

/// The organisation that every registry has: who runs it.
pub const FIRST_ORGANISATION: &str = "operator";

/// The person whom every registry has.
pub const FIRST_PERSON: &str = "administrator";

/// The role of the first key.
pub const FIRST_ROLE: &str = "administrator";

/// Who may see and do what in a new registry.
#[derive(Clone, Copy, Debug, Default)]
pub struct FirstAccess<'a> {
    /// The roles: name and TOML document.
    pub roles: &'a [(&'a str, &'a str)],
    /// The classes that are shown to who brings no key; `None` is none.
    pub public_collections: Option<&'a Names>,
    /// A key of the first person, for the role of the administrator.
    pub key: Option<(KeyId, KeyHash)>,
}

/// A key for the administrator of a registry that may have neither roles nor people.
#[derive(Clone, Copy, Debug)]
pub struct FirstKeyPut<'a> {
    /// The roles that are put in force where there is none of the name.
    pub roles: &'a [(&'a str, &'a str)],
    /// By which the key is known, and what is kept of its secret.
    pub key: (KeyId, KeyHash),
}

/// Writes it as a part of the first change of a new registry.
pub(in crate::ledger) async fn put_first(
    transaction: &mut sqlx::Transaction<'static, sqlx::Sqlite>,
    beginning: &Beginning<'_>,
    sequence: i64,
) -> Result<(), LedgerError> {
    let FirstAccess { roles, public_collections, key } = beginning.access;
    let behind = Behind {
        recorded_at: beginning.recorded_at,
        actor: beginning.actor.into(),
        reason: String::new(),
        origin: String::new(),
    };
    let mut change = AccessChange { transaction, behind: &behind, sequence: Some(sequence) };
    put_parties(&mut change, roles).await?;
    if let Some(key) = key {
        create_key(&mut change, key).await?;
    }
    let none = Names::none();
    let public = class_names_text(public_collections.unwrap_or(&none));
    setting::insert_public_collections(change.connection(), &public, sequence).await
}

/// The organisation, the person and the roles, where they are missing.
async fn put_parties(
    change: &mut AccessChange<'_>,
    roles: &[(&str, &str)],
) -> Result<(), LedgerError> {
    organisation::add(change, FIRST_ORGANISATION).await?;
    if !is_person(change.connection()).await? {
        person::add(change, FIRST_PERSON, FIRST_ORGANISATION).await?;
    }
    let known = role::known(change.connection()).await?;
    for (name, text) in roles {
        let mut documents = known.iter().map(|known| &known.document);
        if documents.any(|document| document.name == *name && document.text.is_some()) {
            continue;
        }
        let refused = |source| LedgerError::Role { role: (*name).into(), source };
        let pack = RolePack::parse(text).map_err(refused)?;
        // A role of another name would not be found again.
        role::parsed(name, text)?;
        role::put(change, &RolePut::Put(pack)).await?;
    }
    Ok(())
}

async fn is_person(connection: &mut SqliteConnection) -> Result<bool, LedgerError> {
    match person::standing(connection, FIRST_PERSON).await {
        Ok(_) => Ok(true),
        Err(LedgerError::NoPerson { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn create_key(
    change: &mut AccessChange<'_>,
    (id, hash): (KeyId, KeyHash),
) -> Result<(), LedgerError> {
    let put = KeyPut {
        id,
        hash,
        person: FIRST_PERSON.into(),
        role: FIRST_ROLE.into(),
        narrowing: Narrowing::NONE,
        until: None,
        note: "the first key".into(),
        limits: Limits::NONE,
    };
    key::create(change, &put).await
}

impl Ledger {
    /// Makes a key for the person [`FIRST_PERSON`] with the role [`FIRST_ROLE`], and what of these the
    /// registry lacks, as one change; answers its place in the change sequence, `None` when nothing
    /// was written.
    ///
    /// # Errors
    /// When there are too many of something already, a role does not fit the classes, or the ledger
    /// cannot be read or written. Nothing is written then.
    pub async fn create_first_key(
        &self,
        put: &FirstKeyPut<'_>,
        behind: &Behind,
        writing: Writing,
    ) -> Result<Option<u64>, LedgerError> {
        let change = async |change: &mut AccessChange<'_>| {
            put_parties(change, put.roles).await?;
            create_key(change, put.key).await
        };
        let ((), sequence) =
            self.change_access("make the first key", behind, writing, change).await?;
        Ok(sequence)
    }
}
