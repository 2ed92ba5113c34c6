//! Keys, by which a program or a person says who is asking: how they are written, and what is kept
//! of them.
//!
//! Knows nothing of whose they are. Random bytes come from the caller.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What every key begins with, so that a search for keys that have got about finds it.
pub const KEY_START: &str = "terrier_";

/// How many random bytes a key is made of: some for its id, which is no secret, and 32 for the secret.
pub const SECRET_BYTES: usize = ID_BYTES + 32;

/// How many characters a key has: the beginning, an id of 12, `_`, a secret of 43, and 4 by which a
/// key that was written wrongly is known.
pub const KEY_CHARS: usize = KEY_START.len() + ID_CHARS + 1 + 43 + 4;

const ID_CHARS: usize = 12;

/// Each gives one character.
const ID_BYTES: usize = ID_CHARS;

/// Thirty-two characters of which none is taken for another.
const ID_ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// The name of a key, which is no secret: 12 characters.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyId([u8; ID_CHARS]);

impl KeyId {
    /// The id that a text is.
    pub fn parse(text: &str) -> Option<Self> {
        let characters: [u8; ID_CHARS] = text.as_bytes().try_into().ok()?;
        characters.iter().all(|byte| ID_ALPHABET.contains(byte)).then_some(Self(characters))
    }

    /// The id as it is written.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("the characters of an id are ASCII")
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is kept of a secret: its SHA-256. The secret is 256 random bits, so nobody guesses it from
/// that, and a hash that is slow on purpose would only slow down the server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeyHash(pub [u8; 32]);

impl KeyHash {
    /// Whether it is of that secret, in a time that does not tell how much of it is right.
    pub fn is_of(&self, secret: &Secret) -> bool {
        self.0.ct_eq(&secret.hash().0).into()
    }
}

/// A key with its secret. It is shown once, when it is made, and `Debug` leaves the secret out.
#[derive(Clone)]
pub struct Secret {
    id: KeyId,
    secret: [u8; 32],
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Secret {
    /// The key that random bytes make.
    pub fn of_random(bytes: [u8; SECRET_BYTES]) -> Self {
        let (id, secret) = bytes.split_at(ID_BYTES);
        let character = |at: usize| ID_ALPHABET[usize::from(id[at]) % ID_ALPHABET.len()];
        Self {
            id: KeyId(std::array::from_fn(character)),
            secret: secret.try_into().expect("32 bytes are left"),
        }
    }

    /// The key that a text is; `None` for one that is none, or was written wrongly.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != KEY_CHARS || !text.is_ascii() {
            return None;
        }
        let (id, rest) = text.strip_prefix(KEY_START)?.split_at(ID_CHARS);
        let (secret, _) = rest.strip_prefix('_')?.split_at(43);
        let id = KeyId::parse(id)?;
        let secret = URL_SAFE_NO_PAD.decode(secret).ok()?.try_into().ok()?;
        let key = Self { id, secret };
        (key.text() == text).then_some(key)
    }

    /// The name of the key.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The key as it is written, with its secret.
    pub fn text(&self) -> String {
        let secret = URL_SAFE_NO_PAD.encode(self.secret);
        let text = format!("{KEY_START}{}_{secret}", self.id);
        let check: [u8; 32] = Sha256::digest(&text).into();
        format!("{text}{}", URL_SAFE_NO_PAD.encode(&check[..3]))
    }

    /// What is kept of it.
    pub fn hash(&self) -> KeyHash {
        KeyHash(Sha256::digest(self.secret).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        Secret::of_random(std::array::from_fn(|at| at as u8 * 5))
    }

    #[test]
    fn a_key_reads_back_as_it_was_written() {
        let secret = secret();
        let text = secret.text();
        assert_eq!((text.len(), text.is_ascii()), (KEY_CHARS, true));
        assert!(text.starts_with("terrier_afkrw38dipuz_"), "{text}");
        let read = Secret::parse(&text).expect("a key");
        assert_eq!((read.id(), read.text()), (secret.id(), text));
        assert!(secret.hash().is_of(&read));
        assert_eq!(KeyId::parse(secret.id().as_str()), Some(secret.id()));
    }

    #[test]
    fn a_key_that_is_written_wrongly_is_none() {
        let text = secret().text();
        for at in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'b' { b'c' } else { b'b' };
            let other = String::from_utf8(other).expect("ASCII");
            assert!(Secret::parse(&other).is_none(), "{other}");
        }
        let long = "x".repeat(100_000);
        for other in ["", "terrier_", &text[1..], &format!("{text}A"), &long, "钥匙"] {
            assert!(Secret::parse(other).is_none(), "{other}");
        }
        assert!(Secret::parse(&"管".repeat(KEY_CHARS / 3)).is_none());
    }

    #[test]
    fn a_hash_is_of_its_own_secret_alone_and_nothing_shows_the_secret() {
        let secret = secret();
        let mut bytes: [u8; SECRET_BYTES] = std::array::from_fn(|at| at as u8 * 5);
        bytes[SECRET_BYTES - 1] ^= 1;
        let other = Secret::of_random(bytes);
        assert_eq!(other.id(), secret.id());
        assert!(!secret.hash().is_of(&other));
        assert_eq!(format!("{secret:?}"), "Secret { id: afkrw38dipuz, .. }");
    }
}
