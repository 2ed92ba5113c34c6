//! Names of organisations and of people.

use std::fmt;

/// The most characters of such a name.
pub const MAX_PARTY_CHARS: usize = 80;

/// A name of an organisation or a person: some characters that can be seen, without white space around
/// them.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PartyName(Box<str>);

/// A text that is no such name.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "expected a name of 1 to {MAX_PARTY_CHARS} characters, without line ends and other controls"
)]
pub struct PartyNameError;

impl PartyName {
    /// The name that a text is; white space around it is no part of it.
    ///
    /// # Errors
    /// When nothing is left, it is too long, or it holds a control character.
    pub fn try_new(text: &str) -> Result<Self, PartyNameError> {
        let text = text.trim();
        let is_good = (1..=MAX_PARTY_CHARS).contains(&text.chars().count())
            && !text.chars().any(char::is_control);
        if is_good { Ok(Self(text.into())) } else { Err(PartyNameError) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PartyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let name = PartyName::try_new(text).ok();
        assert_eq!(name.as_ref().map(PartyName::as_str), expected, "{text:?}");
    }

    #[test]
    fn a_name_is_what_people_write_within_bounds() {
        check("wang.li", Some("wang.li"));
        check(" 河西燃气公司 ", Some("河西燃气公司"));
        check("", None);
        check(" \n", None);
        check("a\nb", None);
        check("a\u{7}", None);
        let long = "管".repeat(MAX_PARTY_CHARS);
        check(&long, Some(&long));
        check(&format!("{long}管"), None);
    }
}
