//! The grammar of CQL2 text, read from the left to the right, one function a rule.

mod value;

use terrier_model::{Clause, Comparison, Fold, MAX_PATTERN_CHARS, Operand, Pattern};

use super::lexer::{Token, fault};
use super::limit::check_list;
use super::reader::Reader;
use super::term::{self, Term};
use super::word::fold_of;
use super::{Cql2Error, MAX_FILTER_BYTES};

/// The condition that a CQL2 text states. Keywords and the names of functions may be in any case.
/// Beside the standard's spellings those of GDAL are taken: `ILIKE`, and positions of a MULTIPOINT
/// without parentheses.
///
/// # Errors
/// The first thing that is none, or is beyond a limit, with its place.
pub fn parse_text(text: &str) -> Result<Clause, Cql2Error> {
    if text.len() > MAX_FILTER_BYTES {
        let found = format!("a text of {} bytes", text.len());
        return Err(fault(MAX_FILTER_BYTES, found, format!("at most {MAX_FILTER_BYTES}")));
    }
    let mut parser = Parser(Reader::new(text)?, Group::default());
    let at = parser.0.at;
    let term = parser.any_of("a condition")?;
    let clause = parser.clause(term, at)?;
    match parser.0.token {
        Token::End => Ok(clause),
        _ => Err(parser.0.unexpected("AND, OR or the end")),
    }
}

/// What is expected on the right side of a comparison.
const VALUE: &str = "a value or the name of a property";

struct Parser<'t>(Reader<'t>, Group);

/// What stood in parentheses last.
#[derive(Default)]
struct Group {
    /// Where its parentheses began.
    start: usize,
    /// Where the next word begins.
    end: usize,
    /// How many lists of one value it is where a list may stand: one for each pair of parentheses.
    lists: usize,
}

impl Parser<'_> {
    /// The term as a condition; it began at a place.
    fn clause(&self, term: Term, at: usize) -> Result<Clause, Cql2Error> {
        term.into_clause().ok_or_else(|| {
            let expected = "a comparison, BETWEEN, IN, LIKE or IS NULL";
            fault(at.max(self.0.at), self.0.found(), expected)
        })
    }

    /// Conditions with OR between.
    fn any_of(&mut self, expected: &str) -> Result<Term, Cql2Error> {
        self.joined("OR", expected, Self::all_of, term::any)
    }

    /// Conditions with AND between, which binds closer than OR.
    fn all_of(&mut self, expected: &str) -> Result<Term, Cql2Error> {
        self.joined("AND", expected, Self::negated, term::all)
    }

    fn joined(
        &mut self,
        joint: &str,
        expected: &str,
        part: fn(&mut Self, &str) -> Result<Term, Cql2Error>,
        join: fn(Vec<Clause>) -> Clause,
    ) -> Result<Term, Cql2Error> {
        let at = self.0.at;
        let first = part(self, expected)?;
        if !self.0.is_keyword(joint) {
            return Ok(first);
        }
        let mut parts = vec![self.clause(first, at)?];
        while self.0.accept_keyword(joint)? {
            let at = self.0.at;
            let next = part(self, "a condition")?;
            parts.push(self.clause(next, at)?);
        }
        self.0.node()?;
        Ok(Term::Truth(join(parts)))
    }

    /// NOT binds closer than AND.
    fn negated(&mut self, expected: &str) -> Result<Term, Cql2Error> {
        if !self.0.accept_keyword("NOT")? {
            return self.test(expected);
        }
        let at = self.0.at;
        let part = self.deeper(|parser| parser.negated("a condition"))?;
        self.not(true, part, at)
    }

    /// Reads what stands one level deeper.
    fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Cql2Error>,
    ) -> Result<T, Cql2Error> {
        let found = self.0.found();
        self.0.budget.enter(self.0.at, || found)?;
        let inner = read(self)?;
        self.0.budget.leave();
        Ok(inner)
    }

    fn not(&mut self, is_not: bool, term: Term, at: usize) -> Result<Term, Cql2Error> {
        if !is_not {
            return Ok(term);
        }
        let clause = self.clause(term, at)?;
        self.0.node()?;
        Ok(Term::Truth(Clause::Not(Box::new(clause))))
    }

    fn test(&mut self, expected: &str) -> Result<Term, Cql2Error> {
        let at = self.0.at;
        let value = self.sum(expected)?;
        if let Some(comparison) = self.comparison()? {
            let left = Operand::from(value);
            let right = self.sum(VALUE)?.into();
            self.0.node()?;
            return Ok(Term::Truth(Clause::Compare { left, comparison, right }));
        }
        if self.0.accept_keyword("IS")? {
            let is_not = self.0.accept_keyword("NOT")?;
            self.0.expect_keyword("NULL")?;
            self.0.node()?;
            return self.not(is_not, Term::Truth(Clause::IsNull(value.into())), at);
        }
        let is_not = self.0.accept_keyword("NOT")?;
        let test = if self.0.accept_keyword("BETWEEN")? {
            let least = self.sum("the least value")?.into();
            self.0.expect_keyword("AND")?;
            let greatest = self.sum("the greatest value")?.into();
            Clause::Between { value: value.into(), least, greatest }
        } else if self.0.accept_keyword("IN")? {
            Clause::In { value: value.into(), list: self.list()? }
        } else if self.0.accept_keyword("LIKE")? {
            let (pattern, fold) = self.pattern()?;
            Clause::Like { value: value.into(), pattern, fold }
        } else if self.0.accept_keyword("ILIKE")? {
            let (pattern, fold) = self.pattern()?;
            let case = Fold { case: true, accents: false };
            // It is written as LIKE with a CASEI on both sides.
            self.0.node()?;
            let value = value.folded(case).into();
            Clause::Like { value, pattern, fold: fold.and(case) }
        } else if is_not {
            return Err(self.0.unexpected("BETWEEN, IN or LIKE"));
        } else {
            return Ok(value);
        };
        self.0.node()?;
        self.not(is_not, Term::Truth(test), at)
    }

    fn comparison(&mut self) -> Result<Option<Comparison>, Cql2Error> {
        let is_next = |comparison: &Comparison| self.0.is_symbol(comparison.symbol());
        let comparison = Comparison::ALL.into_iter().find(is_next);
        if comparison.is_some() {
            self.0.advance()?;
        }
        Ok(comparison)
    }

    fn list(&mut self) -> Result<Vec<Operand>, Cql2Error> {
        self.0.expect_symbol("(")?;
        let mut list = Vec::new();
        loop {
            check_list(list.len(), self.0.at, || self.0.found())?;
            list.push(self.sum("a value")?.into());
            if !self.0.accept_symbol(",")? {
                break;
            }
        }
        self.0.expect_symbol(")")?;
        Ok(list)
    }

    /// A pattern, and what it takes no notice of.
    fn pattern(&mut self) -> Result<(Pattern, Fold), Cql2Error> {
        if let Token::Word(word) = self.0.token
            && let Some(fold) = fold_of(word)
        {
            self.0.advance()?;
            self.0.expect_symbol("(")?;
            let (pattern, inner) = self.deeper(Self::pattern)?;
            self.0.expect_symbol(")")?;
            return Ok((pattern, fold.and(inner)));
        }
        let pattern = match &self.0.token {
            Token::Text(text) => Pattern::new(text),
            _ => None,
        };
        let pattern = pattern.ok_or_else(|| self.0.unexpected(pattern_words()))?;
        self.0.advance()?;
        Ok((pattern, Fold::default()))
    }
}

/// What a pattern is, in words.
pub(super) fn pattern_words() -> String {
    format!(
        "a pattern such as 'A%' of at most {MAX_PATTERN_CHARS} characters, not ending in a lone `\\`"
    )
}
