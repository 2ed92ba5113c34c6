//! The language in which titles are told: that of `lang`, or else that of `Accept-Language` which is
//! wanted most.

use axum::body::Body;
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE};
use axum::http::{HeaderMap, HeaderValue, Response};
use terrier_catalog::Language;

use crate::Problem;
use crate::problem::shortened;
use crate::query::Parameters;

/// The parameter that names the language.
pub(crate) const LANG: &str = "lang";

/// The language that a request asks for: by its parameter, or else by its header.
pub(crate) fn read(parameters: &Parameters<'_>, headers: &HeaderMap) -> Result<Language, Problem> {
    let Some(code) = parameters.get(LANG) else { return Ok(wanted(headers)) };
    Language::from_code(code).ok_or_else(|| {
        let known = Language::ALL.map(Language::code).join(" or ");
        Problem::bad_parameter(LANG, format!("found `{}`, expected {known}", shortened(code)))
    })
}

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

    fn check_asked(query: &str, expected: &str) {
        let headers: HeaderMap =
            [(ACCEPT_LANGUAGE, HeaderValue::from_static("zh"))].into_iter().collect();
        let parameters = Parameters::parse(Some(query)).expect("parameters");
        let told = match read(&parameters, &headers) {
            Ok(language) => language.code().to_owned(),
            Err(problem) => problem.detail().to_owned(),
        };
        assert_eq!(told, expected, "{query}");
    }

    #[test]
    fn the_parameter_wins_over_the_header_and_knows_two_languages() {
        check_asked("", "zh");
        check_asked("lang=en", "en");
        check_asked("lang=zh", "zh");
        check_asked("lang=fr", "parameter `lang`: found `fr`, expected en or zh");
        check_asked("lang=", "parameter `lang`: found ``, expected en or zh");
        check_asked("lang=EN", "parameter `lang`: found `EN`, expected en or zh");
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
