//! The size of a pipe as surveyors write it: one number for a round one, two for a box.

/// A size in millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Size {
    Diameter(f64),
    /// Width, then height.
    Box(f64, f64),
}

/// Signs between width and height.
const TIMES: [char; 7] = ['X', '×', '*', '＊', 'Ｘ', '✕', 'Х'];

/// Signs before a diameter: nominal, outer, and the sign of the diameter in its several forms.
const BEFORE: [&str; 8] = ["DN", "DE", "D", "Φ", "Ø", "∅", "⌀", "Ф"];

/// Reads `300`, `DN300`, `Φ300`, `600X300` and their like; `None` for anything else, such as the size
/// of several pipes.
pub(super) fn read(text: &str) -> Option<Size> {
    let signs = text.chars().filter(|sign| !sign.is_whitespace()).flat_map(char::to_uppercase);
    let text: String = signs.collect();
    let text = text.strip_suffix("MM").unwrap_or(&text);
    if let Some((width, height)) = text.split_once(TIMES) {
        return Some(Size::Box(number(width)?, number(height)?));
    }
    let rest = BEFORE.iter().find_map(|before| text.strip_prefix(before)).unwrap_or(text);
    number(rest).map(Size::Diameter)
}

fn number(text: &str) -> Option<f64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_is_a_diameter_and_two_are_a_box() {
        for text in ["300", "DN300", "dn 300", "Φ300", "φ300", "D300mm", "De300", "300.0"] {
            assert_eq!(read(text), Some(Size::Diameter(300.0)), "{text}");
        }
        for text in ["600X300", "600x300", "600×300", "600*300", "600 × 300 mm", "600Ｘ300"] {
            assert_eq!(read(text), Some(Size::Box(600.0, 300.0)), "{text}");
        }
        for text in ["", "2Φ300", "300/200", "600X300X2", "-300", "1e3", "inf", "X300", "不明"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
