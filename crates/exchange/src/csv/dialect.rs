//! Tells from the first rows of a text what stands between two cells, and the decimal sign of
//! numbers.

use super::cells::Cells;
use crate::encoding::Unclear;

/// What may stand between two columns.
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

/// So many rows are looked at.
const SAMPLE_ROWS: usize = 200;

/// Tells the delimiter of a text whose names stand in a row, counted from 1.
///
/// # Errors
/// When it may be several.
pub(super) fn delimiter(sample: &[u8], is_whole: bool, header_row: u32) -> Result<char, Unclear> {
    let mut several = Vec::new();
    for delimiter in DELIMITERS {
        let counts = counts(sample, is_whole, header_row, delimiter);
        if counts.first().is_some_and(|columns| *columns > 1) {
            several.push((delimiter, counts.iter().all(|count| *count == counts[0])));
        }
    }
    if several.len() > 1 {
        // Rows with too many or too few cells are faults, unless another delimiter does without.
        several.retain(|(_, is_even)| *is_even);
    }
    match *several {
        [(delimiter, _)] => Ok(delimiter),
        [] if DELIMITERS.iter().all(|delimiter| {
            counts(sample, is_whole, header_row, *delimiter).first().is_none_or(|count| *count == 1)
        }) =>
        {
            // There is one column, and nothing stands beside it.
            Ok(',')
        }
        _ => Err(Unclear {
            found: "columns that may stand between several signs".into(),
            expected: "to be told which: --delimiter, or `delimiter` in the mapping".into(),
        }),
    }
}

/// How many cells each row has, from that of the names on.
fn counts(sample: &[u8], is_whole: bool, header_row: u32, delimiter: char) -> Vec<usize> {
    let mut counts = Vec::new();
    each_row(sample, is_whole, delimiter, |row, cells| {
        if row >= header_row && !cells.is_blank() {
            counts.push(cells.count());
        }
        counts.len() < SAMPLE_ROWS
    });
    counts
}

/// Hands on the whole rows of a sample, counted from 1, as long as more are wanted.
fn each_row(
    sample: &[u8],
    is_whole: bool,
    delimiter: char,
    mut wants_more: impl FnMut(u32, &Cells) -> bool,
) {
    let mut cells = Cells::new(delimiter);
    let (mut rest, mut row) = (sample, 1);
    while let Some(end) = cells.feed(rest) {
        rest = &rest[end..];
        if !wants_more(row, &cells) {
            return;
        }
        cells.clear();
        row += 1;
    }
    if is_whole && cells.bytes() > 0 && cells.end() {
        wants_more(row, &cells);
    }
}

/// What the cells of a column look like.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what has been seen, each independent of the rest"
)]
struct Column {
    has_text: bool,
    has_point: bool,
    has_comma: bool,
    /// A comma behind which not just three digits stand, or before which more than three do: it does
    /// not mark thousands.
    has_plain_comma: bool,
}

/// Tells the decimal sign from the columns that hold nothing but numbers; `None` when no number has
/// one.
///
/// # Errors
/// When it may be both.
pub(super) fn decimal(
    sample: &[u8],
    is_whole: bool,
    header_row: u32,
    delimiter: char,
) -> Result<Option<char>, Unclear> {
    let mut columns: Vec<Column> = Vec::new();
    let mut rows = 0;
    each_row(sample, is_whole, delimiter, |row, cells| {
        if row > header_row
            && let Ok(texts) = cells.texts()
        {
            rows += 1;
            for (place, text) in texts.enumerate() {
                if columns.len() == place {
                    columns.push(Column::default());
                }
                columns[place].look_at(text.trim());
            }
        }
        rows < SAMPLE_ROWS
    });
    let numbers = || columns.iter().filter(|column| !column.has_text);
    let has_point = numbers().any(|column| column.has_point && !column.has_comma);
    let has_comma = numbers().any(|column| column.has_comma && !column.has_point);
    let is_plain = numbers().any(|column| column.has_plain_comma && !column.has_point);
    let is_mixed = numbers().any(|column| column.has_comma && column.has_point);
    match (has_point, has_comma) {
        (false, false) if !is_mixed => Ok(None),
        (true, false) if !is_mixed => Ok(Some('.')),
        (false, true) if is_plain && !is_mixed => Ok(Some(',')),
        _ => Err(Unclear {
            found: if has_comma && !has_point && !is_mixed {
                "numbers whose comma may be a decimal sign or mark thousands".into()
            } else {
                "numbers with a comma and numbers with a point".into()
            },
            expected: "to be told the decimal sign: --decimal, or `decimal` in the mapping".into(),
        }),
    }
}

impl Column {
    fn look_at(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        if digits(unsigned) {
            return;
        }
        match unsigned.split_once([',', '.']) {
            Some((whole, part)) if digits(whole) && digits(part) => {
                if unsigned.contains(',') {
                    self.has_comma = true;
                    self.has_plain_comma |= part.len() != 3 || whole.len() > 3;
                } else {
                    self.has_point = true;
                }
            }
            // A power of ten and a number with both signs tell nothing of the one sign.
            _ if text.parse::<f64>().is_ok() => {}
            _ => self.has_text = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let answer = delimiter(text.as_bytes(), true, 1).and_then(|delimiter| {
            let decimal = decimal(text.as_bytes(), true, 1, delimiter)?;
            Ok(format!("{delimiter:?} {decimal:?}"))
        });
        let answer = answer.unwrap_or_else(|unclear| unclear.found);
        assert_eq!(answer, expected, "{text}");
    }

    #[test]
    fn the_names_of_the_columns_tell_the_delimiter() {
        check("", "',' None");
        check("a\n1\n", "',' None");
        check("a,b\n1;2,3;4\n", "',' None");
        check("a;b\n1,5;2\n", "';' Some(',')");
        check("a\tb\n1\t2\n", "'\\t' None");
        check("a|b\n1|2", "'|' None");
        check("\"a,b\";c\n1;2\n", "';' None");
        check("a,b\n1,2,3\n4\n", "',' None");
    }

    #[test]
    fn even_rows_decide_between_two_delimiters() {
        check("a;x,b\n1;2,5\n3;4,5\n5;6\n", "';' Some(',')");
        check("a;b,c\n1;2,3\n", "columns that may stand between several signs");
        check("a;b,c\n1\n", "columns that may stand between several signs");
    }

    #[test]
    fn columns_of_numbers_tell_the_decimal_sign() {
        check("a,b\n1.5,x\n2,y\n", "',' Some('.')");
        check("a,b\n\"1,5\",2\n", "',' Some(',')");
        check("a;b\n1,5;1.5\n", "numbers with a comma and numbers with a point");
        check("a;b\n1,5;x\n1.5;y\n", "numbers with a comma and numbers with a point");
        check("a;b\n1,5;2.1 and 3\n", "';' Some(',')");
        check("a;b\n1,234;2\n", "numbers whose comma may be a decimal sign or mark thousands");
        check("a;b\n520000,125;2\n", "';' Some(',')");
        check("a;b\n1e5;\n", "';' None");
        check("a;b\n1,5,6;2\n", "';' None");
    }

    #[test]
    fn a_row_that_is_cut_off_tells_nothing() {
        let cut = |text: &str, is_whole: bool| {
            decimal(text.as_bytes(), is_whole, 1, ';').expect("not unclear")
        };
        assert_eq!(cut("a;b\n1;2,5", false), None);
        assert_eq!(cut("a;b\n1;2,5", true), Some(','));
    }
}
