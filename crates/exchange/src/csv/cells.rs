//! Finds the cells of rows in a text, after RFC 4180 and what programs make of it.
//!
//! A cell that begins with a quote goes to the next single quote, over delimiters and line ends;
//! two quotes in it are one. Elsewhere a quote is a sign like any other. A row ends with a line feed,
//! a carriage return, or both.

use crate::feature::MAX_PROPERTIES;
use crate::row::MAX_ROW_BYTES;

/// Where in a row the scanner is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// At the beginning of a cell.
    Start,
    Plain,
    Quoted,
    /// Behind a quote in a quoted cell, which closes it unless another follows.
    Quote,
}

/// Collects the cells of one row after the other.
#[derive(Debug)]
pub(crate) struct Cells {
    delimiter: u8,
    place: Place,
    /// Behind a carriage return, whose line feed belongs to it.
    is_behind_return: bool,
    text: Vec<u8>,
    ends: Vec<usize>,
    count: usize,
    bytes: u64,
    quote_is_followed: bool,
}

impl Cells {
    pub(crate) fn new(delimiter: char) -> Self {
        Self {
            delimiter: delimiter as u8,
            place: Place::Start,
            is_behind_return: false,
            text: Vec::new(),
            ends: Vec::new(),
            count: 0,
            bytes: 0,
            quote_is_followed: false,
        }
    }

    /// Forgets the row, before the next one.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        (self.count, self.bytes) = (0, 0);
        (self.place, self.quote_is_followed) = (Place::Start, false);
    }

    /// Takes bytes up to the end of the row; answers how many, and `None` when it goes on.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        if self.is_behind_return && !bytes.is_empty() {
            self.is_behind_return = false;
            at = usize::from(bytes[0] == b'\n');
        }
        while let Some(&byte) = bytes.get(at) {
            at += 1;
            self.bytes += 1;
            match (self.place, byte) {
                (Place::Start, b'"') => self.place = Place::Quoted,
                (Place::Quoted, b'"') => self.place = Place::Quote,
                (Place::Quote, b'"') => {
                    self.keep(b'"');
                    self.place = Place::Quoted;
                }
                (Place::Quoted, _) => self.keep(byte),
                (_, b'\n' | b'\r') => {
                    self.bytes -= 1;
                    self.is_behind_return = byte == b'\r';
                    self.end_cell();
                    return Some(at);
                }
                (_, _) if byte == self.delimiter => {
                    self.end_cell();
                    self.place = Place::Start;
                }
                // Some programs pad the cell behind its quotes.
                (Place::Quote, b' ') => {}
                (Place::Quote, _) => {
                    self.quote_is_followed = true;
                    self.keep(byte);
                    self.place = Place::Plain;
                }
                (Place::Start | Place::Plain, _) => {
                    self.keep(byte);
                    self.place = Place::Plain;
                }
            }
        }
        None
    }

    /// Ends the row with the text; false when that is in the middle of a quoted cell.
    pub(crate) fn end(&mut self) -> bool {
        let is_closed = self.place != Place::Quoted;
        self.end_cell();
        is_closed
    }

    fn keep(&mut self, byte: u8) {
        if self.text.len() < MAX_ROW_BYTES {
            self.text.push(byte);
        }
    }

    fn end_cell(&mut self) {
        self.count += 1;
        // One more than a row may have, to show that there are more.
        if self.count <= MAX_PROPERTIES + 1 {
            self.ends.push(self.text.len());
        }
    }

    /// How many cells the row has.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// How many bytes the row has, without its end.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether something stands behind the closing quote of a cell.
    pub(crate) fn quote_is_followed(&self) -> bool {
        self.quote_is_followed
    }

    /// Whether no cell has anything in it.
    pub(crate) fn is_blank(&self) -> bool {
        self.text.iter().all(u8::is_ascii_whitespace)
    }

    /// The cells, or their text where that is not UTF-8.
    pub(crate) fn texts(&self) -> Result<impl Iterator<Item = &str>, &[u8]> {
        let text = std::str::from_utf8(&self.text).map_err(|_| &*self.text)?;
        let mut start = 0;
        Ok(self.ends.iter().map(move |end| {
            // A byte that is ASCII stands between two cells, so that no character is cut.
            let cell = text.get(start..*end).unwrap_or_default();
            start = *end;
            cell
        }))
    }

    /// The text of the row without quotes, as far as it is kept, to show which one it is.
    pub(crate) fn shown(&self, most: usize) -> Box<[u8]> {
        let mut shown = Vec::new();
        let mut start = 0;
        for end in &self.ends {
            if start > 0 || !shown.is_empty() {
                shown.push(self.delimiter);
            }
            let end = (*end).min(start + most.saturating_sub(shown.len()));
            shown.extend(&self.text[start..end]);
            start = end;
            if shown.len() >= most {
                break;
            }
        }
        shown.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of a text, fed in pieces of so many bytes.
    fn rows(text: &[u8], piece: usize) -> Vec<String> {
        let mut cells = Cells::new(',');
        let mut rows = Vec::new();
        let mut begun = false;
        for piece in text.chunks(piece) {
            let mut rest = piece;
            while !rest.is_empty() {
                begun = true;
                let Some(end) = cells.feed(rest) else { break };
                rest = &rest[end..];
                rows.push(show(&cells));
                cells.clear();
                begun = false;
            }
        }
        if begun && cells.bytes() > 0 {
            let closed = cells.end();
            rows.push(format!("{}{}", show(&cells), if closed { "" } else { " open" }));
        }
        rows
    }

    fn show(cells: &Cells) -> String {
        let texts: Vec<&str> = cells.texts().expect("UTF-8").collect();
        let followed = if cells.quote_is_followed() { " followed" } else { "" };
        format!("{}{followed}", texts.join("|"))
    }

    fn check(text: &str, expected: &[&str]) {
        for piece in [1, 2, 3, 1000] {
            assert_eq!(rows(text.as_bytes(), piece), expected, "{text:?} in pieces of {piece}");
        }
    }

    #[test]
    fn cells_stand_between_delimiters_and_rows_on_lines() {
        check("", &[]);
        check("a,b\n1,2", &["a|b", "1|2"]);
        check("a,b\r\n1,2\r\n", &["a|b", "1|2"]);
        check("a\rb\r\rc", &["a", "b", "", "c"]);
        check("a,,\n,", &["a||", "|"]);
        check(" a , 路 ", &[" a | 路 "]);
    }

    #[test]
    fn quotes_hold_delimiters_lines_and_quotes() {
        check("\"a,b\",\"c\r\nd\"\n", &["a,b|c\r\nd"]);
        check("\"a\"\"b\"\"\",\"\"\n", &["a\"b\"|"]);
        check("5\" pipe,a\"b\"\n", &["5\" pipe|a\"b\""]);
        check("\"a\" ,b\n", &["a|b"]);
        check("\"a\"b,c\n", &["ab|c followed"]);
        check("a,\"b\nc,d\n", &["a|b\nc,d\n open"]);
        check("a,\"b\"", &["a|b"]);
    }

    #[test]
    fn a_row_is_kept_up_to_the_bound() {
        let mut cells = Cells::new(',');
        cells.feed("x".repeat(MAX_ROW_BYTES + 1).as_bytes());
        cells.feed(b"\n");
        assert_eq!(cells.bytes(), MAX_ROW_BYTES as u64 + 1);
        assert_eq!(cells.text.len(), MAX_ROW_BYTES);
        cells.clear();
        cells.feed(",".repeat(MAX_PROPERTIES * 2).as_bytes());
        cells.feed(b"\n");
        assert_eq!((cells.count(), cells.ends.len()), (2 * MAX_PROPERTIES + 1, MAX_PROPERTIES + 1));
    }
}
