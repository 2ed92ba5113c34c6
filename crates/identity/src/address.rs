//! The addresses that are asked: `https`, or `http` of this machine.

use ureq::http::Uri;

use crate::limits::MAX_SETTING_CHARS;

/// A text that is no address to ask.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "expected an address of https, or of http on this machine (127.0.0.1, [::1], localhost), without a user, \
     `?` and `#`"
)]
pub struct AddressError;

/// The text, when it is an address that may be asked.
pub(crate) fn checked(text: &str) -> Result<&str, AddressError> {
    let is_plain = text.len() <= MAX_SETTING_CHARS
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#' | b'@'));
    let uri: Uri = text.parse().map_err(|_| AddressError)?;
    let host = uri.host().filter(|host| !host.is_empty());
    let may_be_asked = host
        .is_some_and(|host| text.starts_with("https://") || is_bare(text) && is_this_machine(host));
    if is_plain && may_be_asked { Ok(text) } else { Err(AddressError) }
}

/// Whether an address that may be asked is one of this machine without encryption.
pub(crate) fn is_bare(address: &str) -> bool {
    address.starts_with("http://")
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = address.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
    host == "localhost" || is_loopback
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, is_good: bool) {
        assert_eq!(checked(text).is_ok(), is_good, "{text}");
    }

    #[test]
    fn an_address_is_of_https_or_of_this_machine() {
        check("https://login.example.cn/realms/city", true);
        check("https://login.example.cn", true);
        check("http://127.0.0.1:8090/a", true);
        check("http://[::1]:8090", true);
        check("http://localhost/", true);
        check("http://login.example.cn", false);
        check("http://127.0.0.1.example.cn", false);
        check("http://localhost.example.cn", false);
        check("https://me@login.example.cn", false);
        check("https://login.example.cn/?a=b", false);
        check("https://login.example.cn/#a", false);
        check("https://", false);
        check("login.example.cn", false);
        check("/realms/city", false);
        check("HTTP://127.0.0.1", false);
        check("file:///etc/passwd", false);
        check("https://login.example.cn/\n", false);
        check("", false);
        let long = |bytes: usize| format!("https://a/{}", "a".repeat(bytes - 10));
        check(&long(MAX_SETTING_CHARS), true);
        check(&long(MAX_SETTING_CHARS + 1), false);
    }
}
