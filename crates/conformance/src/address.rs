//! Addresses: where a server is, where its links lead, and questions written into them.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What may stand in a value of a query as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The address of a server: `http://host[:port][/path]` or that with `https`, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

/// Why a text is no address of a server.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no address, expected one such as http://127.0.0.1:8080")]
pub struct AddressError(String);

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let no_address = || AddressError(text.to_owned());
        let rest = ["http://", "https://"].iter().find_map(|start| text.strip_prefix(start));
        let rest = rest.ok_or_else(no_address)?;
        let is_plain =
            rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#<>\"".contains(&byte));
        let host = rest.split('/').next().unwrap_or_default();
        if host.is_empty() || !is_plain {
            return Err(no_address());
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Address {
    /// A path below the server's own.
    pub(crate) fn below(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// Where a link leads that stands in a document at `base`; without its fragment.
    pub(crate) fn resolved(&self, base: &str, href: &str) -> String {
        let href = href.split('#').next().unwrap_or_default();
        if href.contains("://") {
            return href.to_owned();
        }
        let document = without_query(base);
        let folder = document
            .rfind('/')
            .filter(|at| *at > host_at(document))
            .map_or(document, |at| &document[..at]);
        match href.as_bytes() {
            [] => base.to_owned(),
            [b'/', ..] => format!("{}{href}", self.origin()),
            [b'?', ..] => format!("{document}{href}"),
            _ => format!("{folder}/{}", href.trim_start_matches("./")),
        }
    }

    /// Whether an address is of this server's host and port.
    pub(crate) fn is_home_of(&self, address: &str) -> bool {
        let rest = address.strip_prefix(self.origin());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    }

    fn origin(&self) -> &str {
        let start = host_at(&self.0);
        self.0[start..].find('/').map_or(&self.0, |end| &self.0[..start + end])
    }
}

/// Where the host of an address begins.
fn host_at(address: &str) -> usize {
    address.find("://").map_or(0, |at| at + "://".len())
}

/// The address without its query.
pub(crate) fn without_query(address: &str) -> &str {
    address.split('?').next().unwrap_or_default()
}

/// The address with parameters behind those that it has.
pub(crate) fn with_query(address: &str, parameters: &[(&str, &str)]) -> String {
    let mut out = address.to_owned();
    for (name, value) in parameters {
        out.push(if out.contains('?') { '&' } else { '?' });
        out.push_str(name);
        out.push('=');
        out.extend(utf8_percent_encode(value, PLAIN));
    }
    out
}

/// The address with another value of a parameter, which it has once or not at all.
pub(crate) fn with_parameter(address: &str, name: &str, value: &str) -> String {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let mut out = without_query(address).to_owned();
    let others = query.split('&').filter(|pair| !pair.is_empty());
    for pair in others.filter(|pair| pair.split('=').next() != Some(name)) {
        out.push(if out.contains('?') { '&' } else { '?' });
        out.push_str(pair);
    }
    with_query(&out, &[(name, value)])
}

/// The decoded value of a parameter.
pub(crate) fn parameter(address: &str, name: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    let pair = query.split('&').find(|pair| pair.split('=').next() == Some(name))?;
    let value = pair.split_once('=').map_or("", |(_, value)| value).replace('+', " ");
    Some(percent_decode_str(&value).decode_utf8_lossy().into_owned())
}

/// A text as one segment of a path.
pub(crate) fn segment(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_of_http_without_a_question() {
        let check = |text: &str, expected: Option<&str>| {
            let found = text.parse::<Address>().ok().map(|address| address.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        };
        check("http://127.0.0.1:8080", Some("http://127.0.0.1:8080"));
        check("http://host/ogc/", Some("http://host/ogc"));
        check("https://host/", Some("https://host"));
        check("ftp://host", None);
        check("https://", None);
        check("host:80", None);
        check("http://", None);
        check("http://host/?f=json", None);
        check("http://host/a b", None);
    }

    #[test]
    fn a_link_leads_from_where_it_stands() {
        let server: Address = "http://h:1/ogc".parse().expect("an address");
        let check = |href: &str, expected: &str| {
            assert_eq!(server.resolved("http://h:1/ogc/a/b?c=d", href), expected, "{href}");
        };
        check("http://else/x#y", "http://else/x");
        check("/x", "http://h:1/x");
        check("x?y=z", "http://h:1/ogc/a/x?y=z");
        check("?y=z", "http://h:1/ogc/a/b?y=z");
        check("", "http://h:1/ogc/a/b?c=d");
        let bare: Address = "https://h".parse().expect("an address");
        assert_eq!(bare.resolved("https://h", "a"), "https://h/a");
        assert_eq!(bare.resolved("https://h/x/y", "/a"), "https://h/a");
    }

    #[test]
    fn only_the_same_host_and_port_are_home() {
        let server: Address = "http://h:1/ogc".parse().expect("an address");
        let check = |address: &str, expected: bool| {
            assert_eq!(server.is_home_of(address), expected, "{address}");
        };
        check("http://h:1", true);
        check("http://h:1/other", true);
        check("http://h:1?f=json", true);
        check("http://h:10/ogc", false);
        check("http://h/ogc", false);
        check("https://h:1/ogc", false);
    }

    #[test]
    fn values_are_written_and_read_back() {
        let asked = with_query("http://h/items", &[("filter", "a = 'é+b'"), ("limit", "1")]);
        assert_eq!(asked, "http://h/items?filter=a%20%3D%20%27%C3%A9%2Bb%27&limit=1");
        assert_eq!(parameter(&asked, "filter").as_deref(), Some("a = 'é+b'"));
        assert_eq!(parameter(&asked, "offset"), None);
        let other = with_parameter(&asked, "limit", "9");
        assert_eq!(parameter(&other, "limit").as_deref(), Some("9"));
        assert_eq!(parameter(&other, "filter").as_deref(), Some("a = 'é+b'"));
    }
}
