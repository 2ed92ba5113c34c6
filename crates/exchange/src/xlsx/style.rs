//! Which cells of a workbook show a date, for a date is a number there: only its style tells.

use std::collections::HashMap;
use std::io::BufRead;

use quick_xml::events::Event;

use super::xml::{Xml, attribute};
use super::{MAX_STYLES, Wrong};

/// What a style makes of a number.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Shown {
    #[default]
    Number,
    /// A date of which the year alone is shown.
    Year,
    /// A date of which year and month are shown.
    Month,
    /// A date, or a time of day, or both.
    Day,
}

/// What each style makes of a number, in the order of the part.
pub(super) fn read(mut xml: Xml<impl BufRead>, part: &str) -> Result<Vec<Shown>, Wrong> {
    let mut formats: HashMap<u32, Shown> = HashMap::new();
    let mut styles = Vec::new();
    let mut is_in_cells = false;
    loop {
        match xml.next()? {
            Event::Start(start) => match start.local_name().as_ref() {
                "numFmt" => {
                    let id = attribute(part, &start, "numFmtId")?.and_then(|id| id.parse().ok());
                    let code = attribute(part, &start, "formatCode")?;
                    if let (Some(id), Some(code)) = (id, code) {
                        formats.insert(id, of_code(&code));
                    }
                }
                "cellXfs" => is_in_cells = true,
                "xf" if is_in_cells => {
                    if styles.len() == MAX_STYLES {
                        let found = format!("more than {MAX_STYLES} styles");
                        return Err(Wrong::new(found, format!("at most {MAX_STYLES}")));
                    }
                    let id = attribute(part, &start, "numFmtId")?.and_then(|id| id.parse().ok());
                    let id: u32 = id.unwrap_or_default();
                    styles.push(formats.get(&id).copied().unwrap_or_else(|| of_number(id)));
                }
                _ => {}
            },
            Event::End(end) if end.local_name().as_ref() == "cellXfs" => is_in_cells = false,
            Event::Eof => return Ok(styles),
            _ => {}
        }
    }
}

/// The forms that have a number instead of a text. Those from 27 on differ between the languages of
/// East Asia, but are dates or times in all of them; 46 is a span of time.
fn of_number(id: u32) -> Shown {
    match id {
        17 => Shown::Month,
        14..=16 | 18..=22 | 27..=36 | 45 | 47 | 50..=58 => Shown::Day,
        _ => Shown::Number,
    }
}

/// What a form says, of which the part before the first `;` counts.
fn of_code(code: &str) -> Shown {
    let mut signs = code.chars();
    let (mut year, mut month, mut day_or_time) = (false, false, false);
    while let Some(sign) = signs.next() {
        match sign {
            ';' => break,
            // The next sign is shown, left out or repeated as it is.
            '\\' | '_' | '*' => drop(signs.next()),
            '"' => drop(signs.by_ref().find(|sign| *sign == '"')),
            '[' => {
                let inner: String = signs.by_ref().take_while(|sign| *sign != ']').collect();
                if inner.starts_with(['h', 'H', 'm', 'M', 's', 'S']) {
                    return Shown::Number;
                }
            }
            'y' | 'Y' => year = true,
            'm' | 'M' => month = true,
            'd' | 'D' | 'h' | 'H' | 's' | 'S' => day_or_time = true,
            _ => {}
        }
    }
    match (year, month, day_or_time) {
        (true, true, false) => Shown::Month,
        (true, false, false) => Shown::Year,
        (_, _, true) | (false, true, false) => Shown::Day,
        (false, false, false) => Shown::Number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_a_number_tells_a_date() {
        let check = |code: &str, expected: Shown| assert_eq!(of_code(code), expected, "{code}");
        check("yyyy-mm-dd", Shown::Day);
        check("yyyy\"年\"m\"月\"d\"日\";@", Shown::Day);
        check("[$-804]yyyy\"年\"m\"月\"", Shown::Month);
        check("yyyy", Shown::Year);
        check("h:mm AM/PM", Shown::Day);
        check("mm\\-dd", Shown::Day);
        for number in [
            "General",
            "0.00E+00",
            "#,##0.00_);[Red]\\(#,##0.00\\)",
            "0\"m\"",
            "\\y0",
            "[h]:mm",
            "@",
        ] {
            check(number, Shown::Number);
        }
    }

    #[test]
    fn styles_refer_to_forms_by_their_number() {
        let text = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy/m/d"/></numFmts>
            <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
            <cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/><xf/></cellXfs></styleSheet>"#;
        let styles = read(Xml::new("x", text.as_bytes()), "x").expect("styles");
        assert_eq!(styles, [Shown::Number, Shown::Day, Shown::Day, Shown::Number]);
    }

    #[test]
    fn the_styles_have_a_bound() {
        let text = |count: usize| format!("<cellXfs>{}</cellXfs>", "<xf/>".repeat(count));
        let read = |count| read(Xml::new("x", text(count).as_bytes()), "x");
        assert!(read(MAX_STYLES).is_ok());
        let error = read(MAX_STYLES + 1).expect_err("too many");
        let Wrong::Part { found, expected } = error else { panic!("{error:?}") };
        assert_eq!((&*found, &*expected), ("more than 65536 styles", "at most 65536"));
    }
}
