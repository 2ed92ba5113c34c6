//! Asks over HTTP, one request after the other, and remembers the answers.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::address::Address;
use crate::answer::Answer;
use crate::limits::{
    ANSWER_TIMEOUT, MAX_ANSWER_BYTES, MAX_KEPT_BYTES, MAX_REDIRECTS, MAX_REQUESTS,
};

/// A request that writes, or one whose answer must be new.
pub(crate) struct Sent<'r> {
    pub(crate) method: &'static str,
    pub(crate) address: &'r str,
    /// The media type of the body; empty without one.
    pub(crate) form: &'static str,
    pub(crate) body: &'r [u8],
    /// The tag of what was seen.
    pub(crate) seen: Option<&'r str>,
}

/// A client that asks nothing twice, as far as it remembers.
pub(crate) struct Client {
    agent: ureq::Agent,
    /// Whose key it is, and what it brings with each request to there.
    key: Option<(Address, String)>,
    kept: HashMap<(String, String), Rc<Answer>>,
    kept_bytes: usize,
    requests: u64,
}

impl Client {
    /// One that brings a key to the server to which it belongs, and to nobody else, and that trusts who has
    /// signed for servers over HTTPS.
    pub(crate) fn new(key: Option<(Address, String)>, roots: RootCerts) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(MAX_REDIRECTS)
            .timeout_global(Some(ANSWER_TIMEOUT))
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .user_agent(concat!("terrier-conformance/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        Self { agent, key, kept: HashMap::new(), kept_bytes: 0, requests: 0 }
    }

    /// How many requests were sent.
    pub(crate) fn requests(&self) -> u64 {
        self.requests
    }

    /// `GET`s an address with this `Accept`.
    pub(crate) fn get(&mut self, address: &str, accept: &str) -> Rc<Answer> {
        let key = (address.to_owned(), accept.to_owned());
        if let Some(answer) = self.kept.get(&key) {
            return Rc::clone(answer);
        }
        let answer = Rc::new(self.ask(address, accept));
        if self.kept_bytes + answer.body.len() > MAX_KEPT_BYTES {
            self.kept.clear();
            self.kept_bytes = 0;
        }
        self.kept_bytes += answer.body.len();
        self.kept.insert(key, Rc::clone(&answer));
        answer
    }

    fn ask(&mut self, address: &str, accept: &str) -> Answer {
        let request = ureq::http::Request::get(address).header("Accept", accept);
        self.run("GET", address, request, b"", MAX_REDIRECTS)
    }

    /// Sends a request and remembers nothing of it. Nobody is sent elsewhere with what they write.
    pub(crate) fn send(&mut self, sent: &Sent<'_>) -> Answer {
        let Sent { method, address, form, body, seen } = sent;
        let mut request = ureq::http::Request::builder().method(*method).uri(*address);
        request = request.header("Accept", "application/geo+json, application/json;q=0.5");
        if !form.is_empty() {
            request = request.header("Content-Type", *form);
        }
        if let Some(seen) = seen {
            request = request.header("If-Match", *seen);
        }
        self.run(method, address, request, body, 0)
    }

    fn run(
        &mut self,
        method: &'static str,
        address: &str,
        mut request: ureq::http::request::Builder,
        body: &[u8],
        max_redirects: u32,
    ) -> Answer {
        let failed = |reason: String| Answer {
            method,
            address: address.to_owned(),
            failure: Some(reason),
            ..Answer::default()
        };
        if self.requests >= MAX_REQUESTS {
            return failed(format!("not asked: more than {MAX_REQUESTS} requests"));
        }
        self.requests += 1;
        let key = self.key.as_ref().filter(|(server, _)| server.is_home_of(address));
        if let Some((_, key)) = key {
            request = request.header("Authorization", format!("Bearer {key}"));
        }
        let asked = if body.is_empty() {
            request.body(()).map(|request| {
                let request = self.agent.configure_request(request);
                self.agent.run(request.max_redirects(max_redirects).build())
            })
        } else {
            request.body(body).map(|request| {
                let request = self.agent.configure_request(request);
                self.agent.run(request.max_redirects(max_redirects).build())
            })
        };
        let mut response = match asked {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return failed(error.to_string()),
            Err(error) => return failed(error.to_string()),
        };
        let body = response.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec();
        let body = match body {
            Ok(body) => body,
            Err(error) => return failed(error.to_string()),
        };
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        Answer {
            method,
            address: address.to_owned(),
            status: response.status().as_u16(),
            is_http_1_1: response.version() == ureq::http::Version::HTTP_11,
            headers: headers.collect(),
            body,
            failure: None,
            json: OnceCell::new(),
        }
    }
}

/// Who may sign for servers: those of a text in PEM, or those that browsers trust. `None` for a text without.
pub(crate) fn roots(pem: Option<&[u8]>) -> Option<RootCerts> {
    let Some(pem) = pem else { return Some(RootCerts::WebPki) };
    let items: Result<Vec<PemItem<'static>>, _> = parse_pem(pem).collect();
    let certificates = items.ok()?.into_iter().filter_map(|item| match item {
        PemItem::Certificate(certificate) => Some(certificate),
        _ => None,
    });
    let certificates: Vec<Certificate<'static>> = certificates.collect();
    (!certificates.is_empty()).then(|| RootCerts::Specific(Arc::new(certificates)))
}
