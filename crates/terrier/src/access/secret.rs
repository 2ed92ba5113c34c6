//! The randomness of keys, which is the system's.

use terrier_catalog::{SECRET_BYTES, Secret};

use crate::failure::Failure;

/// A key that nobody has.
pub(crate) fn new() -> Result<Secret, Failure> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::because("the system gives no random bytes", error))?;
    Ok(Secret::of_random(bytes))
}
