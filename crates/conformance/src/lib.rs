//! An outside judge of servers: asks a server over HTTP what OGC API – Features and its other parts
//! want of it, and tells what it does not keep.
//!
//! It knows nothing of this server's own code but the coordinate systems, so that a mistake there is
//! not made twice. Nothing here reads files or the clock, or prints.

mod address;
mod answer;
mod api;
mod assertion;
mod class;
mod client;
mod collection;
mod edited;
mod finding;
mod geometry;
mod limits;
mod page;
mod report;
mod sample;
mod schema;
mod server;
mod walk;

pub use address::{Address, AddressError};
pub use assertion::Assertion;
pub use class::Class;
pub use finding::Fault;
pub use limits::*;
pub use report::{Judged, Report, Verdict};

use client::Client;
use finding::Findings;
use server::Server;

/// What is asked of a server, and of which part of it.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Only these collections, by their ids; empty means all, up to [`MAX_COLLECTIONS`].
    pub collections: Vec<String>,
    /// Only assertions of these classes; empty means all.
    pub classes: Vec<Class>,
    /// The collection in which a feature is made, changed and taken away again; without one nothing is
    /// written, and nothing said of [`Class::Edit`].
    pub edit: Option<String>,
    /// Certificates in PEM of those who sign for the server over HTTPS; without, those whom browsers trust.
    pub certificates: Option<Vec<u8>>,
    /// The key that is sent as `Bearer` to the server, and to nobody else.
    pub key: Option<String>,
}

/// Why a server could not be judged.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// It does not answer at all.
    #[error("`{address}` does not answer: {reason}")]
    Unreachable {
        /// Where it was looked for.
        address: String,
        /// What came instead.
        reason: String,
    },
    /// The certificates are none.
    #[error("the certificates are none in PEM")]
    Certificates,
    /// It has no collection of that name.
    #[error("`{address}` has no collection `{collection}`")]
    NoCollection {
        /// The server.
        address: String,
        /// Who is missing.
        collection: String,
    },
}

/// Asks a server everything that the scope lets be asked. Takes hundreds of requests a collection, one
/// after the other, and blocks meanwhile.
///
/// # Errors
/// The server does not answer, or has no collection that the scope names, or the certificates are none.
pub fn judge(address: &Address, scope: &Scope) -> Result<Report, JudgeError> {
    let key = scope.key.clone().map(|key| (address.clone(), key));
    let roots = client::roots(scope.certificates.as_deref()).ok_or(JudgeError::Certificates)?;
    let mut server =
        Server::new(Client::new(key, roots), address.clone(), scope.collections.clone());
    if let Some(reason) = server.landing().failure() {
        let reason = reason.to_owned();
        return Err(JudgeError::Unreachable { address: address.to_string(), reason });
    }
    if let Some(collection) = server.missing_collection() {
        return Err(JudgeError::NoCollection { address: address.to_string(), collection });
    }
    if let Some(collection) = &scope.edit {
        let (address, collection) = (address.to_string(), collection.clone());
        if !server.edit_in(&collection) {
            return Err(JudgeError::NoCollection { address, collection });
        }
    }
    let wanted = |class: Class| {
        let is_named = scope.classes.is_empty() || scope.classes.contains(&class);
        is_named && (class != Class::Edit || scope.edit.is_some())
    };
    let assertions = assertion::all().filter(|assertion| wanted(assertion.class));
    let assertions = assertions.map(|assertion| judged(assertion, &mut server)).collect();
    Ok(Report {
        address: address.to_string(),
        declared: server.declared(),
        collections: server.judged().iter().map(|collection| collection.id.clone()).collect(),
        left_out: server.left_out(),
        requests: server.requests(),
        assertions,
    })
}

fn judged(assertion: &'static Assertion, server: &mut Server) -> Judged {
    let missing =
        assertion.needs.iter().find(|any| !any.iter().any(|class| server.declares(class)));
    let verdict = if let Some(any) = missing {
        Verdict::Skipped { reason: format!("not declared: {}", any.join(" or ")) }
    } else {
        let mut findings = Findings::default();
        let done = (assertion.check)(server, &mut findings);
        findings.verdict(done)
    };
    Judged { assertion, verdict }
}
