//! Says who somebody is by the word of an issuer: takes the tokens of OpenID Connect that one issuer signs,
//! holds the keys by which it does, and says whose a token is and which role it gives.
//!
//! Knows nothing of routes, of the registry and of what a role allows, and no clock.

mod address;
mod algorithm;
mod claim;
mod fetch;
mod issuer;
mod json;
mod key_set;
pub mod limits;
mod refusal;
mod remembered;
mod settings;
mod token;

pub use address::AddressError;
pub use algorithm::Algorithm;
pub use claim::Login;
pub use fetch::CertificatesError;
pub use issuer::{Issuer, LoginError};
pub use limits::{MAX_IDENTITY_BYTES, MAX_TOKEN_BYTES};
pub use refusal::Refusal;
pub use settings::{IdentitySettings, IdentitySettingsError};
pub use token::is_like_token;
