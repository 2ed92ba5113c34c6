//! The bytes of finished answers that wait for their clients to read them, and their bound.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use bytes::Bytes;

use crate::limits::{Limits, SMALL_ANSWER_BYTES};
use crate::problem::Problem;

/// Counts the bytes that wait. Clones share the count.
#[derive(Clone, Debug)]
pub struct Backlog {
    waiting: Arc<AtomicUsize>,
    limit: usize,
}

impl Backlog {
    /// Nothing waits yet.
    pub fn new(limits: &Limits) -> Self {
        Self { waiting: Arc::default(), limit: limits.waiting_bytes }
    }

    /// The body of an answer. It counts as waiting until its last byte is with the kernel, or its
    /// connection is gone. Costs one allocation for a large answer and nothing for a small one.
    ///
    /// # Errors
    /// Busy, when too much is waiting already.
    pub fn body(&self, bytes: Vec<u8>) -> Result<Body, Problem> {
        if bytes.len() <= SMALL_ANSWER_BYTES {
            return Ok(Body::from(bytes));
        }
        // The whole buffer is held, not only what is written of it.
        let size = bytes.capacity();
        let before = self.waiting.fetch_add(size, Ordering::Relaxed);
        let waiting = Waiting { bytes, size, count: Arc::clone(&self.waiting) };
        if before.saturating_add(size) > self.limit {
            return Err(Problem::unavailable("too many answers wait for their clients"));
        }
        Ok(Body::from(Bytes::from_owner(waiting)))
    }

    /// How many bytes wait.
    pub fn waiting_bytes(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

struct Waiting {
    bytes: Vec<u8>,
    size: usize,
    count: Arc<AtomicUsize>,
}

impl AsRef<[u8]> for Waiting {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.count.fetch_sub(self.size, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_answers_count_until_they_are_gone() {
        let large = SMALL_ANSWER_BYTES + 1;
        let backlog = Backlog::new(&Limits { waiting_bytes: 2 * large, ..Limits::default() });
        let first = backlog.body(vec![b'x'; large]).expect("room");
        let second = backlog.body(vec![b'x'; large]).expect("room to the bound");
        assert_eq!(backlog.waiting_bytes(), 2 * large);
        let refused = backlog.body(vec![b'x'; large]).expect_err("no room");
        assert_eq!(refused.status().as_u16(), 503);
        assert_eq!(backlog.waiting_bytes(), 2 * large);
        let small = backlog.body(vec![b'x'; SMALL_ANSWER_BYTES]).expect("small ones pass");
        drop((first, second, small));
        assert_eq!(backlog.waiting_bytes(), 0);
    }
}
