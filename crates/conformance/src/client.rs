//! Asks over HTTP, one request after the other, and remembers the answers.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::answer::Answer;
use crate::limits::{
    ANSWER_TIMEOUT, MAX_ANSWER_BYTES, MAX_KEPT_BYTES, MAX_REDIRECTS, MAX_REQUESTS,
};

/// A client that asks nothing twice, as far as it remembers.
pub(crate) struct Client {
    agent: ureq::Agent,
    kept: HashMap<(String, String), Rc<Answer>>,
    kept_bytes: usize,
    requests: u64,
}

impl Client {
    pub(crate) fn new() -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(MAX_REDIRECTS)
            .timeout_global(Some(ANSWER_TIMEOUT))
            .user_agent(concat!("terrier-conformance/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        Self { agent, kept: HashMap::new(), kept_bytes: 0, requests: 0 }
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
        let failed = |reason: String| Answer {
            address: address.to_owned(),
            failure: Some(reason),
            ..Answer::default()
        };
        if self.requests >= MAX_REQUESTS {
            return failed(format!("not asked: more than {MAX_REQUESTS} requests"));
        }
        self.requests += 1;
        let mut response = match self.agent.get(address).header("Accept", accept).call() {
            Ok(response) => response,
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
