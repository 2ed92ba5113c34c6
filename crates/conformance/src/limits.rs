//! How far the judge goes: what a server sends is bounded, and so is what is asked of it.

use std::time::Duration;

/// The longest answer that is read, in bytes; a longer one counts as none.
pub const MAX_ANSWER_BYTES: u64 = 64 * 1024 * 1024;
/// How long an answer may take, from the connection to its last byte.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// How many redirects are followed for one request.
pub const MAX_REDIRECTS: u32 = 5;
/// How many requests are sent for one report.
pub const MAX_REQUESTS: u64 = 20_000;
/// How many bytes of answers are kept, so that nothing is asked twice; beyond it all are let go.
pub const MAX_KEPT_BYTES: usize = 16 * 1024 * 1024;
/// How many collections are judged when none are named.
pub const MAX_COLLECTIONS: usize = 32;
/// How many faults of an assertion are told; the others are counted.
pub const MAX_TOLD_FAULTS: usize = 5;
/// How many pages of a list are walked.
pub const MAX_WALKED_PAGES: usize = 12;
/// Lists of which the server says that they are longer are not walked, as in the OGC's own suite.
pub const MAX_WALKED_FEATURES: u64 = 10_000;
/// How many addresses are followed in search of dead links.
pub const MAX_FOLLOWED_LINKS: usize = 2_000;
/// How deep collections of geometries may lie within each other.
pub const MAX_NESTED_GEOMETRIES: usize = 8;
/// How many features a page of the ordinary questions has.
pub(crate) const PAGE: u32 = 10;
/// How many features are looked at for values to ask for.
pub(crate) const SAMPLE_PAGE: u32 = 100;
/// How many characters of what was found are told.
pub(crate) const MAX_FOUND_CHARS: usize = 200;
/// How far a position may lie beyond a box, for servers round what they send: about a centimetre.
pub(crate) const BOX_TOLERANCE_DEGREES: f64 = 1e-7;
