//! The values within a condition of CQL2 text: computations, literals, and what is called.

use terrier_model::{Arithmetic, Operand, Value};

use super::super::lexer::{Token, fault, shown};
use super::super::limit::check_list;
use super::super::reader::SHOWN_CHARS;
use super::super::term::Term;
use super::super::word::{LIST, Relation, fold_of, is_keyword};
use super::super::{Cql2Error, geometry, literal};
use super::{Group, Parser, VALUE};

impl<'t> Parser<'t> {
    /// Numbers with `+` and `-` between, from the left to the right.
    pub(super) fn sum(&mut self, expected: &str) -> Result<Term, Cql2Error> {
        let mut left = self.product(expected)?;
        loop {
            let operator = if self.0.accept_symbol("+")? {
                Arithmetic::Add
            } else if self.0.accept_symbol("-")? {
                Arithmetic::Subtract
            } else {
                return Ok(left);
            };
            let right = self.product("a number")?;
            left = self.computed(left, operator, right)?;
        }
    }

    /// Numbers with `*`, `/`, `%` and `div` between, which bind closer than `+` and `-`.
    fn product(&mut self, expected: &str) -> Result<Term, Cql2Error> {
        let mut left = self.power(expected)?;
        loop {
            let operator = if self.0.accept_symbol("*")? {
                Arithmetic::Multiply
            } else if self.0.accept_symbol("/")? {
                Arithmetic::Divide
            } else if self.0.accept_symbol("%")? {
                Arithmetic::Remainder
            } else if self.0.accept_keyword("DIV")? {
                Arithmetic::WholeDivide
            } else {
                return Ok(left);
            };
            let right = self.power("a number")?;
            left = self.computed(left, operator, right)?;
        }
    }

    fn power(&mut self, expected: &str) -> Result<Term, Cql2Error> {
        let base = self.factor(expected)?;
        if !self.0.accept_symbol("^")? {
            return Ok(base);
        }
        let exponent = self.factor("a number")?;
        self.computed(base, Arithmetic::Power, exponent)
    }

    fn computed(
        &mut self,
        left: Term,
        operator: Arithmetic,
        right: Term,
    ) -> Result<Term, Cql2Error> {
        self.0.node()?;
        let (left, right) = (Box::new(left.into()), Box::new(right.into()));
        Ok(Term::Value(Operand::Arithmetic { left, operator, right }))
    }

    /// A value with its sign.
    fn factor(&mut self, expected: &str) -> Result<Term, Cql2Error> {
        let Token::Symbol(sign @ ("-" | "+")) = self.0.token else {
            return self.primary(expected);
        };
        self.0.advance()?;
        match self.0.token {
            Token::Number(digits) => self.number(sign, digits),
            Token::Word(_) | Token::Quoted(_) | Token::Symbol("(") if sign == "-" => {
                let term = self.primary("a number")?;
                let minus = Term::Value(Operand::Value(Value::Integer(-1)));
                self.computed(minus, Arithmetic::Multiply, term)
            }
            _ => Err(self.0.unexpected("a number")),
        }
    }

    fn primary(&mut self, expected: &str) -> Result<Term, Cql2Error> {
        match &self.0.token {
            Token::Number(digits) => {
                let digits = *digits;
                self.number("", digits)
            }
            Token::Quoted(name) => {
                let field = Operand::Field((*name).into());
                self.0.advance()?;
                Ok(Term::Value(field))
            }
            Token::Text(text) => {
                let value = Operand::Value(Value::Text(text.as_str().into()));
                self.0.advance()?;
                Ok(Term::Value(value))
            }
            Token::Word(word) => {
                let word = *word;
                self.named(word, expected)
            }
            Token::Symbol("(") => {
                let start = self.0.at;
                self.0.advance()?;
                self.group(start, expected)
            }
            Token::Symbol(_) | Token::End => Err(self.0.unexpected(expected)),
        }
    }

    /// What stands in parentheses, the first of which is taken: a condition, a value, or a list when
    /// there are commas or nothing at all. The parentheses began at a place.
    fn group(&mut self, start: usize, expected: &str) -> Result<Term, Cql2Error> {
        let (term, lists) = if self.0.accept_symbol(")")? {
            (Term::Value(Operand::List(Vec::new())), 0)
        } else {
            let (first, lists) = self.element(expected)?;
            if self.0.is_symbol(",") {
                (Term::Value(self.rest_of_list(listed(first, lists))?), 0)
            } else {
                self.0.expect_symbol(")")?;
                (first, lists + 1)
            }
        };
        self.1 = Group { start, end: self.0.at, lists };
        Ok(term)
    }

    /// What may be a value of a list, and how many lists of one value around it that would be: as many as
    /// there are parentheses around all of it.
    fn element(&mut self, expected: &str) -> Result<(Term, usize), Cql2Error> {
        let start = self.0.at;
        let term = self.deeper(|parser| parser.any_of(expected))?;
        let group = &self.1;
        let is_whole = group.start == start && group.end == self.0.at;
        Ok((term, if is_whole { group.lists } else { 0 }))
    }

    fn rest_of_list(&mut self, first: Operand) -> Result<Operand, Cql2Error> {
        let mut list = vec![first];
        while self.0.accept_symbol(",")? {
            check_list(list.len(), self.0.at, || self.0.found())?;
            let (term, lists) = self.element("a value")?;
            list.push(listed(term, lists));
        }
        self.0.expect_symbol(")")?;
        self.0.node()?;
        Ok(Operand::List(list))
    }

    fn number(&mut self, sign: &str, digits: &str) -> Result<Term, Cql2Error> {
        let text = format!("{sign}{digits}");
        // A whole number beyond 64 bits is taken as the nearest other one.
        let whole = text.parse().ok().map(Value::Integer);
        let value = whole.or_else(|| text.parse().ok().map(Value::Number));
        let value = value.ok_or_else(|| self.0.unexpected("a number"))?;
        self.0.advance()?;
        Ok(Term::Value(Operand::Value(value)))
    }

    /// What a word means where a value may stand.
    fn named(&mut self, word: &'t str, expected: &str) -> Result<Term, Cql2Error> {
        let is = |known: &str| word.eq_ignore_ascii_case(known);
        if is("TRUE") || is("FALSE") {
            self.0.advance()?;
            return Ok(Term::Value(Operand::Value(Value::Boolean(is("TRUE")))));
        }
        if is("NULL") {
            return Err(self.0.unexpected("a value; what is missing is asked for by IS NULL"));
        }
        if is_keyword(word) {
            return Err(self
                .0
                .unexpected(format!("{expected}; a property of that name is quoted")));
        }
        let at = self.0.at;
        self.0.advance()?;
        if let Some(kind) = geometry::find(word)
            && (self.0.is_symbol("(") || self.0.is_keyword("Z"))
        {
            self.0.node()?;
            let geometry = geometry::read(kind, &mut self.0)?;
            return Ok(Term::Value(Operand::Geometry(geometry)));
        }
        if !self.0.is_symbol("(") {
            return Ok(Term::Value(Operand::Field(word.into())));
        }
        if is("DATE") {
            self.literal(literal::DAY, literal::day)
        } else if is("TIMESTAMP") {
            self.literal(literal::TIME, literal::time)
        } else if is("INTERVAL") {
            self.interval()
        } else if let Some(fold) = fold_of(word) {
            self.0.expect_symbol("(")?;
            let text = self.deeper(|parser| parser.sum("a text"))?;
            self.0.expect_symbol(")")?;
            self.0.node()?;
            Ok(text.folded(fold))
        } else if let Some(relation) = Relation::find(word) {
            self.relation(relation)
        } else if is("isNull") {
            // So it is called in CQL2 JSON.
            Err(fault(at, shown(word, SHOWN_CHARS), "IS NULL behind a value"))
        } else {
            self.call(word)
        }
    }

    /// The text in parentheses, read as a value.
    fn literal(
        &mut self,
        expected: &str,
        read: fn(&str) -> Option<Value>,
    ) -> Result<Term, Cql2Error> {
        self.0.expect_symbol("(")?;
        let value = match &self.0.token {
            Token::Text(text) => read(text),
            _ => None,
        };
        let value = value.ok_or_else(|| self.0.unexpected(expected))?;
        self.0.advance()?;
        self.0.expect_symbol(")")?;
        Ok(Term::Value(Operand::Value(value)))
    }

    fn interval(&mut self) -> Result<Term, Cql2Error> {
        self.0.expect_symbol("(")?;
        let start = self.interval_end()?;
        self.0.expect_symbol(",")?;
        let end = self.interval_end()?;
        self.0.expect_symbol(")")?;
        self.0.node()?;
        Ok(Term::Value(Operand::Interval(Box::new([start, end]))))
    }

    fn interval_end(&mut self) -> Result<Operand, Cql2Error> {
        let (at, found) = (self.0.at, self.0.found());
        let end = if let Token::Text(text) = &self.0.token {
            let end = literal::end(text);
            self.0.advance()?;
            end
        } else {
            let end = self.deeper(|parser| parser.sum(literal::END))?.into();
            literal::is_end(&end).then_some(end)
        };
        end.ok_or_else(|| fault(at, found, literal::END))
    }

    fn relation(&mut self, relation: Relation) -> Result<Term, Cql2Error> {
        let side = |parser: &mut Self| match relation {
            Relation::Array(_) => parser.array(),
            Relation::Spatial(_) => parser.any_of("a geometry or the name of a property"),
            Relation::Temporal(_) => parser.any_of("a time, an interval or the name of a property"),
        };
        self.0.expect_symbol("(")?;
        let left = self.deeper(side)?.into();
        self.0.expect_symbol(",")?;
        let right = self.deeper(side)?.into();
        self.0.expect_symbol(")")?;
        self.0.node()?;
        Ok(Term::Truth(relation.between(left, right)))
    }

    /// A list, which is one even when it has but one value.
    fn array(&mut self) -> Result<Term, Cql2Error> {
        if !self.0.is_symbol("(") {
            let (at, found) = (self.0.at, self.0.found());
            let term = self.primary(LIST)?;
            let is_list = matches!(term, Term::Value(Operand::Field(_) | Operand::Call { .. }));
            return if is_list { Ok(term) } else { Err(fault(at, found, LIST)) };
        }
        self.0.advance()?;
        if self.0.accept_symbol(")")? {
            return Ok(Term::Value(Operand::List(Vec::new())));
        }
        let (first, lists) = self.element("a value")?;
        self.rest_of_list(listed(first, lists)).map(Term::Value)
    }

    fn call(&mut self, name: &str) -> Result<Term, Cql2Error> {
        self.0.expect_symbol("(")?;
        let mut arguments = Vec::new();
        if !self.0.accept_symbol(")")? {
            loop {
                check_list(arguments.len(), self.0.at, || self.0.found())?;
                arguments.push(self.deeper(|parser| parser.any_of(VALUE))?.into());
                if !self.0.accept_symbol(",")? {
                    break;
                }
            }
            self.0.expect_symbol(")")?;
        }
        self.0.node()?;
        Ok(Term::Value(Operand::Call { name: name.into(), arguments }))
    }
}

/// The term as a value of a list, with so many lists of one value around it.
fn listed(term: Term, lists: usize) -> Operand {
    (0..lists).fold(term.into(), |inner, _| Operand::List(vec![inner]))
}
