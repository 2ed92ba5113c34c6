//! Rule packs: the TOML document that holds the rules of a jurisdiction, and the packs that the
//! program ships.
//!
//! Knows nothing of where a document is kept.

mod document;
#[cfg(test)]
mod tests;

use terrier_model::{Classes, Rule, RuleDraft, RuleError, Text};

use crate::cql2::Cql2Error;

/// The largest document, in bytes.
pub const MAX_RULE_PACK_BYTES: usize = 1 << 20;

/// The most rules of one pack.
pub const MAX_RULES: usize = 1000;

/// The rules of a jurisdiction, as they were written.
#[derive(Clone, Debug, PartialEq)]
pub struct RulePack {
    /// The name by which it is known; another document of this name is its next version.
    pub name: Box<str>,
    /// What its authors call this version of it.
    pub version: Box<str>,
    /// What people call it.
    pub title: Text,
    /// Where it applies, such as `CN`.
    pub jurisdiction: Box<str>,
    /// The rules, in the order of the document.
    pub rules: Vec<RuleDraft>,
}

/// Why a document is no rule pack, or does not fit the classes of the registry.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RulePackError {
    /// It is too long.
    #[error("{0} bytes, expected at most {MAX_RULE_PACK_BYTES}")]
    TooLong(usize),
    /// It has too many rules.
    #[error("{0} rules, expected at most {MAX_RULES}")]
    TooMany(usize),
    /// It is no TOML, or holds a key or value that no pack has.
    #[error("line {line}: {what}")]
    Line {
        /// The line of the document, counted from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// The pack itself is not as it must be.
    #[error("`{key}`: expected {expected}")]
    Pack {
        /// Which part.
        key: &'static str,
        /// What would have been right.
        expected: &'static str,
    },
    /// A part of a rule is not as it must be.
    #[error("rule `{rule}`: `{key}`: expected {expected}")]
    Key {
        /// The rule.
        rule: Box<str>,
        /// Which part.
        key: &'static str,
        /// What would have been right.
        expected: &'static str,
    },
    /// The condition of a rule is none.
    #[error("rule `{rule}`: cannot read `when`")]
    When {
        /// The rule.
        rule: Box<str>,
        /// What is wrong with it.
        source: Cql2Error,
    },
    /// Two rules of one name.
    #[error("rule `{0}` appears twice")]
    Twice(Box<str>),
    /// A rule about a class that the registry does not have.
    #[error("rule `{rule}`: no class `{class}`")]
    NoClass {
        /// The rule.
        rule: Box<str>,
        /// The class.
        class: Box<str>,
    },
    /// A rule that does not fit its class.
    #[error("rule `{rule}` does not fit its class")]
    Rule {
        /// The rule.
        rule: Box<str>,
        /// What is wrong with it.
        source: RuleError,
    },
}

impl RulePack {
    /// The pack that a TOML document describes.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line or rule.
    pub fn from_toml(text: &str) -> Result<Self, RulePackError> {
        document::read(text)
    }

    /// The pack as a TOML document, which reads back as the same pack.
    pub fn to_toml(&self) -> String {
        document::write(self)
    }

    /// The rules, each checked against its class.
    ///
    /// # Errors
    /// The first that is about no class there is, or does not fit it.
    pub fn checked(&self, classes: &Classes) -> Result<Vec<Rule>, RulePackError> {
        let check = |draft: &RuleDraft| {
            let class = classes.get(&draft.class).ok_or_else(|| RulePackError::NoClass {
                rule: draft.id.clone(),
                class: draft.class.clone(),
            })?;
            Rule::try_new(draft.clone(), class)
                .map_err(|source| RulePackError::Rule { rule: draft.id.clone(), source })
        };
        self.rules.iter().map(check).collect()
    }
}

/// The rule packs that the program ships, each with its document: the national one first, then what
/// cities lay over it.
pub fn shipped_rule_packs() -> &'static [(&'static str, &'static str)] {
    &[
        ("CN", include_str!("../../packs/rules/cn.toml")),
        ("TJ-HEXI", include_str!("../../packs/rules/tj_hexi.toml")),
    ]
}
