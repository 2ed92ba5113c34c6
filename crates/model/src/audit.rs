//! The audit as values: its entries, and what was read of restricted collections.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::ChangeSet;

/// Of what an entry of the audit is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AuditKind {
    /// Of a change, with which it was written.
    Change,
    /// Of a change that was there when the chain began.
    Adopted,
    /// Of what was read of restricted collections.
    Reads,
}

impl AuditKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Change, Self::Adopted, Self::Reads];

    /// The kind in a word.
    pub fn code(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Adopted => "adopted",
            Self::Reads => "reads",
        }
    }

    /// The kind of that word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// An entry of the audit, which stands for the whole chain up to it. As text it is its number, a colon and
/// the hash in 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct AuditMark {
    /// Its number; 0 is before the first.
    pub number: u64,
    /// Its hash.
    pub hash: [u8; 32],
}

impl fmt::Display for AuditMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.number)?;
        self.hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for AuditMark {
    type Err = AuditMarkError;

    fn from_str(text: &str) -> Result<Self, AuditMarkError> {
        let (number, digits) = text.split_once(':').ok_or(AuditMarkError)?;
        let is_number = number.bytes().all(|digit| digit.is_ascii_digit());
        let is_hash = digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        if !(is_number && is_hash) {
            return Err(AuditMarkError);
        }
        let number = number.parse().map_err(|_| AuditMarkError)?;
        let mut hash = [0; 32];
        for (place, byte) in hash.iter_mut().enumerate() {
            let two = &digits[place * 2..place * 2 + 2];
            *byte = u8::from_str_radix(two, 16).map_err(|_| AuditMarkError)?;
        }
        Ok(Self { number, hash })
    }
}

/// A text that is no entry of the audit.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected the number of an entry, a colon and 64 hexadecimal digits")]
pub struct AuditMarkError;

/// That something was read of a restricted collection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Read {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub reader: ReadBy,
    /// How: a route of HTTP, or a command.
    pub route: Box<str>,
    /// The collection.
    pub collection: Box<str>,
    /// The window, as it was asked.
    pub window: Option<Box<str>>,
    /// Other conditions, as they were asked.
    pub conditions: Option<Box<str>>,
    /// As of when, as it was asked; `None` is now.
    pub as_of: Option<Box<str>>,
    /// So many features were told of.
    pub features: u64,
}

/// Who read.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ReadBy {
    /// By name, as of changes; `None` for who brought no key.
    pub actor: Option<Box<str>>,
    /// The organisation that they are of.
    pub organisation: Option<Box<str>>,
    /// The id of the key that they brought.
    pub key: Option<Box<str>>,
    /// The role that they have.
    pub role: Option<Box<str>>,
}

/// What the audit tells.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRecord {
    /// The entry.
    pub entry: AuditMark,
    /// Of what it is.
    pub kind: AuditKind,
    /// The place within the entry; 0 for one of a change.
    pub position: u64,
    /// What it is about.
    pub about: AuditAbout,
}

/// What an entry of the audit is about.
#[derive(Clone, Debug, PartialEq)]
pub enum AuditAbout {
    /// A change.
    Change(ChangeSet),
    /// Something that was read.
    Read(Read),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, is_mark: bool) {
        let read: Result<AuditMark, _> = text.parse();
        assert_eq!(read.map(|mark| mark.to_string()).ok().as_deref(), is_mark.then_some(text));
    }

    #[test]
    fn an_entry_comes_back_from_its_text() {
        let hash = "0123456789abcdef".repeat(4);
        check(&format!("0:{hash}"), true);
        check(&format!("18446744073709551615:{hash}"), true);
        check(&format!("18446744073709551616:{hash}"), false);
        check(&format!(":{hash}"), false);
        check(&format!("1:{hash}0"), false);
        check(&format!("1:{}", &hash[1..]), false);
        check(&format!("1:{}é", &hash[2..]), false);
        check(&format!("-1:{hash}"), false);
        check(&hash, false);
        check("", false);
    }
}
