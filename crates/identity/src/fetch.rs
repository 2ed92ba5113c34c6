//! Fetches the keys of an issuer: from addresses that are configured, within bounds of time and size.

use std::sync::Arc;

use serde_json::Value;
use ureq::Proxy;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::address::{self, AddressError};
use crate::json;
use crate::key_set::{KeySet, KeySetError};
use crate::limits::{FETCH_TIMEOUT, MAX_KEY_SET_BYTES};
use crate::settings::IdentitySettings;

/// Why the keys of an issuer could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("cannot read `{address}`")]
    Read { address: String, source: Box<ureq::Error> },
    #[error("`{address}` answers {status}, where 200 is expected")]
    Status { address: String, status: u16 },
    #[error("`{address}` is no sound JSON")]
    Json { address: String, source: serde_json::Error },
    #[error("`{address}` says that it is of the issuer `{found}`")]
    OtherIssuer { address: String, found: String },
    #[error("`{address}` names no `jwks_uri` that may be asked")]
    KeysAddress { address: String, source: AddressError },
    #[error("`{address}` has no keys")]
    Keys { address: String, source: KeySetError },
}

/// Certificates that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the certificates are none in PEM")]
pub struct CertificatesError;

/// The certificates of a file in PEM.
///
/// # Errors
/// When there is none, or one that is none.
pub(crate) fn certificates(pem: &[u8]) -> Result<RootCerts, CertificatesError> {
    let mut found: Vec<Certificate<'static>> = Vec::new();
    for item in parse_pem(pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|_| CertificatesError)? {
            found.push(certificate);
        }
    }
    if found.is_empty() { Err(CertificatesError) } else { Ok(RootCerts::Specific(Arc::new(found))) }
}

/// Who asks the issuer.
pub(crate) struct Fetcher {
    agent: ureq::Agent,
}

impl Fetcher {
    /// One that trusts these certificates, for an issuer of the network or of this machine.
    pub(crate) fn new(roots: RootCerts, issuer: &str) -> Self {
        // Nothing stands between this machine and itself.
        let proxy = if address::is_bare(issuer) { None } else { Proxy::try_from_env() };
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // What the issuer is, is configured: nobody else says where to ask instead.
            .max_redirects(0)
            .timeout_global(Some(FETCH_TIMEOUT))
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .proxy(proxy)
            // Keys are read so seldom that no connection is worth keeping.
            .max_idle_connections(0)
            .user_agent(concat!("terrier/", env!("CARGO_PKG_VERSION")))
            .accept("application/json");
        Self { agent: config.build().into() }
    }

    /// The keys that the issuer has now.
    pub(crate) fn keys(&self, settings: &IdentitySettings) -> Result<KeySet, FetchError> {
        let address = match &settings.keys {
            Some(keys) => keys.to_string(),
            None => self.discovered(settings, &settings.discovery_address())?,
        };
        let bytes = self.get(&address)?;
        KeySet::parse(&bytes).map_err(|source| FetchError::Keys { address, source })
    }

    /// Where the issuer says that its keys are.
    fn discovered(
        &self,
        settings: &IdentitySettings,
        discovery: &str,
    ) -> Result<String, FetchError> {
        let address = || discovery.to_owned();
        let bytes = self.get(discovery)?;
        let document = json::object(&bytes)
            .map_err(|source| FetchError::Json { address: address(), source })?;
        let text = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default();
        if text("issuer") != settings.issuer() {
            let found = text("issuer").chars().take(200).collect();
            return Err(FetchError::OtherIssuer { address: address(), found });
        }
        // An issuer of the network must not send us to this machine.
        let keys = text("jwks_uri");
        let is_like_issuer = address::is_bare(settings.issuer()) || !address::is_bare(keys);
        let keys = address::checked(keys)
            .and_then(|keys| is_like_issuer.then_some(keys).ok_or(AddressError));
        let keys = keys.map_err(|source| FetchError::KeysAddress { address: address(), source })?;
        Ok(keys.to_owned())
    }

    fn get(&self, address: &str) -> Result<Vec<u8>, FetchError> {
        let fault =
            |source| FetchError::Read { address: address.to_owned(), source: Box::new(source) };
        let mut response = self.agent.get(address).call().map_err(fault)?;
        let status = response.status().as_u16();
        if status != 200 {
            return Err(FetchError::Status { address: address.to_owned(), status });
        }
        response.body_mut().with_config().limit(MAX_KEY_SET_BYTES).read_to_vec().map_err(fault)
    }
}
