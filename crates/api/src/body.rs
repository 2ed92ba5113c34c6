//! Reading what a client sends.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::BodyExt;
use tokio::time::timeout;

use crate::Problem;
use crate::limits::{BODY_IDLE_TIMEOUT, DISCARD, MAX_DISCARDED_BYTES};

/// Reads a body of at most so many bytes into memory.
pub(crate) async fn read(mut body: Body, max_bytes: usize) -> Result<Bytes, Problem> {
    let told = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if told > max_bytes {
        discard(body).await;
        return Err(Problem::body_too_large(max_bytes));
    }
    let mut all = BytesMut::with_capacity(told);
    while let Some(data) = next(&mut body).await? {
        if all.len() + data.len() > max_bytes {
            discard(body).await;
            return Err(Problem::body_too_large(max_bytes));
        }
        all.extend_from_slice(&data);
    }
    Ok(all.freeze())
}

/// The next piece of a body; `None` at its end.
pub(crate) async fn next(body: &mut Body) -> Result<Option<Bytes>, Problem> {
    loop {
        let frame = timeout(BODY_IDLE_TIMEOUT, body.frame()).await;
        let frame = frame.map_err(|_| Problem::body_too_slow())?;
        let Some(frame) = frame else { return Ok(None) };
        let frame = frame.map_err(|error| {
            tracing::debug!(error = &error as &dyn std::error::Error, "a body broke off");
            Problem::bad_request("the body ended before it was complete")
        })?;
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
}

/// Throws away what a client still sends, for a while: many do not look for an answer before they have
/// sent everything, and would find the connection broken instead.
pub(crate) async fn discard(mut body: Body) {
    let mut left = MAX_DISCARDED_BYTES;
    let rest = async {
        while let Some(Ok(frame)) = body.frame().await {
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            left = left.saturating_sub(bytes);
            if left == 0 {
                return;
            }
        }
    };
    // Whether all of it has come or the time is over, the answer is the same.
    let _ = timeout(DISCARD, rest).await;
}
