//! Texts as they are compared when somebody searches: capital letters and small ones are the same, and so are
//! letters and signs of the width of Chinese characters and those of their own.

/// Writes the text, in small letters of their own width, in place of what was there.
pub(crate) fn fold_into(text: &str, out: &mut String) {
    out.clear();
    if text.is_ascii() {
        out.push_str(text);
        out.make_ascii_lowercase();
    } else {
        out.extend(text.chars().map(narrow).flat_map(char::to_lowercase));
    }
}

/// The text in small letters of their own width.
pub(crate) fn folded(text: &str) -> String {
    let mut out = String::new();
    fold_into(text, &mut out);
    out
}

/// The character in its own width.
fn narrow(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        // The wide forms of ASCII stand in its order.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_capitals_nor_width_make_a_difference() {
        let check = |text, expected| assert_eq!(folded(text), expected, "{text}");
        check("", "");
        check("RQ-100a", "rq-100a");
        check("ＲＱ－１００", "rq-100");
        check("友谊路　Ａ", "友谊路 a");
        check("ÄÖÜ", "äöü");
        check("～！", "~!");
        // What has no other width stays.
        check("。", "。");
    }
}
