//! The bounds of what an issuer, a document of settings and a token may hold, each with its reason.

use std::time::Duration;

/// The most bytes of the document that says whose tokens are taken.
pub const MAX_IDENTITY_BYTES: usize = 64 * 1024;

/// The most values of the claim of roles that the document gives a role.
pub const MAX_MAPPED_ROLES: usize = 200;

/// The most characters of an address, a claim or a value in the document.
pub const MAX_SETTING_CHARS: usize = 500;

/// The most members that lie within each other on the way to a claim.
pub const MAX_CLAIM_DEPTH: usize = 8;

/// The most seconds by which the clocks of the issuer and of the server may differ.
pub const MAX_LEEWAY_S: u32 = 300;

/// The most seconds between two readings of the keys of the issuer: a day.
pub const MAX_KEPT_S: u32 = 86_400;

/// The most bytes of a token; a longer one is refused before it is read. All headers of a request have
/// twice as many.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// The most values of the claim of roles that are looked at.
pub const MAX_CLAIMED_ROLES: usize = 1_000;

/// The most bytes of each document that is fetched from the issuer.
pub const MAX_KEY_SET_BYTES: u64 = 256 * 1024;

/// The most keys of the issuer that are held.
pub const MAX_ISSUER_KEYS: usize = 100;

/// The time in which each document of the issuer has to arrive.
pub const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// The most requests that wait at a time for the keys of the issuer; those beyond are told to come back.
pub const MAX_WAITING_TOKENS: usize = 32;

/// The most tokens that are remembered as good, so that their signatures are not verified again.
pub const MAX_REMEMBERED_TOKENS: usize = 10_000;
