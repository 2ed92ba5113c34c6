//! Numbers as people read them.

/// A count with thin spaces between groups of three digits.
pub(crate) fn grouped(count: u64) -> String {
    in_groups(&count.to_string())
}

/// A number as it came, its digits in groups where there are more than four before the point: a year is
/// written as one word.
pub(crate) fn told(number: &str) -> String {
    written(number, 5)
}

/// A sum as it came, its digits in groups as those of a count.
pub(crate) fn summed(number: &str) -> String {
    written(number, 4)
}

/// A number whose digits before the point stand in groups from so many on.
fn written(number: &str, from: usize) -> String {
    let (sign, rest) = match number.strip_prefix('-') {
        Some(rest) => ("−", rest),
        None => ("", number),
    };
    let (whole, fraction) = rest.split_at(rest.find('.').unwrap_or(rest.len()));
    let is_plain = whole.bytes().all(|byte| byte.is_ascii_digit());
    let whole = if is_plain && whole.len() >= from { in_groups(whole) } else { whole.to_owned() };
    [sign, &whole, fraction].concat()
}

fn in_groups(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 * 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_written_in_groups_of_three() {
        for (count, expected) in [(0, "0"), (999, "999"), (1000, "1\u{202f}000")] {
            assert_eq!(grouped(count), expected);
        }
        assert_eq!(grouped(10_000_000), "10\u{202f}000\u{202f}000");
    }

    #[test]
    fn numbers_are_written_as_they_came_and_long_ones_in_groups() {
        for (number, expected) in [
            ("1998", "1998"),
            ("12345", "12\u{202f}345"),
            ("-12345.678", "−12\u{202f}345.678"),
            ("0.4", "0.4"),
            ("1e300", "1e300"),
        ] {
            assert_eq!(told(number), expected);
        }
        assert_eq!(summed("1998.500"), "1\u{202f}998.500");
    }
}
