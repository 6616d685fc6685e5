//! Work that takes a while, on a thread that nobody waits on.

use super::error::ApiError;
use crate::service::Refusal;

/// Does the work elsewhere and waits for it.
///
/// # Errors
///
/// Those of the work.
pub async fn offload<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, ApiError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(ApiError::Refused),
        // The work panicked, or the server is stopping.
        Err(_) => Err(ApiError::Internal),
    }
}
