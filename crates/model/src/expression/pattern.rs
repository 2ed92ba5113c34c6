//! The pattern of LIKE: `%` stands for any text, `_` for one character, `\` takes the meaning away
//! from what follows it.

/// The most characters of a pattern.
// A test costs at most the length of the text times that of the longest piece with `_` in it.
pub const MAX_PATTERN_CHARS: usize = 256;

/// A pattern, ready to be compared with texts, letter by letter.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    text: Box<str>,
    /// What lies between the `%`: the first begins the text, the last ends it, those between come
    /// in their order and do not overlap.
    pieces: Box<[Piece]>,
    /// With which byte a text must end to be of it, where that is known.
    last_byte: Option<u8>,
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Plain(Box<str>),
    /// `None` is any character.
    Holes(Box<[Option<char>]>),
}

impl Pattern {
    /// A pattern from its text; `None` when it ends in a `\` with nothing behind it, or has more
    /// than [`MAX_PATTERN_CHARS`] characters.
    pub fn new(text: &str) -> Option<Self> {
        if text.chars().count() > MAX_PATTERN_CHARS {
            return None;
        }
        let mut pieces = Vec::new();
        let mut piece = Vec::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '%' => pieces.push(Piece::new(std::mem::take(&mut piece))),
                '_' => piece.push(None),
                '\\' => piece.push(Some(chars.next()?)),
                _ => piece.push(Some(c)),
            }
        }
        pieces.push(Piece::new(piece));
        let last_byte = match pieces.last() {
            Some(Piece::Plain(plain)) => plain.as_bytes().last().copied(),
            _ => None,
        };
        Some(Self { text: text.into(), pieces: pieces.into(), last_byte })
    }

    /// The pattern as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the whole text is of the pattern.
    #[inline]
    pub fn matches(&self, text: &str) -> bool {
        // Most texts of a column are told by this, without a call.
        if self.last_byte.is_some() && text.as_bytes().last().copied() != self.last_byte {
            return false;
        }
        self.holds(text)
    }

    fn holds(&self, text: &str) -> bool {
        let [first, middle @ .., last] = &*self.pieces else {
            return self.pieces[0].end_at_start(text) == Some(text.len());
        };
        let Some(end) = first.end_at_start(text) else { return false };
        let mut rest = &text[end..];
        for piece in middle {
            let Some(end) = piece.first_end(rest) else { return false };
            rest = &rest[end..];
        }
        last.is_at_end(rest)
    }
}

impl Piece {
    fn new(chars: Vec<Option<char>>) -> Self {
        match chars.iter().copied().collect::<Option<String>>() {
            Some(plain) => Self::Plain(plain.into()),
            None => Self::Holes(chars.into()),
        }
    }

    /// Where the piece ends when the text begins with it.
    fn end_at_start(&self, text: &str) -> Option<usize> {
        match self {
            Self::Plain(plain) => begins_with(text, plain).then_some(plain.len()),
            Self::Holes(wanted) => {
                let mut found = text.chars();
                let fits = wanted.iter().all(|wanted| {
                    found.next().is_some_and(|found| wanted.is_none_or(|wanted| wanted == found))
                });
                fits.then(|| text.len() - found.as_str().len())
            }
        }
    }

    /// Where the first piece in the text ends.
    fn first_end(&self, text: &str) -> Option<usize> {
        match self {
            Self::Plain(plain) => text.find(&**plain).map(|start| start + plain.len()),
            Self::Holes(_) => text
                .char_indices()
                .find_map(|(start, _)| self.end_at_start(&text[start..]).map(|end| start + end)),
        }
    }

    fn is_at_end(&self, text: &str) -> bool {
        match self {
            Self::Plain(plain) => {
                text.len() >= plain.len()
                    && is_same(&text.as_bytes()[text.len() - plain.len()..], plain.as_bytes())
            }
            Self::Holes(wanted) => {
                let start = text.char_indices().rev().nth(wanted.len() - 1);
                start.is_some_and(|(start, _)| {
                    self.end_at_start(&text[start..]) == Some(text.len() - start)
                })
            }
        }
    }
}

fn begins_with(text: &str, plain: &str) -> bool {
    text.as_bytes().get(..plain.len()).is_some_and(|start| is_same(start, plain.as_bytes()))
}

/// Whether two texts of one length are the same.
// Most differ in their last letter already. An empty text must not reach the comparison of the
// standard library: it lies nowhere, and processors take a hundred times as long to read nothing from there.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.last() == other.last() && (one.len() < 2 || one == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, text: &str, expected: bool) {
        let pattern = Pattern::new(pattern).expect("a pattern");
        assert_eq!(pattern.matches(text), expected, "{pattern:?} {text}");
    }

    #[test]
    fn a_pattern_is_compared_with_the_whole_text() {
        check("", "", true);
        check("", "a", false);
        check("%", "", true);
        check("a", "a", true);
        check("a", "A", false);
        check("a%", "ab", true);
        check("%a", "ab", false);
        check("%b%", "abc", true);
        check("a%a", "a", false);
        check("a%a", "aa", true);
        check("%ab%ab", "ab", false);
        check("%ab%bc%", "abc", false);
        check("%%a%%", "bab", true);
    }

    #[test]
    fn an_underscore_is_one_character_of_any_script() {
        check("_", "", false);
        check("_", "路", true);
        check("__", "路", false);
        check("友_路", "友谊路", true);
        check("%_路", "路", false);
        check("%_路", "友谊路", true);
        check("%谊_%", "友谊路", true);
        check("%_a_%b", "xxab", false);
        check("%_a_%b", "xxacb", true);
    }

    #[test]
    fn a_backslash_takes_the_meaning_away() {
        check("100\\%", "100%", true);
        check("100\\%", "1000", false);
        check("a\\_b", "a_b", true);
        check("a\\_b", "axb", false);
        check("\\\\", "\\", true);
        check("\\a", "a", true);
        assert_eq!(Pattern::new("a\\"), None);
    }

    #[test]
    fn a_pattern_has_a_greatest_length() {
        assert!(Pattern::new(&"_".repeat(MAX_PATTERN_CHARS)).is_some());
        assert_eq!(Pattern::new(&"_".repeat(MAX_PATTERN_CHARS + 1)), None);
    }

    #[test]
    fn a_pattern_agrees_with_a_plain_one_that_tries_everything() {
        fn plain(pattern: &[char], text: &[char]) -> bool {
            match pattern {
                [] => text.is_empty(),
                ['%', rest @ ..] => (0..=text.len()).any(|at| plain(rest, &text[at..])),
                ['_', rest @ ..] => !text.is_empty() && plain(rest, &text[1..]),
                [c, rest @ ..] => text.first() == Some(c) && plain(rest, &text[1..]),
            }
        }
        let words = |letters: &[char], length: u32| -> Vec<Vec<char>> {
            let count = letters.len().pow(length);
            let word = |number: usize| {
                (0..length).map(move |at| letters[number / letters.len().pow(at) % letters.len()])
            };
            (0..count).map(|number| word(number).collect()).collect()
        };
        for pattern in (0..=5).flat_map(|length| words(&['a', '路', '%', '_'], length)) {
            let ready = Pattern::new(&pattern.iter().collect::<String>()).expect("a pattern");
            for text in (0..=4).flat_map(|length| words(&['a', '路'], length)) {
                let found = ready.matches(&text.iter().collect::<String>());
                assert_eq!(found, plain(&pattern, &text), "{pattern:?} {text:?}");
            }
        }
    }
}
