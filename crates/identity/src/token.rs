//! A token taken apart: what its head and its claims say, and what is signed.
//!
//! Nothing of it is true before its signature is verified.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::algorithm::Algorithm;
use crate::json;
use crate::limits::MAX_TOKEN_BYTES;
use crate::refusal::Refusal;

/// What the kind of a token may be: any, or one to ask with. Some issuers give others, such as for logging
/// out, with the same keys.
const KINDS: [&str; 3] = ["jwt", "at+jwt", "application/at+jwt"];

/// Whether a text has the shape of a signed token: three texts of base64 in its form for addresses, points
/// between. The first begins with that of `{"`.
pub fn is_like_token(text: &str) -> bool {
    let mut parts = text.split('.');
    let is_coded = |part: &str| {
        part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let three = [parts.next(), parts.next(), parts.next()];
    // A token that is not signed has an empty last part.
    parts.next().is_none()
        && text.starts_with("ey")
        && three.iter().all(|part| part.is_some_and(is_coded))
}

/// A token, whose parts are read and whose signature is not verified.
#[derive(Debug)]
pub(crate) struct Token<'t> {
    pub(crate) algorithm: Algorithm,
    /// Which key of the issuer has signed it.
    pub(crate) key: Box<str>,
    pub(crate) claims: Map<String, Value>,
    /// What is signed.
    pub(crate) text: &'t [u8],
    pub(crate) signature: Vec<u8>,
}

impl<'t> Token<'t> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// For a text that is none, has a member twice, or is signed in a way that is not taken.
    pub(crate) fn parse(text: &'t str, taken: &[Algorithm]) -> Result<Self, Refusal> {
        if text.len() > MAX_TOKEN_BYTES {
            return Err(Refusal::TooLong);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(Refusal::Unreadable)?;
        let (head, claims) = signed.split_once('.').ok_or(Refusal::Unreadable)?;
        let [head, claims, signature] =
            [head, claims, signature].map(|part| URL_SAFE_NO_PAD.decode(part));
        let unreadable = |_| Refusal::Unreadable;
        let head = json::object(&head.map_err(unreadable)?).map_err(|_| Refusal::Unreadable)?;
        let text = |name: &str| head.get(name).and_then(Value::as_str);
        let algorithm = text("alg").and_then(Algorithm::named).ok_or(Refusal::Algorithm)?;
        if !taken.contains(&algorithm) {
            return Err(Refusal::Algorithm);
        }
        // RFC 7515 wants whoever does not understand what is critical to refuse it.
        let is_of_kind = match head.get("typ") {
            None => true,
            Some(kind) => kind
                .as_str()
                .is_some_and(|kind| KINDS.iter().any(|known| kind.eq_ignore_ascii_case(known))),
        };
        if head.contains_key("crit") || !is_of_kind {
            return Err(Refusal::Kind);
        }
        let key = text("kid").ok_or(Refusal::Key)?.into();
        let claims = json::object(&claims.map_err(unreadable)?).map_err(|_| Refusal::Unreadable)?;
        // Whoever sends such a token has to prove that it is theirs, in a way that is not known here.
        if claims.contains_key("cnf") {
            return Err(Refusal::Kind);
        }
        let signature = signature.map_err(unreadable)?;
        Ok(Self { algorithm, key, claims, text: signed.as_bytes(), signature })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(head: &str, claims: &str) -> String {
        let [head, claims] = [head, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
        format!("{head}.{claims}.AAAA")
    }

    fn check(text: &str, expected: Option<Refusal>) {
        let found = Token::parse(text, &Algorithm::USUAL);
        assert_eq!(found.err(), expected, "{text}");
    }

    fn check_head(head: &str, expected: Option<Refusal>) {
        check(&token(head, "{}"), expected);
    }

    #[test]
    fn a_token_names_its_key_and_an_algorithm_that_is_taken() {
        check_head(r#"{"alg":"RS256","kid":"a"}"#, None);
        check_head(r#"{"alg":"EdDSA","kid":"a","typ":"JWT"}"#, None);
        check_head(r#"{"alg":"ES256","kid":"a","typ":"at+jwt","jku":"https://a"}"#, None);
        for algorithm in ["none", "None", "HS256", "rs256", "PS256", "ES384", ""] {
            let head = format!(r#"{{"alg":"{algorithm}","kid":"a"}}"#);
            check_head(&head, Some(Refusal::Algorithm));
        }
        check_head(r#"{"kid":"a"}"#, Some(Refusal::Algorithm));
        check_head(r#"{"alg":["RS256"],"kid":"a"}"#, Some(Refusal::Algorithm));
        check_head(r#"{"alg":"RS256"}"#, Some(Refusal::Key));
        check_head(r#"{"alg":"RS256","kid":1}"#, Some(Refusal::Key));
        check_head(r#"{"alg":"RS256","kid":"a","crit":["b64"],"b64":false}"#, Some(Refusal::Kind));
        check_head(r#"{"alg":"RS256","kid":"a","typ":"logout+jwt"}"#, Some(Refusal::Kind));
        check_head(r#"{"alg":"RS256","kid":"a","typ":1}"#, Some(Refusal::Kind));
        check_head(r#"{"alg":"RS256","alg":"none","kid":"a"}"#, Some(Refusal::Unreadable));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in ["", ".", "..", "a.b", "a.b.c.d", "eyJ9.e30.AAAA", "eyJhbGciOiJub25lIn0"] {
            check(text, Some(Refusal::Unreadable));
        }
        let head = r#"{"alg":"RS256","kid":"a"}"#;
        let good = token(head, "{}");
        check(&good.replace("AAAA", "AA=="), Some(Refusal::Unreadable));
        check(&good.replace("AAAA", "A+/A"), Some(Refusal::Unreadable));
        check(&format!("{good}.AAAA"), Some(Refusal::Unreadable));
        check(&token(head, "[]"), Some(Refusal::Unreadable));
        check(&token(head, r#"{"sub":"a","sub":"b"}"#), Some(Refusal::Unreadable));
        check(&token(head, r#"{"cnf":{"jkt":"a"}}"#), Some(Refusal::Kind));
    }

    #[test]
    fn a_token_has_a_longest_length() {
        let head = token(r#"{"alg":"RS256","kid":"a"}"#, "{}");
        // Four characters are three bytes, so that what is added is sound.
        let room = (MAX_TOKEN_BYTES - head.len()) / 4 * 4;
        let long = |more: usize| format!("{head}{}", "A".repeat(room + more));
        check(&long(0), None);
        check(&long(4), Some(Refusal::TooLong));
    }

    #[test]
    fn the_shape_of_a_token_is_known() {
        let check = |text: &str, expected: bool| {
            assert_eq!(is_like_token(text), expected, "{text}");
        };
        check("eyJhbGciOiJub25lIn0.e30.", true);
        check("eyJhbGciOiJub25lIn0.e30.A-_a", true);
        check("eyJhbGciOiJub25lIn0.e30", false);
        check("eyJhbGciOiJub25lIn0.e30.a.b.c", false);
        check("terrier_abc", false);
        check("1.2.3", false);
        check("ey.a b.c", false);
        check("", false);
    }
}
