//! The rows of a sheet, one after the other.

use std::borrow::Cow;
use std::sync::Arc;

use quick_xml::events::{BytesStart, Event};
use terrier_model::RawValue;

use super::package::PartXml;
use super::workbook::Shared;
use super::xml::attribute;
use super::{MAX_SHEET_COLUMNS, MAX_SHEET_ROWS, Wrong, date};
use crate::position;
use crate::row::MAX_ROW_BYTES;

/// A sheet that is read.
pub(super) struct Sheet {
    xml: PartXml,
    part: Box<str>,
    shared: Arc<Shared>,
    /// The length of its XML.
    pub(super) bytes: u64,
    row: u32,
    is_ended: bool,
}

/// A row that has values.
#[derive(Debug, Default)]
pub(super) struct SheetRow {
    /// As the sheet counts it.
    pub(super) number: u32,
    /// The cells that have a value, by their columns, the leftmost first.
    pub(super) cells: Vec<(usize, Cell)>,
    /// How many bytes of texts there were; those beyond [`MAX_ROW_BYTES`] are not kept.
    pub(super) bytes: usize,
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Value(RawValue),
    /// What the spreadsheet could not compute, such as `#N/A`.
    Error(Box<str>),
}

impl Sheet {
    pub(super) fn new(xml: PartXml, bytes: u64, part: &str, shared: Arc<Shared>) -> Self {
        Self { xml, part: part.into(), shared, bytes, row: 0, is_ended: false }
    }

    /// How much of the XML has been read.
    pub(super) fn position(&self) -> u64 {
        self.xml.position()
    }

    /// The next row that has a value.
    pub(super) fn next_row(&mut self) -> Result<Option<SheetRow>, Wrong> {
        while !self.is_ended {
            let number = match self.xml.next()? {
                Event::Start(start) if start.local_name().as_ref() == "row" => {
                    attribute(&self.part, &start, "r")?
                }
                Event::End(end) if end.local_name().as_ref() == "sheetData" => {
                    self.is_ended = true;
                    break;
                }
                Event::Eof => return Err(self.xml.ends_before("the end of its rows")),
                _ => continue,
            };
            let number = match number {
                Some(text) => text.parse().ok().filter(|number| *number <= MAX_SHEET_ROWS),
                None => self.row.checked_add(1).filter(|number| *number <= MAX_SHEET_ROWS),
            };
            let number: Option<u32> = number.filter(|number| *number > self.row);
            let Some(number) = number else {
                let found = format!("a row behind row {} that does not follow", self.row);
                return Err(Wrong::new(
                    found,
                    format!("rows in their order, at most {MAX_SHEET_ROWS}"),
                ));
            };
            self.row = number;
            let row = self.cells(number)?;
            if !row.cells.is_empty() {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    fn cells(&mut self, number: u32) -> Result<SheetRow, Wrong> {
        let mut row = SheetRow { number, ..SheetRow::default() };
        let mut column = 0;
        loop {
            let start = match self.xml.next()? {
                Event::Start(start) if start.local_name().as_ref() == "c" => {
                    Start::read(&self.part, &start)?
                }
                Event::End(end) if end.local_name().as_ref() == "row" => return Ok(row),
                Event::Eof => return Err(self.xml.ends_before("the end of a row")),
                _ => continue,
            };
            column = match start.column {
                Some(place) if place < column => MAX_SHEET_COLUMNS,
                place => place.unwrap_or(column),
            };
            if column >= MAX_SHEET_COLUMNS {
                let found = format!("a cell in row {number} that does not follow");
                let expected = format!("cells in their order, at most {MAX_SHEET_COLUMNS}");
                return Err(Wrong::new(found, expected));
            }
            if let Some(cell) = self.cell(&start, &mut row.bytes)? {
                row.cells.push((column, cell));
            }
            column += 1;
        }
    }

    /// The content of a cell that has begun, up to its end.
    fn cell(&mut self, start: &Start, bytes: &mut usize) -> Result<Option<Cell>, Wrong> {
        let mut value = String::new();
        let mut has_value = false;
        loop {
            match self.xml.next()? {
                // A formula, whose result is the value.
                Event::Start(inner) if inner.local_name().as_ref() == "f" => {
                    self.xml.text(&mut String::new(), 0)?;
                }
                Event::Start(_) => {
                    self.xml.text(&mut value, MAX_ROW_BYTES + 1)?;
                    has_value = true;
                }
                Event::End(_) => break,
                Event::Eof => return Err(self.xml.ends_before("the end of a cell")),
                _ => {}
            }
        }
        if !has_value {
            return Ok(None);
        }
        let shared = Arc::clone(&self.shared);
        let text = match start.kind.as_deref() {
            Some("s") => {
                let place = value.trim().parse().ok();
                let text = place.and_then(|place| shared.texts.get(place));
                let missing = || Wrong::new(format!("no shared text `{}`", shown(&value)), "one");
                Cow::Borrowed(text.ok_or_else(missing)?)
            }
            Some("b") => return Ok(Some(Cell::Value(RawValue::Boolean(value.trim() == "1")))),
            Some("e") => return Ok(Some(Cell::Error(shown(value.trim()).into()))),
            Some("str" | "inlineStr" | "d") => Cow::Owned(value),
            _ => {
                let text = value.trim();
                let number = position::parse(text, None).filter(|number| number.is_finite());
                return match number {
                    _ if text.is_empty() => Ok(None),
                    Some(number) => Ok(Some(Cell::Value(self.number(number, start.style)))),
                    None => Err(Wrong::new(format!("`{}` in a cell", shown(text)), "a number")),
                };
            }
        };
        let text = unescaped(&text);
        if text.trim().is_empty() {
            return Ok(None);
        }
        *bytes = bytes.saturating_add(text.len());
        let kept = if *bytes > MAX_ROW_BYTES { "" } else { &*text };
        Ok(Some(Cell::Value(RawValue::Text(kept.into()))))
    }

    /// What a number is with the style of its cell.
    fn number(&self, number: f64, style: usize) -> RawValue {
        // Whole numbers up to here are exact.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let form = self.shared.styles.get(style).copied().unwrap_or_default();
        if let Some(date) = date::value(number, form, self.shared.is_1904) {
            return date;
        }
        if number.fract() == 0.0 && number.abs() <= EXACT {
            RawValue::Integer(number as i64)
        } else {
            RawValue::Number(number)
        }
    }
}

/// What stands at the beginning of a cell.
struct Start {
    /// Where it lies, if it says so; beyond all columns when what it says is no place.
    column: Option<usize>,
    style: usize,
    kind: Option<Box<str>>,
}

impl Start {
    fn read(part: &str, start: &BytesStart) -> Result<Self, Wrong> {
        let column =
            attribute(part, start, "r")?.map(|place| column(&place).unwrap_or(MAX_SHEET_COLUMNS));
        let style = attribute(part, start, "s")?.and_then(|style| style.parse().ok());
        let kind = attribute(part, start, "t")?.map(Into::into);
        Ok(Self { column, style: style.unwrap_or_default(), kind })
    }
}

/// The column of a place such as `AB12`, counted from 0.
fn column(place: &str) -> Option<usize> {
    let letters = place.trim_end_matches(|sign: char| sign.is_ascii_digit());
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let mut number = 0;
    for letter in letters.bytes() {
        if !letter.is_ascii_alphabetic() {
            return None;
        }
        number = number * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1;
    }
    Some(number - 1).filter(|column| *column < MAX_SHEET_COLUMNS)
}

/// The name of a column as a spreadsheet has it, such as `AB`.
pub(super) fn letters(column: usize) -> String {
    let (mut letters, mut rest) = (Vec::new(), column + 1);
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// A text without the signs that XML cannot hold and the format writes as `_x000D_`: the return of
/// Windows goes, others become what they are.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains("_x") {
        return text.into();
    }
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find("_x") {
        out.push_str(&rest[..at]);
        let code = rest.get(at + 2..at + 6).filter(|_| rest[at + 6..].starts_with('_'));
        let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let sign = code.and_then(|code| char::from_u32(u32::from_str_radix(code, 16).ok()?));
        if let Some(sign) = sign {
            out.extend(Some(sign).filter(|sign| *sign != '\r'));
            rest = &rest[at + 7..];
        } else {
            out.push_str("_x");
            rest = &rest[at + 2..];
        }
    }
    out.push_str(rest);
    out.into()
}

fn shown(text: &str) -> &str {
    &text[..text.floor_char_boundary(32)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_in_letters() {
        for (place, expected) in [("A1", 0), ("z9", 25), ("AA10", 26), ("XFD1048576", 16_383)] {
            assert_eq!(column(place), Some(expected), "{place}");
            let name = place.trim_end_matches(char::is_numeric);
            assert_eq!(letters(expected), name.to_uppercase());
        }
        for place in ["", "1", "A", "XFE1", "AAAA1", "A-1", "管1"] {
            let expected = (place == "A").then_some(0);
            assert_eq!(column(place), expected, "{place}");
        }
    }

    #[test]
    fn signs_that_xml_cannot_hold_are_read() {
        let check = |text: &str, expected: &str| assert_eq!(unescaped(text), expected);
        check("a_x000D_\nb", "a\nb");
        check("_x005F_x000D_", "_x000D_");
        check("a_x00", "a_x00");
        check("_xyzzy_", "_xyzzy_");
        check("_x管管管管_", "_x管管管管_");
        check("_xD800_", "_xD800_");
    }
}
