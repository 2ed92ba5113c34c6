//! The grammar of CQL2 text, read from the left to the right, one function a rule.

use jiff::Timestamp;
use jiff::civil::Date;
use terrier_model::{Clause, Comparison, MAX_PATTERN_CHARS, Operand, Pattern, Value};

use super::lexer::{Lexer, Token, fault, shown};
use super::{Cql2Error, MAX_FILTER_BYTES, MAX_FILTER_DEPTH, MAX_FILTER_LIST, MAX_FILTER_NODES};

/// Words that are no names unless they stand in double quotes.
pub(super) const KEYWORDS: [&str; 10] =
    ["AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "TRUE", "FALSE"];

/// How much of a word is repeated to its sender, in characters.
const SHOWN_CHARS: usize = 40;

/// The condition that a CQL2 text states: comparisons, BETWEEN, IN, IS NULL and LIKE, joined by
/// AND, OR and NOT. Keywords may be in any case.
///
/// # Errors
/// The first thing that is none, or is beyond a limit, with its place.
pub fn parse_text(text: &str) -> Result<Clause, Cql2Error> {
    if text.len() > MAX_FILTER_BYTES {
        let found = format!("a text of {} bytes", text.len());
        return Err(fault(MAX_FILTER_BYTES, found, format!("at most {MAX_FILTER_BYTES}")));
    }
    let mut lexer = Lexer::new(text);
    let (at, token) = lexer.next()?;
    let mut parser = Parser { lexer, at, token, depth: 0, nodes: 0 };
    let clause = parser.any_of()?;
    match parser.token {
        Token::End => Ok(clause),
        _ => Err(parser.unexpected("AND, OR or the end")),
    }
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    /// Where the next word begins.
    at: usize,
    token: Token<'t>,
    depth: usize,
    nodes: usize,
}

impl<'t> Parser<'t> {
    /// Takes the next word.
    fn advance(&mut self) -> Result<Token<'t>, Cql2Error> {
        let (at, token) = self.lexer.next()?;
        self.at = at;
        Ok(std::mem::replace(&mut self.token, token))
    }

    fn unexpected(&self, expected: impl Into<String>) -> Cql2Error {
        let found = match &self.token {
            Token::Word(word) => shown(word, SHOWN_CHARS),
            Token::Quoted(name) => shown(&format!("\"{name}\""), SHOWN_CHARS),
            Token::Text(text) => shown(&format!("'{text}'"), SHOWN_CHARS),
            Token::Number(number) => shown(number, SHOWN_CHARS),
            Token::Symbol(symbol) => shown(symbol, SHOWN_CHARS),
            Token::End => "the end".to_owned(),
        };
        fault(self.at, found, expected)
    }

    fn is_keyword(&self, keyword: &str) -> bool {
        matches!(self.token, Token::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    /// Takes the keyword if it is next.
    fn accept_keyword(&mut self, keyword: &str) -> Result<bool, Cql2Error> {
        let found = self.is_keyword(keyword);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn expect_keyword(&mut self, keyword: &str) -> Result<(), Cql2Error> {
        if self.accept_keyword(keyword)? { Ok(()) } else { Err(self.unexpected(keyword)) }
    }

    fn accept_symbol(&mut self, symbol: &str) -> Result<bool, Cql2Error> {
        let found = matches!(self.token, Token::Symbol(next) if next == symbol);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn expect_symbol(&mut self, symbol: &str) -> Result<(), Cql2Error> {
        if self.accept_symbol(symbol)? {
            Ok(())
        } else {
            Err(self.unexpected(format!("`{symbol}`")))
        }
    }

    /// Counts a test or joint.
    fn node(&mut self, clause: Clause) -> Result<Clause, Cql2Error> {
        self.nodes += 1;
        if self.nodes > MAX_FILTER_NODES {
            let expected = format!("at most {MAX_FILTER_NODES} conditions in all");
            return Err(fault(self.at, "one more condition".into(), expected));
        }
        Ok(clause)
    }

    /// Reads what stands one level deeper.
    fn deeper(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Clause, Cql2Error>,
    ) -> Result<Clause, Cql2Error> {
        if self.depth == MAX_FILTER_DEPTH {
            return Err(self.unexpected(format!("at most {MAX_FILTER_DEPTH} levels")));
        }
        self.depth += 1;
        let clause = read(self)?;
        self.depth -= 1;
        Ok(clause)
    }

    /// Conditions with OR between.
    fn any_of(&mut self) -> Result<Clause, Cql2Error> {
        let first = self.all_of()?;
        if !self.is_keyword("OR") {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.accept_keyword("OR")? {
            parts.push(self.all_of()?);
        }
        self.node(Clause::Or(parts))
    }

    /// Conditions with AND between, which binds closer than OR.
    fn all_of(&mut self) -> Result<Clause, Cql2Error> {
        let first = self.negated()?;
        if !self.is_keyword("AND") {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.accept_keyword("AND")? {
            parts.push(self.negated()?);
        }
        self.node(Clause::And(parts))
    }

    /// NOT binds closer than AND.
    fn negated(&mut self) -> Result<Clause, Cql2Error> {
        if self.accept_keyword("NOT")? {
            let part = self.deeper(Self::negated)?;
            return self.node(Clause::Not(Box::new(part)));
        }
        if self.accept_symbol("(")? {
            let clause = self.deeper(Self::any_of)?;
            self.expect_symbol(")")?;
            return Ok(clause);
        }
        self.test()
    }

    fn test(&mut self) -> Result<Clause, Cql2Error> {
        let at = self.at;
        let value = self.operand("a condition")?;
        if let Some(comparison) = self.comparison()? {
            let right = self.operand("a value or the name of a property")?;
            return self.node(Clause::Compare { left: value, comparison, right });
        }
        if self.accept_keyword("IS")? {
            let is_not = self.accept_keyword("NOT")?;
            self.expect_keyword("NULL")?;
            return self.perhaps_not(is_not, Clause::IsNull(value));
        }
        let is_not = self.accept_keyword("NOT")?;
        let test = if self.accept_keyword("BETWEEN")? {
            let least = self.operand("the least value")?;
            self.expect_keyword("AND")?;
            let greatest = self.operand("the greatest value")?;
            Clause::Between { value, least, greatest }
        } else if self.accept_keyword("IN")? {
            Clause::In { value, list: self.list()? }
        } else if self.accept_keyword("LIKE")? {
            Clause::Like { value, pattern: self.pattern()? }
        } else if is_not {
            return Err(self.unexpected("BETWEEN, IN or LIKE"));
        } else {
            match value {
                Operand::Field(name) => Clause::Holds(name),
                Operand::Value(Value::Boolean(holds)) => Clause::Constant(holds),
                Operand::Value(_) => {
                    let expected = "a comparison, BETWEEN, IN, LIKE or IS NULL";
                    let error = self.unexpected(expected);
                    return Err(Cql2Error { at: at.max(error.at), ..error });
                }
            }
        };
        self.perhaps_not(is_not, test)
    }

    fn perhaps_not(&mut self, is_not: bool, test: Clause) -> Result<Clause, Cql2Error> {
        let test = self.node(test)?;
        if is_not { self.node(Clause::Not(Box::new(test))) } else { Ok(test) }
    }

    fn comparison(&mut self) -> Result<Option<Comparison>, Cql2Error> {
        let comparison = match self.token {
            Token::Symbol("=") => Comparison::Equal,
            Token::Symbol("<>") => Comparison::NotEqual,
            Token::Symbol("<") => Comparison::Less,
            Token::Symbol("<=") => Comparison::LessOrEqual,
            Token::Symbol(">") => Comparison::Greater,
            Token::Symbol(">=") => Comparison::GreaterOrEqual,
            _ => return Ok(None),
        };
        self.advance()?;
        Ok(Some(comparison))
    }

    fn list(&mut self) -> Result<Vec<Value>, Cql2Error> {
        self.expect_symbol("(")?;
        let mut list = Vec::new();
        loop {
            if list.len() == MAX_FILTER_LIST {
                return Err(self.unexpected(format!("at most {MAX_FILTER_LIST} values in a list")));
            }
            let at = self.at;
            match self.operand("a value")? {
                Operand::Value(value) => list.push(value),
                Operand::Field(name) => {
                    return Err(fault(at, shown(&name, SHOWN_CHARS), "a value"));
                }
            }
            if !self.accept_symbol(",")? {
                break;
            }
        }
        self.expect_symbol(")")?;
        Ok(list)
    }

    fn pattern(&mut self) -> Result<Pattern, Cql2Error> {
        let expected = format!(
            "a pattern such as 'A%' of at most {MAX_PATTERN_CHARS} characters, not ending in \
             a lone `\\`"
        );
        let pattern = match &self.token {
            Token::Text(text) => Pattern::new(text),
            _ => None,
        };
        let pattern = pattern.ok_or_else(|| self.unexpected(expected))?;
        self.advance()?;
        Ok(pattern)
    }

    /// A value or the name of a property.
    fn operand(&mut self, expected: &str) -> Result<Operand, Cql2Error> {
        match &self.token {
            Token::Symbol(sign @ ("-" | "+")) => {
                let sign = *sign;
                self.advance()?;
                match self.token {
                    Token::Number(digits) => self.number(sign, digits),
                    _ => Err(self.unexpected("a number")),
                }
            }
            Token::Number(digits) => {
                let digits = *digits;
                self.number("", digits)
            }
            Token::Quoted(name) => {
                let field = Operand::Field((*name).into());
                self.advance()?;
                Ok(field)
            }
            Token::Text(text) => {
                let value = Operand::Value(Value::Text(text.as_str().into()));
                self.advance()?;
                Ok(value)
            }
            Token::Word(word) => {
                let word = *word;
                self.named(word, expected)
            }
            Token::Symbol(_) | Token::End => Err(self.unexpected(expected)),
        }
    }

    fn number(&mut self, sign: &str, digits: &str) -> Result<Operand, Cql2Error> {
        let text = format!("{sign}{digits}");
        // A whole number beyond 64 bits is taken as the nearest other one.
        let whole = text.parse().ok().map(Value::Integer);
        let value = whole.or_else(|| text.parse().ok().map(Value::Number));
        let value = value.ok_or_else(|| self.unexpected("a number"))?;
        self.advance()?;
        Ok(Operand::Value(value))
    }

    /// What a word means where a value may stand.
    fn named(&mut self, word: &'t str, expected: &str) -> Result<Operand, Cql2Error> {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword);
        if is("TRUE") || is("FALSE") {
            self.advance()?;
            return Ok(Operand::Value(Value::Boolean(is("TRUE"))));
        }
        if is("NULL") {
            return Err(self.unexpected("a value; what is missing is asked for by IS NULL"));
        }
        if KEYWORDS.iter().any(|keyword| is(keyword)) {
            return Err(self.unexpected(format!("{expected}; a property of that name is quoted")));
        }
        let at = self.at;
        self.advance()?;
        if self.token != Token::Symbol("(") {
            return Ok(Operand::Field(word.into()));
        }
        let value = if is("DATE") {
            self.literal("a day such as '2005-06-30'", |text| {
                let day: Date = text.parse().ok()?;
                // Other spellings of a day, and times, are none here.
                (day.to_string() == text).then_some(Value::Date(day))
            })
        } else if is("TIMESTAMP") {
            self.literal("a time such as '2005-06-30T12:00:00Z'", |text| {
                text.parse::<Timestamp>().ok().map(Value::Instant)
            })
        } else {
            let known = "DATE('…') or TIMESTAMP('…'); there is no other function";
            Err(fault(at, shown(&format!("{word}("), SHOWN_CHARS), known))
        };
        value.map(Operand::Value)
    }

    /// The text in parentheses, read as a value.
    fn literal(
        &mut self,
        expected: &str,
        read: impl FnOnce(&str) -> Option<Value>,
    ) -> Result<Value, Cql2Error> {
        self.expect_symbol("(")?;
        let value = match &self.token {
            Token::Text(text) => read(text),
            _ => None,
        };
        let value = value.ok_or_else(|| self.unexpected(expected))?;
        self.advance()?;
        self.expect_symbol(")")?;
        Ok(value)
    }
}
