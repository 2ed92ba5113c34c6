//! The language in which titles are told: that of `Accept-Language` which is wanted most.

use axum::body::Body;
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE};
use axum::http::{HeaderMap, HeaderValue, Response};
use terrier_catalog::Language;

/// The language that a client wants, English where it does not say.
pub(crate) fn wanted(headers: &HeaderMap) -> Language {
    let lines = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|line| line.to_str().ok());
    let mut best = (0, Language::English);
    for (range, quality) in lines.flat_map(|line| line.split(',')).filter_map(parse) {
        // `zh-CN`, `zh-Hans` and `zh` are all Chinese; any other tag below English is English.
        let named = range.split('-').next().unwrap_or_default();
        let found =
            Language::ALL.into_iter().find(|known| named.eq_ignore_ascii_case(known.code()));
        let found = found.or((range == "*").then_some(Language::English));
        if let Some(language) = found.filter(|_| quality > best.0) {
            best = (quality, language);
        }
    }
    best.1
}

/// A range of languages and its weight in thousandths; `None` for what is none.
fn parse(text: &str) -> Option<(&str, u16)> {
    let (range, weight) = text.split_once(';').unwrap_or((text, "q=1"));
    let weight = weight.trim().strip_prefix("q=")?.trim();
    let quality: f32 = weight.parse().ok().filter(|quality| (0.0..=1.0).contains(quality))?;
    Some((range.trim(), (quality * 1000.0) as u16))
}

/// Says in which language an answer is, and so that it depends on what the client reads.
pub(crate) fn mark(response: &mut Response<Body>, language: Language) {
    let code = HeaderValue::from_static(language.code());
    response.headers_mut().insert(CONTENT_LANGUAGE, code);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[&str], expected: Language) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT_LANGUAGE, HeaderValue::from_str(line).expect("a header"));
        }
        assert_eq!(wanted(&headers), expected, "{lines:?}");
    }

    #[test]
    fn the_language_that_is_wanted_most_is_chosen() {
        check(&["zh"], Language::Chinese);
        check(&["zh-CN,zh;q=0.9,en;q=0.8"], Language::Chinese);
        check(&["ZH-Hans-CN"], Language::Chinese);
        check(&["en-GB,en;q=0.9,zh;q=0.8"], Language::English);
        check(&["en;q=0.3, zh;q=0.5"], Language::Chinese);
        check(&["en;q=0.3", "zh;q=0.5"], Language::Chinese);
        check(&["de, zh;q=0.1"], Language::Chinese);
    }

    #[test]
    fn who_does_not_mind_or_says_nothing_that_is_known_gets_english() {
        check(&[], Language::English);
        check(&["*"], Language::English);
        check(&["fr, de;q=0.5"], Language::English);
        check(&["zh;q=0"], Language::English);
        check(&["zh;q=2, zh;q=x, zh;r=1"], Language::English);
        check(&[";q=1,,"], Language::English);
        check(&["zho"], Language::English);
    }
}
