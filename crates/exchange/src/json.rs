//! Reads the JSON text of one row piece by piece, in place, and says at which byte it stops being
//! JSON. Numbers keep their digits.
//!
//! Knows nothing of GeoJSON. Nothing here calls itself, so no nesting exhausts the stack.

use std::borrow::Cow;

/// How deep lists and objects may lie in each other.
pub const MAX_DEPTH: usize = 64;
const TOO_DEEP: &str = "at most 64 lists and objects in each other";

/// Where a text stops being JSON, and what was expected there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Syntax {
    /// The byte, counted from 0.
    pub(crate) at: usize,
    pub(crate) expected: &'static str,
}

/// A value with what lies in it left as text. Files that are no texts have the same values, and
/// numbers that were never written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json<'a> {
    Null,
    Boolean(bool),
    Number(Number<'a>),
    /// A whole number that was never written.
    Integer(i64),
    /// A number that was never written.
    Real(f64),
    Text(Cow<'a, str>),
    /// A list or an object.
    Nested(&'a str),
}

impl Json<'_> {
    /// The value as it is shown to the sender.
    pub(crate) fn shown(&self) -> Cow<'_, str> {
        match self {
            Self::Null => "null".into(),
            Self::Boolean(true) => "true".into(),
            Self::Boolean(false) => "false".into(),
            Self::Number(number) => number.text.into(),
            Self::Integer(number) => number.to_string().into(),
            Self::Real(number) => number.to_string().into(),
            Self::Text(text) => (&**text).into(),
            Self::Nested(text) => (*text).into(),
        }
    }
}

/// A number as it was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number<'a> {
    pub(crate) text: &'a str,
    /// All digits as one whole number, when they are at most [`SHORT_DIGITS`].
    mantissa: u64,
    digits: u32,
    decimals: u32,
    has_exponent: bool,
}

/// So many digits fit into the mantissa of a [`Number`].
const SHORT_DIGITS: u32 = 19;

/// Whole numbers up to here and these powers of ten are exact as `f64`, and so their quotient is
/// rounded once, which makes it the nearest `f64`.
const EXACT_WHOLE: u64 = 1 << 53;
const EXACT_POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

impl Number<'_> {
    /// Whether it is written without fraction and exponent.
    pub(crate) fn is_whole(&self) -> bool {
        self.decimals == 0 && !self.has_exponent
    }

    /// The nearest `f64`, infinite beyond the greatest.
    pub(crate) fn value(&self) -> f64 {
        let power = EXACT_POWERS.get(self.decimals as usize);
        match power {
            Some(power)
                if !self.has_exponent
                    && self.digits <= SHORT_DIGITS
                    && self.mantissa <= EXACT_WHOLE =>
            {
                let size = self.mantissa as f64 / power;
                if self.text.starts_with('-') { -size } else { size }
            }
            _ => self.text.parse().expect("the grammar of JSON numbers is a part of Rust's"),
        }
    }
}

/// A place in a text.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Steps over white space.
    pub(crate) fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn expected<T>(&self, expected: &'static str) -> Result<T, Syntax> {
        Err(Syntax { at: self.at, expected })
    }

    fn take(&mut self, byte: u8, expected: &'static str) -> Result<(), Syntax> {
        if self.peek() != Some(byte) {
            return self.expected(expected);
        }
        self.at += 1;
        Ok(())
    }

    /// Checks that only white space is left.
    pub(crate) fn end(&mut self) -> Result<(), Syntax> {
        self.space();
        if self.at == self.text.len() { Ok(()) } else { self.expected("the end of the row") }
    }

    fn open(&mut self) -> Result<(), Syntax> {
        if self.depth == MAX_DEPTH {
            return self.expected(TOO_DEEP);
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.at += 1;
    }

    /// Steps to the value of the next member of an object and answers the name, or `None` behind
    /// the object's end. The first call is made at the opening brace, and `begun` is then false.
    pub(crate) fn member(&mut self, begun: &mut bool) -> Result<Option<Cow<'a, str>>, Syntax> {
        if *begun {
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.close();
                    return Ok(None);
                }
                _ => return self.expected("`,` or `}`"),
            }
            self.space();
        } else {
            *begun = true;
            self.open()?;
            self.space();
            if self.peek() == Some(b'}') {
                self.close();
                return Ok(None);
            }
        }
        self.name().map(Some)
    }

    /// Steps to the next element of a list; false behind the list's end. See [`Cursor::member`].
    pub(crate) fn element(&mut self, begun: &mut bool) -> Result<bool, Syntax> {
        if *begun {
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.close();
                    return Ok(false);
                }
                _ => return self.expected("`,` or `]`"),
            }
            self.space();
        } else {
            *begun = true;
            self.open()?;
            self.space();
            if self.peek() == Some(b']') {
                self.close();
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The name of a member; steps behind the colon.
    fn name(&mut self) -> Result<Cow<'a, str>, Syntax> {
        if self.peek() != Some(b'"') {
            return self.expected("a name in quotes");
        }
        let name = self.string()?;
        self.space();
        self.take(b':', "`:`")?;
        self.space();
        Ok(name)
    }

    /// Reads a value.
    pub(crate) fn value(&mut self) -> Result<Json<'a>, Syntax> {
        match self.peek() {
            Some(b'"') => self.string().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number().map(Json::Number),
            Some(b'{' | b'[') => self.skip().map(Json::Nested),
            Some(b't') => self.literal("true").map(|()| Json::Boolean(true)),
            Some(b'f') => self.literal("false").map(|()| Json::Boolean(false)),
            Some(b'n') => self.literal("null").map(|()| Json::Null),
            _ => self.expected("a JSON value"),
        }
    }

    fn literal(&mut self, word: &str) -> Result<(), Syntax> {
        let end = self.at + word.len();
        if self.text.get(self.at..end) != Some(word.as_bytes()) {
            return self.expected("a JSON value");
        }
        self.at = end;
        Ok(())
    }

    /// Reads a text, at its opening quote.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, Syntax> {
        let start = self.at + 1;
        let mut end = start;
        let mut escaped = false;
        loop {
            match self.text.get(end) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    end += 2;
                }
                Some(0x00..=0x1f) => {
                    return Err(Syntax { at: end, expected: "control characters as escapes" });
                }
                Some(_) => end += 1,
                None => return Err(Syntax { at: self.text.len(), expected: "a closing quote" }),
            }
        }
        let piece = std::str::from_utf8(&self.text[start..end])
            .map_err(|error| Syntax { at: start + error.valid_up_to(), expected: "UTF-8" })?;
        self.at = end + 1;
        if !escaped {
            return Ok(Cow::Borrowed(piece));
        }
        serde_json::from_slice(&self.text[start - 1..=end]).map(Cow::Owned).map_err(|error| {
            let behind = error.column().saturating_sub(1);
            Syntax {
                at: (start - 1 + behind).min(end),
                expected: "an escape of JSON, surrogates in pairs",
            }
        })
    }

    /// Reads a number.
    pub(crate) fn number(&mut self) -> Result<Number<'a>, Syntax> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let (mut mantissa, mut digits) = (0_u64, 0_u32);
        let zero = self.peek() == Some(b'0');
        let whole = self.digits(&mut mantissa, &mut digits)?;
        if zero && whole > 1 {
            self.at -= whole as usize - 1;
            return self.expected("a number without leading zeros");
        }
        let mut decimals = 0;
        if self.peek() == Some(b'.') {
            self.at += 1;
            decimals = self.digits(&mut mantissa, &mut digits)?;
        }
        let has_exponent = matches!(self.peek(), Some(b'e' | b'E'));
        if has_exponent {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits(&mut 0, &mut 0)?;
        }
        let text = std::str::from_utf8(&self.text[start..self.at]).expect("digits are ASCII");
        Ok(Number { text, mantissa, digits, decimals, has_exponent })
    }

    fn digits(&mut self, mantissa: &mut u64, digits: &mut u32) -> Result<u32, Syntax> {
        let start = self.at;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            *mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        let count = (self.at - start) as u32;
        *digits = digits.saturating_add(count);
        if count == 0 { self.expected("a digit") } else { Ok(count) }
    }

    /// Steps over a value, whatever lies in it, and answers its text.
    pub(crate) fn skip(&mut self) -> Result<&'a str, Syntax> {
        let start = self.at;
        let outside = self.depth;
        // One bit for each open list or object, the innermost last; 1 for a list.
        let mut lists = 0_u64;
        loop {
            match self.peek() {
                Some(byte @ (b'{' | b'[')) => {
                    self.open()?;
                    self.space();
                    lists = lists << 1 | u64::from(byte == b'[');
                    if self.peek() == Some(closing(lists)) {
                        self.close();
                        lists >>= 1;
                    } else {
                        if byte == b'{' {
                            self.name()?;
                        }
                        continue;
                    }
                }
                _ => {
                    self.value()?;
                }
            }
            // A value has ended; so may those around it.
            loop {
                if self.depth == outside {
                    let text = &self.text[start..self.at];
                    return Ok(std::str::from_utf8(text).expect("each string in it was UTF-8"));
                }
                self.space();
                let list = lists & 1 == 1;
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        self.space();
                        if !list {
                            self.name()?;
                        }
                        break;
                    }
                    Some(byte) if byte == closing(lists) => {
                        self.close();
                        lists >>= 1;
                    }
                    _ if list => return self.expected("`,` or `]`"),
                    _ => return self.expected("`,` or `}`"),
                }
            }
        }
    }
}

fn closing(lists: u64) -> u8 {
    if lists & 1 == 1 { b']' } else { b'}' }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a whole text as one value; `serde_json` must agree whether it is JSON.
    #[expect(clippy::needless_pass_by_value, reason = "the callers read better")]
    fn check(text: &[u8], expected: Result<Json<'_>, (usize, &str)>) {
        let mut cursor = Cursor::new(text);
        cursor.space();
        let answer = cursor.value().and_then(|value| cursor.end().map(|()| value));
        let shown = String::from_utf8_lossy(text);
        assert_eq!(answer.clone().map_err(|error| (error.at, error.expected)), expected, "{shown}");
        let infinite = matches!(&answer, Ok(Json::Number(number)) if number.value().is_infinite());
        if !infinite && !shown.contains("[[[[") {
            let oracle = serde_json::from_slice::<serde_json::Value>(text);
            assert_eq!(oracle.is_ok(), answer.is_ok(), "{shown}: {oracle:?}");
        }
        if let (Ok(Json::Nested(_)), Ok(skipped)) = (&answer, Cursor::new(text).skip()) {
            assert_eq!(skipped.as_bytes(), text.trim_ascii(), "{shown}");
        }
    }

    fn check_number(text: &str, value: f64, whole: bool) {
        let number = Cursor::new(text.as_bytes()).number().expect(text);
        assert_eq!((number.text, number.value(), number.is_whole()), (text, value, whole));
        assert_eq!(number.value().is_sign_negative(), value.is_sign_negative(), "{text}");
    }

    #[test]
    fn values_are_read_and_what_lies_in_them_stays_text() {
        check(b"null", Ok(Json::Null));
        check(b" true ", Ok(Json::Boolean(true)));
        check(b"false\n", Ok(Json::Boolean(false)));
        check(b"\"\"", Ok(Json::Text("".into())));
        check("\"路灯\"".as_bytes(), Ok(Json::Text("路灯".into())));
        check(br#""a\"b\\\u0041\ud83d\ude00""#, Ok(Json::Text("a\"b\\A😀".into())));
        check(br#""\u0000""#, Ok(Json::Text("\0".into())));
        check(b"{}", Ok(Json::Nested("{}")));
        check(b"[ ]", Ok(Json::Nested("[ ]")));
        check(
            br#"{"a":[1,{"b":null}],"c":"}"}"#,
            Ok(Json::Nested(r#"{"a":[1,{"b":null}],"c":"}"}"#)),
        );
    }

    #[test]
    fn what_is_no_json_is_named_with_its_byte() {
        check(b"", Err((0, "a JSON value")));
        check(b"nul", Err((0, "a JSON value")));
        check(b"NaN", Err((0, "a JSON value")));
        check(b"-Infinity", Err((1, "a digit")));
        check(b"[1,]", Err((3, "a JSON value")));
        check(b"[1 2]", Err((3, "`,` or `]`")));
        check(b"{\"a\":1,}", Err((7, "a name in quotes")));
        check(b"{\"a\" 1}", Err((5, "`:`")));
        check(b"{\"a\":1]", Err((6, "`,` or `}`")));
        check(b"{'a':1}", Err((1, "a name in quotes")));
        check(b"[01]", Err((2, "a number without leading zeros")));
        check(b"1.", Err((2, "a digit")));
        check(b".5", Err((0, "a JSON value")));
        check(b"1e", Err((2, "a digit")));
        check(b"1 2", Err((2, "the end of the row")));
        check(b"\"abc", Err((4, "a closing quote")));
        check(b"\"a\\", Err((3, "a closing quote")));
        check(b"\"a\nb\"", Err((2, "control characters as escapes")));
        check(b"\"a\xffb\"", Err((2, "UTF-8")));
        check(br#""a\xb""#, Err((3, "an escape of JSON, surrogates in pairs")));
        check(br#"["\ud800"]"#, Err((8, "an escape of JSON, surrogates in pairs")));
        check(b"\xef\xbb\xbf1", Err((0, "a JSON value")));
    }

    #[test]
    fn nesting_has_a_bound() {
        let nest = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
        assert!(Cursor::new(&nest(MAX_DEPTH)).skip().is_ok());
        check(&nest(MAX_DEPTH + 1), Err((64, TOO_DEEP)));
        check(&vec![b'['; 1_000_000], Err((64, TOO_DEEP)));
    }

    #[test]
    fn numbers_are_the_nearest_there_is_and_keep_their_digits() {
        check_number("0", 0.0, true);
        check_number("-0", -0.0, true);
        check_number("117.2263", 117.2263, false);
        check_number("-80.887818", -80.887_818, false);
        // One more than the last digit tells apart.
        check_number("60.169738099999999", 60.169_738_1, false);
        check_number("9007199254740993", 9_007_199_254_740_993.0, true);
        check_number("12345678901234567890123", 12_345_678_901_234_567_890_123.0, true);
        check_number("0.1e1", 1.0, false);
        check_number("1E+2", 100.0, false);
        check_number("5e-324", 5e-324, false);
        check_number("1e999", f64::INFINITY, false);
        check_number("0.00000000000000000000000001", 1e-26, false);
        check_number("1.7976931348623157e308", f64::MAX, false);
    }
}
