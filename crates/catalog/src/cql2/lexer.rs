//! The words of CQL2 text.

use super::{Cql2Error, Place};

/// How much of a word is repeated to its sender, in characters.
const SHOWN_CHARS: usize = 40;

/// A word of the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'t> {
    /// A name or keyword as it was written.
    Word(&'t str),
    /// A name in double quotes, without them.
    Quoted(&'t str),
    /// A text in single quotes, as it is meant.
    Text(String),
    /// A number without its sign.
    Number(&'t str),
    /// A parenthesis, comma, sign or comparison.
    Symbol(&'static str),
    /// There is no more.
    End,
}

/// The longest first, for `<` begins two others.
const SYMBOLS: [&str; 15] =
    ["<>", "<=", ">=", "=", "<", ">", "(", ")", ",", "-", "+", "*", "/", "%", "^"];

/// Reads word by word.
pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// The next word and where it begins.
    pub(super) fn next(&mut self) -> Result<(usize, Token<'t>), Cql2Error> {
        let rest = self.text[self.at..].trim_start();
        self.at = self.text.len() - rest.len();
        let start = self.at;
        let Some(first) = rest.chars().next() else { return Ok((start, Token::End)) };
        let token = if first == '\'' {
            self.quoted_text(rest)?
        } else if first == '"' {
            self.quoted_name(rest)?
        } else if first.is_ascii_digit() || first == '.' {
            self.number(rest)?
        } else if is_name_start(first) {
            let end = rest.find(|c| !is_name_part(c)).unwrap_or(rest.len());
            self.at += end;
            Token::Word(&rest[..end])
        } else if let Some(symbol) = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) {
            self.at += symbol.len();
            Token::Symbol(symbol)
        } else {
            return Err(fault(start, shown(rest, 1), "a name, a value or a comparison"));
        };
        Ok((start, token))
    }

    /// Two quotes within are one. Directly before a quote, `\` takes the meaning from what follows.
    // The standard has `''` and `\'`. It leaves no way to write a text that ends in `\`, so that
    // there, and only there, `\\` is one of them.
    fn quoted_text(&mut self, rest: &'t str) -> Result<Token<'t>, Cql2Error> {
        let mut text = String::new();
        let mut tail = &rest[1..];
        loop {
            let Some(quote) = tail.find('\'') else {
                return Err(fault(self.at, shown(rest, SHOWN_CHARS), "a text that ends with `'`"));
            };
            let before = tail[..quote].trim_end_matches('\\');
            let escapes = quote - before.len();
            text.push_str(before);
            text.extend(std::iter::repeat_n('\\', escapes / 2));
            tail = &tail[quote + 1..];
            if escapes % 2 == 1 {
                text.push('\'');
            } else if let Some(behind) = tail.strip_prefix('\'') {
                text.push('\'');
                tail = behind;
            } else {
                self.at = self.text.len() - tail.len();
                return Ok(Token::Text(text));
            }
        }
    }

    fn quoted_name(&mut self, rest: &'t str) -> Result<Token<'t>, Cql2Error> {
        match rest[1..].find('"') {
            Some(length) if length > 0 => {
                self.at += length + 2;
                Ok(Token::Quoted(&rest[1..=length]))
            }
            _ => Err(fault(self.at, shown(rest, SHOWN_CHARS), "a name between two `\"`")),
        }
    }

    fn number(&mut self, rest: &'t str) -> Result<Token<'t>, Cql2Error> {
        let digits = |from: usize| {
            let tail = &rest[from..];
            from + tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len())
        };
        let mut end = digits(0);
        if rest[end..].starts_with('.') {
            end = digits(end + 1);
        }
        if rest[end..].starts_with(['e', 'E']) {
            let sign = usize::from(rest[end + 1..].starts_with(['+', '-']));
            end = digits(end + 1 + sign);
        }
        let tail_end = rest[end..].find(|c| !is_name_part(c)).map_or(rest.len(), |tail| end + tail);
        let is_number = tail_end == end && rest[..end].parse::<f64>().is_ok_and(f64::is_finite);
        if !is_number {
            return Err(fault(self.at, shown(&rest[..tail_end], SHOWN_CHARS), "a finite number"));
        }
        self.at += end;
        Ok(Token::Number(&rest[..end]))
    }
}

/// Names begin with a letter of any script, `_` or `:`.
pub(super) fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == ':'
}

/// Names go on with digits, `.`, marks that combine with a letter, and ties too.
pub(super) fn is_name_part(c: char) -> bool {
    is_name_start(c)
        || c.is_numeric()
        || matches!(c, '.' | '\u{300}'..='\u{36f}' | '\u{203f}' | '\u{2040}')
}

pub(super) fn fault(at: usize, found: String, expected: impl Into<String>) -> Cql2Error {
    Cql2Error { at: Place::Byte(at), found, expected: expected.into() }
}

/// The first characters of a text, in backticks; nothing in them speaks to a terminal.
pub(super) fn shown(text: &str, chars: usize) -> String {
    let mut shown = String::from("`");
    for c in text.chars().take(chars) {
        if c.is_control() { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    if text.chars().nth(chars).is_some() && chars > 1 {
        shown.push('…');
    }
    shown + "`"
}
