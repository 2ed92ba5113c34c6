//! The threads on which connections are served: one for each processor, each with its own runtime.

use std::thread::{JoinHandle, available_parallelism};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::failure::Failure;

/// Threads that serve until this is dropped. A connection stays on its thread, so that no request
/// waits for another thread to wake up and take it over.
#[derive(Debug)]
pub(crate) struct Workers {
    handles: Vec<Handle>,
    threads: Vec<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Workers {
    /// Starts a thread for each processor.
    pub(crate) fn start() -> Result<Self, Failure> {
        let count = available_parallelism().map_or(1, usize::from);
        let mut workers = Self { handles: Vec::new(), threads: Vec::new() };
        let fault = |error| Failure::because("cannot start a thread for connections", error);
        for number in 0..count {
            let runtime = Builder::new_current_thread().enable_all().build().map_err(fault)?;
            workers.handles.push(runtime.handle().clone());
            let (stop, stopped) = oneshot::channel();
            let thread = std::thread::Builder::new().name(format!("connections-{number}"));
            let thread = thread.spawn(move || {
                // An end of the sender, too, is an end.
                let _ = runtime.block_on(stopped);
            });
            workers.threads.push((stop, thread.map_err(fault)?));
        }
        Ok(workers)
    }

    /// Where the threads take their work.
    pub(crate) fn handles(&self) -> &[Handle] {
        &self.handles
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for (stop, thread) in self.threads.drain(..) {
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}
