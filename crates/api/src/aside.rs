//! Work that takes long, done where it holds nobody up.

use crate::Problem;

/// Does the work on a thread that answers nobody else.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))
}
