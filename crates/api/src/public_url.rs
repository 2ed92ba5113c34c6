//! The address under which clients know the server. Links are built from it alone, never from
//! `Host` or forwarded headers, which anybody may write.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::http::Uri;

/// An absolute `http` or `https` address without query, fragment and final slash. It may have a
/// path, which a proxy takes off again before the request reaches us.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicUrl(String);

/// Why a text is no such address.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` is no public address: {reason}, as in `https://gis.example.cn/terrier`")]
pub struct PublicUrlError {
    text: String,
    reason: &'static str,
}

impl PublicUrl {
    /// The address at which a server that listens there is reached from the same machine.
    pub fn of_listener(address: SocketAddr) -> Self {
        let host = match address.ip() {
            // Every address of the machine: the one that always leads to it.
            ip if ip.is_unspecified() && ip.is_ipv4() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            ip if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        Self(format!("http://{}", SocketAddr::new(host, address.port())))
    }

    /// The address without a final slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path under which the server lies on its host, without a final slash; empty when that is the
    /// root.
    pub fn path(&self) -> &str {
        let host = self.0.find("://").map_or(0, |at| at + "://".len());
        self.0[host..].find('/').map_or("", |at| &self.0[host + at..])
    }

    /// The address of something on the server. The path begins with a slash and is written as it
    /// goes over the wire.
    pub fn at(&self, path: &str) -> String {
        debug_assert!(path.starts_with('/'), "a path begins with a slash: {path}");
        [&self.0, path].concat()
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PublicUrl {
    type Err = PublicUrlError;

    fn from_str(text: &str) -> Result<Self, PublicUrlError> {
        let fault = |reason| PublicUrlError { text: text.to_owned(), reason };
        // The parser of addresses drops a fragment in silence.
        if text.contains(['?', '#']) {
            return Err(fault("it has a query or a fragment"));
        }
        let uri: Uri = text.parse().map_err(|_| fault("it is no address"))?;
        let Some(scheme @ ("http" | "https")) = uri.scheme_str() else {
            return Err(fault("it has to begin with http:// or https://"));
        };
        let authority = uri.authority().ok_or_else(|| fault("it names no host"))?;
        if authority.host().is_empty() || authority.as_str().contains('@') {
            return Err(fault("it has to be a host alone, without a user"));
        }
        let path = uri.path().trim_end_matches('/');
        if path.split('/').any(|part| part == "." || part == "..") || path.contains("//") {
            return Err(fault("its path is not plain"));
        }
        Ok(Self(format!("{scheme}://{authority}{path}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let answer = match text.parse::<PublicUrl>() {
            Ok(url) => url.to_string(),
            Err(error) => error.reason.to_owned(),
        };
        assert_eq!(answer, expected, "{text}");
    }

    #[test]
    fn an_address_may_have_a_path_and_loses_its_final_slash() {
        check("https://gis.example.cn/terrier", "https://gis.example.cn/terrier");
        check("https://gis.example.cn/terrier/", "https://gis.example.cn/terrier");
        check("http://localhost:8080", "http://localhost:8080");
        check("http://localhost:8080/", "http://localhost:8080");
        check("HTTP://[::1]:8080//", "http://[::1]:8080");
    }

    #[test]
    fn what_links_cannot_be_built_from_is_refused() {
        check("gis.example.cn", "it has to begin with http:// or https://");
        check("/terrier", "it has to begin with http:// or https://");
        check("ftp://gis.example.cn", "it has to begin with http:// or https://");
        check("https://gis.example.cn/?a=b", "it has a query or a fragment");
        check("https://gis.example.cn/#a", "it has a query or a fragment");
        check("https://user:word@gis.example.cn/", "it has to be a host alone, without a user");
        check("https://", "it is no address");
        check("", "it is no address");
        check("https://gis.example.cn/a/../b", "its path is not plain");
        check("https://gis.example.cn/<script>", "it is no address");
    }

    #[test]
    fn the_path_is_what_lies_behind_the_host() {
        for (text, expected) in [
            ("https://gis.example.cn/terrier", "/terrier"),
            ("https://gis.example.cn/a/b/", "/a/b"),
            ("https://gis.example.cn", ""),
            ("http://[::1]:8080", ""),
        ] {
            assert_eq!(text.parse::<PublicUrl>().expect("an address").path(), expected, "{text}");
        }
    }

    #[test]
    fn links_begin_with_the_address() {
        let url: PublicUrl = "https://gis.example.cn/terrier".parse().expect("an address");
        assert_eq!(url.at("/"), "https://gis.example.cn/terrier/");
        assert_eq!(url.at("/collections"), "https://gis.example.cn/terrier/collections");
    }

    #[test]
    fn a_server_that_listens_everywhere_is_found_on_its_own_machine() {
        let of = |text: &str| PublicUrl::of_listener(text.parse().expect("an address")).0;
        assert_eq!(of("127.0.0.1:8080"), "http://127.0.0.1:8080");
        assert_eq!(of("0.0.0.0:80"), "http://127.0.0.1:80");
        assert_eq!(of("[::]:8080"), "http://[::1]:8080");
        assert_eq!(of("192.0.2.7:8080"), "http://192.0.2.7:8080");
    }
}
