//! What can go wrong with a ledger.

use std::path::{Path, PathBuf};

use sqlx::error::DatabaseError;

/// An operation on the ledger that failed. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The folder cannot be made or read.
    #[error("cannot use the folder `{}`", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is no registry where one was expected.
    #[error("no registry in `{}`: there is no `{}` in it", folder.display(), super::FILE_NAME)]
    NoRegistry {
        /// The folder.
        folder: PathBuf,
    },
    /// There is a registry where a new one was to be made.
    #[error("there is a registry in `{}` already", folder.display())]
    Exists {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder holds other things, so no registry is made in it.
    #[error(
        "`{}` is no registry and is not empty, expected a registry, an empty folder or none",
        folder.display()
    )]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
    },
    /// The file is of another kind.
    #[error("`{}` is not a registry of Terrier", file.display())]
    NotTerrier {
        /// The file.
        file: PathBuf,
    },
    /// The registry has a form that this program does not know.
    #[error(
        "the registry in `{}` was written by a newer Terrier (form {found}, this program knows up \
         to {known}): use that program, or a newer one",
        folder.display()
    )]
    Newer {
        /// The folder.
        folder: PathBuf,
        /// The form found.
        found: i64,
        /// The newest form known.
        known: i64,
    },
    /// The file of the registry, or one beside it, cannot be opened.
    #[error("cannot open `{}` for reading and writing", file.display())]
    Open {
        /// The file.
        file: PathBuf,
        /// Why.
        source: sqlx::Error,
    },
    /// SQLite is of a release that may corrupt a registry which two processes write.
    #[error("SQLite {found} is too old, expected at least 3.51.3")]
    OldSqlite {
        /// The release.
        found: String,
    },
    /// Somebody else is writing, and went on for longer than we wait.
    #[error("the registry is busy: another import or edit is under way; try again when it is done")]
    Busy,
    /// A class was described anew between two looks at it, so that what was made by its former
    /// description cannot be used.
    #[error("class `{class}` was changed meanwhile; try again")]
    ClassChanged {
        /// The class.
        class: String,
    },
    /// There would be too many classes.
    #[error("{count} classes, expected at most {} in a registry", super::MAX_CLASSES)]
    TooManyClasses {
        /// How many there would be.
        count: usize,
    },
    /// A pack of rules cannot be read, or does not fit the classes or the other packs.
    #[error("rule pack `{pack}` does not fit the registry")]
    Rules {
        /// The pack.
        pack: String,
        /// What is wrong with it.
        source: terrier_catalog::RulePackError,
    },
    /// There is no such pack in force.
    #[error("no rule pack `{name}` in force")]
    NoRulePack {
        /// The name.
        name: String,
    },
    /// There would be too many packs of rules.
    #[error("expected at most {} rule packs in a registry", super::MAX_RULE_PACKS)]
    TooManyRulePacks,
    /// A change that was written together with others failed with them.
    #[error(transparent)]
    Together(std::sync::Arc<LedgerError>),
    /// Whoever was to write a change ended before it did.
    #[error("the change was not written")]
    Lost,
    /// A role cannot be read, or does not fit the classes.
    #[error("role `{role}` does not fit the registry")]
    Role {
        /// The role.
        role: String,
        /// What is wrong with it.
        source: terrier_catalog::RoleError,
    },
    /// A role is for an area, and so is a key that has it, with another rule for what lies across the edge.
    #[error(
        "role `{role}` is for an area, and so is a key that has it: expected the same `edge` of both"
    )]
    TwoEdges {
        /// The role.
        role: String,
    },
    /// There is no such organisation, or it is retired.
    #[error("no organisation `{name}`")]
    NoOrganisation {
        /// The name.
        name: String,
    },
    /// There is no such person, or they are retired.
    #[error("no person `{name}`")]
    NoPerson {
        /// The name.
        name: String,
    },
    /// There is no such role in force.
    #[error("no role `{name}` in force")]
    NoRole {
        /// The name.
        name: String,
    },
    /// There is no such key, or it is revoked already.
    #[error("no key `{id}` that is not revoked already")]
    NoKey {
        /// By which it would be known.
        id: terrier_catalog::KeyId,
    },
    /// There is no such class.
    #[error("no class `{name}`")]
    NoClass {
        /// The name.
        name: String,
    },
    /// There would be too many of something.
    #[error("expected at most {most} {what} in a registry")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        most: usize,
    },
    /// A document in the ledger is not what it should be.
    #[error("the ledger holds a broken record: {what}")]
    Broken {
        /// Where, and what was found.
        what: String,
    },
    /// SQLite says no.
    #[error("cannot {doing}")]
    Sqlite {
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        source: sqlx::Error,
    },
}

impl LedgerError {
    /// Wraps an error of SQLite with what was being done.
    pub(super) fn while_doing(doing: &'static str) -> impl Fn(sqlx::Error) -> Self {
        move |source| match primary_code(&source) {
            Some(SQLITE_BUSY) => Self::Busy,
            _ => Self::Sqlite { doing, source },
        }
    }

    /// Wraps an error of SQLite that came of opening a file.
    pub(super) fn while_opening(file: &Path) -> impl Fn(sqlx::Error) -> Self {
        move |source| match primary_code(&source) {
            Some(SQLITE_BUSY) => Self::Busy,
            Some(SQLITE_NOTADB) => Self::NotTerrier { file: file.into() },
            _ => Self::Open { file: file.into(), source },
        }
    }

    /// Whether there was no space to write.
    pub fn is_of_space(&self) -> bool {
        match self {
            Self::Together(error) => error.is_of_space(),
            Self::Sqlite { source, .. } => primary_code(source) == Some(SQLITE_FULL),
            _ => false,
        }
    }

    /// What is broken in the file, when that is why SQLite says no.
    pub(super) fn damage(&self) -> Option<String> {
        match self {
            Self::Broken { what } => Some(what.clone()),
            Self::Sqlite { doing, source } if is_damage(source) => {
                Some(format!("the file is damaged, so that one cannot {doing}"))
            }
            _ => None,
        }
    }
}

const SQLITE_BUSY: i32 = 5;
const SQLITE_CORRUPT: i32 = 11;
const SQLITE_FULL: i32 = 13;
const SQLITE_NOTADB: i32 = 26;

fn is_damage(error: &sqlx::Error) -> bool {
    primary_code(error) == Some(SQLITE_CORRUPT) || matches!(error, sqlx::Error::ColumnDecode { .. })
}

/// The result code of SQLite, without what extends it.
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.and_then(|code| code.parse::<i32>().ok()).map(|code| code & 0xff)
}
