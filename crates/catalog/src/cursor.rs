//! The token of a `next` link: where the page ended, and what is known of the whole answer.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use terrier_model::AssetId;
use terrier_spatial::HilbertKey;

/// The form of the token; a token of another form is refused.
const FORM: u8 = 2;

/// Where the id begins: behind the form and four numbers.
const ID_START: usize = 1 + 4 * 8;

/// Where the part of the asset stands, behind its id.
const PART: usize = ID_START + 16;

/// Bytes of a token before it is written as text.
const TOKEN_BYTES: usize = PART + 1;

/// The place of a feature in the order in which features are served.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct OrderKey {
    /// The place of the middle of the asset's box on the Hilbert curve.
    pub key: HilbertKey,
    /// The asset.
    pub id: AssetId,
    /// Which of the features that an asset has in the collection; 0 where that is the asset itself.
    pub part: u8,
}

/// What the next page needs to know of the one before.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cursor {
    /// The change sequence at which the features were counted.
    pub sequence: u64,
    /// How many features the question had then.
    pub matched: u64,
    /// The last feature of the page.
    pub after: OrderKey,
}

impl Cursor {
    /// The cursor as a token of letters, digits, `-` and `_`, bound to the question by its hash.
    pub fn encode(&self, question: u64) -> String {
        let mut bytes = [FORM; TOKEN_BYTES];
        let numbers = [question, self.sequence, self.matched, self.after.key];
        for (place, number) in bytes[1..].chunks_exact_mut(8).zip(numbers) {
            place.copy_from_slice(&number.to_be_bytes());
        }
        bytes[ID_START..PART].copy_from_slice(self.after.id.as_bytes());
        bytes[PART] = self.after.part;
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The cursor of a token; `None` when it is none, or belongs to another question.
    pub fn decode(token: &str, question: u64) -> Option<Self> {
        let bytes: [u8; TOKEN_BYTES] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
        let number = |at: usize| -> u64 {
            let part = bytes[1 + 8 * at..9 + 8 * at].try_into();
            u64::from_be_bytes(part.expect("the slice has eight bytes"))
        };
        if bytes[0] != FORM || number(0) != question {
            return None;
        }
        let id = bytes[ID_START..PART].try_into().expect("the slice has sixteen bytes");
        let after = OrderKey { key: number(3), id: AssetId::from_bytes(id), part: bytes[PART] };
        Some(Self { sequence: number(1), matched: number(2), after })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_for_its_own_question_only() {
        let cursor = Cursor {
            sequence: 7,
            matched: 60_000,
            after: OrderKey {
                key: u64::MAX >> 16,
                id: AssetId::new(jiff::Timestamp::UNIX_EPOCH, [9; 10]),
                part: 5,
            },
        };
        let token = cursor.encode(42);
        assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        assert_eq!(Cursor::decode(&token, 42), Some(cursor));
        assert_eq!(Cursor::decode(&token, 43), None);
        for bad in ["", "AA", "!", &token[..20], &token.replace('A', "=")] {
            assert_eq!(Cursor::decode(bad, 42), None, "{bad}");
        }
    }
}
