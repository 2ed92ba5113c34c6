//! Whether a ledger holds together.

use sqlx::sqlite::Sqlite;
use terrier_model::AuditMark;

use super::{Ledger, LedgerError, access, audit, class, extent, rule, setting};

/// The most findings of one kind that are told.
const TOLD_MAX: usize = 20;

/// What a check looked at and found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// The last change.
    pub sequence: u64,
    /// Assets that were read.
    pub assets: u64,
    /// The last entry of the audit.
    pub audit: AuditMark,
    /// So many entries of the audit are of changes that were there before it began.
    pub adopted: u64,
    /// What is wrong, each in words; none when all is well. At most some of each kind are told.
    pub problems: Vec<String>,
}

/// The checks that are statements; each row of an answer is a problem in words, but for `ok`.
const STATEMENTS: [&str; 10] = [
    "pragma integrity_check(20)",
    "select 'a row of ' || \"table\" || ' points to no row of ' || parent
    from pragma_foreign_key_check
    limit 20",
    include_str!("../sql/sqlite/check_sequence.sql"),
    include_str!("../sql/sqlite/check_change_sets.sql"),
    include_str!("../sql/sqlite/check_versions.sql"),
    include_str!("../sql/sqlite/check_standing.sql"),
    include_str!("../sql/sqlite/check_periods.sql"),
    include_str!("../sql/sqlite/check_events.sql"),
    include_str!("../sql/sqlite/check_access.sql"),
    include_str!("../sql/sqlite/check_effects.sql"),
];

impl Ledger {
    /// Reads the whole ledger and tells what is wrong with it: pages and keys of the database, gaps
    /// in the change sequence or in the versions or events of an asset, changes that did something
    /// else than is kept of them, documents that describe no class or are no roles, contents that
    /// their class cannot read, versions that are not where their place says or larger than is kept of
    /// their class, and what is not as the audit says. With a mark the audit must lead through it.
    ///
    /// # Errors
    /// When the ledger cannot be read at all.
    pub async fn verify(&self, mark: Option<&AuditMark>) -> Result<Findings, LedgerError> {
        let mut findings = Findings::default();
        let fault = LedgerError::while_doing("check the ledger");
        let mut reader = self.readers.begin().await.map_err(&fault)?;
        for statement in STATEMENTS {
            let found = or_damage(texts(&mut reader, statement).await)?;
            findings.problems.extend(found.into_iter().filter(|line| line != "ok"));
        }
        let described = class::verify(&mut reader).await;
        findings.problems.extend(or_damage(described)?);
        let ruled = rule::verify(&mut reader).await;
        findings.problems.extend(or_damage(ruled)?);
        let allowed = access::verify(&mut reader).await;
        findings.problems.extend(or_damage(allowed)?);
        let set = setting::load(&mut reader).await;
        findings.problems.extend(or_damage(set.map(|_| Vec::new()))?);
        match audit::verify(&mut reader, mark).await {
            Ok(chain) => {
                (findings.audit, findings.adopted) = (chain.head, chain.adopted);
                findings.problems.extend(chain.problems);
            }
            Err(error) => findings.problems.extend(or_damage(Err(error))?),
        }
        let placed = extent::verify(&mut reader, TOLD_MAX).await;
        findings.problems.extend(or_damage(placed)?);
        drop(reader);
        let verified = self.verify_assets(&mut findings).await;
        findings.problems.extend(or_damage(verified.map(|()| Vec::new()))?);
        findings.problems.dedup();
        Ok(findings)
    }

    async fn verify_assets(&self, findings: &mut Findings) -> Result<(), LedgerError> {
        let mut reading = self.read().await?;
        findings.sequence = reading.sequence();
        for place in 0..reading.class_count() {
            let outcome = reading
                .standing(place, None, |_| {
                    findings.assets += 1;
                    true
                })
                .await;
            findings.problems.extend(or_damage(outcome.map(|()| Vec::new()))?);
        }
        Ok(())
    }
}

/// What was found, or that the file is too damaged to look.
fn or_damage(found: Result<Vec<String>, LedgerError>) -> Result<Vec<String>, LedgerError> {
    found.or_else(|error| match error.damage() {
        Some(what) => Ok(vec![what]),
        None => Err(error),
    })
}

async fn texts(
    reader: &mut sqlx::Transaction<'static, Sqlite>,
    statement: &'static str,
) -> Result<Vec<String>, LedgerError> {
    use futures_util::TryStreamExt;
    let fault = LedgerError::while_doing("check the ledger");
    let mut rows = sqlx::query_scalar::<_, String>(statement).fetch(&mut **reader);
    let mut found = Vec::new();
    while let Some(text) = rows.try_next().await.map_err(&fault)? {
        if found.len() == TOLD_MAX {
            found.push("… and more of this kind".into());
            break;
        }
        found.push(text);
    }
    Ok(found)
}
