//! Word by word through a CQL2 text, with what the rules of the grammar share.

use super::Cql2Error;
use super::lexer::{Lexer, Token, fault, shown};
use super::limit::Budget;

/// How much of a word is repeated to its sender, in characters.
pub(super) const SHOWN_CHARS: usize = 40;

/// A text and how far it has been read.
pub(super) struct Reader<'t> {
    lexer: Lexer<'t>,
    /// Where the next word begins.
    pub(super) at: usize,
    pub(super) token: Token<'t>,
    pub(super) budget: Budget,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Result<Self, Cql2Error> {
        let mut lexer = Lexer::new(text);
        let (at, token) = lexer.next()?;
        Ok(Self { lexer, at, token, budget: Budget::default() })
    }

    /// Takes the next word.
    pub(super) fn advance(&mut self) -> Result<Token<'t>, Cql2Error> {
        let (at, token) = self.lexer.next()?;
        self.at = at;
        Ok(std::mem::replace(&mut self.token, token))
    }

    /// The next word, as it is repeated to its sender.
    pub(super) fn found(&self) -> String {
        match &self.token {
            Token::Word(word) => shown(word, SHOWN_CHARS),
            Token::Quoted(name) => shown(&format!("\"{name}\""), SHOWN_CHARS),
            Token::Text(text) => shown(&format!("'{text}'"), SHOWN_CHARS),
            Token::Number(number) => shown(number, SHOWN_CHARS),
            Token::Symbol(symbol) => shown(symbol, SHOWN_CHARS),
            Token::End => "the end".to_owned(),
        }
    }

    pub(super) fn unexpected(&self, expected: impl Into<String>) -> Cql2Error {
        fault(self.at, self.found(), expected)
    }

    pub(super) fn is_keyword(&self, keyword: &str) -> bool {
        matches!(self.token, Token::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    /// Takes the keyword if it is next.
    pub(super) fn accept_keyword(&mut self, keyword: &str) -> Result<bool, Cql2Error> {
        let found = self.is_keyword(keyword);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn expect_keyword(&mut self, keyword: &str) -> Result<(), Cql2Error> {
        if self.accept_keyword(keyword)? { Ok(()) } else { Err(self.unexpected(keyword)) }
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.token, Token::Symbol(next) if next == symbol)
    }

    /// Takes the symbol if it is next.
    pub(super) fn accept_symbol(&mut self, symbol: &str) -> Result<bool, Cql2Error> {
        let found = self.is_symbol(symbol);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn expect_symbol(&mut self, symbol: &str) -> Result<(), Cql2Error> {
        if self.accept_symbol(symbol)? {
            Ok(())
        } else {
            Err(self.unexpected(format!("`{symbol}`")))
        }
    }

    /// Counts a test, joint, computation or function.
    pub(super) fn node(&mut self) -> Result<(), Cql2Error> {
        self.budget.node(self.at)
    }

    /// One thing after another with commas between, in parentheses.
    pub(super) fn parenthesised<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, Cql2Error>,
    ) -> Result<Vec<T>, Cql2Error> {
        self.expect_symbol("(")?;
        let mut list = vec![read(self)?];
        while self.accept_symbol(",")? {
            list.push(read(self)?);
        }
        self.expect_symbol(")")?;
        Ok(list)
    }
}
