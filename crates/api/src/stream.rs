//! A connection's bytes: what a client may not do with them is stop reading.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

use crate::limits::{Limits, MAX_LINGER_BYTES};
use crate::metrics::Metrics;

/// A stream that fails when the client takes nothing for a while, and that closes so that the
/// client gets to read the last answer.
pub(crate) struct Stream {
    inner: TokioIo<TcpStream>,
    metrics: Metrics,
    write_stall_timeout: Duration,
    linger: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    state: State,
}

/// What the timer measures.
#[derive(Clone, Copy, Eq, PartialEq)]
enum State {
    /// Nothing.
    Flowing,
    /// The time since the client took something.
    Stalled,
    /// The time since we sent our end, and how much came in since.
    Lingering { read_bytes: usize },
}

impl Stream {
    pub(crate) fn new(stream: TcpStream, metrics: Metrics, limits: &Limits) -> Self {
        Self {
            inner: TokioIo::new(stream),
            metrics,
            write_stall_timeout: limits.write_stall_timeout,
            linger: limits.linger,
            timer: None,
            state: State::Flowing,
        }
    }

    fn start_timer(&mut self, state: State, time: Duration) {
        self.state = state;
        match &mut self.timer {
            Some(timer) => timer.as_mut().reset(Instant::now() + time),
            None => self.timer = Some(Box::pin(sleep(time))),
        }
    }

    fn poll_timer(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.timer.as_mut().map_or(Poll::Pending, |timer| timer.as_mut().poll(context))
    }

    /// Passes on what a write came to, or fails it when it has been waiting for too long.
    fn watch(
        &mut self,
        written: Poll<io::Result<usize>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(result) => {
                self.state = State::Flowing;
                if let Ok(count) = result {
                    self.metrics.add_bytes(count);
                }
                Poll::Ready(result)
            }
            Poll::Pending => {
                if self.state != State::Stalled {
                    self.start_timer(State::Stalled, self.write_stall_timeout);
                }
                self.poll_timer(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }

    /// Reads and throws away until the client ends too, or has had time enough.
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut space = [0; 4096];
        while let State::Lingering { read_bytes } = self.state {
            let mut buffer = ReadBuf::new(&mut space);
            let read = Pin::new(self.inner.inner_mut()).poll_read(context, &mut buffer);
            let count = buffer.filled().len();
            match read {
                Poll::Ready(Ok(())) if count > 0 && read_bytes < MAX_LINGER_BYTES => {
                    self.state = State::Lingering { read_bytes: read_bytes + count };
                }
                Poll::Ready(_) => self.state = State::Flowing,
                Poll::Pending => return self.poll_timer(context),
            }
        }
        Poll::Ready(())
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl Write for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.watch(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(context, parts);
        self.watch(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !matches!(self.state, State::Lingering { .. }) {
            ready!(Pin::new(&mut self.inner).poll_shutdown(context))?;
            let linger = self.linger;
            self.start_timer(State::Lingering { read_bytes: 0 }, linger);
        }
        self.poll_linger(context).map(Ok)
    }
}
