//! The token of a `next` or `prev` link: where the page ended or began, and what is known of the whole
//! answer.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jiff::civil::Date;
use terrier_model::{AssetId, Value};
use terrier_spatial::HilbertKey;

/// The form of the token; a token of another form is refused.
const FORM: u8 = 4;

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

/// On which side of a feature a page lies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// It has those that come next.
    After,
    /// It has the last of those that come before.
    Before,
}

/// What a page needs to know of the one beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Cursor {
    /// Where it lies from here.
    pub side: Side,
    /// The change sequence at which the features were counted.
    pub sequence: u64,
    /// How many features the question had then.
    pub matched: u64,
    /// The feature of the other page that is nearest to it.
    pub place: OrderKey,
    /// What it has of each thing by which the features are sorted, as far as that is compared; nothing of
    /// its id, which is known.
    pub values: Vec<Option<Value>>,
}

impl Cursor {
    /// The cursor as a token of letters, digits, `-` and `_`, bound to the question by its hash.
    pub fn encode(&self, question: u64) -> String {
        let mut bytes = vec![FORM, u8::from(self.side == Side::Before)];
        for number in [question, self.sequence, self.matched, self.place.key] {
            bytes.extend(number.to_be_bytes());
        }
        bytes.extend(self.place.id.as_bytes());
        bytes.push(self.place.part);
        self.values.iter().for_each(|value| put_value(&mut bytes, value.as_ref()));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The cursor of a token; `None` when it is none, or belongs to another question.
    pub fn decode(token: &str, question: u64) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let mut rest = &*bytes;
        let [form, side] = take(&mut rest)?;
        let side = match side {
            0 => Side::After,
            1 => Side::Before,
            _ => return None,
        };
        let mut number = || take(&mut rest).map(u64::from_be_bytes);
        let (asked, sequence, matched, key) = (number()?, number()?, number()?, number()?);
        if form != FORM || asked != question {
            return None;
        }
        let id = AssetId::from_bytes(take(&mut rest)?);
        let [part] = take(&mut rest)?;
        let mut values = Vec::new();
        while !rest.is_empty() {
            values.push(take_value(&mut rest)?);
        }
        Some(Self { side, sequence, matched, place: OrderKey { key, id, part }, values })
    }
}

/// Takes so many bytes from the front.
pub(crate) fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

/// Writes what kind of value it is, and the value.
fn put_value(bytes: &mut Vec<u8>, value: Option<&Value>) {
    match value {
        // Nothing is sorted by lists.
        None | Some(Value::List(_)) => bytes.push(b'-'),
        Some(Value::Text(text)) => {
            let length = u16::try_from(text.len()).expect("texts are compared by a few bytes");
            bytes.push(b't');
            bytes.extend(length.to_be_bytes());
            bytes.extend(text.as_bytes());
        }
        Some(Value::Integer(number)) => {
            bytes.push(b'i');
            bytes.extend(number.to_be_bytes());
        }
        Some(Value::Number(number)) => {
            bytes.push(b'n');
            bytes.extend(number.to_bits().to_be_bytes());
        }
        Some(Value::Boolean(truth)) => bytes.extend([b'b', u8::from(*truth)]),
        Some(Value::Date(date)) => {
            bytes.push(b'd');
            bytes.extend(date.year().to_be_bytes());
            bytes.extend([date.month(), date.day()].map(i8::cast_unsigned));
        }
        Some(Value::Instant(time)) => {
            bytes.push(b'm');
            bytes.extend(time.as_microsecond().to_be_bytes());
        }
    }
}

/// Reads what [`put_value`] wrote; `None` when that is no value.
#[expect(clippy::option_option, reason = "a value that is missing is one of those written")]
fn take_value(bytes: &mut &[u8]) -> Option<Option<Value>> {
    let [kind] = take(bytes)?;
    let value = match kind {
        b'-' => return Some(None),
        b't' => {
            let length = u16::from_be_bytes(take(bytes)?);
            let (text, rest) = bytes.split_at_checked(length.into())?;
            *bytes = rest;
            Value::Text(str::from_utf8(text).ok()?.into())
        }
        b'i' => Value::Integer(i64::from_be_bytes(take(bytes)?)),
        b'n' => Value::Number(f64::from_bits(u64::from_be_bytes(take(bytes)?))),
        b'b' => Value::Boolean(match take(bytes)? {
            [0] => false,
            [1] => true,
            _ => return None,
        }),
        b'd' => {
            let year = i16::from_be_bytes(take(bytes)?);
            let [month, day] = take(bytes)?;
            Value::Date(Date::new(year, month.cast_signed(), day.cast_signed()).ok()?)
        }
        b'm' => {
            let micros = i64::from_be_bytes(take(bytes)?);
            Value::Instant(Timestamp::from_microsecond(micros).ok()?)
        }
        _ => return None,
    };
    Some(Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[Option<Value>]) {
        let id = AssetId::new(Timestamp::UNIX_EPOCH, [9; 10]);
        let place = OrderKey { key: u64::MAX >> 16, id, part: 5 };
        for side in [Side::After, Side::Before] {
            let values = values.to_vec();
            check_one(&Cursor { side, sequence: 7, matched: 60_000, place, values });
        }
    }

    fn check_one(cursor: &Cursor) {
        let token = cursor.encode(42);
        assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        assert_eq!(Cursor::decode(&token, 42), Some(cursor.clone()));
        assert_eq!(Cursor::decode(&token, 43), None);
        for bad in ["", "AA", "!", &token[..20], &token.replace('A', "=")] {
            assert_eq!(Cursor::decode(bad, 42), None, "{bad}");
        }
        // Cut anywhere, it is none, or that of fewer values.
        for end in 0..token.len() {
            let cut = Cursor::decode(&token[..end], 42);
            assert!(cut.is_none_or(|cut| cut.values.len() < cursor.values.len()), "{end}");
        }
    }

    #[test]
    fn a_token_comes_back_for_its_own_question_only() {
        check(&[]);
        check(&[None]);
        let text = |text: &str| Some(Value::Text(text.into()));
        check(&[text("黑牛城道"), text(""), None, text(&"x".repeat(256))]);
        let day = "-000044-03-15".parse().expect("a day");
        // The register keeps microseconds.
        let time = "9999-12-30T21:00:00.999999Z".parse().expect("a time");
        check(&[
            Some(Value::Integer(i64::MIN)),
            Some(Value::Number(-0.5)),
            Some(Value::Boolean(true)),
            Some(Value::Date(day)),
            Some(Value::Instant(time)),
        ]);
    }
}
