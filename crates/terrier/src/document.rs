//! Documents that a command is given, such as the description of a class.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::failure::Failure;

/// The most bytes of a file of certificates: a system has some 200 kB of them.
pub(crate) const MAX_CERTIFICATES_BYTES: usize = 1024 * 1024;

/// Reads a document, and hardly more of the file than a document may have: a longer one is cut off
/// behind the bound, where whoever takes it sees that it is too long.
pub(crate) fn read(path: &Path, bytes_max: usize) -> Result<String, Failure> {
    let fault = |error| Failure::because(format!("cannot read `{}`", path.display()), error);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(fault)?;
    file.take(bytes_max as u64 + 1).read_to_end(&mut bytes).map_err(fault)?;
    if bytes.len() > bytes_max {
        // A text that is cut off may end within a character.
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    String::from_utf8(bytes).map_err(|error| fault(std::io::Error::other(error)))
}
