//! A window onto a stream of bytes that moves forward and holds as much as its user has not yet
//! done with.

use std::io::{ErrorKind, Read};

/// So much is read at a time.
const CHUNK_BYTES: usize = 256 * 1024;

/// The bytes of a stream from a place on.
#[derive(Debug)]
pub(crate) struct Input<R> {
    read: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Where in the stream `start` lies.
    offset: u64,
    ended: bool,
}

impl<R: Read> Input<R> {
    pub(crate) fn new(read: R) -> Self {
        Self { read, buffer: Vec::new(), start: 0, end: 0, offset: 0, ended: false }
    }

    /// What is held and not yet consumed.
    pub(crate) fn held(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// How many bytes have been consumed.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether the stream has nothing beyond what is held.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    /// What is read from.
    pub(crate) fn source(&self) -> &R {
        &self.read
    }

    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.buffer.len()
    }

    /// Lets go of so many of the held bytes.
    pub(crate) fn consume(&mut self, count: usize) {
        debug_assert!(count <= self.end - self.start);
        self.start += count;
        self.offset += count as u64;
    }

    /// Reads on, so that more is held; false at the stream's end.
    pub(crate) fn more(&mut self) -> std::io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end + CHUNK_BYTES > self.buffer.len() {
            self.buffer.resize((self.buffer.len() * 2).max(self.end + CHUNK_BYTES), 0);
        }
        loop {
            match self.read.read(&mut self.buffer[self.end..]) {
                Ok(0) => {
                    self.ended = true;
                    return Ok(false);
                }
                Ok(count) => {
                    self.end += count;
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The first byte that is held, after reading on if nothing is; `None` at the stream's end.
    pub(crate) fn peek(&mut self) -> std::io::Result<Option<u8>> {
        while self.start == self.end {
            if !self.more()? {
                return Ok(None);
            }
        }
        Ok(Some(self.buffer[self.start]))
    }

    /// Consumes bytes as long as the condition holds.
    pub(crate) fn consume_while(&mut self, holds: impl Fn(u8) -> bool) -> std::io::Result<()> {
        while self.peek()?.is_some() {
            let other = self.held().iter().position(|byte| !holds(*byte));
            self.consume(other.unwrap_or(self.held().len()));
            if other.is_some() {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_stays_while_more_is_read() {
        let text: Vec<u8> = (0..1_000_000_u32).map(|at| at as u8).collect();
        let mut input = Input::new(&*text);
        assert_eq!(input.peek().expect("read"), Some(0));
        input.consume(100);
        while input.more().expect("read") {}
        assert_eq!(input.held(), &text[100..]);
        assert_eq!((input.offset(), input.has_ended()), (100, true));
    }

    #[test]
    fn the_window_stays_small_while_its_bytes_are_consumed() {
        let mut input = Input::new(std::io::repeat(b' ').take(100_000_000));
        input.consume_while(|byte| byte == b' ').expect("read");
        assert_eq!((input.offset(), input.peek().expect("read")), (100_000_000, None));
        assert!(input.buffer.len() <= 4 * CHUNK_BYTES, "{}", input.buffer.len());
    }
}
