//! The services of the platform that the core needs: waiting, and doing slow work elsewhere.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::oneshot;

/// A future that can move between threads.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The platform that the mock runs on: a server with threads, a test, or a page in a browser.
pub trait Runtime: Send + Sync + 'static {
    /// Waits for this time by the real clock, not by the virtual one.
    fn sleep(&self, duration: Duration) -> BoxFuture<()>;

    /// Does slow work without holding up other requests, for example on a thread of its own. A platform without threads does
    /// it at once.
    fn offload(&self, work: Box<dyn FnOnce() + Send>);
}

/// The work did not finish: it panicked, or the platform is stopping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the work did not finish")]
pub struct Unfinished;

impl dyn Runtime {
    /// Does slow work elsewhere and waits for its result.
    ///
    /// # Errors
    ///
    /// [`Unfinished`]: the work panicked, or the platform is stopping.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Unfinished> {
        let (done, result) = oneshot::channel();
        self.offload(Box::new(move || {
            // The client may have disconnected.
            let _ = done.send(work());
        }));
        result.await.map_err(|_| Unfinished)
    }
}

impl fmt::Debug for dyn Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Runtime(…)")
    }
}
