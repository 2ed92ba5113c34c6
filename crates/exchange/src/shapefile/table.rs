//! The `.dbf` file: rows of fields with a fixed number of bytes each, all of them text.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;

use encoding_rs::Encoding;
use terrier_model::{Fault, RawValue};

use super::{read_error, unsound};
use crate::encoding::SAMPLE_BYTES;
use crate::header;
use crate::read_error::ReadError;
use crate::record::Columns;
use crate::row::excerpt;

const HEAD_BYTES: usize = 32;
const FIELD_BYTES: usize = 32;
const NAME_BYTES: usize = 11;

/// The most bytes that a character has in any encoding here, without its last.
const MAX_CUT_BYTES: usize = 3;

/// A field of all rows.
#[derive(Clone, Debug)]
struct Field {
    name: Vec<u8>,
    kind: u8,
    start: usize,
    length: usize,
}

/// A table that is open.
pub(super) struct Table {
    name: String,
    read: BufReader<File>,
    fields: Vec<Field>,
    /// How many rows there are, those that are deleted too.
    pub(super) count: u32,
    /// The byte that tells the encoding.
    pub(super) language: u8,
    first_at: u64,
    row: Vec<u8>,
    number: u32,
}

impl Table {
    /// Begins to read.
    ///
    /// # Errors
    /// When the file is no table, or is cut off.
    pub(super) fn open(name: String, dbf: File) -> Result<Self, ReadError> {
        let mut read = BufReader::new(dbf);
        let length = read.seek(SeekFrom::End(0)).and_then(|length| read.rewind().map(|()| length));
        let length = length.map_err(|source| read_error(&name, 0, source))?;
        let mut head = Vec::new();
        let taken = (&mut read).take(HEAD_BYTES as u64).read_to_end(&mut head);
        taken.map_err(|source| read_error(&name, 0, source))?;
        let head: &[u8; HEAD_BYTES] = match head.first_chunk() {
            Some(head) => head,
            None => return Err(unsound(&name, "a table without its head", "a file that is whole")),
        };
        let count = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        let first_at = u16::from_le_bytes([head[8], head[9]]);
        let row_bytes = u16::from_le_bytes([head[10], head[11]]);
        let whole = u64::from(first_at) + u64::from(count) * u64::from(row_bytes);
        if length < whole {
            let found = format!("{length} bytes of its table");
            return Err(unsound(&name, found, format!("{whole}, as its head says")));
        }
        let mut described = Vec::new();
        let rest = u64::from(first_at).saturating_sub(HEAD_BYTES as u64);
        let taken = (&mut read).take(rest).read_to_end(&mut described);
        taken.map_err(|source| read_error(&name, HEAD_BYTES as u64, source))?;
        let fields = fields(&name, &described, row_bytes.into())?;
        Ok(Self {
            name,
            read,
            fields,
            count,
            language: head[29],
            first_at: first_at.into(),
            row: vec![0; row_bytes.into()],
            number: 0,
        })
    }

    /// Texts of the table, from the first on that is not ASCII; none where all are.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn sample(&mut self) -> Result<Vec<u8>, ReadError> {
        let mut sample = Vec::new();
        let mut add = |text: &[u8], width: usize| {
            // A text may be cut through its last character, of which no encoding is to be told.
            let is_cut = text.len() >= width && text.last().is_some_and(|byte| !byte.is_ascii());
            if !is_cut && !text.is_ascii() {
                sample.extend(text);
                sample.push(b'\n');
            }
            sample.len() < SAMPLE_BYTES
        };
        for field in &self.fields {
            add(&field.name, NAME_BYTES - 1);
        }
        self.begin()?;
        let texts: Vec<Field> =
            self.fields.iter().filter(|field| field.kind == b'C').cloned().collect();
        let mut is_wanted = !texts.is_empty();
        while is_wanted && self.read_row()? {
            let row = &self.row;
            is_wanted = texts.iter().all(|field| add(trimmed(field.bytes(row)), field.length));
        }
        Ok(sample)
    }

    /// The names of the fields.
    ///
    /// # Errors
    /// The first name that cannot be one.
    pub(super) fn columns(&self, encoding: &'static Encoding) -> Result<Arc<Columns>, Fault> {
        let mut names = Vec::new();
        for field in &self.fields {
            // Ten bytes may end in the middle of a character.
            let name = decoded(&field.name, NAME_BYTES - 1, encoding).ok_or_else(|| {
                let expected =
                    format!("names of fields in {}", encoding.name().to_ascii_lowercase());
                Fault::in_field("", excerpt(&field.name), expected)
            })?;
            names.push(name);
        }
        header::columns(names.iter().map(String::as_str))
    }

    /// Goes before the first row.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn begin(&mut self) -> Result<(), ReadError> {
        self.number = 0;
        let moved = self.read.seek(SeekFrom::Start(self.first_at));
        moved.map(|_| ()).map_err(|source| read_error(&self.name, self.first_at, source))
    }

    /// Reads the next row; false at the end.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn read_row(&mut self) -> Result<bool, ReadError> {
        if self.number == self.count {
            return Ok(false);
        }
        let at = self.first_at + u64::from(self.number) * self.row.len() as u64;
        let read = self.read.read_exact(&mut self.row);
        read.map_err(|source| read_error(&self.name, at, source))?;
        self.number += 1;
        Ok(true)
    }

    /// Whether the row that was read has been deleted, and only not been taken out yet.
    pub(super) fn is_deleted(&self) -> bool {
        self.row.first() == Some(&b'*')
    }

    /// The values of the row that was read, and of those that are no texts what they are.
    pub(super) fn values(
        &self,
        encoding: &'static Encoding,
    ) -> (Vec<RawValue>, Vec<(usize, String)>) {
        let mut wrong = Vec::new();
        let values = self.fields.iter().enumerate().map(|(place, field)| {
            let value = field.value(&self.row, encoding);
            value.unwrap_or_else(|found| {
                wrong.push((place, found));
                RawValue::Null
            })
        });
        let values = values.collect();
        (values, wrong)
    }
}

/// The fields as the head describes them, to a carriage return.
fn fields(file: &str, described: &[u8], row_bytes: usize) -> Result<Vec<Field>, ReadError> {
    let mut fields: Vec<Field> = Vec::new();
    // The first byte of a row tells whether it is deleted.
    let mut start = 1;
    for bytes in described.chunks_exact(FIELD_BYTES) {
        if bytes[0] == b'\r' || bytes.iter().all(|byte| *byte == 0) {
            break;
        }
        let name = bytes[..NAME_BYTES].split(|byte| *byte == 0).next().unwrap_or_default();
        let (kind, length) = (bytes[11].to_ascii_uppercase(), usize::from(bytes[16]));
        fields.push(Field { name: name.trim_ascii_end().into(), kind, start, length });
        start += length;
    }
    if fields.is_empty() {
        return Err(unsound(file, "a table without fields", "at least one"));
    }
    if start > row_bytes {
        let found = format!("rows of {row_bytes} bytes for fields of {start}");
        return Err(unsound(file, found, "rows as long as their fields"));
    }
    Ok(fields)
}

/// A text without what fills its field up.
fn trimmed(bytes: &[u8]) -> &[u8] {
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    text.trim_ascii_end()
}

/// A text in an encoding; `None` when it is none. Where it fills its field, its last character may
/// have been cut, and is left out.
fn decoded(bytes: &[u8], width: usize, encoding: &'static Encoding) -> Option<String> {
    let decode = |bytes| encoding.decode_without_bom_handling_and_without_replacement(bytes);
    // Something stays, or there was no text.
    let most = MAX_CUT_BYTES.min(bytes.len().saturating_sub(1));
    let cuts = if bytes.len() < width { 0 } else { most };
    let text = (0..=cuts).find_map(|cut| decode(&bytes[..bytes.len() - cut]))?;
    Some(text.into_owned())
}

impl Field {
    fn bytes<'r>(&self, row: &'r [u8]) -> &'r [u8] {
        row.get(self.start..self.start + self.length).unwrap_or_default()
    }

    /// # Errors
    /// With the beginning of a text that is none.
    fn value(&self, row: &[u8], encoding: &'static Encoding) -> Result<RawValue, String> {
        let bytes = self.bytes(row);
        let text = match self.kind {
            b'C' => trimmed(bytes),
            _ => trimmed(bytes).trim_ascii(),
        };
        if text.is_empty() {
            return Ok(RawValue::Null);
        }
        let plain = || match decoded(text, self.length, encoding) {
            Some(text) => Ok(RawValue::Text(text)),
            None => Err(excerpt(text)),
        };
        match self.kind {
            // A number that has no room is written as stars, and so is none.
            b'N' | b'F' if text.starts_with(b"*") => Ok(RawValue::Null),
            b'N' | b'F' => number(text).map_or_else(plain, Ok),
            b'D' if text.iter().all(|byte| *byte == b'0') => Ok(RawValue::Null),
            b'D' if is_eight_digits(text) => {
                let day = [&text[..4], b"-", &text[4..6], b"-", &text[6..]].concat();
                Ok(RawValue::Text(day.into_iter().map(char::from).collect()))
            }
            b'C' | b'D' => plain(),
            b'L' => match text {
                b"T" | b"t" | b"Y" | b"y" => Ok(RawValue::Boolean(true)),
                b"F" | b"f" | b"N" | b"n" => Ok(RawValue::Boolean(false)),
                b"?" => Ok(RawValue::Null),
                _ => plain(),
            },
            // A memo stands in a file of its own, and other kinds are no texts.
            b'M' => Ok(RawValue::Nested("a memo".into())),
            kind => Ok(RawValue::Nested(format!("a value of kind {}", kind.escape_ascii()))),
        }
    }
}

fn is_eight_digits(text: &[u8]) -> bool {
    text.len() == 8 && text.iter().all(u8::is_ascii_digit)
}

fn number(text: &[u8]) -> Option<RawValue> {
    let text = std::str::from_utf8(text).ok()?;
    if let Ok(whole) = text.parse() {
        return Some(RawValue::Integer(whole));
    }
    crate::position::parse(text, None).map(RawValue::Number)
}

#[cfg(test)]
mod tests {
    use encoding_rs::{GB18030, UTF_8};

    use super::*;

    fn check(kind: u8, bytes: &[u8], encoding: &'static Encoding, expected: &str) {
        let field = Field { name: b"a".into(), kind, start: 1, length: bytes.len() };
        let row = [b" ", bytes].concat();
        let answer = match field.value(&row, encoding) {
            Ok(RawValue::Null) => "null".into(),
            Ok(RawValue::Text(text)) => format!("`{text}`"),
            Ok(other) => format!("{other:?}"),
            Err(found) => format!("no text: {found}"),
        };
        assert_eq!(answer, expected, "{} {}", kind as char, bytes.escape_ascii());
    }

    #[test]
    fn a_text_ends_before_what_fills_its_field_up() {
        check(b'C', b" a b  ", UTF_8, "` a b`");
        check(b'C', b"ab\0\0c", UTF_8, "`ab`");
        check(b'C', b"     ", UTF_8, "null");
        check(b'C', b"\0\0\0", UTF_8, "null");
        check(b'C', b"\xb8\xd6\xb9\xdc  ", GB18030, "`钢管`");
        check(b'C', "钢管".as_bytes(), UTF_8, "`钢管`");
    }

    #[test]
    fn a_character_that_its_field_cuts_is_left_out_and_no_other() {
        check(b'C', &"钢管".as_bytes()[..5], UTF_8, "`钢`");
        check(b'C', b"\xb8\xd6\xb9", GB18030, "`钢`");
        check(b'C', b"\xb8\xd6\xb9 ", GB18030, "no text: \\xb8\\xd6\\xb9");
        check(b'C', b"\xff\xb8\xd6\xb9", UTF_8, "no text: \\xff\\xb8\\xd6\\xb9");
    }

    #[test]
    fn numbers_may_be_none_or_no_numbers() {
        check(b'N', b"   12", UTF_8, "Integer(12)");
        check(b'N', b"-1.50", UTF_8, "Number(-1.5)");
        check(b'F', b"1.25e+003", UTF_8, "Number(1250.0)");
        check(b'N', b"99999999999999999999", UTF_8, "Number(1e20)");
        check(b'N', b"     ", UTF_8, "null");
        check(b'N', b"*****", UTF_8, "null");
        check(b'N', b"1,5", UTF_8, "`1,5`");
        check(b'N', b"nan", UTF_8, "`nan`");
        check(b'F', b"\xb8\xd6", UTF_8, "no text: \\xb8\\xd6");
    }

    #[test]
    fn days_and_truth_have_signs_of_their_own() {
        check(b'D', b"20050630", UTF_8, "`2005-06-30`");
        check(b'D', b"        ", UTF_8, "null");
        check(b'D', b"00000000", UTF_8, "null");
        check(b'D', b"2005/6/3", UTF_8, "`2005/6/3`");
        for (sign, expected) in [
            (b"T", "Boolean(true)"),
            (b"y", "Boolean(true)"),
            (b"F", "Boolean(false)"),
            (b"n", "Boolean(false)"),
            (b"?", "null"),
            (b" ", "null"),
            (b"x", "`x`"),
        ] {
            check(b'L', sign, UTF_8, expected);
        }
    }

    #[test]
    fn what_stands_elsewhere_is_named() {
        check(b'M', b"         1", UTF_8, "Nested(\"a memo\")");
        check(b'M', b"          ", UTF_8, "null");
        check(b'@', b"\x01\x02\x03", UTF_8, "Nested(\"a value of kind @\")");
    }
}
