//! The digests of what changes wrote, table by table, read back from the ledger.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

use super::row::push_columns;
use crate::ledger::LedgerError;

/// What of a change has a digest. What a change set in rows of others counts as its own.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(in crate::ledger) enum Covered {
    ChangeSet,
    Versions,
    Assets,
    /// Where versions of others ended or were superseded.
    VersionEnds,
    Retirements,
    Events,
    /// Where events of others were superseded.
    EventEnds,
    ClassDocuments,
    RuleDocuments,
    Settings,
    OrganisationStates,
    PersonStates,
    RoleDocuments,
    Keys,
    Revocations,
}

impl Covered {
    /// All, in the order in which an entry tells of them.
    pub(super) const ALL: [Self; 15] = [
        Self::ChangeSet,
        Self::Versions,
        Self::Assets,
        Self::VersionEnds,
        Self::Retirements,
        Self::Events,
        Self::EventEnds,
        Self::ClassDocuments,
        Self::RuleDocuments,
        Self::Settings,
        Self::OrganisationStates,
        Self::PersonStates,
        Self::RoleDocuments,
        Self::Keys,
        Self::Revocations,
    ];

    /// What a change of anything but assets may have written.
    pub(super) const BESIDE_ASSETS: [Self; 9] = [
        Self::ChangeSet,
        Self::ClassDocuments,
        Self::RuleDocuments,
        Self::Settings,
        Self::OrganisationStates,
        Self::PersonStates,
        Self::RoleDocuments,
        Self::Keys,
        Self::Revocations,
    ];

    /// By which it is known in the body of an entry: the table, and of what is set in it later, the
    /// column too.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ChangeSet => "change_sets",
            Self::Versions => "versions",
            Self::Assets => "assets",
            Self::VersionEnds => "versions.ends",
            Self::Retirements => "retirements",
            Self::Events => "events",
            Self::EventEnds => "events.recorded_to",
            Self::ClassDocuments => "class_documents",
            Self::RuleDocuments => "rule_documents",
            Self::Settings => "settings",
            Self::OrganisationStates => "organisation_states",
            Self::PersonStates => "person_states",
            Self::RoleDocuments => "role_documents",
            Self::Keys => "keys",
            Self::Revocations => "keys.revoked_by",
        }
    }

    /// The rows of the changes from one to another, each after its change, in one order.
    fn statement(self) -> &'static str {
        match self {
            Self::ChangeSet => include_str!("../../sql/sqlite/audit_change_sets.sql"),
            Self::Versions => include_str!("../../sql/sqlite/audit_versions.sql"),
            Self::Assets => include_str!("../../sql/sqlite/audit_assets.sql"),
            Self::VersionEnds => include_str!("../../sql/sqlite/audit_ends.sql"),
            Self::Retirements => include_str!("../../sql/sqlite/audit_retirements.sql"),
            Self::Events => include_str!("../../sql/sqlite/audit_events.sql"),
            Self::EventEnds => include_str!("../../sql/sqlite/audit_event_ends.sql"),
            Self::ClassDocuments => include_str!("../../sql/sqlite/audit_class_documents.sql"),
            Self::RuleDocuments => include_str!("../../sql/sqlite/audit_rule_documents.sql"),
            Self::Settings => include_str!("../../sql/sqlite/audit_settings.sql"),
            Self::OrganisationStates => {
                include_str!("../../sql/sqlite/audit_organisation_states.sql")
            }
            Self::PersonStates => include_str!("../../sql/sqlite/audit_person_states.sql"),
            Self::RoleDocuments => include_str!("../../sql/sqlite/audit_role_documents.sql"),
            Self::Keys => include_str!("../../sql/sqlite/audit_keys.sql"),
            Self::Revocations => include_str!("../../sql/sqlite/audit_revocations.sql"),
        }
    }
}

/// SHA-256 of the rows that one change wrote into one table.
pub(in crate::ledger) type RowsHash = [u8; 32];

/// The digests of one change; without those of which it wrote nothing.
pub(in crate::ledger) type Digests = Vec<(Covered, RowsHash)>;

/// The digests of the changes from one to another of some tables, by change. Costs a look at every row
/// that they wrote, and for [`Covered::VersionEnds`] at every version that has an end.
pub(super) async fn read_digests(
    connection: &mut SqliteConnection,
    tables: &[Covered],
    (first, last): (i64, i64),
) -> Result<HashMap<i64, Digests>, LedgerError> {
    let mut digests: HashMap<i64, Digests> = HashMap::new();
    for table in tables {
        for (sequence, hash) in rows_hashes(connection, table.statement(), (first, last)).await? {
            digests.entry(sequence).or_default().push((*table, hash));
        }
    }
    digests.values_mut().for_each(|of_change| of_change.sort_unstable());
    Ok(digests)
}

/// SHA-256 of the rows of a statement, by the number that their first column is.
pub(super) async fn rows_hashes(
    connection: &mut SqliteConnection,
    statement: &'static str,
    (first, last): (i64, i64),
) -> Result<HashMap<i64, RowsHash>, LedgerError> {
    let fault = LedgerError::while_doing("read what the audit is about");
    let mut rows = sqlx::query(statement).bind(first).bind(last).fetch(connection);
    let mut hashes: HashMap<i64, Sha256> = HashMap::new();
    let mut bytes = Vec::new();
    while let Some(row) = rows.try_next().await.map_err(&fault)? {
        let number: i64 = row.try_get(0).map_err(&fault)?;
        bytes.clear();
        push_columns(&mut bytes, &row, 1)?;
        hashes.entry(number).or_default().update(&bytes);
    }
    Ok(hashes.into_iter().map(|(number, hash)| (number, hash.finalize().into())).collect())
}
