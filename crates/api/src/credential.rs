//! What a request brings to say who asks: the key or the token in its headers.
//!
//! Knows nothing of whose it is.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Uri};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use terrier_catalog::KEY_START;
use terrier_identity::is_like_token;

/// What a request brings.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Credential {
    /// Nothing.
    None,
    /// A text that may be a key.
    Text(String),
    /// A text that has the shape of a token of an issuer.
    Token(String),
    /// Something that is neither `Bearer` nor `Basic`, or is twice.
    Unreadable,
}

/// What the headers of a request bring: the token of `Bearer`, or the password of `Basic`, whatever the
/// user is called there. Programs that know no tokens ask for a user and a password.
pub(crate) fn read(headers: &HeaderMap) -> Credential {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = all.next() else { return Credential::None };
    let text = value.to_str().ok().filter(|_| all.next().is_none()).and_then(text_of);
    text.unwrap_or(Credential::Unreadable)
}

fn text_of(value: &str) -> Option<Credential> {
    let (scheme, rest) = value.trim().split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        let text = rest.to_owned();
        let is_token = is_like_token(rest);
        return Some(if is_token { Credential::Token(text) } else { Credential::Text(text) });
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
    pair.split_once(':').map(|(_, password)| Credential::Text(password.to_owned()))
}

/// Whether a key or a token stands in the address, where every log on the way keeps it.
pub(crate) fn is_in_address(uri: &Uri) -> bool {
    // However its characters are written there.
    uri.query().is_some_and(|query| {
        let query = percent_decode_str(query).decode_utf8_lossy();
        query.contains(KEY_START) || query.split(['&', '=', '+']).any(is_like_token)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn check(values: &[&str], expected: &Credential) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_str(value).expect("a header"));
        }
        assert_eq!(&read(&headers), expected, "{values:?}");
    }

    #[test]
    fn a_key_is_the_token_of_bearer_or_the_password_of_basic() {
        let text = |text: &str| Credential::Text(text.into());
        check(&[], &Credential::None);
        check(&["Bearer terrier_a"], &text("terrier_a"));
        check(&["bearer  terrier_a "], &text("terrier_a"));
        // qgis:terrier_a, then :a:b, whose password holds a colon.
        check(&["Basic cWdpczp0ZXJyaWVyX2E="], &text("terrier_a"));
        check(&["BASIC OmE6Yg=="], &text("a:b"));
        check(&["Bearer eyJh.e30.AA"], &Credential::Token("eyJh.e30.AA".into()));
        // a:eyJh.e30.AA: a password is a key.
        check(&["Basic YTpleUpoLmUzMC5BQQ=="], &text("eyJh.e30.AA"));
        check(&["Basic cWdpcw=="], &Credential::Unreadable);
        check(&["Basic !"], &Credential::Unreadable);
        check(&["Bearer"], &Credential::Unreadable);
        check(&["Digest a"], &Credential::Unreadable);
        check(&["Bearer a", "Bearer a"], &Credential::Unreadable);
    }

    #[test]
    fn a_key_in_an_address_is_seen() {
        let check = |text: &str, expected: bool| {
            assert_eq!(is_in_address(&text.parse().expect("an address")), expected, "{text}");
        };
        check("/collections?key=terrier_abc", true);
        check("/collections?terrier_abc", true);
        check("/collections?q=%74%65rrier%5Fabc", true);
        check("/collections?q=%E7%AE%A1&k=%74errier_abc", true);
        check("/collections?f=json", false);
        check("/collections?q=%74errier", false);
        check("/collections?q=%ff%", false);
        check("/terrier_abc", false);
        check("/collections?access_token=eyJh.e30.AA", true);
        check("/collections?eyJh.e30.AA", true);
        check("/collections?filter=a.b.c", false);
        check("/eyJh.e30.AA", false);
    }
}
