//! What somebody searches for in the names, codes and places of features, and in what their codes mean.

use std::hash::{Hash, Hasher};

use terrier_model::{Code, CoreField, Field, Kind, Scope, ValueRef};

use crate::Collection;
use crate::fold::{fold_into, folded};
use crate::query::{QueryError, shorten};

/// The most characters that are searched for.
pub const MAX_SEARCH_CHARS: usize = 200;

/// The most words that are searched for.
pub const MAX_SEARCH_WORDS: usize = 16;

/// The parameter that says what is searched for.
pub(crate) const SEARCH: &str = "q";

/// Words, of which features have to have some.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// In the form in which they are compared, each once.
    words: Vec<Box<str>>,
    /// The places of words; all of one of these lists have to be found.
    alternatives: Vec<Vec<usize>>,
    /// The places of fields in which they are sought.
    fields: Vec<usize>,
    /// The one of them that holds the code of an asset.
    code: Option<usize>,
    /// Those of them that have a list of codes.
    listed: Vec<Listed>,
}

/// The codes of a field that have a word: in themselves, or in a title.
#[derive(Clone, Debug, PartialEq)]
struct Listed {
    field: usize,
    /// Sorted, with the words that each has.
    codes: Vec<(Box<str>, Words)>,
}

/// The places of words, and how well they are had.
type Words = Vec<(usize, Rank)>;

impl Listed {
    fn new(field: usize, codes: &[Code], words: &[Box<str>]) -> Self {
        let with_words = |code: &Code| {
            let texts = [&code.code, &code.title.en, &code.title.zh].map(|text| folded(text));
            let ranks = words.iter().enumerate().filter_map(|(place, word)| {
                let rank = texts.iter().filter_map(|text| rank_in(text, word)).min();
                rank.map(|rank| (place, rank))
            });
            (code.code.clone(), ranks.collect::<Words>())
        };
        let mut codes: Vec<_> = codes.iter().map(with_words).collect();
        codes.retain(|(_, ranks)| !ranks.is_empty());
        codes.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Self { field, codes }
    }
}

/// How well a feature has what is searched for, the best first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Rank {
    /// Its code is the word.
    Code,
    /// Another field is the word.
    Whole,
    /// A field begins with the word.
    Beginning,
    /// A field has the word somewhere.
    Within,
}

impl Rank {
    /// All of them, the best first.
    pub const ALL: [Self; 4] = [Self::Code, Self::Whole, Self::Beginning, Self::Within];

    /// A number by which features are sorted: the lesser the better.
    pub fn value(self) -> ValueRef<'static> {
        ValueRef::Integer(self as i64)
    }
}

impl Search {
    /// Reads words with space between, all of which have to be found; or several such lists with commas
    /// between, of which one is enough.
    pub(crate) fn parse(
        text: &str,
        collection: &Collection,
        scope: &Scope,
    ) -> Result<Self, QueryError> {
        let fault = |detail: String| QueryError::new(SEARCH, detail);
        if text.chars().count() > MAX_SEARCH_CHARS {
            return Err(fault(format!("more than {MAX_SEARCH_CHARS} characters")));
        }
        let (mut words, mut alternatives) = (Vec::<Box<str>>::new(), Vec::new());
        let text = folded(text);
        // The wide comma has become a narrow one; the one of lists is another.
        for alternative in text.split([',', '、']) {
            let mut places: Vec<usize> = Vec::new();
            for word in alternative.split_whitespace() {
                let known = words.iter().position(|other| **other == *word);
                places.push(known.unwrap_or_else(|| {
                    words.push(word.into());
                    words.len() - 1
                }));
            }
            if !places.is_empty() {
                alternatives.push(places);
            }
        }
        if words.len() > MAX_SEARCH_WORDS {
            return Err(fault(format!("more than {MAX_SEARCH_WORDS} words")));
        }
        if alternatives.is_empty() {
            return Err(fault(format!("found `{}`, expected words", shorten(&text))));
        }
        // What falls due is searched by its assets.
        let is_own = |field: &Field| field.core.is_some() || collection.class().is_some();
        let fields = collection.seen_fields(scope);
        let fields = fields.filter(|(_, field)| is_searched(field) && is_own(field));
        let (mut positions, mut listed) = (Vec::new(), Vec::new());
        for (position, field) in fields {
            if let Kind::Code(codes) = &field.kind {
                let codes = Listed::new(position, codes, &words);
                // Where no code has a word there is nothing to look for.
                if codes.codes.is_empty() {
                    continue;
                }
                listed.push(codes);
            }
            positions.push(position);
        }
        let code = collection.position("code", scope);
        Ok(Self { words, alternatives, fields: positions, code, listed })
    }

    /// The places of the fields in which it is sought.
    pub fn fields(&self) -> &[usize] {
        &self.fields
    }

    /// How many words there are.
    pub fn words(&self) -> usize {
        self.words.len()
    }

    /// Tells for each word how well a text of a field has it; a code has what it means too. What is taken
    /// into `memory` is of no use afterwards.
    pub fn look(
        &self,
        field: usize,
        text: &str,
        memory: &mut String,
        mut tell: impl FnMut(usize, Rank),
    ) {
        if let Some(listed) = self.listed.iter().find(|listed| listed.field == field) {
            let place = listed.codes.binary_search_by(|(code, _)| (**code).cmp(text));
            if let Ok(place) = place {
                listed.codes[place].1.iter().for_each(|(word, rank)| tell(*word, *rank));
            }
            return;
        }
        fold_into(text, memory);
        for (place, word) in self.words.iter().enumerate() {
            match rank_in(memory, word) {
                None => {}
                Some(Rank::Whole) if Some(field) == self.code => tell(place, Rank::Code),
                Some(rank) => tell(place, rank),
            }
        }
    }

    /// How well a feature has what is searched for, given how well it has each word; `None` where it has it
    /// not. Of words that all have to be found the worst counts, of several lists the best.
    pub fn rank(&self, of_word: impl Fn(usize) -> Option<Rank>) -> Option<Rank> {
        let of_list = |places: &Vec<usize>| {
            let ranks = places.iter().map(|place| of_word(*place));
            ranks.reduce(|a, b| Some(a?.max(b?))).flatten()
        };
        self.alternatives.iter().filter_map(of_list).min()
    }

    /// The same of a feature whose texts are told by the places of their fields.
    pub fn rank_of<'v>(&self, text: impl Fn(usize) -> Option<&'v str>) -> Option<Rank> {
        let mut best = vec![None; self.words.len()];
        let mut memory = String::new();
        for field in &self.fields {
            let Some(text) = text(*field) else { continue };
            self.look(*field, text, &mut memory, |place, rank| {
                let former = best[place].unwrap_or(rank);
                best[place] = Some(rank.min(former));
            });
        }
        self.rank(|place| best[place])
    }

    /// Adds to a number that differs where what is searched for does.
    pub(crate) fn hash(&self, hasher: &mut impl Hasher) {
        self.words.hash(hasher);
        self.alternatives.hash(hasher);
    }
}

/// How well a text has a word, both in the form in which they are compared.
fn rank_in(text: &str, word: &str) -> Option<Rank> {
    match text.find(word)? {
        0 if text.len() == word.len() => Some(Rank::Whole),
        0 => Some(Rank::Beginning),
        _ => Some(Rank::Within),
    }
}

/// Whether words are sought in a field: in codes, names and places, and in the texts and lists of codes of
/// a class.
fn is_searched(field: &Field) -> bool {
    let is_of_class = field.core.is_none();
    let is_name = matches!(
        field.core,
        Some(
            CoreField::Code
                | CoreField::Owner
                | CoreField::Community
                | CoreField::Street
                | CoreField::Road
        )
    );
    match field.kind {
        Kind::Text => is_name || is_of_class,
        Kind::Code(_) => is_of_class,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use terrier_model::Names;

    fn search(text: &str) -> Result<Search, QueryError> {
        Search::parse(text, &Collection::Assets, &Scope::public(Names::All))
    }

    /// Checks how well an asset with a code and a road has what is searched for.
    fn check(text: &str, code: &str, road: &str, expected: Option<Rank>) {
        let search = search(text).expect("words");
        let texts = |position: usize| {
            let name = &*Collection::Assets.fields()[position].name;
            [("code", code), ("road", road)]
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, text)| *text)
        };
        assert_eq!(search.rank_of(texts), expected, "{text} in {code}, {road}");
    }

    #[test]
    fn a_code_comes_before_a_name_a_beginning_and_a_part() {
        check("RQ-1", "RQ-1", "友谊路", Some(Rank::Code));
        check("友谊路", "RQ-1", "友谊路", Some(Rank::Whole));
        check("友谊", "RQ-1", "友谊路", Some(Rank::Beginning));
        check("谊路", "RQ-1", "友谊路", Some(Rank::Within));
        check("Q", "RQ-1", "友谊路", Some(Rank::Within));
        check("RQ-2", "RQ-1", "友谊路", None);
    }

    #[test]
    fn letters_may_be_small_or_wide() {
        check("rq-1", "RQ-1", "", Some(Rank::Code));
        check("ｒｑ－１", "RQ-1", "", Some(Rank::Code));
        check("RQ-1", "ｒｑ－１", "", Some(Rank::Code));
        check("ÄRGER", "", "ärger", Some(Rank::Whole));
    }

    #[test]
    fn all_words_of_a_list_have_to_be_found_and_one_list_is_enough() {
        check("友谊 RQ-1", "RQ-1", "友谊路", Some(Rank::Beginning));
        check("RQ-1　友谊路", "RQ-1", "友谊路", Some(Rank::Whole));
        check("友谊 RQ-2", "RQ-1", "友谊路", None);
        check("x, RQ-1", "RQ-1", "", Some(Rank::Code));
        check("友谊 RQ-2，谊", "RQ-1", "友谊路", Some(Rank::Within));
        check(",x,,RQ,", "RQ-1", "", Some(Rank::Beginning));
        check("RQ RQ", "RQ-1", "", Some(Rank::Beginning));
    }

    #[test]
    fn what_is_no_search_is_refused() {
        let refused = |text: &str, expected: &str| {
            assert_eq!(search(text).expect_err("refused").to_string(), expected);
        };
        refused("", "parameter `q`: found ``, expected words");
        refused(" ,， ", "parameter `q`: found ` ,, `, expected words");
        refused(&"x".repeat(201), "parameter `q`: more than 200 characters");
        assert!(search(&"路".repeat(200)).is_ok());
        let words = |count: u8| (0..count).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
        refused(&words(17), "parameter `q`: more than 16 words");
        assert!(search(&words(16)).is_ok());
    }
}
