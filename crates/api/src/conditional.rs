//! Entity tags, and the answer for those who have the newest state already.

use std::fmt;
use std::hash::Hasher;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};

/// What caches are told of registry data and its descriptions: keep it for the one who asked, and ask each
/// time.
pub const REVALIDATE: HeaderValue = HeaderValue::from_static("private, no-cache");

/// The state of a representation. Lists have weak ones, single items strong ones.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ETag(HeaderValue);

impl ETag {
    /// Two answers with it say the same, though perhaps in other bytes.
    ///
    /// # Panics
    /// When the text holds anything but visible ASCII, or a quotation mark.
    pub fn weak(opaque: impl fmt::Display) -> Self {
        Self::spelled(&format!("W/\"{opaque}\""))
    }

    /// Two answers with it have the same bytes, so they are never compressed.
    ///
    /// # Panics
    /// When the text holds anything but visible ASCII, or a quotation mark.
    pub fn strong(opaque: impl fmt::Display) -> Self {
        Self::spelled(&format!("\"{opaque}\""))
    }

    /// The tag of a document that has no number of its own. The same bytes give the same tag in
    /// every process of one build: the hash has no key. Another build may hash otherwise, which
    /// costs a client one more reading.
    pub fn weak_of(bytes: &[u8]) -> Self {
        let mut hasher = std::hash::DefaultHasher::new();
        hasher.write(bytes);
        Self::weak(format_args!("{:016x}", hasher.finish()))
    }

    /// The same of a document that is told to those whose scope has a mark: callers of different scopes
    /// never share one.
    pub(crate) fn weak_of_seen(bytes: &[u8], mark: u64) -> Self {
        Self::weak(format_args!("{:016x}", hash_seen(bytes, mark)))
    }

    /// The same of a single item that has no number of its own.
    pub(crate) fn strong_of_seen(bytes: &[u8], mark: u64) -> Self {
        Self::strong(format_args!("{:016x}", hash_seen(bytes, mark)))
    }

    fn spelled(text: &str) -> Self {
        let opaque = text.trim_start_matches("W/");
        let opaque = &opaque[1..opaque.len() - 1];
        assert!(
            opaque.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"'),
            "an entity tag is visible ASCII without quotation marks"
        );
        Self(HeaderValue::from_str(text).expect("visible ASCII is a header value"))
    }

    /// The value of the `ETag` header.
    pub fn header(&self) -> HeaderValue {
        self.0.clone()
    }

    /// Whether `If-None-Match` names this state. Weak and strong tags compare alike, and what is
    /// no tag is passed over.
    pub fn is_named_in(&self, headers: &HeaderMap) -> bool {
        headers
            .get_all(IF_NONE_MATCH)
            .iter()
            .any(|line| is_listed(line.as_bytes(), opaque(self.0.as_bytes())))
    }

    /// The answer 304 when the client has this state already.
    pub fn not_modified(&self, headers: &HeaderMap) -> Option<Response<Body>> {
        if !self.is_named_in(headers) {
            return None;
        }
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        self.mark(&mut response);
        Some(response)
    }

    /// Sets `ETag` and `Cache-Control`, so that 200 and 304 have the same.
    pub fn mark(&self, response: &mut Response<Body>) {
        let headers = response.headers_mut();
        headers.insert(ETAG, self.header());
        headers.insert(CACHE_CONTROL, REVALIDATE);
    }
}

fn hash_seen(bytes: &[u8], mark: u64) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write_u64(mark);
    hasher.write(bytes);
    hasher.finish()
}

/// Whether the value of an `ETag` header is a strong one.
pub(crate) fn is_strong(value: &HeaderValue) -> bool {
    value.as_bytes().first() == Some(&b'"')
}

/// The tag without its weakness: `"x"` of `W/"x"`.
fn opaque(tag: &[u8]) -> &[u8] {
    tag.strip_prefix(b"W/").unwrap_or(tag)
}

/// Looks for the tag in a list of tags. A comma may stand in a tag, so quotation marks lead.
fn is_listed(list: &[u8], wanted: &[u8]) -> bool {
    let mut rest = list.trim_ascii();
    if rest == b"*" {
        return true;
    }
    while !rest.is_empty() {
        let candidate = opaque(rest);
        if candidate.first() == Some(&b'"') {
            let Some(end) = candidate[1..].iter().position(|byte| *byte == b'"') else {
                return false;
            };
            let (tag, after) = candidate.split_at(end + 2);
            let ends = matches!(after.trim_ascii_start().first(), None | Some(b','));
            if ends && tag == wanted {
                return true;
            }
            rest = after;
        }
        let comma = rest.iter().position(|byte| *byte == b',');
        rest = comma.map_or(&rest[rest.len()..], |comma| rest[comma + 1..].trim_ascii_start());
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tag: &ETag, if_none_match: &str, expected: bool) {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_str(if_none_match).expect("a header");
        headers.insert(IF_NONE_MATCH, value);
        assert_eq!(tag.is_named_in(&headers), expected, "{tag:?} in {if_none_match}");
        assert_eq!(tag.not_modified(&headers).is_some(), expected);
    }

    #[test]
    fn a_state_is_known_by_any_of_the_tags_listed() {
        let weak = ETag::weak("17-a");
        check(&weak, "W/\"17-a\"", true);
        check(&weak, "\"17-a\"", true);
        check(&weak, "\"16\", W/\"17-a\"", true);
        check(&weak, "\"16\",\"17-a\",\"18\"", true);
        check(&weak, "*", true);
        check(&weak, " * ", true);
        check(&weak, "\"16\"", false);
        check(&ETag::strong("17-a"), "W/\"17-a\"", true);
        check(&ETag::strong("1,2"), "\"0\", \"1,2\"", true);
    }

    #[test]
    fn what_is_no_tag_is_passed_over() {
        let tag = ETag::weak("17");
        check(&tag, "", false);
        check(&tag, "17", false);
        check(&tag, "\"17", false);
        check(&tag, "W/17", false);
        check(&tag, "\"16\"\"17\"", false);
        check(&tag, "17, \"17\"", true);
        check(&tag, ",,, \"17\"", true);
        check(&tag, "\"*\"", false);
        check(&tag, "*, \"16\"", false);
    }

    #[test]
    fn tags_on_several_lines_count_alike() {
        let mut headers = HeaderMap::new();
        headers.append(IF_NONE_MATCH, HeaderValue::from_static("\"1\""));
        headers.append(IF_NONE_MATCH, HeaderValue::from_static("\"2\""));
        assert!(ETag::weak("2").is_named_in(&headers));
        assert!(!ETag::weak("2").is_named_in(&HeaderMap::new()));
    }

    #[test]
    fn the_tag_of_a_document_follows_its_bytes() {
        assert_eq!(ETag::weak_of(b"one"), ETag::weak_of(b"one"));
        assert_ne!(ETag::weak_of(b"one"), ETag::weak_of(b"two"));
        assert!(!is_strong(&ETag::weak_of(b"").header()));
        assert!(is_strong(&ETag::strong_of_seen(b"", 7).header()));
        assert_ne!(ETag::strong_of_seen(b"", 7), ETag::strong_of_seen(b"", 8));
        assert!(is_strong(&ETag::strong(7).header()));
    }

    #[test]
    fn a_304_has_the_tag_and_what_caches_are_told() {
        let mut headers = HeaderMap::new();
        headers.insert(IF_NONE_MATCH, HeaderValue::from_static("*"));
        let response = ETag::strong("7").not_modified(&headers).expect("known");
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(response.headers()[ETAG], "\"7\"");
        assert_eq!(response.headers()[CACHE_CONTROL], "private, no-cache");
    }
}
