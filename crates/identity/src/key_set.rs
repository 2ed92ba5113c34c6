//! The public keys of an issuer, as RFC 7517 writes them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::{Map, Value};

use crate::algorithm::{Algorithm, Verification};
use crate::json;
use crate::limits::MAX_ISSUER_KEYS;

/// The bytes of the shortest and of the longest RSA modulus: 2048 and 8192 bits.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

/// The keys by which an issuer signs tokens at a time.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct KeySet(Vec<Key>);

/// A document that is no set of keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeySetError {
    /// It is no sound JSON.
    #[error("the keys are no sound JSON")]
    Json(#[source] serde_json::Error),
    /// It has no list of keys.
    #[error("there is no list `keys`")]
    NoList,
    /// It has too many.
    #[error("there are more than {MAX_ISSUER_KEYS} keys")]
    TooMany,
    /// Two keys have one name, so that a token does not say which is meant.
    #[error("two keys are called `{0}`")]
    Twice(Box<str>),
}

#[derive(Debug, Eq, PartialEq)]
struct Key {
    /// By which tokens name it.
    id: Box<str>,
    /// The only algorithm that it is for, where it says so.
    algorithm: Option<Algorithm>,
    material: Material,
}

#[derive(Debug, Eq, PartialEq)]
enum Material {
    Rsa { modulus: Box<[u8]>, exponent: Box<[u8]> },
    P256(Box<[u8]>),
    P384(Box<[u8]>),
    Ed25519(Box<[u8]>),
}

impl KeySet {
    /// The keys of a document. Those that sign no tokens, or in a way that is not known here, are passed
    /// over, as are those without a name, and those that tell their private half.
    ///
    /// # Errors
    /// When the document is no set of keys within the bounds.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, KeySetError> {
        let document = json::object(bytes).map_err(KeySetError::Json)?;
        let Some(Value::Array(all)) = document.get("keys") else { return Err(KeySetError::NoList) };
        if all.len() > MAX_ISSUER_KEYS {
            return Err(KeySetError::TooMany);
        }
        let mut keys: Vec<Key> = Vec::new();
        for key in all.iter().filter_map(|key| Key::read(key.as_object()?)) {
            if keys.iter().any(|known| known.id == key.id) {
                return Err(KeySetError::Twice(key.id));
            }
            keys.push(key);
        }
        Ok(Self(keys))
    }

    /// How many keys there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether there is a key of that name, whatever it is for.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.0.iter().any(|key| *key.id == *id)
    }

    /// Whether the key of that name is for that algorithm and has signed the text so.
    pub(crate) fn verifies(
        &self,
        id: &str,
        algorithm: Algorithm,
        text: &[u8],
        signature: &[u8],
    ) -> bool {
        let key = self.0.iter().find(|key| *key.id == *id);
        key.filter(|key| key.algorithm.is_none_or(|only| only == algorithm))
            .is_some_and(|key| key.material.verifies(algorithm, text, signature))
    }
}

impl Key {
    /// The key; `None` for one that verifies no tokens.
    fn read(members: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let signs = members.get("use").is_none_or(|usage| usage == "sig");
        let verifies = members.get("key_ops").is_none_or(|operations| {
            operations.as_array().is_some_and(|all| all.iter().any(|one| one == "verify"))
        });
        let is_whole = members.contains_key("d") || members.contains_key("k");
        if !signs || !verifies || is_whole {
            return None;
        }
        let algorithm = match members.get("alg") {
            Some(name) => Some(Algorithm::named(name.as_str()?)?),
            None => None,
        };
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        let material = match (text("kty")?, text("crv")) {
            ("RSA", _) => Material::rsa(&bytes("n")?, &bytes("e")?)?,
            ("EC", Some("P-256")) => Material::P256(point(&bytes("x")?, &bytes("y")?, 32)?),
            ("EC", Some("P-384")) => Material::P384(point(&bytes("x")?, &bytes("y")?, 48)?),
            ("OKP", Some("Ed25519")) => {
                Material::Ed25519(bytes("x").filter(|x| x.len() == 32)?.into())
            }
            _ => return None,
        };
        Some(Self { id: text("kid")?.into(), algorithm, material })
    }
}

/// A point of a curve as its two coordinates, each of so many bytes, behind the mark of such.
fn point(x: &[u8], y: &[u8], bytes: usize) -> Option<Box<[u8]>> {
    let is_good = x.len() == bytes && y.len() == bytes;
    is_good.then(|| [&[4], x, y].concat().into())
}

impl Material {
    fn rsa(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let [modulus, exponent] = [modulus, exponent].map(|number| {
            let zeros = number.iter().take_while(|byte| **byte == 0).count();
            Box::<[u8]>::from(&number[zeros..])
        });
        let is_good = MODULUS_BYTES.contains(&modulus.len()) && !exponent.is_empty();
        is_good.then_some(Self::Rsa { modulus, exponent })
    }

    fn verifies(&self, algorithm: Algorithm, text: &[u8], signature: &[u8]) -> bool {
        match (self, algorithm.verification()) {
            (Self::Rsa { modulus: n, exponent: e }, Verification::Rsa(parameters)) => {
                RsaPublicKeyComponents { n, e }.verify(parameters, text, signature).is_ok()
            }
            (Self::P256(key), Verification::P256(with))
            | (Self::P384(key), Verification::P384(with))
            | (Self::Ed25519(key), Verification::Ed25519(with)) => {
                UnparsedPublicKey::new(with, key).verify(text, signature).is_ok()
            }
            // A key is never used in a way that it is not made for, whatever the token says.
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 8037, A.2.
    const ED25519: &str =
        r#""kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#;

    fn check(keys: &[String], expected: Result<usize, &str>) {
        let keys: Vec<String> = keys.iter().map(|key| format!("{{{key}}}")).collect();
        let document = format!("{{\"keys\":[{}]}}", keys.join(","));
        let found = KeySet::parse(document.as_bytes());
        let found = found.map(|set| set.count()).map_err(|error| error.to_string());
        assert_eq!(found, expected.map_err(str::to_owned), "{document}");
    }

    fn named(id: &str, more: &str) -> String {
        format!("{ED25519},\"kid\":\"{id}\"{more}")
    }

    #[test]
    fn keys_that_sign_no_tokens_are_passed_over() {
        check(&[], Ok(0));
        check(&[named("a", "")], Ok(1));
        check(&[named("a", r#","use":"sig","alg":"EdDSA","key_ops":["verify"]"#)], Ok(1));
        check(&[named("a", r#","use":"enc""#), named("b", "")], Ok(1));
        check(&[named("a", r#","key_ops":["encrypt"]"#)], Ok(0));
        check(&[named("a", r#","alg":"HS256""#)], Ok(0));
        check(&[named("a", r#","d":"AA""#)], Ok(0));
        check(&[ED25519.into()], Ok(0));
        check(&[r#""kty":"oct","k":"AAAA","kid":"a""#.into()], Ok(0));
        check(&[r#""kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA","kid":"a""#.into()], Ok(0));
        check(&[r#""kty":"EC","crv":"P-521","x":"AAAA","y":"AAAA","kid":"a""#.into()], Ok(0));
    }

    #[test]
    fn a_key_of_rsa_has_at_least_2048_bits() {
        let rsa = |bytes: usize, zeros: usize| {
            let modulus = [vec![0; zeros], vec![255; bytes]].concat();
            let modulus = URL_SAFE_NO_PAD.encode(modulus);
            format!(r#""kty":"RSA","e":"AQAB","kid":"a","n":"{modulus}""#)
        };
        check(&[rsa(255, 1)], Ok(0));
        check(&[rsa(256, 0)], Ok(1));
        check(&[rsa(256, 1)], Ok(1));
        check(&[rsa(1024, 0)], Ok(1));
        check(&[rsa(1025, 0)], Ok(0));
    }

    #[test]
    fn a_set_of_keys_has_a_bound_and_each_name_once() {
        check(&[named("a", ""), named("a", "")], Err("two keys are called `a`"));
        let many =
            |count: usize| (0..count).map(|at| named(&at.to_string(), "")).collect::<Vec<_>>();
        check(&many(MAX_ISSUER_KEYS), Ok(MAX_ISSUER_KEYS));
        check(&many(MAX_ISSUER_KEYS + 1), Err("there are more than 100 keys"));
        let refused = |text: &str| KeySet::parse(text.as_bytes()).expect_err("no set").to_string();
        assert_eq!(refused("{}"), "there is no list `keys`");
        assert_eq!(refused("<html>"), "the keys are no sound JSON");
    }

    #[test]
    fn a_key_verifies_what_it_has_signed_in_the_way_that_it_is_for() {
        // RFC 8037, A.4.
        let text = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let signature = URL_SAFE_NO_PAD
            .decode(
                "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
            )
            .expect("a signature");
        let set = format!("{{\"keys\":[{{{}}}]}}", named("a", ""));
        let set = KeySet::parse(set.as_bytes()).expect("keys");
        let check = |id: &str, algorithm, text: &[u8], expected: bool| {
            assert_eq!(
                set.verifies(id, algorithm, text, &signature),
                expected,
                "{id} {algorithm:?}"
            );
        };
        check("a", Algorithm::EdDsa, text, true);
        check("b", Algorithm::EdDsa, text, false);
        check("a", Algorithm::Rs256, text, false);
        check("a", Algorithm::Es256, text, false);
        check("a", Algorithm::EdDsa, &text[1..], false);
    }
}
