//! The folder of the registry.

use std::path::{Path, PathBuf};

use terrier_catalog::{
    Secret, class_from_toml, shipped_classes, shipped_roles, shipped_rule_packs,
};
use terrier_model::Classes;
use terrier_store::{Beginning, FirstAccess, Ledger, LedgerError};

use crate::clock;
use crate::failure::Failure;

/// The folder that was named, or the usual one.
pub(crate) fn chosen(data: Option<PathBuf>) -> PathBuf {
    data.unwrap_or_else(|| "terrier-data".into())
}

/// The registry of the folder; a new one with the shipped classes and the national rules where there
/// is nothing yet.
pub(crate) async fn open_or_create(folder: &Path) -> Result<Ledger, LedgerError> {
    if Ledger::exists(folder) {
        return Ledger::open(folder).await;
    }
    match create(folder, None).await {
        // Somebody else made one at the same time.
        Err(LedgerError::Exists { .. }) => Ledger::open(folder).await,
        made => made,
    }
}

/// Makes a registry with the shipped classes and roles and the national rules, and a key for its
/// administrator, if one is given.
///
/// # Errors
/// Also [`LedgerError::Exists`], when somebody else has made one.
pub(crate) async fn create(folder: &Path, key: Option<&Secret>) -> Result<Ledger, LedgerError> {
    let beginning = Beginning {
        classes: shipped_classes(),
        rules: first_rules(),
        time_zone: &clock::time_zone(),
        access: FirstAccess {
            roles: shipped_roles(),
            public_collections: None,
            key: key.map(|key| (key.id(), key.hash())),
        },
        recorded_at: clock::now(),
        actor: &user(),
    };
    let nothing = async |_: &Ledger| Ok::<_, LedgerError>(());
    Ledger::create_filled(folder, &beginning, nothing).await.map(|(ledger, ())| ledger)
}

/// The packs of rules that a new registry starts with: what a city lays over them is for the city to
/// choose.
pub(crate) fn first_rules() -> &'static [(&'static str, &'static str)] {
    &shipped_rule_packs()[..1]
}

/// The classes that a new registry starts with.
pub(crate) fn first_classes() -> Result<Classes, Failure> {
    let parsed = shipped_classes().iter().map(|(_, document)| class_from_toml(document));
    parsed.collect::<Result<_, _>>().map_err(|error| Failure::because("a class is broken", error))
}

/// A registry for a rehearsal where there is none yet. It lies elsewhere, as long as the second
/// value lives.
pub(crate) async fn rehearse(folder: &Path) -> Result<(Ledger, Option<Scratch>), LedgerError> {
    let is_empty = std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
    if !is_empty {
        return Err(LedgerError::NotEmpty { folder: folder.into() });
    }
    let scratch = Scratch(std::env::temp_dir().join(format!("terrier-{}", clock::new_id())));
    Ok((open_or_create(&scratch.0).await?, Some(scratch)))
}

/// The registry that a change is for: that of the folder, made when there is none yet; or, where it
/// only is rehearsed and there is none, one that lies elsewhere, as long as the second value lives.
pub(crate) async fn for_change(
    folder: &Path,
    dry_run: bool,
) -> Result<(Ledger, Option<Scratch>), LedgerError> {
    if dry_run && !Ledger::exists(folder) {
        return rehearse(folder).await;
    }
    Ok((open_or_create(folder).await?, None))
}

/// A folder that goes away with it.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Who makes a change: who was named, otherwise the user.
pub(crate) fn actor(named: Option<&String>) -> String {
    named.cloned().unwrap_or_else(user)
}

/// Who runs the program, as far as it can be told.
pub(crate) fn user() -> String {
    std::env::var("USER").ok().filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown".into())
}
