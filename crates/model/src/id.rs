//! Who an asset is, for good.

use std::fmt;
use std::str::FromStr;

/// The identity of an asset: a UUID version 7, made by the register or brought by the client.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AssetId(uuid::Uuid);

impl AssetId {
    /// An id from its text, or `None` when the text is no UUID of version 7 in lower case with
    /// hyphens.
    pub fn parse(text: &str) -> Option<Self> {
        let id = uuid::Uuid::try_parse(text).ok()?;
        let same = id.as_hyphenated().encode_lower(&mut [0; 36]) == text;
        (same && id.get_version_num() == 7).then_some(Self(id))
    }

    /// An id made of a time and of random bits, both given.
    pub fn new(at: jiff::Timestamp, random: [u8; 10]) -> Self {
        let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// The sixteen bytes, in the order of the text.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// An id from the bytes that [`AssetId::as_bytes`] gave.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(uuid::Uuid::from_bytes(bytes))
    }

    /// Writes the text into the buffer and returns it.
    pub fn encode(self, buffer: &mut [u8; 36]) -> &str {
        self.0.as_hyphenated().encode_lower(buffer)
    }
}

impl fmt::Display for AssetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

/// The text is no id of an asset.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is no id of an asset, expected a UUID of version 7 in lower case")]
pub struct AssetIdError(String);

impl FromStr for AssetId {
    type Err = AssetIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or_else(|| AssetIdError(text.chars().take(80).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_version_7_in_its_plain_spelling_is_an_id() {
        let id = AssetId::new(jiff::Timestamp::UNIX_EPOCH, [0xab; 10]);
        assert_eq!(AssetId::parse(&id.to_string()), Some(id));
        for bad in [
            "",
            "3d9252a0-98f3-41a1-9ce0-8d9ab468c8f5",
            "{3D9252A0-98F3-41A1-9CE0-8D9AB468C8F5}",
            &id.to_string().to_uppercase(),
            &id.to_string().replace('-', ""),
        ] {
            assert_eq!(AssetId::parse(bad), None, "{bad}");
        }
    }
}
