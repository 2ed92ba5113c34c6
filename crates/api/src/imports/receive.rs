//! Takes the file of an import from its request to the folder where it waits.

use axum::body::Body;
use bytes::Bytes;
use http_body::Body as _;
use terrier_intake::{ImportsError, MAX_IMPORT_BYTES, Upload};
use tokio::time::timeout;

use super::multipart::{Multipart, Part};
use crate::limits::{MAX_MAPPING_BYTES, MAX_PART_HEAD_BYTES, UPLOAD_TIMEOUT};
use crate::problem::shortened;
use crate::{Problem, body};

/// The parts that a body may have.
const FILE: &str = "file";
const MAPPING: &str = "mapping";

/// What came with a file.
#[derive(Default)]
pub(super) struct Received {
    /// The name of the file, as its part says it.
    pub(super) name: Option<String>,
    /// The text of the mapping.
    pub(super) mapping: Option<String>,
}

/// Takes a body of several parts, or one that is the file.
pub(super) async fn receive(
    sent: Body,
    boundary: Option<&str>,
    upload: &mut Upload,
) -> Result<Received, Problem> {
    let beside = boundary.map_or(0, |_| MAX_MAPPING_BYTES + 4 * MAX_PART_HEAD_BYTES);
    if sent.size_hint().lower() > MAX_IMPORT_BYTES + beside as u64 {
        body::discard(sent).await;
        return Err(too_large());
    }
    let reading = async {
        match boundary {
            Some(boundary) => parts(Multipart::new(sent, boundary), upload).await,
            None => whole(sent, upload).await,
        }
    };
    let slow = |_| {
        let minutes = UPLOAD_TIMEOUT.as_secs() / 60;
        Problem::too_slow(format!("the file was not there within {minutes} minutes"))
    };
    timeout(UPLOAD_TIMEOUT, reading).await.map_err(slow)?
}

async fn whole(mut sent: Body, upload: &mut Upload) -> Result<Received, Problem> {
    while let Some(bytes) = body::next(&mut sent).await? {
        write(upload, &bytes).await?;
    }
    Ok(Received::default())
}

async fn parts(mut parts: Multipart, upload: &mut Upload) -> Result<Received, Problem> {
    let (mut received, mut has_file) = (Received::default(), false);
    let mut next = parts.first().await?;
    while let Some(Part { name, file }) = next {
        match &*name {
            FILE if !has_file => {
                has_file = true;
                received.name = file;
                while let Some(bytes) = parts.piece().await? {
                    write(upload, &bytes).await?;
                }
            }
            MAPPING if received.mapping.is_none() => {
                received.mapping = Some(mapping(&mut parts).await?);
            }
            FILE | MAPPING => {
                return Err(Problem::bad_request(format!("part `{name}`: it comes twice")));
            }
            _ => {
                let found = shortened(&name);
                return Err(Problem::bad_request(format!(
                    "found a part `{found}`, expected `{FILE}` and `{MAPPING}`"
                )));
            }
        }
        next = parts.next().await?;
    }
    if has_file { Ok(received) } else { Err(Problem::bad_request("there is no part `file`")) }
}

async fn mapping(parts: &mut Multipart) -> Result<String, Problem> {
    let mut text = Vec::new();
    while let Some(bytes) = parts.piece().await? {
        if text.len() + bytes.len() > MAX_MAPPING_BYTES {
            return Err(Problem::body_too_large(MAX_MAPPING_BYTES));
        }
        text.extend_from_slice(&bytes);
    }
    String::from_utf8(text).map_err(|_| Problem::bad_request("part `mapping`: it is no UTF-8"))
}

async fn write(upload: &mut Upload, bytes: &Bytes) -> Result<(), Problem> {
    upload.write(bytes).await.map_err(|error| problem(&error))
}

fn too_large() -> Problem {
    Problem::body_too_large(usize::try_from(MAX_IMPORT_BYTES).unwrap_or(usize::MAX))
}

/// The problem of a file that is not taken.
pub(super) fn problem(error: &ImportsError) -> Problem {
    match error {
        ImportsError::Full => {
            Problem::unavailable(format!("{error}; come back when one of them is done"))
        }
        ImportsError::TooLarge => too_large(),
        ImportsError::Ledger(error) => Problem::of_ledger(error),
        error if error.is_of_space() => Problem::no_space(error),
        error => Problem::internal(error),
    }
}
