//! Which answers are compressed, and for whom.
//!
//! The levels are the fastest ones: at the usual levels an answer takes three to twenty times as
//! long to compress as to make.

use axum::http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, ETAG};
use axum::http::{HeaderMap, Response};
use http_body::Body;
use tower_http::CompressionLevel;
use tower_http::compression::{CompressionLayer, Predicate};

use crate::conditional::is_strong;
use crate::limits::MIN_COMPRESSED_BYTES;

/// Compresses with gzip, Brotli and Zstandard.
pub(crate) fn layer() -> CompressionLayer<Worthwhile> {
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(Worthwhile)
}

/// Answers from a bound of size on, without a strong tag: that one speaks for the bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Worthwhile;

impl Predicate for Worthwhile {
    fn should_compress<B: Body>(&self, response: &Response<B>) -> bool {
        let headers = response.headers();
        if headers.get(ETAG).is_some_and(is_strong) {
            return false;
        }
        let told = || headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok();
        let size: Option<u64> = response.body().size_hint().exact().or_else(told);
        size.is_none_or(|size| size >= MIN_COMPRESSED_BYTES)
    }
}

/// Whether the client takes any of our codings. Nobody else's answer goes through the compressor,
/// which would refuse with 406 a client that wants a coding and none of ours: it gets plain bytes.
pub(crate) fn is_asked(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|part| {
            let (coding, weight) = part.split_once(';').unwrap_or((part, "q=1"));
            let coding = coding.trim();
            ["gzip", "x-gzip", "br", "zstd", "*"]
                .iter()
                .any(|ours| coding.eq_ignore_ascii_case(ours))
                && is_positive(weight.trim())
        })
}

/// Whether the text is a weight as RFC 9110 spells it, and not zero.
fn is_positive(weight: &str) -> bool {
    let Some(number) = weight.strip_prefix("q=").or_else(|| weight.strip_prefix("Q=")) else {
        return false;
    };
    let spelled = number.len() <= 5
        && number.starts_with(['0', '1'])
        && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    spelled && number.parse::<f32>().is_ok_and(|number| number > 0.0 && number <= 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_client_gets_plain_bytes_unless_it_takes_one_of_our_codings() {
        let check = |accept: &'static str, expected: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(accept));
            assert_eq!(is_asked(&headers), expected, "{accept}");
        };
        check("gzip", true);
        check("gzip, deflate, br, zstd", true);
        check("GZIP;q=0.5", true);
        check("*", true);
        check("deflate", false);
        check("identity", false);
        check("", false);
        check("gzip;q=0", false);
        check("gzip;q=0.000, br;q=0.001", true);
        check("deflate, identity;q=0", false);
        check("gzip;q=.5, identity;q=0", false);
        check("gzip;q=2", false);
        assert!(!is_asked(&HeaderMap::new()));
    }
}
