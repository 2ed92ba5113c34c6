//! Texts compared without regard to case or accents.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What a comparison of texts takes no notice of.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Fold {
    /// Capital and small letters are the same.
    pub case: bool,
    /// Letters with and without accents are the same.
    pub accents: bool,
}

/// Letters whose stroke, or whose being two letters in one, Unicode takes for no accent, though
/// readers do.
const LETTERS: [(char, &str); 15] = [
    ('ø', "o"),
    ('Ø', "O"),
    ('đ', "d"),
    ('Đ', "D"),
    ('ł', "l"),
    ('Ł', "L"),
    ('ħ', "h"),
    ('Ħ', "H"),
    ('ŧ', "t"),
    ('Ŧ', "T"),
    ('ı', "i"),
    ('æ', "ae"),
    ('Æ', "AE"),
    ('œ', "oe"),
    ('Œ', "OE"),
];

impl Fold {
    /// Whether it changes nothing.
    pub fn is_none(self) -> bool {
        self == Self::default()
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { case: self.case || other.case, accents: self.accents || other.accents }
    }

    /// The text as it is compared. Costs a copy unless nothing changes.
    pub fn apply(self, text: &str) -> Cow<'_, str> {
        if self.is_none() {
            return Cow::Borrowed(text);
        }
        if text.is_ascii() {
            let has_capitals = self.case && text.bytes().any(|byte| byte.is_ascii_uppercase());
            return if has_capitals { text.to_ascii_lowercase().into() } else { text.into() };
        }
        let plain: Cow<'_, str> =
            if self.accents { without_accents(text).into() } else { text.into() };
        if self.case { without_case(&plain).into() } else { plain }
    }
}

/// Letter by letter to small ones, to capitals and back, so that `ẞ` and `ß` become `ss` and both
/// small sigmas are one.
fn without_case(text: &str) -> String {
    let capitals = text.chars().flat_map(char::to_lowercase).flat_map(char::to_uppercase);
    capitals.flat_map(char::to_lowercase).collect()
}

fn without_accents(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.nfd().filter(|c| !is_combining_mark(*c)) {
        match LETTERS.iter().find(|(letter, _)| *letter == c) {
            Some((_, instead)) => plain.push_str(instead),
            None => plain.push(c),
        }
    }
    // What was no accent, such as the parts of a Korean syllable, is put together again.
    plain.nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_differ_by_case_or_accents_are_folded_to_the_same() {
        let check = |case, accents, text: &str, expected: &str| {
            assert_eq!(Fold { case, accents }.apply(text), expected, "{text}");
        };
        check(false, false, "KØB", "KØB");
        check(true, false, "KØBENHAVN", "københavn");
        check(true, false, "Straße ΟΔΟΣ οδος", "strasse οδοσ οδοσ");
        check(false, true, "Chișinău", "Chisinau");
        check(false, true, "débárquér", "debarquer");
        check(true, true, "KØBENHAVN Æ", "kobenhavn ae");
        check(true, true, "友谊路 PE", "友谊路 pe");
        check(false, true, "한국", "한국");
        check(false, true, "e\u{301}", "e");
        check(true, true, "", "");
    }
}
