//! Finds where a JSON value ends, in text that arrives in chunks of any size.
//!
//! Only brackets and quotes are looked at, so that a value with something broken in it still has an
//! end; [`crate::json`] finds what is broken.

/// What a chunk brought.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scanned {
    /// The value goes on in the next chunk.
    Open,
    /// The value ends before this byte of the chunk.
    Ended(usize),
    /// At this byte of the chunk stands a bracket that closes another kind of bracket.
    Mismatched(usize),
}

/// The state between two chunks of one value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scanner {
    place: Place,
    depth: u64,
    /// One bit for each of the outermost 64 open brackets, the innermost last; 1 for a list.
    lists: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Place {
    /// Before the first byte.
    #[default]
    Start,
    /// In a number, a word, or what stands in their place, outside of all brackets and quotes.
    Bare,
    /// Between values.
    Between,
    /// In quotes.
    Text,
    /// In quotes, behind a backslash.
    Escape,
}

impl Scanner {
    /// Takes the next chunk. The first begins at the first byte of the value.
    pub(crate) fn feed(&mut self, chunk: &[u8]) -> Scanned {
        let Some(first) = chunk.first() else { return Scanned::Open };
        if self.place == Place::Start {
            let is_bare = !matches!(first, b'{' | b'[' | b'"');
            self.place = if is_bare { Place::Bare } else { Place::Between };
        }
        let mut at = 0;
        while at < chunk.len() {
            match self.place {
                Place::Start | Place::Bare => {
                    let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}') || is_space(*byte);
                    return chunk.iter().position(ends).map_or(Scanned::Open, Scanned::Ended);
                }
                Place::Escape => {
                    self.place = Place::Text;
                    at += 1;
                }
                Place::Text => {
                    let stop = chunk[at..].iter().position(|byte| matches!(byte, b'"' | b'\\'));
                    let Some(stop) = stop else { return Scanned::Open };
                    at += stop + 1;
                    let is_end = chunk[at - 1] == b'"';
                    self.place = if is_end { Place::Between } else { Place::Escape };
                    if is_end && self.depth == 0 {
                        return Scanned::Ended(at);
                    }
                }
                Place::Between => {
                    let stop = chunk[at..].iter().position(|byte| STOPS[*byte as usize]);
                    let Some(stop) = stop else { return Scanned::Open };
                    at += stop + 1;
                    match chunk[at - 1] {
                        b'"' => self.place = Place::Text,
                        open @ (b'{' | b'[') => self.open(open == b'['),
                        close => {
                            if !self.close(close == b']') {
                                return Scanned::Mismatched(at - 1);
                            }
                            if self.depth == 0 {
                                return Scanned::Ended(at);
                            }
                        }
                    }
                }
            }
        }
        Scanned::Open
    }

    fn open(&mut self, list: bool) {
        self.depth += 1;
        // What lies deeper is refused later; its brackets are only counted.
        if self.depth <= u64::from(u64::BITS) {
            self.lists = self.lists << 1 | u64::from(list);
        }
    }

    /// Closes a bracket; false when the last one opened is of another kind.
    fn close(&mut self, list: bool) -> bool {
        if self.depth <= u64::from(u64::BITS) {
            if (self.lists & 1 == 1) != list {
                return false;
            }
            self.lists >>= 1;
        }
        self.depth -= 1;
        true
    }
}

/// The first place of either byte.
pub(crate) fn find_either(text: &[u8], one: u8, other: u8) -> Option<usize> {
    // Whole blocks are compared at once by the machine.
    const BLOCK: usize = 64;
    let has = |block: &[u8; BLOCK]| {
        let hits = block.iter().map(|byte| u8::from(*byte == one) | u8::from(*byte == other));
        hits.fold(0, |found, hit| found | hit) != 0
    };
    let (blocks, _) = text.as_chunks::<BLOCK>();
    let start = BLOCK * blocks.iter().position(has).unwrap_or(blocks.len());
    let found = text[start..].iter().position(|byte| *byte == one || *byte == other);
    found.map(|at| start + at)
}

pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    stops[b'"' as usize] = true;
    stops[b'{' as usize] = true;
    stops[b'}' as usize] = true;
    stops[b'[' as usize] = true;
    stops[b']' as usize] = true;
    stops
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Scans in chunks of every size; the answer is the same, counted from the text's start.
    fn check(text: &[u8], expected: Scanned) {
        for size in 1..=text.len() {
            let mut scanner = Scanner::default();
            let mut answer = Scanned::Open;
            for (number, chunk) in text.chunks(size).enumerate() {
                answer = match scanner.feed(chunk) {
                    Scanned::Open => continue,
                    Scanned::Ended(at) => Scanned::Ended(number * size + at),
                    Scanned::Mismatched(at) => Scanned::Mismatched(number * size + at),
                };
                break;
            }
            assert_eq!(answer, expected, "{} by {size}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn a_value_ends_where_its_first_bracket_closes() {
        check(b"{},", Scanned::Ended(2));
        check(br#"{"a":[1,{"b":2}]} ,{}"#, Scanned::Ended(17));
        check(b"[[],[]]]", Scanned::Ended(7));
        check(b"{\"a\":NaN,nonsense}", Scanned::Ended(18));
        check(b"{\"a\":", Scanned::Open);
    }

    #[test]
    fn brackets_in_strings_do_not_count() {
        check(br#"{"a":"}]"}"#, Scanned::Ended(10));
        check(br#"{"a":"\"}"}"#, Scanned::Ended(11));
        check(br#"{"a":"\\"}"#, Scanned::Ended(10));
        check(br#"{"a":"\\\"}"}"#, Scanned::Ended(13));
        check(br#"{"a":"}"#, Scanned::Open);
        check(br#""}\"",1"#, Scanned::Ended(5));
    }

    #[test]
    fn a_bare_value_ends_before_what_separates_it() {
        check(b"null,", Scanned::Ended(4));
        check(b"-1.5]", Scanned::Ended(4));
        check(b"nonsense }", Scanned::Ended(8));
        check(b"null", Scanned::Open);
    }

    #[test]
    fn a_bracket_that_closes_another_kind_is_found() {
        check(b"{\"a\":[1}", Scanned::Mismatched(7));
        check(b"[}", Scanned::Mismatched(1));
    }

    #[test]
    fn either_byte_is_found_at_any_place() {
        for length in 0..200 {
            let mut text = vec![b'.'; length];
            assert_eq!(find_either(&text, b'a', b'b'), None);
            for at in (0..length).rev() {
                text[at] = if at % 3 == 0 { b'a' } else { b'b' };
                assert_eq!(find_either(&text, b'a', b'b'), Some(at), "of {length}");
            }
        }
    }

    #[test]
    fn nesting_without_end_takes_no_memory() {
        let mut scanner = Scanner::default();
        let chunk = [b'['; 4096];
        for _ in 0..1000 {
            assert_eq!(scanner.feed(&chunk), Scanned::Open);
        }
        let deep = [vec![b'['; 100], vec![b']'; 100]].concat();
        check(&deep, Scanned::Ended(200));
    }
}
